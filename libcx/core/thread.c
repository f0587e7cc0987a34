/* SPDX-License-Identifier: MIT */
/* Work split by chunk over POSIX threads. */
#include "core/context.h"

#include <pthread.h>
#include <signal.h>

typedef struct work {
  cx__chunk_fn run;
  void *user;
  const cx_context *ctx;
  size_t chunks;
  atomic_size_t next;
  atomic_size_t failed; /* the lowest chunk that failed so far */
} work;

typedef struct worker {
  work *work;
  uint32_t number;
  cx_status status;
  size_t chunk; /* of that status */
} worker;

static void *run_chunks(void *argument) {
  worker *self = argument;
  work *shared = self->work;
  for (;;) {
    const size_t chunk = atomic_fetch_add_explicit(&shared->next, 1, memory_order_relaxed);
    if (chunk >= shared->chunks || chunk > atomic_load_explicit(&shared->failed, memory_order_relaxed)) return NULL;
    const cx_status status =
        cx__cancelled(shared->ctx) ? CX_ERR_CANCELLED : shared->run(shared->user, chunk, self->number);
    if (status == CX_OK) continue;
    self->status = status;
    self->chunk = chunk;
    size_t lowest = atomic_load_explicit(&shared->failed, memory_order_relaxed);
    while (chunk < lowest && !atomic_compare_exchange_weak_explicit(&shared->failed, &lowest, chunk,
                                                                    memory_order_relaxed, memory_order_relaxed)) {
    }
    return NULL;
  }
}

cx_status cx__parallel(cx_context *ctx, size_t chunks, cx__chunk_fn run, void *user) {
  if (chunks == 0) return CX_OK;
  work shared = {.run = run, .user = user, .ctx = ctx, .chunks = chunks};
  atomic_init(&shared.next, 0);
  atomic_init(&shared.failed, SIZE_MAX);
  uint32_t wanted = cx__threads(ctx);
  if (wanted > chunks) wanted = (uint32_t)chunks;

  worker workers[256];
  pthread_t threads[256];
  uint32_t started = 1; /* the caller's own thread is worker 0 */
  workers[0] = (worker){.work = &shared, .number = 0, .status = CX_OK, .chunk = SIZE_MAX};
  sigset_t all, before;
  (void)sigfillset(&all);
  const bool masked = wanted > 1 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0; /* threads inherit the mask */
  for (; started < wanted; started++) {
    workers[started] = (worker){.work = &shared, .number = started, .status = CX_OK, .chunk = SIZE_MAX};
    if (pthread_create(&threads[started], NULL, run_chunks, &workers[started]) != 0) break;
  }
  if (masked) (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  run_chunks(&workers[0]);
  for (uint32_t i = 1; i < started; i++) (void)pthread_join(threads[i], NULL);

  cx_status status = CX_OK;
  size_t lowest = SIZE_MAX;
  for (uint32_t i = 0; i < started; i++)
    if (workers[i].status != CX_OK && workers[i].chunk <= lowest) {
      status = workers[i].status;
      lowest = workers[i].chunk;
    }
  return status < 0 ? cx__fail(ctx, status, "%s", cx_status_text(status)) : status;
}

#define BLOCK 128u

double cx__sum(const double *values, size_t n) {
  if (n <= BLOCK) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    return sum;
  }
  size_t half = BLOCK;
  while (half * 2 < n) half *= 2;
  return cx__sum(values, half) + cx__sum(values + half, n - half);
}

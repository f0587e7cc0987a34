/* SPDX-License-Identifier: MIT */
/* Contexts: errors, progress, cancellation, log. */
#include "core/context.h"

#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 256u

static void *standard_alloc(void *user, size_t size) {
  (void)user;
  return malloc(size);
}

static void *standard_realloc(void *user, void *pointer, size_t size) {
  (void)user;
  return realloc(pointer, size);
}

static void standard_free(void *user, void *pointer) {
  (void)user;
  free(pointer);
}

static const cx_allocator standard_allocator = {standard_alloc, standard_realloc, standard_free, NULL};

const cx_allocator *cx__allocator(const cx_context *ctx) { return ctx ? &ctx->allocator : &standard_allocator; }

const char *cx_version(void) {
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
  return TEXT(CX_VERSION_MAJOR) "." TEXT(CX_VERSION_MINOR) "." TEXT(CX_VERSION_PATCH);
#undef TEXT
#undef TEXT_
}

cx_status cx_context_options_init(cx_context_options *opts, size_t size) {
  static const cx_context_options defaults = {.size = sizeof defaults, .threads = 1, .kernel = CX_KERNEL_AUTO};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

cx_status cx_context_new(const cx_context_options *opts, cx_context **out) {
  if (!out) return CX_ERR_INVALID;
  *out = NULL;
  cx_context_options own;
  cx_status status = cx_context_options_init(&own, sizeof own);
  if (status == CX_OK) status = cx__options_read(NULL, opts, &own, sizeof own);
  if (status != CX_OK) return status;
  if (own.threads < 1 || own.threads > THREADS_MAX) return CX_ERR_RANGE;
  if (own.reserved != 0) return CX_ERR_INVALID;
  const cx_allocator *allocator = own.allocator ? own.allocator : &standard_allocator;
  if (!allocator->alloc || !allocator->realloc || !allocator->free) return CX_ERR_INVALID;
  const cx__kernel *kernel = NULL;
  status = cx__kernel_choose(own.kernel, &kernel);
  if (status != CX_OK) return status;

  cx_context *ctx = cx__alloc_zero(allocator, sizeof *ctx);
  if (!ctx) return CX_ERR_NOMEM;
  ctx->allocator = *allocator;
  ctx->threads = own.threads;
  ctx->kernel = kernel;
  ctx->byte = UINT64_MAX;
  atomic_init(&ctx->cancel, 0);
  *out = ctx;
  return CX_OK;
}

void cx_context_free(cx_context *ctx) {
  if (!ctx) return;
  const cx_allocator allocator = ctx->allocator;
  cx__free(&allocator, ctx);
}

cx_status cx_context_set_threads(cx_context *ctx, uint32_t threads) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!ctx) return CX_ERR_INVALID;
  if (threads < 1 || threads > THREADS_MAX)
    return cx__fail(ctx, CX_ERR_RANGE, "threads must be 1 to 256 (got %u)", threads);
  ctx->threads = threads;
  return CX_OK;
}

cx_status cx_context_set_progress(cx_context *ctx, cx_progress_fn progress, void *user) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!ctx) return CX_ERR_INVALID;
  ctx->progress = progress;
  ctx->progress_user = user;
  ctx->stage = NULL;
  ctx->reported = 0;
  return CX_OK;
}

cx_status cx_context_set_log(cx_context *ctx, cx_log_fn log, void *user) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!ctx) return CX_ERR_INVALID;
  ctx->log = log;
  ctx->log_user = user;
  return CX_OK;
}

void cx_context_cancel(cx_context *ctx) {
  if (ctx) atomic_store_explicit(&ctx->cancel, 1, memory_order_relaxed);
}

const char *cx_context_error(const cx_context *ctx) { return ctx ? ctx->error : ""; }

cx_status cx_context_status(const cx_context *ctx) { return ctx ? ctx->status : CX_OK; }

const char *cx_context_place(const cx_context *ctx, uint64_t *row, uint64_t *byte) {
  if (row) *row = ctx ? ctx->row : 0;
  if (byte) *byte = ctx ? ctx->byte : UINT64_MAX;
  return ctx ? ctx->name : "";
}

const char *cx_context_kernel(const cx_context *ctx) { return cx__kernel_of(ctx)->name; }

const cx__kernel *cx__kernel_of(const cx_context *ctx) { return ctx ? ctx->kernel : cx__kernel_default(); }

uint32_t cx__threads(const cx_context *ctx) { return ctx ? ctx->threads : 1; }

bool cx__cancelled(const cx_context *ctx) {
  return ctx && atomic_load_explicit(&ctx->cancel, memory_order_relaxed) != 0;
}

cx_status cx__begin(cx_context *ctx) {
  if (!ctx) return CX_OK;
  if (ctx->in_callback) return CX_ERR_BUSY;
  ctx->status = CX_OK;
  ctx->error[0] = '\0';
  ctx->name[0] = '\0';
  ctx->row = 0;
  ctx->byte = UINT64_MAX;
  return CX_OK;
}

static cx_status fail(cx_context *ctx, cx_status status, const char *name, uint64_t row, uint64_t byte,
                      const char *format, va_list arguments) CX__PRINTF(6, 0);

static cx_status fail(cx_context *ctx, cx_status status, const char *name, uint64_t row, uint64_t byte,
                      const char *format, va_list arguments) {
  if (!ctx) return status;
  ctx->status = status;
  (void)snprintf(ctx->name, sizeof ctx->name, "%s", name);
  ctx->row = row;
  ctx->byte = byte;
  (void)vsnprintf(ctx->error, sizeof ctx->error, format, arguments);
  cx__text_make_line(ctx->error);
  if (status == CX_ERR_CANCELLED) atomic_store_explicit(&ctx->cancel, 0, memory_order_relaxed);
  return status;
}

cx_status cx__fail(cx_context *ctx, cx_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fail(ctx, status, "", 0, UINT64_MAX, format, arguments);
  va_end(arguments);
  return status;
}

cx_status cx__fail_at(cx_context *ctx, cx_status status, const char *name, uint64_t row, uint64_t byte,
                      const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fail(ctx, status, name ? name : "", row, byte, format, arguments);
  va_end(arguments);
  return status;
}

cx_status cx__no_memory(cx_context *ctx) { return cx__fail(ctx, CX_ERR_NOMEM, "out of memory"); }

cx_status cx__null(cx_context *ctx, const char *name) {
  return cx__fail(ctx, CX_ERR_INVALID, "%s must not be null", name);
}

static void report(cx_context *ctx, const char *stage, uint64_t done, uint64_t total) {
  ctx->stage = stage;
  ctx->reported = done;
  ctx->in_callback = true;
  const int answer = ctx->progress(ctx->progress_user, stage, done, total);
  ctx->in_callback = false;
  if (answer != 0) cx_context_cancel(ctx);
}

/** The next `done` worth a call: every hundredth of the whole, or a quarter further when that is unknown. */
static uint64_t next_report(uint64_t reported, uint64_t total) {
  const uint64_t step = total > 0 ? (total - 1) / 100 + 1 : reported / 4 + 1;
  return reported < UINT64_MAX - step ? reported + step : UINT64_MAX;
}

cx_status cx__progress(cx_context *ctx, const char *stage, uint64_t done, uint64_t total) {
  if (!ctx) return CX_OK;
  if (ctx->progress) {
    const bool begins = done == 0 || ctx->stage != stage || done < ctx->reported;
    if (begins) report(ctx, stage, 0, total);
    const bool last = total > 0 && done >= total;
    if (done > ctx->reported && (last || done >= next_report(ctx->reported, total)) && !cx__cancelled(ctx))
      report(ctx, stage, done, total);
  }
  return cx__cancelled(ctx) ? cx__fail(ctx, CX_ERR_CANCELLED, "cancelled") : CX_OK;
}

void cx__log(cx_context *ctx, int32_t level, const char *code, const char *format, ...) {
  if (!ctx || !ctx->log) return;
  char text[CX__ERROR_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  cx__text_make_line(text);
  ctx->in_callback = true;
  ctx->log(ctx->log_user, level, code, text);
  ctx->in_callback = false;
}

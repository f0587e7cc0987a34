/* SPDX-License-Identifier: MIT */
/* Questions to a purchase model, many rows at a time, and draws from it. */
#include "lifecycle/lifecycle.h"

#include <math.h>

#define CHUNK 1024u

typedef enum question { LOGLIK, ALIVE, EXPECTED, INTERVAL, NONE, NEXT } question;

typedef struct ask {
  const cx__bgnbd *model;
  const double *x, *t_x, *T;
  size_t n;
  question question;
  double horizon; /* or the quantile of NEXT */
  double low, high;
  double *out, *upper;
} ask;

static double answer(const ask *q, size_t i) {
  switch (q->question) {
  case LOGLIK:
    return cx__bgnbd_loglik(q->model, q->x[i], q->t_x[i], q->T[i]);
  case ALIVE:
    return cx__bgnbd_alive(q->model, q->x[i], q->t_x[i], q->T[i], NULL);
  case EXPECTED:
    return cx__bgnbd_expected(q->model, q->x[i], q->t_x[i], q->T[i], q->horizon);
  case NONE:
    return cx__bgnbd_none(q->model, q->x[i], q->t_x[i], q->T[i], q->horizon);
  case NEXT:
    return cx__bgnbd_next(q->model, q->x[i], q->T[i], q->horizon);
  case INTERVAL:
    break;
  }
  double lower;
  cx__bgnbd_interval(q->model, q->x[i], q->t_x[i], q->T[i], q->horizon, q->low, q->high, &lower, &q->upper[i]);
  return lower;
}

static cx_status answer_chunk(void *user, size_t chunk, uint32_t worker) {
  (void)worker;
  const ask *q = user;
  const size_t begin = chunk * CHUNK, end = begin + CHUNK < q->n ? begin + CHUNK : q->n;
  for (size_t i = begin; i < end; i++) {
    q->out[i] = answer(q, i);
    /* a time that is beyond the largest number is infinite; nothing else may be */
    if (isnan(q->out[i]) || (isinf(q->out[i]) && q->question != NEXT)) return CX_ERR_NUMERIC;
  }
  return CX_OK;
}

static cx_status check_rows(cx_context *ctx, const ask *q) {
  if (!q->x) return cx__null(ctx, "x");
  if (!q->t_x) return cx__null(ctx, "t_x");
  if (!q->T) return cx__null(ctx, "T");
  if (!q->out) return cx__null(ctx, "out");
  for (size_t i = 0; i < q->n; i++) {
    const double x = q->x[i], t_x = q->t_x[i], T = q->T[i];
    if (x >= 0 && x <= CX__LIFECYCLE_LARGEST_X && t_x >= 0 && T >= t_x && isfinite(T)) continue;
    return cx__fail_at(ctx, CX_ERR_RANGE, "rows", (uint64_t)i + 1, UINT64_MAX,
                       "x must be 0 to 1e7 and 0 <= t_x <= T, finite");
  }
  return CX_OK;
}

/** Every question ends here; those with a horizon or quantile have checked it. The answers are worked out aside, so
 *  that the caller's arrays stay as they were when one cannot be given or the call is cancelled. */
static cx_status run(cx_context *ctx, const cx_lifecycle *lifecycle, ask *q) {
  q->model = &lifecycle->model;
  cx_status status = check_rows(ctx, q);
  if (status != CX_OK) return status;
  double *const out = q->out, *const upper = q->upper;
  double *answers = cx__alloc_array(cx__allocator(ctx), q->n, (upper ? 2 : 1) * sizeof *answers);
  if (!answers) return cx__no_memory(ctx);
  q->out = answers;
  if (upper) q->upper = answers + q->n;
  status = cx__parallel(ctx, (q->n + CHUNK - 1) / CHUNK, answer_chunk, q);
  if (status == CX_OK && q->n > 0) {
    memcpy(out, q->out, q->n * sizeof *out);
    if (upper) memcpy(upper, q->upper, q->n * sizeof *upper);
  }
  cx__free(cx__allocator(ctx), answers);
  if (status == CX_ERR_NUMERIC)
    return cx__fail(ctx, status, "parameters or a row are so far out that there is no answer");
  return status;
}

static cx_status begin(cx_context *ctx, const cx_lifecycle *lifecycle) {
  const cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  return lifecycle ? CX_OK : cx__null(ctx, "lifecycle");
}

static cx_status begin_horizon(cx_context *ctx, const cx_lifecycle *lifecycle, double horizon) {
  const cx_status status = begin(ctx, lifecycle);
  if (status != CX_OK) return status;
  if (horizon >= 0 && isfinite(horizon)) return CX_OK;
  return cx__fail(ctx, CX_ERR_RANGE, "horizon must be finite and >= 0");
}

cx_status cx_lifecycle_loglik(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                              const double *t_x, const double *T, double *out) {
  const cx_status status = begin(ctx, lifecycle);
  if (status != CX_OK) return status;
  ask q = {.x = x, .t_x = t_x, .T = T, .n = n, .question = LOGLIK, .out = out};
  return run(ctx, lifecycle, &q);
}

cx_status cx_lifecycle_alive(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                             const double *t_x, const double *T, double *out) {
  const cx_status status = begin(ctx, lifecycle);
  if (status != CX_OK) return status;
  ask q = {.x = x, .t_x = t_x, .T = T, .n = n, .question = ALIVE, .out = out};
  return run(ctx, lifecycle, &q);
}

cx_status cx_lifecycle_expected(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                                const double *t_x, const double *T, double horizon, double *out) {
  const cx_status status = begin_horizon(ctx, lifecycle, horizon);
  if (status != CX_OK) return status;
  ask q = {.x = x, .t_x = t_x, .T = T, .n = n, .question = EXPECTED, .horizon = horizon, .out = out};
  return run(ctx, lifecycle, &q);
}

cx_status cx_lifecycle_interval(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                                const double *t_x, const double *T, double horizon, double level, double *lower,
                                double *upper) {
  const cx_status status = begin_horizon(ctx, lifecycle, horizon);
  if (status != CX_OK) return status;
  if (!(level > 0 && level < 1)) return cx__fail(ctx, CX_ERR_RANGE, "level must lie between 0 and 1");
  if (!lower) return cx__null(ctx, "lower");
  if (!upper) return cx__null(ctx, "upper");
  ask q = {.x = x, .t_x = t_x, .T = T, .n = n, .question = INTERVAL, .horizon = horizon, .out = lower, .upper = upper};
  q.low = (1 - level) / 2;
  q.high = (1 + level) / 2;
  return run(ctx, lifecycle, &q);
}

cx_status cx_lifecycle_none(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                            const double *t_x, const double *T, double horizon, double *out) {
  const cx_status status = begin_horizon(ctx, lifecycle, horizon);
  if (status != CX_OK) return status;
  ask q = {.x = x, .t_x = t_x, .T = T, .n = n, .question = NONE, .horizon = horizon, .out = out};
  return run(ctx, lifecycle, &q);
}

cx_status cx_lifecycle_next(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                            const double *t_x, const double *T, double quantile, double *out) {
  const cx_status status = begin(ctx, lifecycle);
  if (status != CX_OK) return status;
  if (!(quantile > 0 && quantile < 1)) return cx__fail(ctx, CX_ERR_RANGE, "quantile must lie between 0 and 1");
  ask q = {.x = x, .t_x = t_x, .T = T, .n = n, .question = NEXT, .horizon = quantile, .out = out};
  return run(ctx, lifecycle, &q);
}

/* ---- simulating ------------------------------------------------------------------------------------------------- */

typedef struct simulation {
  const cx__bgnbd *model;
  const double *T;
  size_t n;
  double holdout;
  uint64_t seed;
  double *x, *t_x, *holdout_x;
} simulation;

static cx_status simulate_chunk(void *user, size_t chunk, uint32_t worker) {
  (void)worker;
  const simulation *s = user;
  const size_t begin_row = chunk * CHUNK, end = begin_row + CHUNK < s->n ? begin_row + CHUNK : s->n;
  for (size_t i = begin_row; i < end; i++) {
    cx__random random;
    cx__random_init(&random, s->seed, i);
    const double rate = cx__random_gamma(&random, s->model->r) / s->model->alpha;
    const double p = s->model->a > 0 ? cx__random_beta(&random, s->model->a, s->model->b) : 0;
    double time = 0, x = 0, t_x = 0, later = 0;
    while (x + later < CX__LIFECYCLE_LARGEST_X) {
      time += cx__random_exponential(&random) / rate;
      if (!(time <= s->T[i] + s->holdout)) break;
      if (time <= s->T[i]) {
        x += 1;
        t_x = time;
      } else {
        later += 1;
      }
      if (p > 0 && cx__random_uniform(&random) < p) break;
    }
    s->x[i] = x;
    s->t_x[i] = t_x;
    s->holdout_x[i] = later;
  }
  return CX_OK;
}

cx_status cx_lifecycle_simulate(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *T,
                                double holdout, uint64_t seed, double *x, double *t_x, double *holdout_x) {
  cx_status status = begin_horizon(ctx, lifecycle, holdout);
  if (status != CX_OK) return status;
  if (!T) return cx__null(ctx, "T");
  if (!x) return cx__null(ctx, "x");
  if (!t_x) return cx__null(ctx, "t_x");
  for (size_t i = 0; i < n; i++)
    if (!(T[i] >= 0 && isfinite(T[i])))
      return cx__fail_at(ctx, CX_ERR_RANGE, "T", (uint64_t)i + 1, UINT64_MAX, "T must be finite and >= 0");
  double *draws = cx__alloc_array(cx__allocator(ctx), n, 3 * sizeof *draws);
  if (!draws) return cx__no_memory(ctx);
  simulation s = {&lifecycle->model, T, n, holdout, seed, draws, draws + n, draws + 2 * n};
  status = cx__parallel(ctx, (n + CHUNK - 1) / CHUNK, simulate_chunk, &s);
  if (status == CX_OK && n > 0) {
    memcpy(x, s.x, n * sizeof *x);
    memcpy(t_x, s.t_x, n * sizeof *t_x);
    if (holdout_x) memcpy(holdout_x, s.holdout_x, n * sizeof *holdout_x);
  }
  cx__free(cx__allocator(ctx), draws);
  return status;
}

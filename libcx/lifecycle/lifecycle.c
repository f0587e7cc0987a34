/* SPDX-License-Identifier: MIT */
/* Fitted purchase models: fitting and making. */
#include "lifecycle/lifecycle.h"

#include <math.h>

static const cx_lifecycle_options defaults = {
    .size = sizeof defaults, .model = CX_LIFECYCLE_BGNBD, .iterations = 200, .accept_best = 0};

cx_status cx_lifecycle_options_init(cx_lifecycle_options *opts, size_t size) {
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

const char *cx_lifecycle_fit_text(int32_t fit) {
  switch (fit) {
#define CASE(name, value, text)                                                                                        \
  case CX_FIT_##name:                                                                                                  \
    return text;
    CX_FIT_MAP(CASE)
#undef CASE
  default:
    return NULL;
  }
}

static cx_status read_options(cx_context *ctx, const cx_lifecycle_options *given, cx_lifecycle_options *own) {
  *own = defaults;
  const cx_status status = cx__options_read(ctx, given, own, sizeof *own);
  if (status != CX_OK) return status;
  if (own->model != CX_LIFECYCLE_BGNBD)
    return cx__fail(ctx, CX_ERR_RANGE, "model must be bgnbd (1) (got %d)", (int)own->model);
  if (own->iterations < 1 || own->iterations > 10000)
    return cx__fail(ctx, CX_ERR_RANGE, "iterations must be 1 to 10000 (got %u)", own->iterations);
  if (own->accept_best != 0 && own->accept_best != 1)
    return cx__fail(ctx, CX_ERR_RANGE, "accept_best must be 0 or 1 (got %d)", (int)own->accept_best);
  return CX_OK;
}

cx_lifecycle *cx__lifecycle_make(const cx_allocator *allocator, const cx_lifecycle_info *info) {
  cx_lifecycle *lifecycle = cx__alloc_zero(allocator, sizeof *lifecycle);
  if (!lifecycle) return NULL;
  lifecycle->allocator = *allocator;
  lifecycle->info = *info;
  lifecycle->info.size = sizeof *info;
  const double *p = info->parameters;
  lifecycle->model = (cx__bgnbd){.r = p[0], .alpha = p[1], .a = p[2], .b = p[3]};
  return lifecycle;
}

/** Fits and makes the model; @p own has been checked. */
static cx_status fit_input(cx_context *ctx, const cx__lifecycle_input *input, const cx_lifecycle_options *own,
                           cx_lifecycle_info *info, cx_lifecycle **out) {
  cx__lifecycle_data data;
  cx_status status = cx__lifecycle_aggregate(ctx, input, &data);
  info->model = own->model;
  if (status == CX_OK) status = cx__bgnbd_fit(ctx, &data, own->iterations, own->accept_best != 0, info);
  cx__lifecycle_data_free(&data);
  if (status != CX_OK) return status;
  *out = cx__lifecycle_make(cx__allocator(ctx), info);
  return *out ? CX_OK : cx__no_memory(ctx);
}

cx_status cx_lifecycle_fit(cx_context *ctx, const cx_history *history, const cx_lifecycle_options *opts,
                           cx_lifecycle **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!history) return cx__null(ctx, "history");
  cx_lifecycle_options own;
  status = read_options(ctx, opts, &own);
  if (status != CX_OK) return status;
  cx_history_options used = {.size = sizeof used};
  status = cx_history_get_options(history, &used);
  if (status != CX_OK) return cx__fail(ctx, status, "the history has no options");
  const cx_history_row *rows = cx_history_rows(history);
  const cx__lifecycle_input input = {.x = &rows->x,
                                     .t_x = &rows->t_x,
                                     .T = &rows->T,
                                     .stride = sizeof *rows / sizeof(double),
                                     .n = cx_history_count(history)};
  cx_lifecycle_info info = {.unit = used.unit, .until = used.until};
  return fit_input(ctx, &input, &own, &info, out);
}

cx_status cx_lifecycle_fit_rows(cx_context *ctx, size_t n, const double *x, const double *t_x, const double *T,
                                const double *weight, const cx_lifecycle_options *opts, cx_lifecycle **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!x) return cx__null(ctx, "x");
  if (!t_x) return cx__null(ctx, "t_x");
  if (!T) return cx__null(ctx, "T");
  cx_lifecycle_options own;
  status = read_options(ctx, opts, &own);
  if (status != CX_OK) return status;
  const cx__lifecycle_input input = {.x = x, .t_x = t_x, .T = T, .weight = weight, .stride = 1, .n = n};
  cx_lifecycle_info info = {.unit = CX_UNIT_WEEK, .until = CX_TIME_NONE};
  return fit_input(ctx, &input, &own, &info, out);
}

bool cx__bgnbd_is_valid(const double *p) {
  return p[0] > 0 && p[1] > 0 && p[2] >= 0 && p[3] > 0 && isfinite(p[0]) && isfinite(p[1]) && isfinite(p[2]) &&
         isfinite(p[3]);
}

cx_status cx_lifecycle_new(cx_context *ctx, int32_t model, const double *parameters, size_t n, int32_t unit,
                           cx_lifecycle **out) {
  const cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!parameters) return cx__null(ctx, "parameters");
  if (model != CX_LIFECYCLE_BGNBD) return cx__fail(ctx, CX_ERR_RANGE, "model must be bgnbd (1) (got %d)", (int)model);
  if (unit != CX_UNIT_DAY && unit != CX_UNIT_WEEK)
    return cx__fail(ctx, CX_ERR_RANGE, "unit must be day (1) or week (2) (got %d)", (int)unit);
  if (n != 4) return cx__fail(ctx, CX_ERR_SHAPE, "bgnbd has 4 parameters (got %zu)", n);
  if (!cx__bgnbd_is_valid(parameters))
    return cx__fail(ctx, CX_ERR_RANGE, "r, alpha and b must be finite and > 0, a finite and >= 0");
  cx_lifecycle_info info = {.model = model, .unit = unit, .until = CX_TIME_NONE};
  for (size_t i = 0; i < CX__LIFECYCLE_PARAMETERS; i++) {
    info.parameters[i] = i < n ? parameters[i] : (double)NAN;
    info.errors[i] = (double)NAN;
  }
  info.loglik = info.nbd_loglik = info.gradient = (double)NAN;
  *out = cx__lifecycle_make(cx__allocator(ctx), &info);
  return *out ? CX_OK : cx__no_memory(ctx);
}

void cx_lifecycle_free(cx_lifecycle *lifecycle) {
  if (!lifecycle) return;
  const cx_allocator allocator = lifecycle->allocator;
  cx__free(&allocator, lifecycle);
}

cx_status cx_lifecycle_get_info(const cx_lifecycle *lifecycle, cx_lifecycle_info *out) {
  if (!lifecycle || !out) return CX_ERR_INVALID;
  return cx__result_write(NULL, out, &lifecycle->info, sizeof lifecycle->info);
}

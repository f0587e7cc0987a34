/* SPDX-License-Identifier: MIT */
/* Purchase models in files. */
#include "lifecycle/lifecycle.h"

#define KIND "lifecycle"
#define FORMAT_VERSION 1u
#define TAG_INFO CX__TAG('I', 'N', 'F', 'O')
#define TAG_PARAMETERS CX__TAG('P', 'A', 'R', 'M')
#define TAG_ERRORS CX__TAG('E', 'R', 'R', 'S')

/** The section INFO; sizes are fixed for version 1. */
typedef struct saved_info {
  int32_t model, fit, unit;
  uint32_t iterations, starts, reserved;
  int64_t until;
  uint64_t customers, distinct;
  double loglik, nbd_loglik, gradient;
} saved_info;

cx_status cx_lifecycle_save(cx_context *ctx, const cx_lifecycle *lifecycle, const char *path,
                            const cx_model_save_options *opts) {
  const cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!lifecycle) return cx__null(ctx, "lifecycle");
  if (!path) return cx__null(ctx, "path");
  const cx_lifecycle_info *info = &lifecycle->info;
  const saved_info saved = {.model = info->model,
                            .fit = info->fit,
                            .unit = info->unit,
                            .iterations = info->iterations,
                            .starts = info->starts,
                            .until = info->until,
                            .customers = info->customers,
                            .distinct = info->distinct,
                            .loglik = info->loglik,
                            .nbd_loglik = info->nbd_loglik,
                            .gradient = info->gradient};
  const cx__model_section sections[] = {
      {.tag = TAG_INFO, .data = &saved, .size = sizeof saved},
      {.tag = TAG_PARAMETERS, .data = info->parameters, .size = sizeof info->parameters},
      {.tag = TAG_ERRORS, .data = info->errors, .size = sizeof info->errors}};
  return cx__model_save(ctx, path, KIND, FORMAT_VERSION, opts, sections, sizeof sections / sizeof *sections);
}

cx_status cx__lifecycle_read(cx_context *ctx, const cx__model *model, cx_lifecycle **out) {
  const void *info_bytes, *parameters, *errors;
  cx_status status = cx__model_get_array(ctx, model, TAG_INFO, 1, sizeof(saved_info), &info_bytes);
  if (status == CX_OK)
    status = cx__model_get_array(ctx, model, TAG_PARAMETERS, CX__LIFECYCLE_PARAMETERS, sizeof(double), &parameters);
  if (status == CX_OK)
    status = cx__model_get_array(ctx, model, TAG_ERRORS, CX__LIFECYCLE_PARAMETERS, sizeof(double), &errors);
  if (status != CX_OK) return status;
  saved_info saved;
  memcpy(&saved, info_bytes, sizeof saved);
  cx_lifecycle_info info = {.model = saved.model,
                            .fit = saved.fit,
                            .unit = saved.unit,
                            .until = saved.until,
                            .customers = saved.customers,
                            .distinct = saved.distinct,
                            .iterations = saved.iterations,
                            .starts = saved.starts,
                            .loglik = saved.loglik,
                            .nbd_loglik = saved.nbd_loglik,
                            .gradient = saved.gradient};
  memcpy(info.parameters, parameters, sizeof info.parameters);
  memcpy(info.errors, errors, sizeof info.errors);
  if (info.model != CX_LIFECYCLE_BGNBD) return cx__fail(ctx, CX_ERR_UNSUPPORTED, "the file holds an unknown model");
  if ((info.unit != CX_UNIT_DAY && info.unit != CX_UNIT_WEEK) || !cx_lifecycle_fit_text(info.fit) ||
      !cx__bgnbd_is_valid(info.parameters))
    return cx__fail(ctx, CX_ERR_CORRUPT, "the file holds values that no model has");
  *out = cx__lifecycle_make(cx__allocator(ctx), &info);
  return *out ? CX_OK : cx__no_memory(ctx);
}

cx_status cx_lifecycle_open(cx_context *ctx, const char *path, const cx_model_open_options *opts, cx_lifecycle **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!path) return cx__null(ctx, "path");
  cx__model *model;
  status = cx__model_open(ctx, path, KIND, FORMAT_VERSION, opts, &model);
  if (status != CX_OK) return status;
  status = cx__lifecycle_read(ctx, model, out);
  cx__model_free(model);
  return status;
}

/* SPDX-License-Identifier: MIT */
/* Where one person stands: docs/stage.md. */
#include "lifecycle/stage.h"

#include <math.h>

#define KIND "stage"
#define FORMAT_VERSION 1u
#define TAG_MODEL CX__TAG('S', 'T', 'A', 'G')

const char *cx_stage_text(int32_t stage) {
  switch (stage) {
#define CASE(name, value, text)                                                                                        \
  case CX_STAGE_##name:                                                                                                \
    return text;
    CX_STAGE_MAP(CASE)
#undef CASE
  default:
    return NULL;
  }
}

const char *cx_stage_reason_text(int32_t reason) {
  switch (reason) {
#define CASE(name, value, text)                                                                                        \
  case CX_STAGE_REASON_##name:                                                                                         \
    return text;
    CX_STAGE_REASON_MAP(CASE)
#undef CASE
  default:
    return NULL;
  }
}

void cx_stage_free(cx_stage *stage) {
  if (!stage) return;
  const cx_allocator allocator = stage->allocator;
  cx__free(&allocator, stage);
}

cx_status cx_stage_get_options(const cx_stage *stage, cx_history_options *out) {
  if (!stage || !out) return CX_ERR_INVALID;
  const cx_history_options options = {
      .size = sizeof options, .unit = stage->model.unit, .merge_day = stage->model.merge_day, .until = CX_TIME_NONE};
  return cx__result_write(NULL, out, &options, sizeof options);
}

/* ---- inference -------------------------------------------------------------------------------------------------- */

static double probability_of(double log_odds) {
  const double e = exp(-fabs(log_odds));
  return log_odds > 0 ? 1 / (1 + e) : e / (1 + e);
}

static void add_reason(cx_stage_result *r, int32_t code, double value, double log_odds) {
  r->reasons[r->reasons_count++] = (cx_stage_reason){.code = code, .value = value, .log_odds = log_odds};
}

/** Fills again and the reasons that sum to its log-odds. */
static void explain(const cx__stage_model *m, const cx_history_row *row, double model_again, cx_stage_result *r) {
  double base = 0, parts[CX__STAGE_FEATURES];
  const double log_odds = cx__stage_again(m, row->x, row->t_x, row->T, &base, parts);
  r->again = probability_of(log_odds);
  if (row->first == CX_TIME_NONE) {
    add_reason(r, CX_STAGE_REASON_NO_PURCHASE, 0, log_odds);
    return;
  }
  if (!m->hazard) {
    add_reason(r, CX_STAGE_REASON_PURCHASE_MODEL, model_again, log_odds);
    return;
  }
  const double silence = row->T - row->t_x;
  const double gap = fmax(row->x > 0 ? row->t_x / row->x : 0, 1 / m->unit_days);
  add_reason(r, CX_STAGE_REASON_BASE_RATE, probability_of(base), base);
  add_reason(r, CX_STAGE_REASON_SILENCE, silence, parts[CX__STAGE_SILENCE]);
  add_reason(r, CX_STAGE_REASON_FREQUENCY, row->x, parts[CX__STAGE_FREQUENCY]);
  add_reason(r, CX_STAGE_REASON_TENURE, row->T, parts[CX__STAGE_TENURE]);
  add_reason(r, CX_STAGE_REASON_RHYTHM, row->x > 0 ? silence / gap : 0, parts[CX__STAGE_RHYTHM]);
  add_reason(r, CX_STAGE_REASON_NO_REPEAT, row->x > 0 ? 0 : 1, parts[CX__STAGE_NO_REPEAT]);
  add_reason(r, CX_STAGE_REASON_PURCHASE_MODEL, model_again, parts[CX__STAGE_PURCHASE_MODEL]);
}

/** Counts: whether there is any purchase says `again`; how many there are if any says the purchase model. */
static void count(const cx__stage_model *m, const cx_history_row *row, double model_again, cx_stage_result *r) {
  if (!(model_again > 1e-12)) {
    r->expected = r->again;
    r->lower = r->again > 0.9 ? 1 : 0;
    r->upper = r->again > 0.1 ? 1 : 0;
    return;
  }
  r->expected = cx__bgnbd_expected(&m->purchases, row->x, row->t_x, row->T, m->horizon) * r->again / model_again;
  /* a count whose cumulated probability reaches q here is one where the model's reaches 1 - (1 - q) model / again */
  const double ratio = model_again / r->again;
  cx__bgnbd_interval(&m->purchases, row->x, row->t_x, row->T, m->horizon, 1 - 0.9 * ratio, 1 - 0.1 * ratio, &r->lower,
                     &r->upper);
}

/** Whether the last purchase ended a spell in which the person was taken for lapsed. */
static double won_back(const cx__stage_model *m, const cx_history_row *row) {
  if (!(row->x > 0) || !(row->gap > 0)) return 0;
  const double x = fmax(row->x - 1, 0), t_x = x > 0 ? fmax(row->t_x - row->gap, 0) : 0;
  const double late = cx__stage_overdue(m, x, t_x, row->t_x);
  return late * (1 - probability_of(cx__stage_again(m, x, t_x, row->t_x, NULL, NULL)));
}

static void place(const cx__stage_model *m, const cx_history_row *row, cx_stage_result *r) {
  double *p = r->probabilities;
  if (row->first == CX_TIME_NONE) {
    p[CX_STAGE_PROSPECT] = 1;
    return;
  }
  const double late = cx__stage_overdue(m, row->x, row->t_x, row->T);
  const double back = won_back(m, row), early = fmax(0, 1 - row->x / 2.5);
  const double cube = row->x * row->x * row->x;
  const double loyal = r->alive * cube / (cube + m->loyal * m->loyal * m->loyal);
  p[CX_STAGE_AT_RISK] = late * r->again;
  p[CX_STAGE_LAPSED] = late * (1 - r->again);
  p[CX_STAGE_WON_BACK] = (1 - late) * back;
  const double rest = (1 - late) * (1 - back);
  p[CX_STAGE_ONBOARDING] = rest * early;
  p[CX_STAGE_LOYAL] = rest * (1 - early) * loyal;
  p[CX_STAGE_ACTIVE] = rest * (1 - early) * (1 - loyal);
  for (int32_t stage = 0; stage < CX_STAGE_COUNT; stage++)
    if (p[stage] > p[r->stage]) r->stage = stage;
}

static cx_status check_row(cx_context *ctx, const cx_history_row *row) {
  const bool good = row->x >= 0 && row->x <= CX__LIFECYCLE_LARGEST_X && row->t_x >= 0 && row->T >= row->t_x &&
                    isfinite(row->T) && row->gap >= 0 && isfinite(row->gap);
  if (good) return CX_OK;
  return cx__fail(ctx, CX_ERR_RANGE, "a history needs x from 0 to 1e7, 0 <= t_x <= T and gap >= 0, finite");
}

/** Whether every number that must be finite is. */
static bool is_told(const cx_stage_result *r) {
  bool fine = isfinite(r->again) && isfinite(r->expected) && isfinite(r->lower) && isfinite(r->upper);
  for (size_t i = 0; i < CX_STAGE_COUNT; i++) fine = fine && isfinite(r->probabilities[i]);
  for (size_t i = 0; i < 3; i++) fine = fine && !isnan(r->next[i]);
  for (uint32_t i = 0; i < r->reasons_count; i++) fine = fine && isfinite(r->reasons[i].log_odds);
  return fine;
}

cx_status cx_stage_infer(cx_context *ctx, const cx_stage *stage, const cx_history_row *row, cx_stage_result *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!stage) return cx__null(ctx, "stage");
  if (!row) return cx__null(ctx, "row");
  if (!out) return cx__null(ctx, "out");
  status = check_row(ctx, row);
  if (status != CX_OK) return status;
  const cx__stage_model *m = &stage->model;
  cx_stage_result result = {.size = sizeof result, .horizon = m->horizon};
  cx_history_row own = *row;
  if (row->first == CX_TIME_NONE) { /* nothing is known: like somebody who bought once, a horizon ago */
    own.x = own.t_x = own.gap = 0;
    own.T = m->horizon;
    result.alive = (double)NAN;
  } else {
    result.alive = cx__bgnbd_alive(&m->purchases, own.x, own.t_x, own.T, NULL);
  }
  const double none = cx__bgnbd_none(&m->purchases, own.x, own.t_x, own.T, m->horizon);
  explain(m, &own, 1 - none, &result);
  count(m, &own, 1 - none, &result);
  static const double quantiles[] = {0.1, 0.5, 0.9};
  for (size_t i = 0; i < 3; i++) result.next[i] = cx__bgnbd_next(&m->purchases, own.x, own.T, quantiles[i]);
  place(m, &own, &result);
  if (!is_told(&result))
    return cx__fail(ctx, CX_ERR_NUMERIC, "the model or the history is so far out that there is no answer");
  return cx__result_write(ctx, out, &result, sizeof result);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

cx_status cx_stage_save(cx_context *ctx, const cx_stage *stage, const char *path, const cx_model_save_options *opts) {
  const cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!stage) return cx__null(ctx, "stage");
  if (!path) return cx__null(ctx, "path");
  const cx__model_section section = {.tag = TAG_MODEL, .data = &stage->model, .size = sizeof stage->model};
  return cx__model_save(ctx, path, KIND, FORMAT_VERSION, opts, &section, 1);
}

#define LARGEST 1e15 /* of what a regression finds: no sum of products overflows */

static bool is_positive(double value) { return value > 0 && isfinite(value); }

static bool is_valid(const cx__stage_model *m) {
  const double parameters[] = {m->purchases.r, m->purchases.alpha, m->purchases.a, m->purchases.b};
  if (!cx__bgnbd_is_valid(parameters)) return false;
  if (m->unit != CX_UNIT_DAY && m->unit != CX_UNIT_WEEK) return false;
  if ((m->merge_day & ~1) != 0 || (m->hazard & ~1) != 0) return false;
  for (size_t i = 0; i < CX__STAGE_FEATURES; i++)
    if (!(fabs(m->coefficients[i]) <= LARGEST) || !(fabs(m->means[i]) <= LARGEST)) return false;
  if (!(fabs(m->intercept) <= LARGEST) || !(m->unit_days >= 1 && m->unit_days <= 7)) return false;
  return is_positive(m->horizon) && is_positive(m->window) && m->horizon / m->window <= 100 && is_positive(m->loyal);
}

cx_status cx_stage_open(cx_context *ctx, const char *path, const cx_model_open_options *opts, cx_stage **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!path) return cx__null(ctx, "path");
  cx__model *file;
  status = cx__model_open(ctx, path, KIND, FORMAT_VERSION, opts, &file);
  if (status != CX_OK) return status;
  const void *bytes;
  status = cx__model_get_array(ctx, file, TAG_MODEL, 1, sizeof(cx__stage_model), &bytes);
  cx_stage *stage = NULL;
  if (status == CX_OK) {
    stage = cx__alloc_zero(cx__allocator(ctx), sizeof *stage);
    if (!stage) status = cx__no_memory(ctx);
  }
  if (stage) {
    stage->allocator = *cx__allocator(ctx);
    memcpy(&stage->model, bytes, sizeof stage->model);
    if (!is_valid(&stage->model)) status = cx__fail(ctx, CX_ERR_CORRUPT, "the file holds values that no model has");
  }
  cx__model_free(file);
  if (status != CX_OK) {
    cx_stage_free(stage);
    return status;
  }
  *out = stage;
  return CX_OK;
}

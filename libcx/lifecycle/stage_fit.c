/* SPDX-License-Identifier: MIT */
/* Learning stages from a purchase log: what was known at origins inside it, and who bought in the window after each. */
#include "lifecycle/stage.h"

#include <cx/event.h>

#include <math.h>

#define HORIZON_DAYS 273 /* 39 weeks */
#define WINDOW_DAYS 28
#define WINDOWS 64         /* in a horizon, and origins, at most */
#define MOST_ROWS 2000000u /* customers at origins; above, every k-th customer is taken */
#define LARGEST_HORIZON 1e4

static const cx_stage_options defaults = {.size = sizeof defaults, .horizon = 0};

cx_status cx_stage_options_init(cx_stage_options *opts, size_t size) {
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

static cx_status read_options(cx_context *ctx, const cx_stage_options *given, cx_stage_options *own) {
  *own = defaults;
  const cx_status status = cx__options_read(ctx, given, own, sizeof *own);
  if (status != CX_OK) return status;
  if (own->reserved != 0) return cx__fail(ctx, CX_ERR_INVALID, "reserved must be 0 (got %d)", (int)own->reserved);
  if (!(own->horizon >= 0 && own->horizon <= LARGEST_HORIZON))
    return cx__fail(ctx, CX_ERR_RANGE, "horizon must be 0 to 10000 units");
  return CX_OK;
}

/** Horizon and window, in whole days and then in units, for a log of so many days. */
static int64_t choose_times(const cx_stage_options *opts, int64_t days, cx__stage_model *m) {
  m->horizon = opts->horizon > 0 ? opts->horizon : (double)(days < HORIZON_DAYS ? days : HORIZON_DAYS) / m->unit_days;
  int64_t window = days >= 3 * WINDOW_DAYS ? WINDOW_DAYS : days / 3;
  const int64_t least = (int64_t)ceil(m->horizon * m->unit_days / WINDOWS);
  if (window < least) window = least;
  if (window < 1) window = 1;
  m->window = (double)window / m->unit_days;
  return window;
}

/** Summaries at the origins. What happened is kept in the lowest bit of x, so that equal summaries with equal outcomes
 *  are counted together by what counts histories. */
typedef struct origins {
  const cx__purchases *purchases;
  int64_t first_day, until_day, window;
  size_t step;
  double *x, *t_x, *T;
  size_t n;
} origins;

static bool bought(const cx__purchases *purchases, size_t customer, int64_t after, int64_t to) {
  for (size_t i = purchases->starts[customer]; i < purchases->starts[customer + 1]; i++) {
    const int64_t day = cx__day_of(purchases->list[i].time);
    if (purchases->list[i].kind == CX_EVENT_PURCHASE && day > after && day <= to) return true;
  }
  return false;
}

static cx_status look_back(cx_context *ctx, origins *o, size_t count) {
  for (size_t k = 1; k <= count; k++) {
    const cx_status status = cx__progress(ctx, "stage", k - 1, count + 1);
    if (status != CX_OK) return status;
    const int64_t day = o->until_day - (int64_t)k * o->window;
    for (size_t c = 0; c < o->purchases->customers_count; c += o->step) {
      cx_history_row row;
      if (!cx__purchases_summarise(o->purchases, c, day, &row) || row.x * 2 + 1 > CX__LIFECYCLE_LARGEST_X) continue;
      o->x[o->n] = row.x * 2 + (bought(o->purchases, c, day, day + o->window) ? 1 : 0);
      o->t_x[o->n] = row.t_x;
      o->T[o->n++] = row.T;
    }
  }
  return CX_OK;
}

/** From the counted rows to what the regression takes. */
static cx_status fit_counted(cx_context *ctx, const cx__lifecycle_data *data, cx__stage_model *m) {
  const cx_allocator *allocator = cx__allocator(ctx);
  double *all = cx__alloc_array(allocator, data->count, 5 * sizeof *all);
  if (!all) return cx__no_memory(ctx);
  double *x = all, *t_x = all + data->count, *T = t_x + data->count, *customers = T + data->count;
  double *buyers = customers + data->count;
  for (size_t i = 0; i < data->count; i++) {
    const cx__lifecycle_row *row = &data->rows[i];
    const uint32_t value = data->x[row->x];
    x[i] = value / 2;
    t_x[i] = row->t_x;
    T[i] = row->T;
    customers[i] = row->weight;
    buyers[i] = value % 2 ? row->weight : 0;
  }
  const cx__stage_rows rows = {.x = x, .t_x = t_x, .T = T, .customers = customers, .buyers = buyers, .n = data->count};
  const cx_status status = cx__stage_fit_hazard(ctx, &rows, m);
  cx__free(allocator, all);
  return status;
}

static cx_status fit_hazard(cx_context *ctx, origins *o, cx__stage_model *m) {
  size_t count = 0; /* origins with at least a window before and after */
  while (count < WINDOWS && o->until_day - (int64_t)(count + 1) * o->window >= o->first_day + o->window) count++;
  if (count == 0) return CX_OK;
  const size_t customers = o->purchases->customers_count;
  o->step = (customers * count + MOST_ROWS - 1) / MOST_ROWS;
  const size_t most = (customers / o->step + 1) * count;
  const cx_allocator *allocator = cx__allocator(ctx);
  o->x = cx__alloc_array(allocator, most, 3 * sizeof *o->x);
  if (!o->x) return cx__no_memory(ctx);
  o->t_x = o->x + most;
  o->T = o->t_x + most;
  cx_status status = look_back(ctx, o, count);
  const cx__lifecycle_input input = {.x = o->x, .t_x = o->t_x, .T = o->T, .stride = 1, .n = o->n};
  cx__lifecycle_data data = {.allocator = *allocator};
  if (status == CX_OK && o->n > 0) {
    status = cx__lifecycle_aggregate(ctx, &input, &data);
    if (status == CX_OK) status = fit_counted(ctx, &data, m);
    cx__lifecycle_data_free(&data);
  }
  cx__free(allocator, o->x);
  return status == CX_OK ? cx__progress(ctx, "stage", count + 1, count + 1) : status;
}

/** The number of repeat purchases that four of five repeat buyers stay below, at least 3. */
static cx_status find_loyal(cx_context *ctx, const cx__purchases *purchases, int64_t until_day, double *out) {
  enum { COUNTS = 1000 };
  size_t *counts = cx__alloc_array_zero(cx__allocator(ctx), COUNTS, sizeof *counts);
  if (!counts) return cx__no_memory(ctx);
  size_t total = 0, below = 0;
  for (size_t c = 0; c < purchases->customers_count; c++) {
    cx_history_row row;
    if (!cx__purchases_summarise(purchases, c, until_day, &row) || !(row.x > 0)) continue;
    counts[row.x < COUNTS ? (size_t)row.x : COUNTS - 1]++;
    total++;
  }
  size_t x = 1;
  for (; x < COUNTS - 1; x++) {
    below += counts[x];
    if (below * 5 >= total * 4) break;
  }
  cx__free(cx__allocator(ctx), counts);
  *out = x > 3 ? (double)x : 3;
  return CX_OK;
}

static cx_status fit_model(cx_context *ctx, const cx__purchases *purchases, const cx_stage_options *opts,
                           cx__stage_model *m) {
  int64_t until = purchases->options.until;
  if (until == CX_TIME_NONE) until = purchases->last;
  origins o = {.purchases = purchases, .first_day = cx__day_of(purchases->first), .until_day = cx__day_of(until)};
  if (o.first_day > o.until_day)
    return cx__fail(ctx, CX_ERR_NO_DATA, "there is no purchase before the end of calibration");
  o.window = choose_times(opts, o.until_day - o.first_day + 1, m);
  const cx_status status = find_loyal(ctx, purchases, o.until_day, &m->loyal);
  return status == CX_OK ? fit_hazard(ctx, &o, m) : status;
}

cx_status cx_stage_fit(cx_context *ctx, const cx_table *table, const cx_history_options *history,
                       const cx_lifecycle *lifecycle, const cx_stage_options *opts, cx_stage **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!table) return cx__null(ctx, "table");
  if (!lifecycle) return cx__null(ctx, "lifecycle");
  cx_history_options how;
  cx_stage_options own;
  status = cx__history_options_read(ctx, history, &how);
  if (status == CX_OK) status = read_options(ctx, opts, &own);
  if (status != CX_OK) return status;
  if (lifecycle->info.unit != how.unit)
    return cx__fail(ctx, CX_ERR_INVALID, "the purchase model and the history differ in their unit");
  cx_stage *stage = cx__alloc_zero(cx__allocator(ctx), sizeof *stage);
  if (!stage) return cx__no_memory(ctx);
  stage->allocator = *cx__allocator(ctx);
  cx__stage_model *m = &stage->model;
  m->purchases = lifecycle->model;
  m->unit = how.unit;
  m->merge_day = how.merge_day;
  m->unit_days = cx__history_unit_days(how.unit);
  cx__purchases purchases;
  status = cx__purchases_read(ctx, table, &how, &purchases);
  if (status == CX_OK) status = fit_model(ctx, &purchases, &own, m);
  cx__purchases_free(&purchases);
  if (status != CX_OK) {
    cx_stage_free(stage);
    return status;
  }
  *out = stage;
  return CX_OK;
}

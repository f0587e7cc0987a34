/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <math.h>

#define DAY (INT64_C(86400) * 1000000)
#define MOST 40000

/** A year and a half of purchases of customers who come over the first nine months, some of them for good: a
 *  purchase log made with a small generator of its own. */
typedef struct purchases {
  size_t n;
  int64_t customer[MOST], time[MOST];
} purchases;

static double uniform(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*state >> 11) / 9007199254740992.0;
}

static void draw(purchases *log, size_t customers, double days) {
  uint64_t state = 42;
  log->n = 0;
  for (size_t c = 0; c < customers; c++) {
    const double rate = -log1p(-uniform(&state)) / 30, leave = uniform(&state) / 3;
    for (double day = uniform(&state) * 270; day < days; day += -log1p(-uniform(&state)) / rate) {
      ck_assert_uint_lt(log->n, MOST);
      log->customer[log->n] = (int64_t)c;
      log->time[log->n++] = (int64_t)(day * (double)DAY);
      if (uniform(&state) < leave) break;
    }
  }
}

static cx_table *table_of(const purchases *log) {
  const cx_column columns[] = {{.name = "customer", .values = log->customer, .type = CX_TYPE_INT64},
                               {.name = "time", .values = log->time, .type = CX_TYPE_TIME}};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, 2, log->n, &table));
  return table;
}

static cx_history_options options(int32_t unit, int64_t until) {
  cx_history_options opts;
  ck_assert_int_eq(cx_history_options_init(&opts, sizeof opts), CX_OK);
  opts.unit = unit;
  opts.until = until;
  return opts;
}

/** History, purchase model and stage model of a log. */
typedef struct models {
  cx_table *table;
  cx_history *history;
  cx_lifecycle *lifecycle;
  cx_stage *stage;
} models;

static models learn(cx_context *ctx, const purchases *log, const cx_history_options *opts) {
  models m = {.table = table_of(log)};
  ck_ok(ctx, cx_history_build(ctx, m.table, opts, &m.history));
  ck_ok(ctx, cx_lifecycle_fit(ctx, m.history, NULL, &m.lifecycle));
  ck_ok(ctx, cx_stage_fit(ctx, m.table, opts, m.lifecycle, NULL, &m.stage));
  return m;
}

static void forget(models *m) {
  cx_stage_free(m->stage);
  cx_lifecycle_free(m->lifecycle);
  cx_history_free(m->history);
  cx_table_free(m->table);
}

static cx_stage_result infer(const cx_stage *stage, const cx_history_row *row) {
  cx_stage_result r = {.size = sizeof r};
  ck_ok(NULL, cx_stage_infer(NULL, stage, row, &r));
  return r;
}

static void check_sums(const cx_stage_result *r) {
  double sum = 0, log_odds = 0;
  for (int k = 0; k < CX_STAGE_COUNT; k++) sum += r->probabilities[k];
  for (uint32_t k = 0; k < r->reasons_count; k++) log_odds += r->reasons[k].log_odds;
  ck_near(sum, 1, 1e-12);
  ck_near(log_odds, log(r->again / (1 - r->again)), 1e-9);
}

START_TEST(people_are_placed_and_forecast) {
  static purchases book;
  draw(&book, 3000, 540);
  const cx_history_options opts = options(CX_UNIT_WEEK, 360 * DAY);
  models m = learn(NULL, &book, &opts);
  const cx_history_row *rows = cx_history_rows(m.history);
  double forecast = 0, buyers = 0, loss = 0, expected = 0, purchases_after = 0, n = 0;
  size_t stages[CX_STAGE_COUNT] = {0};
  for (size_t i = 0; i < cx_history_count(m.history); i++) {
    const cx_stage_result r = infer(m.stage, &rows[i]);
    check_sums(&r);
    ck_assert(r.horizon == 39);
    ck_assert_uint_eq(r.reasons_count, 7);
    const double again = rows[i].holdout > 0;
    forecast += r.again;
    buyers += again;
    loss -= again > 0 ? log(r.again) : log1p(-r.again);
    expected += r.expected;
    purchases_after += rows[i].holdout;
    stages[r.stage]++;
    n++;
  }
  /* The log ends 180 days after calibration, the horizon is 273 days: forecasts are a little above. */
  ck_assert(forecast > buyers && forecast < 1.25 * buyers);
  ck_assert(expected > purchases_after && expected < 2 * purchases_after);
  const double share = buyers / n, entropy = -share * log(share) - (1 - share) * log1p(-share);
  ck_assert(loss / n < .9 * entropy);
  ck_assert(stages[CX_STAGE_ACTIVE] > 0 && stages[CX_STAGE_LOYAL] > 0 && stages[CX_STAGE_LAPSED] > 0);
  ck_assert(stages[CX_STAGE_PROSPECT] == 0);
  forget(&m);
}
END_TEST

START_TEST(nothing_after_calibration_is_looked_at) {
  static purchases book, cut;
  draw(&book, 1500, 540);
  cut.n = 0;
  for (size_t i = 0; i < book.n; i++) {
    if (book.time[i] >= 361 * DAY) continue;
    cut.customer[cut.n] = book.customer[i];
    cut.time[cut.n++] = book.time[i];
  }
  ck_assert_uint_lt(cut.n, book.n);
  const cx_history_options opts = options(CX_UNIT_WEEK, 360 * DAY);
  models a = learn(NULL, &book, &opts), b = learn(NULL, &cut, &opts);
  for (size_t i = 0; i < cx_history_count(a.history); i++) {
    const cx_stage_result x = infer(a.stage, &cx_history_rows(a.history)[i]);
    const cx_stage_result y = infer(b.stage, &cx_history_rows(b.history)[i]);
    ck_assert_int_eq(memcmp(&x, &y, sizeof x), 0);
  }
  forget(&a);
  forget(&b);
}
END_TEST

START_TEST(units_and_horizons_are_kept) {
  static purchases book;
  draw(&book, 1500, 360);
  const cx_history_options weeks = options(CX_UNIT_WEEK, CX_TIME_NONE), days = options(CX_UNIT_DAY, CX_TIME_NONE);
  models a = learn(NULL, &book, &weeks), b = learn(NULL, &book, &days);
  for (size_t i = 0; i < cx_history_count(a.history); i += 50) {
    const cx_stage_result x = infer(a.stage, &cx_history_rows(a.history)[i]);
    const cx_stage_result y = infer(b.stage, &cx_history_rows(b.history)[i]);
    ck_near(x.again, y.again, 1e-6);
    ck_near(x.expected, y.expected, 1e-6);
    ck_near(x.next[1] * 7, y.next[1], 1e-5);
    ck_assert(y.horizon == 273);
    for (int k = 0; k < CX_STAGE_COUNT; k++) ck_near(x.probabilities[k], y.probabilities[k], 1e-6);
  }
  cx_history_options used = {.size = sizeof used};
  ck_assert_int_eq(cx_stage_get_options(b.stage, &used), CX_OK);
  ck_assert(used.unit == CX_UNIT_DAY && used.merge_day == 1 && used.until == CX_TIME_NONE);
  ck_assert_int_eq(cx_stage_get_options(NULL, &used), CX_ERR_INVALID);
  cx_stage_options opts;
  ck_assert_int_eq(cx_stage_options_init(&opts, sizeof opts), CX_OK);
  double before = 0;
  for (int horizon = 1; horizon <= 1000; horizon *= 10) {
    opts.horizon = horizon;
    cx_stage *stage = NULL;
    ck_ok(NULL, cx_stage_fit(NULL, a.table, &weeks, a.lifecycle, &opts, &stage));
    const cx_stage_result r = infer(stage, &cx_history_rows(a.history)[0]);
    check_sums(&r);
    ck_assert(r.horizon == horizon && r.again > before);
    before = r.again;
    cx_stage_free(stage);
  }
  forget(&a);
  forget(&b);
}
END_TEST

START_TEST(little_data_leaves_the_purchase_model) {
  purchases *log = calloc(1, sizeof *log);
  ck_assert_ptr_nonnull(log);
  for (size_t i = 0; i < 12; i++) {
    log->customer[i] = (int64_t)(i / 2);
    log->time[i] = (int64_t)(i * 5) * DAY;
  }
  log->n = 12;
  cx_table *table = table_of(log);
  const double p[] = {.243, 4.414, .793, 2.426};
  cx_lifecycle *lifecycle = NULL;
  ck_ok(NULL, cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, p, 4, CX_UNIT_WEEK, &lifecycle));
  cx_stage *stage = NULL;
  ck_ok(NULL, cx_stage_fit(NULL, table, NULL, lifecycle, NULL, &stage));
  const cx_history_row row = {.x = 2, .t_x = 30, .T = 38, .gap = 15, .spell = 15};
  cx_stage_result r = infer(stage, &row);
  check_sums(&r);
  ck_assert_uint_eq(r.reasons_count, 1);
  ck_assert_int_eq(r.reasons[0].code, CX_STAGE_REASON_PURCHASE_MODEL);
  double none, expected, lower, upper;
  ck_ok(NULL, cx_lifecycle_none(NULL, lifecycle, 1, &row.x, &row.t_x, &row.T, r.horizon, &none));
  ck_ok(NULL, cx_lifecycle_expected(NULL, lifecycle, 1, &row.x, &row.t_x, &row.T, r.horizon, &expected));
  ck_ok(NULL, cx_lifecycle_interval(NULL, lifecycle, 1, &row.x, &row.t_x, &row.T, r.horizon, .8, &lower, &upper));
  ck_near(r.again, 1 - none, 1e-12);
  ck_near(r.expected, expected, 1e-12);
  ck_assert(r.lower == lower && r.upper == upper);
  ck_assert(r.horizon == 56.0 / 7); /* as long as the log is */
  cx_stage_free(stage);
  cx_lifecycle_free(lifecycle);
  cx_table_free(table);
  free(log);
}
END_TEST

START_TEST(threads_change_nothing) {
  static purchases book;
  draw(&book, 1500, 360);
  const cx_history_options opts = options(CX_UNIT_WEEK, CX_TIME_NONE);
  static const uint32_t threads[] = {1, 2, 7};
  static cx_stage_result first[1500];
  for (int k = 0; k < 3; k++) {
    test_memory memory;
    cx_context *ctx = test_context(&memory, threads[k]);
    models m = learn(ctx, &book, &opts);
    for (size_t i = 0; i < cx_history_count(m.history); i++) {
      const cx_stage_result r = infer(m.stage, &cx_history_rows(m.history)[i]);
      if (k == 0) first[i] = r;
      ck_assert_int_eq(memcmp(&r, &first[i], sizeof r), 0);
    }
    cx_stage_free(m.stage);
    cx_lifecycle_free(m.lifecycle);
    cx_history_free(m.history);
    cx_context_free(ctx);
    cx_table_free(m.table);
    ck_assert_int_eq(memory.live, 0);
  }
}
END_TEST

START_TEST(a_model_is_saved_and_opened) {
  static purchases book;
  draw(&book, 800, 360);
  const cx_history_options opts = options(CX_UNIT_WEEK, CX_TIME_NONE);
  models m = learn(NULL, &book, &opts);
  char path[300];
  snprintf(path, sizeof path, "%s/stage", test_directory());
  ck_ok(NULL, cx_stage_save(NULL, m.stage, path, NULL));
  cx_stage *again = NULL;
  ck_ok(NULL, cx_stage_open(NULL, path, NULL, &again));
  for (size_t i = 0; i < 100; i++) {
    const cx_stage_result a = infer(m.stage, &cx_history_rows(m.history)[i]);
    const cx_stage_result b = infer(again, &cx_history_rows(m.history)[i]);
    ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
  }
  cx_stage_free(again);
  size_t size;
  char *bytes = test_read_file(path, &size);
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (char)(bytes[i] ^ 1);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    bytes[i] = (char)(bytes[i] ^ 1);
    again = (cx_stage *)bytes;
    const cx_status status = cx_stage_open(NULL, path, NULL, &again);
    ck_assert(status == CX_ERR_CORRUPT || status == CX_ERR_UNSUPPORTED);
    ck_assert_ptr_null(again);
  }
  free(bytes);
  ck_status(CX_ERR_INVALID, cx_stage_save(NULL, NULL, path, NULL));
  ck_status(CX_ERR_INVALID, cx_stage_save(NULL, m.stage, NULL, NULL));
  ck_status(CX_ERR_INVALID, cx_stage_open(NULL, NULL, NULL, &again));
  ck_status(CX_ERR_INVALID, cx_stage_open(NULL, path, NULL, NULL));
  forget(&m);
}
END_TEST

START_TEST(errors_are_told) {
  static purchases book;
  draw(&book, 300, 360);
  const cx_history_options opts = options(CX_UNIT_WEEK, CX_TIME_NONE);
  models m = learn(NULL, &book, &opts);
  cx_stage *stage = (cx_stage *)&book;
  ck_status(CX_ERR_INVALID, cx_stage_fit(NULL, NULL, &opts, m.lifecycle, NULL, &stage));
  ck_assert_ptr_null(stage);
  ck_status(CX_ERR_INVALID, cx_stage_fit(NULL, m.table, &opts, NULL, NULL, &stage));
  ck_status(CX_ERR_INVALID, cx_stage_fit(NULL, m.table, &opts, m.lifecycle, NULL, NULL));
  cx_history_options other = options(CX_UNIT_DAY, CX_TIME_NONE);
  ck_status(CX_ERR_INVALID, cx_stage_fit(NULL, m.table, &other, m.lifecycle, NULL, &stage));
  other.unit = 5;
  ck_status(CX_ERR_RANGE, cx_stage_fit(NULL, m.table, &other, m.lifecycle, NULL, &stage));
  other = options(CX_UNIT_WEEK, -5 * DAY);
  ck_status(CX_ERR_NO_DATA, cx_stage_fit(NULL, m.table, &other, m.lifecycle, NULL, &stage));
  cx_stage_options wrong;
  ck_assert_int_eq(cx_stage_options_init(&wrong, sizeof wrong), CX_OK);
  wrong.horizon = -1;
  ck_status(CX_ERR_RANGE, cx_stage_fit(NULL, m.table, &opts, m.lifecycle, &wrong, &stage));
  wrong.horizon = (double)NAN;
  ck_status(CX_ERR_RANGE, cx_stage_fit(NULL, m.table, &opts, m.lifecycle, &wrong, &stage));
  ck_assert_ptr_null(stage);
  cx_stage_result r = {.size = sizeof r, .again = 9};
  cx_history_row row = {.x = 1, .t_x = 2, .T = 3, .gap = 2};
  ck_status(CX_ERR_INVALID, cx_stage_infer(NULL, NULL, &row, &r));
  ck_status(CX_ERR_INVALID, cx_stage_infer(NULL, m.stage, NULL, &r));
  ck_status(CX_ERR_INVALID, cx_stage_infer(NULL, m.stage, &row, NULL));
  const double bad[] = {-1, (double)NAN, (double)INFINITY};
  for (size_t i = 0; i < 3; i++) {
    double *const fields[] = {&row.x, &row.t_x, &row.T, &row.gap};
    for (size_t k = 0; k < 4; k++) {
      const double kept = *fields[k];
      *fields[k] = bad[i];
      ck_status(CX_ERR_RANGE, cx_stage_infer(NULL, m.stage, &row, &r));
      *fields[k] = kept;
    }
  }
  row.t_x = 4;
  ck_status(CX_ERR_RANGE, cx_stage_infer(NULL, m.stage, &row, &r));
  ck_assert(r.again == 9);
  const cx_history_row part = {.x = 0.25, .t_x = 2, .T = 3, .gap = 1}; /* between none and one */
  cx_lifecycle *slow = NULL;
  cx_stage *sharp = NULL;
  ck_ok(NULL, cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, (const double[]){.2, 4, .8, .3}, 4, CX_UNIT_WEEK, &slow));
  ck_ok(NULL, cx_stage_fit(NULL, m.table, NULL, slow, NULL, &sharp));
  ck_status(CX_ERR_NUMERIC, cx_stage_infer(NULL, sharp, &part, &r)); /* b + x < 1: P(alive) is no number */
  ck_assert(r.again == 9);
  cx_stage_free(sharp);
  cx_lifecycle_free(slow);
  cx_stage_free(NULL);
  forget(&m);
#define CASE(name, value, text) ck_assert_str_eq(cx_stage_text(CX_STAGE_##name), text);
  CX_STAGE_MAP(CASE)
#undef CASE
  ck_assert_ptr_null(cx_stage_text(7));
#define CASE(name, value, text) ck_assert_str_eq(cx_stage_reason_text(CX_STAGE_REASON_##name), text);
  CX_STAGE_REASON_MAP(CASE)
#undef CASE
  ck_assert_ptr_null(cx_stage_reason_text(0));
}
END_TEST

static cx_status fit_again(void *user, cx_context *ctx) {
  models *m = user;
  cx_stage *stage = (cx_stage *)user;
  const cx_status status = cx_stage_fit(ctx, m->table, NULL, m->lifecycle, NULL, &stage);
  if (status != CX_OK) ck_assert_ptr_null(stage);
  if (status == CX_OK) {
    /* no allocation: it works while none would succeed */
    const cx_history_row row = {.x = 1, .t_x = 2, .T = 3, .gap = 2};
    cx_stage_result r = {.size = sizeof r};
    ck_ok(ctx, cx_stage_infer(ctx, stage, &row, &r));
  }
  cx_stage_free(stage);
  return status;
}

static cx_status open_again(void *user, cx_context *ctx) {
  cx_stage *stage = (cx_stage *)user;
  const cx_status status = cx_stage_open(ctx, user, NULL, &stage);
  if (status != CX_OK) ck_assert_ptr_null(stage);
  cx_stage_free(stage);
  return status;
}

START_TEST(memory_may_be_short) {
  static purchases book;
  draw(&book, 300, 360);
  const cx_history_options opts = options(CX_UNIT_WEEK, CX_TIME_NONE);
  models m = learn(NULL, &book, &opts);
  test_allocations(fit_again, &m, false);
  char path[300];
  snprintf(path, sizeof path, "%s/short", test_directory());
  ck_ok(NULL, cx_stage_save(NULL, m.stage, path, NULL));
  test_allocations(open_again, path, false);
  forget(&m);
}
END_TEST

static int stop(void *user, const char *stage, uint64_t done, uint64_t total) {
  (void)total;
  return strcmp(stage, "stage") == 0 && done >= *(uint64_t *)user;
}

START_TEST(it_can_be_cancelled) {
  static purchases book;
  draw(&book, 300, 360);
  const cx_history_options opts = options(CX_UNIT_WEEK, CX_TIME_NONE);
  models m = learn(NULL, &book, &opts);
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  for (uint64_t at = 0; at < 3; at++) {
    ck_ok(ctx, cx_context_set_progress(ctx, stop, &at));
    cx_stage *stage = NULL;
    ck_status(CX_ERR_CANCELLED, cx_stage_fit(ctx, m.table, &opts, m.lifecycle, NULL, &stage));
    ck_assert_ptr_null(stage);
  }
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
  forget(&m);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("stage");
  TCase *tests = tcase_create("stage");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, people_are_placed_and_forecast);
  tcase_add_test(tests, nothing_after_calibration_is_looked_at);
  tcase_add_test(tests, units_and_horizons_are_kept);
  tcase_add_test(tests, little_data_leaves_the_purchase_model);
  tcase_add_test(tests, threads_change_nothing);
  tcase_add_test(tests, a_model_is_saved_and_opened);
  tcase_add_test(tests, errors_are_told);
  tcase_add_test(tests, memory_may_be_short);
  tcase_add_test(tests, it_can_be_cancelled);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <math.h>

#define DAY (INT64_C(86400) * 1000000)
#define HOUR (INT64_C(3600) * 1000000)
#define MANY 24

/** Rows of a table of purchases, put together by hand. */
typedef struct rows {
  size_t n;
  int64_t customer[MANY], time[MANY], kind[MANY], order[MANY];
  double value[MANY];
  bool kinds, orders;
} rows;

static void add(rows *r, int64_t customer, int64_t time, double value, int64_t order, int64_t kind) {
  ck_assert_uint_lt(r->n, MANY);
  r->customer[r->n] = customer;
  r->time[r->n] = time;
  r->value[r->n] = value;
  r->order[r->n] = order;
  r->kind[r->n++] = kind;
}

static cx_table *table_of(cx_context *ctx, const rows *r) {
  cx_column columns[5] = {{.name = "customer", .values = r->customer, .type = CX_TYPE_INT64},
                          {.name = "time", .values = r->time, .type = CX_TYPE_TIME},
                          {.name = "value", .values = r->value, .type = CX_TYPE_DOUBLE}};
  size_t n = 3;
  if (r->orders) columns[n++] = (cx_column){.name = "order", .values = r->order, .type = CX_TYPE_INT64};
  if (r->kinds) columns[n++] = (cx_column){.name = "kind", .values = r->kind, .type = CX_TYPE_INT64};
  cx_table *table = NULL;
  ck_ok(ctx, cx_table_new(ctx, columns, n, r->n, &table));
  return table;
}

static cx_history_options options(int32_t unit, int32_t merge_day, int64_t until) {
  cx_history_options opts;
  ck_assert_int_eq(cx_history_options_init(&opts, sizeof opts), CX_OK);
  opts.unit = unit;
  opts.merge_day = merge_day;
  opts.until = until;
  return opts;
}

static cx_history *history_of(const rows *r, const cx_history_options *opts) {
  cx_table *table = table_of(NULL, r);
  cx_history *history = NULL;
  ck_ok(NULL, cx_history_build(NULL, table, opts, &history));
  cx_table_free(table);
  return history;
}

START_TEST(purchases_are_counted_in_weeks_of_days) {
  rows r = {0};
  add(&r, 7, 10 * DAY + 23 * HOUR, 5, 0, 0);
  add(&r, 3, 4 * DAY, 10, 0, 0);
  add(&r, 7, 3 * DAY + HOUR, 1, 0, 0);
  add(&r, 7, 10 * DAY + 2 * HOUR, 7, 0, 0); /* the same day as the first row */
  add(&r, 7, 31 * DAY, 9, 0, 0);
  add(&r, 7, 39 * DAY, 100, 0, 0); /* after calibration */
  add(&r, 7, 39 * DAY + HOUR, 100, 0, 0);
  add(&r, 9, 50 * DAY, 3, 0, 0); /* came after calibration */
  const cx_history_options opts = options(CX_UNIT_WEEK, 1, 38 * DAY + HOUR);
  cx_history *history = history_of(&r, &opts);
  ck_assert_uint_eq(cx_history_count(history), 2);
  const cx_history_row *row = cx_history_rows(history);
  ck_assert(row[0].x == 2);
  ck_assert(row[0].t_x == 28.0 / 7);
  ck_assert(row[0].T == 35.0 / 7);
  ck_assert(row[0].monetary == (12.0 + 9.0) / 2);
  ck_assert(row[0].holdout == 1);
  ck_assert(row[0].spell == 3 && row[0].gap == 3);
  ck_assert(row[0].first == 3 * DAY + HOUR);
  ck_assert(row[1].x == 0 && row[1].t_x == 0 && row[1].T == 34.0 / 7 && isnan(row[1].monetary));
  ck_assert(row[1].holdout == 0 && row[1].spell == 0 && row[1].gap == 0 && row[1].first == 4 * DAY);
  cx_history_options used = {.size = sizeof used};
  ck_assert_int_eq(cx_history_get_options(history, &used), CX_OK);
  ck_assert(used.until == 38 * DAY + HOUR && used.unit == CX_UNIT_WEEK && used.merge_day == 1);
  cx_history_free(history);
}
END_TEST

START_TEST(the_whole_day_of_until_counts) {
  rows r = {0};
  add(&r, 1, -3 * DAY, 1, 0, 0); /* before 1970, where days count backwards */
  add(&r, 1, 2 * DAY + 23 * HOUR, 1, 0, 0);
  const cx_history_options opts = options(CX_UNIT_DAY, 1, 2 * DAY);
  cx_history *history = history_of(&r, &opts);
  ck_assert(cx_history_rows(history)->x == 1);
  ck_assert(cx_history_rows(history)->t_x == 5);
  ck_assert(cx_history_rows(history)->T == 5);
  cx_history_free(history);
  const cx_history_options earlier = options(CX_UNIT_DAY, 1, DAY);
  history = history_of(&r, &earlier);
  ck_assert(cx_history_rows(history)->x == 0);
  ck_assert(cx_history_rows(history)->holdout == 1);
  cx_history_free(history);
  const cx_history_options none = options(CX_UNIT_DAY, 1, CX_TIME_NONE);
  history = history_of(&r, &none);
  cx_history_options used = {.size = sizeof used};
  ck_assert_int_eq(cx_history_get_options(history, &used), CX_OK);
  ck_assert(used.until == 2 * DAY + 23 * HOUR);
  cx_history_free(history);
}
END_TEST

START_TEST(instants_count_when_days_are_not_merged) {
  rows r = {0};
  add(&r, 1, 12 * HOUR, 1, 0, 0);
  add(&r, 1, 18 * HOUR, 2, 0, 0);
  add(&r, 1, 18 * HOUR, 4, 0, 0);
  const cx_history_options opts = options(CX_UNIT_DAY, 0, CX_TIME_NONE);
  cx_history *history = history_of(&r, &opts);
  const cx_history_row *row = cx_history_rows(history);
  ck_assert(row->x == 2 && row->t_x == .25 && row->T == .5 && row->monetary == 3);
  ck_assert(row->gap == 0 && row->spell == .25);
  cx_history_free(history);
}
END_TEST

START_TEST(rows_of_one_order_are_one_purchase) {
  rows r = {.orders = true};
  add(&r, 1, 5 * DAY, 1, 77, 0);
  add(&r, 1, 9 * DAY, 8, 78, 0);
  add(&r, 1, 3 * DAY, 2, 77, 0); /* the order's first instant */
  add(&r, 1, 12 * DAY, 4, 78, 0);
  add(&r, 2, 4 * DAY, 4, 78, 0); /* somebody else's order of the same number */
  cx_history_options opts = options(CX_UNIT_DAY, 0, 20 * DAY);
  cx_history *history = history_of(&r, &opts);
  const cx_history_row *row = cx_history_rows(history);
  ck_assert(row[0].first == 3 * DAY && row[0].x == 1 && row[0].t_x == 6 && row[0].monetary == 12);
  ck_assert(row[1].first == 4 * DAY && row[1].x == 0);
  cx_history_free(history);
}
END_TEST

START_TEST(a_return_takes_money_but_no_purchase) {
  rows r = {.orders = true, .kinds = true};
  add(&r, 1, 1 * DAY, 10, 1, CX_EVENT_PURCHASE);
  add(&r, 1, 4 * DAY, 20, 2, CX_EVENT_PURCHASE);
  add(&r, 1, 6 * DAY, 30, 3, CX_EVENT_PURCHASE);
  add(&r, 1, 7 * DAY, -10, 1, CX_EVENT_RETURN); /* takes back the first purchase */
  add(&r, 1, 8 * DAY, 6, 3, CX_EVENT_RETURN);
  add(&r, 1, 9 * DAY, -4, 4711, CX_EVENT_RETURN); /* of an order that is not known */
  add(&r, 1, 30 * DAY, 40, 3, CX_EVENT_RETURN);   /* not known at the end of calibration */
  add(&r, 1, 9 * DAY, 1000, 5, CX_EVENT_VIEW);
  cx_history_options opts = options(CX_UNIT_DAY, 1, 20 * DAY);
  cx_history *history = history_of(&r, &opts);
  const cx_history_row *row = cx_history_rows(history);
  ck_assert(row->x == 2 && row->t_x == 5 && row->T == 19);
  ck_assert(row->monetary == (20.0 + 30.0 - 6.0 - 4.0) / 2);
  cx_history_free(history);
  opts.until = 30 * DAY;
  history = history_of(&r, &opts);
  ck_assert(cx_history_rows(history)->monetary == 0);
  cx_history_free(history);
}
END_TEST

START_TEST(long_histories_are_sorted) {
  enum { N = 5000 };
  static int64_t customer[N], time[N];
  for (size_t i = 0; i < N; i++) {
    customer[i] = (int64_t)(i % 3);
    time[i] = (int64_t)(i * 7919 % N) * DAY;
  }
  const cx_column columns[] = {{.name = "customer", .values = customer, .type = CX_TYPE_INT64},
                               {.name = "time", .values = time, .type = CX_TYPE_TIME}};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, 2, N, &table));
  const cx_history_options opts = options(CX_UNIT_DAY, 1, CX_TIME_NONE);
  cx_history *history = NULL;
  ck_ok(NULL, cx_history_build(NULL, table, &opts, &history));
  ck_assert_uint_eq(cx_history_count(history), 3);
  double purchases = 0;
  for (size_t i = 0; i < 3; i++) {
    const cx_history_row *row = &cx_history_rows(history)[i];
    purchases += row->x + 1;
    ck_assert(row->t_x <= row->T && row->t_x > 4900 && row->spell < 20 && isnan(row->monetary));
  }
  ck_assert(purchases == N);
  cx_history_free(history);
  cx_table_free(table);
}
END_TEST

START_TEST(texts_and_gaps_in_columns_are_read) {
  const int64_t offsets[] = {0, 3, 6, 9, 12, 15};
  const int64_t time[] = {0, 7 * DAY, 14 * DAY, 14 * DAY, 3 * DAY};
  const double value[] = {1, 2, 3, 4, 5};
  const uint8_t known = 0x1B, valued = 0x1D; /* row 2 has no customer, row 1 no value */
  const cx_column columns[] = {
      {.name = "customer", .values = "annbobzzzannbob", .offsets = offsets, .type = CX_TYPE_TEXT, .validity = &known},
      {.name = "time", .values = time, .type = CX_TYPE_TIME},
      {.name = "value", .values = value, .type = CX_TYPE_DOUBLE, .validity = &valued}};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, 3, 5, &table));
  cx_history *history = NULL;
  ck_ok(NULL, cx_history_build(NULL, table, NULL, &history));
  ck_assert_uint_eq(cx_history_count(history), 2);
  const cx_history_row *row = cx_history_rows(history);
  ck_assert(row[0].x == 1 && row[0].t_x == 2 && row[0].monetary == 4);
  ck_assert(row[1].x == 1 && row[1].first == 3 * DAY && isnan(row[1].monetary)); /* its repeat has no value */
  cx_table *result = NULL;
  ck_ok(NULL, cx_history_to_table(NULL, history, &result));
  ck_assert_uint_eq(cx_table_rows(result), 2);
  ck_assert_uint_eq(cx_table_columns(result), 7);
  cx_column column;
  ck_ok(NULL, cx_table_find_column(NULL, result, "customer", &column));
  ck_assert_int_eq(column.type, CX_TYPE_TEXT);
  ck_assert_int_eq(memcmp(column.values, "annbob", 6), 0);
  ck_ok(NULL, cx_table_find_column(NULL, result, "monetary", &column));
  ck_assert(column.validity && column.validity[0] == 1);
  ck_ok(NULL, cx_table_find_column(NULL, result, "first", &column));
  ck_assert_int_eq(column.type, CX_TYPE_TIME);
  ck_assert(((const int64_t *)column.values)[1] == 3 * DAY);
  ck_ok(NULL, cx_table_find_column(NULL, result, "t_x", &column));
  ck_assert(((const double *)column.values)[0] == 2);
  cx_table_free(result);
  cx_history_free(history);
  cx_table_free(table);
}
END_TEST

static void add_event(cx_profile *profile, int32_t kind, int64_t time, const char *order, int64_t cents,
                      const char *currency) {
  static unsigned number;
  char id[16];
  snprintf(id, sizeof id, "e%u", ++number);
  const cx_event_line line = {
      .item = text_of("tea"), .quantity = {.mantissa = 2}, .price = {.mantissa = cents, .scale = cents < 0 ? -1 : 2}};
  cx_event event = {.size = sizeof event,
                    .kind = kind,
                    .id = text_of(id),
                    .time = time,
                    .received = CX_TIME_NONE,
                    .name = text_of("Order Completed"),
                    .lines = &line,
                    .lines_count = 1};
  if (order) event.order = text_of(order);
  strcpy(event.currency, currency);
  ck_ok(NULL, cx_profile_add_event(NULL, profile, &event));
}

START_TEST(a_profile_has_a_history) {
  cx_profile *profile = NULL;
  ck_ok(NULL, cx_profile_new(NULL, &profile));
  ck_ok(NULL, cx_profile_set_time(NULL, profile, 30 * DAY));
  cx_history_row row;
  memset(&row, 0x55, sizeof row);
  ck_ok(NULL, cx_history_of_profile(NULL, profile, NULL, &row));
  ck_assert(row.first == CX_TIME_NONE && row.x == 0 && row.t_x == 0 && row.T == 0 && row.holdout == 0);
  add_event(profile, CX_EVENT_PURCHASE, 9 * DAY, "b", 100, "EUR");
  add_event(profile, CX_EVENT_PURCHASE, 2 * DAY, "a", 50, "EUR");
  add_event(profile, CX_EVENT_PURCHASE, 16 * DAY, NULL, 300, "EUR");
  add_event(profile, CX_EVENT_PURCHASE, 16 * DAY + HOUR, NULL, 300, "EUR"); /* the same day */
  add_event(profile, CX_EVENT_RETURN, 17 * DAY, "b", 100, "EUR");
  add_event(profile, CX_EVENT_VIEW, 20 * DAY, NULL, 100, "EUR");
  add_event(profile, CX_EVENT_PURCHASE, 31 * DAY, NULL, 100, "EUR");
  ck_ok(NULL, cx_history_of_profile(NULL, profile, NULL, &row));
  ck_assert(row.first == 2 * DAY && row.x == 2 && row.t_x == 2 && row.T == 4 && row.holdout == 1);
  ck_near(row.monetary, (2.0 + 12.0 - 2.0) / 2, 1e-15);
  const cx_history_options opts = options(CX_UNIT_DAY, 1, 31 * DAY);
  ck_ok(NULL, cx_history_of_profile(NULL, profile, &opts, &row));
  ck_assert(row.x == 3 && row.t_x == 29 && row.T == 29 && row.gap == 15 && row.spell == 15);
  add_event(profile, CX_EVENT_PURCHASE, 31 * DAY, NULL, 100, "USD");
  ck_ok(NULL, cx_history_of_profile(NULL, profile, &opts, &row));
  ck_assert(row.x == 3 && isnan(row.monetary));
  const cx_history_row before = row;
  ck_status(CX_ERR_INVALID, cx_history_of_profile(NULL, NULL, &opts, &row));
  ck_status(CX_ERR_INVALID, cx_history_of_profile(NULL, profile, &opts, NULL));
  cx_history_options wrong = opts;
  wrong.unit = 0;
  ck_status(CX_ERR_RANGE, cx_history_of_profile(NULL, profile, &wrong, &row));
  ck_assert_int_eq(memcmp(&row, &before, sizeof row), 0);
  cx_profile_free(profile);
}
END_TEST

static cx_status of_profile(void *user, cx_context *ctx) {
  cx_history_row row = {.x = -1};
  const cx_status status = cx_history_of_profile(ctx, user, NULL, &row);
  ck_assert(status == CX_OK ? row.x == 1 : row.x == -1);
  return status;
}

START_TEST(memory_may_be_short_for_a_profile) {
  cx_profile *profile = NULL;
  ck_ok(NULL, cx_profile_new(NULL, &profile));
  ck_ok(NULL, cx_profile_set_time(NULL, profile, 30 * DAY));
  add_event(profile, CX_EVENT_PURCHASE, 9 * DAY, "b", 100, "EUR");
  add_event(profile, CX_EVENT_PURCHASE, 12 * DAY, "c", 100, "EUR");
  test_allocations(of_profile, profile, false);
  cx_profile_free(profile);
}
END_TEST

START_TEST(errors_are_told) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  rows r = {.kinds = true};
  add(&r, 1, DAY, 1, 0, CX_EVENT_VIEW);
  cx_table *table = table_of(ctx, &r);
  cx_history *history = (cx_history *)&r;
  ck_status(CX_ERR_NO_DATA, cx_history_build(ctx, table, NULL, &history));
  ck_assert_ptr_null(history);
  ck_status(CX_ERR_INVALID, cx_history_build(ctx, NULL, NULL, &history));
  ck_status(CX_ERR_INVALID, cx_history_build(ctx, table, NULL, NULL));
  cx_history_options opts = options(3, 1, CX_TIME_NONE);
  ck_status(CX_ERR_RANGE, cx_history_build(ctx, table, &opts, &history));
  opts = options(CX_UNIT_DAY, 2, CX_TIME_NONE);
  ck_status(CX_ERR_RANGE, cx_history_build(ctx, table, &opts, &history));
  opts = options(CX_UNIT_DAY, 1, INT64_MAX);
  ck_status(CX_ERR_RANGE, cx_history_build(ctx, table, &opts, &history));
  opts = options(CX_UNIT_DAY, 1, CX_TIME_NONE);
  opts.reserved = 1;
  ck_status(CX_ERR_INVALID, cx_history_build(ctx, table, &opts, &history));
  cx_table_free(table);

  r.kind[0] = CX_EVENT_PURCHASE;
  table = table_of(ctx, &r);
  opts = options(CX_UNIT_DAY, 1, 0);
  ck_status(CX_ERR_NO_DATA, cx_history_build(ctx, table, &opts, &history));
  cx_table_free(table);
  r.time[0] = INT64_MAX - 5;
  table = table_of(ctx, &r);
  ck_status(CX_ERR_RANGE, cx_history_build(ctx, table, NULL, &history));
  uint64_t row = 0;
  ck_assert_str_eq(cx_context_place(ctx, &row, NULL), "time");
  ck_assert_uint_eq(row, 1);
  cx_table_free(table);
  r.time[0] = 5;
  r.value[0] = (double)INFINITY;
  table = table_of(ctx, &r);
  ck_status(CX_ERR_RANGE, cx_history_build(ctx, table, NULL, &history));
  cx_table_free(table);

  const int64_t number = 1;
  const uint8_t none = 0;
  cx_column columns[] = {{.name = "customer", .values = &number, .type = CX_TYPE_INT64},
                         {.name = "when", .values = &number, .type = CX_TYPE_TIME}};
  ck_ok(ctx, cx_table_new(ctx, columns, 2, 1, &table));
  ck_status(CX_ERR_NOT_FOUND, cx_history_build(ctx, table, NULL, &history));
  cx_table_free(table);
  columns[1].name = "time";
  columns[1].type = CX_TYPE_INT64;
  ck_ok(ctx, cx_table_new(ctx, columns, 2, 1, &table));
  ck_status(CX_ERR_TYPE, cx_history_build(ctx, table, NULL, &history));
  cx_table_free(table);
  columns[1].type = CX_TYPE_TIME;
  columns[1].validity = &none;
  ck_ok(ctx, cx_table_new(ctx, columns, 2, 1, &table));
  ck_status(CX_ERR_INVALID, cx_history_build(ctx, table, NULL, &history));
  cx_table_free(table);

  cx_table *result = (cx_table *)&r;
  ck_status(CX_ERR_INVALID, cx_history_to_table(ctx, NULL, &result));
  ck_assert_ptr_null(result);
  ck_status(CX_ERR_INVALID, cx_history_get_options(NULL, &opts));
  ck_assert_uint_eq(cx_history_count(NULL), 0);
  ck_assert_ptr_null(cx_history_rows(NULL));
  cx_history_free(NULL);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

static int stop(void *user, const char *stage, uint64_t done, uint64_t total) {
  (void)done;
  (void)total;
  ck_assert_str_eq(stage, "history");
  return *(int *)user;
}

START_TEST(it_can_be_cancelled) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  rows r = {0};
  add(&r, 1, DAY, 1, 0, 0);
  cx_table *table = table_of(ctx, &r);
  int answer = 1;
  ck_ok(ctx, cx_context_set_progress(ctx, stop, &answer));
  cx_history *history = NULL;
  ck_status(CX_ERR_CANCELLED, cx_history_build(ctx, table, NULL, &history));
  answer = 0;
  ck_ok(ctx, cx_history_build(ctx, table, NULL, &history));
  cx_history_free(history);
  cx_table_free(table);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

static cx_status build(void *user, cx_context *ctx) {
  cx_history *history = (cx_history *)user;
  cx_status status = cx_history_build(ctx, user, NULL, &history);
  if (status != CX_OK) {
    ck_assert_ptr_null(history);
    return status;
  }
  cx_table *table = (cx_table *)user;
  status = cx_history_to_table(ctx, history, &table);
  if (status != CX_OK) ck_assert_ptr_null(table);
  cx_table_free(table);
  cx_history_free(history);
  return status;
}

START_TEST(memory_may_be_short) {
  rows r = {.kinds = true, .orders = true};
  for (int i = 0; i < MANY; i++) add(&r, i % 5, i * DAY, i, i, CX_EVENT_PURCHASE);
  cx_table *table = table_of(NULL, &r);
  test_allocations(build, table, false);
  cx_table_free(table);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("history");
  TCase *tests = tcase_create("history");
  tcase_add_test(tests, purchases_are_counted_in_weeks_of_days);
  tcase_add_test(tests, the_whole_day_of_until_counts);
  tcase_add_test(tests, instants_count_when_days_are_not_merged);
  tcase_add_test(tests, rows_of_one_order_are_one_purchase);
  tcase_add_test(tests, a_return_takes_money_but_no_purchase);
  tcase_add_test(tests, long_histories_are_sorted);
  tcase_add_test(tests, texts_and_gaps_in_columns_are_read);
  tcase_add_test(tests, a_profile_has_a_history);
  tcase_add_test(tests, memory_may_be_short_for_a_profile);
  tcase_add_test(tests, errors_are_told);
  tcase_add_test(tests, it_can_be_cancelled);
  tcase_add_test(tests, memory_may_be_short);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

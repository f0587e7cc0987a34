/* SPDX-License-Identifier: MIT */
/* Tables built a value at a time, and how models ask for their columns. */
#include "support.h"
#include "table/table.h"

#include <math.h>

#define REQUIRE(condition)                                                                                             \
  do {                                                                                                                 \
    if (!(condition)) ck_abort_msg("%s", #condition);                                                                  \
  } while (0)

static cx__table_builder *begin(const cx_allocator *allocator) {
  static const char *const names[] = {"i", "d", "s", "t"};
  static const int32_t types[] = {CX_TYPE_INT64, CX_TYPE_DOUBLE, CX_TYPE_TEXT, CX_TYPE_TIME};
  cx__table_builder *builder = cx__table_builder_new(allocator);
  for (size_t i = 0; i < 4 && builder; i++) {
    if (cx__table_builder_add_column(builder, names[i], types[i])) continue;
    cx__table_builder_free(builder);
    return NULL;
  }
  return builder;
}

/** Row r is absent where r % period == period - 1; period 0: never. */
static bool is_absent(size_t r, size_t period) { return period > 0 && r % period == period - 1; }

static bool add_rows(cx__table_builder *builder, size_t rows, size_t period) {
  bool added = true;
  for (size_t r = 0; r < rows && added; r++) {
    if (is_absent(r, period)) {
      for (size_t c = 0; c < 4; c++) added = added && cx__table_builder_absent(builder, c);
      continue;
    }
    char text[32];
    const int size = snprintf(text, sizeof text, "%zu", r % 1000);
    added = cx__table_builder_int64(builder, 0, (int64_t)r) && cx__table_builder_double(builder, 1, (double)r / 4) &&
            cx__table_builder_text(builder, 2, (cx_text){text, (size_t)size}) &&
            cx__table_builder_int64(builder, 3, (int64_t)r * 1000);
  }
  return added;
}

static void check_rows(const cx_table *table, size_t rows, size_t period) {
  ck_assert_uint_eq(cx_table_rows(table), rows);
  cx_column c[4];
  for (size_t i = 0; i < 4; i++) {
    ck_assert_int_eq(cx_table_get_column(table, i, &c[i]), CX_OK);
    ck_assert((c[i].validity != NULL) == (period > 0 && rows >= period)); /* only when something is absent */
    ck_assert_ptr_nonnull(c[i].values);
  }
  for (size_t r = 0; r < rows; r++) {
    const bool absent = is_absent(r, period);
    for (size_t i = 0; i < 4; i++) REQUIRE(cx__column_present(&c[i], r) == !absent);
    char text[32] = "";
    if (!absent) snprintf(text, sizeof text, "%zu", r % 1000);
    REQUIRE(cx__column_int64(&c[0], r) == (absent ? 0 : (int64_t)r));
    REQUIRE(absent ? isnan(cx__column_double(&c[1], r)) : cx__column_double(&c[1], r) == (double)r / 4);
    REQUIRE(cx__text_is(cx__column_text(&c[2], r), text));
    REQUIRE(cx__column_int64(&c[3], r) == (absent ? CX_TIME_NONE : (int64_t)r * 1000));
  }
  if (rows % 8 != 0 && c[0].validity) REQUIRE(c[0].validity[rows / 8] >> (rows % 8) == 0);
}

START_TEST(values_come_back) {
  static const size_t sizes[] = {0, 1, 7, 8, 9, 15, 16, 17, 1000, 4099}, periods[] = {0, 1, 2, 3, 8, 9, 16, 500};
  cx__table_builder *builder = begin(cx__allocator(NULL));
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    for (size_t k = 0; k < sizeof periods / sizeof *periods; k++) {
      cx_table *table;
      ck_assert(add_rows(builder, sizes[i], periods[k]));
      ck_assert_int_eq(cx__table_builder_finish(NULL, builder, &table), CX_OK); /* and it is empty again */
      check_rows(table, sizes[i], periods[k]);
      cx_table_free(table);
    }
  }
  cx__table_builder_free(builder);
  cx__table_builder_free(NULL);
}
END_TEST

START_TEST(a_text_without_data_is_absent) {
  cx__table_builder *builder = cx__table_builder_new(cx__allocator(NULL));
  ck_assert(cx__table_builder_add_column(builder, "s", CX_TYPE_TEXT));
  ck_assert(cx__table_builder_text(builder, 0, (cx_text){NULL, 0}));
  ck_assert(cx__table_builder_text(builder, 0, (cx_text){"", 0}));
  cx_table *table;
  cx_column column;
  ck_assert_int_eq(cx__table_builder_finish(NULL, builder, &table), CX_OK);
  ck_assert_int_eq(cx_table_get_column(table, 0, &column), CX_OK);
  ck_assert(!cx__column_present(&column, 0) && cx__column_present(&column, 1));
  cx_table_free(table);
  cx__table_builder_free(builder);
}
END_TEST

START_TEST(columns_of_different_lengths_are_no_table) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx__table_builder *builder = begin(cx__allocator(ctx));
  cx_table *table = (cx_table *)ctx;
  ck_assert(cx__table_builder_int64(builder, 0, 1));
  ck_status(CX_ERR_SHAPE, cx__table_builder_finish(ctx, builder, &table));
  ck_assert_ptr_null(table);
  ck_assert(cx__table_builder_double(builder, 1, 1) && cx__table_builder_absent(builder, 2) &&
            cx__table_builder_absent(builder, 3));
  ck_ok(ctx, cx__table_builder_finish(ctx, builder, &table));
  cx_table_free(table);
  ck_assert(cx__table_builder_add_column(builder, "d", CX_TYPE_TIME));
  ck_status(CX_ERR_INVALID, cx__table_builder_finish(ctx, builder, &table));
  cx__table_builder_free(builder);
  cx_context_free(ctx);
}
END_TEST

START_TEST(models_ask_for_columns_by_type) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx__table_builder *builder = begin(cx__allocator(ctx));
  cx_table *table;
  ck_ok(ctx, cx__table_builder_finish(ctx, builder, &table));
  cx__table_builder_free(builder);
  cx_column column;
  bool found = true;
  ck_ok(ctx, cx__table_column(ctx, table, "x", 1u << CX_TYPE_TEXT, &column, &found));
  ck_assert(!found);
  ck_ok(ctx, cx__table_column(ctx, table, "t", 1u << CX_TYPE_TIME | 1u << CX_TYPE_INT64, &column, &found));
  ck_assert(found && column.type == CX_TYPE_TIME);
  ck_status(CX_ERR_TYPE, cx__table_column(ctx, table, "s", 1u << CX_TYPE_TIME | 1u << CX_TYPE_INT64, &column, &found));
  ck_assert(!found);
  ck_assert_str_eq(cx_context_error(ctx), "column \"s\" is text, it must be int64 or time");
  ck_status(CX_ERR_NOT_FOUND, cx__table_need_column(ctx, table, "x", 1u << CX_TYPE_TEXT, &column));
  ck_ok(ctx, cx__table_need_column(ctx, table, "d", 1u << CX_TYPE_DOUBLE, &column));
  cx_table_free(table);
  cx_context_free(ctx);
}
END_TEST

static cx_status build(void *user, cx_context *ctx) {
  (void)user;
  cx__table_builder *builder = begin(cx__allocator(ctx));
  if (!builder) return CX_ERR_NOMEM;
  cx_table *table = NULL;
  cx_status status = add_rows(builder, 100, 11) ? CX_OK : CX_ERR_NOMEM;
  if (status == CX_OK) status = cx__table_builder_finish(ctx, builder, &table);
  if (status == CX_OK) check_rows(table, 100, 11);
  cx_table_free(table);
  cx__table_builder_free(builder);
  return status;
}

START_TEST(failing_allocations) { test_allocations(build, NULL, false); }
END_TEST

int main(void) {
  Suite *suite = suite_create("builder");
  TCase *tests = tcase_create("builder");
  tcase_add_test(tests, values_come_back);
  tcase_add_test(tests, a_text_without_data_is_absent);
  tcase_add_test(tests, columns_of_different_lengths_are_no_table);
  tcase_add_test(tests, models_ask_for_columns_by_type);
  tcase_add_test(tests, failing_allocations);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

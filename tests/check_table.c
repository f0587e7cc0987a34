/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "table/arrow.h"

#include <errno.h>
#include <math.h>

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static const int64_t integers[] = {1, -2, 3, 4, 5, 6, 7, 8, 9};
static const double doubles[] = {0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5};
static const int64_t times[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
static const int64_t offsets[] = {2, 3, 3, 6, 8, 8, 9, 9, 9, 9};
static const char bytes[] = "..a\xE2\x82\xAC"
                            "bcd.";
static const uint8_t some[] = {0xF5, 0xFE}; /* rows 1, 3 and 8 are absent; bits behind the end are set */

#define ROWS 9
static const cx_column columns[] = {
    {.name = "i", .type = CX_TYPE_INT64, .values = integers, .validity = some},
    {.name = "d", .type = CX_TYPE_DOUBLE, .values = doubles, .validity = some},
    {.name = "s", .type = CX_TYPE_TEXT, .values = bytes, .offsets = offsets, .validity = some},
    {.name = "t", .type = CX_TYPE_TIME, .values = times, .validity = some},
    {.name = "all", .type = CX_TYPE_INT64, .values = integers},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static bool present(const cx_column *column, size_t row) {
  return !column->validity || (column->validity[row / 8] >> (row % 8) & 1) != 0;
}
static int64_t int64_at(const cx_column *column, size_t row) { return ((const int64_t *)column->values)[row]; }
static double double_at(const cx_column *column, size_t row) { return ((const double *)column->values)[row]; }

static bool text_is(const cx_column *column, size_t row, const char *expected) {
  const int64_t from = column->offsets[row], size = column->offsets[row + 1] - from;
  return (size_t)size == strlen(expected) && memcmp((const char *)column->values + from, expected, (size_t)size) == 0;
}

static cx_column column_of(const cx_table *table, const char *name, int32_t type) {
  cx_column column;
  ck_assert_int_eq(cx_table_find_column(NULL, table, name, &column), CX_OK);
  ck_assert_int_eq(column.type, type);
  ck_assert_str_eq(column.name, name);
  return column;
}

static void check_content(const cx_table *table) {
  ck_assert_uint_eq(cx_table_rows(table), ROWS);
  ck_assert_uint_eq(cx_table_columns(table), COLUMNS);
  const cx_column i = column_of(table, "i", CX_TYPE_INT64), d = column_of(table, "d", CX_TYPE_DOUBLE),
                  s = column_of(table, "s", CX_TYPE_TEXT), t = column_of(table, "t", CX_TYPE_TIME),
                  all = column_of(table, "all", CX_TYPE_INT64);
  static const char *const texts[] = {"a", "", "\xE2\x82\xAC", "", "", "d", "", "", ""};
  ck_assert_ptr_null(all.validity);
  ck_assert_uint_eq(i.validity[1], 0); /* bits behind the last row are 0 */
  for (size_t r = 0; r < ROWS; r++) {
    const bool there = r != 1 && r != 3 && r != 8;
    ck_assert(present(&i, r) == there && present(&d, r) == there && present(&s, r) == there && present(&t, r) == there);
    ck_assert_int_eq(int64_at(&i, r), there ? integers[r] : 0);
    ck_assert_int_eq(int64_at(&t, r), there ? times[r] : CX_TIME_NONE);
    ck_assert(there ? double_at(&d, r) == doubles[r] : isnan(double_at(&d, r)));
    ck_assert(text_is(&s, r, texts[r]));
    ck_assert_int_eq(int64_at(&all, r), integers[r]);
  }
}

static cx_table *example(cx_context *ctx) {
  cx_table *table;
  ck_ok(ctx, cx_table_new(ctx, columns, COLUMNS, ROWS, &table));
  return table;
}

START_TEST(a_table_copies_its_columns) {
  cx_table *table = example(NULL);
  check_content(table);
  cx_column column;
  ck_assert_int_eq(cx_table_get_column(table, 2, &column), CX_OK);
  ck_assert_str_eq(column.name, "s");
  ck_assert_int_eq(column.offsets[0], 0);
  ck_assert_ptr_ne(column.values, bytes);
  cx_table_free(table);
  cx_table_free(NULL);
}
END_TEST

START_TEST(a_bitmap_without_absent_rows_is_left_out) {
  static const uint8_t all[] = {0xFF, 0x01};
  cx_column column = columns[0];
  column.validity = all;
  cx_table *table;
  ck_assert_int_eq(cx_table_new(NULL, &column, 1, ROWS, &table), CX_OK);
  ck_assert_int_eq(cx_table_get_column(table, 0, &column), CX_OK);
  ck_assert_ptr_null(column.validity);
  cx_table_free(table);
}
END_TEST

START_TEST(tables_may_be_empty) {
  cx_table *table;
  ck_assert_int_eq(cx_table_new(NULL, NULL, 0, 0, &table), CX_OK);
  ck_assert_uint_eq(cx_table_columns(table), 0);
  cx_table_free(table);
  ck_assert_int_eq(cx_table_new(NULL, columns, COLUMNS, 0, &table), CX_OK);
  for (size_t i = 0; i < COLUMNS; i++) {
    cx_column column;
    ck_assert_int_eq(cx_table_get_column(table, i, &column), CX_OK);
    ck_assert_ptr_nonnull(column.values);
    ck_assert_ptr_null(column.validity);
    ck_assert(column.type != CX_TYPE_TEXT || column.offsets[0] == 0);
  }
  cx_table_free(table);
}
END_TEST

START_TEST(arguments_are_checked) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_table *table = (cx_table *)ctx;
  ck_status(CX_ERR_INVALID, cx_table_new(ctx, NULL, 1, 1, &table));
  ck_assert_ptr_null(table);
  ck_status(CX_ERR_INVALID, cx_table_new(ctx, columns, 1, ROWS, NULL));
  static const int64_t descending[] = {0, 2, 1}, negative[] = {-1, 0, 1}, split[] = {2, 4, 6};
  const struct {
    cx_column column;
    cx_status status;
    const char *error;
  } cases[] = {
      {{.name = NULL, .type = 1, .values = integers}, CX_ERR_INVALID, "column 0 has no name"},
      {{.name = "", .type = 1, .values = integers}, CX_ERR_INVALID, "column 0 has no name"},
      {{.name = "\xFF", .type = 1, .values = integers}, CX_ERR_INVALID, "name of column 0 is not utf-8"},
      {{.name = "a", .type = 0, .values = integers}, CX_ERR_TYPE, "column \"a\" has the unknown type 0"},
      {{.name = "a", .type = 5, .values = integers}, CX_ERR_TYPE, "column \"a\" has the unknown type 5"},
      {{.name = "a", .type = 1}, CX_ERR_INVALID, "column \"a\" has no values"},
      {{.name = "a", .type = 3, .values = bytes}, CX_ERR_INVALID, "column \"a\" has no offsets"},
      {{.name = "a", .type = 3, .offsets = offsets}, CX_ERR_INVALID, "column \"a\" has no values"},
      {{.name = "a", .type = 3, .values = bytes, .offsets = descending},
       CX_ERR_SHAPE,
       "column \"a\" has descending offsets (row 1)"},
      {{.name = "a", .type = 3, .values = bytes, .offsets = negative},
       CX_ERR_SHAPE,
       "column \"a\" has a negative offset"},
      {{.name = "a", .type = 3, .values = bytes, .offsets = split},
       CX_ERR_INVALID,
       "column \"a\" holds text that is not utf-8"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ck_status(cases[i].status, cx_table_new(ctx, &cases[i].column, 1, 2, &table));
    ck_assert_str_eq(cx_context_error(ctx), cases[i].error);
    ck_assert_ptr_null(table);
  }
  const cx_column twice[] = {columns[0], columns[1], columns[0]};
  ck_status(CX_ERR_INVALID, cx_table_new(ctx, twice, 3, ROWS, &table));
  ck_assert_str_eq(cx_context_error(ctx), "two columns are named \"i\"");

  table = example(ctx);
  cx_column column = {.type = 77};
  ck_status(CX_ERR_RANGE, cx_table_get_column(table, COLUMNS, &column));
  ck_status(CX_ERR_INVALID, cx_table_get_column(NULL, 0, &column));
  ck_status(CX_ERR_INVALID, cx_table_get_column(table, 0, NULL));
  ck_status(CX_ERR_NOT_FOUND, cx_table_find_column(ctx, table, "I", &column));
  ck_assert_str_eq(cx_context_error(ctx), "the table has no column \"I\"");
  ck_status(CX_ERR_INVALID, cx_table_find_column(ctx, NULL, "i", &column));
  ck_status(CX_ERR_INVALID, cx_table_find_column(ctx, table, NULL, &column));
  ck_status(CX_ERR_INVALID, cx_table_find_column(ctx, table, "i", NULL));
  ck_assert_int_eq(column.type, 77);
  ck_assert_uint_eq(cx_table_rows(NULL), 0);
  ck_assert_uint_eq(cx_table_columns(NULL), 0);
  cx_table_free(table);
  cx_context_free(ctx);
}
END_TEST

/* ---- arrow by hand ---------------------------------------------------------------------------------------------- */

#define HAND_MAX 4
/** A struct array with up to HAND_MAX columns; the releases are counted. */
typedef struct hand {
  struct ArrowSchema schema, fields[HAND_MAX], *field_pointers[HAND_MAX], words_schema;
  struct ArrowArray array, values[HAND_MAX], *value_pointers[HAND_MAX], words;
  const void *root[1], *buffers[HAND_MAX][3], *word_buffers[3];
  int schemas_released, arrays_released;
} hand;

static void release_schema(struct ArrowSchema *schema) {
  *(int *)schema->private_data += 1;
  schema->release = NULL;
}

static void release_array(struct ArrowArray *array) {
  *(int *)array->private_data += 1;
  array->release = NULL;
}

static void hand_begin(hand *h, int64_t length, int64_t offset) {
  memset(h, 0, sizeof *h);
  h->schema = (struct ArrowSchema){.format = "+s",
                                   .name = "",
                                   .children = h->field_pointers,
                                   .release = release_schema,
                                   .private_data = &h->schemas_released};
  h->array = (struct ArrowArray){.length = length,
                                 .offset = offset,
                                 .n_buffers = 1,
                                 .buffers = h->root,
                                 .children = h->value_pointers,
                                 .release = release_array,
                                 .private_data = &h->arrays_released};
}

static void hand_column(hand *h, const char *name, const char *format, int64_t length, int64_t offset,
                        const void *validity, const void *first, const void *second) {
  const int64_t i = h->schema.n_children++;
  h->array.n_children++;
  h->fields[i] = (struct ArrowSchema){.format = format, .name = name, .flags = ARROW_FLAG_NULLABLE};
  h->values[i] = (struct ArrowArray){.length = length,
                                     .null_count = -1,
                                     .offset = offset,
                                     .n_buffers = format[0] == 'u' || format[0] == 'U' ? 3 : 2,
                                     .buffers = h->buffers[i]};
  h->buffers[i][0] = validity;
  h->buffers[i][1] = first;
  h->buffers[i][2] = second;
  h->field_pointers[i] = &h->fields[i];
  h->value_pointers[i] = &h->values[i];
}

/** Column 0 becomes numbers of these words. */
static void hand_words(hand *h, int64_t length, int64_t offset, const void *validity, const int32_t *ends,
                       const char *text) {
  h->words_schema = (struct ArrowSchema){.format = "u", .name = ""};
  h->words = (struct ArrowArray){
      .length = length, .null_count = -1, .offset = offset, .n_buffers = 3, .buffers = h->word_buffers};
  h->word_buffers[0] = validity;
  h->word_buffers[1] = ends;
  h->word_buffers[2] = text;
  h->fields[0].dictionary = &h->words_schema;
  h->values[0].dictionary = &h->words;
}

static cx_table *hand_import(hand *h) {
  cx_table *table = NULL;
  ck_assert_int_eq(cx_table_import_array(NULL, &h->schema, &h->array, &table), CX_OK);
  ck_assert_int_eq(h->schemas_released, 1);
  ck_assert_int_eq(h->arrays_released, 1);
  return table;
}

static void hand_refused(hand *h, cx_status status, const char *error) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_table *table = (cx_table *)ctx;
  ck_status(status, cx_table_import_array(ctx, &h->schema, &h->array, &table));
  ck_assert_str_eq(cx_context_error(ctx), error);
  ck_assert_ptr_null(table);
  ck_assert_int_eq(h->schemas_released + h->arrays_released, 0); /* they are the caller's still */
  cx_context_free(ctx);
}

START_TEST(integers_of_every_width_are_imported) {
  static const int8_t c[] = {99, -128, 127};
  static const uint8_t C[] = {99, 0, 255};
  static const int16_t s[] = {99, INT16_MIN, INT16_MAX};
  static const uint16_t S[] = {99, 0, UINT16_MAX};
  static const int32_t i[] = {99, INT32_MIN, INT32_MAX};
  static const uint32_t I[] = {99, 0, UINT32_MAX};
  static const int64_t l[] = {99, INT64_MIN, INT64_MAX};
  static const uint64_t L[] = {99, 0, INT64_MAX};
  static const uint8_t b[] = {0x05};
  const struct {
    const char *format;
    const void *values;
    int64_t low, high;
  } cases[] = {{"c", c, -128, 127},
               {"C", C, 0, 255},
               {"s", s, INT16_MIN, INT16_MAX},
               {"S", S, 0, UINT16_MAX},
               {"i", i, INT32_MIN, INT32_MAX},
               {"I", I, 0, UINT32_MAX},
               {"l", l, INT64_MIN, INT64_MAX},
               {"L", L, 0, INT64_MAX},
               {"b", b, 0, 1}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    hand h;
    hand_begin(&h, 2, 0);
    hand_column(&h, "x", cases[k].format, 2, 1, NULL, cases[k].values, NULL);
    cx_table *table = hand_import(&h);
    const cx_column column = column_of(table, "x", CX_TYPE_INT64);
    ck_assert_int_eq(int64_at(&column, 0), cases[k].low);
    ck_assert_int_eq(int64_at(&column, 1), cases[k].high);
    ck_assert_ptr_null(column.validity);
    cx_table_free(table);
  }
  static const uint64_t large[] = {1, UINT64_C(1) << 63};
  hand h;
  hand_begin(&h, 2, 0);
  hand_column(&h, "big", "L", 2, 0, NULL, large, NULL);
  hand_refused(&h, CX_ERR_RANGE, "column \"big\": a value is out of range (row 1 of the array)");
}
END_TEST

START_TEST(numbers_and_texts_are_imported_from_any_offset) {
  static const float f[] = {9, 9, 0.5f, 9, 0.25f};
  static const double g[] = {9, 9, 1.5, 9, 2.5};
  static const int32_t u[] = {0, 1, 2, 4, 5, 5};
  static const int64_t U[] = {0, 1, 2, 4, 5, 5};
  static const uint8_t validity[] = {0x17}; /* row 3 of the buffers is absent */
  hand h;
  hand_begin(&h, 3, 1);
  hand_column(&h, "f", "f", 4, 1, validity, f, NULL);
  hand_column(&h, "g", "g", 4, 1, validity, g, NULL);
  hand_column(&h, "u", "u", 4, 1, validity, u, "12abX");
  hand_column(&h, "U", "U", 4, 1, NULL, U, "12abX");
  cx_table *table = hand_import(&h);
  ck_assert_uint_eq(cx_table_rows(table), 3);
  const cx_column cf = column_of(table, "f", CX_TYPE_DOUBLE), cg = column_of(table, "g", CX_TYPE_DOUBLE),
                  cu = column_of(table, "u", CX_TYPE_TEXT), cU = column_of(table, "U", CX_TYPE_TEXT);
  ck_assert(double_at(&cf, 0) == 0.5 && isnan(double_at(&cf, 1)) && double_at(&cf, 2) == 0.25);
  ck_assert(double_at(&cg, 0) == 1.5 && !present(&cg, 1) && double_at(&cg, 2) == 2.5);
  ck_assert(text_is(&cu, 0, "ab") && !present(&cu, 1) && present(&cu, 2) && text_is(&cu, 2, ""));
  ck_assert(text_is(&cU, 0, "ab") && text_is(&cU, 1, "X") && text_is(&cU, 2, "") && !cU.validity);
  cx_table_free(table);
}
END_TEST

START_TEST(absent_rows_of_the_struct_are_absent) {
  static const uint8_t rows[] = {0x05};
  hand h;
  hand_begin(&h, 3, 0);
  h.root[0] = rows;
  hand_column(&h, "l", "l", 3, 0, NULL, integers, NULL);
  cx_table *table = hand_import(&h);
  const cx_column column = column_of(table, "l", CX_TYPE_INT64);
  ck_assert(present(&column, 0) && !present(&column, 1) && present(&column, 2));
  cx_table_free(table);
}
END_TEST

START_TEST(dictionaries_are_resolved) {
  static const uint8_t numbers[] = {9, 1, 0, 2, 1};
  static const int32_t ends[] = {0, 1, 3, 3, 6};
  static const uint8_t words_there[] = {0x0D}; /* word 0 is absent */
  hand h;
  hand_begin(&h, 4, 0);
  hand_column(&h, "w", "C", 4, 1, NULL, numbers, NULL);
  hand_words(&h, 3, 1, words_there, ends, "abbccc");
  cx_table *table = hand_import(&h);
  const cx_column column = column_of(table, "w", CX_TYPE_TEXT);
  ck_assert(text_is(&column, 0, "") && present(&column, 0));
  ck_assert(!present(&column, 1));
  ck_assert(text_is(&column, 2, "ccc"));
  cx_table_free(table);
  hand_begin(&h, 4, 0);
  hand_column(&h, "w", "C", 4, 0, NULL, numbers, NULL);
  hand_words(&h, 3, 1, words_there, ends, "abbccc");
  hand_refused(&h, CX_ERR_RANGE, "column \"w\": a value is out of range (row 0 of the array)");
  hand_begin(&h, 4, 0);
  hand_column(&h, "w", "g", 4, 0, NULL, numbers, NULL);
  hand_words(&h, 3, 1, words_there, ends, "abbccc");
  hand_refused(&h, CX_ERR_TYPE, "column \"w\" is of a type that tables do not have (arrow format dictionary)");
}
END_TEST

START_TEST(dates_and_timestamps_become_microseconds) {
  static const int32_t days[] = {1, -1};
  static const int64_t ticks[] = {1500, -1};
  const struct {
    const char *format;
    const void *values;
    int64_t first, second;
  } cases[] = {{"tdD", days, INT64_C(86400000000), INT64_C(-86400000000)},
               {"tdm", ticks, 1500000, -1000},
               {"tss:", ticks, INT64_C(1500000000), -1000000},
               {"tsm:UTC", ticks, 1500000, -1000},
               {"tsu:Europe/London", ticks, 1500, -1},
               {"tsn:+02:00", ticks, 1, -1}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    hand h;
    hand_begin(&h, 2, 0);
    hand_column(&h, "t", cases[k].format, 2, 0, NULL, cases[k].values, NULL);
    cx_table *table = hand_import(&h);
    const cx_column column = column_of(table, "t", CX_TYPE_TIME);
    ck_assert_int_eq(int64_at(&column, 0), cases[k].first);
    ck_assert_int_eq(int64_at(&column, 1), cases[k].second);
    cx_table_free(table);
  }
  static const int64_t far[] = {INT64_MAX / 1000000 + 1};
  static const int32_t far_day[] = {INT32_MAX};
  hand h;
  hand_begin(&h, 1, 0);
  hand_column(&h, "t", "tss:", 1, 0, NULL, far, NULL);
  hand_refused(&h, CX_ERR_RANGE, "column \"t\": a value is out of range (row 0 of the array)");
  hand_begin(&h, 1, 0);
  hand_column(&h, "t", "tdD", 1, 0, NULL, far_day, NULL);
  hand_refused(&h, CX_ERR_RANGE, "column \"t\": a value is out of range (row 0 of the array)");
}
END_TEST

START_TEST(other_types_are_refused_by_name) {
  static const char *const formats[] = {"n",   "e",   "z",   "Z",  "vu", "w:16", "d:10,2",
                                        "tts", "tDs", "tiM", "+l", "+s", "",     "tss"};
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    hand h;
    char error[128];
    hand_begin(&h, 1, 0);
    hand_column(&h, "ok", "l", 1, 0, NULL, integers, NULL);
    hand_column(&h, "odd", formats[i], 1, 0, NULL, integers, NULL);
    snprintf(error, sizeof error, "column \"odd\" is of a type that tables do not have (arrow format %s)", formats[i]);
    hand_refused(&h, CX_ERR_TYPE, error);
  }
  hand h;
  hand_begin(&h, 1, 0);
  h.schema.format = "l";
  hand_refused(&h, CX_ERR_TYPE, "the arrow data are not a struct of columns");
}
END_TEST

START_TEST(arrays_that_do_not_fit_are_refused) {
  static const int32_t descending[] = {0, 2, 1};
  static const int32_t split[] = {0, 1, 3};
  hand h;
  hand_begin(&h, 2, 1);
  hand_column(&h, "l", "l", 2, 0, NULL, integers, NULL);
  hand_refused(&h, CX_ERR_SHAPE, "column \"l\" is shorter than its array says");
  hand_begin(&h, 2, 0);
  hand_column(&h, "l", "l", 2, -1, NULL, integers, NULL);
  hand_refused(&h, CX_ERR_SHAPE, "column \"l\" is shorter than its array says");
  hand_begin(&h, 2, 0);
  hand_column(&h, "l", "l", 2, 0, NULL, integers, NULL);
  h.array.n_children = 0;
  hand_refused(&h, CX_ERR_SHAPE, "the arrow array and its schema differ in their number of columns");
  hand_begin(&h, 2, 0);
  hand_column(&h, "u", "u", 2, 0, NULL, descending, "abc");
  hand_refused(&h, CX_ERR_SHAPE, "column \"u\": the offsets descend (row 1 of the array)");
  hand_begin(&h, 2, 0);
  hand_column(&h, "u", "u", 2, 0, NULL, split, "\xC3\xA4x");
  hand_refused(&h, CX_ERR_INVALID, "column \"u\": a text is not utf-8 (row 0 of the array)");
  hand_begin(&h, 2, 0);
  hand_column(&h, NULL, "l", 2, 0, NULL, integers, NULL);
  hand_refused(&h, CX_ERR_INVALID, "column 0 has no name");
  hand_begin(&h, -1, 0);
  hand_refused(&h, CX_ERR_SHAPE, "the arrow array is not a struct array");
  hand_begin(&h, 0, 0);
  h.schema.release = NULL;
  hand_refused(&h, CX_ERR_INVALID, "the arrow structs have been released already");
  cx_table *table;
  ck_status(CX_ERR_INVALID, cx_table_import_array(NULL, NULL, &h.array, &table));
  ck_status(CX_ERR_INVALID, cx_table_import_array(NULL, &h.schema, NULL, &table));
  ck_status(CX_ERR_INVALID, cx_table_import_array(NULL, &h.schema, &h.array, NULL));
}
END_TEST

/* ---- arrow streams ---------------------------------------------------------------------------------------------- */

/** A stream of `batches` arrays of two rows; call number fail_at of get_next fails. */
typedef struct stream_state {
  int batches, given, released, fail_at, error;
  hand h;
  int64_t values[2];
} stream_state;

static int state_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  stream_state *state = stream->private_data;
  if (state->fail_at == -1) return state->error;
  hand_begin(&state->h, 2, 0);
  hand_column(&state->h, "x", "l", 2, 0, NULL, state->values, NULL);
  *out = state->h.schema;
  return 0;
}

static int state_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  stream_state *state = stream->private_data;
  if (state->given == state->fail_at) return state->error;
  memset(out, 0, sizeof *out);
  if (state->given == state->batches) return 0;
  state->values[0] = 2 * state->given;
  state->values[1] = 2 * state->given + 1;
  state->given++;
  *out = state->h.array;
  return 0;
}

static const char *state_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return "something";
}

static void state_release(struct ArrowArrayStream *stream) {
  ((stream_state *)stream->private_data)->released++;
  stream->release = NULL;
}

static struct ArrowArrayStream stream_of(stream_state *state, int batches) {
  memset(state, 0, sizeof *state);
  state->batches = batches;
  state->fail_at = -2;
  return (struct ArrowArrayStream){state_schema, state_next, state_error, state_release, state};
}

START_TEST(streams_of_several_batches_are_imported) {
  for (int batches = 0; batches < 4; batches++) {
    stream_state state;
    struct ArrowArrayStream stream = stream_of(&state, batches);
    cx_table *table;
    ck_assert_int_eq(cx_table_import_stream(NULL, &stream, &table), CX_OK);
    ck_assert(stream.release == NULL);
    ck_assert_int_eq(state.released, 1);
    ck_assert_int_eq(state.h.arrays_released, batches);
    ck_assert_int_eq(state.h.schemas_released, 1);
    ck_assert_uint_eq(cx_table_rows(table), 2 * (size_t)batches);
    const cx_column column = column_of(table, "x", CX_TYPE_INT64);
    for (int i = 0; i < 2 * batches; i++) ck_assert_int_eq(int64_at(&column, (size_t)i), i);
    cx_table_free(table);
  }
}
END_TEST

START_TEST(a_failing_stream_is_the_callers_still) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_table *table = (cx_table *)ctx;
  static const int numbers[] = {-1, 0, 1};
  for (size_t i = 0; i < 3; i++) {
    stream_state state;
    struct ArrowArrayStream stream = stream_of(&state, 3);
    state.fail_at = numbers[i];
    state.error = EIO;
    ck_status(CX_ERR_IO, cx_table_import_stream(ctx, &stream, &table));
    ck_assert_ptr_null(table);
    ck_assert(stream.release != NULL);
    ck_assert_int_eq(state.released, 0);
    ck_assert_int_eq(state.h.arrays_released, state.given);
    state.error = ENOMEM;
    ck_status(CX_ERR_NOMEM, cx_table_import_stream(ctx, &stream, &table));
  }
  struct ArrowArrayStream released = {.release = NULL};
  ck_status(CX_ERR_INVALID, cx_table_import_stream(ctx, &released, &table));
  ck_status(CX_ERR_INVALID, cx_table_import_stream(ctx, NULL, &table));
  ck_status(CX_ERR_INVALID, cx_table_import_stream(ctx, &released, NULL));
  cx_context_free(ctx);
}
END_TEST

/* ---- export ----------------------------------------------------------------------------------------------------- */

START_TEST(a_table_is_exported_without_a_copy) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_table *table = example(ctx);
  cx_column column;
  ck_assert_int_eq(cx_table_get_column(table, 2, &column), CX_OK);
  struct ArrowSchema schema;
  struct ArrowArray array;
  ck_ok(ctx, cx_table_export_array(ctx, table, &schema, &array));
  cx_table_free(table);
  ck_assert_str_eq(schema.format, "+s");
  ck_assert_int_eq(schema.n_children, COLUMNS);
  ck_assert_int_eq(array.n_children, COLUMNS);
  ck_assert_int_eq(array.length, ROWS);
  static const char *const formats[] = {"l", "g", "U", "tsu:UTC", "l"};
  for (size_t i = 0; i < COLUMNS; i++) {
    ck_assert_str_eq(schema.children[i]->format, formats[i]);
    ck_assert_str_eq(schema.children[i]->name, columns[i].name);
    ck_assert_int_eq(schema.children[i]->flags, ARROW_FLAG_NULLABLE);
    ck_assert_int_eq(array.children[i]->null_count, i == 4 ? 0 : 3);
    ck_assert_int_eq(array.children[i]->n_buffers, i == 2 ? 3 : 2);
  }
  ck_assert_ptr_null(array.children[4]->buffers[0]);
  ck_assert_ptr_eq(array.children[2]->buffers[1], column.offsets);
  ck_assert_ptr_eq(array.children[2]->buffers[2], column.values);
  cx_table *again;
  ck_ok(ctx, cx_table_import_array(ctx, &schema, &array, &again));
  ck_assert(schema.release == NULL);
  ck_assert(array.release == NULL);
  check_content(again);
  cx_table_free(again);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(a_child_may_be_moved_out) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_table *table = example(ctx);
  struct ArrowSchema schema;
  struct ArrowArray array;
  ck_ok(ctx, cx_table_export_array(ctx, table, &schema, &array));
  struct ArrowArray child = *array.children[0];
  struct ArrowSchema field = *schema.children[0];
  array.children[0]->release = NULL;
  schema.children[0]->release = NULL;
  array.release(&array);
  schema.release(&schema);
  ck_assert(array.release == NULL);
  ck_assert(schema.release == NULL);
  cx_table_free(table);
  cx_context_free(ctx);
  ck_assert_str_eq(field.name, "i");
  ck_assert_int_eq(((const int64_t *)child.buffers[1])[2], 3);
  child.release(&child);
  field.release(&field);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(a_table_is_exported_as_a_stream) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_table *table = example(ctx), *again;
  struct ArrowArrayStream stream;
  ck_ok(ctx, cx_table_export_stream(ctx, table, &stream));
  cx_table_free(table);
  struct ArrowArray first, second;
  struct ArrowSchema schema;
  ck_assert_int_eq(stream.get_schema(&stream, &schema), 0);
  ck_assert_int_eq(stream.get_next(&stream, &first), 0);
  ck_assert_int_eq(stream.get_next(&stream, &second), 0);
  ck_assert_ptr_null(stream.get_last_error(&stream));
  ck_assert(second.release == NULL);
  stream.release(&stream);
  ck_assert(stream.release == NULL);
  ck_ok(ctx, cx_table_import_array(ctx, &schema, &first, &again));
  check_content(again);
  ck_ok(ctx, cx_table_export_stream(ctx, again, &stream));
  cx_table_free(again);
  ck_ok(ctx, cx_table_import_stream(ctx, &stream, &again));
  check_content(again);
  cx_table_free(again);
  ck_status(CX_ERR_INVALID, cx_table_export_stream(ctx, NULL, &stream));
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(export_checks_its_arguments) {
  cx_table *table = example(NULL);
  struct ArrowSchema schema = {.n_children = 77};
  struct ArrowArray array = {.length = 77};
  ck_status(CX_ERR_INVALID, cx_table_export_array(NULL, NULL, &schema, &array));
  ck_status(CX_ERR_INVALID, cx_table_export_array(NULL, table, NULL, &array));
  ck_status(CX_ERR_INVALID, cx_table_export_array(NULL, table, &schema, NULL));
  ck_status(CX_ERR_INVALID, cx_table_export_stream(NULL, table, NULL));
  ck_assert_int_eq(schema.n_children, 77);
  ck_assert_int_eq(array.length, 77);
  cx_table_free(table);
}
END_TEST

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static cx_status make(void *user, cx_context *ctx) {
  (void)user;
  cx_table *table = (cx_table *)ctx;
  const cx_status status = cx_table_new(ctx, columns, COLUMNS, ROWS, &table);
  ck_assert(status == CX_OK || !table);
  cx_table_free(table);
  return status;
}

static cx_status import_hand(void *user, cx_context *ctx) {
  (void)user;
  static const uint8_t validity[] = {0x02}, numbers[] = {0, 1, 1};
  static const int32_t ends[] = {0, 1, 2, 3};
  hand h;
  hand_begin(&h, 3, 0);
  hand_column(&h, "w", "C", 3, 0, validity, numbers, NULL);
  hand_words(&h, 2, 0, NULL, ends, "abc");
  hand_column(&h, "u", "u", 3, 0, NULL, ends, "abc");
  hand_column(&h, "g", "g", 3, 0, validity, doubles, NULL);
  cx_table *table = (cx_table *)ctx;
  const cx_status status = cx_table_import_array(ctx, &h.schema, &h.array, &table);
  ck_assert(status == CX_OK || !table);
  ck_assert_int_eq(h.schemas_released, status == CX_OK);
  ck_assert_int_eq(h.arrays_released, status == CX_OK);
  cx_table_free(table);
  return status;
}

static cx_status export_array(void *user, cx_context *ctx) {
  struct ArrowSchema schema = {.n_children = 77};
  struct ArrowArray array = {.length = 77};
  const cx_status status = cx_table_export_array(ctx, user, &schema, &array);
  ck_assert(status == CX_OK || (schema.n_children == 77 && array.length == 77));
  if (status != CX_OK) return status;
  array.release(&array);
  schema.release(&schema);
  return status;
}

static cx_status through_stream(void *user, cx_context *ctx) {
  struct ArrowArrayStream stream = {.release = NULL};
  cx_status status = cx_table_export_stream(ctx, user, &stream);
  ck_assert((status == CX_OK) == (stream.release != NULL));
  if (status != CX_OK) return status;
  cx_table *table = NULL;
  status = cx_table_import_stream(ctx, &stream, &table);
  ck_assert((status == CX_OK) == (stream.release == NULL));
  if (stream.release) stream.release(&stream);
  cx_table_free(table);
  return status;
}

static cx_status find(void *user, cx_context *ctx) {
  cx_column column;
  return cx_table_find_column(ctx, user, "t", &column);
}

START_TEST(a_failing_allocation_is_an_error) {
  cx_table *table = example(NULL);
  test_allocations(make, NULL, false);
  test_allocations(import_hand, NULL, false);
  test_allocations(export_array, table, false);
  test_allocations(through_stream, table, false);
  test_allocations(find, table, true);
  check_content(table);
  cx_table_free(table);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("table");
  TCase *tests = tcase_create("table");
  tcase_add_test(tests, a_table_copies_its_columns);
  tcase_add_test(tests, a_bitmap_without_absent_rows_is_left_out);
  tcase_add_test(tests, tables_may_be_empty);
  tcase_add_test(tests, arguments_are_checked);
  tcase_add_test(tests, integers_of_every_width_are_imported);
  tcase_add_test(tests, numbers_and_texts_are_imported_from_any_offset);
  tcase_add_test(tests, absent_rows_of_the_struct_are_absent);
  tcase_add_test(tests, dictionaries_are_resolved);
  tcase_add_test(tests, dates_and_timestamps_become_microseconds);
  tcase_add_test(tests, other_types_are_refused_by_name);
  tcase_add_test(tests, arrays_that_do_not_fit_are_refused);
  tcase_add_test(tests, streams_of_several_batches_are_imported);
  tcase_add_test(tests, a_failing_stream_is_the_callers_still);
  tcase_add_test(tests, a_table_is_exported_without_a_copy);
  tcase_add_test(tests, a_child_may_be_moved_out);
  tcase_add_test(tests, a_table_is_exported_as_a_stream);
  tcase_add_test(tests, export_checks_its_arguments);
  tcase_add_test(tests, a_failing_allocation_is_an_error);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <locale.h>
#include <math.h>

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static cx_format_source source_of(const char *data, size_t size) {
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.data = data;
  source.data_size = size;
  return source;
}

static cx_format_csv_options options_of(const cx_format_column *columns, size_t count) {
  cx_format_csv_options opts;
  ck_assert_int_eq(cx_format_csv_options_init(&opts, sizeof opts), CX_OK);
  opts.columns = columns;
  opts.columns_count = count;
  return opts;
}

#define OPTIONS(columns) options_of((columns), sizeof(columns) / sizeof *(columns))

/** Opens the text and reads all of it. */
static cx_status read_text(cx_context *ctx, const char *text, const cx_format_csv_options *opts, cx_table **out) {
  const cx_format_source source = source_of(text, strlen(text));
  cx_format *format = NULL;
  *out = NULL;
  cx_status status = cx_format_open_csv(ctx, &source, opts, &format);
  if (status == CX_OK) status = cx_format_read(ctx, format, 0, out);
  cx_format_free(format);
  return status;
}

static bool present(const cx_column *column, size_t row) {
  return !column->validity || (column->validity[row / 8] >> (row % 8) & 1) != 0;
}

static cx_column column_of(const cx_table *table, const char *name, int32_t type) {
  cx_column column;
  ck_assert_int_eq(cx_table_find_column(NULL, table, name, &column), CX_OK);
  ck_assert_int_eq(column.type, type);
  return column;
}

static int64_t int64_at(const cx_column *column, size_t row) { return ((const int64_t *)column->values)[row]; }
static double double_at(const cx_column *column, size_t row) { return ((const double *)column->values)[row]; }
static const char *text_at(const cx_column *column, size_t row) {
  static char text[256];
  if (!present(column, row)) return "(absent)";
  const int64_t from = column->offsets[row], to = column->offsets[row + 1];
  ck_assert(to - from < 256);
  memcpy(text, (const char *)column->values + from, (size_t)(to - from));
  text[to - from] = '\0';
  return text;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

START_TEST(options_have_defaults) {
  cx_format_csv_options opts;
  ck_status(CX_ERR_INVALID, cx_format_csv_options_init(NULL, sizeof opts));
  ck_status(CX_ERR_INVALID, cx_format_csv_options_init(&opts, 1));
  ck_assert_int_eq(cx_format_csv_options_init(&opts, sizeof opts), CX_OK);
  ck_assert_uint_eq(opts.size, sizeof opts);
  ck_assert_int_eq(opts.header, 1);
  ck_assert_int_eq(opts.decimal, '.');
  cx_format_source source;
  ck_status(CX_ERR_INVALID, cx_format_source_init(&source, 5000));
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  ck_assert_uint_eq(source.size, sizeof source);
}
END_TEST

START_TEST(all_columns_are_text_unless_chosen) {
  cx_table *table;
  ck_assert_int_eq(read_text(NULL, "name, n ,\nAda,1,\"\"\n,2,x\n", NULL, &table), CX_OK);
  ck_assert_uint_eq(cx_table_rows(table), 2);
  ck_assert_uint_eq(cx_table_columns(table), 3);
  cx_column column = column_of(table, "name", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 0), "Ada");
  ck_assert_str_eq(text_at(&column, 1), "(absent)");
  column = column_of(table, "n", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 1), "2");
  column = column_of(table, "3", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 0), "");
  ck_assert_str_eq(text_at(&column, 1), "x");
  cx_table_free(table);
}
END_TEST

START_TEST(the_first_field_may_be_quoted_and_empty) {
  cx_table *table;
  ck_assert_int_eq(read_text(NULL, "a,b\n\"\",\n,\"\"\n\"\"\"\",x\n", NULL, &table), CX_OK);
  cx_column column = column_of(table, "a", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 0), "");
  ck_assert_str_eq(text_at(&column, 1), "(absent)");
  ck_assert_str_eq(text_at(&column, 2), "\"");
  column = column_of(table, "b", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 0), "(absent)");
  ck_assert_str_eq(text_at(&column, 1), "");
  cx_table_free(table);
}
END_TEST

START_TEST(columns_are_chosen_typed_and_renamed) {
  static const cx_format_column columns[] = {{.column = "when", .name = "time", .type = CX_TYPE_TIME},
                                             {.column = "qty", .type = CX_TYPE_INT64},
                                             {.column = "price", .type = CX_TYPE_DOUBLE},
                                             {.column = "nothing", .optional = 1},
                                             {.column = "qty", .name = "as text"}};
  const cx_format_csv_options opts = OPTIONS(columns);
  cx_table *table;
  ck_assert_int_eq(read_text(NULL, "qty;ignored;price;when\n 1 ;x;2.5;2010-12-01 08:26:00\n-7;;;\n", &opts, &table),
                   CX_OK);
  ck_assert_uint_eq(cx_table_columns(table), 4);
  cx_column column = column_of(table, "time", CX_TYPE_TIME);
  ck_assert_int_eq(int64_at(&column, 0), INT64_C(1291191960000000));
  ck_assert(!present(&column, 1));
  ck_assert_int_eq(int64_at(&column, 1), CX_TIME_NONE);
  column = column_of(table, "qty", CX_TYPE_INT64);
  ck_assert_int_eq(int64_at(&column, 0), 1);
  ck_assert_int_eq(int64_at(&column, 1), -7);
  ck_assert_ptr_null(column.validity);
  column = column_of(table, "price", CX_TYPE_DOUBLE);
  ck_assert(double_at(&column, 0) == 2.5);
  ck_assert(!present(&column, 1) && isnan(double_at(&column, 1)));
  column = column_of(table, "as text", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 0), " 1 ");
  cx_table_free(table);
}
END_TEST

START_TEST(without_a_header_columns_have_numbers) {
  static const cx_format_column columns[] = {{.column = "1", .name = "customer"},
                                             {.column = "2", .name = "time", .type = CX_TYPE_TIME},
                                             {.column = "4", .type = CX_TYPE_DOUBLE}};
  cx_format_csv_options opts = OPTIONS(columns);
  opts.header = 0;
  opts.separator = ' ';
  cx_table *table;
  ck_assert_int_eq(read_text(NULL, " 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n", &opts, &table), CX_OK);
  ck_assert_uint_eq(cx_table_rows(table), 2);
  cx_column column = column_of(table, "customer", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 0), "00001");
  column = column_of(table, "time", CX_TYPE_TIME);
  ck_assert_int_eq(int64_at(&column, 0), INT64_C(852076800000000));
  column = column_of(table, "4", CX_TYPE_DOUBLE);
  ck_assert(double_at(&column, 1) == 12.0);
  cx_table_free(table);
  opts = options_of(NULL, 0);
  opts.header = 0;
  ck_assert_int_eq(read_text(NULL, "a,b\n", &opts, &table), CX_OK);
  column = column_of(table, "2", CX_TYPE_TEXT);
  ck_assert_str_eq(text_at(&column, 0), "b");
  cx_table_free(table);
  ck_assert_int_eq(read_text(NULL, "", &opts, &table), CX_DONE);
  ck_assert_ptr_null(table);
}
END_TEST

static void check_numbers(void) {
  static const cx_format_column columns[] = {{.column = "x", .type = CX_TYPE_DOUBLE}};
  cx_format_csv_options opts = OPTIONS(columns);
  opts.decimal = ',';
  cx_table *table;
  ck_assert_int_eq(read_text(NULL, "x;y\n1,5;\n-2,25e3;\n7;\n", &opts, &table), CX_OK);
  cx_column column = column_of(table, "x", CX_TYPE_DOUBLE);
  ck_assert(double_at(&column, 0) == 1.5 && double_at(&column, 1) == -2250 && double_at(&column, 2) == 7);
  cx_table_free(table);
  ck_status(CX_ERR_PARSE, read_text(NULL, "x;y\n1.5;\n", &opts, &table));
  opts.decimal = '.';
  ck_assert_int_eq(read_text(NULL, "x;y\n1.5;\n", &opts, &table), CX_OK);
  column = column_of(table, "x", CX_TYPE_DOUBLE);
  ck_assert(double_at(&column, 0) == 1.5);
  cx_table_free(table);
  ck_status(CX_ERR_PARSE, read_text(NULL, "x;y\n1,5;\n", &opts, &table));
  opts.decimal = ';';
  ck_status(CX_ERR_INVALID, read_text(NULL, "x;y\n1,5;\n", &opts, &table));
}

START_TEST(numbers_do_not_follow_the_locale) {
  static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
  check_numbers();
  for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
    if (setlocale(LC_ALL, locales[i])) check_numbers();
  setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(times_have_a_zone_and_a_format) {
  const cx_format_column columns[] = {{.column = "t", .type = CX_TYPE_TIME, .time_format = "%d/%m/%Y %H:%M"}};
  cx_format_csv_options opts = OPTIONS(columns);
  opts.time_zone = "UTC";
  cx_table *table;
  ck_assert_int_eq(read_text(NULL, "t\n01/02/2011 10:00\n", &opts, &table), CX_OK);
  const cx_column column = column_of(table, "t", CX_TYPE_TIME);
  ck_assert_int_eq(int64_at(&column, 0), INT64_C(1296554400000000));
  cx_table_free(table);
  opts.time_zone = "No/Where";
  ck_status(CX_ERR_NOT_FOUND, read_text(NULL, "t\n01/02/2011 10:00\n", &opts, &table));
  const cx_format_column unknown[] = {{.column = "t", .type = CX_TYPE_TIME, .time_format = "%Q"}};
  opts = OPTIONS(unknown);
  ck_status(CX_ERR_INVALID, read_text(NULL, "t\n01/02/2011 10:00\n", &opts, &table));
}
END_TEST

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static const cx_format_column typed[] = {{.column = "s"},
                                         {.column = "i", .type = CX_TYPE_INT64},
                                         {.column = "d", .type = CX_TYPE_DOUBLE},
                                         {.column = "t", .type = CX_TYPE_TIME}};

typedef struct bad {
  const char *text;
  cx_status status;
  uint64_t row, byte;
  const char *error;
} bad;

START_TEST(a_bad_value_is_an_error_with_its_place) {
  static const bad cases[] = {
      {"s,i,d,t\na,1,2,2010\nb,x,2,2010\n", CX_ERR_PARSE, 3, 21, "column \"i\": not an integer"},
      {"s,i,d,t\na,1.0,2,2010\n", CX_ERR_PARSE, 2, 10, "column \"i\": not an integer"},
      {"s,i,d,t\na,9223372036854775808,2,2010\n", CX_ERR_PARSE, 2, 10, "column \"i\": not an integer"},
      {"s,i,d,t\n\na,1,nan,2010\n", CX_ERR_PARSE, 3, 13, "column \"d\": not a number"},
      {"s,i,d,t\na,1,0x10,2010\n", CX_ERR_PARSE, 2, 12, "column \"d\": not a number"},
      {"s,i,d,t\na,1,1e999,2010\n", CX_ERR_PARSE, 2, 12, "column \"d\": not a number"},
      {"s,i,d,t\na,1,2,yesterday\n", CX_ERR_PARSE, 2, 14, "column \"t\": not a time"},
      {"s,i,d,t\na,1,2,01/02/2011\n", CX_ERR_AMBIGUOUS, 2, 14,
       "column \"t\": the time can be read in two ways, give a time format"},
      {"s,i,d,t\n\xE4,1,2,2010\n", CX_ERR_PARSE, 2, 8, "column \"s\": the text is not utf-8"},
      {"s,i,d,t\na,1,2\n", CX_ERR_PARSE, 2, 8, "the record has 3 fields, the first one has 4"},
      {"s,i,d,t\na,1,2,2010,\n", CX_ERR_PARSE, 2, 8, "the record has 5 fields, the first one has 4"},
      {"s,i,d,t\n\"a\"b,1,2,2010\n", CX_ERR_PARSE, 2, 8,
       "the record is malformed: a quote that does not end, bytes behind a closing quote, or too long"},
      {"s,i,d,t\na,1,2,\"2010\n", CX_ERR_PARSE, 2, 8,
       "the record is malformed: a quote that does not end, bytes behind a closing quote, or too long"},
      {"", CX_ERR_PARSE, 0, 0, "the input is empty, it has no header"},
      {"\"s\n", CX_ERR_PARSE, 1, 0,
       "the record is malformed: a quote that does not end, bytes behind a closing quote, or too long"},
      {"ada@example.com,Ada's hat\n", CX_ERR_NOT_FOUND, 1, UINT64_MAX,
       "there is no column \"s\"; the first record looks like data, not like a header"},
      {"s,i,t,x\n", CX_ERR_NOT_FOUND, 1, UINT64_MAX, "there is no column \"d\" among \"s\", \"i\", \"t\", \"x\""},
      {"s,i,t,a1,a2,a3,a4,a5,a6\n", CX_ERR_NOT_FOUND, 1, UINT64_MAX,
       "there is no column \"d\" among \"s\", \"i\", \"t\", \"a1\", \"a2\", \"a3\", \"a4\", \"a5\", ..."},
      {"s,i,d,t,i\n", CX_ERR_PARSE, 1, 0, "2 columns are named \"i\""},
      {"s,\xFF,i,d,t\n", CX_ERR_PARSE, 1, 0, "the name of column 2 is not utf-8"}};
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const cx_format_csv_options opts = OPTIONS(typed);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cx_table *table = (cx_table *)ctx;
    ck_status(cases[i].status, read_text(ctx, cases[i].text, &opts, &table));
    ck_assert_ptr_null(table);
    uint64_t row, byte;
    ck_assert_str_eq(cx_context_place(ctx, &row, &byte), "input");
    ck_assert_str_eq(cx_context_error(ctx), cases[i].error);
    ck_assert_msg(row == cases[i].row && byte == cases[i].byte, "%s: row %llu byte %llu", cases[i].error,
                  (unsigned long long)row, (unsigned long long)byte);
    ck_assert_int_eq(read_text(NULL, cases[i].text, &opts, &table), cases[i].status);
  }
  cx_context_free(ctx);
}
END_TEST

START_TEST(columns_not_chosen_may_hold_anything) {
  static const cx_format_column columns[] = {{.column = "i", .type = CX_TYPE_INT64}};
  const cx_format_csv_options opts = OPTIONS(columns);
  cx_table *table;
  ck_assert_int_eq(read_text(NULL, "i,x,x\n1,\xE4,\"\n\"\n", &opts, &table), CX_OK);
  cx_table_free(table);
}
END_TEST

START_TEST(arguments_are_checked) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const cx_format_source source = source_of("a\n1\n", 4);
  cx_format *format = (cx_format *)ctx;
  cx_table *table = (cx_table *)ctx;
  ck_status(CX_ERR_INVALID, cx_format_open_csv(ctx, NULL, NULL, &format));
  ck_assert_ptr_null(format);
  ck_status(CX_ERR_INVALID, cx_format_open_csv(ctx, &source, NULL, NULL));
  ck_status(CX_ERR_INVALID, cx_format_read(ctx, NULL, 0, &table));
  ck_assert_ptr_null(table);
  ck_ok(ctx, cx_format_open_csv(ctx, &source, NULL, &format));
  ck_status(CX_ERR_INVALID, cx_format_read(ctx, format, 0, NULL));
  cx_format_free(format);
  cx_format_free(NULL);
  cx_format_csv_options opts = options_of(typed, 0);
  ck_status(CX_ERR_INVALID, read_text(ctx, "a\n", &opts, &table));
  opts = options_of(NULL, 1);
  ck_status(CX_ERR_INVALID, read_text(ctx, "a\n", &opts, &table));
  opts = options_of(NULL, 0);
  opts.header = 2;
  ck_status(CX_ERR_INVALID, read_text(ctx, "a\n", &opts, &table));
  opts.header = 1;
  opts.separator = '"';
  ck_status(CX_ERR_INVALID, read_text(ctx, "a\n", &opts, &table));
  const cx_format_column nameless[] = {{.column = NULL}}, typeless[] = {{.column = "a", .type = 9}},
                         twice[] = {{.column = "a"}, {.column = "b", .name = "a"}};
  opts = OPTIONS(nameless);
  ck_status(CX_ERR_INVALID, read_text(ctx, "a\n", &opts, &table));
  opts = OPTIONS(typeless);
  ck_status(CX_ERR_INVALID, read_text(ctx, "a\n", &opts, &table));
  opts = OPTIONS(twice);
  ck_status(CX_ERR_INVALID, read_text(ctx, "a,b\n", &opts, &table));
  ck_assert_str_eq(cx_context_error(ctx), "two columns are named \"a\"");
  ck_status(CX_ERR_PARSE, read_text(ctx, "a,a\n", NULL, &table));
  cx_context_free(ctx);
}
END_TEST

START_TEST(a_bad_row_stays_the_next_one) {
  static const cx_format_column columns[] = {{.column = "i", .type = CX_TYPE_INT64}};
  const cx_format_csv_options opts = OPTIONS(columns);
  const cx_format_source source = source_of("i\n1\n2\nx\n4\n", 10);
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_format *format;
  cx_table *table;
  ck_ok(ctx, cx_format_open_csv(ctx, &source, &opts, &format));
  ck_ok(ctx, cx_format_read(ctx, format, 2, &table));
  cx_table_free(table);
  for (int i = 0; i < 3; i++) {
    uint64_t row;
    ck_status(CX_ERR_PARSE, cx_format_read(ctx, format, 2, &table));
    cx_context_place(ctx, &row, NULL);
    ck_assert_uint_eq(row, 4);
  }
  cx_format_free(format);
  cx_context_free(ctx);
}
END_TEST

/* ---- pieces, progress, cancelling ------------------------------------------------------------------------------- */

typedef struct feed {
  const char *data;
  size_t size, step, at;
} feed;

static int64_t give(void *user, void *buffer, size_t capacity) {
  feed *from = user;
  size_t n = from->size - from->at;
  if (n > from->step) n = from->step;
  if (n > capacity) n = capacity;
  if (n > 0) memcpy(buffer, from->data + from->at, n);
  from->at += n;
  return (int64_t)n;
}

static uint64_t draw(uint64_t *state) { /* SplitMix64 */
  uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

#define ROWS 5000
typedef struct values {
  int64_t integers[ROWS], times[ROWS];
  double doubles[ROWS];
  char texts[ROWS][32];
  bool absent[ROWS][4];
} values;

static size_t write_text(char *out, const char *text, bool quoted) {
  size_t n = 0;
  if (!quoted) return (size_t)sprintf(out, "%s", text);
  out[n++] = '"';
  for (; *text; text++) {
    if (*text == '"') out[n++] = '"';
    out[n++] = *text;
  }
  out[n++] = '"';
  return n;
}

static char *write_values(values *v, uint64_t seed, size_t *size) {
  static const char *const pieces[] = {"a", "\"", ",", "\n", "\r\n", " ", "\xE2\x82\xAC", "xyz"};
  char *file = malloc(ROWS * 256);
  ck_assert_ptr_nonnull(file);
  size_t n = (size_t)sprintf(file, "d,t,s,i\r\n");
  for (size_t r = 0; r < ROWS; r++) {
    for (size_t c = 0; c < 4; c++) v->absent[r][c] = draw(&seed) % 7 == 0;
    if (!v->absent[r][0]) {
      v->doubles[r] = (double)(int64_t)draw(&seed) / 1e6;
      n += (size_t)sprintf(file + n, "%.17g", v->doubles[r]);
    }
    file[n++] = ',';
    if (!v->absent[r][1]) {
      v->times[r] = (int64_t)(draw(&seed) % UINT64_C(4000000000000000));
      ck_assert_int_eq(cx_format_print_time(v->times[r], file + n, 64), CX_OK);
      n += strlen(file + n);
    }
    file[n++] = ',';
    v->texts[r][0] = '\0';
    for (size_t k = draw(&seed) % 5; k > 0 && !v->absent[r][2]; k--)
      strcat(v->texts[r], pieces[draw(&seed) % (sizeof pieces / sizeof *pieces)]);
    const bool quoted = v->texts[r][0] == '\0' || strpbrk(v->texts[r], ",\"\r\n") || draw(&seed) % 2 == 0;
    if (!v->absent[r][2]) n += write_text(file + n, v->texts[r], quoted);
    file[n++] = ',';
    if (!v->absent[r][3]) {
      v->integers[r] = (int64_t)draw(&seed);
      n += (size_t)sprintf(file + n, "%lld", (long long)v->integers[r]);
    }
    n += (size_t)sprintf(file + n, "%s", draw(&seed) % 2 == 0 ? "\n" : "\r\n");
  }
  *size = n;
  return file;
}

#define REQUIRE(condition)                                                                                             \
  do {                                                                                                                 \
    if (!(condition)) ck_abort_msg("%s", #condition);                                                                  \
  } while (0)

static void compare(const cx_table *table, const values *v, size_t from) {
  const cx_column d = column_of(table, "d", CX_TYPE_DOUBLE), t = column_of(table, "t", CX_TYPE_TIME),
                  s = column_of(table, "s", CX_TYPE_TEXT), i = column_of(table, "i", CX_TYPE_INT64);
  for (size_t k = 0; k < cx_table_rows(table); k++) {
    const size_t r = from + k;
    REQUIRE(present(&d, k) == !v->absent[r][0] && present(&t, k) == !v->absent[r][1]);
    REQUIRE(present(&s, k) == !v->absent[r][2] && present(&i, k) == !v->absent[r][3]);
    REQUIRE(v->absent[r][0] ? isnan(double_at(&d, k)) : double_at(&d, k) == v->doubles[r]);
    REQUIRE(int64_at(&t, k) == (v->absent[r][1] ? CX_TIME_NONE : v->times[r]));
    REQUIRE(v->absent[r][2] || strcmp(text_at(&s, k), v->texts[r]) == 0);
    REQUIRE(int64_at(&i, k) == (v->absent[r][3] ? 0 : v->integers[r]));
  }
}

START_TEST(what_is_written_is_read_back_in_any_pieces) {
  values *v = calloc(1, sizeof *v);
  ck_assert_ptr_nonnull(v);
  for (uint64_t seed = 1; seed <= 8; seed++) {
    size_t size;
    char *file = write_values(v, seed, &size);
    feed from = {file, size, seed == 8 ? SIZE_MAX : (size_t)1 << (2 * seed), 0};
    cx_format_source source;
    ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
    source.read = give;
    source.user = &from;
    const cx_format_csv_options opts = OPTIONS(typed);
    cx_format *format;
    ck_assert_int_eq(cx_format_open_csv(NULL, &source, &opts, &format), CX_OK);
    size_t rows = 0;
    uint64_t state = seed;
    for (;;) {
      cx_table *table;
      const size_t wanted = seed == 1 ? 0 : 1 + draw(&state) % 2000;
      const cx_status status = cx_format_read(NULL, format, wanted, &table);
      if (status == CX_DONE) break;
      ck_assert_int_eq(status, CX_OK);
      REQUIRE(cx_table_rows(table) <= (wanted ? wanted : SIZE_MAX));
      compare(table, v, rows);
      rows += cx_table_rows(table);
      cx_table_free(table);
    }
    ck_assert_uint_eq(rows, ROWS);
    cx_format_free(format);
    free(file);
  }
  free(v);
}
END_TEST

typedef struct watch {
  uint64_t calls, last_done, last_total;
  uint64_t cancel_at; /* the number of a call */
} watch;

static int look(void *user, const char *stage, uint64_t done, uint64_t total) {
  watch *w = user;
  ck_assert_str_eq(stage, "read");
  ck_assert_uint_ge(done, w->last_done);
  if (w->calls++ == 0) ck_assert_uint_eq(done, 0);
  w->last_done = done;
  w->last_total = total;
  return w->calls == w->cancel_at;
}

START_TEST(reading_reports_progress_and_can_be_cancelled) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const size_t size = (size_t)12 << 20;
  char *file = malloc(size);
  ck_assert_ptr_nonnull(file);
  for (size_t i = 0; i < size; i += 16) memcpy(file + i, "1234567,7654321\n", 16);
  const cx_format_source source = source_of(file, size);
  cx_format *format;
  cx_table *table;
  watch w = {0};
  ck_ok(ctx, cx_context_set_progress(ctx, look, &w));
  ck_ok(ctx, cx_format_open_csv(ctx, &source, NULL, &format));
  ck_ok(ctx, cx_format_read(ctx, format, 0, &table));
  ck_assert_uint_eq(cx_table_rows(table), size / 16 - 1);
  cx_table_free(table);
  ck_assert_uint_eq(w.last_done, size);
  ck_assert_uint_eq(w.last_total, size);
  ck_assert(w.calls > 40 && w.calls < 250);
  cx_format_free(format);

  w = (watch){.cancel_at = 20};
  ck_ok(ctx, cx_format_open_csv(ctx, &source, NULL, &format));
  ck_status(CX_ERR_CANCELLED, cx_format_read(ctx, format, 0, &table));
  ck_assert_ptr_null(table);
  ck_assert_uint_eq(w.calls, 20);
  ck_ok(ctx, cx_format_read(ctx, format, 0, &table)); /* no row is lost */
  ck_assert_uint_eq(cx_table_rows(table), size / 16 - 1);
  cx_table_free(table);
  ck_status(CX_DONE, cx_format_read(ctx, format, 0, &table));
  cx_format_free(format);
  free(file);
  cx_context_free(ctx);
}
END_TEST

/* ---- times ------------------------------------------------------------------------------------------------------ */

START_TEST(times_are_read_and_printed) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  int64_t time = 5;
  ck_ok(ctx, cx_format_parse_time(ctx, text_of("2010-12-01T08:26:00Z"), NULL, NULL, &time));
  ck_assert_int_eq(time, INT64_C(1291191960000000));
  ck_ok(ctx, cx_format_parse_time(ctx, text_of("01/02/2011"), "%d/%m/%Y", "UTC", &time));
  ck_assert_int_eq(time, INT64_C(1296518400000000));
  time = 5;
  ck_status(CX_ERR_AMBIGUOUS, cx_format_parse_time(ctx, text_of("01/02/2011"), NULL, NULL, &time));
  ck_assert_str_eq(cx_context_error(ctx), "the time can be read in two ways, give a format");
  ck_status(CX_ERR_PARSE, cx_format_parse_time(ctx, text_of("soon"), NULL, NULL, &time));
  ck_status(CX_ERR_PARSE, cx_format_parse_time(ctx, text_of("2010"), "%d/%m/%Y", NULL, &time));
  ck_status(CX_ERR_INVALID, cx_format_parse_time(ctx, text_of("2010"), "%Q", NULL, &time));
  ck_status(CX_ERR_NOT_FOUND, cx_format_parse_time(ctx, text_of("2010"), NULL, "No/Where", &time));
  ck_status(CX_ERR_INVALID, cx_format_parse_time(ctx, (cx_text){NULL, 0}, NULL, NULL, &time));
  ck_status(CX_ERR_INVALID, cx_format_parse_time(ctx, text_of("2010"), NULL, NULL, NULL));
  ck_status(CX_ERR_PARSE, cx_format_parse_time(NULL, text_of("soon"), NULL, NULL, &time));
  ck_assert_int_eq(time, 5);
  char text[32];
  ck_assert_int_eq(cx_format_print_time(INT64_C(1291191960000001), text, sizeof text), CX_OK);
  ck_assert_str_eq(text, "2010-12-01T08:26:00.000001Z");
  ck_status(CX_ERR_RANGE, cx_format_print_time(0, text, 20));
  ck_status(CX_ERR_RANGE, cx_format_print_time(CX_TIME_NONE, text, sizeof text));
  ck_status(CX_ERR_INVALID, cx_format_print_time(0, NULL, 32));
  ck_assert_str_eq(text, "2010-12-01T08:26:00.000001Z");
  ck_assert_int_eq(cx_format_print_time(0, text, 21), CX_OK);
  ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
  cx_context_free(ctx);
}
END_TEST

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static cx_status open_and_read(void *user, cx_context *ctx) {
  const char *text = user;
  cx_format_csv_options opts = OPTIONS(typed);
  opts.time_zone = "UTC";
  cx_table *table = (cx_table *)ctx;
  const cx_status status = read_text(ctx, text, &opts, &table);
  if (status != CX_OK) ck_assert_ptr_null(table);
  cx_table_free(table);
  return status;
}

static cx_status parse_in_zone(void *user, cx_context *ctx) {
  (void)user;
  int64_t time = 5;
  const cx_status status = cx_format_parse_time(ctx, text_of("2010-01-01"), NULL, "UTC", &time);
  ck_assert(status == CX_OK || time == 5);
  return status;
}

START_TEST(a_failing_allocation_is_an_error) {
  char text[] = "s,i,d,t\n\"a\"\"b\",1,,2010\n\"x\",,3,\n,,,\n";
  test_allocations(open_and_read, text, false);
  test_allocations(parse_in_zone, NULL, false);
}
END_TEST

START_TEST(a_failed_read_can_be_made_again) {
  values *v = calloc(1, sizeof *v);
  ck_assert_ptr_nonnull(v);
  size_t size;
  char *file = write_values(v, 99, &size);
  const cx_format_source source = source_of(file, size);
  const cx_format_csv_options opts = OPTIONS(typed);
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_format *format;
  ck_ok(ctx, cx_format_open_csv(ctx, &source, &opts, &format));
  cx_table *table = NULL;
  size_t failures = 0;
  for (;;) { /* each call may allocate once more than the one before it */
    memory.count = 0;
    memory.fail_at = failures % 3;
    const cx_status status = cx_format_read(ctx, format, 0, &table);
    memory.fail_at = SIZE_MAX;
    if (status == CX_OK) break;
    ck_assert_int_eq(status, CX_ERR_NOMEM);
    ck_assert_ptr_null(table);
    ck_assert(++failures < 1000);
    if (failures > 60) memory.fail_at = SIZE_MAX;
    if (failures > 60) {
      ck_ok(ctx, cx_format_read(ctx, format, 0, &table));
      break;
    }
  }
  ck_assert_uint_gt(failures, 10);
  ck_assert_uint_eq(cx_table_rows(table), ROWS);
  compare(table, v, 0);
  cx_table_free(table);
  cx_format_free(format);
  cx_context_free(ctx);
  free(file);
  free(v);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("format");
  TCase *tests = tcase_create("format");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, options_have_defaults);
  tcase_add_test(tests, all_columns_are_text_unless_chosen);
  tcase_add_test(tests, the_first_field_may_be_quoted_and_empty);
  tcase_add_test(tests, columns_are_chosen_typed_and_renamed);
  tcase_add_test(tests, without_a_header_columns_have_numbers);
  tcase_add_test(tests, numbers_do_not_follow_the_locale);
  tcase_add_test(tests, times_have_a_zone_and_a_format);
  tcase_add_test(tests, a_bad_value_is_an_error_with_its_place);
  tcase_add_test(tests, columns_not_chosen_may_hold_anything);
  tcase_add_test(tests, arguments_are_checked);
  tcase_add_test(tests, a_bad_row_stays_the_next_one);
  tcase_add_test(tests, what_is_written_is_read_back_in_any_pieces);
  tcase_add_test(tests, reading_reports_progress_and_can_be_cancelled);
  tcase_add_test(tests, times_are_read_and_printed);
  tcase_add_test(tests, a_failing_allocation_is_an_error);
  tcase_add_test(tests, a_failed_read_can_be_made_again);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

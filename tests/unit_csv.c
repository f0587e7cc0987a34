/* SPDX-License-Identifier: MIT */
/* Sources of bytes and the records of CSV files. */
#include "format/format.h"
#include "support.h"

#include <zlib.h>

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/** Hands out bytes `step` at a time; fails instead of giving the byte numbered fail_at. */
typedef struct feed {
  const char *data;
  size_t size, step, at, fail_at;
} feed;

static int64_t give(void *user, void *buffer, size_t capacity) {
  feed *from = user;
  if (from->at >= from->fail_at) return -1;
  size_t n = from->size - from->at;
  if (n > from->step) n = from->step;
  if (n > capacity) n = capacity;
  if (n > 0) memcpy(buffer, from->data + from->at, n);
  from->at += n;
  return (int64_t)n;
}

static cx_format_source source_of(const void *data, size_t size) {
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.data = data;
  source.data_size = size;
  return source;
}

static cx_format_source source_of_feed(feed *from) {
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.read = give;
  source.user = from;
  return source;
}

static void append(cx__buffer *to, const char *data, size_t size) {
  if (!cx__buffer_append(to, data, size)) ck_abort_msg("out of memory"); /* an assertion writes a byte each time */
}

/** Records as text: "row:byte[field][field]\n", "row:byte!raw\n" for a malformed one; free() it. */
static cx_status describe(cx_context *ctx, const cx_format_source *given, char separator, char **out) {
  cx__source *source = NULL;
  cx__csv *csv = NULL;
  cx__buffer text;
  cx__buffer_init(&text, cx__allocator(NULL));
  cx_status status = cx__source_open(ctx, given, &source);
  if (status == CX_OK) status = cx__csv_open(ctx, source, separator, &csv);
  while (status == CX_OK) {
    cx__csv_record record;
    status = cx__csv_next(ctx, csv, &record);
    if (status != CX_OK) break;
    char place[64];
    snprintf(place, sizeof place, "%llu:%llu", (unsigned long long)record.row, (unsigned long long)record.byte);
    append(&text, place, strlen(place));
    if (record.malformed) {
      if (record.fields_count != 0) ck_abort_msg("a malformed record has fields");
      append(&text, "!", 1);
      append(&text, record.raw.data, record.raw.size);
    }
    for (size_t i = 0; i < record.fields_count; i++) {
      append(&text, "[", 1);
      append(&text, record.fields[i].data, record.fields[i].size);
      append(&text, "]", 1);
    }
    append(&text, "\n", 1);
  }
  append(&text, "", 1);
  cx__csv_free(csv);
  cx__source_free(source);
  if (status == CX_DONE && out) {
    *out = text.data;
    return CX_OK;
  }
  cx__buffer_free(&text);
  return status;
}

static void expect(const char *input, size_t size, char separator, const char *expected) {
  static const size_t steps[] = {1, 2, 3, 7, 4096};
  char *text = NULL;
  const cx_format_source memory = source_of(input, size);
  ck_assert_int_eq(describe(NULL, &memory, separator, &text), CX_OK);
  ck_assert_str_eq(text, expected);
  free(text);
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    feed from = {input, size, steps[i], 0, SIZE_MAX};
    const cx_format_source stream = source_of_feed(&from);
    ck_assert_int_eq(describe(NULL, &stream, separator, &text), CX_OK);
    ck_assert_str_eq(text, expected);
    free(text);
  }
}

#define EXPECT(input, separator, expected) expect((input), sizeof(input) - 1, (separator), (expected))

/* ---- csv-spectrum ----------------------------------------------------------------------------------------------- */

static void append_json_text(cx__buffer *to, cx_text text) {
  append(to, "\"", 1);
  for (size_t i = 0; i < text.size; i++) {
    const char c = text.data[i];
    if (c == '\n') append(to, "\\n", 2);
    if (c == '\r') append(to, "\\r", 2);
    if (c == '"') append(to, "\\\"", 2);
    if (c != '\n' && c != '\r' && c != '"') append(to, &c, 1);
  }
  append(to, "\"", 1);
}

/** The records of a file as JSON objects, one behind the other, named by the first record. */
static void objects_of_csv(const char *path, cx__buffer *out) {
  cx_format_source given;
  ck_assert_int_eq(cx_format_source_init(&given, sizeof given), CX_OK);
  given.path = path;
  cx__source *source;
  cx__csv *csv;
  ck_assert_int_eq(cx__source_open(NULL, &given, &source), CX_OK);
  ck_assert_int_eq(cx__csv_open(NULL, source, '\0', &csv), CX_OK);
  cx__csv_record record;
  ck_assert_int_eq(cx__csv_next(NULL, csv, &record), CX_OK);
  char *names[16];
  const size_t count = record.fields_count;
  ck_assert_uint_le(count, 16);
  for (size_t i = 0; i < count; i++) names[i] = strndup(record.fields[i].data, record.fields[i].size);
  while (cx__csv_next(NULL, csv, &record) == CX_OK) {
    ck_assert(!record.malformed);
    ck_assert_uint_eq(record.fields_count, count);
    for (size_t i = 0; i < count; i++) {
      append(out, i == 0 ? "{" : ",", 1);
      append_json_text(out, text_of(names[i]));
      append(out, ":", 1);
      append_json_text(out, record.fields[i]);
    }
    append(out, "}", 1);
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  cx__csv_free(csv);
  cx__source_free(source);
}

/** The same from the JSON file: without blanks, the outer array and what stands between its objects. */
static void objects_of_json(const char *path, cx__buffer *out) {
  size_t size;
  char *json = test_read_file(path, &size);
  bool quoted = false;
  int depth = 0;
  for (size_t i = 0; i < size; i++) {
    const char c = json[i];
    if (quoted) {
      append(out, &c, 1);
      if (c == '\\') append(out, &json[++i], 1);
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '}') depth--;
    if (depth > 0 ? (c != ' ' && c != '\n') : c == '{' || c == '}') append(out, &c, 1);
    if (c == '{') depth++;
    if (c == '"') quoted = true;
  }
  free(json);
}

START_TEST(csv_spectrum_is_read) {
  static const char *const names[] = {
      "comma_in_quotes",      "empty",  "empty_crlf",  "escaped_quotes",      "json", "newlines", "newlines_crlf",
      "location_coordinates", "simple", "simple_crlf", "quotes_and_newlines", "utf8"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[1024];
    cx__buffer csv, json;
    cx__buffer_init(&csv, cx__allocator(NULL));
    cx__buffer_init(&json, cx__allocator(NULL));
    snprintf(path, sizeof path, "%s/csv/%s.csv", TEST_DATA, names[i]);
    objects_of_csv(path, &csv);
    snprintf(path, sizeof path, "%s/csv/%s.json", TEST_DATA, names[i]);
    objects_of_json(path, &json);
    append(&csv, "", 1);
    append(&json, "", 1);
    /* One value of one file is not the same in its two forms; both are as published. */
    char *other = strstr(json.data, "1234567890");
    if (strcmp(names[i], "location_coordinates") == 0 && other) memcpy(other, "2095257564", 10);
    ck_assert_str_eq(csv.data, json.data);
    ck_assert_uint_gt(csv.size, 1);
    cx__buffer_free(&csv);
    cx__buffer_free(&json);
  }
}
END_TEST

/* ---- records ---------------------------------------------------------------------------------------------------- */

START_TEST(line_ends_of_every_kind) {
  EXPECT("a,b\n1,2\n", ',', "1:0[a][b]\n2:4[1][2]\n");
  EXPECT("a,b\r\n1,2\r\n", ',', "1:0[a][b]\n2:5[1][2]\n");
  EXPECT("a,b\r1,2\r", ',', "1:0[a][b]\n2:4[1][2]\n");
  EXPECT("a,b\n1,2", ',', "1:0[a][b]\n2:4[1][2]\n");
  EXPECT("a\r\n\r\n\n\r\r\n1", ',', "1:0[a]\n6:9[1]\n");
  EXPECT("", ',', "");
  EXPECT("\n\r\n", ',', "");
  EXPECT("a", ',', "1:0[a]\n");
  EXPECT(",", ',', "1:0[][]\n");
  EXPECT("\r\na", ',', "2:2[a]\n");
}
END_TEST

START_TEST(quotes) {
  EXPECT("\"a\",\"b,c\"\n", ',', "1:0[a][b,c]\n");
  EXPECT("\"a\"\"b\",\"\"\"\"\n\"\",\"\"\"x\"\n", ',', "1:0[a\"b][\"]\n2:12[][\"x]\n");
  EXPECT("\"a\r\nb\",\"c\rd\"\r\ne,f", ',', "1:0[a\r\nb][c\rd]\n2:14[e][f]\n");
  EXPECT("\"a\"", ',', "1:0[a]\n");
  EXPECT("\"\"", ',', "1:0[]\n");
  EXPECT("5\" pipe,a \"b\"\n", ',', "1:0[5\" pipe][a \"b\"]\n"); /* a quote inside an unquoted field is itself */
}
END_TEST

START_TEST(malformed_records_are_given_and_passed) {
  EXPECT("a,b\n\"x\"y,2\n3,4\n", ',', "1:0[a][b]\n2:4!\"x\"y,2\n3:11[3][4]\n");
  EXPECT("a,b\n\"x,2\n3,4\n", ',', "1:0[a][b]\n2:4!\"x,2\n3:9[3][4]\n");
  EXPECT("a,b\r\n\"x,2\r\n3,4", ',', "1:0[a][b]\n2:5!\"x,2\n3:11[3][4]\n");
  EXPECT("a\r1,\"2\r3", ',', "1:0[a]\n2:2!1,\"2\n3:7[3]\n");
  EXPECT("a\n\"", ',', "1:0[a]\n2:2!\"\n");
  EXPECT("\"a\" ,b\nc,d\n", ',', "1:0!\"a\" ,b\n2:7[c][d]\n");
  EXPECT("\"x\ny\"z\nc,d\n", ',', "1:0!\"x\n2:3[y\"z]\n3:7[c][d]\n");
}
END_TEST

START_TEST(separators) {
  EXPECT("a;b,c\n1;2\n", '\0', "1:0[a;b][c]\n2:6[1;2]\n"); /* one of each: the comma comes first */
  EXPECT("a;b;c,d\n", '\0', "1:0[a][b][c,d]\n");
  EXPECT("\"a,b,c\"\t\"d\"\n1\t2\n", '\0', "1:0[a,b,c][d]\n2:12[1][2]\n");
  EXPECT("\n\na|b\n", '\0', "3:2[a][b]\n");
  EXPECT("ab\n1,2\n", '\0', "1:0[ab]\n2:3[1][2]\n");
  EXPECT("a:b,c\n", ':', "1:0[a][b,c]\n");
  cx_format_source memory = source_of("a", 1);
  ck_status(CX_ERR_INVALID, describe(NULL, &memory, '"', NULL));
  ck_status(CX_ERR_INVALID, describe(NULL, &memory, '\n', NULL));
  ck_status(CX_ERR_INVALID, describe(NULL, &memory, (char)0xA7, NULL));
}
END_TEST

START_TEST(blanks_separate) {
  EXPECT(" 00001  19970101 1   11.77\n00002 19970112\t1 12.00 \n", ' ',
         "1:0[00001][19970101][1][11.77]\n2:27[00002][19970112][1][12.00]\n");
  EXPECT("a \"b c\" d\n   \n\t\n e", ' ', "1:0[a][b c][d]\n4:16[e]\n");
  EXPECT("\"a\"b c\nd", ' ', "1:0!\"a\"b c\n2:7[d]\n");
}
END_TEST

START_TEST(byte_order_marks) {
  EXPECT("\xEF\xBB\xBF"
         "a,b\n1,2",
         ',', "1:3[a][b]\n2:7[1][2]\n");
  EXPECT("\xEF\xBB\xBF", ',', "");
  EXPECT("\xEF\xBB"
         "a",
         ',',
         "1:0[\xEF\xBB"
         "a]\n");
  const cx_format_source utf16 = source_of("\xFF\xFE"
                                           "a\0",
                                           4);
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  ck_status(CX_ERR_PARSE, describe(ctx, &utf16, ',', NULL));
  ck_assert_str_eq(cx_context_error(ctx), "the input is utf-16, it must be utf-8");
  cx_context_free(ctx);
}
END_TEST

static char *filled(size_t size, char c) {
  char *data = malloc(size + 8);
  ck_assert_ptr_nonnull(data);
  memset(data, c, size + 8);
  return data;
}

#define LIMIT ((size_t)16 << 20)

/** A line of `size` bytes between two short ones. Returns the size of the record given in the middle, 0 if malformed.
 */
static size_t long_record(size_t size, const char *line_end, bool quoted, size_t step) {
  const size_t end = strlen(line_end);
  char *data = malloc(size + 16);
  ck_assert_ptr_nonnull(data);
  memcpy(data, "a\n", 2);
  memset(data + 2, 'x', size);
  if (quoted) data[2] = data[size + 1] = '"';
  memcpy(data + 2 + size, line_end, end);
  memcpy(data + 2 + size + end, "z", 1);
  feed from = {data, size + 3 + end, step, 0, SIZE_MAX};
  const cx_format_source given = source_of_feed(&from);
  cx__source *source;
  cx__csv *csv;
  cx__csv_record record;
  ck_assert_int_eq(cx__source_open(NULL, &given, &source), CX_OK);
  ck_assert_int_eq(cx__csv_open(NULL, source, ',', &csv), CX_OK);
  ck_assert_int_eq(cx__csv_next(NULL, csv, &record), CX_OK);
  ck_assert_int_eq(cx__csv_next(NULL, csv, &record), CX_OK);
  const size_t got = record.malformed ? 0 : record.fields[0].size;
  ck_assert_int_eq(cx__csv_next(NULL, csv, &record), CX_OK);
  ck_assert(cx__text_is(record.fields[0], "z"));
  ck_assert_uint_eq(record.row, 3);
  ck_assert_uint_eq(record.byte, size + 2 + end);
  ck_assert_int_eq(cx__csv_next(NULL, csv, &record), CX_DONE);
  cx__csv_free(csv);
  cx__source_free(source);
  free(data);
  return got;
}

START_TEST(records_up_to_the_limit) {
  static const char *const ends[] = {"\n", "\r\n", "\r"};
  for (size_t i = 0; i < 3; i++) {
    ck_assert_uint_eq(long_record(LIMIT, ends[i], false, 1 << 20), LIMIT);
    ck_assert_uint_eq(long_record(LIMIT, ends[i], true, 99999), LIMIT - 2);
    ck_assert_uint_eq(long_record(LIMIT + 1, ends[i], false, 1 << 20), 0);
    ck_assert_uint_eq(long_record(LIMIT + 1, ends[i], true, 1 << 20), 0);
  }
  ck_assert_uint_eq(long_record(LIMIT + 2, "\n", false, 1 << 20), 0);
  ck_assert_uint_eq(long_record(3 * LIMIT + 5, "\r\n", false, 1 << 20), 0);
}
END_TEST

START_TEST(a_quote_that_never_ends_costs_a_line) {
  const size_t size = LIMIT + (1 << 20);
  char *data = filled(size, 'y');
  memcpy(data, "a\n\"b\nc\n", 7);
  for (size_t i = 1000; i < size; i += 1000) data[i] = '\n';
  const cx_format_source given = source_of(data, size);
  cx__source *source;
  cx__csv *csv;
  cx__csv_record record;
  ck_assert_int_eq(cx__source_open(NULL, &given, &source), CX_OK);
  ck_assert_int_eq(cx__csv_open(NULL, source, ',', &csv), CX_OK);
  size_t good = 0, bad = 0;
  while (cx__csv_next(NULL, csv, &record) == CX_OK) *(record.malformed ? &bad : &good) += 1;
  ck_assert_uint_eq(bad, 1);
  ck_assert_uint_eq(good, 2 + size / 1000 + 1);
  cx__csv_free(csv);
  cx__source_free(source);
  free(data);
}
END_TEST

START_TEST(too_many_fields) {
  const size_t count = 65537;
  char *data = filled(count + 1, ',');
  data[count - 1] = '\n';
  data[count] = 'a';
  char *text;
  cx_format_source given = source_of(data, count + 1);
  ck_assert_int_eq(describe(NULL, &given, ',', &text), CX_OK);
  ck_assert_ptr_nonnull(strchr(text, '!'));
  ck_assert_ptr_nonnull(strstr(text, "2:65537[a]\n"));
  free(text);
  given = source_of(data + 1, count);
  ck_assert_int_eq(describe(NULL, &given, ',', &text), CX_OK);
  ck_assert_ptr_null(strchr(text, '!'));
  free(text);
  free(data);
}
END_TEST

static size_t below(uint64_t *random, size_t bound) {
  *random = cx__hash_mix(*random, 1);
  return (size_t)(*random % bound);
}

/** Random records, written by the test and read back in pieces of any size. */
START_TEST(what_is_written_is_read_back) {
  static const char *const pieces[] = {
      "", "a", "12.50", ",", ";", "\"", "\"\"", "\n", "\r\n", "\r", " ", "\xC3\xA4", "a long piece of text"};
  uint64_t random = 1;
  cx__buffer file, expected;
  cx__buffer_init(&file, cx__allocator(NULL));
  cx__buffer_init(&expected, cx__allocator(NULL));
  for (size_t row = 1; row <= 40000; row++) {
    char place[64];
    snprintf(place, sizeof place, "%zu:%zu", row, file.size);
    append(&expected, place, strlen(place));
    const size_t fields = 1 + below(&random, 6);
    for (size_t i = 0; i < fields; i++) {
      if (i > 0) append(&file, ",", 1);
      char text[256] = "";
      for (size_t k = below(&random, 5); k > 0; k--)
        strcat(text, pieces[below(&random, sizeof pieces / sizeof *pieces)]);
      const bool quoted = strpbrk(text, ",\"\r\n") || (fields == 1 && text[0] == '\0') || below(&random, 4) == 0;
      if (quoted) append(&file, "\"", 1);
      for (const char *c = text; *c; c++) append(&file, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
      if (quoted) append(&file, "\"", 1);
      append(&expected, "[", 1);
      append(&expected, text, strlen(text));
      append(&expected, "]", 1);
    }
    append(&expected, "\n", 1);
    append(&file, row % 3 == 0 ? "\r\n" : "\n", row % 3 == 0 ? 2 : 1);
  }
  append(&expected, "", 1);
  static const size_t steps[] = {1, 13, 4096, 65537, SIZE_MAX};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    feed from = {file.data, file.size, steps[i], 0, SIZE_MAX};
    const cx_format_source given = source_of_feed(&from);
    char *text;
    ck_assert_int_eq(describe(NULL, &given, ',', &text), CX_OK);
    ck_assert(strcmp(text, expected.data) == 0);
    free(text);
  }
  cx__buffer_free(&file);
  cx__buffer_free(&expected);
}
END_TEST

/* ---- sources ---------------------------------------------------------------------------------------------------- */

static size_t gzip(const char *text, size_t size, char *out, size_t capacity) {
  z_stream stream = {0};
  ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = (Bytef *)(uintptr_t)text;
  stream.avail_in = (uInt)size;
  stream.next_out = (Bytef *)out;
  stream.avail_out = (uInt)capacity;
  ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
  const size_t n = capacity - stream.avail_out;
  deflateEnd(&stream);
  return n;
}

START_TEST(gzip_is_undone) {
  char data[1024];
  size_t size = gzip("a,b\n1,2\n3,", 10, data, sizeof data);
  size += gzip("4\n", 2, data + size, sizeof data - size);
  size += gzip("", 0, data + size, sizeof data - size);
  expect(data, size, ',', "1:0[a][b]\n2:4[1][2]\n3:8[3][4]\n");
  memset(data + size, 0, 100); /* tar pads with zeros */
  expect(data, size + 100, ',', "1:0[a][b]\n2:4[1][2]\n3:8[3][4]\n");
}
END_TEST

START_TEST(damaged_gzip_is_an_error) {
  char data[1024];
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  size_t size = gzip("a,b\n1,2\n3,", 10, data, sizeof data);
  for (size_t cut = 2; cut < size; cut++) {
    const cx_format_source given = source_of(data, cut);
    ck_status(CX_ERR_CORRUPT, describe(ctx, &given, ',', NULL));
    ck_assert_str_eq(cx_context_place(ctx, NULL, NULL), "input");
  }
  ck_assert_str_eq(cx_context_error(ctx), "the gzip data end too early");
  data[size] = 'x';
  cx_format_source given = source_of(data, size + 1);
  ck_status(CX_ERR_CORRUPT, describe(ctx, &given, ',', NULL));
  ck_assert_str_eq(cx_context_error(ctx), "other bytes follow the end of the gzip data");
  data[size - 6] ^= 1; /* the checksum */
  given = source_of(data, size);
  ck_status(CX_ERR_CORRUPT, describe(ctx, &given, ',', NULL));
  ck_assert_str_eq(cx_context_error(ctx), "the gzip data are damaged");
  cx_context_free(ctx);
}
END_TEST

START_TEST(sources_are_checked) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_format_source given;
  cx__source *source = (cx__source *)&given;
  ck_status(CX_ERR_INVALID, cx_format_source_init(NULL, sizeof given));
  ck_status(CX_ERR_INVALID, cx__source_open(ctx, NULL, &source));
  ck_assert_ptr_null(source);
  ck_assert_int_eq(cx_format_source_init(&given, sizeof given), CX_OK);
  ck_status(CX_ERR_INVALID, cx__source_open(ctx, &given, &source));
  given.path = "does/not/exist.csv";
  ck_status(CX_ERR_IO, cx__source_open(ctx, &given, &source));
  ck_assert_str_eq(cx_context_error(ctx), "cannot open the file: no such file");
  ck_assert_str_eq(cx_context_place(ctx, NULL, NULL), "does/not/exist.csv");
  given.name = "the orders";
  given.path = ".";
  ck_status(CX_ERR_IO, cx__source_open(ctx, &given, &source));
  ck_assert_str_eq(cx_context_place(ctx, NULL, NULL), "the orders");
  given.data = "a";
  ck_status(CX_ERR_INVALID, cx__source_open(ctx, &given, &source));
  given.size = 2;
  ck_status(CX_ERR_INVALID, cx__source_open(ctx, &given, &source));
  feed from = {"abc\ndef\n", 8, 2, 0, 6};
  given = source_of_feed(&from);
  ck_status(CX_ERR_IO, describe(ctx, &given, ',', NULL));
  ck_assert_str_eq(cx_context_error(ctx), "the read function failed");
  cx_context_free(ctx);
}
END_TEST

START_TEST(a_source_knows_how_far_it_is) {
  char path[256];
  snprintf(path, sizeof path, "%s/file.csv", test_directory());
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  for (int i = 0; i < 100000; i++) fputs("1,2\n", file);
  fclose(file);
  cx_format_source given;
  ck_assert_int_eq(cx_format_source_init(&given, sizeof given), CX_OK);
  given.path = path;
  cx__source *source;
  ck_assert_int_eq(cx__source_open(NULL, &given, &source), CX_OK);
  ck_assert_str_eq(cx__source_name(source), path);
  ck_assert_uint_eq(cx__source_total(source), 400000);
  ck_assert_uint_eq(cx__source_done(source), 0);
  char buffer[1000];
  size_t n = 1, sum = 0;
  while (n > 0) {
    ck_assert_int_eq(cx__source_read(NULL, source, buffer, sizeof buffer, &n), CX_OK);
    sum += n;
    ck_assert_uint_eq(cx__source_done(source), sum);
  }
  ck_assert_uint_eq(sum, 400000);
  cx__source_free(source);
}
END_TEST

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static cx_status read_all(void *user, cx_context *ctx) {
  return describe(ctx, user, '\0', NULL) == CX_DONE ? CX_OK : cx_context_status(ctx);
}

START_TEST(failing_allocations) {
  char data[4096];
  size_t size = gzip("a,b\n\"1\"\"2\",2\n", 14, data, sizeof data);
  cx_format_source given = source_of(data, size);
  test_allocations(read_all, &given, false);
  char *large = filled(1 << 20, ',');
  for (size_t i = 50; i < 1 << 20; i += 40000) large[i] = '\n';
  memcpy(large + 90000, ",\"\"\"", 4);
  memcpy(large + 700000, "\",", 2);
  given = source_of(large, 1 << 20);
  test_allocations(read_all, &given, false);
  free(large);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("csv");
  TCase *tests = tcase_create("csv");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, csv_spectrum_is_read);
  tcase_add_test(tests, line_ends_of_every_kind);
  tcase_add_test(tests, quotes);
  tcase_add_test(tests, malformed_records_are_given_and_passed);
  tcase_add_test(tests, separators);
  tcase_add_test(tests, blanks_separate);
  tcase_add_test(tests, byte_order_marks);
  tcase_add_test(tests, records_up_to_the_limit);
  tcase_add_test(tests, a_quote_that_never_ends_costs_a_line);
  tcase_add_test(tests, too_many_fields);
  tcase_add_test(tests, what_is_written_is_read_back);
  tcase_add_test(tests, gzip_is_undone);
  tcase_add_test(tests, damaged_gzip_is_an_error);
  tcase_add_test(tests, sources_are_checked);
  tcase_add_test(tests, a_source_knows_how_far_it_is);
  tcase_add_test(tests, failing_allocations);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* JSON documents: what is accepted, what is refused, and the nodes that come out. */
#include "core/core.h"
#include "format/json.h"
#include "support.h"

/** Parses a copy with exactly the padding that the contract asks for, so that sanitizers see a read behind it. */
static char *padded(const char *data, size_t size) {
  char *copy = malloc(size + CX__JSON_PADDING);
  ck_assert_ptr_nonnull(copy);
  memcpy(copy, data, size);
  memset(copy + size, 0, CX__JSON_PADDING);
  return copy;
}

typedef struct fixture {
  cx__json *json;
  char *source;
  cx__json_document document;
} fixture;

static cx_status parse_bytes(fixture *f, const char *data, size_t size) {
  if (!f->json) f->json = cx__json_new(cx__allocator(NULL));
  ck_assert_ptr_nonnull(f->json);
  free(f->source);
  f->source = padded(data, size);
  return cx__json_parse(f->json, f->source, size, &f->document);
}

static cx_status parse(fixture *f, const char *text) { return parse_bytes(f, text, strlen(text)); }

static void finish(fixture *f) {
  cx__json_free(f->json);
  free(f->source);
}

static const cx__json_node *member(const fixture *f, const cx__json_node *object, const char *key) {
  const cx__json_node *node = cx__json_get(&f->document, object, key);
  ck_assert_msg(node != NULL, "no member %s", key);
  return node;
}

static void expect_text(const cx__json_node *node, cx__json_type type, const char *text) {
  ck_assert_uint_eq(node->type, type);
  ck_assert_uint_eq(node->text.size, strlen(text));
  ck_assert_mem_eq(node->text.data, text, node->text.size);
}

static void expect_source(const fixture *f, const cx__json_node *node, const char *text) {
  ck_assert_uint_eq(node->end - node->begin, strlen(text));
  ck_assert_mem_eq(f->document.source + node->begin, text, strlen(text));
}

START_TEST(nodes_of_a_document) {
  fixture f = {0};
  static const char text[] =
      " { \"a\" : 1.10 , \"b\\u0041\" : [ true , false,null , \"x\\\"y\" ] ,\"c\":{ } ,\"d\" : -0 \n} ";
  ck_assert_int_eq(parse(&f, text), CX_OK);
  const cx__json_node *root = &f.document.nodes[0];
  ck_assert_uint_eq(root->type, CX__JSON_OBJECT);
  ck_assert_uint_eq(root->count, 4);
  ck_assert_uint_eq(root->next, 0);
  ck_assert_ptr_null(root->key.data);
  ck_assert_uint_eq(root->begin, 1);
  ck_assert_uint_eq(root->end, strlen(text) - 1);
  const cx__json_node *a = member(&f, root, "a");
  expect_text(a, CX__JSON_NUMBER, "1.10");
  expect_source(&f, a, "1.10");
  ck_assert_mem_eq(f.document.source + a->key_begin, "\"a\"", 3);
  ck_assert_uint_eq(a->key_end - a->key_begin, 3);
  const cx__json_node *b = member(&f, root, "bA");
  ck_assert_uint_eq(b->type, CX__JSON_ARRAY);
  ck_assert_uint_eq(b->count, 4);
  expect_source(&f, b, "[ true , false,null , \"x\\\"y\" ]");
  ck_assert_uint_eq(b->key_end - b->key_begin, strlen("\"b\\u0041\""));
  static const cx__json_type types[] = {CX__JSON_TRUE, CX__JSON_FALSE, CX__JSON_NULL, CX__JSON_STRING};
  static const char *const sources[] = {"true", "false", "null", "\"x\\\"y\""};
  size_t i = 0;
  for (uint32_t at = b->first; at != 0; at = f.document.nodes[at].next, i++) {
    ck_assert_uint_eq(f.document.nodes[at].type, types[i]);
    expect_source(&f, &f.document.nodes[at], sources[i]);
  }
  ck_assert_uint_eq(i, 4);
  const cx__json_node *c = member(&f, root, "c");
  ck_assert_uint_eq(c->type, CX__JSON_OBJECT);
  ck_assert_uint_eq(c->first, 0);
  expect_source(&f, c, "{ }");
  expect_text(member(&f, root, "d"), CX__JSON_NUMBER, "-0");
  ck_assert_ptr_null(cx__json_get(&f.document, root, "e"));
  ck_assert_ptr_null(cx__json_get(&f.document, b, "a"));
  ck_assert_ptr_null(cx__json_get(&f.document, NULL, "a"));
  finish(&f);
}
END_TEST

START_TEST(numbers_keep_their_text) {
  static const char *const numbers[] = {
      "0",    "-9223372036854775808",  "18446744073709551615", "0.1000000000000000055511151231257827",
      "1E+2", "123456789012.345678901"};
  fixture f = {0};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    ck_assert_int_eq(parse(&f, numbers[i]), CX_OK);
    expect_text(&f.document.nodes[0], CX__JSON_NUMBER, numbers[i]);
    char text[128];
    (void)snprintf(text, sizeof text, "[%s\t]", numbers[i]);
    ck_assert_int_eq(parse(&f, text), CX_OK);
    expect_text(&f.document.nodes[1], CX__JSON_NUMBER, numbers[i]);
  }
  ck_assert_int_eq(parse(&f, "1e999"), CX_ERR_PARSE);
  ck_assert_int_eq(parse(&f, "18446744073709551616"), CX_ERR_PARSE);
  finish(&f);
}
END_TEST

START_TEST(of_equal_keys_the_last_wins) {
  fixture f = {0};
  ck_assert_int_eq(parse(&f, "{\"a\":1,\"b\":2,\"a\":3}"), CX_OK);
  ck_assert_uint_eq(f.document.nodes[0].count, 3);
  expect_text(member(&f, &f.document.nodes[0], "a"), CX__JSON_NUMBER, "3");
  finish(&f);
}
END_TEST

START_TEST(strings_are_unescaped_and_valid) {
  fixture f = {0};
  ck_assert_int_eq(parse(&f, "\"a\\u0000b\\n\\u00e9\\ud83d\\ude00\""), CX_OK);
  static const char expected[] = "a\0b\n\xC3\xA9\xF0\x9F\x98\x80";
  ck_assert_uint_eq(f.document.nodes[0].text.size, sizeof expected - 1);
  ck_assert_mem_eq(f.document.nodes[0].text.data, expected, sizeof expected - 1);
  static const char *const bad[] = {"\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xC0\x80\"", "\"\\ud800\"", "\"a\nb\"", ""};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) ck_assert_int_eq(parse(&f, bad[i]), CX_ERR_PARSE);
  finish(&f);
}
END_TEST

/** An array inside an array, `depth` times. */
static cx_status parse_nested(fixture *f, size_t depth) {
  char text[256];
  memset(text, '[', depth);
  memset(text + depth, ']', depth);
  return parse_bytes(f, text, 2 * depth);
}

START_TEST(depth_and_length_are_limited) {
  fixture f = {0};
  ck_assert_int_eq(parse_nested(&f, CX__JSON_DEPTH - 1), CX_OK);
  ck_assert_uint_eq(f.document.nodes_count, CX__JSON_DEPTH - 1);
  ck_assert_int_eq(parse_nested(&f, CX__JSON_DEPTH + 1), CX_ERR_PARSE);
  char *text = malloc(CX__JSON_LONGEST + 1);
  ck_assert_ptr_nonnull(text);
  memset(text, ' ', CX__JSON_LONGEST + 1);
  text[17] = '7';
  ck_assert_int_eq(parse_bytes(&f, text, CX__JSON_LONGEST), CX_OK);
  ck_assert_int_eq(parse_bytes(&f, text, CX__JSON_LONGEST + 1), CX_ERR_RANGE);
  for (size_t i = 0; i < CX__JSON_LONGEST; i++) text[i] = (i & 1) ? ',' : '1';
  text[0] = '[';
  text[CX__JSON_LONGEST - 1] = ']';
  text[1] = ' ';
  ck_assert_int_eq(parse_bytes(&f, text, CX__JSON_LONGEST), CX_OK);
  ck_assert_uint_eq(f.document.nodes[0].count, CX__JSON_LONGEST / 2 - 1);
  ck_assert_int_eq(parse(&f, "[1]"), CX_OK); /* the parser is as good as new */
  ck_assert_uint_eq(f.document.nodes_count, 2);
  free(text);
  finish(&f);
}
END_TEST

static unsigned hex_digit(char c) { return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10; }

/** Unpacks "HEX", "COUNT*HEX" and "+" between them. */
static char *unpack(const char *packed, size_t *size) {
  char *data = NULL;
  *size = 0;
  while (*packed && *packed != '\n') {
    char *end;
    size_t count = strtoul(packed, &end, 10);
    if (*end == '*') {
      packed = end + 1;
    } else {
      count = 1;
    }
    const size_t digits = strcspn(packed, "+\n");
    data = realloc(data, *size + count * digits / 2 + 1);
    ck_assert_ptr_nonnull(data);
    for (size_t c = 0; c < count; c++)
      for (size_t i = 0; i < digits; i += 2)
        data[(*size)++] = (char)(hex_digit(packed[i]) << 4 | hex_digit(packed[i + 1]));
    packed += digits;
    if (*packed == '+') packed++;
  }
  return data;
}

START_TEST(the_test_suite_is_judged_right) {
  size_t file_size;
  char *file = test_read_file(TEST_DATA "/json/test_suite.txt", &file_size);
  fixture f = {0};
  size_t accepted = 0, refused = 0, open = 0;
  for (char *line = file; line < file + file_size;) {
    char *end = memchr(line, '\n', (size_t)(file + file_size - line));
    ck_assert_ptr_nonnull(end);
    if (*line != '#') {
      const char *packed = memchr(line, ' ', (size_t)(end - line));
      ck_assert_ptr_nonnull(packed);
      size_t size;
      char *data = unpack(packed + 1, &size);
      const cx_status status = parse_bytes(&f, data ? data : "", size);
      const int name_size = (int)(packed - line);
      if (*line == 'y') ck_assert_msg(status == CX_OK, "%.*s", name_size, line);
      if (*line == 'n') ck_assert_msg(status == CX_ERR_PARSE, "%.*s", name_size, line);
      accepted += *line == 'y';
      refused += *line == 'n';
      open += *line == 'i';
      free(data);
    }
    line = end + 1;
  }
  ck_assert_uint_eq(accepted, 95);
  ck_assert_uint_eq(refused, 188);
  ck_assert_uint_eq(open, 35);
  free(file);
  finish(&f);
}
END_TEST

static cx_status parse_body(void *user, cx_context *ctx) {
  (void)user;
  cx__json *json = cx__json_new(cx__allocator(ctx));
  if (!json) return CX_ERR_NOMEM;
  size_t size = 2999;
  char *text = malloc(size + CX__JSON_PADDING);
  ck_assert_ptr_nonnull(text);
  memset(text, ' ', size + CX__JSON_PADDING);
  for (size_t i = 0; i < size; i++) text[i] = (i & 1) ? '1' : ',';
  text[0] = '[';
  text[size - 1] = ']';
  cx__json_document document = {0};
  cx_status status =
      cx__json_parse(json, "[1]                                                                   ", 3, &document);
  if (status == CX_OK) status = cx__json_parse(json, text, size, &document);
  if (status == CX_OK) ck_assert_uint_eq(document.nodes[0].count, 1499);
  free(text);
  cx__json_free(json);
  return status;
}

START_TEST(failing_allocations) { test_allocations(parse_body, NULL, false); }
END_TEST

START_TEST(nothing_to_free) { cx__json_free(NULL); }
END_TEST

int main(void) {
  Suite *suite = suite_create("json");
  TCase *tests = tcase_create("json");
  tcase_add_test(tests, nodes_of_a_document);
  tcase_add_test(tests, numbers_keep_their_text);
  tcase_add_test(tests, of_equal_keys_the_last_wins);
  tcase_add_test(tests, strings_are_unescaped_and_valid);
  tcase_add_test(tests, depth_and_length_are_limited);
  tcase_add_test(tests, the_test_suite_is_judged_right);
  tcase_add_test(tests, failing_allocations);
  tcase_add_test(tests, nothing_to_free);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* Model files are made here byte by byte as docs/model-file.md says, so that writer and reader cannot be wrong
 * together. */
#include "support.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct image {
  unsigned char bytes[1024];
  size_t size;
} image;

static void put(image *m, size_t at, const void *data, size_t size) { memcpy(m->bytes + at, data, size); }
static void put32(image *m, size_t at, uint32_t value) { put(m, at, &value, sizeof value); }
static void put64(image *m, size_t at, uint64_t value) { put(m, at, &value, sizeof value); }

static void seal(image *m) {
  uint64_t count;
  memcpy(&count, m->bytes + 72, sizeof count);
  put64(m, 88, XXH3_64bits(m->bytes + 128, (size_t)count * 32));
  put64(m, 120, XXH3_64bits(m->bytes, 120));
}

/** Two sections: five bytes, and eight. */
static void make(image *m) {
  memset(m, 0, sizeof *m);
  m->size = 264;
  put(m, 0, "\x89\x43\x58\x0d\x0a\x1a\x0a", 8);
  put32(m, 8, 0x01020304);
  put32(m, 12, 1);
  put(m, 16, "ranker", 6);
  put32(m, 32, 7);
  put32(m, 36, 128);
  for (int i = 0; i < 16; i++) m->bytes[40 + i] = (unsigned char)(i + 1);
  put64(m, 56, 42);
  put64(m, 64, m->size);
  put64(m, 72, 2);
  put64(m, 80, 128);
  put(m, 128, "ROWS", 4);
  put64(m, 136, 192);
  put64(m, 144, 5);
  put(m, 192, "hello", 5);
  put64(m, 152, XXH3_64bits("hello", 5));
  put(m, 160, "META", 4);
  put64(m, 168, 256);
  put64(m, 176, 8);
  put(m, 256, "12345678", 8);
  put64(m, 184, XXH3_64bits("12345678", 8));
  seal(m);
}

static const char *save(const image *m, size_t size) {
  static char path[256];
  snprintf(path, sizeof path, "%s/model", test_directory());
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(m->bytes, 1, size, file), size);
  ck_assert_int_eq(fclose(file), 0);
  return path;
}

static cx_context *new_context(void) {
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  return ctx;
}

START_TEST(options_have_their_defaults) {
  cx_model_save_options save_options;
  ck_assert_int_eq(cx_model_save_options_init(&save_options, sizeof save_options), CX_OK);
  ck_assert_uint_eq(save_options.size, sizeof save_options);
  ck_assert_uint_eq(save_options.generation, 0);
  cx_model_open_options open_options;
  ck_assert_int_eq(cx_model_open_options_init(&open_options, sizeof open_options), CX_OK);
  ck_assert_int_eq(open_options.copy, 0);
  ck_status(CX_ERR_INVALID, cx_model_save_options_init(NULL, sizeof save_options));
  ck_status(CX_ERR_INVALID, cx_model_save_options_init(&save_options, 3));
  ck_status(CX_ERR_INVALID, cx_model_open_options_init(NULL, sizeof open_options));
  ck_status(CX_ERR_INVALID, cx_model_open_options_init(&open_options, 5000));
}
END_TEST

START_TEST(a_file_tells_what_it_is) {
  image m;
  make(&m);
  const char *path = save(&m, m.size);
  for (int with = 0; with < 2; with++) {
    cx_context *ctx = with ? new_context() : NULL;
    cx_model_info info = {.size = sizeof info};
    ck_ok(ctx, cx_model_read_info(ctx, path, &info));
    ck_assert_uint_eq(info.size, sizeof info);
    ck_assert_uint_eq(info.version, 7);
    ck_assert_str_eq(info.kind, "ranker");
    ck_assert_uint_eq(info.generation, 42);
    ck_assert_uint_eq(info.bytes, 264);
    ck_assert_uint_eq(info.sections, 2);
    for (int i = 0; i < 16; i++) ck_assert_uint_eq(info.store_id[i], (unsigned)i + 1);
    cx_context_free(ctx);
  }
}
END_TEST

START_TEST(an_older_caller_gets_what_it_has_room_for) {
  image m;
  make(&m);
  struct {
    cx_model_info info;
    unsigned char behind;
  } small;
  memset(&small, 0x55, sizeof small);
  small.info.size = 24;
  ck_ok(NULL, cx_model_read_info(NULL, save(&m, m.size), &small.info));
  ck_assert_uint_eq(small.info.size, 24);
  ck_assert_str_eq(small.info.kind, "ranker");
  ck_assert_uint_eq(small.info.store_id[0], 0x55);
  ck_assert_uint_eq(small.behind, 0x55);
}
END_TEST

static void expect(image *m, size_t size, cx_status status) {
  cx_context *ctx = new_context();
  cx_model_info info, before;
  memset(&info, 0x77, sizeof info);
  info.size = sizeof info;
  before = info;
  const char *path = save(m, size);
  ck_status(status, cx_model_read_info(ctx, path, &info));
  ck_assert_int_eq(cx_context_status(ctx), status);
  ck_assert_str_eq(cx_context_place(ctx, NULL, NULL), path);
  ck_assert_uint_gt(strlen(cx_context_error(ctx)), 0);
  ck_assert_mem_eq(&info, &before, sizeof info);
  cx_context_free(ctx);
}

START_TEST(every_damage_is_noticed) {
  image m;
  make(&m);
  for (size_t size = 0; size < m.size; size++) expect(&m, size, CX_ERR_CORRUPT);
  for (size_t i = 0; i < m.size; i++) {
    m.bytes[i] ^= 0xFF;
    const bool version = i >= 12 && i < 16; /* of the layout: looks newer */
    expect(&m, m.size, version ? CX_ERR_UNSUPPORTED : CX_ERR_CORRUPT);
    m.bytes[i] ^= 0xFF;
  }
  expect(&m, m.size + 1, CX_ERR_CORRUPT);
}
END_TEST

/* Files whose checksums are right and whose contents are not. */
START_TEST(well_sealed_nonsense_is_refused) {
  static const struct {
    size_t at;
    int width;
    uint64_t value;
  } cases[] = {{12, 4, 0},           {32, 4, 0},           {36, 4, 120},  {64, 8, 265},  {64, 8, UINT64_MAX},
               {72, 8, 1},           {72, 8, 3},           {72, 8, 1025}, {72, 8, 0},    {80, 8, 192},
               {96, 1, 1},           {119, 1, 1},          {16, 1, 0},    {16, 1, 'R'},  {23, 1, 'x'},
               {31, 1, 'x'},         {132, 4, 1},          {136, 8, 193}, {136, 8, 256}, {136, 8, UINT64_MAX - 63},
               {144, 8, 4},          {144, 8, UINT64_MAX}, {144, 8, 64},  {144, 8, 73},  {152, 8, 0},
               {160, 4, 0x53574f52}, {168, 8, 192},        {176, 8, 7},   {176, 8, 9},   {200, 1, 1},
               {255, 1, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    image m;
    make(&m);
    if (cases[i].width == 8)
      put64(&m, cases[i].at, cases[i].value);
    else if (cases[i].width == 4)
      put32(&m, cases[i].at, (uint32_t)cases[i].value);
    else
      m.bytes[cases[i].at] = (unsigned char)cases[i].value;
    if (cases[i].at != 72 || cases[i].value < 4) seal(&m);
    expect(&m, m.size, CX_ERR_CORRUPT);
  }
}
END_TEST

START_TEST(newer_layouts_and_other_byte_orders_are_unsupported) {
  image m;
  make(&m);
  put32(&m, 12, 2);
  expect(&m, m.size, CX_ERR_UNSUPPORTED);
  expect(&m, 16, CX_ERR_UNSUPPORTED);
  make(&m);
  put32(&m, 8, 0x04030201);
  seal(&m);
  expect(&m, m.size, CX_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(other_failures_are_told_apart) {
  cx_context *ctx = new_context();
  cx_model_info info = {.size = sizeof info};
  image m;
  make(&m);
  const char *path = save(&m, m.size);
  ck_status(CX_ERR_INVALID, cx_model_read_info(ctx, NULL, &info));
  ck_assert_str_eq(cx_context_error(ctx), "path must not be null");
  ck_status(CX_ERR_INVALID, cx_model_read_info(ctx, path, NULL));
  ck_status(CX_ERR_INVALID, cx_model_read_info(NULL, NULL, NULL));
  info.size = 0;
  ck_status(CX_ERR_INVALID, cx_model_read_info(ctx, path, &info));
  info.size = sizeof info;
  ck_status(CX_ERR_IO, cx_model_read_info(ctx, "no/such/file", &info));
  ck_status(CX_ERR_IO, cx_model_read_info(ctx, ".", &info));
  char fifo[300];
  snprintf(fifo, sizeof fifo, "%s/fifo", test_directory());
  ck_assert_int_eq(mkfifo(fifo, 0600), 0);
  ck_status(CX_ERR_IO, cx_model_read_info(ctx, fifo, &info));
  cx_context_free(ctx);
}
END_TEST

static cx_status read_info(void *user, cx_context *ctx) {
  cx_model_info info = {.size = sizeof info};
  const cx_status status = cx_model_read_info(ctx, user, &info);
  if (status != CX_OK) ck_assert_uint_eq(info.version, 0);
  return status;
}

START_TEST(failing_allocations_are_errors) {
  image m;
  make(&m);
  char path[300];
  strcpy(path, save(&m, m.size));
  test_allocations(read_info, path, false);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("model");
  TCase *tests = tcase_create("model");
  tcase_add_test(tests, options_have_their_defaults);
  tcase_add_test(tests, a_file_tells_what_it_is);
  tcase_add_test(tests, an_older_caller_gets_what_it_has_room_for);
  tcase_add_test(tests, every_damage_is_noticed);
  tcase_add_test(tests, well_sealed_nonsense_is_refused);
  tcase_add_test(tests, newer_layouts_and_other_byte_orders_are_unsupported);
  tcase_add_test(tests, other_failures_are_told_apart);
  tcase_add_test(tests, failing_allocations_are_errors);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

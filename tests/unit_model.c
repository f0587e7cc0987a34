/* SPDX-License-Identifier: MIT */
#include "core/core.h"
#include "support.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS CX__TAG('R', 'O', 'W', 'S')
#define META CX__TAG('M', 'E', 'T', 'A')
#define NONE CX__TAG('N', 'O', 'N', 'E')

static const double rows[] = {1.5, 2.5, -3.25, 1e300};
static const cx__model_section sections[] = {
    {ROWS, 0, rows, sizeof rows}, {NONE, 0, NULL, 0}, {META, 0, "seventeen bytes.", 17}};

static char *path_of(const char *name) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", test_directory(), name);
  return path;
}

static int files_in_directory(void) {
  DIR *dir = opendir(test_directory());
  int n = 0;
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) n += entry->d_name[0] != '.';
  closedir(dir);
  return n;
}

static void check_contents(const cx__model *model) {
  uint64_t size;
  const void *data = cx__model_get(model, ROWS, &size);
  ck_assert_uint_eq(size, sizeof rows);
  ck_assert_uint_eq((uintptr_t)data % 64, 0);
  ck_assert_mem_eq(data, rows, sizeof rows);
  data = cx__model_get(model, META, &size);
  ck_assert_uint_eq(size, 17);
  ck_assert_uint_eq((uintptr_t)data % 64, 0);
  ck_assert_str_eq(data, "seventeen bytes.");
  ck_assert_ptr_nonnull(cx__model_get(model, NONE, &size));
  ck_assert_uint_eq(size, 0);
  ck_assert_ptr_null(cx__model_get(model, 0, &size));
  ck_assert_uint_eq(size, 0);
}

START_TEST(what_is_saved_is_opened) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_model_save_options opts;
  ck_assert_int_eq(cx_model_save_options_init(&opts, sizeof opts), CX_OK);
  opts.generation = 3;
  opts.store_id[15] = 9;
  const char *path = path_of("saved");
  const int before = files_in_directory();
  ck_ok(ctx, cx__model_save(ctx, path, "stage", 2, &opts, sections, 3));
  struct stat about;
  ck_assert_int_eq(stat(path, &about), 0);
  ck_assert_uint_eq(about.st_mode & 0777, 0600);
  ck_assert_int_eq(files_in_directory(), before + 1); /* no temporary file is left */
  for (int copy = 0; copy < 2; copy++) {
    cx_model_open_options open_options;
    ck_assert_int_eq(cx_model_open_options_init(&open_options, sizeof open_options), CX_OK);
    open_options.copy = copy;
    cx__model *model = NULL;
    ck_ok(ctx, cx__model_open(ctx, path, "stage", 2, &open_options, &model));
    ck_assert_uint_eq(cx__model_version(model), 2);
    check_contents(model);
    cx__model_free(model);
    ck_ok(ctx, cx__model_open(ctx, path, "stage", 5, &open_options, &model)); /* older than the library */
    ck_assert_uint_eq(cx__model_version(model), 2);
    cx__model_free(model);
  }
  cx_model_info info = {.size = sizeof info};
  ck_ok(ctx, cx_model_read_info(ctx, path, &info));
  ck_assert_str_eq(info.kind, "stage");
  ck_assert_uint_eq(info.generation, 3);
  ck_assert_uint_eq(info.store_id[15], 9);
  ck_assert_uint_eq(info.sections, 3);
  ck_assert_uint_eq(info.bytes, (uint64_t)about.st_size);
  cx__model_free(NULL);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(the_same_model_gives_the_same_bytes) {
  char first[256];
  strcpy(first, path_of("first"));
  ck_ok(NULL, cx__model_save(NULL, first, "stage", 1, NULL, sections, 3));
  const char *second = path_of("second");
  ck_ok(NULL, cx__model_save(NULL, second, "stage", 1, NULL, sections, 3));
  size_t a_size, b_size;
  char *a = test_read_file(first, &a_size), *b = test_read_file(second, &b_size);
  ck_assert_uint_eq(a_size, b_size);
  ck_assert_mem_eq(a, b, a_size);
  free(a);
  free(b);
}
END_TEST

START_TEST(a_newer_model_replaces_the_file_and_not_the_mapping) {
  const char *path = path_of("replaced");
  ck_ok(NULL, cx__model_save(NULL, path, "stage", 1, NULL, sections, 3));
  cx__model *old;
  ck_ok(NULL, cx__model_open(NULL, path, "stage", 1, NULL, &old));
  ck_ok(NULL, cx__model_save(NULL, path, "stage", 1, NULL, sections, 0));
  check_contents(old);
  cx__model_free(old);
  ck_ok(NULL, cx__model_open(NULL, path, "stage", 1, NULL, &old));
  uint64_t size;
  ck_assert_ptr_null(cx__model_get(old, ROWS, &size));
  cx__model_free(old);
}
END_TEST

START_TEST(the_wrong_kind_and_a_newer_version_are_refused) {
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  const char *path = path_of("kinds");
  ck_ok(ctx, cx__model_save(ctx, path, "stage", 3, NULL, sections, 3));
  cx__model *model = (cx__model *)&ctx;
  ck_status(CX_ERR_CORRUPT, cx__model_open(ctx, path, "ranker", 3, NULL, &model));
  ck_assert_ptr_null(model);
  ck_assert_str_eq(cx_context_error(ctx), "model file holds a model of kind stage, not ranker");
  ck_status(CX_ERR_UNSUPPORTED, cx__model_open(ctx, path, "stage", 2, NULL, &model));
  ck_assert_str_eq(cx_context_error(ctx), "model file has version 3 of kind stage, this library reads up to 2");
  ck_status(CX_ERR_INVALID, cx__model_open(ctx, NULL, "stage", 2, NULL, &model));
  cx_model_open_options opts = {.size = sizeof opts, .copy = 2};
  ck_status(CX_ERR_RANGE, cx__model_open(ctx, path, "stage", 3, &opts, &model));
  opts.size = 1;
  ck_status(CX_ERR_INVALID, cx__model_open(ctx, path, "stage", 3, &opts, &model));
  cx_context_free(ctx);
}
END_TEST

START_TEST(arrays_must_have_their_size) {
  const char *path = path_of("arrays");
  ck_ok(NULL, cx__model_save(NULL, path, "stage", 1, NULL, sections, 3));
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  cx__model *model;
  ck_ok(ctx, cx__model_open(ctx, path, "stage", 1, NULL, &model));
  const void *data = NULL;
  ck_ok(ctx, cx__model_get_array(ctx, model, ROWS, 4, sizeof(double), &data));
  ck_assert_mem_eq(data, rows, sizeof rows);
  ck_ok(ctx, cx__model_get_array(ctx, model, NONE, 0, 8, &data));
  data = NULL;
  ck_status(CX_ERR_CORRUPT, cx__model_get_array(ctx, model, ROWS, 3, 8, &data));
  ck_assert_str_eq(cx_context_error(ctx), "section ROWS of the model file has the wrong size");
  ck_status(CX_ERR_CORRUPT, cx__model_get_array(ctx, model, ROWS, (UINT64_MAX >> 3) + 5, 8, &data)); /* 32 mod 2^64 */
  ck_status(CX_ERR_CORRUPT, cx__model_get_array(ctx, model, CX__TAG('X', 'X', 'X', 'X'), 0, 8, &data));
  ck_assert_ptr_null(data);
  cx__model_free(model);
  cx_context_free(ctx);
}
END_TEST

START_TEST(what_cannot_be_a_model_is_not_saved) {
  const char *path = path_of("never");
  const int before = files_in_directory();
  const cx__model_section twice[] = {{ROWS, 0, rows, 8}, {ROWS, 0, rows, 8}};
  const cx__model_section reserved[] = {{ROWS, 1, rows, 8}}, empty[] = {{ROWS, 0, NULL, 8}};
  const cx__model_section large[] = {{ROWS, 0, rows, UINT64_MAX - 10}};
  cx_model_save_options opts = {.size = sizeof opts, .reserved = 1};
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, NULL, "stage", 1, NULL, sections, 3));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, NULL, 1, NULL, sections, 3));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "stage", 1, NULL, NULL, 3));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "stage", 0, NULL, sections, 3));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "", 1, NULL, sections, 3));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "Stage", 1, NULL, sections, 3));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "sixteen-letters-", 1, NULL, sections, 3));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "stage", 1, NULL, twice, 2));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "stage", 1, NULL, reserved, 1));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "stage", 1, NULL, empty, 1));
  ck_status(CX_ERR_RANGE, cx__model_save(NULL, path, "stage", 1, NULL, large, 1));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "stage", 1, NULL, sections, 1025));
  ck_status(CX_ERR_INVALID, cx__model_save(NULL, path, "stage", 1, &opts, sections, 3));
  ck_status(CX_ERR_IO, cx__model_save(NULL, "no/such/directory/model", "stage", 1, NULL, sections, 3));
  ck_status(CX_ERR_IO,
            cx__model_save(NULL, test_directory(), "stage", 1, NULL, sections, 3)); /* a directory is there */
  ck_assert_int_eq(files_in_directory(), before);
}
END_TEST

START_TEST(every_cut_and_every_flipped_byte_is_an_error) {
  const char *path = path_of("damaged");
  ck_ok(NULL, cx__model_save(NULL, path, "stage", 1, NULL, sections, 3));
  size_t size;
  char *bytes = test_read_file(path, &size);
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const long live = memory.live;
  cx__model *model = NULL;
  ck_ok(ctx, cx__model_open_bytes(ctx, bytes, size, "stage", 1, &model));
  check_contents(model);
  cx__model_free(model);
  for (size_t cut = 0; cut < size; cut++) {
    ck_status(CX_ERR_CORRUPT, cx__model_open_bytes(ctx, bytes, cut, "stage", 1, &model));
    ck_assert_ptr_null(model);
    ck_assert_int_eq(truncate(path, (off_t)(size - 1 - cut)), 0);
    ck_status(CX_ERR_CORRUPT, cx__model_open(ctx, path, "stage", 1, NULL, &model));
  }
  for (size_t i = 0; i < size; i++)
    for (int bit = 0; bit < 8; bit++) {
      bytes[i] = (char)(bytes[i] ^ (1 << bit));
      const cx_status status = cx__model_open_bytes(ctx, bytes, size, "stage", 1, &model);
      ck_assert(status == CX_ERR_CORRUPT || (status == CX_ERR_UNSUPPORTED && i >= 12 && i < 16));
      ck_assert_ptr_null(model);
      ck_assert_int_eq(memory.live, live);
      bytes[i] = (char)(bytes[i] ^ (1 << bit));
    }
  free(bytes);
  cx_context_free(ctx);
}
END_TEST

static cx_status save_and_open(void *user, cx_context *ctx) {
  cx_status status = cx__model_save(ctx, user, "stage", 1, NULL, sections, 3);
  if (status != CX_OK) return status;
  const cx_model_open_options opts = {.size = sizeof opts, .copy = 1};
  cx__model *model = (cx__model *)user;
  status = cx__model_open(ctx, user, "stage", 1, &opts, &model);
  if (status != CX_OK) ck_assert_ptr_null(model);
  cx__model_free(model);
  return status;
}

START_TEST(failing_allocations_are_errors) {
  char path[256];
  strcpy(path, path_of("allocations"));
  const int before = files_in_directory();
  test_allocations(save_and_open, path, false);
  ck_assert_int_eq(files_in_directory(), before + 1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("model file");
  TCase *tests = tcase_create("model file");
  tcase_add_test(tests, what_is_saved_is_opened);
  tcase_add_test(tests, the_same_model_gives_the_same_bytes);
  tcase_add_test(tests, a_newer_model_replaces_the_file_and_not_the_mapping);
  tcase_add_test(tests, the_wrong_kind_and_a_newer_version_are_refused);
  tcase_add_test(tests, arrays_must_have_their_size);
  tcase_add_test(tests, what_cannot_be_a_model_is_not_saved);
  tcase_add_test(tests, every_cut_and_every_flipped_byte_is_an_error);
  tcase_add_test(tests, failing_allocations_are_errors);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

START_TEST(versions_agree) {
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", CX_VERSION_MAJOR, CX_VERSION_MINOR, CX_VERSION_PATCH);
  ck_assert_str_eq(cx_version(), text);
  ck_assert(CX_VERSION_AT_LEAST(0, 1, 0));
  ck_assert(!CX_VERSION_AT_LEAST(99, 0, 0));
}
END_TEST

START_TEST(every_status_has_a_name_and_a_text) {
#define CASE(name, value, text)                                                                                        \
  ck_assert_int_eq(CX_##name, value);                                                                                  \
  ck_assert_str_eq(cx_status_name(value), #name);                                                                      \
  ck_assert_str_eq(cx_status_text(value), text);
  CX_STATUS_MAP(CASE)
#undef CASE
  ck_assert_ptr_null(cx_status_name(4711));
  ck_assert_str_eq(cx_status_text(4711), "unknown status");
}
END_TEST

START_TEST(options_are_checked) {
  cx_context_options opts;
  ck_status(CX_ERR_INVALID, cx_context_options_init(NULL, sizeof opts));
  ck_status(CX_ERR_INVALID, cx_context_options_init(&opts, 0));
  ck_status(CX_ERR_INVALID, cx_context_options_init(&opts, 5000));
  ck_assert_int_eq(cx_context_options_init(&opts, sizeof opts), CX_OK);
  ck_assert_uint_eq(opts.size, sizeof opts);
  ck_assert_uint_eq(opts.threads, 1);
  cx_context *ctx = (cx_context *)&opts;
  opts.threads = 0;
  ck_status(CX_ERR_RANGE, cx_context_new(&opts, &ctx));
  ck_assert_ptr_null(ctx);
  opts.threads = 257;
  ck_status(CX_ERR_RANGE, cx_context_new(&opts, &ctx));
  ck_status(CX_ERR_INVALID, cx_context_new(&opts, NULL));
}
END_TEST

START_TEST(newer_and_older_callers_are_understood) {
  struct {
    cx_context_options opts;
    uint64_t later;
  } newer;
  ck_assert_int_eq(cx_context_options_init(&newer.opts, sizeof newer), CX_OK);
  ck_assert_uint_eq(newer.later, 0);
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(&newer.opts, &ctx), CX_OK);
  cx_context_free(ctx);
  newer.later = 1;
  ck_status(CX_ERR_UNSUPPORTED, cx_context_new(&newer.opts, &ctx));
  uint32_t older[2];
  ck_assert_int_eq(cx_context_options_init((cx_context_options *)older, sizeof older), CX_OK);
  ck_assert_int_eq(cx_context_new((const cx_context_options *)older, &ctx), CX_OK);
  cx_context_free(ctx);
}
END_TEST

START_TEST(a_null_context_is_harmless) {
  cx_context_free(NULL);
  cx_context_cancel(NULL);
  ck_assert_str_eq(cx_context_error(NULL), "");
  ck_assert_int_eq(cx_context_status(NULL), CX_OK);
  uint64_t row = 9, byte = 9;
  ck_assert_str_eq(cx_context_place(NULL, &row, &byte), "");
  ck_assert_uint_eq(row, 0);
  ck_assert(byte == UINT64_MAX);
  ck_assert(strlen(cx_context_kernel(NULL)) > 0);
}
END_TEST

START_TEST(an_error_is_told_and_then_forgotten) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  ck_status(CX_ERR_RANGE, cx_context_set_threads(ctx, 0));
  ck_assert_int_eq(cx_context_status(ctx), CX_ERR_RANGE);
  ck_assert_str_eq(cx_context_error(ctx), "threads must be 1 to 256 (got 0)");
  ck_ok(ctx, cx_context_set_threads(ctx, 2));
  ck_assert_str_eq(cx_context_error(ctx), "");
  cx_context_free(ctx);
}
END_TEST

static cx_status make_context(void *user, cx_context *unused) {
  (void)unused;
  test_memory *memory = user;
  const size_t fail_at = memory->fail_at;
  const cx_allocator allocator = test_allocator(memory);
  memory->fail_at = fail_at;
  cx_context_options opts;
  ck_assert_int_eq(cx_context_options_init(&opts, sizeof opts), CX_OK);
  opts.allocator = &allocator;
  cx_context *ctx = (cx_context *)user;
  const cx_status status = cx_context_new(&opts, &ctx);
  if (status != CX_OK) ck_assert_ptr_null(ctx);
  cx_context_free(ctx);
  ck_assert_int_eq(memory->live, 0);
  return status;
}

START_TEST(a_failing_allocation_is_an_error) {
  test_memory memory = {.fail_at = 0};
  ck_status(CX_ERR_NOMEM, make_context(&memory, NULL));
  memory.fail_at = 1;
  ck_assert_int_eq(make_context(&memory, NULL), CX_OK);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("context");
  TCase *tests = tcase_create("context");
  tcase_add_test(tests, versions_agree);
  tcase_add_test(tests, every_status_has_a_name_and_a_text);
  tcase_add_test(tests, options_are_checked);
  tcase_add_test(tests, newer_and_older_callers_are_understood);
  tcase_add_test(tests, a_null_context_is_harmless);
  tcase_add_test(tests, an_error_is_told_and_then_forgotten);
  tcase_add_test(tests, a_failing_allocation_is_an_error);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

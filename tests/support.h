/* SPDX-License-Identifier: MIT */
/* What the suites share: a counting allocator that fails on request, and the main of a suite. */
#ifndef CX_TESTS_SUPPORT_H
#define CX_TESTS_SUPPORT_H

#include <check.h>
#include <cx.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Counts allocations; the one numbered `fail_at` (from 0) and all later ones fail. SIZE_MAX: none fails. */
typedef struct test_memory {
  size_t count; /* allocation requests since the last reset */
  size_t fail_at;
  long live; /* blocks not yet freed */
} test_memory;
cx_allocator test_allocator(test_memory *memory);
/** A context on such an allocator; asserts success. Made while nothing fails. */
cx_context *test_context(test_memory *memory, uint32_t threads);

/** Runs body(user, ctx) again and again, failing the k-th allocation for k = 0, 1, 2, ... until the call succeeds;
 * asserts that each failure is CX_ERR_NOMEM, that nothing leaks, that at least one allocation was failed (unless
 * none_allowed), and that a last run succeeds. The body must itself check that outputs are untouched on failure and
 * free what it made on success. */
typedef cx_status (*test_body)(void *user, cx_context *ctx);
void test_allocations(test_body body, void *user, bool none_allowed);

/** The same for a call on objects that stay: it writes what it gave to @p out, nothing when it fails. After each
 * failure it is repeated on the same objects with enough memory, and must then write the bytes of a call that never
 * failed. */
typedef cx_status (*test_call)(void *user, cx_context *ctx, FILE *out);
void test_retries(test_call call, void *user);

/** Asserts CX_OK and shows the context's error text when it is not. */
#define ck_ok(ctx, call)                                                                                               \
  do {                                                                                                                 \
    const cx_status ck_status_ = (call);                                                                               \
    ck_assert_msg(ck_status_ == CX_OK, "%s: %s (%s)", #call, cx_status_name(ck_status_), cx_context_error(ctx));       \
  } while (0)
/** Asserts another status. */
#define ck_status(expected, call)                                                                                      \
  do {                                                                                                                 \
    const cx_status ck_status_ = (call);                                                                               \
    ck_assert_msg(ck_status_ == (expected), "%s: %s, expected %s", #call, cx_status_name(ck_status_),                  \
                  cx_status_name(expected));                                                                           \
  } while (0)

/** Relative difference at most tolerance (absolute below 1). */
#define ck_near(value, expected, tolerance)                                                                            \
  do {                                                                                                                 \
    const double ck_v_ = (value), ck_e_ = (expected);                                                                  \
    const double ck_s_ = ck_e_ < 0 ? -ck_e_ : ck_e_;                                                                   \
    const double ck_d_ = ck_v_ > ck_e_ ? ck_v_ - ck_e_ : ck_e_ - ck_v_;                                                \
    ck_assert_msg(ck_d_ <= (tolerance) * (ck_s_ > 1 ? ck_s_ : 1), "%s = %.17g, expected %.17g", #value, ck_v_, ck_e_); \
  } while (0)

static inline cx_text text_of(const char *terminated) {
  cx_text text = {terminated, strlen(terminated)};
  return text;
}

/** Reads a whole file; free() it. */
char *test_read_file(const char *path, size_t *size);
/** A new empty directory below the build tree's, removed at exit with all it holds. */
const char *test_directory(void);

/** Runs a suite and says how it went; the main of each test program returns it. */
int test_run(Suite *suite);

#endif

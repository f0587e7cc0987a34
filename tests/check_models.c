/* SPDX-License-Identifier: MIT */
/* What all models have in common: many threads and processes ask one of them, calls that were cut short are repeated,
 * files of older and newer versions. */
#include "ranker_world.h"

#include <math.h>
#include <pthread.h>
#include <time.h>

static void *cancel_soon(void *ctx) {
  const struct timespec time = {.tv_nsec = 5000000};
  nanosleep(&time, NULL);
  cx_context_cancel(ctx);
  return NULL;
}

START_TEST(a_cancelled_question_leaves_the_answers) {
  enum { N = 1000000 };
  double *x = calloc(N, sizeof *x), *T = malloc(N * sizeof *T), *out = calloc(3 * N, sizeof *out);
  ck_assert(x && T && out);
  for (size_t i = 0; i < N; i++) T[i] = 38;
  cx_lifecycle *m = NULL;
  ck_ok(NULL, cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, (const double[]){.24, 4.4, .79, 2.4}, 4, CX_UNIT_WEEK, &m));
  test_memory memory;
  cx_context *ctx = test_context(&memory, 2);
  for (int simulate = 0; simulate < 2; simulate++) {
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, ctx), 0);
    const cx_status status = simulate ? cx_lifecycle_simulate(ctx, m, N, T, 38, 1, out, out + N, out + 2 * N)
                                      : cx_lifecycle_expected(ctx, m, N, x, x, T, 39, out);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(status, CX_ERR_CANCELLED);
    for (size_t i = 0; i < 3 * N; i++) ck_assert(out[i] == 0);
  }
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
  cx_lifecycle_free(m);
  free(x);
  free(T);
  free(out);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("models");
  TCase *tests = tcase_create("models");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, a_cancelled_question_leaves_the_answers);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* References were computed with Newton's method in mpmath 1.4.1 at 40 digits; scikit-learn 1.9.1
 * (LogisticRegression, _SigmoidCalibration) agrees to 8 digits. */
#include "support.h"

#include "math/math.h"

#define N 60

static double columns[N * 3], score[N], label[N], weight[N];

static void fill(void) {
  for (int i = 0; i < N; i++) {
    const double s = (double)(i * 37 % 101 / 4) / 25;
    columns[3 * i] = 1;
    columns[3 * i + 1] = s;
    columns[3 * i + 2] = (double)(i * 29 % 31) / 31;
    label[i] = s > 0.7 ? (i * 7 % 5 > 1) : (i * 53 % 97 % 3 == 0);
    weight[i] = 1 + i * 11 % 7;
    score[i] = 4 * s - 2;
  }
}

START_TEST(coefficients_agree_with_the_references) {
  double x[3];
  ck_ok(NULL, cx__logistic_fit(NULL, columns, N, 3, label, NULL, 0, x));
  ck_near(x[0], -1.3043895864998399, 1e-9);
  ck_near(x[1], 0.99660624863123357, 1e-9);
  ck_near(x[2], 1.0960812539168644, 1e-9);
  ck_ok(NULL, cx__logistic_fit(NULL, columns, N, 3, label, weight, 0.5, x));
  ck_near(x[0], -1.2652523974414437, 1e-9);
  ck_near(x[1], 1.0364445245876109, 1e-9);
  ck_near(x[2], 0.94971133011696924, 1e-9);
  double soft[N];
  for (int i = 0; i < N; i++) soft[i] = (1 + i * 13 % 9) / 10.0;
  ck_ok(NULL, cx__logistic_fit(NULL, columns, N, 3, soft, weight, 0, x));
  ck_near(x[0], 0.096721760391489053, 1e-9);
  ck_near(x[1], -0.18058625738780599, 1e-9);
  ck_near(x[2], 0.018489492351885483, 1e-9);
}
END_TEST

START_TEST(a_weight_counts_like_repetition) {
  static double many[7 * N * 3], many_labels[7 * N];
  size_t n = 0;
  for (int i = 0; i < N; i++)
    for (int k = 0; k < (int)weight[i]; k++, n++) {
      memcpy(many + 3 * n, columns + 3 * i, 3 * sizeof *many);
      many_labels[n] = label[i];
    }
  double x[3], y[3];
  ck_ok(NULL, cx__logistic_fit(NULL, columns, N, 3, label, weight, 0, x));
  ck_ok(NULL, cx__logistic_fit(NULL, many, n, 3, many_labels, NULL, 0, y));
  for (int i = 0; i < 3; i++) ck_near(x[i], y[i], 1e-9);
}
END_TEST

START_TEST(separable_data_needs_a_ridge) {
  static const double rows[8] = {1, -2, 1, -1, 1, 1, 1, 2}, labels[4] = {0, 0, 1, 1};
  double x[2] = {7, 7};
  ck_status(CX_ERR_NO_CONVERGENCE, cx__logistic_fit(NULL, rows, 4, 2, labels, NULL, 0, x));
  ck_assert_double_eq(x[0], 7);
  /* Two rows at 0 with either outcome: separable in the limit only. */
  static const double touching[12] = {1, -2, 1, -1, 1, 1, 1, 2, 1, 0, 1, 0}, both[6] = {0, 0, 1, 1, 0, 1};
  ck_status(CX_ERR_NO_CONVERGENCE, cx__logistic_fit(NULL, touching, 6, 2, both, NULL, 0, x));
  static const double same[8] = {1, 1, 1, 1, 1, 1, 1, 1}, mixed[4] = {0, 1, 1, 1};
  ck_status(CX_ERR_NO_CONVERGENCE, cx__logistic_fit(NULL, same, 4, 2, mixed, NULL, 0, x));
  ck_assert_double_eq(x[0], 7);
  ck_ok(NULL, cx__logistic_fit(NULL, rows, 4, 2, labels, NULL, 0.1, x));
  ck_near(x[0], 0, 1e-9);
  ck_assert_double_gt(x[1], 1);
}
END_TEST

START_TEST(bad_rows_are_named) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  double x[40] = {7}, bad[N], a = 7, b = 7;
  ck_status(CX_ERR_RANGE, cx__logistic_fit(ctx, columns, N, 0, label, NULL, 0, x));
  ck_status(CX_ERR_RANGE, cx__logistic_fit(ctx, columns, 1, 33, label, NULL, 0, x));
  ck_status(CX_ERR_RANGE, cx__logistic_fit(ctx, columns, N, 3, label, NULL, -1, x));
  ck_status(CX_ERR_NO_DATA, cx__logistic_fit(ctx, columns, 0, 3, label, NULL, 0, x));
  memset(bad, 0, sizeof bad);
  ck_status(CX_ERR_NO_DATA, cx__logistic_fit(ctx, columns, N, 3, bad, NULL, 0, x));
  ck_status(CX_ERR_NO_DATA, cx__logistic_fit(ctx, columns, N, 3, label, bad, 0, x));
  ck_status(CX_ERR_NO_DATA, cx__platt_fit(ctx, score, bad, NULL, N, &a, &b));
  ck_status(CX_ERR_NO_DATA, cx__platt_fit(ctx, score, label, NULL, 0, &a, &b));
  static const double wrong[] = {NAN, -0.5, INFINITY};
  for (int i = 0; i < 3; i++) {
    memcpy(bad, label, sizeof bad);
    bad[41] = wrong[i];
    ck_status(CX_ERR_RANGE, cx__logistic_fit(ctx, columns, N, 3, bad, NULL, 0, x));
    ck_status(CX_ERR_RANGE, cx__logistic_fit(ctx, columns, N, 3, label, bad, 0, x));
    ck_assert_str_eq(cx_context_error(ctx), "weight must be >= 0 (row 42)");
    ck_status(CX_ERR_RANGE, cx__platt_fit(ctx, score, bad, NULL, N, &a, &b));
    uint64_t row = 0;
    ck_assert_str_eq(cx_context_place(ctx, &row, NULL), "label");
    ck_assert_uint_eq(row, 42);
    ck_status(CX_ERR_RANGE, cx__platt_fit(ctx, score, label, bad, N, &a, &b));
  }
  memcpy(bad, score, sizeof bad);
  bad[3] = NAN;
  ck_status(CX_ERR_RANGE, cx__logistic_fit(ctx, bad, N, 1, label, NULL, 0, x));
  ck_status(CX_ERR_RANGE, cx__platt_fit(ctx, bad, label, NULL, N, &a, &b));
  ck_assert_double_eq(x[0], 7);
  ck_assert(a == 7 && b == 7);
  cx_context_free(ctx);
}
END_TEST

START_TEST(platt_parameters_agree_with_the_references) {
  double a, b;
  ck_ok(NULL, cx__platt_fit(NULL, score, label, NULL, N, &a, &b));
  ck_near(a, -0.25387634428028813, 1e-9);
  ck_near(b, 0.23787494024571386, 1e-9);
  ck_ok(NULL, cx__platt_fit(NULL, score, label, weight, N, &a, &b));
  ck_near(a, -0.26158401931464195, 1e-9);
  ck_near(b, 0.24101110692594333, 1e-9);
}
END_TEST

START_TEST(platt_tames_perfect_scores) {
  static const double scores[6] = {-3, -2, -1, 1, 2, 3}, labels[6] = {0, 0, 0, 1, 1, 1};
  double a, b;
  ck_ok(NULL, cx__platt_fit(NULL, scores, labels, NULL, 6, &a, &b));
  ck_near(a, 0, 1e-9);
  ck_assert_double_gt(b, 0);
  ck_assert_double_lt(cx__logistic(a + b * 3), 0.99);
}
END_TEST

static cx_status fit_platt(void *user, cx_context *ctx) {
  (void)user;
  double a = 7, b = 7;
  const cx_status status = cx__platt_fit(ctx, score, label, weight, N, &a, &b);
  if (status != CX_OK) ck_assert(a == 7 && b == 7);
  return status;
}

START_TEST(platt_survives_failing_allocations) { test_allocations(fit_platt, NULL, false); }
END_TEST

START_TEST(a_fit_can_be_cancelled) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  double x[3] = {7};
  cx_context_cancel(ctx);
  ck_status(CX_ERR_CANCELLED, cx__logistic_fit(ctx, columns, N, 3, label, NULL, 0, x));
  ck_assert_double_eq(x[0], 7);
  cx_context_free(ctx);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("logistic");
  TCase *tests = tcase_create("logistic");
  tcase_add_checked_fixture(tests, fill, NULL);
  tcase_add_test(tests, coefficients_agree_with_the_references);
  tcase_add_test(tests, a_weight_counts_like_repetition);
  tcase_add_test(tests, separable_data_needs_a_ridge);
  tcase_add_test(tests, bad_rows_are_named);
  tcase_add_test(tests, platt_parameters_agree_with_the_references);
  tcase_add_test(tests, platt_tames_perfect_scores);
  tcase_add_test(tests, platt_survives_failing_allocations);
  tcase_add_test(tests, a_fit_can_be_cancelled);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

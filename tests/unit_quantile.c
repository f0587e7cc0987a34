/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "math/math.h"

START_TEST(quantiles_agree_with_numpy) {
  /* numpy 2.4.6: numpy.quantile(a, q), method "linear". */
  double a[7] = {3.5, -1, 2, 2, 10, 7.25, 0}, scratch[7];
  static const double q[] = {0, 0.1, 0.25, 0.5, 0.9, 0.975, 1};
  static const double expected[] = {-1, -0.4, 1, 2, 8.35, 9.5875, 10};
  cx__sort_double(a, 7, scratch);
  for (int i = 0; i < 7; i++) ck_near(cx__quantile_sorted(a, 7, q[i]), expected[i], 1e-15);
  ck_assert_double_eq(cx__quantile_sorted(a, 1, 0.7), -1);
  ck_assert(isnan(cx__quantile_sorted(a, 0, 0.5)));
  ck_assert(isnan(cx__quantile_sorted(a, 7, 1.5)));
  ck_assert(isnan(cx__quantile_sorted(a, 7, -0.5)));
  ck_assert(isnan(cx__quantile_sorted(a, 7, NAN)));
  static const double infinite[4] = {-INFINITY, -INFINITY, INFINITY, INFINITY};
  ck_assert_double_eq(cx__quantile_sorted(infinite, 4, 0.1), -INFINITY);
  ck_assert_double_eq(cx__quantile_sorted(infinite, 4, 0.9), INFINITY);
}
END_TEST

static uint32_t next(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

#define N 5000

START_TEST(values_are_sorted) {
  static double values[N], expected[N], scratch[N];
  uint32_t state = 1;
  for (size_t n = 0; n <= N; n = n < 70 ? n + 1 : n * 2 + 1) {
    for (size_t i = 0; i < n; i++) values[i] = expected[i] = (double)(next(&state) % 1000) - 500;
    cx__sort_double(values, n, scratch);
    qsort(expected, n, sizeof *expected, compare);
    for (size_t i = 0; i < n; i++) ck_assert_double_eq(values[i], expected[i]);
  }
}
END_TEST

START_TEST(not_a_number_comes_last) {
  for (size_t n = 1; n < 200; n++) {
    double values[200], scratch[200];
    uint32_t index[200], index_scratch[200], state = (uint32_t)n;
    size_t numbers = 0;
    for (size_t i = 0; i < n; i++) {
      const bool number = next(&state) % 3 != 0;
      values[i] = number ? (next(&state) % 10 == 0 ? INFINITY : (double)(next(&state) % 50)) : NAN;
      index[i] = (uint32_t)i;
      numbers += number;
    }
    cx__sort_index(values, index, n, index_scratch);
    for (size_t i = 0; i < n; i++) {
      ck_assert_int_eq(isnan(values[index[i]]) != 0, i >= numbers);
      if (i > 0 && i < numbers) ck_assert_double_le(values[index[i - 1]], values[index[i]]);
      if (i > numbers) ck_assert_uint_lt(index[i - 1], index[i]); /* in their order */
    }
    cx__sort_double(values, n, scratch);
    for (size_t i = 0; i < n; i++) ck_assert_int_eq(isnan(values[i]) != 0, i >= numbers);
  }
}
END_TEST

START_TEST(index_sorts_are_stable) {
  static double key[N];
  static int64_t whole[N];
  static uint32_t index[N], other[N], scratch[N];
  uint32_t state = 3;
  for (size_t n = 1; n <= N; n = n < 70 ? n + 1 : n * 2 + 1) {
    for (size_t i = 0; i < n; i++) {
      const uint32_t value = next(&state) % (n < 100 ? 5 : 200);
      key[i] = (double)value - 100;
      whole[i] = ((int64_t)value - 100) * INT64_C(90000000000000000);
      index[i] = other[i] = (uint32_t)i;
    }
    cx__sort_index(key, index, n, scratch);
    cx__sort_index_int64(whole, other, n, scratch);
    for (size_t i = 0; i < n; i++) {
      ck_assert_uint_eq(index[i], other[i]);
      if (i == 0) continue;
      ck_assert_double_le(key[index[i - 1]], key[index[i]]);
      ck_assert(key[index[i - 1]] < key[index[i]] || index[i - 1] < index[i]);
    }
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("quantile");
  TCase *tests = tcase_create("quantile");
  tcase_add_test(tests, quantiles_agree_with_numpy);
  tcase_add_test(tests, values_are_sorted);
  tcase_add_test(tests, not_a_number_comes_last);
  tcase_add_test(tests, index_sorts_are_stable);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

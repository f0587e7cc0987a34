/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "core/context.h"
#include "math/math.h"

/* A fixed sequence in (-1, 1). */
static double noise(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return (double)*state / 2147483648.0 - 1;
}

/* R R^T + shift * identity. */
static void fill_definite(double *a, size_t n, double shift, uint32_t seed) {
  double *r = malloc(n * n * sizeof *r);
  ck_assert_ptr_nonnull(r);
  for (size_t i = 0; i < n * n; i++) r[i] = noise(&seed);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = i == j ? shift : 0;
      for (size_t k = 0; k < n; k++) sum += r[i * n + k] * r[j * n + k];
      a[i * n + j] = sum;
    }
  free(r);
}

START_TEST(a_small_factor_is_known) {
  /* 4 12 -16, 12 37 -43, -16 -43 98 has the factor 2 / 6 1 / -8 5 3. */
  double a[9] = {4, NAN, NAN, 12, 37, NAN, -16, -43, 98};
  ck_assert(cx__cholesky(a, 3));
  ck_assert_double_eq(a[0], 2);
  ck_assert_double_eq(a[3], 6);
  ck_assert_double_eq(a[4], 1);
  ck_assert_double_eq(a[6], -8);
  ck_assert_double_eq(a[7], 5);
  ck_assert_double_eq(a[8], 3);
  double b[3] = {4 + 24 - 48, 12 + 74 - 129, -16 - 86 + 294};
  cx__cholesky_solve(a, 3, b);
  for (int i = 0; i < 3; i++) ck_near(b[i], i + 1, 1e-13);
}
END_TEST

START_TEST(what_is_not_definite_is_refused) {
  double a[4] = {1, 0, 2, 4}, b[4] = {0, 0, 0, 1}, c[4] = {1, 0, NAN, 1}, d[4] = {INFINITY, 0, 0, 1}, out[4];
  ck_assert(!cx__cholesky(a, 2));
  ck_assert(!cx__cholesky(b, 2));
  ck_assert(!cx__cholesky(c, 2));
  ck_assert(!cx__cholesky(d, 2));
  ck_assert(!cx__invert_spd((const double[]){1, 2, 2, 1}, 2, out));
}
END_TEST

START_TEST(an_inverse_times_its_matrix_is_the_identity) {
  for (size_t n = 1; n <= 33; n += 4) {
    double *a = malloc(2 * n * n * sizeof *a), *inverse = a + n * n;
    ck_assert_ptr_nonnull(a);
    fill_definite(a, n, 0.5, (uint32_t)n);
    ck_assert(cx__invert_spd(a, n, inverse));
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++) {
        double sum = 0;
        for (size_t k = 0; k < n; k++) sum += a[i * n + k] * inverse[k * n + j];
        ck_near(sum, i == j ? 1 : 0, 1e-11);
        ck_assert_double_eq(inverse[i * n + j], inverse[j * n + i]);
      }
    ck_assert(cx__invert_spd(a, n, a)); /* in place */
    ck_assert_mem_eq(a, inverse, n * n * sizeof *a);
    free(a);
  }
}
END_TEST

#define PADDING 12345.0f

static size_t stride_of(size_t n) { return (n + 15) / 16 * 16; }

/* Factors and solves with a kernel; the factor, then the solution. */
static float *solve(const cx__kernel *kernel, const double *a, size_t n, const double *b) {
  const size_t stride = stride_of(n);
  float *l = cx__alloc_aligned(cx__allocator(NULL), (n + 1) * stride, sizeof *l);
  ck_assert_ptr_nonnull(l);
  float *x = l + n * stride;
  for (size_t i = 0; i < n * stride; i++) l[i] = PADDING;
  memset(x, 0, stride * sizeof *x);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++) l[i * stride + j] = (float)a[i * n + j];
    x[i] = (float)b[i];
  }
  ck_assert(cx__cholesky_float(kernel, l, n, stride));
  cx__cholesky_solve_float(kernel, l, n, stride, x);
  return l;
}

static const size_t sizes[] = {1, 2, 15, 16, 17, 31, 32, 33, 64, 100, 200, 256};

START_TEST(single_precision_agrees_with_double) {
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    const size_t n = sizes[s], stride = stride_of(n);
    double *a = malloc((n * n + 2 * n) * sizeof *a), *b = a + n * n, *x = b + n;
    ck_assert_ptr_nonnull(a);
    fill_definite(a, n, (double)n, 5);
    uint32_t seed = 9;
    for (size_t i = 0; i < n; i++) b[i] = noise(&seed);
    float *l = solve(cx__kernel_of(NULL), a, n, b);
    memcpy(x, b, n * sizeof *x);
    ck_assert(cx__cholesky(a, n));
    cx__cholesky_solve(a, n, x);
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j <= i; j++)
        ck_near((double)l[i * stride + j] / a[i * n + i], a[i * n + j] / a[i * n + i], 2e-6);
      ck_near((double)l[n * stride + i] * (double)n, x[i] * (double)n, 2e-5);
    }
    for (size_t i = n; i < stride; i++) ck_assert_float_eq(l[n * stride + i], 0);
    cx__free_aligned(cx__allocator(NULL), l);
    free(a);
  }
}
END_TEST

START_TEST(every_kernel_gives_the_same_bits) {
  const cx__kernel *scalar = NULL, *fast = NULL;
  ck_assert_int_eq(cx__kernel_choose(CX_KERNEL_SCALAR, &scalar), CX_OK);
  if (cx__kernel_choose(CX_KERNEL_AVX2, &fast) != CX_OK) return; /* this processor has no other */
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    const size_t n = sizes[s];
    double *a = malloc((n * n + n) * sizeof *a), *b = a + n * n;
    ck_assert_ptr_nonnull(a);
    fill_definite(a, n, 1, 77);
    uint32_t seed = 3;
    for (size_t i = 0; i < n; i++) b[i] = noise(&seed);
    float *one = solve(scalar, a, n, b), *other = solve(fast, a, n, b);
    for (size_t i = 0; i < n; i++) /* the factor, then the solution */
      ck_assert_mem_eq(one + i * stride_of(n), other + i * stride_of(n), (i + 1) * sizeof *one);
    ck_assert_mem_eq(one + n * stride_of(n), other + n * stride_of(n), stride_of(n) * sizeof *one);
    cx__free_aligned(cx__allocator(NULL), one);
    cx__free_aligned(cx__allocator(NULL), other);
    free(a);
  }
}
END_TEST

START_TEST(single_precision_refuses_what_is_not_definite) {
  _Alignas(64) float a[40 * 48] = {0};
  for (size_t i = 0; i < 40; i++) a[i * 48 + i] = i == 37 ? -1 : 1;
  ck_assert(!cx__cholesky_float(cx__kernel_of(NULL), a, 40, 48));
  ck_assert(cx__cholesky_float(cx__kernel_of(NULL), a, 37, 48));
  a[3 * 48 + 2] = NAN;
  ck_assert(!cx__cholesky_float(cx__kernel_of(NULL), a, 37, 48));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("dense");
  TCase *tests = tcase_create("dense");
  tcase_add_test(tests, a_small_factor_is_known);
  tcase_add_test(tests, what_is_not_definite_is_refused);
  tcase_add_test(tests, an_inverse_times_its_matrix_is_the_identity);
  tcase_add_test(tests, single_precision_agrees_with_double);
  tcase_add_test(tests, every_kernel_gives_the_same_bits);
  tcase_add_test(tests, single_precision_refuses_what_is_not_definite);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

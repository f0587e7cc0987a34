/* SPDX-License-Identifier: MIT */
#include "core/context.h"
#include "support.h"

#include <math.h>

static const cx__kernel *scalar, *other; /* other is the processor's best, perhaps scalar again */

static void choose(void) {
  ck_assert_int_eq(cx__kernel_choose(CX_KERNEL_SCALAR, &scalar), CX_OK);
  ck_assert_int_eq(cx__kernel_choose(CX_KERNEL_AUTO, &other), CX_OK);
}

static float *make(size_t n) {
  float *values = cx__alloc_aligned(cx__allocator(NULL), n, sizeof *values);
  ck_assert_ptr_nonnull(values);
  return values;
}

static void unmake(float *values) { cx__free_aligned(cx__allocator(NULL), values); }

static void fill(cx__random *random, float *values, size_t n, int spread) {
  for (size_t i = 0; i < n; i++) {
    const double value = cx__random_normal(random);
    values[i] = (float)ldexp(value, spread > 0 ? (int)cx__random_below(random, (uint64_t)spread) - spread / 2 : 0);
  }
}

static void same(const float *a, const float *b, size_t n, const char *what, size_t size) {
  ck_assert_msg(memcmp(a, b, n * sizeof *a) == 0, "%s differs for size %zu", what, size);
}

START_TEST(kernels_are_chosen_by_number) {
  const cx__kernel *kernel = NULL;
  ck_status(CX_ERR_RANGE, cx__kernel_choose(3, &kernel));
  ck_status(CX_ERR_RANGE, cx__kernel_choose(-1, &kernel));
  ck_assert_ptr_null(kernel);
  ck_assert_str_eq(scalar->name, "scalar");
  const cx_status status = cx__kernel_choose(CX_KERNEL_AVX2, &kernel);
  ck_assert(status == CX_OK || status == CX_ERR_UNSUPPORTED);
  if (status == CX_OK) ck_assert_str_eq(kernel->name, "avx2");
  ck_assert_str_eq(cx_context_kernel(NULL), other->name);
  cx_context_options opts;
  ck_assert_int_eq(cx_context_options_init(&opts, sizeof opts), CX_OK);
  opts.kernel = CX_KERNEL_SCALAR;
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(&opts, &ctx), CX_OK);
  ck_assert_str_eq(cx_context_kernel(ctx), "scalar");
  ck_assert_ptr_eq(cx__kernel_of(ctx), scalar);
  cx_context_free(ctx);
}
END_TEST

/* One element at a time, axpy is a fused multiply-add: against the C library's, on numbers of all sizes, subnormal and
 * cancelling ones among them. */
START_TEST(products_and_sums_are_rounded_once) {
  cx__random random;
  cx__random_init(&random, 21, 0);
  const int rounds = getenv("CX_VALGRIND") ? 50000 : 2000000;
  for (int i = 0; i < rounds; i++) {
    uint32_t bits[3];
    for (int k = 0; k < 3; k++) bits[k] = cx__random_uint32(&random);
    float x[3];
    memcpy(x, bits, sizeof x);
    if (i % 2) { /* exponents near each other, so that the sum cancels or ties */
      const float product = x[0] * x[1];
      uint32_t near;
      memcpy(&near, &product, sizeof near);
      near ^= bits[2] & UINT32_C(0x80000fff);
      memcpy(&x[2], &near, sizeof near);
    }
    if (i % 3 == 0) { /* few bits: exact middles */
      uint32_t few[3];
      memcpy(few, x, sizeof few);
      for (int k = 0; k < 3; k++) few[k] &= UINT32_C(0xfffff000) >> (k == 2 ? 0 : 1) | UINT32_C(0xff800000);
      memcpy(x, few, sizeof few);
    }
    const float expected = fmaf(x[0], x[1], x[2]);
    float with_scalar = x[2], with_other = x[2];
    scalar->axpy(x[0], &x[1], &with_scalar, 1);
    other->axpy(x[0], &x[1], &with_other, 1);
    const bool nan = isnan(expected);
    if (nan ? !isnan(with_scalar) || !isnan(with_other)
            : memcmp(&with_scalar, &expected, sizeof expected) != 0 ||
                  memcmp(&with_other, &expected, sizeof expected) != 0)
      ck_abort_msg("%a * %a + %a is %a and %a, expected %a", (double)x[0], (double)x[1], (double)x[2],
                   (double)with_scalar, (double)with_other, (double)expected);
  }
  /* the tie of a subnormal result that rounding twice gets wrong */
  const float a = 0x1.000002p-75f, b = 0x1p-75f, c = 0x1p-127f;
  float y = c;
  scalar->axpy(a, &b, &y, 1);
  ck_assert(y == fmaf(a, b, c));
}
END_TEST

START_TEST(a_dot_product_is_right_and_the_same_everywhere) {
  cx__random random;
  cx__random_init(&random, 22, 0);
  for (size_t n = 0; n <= 512; n += 16)
    for (int spread = 0; spread < 60; spread += 20) {
      float *a = make(n), *b = make(n);
      fill(&random, a, n, spread);
      fill(&random, b, n, spread);
      const float x = scalar->dot(a, b, n), y = other->dot(a, b, n);
      same(&x, &y, 1, "dot", n);
      double exact = 0, size = 0;
      for (size_t i = 0; i < n; i++) {
        exact += (double)a[i] * (double)b[i];
        size += fabs((double)a[i] * (double)b[i]);
      }
      ck_assert_double_le(fabs(exact - (double)x), size * 0x1p-20);
      unmake(a);
      unmake(b);
    }
}
END_TEST

START_TEST(matrix_times_vector_is_the_dot_products) {
  cx__random random;
  cx__random_init(&random, 23, 0);
  for (size_t rows = 0; rows <= 13; rows++) {
    const size_t n = 48, stride = 64;
    float *m = make(rows * stride), *x = make(n);
    float one[16] = {0}, two[16] = {0};
    fill(&random, m, rows * stride, 10);
    fill(&random, x, n, 10);
    scalar->gemv(m, stride, rows, x, n, one);
    other->gemv(m, stride, rows, x, n, two);
    same(one, two, 16, "gemv", rows);
    for (size_t r = 0; r < rows; r++) {
      const float d = scalar->dot(m + r * stride, x, n);
      same(&one[r], &d, 1, "row of gemv", r);
    }
    unmake(m);
    unmake(x);
  }
}
END_TEST

START_TEST(axpy_is_the_same_everywhere) {
  cx__random random;
  cx__random_init(&random, 24, 0);
  for (size_t n = 0; n <= 70; n++) {
    float *x = make(n + 1), *y = make(n + 1), *z = make(n + 1);
    fill(&random, x, n + 1, 10);
    fill(&random, y, n + 1, 10);
    memcpy(z, y, (n + 1) * sizeof *y);
    scalar->axpy(1.1F, x, y, n);
    other->axpy(1.1F, x, z, n);
    same(y, z, n + 1, "axpy", n); /* and nothing behind n was touched */
    unmake(x);
    unmake(y);
    unmake(z);
  }
}
END_TEST

START_TEST(a_symmetric_product_is_the_same_everywhere) {
  cx__random random;
  cx__random_init(&random, 25, 0);
  static const size_t sizes[] = {1,  2,  3,  4,  5,  7,  8,  15, 16, 17, 18, 19,
                                 20, 21, 31, 32, 33, 34, 48, 63, 64, 65, 80, 128};
  static const size_t counts[] = {0, 1, 2, 63, 64, 65, 200};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++)
      for (int weighted = 0; weighted < 2; weighted++) {
        const size_t n = sizes[s], count = counts[k], stride = n + (k % 2 ? 16 : 0);
        float *rows = make(count * stride), *w = make(count), *one = make(n * n), *two = make(n * n);
        fill(&random, rows, count * stride, 8);
        fill(&random, w, count, 8);
        fill(&random, one, n * n, 8);
        memcpy(two, one, n * n * sizeof *one);
        float *plain = make(n * n);
        memcpy(plain, one, n * n * sizeof *one);
        scalar->syrk(rows, stride, count, weighted ? w : NULL, n, one);
        other->syrk(rows, stride, count, weighted ? w : NULL, n, two);
        same(one, two, n * n, "syrk", n);
        for (size_t i = 0; i < n; i++) /* as documented: rows ascending, fused, nothing above the diagonal */
          for (size_t j = 0; j <= i; j++)
            for (size_t r = 0; r < count; r++) {
              const float factor = weighted ? w[r] * rows[r * stride + i] : rows[r * stride + i];
              plain[i * n + j] = fmaf(factor, rows[r * stride + j], plain[i * n + j]);
            }
        if (n * n * count < 200000) same(one, plain, n * n, "plain syrk", n);
        unmake(rows);
        unmake(w);
        unmake(one);
        unmake(two);
        unmake(plain);
      }
}
END_TEST

START_TEST(a_combination_of_rows_is_the_same_everywhere) {
  cx__random random;
  cx__random_init(&random, 26, 0);
  static const size_t sizes[] = {1, 7, 8, 16, 17, 48, 63, 64, 65, 80, 128, 144};
  static const size_t counts[] = {0, 1, 2, 65};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
      const size_t n = sizes[s], count = counts[k], stride = n + (k % 2 ? 16 : 0);
      float *rows = make(count * stride), *w = make(count), *one = make(n), *two = make(n), *plain = make(n);
      fill(&random, rows, count * stride, 8);
      fill(&random, w, count, 8);
      fill(&random, one, n, 8);
      memcpy(two, one, n * sizeof *one);
      memcpy(plain, one, n * sizeof *one);
      scalar->combine(rows, stride, count, w, n, one);
      other->combine(rows, stride, count, w, n, two);
      same(one, two, n, "combine", n);
      for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < count; r++) plain[i] = fmaf(w[r], rows[r * stride + i], plain[i]);
      same(one, plain, n, "plain combine", n);
      unmake(rows);
      unmake(w);
      unmake(one);
      unmake(two);
      unmake(plain);
    }
}
END_TEST

START_TEST(a_factor_is_the_same_everywhere) {
  cx__random random;
  cx__random_init(&random, 27, 0);
  for (size_t n = 1; n <= 70; n++) {
    const size_t stride = (n + 15) / 16 * 16;
    float *rows = make(2 * n * stride), *one = make(n * stride), *two = make(n * stride), *square = make(n * n);
    fill(&random, rows, 2 * n * stride, 4);
    memset(square, 0, n * n * sizeof *square);
    scalar->syrk(rows, stride, 2 * n, NULL, n, square);
    for (size_t i = 0; i < n; i++) memcpy(one + i * stride, square + i * n, n * sizeof *one);
    for (size_t i = n; i < stride; i++) one[i] = NAN; /* what lies beyond must not matter */
    memcpy(two, one, n * stride * sizeof *one);
    const bool definite = scalar->factor(one, n, stride);
    ck_assert(other->factor(two, n, stride) == definite);
    for (size_t i = 0; definite && i < n; i++) same(one + i * stride, two + i * stride, i + 1, "factor", n);
    ck_assert(definite);
    two[(n - 1) * stride + n - 1] = -1;
    ck_assert(!scalar->factor(two, n, stride) && !other->factor(two, n, stride));
    unmake(rows);
    unmake(one);
    unmake(two);
    unmake(square);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("kernel");
  TCase *tests = tcase_create("kernel");
  tcase_add_checked_fixture(tests, choose, NULL);
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, kernels_are_chosen_by_number);
  tcase_add_test(tests, products_and_sums_are_rounded_once);
  tcase_add_test(tests, a_dot_product_is_right_and_the_same_everywhere);
  tcase_add_test(tests, matrix_times_vector_is_the_dot_products);
  tcase_add_test(tests, axpy_is_the_same_everywhere);
  tcase_add_test(tests, a_symmetric_product_is_the_same_everywhere);
  tcase_add_test(tests, a_combination_of_rows_is_the_same_everywhere);
  tcase_add_test(tests, a_factor_is_the_same_everywhere);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

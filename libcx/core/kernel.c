/* SPDX-License-Identifier: MIT */
/* Scalar kernels, and the choice among kernels. */
#include "core/context.h"

#include <float.h>
#include <math.h>

#define LANES 16u

/** a * b + c rounded once. */
#if defined FP_FAST_FMAF || FLT_EVAL_METHOD != 0
static float fused(float a, float b, float c) { return fmaf(a, b, c); }
#else
/* Without the instruction: the product is exact in a double, the sum rounded. Rounding it again to a float is right
 * unless it lies on the middle between two floats, or among the subnormal ones, where middles are elsewhere. Then the
 * sum is first rounded to odd, with which two roundings give what one gives (Boldo and Melquiond, IEEE Transactions on
 * Computers 57 (2008)). */
static float fused_slowly(double product, double summand) {
  double sum = product + summand;
  const double back = sum - product;
  const double error = (product - (sum - back)) + (summand - back); /* exact; NaN when something is not finite */
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  if ((bits & 1) == 0 && (error > 0 || error < 0)) {
    bits += (error > 0) == (sum > 0) ? UINT64_C(1) : UINT64_MAX; /* away from 0, or towards it */
    memcpy(&sum, &bits, sizeof bits);
  }
  return (float)sum;
}

#define BELOW_FLOAT UINT64_C(0x1FFFFFFF) /* the bits of a double that a float has not */
#define MIDDLE UINT64_C(0x10000000)
#define NORMAL (UINT64_C(897) << 52) /* 2^-126 */

static inline float fused(float a, float b, float c) {
  const double product = (double)a * (double)b, sum = product + (double)c;
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  if ((bits & BELOW_FLOAT) != MIDDLE && (bits & (UINT64_MAX >> 1)) >= NORMAL) return (float)sum;
  return fused_slowly(product, (double)c);
}
#endif

static float fold(const float sums[LANES]) {
  float s[LANES];
  memcpy(s, sums, sizeof s);
  for (size_t width = LANES / 2; width > 0; width /= 2)
    for (size_t i = 0; i < width; i++) s[i] += s[i + width];
  return s[0];
}

static float dot(const float *a, const float *b, size_t n) {
  float sums[LANES] = {0};
  for (size_t i = 0; i < n; i += LANES)
    for (size_t lane = 0; lane < LANES; lane++) sums[lane] = fused(a[i + lane], b[i + lane], sums[lane]);
  return fold(sums);
}

static void gemv(const float *rows, size_t stride, size_t rows_count, const float *x, size_t n, float *out) {
  for (size_t r = 0; r < rows_count; r++) out[r] = dot(rows + r * stride, x, n);
}

static void axpy(float a, const float *x, float *y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = fused(a, x[i], y[i]);
}

static void syrk(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *c) {
  for (size_t r = 0; r < rows_count; r++) {
    const float *row = rows + r * stride;
    for (size_t i = 0; i < n; i++) axpy(w ? w[r] * row[i] : row[i], row, c + i * n, i + 1);
  }
}

static void combine(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *y) {
  for (size_t r = 0; r < rows_count; r++) axpy(w[r], rows + r * stride, y, n);
}

static bool factor(float *a, size_t n, size_t stride) {
  for (size_t j = 0; j < n; j++) {
    const float *column = a + j * stride;
    float pivot = column[j];
    for (size_t k = 0; k < j; k++) pivot = fused(-column[k], column[k], pivot);
    if (!(pivot > 0) || isinf(pivot)) return false;
    const float root = sqrtf(pivot), inverse = 1 / root;
    a[j * stride + j] = root;
    for (size_t i = j + 1; i < n; i++) {
      float *row = a + i * stride, sum = row[j];
      for (size_t k = 0; k < j; k++) sum = fused(-column[k], row[k], sum);
      row[j] = sum * inverse;
    }
  }
  return true;
}

static const cx__kernel scalar = {"scalar", dot, gemv, axpy, syrk, combine, factor};

/** The AVX2 kernels, NULL when the compiler or the processor has not got them. */
static const cx__kernel *find_avx2(void) {
#ifdef CX__HAVE_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return cx__kernel_avx2();
#endif
  return NULL;
}

const cx__kernel *cx__kernel_default(void) {
  const cx__kernel *avx2 = find_avx2();
  return avx2 ? avx2 : &scalar;
}

cx_status cx__kernel_choose(int32_t kernel, const cx__kernel **out) {
  const cx__kernel *chosen;
  switch (kernel) {
  case CX_KERNEL_AUTO:
    chosen = cx__kernel_default();
    break;
  case CX_KERNEL_SCALAR:
    chosen = &scalar;
    break;
  case CX_KERNEL_AVX2:
    chosen = find_avx2();
    break;
  default:
    return CX_ERR_RANGE;
  }
  if (!chosen) return CX_ERR_UNSUPPORTED;
  *out = chosen;
  return CX_OK;
}

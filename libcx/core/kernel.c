/* SPDX-License-Identifier: MIT */
/* Scalar kernels, and the choice among kernels. */
#include "core/context.h"

#include <math.h>

#define LANES 16u

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
    for (size_t lane = 0; lane < LANES; lane++) sums[lane] = fmaf(a[i + lane], b[i + lane], sums[lane]);
  return fold(sums);
}

static void gemv(const float *rows, size_t stride, size_t rows_count, const float *x, size_t n, float *out) {
  for (size_t r = 0; r < rows_count; r++) out[r] = dot(rows + r * stride, x, n);
}

static void axpy(float a, const float *x, float *y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = fmaf(a, x[i], y[i]);
}

static void syrk(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *c) {
  for (size_t r = 0; r < rows_count; r++) {
    const float *row = rows + r * stride;
    for (size_t i = 0; i < n; i++) axpy(w ? w[r] * row[i] : row[i], row, c + i * n, i + 1);
  }
}

static const cx__kernel scalar = {"scalar", dot, gemv, axpy, syrk};

const cx__kernel *cx__kernel_default(void) { return &scalar; }

cx_status cx__kernel_choose(int32_t kernel, const cx__kernel **out) {
  if (kernel != CX_KERNEL_AUTO && kernel != CX_KERNEL_SCALAR && kernel != CX_KERNEL_AVX2) return CX_ERR_RANGE;
  if (kernel == CX_KERNEL_AVX2) return CX_ERR_UNSUPPORTED;
  *out = &scalar;
  return CX_OK;
}

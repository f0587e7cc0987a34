/* SPDX-License-Identifier: MIT */
/* Small dense algebra: Cholesky in double, and in single precision on the kernels. */
#include "math/math.h"

bool cx__cholesky(double *a, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i != j) {
        a[i * n + j] = sum / a[j * n + j];
      } else {
        if (!(sum > 0) || isinf(sum)) return false;
        a[i * n + i] = sqrt(sum);
      }
    }
  return true;
}

void cx__cholesky_solve(const double *l, size_t n, double *b) {
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < i; k++) b[i] -= l[i * n + k] * b[k];
    b[i] /= l[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    b[i] /= l[i * n + i];
    for (size_t k = 0; k < i; k++) b[k] -= l[i * n + k] * b[i];
  }
}

bool cx__invert_spd(const double *a, size_t n, double *out) {
  memmove(out, a, n * n * sizeof *a);
  if (!cx__cholesky(out, n)) return false;
  /* L^-1 in place: row i needs the rows above, already inverted, and its own entries from column j on. */
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < i; j++) {
      double sum = 0;
      for (size_t k = j; k < i; k++) sum += out[i * n + k] * out[k * n + j];
      out[i * n + j] = -sum / out[i * n + i];
    }
    out[i * n + i] = 1 / out[i * n + i];
  }
  /* L^-T L^-1: row i needs rows i and below. */
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t k = i; k < n; k++) sum += out[k * n + i] * out[k * n + j];
      out[i * n + j] = sum;
    }
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) out[i * n + j] = out[j * n + i];
  return true;
}

#define BLOCK 16u

/* Factors the square block on the diagonal; `width` rows and columns of it exist. */
static bool factor_block(const cx__kernel *kernel, float *block, size_t stride, size_t width) {
  _Alignas(64) float rest[BLOCK][BLOCK] = {{0}}, column[BLOCK];
  for (size_t i = 0; i < width; i++) memcpy(rest[i], block + i * stride, (i + 1) * sizeof(float));
  for (size_t k = 0; k < width; k++) {
    const float pivot = rest[k][k];
    if (!(pivot > 0) || isinf(pivot)) return false;
    const float root = sqrtf(pivot);
    for (size_t i = 0; i < BLOCK; i++) column[i] = i < k ? 0 : rest[i][k] / root;
    column[k] = root;
    for (size_t i = k; i < width; i++) block[i * stride + k] = column[i];
    for (size_t i = k + 1; i < width; i++) kernel->axpy(-column[i], column, rest[i], BLOCK);
  }
  return true;
}

/* Inverse of a full triangular block, so that the rows below are multiplied by it instead of solved for. */
static void invert_block(const cx__kernel *kernel, const float *block, size_t stride, float inverse[BLOCK][BLOCK]) {
  for (size_t i = 0; i < BLOCK; i++) {
    memset(inverse[i], 0, sizeof inverse[i]);
    inverse[i][i] = 1;
    for (size_t k = 0; k < i; k++) kernel->axpy(-block[i * stride + k], inverse[k], inverse[i], BLOCK);
    for (size_t j = 0; j <= i; j++) inverse[i][j] /= block[i * stride + i];
  }
}

/* Left-looking by blocks of 16 columns: most of the work is rows times rows. */
bool cx__cholesky_float(const cx__kernel *kernel, float *a, size_t n, size_t stride) {
  _Alignas(64) float inverse[BLOCK][BLOCK], dots[BLOCK], part[BLOCK];
  for (size_t j0 = 0; j0 < n; j0 += BLOCK) {
    const size_t width = n - j0 < BLOCK ? n - j0 : BLOCK;
    const float *before = a + j0 * stride;
    for (size_t i = j0; j0 > 0 && i < j0 + width; i++) {
      kernel->gemv(before, stride, i - j0 + 1, a + i * stride, j0, dots);
      for (size_t j = j0; j <= i; j++) a[i * stride + j] -= dots[j - j0];
    }
    if (!factor_block(kernel, a + j0 * stride + j0, stride, width)) return false;
    if (j0 + BLOCK >= n) break;
    invert_block(kernel, a + j0 * stride + j0, stride, inverse);
    for (size_t i = j0 + BLOCK; i < n; i++) {
      float *line = a + i * stride + j0; /* a full block: columns left of a row below are all there */
      memcpy(part, line, sizeof part);
      if (j0 > 0) {
        kernel->gemv(before, stride, BLOCK, a + i * stride, j0, dots);
        for (size_t j = 0; j < BLOCK; j++) part[j] -= dots[j];
      }
      kernel->gemv(inverse[0], BLOCK, BLOCK, part, BLOCK, line);
    }
  }
  return true;
}

void cx__cholesky_solve_float(const cx__kernel *kernel, const float *l, size_t n, size_t stride, float *b) {
  for (size_t i = 0; i < n; i++) {
    const float *row = l + i * stride;
    const size_t whole = i / BLOCK * BLOCK;
    float sum = b[i];
    if (whole > 0) sum -= kernel->dot(row, b, whole);
    for (size_t k = whole; k < i; k++) sum -= row[k] * b[k];
    b[i] = sum / row[i];
  }
  for (size_t i = n; i-- > 0;) {
    const float *row = l + i * stride;
    const size_t whole = i / BLOCK * BLOCK;
    b[i] /= row[i];
    if (whole > 0) kernel->axpy(-b[i], row, b, whole);
    for (size_t k = whole; k < i; k++) b[k] -= row[k] * b[i];
  }
}

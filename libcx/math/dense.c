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

bool cx__cholesky_float(const cx__kernel *kernel, float *a, size_t n, size_t stride) {
  return kernel->factor(a, n, stride);
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

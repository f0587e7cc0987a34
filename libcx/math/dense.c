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

/* Factors the square block on the diagonal; `width` rows and columns of it exist. Its columns go, below the diagonal,
 * to the rows of `columns`, with zeros elsewhere. */
static bool factor_block(float *block, size_t stride, size_t width, float columns[BLOCK][BLOCK]) {
  for (size_t j = 0; j < width; j++) {
    for (size_t i = j; i < width; i++) {
      float sum = block[i * stride + j];
      for (size_t k = 0; k < j; k++) sum -= block[i * stride + k] * block[j * stride + k];
      if (i == j) {
        if (!(sum > 0) || isinf(sum)) return false;
        block[j * stride + j] = sqrtf(sum);
      } else {
        block[i * stride + j] = sum / block[j * stride + j];
      }
    }
    for (size_t i = 0; i < BLOCK; i++) columns[j][i] = i > j && i < width ? block[i * stride + j] : 0;
  }
  return true;
}

/* Subtracts from `count` rows, columns j0 to j0 + width, what the columns before j0 contribute. */
static void subtract_before(const cx__kernel *kernel, float *a, size_t stride, size_t row, size_t count, size_t j0,
                            size_t width) {
  if (j0 == 0) return;
  float dots[BLOCK];
  for (size_t j = j0; j < j0 + width; j++) {
    kernel->gemv(a + row * stride, stride, count, a + j * stride, j0, dots);
    for (size_t i = 0; i < count; i++)
      if (row + i >= j) a[(row + i) * stride + j] -= dots[i];
  }
}

/* Left-looking by blocks of 16 columns: most of the work is rows times rows. */
bool cx__cholesky_float(const cx__kernel *kernel, float *a, size_t n, size_t stride) {
  _Alignas(64) float columns[BLOCK][BLOCK];
  _Alignas(64) float part[BLOCK];
  for (size_t j0 = 0; j0 < n; j0 += BLOCK) {
    const size_t width = n - j0 < BLOCK ? n - j0 : BLOCK;
    float *diagonal = a + j0 * stride + j0;
    subtract_before(kernel, a, stride, j0, width, j0, width);
    if (!factor_block(diagonal, stride, width, columns)) return false;
    for (size_t row = j0 + BLOCK; row < n; row += BLOCK) {
      const size_t count = n - row < BLOCK ? n - row : BLOCK;
      subtract_before(kernel, a, stride, row, count, j0, width);
      for (size_t i = row; i < row + count; i++) {
        float *line = a + i * stride + j0; /* a full block: columns left of a row below are all there */
        memcpy(part, line, sizeof part);
        for (size_t k = 0; k < BLOCK; k++) {
          part[k] /= diagonal[k * stride + k];
          kernel->axpy(-part[k], columns[k], part, BLOCK);
        }
        memcpy(line, part, sizeof part);
      }
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

/* SPDX-License-Identifier: MIT */
/* Kernels for processors with AVX2 and FMA: the same sums in the same order as the scalar ones, hence the same bits.
 * This file alone is compiled for them. */
#include "core/context.h"

#include <immintrin.h>

#define LANES 16u

/** Sixteen partial sums in two registers, folded 8 onto 8, 4 onto 4, 2 onto 2, 1 onto 1. */
static float fold(__m256 low, __m256 high) {
  const __m256 eight = _mm256_add_ps(low, high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

static float dot(const float *a, const float *b, size_t n) {
  __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
  for (size_t i = 0; i < n; i += LANES) {
    low = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), low);
    high = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), high);
  }
  return fold(low, high);
}

/** Four rows at a time, so that eight sums are under way and the multipliers never wait. */
static void gemv(const float *rows, size_t stride, size_t rows_count, const float *x, size_t n, float *out) {
  size_t r = 0;
  for (; r + 4 <= rows_count; r += 4) {
    const float *const row[4] = {rows + r * stride, rows + (r + 1) * stride, rows + (r + 2) * stride,
                                 rows + (r + 3) * stride};
    __m256 low[4], high[4];
    for (int k = 0; k < 4; k++) low[k] = high[k] = _mm256_setzero_ps();
    for (size_t i = 0; i < n; i += LANES) {
      const __m256 x_low = _mm256_loadu_ps(x + i), x_high = _mm256_loadu_ps(x + i + 8);
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        low[k] = _mm256_fmadd_ps(_mm256_loadu_ps(row[k] + i), x_low, low[k]);
        high[k] = _mm256_fmadd_ps(_mm256_loadu_ps(row[k] + i + 8), x_high, high[k]);
      }
    }
    for (int k = 0; k < 4; k++) out[r + (size_t)k] = fold(low[k], high[k]);
  }
  for (; r < rows_count; r++) out[r] = dot(rows + r * stride, x, n);
}

static float fused(float a, float b, float c) {
  return _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c)));
}

static void axpy(float a, const float *x, float *y, size_t n) {
  const __m256 factor = _mm256_set1_ps(a);
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(y + i, _mm256_fmadd_ps(factor, _mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
  for (; i < n; i++) y[i] = fused(a, x[i], y[i]);
}

/* ---- symmetric products --------------------------------------------------------------------------------------------
 * C is cut into tiles of 4 rows and 16 columns that stay in registers while a chunk of rows passes by. */

#define TILE 4u
#define CHUNK 64u

typedef struct block {
  const float *rows; /* of the chunk */
  size_t stride, count;
  const float (*factors)[TILE]; /* weight times the four elements that the rows of the tile stand for */
  float *c;
  size_t n;
} block;

/** Lanes of eight columns from j on that lie at or below `last`. */
static __m256i mask_to(size_t j, size_t last) {
  const __m256i columns = _mm256_add_epi32(_mm256_set1_epi32((int)j), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)last + 1), columns);
}

static inline void sum_tile(const block *b, size_t j, __m256 low[TILE], __m256 high[TILE]) {
  for (size_t r = 0; r < b->count; r++) {
    const float *row = b->rows + r * b->stride + j;
    const __m256 row_low = _mm256_loadu_ps(row), row_high = _mm256_loadu_ps(row + 8);
#pragma GCC unroll 4
    for (size_t k = 0; k < TILE; k++) {
      const __m256 factor = _mm256_broadcast_ss(&b->factors[r][k]);
      low[k] = _mm256_fmadd_ps(factor, row_low, low[k]);
      high[k] = _mm256_fmadd_ps(factor, row_high, high[k]);
    }
  }
}

/** A tile wholly below the diagonal. */
static void full_tile(const block *b, size_t i, size_t j) {
  __m256 low[TILE], high[TILE];
  for (size_t k = 0; k < TILE; k++) {
    low[k] = _mm256_loadu_ps(b->c + (i + k) * b->n + j);
    high[k] = _mm256_loadu_ps(b->c + (i + k) * b->n + j + 8);
  }
  sum_tile(b, j, low, high);
  for (size_t k = 0; k < TILE; k++) {
    _mm256_storeu_ps(b->c + (i + k) * b->n + j, low[k]);
    _mm256_storeu_ps(b->c + (i + k) * b->n + j + 8, high[k]);
  }
}

/** A tile on the diagonal: what lies above it is neither read nor written. */
static void diagonal_tile(const block *b, size_t i, size_t j) {
  __m256 low[TILE], high[TILE];
  for (size_t k = 0; k < TILE; k++) {
    low[k] = _mm256_maskload_ps(b->c + (i + k) * b->n + j, mask_to(j, i + k));
    high[k] = _mm256_maskload_ps(b->c + (i + k) * b->n + j + 8, mask_to(j + 8, i + k));
  }
  sum_tile(b, j, low, high);
  for (size_t k = 0; k < TILE; k++) {
    _mm256_maskstore_ps(b->c + (i + k) * b->n + j, mask_to(j, i + k), low[k]);
    _mm256_maskstore_ps(b->c + (i + k) * b->n + j + 8, mask_to(j + 8, i + k), high[k]);
  }
}

/** Columns from j on of one row of C, to the diagonal. */
static void rest_of_row(const block *b, size_t lane, size_t i, size_t j) {
  if (j > i) return;
  for (size_t r = 0; r < b->count; r++)
    axpy(b->factors[r][lane], b->rows + r * b->stride + j, b->c + i * b->n + j, i + 1 - j);
}

static void add_chunk(const float *rows, size_t stride, size_t count, const float *w, size_t n, float *c) {
  float factors[CHUNK][TILE];
  const block b = {rows, stride, count, (const float(*)[TILE])factors, c, n};
  for (size_t i = 0; i < n; i += TILE) {
    const size_t height = n - i < TILE ? n - i : TILE;
    for (size_t r = 0; r < count; r++) {
      const float *row = rows + r * stride + i;
      for (size_t k = 0; k < height; k++) factors[r][k] = w ? w[r] * row[k] : row[k];
    }
    size_t j = 0;
    if (height == TILE) {
      for (; j + LANES <= i + 1; j += LANES) full_tile(&b, i, j);
      if (j + LANES <= n) {
        diagonal_tile(&b, i, j); /* the diagonal does not leave it: 4 divides 16 */
        continue;
      }
    }
    for (size_t k = 0; k < height; k++) rest_of_row(&b, k, i + k, j);
  }
}

static void syrk(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *c) {
  for (size_t r = 0; r < rows_count; r += CHUNK) {
    const size_t count = rows_count - r < CHUNK ? rows_count - r : CHUNK;
    add_chunk(rows + r * stride, stride, count, w ? w + r : NULL, n, c);
  }
}

const cx__kernel *cx__kernel_avx2(void) {
  static const cx__kernel avx2 = {"avx2", dot, gemv, axpy, syrk};
  return &avx2;
}

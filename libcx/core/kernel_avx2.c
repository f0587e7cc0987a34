/* SPDX-License-Identifier: MIT */
/* Kernels for processors with AVX2 and FMA: the same sums in the same order as the scalar ones, hence the same bits.
 * This file alone is compiled for them. */
#include "core/context.h"

#include <immintrin.h>
#include <math.h>

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
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) low[k] = high[k] = _mm256_setzero_ps();
    for (size_t i = 0; i < n; i += LANES) {
      const __m256 x_low = _mm256_loadu_ps(x + i), x_high = _mm256_loadu_ps(x + i + 8);
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        low[k] = _mm256_fmadd_ps(_mm256_loadu_ps(row[k] + i), x_low, low[k]);
        high[k] = _mm256_fmadd_ps(_mm256_loadu_ps(row[k] + i + 8), x_high, high[k]);
      }
    }
#pragma GCC unroll 4
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

/** Columns [j, j + 8 * WIDE) of y stay in registers while the rows pass by. */
#define WIDE 8
static void combine(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *y) {
  size_t j = 0;
  for (; j + 8 * WIDE <= n; j += 8 * WIDE) {
    __m256 sums[WIDE];
#pragma GCC unroll 8
    for (size_t k = 0; k < WIDE; k++) sums[k] = _mm256_loadu_ps(y + j + 8 * k);
    for (size_t r = 0; r < rows_count; r++) {
      const __m256 factor = _mm256_broadcast_ss(w + r);
      const float *row = rows + r * stride + j;
#pragma GCC unroll 8
      for (size_t k = 0; k < WIDE; k++) sums[k] = _mm256_fmadd_ps(factor, _mm256_loadu_ps(row + 8 * k), sums[k]);
    }
#pragma GCC unroll 8
    for (size_t k = 0; k < WIDE; k++) _mm256_storeu_ps(y + j + 8 * k, sums[k]);
  }
  for (; j + 8 <= n; j += 8) {
    __m256 sum = _mm256_loadu_ps(y + j);
    for (size_t r = 0; r < rows_count; r++)
      sum = _mm256_fmadd_ps(_mm256_broadcast_ss(w + r), _mm256_loadu_ps(rows + r * stride + j), sum);
    _mm256_storeu_ps(y + j, sum);
  }
  for (; j < n; j++)
    for (size_t r = 0; r < rows_count; r++) y[j] = fused(w[r], rows[r * stride + j], y[j]);
}

/* ---- symmetric products --------------------------------------------------------------------------------------------
 * C is cut into tiles of 4 rows and 16 columns that stay in registers while a chunk of rows passes by. */

#define TILE 4u
#define CHUNK 64u
#define SCALED 8192u /* elements of a chunk that are kept times their weights */

/** A chunk of rows. factors[r * factors_stride + i] is the element i of row r times the row's weight. */
typedef struct block {
  const float *rows;
  const float *factors;
  size_t stride, factors_stride, count;
  float *c;
  size_t n;
} block;

/** Lanes of eight columns from j on that lie at or below `last`. */
static __m256i mask_to(size_t j, size_t last) {
  const __m256i columns = _mm256_add_epi32(_mm256_set1_epi32((int)j), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)last + 1), columns);
}

/* Always inlined and unrolled, or the sums would live in memory. */
__attribute__((always_inline)) static inline void sum_tile(const block *b, size_t i, size_t j, __m256 low[TILE],
                                                           __m256 high[TILE]) {
  const float *row = b->rows + j, *factors = b->factors + i;
  for (size_t r = b->count; r > 0; r--, row += b->stride, factors += b->factors_stride) {
    const __m256 row_low = _mm256_loadu_ps(row), row_high = _mm256_loadu_ps(row + 8);
#pragma GCC unroll 4
    for (size_t k = 0; k < TILE; k++) {
      const __m256 factor = _mm256_broadcast_ss(factors + k);
      low[k] = _mm256_fmadd_ps(factor, row_low, low[k]);
      high[k] = _mm256_fmadd_ps(factor, row_high, high[k]);
    }
  }
}

/** A tile wholly below the diagonal. */
static void full_tile(const block *b, size_t i, size_t j) {
  __m256 low[TILE], high[TILE];
  float *c = b->c + i * b->n + j;
#pragma GCC unroll 4
  for (size_t k = 0; k < TILE; k++) {
    low[k] = _mm256_loadu_ps(c + k * b->n);
    high[k] = _mm256_loadu_ps(c + k * b->n + 8);
  }
  sum_tile(b, i, j, low, high);
#pragma GCC unroll 4
  for (size_t k = 0; k < TILE; k++) {
    _mm256_storeu_ps(c + k * b->n, low[k]);
    _mm256_storeu_ps(c + k * b->n + 8, high[k]);
  }
}

/** A tile on the diagonal: what lies above it is neither read nor written. */
static void diagonal_tile(const block *b, size_t i, size_t j) {
  __m256 low[TILE], high[TILE];
  float *c = b->c + i * b->n + j;
#pragma GCC unroll 4
  for (size_t k = 0; k < TILE; k++) {
    low[k] = _mm256_maskload_ps(c + k * b->n, mask_to(j, i + k));
    high[k] = _mm256_maskload_ps(c + k * b->n + 8, mask_to(j + 8, i + k));
  }
  sum_tile(b, i, j, low, high);
#pragma GCC unroll 4
  for (size_t k = 0; k < TILE; k++) {
    _mm256_maskstore_ps(c + k * b->n, mask_to(j, i + k), low[k]);
    _mm256_maskstore_ps(c + k * b->n + 8, mask_to(j + 8, i + k), high[k]);
  }
}

/** Columns from j on of one row of C, to the diagonal. */
static void rest_of_row(const block *b, size_t i, size_t j) {
  if (j > i) return;
  for (size_t r = 0; r < b->count; r++)
    axpy(b->factors[r * b->factors_stride + i], b->rows + r * b->stride + j, b->c + i * b->n + j, i + 1 - j);
}

static void add_chunk(const block *b) {
  const size_t n = b->n;
  for (size_t i = 0; i < n; i += TILE) {
    const size_t height = n - i < TILE ? n - i : TILE;
    size_t j = 0;
    if (height == TILE) {
      for (; j + LANES <= i + 1; j += LANES) full_tile(b, i, j);
      if (j + LANES <= n) {
        diagonal_tile(b, i, j); /* the diagonal does not leave it: 4 divides 16 */
        continue;
      }
    }
    for (size_t k = 0; k < height; k++) rest_of_row(b, i + k, j);
  }
}

static void scale(float a, const float *x, float *y, size_t n) {
  const __m256 factor = _mm256_set1_ps(a);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) _mm256_storeu_ps(y + i, _mm256_mul_ps(factor, _mm256_loadu_ps(x + i)));
  for (; i < n; i++) y[i] = a * x[i];
}

static void syrk(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *c) {
  _Alignas(64) float scaled[SCALED];
  size_t chunk = CHUNK;
  while (w && chunk > 1 && chunk * n > SCALED) chunk /= 2;
  if (chunk * n > SCALED && w) { /* rows of thousands of elements: not what this is for, but right */
    for (size_t r = 0; r < rows_count; r++)
      for (size_t i = 0; i < n; i++) axpy(w[r] * rows[r * stride + i], rows + r * stride, c + i * n, i + 1);
    return;
  }
  for (size_t r = 0; r < rows_count; r += chunk) {
    block b = {.rows = rows + r * stride, .stride = stride, .c = c, .n = n};
    b.count = rows_count - r < chunk ? rows_count - r : chunk;
    b.factors = w ? scaled : b.rows;
    b.factors_stride = w ? n : stride;
    for (size_t k = 0; w && k < b.count; k++) scale(w[r + k], b.rows + k * stride, scaled + k * n, n);
    add_chunk(&b);
  }
}

/* ---- Cholesky ------------------------------------------------------------------------------------------------------
 * The triangle is turned over, so that a column of the factor is a row in memory, U = L'. Four rows of U at a time are
 * made and then taken off all rows below. Lanes left of the diagonal hold nothing of use. */

#define PANEL 4u

/** What lies at and below the diagonal is copied above it, or the other way round. */
static void turn_over(float *a, size_t n, size_t stride, bool up) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (size_t j = 0; j < i; j += 4) {
      float *low = a + i * stride + j, *high = a + j * stride + i;
      const float *from = up ? low : high;
      float *to = up ? high : low;
      __m128 row[4];
#pragma GCC unroll 4
      for (size_t k = 0; k < 4; k++) row[k] = _mm_loadu_ps(from + k * stride);
      _MM_TRANSPOSE4_PS(row[0], row[1], row[2], row[3]);
#pragma GCC unroll 4
      for (size_t k = 0; k < 4; k++) _mm_storeu_ps(to + k * stride, row[k]);
    }
    for (size_t k = i; k < i + 4; k++)
      for (size_t j = i; j < k; j++)
        *(up ? a + j * stride + k : a + k * stride + j) = up ? a[k * stride + j] : a[j * stride + k];
  }
  for (; i < n; i++)
    for (size_t j = 0; j < i; j++)
      *(up ? a + j * stride + i : a + i * stride + j) = up ? a[i * stride + j] : a[j * stride + i];
}

/** Takes row k of U off row i, columns [from, n). */
static void reduce_row(float *u, size_t n, size_t stride, size_t k, size_t i, size_t from) {
  const __m256 factor = _mm256_set1_ps(-u[k * stride + i]);
  for (size_t j = from; j < n; j += 8) {
    float *at = u + i * stride + j;
    _mm256_storeu_ps(at, _mm256_fmadd_ps(factor, _mm256_loadu_ps(u + k * stride + j), _mm256_loadu_ps(at)));
  }
}

/** Rows [k, k + height) of U, from which all rows above are already taken. */
static bool make_panel(float *u, size_t n, size_t stride, size_t k, size_t height) {
  const size_t from = k / 8 * 8;
  for (size_t i = k; i < k + height; i++) {
    for (size_t before = k; before < i; before++) reduce_row(u, n, stride, before, i, from);
    float *row = u + i * stride;
    const float pivot = row[i];
    if (!(pivot > 0) || isinf(pivot)) return false;
    const float root = sqrtf(pivot);
    const __m256 inverse = _mm256_set1_ps(1 / root);
    for (size_t j = from; j < n; j += 8) _mm256_storeu_ps(row + j, _mm256_mul_ps(inverse, _mm256_loadu_ps(row + j)));
    row[i] = root;
  }
  return true;
}

/** Takes the four rows of a panel off the rows below it: columns of eight, sixteen at a time where they are whole. */
static void reduce_below(float *u, size_t n, size_t stride, size_t k) {
  const float *panel = u + k * stride;
  const __m256 sign = _mm256_set1_ps(-0.0f);
  for (size_t j = (k + PANEL) / 8 * 8; j < n; j += 16) {
    __m256 low[PANEL], high[PANEL];
    const size_t second = j + 8 < n ? 8 : 0; /* the same column twice does no harm: it is stored once */
#pragma GCC unroll 4
    for (size_t r = 0; r < PANEL; r++) {
      low[r] = _mm256_xor_ps(sign, _mm256_loadu_ps(panel + r * stride + j));
      high[r] = _mm256_xor_ps(sign, _mm256_loadu_ps(panel + r * stride + j + second));
    }
    const size_t end = j + 16 < n ? j + 16 : n;
    for (size_t i = k + PANEL; i < end; i++) {
      float *row = u + i * stride + j;
      __m256 one = _mm256_loadu_ps(row), two = _mm256_loadu_ps(row + second);
#pragma GCC unroll 4
      for (size_t r = 0; r < PANEL; r++) {
        const __m256 factor = _mm256_broadcast_ss(panel + r * stride + i);
        one = _mm256_fmadd_ps(factor, low[r], one);
        two = _mm256_fmadd_ps(factor, high[r], two);
      }
      _mm256_storeu_ps(row, one);
      _mm256_storeu_ps(row + second, two);
    }
  }
}

static bool factor(float *a, size_t n, size_t stride) {
  turn_over(a, n, stride, true);
  for (size_t k = 0; k < n; k += PANEL) {
    if (!make_panel(a, n, stride, k, n - k < PANEL ? n - k : PANEL)) return false;
    if (k + PANEL < n) reduce_below(a, n, stride, k);
  }
  turn_over(a, n, stride, false);
  return true;
}

const cx__kernel *cx__kernel_avx2(void) {
  static const cx__kernel avx2 = {"avx2", dot, gemv, axpy, syrk, combine, factor};
  return &avx2;
}

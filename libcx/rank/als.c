/* SPDX-License-Identifier: MIT */
/* Implicit-feedback matrix factorisation by alternating least squares. The objective is that of Rendle, Krichene, Zhang
 * and Koren, "Revisiting the performance of iALS on item recommendation benchmarks" (RecSys 2022), with a confidence c
 * for each observed pair:
 *
 *   sum over observed c (1 - u'v)^2 + alpha0 sum over all (u'v)^2
 *     + sum over people lambda (n_u + alpha0 |I|)^nu |u|^2 + sum over items lambda (n_i + alpha0 |U|)^nu |v|^2
 *
 * Conjugate gradients: Takacs, Pilaszy and Tikk, "Applications of the conjugate gradient method for implicit feedback
 * collaborative filtering" (RecSys 2011). */
#include "math/math.h"
#include "rank/rank.h"

#define CHUNK_ROWS 16u    /* solved together by one thread */
#define TILE_ROWS 4096u   /* of the Gram matrix, summed on their own and then in order */
#define TILES_AT_ONCE 16u /* bounds the memory of tiles */
#define GATHER 256u       /* rows copied together at a time */
#define CG_STEPS 3u

bool cx__factors_are_finite(const float *values, size_t n) {
  bool fine = true;
  for (size_t i = 0; i < n; i++) fine = fine && values[i] >= -CX__FACTOR_MAX && values[i] <= CX__FACTOR_MAX;
  return fine;
}

/** Half an iteration: the rows of one side given the factors of the other. */
typedef struct half_step {
  const cx__als *als;
  size_t rows;
  const uint64_t *offsets;
  const uint32_t *columns;
  const float *weights;
  float *factors;
  const float *others;
  double others_count; /* that take part in the objective */
  const float *gram;
  double *values; /* [optional] what each row leaves of the objective, at its exact solution */
  int32_t solver;
  float *scratch; /* by worker */
  size_t scratch_size;
} half_step;

/** The scratch of one worker. */
typedef struct solver_scratch {
  float *matrix; /* stride * stride */
  float *rows;   /* GATHER * stride */
  float *weights, *products;
  float *b, *x, *r, *p, *q;
} solver_scratch;

static size_t scratch_floats(size_t stride) { return stride * stride + GATHER * stride + 2 * GATHER + 5 * stride; }

static solver_scratch scratch_of(const half_step *half, uint32_t worker) {
  const size_t stride = half->als->stride;
  solver_scratch s;
  s.matrix = half->scratch + half->scratch_size * worker;
  s.rows = s.matrix + stride * stride;
  s.weights = s.rows + GATHER * stride;
  s.products = s.weights + GATHER;
  s.b = s.products + GATHER;
  s.x = s.b + stride;
  s.r = s.x + stride;
  s.p = s.r + stride;
  s.q = s.p + stride;
  return s;
}

/* Copies the other side's rows of the next pairs with confidence, at most GATHER; returns how many. */
static size_t gather(const half_step *half, uint64_t *at, uint64_t end, const solver_scratch *s) {
  const size_t stride = half->als->stride;
  size_t n = 0;
  for (; *at < end && n < GATHER; (*at)++) {
    if (*at + 8 < end) __builtin_prefetch(half->others + (size_t)half->columns[*at + 8] * stride);
    const float weight = half->weights[*at];
    if (!(weight > 0)) continue;
    memcpy(s->rows + n * stride, half->others + (size_t)half->columns[*at] * stride, stride * sizeof(float));
    s->weights[n++] = weight;
  }
  return n;
}

static double row_regularisation(const half_step *half, size_t n) {
  const cx__als *als = half->als;
  return cx__ranker_regularisation(als->regularisation, als->unobserved, als->exponent, (double)n, half->others_count);
}

/* (sum c v v' + alpha0 V'V + reg I) x = sum c v */
static bool solve_exactly(const half_step *half, size_t row, const solver_scratch *s) {
  const cx__als *als = half->als;
  const size_t stride = als->stride;
  memcpy(s->matrix, half->gram, stride * stride * sizeof(float));
  memset(s->b, 0, stride * sizeof(float));
  size_t n = 0;
  double confidence = 0;
  uint64_t at = half->offsets[row];
  while (at < half->offsets[row + 1]) {
    const size_t got = gather(half, &at, half->offsets[row + 1], s);
    als->kernel->syrk(s->rows, stride, got, s->weights, stride, s->matrix);
    als->kernel->combine(s->rows, stride, got, s->weights, stride, s->b);
    for (size_t k = 0; k < got; k++) confidence += (double)s->weights[k];
    n += got;
  }
  float *x = half->factors + row * stride;
  if (n == 0) {
    memset(x, 0, stride * sizeof(float));
    if (half->values) half->values[row] = 0;
    return true;
  }
  const float reg = (float)row_regularisation(half, n);
  for (size_t i = 0; i < als->factors; i++) s->matrix[i * stride + i] += reg;
  memcpy(x, s->b, stride * sizeof(float));
  if (!cx__cholesky_float(als->kernel, s->matrix, als->factors, stride)) return false;
  cx__cholesky_solve_float(als->kernel, s->matrix, als->factors, stride, x);
  if (half->values) {
    double explained = 0;
    for (size_t i = 0; i < als->factors; i++) explained += (double)s->b[i] * (double)x[i];
    half->values[row] = confidence - explained;
  }
  return cx__factors_are_finite(x, stride);
}

/* out += (sum c v v' + alpha0 V'V + reg I) p, and b = sum c v when it is asked for. Rows that fit into one gather stay
 * there from one product to the next. */
static size_t multiply(const half_step *half, size_t row, const solver_scratch *s, size_t kept, const float *p,
                       float *out, float *b) {
  const cx__als *als = half->als;
  const size_t stride = als->stride;
  als->kernel->gemv(half->gram, stride, stride, p, stride, out);
  uint64_t at = half->offsets[row];
  size_t n = 0, got = kept;
  do {
    if (kept == 0) got = gather(half, &at, half->offsets[row + 1], s);
    als->kernel->gemv(s->rows, stride, got, p, stride, s->products);
    for (size_t k = 0; k < got; k++) s->products[k] *= s->weights[k];
    als->kernel->combine(s->rows, stride, got, s->products, stride, out);
    if (b) als->kernel->combine(s->rows, stride, got, s->weights, stride, b);
    n += got;
  } while (kept == 0 && at < half->offsets[row + 1]);
  return n;
}

static bool solve_by_gradients(const half_step *half, size_t row, const solver_scratch *s) {
  const cx__als *als = half->als;
  const cx__kernel *kernel = als->kernel;
  const size_t stride = als->stride;
  float *x = half->factors + row * stride;
  memset(s->b, 0, stride * sizeof(float));
  const size_t n = multiply(half, row, s, 0, x, s->q, s->b);
  if (n == 0) {
    memset(x, 0, stride * sizeof(float));
    return true;
  }
  const size_t kept = half->offsets[row + 1] - half->offsets[row] <= GATHER ? n : 0;
  const float reg = (float)row_regularisation(half, n);
  for (size_t i = 0; i < stride; i++) s->p[i] = s->r[i] = s->b[i] - (s->q[i] + reg * x[i]);
  float rr = kernel->dot(s->r, s->r, stride);
  for (uint32_t step = 0; step < CG_STEPS && rr > 1e-20f; step++) {
    (void)multiply(half, row, s, kept, s->p, s->q, NULL);
    kernel->axpy(reg, s->p, s->q, stride);
    const float curvature = kernel->dot(s->p, s->q, stride);
    if (!(curvature > 0)) return false;
    const float length = rr / curvature;
    kernel->axpy(length, s->p, x, stride);
    kernel->axpy(-length, s->q, s->r, stride);
    const float next = kernel->dot(s->r, s->r, stride);
    const float beta = next / rr;
    for (size_t i = 0; i < stride; i++) s->p[i] = s->r[i] + beta * s->p[i];
    rr = next;
  }
  return cx__factors_are_finite(x, stride);
}

static cx_status solve_chunk(void *user, size_t chunk, uint32_t worker) {
  const half_step *half = user;
  const solver_scratch s = scratch_of(half, worker);
  const size_t begin = chunk * CHUNK_ROWS;
  const size_t end = begin + CHUNK_ROWS < half->rows ? begin + CHUNK_ROWS : half->rows;
  for (size_t row = begin; row < end; row++) {
    const bool solved =
        half->solver == CX_RANKER_SOLVER_CHOLESKY ? solve_exactly(half, row, &s) : solve_by_gradients(half, row, &s);
    if (!solved) return CX_ERR_NUMERIC;
  }
  return CX_OK;
}

/** A group of tiles of the Gram matrix. */
typedef struct gram_tiles {
  const cx__als *als;
  const float *factors;
  size_t rows, first;
  float *tiles;
} gram_tiles;

static cx_status sum_tile(void *user, size_t chunk, uint32_t worker) {
  (void)worker;
  const gram_tiles *job = user;
  const size_t stride = job->als->stride, begin = (job->first + chunk) * TILE_ROWS;
  const size_t n = begin + TILE_ROWS < job->rows ? TILE_ROWS : job->rows - begin;
  float *tile = job->tiles + chunk * stride * stride;
  memset(tile, 0, stride * stride * sizeof(float));
  job->als->kernel->syrk(job->factors + begin * stride, stride, n, NULL, stride, tile);
  return CX_OK;
}

/* gram = alpha0 * factors' factors, both triangles. */
static cx_status compute_gram(cx_context *ctx, const cx__als *als, const float *factors, size_t rows, float *tiles,
                              double *sums) {
  const size_t stride = als->stride, size = stride * stride;
  memset(sums, 0, size * sizeof *sums);
  const size_t tiles_count = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (size_t first = 0; first < tiles_count; first += TILES_AT_ONCE) {
    const size_t n = tiles_count - first < TILES_AT_ONCE ? tiles_count - first : TILES_AT_ONCE;
    gram_tiles job = {.als = als, .factors = factors, .rows = rows, .first = first, .tiles = tiles};
    const cx_status status = cx__parallel(ctx, n, sum_tile, &job);
    if (status != CX_OK) return status;
    for (size_t t = 0; t < n; t++)
      for (size_t i = 0; i < size; i++) sums[i] += (double)tiles[t * size + i];
  }
  for (size_t i = 0; i < stride; i++)
    for (size_t j = 0; j <= i; j++) {
      const float value = (float)(als->unobserved * sums[i * stride + j]);
      als->gram[i * stride + j] = als->gram[j * stride + i] = value;
    }
  return CX_OK;
}

/** Memory of a fit. */
typedef struct fit_memory {
  float *tiles, *scratch;
  double *sums, *values;
} fit_memory;

static cx_status run_half(cx_context *ctx, half_step *half, size_t others, const fit_memory *memory) {
  cx_status status = compute_gram(ctx, half->als, half->others, others, memory->tiles, memory->sums);
  if (status != CX_OK) return status;
  status = cx__parallel(ctx, (half->rows + CHUNK_ROWS - 1) / CHUNK_ROWS, solve_chunk, half);
  if (status == CX_ERR_NUMERIC)
    return cx__fail(ctx, status, "the factors are not finite numbers: regularisation or unobserved is too small");
  return status;
}

static void draw_factors(const cx__als *als) {
  const double deviation = als->deviation / sqrt((double)als->factors);
  memset(als->people_factors, 0, als->people * als->stride * sizeof(float));
  memset(als->items_factors, 0, als->items * als->stride * sizeof(float));
  for (size_t i = 0; i < als->items; i++) {
    cx__random random;
    cx__random_init(&random, als->seed, i);
    for (size_t k = 0; k < als->factors; k++)
      als->items_factors[i * als->stride + k] = (float)(deviation * cx__random_normal(&random));
  }
}

static double items_penalty(const cx__als *als) {
  double sum = 0;
  for (size_t i = 0; i < als->items; i++) {
    const uint64_t n = als->data->item_offsets[i + 1] - als->data->item_offsets[i];
    const float *v = als->items_factors + i * als->stride;
    double square = 0;
    for (size_t k = 0; k < als->factors; k++) square += (double)v[k] * (double)v[k];
    sum += square * cx__ranker_regularisation(als->regularisation, als->unobserved, als->exponent, (double)n,
                                              (double)als->data->known);
  }
  return sum;
}

static cx_status iterate(cx_context *ctx, cx__als *als, const fit_memory *memory) {
  const cx__interactions *data = als->data;
  half_step people = {.als = als,
                      .rows = als->people,
                      .offsets = data->person_offsets,
                      .columns = data->person_items,
                      .weights = data->person_weights,
                      .factors = als->people_factors,
                      .others = als->items_factors,
                      .others_count = (double)als->items,
                      .gram = als->gram,
                      .solver = als->solver,
                      .scratch = memory->scratch,
                      .scratch_size = scratch_floats(als->stride)};
  half_step items = people;
  items.rows = als->items;
  items.offsets = data->item_offsets;
  items.columns = data->item_people;
  items.weights = data->item_weights;
  items.factors = als->items_factors;
  items.others = als->people_factors;
  items.others_count = (double)data->known;
  cx_status status = cx__progress(ctx, "rank", 0, als->iterations);
  for (uint32_t k = 0; status == CX_OK && k < als->iterations; k++) {
    status = run_half(ctx, &people, als->items, memory);
    if (status == CX_OK) status = run_half(ctx, &items, als->people, memory);
    if (status == CX_OK && k + 1 < als->iterations) status = cx__progress(ctx, "rank", k + 1, als->iterations);
  }
  people.solver = CX_RANKER_SOLVER_CHOLESKY;
  people.values = memory->values;
  if (status == CX_OK) status = run_half(ctx, &people, als->items, memory);
  if (status == CX_OK) als->objective = cx__sum(memory->values, als->people) + items_penalty(als);
  if (status == CX_OK) status = cx__progress(ctx, "rank", als->iterations, als->iterations);
  return status;
}

cx_status cx__als_fit(cx_context *ctx, cx__als *als) {
  const cx_allocator *allocator = cx__allocator(ctx);
  const size_t size = als->stride * als->stride;
  const size_t most = als->people > als->items ? als->people : als->items;
  const size_t tiles = (most + TILE_ROWS - 1) / TILE_ROWS;
  fit_memory memory = {
      .tiles = cx__alloc_aligned(allocator, (tiles < TILES_AT_ONCE ? tiles : TILES_AT_ONCE) * size, sizeof(float)),
      .scratch = cx__alloc_aligned(allocator, scratch_floats(als->stride) * cx__threads(ctx), sizeof(float)),
      .sums = cx__alloc_array(allocator, size, sizeof(double)),
      .values = cx__alloc_array(allocator, als->people, sizeof(double))};
  cx_status status = CX_OK;
  if (!memory.tiles || !memory.scratch || !memory.sums || !memory.values) status = cx__no_memory(ctx);
  if (status == CX_OK) {
    draw_factors(als);
    status = iterate(ctx, als, &memory);
  }
  cx__free_aligned(allocator, memory.tiles);
  cx__free_aligned(allocator, memory.scratch);
  cx__free(allocator, memory.sums);
  cx__free(allocator, memory.values);
  return status;
}

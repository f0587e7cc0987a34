/* SPDX-License-Identifier: MIT */
/* The percentile bootstrap (Efron and Tibshirani 1993, chapter 13). */
#include "metric/metric_bootstrap.h"

#include "math/math.h"

#define RESAMPLES_MAX 100000u
/* Between two batches progress is reported. */
#define BATCHES 50u

cx_status cx_metric_options_init(cx_metric_options *opts, size_t size) {
  static const cx_metric_options defaults = {
      .size = sizeof defaults, .resamples = 0, .seed = 1, .level = 0.95, .bins = 10};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

cx_status cx__metric_read_options(cx_context *ctx, const cx_metric_options *given, cx_metric_options *own) {
  cx_status status = cx_metric_options_init(own, sizeof *own);
  if (status == CX_OK) status = cx__options_read(ctx, given, own, sizeof *own);
  if (status != CX_OK) return status;
  if (own->reserved != 0) return cx__fail(ctx, CX_ERR_INVALID, "reserved must be 0 (got %u)", own->reserved);
  if (own->resamples > RESAMPLES_MAX)
    return cx__fail(ctx, CX_ERR_RANGE, "resamples must be at most 100000 (got %u)", own->resamples);
  if (!(own->level > 0 && own->level < 1)) return cx__fail(ctx, CX_ERR_RANGE, "level must be between 0 and 1");
  if (own->bins < 2 || own->bins > 1000)
    return cx__fail(ctx, CX_ERR_RANGE, "bins must be 2 to 1000 (got %u)", own->bins);
  return CX_OK;
}

typedef struct bootstrap {
  cx__metric_measure measure;
  const void *user;
  size_t units, measures, first; /* first resample of the batch */
  uint64_t seed;
  uint32_t *counts; /* of each worker */
  double *values;   /* resamples x measures */
} bootstrap;

static cx_status take_resample(void *user, size_t chunk, uint32_t worker) {
  const bootstrap *b = user;
  const size_t resample = b->first + chunk;
  uint32_t *counts = b->counts + (size_t)worker * b->units;
  memset(counts, 0, b->units * sizeof *counts);
  cx__random random;
  cx__random_init(&random, b->seed, resample);
  for (size_t i = 0; i < b->units; i++) counts[cx__random_below(&random, b->units)]++;
  b->measure(b->user, counts, b->values + resample * b->measures);
  return CX_OK;
}

static cx_status take_resamples(cx_context *ctx, bootstrap *b, size_t resamples) {
  const size_t batch = resamples / BATCHES + 1;
  for (b->first = 0; b->first < resamples; b->first += batch) {
    cx_status status = cx__progress(ctx, "resample", b->first, resamples);
    if (status != CX_OK) return status;
    const size_t left = resamples - b->first;
    status = cx__parallel(ctx, left < batch ? left : batch, take_resample, b);
    if (status != CX_OK) return status;
  }
  return cx__progress(ctx, "resample", resamples, resamples);
}

/* The interval of one measure. NaN are sorted last and left out. */
static void set_interval(const bootstrap *b, size_t resamples, size_t measure, double level, double *sorted,
                         cx_estimate *out) {
  for (size_t i = 0; i < resamples; i++) sorted[i] = b->values[i * b->measures + measure];
  cx__sort_double(sorted, resamples, sorted + resamples);
  size_t n = resamples;
  while (n > 0 && isnan(sorted[n - 1])) n--;
  if (n == 0) return;
  out->lower = cx__quantile_sorted(sorted, n, 0.5 * (1 - level));
  out->upper = cx__quantile_sorted(sorted, n, 1 - 0.5 * (1 - level));
  out->level = level;
}

cx_status cx__metric_estimate(cx_context *ctx, const cx_metric_options *opts, cx__metric_measure measure,
                              const void *user, size_t units, size_t measures, cx_estimate *out) {
  double values[CX__METRIC_MEASURES];
  cx_estimate results[CX__METRIC_MEASURES];
  measure(user, NULL, values);
  for (size_t m = 0; m < measures; m++) {
    if (!isfinite(values[m])) return cx__fail(ctx, CX_ERR_NUMERIC, "the measure is not finite");
    results[m] = (cx_estimate){values[m], (double)NAN, (double)NAN, (double)NAN, units};
  }
  if (opts->resamples > 0) {
    const cx_allocator *allocator = cx__allocator(ctx);
    const size_t resamples = opts->resamples, threads = cx__threads(ctx);
    const size_t workers = threads < resamples ? threads : resamples;
    bootstrap b = {.measure = measure, .user = user, .units = units, .measures = measures, .seed = opts->seed};
    b.counts = units > SIZE_MAX / workers ? NULL : cx__alloc_array(allocator, workers * units, sizeof *b.counts);
    b.values = cx__alloc_array(allocator, resamples * (measures + 2), sizeof *b.values);
    cx_status status = b.counts && b.values ? take_resamples(ctx, &b, resamples) : cx__no_memory(ctx);
    for (size_t m = 0; m < measures && status == CX_OK; m++)
      set_interval(&b, resamples, m, opts->level, b.values + resamples * measures, &results[m]);
    cx__free(allocator, b.counts);
    cx__free(allocator, b.values);
    if (status != CX_OK) return status;
  }
  memcpy(out, results, measures * sizeof *out);
  return CX_OK;
}

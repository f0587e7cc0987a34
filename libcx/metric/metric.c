/* SPDX-License-Identifier: MIT */
/* Measures of scores and probabilities of one outcome. */
#include "math/math.h"
#include "metric/metric_bootstrap.h"

/* The rows with a weight, sorted by prediction where the measure asks for it. */
typedef struct rows {
  const cx_allocator *allocator;
  size_t n;
  uint32_t bins;
  double *value;  /* prediction or loss */
  double *weight; /* scaled by a power of two, the largest in [0.5, 1) */
  double *label;
  uint8_t *last; /* of its run of equal predictions */
} rows;

static void free_rows(rows *r) {
  cx__free(r->allocator, r->value);
  cx__free(r->allocator, r->weight);
  cx__free(r->allocator, r->label);
  cx__free(r->allocator, r->last);
}

typedef struct input {
  const char *name; /* of the predictions */
  const double *value, *label, *weight;
  size_t n;
  bool probability;
} input;

static double weight_of(const input *in, size_t i) { return in->weight ? in->weight[i] : 1; }

static cx_status check_row(cx_context *ctx, const input *in, size_t i) {
  const double value = in->value[i], label = in->label[i], weight = weight_of(in, i);
  if (isnan(value) || (in->probability && !(value >= 0 && value <= 1)))
    return cx__fail_at(ctx, CX_ERR_RANGE, in->name, i + 1, UINT64_MAX, "%s must be %s (row %zu)", in->name,
                       in->probability ? "0 to 1" : "a number", i + 1);
  if (!(label >= 0 && label <= 1) || (label > 0 && label < 1))
    return cx__fail_at(ctx, CX_ERR_RANGE, "label", i + 1, UINT64_MAX, "label must be 0 or 1 (row %zu)", i + 1);
  if (!(weight >= 0) || isinf(weight))
    return cx__fail_at(ctx, CX_ERR_RANGE, "weight", i + 1, UINT64_MAX, "weight must be >= 0 (row %zu)", i + 1);
  return CX_OK;
}

/* Checks every row; how many have a weight, the largest weight, and which labels occur among them. */
static cx_status check_rows(cx_context *ctx, const input *in, size_t *used, double *largest, bool seen[2]) {
  if (in->n > 0 && !in->value) return cx__null(ctx, in->name);
  if (in->n > 0 && !in->label) return cx__null(ctx, "label");
  if (in->n > UINT32_MAX) return cx__fail(ctx, CX_ERR_RANGE, "more than 4294967295 rows");
  *used = 0;
  *largest = 0;
  for (size_t i = 0; i < in->n; i++) {
    const cx_status status = check_row(ctx, in, i);
    if (status != CX_OK) return status;
    const double weight = weight_of(in, i);
    if (!(weight > 0)) continue;
    ++*used;
    seen[in->label[i] > 0] = true;
    *largest = fmax(*largest, weight);
  }
  if (*used == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "there are no rows with a weight");
  return CX_OK;
}

static cx_status alloc_rows(cx_context *ctx, rows *r, size_t n) {
  r->allocator = cx__allocator(ctx);
  r->n = n;
  r->value = cx__alloc_array(r->allocator, n, sizeof *r->value);
  r->weight = cx__alloc_array(r->allocator, n, sizeof *r->weight);
  r->label = cx__alloc_array(r->allocator, n, sizeof *r->label);
  r->last = cx__alloc_array(r->allocator, n, sizeof *r->last);
  if (r->value && r->weight && r->label && r->last) return CX_OK;
  free_rows(r);
  return cx__no_memory(ctx);
}

static void set_row(rows *r, size_t at, const input *in, size_t i, int exponent) {
  r->value[at] = in->value[i];
  r->weight[at] = ldexp(weight_of(in, i), -exponent);
  r->label[at] = in->label[i];
}

/* Fills rows in input order or, sorted, by prediction; n is already the number of rows with a weight. */
static cx_status fill_rows(cx_context *ctx, const input *in, double largest, bool sorted, rows *r) {
  int exponent;
  (void)frexp(largest, &exponent);
  if (!sorted) {
    for (size_t i = 0, at = 0; i < in->n; i++)
      if (weight_of(in, i) > 0) set_row(r, at++, in, i, exponent);
    return CX_OK;
  }
  uint32_t *index = cx__alloc_array(r->allocator, r->n, 2 * sizeof *index);
  if (!index) return cx__no_memory(ctx);
  for (size_t i = 0, at = 0; i < in->n; i++)
    if (weight_of(in, i) > 0) index[at++] = (uint32_t)i;
  cx__sort_index(in->value, index, r->n, index + r->n);
  for (size_t at = 0; at < r->n; at++) set_row(r, at, in, index[at], exponent);
  for (size_t at = 0; at < r->n; at++) r->last[at] = at + 1 == r->n || r->value[at] < r->value[at + 1];
  cx__free(r->allocator, index);
  return CX_OK;
}

static double weight_in(const rows *r, const uint32_t *counts, size_t i) {
  return counts ? counts[i] * r->weight[i] : r->weight[i];
}

/* Share of pairs of a one and a zero in which the one scores higher, ties for a half: the mid-rank form of Mann and
 * Whitney's statistic. */
static void measure_auc(const void *user, const uint32_t *counts, double *out) {
  const rows *r = user;
  double ones = 0, zeros = 0, pairs = 0; /* so far */
  double tied_ones = 0, tied_zeros = 0;
  for (size_t i = 0; i < r->n; i++) {
    const double weight = weight_in(r, counts, i);
    if (r->label[i] > 0) {
      tied_ones += weight;
    } else {
      tied_zeros += weight;
    }
    if (!r->last[i]) continue;
    pairs += tied_ones * (zeros + 0.5 * tied_zeros);
    ones += tied_ones;
    zeros += tied_zeros;
    tied_ones = tied_zeros = 0;
  }
  *out = ones > 0 && zeros > 0 ? pairs / ones / zeros : (double)NAN;
}

#define BLOCK 128u

/* The weighted mean of the values, summed in blocks. */
static void measure_mean(const void *user, const uint32_t *counts, double *out) {
  const rows *r = user;
  double total = 0, total_weight = 0;
  for (size_t from = 0; from < r->n; from += BLOCK) {
    const size_t to = r->n - from < BLOCK ? r->n : from + BLOCK;
    double sum = 0, sum_weight = 0;
    for (size_t i = from; i < to; i++) {
      const double weight = weight_in(r, counts, i);
      sum += weight * r->value[i];
      sum_weight += weight;
    }
    total += sum;
    total_weight += sum_weight;
  }
  *out = total_weight > 0 ? total / total_weight : (double)NAN;
}

/* Over bins of equal weight, |sum of probabilities - sum of labels|. A run of equal probabilities that lies across a
 * border is split in proportion, so that the order of rows does not matter. */
static void measure_calibration(const void *user, const uint32_t *counts, double *out) {
  const rows *r = user;
  double total = 0;
  for (size_t i = 0; i < r->n; i++) total += weight_in(r, counts, i);
  const double full = total / r->bins;
  *out = (double)NAN;
  if (!(full > 0)) return;
  double error = 0, excess = 0, filled = 0; /* of the bin being filled */
  double run_weight = 0, run_excess = 0;
  for (size_t i = 0; i < r->n; i++) {
    const double weight = weight_in(r, counts, i);
    run_weight += weight;
    run_excess += weight * (r->value[i] - r->label[i]);
    if (!r->last[i]) continue;
    while (run_weight > 0 && filled + run_weight >= full) {
      const double part = (full - filled) / run_weight;
      error += fabs(excess + part * run_excess);
      run_excess *= 1 - part;
      run_weight -= full - filled;
      excess = filled = 0;
    }
    if (run_weight > 0) {
      excess += run_excess;
      filled += run_weight;
    }
    run_weight = run_excess = 0;
  }
  error += fabs(excess); /* what rounding left over */
  *out = error / total;
}

/* What the four public functions share. A loss, where there is one, replaces the prediction. */
static cx_status estimate(cx_context *ctx, const input *in, const cx_metric_options *opts, bool sorted,
                          cx__metric_measure measure, double (*loss)(double, double), cx_estimate *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  cx_metric_options own;
  status = cx__metric_read_options(ctx, opts, &own);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  size_t used;
  double largest;
  bool seen[2] = {false, false};
  status = check_rows(ctx, in, &used, &largest, seen);
  if (status != CX_OK) return status;
  if (measure == measure_auc && !(seen[0] && seen[1]))
    return cx__fail(ctx, CX_ERR_NO_DATA, "labels 0 and 1 must both be present");
  rows r = {.bins = own.bins};
  status = alloc_rows(ctx, &r, used);
  if (status != CX_OK) return status;
  status = fill_rows(ctx, in, largest, sorted, &r);
  for (size_t i = 0; loss && i < r.n && status == CX_OK; i++) {
    r.value[i] = loss(r.value[i], r.label[i]);
    if (isinf(r.value[i])) status = cx__fail(ctx, CX_ERR_NUMERIC, "a certain prediction was wrong");
  }
  if (status == CX_OK) status = cx__metric_estimate(ctx, &own, measure, &r, r.n, 1, out);
  free_rows(&r);
  return status;
}

cx_status cx_metric_auc(cx_context *ctx, const double *score, const double *label, const double *weight, size_t n,
                        const cx_metric_options *opts, cx_estimate *out) {
  const input in = {"score", score, label, weight, n, false};
  return estimate(ctx, &in, opts, true, measure_auc, NULL, out);
}

static double log_loss(double p, double label) { return label > 0 ? -log(p) : -log1p(-p); }

cx_status cx_metric_log_loss(cx_context *ctx, const double *probability, const double *label, const double *weight,
                             size_t n, const cx_metric_options *opts, cx_estimate *out) {
  const input in = {"probability", probability, label, weight, n, true};
  return estimate(ctx, &in, opts, false, measure_mean, log_loss, out);
}

static double squared_difference(double p, double label) { return (p - label) * (p - label); }

cx_status cx_metric_brier(cx_context *ctx, const double *probability, const double *label, const double *weight,
                          size_t n, const cx_metric_options *opts, cx_estimate *out) {
  const input in = {"probability", probability, label, weight, n, true};
  return estimate(ctx, &in, opts, false, measure_mean, squared_difference, out);
}

cx_status cx_metric_calibration_error(cx_context *ctx, const double *probability, const double *label,
                                      const double *weight, size_t n, const cx_metric_options *opts, cx_estimate *out) {
  const input in = {"probability", probability, label, weight, n, true};
  return estimate(ctx, &in, opts, true, measure_calibration, NULL, out);
}

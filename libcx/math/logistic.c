/* SPDX-License-Identifier: MIT */
/* Logistic regression by Newton's method. */
#include "math/math.h"

typedef struct regression {
  cx_context *ctx;
  const double *columns;
  const double *label;
  const double *weight;
  size_t n, k;
  double ridge;
  double total; /* of the weights: the objective is a mean, so that its tolerance means the same for any n */
} regression;

/* Rows are summed in blocks, blocks into the whole: less rounding than one long sum, in a fixed order. */
#define BLOCK 256u
#define K CX__OPTIMISE_DIMENSIONS

static double add_rows(const regression *r, const double *x, size_t from, size_t to, double *gradient,
                       double *hessian) {
  const size_t k = r->k;
  double loss = 0;
  for (size_t i = from; i < to; i++) {
    const double *row = r->columns + i * k;
    const double weight = r->weight ? r->weight[i] : 1;
    if (!(weight > 0)) continue;
    double score = 0;
    for (size_t j = 0; j < k; j++) score += row[j] * x[j];
    const double p = cx__logistic(score), y = r->label[i];
    loss -= weight * (y * cx__log_logistic(score) + (1 - y) * cx__log_logistic(-score));
    const double slope = weight * (p - y), curvature = weight * p * (1 - p);
    for (size_t j = 0; j < k; j++) {
      gradient[j] += slope * row[j];
      for (size_t m = 0; m <= j; m++) hessian[j * k + m] += curvature * row[j] * row[m];
    }
  }
  return loss;
}

static cx_status evaluate(void *user, const double *x, double *value, double *gradient, double *hessian) {
  const regression *r = user;
  const size_t k = r->k;
  double part_gradient[K], part_hessian[K * K];
  *value = 0;
  memset(gradient, 0, k * sizeof *gradient);
  memset(hessian, 0, k * k * sizeof *hessian);
  for (size_t from = 0; from < r->n; from += BLOCK) {
    const size_t to = r->n - from < BLOCK ? r->n : from + BLOCK;
    memset(part_gradient, 0, sizeof part_gradient);
    memset(part_hessian, 0, k * k * sizeof *part_hessian);
    *value += add_rows(r, x, from, to, part_gradient, part_hessian);
    for (size_t j = 0; j < k; j++) gradient[j] += part_gradient[j];
    for (size_t j = 0; j < k * k; j++) hessian[j] += part_hessian[j];
  }
  for (size_t j = 1; j < k; j++) {
    *value += 0.5 * r->ridge * x[j] * x[j];
    gradient[j] += r->ridge * x[j];
    hessian[j * k + j] += r->ridge;
  }
  *value /= r->total;
  for (size_t j = 0; j < k; j++) gradient[j] /= r->total;
  for (size_t j = 0; j < k; j++)
    for (size_t m = 0; m <= j; m++) hessian[j * k + m] = hessian[m * k + j] = hessian[j * k + m] / r->total;
  return CX_OK;
}

static cx_status check(const regression *r, double *total) {
  double sum = 0, ones = 0;
  for (size_t i = 0; i < r->n; i++) {
    const double weight = r->weight ? r->weight[i] : 1, label = r->label[i];
    if (!(label >= 0 && label <= 1))
      return cx__fail_at(r->ctx, CX_ERR_RANGE, "label", i + 1, UINT64_MAX, "label must be 0 to 1 (row %zu)", i + 1);
    if (!(weight >= 0) || isinf(weight))
      return cx__fail_at(r->ctx, CX_ERR_RANGE, "weight", i + 1, UINT64_MAX, "weight must be >= 0 (row %zu)", i + 1);
    for (size_t j = 0; j < r->k; j++)
      if (!isfinite(r->columns[i * r->k + j]))
        return cx__fail_at(r->ctx, CX_ERR_RANGE, "columns", i + 1, UINT64_MAX, "column %zu is not finite (row %zu)",
                           j + 1, i + 1);
    sum += weight;
    ones += weight * label;
  }
  *total = sum;
  if (isinf(sum)) return cx__fail(r->ctx, CX_ERR_RANGE, "the sum of the weights is not finite");
  if (!(ones > 0 && ones < sum)) return cx__fail(r->ctx, CX_ERR_NO_DATA, "both outcomes are needed");
  return CX_OK;
}

/* Where the outcomes can be separated, or columns depend on one another, the slope vanishes but Newton's method would
 * still go far: there is no one best answer. */
static bool is_settled(regression *r, const double *x) {
  double value, step[K], hessian[K * K];
  (void)evaluate(r, x, &value, step, hessian);
  if (!cx__cholesky(hessian, r->k)) return false;
  cx__cholesky_solve(hessian, r->k, step);
  for (size_t j = 0; j < r->k; j++)
    if (!(fabs(step[j]) <= 1e-3 * fmax(1, fabs(x[j])))) return false;
  return true;
}

cx_status cx__logistic_fit(cx_context *ctx, const double *columns, size_t n, size_t k, const double *label,
                           const double *weight, double ridge, double *coefficients) {
  if (k < 1 || k > K) return cx__fail(ctx, CX_ERR_RANGE, "a regression takes 1 to 32 columns (got %zu)", k);
  if (!(ridge >= 0) || isinf(ridge)) return cx__fail(ctx, CX_ERR_RANGE, "ridge must be >= 0");
  if (n == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "there are no rows");
  regression r = {
      .ctx = ctx, .columns = columns, .label = label, .weight = weight, .n = n, .k = k, .ridge = ridge, .total = 1};
  cx_status status = check(&r, &r.total);
  if (status != CX_OK) return status;
  double x[K] = {0};
  cx__optimise_result result;
  status = cx__optimise(ctx, evaluate, &r, k, x, true, 200, 1e-11, &result);
  if (status != CX_OK) return status;
  if (!result.converged)
    return cx__fail(ctx, CX_ERR_NO_CONVERGENCE, "the regression did not converge in %u steps", result.iterations);
  if (!is_settled(&r, x))
    return cx__fail(ctx, CX_ERR_NO_CONVERGENCE, "the regression has no single best answer; a ridge would give one");
  memcpy(coefficients, x, k * sizeof *x);
  return CX_OK;
}

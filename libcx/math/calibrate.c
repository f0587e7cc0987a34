/* SPDX-License-Identifier: MIT */
/* Scores into probabilities (Platt 1999; Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs for support
 * vector machines"). */
#include "math/math.h"

/* Platt's targets stand for a uniform prior on each class: (n1 + 1) / (n1 + 2) and 1 / (n0 + 2). A label between 0 and
 * 1 gets the mixture of the two. */
static void set_targets(const double *score, const double *label, const double *weight, size_t n, double *columns,
                        double *target) {
  double ones = 0, zeros = 0;
  for (size_t i = 0; i < n; i++) {
    const double w = weight ? weight[i] : 1;
    ones += w * label[i];
    zeros += w * (1 - label[i]);
  }
  const double high = (ones + 1) / (ones + 2), low = 1 / (zeros + 2);
  for (size_t i = 0; i < n; i++) {
    columns[2 * i] = 1;
    columns[2 * i + 1] = score[i];
    target[i] = label[i] * high + (1 - label[i]) * low;
  }
}

static cx_status check(cx_context *ctx, const double *score, const double *label, const double *weight, size_t n) {
  double ones = 0, zeros = 0;
  for (size_t i = 0; i < n; i++) {
    const double w = weight ? weight[i] : 1;
    if (!(label[i] >= 0 && label[i] <= 1))
      return cx__fail_at(ctx, CX_ERR_RANGE, "label", i + 1, UINT64_MAX, "label must be 0 to 1 (row %zu)", i + 1);
    if (!(w >= 0) || isinf(w))
      return cx__fail_at(ctx, CX_ERR_RANGE, "weight", i + 1, UINT64_MAX, "weight must be >= 0 (row %zu)", i + 1);
    if (!isfinite(score[i]))
      return cx__fail_at(ctx, CX_ERR_RANGE, "score", i + 1, UINT64_MAX, "score is not finite (row %zu)", i + 1);
    ones += w * label[i];
    zeros += w * (1 - label[i]);
  }
  if (!(ones > 0 && zeros > 0)) return cx__fail(ctx, CX_ERR_NO_DATA, "both outcomes are needed");
  return CX_OK;
}

cx_status cx__platt_fit(cx_context *ctx, const double *score, const double *label, const double *weight, size_t n,
                        double *a, double *b) {
  cx_status status = check(ctx, score, label, weight, n);
  if (status != CX_OK) return status;
  const cx_allocator *allocator = cx__allocator(ctx);
  double *columns = n > SIZE_MAX / 3 ? NULL : cx__alloc_array(allocator, 3 * n, sizeof *columns);
  if (!columns) return cx__no_memory(ctx);
  set_targets(score, label, weight, n, columns, columns + 2 * n);
  double coefficients[2];
  status = cx__logistic_fit(ctx, columns, n, 2, columns + 2 * n, weight, 0, coefficients);
  cx__free(allocator, columns);
  if (status != CX_OK) return status;
  *a = coefficients[0];
  *b = coefficients[1];
  return CX_OK;
}

/* SPDX-License-Identifier: MIT */
/** @file math/math.h
 *  Special functions, optimisation, regression, quantiles and small dense algebra. Nothing here allocates unless it
 * takes a context; nothing depends on the order of threads. */
#ifndef CX_MATH_MATH_H
#define CX_MATH_MATH_H

#include "core/core.h"

#include <math.h>

/* ---- special functions (special.c, renewal.c) -------------------------------------------------------------------- */

/** ln Gamma(x) for x > 0 (lgamma_r underneath: no global sign). */
double cx__lgamma(double x);
/** d/dx ln Gamma(x), x > 0; relative error below 1e-14 away from the root. */
double cx__digamma(double x);
double cx__trigamma(double x);
/** ln B(a, b), also for very large or very small arguments. */
double cx__lbeta(double a, double b);
/** ln(exp(a) + exp(b)) */
double cx__log_add(double a, double b);
/** 1 / (1 + exp(-x)) and its logarithm, without overflow. */
double cx__logistic(double x);
double cx__log_logistic(double x);
/** ln(p / (1 - p)) */
double cx__logit(double p);
/** E over p ~ Beta(a, b) of (1 - (1 + p t)^(-s)) / p, t >= 0, s > 0, b > 0, a > 0: the integral behind the BG/NBD's
 * conditional expectation (reference: 2F1 identity); finite at a = 1. The relative error is below 1e-11, and below
 * 1e-12 in all of some ten thousand cases compared, for a in [1e-6, 1e4], b in [1e-3, 1e4], s in [1e-2, 3e3], t <= 1e6.
 */
double cx__beta_renewal(double a, double b, double s, double t);
/** Nodes and weights of n-point Gauss-Legendre on [-1, 1]; n <= 64. */
void cx__gauss_legendre(size_t n, double *nodes, double *weights);

/* ---- optimisation (optimise.c) ----------------------------------------------------------------------------------- */

#define CX__OPTIMISE_DIMENSIONS 32

/** Value and gradient at a point; the Hessian too when @p hessian is not NULL (row major) and the objective can.
 * Returns CX_OK, or a failure that ends the search. A value that is not finite is taken for +infinity. */
typedef cx_status (*cx__objective_fn)(void *user, const double *x, double *value, double *gradient, double *hessian);

typedef struct cx__optimise_result {
  double value;
  double gradient; /* largest absolute component */
  uint32_t iterations;
  uint32_t evaluations;
  bool converged;
} cx__optimise_result;

/** Minimises by Newton steps in a trust region when the objective gives Hessians, else by BFGS with a strong-Wolfe line
 * search. Converged when the largest gradient component is below @p tolerance * max(1, |value|). @p x is start and
 * result. CX_OK also when the iterations or the numbers' precision ended the search: look at `converged`.
 * CX_ERR_NUMERIC when the start has no finite value, CX_ERR_CANCELLED, and what the objective returns; x and out are
 * untouched then. A point without slope is taken for the minimum, also a saddle. */
cx_status cx__optimise(cx_context *ctx, cx__objective_fn objective, void *user, size_t n, double *x, bool newton,
                       uint32_t iterations, double tolerance, cx__optimise_result *out);

/* ---- logistic regression (logistic.c) ---------------------------------------------------------------------------- */

/** Weighted logistic regression by Newton's method with a ridge on all but the first column (the intercept). @p columns
 * is n x k row major, label in [0, 1], weight NULL for 1. Coefficients out, k <= 32. CX_ERR_NO_DATA unless both
 * outcomes occur, CX_ERR_RANGE for a bad row, CX_ERR_NO_CONVERGENCE also where the outcomes can be separated or columns
 * depend on one another and no ridge decides. */
cx_status cx__logistic_fit(cx_context *ctx, const double *columns, size_t n, size_t k, const double *label,
                           const double *weight, double ridge, double *coefficients);

/* ---- dense (dense.c) --------------------------------------------------------------------------------------------- */

/** In-place Cholesky of the lower triangle, n x n row major. False when not positive definite. */
bool cx__cholesky(double *a, size_t n);
void cx__cholesky_solve(const double *l, size_t n, double *b);
/** Inverse of a symmetric positive definite matrix into @p out; false when it is not. */
bool cx__invert_spd(const double *a, size_t n, double *out);
/** Single precision with kernels, leading dimension a multiple of 16. What stands above the diagonal, up to the leading
 * dimension, is lost. */
bool cx__cholesky_float(const cx__kernel *kernel, float *a, size_t n, size_t stride);
void cx__cholesky_solve_float(const cx__kernel *kernel, const float *l, size_t n, size_t stride, float *b);

/* ---- quantiles and sorting (quantile.c) -------------------------------------------------------------------------- */

/** Quantile by linear interpolation (Hyndman and Fan's type 7) of values sorted ascending. */
double cx__quantile_sorted(const double *sorted, size_t n, double q);
/** Sorts ascending, NaN last. Merge sort: stable, O(n log n), scratch of n elements given by the caller. */
void cx__sort_double(double *values, size_t n, double *scratch);
/** Stable sort of an index by key, ascending, NaN last; scratch of n. */
void cx__sort_index(const double *key, uint32_t *index, size_t n, uint32_t *scratch);
void cx__sort_index_int64(const int64_t *key, uint32_t *index, size_t n, uint32_t *scratch);

/* ---- calibration (calibrate.c) ----------------------------------------------------------------------------------- */

/** Platt's two parameters: p = logistic(a + b * score), by weighted logistic regression with Platt's targets. */
cx_status cx__platt_fit(cx_context *ctx, const double *score, const double *label, const double *weight, size_t n,
                        double *a, double *b);

#endif

/* SPDX-License-Identifier: MIT */
/** @file lifecycle/lifecycle.h
 *  The inside of purchase models: the BG/NBD for one customer, distinct rows, the fit. */
#ifndef CX_LIFECYCLE_LIFECYCLE_H
#define CX_LIFECYCLE_LIFECYCLE_H

#include "core/core.h"

#include <cx/lifecycle.h>

/* ---- one customer (bgnbd.c) ---------------------------------------------------------------------------------------
 * Fader, Hardie and Lee, "Counting your customers" the easy way: an alternative to the Pareto/NBD model, Marketing
 * Science 24(2), 2005. Purchases come at a rate ~ Gamma(r, alpha); after each repeat purchase a customer drops out
 * with a probability ~ Beta(a, b). a == 0 is the NBD: nobody drops out. */

/** Purchases of one customer, at most. */
#define CX__LIFECYCLE_LARGEST_X 1e7

typedef struct cx__bgnbd {
  double r, alpha, a, b;
} cx__bgnbd;

double cx__bgnbd_loglik(const cx__bgnbd *model, double x, double t_x, double T);
/** P(alive) and its complement, each to full relative precision. */
double cx__bgnbd_alive(const cx__bgnbd *model, double x, double t_x, double T, double *dead);
double cx__bgnbd_expected(const cx__bgnbd *model, double x, double t_x, double T, double horizon);
double cx__bgnbd_none(const cx__bgnbd *model, double x, double t_x, double T, double horizon);
double cx__bgnbd_next(const cx__bgnbd *model, double x, double T, double quantile);
/** Smallest counts whose cumulated probability reaches @p low and @p high, at most CX__LIFECYCLE_LARGEST_X; NaN for
 *  parameters so far out that there is no number. */
void cx__bgnbd_interval(const cx__bgnbd *model, double x, double t_x, double T, double horizon, double low, double high,
                        double *lower, double *upper);
/** P(exactly n purchases in the horizon) for n = 0 .. count - 1. */
void cx__bgnbd_pmf(const cx__bgnbd *model, double x, double t_x, double T, double horizon, size_t count, double *out);

/* ---- distinct rows (distinct.c) -----------------------------------------------------------------------------------
 */

typedef struct cx__lifecycle_row {
  double t_x, T, weight;
  uint32_t x; /* place in the list of distinct x */
  uint32_t reserved;
} cx__lifecycle_row;

typedef struct cx__lifecycle_data {
  cx_allocator allocator;
  cx__lifecycle_row *rows;
  size_t count;
  uint32_t *x; /* distinct x, ascending */
  size_t x_count;
  double *x_weight; /* customers with each x */
  double customers; /* sum of weights */
  double purchases; /* sum of weight * x */
  double mean_T;
} cx__lifecycle_data;

/** What is given: columns with strides in doubles, so that histories are read in place. */
typedef struct cx__lifecycle_input {
  const double *x, *t_x, *T, *weight; /* weight NULL: 1 */
  size_t stride;
  size_t n;
} cx__lifecycle_input;

/** Checks the rows, finds the distinct ones and counts them; free in any case. Rows of weight 0 are left out. */
cx_status cx__lifecycle_aggregate(cx_context *ctx, const cx__lifecycle_input *input, cx__lifecycle_data *out);
/** Every k-th row, so that at most @p rows are left. */
cx_status cx__lifecycle_thin(cx_context *ctx, const cx__lifecycle_data *data, size_t rows, cx__lifecycle_data *out);
void cx__lifecycle_data_free(cx__lifecycle_data *data);

/* ---- fitting (bgnbd_fit.c, bgnbd_objective.c) ---------------------------------------------------------------------
 */

/** What an evaluation needs; made once for each set of rows. */
typedef struct cx__bgnbd_objective cx__bgnbd_objective;
cx_status cx__bgnbd_objective_new(cx_context *ctx, const cx__lifecycle_data *data, double scale,
                                  cx__bgnbd_objective **out);
void cx__bgnbd_objective_free(cx__bgnbd_objective *objective);
/** For cx__optimise: minus the log-likelihood a customer, in ln r, ln (alpha / scale), ln a, ln b, with derivatives.
 *  Far beyond any useful value (cx__bgnbd_edge) a quadratic wall keeps the search in range. */
cx_status cx__bgnbd_evaluate(void *user, const double *at, double *value, double *gradient, double *hessian);
/** The same for the NBD: ln r, ln (alpha / scale). */
cx_status cx__nbd_evaluate(void *user, const double *at, double *value, double *gradient, double *hessian);
/** Bounds of each log parameter. */
void cx__bgnbd_edge(size_t parameter, double *low, double *high);

/** Fits and fills parameters, errors and all of the info but unit and until. */
cx_status cx__bgnbd_fit(cx_context *ctx, const cx__lifecycle_data *data, uint32_t iterations, bool accept_best,
                        cx_lifecycle_info *info);

/* ---- a fitted model (lifecycle.c, lifecycle_file.c) ----------------------------------------------------------------
 */

#define CX__LIFECYCLE_PARAMETERS 8u

struct cx_lifecycle {
  cx_allocator allocator;
  cx_lifecycle_info info;
  cx__bgnbd model;
};

/** A model of an info; NULL when memory is short. */
cx_lifecycle *cx__lifecycle_make(const cx_allocator *allocator, const cx_lifecycle_info *info);
/** Whether r, alpha, a and b can be a model's. */
bool cx__bgnbd_is_valid(const double *parameters);
/** What cx_lifecycle_open() does once the file is open. */
cx_status cx__lifecycle_read(cx_context *ctx, const cx__model *model, cx_lifecycle **out);

#endif

/* SPDX-License-Identifier: MIT */
/** @file lifecycle/stage.h
 *  The inside of stages: the hazard of buying in the next window, and what it comes to over a horizon. */
#ifndef CX_LIFECYCLE_STAGE_H
#define CX_LIFECYCLE_STAGE_H

#include "lifecycle/history.h"
#include "lifecycle/lifecycle.h"

#include <cx/stage.h>

/* The features of a summary, in the order of their reasons CX_STAGE_REASON_SILENCE ... PURCHASE_MODEL. Times are in
 * weeks inside the logarithms, whatever the unit. */
enum {
  CX__STAGE_SILENCE,        /* ln (1 + weeks since the last purchase) */
  CX__STAGE_FREQUENCY,      /* ln (1 + x) */
  CX__STAGE_TENURE,         /* ln (1 + weeks since the first purchase) */
  CX__STAGE_RHYTHM,         /* ln (1 + silence / mean gap), 0 for x = 0 */
  CX__STAGE_NO_REPEAT,      /* 1 for x = 0 */
  CX__STAGE_PURCHASE_MODEL, /* log-odds of a purchase in the window by the purchase model */
  CX__STAGE_FEATURES
};

/** All numbers of a stage model. Times in units. */
typedef struct cx__stage_model {
  cx__bgnbd purchases;
  double unit_days;
  double horizon;
  double window;
  double loyal;   /* repeat purchases that make half a loyal customer */
  int32_t hazard; /* 0: too little data; the purchase model speaks alone */
  int32_t unit, merge_day, reserved;
  double intercept; /* log-odds at the means */
  double coefficients[CX__STAGE_FEATURES];
  double means[CX__STAGE_FEATURES];
} cx__stage_model;

struct cx_stage {
  cx_allocator allocator;
  cx__stage_model model;
};

void cx__stage_features(const cx__stage_model *model, double x, double t_x, double T, double *features);

/** What was seen at the origins: distinct summaries, how many there were and how many of them bought in the window. */
typedef struct cx__stage_rows {
  const double *x, *t_x, *T, *customers, *buyers;
  size_t n;
} cx__stage_rows;
/** Fits the hazard; with too few of either kind, or when the regression fails, hazard stays 0 and the status is
 *  CX_OK. */
cx_status cx__stage_fit_hazard(cx_context *ctx, const cx__stage_rows *rows, cx__stage_model *model);

/** Log-odds of at least one purchase within the horizon. With @p parts its decomposition: the log-odds of somebody
 * whose features are all at their means, and the Shapley value of each feature; they sum to the result. */
double cx__stage_again(const cx__stage_model *model, double x, double t_x, double T, double *base, double *parts);

/** How long a silence is beside the person's own rhythm: near 0 right after a purchase, 1/2 at the time by which 80 %
 * of those who come back within a horizon have come back, 1 from a whole horizon on. */
double cx__stage_overdue(const cx__stage_model *model, double x, double t_x, double T);

#endif

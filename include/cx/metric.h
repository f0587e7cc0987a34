/* SPDX-License-Identifier: MIT */
/** @file cx/metric.h
 *  How good predictions were. Each measure comes with a percentile bootstrap interval when asked. */
#ifndef CX_METRIC_H
#define CX_METRIC_H

#include <cx/context.h>

CX_BEGIN_DECLS

typedef struct cx_metric_options {
  uint32_t size;      /* set by cx_metric_options_init() */
  uint32_t resamples; /* bootstrap resamples, 0 for no interval, at most 100000 (0) */
  uint64_t seed;      /* of the resampling (1) */
  double level;       /* of the interval, 0 < level < 1 (0.95) */
  uint32_t bins;      /* calibration error: equal-count bins, 2..1000 (10) */
  uint32_t reserved;  /* 0 */
} cx_metric_options;

CX_API CX_NODISCARD cx_status cx_metric_options_init(cx_metric_options *opts, size_t size);

/** Area under the ROC curve with mid-ranks for ties. @p label is 0 or 1, @p score any number,
 *  @p weight NULL or >= 0. CX_ERR_NO_DATA unless both classes are present. O(n log n). */
CX_API CX_NODISCARD cx_status cx_metric_auc(cx_context *ctx, const double *score, const double *label,
                                            const double *weight, size_t n, const cx_metric_options *opts,
                                            cx_estimate *out);
/** Mean of -ln p of what happened. @p probability is in [0, 1]; a certain prediction that was wrong
 *  gives infinity, which is an error CX_ERR_NUMERIC. O(n). */
CX_API CX_NODISCARD cx_status cx_metric_log_loss(cx_context *ctx, const double *probability, const double *label,
                                                 const double *weight, size_t n, const cx_metric_options *opts,
                                                 cx_estimate *out);
/** Mean squared difference of probability and label (Brier 1950). O(n). */
CX_API CX_NODISCARD cx_status cx_metric_brier(cx_context *ctx, const double *probability, const double *label,
                                              const double *weight, size_t n, const cx_metric_options *opts,
                                              cx_estimate *out);
/** Expected calibration error: over equal-count bins by probability, the weighted mean of
 *  |mean probability - share of ones|. O(n log n). */
CX_API CX_NODISCARD cx_status cx_metric_calibration_error(cx_context *ctx, const double *probability,
                                                          const double *label, const double *weight, size_t n,
                                                          const cx_metric_options *opts, cx_estimate *out);

/** Ranking measures at k over users. User u's list is ranked[u * k .. u * k + k), filled with -1
 *  where it is shorter; its relevant items are relevant[offsets[u] .. offsets[u + 1]). */
typedef struct cx_metric_ranking {
  cx_estimate recall;    /* hits / relevant items of the user */
  cx_estimate precision; /* hits / k */
  cx_estimate ndcg;      /* binary gain, log2 discount, ideal over min(k, relevant) */
  cx_estimate map;       /* sum of precision at each hit / relevant items of the user */
} cx_metric_ranking;

/** Means over users with at least one relevant item; CX_ERR_NO_DATA when there is none. Intervals
 *  resample users. O(users * k * log k). */
CX_API CX_NODISCARD cx_status cx_metric_rank(cx_context *ctx, const int64_t *ranked, size_t users, size_t k,
                                             const int64_t *relevant, const int64_t *offsets,
                                             const cx_metric_options *opts, cx_metric_ranking *out);

CX_END_DECLS
#endif

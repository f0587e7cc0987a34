/* SPDX-License-Identifier: MIT */
/** @file cx/metric.h
 *  How good predictions were. Each measure comes with a percentile bootstrap interval when asked. */
#ifndef CX_METRIC_H
#define CX_METRIC_H

#include <cx/context.h>

CX_BEGIN_DECLS

/** How measures are taken. */
typedef struct cx_metric_options {
  uint32_t size;      /* set by cx_metric_options_init() */
  uint32_t resamples; /* bootstrap resamples, 0 for no interval, at most 100000 (0) */
  uint64_t seed;      /* of the resampling (1) */
  double level;       /* of the interval, 0 < level < 1 (0.95) */
  uint32_t bins;      /* calibration error: equal-count bins, 2..1000 (10) */
  uint32_t reserved;  /* 0 */
} cx_metric_options;

/** Sets the defaults. @p size is sizeof *opts. CX_ERR_INVALID when @p opts is NULL or @p size is bad. Any thread. */
CX_API CX_NODISCARD cx_status cx_metric_options_init(cx_metric_options *opts, size_t size);

/* What the four measures of one outcome share.
 *
 * label is 0 or 1; weight is NULL for 1, else >= 0 and finite. A weight counts like repetition, only ratios of weights
 * matter, and rows without weight are left out, of `count` too. The order of rows does not matter (up to rounding).
 *
 * With resamples > 0, lower and upper are percentiles of the measure over that many resamples of the rows, drawn with
 * replacement (Efron and Tibshirani 1993, chapter 13): the same for any number of threads. A resample that has no value
 * (an AUC without both classes) is left out. Otherwise lower, upper and level are NaN. Work is O(n) a resample after
 * one sort; memory is 4 n bytes a thread and 25 n bytes.
 *
 * All return CX_OK; CX_ERR_NO_DATA (no row has a weight); CX_ERR_RANGE (a row, which is named; an option; n above
 * 2^32 - 1); CX_ERR_INVALID (NULL); CX_ERR_NUMERIC (weights so far apart that nothing is left of one class);
 * CX_ERR_NOMEM; CX_ERR_CANCELLED. Progress of the resamples has the stage "resample". */

/** Area under the ROC curve with mid-ranks for ties: the share of pairs of a one and a zero in which the one has the
 *  higher @p score, any number but NaN. CX_ERR_NO_DATA unless both classes are present. O(n log n). */
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
/** Expected calibration error: over bins of equal count (equal weight) by probability, the mean of
 *  |mean probability - share of ones|. Rows of equal probability that lie across the border of two bins are split
 *  between them in proportion. An interval of it is biased upwards where bins are small. O(n log n). */
CX_API CX_NODISCARD cx_status cx_metric_calibration_error(cx_context *ctx, const double *probability,
                                                          const double *label, const double *weight, size_t n,
                                                          const cx_metric_options *opts, cx_estimate *out);

/** Ranking measures at k over users. User u's list is ranked[u * k .. u * k + k), filled with -1
 *  where it is shorter; its relevant items are relevant[offsets[u] .. offsets[u + 1]). An item that is listed twice
 *  counts once. */
typedef struct cx_metric_ranking {
  cx_estimate recall;    /* hits / relevant items of the user */
  cx_estimate precision; /* hits / k */
  cx_estimate ndcg;      /* binary gain, log2 discount, ideal over min(k, relevant) */
  cx_estimate map;       /* sum of precision at each hit / relevant items of the user */
} cx_metric_ranking;

/** Means over users with at least one relevant item, `count` of them. Intervals resample users.
 *  @param ranked   [in] users * k items.
 *  @param k        [in] at least 1.
 *  @param relevant [in] items, none of them -1.
 *  @param offsets  [in] users + 1 positions in @p relevant, not negative, not decreasing.
 *  @return CX_OK; CX_ERR_NO_DATA when no user has a relevant item; CX_ERR_SHAPE (offsets); CX_ERR_RANGE (k, an item, an
 *          option); CX_ERR_INVALID, CX_ERR_NOMEM, CX_ERR_CANCELLED. O(users * k * log k) with some k relevant items. */
CX_API CX_NODISCARD cx_status cx_metric_rank(cx_context *ctx, const int64_t *ranked, size_t users, size_t k,
                                             const int64_t *relevant, const int64_t *offsets,
                                             const cx_metric_options *opts, cx_metric_ranking *out);

CX_END_DECLS
#endif

/* SPDX-License-Identifier: MIT */
/** @file metric/metric_bootstrap.h
 *  A measure and its percentile bootstrap interval. */
#ifndef CX_METRIC_METRIC_BOOTSTRAP_H
#define CX_METRIC_METRIC_BOOTSTRAP_H

#include "core/core.h"

#include <cx/metric.h>

/** At most so many measures are taken of one resample. */
#define CX__METRIC_MEASURES 4

/** Measures the units, each taken counts[unit] times (once where counts is NULL); NaN where a resample has no value.
 * Called from any thread. */
typedef void (*cx__metric_measure)(const void *user, const uint32_t *counts, double *out);

/** Defaults, then what the caller set, checked. */
cx_status cx__metric_read_options(cx_context *ctx, const cx_metric_options *given, cx_metric_options *own);

/** Values of the units as they are and, when opts->resamples > 0, the intervals. Resample r draws from the stream
 * (opts->seed, r). Resamples without a value are left out. @p out has @p measures elements. */
cx_status cx__metric_estimate(cx_context *ctx, const cx_metric_options *opts, cx__metric_measure measure,
                              const void *user, size_t units, size_t measures, cx_estimate *out);

#endif

/* SPDX-License-Identifier: MIT */
/** @file cx/lifecycle.h
 *  Purchase models: how often people buy and whether they still do. First BG/NBD (Fader, Hardie and Lee,
 *  Marketing Science 24(2), 2005). A fitted model is immutable; any number of threads may ask it. */
#ifndef CX_LIFECYCLE_H
#define CX_LIFECYCLE_H

#include <cx/history.h>
#include <cx/model.h>

CX_BEGIN_DECLS

#define CX_LIFECYCLE_MAP(X) X(BGNBD, 1, "bgnbd")
enum {
#define CX_LIFECYCLE_ENUM(name, value, text) CX_LIFECYCLE_##name = (value),
  CX_LIFECYCLE_MAP(CX_LIFECYCLE_ENUM)
#undef CX_LIFECYCLE_ENUM
};

/** How a fit ended: X(name, value, text). */
#define CX_FIT_MAP(X)                                                                                                  \
  X(OK, 0, "ok")                                                                                                       \
  X(BOUNDARY, 1, "boundary")                                                                                           \
  X(NO_DROPOUT_EVIDENCE, 2, "no_dropout_evidence")                                                                     \
  X(MULTIMODAL, 3, "multimodal")                                                                                       \
  X(NOT_CONVERGED, 4, "not_converged")
enum {
#define CX_FIT_ENUM(name, value, text) CX_FIT_##name = (value),
  CX_FIT_MAP(CX_FIT_ENUM)
#undef CX_FIT_ENUM
};

typedef struct cx_lifecycle cx_lifecycle;

typedef struct cx_lifecycle_options {
  uint32_t size;       /* set by cx_lifecycle_options_init() */
  int32_t model;       /* CX_LIFECYCLE_* (CX_LIFECYCLE_BGNBD) */
  uint32_t iterations; /* at most, for each start, 1..10000 (200) */
  int32_t accept_best; /* 1: not converging is reported in the info, not an error (0) */
} cx_lifecycle_options;
CX_API CX_NODISCARD cx_status cx_lifecycle_options_init(cx_lifecycle_options *opts, size_t size);

/** What a fit came to. */
typedef struct cx_lifecycle_info {
  uint32_t size; /* set by the caller to sizeof */
  int32_t model; /* CX_LIFECYCLE_* */
  int32_t fit;   /* CX_FIT_* */
  int32_t unit;  /* CX_UNIT_* */
  int64_t until; /* end of calibration, CX_TIME_NONE when rows were given without one */
  uint64_t customers;
  uint64_t distinct;   /* distinct (x, t_x, T) */
  uint32_t iterations; /* of the start that won */
  uint32_t starts;
  double loglik;
  double nbd_loglik;    /* of the NBD without dropout that the model contains */
  double gradient;      /* largest absolute component, in log parameters, a customer */
  double parameters[8]; /* BG/NBD: r, alpha, a, b; the rest NaN */
  double errors[8];     /* standard errors from the observed information; NaN where singular */
} cx_lifecycle_info;

/** Fits a model to histories, or to plain rows: x, t_x, T as in cx_history_row, `weight` how many customers a
 *  row stands for (NULL: 1 each). Distinct rows are found and counted first.
 *  @return CX_OK; CX_ERR_NO_DATA (no customer, or no repeat purchase), CX_ERR_RANGE (t_x > T, x < 0, not a
 *          number: with the row), CX_ERR_NO_CONVERGENCE, CX_ERR_NOMEM, CX_ERR_CANCELLED.
 *  Cost: about 100 ns a distinct row an iteration. Uses the context's threads; the same bytes for any number
 *  of them. Progress "fit". */
CX_API CX_NODISCARD cx_status cx_lifecycle_fit(cx_context *ctx, const cx_history *history,
                                               const cx_lifecycle_options *opts, cx_lifecycle **out);
CX_API CX_NODISCARD cx_status cx_lifecycle_fit_rows(cx_context *ctx, size_t n, const double *x, const double *t_x,
                                                    const double *T, const double *weight,
                                                    const cx_lifecycle_options *opts, cx_lifecycle **out);
/** A model with given parameters, to ask or to simulate from. */
CX_API CX_NODISCARD cx_status cx_lifecycle_new(cx_context *ctx, int32_t model, const double *parameters, size_t n,
                                               int32_t unit, cx_lifecycle **out);
CX_API void cx_lifecycle_free(cx_lifecycle *lifecycle);
CX_API CX_NODISCARD cx_status cx_lifecycle_get_info(const cx_lifecycle *lifecycle, cx_lifecycle_info *out);

/** Log-likelihood of each row. */
CX_API CX_NODISCARD cx_status cx_lifecycle_loglik(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                  const double *x, const double *t_x, const double *T, double *out);
/** P(alive at T). */
CX_API CX_NODISCARD cx_status cx_lifecycle_alive(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                 const double *x, const double *t_x, const double *T, double *out);
/** Expected purchases in (T, T + horizon]. */
CX_API CX_NODISCARD cx_status cx_lifecycle_expected(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                    const double *x, const double *t_x, const double *T, double horizon,
                                                    double *out);
/** Central predictive interval of the number of purchases in (T, T + horizon]: the smallest counts whose
 *  cumulated probability reaches (1 - level) / 2 and (1 + level) / 2. */
CX_API CX_NODISCARD cx_status cx_lifecycle_interval(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                    const double *x, const double *t_x, const double *T, double horizon,
                                                    double level, double *lower, double *upper);
/** P(no purchase in (T, T + horizon]). */
CX_API CX_NODISCARD cx_status cx_lifecycle_none(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                const double *x, const double *t_x, const double *T, double horizon,
                                                double *out);
/** Time from T to the next purchase, if alive, at a quantile in (0, 1). */
CX_API CX_NODISCARD cx_status cx_lifecycle_next(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                const double *x, const double *t_x, const double *T, double quantile,
                                                double *out);
/** Draws n customers: row i has been observed for T[i] and for `holdout` more. Row i has a stream of its own,
 *  so that the draws do not depend on threads. */
CX_API CX_NODISCARD cx_status cx_lifecycle_simulate(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                    const double *T, double holdout, uint64_t seed, double *x,
                                                    double *t_x, double *holdout_x);

CX_API CX_NODISCARD cx_status cx_lifecycle_save(cx_context *ctx, const cx_lifecycle *lifecycle, const char *path,
                                                const cx_model_save_options *opts);
CX_API CX_NODISCARD cx_status cx_lifecycle_open(cx_context *ctx, const char *path, const cx_model_open_options *opts,
                                                cx_lifecycle **out);
CX_API const char *cx_lifecycle_fit_text(int32_t fit);

CX_END_DECLS
#endif

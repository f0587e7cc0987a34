/* SPDX-License-Identifier: MIT */
/** @file cx/lifecycle.h
 *  Purchase models: how often people buy and whether they still do. First BG/NBD (Fader, Hardie and Lee,
 *  Marketing Science 24(2), 2005). A fitted model is immutable; any number of threads may ask it. */
#ifndef CX_LIFECYCLE_H
#define CX_LIFECYCLE_H

#include <cx/history.h>
#include <cx/model.h>

CX_BEGIN_DECLS

/** Models: X(name, value, text). */
#define CX_LIFECYCLE_MAP(X) X(BGNBD, 1, "bgnbd")
enum {
#define CX_LIFECYCLE_ENUM(name, value, text) CX_LIFECYCLE_##name = (value),
  CX_LIFECYCLE_MAP(CX_LIFECYCLE_ENUM)
#undef CX_LIFECYCLE_ENUM
};

/** How a fit ended: X(name, value, text).
 *  OK: one mode, inside. BOUNDARY: the most likely model is a simpler one (one rate or one dropout probability for
 *  all), which some parameters approach without end; those have no standard error. NO_DROPOUT_EVIDENCE: nothing is
 *  gained over the NBD, which is returned (a 0, b 1). MULTIMODAL: another mode was found as well, less likely or at an
 *  edge; the log says by how much. NOT_CONVERGED: the best point found is no maximum. */
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

/** How a model is fitted. */
typedef struct cx_lifecycle_options {
  uint32_t size;       /* set by cx_lifecycle_options_init() */
  int32_t model;       /* CX_LIFECYCLE_* (CX_LIFECYCLE_BGNBD) */
  uint32_t iterations; /* at most, for each start, 1..10000 (200) */
  int32_t accept_best; /* 1: not converging is reported in the info, not an error (0) */
} cx_lifecycle_options;
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
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

/** Fits a model to histories, or to plain rows: x, t_x, T as in cx_history_row, in weeks, `weight` how many customers
 *  a row stands for (NULL: 1 each; rows of weight 0 are left out). Distinct rows are found and counted first. The
 *  likelihood returned is never below that of the NBD, which the model contains.
 *  @param x [in] whole numbers from 0 to 1e7.
 *  @param out [out] free with cx_lifecycle_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_NO_DATA (no customer, or no repeat purchase), CX_ERR_RANGE (an option; x not whole, t_x > T,
 *          t_x > 0 with x = 0, a weight < 0, not a number: with the row; weights above 1e15 in all), CX_ERR_INVALID,
 * CX_ERR_NO_CONVERGENCE, CX_ERR_NOMEM, CX_ERR_CANCELLED. Cost: about 100 ns a distinct row an iteration, and 50 bytes a
 * row. Uses the context's threads; the same bytes for any number of them. Progress "fit". How: docs/lifecycle.md. */
CX_API CX_NODISCARD cx_status cx_lifecycle_fit(cx_context *ctx, const cx_history *history,
                                               const cx_lifecycle_options *opts, cx_lifecycle **out);
CX_API CX_NODISCARD cx_status cx_lifecycle_fit_rows(cx_context *ctx, size_t n, const double *x, const double *t_x,
                                                    const double *T, const double *weight,
                                                    const cx_lifecycle_options *opts, cx_lifecycle **out);
/** A model with given parameters, to ask or to simulate from.
 *  @param parameters [in] BG/NBD: r, alpha, a, b, n 4; r, alpha and b > 0, a >= 0 (0: nobody drops out), finite.
 *  @return CX_OK; CX_ERR_RANGE, CX_ERR_SHAPE (n), CX_ERR_INVALID, CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_lifecycle_new(cx_context *ctx, int32_t model, const double *parameters, size_t n,
                                               int32_t unit, cx_lifecycle **out);
/** Frees a model. NULL is allowed. */
CX_API void cx_lifecycle_free(cx_lifecycle *lifecycle);
/** What the fit came to. @p out: size set by the caller. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_lifecycle_get_info(const cx_lifecycle *lifecycle, cx_lifecycle_info *out);

/* Questions about n customers by their x, t_x and T. For all of them: horizon finite and >= 0; CX_ERR_RANGE with the
 * row for x outside 0..1e7 or t_x outside 0..T; CX_ERR_NUMERIC when parameters or a row are so far out that there is no
 * answer; CX_ERR_NOMEM (8 bytes an answer), CX_ERR_CANCELLED; on failure nothing is written. They use the context's
 * threads, and any number of threads may ask one model. */

/** Log-likelihood of each row. */
CX_API CX_NODISCARD cx_status cx_lifecycle_loglik(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                  const double *x, const double *t_x, const double *T, double *out);
/** P(alive at T); 1 for x = 0, as in this model people drop out at purchases only. */
CX_API CX_NODISCARD cx_status cx_lifecycle_alive(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                 const double *x, const double *t_x, const double *T, double *out);
/** Expected purchases in (T, T + horizon]; relative error below 1e-10. About 2 microseconds a row. */
CX_API CX_NODISCARD cx_status cx_lifecycle_expected(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                    const double *x, const double *t_x, const double *T, double horizon,
                                                    double *out);
/** Central predictive interval of the number of purchases in (T, T + horizon]: the smallest counts whose
 *  cumulated probability reaches (1 - level) / 2 and (1 + level) / 2, 0 < level < 1. Counts are whole, so it holds at
 *  least the level, and much more where most people buy nothing. Counts above 1e7 are given as 1e7. */
CX_API CX_NODISCARD cx_status cx_lifecycle_interval(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                    const double *x, const double *t_x, const double *T, double horizon,
                                                    double level, double *lower, double *upper);
/** P(no purchase in (T, T + horizon]). */
CX_API CX_NODISCARD cx_status cx_lifecycle_none(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                const double *x, const double *t_x, const double *T, double horizon,
                                                double *out);
/** Time from T to the next purchase, if alive, at a quantile in (0, 1): half of those alive buy before that of .5.
 *  Infinite when it is above the largest double, which a very small r makes it. */
CX_API CX_NODISCARD cx_status cx_lifecycle_next(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                const double *x, const double *t_x, const double *T, double quantile,
                                                double *out);
/** Draws n customers: row i has been observed for T[i] and for `holdout` more. Row i has a stream of its own,
 *  so that the draws do not depend on threads. @p holdout_x [out, optional] purchases in the holdout. */
CX_API CX_NODISCARD cx_status cx_lifecycle_simulate(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n,
                                                    const double *T, double holdout, uint64_t seed, double *x,
                                                    double *t_x, double *holdout_x);

/** Saves to a model file of kind "lifecycle", published by rename; errors as docs/model-file.md: CX_ERR_IO, ... */
CX_API CX_NODISCARD cx_status cx_lifecycle_save(cx_context *ctx, const cx_lifecycle *lifecycle, const char *path,
                                                const cx_model_save_options *opts);
/** Opens such a file. CX_ERR_IO, CX_ERR_CORRUPT, CX_ERR_UNSUPPORTED (a newer version), CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_lifecycle_open(cx_context *ctx, const char *path, const cx_model_open_options *opts,
                                                cx_lifecycle **out);
/** The text of a CX_FIT_*; NULL for any other number. Static; any thread. */
CX_API const char *cx_lifecycle_fit_text(int32_t fit);

CX_END_DECLS
#endif

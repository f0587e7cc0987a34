/* SPDX-License-Identifier: MIT */
/** @file cx/stage.h
 *  Where a person stands: a probability for each of seven stages, with dates and reasons. */
#ifndef CX_STAGE_H
#define CX_STAGE_H

#include <cx/lifecycle.h>

CX_BEGIN_DECLS

/** Stages: X(name, value, text). What each means: docs/stage.md. */
#define CX_STAGE_MAP(X)                                                                                                \
  X(PROSPECT, 0, "prospect")                                                                                           \
  X(ONBOARDING, 1, "onboarding")                                                                                       \
  X(ACTIVE, 2, "active")                                                                                               \
  X(LOYAL, 3, "loyal")                                                                                                 \
  X(AT_RISK, 4, "at_risk")                                                                                             \
  X(LAPSED, 5, "lapsed")                                                                                               \
  X(WON_BACK, 6, "won_back")
enum {
#define CX_STAGE_ENUM(name, value, text) CX_STAGE_##name = (value),
  CX_STAGE_MAP(CX_STAGE_ENUM)
#undef CX_STAGE_ENUM
      CX_STAGE_COUNT = 7
};

/** Reasons: X(name, value, text). Each comes with a number, its part of the log-odds of buying again. */
#define CX_STAGE_REASON_MAP(X)                                                                                         \
  X(BASE_RATE, 1, "base_rate")                                                                                         \
  X(SILENCE, 2, "silence")                                                                                             \
  X(FREQUENCY, 3, "frequency")                                                                                         \
  X(TENURE, 4, "tenure")                                                                                               \
  X(RHYTHM, 5, "rhythm")                                                                                               \
  X(NO_REPEAT, 6, "no_repeat")                                                                                         \
  X(PURCHASE_MODEL, 7, "purchase_model")                                                                               \
  X(NO_PURCHASE, 8, "no_purchase")
enum {
#define CX_STAGE_REASON_ENUM(name, value, text) CX_STAGE_REASON_##name = (value),
  CX_STAGE_REASON_MAP(CX_STAGE_REASON_ENUM)
#undef CX_STAGE_REASON_ENUM
};

/** One reason. */
typedef struct cx_stage_reason {
  int32_t code;     /* CX_STAGE_REASON_* */
  int32_t reserved; /* 0 */
  double value;     /* what was observed: units of silence, purchases, ... */
  double log_odds;  /* what it adds to the log-odds of buying again within the horizon */
} cx_stage_reason;

#define CX_STAGE_REASONS 8

/** Where one person stands. For a prospect, of whom nothing is known, the numbers are those of somebody who bought
 * once, a horizon ago, and the one reason is NO_PURCHASE. Log-odds are kept within 13.8 of 0. */
typedef struct cx_stage_result {
  uint32_t size;                        /* set by the caller to sizeof */
  int32_t stage;                        /* CX_STAGE_*: the most probable */
  double probabilities[CX_STAGE_COUNT]; /* they sum to 1 */
  double again;                         /* P(at least one purchase within the horizon) */
  double horizon;                       /* in units */
  double alive;                         /* P(alive) of the purchase model; NaN for a prospect */
  double expected;                      /* purchases within the horizon */
  double lower, upper;                  /* 80 % predictive interval of them */
  double next[3];                       /* units from now to the next purchase if alive: 10, 50, 90 % */
  uint32_t reasons_count;
  uint32_t reserved;
  cx_stage_reason reasons[CX_STAGE_REASONS]; /* their log_odds sum to ln(again / (1 - again)) */
} cx_stage_result;

typedef struct cx_stage cx_stage;

/** How a stage model is learned. */
typedef struct cx_stage_options {
  uint32_t size;    /* set by cx_stage_options_init() */
  int32_t reserved; /* 0 */
  double horizon;   /* in units of the history; 0: 39 weeks or as much as the data allow (0) */
} cx_stage_options;
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_stage_options_init(cx_stage_options *opts, size_t size);

/** Learns how silence, frequency and tenure tell whether people buy again, from calibration data alone: from origins
 *  inside it. With too little data the purchase model speaks alone: the only reason is then PURCHASE_MODEL.
 *  @param table     [in] columns as for cx_history_build().
 *  @param history   [in, optional] options as for cx_history_build(); purchases after `until` are not looked at.
 *  @param lifecycle [in] fitted to the same data in the same unit; what is needed of it is copied.
 *  @param out       [out] free with cx_stage_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_NO_DATA (no purchase before the end of calibration), CX_ERR_INVALID (units differ),
 *          CX_ERR_RANGE (an option), as cx_history_build(), CX_ERR_NOMEM, CX_ERR_CANCELLED.
 *  Cost: customers x origins, at most two million (above, every k-th customer is taken). Progress "history", then
 *  "stage". The same bytes for any number of threads. */
CX_API CX_NODISCARD cx_status cx_stage_fit(cx_context *ctx, const cx_table *table, const cx_history_options *history,
                                           const cx_lifecycle *lifecycle, const cx_stage_options *opts, cx_stage **out);
/** Frees a model. NULL is allowed. */
CX_API void cx_stage_free(cx_stage *stage);
/** Where the person of a summary stands.
 *  @param row [in] made with cx_stage_get_options()' options; x, t_x, T, gap and first are used.
 *  @param out [in, out] size set by the caller.
 *  @return CX_OK; CX_ERR_RANGE (x outside 0..1e7, t_x outside 0..T, gap < 0, not finite), CX_ERR_INVALID,
 *          CX_ERR_NUMERIC (so far out that there is no answer).
 *  Any thread (with a context of its own or none), no allocation, about 30 microseconds. */
CX_API CX_NODISCARD cx_status cx_stage_infer(cx_context *ctx, const cx_stage *stage, const cx_history_row *row,
                                             cx_stage_result *out);
/** The history options to summarise with before asking this model, without `until`. @p out: size set by the caller.
 *  CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_stage_get_options(const cx_stage *stage, cx_history_options *out);
/** Saves to a model file of kind "stage", published by rename, and opens one; errors as for cx_lifecycle_save() and
 *  cx_lifecycle_open(). */
CX_API CX_NODISCARD cx_status cx_stage_save(cx_context *ctx, const cx_stage *stage, const char *path,
                                            const cx_model_save_options *opts);
CX_API CX_NODISCARD cx_status cx_stage_open(cx_context *ctx, const char *path, const cx_model_open_options *opts,
                                            cx_stage **out);
/** The text of a CX_STAGE_* or CX_STAGE_REASON_*; NULL for any other number. Static; any thread. */
CX_API const char *cx_stage_text(int32_t stage);
CX_API const char *cx_stage_reason_text(int32_t reason);

CX_END_DECLS
#endif

/* SPDX-License-Identifier: MIT */
/** @file cx/history.h
 *  From purchases to one summary for each customer: how often, how lately, since when, for how much. Every choice
 *  that changes the numbers is an option, and is recorded with the models that are fitted to them. */
#ifndef CX_HISTORY_H
#define CX_HISTORY_H

#include <cx/profile.h>
#include <cx/table.h>

CX_BEGIN_DECLS

#define CX_UNIT_MAP(X) X(DAY, 1, "day") X(WEEK, 2, "week")
enum {
#define CX_UNIT_ENUM(name, value, text) CX_UNIT_##name = (value),
  CX_UNIT_MAP(CX_UNIT_ENUM)
#undef CX_UNIT_ENUM
};

typedef struct cx_history_options {
  uint32_t size;     /* set by cx_history_options_init() */
  int32_t unit;      /* CX_UNIT_*: what x per time is measured in (CX_UNIT_WEEK) */
  int32_t merge_day; /* 1: purchases of one customer on one UTC day are one (1) */
  int32_t reserved;  /* 0 */
  int64_t until;     /* end of calibration: purchases on the UTC day of this instant still count, those of
                        later days are holdout; CX_TIME_NONE: the last purchase (CX_TIME_NONE) */
} cx_history_options;
CX_API CX_NODISCARD cx_status cx_history_options_init(cx_history_options *opts, size_t size);

/** The summary of one customer. Times are in units, to the UTC day when days are merged. */
typedef struct cx_history_row {
  double x;        /* repeat purchases in calibration: the first is the origin and not counted */
  double t_x;      /* from the first to the last purchase; 0 when x is 0 */
  double T;        /* from the first purchase to the end of calibration */
  double monetary; /* mean value of the repeat purchases; NaN when x is 0 or values are unknown */
  double holdout;  /* purchases after calibration */
  double spell;    /* longest gap between two purchases; 0 when x is 0 */
  double gap;      /* the gap before the last purchase; 0 when x is 0 */
  int64_t first;   /* instant of the first purchase; CX_TIME_NONE: a prospect, none before the end */
} cx_history_row;

typedef struct cx_history cx_history;

/** Builds the histories of all customers.
 *  @param table [in] columns "customer" (INT64 or TEXT), "time" (TIME), optionally "value" (DOUBLE, of the row),
 * "order" (INT64 or TEXT: rows of one order are one purchase) and "kind" (INT64, CX_EVENT_*: only purchases count;
 * returns take their value from the customer's monetary total but no purchase away). Any order of rows.
 *  @return CX_OK; CX_ERR_NO_DATA, CX_ERR_NOT_FOUND (a column), CX_ERR_TYPE, CX_ERR_NOMEM, CX_ERR_CANCELLED.
 *  Cost: O(n log n), 80 bytes a customer. Customers come in the order of their first row. Progress "history". */
CX_API CX_NODISCARD cx_status cx_history_build(cx_context *ctx, const cx_table *table, const cx_history_options *opts,
                                               cx_history **out);
/** The history of the one person of a profile, as of an instant. */
CX_API CX_NODISCARD cx_status cx_history_of_profile(cx_context *ctx, const cx_profile *profile,
                                                    const cx_history_options *opts, cx_history_row *out);
CX_API void cx_history_free(cx_history *history);
/** Number of customers. */
CX_API size_t cx_history_count(const cx_history *history);
/** All summaries, borrowed until the history is freed. */
CX_API const cx_history_row *cx_history_rows(const cx_history *history);
/** The options that were used, with `until` filled in. */
CX_API CX_NODISCARD cx_status cx_history_get_options(const cx_history *history, cx_history_options *out);
/** A table of all: customer, x, t_x, T, monetary, holdout, first. Free with cx_table_free(). */
CX_API CX_NODISCARD cx_status cx_history_to_table(cx_context *ctx, const cx_history *history, cx_table **out);

CX_END_DECLS
#endif

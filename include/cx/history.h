/* SPDX-License-Identifier: MIT */
/** @file cx/history.h
 *  From purchases to one summary for each customer: how often, how lately, since when, for how much. Every choice
 *  that changes the numbers is an option, and is recorded with the models that are fitted to them. */
#ifndef CX_HISTORY_H
#define CX_HISTORY_H

#include <cx/profile.h>
#include <cx/table.h>

CX_BEGIN_DECLS

/** Units of time: X(name, value, text). */
#define CX_UNIT_MAP(X) X(DAY, 1, "day") X(WEEK, 2, "week")
enum {
#define CX_UNIT_ENUM(name, value, text) CX_UNIT_##name = (value),
  CX_UNIT_MAP(CX_UNIT_ENUM)
#undef CX_UNIT_ENUM
};

/** The choices that change the numbers. */
typedef struct cx_history_options {
  uint32_t size;     /* set by cx_history_options_init() */
  int32_t unit;      /* CX_UNIT_*: what x per time is measured in (CX_UNIT_WEEK) */
  int32_t merge_day; /* 1: purchases of one customer on one UTC day are one (1) */
  int32_t reserved;  /* 0 */
  int64_t until;     /* end of calibration: purchases on the UTC day of this instant still count, those of
                        later days are holdout; CX_TIME_NONE: the last purchase (CX_TIME_NONE) */
} cx_history_options;
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_history_options_init(cx_history_options *opts, size_t size);

/** The summary of one customer. Times are in units: when days are merged, differences of UTC days (the last of them the
 *  day of `until`); else differences of instants, and calibration ends with the last microsecond of that day. */
typedef struct cx_history_row {
  double x;        /* repeat purchases in calibration: the first is the origin and not counted */
  double t_x;      /* from the first to the last purchase; 0 when x is 0 */
  double T;        /* from the first purchase to the end of calibration */
  double monetary; /* mean value of the repeat purchases less returns; NaN when x is 0 or a value is unknown */
  double holdout;  /* purchases after calibration */
  double spell;    /* longest gap between two purchases; 0 when x is 0 */
  double gap;      /* the gap before the last purchase; 0 when x is 0 */
  int64_t first;   /* instant of the first purchase; CX_TIME_NONE: a prospect, none before the end */
} cx_history_row;

typedef struct cx_history cx_history;

/** Builds the histories of all customers who bought before the end of calibration. Somebody who came later is not in
 *  it: nothing was known of them then.
 *  @param table [in] columns "customer" (INT64 or TEXT), "time" (TIME), optionally "value" (DOUBLE, of the row),
 *         "order" (INT64 or TEXT: rows of one customer and order are one purchase, at the first of their instants) and
 *         "kind" (INT64, CX_EVENT_*: purchases and returns count, all else is passed over; without the column every row
 *         is a purchase). Any order of rows. Rows without a customer are passed over.
 *         A return takes no purchase away. Its value, whatever its sign, is taken from the total of the repeat
 *         purchases, unless it takes back the first purchase (by its order, else by being no later than it).
 *  @param opts  [in, optional] NULL for the defaults.
 *  @param out   [out] free with cx_history_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_NO_DATA (no purchase of a known customer before the end), CX_ERR_NOT_FOUND (a column),
 *          CX_ERR_TYPE, CX_ERR_INVALID (a purchase without a time, with its row), CX_ERR_RANGE (an option; a time or
 *          value out of range, with its row), CX_ERR_NOMEM, CX_ERR_CANCELLED.
 *  Cost: O(n log n); about 70 bytes a row while it works and about 130 bytes a customer in the end. Customers come in
 *  the order of their first purchase in the table. Progress "history". */
CX_API CX_NODISCARD cx_status cx_history_build(cx_context *ctx, const cx_table *table, const cx_history_options *opts,
                                               cx_history **out);
/** The history of the one person of a profile. Without `until` calibration ends with the UTC day of the profile's time,
 *  or, when it has none, of the last purchase. Without a purchase up to then the row is a prospect's: first is
 *  CX_TIME_NONE, x, t_x and T are 0. Purchases in several currencies cannot be added: monetary is then NaN.
 *  @return CX_OK; CX_ERR_RANGE (an option), CX_ERR_INVALID, CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_history_of_profile(cx_context *ctx, const cx_profile *profile,
                                                    const cx_history_options *opts, cx_history_row *out);
/** Frees histories. NULL is allowed. */
CX_API void cx_history_free(cx_history *history);
/** Number of customers; 0 for NULL. Any thread. */
CX_API size_t cx_history_count(const cx_history *history);
/** All summaries, borrowed until the history is freed; NULL for NULL. Any thread. */
CX_API const cx_history_row *cx_history_rows(const cx_history *history);
/** The options that were used, with `until` filled in. @p out: size set by the caller. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_history_get_options(const cx_history *history, cx_history_options *out);
/** A table of all: customer (the type it came in), x, t_x, T, monetary (absent when NaN), holdout, first.
 *  @param out [out] free with cx_table_free(); NULL on failure. @return CX_OK; CX_ERR_INVALID, CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_history_to_table(cx_context *ctx, const cx_history *history, cx_table **out);

CX_END_DECLS
#endif

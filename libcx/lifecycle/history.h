/* SPDX-License-Identifier: MIT */
/** @file lifecycle/history.h
 *  The purchases of all customers in order of time: the one place that decides what counts as a purchase. Histories
 *  for any end of calibration are read off it, so that a model can look at the same customers from several origins. */
#ifndef CX_LIFECYCLE_HISTORY_H
#define CX_LIFECYCLE_HISTORY_H

#include "core/core.h"

#include <cx/history.h>

/** Instants farther from 1970 than this are refused, so that differences cannot overflow. */
#define CX__HISTORY_LATEST (INT64_MAX / 4)

typedef struct cx__purchase {
  int64_t time;   /* of the first row of its order */
  int64_t of;     /* a return: instant of the purchase it takes back, CX_TIME_NONE when that is not known */
  double value;   /* NaN when unknown */
  uint32_t order; /* while rows are put together: order number + 1; 0 for none */
  int32_t kind;   /* CX_EVENT_PURCHASE or CX_EVENT_RETURN */
} cx__purchase;

typedef struct cx__purchases {
  cx_allocator allocator;
  cx__interner *customers; /* bytes of the text, or the eight bytes of an INT64 */
  int32_t customer_type;   /* CX_TYPE_INT64 or CX_TYPE_TEXT */
  cx_history_options options;
  size_t customers_count;
  size_t *starts; /* customers + 1 places in list */
  cx__purchase *list;
  int64_t first, last; /* instants of the first and the last purchase of all; CX_TIME_NONE when there is none */
} cx__purchases;

/** Reads, groups and sorts. @p opts must have been checked. CX_ERR_NO_DATA when no row is a purchase. Free in any
 *  case. */
cx_status cx__purchases_read(cx_context *ctx, const cx_table *table, const cx_history_options *opts,
                             cx__purchases *out);
/** The same from rows of known customers (numbers 0 .. customers_count - 1, which is set as the allocator and the
 *  options are): groups and sorts. Spoils @p rows. */
cx_status cx__purchases_group(cx_context *ctx, cx__purchases *out, cx__purchase *rows, const uint32_t *numbers,
                              size_t n);
void cx__purchases_free(cx__purchases *purchases);
/** Reads the options of a call over the defaults and checks them. */
cx_status cx__history_options_read(cx_context *ctx, const cx_history_options *given, cx_history_options *out);
/** The history of one customer when calibration ends with a UTC day; false when there is no purchase up to then (the
 *  row is then a prospect's, with its holdout). */
bool cx__purchases_summarise(const cx__purchases *purchases, size_t customer, int64_t until_day, cx_history_row *out);
/** Days in a unit. */
double cx__history_unit_days(int32_t unit);

#endif

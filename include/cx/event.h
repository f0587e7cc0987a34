/* SPDX-License-Identifier: MIT */
/** @file cx/event.h
 *  What happened: purchases with their lines, returns, views, impressions. Events are immutable.
 *
 *  Texts are UTF-8 without NUL; an optional one may be absent or empty, which means the same. Instants lie in the years
 *  1 to 9999. */
#ifndef CX_EVENT_H
#define CX_EVENT_H

#include <cx/party.h>

CX_BEGIN_DECLS

/** Kinds of events: X(name, value, text). */
#define CX_EVENT_MAP(X)                                                                                                \
  X(PURCHASE, 1, "purchase")                                                                                           \
  X(RETURN, 2, "return")                                                                                               \
  X(VIEW, 3, "view")                                                                                                   \
  X(CLICK, 4, "click")                                                                                                 \
  X(CART, 5, "cart")                                                                                                   \
  X(UNCART, 6, "uncart")                                                                                               \
  X(WISH, 7, "wish")                                                                                                   \
  X(SEARCH, 8, "search")                                                                                               \
  X(REVIEW, 9, "review")                                                                                               \
  X(SHARE, 10, "share")                                                                                                \
  X(IMPRESSION, 11, "impression")                                                                                      \
  X(IDENTIFY, 12, "identify")                                                                                          \
  X(OTHER, 13, "other")
enum {
#define CX_EVENT_ENUM(name, value, text) CX_EVENT_##name = (value),
  CX_EVENT_MAP(CX_EVENT_ENUM)
#undef CX_EVENT_ENUM
};

/** One line of an event: an item, how many of it and at what price. */
typedef struct cx_event_line {
  cx_text item;        /* the item's id, 1..512 bytes */
  cx_text title;       /* as sent, at most 2048 bytes; optional */
  cx_decimal quantity; /* > 0, also for returns; 1 when the source has none */
  cx_decimal price;    /* of one, in the event's currency; scale -1 when unknown */
} cx_event_line;

/** One event. Texts and arrays are borrowed for the call that takes it, or until the next call on the
 *  reader that gave it. */
typedef struct cx_event {
  uint32_t size;            /* set by the caller to sizeof */
  int32_t kind;             /* CX_EVENT_* */
  cx_text id;               /* message id, 1..512 bytes, unique: an id seen again is a duplicate */
  const cx_identifier *who; /* identifiers as sent, at most 64; none: nobody known */
  size_t who_count;
  int64_t time;               /* when it happened */
  int64_t received;           /* when it arrived, CX_TIME_NONE when the record does not say */
  cx_text name;               /* as sent, "Order Completed", at most 512 bytes; optional */
  cx_text channel;            /* code, "web"; optional */
  cx_text order;              /* order id, at most 512 bytes; optional */
  const cx_event_line *lines; /* at most 65536 */
  size_t lines_count;
  cx_text properties; /* the rest, one JSON object, at most 262144 bytes; optional */
  char currency[4];   /* ISO 4217, terminated; "" when unknown */
  int32_t reserved;   /* 0 */
} cx_event;

/** The text of a kind, as in "purchase"; NULL for any other number. Static; any thread. */
CX_API const char *cx_event_kind_text(int32_t kind);

CX_END_DECLS
#endif

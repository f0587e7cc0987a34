/* SPDX-License-Identifier: MIT */
/** @file cx/content.h
 *  What can be shown: items with their topics and the time in which they are valid.
 *
 *  Codes are 1 to 64 bytes of [a-z0-9_.:/-]. Texts are UTF-8 without NUL; an optional one may be absent or empty, which
 *  means the same. Instants lie in the years 1 to 9999. */
#ifndef CX_CONTENT_H
#define CX_CONTENT_H

#include <cx/context.h>

CX_BEGIN_DECLS

/** One content item. A later record of the same id replaces the earlier one as what is true now. */
typedef struct cx_content {
  uint32_t size;         /* set by the caller to sizeof */
  uint32_t reserved;     /* 0 */
  cx_text id;            /* 1..512 bytes */
  cx_text title;         /* at most 2048 bytes; optional */
  const cx_text *topics; /* codes, distinct, at most 256; a set, their order says nothing */
  size_t topics_count;
  int64_t time;        /* when this was said of the item; CX_TIME_NONE when unknown, before every known time */
  int64_t published;   /* since when the item exists, CX_TIME_NONE when unknown */
  int64_t valid_from;  /* first instant at which it may be shown, CX_TIME_NONE for always */
  int64_t valid_until; /* first instant at which it may no longer, CX_TIME_NONE for never */
} cx_content;

/** Whether an item may be shown at an instant: 1 or 0; 0 for NULL and for CX_TIME_NONE. Any thread. */
CX_API int cx_content_is_valid(const cx_content *content, int64_t at);

CX_END_DECLS
#endif

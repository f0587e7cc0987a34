/* SPDX-License-Identifier: MIT */
/** @file cx/preference.h
 *  What people declared that they like and dislike. Declared preferences stand above inferred ones. */
#ifndef CX_PREFERENCE_H
#define CX_PREFERENCE_H

#include <cx/party.h>

CX_BEGIN_DECLS

/** One declared preference. The latest declaration of a person for a topic holds until it expires. */
typedef struct cx_preference {
  uint32_t size;     /* set by the caller to sizeof */
  uint32_t reserved; /* 0 */
  cx_text id;        /* of the record; absent: derived from the content */
  cx_identifier who;
  cx_text topic;       /* code, as in cx_content.topics */
  double strength;     /* -1 (never show me this) .. 1 (this is what I want); 0 takes it back */
  cx_text source;      /* where it was declared, "preference-centre" */
  int64_t time;        /* when it was declared */
  int64_t valid_until; /* CX_TIME_NONE for no end */
} cx_preference;

/** Whether a preference holds at an instant, 1 or 0: declared by then, not expired (valid_until is the first instant at
 *  which it no longer holds), strength not 0. 0 for NULL and for CX_TIME_NONE. Any thread. */
CX_API int cx_preference_is_valid(const cx_preference *preference, int64_t at);

CX_END_DECLS
#endif

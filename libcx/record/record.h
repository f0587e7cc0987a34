/* SPDX-License-Identifier: MIT */
/** @file record/record.h
 *  Checks that every record passes before it is stored or put in a profile, and ids derived from content. */
#ifndef CX_RECORD_RECORD_H
#define CX_RECORD_RECORD_H

#include "core/core.h"

#include <cx/profile.h>

/** One record of any kind, as readers give it and stores take it. */
typedef enum cx__record_kind {
  CX__RECORD_EVENT,
  CX__RECORD_ASSERTION,
  CX__RECORD_CONTENT,
  CX__RECORD_PREFERENCE,
  CX__RECORD_CONSENT
} cx__record_kind;
typedef struct cx__record {
  cx__record_kind kind;
  union {
    cx_event event;
    cx_assertion assertion;
    cx_content content;
    cx_preference preference;
    cx_consent consent;
  } of;
} cx__record;

/** What records are held to. Sizes in bytes. */
#define CX__CODE_MAX 64u       /* codes and name spaces */
#define CX__ID_MAX 512u        /* ids, identifier values, names, orders, sources */
#define CX__TITLE_MAX 2048u    /* titles, evidence, reasons */
#define CX__OBJECT_MAX 262144u /* properties */
#define CX__WHO_MAX 64u        /* identifiers of an event */
#define CX__LINES_MAX 65536u   /* lines of an event */
#define CX__TOPICS_MAX 256u    /* topics of a content item */
/** First and last instant of the years 1 to 9999. */
#define CX__TIME_FIRST (-INT64_C(62135596800000000))
#define CX__TIME_LAST INT64_C(253402300799999999)

/** What is wrong with a record: X(name, what the field ...). */
#define CX__FAULT_MAP(X)                                                                                               \
  X(NONE, "is as it should be")                                                                                        \
  X(MISSING, "is missing")                                                                                             \
  X(TOO_LONG, "is too long")                                                                                           \
  X(TOO_MANY, "has too many elements")                                                                                 \
  X(REPEATED, "holds a value twice")                                                                                   \
  X(ENCODING, "must be UTF-8 without NUL")                                                                             \
  X(CODE, "must be a code of 1 to 64 bytes of [a-z0-9_.:/-]")                                                          \
  X(NAME_SPACE, "must be 1 to 64 bytes of [a-z0-9_.-]")                                                                \
  X(OBJECT, "must be a JSON object")                                                                                   \
  X(KIND, "is not one of the known values")                                                                            \
  X(TIME, "must lie in the years 1 to 9999")                                                                           \
  X(NUMBER, "is out of range")                                                                                         \
  X(CURRENCY, "must be three capital letters or empty")                                                                \
  X(UNEXPECTED, "must be empty for this kind")                                                                         \
  X(RESERVED, "must be 0")
typedef enum cx__fault {
#define CX__FAULT_ENUM(name, text) CX__FAULT_##name,
  CX__FAULT_MAP(CX__FAULT_ENUM)
#undef CX__FAULT_ENUM
} cx__fault;
typedef struct cx__record_fault {
  cx__fault what;
  const char *field; /* "event.lines.item"; static; NULL when nothing is wrong */
  size_t index;      /* of the element of an array, SIZE_MAX when the field is none */
} cx__record_fault;

/** Looks for the first fault; false when there is one. Needs no context, so that readers can decide what to do. Whether
 *  properties are well-formed JSON is the reader's to check; here they begin with { and end with }. */
bool cx__record_find_fault(const cx__record *record, cx__record_fault *fault);
/** CX_OK, or CX_ERR_INVALID naming the field: lengths, UTF-8, codes ([a-z0-9_.:/-], 1..64 bytes), ranges, currency,
 * times. An optional text may be absent or empty, which means the same. */
cx_status cx__identifier_check(cx_context *ctx, const cx_identifier *identifier);
cx_status cx__record_check(cx_context *ctx, const cx__record *record);
/** Whether a code is well formed. */
bool cx__code_is_valid(cx_text code);

/** A digest of a record's content in a canonical byte form, id included when it has one, arrival time left out. Equal
 * records have equal digests on every machine; 1.50 equals 1.5, an empty text an absent one, topics are a set. CX_OK or
 * NOMEM. The record has passed its check. */
cx_status cx__record_digest(cx_context *ctx, const cx__record *record, cx__hash128 *out);
/** Appends the canonical byte form to a buffer; NOMEM only. */
cx_status cx__record_write(cx_context *ctx, const cx__record *record, cx__buffer *out);

/** Person id of a founding identifier; never 0. */
int64_t cx__person_id(const cx_identifier *identifier);

/** Sequential view of a profile's events for models, in (time, id) order; borrowed. */
typedef struct cx__profile_line {
  cx_text item;
  int64_t time;
  int32_t kind;
  double quantity;
} cx__profile_line;
/** All lines of the events in order; no allocation. */
size_t cx__profile_lines(const cx_profile *profile, const cx__profile_line **lines);

#endif

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

/** CX_OK, or CX_ERR_INVALID naming the field: lengths, UTF-8, codes ([a-z0-9_.:/-], 1..64 bytes), ranges, currency,
 * times. */
cx_status cx__identifier_check(cx_context *ctx, const cx_identifier *identifier);
cx_status cx__record_check(cx_context *ctx, const cx__record *record);
/** Whether a code is well formed. */
bool cx__code_is_valid(cx_text code);

/** A digest of a record's content in a canonical byte form, id included when it has one, arrival time left out. Equal
 * records have equal digests on every machine. */
cx_status cx__record_digest(cx_context *ctx, const cx__record *record, cx__hash128 *out);
/** Appends the canonical byte form to a buffer; NOMEM only. */
cx_status cx__record_write(cx_context *ctx, const cx__record *record, cx__buffer *out);

/** Person id of a founding identifier. */
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

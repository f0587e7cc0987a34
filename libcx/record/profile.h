/* SPDX-License-Identifier: MIT */
/** @file record/profile.h
 *  What a profile is made of. */
#ifndef CX_RECORD_PROFILE_H
#define CX_RECORD_PROFILE_H

#include "record/record.h"

/** Records of one kind, ascending by (time, id, digest). */
typedef struct cx__record_list {
  const cx__record **records;
  size_t count;
  size_t capacity;
} cx__record_list;

struct cx_profile {
  cx__arena arena; /* owns the records, their texts and arrays */
  int64_t person;
  int64_t time;
  cx_identifier *identifiers; /* ascending by (name space, value) */
  size_t identifiers_count;
  size_t identifiers_capacity;
  cx__record_list events;
  cx__record_list preferences;
  cx__record_list consents;
  cx__profile_line *lines; /* of the events, in their order */
  size_t lines_count;
  size_t lines_capacity;
};

/** By (name space, value). */
int cx__identifier_compare(const cx_identifier *a, const cx_identifier *b);
/** Adds a checked identifier or record that comes after all others. What it points at must live as long as the profile
 *  (in its arena). CX_OK; CX_DONE when it does not come after them; CX_ERR_NOMEM. */
cx_status cx__profile_append_identifier(cx_context *ctx, cx_profile *profile, const cx_identifier *identifier);
cx_status cx__profile_append(cx_context *ctx, cx_profile *profile, const cx__record *record);
/** The list that holds records of a kind: events, preferences or consents. */
cx__record_list *cx__profile_list(cx_profile *profile, cx__record_kind kind);

#endif

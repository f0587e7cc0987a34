/* SPDX-License-Identifier: MIT */
/* What the suites of the store share. */
#ifndef CX_TESTS_STORE_SUPPORT_H
#define CX_TESTS_STORE_SUPPORT_H

#include "support.h"

#define DAY INT64_C(86400000000)

/** Goes to a file system in memory when there is one: syncing thousands of small stores to a disk takes minutes. */
void store_work_in_memory(void);
/** "test-directory/name"; static, valid until the next call but three. */
const char *store_path(const char *name);
/** Opens a store below the test directory; asserts success. */
cx_store *store_open(cx_context *ctx, const char *name, bool create);

cx_identifier identifier_of(const char *name_space, const char *value);
cx_event_line line_of(const char *item, int64_t quantity, int64_t cents);
/** A purchase of one line; what it points to is static, valid until the next call but three. */
cx_event purchase_of(const char *id, const char *customer, int64_t time, const char *item);
cx_assertion assertion_of(int32_t kind, cx_identifier a, cx_identifier b, int64_t time);
cx_preference preference_of(const char *customer, const char *topic, double strength, int64_t time);
cx_consent consent_of(const char *customer, const char *purpose, const char *channel, int32_t state, int64_t time);
cx_content content_of(const char *id, const char *title, int64_t time);

/** The person of an id; asserts success. */
int64_t person_of(cx_context *ctx, cx_store *store, const char *id);
cx_store_info info_of(cx_context *ctx, cx_store *store);
/** The whole export, terminated; free() it. */
char *export_of(cx_context *ctx, cx_store *store, size_t *size);
/** Removes a store with its journal. */
void store_remove(const char *name);
/** Empties the test directory, so that suites also run without a process for each test. */
void store_remove_all(void);

/** A record of any kind, for tests that mix them. */
typedef enum any_kind { ANY_EVENT, ANY_ASSERTION, ANY_CONTENT, ANY_PREFERENCE, ANY_CONSENT } any_kind;
typedef struct any_record {
  any_kind kind;
  union {
    cx_event event;
    cx_assertion assertion;
    cx_content content;
    cx_preference preference;
    cx_consent consent;
  } of;
} any_record;
cx_status any_add(cx_context *ctx, cx_store *store, const any_record *record);
/** A made-up shop: records of all kinds, some twice in other spellings, some ids with two contents, merges, records
 * that keep apart, retractions. Static. */
const any_record *any_shop(size_t *count);

#endif

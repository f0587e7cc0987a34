/* SPDX-License-Identifier: MIT */
/* Appending one record of any kind inside a write transaction. */
#include "store/store.h"

cx_text cx__derived_id(cx_text id, cx__hash128 digest, char text[CX__DERIVED_ID_SIZE]) {
  static const char digits[] = "0123456789abcdef";
  if (id.size > 0) return id;
  for (unsigned i = 0; i < 16; i++) {
    text[i] = digits[digest.high >> (60 - 4 * i) & 15];
    text[16 + i] = digits[digest.low >> (60 - 4 * i) & 15];
  }
  text[32] = '\0';
  return (cx_text){text, 32};
}

/** Whether a record with this id and digest is there; with @p find a statement that gives the digests of an id. */
static cx_status look(cx_context *ctx, cx_store *store, int find, cx_text id, int64_t digest, cx__outcome *outcome) {
  cx_status status;
  *outcome = CX__STORED;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, find, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, id);
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    *outcome = CX__COLLISION;
    if (sqlite3_column_int64(statement, 0) != digest) continue;
    *outcome = CX__DUPLICATE;
    cx__sql_reset(statement);
    return CX_OK;
  }
  return status < 0 ? status : CX_OK;
}

/** Touches both sides of the assertions that a retraction takes back. */
static cx_status touch_retracted(cx_context *ctx, cx_store *store, cx_text id) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_ASSERTION_FIND, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, id);
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    if (sqlite3_column_type(statement, 1) == SQLITE_NULL) continue;
    status = cx__store_touch(ctx, store, sqlite3_column_int64(statement, 1));
    if (status == CX_OK) status = cx__store_touch(ctx, store, sqlite3_column_int64(statement, 2));
    if (status != CX_OK) {
      cx__sql_reset(statement);
      return status;
    }
  }
  return status < 0 ? status : CX_OK;
}

static cx_status put_assertion(cx_context *ctx, cx_store *store, const cx_assertion *assertion, cx_text id,
                               int64_t digest, cx__outcome *outcome) {
  cx_status status = look(ctx, store, CX__SQL_ASSERTION_FIND, id, digest, outcome);
  if (status != CX_OK || *outcome == CX__DUPLICATE) return status;
  const bool links = assertion->kind != CX_ASSERTION_RETRACT;
  int64_t a = CX_TIME_NONE, b = CX_TIME_NONE, verified = 0;
  if (links) {
    status = cx__store_identify(ctx, store, &assertion->a, assertion->time, &a);
    if (status == CX_OK) status = cx__store_identify(ctx, store, &assertion->b, assertion->time, &b);
    if (status == CX_OK) status = cx__store_touch(ctx, store, a);
    if (status == CX_OK) status = cx__store_touch(ctx, store, b);
    verified = (assertion->a.verified != 0 ? 1 : 0) | (assertion->b.verified != 0 ? 2 : 0);
  } else {
    status = touch_retracted(ctx, store, assertion->retracts);
  }
  if (status != CX_OK) return status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_ASSERTION_ADD, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, id);
  cx__bind_int64(store, statement, 2, digest);
  cx__bind_int64(store, statement, 3, assertion->kind);
  cx__bind_time(store, statement, 4, a);
  cx__bind_time(store, statement, 5, b);
  cx__bind_int64(store, statement, 6, verified);
  cx__bind_text(store, statement, 7, assertion->retracts);
  cx__bind_int64(store, statement, 8, assertion->time);
  cx__bind_text(store, statement, 9, assertion->source);
  cx__bind_text(store, statement, 10, assertion->reason);
  status = cx__sql_run(ctx, store, statement);
  if (status == CX_OK) store->counts[CX__COUNT_ASSERTIONS]++;
  return status;
}

static cx_status put_content(cx_context *ctx, cx_store *store, const cx_content *content, int64_t digest,
                             cx__outcome *outcome) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_CONTENT_FIND, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, content->id);
  cx__bind_int64(store, statement, 2, digest);
  status = cx__sql_step(ctx, store, statement);
  cx__sql_reset(statement);
  /* An item's later record replaces the earlier one: other content is no collision. */
  *outcome = status == CX_OK ? CX__DUPLICATE : CX__STORED;
  if (status != CX_DONE) return status;

  statement = cx__sql_get(ctx, store, CX__SQL_CONTENT_ADD, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, content->id);
  cx__bind_int64(store, statement, 2, digest);
  cx__bind_text(store, statement, 3, content->title);
  cx__bind_time(store, statement, 4, content->time);
  cx__bind_time(store, statement, 5, content->published);
  cx__bind_time(store, statement, 6, content->valid_from);
  cx__bind_time(store, statement, 7, content->valid_until);
  status = cx__sql_run(ctx, store, statement);
  const int64_t number = sqlite3_last_insert_rowid(store->db);
  for (size_t i = 0; status == CX_OK && i < content->topics_count; i++) {
    statement = cx__sql_get(ctx, store, CX__SQL_TOPIC_ADD, &status);
    if (!statement) return status;
    cx__bind_int64(store, statement, 1, number);
    cx__bind_text(store, statement, 2, content->topics[i]);
    status = cx__sql_run(ctx, store, statement);
  }
  if (status == CX_OK) store->counts[CX__COUNT_CONTENTS]++;
  return status;
}

static cx_status put_preference(cx_context *ctx, cx_store *store, const cx_preference *preference, cx_text id,
                                int64_t digest, cx__outcome *outcome) {
  cx_status status = look(ctx, store, CX__SQL_PREFERENCE_FIND, id, digest, outcome);
  if (status != CX_OK || *outcome == CX__DUPLICATE) return status;
  int64_t who;
  status = cx__store_identify(ctx, store, &preference->who, preference->time, &who);
  if (status != CX_OK) return status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_PREFERENCE_ADD, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, id);
  cx__bind_int64(store, statement, 2, digest);
  cx__bind_int64(store, statement, 3, who);
  cx__bind_int64(store, statement, 4, preference->who.verified);
  cx__bind_text(store, statement, 5, preference->topic);
  cx__bind_double(store, statement, 6, preference->strength + 0.0); /* no negative zero */
  cx__bind_text(store, statement, 7, preference->source);
  cx__bind_int64(store, statement, 8, preference->time);
  cx__bind_time(store, statement, 9, preference->valid_until);
  status = cx__sql_run(ctx, store, statement);
  if (status == CX_OK) store->counts[CX__COUNT_PREFERENCES]++;
  return status;
}

static cx_status put_consent(cx_context *ctx, cx_store *store, const cx_consent *consent, cx_text id, int64_t digest,
                             cx__outcome *outcome) {
  cx_status status = look(ctx, store, CX__SQL_CONSENT_FIND, id, digest, outcome);
  if (status != CX_OK || *outcome == CX__DUPLICATE) return status;
  int64_t who;
  status = cx__store_identify(ctx, store, &consent->who, consent->time, &who);
  if (status != CX_OK) return status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_CONSENT_ADD, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, id);
  cx__bind_int64(store, statement, 2, digest);
  cx__bind_int64(store, statement, 3, who);
  cx__bind_int64(store, statement, 4, consent->who.verified);
  cx__bind_text(store, statement, 5, consent->purpose);
  cx__bind_text(store, statement, 6, consent->channel);
  cx__bind_int64(store, statement, 7, consent->state);
  cx__bind_int64(store, statement, 8, consent->basis);
  cx__bind_text(store, statement, 9, consent->evidence);
  cx__bind_text(store, statement, 10, consent->source);
  cx__bind_int64(store, statement, 11, consent->time);
  cx__bind_time(store, statement, 12, consent->valid_until);
  status = cx__sql_run(ctx, store, statement);
  if (status == CX_OK) store->counts[CX__COUNT_CONSENTS]++;
  return status;
}

static cx_status put_event(cx_context *ctx, cx_store *store, const cx_event *event, int64_t digest,
                           cx__outcome *outcome) {
  cx__arrival arrival = {
      .event = event, .id_hash = (int64_t)cx__hash(event->id.data, event->id.size), .digest = digest};
  cx_status status = cx__event_look(ctx, store, &arrival, outcome);
  if (status != CX_OK || *outcome == CX__DUPLICATE) return status;
  int64_t *who = cx__alloc_array(cx__allocator(ctx), event->who_count, sizeof *who);
  if (!who) return cx__no_memory(ctx);
  for (size_t i = 0; status == CX_OK && i < event->who_count; i++)
    status = cx__store_identify(ctx, store, &event->who[i], event->time, &who[i]);
  arrival.who = who;
  if (status == CX_OK) status = cx__event_write(ctx, store, &arrival);
  if (status == CX_OK) status = cx__event_write_message(ctx, store, &arrival);
  if (status == CX_OK && *outcome == CX__COLLISION) status = cx__event_mark(ctx, store, &arrival);
  cx__free(cx__allocator(ctx), who);
  return status;
}

cx_status cx__store_put(cx_context *ctx, cx_store *store, const cx__record *record, cx__outcome *outcome) {
  cx__hash128 digest;
  cx_status status = cx__record_digest(ctx, record, &digest);
  if (status != CX_OK) return status;
  const int64_t short_digest = (int64_t)digest.low;
  char derived[CX__DERIVED_ID_SIZE];
  switch (record->kind) {
  case CX__RECORD_EVENT:
    return put_event(ctx, store, &record->of.event, short_digest, outcome);
  case CX__RECORD_CONTENT:
    return put_content(ctx, store, &record->of.content, short_digest, outcome);
  case CX__RECORD_ASSERTION: {
    const cx_text id = cx__derived_id(record->of.assertion.id, digest, derived);
    status = put_assertion(ctx, store, &record->of.assertion, id, short_digest, outcome);
    break;
  }
  case CX__RECORD_PREFERENCE: {
    const cx_text id = cx__derived_id(record->of.preference.id, digest, derived);
    status = put_preference(ctx, store, &record->of.preference, id, short_digest, outcome);
    break;
  }
  case CX__RECORD_CONSENT: {
    const cx_text id = cx__derived_id(record->of.consent.id, digest, derived);
    status = put_consent(ctx, store, &record->of.consent, id, short_digest, outcome);
    break;
  }
  default:
    return cx__fail(ctx, CX_ERR_INVALID, "unknown kind of record");
  }
  if (status == CX_OK && *outcome == CX__COLLISION) store->counts[CX__COUNT_COLLISIONS]++;
  return status;
}

cx_status cx__store_append(cx_context *ctx, cx_store *store, const cx__record *record, cx__outcome *outcome) {
  const cx_status status = cx__record_check(ctx, record);
  return status == CX_OK ? cx__store_put(ctx, store, record, outcome) : status;
}

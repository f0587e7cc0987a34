/* SPDX-License-Identifier: MIT */
/* Finding one person and building the profile. */
#include "store/store.h"

/** The person of NAMESPACE:VALUE, split at the first colon; CX_DONE when there is none. */
static cx_status find_named(cx_context *ctx, cx_store *store, cx_text id, int64_t *person) {
  const char *colon = memchr(id.data, ':', id.size);
  if (!colon) return CX_DONE;
  const cx_text name_space = {id.data, (size_t)(colon - id.data)};
  const cx_text value = {colon + 1, id.size - name_space.size - 1};
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_FIND_IDENTIFIER, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, value);
  cx__bind_text(store, statement, 2, name_space);
  status = cx__sql_step(ctx, store, statement);
  if (status == CX_OK) {
    *person = sqlite3_column_int64(statement, 0);
    cx__sql_reset(statement);
  }
  return status;
}

static cx_status refuse_ambiguous(cx_context *ctx, cx__buffer *name_spaces) {
  if (!cx__buffer_append(name_spaces, "", 1)) return cx__no_memory(ctx);
  return cx__fail(ctx, CX_ERR_AMBIGUOUS,
                  "the value stands for different people in the namespaces %s: write NAMESPACE:VALUE",
                  name_spaces->data);
}

/** The person of a value in any namespace; CX_DONE when there is none. */
static cx_status find_value(cx_context *ctx, cx_store *store, cx_text id, int64_t *person) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_FIND_VALUE, &status);
  if (!statement) return status;
  cx__buffer name_spaces;
  cx__buffer_init(&name_spaces, cx__allocator(ctx));
  cx__bind_text(store, statement, 1, id);
  size_t found = 0;
  bool several = false;
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    const cx_text name_space = cx__column_of(statement, 0);
    const int64_t this = sqlite3_column_int64(statement, 1);
    if (found == 0) *person = this;
    several = several || this != *person;
    if ((found++ > 0 && !cx__buffer_append_text(&name_spaces, ", ")) ||
        !cx__buffer_append(&name_spaces, name_space.data, name_space.size)) {
      status = cx__no_memory(ctx);
      break;
    }
  }
  cx__sql_reset(statement);
  if (status == CX_DONE && found > 0) status = several ? refuse_ambiguous(ctx, &name_spaces) : CX_OK;
  cx__buffer_free(&name_spaces);
  return status;
}

static cx_status find(cx_context *ctx, cx_store *store, cx_text id, int64_t *person) {
  int64_t given;
  if (cx_party_parse_id(id, &given) == CX_OK) {
    const cx_status status = cx__read_person(ctx, store, given, person);
    if (status != CX_ERR_NOT_FOUND) return status;
    const cx_status again = cx__begin(ctx); /* it may be a value that looks like one */
    if (again != CX_OK) return again;
  }
  cx_status status = find_named(ctx, store, id, person);
  if (status == CX_DONE) status = find_value(ctx, store, id, person);
  return status == CX_DONE ? cx__fail(ctx, CX_ERR_NOT_FOUND, "there is no such person") : status;
}

cx_status cx_store_find_person(cx_context *ctx, cx_store *store, cx_text id, int64_t *person) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!person) return cx__null(ctx, "person");
  if (!id.data || id.size == 0) return cx__fail(ctx, CX_ERR_INVALID, "id must not be empty");
  status = cx__store_look(ctx, store);
  if (status != CX_OK) return status;
  int64_t found = 0;
  status = find(ctx, store, id, &found);
  cx__store_look_away(store);
  if (status == CX_OK) *person = found;
  return status;
}

/* ---- profiles --------------------------------------------------------------------------------------------------- */

static cx_status add_identifiers(cx_context *ctx, cx_store *store, int64_t person, cx_profile *out) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_PERSON_IDENTIFIERS, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, person);
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    const cx_identifier identifier = {.name_space = cx__column_of(statement, 0),
                                      .value = cx__column_of(statement, 1),
                                      .verified = (int32_t)sqlite3_column_int64(statement, 2)};
    status = cx_profile_add_identifier(ctx, out, &identifier);
    if (status < 0) break;
  }
  cx__sql_reset(statement);
  return status == CX_DONE ? CX_OK : status;
}

static cx_status add_events(cx_context *ctx, cx_store *store, int64_t person, int64_t at, cx_profile *out) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_PERSON_EVENTS, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, person);
  cx__bind_int64(store, statement, 2, at);
  cx__arena arena;
  cx__arena_init(&arena, cx__allocator(ctx));
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    cx_event event;
    cx__arena_clear(&arena);
    status = cx__read_event(ctx, store, statement, &arena, &event);
    if (status == CX_OK) status = cx_profile_add_event(ctx, out, &event);
    if (status < 0) break;
  }
  cx__sql_reset(statement);
  cx__arena_free(&arena);
  return status == CX_DONE ? CX_OK : status;
}

/** The latest declaration for each topic. */
static cx_status add_preferences(cx_context *ctx, cx_store *store, int64_t person, int64_t at, cx_profile *out) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_PERSON_PREFERENCES, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, person);
  cx__bind_int64(store, statement, 2, at);
  cx__buffer last;
  cx__buffer_init(&last, cx__allocator(ctx));
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    cx_preference preference = {.size = sizeof preference};
    preference.topic = cx__column_of(statement, 4);
    if (cx__text_equal(preference.topic, (cx_text){last.data, last.size})) continue;
    last.size = 0;
    if (!cx__buffer_append(&last, preference.topic.data, preference.topic.size)) {
      status = cx__no_memory(ctx);
      break;
    }
    preference.who.name_space = cx__column_of(statement, 0);
    preference.who.value = cx__column_of(statement, 1);
    preference.who.verified = (int32_t)sqlite3_column_int64(statement, 2);
    preference.id = cx__column_of(statement, 3);
    preference.strength = sqlite3_column_double(statement, 5);
    preference.source = cx__column_of(statement, 6);
    preference.time = sqlite3_column_int64(statement, 7);
    preference.valid_until = cx__time_of(statement, 8);
    status = cx_profile_add_preference(ctx, out, &preference);
    if (status < 0) break;
  }
  cx__sql_reset(statement);
  cx__buffer_free(&last);
  return status == CX_DONE ? CX_OK : status;
}

/** All of them, also later ones and those whose id is used twice: the rule of permission sorts them out, and no
 * withdrawal may be lost. */
static cx_status add_consents(cx_context *ctx, cx_store *store, int64_t person, cx_profile *out) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_PERSON_CONSENTS, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, person);
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    cx_consent consent = {.size = sizeof consent};
    consent.who.name_space = cx__column_of(statement, 0);
    consent.who.value = cx__column_of(statement, 1);
    consent.who.verified = (int32_t)sqlite3_column_int64(statement, 2);
    consent.id = cx__column_of(statement, 3);
    consent.purpose = cx__column_of(statement, 4);
    consent.channel = cx__column_of(statement, 5);
    consent.state = (int32_t)sqlite3_column_int64(statement, 6);
    consent.basis = (int32_t)sqlite3_column_int64(statement, 7);
    consent.evidence = cx__column_of(statement, 8);
    consent.source = cx__column_of(statement, 9);
    consent.time = sqlite3_column_int64(statement, 10);
    consent.valid_until = cx__time_of(statement, 11);
    status = cx_profile_add_consent(ctx, out, &consent);
    if (status < 0) break;
  }
  cx__sql_reset(statement);
  return status == CX_DONE ? CX_OK : status;
}

static cx_status fill(cx_context *ctx, cx_store *store, int64_t person, int64_t at, cx_profile *out) {
  cx_status status = cx__read_person(ctx, store, person, &person);
  if (status != CX_OK) return status;
  if (at == CX_TIME_NONE) at = store->counts[CX__COUNT_LAST];
  if (at == CX_TIME_NONE) /* no event at all: everything that was declared */
    status = cx__sql_int64(ctx, store, "SELECT coalesce(max(first_seen), 0) FROM identifier", &at);
  if (status == CX_OK) status = cx_profile_set_person(ctx, out, person);
  if (status == CX_OK) status = cx_profile_set_time(ctx, out, at);
  if (status == CX_OK) status = add_identifiers(ctx, store, person, out);
  if (status == CX_OK) status = add_events(ctx, store, person, at, out);
  if (status == CX_OK) status = add_preferences(ctx, store, person, at, out);
  if (status == CX_OK) status = add_consents(ctx, store, person, out);
  return status;
}

cx_status cx_store_read_profile(cx_context *ctx, cx_store *store, int64_t person, int64_t at, cx_profile *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!out) return cx__null(ctx, "out");
  status = cx__store_look(ctx, store);
  if (status != CX_OK) return status;
  cx_profile_clear(out);
  status = fill(ctx, store, person, at, out);
  cx__store_look_away(store);
  if (status != CX_OK) cx_profile_clear(out);
  return status;
}

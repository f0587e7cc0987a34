/* SPDX-License-Identifier: MIT */
/* Identifiers: one row each, remembered in memory while a store is open. */
#include "store/store.h"

#define KNOWN_MAX 2000000u

static bool name_of(cx_store *store, const cx_identifier *identifier, cx_text *out) {
  cx__buffer *name = &store->scratch;
  name->size = 0;
  if (!cx__buffer_append(name, identifier->name_space.data, identifier->name_space.size) ||
      !cx__buffer_append(name, "", 1) || !cx__buffer_append(name, identifier->value.data, identifier->value.size))
    return false;
  *out = (cx_text){name->data, name->size};
  return true;
}

void cx__store_forget(cx_store *store) {
  cx__interner_free(store->names);
  store->names = NULL;
  store->dirty_count = 0;
}

static cx_status note(cx_context *ctx, cx_store *store, uint32_t index, bool verified, int64_t time) {
  cx__known *known = &store->known[index];
  const bool earlier = time < known->first_seen;
  if (!earlier && (!verified || known->verified)) return CX_OK;
  if (!known->dirty) {
    if (!cx__grow(&store->allocator, &store->dirty, &store->dirty_capacity, store->dirty_count + 1,
                  sizeof *store->dirty))
      return cx__no_memory(ctx);
    store->dirty[store->dirty_count++] = index;
  }
  known->dirty = true;
  known->verified = known->verified || verified;
  if (!earlier) return CX_OK;
  known->first_seen = time;
  /* The id of a person comes from the identifier seen first, which may be another one now. */
  return store->counts[CX__COUNT_ASSERTIONS] > 0 ? cx__store_touch(ctx, store, known->number) : CX_OK;
}

static cx_status add(cx_context *ctx, cx_store *store, const cx_identifier *identifier, int64_t time,
                     cx__known *known) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_IDENTIFIER_ADD, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, identifier->name_space);
  cx__bind_text(store, statement, 2, identifier->value);
  cx__bind_int64(store, statement, 3, identifier->verified);
  cx__bind_int64(store, statement, 4, time);
  cx__bind_int64(store, statement, 5, cx__person_id(identifier));
  status = cx__sql_run(ctx, store, statement);
  if (status != CX_OK) return status;
  *known = (cx__known){
      .number = sqlite3_last_insert_rowid(store->db), .first_seen = time, .verified = identifier->verified != 0};
  store->counts[CX__COUNT_IDENTIFIERS]++;
  return CX_OK;
}

/** From the file, or new in it. */
static cx_status find_or_add(cx_context *ctx, cx_store *store, const cx_identifier *identifier, int64_t time,
                             cx__known *known) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_IDENTIFIER_FIND, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, identifier->value);
  cx__bind_text(store, statement, 2, identifier->name_space);
  status = cx__sql_step(ctx, store, statement);
  if (status < 0) return status;
  if (status == CX_DONE) return add(ctx, store, identifier, time, known);
  *known = (cx__known){.number = sqlite3_column_int64(statement, 0),
                       .first_seen = sqlite3_column_int64(statement, 1),
                       .verified = sqlite3_column_int64(statement, 2) != 0};
  cx__sql_reset(statement);
  return CX_OK;
}

cx_status cx__store_identify(cx_context *ctx, cx_store *store, const cx_identifier *identifier, int64_t time,
                             int64_t *number) {
  if (store->names && cx__interner_count(store->names) >= KNOWN_MAX) {
    const cx_status status = cx__store_write_known(ctx, store);
    if (status != CX_OK) return status;
    cx__store_forget(store);
  }
  if (!store->names) {
    store->names = cx__interner_new(&store->allocator);
    if (!store->names) return cx__no_memory(ctx);
  }
  cx_text name;
  uint32_t index;
  if (!name_of(store, identifier, &name)) return cx__no_memory(ctx);
  if (!cx__interner_find(store->names, name, &index)) {
    /* Room comes first: what the interner holds must always have its entry. */
    const size_t count = cx__interner_count(store->names);
    if (!cx__grow(&store->allocator, &store->known, &store->known_capacity, count + 1, sizeof *store->known))
      return cx__no_memory(ctx);
    const cx_status status = find_or_add(ctx, store, identifier, time, &store->known[count]);
    if (status != CX_OK) return status;
    if (!cx__interner_add(store->names, name, &index)) return cx__no_memory(ctx);
  }
  *number = store->known[index].number;
  return note(ctx, store, index, identifier->verified != 0, time);
}

cx_status cx__store_write_known(cx_context *ctx, cx_store *store) {
  cx_status status;
  for (size_t i = 0; i < store->dirty_count; i++) {
    cx__known *known = &store->known[store->dirty[i]];
    sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_IDENTIFIER_NOTE, &status);
    if (!statement) return status;
    cx__bind_int64(store, statement, 1, known->number);
    cx__bind_int64(store, statement, 2, known->first_seen);
    cx__bind_int64(store, statement, 3, known->verified ? 1 : 0);
    status = cx__sql_run(ctx, store, statement);
    if (status != CX_OK) return status;
    known->dirty = false;
  }
  store->dirty_count = 0;
  return CX_OK;
}

cx_status cx__store_touch(cx_context *ctx, cx_store *store, int64_t identifier) {
  if (!cx__grow(&store->allocator, &store->touched, &store->touched_capacity, store->touched_count + 1,
                sizeof *store->touched))
    return cx__no_memory(ctx);
  store->touched[store->touched_count++] = identifier;
  return CX_OK;
}

/* ---- sets of numbers -------------------------------------------------------------------------------------------- */

void cx__number_set_init(cx__number_set *set, const cx_allocator *allocator) {
  memset(set, 0, sizeof *set);
  set->allocator = *allocator;
}

void cx__number_set_free(cx__number_set *set) {
  cx__free(&set->allocator, set->keys);
  cx__free(&set->allocator, set->values);
  set->keys = NULL;
  set->values = NULL;
  set->capacity = set->count = 0;
}

static size_t place_of(const cx__number_set *set, int64_t key) {
  const size_t mask = set->capacity - 1;
  size_t place = (size_t)cx__hash_mix((uint64_t)key, 0) & mask;
  while (set->values[place] != 0 && set->keys[place] != key) place = (place + 1) & mask;
  return place;
}

static bool widen(cx__number_set *set) {
  cx__number_set wider = *set;
  wider.capacity = set->capacity == 0 ? 64 : set->capacity * 2;
  wider.keys = cx__alloc_array(&set->allocator, wider.capacity, sizeof *wider.keys);
  wider.values = cx__alloc_array_zero(&set->allocator, wider.capacity, sizeof *wider.values);
  if (!wider.keys || !wider.values) {
    cx__free(&set->allocator, wider.keys);
    cx__free(&set->allocator, wider.values);
    return false;
  }
  for (size_t i = 0; i < set->capacity; i++) {
    if (set->values[i] == 0) continue;
    const size_t place = place_of(&wider, set->keys[i]);
    wider.keys[place] = set->keys[i];
    wider.values[place] = set->values[i];
  }
  cx__free(&set->allocator, set->keys);
  cx__free(&set->allocator, set->values);
  *set = wider;
  return true;
}

bool cx__number_set_add(cx__number_set *set, int64_t key, uint32_t *index, bool *fresh) {
  if ((set->count + 1) * 2 > set->capacity && !widen(set)) return false;
  const size_t place = place_of(set, key);
  *fresh = set->values[place] == 0;
  if (*fresh) {
    if (set->count >= UINT32_MAX - 1) return false;
    set->keys[place] = key;
    set->values[place] = (uint32_t)++set->count;
  }
  *index = set->values[place] - 1;
  return true;
}

bool cx__number_set_find(const cx__number_set *set, int64_t key, uint32_t *index) {
  if (set->count == 0) return false;
  const size_t place = place_of(set, key);
  if (set->values[place] == 0) return false;
  *index = set->values[place] - 1;
  return true;
}

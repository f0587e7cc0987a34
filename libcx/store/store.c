/* SPDX-License-Identifier: MIT */
/* Stores: opening, closing, counts, current models. */
#include "store/store.h"

cx_status cx_store_options_init(cx_store_options *opts, size_t size) {
  static const cx_store_options defaults = {.size = sizeof defaults, .wait = 10000};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

cx_status cx_store_open(cx_context *ctx, const char *path, const cx_store_options *opts, cx_store **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!path) return cx__null(ctx, "path");
  cx_store_options own;
  status = cx_store_options_init(&own, sizeof own);
  if (status == CX_OK) status = cx__options_read(ctx, opts, &own, sizeof own);
  if (status != CX_OK) return status;
  if (own.create && own.read_only)
    return cx__fail(ctx, CX_ERR_INVALID, "a store cannot be made and be opened for reading only");
  if (path[0] == '\0') return cx__fail(ctx, CX_ERR_INVALID, "path must not be empty");

  cx_store *store = cx__alloc_zero(cx__allocator(ctx), sizeof *store);
  if (!store) return cx__no_memory(ctx);
  store->allocator = *cx__allocator(ctx);
  store->wait = own.wait;
  store->read_only = own.read_only != 0;
  store->data_version = -1;
  cx__buffer_init(&store->scratch, &store->allocator);
  store->path = cx__alloc(&store->allocator, strlen(path) + 1);
  if (!store->path) {
    cx_store_free(store);
    return cx__no_memory(ctx);
  }
  memcpy(store->path, path, strlen(path) + 1);
  status = cx__store_connect(ctx, store, path, &own);
  if (status != CX_OK) {
    cx_store_free(store);
    return status;
  }
  *out = store;
  return CX_OK;
}

void cx_store_free(cx_store *store) {
  if (!store) return;
  const cx_allocator allocator = store->allocator;
  if (store->writing) cx__store_abandon(store);
  for (int i = 0; i < CX__SQL_COUNT; i++) (void)sqlite3_finalize(store->statements[i]);
  (void)sqlite3_close(store->db);
  cx__interner_free(store->names);
  cx__free(&allocator, store->known);
  cx__free(&allocator, store->dirty);
  cx__free(&allocator, store->touched);
  cx__buffer_free(&store->scratch);
  cx__free(&allocator, store->path);
  cx__free(&allocator, store);
}

static cx_status read_id(cx_context *ctx, cx_store *store, uint8_t id[16]) {
  sqlite3_stmt *statement = NULL;
  cx_status status = CX_OK;
  int result = sqlite3_prepare_v2(store->db, "SELECT value FROM meta WHERE name = 'id'", -1, &statement, NULL);
  if (result != SQLITE_OK) return cx__sql_fail(ctx, store, result);
  result = sqlite3_step(statement);
  if (result == SQLITE_ROW && sqlite3_column_bytes(statement, 0) == 16)
    memcpy(id, sqlite3_column_blob(statement, 0), 16);
  else if (result == SQLITE_ROW || result == SQLITE_DONE)
    status = cx__store_damaged(ctx, store);
  else
    status = cx__sql_fail(ctx, store, result);
  (void)sqlite3_finalize(statement);
  return status;
}

cx_status cx_store_get_info(cx_context *ctx, cx_store *store, cx_store_info *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!out) return cx__null(ctx, "out");
  status = cx__store_look(ctx, store);
  if (status != CX_OK) return status;
  cx_store_info own = {.size = sizeof own};
  int64_t people = 0, version = 0;
  status = cx__sql_int64(ctx, store, "SELECT count(DISTINCT person) FROM identifier", &people);
  if (status == CX_OK) status = cx__sql_int64(ctx, store, "PRAGMA user_version", &version);
  if (status == CX_OK) status = read_id(ctx, store, own.id);
  cx__store_look_away(store);
  if (status != CX_OK) return status;
  const int64_t *counts = store->counts;
  own.version = (uint32_t)version;
  own.people = (uint64_t)people;
  own.events = (uint64_t)counts[CX__COUNT_EVENTS];
  own.lines = (uint64_t)counts[CX__COUNT_LINES];
  own.identifiers = (uint64_t)counts[CX__COUNT_IDENTIFIERS];
  own.assertions = (uint64_t)counts[CX__COUNT_ASSERTIONS];
  own.contents = (uint64_t)counts[CX__COUNT_CONTENTS];
  own.preferences = (uint64_t)counts[CX__COUNT_PREFERENCES];
  own.consents = (uint64_t)counts[CX__COUNT_CONSENTS];
  own.quarantined = (uint64_t)counts[CX__COUNT_QUARANTINED];
  own.collisions = (uint64_t)counts[CX__COUNT_COLLISIONS];
  own.first = counts[CX__COUNT_FIRST];
  own.last = counts[CX__COUNT_LAST];
  return cx__result_write(ctx, out, &own, sizeof own);
}

static cx_status check_kind(cx_context *ctx, const char *kind) {
  if (!kind) return cx__null(ctx, "kind");
  return cx__code_is_valid(cx__text(kind)) ? CX_OK : cx__fail(ctx, CX_ERR_INVALID, "kind must be a code");
}

cx_status cx_store_get_model(cx_context *ctx, cx_store *store, const char *kind, uint64_t *generation) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!generation) return cx__null(ctx, "generation");
  status = check_kind(ctx, kind);
  if (status != CX_OK) return status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MODEL_READ, &status);
  if (!statement) return status;
  cx__bind_text(store, statement, 1, cx__text(kind));
  status = cx__sql_step(ctx, store, statement);
  if (status == CX_DONE) {
    *generation = 0;
    return CX_OK;
  }
  if (status != CX_OK) return status;
  *generation = (uint64_t)sqlite3_column_int64(statement, 0);
  cx__sql_reset(statement);
  return CX_OK;
}

cx_status cx_store_set_model(cx_context *ctx, cx_store *store, const char *kind, uint64_t generation) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  status = check_kind(ctx, kind);
  if (status != CX_OK) return status;
  if (generation > INT64_MAX) return cx__fail(ctx, CX_ERR_RANGE, "generation is too large");
  const bool own = !store->open;
  if (own) {
    status = cx__store_enter(ctx, store, true);
    if (status != CX_OK) return status;
  }
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MODEL_WRITE, &status);
  if (statement) {
    cx__bind_text(store, statement, 1, cx__text(kind));
    cx__bind_int64(store, statement, 2, (int64_t)generation);
    status = cx__sql_run(ctx, store, statement);
  }
  if (!own) return status;
  if (status == CX_OK) return cx__store_leave(ctx, store);
  cx__store_abandon(store);
  return status;
}

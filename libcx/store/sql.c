/* SPDX-License-Identifier: MIT */
/* Statements: prepared once, bound, stepped, and what SQLite says in the library's own words. */
#include "store/store.h"

/** Every failure names the file: several stores may be open. */
static cx_status fail(cx_context *ctx, const cx_store *store, cx_status status, const char *text) {
  return cx__fail_at(ctx, status, store->path, 0, UINT64_MAX, "%s", text);
}

cx_status cx__store_damaged(cx_context *ctx, const cx_store *store) {
  return fail(ctx, store, CX_ERR_CORRUPT, "the store is damaged");
}

cx_status cx__sql_fail(cx_context *ctx, cx_store *store, int result) {
  /* Texts of SQLite are not passed on: those of errors may hold values. */
  switch (result & 0xff) {
  case SQLITE_NOMEM:
    return cx__no_memory(ctx);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return cx__fail_at(ctx, CX_ERR_BUSY, store->path, 0, UINT64_MAX,
                       "another program is writing to the store (waited %u ms)", store->wait);
  case SQLITE_CORRUPT:
    return cx__store_damaged(ctx, store);
  case SQLITE_NOTADB:
    return fail(ctx, store, CX_ERR_CORRUPT, "the file is not a store");
  case SQLITE_FULL:
    return fail(ctx, store, CX_ERR_IO, "the disk is full");
  case SQLITE_READONLY:
    return fail(ctx, store, CX_ERR_IO, "the store cannot be written to");
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
  case SQLITE_IOERR:
  case SQLITE_PROTOCOL:
  case SQLITE_NOLFS:
  case SQLITE_AUTH:
    return cx__fail_at(ctx, CX_ERR_IO, store->path, 0, UINT64_MAX, "the store cannot be read or written (%s)",
                       sqlite3_errstr(result));
  case SQLITE_TOOBIG:
    return fail(ctx, store, CX_ERR_RANGE, "a record is too large for the store");
  case SQLITE_INTERRUPT:
    return cx__fail(ctx, CX_ERR_CANCELLED, "cancelled");
  default:
    return cx__fail_at(ctx, CX_ERR_INTERNAL, store->path, 0, UINT64_MAX, "the store failed (%s)",
                       sqlite3_errstr(result));
  }
}

cx_status cx__sql_exec(cx_context *ctx, cx_store *store, const char *text) {
  const int result = sqlite3_exec(store->db, text, NULL, NULL, NULL);
  return result == SQLITE_OK ? CX_OK : cx__sql_fail(ctx, store, result);
}

cx_status cx__sql_int64(cx_context *ctx, cx_store *store, const char *text, int64_t *out) {
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2(store->db, text, -1, &statement, NULL);
  if (result != SQLITE_OK) return cx__sql_fail(ctx, store, result);
  result = sqlite3_step(statement);
  if (result == SQLITE_ROW) *out = sqlite3_column_int64(statement, 0);
  if (result == SQLITE_DONE) *out = 0;
  const int ended = sqlite3_finalize(statement);
  if (result != SQLITE_ROW && result != SQLITE_DONE) return cx__sql_fail(ctx, store, result);
  return ended == SQLITE_OK ? CX_OK : cx__sql_fail(ctx, store, ended);
}

static const char *const statement_texts[] = {
#define STATEMENT_TEXT(name, text) text,
    CX__SQL_MAP(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

sqlite3_stmt *cx__sql_get(cx_context *ctx, cx_store *store, int number, cx_status *status) {
  sqlite3_stmt *statement = store->statements[number];
  if (!statement) {
    const int result = sqlite3_prepare_v3(store->db, statement_texts[number], -1, SQLITE_PREPARE_PERSISTENT,
                                          &store->statements[number], NULL);
    if (result != SQLITE_OK) {
      *status = cx__sql_fail(ctx, store, result);
      return NULL;
    }
    statement = store->statements[number];
  }
  store->bind_result = SQLITE_OK;
  *status = CX_OK;
  return statement;
}

static void note_bind(cx_store *store, int result) {
  if (result != SQLITE_OK && store->bind_result == SQLITE_OK) store->bind_result = result;
}

void cx__bind_int64(cx_store *store, sqlite3_stmt *statement, int index, int64_t value) {
  note_bind(store, sqlite3_bind_int64(statement, index, value));
}

void cx__bind_time(cx_store *store, sqlite3_stmt *statement, int index, int64_t time) {
  note_bind(store,
            time == CX_TIME_NONE ? sqlite3_bind_null(statement, index) : sqlite3_bind_int64(statement, index, time));
}

void cx__bind_double(cx_store *store, sqlite3_stmt *statement, int index, double value) {
  note_bind(store, sqlite3_bind_double(statement, index, value));
}

void cx__bind_text(cx_store *store, sqlite3_stmt *statement, int index, cx_text text) {
  note_bind(store, text.size == 0
                       ? sqlite3_bind_null(statement, index)
                       : sqlite3_bind_text64(statement, index, text.data, text.size, SQLITE_STATIC, SQLITE_UTF8));
}

void cx__bind_bytes(cx_store *store, sqlite3_stmt *statement, int index, cx_text bytes) {
  note_bind(store, bytes.size == 0 ? sqlite3_bind_zeroblob(statement, index, 0)
                                   : sqlite3_bind_blob64(statement, index, bytes.data, bytes.size, SQLITE_STATIC));
}

cx_status cx__sql_step(cx_context *ctx, cx_store *store, sqlite3_stmt *statement) {
  int result = store->bind_result;
  store->bind_result = SQLITE_OK;
  if (result == SQLITE_OK) result = sqlite3_step(statement);
  if (result == SQLITE_ROW) return CX_OK;
  (void)sqlite3_reset(statement);
  return result == SQLITE_DONE ? CX_DONE : cx__sql_fail(ctx, store, result);
}

cx_status cx__sql_run(cx_context *ctx, cx_store *store, sqlite3_stmt *statement) {
  const cx_status status = cx__sql_step(ctx, store, statement);
  if (status == CX_OK) cx__sql_reset(statement);
  return status < 0 ? status : CX_OK;
}

void cx__sql_reset(sqlite3_stmt *statement) { (void)sqlite3_reset(statement); }

cx_text cx__column_of(sqlite3_stmt *statement, int index) {
  cx_text text = {NULL, 0};
  if (sqlite3_column_type(statement, index) == SQLITE_NULL) return text;
  text.data = sqlite3_column_blob(statement, index); /* TEXT is UTF-8 in the file: its bytes as they are */
  text.size = (size_t)sqlite3_column_bytes(statement, index);
  if (!text.data) text.size = 0;
  return text;
}

bool cx__column_copy(cx__arena *arena, sqlite3_stmt *statement, int index, cx_text *out) {
  const cx_text text = cx__column_of(statement, index);
  if (text.size == 0) {
    *out = (cx_text){NULL, 0};
    return true;
  }
  const char *copy = cx__arena_copy(arena, text.data, text.size);
  if (!copy) return false;
  *out = (cx_text){copy, text.size};
  return true;
}

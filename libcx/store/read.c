/* SPDX-License-Identifier: MIT */
/* Records as they come back out of the file. */
#include "store/store.h"

cx_status cx__read_lines(cx_context *ctx, cx_store *store, int64_t first, int64_t count, cx__arena *arena,
                         cx_event_line **out) {
  cx_status status;
  *out = NULL;
  if (count <= 0) return CX_OK;
  if (count > INT32_MAX) return cx__store_damaged(ctx, store);
  cx_event_line *lines = cx__arena_alloc(arena, (size_t)count * sizeof *lines);
  if (!lines) return cx__no_memory(ctx);
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_LINES, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, first);
  cx__bind_int64(store, statement, 2, count);
  int64_t found = 0;
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK && found < count) {
    cx_event_line *line = &lines[found++];
    memset(line, 0, sizeof *line);
    line->quantity.mantissa = sqlite3_column_int64(statement, 2);
    line->quantity.scale = (int32_t)sqlite3_column_int64(statement, 3);
    line->price.scale = -1;
    if (sqlite3_column_type(statement, 4) != SQLITE_NULL) {
      line->price.mantissa = sqlite3_column_int64(statement, 4);
      line->price.scale = (int32_t)sqlite3_column_int64(statement, 5);
    }
    if (!cx__column_copy(arena, statement, 0, &line->item) || !cx__column_copy(arena, statement, 1, &line->title)) {
      cx__sql_reset(statement);
      return cx__no_memory(ctx);
    }
  }
  cx__sql_reset(statement);
  if (status < 0) return status;
  if (found != count) return cx__store_damaged(ctx, store);
  *out = lines;
  return CX_OK;
}

/** The identifiers of an event but the first. */
static cx_status read_mentions(cx_context *ctx, cx_store *store, int64_t event, cx__arena *arena, cx_identifier *who,
                               size_t count) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MENTIONS, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, event);
  size_t found = 1;
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK && found < count) {
    if (!cx__column_copy(arena, statement, 0, &who[found].name_space) ||
        !cx__column_copy(arena, statement, 1, &who[found].value)) {
      cx__sql_reset(statement);
      return cx__no_memory(ctx);
    }
    found++;
  }
  cx__sql_reset(statement);
  if (status < 0) return status;
  return found == count ? CX_OK : cx__store_damaged(ctx, store);
}

/** The first identifier from the event's row, the others from their table. */
static cx_status read_who(cx_context *ctx, cx_store *store, sqlite3_stmt *event, int64_t mentions, cx__arena *arena,
                          cx_event *out) {
  const uint64_t verified = (uint64_t)sqlite3_column_int64(event, 4);
  if (sqlite3_column_type(event, 14) == SQLITE_NULL) return CX_OK;
  if (mentions < 0 || mentions > INT32_MAX) return cx__store_damaged(ctx, store);
  const size_t count = (size_t)mentions + 1;
  cx_identifier *who = cx__arena_alloc(arena, count * sizeof *who);
  if (!who) return cx__no_memory(ctx);
  memset(who, 0, count * sizeof *who);
  if (!cx__column_copy(arena, event, 14, &who[0].name_space) || !cx__column_copy(arena, event, 15, &who[0].value))
    return cx__no_memory(ctx);
  if (count > 1) {
    const cx_status status = read_mentions(ctx, store, sqlite3_column_int64(event, 0), arena, who, count);
    if (status != CX_OK) return status;
  }
  for (size_t i = 0; i < count; i++) who[i].verified = i < 64 ? (int32_t)(verified >> i & 1) : 0;
  out->who = who;
  out->who_count = count;
  return CX_OK;
}

cx_status cx__read_event(cx_context *ctx, cx_store *store, sqlite3_stmt *statement, cx__arena *arena, cx_event *out) {
  memset(out, 0, sizeof *out);
  out->size = sizeof *out;
  out->time = sqlite3_column_int64(statement, 1);
  out->received = CX_TIME_NONE;
  out->kind = (int32_t)sqlite3_column_int64(statement, 2);
  const cx_text currency = cx__column_of(statement, 12);
  if (currency.size == 3) memcpy(out->currency, currency.data, 3);
  if (!cx__column_copy(arena, statement, 8, &out->id) || !cx__column_copy(arena, statement, 9, &out->name) ||
      !cx__column_copy(arena, statement, 10, &out->channel) || !cx__column_copy(arena, statement, 11, &out->order) ||
      !cx__column_copy(arena, statement, 13, &out->properties))
    return cx__no_memory(ctx);
  cx_event_line *lines = NULL;
  const int64_t count = sqlite3_column_int64(statement, 6);
  cx_status status = cx__read_lines(ctx, store, sqlite3_column_int64(statement, 5), count, arena, &lines);
  if (status != CX_OK) return status;
  out->lines = lines;
  out->lines_count = lines ? (size_t)count : 0;
  return read_who(ctx, store, statement, sqlite3_column_int64(statement, 7), arena, out);
}

cx_status cx__read_person(cx_context *ctx, cx_store *store, int64_t id, int64_t *person) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_FIND_PERSON, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, id);
  status = cx__sql_step(ctx, store, statement);
  cx__sql_reset(statement);
  if (status == CX_OK) *person = id;
  if (status != CX_DONE) return status;

  /* An id given out before an earlier record or a merge came: it still belongs to the identifier that it was made from,
   * which has another person now. */
  statement = cx__sql_get(ctx, store, CX__SQL_ALL_IDENTIFIERS, &status);
  if (!statement) return status;
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    const cx_identifier identifier = {.name_space = cx__column_of(statement, 0), .value = cx__column_of(statement, 1)};
    if (cx__person_id(&identifier) != id) continue;
    *person = sqlite3_column_int64(statement, 2);
    cx__sql_reset(statement);
    return CX_OK;
  }
  return status < 0 ? status : cx__fail(ctx, CX_ERR_NOT_FOUND, "there is no such person");
}

/* SPDX-License-Identifier: MIT */
/* Events on their way in: seen before or not, their rows, and which of several with one id is the original. */
#include "store/store.h"

/** Whether the event of a message has this id: different ids may share a hash. */
static cx_status has_id(cx_context *ctx, cx_store *store, int64_t event, cx_text id, bool *same) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_EVENT_ID, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, event);
  status = cx__sql_step(ctx, store, statement);
  if (status == CX_DONE) return cx__store_damaged(ctx, store);
  if (status != CX_OK) return status;
  *same = cx__text_equal(cx__column_of(statement, 0), id);
  cx__sql_reset(statement);
  return CX_OK;
}

/** Whether the very message is there, found by its key: ids that many records share are not gone through. */
static cx_status has_digest(cx_context *ctx, cx_store *store, const cx__arrival *arrival, bool *there) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MESSAGE_HAS, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, arrival->id_hash);
  cx__bind_int64(store, statement, 2, arrival->digest);
  status = cx__sql_step(ctx, store, statement);
  *there = status == CX_OK;
  cx__sql_reset(statement);
  return status < 0 ? status : CX_OK;
}

cx_status cx__event_look(cx_context *ctx, cx_store *store, const cx__arrival *arrival, cx__outcome *outcome) {
  cx_status status;
  *outcome = CX__STORED;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MESSAGE_FIND, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, arrival->id_hash);
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    bool same = sqlite3_column_int64(statement, 0) == arrival->digest;
    if (same) {
      *outcome = CX__DUPLICATE;
    } else {
      status = has_id(ctx, store, sqlite3_column_int64(statement, 1), arrival->event->id, &same);
      if (status == CX_OK && same) {
        bool there = false;
        status = has_digest(ctx, store, arrival, &there);
        *outcome = there ? CX__DUPLICATE : CX__COLLISION;
      }
    }
    if (status == CX_OK && !same) continue;
    cx__sql_reset(statement);
    return status;
  }
  return status < 0 ? status : CX_OK;
}

/** Trailing zeros of a decimal are left out, as in its digest, so that equal records are equal rows. */
static cx_decimal shorten(cx_decimal decimal) {
  while (decimal.scale > 0 && decimal.mantissa % 10 == 0) {
    decimal.mantissa /= 10;
    decimal.scale--;
  }
  return decimal;
}

static cx_status write_lines(cx_context *ctx, cx_store *store, const cx_event *event) {
  cx_status status = CX_OK;
  for (size_t i = 0; status == CX_OK && i < event->lines_count; i++) {
    const cx_event_line *line = &event->lines[i];
    sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_LINE_ADD, &status);
    if (!statement) return status;
    const cx_decimal quantity = shorten(line->quantity), price = shorten(line->price);
    cx__bind_int64(store, statement, 1, store->next_line++);
    cx__bind_text(store, statement, 2, line->item);
    cx__bind_text(store, statement, 3, line->title);
    cx__bind_int64(store, statement, 4, quantity.mantissa);
    cx__bind_int64(store, statement, 5, quantity.scale);
    if (price.scale >= 0) {
      cx__bind_int64(store, statement, 6, price.mantissa);
      cx__bind_int64(store, statement, 7, price.scale);
    } else {
      cx__bind_time(store, statement, 6, CX_TIME_NONE); /* unknown */
      cx__bind_time(store, statement, 7, CX_TIME_NONE);
    }
    status = cx__sql_run(ctx, store, statement);
  }
  return status;
}

static cx_status write_mentions(cx_context *ctx, cx_store *store, const cx__arrival *arrival) {
  cx_status status = CX_OK;
  for (size_t i = 1; status == CX_OK && i < arrival->event->who_count; i++) {
    sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MENTION_ADD, &status);
    if (!statement) return status;
    cx__bind_int64(store, statement, 1, arrival->number);
    cx__bind_int64(store, statement, 2, (int64_t)i);
    cx__bind_int64(store, statement, 3, arrival->who[i]);
    status = cx__sql_run(ctx, store, statement);
  }
  return status;
}

static int64_t verified_of(const cx_event *event) {
  uint64_t mask = 0;
  for (size_t i = 0; i < event->who_count && i < 64; i++)
    if (event->who[i].verified != 0) mask |= UINT64_C(1) << i;
  return (int64_t)mask;
}

cx_status cx__event_write(cx_context *ctx, cx_store *store, cx__arrival *arrival) {
  const cx_event *event = arrival->event;
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_EVENT_ADD, &status);
  if (!statement) return status;
  const bool known = event->who_count > 0;
  arrival->number = store->next_event++;
  cx__bind_int64(store, statement, 1, arrival->number);
  cx__bind_time(store, statement, 2, known ? arrival->who[0] : CX_TIME_NONE);
  cx__bind_int64(store, statement, 3, event->time);
  cx__bind_int64(store, statement, 4, event->kind);
  cx__bind_int64(store, statement, 5, verified_of(event));
  cx__bind_int64(store, statement, 6, store->next_line);
  cx__bind_int64(store, statement, 7, (int64_t)event->lines_count);
  cx__bind_int64(store, statement, 8, known ? (int64_t)event->who_count - 1 : 0);
  cx__bind_int64(store, statement, 9, arrival->digest);
  cx__bind_time(store, statement, 10, event->received);
  cx__bind_text(store, statement, 11, event->id);
  cx__bind_text(store, statement, 12, event->name);
  cx__bind_text(store, statement, 13, event->channel);
  cx__bind_text(store, statement, 14, event->order);
  cx__bind_text(store, statement, 15, cx__text(event->currency));
  cx__bind_text(store, statement, 16, event->properties);
  status = cx__sql_run(ctx, store, statement);
  if (status == CX_OK) status = write_lines(ctx, store, event);
  if (status == CX_OK) status = write_mentions(ctx, store, arrival);
  if (status != CX_OK) return status;
  int64_t *counts = store->counts;
  counts[CX__COUNT_EVENTS]++;
  counts[CX__COUNT_LINES] += (int64_t)event->lines_count;
  if (counts[CX__COUNT_FIRST] == CX_TIME_NONE || event->time < counts[CX__COUNT_FIRST])
    counts[CX__COUNT_FIRST] = event->time;
  if (counts[CX__COUNT_LAST] == CX_TIME_NONE || event->time > counts[CX__COUNT_LAST])
    counts[CX__COUNT_LAST] = event->time;
  return CX_OK;
}

cx_status cx__event_write_message(cx_context *ctx, cx_store *store, const cx__arrival *arrival) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MESSAGE_ADD, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, arrival->id_hash);
  cx__bind_int64(store, statement, 2, arrival->digest);
  cx__bind_int64(store, statement, 3, arrival->number);
  return cx__sql_run(ctx, store, statement);
}

static cx_status set_mark(cx_context *ctx, cx_store *store, int64_t event, bool collision) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_EVENT_MARK, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, event);
  cx__bind_int64(store, statement, 2, collision ? 1 : 0);
  status = cx__sql_run(ctx, store, statement);
  if (status == CX_OK) store->counts[CX__COUNT_COLLISIONS] += collision ? 1 : -1;
  return status;
}

/** An event that shares its id with others. */
typedef struct sharer {
  int64_t number, time, digest;
  bool marked;
} sharer;

static cx_status read_sharers(cx_context *ctx, cx_store *store, const cx__arrival *arrival, sharer **out, size_t *count,
                              size_t *capacity) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_MESSAGE_EVENTS, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, arrival->id_hash);
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    if (!cx__text_equal(cx__column_of(statement, 1), arrival->event->id)) continue;
    if (!cx__grow(cx__allocator(ctx), out, capacity, *count + 1, sizeof **out)) {
      cx__sql_reset(statement);
      return cx__no_memory(ctx);
    }
    (*out)[(*count)++] = (sharer){.number = sqlite3_column_int64(statement, 0),
                                  .time = sqlite3_column_int64(statement, 2),
                                  .digest = sqlite3_column_int64(statement, 3),
                                  .marked = sqlite3_column_int64(statement, 4) != 0};
  }
  return status < 0 ? status : CX_OK;
}

cx_status cx__event_mark(cx_context *ctx, cx_store *store, const cx__arrival *arrival) {
  sharer *sharers = NULL;
  size_t count = 0, capacity = 0, original = 0;
  cx_status status = read_sharers(ctx, store, arrival, &sharers, &count, &capacity);
  for (size_t i = 1; status == CX_OK && i < count; i++) {
    const sharer *a = &sharers[i], *b = &sharers[original];
    if (a->time < b->time || (a->time == b->time && a->digest < b->digest)) original = i;
  }
  for (size_t i = 0; status == CX_OK && i < count; i++)
    if (sharers[i].marked != (i != original)) status = set_mark(ctx, store, sharers[i].number, i != original);
  cx__free(cx__allocator(ctx), sharers);
  return status;
}

/* SPDX-License-Identifier: MIT */
/* Transactions: one writer at a time, counts that change with the records, consistent views. */
#include "store/store.h"

static const char *const count_names[] = {
#define COUNT_NAME(name, text) text,
    CX__STORE_COUNT_MAP(COUNT_NAME)
#undef COUNT_NAME
};

static cx_status read_counts(cx_context *ctx, cx_store *store) {
  cx_status status;
  for (int i = 0; i < CX__COUNTS; i++) store->counts[i] = 0;
  store->counts[CX__COUNT_FIRST] = store->counts[CX__COUNT_LAST] = CX_TIME_NONE;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_COUNTS_READ, &status);
  if (!statement) return status;
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    const cx_text name = cx__column_of(statement, 0);
    for (int i = 0; i < CX__COUNTS; i++)
      if (cx__text_is(name, count_names[i])) store->counts[i] = sqlite3_column_int64(statement, 1);
  }
  if (status < 0) return status;
  memcpy(store->written, store->counts, sizeof store->written);
  return CX_OK;
}

static cx_status write_counts(cx_context *ctx, cx_store *store) {
  cx_status status;
  for (int i = 0; i < CX__COUNTS; i++) {
    if (store->counts[i] == store->written[i]) continue;
    sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_COUNT_WRITE, &status);
    if (!statement) return status;
    cx__bind_text(store, statement, 1, cx__text(count_names[i]));
    cx__bind_int64(store, statement, 2, store->counts[i]);
    status = cx__sql_run(ctx, store, statement);
    if (status != CX_OK) return status;
  }
  return CX_OK;
}

static cx_status prepare_to_write(cx_context *ctx, cx_store *store) {
  int64_t version = 0;
  cx_status status = cx__sql_int64(ctx, store, "PRAGMA data_version", &version);
  if (status != CX_OK) return status;
  if (store->data_version != (int)version) {
    /* Somebody else has written. */
    cx__store_forget(store);
    store->data_version = (int)version;
  }
  status = read_counts(ctx, store);
  if (status == CX_OK)
    status = cx__sql_int64(ctx, store, "SELECT coalesce(max(number), 0) + 1 FROM event", &store->next_event);
  if (status == CX_OK)
    status = cx__sql_int64(ctx, store, "SELECT coalesce(max(number), 0) + 1 FROM line", &store->next_line);
  return status;
}

/** A callback of a call that reads must not use its store. */
static cx_status refuse_nested(cx_context *ctx) {
  return cx__fail(ctx, CX_ERR_BUSY, "the store is being read by a call that has not returned");
}

cx_status cx__store_enter(cx_context *ctx, cx_store *store, bool durable) {
  if (store->read_only) return cx__fail(ctx, CX_ERR_INVALID, "the store was opened for reading only");
  if (store->reading) return refuse_nested(ctx);
  cx_status status = CX_OK;
  if (store->full_sync != durable) {
    status = cx__sql_exec(ctx, store, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (status != CX_OK) return status;
    store->full_sync = durable;
  }
  status = cx__sql_exec(ctx, store, "BEGIN IMMEDIATE");
  if (status != CX_OK) return status;
  store->writing = true;
  status = prepare_to_write(ctx, store);
  if (status != CX_OK) cx__store_abandon(store);
  return status;
}

cx_status cx__store_leave(cx_context *ctx, cx_store *store) {
  cx_status status = cx__store_settle(ctx, store);
  if (status == CX_OK) status = write_counts(ctx, store);
  if (status == CX_OK) status = cx__sql_exec(ctx, store, "COMMIT");
  if (status != CX_OK) {
    cx__store_abandon(store);
    return status;
  }
  memcpy(store->written, store->counts, sizeof store->written);
  store->writing = store->open = false;
  return CX_OK;
}

void cx__store_abandon(cx_store *store) {
  /* Some failures have rolled back already. */
  if (sqlite3_get_autocommit(store->db) == 0) (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  cx__store_forget(store);
  store->touched_count = 0;
  store->writing = store->open = false;
}

/** BEGIN or COMMIT, prepared: a look at one person should not wait for their parsing. */
static cx_status run(cx_context *ctx, cx_store *store, int number) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, number, &status);
  return statement ? cx__sql_run(ctx, store, statement) : status;
}

cx_status cx__store_look(cx_context *ctx, cx_store *store) {
  if (store->writing) return cx__store_settle(ctx, store);
  if (store->reading) return refuse_nested(ctx);
  cx_status status = run(ctx, store, CX__SQL_BEGIN);
  if (status != CX_OK) return status;
  store->reading = true;
  status = read_counts(ctx, store);
  if (status != CX_OK) cx__store_look_away(store);
  return status;
}

void cx__store_look_away(cx_store *store) {
  if (!store->reading) return;
  store->reading = false;
  /* Without a context: what the call has to say must not be overwritten. */
  if (run(NULL, store, CX__SQL_END) != CX_OK && sqlite3_get_autocommit(store->db) == 0)
    (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

cx_status cx_store_begin(cx_context *ctx, cx_store *store) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (store->open) return cx__fail(ctx, CX_ERR_INVALID, "a transaction is open already");
  status = cx__store_enter(ctx, store, true);
  if (status == CX_OK) store->open = true;
  return status;
}

cx_status cx_store_commit(cx_context *ctx, cx_store *store) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!store->open) return cx__fail(ctx, CX_ERR_INVALID, "no transaction is open");
  return cx__store_leave(ctx, store);
}

cx_status cx_store_rollback(cx_context *ctx, cx_store *store) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!store->open) return cx__fail(ctx, CX_ERR_INVALID, "no transaction is open");
  cx__store_abandon(store);
  return CX_OK;
}

/** One record: a transaction of its own, or a step of the caller's that is undone alone when it fails. */
static cx_status append_one(cx_context *ctx, cx_store *store, const cx__record *record) {
  cx__outcome outcome = CX__STORED;
  cx_status status;
  if (!store->open) {
    status = cx__record_check(ctx, record);
    if (status == CX_OK) status = cx__store_enter(ctx, store, true);
    if (status != CX_OK) return status;
    status = cx__store_append(ctx, store, record, &outcome);
    if (status == CX_OK)
      status = cx__store_leave(ctx, store);
    else
      cx__store_abandon(store);
    return status == CX_OK && outcome == CX__DUPLICATE ? CX_DONE : status;
  }
  int64_t counts[CX__COUNTS];
  memcpy(counts, store->counts, sizeof counts);
  const int64_t next_event = store->next_event, next_line = store->next_line;
  status = cx__sql_exec(ctx, store, "SAVEPOINT one");
  if (status != CX_OK) return status;
  status = cx__store_append(ctx, store, record, &outcome);
  if (status == CX_OK) status = cx__store_write_known(ctx, store);
  if (status == CX_OK) status = cx__sql_exec(ctx, store, "RELEASE one");
  if (status == CX_OK) return outcome == CX__DUPLICATE ? CX_DONE : CX_OK;
  if (sqlite3_get_autocommit(store->db) == 0 &&
      sqlite3_exec(store->db, "ROLLBACK TO one; RELEASE one", NULL, NULL, NULL) == SQLITE_OK) {
    cx__store_forget(store);
    memcpy(store->counts, counts, sizeof counts);
    store->next_event = next_event;
    store->next_line = next_line;
  } else {
    cx__store_abandon(store); /* the whole transaction is gone; the commit will say so */
  }
  return status;
}

/** Begins the call and copies the caller's struct, which may be an older one. */
static cx_status take(cx_context *ctx, const cx_store *store, const void *given, const char *name, void *own,
                      size_t size) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!given) return cx__null(ctx, name);
  return cx__options_read(ctx, given, own, size);
}

cx_status cx_store_add_event(cx_context *ctx, cx_store *store, const cx_event *event) {
  cx__record record = {.kind = CX__RECORD_EVENT};
  const cx_status status = take(ctx, store, event, "event", &record.of.event, sizeof record.of.event);
  return status == CX_OK ? append_one(ctx, store, &record) : status;
}

cx_status cx_store_add_assertion(cx_context *ctx, cx_store *store, const cx_assertion *assertion) {
  cx__record record = {.kind = CX__RECORD_ASSERTION};
  const cx_status status = take(ctx, store, assertion, "assertion", &record.of.assertion, sizeof record.of.assertion);
  return status == CX_OK ? append_one(ctx, store, &record) : status;
}

cx_status cx_store_add_content(cx_context *ctx, cx_store *store, const cx_content *content) {
  cx__record record = {.kind = CX__RECORD_CONTENT};
  const cx_status status = take(ctx, store, content, "content", &record.of.content, sizeof record.of.content);
  return status == CX_OK ? append_one(ctx, store, &record) : status;
}

cx_status cx_store_add_preference(cx_context *ctx, cx_store *store, const cx_preference *preference) {
  cx__record record = {.kind = CX__RECORD_PREFERENCE};
  const cx_status status =
      take(ctx, store, preference, "preference", &record.of.preference, sizeof record.of.preference);
  return status == CX_OK ? append_one(ctx, store, &record) : status;
}

cx_status cx_store_add_consent(cx_context *ctx, cx_store *store, const cx_consent *consent) {
  cx__record record = {.kind = CX__RECORD_CONSENT};
  const cx_status status = take(ctx, store, consent, "consent", &record.of.consent, sizeof record.of.consent);
  return status == CX_OK ? append_one(ctx, store, &record) : status;
}

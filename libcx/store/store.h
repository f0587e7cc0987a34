/* SPDX-License-Identifier: MIT */
/** @file store/store.h
 *  The inside of a store: its handle, its statements, and the steps that its files share. SQLite is used in this room
 *  alone. SQLite's own memory does not come from the context's allocator. */
#ifndef CX_STORE_STORE_H
#define CX_STORE_STORE_H

#include "core/core.h"
#include "record/record.h"
#include "table/table.h"

#include <cx/store.h>

#include <sqlite3.h>

/** "cxST" in the header of the file says that it is a store, user_version which format. */
#define CX__STORE_APPLICATION 0x63785354
#define CX__STORE_VERSION 1

/** What a store counts as it goes, so that nobody has to scan for it: X(name, text in table meta). */
#define CX__STORE_COUNT_MAP(X)                                                                                         \
  X(EVENTS, "events")                                                                                                  \
  X(LINES, "lines")                                                                                                    \
  X(IDENTIFIERS, "identifiers")                                                                                        \
  X(ASSERTIONS, "assertions")                                                                                          \
  X(CONTENTS, "contents")                                                                                              \
  X(PREFERENCES, "preferences")                                                                                        \
  X(CONSENTS, "consents")                                                                                              \
  X(QUARANTINED, "quarantined")                                                                                        \
  X(COLLISIONS, "collisions")                                                                                          \
  X(FIRST, "first")                                                                                                    \
  X(LAST, "last")                                                                                                      \
  X(IMPORTS, "imports")
enum {
#define CX__STORE_COUNT_ENUM(name, text) CX__COUNT_##name,
  CX__STORE_COUNT_MAP(CX__STORE_COUNT_ENUM)
#undef CX__STORE_COUNT_ENUM
      CX__COUNTS
};

/** Every statement, prepared at its first use and kept: X(name, text). */
#include "store/statement.h"
enum {
#define CX__SQL_ENUM(name, text) CX__SQL_##name,
  CX__SQL_MAP(CX__SQL_ENUM)
#undef CX__SQL_ENUM
      CX__SQL_COUNT
};

/** What is known of an identifier in memory. */
typedef struct cx__known {
  int64_t number;
  int64_t first_seen;
  bool verified;
  bool dirty; /* first_seen or verified is not in the file yet */
} cx__known;

struct cx_store {
  cx_allocator allocator;
  char *path; /* what errors call the store */
  sqlite3 *db;
  sqlite3_stmt *statements[CX__SQL_COUNT];
  int bind_result; /* the first failure of a bind, told by the next step */
  uint32_t wait;
  bool read_only;
  bool writing;     /* inside a write transaction */
  bool reading;     /* inside a read transaction of its own */
  bool open;        /* the write transaction is the caller's: cx_store_begin() */
  bool full_sync;   /* what PRAGMA synchronous is set to */
  int data_version; /* changes when another connection has written */

  int64_t counts[CX__COUNTS];
  int64_t written[CX__COUNTS]; /* as they stand in the file */
  int64_t next_event, next_line;

  cx__interner *names; /* namespace NUL value -> index into known */
  cx__known *known;
  size_t known_capacity;
  uint32_t *dirty; /* indices into known */
  size_t dirty_count, dirty_capacity;
  int64_t *touched; /* identifiers whose people may have changed */
  size_t touched_count, touched_capacity;
  cx__buffer scratch;
};

/* ---- statements (sql.c) ----------------------------------------------------------------------------------------- */

/** The status of a SQLite result, recorded with a text of the library's own. */
cx_status cx__sql_fail(cx_context *ctx, cx_store *store, int result);
/** What the file says cannot be: CX_ERR_CORRUPT. */
cx_status cx__store_damaged(cx_context *ctx, const cx_store *store);
/** Runs statements that return nothing of interest. */
cx_status cx__sql_exec(cx_context *ctx, cx_store *store, const char *text);
/** One integer of the first row, 0 when there is no row. */
cx_status cx__sql_int64(cx_context *ctx, cx_store *store, const char *text, int64_t *out);
/** A statement, ready to be bound; NULL when it cannot be prepared (recorded by the caller through *status). */
sqlite3_stmt *cx__sql_get(cx_context *ctx, cx_store *store, int number, cx_status *status);
/** Bound texts must live until the statement is stepped to its end or reset. */
void cx__bind_int64(cx_store *store, sqlite3_stmt *statement, int index, int64_t value);
void cx__bind_time(cx_store *store, sqlite3_stmt *statement, int index, int64_t time); /* NONE: NULL */
void cx__bind_double(cx_store *store, sqlite3_stmt *statement, int index, double value);
void cx__bind_text(cx_store *store, sqlite3_stmt *statement, int index, cx_text text); /* absent: NULL */
void cx__bind_bytes(cx_store *store, sqlite3_stmt *statement, int index, cx_text bytes);
/** CX_OK: a row; CX_DONE: no more, the statement is reset; a failure, the statement is reset. */
cx_status cx__sql_step(cx_context *ctx, cx_store *store, sqlite3_stmt *statement);
/** Steps to the end; CX_OK. */
cx_status cx__sql_run(cx_context *ctx, cx_store *store, sqlite3_stmt *statement);
/** Ends a statement before its last row. */
void cx__sql_reset(sqlite3_stmt *statement);
/** Borrowed until the next step. */
cx_text cx__column_of(sqlite3_stmt *statement, int index);
static inline int64_t cx__time_of(sqlite3_stmt *statement, int index) {
  return sqlite3_column_type(statement, index) == SQLITE_NULL ? CX_TIME_NONE : sqlite3_column_int64(statement, index);
}
/** A copy of a column's text in an arena; false when memory is short. */
bool cx__column_copy(cx__arena *arena, sqlite3_stmt *statement, int index, cx_text *out);

/* ---- file (file.c) ---------------------------------------------------------------------------------------------- */

cx_status cx__store_connect(cx_context *ctx, cx_store *store, const char *path, const cx_store_options *opts);

/* ---- transactions (transaction.c) ------------------------------------------------------------------------------- */

/** Starts to write; waits for another writer. @p durable: the commit is synced to the disk. */
cx_status cx__store_enter(cx_context *ctx, cx_store *store, bool durable);
/** Settles people, writes the counts and commits; on failure everything is undone. */
cx_status cx__store_leave(cx_context *ctx, cx_store *store);
void cx__store_abandon(cx_store *store);
/** Starts and ends a consistent view for a call that reads; inside a write transaction people are settled first. */
cx_status cx__store_look(cx_context *ctx, cx_store *store);
void cx__store_look_away(cx_store *store);

/* ---- identifiers and people (identifier.c, people.c) ------------------------------------------------------------ */

/** The number of an identifier, a new one when it is unknown; notes that a record of @p time names it. */
cx_status cx__store_identify(cx_context *ctx, cx_store *store, const cx_identifier *identifier, int64_t time,
                             int64_t *number);
/** Writes what identify() noted. */
cx_status cx__store_write_known(cx_context *ctx, cx_store *store);
/** Forgets what is known in memory, for after a rollback. */
void cx__store_forget(cx_store *store);
/** Notes that the people of an identifier may have changed. */
cx_status cx__store_touch(cx_context *ctx, cx_store *store, int64_t identifier);
/** Derives the people of all touched identifiers from the assertions. */
cx_status cx__store_settle(cx_context *ctx, cx_store *store);

/** A set of 64-bit numbers. */
typedef struct cx__number_set {
  cx_allocator allocator;
  int64_t *keys;
  uint32_t *values; /* by insertion, from 1; 0 marks a free place */
  size_t capacity, count;
} cx__number_set;
void cx__number_set_init(cx__number_set *set, const cx_allocator *allocator);
void cx__number_set_free(cx__number_set *set);
/** False when memory is short; *index the number of the key, from 0 in order of insertion; *fresh when it is new. */
bool cx__number_set_add(cx__number_set *set, int64_t key, uint32_t *index, bool *fresh);
bool cx__number_set_find(const cx__number_set *set, int64_t key, uint32_t *index);

/* ---- appending (append.c, event.c) ------------------------------------------------------------------------------ */

typedef enum cx__outcome {
  CX__STORED,
  CX__DUPLICATE,
  CX__COLLISION /* stored; its id was there with other content */
} cx__outcome;

/** Appends one record that is not an event; it has been checked. */
cx_status cx__store_put(cx_context *ctx, cx_store *store, const cx__record *record, cx__outcome *outcome);
/** Any record inside a write transaction: checks, digest, put. */
cx_status cx__store_append(cx_context *ctx, cx_store *store, const cx__record *record, cx__outcome *outcome);

/** An event on its way into the store. */
typedef struct cx__arrival {
  const cx_event *event;
  int64_t id_hash;
  int64_t digest;
  const int64_t *who; /* numbers of the identifiers */
  int64_t number;     /* of the event, when it is stored */
} cx__arrival;
/** Whether the message is there (duplicate) or its id with other content (collision). */
cx_status cx__event_look(cx_context *ctx, cx_store *store, const cx__arrival *arrival, cx__outcome *outcome);
/** Writes event, lines and further identifiers, and sets its number. The message is written apart, so that a batch can
 * write messages in the order of their hashes. */
cx_status cx__event_write(cx_context *ctx, cx_store *store, cx__arrival *arrival);
cx_status cx__event_write_message(cx_context *ctx, cx_store *store, const cx__arrival *arrival);
/** Decides anew which event of an id is the original: the first by (time, digest). */
cx_status cx__event_mark(cx_context *ctx, cx_store *store, const cx__arrival *arrival);

/** The id of a record that has none: its digest in hexadecimal digits. */
#define CX__DERIVED_ID_SIZE 33
cx_text cx__derived_id(cx_text id, cx__hash128 digest, char text[CX__DERIVED_ID_SIZE]);

/* ---- batches of an import (batch.c) ----------------------------------------------------------------------------- */

typedef struct cx__batch cx__batch;
typedef struct cx__batch_counts {
  uint64_t stored, duplicates, quarantined, collisions, anonymous, returns, first_bad;
  int32_t first_bad_reason;
} cx__batch_counts;
cx__batch *cx__batch_new(const cx_allocator *allocator);
void cx__batch_free(cx__batch *batch);
size_t cx__batch_rows(const cx__batch *batch);
size_t cx__batch_bytes(const cx__batch *batch);
struct cx__reader_row;
/** Copies a row. */
cx_status cx__batch_add(cx_context *ctx, cx__batch *batch, const struct cx__reader_row *row);
/** Writes all rows inside a write transaction, adds to the counts, and empties the batch. */
cx_status cx__batch_write(cx_context *ctx, cx_store *store, cx__batch *batch, const char *source,
                          cx__batch_counts *counts);

/* ---- reading records back (read.c) ------------------------------------------------------------------------------ */

/** Statements that give events begin with these columns. */
#define CX__EVENT_COLUMNS                                                                                              \
  "e.number, e.time, e.kind, e.collision, e.verified, e.line, e.lines, e.mentions, e.id, e.name, e.channel, "          \
  "e.order_id, e.currency, e.properties, i.namespace, i.value, i.person"
/** The event of the current row with lines and identifiers, its texts in the arena. Arrival time is left out. */
cx_status cx__read_event(cx_context *ctx, cx_store *store, sqlite3_stmt *statement, cx__arena *arena, cx_event *out);
/** Lines of an event into the arena. */
cx_status cx__read_lines(cx_context *ctx, cx_store *store, int64_t first, int64_t count, cx__arena *arena,
                         cx_event_line **out);
/** The person of an id that was given out before or now; CX_ERR_NOT_FOUND. */
cx_status cx__read_person(cx_context *ctx, cx_store *store, int64_t id, int64_t *person);

#endif

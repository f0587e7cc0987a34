/* SPDX-License-Identifier: MIT */
/** @file cx/store.h
 *  One durable file with all records: SQLite, many readers, one writer, any number of processes. Records are
 *  appended; people, current facts and permission are derived. The format and the rules: docs/store.md.
 *
 *  A store handle belongs to one thread at a time; open one for each thread or process, and none across a fork. Every
 * call sees one consistent state; readers never wait. SQLite's own memory does not come from the context's allocator,
 * but is answered the same way, CX_ERR_NOMEM, when it is short. Any call may return CX_ERR_IO, CX_ERR_CORRUPT or
 * CX_ERR_NOMEM; one that writes also CX_ERR_BUSY, when another program is still writing after options.wait, and
 * CX_ERR_INVALID on a store opened for reading only. */
#ifndef CX_STORE_H
#define CX_STORE_H

#include <cx/format.h>
#include <cx/profile.h>

CX_BEGIN_DECLS

typedef struct cx_store cx_store;

/** How a store is opened. */
typedef struct cx_store_options {
  uint32_t size;     /* set by cx_store_options_init() */
  int32_t create;    /* 1: make the file when it is missing (0) */
  int32_t read_only; /* 1: nothing can be written (0) */
  uint32_t wait;     /* milliseconds to wait for another writer before CX_ERR_BUSY (10000) */
} cx_store_options;
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_store_options_init(cx_store_options *opts, size_t size);

/** Opens a store. A new file, and those beside it, are readable by their owner only, whatever the umask.
 *  @param path the file; no name is special.
 *  @param opts [in, optional] NULL for the defaults. With read_only a store on a medium that cannot be written to opens
 * too.
 *  @param out  [out] free with cx_store_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_NOT_FOUND, CX_ERR_IO, CX_ERR_CORRUPT (no store), CX_ERR_UNSUPPORTED (made by a newer version),
 *          CX_ERR_BUSY, CX_ERR_INVALID, CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_store_open(cx_context *ctx, const char *path, const cx_store_options *opts,
                                            cx_store **out);
/** Closes a store; what was not committed is undone. NULL is allowed. */
CX_API void cx_store_free(cx_store *store);

/** Counts and identity of a store. */
typedef struct cx_store_info {
  uint32_t size;    /* set by the caller to sizeof */
  uint32_t version; /* format version */
  uint8_t id[16];
  uint64_t events;
  uint64_t lines;
  uint64_t identifiers;
  uint64_t people;
  uint64_t assertions;
  uint64_t contents;
  uint64_t preferences;
  uint64_t consents;
  uint64_t quarantined;
  uint64_t collisions; /* records whose id was there already with other content */
  int64_t first;       /* earliest and latest event, CX_TIME_NONE when there is none */
  int64_t last;
} cx_store_info;
/** Fills @p out, whose size the caller has set. Cost: linear in the identifiers, for the count of people. */
CX_API CX_NODISCARD cx_status cx_store_get_info(cx_context *ctx, cx_store *store, cx_store_info *out);

/** Appending. Without cx_store_begin() each call is a transaction of its own. A commit is synced to the disk before it
 *  returns. Each _add returns CX_OK, or CX_DONE when the record was there already and was left out as a duplicate; a
 * record whose id was there with other content is kept, see docs/store.md. CX_ERR_INVALID names the field. A record
 * that fails inside a transaction is undone alone. begin: CX_ERR_INVALID when one is open; commit, rollback: when none
 * is. When a commit fails all of it is undone. People are derived at the commit, or when the writing handle reads
 * before it. Cost: a record alone is one sync of the disk; in a transaction some microseconds. */
CX_API CX_NODISCARD cx_status cx_store_begin(cx_context *ctx, cx_store *store);
CX_API CX_NODISCARD cx_status cx_store_commit(cx_context *ctx, cx_store *store);
CX_API CX_NODISCARD cx_status cx_store_rollback(cx_context *ctx, cx_store *store);
CX_API CX_NODISCARD cx_status cx_store_add_event(cx_context *ctx, cx_store *store, const cx_event *event);
CX_API CX_NODISCARD cx_status cx_store_add_assertion(cx_context *ctx, cx_store *store, const cx_assertion *assertion);
CX_API CX_NODISCARD cx_status cx_store_add_content(cx_context *ctx, cx_store *store, const cx_content *content);
CX_API CX_NODISCARD cx_status cx_store_add_preference(cx_context *ctx, cx_store *store,
                                                      const cx_preference *preference);
CX_API CX_NODISCARD cx_status cx_store_add_consent(cx_context *ctx, cx_store *store, const cx_consent *consent);

/** What a file holds: X(name, value, text). AUTO looks at the name, the first bytes and the header. */
#define CX_STORE_KIND_MAP(X)                                                                                           \
  X(AUTO, 0, "auto")                                                                                                   \
  X(ORDERS, 1, "orders")                                                                                               \
  X(ITEMS, 2, "items")                                                                                                 \
  X(PREFERENCES, 3, "preferences")                                                                                     \
  X(CONSENTS, 4, "consents")                                                                                           \
  X(SEGMENT, 5, "segment")
enum {
#define CX_STORE_KIND_ENUM(name, value, text) CX_STORE_KIND_##name = (value),
  CX_STORE_KIND_MAP(CX_STORE_KIND_ENUM)
#undef CX_STORE_KIND_ENUM
};

/** How a file is read. */
typedef struct cx_store_import_options {
  uint32_t size;           /* set by cx_store_import_options_init() */
  int32_t kind;            /* CX_STORE_KIND_* (CX_STORE_KIND_AUTO) */
  int32_t header;          /* CSV: 1 when the first record names the columns (1) */
  char separator;          /* CSV: 0 finds it (0) */
  char currency[4];        /* ISO 4217 of prices when the file has none; "" */
  char reserved[3];        /* 0 */
  const char *map;         /* CSV: "customer=C,time=C,...": C a header or a number from 1; NULL: the usual names */
  const char *time_format; /* as in cx_format_column */
  const char *time_zone;   /* IANA zone of times without one; NULL for UTC */
  const char *grant;       /* "PURPOSE:CHANNEL": records a consent for each person of the file; NULL for none */
  const char *evidence;    /* of that consent, required with grant */
  int32_t basis;           /* CX_BASIS_* of that consent, required with grant (0) */
  uint32_t batch;          /* rows between commits, 0: chosen (0) */
} cx_store_import_options;
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_store_import_options_init(cx_store_import_options *opts, size_t size);

/** What an import did: read == stored + duplicates + quarantined, always. */
typedef struct cx_store_import_report {
  uint32_t size; /* set by the caller to sizeof */
  int32_t kind;  /* what the file was taken for */
  uint64_t read;
  uint64_t stored;
  uint64_t duplicates;
  uint64_t quarantined;
  uint64_t collisions;      /* among stored: an id that was there with other content */
  uint64_t anonymous;       /* among stored: without a customer */
  uint64_t returns;         /* among stored */
  uint64_t consents;        /* recorded because of grant */
  uint64_t first_bad;       /* row of the first one in quarantine, 0 when there is none */
  int32_t first_bad_reason; /* CX_QUARANTINE_*, 0 */
  int32_t reserved;         /* 0 */
} cx_store_import_report;

/** Imports a file. Rows are committed in batches; the commit that precedes the report is fully synced. Importing a file
 *  again gives only duplicates: a bad row that lies in quarantine already, at the same place with the same bytes,
 * counts as one too. A row that cannot be taken goes to quarantine with reason, place and raw bytes. With `grant`, each
 *  identifier that a row names first gets one consent record, as of the latest time that the file has for it, so that
 * the same file gives the same records.
 *  @param report [out] its size set; untouched on failure.
 *  @return CX_OK; CX_PARTIAL when anything was quarantined; CX_ERR_IO, CX_ERR_NOT_FOUND (a mapped column),
 *          CX_ERR_AMBIGUOUS (the kind, or a column), CX_ERR_BUSY, CX_ERR_CANCELLED, CX_ERR_INVALID (also inside
 *          cx_store_begin()), CX_ERR_NOMEM. After a failure in the middle what was committed stays, and importing again
 *          resumes.
 *  Cost: a batch in memory, a few hundred bytes a row. The lock of the writer is held while a batch is written, not
 * while it is read. Progress "digest" while the input is read for the ids of its rows, then "import". */
CX_API CX_NODISCARD cx_status cx_store_import(cx_context *ctx, cx_store *store, const cx_format_source *source,
                                              const cx_store_import_options *opts, cx_store_import_report *report);
/** The rows in quarantine, by (source, row): a table of source (TEXT), row, byte (INT64), reason (TEXT, as in
 *  CX_QUARANTINE_MAP), raw (TEXT; bytes that are no UTF-8 become U+FFFD, the store keeps them as they came). */
CX_API CX_NODISCARD cx_status cx_store_read_quarantine(cx_context *ctx, cx_store *store, cx_table **out);

/** Finds a person by VALUE, NAMESPACE:VALUE or a person's id ("p0123456789abcdef"), also one given out before a merge.
 *  CX_ERR_NOT_FOUND; CX_ERR_AMBIGUOUS when the value stands for different people in different namespaces; the
 *  message lists the namespaces. */
CX_API CX_NODISCARD cx_status cx_store_find_person(cx_context *ctx, cx_store *store, cx_text id, int64_t *person);
/** Builds the profile of a person as of an instant: all identifiers, the events that had happened by then, the latest
 *  preference for each topic by then, and all consent records, of which the rule of permission leaves out later ones.
 *  @param person an id of now or one given out before a merge; the profile has that of now.
 *  @param at CX_TIME_NONE: the latest event of the store.
 *  @param out [out] made with cx_profile_new(); cleared first, and empty after a failure. CX_ERR_NOT_FOUND.
 *  Cost: linear in the person's records. */
CX_API CX_NODISCARD cx_status cx_store_read_profile(cx_context *ctx, cx_store *store, int64_t person, int64_t at,
                                                    cx_profile *out);

/** Feeds for models: tables whose rows stand in an order that depends on content alone. Whoever forbids the purpose is
 *  left out, and counted. An event whose id was there before with other content is kept but not fed: of several with
 * one id the first by (time, content) counts. Each reads one consistent view of the store; memory is that of the table.
 */
typedef struct cx_store_query {
  uint32_t size;       /* set by cx_store_query_init() */
  char currency[4];    /* ISO 4217 of the values of purchases; "" for the only one there is ("") */
  int64_t until;       /* what is later than this is left out; CX_TIME_NONE for none (CX_TIME_NONE) */
  const char *purpose; /* whoever denied or withdrew it on any channel is left out; NULL asks nobody ("analytics") */
} cx_store_query;
/** Sets the defaults, in brackets above. @p size is sizeof *query. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_store_query_init(cx_store_query *query, size_t size);

/** Purchases and returns of known people for cx_history_build(): customer (INT64, the person), time, value (DOUBLE,
 * absent when a price is unknown or the currency another than the one that is counted), order (TEXT), kind (INT64,
 * CX_EVENT_*), by (time, id).
 *  @param query [in, optional] NULL for the defaults.
 *  @param left_out [out, optional] people who forbid the purpose.
 *  @return CX_OK; CX_ERR_AMBIGUOUS when purchases are in several currencies and none is asked for; CX_ERR_INVALID,
 *          CX_ERR_IO, CX_ERR_CORRUPT, CX_ERR_CANCELLED, CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_store_read_purchases(cx_context *ctx, cx_store *store, const cx_store_query *query,
                                                      cx_table **out, uint64_t *left_out);
/** Interactions for cx_ranker_fit(), one row a line of an event of any kind: person (INT64, absent when unknown or left
 *  out), item (TEXT), time, weight (DOUBLE, 1), kind (INT64, CX_EVENT_*), by (time, id, line). As the purchases. */
CX_API CX_NODISCARD cx_status cx_store_read_interactions(cx_context *ctx, cx_store *store, const cx_store_query *query,
                                                         cx_table **out, uint64_t *left_out);
/** Items for cx_ranker_fit(), what was last said of each by then: item, topic, title (TEXT), published, valid_from,
 *  valid_until (TIME); one row an item and topic, one without topic for an item that has none; by (item, topic). */
CX_API CX_NODISCARD cx_status cx_store_read_contents(cx_context *ctx, cx_store *store, const cx_store_query *query,
                                                     cx_table **out);
/** All people named by any record by then: person (INT64), ascending. Those without any event are there too; those who
 *  forbid the purpose are not. */
CX_API CX_NODISCARD cx_status cx_store_read_people(cx_context *ctx, cx_store *store, const cx_store_query *query,
                                                   cx_table **out);

/** Told the next bytes of an export; a result other than 0 stops it with CX_ERR_CANCELLED. It must not use the context
 *  or the store of the export. */
typedef int (*cx_write_fn)(void *user, const void *bytes, size_t size);
/** Writes the canonical export, JSON Lines: every record in an order that depends on content only, so that two stores
 *  with the same records give the same bytes, in whatever order they came. Arrival times, quarantine and models are
 * left out. Form: docs/store.md. Progress "export". */
CX_API CX_NODISCARD cx_status cx_store_export(cx_context *ctx, cx_store *store, cx_write_fn write, void *user);

/** The current model of a kind ("lifecycle", "stage", "ranker"): its generation, whose file is
 * "<store>-<kind>.<generation>". 0: none. Setting it is atomic; readers see the old one or the new one. */
CX_API CX_NODISCARD cx_status cx_store_get_model(cx_context *ctx, cx_store *store, const char *kind,
                                                 uint64_t *generation);
CX_API CX_NODISCARD cx_status cx_store_set_model(cx_context *ctx, cx_store *store, const char *kind,
                                                 uint64_t generation);
/** The text of a CX_QUARANTINE_* number, as in "bad_time"; NULL for any other. Static; any thread. */
/** The text of a CX_QUARANTINE_*; NULL for any other number. Static; any thread. */
CX_API const char *cx_quarantine_text(int32_t reason);

CX_END_DECLS
#endif

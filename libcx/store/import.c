/* SPDX-License-Identifier: MIT */
/* Importing a file: rows are read, gathered into batches and committed; the last commit is synced. */
#include "store/store.h"

#include "format/format.h"

#define BATCH_ROWS 100000u
#define BATCH_BYTES ((size_t)128 << 20)

cx_status cx_store_import_options_init(cx_store_import_options *opts, size_t size) {
  static const cx_store_import_options defaults = {
      .size = sizeof defaults, .kind = CX_STORE_KIND_AUTO, .header = 1, .separator = 0};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

/** Who was named in the file, for the consent that goes with it. */
typedef struct grant {
  cx_text purpose, channel;
  cx__interner *names; /* namespace NUL value */
  int64_t *latest;     /* of each, the latest time in the file */
  size_t latest_capacity;
  cx__buffer name;
} grant;

typedef struct import {
  cx_context *ctx;
  cx_store *store;
  cx_store_import_options opts;
  cx__reader *reader;
  cx__batch *batch;
  grant grant;
  cx__batch_counts counts;
  uint64_t read, consents;
} import;

/* ---- consents that go with a file ----------------------------------------------------------------------------------
 */

static cx__record consent_of(const import *work, const cx_identifier *who, int64_t time) {
  return (cx__record){.kind = CX__RECORD_CONSENT,
                      .of.consent = {.size = sizeof(cx_consent),
                                     .state = CX_CONSENT_GRANTED,
                                     .basis = work->opts.basis,
                                     .who = *who,
                                     .purpose = work->grant.purpose,
                                     .channel = work->grant.channel,
                                     .evidence = cx__text(work->opts.evidence),
                                     .source = cx__text("import"),
                                     .time = time,
                                     .valid_until = CX_TIME_NONE}};
}

static cx_status parse_grant(import *work) {
  cx_context *ctx = work->ctx;
  const cx_text text = cx__text(work->opts.grant);
  if (!text.data) return CX_OK;
  /* A channel seldom has a colon, a purpose may: the last one divides. */
  size_t colon = text.size;
  while (colon > 0 && text.data[colon - 1] != ':') colon--;
  work->grant.purpose = (cx_text){text.data, colon > 0 ? colon - 1 : 0};
  work->grant.channel = (cx_text){text.data + colon, text.size - colon};
  if (!cx__code_is_valid(work->grant.purpose) || !cx__code_is_valid(work->grant.channel))
    return cx__fail(ctx, CX_ERR_INVALID, "grant must be PURPOSE:CHANNEL");
  if (!work->opts.evidence || work->opts.evidence[0] == '\0')
    return cx__fail(ctx, CX_ERR_INVALID, "grant needs evidence: without it a grant does not count");
  if (work->opts.basis < CX_BASIS_CONSENT || work->opts.basis > CX_BASIS_LEGITIMATE_INTERESTS)
    return cx__fail(ctx, CX_ERR_INVALID, "grant needs a basis");
  /* What is wrong with it must show before anything is written. */
  const cx_identifier anybody = {.name_space = cx__text("customer"), .value = cx__text("x")};
  const cx__record record = consent_of(work, &anybody, 0);
  const cx_status status = cx__record_check(ctx, &record);
  if (status != CX_OK) return status;
  work->grant.names = cx__interner_new(cx__allocator(ctx));
  return work->grant.names ? CX_OK : cx__no_memory(ctx);
}

static cx_status name_person(import *work, const cx_identifier *who, int64_t time) {
  grant *to = &work->grant;
  uint32_t index;
  to->name.size = 0;
  if (!cx__buffer_append(&to->name, who->name_space.data, who->name_space.size) ||
      !cx__buffer_append(&to->name, "", 1) || !cx__buffer_append(&to->name, who->value.data, who->value.size))
    return cx__no_memory(work->ctx);
  const uint32_t known = cx__interner_count(to->names);
  if (!cx__grow(cx__allocator(work->ctx), &to->latest, &to->latest_capacity, (size_t)known + 1, sizeof *to->latest) ||
      !cx__interner_add(to->names, (cx_text){to->name.data, to->name.size}, &index))
    return cx__no_memory(work->ctx);
  if (index == known || time > to->latest[index]) to->latest[index] = time;
  return CX_OK;
}

static cx_status name_people(import *work, const cx__reader_row *row) {
  cx_status status = CX_OK;
  for (size_t i = 0; status == CX_OK && row->bad == 0 && i < row->records_count; i++) {
    const cx__record *record = &row->records[i];
    if (record->kind == CX__RECORD_EVENT && record->of.event.who_count > 0)
      status = name_person(work, &record->of.event.who[0], record->of.event.time);
    else if (record->kind == CX__RECORD_PREFERENCE)
      status = name_person(work, &record->of.preference.who, record->of.preference.time);
    else if (record->kind == CX__RECORD_CONSENT)
      status = name_person(work, &record->of.consent.who, record->of.consent.time);
  }
  return status;
}

/** The consents depend on the file and the options alone, so that importing it again adds none. */
static cx_status write_grants(import *work) {
  const uint32_t count = work->grant.names ? cx__interner_count(work->grant.names) : 0;
  cx_status status = CX_OK;
  for (uint32_t i = 0; status == CX_OK && i < count; i++) {
    const cx_text name = cx__interner_get(work->grant.names, i);
    const size_t front = strlen(name.data);
    const cx_identifier who = {.name_space = {name.data, front},
                               .value = {name.data + front + 1, name.size - front - 1}};
    const cx__record record = consent_of(work, &who, work->grant.latest[i]);
    cx__outcome outcome = CX__STORED;
    status = cx__store_append(work->ctx, work->store, &record, &outcome);
    if (outcome != CX__DUPLICATE) work->consents++;
  }
  return status;
}

/* ---- reading and writing -------------------------------------------------------------------------------------------
 */

/** Commits what was gathered. The last commit writes at least a count, so that it syncs all that went before. */
static cx_status commit(import *work, bool last) {
  cx_store *store = work->store;
  cx__batch_counts counts = work->counts;
  const uint64_t consents = work->consents;
  cx_status status = cx__store_enter(work->ctx, store, last);
  if (status != CX_OK) return status;
  status = cx__batch_write(work->ctx, store, work->batch, cx__reader_name(work->reader), &counts);
  if (status == CX_OK && last) {
    status = write_grants(work);
    store->counts[CX__COUNT_IMPORTS]++;
  }
  if (status == CX_OK) {
    status = cx__store_leave(work->ctx, store);
  } else {
    cx__store_abandon(store);
  }
  if (status == CX_OK)
    work->counts = counts;
  else
    work->consents = consents;
  return status;
}

static cx_status report_progress(import *work, bool written) {
  uint64_t done = 0, total = 0;
  cx__reader_progress(work->reader, &done, &total);
  if (total == 0 && !written) return CX_OK;         /* of unknown size: only after commits */
  if (total > 0 && done >= total) done = total - 1; /* the last call is that of the last commit */
  return cx__progress(work->ctx, "import", done, total);
}

static cx_status read_rows(import *work) {
  const size_t rows = work->opts.batch > 0 ? work->opts.batch : BATCH_ROWS;
  cx__reader_row row;
  cx_status status;
  while ((status = cx__reader_next(work->ctx, work->reader, &row)) == CX_OK) {
    work->read++;
    if (work->grant.names) status = name_people(work, &row);
    if (status == CX_OK) status = cx__batch_add(work->ctx, work->batch, &row);
    if (status != CX_OK) return status;
    if (cx__batch_rows(work->batch) >= rows || cx__batch_bytes(work->batch) >= BATCH_BYTES) {
      status = commit(work, false);
      if (status == CX_OK) status = report_progress(work, true);
    } else if ((work->read & 1023) == 0) {
      status = report_progress(work, false);
      if (status == CX_OK && cx__cancelled(work->ctx)) status = cx__fail(work->ctx, CX_ERR_CANCELLED, "cancelled");
    }
    if (status != CX_OK) return status;
  }
  return status == CX_DONE ? commit(work, true) : status;
}

static cx_status check(import *work, const cx_store_import_options *opts, const cx_store_import_report *report) {
  cx_context *ctx = work->ctx;
  cx_status status = cx_store_import_options_init(&work->opts, sizeof work->opts);
  if (status == CX_OK) status = cx__options_read(ctx, opts, &work->opts, sizeof work->opts);
  if (status != CX_OK) return status;
  if (report->size < sizeof report->size || report->size > 4096)
    return cx__fail(ctx, CX_ERR_INVALID, "size of the report was not set (%u)", report->size);
  if (work->opts.kind < CX_STORE_KIND_AUTO || work->opts.kind > CX_STORE_KIND_SEGMENT)
    return cx__fail(ctx, CX_ERR_INVALID, "kind must be one of CX_STORE_KIND_* (got %d)", work->opts.kind);
  const char *currency = work->opts.currency;
  for (size_t i = 0; i < 3 && currency[0] != '\0'; i++)
    if (currency[i] < 'A' || currency[i] > 'Z' || currency[3] != '\0')
      return cx__fail(ctx, CX_ERR_INVALID, "currency must be three capital letters or empty");
  if (work->store->read_only) return cx__fail(ctx, CX_ERR_INVALID, "the store was opened for reading only");
  if (work->store->open)
    return cx__fail(ctx, CX_ERR_INVALID, "an import makes its own transactions: commit or roll back first");
  return parse_grant(work);
}

static cx_status run(import *work, const cx_format_source *source) {
  const cx_store_import_options *opts = &work->opts;
  const cx__reader_options how = {.kind = (cx__reader_kind)opts->kind,
                                  .header = opts->header != 0,
                                  .separator = opts->separator,
                                  .map = opts->map,
                                  .currency = opts->currency,
                                  .time_format = opts->time_format,
                                  .time_zone = opts->time_zone};
  cx_status status = cx__reader_open(work->ctx, source, &how, &work->reader);
  if (status != CX_OK) return status;
  work->batch = cx__batch_new(cx__allocator(work->ctx));
  if (!work->batch) return cx__no_memory(work->ctx);
  uint64_t done = 0, total = 0;
  cx__reader_progress(work->reader, &done, &total);
  status = cx__progress(work->ctx, "import", 0, total);
  /* Room for the indexes, and fewer copies from the journal into the file. */
  if (status == CX_OK)
    status = cx__sql_exec(work->ctx, work->store, "PRAGMA cache_size = -262144; PRAGMA wal_autocheckpoint = 8192");
  if (status == CX_OK) status = read_rows(work);
  (void)sqlite3_exec(work->store->db, "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 1000", NULL, NULL, NULL);
  (void)sqlite3_db_release_memory(work->store->db);
  cx__reader_progress(work->reader, &done, &total);
  return status == CX_OK ? cx__progress(work->ctx, "import", total > 0 ? total : done, total) : status;
}

cx_status cx_store_import(cx_context *ctx, cx_store *store, const cx_format_source *source,
                          const cx_store_import_options *opts, cx_store_import_report *report) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!source) return cx__null(ctx, "source");
  if (!report) return cx__null(ctx, "report");
import work = {.ctx = ctx, .store = store };
  cx__buffer_init(&work.grant.name, cx__allocator(ctx));
  status = check(&work, opts, report);
  if (status == CX_OK) status = run(&work, source);
  if (status == CX_OK) {
    const cx__batch_counts *counts = &work.counts;
    const cx_store_import_report own = {.size = sizeof own,
                                        .kind = (int32_t)cx__reader_kind_of(work.reader),
                                        .read = work.read,
                                        .stored = counts->stored,
                                        .duplicates = counts->duplicates,
                                        .quarantined = counts->quarantined,
                                        .collisions = counts->collisions,
                                        .anonymous = counts->anonymous,
                                        .returns = counts->returns,
                                        .consents = work.consents,
                                        .first_bad = counts->first_bad,
                                        .first_bad_reason = counts->first_bad_reason};
    status = cx__result_write(ctx, report, &own, sizeof own);
  }
  cx__batch_free(work.batch);
  cx__reader_free(work.reader);
  cx__interner_free(work.grant.names);
  cx__free(cx__allocator(ctx), work.grant.latest);
  cx__buffer_free(&work.grant.name);
  return status == CX_OK && work.counts.quarantined > 0 ? CX_PARTIAL : status;
}

/* ---- quarantine
 * ------------------------------------------------------------------------------------------------------ */

const char *cx_quarantine_text(int32_t reason) {
  switch (reason) {
#define REASON_TEXT(name, value, text)                                                                                 \
  case (value):                                                                                                        \
    return text;
    CX_QUARANTINE_MAP(REASON_TEXT)
#undef REASON_TEXT
  default:
    return NULL;
  }
}

/** Bytes as text: what is no UTF-8 becomes U+FFFD, byte by byte. The file keeps the bytes as they came. */
static bool add_raw(cx__table_builder *builder, size_t column, cx_text raw, cx__buffer *clean) {
  if (raw.size == 0) return cx__table_builder_text(builder, column, cx__text(""));
  if (cx__text_is_utf8(raw)) return cx__table_builder_text(builder, column, raw);
  clean->size = 0;
  for (size_t i = 0; i < raw.size;) {
    size_t length = 0;
    for (size_t n = 1; n <= 4 && i + n <= raw.size && length == 0; n++)
      if (cx__text_is_utf8((cx_text){raw.data + i, n})) length = n;
    if (!(length > 0 ? cx__buffer_append(clean, raw.data + i, length) : cx__buffer_append_text(clean, "\xEF\xBF\xBD")))
      return false;
    i += length > 0 ? length : 1;
  }
  return cx__table_builder_text(builder, column, (cx_text){clean->data, clean->size});
}

static cx_status read_quarantine(cx_context *ctx, cx_store *store, cx__table_builder *builder, cx__buffer *clean) {
  if (!cx__table_builder_add_column(builder, "source", CX_TYPE_TEXT) ||
      !cx__table_builder_add_column(builder, "row", CX_TYPE_INT64) ||
      !cx__table_builder_add_column(builder, "byte", CX_TYPE_INT64) ||
      !cx__table_builder_add_column(builder, "reason", CX_TYPE_TEXT) ||
      !cx__table_builder_add_column(builder, "raw", CX_TYPE_TEXT))
    return cx__no_memory(ctx);
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_QUARANTINE_READ, &status);
  if (!statement) return status;
  while ((status = cx__sql_step(ctx, store, statement)) == CX_OK) {
    const char *reason = cx_quarantine_text((int32_t)sqlite3_column_int64(statement, 3));
    if (!add_raw(builder, 0, cx__column_of(statement, 0), clean) ||
        !cx__table_builder_int64(builder, 1, sqlite3_column_int64(statement, 1)) ||
        !cx__table_builder_int64(builder, 2, sqlite3_column_int64(statement, 2)) ||
        !cx__table_builder_text(builder, 3, cx__text(reason ? reason : "unknown")) ||
        !add_raw(builder, 4, cx__column_of(statement, 4), clean)) {
      cx__sql_reset(statement);
      return cx__no_memory(ctx);
    }
  }
  return status < 0 ? status : CX_OK;
}

cx_status cx_store_read_quarantine(cx_context *ctx, cx_store *store, cx_table **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!store) return cx__null(ctx, "store");
  cx__table_builder *builder = cx__table_builder_new(cx__allocator(ctx));
  if (!builder) return cx__no_memory(ctx);
  cx__buffer clean;
  cx__buffer_init(&clean, cx__allocator(ctx));
  status = cx__store_look(ctx, store);
  if (status == CX_OK) {
    status = read_quarantine(ctx, store, builder, &clean);
    cx__store_look_away(store);
  }
  if (status == CX_OK) status = cx__table_builder_finish(ctx, builder, out);
  cx__table_builder_free(builder);
  cx__buffer_free(&clean);
  return status;
}

/* SPDX-License-Identifier: MIT */
/* Rows of an import, whatever its kind. */
#include "format/reader.h"

#define PEEK 4096u

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static bool begins_with_bracket(const char *data, size_t size) {
  if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
    data += 3;
    size -= 3;
  }
  const cx_text text = cx__text_trim((cx_text){data, size});
  return text.size > 0 && (text.data[0] == '{' || text.data[0] == '[');
}

/** Whether the input is JSON, by its first bytes. */
static cx_status look(cx_context *ctx, cx__reader *reader, bool *is_json) {
  cx__input_cursor cursor;
  cx__source *source;
  cx_status status = cx__input_start(ctx, &reader->input, &cursor, &source);
  if (status != CX_OK) return status;
  char data[PEEK];
  size_t size = 0, n = 1;
  while (status == CX_OK && n > 0 && size < sizeof data) {
    status = cx__source_read(ctx, source, data + size, sizeof data - size, &n);
    if (status == CX_OK) size += n;
  }
  *is_json = status == CX_OK && begins_with_bracket(data, size);
  cx__source_free(source);
  return status;
}

/** The kind that a file's name can only mean, 0 otherwise: "orders-2011.csv". */
static cx__reader_kind guess_by_name(const char *name) {
  static const struct {
    const char *word;
    cx__reader_kind kind;
  } words[] = {{"order", CX__READER_ORDERS},       {"purchase", CX__READER_ORDERS}, {"transaction", CX__READER_ORDERS},
               {"item", CX__READER_ITEMS},         {"product", CX__READER_ITEMS},   {"catalog", CX__READER_ITEMS},
               {"prefer", CX__READER_PREFERENCES}, {"consent", CX__READER_CONSENTS}};
  const char *slash = strrchr(name, '/');
  const cx_text base = cx__text(slash ? slash + 1 : name);
  cx__reader_kind kind = (cx__reader_kind)0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    const size_t size = strlen(words[i].word);
    for (size_t at = 0; at + size <= base.size; at++) {
      if (!cx__text_equal_nocase((cx_text){base.data + at, size}, (cx_text){words[i].word, size})) continue;
      if (kind != 0 && kind != words[i].kind) return (cx__reader_kind)0;
      kind = words[i].kind;
    }
  }
  return kind;
}

static cx_status open_segment(cx_context *ctx, cx__reader *reader) {
  reader->json = cx__json_new(&reader->allocator);
  if (!reader->json || !cx__lines_open(&reader->lines, &reader->allocator, reader->source)) return cx__no_memory(ctx);
  return CX_OK;
}

static cx_status open_csv(cx_context *ctx, cx__reader *reader, const cx__reader_options *opts) {
  const char *place = reader->input.name;
  cx_status status = cx__csv_open(ctx, reader->source, opts->separator, &reader->csv);
  if (status != CX_OK) return status;
  status = cx__csv_next(ctx, reader->csv, &reader->first);
  if (status == CX_DONE) return cx__fail_at(ctx, CX_ERR_NOT_FOUND, place, 0, UINT64_MAX, "the input is empty");
  if (status != CX_OK) return status;
  if (opts->header && reader->first.malformed)
    return cx__fail_at(ctx, CX_ERR_PARSE, place, reader->first.row, reader->first.byte, "the header is malformed");
  const cx_text *header = opts->header ? reader->first.fields : NULL;
  const size_t header_count = opts->header ? reader->first.fields_count : 0;
  if (reader->kind == 0) reader->kind = cx__map_guess(opts->map, header, header_count);
  if (reader->kind == 0) reader->kind = guess_by_name(place);
  if (reader->kind == 0)
    return cx__fail_at(ctx, CX_ERR_AMBIGUOUS, place, 0, UINT64_MAX,
                       "cannot tell what the input holds; pass the kind: orders, items, preferences, consents or "
                       "segment");
  reader->has_first = !opts->header;
  reader->columns = header_count;
  return cx__map_read(ctx, place, reader->kind, opts->map, header, header_count, &reader->map);
}

static cx_status copy_options(cx_context *ctx, cx__reader *reader, const cx__reader_options *opts) {
  const char *currency = opts->currency ? opts->currency : "";
  if (cx__row_currency(reader, cx__text(currency), reader->currency) != 0)
    return cx__fail(ctx, CX_ERR_INVALID, "currency must be a code of three letters");
  if (opts->time_format && *opts->time_format) {
    if (!cx__time_format_is_valid(opts->time_format))
      return cx__fail(ctx, CX_ERR_INVALID, "time_format has an unknown conversion");
    const size_t size = strlen(opts->time_format) + 1;
    reader->time_format = cx__alloc(&reader->allocator, size);
    if (!reader->time_format) return cx__no_memory(ctx);
    memcpy(reader->time_format, opts->time_format, size);
  }
  if (!opts->time_zone || !*opts->time_zone) return CX_OK;
  return cx__zone_open(ctx, opts->time_zone, &reader->zone);
}

static cx_status open_reader(cx_context *ctx, cx__reader *reader, const cx_format_source *source,
                             const cx__reader_options *opts) {
  cx_status status = copy_options(ctx, reader, opts);
  if (status != CX_OK) return status;
  status = cx__input_open(ctx, source, &reader->input);
  if (status != CX_OK) return status;
  if (reader->kind == 0) {
    bool is_json = false;
    status = look(ctx, reader, &is_json);
    if (status != CX_OK) return status;
    if (is_json) reader->kind = CX__READER_SEGMENT;
  }
  if (reader->kind == CX__READER_SEGMENT && opts->map && *opts->map)
    return cx__fail(ctx, CX_ERR_INVALID, "map names columns of csv; the input is taken for segment");
  status = cx__input_start(ctx, &reader->input, &reader->cursor, &reader->source);
  if (status != CX_OK) return status;
  return reader->kind == CX__READER_SEGMENT ? open_segment(ctx, reader) : open_csv(ctx, reader, opts);
}

cx_status cx__reader_open(cx_context *ctx, const cx_format_source *source, const cx__reader_options *opts,
                          cx__reader **out) {
  *out = NULL;
  if ((int)opts->kind < 0 || opts->kind > CX__READER_SEGMENT)
    return cx__fail(ctx, CX_ERR_INVALID, "kind must be one of the known ones (got %d)", (int)opts->kind);
  const cx_allocator *allocator = cx__allocator(ctx);
  cx__reader *reader = cx__alloc_zero(allocator, sizeof *reader);
  if (!reader) return cx__no_memory(ctx);
  reader->allocator = *allocator;
  reader->kind = opts->kind;
  reader->input.spool = -1;
  cx__arena_init(&reader->arena, allocator);
  const cx_status status = open_reader(ctx, reader, source, opts);
  if (status != CX_OK) {
    cx__reader_free(reader);
    return status;
  }
  *out = reader;
  return CX_OK;
}

void cx__reader_free(cx__reader *reader) {
  if (!reader) return;
  const cx_allocator allocator = reader->allocator;
  cx__csv_free(reader->csv);
  if (reader->lines.data) cx__lines_close(&reader->lines);
  cx__json_free(reader->json);
  cx__source_free(reader->source);
  if (reader->input.name) cx__input_close(&reader->input);
  cx__zone_free(reader->zone);
  cx__interner_free(reader->seen);
  cx__arena_free(&reader->arena);
  cx__free(&allocator, reader->records);
  cx__free(&allocator, reader->time_format);
  cx__free(&allocator, reader);
}

cx__reader_kind cx__reader_kind_of(const cx__reader *reader) { return reader->kind; }

const char *cx__reader_name(const cx__reader *reader) { return reader->input.name; }

void cx__reader_progress(const cx__reader *reader, uint64_t *done, uint64_t *total) {
  *done = cx__source_done(reader->source);
  *total = reader->input.spool >= 0 ? reader->input.spool_size : cx__source_total(reader->source);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static int32_t read_record(cx_context *ctx, cx__reader *reader) {
  if (reader->record.malformed) return CX_QUARANTINE_MALFORMED;
  if (reader->columns == 0) reader->columns = reader->record.fields_count;
  if (reader->record.fields_count != reader->columns) return CX_QUARANTINE_FIELDS;
  switch (reader->kind) {
  case CX__READER_ORDERS:
    return cx__orders_read(ctx, reader);
  case CX__READER_ITEMS:
    return cx__items_read(ctx, reader);
  case CX__READER_PREFERENCES:
    return cx__preferences_read(ctx, reader);
  case CX__READER_CONSENTS:
    return cx__consents_read(ctx, reader);
  case CX__READER_SEGMENT:
    break;
  }
  return cx__fail(ctx, CX_ERR_INTERNAL, "no such kind of csv");
}

static cx_status next_record(cx_context *ctx, cx__reader *reader, cx__reader_row *out, int32_t *result) {
  if (reader->has_first) {
    reader->record = reader->first;
    reader->has_first = false;
  } else {
    const cx_status status = cx__csv_next(ctx, reader->csv, &reader->record);
    if (status != CX_OK) return status;
  }
  out->row = reader->row = reader->record.row;
  out->byte = reader->byte = reader->record.byte;
  out->raw = reader->record.raw;
  *result = read_record(ctx, reader);
  return CX_OK;
}

/** Sets out on the messages of a new document: a message, a batch of messages, or an array of them. */
static int32_t begin_document(cx__reader *reader) {
  const cx__json_node *root = &reader->document.nodes[0];
  reader->envelope = NULL;
  reader->part = 0;
  reader->message = 0;
  const cx__json_node *batch = root->type == CX__JSON_ARRAY ? root : cx__json_get(&reader->document, root, "batch");
  if (!batch || batch->type != CX__JSON_ARRAY) return 0;
  if (batch->count == 0) return CX_QUARANTINE_TYPE;
  if (batch != root) reader->envelope = root;
  reader->part = 1;
  reader->message = batch->first;
  return 0;
}

static int32_t read_document(cx_context *ctx, cx__reader *reader) {
  if (reader->line.too_long) return CX_QUARANTINE_TOO_LONG;
  const cx_status status =
      cx__json_parse(reader->json, reader->line.text.data, reader->line.text.size, &reader->document);
  if (status == CX_ERR_NOMEM) return cx__no_memory(ctx);
  if (status != CX_OK) return cx__text_is_utf8(reader->line.text) ? CX_QUARANTINE_MALFORMED : CX_QUARANTINE_ENCODING;
  return begin_document(reader);
}

static cx_status next_message(cx_context *ctx, cx__reader *reader, cx__reader_row *out, int32_t *result) {
  *result = 0;
  if (reader->message == 0) {
    const cx_status status = cx__lines_next(ctx, &reader->lines, &reader->line);
    if (status != CX_OK) return status;
    reader->row = reader->line.row;
    reader->byte = reader->line.byte;
    *result = read_document(ctx, reader);
  }
  out->row = reader->row;
  out->byte = reader->byte;
  out->raw = reader->line.text;
  if (*result != 0) return CX_OK;
  const cx__json_node *message = &reader->document.nodes[reader->message];
  if (reader->message != 0) {
    out->byte += message->begin;
    out->raw = (cx_text){reader->document.source + message->begin, message->end - message->begin};
  }
  *result = cx__segment_read(ctx, reader, message);
  if (reader->message != 0) {
    reader->message = message->next;
    reader->part++;
  }
  return CX_OK;
}

cx_status cx__reader_next(cx_context *ctx, cx__reader *reader, cx__reader_row *out) {
  cx__reader_row row = {0};
  cx__arena_clear(&reader->arena);
  reader->records_count = reader->records_checked = 0;
  int32_t result;
  const cx_status status = reader->kind == CX__READER_SEGMENT ? next_message(ctx, reader, &row, &result)
                                                              : next_record(ctx, reader, &row, &result);
  if (status != CX_OK) return status;
  if (result == 0) result = cx__row_check(reader);
  if (result == CX_ERR_NOMEM) return cx__no_memory(ctx);
  if (result < 0) return result;
  row.bad = result;
  if (result == 0) {
    row.records = reader->records;
    row.records_count = reader->records_count;
    for (size_t i = 0; i < row.records_count; i++) {
      if (row.records[i].kind != CX__RECORD_EVENT) continue;
      if (row.records[i].of.event.who_count == 0) row.anonymous = true;
      if (row.records[i].of.event.kind == CX_EVENT_RETURN) row.is_return = true;
    }
  }
  *out = row;
  return CX_OK;
}

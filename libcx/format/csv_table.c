/* SPDX-License-Identifier: MIT */
/* Tables from CSV: columns chosen by header or number, typed, read in pieces. One bad value is an error with its place.
 */
#include "format/format.h"
#include "table/table.h"

#include <stdio.h>

#define LISTED_NAMES 8
#define NAME_SHOWN 40
#define POLL_ROWS 1024u
#define FIRST_REPORT ((uint64_t)16 << 20)

/** One column of the table and the field it is read from. */
typedef struct column {
  const char *header; /* what errors call it */
  const char *name;   /* in the table */
  const char *time_format;
  size_t field;
  int32_t type;
} column;

struct cx_format {
  cx_allocator allocator;
  cx__source *source;
  cx__csv *csv;
  cx__zone *zone;
  cx__arena arena; /* names and formats */
  char decimal;

  column *columns;
  size_t columns_count;
  size_t fields_count; /* of every record */
  cx__table_builder *builder;
  size_t rows; /* complete in the builder */

  /* A record stays until all its values are in the builder, so that a call that failed can be made again. */
  cx__csv_record record;
  bool has_record;
  bool utf8; /* the record is, as a whole */
  size_t next_column;

  bool began;
  uint64_t next_report; /* where the size is not known */
};

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static const char *name_of(const cx_format *format) { return cx__source_name(format->source); }

/** At most NAME_SHOWN bytes of a name, cut between characters. */
static int shown(const char *name) {
  size_t size = strnlen(name, NAME_SHOWN + 1);
  if (size <= NAME_SHOWN) return (int)size;
  size = NAME_SHOWN;
  while (size > 0 && ((unsigned char)name[size] & 0xC0) == 0x80) size--;
  return (int)size;
}

/** Where a field begins. One whose doubled quotes were undone lies elsewhere: then the record's first byte. */
static uint64_t byte_of(const cx__csv_record *record, cx_text field) {
  const uintptr_t raw = (uintptr_t)record->raw.data, data = (uintptr_t)field.data;
  return record->byte + (data >= raw && data <= raw + record->raw.size ? data - raw : 0);
}

static cx_status fail_value(cx_context *ctx, const cx_format *format, const column *where, cx_status status,
                            const char *what) {
  const cx__csv_record *record = &format->record;
  return cx__fail_at(ctx, status, name_of(format), record->row, byte_of(record, record->fields[where->field]),
                     "column \"%.*s\": %s", shown(where->header), where->header, what);
}

static cx_status fail_record(cx_context *ctx, const cx_format *format) {
  const cx__csv_record *record = &format->record;
  if (record->malformed)
    return cx__fail_at(ctx, CX_ERR_PARSE, name_of(format), record->row, record->byte,
                       "the record is malformed: a quote that does not end, bytes behind a closing quote, or too long");
  return cx__fail_at(ctx, CX_ERR_PARSE, name_of(format), record->row, record->byte,
                     "the record has %zu fields, the first one has %zu", record->fields_count, format->fields_count);
}

/* ---- options ---------------------------------------------------------------------------------------------------- */

cx_status cx_format_csv_options_init(cx_format_csv_options *opts, size_t size) {
  static const cx_format_csv_options defaults = {.size = sizeof defaults, .header = 1, .decimal = '.'};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

/** Each conversion is one that times know. */
bool cx__time_format_is_valid(const char *format) {
  for (; *format != '\0'; format++) {
    if (*format != '%') continue;
    const char conversion[3] = {'%', *++format, '\0'};
    int64_t time;
    if (cx__parse_time(cx__text("?"), conversion, NULL, &time) == CX_ERR_INVALID) return false;
  }
  return true;
}

static cx_status check_options(cx_context *ctx, const cx_format_csv_options *opts) {
  if (opts->header != 0 && opts->header != 1) return cx__fail(ctx, CX_ERR_INVALID, "header must be 0 or 1");
  if (opts->decimal != '.' && opts->decimal != ',') return cx__fail(ctx, CX_ERR_INVALID, "decimal must be . or ,");
  if (opts->columns && opts->columns_count == 0)
    return cx__fail(ctx, CX_ERR_INVALID, "columns are given, but their count is 0");
  if (!opts->columns && opts->columns_count > 0) return cx__null(ctx, "columns");
  for (size_t i = 0; i < opts->columns_count; i++) {
    const cx_format_column *given = &opts->columns[i];
    if (!given->column) return cx__fail(ctx, CX_ERR_INVALID, "columns[%zu].column must not be null", i);
    if (given->type < 0 || given->type > CX_TYPE_TIME)
      return cx__fail(ctx, CX_ERR_INVALID, "columns[%zu].type is not a type (%d)", i, (int)given->type);
    if (given->time_format && !cx__time_format_is_valid(given->time_format))
      return cx__fail(ctx, CX_ERR_INVALID, "columns[%zu].time_format has an unknown conversion", i);
  }
  return CX_OK;
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

/** Reads the first record, if there is one, and learns how many fields there are. */
static cx_status read_first(cx_context *ctx, cx_format *format, bool header) {
  const cx_status status = cx__csv_next(ctx, format->csv, &format->record);
  if (status == CX_DONE && !header) return CX_OK;
  if (status == CX_DONE)
    return cx__fail_at(ctx, CX_ERR_PARSE, name_of(format), 0, 0, "the input is empty, it has no header");
  if (status != CX_OK) return status;
  format->fields_count = format->record.fields_count;
  if (format->record.malformed) return fail_record(ctx, format);
  format->utf8 = cx__text_is_utf8(format->record.raw);
  format->has_record = !header;
  return CX_OK;
}

/** Copies the names of the first record; without a header they are the numbers from 1. */
static cx_status name_fields(cx_context *ctx, cx_format *format, bool header, const char **names) {
  for (size_t i = 0; i < format->fields_count; i++) {
    char number[CX__NUMBER_SIZE];
    cx_text name = header ? cx__text_trim(format->record.fields[i]) : (cx_text){NULL, 0};
    if (name.size == 0) name = (cx_text){number, cx__print_int64((int64_t)i + 1, number)};
    if (!cx__text_is_utf8(name))
      return cx__fail_at(ctx, CX_ERR_PARSE, name_of(format), format->record.row, format->record.byte,
                         "the name of column %zu is not utf-8", i + 1);
    names[i] = cx__arena_copy(&format->arena, name.data, name.size);
    if (!names[i]) return cx__no_memory(ctx);
  }
  return CX_OK;
}

static cx_status fail_not_found(cx_context *ctx, const cx_format *format, const char *wanted,
                                const char *const *names) {
  if (!format->has_record && cx__header_is_data(format->record.fields, format->fields_count))
    return cx__fail_at(ctx, CX_ERR_NOT_FOUND, name_of(format), format->record.row, UINT64_MAX,
                       "there is no column \"%.*s\"; the first record looks like data, not like a header",
                       shown(wanted), wanted);
  char list[LISTED_NAMES * (NAME_SHOWN + 4) + 1] = "";
  size_t at = 0;
  const size_t listed = format->fields_count < LISTED_NAMES ? format->fields_count : LISTED_NAMES;
  for (size_t i = 0; i < listed; i++) {
    const int size = snprintf(list + at, sizeof list - at, "%s\"%.*s\"", i > 0 ? ", " : "", shown(names[i]), names[i]);
    at += size > 0 ? (size_t)size : 0;
  }
  const char *more = format->fields_count > listed ? ", ..." : "";
  return cx__fail_at(ctx, CX_ERR_NOT_FOUND, name_of(format), format->record.row, UINT64_MAX,
                     "there is no column \"%.*s\" among %s%s", shown(wanted), wanted, at > 0 ? list : "none", more);
}

static cx_status find_field(cx_context *ctx, const cx_format *format, const char *wanted, const char *const *names,
                            size_t *field) {
  size_t found = 0;
  for (size_t i = 0; i < format->fields_count; i++) {
    if (strcmp(names[i], wanted) != 0) continue;
    *field = i;
    found++;
  }
  if (found == 0) return CX_ERR_NOT_FOUND;
  if (found == 1) return CX_OK;
  return cx__fail_at(ctx, CX_ERR_PARSE, name_of(format), format->record.row, format->record.byte,
                     "%zu columns are named \"%.*s\"", found, shown(wanted), wanted);
}

static cx_status choose_column(cx_context *ctx, cx_format *format, const cx_format_column *given,
                               const char *const *names) {
  column *own = &format->columns[format->columns_count];
  const cx_text wanted = cx__text_trim(cx__text(given->column));
  own->header = cx__arena_copy(&format->arena, wanted.data, wanted.size);
  if (!own->header) return cx__no_memory(ctx);
  const cx_status status = find_field(ctx, format, own->header, names, &own->field);
  if (status == CX_ERR_NOT_FOUND && given->optional != 0) return CX_OK;
  if (status == CX_ERR_NOT_FOUND) return fail_not_found(ctx, format, own->header, names);
  if (status != CX_OK) return status;
  own->name = own->header;
  own->type = given->type == 0 ? CX_TYPE_TEXT : given->type;
  if (given->name) own->name = cx__arena_copy(&format->arena, given->name, strlen(given->name));
  if (given->time_format)
    own->time_format = cx__arena_copy(&format->arena, given->time_format, strlen(given->time_format));
  if (!own->name || (given->time_format && !own->time_format)) return cx__no_memory(ctx);
  format->columns_count++;
  return CX_OK;
}

static cx_status choose_columns(cx_context *ctx, cx_format *format, const cx_format_csv_options *opts,
                                const char *const *names) {
  const size_t count = opts->columns ? opts->columns_count : format->fields_count;
  format->columns = cx__alloc_array_zero(&format->allocator, count, sizeof *format->columns);
  if (!format->columns) return cx__no_memory(ctx);
  for (size_t i = 0; i < count; i++) {
    cx_status status = CX_OK;
    if (opts->columns) {
      status = choose_column(ctx, format, &opts->columns[i], names);
    } else {
      format->columns[i] = (column){.header = names[i], .name = names[i], .field = i, .type = CX_TYPE_TEXT};
      format->columns_count++;
    }
    if (status != CX_OK) return status;
  }
  return CX_OK;
}

/** A table without rows is made once, so that names that no table can have are found now. */
static cx_status begin_builder(cx_context *ctx, cx_format *format, bool named_by_file) {
  format->builder = cx__table_builder_new(&format->allocator);
  if (!format->builder) return cx__no_memory(ctx);
  for (size_t i = 0; i < format->columns_count; i++)
    if (!cx__table_builder_add_column(format->builder, format->columns[i].name, format->columns[i].type))
      return cx__no_memory(ctx);
  cx_table *empty;
  const cx_status status = cx__table_builder_finish(ctx, format->builder, &empty);
  cx_table_free(empty);
  if (status != CX_ERR_INVALID || !named_by_file) return status;
  return cx__fail_at(ctx, CX_ERR_PARSE, name_of(format), format->record.row, format->record.byte,
                     "two columns have one name");
}

static cx_status begin_columns(cx_context *ctx, cx_format *format, const cx_format_csv_options *opts) {
  cx_status status = read_first(ctx, format, opts->header == 1);
  if (status != CX_OK) return status;
  const char **names = cx__alloc_array(&format->allocator, format->fields_count, sizeof *names);
  if (!names) return cx__no_memory(ctx);
  status = name_fields(ctx, format, opts->header == 1, names);
  if (status == CX_OK) status = choose_columns(ctx, format, opts, names);
  cx__free(&format->allocator, names);
  return status == CX_OK ? begin_builder(ctx, format, !opts->columns) : status;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static cx_status open_format(cx_context *ctx, cx_format *format, const cx_format_source *source,
                             const cx_format_csv_options *opts) {
  cx_status status = CX_OK;
  if (opts->time_zone) status = cx__zone_open(ctx, opts->time_zone, &format->zone);
  if (status == CX_OK) status = cx__source_open(ctx, source, &format->source);
  if (status == CX_OK) status = cx__csv_open(ctx, format->source, opts->separator, &format->csv);
  if (status == CX_OK) status = begin_columns(ctx, format, opts);
  return status;
}

cx_status cx_format_open_csv(cx_context *ctx, const cx_format_source *source, const cx_format_csv_options *opts,
                             cx_format **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  cx_format_csv_options own;
  status = cx_format_csv_options_init(&own, sizeof own);
  if (status == CX_OK) status = cx__options_read(ctx, opts, &own, sizeof own);
  if (status == CX_OK) status = check_options(ctx, &own);
  if (status != CX_OK) return status;

  const cx_allocator *allocator = cx__allocator(ctx);
  cx_format *format = cx__alloc_zero(allocator, sizeof *format);
  if (!format) return cx__no_memory(ctx);
  format->allocator = *allocator;
  format->decimal = own.decimal;
  cx__arena_init(&format->arena, allocator);
  status = open_format(ctx, format, source, &own);
  if (status != CX_OK) {
    cx_format_free(format);
    return status;
  }
  *out = format;
  return CX_OK;
}

void cx_format_free(cx_format *format) {
  if (!format) return;
  const cx_allocator allocator = format->allocator;
  cx__table_builder_free(format->builder);
  cx__csv_free(format->csv);
  cx__source_free(format->source);
  cx__zone_free(format->zone);
  cx__free(&allocator, format->columns);
  cx__arena_free(&format->arena);
  cx__free(&allocator, format);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

/** Nothing between two separators is an absent text; two quotes are an empty one. */
static bool is_quoted(const cx__csv_record *record, cx_text field) {
  const uintptr_t raw = (uintptr_t)record->raw.data, data = (uintptr_t)field.data;
  if (data < raw || data > raw + record->raw.size) return true; /* doubled quotes were undone */
  return data > raw && field.data[-1] == '"';
}

static cx_status add_text(cx_context *ctx, cx_format *format, size_t index, cx_text field) {
  const column *where = &format->columns[index];
  if (!format->utf8 && !cx__text_is_utf8(field))
    return fail_value(ctx, format, where, CX_ERR_PARSE, "the text is not utf-8");
  const bool absent = field.size == 0 && !is_quoted(&format->record, field);
  const bool added =
      absent ? cx__table_builder_absent(format->builder, index) : cx__table_builder_text(format->builder, index, field);
  return added ? CX_OK : cx__no_memory(ctx);
}

static cx_status add_time(cx_context *ctx, cx_format *format, size_t index, cx_text field) {
  const column *where = &format->columns[index];
  int64_t time;
  const cx_status status = cx__parse_time(field, where->time_format, format->zone, &time);
  if (status == CX_ERR_AMBIGUOUS)
    return fail_value(ctx, format, where, status, "the time can be read in two ways, give a time format");
  if (status != CX_OK)
    return fail_value(ctx, format, where, CX_ERR_PARSE,
                      where->time_format ? "the time is not in the format given" : "not a time");
  return cx__table_builder_int64(format->builder, index, time) ? CX_OK : cx__no_memory(ctx);
}

static cx_status add_value(cx_context *ctx, cx_format *format, size_t index) {
  const column *where = &format->columns[index];
  cx_text field = format->record.fields[where->field];
  if (where->type == CX_TYPE_TEXT) return add_text(ctx, format, index, field);
  field = cx__text_trim(field);
  bool added;
  if (field.size == 0) {
    added = cx__table_builder_absent(format->builder, index);
  } else if (where->type == CX_TYPE_TIME) {
    return add_time(ctx, format, index, field);
  } else if (where->type == CX_TYPE_INT64) {
    int64_t value;
    if (!cx__parse_int64(field, &value)) return fail_value(ctx, format, where, CX_ERR_PARSE, "not an integer");
    added = cx__table_builder_int64(format->builder, index, value);
  } else {
    double value;
    if (!cx__parse_double(field, format->decimal, &value))
      return fail_value(ctx, format, where, CX_ERR_PARSE, "not a number");
    added = cx__table_builder_double(format->builder, index, value);
  }
  return added ? CX_OK : cx__no_memory(ctx);
}

/** Puts the next record into the builder, or goes on with the one that is half in it. */
static cx_status read_row(cx_context *ctx, cx_format *format) {
  if (!format->has_record) {
    const cx_status status = cx__csv_next(ctx, format->csv, &format->record);
    if (status != CX_OK) return status;
    format->has_record = true;
    format->utf8 = cx__text_is_utf8(format->record.raw);
  }
  if (format->record.malformed || format->record.fields_count != format->fields_count) return fail_record(ctx, format);
  while (format->next_column < format->columns_count) {
    const cx_status status = add_value(ctx, format, format->next_column);
    if (status != CX_OK) return status;
    format->next_column++;
  }
  format->next_column = 0;
  format->has_record = false;
  format->rows++;
  return CX_OK;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/** Reports every hundredth of a known size; of an unknown one after 16 MiB, then each time as much again. */
static cx_status report(cx_context *ctx, cx_format *format, bool ended) {
  const uint64_t total = cx__source_total(format->source), done = cx__source_done(format->source);
  if (total == 0 && !ended && format->began && done < format->next_report && !cx__cancelled(ctx)) return CX_OK;
  format->next_report = done < FIRST_REPORT ? FIRST_REPORT : done * 2;
  const bool first = !format->began;
  format->began = true;
  return cx__progress(ctx, "read", first ? 0 : done, total == 0 && ended ? done : total);
}

cx_status cx_format_read(cx_context *ctx, cx_format *format, size_t rows, cx_table **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!format) return cx__null(ctx, "format");
  if (!format->began) status = report(ctx, format, false);
  const size_t wanted = rows > 0 ? rows : SIZE_MAX;
  while (status == CX_OK && format->rows < wanted) {
    status = read_row(ctx, format);
    if (status == CX_OK && format->rows % POLL_ROWS == 0) status = report(ctx, format, false);
  }
  if (status == CX_DONE) {
    status = report(ctx, format, true);
    if (status == CX_OK && format->rows == 0) return CX_DONE;
  }
  if (status != CX_OK) return status;
  status = cx__table_builder_finish(ctx, format->builder, out);
  if (status == CX_OK) format->rows = 0;
  return status;
}

/* ---- times ------------------------------------------------------------------------------------------------------ */

cx_status cx_format_parse_time(cx_context *ctx, cx_text text, const char *format, const char *zone, int64_t *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!text.data) return cx__null(ctx, "text");
  if (!out) return cx__null(ctx, "out");
  cx__zone *own = NULL;
  if (zone) status = cx__zone_open(ctx, zone, &own);
  if (status != CX_OK) return status;
  int64_t time;
  status = cx__parse_time(text, format, own, &time);
  cx__zone_free(own);
  if (status == CX_OK) *out = time;
  if (status == CX_ERR_AMBIGUOUS) return cx__fail(ctx, status, "the time can be read in two ways, give a format");
  if (status == CX_ERR_INVALID) return cx__fail(ctx, status, "the format has an unknown conversion");
  if (status == CX_ERR_PARSE)
    return cx__fail(ctx, status, format ? "the time is not in the format given" : "not a time");
  return status;
}

cx_status cx_format_print_time(int64_t time, char *buffer, size_t capacity) {
  if (!buffer) return CX_ERR_INVALID;
  return cx__print_time(time, buffer, capacity) > 0 ? CX_OK : CX_ERR_RANGE;
}

/* SPDX-License-Identifier: MIT */
/** @file format/format.h
 *  Bytes in, records out: sources, CSV records, JSON documents, and the record readers of an import. */
#ifndef CX_FORMAT_FORMAT_H
#define CX_FORMAT_FORMAT_H

#include "core/core.h"
#include "record/record.h"

#include <cx/format.h>

/* ---- bytes (source.c): any source, gzip undone
 * ----------------------------------------------------------------------- */
typedef struct cx__source cx__source;
cx_status cx__source_open(cx_context *ctx, const cx_format_source *source, cx__source **out);
void cx__source_free(cx__source *source);
/** Up to capacity bytes; *n 0 at the end. CX_ERR_IO, CX_ERR_CORRUPT (gzip). */
cx_status cx__source_read(cx_context *ctx, cx__source *source, void *buffer, size_t capacity, size_t *n);
const char *cx__source_name(const cx__source *source);
/** Bytes of the file when known, else 0, and how many of them have been read, for progress. */
uint64_t cx__source_total(const cx__source *source);
uint64_t cx__source_done(const cx__source *source);

/* ---- CSV records (csv.c)
 * ----------------------------------------------------------------------------------------------- */
typedef struct cx__csv cx__csv;
typedef struct cx__csv_record {
  const cx_text *fields; /* unquoted; borrowed until the next call */
  size_t fields_count;
  cx_text raw;    /* the record as it stood, without its line end */
  uint64_t row;   /* from 1, the header counted */
  uint64_t byte;  /* of its first byte, after gunzip */
  bool malformed; /* a quote that never ends, bytes behind a closing quote, longer than the limit */
} cx__csv_record;
/** separator 0 finds it. @p source is borrowed. */
cx_status cx__csv_open(cx_context *ctx, cx__source *source, char separator, cx__csv **out);
void cx__csv_free(cx__csv *csv);
/** CX_OK, CX_DONE, CX_ERR_IO, ... A malformed record is given as such; reading goes on at the next line. */
cx_status cx__csv_next(cx_context *ctx, cx__csv *csv, cx__csv_record *out);

/** Whether every conversion of a format of times is one that docs/times.md lists (csv_table.c). */
bool cx__time_format_is_valid(const char *format);

/** Whether a first record is no header but a row: it holds an e-mail address, a number or a time. An error text must
 * not show it then (map.c). */
bool cx__header_is_data(const cx_text *header, size_t header_count);

/* ---- lines (line.c)
 * ------------------------------------------------------------------------------------------------------ */
/* JSON Lines are read with the same source; see json.h for documents. */

/* ---- records of an import (orders.c, items.c, preferences.c, consents.c, segment.c)
 * ---------------------------------------- */

/** What an import reads. */
typedef enum cx__reader_kind {
  CX__READER_ORDERS = 1,
  CX__READER_ITEMS,
  CX__READER_PREFERENCES,
  CX__READER_CONSENTS,
  CX__READER_SEGMENT
} cx__reader_kind;
typedef struct cx__reader_options {
  cx__reader_kind kind; /* 0: found from name, first bytes and header */
  bool header;
  char separator;
  const char *map;      /* "customer=C,..." */
  const char *currency; /* "" for none */
  const char *time_format;
  const char *time_zone;
} cx__reader_options;
typedef struct cx__reader cx__reader;
cx_status cx__reader_open(cx_context *ctx, const cx_format_source *source, const cx__reader_options *opts,
                          cx__reader **out);
void cx__reader_free(cx__reader *reader);
cx__reader_kind cx__reader_kind_of(const cx__reader *reader);
/** Row ids: "ORDER:LINE" where both are mapped; else the XXH3-128 of the whole input after gunzip and the row number,
 * so that the same file again gives only duplicates and equal rows inside one file stay. Files are read twice for it; a
 * read function is spooled to an unlinked temporary file first. Segment messages have ids of their own; one without is
 * treated like a row. */
/** One row of input: how many records it made (an identify makes several), or why it is bad. Borrowed until the next
 * call. */
typedef struct cx__reader_row {
  const cx__record *records;
  size_t records_count; /* 0 when bad */
  int32_t bad;          /* CX_QUARANTINE_* number, 0 when good */
  uint64_t row, byte;
  cx_text raw;
  bool anonymous, is_return;
} cx__reader_row;
/** CX_OK, CX_DONE, or a failure that ends the import. */
cx_status cx__reader_next(cx_context *ctx, cx__reader *reader, cx__reader_row *out);
const char *cx__reader_name(const cx__reader *reader);
void cx__reader_progress(const cx__reader *reader, uint64_t *done, uint64_t *total);

#endif

/* SPDX-License-Identifier: MIT */
/** @file cx/format.h
 *  From bytes to tables: CSV as it comes, plain or gzip, streamed. */
#ifndef CX_FORMAT_H
#define CX_FORMAT_H

#include <cx/table.h>

CX_BEGIN_DECLS

/** Fills up to @p capacity bytes and returns how many, 0 at the end, -1 on failure. */
typedef int64_t (*cx_read_fn)(void *user, void *buffer, size_t capacity);

/** Where bytes come from: exactly one of path, data and read, which must not be NULL, not even for no bytes. gzip, also
 *  of several members, is recognised by its first bytes. A read function is called on the thread of the call. */
typedef struct cx_format_source {
  uint32_t size;     /* set by cx_format_source_init() */
  uint32_t reserved; /* 0 */
  const char *path;  /* a file; "-" is not special */
  const void *data;  /* bytes in memory, which must outlive the reader */
  size_t data_size;
  cx_read_fn read; /* a function that is called until it returns 0 */
  void *user;
  const char *name; /* what errors call the input; NULL for the path or "input" */
} cx_format_source;
/** Sets the defaults. @p size is sizeof *source. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_format_source_init(cx_format_source *source, size_t size);

/** One column to read. */
typedef struct cx_format_column {
  const char *column;      /* header (blanks around it do not count), or number from 1 when there is none */
  const char *name;        /* of the column in the table; NULL for the same */
  int32_t type;            /* CX_TYPE_*; 0 for TEXT */
  int32_t optional;        /* 1: may be missing from the file; then it is missing from the table */
  const char *time_format; /* TIME: a format as in docs/times.md; NULL recognises the usual ones */
} cx_format_column;

/** How CSV is read. */
typedef struct cx_format_csv_options {
  uint32_t size;                   /* set by cx_format_csv_options_init() */
  int32_t header;                  /* 1: the first record names the columns (1) */
  const cx_format_column *columns; /* NULL: all, as text (NULL) */
  size_t columns_count;
  char separator;        /* 0: found among , ; tab | in the first record (0); ' ' is any run of blanks */
  char decimal;          /* '.' or ',' ('.') */
  char reserved[6];      /* 0 */
  const char *time_zone; /* IANA zone of times without one; NULL for UTC */
} cx_format_csv_options;
/** Sets the defaults. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_format_csv_options_init(cx_format_csv_options *opts, size_t size);

/** A reader. One thread at a time. */
typedef struct cx_format cx_format;

/** Opens CSV: RFC 4180, with LF, CR LF or CR line ends, a byte order mark, and other separators, blanks included.
 *  Empty lines are passed over, but counted. A record has at most 16 MiB and 65,536 fields.
 *  @param source [in] copied, but bytes in memory are borrowed until the reader is freed.
 *  @param opts   [in, optional] NULL for the defaults; copied. A column that is chosen must be in the file once.
 *                With no columns chosen, a column without a header is named by its number.
 *  @param out    [out] free with cx_format_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_IO, CX_ERR_CORRUPT (gzip), CX_ERR_NOT_FOUND (a column; the message lists what there is; or
 *          the time zone), CX_ERR_PARSE (no header, a header twice, UTF-16), CX_ERR_INVALID, CX_ERR_NOMEM.
 *  Cost: reads the first 256 KiB. */
CX_API CX_NODISCARD cx_status cx_format_open_csv(cx_context *ctx, const cx_format_source *source,
                                                 const cx_format_csv_options *opts, cx_format **out);
/** Reads up to @p rows further rows, 0 for all that are left.
 *
 *  Every record must have as many fields as the first one and every value must be what its column says: there is no
 *  guessing and nothing is left out. An empty field is absent, but two quotes ("") are an empty text. Blanks around
 *  numbers and times do not count. INT64 is digits with a sign, DOUBLE plain or scientific notation, both without
 *  groups of thousands; times are read as by cx_format_parse_time(); text must be UTF-8.
 *  @param out [out] free with cx_table_free(); NULL on failure and when nothing is left.
 *  @return CX_OK; CX_DONE with *out NULL when nothing is left; CX_ERR_PARSE and CX_ERR_AMBIGUOUS (a time) with the row,
 *          the byte and the column; CX_ERR_IO, CX_ERR_CORRUPT, CX_ERR_NOMEM, CX_ERR_CANCELLED. After CX_ERR_NOMEM and
 *          CX_ERR_CANCELLED the call can be made again: no row is lost. A bad row stays the next one.
 *  Memory: the rows returned and at most one record more; a file of any size can be read in pieces. Reports progress,
 *  "read", in bytes of the file. */
CX_API CX_NODISCARD cx_status cx_format_read(cx_context *ctx, cx_format *format, size_t rows, cx_table **out);
/** Frees a reader. NULL is allowed. */
CX_API void cx_format_free(cx_format *format);

/** Reads an instant. RFC 3339, ISO 8601 dates and times, the usual forms of shops
 *  ("2010-12-01 08:26:00", "1 Dec 2010", "12/25/2010" when only one order of day and month is
 *  possible), partial dates (their first instant), seconds, milliseconds or microseconds since 1970.
 *  A date that can be read in two ways is CX_ERR_AMBIGUOUS.
 *  @param format [in, optional] conversions as strptime's %Y %m %d %H %M %S %y %b %z; NULL recognises.
 *  @param zone [in, optional] IANA zone of an instant without one; NULL for UTC.
 *  @return CX_OK, CX_ERR_PARSE, CX_ERR_AMBIGUOUS, CX_ERR_NOT_FOUND (the zone), CX_ERR_INVALID (NULL, the format). */
CX_API CX_NODISCARD cx_status cx_format_parse_time(cx_context *ctx, cx_text text, const char *format, const char *zone,
                                                   int64_t *out);
/** Writes an instant as RFC 3339 in UTC, terminated, microseconds only when there are any. @p capacity of
 *  at least 32 always suffices; CX_ERR_RANGE when it does not, and for years before 1 and after 9999. Any thread. */
CX_API CX_NODISCARD cx_status cx_format_print_time(int64_t time, char *buffer, size_t capacity);

/** Why a row of an import goes to quarantine: X(name, value, text). */
#define CX_QUARANTINE_MAP(X)                                                                                           \
  X(MALFORMED, 1, "malformed")                                                                                         \
  X(FIELDS, 2, "wrong_number_of_fields")                                                                               \
  X(ENCODING, 3, "not_utf8")                                                                                           \
  X(TIME, 4, "bad_time")                                                                                               \
  X(TIME_AMBIGUOUS, 5, "ambiguous_time")                                                                               \
  X(NUMBER, 6, "bad_number")                                                                                           \
  X(IDENTIFIER, 7, "bad_identifier")                                                                                   \
  X(ITEM, 8, "no_item")                                                                                                \
  X(CODE, 9, "bad_code")                                                                                               \
  X(TOO_LONG, 10, "too_long")                                                                                          \
  X(TYPE, 11, "unknown_type")                                                                                          \
  X(CURRENCY, 12, "bad_currency")
enum {
#define CX_QUARANTINE_ENUM(name, value, text) CX_QUARANTINE_##name = (value),
  CX_QUARANTINE_MAP(CX_QUARANTINE_ENUM)
#undef CX_QUARANTINE_ENUM
};

CX_END_DECLS
#endif

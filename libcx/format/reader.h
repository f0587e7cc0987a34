/* SPDX-License-Identifier: MIT */
/** @file format/reader.h
 *  What the readers of the kinds of import share. */
#ifndef CX_FORMAT_READER_H
#define CX_FORMAT_READER_H

#include "format/format.h"
#include "format/json.h"

/* ---- the input, which can be read from its beginning more than once (input.c) ----------------------------------- */

typedef struct cx__input {
  cx_allocator allocator;
  cx_format_source source; /* path and name are copies */
  char *path, *name;
  int spool; /* descriptor of the unlinked copy of what can be read only once, -1 when there is none */
  uint64_t spool_size;
} cx__input;
/** A reading position in the spool; it must stay where it is until the source made with it is freed. */
typedef struct cx__input_cursor {
  int file;
  int64_t at;
} cx__input_cursor;
/** Copies what can be read only once (a read function, a pipe) to an unlinked file of mode 0600 in the system's
 * directory for such files. On failure the input is closed. */
cx_status cx__input_open(cx_context *ctx, const cx_format_source *source, cx__input *out);
void cx__input_close(cx__input *input);
cx_status cx__input_start(cx_context *ctx, const cx__input *input, cx__input_cursor *cursor, cx__source **out);
/** XXH3-128 of all bytes after gunzip. */
cx_status cx__input_digest(cx_context *ctx, const cx__input *input, cx__hash128 *out);

/* ---- lines and documents (line.c) ------------------------------------------------------------------------------- */

typedef struct cx__lines {
  cx_allocator allocator;
  cx__source *source; /* borrowed */
  char *data;
  size_t capacity;
  size_t from, to; /* what of data has been read and not used */
  uint64_t row;    /* of data[from], from 1 */
  uint64_t byte;   /* of data[from] */
  bool ended;      /* the source has no more */
  bool started;    /* the first line was looked at */
  bool skip;       /* the rest of the line is to be left out */
  bool documents;  /* documents over several lines instead of one for each line */
} cx__lines;
typedef struct cx__line {
  cx_text text; /* without its end; CX__JSON_PADDING bytes behind it can be read. Borrowed until the next call */
  uint64_t row, byte;
  bool too_long; /* longer than CX__JSON_LONGEST; the text is its beginning */
} cx__line;
bool cx__lines_open(cx__lines *lines, const cx_allocator *allocator, cx__source *source);
void cx__lines_close(cx__lines *lines);
/** The next line that is not blank, or the next document when the first line is nothing but an opening bracket. CX_OK,
 * CX_DONE, or a failure. */
cx_status cx__lines_next(cx_context *ctx, cx__lines *lines, cx__line *out);

/* ---- which column is what (map.c) ------------------------------------------------------------------------------- */

typedef enum cx__field {
  CX__FIELD_CUSTOMER,
  CX__FIELD_TIME,
  CX__FIELD_ORDER,
  CX__FIELD_LINE,
  CX__FIELD_ITEM,
  CX__FIELD_QUANTITY,
  CX__FIELD_PRICE,
  CX__FIELD_CURRENCY,
  CX__FIELD_TITLE,
  CX__FIELD_TOPIC,
  CX__FIELD_CHANNEL,
  CX__FIELD_PUBLISHED,
  CX__FIELD_VALID_FROM,
  CX__FIELD_VALID_UNTIL,
  CX__FIELD_STRENGTH,
  CX__FIELD_SOURCE,
  CX__FIELD_PURPOSE,
  CX__FIELD_STATE,
  CX__FIELD_BASIS,
  CX__FIELD_EVIDENCE
} cx__field;
#define CX__FIELDS (CX__FIELD_EVIDENCE + 1)
#define CX__NO_COLUMN SIZE_MAX

typedef struct cx__map {
  size_t column[CX__FIELDS]; /* number from 0, or CX__NO_COLUMN */
  char name_space[65];       /* of customers */
} cx__map;
/** Finds the columns. header NULL: columns are numbers from 1. CX_ERR_INVALID (the text of the map), CX_ERR_NOT_FOUND
 * (a column), CX_ERR_AMBIGUOUS (two columns of one name). @p place is the name of the input. */
cx_status cx__map_read(cx_context *ctx, const char *place, cx__reader_kind kind, const char *map, const cx_text *header,
                       size_t header_count, cx__map *out);
/** The kind that a header and a map can only mean; 0 when there is none or more than one. */
cx__reader_kind cx__map_guess(const char *map, const cx_text *header, size_t header_count);

/* ---- a reader (reader.c) ---------------------------------------------------------------------------------------- */

struct cx__reader {
  cx_allocator allocator;
  cx__reader_kind kind;
  cx__input input;
  cx__input_cursor cursor;
  cx__source *source;
  char currency[4];
  char *time_format;
  cx__zone *zone;

  /* CSV */
  cx__csv *csv;
  cx__map map;
  size_t columns;        /* fields that each record must have, 0 before the first one */
  cx__csv_record record; /* the current one */
  cx__csv_record first;  /* without a header: the first one, which was read when the reader was opened */
  bool has_first;

  /* Segment */
  cx__lines lines;
  cx__line line;
  cx__json *json;
  cx__json_document document;
  const cx__json_node *envelope; /* of a batch, else NULL */
  uint32_t message;              /* the next message of the document, 0 when there is none left */
  uint32_t part;                 /* its number in the document, from 1; 0 when the document is the message */

  bool has_digest;
  char digest[33];     /* of the input, in hexadecimal */
  cx__interner *seen;  /* digests of content that was given already */
  cx__arena arena;     /* of the current row */
  cx__record *records; /* of the current row */
  size_t records_count;
  size_t records_checked;
  size_t records_capacity;
  uint64_t row, byte;
};

/* Results of what follows: 0, a CX_QUARANTINE_* number (positive), or a failure (a negative cx_status). */
int32_t cx__orders_read(cx_context *ctx, cx__reader *reader);
int32_t cx__items_read(cx_context *ctx, cx__reader *reader);
int32_t cx__preferences_read(cx_context *ctx, cx__reader *reader);
int32_t cx__consents_read(cx_context *ctx, cx__reader *reader);
/** One message of the document. */
int32_t cx__segment_read(cx_context *ctx, cx__reader *reader, const cx__json_node *message);

/** A member to add to an object that is written. */
typedef struct cx__member {
  const char *key;
  const cx__json_node *value; /* NULL: not there */
} cx__member;
/** Writes an object without blanks: of equal keys the last (in objects of more than 64 members all), without those
 * named in `left_out` and, inside the elements of its array "products", without those in `left_out_of_products`; both
 * lists end with an absent text and may be NULL. Then `more`, where no member has that key. Absent when there is
 * nothing to write. (properties.c) */
int32_t cx__properties_write(cx__reader *reader, const cx__json_node *object, const cx_text *left_out,
                             const cx_text *left_out_of_products, const cx__member *more, size_t more_count,
                             cx_text *out);

/* ---- what rows are made of (row.c) ------------------------------------------------------------------------------ */

/** A field of the current record without blanks around it; absent when there is no such column, empty when it is
 * empty. */
cx_text cx__row_field(const cx__reader *reader, cx__field field);
int32_t cx__row_time(const cx__reader *reader, cx_text text, int64_t *out);
/** CX_TIME_NONE when the text is empty. */
int32_t cx__row_time_optional(const cx__reader *reader, cx_text text, int64_t *out);
int32_t cx__row_decimal(cx_text text, cx_decimal *out);
/** A customer as compared: trimmed, "17850.0" is 17850. False for nobody: empty, and what stands for nobody ("null",
 *  "nan", "none", "undefined", "anonymous", "-1", zeros and dashes). */
bool cx__row_customer(cx_text text, cx_text *out);
/** A code made of a text: ASCII letters lower, each run of blanks and punctuation other than _ . : / one "-", none at
 * the ends, bytes of other scripts two hexadecimal digits each; longer than a code may be: 48 bytes and a hash. */
int32_t cx__row_code(cx__reader *reader, cx_text text, cx_text *out);
/** A purpose, channel or the like: lower case; anything else is bad when the record is checked. */
int32_t cx__row_lower(cx__reader *reader, cx_text text, cx_text *out);
/** Codes separated by | or ;, each one once. */
int32_t cx__row_topics(cx__reader *reader, cx_text text, const cx_text **topics, size_t *topics_count);
/** ISO 4217, any case; the reader's currency when the text is empty. */
int32_t cx__row_currency(const cx__reader *reader, cx_text text, char out[4]);
/** A new record of the row, empty but for its kind and size. NULL when memory is short. Earlier ones may move. */
cx__record *cx__row_add(cx__reader *reader, cx__record_kind kind);
/** A record of what an item is called and about, unless this input has said so before. It has no time, so that it does
 * not matter which row says it. */
int32_t cx__row_add_content(cx__reader *reader, cx_text item, cx_text title, const cx_text *topics,
                            size_t topics_count);
/** The id of a row that has none of its own: digest of the input, row, and part of a batch. */
int32_t cx__row_id(cx_context *ctx, cx__reader *reader, cx_text *out);
/** The reason of the first record that does not pass its check, among those that were not checked before. */
int32_t cx__row_check(cx__reader *reader);

#endif

/* SPDX-License-Identifier: MIT */
/* CSV records: RFC 4180, with any line end, a found separator, and a way back after a malformed record. */
#include "format/format.h"

#define RECORD_MAX ((size_t)16 << 20)
#define FIELDS_MAX 65536u
#define BUFFER_FIRST ((size_t)256 << 10)
#define BUFFER_MAX (RECORD_MAX + 2) /* the longest record and its line end */
#define SLACK 16u                   /* behind the bytes held: a line end that stops every scan, then zeros */

struct cx__csv {
  cx_allocator allocator;
  cx__source *source;
  char separator;
  bool blanks; /* the separator is a run of blanks */

  char *data;
  size_t capacity; /* without the slack */
  size_t start;    /* of the next record */
  size_t end;
  uint64_t data_byte; /* offset of data[0] in the input */
  bool ended;
  bool line_feed_pending; /* the last record ended in CR; a LF that follows belongs to it */
  bool rest_pending;      /* the last record was cut; the rest of its line is to be skipped */
  uint64_t row;

  cx_text *fields;
  size_t fields_count;
  size_t fields_capacity;
  uint32_t *doubled; /* numbers of the fields that hold doubled quotes */
  size_t doubled_count;
  size_t doubled_capacity;
  char *plain; /* those fields, with single quotes */
  size_t plain_capacity;
};

/** What one attempt at a record came to. */
typedef enum outcome { COMPLETE, NEEDS_MORE, MALFORMED, NO_MEMORY } outcome;

/** Where a record ends. */
typedef struct extent {
  size_t end;  /* behind its last byte */
  size_t next; /* behind its line end */
  bool line_feed_pending;
} extent;

/* ---- bytes ------------------------------------------------------------------------------------------------------ */

static void terminate(cx__csv *csv) {
  memset(csv->data + csv->end, 0, SLACK);
  csv->data[csv->end] = '\n';
}

/** Moves what is held to the front and fills the buffer, which grows when it is full already. */
static cx_status fill(cx_context *ctx, cx__csv *csv) {
  if (csv->start > 0) {
    memmove(csv->data, csv->data + csv->start, csv->end - csv->start);
    csv->data_byte += csv->start;
    csv->end -= csv->start;
    csv->start = 0;
  }
  if (csv->end == csv->capacity) {
    const size_t wanted = csv->capacity * 2 < BUFFER_MAX ? csv->capacity * 2 : BUFFER_MAX;
    char *larger = cx__realloc_array(&csv->allocator, csv->data, wanted + SLACK, 1);
    if (!larger) {
      terminate(csv);
      return cx__no_memory(ctx);
    }
    csv->data = larger;
    csv->capacity = wanted;
  }
  cx_status status = CX_OK;
  while (csv->end < csv->capacity && !csv->ended) {
    size_t n;
    status = cx__source_read(ctx, csv->source, csv->data + csv->end, csv->capacity - csv->end, &n);
    if (status != CX_OK) break;
    csv->end += n;
    csv->ended = n == 0;
  }
  terminate(csv);
  return status;
}

/** High bits of the bytes of a word that are 0. Bits above the lowest may be wrong. */
static inline uint64_t zero_bytes(uint64_t word) {
  return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

/** The first separator, LF or CR at or behind `text`, eight bytes at a time (see "Hacker's Delight", 6-1). There is
 * one: the line end that stands behind the bytes held. */
static inline const char *find_stop(const char *text, uint64_t separators) {
  const uint64_t line_feeds = UINT64_C(0x0A0A0A0A0A0A0A0A), returns = UINT64_C(0x0D0D0D0D0D0D0D0D);
  for (;;) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    const uint64_t found = zero_bytes(word ^ separators) | zero_bytes(word ^ line_feeds) | zero_bytes(word ^ returns);
    if (found != 0) return text + (unsigned)__builtin_ctzll(found) / 8;
    text += sizeof word;
  }
}

static inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

static inline bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/* ---- records ---------------------------------------------------------------------------------------------------- */

static bool grow_fields(cx__csv *csv) {
  return cx__grow(&csv->allocator, &csv->fields, &csv->fields_capacity, csv->fields_count + 1, sizeof *csv->fields);
}

/** A quoted field whose first quote stands at *at; *at comes to stand behind its last quote. */
static outcome read_quoted(cx__csv *csv, size_t *at) {
  const size_t from = *at + 1;
  size_t cursor = from, quote;
  bool doubled = false;
  for (;;) {
    const char *found = memchr(csv->data + cursor, '"', csv->end - cursor);
    if (!found) return csv->ended ? MALFORMED : NEEDS_MORE;
    quote = (size_t)(found - csv->data);
    if (quote + 1 == csv->end && !csv->ended) return NEEDS_MORE;
    if (csv->data[quote + 1] != '"' || quote + 1 == csv->end) break;
    doubled = true;
    cursor = quote + 2;
  }
  const char after = csv->data[quote + 1];
  if (!is_line_end(after) && (csv->blanks ? !is_blank(after) : after != csv->separator)) return MALFORMED;
  if (doubled) {
    if (!cx__grow(&csv->allocator, &csv->doubled, &csv->doubled_capacity, csv->doubled_count + 1, sizeof *csv->doubled))
      return NO_MEMORY;
    csv->doubled[csv->doubled_count++] = (uint32_t)csv->fields_count;
  }
  csv->fields[csv->fields_count++] = (cx_text){csv->data + from, quote - from};
  *at = quote + 1;
  return COMPLETE;
}

/** Fields up to a line end; *at comes to stand on it. */
static outcome read_fields(cx__csv *csv, size_t *at) {
  const uint64_t separators = UINT64_C(0x0101010101010101) * (unsigned char)csv->separator;
  const char separator = csv->separator, *text = csv->data + *at;
  for (;;) {
    if (csv->fields_count == csv->fields_capacity && !grow_fields(csv)) return NO_MEMORY;
    if (csv->fields_count >= FIELDS_MAX) return MALFORMED;
    if (*text == '"') {
      size_t position = (size_t)(text - csv->data);
      const outcome result = read_quoted(csv, &position);
      if (result != COMPLETE) return result;
      text = csv->data + position;
    } else {
      const char *stop = find_stop(text, separators);
      csv->fields[csv->fields_count++] = (cx_text){text, (size_t)(stop - text)};
      text = stop;
    }
    if (*text != separator) break;
    text++;
  }
  *at = (size_t)(text - csv->data);
  return COMPLETE;
}

/** The same where any run of blanks separates; those at the ends of a line mean nothing. */
static outcome read_blank_fields(cx__csv *csv, size_t *at) {
  size_t position = *at;
  for (;;) {
    while (is_blank(csv->data[position])) position++;
    if (is_line_end(csv->data[position])) break;
    if (csv->fields_count == csv->fields_capacity && !grow_fields(csv)) return NO_MEMORY;
    if (csv->fields_count >= FIELDS_MAX) return MALFORMED;
    if (csv->data[position] == '"') {
      const outcome result = read_quoted(csv, &position);
      if (result != COMPLETE) return result;
      continue;
    }
    const size_t from = position;
    while (!is_blank(csv->data[position]) && !is_line_end(csv->data[position])) position++;
    csv->fields[csv->fields_count++] = (cx_text){csv->data + from, position - from};
  }
  *at = position;
  return COMPLETE;
}

/** What lies behind the line end at `at`; false when the bytes held end there and more may come. */
static bool end_of_line(const cx__csv *csv, size_t at, extent *out) {
  if (at >= csv->end) {
    *out = (extent){csv->end, csv->end, false};
    return csv->ended;
  }
  *out = (extent){at, at + 1, false};
  if (csv->data[at] == '\n') return true;
  if (at + 1 == csv->end)
    out->line_feed_pending = true;
  else if (csv->data[at + 1] == '\n')
    out->next = at + 2;
  return true;
}

static outcome read_record(cx__csv *csv, extent *out) {
  csv->fields_count = csv->doubled_count = 0;
  size_t at = csv->start;
  const outcome result = csv->blanks ? read_blank_fields(csv, &at) : read_fields(csv, &at);
  if (result != COMPLETE) return result;
  if (!end_of_line(csv, at, out)) return NEEDS_MORE;
  return out->end - csv->start > RECORD_MAX ? MALFORMED : COMPLETE;
}

/** Makes single quotes of the doubled ones. The record itself stays as it stood. */
static bool undouble(cx__csv *csv, size_t record_size) {
  if (!cx__grow(&csv->allocator, &csv->plain, &csv->plain_capacity, record_size, 1)) return false;
  char *to = csv->plain;
  for (size_t i = 0; i < csv->doubled_count; i++) {
    cx_text *field = &csv->fields[csv->doubled[i]];
    const char *from = field->data, *end = field->data + field->size;
    field->data = to;
    while (from < end) {
      const char *quote = memchr(from, '"', (size_t)(end - from));
      const size_t n = (size_t)((quote ? quote + 1 : end) - from);
      memcpy(to, from, n);
      to += n;
      from += n + (quote != NULL);
    }
    field->size = (size_t)(to - field->data);
  }
  return true;
}

/** The first line of a malformed record: reading goes on behind it. Whether more bytes are needed to see its end. */
static outcome read_line(const cx__csv *csv, extent *out) {
  size_t at = csv->start;
  while (!is_line_end(csv->data[at])) at++;
  return end_of_line(csv, at, out) ? COMPLETE : NEEDS_MORE;
}

static cx_status give(cx__csv *csv, const extent *end, bool malformed, cx__csv_record *out) {
  *out = (cx__csv_record){.fields = csv->fields,
                          .fields_count = malformed ? 0 : csv->fields_count,
                          .raw = {csv->data + csv->start, end->end - csv->start},
                          .row = csv->row,
                          .byte = csv->data_byte + csv->start,
                          .malformed = malformed};
  csv->start = end->next;
  csv->line_feed_pending = end->line_feed_pending;
  return CX_OK;
}

static cx_status give_malformed(cx_context *ctx, cx__csv *csv, cx__csv_record *out) {
  extent line;
  while (read_line(csv, &line) == NEEDS_MORE) {
    if (csv->end - csv->start >= BUFFER_MAX) {
      csv->rest_pending = true;
      line = (extent){csv->end, csv->end, false};
      break;
    }
    const cx_status status = fill(ctx, csv);
    if (status != CX_OK) return status;
  }
  csv->row++;
  return give(csv, &line, true, out);
}

/** Skips what belongs to the record before: the LF of a CR LF, the rest of a line that was too long. */
static cx_status skip_rest(cx_context *ctx, cx__csv *csv) {
  while (csv->rest_pending || csv->line_feed_pending) {
    if (csv->start == csv->end) {
      if (csv->ended) break;
      const cx_status status = fill(ctx, csv);
      if (status != CX_OK) return status;
      continue;
    }
    if (csv->line_feed_pending) {
      csv->start += csv->data[csv->start] == '\n';
      csv->line_feed_pending = false;
      continue;
    }
    extent line;
    csv->rest_pending = read_line(csv, &line) == NEEDS_MORE;
    csv->start = line.next;
    csv->line_feed_pending = line.line_feed_pending;
  }
  csv->rest_pending = csv->line_feed_pending = false;
  return CX_OK;
}

cx_status cx__csv_next(cx_context *ctx, cx__csv *csv, cx__csv_record *out) {
  for (;;) {
    cx_status status = CX_OK;
    if (csv->rest_pending || csv->line_feed_pending) status = skip_rest(ctx, csv);
    if (status != CX_OK) return status;
    if (csv->start == csv->end && csv->ended) return CX_DONE;
    extent end;
    const outcome result = read_record(csv, &end);
    if (result == NO_MEMORY) return cx__no_memory(ctx);
    if (result == NEEDS_MORE && csv->end - csv->start < BUFFER_MAX) {
      status = fill(ctx, csv);
      if (status != CX_OK) return status;
      continue;
    }
    if (result != COMPLETE) return give_malformed(ctx, csv, out);
    if (csv->doubled_count > 0 && !undouble(csv, end.end - csv->start)) return cx__no_memory(ctx);
    csv->row++;
    if (csv->fields_count > 0 && end.end > csv->start) return give(csv, &end, false, out);
    csv->start = end.next; /* an empty line */
    csv->line_feed_pending = end.line_feed_pending;
  }
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

/** The one of , ; tab | that the first record has most of, outside quotes; the first of these when it has none. */
static char find_separator(const cx__csv *csv) {
  static const char candidates[] = {',', ';', '\t', '|'};
  size_t counts[sizeof candidates] = {0};
  bool quoted = false, any = false;
  for (size_t i = csv->start; i < csv->end; i++) {
    const char c = csv->data[i];
    if (is_line_end(c) && !quoted) {
      if (any) break;
      continue;
    }
    any = true;
    if (c == '"') quoted = !quoted;
    for (size_t k = 0; k < sizeof candidates && !quoted; k++) counts[k] += c == candidates[k];
  }
  size_t best = 0;
  for (size_t k = 1; k < sizeof candidates; k++)
    if (counts[k] > counts[best]) best = k;
  return candidates[best];
}

static cx_status begin(cx_context *ctx, cx__csv *csv, char separator) {
  csv->data = cx__alloc(&csv->allocator, BUFFER_FIRST + SLACK);
  if (!csv->data) return cx__no_memory(ctx);
  csv->capacity = BUFFER_FIRST;
  const cx_status status = fill(ctx, csv);
  if (status != CX_OK) return status;
  if (csv->end >= 2 && (memcmp(csv->data, "\xFF\xFE", 2) == 0 || memcmp(csv->data, "\xFE\xFF", 2) == 0))
    return cx__fail_at(ctx, CX_ERR_PARSE, cx__source_name(csv->source), 1, 0, "the input is utf-16, it must be utf-8");
  if (csv->end >= 3 && memcmp(csv->data, "\xEF\xBB\xBF", 3) == 0) csv->start = 3;
  csv->separator = separator != '\0' ? separator : find_separator(csv);
  csv->blanks = csv->separator == ' ';
  return CX_OK;
}

cx_status cx__csv_open(cx_context *ctx, cx__source *source, char separator, cx__csv **out) {
  *out = NULL;
  if (separator == '"' || is_line_end(separator) || (separator & 0x80) != 0)
    return cx__fail(ctx, CX_ERR_INVALID, "separator must be an ascii character other than a quote and a line end");
  const cx_allocator *allocator = cx__allocator(ctx);
  cx__csv *csv = cx__alloc_zero(allocator, sizeof *csv);
  if (!csv) return cx__no_memory(ctx);
  csv->allocator = *allocator;
  csv->source = source;
  const cx_status status = begin(ctx, csv, separator);
  if (status != CX_OK) {
    cx__csv_free(csv);
    return status;
  }
  *out = csv;
  return CX_OK;
}

void cx__csv_free(cx__csv *csv) {
  if (!csv) return;
  const cx_allocator allocator = csv->allocator;
  cx__free(&allocator, csv->data);
  cx__free(&allocator, csv->fields);
  cx__free(&allocator, csv->doubled);
  cx__free(&allocator, csv->plain);
  cx__free(&allocator, csv);
}

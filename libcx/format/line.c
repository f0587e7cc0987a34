/* SPDX-License-Identifier: MIT */
/* JSON Lines, and JSON documents that go over several lines. */
#include "format/reader.h"

#define FIRST_CAPACITY (256u * 1024u)
#define LARGEST_CAPACITY (CX__JSON_LONGEST + FIRST_CAPACITY)

bool cx__lines_open(cx__lines *lines, const cx_allocator *allocator, cx__source *source) {
  *lines = (cx__lines){.allocator = *allocator, .source = source, .row = 1};
  lines->data = cx__alloc_zero(allocator, FIRST_CAPACITY + CX__JSON_PADDING);
  lines->capacity = FIRST_CAPACITY;
  return lines->data != NULL;
}

void cx__lines_close(cx__lines *lines) {
  cx__free(&lines->allocator, lines->data);
  lines->data = NULL;
}

/** Reads more behind what is there, making room first. Without more to read sets `ended`. */
static cx_status fill(cx_context *ctx, cx__lines *lines) {
  if (lines->from > 0) {
    memmove(lines->data, lines->data + lines->from, lines->to - lines->from);
    lines->to -= lines->from;
    lines->from = 0;
  }
  if (lines->to == lines->capacity && lines->capacity < LARGEST_CAPACITY) {
    const size_t wanted = lines->capacity * 2 < LARGEST_CAPACITY ? lines->capacity * 2 : LARGEST_CAPACITY;
    char *data = cx__realloc_array(&lines->allocator, lines->data, wanted + CX__JSON_PADDING, 1);
    if (!data) return cx__no_memory(ctx);
    lines->data = data;
    lines->capacity = wanted;
  }
  size_t n = 0;
  const cx_status status =
      cx__source_read(ctx, lines->source, lines->data + lines->to, lines->capacity - lines->to, &n);
  if (status != CX_OK) return status;
  if (n == 0) lines->ended = true;
  lines->to += n;
  memset(lines->data + lines->to, 0, CX__JSON_PADDING);
  return CX_OK;
}

static void use(cx__lines *lines, size_t size) {
  lines->from += size;
  lines->byte += size;
}

/** Where the line that begins at `from` ends, without its line feed; *whole false when it is longer than allowed. */
static cx_status find_line(cx_context *ctx, cx__lines *lines, size_t *size, bool *whole) {
  size_t looked = 0;
  for (;;) {
    const char *start = lines->data + lines->from;
    const size_t there = lines->to - lines->from;
    const char *feed = there > looked ? memchr(start + looked, '\n', there - looked) : NULL;
    *size = feed ? (size_t)(feed - start) : there;
    *whole = *size <= CX__JSON_LONGEST;
    if (feed || !*whole || lines->ended) return CX_OK;
    looked = there;
    const cx_status status = fill(ctx, lines);
    if (status != CX_OK) return status;
  }
}

/** Leaves out everything up to the end of the line. */
static cx_status skip_line(cx_context *ctx, cx__lines *lines) {
  for (;;) {
    const char *start = lines->data + lines->from;
    const size_t there = lines->to - lines->from;
    const char *feed = there > 0 ? memchr(start, '\n', there) : NULL;
    use(lines, feed ? (size_t)(feed - start) + 1 : there);
    if (feed) lines->row++;
    if (feed || lines->ended) return CX_OK;
    const cx_status status = fill(ctx, lines);
    if (status != CX_OK) return status;
  }
}

/** Brackets and strings seen so far in a document. */
typedef struct nesting {
  size_t depth;
  bool in_string;
  bool escaped;
} nesting;

/** True when the bracket closes the document. */
static bool follow(nesting *state, char c) {
  if (state->in_string) {
    if (state->escaped) {
      state->escaped = false;
    } else if (c == '\\') {
      state->escaped = true;
    } else if (c == '"' || c == '\n') { /* no string goes over a line end */
      state->in_string = false;
    }
    return false;
  }
  if (c == '"') state->in_string = true;
  if (c == '{' || c == '[') state->depth++;
  if ((c == '}' || c == ']') && state->depth > 0) return --state->depth == 0;
  return false;
}

/** As find_line(), for the document that begins at `from`. What does not begin with a bracket goes to its line's end.
 */
static cx_status find_document(cx_context *ctx, cx__lines *lines, size_t *size, bool *whole) {
  nesting state = {0};
  size_t looked = 0;
  for (;;) {
    const size_t there = lines->to - lines->from;
    const char *start = lines->data + lines->from;
    *whole = true;
    for (; looked < there && looked <= CX__JSON_LONGEST; looked++) {
      const bool closed = follow(&state, start[looked]);
      if (closed || (state.depth == 0 && start[looked] == '\n')) {
        *size = looked + (closed ? 1 : 0);
        return CX_OK;
      }
    }
    *size = looked;
    *whole = looked <= CX__JSON_LONGEST;
    if (!*whole || lines->ended) return CX_OK;
    const cx_status status = fill(ctx, lines);
    if (status != CX_OK) return status;
  }
}

/** Leaves out blanks and line ends. */
static cx_status skip_blanks(cx_context *ctx, cx__lines *lines) {
  for (;;) {
    while (lines->from < lines->to) {
      const char c = lines->data[lines->from];
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return CX_OK;
      if (c == '\n') lines->row++;
      use(lines, 1);
    }
    if (lines->ended) return CX_OK;
    const cx_status status = fill(ctx, lines);
    if (status != CX_OK) return status;
  }
}

static cx_status start(cx_context *ctx, cx__lines *lines) {
  while (lines->to - lines->from < 3 && !lines->ended) {
    const cx_status status = fill(ctx, lines);
    if (status != CX_OK) return status;
  }
  if (lines->to - lines->from >= 3 && memcmp(lines->data + lines->from, "\xEF\xBB\xBF", 3) == 0) use(lines, 3);
  cx_status status = skip_blanks(ctx, lines);
  if (status != CX_OK) return status;
  size_t size;
  bool whole;
  status = find_line(ctx, lines, &size, &whole);
  if (status != CX_OK) return status;
  const cx_text line = cx__text_trim((cx_text){lines->data + lines->from, size});
  lines->documents = line.size == 1 && (line.data[0] == '{' || line.data[0] == '[');
  lines->started = true;
  return CX_OK;
}

cx_status cx__lines_next(cx_context *ctx, cx__lines *lines, cx__line *out) {
  cx_status status = lines->started ? CX_OK : start(ctx, lines);
  while (status == CX_OK && lines->skip) {
    lines->skip = false;
    status = skip_line(ctx, lines);
    if (lines->documents && !(lines->ended && lines->from == lines->to)) lines->skip = true; /* nowhere to go on */
  }
  if (status == CX_OK) status = skip_blanks(ctx, lines);
  if (status != CX_OK) return status;
  if (lines->from == lines->to) return CX_DONE;
  size_t size;
  bool whole;
  status = lines->documents ? find_document(ctx, lines, &size, &whole) : find_line(ctx, lines, &size, &whole);
  if (status != CX_OK) return status;
  *out = (cx__line){.row = lines->row, .byte = lines->byte, .too_long = !whole};
  if (!whole) {
    /* What is given stays in the buffer until the next call: reading on would move it. */
    size = CX__JSON_LONGEST;
  }
  out->text = (cx_text){lines->data + lines->from, size};
  for (const char *p = out->text.data; lines->documents && (p = memchr(p, '\n', size - (size_t)(p - out->text.data)));
       p++)
    lines->row++;
  use(lines, size);
  if (out->text.size > 0 && out->text.data[out->text.size - 1] == '\r') out->text.size--;
  lines->skip = !whole;
  return CX_OK;
}

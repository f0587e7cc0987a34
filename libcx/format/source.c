/* SPDX-License-Identifier: MIT */
/* Bytes from a file, from memory or from a function; gzip (RFC 1952) is undone on the way. */
#include "format/format.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define INPUT_SIZE (64u * 1024u)
#define GZIP_WINDOW (15 + 16) /* the largest window, gzip framing only */
#define NAME_DEFAULT "input"

struct cx__source {
  cx_allocator allocator;
  char *name;
  int file; /* -1 for memory and functions */
  const unsigned char *memory;
  size_t memory_size;
  size_t memory_taken;
  cx_read_fn read;
  void *user;
  uint64_t total;
  uint64_t done;

  /* What has been taken from the origin and not yet used: the first bytes, then the input of inflate(). */
  unsigned char *input;
  size_t input_from;
  size_t input_to;
  bool ended; /* the origin has no more */

  bool gzip;
  bool between_members; /* a member has ended and the next one has not begun */
  bool padded;          /* zeros follow the last member, nothing else may */
  bool inflating;       /* the stream is initialised */
  z_stream stream;
};

/* ---- the origin ------------------------------------------------------------------------------------------------- */

static cx_status fail_io(cx_context *ctx, const char *name, const char *action, int error) {
  const char *why = NULL;
  if (error == ENOENT) why = "no such file";
  if (error == EACCES || error == EPERM) why = "permission denied";
  if (error == EISDIR) why = "it is a directory";
  if (error == EMFILE || error == ENFILE) why = "too many open files";
  if (why) return cx__fail_at(ctx, CX_ERR_IO, name, 0, UINT64_MAX, "cannot %s the file: %s", action, why);
  return cx__fail_at(ctx, CX_ERR_IO, name, 0, UINT64_MAX, "cannot %s the file: system error %d", action, error);
}

static size_t take_memory(cx__source *source, void *buffer, size_t capacity) {
  const size_t left = source->memory_size - source->memory_taken;
  const size_t n = left < capacity ? left : capacity;
  if (n > 0) memcpy(buffer, source->memory + source->memory_taken, n);
  source->memory_taken += n;
  return n;
}

/** Up to capacity bytes as they come; none when the origin has ended. */
static cx_status take(cx_context *ctx, cx__source *source, void *buffer, size_t capacity, size_t *n) {
  *n = 0;
  if (source->ended || capacity == 0) return CX_OK;
  if (source->read) {
    const int64_t got = source->read(source->user, buffer, capacity);
    if (got < 0) return cx__fail_at(ctx, CX_ERR_IO, source->name, 0, source->done, "the read function failed");
    if ((uint64_t)got > capacity)
      return cx__fail_at(ctx, CX_ERR_IO, source->name, 0, source->done,
                         "the read function gave more than it was asked");
    *n = (size_t)got;
  } else if (source->file >= 0) {
    ssize_t got;
    do got = read(source->file, buffer, capacity < (size_t)INT_MAX ? capacity : (size_t)INT_MAX);
    while (got < 0 && errno == EINTR);
    if (got < 0) return fail_io(ctx, source->name, "read", errno);
    *n = (size_t)got;
  } else {
    *n = take_memory(source, buffer, capacity);
  }
  source->ended = *n == 0;
  source->done += *n;
  return CX_OK;
}

/** Fills the input until it holds `need` bytes or the origin has ended. */
static cx_status fill(cx_context *ctx, cx__source *source, size_t need) {
  size_t held = source->input_to - source->input_from;
  if (held >= need || source->ended) return CX_OK;
  if (source->input_from > 0) {
    memmove(source->input, source->input + source->input_from, held);
    source->input_from = 0;
    source->input_to = held;
  }
  while (held < need && !source->ended) {
    size_t n;
    const cx_status status = take(ctx, source, source->input + held, INPUT_SIZE - held, &n);
    if (status != CX_OK) return status;
    held += n;
    source->input_to = held;
  }
  return CX_OK;
}

/* ---- gzip ------------------------------------------------------------------------------------------------------- */

static voidpf zlib_alloc(voidpf opaque, uInt count, uInt size) { return cx__alloc_array(opaque, count, size); }

static void zlib_free(voidpf opaque, voidpf pointer) { cx__free(opaque, pointer); }

static bool starts_with_gzip(const cx__source *source) {
  const unsigned char *bytes = source->input + source->input_from;
  const size_t held = source->input_to - source->input_from;
  return held >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B && (held == 2 || bytes[2] == Z_DEFLATED);
}

static cx_status begin_gzip(cx_context *ctx, cx__source *source) {
  source->gzip = true;
  source->stream.zalloc = zlib_alloc;
  source->stream.zfree = zlib_free;
  source->stream.opaque = &source->allocator;
  const int code = inflateInit2(&source->stream, GZIP_WINDOW);
  if (code == Z_MEM_ERROR) return cx__no_memory(ctx);
  if (code != Z_OK) return cx__fail(ctx, CX_ERR_INTERNAL, "zlib could not be started (%d)", code);
  source->inflating = true;
  return CX_OK;
}

static cx_status fail_corrupt(cx_context *ctx, const cx__source *source, const char *what) {
  const uint64_t byte = source->done - (source->input_to - source->input_from);
  return cx__fail_at(ctx, CX_ERR_CORRUPT, source->name, 0, byte, "%s", what);
}

/** Behind a member stands the next one, padding of zeros, or nothing. *more says whether a member begins. */
static cx_status next_member(cx_context *ctx, cx__source *source, bool *more) {
  *more = false;
  for (;;) {
    const cx_status status = fill(ctx, source, 3);
    if (status != CX_OK) return status;
    if (source->input_from == source->input_to) return CX_OK;
    if (!source->padded && starts_with_gzip(source)) break;
    if (source->input[source->input_from] != 0)
      return fail_corrupt(ctx, source, "other bytes follow the end of the gzip data");
    source->padded = true;
    source->input_from++;
  }
  if (inflateReset(&source->stream) != Z_OK) return cx__fail(ctx, CX_ERR_INTERNAL, "zlib could not be restarted");
  source->between_members = false;
  *more = true;
  return CX_OK;
}

/** One call of inflate(): a step forward, with some output or without. */
static cx_status inflate_step(cx_context *ctx, cx__source *source, void *buffer, size_t capacity, size_t *n) {
  cx_status status = fill(ctx, source, 1);
  if (status != CX_OK) return status;
  const size_t room = capacity < UINT_MAX ? capacity : UINT_MAX;
  z_stream *stream = &source->stream;
  stream->next_in = source->input + source->input_from;
  stream->avail_in = (uInt)(source->input_to - source->input_from);
  stream->next_out = buffer;
  stream->avail_out = (uInt)room;
  const int code = inflate(stream, Z_NO_FLUSH);
  source->input_from = source->input_to - stream->avail_in;
  *n = room - stream->avail_out;
  if (code == Z_STREAM_END) {
    source->between_members = true;
    return CX_OK;
  }
  if (code == Z_MEM_ERROR) return cx__no_memory(ctx);
  if (code != Z_OK && code != Z_BUF_ERROR) return fail_corrupt(ctx, source, "the gzip data are damaged");
  if (*n == 0 && source->ended && source->input_from == source->input_to)
    return fail_corrupt(ctx, source, "the gzip data end too early");
  return CX_OK;
}

static cx_status read_gzip(cx_context *ctx, cx__source *source, void *buffer, size_t capacity, size_t *n) {
  while (*n == 0) {
    if (source->between_members) {
      bool more;
      const cx_status status = next_member(ctx, source, &more);
      if (status != CX_OK || !more) return status;
    }
    const cx_status status = inflate_step(ctx, source, buffer, capacity, n);
    if (status != CX_OK) {
      *n = 0;
      return status;
    }
  }
  return CX_OK;
}

/* ---- opening, reading ------------------------------------------------------------------------------------------- */

cx_status cx_format_source_init(cx_format_source *source, size_t size) {
  static const cx_format_source defaults = {.size = sizeof defaults};
  return cx__options_init(source, size, &defaults, sizeof defaults);
}

static cx_status open_file(cx_context *ctx, cx__source *source, const char *path) {
  source->file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (source->file < 0) return fail_io(ctx, source->name, "open", errno);
  struct stat about;
  if (fstat(source->file, &about) != 0) return fail_io(ctx, source->name, "read", errno);
  if (S_ISDIR(about.st_mode)) return fail_io(ctx, source->name, "read", EISDIR);
  if (S_ISREG(about.st_mode) && about.st_size > 0) source->total = (uint64_t)about.st_size;
  return CX_OK;
}

static cx_status open_source(cx_context *ctx, cx__source *source, const cx_format_source *given) {
  const char *name = given->name ? given->name : given->path ? given->path : NAME_DEFAULT;
  const cx_text copy = cx__text(name);
  source->name = cx__alloc(&source->allocator, copy.size + 1);
  source->input = cx__alloc(&source->allocator, INPUT_SIZE);
  if (!source->name || !source->input) return cx__no_memory(ctx);
  memcpy(source->name, copy.data, copy.size + 1);
  cx_status status = CX_OK;
  if (given->path) {
    status = open_file(ctx, source, given->path);
  } else if (given->data) {
    source->memory = given->data;
    source->memory_size = given->data_size;
    source->total = given->data_size;
  } else {
    source->read = given->read;
    source->user = given->user;
  }
  if (status == CX_OK) status = fill(ctx, source, 3);
  if (status == CX_OK && starts_with_gzip(source)) status = begin_gzip(ctx, source);
  return status;
}

cx_status cx__source_open(cx_context *ctx, const cx_format_source *given, cx__source **out) {
  *out = NULL;
  cx_format_source own = {.size = sizeof own};
  if (!given) return cx__null(ctx, "source");
  cx_status status = cx__options_read(ctx, given, &own, sizeof own);
  if (status != CX_OK) return status;
  if ((own.path != NULL) + (own.data != NULL) + (own.read != NULL) != 1)
    return cx__fail(ctx, CX_ERR_INVALID, "a source has exactly one of path, data and read");
  const cx_allocator *allocator = cx__allocator(ctx);
  cx__source *source = cx__alloc_zero(allocator, sizeof *source);
  if (!source) return cx__no_memory(ctx);
  source->allocator = *allocator;
  source->file = -1;
  status = open_source(ctx, source, &own);
  if (status != CX_OK) {
    cx__source_free(source);
    return status;
  }
  *out = source;
  return CX_OK;
}

void cx__source_free(cx__source *source) {
  if (!source) return;
  const cx_allocator allocator = source->allocator;
  if (source->inflating) (void)inflateEnd(&source->stream);
  if (source->file >= 0) (void)close(source->file);
  cx__free(&allocator, source->name);
  cx__free(&allocator, source->input);
  cx__free(&allocator, source);
}

cx_status cx__source_read(cx_context *ctx, cx__source *source, void *buffer, size_t capacity, size_t *n) {
  *n = 0;
  if (capacity == 0) return CX_OK;
  if (source->gzip) return read_gzip(ctx, source, buffer, capacity, n);
  const size_t held = source->input_to - source->input_from;
  if (held == 0) return take(ctx, source, buffer, capacity, n);
  *n = held < capacity ? held : capacity;
  memcpy(buffer, source->input + source->input_from, *n);
  source->input_from += *n;
  return CX_OK;
}

const char *cx__source_name(const cx__source *source) { return source->name; }

uint64_t cx__source_total(const cx__source *source) { return source->total; }

uint64_t cx__source_done(const cx__source *source) {
  const uint64_t used = source->done - (source->input_to - source->input_from);
  return source->total > 0 && used > source->total ? source->total : used;
}

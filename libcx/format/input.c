/* SPDX-License-Identifier: MIT */
/* An input that can be read from its beginning more than once. */
#include "format/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (256u * 1024u)

static cx_status fail_spool(cx_context *ctx, const char *name) {
  return cx__fail_at(ctx, CX_ERR_IO, name, 0, UINT64_MAX, "cannot keep a temporary copy of the input");
}

/** Makes an unlinked file that only its owner can open, where the system keeps temporary files; the environment is not
 * asked. */
static cx_status open_spool(cx_context *ctx, cx__input *input) {
  char path[] = P_tmpdir "/cx-XXXXXX";
  input->spool = mkstemp(path); /* of mode 0600 */
  if (input->spool < 0) return fail_spool(ctx, input->name);
  (void)unlink(path);
  (void)fcntl(input->spool, F_SETFD, FD_CLOEXEC);
  return CX_OK;
}

static bool write_all(int file, const char *data, size_t size) {
  while (size > 0) {
    const ssize_t n = write(file, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= (size_t)n;
  }
  return true;
}

/** The next bytes of a function or descriptor, as cx_read_fn. */
static int64_t read_once(const cx_format_source *source, int file, char *buffer) {
  if (source->read) return source->read(source->user, buffer, CHUNK);
  ssize_t n;
  do n = read(file, buffer, CHUNK);
  while (n < 0 && errno == EINTR);
  return n;
}

static cx_status copy_to_spool(cx_context *ctx, cx__input *input, const cx_format_source *source, int file) {
  char *buffer = cx__alloc(&input->allocator, CHUNK);
  if (!buffer) return cx__no_memory(ctx);
  cx_status status = CX_OK;
  for (;;) {
    const int64_t n = read_once(source, file, buffer);
    if (n == 0) break;
    if (n < 0 || n > (int64_t)CHUNK) {
      status = cx__fail_at(ctx, CX_ERR_IO, input->name, 0, input->spool_size, "reading failed");
      break;
    }
    if (!write_all(input->spool, buffer, (size_t)n)) {
      status = fail_spool(ctx, input->name);
      break;
    }
    input->spool_size += (uint64_t)n;
    if (cx__cancelled(ctx)) break; /* the next progress report ends the call */
  }
  cx__free(&input->allocator, buffer);
  return status;
}

static cx_status spool(cx_context *ctx, cx__input *input, const cx_format_source *source) {
  cx_status status = open_spool(ctx, input);
  if (status != CX_OK) return status;
  int file = -1;
  if (!source->read) {
    file = open(input->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return cx__fail_at(ctx, CX_ERR_IO, input->name, 0, UINT64_MAX, "cannot open the input");
  }
  status = copy_to_spool(ctx, input, source, file);
  if (file >= 0) (void)close(file);
  return status;
}

static char *copy_text(const cx_allocator *allocator, const char *text) {
  const size_t size = strlen(text) + 1;
  char *copy = cx__alloc(allocator, size);
  if (copy) memcpy(copy, text, size);
  return copy;
}

/** Whether a path can be read only once. What cannot be looked at is left to whoever opens it. */
static bool is_pipe(const char *path) {
  struct stat about;
  return stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

cx_status cx__input_open(cx_context *ctx, const cx_format_source *source, cx__input *out) {
  cx__input input = {.allocator = *cx__allocator(ctx), .spool = -1};
  if ((source->path != NULL) + (source->data != NULL) + (source->read != NULL) != 1)
    return cx__fail(ctx, CX_ERR_INVALID, "source must have exactly one of path, data and read");
  input.source = *source;
  const char *name = source->name ? source->name : source->path ? source->path : "input";
  input.name = copy_text(&input.allocator, name);
  if (source->path) input.path = copy_text(&input.allocator, source->path);
  cx_status status = CX_OK;
  if (!input.name || (source->path && !input.path)) status = cx__no_memory(ctx);
  if (status == CX_OK && (source->read || (source->path && is_pipe(source->path)))) status = spool(ctx, &input, source);
  if (status != CX_OK) {
    cx__input_close(&input);
    return status;
  }
  input.source.path = input.path;
  input.source.name = input.name;
  *out = input;
  return CX_OK;
}

void cx__input_close(cx__input *input) {
  if (input->spool >= 0) (void)close(input->spool);
  cx__free(&input->allocator, input->path);
  cx__free(&input->allocator, input->name);
  *input = (cx__input){.spool = -1};
}

static int64_t read_spool(void *user, void *buffer, size_t capacity) {
  cx__input_cursor *cursor = user;
  ssize_t n;
  do n = pread(cursor->file, buffer, capacity, (off_t)cursor->at);
  while (n < 0 && errno == EINTR);
  if (n > 0) cursor->at += n;
  return n;
}

cx_status cx__input_start(cx_context *ctx, const cx__input *input, cx__input_cursor *cursor, cx__source **out) {
  cx_format_source source = input->source;
  if (input->spool >= 0) {
    *cursor = (cx__input_cursor){input->spool, 0};
    source.path = NULL;
    source.read = read_spool;
    source.user = cursor;
  }
  return cx__source_open(ctx, &source, out);
}

cx_status cx__input_digest(cx_context *ctx, const cx__input *input, cx__hash128 *out) {
  cx__input_cursor cursor;
  cx__source *source = NULL;
  cx_status status = cx__input_start(ctx, input, &cursor, &source);
  if (status != CX_OK) return status;
  char *buffer = cx__alloc(&input->allocator, CHUNK);
  cx__digest *digest = cx__digest_new(&input->allocator);
  if (!buffer || !digest) status = cx__no_memory(ctx);
  while (status == CX_OK) {
    size_t n;
    status = cx__source_read(ctx, source, buffer, CHUNK, &n);
    if (status != CX_OK || n == 0) break;
    cx__digest_add(digest, buffer, n);
    const uint64_t total = input->spool >= 0 ? input->spool_size : cx__source_total(source);
    status = cx__progress(ctx, "digest", cx__source_done(source), total);
  }
  if (status == CX_OK) *out = cx__digest_get(digest);
  cx__digest_free(digest);
  cx__free(&input->allocator, buffer);
  cx__source_free(source);
  return status;
}

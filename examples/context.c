/* SPDX-License-Identifier: MIT */
/* A context of one's own: an allocator that counts, two threads, progress, cancellation, and what an error says. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void *counting_alloc(void *user, size_t size) {
  ++*(size_t *)user;
  return malloc(size);
}

static void *counting_realloc(void *user, void *pointer, size_t size) {
  ++*(size_t *)user;
  return realloc(pointer, size);
}

static void counting_free(void *user, void *pointer) {
  (void)user;
  free(pointer);
}

static int show(void *user, const char *stage, uint64_t done, uint64_t total) {
  (void)user;
  printf("%s: %llu of %llu\n", stage, (unsigned long long)done, (unsigned long long)total);
  return 0; /* anything else cancels */
}

int main(void) {
  size_t allocations = 0;
  const cx_allocator allocator = {counting_alloc, counting_realloc, counting_free, &allocations};
  cx_context_options opts;
  cx_context *ctx = NULL;
  cx_status status = cx_context_options_init(&opts, sizeof opts);
  opts.allocator = &allocator;
  opts.threads = 2;
  if (status == CX_OK) status = cx_context_new(&opts, &ctx);
  if (status == CX_OK) status = cx_context_set_progress(ctx, show, NULL);
  assert(status == CX_OK && allocations > 0);

  cx_base *base = NULL;
  status = cx_base_open(ctx, "there-is-no-such-file.cx", NULL, &base);
  assert(status == CX_ERR_NOT_FOUND && base == NULL);
  printf("%s: %s\n", cx_status_name(status), cx_context_error(ctx));

  cx_context_free(ctx);
  printf("libcx %s, %zu allocations\n", cx_version(), allocations);
  return 0;
}

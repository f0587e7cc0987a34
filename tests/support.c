/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <dirent.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

static bool spend(test_memory *memory) {
  const size_t number = __atomic_fetch_add(&memory->count, 1, __ATOMIC_RELAXED);
  return number < memory->fail_at;
}

static void *counted_alloc(void *user, size_t size) {
  test_memory *memory = user;
  if (!spend(memory)) return NULL;
  void *pointer = malloc(size);
  if (pointer) __atomic_fetch_add(&memory->live, 1, __ATOMIC_RELAXED);
  return pointer;
}

static void *counted_realloc(void *user, void *pointer, size_t size) {
  test_memory *memory = user;
  return spend(memory) ? realloc(pointer, size) : NULL;
}

static void counted_free(void *user, void *pointer) {
  test_memory *memory = user;
  if (pointer) __atomic_fetch_sub(&memory->live, 1, __ATOMIC_RELAXED);
  free(pointer);
}

cx_allocator test_allocator(test_memory *memory) {
  memory->count = 0;
  memory->fail_at = SIZE_MAX;
  memory->live = 0;
  return (cx_allocator){counted_alloc, counted_realloc, counted_free, memory};
}

cx_context *test_context(test_memory *memory, uint32_t threads) {
  const cx_allocator allocator = test_allocator(memory);
  cx_context_options opts;
  ck_assert_int_eq(cx_context_options_init(&opts, sizeof opts), CX_OK);
  opts.allocator = &allocator;
  opts.threads = threads;
  cx_context *ctx = NULL;
  ck_assert_int_eq(cx_context_new(&opts, &ctx), CX_OK);
  return ctx;
}

void test_allocations(test_body body, void *user, bool none_allowed) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const long live = memory.live;
  size_t k = 0;
  for (;; k++) {
    ck_assert_msg(k < 1000000, "a million allocations failed and the call still does not succeed");
    memory.count = 0;
    memory.fail_at = k;
    const cx_status status = body(user, ctx);
    memory.fail_at = SIZE_MAX;
    ck_assert_msg(memory.live == live, "%ld blocks leak when allocation %zu fails", memory.live - live, k);
    if (status >= 0) break;
    ck_assert_msg(status == CX_ERR_NOMEM, "allocation %zu failed and the status is %s: %s", k, cx_status_name(status),
                  cx_context_error(ctx));
  }
  ck_assert_msg(none_allowed || k > 0, "nothing was allocated");
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}

/* What a call writes; free() it. */
static char *written(test_call call, void *user, cx_context *ctx, size_t *size, cx_status *status) {
  char *bytes = NULL;
  FILE *out = open_memstream(&bytes, size);
  ck_assert_ptr_nonnull(out);
  *status = call(user, ctx, out);
  ck_assert_int_eq(fclose(out), 0);
  return bytes;
}

void test_retries(test_call call, void *user) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const long live = memory.live;
  size_t size, got_size, k = 0;
  cx_status status;
  char *expected = written(call, user, ctx, &size, &status);
  ck_assert_int_eq(status, CX_OK);
  for (;; k++) {
    ck_assert_msg(k < 100000, "a hundred thousand allocations failed and the call still does not succeed");
    memory.count = 0;
    memory.fail_at = k;
    char *got = written(call, user, ctx, &got_size, &status);
    memory.fail_at = SIZE_MAX;
    const bool failed = status < 0;
    if (failed) {
      ck_assert_msg(status == CX_ERR_NOMEM, "allocation %zu failed and the status is %s", k, cx_status_name(status));
      ck_assert_uint_eq(got_size, 0);
      free(got);
      got = written(call, user, ctx, &got_size, &status);
      ck_assert_msg(status == CX_OK, "repeated after allocation %zu failed: %s", k, cx_status_name(status));
    }
    ck_assert_msg(got_size == size && memcmp(got, expected, size) == 0, "other bytes after allocation %zu failed", k);
    free(got);
    ck_assert_msg(memory.live == live, "%ld blocks leak when allocation %zu fails", memory.live - live, k);
    if (!failed) break;
  }
  ck_assert_msg(k > 0, "nothing was allocated");
  free(expected);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}

char *test_read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  ck_assert_msg(file != NULL, "cannot read %s", path);
  size_t capacity = 1 << 16, n = 0;
  char *data = malloc(capacity);
  ck_assert_ptr_nonnull(data);
  for (;;) {
    if (n == capacity) {
      capacity *= 2;
      data = realloc(data, capacity);
      ck_assert_ptr_nonnull(data);
    }
    const size_t got = fread(data + n, 1, capacity - n, file);
    if (got == 0) break;
    n += got;
  }
  fclose(file);
  *size = n;
  return data;
}

static char directory[64];
static pid_t directory_owner;

static void remove_directory(void) {
  if (directory[0] == '\0' || directory_owner != getpid()) return;
  DIR *dir = opendir(directory);
  if (dir) {
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
      char path[512];
      snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
      if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) (void)unlink(path);
    }
    closedir(dir);
  }
  (void)rmdir(directory);
}

const char *test_directory(void) {
  if (directory[0] == '\0' || directory_owner != getpid()) {
    strcpy(directory, "test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    directory_owner = getpid();
    atexit(remove_directory);
  }
  return directory;
}

int test_run(Suite *suite) {
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? 0 : 1;
}

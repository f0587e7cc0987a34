/* SPDX-License-Identifier: MIT */
/* Several programs on one store: readers never wait, a second writer does; stores of other versions; media that cannot
 * be written to. */
#include "store_support.h"

#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITES 400
#define PARTS 20

/** Runs a part in a process of its own; it exits with 0 when all is well. */
static pid_t start(int (*part)(int number), int number) {
  const pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) _exit(part(number));
  return pid;
}

static void finish(pid_t pid) {
  int status;
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a process ended with %d", status);
}

static char path[256];

/** Writes WRITES events in PARTS transactions. Both writers send the same odd ones. */
static int writer(int number) {
  cx_context *ctx = NULL;
  cx_store *store = NULL;
  if (cx_context_new(NULL, &ctx) != CX_OK || cx_store_open(ctx, path, NULL, &store) != CX_OK) return 1;
  for (int part = 0; part < PARTS; part++) {
    if (cx_store_begin(ctx, store) != CX_OK) return 2;
    for (int i = part; i < WRITES; i += PARTS) {
      char id[32], who[32];
      snprintf(id, sizeof id, i % 2 ? "m%d" : "m%d-%d", i, number);
      snprintf(who, sizeof who, "c%d", i % 17);
      const cx_event event = purchase_of(id, who, i * DAY, "i1");
      if (cx_store_add_event(ctx, store, &event) < 0) return 3;
    }
    if (cx_store_commit(ctx, store) != CX_OK) return 4;
  }
  cx_store_free(store);
  cx_context_free(ctx);
  return 0;
}

/** Looks until both writers are done. What it sees only grows, and each view is consistent. */
static int reader(int number) {
  (void)number;
  cx_context *ctx = NULL;
  cx_store *store = NULL;
  cx_store_options opts;
  cx_profile *profile = NULL;
  if (cx_context_new(NULL, &ctx) != CX_OK || cx_store_options_init(&opts, sizeof opts) != CX_OK) return 1;
  opts.wait = 0; /* a reader that had to wait would fail */
  opts.read_only = 1;
  if (cx_store_open(ctx, path, &opts, &store) != CX_OK || cx_profile_new(ctx, &profile) != CX_OK) return 2;
  uint64_t before = 0;
  const uint64_t whole = WRITES / 2 * 3;
  for (int turn = 0; before < whole; turn++) {
    cx_store_info info = {.size = sizeof info};
    if (turn > 200000) return 3;
    if (cx_store_get_info(ctx, store, &info) != CX_OK) return 4;
    if (info.events < before || info.events != info.lines) return 5;
    before = info.events;
    int64_t person;
    const cx_status status = cx_store_find_person(ctx, store, text_of("c3"), &person);
    if (status == CX_ERR_NOT_FOUND) continue;
    if (status != CX_OK || cx_store_read_profile(ctx, store, person, CX_TIME_NONE, profile) != CX_OK) return 6;
    cx_table *table = NULL;
    if (cx_store_read_purchases(ctx, store, NULL, &table, NULL) != CX_OK) return 7;
    if (cx_table_rows(table) < before) return 8;
    cx_table_free(table);
  }
  cx_profile_free(profile);
  cx_store_free(store);
  cx_context_free(ctx);
  return 0;
}

START_TEST(two_writers_and_two_readers) {
  cx_store_free(store_open(NULL, "a.cx", true));
  snprintf(path, sizeof path, "%s", store_path("a.cx"));
  const pid_t all[4] = {start(reader, 0), start(writer, 0), start(writer, 1), start(reader, 1)};
  for (size_t i = 0; i < 4; i++) finish(all[i]);
  cx_store *store = store_open(NULL, "a.cx", false);
  ck_assert_uint_eq(info_of(NULL, store).events, WRITES / 2 * 3);
  ck_assert_uint_eq(info_of(NULL, store).identifiers, 17);
  ck_assert_uint_eq(info_of(NULL, store).collisions, 0);
  cx_store_free(store);
}
END_TEST

static int creator(int number) {
  cx_context *ctx = NULL;
  cx_store *store = NULL;
  cx_store_options opts;
  if (cx_context_new(NULL, &ctx) != CX_OK || cx_store_options_init(&opts, sizeof opts) != CX_OK) return 1;
  opts.create = 1;
  if (cx_store_open(ctx, path, &opts, &store) != CX_OK) {
    fprintf(stderr, "%s\n", cx_context_error(ctx));
    return 2;
  }
  char id[32];
  snprintf(id, sizeof id, "m%d", number);
  const cx_event event = purchase_of(id, "c1", DAY, "i1");
  if (cx_store_add_event(ctx, store, &event) != CX_OK) return 3;
  cx_store_free(store);
  cx_context_free(ctx);
  return 0;
}

START_TEST(several_make_one_store) {
  for (int turn = 0; turn < 10; turn++) {
    char name[32];
    snprintf(name, sizeof name, "race%d.cx", turn);
    snprintf(path, sizeof path, "%s", store_path(name));
    pid_t all[4];
    for (int i = 0; i < 4; i++) all[i] = start(creator, i);
    for (int i = 0; i < 4; i++) finish(all[i]);
    cx_store *store = store_open(NULL, name, false);
    ck_assert_uint_eq(info_of(NULL, store).events, 4);
    cx_store_free(store);
  }
}
END_TEST

/* ---- other versions ---- */

static void change(const char *name, const char *text) {
  sqlite3 *db = NULL;
  ck_assert_int_eq(sqlite3_open(store_path(name), &db), SQLITE_OK);
  ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
  ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

START_TEST(newer_store_is_refused) {
  cx_context *ctx = NULL;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  cx_store_free(store_open(ctx, "a.cx", true));
  change("a.cx", "PRAGMA user_version = 2");
  cx_store *store = NULL;
  ck_status(CX_ERR_UNSUPPORTED, cx_store_open(ctx, store_path("a.cx"), NULL, &store));
  ck_assert_ptr_null(store);
  ck_assert_ptr_nonnull(strstr(cx_context_error(ctx), "version 2"));
  change("a.cx", "PRAGMA user_version = 0");
  ck_status(CX_ERR_CORRUPT, cx_store_open(ctx, store_path("a.cx"), NULL, &store));
  change("a.cx", "PRAGMA user_version = 1; PRAGMA application_id = 7");
  ck_status(CX_ERR_CORRUPT, cx_store_open(ctx, store_path("a.cx"), NULL, &store));
  cx_context_free(ctx);
}
END_TEST

static void copy_file(const char *from, const char *to) {
  size_t size;
  char *bytes = test_read_file(from, &size);
  FILE *file = fopen(to, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
  ck_assert_int_eq(fclose(file), 0);
  free(bytes);
}

/** A store that version 1 wrote opens, says what it said then, and takes more. */
START_TEST(store_of_version_1_opens) {
  cx_context *ctx = NULL;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  copy_file(TEST_DATA "/store_v1.cx", store_path("old.cx"));
  cx_store *store = store_open(ctx, "old.cx", false);
  size_t size, expected;
  char *bytes = export_of(ctx, store, &size);
  char *golden = test_read_file(TEST_DATA "/store_v1.jsonl", &expected);
  ck_assert_uint_eq(size, expected);
  ck_assert_mem_eq(bytes, golden, size);
  ck_assert_uint_eq(info_of(ctx, store).version, 1);
  const cx_event event = purchase_of("new", "c1", DAY, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  cx_store_free(store);
  free(bytes);
  free(golden);
  cx_context_free(ctx);
}
END_TEST

START_TEST(damaged_store_is_noticed) {
  /* Every page but the first is overwritten: whatever is asked fails, nothing crashes. */
  cx_context *ctx = NULL;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  copy_file(TEST_DATA "/store_v1.cx", store_path("bad.cx"));
  FILE *file = fopen(store_path("bad.cx"), "r+b");
  ck_assert_ptr_nonnull(file);
  ck_assert_int_eq(fseek(file, 8192, SEEK_SET), 0);
  for (int i = 0; i < 30 * 8192; i++) fputc(i * 7 & 0xff, file);
  ck_assert_int_eq(fclose(file), 0);
  cx_store *store = store_open(ctx, "bad.cx", false);
  cx_store_info info = {.size = sizeof info};
  ck_status(CX_ERR_CORRUPT, cx_store_get_info(ctx, store, &info));
  const cx_event event = purchase_of("new", "c1", DAY, "i1");
  ck_status(CX_ERR_CORRUPT, cx_store_add_event(ctx, store, &event));
  int64_t person;
  ck_status(CX_ERR_CORRUPT, cx_store_find_person(ctx, store, text_of("c1"), &person));
  cx_store_free(store);
  cx_context_free(ctx);
}
END_TEST

#define NOBODY 65534

/** 0 when the effective user can open a file for reading. */
static int access_of(const char *path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  return file < 0 ? -1 : close(file);
}

START_TEST(medium_that_cannot_be_written_to) {
  cx_context *ctx = NULL;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  cx_store *store = store_open(ctx, "a.cx", true);
  const cx_event event = purchase_of("m1", "c1", DAY, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  cx_store_free(store);
  ck_assert_int_eq(chmod(store_path("a.cx"), 0444), 0);
  ck_assert_int_eq(chmod(test_directory(), 0555), 0);
  char whole[PATH_MAX];
  ck_assert_ptr_nonnull(realpath(store_path("a.cx"), whole));
  const bool root = geteuid() == 0; /* root may write anywhere */
  if (root) ck_assert_int_eq(seteuid(NOBODY), 0);
  if (access_of(whole) != 0) { /* a folder above is closed to others: nobody is not the one to try it */
    if (root) ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(test_directory(), 0700), 0);
    cx_context_free(ctx);
    return;
  }
  cx_store_options opts;
  ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
  opts.read_only = 1;
  const cx_status status = cx_store_open(ctx, store_path("a.cx"), &opts, &store);
  const uint64_t events = status == CX_OK ? info_of(ctx, store).events : 0;
  opts.read_only = 0;
  cx_store *other = NULL;
  const cx_status writing = cx_store_open(ctx, store_path("a.cx"), &opts, &other);
  const cx_status adding = writing == CX_OK ? cx_store_add_event(ctx, other, &event) : writing;
  if (root) ck_assert_int_eq(seteuid(0), 0);
  ck_assert_int_eq(chmod(test_directory(), 0700), 0);
  ck_assert_int_eq(status, CX_OK);
  ck_assert_uint_eq(events, 1);
  ck_assert_int_eq(adding, CX_ERR_IO);
  cx_store_free(other);
  cx_store_free(store);
  cx_context_free(ctx);
}
END_TEST

static const char *made;

/** `check_store_processes --make PATH.cx` writes the store that is kept in tests/data, and its export beside it. */
START_TEST(make_store) {
  cx_context *ctx = NULL;
  cx_store_options opts;
  cx_store *store = NULL;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
  opts.create = 1;
  ck_ok(ctx, cx_store_open(ctx, made, &opts, &store));
  size_t count, size;
  const any_record *shop = any_shop(&count);
  ck_ok(ctx, cx_store_begin(ctx, store));
  for (size_t i = 0; i < count; i++) ck_assert_int_ge(any_add(ctx, store, &shop[i]), 0);
  ck_ok(ctx, cx_store_commit(ctx, store));
  ck_ok(ctx, cx_store_set_model(ctx, store, "ranker", 3));
  char *bytes = export_of(ctx, store, &size);
  char beside[512];
  snprintf(beside, sizeof beside, "%.*s.jsonl", (int)strlen(made) - 3, made);
  FILE *file = fopen(beside, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
  ck_assert_int_eq(fclose(file), 0);
  free(bytes);
  cx_store_free(store);
  cx_context_free(ctx);
}
END_TEST

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--make") == 0) made = argv[2];
  if (!made) store_work_in_memory();
  Suite *suite = suite_create("store_processes");
  TCase *tests = tcase_create("store_processes");
  tcase_set_timeout(tests, 120);
  if (made) {
    tcase_add_test(tests, make_store);
    suite_add_tcase(suite, tests);
    return test_run(suite);
  }
  tcase_add_checked_fixture(tests, store_remove_all, NULL);
  tcase_add_test(tests, two_writers_and_two_readers);
  tcase_add_test(tests, several_make_one_store);
  tcase_add_test(tests, newer_store_is_refused);
  tcase_add_test(tests, store_of_version_1_opens);
  tcase_add_test(tests, damaged_store_is_noticed);
  tcase_add_test(tests, medium_that_cannot_be_written_to);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

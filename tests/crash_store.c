/* SPDX-License-Identifier: MIT */
/* A child imports 100,000 rows in small batches and is killed at a random moment, again and again. Afterwards the store
 * must be whole, hold all that was acknowledged, and an import that resumes must end where an uninterrupted one does.
 * CX_CRASHES is the number of kills (10), CX_CRASH_SEED the seed of their moments. */
#include "store_support.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS 100000u

static char orders_path[256];

static size_t number_from(const char *name, size_t otherwise) {
  const char *text = getenv(name);
  return text && *text ? (size_t)strtoull(text, NULL, 10) : otherwise;
}

/** Rows of one shop: some twice, some bad, some with an order line that says something else. */
static void write_orders(void) {
  snprintf(orders_path, sizeof orders_path, "%s/orders.csv", test_directory());
  FILE *file = fopen(orders_path, "w");
  ck_assert_ptr_nonnull(file);
  fputs("customer,time,order,line,item,quantity,price\n", file);
  uint64_t state = 5;
  for (size_t i = 0; i < ROWS; i++) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    const size_t order = i % 50 == 49 ? i / 7 : i / 3;
    if (i % 9973 == 0)
      fprintf(file, "c%zu,no time,o%zu,%zu,i1,1,1\n", i % 5000, order, i);
    else
      fprintf(file, "c%zu,2011-%02zu-%02zu,o%zu,%zu,i%zu,%zu,2.50\n", (size_t)(state >> 40) % 5000, 1 + order % 12,
              1 + order % 28, order, i % 3, (size_t)(state >> 33) % 400, 1 + i % 2);
  }
  ck_assert_int_eq(fclose(file), 0);
}

static cx_status import(cx_context *ctx, cx_store *store, cx_store_import_report *report) {
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.path = orders_path;
  cx_store_import_options opts;
  ck_assert_int_eq(cx_store_import_options_init(&opts, sizeof opts), CX_OK);
  opts.batch = 1000;
  opts.grant = "personalisation:web";
  opts.evidence = "test";
  opts.basis = CX_BASIS_CONSENT;
  memset(report, 0, sizeof *report);
  report->size = sizeof *report;
  return cx_store_import(ctx, store, &source, &opts, report);
}

/* ---- the child ---- */

typedef struct witness {
  cx_context *ctx;
  cx_store *store;
  int pipe;
} witness;

/** What another handle sees as stored has been acknowledged. */
static int acknowledge(void *user, const char *stage, uint64_t done, uint64_t total) {
  (void)stage;
  (void)done;
  (void)total;
  witness *own = user;
  cx_store_info info = {.size = sizeof info};
  if (cx_store_get_info(own->ctx, own->store, &info) != CX_OK) _exit(3);
  const uint64_t seen = info.events + info.quarantined;
  if (write(own->pipe, &seen, sizeof seen) != (ssize_t)sizeof seen) _exit(4);
  return 0;
}

static void child(const char *path, int pipe) {
  cx_context *ctx = NULL, *second = NULL;
  witness own = {.pipe = pipe};
  cx_store *store = NULL;
  cx_store_import_report report;
  if (cx_context_new(NULL, &ctx) != CX_OK || cx_context_new(NULL, &second) != CX_OK) _exit(2);
  if (cx_store_open(ctx, path, NULL, &store) != CX_OK || cx_store_open(second, path, NULL, &own.store) != CX_OK)
    _exit(2);
  own.ctx = second;
  if (cx_context_set_progress(ctx, acknowledge, &own) != CX_OK) _exit(2);
  const uint64_t ready = 0;
  if (write(pipe, &ready, sizeof ready) != (ssize_t)sizeof ready) _exit(2);
  _exit(import(ctx, store, &report) >= 0 ? 0 : 1);
}

/* ---- the parent ---- */

static void wait_milliseconds(uint64_t n) {
  const struct timespec pause = {(time_t)(n / 1000), (long)(n % 1000) * 1000000};
  (void)nanosleep(&pause, NULL);
}

/** Runs a child for a while and kills it; the last count it acknowledged. *done when it ended before. */
static uint64_t run_and_kill(const char *path, uint64_t milliseconds, bool *done) {
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  const pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    (void)close(ends[0]);
    child(path, ends[1]);
  }
  (void)close(ends[1]);
  uint64_t last = 0, seen;
  ck_assert_int_eq(read(ends[0], &seen, sizeof seen), sizeof seen); /* it has begun */
  wait_milliseconds(milliseconds);
  ck_assert_int_eq(kill(pid, SIGKILL), 0);
  while (read(ends[0], &seen, sizeof seen) == (ssize_t)sizeof seen) last = seen;
  (void)close(ends[0]);
  int status;
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  *done = WIFEXITED(status);
  if (*done) ck_assert_int_eq(WEXITSTATUS(status), 0);
  return last;
}

static void check_whole(const char *path) {
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL), SQLITE_OK);
  ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
  ck_assert_str_eq((const char *)sqlite3_column_text(statement, 0), "ok");
  sqlite3_finalize(statement);
  /* Counts are those of the rows, and every event has its message and its lines. */
  static const char *const same[] = {
      "SELECT (SELECT count(*) FROM event) = (SELECT value FROM meta WHERE name = 'events')",
      "SELECT (SELECT count(*) FROM line) = (SELECT value FROM meta WHERE name = 'lines')",
      "SELECT (SELECT count(*) FROM identifier) = (SELECT value FROM meta WHERE name = 'identifiers')",
      "SELECT (SELECT count(*) FROM message) = (SELECT count(*) FROM event)",
      "SELECT (SELECT sum(lines) FROM event) = (SELECT count(*) FROM line)",
      "SELECT (SELECT sum(collision) FROM event) = (SELECT value FROM meta WHERE name = 'collisions')",
      "SELECT NOT EXISTS (SELECT 1 FROM event WHERE identifier NOT IN (SELECT number FROM identifier))"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    ck_assert_int_eq(sqlite3_prepare_v2(db, same[i], -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    /* NULL: nothing is there yet. */
    ck_assert_msg(sqlite3_column_type(statement, 0) == SQLITE_NULL || sqlite3_column_int(statement, 0) == 1, "%s",
                  same[i]);
    sqlite3_finalize(statement);
  }
  sqlite3_close(db);
}

static int hash_bytes(void *user, const void *data, size_t size) {
  uint64_t *hash = user;
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; i++) *hash = (*hash ^ bytes[i]) * UINT64_C(1099511628211);
  return 0;
}

static uint64_t hash_of(cx_context *ctx, cx_store *store) {
  uint64_t hash = UINT64_C(14695981039346656037);
  ck_ok(ctx, cx_store_export(ctx, store, hash_bytes, &hash));
  return hash;
}

START_TEST(killed_imports_lose_nothing) {
  cx_context *ctx = NULL;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  write_orders();
  struct timespec from, to;
  (void)clock_gettime(CLOCK_MONOTONIC, &from);
  cx_store *store = store_open(ctx, "whole.cx", true);
  cx_store_import_report report;
  ck_status(CX_PARTIAL, import(ctx, store, &report));
  (void)clock_gettime(CLOCK_MONOTONIC, &to);
  const uint64_t whole = hash_of(ctx, store);
  const cx_store_info info = info_of(ctx, store);
  ck_assert_uint_gt(info.collisions, 10);
  cx_store_free(store);
  const uint64_t length =
      (uint64_t)(to.tv_sec - from.tv_sec) * 1000 + (uint64_t)((to.tv_nsec - from.tv_nsec) / 1000000) + 1;

  const size_t crashes = number_from("CX_CRASHES", 10);
  uint64_t state = number_from("CX_CRASH_SEED", (size_t)time(NULL));
  printf("seed %llu\n", (unsigned long long)state);
  store_remove("killed.cx");
  cx_store_free(store_open(ctx, "killed.cx", true));
  char path[256];
  snprintf(path, sizeof path, "%s", store_path("killed.cx"));
  size_t killed = 0, finished = 0;
  while (killed < crashes) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    bool done = false;
    const uint64_t last = run_and_kill(path, (state >> 33) % (length / 2 + 2), &done);
    check_whole(path);
    store = store_open(ctx, "killed.cx", false);
    const cx_store_info now = info_of(ctx, store);
    ck_assert_uint_ge(now.events + now.quarantined, last);
    if (!done) killed++;
    /* Now and then, and at the end, somebody goes on undisturbed. */
    if (killed == crashes || now.events == info.events || killed % 7 == 6) {
      const cx_status status = import(ctx, store, &report);
      ck_assert_msg(status >= 0, "%s", cx_context_error(ctx));
      ck_assert_uint_ge(report.duplicates, now.events);
      ck_assert_msg(hash_of(ctx, store) == whole, "the export differs after kill %zu", killed);
      finished++;
      cx_store_free(store);
      store_remove("killed.cx");
      store = store_open(ctx, "killed.cx", true);
    }
    cx_store_free(store);
  }
  ck_assert_uint_gt(finished, 0);
  cx_context_free(ctx);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("crash_store");
  TCase *tests = tcase_create("crash_store");
  tcase_set_timeout(tests, 60 + 10 * (double)number_from("CX_CRASHES", 10));
  tcase_add_test(tests, killed_imports_lose_nothing);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

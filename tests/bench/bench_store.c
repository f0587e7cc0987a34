/* SPDX-License-Identifier: MIT */
/* How fast a store takes a file of events, finds a person and builds a profile. Prints "name n ns_per_item spread": the
 * median of the runs for one item, and (largest - smallest) / median. Arguments: a directory for the files (.), and the
 * largest number of events (1000000). */
#include <cx.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RUNS 3
#define PROBES 2000

static const char *directory = ".";

static double now(void) {
  struct timespec at;
  (void)clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static void check(cx_context *ctx, cx_status status, const char *what) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", what, cx_context_error(ctx));
  exit(1);
}

static const char *path_of(const char *name, const char *end) {
  static char paths[8][512];
  static int turn;
  char *path = paths[turn++ % 8];
  (void)snprintf(path, sizeof paths[0], "%s/%s%s", directory, name, end);
  return path;
}

static void remove_store(void) {
  static const char *const ends[] = {"", "-wal", "-shm"};
  for (int i = 0; i < 3; i++) (void)unlink(path_of("bench_store.cx", ends[i]));
}

static uint64_t draw(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

/** A shop's order events in the order of time: one event for every ten people each hour, random message ids. */
static const char *write_events(size_t n) {
  const char *path = path_of("bench_store", ".ndjson");
  FILE *file = fopen(path, "w");
  if (!file) exit(1);
  uint64_t state = 1;
  const uint64_t people = n / 10 + 1;
  for (size_t i = 0; i < n; i++) {
    const uint64_t second = i * 86400 / (n / 28 + 1);
    const uint64_t first = draw(&state), person = draw(&state) % people, item = draw(&state) % 5000;
    (void)fprintf(file,
                  "{\"type\":\"track\",\"event\":\"Order Completed\",\"messageId\":\"%08llx-%08llx-%08llx\",\"userId\":"
                  "\"user-%llu\",\"timestamp\":\"2024-01-%02lluT%02llu:%02llu:%02lluZ\",\"properties\":{\"order_id\":"
                  "\"o%zu\",\"currency\":\"EUR\",\"products\":[{\"product_id\":\"item-%llu\",\"quantity\":%llu,"
                  "\"price\":%llu.%02llu}]}}\n",
                  (unsigned long long)first, (unsigned long long)draw(&state), (unsigned long long)draw(&state),
                  (unsigned long long)person, (unsigned long long)(1 + second / 86400),
                  (unsigned long long)(second / 3600 % 24), (unsigned long long)(second / 60 % 60),
                  (unsigned long long)(second % 60), i, (unsigned long long)item, (unsigned long long)(1 + item % 3),
                  (unsigned long long)(item % 90), (unsigned long long)(item % 100));
  }
  (void)fclose(file);
  return path;
}

static int compare(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

static void print(const char *name, size_t n, double *runs, double items) {
  qsort(runs, RUNS, sizeof *runs, compare);
  (void)printf("%-22s %9zu %12.1f %6.3f\n", name, n, runs[RUNS / 2] / items,
               (runs[RUNS - 1] - runs[0]) / runs[RUNS / 2]);
  (void)fflush(stdout);
}

static cx_store *open_store(cx_context *ctx) {
  cx_store_options opts;
  check(ctx, cx_store_options_init(&opts, sizeof opts), "options");
  opts.create = 1;
  cx_store *store = NULL;
  check(ctx, cx_store_open(ctx, path_of("bench_store.cx", ""), &opts, &store), "open");
  return store;
}

static void import(cx_context *ctx, cx_store *store, const char *path, size_t n, bool again) {
  cx_format_source source;
  check(ctx, cx_format_source_init(&source, sizeof source), "source");
  source.path = path;
  cx_store_import_report report = {.size = sizeof report};
  check(ctx, cx_store_import(ctx, store, &source, NULL, &report), "import");
  if ((again ? report.duplicates : report.stored) != n) {
    fprintf(stderr, "%llu of %zu events were stored\n", (unsigned long long)report.stored, n);
    exit(1);
  }
}

static void measure_profiles(cx_context *ctx, cx_store *store, size_t n) {
  double runs[RUNS];
  cx_profile *profile = NULL;
  check(ctx, cx_profile_new(ctx, &profile), "profile");
  for (int run = 0; run < RUNS; run++) {
    uint64_t state = 7;
    const double start = now();
    for (int i = 0; i < PROBES; i++) {
      char id[32];
      const int size = snprintf(id, sizeof id, "user-%llu", (unsigned long long)(draw(&state) % (n / 10 + 1)));
      int64_t person = 0;
      const cx_status status = cx_store_find_person(ctx, store, (cx_text){id, (size_t)size}, &person);
      if (status == CX_ERR_NOT_FOUND) continue;
      check(ctx, status, "find");
      check(ctx, cx_store_read_profile(ctx, store, person, CX_TIME_NONE, profile), "profile");
    }
    runs[run] = now() - start;
  }
  print("store_find_and_profile", n, runs, PROBES);
  cx_profile_free(profile);
}

static void measure_feed(cx_context *ctx, cx_store *store, size_t n) {
  double runs[RUNS];
  for (int run = 0; run < RUNS; run++) {
    cx_table *table = NULL;
    const double start = now();
    check(ctx, cx_store_read_purchases(ctx, store, NULL, &table, NULL), "purchases");
    runs[run] = now() - start;
    cx_table_free(table);
  }
  print("store_read_purchases", n, runs, (double)n);
}

static void measure(cx_context *ctx, size_t n) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s", write_events(n));
  double first[RUNS], again[RUNS];
  for (int run = 0; run < RUNS; run++) {
    remove_store();
    double start = now();
    cx_store *store = open_store(ctx);
    import(ctx, store, path, n, false);
    cx_store_free(store);
    first[run] = now() - start;
    start = now();
    store = open_store(ctx);
    import(ctx, store, path, n, true);
    again[run] = now() - start;
    cx_store_free(store);
  }
  print("store_import", n, first, (double)n);
  print("store_import_again", n, again, (double)n);
  cx_store *store = open_store(ctx);
  measure_profiles(ctx, store, n);
  measure_feed(ctx, store, n);
  cx_store_free(store);
  remove_store();
  (void)unlink(path);
}

int main(int argc, char **argv) {
  if (argc > 1) directory = argv[1];
  const size_t largest = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 1000000;
  cx_context *ctx = NULL;
  if (cx_context_new(NULL, &ctx) != CX_OK) return 1;
  for (size_t n = largest / 1000; n <= largest && n > 0; n *= 10) measure(ctx, n);
  cx_context_free(ctx);
  return 0;
}

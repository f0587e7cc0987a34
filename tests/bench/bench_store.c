/* SPDX-License-Identifier: MIT */
/* How fast a store takes a file of Segment messages, all new (store_import: parsed, deduplicated and synced; an item is
 * a message), and once more (store_import_again: all duplicates); finds a person and builds the profile (a person), and
 * feeds all purchases to a table (a row of it). store_raw writes the same bytes to a file and syncs it: what the disk
 * allows. With a path that file is imported instead; an item is then a row of it. The files are made in the current
 * directory. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "bench_store.jsonl"
#define STORE_NAME "bench_store.cx"
#define PROBES 1000

typedef struct world {
  cx_context *ctx;
  cx_store *store;
  cx_profile *profile;
  const char *path;
  bench_text messages;
  size_t n;
  uint64_t seen; /* rows of the last import */
} world;

static cx_status close_store(void *user) {
  world *w = user;
  cx_store_free(w->store);
  w->store = NULL;
  return CX_OK;
}

static cx_status remove_store(void *user) {
  static const char *const names[] = {STORE_NAME, STORE_NAME "-wal", STORE_NAME "-shm"};
  (void)close_store(user);
  for (int i = 0; i < 3; i++) (void)unlink(names[i]);
  return CX_OK;
}

static cx_status open_store(world *w) {
  cx_store_options opts;
  const cx_status status = cx_store_options_init(&opts, sizeof opts);
  if (status != CX_OK) return status;
  opts.create = 1;
  return cx_store_open(w->ctx, STORE_NAME, &opts, &w->store);
}

static cx_status import(void *user) {
  world *w = user;
  cx_format_source source;
  cx_store_import_report report = {.size = sizeof report};
  cx_status status = cx_format_source_init(&source, sizeof source);
  source.path = w->path;
  if (status == CX_OK) status = open_store(w);
  if (status == CX_OK) status = cx_store_import(w->ctx, w->store, &source, NULL, &report);
  w->seen = report.read;
  return status;
}

static cx_status write_raw(void *user) {
  const world *w = user;
  const int file = open(FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  bool good = file >= 0;
  for (size_t at = 0; good && at < w->messages.size;) {
    const ssize_t wrote = write(file, w->messages.data + at, w->messages.size - at);
    good = wrote > 0;
    if (good) at += (size_t)wrote;
  }
  good = good && fsync(file) == 0;
  return file >= 0 && close(file) == 0 && good ? CX_OK : CX_ERR_IO;
}

static cx_status find(void *user) {
  world *w = user;
  uint64_t state = 7;
  for (int i = 0; i < PROBES; i++) {
    char id[32];
    const int size = snprintf(id, sizeof id, "user-%u", (unsigned)(bench_draw(&state) % (w->n / 10 + 1)));
    int64_t person = 0;
    cx_status status = cx_store_find_person(w->ctx, w->store, (cx_text){id, (size_t)size}, &person);
    if (status == CX_ERR_NOT_FOUND) continue;
    if (status == CX_OK) status = cx_store_read_profile(w->ctx, w->store, person, CX_TIME_NONE, w->profile);
    if (status != CX_OK) return status;
  }
  return CX_OK;
}

static cx_status feed(void *user) {
  world *w = user;
  cx_table *table = NULL;
  const cx_status status = cx_store_read_purchases(w->ctx, w->store, NULL, &table, NULL);
  w->seen = cx_table_rows(table);
  cx_table_free(table);
  return status;
}

static cx_status measure_imports(world *w, const char *item) {
  cx_status status = bench_run(&(bench_line){
      .name = "store_import", .n = w->n, .item = item, .user = w, .before = remove_store, .run = import, .seconds = 2});
  if (status == CX_OK)
    status = bench_run(&(bench_line){
        .name = "store_import_again", .n = w->n, .item = item, .user = w, .before = close_store, .run = import});
  return status;
}

static cx_status measure(world *w, size_t n) {
  w->n = n;
  w->path = FILE_NAME;
  bench_messages(&w->messages, n);
  cx_status status =
      bench_run(&(bench_line){.name = "store_raw", .n = n, .item = "message", .user = w, .run = write_raw});
  bench_text_free(&w->messages);
  if (status == CX_OK) status = measure_imports(w, "message");
  if (status == CX_OK)
    status = bench_run(
        &(bench_line){.name = "store_find_and_profile", .n = PROBES, .item = "person", .user = w, .run = find});
  if (status == CX_OK) status = feed(w);
  if (status == CX_OK)
    status = bench_run(
        &(bench_line){.name = "store_read_purchases", .n = (size_t)w->seen, .item = "row", .user = w, .run = feed});
  (void)remove_store(w);
  (void)unlink(FILE_NAME);
  return status;
}

int main(int argc, char **argv) {
  static const size_t sizes[] = {1000, 10000, 100000, 1000000};
  world w = {.ctx = bench_context(1)};
  cx_status status = cx_profile_new(w.ctx, &w.profile);
  if (argc > 1 && status == CX_OK) {
    w.path = argv[1];
    (void)remove_store(&w);
    status = import(&w);
    w.n = w.seen > 0 ? (size_t)w.seen : 1;
    status = status < 0 ? CX_OK : measure_imports(&w, "row"); /* what cannot be imported is another kind of file */
    (void)remove_store(&w);
  }
  for (size_t k = 0; k < 4 && status == CX_OK && argc < 2; k++) status = measure(&w, sizes[k]);
  cx_profile_free(w.profile);
  return bench_end(argv[0], w.ctx, status);
}

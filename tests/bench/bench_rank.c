/* SPDX-License-Identifier: MIT */
/* Learns rankers of 64 factors from generated interactions, and ranks ten items for a customer with 25 events. An item
 * of rank_iteration_<solver>_<threads> is an interaction in one iteration (five less one, over four). rank_call is one
 * call; its catalogue's size stands in the name. rank_open is opening a saved ranker. With the path of a CSV file that
 * has columns "user" and "item", rankers are learned from it instead. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)
#define NOW (INT64_C(19000) * DAY)

static cx_text text_of(const char *terminated) {
  const cx_text text = {terminated, strlen(terminated)};
  return text;
}

static uint64_t state = 1;

static double uniform(void) { return (double)bench_draw(&state) * 0x1p-31; }

static cx_status generate(size_t people, size_t items, size_t rows, cx_table **out) {
  int64_t *person = malloc(rows * sizeof *person), *offsets = malloc((rows + 1) * sizeof *offsets);
  char *text = malloc(rows * 12 + 1);
  cx_status status = CX_ERR_NOMEM;
  if (person && offsets && text) {
    offsets[0] = 0;
    for (size_t r = 0; r < rows; r++) {
      const double a = uniform(), b = uniform(); /* few people and items have most of the rows */
      const size_t item = r < items ? r : (size_t)((double)items * b * b * b);
      person[r] = (int64_t)((double)people * a * a);
      offsets[r + 1] = offsets[r] + snprintf(text + offsets[r], 12, "i%u", (unsigned)item);
    }
    const cx_column columns[] = {{.name = "person", .type = CX_TYPE_INT64, .values = person},
                                 {.name = "item", .type = CX_TYPE_TEXT, .values = text, .offsets = offsets}};
    status = cx_table_new(NULL, columns, 2, rows, out);
  }
  free(person);
  free(offsets);
  free(text);
  return status;
}

typedef struct world {
  cx_context *ctx;
  const cx_table *table;
  int32_t solver;
  uint32_t iterations;
  cx_ranker *ranker, *opened;
  cx_profile *profile;
  cx_ranker_list *list;
} world;

static cx_status forget(void *user) {
  world *w = user;
  cx_ranker_free(w->ranker);
  w->ranker = NULL;
  return CX_OK;
}

static cx_status fit(void *user) {
  world *w = user;
  cx_ranker_options opts;
  const cx_status status = cx_ranker_options_init(&opts, sizeof opts);
  if (status != CX_OK) return status;
  opts.factors = 64;
  opts.solver = w->solver;
  opts.iterations = w->iterations;
  return cx_ranker_fit(w->ctx, w->table, NULL, &opts, &w->ranker);
}

static cx_status measure_fits(world *w, size_t rows) {
  static const char *const names[] = {"", "cholesky", "conjugate"};
  cx_status status = CX_OK;
  for (int32_t solver = 1; solver <= 2; solver++) {
    for (uint32_t threads = 1; threads <= 2 && status == CX_OK; threads++) {
      bench_line line = {.n = rows, .item = "interaction", .user = w, .before = forget, .run = fit, .seconds = 2};
      bench_result one, five;
      char name[64];
      w->solver = solver;
      status = cx_context_set_threads(w->ctx, threads);
      w->iterations = 1;
      if (status == CX_OK) status = bench_measure(&line, &one);
      w->iterations = 5;
      if (status == CX_OK) status = bench_measure(&line, &five);
      if (status != CX_OK) break;
      five = bench_step(&one, &five, 4);
      (void)snprintf(name, sizeof name, "rank_iteration_%s_%u", names[solver], (unsigned)threads);
      bench_print(name, rows, line.item, &five);
    }
  }
  (void)forget(w);
  return status;
}

static cx_status make_profile(size_t items, cx_profile **out) {
  cx_status status = cx_profile_new(NULL, out);
  if (status == CX_OK) status = cx_profile_set_time(NULL, *out, NOW);
  const cx_identifier who = {.name_space = text_of("customer"), .value = text_of("1")};
  const cx_consent consent = {.size = sizeof consent,
                              .state = CX_CONSENT_GRANTED,
                              .basis = CX_BASIS_CONSENT,
                              .who = who,
                              .purpose = text_of("personalisation"),
                              .channel = text_of("any"),
                              .evidence = text_of("form"),
                              .time = NOW - DAY,
                              .valid_until = CX_TIME_NONE};
  if (status == CX_OK) status = cx_profile_add_consent(NULL, *out, &consent);
  for (int k = 0; k < 25 && status == CX_OK; k++) {
    char id[16], item[16];
    snprintf(id, sizeof id, "e%d", k);
    snprintf(item, sizeof item, "i%u", (unsigned)((size_t)k * items / 25));
    const cx_event_line line = {.item = text_of(item), .quantity = {.mantissa = 1}, .price = {.scale = -1}};
    const cx_event event = {.size = sizeof event,
                            .kind = CX_EVENT_PURCHASE,
                            .id = text_of(id),
                            .who = &who,
                            .who_count = 1,
                            .time = NOW - (k + 1) * DAY,
                            .received = CX_TIME_NONE,
                            .lines = &line,
                            .lines_count = 1};
    status = cx_profile_add_event(NULL, *out, &event);
  }
  return status;
}

static cx_status rank(void *user) {
  const world *w = user;
  return cx_ranker_rank(w->ctx, w->ranker, w->profile, NULL, w->list);
}

static cx_status measure_calls(world *w, size_t items) {
  cx_status status = make_profile(items, &w->profile);
  if (status == CX_OK) status = cx_ranker_list_new(w->ctx, &w->list);
  char name[64];
  (void)snprintf(name, sizeof name, "rank_call_of_%zu", items);
  if (status == CX_OK) status = rank(w);
  if (status == CX_OK && !cx_ranker_list_personal(w->list)) status = CX_ERR_INTERNAL;
  if (status == CX_OK) status = bench_run(&(bench_line){.name = name, .n = 1, .item = "call", .user = w, .run = rank});
  cx_ranker_list_free(w->list);
  cx_profile_free(w->profile);
  w->profile = NULL;
  w->list = NULL;
  return status;
}

#define SAVED "bench_rank.model"

static cx_status open_saved(void *user) {
  world *w = user;
  return cx_ranker_open(w->ctx, SAVED, NULL, &w->opened);
}

static cx_status close_opened(void *user) {
  world *w = user;
  cx_ranker_free(w->opened);
  w->opened = NULL;
  return CX_OK;
}

static cx_status measure_opening(world *w, size_t items) {
  char name[64];
  (void)snprintf(name, sizeof name, "rank_open_%zu", items);
  cx_status status = cx_ranker_save(w->ctx, w->ranker, SAVED, NULL);
  if (status == CX_OK)
    status = bench_run(&(bench_line){
        .name = name, .n = 1, .item = "ranker opened", .user = w, .before = close_opened, .run = open_saved});
  (void)close_opened(w);
  (void)remove(SAVED);
  return status;
}

static cx_status measure_file(world *w, const char *path) {
  static const cx_format_column columns[] = {{.column = "user", .name = "person", .type = CX_TYPE_TEXT},
                                             {.column = "item", .type = CX_TYPE_TEXT}};
  cx_format_source source;
  cx_format_csv_options opts;
  cx_format *format = NULL;
  cx_table *table = NULL;
  cx_status status = cx_format_source_init(&source, sizeof source);
  if (status == CX_OK) status = cx_format_csv_options_init(&opts, sizeof opts);
  if (status != CX_OK) return status;
  source.path = path;
  opts.columns = columns;
  opts.columns_count = 2;
  status = cx_format_open_csv(w->ctx, &source, &opts, &format);
  if (status == CX_ERR_NOT_FOUND) return CX_OK; /* another kind of file */
  if (status == CX_OK) status = cx_format_read(w->ctx, format, 0, &table);
  w->table = table;
  if (status == CX_OK) status = measure_fits(w, cx_table_rows(table));
  cx_table_free(table);
  cx_format_free(format);
  return status;
}

int main(int argc, char **argv) {
  static const size_t rows[] = {30000, 100000, 300000, 1000209}, items[] = {500, 4000, 20000, 100000};
  world w = {.ctx = bench_context(1)};
  cx_status status = CX_OK;
  if (argc > 1) return bench_end(argv[0], w.ctx, bench_ends(argv[1], ".csv") ? measure_file(&w, argv[1]) : CX_OK);
  for (size_t k = 0; k < 4 && status == CX_OK; k++) {
    cx_table *table = NULL;
    status = generate(6040, 3706, rows[k], &table);
    w.table = table;
    if (status == CX_OK) status = measure_fits(&w, rows[k]);
    cx_table_free(table);
  }
  w.solver = CX_RANKER_SOLVER_CONJUGATE_GRADIENT;
  w.iterations = 2;
  for (size_t k = 0; k < 4 && status == CX_OK; k++) {
    cx_table *table = NULL;
    status = generate(2000, items[k], 200000, &table);
    w.table = table;
    if (status == CX_OK) status = fit(&w);
    if (status == CX_OK) status = measure_calls(&w, items[k]);
    if (status == CX_OK) status = measure_opening(&w, items[k]);
    (void)forget(&w);
    cx_table_free(table);
  }
  return bench_end(argv[0], w.ctx, status);
}

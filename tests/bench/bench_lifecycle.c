/* SPDX-License-Identifier: MIT */
/* Fits the BG/NBD to generated customers and asks for what they will buy, with one and two threads. Times are whole
 * days in weeks, as histories have them. An item is a customer: of a fit that converges, or of one question about all.
 * With the path of a CSV file that has columns "customer" and "time", its histories are built and fitted instead; an
 * item is then a row of the file. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct world {
  cx_context *ctx;
  size_t n;
  double *x, *t_x, *T, *out;
  cx_lifecycle *lifecycle;
  const char *path;
} world;

static cx_status draw(world *w) {
  static const double p[] = {.2426, 4.4136, .7929, 2.4259};
  cx_lifecycle *truth;
  for (size_t i = 0; i < w->n; i++) w->T[i] = (double)(i * 7919 % 1095) / 7; /* three years of new customers */
  cx_status status = cx_lifecycle_new(w->ctx, CX_LIFECYCLE_BGNBD, p, 4, CX_UNIT_WEEK, &truth);
  if (status != CX_OK) return status;
  status = cx_lifecycle_simulate(w->ctx, truth, w->n, w->T, 0, 1, w->x, w->t_x, NULL);
  cx_lifecycle_free(truth);
  for (size_t i = 0; i < w->n; i++) w->t_x[i] = floor(w->t_x[i] * 7) / 7;
  return status;
}

static cx_status forget(void *user) {
  world *w = user;
  cx_lifecycle_free(w->lifecycle);
  w->lifecycle = NULL;
  return CX_OK;
}

static cx_status fit(void *user) {
  world *w = user;
  return cx_lifecycle_fit_rows(w->ctx, w->n, w->x, w->t_x, w->T, NULL, NULL, &w->lifecycle);
}

static cx_status expect(void *user) {
  const world *w = user;
  return cx_lifecycle_expected(w->ctx, w->lifecycle, w->n, w->x, w->t_x, w->T, 39, w->out);
}

static cx_status fit_file(void *user) {
  world *w = user;
  static const cx_format_column columns[] = {{.column = "customer", .type = CX_TYPE_TEXT},
                                             {.column = "time", .type = CX_TYPE_TIME}};
  cx_format_source source;
  cx_format_csv_options opts;
  cx_format *format = NULL;
  cx_table *table = NULL;
  cx_history *history = NULL;
  cx_status status = cx_format_source_init(&source, sizeof source);
  if (status == CX_OK) status = cx_format_csv_options_init(&opts, sizeof opts);
  if (status != CX_OK) return status;
  source.path = w->path;
  opts.columns = columns;
  opts.columns_count = 2;
  status = cx_format_open_csv(w->ctx, &source, &opts, &format);
  if (status == CX_OK) status = cx_format_read(w->ctx, format, 0, &table);
  if (status == CX_OK) status = cx_history_build(w->ctx, table, NULL, &history);
  if (status == CX_OK) status = cx_lifecycle_fit(w->ctx, history, NULL, &w->lifecycle);
  if (status == CX_OK) w->n = cx_table_rows(table);
  cx_history_free(history);
  cx_table_free(table);
  cx_format_free(format);
  return status;
}

static cx_status measure(world *w, uint32_t threads) {
  char name[32];
  (void)snprintf(name, sizeof name, "bgnbd_fit_%u", (unsigned)threads);
  cx_status status = bench_run(&(bench_line){
      .name = name, .n = w->n, .item = "customer", .user = w, .before = forget, .run = fit, .seconds = 3});
  (void)snprintf(name, sizeof name, "bgnbd_expected_%u", (unsigned)threads);
  if (status == CX_OK)
    status = bench_run(&(bench_line){.name = name, .n = w->n, .item = "customer", .user = w, .run = expect});
  (void)forget(w);
  return status;
}

int main(int argc, char **argv) {
  static const size_t sizes[] = {10000, 100000, 300000, 1000000};
  world w = {.path = argc > 1 ? argv[1] : NULL};
  cx_status status = CX_OK;
  if (w.path && bench_ends(w.path, ".csv")) {
    w.ctx = bench_context(1);
    status = fit_file(&w);
    if (status == CX_ERR_NOT_FOUND) return bench_end(argv[0], w.ctx, CX_OK); /* another kind of file */
    if (status == CX_OK)
      status = bench_run(&(bench_line){
          .name = "bgnbd_file", .n = w.n, .item = "row", .user = &w, .before = forget, .run = fit_file, .seconds = 5});
    (void)forget(&w);
    return bench_end(argv[0], w.ctx, status);
  }
  for (size_t k = 0; k < 4 && status == CX_OK && !w.path; k++) {
    w.n = sizes[k];
    w.x = calloc(4 * w.n, sizeof *w.x);
    if (!w.x) return 1;
    w.t_x = w.x + w.n;
    w.T = w.t_x + w.n;
    w.out = w.T + w.n;
    status = draw(&w);
    for (uint32_t threads = 1; threads <= 2 && status == CX_OK; threads++) {
      cx_context_free(w.ctx);
      w.ctx = bench_context(threads);
      status = measure(&w, threads);
    }
    free(w.x);
  }
  return bench_end(argv[0], w.ctx, status);
}

/* SPDX-License-Identifier: MIT */
/* Learns rankers of 64 factors from generated interactions at four sizes, and ranks ten items for a customer with 25
 * events among catalogues of four sizes. Prints "name n ns_per_item spread": for fits the processor time of one
 * iteration over the interactions, the wall time for one and two threads of a whole fit; for requests the median wall
 * time of a call (n is then the catalogue, and ns_per_item a whole call's time over it) and, as rank_call, the call
 * itself with n 1. A number as argument multiplies the sizes. */
#include <cx.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 5
#define CALLS 2001
#define DAY INT64_C(86400000000)
#define NOW (INT64_C(19000) * DAY)

static double now(clockid_t clock) {
  struct timespec t;
  (void)clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print(const char *name, size_t n, double *runs, size_t count, double divisor) {
  qsort(runs, count, sizeof *runs, compare);
  printf("%s %zu %.1f %.1f\n", name, n, runs[count / 2] / divisor, (runs[3 * count / 4] - runs[count / 4]) / divisor);
}

static cx_text text_of(const char *terminated) {
  const cx_text text = {terminated, strlen(terminated)};
  return text;
}

static uint64_t state = 1;

static double uniform(void) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state >> 11) * 0x1p-53;
}

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

/* Time of a whole fit; the ranker is kept when it is asked for. */
static cx_status fit(cx_context *ctx, const cx_table *table, int32_t solver, uint32_t iterations, clockid_t clock,
                     double *time, cx_ranker **keep) {
  cx_ranker_options opts;
  cx_status status = cx_ranker_options_init(&opts, sizeof opts);
  if (status != CX_OK) return status;
  opts.factors = 64;
  opts.solver = solver;
  opts.iterations = iterations;
  cx_ranker *ranker;
  const double start = now(clock);
  status = cx_ranker_fit(ctx, table, NULL, &opts, &ranker);
  *time = now(clock) - start;
  if (status != CX_OK) return status;
  if (keep)
    *keep = ranker;
  else
    cx_ranker_free(ranker);
  return CX_OK;
}

static cx_status measure_fits(const cx_table *table, size_t rows) {
  static const char *const names[] = {"", "cholesky", "conjugate_gradient"};
  cx_status status = CX_OK;
  for (int32_t solver = 1; solver <= 2 && status == CX_OK; solver++) {
    double runs[RUNS];
    char name[64];
    for (int run = 0; run < RUNS && status == CX_OK; run++) {
      double few, many = 0;
      status = fit(NULL, table, solver, 1, CLOCK_PROCESS_CPUTIME_ID, &few, NULL);
      if (status == CX_OK) status = fit(NULL, table, solver, 5, CLOCK_PROCESS_CPUTIME_ID, &many, NULL);
      runs[run] = (many - few) / 4;
    }
    if (status != CX_OK) return status;
    snprintf(name, sizeof name, "rank_iteration_%s", names[solver]);
    print(name, rows, runs, RUNS, (double)rows);
    for (uint32_t threads = 1; threads <= 2 && status == CX_OK; threads++) {
      cx_context *ctx;
      status = cx_context_new(NULL, &ctx);
      if (status != CX_OK) return status;
      status = cx_context_set_threads(ctx, threads);
      for (int run = 0; run < RUNS && status == CX_OK; run++)
        status = fit(ctx, table, solver, 8, CLOCK_MONOTONIC, &runs[run], NULL);
      cx_context_free(ctx);
      snprintf(name, sizeof name, "rank_fit_%s_%u", names[solver], threads);
      if (status == CX_OK) print(name, rows, runs, RUNS, (double)rows);
    }
  }
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

static cx_status measure_calls(const cx_ranker *ranker, size_t items) {
  static double runs[CALLS];
  cx_profile *profile = NULL;
  cx_ranker_list *list = NULL;
  cx_status status = make_profile(items, &profile);
  if (status == CX_OK) status = cx_ranker_list_new(NULL, &list);
  for (int call = 0; call < CALLS && status == CX_OK; call++) {
    const double start = now(CLOCK_MONOTONIC);
    status = cx_ranker_rank(NULL, ranker, profile, NULL, list);
    runs[call] = now(CLOCK_MONOTONIC) - start;
  }
  if (status == CX_OK && cx_ranker_list_personal(list)) {
    print("rank_items", items, runs, CALLS, (double)items);
    char name[64];
    snprintf(name, sizeof name, "rank_call_of_%zu", items);
    print(name, 1, runs, CALLS, 1);
  }
  cx_ranker_list_free(list);
  cx_profile_free(profile);
  return status;
}

static cx_status measure_opening(const cx_ranker *ranker, size_t items) {
  const char *path = "bench_rank.model";
  double runs[101];
  cx_status status = cx_ranker_save(NULL, ranker, path, NULL);
  for (int run = 0; run < 101 && status == CX_OK; run++) {
    cx_ranker *opened;
    const double start = now(CLOCK_MONOTONIC);
    status = cx_ranker_open(NULL, path, NULL, &opened);
    runs[run] = now(CLOCK_MONOTONIC) - start;
    if (status == CX_OK) cx_ranker_free(opened);
  }
  (void)remove(path);
  if (status == CX_OK) print("rank_open", items, runs, 101, (double)items);
  return status;
}

int main(int argc, char **argv) {
  const double factor = argc > 1 ? atof(argv[1]) : 1;
  static const size_t rows[] = {30000, 100000, 300000, 1000209}, items[] = {500, 4000, 20000, 100000};
  cx_status status = CX_OK;
  for (size_t k = 0; k < 4 && status == CX_OK; k++) {
    cx_table *table = NULL;
    const size_t n = (size_t)((double)rows[k] * factor);
    status = generate(6040, 3706, n, &table);
    if (status == CX_OK) status = measure_fits(table, n);
    cx_table_free(table);
  }
  for (size_t k = 0; k < 4 && status == CX_OK; k++) {
    cx_table *table = NULL;
    cx_ranker *ranker = NULL;
    double unused;
    status = generate(2000, items[k], 200000, &table);
    if (status == CX_OK)
      status = fit(NULL, table, CX_RANKER_SOLVER_CONJUGATE_GRADIENT, 2, CLOCK_MONOTONIC, &unused, &ranker);
    if (status == CX_OK) status = measure_calls(ranker, items[k]);
    if (status == CX_OK) status = measure_opening(ranker, items[k]);
    cx_ranker_free(ranker);
    cx_table_free(table);
  }
  if (status != CX_OK) fprintf(stderr, "bench_rank: %s\n", cx_status_text(status));
  return status == CX_OK ? 0 : 1;
}

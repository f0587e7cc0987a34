/* SPDX-License-Identifier: MIT */
/* Fits the BG/NBD to generated customers at four sizes and asks for expectations. Prints "name n ns_per_item spread",
 * the median of five runs and the distance of their quartiles; names say how many threads there were. Times are whole
 * days in weeks, as histories have them. A number as argument multiplies the sizes. */
#include <cx.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 5

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print(const char *name, uint32_t threads, size_t n, double *runs) {
  qsort(runs, RUNS, sizeof *runs, compare);
  printf("%s_%u %zu %.1f %.1f\n", name, threads, n, runs[2] / (double)n, (runs[3] - runs[1]) / (double)n);
}

static cx_status draw(size_t n, double *x, double *t_x, double *T) {
  static const double p[] = {.2426, 4.4136, .7929, 2.4259};
  cx_lifecycle *truth;
  for (size_t i = 0; i < n; i++) T[i] = (double)(i * 7919 % 1095) / 7; /* three years of new customers */
  cx_status status = cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, p, 4, CX_UNIT_WEEK, &truth);
  if (status != CX_OK) return status;
  status = cx_lifecycle_simulate(NULL, truth, n, T, 0, 1, x, t_x, NULL);
  cx_lifecycle_free(truth);
  for (size_t i = 0; i < n; i++) t_x[i] = floor(t_x[i] * 7) / 7;
  return status;
}

static cx_status measure(size_t n, double *x, double *t_x, double *T, double *out) {
  cx_status status = draw(n, x, t_x, T);
  for (uint32_t threads = 1; threads <= 2 && status == CX_OK; threads++) {
    cx_context *ctx;
    status = cx_context_new(NULL, &ctx);
    if (status != CX_OK) break;
    status = cx_context_set_threads(ctx, threads);
    double fits[RUNS], expectations[RUNS];
    for (int run = 0; run < RUNS && status == CX_OK; run++) {
      cx_lifecycle *lifecycle;
      double start = now();
      status = cx_lifecycle_fit_rows(ctx, n, x, t_x, T, NULL, NULL, &lifecycle);
      fits[run] = now() - start;
      if (status != CX_OK) break;
      start = now();
      status = cx_lifecycle_expected(ctx, lifecycle, n, x, t_x, T, 39, out);
      expectations[run] = now() - start;
      cx_lifecycle_free(lifecycle);
    }
    if (status == CX_OK) {
      print("bgnbd_fit", threads, n, fits);
      print("bgnbd_expected", threads, n, expectations);
    } else {
      fprintf(stderr, "%s\n", cx_context_error(ctx));
    }
    cx_context_free(ctx);
  }
  return status;
}

int main(int argc, char **argv) {
  const double factor = argc > 1 ? atof(argv[1]) : 1;
  static const size_t sizes[] = {10000, 100000, 300000, 1000000};
  for (size_t k = 0; k < 4; k++) {
    const size_t n = (size_t)((double)sizes[k] * factor);
    double *x = calloc(4 * n + 1, sizeof *x);
    if (!x) return 1;
    const cx_status status = measure(n, x, x + n, x + 2 * n, x + 3 * n);
    free(x);
    if (status != CX_OK) return 1;
  }
  return 0;
}

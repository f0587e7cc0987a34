/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS_LEAST 3
#define RUNS_MOST 5001
#define SPREAD_WANTED .01
#define PADDING 64

static double now(clockid_t clock) {
  struct timespec t;
  (void)clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/** Median of a sorted array, and its standard error as if the times were normal: sigma is the distance of the quartiles
 * / 1.349, of fewer than eight runs their range / 2, and the median's error sigma * sqrt(pi / 2 / runs). */
static double median(const double *sorted, size_t runs, double *error) {
  const bool few = runs < 8;
  const double low = sorted[few ? 0 : runs / 4], high = sorted[runs - 1 - (few ? 0 : runs / 4)];
  *error = (high - low) / (few ? 2 : 1.349) * sqrt(1.5708 / (double)runs);
  return (sorted[(runs - 1) / 2] + sorted[runs / 2]) / 2;
}

static void summarise(const double *times, size_t runs, double *sorted, double *value, double *spread) {
  double error;
  memcpy(sorted, times, runs * sizeof *times);
  qsort(sorted, runs, sizeof *sorted, compare);
  *value = median(sorted, runs, &error);
  *spread = *value > 0 ? error / *value : 0;
}

cx_status bench_measure(const bench_line *line, bench_result *out) {
  static double cpu[RUNS_MOST], wall[RUNS_MOST], sorted[RUNS_MOST];
  const double begin = now(CLOCK_MONOTONIC), budget = (line->seconds > 0 ? line->seconds : .5) * 1e9;
  double unused;
  size_t runs = 0, next = RUNS_LEAST;
  for (; runs < RUNS_MOST; runs++) {
    if (runs == next) { /* looked at ever more rarely, since it takes time itself */
      summarise(cpu, runs, sorted, &out->cpu, &out->spread);
      if (out->spread < SPREAD_WANTED || now(CLOCK_MONOTONIC) - begin > budget) break;
      next += 1 + runs / 4;
    }
    cx_status status = line->before ? line->before(line->user) : CX_OK;
    if (status < 0) return status;
    const double wall_start = now(CLOCK_MONOTONIC), cpu_start = now(CLOCK_PROCESS_CPUTIME_ID);
    status = line->run(line->user);
    cpu[runs] = now(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    wall[runs] = now(CLOCK_MONOTONIC) - wall_start;
    if (status < 0) return status;
  }
  summarise(cpu, runs, sorted, &out->cpu, &out->spread);
  summarise(wall, runs, sorted, &out->wall, &unused);
  out->runs = runs;
  return CX_OK;
}

void bench_print(const char *name, size_t n, const char *item, const bench_result *result) {
  static bool started;
  if (!started && !getenv("BENCH_CONTINUED"))
    (void)printf("%-30s %9s %12s %7s %12s  %s\n", "name", "n", "ns/item", "spread", "wall", "item");
  started = true;
  (void)printf("%-30s %9zu %12.1f %6.2f%% %12.1f  %s\n", name, n, result->cpu / (double)n, result->spread * 100,
               result->wall / (double)n, item);
  (void)fflush(stdout);
}

cx_status bench_run(const bench_line *line) {
  bench_result result;
  const cx_status status = bench_measure(line, &result);
  if (status == CX_OK) bench_print(line->name, line->n, line->item, &result);
  return status;
}

bench_result bench_step(const bench_result *fewer, const bench_result *more, double steps) {
  bench_result step = *more;
  step.cpu = (more->cpu - fewer->cpu) / steps;
  step.wall = (more->wall - fewer->wall) / steps;
  step.spread = step.cpu > 0 ? hypot(more->spread * more->cpu, fewer->spread * fewer->cpu) / steps / step.cpu : 0;
  return step;
}

cx_context *bench_context(uint32_t threads) {
  cx_context *ctx = NULL;
  cx_status status = cx_context_new(NULL, &ctx);
  if (status == CX_OK) status = cx_context_set_threads(ctx, threads);
  if (status == CX_OK) return ctx;
  (void)fprintf(stderr, "%s\n", cx_status_text(status));
  exit(1);
}

int bench_end(const char *program, cx_context *ctx, cx_status status) {
  const char *text = cx_context_error(ctx);
  if (status < 0) (void)fprintf(stderr, "%s: %s\n", program, text && *text ? text : cx_status_text(status));
  cx_context_free(ctx);
  return status < 0;
}

bool bench_ends(const char *path, const char *end) {
  size_t size = path ? strlen(path) : 0;
  if (size > 3 && strcmp(path + size - 3, ".gz") == 0) size -= 3;
  return size >= strlen(end) && path && strncmp(path + size - strlen(end), end, strlen(end)) == 0;
}

uint64_t bench_draw(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

static void append(bench_text *out, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
static void append(bench_text *out, const char *format, ...) {
  if (out->capacity - out->size < 2048) {
    out->capacity = 2 * out->capacity + 65536;
    char *data = realloc(out->data, out->capacity);
    if (!data) {
      (void)fprintf(stderr, "%s\n", cx_status_text(CX_ERR_NOMEM));
      exit(1);
    }
    out->data = data;
  }
  va_list arguments;
  va_start(arguments, format);
  const int size = vsnprintf(out->data + out->size, 1024, format, arguments);
  va_end(arguments);
  out->size += size > 0 ? (size_t)size : 0;
  memset(out->data + out->size, 0, PADDING);
}

void bench_messages(bench_text *out, size_t n) {
  static const char context[] = "\"context\":{\"library\":{\"name\":\"analytics.js\",\"version\":\"2.11.1\"},\"page\":"
                                "{\"path\":\"/p\"}}";
  uint64_t state = 1;
  for (size_t i = 0; i < n; i++) {
    const uint64_t first = bench_draw(&state), second = bench_draw(&state), item = bench_draw(&state) % 4001;
    const uint64_t user = bench_draw(&state) % (n / 10 + 1), at = i * 86400 / (n / 28 + 1);
    char time[32];
    (void)snprintf(time, sizeof time, "2024-01-%02uT%02u:%02u:%02u.111Z", (unsigned)(1 + at / 86400) % 32,
                   (unsigned)(at / 3600 % 24), (unsigned)(at / 60 % 60), (unsigned)(at % 60));
    append(out, "{\"type\":\"track\",\"messageId\":\"ajs-%08x%08x%08zx\",\"userId\":\"user-%u\",", (unsigned)first,
           (unsigned)second, i, (unsigned)user);
    if (i % 8 != 0)
      append(out,
             "\"anonymousId\":\"f47ac10b-58cc-4372-a567-%012x\",\"event\":\"Product Viewed\",\"properties\":{"
             "\"product_id\":\"sku-%u\",\"name\":\"Product number %u\",\"price\":%u.99,\"currency\":\"EUR\","
             "\"category\":\"Games\",\"position\":3},%s,\"timestamp\":\"%s\"}\n",
             (unsigned)user, (unsigned)item, (unsigned)item, (unsigned)(item % 90), context, time);
    else
      append(out,
             "\"event\":\"Order Completed\",\"properties\":{\"order_id\":\"o-%zu\",\"revenue\":25.00,\"currency\":"
             "\"EUR\",\"products\":[{\"product_id\":\"sku-%u\",\"price\":19.99,\"quantity\":1},{\"product_id\":"
             "\"sku-%u\",\"price\":3,\"quantity\":2}]},\"timestamp\":\"%s\",\"sentAt\":\"%s\",\"receivedAt\":"
             "\"2024-02-01T00:00:00.387Z\"}\n",
             i, (unsigned)item, (unsigned)((item + 7) % 4001), time, time);
  }
}

void bench_orders(bench_text *out, size_t n) {
  append(out, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n");
  for (size_t i = 0; i < n; i++) {
    const unsigned item = (unsigned)(i * 104729 % 4001), order = (unsigned)(i / 20);
    append(out, "%u,%uA,WHITE HANGING HEART HOLDER %u,6,2010-12-%02u 08:26:00,2.55,%u.0,United Kingdom\n",
           536365 + order, item, item, 1 + order % 28, 12000 + order * 7919 % 6000);
  }
}

void bench_text_free(bench_text *text) {
  free(text->data);
  *text = (bench_text){0};
}

/* SPDX-License-Identifier: MIT */
/* What the benchmarks share: running something until its time is known well enough, one table of results, and input
 * that looks like a shop's.
 *
 * A line of the table is
 *     name  n  ns/item  spread  wall  item
 * the name, how many items one run handles, the median processor time of an item in nanoseconds over all threads, the
 * standard error of that median in percent, the median wall time of an item, and what an item is. Processor time is
 * what to compare on a machine that also does other things; the wall time tells what threads gain and what waiting for
 * the disk costs. */
#ifndef CX_TESTS_BENCH_H
#define CX_TESTS_BENCH_H

#include <cx.h>
#include <stdbool.h>

typedef struct bench_line {
  const char *name;
  size_t n;         /* items in one run */
  const char *item; /* what one of them is */
  void *user;
  cx_status (*before)(void *user); /* each run's preparation, not measured; may be NULL */
  cx_status (*run)(void *user);
  double seconds; /* time budget, 0 for half a second; at least three runs are made */
} bench_line;

/** What the runs of one line took, in nanoseconds. */
typedef struct bench_result {
  double cpu;    /* median, whole run */
  double wall;   /* median, whole run */
  double spread; /* standard error of the median of cpu, relative */
  size_t runs;
} bench_result;

/** Runs until the spread is below one percent or the budget is spent. */
cx_status bench_measure(const bench_line *line, bench_result *out);
/** Prints one line of the table. */
void bench_print(const char *name, size_t n, const char *item, const bench_result *result);
/** Both; nothing is printed when a run fails. */
cx_status bench_run(const bench_line *line);
/** What one of @p steps more takes, from runs of some and of @p steps more. */
bench_result bench_step(const bench_result *fewer, const bench_result *more, double steps);

/** A context with this many threads; the program ends when there is no memory. */
cx_context *bench_context(uint32_t threads);
/** The end of a main: says what went wrong, with the context's text when there is a context. */
int bench_end(const char *program, cx_context *ctx, cx_status status);
/** Whether a path, or what is left of it without .gz, ends so. NULL ends with nothing. */
bool bench_ends(const char *path, const char *end);

/** A reproducible draw, uniform in [0, 2^31). */
uint64_t bench_draw(uint64_t *state);

/** Growing text, for generated files. `size` does not count the zeros at the end, of which there are at least 64. */
typedef struct bench_text {
  char *data;
  size_t size;
  size_t capacity;
} bench_text;
/** Segment messages, 400 bytes or so each, as a shop sends them in the order of time: product views, and every eighth
 * an order of two products, each with an id of its own, from one person for ten messages. */
void bench_messages(bench_text *out, size_t n);
/** Order lines in CSV under a header, 95 bytes or so each: twenty to an order, 6,000 customers. */
void bench_orders(bench_text *out, size_t n);
void bench_text_free(bench_text *text);

#endif

/* SPDX-License-Identifier: MIT */
/* The history of two customers: how often, how lately, since when. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

#define DAY INT64_C(86400000000)

int main(void) {
  const int64_t customer[] = {1, 2, 1, 1, 1};
  const int64_t time[] = {0 * DAY, 3 * DAY, 14 * DAY, 14 * DAY + 3600, 49 * DAY};
  const double value[] = {10, 99, 20, 5, 30};
  const cx_column columns[] = {
      {.name = "customer", .type = CX_TYPE_INT64, .values = customer},
      {.name = "time", .type = CX_TYPE_TIME, .values = time},
      {.name = "value", .type = CX_TYPE_DOUBLE, .values = value},
  };
  cx_table *table = NULL;
  cx_history *history = NULL;
  cx_history_options opts;
  cx_status status = cx_table_new(NULL, columns, 3, 5, &table);
  if (status == CX_OK) status = cx_history_options_init(&opts, sizeof opts);
  opts.until = 70 * DAY;
  if (status == CX_OK) status = cx_history_build(NULL, table, &opts, &history);
  assert(status == CX_OK && cx_history_count(history) == 2);

  const cx_history_row *rows = cx_history_rows(history);
  for (size_t i = 0; i < cx_history_count(history); i++)
    printf("%g repeat purchases, last after %g weeks, known for %g weeks, worth %g each\n", rows[i].x, rows[i].t_x,
           rows[i].T, rows[i].monetary);
  assert(rows[0].x == 2); /* the two purchases of day 14 are one */
  assert(rows[0].t_x == 7 && rows[0].T == 10);
  assert(rows[0].monetary == (25.0 + 30.0) / 2);
  assert(rows[1].x == 0 && rows[1].t_x == 0);
  cx_history_free(history);
  cx_table_free(table);
  return 0;
}

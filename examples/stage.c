/* SPDX-License-Identifier: MIT */
/* Where three people stand: one who has just bought again, one long silent, one who never bought. */
#include <cx.h>

#include <assert.h>
#include <math.h>
#include <stdio.h>

static cx_stage *learn(cx_history_options *opts) {
  const cx_format_column columns[] = {{.column = "CustomerID", .name = "customer", .type = CX_TYPE_TEXT},
                                      {.column = "InvoiceDate", .name = "time", .type = CX_TYPE_TIME}};
  cx_format_source source;
  cx_format_csv_options csv;
  cx_format *format = NULL;
  cx_table *table = NULL;
  cx_history *history = NULL;
  cx_lifecycle *lifecycle = NULL;
  cx_stage *stage = NULL;
  cx_status status = cx_format_source_init(&source, sizeof source);
  if (status == CX_OK) status = cx_format_csv_options_init(&csv, sizeof csv);
  if (status == CX_OK) status = cx_history_options_init(opts, sizeof *opts);
  source.path = "data/orders.csv.gz";
  csv.columns = columns;
  csv.columns_count = 2;
  if (status == CX_OK) status = cx_format_open_csv(NULL, &source, &csv, &format);
  if (status == CX_OK) status = cx_format_read(NULL, format, 0, &table);
  if (status == CX_OK) status = cx_history_build(NULL, table, opts, &history);
  if (status == CX_OK) status = cx_lifecycle_fit(NULL, history, NULL, &lifecycle);
  if (status == CX_OK) status = cx_stage_fit(NULL, table, opts, lifecycle, NULL, &stage);
  cx_lifecycle_free(lifecycle);
  cx_history_free(history);
  cx_table_free(table);
  cx_format_free(format);
  return status == CX_OK ? stage : NULL;
}

int main(void) {
  cx_history_options opts;
  cx_stage *stage = learn(&opts);
  assert(stage);
  const cx_history_row people[] = {
      {.x = 6, .t_x = 39, .T = 40, .spell = 9, .gap = 6, .first = 0},
      {.x = 1, .t_x = 2, .T = 50, .spell = 2, .gap = 2, .first = 0},
      {.first = CX_TIME_NONE},
  };
  for (size_t i = 0; i < 3; i++) {
    cx_stage_result result = {.size = sizeof result};
    const cx_status status = cx_stage_infer(NULL, stage, &people[i], &result);
    assert(status == CX_OK);
    printf("%-10s buys again within %.0f weeks with %.3f, because", cx_stage_text(result.stage), result.horizon,
           result.again);
    double log_odds = 0;
    for (uint32_t k = 0; k < result.reasons_count; k++) {
      printf(" %s %+.2f", cx_stage_reason_text(result.reasons[k].code), result.reasons[k].log_odds);
      log_odds += result.reasons[k].log_odds;
    }
    putchar('\n');
    assert(fabs(1 / (1 + exp(-log_odds)) - result.again) < 1e-9); /* the reasons add up */
  }
  cx_stage_free(stage);
  return 0;
}

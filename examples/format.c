/* SPDX-License-Identifier: MIT */
/* Reads two columns of a file, a thousand rows at a time: a file of any size needs only so much memory. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

int main(void) {
  const cx_format_column columns[] = {
      {.column = "InvoiceDate", .name = "time", .type = CX_TYPE_TIME},
      {.column = "UnitPrice", .name = "price", .type = CX_TYPE_DOUBLE},
  };
  cx_context *ctx = NULL;
  cx_format *format = NULL;
  cx_format_source source;
  cx_format_csv_options opts;
  cx_status status = cx_context_new(NULL, &ctx);
  if (status == CX_OK) status = cx_format_source_init(&source, sizeof source);
  if (status == CX_OK) status = cx_format_csv_options_init(&opts, sizeof opts);
  source.path = "data/orders.csv.gz";
  opts.columns = columns;
  opts.columns_count = 2;
  if (status == CX_OK) status = cx_format_open_csv(ctx, &source, &opts, &format);

  size_t rows = 0;
  double sum = 0;
  int64_t last = CX_TIME_NONE;
  cx_table *table = NULL;
  while (status == CX_OK && (status = cx_format_read(ctx, format, 1000, &table)) == CX_OK) {
    cx_column time, price;
    assert(cx_table_get_column(table, 0, &time) == CX_OK && cx_table_get_column(table, 1, &price) == CX_OK);
    for (size_t i = 0; i < cx_table_rows(table); i++) {
      sum += ((const double *)price.values)[i];
      if (((const int64_t *)time.values)[i] > last) last = ((const int64_t *)time.values)[i];
    }
    rows += cx_table_rows(table);
    cx_table_free(table);
  }
  if (status != CX_DONE) fprintf(stderr, "%s\n", cx_context_error(ctx));
  assert(status == CX_DONE && rows > 200000);
  char text[40];
  status = cx_format_print_time(last, text, sizeof text);
  assert(status == CX_OK);
  printf("%zu rows, the last of %s, mean price %.2f\n", rows, text, sum / (double)rows);
  cx_format_free(format);
  cx_context_free(ctx);
  return 0;
}

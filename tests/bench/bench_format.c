/* SPDX-License-Identifier: MIT */
/* Reads text: JSON documents alone (an item is a document of 400 bytes), Segment messages as records (a message), order
 * lines as records and as a table of text (a row of 95 bytes). With a path, a CSV or JSON Lines file is read so
 * instead, once as records and once as bytes of the table, an item being a byte. */
#include "bench.h"
#include "format/reader.h"

typedef struct input {
  cx_context *ctx;
  cx_format_source source;
  cx__reader_kind kind;
  size_t wanted; /* rows that there should be, 0 when unknown */
  size_t rows;   /* that there were */
  size_t bytes;  /* of fields and separators */
} input;

static cx_status finish(const input *in, cx_status status) {
  if (status != CX_DONE) return status;
  return in->wanted > 0 && in->rows != in->wanted ? CX_ERR_INTERNAL : CX_OK;
}

static cx_status read_records(void *user) {
  input *in = user;
  const cx__reader_options opts = {.kind = in->kind, .header = true};
  cx__reader *reader;
  cx_status status = cx__reader_open(in->ctx, &in->source, &opts, &reader);
  if (status != CX_OK) return status;
  cx__reader_row row;
  for (in->rows = 0; (status = cx__reader_next(in->ctx, reader, &row)) == CX_OK; in->rows++) {
  }
  cx__reader_free(reader);
  return finish(in, status);
}

/** One document after the other, without records. */
static cx_status read_documents(void *user) {
  const input *in = user;
  cx__json *json = cx__json_new(cx__allocator(in->ctx));
  if (!json) return CX_ERR_NOMEM;
  cx_status status = CX_OK;
  const char *line = in->source.data, *const end = line + in->source.data_size;
  while (line < end && status == CX_OK) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    cx__json_document document;
    status = cx__json_parse(json, line, (size_t)(stop - line), &document);
    line = stop + 1;
  }
  cx__json_free(json);
  return status;
}

static cx_status read_table(void *user) {
  input *in = user;
  cx_format *format;
  cx_table *table;
  cx_status status = cx_format_open_csv(in->ctx, &in->source, NULL, &format);
  if (status != CX_OK) return status;
  in->rows = in->bytes = 0;
  while ((status = cx_format_read(in->ctx, format, 65536, &table)) == CX_OK) {
    in->rows += cx_table_rows(table);
    for (size_t c = 0; c < cx_table_columns(table); c++) {
      cx_column column;
      if (cx_table_get_column(table, c, &column) != CX_OK) break;
      in->bytes += (size_t)column.offsets[cx_table_rows(table)] + cx_table_rows(table);
    }
    cx_table_free(table);
  }
  cx_format_free(format);
  return finish(in, status);
}

static cx_status measure(input *in, size_t n) {
  bench_text messages = {0}, orders = {0};
  bench_messages(&messages, n);
  bench_orders(&orders, n);
  in->wanted = n;
  in->source.data = messages.data;
  in->source.data_size = messages.size;
  in->kind = CX__READER_SEGMENT;
  cx_status status =
      bench_run(&(bench_line){.name = "json_documents", .n = n, .item = "document", .user = in, .run = read_documents});
  if (status == CX_OK)
    status = bench_run(
        &(bench_line){.name = "segment_messages", .n = n, .item = "message", .user = in, .run = read_records});
  in->source.data = orders.data;
  in->source.data_size = orders.size;
  in->kind = CX__READER_ORDERS;
  if (status == CX_OK)
    status = bench_run(&(bench_line){.name = "orders_rows", .n = n, .item = "row", .user = in, .run = read_records});
  if (status == CX_OK)
    status = bench_run(&(bench_line){.name = "csv_rows", .n = n, .item = "row", .user = in, .run = read_table});
  if (status == CX_OK)
    status =
        bench_run(&(bench_line){.name = "csv_bytes", .n = orders.size, .item = "byte", .user = in, .run = read_table});
  bench_text_free(&messages);
  bench_text_free(&orders);
  return status;
}

static cx_status measure_file(input *in, const char *path) {
  in->source.path = path;
  const bool csv = bench_ends(path, ".csv");
  in->kind = csv ? CX__READER_ORDERS : CX__READER_SEGMENT;
  cx_status status = csv ? read_table(in) : CX_OK;
  if (status == CX_OK && csv)
    status = bench_run(&(bench_line){
        .name = "csv_bytes", .n = in->bytes, .item = "byte", .user = in, .run = read_table, .seconds = 3});
  if (status != CX_OK) return status;
  status = read_records(in);
  if (csv && status < 0) return CX_OK; /* not of orders */
  if (status == CX_OK)
    status = bench_run(&(bench_line){.name = csv ? "orders_rows" : "segment_messages",
                                     .n = in->rows,
                                     .item = "row",
                                     .user = in,
                                     .run = read_records,
                                     .seconds = 3});
  return status;
}

int main(int argc, char **argv) {
  static const size_t sizes[] = {1000, 10000, 100000, 300000};
  input in = {.ctx = bench_context(1)};
  cx_status status = cx_format_source_init(&in.source, sizeof in.source);
  if (argc > 1) {
    if (status == CX_OK) status = measure_file(&in, argv[1]);
  } else {
    for (size_t i = 0; i < 4 && status == CX_OK; i++) status = measure(&in, sizes[i]);
  }
  return bench_end(argv[0], in.ctx, status);
}

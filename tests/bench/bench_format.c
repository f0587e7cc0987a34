/* SPDX-License-Identifier: MIT */
/* Reads generated input at four sizes: JSON documents alone, Segment messages and orders as records. Prints "name n
 * ns_per_item spread", the median of five runs and the distance of their quartiles, in processor time. A number as
 * argument multiplies the sizes. */
#include "format/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 5

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print(const char *name, size_t n, double *runs) {
  qsort(runs, RUNS, sizeof *runs, compare);
  printf("%s %zu %.1f %.1f\n", name, n, runs[2] / (double)n, (runs[3] - runs[1]) / (double)n);
}

/** Messages as a shop sends them, 400 bytes or so each: views, and every eighth an order of two products. */
static bool write_messages(cx__buffer *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char text[1024];
    const unsigned long user = (unsigned long)(i * 7919 % 100003), item = (unsigned long)(i * 104729 % 4001);
    const int size =
        i % 8 != 0
            ? snprintf(text, sizeof text,
                       "{\"type\":\"track\",\"messageId\":\"ajs-%024lx\",\"userId\":\"user-%lu\",\"anonymousId\":"
                       "\"f47ac10b-58cc-4372-a567-%012lx\",\"event\":\"Product Viewed\",\"properties\":{\"product_id\":"
                       "\"sku-%lu\",\"name\":\"Product number %lu\",\"price\":%lu.99,\"currency\":\"EUR\",\"category\":"
                       "\"Games\",\"position\":3},\"context\":{\"library\":{\"name\":\"analytics.js\",\"version\":"
                       "\"2.11.1\"},\"page\":{\"path\":\"/p\"}},\"timestamp\":\"2015-02-23T22:28:%02lu.111Z\"}\n",
                       (unsigned long)i, user, user, item, item, item % 90, (unsigned long)(i % 60))
            : snprintf(text, sizeof text,
                       "{\"type\":\"track\",\"messageId\":\"ajs-%024lx\",\"userId\":\"user-%lu\",\"event\":\"Order "
                       "Completed\",\"properties\":{\"order_id\":\"o-%lu\",\"revenue\":25.00,\"currency\":\"EUR\","
                       "\"products\":[{\"product_id\":\"sku-%lu\",\"price\":19.99,\"quantity\":1},{\"product_id\":"
                       "\"sku-%lu\",\"price\":3,\"quantity\":2}]},\"timestamp\":\"2015-02-23T22:28:%02lu.111Z\","
                       "\"sentAt\":\"2015-02-23T22:28:%02lu.511Z\",\"receivedAt\":\"2015-02-23T22:29:00.387Z\"}\n",
                       (unsigned long)i, user, (unsigned long)i, item, (item + 7) % 4001, (unsigned long)(i % 60),
                       (unsigned long)(i % 60));
    if (!cx__buffer_append(out, text, (size_t)size)) return false;
  }
  return true;
}

static bool write_orders(cx__buffer *out, size_t n) {
  if (!cx__buffer_append_text(out,
                              "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"))
    return false;
  for (size_t i = 0; i < n; i++) {
    char text[256];
    const unsigned long item = (unsigned long)(i * 104729 % 4001);
    const int size =
        snprintf(text, sizeof text,
                 "%lu,%luA,WHITE HANGING HEART HOLDER %lu,6,2010-12-%02lu 08:26:00,2.55,%lu.0,United Kingdom\n",
                 536365 + (unsigned long)(i / 20), item, item, 1 + (unsigned long)(i % 28),
                 12000 + (unsigned long)(i / 20 * 7919 % 6000));
    if (!cx__buffer_append(out, text, (size_t)size)) return false;
  }
  return true;
}

static cx_status read_rows(const cx__buffer *input, cx__reader_kind kind, size_t n) {
  cx_format_source source;
  cx_status status = cx_format_source_init(&source, sizeof source);
  if (status != CX_OK) return status;
  source.data = input->data;
  source.data_size = input->size;
  const cx__reader_options opts = {.kind = kind, .header = true};
  cx__reader *reader;
  status = cx__reader_open(NULL, &source, &opts, &reader);
  if (status != CX_OK) return status;
  cx__reader_row row;
  size_t rows = 0;
  while ((status = cx__reader_next(NULL, reader, &row)) == CX_OK) rows += row.bad == 0;
  cx__reader_free(reader);
  return status == CX_DONE && rows == n ? CX_OK : CX_ERR_INTERNAL;
}

/** One document after the other, without records. */
static cx_status read_documents(const cx__buffer *input) {
  cx__json *json = cx__json_new(cx__allocator(NULL));
  if (!json) return CX_ERR_NOMEM;
  cx_status status = CX_OK;
  for (size_t at = 0; at < input->size && status == CX_OK;) {
    const char *line = input->data + at, *end = memchr(line, '\n', input->size - at);
    cx__json_document document;
    status = cx__json_parse(json, line, (size_t)(end - line), &document);
    at += (size_t)(end - line) + 1;
  }
  cx__json_free(json);
  return status;
}

static cx_status measure(size_t n) {
  cx__buffer messages, orders;
  cx__buffer_init(&messages, cx__allocator(NULL));
  cx__buffer_init(&orders, cx__allocator(NULL));
  double documents[RUNS], segment[RUNS], csv[RUNS];
  static const char padding[CX__JSON_PADDING] = {0};
  cx_status status = write_messages(&messages, n) && write_orders(&orders, n) ? CX_OK : CX_ERR_NOMEM;
  const size_t size = messages.size;
  if (status == CX_OK && !cx__buffer_append(&messages, padding, sizeof padding)) status = CX_ERR_NOMEM;
  messages.size = size;
  for (int run = 0; run < RUNS && status == CX_OK; run++) {
    const double start = now();
    status = read_documents(&messages);
    const double between = now();
    if (status == CX_OK) status = read_rows(&messages, CX__READER_SEGMENT, n);
    const double after = now();
    if (status == CX_OK) status = read_rows(&orders, CX__READER_ORDERS, n);
    documents[run] = between - start;
    segment[run] = after - between;
    csv[run] = now() - after;
  }
  if (status == CX_OK) {
    print("json_documents", n, documents);
    print("segment_messages", n, segment);
    print("orders_rows", n, csv);
  }
  cx__buffer_free(&messages);
  cx__buffer_free(&orders);
  return status;
}

int main(int argc, char **argv) {
  static const size_t sizes[] = {1000, 10000, 100000, 300000};
  const size_t factor = argc > 1 && atoi(argv[1]) > 0 ? (size_t)atoi(argv[1]) : 1;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    const cx_status status = measure(sizes[i] * factor);
    if (status == CX_OK) continue;
    fprintf(stderr, "%s\n", cx_status_text(status));
    return 1;
  }
  return 0;
}

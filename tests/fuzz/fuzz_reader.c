/* SPDX-License-Identifier: MIT */
/* Readers of all kinds: the first byte chooses kind, header and map, the rest is the input. Every record that is given
 * must pass its check, and every row be good or bad for a reason. */
#include "format/reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
  if (!holds) abort();
}

static void check_row(const cx__reader_row *row) {
  require(row->bad == 0 ? row->records_count > 0 : row->records_count == 0);
  require(row->bad >= 0 && row->bad <= CX_QUARANTINE_CURRENCY);
  require(row->row > 0 && (row->raw.data != NULL || row->raw.size == 0));
  for (size_t i = 0; i < row->records_count; i++) {
    cx__record_fault fault;
    require(cx__record_find_fault(&row->records[i], &fault));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const maps[] = {NULL, "customer=1,time=2,item=3,quantity=4,price=5,title=6,topic=7",
                                     "customer=1,topic=2,strength=3,time=4",
                                     "customer=1,purpose=2,channel=3,state=4,time=5,namespace=x"};
  if (size == 0) return 0;
  const uint8_t choice = data[0];
  cx__reader_options opts = {.kind = (cx__reader_kind)(choice % 6)};
  opts.map = maps[choice / 6 % 4];
  opts.header = !opts.map;
  cx_format_source source;
  if (cx_format_source_init(&source, sizeof source) != CX_OK) return 0;
  char *copy = malloc(size);
  require(copy != NULL);
  memcpy(copy, data + 1, size - 1);
  source.data = copy;
  source.data_size = size - 1;
  cx__reader *reader;
  if (cx__reader_open(NULL, &source, &opts, &reader) == CX_OK) {
    cx__reader_row row;
    cx_status status;
    while ((status = cx__reader_next(NULL, reader, &row)) == CX_OK) check_row(&row);
    require(status == CX_DONE || status == CX_ERR_CORRUPT || status == CX_ERR_PARSE);
    cx__reader_free(reader);
  }
  free(copy);
  return 0;
}

/* SPDX-License-Identifier: MIT */
/* CSV records and gzip from any bytes. The first byte chooses the separator and how many bytes come at a time. */
#include "format/format.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
  const uint8_t *data;
  size_t size, step;
} input;

static int64_t give(void *user, void *buffer, size_t capacity) {
  input *from = user;
  size_t n = from->size < from->step ? from->size : from->step;
  if (n > capacity) n = capacity;
  if (n > 0) memcpy(buffer, from->data, n);
  from->data += n;
  from->size -= n;
  return (int64_t)n;
}

/** Fields lie where they should and the record's place moves forward. */
static void check(const cx__csv_record *record, uint64_t *row, uint64_t *byte) {
  if (record->row <= *row || (*row > 0 && record->byte < *byte + 1)) abort();
  *row = record->row;
  *byte = record->byte;
  size_t sum = 0;
  for (size_t i = 0; i < record->fields_count; i++) {
    if (!record->fields[i].data) abort();
    sum += record->fields[i].size;
    if (record->fields[i].size > 0) (void)cx__hash(record->fields[i].data, record->fields[i].size);
  }
  if (sum > record->raw.size || (!record->malformed && record->fields_count == 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char separators[] = {0, ',', ';', ' '};
  if (size == 0) return 0;
  input from = {data + 1, size - 1, (size_t)(data[0] >> 2) + 1};
  cx_format_source given = {.size = sizeof given, .read = give, .user = &from};
  cx__source *source;
  if (cx__source_open(NULL, &given, &source) != CX_OK) return 0;
  cx__csv *csv = NULL;
  if (cx__csv_open(NULL, source, separators[data[0] & 3], &csv) == CX_OK) {
    cx__csv_record record;
    uint64_t row = 0, byte = 0;
    while (cx__csv_next(NULL, csv, &record) == CX_OK) check(&record, &row, &byte);
  }
  cx__csv_free(csv);
  cx__source_free(source);
  return 0;
}

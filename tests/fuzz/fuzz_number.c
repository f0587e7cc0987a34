/* SPDX-License-Identifier: MIT */
/* Numbers: what is read prints, and reads back as the same number. */
#include "core/core.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const cx_text text = {(const char *)data, size};
  char printed[CX__NUMBER_SIZE];
  double value;
  if (cx__parse_double(text, '.', &value)) {
    double again = 0;
    const size_t length = cx__print_double(value, printed);
    if (!cx__parse_double((cx_text){printed, length}, '.', &again) || memcmp(&value, &again, sizeof value) != 0)
      abort();
  }
  cx_decimal decimal, second;
  if (cx__parse_decimal(text, ',', &decimal)) {
    const size_t length = cx__print_decimal(decimal, printed);
    if (!cx__parse_decimal((cx_text){printed, length}, '.', &second) || second.mantissa != decimal.mantissa ||
        second.scale != decimal.scale)
      abort();
  }
  int64_t integer;
  (void)cx__parse_int64(text, &integer);
  return 0;
}

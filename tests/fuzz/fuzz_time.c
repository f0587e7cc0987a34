/* SPDX-License-Identifier: MIT */
/* Times, with and without a format: what is read prints, and reads back as the same instant. */
#include "core/core.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t time;
  const cx_text text = {(const char *)data, size};
  if (cx__parse_time(text, NULL, NULL, &time) == CX_OK) {
    char printed[32];
    const size_t length = cx__print_time(time, printed, sizeof printed);
    int64_t again;
    if (length == 0 || cx__parse_time((cx_text){printed, length}, NULL, NULL, &again) != CX_OK || again != time)
      abort();
  }
  /* up to the first line end a format, behind it the time */
  const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
  char format[64];
  if (end && (size_t)(end - data) < sizeof format) {
    const size_t length = (size_t)(end - data);
    memcpy(format, data, length);
    format[length] = '\0';
    (void)cx__parse_time((cx_text){(const char *)end + 1, size - length - 1}, format, NULL, &time);
  }
  return 0;
}

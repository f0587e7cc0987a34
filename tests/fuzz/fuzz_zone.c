/* SPDX-License-Identifier: MIT */
/* TZif files: whatever is accepted answers for any instant. */
#include "core/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  cx__zone *zone;
  if (cx__zone_parse(NULL, data, size, &zone) != CX_OK) return 0;
  for (int64_t time = -CX__DAY * 50000; time < CX__DAY * 50000; time += CX__DAY * 1999)
    (void)cx__zone_to_utc(zone, time);
  (void)cx__zone_to_utc(zone, INT64_MIN);
  (void)cx__zone_to_utc(zone, INT64_MAX);
  (void)cx__zone_offset(zone, INT64_MIN);
  (void)cx__zone_offset(zone, INT64_MAX);
  cx__zone_free(zone);
  return 0;
}

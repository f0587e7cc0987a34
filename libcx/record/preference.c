/* SPDX-License-Identifier: MIT */
#include "record/record.h"

int cx_preference_is_valid(const cx_preference *preference, int64_t at) {
  if (!preference || at == CX_TIME_NONE || preference->time == CX_TIME_NONE) return 0;
  const bool declared = at >= preference->time;
  const bool ended = preference->valid_until != CX_TIME_NONE && at >= preference->valid_until;
  /* Written so that NaN does not hold. */
  const bool strong = preference->strength > 0 || preference->strength < 0;
  return declared && !ended && strong;
}

/* SPDX-License-Identifier: MIT */
#include "record/record.h"

int cx_content_is_valid(const cx_content *content, int64_t at) {
  if (!content || at == CX_TIME_NONE) return 0;
  const bool begun = content->valid_from == CX_TIME_NONE || at >= content->valid_from;
  const bool ended = content->valid_until != CX_TIME_NONE && at >= content->valid_until;
  return begun && !ended;
}

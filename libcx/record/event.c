/* SPDX-License-Identifier: MIT */
#include "record/record.h"

const char *cx_event_kind_text(int32_t kind) {
  switch (kind) {
#define CASE(name, value, text)                                                                                        \
  case value:                                                                                                          \
    return text;
    CX_EVENT_MAP(CASE)
#undef CASE
  default:
    return NULL;
  }
}

/* SPDX-License-Identifier: MIT */
#include <cx/status.h>

const char *cx_status_text(cx_status status) {
  switch (status) {
#define CASE(name, value, text)                                                                                        \
  case value:                                                                                                          \
    return text;
    CX_STATUS_MAP(CASE)
#undef CASE
  default:
    return "unknown status";
  }
}

const char *cx_status_name(cx_status status) {
  switch (status) {
#define CASE(name, value, text)                                                                                        \
  case value:                                                                                                          \
    return #name;
    CX_STATUS_MAP(CASE)
#undef CASE
  default:
    return NULL;
  }
}

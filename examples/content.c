/* SPDX-License-Identifier: MIT */
/* An item that may be shown in spring only. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

#define TEXT(literal)                                                                                                  \
  { literal, sizeof literal - 1 }

int main(void) {
  const cx_text topics[] = {TEXT("garden"), TEXT("tool")};
  cx_content spade = {.size = sizeof spade,
                      .id = TEXT("spade-7"),
                      .title = TEXT("Garden spade"),
                      .topics = topics,
                      .topics_count = 2,
                      .time = 0,
                      .published = CX_TIME_NONE};
  const cx_text from = TEXT("2026-03-01"), until = TEXT("2026-06-01"), day = TEXT("2026-04-15");
  int64_t april;
  cx_status status = cx_format_parse_time(NULL, from, NULL, NULL, &spade.valid_from);
  if (status == CX_OK) status = cx_format_parse_time(NULL, until, NULL, NULL, &spade.valid_until);
  if (status == CX_OK) status = cx_format_parse_time(NULL, day, NULL, NULL, &april);
  assert(status == CX_OK);
  assert(cx_content_is_valid(&spade, april));
  assert(cx_content_is_valid(&spade, spade.valid_from));
  assert(!cx_content_is_valid(&spade, spade.valid_until)); /* the first instant at which it may no longer */
  puts("the spade is shown in April, and no longer in June");
  return 0;
}

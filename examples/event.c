/* SPDX-License-Identifier: MIT */
/* One order with two lines goes into a store; the same message again is a duplicate. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define TEXT(literal)                                                                                                  \
  { literal, sizeof literal - 1 }

int main(void) {
  const cx_identifier who = {.name_space = TEXT("customer"), .value = TEXT("4711"), .verified = 1};
  const cx_event_line lines[] = {
      {.item = TEXT("mug"), .title = TEXT("Blue mug"), .quantity = {2, 0, 0}, .price = {495, 2, 0}},
      {.item = TEXT("tea"), .title = TEXT("Green tea"), .quantity = {1, 0, 0}, .price = {1250, 2, 0}},
  };
  cx_event order = {.size = sizeof order,
                    .kind = CX_EVENT_PURCHASE,
                    .id = TEXT("order-1"),
                    .who = &who,
                    .who_count = 1,
                    .received = CX_TIME_NONE,
                    .name = TEXT("Order Completed"),
                    .channel = TEXT("web"),
                    .order = TEXT("1"),
                    .lines = lines,
                    .lines_count = 2,
                    .currency = "EUR"};
  const cx_text when = TEXT("2026-03-01T10:30:00+01:00");
  cx_store *store = NULL;
  cx_store_options opts;
  cx_store_info info = {.size = sizeof info};
  remove("event.cx");
  cx_status status = cx_format_parse_time(NULL, when, NULL, NULL, &order.time);
  if (status == CX_OK) status = cx_store_options_init(&opts, sizeof opts);
  opts.create = 1;
  if (status == CX_OK) status = cx_store_open(NULL, "event.cx", &opts, &store);
  if (status == CX_OK) status = cx_store_add_event(NULL, store, &order);
  assert(status == CX_OK);
  status = cx_store_add_event(NULL, store, &order);
  assert(status == CX_DONE); /* seen before */
  status = cx_store_get_info(NULL, store, &info);
  assert(status == CX_OK && info.events == 1 && info.lines == 2 && info.people == 1);
  printf("%llu event, %llu lines\n", (unsigned long long)info.events, (unsigned long long)info.lines);
  cx_store_free(store);
  return 0;
}

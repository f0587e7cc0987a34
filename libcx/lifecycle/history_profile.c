/* SPDX-License-Identifier: MIT */
/* The history of the one person of a profile. */
#include "lifecycle/history.h"

#include <math.h>

static double value_of(const cx_event *event) {
  if (event->lines_count == 0) return (double)NAN;
  double value = 0;
  for (size_t i = 0; i < event->lines_count; i++) {
    const cx_event_line *line = &event->lines[i];
    if (line->price.scale < 0) return (double)NAN;
    value += cx__decimal_to_double(line->quantity) * cx__decimal_to_double(line->price);
  }
  return value;
}

/** Copies the purchases and returns of a profile. Amounts in several currencies cannot be added: unknown. */
static cx_status read_profile(cx_context *ctx, const cx_profile *profile, cx__interner *orders, cx__purchase *list,
                              size_t *n) {
  const size_t events = cx_profile_events(profile);
  char currency[4] = "";
  size_t count = 0;
  bool mixed = false;
  for (size_t i = 0; i < events; i++) {
    cx_event event = {.size = sizeof event};
    const cx_status status = cx_profile_get_event(profile, i, &event);
    if (status != CX_OK) return cx__fail(ctx, status, "an event of the profile cannot be read");
    if (event.kind != CX_EVENT_PURCHASE && event.kind != CX_EVENT_RETURN) continue;
    if (event.time < -CX__HISTORY_LATEST || event.time > CX__HISTORY_LATEST) continue;
    if (count == 0) memcpy(currency, event.currency, sizeof currency);
    if (memcmp(currency, event.currency, sizeof currency) != 0) mixed = true;
    cx__purchase *purchase = &list[count++];
    *purchase = (cx__purchase){.time = event.time, .of = CX_TIME_NONE, .value = value_of(&event), .kind = event.kind};
    if (event.order.data) {
      uint32_t order;
      if (!cx__interner_add(orders, event.order, &order)) return cx__no_memory(ctx);
      purchase->order = order + 1;
    }
  }
  for (size_t i = 0; mixed && i < count; i++) list[i].value = (double)NAN;
  *n = count;
  return CX_OK;
}

cx_status cx_history_of_profile(cx_context *ctx, const cx_profile *profile, const cx_history_options *opts,
                                cx_history_row *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  if (!out) return cx__null(ctx, "out");
  cx__purchases purchases = {.allocator = *cx__allocator(ctx), .customers_count = 1};
  status = cx__history_options_read(ctx, opts, &purchases.options);
  if (status != CX_OK) return status;
  const cx_allocator *allocator = &purchases.allocator;
  const size_t events = cx_profile_events(profile);
  cx__interner *orders = cx__interner_new(allocator);
  cx__purchase *list = cx__alloc_array(allocator, events, sizeof *list);
  uint32_t *numbers = cx__alloc_array_zero(allocator, events, sizeof *numbers);
  size_t n = 0;
  if (!orders || !list || !numbers)
    status = cx__no_memory(ctx);
  else
    status = read_profile(ctx, profile, orders, list, &n);
  if (status == CX_OK) status = cx__purchases_group(ctx, &purchases, list, numbers, n);
  if (status == CX_OK) {
    int64_t until = purchases.options.until;
    if (until == CX_TIME_NONE) until = cx_profile_time(profile);
    if (until == CX_TIME_NONE) until = purchases.last == CX_TIME_NONE ? 0 : purchases.last;
    (void)cx__purchases_summarise(&purchases, 0, cx__day_of(until), out);
  }
  cx__interner_free(orders);
  cx__free(allocator, list);
  cx__free(allocator, numbers);
  cx__purchases_free(&purchases);
  return status;
}

/* SPDX-License-Identifier: MIT */
/* What one decision needs of one person, built by hand, sent as bytes and read where the decision is made. */
#include <cx.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

static cx_text text(const char *terminated) { return (cx_text){terminated, strlen(terminated)}; }

static void must(cx_context *ctx, cx_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cx_status_text(status), cx_context_error(ctx));
  exit(1);
}

/** One item bought, or only looked at. */
static void add_event(cx_context *ctx, cx_profile *profile, int32_t kind, const char *id, const char *item,
                      int64_t day) {
  const cx_event_line line = {.item = text(item), .quantity = {.mantissa = 1}, .price = {.mantissa = 1275, .scale = 2}};
  const cx_event event = {.size = sizeof event,
                          .kind = kind,
                          .id = text(id),
                          .time = day * DAY,
                          .received = CX_TIME_NONE,
                          .channel = text("web"),
                          .lines = &line,
                          .lines_count = 1,
                          .currency = "GBP"};
  must(ctx, cx_profile_add_event(ctx, profile, &event));
}

/** The server's side: returns the bytes, to be freed. */
static void *build(cx_context *ctx, size_t *size) {
  cx_profile *profile;
  must(ctx, cx_profile_new(ctx, &profile));
  must(ctx, cx_profile_set_time(ctx, profile, 14 * DAY));
  const cx_identifier who = {.name_space = text("customer"), .value = text("17850"), .verified = 1};
  must(ctx, cx_profile_add_identifier(ctx, profile, &who));
  add_event(ctx, profile, CX_EVENT_PURCHASE, "order-2", "85123A", 12); /* in any order */
  add_event(ctx, profile, CX_EVENT_VIEW, "view-1", "22423", 3);
  add_event(ctx, profile, CX_EVENT_VIEW, "view-1", "22423", 3); /* sent twice */
  must(ctx, cx_profile_write(ctx, profile, NULL, 0, size));
  void *bytes = malloc(*size);
  if (!bytes) exit(1);
  must(ctx, cx_profile_write(ctx, profile, bytes, *size, size));
  cx_profile_free(profile);
  return bytes;
}

int main(void) {
  cx_context *ctx;
  must(NULL, cx_context_new(NULL, &ctx));
  size_t size;
  void *bytes = build(ctx, &size);
  cx_profile *profile;
  must(ctx, cx_profile_read(ctx, bytes, size, &profile));
  printf("%zu bytes, %zu events\n", size, cx_profile_events(profile));
  const char *const expected[] = {"day 3: view 22423", "day 12: purchase 85123A"};
  if (cx_profile_events(profile) != 2) return 1;
  for (size_t i = 0; i < 2; i++) {
    cx_event event = {.size = sizeof event};
    must(ctx, cx_profile_get_event(profile, i, &event));
    char line[80];
    snprintf(line, sizeof line, "day %d: %s %.*s", (int)(event.time / DAY), cx_event_kind_text(event.kind),
             (int)event.lines[0].item.size, event.lines[0].item.data);
    puts(line);
    if (strcmp(line, expected[i]) != 0) return 1;
  }
  cx_profile_free(profile);
  free(bytes);
  cx_context_free(ctx);
  return 0;
}

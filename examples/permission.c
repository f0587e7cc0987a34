/* SPDX-License-Identifier: MIT */
/* A shop asks before it writes: what was granted, withdrawn and granted again decides, by time. */
#include <cx.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cx_text text(const char *terminated) { return (cx_text){terminated, strlen(terminated)}; }

static void must(cx_context *ctx, cx_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cx_status_text(status), cx_context_error(ctx));
  exit(1);
}

/** Records what a person said about marketing on a channel. */
static void say(cx_context *ctx, cx_profile *profile, int32_t state, const char *channel, int64_t day) {
  const cx_consent consent = {.size = sizeof consent,
                              .state = state,
                              .basis = CX_BASIS_CONSENT,
                              .who = {.name_space = text("customer"), .value = text("17850"), .verified = 1},
                              .purpose = text("marketing"),
                              .channel = text(channel),
                              .evidence = text("form of the newsletter, version 3"),
                              .time = day * INT64_C(86400000000),
                              .valid_until = CX_TIME_NONE};
  must(ctx, cx_profile_add_consent(ctx, profile, &consent));
}

/** Prints the answer for a channel on a day and ends the program when it is not the one expected. */
static void expect(cx_context *ctx, const cx_profile *profile, const char *channel, int64_t day, const char *line) {
  const cx_permission_request request = {
      .size = sizeof request, .purpose = text("marketing"), .channel = text(channel), .at = day * INT64_C(86400000000)};
  cx_permission answer = {.size = sizeof answer};
  must(ctx, cx_permission_check(ctx, profile, &request, &answer));
  char got[80];
  snprintf(got, sizeof got, "%s on day %d: %s, %s", channel, (int)day, cx_decision_text(answer.decision),
           cx_permission_reason_text(answer.reasons[0]));
  puts(got);
  if (strcmp(got, line) == 0) return;
  fprintf(stderr, "expected: %s\n", line);
  exit(1);
}

int main(void) {
  cx_context *ctx;
  cx_profile *profile;
  must(NULL, cx_context_new(NULL, &ctx));
  must(ctx, cx_profile_new(ctx, &profile));
  must(ctx, cx_profile_set_person(ctx, profile, 1));

  expect(ctx, profile, "email", 9, "email on day 9: deny, no_record");
  say(ctx, profile, CX_CONSENT_GRANTED, "any", 10);
  expect(ctx, profile, "email", 9, "email on day 9: deny, not_yet");
  expect(ctx, profile, "email", 10, "email on day 10: allow, granted");
  say(ctx, profile, CX_CONSENT_WITHDRAWN, "any", 20);
  say(ctx, profile, CX_CONSENT_GRANTED, "web", 30); /* only there */
  expect(ctx, profile, "web", 25, "web on day 25: deny, withdrawn");
  expect(ctx, profile, "web", 30, "web on day 30: allow, granted");
  expect(ctx, profile, "email", 30, "email on day 30: deny, withdrawn");
  say(ctx, profile, CX_CONSENT_GRANTED, "email", 15); /* found late: it changes nothing */
  expect(ctx, profile, "email", 30, "email on day 30: deny, withdrawn");

  cx_profile_free(profile);
  cx_context_free(ctx);
  return 0;
}

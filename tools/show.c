/* SPDX-License-Identifier: MIT */
#include "cx.h"

#include <string.h>

static const option options[] = {{"at", 0, "DATE", "as of the end of this day (the latest event)"},
                                 {NULL, 0, NULL, NULL}};

static const char text[] =
    "ID is VALUE or NAMESPACE:VALUE as the sources have it, or the id that `cx stages --each` gives. Shows the single "
    "view: all\n"
    "identifiers, what the person did, declared and permitted, and where the person stands and why.";

/** What a profile's events come to. */
typedef struct totals {
  uint64_t kinds[32];
  uint64_t orders; /* purchases with one order id at one time are one order */
  uint64_t lines;
  int64_t first, last;
} totals;

static void count_events(const cx_profile *profile, totals *out) {
  memset(out, 0, sizeof *out);
  out->first = out->last = CX_TIME_NONE;
  cx_text order = {NULL, 0};
  int64_t time = CX_TIME_NONE;
  for (size_t i = 0; i < cx_profile_events(profile); i++) {
    cx_event event = {.size = sizeof event};
    if (cx_profile_get_event(profile, i, &event) != CX_OK) continue;
    if (event.kind > 0 && event.kind < 32) out->kinds[event.kind]++;
    out->lines += event.lines_count;
    const bool same = time == event.time && event.order.size > 0 && order.size == event.order.size &&
                      memcmp(order.data, event.order.data, order.size) == 0;
    if (event.kind == CX_EVENT_PURCHASE && !same) {
      out->orders++;
      order = event.order;
      time = event.time;
    }
    if (i == 0) out->first = event.time;
    out->last = event.time;
  }
}

static void json_profile(json *out, const cx_profile *profile) {
  char id[CX_PARTY_ID_SIZE];
  totals sums;
  count_events(profile, &sums);
  json_string(out, "id", person_text(cx_profile_person(profile), id));
  json_time(out, "at", cx_profile_time(profile));
  json_open(out, "identifiers", '[');
  for (size_t i = 0; i < cx_profile_identifiers(profile); i++) {
    cx_identifier each;
    if (cx_profile_get_identifier(profile, i, &each) != CX_OK) continue;
    json_open(out, NULL, '{');
    json_text(out, "namespace", each.name_space);
    json_text(out, "value", each.value);
    json_boolean(out, "verified", each.verified != 0);
    json_close(out, '}');
  }
  json_close(out, ']');
  json_open(out, "events", '{');
  json_unsigned(out, "count", cx_profile_events(profile));
  json_time(out, "first", sums.first);
  json_time(out, "last", sums.last);
  json_unsigned(out, "orders", sums.orders);
  json_unsigned(out, "lines", sums.lines);
  for (int32_t kind = 1; kind < 32; kind++)
    if (sums.kinds[kind] > 0) json_unsigned(out, cx_event_kind_text(kind), sums.kinds[kind]);
  json_close(out, '}');
  json_open(out, "preferences", '[');
  for (size_t i = 0; i < cx_profile_preferences(profile); i++) {
    cx_preference each = {.size = sizeof each};
    if (cx_profile_get_preference(profile, i, &each) != CX_OK) continue;
    json_open(out, NULL, '{');
    json_text(out, "topic", each.topic);
    json_number(out, "strength", each.strength);
    json_text(out, "source", each.source);
    json_time(out, "time", each.time);
    json_time(out, "valid_until", each.valid_until);
    json_boolean(out, "valid", cx_preference_is_valid(&each, cx_profile_time(profile)) != 0);
    json_close(out, '}');
  }
  json_close(out, ']');
  json_open(out, "consents", '[');
  for (size_t i = 0; i < cx_profile_consents(profile); i++) {
    cx_consent each = {.size = sizeof each};
    if (cx_profile_get_consent(profile, i, &each) != CX_OK) continue;
    json_open(out, NULL, '{');
    json_text(out, "purpose", each.purpose);
    json_text(out, "channel", each.channel);
    json_string(out, "state", cx_consent_state_text(each.state));
    json_string(out, "basis", cx_basis_text(each.basis));
    json_text(out, "evidence", each.evidence);
    json_time(out, "time", each.time);
    json_time(out, "valid_until", each.valid_until);
    json_close(out, '}');
  }
  json_close(out, ']');
}

static void print_profile(const cx_profile *profile) {
  char id[CX_PARTY_ID_SIZE], date[32];
  totals sums;
  count_events(profile, &sums);
  print_heading("person");
  print_string("id", person_text(cx_profile_person(profile), id));
  print_time("as of", cx_profile_time(profile));
  for (size_t i = 0; i < cx_profile_identifiers(profile); i++) {
    cx_identifier each;
    if (cx_profile_get_identifier(profile, i, &each) != CX_OK) continue;
    fputs("  ", stdout);
    put_text(each.name_space, 16);
    fputc(' ', stdout);
    put_text(each.value, 0);
    puts(each.verified ? "  (verified)" : "");
  }
  print_heading("events");
  for (int32_t kind = 1; kind < 32; kind++)
    if (sums.kinds[kind] > 0) print_count(cx_event_kind_text(kind), sums.kinds[kind]);
  print_count("orders", sums.orders);
  print_count("lines", sums.lines);
  print_time("first", sums.first);
  print_time("last", sums.last);
  print_heading("declared preferences");
  if (cx_profile_preferences(profile) == 0) puts("  none");
  for (size_t i = 0; i < cx_profile_preferences(profile); i++) {
    cx_preference each = {.size = sizeof each};
    if (cx_profile_get_preference(profile, i, &each) != CX_OK) continue;
    fputs("  ", stdout);
    put_text(each.topic, 16);
    printf(" %+.2f since %s%s\n", each.strength, date_text(each.time, date),
           cx_preference_is_valid(&each, cx_profile_time(profile)) ? "" : " (no longer valid)");
  }
  print_heading("consents");
  if (cx_profile_consents(profile) == 0) puts("  none: nothing may be sent or personalised");
  for (size_t i = 0; i < cx_profile_consents(profile); i++) {
    cx_consent each = {.size = sizeof each};
    if (cx_profile_get_consent(profile, i, &each) != CX_OK) continue;
    fputs("  ", stdout);
    put_text(each.purpose, 16);
    fputc(' ', stdout);
    put_text(each.channel, 8);
    printf(" %s %s, basis %s\n", cx_consent_state_text(each.state), date_text(each.time, date),
           cx_basis_text(each.basis));
  }
}

/** The stage of the profile's person, when there is a model. */
static cx_status infer(cx_context *ctx, cx_base *base, const cx_profile *profile, cx_stage_result *out, int32_t *unit,
                       bool *known) {
  *known = cx_base_stage(base) != NULL;
  if (!*known) return CX_OK;
  cx_history_options opts = {.size = sizeof opts};
  cx_status status = cx_stage_get_options(cx_base_stage(base), &opts);
  *unit = opts.unit;
  if (status == CX_OK) status = cx_base_infer(ctx, base, profile, out);
  return status;
}

static int run(arguments *args, cx_context *ctx) {
  int exit_status = EXIT_GOOD;
  int64_t at = CX_TIME_NONE;
  if (!arguments_time(args, "at", &at)) return EXIT_CALL;
  cx_base *base = base_open(args, ctx, false, true, &exit_status);
  if (!base) return exit_status;
  cx_profile *profile = NULL;
  cx_stage_result result = {.size = sizeof result};
  int32_t unit = CX_UNIT_WEEK;
  bool known = false;
  cx_status status = cx_profile_new(ctx, &profile);
  if (status == CX_OK) status = cx_base_show(ctx, base, text_of(arguments_operand(args, 1)), at, profile);
  if (status == CX_OK) status = infer(ctx, base, profile, &result, &unit, &known);
  if (status != CX_OK) {
    exit_status = failure(args, ctx, status);
  } else if (arguments_has(args, "json")) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_profile(&out, profile);
    if (known) json_stage(&out, &result, unit);
    json_close(&out, '}');
    json_end(&out);
  } else {
    print_profile(profile);
    print_heading("stage");
    if (known)
      print_stage(&result, unit);
    else
      puts("  not learned yet: cx learn");
  }
  cx_profile_free(profile);
  cx_base_free(base);
  return exit_status;
}

const command command_show = {
    "show", "[OPTION]... BASE ID", "one person: the single view, the stage, and why", text, options, 2, 2, run};

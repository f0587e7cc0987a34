/* SPDX-License-Identifier: MIT */
#include "cx.h"

static const option options[] = {{"count", 'n', "N", "items wanted, 1 to 10000 (10)"},
                                 {"purpose", 0, "P", "what the list is for (personalisation)"},
                                 {"channel", 0, "C", "where it is shown (web)"},
                                 {"at", 0, "DATE", "as of the end of this day (the latest event)"},
                                 {"seen", 0, NULL, "what the person bought may come again"},
                                 {"withheld", 0, "N", "list N of the items held back, with the reason (0)"},
                                 {NULL, 0, NULL, NULL}};

static const char text[] =
    "Ranks items for a person. Permission is asked first: without it nothing of the person is read and the list is the "
    "same for\n"
    "everybody. A score is the sum of its terms: past events, declared preferences, popularity, recency.";

static void json_list(const cx_ranker_list *list) {
  json out = {.file = stdout};
  json_open(&out, NULL, '{');
  json_boolean(&out, "personal", cx_ranker_list_personal(list) != 0);
  cx_permission permission = {.size = sizeof permission};
  if (cx_ranker_list_permission(list, &permission) == CX_OK) {
    json_open(&out, "permission", '{');
    json_permission(&out, &permission);
    json_close(&out, '}');
  }
  json_open(&out, "items", '[');
  for (size_t i = 0; i < cx_ranker_list_count(list); i++) {
    cx_ranker_item item;
    if (cx_ranker_list_get(list, i, &item) != CX_OK) continue;
    json_open(&out, NULL, '{');
    json_text(&out, "item", item.item);
    json_text(&out, "title", item.title);
    json_number(&out, "score", item.score);
    json_open(&out, "terms", '[');
    for (size_t k = 0; k < item.terms_count; k++) {
      const cx_ranker_term *term = &item.terms[k];
      json_open(&out, NULL, '{');
      json_string(&out, "kind", cx_ranker_term_text(term->kind));
      json_number(&out, "value", term->value);
      if (term->subject.data) json_text(&out, "subject", term->subject);
      if (term->count > 0) json_unsigned(&out, "events", term->count);
      if (term->time != CX_TIME_NONE) json_time(&out, "time", term->time);
      json_close(&out, '}');
    }
    json_close(&out, ']');
    json_close(&out, '}');
  }
  json_close(&out, ']');
  json_open(&out, "withheld", '{');
  for (int32_t reason = 1; reason < CX_RANKER_REASONS; reason++)
    if (cx_ranker_list_withheld(list, reason) > 0)
      json_unsigned(&out, cx_ranker_reason_text(reason), cx_ranker_list_withheld(list, reason));
  json_close(&out, '}');
  cx_text item;
  int32_t reason;
  if (cx_ranker_list_get_withheld(list, 0, &item, &reason) == CX_OK) {
    json_open(&out, "withheld_items", '[');
    for (size_t i = 0; cx_ranker_list_get_withheld(list, i, &item, &reason) == CX_OK; i++) {
      json_open(&out, NULL, '{');
      json_text(&out, "item", item);
      json_string(&out, "reason", cx_ranker_reason_text(reason));
      json_close(&out, '}');
    }
    json_close(&out, ']');
  }
  json_close(&out, '}');
  json_end(&out);
}

#define TERMS_SHOWN 4

static void print_list(const cx_ranker_list *list) {
  cx_permission permission = {.size = sizeof permission};
  if (cx_ranker_list_permission(list, &permission) == CX_OK) {
    fputs(cx_ranker_list_personal(list) ? "personal, permission " : "the same for everybody, permission ", stdout);
    print_permission(&permission);
  }
  print_heading("      score  item         title");
  for (size_t i = 0; i < cx_ranker_list_count(list); i++) {
    cx_ranker_item item;
    if (cx_ranker_list_get(list, i, &item) != CX_OK) continue;
    printf("%3zu %7.4f  ", i + 1, item.score);
    put_text(item.item, 12);
    fputc(' ', stdout);
    put_text(item.title.data ? item.title : text_of(""), 0);
    fputs("\n             ", stdout);
    double rest = 0;
    for (size_t k = 0; k < item.terms_count; k++) {
      const cx_ranker_term *term = &item.terms[k];
      if (k >= TERMS_SHOWN) {
        rest += term->value;
        continue;
      }
      printf("%s%+.4f %s", k > 0 ? ", " : "", term->value, cx_ranker_term_text(term->kind));
      if (term->subject.data) {
        fputs(" (", stdout);
        put_text(term->subject, 0);
        fputc(')', stdout);
      }
    }
    if (item.terms_count > TERMS_SHOWN) printf(", %+.4f from %zu more", rest, item.terms_count - TERMS_SHOWN);
    fputc('\n', stdout);
  }
  for (int32_t reason = 1; reason < CX_RANKER_REASONS; reason++)
    if (cx_ranker_list_withheld(list, reason) > 0)
      printf("held back, %s: %llu\n", cx_ranker_reason_text(reason),
             (unsigned long long)cx_ranker_list_withheld(list, reason));
  cx_text item;
  int32_t reason;
  for (size_t i = 0; cx_ranker_list_get_withheld(list, i, &item, &reason) == CX_OK; i++) {
    fputs("  ", stdout);
    put_text(item, 14);
    printf(" %s\n", cx_ranker_reason_text(reason));
  }
}

static int run(arguments *args, cx_context *ctx) {
  int exit_status = EXIT_GOOD;
  int64_t at = CX_TIME_NONE, count = 10, withheld = 0;
  cx_ranker_request request;
  cx_status status = cx_ranker_request_init(&request, sizeof request);
  if (status != CX_OK) return failure(args, ctx, status);
  if (!arguments_time(args, "at", &at) || !arguments_integer(args, "count", 1, 10000, &count) ||
      !arguments_integer(args, "withheld", 0, 1000000, &withheld))
    return EXIT_CALL;
  request.count = (uint32_t)count;
  request.withheld = (uint32_t)withheld;
  request.seen = arguments_has(args, "seen");
  if (arguments_has(args, "purpose")) request.purpose = text_of(arguments_get(args, "purpose"));
  if (arguments_has(args, "channel")) request.channel = text_of(arguments_get(args, "channel"));
  cx_base *base = base_open(args, ctx, false, true, &exit_status);
  if (!base) return exit_status;
  cx_profile *profile = NULL;
  cx_ranker_list *list = NULL;
  status = cx_profile_new(ctx, &profile);
  if (status == CX_OK) status = cx_base_show(ctx, base, text_of(arguments_operand(args, 1)), at, profile);
  if (status == CX_OK) status = cx_ranker_list_new(ctx, &list);
  if (status == CX_OK) status = cx_base_rank(ctx, base, profile, &request, list);
  if (status != CX_OK)
    exit_status = failure(args, ctx, status);
  else if (arguments_has(args, "json"))
    json_list(list);
  else
    print_list(list);
  cx_ranker_list_free(list);
  cx_profile_free(profile);
  cx_base_free(base);
  return exit_status;
}

const command command_rank = {
    "rank", "[OPTION]... BASE ID", "what is worth showing a person, every score explained", text, options, 2, 2, run};

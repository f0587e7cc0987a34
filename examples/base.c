/* SPDX-License-Identifier: MIT */
/* The main job in a call each: import, learn, show, permit, rank; without a consent, and with one. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT(literal)                                                                                                  \
  { literal, sizeof literal - 1 }

static cx_context *ctx;

static void must(cx_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cx_status_name(status), cx_context_error(ctx));
  exit(1);
}

static void import_file(cx_base *base, const char *path) {
  cx_format_source source;
  cx_store_import_report report = {.size = sizeof report};
  must(cx_format_source_init(&source, sizeof source));
  source.path = path;
  must(cx_base_import(ctx, base, &source, NULL, &report));
  printf("%s: %llu rows, %llu stored\n", path, (unsigned long long)report.read, (unsigned long long)report.stored);
}

int main(void) {
  cx_base *base = NULL;
  cx_profile *person = NULL;
  cx_ranker_list *list = NULL;
  cx_store_options opts;
  const cx_text id = TEXT("customer:17965");
  must(cx_context_new(NULL, &ctx));
  must(cx_store_options_init(&opts, sizeof opts));
  opts.create = 1;
  remove("base.cx");
  must(cx_base_open(ctx, "base.cx", &opts, &base));
  import_file(base, "data/orders.csv.gz");
  import_file(base, "data/items.csv.gz");
  must(cx_base_learn(ctx, base, NULL, NULL));

  must(cx_profile_new(ctx, &person));
  must(cx_ranker_list_new(ctx, &list));
  must(cx_base_show(ctx, base, id, CX_TIME_NONE, person));
  must(cx_base_rank(ctx, base, person, NULL, list));
  assert(!cx_ranker_list_personal(list)); /* nothing is permitted by default */

  const cx_consent consent = {.size = sizeof consent,
                              .state = CX_CONSENT_GRANTED,
                              .basis = CX_BASIS_CONSENT,
                              .who = {.name_space = TEXT("customer"), .value = TEXT("17965")},
                              .purpose = TEXT("personalisation"),
                              .channel = TEXT("web"),
                              .evidence = TEXT("form v3"),
                              .time = cx_profile_time(person),
                              .valid_until = CX_TIME_NONE};
  must(cx_store_add_consent(ctx, cx_base_store(base), &consent));
  must(cx_base_show(ctx, base, id, CX_TIME_NONE, person));
  must(cx_base_rank(ctx, base, person, NULL, list));
  assert(cx_ranker_list_personal(list) && cx_ranker_list_count(list) == 10);
  for (size_t i = 0; i < cx_ranker_list_count(list); i++) {
    cx_ranker_item item;
    must(cx_ranker_list_get(list, i, &item));
    printf("%.3f %.*s\n", item.score, (int)item.item.size, item.item.data);
  }
  cx_ranker_list_free(list);
  cx_profile_free(person);
  cx_base_free(base);
  cx_context_free(ctx);
  return 0;
}

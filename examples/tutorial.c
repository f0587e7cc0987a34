/* SPDX-License-Identifier: MIT */
/* docs/tutorial.md in C: where a person stands and why, a consent, and a list whose every score adds up. */
#include <cx.h>

#include <stdio.h>
#include <stdlib.h>

#define TEXT(literal)                                                                                                  \
  { literal, sizeof literal - 1 }

static cx_context *ctx;

static void must(cx_status status) {
  if (status >= 0) return; /* CX_OK, or a soft result such as CX_PARTIAL */
  fprintf(stderr, "%s: %s\n", cx_status_name(status), cx_context_error(ctx));
  exit(1);
}

static void import_file(cx_base *base, const char *path) {
  cx_format_source source;
  cx_store_import_report report = {.size = sizeof report};
  must(cx_format_source_init(&source, sizeof source));
  source.path = path;
  must(cx_base_import(ctx, base, &source, NULL, &report));
}

int main(void) {
  cx_base *base = NULL;
  cx_profile *person = NULL;
  cx_ranker_list *list = NULL;
  cx_store_options opts;
  cx_stage_result stage = {.size = sizeof stage};
  remove("tutorial-c.cx");

  must(cx_context_new(NULL, &ctx));
  must(cx_store_options_init(&opts, sizeof opts));
  opts.create = 1;
  must(cx_base_open(ctx, "tutorial-c.cx", &opts, &base));
  import_file(base, "data/orders.csv.gz");
  import_file(base, "data/items.csv.gz");
  must(cx_base_learn(ctx, base, NULL, NULL));

  const cx_text id = TEXT("customer:17770");
  must(cx_profile_new(ctx, &person));
  must(cx_base_show(ctx, base, id, CX_TIME_NONE, person));
  must(cx_base_infer(ctx, base, person, &stage));
  printf("%s %.3f\n", cx_stage_text(stage.stage), stage.probabilities[stage.stage]);
  printf("purchases %.2f, %.0f to %.0f\n", stage.expected, stage.lower, stage.upper);
  double sum = 0;
  for (uint32_t i = 0; i < stage.reasons_count; i++) sum += stage.reasons[i].log_odds;
  printf("buys again %.3f, log-odds %.3f\n", stage.again, sum);

  const cx_consent consent = {.size = sizeof consent,
                              .state = CX_CONSENT_GRANTED,
                              .basis = CX_BASIS_CONSENT,
                              .who = {.name_space = TEXT("customer"), .value = TEXT("17770")},
                              .purpose = TEXT("personalisation"),
                              .channel = TEXT("web"),
                              .evidence = TEXT("form v3, box ticked"),
                              .time = cx_profile_time(person),
                              .valid_until = CX_TIME_NONE};
  must(cx_store_add_consent(ctx, cx_base_store(base), &consent));
  must(cx_base_show(ctx, base, id, CX_TIME_NONE, person)); /* the profile is a copy: build it anew */
  must(cx_ranker_list_new(ctx, &list));
  must(cx_base_rank(ctx, base, person, NULL, list));
  for (size_t i = 0; i < 2; i++) {
    cx_ranker_item item;
    must(cx_ranker_list_get(list, i, &item));
    sum = 0;
    for (size_t k = 0; k < item.terms_count; k++) sum += item.terms[k].value;
    printf("%.*s %.4f, from %zu terms %.4f\n", (int)item.item.size, item.item.data, item.score, item.terms_count, sum);
  }
  cx_ranker_list_free(list);
  cx_profile_free(person);
  cx_base_free(base);
  cx_context_free(ctx);
  return 0;
}

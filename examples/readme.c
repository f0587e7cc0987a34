/* SPDX-License-Identifier: MIT */
#include <cx.h>
#include <stdio.h>

#define TRY(call)                                                                                                      \
  if ((call) < 0) return fprintf(stderr, "%s\n", cx_context_error(ctx)), 1

int main(void) {
  cx_context *ctx = NULL;
  cx_base *shop = NULL;
  cx_profile *person = NULL;
  cx_ranker_list *list = NULL;
  cx_store_options opts;
  cx_format_source orders;
  cx_store_import_report report = {.size = sizeof report};
  cx_stage_result stage = {.size = sizeof stage};
  const cx_text id = {"17965", 5};

  TRY(cx_context_new(NULL, &ctx));
  TRY(cx_store_options_init(&opts, sizeof opts));
  opts.create = 1;
  TRY(cx_base_open(ctx, "readme.cx", &opts, &shop)); /* one file; models beside it */
  TRY(cx_format_source_init(&orders, sizeof orders));
  orders.path = "data/orders.csv.gz";
  TRY(cx_base_import(ctx, shop, &orders, NULL, &report));
  TRY(cx_base_learn(ctx, shop, NULL, NULL));
  TRY(cx_profile_new(ctx, &person));
  TRY(cx_base_show(ctx, shop, id, CX_TIME_NONE, person)); /* all that one decision needs of one person */
  TRY(cx_base_infer(ctx, shop, person, &stage));
  printf("%s, buys again with %.2f\n", cx_stage_text(stage.stage), stage.again);
  TRY(cx_ranker_list_new(ctx, &list));
  TRY(cx_base_rank(ctx, shop, person, NULL, list)); /* permission is asked first */
  for (size_t i = 0; i < cx_ranker_list_count(list); i++) {
    cx_ranker_item item;
    TRY(cx_ranker_list_get(list, i, &item));
    printf("%.3f %.*s\n", item.score, (int)item.item.size, item.item.data);
  }
  cx_ranker_list_free(list);
  cx_profile_free(person);
  cx_base_free(shop);
  cx_context_free(ctx);
  return 0;
}

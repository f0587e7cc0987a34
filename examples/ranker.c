/* SPDX-License-Identifier: MIT */
/* Ranking without a store, as a plug-in at the edge does it: a model learned from a table, a profile made by hand. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

#define TEXT(literal)                                                                                                  \
  { literal, sizeof literal - 1 }

/** Ten people who buy tea things and ten who buy garden things; item ids are one letter. */
static cx_table *interactions(void) {
  static int64_t person[60], offsets[61];
  static char items[60];
  for (int i = 0; i < 60; i++) {
    person[i] = i / 3;
    items[i] = (char)((i / 3 < 10 ? 'a' : 'e') + (i / 3 + i % 3) % 4);
    offsets[i + 1] = i + 1;
  }
  const cx_column columns[] = {{.name = "person", .type = CX_TYPE_INT64, .values = person},
                               {.name = "item", .type = CX_TYPE_TEXT, .values = items, .offsets = offsets}};
  cx_table *table = NULL;
  return cx_table_new(NULL, columns, 2, 60, &table) == CX_OK ? table : NULL;
}

int main(void) {
  cx_table *table = interactions();
  cx_ranker *ranker = NULL;
  cx_profile *profile = NULL;
  cx_ranker_list *list = NULL;
  cx_ranker_options opts;
  cx_status status = cx_ranker_options_init(&opts, sizeof opts);
  opts.factors = 2;
  if (status == CX_OK) status = cx_ranker_fit(NULL, table, NULL, &opts, &ranker);
  if (status == CX_OK) status = cx_profile_new(NULL, &profile);
  if (status == CX_OK) status = cx_profile_set_time(NULL, profile, 1000000);
  const cx_identifier who = {.name_space = TEXT("cookie"), .value = TEXT("c-1")};
  const cx_event_line line = {.item = TEXT("e"), .quantity = {1, 0, 0}, .price = {0, -1, 0}};
  const cx_event bought = {.size = sizeof bought,
                           .kind = CX_EVENT_PURCHASE,
                           .id = TEXT("m1"),
                           .who = &who,
                           .who_count = 1,
                           .time = 10,
                           .received = CX_TIME_NONE,
                           .lines = &line,
                           .lines_count = 1};
  const cx_consent consent = {.size = sizeof consent,
                              .state = CX_CONSENT_GRANTED,
                              .basis = CX_BASIS_CONSENT,
                              .who = who,
                              .purpose = TEXT("personalisation"),
                              .channel = TEXT("web"),
                              .evidence = TEXT("banner v2"),
                              .time = 5,
                              .valid_until = CX_TIME_NONE};
  if (status == CX_OK) status = cx_profile_add_event(NULL, profile, &bought);
  if (status == CX_OK) status = cx_ranker_list_new(NULL, &list);
  if (status == CX_OK) status = cx_ranker_rank(NULL, ranker, profile, NULL, list);
  assert(status == CX_OK && !cx_ranker_list_personal(list)); /* nobody has permitted it */

  status = cx_profile_add_consent(NULL, profile, &consent);
  if (status == CX_OK) status = cx_ranker_rank(NULL, ranker, profile, NULL, list);
  assert(status == CX_OK && cx_ranker_list_personal(list) && cx_ranker_list_count(list) == 7);
  for (size_t i = 0; i < 3; i++) {
    cx_ranker_item item;
    status = cx_ranker_list_get(list, i, &item);
    assert(status == CX_OK && item.item.data[0] >= 'f'); /* garden things first; what was bought is held back */
    printf("%.*s %.4f:", (int)item.item.size, item.item.data, item.score);
    for (size_t k = 0; k < item.terms_count; k++)
      printf(" %+.4f %s", item.terms[k].value, cx_ranker_term_text(item.terms[k].kind));
    putchar('\n');
  }
  cx_ranker_list_free(list);
  cx_profile_free(profile);
  cx_ranker_free(ranker);
  cx_table_free(table);
  return 0;
}

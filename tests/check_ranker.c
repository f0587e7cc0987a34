/* SPDX-License-Identifier: MIT */
#include "ranker_world.h"

#include <math.h>

static world shop;
static cx_ranker *ranker;
static cx_ranker_list *list;

static void setup(void) {
  shop = world_new(150, 200, 5, 6000);
  const cx_ranker_options opts = world_options();
  ranker = world_fit(NULL, &shop, &opts);
  ck_ok(NULL, cx_ranker_list_new(NULL, &list));
}

static void teardown(void) {
  cx_ranker_list_free(list);
  cx_ranker_free(ranker);
  world_free(&shop);
}

static void rank(const cx_profile *profile, const cx_ranker_request *request) {
  ck_ok(NULL, cx_ranker_rank(NULL, ranker, profile, request, list));
}

static cx_ranker_item item_at(size_t index) {
  cx_ranker_item item;
  ck_ok(NULL, cx_ranker_list_get(list, index, &item));
  return item;
}

START_TEST(what_was_learned_is_told) {
  cx_ranker_info info = {.size = sizeof info};
  ck_ok(NULL, cx_ranker_get_info(ranker, &info));
  ck_assert_uint_eq(info.items, 200);
  ck_assert_uint_eq(info.topics, 5);
  ck_assert_uint_eq(info.people, 150);
  ck_assert_uint_eq(info.factors, 12);
  ck_assert_uint_eq(info.iterations, 6);
  ck_assert_uint_gt(info.interactions, 2000);
  ck_assert_uint_gt(info.anonymous, 450); /* 546 rows of 6,000, less those that say nothing */
  ck_assert_uint_le(info.anonymous, 546);
  ck_assert(isfinite(info.objective) && info.objective > 0);
  ck_assert_int_le(info.until, WORLD_NOW);
  ck_status(CX_ERR_INVALID, cx_ranker_get_info(NULL, &info));
  ck_status(CX_ERR_INVALID, cx_ranker_get_info(ranker, NULL));
}
END_TEST

START_TEST(terms_sum_to_the_score) {
  uint64_t state = 3;
  for (int round = 0; round < 60; round++) {
    cx_profile *profile = world_profile(true);
    const uint32_t events = world_random(&state) % 40, declared = world_random(&state) % 5;
    for (uint32_t k = 0; k < events; k++) {
      char id[16];
      world_item_id(world_random(&state) % 200, id);
      world_event(profile, 1 + (int32_t)(world_random(&state) % 13), id, world_random(&state) % 90);
    }
    for (uint32_t k = 0; k < declared; k++) {
      char id[16];
      world_topic_id(world_random(&state) % 5, id);
      world_declares(profile, id, (double)world_random(&state) / 1073741824.0 - 1, k, CX_TIME_NONE);
    }
    cx_ranker_request request = world_request(1 + world_random(&state) % 220);
    request.seen = (int32_t)(world_random(&state) % 2);
    rank(profile, &request);
    double last = HUGE_VAL;
    for (size_t k = 0; k < cx_ranker_list_count(list); k++) {
      const cx_ranker_item item = item_at(k);
      double sum = 0;
      for (size_t t = 0; t < item.terms_count; t++) {
        sum += item.terms[t].value;
        ck_assert(isfinite(item.terms[t].value));
        ck_assert(t == 0 || fabs(item.terms[t].value) <= fabs(item.terms[t - 1].value));
        ck_assert_ptr_nonnull(cx_ranker_term_text(item.terms[t].kind));
        const bool alone =
            item.terms[t].kind == CX_RANKER_TERM_POPULARITY || item.terms[t].kind == CX_RANKER_TERM_RECENCY;
        ck_assert(alone == (item.terms[t].subject.data == NULL));
      }
      ck_assert(fabs(sum - item.score) <= 1e-12 * (1 + fabs(item.score)));
      ck_assert(item.score <= last);
      last = item.score;
    }
    cx_profile_free(profile);
  }
}
END_TEST

START_TEST(exactly_as_many_as_wanted_or_eligible) {
  cx_profile *profile = world_profile(true);
  for (size_t i = 0; i < 20; i++) world_buys(profile, i, 1);
  for (uint32_t count = 1; count <= 260; count += 7) {
    cx_ranker_request request = world_request(count);
    rank(profile, &request);
    uint64_t held = 0;
    for (int32_t reason = 1; reason < CX_RANKER_REASONS; reason++) held += cx_ranker_list_withheld(list, reason);
    const size_t eligible = 200 - (size_t)held;
    ck_assert_uint_eq(cx_ranker_list_count(list), count < eligible ? count : eligible);
  }
  cx_profile_free(profile);
}
END_TEST

START_TEST(a_shorter_list_is_the_start_of_a_longer_one) {
  cx_profile *profile = world_profile(true);
  for (size_t i = 0; i < 9; i++) world_buys(profile, 7 * i, 1);
  cx_ranker_request request = world_request(150);
  rank(profile, &request);
  char names[150][16];
  for (size_t k = 0; k < 150; k++) {
    const cx_ranker_item item = item_at(k);
    memcpy(names[k], item.item.data, item.item.size);
    names[k][item.item.size] = '\0';
  }
  for (uint32_t count = 1; count < 150; count += 13) {
    request.count = count;
    rank(profile, &request);
    for (size_t k = 0; k < count; k++) {
      const cx_ranker_item item = item_at(k);
      ck_assert(strncmp(names[k], item.item.data, item.item.size) == 0);
    }
  }
  cx_profile_free(profile);
}
END_TEST

START_TEST(without_permission_nobody_is_told_apart) {
  cx_ranker_request request = world_request(30);
  request.withheld = 100;
  request.at = WORLD_NOW;
  rank(NULL, &request);
  ck_assert_int_eq(cx_ranker_list_personal(list), 0);
  cx_permission permission = {.size = sizeof permission};
  ck_ok(NULL, cx_ranker_list_permission(list, &permission));
  ck_assert_int_eq(permission.decision, CX_DECISION_DENY);
  ck_assert_int_eq(permission.reasons[0], CX_PERMISSION_REASON_UNKNOWN_PERSON);
  char *nobody = world_print(list);
  uint64_t state = 9;
  for (int round = 0; round < 20; round++) {
    cx_profile *profile = world_profile(false);
    for (uint32_t k = world_random(&state) % 30; k > 0; k--) world_buys(profile, world_random(&state) % 200, 3);
    world_declares(profile, "topic-1", -1, 5, CX_TIME_NONE);
    world_declares(profile, "topic-2", 1, 5, CX_TIME_NONE);
    rank(profile, &request);
    char *text = world_print(list);
    ck_assert_str_eq(text, nobody);
    free(text);
    ck_ok(NULL, cx_ranker_list_permission(list, &permission));
    ck_assert_int_eq(permission.reasons[0], CX_PERMISSION_REASON_NO_RECORD);
    cx_profile_free(profile);
  }
  for (size_t k = 0; k < cx_ranker_list_count(list); k++)
    for (size_t t = 0; t < item_at(k).terms_count; t++)
      ck_assert(item_at(k).terms[t].kind == CX_RANKER_TERM_POPULARITY ||
                item_at(k).terms[t].kind == CX_RANKER_TERM_RECENCY);
  free(nobody);
}
END_TEST

START_TEST(permission_is_for_a_purpose) {
  cx_profile *profile = world_profile(true);
  world_buys(profile, 3, 4);
  cx_ranker_request request = world_request(5);
  rank(profile, &request);
  ck_assert_int_eq(cx_ranker_list_personal(list), 1);
  request.purpose = text_of("marketing");
  rank(profile, &request);
  ck_assert_int_eq(cx_ranker_list_personal(list), 0);
  request.purpose = text_of("personalisation");
  request.at = WORLD_NOW - 301 * WORLD_DAY; /* before the consent */
  rank(profile, &request);
  ck_assert_int_eq(cx_ranker_list_personal(list), 0);
  cx_profile_free(profile);
}
END_TEST

/* Mean place of a topic's items among all. */
static double mean_place(const char *topic_of_interest, size_t topic) {
  (void)topic_of_interest;
  double sum = 0, n = 0;
  for (size_t i = 0; i < shop.items; i++) {
    cx_ranker_item item;
    const size_t place = i % shop.topics == topic ? world_find(list, i, &item) : SIZE_MAX;
    if (place == SIZE_MAX) continue;
    sum += (double)place;
    n++;
  }
  return sum / n;
}

START_TEST(a_declared_topic_rises) {
  cx_ranker_request request = world_request(200);
  for (size_t topic = 0; topic < 5; topic++) {
    char id[16];
    world_topic_id(topic, id);
    cx_profile *profile = world_profile(true);
    rank(profile, &request);
    const double before = mean_place(id, topic);
    world_declares(profile, id, 0.5, 2, CX_TIME_NONE);
    rank(profile, &request);
    const double half = mean_place(id, topic);
    bool taste = false, direct = false;
    for (size_t t = 0; t < item_at(0).terms_count; t++) {
      taste = taste || item_at(0).terms[t].kind == CX_RANKER_TERM_TASTE_PREFERENCE;
      direct = direct || item_at(0).terms[t].kind == CX_RANKER_TERM_PREFERENCE;
    }
    ck_assert(taste && direct);
    cx_profile_clear(profile);
    cx_profile_free(profile);
    profile = world_profile(true);
    world_declares(profile, id, -0.5, 2, CX_TIME_NONE);
    rank(profile, &request);
    const double disliked = mean_place(id, topic);
    ck_assert_msg(half < before - 20 && disliked > before + 20, "topic %zu: %g, declared %g, disliked %g", topic,
                  before, half, disliked);
    cx_profile_free(profile);
  }
}
END_TEST

START_TEST(a_declared_topic_rises_by_taste_alone) {
  cx_ranker_options opts = world_options();
  opts.weight_preference = 0;
  cx_ranker_free(ranker);
  ranker = world_fit(NULL, &shop, &opts);
  cx_ranker_request request = world_request(200);
  cx_profile *profile = world_profile(true);
  rank(profile, &request);
  const double before = mean_place("topic-2", 2);
  world_declares(profile, "topic-2", 1, 2, CX_TIME_NONE);
  rank(profile, &request);
  ck_assert(mean_place("topic-2", 2) < before - 20);
  cx_profile_free(profile);
}
END_TEST

START_TEST(the_latest_declaration_holds_until_it_expires) {
  cx_ranker_request request = world_request(200);
  cx_profile *none = world_profile(true);
  rank(none, &request);
  char *without = world_print(list);
  cx_profile *profile = world_profile(true);
  world_declares(profile, "topic-1", 0.9, 20, CX_TIME_NONE);
  rank(profile, &request);
  char *declared = world_print(list);
  ck_assert_str_ne(declared, without);
  world_declares(profile, "topic-1", 0, 10, CX_TIME_NONE); /* taken back */
  rank(profile, &request);
  char *text = world_print(list);
  ck_assert_str_eq(text, without);
  free(text);
  world_declares(profile, "topic-1", 0.4, 5, WORLD_NOW - WORLD_DAY); /* expired */
  rank(profile, &request);
  text = world_print(list);
  ck_assert_str_eq(text, without);
  free(text);
  world_declares(profile, "topic-9", 1, 5, CX_TIME_NONE);  /* of no item */
  world_declares(profile, "topic-1", 1, -5, CX_TIME_NONE); /* in the future */
  rank(profile, &request);
  text = world_print(list);
  ck_assert_str_eq(text, without);
  free(text);
  free(without);
  free(declared);
  cx_profile_free(none);
  cx_profile_free(profile);
}
END_TEST

START_TEST(an_event_adds_its_own_term) {
  cx_profile *profile = world_profile(true);
  world_buys(profile, 10, 30);
  world_buys(profile, 10, 12);
  world_buys(profile, 15, 6);
  cx_ranker_request request = world_request(200);
  rank(profile, &request);
  const cx_ranker_item first = item_at(0);
  size_t found = 0;
  for (size_t t = 0; t < first.terms_count; t++) {
    if (first.terms[t].kind != CX_RANKER_TERM_TASTE_EVENT) continue;
    found++;
    const bool ten = first.terms[t].subject.size == 9 && memcmp(first.terms[t].subject.data, "item-0010", 9) == 0;
    ck_assert_uint_eq(first.terms[t].count, ten ? 2 : 1);
    ck_assert_int_eq(first.terms[t].time, WORLD_NOW - (ten ? 12 : 6) * WORLD_DAY);
  }
  ck_assert_uint_eq(found, 2);
  cx_profile_free(profile);
}
END_TEST

START_TEST(what_happened_later_is_not_known) {
  cx_profile *profile = world_profile(true), *early = world_profile(true);
  world_buys(profile, 10, 30);
  world_buys(early, 10, 30);
  world_buys(profile, 11, 3);
  cx_ranker_request request = world_request(200);
  request.at = WORLD_NOW - 10 * WORLD_DAY;
  rank(profile, &request);
  char *text = world_print(list);
  rank(early, &request);
  char *expected = world_print(list);
  ck_assert_str_eq(text, expected);
  free(text);
  free(expected);
  cx_profile_free(profile);
  cx_profile_free(early);
}
END_TEST

START_TEST(withheld_items_have_their_first_reason) {
  cx_profile *profile = world_profile(true);
  world_buys(profile, 5, 3);                               /* not valid yet: 5 % 37 == 5 */
  world_buys(profile, 7, 3);                               /* expired */
  world_buys(profile, 8, 3);                               /* seen */
  world_event(profile, CX_EVENT_RETURN, "item-0012", 3);   /* seen */
  world_event(profile, CX_EVENT_VIEW, "item-0011", 3);     /* may come */
  world_declares(profile, "topic-4", -1, 3, CX_TIME_NONE); /* declined */
  cx_ranker_request request = world_request(200);
  request.withheld = 1000;
  rank(profile, &request);
  uint64_t expected[CX_RANKER_REASONS] = {0};
  size_t at = 0;
  for (size_t i = 0; i < shop.items; i++) {
    int32_t reason = 0;
    if (i % 37 == 5)
      reason = CX_RANKER_REASON_NOT_YET_VALID;
    else if (i % 37 == 7)
      reason = CX_RANKER_REASON_EXPIRED;
    else if (i == 8 || i == 12)
      reason = CX_RANKER_REASON_SEEN;
    else if (world_has_topic(&shop, i, 4))
      reason = CX_RANKER_REASON_DECLINED;
    expected[reason]++;
    cx_ranker_item item;
    ck_assert((world_find(list, i, &item) == SIZE_MAX) == (reason != 0));
    if (reason == 0) continue;
    char id[16];
    world_item_id(i, id);
    cx_text text;
    int32_t told;
    ck_ok(NULL, cx_ranker_list_get_withheld(list, at++, &text, &told));
    ck_assert_int_eq(told, reason);
    ck_assert(text.size == strlen(id) && memcmp(text.data, id, text.size) == 0);
  }
  for (int32_t reason = 1; reason < CX_RANKER_REASONS; reason++) {
    ck_assert_uint_eq(cx_ranker_list_withheld(list, reason), expected[reason]);
    ck_assert_ptr_nonnull(cx_ranker_reason_text(reason));
  }
  cx_text text;
  int32_t told;
  ck_status(CX_ERR_RANGE, cx_ranker_list_get_withheld(list, at, &text, &told));
  ck_assert_uint_eq(cx_ranker_list_withheld(list, 0), 0);
  ck_assert_uint_eq(cx_ranker_list_withheld(list, 99), 0);
  request.withheld = 3;
  request.seen = 1;
  rank(profile, &request);
  ck_assert_uint_eq(cx_ranker_list_withheld(list, CX_RANKER_REASON_SEEN), 0);
  ck_ok(NULL, cx_ranker_list_get_withheld(list, 2, &text, &told));
  ck_status(CX_ERR_RANGE, cx_ranker_list_get_withheld(list, 3, &text, &told));
  cx_profile_free(profile);
}
END_TEST

START_TEST(declining_moves_no_other_item) {
  cx_ranker_request request = world_request(200);
  cx_profile *profile = world_profile(true);
  for (size_t i = 0; i < 8; i++) world_buys(profile, 5 * i + 1, 1);
  rank(profile, &request);
  double scores[200];
  for (size_t i = 0; i < 200; i++) {
    cx_ranker_item item = {.score = 0};
    scores[i] = world_find(list, i, &item) == SIZE_MAX ? -1e9 : item.score;
  }
  world_declares(profile, "topic-3", -1, 3, CX_TIME_NONE);
  rank(profile, &request);
  for (size_t i = 0; i < 200; i++) {
    cx_ranker_item item;
    if (world_find(list, i, &item) != SIZE_MAX) ck_assert(item.score == scores[i]);
  }
  cx_profile_free(profile);
}
END_TEST

START_TEST(a_cold_profile_gets_what_is_popular) {
  cx_profile *cold = world_profile(true);
  cx_ranker_request request = world_request(40);
  rank(cold, &request);
  ck_assert_int_eq(cx_ranker_list_personal(list), 1);
  char *text = world_print(list);
  request.at = WORLD_NOW;
  rank(NULL, &request);
  char *nobody = world_print(list);
  ck_assert_str_eq(strchr(text, '\n'), strchr(nobody, '\n')); /* all but the first line */
  free(nobody);
  world_event(cold, CX_EVENT_PURCHASE, "no-such-item", 2);
  rank(cold, &request);
  char *unknown = world_print(list);
  ck_assert_str_eq(unknown, text);
  free(unknown);
  free(text);
  cx_profile_free(cold);
}
END_TEST

START_TEST(ties_go_by_item_id) {
  cx_ranker_options opts = world_options();
  opts.factors = 0;
  opts.weight_popularity = 0;
  opts.weight_recency = 0;
  cx_ranker_free(ranker);
  ranker = world_fit(NULL, &shop, &opts);
  cx_ranker_request request = world_request(60);
  rank(NULL, &request);
  ck_assert_uint_eq(cx_ranker_list_count(list), 60);
  for (size_t k = 1; k < 60; k++) ck_assert(memcmp(item_at(k - 1).item.data, item_at(k).item.data, 9) < 0);
  ck_assert_uint_eq(item_at(0).terms_count, 0);
  ck_assert(item_at(0).score == 0);
}
END_TEST

START_TEST(a_list_outlives_its_ranker) {
  cx_profile *profile = world_profile(true);
  world_buys(profile, 4, 4);
  cx_ranker_request request = world_request(20);
  request.withheld = 5;
  rank(profile, &request);
  char *before = world_print(list);
  cx_ranker_free(ranker);
  ranker = NULL;
  cx_profile_free(profile);
  char *after = world_print(list);
  ck_assert_str_eq(before, after);
  free(before);
  free(after);
}
END_TEST

START_TEST(a_list_keeps_its_memory) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_ranker_list *own = NULL;
  ck_ok(ctx, cx_ranker_list_new(ctx, &own));
  cx_profile *profile = world_profile(true);
  for (size_t i = 0; i < 25; i++) world_buys(profile, 3 * i, 1);
  world_declares(profile, "topic-1", 0.5, 3, CX_TIME_NONE);
  cx_ranker_request request = world_request(10);
  request.withheld = 10;
  ck_ok(ctx, cx_ranker_rank(ctx, ranker, profile, &request, own));
  memory.count = 0;
  for (int k = 0; k < 50; k++) {
    request.count = k % 2 == 0 ? 10 : 5;
    ck_ok(ctx, cx_ranker_rank(ctx, ranker, k % 3 == 0 ? NULL : profile, &request, own));
  }
  ck_assert_uint_eq(memory.count, 0);
  cx_ranker_list_free(own);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
  cx_profile_free(profile);
}
END_TEST

START_TEST(a_failed_request_leaves_the_list_alone) {
  cx_ranker_request request = world_request(7);
  cx_profile *profile = world_profile(true);
  world_buys(profile, 4, 4);
  rank(profile, &request);
  char *before = world_print(list);
  request.count = 0;
  ck_status(CX_ERR_RANGE, cx_ranker_rank(NULL, ranker, profile, &request, list));
  request.count = 10001;
  ck_status(CX_ERR_RANGE, cx_ranker_rank(NULL, ranker, profile, &request, list));
  request = world_request(7);
  request.seen = 2;
  ck_status(CX_ERR_RANGE, cx_ranker_rank(NULL, ranker, profile, &request, list));
  request = world_request(7);
  request.purpose.data = NULL;
  ck_status(CX_ERR_INVALID, cx_ranker_rank(NULL, ranker, profile, &request, list));
  request = world_request(7);
  request.channel.data = NULL;
  ck_status(CX_ERR_INVALID, cx_ranker_rank(NULL, ranker, profile, &request, list));
  ck_status(CX_ERR_INVALID, cx_ranker_rank(NULL, NULL, profile, NULL, list));
  ck_status(CX_ERR_INVALID, cx_ranker_rank(NULL, ranker, profile, NULL, NULL));
  char *after = world_print(list);
  ck_assert_str_eq(before, after);
  free(before);
  free(after);
  cx_profile_free(profile);
}
END_TEST

START_TEST(an_empty_list_says_so) {
  cx_ranker_list *own = NULL;
  ck_ok(NULL, cx_ranker_list_new(NULL, &own));
  cx_permission permission = {.size = sizeof permission};
  ck_status(CX_ERR_NO_DATA, cx_ranker_list_permission(own, &permission));
  ck_assert_uint_eq(cx_ranker_list_count(own), 0);
  ck_assert_int_eq(cx_ranker_list_personal(own), 0);
  cx_ranker_item item;
  ck_status(CX_ERR_RANGE, cx_ranker_list_get(own, 0, &item));
  ck_status(CX_ERR_INVALID, cx_ranker_list_get(NULL, 0, &item));
  ck_status(CX_ERR_INVALID, cx_ranker_list_get(own, 0, NULL));
  ck_status(CX_ERR_INVALID, cx_ranker_list_permission(own, NULL));
  ck_status(CX_ERR_INVALID, cx_ranker_list_new(NULL, NULL));
  ck_assert_uint_eq(cx_ranker_list_count(NULL), 0);
  cx_ranker_list_free(own);
  cx_ranker_list_free(NULL);
  ck_assert_ptr_null(cx_ranker_term_text(0));
  ck_assert_ptr_null(cx_ranker_reason_text(5));
  ck_assert_str_eq(cx_ranker_term_text(CX_RANKER_TERM_TASTE_EVENT), "taste_event");
  ck_assert_str_eq(cx_ranker_reason_text(CX_RANKER_REASON_SEEN), "seen");
}
END_TEST

/* With next to no weight on the prior a vector is divided by next to nothing. */
START_TEST(a_score_is_a_number_or_an_error) {
  cx_ranker_options opts = world_options();
  opts.prior = 1e-42;
  cx_ranker *odd = world_fit(NULL, &shop, &opts);
  cx_profile *profile = world_profile(true);
  world_declares(profile, "topic-1", 1, 3, CX_TIME_NONE);
  cx_ranker_request request = world_request(10);
  rank(profile, &request);
  char *before = world_print(list);
  ck_status(CX_ERR_NUMERIC, cx_ranker_rank(NULL, odd, profile, &request, list));
  char *after = world_print(list);
  ck_assert_str_eq(before, after);
  free(before);
  free(after);
  cx_profile_free(profile);
  cx_ranker_free(odd);
}
END_TEST

START_TEST(a_request_has_its_defaults) {
  cx_ranker_request request;
  memset(&request, 0xAA, sizeof request);
  ck_status(CX_ERR_INVALID, cx_ranker_request_init(NULL, sizeof request));
  ck_status(CX_ERR_INVALID, cx_ranker_request_init(&request, 0));
  ck_assert_uint_eq(request.count, 0xAAAAAAAA);
  ck_ok(NULL, cx_ranker_request_init(&request, sizeof request));
  ck_assert_uint_eq(request.size, sizeof request);
  ck_assert_uint_eq(request.count, 10);
  ck_assert(request.purpose.size == 15 && memcmp(request.purpose.data, "personalisation", 15) == 0);
  ck_assert(request.channel.size == 3 && memcmp(request.channel.data, "web", 3) == 0);
  ck_assert(request.at == CX_TIME_NONE && request.seen == 0 && request.withheld == 0);
  /* NULL means the same */
  cx_profile *profile = world_profile(true);
  rank(profile, &request);
  char *given = world_print(list);
  rank(profile, NULL);
  char *none = world_print(list);
  ck_assert_str_eq(given, none);
  free(given);
  free(none);
  cx_profile_free(profile);
}
END_TEST

static cx_status rank_body(void *user, cx_context *ctx) {
  const cx_profile *profile = user;
  cx_ranker_list *own = NULL;
  cx_status status = cx_ranker_list_new(ctx, &own);
  if (status != CX_OK) {
    ck_assert_ptr_null(own);
    return status;
  }
  cx_ranker_request request = world_request(10);
  request.withheld = 4;
  status = cx_ranker_rank(ctx, ranker, profile, &request, own);
  if (status == CX_OK) {
    char *text = world_print(own);
    rank(profile, &request);
    char *expected = world_print(list);
    ck_assert_str_eq(text, expected);
    free(text);
    free(expected);
  } else {
    ck_assert_uint_eq(cx_ranker_list_count(own), 0);
  }
  cx_ranker_list_free(own);
  return status;
}

START_TEST(every_allocation_of_a_request_may_fail) {
  cx_profile *profile = world_profile(true);
  for (size_t i = 0; i < 12; i++) world_buys(profile, 3 * i, 1);
  world_declares(profile, "topic-1", 0.5, 3, CX_TIME_NONE);
  test_allocations(rank_body, profile, false);
  cx_profile_free(profile);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ranker");
  TCase *tests = tcase_create("requests");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, what_was_learned_is_told);
  tcase_add_test(tests, terms_sum_to_the_score);
  tcase_add_test(tests, exactly_as_many_as_wanted_or_eligible);
  tcase_add_test(tests, a_shorter_list_is_the_start_of_a_longer_one);
  tcase_add_test(tests, without_permission_nobody_is_told_apart);
  tcase_add_test(tests, permission_is_for_a_purpose);
  tcase_add_test(tests, a_declared_topic_rises);
  tcase_add_test(tests, a_declared_topic_rises_by_taste_alone);
  tcase_add_test(tests, the_latest_declaration_holds_until_it_expires);
  tcase_add_test(tests, an_event_adds_its_own_term);
  tcase_add_test(tests, what_happened_later_is_not_known);
  tcase_add_test(tests, withheld_items_have_their_first_reason);
  tcase_add_test(tests, declining_moves_no_other_item);
  tcase_add_test(tests, a_cold_profile_gets_what_is_popular);
  tcase_add_test(tests, ties_go_by_item_id);
  tcase_add_test(tests, a_list_outlives_its_ranker);
  tcase_add_test(tests, a_list_keeps_its_memory);
  tcase_add_test(tests, a_failed_request_leaves_the_list_alone);
  tcase_add_test(tests, an_empty_list_says_so);
  tcase_add_test(tests, a_score_is_a_number_or_an_error);
  tcase_add_test(tests, a_request_has_its_defaults);
  tcase_add_test(tests, every_allocation_of_a_request_may_fail);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
#include "support.h"

#define RECORDS_MOST 64
#define LINKS_MOST 160

/** splitmix64 (Steele, Lea and Flood, OOPSLA 2014). */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t bound) { return (uint32_t)(next_random(state) % bound); }

static cx_party_link link_of(uint32_t a, uint32_t b, int32_t kind, int64_t time) {
  return (cx_party_link){.a = a, .b = b, .kind = kind, .time = time};
}
#define SAME(a, b, time) link_of((a), (b), CX_ASSERTION_SAME, (time))
#define DIFFERENT(a, b, time) link_of((a), (b), CX_ASSERTION_DIFFERENT, (time))

/** What a person would do with paper: labels, and every pair of two groups looked at. */
static size_t resolve_slowly(const cx_party_link *links, size_t links_count, uint32_t records, uint32_t *person) {
  static bool apart[RECORDS_MOST][RECORDS_MOST];
  bool done[LINKS_MOST] = {false};
  size_t refused = 0;
  memset(apart, 0, sizeof apart);
  for (uint32_t i = 0; i < records; i++) person[i] = i;
  for (size_t i = 0; i < links_count; i++)
    if (links[i].kind == CX_ASSERTION_DIFFERENT)
      apart[links[i].a][links[i].b] = apart[links[i].b][links[i].a] = links[i].a != links[i].b;
  for (;;) {
    size_t best = SIZE_MAX;
    uint32_t best_a = 0, best_b = 0;
    for (size_t i = 0; i < links_count; i++) {
      if (done[i] || links[i].kind != CX_ASSERTION_SAME) continue;
      const uint32_t a = links[i].a < links[i].b ? links[i].a : links[i].b;
      const uint32_t b = links[i].a < links[i].b ? links[i].b : links[i].a;
      bool earlier = best == SIZE_MAX;
      if (!earlier) {
        if (links[i].time != links[best].time) {
          earlier = links[i].time < links[best].time;
        } else if (links[i].order != links[best].order) {
          earlier = links[i].order < links[best].order;
        } else {
          earlier = a != best_a ? a < best_a : b < best_b;
        }
      }
      if (!earlier) continue;
      best = i;
      best_a = a;
      best_b = b;
    }
    if (best == SIZE_MAX) return refused;
    done[best] = true;
    const uint32_t one = person[best_a], two = person[best_b];
    if (one == two) continue;
    bool veto = false;
    for (uint32_t x = 0; x < records; x++)
      for (uint32_t y = 0; y < records; y++)
        if (person[x] == one && person[y] == two && apart[x][y]) veto = true;
    if (veto) {
      refused++;
      continue;
    }
    const uint32_t smaller = one < two ? one : two, larger = one < two ? two : one;
    for (uint32_t x = 0; x < records; x++)
      if (person[x] == larger) person[x] = smaller;
  }
}

static size_t random_links(uint64_t *state, cx_party_link *links, uint32_t records, uint32_t different_percent) {
  const size_t count = below(state, LINKS_MOST + 1);
  const uint32_t wanted = 1 + below(state, records * 2);
  const size_t n = count < wanted ? count : wanted;
  for (size_t i = 0; i < n; i++) {
    links[i] =
        (cx_party_link){.a = below(state, records),
                        .b = below(state, records),
                        .kind = below(state, 100) < different_percent ? CX_ASSERTION_DIFFERENT : CX_ASSERTION_SAME,
                        .time = (int64_t)below(state, 6) - 3,
                        .order = below(state, 4)};
  }
  return n;
}

static void shuffle(uint64_t *state, cx_party_link *links, size_t n) {
  for (size_t i = n; i > 1; i--) {
    const size_t k = below(state, (uint32_t)i);
    const cx_party_link link = links[i - 1];
    links[i - 1] = links[k];
    links[k] = link;
  }
  for (size_t i = 0; i < n; i++) {
    if (below(state, 2) == 0) continue;
    const uint32_t a = links[i].a;
    links[i].a = links[i].b;
    links[i].b = a;
  }
}

START_TEST(nothing_said_leaves_everybody_alone) {
  uint32_t person[3] = {9, 9, 9};
  size_t refused = 9;
  ck_status(CX_OK, cx_party_resolve(NULL, NULL, 0, 0, NULL, NULL));
  ck_status(CX_OK, cx_party_resolve(NULL, NULL, 0, 3, person, &refused));
  for (uint32_t i = 0; i < 3; i++) ck_assert_uint_eq(person[i], i);
  ck_assert_uint_eq(refused, 0);
  const cx_party_link self[] = {SAME(1, 1, 0), DIFFERENT(2, 2, 0)};
  ck_status(CX_OK, cx_party_resolve(NULL, self, 2, 3, person, &refused));
  for (uint32_t i = 0; i < 3; i++) ck_assert_uint_eq(person[i], i);
  ck_assert_uint_eq(refused, 0);
}
END_TEST

START_TEST(same_joins_and_names_the_smallest) {
  uint32_t person[5];
  size_t refused;
  const cx_party_link links[] = {SAME(4, 3, 1), SAME(1, 4, 2)};
  ck_status(CX_OK, cx_party_resolve(NULL, links, 2, 5, person, &refused));
  const uint32_t expected[] = {0, 1, 2, 1, 1};
  ck_assert_mem_eq(person, expected, sizeof expected);
  ck_assert_uint_eq(refused, 0);
}
END_TEST

START_TEST(different_vetoes_whenever_it_was_said) {
  uint32_t person[3];
  size_t refused;
  const cx_party_link direct[] = {SAME(0, 1, 1), DIFFERENT(1, 0, 99)};
  ck_status(CX_OK, cx_party_resolve(NULL, direct, 2, 3, person, &refused));
  ck_assert_uint_eq(person[1], 1);
  ck_assert_uint_eq(refused, 1);
  const cx_party_link through[] = {SAME(0, 1, 1), DIFFERENT(0, 2, 0), SAME(1, 2, 2)};
  ck_status(CX_OK, cx_party_resolve(NULL, through, 3, 3, person, &refused));
  const uint32_t expected[] = {0, 0, 2};
  ck_assert_mem_eq(person, expected, sizeof expected);
  ck_assert_uint_eq(refused, 1);
}
END_TEST

START_TEST(the_earlier_link_is_followed) {
  uint32_t person[3];
  const uint32_t one_two[] = {0, 1, 1}, zero_two[] = {0, 1, 0};
  cx_party_link links[] = {DIFFERENT(0, 1, 0), SAME(0, 2, 2), SAME(1, 2, 1)};
  ck_status(CX_OK, cx_party_resolve(NULL, links, 3, 3, person, NULL));
  ck_assert_mem_eq(person, one_two, sizeof person);
  links[1].time = 1; /* one time: the smaller order */
  links[1].order = 7;
  links[2].order = 8;
  ck_status(CX_OK, cx_party_resolve(NULL, links, 3, 3, person, NULL));
  ck_assert_mem_eq(person, zero_two, sizeof person);
  links[1].order = UINT64_MAX;
  ck_status(CX_OK, cx_party_resolve(NULL, links, 3, 3, person, NULL));
  ck_assert_mem_eq(person, one_two, sizeof person);
  links[1].order = links[2].order; /* one order: the smaller record */
  ck_status(CX_OK, cx_party_resolve(NULL, links, 3, 3, person, NULL));
  ck_assert_mem_eq(person, zero_two, sizeof person);
}
END_TEST

START_TEST(what_is_wrong_is_refused) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  uint32_t person[2] = {7, 7};
  size_t refused = 7;
  cx_party_link link = SAME(0, 2, 0);
  ck_status(CX_ERR_RANGE, cx_party_resolve(ctx, &link, 1, 2, person, &refused));
  ck_assert_str_eq(cx_context_error(ctx), "links[0] names a record that does not exist");
  link.b = 1;
  link.kind = CX_ASSERTION_RETRACT;
  ck_status(CX_ERR_INVALID, cx_party_resolve(ctx, &link, 1, 2, person, &refused));
  ck_assert_str_eq(cx_context_error(ctx), "links[0].kind must be same or different");
  link.kind = CX_ASSERTION_SAME;
  link.reserved = 1;
  ck_status(CX_ERR_INVALID, cx_party_resolve(ctx, &link, 1, 2, person, &refused));
  ck_status(CX_ERR_INVALID, cx_party_resolve(ctx, NULL, 1, 2, person, &refused));
  ck_status(CX_ERR_INVALID, cx_party_resolve(ctx, NULL, 0, 2, NULL, &refused));
  ck_assert_uint_eq(person[0], 7);
  ck_assert_uint_eq(person[1], 7);
  ck_assert_uint_eq(refused, 7);
  cx_context_free(ctx);
}
END_TEST

START_TEST(the_rule_agrees_with_paper_and_pencil) {
  uint64_t state = 1;
  cx_party_link links[LINKS_MOST];
  uint32_t fast[RECORDS_MOST], slow[RECORDS_MOST];
  size_t vetoes = 0;
  for (int trial = 0; trial < 20000; trial++) {
    const uint32_t records = 1 + below(&state, trial % 20 == 0 ? RECORDS_MOST : 9);
    const size_t n = random_links(&state, links, records, below(&state, 60));
    size_t refused = 0;
    ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, fast, &refused));
    ck_assert_uint_eq(refused, resolve_slowly(links, n, records, slow));
    ck_assert_mem_eq(fast, slow, records * sizeof *fast);
    vetoes += refused;
  }
  ck_assert_uint_gt(vetoes, 1000);
}
END_TEST

START_TEST(the_order_of_links_does_not_matter) {
  uint64_t state = 2;
  cx_party_link links[LINKS_MOST];
  uint32_t first[RECORDS_MOST], again[RECORDS_MOST];
  for (int trial = 0; trial < 5000; trial++) {
    const uint32_t records = 1 + below(&state, RECORDS_MOST);
    const size_t n = random_links(&state, links, records, 20);
    size_t refused = 0, refused_again = 1;
    ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, first, &refused));
    shuffle(&state, links, n);
    ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, again, &refused_again));
    ck_assert_mem_eq(first, again, records * sizeof *first);
    ck_assert_uint_eq(refused, refused_again);
  }
}
END_TEST

START_TEST(without_different_people_are_connected_components) {
  uint64_t state = 3;
  cx_party_link links[LINKS_MOST];
  uint32_t person[RECORDS_MOST], label[RECORDS_MOST];
  for (int trial = 0; trial < 3000; trial++) {
    const uint32_t records = 1 + below(&state, RECORDS_MOST);
    const size_t n = random_links(&state, links, records, 0);
    for (uint32_t i = 0; i < records; i++) label[i] = i;
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = 0; i < n; i++) {
        uint32_t *a = &label[links[i].a], *b = &label[links[i].b];
        if (*a == *b) continue;
        *a = *b = *a < *b ? *a : *b;
        changed = true;
      }
    }
    size_t refused = 1;
    ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, person, &refused));
    ck_assert_mem_eq(person, label, records * sizeof *person);
    ck_assert_uint_eq(refused, 0);
  }
}
END_TEST

START_TEST(different_keeps_apart_and_taking_it_back_restores) {
  uint64_t state = 4;
  cx_party_link links[LINKS_MOST + 1];
  uint32_t before[RECORDS_MOST], with[RECORDS_MOST], after[RECORDS_MOST];
  for (int trial = 0; trial < 5000; trial++) {
    const uint32_t records = 2 + below(&state, RECORDS_MOST - 1);
    const size_t n = random_links(&state, links, records, 15);
    ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, before, NULL));
    const uint32_t a = below(&state, records), b = (a + 1 + below(&state, records - 1)) % records;
    const bool same = trial % 3 == 0;
    links[n] = same ? SAME(a, b, (int64_t)below(&state, 6) - 3) : DIFFERENT(a, b, (int64_t)below(&state, 6) - 3);
    const size_t place = below(&state, (uint32_t)n + 1);
    const cx_party_link moved = links[place], added = links[n];
    links[place] = added;
    links[n] = moved;
    ck_status(CX_OK, cx_party_resolve(NULL, links, n + 1, records, with, NULL));
    if (!same) ck_assert_uint_ne(with[a], with[b]);
    for (size_t i = 0; i <= n; i++)
      if (links[i].kind == CX_ASSERTION_DIFFERENT && links[i].a != links[i].b)
        ck_assert_uint_ne(with[links[i].a], with[links[i].b]);
    links[place] = links[n]; /* retracted: left out */
    shuffle(&state, links, n);
    ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, after, NULL));
    ck_assert_mem_eq(before, after, records * sizeof *before);
  }
}
END_TEST

/** Links reach no further than SAME links do: each group that they connect can be resolved alone. Stores rely on it. */
START_TEST(groups_do_not_touch_each_other) {
  uint64_t state = 5;
  cx_party_link links[LINKS_MOST], same[LINKS_MOST], part[LINKS_MOST];
  uint32_t whole[RECORDS_MOST], group[RECORDS_MOST], own[RECORDS_MOST];
  for (int trial = 0; trial < 3000; trial++) {
    const uint32_t records = 1 + below(&state, RECORDS_MOST);
    const size_t n = random_links(&state, links, records, 30);
    size_t same_count = 0;
    for (size_t i = 0; i < n; i++)
      if (links[i].kind == CX_ASSERTION_SAME) same[same_count++] = links[i];
    ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, whole, NULL));
    ck_status(CX_OK, cx_party_resolve(NULL, same, same_count, records, group, NULL));
    for (uint32_t root = 0; root < records; root++) {
      if (group[root] != root) continue;
      size_t part_count = 0;
      for (size_t i = 0; i < n; i++)
        if (group[links[i].a] == root && group[links[i].b] == root) part[part_count++] = links[i];
      ck_status(CX_OK, cx_party_resolve(NULL, part, part_count, records, own, NULL));
      for (uint32_t i = 0; i < records; i++)
        if (group[i] == root) ck_assert_uint_eq(own[i], whole[i]);
    }
  }
}
END_TEST

/** A hub that everybody is kept apart from, chains through everybody, and links to the hub that are all refused: what
 *  would be quadratic if sets were searched. */
START_TEST(many_vetoes_are_no_burden) {
  const uint32_t records = 200001;
  const size_t n = 3 * (size_t)(records - 1);
  cx_party_link *links = malloc(n * sizeof *links);
  uint32_t *person = malloc(records * sizeof *person);
  ck_assert_ptr_nonnull(links);
  ck_assert_ptr_nonnull(person);
  for (uint32_t i = 1; i < records; i++) {
    links[3 * (i - 1)] = DIFFERENT(0, i, 0);
    links[3 * (i - 1) + 1] = SAME(i, i % 2 == 0 ? 2 : i - 1 > 0 ? i - 1 : 1, (int64_t)(records - i));
    links[3 * (i - 1) + 2] = SAME(0, i, INT64_MAX - i);
  }
  size_t refused = 0;
  ck_status(CX_OK, cx_party_resolve(NULL, links, n, records, person, &refused));
  ck_assert_uint_eq(person[0], 0);
  for (uint32_t i = 2; i < records; i++) ck_assert_uint_eq(person[i], person[2]);
  ck_assert_uint_eq(refused, records - 1);
  free(links);
  free(person);
}
END_TEST

static cx_status resolve_some(void *user, cx_context *ctx) {
  (void)user;
  const cx_party_link links[] = {SAME(0, 1, 1), DIFFERENT(0, 2, 0), SAME(1, 2, 2), SAME(3, 2, 3)};
  uint32_t person[4] = {9, 9, 9, 9};
  size_t refused = 9;
  const cx_status status = cx_party_resolve(ctx, links, 4, 4, person, &refused);
  const uint32_t expected[] = {0, 0, 2, 2}, untouched[] = {9, 9, 9, 9};
  ck_assert_mem_eq(person, status == CX_OK ? expected : untouched, sizeof person);
  ck_assert_uint_eq(refused, status == CX_OK ? 1 : 9);
  return status;
}

START_TEST(a_failing_allocation_is_an_error) { test_allocations(resolve_some, NULL, false); }
END_TEST

START_TEST(ids_are_written_and_read) {
  char text[CX_PARTY_ID_SIZE];
  cx_party_format_id(INT64_C(0x0123456789abcdef), text);
  ck_assert_str_eq(text, "p0123456789abcdef");
  cx_party_format_id(-1, text);
  ck_assert_str_eq(text, "pffffffffffffffff");
  const int64_t values[] = {0, 1, -1, INT64_MIN, INT64_MAX, INT64_C(0x7edcba9876543210)};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    int64_t person = 0;
    cx_party_format_id(values[i], text);
    ck_status(CX_OK, cx_party_parse_id(text_of(text), &person));
    ck_assert_int_eq(person, values[i]);
  }
  const char *const wrong[] = {"",
                               "p",
                               "0123456789abcdef0",
                               "p0123456789abcde",
                               "p0123456789abcdef0",
                               "P0123456789abcdef",
                               "p0123456789ABCDEF",
                               "p0123456789abcdeg",
                               "p-123456789abcdef",
                               "p 123456789abcdef"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t person = 42;
    ck_status(CX_ERR_PARSE, cx_party_parse_id(text_of(wrong[i]), &person));
    ck_assert_int_eq(person, 42);
  }
  int64_t person = 42;
  ck_status(CX_ERR_PARSE, cx_party_parse_id((cx_text){NULL, 0}, &person));
  ck_status(CX_ERR_INVALID, cx_party_parse_id(text_of("p0123456789abcdef"), NULL));
  ck_assert_int_eq(person, 42);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("party");
  TCase *tests = tcase_create("party");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, nothing_said_leaves_everybody_alone);
  tcase_add_test(tests, same_joins_and_names_the_smallest);
  tcase_add_test(tests, different_vetoes_whenever_it_was_said);
  tcase_add_test(tests, the_earlier_link_is_followed);
  tcase_add_test(tests, what_is_wrong_is_refused);
  tcase_add_test(tests, the_rule_agrees_with_paper_and_pencil);
  tcase_add_test(tests, the_order_of_links_does_not_matter);
  tcase_add_test(tests, without_different_people_are_connected_components);
  tcase_add_test(tests, different_keeps_apart_and_taking_it_back_restores);
  tcase_add_test(tests, groups_do_not_touch_each_other);
  tcase_add_test(tests, many_vetoes_are_no_burden);
  tcase_add_test(tests, a_failing_allocation_is_an_error);
  tcase_add_test(tests, ids_are_written_and_read);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* The inside of the ranker against the same formulas in double precision, solved another way. */
#include "rank/list.h"
#include "math/math.h"
#include "ranker_world.h"

#include <math.h>

#define FACTORS 12

static world shop;

static void setup(void) { shop = world_new(60, 80, 4, 2500); }

static void teardown(void) { world_free(&shop); }

/* Solves a dense system by elimination with pivoting. */
static void solve(double *a, double *b, size_t n) {
  for (size_t k = 0; k < n; k++) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; i++)
      if (fabs(a[i * n + k]) > fabs(a[pivot * n + k])) pivot = i;
    for (size_t j = 0; j < n; j++) {
      const double swap = a[k * n + j];
      a[k * n + j] = a[pivot * n + j];
      a[pivot * n + j] = swap;
    }
    const double swap = b[k];
    b[k] = b[pivot];
    b[pivot] = swap;
    for (size_t i = k + 1; i < n; i++) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (size_t j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (size_t k = n; k-- > 0;) {
    for (size_t j = k + 1; j < n; j++) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
}

/* One pair of an equation: the other side's row and the confidence. */
typedef struct pair {
  size_t row;
  double confidence;
} pair;

/* The exact solution of (sum c v v' + shrink alpha V'V + strength I) u = sum c v + strength * mean. */
static void solve_row(const float *factors, size_t stride, size_t rows, const pair *pairs, size_t n, double alpha,
                      double shrink, double strength, const double *mean, double out[FACTORS]) {
  double a[FACTORS * FACTORS] = {0};
  for (size_t i = 0; i < FACTORS; i++) {
    out[i] = strength * mean[i];
    a[i * FACTORS + i] = strength;
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < FACTORS; i++)
      for (size_t j = 0; j < FACTORS; j++)
        a[i * FACTORS + j] += shrink * alpha * (double)factors[r * stride + i] * (double)factors[r * stride + j];
  for (size_t k = 0; k < n; k++) {
    const float *v = factors + pairs[k].row * stride;
    for (size_t i = 0; i < FACTORS; i++) {
      out[i] += pairs[k].confidence * (double)v[i];
      for (size_t j = 0; j < FACTORS; j++) a[i * FACTORS + j] += pairs[k].confidence * (double)v[i] * (double)v[j];
    }
  }
  solve(a, out, FACTORS);
}

START_TEST(confidence_and_kinds) {
  ck_near(cx__ranker_confidence(1), 1, 0);
  ck_near(cx__ranker_confidence(3), 2, 1e-15);
  ck_near(cx__ranker_confidence(0.1), log2(1.1), 1e-15);
  ck_near(cx__ranker_confidence(0), 0, 0);
  ck_near(cx__ranker_confidence(-2), 0, 0);
  ck_near(cx__ranker_kind_weight(CX_EVENT_PURCHASE), 1, 0);
  ck_near(cx__ranker_kind_weight(CX_EVENT_RETURN), -1, 0);
  ck_near(cx__ranker_kind_weight(CX_EVENT_IMPRESSION), 0, 0);
  ck_near(cx__ranker_kind_weight(99), 0, 0);
  ck_near(cx__ranker_regularisation(0.01, 0.1, 1, 5, 100), 0.15, 1e-12);
  ck_near(cx__ranker_regularisation(0.01, 0.1, 0, 5, 100), 0.01, 1e-12);
}
END_TEST

static size_t person_pairs(const cx__interactions *data, size_t person, pair *pairs) {
  size_t n = 0;
  for (uint64_t k = data->person_offsets[person]; k < data->person_offsets[person + 1]; k++)
    if (data->person_weights[k] > 0)
      pairs[n++] = (pair){.row = data->person_items[k], .confidence = (double)data->person_weights[k]};
  return n;
}

START_TEST(people_solve_their_equation) {
  for (int32_t solver = 1; solver <= 2; solver++) {
    cx_ranker_options opts = world_options();
    opts.solver = solver;
    cx__ranker_people people;
    cx_ranker *ranker = NULL;
    ck_ok(NULL, cx__ranker_fit_people(NULL, shop.interactions, shop.contents, &opts, &people, &ranker));
    const size_t stride = ranker->head.stride;
    ck_assert_uint_eq(stride, 16);
    static const double zeros[FACTORS];
    for (size_t p = 0; p < people.data.people_count; p++) {
      pair pairs[200];
      const size_t n = person_pairs(&people.data, p, pairs);
      double expected[FACTORS];
      const double reg = 0.01 * ((double)n + 0.1 * 80);
      solve_row(ranker->factors, stride, 80, pairs, n, 0.1, 1, reg, zeros, expected);
      for (size_t i = 0; i < FACTORS; i++) {
        const double found = (double)people.factors[p * stride + i];
        ck_assert_msg(fabs(found - expected[i]) < 2e-4, "person %zu factor %zu: %g, expected %g", p, i, found,
                      expected[i]);
      }
    }
    cx__ranker_people_free(&people);
    cx_ranker_free(ranker);
  }
}
END_TEST

START_TEST(the_objective_is_what_it_says) {
  cx_ranker_options opts = world_options();
  cx__ranker_people people;
  cx_ranker *ranker = NULL;
  ck_ok(NULL, cx__ranker_fit_people(NULL, shop.interactions, shop.contents, &opts, &people, &ranker));
  const size_t stride = ranker->head.stride, items = (size_t)ranker->head.items;
  double sum = 0;
  for (size_t p = 0; p < people.data.people_count; p++) {
    const float *u = people.factors + p * stride;
    pair pairs[200];
    const size_t n = person_pairs(&people.data, p, pairs);
    double square = 0;
    for (size_t f = 0; f < FACTORS; f++) square += (double)u[f] * (double)u[f];
    sum += 0.01 * ((double)n + 0.1 * (double)items) * square;
    for (size_t i = 0; i < items; i++) {
      double score = 0;
      for (size_t f = 0; f < FACTORS; f++) score += (double)u[f] * (double)ranker->factors[i * stride + f];
      sum += 0.1 * score * score;
      for (size_t k = 0; k < n; k++)
        if (pairs[k].row == i) sum += pairs[k].confidence * (1 - score) * (1 - score);
    }
  }
  for (size_t i = 0; i < items; i++) {
    const double n = (double)(people.data.item_offsets[i + 1] - people.data.item_offsets[i]);
    double square = 0;
    for (size_t f = 0; f < FACTORS; f++)
      square += (double)ranker->factors[i * stride + f] * (double)ranker->factors[i * stride + f];
    sum += 0.01 * (n + 0.1 * (double)people.data.known) * square;
  }
  ck_near(ranker->head.objective, sum / (double)people.data.known, 1e-5);
  cx__ranker_people_free(&people);
  cx_ranker_free(ranker);
}
END_TEST

/* What a person's history and declarations make of every item, in double precision. */
static void expected_taste(const cx_ranker *ranker, const pair *pairs, size_t n, const size_t *topics,
                           const double *strengths, size_t declared, double kappa, double *out) {
  const size_t stride = ranker->head.stride, items = (size_t)ranker->head.items;
  double mean[FACTORS] = {0}, u[FACTORS], total = 0, liked = 0;
  for (size_t k = 0; k < declared; k++) {
    total += fabs(strengths[k]);
    liked += strengths[k] > 0 ? strengths[k] : 0;
    for (size_t f = 0; f < FACTORS; f++) mean[f] += strengths[k] * (double)ranker->prior[topics[k] * stride + f];
  }
  for (size_t f = 0; f < FACTORS; f++) mean[f] += (liked < 1 ? liked : 1) * (double)ranker->prior[4 * stride + f];
  const double shrink = 1 - (total < 1 ? total : 1) * 10 / ((double)n + 10);
  const double strength = kappa * 0.01 * ((double)n + 0.1 * (double)items);
  solve_row(ranker->factors, stride, items, pairs, n, 0.1, shrink, strength, mean, u);
  for (size_t i = 0; i < items; i++) {
    out[i] = 0;
    for (size_t f = 0; f < FACTORS; f++) out[i] += u[f] * (double)ranker->factors[i * stride + f];
  }
}

static double taste_of(const cx_ranker_item *item) {
  double sum = 0;
  for (size_t t = 0; t < item->terms_count; t++)
    if (item->terms[t].kind == CX_RANKER_TERM_TASTE_EVENT || item->terms[t].kind == CX_RANKER_TERM_TASTE_PREFERENCE)
      sum += item->terms[t].value;
  return sum;
}

static void compare(const cx_ranker *ranker, const cx_profile *profile, const double *expected) {
  cx_ranker_list *list = NULL;
  ck_ok(NULL, cx_ranker_list_new(NULL, &list));
  cx_ranker_request request = world_request(80);
  request.seen = 1;
  ck_ok(NULL, cx_ranker_rank(NULL, ranker, profile, &request, list));
  size_t compared = 0;
  for (size_t i = 0; i < 80; i++) {
    cx_ranker_item item;
    if (world_find(list, i, &item) == SIZE_MAX) continue;
    const double found = taste_of(&item);
    ck_assert_msg(fabs(found - expected[i]) <= 1e-4 * (1 + fabs(expected[i])), "item %zu: %.9g, expected %.9g", i,
                  found, expected[i]);
    compared++;
  }
  ck_assert_uint_gt(compared, 70);
  cx_ranker_list_free(list);
}

START_TEST(a_request_folds_the_person_in) {
  for (int round = 0; round < 3; round++) {
    cx_ranker_options opts = world_options();
    opts.prior = round == 0 ? 1 : 0.1 * round;
    cx_ranker *ranker = world_fit(NULL, &shop, &opts);
    static const size_t items[] = {3, 9, 12, 40, 41, 70, 71};
    pair pairs[7];
    double expected[80];
    cx_profile *profile = world_profile(true);
    for (size_t n = 0; n < 7; n++) {
      world_buys(profile, items[n], 20 - (int64_t)n);
      pairs[n] = (pair){.row = items[n], .confidence = 1};
      expected_taste(ranker, pairs, n + 1, NULL, NULL, 0, opts.prior, expected);
      compare(ranker, profile, expected);
    }
    /* The same person without the event in the middle: the score is that of a fold-in that never saw it. */
    cx_profile *without = world_profile(true);
    for (size_t n = 0; n < 7; n++)
      if (n != 3) world_buys(without, items[n], 20 - (int64_t)n);
    for (size_t n = 3; n < 6; n++) pairs[n] = pairs[n + 1];
    expected_taste(ranker, pairs, 6, NULL, NULL, 0, opts.prior, expected);
    compare(ranker, without, expected);
    static const size_t topics[] = {1, 3};
    static const double strengths[] = {0.6, -0.3};
    world_declares(without, "topic-1", 0.6, 3, CX_TIME_NONE);
    world_declares(without, "topic-3", -0.3, 3, CX_TIME_NONE);
    expected_taste(ranker, pairs, 6, topics, strengths, 2, opts.prior, expected);
    compare(ranker, without, expected);
    cx_profile_clear(without);
    cx_profile_free(without);
    cx_profile *declared = world_profile(true);
    world_declares(declared, "topic-2", 1, 3, CX_TIME_NONE);
    static const size_t two = 2;
    static const double one = 1;
    expected_taste(ranker, NULL, 0, &two, &one, 1, opts.prior, expected);
    compare(ranker, declared, expected);
    /* With no history the vector is the prior mean itself. */
    for (size_t i = 0; i < 80; i++) {
      double score = 0;
      for (size_t f = 0; f < FACTORS; f++)
        score += ((double)ranker->prior[2 * 16 + f] + (double)ranker->prior[4 * 16 + f]) *
                 (double)ranker->factors[i * 16 + f];
      ck_near(expected[i], score, 1e-9);
    }
    cx_profile_free(declared);
    cx_profile_free(profile);
    cx_ranker_free(ranker);
  }
}
END_TEST

START_TEST(every_item_is_found_and_no_other) {
  const cx_ranker_options opts = world_options();
  cx_ranker *ranker = world_fit(NULL, &shop, &opts);
  uint32_t number;
  for (size_t i = 0; i < 80; i++) {
    char id[16];
    world_item_id(i, id);
    ck_assert(cx__ranker_find_item(ranker, text_of(id), &number));
    ck_assert_uint_eq(number, i);
    id[1] = 'T';
    ck_assert(!cx__ranker_find_item(ranker, text_of(id), &number));
  }
  for (size_t t = 0; t < 4; t++) {
    char id[16];
    world_topic_id(t, id);
    ck_assert(cx__ranker_find_topic(ranker, text_of(id), &number));
    ck_assert_uint_eq(number, t);
  }
  ck_assert(!cx__ranker_find_topic(ranker, text_of(""), &number));
  ck_assert(!cx__ranker_find_topic(ranker, text_of("zzz"), &number));
  for (size_t t = 0; t < 4; t++)
    for (size_t i = 0, k = 0; i < 80; i++) {
      if (!world_has_topic(&shop, i, t)) continue;
      ck_assert_uint_eq(ranker->topic_items[ranker->topic_rows[t] + k], i);
      k++;
    }
  cx_ranker_free(ranker);
}
END_TEST

START_TEST(a_copy_with_a_wrong_number_is_refused) {
  const cx_ranker_options opts = world_options();
  cx_ranker *ranker = world_fit(NULL, &shop, &opts);
  ck_ok(NULL, cx__ranker_check(NULL, ranker));
  static const struct {
    int section;
    size_t at;
    uint64_t value;
    size_t size;
  } damages[] = {{CX__RANKER_ITEM_OFFSETS, 8, 1000000, 8},
                 {CX__RANKER_ITEM_OFFSETS, 0, 1, 8},
                 {CX__RANKER_ITEM_TEXT, 0, 0xFF, 1},
                 {CX__RANKER_ITEM_TEXT, 9, 'a', 1},
                 {CX__RANKER_TITLE_OFFSETS, 16, UINT64_MAX, 8},
                 {CX__RANKER_TITLE_TEXT, 3, 0xC0, 1},
                 {CX__RANKER_TOPIC_TEXT, 6, '9', 1},
                 {CX__RANKER_ITEM_INDEX, 0, 80, 4},
                 {CX__RANKER_TOPIC_ROWS, 8, 1000000, 8},
                 {CX__RANKER_TOPIC_ITEMS, 0, 80, 4},
                 {CX__RANKER_TOPIC_ITEMS, 4, 0, 4},
                 {CX__RANKER_POPULARITY, 8, 0x7FF0000000000000, 8},
                 {CX__RANKER_RECENCY, 8, 0xFFF8000000000000, 8},
                 {CX__RANKER_FACTORS, 4, 0x7F800000, 4},
                 {CX__RANKER_GRAM, 4, 0x7FC00000, 4},
                 {CX__RANKER_PRIOR, 4, 0xFF800000, 4}};
  for (size_t k = 0; k < sizeof damages / sizeof damages[0]; k++) {
    unsigned char kept[8];
    unsigned char *byte = (unsigned char *)ranker->own[damages[k].section] + damages[k].at;
    memcpy(kept, byte, damages[k].size);
    memcpy(byte, &damages[k].value, damages[k].size); /* little-endian, as the file is */
    const cx_status status = cx__ranker_check(NULL, ranker);
    ck_assert_msg(status == CX_ERR_CORRUPT, "damage %zu: %s", k, cx_status_name(status));
    memcpy(byte, kept, damages[k].size);
  }
  ck_ok(NULL, cx__ranker_check(NULL, ranker));
  uint32_t *index = ranker->own[CX__RANKER_ITEM_INDEX];
  size_t slot = 0;
  while (index[slot] == CX__RANKER_EMPTY) slot++;
  const uint32_t item = index[slot];
  index[slot] = CX__RANKER_EMPTY; /* an item that is not found */
  ck_status(CX_ERR_CORRUPT, cx__ranker_check(NULL, ranker));
  index[slot] = item;
  cx_ranker_free(ranker);
}
END_TEST

START_TEST(the_best_are_kept_in_order) {
  uint64_t state = 4;
  for (int round = 0; round < 200; round++) {
    const size_t n = 1 + world_random(&state) % 60, most = 1 + world_random(&state) % 20;
    float scores[60];
    cx__best heap[20];
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
      scores[i] = (float)(world_random(&state) % 8);
      cx__best_add(heap, &count, most, scores[i], (uint32_t)i);
    }
    cx__best_sort(heap, count);
    ck_assert_uint_eq(count, n < most ? n : most);
    bool taken[60] = {false};
    for (size_t k = 0; k < count; k++) {
      size_t best = SIZE_MAX;
      for (size_t i = 0; i < n; i++)
        if (!taken[i] && (best == SIZE_MAX || scores[i] > scores[best])) best = i;
      taken[best] = true;
      ck_assert_uint_eq(heap[k].item, best);
    }
  }
}
END_TEST

/* An index without room would make each search long. */
START_TEST(a_crowded_index_is_refused) {
  const cx_ranker_options opts = world_options();
  cx_ranker *ranker = world_fit(NULL, &shop, &opts), *opened = NULL;
  uint32_t index[128];
  ck_assert(ranker->head.items > 64 && ranker->head.items < 128);
  cx__ranker_index_fill(index, 128, ranker->item_text, ranker->item_offsets, (uint32_t)ranker->head.items);
  cx__ranker_head head = ranker->head;
  head.slots = 128;
  ranker->section[CX__RANKER_HEAD] = &head;
  ranker->section[CX__RANKER_ITEM_INDEX] = index;
  ranker->size[CX__RANKER_ITEM_INDEX] = sizeof index;
  char path[256];
  snprintf(path, sizeof path, "%s/crowded", test_directory());
  ck_ok(NULL, cx_ranker_save(NULL, ranker, path, NULL));
  ck_status(CX_ERR_CORRUPT, cx_ranker_open(NULL, path, NULL, &opened));
  ck_assert_ptr_null(opened);
  cx_ranker_free(ranker);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ranker inside");
  TCase *tests = tcase_create("inside");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, confidence_and_kinds);
  tcase_add_test(tests, people_solve_their_equation);
  tcase_add_test(tests, the_objective_is_what_it_says);
  tcase_add_test(tests, a_request_folds_the_person_in);
  tcase_add_test(tests, every_item_is_found_and_no_other);
  tcase_add_test(tests, a_copy_with_a_wrong_number_is_refused);
  tcase_add_test(tests, the_best_are_kept_in_order);
  tcase_add_test(tests, a_crowded_index_is_refused);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

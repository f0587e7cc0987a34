/* SPDX-License-Identifier: MIT */
/* Learning, files and evaluation. */
#include "ranker_world.h"

#include <math.h>
#include <unistd.h>

static world shop;

static void setup(void) { shop = world_new(90, 120, 4, 3000); }

static void teardown(void) { world_free(&shop); }

static cx_profile *customer(void) {
  cx_profile *profile = world_profile(true);
  for (size_t i = 0; i < 15; i++) world_buys(profile, 8 * i + 1, (int64_t)i);
  world_declares(profile, "topic-2", 0.7, 3, CX_TIME_NONE);
  world_declares(profile, "topic-3", -1, 3, CX_TIME_NONE);
  return profile;
}

/* All of a list for one customer and for nobody. */
static char *lists_of(cx_context *ctx, const cx_ranker *ranker) {
  cx_ranker_list *list = NULL;
  ck_ok(ctx, cx_ranker_list_new(ctx, &list));
  cx_profile *profile = customer();
  cx_ranker_request request = world_request(120);
  request.withheld = 120;
  request.at = WORLD_NOW;
  ck_ok(ctx, cx_ranker_rank(ctx, ranker, profile, &request, list));
  char *one = world_print(list);
  ck_ok(ctx, cx_ranker_rank(ctx, ranker, NULL, &request, list));
  char *two = world_print(list);
  char *both = malloc(strlen(one) + strlen(two) + 1);
  ck_assert_ptr_nonnull(both);
  strcpy(both, one);
  strcat(both, two);
  free(one);
  free(two);
  cx_ranker_list_free(list);
  cx_profile_free(profile);
  return both;
}

static void path_of(const char *name, char path[256]) { snprintf(path, 256, "%s/%s", test_directory(), name); }

static char *bytes_of(const cx_ranker *ranker, size_t *size) {
  char path[256];
  path_of("bytes", path);
  ck_ok(NULL, cx_ranker_save(NULL, ranker, path, NULL));
  return test_read_file(path, size);
}

START_TEST(threads_and_runs_give_the_same_bytes) {
  static const uint32_t threads[] = {1, 2, 7, 1};
  for (int32_t solver = CX_RANKER_SOLVER_CHOLESKY; solver <= CX_RANKER_SOLVER_CONJUGATE_GRADIENT; solver++) {
    char *first = NULL;
    size_t first_size = 0;
    for (size_t k = 0; k < 4; k++) {
      test_memory memory;
      cx_context *ctx = test_context(&memory, threads[k]);
      cx_ranker_options opts = world_options();
      opts.solver = solver;
      cx_ranker *ranker = world_fit(ctx, &shop, &opts);
      size_t size;
      char *bytes = bytes_of(ranker, &size);
      if (!first) {
        first = bytes;
        first_size = size;
      } else {
        ck_assert_uint_eq(size, first_size);
        ck_assert(memcmp(bytes, first, size) == 0);
        free(bytes);
      }
      cx_ranker_free(ranker);
      cx_context_free(ctx);
      ck_assert_int_eq(memory.live, 0);
    }
    free(first);
  }
}
END_TEST

START_TEST(both_solvers_agree) {
  cx_ranker_options opts = world_options();
  opts.iterations = 30;
  double objective[2];
  for (int32_t solver = 1; solver <= 2; solver++) {
    opts.solver = solver;
    cx_ranker *ranker = world_fit(NULL, &shop, &opts);
    cx_ranker_info info = {.size = sizeof info};
    ck_ok(NULL, cx_ranker_get_info(ranker, &info));
    objective[solver - 1] = info.objective;
    cx_ranker_free(ranker);
  }
  ck_near(objective[1], objective[0], 0.02);
}
END_TEST

START_TEST(more_iterations_lower_the_objective) {
  double last = HUGE_VAL;
  for (uint32_t iterations = 1; iterations <= 32; iterations *= 2) {
    cx_ranker_options opts = world_options();
    opts.iterations = iterations;
    cx_ranker *ranker = world_fit(NULL, &shop, &opts);
    cx_ranker_info info = {.size = sizeof info};
    ck_ok(NULL, cx_ranker_get_info(ranker, &info));
    ck_assert_msg(info.objective < last * (1 + 1e-6), "%u iterations: %.9g after %.9g", iterations, info.objective,
                  last);
    last = info.objective;
    cx_ranker_free(ranker);
  }
}
END_TEST

START_TEST(the_seed_matters) {
  cx_ranker_options opts = world_options();
  cx_ranker *one = world_fit(NULL, &shop, &opts);
  opts.seed = 2;
  cx_ranker *two = world_fit(NULL, &shop, &opts);
  char *a = lists_of(NULL, one), *b = lists_of(NULL, two);
  ck_assert_str_ne(a, b);
  free(a);
  free(b);
  cx_ranker_free(one);
  cx_ranker_free(two);
}
END_TEST

START_TEST(a_saved_ranker_ranks_the_same) {
  char path[256];
  path_of("ranker", path);
  for (uint32_t factors = 0; factors <= 32; factors += 16) {
    cx_ranker_options opts = world_options();
    opts.factors = factors;
    cx_ranker *ranker = world_fit(NULL, &shop, &opts);
    char *expected = lists_of(NULL, ranker);
    cx_model_save_options save;
    ck_ok(NULL, cx_model_save_options_init(&save, sizeof save));
    save.generation = 7;
    ck_ok(NULL, cx_ranker_save(NULL, ranker, path, &save));
    cx_model_info model = {.size = sizeof model};
    ck_ok(NULL, cx_model_read_info(NULL, path, &model));
    ck_assert_str_eq(model.kind, "ranker");
    ck_assert_uint_eq(model.generation, 7);
    for (int32_t copy = 0; copy <= 1; copy++) {
      cx_model_open_options open;
      ck_ok(NULL, cx_model_open_options_init(&open, sizeof open));
      open.copy = copy;
      cx_ranker *opened = NULL;
      ck_ok(NULL, cx_ranker_open(NULL, path, &open, &opened));
      char *text = lists_of(NULL, opened);
      ck_assert_str_eq(text, expected);
      free(text);
      cx_ranker_info a = {.size = sizeof a}, b = {.size = sizeof b};
      ck_ok(NULL, cx_ranker_get_info(ranker, &a));
      ck_ok(NULL, cx_ranker_get_info(opened, &b));
      ck_assert_mem_eq(&a, &b, sizeof a);
      size_t size, again_size;
      char *bytes = bytes_of(ranker, &size), *again = bytes_of(opened, &again_size);
      ck_assert_uint_eq(size, again_size);
      ck_assert(memcmp(bytes, again, size) == 0);
      free(bytes);
      free(again);
      cx_ranker_free(opened);
    }
    free(expected);
    cx_ranker_free(ranker);
  }
}
END_TEST

START_TEST(a_damaged_file_is_refused) {
  char path[256];
  path_of("damaged", path);
  const cx_ranker_options opts = world_options();
  cx_ranker *ranker = world_fit(NULL, &shop, &opts);
  size_t size;
  char *bytes = bytes_of(ranker, &size);
  cx_ranker_free(ranker);
  size_t refused = 0;
  for (size_t k = 0; k < 60; k++) {
    const size_t at = (k * 7919) % size;
    bytes[at] = (char)(bytes[at] ^ 4);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
    cx_ranker *opened = (cx_ranker *)&shop;
    const cx_status status = cx_ranker_open(NULL, path, NULL, &opened);
    /* A flipped bit between two sections is not read by anything. */
    ck_assert(status == CX_ERR_CORRUPT || status == CX_ERR_UNSUPPORTED || status == CX_OK);
    if (status != CX_OK) ck_assert_ptr_null(opened);
    if (status != CX_OK) refused++;
    cx_ranker_free(opened);
    bytes[at] = (char)(bytes[at] ^ 4);
  }
  free(bytes);
  ck_assert_uint_gt(refused, 50);
  cx_ranker *opened = (cx_ranker *)&shop;
  ck_status(CX_ERR_IO, cx_ranker_open(NULL, "no/such/file", NULL, &opened));
  ck_assert_ptr_null(opened);
  ck_status(CX_ERR_INVALID, cx_ranker_open(NULL, NULL, NULL, &opened));
  ck_status(CX_ERR_INVALID, cx_ranker_open(NULL, path, NULL, NULL));
  ck_status(CX_ERR_INVALID, cx_ranker_save(NULL, NULL, path, NULL));
}
END_TEST

/* A small table: rows of person, item, weight, kind. */
static cx_table *table_of(size_t rows, const int64_t *person, const char *const *item, const double *weight,
                          const int64_t *kind) {
  world_texts texts = world_texts_new(rows);
  for (size_t r = 0; r < rows; r++) world_texts_add(&texts, item[r]);
  cx_column columns[4] = {{.name = "person", .type = CX_TYPE_INT64, .values = person},
                          {.name = "item", .type = CX_TYPE_TEXT, .values = texts.bytes, .offsets = texts.offsets}};
  size_t n = 2;
  if (weight) columns[n++] = (cx_column){.name = "weight", .type = CX_TYPE_DOUBLE, .values = weight};
  if (kind) columns[n++] = (cx_column){.name = "kind", .type = CX_TYPE_INT64, .values = kind};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, n, rows, &table));
  world_texts_free(&texts);
  return table;
}

START_TEST(options_are_checked) {
  static const struct {
    size_t offset;
    double value;
  } numbers[] = {{offsetof(cx_ranker_options, regularisation), 0},
                 {offsetof(cx_ranker_options, regularisation), NAN},
                 {offsetof(cx_ranker_options, unobserved), -1},
                 {offsetof(cx_ranker_options, exponent), 1.5},
                 {offsetof(cx_ranker_options, exponent), NAN},
                 {offsetof(cx_ranker_options, deviation), INFINITY},
                 {offsetof(cx_ranker_options, prior), 0},
                 {offsetof(cx_ranker_options, popularity_half_life), 0},
                 {offsetof(cx_ranker_options, recency_half_life), -3},
                 {offsetof(cx_ranker_options, weight_taste), -1},
                 {offsetof(cx_ranker_options, weight_preference), NAN},
                 {offsetof(cx_ranker_options, weight_popularity), INFINITY},
                 {offsetof(cx_ranker_options, weight_recency), -0.1}};
  cx_ranker *ranker = (cx_ranker *)&shop;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    cx_ranker_options opts = world_options();
    memcpy((char *)&opts + numbers[i].offset, &numbers[i].value, sizeof(double));
    ck_status(CX_ERR_RANGE, cx_ranker_fit(NULL, shop.interactions, NULL, &opts, &ranker));
    ck_assert_ptr_null(ranker);
  }
  cx_ranker_options opts = world_options();
  opts.factors = 513;
  ck_status(CX_ERR_RANGE, cx_ranker_fit(NULL, shop.interactions, NULL, &opts, &ranker));
  opts = world_options();
  opts.iterations = 0;
  ck_status(CX_ERR_RANGE, cx_ranker_fit(NULL, shop.interactions, NULL, &opts, &ranker));
  opts = world_options();
  opts.solver = 3;
  ck_status(CX_ERR_RANGE, cx_ranker_fit(NULL, shop.interactions, NULL, &opts, &ranker));
  ck_status(CX_ERR_INVALID, cx_ranker_fit(NULL, NULL, NULL, NULL, &ranker));
  ck_status(CX_ERR_INVALID, cx_ranker_fit(NULL, shop.interactions, NULL, NULL, NULL));
  cx_ranker_free(NULL);
}
END_TEST

START_TEST(tables_are_checked) {
  static const int64_t person[] = {1, 2, 1};
  static const char *const item[] = {"a", "b", "b"};
  cx_context *ctx = NULL;
  ck_ok(NULL, cx_context_new(NULL, &ctx));
  cx_ranker *ranker = (cx_ranker *)&shop;
  static const double bad_weights[] = {0, -1, NAN, INFINITY, 1e300};
  for (size_t k = 0; k < 5; k++) {
    const double weight[] = {1, bad_weights[k], 1};
    cx_table *table = table_of(3, person, item, weight, NULL);
    ck_status(CX_ERR_RANGE, cx_ranker_fit(ctx, table, NULL, NULL, &ranker));
    uint64_t row;
    ck_assert_str_eq(cx_context_place(ctx, &row, NULL), "interactions");
    ck_assert_uint_eq(row, 2);
    cx_table_free(table);
  }
  static const int64_t kinds[] = {1, 1, 14};
  cx_table *table = table_of(3, person, item, NULL, kinds);
  ck_status(CX_ERR_RANGE, cx_ranker_fit(ctx, table, NULL, NULL, &ranker));
  ck_assert_ptr_null(ranker);
  cx_table_free(table);
  static const char *const empty[] = {"a", "", "b"};
  table = table_of(3, person, empty, NULL, NULL);
  ck_status(CX_ERR_INVALID, cx_ranker_fit(ctx, table, NULL, NULL, &ranker));
  cx_table_free(table);
  table = table_of(0, person, item, NULL, NULL);
  ck_status(CX_ERR_NO_DATA, cx_ranker_fit(ctx, table, NULL, NULL, &ranker));
  cx_table_free(table);
  const cx_column lonely = {.name = "person", .type = CX_TYPE_INT64, .values = person};
  ck_ok(ctx, cx_table_new(ctx, &lonely, 1, 3, &table));
  ck_status(CX_ERR_NOT_FOUND, cx_ranker_fit(ctx, table, NULL, NULL, &ranker));
  ck_status(CX_ERR_NOT_FOUND, cx_ranker_fit(ctx, shop.interactions, table, NULL, &ranker));
  cx_table_free(table);
  const double numbers[] = {1, 2, 3};
  const cx_column wrong[] = {{.name = "person", .type = CX_TYPE_DOUBLE, .values = numbers},
                             {.name = "item", .type = CX_TYPE_INT64, .values = person}};
  ck_ok(ctx, cx_table_new(ctx, wrong, 2, 3, &table));
  ck_status(CX_ERR_TYPE, cx_ranker_fit(ctx, table, NULL, NULL, &ranker));
  cx_table_free(table);
  cx_context_free(ctx);
}
END_TEST

static uint64_t pairs_of(const cx_table *table, uint64_t *people) {
  cx_ranker_options opts = world_options();
  cx_ranker *ranker = NULL;
  ck_ok(NULL, cx_ranker_fit(NULL, table, NULL, &opts, &ranker));
  cx_ranker_info info = {.size = sizeof info};
  ck_ok(NULL, cx_ranker_get_info(ranker, &info));
  cx_ranker_free(ranker);
  if (people) *people = info.people;
  return info.interactions;
}

START_TEST(returns_take_purchases_back) {
  static const int64_t person[] = {1, 1, 2, 2, 2, 3};
  static const char *const item[] = {"a", "a", "a", "a", "b", "a"};
  static const int64_t kind[] = {CX_EVENT_PURCHASE, CX_EVENT_RETURN,   CX_EVENT_PURCHASE,
                                 CX_EVENT_PURCHASE, CX_EVENT_PURCHASE, CX_EVENT_IMPRESSION};
  cx_table *table = table_of(6, person, item, NULL, kind);
  uint64_t people;
  ck_assert_uint_eq(pairs_of(table, &people), 2); /* only those of person 2 */
  ck_assert_uint_eq(people, 1);
  cx_table_free(table);
}
END_TEST

START_TEST(one_item_is_a_catalogue) {
  static const int64_t person[] = {1};
  static const char *const item[] = {"only"};
  cx_table *table = table_of(1, person, item, NULL, NULL);
  cx_ranker *ranker = NULL;
  ck_ok(NULL, cx_ranker_fit(NULL, table, NULL, NULL, &ranker));
  cx_ranker_list *list = NULL;
  ck_ok(NULL, cx_ranker_list_new(NULL, &list));
  ck_ok(NULL, cx_ranker_rank(NULL, ranker, NULL, NULL, list)); /* no time is known anywhere */
  ck_assert_uint_eq(cx_ranker_list_count(list), 1);
  cx_profile *profile = world_profile(true);
  world_event(profile, CX_EVENT_PURCHASE, "only", 1);
  ck_ok(NULL, cx_ranker_rank(NULL, ranker, profile, NULL, list));
  ck_assert_uint_eq(cx_ranker_list_count(list), 0);
  ck_assert_uint_eq(cx_ranker_list_withheld(list, CX_RANKER_REASON_SEEN), 1);
  cx_profile_free(profile);
  cx_ranker_list_free(list);
  cx_ranker_free(ranker);
  cx_table_free(table);
}
END_TEST

START_TEST(nobody_known_leaves_popularity) {
  static const int64_t person[] = {0, 0, 0};
  static const uint8_t none = 0;
  world_texts texts = world_texts_new(3);
  world_texts_add(&texts, "b");
  world_texts_add(&texts, "b");
  world_texts_add(&texts, "a");
  const cx_column columns[] = {{.name = "person", .type = CX_TYPE_INT64, .values = person, .validity = &none},
                               {.name = "item", .type = CX_TYPE_TEXT, .values = texts.bytes, .offsets = texts.offsets}};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, 2, 3, &table));
  world_texts_free(&texts);
  cx_ranker *ranker = NULL;
  ck_ok(NULL, cx_ranker_fit(NULL, table, NULL, NULL, &ranker));
  cx_ranker_info info = {.size = sizeof info};
  ck_ok(NULL, cx_ranker_get_info(ranker, &info));
  ck_assert_uint_eq(info.factors, 0);
  ck_assert_uint_eq(info.people, 0);
  ck_assert_uint_eq(info.anonymous, 3);
  cx_ranker_list *list = NULL;
  ck_ok(NULL, cx_ranker_list_new(NULL, &list));
  ck_ok(NULL, cx_ranker_rank(NULL, ranker, NULL, NULL, list));
  cx_ranker_item item;
  ck_ok(NULL, cx_ranker_list_get(list, 0, &item));
  ck_assert(item.item.size == 1 && item.item.data[0] == 'b');
  ck_near(item.score, 0.2, 1e-12);
  ck_ok(NULL, cx_ranker_list_get(list, 1, &item));
  ck_near(item.score, 0.2 * log(2) / log(3), 1e-12);
  cx_ranker_list_free(list);
  cx_ranker_free(ranker);
  cx_table_free(table);
}
END_TEST

START_TEST(what_is_later_than_until_is_left_out) {
  cx_ranker_options opts = world_options();
  opts.until = WORLD_NOW - 150 * WORLD_DAY;
  cx_ranker *ranker = world_fit(NULL, &shop, &opts);
  cx_ranker_info info = {.size = sizeof info};
  ck_ok(NULL, cx_ranker_get_info(ranker, &info));
  ck_assert_int_eq(info.until, opts.until);
  ck_assert_uint_lt(info.interactions, 700); /* a quarter of the 200 days */
  ck_assert_uint_gt(info.interactions, 200);
  cx_ranker_free(ranker);
}
END_TEST

static int stop_at_two(void *user, const char *stage, uint64_t done, uint64_t total) {
  ck_assert_str_eq(stage, "rank");
  ck_assert_uint_le(done, total);
  ++*(int *)user;
  return done >= 2;
}

START_TEST(a_fit_can_be_cancelled) {
  cx_context *ctx = NULL;
  ck_ok(NULL, cx_context_new(NULL, &ctx));
  int calls = 0;
  ck_ok(ctx, cx_context_set_progress(ctx, stop_at_two, &calls));
  cx_ranker *ranker = (cx_ranker *)&shop;
  const cx_ranker_options opts = world_options();
  ck_status(CX_ERR_CANCELLED, cx_ranker_fit(ctx, shop.interactions, shop.contents, &opts, &ranker));
  ck_assert_ptr_null(ranker);
  ck_assert_int_eq(calls, 3);
  cx_context_free(ctx);
}
END_TEST

START_TEST(evaluation_finds_the_planted_taste) {
  world later = shop;
  later.interactions = world_interactions(&shop, 99);
  cx_ranker_evaluation taste = {.size = sizeof taste}, popularity = {.size = sizeof popularity};
  cx_ranker_options opts = world_options();
  ck_ok(NULL, cx_ranker_evaluate(NULL, shop.interactions, later.interactions, &opts, 10, 50, &taste));
  opts.factors = 0;
  ck_ok(NULL, cx_ranker_evaluate(NULL, shop.interactions, later.interactions, &opts, 10, 0, &popularity));
  ck_assert_uint_eq(taste.k, 10);
  ck_assert_uint_eq(taste.users + taste.unknown, popularity.users + popularity.unknown);
  ck_assert(taste.recall.value > 1.5 * popularity.recall.value);
  ck_assert(taste.ndcg.value > 1.5 * popularity.ndcg.value);
  ck_assert(taste.recall.lower < taste.recall.value && taste.recall.upper > taste.recall.value);
  test_memory memory;
  for (uint32_t threads = 2; threads <= 7; threads += 5) {
    cx_context *ctx = test_context(&memory, threads);
    cx_ranker_evaluation again = {.size = sizeof again};
    ck_ok(ctx, cx_ranker_evaluate(ctx, shop.interactions, later.interactions, &opts, 10, 0, &again));
    ck_assert(again.recall.value == popularity.recall.value && again.map.value == popularity.map.value);
    cx_context_free(ctx);
    ck_assert_int_eq(memory.live, 0);
  }
  cx_table_free(later.interactions);
}
END_TEST

START_TEST(evaluation_by_hand) {
  /* Popularity: a 3, b 2, c 1. Person 1 has a, so sees b, c; person 2 has a and b, so sees c; 9 is unknown. */
  static const int64_t person[] = {1, 2, 3, 2, 3, 3};
  static const char *const item[] = {"a", "a", "a", "b", "b", "c"};
  static const int64_t test_person[] = {1, 1, 2, 9};
  static const char *const test_item[] = {"c", "new", "c", "a"};
  cx_table *train = table_of(6, person, item, NULL, NULL), *test = table_of(4, test_person, test_item, NULL, NULL);
  cx_ranker_options opts = world_options();
  opts.factors = 0;
  cx_ranker_evaluation out = {.size = sizeof out};
  ck_ok(NULL, cx_ranker_evaluate(NULL, train, test, &opts, 2, 0, &out));
  ck_assert_uint_eq(out.users, 2);
  ck_assert_uint_eq(out.unknown, 1);
  ck_near(out.recall.value, (0.5 + 1) / 2, 1e-12);
  ck_near(out.precision.value, 0.5, 1e-12);
  ck_near(out.map.value, (0.25 + 1) / 2, 1e-12);
  const double second = 1 / (log(3) / log(2));
  ck_near(out.ndcg.value, (second / (1 + second) + 1) / 2, 1e-12);
  cx_ranker_evaluation untouched = out;
  ck_status(CX_ERR_RANGE, cx_ranker_evaluate(NULL, train, test, &opts, 0, 0, &out));
  ck_status(CX_ERR_RANGE, cx_ranker_evaluate(NULL, train, test, &opts, 10001, 0, &out));
  ck_status(CX_ERR_INVALID, cx_ranker_evaluate(NULL, NULL, test, &opts, 2, 0, &out));
  ck_status(CX_ERR_INVALID, cx_ranker_evaluate(NULL, train, NULL, &opts, 2, 0, &out));
  ck_status(CX_ERR_INVALID, cx_ranker_evaluate(NULL, train, test, &opts, 2, 0, NULL));
  cx_table_free(test);
  test = table_of(1, test_person + 3, test_item, NULL, NULL);
  ck_status(CX_ERR_NO_DATA, cx_ranker_evaluate(NULL, train, test, &opts, 2, 0, &out));
  ck_assert_mem_eq(&out, &untouched, sizeof out);
  cx_table_free(test);
  cx_table_free(train);
}
END_TEST

static cx_status fit_body(void *user, cx_context *ctx) {
  const world *w = user;
  cx_ranker *ranker = (cx_ranker *)user;
  cx_ranker_options opts = world_options();
  opts.factors = 4;
  opts.iterations = 1;
  const cx_status status = cx_ranker_fit(ctx, w->interactions, w->contents, &opts, &ranker);
  if (status != CX_OK) ck_assert_ptr_null(ranker);
  cx_ranker_free(ranker);
  return status;
}

static cx_status evaluate_body(void *user, cx_context *ctx) {
  const world *w = user;
  cx_ranker_options opts = world_options();
  opts.factors = 4;
  opts.iterations = 1;
  cx_ranker_evaluation out = {.size = sizeof out, .k = 77};
  const cx_status status = cx_ranker_evaluate(ctx, w->interactions, w->interactions, &opts, 5, 10, &out);
  if (status != CX_OK) ck_assert_uint_eq(out.k, 77);
  return status;
}

static cx_status file_body(void *user, cx_context *ctx) {
  char path[256];
  path_of("memory", path);
  cx_status status = cx_ranker_save(ctx, user, path, NULL);
  if (status != CX_OK) return status;
  cx_ranker *ranker = (cx_ranker *)&shop;
  status = cx_ranker_open(ctx, path, NULL, &ranker);
  if (status != CX_OK) ck_assert_ptr_null(ranker);
  cx_ranker_free(ranker);
  return status;
}

START_TEST(every_allocation_may_fail) {
  world small = world_new(10, 12, 3, 60);
  test_allocations(fit_body, &small, false);
  test_allocations(evaluate_body, &small, false);
  const cx_ranker_options opts = world_options();
  cx_ranker *ranker = world_fit(NULL, &small, &opts);
  test_allocations(file_body, ranker, false);
  cx_ranker_free(ranker);
  world_free(&small);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ranker model");
  TCase *tests = tcase_create("models");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, threads_and_runs_give_the_same_bytes);
  tcase_add_test(tests, both_solvers_agree);
  tcase_add_test(tests, more_iterations_lower_the_objective);
  tcase_add_test(tests, the_seed_matters);
  tcase_add_test(tests, a_saved_ranker_ranks_the_same);
  tcase_add_test(tests, a_damaged_file_is_refused);
  tcase_add_test(tests, options_are_checked);
  tcase_add_test(tests, tables_are_checked);
  tcase_add_test(tests, returns_take_purchases_back);
  tcase_add_test(tests, one_item_is_a_catalogue);
  tcase_add_test(tests, nobody_known_leaves_popularity);
  tcase_add_test(tests, what_is_later_than_until_is_left_out);
  tcase_add_test(tests, a_fit_can_be_cancelled);
  tcase_add_test(tests, evaluation_finds_the_planted_taste);
  tcase_add_test(tests, evaluation_by_hand);
  tcase_add_test(tests, every_allocation_may_fail);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

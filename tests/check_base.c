/* SPDX-License-Identifier: MIT */
/* A base from import to list: the models are there after learning, belong to their store, and survive reopening. */
#include "support.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CUSTOMERS = 120, ITEMS = 12 };

/** Orders of customers who come back in different rhythms, one file for all tests; free() it. */
static char *make_orders(size_t *size) {
  char *text = malloc(1 << 20);
  ck_assert_ptr_nonnull(text);
  size_t n = (size_t)sprintf(text, "customer,time,order,line,item,quantity,price,currency\n");
  uint64_t state = 7;
  for (int customer = 0; customer < CUSTOMERS; customer++) {
    const int start = customer % 60, rhythm = 5 + customer % 40;
    for (int day = start, order = 0; day < 300; day += rhythm, order++) {
      state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
      if (order > 0 && (state >> 33) % 5 == 0) break; /* gone */
      for (int line = 1; line <= 2; line++)
        n += (size_t)sprintf(text + n, "c%d,2025-%02d-%02d 10:00:00,o%d-%d,%d,i%d,1,%d.50,EUR\n", customer,
                             1 + day / 28, 1 + day % 28, customer, order, line,
                             (customer % 2) * (ITEMS / 2) + (int)((state >> 40) + (unsigned)line * 2) % (ITEMS / 2),
                             5 + line);
    }
  }
  *size = n;
  return text;
}

static const char *path_of(const char *name) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", test_directory(), name);
  return path;
}

static cx_base *open_base(cx_context *ctx, const char *name) {
  cx_store_options opts;
  cx_base *base = NULL;
  ck_ok(ctx, cx_store_options_init(&opts, sizeof opts));
  opts.create = 1;
  ck_ok(ctx, cx_base_open(ctx, path_of(name), &opts, &base));
  return base;
}

static void import_orders(cx_context *ctx, cx_base *base) {
  size_t size;
  char *text = make_orders(&size);
  cx_format_source source;
  cx_store_import_report report = {.size = sizeof report};
  ck_ok(ctx, cx_format_source_init(&source, sizeof source));
  source.data = text;
  source.data_size = size;
  ck_ok(ctx, cx_base_import(ctx, base, &source, NULL, &report));
  ck_assert_uint_eq(report.read, report.stored);
  free(text);
}

static void forget(const char *name) {
  static const char *const ends[] = {"",          "-wal",         "-shm",     "-lifecycle.1", "-stage.1",
                                     "-ranker.1", "-lifecycle.2", "-stage.2", "-ranker.2"};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    char path[300];
    snprintf(path, sizeof path, "%s%s", path_of(name), ends[i]);
    (void)unlink(path);
  }
}

START_TEST(nothing_is_learned_from_nothing) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_base *base = open_base(ctx, "empty.cx");
  cx_profile *profile = NULL;
  cx_ranker_list *list = NULL;
  cx_table *table = (cx_table *)&memory;
  cx_stage_result stage = {.size = sizeof stage};
  ck_assert_ptr_nonnull(cx_base_store(base));
  ck_assert_ptr_null(cx_base_lifecycle(base));
  ck_assert_ptr_null(cx_base_stage(base));
  ck_assert_ptr_null(cx_base_ranker(base));
  ck_status(CX_ERR_NO_DATA, cx_base_learn(ctx, base, NULL, NULL));
  ck_assert_str_eq(cx_context_error(ctx), "the store has no events to learn from");
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  ck_ok(ctx, cx_ranker_list_new(ctx, &list));
  ck_status(CX_ERR_NO_DATA, cx_base_infer(ctx, base, profile, &stage));
  ck_status(CX_ERR_NO_DATA, cx_base_rank(ctx, base, profile, NULL, list));
  ck_status(CX_ERR_NO_DATA, cx_base_infer_all(ctx, base, CX_TIME_NONE, &table));
  ck_assert_ptr_null(table);
  ck_status(CX_ERR_NOT_FOUND, cx_base_show(ctx, base, text_of("c1"), CX_TIME_NONE, profile));
  cx_ranker_list_free(list);
  cx_profile_free(profile);
  cx_base_free(base);
  forget("empty.cx");
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

/** A customer's stage and first item, for comparing two ways to the same answer. */
typedef struct answer {
  cx_stage_result stage;
  char items[10][16];
  double scores[10];
  size_t count;
} answer;

static answer ask(cx_context *ctx, cx_base *base, const char *id) {
  answer out;
  memset(&out, 0, sizeof out);
  out.stage.size = sizeof out.stage;
  cx_profile *profile = NULL;
  cx_ranker_list *list = NULL;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  ck_ok(ctx, cx_ranker_list_new(ctx, &list));
  ck_ok(ctx, cx_base_show(ctx, base, text_of(id), CX_TIME_NONE, profile));
  ck_ok(ctx, cx_base_infer(ctx, base, profile, &out.stage));
  ck_ok(ctx, cx_base_rank(ctx, base, profile, NULL, list));
  out.count = cx_ranker_list_count(list);
  for (size_t i = 0; i < out.count; i++) {
    cx_ranker_item item;
    ck_ok(ctx, cx_ranker_list_get(list, i, &item));
    snprintf(out.items[i], sizeof out.items[i], "%.*s", (int)item.item.size, item.item.data);
    out.scores[i] = item.score;
  }
  cx_ranker_list_free(list);
  cx_profile_free(profile);
  return out;
}

START_TEST(models_are_learned_and_found_again) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_base *base = open_base(ctx, "shop.cx");
  import_orders(ctx, base);
  cx_base_learn_report report = {.size = sizeof report};
  ck_ok(ctx, cx_base_learn(ctx, base, NULL, &report));
  ck_assert_int_eq(report.lifecycle_status, CX_OK);
  ck_assert_int_eq(report.stage_status, CX_OK);
  ck_assert_int_eq(report.ranker_status, CX_OK);
  ck_assert_uint_eq(report.generation, 1);
  ck_assert_ptr_nonnull(cx_base_stage(base));
  const answer before = ask(ctx, base, "c7");
  ck_assert_uint_gt(before.count, 0);
  cx_base_free(base);

  base = open_base(ctx, "shop.cx");
  const answer after = ask(ctx, base, "customer:c7");
  ck_assert_mem_eq(&before, &after, sizeof before);
  ck_ok(ctx, cx_base_learn(ctx, base, NULL, &report)); /* the next generation replaces the files of the last */
  ck_assert_uint_eq(report.generation, 2);
  const answer again = ask(ctx, base, "c7");
  ck_assert_mem_eq(&before, &again, sizeof before);
  char path[300];
  struct stat file;
  snprintf(path, sizeof path, "%s-ranker.1", path_of("shop.cx"));
  ck_assert_int_ne(stat(path, &file), 0);
  snprintf(path, sizeof path, "%s-ranker.2", path_of("shop.cx"));
  ck_assert_int_eq(stat(path, &file), 0);
  ck_assert_int_eq(file.st_mode & 0777, 0600);
  cx_base_free(base);
  forget("shop.cx");
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(everybody_stands_somewhere) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 2);
  cx_base *base = open_base(ctx, "all.cx");
  import_orders(ctx, base);
  const cx_identifier visitor = {.name_space = text_of("anonymous"), .value = text_of("v1")};
  const cx_event view = {.size = sizeof view,
                         .kind = CX_EVENT_VIEW,
                         .id = text_of("view-1"),
                         .who = &visitor,
                         .who_count = 1,
                         .time = INT64_C(1740000000000000),
                         .received = CX_TIME_NONE};
  ck_ok(ctx, cx_store_add_event(ctx, cx_base_store(base), &view));
  ck_ok(ctx, cx_base_learn(ctx, base, NULL, NULL));
  cx_table *table = NULL;
  ck_ok(ctx, cx_base_infer_all(ctx, base, CX_TIME_NONE, &table));
  ck_assert_uint_eq(cx_table_rows(table), CUSTOMERS + 1);
  cx_column person, stage, share[CX_STAGE_COUNT];
  ck_ok(ctx, cx_table_find_column(ctx, table, "person", &person));
  ck_ok(ctx, cx_table_find_column(ctx, table, "stage", &stage));
  for (int32_t i = 0; i < CX_STAGE_COUNT; i++)
    ck_ok(ctx, cx_table_find_column(ctx, table, cx_stage_text(i), &share[i]));
  size_t prospects = 0;
  for (size_t row = 0; row < cx_table_rows(table); row++) {
    double sum = 0;
    for (size_t i = 0; i < CX_STAGE_COUNT; i++) sum += ((const double *)share[i].values)[row];
    ck_near(sum, 1, 1e-12);
    prospects += ((const int64_t *)stage.values)[row] == CX_STAGE_PROSPECT;
    /* One at a time or all at once: the same answer. */
    char id[CX_PARTY_ID_SIZE];
    cx_party_format_id(((const int64_t *)person.values)[row], id);
    if (row % 10 != 0) continue;
    const answer one = ask(ctx, base, id);
    ck_assert_int_eq(one.stage.stage, ((const int64_t *)stage.values)[row]);
    for (size_t i = 0; i < CX_STAGE_COUNT; i++)
      ck_assert(one.stage.probabilities[i] == ((const double *)share[i].values)[row]);
  }
  ck_assert_uint_eq(prospects, 1);
  cx_table_free(table);
  cx_base_free(base);
  forget("all.cx");
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(a_model_of_another_store_is_refused) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_base *mine = open_base(ctx, "mine.cx"), *other = open_base(ctx, "other.cx");
  import_orders(ctx, mine);
  import_orders(ctx, other);
  ck_ok(ctx, cx_base_learn(ctx, mine, NULL, NULL));
  ck_ok(ctx, cx_base_learn(ctx, other, NULL, NULL));
  cx_base_free(mine);
  cx_base_free(other);
  char from[300], to[300];
  snprintf(from, sizeof from, "%s-ranker.1", path_of("other.cx"));
  snprintf(to, sizeof to, "%s-ranker.1", path_of("mine.cx"));
  ck_assert_int_eq(rename(from, to), 0);
  cx_base *base = (cx_base *)&memory;
  ck_status(CX_ERR_CORRUPT, cx_base_open(ctx, path_of("mine.cx"), NULL, &base));
  ck_assert_ptr_null(base);
  ck_assert_ptr_nonnull(strstr(cx_context_error(ctx), "not of this store"));
  (void)unlink(to);
  ck_status(CX_ERR_IO, cx_base_open(ctx, path_of("mine.cx"), NULL, &base)); /* and a missing one is missed */
  forget("mine.cx");
  forget("other.cx");
  cx_context_free(ctx);
}
END_TEST

START_TEST(bad_calls_are_told) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_base *base = (cx_base *)&memory;
  ck_status(CX_ERR_INVALID, cx_base_open(ctx, NULL, NULL, &base));
  ck_assert_ptr_null(base);
  ck_status(CX_ERR_INVALID, cx_base_open(ctx, "x", NULL, NULL));
  ck_status(CX_ERR_NOT_FOUND, cx_base_open(ctx, "no-such-folder/no-such-file.cx", NULL, &base));
  ck_status(CX_ERR_INVALID, cx_base_learn(ctx, NULL, NULL, NULL));
  ck_status(CX_ERR_INVALID, cx_base_show(ctx, NULL, text_of("x"), 0, NULL));
  ck_status(CX_ERR_INVALID, cx_base_infer(NULL, NULL, NULL, NULL));
  ck_status(CX_ERR_INVALID, cx_base_infer_all(NULL, NULL, 0, NULL));
  ck_status(CX_ERR_INVALID, cx_base_rank(NULL, NULL, NULL, NULL, NULL));
  ck_status(CX_ERR_INVALID, cx_base_import(NULL, NULL, NULL, NULL, NULL));
  cx_base_learn_options opts;
  ck_status(CX_ERR_INVALID, cx_base_learn_options_init(NULL, sizeof opts));
  ck_ok(ctx, cx_base_learn_options_init(&opts, sizeof opts));
  ck_assert(opts.until == CX_TIME_NONE && opts.ranker == NULL);
  cx_base_free(NULL);
  ck_assert_ptr_null(cx_base_store(NULL));
  cx_context_free(ctx);
}
END_TEST

/** Learns in the middle of another learning, as another process might. */
typedef struct rival {
  bool done;
  uint64_t generation;
} rival;

static int learn_beside(void *user, const char *stage, uint64_t done, uint64_t total) {
  (void)total;
  rival *other = user;
  if (other->done || strcmp(stage, "rank") != 0 || done > 0) return 0;
  other->done = true;
  cx_base *base = open_base(NULL, "rivals.cx");
  cx_base_learn_report report = {.size = sizeof report};
  ck_ok(NULL, cx_base_learn(NULL, base, NULL, &report));
  other->generation = report.generation;
  cx_base_free(base);
  return 0;
}

START_TEST(two_may_learn_at_once) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_base *base = open_base(ctx, "rivals.cx");
  import_orders(ctx, base);
  rival other = {.done = false};
  ck_ok(ctx, cx_context_set_progress(ctx, learn_beside, &other));
  cx_base_learn_report report = {.size = sizeof report};
  ck_ok(ctx, cx_base_learn(ctx, base, NULL, &report));
  ck_assert(other.done && other.generation == 1);
  ck_assert_uint_eq(report.generation, 2);
  cx_base_free(base);
  cx_base_free(open_base(ctx, "rivals.cx"));
  forget("rivals.cx");
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(a_bad_call_learns_nothing) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_base *base = open_base(ctx, "bad.cx");
  import_orders(ctx, base);
  cx_base_learn_options opts;
  ck_ok(ctx, cx_base_learn_options_init(&opts, sizeof opts));
  opts.until = INT64_MAX;
  ck_status(CX_ERR_RANGE, cx_base_learn(ctx, base, &opts, NULL));
  opts.until = INT64_MIN + 1;
  ck_status(CX_ERR_RANGE, cx_base_learn(ctx, base, &opts, NULL));
  opts.until = CX_TIME_NONE;
  opts.reserved = 1;
  ck_status(CX_ERR_INVALID, cx_base_learn(ctx, base, &opts, NULL));
  cx_base_learn_report report = {.size = 0};
  ck_status(CX_ERR_INVALID, cx_base_learn(ctx, base, NULL, &report));
  ck_assert_ptr_null(cx_base_stage(base));
  uint64_t generation = 9;
  ck_ok(ctx, cx_store_get_model(ctx, cx_base_store(base), "ranker", &generation));
  ck_assert_uint_eq(generation, 0);
  cx_base_free(base);
  forget("bad.cx");
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

static cx_status open_and_learn(void *user, cx_context *ctx) {
  cx_base *base = (cx_base *)user;
  cx_status status = cx_base_open(ctx, path_of("memory.cx"), NULL, &base);
  if (status != CX_OK) {
    ck_assert_ptr_null(base);
    return status;
  }
  cx_base_learn_options opts;
  cx_ranker_options ranker;
  cx_table *table = NULL;
  ck_assert_int_eq(cx_base_learn_options_init(&opts, sizeof opts), CX_OK);
  ck_assert_int_eq(cx_ranker_options_init(&ranker, sizeof ranker), CX_OK);
  ranker.factors = 2;
  ranker.iterations = 1;
  opts.ranker = &ranker;
  status = cx_base_learn(ctx, base, &opts, NULL);
  if (status == CX_OK) status = cx_base_infer_all(ctx, base, CX_TIME_NONE, &table);
  cx_table_free(table);
  cx_base_free(base);
  return status;
}

/** Everything one asks of a base that has learned. */
static cx_status open_and_ask(void *user, cx_context *ctx) {
  (void)user;
  static const char csv[] = "customer,time,order,line,item,quantity,price\na,2025-01-01,1,1,x,1,1\n";
  cx_base *base = NULL;
  cx_profile *profile = NULL;
  cx_ranker_list *list = NULL;
  cx_format_source source;
  cx_store_import_report report = {.size = sizeof report, .read = 77};
  cx_stage_result stage = {.size = sizeof stage, .stage = 77};
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.data = csv;
  source.data_size = sizeof csv - 1;
  cx_status status = cx_base_open(ctx, path_of("memory.cx"), NULL, &base);
  if (status == CX_OK) status = cx_profile_new(ctx, &profile);
  if (status == CX_OK) status = cx_ranker_list_new(ctx, &list);
  if (status == CX_OK) {
    status = cx_base_import(ctx, base, &source, NULL, &report);
    ck_assert_uint_eq(report.read, status == CX_OK ? 1 : 77);
  }
  if (status == CX_OK) status = cx_base_show(ctx, base, text_of("a"), CX_TIME_NONE, profile);
  if (status == CX_OK) {
    status = cx_base_infer(ctx, base, profile, &stage);
    ck_assert_int_eq(stage.stage == 77, status != CX_OK);
  }
  if (status == CX_OK) {
    status = cx_base_rank(ctx, base, profile, NULL, list);
    ck_assert_int_eq(cx_ranker_list_count(list) > 0, status == CX_OK);
  }
  cx_ranker_list_free(list);
  cx_profile_free(profile);
  cx_base_free(base);
  return status;
}

START_TEST(every_allocation_may_fail) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_base *base = open_base(ctx, "memory.cx");
  static const char csv[] = "customer,time,order,line,item,quantity,price\n"
                            "a,2025-01-01,1,1,x,1,1\na,2025-02-01,2,1,y,1,1\nb,2025-01-05,3,1,x,1,1\n"
                            "b,2025-03-01,4,1,z,1,1\nc,2025-02-03,5,1,y,1,1\n";
  cx_format_source source;
  cx_store_import_report report = {.size = sizeof report};
  ck_ok(ctx, cx_format_source_init(&source, sizeof source));
  source.data = csv;
  source.data_size = sizeof csv - 1;
  ck_ok(ctx, cx_base_import(ctx, base, &source, NULL, &report));
  cx_base_free(base);
  cx_context_free(ctx);
  int out;
  test_allocations(open_and_learn, &out, false);
  test_allocations(open_and_ask, &out, false);
  for (int generation = 1; generation < 50; generation++) {
    static const char *const kinds[] = {"lifecycle", "stage", "ranker"};
    for (size_t i = 0; i < 3; i++) {
      char path[300];
      snprintf(path, sizeof path, "%s-%s.%d", path_of("memory.cx"), kinds[i], generation);
      (void)unlink(path);
    }
  }
  forget("memory.cx");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("base");
  TCase *tests = tcase_create("base");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, nothing_is_learned_from_nothing);
  tcase_add_test(tests, models_are_learned_and_found_again);
  tcase_add_test(tests, everybody_stands_somewhere);
  tcase_add_test(tests, a_model_of_another_store_is_refused);
  tcase_add_test(tests, bad_calls_are_told);
  tcase_add_test(tests, two_may_learn_at_once);
  tcase_add_test(tests, a_bad_call_learns_nothing);
  tcase_add_test(tests, every_allocation_may_fail);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

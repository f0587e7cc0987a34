/* SPDX-License-Identifier: MIT */
/* The canonical export, and that it does not depend on the order in which records arrive. */
#include "store_support.h"

static cx_context *ctx;

static void set_up(void) {
  store_remove_all();
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
}
static void tear_down(void) { cx_context_free(ctx); }

static uint64_t state = 1;

static size_t draw(size_t bound) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(state >> 33) % bound;
}

static void shuffle(size_t *order, size_t count) {
  for (size_t i = 0; i < count; i++) order[i] = i;
  for (size_t i = count; i > 1; i--) {
    const size_t k = draw(i), kept = order[i - 1];
    order[i - 1] = order[k];
    order[k] = kept;
  }
}

/** Adds all records in an order, in @p parts transactions. */
static void fill(cx_store *store, const size_t *order, size_t count, size_t parts) {
  size_t unused;
  const any_record *shop = any_shop(&unused);
  for (size_t part = 0; part < parts; part++) {
    ck_ok(ctx, cx_store_begin(ctx, store));
    for (size_t i = part * count / parts; i < (part + 1) * count / parts; i++) {
      const cx_status status = any_add(ctx, store, &shop[order[i]]);
      ck_assert_msg(status >= 0, "record %zu: %s", order[i], cx_context_error(ctx));
    }
    ck_ok(ctx, cx_store_commit(ctx, store));
  }
}

static int compare_info(const cx_store_info *a, const cx_store_info *b) {
  cx_store_info left = *a, right = *b;
  memset(left.id, 0, sizeof left.id);
  memset(right.id, 0, sizeof right.id);
  return memcmp(&left, &right, sizeof left);
}

START_TEST(any_order_gives_the_same_bytes) {
  size_t count, size = 0, first_size = 0;
  (void)any_shop(&count);
  ck_assert_uint_ge(count, 200);
  size_t *order = malloc(count * sizeof *order);
  char *first = NULL;
  cx_store_info first_info;
  for (size_t i = 0; i < count; i++) order[i] = i;
  for (int turn = 0; turn < 520; turn++) {
    store_remove("a.cx");
    cx_store *store = store_open(ctx, "a.cx", true);
    fill(store, order, count, 1 + draw(4));
    char *bytes = export_of(ctx, store, &size);
    const cx_store_info info = info_of(ctx, store);
    cx_store_free(store);
    if (turn == 0) {
      first = bytes;
      first_size = size;
      first_info = info;
      ck_assert_uint_gt(info.collisions, 10);
      ck_assert_uint_lt(info.people, info.identifiers - 2); /* there are merges */
    } else {
      ck_assert_msg(size == first_size && memcmp(bytes, first, size) == 0, "order %d gives another export", turn);
      ck_assert_msg(compare_info(&info, &first_info) == 0, "order %d gives other counts", turn);
      free(bytes);
    }
    shuffle(order, count);
  }
  /* All of it again changes nothing. */
  cx_store *store = store_open(ctx, "a.cx", false);
  fill(store, order, count, 2);
  char *bytes = export_of(ctx, store, &size);
  ck_assert_uint_eq(size, first_size);
  ck_assert_mem_eq(bytes, first, size);
  free(bytes);
  cx_store_free(store);
  free(first);
  free(order);
}
END_TEST

/** Profiles and feeds do not depend on the order either. */
START_TEST(any_order_gives_the_same_profiles_and_feeds) {
  size_t count;
  (void)any_shop(&count);
  size_t *order = malloc(count * sizeof *order);
  cx_profile *profile = NULL;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  char *first = NULL;
  size_t first_size = 0;
  for (int turn = 0; turn < 12; turn++) {
    shuffle(order, count);
    store_remove("a.cx");
    cx_store *store = store_open(ctx, "a.cx", true);
    fill(store, order, count, 3);
    char *all = malloc(1 << 20);
    size_t used = 0;
    cx_table *table = NULL;
    ck_ok(ctx, cx_store_read_people(ctx, store, NULL, &table));
    cx_column people;
    ck_ok(ctx, cx_table_get_column(table, 0, &people));
    ck_assert_uint_gt(cx_table_rows(table), 5);
    for (size_t i = 0; i < cx_table_rows(table); i++) {
      ck_ok(ctx, cx_store_read_profile(ctx, store, ((const int64_t *)people.values)[i], 30 * DAY, profile));
      size_t size;
      ck_ok(ctx, cx_profile_write(ctx, profile, all + used, (1 << 20) - used, &size));
      used += size;
    }
    cx_table_free(table);
    cx_store_query query;
    ck_assert_int_eq(cx_store_query_init(&query, sizeof query), CX_OK);
    uint64_t left_out = 0;
    ck_ok(ctx, cx_store_read_interactions(ctx, store, &query, &table, &left_out));
    ck_assert_uint_gt(left_out, 0);
    cx_column time, item;
    ck_ok(ctx, cx_table_find_column(ctx, table, "time", &time));
    ck_ok(ctx, cx_table_find_column(ctx, table, "item", &item));
    const size_t rows = cx_table_rows(table);
    ck_assert_uint_gt(rows, 50);
    memcpy(all + used, time.values, rows * 8);
    used += rows * 8;
    memcpy(all + used, item.values, (size_t)item.offsets[rows]);
    used += (size_t)item.offsets[rows];
    cx_table_free(table);
    cx_store_free(store);
    if (turn == 0) {
      first = all;
      first_size = used;
    } else {
      ck_assert_uint_eq(used, first_size);
      ck_assert_mem_eq(all, first, used);
      free(all);
    }
  }
  free(first);
  free(order);
  cx_profile_free(profile);
}
END_TEST

START_TEST(export_says_everything) {
  cx_store *store = store_open(ctx, "a.cx", true);
  size_t size;
  char *bytes = export_of(ctx, store, &size);
  ck_assert_str_eq(bytes, "{\"record\":\"export\",\"version\":1}\n");
  free(bytes);
  cx_identifier who[2] = {identifier_of("customer", "c\"1\\\n"), identifier_of("email", "x@y")};
  who[1].verified = 1;
  cx_event event = purchase_of("m1", "c1", DAY + 1, "i1");
  event.who = who;
  event.who_count = 2;
  event.name = text_of("Order Completed");
  event.channel = text_of("web");
  event.order = text_of("o1");
  event.properties = text_of("{\"a\":\n1}");
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  event.properties = text_of("{no json}");
  event.time++;
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  cx_assertion same = assertion_of(CX_ASSERTION_SAME, who[0], who[1], 2 * DAY);
  same.id = text_of("s1");
  same.source = text_of("segment:alias");
  ck_ok(ctx, cx_store_add_assertion(ctx, store, &same));
  cx_content content = content_of("i1", "Cup", DAY);
  const cx_text topics[] = {text_of("tea"), text_of("cup")};
  content.topics = topics;
  content.topics_count = 2;
  content.valid_until = 9 * DAY;
  ck_ok(ctx, cx_store_add_content(ctx, store, &content));
  cx_preference preference = preference_of("c2", "tea", -0.5, DAY);
  preference.id = text_of("p1");
  ck_ok(ctx, cx_store_add_preference(ctx, store, &preference));
  cx_consent consent = consent_of("c2", "marketing", "email", CX_CONSENT_WITHDRAWN, DAY);
  consent.id = text_of("k1");
  ck_ok(ctx, cx_store_add_consent(ctx, store, &consent));
  bytes = export_of(ctx, store, &size);
  const char *people = strstr(bytes, "{\"record\":\"assertion\"");
  ck_assert_ptr_nonnull(people);
  ck_assert_str_eq(
      people,
      "{\"record\":\"assertion\",\"id\":\"s1\",\"kind\":\"same\",\"a\":{\"namespace\":\"customer\",\"value\":"
      "\"c\\\"1\\\\\\u000a\"},\"b\":{\"namespace\":\"email\",\"value\":\"x@y\",\"verified\":true},"
      "\"time\":\"1970-01-03T00:00:00Z\",\"source\":\"segment:alias\"}\n"
      "{\"record\":\"content\",\"id\":\"i1\",\"title\":\"Cup\",\"topics\":[\"cup\",\"tea\"],"
      "\"time\":\"1970-01-02T00:00:00Z\",\"valid_until\":\"1970-01-10T00:00:00Z\"}\n"
      "{\"record\":\"event\",\"id\":\"m1\",\"kind\":\"purchase\",\"who\":[{\"namespace\":\"customer\",\"value\":"
      "\"c\\\"1\\\\\\u000a\"},{\"namespace\":\"email\",\"value\":\"x@y\",\"verified\":true}],"
      "\"time\":\"1970-01-02T00:00:00.000001Z\",\"name\":\"Order Completed\",\"channel\":\"web\",\"order\":\"o1\","
      "\"currency\":\"EUR\",\"lines\":[{\"item\":\"i1\",\"quantity\":1,\"price\":2.5}],\"properties\":{\"a\": 1}}\n"
      "{\"record\":\"event\",\"id\":\"m1\",\"kind\":\"purchase\",\"who\":[{\"namespace\":\"customer\",\"value\":"
      "\"c\\\"1\\\\\\u000a\"},{\"namespace\":\"email\",\"value\":\"x@y\",\"verified\":true}],"
      "\"time\":\"1970-01-02T00:00:00.000002Z\",\"name\":\"Order Completed\",\"channel\":\"web\",\"order\":\"o1\","
      "\"currency\":\"EUR\",\"lines\":[{\"item\":\"i1\",\"quantity\":1,\"price\":2.5}],\"properties\":\"{no "
      "json}\",\"collision\":true}\n"
      "{\"record\":\"preference\",\"id\":\"p1\",\"who\":{\"namespace\":\"customer\",\"value\":\"c2\"},"
      "\"topic\":\"tea\",\"strength\":-0.5,\"time\":\"1970-01-02T00:00:00Z\"}\n"
      "{\"record\":\"consent\",\"id\":\"k1\",\"who\":{\"namespace\":\"customer\",\"value\":\"c2\"},"
      "\"purpose\":\"marketing\",\"channel\":\"email\",\"state\":\"withdrawn\",\"basis\":\"consent\","
      "\"evidence\":\"form 1\",\"time\":\"1970-01-02T00:00:00Z\"}\n");
  /* Two people, one of them with two identifiers. */
  size_t lines = 0;
  for (const char *at = bytes; at < people; at++) lines += *at == '\n';
  ck_assert_uint_eq(lines, 3);
  ck_assert_ptr_nonnull(strstr(bytes, "\"identifiers\":[{\"namespace\":\"customer\",\"value\":\"c\\\"1\\\\\\u000a\"},"
                                      "{\"namespace\":\"email\",\"value\":\"x@y\",\"verified\":true}]}\n"));
  free(bytes);
  cx_store_free(store);
}
END_TEST

static int refuse(void *user, const void *data, size_t size) {
  (void)user;
  (void)data;
  return size > 0;
}

/** Uses the store of the export, which it must not; each call says so and harms nothing. */
static int meddle(void *user, const void *data, size_t size) {
  (void)data;
  (void)size;
  cx_store_info info = {.size = sizeof info};
  cx_table *table;
  ck_status(CX_ERR_BUSY, cx_store_get_info(NULL, user, &info));
  ck_status(CX_ERR_BUSY, cx_store_read_quarantine(NULL, user, &table));
  ck_status(CX_ERR_BUSY, cx_store_begin(NULL, user));
  ck_status(CX_ERR_BUSY, cx_store_set_model(NULL, user, "ranker", 1));
  return 0;
}

START_TEST(export_keeps_its_store_to_itself) {
  cx_store *store = store_open(ctx, "a.cx", true);
  ck_ok(ctx, cx_store_export(ctx, store, meddle, store));
  ck_ok(ctx, cx_store_set_model(ctx, store, "ranker", 1));
  cx_store_free(store);
}
END_TEST

START_TEST(export_can_be_stopped) {
  cx_store *store = store_open(ctx, "a.cx", true);
  ck_status(CX_ERR_CANCELLED, cx_store_export(ctx, store, refuse, NULL));
  ck_status(CX_ERR_INVALID, cx_store_export(ctx, store, NULL, NULL));
  ck_status(CX_ERR_INVALID, cx_store_export(ctx, NULL, refuse, NULL));
  cx_context_cancel(ctx);
  ck_status(CX_ERR_CANCELLED, cx_store_export(ctx, store, refuse, NULL));
  size_t size;
  char *bytes = export_of(ctx, store, &size); /* and works again */
  free(bytes);
  cx_store_free(store);
}
END_TEST

static int ignore(void *user, const void *data, size_t size) {
  uint64_t *hash = user;
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; i++) *hash = (*hash ^ bytes[i]) * UINT64_C(1099511628211);
  return 0;
}

static cx_status export_once(void *user, cx_context *own) {
  cx_store *store = NULL;
  uint64_t hash = 7;
  cx_status status = cx_store_open(own, store_path("a.cx"), NULL, &store);
  if (status == CX_OK) status = cx_store_export(own, store, ignore, &hash);
  if (status == CX_OK) {
    uint64_t *last = user;
    ck_assert(*last == 0 || *last == hash);
    *last = hash;
  }
  cx_store_free(store);
  return status;
}

START_TEST(every_allocation_may_fail) {
  size_t count;
  (void)any_shop(&count);
  size_t *order = malloc(count * sizeof *order);
  shuffle(order, count);
  cx_store *store = store_open(ctx, "a.cx", true);
  fill(store, order, count, 1);
  cx_store_free(store);
  free(order);
  uint64_t hash = 0;
  test_allocations(export_once, &hash, false);
  test_allocations(export_once, &hash, false);
}
END_TEST

int main(void) {
  store_work_in_memory();
  Suite *suite = suite_create("store_order");
  TCase *tests = tcase_create("store_order");
  tcase_set_timeout(tests, 240);
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, export_says_everything);
  tcase_add_test(tests, export_can_be_stopped);
  tcase_add_test(tests, export_keeps_its_store_to_itself);
  tcase_add_test(tests, every_allocation_may_fail);
  tcase_add_test(tests, any_order_gives_the_same_profiles_and_feeds);
  tcase_add_test(tests, any_order_gives_the_same_bytes);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

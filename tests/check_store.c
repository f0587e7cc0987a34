/* SPDX-License-Identifier: MIT */
/* Stores: opening, appending, transactions, finding people, profiles. */
#include "store_support.h"

#include <sys/stat.h>
#include <unistd.h>

static cx_context *ctx;

static void set_up(void) {
  store_remove_all();
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
}
static void tear_down(void) { cx_context_free(ctx); }

START_TEST(new_store_is_empty_and_private) {
  const mode_t before = umask(0);
  cx_store *store = store_open(ctx, "a.cx", true);
  const cx_event event = purchase_of("m1", "c1", DAY, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  static const char *const names[] = {"a.cx", "a.cx-wal", "a.cx-shm"};
  for (size_t i = 0; i < 3; i++) {
    struct stat found;
    ck_assert_int_eq(stat(store_path(names[i]), &found), 0);
    ck_assert_int_eq(found.st_mode & 0777, 0600);
  }
  cx_store_free(store);
  umask(0777);
  store = store_open(ctx, "b.cx", true);
  struct stat found;
  ck_assert_int_eq(stat(store_path("b.cx"), &found), 0);
  ck_assert_int_eq(found.st_mode & 0777, 0600);
  const cx_store_info info = info_of(ctx, store);
  ck_assert_uint_eq(info.version, 1);
  ck_assert_uint_eq(info.events + info.lines + info.identifiers + info.people, 0);
  ck_assert_int_eq(info.first, CX_TIME_NONE);
  ck_assert_int_eq(info.last, CX_TIME_NONE);
  cx_store_free(store);
  (void)umask(before);
}
END_TEST

START_TEST(opening_fails_for_what_is_not_a_store) {
  cx_store *store = NULL;
  ck_status(CX_ERR_NOT_FOUND, cx_store_open(ctx, store_path("none.cx"), NULL, &store));
  ck_assert_ptr_null(store);
  ck_assert_str_ne(cx_context_error(ctx), "");
  FILE *file = fopen(store_path("text.cx"), "w");
  for (int i = 0; i < 2000; i++) fputs("not a database, only text\n", file);
  fclose(file);
  ck_status(CX_ERR_CORRUPT, cx_store_open(ctx, store_path("text.cx"), NULL, &store));
  ck_assert_str_eq(cx_context_place(ctx, NULL, NULL), store_path("text.cx"));
  file = fopen(store_path("empty.cx"), "w");
  fclose(file);
  ck_status(CX_ERR_CORRUPT, cx_store_open(ctx, store_path("empty.cx"), NULL, &store));
  ck_status(CX_ERR_IO, cx_store_open(ctx, test_directory(), NULL, &store));
  ck_status(CX_ERR_INVALID, cx_store_open(ctx, NULL, NULL, &store));
  ck_status(CX_ERR_INVALID, cx_store_open(ctx, "", NULL, &store));
  ck_status(CX_ERR_INVALID, cx_store_open(ctx, "x", NULL, NULL));
  cx_store_options opts;
  ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
  opts.create = 1;
  ck_status(CX_ERR_IO, cx_store_open(ctx, "/nonexistent/directory/x.cx", &opts, &store));
  opts.read_only = 1;
  ck_status(CX_ERR_INVALID, cx_store_open(ctx, store_path("c.cx"), &opts, &store));
  opts.size = 0;
  ck_status(CX_ERR_INVALID, cx_store_open(ctx, store_path("c.cx"), &opts, &store));
  ck_assert_int_eq(cx_store_options_init(NULL, sizeof opts), CX_ERR_INVALID);
  /* An empty file may become a store. */
  store = store_open(ctx, "empty.cx", true);
  cx_store_free(store);
  cx_store_free(NULL);
}
END_TEST

START_TEST(names_of_files_are_only_names) {
  static const char *const names[] = {":memory:", "file:odd?mode=memory", "a b%41#c.cx"};
  char before[4096];
  ck_assert_ptr_nonnull(getcwd(before, sizeof before));
  ck_assert_int_eq(chdir(test_directory()), 0);
  for (size_t i = 0; i < 3; i++) {
    cx_store_options opts;
    ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
    opts.create = 1;
    cx_store *store = NULL;
    ck_ok(ctx, cx_store_open(ctx, names[i], &opts, &store));
    const cx_event event = purchase_of("m1", "c1", DAY, "i1");
    ck_ok(ctx, cx_store_add_event(ctx, store, &event));
    cx_store_free(store);
    ck_ok(ctx, cx_store_open(ctx, names[i], NULL, &store));
    ck_assert_uint_eq(info_of(ctx, store).events, 1);
    cx_store_free(store);
    ck_assert_int_eq(access(names[i], F_OK), 0);
  }
  ck_assert_int_eq(chdir(before), 0);
}
END_TEST

START_TEST(records_are_counted_once) {
  cx_store *store = store_open(ctx, "a.cx", true);
  const cx_event event = purchase_of("m1", "c1", 3 * DAY, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  ck_status(CX_DONE, cx_store_add_event(ctx, store, &event));
  cx_event later = event;
  later.received = 9 * DAY; /* arrival is no content */
  ck_status(CX_DONE, cx_store_add_event(ctx, store, &later));
  const cx_event unknown = purchase_of("m2", NULL, DAY, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, store, &unknown));
  const cx_content content = content_of("i1", "Cup", DAY);
  ck_ok(ctx, cx_store_add_content(ctx, store, &content));
  ck_status(CX_DONE, cx_store_add_content(ctx, store, &content));
  const cx_preference preference = preference_of("c1", "tea", 1, DAY);
  ck_ok(ctx, cx_store_add_preference(ctx, store, &preference));
  ck_status(CX_DONE, cx_store_add_preference(ctx, store, &preference));
  const cx_consent consent = consent_of("c2", "marketing", "email", CX_CONSENT_GRANTED, DAY);
  ck_ok(ctx, cx_store_add_consent(ctx, store, &consent));
  ck_status(CX_DONE, cx_store_add_consent(ctx, store, &consent));
  const cx_assertion same =
      assertion_of(CX_ASSERTION_SAME, identifier_of("customer", "c1"), identifier_of("email", "x"), DAY);
  ck_ok(ctx, cx_store_add_assertion(ctx, store, &same));
  ck_status(CX_DONE, cx_store_add_assertion(ctx, store, &same));
  const cx_store_info info = info_of(ctx, store);
  ck_assert_uint_eq(info.events, 2);
  ck_assert_uint_eq(info.lines, 2);
  ck_assert_uint_eq(info.identifiers, 3);
  ck_assert_uint_eq(info.people, 2);
  ck_assert_uint_eq(info.assertions, 1);
  ck_assert_uint_eq(info.contents, 1);
  ck_assert_uint_eq(info.preferences, 1);
  ck_assert_uint_eq(info.consents, 1);
  ck_assert_uint_eq(info.collisions, 0);
  ck_assert_int_eq(info.first, DAY);
  ck_assert_int_eq(info.last, 3 * DAY);
  cx_store_free(store);
}
END_TEST

START_TEST(bad_records_are_refused) {
  cx_store *store = store_open(ctx, "a.cx", true);
  cx_event event = purchase_of("m1", "c1", DAY, "i1");
  event.kind = 99;
  ck_status(CX_ERR_INVALID, cx_store_add_event(ctx, store, &event));
  ck_assert_ptr_nonnull(strstr(cx_context_error(ctx), "event.kind"));
  event.kind = CX_EVENT_PURCHASE;
  event.size = 0;
  ck_status(CX_ERR_INVALID, cx_store_add_event(ctx, store, &event));
  ck_status(CX_ERR_INVALID, cx_store_add_event(ctx, store, NULL));
  ck_status(CX_ERR_INVALID, cx_store_add_event(ctx, NULL, &event));
  ck_status(CX_ERR_INVALID, cx_store_add_assertion(ctx, store, NULL));
  ck_status(CX_ERR_INVALID, cx_store_add_content(ctx, store, NULL));
  ck_status(CX_ERR_INVALID, cx_store_add_preference(ctx, store, NULL));
  ck_status(CX_ERR_INVALID, cx_store_add_consent(ctx, store, NULL));
  cx_preference preference = preference_of("c1", "Tea!", 1, DAY);
  ck_status(CX_ERR_INVALID, cx_store_add_preference(ctx, store, &preference));
  ck_status(CX_ERR_INVALID, cx_store_commit(ctx, store));
  ck_status(CX_ERR_INVALID, cx_store_rollback(ctx, store));
  ck_assert_uint_eq(info_of(ctx, store).events, 0);
  cx_store_info info = {.size = 0};
  ck_status(CX_ERR_INVALID, cx_store_get_info(ctx, store, &info));
  ck_status(CX_ERR_INVALID, cx_store_get_info(ctx, store, NULL));
  ck_status(CX_ERR_INVALID, cx_store_get_info(ctx, NULL, &info));
  cx_store_free(store);
}
END_TEST

START_TEST(transactions_hold_together) {
  cx_store *store = store_open(ctx, "a.cx", true);
  cx_store *reader = store_open(ctx, "a.cx", false);
  ck_ok(ctx, cx_store_begin(ctx, store));
  ck_status(CX_ERR_INVALID, cx_store_begin(ctx, store));
  const cx_event one = purchase_of("m1", "c1", 5 * DAY, "i1"), two = purchase_of("m2", "c1", 2 * DAY, "i2");
  ck_ok(ctx, cx_store_add_event(ctx, store, &one));
  ck_ok(ctx, cx_store_add_event(ctx, store, &two));
  ck_status(CX_DONE, cx_store_add_event(ctx, store, &two));
  cx_event bad = one;
  bad.currency[0] = '1';
  ck_status(CX_ERR_INVALID, cx_store_add_event(ctx, store, &bad)); /* undone alone */
  ck_assert_uint_eq(info_of(ctx, store).events, 2);
  ck_assert_uint_eq(info_of(ctx, reader).events, 0);
  ck_ok(ctx, cx_store_rollback(ctx, store));
  ck_assert_uint_eq(info_of(ctx, store).events, 0);
  ck_assert_uint_eq(info_of(ctx, store).identifiers, 0);
  ck_ok(ctx, cx_store_begin(ctx, store));
  ck_ok(ctx, cx_store_add_event(ctx, store, &one));
  ck_ok(ctx, cx_store_add_event(ctx, store, &two));
  ck_ok(ctx, cx_store_commit(ctx, store));
  ck_assert_uint_eq(info_of(ctx, reader).events, 2);
  ck_ok(ctx, cx_store_begin(ctx, store));
  const cx_event three = purchase_of("m3", "c2", 2 * DAY, "i2");
  ck_ok(ctx, cx_store_add_event(ctx, store, &three));
  cx_store_free(store); /* not committed */
  const cx_store_info info = info_of(ctx, reader);
  ck_assert_uint_eq(info.events, 2);
  ck_assert_uint_eq(info.identifiers, 1);
  ck_assert_int_eq(info.first, 2 * DAY);
  cx_store_free(reader);
}
END_TEST

START_TEST(one_writer_at_a_time) {
  cx_store *first = store_open(ctx, "a.cx", true);
  cx_store_options opts;
  ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
  opts.wait = 50;
  cx_store *second = NULL;
  ck_ok(ctx, cx_store_open(ctx, store_path("a.cx"), &opts, &second));
  const cx_event one = purchase_of("m1", "c1", DAY, "i1"), two = purchase_of("m2", "c2", DAY, "i1");
  ck_ok(ctx, cx_store_begin(ctx, first));
  ck_ok(ctx, cx_store_add_event(ctx, first, &one));
  ck_status(CX_ERR_BUSY, cx_store_add_event(ctx, second, &two));
  ck_assert_ptr_nonnull(strstr(cx_context_error(ctx), "50 ms"));
  ck_assert_str_eq(cx_context_place(ctx, NULL, NULL), store_path("a.cx"));
  ck_ok(ctx, cx_store_commit(ctx, first));
  ck_ok(ctx, cx_store_add_event(ctx, second, &two));
  /* The first sees what the second has written, and numbers go on from there. */
  const cx_event three = purchase_of("m3", "c2", 0, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, first, &three));
  ck_status(CX_DONE, cx_store_add_event(ctx, first, &two));
  const cx_store_info info = info_of(ctx, second);
  ck_assert_uint_eq(info.events, 3);
  ck_assert_uint_eq(info.identifiers, 2);
  cx_store_free(first);
  cx_store_free(second);
}
END_TEST

START_TEST(reading_only) {
  cx_store *store = store_open(ctx, "a.cx", true);
  const cx_event event = purchase_of("m1", "c1", DAY, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  cx_store_free(store);
  cx_store_options opts;
  ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
  opts.read_only = 1;
  ck_ok(ctx, cx_store_open(ctx, store_path("a.cx"), &opts, &store));
  ck_assert_uint_eq(info_of(ctx, store).events, 1);
  ck_status(CX_ERR_INVALID, cx_store_add_event(ctx, store, &event));
  ck_status(CX_ERR_INVALID, cx_store_begin(ctx, store));
  ck_status(CX_ERR_INVALID, cx_store_set_model(ctx, store, "ranker", 1));
  cx_store_free(store);
}
END_TEST

START_TEST(people_are_found) {
  cx_store *store = store_open(ctx, "a.cx", true);
  const cx_event event = purchase_of("m1", "17850", DAY, "i1"), colon = purchase_of("m2", "a:b", DAY, "i1");
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  ck_ok(ctx, cx_store_add_event(ctx, store, &colon));
  const int64_t person = person_of(ctx, store, "17850");
  ck_assert_int_eq(person_of(ctx, store, "customer:17850"), person);
  char id[CX_PARTY_ID_SIZE];
  cx_party_format_id(person, id);
  ck_assert_int_eq(person_of(ctx, store, id), person);
  ck_assert_int_eq(person_of(ctx, store, "customer:a:b"), person_of(ctx, store, "a:b"));
  int64_t found = 77;
  ck_status(CX_ERR_NOT_FOUND, cx_store_find_person(ctx, store, text_of("17851"), &found));
  ck_status(CX_ERR_NOT_FOUND, cx_store_find_person(ctx, store, text_of("email:17850"), &found));
  ck_status(CX_ERR_NOT_FOUND, cx_store_find_person(ctx, store, text_of("p0000000000000001"), &found));
  /* The same value for another person in another name space. */
  const cx_assertion apart =
      assertion_of(CX_ASSERTION_DIFFERENT, identifier_of("customer", "17850"), identifier_of("loyalty", "17850"), DAY);
  ck_ok(ctx, cx_store_add_assertion(ctx, store, &apart));
  ck_status(CX_ERR_AMBIGUOUS, cx_store_find_person(ctx, store, text_of("17850"), &found));
  ck_assert_ptr_nonnull(strstr(cx_context_error(ctx), "customer, loyalty"));
  ck_assert_ptr_null(strstr(cx_context_error(ctx), "17850"));
  ck_assert_int_eq(found, 77);
  ck_assert_int_eq(person_of(ctx, store, "customer:17850"), person);
  ck_status(CX_ERR_INVALID, cx_store_find_person(ctx, store, text_of(""), &found));
  ck_status(CX_ERR_INVALID, cx_store_find_person(ctx, store, text_of("a"), NULL));
  ck_status(CX_ERR_INVALID, cx_store_find_person(ctx, NULL, text_of("a"), &found));
  cx_store_free(store);
}
END_TEST

START_TEST(assertions_join_people_and_can_be_taken_back) {
  cx_store *store = store_open(ctx, "a.cx", true);
  const cx_event a = purchase_of("m1", "a", 5 * DAY, "i1"), b = purchase_of("m2", "b", 7 * DAY, "i2");
  ck_ok(ctx, cx_store_add_event(ctx, store, &a));
  ck_ok(ctx, cx_store_add_event(ctx, store, &b));
  const int64_t pa = person_of(ctx, store, "a"), pb = person_of(ctx, store, "b");
  ck_assert_int_ne(pa, pb);
  cx_assertion same =
      assertion_of(CX_ASSERTION_SAME, identifier_of("customer", "b"), identifier_of("customer", "a"), 9 * DAY);
  same.id = text_of("join");
  ck_ok(ctx, cx_store_add_assertion(ctx, store, &same));
  /* The one seen first gives the id; the other id still leads there. */
  ck_assert_int_eq(person_of(ctx, store, "a"), pa);
  ck_assert_int_eq(person_of(ctx, store, "b"), pa);
  char old[CX_PARTY_ID_SIZE];
  cx_party_format_id(pb, old);
  ck_assert_int_eq(person_of(ctx, store, old), pa);
  cx_profile *profile = NULL;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  ck_ok(ctx, cx_store_read_profile(ctx, store, pb, CX_TIME_NONE, profile));
  ck_assert_int_eq(cx_profile_person(profile), pa);
  ck_assert_uint_eq(cx_profile_events(profile), 2);
  ck_assert_uint_eq(cx_profile_identifiers(profile), 2);
  /* An earlier record of b makes b the founder. */
  const cx_event earlier = purchase_of("m3", "b", DAY, "i3");
  ck_ok(ctx, cx_store_add_event(ctx, store, &earlier));
  ck_assert_int_eq(person_of(ctx, store, "a"), pb);
  cx_assertion back = {
      .size = sizeof back, .kind = CX_ASSERTION_RETRACT, .retracts = text_of("join"), .time = 10 * DAY};
  ck_ok(ctx, cx_store_add_assertion(ctx, store, &back));
  ck_assert_int_eq(person_of(ctx, store, "a"), pa);
  ck_assert_int_eq(person_of(ctx, store, "b"), pb);
  ck_assert_uint_eq(info_of(ctx, store).people, 2);
  /* Asserted anew, but kept apart before. */
  const cx_assertion apart =
      assertion_of(CX_ASSERTION_DIFFERENT, identifier_of("customer", "a"), identifier_of("customer", "b"), DAY);
  ck_ok(ctx, cx_store_add_assertion(ctx, store, &apart));
  same.id = text_of("again");
  ck_ok(ctx, cx_store_add_assertion(ctx, store, &same));
  ck_assert_int_ne(person_of(ctx, store, "a"), person_of(ctx, store, "b"));
  cx_profile_free(profile);
  cx_store_free(store);
}
END_TEST

START_TEST(profile_holds_what_had_happened) {
  cx_store *store = store_open(ctx, "a.cx", true);
  const cx_identifier who[2] = {identifier_of("customer", "c1"),
                                {.name_space = text_of("email"), .value = text_of("x"), .verified = 1}};
  const cx_event_line lines[2] = {
      line_of("i1", 2, 150),
      {.item = text_of("i2"), .title = text_of("Cup"), .quantity = {15, 1, 0}, .price = {0, -1, 0}}};
  const cx_event event = {.size = sizeof event,
                          .kind = CX_EVENT_RETURN,
                          .id = text_of("m1"),
                          .who = who,
                          .who_count = 2,
                          .time = 2 * DAY,
                          .received = 3 * DAY,
                          .name = text_of("Order Refunded"),
                          .channel = text_of("web"),
                          .order = text_of("o1"),
                          .lines = lines,
                          .lines_count = 2,
                          .properties = text_of("{\"a\":1}"),
                          .currency = "GBP"};
  ck_ok(ctx, cx_store_add_event(ctx, store, &event));
  const cx_event later = purchase_of("m2", "c1", 4 * DAY, "i9");
  ck_ok(ctx, cx_store_add_event(ctx, store, &later));
  static const double strengths[] = {-1, 1, 0.5};
  for (int i = 0; i < 3; i++) {
    const cx_preference preference = preference_of("c1", "tea", strengths[i], (i + 1) * DAY);
    ck_ok(ctx, cx_store_add_preference(ctx, store, &preference));
  }
  const cx_consent granted = consent_of("c1", "marketing", "web", CX_CONSENT_GRANTED, DAY),
                   withdrawn = consent_of("c1", "marketing", "any", CX_CONSENT_WITHDRAWN, 3 * DAY);
  ck_ok(ctx, cx_store_add_consent(ctx, store, &withdrawn));
  ck_ok(ctx, cx_store_add_consent(ctx, store, &granted));
  cx_profile *profile = NULL;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  const int64_t person = person_of(ctx, store, "c1");
  ck_ok(ctx, cx_store_read_profile(ctx, store, person, 2 * DAY, profile));
  ck_assert_int_eq(cx_profile_person(profile), person);
  ck_assert_int_eq(cx_profile_time(profile), 2 * DAY);
  ck_assert_uint_eq(cx_profile_identifiers(profile), 1); /* nobody said that the e-mail is hers */
  ck_assert_uint_eq(cx_profile_events(profile), 1);
  cx_event got = {.size = sizeof got};
  ck_assert_int_eq(cx_profile_get_event(profile, 0, &got), CX_OK);
  ck_assert_int_eq(got.kind, CX_EVENT_RETURN);
  ck_assert_int_eq(got.received, CX_TIME_NONE);
  ck_assert_str_eq(got.currency, "GBP");
  ck_assert_uint_eq(got.who_count, 2);
  ck_assert_mem_eq(got.who[1].value.data, "x", 1);
  ck_assert_int_eq(got.who[0].verified, 0);
  ck_assert_int_eq(got.who[1].verified, 1);
  ck_assert_mem_eq(got.name.data, "Order Refunded", 14);
  ck_assert_mem_eq(got.properties.data, "{\"a\":1}", 7);
  ck_assert_mem_eq(got.order.data, "o1", 2);
  ck_assert_uint_eq(got.lines_count, 2);
  ck_assert_int_eq(got.lines[0].quantity.mantissa, 2);
  ck_assert_int_eq(got.lines[0].price.mantissa, 15); /* 1.50 is 1.5 */
  ck_assert_int_eq(got.lines[0].price.scale, 1);
  ck_assert_int_eq(got.lines[1].price.scale, -1);
  ck_assert_int_eq(got.lines[1].quantity.mantissa, 15);
  ck_assert_mem_eq(got.lines[1].title.data, "Cup", 3);
  ck_assert_uint_eq(cx_profile_preferences(profile), 1);
  cx_preference preference = {.size = sizeof preference};
  ck_assert_int_eq(cx_profile_get_preference(profile, 0, &preference), CX_OK);
  ck_assert_double_eq(preference.strength, 1);
  ck_assert_uint_eq(cx_profile_consents(profile), 2);
  ck_ok(ctx, cx_store_read_profile(ctx, store, person, CX_TIME_NONE, profile));
  ck_assert_int_eq(cx_profile_time(profile), 4 * DAY);
  ck_assert_uint_eq(cx_profile_events(profile), 2);
  ck_assert_int_eq(cx_profile_get_preference(profile, 0, &preference), CX_OK);
  ck_assert_double_eq(preference.strength, 0.5);
  ck_status(CX_ERR_NOT_FOUND, cx_store_read_profile(ctx, store, 1, CX_TIME_NONE, profile));
  ck_status(CX_ERR_INVALID, cx_store_read_profile(ctx, store, 1, CX_TIME_NONE, NULL));
  ck_status(CX_ERR_INVALID, cx_store_read_profile(ctx, NULL, 1, CX_TIME_NONE, profile));
  cx_profile_free(profile);
  cx_store_free(store);
}
END_TEST

START_TEST(same_id_with_other_content_is_kept_and_marked) {
  /* Whatever the order, the original is the earlier one. */
  for (int turn = 0; turn < 2; turn++) {
    cx_store *store = store_open(ctx, turn == 0 ? "a.cx" : "b.cx", true);
    const cx_event early = purchase_of("m1", "c1", DAY, "early"), late = purchase_of("m1", "c1", 2 * DAY, "late");
    ck_ok(ctx, cx_store_add_event(ctx, store, turn == 0 ? &early : &late));
    ck_ok(ctx, cx_store_add_event(ctx, store, turn == 0 ? &late : &early));
    ck_status(CX_DONE, cx_store_add_event(ctx, store, &late));
    const cx_store_info info = info_of(ctx, store);
    ck_assert_uint_eq(info.events, 2);
    ck_assert_uint_eq(info.collisions, 1);
    cx_profile *profile = NULL;
    ck_ok(ctx, cx_profile_new(ctx, &profile));
    ck_ok(ctx, cx_store_read_profile(ctx, store, person_of(ctx, store, "c1"), CX_TIME_NONE, profile));
    ck_assert_uint_eq(cx_profile_events(profile), 1);
    cx_event got = {.size = sizeof got};
    ck_assert_int_eq(cx_profile_get_event(profile, 0, &got), CX_OK);
    ck_assert_mem_eq(got.lines[0].item.data, "early", 5);
    cx_profile_free(profile);
    cx_store_free(store);
  }
}
END_TEST

START_TEST(models_have_a_current_generation) {
  cx_store *store = store_open(ctx, "a.cx", true);
  uint64_t generation = 9;
  ck_ok(ctx, cx_store_get_model(ctx, store, "ranker", &generation));
  ck_assert_uint_eq(generation, 0);
  ck_ok(ctx, cx_store_set_model(ctx, store, "ranker", 3));
  ck_ok(ctx, cx_store_set_model(ctx, store, "ranker", 4));
  ck_ok(ctx, cx_store_get_model(ctx, store, "ranker", &generation));
  ck_assert_uint_eq(generation, 4);
  ck_ok(ctx, cx_store_begin(ctx, store));
  ck_ok(ctx, cx_store_set_model(ctx, store, "ranker", 5));
  ck_ok(ctx, cx_store_rollback(ctx, store));
  ck_ok(ctx, cx_store_get_model(ctx, store, "ranker", &generation));
  ck_assert_uint_eq(generation, 4);
  ck_status(CX_ERR_RANGE, cx_store_set_model(ctx, store, "ranker", UINT64_MAX));
  ck_status(CX_ERR_INVALID, cx_store_set_model(ctx, store, "no code", 1));
  ck_status(CX_ERR_INVALID, cx_store_set_model(ctx, store, NULL, 1));
  ck_status(CX_ERR_INVALID, cx_store_set_model(ctx, NULL, "ranker", 1));
  ck_status(CX_ERR_INVALID, cx_store_get_model(ctx, store, "ranker", NULL));
  ck_status(CX_ERR_INVALID, cx_store_get_model(ctx, store, NULL, &generation));
  ck_status(CX_ERR_INVALID, cx_store_get_model(ctx, NULL, "ranker", &generation));
  cx_store_free(store);
}
END_TEST

START_TEST(works_without_context) {
  cx_store_options opts;
  ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
  opts.create = 1;
  cx_store *store = NULL;
  ck_assert_int_eq(cx_store_open(NULL, store_path("a.cx"), &opts, &store), CX_OK);
  const cx_event event = purchase_of("m1", "c1", DAY, "i1");
  ck_assert_int_eq(cx_store_add_event(NULL, store, &event), CX_OK);
  ck_assert_int_eq(cx_store_add_event(NULL, store, &event), CX_DONE);
  int64_t person = 0;
  ck_assert_int_eq(cx_store_find_person(NULL, store, text_of("c1"), &person), CX_OK);
  cx_profile *profile = NULL;
  ck_assert_int_eq(cx_profile_new(NULL, &profile), CX_OK);
  ck_assert_int_eq(cx_store_read_profile(NULL, store, person, CX_TIME_NONE, profile), CX_OK);
  ck_assert_uint_eq(cx_profile_events(profile), 1);
  cx_profile_free(profile);
  cx_store_free(store);
}
END_TEST

/* ---- failing allocations ---- */

/** Everything that appends, finds and builds, on one store; a retry after a failure must give the same. */
static cx_status use_all(void *user, cx_context *own) {
  (void)user;
  cx_store *store = NULL;
  cx_profile *profile = NULL;
  int64_t person = 0;
  const cx_event event = purchase_of("m1", "c1", 3 * DAY, "i1"), other = purchase_of("m1", "c1", 2 * DAY, "i2");
  const cx_preference preference = preference_of("c1", "tea", 1, DAY);
  const cx_consent consent = consent_of("c2", "marketing", "email", CX_CONSENT_GRANTED, DAY);
  const cx_assertion same =
      assertion_of(CX_ASSERTION_SAME, identifier_of("customer", "c1"), identifier_of("email", "x"), DAY);
  cx_content content = content_of("i1", "Cup", DAY);
  const cx_text topic = text_of("cups");
  content.topics = &topic;
  content.topics_count = 1;
  cx_status status = cx_store_open(own, store_path("a.cx"), NULL, &store);
  ck_assert((status == CX_OK) == (store != NULL));
  if (status == CX_OK) status = cx_store_begin(own, store);
  if (status >= 0) status = cx_store_add_event(own, store, &event);
  if (status >= 0) status = cx_store_add_event(own, store, &other);
  if (status >= 0) status = cx_store_add_preference(own, store, &preference);
  if (status >= 0) status = cx_store_add_consent(own, store, &consent);
  if (status >= 0) status = cx_store_add_assertion(own, store, &same);
  if (status >= 0) status = cx_store_add_content(own, store, &content);
  if (status >= 0) status = cx_store_set_model(own, store, "ranker", 1);
  if (status >= 0) status = cx_store_commit(own, store);
  if (status >= 0) status = cx_store_find_person(own, store, text_of("x"), &person);
  ck_assert((status >= 0) == (person != 0));
  if (status >= 0) status = cx_profile_new(own, &profile);
  if (status >= 0) status = cx_store_read_profile(own, store, person, CX_TIME_NONE, profile);
  if (status >= 0) {
    ck_assert_uint_eq(cx_profile_events(profile), 1);
    ck_assert_uint_eq(cx_profile_identifiers(profile), 2);
    cx_store_info info = {.size = sizeof info};
    status = cx_store_get_info(own, store, &info);
    if (status >= 0) {
      ck_assert_uint_eq(info.events, 2);
      ck_assert_uint_eq(info.collisions, 1);
      ck_assert_uint_eq(info.people, 2);
    }
  }
  cx_profile_free(profile);
  cx_store_free(store);
  return status;
}

START_TEST(every_allocation_may_fail) {
  cx_store_free(store_open(ctx, "a.cx", true));
  test_allocations(use_all, NULL, false);
  /* Each failure inside the caller's transaction is undone alone: going on gives the whole. */
  cx_store *store = store_open(ctx, "a.cx", false);
  ck_assert_uint_eq(info_of(ctx, store).events, 2);
  cx_store_free(store);
}
END_TEST

START_TEST(a_failed_step_can_be_tried_again) {
  test_memory memory;
  cx_context *own = test_context(&memory, 1);
  cx_store *store = store_open(own, "a.cx", true);
  ck_ok(own, cx_store_begin(own, store));
  const cx_event first = purchase_of("m0", "c0", DAY, "i0"), event = purchase_of("m1", "c1", DAY, "i1");
  ck_ok(own, cx_store_add_event(own, store, &first));
  size_t failures = 0;
  for (size_t k = 0;; k++) {
    memory.count = 0;
    memory.fail_at = k;
    const cx_status status = cx_store_add_event(own, store, &event);
    memory.fail_at = SIZE_MAX;
    if (status == CX_OK) break;
    ck_assert_int_eq(status, CX_ERR_NOMEM);
    ck_assert_uint_eq(info_of(own, store).events, 1);
    failures++;
  }
  ck_assert_uint_gt(failures, 0);
  ck_ok(own, cx_store_commit(own, store));
  ck_assert_uint_eq(info_of(own, store).events, 2);
  ck_assert_uint_eq(info_of(own, store).identifiers, 2);
  cx_store_free(store);
  cx_context_free(own);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("store");
  TCase *tests = tcase_create("store");
  tcase_set_timeout(tests, 60);
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, new_store_is_empty_and_private);
  tcase_add_test(tests, opening_fails_for_what_is_not_a_store);
  tcase_add_test(tests, names_of_files_are_only_names);
  tcase_add_test(tests, records_are_counted_once);
  tcase_add_test(tests, bad_records_are_refused);
  tcase_add_test(tests, transactions_hold_together);
  tcase_add_test(tests, one_writer_at_a_time);
  tcase_add_test(tests, reading_only);
  tcase_add_test(tests, people_are_found);
  tcase_add_test(tests, assertions_join_people_and_can_be_taken_back);
  tcase_add_test(tests, profile_holds_what_had_happened);
  tcase_add_test(tests, same_id_with_other_content_is_kept_and_marked);
  tcase_add_test(tests, models_have_a_current_generation);
  tcase_add_test(tests, works_without_context);
  tcase_add_test(tests, every_allocation_may_fail);
  tcase_add_test(tests, a_failed_step_can_be_tried_again);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

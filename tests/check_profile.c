/* SPDX-License-Identifier: MIT */
#include "support.h"

static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t bound) { return (uint32_t)(next_random(state) % bound); }

static const cx_identifier customer = {{"customer", 8}, {"17850", 5}, 1, 0};
static const cx_identifier visitor = {{"anonymous", 9}, {"a-1", 3}, 0, 0};
static const cx_event_line two_lines[] = {
    {{"22423", 5}, {"REGENCY CAKESTAND 3 TIER", 24}, {2, 0, 0}, {1275, 2, 0}},
    {{"85123A", 6}, {NULL, 0}, {150, 2, 0}, {0, -1, 0}},
};

static cx_event purchase(const char *id, int64_t time) {
  return (cx_event){.size = sizeof(cx_event),
                    .kind = CX_EVENT_PURCHASE,
                    .id = text_of(id),
                    .who = &customer,
                    .who_count = 1,
                    .time = time,
                    .received = CX_TIME_NONE,
                    .name = text_of("Order Completed"),
                    .channel = text_of("web"),
                    .order = text_of("536365"),
                    .lines = two_lines,
                    .lines_count = 2,
                    .properties = text_of("{\"coupon\":\"X\"}"),
                    .currency = "GBP"};
}

static cx_preference preference(const char *topic, double strength, int64_t time) {
  return (cx_preference){.size = sizeof(cx_preference),
                         .who = customer,
                         .topic = text_of(topic),
                         .strength = strength,
                         .source = text_of("preference-centre"),
                         .time = time,
                         .valid_until = CX_TIME_NONE};
}

static cx_consent consent(int32_t state, int64_t time) {
  return (cx_consent){.size = sizeof(cx_consent),
                      .state = state,
                      .basis = CX_BASIS_CONSENT,
                      .id = text_of("c1"),
                      .who = customer,
                      .purpose = text_of("personalisation"),
                      .channel = text_of("any"),
                      .evidence = text_of("form 12"),
                      .time = time,
                      .valid_until = time + 100};
}

static cx_profile *full_profile(cx_context *ctx) {
  cx_profile *profile;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  ck_ok(ctx, cx_profile_set_person(ctx, profile, INT64_C(0x7edcba9876543210)));
  ck_ok(ctx, cx_profile_set_time(ctx, profile, 1000));
  ck_ok(ctx, cx_profile_add_identifier(ctx, profile, &customer));
  ck_ok(ctx, cx_profile_add_identifier(ctx, profile, &visitor));
  cx_event event = purchase("e2", 20);
  event.received = 25;
  ck_ok(ctx, cx_profile_add_event(ctx, profile, &event));
  event = purchase("e1", 10);
  event.who_count = event.lines_count = 0;
  event.currency[0] = '\0';
  event.kind = CX_EVENT_VIEW;
  event.name = event.channel = event.order = event.properties = (cx_text){"", 0};
  ck_ok(ctx, cx_profile_add_event(ctx, profile, &event));
  cx_preference liked = preference("garden", 0.75, 30);
  ck_ok(ctx, cx_profile_add_preference(ctx, profile, &liked));
  cx_consent given = consent(CX_CONSENT_GRANTED, 40);
  ck_ok(ctx, cx_profile_add_consent(ctx, profile, &given));
  given.evidence = (cx_text){NULL, 0};
  given.state = CX_CONSENT_WITHDRAWN;
  ck_ok(ctx, cx_profile_add_consent(ctx, profile, &given));
  return profile;
}

static unsigned char *bytes_of(cx_context *ctx, const cx_profile *profile, size_t *n) {
  ck_ok(ctx, cx_profile_write(ctx, profile, NULL, 0, n));
  unsigned char *bytes = malloc(*n);
  ck_assert_ptr_nonnull(bytes);
  size_t again = 0;
  ck_ok(ctx, cx_profile_write(ctx, profile, bytes, *n, &again));
  ck_assert_uint_eq(again, *n);
  return bytes;
}

#define ck_text(text, expected)                                                                                        \
  do {                                                                                                                 \
    const cx_text t_ = (text);                                                                                         \
    ck_assert_uint_eq(t_.size, strlen(expected));                                                                      \
    if (t_.size > 0) ck_assert_mem_eq(t_.data, expected, t_.size);                                                     \
  } while (0)

START_TEST(a_new_profile_is_empty) {
  cx_profile *profile;
  ck_status(CX_OK, cx_profile_new(NULL, &profile));
  ck_assert_int_eq(cx_profile_person(profile), 0);
  ck_assert_int_eq(cx_profile_time(profile), CX_TIME_NONE);
  ck_assert_uint_eq(cx_profile_identifiers(profile) + cx_profile_events(profile), 0);
  ck_assert_uint_eq(cx_profile_preferences(profile) + cx_profile_consents(profile), 0);
  cx_profile_free(profile);
  cx_profile_free(NULL);
  cx_profile_clear(NULL);
  ck_assert_int_eq(cx_profile_person(NULL), 0);
  ck_assert_int_eq(cx_profile_time(NULL), CX_TIME_NONE);
  ck_assert_uint_eq(cx_profile_identifiers(NULL) + cx_profile_events(NULL), 0);
  ck_assert_uint_eq(cx_profile_preferences(NULL) + cx_profile_consents(NULL), 0);
  ck_status(CX_ERR_INVALID, cx_profile_new(NULL, NULL));
}
END_TEST

START_TEST(what_went_in_comes_out) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_profile *profile = full_profile(ctx);
  ck_assert_int_eq(cx_profile_person(profile), INT64_C(0x7edcba9876543210));
  ck_assert_int_eq(cx_profile_time(profile), 1000);
  ck_assert_uint_eq(cx_profile_identifiers(profile), 2);
  ck_assert_uint_eq(cx_profile_events(profile), 2);
  ck_assert_uint_eq(cx_profile_preferences(profile), 1);
  ck_assert_uint_eq(cx_profile_consents(profile), 2);

  cx_identifier who;
  ck_status(CX_OK, cx_profile_get_identifier(profile, 0, &who));
  ck_text(who.name_space, "anonymous");
  ck_status(CX_OK, cx_profile_get_identifier(profile, 1, &who));
  ck_text(who.value, "17850");
  ck_assert_int_eq(who.verified, 1);

  cx_event event = {.size = sizeof event};
  ck_status(CX_OK, cx_profile_get_event(profile, 0, &event));
  ck_text(event.id, "e1");
  ck_assert_int_eq(event.kind, CX_EVENT_VIEW);
  ck_assert_ptr_null(event.who);
  ck_assert_ptr_null(event.lines);
  ck_assert_ptr_null(event.name.data); /* empty became absent */
  ck_assert_str_eq(event.currency, "");
  ck_status(CX_OK, cx_profile_get_event(profile, 1, &event));
  ck_text(event.id, "e2");
  ck_assert_ptr_ne(event.id.data, "e2");
  ck_text(event.name, "Order Completed");
  ck_text(event.channel, "web");
  ck_text(event.order, "536365");
  ck_text(event.properties, "{\"coupon\":\"X\"}");
  ck_assert_str_eq(event.currency, "GBP");
  ck_assert_int_eq(event.time, 20);
  ck_assert_int_eq(event.received, 25);
  ck_assert_uint_eq(event.who_count, 1);
  ck_assert_ptr_ne(event.who, &customer);
  ck_text(event.who[0].value, "17850");
  ck_assert_uint_eq(event.lines_count, 2);
  ck_text(event.lines[0].title, "REGENCY CAKESTAND 3 TIER");
  ck_assert_int_eq(event.lines[0].price.mantissa, 1275);
  ck_assert_int_eq(event.lines[0].price.scale, 2);
  ck_assert_int_eq(event.lines[1].quantity.mantissa, 150); /* as it was written */
  ck_assert_int_eq(event.lines[1].quantity.scale, 2);
  ck_assert_int_eq(event.lines[1].price.scale, -1);

  cx_preference liked = {.size = sizeof liked};
  ck_status(CX_OK, cx_profile_get_preference(profile, 0, &liked));
  ck_text(liked.topic, "garden");
  ck_text(liked.source, "preference-centre");
  ck_assert(liked.strength == 0.75);
  cx_consent given = {.size = sizeof given};
  ck_status(CX_OK, cx_profile_get_consent(profile, 0, &given));
  ck_text(given.purpose, "personalisation");
  ck_assert_int_eq(given.valid_until, 140);
  cx_profile_free(profile);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(getters_check_what_they_are_given) {
  cx_profile *profile = full_profile(NULL);
  cx_identifier who = {.verified = 7};
  cx_event event = {.size = sizeof event, .kind = 7};
  cx_preference liked = {.size = sizeof liked, .time = 7};
  cx_consent given = {.size = sizeof given, .state = 7};
  ck_status(CX_ERR_RANGE, cx_profile_get_identifier(profile, 2, &who));
  ck_status(CX_ERR_RANGE, cx_profile_get_event(profile, 2, &event));
  ck_status(CX_ERR_RANGE, cx_profile_get_preference(profile, 1, &liked));
  ck_status(CX_ERR_RANGE, cx_profile_get_consent(profile, SIZE_MAX, &given));
  ck_status(CX_ERR_INVALID, cx_profile_get_identifier(NULL, 0, &who));
  ck_status(CX_ERR_INVALID, cx_profile_get_event(NULL, 0, &event));
  ck_status(CX_ERR_INVALID, cx_profile_get_preference(NULL, 0, &liked));
  ck_status(CX_ERR_INVALID, cx_profile_get_consent(NULL, 0, &given));
  ck_status(CX_ERR_INVALID, cx_profile_get_identifier(profile, 0, NULL));
  ck_status(CX_ERR_INVALID, cx_profile_get_event(profile, 0, NULL));
  ck_status(CX_ERR_INVALID, cx_profile_get_preference(profile, 0, NULL));
  ck_status(CX_ERR_INVALID, cx_profile_get_consent(profile, 0, NULL));
  event.size = 0;
  ck_status(CX_ERR_INVALID, cx_profile_get_event(profile, 0, &event));
  ck_assert_int_eq(who.verified, 7);
  ck_assert_int_eq(event.kind, 7);
  ck_assert_int_eq(liked.time, 7);
  ck_assert_int_eq(given.state, 7);
  cx_profile_free(profile);
}
END_TEST

START_TEST(adding_checks_what_it_is_given) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_profile *profile = full_profile(ctx);
  size_t n, m;
  unsigned char *before = bytes_of(ctx, profile, &n);

  cx_event event = purchase("e9", 90);
  event.currency[1] = 'b';
  ck_status(CX_ERR_INVALID, cx_profile_add_event(ctx, profile, &event));
  ck_assert_str_eq(cx_context_error(ctx), "event.currency must be three capital letters or empty");
  event = purchase("", 90);
  ck_status(CX_ERR_INVALID, cx_profile_add_event(ctx, profile, &event));
  ck_assert_str_eq(cx_context_error(ctx), "event.id is missing");
  event = purchase("e9", CX_TIME_NONE);
  ck_status(CX_ERR_INVALID, cx_profile_add_event(ctx, profile, &event));
  event = purchase("e9", 90);
  event.size = 4096 + 1;
  ck_status(CX_ERR_INVALID, cx_profile_add_event(ctx, profile, &event));
  cx_preference liked = preference("garden", 1.5, 1);
  ck_status(CX_ERR_INVALID, cx_profile_add_preference(ctx, profile, &liked));
  liked = preference("Garden", 1, 1);
  ck_status(CX_ERR_INVALID, cx_profile_add_preference(ctx, profile, &liked));
  cx_consent given = consent(4, 1);
  ck_status(CX_ERR_INVALID, cx_profile_add_consent(ctx, profile, &given));
  cx_identifier who = {.name_space = text_of("e mail"), .value = text_of("x")};
  ck_status(CX_ERR_INVALID, cx_profile_add_identifier(ctx, profile, &who));
  struct {
    cx_event event;
    uint64_t newer;
  } later = {.event = purchase("e9", 90), .newer = 1};
  later.event.size = sizeof later;
  ck_status(CX_ERR_UNSUPPORTED, cx_profile_add_event(ctx, profile, &later.event));

  event = purchase("e9", 90);
  liked = preference("garden", 1, 1);
  given = consent(1, 1);
  ck_status(CX_ERR_INVALID, cx_profile_add_event(ctx, NULL, &event));
  ck_status(CX_ERR_INVALID, cx_profile_add_preference(ctx, NULL, &liked));
  ck_status(CX_ERR_INVALID, cx_profile_add_consent(ctx, NULL, &given));
  ck_status(CX_ERR_INVALID, cx_profile_add_identifier(ctx, NULL, &customer));
  ck_status(CX_ERR_INVALID, cx_profile_add_event(ctx, profile, NULL));
  ck_status(CX_ERR_INVALID, cx_profile_add_preference(ctx, profile, NULL));
  ck_status(CX_ERR_INVALID, cx_profile_add_consent(ctx, profile, NULL));
  ck_status(CX_ERR_INVALID, cx_profile_add_identifier(ctx, profile, NULL));
  ck_status(CX_ERR_INVALID, cx_profile_set_person(ctx, NULL, 1));
  ck_status(CX_ERR_INVALID, cx_profile_set_time(ctx, NULL, 1));
  ck_status(CX_ERR_INVALID, cx_profile_set_time(ctx, profile, INT64_MAX));
  ck_status(CX_ERR_INVALID, cx_profile_write(ctx, NULL, NULL, 0, &m));
  ck_status(CX_ERR_INVALID, cx_profile_write(ctx, profile, NULL, 0, NULL));

  unsigned char *after = bytes_of(ctx, profile, &m);
  ck_assert_uint_eq(n, m);
  ck_assert_mem_eq(before, after, n);
  free(before);
  free(after);
  cx_profile_free(profile);
  cx_context_free(ctx);
}
END_TEST

START_TEST(a_copy_is_told_from_a_collision) {
  cx_profile *profile = full_profile(NULL);
  cx_event event = purchase("e2", 20);
  event.received = 99; /* when it arrived says nothing about what happened */
  ck_status(CX_DONE, cx_profile_add_event(NULL, profile, &event));
  cx_event kept = {.size = sizeof kept};
  ck_status(CX_OK, cx_profile_get_event(profile, 1, &kept));
  ck_assert_int_eq(kept.received, 25);
  event.received = 22;
  ck_status(CX_DONE, cx_profile_add_event(NULL, profile, &event));
  ck_status(CX_OK, cx_profile_get_event(profile, 1, &kept));
  ck_assert_int_eq(kept.received, 22);
  event.received = CX_TIME_NONE; /* nothing is known of this copy */
  ck_status(CX_DONE, cx_profile_add_event(NULL, profile, &event));
  ck_status(CX_OK, cx_profile_get_event(profile, 1, &kept));
  ck_assert_int_eq(kept.received, 22);
  cx_event_line lines[2] = {two_lines[0], two_lines[1]};
  lines[1].quantity = (cx_decimal){15, 1, 0}; /* 1.5 for 1.50 */
  event.received = 22;
  event.lines = lines;
  for (int pass = 0; pass < 2; pass++) { /* the longer form does not come back */
    ck_status(CX_DONE, cx_profile_add_event(NULL, profile, &event));
    ck_status(CX_OK, cx_profile_get_event(profile, 1, &kept));
    ck_assert_int_eq(kept.lines[1].quantity.scale, 1);
    event.lines = two_lines;
  }
  event.order = text_of("other");
  lines[1].price = (cx_decimal){99, -1, 0}; /* unknown, whatever stands there */
  event.lines = lines;
  ck_status(CX_OK, cx_profile_add_event(NULL, profile, &event));
  ck_assert_uint_eq(cx_profile_events(profile), 3);
  for (size_t i = 1; i < 3; i++) {
    ck_status(CX_OK, cx_profile_get_event(profile, i, &kept));
    ck_assert_int_eq(kept.lines[1].price.mantissa, 0);
  }
  cx_preference liked = preference("garden", 0.75, 30);
  ck_status(CX_DONE, cx_profile_add_preference(NULL, profile, &liked));
  cx_consent given = consent(CX_CONSENT_GRANTED, 40);
  ck_status(CX_DONE, cx_profile_add_consent(NULL, profile, &given));
  ck_status(CX_DONE, cx_profile_add_identifier(NULL, profile, &customer));
  cx_identifier proved = visitor;
  proved.verified = 1;
  ck_status(CX_OK, cx_profile_add_identifier(NULL, profile, &proved));
  ck_status(CX_DONE, cx_profile_add_identifier(NULL, profile, &visitor));
  ck_assert_uint_eq(cx_profile_identifiers(profile), 2);
  ck_status(CX_OK, cx_profile_get_identifier(profile, 0, &proved));
  ck_assert_int_eq(proved.verified, 1);
  cx_profile_free(profile);
}
END_TEST

#define MANY 300

/** The same records in two orders: the same bytes. Times and ids repeat, so that content has to decide. */
START_TEST(the_order_of_adding_does_not_matter) {
  uint64_t state = 1;
  for (int trial = 0; trial < 50; trial++) {
    uint32_t order[MANY];
    for (uint32_t i = 0; i < MANY; i++) order[i] = i;
    unsigned char *first = NULL;
    size_t first_size = 0;
    cx_profile *profile;
    ck_status(CX_OK, cx_profile_new(NULL, &profile));
    for (int pass = 0; pass < 2; pass++) {
      cx_profile_clear(profile);
      for (uint32_t i = 0; i < MANY; i++) {
        const uint32_t number = order[i];
        char id[16];
        snprintf(id, sizeof id, "e%u", number % 40);
        cx_event event = purchase(id, number % 7);
        event.lines_count = number % 3;
        event.kind = 1 + (int32_t)(number % 13);
        if (event.lines_count == 1) event.lines = &two_lines[1];
        ck_assert_int_ge(cx_profile_add_event(NULL, profile, &event), 0);
        cx_event_line shorter = two_lines[1]; /* a copy that arrived at another time, its numbers written otherwise */
        shorter.quantity = (cx_decimal){15, 1, 0};
        event.received = number % 5 == 0 ? CX_TIME_NONE : (int64_t)(number % 11) * 10;
        ck_assert_int_ge(cx_profile_add_event(NULL, profile, &event), 0);
        if (event.lines_count == 1) event.lines = &shorter;
        ck_assert_int_ge(cx_profile_add_event(NULL, profile, &event), 0);
        cx_preference liked = preference(id, (double)(number % 5) / 4, number % 3);
        ck_assert_int_ge(cx_profile_add_preference(NULL, profile, &liked), 0);
        cx_consent given = consent(1 + (int32_t)(number % 3), number % 4);
        ck_assert_int_ge(cx_profile_add_consent(NULL, profile, &given), 0);
        cx_identifier who = {.name_space = text_of("customer"), .value = text_of(id), .verified = number % 2};
        ck_assert_int_ge(cx_profile_add_identifier(NULL, profile, &who), 0);
      }
      ck_assert_uint_eq(cx_profile_events(profile), MANY);
      ck_assert_uint_eq(cx_profile_consents(profile), 12);
      ck_assert_uint_eq(cx_profile_identifiers(profile), 40);
      size_t n;
      unsigned char *bytes = bytes_of(NULL, profile, &n);
      if (pass == 0) {
        first = bytes;
        first_size = n;
        for (size_t i = MANY; i > 1; i--) {
          const uint32_t k = below(&state, (uint32_t)i), number = order[i - 1];
          order[i - 1] = order[k];
          order[k] = number;
        }
        continue;
      }
      ck_assert_uint_eq(n, first_size);
      ck_assert_mem_eq(bytes, first, n);
      free(bytes);
    }
    free(first);
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < MANY; i++) {
      cx_event event = {.size = sizeof event};
      ck_status(CX_OK, cx_profile_get_event(profile, i, &event));
      ck_assert_int_ge(event.time, last);
      last = event.time;
    }
    cx_profile_free(profile);
  }
}
END_TEST

START_TEST(clearing_empties) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_profile *profile = full_profile(ctx), *empty;
  ck_ok(ctx, cx_profile_new(ctx, &empty));
  cx_profile_clear(profile);
  size_t n, m;
  unsigned char *cleared = bytes_of(ctx, profile, &n), *fresh = bytes_of(ctx, empty, &m);
  ck_assert_uint_eq(n, m);
  ck_assert_mem_eq(cleared, fresh, n);
  const cx_event event = purchase("e1", 1);
  ck_ok(ctx, cx_profile_add_event(ctx, profile, &event)); /* room enough for that again */
  cx_profile_clear(profile);
  const size_t count = memory.count;
  ck_ok(ctx, cx_profile_add_event(ctx, profile, &event));
  ck_assert_uint_eq(memory.count, count);
  cx_context_free(ctx); /* objects outlive their context */
  cx_profile_free(profile);
  cx_profile_free(empty);
  ck_assert_int_eq(memory.live, 0);
  free(cleared);
  free(fresh);
}
END_TEST

START_TEST(a_round_trip_gives_the_same) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_profile *profile = full_profile(ctx), *read;
  size_t n, m;
  unsigned char *first = bytes_of(ctx, profile, &n);
  ck_ok(ctx, cx_profile_read(ctx, first, n, &read));
  unsigned char *second = bytes_of(ctx, read, &m);
  ck_assert_uint_eq(n, m);
  ck_assert_mem_eq(first, second, n);
  memset(first, 0xFF, n); /* nothing points into what was read */
  free(first);
  cx_event event = {.size = sizeof event};
  ck_status(CX_OK, cx_profile_get_event(read, 1, &event));
  ck_text(event.id, "e2");
  ck_assert_int_eq(event.received, 25);
  ck_text(event.lines[1].item, "85123A");
  const cx_event more = purchase("e0", 15);
  ck_ok(ctx, cx_profile_add_event(ctx, read, &more));
  ck_assert_uint_eq(cx_profile_events(read), 3);
  free(second);
  cx_profile_free(profile);
  cx_profile_free(read);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

/** The bytes of one small profile, written down: a change of the form must be a new version. */
START_TEST(the_form_stays_what_it_is) {
  cx_profile *profile;
  ck_status(CX_OK, cx_profile_new(NULL, &profile));
  ck_status(CX_OK, cx_profile_set_person(NULL, profile, 2));
  ck_status(CX_OK, cx_profile_set_time(NULL, profile, -1));
  ck_status(CX_OK, cx_profile_add_identifier(NULL, profile, &visitor));
  static const unsigned char expected[] = {
      'C', 'X', 'P', 'R', 1,   0,   0,   0,   2,   0,   0,   0, 0, 0, 0, 0,   0xFF, 0xFF, 0xFF, 0xFF, 255,
      255, 255, 255, 1,   0,   0,   0,   0,   0,   0,   0,   0, 0, 0, 0, 0,   0,    0,    0,    9,    0,
      0,   0,   'a', 'n', 'o', 'n', 'y', 'm', 'o', 'u', 's', 3, 0, 0, 0, 'a', '-',  '1',  0};
  size_t n;
  unsigned char *bytes = bytes_of(NULL, profile, &n);
  ck_assert_uint_eq(n, sizeof expected + 8);
  ck_assert_mem_eq(bytes, expected, sizeof expected);
  free(bytes);
  cx_profile_free(profile);
}
END_TEST

START_TEST(a_small_buffer_is_left_alone) {
  cx_profile *profile = full_profile(NULL);
  size_t n = 0;
  unsigned char buffer[64];
  memset(buffer, 0x5A, sizeof buffer);
  ck_status(CX_ERR_RANGE, cx_profile_write(NULL, profile, buffer, sizeof buffer, &n));
  ck_assert_uint_gt(n, sizeof buffer);
  for (size_t i = 0; i < sizeof buffer; i++) ck_assert_int_eq(buffer[i], 0x5A);
  cx_profile_free(profile);
}
END_TEST

START_TEST(damage_is_found) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_profile *profile = full_profile(ctx), *read = profile;
  size_t n;
  unsigned char *bytes = bytes_of(ctx, profile, &n);
  for (size_t size = 0; size < n; size++) {
    ck_status(CX_ERR_CORRUPT, cx_profile_read(ctx, bytes, size, &read));
    ck_assert_ptr_null(read);
  }
  for (size_t i = 0; i < n; i++) {
    bytes[i] ^= 0x10;
    const cx_status status = cx_profile_read(ctx, bytes, n, &read);
    ck_assert(status == CX_ERR_CORRUPT || (status == CX_ERR_UNSUPPORTED && i >= 4 && i < 8));
    ck_assert_ptr_null(read);
    bytes[i] ^= 0x10;
  }
  bytes[4] = 2;
  ck_status(CX_ERR_UNSUPPORTED, cx_profile_read(ctx, bytes, n, &read));
  ck_assert_str_eq(cx_context_error(ctx), "version 2 is newer than this library");
  ck_status(CX_ERR_INVALID, cx_profile_read(ctx, NULL, n, &read));
  ck_status(CX_ERR_INVALID, cx_profile_read(ctx, bytes, n, NULL));
  free(bytes);
  cx_profile_free(profile);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

static cx_status make_profile(void *user, cx_context *ctx) {
  (void)user;
  cx_profile *profile = (cx_profile *)&ctx;
  const cx_status status = cx_profile_new(ctx, &profile);
  if (status != CX_OK) ck_assert_ptr_null(profile);
  cx_profile_free(profile);
  return status;
}

/** Adds one of each to a profile made while nothing fails; a failed call leaves it as it was, and works when it is made
 *  again. */
static cx_status add_to_profile(void *user, cx_context *ctx) {
  static char large[5000];
  memset(large, 'x', sizeof large);
  large[0] = '{';
  large[sizeof large - 1] = '}';
  cx_event_line lines[40];
  for (size_t i = 0; i < 40; i++) lines[i] = two_lines[0];
  cx_event event = purchase("e5", 15);
  event.properties = (cx_text){large, sizeof large};
  event.lines = lines;
  event.lines_count = 40;
  const cx_identifier who = {.name_space = text_of("email"), .value = text_of("a@example.org")};
  const cx_preference liked = preference("kitchen", 1, 3);
  const cx_consent given = consent(CX_CONSENT_DENIED, 3);
  const int which = *(const int *)user;
  cx_profile *profile;
  cx_status status = cx_profile_new(ctx, &profile);
  for (int i = 0; status >= 0 && i < 9; i++) { /* more than the first room */
    char id[8];
    snprintf(id, sizeof id, "e5%d", i);
    event.id = text_of(id);
    cx_consent other = given;
    other.id = text_of(id);
    cx_preference another = liked;
    another.id = text_of(id);
    cx_identifier next = who;
    next.value = text_of(id);
    const size_t before = cx_profile_events(profile) + cx_profile_consents(profile) + cx_profile_preferences(profile) +
                          cx_profile_identifiers(profile);
    if (which == 0) status = cx_profile_add_event(ctx, profile, &event);
    if (which == 1) status = cx_profile_add_preference(ctx, profile, &another);
    if (which == 2) status = cx_profile_add_consent(ctx, profile, &other);
    if (which == 3) status = cx_profile_add_identifier(ctx, profile, &next);
    const size_t after = cx_profile_events(profile) + cx_profile_consents(profile) + cx_profile_preferences(profile) +
                         cx_profile_identifiers(profile);
    ck_assert_uint_eq(after, status == CX_OK ? before + 1 : before);
    if (status == CX_OK && which == 0) ck_status(CX_DONE, cx_profile_add_event(NULL, profile, &event));
  }
  cx_profile_free(profile);
  return status;
}

/** A call that failed works when it is made again, and the result is what it would have been. */
START_TEST(a_failed_call_can_be_made_again) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_profile *wanted = full_profile(ctx);
  size_t n, m;
  unsigned char *expected = bytes_of(ctx, wanted, &n);
  for (size_t k = 0; k < 40; k++) {
    cx_profile *profile;
    ck_ok(ctx, cx_profile_new(ctx, &profile));
    ck_ok(ctx, cx_profile_set_person(ctx, profile, cx_profile_person(wanted)));
    ck_ok(ctx, cx_profile_set_time(ctx, profile, cx_profile_time(wanted)));
    for (size_t i = 0; i < cx_profile_identifiers(wanted); i++) {
      cx_identifier who;
      ck_ok(ctx, cx_profile_get_identifier(wanted, i, &who));
      memory.count = 0;
      memory.fail_at = k;
      if (cx_profile_add_identifier(ctx, profile, &who) != CX_OK) {
        memory.fail_at = SIZE_MAX;
        ck_ok(ctx, cx_profile_add_identifier(ctx, profile, &who));
      }
    }
    for (size_t i = 0; i < cx_profile_events(wanted); i++) {
      cx_event event = {.size = sizeof event};
      ck_ok(ctx, cx_profile_get_event(wanted, i, &event));
      memory.count = 0;
      memory.fail_at = k;
      if (cx_profile_add_event(ctx, profile, &event) != CX_OK) {
        memory.fail_at = SIZE_MAX;
        ck_ok(ctx, cx_profile_add_event(ctx, profile, &event));
      }
    }
    memory.fail_at = SIZE_MAX;
    cx_preference liked = {.size = sizeof liked};
    ck_ok(ctx, cx_profile_get_preference(wanted, 0, &liked));
    ck_ok(ctx, cx_profile_add_preference(ctx, profile, &liked));
    for (size_t i = 0; i < cx_profile_consents(wanted); i++) {
      cx_consent given = {.size = sizeof given};
      ck_ok(ctx, cx_profile_get_consent(wanted, i, &given));
      ck_ok(ctx, cx_profile_add_consent(ctx, profile, &given));
    }
    unsigned char *bytes = bytes_of(ctx, profile, &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(bytes, expected, n);
    free(bytes);
    cx_profile_free(profile);
  }
  free(expected);
  cx_profile_free(wanted);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

static cx_status read_profile(void *user, cx_context *ctx) {
  size_t n;
  unsigned char *bytes = bytes_of(NULL, user, &n);
  cx_profile *read = user;
  const cx_status status = cx_profile_read(ctx, bytes, n, &read);
  free(bytes);
  if (status != CX_OK) ck_assert_ptr_null(read);
  cx_profile_free(read);
  return status;
}

START_TEST(a_failing_allocation_is_an_error) {
  test_allocations(make_profile, NULL, false);
  for (int which = 0; which < 4; which++) test_allocations(add_to_profile, &which, false);
  cx_profile *profile = full_profile(NULL);
  test_allocations(read_profile, profile, false);
  cx_profile_clear(profile);                          /* the first memory that is asked for is that of an array */
  cx_event_line *lines = malloc(500 * sizeof *lines); /* more than the first block of memory holds */
  ck_assert_ptr_nonnull(lines);
  for (size_t i = 0; i < 500; i++) lines[i] = two_lines[1];
  cx_event event = purchase("large", 50);
  event.lines = lines;
  event.lines_count = 500;
  ck_status(CX_OK, cx_profile_add_event(NULL, profile, &event));
  free(lines);
  test_allocations(read_profile, profile, false);
  cx_profile_free(profile);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("profile");
  TCase *tests = tcase_create("profile");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, a_new_profile_is_empty);
  tcase_add_test(tests, what_went_in_comes_out);
  tcase_add_test(tests, getters_check_what_they_are_given);
  tcase_add_test(tests, adding_checks_what_it_is_given);
  tcase_add_test(tests, a_copy_is_told_from_a_collision);
  tcase_add_test(tests, the_order_of_adding_does_not_matter);
  tcase_add_test(tests, clearing_empties);
  tcase_add_test(tests, a_round_trip_gives_the_same);
  tcase_add_test(tests, the_form_stays_what_it_is);
  tcase_add_test(tests, a_small_buffer_is_left_alone);
  tcase_add_test(tests, damage_is_found);
  tcase_add_test(tests, a_failing_allocation_is_an_error);
  tcase_add_test(tests, a_failed_call_can_be_made_again);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* The checks that every record passes, the canonical byte form, digests, ids of people, lines of a profile. */
#include "support.h"

#include "record/record.h"

#include <math.h>

static cx_identifier who(void) {
  return (cx_identifier){.name_space = text_of("customer"), .value = text_of("17850"), .verified = 1};
}

/** Room for the arrays of one record; not for two at a time. */
typedef struct parts {
  cx_identifier who[2];
  cx_event_line lines[2];
  cx_text topics[3];
} parts;

static cx__record event_record(parts *p) {
  p->who[0] = p->who[1] = who();
  p->lines[0] = p->lines[1] = (cx_event_line){.item = text_of("22423"),
                                              .title = text_of("Cakestand"),
                                              .quantity = {.mantissa = 15, .scale = 1},
                                              .price = {.mantissa = 1275, .scale = 2}};
  return (cx__record){.kind = CX__RECORD_EVENT,
                      .of.event = {.size = sizeof(cx_event),
                                   .kind = CX_EVENT_PURCHASE,
                                   .id = text_of("e1"),
                                   .who = p->who,
                                   .who_count = 2,
                                   .time = 1,
                                   .received = CX_TIME_NONE,
                                   .name = text_of("Order Completed"),
                                   .channel = text_of("web"),
                                   .order = text_of("536365"),
                                   .lines = p->lines,
                                   .lines_count = 2,
                                   .properties = text_of("{}"),
                                   .currency = "GBP"}};
}

static cx__record assertion_record(int32_t kind) {
  cx__record record = {.kind = CX__RECORD_ASSERTION,
                       .of.assertion = {.size = sizeof(cx_assertion),
                                        .kind = kind,
                                        .id = text_of("a1"),
                                        .time = 1,
                                        .source = text_of("segment:alias"),
                                        .reason = text_of("login")}};
  if (kind == CX_ASSERTION_RETRACT) {
    record.of.assertion.retracts = text_of("a0");
  } else {
    record.of.assertion.a = record.of.assertion.b = who();
  }
  return record;
}

static cx__record content_record(parts *p) {
  p->topics[0] = text_of("garden");
  p->topics[1] = text_of("kitchen");
  p->topics[2] = text_of("lights");
  return (cx__record){.kind = CX__RECORD_CONTENT,
                      .of.content = {.size = sizeof(cx_content),
                                     .id = text_of("22423"),
                                     .title = text_of("Cakestand"),
                                     .topics = p->topics,
                                     .topics_count = 3,
                                     .time = 1,
                                     .published = CX_TIME_NONE,
                                     .valid_from = CX_TIME_NONE,
                                     .valid_until = CX_TIME_NONE}};
}

static cx__record preference_record(void) {
  return (cx__record){.kind = CX__RECORD_PREFERENCE,
                      .of.preference = {.size = sizeof(cx_preference),
                                        .who = who(),
                                        .topic = text_of("garden"),
                                        .strength = 0.5,
                                        .source = text_of("preference-centre"),
                                        .time = 1,
                                        .valid_until = CX_TIME_NONE}};
}

static cx__record consent_record(void) {
  return (cx__record){.kind = CX__RECORD_CONSENT,
                      .of.consent = {.size = sizeof(cx_consent),
                                     .state = CX_CONSENT_GRANTED,
                                     .basis = CX_BASIS_CONSENT,
                                     .who = who(),
                                     .purpose = text_of("marketing"),
                                     .channel = text_of("any"),
                                     .evidence = text_of("form 12"),
                                     .source = text_of("import"),
                                     .time = 1,
                                     .valid_until = CX_TIME_NONE}};
}

START_TEST(codes_are_checked) {
  char text[66];
  memset(text, 'a', sizeof text);
  ck_assert(cx__code_is_valid((cx_text){text, 1}));
  ck_assert(cx__code_is_valid((cx_text){text, 64}));
  ck_assert(!cx__code_is_valid((cx_text){text, 65}));
  ck_assert(!cx__code_is_valid((cx_text){text, 0}));
  ck_assert(!cx__code_is_valid((cx_text){NULL, 0}));
  for (int c = 0; c < 256; c++) {
    text[1] = (char)c;
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != 0 && strchr("_.:/-", c));
    ck_assert_int_eq(cx__code_is_valid((cx_text){text, 3}), good);
  }
}
END_TEST

START_TEST(good_records_pass) {
  parts p;
  const cx__record records[] = {event_record(&p),
                                assertion_record(CX_ASSERTION_SAME),
                                assertion_record(CX_ASSERTION_DIFFERENT),
                                assertion_record(CX_ASSERTION_RETRACT),
                                content_record(&p),
                                preference_record(),
                                consent_record()};
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    cx__record_fault fault;
    ck_assert(cx__record_find_fault(&records[i], &fault));
    ck_assert_int_eq(fault.what, CX__FAULT_NONE);
    ck_assert_ptr_null(fault.field);
    ck_status(CX_OK, cx__record_check(NULL, &records[i]));
  }
  cx__record bare = {.kind = CX__RECORD_EVENT,
                     .of.event = {.kind = CX_EVENT_OTHER, .id = text_of("x"), .received = CX_TIME_NONE}};
  ck_status(CX_OK, cx__record_check(NULL, &bare));
  bare.of.event.time = CX__TIME_FIRST;
  ck_status(CX_OK, cx__record_check(NULL, &bare));
  bare.of.event.time = CX__TIME_LAST;
  ck_status(CX_OK, cx__record_check(NULL, &bare));
  const cx_identifier identifier = who();
  ck_status(CX_OK, cx__identifier_check(NULL, &identifier));
}
END_TEST

#define ck_fault(record, fault_, field_)                                                                               \
  do {                                                                                                                 \
    cx__record_fault f_;                                                                                               \
    ck_assert(!cx__record_find_fault((record), &f_));                                                                  \
    ck_assert_int_eq(f_.what, CX__FAULT_##fault_);                                                                     \
    ck_assert_str_eq(f_.field, (field_));                                                                              \
  } while (0)
/** Sets one field of a good record and says what is then wrong with it. */
#define ck_bad(make, member, value, fault_, field_)                                                                    \
  do {                                                                                                                 \
    cx__record r_ = make;                                                                                              \
    r_.of.member = value;                                                                                              \
    ck_fault(&r_, fault_, field_);                                                                                     \
  } while (0)

static char long_text[300000];

static cx_text of_size(size_t size) {
  memset(long_text, 'x', sizeof long_text);
  return (cx_text){long_text, size};
}

START_TEST(bad_events_are_named) {
  parts p;
  const cx_text absent = {NULL, 0}, nowhere = {NULL, 3}, latin = {"\xE9t\xE9", 3}, zero = {"a\0b", 3};
  ck_bad(event_record(&p), event.kind, 0, KIND, "event.kind");
  ck_bad(event_record(&p), event.kind, 14, KIND, "event.kind");
  ck_bad(event_record(&p), event.id, absent, MISSING, "event.id");
  ck_bad(event_record(&p), event.id, nowhere, MISSING, "event.id");
  ck_bad(event_record(&p), event.id, of_size(513), TOO_LONG, "event.id");
  ck_bad(event_record(&p), event.id, latin, ENCODING, "event.id");
  ck_bad(event_record(&p), event.id, zero, ENCODING, "event.id");
  ck_bad(event_record(&p), event.time, CX_TIME_NONE, TIME, "event.time");
  ck_bad(event_record(&p), event.time, CX__TIME_FIRST - 1, TIME, "event.time");
  ck_bad(event_record(&p), event.time, CX__TIME_LAST + 1, TIME, "event.time");
  ck_bad(event_record(&p), event.received, INT64_MAX, TIME, "event.received");
  ck_bad(event_record(&p), event.name, of_size(513), TOO_LONG, "event.name");
  ck_bad(event_record(&p), event.channel, text_of("Web"), CODE, "event.channel");
  ck_bad(event_record(&p), event.order, latin, ENCODING, "event.order");
  ck_bad(event_record(&p), event.properties, of_size(262145), TOO_LONG, "event.properties");
  ck_bad(event_record(&p), event.properties, text_of("[]"), OBJECT, "event.properties");
  ck_bad(event_record(&p), event.properties, text_of("{"), OBJECT, "event.properties");
  ck_bad(event_record(&p), event.currency[2], '\0', CURRENCY, "event.currency");
  ck_bad(event_record(&p), event.currency[3], 'X', CURRENCY, "event.currency");
  ck_bad(event_record(&p), event.reserved, 1, RESERVED, "event.reserved");
  ck_bad(event_record(&p), event.who, NULL, MISSING, "event.who");
  ck_bad(event_record(&p), event.who_count, 65, TOO_MANY, "event.who");
  ck_bad(event_record(&p), event.lines, NULL, MISSING, "event.lines");
  ck_bad(event_record(&p), event.lines_count, 65537, TOO_MANY, "event.lines");
  ck_bad(event_record(&p), event.kind, -1, KIND, "event.kind");

#define ck_bad_part(member, value, fault_, field_)                                                                     \
  do {                                                                                                                 \
    cx__record r_ = event_record(&p);                                                                                  \
    p.member = value;                                                                                                  \
    ck_fault(&r_, fault_, field_);                                                                                     \
  } while (0)
  ck_bad_part(who[1].name_space, absent, MISSING, "event.who.name_space");
  ck_bad_part(who[1].name_space, text_of("a:b"), NAME_SPACE, "event.who.name_space");
  ck_bad_part(who[1].name_space, of_size(65), NAME_SPACE, "event.who.name_space");
  ck_bad_part(who[0].value, text_of(""), MISSING, "event.who.value");
  ck_bad_part(who[0].value, of_size(513), TOO_LONG, "event.who.value");
  ck_bad_part(who[0].verified, 2, KIND, "event.who.verified");
  ck_bad_part(who[0].reserved, 2, RESERVED, "event.who.reserved");
  ck_bad_part(lines[1].item, absent, MISSING, "event.lines.item");
  ck_bad_part(lines[1].title, of_size(2049), TOO_LONG, "event.lines.title");
  ck_bad_part(lines[1].quantity.mantissa, 0, NUMBER, "event.lines.quantity");
  ck_bad_part(lines[1].quantity.mantissa, -1, NUMBER, "event.lines.quantity");
  ck_bad_part(lines[1].quantity.scale, -1, NUMBER, "event.lines.quantity");
  ck_bad_part(lines[1].quantity.scale, 19, NUMBER, "event.lines.quantity");
  ck_bad_part(lines[0].price.scale, -2, NUMBER, "event.lines.price");
  ck_bad_part(lines[0].price.scale, 19, NUMBER, "event.lines.price");
  ck_bad_part(lines[0].price.reserved, 1, RESERVED, "event.lines.reserved");
#undef ck_bad_part
}
END_TEST

START_TEST(other_bad_records_are_named) {
  parts p;
  const cx_text absent = {NULL, 0}, latin = {"\xE9", 1};
#define SAME assertion_record(CX_ASSERTION_SAME)
#define RETRACT assertion_record(CX_ASSERTION_RETRACT)
  ck_bad(SAME, assertion.kind, 0, KIND, "assertion.kind");
  ck_bad(SAME, assertion.id, of_size(513), TOO_LONG, "assertion.id");
  ck_bad(SAME, assertion.a.value, absent, MISSING, "assertion.a.value");
  ck_bad(SAME, assertion.b.name_space, text_of("A"), NAME_SPACE, "assertion.b.name_space");
  ck_bad(SAME, assertion.retracts, text_of("a0"), UNEXPECTED, "assertion.retracts");
  ck_bad(SAME, assertion.time, CX_TIME_NONE, TIME, "assertion.time");
  ck_bad(SAME, assertion.source, latin, ENCODING, "assertion.source");
  ck_bad(SAME, assertion.reason, of_size(2049), TOO_LONG, "assertion.reason");
  ck_bad(RETRACT, assertion.retracts, absent, MISSING, "assertion.retracts");
  ck_bad(RETRACT, assertion.a, who(), UNEXPECTED, "assertion.a");
  ck_bad(RETRACT, assertion.b, who(), UNEXPECTED, "assertion.b");

  ck_bad(content_record(&p), content.id, absent, MISSING, "content.id");
  ck_bad(content_record(&p), content.title, latin, ENCODING, "content.title");
  ck_bad(content_record(&p), content.topics, NULL, MISSING, "content.topics");
  ck_bad(content_record(&p), content.topics_count, 257, TOO_MANY, "content.topics");
  ck_bad(content_record(&p), content.time, INT64_MAX, TIME, "content.time");
  ck_bad(content_record(&p), content.published, INT64_MAX, TIME, "content.published");
  ck_bad(content_record(&p), content.valid_from, INT64_MAX, TIME, "content.valid_from");
  ck_bad(content_record(&p), content.valid_until, INT64_MAX, TIME, "content.valid_until");
  ck_bad(content_record(&p), content.reserved, 1, RESERVED, "content.reserved");
  cx__record content = content_record(&p);
  p.topics[2] = text_of("garden");
  ck_fault(&content, REPEATED, "content.topics");
  p.topics[2] = text_of("Garden");
  ck_fault(&content, CODE, "content.topics");
  p.topics[2] = absent;
  ck_fault(&content, MISSING, "content.topics");

  ck_bad(preference_record(), preference.who.value, absent, MISSING, "preference.who.value");
  ck_bad(preference_record(), preference.topic, absent, MISSING, "preference.topic");
  ck_bad(preference_record(), preference.strength, 1.0000001, NUMBER, "preference.strength");
  ck_bad(preference_record(), preference.strength, (double)NAN, NUMBER, "preference.strength");
  ck_bad(preference_record(), preference.strength, -(double)INFINITY, NUMBER, "preference.strength");
  ck_bad(preference_record(), preference.source, latin, ENCODING, "preference.source");
  ck_bad(preference_record(), preference.time, CX_TIME_NONE, TIME, "preference.time");
  ck_bad(preference_record(), preference.valid_until, INT64_MAX, TIME, "preference.valid_until");
  ck_bad(preference_record(), preference.reserved, 1, RESERVED, "preference.reserved");
  ck_bad(preference_record(), preference.id, of_size(513), TOO_LONG, "preference.id");

  ck_bad(consent_record(), consent.state, 0, KIND, "consent.state");
  ck_bad(consent_record(), consent.basis, 7, KIND, "consent.basis");
  ck_bad(consent_record(), consent.who.name_space, absent, MISSING, "consent.who.name_space");
  ck_bad(consent_record(), consent.purpose, absent, MISSING, "consent.purpose");
  ck_bad(consent_record(), consent.channel, text_of("e mail"), CODE, "consent.channel");
  ck_bad(consent_record(), consent.evidence, of_size(2049), TOO_LONG, "consent.evidence");
  ck_bad(consent_record(), consent.source, of_size(513), TOO_LONG, "consent.source");
  ck_bad(consent_record(), consent.time, CX_TIME_NONE, TIME, "consent.time");
  ck_bad(consent_record(), consent.valid_until, INT64_MAX, TIME, "consent.valid_until");
  ck_bad(consent_record(), consent.reserved, 1, RESERVED, "consent.reserved");
  cx__record strange = consent_record();
  strange.kind = (cx__record_kind)99;
  ck_fault(&strange, KIND, "record.kind");
}
END_TEST

START_TEST(errors_name_the_field_and_no_person) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  parts p;
  cx__record record = event_record(&p);
  p.lines[1].item = text_of("");
  ck_status(CX_ERR_INVALID, cx__record_check(ctx, &record));
  ck_assert_str_eq(cx_context_error(ctx), "event.lines.item is missing (element 1)");
  record = event_record(&p);
  p.who[0].value = text_of("\xFF");
  ck_status(CX_ERR_INVALID, cx__record_check(ctx, &record));
  ck_assert_str_eq(cx_context_error(ctx), "event.who.value must be UTF-8 without NUL (element 0)");
  cx_identifier identifier = who();
  identifier.name_space = text_of("E-MAIL");
  ck_status(CX_ERR_INVALID, cx__identifier_check(ctx, &identifier));
  ck_assert_str_eq(cx_context_error(ctx), "identifier.name_space must be 1 to 64 bytes of [a-z0-9_.-]");
  cx_context_free(ctx);
}
END_TEST

static cx__hash128 digest_of(const cx__record *record) {
  cx__hash128 digest;
  ck_status(CX_OK, cx__record_digest(NULL, record, &digest));
  return digest;
}

static bool same_digest(const cx__record *a, const cx__record *b) {
  const cx__hash128 x = digest_of(a), y = digest_of(b);
  return x.low == y.low && x.high == y.high;
}

START_TEST(what_means_the_same_has_one_digest) {
  parts p, q;
  cx__record a = event_record(&p), b = event_record(&q);
  ck_assert(same_digest(&a, &b));
  b.of.event.received = 77;
  q.lines[0].quantity = (cx_decimal){1500, 3, 0};
  q.lines[1].price = (cx_decimal){INT64_C(12750000), 6, 0};
  ck_assert(same_digest(&a, &b));
  p.lines[0].title = (cx_text){NULL, 0};
  q.lines[0].title = text_of("");
  p.lines[0].price = (cx_decimal){0, -1, 0};
  q.lines[0].price = (cx_decimal){99, -1, 0};
  ck_assert(same_digest(&a, &b));
  memcpy(a.of.event.currency, "\0AB", 4);
  memcpy(b.of.event.currency, "\0\0\0", 4);
  ck_assert(same_digest(&a, &b));

  a = content_record(&p);
  b = content_record(&q);
  q.topics[0] = p.topics[2];
  q.topics[2] = p.topics[0];
  ck_assert(same_digest(&a, &b));
  a = b = preference_record();
  a.of.preference.strength = 0.0;
  b.of.preference.strength = -0.0;
  ck_assert(same_digest(&a, &b));
}
END_TEST

#define ck_differs(make, member, value)                                                                                \
  do {                                                                                                                 \
    cx__record x_ = make, y_ = make;                                                                                   \
    y_.of.member = value;                                                                                              \
    ck_assert(!same_digest(&x_, &y_));                                                                                 \
  } while (0)

START_TEST(every_field_counts) {
  parts p;
  const cx_text other = text_of("other"), absent = {NULL, 0};
  ck_differs(event_record(&p), event.kind, CX_EVENT_RETURN);
  ck_differs(event_record(&p), event.id, other);
  ck_differs(event_record(&p), event.who_count, 1);
  ck_differs(event_record(&p), event.time, 2);
  ck_differs(event_record(&p), event.name, other);
  ck_differs(event_record(&p), event.channel, other);
  ck_differs(event_record(&p), event.order, other);
  ck_differs(event_record(&p), event.lines_count, 1);
  ck_differs(event_record(&p), event.properties, absent);
  ck_differs(event_record(&p), event.currency[0], 'E');
  ck_differs(SAME, assertion.kind, CX_ASSERTION_DIFFERENT);
  ck_differs(SAME, assertion.id, other);
  ck_differs(SAME, assertion.a.value, other);
  ck_differs(SAME, assertion.b.value, other);
  ck_differs(SAME, assertion.b.verified, 0);
  ck_differs(SAME, assertion.time, 2);
  ck_differs(SAME, assertion.source, other);
  ck_differs(SAME, assertion.reason, other);
  ck_differs(RETRACT, assertion.retracts, other);
  ck_differs(content_record(&p), content.id, other);
  ck_differs(content_record(&p), content.title, other);
  ck_differs(content_record(&p), content.topics_count, 2);
  ck_differs(content_record(&p), content.time, 2);
  ck_differs(content_record(&p), content.published, 2);
  ck_differs(content_record(&p), content.valid_from, 2);
  ck_differs(content_record(&p), content.valid_until, 2);
  ck_differs(preference_record(), preference.id, other);
  ck_differs(preference_record(), preference.who.value, other);
  ck_differs(preference_record(), preference.topic, other);
  ck_differs(preference_record(), preference.strength, 0.25);
  ck_differs(preference_record(), preference.source, other);
  ck_differs(preference_record(), preference.time, 2);
  ck_differs(preference_record(), preference.valid_until, 2);
  ck_differs(consent_record(), consent.state, CX_CONSENT_DENIED);
  ck_differs(consent_record(), consent.basis, CX_BASIS_CONTRACT);
  ck_differs(consent_record(), consent.id, other);
  ck_differs(consent_record(), consent.who.value, other);
  ck_differs(consent_record(), consent.purpose, other);
  ck_differs(consent_record(), consent.channel, other);
  ck_differs(consent_record(), consent.evidence, other);
  ck_differs(consent_record(), consent.source, other);
  ck_differs(consent_record(), consent.time, 2);
  ck_differs(consent_record(), consent.valid_until, 2);
  /* Lengths stand before texts, so that bytes cannot move from one field to the next. */
  cx__record a = event_record(&p), b = event_record(&p);
  a.of.event.name = text_of("ab");
  a.of.event.channel = text_of("c");
  b.of.event.name = text_of("a");
  b.of.event.channel = text_of("bc");
  ck_assert(!same_digest(&a, &b));
}
END_TEST

/** Stores hold digests and ids of people: these bytes and numbers stay what they are. */
START_TEST(the_canonical_form_stays_what_it_is) {
  cx__record record = consent_record();
  record.of.consent.evidence = record.of.consent.source = (cx_text){NULL, 0};
  static const unsigned char expected[] = {
      1,   4,   1,   0,   0,   0,   1,   0,   0,   0, 0,   0,   0,   0,   8,   0,   0, 0, 'c', 'u',
      's', 't', 'o', 'm', 'e', 'r', 5,   0,   0,   0, '1', '7', '8', '5', '0', 1,   9, 0, 0,   0,
      'm', 'a', 'r', 'k', 'e', 't', 'i', 'n', 'g', 3, 0,   0,   0,   'a', 'n', 'y', 0, 0, 0,   0,
      0,   0,   0,   0,   1,   0,   0,   0,   0,   0, 0,   0,   0,   0,   0,   0,   0, 0, 0,   0x80};
  cx__buffer buffer;
  cx__buffer_init(&buffer, cx__allocator(NULL));
  ck_assert(cx__buffer_append_text(&buffer, "before"));
  ck_status(CX_OK, cx__record_write(NULL, &record, &buffer));
  ck_assert_uint_eq(buffer.size, 6 + sizeof expected);
  ck_assert_mem_eq(buffer.data, "before", 6);
  ck_assert_mem_eq(buffer.data + 6, expected, sizeof expected);
  const cx__hash128 digest = digest_of(&record), direct = cx__hash_wide(expected, sizeof expected);
  ck_assert(digest.low == direct.low && digest.high == direct.high);
  cx__buffer_free(&buffer);

  const cx_identifier founder = who();
  ck_assert_int_eq(cx__person_id(&founder), (int64_t)cx__hash("customer\0"
                                                              "17850",
                                                              14));
  ck_assert_int_eq(cx__person_id(&founder), INT64_C(-7691047557519189003));
  cx_identifier other = founder;
  other.name_space = text_of("custome");
  other.value = text_of("r17850");
  ck_assert_int_ne(cx__person_id(&founder), cx__person_id(&other));
  other = founder;
  other.verified = 0;
  ck_assert_int_eq(cx__person_id(&founder), cx__person_id(&other));
}
END_TEST

START_TEST(lines_follow_the_events) {
  parts p;
  cx_profile *profile;
  ck_status(CX_OK, cx_profile_new(NULL, &profile));
  const cx__profile_line *lines = NULL;
  ck_assert_uint_eq(cx__profile_lines(profile, &lines), 0);
  ck_assert_uint_eq(cx__profile_lines(NULL, &lines), 0);
  cx_event event = event_record(&p).of.event;
  for (int64_t i = 0; i < 500; i++) {
    char id[16], item[16];
    snprintf(id, sizeof id, "e%d", (int)(i * 37 % 500));
    event.id = text_of(id);
    event.time = i * 37 % 500 / 5;
    event.lines_count = (size_t)(i % 3);
    event.kind = CX_EVENT_VIEW;
    snprintf(item, sizeof item, "i%d", (int)i);
    p.lines[0].item = p.lines[1].item = text_of(item);
    ck_status(CX_OK, cx_profile_add_event(NULL, profile, &event));
  }
  for (int pass = 0; pass < 2; pass++) {
    size_t at = 0;
    const size_t count = cx__profile_lines(profile, &lines);
    for (size_t i = 0; i < cx_profile_events(profile); i++) {
      cx_event own = {.size = sizeof own};
      ck_status(CX_OK, cx_profile_get_event(profile, i, &own));
      for (size_t k = 0; k < own.lines_count; k++, at++) {
        ck_assert_uint_lt(at, count);
        ck_assert(cx__text_equal(lines[at].item, own.lines[k].item));
        ck_assert_int_eq(lines[at].time, own.time);
        ck_assert_int_eq(lines[at].kind, CX_EVENT_VIEW);
        ck_assert(lines[at].quantity == 1.5);
      }
    }
    ck_assert_uint_eq(at, count);
    ck_assert_uint_eq(count, 499);
    /* Once more after a round trip. */
    size_t n;
    ck_status(CX_OK, cx_profile_write(NULL, profile, NULL, 0, &n));
    void *bytes = malloc(n);
    ck_assert_ptr_nonnull(bytes);
    ck_status(CX_OK, cx_profile_write(NULL, profile, bytes, n, &n));
    cx_profile_free(profile);
    ck_status(CX_OK, cx_profile_read(NULL, bytes, n, &profile));
    free(bytes);
  }
  cx_profile_free(profile);
}
END_TEST

/** Bytes that carry a right checksum and lie all the same. */
static void seal(unsigned char *bytes, size_t size) {
  const uint64_t hash = cx__hash(bytes, size);
  for (unsigned i = 0; i < 8; i++) bytes[size + i] = (unsigned char)(hash >> (8 * i));
}

START_TEST(lying_bytes_are_refused) {
  parts p;
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  cx_profile *profile, *read = NULL;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  const cx_identifier identifier = who();
  ck_ok(ctx, cx_profile_add_identifier(ctx, profile, &identifier));
  cx_event event = event_record(&p).of.event;
  ck_ok(ctx, cx_profile_add_event(ctx, profile, &event));
  size_t n;
  ck_ok(ctx, cx_profile_write(ctx, profile, NULL, 0, &n));
  unsigned char *bytes = malloc(n), *copy = malloc(n);
  ck_assert_ptr_nonnull(bytes);
  ck_assert_ptr_nonnull(copy);
  ck_ok(ctx, cx_profile_write(ctx, profile, bytes, n, &n));
  size_t refused = 0;
  for (size_t at = 8; at + 4 <= n - 8; at++) {
    memcpy(copy, bytes, n);
    memset(copy + at, 0xFF, 4); /* an absurd count or length, a bad text, another number */
    seal(copy, n - 8);
    memory.count = 0;
    const cx_status status = cx_profile_read(ctx, copy, n, &read);
    if (status == CX_OK) { /* it said something else, and says it again */
      size_t m;
      ck_ok(ctx, cx_profile_write(ctx, read, NULL, 0, &m));
      ck_assert_uint_eq(m, n);
      unsigned char *again = malloc(m);
      ck_assert_ptr_nonnull(again);
      ck_ok(ctx, cx_profile_write(ctx, read, again, m, &m));
      ck_assert_mem_eq(again, copy, n);
      free(again);
      cx_profile_free(read);
      continue;
    }
    refused++;
    ck_assert_int_eq(status, CX_ERR_CORRUPT);
    ck_assert_ptr_null(read);
    uint64_t byte;
    ck_assert_str_eq(cx_context_place(ctx, NULL, &byte), "profile");
    ck_assert_uint_le(byte, n);
    ck_assert_uint_lt(memory.count, 20);
  }
  ck_assert_uint_gt(refused, n / 2);
  free(bytes);
  free(copy);
  cx_profile_free(profile);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

/** Seals bytes of which two equal texts of two records were exchanged, and reads them. */
static void ck_order(cx_profile *profile, const char *first, const char *second) {
  size_t n;
  ck_status(CX_OK, cx_profile_write(NULL, profile, NULL, 0, &n));
  unsigned char *bytes = malloc(n + 1);
  ck_assert_ptr_nonnull(bytes);
  ck_status(CX_OK, cx_profile_write(NULL, profile, bytes, n, &n));
  const size_t size = strlen(first);
  unsigned char *a = memmem(bytes, n, first, size), *b = memmem(bytes, n, second, size);
  ck_assert(a && b && a < b);
  cx_profile *read = NULL;
  memcpy(b, first, size); /* twice the same */
  seal(bytes, n - 8);
  ck_status(CX_ERR_CORRUPT, cx_profile_read(NULL, bytes, n, &read));
  memcpy(a, second, size); /* the wrong way round */
  seal(bytes, n - 8);
  ck_status(CX_ERR_CORRUPT, cx_profile_read(NULL, bytes, n, &read));
  memcpy(a, first, size);
  memcpy(b, second, size);
  seal(bytes, n - 8);
  ck_status(CX_OK, cx_profile_read(NULL, bytes, n, &read));
  cx_profile_free(read);
  bytes[n - 8] = 0; /* one byte too many */
  seal(bytes, n - 7);
  ck_status(CX_ERR_CORRUPT, cx_profile_read(NULL, bytes, n + 1, &read));
  free(bytes);
}

START_TEST(there_is_one_way_to_write_a_profile) {
  parts p;
  cx_profile *profile;
  ck_status(CX_OK, cx_profile_new(NULL, &profile));
  cx_identifier identifier = who();
  cx_event event = event_record(&p).of.event;
  cx_preference preference = preference_record().of.preference;
  cx_consent consent = consent_record().of.consent;
  static const char *const names[] = {"<identifier 1>", "<identifier 2>", "<event 1>",   "<event 2>",
                                      "<preference 1>", "<preference 2>", "<consent 1>", "<consent 2>"};
  for (size_t i = 0; i < 2; i++) {
    identifier.value = text_of(names[i]);
    event.id = text_of(names[2 + i]);
    preference.id = text_of(names[4 + i]);
    consent.id = text_of(names[6 + i]);
    ck_status(CX_OK, cx_profile_add_identifier(NULL, profile, &identifier));
    ck_status(CX_OK, cx_profile_add_event(NULL, profile, &event));
    ck_status(CX_OK, cx_profile_add_preference(NULL, profile, &preference));
    ck_status(CX_OK, cx_profile_add_consent(NULL, profile, &consent));
  }
  for (size_t i = 0; i < 8; i += 2) ck_order(profile, names[i], names[i + 1]);
  cx_profile_free(profile);
}
END_TEST

static cx_status digest_large(void *user, cx_context *ctx) {
  cx__hash128 digest = {7, 7};
  const cx_status status = cx__record_digest(ctx, user, &digest);
  if (status != CX_OK) ck_assert(digest.low == 7 && digest.high == 7);
  return status;
}

static cx_status write_large(void *user, cx_context *ctx) {
  cx__buffer buffer;
  cx__buffer_init(&buffer, cx__allocator(ctx));
  const cx_status status = cx__record_write(ctx, user, &buffer);
  if (status != CX_OK) ck_assert_uint_eq(buffer.size, 0);
  cx__buffer_free(&buffer);
  return status;
}

START_TEST(a_failing_allocation_is_an_error) {
  parts p;
  cx__record record = event_record(&p);
  test_allocations(digest_large, &record, true); /* small records need no memory */
  record.of.event.properties = of_size(5000);
  test_allocations(digest_large, &record, false);
  test_allocations(write_large, &record, false);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("record");
  TCase *tests = tcase_create("record");
  tcase_add_test(tests, codes_are_checked);
  tcase_add_test(tests, good_records_pass);
  tcase_add_test(tests, bad_events_are_named);
  tcase_add_test(tests, other_bad_records_are_named);
  tcase_add_test(tests, errors_name_the_field_and_no_person);
  tcase_add_test(tests, what_means_the_same_has_one_digest);
  tcase_add_test(tests, every_field_counts);
  tcase_add_test(tests, the_canonical_form_stays_what_it_is);
  tcase_add_test(tests, lines_follow_the_events);
  tcase_add_test(tests, lying_bytes_are_refused);
  tcase_add_test(tests, there_is_one_way_to_write_a_profile);
  tcase_add_test(tests, a_failing_allocation_is_an_error);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

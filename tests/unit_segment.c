/* SPDX-License-Identifier: MIT */
/* Messages of the Segment specification. The documents in tests/data/segment are from its documentation. */
#include "format/reader.h"
#include "support.h"

static cx__reader *open_bytes(const char *text, size_t size) {
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.data = text;
  source.data_size = size;
  const cx__reader_options opts = {.kind = CX__READER_SEGMENT, .header = true};
  cx__reader *reader = NULL;
  ck_assert_int_eq(cx__reader_open(NULL, &source, &opts, &reader), CX_OK);
  return reader;
}

static cx__reader *open_text(const char *text) { return open_bytes(text, strlen(text)); }

static cx__reader *open_document(const char *name) {
  char path[1024];
  (void)snprintf(path, sizeof path, TEST_DATA "/segment/%s.json", name);
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.path = path;
  const cx__reader_options opts = {.header = true}; /* the kind is found */
  cx__reader *reader = NULL;
  ck_assert_int_eq(cx__reader_open(NULL, &source, &opts, &reader), CX_OK);
  ck_assert_int_eq(cx__reader_kind_of(reader), CX__READER_SEGMENT);
  return reader;
}

static cx__reader_row next(cx__reader *reader) {
  cx__reader_row row;
  ck_assert_int_eq(cx__reader_next(NULL, reader, &row), CX_OK);
  for (size_t i = 0; i < row.records_count; i++) ck_assert_int_eq(cx__record_check(NULL, &row.records[i]), CX_OK);
  return row;
}

static cx__reader_row good(cx__reader *reader, size_t records) {
  const cx__reader_row row = next(reader);
  ck_assert_msg(row.bad == 0, "row %d is bad: %d", (int)row.row, row.bad);
  ck_assert_uint_eq(row.records_count, records);
  return row;
}

static void bad(cx__reader *reader, int32_t reason, uint64_t number) {
  const cx__reader_row row = next(reader);
  ck_assert_msg(row.bad == reason, "row %d: %d, not %d", (int)row.row, row.bad, reason);
  ck_assert_uint_eq(row.row, number);
  ck_assert_uint_eq(row.records_count, 0);
  ck_assert_uint_gt(row.raw.size, 0);
}

static void done(cx__reader *reader) {
  cx__reader_row row;
  ck_assert_int_eq(cx__reader_next(NULL, reader, &row), CX_DONE);
  cx__reader_free(reader);
}

static void is(cx_text text, const char *expected) {
  ck_assert_msg(cx__text_is(text, expected), "\"%.*s\" is not \"%s\"", (int)text.size, text.data, expected);
}

static void is_who(const cx_identifier *identifier, const char *name_space, const char *value) {
  is(identifier->name_space, name_space);
  is(identifier->value, value);
  ck_assert_int_eq(identifier->verified, 0);
}

static int64_t instant(const char *text) {
  int64_t time;
  ck_assert_int_eq(cx__parse_time(cx__text(text), NULL, NULL, &time), CX_OK);
  return time;
}

/* ---- the documentation's messages ------------------------------------------------------------------------------- */

START_TEST(identify) {
  cx__reader *reader = open_document("identify");
  const cx__reader_row row = good(reader, 2);
  const cx_event *event = &row.records[0].of.event;
  ck_assert_int_eq(event->kind, CX_EVENT_IDENTIFY);
  is(event->id, "022bb90c-bbac-11e4-8dfc-aa07a5b093db");
  is(event->name, "identify");
  is(event->channel, "web");
  ck_assert_int_eq(event->time, instant("2015-02-23T22:28:55.111Z"));
  ck_assert_int_eq(event->received, instant("2015-02-23T22:28:55.387Z"));
  ck_assert_uint_eq(event->who_count, 2);
  is_who(&event->who[0], "user", "97980cfea0067");
  is_who(&event->who[1], "anonymous", "507f191e810c19729de860ea");
  is(event->properties, "{\"name\":\"Peter Gibbons\",\"email\":\"peter@example.com\",\"plan\":\"premium\",\"logins\":5,"
                        "\"address\":{\"street\":\"6th St\",\"city\":\"San Francisco\",\"state\":\"CA\","
                        "\"postalCode\":\"94103\",\"country\":\"USA\"}}");
  const cx_assertion *assertion = &row.records[1].of.assertion;
  ck_assert_int_eq(row.records[1].kind, CX__RECORD_ASSERTION);
  ck_assert_int_eq(assertion->kind, CX_ASSERTION_SAME);
  is_who(&assertion->a, "user", "97980cfea0067");
  is_who(&assertion->b, "anonymous", "507f191e810c19729de860ea");
  is(assertion->source, "segment:identify");
  ck_assert_int_eq(assertion->time, event->time);
  done(reader);
}
END_TEST

START_TEST(alias) {
  cx__reader *reader = open_document("alias");
  const cx__reader_row row = good(reader, 2);
  static const char *const name_spaces[] = {"user", "anonymous"};
  for (size_t i = 0; i < 2; i++) {
    const cx_assertion *assertion = &row.records[i].of.assertion;
    ck_assert_int_eq(row.records[i].kind, CX__RECORD_ASSERTION);
    ck_assert_int_eq(assertion->kind, CX_ASSERTION_SAME);
    is_who(&assertion->a, name_spaces[i], "39239-239239-239239-23923");
    is_who(&assertion->b, "user", "507f191e81");
    is(assertion->source, "segment:alias");
  }
  done(reader);
}
END_TEST

START_TEST(batch) {
  cx__reader *reader = open_document("batch");
  static const int64_t byte[] = {19, 247, 489, 720};
  for (size_t i = 0; i < 4; i++) {
    const cx__reader_row row = good(reader, 1);
    const cx_event *event = &row.records[0].of.event;
    ck_assert_int_eq(event->kind, i % 2 == 0 ? CX_EVENT_IDENTIFY : CX_EVENT_OTHER);
    ck_assert_uint_eq(row.row, 1);
    ck_assert_uint_eq(row.byte, (uint64_t)byte[i]);
    ck_assert_int_eq(row.raw.data[0], '{');
    ck_assert_int_eq(row.raw.data[row.raw.size - 1], '}');
    ck_assert_uint_eq(event->id.size, 36); /* no message has an id of its own */
    ck_assert_mem_eq(event->id.data + 32, ":1.", 3);
    ck_assert_int_eq(event->id.data[35], (char)('1' + i));
    if (i == 2) ck_assert_int_eq(event->time, instant("2015-02-02T00:30:08.276Z")); /* sent as 2015-2-02 */
  }
  done(reader);
}
END_TEST

START_TEST(screen) {
  cx__reader *reader = open_document("screen");
  const cx__reader_row row = good(reader, 1);
  const cx_event *event = &row.records[0].of.event;
  ck_assert_int_eq(event->kind, CX_EVENT_OTHER);
  is(event->name, "Home");
  is(event->channel, "mobile");
  is(event->properties, "{\"variation\":\"blue signup button\"}");
  done(reader);
}
END_TEST

START_TEST(documents_that_cannot_be_taken) {
  cx__reader *reader = open_document("order"); /* it has no time */
  bad(reader, CX_QUARANTINE_TIME, 1);
  done(reader);
  reader = open_document("consent"); /* it is no message */
  bad(reader, CX_QUARANTINE_TYPE, 1);
  done(reader);
  reader = open_document("invalid");
  bad(reader, CX_QUARANTINE_MALFORMED, 1);
  done(reader);
}
END_TEST

/* ---- tracks ----------------------------------------------------------------------------------------------------- */

START_TEST(orders) {
  cx__reader *reader = open_text(
      "{\"type\":\"track\",\"userId\":7,\"event\":\"Order Completed\",\"messageId\":\"m1\",\"timestamp\":1298500000,"
      "\"properties\":{\"order_id\":\"o1\",\"currency\":\"eur\",\"revenue\": 25.00,\"products\":["
      "{\"product_id\":\"p1\",\"sku\":\"s1\",\"name\":\"Hat\",\"price\":19.990,\"quantity\":2,\"category\":\"Hats\"},"
      "{\"sku\":\"s2\",\"price\":\"3\"}]}}\n"
      "{\"type\":\"track\",\"userId\":7,\"event\":\"order refunded\",\"messageId\":\"m2\",\"timestamp\":1298500001,"
      "\"properties\":{\"orderId\":1,\"products\":[{\"id\":1,\"quantity\":-1}]}}\n");
  cx__reader_row row = good(reader, 2);
  const cx_event *event = &row.records[0].of.event;
  ck_assert_int_eq(event->kind, CX_EVENT_PURCHASE);
  is_who(&event->who[0], "user", "7");
  is(event->order, "o1");
  ck_assert_str_eq(event->currency, "EUR");
  ck_assert_int_eq(event->time, INT64_C(1298500000) * CX__SECOND);
  ck_assert_uint_eq(event->lines_count, 2);
  is(event->lines[0].item, "p1");
  is(event->lines[0].title, "Hat");
  ck_assert_int_eq(event->lines[0].quantity.mantissa, 2);
  ck_assert_int_eq(event->lines[0].price.mantissa, 19990);
  ck_assert_int_eq(event->lines[0].price.scale, 3);
  is(event->lines[1].item, "s2");
  ck_assert_int_eq(event->lines[1].quantity.mantissa, 1);
  ck_assert_int_eq(event->lines[1].price.mantissa, 3);
  is(event->properties, "{\"revenue\":25.00,\"products\":[{\"sku\":\"s1\",\"category\":\"Hats\"},{\"sku\":\"s2\"}]}");
  const cx_content *content = &row.records[1].of.content;
  ck_assert_int_eq(row.records[1].kind, CX__RECORD_CONTENT);
  is(content->id, "p1");
  is(content->title, "Hat");
  is(content->topics[0], "hats");
  row = good(reader, 1);
  event = &row.records[0].of.event;
  ck_assert_int_eq(event->kind, CX_EVENT_RETURN);
  ck_assert(row.is_return);
  is(event->order, "1");
  is(event->lines[0].item, "1");
  ck_assert_int_eq(event->lines[0].quantity.mantissa, 1);
  ck_assert_uint_eq(event->properties.size, strlen("{\"products\":[{\"id\":1}]}"));
  done(reader);
}
END_TEST

static const struct {
  const char *name;
  int32_t kind;
} kinds[] = {{"Product Viewed", CX_EVENT_VIEW},
             {"Product Clicked", CX_EVENT_CLICK},
             {"Product Added", CX_EVENT_CART},
             {"Product Removed", CX_EVENT_UNCART},
             {"Product Added to Wishlist", CX_EVENT_WISH},
             {"Wishlist Product Added to Cart", CX_EVENT_CART},
             {"Products Searched", CX_EVENT_SEARCH},
             {"Product Reviewed", CX_EVENT_REVIEW},
             {"Product Shared", CX_EVENT_SHARE},
             {"Order Cancelled", CX_EVENT_RETURN},
             {"Order Completed", CX_EVENT_PURCHASE},
             {"Checkout Started", CX_EVENT_OTHER},
             {"Something Else", CX_EVENT_OTHER}};

START_TEST(names_of_events) {
  char text[400];
  (void)snprintf(
      text, sizeof text,
      "{\"action\":\"track\",\"user_id\":\"u\",\"event\":\"%s\",\"messageId\":\"m\",\"sentAt\":\"2015-01-01\","
      "\"properties\":{\"product_id\":\"p\",\"price\":null,\"a\":[1, {\"b\":2,\"b\":3}],\"a\":[ ]},"
      "\"context\":{\"campaign\":{\"name\":\"x\"}}}",
      kinds[_i].name);
  cx__reader *reader = open_text(text);
  const cx__reader_row row = good(reader, 1);
  const cx_event *event = &row.records[0].of.event;
  ck_assert_int_eq(event->kind, kinds[_i].kind);
  is(event->name, kinds[_i].name);
  is_who(&event->who[0], "user", "u");
  if (kinds[_i].kind == CX_EVENT_OTHER) {
    ck_assert_uint_eq(event->lines_count, 0);
    is(event->properties, "{\"product_id\":\"p\",\"price\":null,\"a\":[],\"campaign\":{\"name\":\"x\"}}");
  } else {
    ck_assert_uint_eq(event->lines_count, 1);
    is(event->lines[0].item, "p");
    ck_assert_int_eq(event->lines[0].price.scale, -1);
    is(event->properties, "{\"a\":[],\"campaign\":{\"name\":\"x\"}}");
  }
  done(reader);
}
END_TEST

#define HEAD                                                                                                           \
  "{\"type\":\"track\",\"event\":\"Product Viewed\",\"userId\":\"u\",\"timestamp\":\"2015-01-01\",\"messageId\":\"m\""

START_TEST(bad_messages) {
  static char text[8192];
  char id[102];
  memset(id, 'x', sizeof id - 1);
  id[sizeof id - 1] = '\0';
  (void)snprintf(text, sizeof text,
                 "\n" HEAD ",\"properties\":{}}\r\n"
                 "7\n"
                 "{\"type\":\"record\"}\n"
                 "{\"type\":\"track\",\"event\":\"x\",\"timestamp\":\"2015-01-01\"\n" HEAD
                 ",\"properties\":{\"product_id\":\"p\",\"price\":\"cheap\"}}\n" HEAD
                 ",\"properties\":{\"product_id\":\"p\",\"quantity\":0}}\n" HEAD ",\"properties\":[]}\n" HEAD
                 ",\"properties\":{\"product_id\":\"p\",\"currency\":\"Euro\"}}\n"
                 "{\"type\":\"track\",\"event\":\"x\",\"timestamp\":\"2015-01-01\",\"messageId\":\"%s\"}\n"
                 "{\"type\":\"identify\",\"timestamp\":\"2015-01-01\",\"traits\":{\"name\":\"n\"}}\n"
                 "{\"type\":\"alias\",\"timestamp\":\"2015-01-01\",\"previousId\":\"a\"}\n"
                 "{\"type\":\"track\",\"event\":\"\xFF\",\"timestamp\":\"2015-01-01\"}\n"
                 "{\"type\":\"track\",\"event\":\"a\\u0000b\",\"timestamp\":\"2015-01-01\"}\n"
                 "{\"type\":\"track\",\"event\":\"x\",\"timestamp\":\"soon\"}\n"
                 "{\"type\":\"track\",\"event\":\"x\",\"timestamp\":\"01/02/2015\"}\n"
                 "{\"batch\":[]}\n"
                 "{\"batch\":[{\"batch\":[1]},3]}\n" HEAD ",\"channel\":\"a b\",\"properties\":{\"sku\":\"p\"}}\n" HEAD
                 ",\"properties\":{\"product_id\":\"p\"}}",
                 id);
  cx__reader *reader = open_text(text);
  bad(reader, CX_QUARANTINE_ITEM, 2);
  bad(reader, CX_QUARANTINE_TYPE, 3);
  bad(reader, CX_QUARANTINE_TYPE, 4);
  bad(reader, CX_QUARANTINE_MALFORMED, 5);
  bad(reader, CX_QUARANTINE_NUMBER, 6);
  bad(reader, CX_QUARANTINE_NUMBER, 7);
  bad(reader, CX_QUARANTINE_MALFORMED, 8);
  bad(reader, CX_QUARANTINE_CURRENCY, 9);
  bad(reader, CX_QUARANTINE_TOO_LONG, 10);
  bad(reader, CX_QUARANTINE_IDENTIFIER, 11);
  bad(reader, CX_QUARANTINE_IDENTIFIER, 12);
  bad(reader, CX_QUARANTINE_ENCODING, 13);
  bad(reader, CX_QUARANTINE_ENCODING, 14);
  bad(reader, CX_QUARANTINE_TIME, 15);
  bad(reader, CX_QUARANTINE_TIME_AMBIGUOUS, 16);
  bad(reader, CX_QUARANTINE_TYPE, 17);
  bad(reader, CX_QUARANTINE_TYPE, 18);
  bad(reader, CX_QUARANTINE_TYPE, 18);
  bad(reader, CX_QUARANTINE_CODE, 19);
  const cx__reader_row row = good(reader, 1);
  ck_assert_uint_eq(row.row, 20);
  ck_assert_uint_eq(row.byte + row.raw.size, strlen(text));
  done(reader);
}
END_TEST

/** What a bad message says of its items must not keep a later one from saying it. */
START_TEST(bad_messages_tell_of_no_item) {
  static char text[8192];
  char category[600];
  for (size_t i = 0; i < sizeof category - 1; i++) category[i] = i % 2 ? '|' : 'a';
  category[sizeof category - 1] = '\0';
  (void)snprintf(text, sizeof text,
                 "{\"type\":\"track\",\"event\":\"Order Completed\",\"timestamp\":\"2015-01-01\",\"messageId\":\"m\","
                 "\"properties\":{\"products\":[{\"product_id\":\"p\",\"name\":\"Hat\"},"
                 "{\"product_id\":\"q\",\"category\":\"%s\"}]}}\n"
                 "{\"type\":\"track\",\"event\":\"Product Viewed\",\"timestamp\":\"2015-01-01\",\"messageId\":\"n\","
                 "\"properties\":{\"product_id\":\"p\",\"name\":\"Hat\"}}\n",
                 category);
  cx__reader *reader = open_text(text);
  bad(reader, CX_QUARANTINE_TOO_LONG, 1);
  const cx__reader_row row = good(reader, 2);
  is(row.records[1].of.content.title, "Hat");
  done(reader);
}
END_TEST

START_TEST(nobody_and_types_that_are_not_named) {
  cx__reader *reader =
      open_text("{\"event\":\"x\",\"userId\":\"null\",\"anonymousId\":\"anonymous\",\"timestamp\":\"2015-01-01\"}\n"
                "{\"traits\":{\"email\":\" A@B.c \"},\"anonymousId\":\"a\",\"timestamp\":\"2015-01-01\"}\n"
                "{\"traits\":{},\"groupId\":\"g\",\"userId\":\"a\",\"timestamp\":\"2015-01-01\"}\n"
                "{\"previousId\":\"a\",\"userId\":\"a\",\"timestamp\":\"2015-01-01\"}\n"
                "{\"type\":\"page\",\"userId\":\"a\",\"timestamp\":\"2015-01-01\",\"category\":\"c\",\"properties\":{"
                "\"sku\":\"s\"}}\n"
                "[{\"event\":\"x\",\"timestamp\":\"2015-01-01\"},{\"event\":\"y\",\"timestamp\":\"2015-01-01\"}]\n");
  cx__reader_row row = good(reader, 1);
  ck_assert(row.anonymous);
  row = good(reader, 1);
  ck_assert_uint_eq(row.records[0].of.event.who_count, 1); /* an address joins nobody */
  row = good(reader, 1);
  is(row.records[0].of.event.name, "group");
  is(row.records[0].of.event.properties, "{\"groupId\":\"g\"}");
  row = good(reader, 1); /* a user is himself, but may have been anonymous under the same id */
  is_who(&row.records[0].of.assertion.a, "anonymous", "a");
  row = good(reader, 1);
  ck_assert_int_eq(row.records[0].of.event.kind, CX_EVENT_VIEW);
  is(row.records[0].of.event.name, "page");
  is(row.records[0].of.event.properties, "{\"sku\":\"s\",\"category\":\"c\"}");
  row = good(reader, 1);
  is(row.records[0].of.event.name, "x");
  row = good(reader, 1);
  is(row.records[0].of.event.name, "y");
  done(reader);
}
END_TEST

/* ---- clocks ----------------------------------------------------------------------------------------------------- */

static const struct {
  const char *stamps, *time;
} clocks[] = {
    /* delivered at once: the stamp stands, whatever the transit */
    {"\"originalTimestamp\":\"2015-01-01T10:00:00Z\",\"sentAt\":\"2015-01-01T10:00:15Z\",\"receivedAt\":\"2015-01-"
     "01T10:00:47Z\"",
     "2015-01-01T10:00:00Z"},
    /* the device's clock is an hour fast: 10 s before it was sent */
    {"\"originalTimestamp\":\"2015-01-01T11:00:00Z\",\"sentAt\":\"2015-01-01T11:00:10Z\",\"receivedAt\":\"2015-01-"
     "01T10:00:00Z\"",
     "2015-01-01T09:59:50Z"},
    /* the same, an hour slow, under the other name of the stamp */
    {"\"timestamp\":\"2015-01-01T09:00:00Z\",\"sentAt\":\"2015-01-01T09:00:10Z\",\"receivedAt\":\"2015-01-01T10:00:"
     "00Z\"",
     "2015-01-01T09:59:50Z"},
    /* sent before it happened: only our clock can be right */
    {"\"timestamp\":\"2015-01-01T09:00:20Z\",\"sentAt\":\"2015-01-01T09:00:10Z\",\"receivedAt\":\"2015-01-01T10:00:"
     "00Z\"",
     "2015-01-01T10:00:00Z"},
    /* not corrected: no time of sending */
    {"\"timestamp\":\"2015-01-01T09:00:00Z\",\"receivedAt\":\"2015-01-01T10:00:00Z\"", "2015-01-01T09:00:00Z"},
    /* two weeks ahead */
    {"\"timestamp\":\"2015-01-15T10:00:00Z\",\"receivedAt\":\"2015-01-01T10:00:00Z\"", "2015-01-01T10:00:00Z"},
    {"\"timestamp\":\"2015-01-01T10:00:30Z\",\"receivedAt\":\"2015-01-01T10:00:00Z\"", "2015-01-01T10:00:30Z"},
    /* one stamp only, or only one that can be read */
    {"\"receivedAt\":\"2015-01-01T10:00:00Z\"", "2015-01-01T10:00:00Z"},
    {"\"sentAt\":\"2015-01-01T10:00:00Z\"", "2015-01-01T10:00:00Z"},
    {"\"timestamp\":\"now\",\"receivedAt\":\"2015-01-01T10:00:00Z\"", "2015-01-01T10:00:00Z"},
    {"\"timestamp\":null,\"originalTimestamp\":1420106400123", "2015-01-01T10:00:00.123Z"},
};

START_TEST(clock_rule) {
  char text[400];
  (void)snprintf(text, sizeof text, "{\"event\":\"x\",\"userId\":\"u\",%s}", clocks[_i].stamps);
  cx__reader *reader = open_text(text);
  const cx__reader_row row = good(reader, 1);
  ck_assert_int_eq(row.records[0].of.event.time, instant(clocks[_i].time));
  done(reader);
}
END_TEST

START_TEST(a_batch_says_when_it_was_sent) {
  cx__reader *reader = open_text("{\"sentAt\":\"2015-01-01T11:00:10Z\",\"receivedAt\":\"2015-01-01T10:00:00Z\","
                                 "\"batch\":[{\"event\":\"x\",\"timestamp\":"
                                 "\"2015-01-01T11:00:00Z\"}]}");
  const cx__reader_row row = good(reader, 1);
  ck_assert_int_eq(row.records[0].of.event.time, instant("2015-01-01T09:59:50Z"));
  ck_assert_int_eq(row.records[0].of.event.received, instant("2015-01-01T10:00:00Z"));
  done(reader);
}
END_TEST

/* ---- consent ---------------------------------------------------------------------------------------------------- */

START_TEST(consent_is_taken_where_it_is_stated) {
  cx__reader *reader =
      open_text(HEAD ",\"properties\":{\"sku\":\"p\"},\"context\":{\"consent\":{\"categoryPreferences\":{"
                     "\"Advertising\":true,\"Data Sharing\":false,"
                     "\"Other\":\"yes\"}}}}\n" HEAD
                     ",\"properties\":{\"sku\":\"p\"},\"context\":{\"consent\":{\"categoryPreferences\":{}}}}\n" HEAD
                     ",\"properties\":{\"sku\":\"p\"},\"context\":{}}\n"
                     "{\"event\":\"x\",\"timestamp\":\"2015-01-01\",\"context\":{\"consent\":{\"categoryPreferences\":{"
                     "\"a\":true}}}}\n"
                     "{\"context\":{\"consent\":{\"categoryPreferences\":{\"a\":true}}},\"batch\":[" HEAD
                     ",\"properties\":{\"sku\":\"p\"}}]}\n");
  cx__reader_row row = good(reader, 3);
  const cx_consent *consent = &row.records[1].of.consent;
  ck_assert_int_eq(row.records[1].kind, CX__RECORD_CONSENT);
  ck_assert_int_eq(consent->state, CX_CONSENT_GRANTED);
  ck_assert_int_eq(consent->basis, CX_BASIS_CONSENT);
  is(consent->purpose, "advertising");
  is(consent->channel, "any");
  is(consent->evidence, "segment:m");
  is(consent->source, "segment");
  is_who(&consent->who, "user", "u");
  ck_assert_int_eq(consent->time, instant("2015-01-01"));
  consent = &row.records[2].of.consent;
  ck_assert_int_eq(consent->state, CX_CONSENT_DENIED);
  is(consent->purpose, "data-sharing");
  (void)good(reader, 1);
  (void)good(reader, 1);
  (void)good(reader, 1); /* of nobody */
  row = good(reader, 2); /* said by the batch */
  is(row.records[1].of.consent.purpose, "a");
  done(reader);
}
END_TEST

/* ---- lines ------------------------------------------------------------------------------------------------------ */

#define MIB ((size_t)1 << 20)

START_TEST(lines_too_long_are_left_out) {
  static const char last[] = "\n" HEAD ",\"properties\":{\"sku\":\"p\"}}";
  const size_t size = 3 * MIB + sizeof last - 1;
  char *text = malloc(size);
  ck_assert_ptr_nonnull(text);
  memset(text, 'x', size);
  memcpy(text, last + 1, sizeof last - 2);
  text[sizeof last - 2] = '\n';
  memcpy(text + size - (sizeof last - 1), last, sizeof last - 1);
  cx__reader *reader = open_bytes(text, size);
  (void)good(reader, 1);
  bad(reader, CX_QUARANTINE_TOO_LONG, 2);
  const cx__reader_row row = good(reader, 1);
  ck_assert_uint_eq(row.row, 3);
  ck_assert_uint_eq(row.byte, 3 * MIB + 1);
  done(reader);
  /* a document that never ends */
  memset(text, ' ', size);
  text[0] = '{';
  text[1] = '\n';
  reader = open_bytes(text, size);
  bad(reader, CX_QUARANTINE_TOO_LONG, 1);
  done(reader);
  free(text);
}
END_TEST

START_TEST(long_lines_and_many_lines) {
  /* About 1 MiB in one line, then many short ones: the buffer grows, moves and is filled again. */
  cx__buffer buffer;
  cx__buffer_init(&buffer, cx__allocator(NULL));
  ck_assert(cx__buffer_append_text(&buffer, HEAD ",\"properties\":{\"sku\":\"p\",\"x\":\""));
  for (size_t i = 0; i < 20000; i++) ck_assert(cx__buffer_append_text(&buffer, "0123456789"));
  ck_assert(cx__buffer_append_text(&buffer, "\"}}\n"));
  for (size_t i = 0; i < 5000; i++) {
    char text[300];
    (void)snprintf(text, sizeof text, HEAD "%zu\",\"x\":1,\"properties\":{\"sku\":\"p\"}}\n\n", i);
    char *quote = strstr(text, "\"m\"");
    memmove(quote + 2, quote + 3, strlen(quote + 3) + 1); /* "m" becomes "m<i>" */
    ck_assert(cx__buffer_append_text(&buffer, text));
  }
  cx__reader *reader = open_bytes(buffer.data, buffer.size);
  cx__reader_row row = good(reader, 1);
  ck_assert_uint_gt(row.records[0].of.event.properties.size, 200000);
  for (size_t i = 0; i < 5000; i++) {
    row = good(reader, 1);
    ck_assert_uint_eq(row.row, 2 + 2 * i);
    ck_assert_int_eq(buffer.data[row.byte], '{');
    char id[32];
    (void)snprintf(id, sizeof id, "m%zu", i);
    is(row.records[0].of.event.id, id);
  }
  done(reader);
  cx__buffer_free(&buffer);
}
END_TEST

START_TEST(documents_over_several_lines) {
  cx__reader *reader = open_text(
      "\n{\n\"event\":\"a }\\\"{\",\"timestamp\":1420106400}  {\"event\":\"b\",\n\"timestamp\":1420106400}\n\n"
      "stray\n{\"event\":\"broken}\n,\"timestamp\":[1]}\n\n{\"event\":\"c\",\"timestamp\":1420106400}\n{ ");
  cx__reader_row row = good(reader, 1);
  is(row.records[0].of.event.name, "a }\"{");
  ck_assert_uint_eq(row.row, 2);
  row = good(reader, 1);
  is(row.records[0].of.event.name, "b");
  ck_assert_uint_eq(row.row, 3);
  bad(reader, CX_QUARANTINE_MALFORMED, 6);
  bad(reader, CX_QUARANTINE_MALFORMED, 7);
  row = good(reader, 1);
  is(row.records[0].of.event.name, "c");
  ck_assert_uint_eq(row.row, 10);
  bad(reader, CX_QUARANTINE_MALFORMED, 11);
  done(reader);
}
END_TEST

START_TEST(nothing_at_all) {
  done(open_text(""));
  done(open_text(" \n\n"));
}
END_TEST

static cx_status read_all(void *user, cx_context *ctx) {
  const char *text = user;
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.data = text;
  source.data_size = strlen(text);
  const cx__reader_options opts = {.header = true};
  cx__reader *reader = NULL;
  cx_status status = cx__reader_open(ctx, &source, &opts, &reader);
  if (status != CX_OK) return status;
  cx__reader_row row;
  size_t records = 0;
  while ((status = cx__reader_next(ctx, reader, &row)) == CX_OK) records += row.records_count;
  cx__reader_free(reader);
  if (status != CX_DONE) return status;
  ck_assert_uint_eq(records, 9);
  return CX_OK;
}

START_TEST(failing_allocations) {
  char text[] =
      HEAD ",\"properties\":{\"sku\":\"p\",\"name\":\"P\",\"category\":\"c\"},\"context\":{\"consent\":{"
           "\"categoryPreferences\":{\"a\":true}}}}\n"
           "{\"type\":\"identify\",\"userId\":\"u\",\"anonymousId\":\"a\",\"timestamp\":1420106400,\"traits\":{"
           "\"email\":\"a@b\"}}\n"
           "{\"type\":\"alias\",\"userId\":\"u\",\"previousId\":\"a\",\"timestamp\":1420106400}\n"
           "{\"event\":\"Order "
           "Completed\",\"timestamp\":1420106400,\"properties\":{\"products\":[{\"sku\":\"p\",\"name\":\"Q\"}]}}\n";
  test_allocations(read_all, text, false);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("segment");
  TCase *tests = tcase_create("segment");
  tcase_add_test(tests, identify);
  tcase_add_test(tests, alias);
  tcase_add_test(tests, batch);
  tcase_add_test(tests, screen);
  tcase_add_test(tests, documents_that_cannot_be_taken);
  tcase_add_test(tests, orders);
  tcase_add_loop_test(tests, names_of_events, 0, (int)(sizeof kinds / sizeof *kinds));
  tcase_add_test(tests, bad_messages);
  tcase_add_test(tests, bad_messages_tell_of_no_item);
  tcase_add_test(tests, nobody_and_types_that_are_not_named);
  tcase_add_loop_test(tests, clock_rule, 0, (int)(sizeof clocks / sizeof *clocks));
  tcase_add_test(tests, a_batch_says_when_it_was_sent);
  tcase_add_test(tests, consent_is_taken_where_it_is_stated);
  tcase_add_test(tests, lines_too_long_are_left_out);
  tcase_add_test(tests, long_lines_and_many_lines);
  tcase_add_test(tests, documents_over_several_lines);
  tcase_add_test(tests, nothing_at_all);
  tcase_add_test(tests, failing_allocations);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

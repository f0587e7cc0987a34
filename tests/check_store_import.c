/* SPDX-License-Identifier: MIT */
/* Importing files: counts, quarantine, consents, resuming, feeds of what was imported. */
#include "store_support.h"

static cx_context *ctx;
static cx_store *store;

static void set_up(void) {
  store_remove_all();
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  store = store_open(ctx, "a.cx", true);
}
static void tear_down(void) {
  cx_store_free(store);
  cx_context_free(ctx);
}

static const char orders[] = "customer,time,order,line,item,quantity,price,title\n"
                             "c1,2011-01-05 10:00:00,o1,1,cup,2,1.50,Tea Cup\n"
                             "c1,2011-01-05 10:00:00,o1,2,tea,1,4,\n"
                             "c2,2011-02-05 10:00:00,o2,1,cup,1,1.50,Tea Cup\n"
                             ",2011-02-06 10:00:00,o3,1,cup,1,1.50,Tea Cup\n"
                             "c2,2011-02-07 10:00:00,o4,1,cup,-1,1.50,Tea Cup\n"
                             "c3,yesterday,o5,1,cup,1,1.50,Tea Cup\n"
                             "c3,2011-03-01 10:00:00,o6,1,,1,1.50,Tea Cup\n";

static cx_store_import_options options(void) {
  cx_store_import_options opts;
  ck_assert_int_eq(cx_store_import_options_init(&opts, sizeof opts), CX_OK);
  return opts;
}

static cx_status import_text(cx_context *own, cx_store *into, const char *text, const cx_store_import_options *opts,
                             cx_store_import_report *report) {
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.data = text;
  source.data_size = strlen(text);
  source.name = "test";
  memset(report, 0, sizeof *report);
  report->size = sizeof *report;
  const cx_status status = cx_store_import(own, into, &source, opts, report);
  if (status >= 0) ck_assert_uint_eq(report->read, report->stored + report->duplicates + report->quarantined);
  return status;
}

START_TEST(rows_are_stored_once) {
  cx_store_import_report report;
  cx_store_import_options opts = options();
  memcpy(opts.currency, "GBP", 4);
  ck_status(CX_PARTIAL, import_text(ctx, store, orders, &opts, &report));
  ck_assert_int_eq(report.kind, CX_STORE_KIND_ORDERS);
  ck_assert_uint_eq(report.read, 7);
  ck_assert_uint_eq(report.stored, 5);
  ck_assert_uint_eq(report.quarantined, 2);
  ck_assert_uint_eq(report.anonymous, 1);
  ck_assert_uint_eq(report.returns, 1);
  ck_assert_uint_eq(report.first_bad, 7);
  ck_assert_int_eq(report.first_bad_reason, CX_QUARANTINE_TIME);
  size_t size, again;
  char *bytes = export_of(ctx, store, &size);
  const cx_store_info info = info_of(ctx, store);
  ck_assert_uint_eq(info.events, 5);
  ck_assert_uint_eq(info.people, 2);
  ck_assert_uint_eq(info.quarantined, 2);

  ck_status(CX_OK, import_text(ctx, store, orders, &opts, &report));
  ck_assert_uint_eq(report.stored, 0);
  ck_assert_uint_eq(report.duplicates, 7);
  ck_assert_uint_eq(report.quarantined, 0);
  ck_assert_uint_eq(report.first_bad, 0);
  char *bytes_again = export_of(ctx, store, &again);
  ck_assert_uint_eq(again, size);
  ck_assert_mem_eq(bytes_again, bytes, size);
  ck_assert_uint_eq(info_of(ctx, store).quarantined, 2);
  free(bytes);
  free(bytes_again);
}
END_TEST

START_TEST(quarantine_keeps_what_came) {
  cx_store_import_report report;
  ck_status(CX_PARTIAL, import_text(ctx, store, "customer,time,item\nc1,2011-01-01,a\nc\xff,2011-01-01,b\nc1,never,c\n",
                                    NULL, &report));
  ck_assert_uint_eq(report.quarantined, 2);
  cx_table *table = NULL;
  ck_ok(ctx, cx_store_read_quarantine(ctx, store, &table));
  ck_assert_uint_eq(cx_table_rows(table), 2);
  cx_column source, row, reason, raw;
  ck_ok(ctx, cx_table_find_column(ctx, table, "source", &source));
  ck_ok(ctx, cx_table_find_column(ctx, table, "row", &row));
  ck_ok(ctx, cx_table_find_column(ctx, table, "reason", &reason));
  ck_ok(ctx, cx_table_find_column(ctx, table, "raw", &raw));
  ck_assert_mem_eq(source.values, "testtest", 8);
  ck_assert_int_eq(((const int64_t *)row.values)[0], 3);
  ck_assert_int_eq(((const int64_t *)row.values)[1], 4);
  ck_assert_mem_eq(reason.values, "not_utf8bad_time", 16);
  ck_assert_mem_eq(raw.values, "c\xEF\xBF\xBD,2011-01-01,bc1,never,c", 27);
  cx_table_free(table);
  ck_status(CX_ERR_INVALID, cx_store_read_quarantine(ctx, NULL, &table));
  ck_assert_ptr_null(table);
  ck_status(CX_ERR_INVALID, cx_store_read_quarantine(ctx, store, NULL));
}
END_TEST

START_TEST(batches_do_not_matter) {
  char *first = NULL;
  size_t first_size = 0;
  for (uint32_t batch = 0; batch < 9; batch++) {
    store_remove("b.cx");
    cx_store *other = store_open(ctx, "b.cx", true);
    cx_store_import_options opts = options();
    opts.batch = batch;
    cx_store_import_report report;
    ck_status(CX_PARTIAL, import_text(ctx, other, orders, &opts, &report));
    ck_assert_uint_eq(report.stored, 5);
    size_t size;
    char *bytes = export_of(ctx, other, &size);
    cx_store_free(other);
    if (batch == 0) {
      first = bytes;
      first_size = size;
    } else {
      ck_assert_uint_eq(size, first_size);
      ck_assert_mem_eq(bytes, first, size);
      free(bytes);
    }
  }
  free(first);
}
END_TEST

START_TEST(changed_rows_are_collisions) {
  static const char changed[] = "customer,time,order,line,item,quantity,price,title\n"
                                "c1,2011-01-05 10:00:00,o1,1,cup,3,1.50,Tea Cup\n"
                                "c1,2011-01-05 10:00:00,o1,1,cup,4,1.50,Tea Cup\n"
                                "c1,2011-01-05 10:00:00,o1,2,tea,1,4,\n"
                                "c9,2011-01-05 10:00:00,o9,1,tea,1,4,\n"
                                "c9,2011-01-05 10:00:00,o9,1,tea,2,4,\n";
  cx_store_import_report report;
  ck_status(CX_PARTIAL, import_text(ctx, store, orders, NULL, &report));
  ck_assert_uint_eq(report.collisions, 0);
  ck_status(CX_OK, import_text(ctx, store, changed, NULL, &report));
  ck_assert_uint_eq(report.stored, 4);
  ck_assert_uint_eq(report.duplicates, 1);
  ck_assert_uint_eq(report.collisions, 3);
  ck_assert_uint_eq(info_of(ctx, store).collisions, 3);
}
END_TEST

/** A column that is mapped as the line but is not one gives many rows one id: slow must not mean never. */
START_TEST(many_rows_may_share_an_id) {
  enum { ROWS = 40000 };
  static char text[ROWS * 40 + 64];
  size_t size = (size_t)snprintf(text, sizeof text, "customer,time,order,line,item\n");
  for (int i = 0; i < ROWS; i++)
    size +=
        (size_t)snprintf(text + size, sizeof text - size, "c%d,2011-01-01 00:00:%02d,1,1,i%d\n", i % 100, i % 60, i);
  cx_store_import_report report;
  cx_store_import_options opts = options();
  opts.batch = ROWS / 2;
  ck_status(CX_OK, import_text(ctx, store, text, &opts, &report));
  ck_assert_uint_eq(report.stored, ROWS);
  ck_assert_uint_eq(report.collisions, ROWS - 1);
  ck_status(CX_OK, import_text(ctx, store, text, &opts, &report));
  ck_assert_uint_eq(report.duplicates, ROWS);
  ck_assert_uint_eq(info_of(ctx, store).collisions, ROWS - 1);
}
END_TEST

START_TEST(grant_records_a_consent_for_each_person) {
  cx_store_import_options opts = options();
  cx_store_import_report report;
  opts.grant = "personalisation:web";
  ck_status(CX_ERR_INVALID, import_text(ctx, store, orders, &opts, &report));
  opts.evidence = "terms of 2011";
  ck_status(CX_ERR_INVALID, import_text(ctx, store, orders, &opts, &report));
  opts.basis = CX_BASIS_CONSENT;
  static const char *const bad[] = {"web", "a b:web", ":web", "x:", ""};
  for (size_t i = 0; i < 5; i++) {
    opts.grant = bad[i];
    ck_status(CX_ERR_INVALID, import_text(ctx, store, orders, &opts, &report));
  }
  ck_assert_uint_eq(info_of(ctx, store).events, 0);
  opts.grant = "personalisation:web";
  ck_status(CX_PARTIAL, import_text(ctx, store, orders, &opts, &report));
  ck_assert_uint_eq(report.consents, 2);
  cx_profile *profile = NULL;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  ck_ok(ctx, cx_store_read_profile(ctx, store, person_of(ctx, store, "c1"), CX_TIME_NONE, profile));
  ck_assert_uint_eq(cx_profile_consents(profile), 1);
  cx_consent consent = {.size = sizeof consent};
  ck_ok(ctx, cx_profile_get_consent(profile, 0, &consent));
  ck_assert_int_eq(consent.time, INT64_C(1294221600000000)); /* of the person's latest event in the file */
  ck_assert_mem_eq(consent.evidence.data, "terms of 2011", 13);
  const cx_permission_request request = {
      .size = sizeof request, .purpose = text_of("personalisation"), .channel = text_of("web"), .at = consent.time};
  cx_permission permission = {.size = sizeof permission};
  ck_ok(ctx, cx_permission_check(ctx, profile, &request, &permission));
  ck_assert_int_eq(permission.decision, CX_DECISION_ALLOW);
  cx_profile_free(profile);
  ck_status(CX_OK, import_text(ctx, store, orders, &opts, &report));
  ck_assert_uint_eq(report.consents, 0);
  ck_assert_uint_eq(info_of(ctx, store).consents, 2);
}
END_TEST

START_TEST(segment_messages_make_people) {
  static const char messages[] =
      "{\"type\":\"track\",\"event\":\"Order Completed\",\"messageId\":\"m1\",\"anonymousId\":\"an1\",\"timestamp\":"
      "\"2024-01-01T00:00:00Z\",\"properties\":{\"order_id\":\"o1\",\"currency\":\"EUR\",\"products\":[{\"product_id\":"
      "\"cup\",\"quantity\":2,\"price\":1.5}]}}\n"
      "{\"type\":\"identify\",\"messageId\":\"m2\",\"anonymousId\":\"an1\",\"userId\":\"u1\",\"timestamp\":"
      "\"2024-01-02T00:00:00Z\",\"traits\":{\"email\":\"Somebody@Example.com\"}}\n"
      "{\"type\":\"alias\",\"messageId\":\"m3\",\"previousId\":\"u0\",\"userId\":\"u1\",\"timestamp\":"
      "\"2024-01-03T00:00:00Z\"}\n"
      "{\"type\":\"track\"\n";
  cx_store_import_report report;
  ck_status(CX_PARTIAL, import_text(ctx, store, messages, NULL, &report));
  ck_assert_int_eq(report.kind, CX_STORE_KIND_SEGMENT);
  ck_assert_uint_eq(report.read, 4);
  ck_assert_uint_eq(report.stored, 3);
  ck_assert_uint_eq(report.quarantined, 1);
  const cx_store_info info = info_of(ctx, store);
  ck_assert_uint_gt(info.assertions, 0);
  ck_assert_int_eq(person_of(ctx, store, "u1"), person_of(ctx, store, "an1"));
  ck_assert_int_eq(person_of(ctx, store, "u1"), person_of(ctx, store, "u0"));
  cx_profile *profile = NULL;
  ck_ok(ctx, cx_profile_new(ctx, &profile));
  ck_ok(ctx, cx_store_read_profile(ctx, store, person_of(ctx, store, "u1"), CX_TIME_NONE, profile));
  ck_assert_uint_ge(cx_profile_events(profile), 1);
  cx_profile_free(profile);
  ck_status(CX_OK, import_text(ctx, store, messages, NULL, &report));
  ck_assert_uint_eq(report.duplicates, 4);
}
END_TEST

/** The same messages in any order, in any number of inputs. */
START_TEST(messages_in_any_order) {
  enum { LINES = 60 };
  static char lines[LINES][256];
  size_t order[LINES], first_size = 0;
  char *first = NULL;
  uint64_t state = 3;
  for (size_t i = 0; i < LINES; i++) {
    order[i] = i;
    if (i % 5 == 4)
      snprintf(lines[i], sizeof lines[i],
               "{\"type\":\"identify\",\"messageId\":\"m%zu\",\"anonymousId\":\"an%zu\",\"userId\":\"u%zu\","
               "\"timestamp\":\"2024-01-%02zuT00:00:00Z\"}\n",
               i, i % 7, i % 11, 1 + i * 7 % 28);
    else
      snprintf(lines[i], sizeof lines[i],
               "{\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"m%zu\",\"anonymousId\":\"an%zu\","
               "\"timestamp\":\"2024-01-%02zuT00:00:00Z\",\"properties\":{\"product_id\":\"i%zu\"}}\n",
               i % 9 == 8 ? i - 1 : i, i % 7, 1 + i * 5 % 28, i % 4);
  }
  for (int turn = 0; turn < 40; turn++) {
    store_remove("b.cx");
    cx_store *other = store_open(ctx, "b.cx", true);
    for (size_t at = 0; at < LINES;) {
      char text[LINES * 256] = "";
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      const size_t part = 1 + (size_t)(state >> 33) % LINES;
      for (size_t i = 0; i < part && at < LINES; i++) strcat(text, lines[order[at++]]);
      cx_store_import_options opts = options();
      opts.kind = CX_STORE_KIND_SEGMENT;
      opts.batch = (uint32_t)(state >> 40) % 9;
      cx_store_import_report report;
      ck_status(CX_OK, import_text(ctx, other, text, &opts, &report));
    }
    size_t size;
    char *bytes = export_of(ctx, other, &size);
    const cx_store_info info = info_of(ctx, other);
    ck_assert_uint_lt(info.people, info.identifiers);
    ck_assert_uint_gt(info.collisions, 0);
    cx_store_free(other);
    if (turn == 0) {
      first = bytes;
      first_size = size;
    } else {
      ck_assert_uint_eq(size, first_size);
      ck_assert_mem_eq(bytes, first, size);
      free(bytes);
    }
    for (size_t i = LINES; i > 1; i--) {
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      const size_t k = (size_t)(state >> 33) % i, kept = order[i - 1];
      order[i - 1] = order[k];
      order[k] = kept;
    }
  }
  free(first);
}
END_TEST

static int stop_at_first_commit(void *user, const char *stage, uint64_t done, uint64_t total) {
  (void)total;
  if (strcmp(stage, "digest") == 0) return 0; /* of the whole input, for the ids of its rows */
  ck_assert_str_eq(stage, "import");
  int *calls = user;
  return ++*calls > 1 && done > 0;
}

START_TEST(stopped_import_resumes) {
  size_t rows = 3000, used;
  char *text = malloc(rows * 64 + 64);
  used = (size_t)sprintf(text, "customer,time,item,quantity,price\n");
  for (size_t i = 0; i < rows; i++)
    used += (size_t)sprintf(text + used, "c%zu,2011-01-%02zu,i%zu,1,2.5\n", i % 97, 1 + i % 28, i % 31);
  cx_store_import_options opts = options();
  opts.batch = 500;
  cx_store_import_report report;
  int calls = 0;
  ck_assert_int_eq(cx_context_set_progress(ctx, stop_at_first_commit, &calls), CX_OK);
  ck_status(CX_ERR_CANCELLED, import_text(ctx, store, text, &opts, &report));
  ck_assert_uint_eq(report.read, 0); /* untouched */
  const uint64_t stored = info_of(ctx, store).events;
  ck_assert_uint_ge(stored, 500);
  ck_assert_uint_lt(stored, rows);
  ck_assert_int_eq(cx_context_set_progress(ctx, NULL, NULL), CX_OK);
  ck_status(CX_OK, import_text(ctx, store, text, &opts, &report));
  ck_assert_uint_eq(report.duplicates, stored);
  ck_assert_uint_eq(report.stored, rows - stored);
  size_t size, whole;
  char *bytes = export_of(ctx, store, &size);
  cx_store *other = store_open(ctx, "b.cx", true);
  ck_status(CX_OK, import_text(ctx, other, text, NULL, &report));
  char *at_once = export_of(ctx, other, &whole);
  ck_assert_uint_eq(size, whole);
  ck_assert_mem_eq(bytes, at_once, size);
  cx_store_free(other);
  free(bytes);
  free(at_once);
  free(text);
}
END_TEST

START_TEST(calls_that_cannot_be) {
  cx_store_import_report report = {.size = sizeof report};
  cx_store_import_options opts = options();
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.path = "/nonexistent/file.csv";
  ck_status(CX_ERR_IO, cx_store_import(ctx, store, &source, &opts, &report));
  ck_status(CX_ERR_INVALID, cx_store_import(ctx, NULL, &source, &opts, &report));
  ck_status(CX_ERR_INVALID, cx_store_import(ctx, store, NULL, &opts, &report));
  ck_status(CX_ERR_INVALID, cx_store_import(ctx, store, &source, &opts, NULL));
  report.size = 0;
  ck_status(CX_ERR_INVALID, cx_store_import(ctx, store, &source, &opts, &report));
  opts.kind = 99;
  ck_status(CX_ERR_INVALID, import_text(ctx, store, orders, &opts, &report));
  opts = options();
  memcpy(opts.currency, "eur", 4);
  ck_status(CX_ERR_INVALID, import_text(ctx, store, orders, &opts, &report));
  opts = options();
  opts.map = "customer=nobody";
  ck_status(CX_ERR_NOT_FOUND, import_text(ctx, store, orders, &opts, &report));
  ck_status(CX_ERR_AMBIGUOUS, import_text(ctx, store, "a,b\n1,2\n", NULL, &report));
  ck_ok(ctx, cx_store_begin(ctx, store));
  ck_status(CX_ERR_INVALID, import_text(ctx, store, orders, NULL, &report));
  ck_ok(ctx, cx_store_rollback(ctx, store));
  cx_context_cancel(ctx);
  ck_status(CX_ERR_CANCELLED, import_text(ctx, store, orders, NULL, &report));
  ck_assert_uint_eq(info_of(ctx, store).events, 0);
  ck_assert_int_eq(import_text(NULL, store, orders, NULL, &report), CX_PARTIAL);
  ck_assert_str_eq(cx_quarantine_text(CX_QUARANTINE_TIME), "bad_time");
}
END_TEST

/* ---- feeds ---- */

static double double_at(const cx_table *table, const char *name, size_t row) {
  cx_column column;
  ck_ok(ctx, cx_table_find_column(ctx, table, name, &column));
  return ((const double *)column.values)[row];
}
static int64_t int_at(const cx_table *table, const char *name, size_t row) {
  cx_column column;
  ck_ok(ctx, cx_table_find_column(ctx, table, name, &column));
  return ((const int64_t *)column.values)[row];
}
static bool present_at(const cx_table *table, const char *name, size_t row) {
  cx_column column;
  ck_ok(ctx, cx_table_find_column(ctx, table, name, &column));
  return !column.validity || (column.validity[row / 8] >> (row % 8) & 1);
}

START_TEST(purchases_are_fed) {
  cx_store_import_report report;
  cx_store_import_options opts = options();
  memcpy(opts.currency, "GBP", 4);
  ck_status(CX_PARTIAL, import_text(ctx, store, orders, &opts, &report));
  cx_table *table = NULL;
  uint64_t left_out = 9;
  ck_ok(ctx, cx_store_read_purchases(ctx, store, NULL, &table, &left_out));
  ck_assert_uint_eq(left_out, 0);
  ck_assert_uint_eq(cx_table_rows(table), 4);
  ck_assert_uint_eq(cx_table_columns(table), 5);
  ck_assert_double_eq(double_at(table, "value", 0) + double_at(table, "value", 1), 7);
  ck_assert_double_eq(double_at(table, "value", 2), 1.5);
  ck_assert_int_eq(int_at(table, "kind", 2), CX_EVENT_PURCHASE);
  ck_assert_int_eq(int_at(table, "kind", 3), CX_EVENT_RETURN);
  ck_assert_int_eq(int_at(table, "customer", 3), person_of(ctx, store, "c2"));
  cx_table_free(table);

  cx_store_query query;
  ck_assert_int_eq(cx_store_query_init(&query, sizeof query), CX_OK);
  query.until = INT64_C(1296900000000000); /* that of o2 */
  ck_ok(ctx, cx_store_read_purchases(ctx, store, &query, &table, NULL));
  ck_assert_uint_eq(cx_table_rows(table), 3);
  cx_table_free(table);

  /* Two currencies are not added up unless one is named. */
  memcpy(opts.currency, "EUR", 4);
  ck_status(CX_OK, import_text(ctx, store, "customer,time,item,price\nc1,2012-01-01,cup,9\n", &opts, &report));
  ck_status(CX_ERR_AMBIGUOUS, cx_store_read_purchases(ctx, store, NULL, &table, NULL));
  ck_assert_ptr_null(table);
  ck_assert_ptr_nonnull(strstr(cx_context_error(ctx), "EUR, GBP"));
  query.until = CX_TIME_NONE;
  memcpy(query.currency, "EUR", 4);
  ck_ok(ctx, cx_store_read_purchases(ctx, store, &query, &table, NULL));
  ck_assert_uint_eq(cx_table_rows(table), 5);
  ck_assert(!present_at(table, "value", 0));
  ck_assert(present_at(table, "value", 4));
  cx_table_free(table);
  query.currency[1] = 'x';
  ck_status(CX_ERR_INVALID, cx_store_read_purchases(ctx, store, &query, &table, NULL));
}
END_TEST

START_TEST(who_forbids_is_left_out) {
  cx_store_import_report report;
  ck_status(CX_PARTIAL, import_text(ctx, store, orders, NULL, &report));
  struct {
    const char *channel;
    int32_t state;
    int64_t day;
    uint64_t left_out; /* after this one */
  } steps[] = {{"web", CX_CONSENT_DENIED, 2, 1},      {"web", CX_CONSENT_GRANTED, 3, 0},
               {"email", CX_CONSENT_WITHDRAWN, 3, 1}, {"any", CX_CONSENT_GRANTED, 3, 1}, /* denial first at one time */
               {"any", CX_CONSENT_GRANTED, 4, 0},     {"any", CX_CONSENT_DENIED, 5, 1},
               {"web", CX_CONSENT_GRANTED, 6, 1}};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    const cx_consent consent = consent_of("c2", "analytics", steps[i].channel, steps[i].state, steps[i].day * DAY);
    ck_ok(ctx, cx_store_add_consent(ctx, store, &consent));
    cx_table *table = NULL;
    uint64_t left_out = 9;
    ck_ok(ctx, cx_store_read_purchases(ctx, store, NULL, &table, &left_out));
    ck_assert_msg(left_out == steps[i].left_out, "step %zu", i);
    ck_assert_uint_eq(cx_table_rows(table), steps[i].left_out ? 2 : 4);
    cx_table_free(table);
    ck_ok(ctx, cx_store_read_people(ctx, store, NULL, &table));
    ck_assert_uint_eq(cx_table_rows(table), steps[i].left_out ? 1 : 2);
    cx_table_free(table);
    ck_ok(ctx, cx_store_read_interactions(ctx, store, NULL, &table, &left_out));
    ck_assert_uint_eq(cx_table_rows(table), 5); /* still counted for popularity, without the person */
    ck_assert(present_at(table, "person", 2) == !steps[i].left_out);
    ck_assert(!present_at(table, "person", 3));
    cx_table_free(table);
  }
  cx_store_query query;
  ck_assert_int_eq(cx_store_query_init(&query, sizeof query), CX_OK);
  cx_table *table = NULL;
  uint64_t left_out = 9;
  static const char *const others[] = {"marketing", NULL};
  for (size_t i = 0; i < 2; i++) {
    query.purpose = others[i];
    ck_ok(ctx, cx_store_read_purchases(ctx, store, &query, &table, &left_out));
    ck_assert_uint_eq(left_out, 0);
    ck_assert_uint_eq(cx_table_rows(table), 4);
    cx_table_free(table);
  }
  query.purpose = "No Code";
  ck_status(CX_ERR_INVALID, cx_store_read_people(ctx, store, &query, &table));
  ck_status(CX_ERR_INVALID, cx_store_read_people(ctx, NULL, NULL, &table));
  ck_status(CX_ERR_INVALID, cx_store_read_people(ctx, store, NULL, NULL));
}
END_TEST

START_TEST(latest_content_is_fed) {
  static const cx_text topics[] = {{"tea", 3}, {"cup", 3}};
  cx_content early = content_of("i1", "Old", DAY), late = content_of("i1", "New", 2 * DAY),
             other = content_of("i2", "Pot", 0);
  late.topics = topics;
  late.topics_count = 2;
  late.valid_until = 9 * DAY;
  ck_ok(ctx, cx_store_add_content(ctx, store, &late));
  ck_ok(ctx, cx_store_add_content(ctx, store, &early));
  ck_ok(ctx, cx_store_add_content(ctx, store, &other));
  cx_table *table = NULL;
  ck_ok(ctx, cx_store_read_contents(ctx, store, NULL, &table));
  ck_assert_uint_eq(cx_table_rows(table), 3);
  cx_column topic, title;
  ck_ok(ctx, cx_table_find_column(ctx, table, "topic", &topic));
  ck_ok(ctx, cx_table_find_column(ctx, table, "title", &title));
  ck_assert_mem_eq(topic.values, "cuptea", 6);
  ck_assert_mem_eq(title.values, "NewNewPot", 9);
  ck_assert(!present_at(table, "topic", 2));
  ck_assert_int_eq(int_at(table, "valid_until", 0), 9 * DAY);
  ck_assert(!present_at(table, "valid_from", 0));
  cx_table_free(table);
  cx_store_query query;
  ck_assert_int_eq(cx_store_query_init(&query, sizeof query), CX_OK);
  query.until = DAY;
  ck_ok(ctx, cx_store_read_contents(ctx, store, &query, &table));
  ck_assert_uint_eq(cx_table_rows(table), 2);
  ck_ok(ctx, cx_table_find_column(ctx, table, "title", &title));
  ck_assert_mem_eq(title.values, "OldPot", 6);
  cx_table_free(table);
}
END_TEST

/* ---- failing allocations ---- */

static cx_status import_and_feed(void *user, cx_context *own) {
  (void)user;
  cx_store *other = NULL;
  cx_table *tables[5] = {NULL};
  cx_store_import_options opts = options();
  opts.batch = 3;
  opts.grant = "personalisation:web";
  opts.evidence = "x";
  opts.basis = CX_BASIS_CONSENT;
  cx_store_import_report report;
  cx_status status = cx_store_open(own, store_path("b.cx"), NULL, &other);
  if (status >= 0) status = import_text(own, other, orders, &opts, &report);
  if (status >= 0) status = cx_store_read_purchases(own, other, NULL, &tables[0], NULL);
  ck_assert((status >= 0) == (tables[0] != NULL));
  if (status >= 0) status = cx_store_read_interactions(own, other, NULL, &tables[1], NULL);
  if (status >= 0) status = cx_store_read_contents(own, other, NULL, &tables[2]);
  if (status >= 0) status = cx_store_read_people(own, other, NULL, &tables[3]);
  if (status >= 0) status = cx_store_read_quarantine(own, other, &tables[4]);
  if (status >= 0) {
    ck_assert_uint_eq(cx_table_rows(tables[0]), 4);
    ck_assert_uint_eq(cx_table_rows(tables[1]), 5);
    ck_assert_uint_eq(cx_table_rows(tables[3]), 2);
    ck_assert_uint_eq(cx_table_rows(tables[4]), 2);
  }
  for (size_t i = 0; i < 5; i++) cx_table_free(tables[i]);
  cx_store_free(other);
  return status;
}

START_TEST(every_allocation_may_fail) {
  cx_store *other = store_open(ctx, "b.cx", true);
  const cx_consent consent = consent_of("c1", "analytics", "web", CX_CONSENT_GRANTED, 0);
  ck_ok(ctx, cx_store_add_consent(ctx, other, &consent));
  cx_store_free(other);
  test_allocations(import_and_feed, NULL, false);
  /* Failing and trying again has led where a first success leads. */
  cx_store_import_options opts = options();
  opts.grant = "personalisation:web";
  opts.evidence = "x";
  opts.basis = CX_BASIS_CONSENT;
  cx_store_import_report report;
  ck_ok(ctx, cx_store_add_consent(ctx, store, &consent));
  ck_status(CX_PARTIAL, import_text(ctx, store, orders, &opts, &report));
  size_t size, again;
  char *bytes = export_of(ctx, store, &size);
  other = store_open(ctx, "b.cx", false);
  char *bytes_again = export_of(ctx, other, &again);
  ck_assert_uint_eq(size, again);
  ck_assert_mem_eq(bytes, bytes_again, size);
  cx_store_free(other);
  free(bytes);
  free(bytes_again);
}
END_TEST

int main(void) {
  store_work_in_memory();
  Suite *suite = suite_create("store_import");
  TCase *tests = tcase_create("store_import");
  tcase_set_timeout(tests, 120);
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, rows_are_stored_once);
  tcase_add_test(tests, quarantine_keeps_what_came);
  tcase_add_test(tests, batches_do_not_matter);
  tcase_add_test(tests, changed_rows_are_collisions);
  tcase_add_test(tests, many_rows_may_share_an_id);
  tcase_add_test(tests, grant_records_a_consent_for_each_person);
  tcase_add_test(tests, segment_messages_make_people);
  tcase_add_test(tests, messages_in_any_order);
  tcase_add_test(tests, stopped_import_resumes);
  tcase_add_test(tests, calls_that_cannot_be);
  tcase_add_test(tests, purchases_are_fed);
  tcase_add_test(tests, who_forbids_is_left_out);
  tcase_add_test(tests, latest_content_is_fed);
  tcase_add_test(tests, every_allocation_may_fail);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

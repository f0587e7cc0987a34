/* SPDX-License-Identifier: MIT */
/* Rows of CSV imports: kinds, maps, orders, items, preferences and consents. */
#include "format/reader.h"
#include "support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const cx__reader_options automatic = {.header = true};

static cx_format_source source_of(const char *text) {
  cx_format_source source;
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.data = text;
  source.data_size = strlen(text);
  return source;
}

static cx__reader *open_text(cx_context *ctx, const char *text, const cx__reader_options *opts) {
  const cx_format_source source = source_of(text);
  cx__reader *reader = NULL;
  ck_ok(ctx, cx__reader_open(ctx, &source, opts ? opts : &automatic, &reader));
  ck_assert_ptr_nonnull(reader);
  return reader;
}

static cx__reader_row next(cx__reader *reader) {
  cx__reader_row row;
  ck_assert_int_eq(cx__reader_next(NULL, reader, &row), CX_OK);
  for (size_t i = 0; i < row.records_count; i++) ck_assert_int_eq(cx__record_check(NULL, &row.records[i]), CX_OK);
  return row;
}

/** A row that is good and begins with a record of a kind. */
static cx__reader_row good(cx__reader *reader, cx__record_kind kind) {
  const cx__reader_row row = next(reader);
  ck_assert_msg(row.bad == 0, "row %d is bad: %d", (int)row.row, row.bad);
  ck_assert_uint_ge(row.records_count, 1);
  ck_assert_int_eq(row.records[0].kind, kind);
  return row;
}

static void bad(cx__reader *reader, int32_t reason) {
  const cx__reader_row row = next(reader);
  ck_assert_int_eq(row.bad, reason);
  ck_assert_uint_eq(row.records_count, 0);
  ck_assert_uint_gt(row.raw.size, 0);
}

static void done(cx__reader *reader) {
  cx__reader_row row;
  ck_assert_int_eq(cx__reader_next(NULL, reader, &row), CX_DONE);
  ck_assert_int_eq(cx__reader_next(NULL, reader, &row), CX_DONE);
  cx__reader_free(reader);
}

static void is(cx_text text, const char *expected) {
  ck_assert_msg(cx__text_is(text, expected), "\"%.*s\" is not \"%s\"", (int)text.size, text.data, expected);
}

static int64_t instant(const char *text) {
  int64_t time;
  ck_assert_int_eq(cx__parse_time(cx__text(text), NULL, NULL, &time), CX_OK);
  return time;
}

static cx_status open_status(const char *text, const cx__reader_options *opts, char error[600]) {
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  const cx_format_source source = source_of(text);
  cx__reader *reader = (cx__reader *)&ctx;
  const cx_status status = cx__reader_open(ctx, &source, opts, &reader);
  ck_assert(status == CX_OK || reader == NULL);
  (void)snprintf(error, 600, "%s", cx_context_error(ctx));
  if (status == CX_OK) cx__reader_free(reader);
  cx_context_free(ctx);
  return status;
}

/* ---- kinds and maps --------------------------------------------------------------------------------------------- */

START_TEST(kinds_are_found) {
  static const struct {
    const char *text;
    cx__reader_kind kind;
  } cases[] = {
      {"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n", CX__READER_ORDERS},
      {"customer,time,order,line,item,quantity,price,currency,title,topic\n", CX__READER_ORDERS},
      {"item,title,topic,published,valid_from,valid_until\n", CX__READER_ITEMS},
      {"id;title;category\n", CX__READER_ITEMS},
      {"customer,topic,strength,source,time,valid_until\n", CX__READER_PREFERENCES},
      {"\xEF\xBB\xBF customer ,purpose,channel,state,basis,evidence,time,valid_until\n", CX__READER_CONSENTS},
      {"{\"type\":\"track\"}\n", CX__READER_SEGMENT},
      {"\xEF\xBB\xBF\n [", CX__READER_SEGMENT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cx__reader *reader = open_text(NULL, cases[i].text, NULL);
    ck_assert_int_eq(cx__reader_kind_of(reader), cases[i].kind);
    ck_assert_str_eq(cx__reader_name(reader), "input");
    cx__reader_free(reader);
  }
  char error[600];
  ck_assert_int_eq(open_status("a,b,c\n1,2,3\n", &automatic, error), CX_ERR_AMBIGUOUS);
  ck_assert_ptr_nonnull(strstr(error, "pass the kind"));
  cx__reader_free(NULL);
}
END_TEST

START_TEST(the_name_of_a_file_helps) {
  cx_format_source source = source_of("C1,2011-01-02,A\n");
  source.name = "data/Orders-2011.csv";
  cx__reader_options opts = {.map = "customer=1,time=2,title=3"};
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  cx__reader *reader;
  ck_status(CX_ERR_NOT_FOUND, cx__reader_open(ctx, &source, &opts, &reader));
  ck_assert_ptr_nonnull(strstr(cx_context_error(ctx), "item=COLUMN"));
  source.name = "orders-of-items.csv";
  ck_status(CX_ERR_AMBIGUOUS, cx__reader_open(ctx, &source, &opts, &reader));
  cx_context_free(ctx);
}
END_TEST

START_TEST(maps_name_columns) {
  cx__reader_options opts = {.kind = CX__READER_ORDERS, .header = true};
  opts.map = " customer = Who , time=When,item=what,namespace=shop-1,title=";
  cx__reader *reader = open_text(NULL, "who,WHEN, What ,title\nann,2011-01-02,hat,Hat\n", &opts);
  cx__reader_row row = good(reader, CX__RECORD_EVENT);
  const cx_event *event = &row.records[0].of.event;
  is(event->who[0].name_space, "shop-1");
  is(event->who[0].value, "ann");
  is(event->lines[0].item, "hat");
  ck_assert_uint_eq(event->lines[0].title.size, 0);
  ck_assert_uint_eq(row.records_count, 1);
  done(reader);
  opts.header = false;
  opts.map = "customer=3,time=1,item=2";
  reader = open_text(NULL, "2011-01-02,hat,ann\n2011-01-03,hat\n", &opts);
  row = good(reader, CX__RECORD_EVENT);
  is(row.records[0].of.event.who[0].name_space, "customer");
  is(row.records[0].of.event.who[0].value, "ann");
  ck_assert_uint_eq(row.row, 1);
  bad(reader, CX_QUARANTINE_FIELDS);
  done(reader);
}
END_TEST

START_TEST(bad_maps_are_refused) {
  static const struct {
    const char *map;
    bool header;
    cx_status status;
    const char *error;
  } cases[] = {
      {"customr=a,time=b,item=c", true, CX_ERR_INVALID, "the keys are customer, time, order, line, item, quantity, "},
      {"customer=a,customer=b", true, CX_ERR_INVALID, "each key once"},
      {"customer", true, CX_ERR_INVALID, "KEY=COLUMN"},
      {"strength=a", true, CX_ERR_INVALID, "namespace"},
      {"customer=zz,time=b,item=c", true, CX_ERR_NOT_FOUND, "no column \"zz\"; there are: a, b, c, c"},
      {"item=c", true, CX_ERR_AMBIGUOUS, "2 columns are named \"c\""},
      {"namespace=A B", true, CX_ERR_INVALID, "namespace must be"},
      {"customer=a,time=b", true, CX_ERR_NOT_FOUND, "item=COLUMN"},
      {"customer=a", false, CX_ERR_INVALID, "by number from 1"},
      {"customer=0", false, CX_ERR_INVALID, "by number from 1"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const cx__reader_options opts = {.kind = CX__READER_ORDERS, .header = cases[i].header, .map = cases[i].map};
    char error[600];
    ck_assert_int_eq(open_status("a,b,c,c\n1,2,3,4\n", &opts, error), cases[i].status);
    ck_assert_msg(strstr(error, cases[i].error) != NULL, "%s: %s", cases[i].map, error);
  }
  const cx__reader_options usual = {.kind = CX__READER_ORDERS, .header = true};
  char error[600];
  ck_assert_int_eq(open_status("Customer ID,customer_id,time,item\n", &usual, error), CX_ERR_AMBIGUOUS);
  ck_assert_int_eq(open_status("", &usual, error), CX_ERR_NOT_FOUND);
  const cx__reader_options json = {.header = true, .map = "customer=a"};
  ck_assert_int_eq(open_status("{}", &json, error), CX_ERR_INVALID);
  const cx__reader_options zone = {.kind = CX__READER_ORDERS, .header = true, .time_zone = "Nowhere/Else"};
  ck_assert_int_eq(open_status("customer,time,item\n", &zone, error), CX_ERR_NOT_FOUND);
  const cx__reader_options format = {.kind = CX__READER_ORDERS, .header = true, .time_format = "%d.%Q"};
  ck_assert_int_eq(open_status("customer,time,item\n", &format, error), CX_ERR_INVALID);
  const cx__reader_options currency = {.kind = CX__READER_ORDERS, .header = true, .currency = "EURO"};
  ck_assert_int_eq(open_status("customer,time,item\n", &currency, error), CX_ERR_INVALID);
  const cx__reader_options kind = {.kind = (cx__reader_kind)9};
  ck_assert_int_eq(open_status("a", &kind, error), CX_ERR_INVALID);
}
END_TEST

START_TEST(rows_taken_for_headers_are_not_shown) {
  static const char *const rows[] = {"ada@example.com,Ada's hat\n", "Ada Lovelace,2011-01-02,hat\n", "Ada,-2.50\n",
                                     "Ada,01/02/2011\n"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const cx__reader_options plain = {.kind = CX__READER_ORDERS, .header = true};
    const cx__reader_options mapped = {.kind = CX__READER_ORDERS, .header = true, .map = "customer=who"};
    char error[600];
    ck_assert_int_eq(open_status(rows[i], &plain, error), CX_ERR_NOT_FOUND);
    ck_assert_msg(!strcasestr(error, "ada") && strstr(error, "looks like data"), "%s", error);
    ck_assert_int_eq(open_status(rows[i], &mapped, error), CX_ERR_NOT_FOUND);
    ck_assert_msg(!strcasestr(error, "ada") && strstr(error, "looks like data"), "%s", error);
  }
}
END_TEST

START_TEST(map_takes_a_name_as_it_stands_first) {
  const cx__reader_options opts = {.kind = CX__READER_ORDERS, .header = true, .map = "customer=id,item=ID"};
  cx__reader *reader = open_text(NULL, "ID,time,id\nhat,2011-01-02,ann\n", &opts);
  const cx__reader_row row = good(reader, CX__RECORD_EVENT);
  is(row.records[0].of.event.who[0].value, "ann");
  is(row.records[0].of.event.lines[0].item, "hat");
  done(reader);
}
END_TEST

/* ---- orders ----------------------------------------------------------------------------------------------------- */

static const char orders[] =
    "customer,time,order,line,item,quantity,price,currency,title,topic,channel\n"
    "17850.0,2010-12-01 08:26:00,536365,1,85123A,6,2.55,gbp,White Heart,Home & Garden|lights,Web\n"
    ",2010-12-01 08:27:00,536365,2,85123A,1,2.55,,White Heart,home & garden;Lights,\n"
    "17850,2010-12-01 08:28:00,C536379,1,D,-1,27.50,,Discount,,\n"
    "17850,2010-12-01 08:28:00,C536379,2,D,,27.50,,,,\n"
    "17850,2010-12-01 08:28:00,C536380,1,D,2,,,,,\n";

START_TEST(orders_become_events) {
  const cx__reader_options opts = {.header = true, .currency = "eur"};
  cx__reader *reader = open_text(NULL, orders, &opts);
  cx__reader_row row = good(reader, CX__RECORD_EVENT);
  const cx_event *event = &row.records[0].of.event;
  ck_assert_int_eq(event->kind, CX_EVENT_PURCHASE);
  is(event->id, "536365:1");
  is(event->order, "536365");
  is(event->channel, "web");
  ck_assert_str_eq(event->currency, "GBP");
  ck_assert_int_eq(event->time, instant("2010-12-01T08:26:00Z"));
  ck_assert_int_eq(event->received, CX_TIME_NONE);
  ck_assert_uint_eq(event->who_count, 1);
  is(event->who[0].value, "17850");
  is(event->who[0].name_space, "customer");
  ck_assert_uint_eq(event->lines_count, 1);
  is(event->lines[0].item, "85123A");
  is(event->lines[0].title, "White Heart");
  ck_assert_int_eq(event->lines[0].quantity.mantissa, 6);
  ck_assert_int_eq(event->lines[0].price.mantissa, 255);
  ck_assert_int_eq(event->lines[0].price.scale, 2);
  ck_assert_uint_eq(row.row, 2);
  ck_assert_uint_eq(row.byte, strlen("customer,time,order,line,item,quantity,price,currency,title,topic,channel\n"));
  ck_assert(!row.anonymous && !row.is_return);
  ck_assert_uint_eq(row.records_count, 2);
  const cx_content *content = &row.records[1].of.content;
  ck_assert_int_eq(row.records[1].kind, CX__RECORD_CONTENT);
  is(content->id, "85123A");
  is(content->title, "White Heart");
  ck_assert_uint_eq(content->topics_count, 2);
  is(content->topics[0], "home-garden");
  is(content->topics[1], "lights");
  ck_assert_int_eq(content->time, CX_TIME_NONE);

  row = good(reader, CX__RECORD_EVENT); /* says of its item what was said before */
  ck_assert_uint_eq(row.records_count, 1);
  ck_assert(row.anonymous);
  ck_assert_uint_eq(row.records[0].of.event.who_count, 0);
  ck_assert_str_eq(row.records[0].of.event.currency, "EUR");

  row = good(reader, CX__RECORD_EVENT);
  ck_assert(row.is_return);
  ck_assert_int_eq(row.records[0].of.event.kind, CX_EVENT_RETURN);
  ck_assert_int_eq(row.records[0].of.event.lines[0].quantity.mantissa, 1);
  ck_assert_uint_eq(row.records_count, 1);
  row = good(reader, CX__RECORD_EVENT); /* cancelled, without a quantity */
  ck_assert(row.is_return);
  row = good(reader, CX__RECORD_EVENT); /* a quantity above 0 makes it a sale, whatever its number */
  ck_assert(!row.is_return);
  ck_assert_int_eq(row.records[0].of.event.lines[0].price.scale, -1);
  done(reader);
}
END_TEST

START_TEST(bad_orders_are_told_apart) {
  cx__reader *reader = open_text(NULL,
                                 "customer,time,item,quantity,price,currency\n"
                                 "a,yesterday,i,1,1,\n"
                                 "a,,i,1,1,\n"
                                 "a,01/02/2011,i,1,1,\n"
                                 "a,2011-01-02,i,0,1,\n"
                                 "a,2011-01-02,i,one,1,\n"
                                 "a,2011-01-02,i,1,1e3,\n"
                                 "a,2011-01-02,,1,1,\n"
                                 "a,2011-01-02,i,1\n"
                                 "a,2011-01-02,i\xFF,1,1,\n"
                                 "a,2011-01-02,i,1,1,EURO\n"
                                 "\"a\"b,2011-01-02,i,1,1,\n"
                                 "a,2011-01-02,i,1,1,\n",
                                 NULL);
  bad(reader, CX_QUARANTINE_TIME);
  bad(reader, CX_QUARANTINE_TIME);
  bad(reader, CX_QUARANTINE_TIME_AMBIGUOUS);
  bad(reader, CX_QUARANTINE_NUMBER);
  bad(reader, CX_QUARANTINE_NUMBER);
  bad(reader, CX_QUARANTINE_NUMBER);
  bad(reader, CX_QUARANTINE_ITEM);
  bad(reader, CX_QUARANTINE_FIELDS);
  bad(reader, CX_QUARANTINE_ENCODING);
  bad(reader, CX_QUARANTINE_CURRENCY);
  bad(reader, CX_QUARANTINE_MALFORMED);
  good(reader, CX__RECORD_EVENT);
  done(reader);
}
END_TEST

START_TEST(ids_too_long_are_bad) {
  char text[2000];
  char word[700];
  memset(word, 'x', sizeof word - 1);
  word[sizeof word - 1] = '\0';
  (void)snprintf(text, sizeof text, "customer,time,item\n%s,2011-01-02,i\na,2011-01-02,%s\n", word, word);
  cx__reader *reader = open_text(NULL, text, NULL);
  bad(reader, CX_QUARANTINE_TOO_LONG);
  bad(reader, CX_QUARANTINE_TOO_LONG);
  done(reader);
}
END_TEST

START_TEST(nobody_is_nobody) {
  static const char *const nobody[] = {"",          " ",  "null", "NaN", "None", "undefined",
                                       "Anonymous", "-1", "0",    "000", "--",   "0.0"};
  static const char *const somebody[] = {"1", "17850.50", "x.0", "nancy", "10", "a0", ".0"};
  cx_text out;
  for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++)
    ck_assert_msg(!cx__row_customer(cx__text(nobody[i]), &out), "%s", nobody[i]);
  for (size_t i = 0; i < sizeof somebody / sizeof *somebody; i++) {
    ck_assert_msg(cx__row_customer(cx__text(somebody[i]), &out), "%s", somebody[i]);
    is(out, somebody[i]);
  }
}
END_TEST

START_TEST(times_follow_format_and_zone) {
  const cx__reader_options opts = {
      .kind = CX__READER_ORDERS, .header = true, .time_format = "%d/%m/%Y %H:%M", .time_zone = "Europe/Berlin"};
  cx__reader *reader = open_text(NULL, "customer,time,item\na,01/02/2011 12:00,i\n", &opts);
  const cx__reader_row row = good(reader, CX__RECORD_EVENT);
  ck_assert_int_eq(row.records[0].of.event.time, instant("2011-02-01T11:00:00Z"));
  done(reader);
}
END_TEST

/* ---- ids -------------------------------------------------------------------------------------------------------- */

static const char unnumbered[] = "customer,time,item\na,2011-01-02,i\na,2011-01-02,i\n";

/** The id of the first of the two rows; the second one has another. */
static void read_ids(cx__reader *reader, char id[64]) {
  cx__reader_row row = good(reader, CX__RECORD_EVENT);
  const cx_text first = row.records[0].of.event.id;
  ck_assert_uint_lt(first.size, 64);
  memcpy(id, first.data, first.size);
  id[first.size] = '\0';
  row = good(reader, CX__RECORD_EVENT);
  const cx_text second = row.records[0].of.event.id;
  ck_assert_uint_eq(second.size, strlen(id));
  ck_assert_mem_eq(second.data, id, 33);
  ck_assert_mem_eq(second.data + 33, "3", 1);
  done(reader);
}

typedef struct piecewise {
  const char *text;
  size_t at, size;
} piecewise;

static int64_t read_piece(void *user, void *buffer, size_t capacity) {
  piecewise *p = user;
  size_t n = p->size - p->at < 7 ? p->size - p->at : 7;
  if (n > capacity) n = capacity;
  memcpy(buffer, p->text + p->at, n);
  p->at += n;
  return (int64_t)n;
}

static int64_t read_failure(void *user, void *buffer, size_t capacity) {
  (void)user, (void)buffer, (void)capacity;
  return -1;
}

START_TEST(ids_come_from_the_whole_input) {
  const cx__hash128 hash = cx__hash_wide(unnumbered, strlen(unnumbered));
  char expected[64], id[64];
  (void)snprintf(expected, sizeof expected, "%016llx%016llx:2", (unsigned long long)hash.high,
                 (unsigned long long)hash.low);
  read_ids(open_text(NULL, unnumbered, NULL), id);
  ck_assert_str_eq(id, expected);
  /* the same from a function, a file and a pipe */
  cx_format_source source = source_of(unnumbered);
  piecewise pieces = {unnumbered, 0, strlen(unnumbered)};
  source.data = NULL;
  source.read = read_piece;
  source.user = &pieces;
  cx__reader *reader;
  ck_assert_int_eq(cx__reader_open(NULL, &source, &automatic, &reader), CX_OK);
  read_ids(reader, id);
  ck_assert_str_eq(id, expected);

  char path[512];
  (void)snprintf(path, sizeof path, "%s/rows.csv", test_directory());
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(unnumbered, 1, strlen(unnumbered), file), strlen(unnumbered));
  ck_assert_int_eq(fclose(file), 0);
  ck_assert_int_eq(cx_format_source_init(&source, sizeof source), CX_OK);
  source.path = path;
  ck_assert_int_eq(cx__reader_open(NULL, &source, &automatic, &reader), CX_OK);
  ck_assert_str_eq(cx__reader_name(reader), path);
  read_ids(reader, id);
  ck_assert_str_eq(id, expected);

  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(write(ends[1], unnumbered, strlen(unnumbered)), (ssize_t)strlen(unnumbered));
  ck_assert_int_eq(close(ends[1]), 0);
  (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  if (access(path, R_OK) == 0) {
    ck_assert_int_eq(cx__reader_open(NULL, &source, &automatic, &reader), CX_OK);
    uint64_t read = 0, total = 0;
    cx__reader_progress(reader, &read, &total);
    ck_assert_uint_eq(total, strlen(unnumbered));
    read_ids(reader, id);
    ck_assert_str_eq(id, expected);
  }
  (void)close(ends[0]);
}
END_TEST

START_TEST(inputs_that_cannot_be_read) {
  cx_format_source source = source_of("x");
  cx__reader *reader;
  source.path = "both";
  ck_status(CX_ERR_INVALID, cx__reader_open(NULL, &source, &automatic, &reader));
  source.data = NULL;
  source.path = "/no/such/file.csv";
  ck_status(CX_ERR_IO, cx__reader_open(NULL, &source, &automatic, &reader));
  ck_assert_ptr_null(reader);
  source.path = NULL;
  source.read = read_failure;
  ck_status(CX_ERR_IO, cx__reader_open(NULL, &source, &automatic, &reader));
}
END_TEST

START_TEST(spools_are_private_and_gone) {
  cx_format_source source = source_of(unnumbered);
  piecewise pieces = {unnumbered, 0, strlen(unnumbered)};
  source.data = NULL;
  source.read = read_piece;
  source.user = &pieces;
  cx__reader *reader;
  ck_status(CX_OK, cx__reader_open(NULL, &source, &automatic, &reader));
  struct stat about;
  ck_assert_int_eq(fstat(reader->input.spool, &about), 0);
  ck_assert_uint_eq(about.st_mode & 0777, 0600);
  ck_assert_uint_eq(about.st_nlink, 0);
  cx__reader_free(reader);
}
END_TEST

/* ---- items, preferences, consents ------------------------------------------------------------------------------- */

START_TEST(items_become_contents) {
  cx__reader *reader = open_text(NULL,
                                 "item,title,topic,published,valid_from,valid_until\n"
                                 "a,Title,x|y;X,2011-01-02,2011-02-01,2011-03-01\n"
                                 "b,,,,,\n"
                                 ",T,,,,\n"
                                 "c,T,,soon,,\n"
                                 "d,\xC3\x9C,K\xC3\xBC"
                                 "che| & |averyveryveryveryveryveryverylongtopicthatgoesonandonandonandonandon,,,\n",
                                 NULL);
  cx__reader_row row = good(reader, CX__RECORD_CONTENT);
  const cx_content *content = &row.records[0].of.content;
  is(content->id, "a");
  is(content->title, "Title");
  ck_assert_uint_eq(content->topics_count, 2);
  is(content->topics[0], "x");
  is(content->topics[1], "y");
  ck_assert_int_eq(content->published, instant("2011-01-02"));
  ck_assert_int_eq(content->time, content->published);
  ck_assert_int_eq(content->valid_from, instant("2011-02-01"));
  ck_assert_int_eq(content->valid_until, instant("2011-03-01"));
  row = good(reader, CX__RECORD_CONTENT);
  ck_assert_int_eq(row.records[0].of.content.time, 0);
  ck_assert_int_eq(row.records[0].of.content.published, CX_TIME_NONE);
  bad(reader, CX_QUARANTINE_ITEM);
  bad(reader, CX_QUARANTINE_TIME);
  row = good(reader, CX__RECORD_CONTENT);
  content = &row.records[0].of.content;
  ck_assert_uint_eq(content->topics_count, 2);
  is(content->topics[0], "kc3bcche");
  ck_assert_uint_eq(content->topics[1].size, 64);
  ck_assert_mem_eq(content->topics[1].data, "averyveryvery", 13);
  done(reader);
}
END_TEST

START_TEST(preferences_are_read) {
  cx__reader *reader = open_text(NULL,
                                 "customer,topic,strength,source,time,valid_until\n"
                                 "17850.0,Home & Garden,-0.5,centre,2011-01-02,2012-01-02\n"
                                 "a,x,1.5,,2011-01-02,\n"
                                 "a,x,much,,2011-01-02,\n"
                                 "a,&,1,,2011-01-02,\n"
                                 ",x,1,,2011-01-02,\n"
                                 "a,x,1,,,\n",
                                 NULL);
  const cx__reader_row row = good(reader, CX__RECORD_PREFERENCE);
  const cx_preference *preference = &row.records[0].of.preference;
  is(preference->who.value, "17850");
  is(preference->topic, "home-garden");
  ck_assert_double_eq(preference->strength, -0.5);
  is(preference->source, "centre");
  ck_assert_int_eq(preference->time, instant("2011-01-02"));
  ck_assert_int_eq(preference->valid_until, instant("2012-01-02"));
  ck_assert_uint_eq(preference->id.size, 0);
  bad(reader, CX_QUARANTINE_NUMBER);
  bad(reader, CX_QUARANTINE_NUMBER);
  bad(reader, CX_QUARANTINE_CODE);
  bad(reader, CX_QUARANTINE_IDENTIFIER);
  bad(reader, CX_QUARANTINE_TIME);
  done(reader);
}
END_TEST

START_TEST(consents_are_read) {
  cx__reader *reader = open_text(NULL,
                                 "customer,purpose,channel,state,basis,evidence,time,valid_until\n"
                                 "a,Marketing,EMAIL,Granted,legitimate_interests,form 7,2011-01-02,2012-01-02\n"
                                 "a,marketing,any,withdrawn,,,2011-01-03,\n"
                                 "a,marketing,email,maybe,,,2011-01-03,\n"
                                 "a,marketing,email,denied,whim,,2011-01-03,\n"
                                 "a,two words,email,denied,,,2011-01-03,\n"
                                 "a,,email,denied,,,2011-01-03,\n"
                                 "null,marketing,email,denied,,,2011-01-03,\n",
                                 NULL);
  cx__reader_row row = good(reader, CX__RECORD_CONSENT);
  const cx_consent *consent = &row.records[0].of.consent;
  is(consent->who.value, "a");
  is(consent->purpose, "marketing");
  is(consent->channel, "email");
  is(consent->evidence, "form 7");
  ck_assert_int_eq(consent->state, CX_CONSENT_GRANTED);
  ck_assert_int_eq(consent->basis, CX_BASIS_LEGITIMATE_INTERESTS);
  ck_assert_int_eq(consent->valid_until, instant("2012-01-02"));
  row = good(reader, CX__RECORD_CONSENT);
  ck_assert_int_eq(row.records[0].of.consent.state, CX_CONSENT_WITHDRAWN);
  ck_assert_int_eq(row.records[0].of.consent.basis, CX_BASIS_CONSENT);
  ck_assert_int_eq(row.records[0].of.consent.valid_until, CX_TIME_NONE);
  bad(reader, CX_QUARANTINE_CODE);
  bad(reader, CX_QUARANTINE_CODE);
  bad(reader, CX_QUARANTINE_CODE);
  bad(reader, CX_QUARANTINE_CODE);
  bad(reader, CX_QUARANTINE_IDENTIFIER);
  done(reader);
}
END_TEST

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static cx_status read_all(void *user, cx_context *ctx) {
  const char *text = user;
  cx_format_source source = source_of(text);
  piecewise pieces = {text, 0, strlen(text)};
  source.data = NULL;
  source.read = read_piece;
  source.user = &pieces;
  const cx__reader_options opts = {.header = true, .time_format = "%Y-%m-%d %H:%M:%S", .time_zone = "Europe/Berlin"};
  cx__reader *reader = (cx__reader *)&pieces;
  cx_status status = cx__reader_open(ctx, &source, &opts, &reader);
  if (status != CX_OK) {
    ck_assert_ptr_null(reader);
    return status;
  }
  cx__reader_row row;
  size_t rows = 0;
  while ((status = cx__reader_next(ctx, reader, &row)) == CX_OK) rows++;
  cx__reader_free(reader);
  if (status != CX_DONE) return status;
  ck_assert_uint_ge(rows, 2);
  return CX_OK;
}

START_TEST(failing_allocations) {
  char with_ids[sizeof orders], without[sizeof unnumbered];
  memcpy(with_ids, orders, sizeof orders);
  memcpy(without, unnumbered, sizeof unnumbered);
  test_allocations(read_all, with_ids, false);
  test_allocations(read_all, without, false);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("reader");
  TCase *tests = tcase_create("reader");
  tcase_add_test(tests, kinds_are_found);
  tcase_add_test(tests, the_name_of_a_file_helps);
  tcase_add_test(tests, maps_name_columns);
  tcase_add_test(tests, bad_maps_are_refused);
  tcase_add_test(tests, rows_taken_for_headers_are_not_shown);
  tcase_add_test(tests, map_takes_a_name_as_it_stands_first);
  tcase_add_test(tests, orders_become_events);
  tcase_add_test(tests, bad_orders_are_told_apart);
  tcase_add_test(tests, ids_too_long_are_bad);
  tcase_add_test(tests, nobody_is_nobody);
  tcase_add_test(tests, times_follow_format_and_zone);
  tcase_add_test(tests, ids_come_from_the_whole_input);
  tcase_add_test(tests, inputs_that_cannot_be_read);
  tcase_add_test(tests, spools_are_private_and_gone);
  tcase_add_test(tests, items_become_contents);
  tcase_add_test(tests, preferences_are_read);
  tcase_add_test(tests, consents_are_read);
  tcase_add_test(tests, failing_allocations);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

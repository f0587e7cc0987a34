/* SPDX-License-Identifier: MIT */
/* Feeds for models: tables in an order that depends on content alone, without whoever forbids the purpose. */
#include "store/store.h"

#include <stdlib.h>

cx_status cx_store_query_init(cx_store_query *query, size_t size) {
  static const cx_store_query defaults = {.size = sizeof defaults, .until = CX_TIME_NONE, .purpose = "analytics"};
  return cx__options_init(query, size, &defaults, sizeof defaults);
}

/** What every feed has at hand. */
typedef struct feed {
  cx_context *ctx;
  cx_store *store;
  cx_store_query query;
  int64_t until;
  cx__table_builder *builder;
  cx__number_set forbidding; /* people */
  cx__arena arena;
} feed;

/* ---- who forbids the purpose ------------------------------------------------------------------------------------- */

/** One record of the person at hand. */
typedef struct decision {
  cx_text channel;
  int64_t time;
  bool denies;
} decision;

typedef struct decisions {
  decision *items;
  size_t count, capacity;
} decisions;

/** Whether the latest record for a channel or for any denies; of records of one time, denial comes first. */
static bool denies_on(const decisions *all, cx_text channel) {
  const decision *latest = NULL;
  for (size_t i = 0; i < all->count; i++) {
    const decision *one = &all->items[i];
    if (!cx__text_equal(one->channel, channel) && !cx__text_is(one->channel, "any")) continue;
    if (!latest || one->time > latest->time || (one->time == latest->time && one->denies)) latest = one;
  }
  return latest && latest->denies;
}

/** Notes a person who forbids the purpose on any channel. */
static cx_status judge(feed *to, const decisions *all, int64_t person) {
  for (size_t i = 0; i < all->count; i++) {
    uint32_t index;
    bool fresh;
    if (!denies_on(all, all->items[i].channel)) continue;
    return cx__number_set_add(&to->forbidding, person, &index, &fresh) ? CX_OK : cx__no_memory(to->ctx);
  }
  return CX_OK;
}

/** All decisions that are known are heard, also those later than the feed's end: who has withdrawn since must not be
 * learned from. */
static cx_status find_forbidding(feed *to, decisions *all) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(to->ctx, to->store, CX__SQL_DENIALS, &status);
  if (!statement) return status;
  cx__bind_text(to->store, statement, 1, cx__text(to->query.purpose));
  int64_t person = 0;
  while ((status = cx__sql_step(to->ctx, to->store, statement)) == CX_OK) {
    const int64_t next = sqlite3_column_int64(statement, 0);
    if (all->count > 0 && next != person) {
      status = judge(to, all, person);
      if (status != CX_OK) break;
      all->count = 0;
      cx__arena_clear(&to->arena);
    }
    person = next;
    decision one = {.time = sqlite3_column_int64(statement, 3),
                    .denies = sqlite3_column_int64(statement, 2) != CX_CONSENT_GRANTED};
    if (!cx__column_copy(&to->arena, statement, 1, &one.channel) ||
        !cx__grow(cx__allocator(to->ctx), &all->items, &all->capacity, all->count + 1, sizeof *all->items)) {
      status = cx__no_memory(to->ctx);
      break;
    }
    all->items[all->count++] = one;
  }
  cx__sql_reset(statement);
  if (status == CX_DONE) status = judge(to, all, person);
  return status;
}

static bool forbids(const feed *to, int64_t person) {
  uint32_t index;
  return cx__number_set_find(&to->forbidding, person, &index);
}

/* ---- the frame of a feed ----------------------------------------------------------------------------------------- */

typedef struct feed_column {
  const char *name;
  int32_t type;
} feed_column;

static cx_status prepare(feed *to, const feed_column *columns, size_t count) {
  to->until = to->query.until == CX_TIME_NONE ? INT64_MAX : to->query.until;
  to->builder = cx__table_builder_new(cx__allocator(to->ctx));
  if (!to->builder) return cx__no_memory(to->ctx);
  for (size_t i = 0; i < count; i++)
    if (!cx__table_builder_add_column(to->builder, columns[i].name, columns[i].type)) return cx__no_memory(to->ctx);
  if (!to->query.purpose) return CX_OK;
  decisions all = {NULL, 0, 0};
  const cx_status status = find_forbidding(to, &all);
  cx__free(cx__allocator(to->ctx), all.items);
  return status;
}

/** Reads a feed: the query, a consistent view, the columns, then @p body. */
static cx_status run(cx_context *ctx, cx_store *store, const cx_store_query *query, const feed_column *columns,
                     size_t count, cx_status (*body)(feed *), cx_table **out, uint64_t *left_out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!store) return cx__null(ctx, "store");
  feed to = {.ctx = ctx, .store = store};
  status = cx_store_query_init(&to.query, sizeof to.query);
  if (status == CX_OK) status = cx__options_read(ctx, query, &to.query, sizeof to.query);
  if (status != CX_OK) return status;
  if (to.query.purpose && !cx__code_is_valid(cx__text(to.query.purpose)))
    return cx__fail(ctx, CX_ERR_INVALID, "purpose must be a code of 1 to 64 bytes of [a-z0-9_.:/-]");
  status = cx__store_look(ctx, store);
  if (status != CX_OK) return status;
  cx__number_set_init(&to.forbidding, cx__allocator(ctx));
  cx__arena_init(&to.arena, cx__allocator(ctx));
  status = prepare(&to, columns, count);
  if (status == CX_OK) status = body(&to);
  cx__store_look_away(store);
  if (status == CX_OK) status = cx__table_builder_finish(ctx, to.builder, out);
  if (status == CX_OK && left_out) *left_out = to.forbidding.count;
  cx__table_builder_free(to.builder);
  cx__number_set_free(&to.forbidding);
  cx__arena_free(&to.arena);
  return status;
}

/** Runs row() for each row of a statement whose first value is the end of the feed. */
static cx_status each(feed *to, int number, cx_status (*row)(feed *, sqlite3_stmt *)) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(to->ctx, to->store, number, &status);
  if (!statement) return status;
  cx__bind_int64(to->store, statement, 1, to->until);
  if (sqlite3_bind_parameter_count(statement) > 1) cx__bind_int64(to->store, statement, 2, CX_TIME_NONE);
  while ((status = cx__sql_step(to->ctx, to->store, statement)) == CX_OK) {
    status = row(to, statement);
    if (status == CX_OK && cx__cancelled(to->ctx)) status = cx__fail(to->ctx, CX_ERR_CANCELLED, "cancelled");
    if (status != CX_OK) break;
  }
  cx__sql_reset(statement);
  return status == CX_DONE ? CX_OK : status;
}

static bool add_text(feed *to, size_t column, cx_text text) {
  return text.size > 0 ? cx__table_builder_text(to->builder, column, text)
                       : cx__table_builder_absent(to->builder, column);
}

static bool add_time(feed *to, size_t column, int64_t time) {
  return time != CX_TIME_NONE ? cx__table_builder_int64(to->builder, column, time)
                              : cx__table_builder_absent(to->builder, column);
}

/* ---- purchases --------------------------------------------------------------------------------------------------- */

/** Amounts of two currencies are never added: one currency is taken, the only one there is or the one asked for. */
static cx_status choose_currency(feed *to) {
  if (to->query.currency[0] != '\0') return CX_OK;
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(to->ctx, to->store, CX__SQL_CURRENCIES, &status);
  if (!statement) return status;
  cx__bind_int64(to->store, statement, 1, to->until);
  char known[64] = "";
  size_t used = 0, found = 0;
  while ((status = cx__sql_step(to->ctx, to->store, statement)) == CX_OK) {
    cx_text currency = cx__column_of(statement, 0);
    if (currency.size == 3) memcpy(to->query.currency, currency.data, 3);
    if (currency.size == 0) currency = cx__text("none");
    if (used + currency.size + 3 < sizeof known) {
      if (found > 0) {
        memcpy(known + used, ", ", 2);
        used += 2;
      }
      memcpy(known + used, currency.data, currency.size);
      used += currency.size;
      known[used] = '\0';
    }
    found++;
  }
  if (status < 0) return status;
  if (found > 1)
    return cx__fail(to->ctx, CX_ERR_AMBIGUOUS, "purchases are in %zu currencies (%s): say which one to count", found,
                    known);
  return CX_OK;
}

/** The sum of quantity times price; absent when a price is unknown or the currency another. */
static cx_status add_value(feed *to, size_t column, sqlite3_stmt *statement) {
  cx_event_line *lines = NULL;
  const int64_t count = sqlite3_column_int64(statement, 6);
  cx__arena_clear(&to->arena);
  const cx_status status =
      cx__read_lines(to->ctx, to->store, sqlite3_column_int64(statement, 5), count, &to->arena, &lines);
  if (status != CX_OK) return status;
  bool known = count > 0 && cx__text_is(cx__column_of(statement, 4), to->query.currency);
  double value = 0;
  for (int64_t i = 0; known && i < count; i++) {
    known = lines[i].price.scale >= 0;
    value += cx__decimal_to_double(lines[i].quantity) * cx__decimal_to_double(lines[i].price);
  }
  const bool added =
      known ? cx__table_builder_double(to->builder, column, value) : cx__table_builder_absent(to->builder, column);
  return added ? CX_OK : cx__no_memory(to->ctx);
}

static cx_status add_purchase(feed *to, sqlite3_stmt *statement) {
  const int64_t person = sqlite3_column_int64(statement, 0);
  if (forbids(to, person)) return CX_OK;
  if (!cx__table_builder_int64(to->builder, 0, person) ||
      !cx__table_builder_int64(to->builder, 1, sqlite3_column_int64(statement, 1)) ||
      !add_text(to, 3, cx__column_of(statement, 3)) ||
      !cx__table_builder_int64(to->builder, 4, sqlite3_column_int64(statement, 2)))
    return cx__no_memory(to->ctx);
  return add_value(to, 2, statement);
}

static cx_status read_purchases(feed *to) {
  const char *currency = to->query.currency;
  for (size_t i = 0; i < 3 && currency[0] != '\0'; i++)
    if (currency[i] < 'A' || currency[i] > 'Z' || currency[3] != '\0')
      return cx__fail(to->ctx, CX_ERR_INVALID, "currency must be three capital letters or empty");
  const cx_status status = choose_currency(to);
  return status == CX_OK ? each(to, CX__SQL_PURCHASES, add_purchase) : status;
}

cx_status cx_store_read_purchases(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out,
                                  uint64_t *left_out) {
  static const feed_column columns[] = {{"customer", CX_TYPE_INT64},
                                        {"time", CX_TYPE_TIME},
                                        {"value", CX_TYPE_DOUBLE},
                                        {"order", CX_TYPE_TEXT},
                                        {"kind", CX_TYPE_INT64}};
  return run(ctx, store, query, columns, sizeof columns / sizeof *columns, read_purchases, out, left_out);
}

/* ---- interactions, contents, people -------------------------------------------------------------------------------
 */

static cx_status add_interaction(feed *to, sqlite3_stmt *statement) {
  const int64_t person = sqlite3_column_int64(statement, 0), count = sqlite3_column_int64(statement, 4);
  const bool known = sqlite3_column_type(statement, 0) != SQLITE_NULL && !forbids(to, person);
  cx_event_line *lines = NULL;
  cx__arena_clear(&to->arena);
  const cx_status status =
      cx__read_lines(to->ctx, to->store, sqlite3_column_int64(statement, 3), count, &to->arena, &lines);
  if (status != CX_OK) return status;
  for (int64_t i = 0; i < count; i++) {
    const bool added =
        (known ? cx__table_builder_int64(to->builder, 0, person) : cx__table_builder_absent(to->builder, 0)) &&
        cx__table_builder_text(to->builder, 1, lines[i].item) &&
        cx__table_builder_int64(to->builder, 2, sqlite3_column_int64(statement, 1)) &&
        cx__table_builder_double(to->builder, 3, 1) &&
        cx__table_builder_int64(to->builder, 4, sqlite3_column_int64(statement, 2));
    if (!added) return cx__no_memory(to->ctx);
  }
  return CX_OK;
}

static cx_status read_interactions(feed *to) { return each(to, CX__SQL_INTERACTIONS, add_interaction); }

cx_status cx_store_read_interactions(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out,
                                     uint64_t *left_out) {
  static const feed_column columns[] = {{"person", CX_TYPE_INT64},
                                        {"item", CX_TYPE_TEXT},
                                        {"time", CX_TYPE_TIME},
                                        {"weight", CX_TYPE_DOUBLE},
                                        {"kind", CX_TYPE_INT64}};
  return run(ctx, store, query, columns, sizeof columns / sizeof *columns, read_interactions, out, left_out);
}

static bool add_item(feed *to, sqlite3_stmt *statement, cx_text topic) {
  return cx__table_builder_text(to->builder, 0, cx__column_of(statement, 1)) && add_text(to, 1, topic) &&
         add_text(to, 2, cx__column_of(statement, 2)) && add_time(to, 3, cx__time_of(statement, 3)) &&
         add_time(to, 4, cx__time_of(statement, 4)) && add_time(to, 5, cx__time_of(statement, 5));
}

/** The latest record of an item comes first and the others are passed over; one row for each of its topics. */
static cx_status add_content(feed *to, sqlite3_stmt *statement, cx__buffer *last) {
  const cx_text item = cx__column_of(statement, 1);
  if (cx__text_equal(item, (cx_text){last->data, last->size})) return CX_OK;
  last->size = 0;
  if (!cx__buffer_append(last, item.data, item.size)) return cx__no_memory(to->ctx);
  cx_status status;
  sqlite3_stmt *topics = cx__sql_get(to->ctx, to->store, CX__SQL_TOPICS, &status);
  if (!topics) return status;
  cx__bind_int64(to->store, topics, 1, sqlite3_column_int64(statement, 0));
  bool any = false, added = true;
  while (added && (status = cx__sql_step(to->ctx, to->store, topics)) == CX_OK) {
    any = true;
    added = add_item(to, statement, cx__column_of(topics, 0));
  }
  cx__sql_reset(topics);
  if (status < 0) return status;
  if (added && !any) added = add_item(to, statement, (cx_text){NULL, 0});
  return added ? CX_OK : cx__no_memory(to->ctx);
}

static cx_status read_contents(feed *to) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(to->ctx, to->store, CX__SQL_CONTENTS_NOW, &status);
  if (!statement) return status;
  cx__bind_int64(to->store, statement, 1, to->until);
  cx__bind_int64(to->store, statement, 2, CX_TIME_NONE);
  cx__buffer last;
  cx__buffer_init(&last, cx__allocator(to->ctx));
  while ((status = cx__sql_step(to->ctx, to->store, statement)) == CX_OK) {
    status = add_content(to, statement, &last);
    if (status != CX_OK) break;
  }
  cx__sql_reset(statement);
  cx__buffer_free(&last);
  return status == CX_DONE ? CX_OK : status;
}

cx_status cx_store_read_contents(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out) {
  static const feed_column columns[] = {{"item", CX_TYPE_TEXT},       {"topic", CX_TYPE_TEXT},
                                        {"title", CX_TYPE_TEXT},      {"published", CX_TYPE_TIME},
                                        {"valid_from", CX_TYPE_TIME}, {"valid_until", CX_TYPE_TIME}};
  return run(ctx, store, query, columns, sizeof columns / sizeof *columns, read_contents, out, NULL);
}

static cx_status add_person(feed *to, sqlite3_stmt *statement) {
  const int64_t person = sqlite3_column_int64(statement, 0);
  if (forbids(to, person)) return CX_OK;
  return cx__table_builder_int64(to->builder, 0, person) ? CX_OK : cx__no_memory(to->ctx);
}

static cx_status read_people(feed *to) { return each(to, CX__SQL_PEOPLE, add_person); }

cx_status cx_store_read_people(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out) {
  static const feed_column columns[] = {{"person", CX_TYPE_INT64}};
  return run(ctx, store, query, columns, 1, read_people, out, NULL);
}

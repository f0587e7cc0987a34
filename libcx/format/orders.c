/* SPDX-License-Identifier: MIT */
/* Orders: each row is one event with one line. */
#include "format/reader.h"

/** Cancelled orders are numbered "C536379" by shops such as the one of UCI Online Retail. */
static bool is_cancelled(cx_text order) {
  return order.size >= 2 && order.data[0] == 'C' && order.data[1] >= '0' && order.data[1] <= '9';
}

/** The quantity, always above 0, and whether the row takes goods back. */
static int32_t read_quantity(const cx__reader *reader, cx_text order, cx_decimal *quantity, bool *is_return) {
  const cx_text text = cx__row_field(reader, CX__FIELD_QUANTITY);
  *quantity = (cx_decimal){.mantissa = 1};
  if (text.size == 0) {
    *is_return = is_cancelled(order);
    return 0;
  }
  const int32_t result = cx__row_decimal(text, quantity);
  if (result != 0) return result;
  if (quantity->mantissa == 0 || quantity->mantissa == INT64_MIN) return CX_QUARANTINE_NUMBER;
  *is_return = quantity->mantissa < 0;
  if (*is_return) quantity->mantissa = -quantity->mantissa;
  return 0;
}

static int32_t read_line(cx__reader *reader, cx_text order, cx_event *event) {
  cx_event_line *line = cx__arena_alloc(&reader->arena, sizeof *line);
  if (!line) return CX_ERR_NOMEM;
  *line = (cx_event_line){.item = cx__row_field(reader, CX__FIELD_ITEM),
                          .title = cx__row_field(reader, CX__FIELD_TITLE),
                          .price = {.scale = -1}};
  bool is_return = false;
  int32_t result = read_quantity(reader, order, &line->quantity, &is_return);
  if (result != 0) return result;
  const cx_text price = cx__row_field(reader, CX__FIELD_PRICE);
  if (price.size > 0) result = cx__row_decimal(price, &line->price);
  event->kind = is_return ? CX_EVENT_RETURN : CX_EVENT_PURCHASE;
  event->lines = line;
  event->lines_count = 1;
  return result;
}

static int32_t read_customer(cx__reader *reader, cx_event *event) {
  cx_text customer;
  if (!cx__row_customer(cx__row_field(reader, CX__FIELD_CUSTOMER), &customer)) return 0;
  cx_identifier *who = cx__arena_alloc(&reader->arena, sizeof *who);
  if (!who) return CX_ERR_NOMEM;
  *who = (cx_identifier){.name_space = cx__text(reader->map.name_space), .value = customer};
  event->who = who;
  event->who_count = 1;
  return 0;
}

/** "ORDER:LINE" where both are there. */
static int32_t read_id(cx_context *ctx, cx__reader *reader, cx_text order, cx_text *id) {
  const cx_text line = cx__row_field(reader, CX__FIELD_LINE);
  if (order.size == 0 || line.size == 0) return cx__row_id(ctx, reader, id);
  char *text = cx__arena_alloc(&reader->arena, order.size + 1 + line.size);
  if (!text) return CX_ERR_NOMEM;
  memcpy(text, order.data, order.size);
  text[order.size] = ':';
  memcpy(text + order.size + 1, line.data, line.size);
  *id = (cx_text){text, order.size + 1 + line.size};
  return 0;
}

/** What a sale says of its item. Rows at no price are corrections of the stock in many shops, and their titles are
 * remarks ("damaged"). */
static int32_t read_content(cx__reader *reader, const cx_event_line *line) {
  const cx_text topic = cx__row_field(reader, CX__FIELD_TOPIC);
  const cx_text *topics;
  size_t topics_count;
  const int32_t result = cx__row_topics(reader, topic, &topics, &topics_count);
  if (result != 0) return result;
  if (line->price.scale >= 0 && line->price.mantissa <= 0) return 0;
  return cx__row_add_content(reader, line->item, line->title, topics, topics_count);
}

int32_t cx__orders_read(cx_context *ctx, cx__reader *reader) {
  cx__record *record = cx__row_add(reader, CX__RECORD_EVENT);
  if (!record) return CX_ERR_NOMEM;
  cx_event *event = &record->of.event;
  event->order = cx__row_field(reader, CX__FIELD_ORDER);
  int32_t result = cx__row_time(reader, cx__row_field(reader, CX__FIELD_TIME), &event->time);
  if (result == 0) result = read_line(reader, event->order, event);
  if (result == 0) result = read_customer(reader, event);
  if (result == 0) result = cx__row_currency(reader, cx__row_field(reader, CX__FIELD_CURRENCY), event->currency);
  if (result == 0) result = cx__row_lower(reader, cx__row_field(reader, CX__FIELD_CHANNEL), &event->channel);
  if (result == 0) result = read_id(ctx, reader, event->order, &event->id);
  if (result != 0 || event->kind != CX_EVENT_PURCHASE) return result;
  /* A bad row must not count as one that has told of its item. */
  const cx_event_line *line = &event->lines[0];
  result = cx__row_check(reader);
  return result != 0 ? result : read_content(reader, line);
}

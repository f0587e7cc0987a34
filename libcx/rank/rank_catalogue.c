/* SPDX-License-Identifier: MIT */
/* The items of a fit: ids in byte order, topics, titles and times. */
#include "rank/rank.h"
#include "table/table.h"

typedef struct item_columns {
  cx_column item, topic, title, published, valid_from, valid_until;
  bool has_topic, has_title, has_published, has_valid_from, has_valid_until;
} item_columns;

static cx_status find_columns(cx_context *ctx, const cx_table *table, item_columns *columns) {
  const uint32_t text = 1u << CX_TYPE_TEXT, time = 1u << CX_TYPE_TIME;
  cx_status status = cx__table_need_column(ctx, table, "item", text, &columns->item);
  if (status == CX_OK) status = cx__table_column(ctx, table, "topic", text, &columns->topic, &columns->has_topic);
  if (status == CX_OK) status = cx__table_column(ctx, table, "title", text, &columns->title, &columns->has_title);
  if (status == CX_OK)
    status = cx__table_column(ctx, table, "published", time, &columns->published, &columns->has_published);
  if (status == CX_OK)
    status = cx__table_column(ctx, table, "valid_from", time, &columns->valid_from, &columns->has_valid_from);
  if (status == CX_OK)
    status = cx__table_column(ctx, table, "valid_until", time, &columns->valid_until, &columns->has_valid_until);
  return status;
}

/* Interns a column; a row without an item is an error. */
static cx_status intern_items(cx_context *ctx, const cx_column *column, size_t rows, const char *name,
                              cx__interner *ids) {
  for (size_t row = 0; row < rows; row++) {
    if (!cx__column_present(column, row) || cx__column_text(column, row).size == 0)
      return cx__fail_at(ctx, CX_ERR_INVALID, name, row + 1, UINT64_MAX, "a row has no item");
    uint32_t number;
    if (!cx__interner_add(ids, cx__column_text(column, row), &number)) return cx__no_memory(ctx);
  }
  return CX_OK;
}

static void set_time(const cx_column *column, bool found, size_t row, int64_t *time) {
  if (found && *time == CX_TIME_NONE && cx__column_present(column, row)) *time = cx__column_int64(column, row);
}

/* The first row of an item that says something wins. */
static void read_attributes(const item_columns *columns, size_t rows, cx__catalogue *out) {
  for (size_t row = 0; row < rows; row++) {
    uint32_t number;
    if (!cx__interner_find(out->ids, cx__column_text(&columns->item, row), &number)) continue;
    const uint32_t item = out->order.place[number];
    if (columns->has_title && !out->titles[item].data && cx__column_present(&columns->title, row)) {
      const cx_text title = cx__column_text(&columns->title, row);
      if (title.size > 0) out->titles[item] = title;
    }
    set_time(&columns->published, columns->has_published, row, &out->published[item]);
    set_time(&columns->valid_from, columns->has_valid_from, row, &out->valid_from[item]);
    set_time(&columns->valid_until, columns->has_valid_until, row, &out->valid_until[item]);
  }
}

static bool has_topic(const item_columns *columns, size_t row) {
  return cx__column_present(&columns->topic, row) && cx__column_text(&columns->topic, row).size > 0;
}

/** Work of build_topics(). */
typedef struct topic_rows {
  uint32_t *topic;   /* by row; UINT32_MAX: none */
  uint32_t *item;    /* by row */
  uint32_t *by_item; /* rows sorted by item */
  uint64_t *starts;  /* of items in by_item */
  uint64_t *fill;    /* of topics: where the next item goes */
} topic_rows;

/* Numbers the rows and sorts them by item, rows of one item in their order. */
static void sort_rows(const item_columns *columns, size_t rows, cx__catalogue *out, topic_rows *work) {
  for (size_t row = 0; row < rows; row++) {
    uint32_t number = 0;
    (void)cx__interner_find(out->ids, cx__column_text(&columns->item, row), &number);
    work->item[row] = out->order.place[number];
    work->topic[row] = UINT32_MAX;
    if (has_topic(columns, row) && cx__interner_find(out->topic_ids, cx__column_text(&columns->topic, row), &number)) {
      work->topic[row] = out->topic_order.place[number];
      out->topic_offsets[work->topic[row] + 1]++;
    }
    work->starts[work->item[row] + 1]++;
  }
  for (uint32_t i = 0; i < out->count; i++) work->starts[i + 1] += work->starts[i];
  for (size_t row = 0; row < rows; row++) work->by_item[work->starts[work->item[row]]++] = (uint32_t)row;
}

/* Deals the sorted rows to their topics, repeated pairs once. */
static void deal_rows(size_t rows, cx__catalogue *out, topic_rows *work) {
  for (uint32_t t = 0; t < out->topics; t++) out->topic_offsets[t + 1] += out->topic_offsets[t];
  for (uint32_t t = 0; t < out->topics; t++) work->fill[t] = out->topic_offsets[t];
  for (size_t k = 0; k < rows; k++) {
    const uint32_t topic = work->topic[work->by_item[k]], item = work->item[work->by_item[k]];
    if (topic == UINT32_MAX) continue;
    uint64_t *fill = &work->fill[topic];
    if (*fill > out->topic_offsets[topic] && out->topic_items[*fill - 1] == item) continue;
    out->topic_items[(*fill)++] = item;
  }
  uint64_t kept = 0; /* close the gaps that repeated pairs left */
  for (uint32_t t = 0; t < out->topics; t++) {
    const uint64_t from = out->topic_offsets[t];
    out->topic_offsets[t] = kept;
    for (uint64_t k = from; k < work->fill[t]; k++) out->topic_items[kept++] = out->topic_items[k];
  }
  out->topic_offsets[out->topics] = kept;
}

/* Topic -> its items, by two counting sorts. */
static cx_status build_topics(cx_context *ctx, const item_columns *columns, size_t rows, cx__catalogue *out) {
  const cx_allocator *allocator = &out->allocator;
  topic_rows work = {.topic = cx__alloc_array(allocator, rows, sizeof(uint32_t)),
                     .item = cx__alloc_array(allocator, rows, sizeof(uint32_t)),
                     .by_item = cx__alloc_array(allocator, rows, sizeof(uint32_t)),
                     .starts = cx__alloc_array_zero(allocator, (size_t)out->count + 1, sizeof(uint64_t)),
                     .fill = cx__alloc_array(allocator, out->topics, sizeof(uint64_t))};
  out->topic_items = cx__alloc_array(allocator, rows, sizeof *out->topic_items);
  const bool ready = work.topic && work.item && work.by_item && work.starts && work.fill && out->topic_items;
  if (ready) {
    sort_rows(columns, rows, out, &work);
    deal_rows(rows, out, &work);
  }
  cx__free(allocator, work.topic);
  cx__free(allocator, work.item);
  cx__free(allocator, work.by_item);
  cx__free(allocator, work.starts);
  cx__free(allocator, work.fill);
  return ready ? CX_OK : cx__no_memory(ctx);
}

static cx_status intern_topics(cx_context *ctx, const item_columns *columns, size_t rows, cx__interner *topics) {
  if (!columns->has_topic) return CX_OK;
  for (size_t row = 0; row < rows; row++) {
    uint32_t number;
    if (has_topic(columns, row) && !cx__interner_add(topics, cx__column_text(&columns->topic, row), &number))
      return cx__no_memory(ctx);
  }
  return CX_OK;
}

static bool allocate(cx__catalogue *out) {
  const cx_allocator *allocator = &out->allocator;
  const size_t n = out->count;
  out->titles = cx__alloc_array_zero(allocator, n, sizeof *out->titles);
  out->published = cx__alloc_array(allocator, n, sizeof *out->published);
  out->valid_from = cx__alloc_array(allocator, n, sizeof *out->valid_from);
  out->valid_until = cx__alloc_array(allocator, n, sizeof *out->valid_until);
  out->topic_offsets = cx__alloc_array_zero(allocator, (size_t)out->topics + 1, sizeof *out->topic_offsets);
  if (!out->titles || !out->published || !out->valid_from || !out->valid_until || !out->topic_offsets) return false;
  for (size_t i = 0; i < n; i++) out->published[i] = out->valid_from[i] = out->valid_until[i] = CX_TIME_NONE;
  return true;
}

static cx_status intern_all(cx_context *ctx, const cx_table *interactions, const cx_column *item, size_t rows,
                            const item_columns *columns, cx__catalogue *out) {
  out->ids = cx__interner_new(&out->allocator);
  out->topic_ids = cx__interner_new(&out->allocator);
  if (!out->ids || !out->topic_ids) return cx__no_memory(ctx);
  cx_status status = intern_items(ctx, &columns->item, rows, "items", out->ids);
  if (status == CX_OK) status = intern_items(ctx, item, cx_table_rows(interactions), "interactions", out->ids);
  if (status == CX_OK) status = intern_topics(ctx, columns, rows, out->topic_ids);
  if (status != CX_OK) return status;
  out->count = cx__interner_count(out->ids);
  out->topics = cx__interner_count(out->topic_ids);
  return out->count > 0 ? CX_OK : cx__fail(ctx, CX_ERR_NO_DATA, "there are no items");
}

static cx_status fill(cx_context *ctx, const cx_table *interactions, const cx_table *items, cx__catalogue *out) {
  item_columns columns;
  memset(&columns, 0, sizeof columns);
  const size_t rows = items ? cx_table_rows(items) : 0;
  if (rows >= UINT32_MAX) return cx__fail(ctx, CX_ERR_RANGE, "items must have fewer than 4294967295 rows");
  cx_column item;
  cx_status status = cx__table_need_column(ctx, interactions, "item", 1u << CX_TYPE_TEXT, &item);
  if (status == CX_OK && items) status = find_columns(ctx, items, &columns);
  if (status == CX_OK) status = intern_all(ctx, interactions, &item, rows, &columns, out);
  if (status != CX_OK) return status;
  if (!cx__ranker_order_build(&out->allocator, out->ids, &out->order) ||
      !cx__ranker_order_build(&out->allocator, out->topic_ids, &out->topic_order) || !allocate(out))
    return cx__no_memory(ctx);
  if (rows == 0) return CX_OK;
  read_attributes(&columns, rows, out);
  return columns.has_topic ? build_topics(ctx, &columns, rows, out) : CX_OK;
}

cx_status cx__catalogue_read(cx_context *ctx, const cx_table *interactions, const cx_table *items, cx__catalogue *out) {
  memset(out, 0, sizeof *out);
  out->allocator = *cx__allocator(ctx);
  const cx_status status = fill(ctx, interactions, items, out);
  if (status != CX_OK) cx__catalogue_free(out);
  return status;
}

void cx__catalogue_free(cx__catalogue *catalogue) {
  const cx_allocator allocator = catalogue->allocator;
  if (!allocator.free) return;
  cx__interner_free(catalogue->ids);
  cx__interner_free(catalogue->topic_ids);
  cx__ranker_order_free(&allocator, &catalogue->order);
  cx__ranker_order_free(&allocator, &catalogue->topic_order);
  cx__free(&allocator, catalogue->titles);
  cx__free(&allocator, catalogue->published);
  cx__free(&allocator, catalogue->valid_from);
  cx__free(&allocator, catalogue->valid_until);
  cx__free(&allocator, catalogue->topic_offsets);
  cx__free(&allocator, catalogue->topic_items);
  memset(catalogue, 0, sizeof *catalogue);
}

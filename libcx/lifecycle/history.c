/* SPDX-License-Identifier: MIT */
/* From rows to purchases, and from purchases to one summary for each customer. */
#include "lifecycle/history.h"

#include "table/table.h"

#include <cx/event.h>

#include <math.h>

#define PROGRESS_ROWS 4096u

struct cx_history {
  cx_allocator allocator;
  cx_history_options options;
  cx_history_row *rows;
  uint32_t *numbers; /* of the customer of each row, in customers */
  size_t count;
  cx__interner *customers;
  int32_t customer_type;
};

static const cx_history_options defaults = {
    .size = sizeof defaults, .unit = CX_UNIT_WEEK, .merge_day = 1, .until = CX_TIME_NONE};

cx_status cx_history_options_init(cx_history_options *opts, size_t size) {
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

cx_status cx__history_options_read(cx_context *ctx, const cx_history_options *given, cx_history_options *out) {
  *out = defaults;
  const cx_status status = cx__options_read(ctx, given, out, sizeof *out);
  if (status != CX_OK) return status;
  if (out->unit != CX_UNIT_DAY && out->unit != CX_UNIT_WEEK)
    return cx__fail(ctx, CX_ERR_RANGE, "unit must be day (1) or week (2) (got %d)", (int)out->unit);
  if (out->merge_day != 0 && out->merge_day != 1)
    return cx__fail(ctx, CX_ERR_RANGE, "merge_day must be 0 or 1 (got %d)", (int)out->merge_day);
  if (out->reserved != 0) return cx__fail(ctx, CX_ERR_INVALID, "reserved must be 0 (got %d)", (int)out->reserved);
  if (out->until != CX_TIME_NONE && (out->until < -CX__HISTORY_LATEST || out->until > CX__HISTORY_LATEST))
    return cx__fail(ctx, CX_ERR_RANGE, "until is out of range");
  return CX_OK;
}

double cx__history_unit_days(int32_t unit) { return unit == CX_UNIT_WEEK ? 7.0 : 1.0; }

/* ---- sorting ---------------------------------------------------------------------------------------------------- */

static bool comes_before(const cx__purchase *a, const cx__purchase *b, bool by_order) {
  if (by_order && a->order != b->order) return a->order < b->order;
  if (a->time != b->time) return a->time < b->time;
  return a->kind < b->kind;
}

/** Stable: equal purchases stay in the order of their rows. */
static void sort_purchases(cx__purchase *list, size_t n, cx__purchase *scratch, bool by_order) {
  if (n <= 16) {
    for (size_t i = 1; i < n; i++) {
      const cx__purchase moved = list[i];
      size_t at = i;
      for (; at > 0 && comes_before(&moved, &list[at - 1], by_order); at--) list[at] = list[at - 1];
      list[at] = moved;
    }
    return;
  }
  const size_t half = n / 2;
  sort_purchases(list, half, scratch, by_order);
  sort_purchases(list + half, n - half, scratch, by_order);
  memcpy(scratch, list, half * sizeof *list);
  size_t left = 0, right = half, out = 0;
  while (left < half)
    list[out++] = right < n && comes_before(&list[right], &scratch[left], by_order) ? list[right++] : scratch[left++];
}

/* ---- one customer's rows to purchases --------------------------------------------------------------------------- */

/** Rows of one order become one purchase at its first instant; returns of an order learn what they take back. */
static size_t merge_orders(cx__purchase *list, size_t n) {
  size_t kept = 0;
  for (size_t from = 0; from < n;) {
    size_t to = from + 1;
    while (to < n && list[from].order != 0 && list[to].order == list[from].order) to++;
    size_t bought = SIZE_MAX;
    for (size_t i = from; i < to; i++) {
      if (list[i].kind != CX_EVENT_PURCHASE) continue;
      if (bought == SIZE_MAX) {
        bought = kept;
        list[kept++] = list[i];
      } else {
        list[bought].value += list[i].value;
      }
    }
    from = to;
  }
  return kept;
}

/** The same for returns, which were set aside: they need the instants of all orders. */
static void link_returns(cx__purchase *returns, size_t n, const cx__purchase *purchases, size_t purchases_count) {
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    while (at < purchases_count && purchases[at].order < returns[i].order) at++;
    if (returns[i].order != 0 && at < purchases_count && purchases[at].order == returns[i].order)
      returns[i].of = purchases[at].time;
  }
}

static size_t merge_days(cx__purchase *list, size_t n) {
  size_t kept = 0;
  size_t last = SIZE_MAX;
  for (size_t i = 0; i < n; i++) {
    if (list[i].kind == CX_EVENT_PURCHASE) {
      if (last != SIZE_MAX && cx__day_of(list[last].time) == cx__day_of(list[i].time)) {
        list[last].value += list[i].value;
        continue;
      }
      last = kept;
    }
    list[kept++] = list[i];
  }
  return kept;
}

/** Returns how many purchases and returns are left at the front of @p list. */
static size_t put_together(cx__purchase *list, size_t n, cx__purchase *scratch, bool merge_day) {
  sort_purchases(list, n, scratch, true);
  size_t returns = 0;
  for (size_t i = 0; i < n; i++)
    if (list[i].kind == CX_EVENT_RETURN) scratch[returns++] = list[i];
  size_t kept = merge_orders(list, n);
  link_returns(scratch, returns, list, kept);
  if (returns > 0) memcpy(list + kept, scratch, returns * sizeof *list);
  kept += returns;
  sort_purchases(list, kept, scratch, false);
  return merge_day ? merge_days(list, kept) : kept;
}

cx_status cx__purchases_group(cx_context *ctx, cx__purchases *out, cx__purchase *rows, const uint32_t *numbers,
                              size_t n) {
  const cx_allocator *allocator = &out->allocator;
  out->starts = cx__alloc_array_zero(allocator, out->customers_count + 1, sizeof *out->starts);
  out->list = cx__alloc_array(allocator, n, sizeof *out->list);
  if (!out->starts || !out->list) return cx__no_memory(ctx);
  size_t *starts = out->starts;
  for (size_t i = 0; i < n; i++) starts[numbers[i] + 1]++;
  for (size_t i = 0; i < out->customers_count; i++) starts[i + 1] += starts[i];
  for (size_t i = 0; i < n; i++) out->list[starts[numbers[i]]++] = rows[i];
  /* each start has moved to the end of its customer, which is the start of the next */
  size_t kept = 0, from = 0;
  for (size_t c = 0; c < out->customers_count; c++) {
    const size_t to = starts[c];
    const size_t count = put_together(out->list + from, to - from, rows, out->options.merge_day != 0);
    if (kept != from) memmove(out->list + kept, out->list + from, count * sizeof *out->list);
    starts[c] = kept;
    kept += count;
    from = to;
  }
  starts[out->customers_count] = kept;
  out->first = out->last = CX_TIME_NONE;
  for (size_t i = 0; i < kept; i++) {
    if (out->list[i].kind != CX_EVENT_PURCHASE) continue;
    if (out->first == CX_TIME_NONE || out->list[i].time < out->first) out->first = out->list[i].time;
    if (out->last == CX_TIME_NONE || out->list[i].time > out->last) out->last = out->list[i].time;
  }
  return CX_OK;
}

/* ---- reading a table -------------------------------------------------------------------------------------------- */

typedef struct columns {
  cx_column customer, time, value, order, kind;
  bool has_value, has_order, has_kind;
} columns;

static cx_status find_columns(cx_context *ctx, const cx_table *table, columns *c) {
  const uint32_t id = 1u << CX_TYPE_INT64 | 1u << CX_TYPE_TEXT;
  cx_status status = cx__table_need_column(ctx, table, "customer", id, &c->customer);
  if (status == CX_OK) status = cx__table_need_column(ctx, table, "time", 1u << CX_TYPE_TIME, &c->time);
  if (status == CX_OK) status = cx__table_column(ctx, table, "value", 1u << CX_TYPE_DOUBLE, &c->value, &c->has_value);
  if (status == CX_OK) status = cx__table_column(ctx, table, "order", id, &c->order, &c->has_order);
  if (status == CX_OK) status = cx__table_column(ctx, table, "kind", 1u << CX_TYPE_INT64, &c->kind, &c->has_kind);
  return status;
}

static bool intern(cx__interner *interner, const cx_column *column, size_t row, uint32_t *number) {
  if (column->type == CX_TYPE_TEXT) return cx__interner_add(interner, cx__column_text(column, row), number);
  const int64_t id = cx__column_int64(column, row);
  char bytes[sizeof id];
  memcpy(bytes, &id, sizeof id);
  return cx__interner_add(interner, (cx_text){bytes, sizeof id}, number);
}

/** What the row is: CX_EVENT_PURCHASE or CX_EVENT_RETURN, 0 for what does not count. */
static int32_t kind_of(const columns *c, size_t row) {
  if (!cx__column_present(&c->customer, row)) return 0;
  if (!c->has_kind) return CX_EVENT_PURCHASE;
  if (!cx__column_present(&c->kind, row)) return 0;
  const int64_t kind = cx__column_int64(&c->kind, row);
  return kind == CX_EVENT_PURCHASE || kind == CX_EVENT_RETURN ? (int32_t)kind : 0;
}

static cx_status read_row(cx_context *ctx, const columns *c, size_t row, int32_t kind, cx__purchase *out) {
  const uint64_t place = (uint64_t)row + 1;
  if (!cx__column_present(&c->time, row))
    return cx__fail_at(ctx, CX_ERR_INVALID, "time", place, UINT64_MAX, "a purchase has no time");
  const int64_t time = cx__column_int64(&c->time, row);
  if (time < -CX__HISTORY_LATEST || time > CX__HISTORY_LATEST)
    return cx__fail_at(ctx, CX_ERR_RANGE, "time", place, UINT64_MAX, "time is out of range");
  double value = (double)NAN;
  if (c->has_value && cx__column_present(&c->value, row)) value = cx__column_double(&c->value, row);
  if (isinf(value)) return cx__fail_at(ctx, CX_ERR_RANGE, "value", place, UINT64_MAX, "value is not finite");
  *out = (cx__purchase){.time = time, .of = CX_TIME_NONE, .value = value, .kind = kind};
  return CX_OK;
}

/** Copies the rows that count; *n of them. */
static cx_status read_rows(cx_context *ctx, const columns *c, size_t rows, cx__purchases *out, cx__interner *orders,
                           cx__purchase *list, uint32_t *numbers, size_t *n) {
  size_t count = 0, purchases = 0;
  cx_status status;
  for (size_t row = 0; row < rows; row++) {
    if (row % PROGRESS_ROWS == 0) {
      status = cx__progress(ctx, "history", row, rows);
      if (status != CX_OK) return status;
    }
    const int32_t kind = kind_of(c, row);
    if (kind == 0) continue;
    status = read_row(ctx, c, row, kind, &list[count]);
    if (status != CX_OK) return status;
    if (c->has_order && cx__column_present(&c->order, row)) {
      uint32_t order;
      if (!intern(orders, &c->order, row, &order)) return cx__no_memory(ctx);
      list[count].order = order + 1;
    }
    if (!intern(out->customers, &c->customer, row, &numbers[count])) return cx__no_memory(ctx);
    purchases += kind == CX_EVENT_PURCHASE;
    count++;
  }
  *n = count;
  if (purchases == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "there is no purchase of a known customer");
  return cx__progress(ctx, "history", rows, rows);
}

cx_status cx__purchases_read(cx_context *ctx, const cx_table *table, const cx_history_options *opts,
                             cx__purchases *out) {
  memset(out, 0, sizeof *out);
  out->allocator = *cx__allocator(ctx);
  out->options = *opts;
  columns c;
  cx_status status = find_columns(ctx, table, &c);
  if (status != CX_OK) return status;
  out->customer_type = c.customer.type;
  const size_t rows = cx_table_rows(table);
  if (rows >= UINT32_MAX) return cx__fail(ctx, CX_ERR_RANGE, "a table of purchases may have 4294967294 rows");
  out->customers = cx__interner_new(&out->allocator);
  cx__interner *orders = c.has_order ? cx__interner_new(&out->allocator) : NULL;
  cx__purchase *list = cx__alloc_array(&out->allocator, rows, sizeof *list);
  uint32_t *numbers = cx__alloc_array(&out->allocator, rows, sizeof *numbers);
  size_t n = 0;
  if (!out->customers || (c.has_order && !orders) || !list || !numbers)
    status = cx__no_memory(ctx);
  else
    status = read_rows(ctx, &c, rows, out, orders, list, numbers, &n);
  if (status == CX_OK) {
    out->customers_count = cx__interner_count(out->customers);
    status = cx__purchases_group(ctx, out, list, numbers, n);
  }
  cx__interner_free(orders);
  cx__free(&out->allocator, list);
  cx__free(&out->allocator, numbers);
  return status;
}

void cx__purchases_free(cx__purchases *purchases) {
  cx__interner_free(purchases->customers);
  cx__free(&purchases->allocator, purchases->starts);
  cx__free(&purchases->allocator, purchases->list);
  purchases->customers = NULL;
  purchases->starts = NULL;
  purchases->list = NULL;
}

/* ---- summaries -------------------------------------------------------------------------------------------------- */

/** From one instant to a later one, in units. */
static double span(const cx_history_options *options, int64_t from, int64_t to) {
  const double days =
      options->merge_day ? (double)(cx__day_of(to) - cx__day_of(from)) : (double)(to - from) / (double)CX__DAY;
  return days / cx__history_unit_days(options->unit);
}

/** Whether a return may take from the repeat purchases: not when it takes back the first. */
static bool returns_a_repeat(const cx_history_options *options, const cx__purchase *back, int64_t first) {
  if (first == CX_TIME_NONE) return false;
  const int64_t at = back->of != CX_TIME_NONE ? back->of : back->time;
  return options->merge_day ? cx__day_of(at) > cx__day_of(first) : at > first;
}

bool cx__purchases_summarise(const cx__purchases *purchases, size_t customer, int64_t until_day, cx_history_row *out) {
  const cx_history_options *options = &purchases->options;
  cx_history_row row = {.monetary = (double)NAN, .first = CX_TIME_NONE};
  double total = 0, repeats = 0;
  int64_t last = CX_TIME_NONE;
  for (size_t i = purchases->starts[customer]; i < purchases->starts[customer + 1]; i++) {
    const cx__purchase *purchase = &purchases->list[i];
    const bool later = cx__day_of(purchase->time) > until_day;
    if (purchase->kind == CX_EVENT_RETURN) {
      if (!later && returns_a_repeat(options, purchase, row.first)) total -= fabs(purchase->value);
    } else if (later) {
      row.holdout += 1;
    } else if (row.first == CX_TIME_NONE) {
      row.first = last = purchase->time;
    } else {
      repeats += 1;
      total += purchase->value;
      row.gap = span(options, last, purchase->time);
      if (row.gap > row.spell) row.spell = row.gap;
      last = purchase->time;
    }
  }
  if (row.first != CX_TIME_NONE) {
    const int64_t end = options->merge_day ? until_day * CX__DAY : (until_day + 1) * CX__DAY;
    row.x = repeats;
    row.t_x = span(options, row.first, last);
    row.T = span(options, row.first, end);
    if (repeats > 0) row.monetary = total / repeats;
  }
  *out = row;
  return row.first != CX_TIME_NONE;
}

static cx_status summarise_all(cx_context *ctx, cx__purchases *purchases, cx_history *history) {
  const size_t n = purchases->customers_count;
  history->rows = cx__alloc_array(&history->allocator, n, sizeof *history->rows);
  history->numbers = cx__alloc_array(&history->allocator, n, sizeof *history->numbers);
  if (!history->rows || !history->numbers) return cx__no_memory(ctx);
  history->options = purchases->options;
  if (history->options.until == CX_TIME_NONE) history->options.until = purchases->last;
  const int64_t until_day = cx__day_of(history->options.until);
  for (size_t i = 0; i < n; i++) {
    if (!cx__purchases_summarise(purchases, i, until_day, &history->rows[history->count])) continue;
    history->numbers[history->count++] = (uint32_t)i;
  }
  if (history->count == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "there is no purchase before the end of calibration");
  history->customers = purchases->customers;
  history->customer_type = purchases->customer_type;
  purchases->customers = NULL;
  return CX_OK;
}

cx_status cx_history_build(cx_context *ctx, const cx_table *table, const cx_history_options *opts, cx_history **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!table) return cx__null(ctx, "table");
  cx_history_options own;
  status = cx__history_options_read(ctx, opts, &own);
  if (status != CX_OK) return status;
  cx__purchases purchases;
  status = cx__purchases_read(ctx, table, &own, &purchases);
  cx_history *history = NULL;
  if (status == CX_OK) {
    history = cx__alloc_zero(cx__allocator(ctx), sizeof *history);
    if (history) {
      history->allocator = *cx__allocator(ctx);
      status = summarise_all(ctx, &purchases, history);
    } else {
      status = cx__no_memory(ctx);
    }
  }
  cx__purchases_free(&purchases);
  if (status != CX_OK) {
    cx_history_free(history);
    return status;
  }
  *out = history;
  return CX_OK;
}

void cx_history_free(cx_history *history) {
  if (!history) return;
  const cx_allocator allocator = history->allocator;
  cx__interner_free(history->customers);
  cx__free(&allocator, history->rows);
  cx__free(&allocator, history->numbers);
  cx__free(&allocator, history);
}

size_t cx_history_count(const cx_history *history) { return history ? history->count : 0; }

const cx_history_row *cx_history_rows(const cx_history *history) { return history ? history->rows : NULL; }

cx_status cx_history_get_options(const cx_history *history, cx_history_options *out) {
  if (!history || !out) return CX_ERR_INVALID;
  return cx__result_write(NULL, out, &history->options, sizeof history->options);
}

/* ---- as a table ------------------------------------------------------------------------------------------------- */

static bool add_row(cx__table_builder *builder, const cx_history *history, size_t i) {
  const cx_history_row *row = &history->rows[i];
  const cx_text id = cx__interner_get(history->customers, history->numbers[i]);
  bool ok;
  if (history->customer_type == CX_TYPE_TEXT) {
    ok = cx__table_builder_text(builder, 0, id);
  } else {
    int64_t number;
    memcpy(&number, id.data, sizeof number);
    ok = cx__table_builder_int64(builder, 0, number);
  }
  const double values[] = {row->x, row->t_x, row->T};
  for (size_t c = 0; ok && c < 3; c++) ok = cx__table_builder_double(builder, c + 1, values[c]);
  if (ok)
    ok = isnan(row->monetary) ? cx__table_builder_absent(builder, 4)
                              : cx__table_builder_double(builder, 4, row->monetary);
  return ok && cx__table_builder_double(builder, 5, row->holdout) && cx__table_builder_int64(builder, 6, row->first);
}

cx_status cx_history_to_table(cx_context *ctx, const cx_history *history, cx_table **out) {
  const cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!history) return cx__null(ctx, "history");
  cx__table_builder *builder = cx__table_builder_new(cx__allocator(ctx));
  if (!builder) return cx__no_memory(ctx);
  bool ok = cx__table_builder_add_column(builder, "customer", history->customer_type);
  static const char *const names[] = {"x", "t_x", "T", "monetary", "holdout"};
  for (size_t c = 0; ok && c < 5; c++) ok = cx__table_builder_add_column(builder, names[c], CX_TYPE_DOUBLE);
  ok = ok && cx__table_builder_add_column(builder, "first", CX_TYPE_TIME);
  for (size_t i = 0; ok && i < history->count; i++) ok = add_row(builder, history, i);
  const cx_status end = ok ? cx__table_builder_finish(ctx, builder, out) : cx__no_memory(ctx);
  cx__table_builder_free(builder);
  return end;
}

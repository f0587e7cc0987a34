/* SPDX-License-Identifier: MIT */
/* Rows of interactions -> distinct pairs of person and item with their confidence, and popularity. */
#include "rank/rank.h"
#include "table/table.h"

#include <math.h>

double cx__ranker_kind_weight(int32_t kind) {
  switch (kind) {
  case CX_EVENT_PURCHASE:
  case CX_EVENT_REVIEW:
    return 1;
  case CX_EVENT_RETURN:
    return -1;
  case CX_EVENT_CART:
  case CX_EVENT_WISH:
  case CX_EVENT_SHARE:
    return 0.5;
  case CX_EVENT_CLICK:
    return 0.2;
  case CX_EVENT_VIEW:
    return 0.1;
  default: /* what was taken out of a cart, searched for or merely shown says nothing */
    return 0;
  }
}

double cx__ranker_confidence(double sum) { return sum > 0 ? log2(1 + sum) : 0; }

double cx__ranker_regularisation(double lambda, double alpha, double exponent, double n, double others) {
  return lambda * pow(n + alpha * others, exponent);
}

typedef struct row_columns {
  cx_column item, person, time, weight, kind;
  bool has_time, has_weight, has_kind;
  const char *name;
} row_columns;

static cx_status find_columns(cx_context *ctx, const cx_table *table, const char *name, row_columns *columns) {
  columns->name = name;
  cx_status status = cx__table_need_column(ctx, table, "item", 1u << CX_TYPE_TEXT, &columns->item);
  if (status == CX_OK)
    status = cx__table_need_column(ctx, table, "person", 1u << CX_TYPE_INT64 | 1u << CX_TYPE_TEXT, &columns->person);
  if (status == CX_OK)
    status = cx__table_column(ctx, table, "time", 1u << CX_TYPE_TIME, &columns->time, &columns->has_time);
  if (status == CX_OK)
    status = cx__table_column(ctx, table, "weight", 1u << CX_TYPE_DOUBLE, &columns->weight, &columns->has_weight);
  if (status == CX_OK)
    status = cx__table_column(ctx, table, "kind", 1u << CX_TYPE_INT64, &columns->kind, &columns->has_kind);
  return status;
}

/** One row, read and checked. */
typedef struct row_value {
  double weight; /* times that of the kind */
  int64_t time;  /* CX_TIME_NONE when unknown */
} row_value;

static cx_status read_row(cx_context *ctx, const row_columns *columns, size_t row, row_value *out) {
  out->weight = 1;
  out->time = CX_TIME_NONE;
  if (columns->has_time && cx__column_present(&columns->time, row)) out->time = cx__column_int64(&columns->time, row);
  if (columns->has_weight && cx__column_present(&columns->weight, row)) {
    out->weight = cx__column_double(&columns->weight, row);
    if (!(out->weight > 0 && out->weight <= 1e30))
      return cx__fail_at(ctx, CX_ERR_RANGE, columns->name, row + 1, UINT64_MAX,
                         "weight must be above 0 and at most 1e30");
  }
  if (columns->has_kind && cx__column_present(&columns->kind, row)) {
    const int64_t kind = cx__column_int64(&columns->kind, row);
    if (kind < CX_EVENT_PURCHASE || kind > CX_EVENT_OTHER)
      return cx__fail_at(ctx, CX_ERR_RANGE, columns->name, row + 1, UINT64_MAX, "kind must be that of an event");
    out->weight *= cx__ranker_kind_weight((int32_t)kind);
  }
  return CX_OK;
}

static cx_text person_key(const cx_column *column, size_t row) {
  if (column->type == CX_TYPE_TEXT) return cx__column_text(column, row);
  cx_text bytes = {(const char *)column->values + row * sizeof(int64_t), sizeof(int64_t)};
  return bytes;
}

/* Earliest and latest time that counts. */
static void find_times(const row_columns *columns, size_t rows, int64_t *until, int64_t *earliest) {
  *earliest = CX_TIME_NONE;
  int64_t latest = CX_TIME_NONE;
  for (size_t row = 0; columns->has_time && row < rows; row++) {
    if (!cx__column_present(&columns->time, row)) continue;
    const int64_t time = cx__column_int64(&columns->time, row);
    if (*until != CX_TIME_NONE && time > *until) continue;
    if (*earliest == CX_TIME_NONE || time < *earliest) *earliest = time;
    if (time > latest) latest = time;
  }
  if (*until == CX_TIME_NONE) *until = latest;
}

/** A row that counts for a person. */
typedef struct entry {
  double weight;
  uint32_t person;
  uint32_t item;
} entry;

typedef struct entries {
  entry *rows;
  size_t count;
} entries;

/* 2^-(age / half-life). A row without a time counts as the earliest one. */
static double decay(int64_t time, int64_t earliest, int64_t until, double half_life) {
  if (time == CX_TIME_NONE) time = earliest;
  if (half_life <= 0 || time == CX_TIME_NONE || until == CX_TIME_NONE || time >= until) return 1;
  return exp2(-((double)until - (double)time) / ((double)CX__DAY * half_life));
}

static cx_status read_rows(cx_context *ctx, const row_columns *columns, size_t rows, const cx__catalogue *items,
                           int64_t earliest, double half_life, cx__interactions *out, entries *found) {
  for (size_t row = 0; row < rows; row++) {
    row_value value;
    const cx_status status = read_row(ctx, columns, row, &value);
    if (status != CX_OK) return status;
    if (!cx__column_present(&columns->item, row) || cx__column_text(&columns->item, row).size == 0)
      return cx__fail_at(ctx, CX_ERR_INVALID, columns->name, row + 1, UINT64_MAX, "a row has no item");
    if (value.weight == 0) continue;
    if (value.time != CX_TIME_NONE && out->until != CX_TIME_NONE && value.time > out->until) continue;
    uint32_t number;
    if (!cx__interner_find(items->ids, cx__column_text(&columns->item, row), &number)) continue;
    const uint32_t item = items->order.place[number];
    out->popularity[item] += value.weight * decay(value.time, earliest, out->until, half_life);
    if (!cx__column_present(&columns->person, row)) {
      out->anonymous++;
      continue;
    }
    uint32_t person;
    if (!cx__interner_add(out->people, person_key(&columns->person, row), &person)) return cx__no_memory(ctx);
    found->rows[found->count++] = (entry){.weight = value.weight, .person = person, .item = item};
  }
  return CX_OK;
}

/* Stable counting sort by item, then by person; counts has room for the larger of both, plus one. */
static void sort_entries(entry *rows, entry *scratch, size_t n, uint32_t items, uint32_t people, size_t *counts) {
  memset(counts, 0, ((size_t)items + 1) * sizeof *counts);
  for (size_t k = 0; k < n; k++) counts[rows[k].item + 1]++;
  for (uint32_t i = 0; i < items; i++) counts[i + 1] += counts[i];
  for (size_t k = 0; k < n; k++) scratch[counts[rows[k].item]++] = rows[k];
  memset(counts, 0, ((size_t)people + 1) * sizeof *counts);
  for (size_t k = 0; k < n; k++) counts[scratch[k].person + 1]++;
  for (uint32_t p = 0; p < people; p++) counts[p + 1] += counts[p];
  for (size_t k = 0; k < n; k++) rows[counts[scratch[k].person]++] = scratch[k];
}

/* Rows sorted by person and item -> distinct pairs, in place. */
static void merge_pairs(entries *found) {
  size_t kept = 0;
  for (size_t k = 0; k < found->count; k++) {
    const entry row = found->rows[k];
    if (kept > 0 && found->rows[kept - 1].person == row.person && found->rows[kept - 1].item == row.item)
      found->rows[kept - 1].weight += row.weight;
    else
      found->rows[kept++] = row;
  }
  found->count = kept;
}

static bool allocate_pairs(cx__interactions *out, size_t pairs, uint32_t items) {
  const cx_allocator *allocator = &out->allocator;
  out->person_offsets = cx__alloc_array_zero(allocator, (size_t)out->people_count + 1, sizeof *out->person_offsets);
  out->person_items = cx__alloc_array(allocator, pairs, sizeof *out->person_items);
  out->person_weights = cx__alloc_array(allocator, pairs, sizeof *out->person_weights);
  out->item_offsets = cx__alloc_array_zero(allocator, (size_t)items + 2, sizeof *out->item_offsets);
  out->item_people = cx__alloc_array(allocator, pairs, sizeof *out->item_people);
  out->item_weights = cx__alloc_array(allocator, pairs, sizeof *out->item_weights);
  return out->person_offsets && out->person_items && out->person_weights && out->item_offsets && out->item_people &&
         out->item_weights;
}

static void fill_pairs(const entries *found, uint32_t items, cx__interactions *out) {
  uint64_t *starts = out->item_offsets + 1; /* shifted by one: each is moved on to its end while filling */
  for (size_t k = 0; k < found->count; k++) {
    const entry *row = &found->rows[k];
    out->person_items[k] = row->item;
    out->person_weights[k] = (float)cx__ranker_confidence(row->weight);
    out->person_offsets[row->person + 1]++;
    if (out->person_weights[k] > 0) starts[row->item + 1]++;
  }
  for (uint32_t p = 0; p < out->people_count; p++) out->person_offsets[p + 1] += out->person_offsets[p];
  for (uint32_t i = 0; i < items; i++) starts[i + 1] += starts[i];
  for (uint32_t p = 0; p < out->people_count; p++) {
    const uint64_t before = out->pairs;
    for (uint64_t k = out->person_offsets[p]; k < out->person_offsets[p + 1]; k++) {
      if (!(out->person_weights[k] > 0)) continue;
      const uint64_t at = starts[out->person_items[k]]++;
      out->item_people[at] = p;
      out->item_weights[at] = out->person_weights[k];
      out->pairs++;
    }
    if (out->pairs > before) out->known++;
  }
}

static cx_status build_pairs(cx_context *ctx, entries *found, uint32_t items, cx__interactions *out) {
  const cx_allocator *allocator = &out->allocator;
  out->people_count = cx__interner_count(out->people);
  const size_t most = items > out->people_count ? items : out->people_count;
  entry *scratch = cx__alloc_array(allocator, found->count, sizeof *scratch);
  size_t *counts = cx__alloc_array(allocator, most + 1, sizeof *counts);
  bool ready = scratch && counts;
  if (ready) {
    sort_entries(found->rows, scratch, found->count, items, out->people_count, counts);
    merge_pairs(found);
  }
  cx__free(allocator, scratch);
  cx__free(allocator, counts);
  ready = ready && allocate_pairs(out, found->count, items);
  if (!ready) return cx__no_memory(ctx);
  fill_pairs(found, items, out);
  return CX_OK;
}

static cx_status fill(cx_context *ctx, const cx_table *table, const char *name, const cx__catalogue *items,
                      double half_life, cx__interactions *out) {
  row_columns columns;
  cx_status status = find_columns(ctx, table, name, &columns);
  if (status != CX_OK) return status;
  const size_t rows = cx_table_rows(table);
  if (rows >= UINT32_MAX) return cx__fail(ctx, CX_ERR_RANGE, "%s must have fewer than 4294967295 rows", name);
  out->person_type = columns.person.type;
  int64_t earliest;
  find_times(&columns, rows, &out->until, &earliest);
  entries found = {.rows = cx__alloc_array(&out->allocator, rows, sizeof(entry)), .count = 0};
  out->people = cx__interner_new(&out->allocator);
  out->popularity = cx__alloc_array_zero(&out->allocator, items->count, sizeof *out->popularity);
  if (!found.rows || !out->people || !out->popularity)
    status = cx__no_memory(ctx);
  else
    status = read_rows(ctx, &columns, rows, items, earliest, half_life, out, &found);
  if (status == CX_OK) status = build_pairs(ctx, &found, items->count, out);
  cx__free(&out->allocator, found.rows);
  for (uint32_t i = 0; status == CX_OK && i < items->count; i++)
    if (!(out->popularity[i] > 0)) out->popularity[i] = 0; /* more returned than bought */
  return status;
}

cx_status cx__interactions_read(cx_context *ctx, const cx_table *table, const char *name, const cx__catalogue *items,
                                int64_t until, double half_life, cx__interactions *out) {
  memset(out, 0, sizeof *out);
  out->allocator = *cx__allocator(ctx);
  out->until = until;
  const cx_status status = fill(ctx, table, name, items, half_life, out);
  if (status != CX_OK) cx__interactions_free(out);
  return status;
}

void cx__interactions_free(cx__interactions *interactions) {
  const cx_allocator allocator = interactions->allocator;
  if (!allocator.free) return;
  cx__interner_free(interactions->people);
  cx__free(&allocator, interactions->person_offsets);
  cx__free(&allocator, interactions->person_items);
  cx__free(&allocator, interactions->person_weights);
  cx__free(&allocator, interactions->item_offsets);
  cx__free(&allocator, interactions->item_people);
  cx__free(&allocator, interactions->item_weights);
  cx__free(&allocator, interactions->popularity);
  memset(interactions, 0, sizeof *interactions);
}

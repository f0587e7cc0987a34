/* SPDX-License-Identifier: MIT */
/* Tables: immutable columns with a count of references. */
#include "table/storage.h"

#include <math.h>
#include <stdio.h>

/* ---- names and types -------------------------------------------------------------------------------------------- */

const char *cx__type_text(int32_t type) {
  switch (type) {
#define CASE(name, value, text)                                                                                        \
  case value:                                                                                                          \
    return text;
    CX_TYPE_MAP(CASE)
#undef CASE
  default:
    return "?";
  }
}

bool cx__type_is_valid(int32_t type) { return type >= CX_TYPE_INT64 && type <= CX_TYPE_TIME; }

char *cx__name_copy(const cx_allocator *allocator, const char *name) {
  const size_t size = strlen(name) + 1;
  char *copy = cx__alloc(allocator, size);
  if (copy) memcpy(copy, name, size);
  return copy;
}

cx_status cx__names_check(cx_context *ctx, const cx_column *columns, size_t count) {
  cx__interner *seen = cx__interner_new(cx__allocator(ctx));
  if (!seen) return cx__no_memory(ctx);
  cx_status status = CX_OK;
  for (size_t i = 0; i < count && status == CX_OK; i++) {
    const char *name = columns[i].name;
    uint32_t number = 0;
    if (!name || name[0] == '\0') {
      status = cx__fail(ctx, CX_ERR_INVALID, "column %zu has no name", i);
    } else if (!cx__text_is_utf8(cx__text(name))) {
      status = cx__fail(ctx, CX_ERR_INVALID, "name of column %zu is not utf-8", i);
    } else if (!cx__interner_add(seen, cx__text(name), &number)) {
      status = cx__no_memory(ctx);
    } else if (number != i) {
      status = cx__fail(ctx, CX_ERR_INVALID, "two columns are named \"%.64s\"", name);
    }
  }
  cx__interner_free(seen);
  return status;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

cx_table *cx__table_allocate(const cx_allocator *allocator, size_t columns, size_t rows) {
  cx_table *table = cx__alloc_zero(allocator, sizeof *table);
  if (!table) return NULL;
  table->columns = cx__alloc_array_zero(allocator, columns, sizeof *table->columns);
  if (!table->columns) {
    cx__free(allocator, table);
    return NULL;
  }
  table->allocator = *allocator;
  atomic_init(&table->references, 1);
  table->rows = rows;
  table->columns_count = columns;
  return table;
}

void cx__table_retain(cx_table *table) { atomic_fetch_add_explicit(&table->references, 1, memory_order_relaxed); }

/** Frees what a const pointer owns: columns are const to their readers only. */
static void free_owned(const cx_allocator *allocator, const void *pointer) {
  cx__free(allocator, (void *)(uintptr_t)pointer);
}

void cx_table_free(cx_table *table) {
  if (!table || atomic_fetch_sub_explicit(&table->references, 1, memory_order_acq_rel) != 1) return;
  const cx_allocator allocator = table->allocator;
  for (size_t i = 0; i < table->columns_count; i++) {
    const cx_column *column = &table->columns[i];
    free_owned(&allocator, column->name);
    free_owned(&allocator, column->validity);
    free_owned(&allocator, column->values);
    free_owned(&allocator, column->offsets);
  }
  cx__free(&allocator, table->columns);
  cx__free(&allocator, table);
}

/* ---- copying columns -------------------------------------------------------------------------------------------- */

/** Copies bitmap bits of present rows; *out stays NULL when every row is present. */
static bool copy_validity(const cx_allocator *allocator, const uint8_t *validity, size_t rows, const uint8_t **out) {
  const size_t size = rows / 8, rest = rows % 8;
  const uint8_t last_mask = (uint8_t)((1u << rest) - 1u);
  bool complete = rest == 0 || (validity[size] & last_mask) == last_mask;
  for (size_t i = 0; i < size && complete; i++) complete = validity[i] == 0xFF;
  if (complete) return true;
  uint8_t *copy = cx__alloc(allocator, size + (rest > 0));
  if (!copy) return false;
  memcpy(copy, validity, size);
  if (rest > 0) copy[size] = validity[size] & last_mask;
  *out = copy;
  return true;
}

static bool copy_int64(const cx_allocator *allocator, const cx_column *from, size_t rows, cx_column *to) {
  int64_t *values = cx__alloc_array(allocator, rows, sizeof *values);
  if (!values) return false;
  to->values = values;
  if (rows > 0) memcpy(values, from->values, rows * sizeof *values);
  if (!to->validity) return true;
  const int64_t absent = from->type == CX_TYPE_TIME ? CX_TIME_NONE : 0;
  for (size_t i = 0; i < rows; i++)
    if (!cx__column_present(to, i)) values[i] = absent;
  return true;
}

static bool copy_double(const cx_allocator *allocator, const cx_column *from, size_t rows, cx_column *to) {
  double *values = cx__alloc_array(allocator, rows, sizeof *values);
  if (!values) return false;
  to->values = values;
  if (rows > 0) memcpy(values, from->values, rows * sizeof *values);
  if (!to->validity) return true;
  for (size_t i = 0; i < rows; i++)
    if (!cx__column_present(to, i)) values[i] = (double)NAN;
  return true;
}

/** Texts are packed anew: the first offset becomes 0 and absent rows take no bytes. */
static bool copy_text(const cx_allocator *allocator, const cx_column *from, size_t rows, cx_column *to) {
  int64_t *offsets = cx__alloc_array(allocator, rows + 1, sizeof *offsets);
  if (!offsets) return false;
  to->offsets = offsets;
  offsets[0] = 0;
  for (size_t i = 0; i < rows; i++) {
    const int64_t size = cx__column_present(to, i) ? from->offsets[i + 1] - from->offsets[i] : 0;
    offsets[i + 1] = offsets[i] + size;
  }
  char *values = cx__alloc(allocator, (size_t)offsets[rows]);
  if (!values) return false;
  to->values = values;
  if (offsets[rows] == 0) return true;
  const char *bytes = from->values;
  if (!to->validity) {
    memcpy(values, bytes + from->offsets[0], (size_t)offsets[rows]);
    return true;
  }
  for (size_t i = 0; i < rows; i++) {
    const size_t size = (size_t)(offsets[i + 1] - offsets[i]);
    if (size > 0) memcpy(values + offsets[i], bytes + from->offsets[i], size);
  }
  return true;
}

static bool copy_column(const cx_allocator *allocator, const cx_column *from, size_t rows, cx_column *to) {
  to->type = from->type;
  to->name = cx__name_copy(allocator, from->name);
  if (!to->name) return false;
  if (from->validity && !copy_validity(allocator, from->validity, rows, &to->validity)) return false;
  if (from->type == CX_TYPE_TEXT) return copy_text(allocator, from, rows, to);
  return from->type == CX_TYPE_DOUBLE ? copy_double(allocator, from, rows, to) : copy_int64(allocator, from, rows, to);
}

cx_status cx__texts_check(cx_context *ctx, const cx_column *column, size_t rows) {
  const int64_t *offsets = column->offsets;
  if (offsets[0] < 0) return cx__fail(ctx, CX_ERR_SHAPE, "column \"%.64s\" has a negative offset", column->name);
  for (size_t i = 0; i < rows; i++)
    if (offsets[i + 1] < offsets[i])
      return cx__fail(ctx, CX_ERR_SHAPE, "column \"%.64s\" has descending offsets (row %zu)", column->name, i);
  const size_t from = (size_t)offsets[0], size = (size_t)(offsets[rows] - offsets[0]);
  if (size == 0) return CX_OK;
  if (!column->values) return cx__fail(ctx, CX_ERR_INVALID, "column \"%.64s\" has no values", column->name);
  const char *bytes = column->values;
  bool valid = cx__text_is_utf8((cx_text){bytes + from, size});
  /* Valid as a whole, so each text is valid when none begins inside a character. */
  for (size_t i = 1; i < rows && valid; i++)
    valid = offsets[i] == offsets[rows] || ((unsigned char)bytes[offsets[i]] & 0xC0) != 0x80;
  if (!valid) return cx__fail(ctx, CX_ERR_INVALID, "column \"%.64s\" holds text that is not utf-8", column->name);
  return CX_OK;
}

static cx_status check_column(cx_context *ctx, const cx_column *column, size_t rows) {
  if (!cx__type_is_valid(column->type))
    return cx__fail(ctx, CX_ERR_TYPE, "column \"%.64s\" has the unknown type %d", column->name, (int)column->type);
  if (column->type == CX_TYPE_TEXT) {
    if (!column->offsets) return cx__fail(ctx, CX_ERR_INVALID, "column \"%.64s\" has no offsets", column->name);
    return cx__texts_check(ctx, column, rows);
  }
  if (rows > 0 && !column->values) return cx__fail(ctx, CX_ERR_INVALID, "column \"%.64s\" has no values", column->name);
  return CX_OK;
}

cx_status cx_table_new(cx_context *ctx, const cx_column *columns, size_t columns_count, size_t rows, cx_table **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!columns && columns_count > 0) return cx__null(ctx, "columns");
  if (rows > SIZE_MAX / sizeof(int64_t) - 1) return cx__no_memory(ctx);
  status = cx__names_check(ctx, columns, columns_count);
  for (size_t i = 0; i < columns_count && status == CX_OK; i++) status = check_column(ctx, &columns[i], rows);
  if (status != CX_OK) return status;

  const cx_allocator *allocator = cx__allocator(ctx);
  cx_table *table = cx__table_allocate(allocator, columns_count, rows);
  if (!table) return cx__no_memory(ctx);
  for (size_t i = 0; i < columns_count; i++) {
    if (copy_column(allocator, &columns[i], rows, &table->columns[i])) continue;
    cx_table_free(table);
    return cx__no_memory(ctx);
  }
  *out = table;
  return CX_OK;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

size_t cx_table_rows(const cx_table *table) { return table ? table->rows : 0; }

size_t cx_table_columns(const cx_table *table) { return table ? table->columns_count : 0; }

cx_status cx_table_get_column(const cx_table *table, size_t index, cx_column *out) {
  if (!table || !out) return CX_ERR_INVALID;
  if (index >= table->columns_count) return CX_ERR_RANGE;
  *out = table->columns[index];
  return CX_OK;
}

static const cx_column *find(const cx_table *table, const char *name) {
  for (size_t i = 0; i < table->columns_count; i++)
    if (strcmp(table->columns[i].name, name) == 0) return &table->columns[i];
  return NULL;
}

static cx_status not_found(cx_context *ctx, const char *name) {
  return cx__fail(ctx, CX_ERR_NOT_FOUND, "the table has no column \"%.64s\"", name);
}

cx_status cx_table_find_column(cx_context *ctx, const cx_table *table, const char *name, cx_column *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!table) return cx__null(ctx, "table");
  if (!name) return cx__null(ctx, "name");
  if (!out) return cx__null(ctx, "out");
  const cx_column *column = find(table, name);
  if (!column) return not_found(ctx, name);
  *out = *column;
  return CX_OK;
}

cx_status cx__table_column(cx_context *ctx, const cx_table *table, const char *name, uint32_t types, cx_column *out,
                           bool *found) {
  const cx_column *column = find(table, name);
  *found = false;
  if (!column) return CX_OK;
  if ((types >> column->type & 1u) == 0) {
    char wanted[64] = "";
    size_t at = 0;
    for (int32_t type = CX_TYPE_INT64; type <= CX_TYPE_TIME; type++) {
      if ((types >> type & 1u) == 0) continue;
      const int size = snprintf(wanted + at, sizeof wanted - at, "%s%s", at > 0 ? " or " : "", cx__type_text(type));
      at += size > 0 ? (size_t)size : 0;
    }
    return cx__fail(ctx, CX_ERR_TYPE, "column \"%.64s\" is %s, it must be %s", name, cx__type_text(column->type),
                    wanted);
  }
  *out = *column;
  *found = true;
  return CX_OK;
}

cx_status cx__table_need_column(cx_context *ctx, const cx_table *table, const char *name, uint32_t types,
                                cx_column *out) {
  bool found = false;
  cx_status status = cx__table_column(ctx, table, name, types, out, &found);
  if (status == CX_OK && !found) status = not_found(ctx, name);
  return status;
}

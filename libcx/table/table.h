/* SPDX-License-Identifier: MIT */
/** @file table/table.h
 *  Building tables a value at a time, for readers and bulk results. */
#ifndef CX_TABLE_TABLE_H
#define CX_TABLE_TABLE_H

#include "core/core.h"

#include <cx/table.h>

typedef struct cx__table_builder cx__table_builder;

/** Columns are added before the first value. Names are copied. NULL or false: memory is short. */
cx__table_builder *cx__table_builder_new(const cx_allocator *allocator);
void cx__table_builder_free(cx__table_builder *builder);
bool cx__table_builder_add_column(cx__table_builder *builder, const char *name, int32_t type);
/** Appends one value to column @p column; every column gets one value a row. */
bool cx__table_builder_int64(cx__table_builder *builder, size_t column, int64_t value); /* INT64 and TIME */
bool cx__table_builder_double(cx__table_builder *builder, size_t column, double value);
bool cx__table_builder_text(cx__table_builder *builder, size_t column, cx_text value); /* UTF-8; no data: absent */
bool cx__table_builder_absent(cx__table_builder *builder, size_t column);
/** Hands the columns over to a table; the builder is empty again, with its columns. CX_ERR_SHAPE when columns differ in
 * length. */
cx_status cx__table_builder_finish(cx_context *ctx, cx__table_builder *builder, cx_table **out);

static inline bool cx__column_present(const cx_column *column, size_t row) {
  return !column->validity || (column->validity[row >> 3] >> (row & 7) & 1) != 0;
}
static inline int64_t cx__column_int64(const cx_column *column, size_t row) {
  return ((const int64_t *)column->values)[row];
}
static inline double cx__column_double(const cx_column *column, size_t row) {
  return ((const double *)column->values)[row];
}
static inline cx_text cx__column_text(const cx_column *column, size_t row) {
  const int64_t from = column->offsets[row], to = column->offsets[row + 1];
  cx_text text = {(const char *)column->values + from, (size_t)(to - from)};
  return text;
}
/** Finds an optional column and checks its type(s): *found false when it is missing; CX_ERR_TYPE, naming column and
 * types, when it is of none of them. @p types is a bit set: 1u << CX_TYPE_INT64 | ... */
cx_status cx__table_column(cx_context *ctx, const cx_table *table, const char *name, uint32_t types, cx_column *out,
                           bool *found);
/** The same for a column that must be there: CX_ERR_NOT_FOUND. */
cx_status cx__table_need_column(cx_context *ctx, const cx_table *table, const char *name, uint32_t types,
                                cx_column *out);

#endif

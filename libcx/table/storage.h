/* SPDX-License-Identifier: MIT */
/** @file table/storage.h
 *  The inside of a table. Only the files of this room include it. */
#ifndef CX_TABLE_STORAGE_H
#define CX_TABLE_STORAGE_H

#include "table/table.h"

#include <stdatomic.h>

/** The table owns what its columns point to. Exported Arrow structs each hold one reference. */
struct cx_table {
  cx_allocator allocator;
  atomic_size_t references;
  size_t rows;
  size_t columns_count;
  cx_column *columns;
};

/** A table of one reference whose columns are all zero; NULL when memory is short. */
cx_table *cx__table_allocate(const cx_allocator *allocator, size_t columns, size_t rows);
/** One more reference. Any thread. */
void cx__table_retain(cx_table *table);
/** A terminated copy, NULL when memory is short. */
char *cx__name_copy(const cx_allocator *allocator, const char *name);
/** Names are there, not empty, UTF-8 and distinct: CX_ERR_INVALID, CX_ERR_NOMEM. */
cx_status cx__names_check(cx_context *ctx, const cx_column *columns, size_t count);
/** The name of a CX_TYPE_*, "?" for any other number. */
const char *cx__type_text(int32_t type);
bool cx__type_is_valid(int32_t type);

/** Offsets that begin at any value, do not descend and cut the text at characters: CX_ERR_SHAPE, CX_ERR_INVALID. */
cx_status cx__texts_check(cx_context *ctx, const cx_column *column, size_t rows);

#endif

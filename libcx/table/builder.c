/* SPDX-License-Identifier: MIT */
/* Building tables a value at a time. Columns grow by doubling and are handed over without a copy. */
#include "table/storage.h"

#include <math.h>

/** One growing column. The bitmap is made at the first absent value. */
typedef struct growing {
  char *name;
  int32_t type;
  size_t rows;
  int64_t *integers; /* INT64 and TIME: values; TEXT: offsets, rows + 1 of them once there is one */
  size_t integers_capacity;
  double *doubles;
  size_t doubles_capacity;
  cx__buffer bytes;
  uint8_t *validity;
  size_t validity_capacity;
} growing;

struct cx__table_builder {
  cx_allocator allocator;
  growing *columns;
  size_t count;
  size_t capacity;
};

cx__table_builder *cx__table_builder_new(const cx_allocator *allocator) {
  cx__table_builder *builder = cx__alloc_zero(allocator, sizeof *builder);
  if (builder) builder->allocator = *allocator;
  return builder;
}

void cx__table_builder_free(cx__table_builder *builder) {
  if (!builder) return;
  const cx_allocator allocator = builder->allocator;
  for (size_t i = 0; i < builder->count; i++) {
    growing *column = &builder->columns[i];
    cx__free(&allocator, column->name);
    cx__free(&allocator, column->integers);
    cx__free(&allocator, column->doubles);
    cx__buffer_free(&column->bytes);
    cx__free(&allocator, column->validity);
  }
  cx__free(&allocator, builder->columns);
  cx__free(&allocator, builder);
}

bool cx__table_builder_add_column(cx__table_builder *builder, const char *name, int32_t type) {
  if (!cx__grow(&builder->allocator, &builder->columns, &builder->capacity, builder->count + 1,
                sizeof *builder->columns))
    return false;
  growing *column = &builder->columns[builder->count];
  memset(column, 0, sizeof *column);
  column->name = cx__name_copy(&builder->allocator, name);
  if (!column->name) return false;
  column->type = type;
  cx__buffer_init(&column->bytes, &builder->allocator);
  builder->count++;
  return true;
}

/** Makes room for the bit of the next row and sets it; a bitmap that begins now says that all rows so far are present.
 */
static bool push_validity(const cx_allocator *allocator, growing *column, bool present) {
  if (!column->validity && present) return true;
  const size_t row = column->rows, need = row / 8 + 1;
  const bool begins = !column->validity;
  if (!cx__grow(allocator, &column->validity, &column->validity_capacity, need, 1)) return false;
  if (begins) memset(column->validity, 0xFF, need);
  const uint8_t bit = (uint8_t)(1u << (row % 8));
  if (row % 8 == 0) column->validity[row / 8] = 0;
  if (present)
    column->validity[row / 8] |= bit;
  else
    column->validity[row / 8] &= (uint8_t)(bit - 1u); /* bits behind the last row are 0 */
  return true;
}

static bool push_int64(const cx_allocator *allocator, growing *column, int64_t value, bool present) {
  if (!cx__grow(allocator, &column->integers, &column->integers_capacity, column->rows + 1, sizeof(int64_t)) ||
      !push_validity(allocator, column, present))
    return false;
  column->integers[column->rows++] = value;
  return true;
}

static bool push_double(const cx_allocator *allocator, growing *column, double value, bool present) {
  if (!cx__grow(allocator, &column->doubles, &column->doubles_capacity, column->rows + 1, sizeof(double)) ||
      !push_validity(allocator, column, present))
    return false;
  column->doubles[column->rows++] = value;
  return true;
}

static bool push_text(const cx_allocator *allocator, growing *column, cx_text value, bool present) {
  if (!cx__grow(allocator, &column->integers, &column->integers_capacity, column->rows + 2, sizeof(int64_t)) ||
      !push_validity(allocator, column, present) || !cx__buffer_append(&column->bytes, value.data, value.size))
    return false;
  column->integers[0] = 0;
  column->integers[++column->rows] = (int64_t)column->bytes.size;
  return true;
}

bool cx__table_builder_int64(cx__table_builder *builder, size_t column, int64_t value) {
  return push_int64(&builder->allocator, &builder->columns[column], value, true);
}

bool cx__table_builder_double(cx__table_builder *builder, size_t column, double value) {
  return push_double(&builder->allocator, &builder->columns[column], value, true);
}

bool cx__table_builder_text(cx__table_builder *builder, size_t column, cx_text value) {
  return push_text(&builder->allocator, &builder->columns[column], value, value.data != NULL);
}

bool cx__table_builder_absent(cx__table_builder *builder, size_t column) {
  growing *to = &builder->columns[column];
  if (to->type == CX_TYPE_TEXT) return push_text(&builder->allocator, to, (cx_text){NULL, 0}, false);
  if (to->type == CX_TYPE_DOUBLE) return push_double(&builder->allocator, to, (double)NAN, false);
  return push_int64(&builder->allocator, to, to->type == CX_TYPE_TIME ? CX_TIME_NONE : 0, false);
}

/** Every pointer of the finished table is set, also in a table without rows. */
static bool complete(const cx_allocator *allocator, growing *column) {
  if (column->type == CX_TYPE_DOUBLE)
    return cx__grow(allocator, &column->doubles, &column->doubles_capacity, 1, sizeof(double));
  if (!cx__grow(allocator, &column->integers, &column->integers_capacity, 1, sizeof(int64_t))) return false;
  if (column->type != CX_TYPE_TEXT) return true;
  if (column->rows == 0) column->integers[0] = 0;
  return cx__grow(allocator, &column->bytes.data, &column->bytes.capacity, 1, 1);
}

/** Gives back what doubling took too much; when that fails the larger block is as good. */
static void *trim(const cx_allocator *allocator, void *block, size_t capacity, size_t used, size_t size) {
  if (!block || capacity - used <= capacity / 8 || used == 0) return block;
  void *smaller = cx__realloc_array(allocator, block, used, size);
  return smaller ? smaller : block;
}

static void hand_over(const cx_allocator *allocator, growing *from, cx_column *to) {
  to->type = from->type;
  to->validity = trim(allocator, from->validity, from->validity_capacity, (from->rows + 7) / 8, 1);
  if (from->type == CX_TYPE_DOUBLE) {
    to->values = trim(allocator, from->doubles, from->doubles_capacity, from->rows, sizeof(double));
  } else if (from->type == CX_TYPE_TEXT) {
    to->offsets = trim(allocator, from->integers, from->integers_capacity, from->rows + 1, sizeof(int64_t));
    to->values = trim(allocator, from->bytes.data, from->bytes.capacity, from->bytes.size, 1);
  } else {
    to->values = trim(allocator, from->integers, from->integers_capacity, from->rows, sizeof(int64_t));
  }
  char *name = from->name;
  const int32_t type = from->type;
  memset(from, 0, sizeof *from);
  from->name = name;
  from->type = type;
  cx__buffer_init(&from->bytes, allocator);
}

cx_status cx__table_builder_finish(cx_context *ctx, cx__table_builder *builder, cx_table **out) {
  *out = NULL;
  const size_t rows = builder->count > 0 ? builder->columns[0].rows : 0;
  for (size_t i = 1; i < builder->count; i++)
    if (builder->columns[i].rows != rows)
      return cx__fail(ctx, CX_ERR_SHAPE, "column \"%.64s\" has %zu rows, column \"%.64s\" has %zu",
                      builder->columns[i].name, builder->columns[i].rows, builder->columns[0].name, rows);
  const cx_allocator *allocator = &builder->allocator;
  cx_table *table = cx__table_allocate(allocator, builder->count, 0);
  if (!table) return cx__no_memory(ctx);
  for (size_t i = 0; i < builder->count; i++) {
    table->columns[i].name = cx__name_copy(allocator, builder->columns[i].name);
    if (table->columns[i].name && complete(allocator, &builder->columns[i])) continue;
    cx_table_free(table);
    return cx__no_memory(ctx);
  }
  const cx_status status = cx__names_check(ctx, table->columns, table->columns_count);
  if (status != CX_OK) {
    cx_table_free(table);
    return status;
  }
  for (size_t i = 0; i < builder->count; i++) hand_over(allocator, &builder->columns[i], &table->columns[i]);
  table->rows = rows;
  *out = table;
  return CX_OK;
}

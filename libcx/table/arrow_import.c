/* SPDX-License-Identifier: MIT */
/* Arrow arrays and streams as tables. Values are converted one by one into a builder; nothing of the producer is kept.
 */
#include "table/arrow.h"
#include "table/storage.h"

#include <errno.h>

/** How the values of an array lie in its buffers. */
typedef enum layout {
  LAYOUT_NONE,
  LAYOUT_INT8,
  LAYOUT_UINT8,
  LAYOUT_INT16,
  LAYOUT_UINT16,
  LAYOUT_INT32,
  LAYOUT_UINT32,
  LAYOUT_INT64,
  LAYOUT_UINT64,
  LAYOUT_BOOL,
  LAYOUT_FLOAT,
  LAYOUT_DOUBLE,
  LAYOUT_TEXT32,
  LAYOUT_TEXT64
} layout;

/** A column of the struct: its layout, and what a number is multiplied and divided by to give microseconds. */
typedef struct plan {
  const char *name;
  layout values;
  layout dictionary; /* of the texts that the values number; LAYOUT_NONE */
  int32_t type;
  int64_t multiplier, divisor;
} plan;

typedef struct importer {
  cx_allocator allocator;
  cx__table_builder *builder;
  plan *plans;
  size_t count;
} importer;

/* ---- schemas ---------------------------------------------------------------------------------------------------- */

static layout layout_of(const char *format) {
  static const struct {
    char format;
    layout values;
  } known[] = {{'c', LAYOUT_INT8},  {'C', LAYOUT_UINT8},  {'s', LAYOUT_INT16},  {'S', LAYOUT_UINT16},
               {'i', LAYOUT_INT32}, {'I', LAYOUT_UINT32}, {'l', LAYOUT_INT64},  {'L', LAYOUT_UINT64},
               {'b', LAYOUT_BOOL},  {'f', LAYOUT_FLOAT},  {'g', LAYOUT_DOUBLE}, {'u', LAYOUT_TEXT32},
               {'U', LAYOUT_TEXT64}};
  if (format[0] == '\0' || format[1] != '\0') return LAYOUT_NONE;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].format == format[0]) return known[i].values;
  return LAYOUT_NONE;
}

/** Dates and timestamps; false for any other format. */
static bool plan_time(const char *format, plan *out) {
  static const struct {
    const char *format;
    size_t size;
    layout values;
    int64_t multiplier, divisor;
  } known[] = {{"tdD", 4, LAYOUT_INT32, CX__DAY, 1},     {"tdm", 4, LAYOUT_INT64, 1000, 1},
               {"tss:", 4, LAYOUT_INT64, CX__SECOND, 1}, {"tsm:", 4, LAYOUT_INT64, 1000, 1},
               {"tsu:", 4, LAYOUT_INT64, 1, 1},          {"tsn:", 4, LAYOUT_INT64, 1, 1000}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strncmp(format, known[i].format, known[i].size) != 0) continue;
    out->values = known[i].values;
    out->multiplier = known[i].multiplier;
    out->divisor = known[i].divisor;
    out->type = CX_TYPE_TIME;
    return true;
  }
  return false;
}

static bool is_text(layout values) { return values == LAYOUT_TEXT32 || values == LAYOUT_TEXT64; }

static bool is_integer(layout values) { return values >= LAYOUT_INT8 && values <= LAYOUT_UINT64; }

static bool plan_column(const struct ArrowSchema *schema, plan *out) {
  if (!schema->format) return false;
  if (!schema->dictionary && plan_time(schema->format, out)) return true;
  out->values = layout_of(schema->format);
  if (schema->dictionary) {
    out->dictionary = schema->dictionary->format ? layout_of(schema->dictionary->format) : LAYOUT_NONE;
    out->type = CX_TYPE_TEXT;
    return is_integer(out->values) && is_text(out->dictionary) && !schema->dictionary->dictionary;
  }
  out->type = CX_TYPE_INT64;
  if (is_text(out->values)) out->type = CX_TYPE_TEXT;
  if (out->values == LAYOUT_FLOAT || out->values == LAYOUT_DOUBLE) out->type = CX_TYPE_DOUBLE;
  return out->values != LAYOUT_NONE;
}

static cx_status begin_import(cx_context *ctx, const struct ArrowSchema *schema, importer *out) {
  out->allocator = *cx__allocator(ctx);
  if (!schema->format || strcmp(schema->format, "+s") != 0)
    return cx__fail(ctx, CX_ERR_TYPE, "the arrow data are not a struct of columns");
  if (schema->n_children < 0 || (schema->n_children > 0 && !schema->children))
    return cx__fail(ctx, CX_ERR_INVALID, "the arrow schema has no children");
  out->count = (size_t)schema->n_children;
  out->plans = cx__alloc_array_zero(&out->allocator, out->count, sizeof *out->plans);
  out->builder = cx__table_builder_new(&out->allocator);
  if (!out->plans || !out->builder) return cx__no_memory(ctx);
  for (size_t i = 0; i < out->count; i++) {
    const struct ArrowSchema *child = schema->children[i];
    plan *own = &out->plans[i];
    if (!child) return cx__fail(ctx, CX_ERR_INVALID, "column %zu of the arrow schema is missing", i);
    own->name = child->name ? child->name : "";
    if (!plan_column(child, own))
      return cx__fail(ctx, CX_ERR_TYPE, "column \"%.64s\" is of a type that tables do not have (arrow format %.32s)",
                      own->name,
                      child->dictionary ? "dictionary"
                      : child->format   ? child->format
                                        : "?");
    if (!cx__table_builder_add_column(out->builder, own->name, own->type)) return cx__no_memory(ctx);
  }
  return CX_OK;
}

static void end_import(importer *own) {
  cx__table_builder_free(own->builder);
  cx__free(&own->allocator, own->plans);
}

/* ---- arrays ----------------------------------------------------------------------------------------------------- */

static bool bit_is_set(const uint8_t *bits, int64_t index) { return (bits[index >> 3] >> (index & 7) & 1) != 0; }

static bool is_present(const struct ArrowArray *array, int64_t index) {
  return !array->buffers[0] || bit_is_set(array->buffers[0], index);
}

/** An array has the buffers of its layout and at least `length` values. */
static bool is_complete(const struct ArrowArray *array, layout values, int64_t length) {
  const int64_t buffers = is_text(values) ? 3 : 2;
  if (array->length < length || array->offset < 0 || array->n_buffers != buffers || !array->buffers) return false;
  if (array->length > INT64_MAX - array->offset) return false;
  return length == 0 || array->buffers[1];
}

/** Integer at an index; false when it is above INT64_MAX. Buffers need not be aligned. */
static bool read_integer(const void *buffer, layout values, int64_t index, int64_t *out) {
#define READ(type)                                                                                                     \
  do {                                                                                                                 \
    type value;                                                                                                        \
    memcpy(&value, (const char *)buffer + (size_t)index * sizeof value, sizeof value);                                 \
    *out = (int64_t)value;                                                                                             \
  } while (0)
  switch ((int)values) {
  case LAYOUT_INT8:
    READ(int8_t);
    return true;
  case LAYOUT_UINT8:
    READ(uint8_t);
    return true;
  case LAYOUT_INT16:
    READ(int16_t);
    return true;
  case LAYOUT_UINT16:
    READ(uint16_t);
    return true;
  case LAYOUT_INT32:
    READ(int32_t);
    return true;
  case LAYOUT_UINT32:
    READ(uint32_t);
    return true;
  case LAYOUT_UINT64:
    READ(uint64_t);
    return *out >= 0;
  case LAYOUT_BOOL:
    *out = bit_is_set(buffer, index);
    return true;
  default:
    READ(int64_t);
    return true;
  }
#undef READ
}

static double read_double(const void *buffer, layout values, int64_t index) {
  if (values == LAYOUT_FLOAT) {
    float value;
    memcpy(&value, (const char *)buffer + (size_t)index * sizeof value, sizeof value);
    return (double)value;
  }
  double value;
  memcpy(&value, (const char *)buffer + (size_t)index * sizeof value, sizeof value);
  return value;
}

/** Text at an index: CX_ERR_SHAPE for offsets that descend, CX_ERR_INVALID when it is not UTF-8. */
static cx_status read_text(const struct ArrowArray *array, layout values, int64_t index, cx_text *out) {
  const layout offsets = values == LAYOUT_TEXT32 ? LAYOUT_INT32 : LAYOUT_INT64;
  int64_t from, to;
  (void)read_integer(array->buffers[1], offsets, index, &from);
  (void)read_integer(array->buffers[1], offsets, index + 1, &to);
  if (from < 0 || to < from) return CX_ERR_SHAPE;
  const char *bytes = array->buffers[2];
  if (to == from) bytes = "";
  if (!bytes) return CX_ERR_SHAPE;
  *out = (cx_text){to > from ? bytes + from : bytes, (size_t)(to - from)};
  return cx__text_is_utf8(*out) ? CX_OK : CX_ERR_INVALID;
}

/** Microseconds of a date or timestamp, rounded down; false when they are out of range. */
static bool scale_time(const plan *own, int64_t value, int64_t *out) {
  if (__builtin_mul_overflow(value, own->multiplier, out)) return false;
  const int64_t rest = *out % own->divisor;
  *out = *out / own->divisor - (rest < 0);
  return *out != CX_TIME_NONE;
}

static cx_status add_text(importer *own, size_t column, const struct ArrowArray *array, layout values, int64_t index) {
  cx_text text;
  const cx_status status = read_text(array, values, index, &text);
  if (status != CX_OK) return status;
  return cx__table_builder_text(own->builder, column, text) ? CX_OK : CX_ERR_NOMEM;
}

static cx_status add_word(importer *own, size_t column, const struct ArrowArray *array, int64_t index) {
  const plan *from = &own->plans[column];
  const struct ArrowArray *dictionary = array->dictionary;
  int64_t number;
  if (!read_integer(array->buffers[1], from->values, index, &number)) return CX_ERR_RANGE;
  if (number < 0 || number >= dictionary->length) return CX_ERR_RANGE;
  number += dictionary->offset;
  if (!is_present(dictionary, number)) return cx__table_builder_absent(own->builder, column) ? CX_OK : CX_ERR_NOMEM;
  return add_text(own, column, dictionary, from->dictionary, number);
}

static cx_status add_value(importer *own, size_t column, const struct ArrowArray *array, int64_t index) {
  const plan *from = &own->plans[column];
  if (from->dictionary != LAYOUT_NONE) return add_word(own, column, array, index);
  if (from->type == CX_TYPE_TEXT) return add_text(own, column, array, from->values, index);
  bool added;
  if (from->type == CX_TYPE_DOUBLE) {
    added = cx__table_builder_double(own->builder, column, read_double(array->buffers[1], from->values, index));
  } else {
    int64_t value;
    if (!read_integer(array->buffers[1], from->values, index, &value)) return CX_ERR_RANGE;
    if (from->type == CX_TYPE_TIME && !scale_time(from, value, &value)) return CX_ERR_RANGE;
    added = cx__table_builder_int64(own->builder, column, value);
  }
  return added ? CX_OK : CX_ERR_NOMEM;
}

static cx_status fail_value(cx_context *ctx, const char *name, int64_t row, cx_status status) {
  if (status == CX_ERR_NOMEM) return cx__no_memory(ctx);
  const char *what = "a value is out of range";
  if (status == CX_ERR_SHAPE) what = "the offsets descend";
  if (status == CX_ERR_INVALID) what = "a text is not utf-8";
  return cx__fail(ctx, status, "column \"%.64s\": %s (row %lld of the array)", name, what, (long long)row);
}

static cx_status import_column(cx_context *ctx, importer *own, size_t column, const struct ArrowArray *parent) {
  const struct ArrowArray *array = parent->children[column];
  const plan *from = &own->plans[column];
  const int64_t first = parent->offset, rows = parent->length;
  bool complete = array && is_complete(array, from->values, first + rows);
  if (complete && from->dictionary != LAYOUT_NONE)
    complete = array->dictionary && is_complete(array->dictionary, from->dictionary, array->dictionary->length);
  if (!complete) return cx__fail(ctx, CX_ERR_SHAPE, "column \"%.64s\" is shorter than its array says", from->name);
  for (int64_t row = 0; row < rows; row++) {
    const int64_t index = array->offset + first + row;
    cx_status status = CX_OK;
    if (is_present(parent, first + row) && is_present(array, index))
      status = add_value(own, column, array, index);
    else if (!cx__table_builder_absent(own->builder, column))
      status = CX_ERR_NOMEM;
    if (status != CX_OK) return fail_value(ctx, from->name, row, status);
  }
  return CX_OK;
}

static cx_status import_batch(cx_context *ctx, importer *own, const struct ArrowArray *array) {
  if (array->n_children < 0 || (size_t)array->n_children != own->count || (own->count > 0 && !array->children))
    return cx__fail(ctx, CX_ERR_SHAPE, "the arrow array and its schema differ in their number of columns");
  if (array->length < 0 || array->offset < 0 || array->length > INT64_MAX - array->offset || array->n_buffers != 1 ||
      !array->buffers)
    return cx__fail(ctx, CX_ERR_SHAPE, "the arrow array is not a struct array");
  cx_status status = CX_OK;
  for (size_t i = 0; i < own->count && status == CX_OK; i++) {
    if (cx__cancelled(ctx)) return cx__fail(ctx, CX_ERR_CANCELLED, "cancelled");
    status = import_column(ctx, own, i, array);
  }
  return status;
}

cx_status cx_table_import_array(cx_context *ctx, struct ArrowSchema *schema, struct ArrowArray *array, cx_table **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!schema) return cx__null(ctx, "schema");
  if (!array) return cx__null(ctx, "array");
  if (!schema->release || !array->release)
    return cx__fail(ctx, CX_ERR_INVALID, "the arrow structs have been released already");
  importer own = {.count = 0};
  cx_table *table = NULL;
  status = begin_import(ctx, schema, &own);
  if (status == CX_OK) status = import_batch(ctx, &own, array);
  if (status == CX_OK) status = cx__table_builder_finish(ctx, own.builder, &table);
  end_import(&own);
  if (status != CX_OK) return status;
  array->release(array);
  schema->release(schema);
  *out = table;
  return CX_OK;
}

/* ---- streams ---------------------------------------------------------------------------------------------------- */

/** The producer's own text may hold data, so only its number is told. */
static cx_status fail_stream(cx_context *ctx, int error) {
  if (error == ENOMEM) return cx__no_memory(ctx);
  return cx__fail(ctx, CX_ERR_IO, "the arrow stream failed (error %d)", error);
}

static cx_status import_batches(cx_context *ctx, importer *own, struct ArrowArrayStream *stream) {
  for (;;) {
    struct ArrowArray batch = {.release = NULL};
    const int error = stream->get_next(stream, &batch);
    if (error != 0) return fail_stream(ctx, error);
    if (!batch.release) return CX_OK;
    const cx_status status = import_batch(ctx, own, &batch);
    batch.release(&batch);
    if (status != CX_OK) return status;
  }
}

cx_status cx_table_import_stream(cx_context *ctx, struct ArrowArrayStream *stream, cx_table **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!stream) return cx__null(ctx, "stream");
  if (!stream->release) return cx__fail(ctx, CX_ERR_INVALID, "the arrow stream has been released already");
  struct ArrowSchema schema = {.release = NULL};
  const int error = stream->get_schema(stream, &schema);
  if (error != 0) return fail_stream(ctx, error);
  importer own = {.count = 0};
  cx_table *table = NULL;
  status = begin_import(ctx, &schema, &own);
  if (status == CX_OK) status = import_batches(ctx, &own, stream);
  if (status == CX_OK) status = cx__table_builder_finish(ctx, own.builder, &table);
  end_import(&own);
  if (schema.release) schema.release(&schema);
  if (status != CX_OK) return status;
  stream->release(stream);
  *out = table;
  return CX_OK;
}

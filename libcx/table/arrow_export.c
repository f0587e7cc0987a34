/* SPDX-License-Identifier: MIT */
/* Tables as Arrow arrays and streams. Every exported array, parent or child, holds a reference to the table, because a
 * consumer may move a child out and keep it after its parent. */
#include "table/arrow.h"
#include "table/storage.h"

#include <errno.h>

#define BUFFERS_MAX 3

static const char *format_of(int32_t type) {
  if (type == CX_TYPE_INT64) return "l";
  if (type == CX_TYPE_DOUBLE) return "g";
  return type == CX_TYPE_TEXT ? "U" : "tsu:UTC";
}

/* ---- schemas ---------------------------------------------------------------------------------------------------- */

/** Behind a schema: the children of a struct, or the name of a column. */
typedef struct schema_owner {
  cx_allocator allocator;
  struct ArrowSchema *children;
  struct ArrowSchema **pointers;
  char *name;
} schema_owner;

static void release_schema(struct ArrowSchema *schema) {
  schema_owner *owner = schema->private_data;
  for (int64_t i = 0; i < schema->n_children; i++)
    if (schema->children[i]->release) schema->children[i]->release(schema->children[i]);
  schema->release = NULL;
  const cx_allocator allocator = owner->allocator;
  cx__free(&allocator, owner->children);
  cx__free(&allocator, owner->pointers);
  cx__free(&allocator, owner->name);
  cx__free(&allocator, owner);
}

/** A schema without children; release it also when a later step fails. */
static bool begin_schema(const cx_allocator *allocator, const char *format, const char *name, int64_t flags,
                         struct ArrowSchema *out) {
  schema_owner *owner = cx__alloc_zero(allocator, sizeof *owner);
  if (!owner) return false;
  owner->allocator = *allocator;
  owner->name = cx__name_copy(allocator, name);
  if (!owner->name) {
    cx__free(allocator, owner);
    return false;
  }
  *out = (struct ArrowSchema){
      .format = format, .name = owner->name, .flags = flags, .release = release_schema, .private_data = owner};
  return true;
}

static bool make_schema(const cx_allocator *allocator, const cx_table *table, struct ArrowSchema *out) {
  if (!begin_schema(allocator, "+s", "", 0, out)) return false;
  schema_owner *owner = out->private_data;
  owner->children = cx__alloc_array_zero(allocator, table->columns_count, sizeof *owner->children);
  owner->pointers = cx__alloc_array(allocator, table->columns_count, sizeof *owner->pointers);
  bool done = owner->children && owner->pointers;
  if (done) out->children = owner->pointers;
  for (size_t i = 0; i < table->columns_count && done; i++) {
    const cx_column *column = &table->columns[i];
    owner->pointers[i] = &owner->children[i];
    done = begin_schema(allocator, format_of(column->type), column->name, ARROW_FLAG_NULLABLE, &owner->children[i]);
    if (done) out->n_children++;
  }
  if (!done) release_schema(out);
  return done;
}

/* ---- arrays ----------------------------------------------------------------------------------------------------- */

/** Behind an array: a reference to the table, its buffers, and the children of a struct. */
typedef struct array_owner {
  cx_allocator allocator;
  cx_table *table;
  const void *buffers[BUFFERS_MAX];
  struct ArrowArray *children;
  struct ArrowArray **pointers;
} array_owner;

static void release_array(struct ArrowArray *array) {
  array_owner *owner = array->private_data;
  for (int64_t i = 0; i < array->n_children; i++)
    if (array->children[i]->release) array->children[i]->release(array->children[i]);
  array->release = NULL;
  const cx_allocator allocator = owner->allocator;
  cx_table_free(owner->table);
  cx__free(&allocator, owner->children);
  cx__free(&allocator, owner->pointers);
  cx__free(&allocator, owner);
}

static int64_t count_absent(const cx_column *column, size_t rows) {
  if (!column->validity) return 0;
  int64_t absent = 0;
  for (size_t i = 0; i < rows; i++) absent += !cx__column_present(column, i);
  return absent;
}

/** An array without buffers and children. */
static array_owner *begin_array(const cx_allocator *allocator, cx_table *table, struct ArrowArray *out) {
  array_owner *owner = cx__alloc_zero(allocator, sizeof *owner);
  if (!owner) return NULL;
  owner->allocator = *allocator;
  owner->table = table;
  cx__table_retain(table);
  *out = (struct ArrowArray){
      .length = (int64_t)table->rows, .buffers = owner->buffers, .release = release_array, .private_data = owner};
  return owner;
}

static bool make_column(const cx_allocator *allocator, cx_table *table, size_t index, struct ArrowArray *out) {
  const cx_column *column = &table->columns[index];
  array_owner *owner = begin_array(allocator, table, out);
  if (!owner) return false;
  out->null_count = count_absent(column, table->rows);
  owner->buffers[out->n_buffers++] = column->validity;
  if (column->type == CX_TYPE_TEXT) owner->buffers[out->n_buffers++] = column->offsets;
  owner->buffers[out->n_buffers++] = column->values;
  return true;
}

static bool make_array(const cx_allocator *allocator, cx_table *table, struct ArrowArray *out) {
  array_owner *owner = begin_array(allocator, table, out);
  if (!owner) return false;
  out->n_buffers = 1; /* no row of the struct is absent */
  owner->children = cx__alloc_array_zero(allocator, table->columns_count, sizeof *owner->children);
  owner->pointers = cx__alloc_array(allocator, table->columns_count, sizeof *owner->pointers);
  bool done = owner->children && owner->pointers;
  if (done) out->children = owner->pointers;
  for (size_t i = 0; i < table->columns_count && done; i++) {
    owner->pointers[i] = &owner->children[i];
    done = make_column(allocator, table, i, &owner->children[i]);
    if (done) out->n_children++;
  }
  if (!done) release_array(out);
  return done;
}

/** The table behind a const pointer: only its count of references is written, atomically. */
static cx_table *countable(const cx_table *table) { return (cx_table *)(uintptr_t)table; }

cx_status cx_table_export_array(cx_context *ctx, const cx_table *table, struct ArrowSchema *schema,
                                struct ArrowArray *array) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!table) return cx__null(ctx, "table");
  if (!schema) return cx__null(ctx, "schema");
  if (!array) return cx__null(ctx, "array");
  struct ArrowSchema own_schema;
  struct ArrowArray own_array;
  if (!make_schema(cx__allocator(ctx), table, &own_schema)) return cx__no_memory(ctx);
  if (!make_array(cx__allocator(ctx), countable(table), &own_array)) {
    release_schema(&own_schema);
    return cx__no_memory(ctx);
  }
  *schema = own_schema;
  *array = own_array;
  return CX_OK;
}

/* ---- streams ---------------------------------------------------------------------------------------------------- */

typedef struct stream_owner {
  cx_allocator allocator;
  cx_table *table;
  bool given;
} stream_owner;

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  const stream_owner *owner = stream->private_data;
  struct ArrowSchema own;
  if (!make_schema(&owner->allocator, owner->table, &own)) return ENOMEM;
  *out = own;
  return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  stream_owner *owner = stream->private_data;
  struct ArrowArray own = {.release = NULL};
  if (!owner->given && !make_array(&owner->allocator, owner->table, &own)) return ENOMEM;
  owner->given = true;
  *out = own;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return NULL;
}

static void release_stream(struct ArrowArrayStream *stream) {
  stream_owner *owner = stream->private_data;
  stream->release = NULL;
  const cx_allocator allocator = owner->allocator;
  cx_table_free(owner->table);
  cx__free(&allocator, owner);
}

cx_status cx_table_export_stream(cx_context *ctx, const cx_table *table, struct ArrowArrayStream *stream) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!table) return cx__null(ctx, "table");
  if (!stream) return cx__null(ctx, "stream");
  stream_owner *owner = cx__alloc_zero(cx__allocator(ctx), sizeof *owner);
  if (!owner) return cx__no_memory(ctx);
  owner->allocator = *cx__allocator(ctx);
  owner->table = countable(table);
  cx__table_retain(owner->table);
  *stream = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, owner};
  return CX_OK;
}

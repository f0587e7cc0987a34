/* SPDX-License-Identifier: MIT */
/** @file cx/table.h
 *  A table is an immutable set of typed columns of one length, in the layout of Apache Arrow. It is
 *  what models read and what bulk results come in. Any number of threads may read one table. */
#ifndef CX_TABLE_H
#define CX_TABLE_H

#include <cx/context.h>

CX_BEGIN_DECLS

typedef struct cx_table cx_table;

/** Column types: X(name, value, text). TIME is an int64 of microseconds UTC. */
#define CX_TYPE_MAP(X) X(INT64, 1, "int64") X(DOUBLE, 2, "double") X(TEXT, 3, "text") X(TIME, 4, "time")
enum {
#define CX_TYPE_ENUM(name, value, text) CX_TYPE_##name = (value),
  CX_TYPE_MAP(CX_TYPE_ENUM)
#undef CX_TYPE_ENUM
};

/** One column. Bit i (least significant first) of `validity` says whether row i is present; NULL
 *  means that all are. Absent DOUBLEs are also NaN. */
typedef struct cx_column {
  const char *name;        /* UTF-8, terminated */
  const uint8_t *validity; /* NULL or (rows + 7) / 8 bytes */
  const void *values;      /* rows int64_t (INT64, TIME) or double (DOUBLE), or the bytes of TEXT */
  const int64_t *offsets;  /* TEXT: rows + 1 offsets into values, not descending; else NULL */
  int32_t type;            /* CX_TYPE_* */
  int32_t reserved;        /* 0 */
} cx_column;

/** Makes a table from columns, which are copied.
 *  @param columns [in] distinct, non-empty names; text must be UTF-8.
 *  @param out     [out] free with cx_table_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_INVALID (NULL, repeated name, bad UTF-8), CX_ERR_TYPE, CX_ERR_SHAPE (bad
 *          offsets), CX_ERR_NOMEM.
 *  Cost: one copy. */
CX_API CX_NODISCARD cx_status cx_table_new(cx_context *ctx, const cx_column *columns, size_t columns_count, size_t rows,
                                           cx_table **out);
/** Frees a table. NULL is allowed. */
CX_API void cx_table_free(cx_table *table);
/** Number of rows. Any thread. */
CX_API size_t cx_table_rows(const cx_table *table);
/** Number of columns. Any thread. */
CX_API size_t cx_table_columns(const cx_table *table);
/** Fills @p out with column @p index, borrowed until the table is freed; CX_ERR_RANGE. Any thread. */
CX_API CX_NODISCARD cx_status cx_table_get_column(const cx_table *table, size_t index, cx_column *out);
/** Finds a column by its exact name; CX_ERR_NOT_FOUND. Any thread. */
CX_API CX_NODISCARD cx_status cx_table_find_column(cx_context *ctx, const cx_table *table, const char *name,
                                                   cx_column *out);

struct ArrowSchema;
struct ArrowArray;
struct ArrowArrayStream;

/** Makes a table from an Arrow struct array (Arrow C data interface). Integer, floating, boolean,
 *  string, large string, dictionary-encoded string, date and timestamp columns are converted; any
 *  other is CX_ERR_TYPE with its name. On success both structs have been released; on failure they
 *  are the caller's still. */
CX_API CX_NODISCARD cx_status cx_table_import_array(cx_context *ctx, struct ArrowSchema *schema,
                                                    struct ArrowArray *array, cx_table **out);
/** Makes a table from all batches of an Arrow stream (Arrow C stream interface), which is released
 *  on success. */
CX_API CX_NODISCARD cx_status cx_table_import_stream(cx_context *ctx, struct ArrowArrayStream *stream, cx_table **out);
/** Exports without copying: the structs share the table's memory and keep it until released. */
CX_API CX_NODISCARD cx_status cx_table_export_array(cx_context *ctx, const cx_table *table, struct ArrowSchema *schema,
                                                    struct ArrowArray *array);
/** Exports as a stream of one batch, without copying. */
CX_API CX_NODISCARD cx_status cx_table_export_stream(cx_context *ctx, const cx_table *table,
                                                     struct ArrowArrayStream *stream);

CX_END_DECLS
#endif

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
 *  means that all are. An absent DOUBLE is also NaN, an absent TIME CX_TIME_NONE, an absent INT64 0, an absent TEXT
 *  empty. */
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
/** Fills @p out with column @p index, borrowed until the table is freed. CX_ERR_RANGE (the index), CX_ERR_INVALID
 *  (NULL). Any thread. */
CX_API CX_NODISCARD cx_status cx_table_get_column(const cx_table *table, size_t index, cx_column *out);
/** Finds a column by its exact name; CX_ERR_NOT_FOUND. Any thread. */
CX_API CX_NODISCARD cx_status cx_table_find_column(cx_context *ctx, const cx_table *table, const char *name,
                                                   cx_column *out);

struct ArrowSchema;
struct ArrowArray;
struct ArrowArrayStream;

/** Makes a table from an Arrow struct array (Arrow C data interface). Values are copied and converted:
 *  int8 to int64, uint8 to uint64 and bool to INT64; float and double to DOUBLE; utf8, large utf8 and strings in a
 *  dictionary to TEXT; date32, date64 and timestamps of any unit and zone to TIME, nanoseconds rounded down.
 *  @param schema [in] released on success; the caller's still on failure.
 *  @param array  [in] likewise. Any offset; buffers need not be aligned.
 *  @param out    [out] free with cx_table_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_TYPE (any other type, with the column's name), CX_ERR_RANGE (uint64 or time too large,
 *          dictionary index), CX_ERR_SHAPE (lengths, offsets), CX_ERR_INVALID (NULL, released already, names, text
 *          that is not UTF-8), CX_ERR_NOMEM, CX_ERR_CANCELLED.
 *  Cost: one copy. The producer is trusted to have filled its buffers as the structs say. */
CX_API CX_NODISCARD cx_status cx_table_import_array(cx_context *ctx, struct ArrowSchema *schema,
                                                    struct ArrowArray *array, cx_table **out);
/** Makes a table from all batches of an Arrow stream (Arrow C stream interface), as cx_table_import_array() does.
 *  @param stream [in] released on success; the caller's still on failure, with some batches taken.
 *  @return as cx_table_import_array(); CX_ERR_IO when the stream fails. */
CX_API CX_NODISCARD cx_status cx_table_import_stream(cx_context *ctx, struct ArrowArrayStream *stream, cx_table **out);
/** Exports without copying: the structs share the table's memory and keep it until released, also when the table is
 *  freed before. INT64 becomes int64, DOUBLE double, TEXT large utf8, TIME timestamp of microseconds in UTC.
 *  @param schema [out] to be released by whoever has it last; untouched on failure.
 *  @param array  [out] likewise. Children may be moved out and kept.
 *  @return CX_OK, CX_ERR_INVALID (NULL), CX_ERR_NOMEM. Any thread with a context of its own may export one table. */
CX_API CX_NODISCARD cx_status cx_table_export_array(cx_context *ctx, const cx_table *table, struct ArrowSchema *schema,
                                                    struct ArrowArray *array);
/** Exports as a stream of one batch, without copying.
 *  @param stream [out] to be released by whoever has it last; untouched on failure.
 *  @return CX_OK, CX_ERR_INVALID (NULL), CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_table_export_stream(cx_context *ctx, const cx_table *table,
                                                     struct ArrowArrayStream *stream);

CX_END_DECLS
#endif

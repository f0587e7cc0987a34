/* SPDX-License-Identifier: MIT */
#include "cx.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const option options[] = {{"output", 'o', "FILE", "write to a file instead of standard output"},
                                 {"quarantine", 0, NULL, "the rows in quarantine instead, as JSON Lines"},
                                 {NULL, 0, NULL, NULL}};

static const char text[] =
    "Writes every record of BASE as JSON Lines in an order that depends on content alone: two "
    "bases with the same records give\n"
    "the same bytes, in whatever order they were imported. A new FILE is readable by its owner only.";

static int write_to(void *user, const void *bytes, size_t size) { return fwrite(bytes, 1, size, user) != size; }

/** A new file is readable by its owner only: it holds what is known of people. */
static FILE *open_private(const char *path) {
  const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
  if (!file && descriptor >= 0) (void)close(descriptor);
  return file;
}

static int64_t integer_at(const cx_column *column, size_t row) { return ((const int64_t *)column->values)[row]; }

static cx_text text_at(const cx_column *column, size_t row) {
  const int64_t from = column->offsets[row];
  return (cx_text){(const char *)column->values + from, (size_t)(column->offsets[row + 1] - from)};
}

static cx_status export_quarantine(cx_context *ctx, cx_store *store, FILE *file) {
  cx_table *table = NULL;
  cx_column source, row, byte, reason, raw;
  cx_status status = cx_store_read_quarantine(ctx, store, &table);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "source", &source);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "row", &row);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "byte", &byte);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "reason", &reason);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "raw", &raw);
  json out = {.file = file};
  for (size_t i = 0; status == CX_OK && i < cx_table_rows(table); i++) {
    json_open(&out, NULL, '{');
    json_text(&out, "source", text_at(&source, i));
    json_integer(&out, "row", integer_at(&row, i));
    json_integer(&out, "byte", integer_at(&byte, i));
    json_string(&out, "reason", cx_quarantine_text((int32_t)integer_at(&reason, i)));
    json_text(&out, "raw", text_at(&raw, i));
    json_close(&out, '}');
    json_end(&out);
  }
  cx_table_free(table);
  return status;
}

static int run(arguments *args, cx_context *ctx) {
  int exit_status = EXIT_GOOD;
  cx_base *base = base_open(args, ctx, false, true, &exit_status);
  if (!base) return exit_status;
  const char *path = arguments_get(args, "output");
  FILE *file = path ? open_private(path) : stdout;
  if (!file) {
    (void)usage_error(args, "%s cannot be written", path);
    cx_base_free(base);
    return EXIT_DATA;
  }
  const cx_status status = arguments_has(args, "quarantine")
                               ? export_quarantine(ctx, cx_base_store(base), file)
                               : cx_store_export(ctx, cx_base_store(base), write_to, file);
  const bool written = (path ? fclose(file) : fflush(file)) == 0;
  if (!written) {
    (void)usage_error(args, "%s cannot be written", path ? path : "standard output");
    exit_status = EXIT_DATA;
  } else if (status != CX_OK) {
    exit_status = failure(args, ctx, status);
  }
  cx_base_free(base);
  return exit_status;
}

const command command_export = {
    "export", "[OPTION]... BASE", "every record, the same bytes for the same records", text, options, 1, 1, run};

/* SPDX-License-Identifier: MIT */
#include "cx.h"

static const option options[] = {{"at", 0, "DATE", "as of the end of this day (the latest event)"},
                                 {"each", 0, NULL, "one JSON line a person instead of counts"},
                                 {NULL, 0, NULL, NULL}};

static const char text[] =
    "Counts how many people stand in each stage: by their most probable stage, and expected, which is the sum of the\n"
    "probabilities. With --each the id of a line is taken by `cx show` and `cx rank`.";

static double at(const cx_column *column, size_t row) { return ((const double *)column->values)[row]; }

typedef struct columns {
  cx_column person, stage, probabilities[CX_STAGE_COUNT], again, expected;
} columns;

static cx_status find_columns(cx_context *ctx, const cx_table *table, columns *out) {
  cx_status status = cx_table_find_column(ctx, table, "person", &out->person);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "stage", &out->stage);
  for (int32_t i = 0; i < CX_STAGE_COUNT && status == CX_OK; i++)
    status = cx_table_find_column(ctx, table, cx_stage_text(i), &out->probabilities[i]);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "again", &out->again);
  if (status == CX_OK) status = cx_table_find_column(ctx, table, "expected", &out->expected);
  return status;
}

static void print_each(const columns *in, size_t rows) {
  json out = {.file = stdout};
  char id[CX_PARTY_ID_SIZE];
  for (size_t row = 0; row < rows; row++) {
    json_open(&out, NULL, '{');
    json_string(&out, "id", person_text(((const int64_t *)in->person.values)[row], id));
    json_string(&out, "stage", cx_stage_text((int32_t)((const int64_t *)in->stage.values)[row]));
    json_open(&out, "probabilities", '{');
    for (int32_t i = 0; i < CX_STAGE_COUNT; i++) json_number(&out, cx_stage_text(i), at(&in->probabilities[i], row));
    json_close(&out, '}');
    json_number(&out, "again", at(&in->again, row));
    json_number(&out, "expected", at(&in->expected, row));
    json_close(&out, '}');
    json_end(&out);
  }
}

static void print_counts(const columns *in, size_t rows, bool as_json) {
  uint64_t counts[CX_STAGE_COUNT] = {0};
  double expected[CX_STAGE_COUNT] = {0};
  for (size_t row = 0; row < rows; row++) {
    counts[((const int64_t *)in->stage.values)[row]]++;
    for (size_t i = 0; i < CX_STAGE_COUNT; i++) expected[i] += at(&in->probabilities[i], row);
  }
  if (as_json) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_unsigned(&out, "people", rows);
    json_open(&out, "stages", '{');
    for (int32_t i = 0; i < CX_STAGE_COUNT; i++) json_unsigned(&out, cx_stage_text(i), counts[i]);
    json_close(&out, '}');
    json_open(&out, "expected", '{');
    for (int32_t i = 0; i < CX_STAGE_COUNT; i++) json_number(&out, cx_stage_text(i), expected[i]);
    json_close(&out, '}');
    json_close(&out, '}');
    json_end(&out);
    return;
  }
  print_heading("stage             people   share   expected");
  for (int32_t i = 0; i < CX_STAGE_COUNT; i++)
    printf("%-14s %9llu  %5.1f %%  %9.1f\n", cx_stage_text(i), (unsigned long long)counts[i],
           rows > 0 ? 100.0 * (double)counts[i] / (double)rows : 0.0, expected[i]);
  printf("%-14s %9llu\n", "all", (unsigned long long)rows);
}

static int run(arguments *args, cx_context *ctx) {
  int exit_status = EXIT_GOOD;
  int64_t when = CX_TIME_NONE;
  if (!arguments_time(args, "at", &when)) return EXIT_CALL;
  cx_base *base = base_open(args, ctx, false, true, &exit_status);
  if (!base) return exit_status;
  cx_table *table = NULL;
  columns found;
  cx_status status = cx_base_infer_all(ctx, base, when, &table);
  if (status == CX_OK) status = find_columns(ctx, table, &found);
  if (status != CX_OK)
    exit_status = failure(args, ctx, status);
  else if (arguments_has(args, "each"))
    print_each(&found, cx_table_rows(table));
  else
    print_counts(&found, cx_table_rows(table), arguments_has(args, "json"));
  cx_table_free(table);
  cx_base_free(base);
  return exit_status;
}

const command command_stages = {"stages", "[OPTION]... BASE", "how many people stand where", text, options, 1, 1, run};

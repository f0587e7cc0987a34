/* SPDX-License-Identifier: MIT */
#include "cx.h"

#include <string.h>

static const option options[] = {
    {"map", 0, "NAME=C,...", "columns: customer, time, value; C is a header, or a number from 1 with --no-header"},
    {"no-header", 0, NULL, "the first record is data"},
    {"separator", 0, "S", "between fields: a character, tab, or blanks; found out by itself"},
    {"time-format", 0, "F", "of times, as %Y%m%d; the usual ones are recognised"},
    {"unit", 0, "U", "day or week (week)"},
    {"until", 0, "DATE", "end of calibration; later purchases are left out (the last purchase)"},
    {"save", 0, "FILE", "write the model to a file"},
    {NULL, 0, NULL, NULL}};

static const char text[] = "MODEL is bgnbd (Fader, Hardie and Lee 2005). Purchases of one customer on one day count as "
                           "one; the first purchase is the\n"
                           "origin. Times are in units: with week, days divided by 7.";

/** The columns of the file as they are mapped. Names in @p storage. */
static int map_columns(const arguments *args, char storage[3][128], cx_format_column columns[3]) {
  static const char *const names[3] = {"customer", "time", "value"};
  static const int32_t types[3] = {CX_TYPE_TEXT, CX_TYPE_TIME, CX_TYPE_DOUBLE};
  const char *map = arguments_get(args, "map");
  for (size_t i = 0; i < 3; i++) {
    (void)snprintf(storage[i], 128, "%s", names[i]);
    columns[i] = (cx_format_column){.column = storage[i],
                                    .name = names[i],
                                    .type = types[i],
                                    .optional = i == 2,
                                    .time_format = i == 1 ? arguments_get(args, "time-format") : NULL};
  }
  bool bad = false;
  cx_text name, value;
  for (size_t k = 0; pair_of(map, k, &name, &value, &bad); k++) {
    size_t i = 0;
    while (i < 3 && !(strlen(names[i]) == name.size && memcmp(names[i], name.data, name.size) == 0)) i++;
    if (i == 3 || value.size == 0 || value.size >= 128)
      return usage_error(args, "--map takes customer=C,time=C,value=C (got '%.*s')", (int)name.size, name.data);
    (void)snprintf(storage[i], 128, "%.*s", (int)value.size, value.data);
    columns[i].optional = 0;
  }
  if (bad) return usage_error(args, "--map takes customer=C,time=C,value=C");
  return EXIT_GOOD;
}

static cx_status read_purchases(const arguments *args, cx_context *ctx, const cx_format_column *columns, size_t count,
                                char separator, cx_table **out) {
  cx_format_source source;
  cx_format_csv_options csv;
  cx_format *format = NULL;
  source_of(arguments_operand(args, 1), &source);
  cx_status status = cx_format_csv_options_init(&csv, sizeof csv);
  csv.header = !arguments_has(args, "no-header");
  csv.columns = columns;
  csv.columns_count = count;
  csv.separator = separator;
  if (status == CX_OK) status = cx_format_open_csv(ctx, &source, &csv, &format);
  if (status == CX_OK) status = cx_format_read(ctx, format, 0, out);
  cx_format_free(format);
  return status;
}

static void print_fit(const arguments *args, const cx_lifecycle_info *info, size_t buyers_again) {
  static const char *const names[] = {"r", "alpha", "a", "b"};
  if (arguments_has(args, "json")) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_string(&out, "model", "bgnbd");
    json_open(&out, "params", '{');
    for (size_t i = 0; i < 4; i++) json_number(&out, names[i], info->parameters[i]);
    json_close(&out, '}');
    json_open(&out, "standard_errors", '{');
    for (size_t i = 0; i < 4; i++) json_number(&out, names[i], info->errors[i]);
    json_close(&out, '}');
    json_number(&out, "loglik", info->loglik);
    json_number(&out, "nbd_loglik", info->nbd_loglik);
    json_unsigned(&out, "customers", info->customers);
    json_unsigned(&out, "repeat_customers", buyers_again);
    json_unsigned(&out, "distinct", info->distinct);
    json_string(&out, "status", cx_lifecycle_fit_text(info->fit));
    json_string(&out, "unit", info->unit == CX_UNIT_DAY ? "day" : "week");
    json_time(&out, "until", info->until);
    json_unsigned(&out, "iterations", info->iterations);
    json_number(&out, "gradient", info->gradient);
    json_close(&out, '}');
    json_end(&out);
    return;
  }
  char date[32];
  print_heading("BG/NBD");
  for (size_t i = 0; i < 4; i++)
    printf("  %-16s %.12g  (standard error %.4g)\n", names[i], info->parameters[i], info->errors[i]);
  print_number("log-likelihood", info->loglik, 9);
  printf("  %-16s %.9f (NBD: nobody ever leaves)\n", "without dropout", info->nbd_loglik);
  print_count("customers", info->customers);
  print_count("with a repeat", buyers_again);
  print_string("unit", info->unit == CX_UNIT_DAY ? "day" : "week");
  print_string("until", date_text(info->until, date));
  print_string("status", cx_lifecycle_fit_text(info->fit));
}

/** Unit, end of calibration and separator. */
static int read_settings(const arguments *args, cx_history_options *opts, char *separator) {
  const char *unit = arguments_get(args, "unit"), *mark = arguments_get(args, "separator");
  if (cx_history_options_init(opts, sizeof *opts) != CX_OK) return EXIT_CALL;
  if (unit && strcmp(unit, "day") != 0 && strcmp(unit, "week") != 0)
    return usage_error(args, "--unit must be day or week (got '%s')", unit);
  if (unit) opts->unit = strcmp(unit, "day") == 0 ? CX_UNIT_DAY : CX_UNIT_WEEK;
  if (!arguments_time(args, "until", &opts->until)) return EXIT_CALL;
  *separator = 0;
  if (!mark) return EXIT_GOOD;
  if (strcmp(mark, "tab") == 0)
    *separator = '\t';
  else if (strcmp(mark, "blanks") == 0)
    *separator = ' ';
  else if (strlen(mark) == 1)
    *separator = mark[0];
  else
    return usage_error(args, "--separator must be one character, tab, or blanks");
  return EXIT_GOOD;
}

static int fit(const arguments *args, cx_context *ctx, const cx_table *table, const cx_history_options *opts) {
  cx_history *history = NULL;
  cx_lifecycle *lifecycle = NULL;
  cx_lifecycle_info info = {.size = sizeof info};
  cx_status status = cx_history_build(ctx, table, opts, &history);
  if (status == CX_OK) status = cx_lifecycle_fit(ctx, history, NULL, &lifecycle);
  if (status == CX_OK) status = cx_lifecycle_get_info(lifecycle, &info);
  if (status == CX_OK && arguments_has(args, "save"))
    status = cx_lifecycle_save(ctx, lifecycle, arguments_get(args, "save"), NULL);
  int exit_status = EXIT_GOOD;
  if (status == CX_OK) {
    size_t again = 0;
    const cx_history_row *rows = cx_history_rows(history);
    for (size_t i = 0; i < cx_history_count(history); i++) again += rows[i].x > 0;
    print_fit(args, &info, again);
  } else {
    exit_status = failure(args, ctx, status);
  }
  cx_lifecycle_free(lifecycle);
  cx_history_free(history);
  return exit_status;
}

static int run(arguments *args, cx_context *ctx) {
  if (strcmp(arguments_operand(args, 0), "bgnbd") != 0)
    return usage_error(args, "no model '%s'; there is bgnbd", arguments_operand(args, 0));
  char storage[3][128], separator;
  cx_format_column columns[3];
  cx_history_options opts;
  int exit_status = map_columns(args, storage, columns);
  if (exit_status == EXIT_GOOD) exit_status = read_settings(args, &opts, &separator);
  if (exit_status != EXIT_GOOD) return exit_status;
  /* Without a header the value has no column unless it was mapped. */
  const size_t count = arguments_has(args, "no-header") && columns[2].optional ? 2 : 3;
  cx_table *table = NULL;
  const cx_status status = read_purchases(args, ctx, columns, count, separator, &table);
  if (status == CX_DONE) {
    fprintf(stderr, "cx fit: %s: no purchases\n", arguments_operand(args, 1));
    return EXIT_DATA;
  }
  exit_status = status == CX_OK ? fit(args, ctx, table, &opts) : failure(args, ctx, status);
  cx_table_free(table);
  return exit_status;
}

const command command_fit = {
    "fit", "bgnbd [OPTION]... FILE.csv", "fit a purchase model to a file, without a base", text, options, 2, 2, run};

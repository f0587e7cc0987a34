/* SPDX-License-Identifier: MIT */
#include "cx.h"

#include <stdlib.h>
#include <string.h>

static const option options[] = {{"test", 0, "FILE.csv", "what came later (required)"},
                                 {"model", 0, "M", "als or popularity (als)"},
                                 {"k", 0, "K", "length of the lists (10)"},
                                 {"seed", 0, "S", "of the initial factors (1)"},
                                 {"set", 0, "NAME=V,...", "options of the ranker, listed below"},
                                 {"weight", 0, "COLUMN", "use a column, as rating, as the weight of a row"},
                                 {"resamples", 0, "N", "bootstrap resamples for 95 % intervals (0: none)"},
                                 {NULL, 0, NULL, NULL}};

static const char text[] = "Ranks K items that a user has not seen in TRAIN.csv and compares them with TEST.csv. "
                           "Columns: user, item, and optionally rating\n"
                           "and time. A row is one event; ratings count only with --weight. recall: hits / the user's "
                           "test items; precision: hits / K; ndcg:\n"
                           "binary, log2; map: sum of precision at each hit / the user's test items; means over the "
                           "users of the test that TRAIN knows.\n\n"
                           "--set: factors, iterations, solver (1 Cholesky, 2 conjugate gradient), regularisation, "
                           "unobserved, exponent, deviation,\n"
                           "popularity_half_life, weight_taste, weight_popularity";

typedef struct setting {
  const char *name;
  size_t offset;
  char type; /* 'd' double, 'u' uint32_t, 'i' int32_t */
} setting;

#define SETTING(name, type)                                                                                            \
  { #name, offsetof(cx_ranker_options, name), type }
static const setting settings[] = {SETTING(factors, 'u'),      SETTING(iterations, 'u'),
                                   SETTING(solver, 'i'),       SETTING(regularisation, 'd'),
                                   SETTING(unobserved, 'd'),   SETTING(exponent, 'd'),
                                   SETTING(deviation, 'd'),    SETTING(popularity_half_life, 'd'),
                                   SETTING(weight_taste, 'd'), SETTING(weight_popularity, 'd')};

static int apply(const arguments *args, cx_ranker_options *opts) {
  bool bad = false;
  cx_text name, value;
  for (size_t k = 0; pair_of(arguments_get(args, "set"), k, &name, &value, &bad); k++) {
    const setting *found = NULL;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
      if (strlen(settings[i].name) == name.size && memcmp(settings[i].name, name.data, name.size) == 0)
        found = &settings[i];
    if (!found) return usage_error(args, "--set: no option '%.*s'", (int)name.size, name.data);
    char *end;
    const double number = strtod(value.data, &end);
    if (end != value.data + value.size || value.size == 0 || !(number >= 0 && number <= 1e9))
      return usage_error(args, "--set: %s must be a number (got '%.*s')", found->name, (int)value.size, value.data);
    char *field = (char *)opts + found->offset;
    const uint32_t whole = (uint32_t)number;
    if (found->type != 'd' && whole < number)
      return usage_error(args, "--set: %s must be a whole number (got '%.*s')", found->name, (int)value.size,
                         value.data);
    const int32_t code = (int32_t)number;
    if (found->type == 'd')
      memcpy(field, &number, sizeof number);
    else if (found->type == 'u')
      memcpy(field, &whole, sizeof whole);
    else
      memcpy(field, &code, sizeof code);
  }
  return bad ? usage_error(args, "--set takes name=value,...") : EXIT_GOOD;
}

static cx_status read_interactions(cx_context *ctx, const char *path, const char *weight, cx_table **out) {
  const cx_format_column columns[] = {{.column = "user", .name = "person", .type = CX_TYPE_TEXT},
                                      {.column = "item", .name = "item", .type = CX_TYPE_TEXT},
                                      {.column = "time", .name = "time", .type = CX_TYPE_TIME, .optional = 1},
                                      {.column = weight, .name = "weight", .type = CX_TYPE_DOUBLE}};
  cx_format_source source;
  cx_format_csv_options csv;
  cx_format *format = NULL;
  source_of(path, &source);
  cx_status status = cx_format_csv_options_init(&csv, sizeof csv);
  csv.columns = columns;
  csv.columns_count = weight ? 4 : 3;
  if (status == CX_OK) status = cx_format_open_csv(ctx, &source, &csv, &format);
  if (status == CX_OK) status = cx_format_read(ctx, format, 0, out);
  cx_format_free(format);
  return status;
}

static void print_row(const char *name, const cx_estimate *estimate) {
  printf("  %-16s %.6f", name, estimate->value);
  if (estimate->lower <= estimate->upper) printf("  (%.6f to %.6f)", estimate->lower, estimate->upper);
  fputc('\n', stdout);
}

static void print_evaluation(const arguments *args, const char *model, const cx_ranker_evaluation *result) {
  if (arguments_has(args, "json")) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_string(&out, "model", model);
    json_unsigned(&out, "k", result->k);
    json_estimate(&out, "recall", &result->recall);
    json_estimate(&out, "ndcg", &result->ndcg);
    json_estimate(&out, "map", &result->map);
    json_estimate(&out, "precision", &result->precision);
    json_unsigned(&out, "users", result->users);
    json_unsigned(&out, "unknown", result->unknown);
    json_close(&out, '}');
    json_end(&out);
    return;
  }
  printf("%s at %u\n", model, result->k);
  print_row("recall", &result->recall);
  print_row("ndcg", &result->ndcg);
  print_row("map", &result->map);
  print_row("precision", &result->precision);
  print_count("users", result->users);
  print_count("unknown users", result->unknown);
}

static int run(arguments *args, cx_context *ctx) {
  if (strcmp(arguments_operand(args, 0), "rank") != 0)
    return usage_error(args, "cannot evaluate '%s'; there is rank", arguments_operand(args, 0));
  const char *test_path = arguments_get(args, "test");
  const char *model = arguments_has(args, "model") ? arguments_get(args, "model") : "als";
  if (!test_path) return usage_error(args, "--test is required");
  const bool als = strcmp(model, "als") == 0;
  if (!als && strcmp(model, "popularity") != 0) return usage_error(args, "--model must be als or popularity");
  int64_t k = 10, seed = 1, resamples = 0;
  if (!arguments_integer(args, "k", 1, 10000, &k) || !arguments_integer(args, "seed", 0, INT64_MAX, &seed) ||
      !arguments_integer(args, "resamples", 0, 100000, &resamples))
    return EXIT_CALL;
  cx_ranker_options opts;
  cx_status status = cx_ranker_options_init(&opts, sizeof opts);
  opts.weight_popularity = als ? 0 : 1; /* a model is judged by itself; --set blends */
  opts.weight_recency = opts.weight_preference = 0;
  opts.seed = (uint64_t)seed;
  if (!als) opts.factors = 0;
  int exit_status = apply(args, &opts);
  if (exit_status != EXIT_GOOD) return exit_status;

  cx_table *train = NULL, *test = NULL;
  cx_ranker_evaluation result = {.size = sizeof result};
  if (status == CX_OK)
    status = read_interactions(ctx, arguments_operand(args, 1), arguments_get(args, "weight"), &train);
  if (status == CX_OK) status = read_interactions(ctx, test_path, NULL, &test);
  if (status == CX_OK) status = cx_ranker_evaluate(ctx, train, test, &opts, (uint32_t)k, (uint32_t)resamples, &result);
  if (status == CX_DONE) {
    (void)usage_error(args, "TRAIN.csv or TEST.csv has no rows");
    exit_status = EXIT_DATA;
  } else if (status != CX_OK)
    exit_status = failure(args, ctx, status);
  else
    print_evaluation(args, model, &result);
  cx_table_free(train);
  cx_table_free(test);
  return exit_status;
}

const command command_eval = {
    "eval", "rank TRAIN.csv --test TEST.csv [OPTION]...", "how good the lists are, on files", text, options, 2, 2, run};

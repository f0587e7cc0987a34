/* SPDX-License-Identifier: MIT */
#include "cx.h"

#include <string.h>

static const option options[] = {
    {"kind", 0, "KIND", "orders, items, preferences, consents or segment; found out by itself"},
    {"map", 0, "NAME=C,...", "which column holds what: a header, or a number from 1 with --no-header"},
    {"no-header", 0, NULL, "the first record is data"},
    {"separator", 0, "S", "between fields: a character, or tab; found out by itself"},
    {"currency", 0, "C", "of prices where the file has none, as EUR"},
    {"time-format", 0, "F", "of times, as %d/%m/%Y %H:%M; the usual ones are recognised"},
    {"time-zone", 0, "Z", "of times without one, as Europe/London (UTC)"},
    {"grant", 0, "PURPOSE:CHANNEL", "record a consent for each person of the file; needs --basis and --evidence"},
    {"basis", 0, "B", "consent, contract, legal_obligation, vital_interests, public_task or legitimate_interests"},
    {"evidence", 0, "TEXT", "what proves that consent"},
    {"create", 0, NULL, "make BASE when it is missing (it is made anyway; for scripts that say so)"},
    {NULL, 0, NULL, NULL}};

static const char text[] =
    "Rows are appended; importing a file again gives only duplicates. read = stored + duplicates + quarantined, "
    "always. A row\n"
    "that cannot be taken is kept in quarantine with its place and reason; when none could be taken, cx ends with 1.\n"
    "FILE may be - for standard input, plain or gzip.\n\n"
    "orders       customer, time, order, line, item, quantity, price, currency, title, topic, channel\n"
    "items        item, title, topic (several with |), published, valid_from, valid_until\n"
    "preferences  customer, topic, strength (-1 to 1), source, time, valid_until\n"
    "consents     customer, purpose, channel, state, basis, evidence, time, valid_until\n"
    "segment      JSON Lines: identify, track, page, screen, alias, group, batch";

#define CASE_TEXT(name, value, word) {word, value},
typedef struct code {
  const char *text;
  int32_t value;
} code;
static const code kinds[] = {CX_STORE_KIND_MAP(CASE_TEXT){NULL, 0}};
static const code bases[] = {CX_BASIS_MAP(CASE_TEXT){NULL, 0}};

static bool find_code(const code *codes, const char *word, int32_t *out) {
  for (; codes->text; codes++)
    if (strcmp(codes->text, word) == 0) {
      *out = codes->value;
      return true;
    }
  return false;
}

static int read_options(const arguments *args, cx_store_import_options *opts) {
  if (cx_store_import_options_init(opts, sizeof *opts) != CX_OK) return EXIT_CALL;
  const char *kind = arguments_get(args, "kind"), *basis = arguments_get(args, "basis");
  const char *separator = arguments_get(args, "separator"), *currency = arguments_get(args, "currency");
  if (kind && !find_code(kinds, kind, &opts->kind))
    return usage_error(args, "--kind must be orders, items, preferences, consents or segment (got '%s')", kind);
  if (basis && !find_code(bases, basis, &opts->basis)) return usage_error(args, "no lawful basis '%s'", basis);
  if (separator && strcmp(separator, "tab") == 0)
    opts->separator = '\t';
  else if (separator && strlen(separator) == 1)
    opts->separator = separator[0];
  else if (separator)
    return usage_error(args, "--separator must be one character, or tab");
  if (currency && strlen(currency) != 3)
    return usage_error(args, "--currency must be three letters (got '%s')", currency);
  if (currency) memcpy(opts->currency, currency, 4);
  opts->header = !arguments_has(args, "no-header");
  opts->map = arguments_get(args, "map");
  opts->time_format = arguments_get(args, "time-format");
  opts->time_zone = arguments_get(args, "time-zone");
  opts->grant = arguments_get(args, "grant");
  opts->evidence = arguments_get(args, "evidence");
  if (opts->grant && (!basis || !opts->evidence))
    return usage_error(args, "--grant needs --basis and --evidence: a consent must be proved");
  if (!opts->grant && (basis || opts->evidence)) return usage_error(args, "--basis and --evidence go with --grant");
  return EXIT_GOOD;
}

static void json_report(json *out, const cx_store_import_report *report) {
  json_unsigned(out, "read", report->read);
  json_unsigned(out, "stored", report->stored);
  json_unsigned(out, "duplicates", report->duplicates);
  json_unsigned(out, "quarantined", report->quarantined);
  json_unsigned(out, "collisions", report->collisions);
  json_unsigned(out, "anonymous", report->anonymous);
  json_unsigned(out, "returns", report->returns);
  json_unsigned(out, "consents", report->consents);
}

static void add(cx_store_import_report *total, const cx_store_import_report *report) {
  total->read += report->read;
  total->stored += report->stored;
  total->duplicates += report->duplicates;
  total->quarantined += report->quarantined;
  total->collisions += report->collisions;
  total->anonymous += report->anonymous;
  total->returns += report->returns;
  total->consents += report->consents;
}

static void print_report(const char *file, const cx_store_import_report *report) {
  print_heading(file);
  print_count("read", report->read);
  print_count("stored", report->stored);
  print_count("duplicates", report->duplicates);
  print_count("quarantined", report->quarantined);
  if (report->quarantined > 0)
    printf("    the first one: row %llu, %s\n", (unsigned long long)report->first_bad,
           cx_quarantine_text(report->first_bad_reason));
  if (report->collisions > 0) print_count("collisions", report->collisions);
  if (report->anonymous > 0) print_count("without customer", report->anonymous);
  if (report->returns > 0) print_count("returns", report->returns);
  if (report->consents > 0) print_count("consents", report->consents);
}

static int run(arguments *args, cx_context *ctx) {
  cx_store_import_options opts;
  int exit_status = read_options(args, &opts);
  if (exit_status != EXIT_GOOD) return exit_status;
  cx_base *base = base_open(args, ctx, true, false, &exit_status);
  if (!base) return exit_status;
  const bool as_json = arguments_has(args, "json");
  json out = {.file = stdout};
  cx_store_import_report total = {.size = sizeof total};
  if (as_json) {
    json_open(&out, NULL, '{');
    json_open(&out, "files", '[');
  }
  for (size_t i = 1; i < arguments_operands(args) && exit_status == EXIT_GOOD; i++) {
    cx_format_source source;
    cx_store_import_report report = {.size = sizeof report};
    source_of(arguments_operand(args, i), &source);
    const cx_status status = cx_base_import(ctx, base, &source, &opts, &report);
    if (status < 0) {
      exit_status = failure(args, ctx, status);
      break;
    }
    add(&total, &report);
    if (as_json) {
      json_open(&out, NULL, '{');
      json_string(&out, "file", arguments_operand(args, i));
      json_string(&out, "kind", kinds[report.kind].text);
      json_report(&out, &report);
      json_close(&out, '}');
    } else {
      print_report(arguments_operand(args, i), &report);
    }
  }
  if (as_json) {
    json_close(&out, ']');
    json_report(&out, &total);
    json_close(&out, '}');
    json_end(&out);
  }
  cx_base_free(base);
  if (exit_status == EXIT_GOOD && total.quarantined > 0 && total.quarantined == total.read) {
    fputs("cx import: no row could be taken; `cx export --quarantine` shows them with their reasons\n", stderr);
    exit_status = EXIT_DATA;
  }
  return exit_status;
}

const command command_import = {"import",
                                "[OPTION]... BASE FILE...",
                                "take in orders, items, preferences, consents, events",
                                text,
                                options,
                                2,
                                SIZE_MAX,
                                run};

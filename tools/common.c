/* SPDX-License-Identifier: MIT */
/* What several commands do alike. */
#include "cx.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

cx_text text_of(const char *terminated) { return (cx_text){terminated, terminated ? strlen(terminated) : 0}; }

cx_base *base_open(const arguments *args, cx_context *ctx, bool create, bool read_only, int *exit_status) {
  cx_base *base = NULL;
  cx_store_options opts;
  cx_status status = cx_store_options_init(&opts, sizeof opts);
  opts.create = create;
  opts.read_only = read_only;
  if (status == CX_OK) status = cx_base_open(ctx, arguments_operand(args, 0), &opts, &base);
  if (status != CX_OK) *exit_status = failure(args, ctx, status);
  return base;
}

static int64_t read_standard_input(void *user, void *buffer, size_t capacity) {
  (void)user;
  return read(STDIN_FILENO, buffer, capacity);
}

void source_of(const char *path, cx_format_source *source) {
  (void)!cx_format_source_init(source, sizeof *source);
  if (strcmp(path, "-") == 0) {
    source->read = read_standard_input;
    source->name = "standard input";
  } else {
    source->path = path;
  }
}

void json_permission(json *out, const cx_permission *permission) {
  json_string(out, "decision", cx_decision_text(permission->decision));
  json_open(out, "reasons", '[');
  for (uint32_t i = 0; i < permission->reasons_count; i++)
    json_string(out, NULL, cx_permission_reason_text(permission->reasons[i]));
  json_close(out, ']');
  json_string(out, "basis", cx_basis_text(permission->basis));
  json_time(out, "since", permission->since);
  json_time(out, "until", permission->until);
}

void print_permission(const cx_permission *permission) {
  printf("%s:", cx_decision_text(permission->decision));
  for (uint32_t i = 0; i < permission->reasons_count; i++)
    printf(" %s", cx_permission_reason_text(permission->reasons[i]));
  char date[32];
  if (permission->since != CX_TIME_NONE) printf(", since %s", date_text(permission->since, date));
  if (permission->until != CX_TIME_NONE) printf(", until %s", date_text(permission->until, date));
  fputc('\n', stdout);
}

void json_stage(json *out, const cx_stage_result *result, int32_t unit) {
  json_string(out, "stage", cx_stage_text(result->stage));
  json_open(out, "probabilities", '{');
  for (int32_t i = 0; i < CX_STAGE_COUNT; i++) json_number(out, cx_stage_text(i), result->probabilities[i]);
  json_close(out, '}');
  json_number(out, "again", result->again);
  json_number(out, "horizon", result->horizon);
  json_string(out, "unit", unit == CX_UNIT_DAY ? "day" : "week");
  json_number(out, "alive", result->alive);
  json_number(out, "expected", result->expected);
  json_open(out, "interval", '[');
  json_number(out, NULL, result->lower);
  json_number(out, NULL, result->upper);
  json_close(out, ']');
  json_open(out, "next", '[');
  for (size_t i = 0; i < 3; i++) json_number(out, NULL, result->next[i]);
  json_close(out, ']');
  json_open(out, "reasons", '[');
  for (uint32_t i = 0; i < result->reasons_count; i++) {
    json_open(out, NULL, '{');
    json_string(out, "reason", cx_stage_reason_text(result->reasons[i].code));
    json_number(out, "value", result->reasons[i].value);
    json_number(out, "log_odds", result->reasons[i].log_odds);
    json_close(out, '}');
  }
  json_close(out, ']');
}

void print_stage(const cx_stage_result *result, int32_t unit) {
  const char *units = unit == CX_UNIT_DAY ? "days" : "weeks";
  print_string("stage", cx_stage_text(result->stage));
  for (int32_t i = 0; i < CX_STAGE_COUNT; i++)
    if (result->probabilities[i] >= 0.0005)
      printf("    %-14s %5.1f %%\n", cx_stage_text(i), result->probabilities[i] * 100);
  printf("  %-16s %.1f %% within %.0f %s\n", "buys again", result->again * 100, result->horizon, units);
  if (isfinite(result->alive)) printf("  %-16s %.1f %%\n", "still a customer", result->alive * 100);
  printf("  %-16s %.2f (80 %%: %.0f to %.0f) within %.0f %s\n", "purchases", result->expected, result->lower,
         result->upper, result->horizon, units);
  if (isfinite(result->next[1]))
    printf("  %-16s in %.1f %s (80 %%: %.1f to %.1f)\n", "next purchase", result->next[1], units, result->next[0],
           result->next[2]);
  puts("  because");
  for (uint32_t i = 0; i < result->reasons_count; i++)
    printf("    %-14s %10.3f   log-odds %+.3f\n", cx_stage_reason_text(result->reasons[i].code),
           result->reasons[i].value, result->reasons[i].log_odds);
}

/* SPDX-License-Identifier: MIT */
#include "cx.h"

static const option options[] = {{"until", 0, "DATE", "learn from what happened up to and including this day (all)"},
                                 {"factors", 0, "N", "factors of taste, 0 for popularity alone (32)"},
                                 {"seed", 0, "N", "of the initial factors (1)"},
                                 {NULL, 0, NULL, NULL}};

static const char text[] =
    "Fits the purchase model, the stage model and the ranker to the records of BASE, saves them beside it and makes "
    "them the\n"
    "current ones. Whoever forbids it is left out. A model without enough data is left out and said so.";

static void json_lifecycle(json *out, const cx_lifecycle *lifecycle) {
  cx_lifecycle_info info = {.size = sizeof info};
  if (cx_lifecycle_get_info(lifecycle, &info) != CX_OK) return;
  json_open(out, "lifecycle", '{');
  json_string(out, "model", "bgnbd");
  json_string(out, "status", cx_lifecycle_fit_text(info.fit));
  json_open(out, "params", '{');
  json_number(out, "r", info.parameters[0]);
  json_number(out, "alpha", info.parameters[1]);
  json_number(out, "a", info.parameters[2]);
  json_number(out, "b", info.parameters[3]);
  json_close(out, '}');
  json_number(out, "loglik", info.loglik);
  json_unsigned(out, "customers", info.customers);
  json_close(out, '}');
}

static void json_ranker(json *out, const cx_ranker *ranker) {
  cx_ranker_info info = {.size = sizeof info};
  if (cx_ranker_get_info(ranker, &info) != CX_OK) return;
  json_open(out, "ranker", '{');
  json_unsigned(out, "people", info.people);
  json_unsigned(out, "items", info.items);
  json_unsigned(out, "topics", info.topics);
  json_unsigned(out, "interactions", info.interactions);
  json_unsigned(out, "factors", info.factors);
  json_unsigned(out, "iterations", info.iterations);
  json_number(out, "objective", info.objective);
  json_close(out, '}');
}

static void print_models(cx_base *base, const cx_base_learn_report *report) {
  cx_lifecycle_info lifecycle = {.size = sizeof lifecycle};
  cx_ranker_info ranker = {.size = sizeof ranker};
  print_heading("learned");
  print_time("until", report->until);
  print_count("generation", report->generation);
  print_count("people left out", report->left_out);
  print_heading("purchases (BG/NBD)");
  if (cx_base_lifecycle(base) && cx_lifecycle_get_info(cx_base_lifecycle(base), &lifecycle) == CX_OK) {
    print_count("customers", lifecycle.customers);
    printf("  %-16s r %.4f, alpha %.4f, a %.4f, b %.4f\n", "parameters", lifecycle.parameters[0],
           lifecycle.parameters[1], lifecycle.parameters[2], lifecycle.parameters[3]);
    print_number("log-likelihood", lifecycle.loglik, 3);
    print_string("status", cx_lifecycle_fit_text(lifecycle.fit));
  } else {
    print_string("none", cx_status_text(report->lifecycle_status));
  }
  print_heading("stage");
  print_string("status", cx_base_stage(base) ? "ok" : cx_status_text(report->stage_status));
  print_heading("ranker");
  if (cx_base_ranker(base) && cx_ranker_get_info(cx_base_ranker(base), &ranker) == CX_OK) {
    print_count("people", ranker.people);
    print_count("items", ranker.items);
    print_count("topics", ranker.topics);
    print_count("interactions", ranker.interactions);
    print_count("factors", ranker.factors);
  } else {
    print_string("none", cx_status_text(report->ranker_status));
  }
}

static int run(arguments *args, cx_context *ctx) {
  int exit_status = EXIT_GOOD;
  int64_t factors = -1, seed = -1;
  cx_base_learn_options opts;
  cx_ranker_options ranker;
  cx_base_learn_report report = {.size = sizeof report};
  cx_status status = cx_base_learn_options_init(&opts, sizeof opts);
  if (status == CX_OK) status = cx_ranker_options_init(&ranker, sizeof ranker);
  if (status != CX_OK) return failure(args, ctx, status);
  if (!arguments_time(args, "until", &opts.until) || !arguments_integer(args, "factors", 0, 512, &factors) ||
      !arguments_integer(args, "seed", 0, INT64_MAX, &seed))
    return EXIT_CALL;
  if (factors >= 0) ranker.factors = (uint32_t)factors;
  if (seed >= 0) ranker.seed = (uint64_t)seed;
  opts.ranker = &ranker;
  cx_base *base = base_open(args, ctx, false, false, &exit_status);
  if (!base) return exit_status;
  status = cx_base_learn(ctx, base, &opts, &report);
  if (status != CX_OK) {
    exit_status = failure(args, ctx, status);
  } else if (arguments_has(args, "json")) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_unsigned(&out, "generation", report.generation);
    json_time(&out, "until", report.until);
    json_unsigned(&out, "left_out", report.left_out);
    if (cx_base_lifecycle(base)) json_lifecycle(&out, cx_base_lifecycle(base));
    json_string(&out, "stage", cx_status_name(report.stage_status));
    if (cx_base_ranker(base)) json_ranker(&out, cx_base_ranker(base));
    json_close(&out, '}');
    json_end(&out);
  } else {
    print_models(base, &report);
  }
  cx_base_free(base);
  return exit_status;
}

const command command_learn = {"learn", "[OPTION]... BASE", "fit the models to the records", text, options, 1, 1, run};

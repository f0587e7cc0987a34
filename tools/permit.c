/* SPDX-License-Identifier: MIT */
#include "cx.h"

static const option options[] = {{"purpose", 0, "P", "what for, as personalisation or marketing (required)"},
                                 {"channel", 0, "C", "on which channel, as web or email (required)"},
                                 {"at", 0, "DATE", "as of the end of this day (the latest event)"},
                                 {NULL, 0, NULL, NULL}};

static const char text[] = "Says whether a person permits it, and the reason that decides. Without a record the answer "
                           "is deny. Consents are recorded\n"
                           "with `cx import --kind consents` or `cx import --grant`.";

static int run(arguments *args, cx_context *ctx) {
  int exit_status = EXIT_GOOD;
  int64_t at = CX_TIME_NONE;
  const char *purpose = arguments_get(args, "purpose"), *channel = arguments_get(args, "channel");
  if (!purpose || !channel) return usage_error(args, "--purpose and --channel are required");
  if (!arguments_time(args, "at", &at)) return EXIT_CALL;
  cx_base *base = base_open(args, ctx, false, true, &exit_status);
  if (!base) return exit_status;
  cx_profile *profile = NULL;
  cx_permission permission = {.size = sizeof permission};
  cx_status status = cx_profile_new(ctx, &profile);
  if (status == CX_OK) status = cx_base_show(ctx, base, text_of(arguments_operand(args, 1)), at, profile);
  if (status == CX_OK) {
    const cx_permission_request request = {.size = sizeof request,
                                           .purpose = text_of(purpose),
                                           .channel = text_of(channel),
                                           .at = cx_profile_time(profile)};
    status = cx_permission_check(ctx, profile, &request, &permission);
  }
  if (status != CX_OK) {
    exit_status = failure(args, ctx, status);
  } else if (arguments_has(args, "json")) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_permission(&out, &permission);
    json_close(&out, '}');
    json_end(&out);
  } else {
    print_permission(&permission);
  }
  cx_profile_free(profile);
  cx_base_free(base);
  return exit_status;
}

const command command_permit = {
    "permit", "--purpose P --channel C [OPTION]... BASE ID", "whether a person permits something", text, options, 2, 2,
    run};

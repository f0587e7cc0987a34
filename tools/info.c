/* SPDX-License-Identifier: MIT */
#include "cx.h"

#include <string.h>

static const option options[] = {{NULL, 0, NULL, NULL}};

static const char text[] = "FILE is a base or a model file. Counts what a base holds and names its current models; of "
                           "a model file every checksum is\n"
                           "verified.";

static void hex(const uint8_t id[16], char out[33]) {
  for (size_t i = 0; i < 16; i++) (void)snprintf(out + 2 * i, 3, "%02x", id[i]);
}

static int show_model(const arguments *args, const cx_model_info *info) {
  char id[33];
  hex(info->store_id, id);
  if (arguments_has(args, "json")) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_string(&out, "kind", info->kind);
    json_unsigned(&out, "version", info->version);
    json_unsigned(&out, "generation", info->generation);
    json_string(&out, "store", id);
    json_unsigned(&out, "bytes", info->bytes);
    json_unsigned(&out, "sections", info->sections);
    json_close(&out, '}');
    json_end(&out);
    return EXIT_GOOD;
  }
  print_heading("model");
  print_string("kind", info->kind);
  print_count("version", info->version);
  print_count("generation", info->generation);
  print_string("store", id);
  print_count("bytes", info->bytes);
  print_count("sections", info->sections);
  return EXIT_GOOD;
}

typedef struct count {
  const char *name;
  size_t offset;
} count;
#define COUNT(field)                                                                                                   \
  { #field, offsetof(cx_store_info, field) }
static const count counts[] = {COUNT(people),      COUNT(identifiers), COUNT(assertions),  COUNT(events),
                               COUNT(lines),       COUNT(contents),    COUNT(preferences), COUNT(consents),
                               COUNT(quarantined), COUNT(collisions)};

static uint64_t count_of(const cx_store_info *info, const count *which) {
  uint64_t value;
  memcpy(&value, (const char *)info + which->offset, sizeof value);
  return value;
}

static int show_store(const arguments *args, cx_context *ctx, cx_base *base) {
  static const char *const kinds[] = {"lifecycle", "stage", "ranker"};
  cx_store_info info = {.size = sizeof info};
  cx_status status = cx_store_get_info(ctx, cx_base_store(base), &info);
  uint64_t generations[3] = {0, 0, 0};
  for (size_t i = 0; i < 3 && status == CX_OK; i++)
    status = cx_store_get_model(ctx, cx_base_store(base), kinds[i], &generations[i]);
  if (status != CX_OK) return failure(args, ctx, status);
  char id[33];
  hex(info.id, id);
  const size_t n = sizeof counts / sizeof counts[0];
  if (arguments_has(args, "json")) {
    json out = {.file = stdout};
    json_open(&out, NULL, '{');
    json_string(&out, "kind", "store");
    json_string(&out, "id", id);
    json_unsigned(&out, "version", info.version);
    for (size_t i = 0; i < n; i++) json_unsigned(&out, counts[i].name, count_of(&info, &counts[i]));
    json_time(&out, "first", info.first);
    json_time(&out, "last", info.last);
    json_open(&out, "models", '{');
    for (size_t i = 0; i < 3; i++)
      if (generations[i] > 0) json_unsigned(&out, kinds[i], generations[i]);
    json_close(&out, '}');
    json_close(&out, '}');
    json_end(&out);
    return EXIT_GOOD;
  }
  print_heading("base");
  print_string("id", id);
  print_count("version", info.version);
  for (size_t i = 0; i < n; i++) print_count(counts[i].name, count_of(&info, &counts[i]));
  print_time("first event", info.first);
  print_time("last event", info.last);
  print_heading("current models");
  for (size_t i = 0; i < 3; i++)
    if (generations[i] > 0)
      printf("  %-16s generation %llu\n", kinds[i], (unsigned long long)generations[i]);
    else
      print_string(kinds[i], "none");
  return EXIT_GOOD;
}

static int run(arguments *args, cx_context *ctx) {
  const char *path = arguments_operand(args, 0);
  unsigned char start[16] = {0};
  FILE *file = fopen(path, "rb");
  const size_t n = file ? fread(start, 1, sizeof start, file) : 0;
  if (file) fclose(file);
  if (n == sizeof start && memcmp(start, "SQLite format 3", 16) == 0) {
    int exit_status = EXIT_GOOD;
    cx_base *base = base_open(args, ctx, false, true, &exit_status);
    if (!base) return exit_status;
    exit_status = show_store(args, ctx, base);
    cx_base_free(base);
    return exit_status;
  }
  cx_model_info info = {.size = sizeof info};
  const cx_status status = cx_model_read_info(ctx, path, &info);
  return status == CX_OK ? show_model(args, &info) : failure(args, ctx, status);
}

const command command_info = {"info", "[OPTION]... FILE", "what a base or a model file holds", text, options, 1, 1,
                              run};

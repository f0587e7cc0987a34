/* SPDX-License-Identifier: MIT */
/* Reading the command line: long options with "=" or a following word, letters, operands in any order, "--". */
#include "cx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/** Options that every command takes. */
static const option common_options[] = {{"json", 0, NULL, "print JSON for programs"},
                                        {"threads", 0, "N", "threads for what can use them, 1 to 256 (1)"},
                                        {"help", 'h', NULL, "tell how the command is used"},
                                        {NULL, 0, NULL, NULL}};
#define COMMON 3

struct arguments {
  const command *command;
  const char **values; /* of the command's options, then of the common ones; NULL when not given */
  const char **operands;
  size_t operands_count;
};

static size_t options_count(const option *options) {
  size_t count = 0;
  while (options && options[count].name) count++;
  return count;
}

static const option *option_at(const command *chosen, size_t index) {
  const size_t own = options_count(chosen->options);
  return index < own ? &chosen->options[index] : &common_options[index - own];
}

static void print_options(const option *options) {
  for (; options && options->name; options++) {
    char left[64];
    const int n = options->letter ? snprintf(left, sizeof left, "-%c, --%s", options->letter, options->name)
                                  : snprintf(left, sizeof left, "    --%s", options->name);
    if (options->value && n > 0 && (size_t)n < sizeof left)
      (void)snprintf(left + n, sizeof left - (size_t)n, " %s", options->value);
    printf("  %-32s %s\n", left, options->help);
  }
}

static void help(const command *chosen) {
  printf("%s\n\nusage: cx %s %s\n", chosen->summary, chosen->name, chosen->synopsis);
  if (chosen->text) printf("\n%s\n", chosen->text);
  fputs("\noptions:\n", stdout);
  print_options(chosen->options);
  print_options(common_options);
}

static void complain(const command *chosen, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));

static void complain(const command *chosen, const char *format, ...) {
  va_list list;
  va_start(list, format);
  fprintf(stderr, "cx %s: ", chosen->name);
  (void)vfprintf(stderr, format, list);
  va_end(list);
  fprintf(stderr, "\nusage: cx %s %s\n", chosen->name, chosen->synopsis);
}

/** Finds the option that a word names; *value is what stands behind "=" or the letter, NULL when nothing does. */
static bool find_option(const command *chosen, const char *word, size_t *index, const char **value) {
  const size_t count = options_count(chosen->options) + COMMON;
  *value = NULL;
  for (size_t i = 0; i < count; i++) {
    const option *each = option_at(chosen, i);
    *index = i;
    if (word[1] == '-') {
      const size_t length = strlen(each->name);
      if (strncmp(word + 2, each->name, length) != 0) continue;
      if (word[2 + length] == '=') *value = word + 3 + length;
      if (word[2 + length] == '=' || word[2 + length] == '\0') return true;
    } else if (each->letter && word[1] == each->letter) {
      if (word[2] != '\0') *value = word + 2;
      return true;
    }
  }
  return false;
}

/** Takes one word; returns how many words it used, 0 after a complaint. */
static int take(arguments *args, int left, char **words) {
  size_t index;
  const char *value;
  if (!find_option(args->command, words[0], &index, &value)) {
    complain(args->command, "no option '%s'", words[0]);
    return 0;
  }
  const option *found = option_at(args->command, index);
  if (!found->value) {
    if (value) {
      complain(args->command, "--%s takes no value", found->name);
      return 0;
    }
    args->values[index] = "";
    return 1;
  }
  if (args->values[index]) {
    complain(args->command, "--%s is given twice", found->name);
    return 0;
  }
  if (!value && left < 2) {
    complain(args->command, "--%s needs a value", found->name);
    return 0;
  }
  args->values[index] = value ? value : words[1];
  return value ? 1 : 2;
}

static bool read_words(arguments *args, int count, char **words) {
  bool options = true;
  for (int i = 0; i < count;) {
    const char *word = words[i];
    if (options && strcmp(word, "--") == 0) {
      options = false;
      i++;
    } else if (options && word[0] == '-' && word[1] != '\0') {
      const int used = take(args, count - i, words + i);
      if (used == 0) return false;
      i += used;
    } else {
      args->operands[args->operands_count++] = word;
      i++;
    }
  }
  return true;
}

arguments *arguments_read(const command *chosen, int count, char **words, int *exit_status) {
  *exit_status = EXIT_CALL;
  arguments *args = calloc(1, sizeof *args);
  if (!args) return NULL;
  args->command = chosen;
  args->values = calloc(options_count(chosen->options) + COMMON, sizeof *args->values);
  args->operands = calloc((size_t)count + 1, sizeof *args->operands);
  if (!args->values || !args->operands || !read_words(args, count, words)) goto fail;
  if (arguments_has(args, "help")) {
    help(chosen);
    *exit_status = EXIT_GOOD;
    goto fail;
  }
  if (args->operands_count < chosen->least || args->operands_count > chosen->most) {
    complain(chosen, "%s", args->operands_count < chosen->least ? "something is missing" : "too many operands");
    goto fail;
  }
  *exit_status = EXIT_GOOD;
  return args;

fail:
  arguments_free(args);
  return NULL;
}

void arguments_free(arguments *args) {
  if (!args) return;
  free(args->values);
  free(args->operands);
  free(args);
}

const char *arguments_get(const arguments *args, const char *name) {
  const size_t count = options_count(args->command->options) + COMMON;
  for (size_t i = 0; i < count; i++)
    if (strcmp(option_at(args->command, i)->name, name) == 0) return args->values[i];
  return NULL;
}

bool arguments_has(const arguments *args, const char *name) { return arguments_get(args, name) != NULL; }

size_t arguments_operands(const arguments *args) { return args->operands_count; }

const char *arguments_operand(const arguments *args, size_t index) { return args->operands[index]; }

int usage_error(const arguments *args, const char *format, ...) {
  va_list list;
  va_start(list, format);
  fprintf(stderr, "cx %s: ", args->command->name);
  (void)vfprintf(stderr, format, list);
  fputc('\n', stderr);
  va_end(list);
  return EXIT_CALL;
}

int failure(const arguments *args, cx_context *ctx, cx_status status) {
  uint64_t row, byte;
  const char *name = cx_context_place(ctx, &row, &byte);
  const char *text = cx_context_error(ctx);
  fprintf(stderr, "cx %s: ", args->command->name);
  if (name[0] != '\0') fprintf(stderr, "%s: ", name);
  if (row > 0) fprintf(stderr, "row %llu: ", (unsigned long long)row);
  if (byte != UINT64_MAX) fprintf(stderr, "byte %llu: ", (unsigned long long)byte);
  fprintf(stderr, "%s\n", text[0] != '\0' ? text : cx_status_text(status));
  const bool call = status == CX_ERR_INVALID || status == CX_ERR_RANGE;
  return call && row == 0 ? EXIT_CALL : EXIT_DATA; /* a row is of the data */
}

bool arguments_integer(const arguments *args, const char *name, int64_t least, int64_t most, int64_t *out) {
  const char *text = arguments_get(args, name);
  if (!text) return true;
  char *end;
  errno = 0;
  const long long value = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < least || value > most) {
    (void)usage_error(args, "--%s must be a whole number from %lld to %lld (got '%s')", name, (long long)least,
                      (long long)most, text);
    return false;
  }
  *out = value;
  return true;
}

bool arguments_time(const arguments *args, const char *name, int64_t *out) {
  const char *text = arguments_get(args, name);
  if (!text) return true;
  const cx_status status = cx_format_parse_time(NULL, text_of(text), NULL, NULL, out);
  if (status != CX_OK) {
    (void)usage_error(args, "--%s: '%s' is %s; write 2011-12-31 or 2011-12-31T23:59:59Z", name, text,
                      status == CX_ERR_AMBIGUOUS ? "a date that can be read in two ways" : "no date");
    return false;
  }
  if (!strpbrk(text, ":Tt") && *out % INT64_C(86400000000) == 0) *out += INT64_C(86400000000) - 1;
  return true;
}

bool pair_of(const char *list, size_t index, cx_text *name, cx_text *value, bool *bad) {
  const char *start = list;
  *bad = false;
  for (size_t i = 0; start && *start != '\0'; i++) {
    const char *end = strchr(start, ',');
    const size_t size = end ? (size_t)(end - start) : strlen(start);
    if (i == index) {
      const char *equals = memchr(start, '=', size);
      if (!equals || equals == start) {
        *bad = true;
        return false;
      }
      *name = (cx_text){start, (size_t)(equals - start)};
      *value = (cx_text){equals + 1, size - name->size - 1};
      return true;
    }
    start = end ? end + 1 : NULL;
  }
  return false;
}

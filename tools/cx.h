/* SPDX-License-Identifier: MIT */
/* What the commands of cx share. */
#ifndef CX_TOOLS_CX_H
#define CX_TOOLS_CX_H

#include <cx.h>

#include <stdbool.h>
#include <stdio.h>

/** How a command ends. */
enum { EXIT_GOOD = 0, EXIT_DATA = 1, EXIT_CALL = 2 };

/* ---- arguments (arguments.c) ---- */

/** One option. A table of them ends with one whose name is NULL. */
typedef struct option {
  const char *name;  /* without the dashes */
  char letter;       /* 0 for none */
  const char *value; /* what the help calls its value; NULL for a switch */
  const char *help;
} option;

typedef struct arguments arguments;

typedef struct command {
  const char *name;
  const char *synopsis; /* behind "cx NAME " */
  const char *summary;  /* one line */
  const char *text;     /* the rest of the help; NULL for none */
  const option *options;
  size_t least, most; /* operands */
  int (*run)(arguments *args, cx_context *ctx);
} command;

/** Reads the words behind the command's name. NULL after a complaint on standard error; *exit_status tells how to end
 * (also for --help). */
arguments *arguments_read(const command *command, int count, char **words, int *exit_status);
void arguments_free(arguments *args);
bool arguments_has(const arguments *args, const char *name);
/** The value of an option, NULL when it was not given. */
const char *arguments_get(const arguments *args, const char *name);
size_t arguments_operands(const arguments *args);
const char *arguments_operand(const arguments *args, size_t index);
/** Numbers and dates of options; *out stays as it is when the option was not given. False after a complaint. A plain
 * date means its last instant, so that the day is included. */
bool arguments_integer(const arguments *args, const char *name, int64_t least, int64_t most, int64_t *out);
bool arguments_time(const arguments *args, const char *name, int64_t *out);
/** "a=b,c=d": the pair number @p index; false behind the last. *bad when one has no "=". */
bool pair_of(const char *list, size_t index, cx_text *name, cx_text *value, bool *bad);

/** Complains as "cx NAME: text" and returns EXIT_CALL. */
int usage_error(const arguments *args, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
/** Complains about what the library reported, with its place, and returns EXIT_DATA. */
int failure(const arguments *args, cx_context *ctx, cx_status status);

/* ---- output (output.c) ---- */

/** Writes JSON, compact, keys in the order of the calls. Give NULL for the key inside arrays. */
typedef struct json {
  FILE *file;
  bool comma;
} json;
void json_open(json *out, const char *key, char bracket);
void json_close(json *out, char bracket);
void json_text(json *out, const char *key, cx_text value);
void json_string(json *out, const char *key, const char *value);
void json_integer(json *out, const char *key, int64_t value);
void json_unsigned(json *out, const char *key, uint64_t value);
/** null when not finite */
void json_number(json *out, const char *key, double value);
void json_boolean(json *out, const char *key, bool value);
/** RFC 3339; null when not known */
void json_time(json *out, const char *key, int64_t time);
void json_estimate(json *out, const char *key, const cx_estimate *estimate);
/** Ends a document or a line of JSON Lines. */
void json_end(json *out);

/** A heading, bold on a terminal. */
void print_heading(const char *text);
/** "name   value" lines, aligned. */
void print_text(const char *name, cx_text value);
void print_string(const char *name, const char *value);
void print_number(const char *name, double value, int digits);
void print_count(const char *name, uint64_t value);
void print_time(const char *name, int64_t time);
/** A date without the time of day, as text in a buffer of 32; "-" when not known. */
const char *date_text(int64_t time, char buffer[32]);
/** A person's id as text. */
const char *person_text(int64_t person, char buffer[CX_PARTY_ID_SIZE]);
/** Writes text for people: control characters are not passed on. */
void put_text(cx_text text, int width);
/** Whether standard output could be written. */
bool output_is_good(const arguments *args);

/* ---- base (common.c) ---- */

/** Opens a base; complains and sets *exit_status when it cannot. */
cx_base *base_open(const arguments *args, cx_context *ctx, bool create, bool read_only, int *exit_status);
/** A source for a file, or standard input for "-". */
void source_of(const char *path, cx_format_source *source);
cx_text text_of(const char *terminated);
/** Writes a permission's decision and reasons as fields of the open object, or as lines. */
void json_permission(json *out, const cx_permission *permission);
void print_permission(const cx_permission *permission);
void json_stage(json *out, const cx_stage_result *result, int32_t unit);
void print_stage(const cx_stage_result *result, int32_t unit);

extern const command command_import, command_learn, command_stages, command_show, command_rank, command_permit,
    command_fit, command_eval, command_export, command_info;

#endif

/* SPDX-License-Identifier: MIT */
/* JSON for programs, aligned text for people: made here and nowhere else. */
#include "cx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_escaped(FILE *file, cx_text text) {
  fputc('"', file);
  for (size_t i = 0; i < text.size; i++) {
    const unsigned char c = (unsigned char)text.data[i];
    if (c == '"' || c == '\\') {
      fputc('\\', file);
      fputc(c, file);
    } else if (c < 0x20) {
      fprintf(file, "\\u%04x", c);
    } else {
      fputc(c, file);
    }
  }
  fputc('"', file);
}

static void start_value(json *out, const char *key) {
  if (out->comma) fputc(',', out->file);
  out->comma = true;
  if (key) {
    put_escaped(out->file, text_of(key));
    fputc(':', out->file);
  }
}

void json_open(json *out, const char *key, char bracket) {
  start_value(out, key);
  fputc(bracket, out->file);
  out->comma = false;
}

void json_close(json *out, char bracket) {
  fputc(bracket, out->file);
  out->comma = true;
}

void json_text(json *out, const char *key, cx_text value) {
  start_value(out, key);
  if (value.data)
    put_escaped(out->file, value);
  else
    fputs("null", out->file);
}

void json_string(json *out, const char *key, const char *value) {
  json_text(out, key, value ? text_of(value) : (cx_text){NULL, 0});
}

void json_integer(json *out, const char *key, int64_t value) {
  start_value(out, key);
  fprintf(out->file, "%lld", (long long)value);
}

void json_unsigned(json *out, const char *key, uint64_t value) {
  start_value(out, key);
  fprintf(out->file, "%llu", (unsigned long long)value);
}

/** The fewest digits that read back as the same number; this program never sets a locale. */
static void number_text(double value, char text[40]) {
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(text, 40, "%.*g", digits, value);
    if (digits == 17 || strtod(text, NULL) == value) return;
  }
}

void json_number(json *out, const char *key, double value) {
  start_value(out, key);
  char text[40];
  if (isfinite(value)) number_text(value, text);
  fputs(isfinite(value) ? text : "null", out->file);
}

void json_boolean(json *out, const char *key, bool value) {
  start_value(out, key);
  fputs(value ? "true" : "false", out->file);
}

void json_time(json *out, const char *key, int64_t time) {
  char text[40];
  if (time == CX_TIME_NONE || cx_format_print_time(time, text, sizeof text) != CX_OK) {
    json_string(out, key, NULL);
    return;
  }
  json_string(out, key, text);
}

void json_estimate(json *out, const char *key, const cx_estimate *estimate) {
  if (!isfinite(estimate->lower)) {
    json_number(out, key, estimate->value);
    return;
  }
  char name[64];
  json_number(out, key, estimate->value);
  (void)snprintf(name, sizeof name, "%s_interval", key);
  json_open(out, name, '[');
  json_number(out, NULL, estimate->lower);
  json_number(out, NULL, estimate->upper);
  json_close(out, ']');
}

void json_end(json *out) {
  fputc('\n', out->file);
  out->comma = false;
}

static bool wants_colour(void) {
  const char *off = getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && (!off || off[0] == '\0');
}

void print_heading(const char *text) {
  const bool colour = wants_colour();
  printf("%s%s%s\n", colour ? "\033[1m" : "", text, colour ? "\033[0m" : "");
}

void put_text(cx_text text, int width) {
  int column = 0;
  for (size_t i = 0; i < text.size; i++) {
    const unsigned char c = (unsigned char)text.data[i];
    const bool starts = (c & 0xC0) != 0x80;
    if (width > 0 && starts && column >= width) break;
    fputc(c < 0x20 || c == 0x7F ? '?' : c, stdout);
    if (starts) column++;
  }
  for (; column < width; column++) fputc(' ', stdout);
}

#define NAME_WIDTH 16

void print_text(const char *name, cx_text value) {
  printf("  %-*s ", NAME_WIDTH, name);
  put_text(value.data ? value : text_of("-"), 0);
  fputc('\n', stdout);
}

void print_string(const char *name, const char *value) { print_text(name, text_of(value ? value : "-")); }

void print_number(const char *name, double value, int digits) {
  if (isfinite(value))
    printf("  %-*s %.*f\n", NAME_WIDTH, name, digits, value);
  else
    print_string(name, NULL);
}

void print_count(const char *name, uint64_t value) {
  printf("  %-*s %llu\n", NAME_WIDTH, name, (unsigned long long)value);
}

void print_time(const char *name, int64_t time) {
  char text[40];
  const bool known = time != CX_TIME_NONE && cx_format_print_time(time, text, sizeof text) == CX_OK;
  print_string(name, known ? text : NULL);
}

const char *date_text(int64_t time, char buffer[32]) {
  char text[40];
  if (time == CX_TIME_NONE || cx_format_print_time(time, text, sizeof text) != CX_OK) return "-";
  memcpy(buffer, text, 10);
  buffer[10] = '\0';
  return buffer;
}

const char *person_text(int64_t person, char buffer[CX_PARTY_ID_SIZE]) {
  cx_party_format_id(person, buffer);
  return buffer;
}

bool output_is_good(const arguments *args) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return true;
  (void)usage_error(args, "standard output cannot be written");
  return false;
}

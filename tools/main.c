/* SPDX-License-Identifier: MIT */
/* cx: the library for people. */
#include "cx.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const command *const commands[] = {&command_import, &command_learn,  &command_stages, &command_show,
                                          &command_rank,   &command_permit, &command_fit,    &command_eval,
                                          &command_export, &command_info};
#define COMMANDS (sizeof commands / sizeof commands[0])

static cx_context *running;

static void interrupted(int number) {
  (void)number;
  cx_context_cancel(running);
}

static void help(FILE *file) {
  fputs("cx: who your customers are, where they stand, what is worth showing them, and whether they permit it\n\n"
        "usage: cx COMMAND [OPTION]... BASE ...\n\n"
        "BASE is a file that holds everything: records, models beside it. The commands:\n\n",
        file);
  for (size_t i = 0; i < COMMANDS; i++) fprintf(file, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
  fputs("\n`cx COMMAND --help` tells more. Every command prints a table for people and, with --json, one JSON document "
        "for\n"
        "programs; it ends with 0, with 1 when the data were at fault, with 2 when the call was.\n",
        file);
}

/** A bar on standard error for what takes longer than a second. */
typedef struct bar {
  struct timespec start;
  bool shown;
} bar;

static int show_progress(void *user, const char *stage, uint64_t done, uint64_t total) {
  bar *state = user;
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  const double seconds =
      (double)(now.tv_sec - state->start.tv_sec) + (double)(now.tv_nsec - state->start.tv_nsec) * 1e-9;
  if (seconds < 1.0) return 0;
  if (total > 0 && done >= total) {
    if (state->shown) fprintf(stderr, "\r%40s\r", "");
    state->shown = false;
  } else if (total > 0) {
    fprintf(stderr, "\r%-10s %3u %%", stage, (unsigned)(done * 100 / total));
    state->shown = true;
  } else {
    fprintf(stderr, "\r%-10s %llu", stage, (unsigned long long)done);
    state->shown = true;
  }
  fflush(stderr);
  return 0;
}

static int run(const command *chosen, int count, char **words) {
  int exit_status = EXIT_GOOD;
  arguments *args = arguments_read(chosen, count, words, &exit_status);
  if (!args) return exit_status;
  int64_t threads = 1;
  cx_context_options opts;
  bar progress = {.shown = false};
  (void)clock_gettime(CLOCK_MONOTONIC, &progress.start);
  cx_status status = cx_context_options_init(&opts, sizeof opts);
  if (!arguments_integer(args, "threads", 1, 256, &threads)) {
    arguments_free(args);
    return EXIT_CALL;
  }
  opts.threads = (uint32_t)threads;
  if (status == CX_OK) status = cx_context_new(&opts, &running);
  if (status == CX_OK && isatty(STDERR_FILENO)) status = cx_context_set_progress(running, show_progress, &progress);
  if (status == CX_OK) {
    signal(SIGINT, interrupted);
    exit_status = chosen->run(args, running);
    if (progress.shown) fprintf(stderr, "\r%40s\r", "");
    signal(SIGINT, SIG_DFL);
    if (!output_is_good(args) && exit_status == EXIT_GOOD) exit_status = EXIT_DATA;
  } else {
    exit_status = failure(args, NULL, status);
  }
  cx_context_free(running);
  running = NULL;
  arguments_free(args);
  return exit_status;
}

int main(int count, char **words) {
  if (count < 2) {
    help(stderr);
    return EXIT_CALL;
  }
  const char *name = words[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    help(stdout);
    return EXIT_GOOD;
  }
  if (strcmp(name, "--version") == 0) {
    printf("cx %s\n", cx_version());
    return EXIT_GOOD;
  }
  for (size_t i = 0; i < COMMANDS; i++)
    if (strcmp(name, commands[i]->name) == 0) return run(commands[i], count - 2, words + 2);
  fprintf(stderr, "cx: no command '%s'; `cx --help` lists them\n", name);
  return EXIT_CALL;
}

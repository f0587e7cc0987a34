/* SPDX-License-Identifier: MIT */
/* What all models have in common: many threads and processes ask one of them, calls that were cut short are repeated,
 * files of older and newer versions. */
#include "ranker_world.h"

#include <math.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/** A model of each kind, and what they are asked with. */
typedef struct models {
  world w;
  cx_table *purchases;
  cx_history *history;
  cx_lifecycle *lifecycle;
  cx_stage *stage;
  cx_ranker *ranker;
  cx_profile *profile;
} models;

#define PURCHASES 1500

/* Two hundred customers; who comes back, and when, by a small generator. */
static cx_table *make_purchases(void) {
  static int64_t customer[PURCHASES], time[PURCHASES];
  uint64_t state = 11;
  size_t n = 0;
  for (int64_t c = 0; n < PURCHASES; c++) {
    const int64_t rhythm = 3 + world_random(&state) % 60;
    for (int64_t day = world_random(&state) % 200; day < 400 && n < PURCHASES; day += rhythm) {
      customer[n] = c;
      time[n++] = WORLD_NOW - (400 - day) * WORLD_DAY;
      if (world_random(&state) % 5 == 0) break;
    }
  }
  const cx_column columns[] = {{.name = "customer", .values = customer, .type = CX_TYPE_INT64},
                               {.name = "time", .values = time, .type = CX_TYPE_TIME}};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, 2, n, &table));
  return table;
}

static cx_profile *make_profile(void) {
  cx_profile *profile = world_profile(true);
  for (size_t i = 0; i < 6; i++) world_buys(profile, 3 * i, 40 - 6 * (int64_t)i);
  world_declares(profile, "topic-1", 0.5, 3, CX_TIME_NONE);
  world_declares(profile, "topic-2", -1, 2, CX_TIME_NONE);
  return profile;
}

static cx_ranker_options few_factors(void) {
  cx_ranker_options opts = world_options();
  opts.factors = 4;
  opts.iterations = 2;
  return opts;
}

static void make_models(models *m) {
  memset(m, 0, sizeof *m);
  m->w = world_new(20, 24, 3, 200);
  m->purchases = make_purchases();
  m->profile = make_profile();
  const cx_ranker_options opts = few_factors();
  ck_ok(NULL, cx_history_build(NULL, m->purchases, NULL, &m->history));
  ck_ok(NULL, cx_lifecycle_fit(NULL, m->history, NULL, &m->lifecycle));
  ck_ok(NULL, cx_stage_fit(NULL, m->purchases, NULL, m->lifecycle, NULL, &m->stage));
  m->ranker = world_fit(NULL, &m->w, &opts);
}

static void free_models(models *m) {
  cx_history_free(m->history);
  cx_lifecycle_free(m->lifecycle);
  cx_stage_free(m->stage);
  cx_ranker_free(m->ranker);
  cx_profile_free(m->profile);
  if (m->purchases) {
    cx_table_free(m->purchases);
    world_free(&m->w);
  }
}

static const char *file_of(const char *folder, const char *name) {
  static char paths[4][256];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

/** Opens the three files of a folder. */
static void open_models(cx_context *ctx, const char *folder, const char *end, models *m) {
  char name[64];
  snprintf(name, sizeof name, "lifecycle%s", end);
  ck_ok(ctx, cx_lifecycle_open(ctx, file_of(folder, name), NULL, &m->lifecycle));
  snprintf(name, sizeof name, "stage%s", end);
  ck_ok(ctx, cx_stage_open(ctx, file_of(folder, name), NULL, &m->stage));
  snprintf(name, sizeof name, "ranker%s", end);
  ck_ok(ctx, cx_ranker_open(ctx, file_of(folder, name), NULL, &m->ranker));
}

static void save_models(const models *m, const char *folder, const char *end) {
  char name[64];
  snprintf(name, sizeof name, "lifecycle%s", end);
  ck_ok(NULL, cx_lifecycle_save(NULL, m->lifecycle, file_of(folder, name), NULL));
  snprintf(name, sizeof name, "stage%s", end);
  ck_ok(NULL, cx_stage_save(NULL, m->stage, file_of(folder, name), NULL));
  snprintf(name, sizeof name, "ranker%s", end);
  ck_ok(NULL, cx_ranker_save(NULL, m->ranker, file_of(folder, name), NULL));
}

#define ASKED 6
static const double asked_x[ASKED] = {0, 0, 1, 3, 12, 2}, asked_t_x[ASKED] = {0, 0, 9, 20, 30.5, 1},
                    asked_T[ASKED] = {0, 30, 30, 40, 31, 52};

/** The k-th question about purchases. */
static cx_status ask_lifecycle(cx_context *ctx, const cx_lifecycle *m, int question, double *out) {
  switch (question) {
  case 0:
    return cx_lifecycle_loglik(ctx, m, ASKED, asked_x, asked_t_x, asked_T, out);
  case 1:
    return cx_lifecycle_alive(ctx, m, ASKED, asked_x, asked_t_x, asked_T, out);
  case 2:
    return cx_lifecycle_expected(ctx, m, ASKED, asked_x, asked_t_x, asked_T, 39, out);
  case 3:
    return cx_lifecycle_interval(ctx, m, ASKED, asked_x, asked_t_x, asked_T, 39, 0.8, out, out + ASKED);
  case 4:
    return cx_lifecycle_none(ctx, m, ASKED, asked_x, asked_t_x, asked_T, 39, out);
  case 5:
    return cx_lifecycle_next(ctx, m, ASKED, asked_x, asked_t_x, asked_T, 0.5, out);
  default:
    return cx_lifecycle_simulate(ctx, m, ASKED, asked_T, 39, 7, out, out + ASKED, out + 2 * ASKED);
  }
}
#define QUESTIONS 7

static void print_stage(FILE *out, const cx_stage_result *r) {
  fprintf(out, "stage %d\n", (int)r->stage);
  for (size_t i = 0; i < CX_STAGE_COUNT; i++) fprintf(out, "%.17g\n", r->probabilities[i]);
  fprintf(out, "%.17g\n%.17g\n%.17g\n%.17g\n%.17g\n%.17g\n", r->again, r->horizon, r->alive, r->expected, r->lower,
          r->upper);
  for (size_t i = 0; i < 3; i++) fprintf(out, "%.17g\n", r->next[i]);
  for (uint32_t i = 0; i < r->reasons_count; i++)
    fprintf(out, "%d\n%.17g\n%.17g\n", (int)r->reasons[i].code, r->reasons[i].value, r->reasons[i].log_odds);
}

static void print_list(FILE *out, const cx_ranker_list *list) {
  for (size_t k = 0; k < cx_ranker_list_count(list); k++) {
    cx_ranker_item item;
    ck_ok(NULL, cx_ranker_list_get(list, k, &item));
    fprintf(out, "%.*s\n%.17g\n", (int)item.item.size, item.item.data, item.score);
    for (size_t t = 0; t < item.terms_count; t++)
      fprintf(out, "%d\n%u\n%.17g\n", (int)item.terms[t].kind, item.terms[t].count, item.terms[t].value);
  }
  for (int32_t reason = 1; reason < CX_RANKER_REASONS; reason++)
    fprintf(out, "%llu\n", (unsigned long long)cx_ranker_list_withheld(list, reason));
}

/** All answers of the models as text, a number or word a line; free() it. */
static char *answers(cx_context *ctx, const models *m) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  ck_assert_ptr_nonnull(out);
  for (int question = 0; question < QUESTIONS; question++) {
    double values[3 * ASKED] = {0};
    ck_ok(ctx, ask_lifecycle(ctx, m->lifecycle, question, values));
    fprintf(out, "question %d\n", question);
    for (size_t i = 0; i < 3 * ASKED; i++) fprintf(out, "%.17g\n", values[i]);
  }
  for (size_t i = 0; i < ASKED; i++) {
    const cx_history_row row = {.x = asked_x[i],
                                .t_x = asked_t_x[i],
                                .T = asked_T[i],
                                .gap = asked_t_x[i] / 2,
                                .first = i == 0 ? CX_TIME_NONE : 0};
    cx_stage_result r = {.size = sizeof r};
    ck_ok(ctx, cx_stage_infer(ctx, m->stage, &row, &r));
    print_stage(out, &r);
  }
  cx_ranker_list *list = NULL;
  ck_ok(ctx, cx_ranker_list_new(ctx, &list));
  for (int known = 0; known < 2; known++) {
    const cx_ranker_request request = world_request(5);
    ck_ok(ctx, cx_ranker_rank(ctx, m->ranker, known ? m->profile : NULL, &request, list));
    print_list(out, list);
  }
  cx_ranker_list_free(list);
  fclose(out);
  return text;
}

/* ---- many ask one ------------------------------------------------------------------------------------------------ */

typedef struct asker {
  const models *m;
  const char *expected;
  bool same;
} asker;

/** How often each asks; valgrind is slow. */
static int repetitions(void) { return getenv("CX_VALGRIND") ? 2 : 20; }

static void *ask_often(void *user) {
  asker *a = user;
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  a->same = true;
  for (int i = 0; i < repetitions(); i++) {
    char *text = answers(ctx, a->m);
    a->same = a->same && strcmp(text, a->expected) == 0;
    free(text);
  }
  cx_context_free(ctx);
  return NULL;
}

START_TEST(threads_share_mapped_models) {
  models made, m = {.ranker = NULL};
  make_models(&made);
  char *expected = answers(NULL, &made);
  save_models(&made, test_directory(), "");
  open_models(NULL, test_directory(), "", &m);
  m.profile = made.profile;
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  asker askers[THREADS];
  for (size_t i = 0; i < THREADS; i++) {
    askers[i] = (asker){.m = &m, .expected = expected};
    ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, &askers[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  for (size_t i = 0; i < THREADS; i++) ck_assert(askers[i].same);
  m.profile = NULL;
  free_models(&m);
  free_models(&made);
  free(expected);
}
END_TEST

/* Some processes ask what was mapped before they were made, others map it themselves. */
START_TEST(processes_share_mapped_models) {
  models made, m = {.ranker = NULL};
  make_models(&made);
  char *expected = answers(NULL, &made);
  save_models(&made, test_directory(), "");
  open_models(NULL, test_directory(), "", &m);
  m.profile = made.profile;
  enum { PROCESSES = 4 };
  const char *folder = test_directory();
  pid_t children[PROCESSES];
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = fork();
    ck_assert_int_ge(children[i], 0);
    if (children[i] > 0) continue;
    models own = m;
    if (i % 2 == 1) open_models(NULL, folder, "", &own);
    bool same = true;
    for (int k = 0; k < repetitions(); k++) {
      char *text = answers(NULL, &own);
      same = same && strcmp(text, expected) == 0;
      free(text);
    }
    free(expected);
    _exit(same ? 0 : 1);
  }
  for (int i = 0; i < PROCESSES; i++) {
    int status;
    ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  m.profile = NULL;
  free_models(&m);
  free_models(&made);
  free(expected);
}
END_TEST

/* ---- older and newer files --------------------------------------------------------------------------------------- */

#define FIXTURES TEST_DATA "/models"

/** Equal lines, numbers but for the last digits: libraries of functions differ in them. */
static void compare(const char *got, const char *expected) {
  for (int line = 1; *got != '\0' || *expected != '\0'; line++) {
    const size_t n = strcspn(got, "\n"), k = strcspn(expected, "\n");
    if (n != k || memcmp(got, expected, n) != 0) {
      char *got_end, *expected_end;
      const double a = strtod(got, &got_end), b = strtod(expected, &expected_end);
      ck_assert_msg(got_end == got + n && expected_end == expected + k && fabs(a - b) <= 1e-6 * fmax(1, fabs(b)),
                    "line %d: %.*s, expected %.*s", line, (int)n, got, (int)k, expected);
    }
    got += n + (got[n] == '\n');
    expected += k + (expected[k] == '\n');
  }
}

/* CX_MAKE_FIXTURES=1 writes the files anew: only for a new version, under a new name. */
START_TEST(files_of_version_1_are_opened_for_ever) {
  models m = {.ranker = NULL};
  if (getenv("CX_MAKE_FIXTURES")) {
    models made;
    make_models(&made);
    save_models(&made, FIXTURES, "_v1.model");
    char *text = answers(NULL, &made);
    FILE *file = fopen(FIXTURES "/answers_v1.txt", "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    free(text);
    free_models(&made);
  }
  open_models(NULL, FIXTURES, "_v1.model", &m);
  m.profile = make_profile();
  size_t size;
  char *expected = test_read_file(FIXTURES "/answers_v1.txt", &size), *got = answers(NULL, &m);
  expected = realloc(expected, size + 1);
  ck_assert_ptr_nonnull(expected);
  expected[size] = '\0';
  compare(got, expected);
  free(expected);
  free(got);
  free_models(&m);
}
END_TEST

static cx_status open_any(const char *kind, const char *path) {
  cx_lifecycle *lifecycle = NULL;
  cx_stage *stage = NULL;
  cx_ranker *ranker = NULL;
  const cx_status status = strcmp(kind, "lifecycle") == 0 ? cx_lifecycle_open(NULL, path, NULL, &lifecycle)
                           : strcmp(kind, "stage") == 0   ? cx_stage_open(NULL, path, NULL, &stage)
                                                          : cx_ranker_open(NULL, path, NULL, &ranker);
  cx_lifecycle_free(lifecycle);
  cx_stage_free(stage);
  cx_ranker_free(ranker);
  return status;
}

/* Versions and checksum stand where docs/model-file.md says. */
START_TEST(newer_files_are_refused) {
  static const char *const kinds[] = {"lifecycle", "stage", "ranker"};
  for (size_t i = 0; i < 3; i++)
    for (int newer = 0; newer < 3; newer++) {
      char name[64];
      snprintf(name, sizeof name, "%s_v1.model", kinds[i]);
      size_t size;
      char *bytes = test_read_file(file_of(FIXTURES, name), &size);
      uint32_t version;
      const size_t at = newer == 1 ? 32 : 12; /* of the kind, of the container */
      memcpy(&version, bytes + at, sizeof version);
      version += newer > 0;
      memcpy(bytes + at, &version, sizeof version);
      const uint64_t checksum = XXH3_64bits(bytes, 120);
      memcpy(bytes + 120, &checksum, sizeof checksum);
      const char *path = file_of(test_directory(), "newer");
      FILE *file = fopen(path, "wb");
      ck_assert_ptr_nonnull(file);
      ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
      ck_assert_int_eq(fclose(file), 0);
      free(bytes);
      ck_status(newer > 0 ? CX_ERR_UNSUPPORTED : CX_OK, open_any(kinds[i], path));
    }
}
END_TEST

/* ---- cut short and asked again ----------------------------------------------------------------------------------- */

static void print_file(FILE *out, const char *path) {
  size_t size;
  char *bytes = test_read_file(path, &size);
  fwrite(bytes, 1, size, out);
  free(bytes);
}

static cx_status call_history(void *user, cx_context *ctx, FILE *out) {
  const models *m = user;
  cx_history *history = (cx_history *)user;
  cx_status status = cx_history_build(ctx, m->purchases, NULL, &history);
  if (status != CX_OK) {
    ck_assert_ptr_null(history);
    return status;
  }
  fwrite(cx_history_rows(history), sizeof(cx_history_row), cx_history_count(history), out);
  cx_history_free(history);
  return CX_OK;
}

static cx_status call_fit(void *user, cx_context *ctx, FILE *out) {
  const models *m = user;
  cx_lifecycle *lifecycle = (cx_lifecycle *)user;
  const cx_status status = cx_lifecycle_fit(ctx, m->history, NULL, &lifecycle);
  if (status != CX_OK) {
    ck_assert_ptr_null(lifecycle);
    return status;
  }
  cx_lifecycle_info info = {.size = sizeof info};
  ck_ok(NULL, cx_lifecycle_get_info(lifecycle, &info));
  fwrite(&info, sizeof info, 1, out);
  cx_lifecycle_free(lifecycle);
  return CX_OK;
}

static cx_status call_questions(void *user, cx_context *ctx, FILE *out) {
  const models *m = user;
  double values[QUESTIONS][3 * ASKED];
  for (int question = 0; question < QUESTIONS; question++) {
    for (size_t i = 0; i < 3 * ASKED; i++) values[question][i] = -7;
    const cx_status status = ask_lifecycle(ctx, m->lifecycle, question, values[question]);
    if (status == CX_OK) continue;
    for (size_t i = 0; i < 3 * ASKED; i++) ck_assert(values[question][i] == -7);
    return status;
  }
  fwrite(values, sizeof values, 1, out);
  return CX_OK;
}

static cx_status call_stage(void *user, cx_context *ctx, FILE *out) {
  const models *m = user;
  cx_stage *stage = (cx_stage *)user;
  const cx_status status = cx_stage_fit(ctx, m->purchases, NULL, m->lifecycle, NULL, &stage);
  if (status != CX_OK) {
    ck_assert_ptr_null(stage);
    return status;
  }
  for (size_t i = 0; i < ASKED; i++) {
    const cx_history_row row = {.x = asked_x[i], .t_x = asked_t_x[i], .T = asked_T[i], .gap = asked_t_x[i] / 2};
    cx_stage_result r = {.size = sizeof r};
    ck_ok(ctx, cx_stage_infer(ctx, stage, &row, &r));
    print_stage(out, &r);
  }
  cx_stage_free(stage);
  return CX_OK;
}

static cx_status call_ranker(void *user, cx_context *ctx, FILE *out) {
  const models *m = user;
  const cx_ranker_options opts = few_factors();
  cx_ranker *ranker = (cx_ranker *)user;
  const cx_status status = cx_ranker_fit(ctx, m->w.interactions, m->w.contents, &opts, &ranker);
  if (status != CX_OK) {
    ck_assert_ptr_null(ranker);
    return status;
  }
  const cx_ranker_request request = world_request(24);
  cx_ranker_list *list = NULL;
  ck_ok(NULL, cx_ranker_list_new(NULL, &list));
  ck_ok(NULL, cx_ranker_rank(NULL, ranker, m->profile, &request, list));
  print_list(out, list);
  cx_ranker_list_free(list);
  cx_ranker_free(ranker);
  return CX_OK;
}

static cx_status call_evaluation(void *user, cx_context *ctx, FILE *out) {
  const models *m = user;
  const cx_ranker_options opts = few_factors();
  cx_ranker_evaluation result, before;
  memset(&result, 7, sizeof result);
  result.size = sizeof result;
  before = result;
  const cx_status status = cx_ranker_evaluate(ctx, m->w.interactions, m->w.interactions, &opts, 5, 10, &result);
  if (status != CX_OK) {
    ck_assert_mem_eq(&result, &before, sizeof result);
    return status;
  }
  fwrite(&result, sizeof result, 1, out);
  return CX_OK;
}

/* The list of a failed request is asked again, without being made anew. */
typedef struct reranking {
  const models *m;
  cx_ranker_list *list;
} reranking;

static cx_status call_rank(void *user, cx_context *ctx, FILE *out) {
  reranking *again = user;
  if (!again->list) {
    const cx_status status = cx_ranker_list_new(ctx, &again->list);
    if (status != CX_OK) {
      ck_assert_ptr_null(again->list);
      return status;
    }
  }
  const cx_ranker_request request = world_request(5);
  char *before = world_print(again->list);
  const cx_status status = cx_ranker_rank(ctx, again->m->ranker, again->m->profile, &request, again->list);
  if (status == CX_OK) {
    print_list(out, again->list);
    cx_ranker_list_free(again->list);
    again->list = NULL;
  } else {
    char *after = world_print(again->list);
    ck_assert_str_eq(before, after);
    free(after);
  }
  free(before);
  return status;
}

static cx_status call_files(void *user, cx_context *ctx, FILE *out) {
  const models *m = user;
  const char *path = file_of(test_directory(), "files");
  cx_lifecycle *lifecycle = (cx_lifecycle *)user;
  cx_stage *stage = (cx_stage *)user;
  cx_ranker *ranker = (cx_ranker *)user;
  cx_model_info info = {.size = sizeof info, .version = 9};
  cx_status status = cx_lifecycle_save(ctx, m->lifecycle, path, NULL);
  if (status == CX_OK) {
    status = cx_lifecycle_open(ctx, path, NULL, &lifecycle);
    if (status != CX_OK) ck_assert_ptr_null(lifecycle);
    if (status == CX_OK) cx_lifecycle_free(lifecycle);
  }
  if (status == CX_OK) status = cx_stage_save(ctx, m->stage, path, NULL);
  if (status == CX_OK) {
    status = cx_stage_open(ctx, path, NULL, &stage);
    if (status != CX_OK) ck_assert_ptr_null(stage);
    if (status == CX_OK) cx_stage_free(stage);
  }
  if (status == CX_OK) status = cx_ranker_save(ctx, m->ranker, path, NULL);
  if (status == CX_OK) {
    status = cx_ranker_open(ctx, path, NULL, &ranker);
    if (status != CX_OK) ck_assert_ptr_null(ranker);
    if (status == CX_OK) cx_ranker_free(ranker);
  }
  if (status == CX_OK) {
    status = cx_model_read_info(ctx, path, &info);
    if (status != CX_OK) ck_assert_uint_eq(info.version, 9);
  }
  if (status == CX_OK) fwrite(&info, sizeof info, 1, out);
  if (status == CX_OK) print_file(out, path);
  return status;
}

static cx_status call_metrics(void *user, cx_context *ctx, FILE *out) {
  (void)user;
  static const double p[] = {0.2, 0.7, 0.4, 0.9, 0.5}, y[] = {0, 1, 0, 1, 1};
  cx_metric_options opts;
  ck_ok(NULL, cx_metric_options_init(&opts, sizeof opts));
  opts.resamples = 20;
  cx_status (*const measures[])(cx_context *, const double *, const double *, const double *, size_t,
                                const cx_metric_options *, cx_estimate *) = {
      cx_metric_auc, cx_metric_log_loss, cx_metric_brier, cx_metric_calibration_error};
  cx_estimate all[4];
  for (size_t i = 0; i < 4; i++) {
    all[i] = (cx_estimate){.value = 7};
    const cx_status status = measures[i](ctx, p, y, NULL, 5, &opts, &all[i]);
    if (status == CX_OK) continue;
    ck_assert(all[i].value == 7);
    return status;
  }
  fwrite(all, sizeof all, 1, out);
  return CX_OK;
}

START_TEST(a_call_cut_short_is_repeated) {
  models m;
  make_models(&m);
  test_retries(call_history, &m);
  test_retries(call_fit, &m);
  test_retries(call_questions, &m);
  test_retries(call_stage, &m);
  test_retries(call_ranker, &m);
  test_retries(call_evaluation, &m);
  reranking again = {.m = &m};
  test_retries(call_rank, &again);
  test_retries(call_files, &m);
  test_retries(call_metrics, &m);
  free_models(&m);
}
END_TEST

/* ---- cancelling -------------------------------------------------------------------------------------------------- */

static void *cancel_soon(void *ctx) {
  const struct timespec time = {.tv_nsec = 5000000};
  nanosleep(&time, NULL);
  cx_context_cancel(ctx);
  return NULL;
}

START_TEST(a_cancelled_question_leaves_the_answers) {
  enum { N = 1000000 };
  double *x = calloc(N, sizeof *x), *T = malloc(N * sizeof *T), *out = calloc(3 * N, sizeof *out);
  ck_assert(x && T && out);
  for (size_t i = 0; i < N; i++) T[i] = 38;
  cx_lifecycle *m = NULL;
  ck_ok(NULL, cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, (const double[]){.24, 4.4, .79, 2.4}, 4, CX_UNIT_WEEK, &m));
  test_memory memory;
  cx_context *ctx = test_context(&memory, 2);
  for (int simulate = 0; simulate < 2; simulate++) {
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, ctx), 0);
    const cx_status status = simulate ? cx_lifecycle_simulate(ctx, m, N, T, 38, 1, out, out + N, out + 2 * N)
                                      : cx_lifecycle_expected(ctx, m, N, x, x, T, 39, out);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(status, CX_ERR_CANCELLED);
    for (size_t i = 0; i < 3 * N; i++) ck_assert(out[i] == 0);
  }
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
  cx_lifecycle_free(m);
  free(x);
  free(T);
  free(out);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("models");
  TCase *tests = tcase_create("models");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, threads_share_mapped_models);
  tcase_add_test(tests, processes_share_mapped_models);
  tcase_add_test(tests, files_of_version_1_are_opened_for_ever);
  tcase_add_test(tests, newer_files_are_refused);
  tcase_add_test(tests, a_call_cut_short_is_repeated);
  tcase_add_test(tests, a_cancelled_question_leaves_the_answers);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

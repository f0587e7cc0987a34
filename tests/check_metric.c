/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <math.h>

typedef cx_status (*measure_fn)(cx_context *, const double *, const double *, const double *, size_t,
                                const cx_metric_options *, cx_estimate *);
static const measure_fn measures[] = {cx_metric_auc, cx_metric_log_loss, cx_metric_brier, cx_metric_calibration_error};
#define MEASURES (sizeof measures / sizeof *measures)

#define N 60
static double score[N], probability[N], label[N], weight[N];

static void fill(void) {
  for (int i = 0; i < N; i++) {
    score[i] = (double)(i * 37 % 101 / 4) / 25;
    label[i] = score[i] > 0.7 ? (i * 7 % 5 > 1) : (i * 53 % 97 % 3 == 0);
    weight[i] = 1 + i * 11 % 7;
    probability[i] = 0.05 + 0.9 * score[i] * score[i];
  }
}

static double value_of(measure_fn measure, const double *prediction, const double *labels, const double *weights,
                       size_t n) {
  cx_estimate out;
  ck_ok(NULL, measure(NULL, prediction, labels, weights, n, NULL, &out));
  ck_assert(isnan(out.lower) && isnan(out.upper) && isnan(out.level));
  return out.value;
}

static cx_metric_options options(uint32_t resamples) {
  cx_metric_options opts;
  ck_assert_int_eq(cx_metric_options_init(&opts, sizeof opts), CX_OK);
  opts.resamples = resamples;
  return opts;
}

START_TEST(options_have_their_defaults) {
  const cx_metric_options opts = options(0);
  ck_assert_uint_eq(opts.size, sizeof opts);
  ck_assert_uint_eq(opts.resamples, 0);
  ck_assert_uint_eq(opts.seed, 1);
  ck_assert_double_eq(opts.level, 0.95);
  ck_assert_uint_eq(opts.bins, 10);
  ck_status(CX_ERR_INVALID, cx_metric_options_init(NULL, sizeof opts));
}
END_TEST

START_TEST(values_agree_with_scikit_learn) {
  /* scikit-learn 1.9.1: roc_auc_score, log_loss, brier_score_loss, without and with sample_weight. */
  ck_near(value_of(cx_metric_auc, score, label, NULL, N), 0.5859728506787331, 1e-14);
  ck_near(value_of(cx_metric_auc, score, label, weight, N), 0.5836749370729953, 1e-14);
  ck_near(value_of(cx_metric_log_loss, probability, label, NULL, N), 0.8430734400449238, 1e-14);
  ck_near(value_of(cx_metric_log_loss, probability, label, weight, N), 0.8407499432700288, 1e-14);
  ck_near(value_of(cx_metric_brier, probability, label, NULL, N), 0.282366304, 1e-14);
  ck_near(value_of(cx_metric_brier, probability, label, weight, N), 0.28570031494453785, 1e-14);
}
END_TEST

START_TEST(calibration_error_agrees_with_numpy) {
  /* numpy 2.4.6: the sum over numpy.array_split(argsort(p), 10) of |mean p - mean label| / 10. */
  double p[100], y[100];
  for (int i = 0; i < 100; i++) {
    p[i] = (i * 37 % 101 + 0.5) / 102;
    y[i] = (double)(i * 61 % 103) / 103 < pow(p[i], 1.5);
  }
  ck_near(value_of(cx_metric_calibration_error, p, y, NULL, 100), 0.13666666666666666, 1e-13);
  /* By hand, two bins: |(0.1 + 0.2) - 1| / 4 + |(0.6 + 0.9) - 1| / 4. */
  cx_metric_options opts = options(0);
  opts.bins = 2;
  cx_estimate out;
  ck_ok(NULL, cx_metric_calibration_error(NULL, (const double[]){0.9, 0.1, 0.6, 0.2}, (const double[]){1, 1, 0, 0},
                                          NULL, 4, &opts, &out));
  ck_near(out.value, 0.7 / 4 + 0.5 / 4, 1e-15);
  ck_assert_uint_eq(out.count, 4);
  /* One run of equal probabilities over both bins is split evenly: |0.5 - 3/4|. */
  ck_ok(NULL, cx_metric_calibration_error(NULL, (const double[]){0.5, 0.5, 0.5, 0.5}, (const double[]){1, 1, 0, 1},
                                          NULL, 4, &opts, &out));
  ck_near(out.value, 0.25, 1e-15);
  /* More bins than rows: the mean distance of probability and label. */
  opts.bins = 1000;
  ck_ok(NULL, cx_metric_calibration_error(NULL, (const double[]){0.9, 0.1, 0.6, 0.2}, (const double[]){1, 1, 0, 0},
                                          NULL, 4, &opts, &out));
  ck_near(out.value, (0.1 + 0.9 + 0.6 + 0.2) / 4, 1e-13);
}
END_TEST

START_TEST(auc_by_hand) {
  /* Pairs (one, zero): 3 > 1, 3 > 2, 2 > 1, 2 = 2: 3.5 of 4. */
  ck_near(value_of(cx_metric_auc, (const double[]){3, 2, 2, 1}, (const double[]){1, 1, 0, 0}, NULL, 4), 0.875, 1e-16);
  ck_near(value_of(cx_metric_auc, (const double[]){INFINITY, -INFINITY}, (const double[]){1, 0}, NULL, 2), 1, 1e-16);
  ck_near(value_of(cx_metric_auc, (const double[]){5, 5, 5}, (const double[]){1, 0, 0}, NULL, 3), 0.5, 1e-16);
}
END_TEST

START_TEST(auc_sees_only_the_order) {
  double other[N], opposite[N];
  const double auc = value_of(cx_metric_auc, score, label, weight, N);
  for (int i = 0; i < N; i++) other[i] = atan(1e3 * score[i]) - 7;
  ck_assert_double_eq(value_of(cx_metric_auc, other, label, weight, N), auc);
  for (int i = 0; i < N; i++) other[i] = -score[i];
  ck_near(value_of(cx_metric_auc, other, label, weight, N), 1 - auc, 1e-15);
  for (int i = 0; i < N; i++) opposite[i] = 1 - label[i];
  ck_near(value_of(cx_metric_auc, score, opposite, weight, N), 1 - auc, 1e-15);
}
END_TEST

START_TEST(a_weight_counts_like_repetition) {
  double p[7 * N], y[7 * N];
  size_t n = 0;
  for (int i = 0; i < N; i++)
    for (int k = 0; k < (int)weight[i]; k++, n++) {
      p[n] = probability[i];
      y[n] = label[i];
    }
  for (size_t m = 0; m < MEASURES; m++)
    ck_near(value_of(measures[m], probability, label, weight, N), value_of(measures[m], p, y, NULL, n), 1e-13);
}
END_TEST

START_TEST(order_scale_and_rows_without_weight_do_not_matter) {
  double p[N + 5], y[N + 5], w[N + 5];
  for (int i = 0; i < N; i++) {
    const int from = i * 7 % N; /* 7 and 60 have no common factor */
    p[i] = probability[from];
    y[i] = label[from];
    w[i] = weight[from] * 1e250;
  }
  for (int i = N; i < N + 5; i++) {
    p[i] = 1;
    y[i] = 0; /* wrong and certain, but nobody's */
    w[i] = 0;
  }
  for (size_t m = 0; m < MEASURES; m++) {
    ck_near(value_of(measures[m], probability, label, weight, N), value_of(measures[m], p, y, w, N + 5), 1e-14);
    cx_estimate out;
    ck_ok(NULL, measures[m](NULL, p, y, w, N + 5, NULL, &out));
    ck_assert_uint_eq(out.count, N);
  }
}
END_TEST

START_TEST(bad_rows_are_named) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const cx_estimate before = {.value = 7, .count = 3};
  cx_estimate out = before;
  double bad[N];
  uint64_t row = 0;
  for (size_t m = 0; m < MEASURES; m++) {
    const measure_fn measure = measures[m];
    ck_status(CX_ERR_INVALID, measure(ctx, NULL, label, NULL, N, NULL, &out));
    ck_status(CX_ERR_INVALID, measure(ctx, probability, NULL, NULL, N, NULL, &out));
    ck_status(CX_ERR_INVALID, measure(ctx, probability, label, NULL, N, NULL, NULL));
    ck_status(CX_ERR_NO_DATA, measure(ctx, NULL, NULL, NULL, 0, NULL, &out));
    memset(bad, 0, sizeof bad);
    ck_status(CX_ERR_NO_DATA, measure(ctx, probability, label, bad, N, NULL, &out));
    static const double wrong[] = {NAN, -1, INFINITY};
    for (size_t i = 0; i < 3; i++) {
      memcpy(bad, label, sizeof bad);
      bad[11] = wrong[i];
      ck_status(CX_ERR_RANGE, measure(ctx, probability, bad, NULL, N, NULL, &out));
      ck_assert_str_eq(cx_context_error(ctx), "label must be 0 or 1 (row 12)");
      ck_assert_str_eq(cx_context_place(ctx, &row, NULL), "label");
      ck_assert_uint_eq(row, 12);
      ck_status(CX_ERR_RANGE, measure(ctx, probability, label, bad, N, NULL, &out));
      ck_assert_str_eq(cx_context_error(ctx), "weight must be >= 0 (row 12)");
      memcpy(bad, probability, sizeof bad);
      bad[0] = wrong[i];
      if (m > 0 || isnan(bad[0])) ck_status(CX_ERR_RANGE, measure(ctx, bad, label, NULL, N, NULL, &out));
    }
    memcpy(bad, label, sizeof bad);
    bad[1] = 0.5;
    ck_status(CX_ERR_RANGE, measure(ctx, probability, bad, NULL, N, NULL, &out));
  }
  memset(bad, 0, sizeof bad);
  ck_status(CX_ERR_NO_DATA, cx_metric_auc(ctx, score, bad, NULL, N, NULL, &out));
  ck_status(CX_ERR_NO_DATA, cx_metric_auc(ctx, score, label, label, N, NULL, &out));
  ck_status(CX_ERR_NUMERIC,
            cx_metric_log_loss(ctx, (const double[]){0, 0.5}, (const double[]){1, 1}, NULL, 2, NULL, &out));
  ck_status(CX_ERR_NUMERIC,
            cx_metric_log_loss(ctx, (const double[]){1, 0.5}, (const double[]){0, 1}, NULL, 2, NULL, &out));
  ck_ok(ctx, cx_metric_log_loss(ctx, (const double[]){1, 0}, (const double[]){1, 0}, NULL, 2, NULL, &out));
  ck_assert_double_eq(out.value, 0);
  out = before;
  /* The ones have a weight, but none that can be told from 0 beside the zeros'. */
  ck_status(CX_ERR_NUMERIC, cx_metric_auc(ctx, (const double[]){1, 2}, (const double[]){0, 1},
                                          (const double[]){1e300, 1e-300}, 2, NULL, &out));
  ck_assert_mem_eq(&out, &before, sizeof out);
  cx_context_free(ctx);
}
END_TEST

START_TEST(bad_options_are_refused) {
  cx_estimate out;
  for (int i = 0; i < 8; i++) {
    cx_metric_options opts = options(10);
    if (i == 0) opts.resamples = 100001;
    if (i == 1) opts.level = 0;
    if (i == 2) opts.level = 1;
    if (i == 3) opts.level = NAN;
    if (i == 4) opts.bins = 1;
    if (i == 5) opts.bins = 1001;
    if (i == 6) opts.size = 0;
    if (i == 7) opts.reserved = 1;
    const cx_status expected = i >= 6 ? CX_ERR_INVALID : CX_ERR_RANGE;
    for (size_t m = 0; m < MEASURES; m++)
      ck_status(expected, measures[m](NULL, probability, label, NULL, N, &opts, &out));
    cx_metric_ranking ranking;
    ck_status(expected, cx_metric_rank(NULL, (const int64_t[]){1}, 1, 1, (const int64_t[]){1}, (const int64_t[]){0, 1},
                                       &opts, &ranking));
  }
}
END_TEST

/* ---- intervals ---- */

#define MANY 800
static double many_p[MANY], many_y[MANY], many_w[MANY];

static void fill_many(void) {
  uint32_t state = 5;
  for (int i = 0; i < MANY; i++) {
    state = state * 1664525u + 1013904223u;
    many_p[i] = (double)(state >> 16 & 255) / 300 + 0.05;
    state = state * 1664525u + 1013904223u;
    many_y[i] = (double)(state >> 8) / 16777216 < many_p[i];
    many_w[i] = 1 + i % 3;
  }
}

START_TEST(an_interval_is_as_wide_as_theory_says) {
  fill_many();
  cx_metric_options opts = options(4000);
  cx_estimate out;
  ck_ok(NULL, cx_metric_brier(NULL, many_p, many_y, NULL, MANY, &opts, &out));
  double squares = 0;
  for (int i = 0; i < MANY; i++) {
    const double loss = (many_p[i] - many_y[i]) * (many_p[i] - many_y[i]);
    squares += (loss - out.value) * (loss - out.value);
  }
  const double half = 1.95996398454 * sqrt(squares) / MANY;
  ck_assert_double_eq(out.level, 0.95);
  ck_assert_double_eq_tol((out.upper - out.value) / half, 1, 0.08);
  ck_assert_double_eq_tol((out.value - out.lower) / half, 1, 0.08);
  /* Hanley and McNeil's standard error (Radiology 143:29, 1982) is an approximation. */
  ck_ok(NULL, cx_metric_auc(NULL, many_p, many_y, NULL, MANY, &opts, &out));
  double ones = 0;
  for (int i = 0; i < MANY; i++) ones += many_y[i];
  const double a = out.value, q1 = a / (2 - a), q2 = 2 * a * a / (1 + a), zeros = MANY - ones;
  const double error = sqrt((a * (1 - a) + (ones - 1) * (q1 - a * a) + (zeros - 1) * (q2 - a * a)) / ones / zeros);
  ck_assert_double_eq_tol((out.upper - out.lower) / (2 * 1.96 * error), 1, 0.12);
  /* A narrower level lies inside. */
  cx_estimate inner;
  opts.level = 0.5;
  ck_ok(NULL, cx_metric_auc(NULL, many_p, many_y, NULL, MANY, &opts, &inner));
  ck_assert(out.lower < inner.lower && inner.lower < a && a < inner.upper && inner.upper < out.upper);
  ck_assert_double_eq(inner.value, a);
}
END_TEST

START_TEST(intervals_are_the_same_for_any_number_of_threads) {
  fill_many();
  static const uint32_t threads[] = {1, 2, 7};
  for (size_t m = 0; m < MEASURES; m++) {
    cx_estimate first, out, other;
    cx_metric_options opts = options(301);
    for (size_t t = 0; t < 3; t++) {
      test_memory memory;
      cx_context *ctx = test_context(&memory, threads[t]);
      memset(&out, 0, sizeof out);
      ck_ok(ctx, measures[m](ctx, many_p, many_y, many_w, MANY, &opts, &out));
      if (t == 0) first = out;
      ck_assert_mem_eq(&out, &first, sizeof out);
      cx_context_free(ctx);
      ck_assert_int_eq(memory.live, 0);
    }
    opts.seed = 2;
    ck_ok(NULL, measures[m](NULL, many_p, many_y, many_w, MANY, &opts, &other));
    ck_assert_double_eq(other.value, first.value);
    ck_assert_double_ne(other.lower, first.lower);
    ck_assert(first.lower < first.upper);
  }
}
END_TEST

START_TEST(resamples_without_both_classes_are_left_out) {
  cx_metric_options opts = options(200);
  cx_estimate out;
  ck_ok(NULL, cx_metric_auc(NULL, (const double[]){1, 2}, (const double[]){0, 1}, NULL, 2, &opts, &out));
  ck_assert(out.value == 1 && out.lower == 1 && out.upper == 1 && out.level == 0.95);
}
END_TEST

static cx_status measure_all(void *user, cx_context *ctx) {
  (void)user;
  const cx_metric_options opts = options(5);
  cx_status status = CX_OK;
  for (size_t m = 0; m < MEASURES && status == CX_OK; m++) {
    cx_estimate out = {.value = 7};
    status = measures[m](ctx, probability, label, weight, N, &opts, &out);
    if (status != CX_OK) ck_assert(out.value == 7 && out.count == 0);
  }
  return status;
}

START_TEST(failing_allocations_are_survived) { test_allocations(measure_all, NULL, false); }
END_TEST

typedef struct watch {
  uint64_t first, last, total;
  int calls, stop_at;
} watch;

static int watch_progress(void *user, const char *stage, uint64_t done, uint64_t total) {
  watch *w = user;
  ck_assert_str_eq(stage, "resample");
  if (w->calls++ == 0) w->first = done;
  w->last = done;
  w->total = total;
  return w->calls == w->stop_at;
}

START_TEST(resampling_reports_progress_and_can_be_cancelled) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 2);
  watch w = {.first = 9};
  ck_ok(ctx, cx_context_set_progress(ctx, watch_progress, &w));
  const cx_metric_options opts = options(500);
  cx_estimate out = {.value = 7};
  ck_ok(ctx, cx_metric_brier(ctx, probability, label, NULL, N, &opts, &out));
  ck_assert(w.first == 0 && w.last == 500 && w.total == 500 && w.calls > 10 && w.calls <= 101);
  w = (watch){.stop_at = 3};
  out.value = 7;
  ck_status(CX_ERR_CANCELLED, cx_metric_brier(ctx, probability, label, NULL, N, &opts, &out));
  ck_assert_int_eq(w.calls, 3);
  ck_assert_double_eq(out.value, 7);
  cx_context_free(ctx);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

/* ---- lists ---- */

static cx_metric_ranking rank(const int64_t *ranked, size_t users, size_t k, const int64_t *relevant,
                              const int64_t *offsets) {
  cx_metric_ranking out;
  ck_ok(NULL, cx_metric_rank(NULL, ranked, users, k, relevant, offsets, NULL, &out));
  ck_assert(isnan(out.recall.lower) && isnan(out.ndcg.upper) && isnan(out.map.level));
  return out;
}

START_TEST(lists_by_hand) {
  /* First user: hits at 1 and 3 of 4, three relevant. Second: nothing relevant, does not count. Third: a short list
   * with a hit at 2, one relevant. */
  static const int64_t ranked[] = {10, 11, 12, 13, 10, 11, 12, 13, 5, 6, -1, -1};
  static const int64_t relevant[] = {12, 99, 10, 6}, offsets[] = {0, 3, 3, 4};
  const cx_metric_ranking out = rank(ranked, 3, 4, relevant, offsets);
  const double second = 1 / log2(3), third = 0.5;
  ck_near(out.recall.value, (2.0 / 3 + 1) / 2, 1e-15);
  ck_near(out.precision.value, (2.0 / 4 + 1.0 / 4) / 2, 1e-15);
  ck_near(out.ndcg.value, ((1 + third) / (1 + second + third) + second) / 2, 1e-15);
  ck_near(out.map.value, ((1 + 2.0 / 3) / 3 + 0.5) / 2, 1e-15);
  ck_assert_uint_eq(out.recall.count, 2);
}
END_TEST

START_TEST(the_ideal_list_has_ndcg_one) {
  for (size_t k = 1; k <= 40; k++)
    for (size_t n = 1; n <= 50; n += 7) {
      int64_t ranked[40], relevant[50];
      for (size_t i = 0; i < n; i++) relevant[i] = (int64_t)(n - i) * 3;
      for (size_t i = 0; i < k; i++) ranked[i] = i < n ? (int64_t)(i + 1) * 3 : 1;
      const int64_t offsets[] = {0, (int64_t)n};
      const cx_metric_ranking out = rank(ranked, 1, k, relevant, offsets);
      ck_assert_double_eq(out.ndcg.value, 1);
      if (k >= n) ck_assert(out.recall.value == 1 && out.map.value == 1);
      if (k <= n) ck_assert_double_eq(out.precision.value, 1);
    }
}
END_TEST

START_TEST(an_item_counts_once) {
  static const int64_t ranked[] = {7, 7, 8, -1}, relevant[] = {8, 7, 7, 8}, offsets[] = {0, 4};
  const cx_metric_ranking out = rank(ranked, 1, 4, relevant, offsets);
  ck_assert_double_eq(out.recall.value, 1);
  ck_assert_double_eq(out.precision.value, 0.5);
  ck_near(out.map.value, (1 + 2.0 / 3) / 2, 1e-15);
}
END_TEST

#define USERS 700
#define LIST 10
static int64_t lists[USERS * LIST], wanted[USERS * 5], ends[USERS + 1];

static void fill_lists(void) {
  uint32_t state = 11;
  ends[0] = 0;
  for (int u = 0; u < USERS; u++) {
    for (int i = 0; i < LIST; i++) lists[u * LIST + i] = (u * 31 + i * 7) % 97;
    const int n = u % 6;
    for (int i = 0; i < n; i++) {
      state = state * 1664525u + 1013904223u;
      wanted[ends[u] + i] = (state >> 16) % 97;
    }
    ends[u + 1] = ends[u] + n;
  }
}

START_TEST(list_measures_are_the_same_for_any_number_of_threads) {
  fill_lists();
  cx_metric_options opts = options(200);
  cx_metric_ranking first, out;
  static const uint32_t threads[] = {1, 2, 7};
  for (size_t t = 0; t < 3; t++) {
    test_memory memory;
    cx_context *ctx = test_context(&memory, threads[t]);
    memset(&out, 0, sizeof out);
    ck_ok(ctx, cx_metric_rank(ctx, lists, USERS, LIST, wanted, ends, &opts, &out));
    if (t == 0) first = out;
    ck_assert_mem_eq(&out, &first, sizeof out);
    cx_context_free(ctx);
    ck_assert_int_eq(memory.live, 0);
  }
  const cx_estimate *all[] = {&out.recall, &out.precision, &out.ndcg, &out.map};
  for (int i = 0; i < 4; i++) {
    ck_assert(all[i]->lower < all[i]->value && all[i]->value < all[i]->upper);
    ck_assert(all[i]->level == 0.95 && all[i]->count == USERS - (USERS + 5) / 6);
  }
}
END_TEST

START_TEST(bad_lists_are_refused) {
  static const int64_t ranked[] = {1, 2}, relevant[] = {1, -1}, one[] = {0, 1}, both[] = {0, 2}, none[] = {0, 0};
  static const int64_t falling[] = {1, 0}, negative[] = {-1, 1};
  cx_metric_ranking out;
  memset(&out, 0, sizeof out);
  ck_status(CX_ERR_INVALID, cx_metric_rank(NULL, NULL, 1, 2, relevant, one, NULL, &out));
  ck_status(CX_ERR_INVALID, cx_metric_rank(NULL, ranked, 1, 2, NULL, one, NULL, &out));
  ck_status(CX_ERR_INVALID, cx_metric_rank(NULL, ranked, 1, 2, relevant, NULL, NULL, &out));
  ck_status(CX_ERR_INVALID, cx_metric_rank(NULL, ranked, 1, 2, relevant, one, NULL, NULL));
  ck_status(CX_ERR_RANGE, cx_metric_rank(NULL, ranked, 1, 0, relevant, one, NULL, &out));
  ck_status(CX_ERR_RANGE, cx_metric_rank(NULL, ranked, 1, 2, relevant, both, NULL, &out));
  ck_status(CX_ERR_SHAPE, cx_metric_rank(NULL, ranked, 1, 2, relevant, falling, NULL, &out));
  ck_status(CX_ERR_SHAPE, cx_metric_rank(NULL, ranked, 1, 2, relevant, negative, NULL, &out));
  ck_status(CX_ERR_NO_DATA, cx_metric_rank(NULL, ranked, 1, 2, relevant, none, NULL, &out));
  ck_status(CX_ERR_NO_DATA, cx_metric_rank(NULL, NULL, 0, 2, NULL, none, NULL, &out));
  ck_assert_double_eq(out.recall.value, 0);
}
END_TEST

static cx_status rank_lists(void *user, cx_context *ctx) {
  (void)user;
  const cx_metric_options opts = options(5);
  cx_metric_ranking out = {.recall = {.value = 7}};
  const cx_status status = cx_metric_rank(ctx, lists, USERS, LIST, wanted, ends, &opts, &out);
  if (status != CX_OK) ck_assert_double_eq(out.recall.value, 7);
  return status;
}

START_TEST(lists_survive_failing_allocations) {
  fill_lists();
  test_allocations(rank_lists, NULL, false);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("metric");
  TCase *tests = tcase_create("metric");
  tcase_add_checked_fixture(tests, fill, NULL);
  tcase_add_test(tests, options_have_their_defaults);
  tcase_add_test(tests, values_agree_with_scikit_learn);
  tcase_add_test(tests, calibration_error_agrees_with_numpy);
  tcase_add_test(tests, auc_by_hand);
  tcase_add_test(tests, auc_sees_only_the_order);
  tcase_add_test(tests, a_weight_counts_like_repetition);
  tcase_add_test(tests, order_scale_and_rows_without_weight_do_not_matter);
  tcase_add_test(tests, bad_rows_are_named);
  tcase_add_test(tests, bad_options_are_refused);
  tcase_add_test(tests, an_interval_is_as_wide_as_theory_says);
  tcase_add_test(tests, intervals_are_the_same_for_any_number_of_threads);
  tcase_add_test(tests, resamples_without_both_classes_are_left_out);
  tcase_add_test(tests, failing_allocations_are_survived);
  tcase_add_test(tests, resampling_reports_progress_and_can_be_cancelled);
  suite_add_tcase(suite, tests);
  TCase *ranked = tcase_create("lists");
  tcase_add_test(ranked, lists_by_hand);
  tcase_add_test(ranked, the_ideal_list_has_ndcg_one);
  tcase_add_test(ranked, an_item_counts_once);
  tcase_add_test(ranked, list_measures_are_the_same_for_any_number_of_threads);
  tcase_add_test(ranked, bad_lists_are_refused);
  tcase_add_test(ranked, lists_survive_failing_allocations);
  suite_add_tcase(suite, ranked);
  return test_run(suite);
}

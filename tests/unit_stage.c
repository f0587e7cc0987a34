/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "lifecycle/stage.h"

#include <math.h>

#define MOST 5200

typedef struct columns {
  size_t n;
  double at[6][MOST];
} columns;

/** Numbers of a CSV file with a header. */
static void read_numbers(const char *path, size_t width, columns *c) {
  size_t size;
  char *text = test_read_file(path, &size);
  text = realloc(text, size + 1);
  ck_assert_ptr_nonnull(text);
  text[size] = '\0';
  c->n = 0;
  for (char *p = strchr(text, '\n') + 1; *p; c->n++) {
    ck_assert_uint_lt(c->n, MOST);
    for (size_t k = 0; k < width; k++, p++) c->at[k][c->n] = strtod(p, &p);
  }
  free(text);
}

static void to_weeks(double *days, size_t n) {
  for (size_t i = 0; i < n; i++) days[i] /= 7;
}

/** The CDNOW sample at the end of calibration, and a model that has seen no day after it: the BG/NBD of the
 * calibration, the hazard of the eight 28-day windows inside it. */
static cx_stage cdnow(columns *end) {
  static columns origins;
  read_numbers(TEST_DATA "/cdnow_distinct.csv", 6, end);
  read_numbers(TEST_DATA "/cdnow_origins.csv", 5, &origins);
  ck_assert_uint_eq(end->n, 1016);
  ck_assert_uint_eq(origins.n, 5113);
  to_weeks(end->at[1], end->n);
  to_weeks(end->at[2], end->n);
  to_weeks(origins.at[1], origins.n);
  to_weeks(origins.at[2], origins.n);
  cx_lifecycle *lifecycle = NULL;
  ck_ok(NULL, cx_lifecycle_fit_rows(NULL, end->n, end->at[0], end->at[1], end->at[2], end->at[3], NULL, &lifecycle));
  cx_stage stage = {.allocator = *cx__allocator(NULL),
                    .model = {.purchases = lifecycle->model,
                              .unit_days = 7,
                              .horizon = 39,
                              .window = 4,
                              .loyal = 4,
                              .unit = CX_UNIT_WEEK,
                              .merge_day = 1}};
  cx_lifecycle_free(lifecycle);
  const cx__stage_rows rows = {.x = origins.at[0],
                               .t_x = origins.at[1],
                               .T = origins.at[2],
                               .customers = origins.at[3],
                               .buyers = origins.at[4],
                               .n = origins.n};
  ck_ok(NULL, cx__stage_fit_hazard(NULL, &rows, &stage.model));
  ck_assert_int_eq(stage.model.hazard, 1);
  return stage;
}

static void infer(const cx_stage *stage, double x, double t_x, double T, double gap, cx_stage_result *out) {
  const cx_history_row row = {.x = x, .t_x = t_x, .T = T, .gap = gap, .spell = gap, .first = 0};
  out->size = sizeof *out;
  ck_ok(NULL, cx_stage_infer(NULL, stage, &row, out));
}

typedef struct score {
  double log_loss, auc;
} score;

static score score_of(const columns *end, const double *p) {
  double loss = 0, customers = 0, pairs = 0, right = 0;
  for (size_t i = 0; i < end->n; i++) {
    const double n = end->at[3][i], buyers = end->at[4][i];
    loss -= buyers * log(p[i]) + (n - buyers) * log1p(-p[i]);
    customers += n;
    for (size_t j = 0; j < end->n; j++) {
      const double both = buyers * (end->at[3][j] - end->at[4][j]);
      pairs += both;
      right += both * (p[i] > p[j] ? 1 : p[i] == p[j] ? .5 : 0);
    }
  }
  return (score){loss / customers, right / pairs};
}

/* The chance to buy again within 39 weeks, from 39 weeks of calibration, against what happened then. Computed by an
 * implementation of its own in Python: log-loss .4828, AUC .7822; the BG/NBD alone has .5056 and .7569 (with the
 * constants of the literature's fit). */
START_TEST(the_back_test_holds) {
  static columns end;
  static double again[MOST], alone[MOST];
  cx_stage stage = cdnow(&end);
  double forecast = 0, bought = 0;
  for (size_t i = 0; i < end.n; i++) {
    cx_stage_result r;
    infer(&stage, end.at[0][i], end.at[1][i], end.at[2][i], 0, &r);
    again[i] = r.again;
    forecast += end.at[3][i] * r.again;
    bought += end.at[4][i];
  }
  ck_assert(bought == 684);
  stage.model.hazard = 0;
  for (size_t i = 0; i < end.n; i++) {
    cx_stage_result r;
    infer(&stage, end.at[0][i], end.at[1][i], end.at[2][i], 0, &r);
    ck_assert_uint_eq(r.reasons_count, 1);
    ck_assert_int_eq(r.reasons[0].code, CX_STAGE_REASON_PURCHASE_MODEL);
    alone[i] = r.again;
  }
  const score with = score_of(&end, again), without = score_of(&end, alone);
  printf("log-loss %.4f AUC %.4f, the purchase model alone %.4f %.4f, forecast %.0f of %.0f\n", with.log_loss, with.auc,
         without.log_loss, without.auc, forecast, bought);
  ck_assert(with.log_loss <= .5056);
  ck_near(with.log_loss, .4828, .001);
  ck_near(with.auc, .7822, .002);
  ck_near(without.log_loss, .5056, .0001);
  ck_near(without.auc, .7569, .0001);
  ck_assert(fabs(forecast / bought - 1) < .05);
}
END_TEST

START_TEST(reasons_and_probabilities_add_up) {
  static columns end;
  const cx_stage stage = cdnow(&end);
  for (size_t i = 0; i < end.n; i++) {
    cx_stage_result r;
    infer(&stage, end.at[0][i], end.at[1][i], end.at[2][i], end.at[0][i] > 0 ? end.at[1][i] / end.at[0][i] : 0, &r);
    double log_odds = 0, sum = 0;
    ck_assert_uint_eq(r.reasons_count, 7);
    for (uint32_t k = 0; k < r.reasons_count; k++) {
      log_odds += r.reasons[k].log_odds;
      ck_assert(isfinite(r.reasons[k].value));
      for (uint32_t j = 0; j < k; j++) ck_assert_int_ne(r.reasons[j].code, r.reasons[k].code);
    }
    ck_near(log_odds, log(r.again / (1 - r.again)), 1e-9);
    for (int k = 0; k < CX_STAGE_COUNT; k++) {
      ck_assert(r.probabilities[k] >= 0);
      sum += r.probabilities[k];
      ck_assert(r.probabilities[k] <= r.probabilities[r.stage]);
    }
    ck_near(sum, 1, 1e-12);
    ck_assert(r.alive > 0 && r.alive <= 1 && r.again > 0 && r.again < 1 && r.horizon == 39);
    ck_assert(r.lower <= r.upper && r.expected > 0 && r.expected >= r.again * .999);
    ck_assert(r.next[0] < r.next[1] && r.next[1] < r.next[2]);
    ck_assert((r.lower > 0) == (r.again > .9) && (r.upper > 0) == (r.again > .1));
  }
}
END_TEST

/* Each feature's share is what it adds on average over all orders in which the features can be added: checked against a
 * count of all 720 orders by hand for one customer. */
START_TEST(reasons_are_shapley_values) {
  static columns end;
  const cx_stage stage = cdnow(&end);
  const cx__stage_model *m = &stage.model;
  const double x = 3, t_x = 20, T = 33;
  enum { N = CX__STAGE_FEATURES };
  double worth[1 << N];
  for (size_t s = 0; s < (size_t)1 << N; s++) {
    double none = 0;
    for (double from = 0; from < 39; from += 4) {
      double f[N], sum = m->intercept;
      cx__stage_features(m, x, t_x, T + from, f);
      for (size_t j = 0; j < N; j++)
        if (s >> j & 1) sum += m->coefficients[j] * (f[j] - m->means[j]);
      none -= fmin(1, (39 - from) / 4) * log1p(exp(sum));
    }
    worth[s] = log(-expm1(none)) - none;
  }
  double share[N] = {0};
  int order[N], orders = 0;
  for (int code = 0; code < 46656; code++) { /* 6^6 sequences, of which 720 are orders */
    size_t set = 0;
    for (int k = 0, rest = code; k < N; k++, rest /= N) {
      order[k] = rest % N;
      set |= (size_t)1 << order[k];
    }
    if (set != (1 << N) - 1) continue;
    orders++;
    for (size_t k = 0, before = 0; k < N; k++) {
      const size_t after = before | (size_t)1 << order[k];
      share[order[k]] += worth[after] - worth[before];
      before = after;
    }
  }
  ck_assert_int_eq(orders, 720);
  double base, parts[N];
  const double log_odds = cx__stage_again(m, x, t_x, T, &base, parts);
  ck_near(log_odds, worth[(1 << N) - 1], 1e-12);
  ck_near(log_odds, cx__stage_again(m, x, t_x, T, NULL, NULL), 1e-12);
  ck_near(base, worth[0], 1e-12);
  for (size_t j = 0; j < N; j++) ck_near(parts[j], share[j] / 720, 1e-12);
}
END_TEST

START_TEST(silence_is_measured_by_the_own_rhythm) {
  static columns end;
  const cx_stage stage = cdnow(&end);
  const cx__stage_model *m = &stage.model;
  ck_assert(cx__stage_overdue(m, 5, 30, 30) == 0);
  ck_assert(cx__stage_overdue(m, 5, 30, 69) == 1);
  double before = 0;
  for (double silence = 0; silence <= 40; silence += .1) {
    const double now = cx__stage_overdue(m, 2, 10, 10 + silence);
    ck_assert(now >= before && now - before < .05); /* without jumps */
    before = now;
  }
  /* half way when 80 % of the gaps shorter than a horizon are over */
  const double shape = m->purchases.r + 2, scale = m->purchases.alpha + 10;
  const double all = 1 - pow(scale / (scale + 39), shape);
  const double at = scale * (pow(1 - .8 * all, -1 / shape) - 1);
  ck_near(cx__stage_overdue(m, 2, 10, 10 + at), .5, 1e-9);
}
END_TEST

START_TEST(every_stage_is_reached) {
  static columns end;
  const cx_stage stage = cdnow(&end);
  cx_stage_result r;
  infer(&stage, 0, 0, 2, 0, &r);
  ck_assert_int_eq(r.stage, CX_STAGE_ONBOARDING);
  infer(&stage, 2, 14, 16, 7, &r);
  ck_assert_int_eq(r.stage, CX_STAGE_ACTIVE);
  infer(&stage, 12, 50, 51, 4, &r);
  ck_assert_int_eq(r.stage, CX_STAGE_LOYAL);
  infer(&stage, 12, 36, 50, 3, &r);
  ck_assert_int_eq(r.stage, CX_STAGE_AT_RISK);
  infer(&stage, 1, 5, 60, 5, &r);
  ck_assert_int_eq(r.stage, CX_STAGE_LAPSED);
  infer(&stage, 0, 0, 60, 0, &r);
  ck_assert_int_eq(r.stage, CX_STAGE_LAPSED);
  infer(&stage, 2, 90, 91, 85, &r);
  ck_assert_int_eq(r.stage, CX_STAGE_WON_BACK);
  const cx_history_row prospect = {.first = CX_TIME_NONE};
  r.size = sizeof r;
  ck_ok(NULL, cx_stage_infer(NULL, &stage, &prospect, &r));
  ck_assert_int_eq(r.stage, CX_STAGE_PROSPECT);
  ck_assert(r.probabilities[CX_STAGE_PROSPECT] == 1 && isnan(r.alive) && r.again > 0 && r.again < .2);
  ck_assert_uint_eq(r.reasons_count, 1);
  ck_assert_int_eq(r.reasons[0].code, CX_STAGE_REASON_NO_PURCHASE);
  ck_near(r.reasons[0].log_odds, log(r.again / (1 - r.again)), 1e-9);
}
END_TEST

START_TEST(extreme_histories_stay_in_range) {
  static columns end;
  const cx_stage stage = cdnow(&end);
  static const double rows[][4] = {{1000, 10, 100, .1}, {1000, 100, 100, .1}, {0, 0, 0, 0},          {1e7, 1e6, 1e6, 0},
                                   {0, 0, 1e9, 0},      {1, 1e-9, 1e9, 1e-9}, {5000, 1, 5200, 1e-3}, {1, 0, 0, 0}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    cx_stage_result r;
    infer(&stage, rows[i][0], rows[i][1], rows[i][2], rows[i][3], &r);
    double log_odds = 0, sum = 0;
    for (uint32_t k = 0; k < r.reasons_count; k++) log_odds += r.reasons[k].log_odds;
    for (int k = 0; k < CX_STAGE_COUNT; k++) sum += r.probabilities[k];
    ck_near(sum, 1, 1e-12);
    ck_near(log_odds, log(r.again / (1 - r.again)), 1e-9);
    ck_assert(isfinite(r.expected) && r.alive >= 0 && r.lower <= r.upper);
  }
}
END_TEST

START_TEST(too_little_is_not_learned_from) {
  const double x[] = {0, 1}, t_x[] = {0, 2}, T[] = {9, 9}, customers[] = {60, 60}, few[] = {10, 19}, all[] = {60, 60};
  cx__stage_model m = {
      .purchases = {.243, 4.414, .793, 2.426}, .unit_days = 7, .horizon = 39, .window = 4, .hazard = 7};
  cx__stage_rows rows = {.x = x, .t_x = t_x, .T = T, .customers = customers, .buyers = few, .n = 2};
  ck_ok(NULL, cx__stage_fit_hazard(NULL, &rows, &m));
  ck_assert_int_eq(m.hazard, 0);
  rows.buyers = all;
  ck_ok(NULL, cx__stage_fit_hazard(NULL, &rows, &m));
  ck_assert_int_eq(m.hazard, 0);
  double none = cx__bgnbd_none(&m.purchases, 1, 2, 9, 39);
  ck_near(cx__stage_again(&m, 1, 2, 9, NULL, NULL), log((1 - none) / none), 1e-12);
}
END_TEST

/** Sound containers of another version or with values that no model has. */
START_TEST(other_versions_and_contents_are_refused) {
  static columns end;
  const cx_stage stage = cdnow(&end);
  char path[300];
  snprintf(path, sizeof path, "%s/stage", test_directory());
  cx__stage_model m = stage.model;
  const cx__model_section section = {.tag = CX__TAG('S', 'T', 'A', 'G'), .data = &m, .size = sizeof m};
  cx_stage *opened = (cx_stage *)path;
  ck_ok(NULL, cx__model_save(NULL, path, "stage", 2, NULL, &section, 1));
  ck_status(CX_ERR_UNSUPPORTED, cx_stage_open(NULL, path, NULL, &opened));
  ck_assert_ptr_null(opened);
  ck_ok(NULL, cx__model_save(NULL, path, "lifecycle", 1, NULL, &section, 1));
  ck_status(CX_ERR_CORRUPT, cx_stage_open(NULL, path, NULL, &opened));
  ck_ok(NULL, cx__model_save(NULL, path, "stage", 1, NULL, &section, 0));
  ck_status(CX_ERR_CORRUPT, cx_stage_open(NULL, path, NULL, &opened));
  for (int wrong = 0; wrong < 11; wrong++) {
    m = stage.model;
    if (wrong == 0) m.purchases.r = (double)NAN;
    if (wrong == 1) m.unit = 9;
    if (wrong == 2) m.merge_day = 2;
    if (wrong == 3) m.hazard = -1;
    if (wrong == 4) m.window = 1e-9;
    if (wrong == 5) m.horizon = (double)INFINITY;
    if (wrong == 6) m.coefficients[3] = (double)NAN;
    if (wrong == 7) m.loyal = 0;
    if (wrong == 8) m.unit_days = 0;
    if (wrong == 9) m.coefficients[0] = 1e300;
    if (wrong == 10) m.means[1] = -1e300;
    ck_ok(NULL, cx__model_save(NULL, path, "stage", 1, NULL, &section, 1));
    ck_status(CX_ERR_CORRUPT, cx_stage_open(NULL, path, NULL, &opened));
    ck_assert_ptr_null(opened);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("stage inside");
  TCase *tests = tcase_create("stage inside");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, the_back_test_holds);
  tcase_add_test(tests, reasons_and_probabilities_add_up);
  tcase_add_test(tests, reasons_are_shapley_values);
  tcase_add_test(tests, silence_is_measured_by_the_own_rhythm);
  tcase_add_test(tests, every_stage_is_reached);
  tcase_add_test(tests, extreme_histories_stay_in_range);
  tcase_add_test(tests, too_little_is_not_learned_from);
  tcase_add_test(tests, other_versions_and_contents_are_refused);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

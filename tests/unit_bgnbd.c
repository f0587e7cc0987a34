/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "lifecycle/lifecycle.h"
#include "math/math.h"

#include <math.h>

static const double cdnow[4] = {.24259452243, 4.413602019013, .792922017226, 2.425906776826};

static cx_lifecycle *model_of(const double p[4]) {
  cx_lifecycle *lifecycle = NULL;
  ck_ok(NULL, cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, p, 4, CX_UNIT_WEEK, &lifecycle));
  return lifecycle;
}

/** The model, differentiated numerically at a point away from the optimum. */
START_TEST(derivatives_are_right) {
  enum { N = 500 };
  static double T[N], x[N], t_x[N];
  for (size_t i = 0; i < N; i++) T[i] = 30 + (double)(i % 70) / 7;
  cx_lifecycle *truth = model_of(cdnow);
  ck_ok(NULL, cx_lifecycle_simulate(NULL, truth, N, T, 0, 1, x, t_x, NULL));
  cx_lifecycle_free(truth);
  const cx__lifecycle_input input = {.x = x, .t_x = t_x, .T = T, .stride = 1, .n = N};
  cx__lifecycle_data data;
  ck_ok(NULL, cx__lifecycle_aggregate(NULL, &input, &data));
  cx__bgnbd_objective *objective;
  ck_ok(NULL, cx__bgnbd_objective_new(NULL, &data, 32, &objective));
  for (size_t n = 2; n <= 4; n += 2) {
    const cx__objective_fn evaluate = n == 2 ? cx__nbd_evaluate : cx__bgnbd_evaluate;
    const double at[4] = {-1, -1.5, -.3, .9};
    double value, gradient[4], hessian[16];
    ck_ok(NULL, evaluate(objective, at, &value, gradient, hessian));
    for (size_t i = 0; i < n; i++) {
      double above[4], below[4], high, low, up[4], down[4];
      memcpy(above, at, sizeof at);
      memcpy(below, at, sizeof at);
      above[i] += 1e-5;
      below[i] -= 1e-5;
      ck_ok(NULL, evaluate(objective, above, &high, up, NULL));
      ck_ok(NULL, evaluate(objective, below, &low, down, NULL));
      ck_near(gradient[i], (high - low) / 2e-5, 1e-9);
      for (size_t j = 0; j < n; j++) ck_near(hessian[i * n + j], (up[j] - down[j]) / 2e-5, 1e-9);
    }
  }
  cx__bgnbd_objective_free(objective);
  cx__lifecycle_data_free(&data);
}
END_TEST

START_TEST(distinct_rows_are_counted) {
  const double x[] = {1, 0, 1, 1, 0, 3, 1}, t_x[] = {2, 0, 2, 2.5, -0.0, 4, 2}, T[] = {9, 9, 9, 9, 9, 9, 8};
  const double weight[] = {1, 2, 3, 4, 5, 0, 6};
  const cx__lifecycle_input input = {.x = x, .t_x = t_x, .T = T, .weight = weight, .stride = 1, .n = 7};
  cx__lifecycle_data data;
  ck_ok(NULL, cx__lifecycle_aggregate(NULL, &input, &data));
  ck_assert_uint_eq(data.count, 4); /* the row of weight 0 is left out */
  ck_assert_uint_eq(data.x_count, 2);
  ck_assert(data.customers == 21 && data.purchases == 14);
  ck_assert(data.x_weight[0] == 7 && data.x_weight[1] == 14);
  double most = 0;
  for (size_t i = 0; i < data.count; i++) most = fmax(most, data.rows[i].weight);
  ck_assert(most == 7);
  cx__lifecycle_data_free(&data);
}
END_TEST

/** A probability of each count: they sum to 1, P(0) and the mean are those of the closed forms. */
START_TEST(counts_have_their_probabilities) {
  enum { MOST = 3000 };
  static double p[MOST];
  const struct {
    cx__bgnbd m;
    double x, t_x, T, h;
  } cases[] = {{{.243, 4.414, .793, 2.426}, 2, 30.43, 38.86, 39},
               {{.243, 4.414, .793, 2.426}, 0, 0, 38.86, 39},
               {{.243, 4.414, .793, 2.426}, 25, 38, 39, 100},
               {{5, .5, 1, 3}, 0, 0, 0, 10},
               {{3, 2, 0, 1}, 4, 5, 6, 20}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    cx__bgnbd_pmf(&cases[k].m, cases[k].x, cases[k].t_x, cases[k].T, cases[k].h, MOST, p);
    double sum = 0, mean = 0;
    for (int n = 0; n < MOST; n++) {
      ck_assert(p[n] >= 0 && p[n] <= 1);
      sum += p[n];
      mean += n * p[n];
    }
    ck_near(sum, 1, 1e-12);
    ck_near(p[0], cx__bgnbd_none(&cases[k].m, cases[k].x, cases[k].t_x, cases[k].T, cases[k].h), 1e-14);
    ck_near(mean, cx__bgnbd_expected(&cases[k].m, cases[k].x, cases[k].t_x, cases[k].T, cases[k].h), 1e-9);
  }
  /* computed in more than double precision, new customers */
  cx__bgnbd_pmf(&cases[0].m, 0, 0, 0, 30, 21, p);
  ck_assert(fabs(p[11] / .00199952144747887 - 1) < 1e-12 && fabs(p[20] / .000222226048006637 - 1) < 1e-12);
  cx__bgnbd_pmf(&cases[0].m, 0, 0, 0, 2, 11, p);
  ck_assert(fabs(p[10] / 1.07868964036915e-7 - 1) < 1e-12);
}
END_TEST

/** Where most customers buy nothing an interval of whole counts holds far more than it says. So the share of the
 *  observed count's own probability that lies between the two levels is what is counted: on average it is 80 % exactly
 *  when the predictive distribution is right (the non-randomised probability integral transform of Czado, Gneiting and
 *  Held, Biometrics 65(4), 2009). */
START_TEST(predictive_distributions_are_calibrated) {
  enum { N = 4000, MOST = 500 };
  static double T[N], x[N], t_x[N], later[N], p[MOST];
  for (size_t i = 0; i < N; i++) T[i] = 27 + 12 * (double)(i % 85) / 85;
  cx_lifecycle *truth = model_of(cdnow);
  for (uint64_t seed = 1; seed <= 20; seed++) {
    ck_ok(NULL, cx_lifecycle_simulate(NULL, truth, N, T, 39, seed, x, t_x, later));
    cx_lifecycle *fitted = NULL;
    ck_ok(NULL, cx_lifecycle_fit_rows(NULL, N, x, t_x, T, NULL, NULL, &fitted));
    double covered = 0;
    for (size_t i = 0; i < N; i++) {
      const size_t count = (size_t)later[i];
      ck_assert_uint_lt(count, MOST);
      cx__bgnbd_pmf(&fitted->model, x[i], t_x[i], T[i], 39, count + 1, p);
      double below = 0;
      for (size_t n = 0; n < count; n++) below += p[n];
      const double from = fmax(.1, below), to = fmin(.9, below + p[count]);
      if (to > from) covered += (to - from) / p[count];
    }
    covered /= N;
    ck_assert_msg(covered > .77 && covered < .83, "seed %d: %.4f", (int)seed, covered);
    cx_lifecycle_free(fitted);
  }
  cx_lifecycle_free(truth);
}
END_TEST

/** A file of a later version of the kind, one of no version, and sound containers that hold no model. */
START_TEST(other_versions_and_contents_are_refused) {
  char path[300];
  snprintf(path, sizeof path, "%s/other", test_directory());
  static double zeros[32];
  const cx__model_section sections[] = {{.tag = CX__TAG('I', 'N', 'F', 'O'), .data = zeros, .size = 72},
                                        {.tag = CX__TAG('P', 'A', 'R', 'M'), .data = zeros, .size = 64},
                                        {.tag = CX__TAG('E', 'R', 'R', 'S'), .data = zeros, .size = 64}};
  cx_lifecycle *m = (cx_lifecycle *)path;
  ck_ok(NULL, cx__model_save(NULL, path, "lifecycle", 2, NULL, sections, 3));
  ck_status(CX_ERR_UNSUPPORTED, cx_lifecycle_open(NULL, path, NULL, &m));
  ck_assert_ptr_null(m);
  ck_ok(NULL, cx__model_save(NULL, path, "stage", 1, NULL, sections, 3));
  ck_status(CX_ERR_CORRUPT, cx_lifecycle_open(NULL, path, NULL, &m));
  for (size_t missing = 0; missing < 3; missing++) {
    ck_ok(NULL, cx__model_save(NULL, path, "lifecycle", 1, NULL, sections, missing));
    ck_status(CX_ERR_CORRUPT, cx_lifecycle_open(NULL, path, NULL, &m));
  }
  int32_t info[18] = {CX_LIFECYCLE_BGNBD, CX_FIT_OK, CX_UNIT_WEEK};
  double parameters[8] = {1, 2, 3, 4};
  cx__model_section whole[3];
  memcpy(whole, sections, sizeof whole);
  whole[0].data = info;
  whole[1].data = parameters;
  ck_ok(NULL, cx__model_save(NULL, path, "lifecycle", 1, NULL, whole, 3));
  ck_ok(NULL, cx_lifecycle_open(NULL, path, NULL, &m));
  cx_lifecycle_free(m);
  for (int wrong = 0; wrong < 4; wrong++) {
    const int32_t info_was[3] = {info[0], info[1], info[2]};
    if (wrong < 3) info[wrong] = 77;
    if (wrong == 3) parameters[1] = -1;
    ck_ok(NULL, cx__model_save(NULL, path, "lifecycle", 1, NULL, whole, 3));
    ck_status(wrong == 0 ? CX_ERR_UNSUPPORTED : CX_ERR_CORRUPT, cx_lifecycle_open(NULL, path, NULL, &m));
    ck_assert_ptr_null(m);
    memcpy(info, info_was, sizeof info_was);
    parameters[1] = 2;
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("bgnbd");
  TCase *tests = tcase_create("bgnbd");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, derivatives_are_right);
  tcase_add_test(tests, distinct_rows_are_counted);
  tcase_add_test(tests, counts_have_their_probabilities);
  tcase_add_test(tests, predictive_distributions_are_calibrated);
  tcase_add_test(tests, other_versions_and_contents_are_refused);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

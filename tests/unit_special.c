/* SPDX-License-Identifier: MIT */
/* Reference values were computed with mpmath 1.4.1 at 40 digits or more from the exact binary arguments: digamma, psi,
 * loggamma, and for the renewal expectation (a + b - 1) / (a - 1) * (1 - hyp2f1(s, a - 1, a + b - 1, -t)), at a = 1
 * with a moved by 1e-50. */
#include "support.h"

#include "math/math.h"

#include <float.h>

/* Relative error. */
#define ck_close(value, expected, tolerance)                                                                           \
  do {                                                                                                                 \
    const double v_ = (value), e_ = (expected);                                                                        \
    ck_assert_msg(fabs(v_ - e_) <= (tolerance)*fabs(e_), "row %zu: %s = %.17g, expected %.17g", i, #value, v_, e_);    \
  } while (0)

#define COUNT(array) (sizeof(array) / sizeof *(array))

START_TEST(digamma_and_trigamma_agree_with_the_references) {
  static const double table[][3] = {
      {1e-08, -100000000.57721564636, 10000000000000001.226},
      {0.01, -100.56088545786867242, 10001.621213528312804},
      {0.5, -1.9635100260214234794, 4.9348022005446793094},
      {1.0, -0.57721566490153286061, 1.6449340668482264365},
      {2.0, 0.42278433509846713939, 0.64493406684822643647},
      {3.5, 1.1031566406452431872, 0.33035775610023486497},
      {9.99, 2.250700372831201122, 0.10527695014824178439},
      {10.0, 2.2517525890667211076, 0.10516633568168574612},
      {50.0, 3.901989673427892197, 0.020201333226697125806},
      {100000.0, 11.512920464961895087, 0.000010000050000166666667},
      {1000000000000000.0, 34.53877639491068476, 1.0000000000000005e-15},
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    ck_close(cx__digamma(table[i][0]), table[i][1], 1e-14);
    ck_close(cx__trigamma(table[i][0]), table[i][2], 1e-14);
  }
  ck_assert(isnan(cx__digamma(0)) && isnan(cx__digamma(-1)) && isnan(cx__digamma(NAN)));
  ck_assert(isnan(cx__trigamma(0)) && isnan(cx__trigamma(-1)) && isnan(cx__trigamma(NAN)));
}
END_TEST

START_TEST(digamma_is_the_slope_of_lgamma) {
  for (size_t i = 0; i < 40; i++) {
    const double x = pow(10, -2 + 0.15 * (double)i), h = 1e-5 * x;
    const double slope = (cx__lgamma(x + h) - cx__lgamma(x - h)) / (2 * h);
    ck_near(slope, cx__digamma(x), 1e-7);
    ck_near((cx__digamma(x + h) - cx__digamma(x - h)) / (2 * h) / cx__trigamma(x), 1, 1e-7);
    /* The recurrence holds across the border of the two methods. */
    ck_close(cx__digamma(x + 1) - cx__digamma(x), 1 / x, 1e-12 * (1 + x * fabs(cx__digamma(x))));
  }
}
END_TEST

START_TEST(lbeta_agrees_with_the_references) {
  static const double table[][3] = {
      {1e-300, 1e-300, 691.46867507877365049},
      {1e-08, 1e-08, 19.113827924512310596},
      {1e-06, 10000.0, 13.815500770459060522},
      {1e-10, 1000000000000.0, 23.025850927119633126},
      {0.5, 0.5, 1.1447298858494001741},
      {9.5, 9.75, -13.195061176335524712},
      {9.5, 10.5, -13.70992554699846192},
      {10, 10, -13.736229227036554814},
      {2.5, 1000000.0, -34.254095399436516102},
      {1000000.0, 1000000.0, -1386300.0033629211163},
      {1000000000000.0, 0.001, 6.8795478642679256124},
      {1000000000000.0, 1000000000000.0, -1386294361132.4406173},
      {1000000000000000.0, 12.0, -396.96300889305440328},
      {3.0, 1e+300, -2071.6334365140811705},
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    ck_close(cx__lbeta(table[i][0], table[i][1]), table[i][2], 1e-14);
    ck_assert_double_eq(cx__lbeta(table[i][0], table[i][1]), cx__lbeta(table[i][1], table[i][0]));
  }
  ck_assert(isnan(cx__lbeta(0, 1)) && isnan(cx__lbeta(1, -1)) && isnan(cx__lbeta(NAN, 1)));
}
END_TEST

START_TEST(the_logistic_family_never_overflows) {
  ck_assert_double_eq(cx__logistic(0), 0.5);
  ck_assert_double_eq(cx__logistic(1000), 1);
  ck_assert_double_eq(cx__logistic(-1000), 0);
  ck_assert_double_eq(cx__logistic(INFINITY), 1);
  ck_assert_double_eq(cx__logistic(-INFINITY), 0);
  ck_assert(isnan(cx__logistic(NAN)));
  ck_assert_double_eq(cx__log_logistic(-1000), -1000);
  ck_assert_double_eq(cx__log_logistic(1000), 0);
  ck_near(cx__log_logistic(0), -0.69314718055994531, 1e-16);
  ck_assert_double_eq(cx__logit(0.5), 0);
  ck_assert_double_eq(cx__logit(0), -INFINITY);
  ck_assert_double_eq(cx__logit(1), INFINITY);
  for (size_t i = 0; i < 121; i++) {
    const double x = -30 + 0.5 * (double)i;
    ck_near(cx__logistic(x) + cx__logistic(-x), 1, DBL_EPSILON);
    ck_near(exp(cx__log_logistic(x)) / cx__logistic(x), 1, 1e-14);
    if (x < 5) ck_near(cx__logit(cx__logistic(x)), x, 1e-13);
  }
  /* ln(p / (1 - p)) to first order at 1/2 + e is 4 e. */
  const double e = 0x1p-50;
  ck_assert_double_eq(cx__logit(0.5 + e), 4 * e);
}
END_TEST

START_TEST(log_add_adds) {
  ck_near(cx__log_add(log(2), log(3)), log(5), 1e-15);
  ck_near(cx__log_add(-1000, -1000), -1000 + log(2), 1e-15);
  ck_assert_double_eq(cx__log_add(800, -800), 800);
  ck_assert_double_eq(cx__log_add(-INFINITY, -3), -3);
  ck_assert_double_eq(cx__log_add(-3, -INFINITY), -3);
  ck_assert_double_eq(cx__log_add(-INFINITY, -INFINITY), -INFINITY);
  ck_assert_double_eq(cx__log_add(INFINITY, INFINITY), INFINITY);
  ck_assert(isnan(cx__log_add(NAN, 1)) && isnan(cx__log_add(1, NAN)) && isnan(cx__log_add(INFINITY, NAN)));
}
END_TEST

START_TEST(the_renewal_expectation_agrees_with_the_references) {
  static const double table[][5] = {
      {1.0, 1.0, 1.0, 1.0, 0.69314718055994530942},
      {1.0, 3.0, 5.0, 0.5, 1.8552842132133820348},
      {0.793, 2.426, 0.243, 1.0, 0.21418748084451480515},
      {0.793, 7.426, 5.243, 0.02, 0.10423424351820605437},
      {1.0, 2.5, 3.0, 100.0, 12.080697158314746339},
      {2.0, 1.0, 1.0, 1000000.0, 1.9999723689768840725},
      {1e-06, 1.0, 1.0, 1.0, 0.99999930685364190619},
      {1e-06, 0.001, 0.01, 1000000.0, 9989.8819467386066588},
      {1e-06, 10000.0, 3000.0, 1000000.0, 2999965164.8044126434},
      {1e-06, 0.001, 3000.0, 1000000.0, 2996938868.9726505444},
      {1e-06, 10000.0, 0.01, 1e-06, 9.9999999999999992506e-9},
      {10000.0, 10000.0, 3000.0, 1000000.0, 2.0001000100010001},
      {10000.0, 0.001, 3000.0, 1000000.0, 1.0000001000100010001},
      {10000.0, 0.001, 0.01, 1e-06, 9.9999949500038882524e-9},
      {10000.0, 10000.0, 0.01, 1e-06, 9.9999974750008456726e-9},
      {10000.0, 10000.0, 0.01, 1000000.0, 0.24596777241919752297},
      {1.0, 10000.0, 3000.0, 1000000.0, 126114.24412651556643},
      {1.0, 0.001, 0.01, 1000000.0, 0.12994999516586442616},
      {1.0, 0.001, 3000.0, 1e-06, 0.0029955074913815841044},
      {8.0, 8.0, 1.0, 1.0, 0.6711025025517422854},
      {7.99, 8.0, 1.0, 1.0, 0.67124675571734449191},
      {8.0, 7.99, 1.0, 1.0, 0.67096361236267214637},
      {8.0, 10000.0, 50.0, 1000.0, 1429.5638273044287593},
      {7.9, 9000.0, 100.0, 5000.0, 1305.3478260855711665},
      {4.5, 300.0, 100.0, 5000.0, 86.714285713782622912},
      {5.0, 10000.0, 1.0, 1.0, 0.99950054933588022576},
      {9000.0, 7.9, 2.0, 3.0, 0.93824061572081525418},
      {9000.0, 0.5, 2.0, 3.0, 0.9375468792320240027},
      {0.5, 0.5, 0.5, 0.5, 0.21392593141245522845},
      {0.25, 0.5, 1000.0, 1000.0, 29148.196436077298519},
      {1.0000001, 2.0, 3.0, 4.0, 4.0188755306443153861},
      {0.9999999, 2.0, 3.0, 4.0, 4.0188761190921298241},
      {2.0, 0.001, 3.0, 0.001, 0.0029940129752098743011},
      {3.0, 2.0, 0.01, 1000000.0, 0.24346435121776630682},
      {100.0, 0.01, 20.0, 50.0, 1.000101010101010101},
      {0.01, 100.0, 20.0, 50.0, 983.52509649537621738},
      {0.1, 20.0, 0.3, 100000.0, 14508.236222213148364},
      {30.0, 2.5, 2.5, 30.0, 1.0859560308305674224},
      {0.001, 0.001, 10.0, 10.0, 50.29106814611050296},
      {50.0, 60.0, 70.0, 80.0, 2.2244897959183673469},
      {0.5, 10000.0, 3000.0, 1e-06, 0.0029999997749362868286},
  };
  for (size_t i = 0; i < COUNT(table); i++) {
    const double *row = table[i];
    ck_close(cx__beta_renewal(row[0], row[1], row[2], row[3]), row[4], 2e-14);
  }
}
END_TEST

/* With s = 1 the function is t / (1 + p t); with s = 2 it is t / (1 + p t) + t / (1 + p t)^2; and b = 1, s = 1 gives
 * a t^(1 - a) times an incomplete Beta function, for a = 1 simply log1p(t). */
START_TEST(the_renewal_expectation_keeps_its_identities) {
  for (size_t i = 0; i < 60; i++) {
    const double t = pow(10, -6 + 0.2 * (double)i);
    ck_close(cx__beta_renewal(1, 1, 1, t), log1p(t), 1e-13);
    ck_close(cx__beta_renewal(2, 1, 1, t),
             t < 1e-3 ? t - t * t * 2 / 3 + t * t * t / 2 - t * t * t * t * 0.4 : 2 * (1 - log1p(t) / t), 1e-12);
    ck_close(cx__beta_renewal(1, 1, 2, t), log1p(t) + t / (1 + t), 1e-13);
  }
}
END_TEST

START_TEST(the_renewal_expectation_is_smooth_and_ordered) {
  static const double values[] = {1e-6, 1e-3, 0.2, 0.999999, 1, 1.000001, 3, 7.999999, 8, 8.000001, 40, 1e4};
  for (size_t i = 0; i < COUNT(values); i++)
    for (size_t j = 2; j < COUNT(values); j++) {
      double before = 0;
      for (int k = -30; k <= 30; k++) {
        const double t = pow(10, 0.2 * k), now = cx__beta_renewal(values[i], values[j], 2.5, t);
        ck_assert_msg(now > before && now <= 2.5 * t * (1 + 1e-13), "a %g b %g t %g: %g", values[i], values[j], t, now);
        before = now;
      }
      /* Falls with a, rises with b; across 1 and across the border of the methods too. */
      if (i > 0)
        ck_assert_double_lt(cx__beta_renewal(values[i], values[j], 2.5, 4),
                            cx__beta_renewal(values[i - 1], values[j], 2.5, 4));
      ck_assert_double_gt(cx__beta_renewal(values[i], values[j], 2.5, 4),
                          cx__beta_renewal(values[i], values[j - 1], 2.5, 4));
    }
  ck_assert_double_eq(cx__beta_renewal(1, 2, 3, 0), 0);
  ck_assert(isnan(cx__beta_renewal(0, 1, 1, 1)) && isnan(cx__beta_renewal(1, 0, 1, 1)));
  ck_assert(isnan(cx__beta_renewal(1, 1, 0, 1)) && isnan(cx__beta_renewal(1, 1, 1, -1)));
  ck_assert(isnan(cx__beta_renewal(NAN, 1, 1, 1)) && isnan(cx__beta_renewal(1, 1, 1, NAN)));
}
END_TEST

START_TEST(gauss_legendre_is_exact_for_polynomials) {
  double nodes[64], weights[64];
  for (size_t n = 1; n <= 64; n++) {
    cx__gauss_legendre(n, nodes, weights);
    for (size_t i = 1; i < n; i++) ck_assert_double_lt(nodes[i - 1], nodes[i]);
    for (size_t power = 0; power < 2 * n; power++) {
      double sum = 0;
      for (size_t i = 0; i < n; i++) sum += weights[i] * pow(nodes[i], (double)power);
      ck_near(sum, power % 2 ? 0 : 2 / (double)(power + 1), 1e-14);
    }
  }
  cx__gauss_legendre(2, nodes, weights);
  ck_near(nodes[1], 0.57735026918962576, 1e-15);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("special");
  TCase *tests = tcase_create("special");
  tcase_add_test(tests, digamma_and_trigamma_agree_with_the_references);
  tcase_add_test(tests, digamma_is_the_slope_of_lgamma);
  tcase_add_test(tests, lbeta_agrees_with_the_references);
  tcase_add_test(tests, the_logistic_family_never_overflows);
  tcase_add_test(tests, log_add_adds);
  tcase_add_test(tests, the_renewal_expectation_agrees_with_the_references);
  tcase_add_test(tests, the_renewal_expectation_keeps_its_identities);
  tcase_add_test(tests, the_renewal_expectation_is_smooth_and_ordered);
  tcase_add_test(tests, gauss_legendre_is_exact_for_polynomials);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
#include "core/core.h"
#include "support.h"

#include <math.h>

/* The known answers for philox4x32 with ten rounds of the Random123 distribution (tests/kat_vectors). */
START_TEST(philox_gives_its_known_answers) {
  static const struct {
    uint64_t seed, stream, counter;
    uint32_t block[4];
  } vectors[] = {{0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
                 {UINT64_MAX, UINT64_MAX, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
                 {UINT64_C(0x299f31d0a4093822),
                  UINT64_C(0x0370734413198a2e),
                  UINT64_C(0x85a308d3243f6a88),
                  {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (size_t i = 0; i < 3; i++) {
    cx__random random;
    cx__random_init(&random, vectors[i].seed, vectors[i].stream);
    random.counter = vectors[i].counter;
    for (int k = 0; k < 4; k++) ck_assert_uint_eq(cx__random_uint32(&random), vectors[i].block[k]);
  }
  cx__random random;
  cx__random_init(&random, 0, 0);
  ck_assert(cx__random_uint64(&random) == UINT64_C(0xe169c58d6627e8d5));
}
END_TEST

START_TEST(streams_are_their_own_and_repeat) {
  cx__random a, b, c, d;
  cx__random_init(&a, 1, 7);
  cx__random_init(&b, 1, 7);
  cx__random_init(&c, 1, 8);
  cx__random_init(&d, 2, 7);
  int same_stream = 0, same_seed = 0;
  for (int i = 0; i < 1000; i++) {
    const uint32_t x = cx__random_uint32(&a);
    ck_assert_uint_eq(x, cx__random_uint32(&b));
    same_stream += x == cx__random_uint32(&c);
    same_seed += x == cx__random_uint32(&d);
  }
  ck_assert_int_eq(same_stream, 0);
  ck_assert_int_eq(same_seed, 0);
}
END_TEST

typedef struct moments {
  double mean, variance, skewness, least, most;
} moments;

static size_t count; /* of numbers drawn: fewer under valgrind */
#define N (double)count

static moments moments_of(const double *x) {
  moments m = {.least = x[0], .most = x[0]};
  m.mean = cx__sum(x, count) / N;
  double square = 0, cube = 0;
  for (size_t i = 0; i < count; i++) {
    const double d = x[i] - m.mean;
    square += d * d;
    cube += d * d * d;
    if (x[i] < m.least) m.least = x[i];
    if (x[i] > m.most) m.most = x[i];
  }
  m.variance = square / N;
  m.skewness = cube / N / pow(m.variance, 1.5);
  return m;
}

/** The mean within five standard errors; the variance within five of its own, by the excess kurtosis. */
static void expect(const char *what, const double *x, double mean, double variance, double kurtosis) {
  const moments m = moments_of(x);
  ck_assert_msg(fabs(m.mean - mean) < 5 * sqrt(variance / N), "%s: mean %g, expected %g", what, m.mean, mean);
  ck_assert_msg(fabs(m.variance - variance) < 5 * variance * sqrt((kurtosis + 2) / N), "%s: variance %g, expected %g",
                what, m.variance, variance);
}

static double *room;
static void make_room(void) {
  count = getenv("CX_VALGRIND") ? 20000 : 400000;
  room = malloc(count * sizeof *room);
}
static void free_room(void) { free(room); }

START_TEST(uniform_numbers_fill_their_interval) {
  cx__random random;
  cx__random_init(&random, 11, 0);
  for (size_t i = 0; i < count; i++) room[i] = cx__random_uniform(&random);
  expect("uniform", room, 0.5, 1.0 / 12, -1.2);
  const moments m = moments_of(room);
  ck_assert(m.least > 0 && m.least < 40 / N && m.most < 1 && m.most > 1 - 40 / N);
  int counts[100] = {0};
  for (size_t i = 0; i < count; i++) counts[(int)(room[i] * 100)]++;
  double chi2 = 0;
  for (int i = 0; i < 100; i++) chi2 += (counts[i] - N / 100.0) * (counts[i] - N / 100.0) / (N / 100.0);
  ck_assert_msg(chi2 > 50 && chi2 < 165, "chi-square of 99 degrees of freedom is %g", chi2);
}
END_TEST

START_TEST(numbers_below_a_bound_are_even) {
  cx__random random;
  cx__random_init(&random, 12, 0);
  int counts[7] = {0};
  for (int i = 0; i < 70000; i++) {
    const uint64_t k = cx__random_below(&random, 7);
    ck_assert_uint_lt(k, 7);
    counts[k]++;
  }
  for (int i = 0; i < 7; i++) ck_assert_int_lt(abs(counts[i] - 10000), 500);
  ck_assert_uint_eq(cx__random_below(&random, 1), 0);
  ck_assert_uint_eq(cx__random_below(&random, 0), 0);
  const uint64_t large = (UINT64_C(1) << 63) + (UINT64_C(1) << 62); /* three quarters: many are rejected */
  int upper = 0;
  for (int i = 0; i < 30000; i++) {
    const uint64_t k = cx__random_below(&random, large);
    ck_assert(k < large);
    upper += k >= large / 3 * 2;
  }
  ck_assert_int_lt(abs(upper - 10000), 500);
}
END_TEST

START_TEST(normal_and_exponential_numbers_have_their_moments) {
  cx__random random;
  cx__random_init(&random, 13, 0);
  for (size_t i = 0; i < count; i++) room[i] = cx__random_normal(&random);
  expect("normal", room, 0, 1, 0);
  ck_assert_double_lt(fabs(moments_of(room).skewness), 5 * sqrt(6.0 / N));
  size_t inside = 0;
  for (size_t i = 0; i < count; i++) inside += fabs(room[i]) < 1.9599639845400545;
  ck_assert_double_lt(fabs((double)inside / N - 0.95), 5 * sqrt(0.95 * 0.05 / N));
  for (size_t i = 0; i < count; i++) room[i] = cx__random_exponential(&random);
  expect("exponential", room, 1, 1, 6);
}
END_TEST

START_TEST(gamma_numbers_have_their_moments) {
  static const double shapes[] = {0.05, 0.25, 0.9, 1, 1.5, 4.4, 100, 1e6};
  for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
    cx__random random;
    cx__random_init(&random, 14, k);
    for (size_t i = 0; i < count; i++) room[i] = cx__random_gamma(&random, shapes[k]);
    char what[32];
    snprintf(what, sizeof what, "gamma %g", shapes[k]);
    expect(what, room, shapes[k], shapes[k], 6 / shapes[k]);
    ck_assert(moments_of(room).least >= 0);
  }
  cx__random random;
  cx__random_init(&random, 14, 99);
  ck_assert(isnan(cx__random_gamma(&random, 0)));
  ck_assert(isnan(cx__random_gamma(&random, -1)));
  ck_assert(isnan(cx__random_gamma(&random, (double)NAN)));
  ck_assert(isnan(cx__random_gamma(&random, (double)INFINITY)));
}
END_TEST

START_TEST(beta_numbers_have_their_moments) {
  static const double pairs[][2] = {{0.001, 0.002}, {0.1, 0.3}, {0.79, 2.43}, {1, 1}, {5, 0.5}, {300, 700}};
  for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++) {
    const double a = pairs[k][0], b = pairs[k][1], s = a + b;
    cx__random random;
    cx__random_init(&random, 15, k);
    for (size_t i = 0; i < count; i++) {
      room[i] = cx__random_beta(&random, a, b);
      ck_assert(room[i] >= 0 && room[i] <= 1);
    }
    const double kurtosis = 6 * ((a - b) * (a - b) * (s + 1) - a * b * (s + 2)) / (a * b * (s + 2) * (s + 3));
    char what[32];
    snprintf(what, sizeof what, "beta %g, %g", a, b);
    expect(what, room, a / s, a * b / (s * s * (s + 1)), kurtosis);
  }
  cx__random random;
  cx__random_init(&random, 15, 99);
  ck_assert(isnan(cx__random_beta(&random, 0, 1)));
  ck_assert(isnan(cx__random_beta(&random, 1, (double)NAN)));
}
END_TEST

START_TEST(poisson_numbers_have_their_moments) {
  static const double means[] = {0.01, 0.7, 9.9, 10.1, 33, 1000, 1e9};
  for (size_t k = 0; k < sizeof means / sizeof means[0]; k++) {
    cx__random random;
    cx__random_init(&random, 16, k);
    for (size_t i = 0; i < count; i++) room[i] = (double)cx__random_poisson(&random, means[k]);
    char what[32];
    snprintf(what, sizeof what, "poisson %g", means[k]);
    expect(what, room, means[k], means[k], 1 / means[k]);
    if (means[k] < 40) { /* each count on its own */
      double p = exp(-means[k]);
      for (int c = 0; c < 60; c++) {
        size_t seen = 0;
        for (size_t i = 0; i < count; i++) seen += room[i] == c;
        ck_assert_msg(fabs((double)seen - p * N) <= 5 * sqrt(p * N) + 1, "%s: %d seen %zu times, expected %g", what, c,
                      seen, p * N);
        p *= means[k] / (c + 1);
      }
    }
  }
  cx__random random;
  cx__random_init(&random, 16, 99);
  ck_assert_uint_eq(cx__random_poisson(&random, 0), 0);
  ck_assert_uint_eq(cx__random_poisson(&random, -1), 0);
  ck_assert_uint_eq(cx__random_poisson(&random, (double)NAN), 0);
  ck_assert(cx__random_poisson(&random, 1e17) == UINT64_C(100000000000000000));
  ck_assert(cx__random_poisson(&random, (double)INFINITY) == UINT64_C(1) << 63);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("random");
  TCase *tests = tcase_create("random");
  tcase_add_checked_fixture(tests, make_room, free_room);
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, philox_gives_its_known_answers);
  tcase_add_test(tests, streams_are_their_own_and_repeat);
  tcase_add_test(tests, uniform_numbers_fill_their_interval);
  tcase_add_test(tests, numbers_below_a_bound_are_even);
  tcase_add_test(tests, normal_and_exponential_numbers_have_their_moments);
  tcase_add_test(tests, gamma_numbers_have_their_moments);
  tcase_add_test(tests, beta_numbers_have_their_moments);
  tcase_add_test(tests, poisson_numbers_have_their_moments);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* Test functions and starts from More, Garbow and Hillstrom, "Testing Unconstrained Optimization Software", ACM TOMS 7
 * (1981): Rosenbrock (1), Beale (5), Wood (14). */
#include "support.h"

#include "math/math.h"

#define N CX__OPTIMISE_DIMENSIONS

static cx_status rosenbrock(void *user, const double *x, double *value, double *gradient, double *hessian) {
  (void)user;
  const double a = x[1] - x[0] * x[0], b = 1 - x[0];
  *value = 100 * a * a + b * b;
  gradient[0] = -400 * x[0] * a - 2 * b;
  gradient[1] = 200 * a;
  if (hessian) {
    hessian[0] = -400 * (x[1] - 3 * x[0] * x[0]) + 2;
    hessian[1] = hessian[2] = -400 * x[0];
    hessian[3] = 200;
  }
  return CX_OK;
}

static cx_status beale(void *user, const double *x, double *value, double *gradient, double *hessian) {
  (void)user;
  static const double y[3] = {1.5, 2.25, 2.625};
  *value = gradient[0] = gradient[1] = 0;
  if (hessian) memset(hessian, 0, 4 * sizeof *hessian);
  double power = 1;
  for (int i = 0; i < 3; i++) {
    const double below = power; /* x1^i */
    power *= x[1];
    const double r = y[i] - x[0] * (1 - power), k = i + 1;
    const double d0 = power - 1, d1 = x[0] * k * below;
    *value += r * r;
    gradient[0] += 2 * r * d0;
    gradient[1] += 2 * r * d1;
    if (!hessian) continue;
    hessian[0] += 2 * d0 * d0;
    hessian[1] += 2 * (d0 * d1 + r * k * below);
    hessian[2] = hessian[1];
    hessian[3] += 2 * (d1 * d1 + (i > 0 ? r * x[0] * k * i * pow(x[1], i - 1) : 0));
  }
  return CX_OK;
}

static cx_status wood(void *user, const double *x, double *value, double *gradient, double *hessian) {
  (void)user;
  const double a = x[1] - x[0] * x[0], b = 1 - x[0], c = x[3] - x[2] * x[2], d = 1 - x[2];
  const double e = x[1] + x[3] - 2, f = x[1] - x[3];
  *value = 100 * a * a + b * b + 90 * c * c + d * d + 10 * e * e + 0.1 * f * f;
  gradient[0] = -400 * x[0] * a - 2 * b;
  gradient[1] = 200 * a + 20 * e + 0.2 * f;
  gradient[2] = -360 * x[2] * c - 2 * d;
  gradient[3] = 180 * c + 20 * e - 0.2 * f;
  if (hessian) {
    memset(hessian, 0, 16 * sizeof *hessian);
    hessian[0] = -400 * (x[1] - 3 * x[0] * x[0]) + 2;
    hessian[1] = hessian[4] = -400 * x[0];
    hessian[5] = 220.2;
    hessian[7] = hessian[13] = 19.8;
    hessian[10] = -360 * (x[3] - 3 * x[2] * x[2]) + 2;
    hessian[11] = hessian[14] = -360 * x[2];
    hessian[15] = 200.2;
  }
  return CX_OK;
}

/* Eigenvalues from 1e-6 to 1e6, least at (1, 1, ...). */
static cx_status scaled(void *user, const double *x, double *value, double *gradient, double *hessian) {
  const size_t n = *(const size_t *)user;
  *value = 0;
  if (hessian) memset(hessian, 0, n * n * sizeof *hessian);
  for (size_t i = 0; i < n; i++) {
    const double w = pow(10, -6 + 12 * (double)i / (double)(n - 1));
    *value += 0.5 * w * (x[i] - 1) * (x[i] - 1);
    gradient[i] = w * (x[i] - 1);
    if (hessian) hessian[i * n + i] = w;
  }
  return CX_OK;
}

/* x - ln x, NaN for negative x and infinite at 0; the other coordinate draws the search across the border. */
static cx_status bordered(void *user, const double *x, double *value, double *gradient, double *hessian) {
  (void)user;
  *value = x[0] - log(x[0]) + 0.5 * (x[1] - 3) * (x[1] - 3);
  gradient[0] = 1 - 1 / x[0];
  gradient[1] = x[1] - 3;
  if (hessian) {
    hessian[0] = 1 / (x[0] * x[0]);
    hessian[1] = hessian[2] = 0;
    hessian[3] = 1;
  }
  return CX_OK;
}

static void minimise(cx__objective_fn objective, void *user, size_t n, const double *start, const double *expected,
                     double value, uint32_t iterations) {
  for (int newton = 0; newton < 2; newton++) {
    double x[N];
    memcpy(x, start, n * sizeof *x);
    cx__optimise_result result;
    ck_ok(NULL, cx__optimise(NULL, objective, user, n, x, newton != 0, 500, 1e-9, &result));
    ck_assert_msg(result.converged, "newton %d: not converged after %u iterations, gradient %g", newton,
                  result.iterations, result.gradient);
    ck_assert_double_le(result.gradient, 1e-9);
    ck_near(result.value, value, 1e-9);
    for (size_t i = 0; i < n; i++) ck_near(x[i], expected[i], 1e-7);
    ck_assert_uint_gt(result.evaluations, 1);
    ck_assert_uint_le(result.iterations, iterations);
  }
}

START_TEST(known_minima_are_found) {
  static const double ones[4] = {1, 1, 1, 1};
  minimise(rosenbrock, NULL, 2, (const double[]){-1.2, 1}, ones, 0, 40);
  minimise(rosenbrock, NULL, 2, (const double[]){100, -50}, ones, 0, 300);
  minimise(beale, NULL, 2, (const double[]){1, 1}, (const double[]){3, 0.5}, 0, 60);
  minimise(wood, NULL, 4, (const double[]){-3, -1, -3, -1}, ones, 0, 60);
}
END_TEST

START_TEST(a_badly_scaled_bowl_is_no_trouble) {
  size_t n = 7;
  double x[7] = {30, -20, 10, -5, 3, -2, 7};
  cx__optimise_result result;
  ck_ok(NULL, cx__optimise(NULL, scaled, &n, n, x, true, 200, 1e-14, &result));
  ck_assert(result.converged);
  for (size_t i = 0; i < n; i++) ck_near(x[i], 1, 1e-6);
  double y[7] = {30, -20, 10, -5, 3, -2, 7};
  ck_ok(NULL, cx__optimise(NULL, scaled, &n, n, y, false, 500, 1e-9, &result));
  ck_assert(result.converged);
  for (size_t i = 0; i < n; i++) ck_near(y[i], 1, 2e-3);
  n = N;
  double z[N];
  for (size_t i = 0; i < n; i++) z[i] = 50 - (double)i;
  ck_ok(NULL, cx__optimise(NULL, scaled, &n, n, z, true, 200, 1e-14, &result));
  ck_assert(result.converged);
  for (size_t i = 0; i < n; i++) ck_near(z[i], 1, 1e-6);
}
END_TEST

START_TEST(places_without_a_value_are_avoided) {
  static const double start[2] = {0.05, -4}, expected[2] = {1, 3}, far[2] = {400, 1000};
  minimise(bordered, NULL, 2, start, expected, 1, 60);
  minimise(bordered, NULL, 2, far, expected, 1, 60);
  for (int newton = 0; newton < 2; newton++) {
    double x[2] = {-1, 2};
    cx__optimise_result result = {.value = 7};
    ck_status(CX_ERR_NUMERIC, cx__optimise(NULL, bordered, NULL, 2, x, newton != 0, 10, 1e-9, &result));
    ck_assert_double_eq(x[0], -1);
    ck_assert_double_eq(result.value, 7);
  }
}
END_TEST

START_TEST(running_out_of_iterations_is_said) {
  for (int newton = 0; newton < 2; newton++) {
    double x[2] = {-1.2, 1};
    cx__optimise_result result;
    ck_ok(NULL, cx__optimise(NULL, rosenbrock, NULL, 2, x, newton != 0, 3, 1e-9, &result));
    ck_assert(!result.converged);
    ck_assert_uint_eq(result.iterations, 3);
    ck_assert_double_lt(result.value, 24.2);
  }
}
END_TEST

typedef struct failing {
  uint32_t calls, at;
  cx_context *ctx;
} failing;

static cx_status fails(void *user, const double *x, double *value, double *gradient, double *hessian) {
  failing *f = user;
  if (f->calls++ == f->at) {
    if (!f->ctx) return CX_ERR_NO_DATA;
    cx_context_cancel(f->ctx);
  }
  return rosenbrock(NULL, x, value, gradient, hessian);
}

START_TEST(a_failing_objective_and_cancelling_end_the_search) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  for (int newton = 0; newton < 2; newton++)
    for (uint32_t at = 0; at < 8; at++) {
      double x[2] = {-1.2, 1};
      cx__optimise_result result = {.value = 7};
      failing f = {.at = at};
      ck_status(CX_ERR_NO_DATA, cx__optimise(ctx, fails, &f, 2, x, newton != 0, 100, 1e-9, &result));
      ck_assert_uint_eq(f.calls, at + 1);
      f = (failing){.at = at, .ctx = ctx};
      ck_status(CX_ERR_CANCELLED, cx__optimise(ctx, fails, &f, 2, x, newton != 0, 100, 1e-9, &result));
      ck_assert_double_eq(x[0], -1.2);
      ck_assert_double_eq(x[1], 1);
      ck_assert_double_eq(result.value, 7);
    }
  cx_context_free(ctx);
}
END_TEST

START_TEST(the_number_of_dimensions_is_checked) {
  double x[N + 1] = {0};
  cx__optimise_result result;
  ck_status(CX_ERR_RANGE, cx__optimise(NULL, rosenbrock, NULL, 0, x, true, 9, 1e-9, &result));
  ck_status(CX_ERR_RANGE, cx__optimise(NULL, rosenbrock, NULL, N + 1, x, true, 9, 1e-9, &result));
}
END_TEST

/* A saddle at the start: only the Hessian tells the way down, and there the gradient is 0 already. */
static cx_status saddle(void *user, const double *x, double *value, double *gradient, double *hessian) {
  (void)user;
  *value = x[0] * x[0] + 0.25 * x[1] * x[1] * x[1] * x[1] - 0.5 * x[1] * x[1];
  gradient[0] = 2 * x[0];
  gradient[1] = x[1] * x[1] * x[1] - x[1];
  if (hessian) {
    hessian[0] = 2;
    hessian[1] = hessian[2] = 0;
    hessian[3] = 3 * x[1] * x[1] - 1;
  }
  return CX_OK;
}

START_TEST(an_indefinite_hessian_is_left_downhill) {
  minimise(saddle, NULL, 2, (const double[]){1, 1e-3}, (const double[]){0, 1}, -0.25, 30);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("optimise");
  TCase *tests = tcase_create("optimise");
  tcase_add_test(tests, known_minima_are_found);
  tcase_add_test(tests, a_badly_scaled_bowl_is_no_trouble);
  tcase_add_test(tests, places_without_a_value_are_avoided);
  tcase_add_test(tests, running_out_of_iterations_is_said);
  tcase_add_test(tests, a_failing_objective_and_cancelling_end_the_search);
  tcase_add_test(tests, the_number_of_dimensions_is_checked);
  tcase_add_test(tests, an_indefinite_hessian_is_left_downhill);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

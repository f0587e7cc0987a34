/* SPDX-License-Identifier: MIT */
/* Special functions of one and two arguments, and Gauss-Legendre rules. */
#include "math/math.h"

#define PI 3.14159265358979323846
#define HALF_LOG_TWO_PI 0.918938533204672741780
/* From here on the asymptotic series below are exact to the last bit. */
#define ASYMPTOTIC 10.0

double cx__lgamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

/* Abramowitz and Stegun 6.3.5 and 6.3.18. */
double cx__digamma(double x) {
  if (!(x > 0)) return (double)NAN;
  double below = 0;
  for (; x < ASYMPTOTIC; x += 1) below += 1 / x;
  const double r = 1 / (x * x);
  const double series =
      r * (1.0 / 12 -
           r * (1.0 / 120 -
                r * (1.0 / 252 -
                     r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r * (1.0 / 12 - r * 3617.0 / 8160)))))));
  return log(x) - 0.5 / x - series - below;
}

/* Abramowitz and Stegun 6.4.6 and 6.4.12. */
double cx__trigamma(double x) {
  if (!(x > 0)) return (double)NAN;
  double below = 0;
  for (; x < ASYMPTOTIC; x += 1) below += 1 / (x * x);
  const double r = 1 / (x * x);
  const double series =
      r *
      (1.0 / 6 -
       r * (1.0 / 30 -
            r * (1.0 / 42 - r * (1.0 / 30 - r * (5.0 / 66 - r * (691.0 / 2730 - r * (7.0 / 6 - r * 3617.0 / 510)))))));
  return below + (1 + 0.5 / x + series) / x;
}

/* ln Gamma(x) less its Stirling approximation (x - 1/2) ln x - x + ln(2 pi) / 2, for x >= 10. */
static double stirling_rest(double x) {
  const double r = 1 / (x * x);
  return (1.0 / 12 -
          r * (1.0 / 360 -
               r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * (691.0 / 360360 -
                                                                          r * (1.0 / 156 - r * 3617.0 / 122400))))))) /
         x;
}

/* The large parts of the three ln Gamma cancel; what is left is written out (DiDonato and Morris, ACM TOMS 18:360). */
double cx__lbeta(double a, double b) {
  if (!(a > 0) || !(b > 0)) return (double)NAN;
  if (a > b) {
    const double swap = a;
    a = b;
    b = swap;
  }
  if (b < ASYMPTOTIC) return cx__lgamma(a) + cx__lgamma(b) - cx__lgamma(a + b);
  const double ratio = a / b;
  if (a < ASYMPTOTIC)
    return cx__lgamma(a) + (stirling_rest(b) - stirling_rest(a + b) - (b - 0.5) * log1p(ratio) + a - a * log(a + b));
  const double rest = stirling_rest(a) + stirling_rest(b) - stirling_rest(a + b);
  return (a - 0.5) * log(ratio / (1 + ratio)) - b * log1p(ratio) - 0.5 * log(b) + HALF_LOG_TWO_PI + rest;
}

double cx__log_add(double a, double b) {
  const double high = a > b ? a : b;
  const double low = a > b ? b : a;
  if (isinf(high)) return isnan(low) ? low : high;
  return high + log1p(exp(low - high));
}

double cx__logistic(double x) {
  if (x >= 0) return 1 / (1 + exp(-x));
  const double e = exp(x);
  return e / (1 + e);
}

double cx__log_logistic(double x) { return x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x)); }

double cx__logit(double p) {
  /* Near one half the logarithm of a quotient near 1 would lose digits. */
  if (p > 0.25 && p < 0.75) return log1p((2 * p - 1) / (1 - p));
  return log(p) - log1p(-p);
}

/* Newton's method on the Legendre polynomial, from the classic first guess. */
void cx__gauss_legendre(size_t n, double *nodes, double *weights) {
  for (size_t i = 0; i < (n + 1) / 2; i++) {
    double x = cos(PI * ((double)i + 0.75) / ((double)n + 0.5));
    double slope = 1;
    if (2 * i + 1 == n) x = 0;
    for (int round = 0; round < 4; round++) {
      double before = 0, value = 1;
      for (size_t k = 1; k <= n; k++) {
        const double next = ((double)(2 * k - 1) * x * value - (double)(k - 1) * before) / (double)k;
        before = value;
        value = next;
      }
      slope = (double)n * (before - x * value) / (1 - x * x);
      if (2 * i + 1 < n && round < 3) x -= value / slope;
    }
    nodes[i] = -x;
    nodes[n - 1 - i] = x;
    weights[i] = weights[n - 1 - i] = 2 / ((1 - x * x) * slope * slope);
  }
}

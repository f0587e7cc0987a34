/* SPDX-License-Identifier: MIT */
/* The BG/NBD for one customer. Given the history, and that the customer is alive at T, rate and dropout probability
 * are again Gamma(r + x, alpha + T) and Beta(a, b + x): everything about the future is the model of a new customer with
 * these parameters. */
#include "lifecycle/lifecycle.h"
#include "math/math.h"

/** Longest sum that is cheaper and more exact than a difference of ln Gamma. */
#define SHORT_SUM 64.0

/** ln Gamma(from + x) - ln Gamma(from) */
static double rising(double from, double x) {
  if (x > SHORT_SUM) return cx__lgamma(from + x) - cx__lgamma(from);
  double sum = 0;
  for (double i = 0; i < x; i++) sum += log(from + i);
  return sum;
}

/** ln B(a, b + x) - ln B(a, b): the logarithm of the chance to stay x times. */
static double staying(double a, double b, double x) {
  if (!(a > 0)) return 0;
  if (x > SHORT_SUM) return cx__lbeta(a, b + x) - cx__lbeta(a, b);
  double sum = 0;
  for (double i = 0; i < x; i++) sum -= log1p(a / (b + i));
  return sum;
}

/** Log-odds of having dropped out at the last purchase, -infinity when that cannot be. */
static double dead_log_odds(const cx__bgnbd *m, double x, double t_x, double T) {
  if (!(x > 0) || !(m->a > 0)) return -(double)INFINITY;
  return log(m->a / (m->b + x - 1)) + (m->r + x) * log1p((T - t_x) / (m->alpha + t_x));
}

double cx__bgnbd_loglik(const cx__bgnbd *m, double x, double t_x, double T) {
  const double odds = dead_log_odds(m, x, t_x, T);
  const double or_dead = odds > 0 ? odds + log1p(exp(-odds)) : log1p(exp(odds));
  /* r ln(alpha) - (r + x) ln(alpha + T), without the difference of large terms */
  const double rate = -m->r * log1p(T / m->alpha) - x * log(m->alpha + T);
  return rising(m->r, x) + rate + staying(m->a, m->b, x) + or_dead;
}

double cx__bgnbd_alive(const cx__bgnbd *m, double x, double t_x, double T, double *dead) {
  const double odds = dead_log_odds(m, x, t_x, T);
  const double e = exp(-fabs(odds)), more = 1 / (1 + e), less = e / (1 + e);
  if (dead) *dead = odds > 0 ? more : less;
  return odds > 0 ? less : more;
}

double cx__bgnbd_expected(const cx__bgnbd *m, double x, double t_x, double T, double horizon) {
  const double alive = cx__bgnbd_alive(m, x, t_x, T, NULL);
  if (!(alive > 0) || !(horizon > 0)) return 0;
  const double shape = m->r + x, time = horizon / (m->alpha + T);
  return alive * (m->a > 0 ? cx__beta_renewal(m->a, m->b + x, shape, time) : shape * time);
}

double cx__bgnbd_none(const cx__bgnbd *m, double x, double t_x, double T, double horizon) {
  double dead;
  const double alive = cx__bgnbd_alive(m, x, t_x, T, &dead);
  return dead + alive * exp(-(m->r + x) * log1p(horizon / (m->alpha + T)));
}

double cx__bgnbd_next(const cx__bgnbd *m, double x, double T, double quantile) {
  return (m->alpha + T) * expm1(-log1p(-quantile) / (m->r + x));
}

/** The counts of purchases in a horizon, one after the other. With f(n) the NBD probability of n purchases of somebody
 *  who never drops out, s(n) the chance to stay n times and d(n) the chance to stay n - 1 times and then drop out:
 *  P(n) = P(alive) (s(n) f(n) + d(n) (1 - f(0) - ... - f(n - 1))), exact, by recursion on n. f is carried as a
 *  logarithm: f(0) may be below the range of a double while later terms are not. */
typedef struct counts {
  double a, b, shape, step; /* step: ln(h / (alpha + T + h)) */
  double alive, dead;
  double n;
  double log_f, rest; /* rest: 1 - f(0) - ... - f(n - 1) */
  double stay;        /* s(n) */
  double leave;       /* d(n) */
} counts;

static counts counts_begin(const cx__bgnbd *m, double x, double t_x, double T, double horizon) {
  counts c = {.a = m->a, .b = m->b + x, .shape = m->r + x, .rest = 1, .stay = 1};
  c.alive = cx__bgnbd_alive(m, x, t_x, T, &c.dead);
  const double start = m->alpha + T;
  c.step = -log1p(start / horizon);
  c.log_f = -c.shape * log1p(horizon / start);
  return c;
}

/** P(n), and on to n + 1. */
static double counts_next(counts *c) {
  const double f = exp(c->log_f);
  double p = c->alive * (c->stay * f + c->leave * c->rest);
  if (c->n == 0) p += c->dead;
  c->rest = fmax(0, c->rest - f);
  c->log_f += log((c->shape + c->n) / (c->n + 1)) + c->step;
  c->leave = c->stay * c->a / (c->a + c->b + c->n);
  c->stay *= (c->b + c->n) / (c->a + c->b + c->n);
  c->n += 1;
  return p;
}

void cx__bgnbd_pmf(const cx__bgnbd *m, double x, double t_x, double T, double horizon, size_t count, double *out) {
  if (!(horizon > 0)) {
    for (size_t n = 0; n < count; n++) out[n] = n == 0 ? 1.0 : 0.0;
    return;
  }
  counts c = counts_begin(m, x, t_x, T, horizon);
  for (size_t n = 0; n < count; n++) out[n] = counts_next(&c);
}

void cx__bgnbd_interval(const cx__bgnbd *m, double x, double t_x, double T, double horizon, double low, double high,
                        double *lower, double *upper) {
  *lower = *upper = 0;
  if (!(horizon > 0)) return;
  counts c = counts_begin(m, x, t_x, T, horizon);
  /* beyond this the terms only fall: a sum that no longer grows will not reach a level that rounding keeps it from */
  const double mode = c.shape * horizon / (m->alpha + T);
  double sum = 0;
  bool found = false;
  for (;;) {
    const double n = c.n, before = sum;
    sum += counts_next(&c);
    if (!found && sum >= low) {
      *lower = n;
      found = true;
    }
    if (isnan(sum)) {
      *lower = *upper = sum;
      return;
    }
    if (sum >= high || (sum <= before && n > mode) || n >= CX__LIFECYCLE_LARGEST_X) {
      if (!found) *lower = n;
      *upper = n;
      return;
    }
  }
}

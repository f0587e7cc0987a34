/* SPDX-License-Identifier: MIT */
/* The expectation of (1 - (1 + p t)^-s) / p over p ~ Beta(a, b).
 *
 * It equals (a + b - 1) / (a - 1) * (1 - 2F1(s, a - 1; a + b - 1; -t)), a form that fails at a = 1 and cancels near it.
 * Here the integral is taken as it stands, over y = logit(p), and divided by the integral of the density on the same
 * nodes, so that no Beta function is needed. Where an end falls off slowly (small a, small b) it is integrated by its
 * power series; what lies between is smooth on the scale of y. */
#include "math/math.h"

#define POINTS 16
/* Parts below this share of the whole are left out. */
#define NEGLIGIBLE 1e-17
#define TERMS 80

/* Positive half of the 16-point Gauss-Legendre rule. */
static const double nodes[POINTS / 2] = {0.0950125098376374402, 0.281603550779258913, 0.458016777657227386,
                                         0.617876244402643748,  0.755404408355003034, 0.865631202387831744,
                                         0.944575023073232576,  0.989400934991649933};
static const double weights[POINTS / 2] = {0.189450610455068496,  0.182603415044923589, 0.169156519395002538,
                                           0.149595988816576732,  0.124628971255533872, 0.0951585116824927848,
                                           0.0622535239386478929, 0.0271524594117540949};

typedef struct renewal {
  double a, b, s, t;
  double top;    /* logarithm of the density's peak: everything is relative to it */
  double value;  /* integral of density * function so far */
  double weight; /* integral of the density so far */
} renewal;

/* Density (per unit of y) and function at y. */
static double density(const renewal *r, double y, double *p) {
  const double e = exp(-fabs(y));
  const double l = log1p(e);
  *p = y < 0 ? e / (1 + e) : 1 / (1 + e);
  return exp(r->a * (y < 0 ? y - l : -l) + r->b * (y < 0 ? -l : -y - l) - r->top);
}

static double function(const renewal *r, double p) { return -expm1(-r->s * log1p(p * r->t)) / p; }

/* p in (0, p0). With u = (1 - p)^(b - 1) and d = u * (1 - (1 + p t)^-s), d solves
 * (1 - p)(1 + p t) d' = -((b - 1)(1 + p t) + s t (1 - p)) d + s t (1 - p) u; its coefficients follow one another. */
static void add_left(renewal *r, double p0) {
  const double a = r->a, b = r->b, s = r->s, t = r->t;
  const double scale = exp(a * log(p0) - r->top);
  double u = 1, z = 1, before = 0, d = 0, value = 0, weight = 0;
  for (int i = 0; i < TERMS; i++) {
    const double k = i, step = p0 / (k + 1), share = 1 / (a + k);
    const double next = step * ((s - b + k) * t * p0 * before - (b - 1 + s * t + (t - 1) * k) * d + s * t * z);
    before = d;
    d = next;
    const double more = d * share, more_weight = u * share;
    value += more;
    weight += more_weight;
    u *= step * (k + 1 - b);
    z *= step * (k - b);
    if (fabs(more) <= NEGLIGIBLE * value && fabs(more_weight) <= NEGLIGIBLE * weight && i > 2) break;
  }
  r->value += scale * value / p0;
  r->weight += scale * weight;
}

/* q = 1 - p in (0, q0), in the same way: v = (1 - q)^(a - 2), d = v * (1 - (1 + t)^-s (1 - q tau)^-s) and
 * (1 - q)(1 - q tau) d' = (s tau (1 - q) - (a - 2)(1 - q tau)) d - s tau (1 - q) v with tau = t / (1 + t). */
static void add_right(renewal *r, double q0) {
  const double a = r->a, b = r->b, s = r->s, tau = r->t / (1 + r->t);
  const double scale = exp(b * log(q0) - r->top);
  double e = 1, before = 0, d = -expm1(-s * log1p(r->t)), value = 0, weight = 0;
  for (int i = 0; i < TERMS; i++) {
    const double k = i, step = q0 / (k + 1), share = 1 / (b + k);
    const double more = d * share, more_weight = e * share;
    value += more;
    weight += more_weight;
    if (fabs(more) <= NEGLIGIBLE * value && fabs(more_weight) <= NEGLIGIBLE * weight && i > 2) break;
    const double next =
        step * ((s * tau - (a - 2) + (1 + tau) * k) * d + q0 * tau * (a - 1 - s - k) * before - s * tau * e);
    before = d;
    d = next;
    e *= step * (k + 1 - a);
  }
  r->value += scale * value;
  r->weight += scale * weight;
}

static void add_point(renewal *r, double y, double weight) {
  double p;
  const double w = density(r, y, &p) * weight;
  r->weight += w;
  r->value += w * function(r, p);
}

/* Falls off more slowly than the other integrand to the left (the value) or to the right (the weight). */
static double height(const renewal *r, double y, bool left) {
  double p;
  const double weight = density(r, y, &p);
  return left ? weight * function(r, p) : weight;
}

/* Where the integrands have become negligible on one side of the start, but not beyond the limit. */
static double find_cut(const renewal *r, double start, double step, double limit) {
  const bool left = step < 0;
  double highest = height(r, start, left);
  if (height(r, limit, left) > NEGLIGIBLE * highest) return limit;
  for (double y = start + step; left ? y > limit : y < limit; y += step) {
    const double now = height(r, y, left);
    if (now > highest) highest = now;
    if (now <= NEGLIGIBLE * highest) return y;
  }
  return limit;
}

/* Both parameters large: the density is a bell in y that falls off exponentially on both sides, where the trapezoidal
 * rule converges exponentially. */
static void add_bell(renewal *r, double peak, double width) {
  /* The error is the density's Fourier transform at 2 pi / step: below 1e-14 for a gamma's and a normal's bell. */
  const double step = width * (0.78 - 0.7 / sqrt(fmin(r->a, r->b) - 1));
  add_point(r, peak, step);
  for (int side = -1; side <= 1; side += 2)
    for (int i = 1; i < 1000; i++) {
      const double value = r->value, weight = r->weight;
      add_point(r, peak + side * i * step, step);
      if (r->value - value <= NEGLIGIBLE * value && r->weight - weight <= NEGLIGIBLE * weight) break;
    }
}

/* Towards a cut the integrands fall off like exp(-exp(y)), which takes narrower panels. */
static void add_panels(renewal *r, double from, double to, bool cut) {
  const double panels = ceil((to - from) / (cut ? 1.7 : 2.8));
  const double half = (to - from) / panels / 2;
  for (double i = 0; i < panels; i++) {
    const double middle = from + (2 * i + 1) * half;
    for (size_t k = 0; k < POINTS / 2; k++) {
      add_point(r, middle - half * nodes[k], half * weights[k]);
      add_point(r, middle + half * nodes[k], half * weights[k]);
    }
  }
}

double cx__beta_renewal(double a, double b, double s, double t) {
  if (!(a > 0) || !(b > 0) || !(s > 0) || !(t >= 0)) return (double)NAN;
  if (t <= 0) return 0;
  renewal r = {.a = a, .b = b, .s = s, .t = t};
  const double peak = log(a) - log(b);
  const double width = sqrt(1 / a + 1 / b);
  r.top = -a * log1p(b / a) - b * log1p(a / b);
  if (a >= 8 && b >= 8) {
    add_bell(&r, peak, width);
    return r.value / r.weight;
  }
  const double p0 = 1 / fmax(fmax(6, b), fmax(6, s) * t);
  const double q0 = 1 / fmax(fmax(6, a + 2), s * t / (1 + t));
  const double low = log(p0) - log1p(-p0), high = log1p(-q0) - log(q0);
  const double start = fmin(fmax(peak, low), high);
  const double step = fmin(width, 1);
  const double from = find_cut(&r, start, -step, low);
  const double to = find_cut(&r, start, step, high);
  if (from <= low) add_left(&r, p0);
  if (to >= high) add_right(&r, q0);
  if (to > from) add_panels(&r, from, to, from > low || to < high);
  return r.value / r.weight;
}

/* SPDX-License-Identifier: MIT */
/* Minimisation of smooth functions of a few variables (Nocedal and Wright, Numerical Optimization, 2nd edition:
 * algorithms 3.5, 3.6, 4.1, 4.3 and 6.1). */
#include "math/math.h"

#include <float.h>

#define N CX__OPTIMISE_DIMENSIONS
#define INFINITE ((double)INFINITY)
/* Below this share of the value a difference of values is rounding. */
#define ROUNDING (16 * DBL_EPSILON)

typedef struct point {
  double x[N];
  double gradient[N];
  double value;
} point;

typedef struct search {
  cx_context *ctx;
  cx__objective_fn objective;
  void *user;
  size_t n;
  double tolerance;
  uint32_t iterations;
  cx__optimise_result result;
} search;

static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static double largest(const double *a, size_t n) {
  double high = 0;
  for (size_t i = 0; i < n; i++) high = fmax(high, fabs(a[i]));
  return high;
}

/* Evaluates at p->x. Where value or derivatives are not finite the value becomes +infinity. */
static cx_status evaluate(search *s, point *p, double *hessian) {
  if (cx__cancelled(s->ctx)) return cx__fail(s->ctx, CX_ERR_CANCELLED, "cancelled");
  s->result.evaluations++;
  const cx_status status = s->objective(s->user, p->x, &p->value, p->gradient, hessian);
  if (status != CX_OK) return status;
  bool finite = isfinite(p->value);
  for (size_t i = 0; i < s->n && finite; i++) finite = isfinite(p->gradient[i]);
  for (size_t i = 0; hessian && i < s->n * s->n && finite; i++) finite = isfinite(hessian[i]);
  if (!finite) p->value = INFINITE;
  return CX_OK;
}

static bool converged(search *s, const point *p) {
  s->result.value = p->value;
  s->result.gradient = largest(p->gradient, s->n);
  s->result.converged = s->result.gradient <= s->tolerance * fmax(1, fabs(p->value));
  return s->result.converged;
}

/* ---- trust region ---- */

/* Factors hessian + shift * identity. */
static bool factor_shifted(const double *hessian, size_t n, double shift, double *l) {
  memcpy(l, hessian, n * n * sizeof *l);
  for (size_t i = 0; i < n; i++) l[i * n + i] += shift;
  return cx__cholesky(l, n);
}

/* Gershgorin's lower bound on the eigenvalues and the largest row sum. */
static void bound_eigenvalues(const double *hessian, size_t n, double *low, double *norm) {
  *low = INFINITE;
  *norm = 0;
  for (size_t i = 0; i < n; i++) {
    double off = 0;
    for (size_t j = 0; j < n; j++)
      if (j != i) off += fabs(hessian[i * n + j]);
    *low = fmin(*low, hessian[i * n + i] - off);
    *norm = fmax(*norm, fabs(hessian[i * n + i]) + off);
  }
}

/* Where Newton's method on the inverse of the step's length wants the shift to be (algorithm 4.3). */
static double improve_shift(const double *l, size_t n, const double *step, double length, double radius, double shift) {
  double q[N];
  for (size_t i = 0; i < n; i++) q[i] = (step[i] - dot(l + i * n, q, i)) / l[i * n + i];
  return shift + length * length / dot(q, q, n) * (length - radius) / radius;
}

/* The step of about the length of the radius, or the Newton step where it is shorter: a search for the shift of the
 * Hessian, kept within bounds (More and Sorensen 1983). False when no shift works. */
static bool find_step(const double *hessian, const double *gradient, size_t n, double radius, double *step) {
  double l[N * N], low, norm;
  bound_eigenvalues(hessian, n, &low, &norm);
  double least = 0, most = fmax(0, sqrt(dot(gradient, gradient, n)) / radius - low) + norm * DBL_EPSILON;
  double shift = 0;
  bool found = false;
  for (int round = 0; round < 60; round++) {
    double wanted = -1;
    if (factor_shifted(hessian, n, shift, l)) {
      for (size_t i = 0; i < n; i++) step[i] = -gradient[i];
      cx__cholesky_solve(l, n, step);
      found = true;
      const double length = sqrt(dot(step, step, n));
      if ((shift <= 0 && length <= radius) || fabs(length - radius) <= 0.1 * radius) break;
      *(length < radius ? &most : &least) = shift;
      wanted = improve_shift(l, n, step, length, radius, shift);
    } else {
      least = fmax(least, shift);
      if (!(most > least)) most = fmax(2 * least, norm * 1e-8 + DBL_MIN);
    }
    if (most - least <= 1e-12 * most) break;
    shift = wanted > least && wanted < most ? wanted : fmax(sqrt(least * most), least + 0.01 * (most - least));
  }
  return found && isfinite(dot(step, step, n));
}

/* What the quadratic model promises. */
static double promised(const double *hessian, const double *gradient, const double *step, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum -= step[i] * (gradient[i] + 0.5 * dot(hessian + i * n, step, n));
  return sum;
}

/* Share of the promise that was kept. Where both are rounding, the gradient decides. */
static double kept(const search *s, const point *now, const point *next, double promise) {
  if (!(next->value < INFINITE)) return -1;
  const double gain = now->value - next->value;
  const double rounding = ROUNDING * fmax(1, fabs(now->value));
  if (fabs(gain) <= rounding && promise <= rounding)
    return largest(next->gradient, s->n) < largest(now->gradient, s->n) ? 1 : -1;
  return promise > 0 ? gain / promise : -1;
}

static cx_status minimise_newton(search *s, point *now) {
  const size_t n = s->n;
  double hessian[N * N], next_hessian[N * N], step[N];
  cx_status status = evaluate(s, now, hessian);
  if (status != CX_OK) return status;
  if (isinf(now->value)) return cx__fail(s->ctx, CX_ERR_NUMERIC, "the objective is not finite at the start");
  double radius = fmax(1, sqrt(dot(now->x, now->x, n)));
  while (!converged(s, now) && s->result.iterations < s->iterations) {
    s->result.iterations++;
    const double scale = fmax(1e-300, largest(now->x, n));
    if (radius < DBL_EPSILON * scale * 0.01 || !find_step(hessian, now->gradient, n, radius, step)) break;
    point next = *now;
    for (size_t i = 0; i < n; i++) next.x[i] += step[i];
    status = evaluate(s, &next, next_hessian);
    if (status != CX_OK) return status;
    const double length = sqrt(dot(step, step, n));
    const double share = kept(s, now, &next, promised(hessian, now->gradient, step, n));
    if (share < 0.25) radius = 0.25 * length;
    if (share > 0.75) radius = fmax(radius, 2.5 * length);
    if (share > 1e-4) {
      *now = next;
      memcpy(hessian, next_hessian, n * n * sizeof *hessian);
    }
  }
  return CX_OK;
}

/* ---- BFGS ---- */

typedef struct line {
  const point *from;
  const double *direction;
  double slope; /* at the start, negative */
} line;

static cx_status evaluate_at(search *s, const line *along, double length, point *p, double *slope) {
  for (size_t i = 0; i < s->n; i++) p->x[i] = along->from->x[i] + length * along->direction[i];
  const cx_status status = evaluate(s, p, NULL);
  *slope = status == CX_OK && p->value < INFINITE ? dot(p->gradient, along->direction, s->n) : (double)NAN;
  return status;
}

typedef struct end {
  double length, value, slope;
} end;

/* Minimiser of the cubic through two ends, kept well inside them; the middle where there is none. */
static double interpolate(const end *a, const end *b) {
  const double width = b->length - a->length;
  double length = a->length + 0.5 * width;
  if (b->value < INFINITE && isfinite(b->slope)) {
    const double d1 = a->slope + b->slope - 3 * (a->value - b->value) / (a->length - b->length);
    const double root = d1 * d1 - a->slope * b->slope;
    if (root >= 0) {
      const double d2 = width > 0 ? sqrt(root) : -sqrt(root);
      const double cubic = b->length - width * (b->slope + d2 - d1) / (b->slope - a->slope + 2 * d2);
      if (isfinite(cubic)) length = cubic;
    }
  }
  const double low = fmin(a->length, b->length) + 0.1 * fabs(width);
  const double high = fmax(a->length, b->length) - 0.1 * fabs(width);
  return fmin(fmax(length, low), high);
}

#define DECREASE 1e-4
#define CURVATURE 0.9

static bool decreases(const line *along, double length, double value) {
  const double rounding = ROUNDING * fabs(along->from->value);
  return value <= along->from->value + DECREASE * length * along->slope + rounding;
}

/* Narrows an interval that holds a point fulfilling both conditions. *ok false when it has shrunk to nothing. */
static cx_status zoom(search *s, const line *along, end low, end high, point *p, bool *ok) {
  for (int round = 0; round < 60; round++) {
    end try = {.length = interpolate(&low, &high)};
    const cx_status status = evaluate_at(s, along, try.length, p, &try.slope);
    if (status != CX_OK) return status;
    try.value = p->value;
    if (!decreases(along, try.length, try.value) || try.value > low.value) {
      high = try;
    } else {
      if (fabs(try.slope) <= -CURVATURE * along->slope) {
        *ok = true;
        return CX_OK;
      }
      if (try.slope * (high.length - low.length) >= 0) high = low;
      low = try;
    }
    if (fabs(high.length - low.length) <= 1e-14 * fmax(low.length, high.length)) break;
  }
  *ok = false;
  return CX_OK;
}

static cx_status search_line(search *s, const line *along, double first, point *p, bool *ok) {
  end before = {0, along->from->value, along->slope};
  end now = {.length = first};
  for (int round = 0; round < 60; round++) {
    const cx_status status = evaluate_at(s, along, now.length, p, &now.slope);
    if (status != CX_OK) return status;
    now.value = p->value;
    if (!decreases(along, now.length, now.value) || (round > 0 && now.value >= before.value))
      return zoom(s, along, before, now, p, ok);
    if (fabs(now.slope) <= -CURVATURE * along->slope) {
      *ok = true;
      return CX_OK;
    }
    if (now.slope >= 0) return zoom(s, along, now, before, p, ok);
    before = now;
    now.length *= 2.5;
  }
  *ok = false;
  return CX_OK;
}

static void set_identity(double *matrix, size_t n, double scale) {
  memset(matrix, 0, n * n * sizeof *matrix);
  for (size_t i = 0; i < n; i++) matrix[i * n + i] = scale;
}

/* The update of the inverse Hessian, (6.17). */
static void update_inverse(double *inverse, size_t n, const double *step, const double *change, double product) {
  double turned[N];
  for (size_t i = 0; i < n; i++) turned[i] = dot(inverse + i * n, change, n);
  const double scale = (1 + dot(change, turned, n) / product) / product;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      inverse[i * n + j] += scale * step[i] * step[j] - (turned[i] * step[j] + step[i] * turned[j]) / product;
}

static cx_status minimise_bfgs(search *s, point *now) {
  const size_t n = s->n;
  double inverse[N * N], direction[N], step[N], change[N];
  cx_status status = evaluate(s, now, NULL);
  if (status != CX_OK) return status;
  if (isinf(now->value)) return cx__fail(s->ctx, CX_ERR_NUMERIC, "the objective is not finite at the start");
  bool fresh = true;
  set_identity(inverse, n, 1);
  while (!converged(s, now) && s->result.iterations < s->iterations) {
    s->result.iterations++;
    for (size_t i = 0; i < n; i++) direction[i] = -dot(inverse + i * n, now->gradient, n);
    line along = {now, direction, dot(direction, now->gradient, n)};
    bool ok = false;
    point next;
    if (along.slope < 0) {
      const double first = fresh ? fmin(1, 1 / sqrt(dot(direction, direction, n))) : 1;
      status = search_line(s, &along, first, &next, &ok);
      if (status != CX_OK) return status;
    }
    if (!ok) {
      /* Curvature learned elsewhere may mislead: once more along the gradient, then give up. */
      if (fresh) break;
      set_identity(inverse, n, 1);
      fresh = true;
      continue;
    }
    for (size_t i = 0; i < n; i++) {
      step[i] = next.x[i] - now->x[i];
      change[i] = next.gradient[i] - now->gradient[i];
    }
    const double product = dot(step, change, n);
    if (product > DBL_MIN) {
      if (fresh) set_identity(inverse, n, product / dot(change, change, n));
      fresh = false;
      update_inverse(inverse, n, step, change, product);
    }
    *now = next;
  }
  return CX_OK;
}

cx_status cx__optimise(cx_context *ctx, cx__objective_fn objective, void *user, size_t n, double *x, bool newton,
                       uint32_t iterations, double tolerance, cx__optimise_result *out) {
  if (n < 1 || n > N) return cx__fail(ctx, CX_ERR_RANGE, "the optimiser takes 1 to 32 dimensions (got %zu)", n);
  search s = {.ctx = ctx, .objective = objective, .user = user, .n = n};
  s.tolerance = tolerance;
  s.iterations = iterations;
  point now = {.value = 0};
  memcpy(now.x, x, n * sizeof *x);
  const cx_status status = newton ? minimise_newton(&s, &now) : minimise_bfgs(&s, &now);
  if (status != CX_OK) return status;
  memcpy(x, now.x, n * sizeof *x);
  *out = s.result;
  return CX_OK;
}

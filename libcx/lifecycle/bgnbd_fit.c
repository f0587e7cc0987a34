/* SPDX-License-Identifier: MIT */
/* Maximum likelihood for the BG/NBD: the NBD it contains first, then several starts built from it, on a part of the
 * rows when there are many; each mode found is climbed to its top on all rows. */
#include "lifecycle/lifecycle.h"
#include "math/math.h"

#define STARTS 5u
#define FEW_ROWS 8192u      /* more than these are thinned for the starts */
#define ROUGH 1e-7          /* tolerance of the starts on thinned rows */
#define FINE 1e-12          /* on all rows; rounding usually ends the search before */
#define NEAR 1e-4           /* gradients from which full Newton steps are tried */
#define CONVERGED 1e-8      /* largest gradient, a customer, that counts as a top */
#define CONVERGED_EDGE 1e-5 /* the same at an edge, where the top may be at infinity */
#define NO_GAIN 1e-4        /* log-likelihood above the NBD's that is no evidence of anything */
#define LEAD 1.92           /* by which an edge must be more likely to be preferred: half of chi-squared's 95 % point */
#define FAR 9.2             /* about ln 10,000 */
#define SAME 1e-3           /* log parameters closer than this are one mode, */
#define SAME_LOGLIK 1e-6    /* and so are log-likelihoods: a flat top may be reached at several points */

typedef struct mode {
  double at[4];
  double loglik; /* in scaled time */
  double gradient;
  uint32_t iterations;
  bool edge;
} mode;

typedef struct fit {
  cx_context *ctx;
  const cx__lifecycle_data *data;
  cx__bgnbd_objective *objective; /* on all rows */
  cx__bgnbd_objective *rough;     /* on those of the starts; may be the same */
  uint32_t iterations;
  double nbd[2];
  double nbd_loglik;
  double nbd_gradient;
  mode modes[STARTS];
  size_t modes_count;
} fit;

/** Parameters so far out that the model has become a simpler one: one rate for all, */
static bool rate_on_edge(const double *at) { return at[0] < -FAR || at[0] > FAR; }
/** one dropout probability for all, or none for some and all for others. */
static bool dropout_on_edge(const double *at) {
  return at[2] < -FAR || at[3] < -FAR || cx__log_add(at[2], at[3]) > FAR;
}

static void clamp(double *at, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double low, high;
    cx__bgnbd_edge(i, &low, &high);
    at[i] = fmin(fmax(at[i], low), high);
  }
}

/** Gradients are judged beside the value, as its rounding is theirs. */
static bool is_top(const fit *f, const mode *m) {
  return m->gradient <= (m->edge ? CONVERGED_EDGE : CONVERGED) * fmax(1, fabs(m->loglik / f->data->customers));
}

/** Where differences of values have become rounding, full Newton steps as long as they halve the gradient. */
static cx_status polish(cx__objective_fn evaluate, cx__bgnbd_objective *objective, size_t n, double *at,
                        cx__optimise_result *result) {
  double value, gradient[4], hessian[16];
  cx_status status = evaluate(objective, at, &value, gradient, hessian);
  for (int step = 0; status == CX_OK && step < 8; step++) {
    double next[4], slope = 0;
    for (size_t i = 0; i < n; i++) next[i] = gradient[i];
    if (!cx__cholesky(hessian, n)) break;
    cx__cholesky_solve(hessian, n, next);
    for (size_t i = 0; i < n; i++) next[i] = at[i] - next[i];
    status = evaluate(objective, next, &value, gradient, hessian);
    for (size_t i = 0; i < n; i++) slope = fmax(slope, fabs(gradient[i]));
    if (status != CX_OK || !isfinite(value) || !(slope <= 0.5 * result->gradient)) break;
    memcpy(at, next, n * sizeof *at);
    result->value = value;
    result->gradient = slope;
    result->iterations++;
  }
  return status;
}

/** Minimises; a start that leads nowhere is no failure of the fit (*ok false). */
static cx_status search(fit *f, cx__objective_fn evaluate, cx__bgnbd_objective *objective, size_t n, double *at,
                        double tolerance, cx__optimise_result *result, bool *ok) {
  *ok = false;
  cx_status status = cx__optimise(f->ctx, evaluate, objective, n, at, true, f->iterations, tolerance, result);
  if (status == CX_ERR_NUMERIC) return CX_OK;
  if (status != CX_OK || !isfinite(result->value)) return status;
  *ok = true;
  const bool near = result->gradient > tolerance && result->gradient < NEAR && result->iterations < f->iterations;
  return near ? polish(evaluate, objective, n, at, result) : CX_OK;
}

static cx_status fit_nbd(fit *f) {
  const double starts[] = {0.5, 5.0};
  const double rate = f->data->purchases / (f->data->customers);
  double best = (double)INFINITY;
  for (size_t k = 0; k < 2; k++) {
    double at[2] = {log(starts[k]), log(starts[k] / rate)};
    cx__optimise_result result;
    bool ok;
    cx_status status = search(f, cx__nbd_evaluate, f->rough, 2, at, ROUGH, &result, &ok);
    if (status != CX_OK) return status;
    if (!ok || !(result.value < best)) continue;
    best = result.value;
    memcpy(f->nbd, at, sizeof at);
  }
  if (isinf(best)) return cx__fail(f->ctx, CX_ERR_NO_CONVERGENCE, "the nbd could not be fitted");
  cx__optimise_result result;
  bool ok;
  cx_status status = search(f, cx__nbd_evaluate, f->objective, 2, f->nbd, FINE, &result, &ok);
  if (status != CX_OK) return status;
  clamp(f->nbd, 2);
  double value, gradient[2];
  status = cx__nbd_evaluate(f->objective, f->nbd, &value, gradient, NULL);
  f->nbd_loglik = -value * f->data->customers;
  f->nbd_gradient = result.gradient;
  return status;
}

/** Five starts: the NBD's rates with little, some and much dropout, with one dropout probability for nearly all, and
 *  faster rates whose customers leave, which is what an NBD takes for slow ones. */
static void start_at(const fit *f, size_t k, double *at) {
  static const double starts[STARTS][4] = {
      {1, 1, 0.5, 2}, {1, 1, 0.05, 0.5}, {1, 1, 20, 60}, {0.7, 0.4, 1, 3}, {2, 0.5, 2, 2}};
  at[0] = f->nbd[0] + log(starts[k][0]);
  at[1] = f->nbd[1] + log(starts[k][1]);
  at[2] = log(starts[k][2]);
  at[3] = log(starts[k][3]);
  clamp(at, 4);
}

/** Keeps a mode unless it is there already, with a lower likelihood. */
static void keep_mode(mode *modes, size_t *count, const mode *found) {
  for (size_t k = 0; k < *count; k++) {
    double apart = 0;
    for (size_t i = 0; i < 4; i++) apart = fmax(apart, fabs(modes[k].at[i] - found->at[i]));
    const bool same =
        apart < SAME || fabs(modes[k].loglik - found->loglik) < SAME_LOGLIK || (modes[k].edge && found->edge);
    if (!same) continue;
    if (found->loglik > modes[k].loglik) modes[k] = *found;
    return;
  }
  modes[(*count)++] = *found;
}

static cx_status climb(fit *f, cx__bgnbd_objective *objective, double tolerance, mode *m, bool *ok) {
  cx__optimise_result result;
  cx_status status = search(f, cx__bgnbd_evaluate, objective, 4, m->at, tolerance, &result, ok);
  if (status != CX_OK || !*ok) return status;
  clamp(m->at, 4);
  double value, gradient[4];
  status = cx__bgnbd_evaluate(objective, m->at, &value, gradient, NULL);
  m->loglik = -value * f->data->customers;
  m->gradient = result.gradient;
  m->iterations += result.iterations;
  m->edge = rate_on_edge(m->at) || dropout_on_edge(m->at);
  return status;
}

/** The starts run side by side, each with an objective of its own. */
typedef struct climbs {
  const fit *f;
  const cx__lifecycle_data *data;
  double scale;
  mode found[STARTS];
  bool ok[STARTS];
} climbs;

static cx_status climb_one(void *user, size_t k, uint32_t worker) {
  (void)worker;
  climbs *c = user;
  fit own = *c->f;
  own.ctx = NULL; /* which belongs to the caller's thread */
  cx__bgnbd_objective *objective;
  cx_status status = cx__bgnbd_objective_new(NULL, c->data, c->scale, &objective);
  start_at(&own, k, c->found[k].at);
  if (status == CX_OK) status = climb(&own, objective, ROUGH, &c->found[k], &c->ok[k]);
  cx__bgnbd_objective_free(objective);
  return status;
}

static cx_status find_modes(fit *f, const cx__lifecycle_data *few, double scale) {
  climbs c = {.f = f, .data = few, .scale = scale};
  cx_status status = cx__parallel(f->ctx, STARTS, climb_one, &c);
  if (status == CX_ERR_NOMEM) return cx__no_memory(f->ctx);
  if (status != CX_OK) return status;
  mode rough[STARTS];
  size_t count = 0;
  for (size_t k = 0; k < STARTS; k++)
    if (c.ok[k]) keep_mode(rough, &count, &c.found[k]);
  for (size_t k = 0; k < count; k++) {
    status = cx__progress(f->ctx, "fit", STARTS + k, 2 * STARTS);
    bool ok = false;
    if (status == CX_OK) status = climb(f, f->objective, FINE, &rough[k], &ok);
    if (status != CX_OK) return status;
    if (ok) keep_mode(f->modes, &f->modes_count, &rough[k]);
  }
  return CX_OK;
}

/** The most likely mode; one inside is preferred to a little better one at an edge. NULL when there is none. */
static const mode *choose(const fit *f, const mode **other) {
  const mode *best = NULL, *inside = NULL;
  for (size_t k = 0; k < f->modes_count; k++) {
    const mode *m = &f->modes[k];
    if (!best || m->loglik > best->loglik) best = m;
    if (!m->edge && (!inside || m->loglik > inside->loglik)) inside = m;
  }
  if (inside && inside->loglik >= best->loglik - LEAD) best = inside;
  *other = NULL;
  for (size_t k = 0; k < f->modes_count; k++) {
    const mode *m = &f->modes[k];
    if (m != best && is_top(f, m) && m->loglik > f->nbd_loglik + LEAD && (!*other || m->loglik > (*other)->loglik))
      *other = m;
  }
  return best;
}

/** Standard errors from the observed information, natural parameters times those of their logarithms (the gradient is
 *  zero there). Parameters at an edge have none. */
static cx_status fill_errors(fit *f, const double *at, size_t n, cx_lifecycle_info *info) {
  double value, gradient[4], hessian[16], inverse[16];
  const cx_status status = n == 2 ? cx__nbd_evaluate(f->objective, at, &value, gradient, hessian)
                                  : cx__bgnbd_evaluate(f->objective, at, &value, gradient, hessian);
  if (status != CX_OK || !cx__invert_spd(hessian, n, inverse)) return status;
  for (size_t i = 0; i < n; i++) {
    const double variance = inverse[i * n + i] / f->data->customers;
    const bool edge = i < 2 ? rate_on_edge(at) : dropout_on_edge(at);
    if (!edge && variance > 0 && isfinite(variance)) info->errors[i] = info->parameters[i] * sqrt(variance);
  }
  return CX_OK;
}

/** Nothing is gained by dropout: the NBD, as the BG/NBD with a = 0. */
static cx_status fill_nbd(fit *f, double scale, const mode *best, cx_lifecycle_info *info) {
  const double each = fmax(1, fabs(f->nbd_loglik) / f->data->customers);
  const bool top = f->nbd_gradient <= (rate_on_edge(f->nbd) ? CONVERGED_EDGE : CONVERGED) * each;
  info->fit = top ? CX_FIT_NO_DROPOUT_EVIDENCE : CX_FIT_NOT_CONVERGED;
  info->loglik = info->nbd_loglik;
  info->gradient = f->nbd_gradient;
  info->iterations = best ? best->iterations : 0;
  const double values[] = {exp(f->nbd[0]), exp(f->nbd[1]) * scale, 0, 1};
  memcpy(info->parameters, values, sizeof values);
  return fill_errors(f, f->nbd, 2, info);
}

static cx_status fill_mode(fit *f, double scale, const mode *best, const mode *other, cx_lifecycle_info *info) {
  info->fit = best->edge ? CX_FIT_BOUNDARY : other ? CX_FIT_MULTIMODAL : CX_FIT_OK;
  if (!is_top(f, best)) info->fit = CX_FIT_NOT_CONVERGED;
  info->loglik = best->loglik - f->data->purchases * log(scale);
  info->gradient = best->gradient;
  info->iterations = best->iterations;
  for (size_t i = 0; i < 4; i++) info->parameters[i] = exp(best->at[i]) * (i == 1 ? scale : 1);
  if (other) {
    char text[CX__NUMBER_SIZE];
    (void)cx__print_double(best->loglik - other->loglik, text);
    cx__log(f->ctx, CX_LOG_INFO, "lifecycle.modes", "another mode has a log-likelihood lower by %s", text);
  }
  return fill_errors(f, best->at, 4, info);
}

static cx_status fill(fit *f, double scale, bool accept_best, cx_lifecycle_info *info) {
  info->customers = (uint64_t)(f->data->customers + 0.5);
  info->distinct = f->data->count;
  info->starts = STARTS;
  info->nbd_loglik = f->nbd_loglik - f->data->purchases * log(scale);
  for (size_t i = 0; i < 8; i++) info->parameters[i] = info->errors[i] = (double)NAN;
  const mode *other, *best = choose(f, &other);
  const bool gain = best && best->loglik >= f->nbd_loglik + (best->edge ? LEAD : NO_GAIN);
  const cx_status status = gain ? fill_mode(f, scale, best, other, info) : fill_nbd(f, scale, best, info);
  if (status != CX_OK) return status;
  if (info->fit == CX_FIT_NOT_CONVERGED && !accept_best)
    return cx__fail(f->ctx, CX_ERR_NO_CONVERGENCE, "the fit did not converge in %u iterations", f->iterations);
  return CX_OK;
}

cx_status cx__bgnbd_fit(cx_context *ctx, const cx__lifecycle_data *data, uint32_t iterations, bool accept_best,
                        cx_lifecycle_info *info) {
  if (!(data->purchases > 0)) return cx__fail(ctx, CX_ERR_NO_DATA, "nobody has bought again");
  if (!(data->mean_T > 0)) return cx__fail(ctx, CX_ERR_NO_DATA, "nobody has been observed for any time");
  const double scale = exp2(round(log2(data->mean_T))); /* a power of two: scaling changes no digit */
  fit f = {.ctx = ctx, .data = data, .iterations = iterations};
  cx__lifecycle_data thinned = {.allocator = data->allocator};
  cx_status status = cx__progress(ctx, "fit", 0, 2 * STARTS);
  if (status == CX_OK) status = cx__bgnbd_objective_new(ctx, data, scale, &f.objective);
  f.rough = f.objective;
  const bool many = data->count > FEW_ROWS;
  if (status == CX_OK && many) {
    status = cx__lifecycle_thin(ctx, data, FEW_ROWS, &thinned);
    if (status == CX_OK) status = cx__bgnbd_objective_new(ctx, &thinned, scale, &f.rough);
  }
  if (status == CX_OK) status = fit_nbd(&f);
  if (status == CX_OK) status = cx__progress(ctx, "fit", 1, 2 * STARTS);
  if (status == CX_OK) status = find_modes(&f, many ? &thinned : data, scale);
  if (status == CX_OK) status = fill(&f, scale, accept_best, info);
  if (status == CX_OK) status = cx__progress(ctx, "fit", 2 * STARTS, 2 * STARTS);
  if (f.rough != f.objective) cx__bgnbd_objective_free(f.rough);
  cx__bgnbd_objective_free(f.objective);
  cx__lifecycle_data_free(&thinned);
  return status;
}

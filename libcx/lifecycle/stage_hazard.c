/* SPDX-License-Identifier: MIT */
/* A discrete hazard: the log-odds of buying in the next window are linear in what the history says. Over a horizon, the
 * chance to buy nothing is the product of the windows' chances, each with the silence that has by then grown. */
#include "lifecycle/stage.h"
#include "math/math.h"

#define LIMIT 13.8 /* log-odds are kept within +-LIMIT, about one in a million */
#define RIDGE 1.0  /* on standardised features */
#define LEAST 30.0 /* of buyers and of others */
#define SUBSETS (1u << CX__STAGE_FEATURES)

static double within_limit(double log_odds) { return fmin(fmax(log_odds, -LIMIT), LIMIT); }

static double purchase_log_odds(const cx__stage_model *m, double x, double t_x, double T, double time) {
  double dead;
  const double alive = cx__bgnbd_alive(&m->purchases, x, t_x, T, &dead);
  const double rate = (m->purchases.r + x) * log1p(time / (m->purchases.alpha + T));
  const double some = alive * -expm1(-rate), none = dead + alive * exp(-rate);
  return some > 0 ? within_limit(log(some / none)) : -LIMIT;
}

void cx__stage_features(const cx__stage_model *m, double x, double t_x, double T, double *f) {
  const double weeks = m->unit_days / 7, silence = T - t_x;
  const double gap = fmax(x > 0 ? t_x / x : 0, 1 / m->unit_days); /* at least a day */
  f[CX__STAGE_SILENCE] = log1p(silence * weeks);
  f[CX__STAGE_FREQUENCY] = log1p(x);
  f[CX__STAGE_TENURE] = log1p(T * weeks);
  f[CX__STAGE_RHYTHM] = x > 0 ? log1p(silence / gap) : 0;
  f[CX__STAGE_NO_REPEAT] = x > 0 ? 0 : 1;
  f[CX__STAGE_PURCHASE_MODEL] = purchase_log_odds(m, x, t_x, T, m->window);
}

/* ---- learning --------------------------------------------------------------------------------------------------- */

/** Means and standard deviations over customers. */
static void standardise(const cx__stage_rows *rows, double *columns, size_t k, cx__stage_model *m, double *deviation) {
  double total = 0;
  for (size_t i = 0; i < rows->n; i++) total += rows->customers[i];
  for (size_t j = 0; j < CX__STAGE_FEATURES; j++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < rows->n; i++) sum += rows->customers[i] * columns[i * k + j + 1];
    m->means[j] = sum / total;
    for (size_t i = 0; i < rows->n; i++) {
      columns[i * k + j + 1] -= m->means[j];
      squares += rows->customers[i] * columns[i * k + j + 1] * columns[i * k + j + 1];
    }
    deviation[j] = sqrt(squares / total);
    if (!(deviation[j] > 1e-9)) deviation[j] = 1;
    for (size_t i = 0; i < rows->n; i++) columns[i * k + j + 1] /= deviation[j];
  }
}

cx_status cx__stage_fit_hazard(cx_context *ctx, const cx__stage_rows *rows, cx__stage_model *m) {
  enum { K = CX__STAGE_FEATURES + 1 };
  m->hazard = 0;
  double buyers = 0, others = 0;
  for (size_t i = 0; i < rows->n; i++) {
    buyers += rows->buyers[i];
    others += rows->customers[i] - rows->buyers[i];
  }
  if (buyers < LEAST || others < LEAST) return CX_OK;
  const cx_allocator *allocator = cx__allocator(ctx);
  double *columns = cx__alloc_array(allocator, rows->n, K * sizeof *columns);
  double *share = cx__alloc_array(allocator, rows->n, sizeof *share);
  cx_status status = columns && share ? CX_OK : cx__no_memory(ctx);
  double coefficients[K], deviation[CX__STAGE_FEATURES];
  if (status == CX_OK) {
    for (size_t i = 0; i < rows->n; i++) {
      columns[i * K] = 1;
      cx__stage_features(m, rows->x[i], rows->t_x[i], rows->T[i], columns + i * K + 1);
      share[i] = rows->buyers[i] / rows->customers[i];
    }
    standardise(rows, columns, K, m, deviation);
    status = cx__logistic_fit(ctx, columns, rows->n, K, share, rows->customers, RIDGE, coefficients);
  }
  cx__free(allocator, columns);
  cx__free(allocator, share);
  if (status == CX_ERR_NO_CONVERGENCE || status == CX_ERR_NO_DATA || status == CX_ERR_NUMERIC) return CX_OK;
  if (status != CX_OK) return status;
  m->hazard = 1;
  m->intercept = coefficients[0];
  for (size_t j = 0; j < CX__STAGE_FEATURES; j++) m->coefficients[j] = coefficients[j + 1] / deviation[j];
  return CX_OK;
}

/* ---- over a horizon --------------------------------------------------------------------------------------------- */

/** Log-odds of what has the log-probability -lost of not happening. */
static double log_odds_of(double lost) { return within_limit(lost > 30 ? lost : log(expm1(lost))); }

/** Adds each window's -ln P(no purchase in it) to lost[s] for the subsets s of features that count: those not in the
 *  subset are at their means. */
static void add_windows(const cx__stage_model *m, double x, double t_x, double T, size_t subsets, double *lost) {
  memset(lost, 0, subsets * sizeof *lost);
  for (double from = 0; from < m->horizon; from += m->window) {
    const double share = fmin(1, (m->horizon - from) / m->window);
    double f[CX__STAGE_FEATURES], sums[SUBSETS];
    cx__stage_features(m, x, t_x, T + from, f);
    sums[0] = m->intercept;
    for (size_t j = 0; j < CX__STAGE_FEATURES; j++) {
      const double part = m->coefficients[j] * (f[j] - m->means[j]);
      if (subsets == 1) {
        sums[0] += part;
        continue;
      }
      for (size_t s = 0; s < (size_t)1 << j; s++) sums[s | (size_t)1 << j] = sums[s] + part;
    }
    for (size_t s = 0; s < subsets; s++) lost[s] -= share * cx__log_logistic(-sums[s]);
  }
}

/** Shapley's value of each of n features, from the worth of all subsets. */
static void shapley(const double *worth, double *parts) {
  enum { N = CX__STAGE_FEATURES };
  double weight[N]; /* of a subset of that size, without the feature: k! (N - 1 - k)! / N! */
  weight[0] = 1.0 / N;
  for (size_t k = 1; k < N; k++) weight[k] = weight[k - 1] * (double)k / (double)(N - k);
  for (size_t j = 0; j < N; j++) {
    parts[j] = 0;
    for (size_t s = 0; s < SUBSETS; s++) {
      if (s >> j & 1) continue;
      size_t size = 0;
      for (size_t i = 0; i < N; i++) size += s >> i & 1;
      parts[j] += weight[size] * (worth[s | (size_t)1 << j] - worth[s]);
    }
  }
}

double cx__stage_again(const cx__stage_model *m, double x, double t_x, double T, double *base, double *parts) {
  if (!m->hazard) return purchase_log_odds(m, x, t_x, T, m->horizon);
  double lost[SUBSETS];
  add_windows(m, x, t_x, T, parts ? SUBSETS : 1, lost);
  if (!parts) return log_odds_of(lost[0]);
  for (size_t s = 0; s < SUBSETS; s++) lost[s] = log_odds_of(lost[s]);
  *base = lost[0];
  shapley(lost, parts);
  return lost[SUBSETS - 1];
}

double cx__stage_overdue(const cx__stage_model *m, double x, double t_x, double T) {
  const double silence = T - t_x;
  if (silence >= m->horizon) return 1;
  /* the next gap right after the last purchase: Lomax, cut at the horizon */
  const double shape = m->purchases.r + x, scale = m->purchases.alpha + t_x;
  const double came = expm1(-shape * log1p(silence / scale)) / expm1(-shape * log1p(m->horizon / scale));
  const double odds = (1 - came) / came; /* of still coming within the horizon; 1/4 when 80 % have come */
  return 1 / (1 + 16 * odds * odds);
}

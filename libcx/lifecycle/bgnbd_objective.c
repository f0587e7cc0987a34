/* SPDX-License-Identifier: MIT */
/* Log-likelihood of the BG/NBD over distinct rows with gradient and Hessian in log parameters.
 *
 * What depends on x alone is summed once for each distinct x, as running sums over 1 .. x: unlike differences of
 * ln Gamma they stay exact when a or b is very large or very small. What is left of a row is two logarithms and one
 * exponential. Rows are taken in blocks of a fixed size whose sums are added in order, so threads change nothing. */
#include "lifecycle/lifecycle.h"

#include <math.h>

#define BLOCK 4096u
#define WALL 1e-3

/* Sums of a block: value, four derivatives, ten second derivatives (lower triangle by rows). */
enum { VALUE, R, ALPHA, A, B, R_R, ALPHA_R, ALPHA_ALPHA, A_R, A_ALPHA, A_A, B_R, B_ALPHA, B_A, B_B, SUMS };
#define SECOND(i, j) (R_R + (i) * ((i) + 1) / 2 + (j))

/** Of one x: ln(a / (b + x - 1)) and x itself. */
typedef struct per_x {
  double x, odds;
  double leave; /* 1 / (b + x - 1) */
} per_x;

struct cx__bgnbd_objective {
  cx_allocator allocator;
  cx_context *ctx;
  const cx__lifecycle_data *data;
  double scale;
  size_t blocks;
  double *sums;  /* SUMS rows of `blocks` values */
  per_x *tables; /* of each distinct x */
  cx__bgnbd at;  /* alpha in units of scale */
  bool nbd;
};

static const double edges[4][2] = {{-12, 12}, {-14, 16}, {-16, 12}, {-14, 14}};

void cx__bgnbd_edge(size_t parameter, double *low, double *high) {
  *low = edges[parameter][0];
  *high = edges[parameter][1];
}

cx_status cx__bgnbd_objective_new(cx_context *ctx, const cx__lifecycle_data *data, double scale,
                                  cx__bgnbd_objective **out) {
  cx__bgnbd_objective *objective = cx__alloc_zero(&data->allocator, sizeof *objective);
  *out = objective;
  if (!objective) return cx__no_memory(ctx);
  objective->allocator = data->allocator;
  objective->ctx = ctx;
  objective->data = data;
  objective->scale = scale;
  objective->blocks = (data->count + BLOCK - 1) / BLOCK;
  objective->sums = cx__alloc_array(&data->allocator, objective->blocks * SUMS, sizeof *objective->sums);
  objective->tables = cx__alloc_array(&data->allocator, data->x_count, sizeof *objective->tables);
  if (!objective->sums || !objective->tables) return cx__no_memory(ctx);
  return CX_OK;
}

void cx__bgnbd_objective_free(cx__bgnbd_objective *objective) {
  if (!objective) return;
  const cx_allocator allocator = objective->allocator;
  cx__free(&allocator, objective->sums);
  cx__free(&allocator, objective->tables);
  cx__free(&allocator, objective);
}

/** The part of the NBD's rate that depends on the row: -(r + x) ln(alpha + T). */
static void add_rate(double *sums, double weight, double shape, double time) {
  const double l = log(time), inverse = weight / time;
  sums[VALUE] -= weight * shape * l;
  sums[R] -= weight * l;
  sums[ALPHA] -= shape * inverse;
  sums[ALPHA_R] -= inverse;
  sums[ALPHA_ALPHA] += shape * inverse / time;
}

/** What a customer who may have dropped out at the last purchase adds: with odds d of it, ln(1 + exp(d)). */
static void add_dropout(double *sums, double weight, double shape, double time_T, double time_x, const per_x *table,
                        double a) {
  const double ratio = log(time_T / time_x), d = table->odds + shape * ratio;
  const double e = exp(-fabs(d));
  const double more = 1 / (1 + e), less = e / (1 + e);
  const double p = d > 0 ? more : less; /* of having dropped out */
  sums[VALUE] += weight * ((d > 0 ? d : 0) + log1p(e));
  const double first = weight * p, second = first * (d > 0 ? less : more);
  const double by_T = 1 / time_T, by_x = 1 / time_x, d_alpha = shape * (by_T - by_x);
  const double d_a = 1 / a, d_b = -table->leave;
  sums[R] += first * ratio;
  sums[ALPHA] += first * d_alpha;
  sums[A] += first * d_a;
  sums[B] += first * d_b;
  sums[R_R] += second * ratio * ratio;
  sums[ALPHA_R] += first * (by_T - by_x) + second * ratio * d_alpha;
  sums[ALPHA_ALPHA] += first * shape * (by_x * by_x - by_T * by_T) + second * d_alpha * d_alpha;
  sums[A_R] += second * d_a * ratio;
  sums[A_ALPHA] += second * d_a * d_alpha;
  sums[A_A] += (second - first) * d_a * d_a;
  sums[B_R] += second * d_b * ratio;
  sums[B_ALPHA] += second * d_b * d_alpha;
  sums[B_A] += second * d_a * d_b;
  sums[B_B] += (second + first) * d_b * d_b;
}

static cx_status sum_block(void *user, size_t block, uint32_t worker) {
  (void)worker;
  cx__bgnbd_objective *o = user;
  const cx__bgnbd at = o->at;
  const double by_scale = 1 / o->scale;
  const size_t begin = block * BLOCK, end = begin + BLOCK < o->data->count ? begin + BLOCK : o->data->count;
  double sums[SUMS] = {0};
  for (size_t i = begin; i < end; i++) {
    const cx__lifecycle_row *row = &o->data->rows[i];
    const per_x *table = &o->tables[row->x];
    const double shape = at.r + table->x, time_T = at.alpha + row->T * by_scale;
    add_rate(sums, row->weight, shape, time_T);
    if (table->x > 0 && !o->nbd)
      add_dropout(sums, row->weight, shape, time_T, at.alpha + row->t_x * by_scale, table, at.a);
  }
  for (size_t k = 0; k < SUMS; k++) o->sums[k * o->blocks + block] = sums[k];
  return CX_OK;
}

/** Running sums over i < x of what each further purchase adds; those of x are taken off at x. */
typedef struct running {
  double value, r, r_r, a, b, a_a, b_b;
} running;

static void add_purchase(running *run, const cx__bgnbd *at, double i, bool nbd) {
  const double by_r = 1 / (at->r + i);
  run->value += log(at->r + i);
  run->r += by_r;
  run->r_r -= by_r * by_r;
  if (nbd) return;
  const double by_b = 1 / (at->b + i), by_ab = 1 / (at->a + at->b + i);
  run->value -= log1p(at->a * by_b);
  run->a -= by_ab;
  run->b += at->a * by_b * by_ab;
  run->a_a += by_ab * by_ab;
  run->b_b -= at->a * by_b * by_ab * (by_b + by_ab);
}

/** Adds what depends on x alone and fills the tables. */
static void sum_tables(cx__bgnbd_objective *o, double *sums) {
  const cx__bgnbd at = o->at;
  const cx__lifecycle_data *data = o->data;
  running run = {0};
  uint32_t x = 0;
  for (size_t k = 0; k < data->x_count; k++) {
    for (; x < data->x[k]; x++) add_purchase(&run, &at, x, o->nbd);
    const double weight = data->x_weight[k];
    sums[VALUE] += weight * run.value;
    sums[R] += weight * run.r;
    sums[R_R] += weight * run.r_r;
    sums[A] += weight * run.a;
    sums[B] += weight * run.b;
    sums[A_A] += weight * run.a_a;
    sums[B_A] += weight * run.a_a;
    sums[B_B] += weight * run.b_b;
    o->tables[k] = (per_x){.x = x};
    if (x > 0 && !o->nbd) {
      o->tables[k].leave = 1 / (at.b + x - 1);
      o->tables[k].odds = log(at.a * o->tables[k].leave);
    }
  }
  /* r ln(alpha) of every customer */
  const double l = log(at.alpha), n = data->customers;
  sums[VALUE] += n * at.r * l;
  sums[R] += n * l;
  sums[ALPHA] += n * at.r / at.alpha;
  sums[ALPHA_R] += n / at.alpha;
  sums[ALPHA_ALPHA] -= n * at.r / (at.alpha * at.alpha);
}

/** To log parameters, a customer, with the sign of a minimum; and the wall. */
static void finish(const cx__bgnbd_objective *o, const double *sums, size_t n, const double *at, double *value,
                   double *gradient, double *hessian) {
  const double natural[4] = {o->at.r, o->at.alpha, o->at.a, o->at.b};
  const double each = -1 / o->data->customers;
  *value = each * sums[VALUE];
  for (size_t i = 0; i < n; i++) {
    const double slope = each * natural[i] * sums[R + i];
    gradient[i] = slope;
    for (size_t j = 0; hessian && j <= i; j++)
      hessian[i * n + j] = hessian[j * n + i] = each * natural[i] * natural[j] * sums[SECOND(i, j)];
    if (hessian) hessian[i * n + i] += slope;
    const double beyond = at[i] < edges[i][0] ? at[i] - edges[i][0] : at[i] > edges[i][1] ? at[i] - edges[i][1] : 0;
    *value += WALL * beyond * beyond;
    gradient[i] += 2 * WALL * beyond;
    if (hessian && (at[i] < edges[i][0] || at[i] > edges[i][1])) hessian[i * n + i] += 2 * WALL;
  }
}

static cx_status evaluate(cx__bgnbd_objective *o, size_t n, const double *at, double *value, double *gradient,
                          double *hessian) {
  for (size_t i = 0; i < n; i++) {
    if (fabs(at[i]) < 200) continue;
    *value = (double)INFINITY; /* exp() of it would not be of use */
    memset(gradient, 0, n * sizeof *gradient);
    if (hessian) memset(hessian, 0, n * n * sizeof *hessian);
    return CX_OK;
  }
  o->nbd = n == 2;
  o->at = (cx__bgnbd){.r = exp(at[0]), .alpha = exp(at[1])};
  if (!o->nbd) {
    o->at.a = exp(at[2]);
    o->at.b = exp(at[3]);
  }
  double sums[SUMS] = {0};
  sum_tables(o, sums);
  const cx_status status = cx__parallel(o->ctx, o->blocks, sum_block, o);
  if (status != CX_OK) return status;
  for (size_t k = 0; k < SUMS; k++) sums[k] += cx__sum(o->sums + k * o->blocks, o->blocks);
  finish(o, sums, n, at, value, gradient, hessian);
  return CX_OK;
}

cx_status cx__bgnbd_evaluate(void *user, const double *at, double *value, double *gradient, double *hessian) {
  return evaluate(user, 4, at, value, gradient, hessian);
}

cx_status cx__nbd_evaluate(void *user, const double *at, double *value, double *gradient, double *hessian) {
  return evaluate(user, 2, at, value, gradient, hessian);
}

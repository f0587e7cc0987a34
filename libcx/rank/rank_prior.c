/* SPDX-License-Identifier: MIT */
/* What a declared topic says of taste: rows A_t such that a person who declares strengths theta has the prior mean
 * sum_t theta_t A_t. They are learned by ridge regression of people's factors on how far their own interactions lean
 * to each topic, as attributes enter a factorisation in Agarwal and Chen, "Regression-based latent factor models" (KDD
 * 2009).
 *
 * A person's leaning to a topic is (share - base) / (share + base), with the share of confidence that went to the
 * topic, smoothed by SMOOTHING observations of the base share of everybody: -1 for never, 0 for average, towards 1 for
 * nothing else. That is the scale of declared strengths. Leanings are centred, so A_t is what sets those who lean to a
 * topic apart. What people have in common, the mean of their factors, is kept in a row of its own: the topics that
 * somebody declares to like share it among them, so that the prior mean is that of people who like the same, and still
 * a sum over declared topics. */
#include "math/math.h"
#include "rank/rank.h"

#define RIDGE 5.0
#define SMOOTHING 5.0
#define PEOPLE 16384u /* to learn from at most, evenly spaced */
#define BLOCK 256u    /* people at a time */

typedef struct prior_fit {
  const cx__als *als;
  const cx__catalogue *items;
  size_t topics; /* that take part */
  size_t stride; /* topics rounded up to 16 */
  uint32_t *chosen;
  uint64_t *item_offsets; /* item -> positions in chosen */
  uint32_t *item_topics;
  double *base, *mean, *sums;
  size_t *people; /* sampled rows with pairs */
  size_t people_count;
  float *block;  /* BLOCK * stride */
  float *matrix; /* stride * stride */
  float *right;  /* factors * stride */
} prior_fit;

static double topic_confidence(const cx__als *als, const cx__catalogue *items, size_t topic) {
  double sum = 0;
  for (uint64_t k = items->topic_offsets[topic]; k < items->topic_offsets[topic + 1]; k++) {
    const uint32_t item = items->topic_items[k];
    for (uint64_t j = als->data->item_offsets[item]; j < als->data->item_offsets[item + 1]; j++)
      sum += (double)als->data->item_weights[j];
  }
  return sum;
}

/* The topics with most confidence, in topic order. */
static bool choose_topics(const cx_allocator *allocator, prior_fit *fit) {
  const size_t all = fit->items->topics;
  double *key = cx__alloc_array(allocator, all, sizeof *key);
  uint32_t *order = cx__alloc_array(allocator, all, sizeof *order);
  uint32_t *scratch = cx__alloc_array(allocator, all, sizeof *scratch);
  fit->chosen = cx__alloc_array(allocator, all, sizeof *fit->chosen);
  const bool ready = key && order && scratch && fit->chosen;
  if (ready) {
    for (size_t t = 0; t < all; t++) {
      key[t] = -topic_confidence(fit->als, fit->items, t);
      order[t] = (uint32_t)t;
    }
    cx__sort_index(key, order, all, scratch);
    size_t kept = 0;
    while (kept < all && kept < CX__PRIOR_TOPICS && key[order[kept]] < 0) kept++;
    memset(scratch, 0, all * sizeof *scratch);
    for (size_t k = 0; k < kept; k++) scratch[order[k]] = 1;
    for (size_t t = 0; t < all; t++)
      if (scratch[t]) fit->chosen[fit->topics++] = (uint32_t)t;
  }
  cx__free(allocator, key);
  cx__free(allocator, order);
  cx__free(allocator, scratch);
  return ready;
}

/* Turns topic -> items around for the chosen topics. */
static void turn_topics(prior_fit *fit) {
  const cx__catalogue *items = fit->items;
  uint64_t *starts = fit->item_offsets + 1;
  for (size_t t = 0; t < fit->topics; t++)
    for (uint64_t k = items->topic_offsets[fit->chosen[t]]; k < items->topic_offsets[fit->chosen[t] + 1]; k++)
      starts[items->topic_items[k] + 1]++;
  for (uint32_t i = 0; i < items->count; i++) starts[i + 1] += starts[i];
  for (size_t t = 0; t < fit->topics; t++)
    for (uint64_t k = items->topic_offsets[fit->chosen[t]]; k < items->topic_offsets[fit->chosen[t] + 1]; k++)
      fit->item_topics[starts[items->topic_items[k]]++] = (uint32_t)t;
}

static void sample_people(prior_fit *fit) {
  const cx__interactions *data = fit->als->data;
  size_t n = 0;
  for (size_t p = 0; p < fit->als->people; p++)
    for (uint64_t k = data->person_offsets[p]; k < data->person_offsets[p + 1]; k++)
      if (data->person_weights[k] > 0) {
        fit->people[n++] = p;
        break;
      }
  const size_t step = n / PEOPLE + (n % PEOPLE != 0);
  for (size_t k = 0; step > 0 && k * step < n; k++) fit->people[fit->people_count++] = fit->people[k * step];
}

/* Adds a person's confidence by topic; returns all of it. */
static double add_confidence(const prior_fit *fit, size_t person, double *sums) {
  const cx__interactions *data = fit->als->data;
  double total = 0;
  for (uint64_t k = data->person_offsets[person]; k < data->person_offsets[person + 1]; k++) {
    const double weight = (double)data->person_weights[k];
    const uint32_t item = data->person_items[k];
    total += weight;
    for (uint64_t j = fit->item_offsets[item]; j < fit->item_offsets[item + 1]; j++)
      sums[fit->item_topics[j]] += weight;
  }
  return total;
}

static void leaning(const prior_fit *fit, size_t person, double *out) {
  memset(out, 0, fit->topics * sizeof *out);
  const double total = add_confidence(fit, person, out);
  for (size_t t = 0; t < fit->topics; t++) {
    const double share = (out[t] + SMOOTHING * fit->base[t]) / (total + SMOOTHING);
    out[t] = share + fit->base[t] > 0 ? (share - fit->base[t]) / (share + fit->base[t]) : 0;
  }
}

static void find_means(prior_fit *fit) {
  memset(fit->base, 0, fit->topics * sizeof *fit->base);
  double total = 0;
  for (size_t k = 0; k < fit->people_count; k++) total += add_confidence(fit, fit->people[k], fit->base);
  for (size_t t = 0; t < fit->topics; t++) fit->base[t] /= total;
  memset(fit->mean, 0, fit->topics * sizeof *fit->mean);
  for (size_t k = 0; k < fit->people_count; k++) {
    leaning(fit, fit->people[k], fit->sums);
    for (size_t t = 0; t < fit->topics; t++) fit->mean[t] += fit->sums[t];
  }
  for (size_t t = 0; t < fit->topics; t++) fit->mean[t] /= (double)fit->people_count;
}

/* matrix = X'X and right = U'X over centred leanings X. */
static void add_people(prior_fit *fit) {
  const cx__als *als = fit->als;
  for (size_t first = 0; first < fit->people_count; first += BLOCK) {
    const size_t n = fit->people_count - first < BLOCK ? fit->people_count - first : BLOCK;
    for (size_t k = 0; k < n; k++) {
      float *row = fit->block + k * fit->stride;
      leaning(fit, fit->people[first + k], fit->sums);
      for (size_t t = 0; t < fit->topics; t++) row[t] = (float)(fit->sums[t] - fit->mean[t]);
      const float *u = als->people_factors + fit->people[first + k] * als->stride;
      for (size_t f = 0; f < als->factors; f++) als->kernel->axpy(u[f], row, fit->right + f * fit->stride, fit->stride);
    }
    als->kernel->syrk(fit->block, fit->stride, n, NULL, fit->stride, fit->matrix);
  }
}

static cx_status solve(cx_context *ctx, prior_fit *fit, float *prior) {
  const cx__als *als = fit->als;
  find_means(fit);
  add_people(fit);
  for (size_t t = 0; t < fit->topics; t++) fit->matrix[t * fit->stride + t] += (float)RIDGE;
  if (!cx__cholesky_float(als->kernel, fit->matrix, fit->topics, fit->stride))
    return cx__fail(ctx, CX_ERR_NUMERIC, "the prior of declared topics cannot be solved for");
  for (size_t f = 0; f < als->factors; f++) {
    float *right = fit->right + f * fit->stride;
    cx__cholesky_solve_float(als->kernel, fit->matrix, fit->topics, fit->stride, right);
    for (size_t t = 0; t < fit->topics; t++) prior[fit->chosen[t] * als->stride + f] = right[t];
  }
  if (!cx__factors_are_finite(prior, (size_t)fit->items->topics * als->stride))
    return cx__fail(ctx, CX_ERR_NUMERIC, "the prior of declared topics is not finite");
  return CX_OK;
}

static void write_mean(const cx__als *als, float *mean) {
  for (size_t f = 0; f < als->factors; f++) {
    double sum = 0;
    for (size_t p = 0; p < als->people; p++) sum += (double)als->people_factors[p * als->stride + f];
    mean[f] = (float)(sum / (double)als->data->known);
  }
}

static bool allocate(const cx_allocator *allocator, prior_fit *fit) {
  if (!choose_topics(allocator, fit)) return false;
  fit->stride = (fit->topics + 15) / 16 * 16;
  const size_t factors = fit->als->factors;
  fit->item_offsets = cx__alloc_array_zero(allocator, (size_t)fit->items->count + 2, sizeof *fit->item_offsets);
  fit->item_topics =
      cx__alloc_array(allocator, (size_t)fit->items->topic_offsets[fit->items->topics], sizeof *fit->item_topics);
  fit->base = cx__alloc_array(allocator, 3 * fit->topics, sizeof *fit->base);
  fit->people = cx__alloc_array(allocator, fit->als->people, sizeof *fit->people);
  const size_t rows = BLOCK + fit->stride + factors;
  fit->block = cx__alloc_aligned(allocator, rows * fit->stride, sizeof *fit->block);
  if (!fit->item_offsets || !fit->item_topics || !fit->base || !fit->people || !fit->block) return false;
  memset(fit->block, 0, rows * fit->stride * sizeof *fit->block);
  fit->mean = fit->base + fit->topics;
  fit->sums = fit->mean + fit->topics;
  fit->matrix = fit->block + BLOCK * fit->stride;
  fit->right = fit->matrix + fit->stride * fit->stride;
  return true;
}

cx_status cx__prior_learn(cx_context *ctx, const cx__als *als, const cx__catalogue *items, float *prior) {
  const cx_allocator *allocator = cx__allocator(ctx);
  prior_fit fit;
  memset(&fit, 0, sizeof fit);
  fit.als = als;
  fit.items = items;
  memset(prior, 0, ((size_t)items->topics + 1) * als->stride * sizeof *prior);
  write_mean(als, prior + (size_t)items->topics * als->stride);
  if (items->topics == 0) return CX_OK;
  cx_status status = CX_OK;
  if (!allocate(allocator, &fit)) {
    status = cx__no_memory(ctx);
  } else if (fit.topics > 0) {
    turn_topics(&fit);
    sample_people(&fit);
    status = solve(ctx, &fit, prior);
  }
  cx__free(allocator, fit.chosen);
  cx__free(allocator, fit.item_offsets);
  cx__free(allocator, fit.item_topics);
  cx__free(allocator, fit.base);
  cx__free(allocator, fit.people);
  cx__free_aligned(allocator, fit.block);
  return status;
}

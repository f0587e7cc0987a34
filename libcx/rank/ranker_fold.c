/* SPDX-License-Identifier: MIT */
/* A person folded in: history and declared preferences -> a vector, and what each of them says of an item. */
#include "math/math.h"
#include "rank/list.h"
#include "record/record.h"

#include <cx/preference.h>

#define CERTAIN 10.0 /* items of history at which it counts as much as what was declared */

static bool grow_place(const cx_allocator *allocator, cx__fold *fold, size_t items) {
  const size_t before = fold->place_capacity;
  if (!cx__grow(allocator, &fold->place, &fold->place_capacity, items, sizeof *fold->place)) return false;
  memset(fold->place + before, 0, (fold->place_capacity - before) * sizeof *fold->place);
  return true;
}

static void add_line(cx__fold *fold, uint32_t item, const cx__profile_line *line) {
  if (fold->place[item] == 0) {
    fold->evidence[fold->evidence_count] = (cx__evidence){.item = item, .time = CX_TIME_NONE};
    fold->place[item] = (uint32_t)++fold->evidence_count;
  }
  cx__evidence *evidence = &fold->evidence[fold->place[item] - 1];
  const double weight = cx__ranker_kind_weight(line->kind);
  evidence->sum += weight;
  if (weight != 0) {
    evidence->count++;
    if (line->time > evidence->time) evidence->time = line->time;
  }
  evidence->seen = evidence->seen || line->kind == CX_EVENT_PURCHASE || line->kind == CX_EVENT_RETURN;
}

/* Those that say something of taste come first, in the order of their first event; the order of the others is of no
 * consequence. */
static void split_evidence(cx__fold *fold) {
  fold->confident = 0;
  for (size_t k = 0; k < fold->evidence_count; k++) {
    cx__evidence evidence = fold->evidence[k];
    evidence.confidence = cx__ranker_confidence(evidence.sum);
    if (evidence.confidence > 0) {
      fold->evidence[k] = fold->evidence[fold->confident];
      fold->evidence[fold->confident++] = evidence;
    }
  }
}

static cx_status read_lines(cx_context *ctx, const cx_allocator *allocator, const cx_ranker *ranker,
                            const cx_profile *profile, int64_t at, cx__fold *fold) {
  const cx__profile_line *lines = NULL;
  const size_t n = cx__profile_lines(profile, &lines);
  if (!grow_place(allocator, fold, (size_t)ranker->head.items) ||
      !cx__grow(allocator, &fold->evidence, &fold->evidence_capacity, n, sizeof *fold->evidence))
    return cx__no_memory(ctx);
  for (size_t k = 0; k < n; k++) {
    uint32_t item;
    if (lines[k].time <= at && cx__ranker_find_item(ranker, lines[k].item, &item)) add_line(fold, item, &lines[k]);
  }
  split_evidence(fold);
  return CX_OK;
}

/* The latest declaration of each topic; of two at one time the lower strength. */
static void add_declaration(cx__fold *fold, const cx_preference *preference, uint32_t topic, int64_t at) {
  const cx__declared declared = {.strength = cx_preference_is_valid(preference, at) ? preference->strength : 0,
                                 .time = preference->time,
                                 .topic = topic};
  for (size_t k = 0; k < fold->declared_count; k++) {
    cx__declared *known = &fold->declared[k];
    if (known->topic != topic) continue;
    if (declared.time > known->time || (declared.time == known->time && declared.strength < known->strength))
      *known = declared;
    return;
  }
  fold->declared[fold->declared_count++] = declared;
}

static cx_status read_preferences(cx_context *ctx, const cx_allocator *allocator, const cx_ranker *ranker,
                                  const cx_profile *profile, int64_t at, cx__fold *fold) {
  const size_t n = cx_profile_preferences(profile);
  if (!cx__grow(allocator, &fold->declared, &fold->declared_capacity, n, sizeof *fold->declared))
    return cx__no_memory(ctx);
  for (size_t k = 0; k < n; k++) {
    cx_preference preference = {.size = sizeof preference};
    const cx_status status = cx_profile_get_preference(profile, k, &preference);
    if (status != CX_OK) return cx__fail(ctx, status, "a preference of the profile cannot be read");
    uint32_t topic;
    if (preference.time <= at && cx__ranker_find_topic(ranker, preference.topic, &topic))
      add_declaration(fold, &preference, topic, at);
  }
  size_t kept = 0;
  for (size_t k = 0; k < fold->declared_count; k++)
    if (fold->declared[k].strength != 0) fold->declared[kept++] = fold->declared[k];
  fold->declared_count = kept;
  return CX_OK;
}

cx_status cx__fold_read(cx_context *ctx, const cx_allocator *allocator, const cx_ranker *ranker,
                        const cx_profile *profile, int64_t at, cx__fold *fold) {
  cx__fold_clear(fold);
  const cx_status status = read_lines(ctx, allocator, ranker, profile, at, fold);
  return status == CX_OK ? read_preferences(ctx, allocator, ranker, profile, at, fold) : status;
}

/* Strength in the prior; a topic that was declined is a rule and says nothing here. */
static double prior_strength(const cx__declared *declared) { return declared->strength > -1 ? declared->strength : 0; }

static bool reserve(const cx_allocator *allocator, size_t stride, cx__fold *fold) {
  const size_t evidence = fold->confident, declared = fold->declared_count;
  const size_t most = (evidence > declared ? evidence : declared) + 16;
  const size_t need = stride * stride + (evidence + declared + 2) * stride + most;
  if (need > fold->floats_capacity) {
    float *floats = cx__alloc_aligned(allocator, need + need / 2, sizeof *floats);
    if (!floats) return false;
    cx__free_aligned(allocator, fold->floats);
    fold->floats = floats;
    fold->floats_capacity = need + need / 2;
  }
  fold->matrix = fold->floats;
  fold->rows = fold->matrix + stride * stride;
  fold->priors = fold->rows + evidence * stride;
  fold->vector = fold->priors + declared * stride;
  fold->solved = fold->vector + stride;
  fold->products = fold->solved + stride;
  return true;
}

/* Fills rows, matrix and right side. */
static void assemble(const cx__kernel *kernel, const cx_ranker *ranker, cx__fold *fold) {
  const cx__ranker_head *head = &ranker->head;
  const size_t stride = head->stride, n = fold->confident;
  double declared = 0, liked = 0;
  for (size_t k = 0; k < fold->declared_count; k++) {
    const double strength = prior_strength(&fold->declared[k]);
    declared += fabs(strength);
    liked += strength > 0 ? strength : 0;
  }
  const double share = declared < 1 ? declared : 1;
  const float *mean = ranker->prior + head->topics * stride;
  const float shrink = (float)(1 - share * CERTAIN / ((double)n + CERTAIN));
  fold->strength = head->prior * cx__ranker_regularisation(head->regularisation, head->unobserved, head->exponent,
                                                           (double)n, (double)head->items);
  for (size_t k = 0; k < stride * stride; k++) fold->matrix[k] = shrink * ranker->gram[k];
  memset(fold->vector, 0, stride * sizeof *fold->vector);
  for (size_t k = 0; k < n; k++) {
    float *row = fold->rows + k * stride;
    memcpy(row, ranker->factors + fold->evidence[k].item * stride, stride * sizeof *row);
    fold->products[k] = (float)fold->evidence[k].confidence;
  }
  kernel->combine(fold->rows, stride, n, fold->products, stride, fold->vector);
  kernel->syrk(fold->rows, stride, n, fold->products, stride, fold->matrix);
  for (size_t k = 0; k < head->factors; k++) fold->matrix[k * stride + k] += (float)fold->strength;
  for (size_t k = 0; k < fold->declared_count; k++) {
    float *row = fold->priors + k * stride;
    const double strength = prior_strength(&fold->declared[k]);
    memcpy(row, ranker->prior + fold->declared[k].topic * stride, stride * sizeof *row);
    if (strength > 0) kernel->axpy((float)(1 / (liked > 1 ? liked : 1)), mean, row, stride);
    kernel->axpy((float)(fold->strength * strength), row, fold->vector, stride);
  }
}

cx_status cx__fold_solve(cx_context *ctx, const cx_allocator *allocator, const cx_ranker *ranker, cx__fold *fold) {
  const cx__ranker_head *head = &ranker->head;
  const cx__kernel *kernel = cx__kernel_of(ctx);
  fold->taste = head->factors > 0 && head->weight_taste > 0 && fold->confident + fold->declared_count > 0;
  if (!fold->taste) return CX_OK;
  if (!reserve(allocator, head->stride, fold)) return cx__no_memory(ctx);
  assemble(kernel, ranker, fold);
  if (!cx__cholesky_float(kernel, fold->matrix, head->factors, head->stride))
    return cx__fail(ctx, CX_ERR_NUMERIC, "the person's vector cannot be solved for");
  cx__cholesky_solve_float(kernel, fold->matrix, head->factors, head->stride, fold->vector);
  if (!cx__factors_are_finite(fold->vector, head->stride))
    return cx__fail(ctx, CX_ERR_NUMERIC, "the person's vector is not finite");
  return CX_OK;
}

size_t cx__fold_terms(const cx_context *ctx, const cx_ranker *ranker, const cx__fold *fold, uint32_t item,
                      cx_ranker_term *terms) {
  const cx__ranker_head *head = &ranker->head;
  const cx__kernel *kernel = cx__kernel_of(ctx);
  const size_t stride = head->stride;
  size_t count = 0;
  memcpy(fold->solved, ranker->factors + item * stride, stride * sizeof *fold->solved);
  cx__cholesky_solve_float(kernel, fold->matrix, head->factors, stride, fold->solved);
  kernel->gemv(fold->rows, stride, fold->confident, fold->solved, stride, fold->products);
  for (size_t k = 0; k < fold->confident; k++) {
    const cx__evidence *evidence = &fold->evidence[k];
    const double value = head->weight_taste * evidence->confidence * (double)fold->products[k];
    if (value == 0) continue;
    terms[count++] = (cx_ranker_term){.kind = CX_RANKER_TERM_TASTE_EVENT,
                                      .count = evidence->count,
                                      .subject = cx__ranker_item_id(ranker, evidence->item),
                                      .value = value,
                                      .time = evidence->time};
  }
  kernel->gemv(fold->priors, stride, fold->declared_count, fold->solved, stride, fold->products);
  for (size_t k = 0; k < fold->declared_count; k++) {
    const cx__declared *declared = &fold->declared[k];
    const double value = head->weight_taste * prior_strength(declared) * fold->strength * (double)fold->products[k];
    if (value == 0) continue;
    terms[count++] = (cx_ranker_term){.kind = CX_RANKER_TERM_TASTE_PREFERENCE,
                                      .count = 1,
                                      .subject = cx__ranker_topic_id(ranker, declared->topic),
                                      .value = value,
                                      .time = declared->time};
  }
  return count;
}

void cx__fold_clear(cx__fold *fold) {
  for (size_t k = 0; k < fold->evidence_count; k++) fold->place[fold->evidence[k].item] = 0;
  fold->evidence_count = fold->confident = fold->declared_count = 0;
  fold->taste = false;
}

void cx__fold_free(const cx_allocator *allocator, cx__fold *fold) {
  cx__free(allocator, fold->evidence);
  cx__free(allocator, fold->declared);
  cx__free(allocator, fold->place);
  cx__free_aligned(allocator, fold->floats);
}

/* SPDX-License-Identifier: MIT */
/* Learning a ranker: options, catalogue, interactions, factors, and the sections that a file holds. */
#include "math/math.h"
#include "rank/rank.h"

#define FACTORS_MAX 512u
#define ITERATIONS_MAX 1000u
#define WEIGHT_MAX 1e6

cx_status cx_ranker_options_init(cx_ranker_options *opts, size_t size) {
  static const cx_ranker_options defaults = {.size = sizeof defaults,
                                             .factors = 32,
                                             .iterations = 16,
                                             .solver = CX_RANKER_SOLVER_CONJUGATE_GRADIENT,
                                             .regularisation = 0.01,
                                             .unobserved = 0.1,
                                             .exponent = 1,
                                             .deviation = 0.1,
                                             .prior = 1,
                                             .popularity_half_life = 90,
                                             .recency_half_life = 30,
                                             .weight_taste = 1,
                                             .weight_preference = 0.05,
                                             .weight_popularity = 0.2,
                                             .weight_recency = 0.1,
                                             .seed = 1,
                                             .until = CX_TIME_NONE};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

static cx_status check_number(cx_context *ctx, const char *name, double value, double least, bool open, double most) {
  if (value <= most && (open ? value > least : value >= least)) return CX_OK;
  char got[CX__NUMBER_SIZE], low[CX__NUMBER_SIZE], high[CX__NUMBER_SIZE];
  (void)cx__print_double(value, got);
  (void)cx__print_double(least, low);
  (void)cx__print_double(most, high);
  return cx__fail(ctx, CX_ERR_RANGE, "%s must be %s %s and at most %s (got %s)", name, open ? "above" : "at least", low,
                  high, got);
}

cx_status cx__ranker_options_read(cx_context *ctx, const cx_ranker_options *given, cx_ranker_options *own) {
  cx_status status = cx_ranker_options_init(own, sizeof *own);
  if (status == CX_OK) status = cx__options_read(ctx, given, own, sizeof *own);
  if (status != CX_OK) return status;
  if (own->factors > FACTORS_MAX) return cx__fail(ctx, CX_ERR_RANGE, "factors must be 0 to 512 (got %u)", own->factors);
  if (own->iterations < 1 || own->iterations > ITERATIONS_MAX)
    return cx__fail(ctx, CX_ERR_RANGE, "iterations must be 1 to 1000 (got %u)", own->iterations);
  if (own->solver != CX_RANKER_SOLVER_CHOLESKY && own->solver != CX_RANKER_SOLVER_CONJUGATE_GRADIENT)
    return cx__fail(ctx, CX_ERR_RANGE, "solver must be CX_RANKER_SOLVER_* (got %d)", own->solver);
  const struct {
    const char *name;
    double value, least;
    bool open;
    double most;
  } numbers[] = {{"regularisation", own->regularisation, 0, true, 1e9},
                 {"unobserved", own->unobserved, 0, true, 1e9},
                 {"exponent", own->exponent, 0, false, 1},
                 {"deviation", own->deviation, 0, true, 1e3},
                 {"prior", own->prior, 0, true, 1e9},
                 {"popularity_half_life", own->popularity_half_life, 0, true, 1e9},
                 {"recency_half_life", own->recency_half_life, 0, true, 1e9},
                 {"weight_taste", own->weight_taste, 0, false, WEIGHT_MAX},
                 {"weight_preference", own->weight_preference, 0, false, WEIGHT_MAX},
                 {"weight_popularity", own->weight_popularity, 0, false, WEIGHT_MAX},
                 {"weight_recency", own->weight_recency, 0, false, WEIGHT_MAX}};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    status = check_number(ctx, numbers[i].name, numbers[i].value, numbers[i].least, numbers[i].open, numbers[i].most);
    if (status != CX_OK) return status;
  }
  return CX_OK;
}

/** What a fit works with. */
typedef struct ranker_fit {
  cx_ranker_options opts;
  cx__catalogue items;
  cx__interactions data;
  cx__als als;
} ranker_fit;

static void *new_section(cx_ranker *ranker, int section, uint64_t count, size_t size) {
  void *data = cx__alloc_aligned(&ranker->allocator, (size_t)count, size);
  if (!data) return NULL;
  memset(data, 0, (size_t)count * size);
  ranker->own[section] = data;
  ranker->section[section] = data;
  ranker->size[section] = count * size;
  return data;
}

/* Texts one after the other with their offsets. */
static bool write_texts(cx_ranker *ranker, int text_section, int offsets_section, size_t n,
                        cx_text (*get)(const void *user, size_t number), const void *user) {
  uint64_t *offsets = new_section(ranker, offsets_section, n + 1, sizeof *offsets);
  if (!offsets) return false;
  for (size_t i = 0; i < n; i++) offsets[i + 1] = offsets[i] + get(user, i).size;
  char *bytes = new_section(ranker, text_section, offsets[n], 1);
  if (!bytes) return false;
  for (size_t i = 0; i < n; i++) {
    const cx_text text = get(user, i);
    if (text.size > 0) memcpy(bytes + offsets[i], text.data, text.size);
  }
  return true;
}

static cx_text item_id(const void *user, size_t number) {
  const cx__catalogue *items = user;
  return cx__interner_get(items->ids, items->order.sorted[number]);
}

static cx_text item_title(const void *user, size_t number) {
  const cx__catalogue *items = user;
  return items->titles[number];
}

static cx_text topic_id(const void *user, size_t number) {
  const cx__catalogue *items = user;
  return cx__interner_get(items->topic_ids, items->topic_order.sorted[number]);
}

static bool write_catalogue(cx_ranker *ranker, const cx__catalogue *items) {
  const size_t n = items->count;
  if (!write_texts(ranker, CX__RANKER_ITEM_TEXT, CX__RANKER_ITEM_OFFSETS, n, item_id, items) ||
      !write_texts(ranker, CX__RANKER_TITLE_TEXT, CX__RANKER_TITLE_OFFSETS, n, item_title, items) ||
      !write_texts(ranker, CX__RANKER_TOPIC_TEXT, CX__RANKER_TOPIC_OFFSETS, items->topics, topic_id, items))
    return false;
  uint32_t *index = new_section(ranker, CX__RANKER_ITEM_INDEX, ranker->head.slots, sizeof *index);
  uint64_t *rows = new_section(ranker, CX__RANKER_TOPIC_ROWS, (uint64_t)items->topics + 1, sizeof *rows);
  uint32_t *members = new_section(ranker, CX__RANKER_TOPIC_ITEMS, items->topic_offsets[items->topics], sizeof *members);
  int64_t *from = new_section(ranker, CX__RANKER_VALID_FROM, n, sizeof *from);
  int64_t *until = new_section(ranker, CX__RANKER_VALID_UNTIL, n, sizeof *until);
  if (!index || !rows || !members || !from || !until) return false;
  cx__ranker_index_fill(index, ranker->head.slots, ranker->own[CX__RANKER_ITEM_TEXT],
                        ranker->own[CX__RANKER_ITEM_OFFSETS], items->count);
  memcpy(rows, items->topic_offsets, ((size_t)items->topics + 1) * sizeof *rows);
  if (items->topic_items) memcpy(members, items->topic_items, (size_t)rows[items->topics] * sizeof *members);
  memcpy(from, items->valid_from, n * sizeof *from);
  memcpy(until, items->valid_until, n * sizeof *until);
  return true;
}

/* log1p of the decayed sums on a scale of 0 to 1. */
static void scale_popularity(const double *sums, size_t n, double *out) {
  double most = 0;
  for (size_t i = 0; i < n; i++) most = sums[i] > most ? sums[i] : most;
  for (size_t i = 0; i < n; i++) out[i] = most > 0 ? log1p(sums[i]) / log1p(most) : 0;
  for (size_t i = 0; i < n; i++) out[i] = out[i] < 1 ? out[i] : 1;
}

/* Recency at one instant; a request moves it by a factor. The exponent is bounded so that nothing overflows. */
static double recency_of(int64_t published, int64_t at, double half_life) {
  if (published == CX_TIME_NONE) return 0;
  double age = ((double)at - (double)published) / ((double)CX__DAY * half_life);
  if (age > 500) age = 500;
  if (age < -500) age = -500;
  return exp2(-age);
}

static bool write_scores(cx_ranker *ranker, const ranker_fit *fit) {
  const size_t n = fit->items.count;
  double *popularity = new_section(ranker, CX__RANKER_POPULARITY, n, sizeof *popularity);
  double *recency = new_section(ranker, CX__RANKER_RECENCY, n, sizeof *recency);
  if (!popularity || !recency) return false;
  scale_popularity(fit->data.popularity, n, popularity);
  int64_t at = fit->data.until;
  for (size_t i = 0; i < n; i++)
    if (at == CX_TIME_NONE) at = fit->items.published[i];
  ranker->head.recency_at = at;
  for (size_t i = 0; i < n; i++) recency[i] = recency_of(fit->items.published[i], at, fit->opts.recency_half_life);
  return true;
}

static void write_head(cx_ranker *ranker, const ranker_fit *fit) {
  const cx_ranker_options *opts = &fit->opts;
  cx__ranker_head *head = &ranker->head;
  head->factors = fit->data.pairs > 0 ? opts->factors : 0;
  head->stride = (head->factors + 15) / 16 * 16;
  head->iterations = head->factors > 0 ? opts->iterations : 0;
  head->solver = opts->solver;
  head->people = fit->data.known;
  head->items = fit->items.count;
  head->topics = fit->items.topics;
  head->interactions = fit->data.pairs;
  head->anonymous = fit->data.anonymous;
  head->slots = 4;
  while (head->slots < 2 * head->items) head->slots *= 2;
  head->seed = opts->seed;
  head->until = fit->data.until;
  head->regularisation = opts->regularisation;
  head->unobserved = opts->unobserved;
  head->exponent = opts->exponent;
  head->deviation = opts->deviation;
  head->prior = opts->prior;
  head->popularity_half_life = opts->popularity_half_life;
  head->recency_half_life = opts->recency_half_life;
  head->weight_taste = opts->weight_taste;
  head->weight_preference = opts->weight_preference;
  head->weight_popularity = opts->weight_popularity;
  head->weight_recency = opts->weight_recency;
}

static cx_status write_taste(cx_context *ctx, cx_ranker *ranker, ranker_fit *fit) {
  const cx__ranker_head *head = &ranker->head;
  const size_t stride = head->stride;
  cx__als *als = &fit->als;
  als->kernel = cx__kernel_of(ctx);
  als->factors = head->factors;
  als->stride = stride;
  als->solver = head->solver;
  als->iterations = head->iterations;
  als->regularisation = head->regularisation;
  als->unobserved = head->unobserved;
  als->exponent = head->exponent;
  als->deviation = head->deviation;
  als->seed = head->seed;
  als->data = &fit->data;
  als->people = fit->data.people_count;
  als->items = fit->items.count;
  als->items_factors = new_section(ranker, CX__RANKER_FACTORS, als->items * stride, sizeof(float));
  als->gram = new_section(ranker, CX__RANKER_GRAM, stride * stride, sizeof(float));
  float *prior = new_section(ranker, CX__RANKER_PRIOR, (head->topics + 1) * stride, sizeof(float));
  if (!als->items_factors || !als->gram || !prior) return cx__no_memory(ctx);
  if (head->factors == 0) return CX_OK;
  als->people_factors = cx__alloc_aligned(&ranker->allocator, als->people * stride, sizeof(float));
  if (!als->people_factors) return cx__no_memory(ctx);
  cx_status status = cx__als_fit(ctx, als);
  if (status == CX_OK) status = cx__prior_learn(ctx, als, &fit->items, prior);
  ranker->head.objective = als->objective / (double)head->people;
  return status;
}

static cx_status fit_ranker(cx_context *ctx, const cx_table *interactions, const cx_table *items, ranker_fit *fit,
                            cx_ranker *ranker) {
  cx_status status = cx__catalogue_read(ctx, interactions, items, &fit->items);
  if (status == CX_OK)
    status = cx__interactions_read(ctx, interactions, "interactions", &fit->items, fit->opts.until,
                                   fit->opts.popularity_half_life, &fit->data);
  if (status != CX_OK) return status;
  write_head(ranker, fit);
  if (!write_catalogue(ranker, &fit->items) || !write_scores(ranker, fit)) return cx__no_memory(ctx);
  status = write_taste(ctx, ranker, fit);
  if (status != CX_OK) return status;
  void *head = new_section(ranker, CX__RANKER_HEAD, 1, sizeof ranker->head);
  if (!head) return cx__no_memory(ctx);
  memcpy(head, &ranker->head, sizeof ranker->head);
  cx__ranker_bind(ranker);
  return CX_OK;
}

cx_status cx__ranker_fit_people(cx_context *ctx, const cx_table *interactions, const cx_table *items,
                                const cx_ranker_options *opts, cx__ranker_people *people, cx_ranker **out) {
  ranker_fit fit;
  memset(&fit, 0, sizeof fit);
  cx_status status = cx__ranker_options_read(ctx, opts, &fit.opts);
  if (status != CX_OK) return status;
  const cx_allocator *allocator = cx__allocator(ctx);
  cx_ranker *ranker = cx__alloc_zero(allocator, sizeof *ranker);
  if (!ranker) return cx__no_memory(ctx);
  ranker->allocator = *allocator;
  status = fit_ranker(ctx, interactions, items, &fit, ranker);
  if (status == CX_OK && people) {
    *people = (cx__ranker_people){.items = fit.items, .data = fit.data, .factors = fit.als.people_factors};
  } else {
    cx__free_aligned(allocator, fit.als.people_factors);
    cx__interactions_free(&fit.data);
    cx__catalogue_free(&fit.items);
  }
  if (status == CX_OK)
    *out = ranker;
  else
    cx_ranker_free(ranker);
  return status;
}

void cx__ranker_people_free(cx__ranker_people *people) {
  const cx_allocator allocator = people->items.allocator;
  if (!allocator.free) return;
  cx__free_aligned(&allocator, people->factors);
  cx__interactions_free(&people->data);
  cx__catalogue_free(&people->items);
}

cx_status cx_ranker_fit(cx_context *ctx, const cx_table *interactions, const cx_table *items,
                        const cx_ranker_options *opts, cx_ranker **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!interactions) return cx__null(ctx, "interactions");
  return cx__ranker_fit_people(ctx, interactions, items, opts, NULL, out);
}

void cx_ranker_free(cx_ranker *ranker) {
  if (!ranker) return;
  const cx_allocator allocator = ranker->allocator;
  for (int i = 0; i < CX__RANKER_SECTIONS; i++) cx__free_aligned(&allocator, ranker->own[i]);
  cx__model_free(ranker->model);
  cx__free(&allocator, ranker);
}

cx_status cx_ranker_get_info(const cx_ranker *ranker, cx_ranker_info *out) {
  if (!ranker || !out) return CX_ERR_INVALID;
  const cx__ranker_head *head = &ranker->head;
  const cx_ranker_info info = {.size = sizeof info,
                               .factors = head->factors,
                               .people = head->people,
                               .items = head->items,
                               .topics = head->topics,
                               .interactions = head->interactions,
                               .anonymous = head->anonymous,
                               .iterations = head->iterations,
                               .objective = head->objective,
                               .until = head->until};
  return cx__result_write(NULL, out, &info, sizeof info);
}

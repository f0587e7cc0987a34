/* SPDX-License-Identifier: MIT */
/* How well a ranker finds what people did later. */
#include "rank/list.h"

#include <cx/metric.h>

#define K_MAX 10000u
#define CHUNK_USERS 16u

/** An evaluation: the ranker with the people it learned from, and the test by person. */
typedef struct evaluation {
  const cx__kernel *kernel;
  cx_ranker *ranker;
  cx__ranker_people train;
  cx__catalogue test_items;
  cx__interactions test;
  size_t k, users;
  uint64_t unknown;
  uint32_t *people;  /* user -> row of the training */
  int64_t *ranked;   /* users * k */
  int64_t *relevant; /* items of the ranker; from their number on: items it does not know */
  int64_t *offsets;
  float *scores; /* by worker */
  cx__best *best;
} evaluation;

/* Ranks what a person has not seen in the training. */
static void rank_user(const evaluation *job, size_t user, float *scores, cx__best *best) {
  const cx_ranker *ranker = job->ranker;
  const cx__ranker_head *head = &ranker->head;
  const cx__interactions *data = &job->train.data;
  const size_t n = (size_t)head->items, person = job->people[user];
  if (head->factors > 0)
    job->kernel->gemv(ranker->factors, head->stride, n, job->train.factors + person * head->stride, head->stride,
                      scores);
  else
    memset(scores, 0, n * sizeof *scores);
  const float taste = (float)head->weight_taste;
  for (size_t i = 0; i < n; i++)
    scores[i] = scores[i] * taste + (float)(head->weight_popularity * ranker->popularity[i]);
  uint64_t seen = data->person_offsets[person];
  const uint64_t end = data->person_offsets[person + 1];
  size_t found = 0;
  for (size_t i = 0; i < n; i++) {
    if (seen < end && data->person_items[seen] == i)
      seen++;
    else if (found < job->k || scores[i] > best[0].score)
      cx__best_add(best, &found, job->k, scores[i], (uint32_t)i);
  }
  cx__best_sort(best, found);
  for (size_t r = 0; r < job->k; r++) job->ranked[user * job->k + r] = r < found ? (int64_t)best[r].item : -1;
}

static cx_status rank_chunk(void *user, size_t chunk, uint32_t worker) {
  const evaluation *job = user;
  const size_t begin = chunk * CHUNK_USERS;
  const size_t end = begin + CHUNK_USERS < job->users ? begin + CHUNK_USERS : job->users;
  const size_t items = ((size_t)job->ranker->head.items + 15) / 16 * 16;
  for (size_t u = begin; u < end; u++) rank_user(job, u, job->scores + worker * items, job->best + worker * job->k);
  return CX_OK;
}

static bool find_person(const evaluation *job, uint32_t person, uint32_t *row) {
  return cx__interner_find(job->train.data.people, cx__interner_get(job->test.people, person), row);
}

/* Who of the test is known, and what is relevant to them. */
static void collect_users(evaluation *job) {
  const cx__interactions *test = &job->test;
  int64_t count = 0;
  int64_t strange = (int64_t)job->ranker->head.items;
  job->offsets[0] = 0;
  for (uint32_t p = 0; p < test->people_count; p++) {
    const int64_t before = count;
    uint32_t row = 0;
    const bool known = find_person(job, p, &row);
    bool any = false;
    for (uint64_t k = test->person_offsets[p]; k < test->person_offsets[p + 1]; k++) {
      if (!(test->person_weights[k] > 0)) continue;
      any = true;
      const cx_text id = cx__interner_get(job->test_items.ids, job->test_items.order.sorted[test->person_items[k]]);
      uint32_t item;
      job->relevant[count++] = cx__ranker_find_item(job->ranker, id, &item) ? (int64_t)item : strange++;
    }
    if (any && !known) job->unknown++;
    if (!any || !known) {
      count = before;
      continue;
    }
    job->people[job->users++] = row;
    job->offsets[job->users] = count;
  }
}

static cx_status run(cx_context *ctx, evaluation *job, uint32_t resamples, cx_ranker_evaluation *out) {
  const cx_allocator *allocator = cx__allocator(ctx);
  const size_t people = job->test.people_count, pairs = (size_t)job->test.person_offsets[people];
  job->people = cx__alloc_array(allocator, people, sizeof *job->people);
  job->offsets = cx__alloc_array(allocator, people + 1, sizeof *job->offsets);
  job->relevant = cx__alloc_array(allocator, pairs, sizeof *job->relevant);
  if (!job->people || !job->offsets || !job->relevant) return cx__no_memory(ctx);
  collect_users(job);
  if (job->users == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "nobody of the test is known from the training");
  const size_t items = ((size_t)job->ranker->head.items + 15) / 16 * 16, threads = cx__threads(ctx);
  if (job->users > SIZE_MAX / job->k) return cx__no_memory(ctx);
  job->ranked = cx__alloc_array(allocator, job->users * job->k, sizeof *job->ranked);
  job->scores = cx__alloc_aligned(allocator, items * threads, sizeof *job->scores);
  job->best = cx__alloc_array(allocator, job->k * threads, sizeof *job->best);
  if (!job->ranked || !job->scores || !job->best) return cx__no_memory(ctx);
  job->kernel = cx__kernel_of(ctx);
  cx_status status = cx__parallel(ctx, (job->users + CHUNK_USERS - 1) / CHUNK_USERS, rank_chunk, job);
  cx_metric_options opts;
  if (status == CX_OK) status = cx_metric_options_init(&opts, sizeof opts);
  if (status != CX_OK) return status;
  opts.resamples = resamples;
  cx_metric_ranking metric;
  status = cx_metric_rank(ctx, job->ranked, job->users, job->k, job->relevant, job->offsets, &opts, &metric);
  if (status != CX_OK) return status;
  const cx_ranker_evaluation own = {.size = sizeof own,
                                    .k = (uint32_t)job->k,
                                    .users = job->users,
                                    .unknown = job->unknown,
                                    .recall = metric.recall,
                                    .precision = metric.precision,
                                    .ndcg = metric.ndcg,
                                    .map = metric.map};
  return cx__result_write(ctx, out, &own, sizeof own);
}

static void free_evaluation(const cx_allocator *allocator, evaluation *job) {
  cx_ranker_free(job->ranker);
  cx__ranker_people_free(&job->train);
  cx__interactions_free(&job->test);
  cx__catalogue_free(&job->test_items);
  cx__free(allocator, job->people);
  cx__free(allocator, job->ranked);
  cx__free(allocator, job->relevant);
  cx__free(allocator, job->offsets);
  cx__free_aligned(allocator, job->scores);
  cx__free(allocator, job->best);
}

cx_status cx_ranker_evaluate(cx_context *ctx, const cx_table *train, const cx_table *test,
                             const cx_ranker_options *opts, uint32_t k, uint32_t resamples, cx_ranker_evaluation *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!train) return cx__null(ctx, "train");
  if (!test) return cx__null(ctx, "test");
  if (!out) return cx__null(ctx, "out");
  status = cx__result_check(ctx, out);
  if (status != CX_OK) return status;
  if (k < 1 || k > K_MAX) return cx__fail(ctx, CX_ERR_RANGE, "k must be 1 to 10000 (got %u)", k);
  evaluation job;
  memset(&job, 0, sizeof job);
  job.k = k;
  status = cx__catalogue_read(ctx, test, NULL, &job.test_items);
  if (status == CX_OK) status = cx__interactions_read(ctx, test, "test", &job.test_items, CX_TIME_NONE, 0, &job.test);
  if (status == CX_OK) status = cx__ranker_fit_people(ctx, train, NULL, opts, &job.train, &job.ranker);
  if (status == CX_OK && job.train.data.person_type != job.test.person_type)
    status = cx__fail(ctx, CX_ERR_TYPE, "column person must have one type in train and test");
  if (status == CX_OK) status = run(ctx, &job, resamples, out);
  free_evaluation(cx__allocator(ctx), &job);
  return status;
}

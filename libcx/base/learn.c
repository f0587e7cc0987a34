/* SPDX-License-Identifier: MIT */
/* Learning: all models are fitted to the store, saved beside it, and become the current ones together. */
#include "base/base.h"
#include "lifecycle/history.h"

#include <unistd.h>

cx_status cx_base_learn_options_init(cx_base_learn_options *opts, size_t size) {
  static const cx_base_learn_options defaults = {.size = sizeof defaults, .until = CX_TIME_NONE};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

/** What a learning makes before any of it is made current. */
typedef struct learned {
  cx_lifecycle *lifecycle;
  cx_stage *stage;
  cx_ranker *ranker;
} learned;

static bool is_too_little(cx_status status) { return status == CX_ERR_NO_DATA; }

static cx_status learn_stage(cx_context *ctx, cx_base *base, const cx_store_query *query, learned *models,
                             cx_base_learn_report *report) {
  cx_table *purchases = NULL;
  cx_history *history = NULL;
  cx_history_options opts;
  cx_status status = cx_history_options_init(&opts, sizeof opts);
  opts.until = query->until;
  if (status == CX_OK) status = cx_store_read_purchases(ctx, base->store, query, &purchases, &report->left_out);
  if (status == CX_OK) status = cx_history_build(ctx, purchases, &opts, &history);
  if (status == CX_OK) status = cx_lifecycle_fit(ctx, history, NULL, &models->lifecycle);
  report->lifecycle_status = status;
  if (status == CX_OK) status = cx_stage_fit(ctx, purchases, &opts, models->lifecycle, NULL, &models->stage);
  report->stage_status = status;
  cx_history_free(history);
  cx_table_free(purchases);
  return is_too_little(status) ? cx__begin(ctx) : status;
}

static cx_status learn_ranker(cx_context *ctx, cx_base *base, const cx_store_query *query,
                              const cx_ranker_options *opts, learned *models, cx_base_learn_report *report) {
  cx_table *interactions = NULL, *contents = NULL;
  uint64_t left_out = 0;
  cx_status status = cx_store_read_interactions(ctx, base->store, query, &interactions, &left_out);
  if (left_out > report->left_out) report->left_out = left_out;
  if (status == CX_OK) status = cx_store_read_contents(ctx, base->store, query, &contents);
  if (status == CX_OK) status = cx_ranker_fit(ctx, interactions, contents, opts, &models->ranker);
  report->ranker_status = status;
  cx_table_free(interactions);
  cx_table_free(contents);
  return is_too_little(status) ? cx__begin(ctx) : status;
}

/** Saves every model that was learned under the next generation; what was written is removed again when one fails. */
static cx_status save(cx_context *ctx, cx_base *base, const learned *models, uint64_t generation) {
  cx_store_info store = {.size = sizeof store};
  cx_model_save_options opts;
  cx__buffer path;
  cx__buffer_init(&path, &base->allocator);
  cx_status status = cx_model_save_options_init(&opts, sizeof opts);
  if (status == CX_OK) status = cx_store_get_info(ctx, base->store, &store);
  memcpy(opts.store_id, store.id, sizeof opts.store_id);
  opts.generation = generation;
  if (status == CX_OK && models->lifecycle) {
    status = cx__base_model_path(ctx, base, "lifecycle", generation, &path);
    if (status == CX_OK) status = cx_lifecycle_save(ctx, models->lifecycle, path.data, &opts);
  }
  if (status == CX_OK && models->stage) {
    status = cx__base_model_path(ctx, base, "stage", generation, &path);
    if (status == CX_OK) status = cx_stage_save(ctx, models->stage, path.data, &opts);
  }
  if (status == CX_OK && models->ranker) {
    status = cx__base_model_path(ctx, base, "ranker", generation, &path);
    if (status == CX_OK) status = cx_ranker_save(ctx, models->ranker, path.data, &opts);
  }
  cx__buffer_free(&path);
  return status;
}

static cx_status set_current(cx_context *ctx, cx_base *base, const learned *models, uint64_t generation) {
  cx_status status = cx_store_set_model(ctx, base->store, "lifecycle", models->lifecycle ? generation : 0);
  if (status == CX_OK) status = cx_store_set_model(ctx, base->store, "stage", models->stage ? generation : 0);
  if (status == CX_OK) status = cx_store_set_model(ctx, base->store, "ranker", models->ranker ? generation : 0);
  return status;
}

static void remove_generation(cx_context *ctx, cx_base *base, uint64_t generation) {
  static const char *const kinds[] = {"lifecycle", "stage", "ranker"};
  cx__buffer path;
  cx__buffer_init(&path, &base->allocator);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (generation > 0 && cx__base_model_path(ctx, base, kinds[i], generation, &path) == CX_OK) (void)unlink(path.data);
  cx__buffer_free(&path);
}

cx_status cx__base_last_generation(cx_context *ctx, cx_base *base, uint64_t *out) {
  static const char *const kinds[] = {"lifecycle", "stage", "ranker"};
  *out = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    uint64_t generation = 0;
    const cx_status status = cx_store_get_model(ctx, base->store, kinds[i], &generation);
    if (status != CX_OK) return status;
    if (generation > *out) *out = generation;
  }
  return CX_OK;
}

/** Saves the models and names them as the current ones in one transaction. The generation is counted inside it: while
 *  another process learns too, its files are neither written over nor removed. */
static cx_status publish(cx_context *ctx, cx_base *base, const learned *models, uint64_t *before) {
  cx_status status = cx_store_begin(ctx, base->store);
  if (status != CX_OK) return status;
  status = cx__base_last_generation(ctx, base, before);
  if (status == CX_OK) {
    status = save(ctx, base, models, *before + 1);
    if (status == CX_OK) status = set_current(ctx, base, models, *before + 1);
    const bool committing = status == CX_OK;
    if (committing) status = cx_store_commit(ctx, base->store);
    if (status != CX_OK) remove_generation(NULL, base, *before + 1);
    if (committing) return status;
  }
  const cx_status undone = cx_store_rollback(NULL, base->store);
  (void)undone; /* the first failure is the one to tell */
  return status;
}

static cx_status learn(cx_context *ctx, cx_base *base, const cx_base_learn_options *opts, learned *models,
                       cx_base_learn_report *report) {
  cx_store_info info = {.size = sizeof info};
  cx_store_query query;
  if (opts->reserved != 0) return cx__fail(ctx, CX_ERR_INVALID, "reserved must be 0 (got %u)", opts->reserved);
  if (opts->until != CX_TIME_NONE && (opts->until < -CX__HISTORY_LATEST || opts->until > CX__HISTORY_LATEST))
    return cx__fail(ctx, CX_ERR_RANGE, "until is out of range");
  cx_status status = cx_store_get_info(ctx, base->store, &info);
  if (status == CX_OK) status = cx_store_query_init(&query, sizeof query);
  if (status != CX_OK) return status;
  /* The whole of the last day is learned from, or as much of it as there is. */
  const int64_t last = opts->until == CX_TIME_NONE ? info.last : (cx__day_of(opts->until) + 1) * CX__DAY - 1;
  if (info.last == CX_TIME_NONE) return cx__fail(ctx, CX_ERR_NO_DATA, "the store has no events to learn from");
  query.until = report->until = last;
  cx_ranker_options ranker;
  status = cx_ranker_options_init(&ranker, sizeof ranker);
  if (status == CX_OK) status = cx__options_read(ctx, opts->ranker, &ranker, sizeof ranker);
  if (status != CX_OK) return status;
  ranker.until = last;
  status = learn_stage(ctx, base, &query, models, report);
  if (status == CX_OK) status = learn_ranker(ctx, base, &query, &ranker, models, report);
  if (status != CX_OK) return status;
  if (!models->lifecycle && !models->ranker)
    return cx__fail(ctx, CX_ERR_NO_DATA,
                    "the store has too little to learn from: no repeat purchase and no interaction");
  return CX_OK;
}

cx_status cx_base_learn(cx_context *ctx, cx_base *base, const cx_base_learn_options *opts,
                        cx_base_learn_report *report) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!base) return cx__null(ctx, "base");
  if (report) status = cx__result_check(ctx, report);
  if (status != CX_OK) return status;
  cx_base_learn_options own;
  status = cx_base_learn_options_init(&own, sizeof own);
  if (status == CX_OK) status = cx__options_read(ctx, opts, &own, sizeof own);
  cx_base_learn_report result = {.size = sizeof result,
                                 .lifecycle_status = CX_ERR_NO_DATA,
                                 .stage_status = CX_ERR_NO_DATA,
                                 .ranker_status = CX_ERR_NO_DATA};
  learned models = {NULL, NULL, NULL};
  uint64_t before = 0;
  if (status == CX_OK) status = learn(ctx, base, &own, &models, &result);
  if (status == CX_OK) status = publish(ctx, base, &models, &before);
  result.generation = before + 1;
  cx_lifecycle_free(models.lifecycle);
  cx_stage_free(models.stage);
  cx_ranker_free(models.ranker);
  /* A process that has the old files mapped keeps them; the names go. */
  if (status == CX_OK) remove_generation(NULL, base, before);
  if (status == CX_OK) status = cx__base_open_models(ctx, base);
  return status == CX_OK && report ? cx__result_write(ctx, report, &result, sizeof result) : status;
}

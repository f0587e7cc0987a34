/* SPDX-License-Identifier: MIT */
/* A store with its current models. */
#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

cx_status cx__base_model_path(cx_context *ctx, const cx_base *base, const char *kind, uint64_t generation,
                              cx__buffer *out) {
  char number[24];
  (void)snprintf(number, sizeof number, ".%llu", (unsigned long long)generation);
  out->size = 0;
  if (!cx__buffer_append_text(out, base->path) || !cx__buffer_append(out, "-", 1) ||
      !cx__buffer_append_text(out, kind) || !cx__buffer_append(out, number, strlen(number) + 1))
    return cx__no_memory(ctx);
  return CX_OK;
}

typedef cx_status (*open_fn)(cx_context *ctx, const char *path, void *out);

static cx_status open_lifecycle(cx_context *ctx, const char *path, void *out) {
  return cx_lifecycle_open(ctx, path, NULL, out);
}

static cx_status open_stage(cx_context *ctx, const char *path, void *out) {
  return cx_stage_open(ctx, path, NULL, out);
}

static cx_status open_ranker(cx_context *ctx, const char *path, void *out) {
  return cx_ranker_open(ctx, path, NULL, out);
}

/** Opens the current model of a kind; leaves *out NULL when there is none. The file must be of this store: another
 * shop's model under the right name is an error, not an answer. */
static cx_status open_current(cx_context *ctx, cx_base *base, const char *kind, open_fn open, void *out) {
  uint64_t generation = 0;
  cx_status status = cx_store_get_model(ctx, base->store, kind, &generation);
  if (status != CX_OK || generation == 0) return status;
  cx__buffer path;
  cx__buffer_init(&path, &base->allocator);
  cx_store_info store = {.size = sizeof store};
  cx_model_info info = {.size = sizeof info};
  status = cx__base_model_path(ctx, base, kind, generation, &path);
  if (status == CX_OK) status = cx_store_get_info(ctx, base->store, &store);
  if (status == CX_OK) status = cx_model_read_info(ctx, path.data, &info);
  if (status == CX_OK && (memcmp(info.store_id, store.id, sizeof store.id) != 0 || info.generation != generation))
    status = cx__fail_at(ctx, CX_ERR_CORRUPT, path.data, 0, UINT64_MAX, "the %s model is not of this store", kind);
  if (status == CX_OK) status = open(ctx, path.data, out);
  cx__buffer_free(&path);
  return status;
}

static void free_models(cx_base *base) {
  cx_lifecycle_free(base->lifecycle);
  cx_stage_free(base->stage);
  cx_ranker_free(base->ranker);
  base->lifecycle = NULL;
  base->stage = NULL;
  base->ranker = NULL;
}

static cx_status open_models(cx_context *ctx, cx_base *base) {
  cx_lifecycle *lifecycle = NULL;
  cx_stage *stage = NULL;
  cx_ranker *ranker = NULL;
  cx_status status = open_current(ctx, base, "lifecycle", open_lifecycle, &lifecycle);
  if (status == CX_OK) status = open_current(ctx, base, "stage", open_stage, &stage);
  if (status == CX_OK) status = open_current(ctx, base, "ranker", open_ranker, &ranker);
  if (status != CX_OK) {
    cx_lifecycle_free(lifecycle);
    cx_stage_free(stage);
    cx_ranker_free(ranker);
    return status;
  }
  free_models(base);
  base->lifecycle = lifecycle;
  base->stage = stage;
  base->ranker = ranker;
  return CX_OK;
}

cx_status cx__base_open_models(cx_context *ctx, cx_base *base) {
  /* Another process may learn between the name and the file: then the name has changed, and the new file is there. */
  cx_status status = CX_OK;
  uint64_t before, after = 0;
  for (int attempt = 0; attempt < 5; attempt++) {
    status = cx__base_last_generation(ctx, base, &before);
    if (status == CX_OK) status = open_models(ctx, base);
    if (status != CX_ERR_IO && status != CX_ERR_NOT_FOUND) return status;
    if (cx__base_last_generation(NULL, base, &after) != CX_OK || after == before) return status;
  }
  return status;
}

cx_status cx_base_open(cx_context *ctx, const char *path, const cx_store_options *opts, cx_base **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!path) return cx__null(ctx, "path");
  const cx_allocator *allocator = cx__allocator(ctx);
  cx_base *base = cx__alloc_zero(allocator, sizeof *base);
  if (!base) return cx__no_memory(ctx);
  base->allocator = *allocator;
  const size_t size = strlen(path) + 1;
  base->path = cx__alloc(allocator, size);
  if (base->path) {
    memcpy(base->path, path, size);
    status = cx_store_open(ctx, path, opts, &base->store);
    if (status == CX_OK) status = cx__base_open_models(ctx, base);
  } else {
    status = cx__no_memory(ctx);
  }
  if (status != CX_OK) {
    cx_base_free(base);
    return status;
  }
  *out = base;
  return CX_OK;
}

void cx_base_free(cx_base *base) {
  if (!base) return;
  const cx_allocator allocator = base->allocator;
  free_models(base);
  cx_store_free(base->store);
  cx__free(&allocator, base->path);
  cx__free(&allocator, base);
}

cx_store *cx_base_store(cx_base *base) { return base ? base->store : NULL; }

const cx_lifecycle *cx_base_lifecycle(const cx_base *base) { return base ? base->lifecycle : NULL; }

const cx_stage *cx_base_stage(const cx_base *base) { return base ? base->stage : NULL; }

const cx_ranker *cx_base_ranker(const cx_base *base) { return base ? base->ranker : NULL; }

cx_status cx_base_import(cx_context *ctx, cx_base *base, const cx_format_source *source,
                         const cx_store_import_options *opts, cx_store_import_report *report) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!base) return cx__null(ctx, "base");
  return cx_store_import(ctx, base->store, source, opts, report);
}

cx_status cx_base_show(cx_context *ctx, cx_base *base, cx_text id, int64_t at, cx_profile *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!base) return cx__null(ctx, "base");
  if (!out) return cx__null(ctx, "out");
  int64_t person;
  status = cx_store_find_person(ctx, base->store, id, &person);
  return status == CX_OK ? cx_store_read_profile(ctx, base->store, person, at, out) : status;
}

static cx_status nothing_learned(cx_context *ctx, const char *kind) {
  return cx__fail(ctx, CX_ERR_NO_DATA, "the base has no %s model: learn first", kind);
}

cx_status cx_base_infer(cx_context *ctx, cx_base *base, const cx_profile *profile, cx_stage_result *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!base) return cx__null(ctx, "base");
  if (!base->stage) return nothing_learned(ctx, "stage");
  cx_history_options opts = {.size = sizeof opts};
  status = cx_stage_get_options(base->stage, &opts);
  cx_history_row row;
  opts.until = cx_profile_time(profile);
  if (status == CX_OK) status = cx_history_of_profile(ctx, profile, &opts, &row);
  return status == CX_OK ? cx_stage_infer(ctx, base->stage, &row, out) : status;
}

cx_status cx_base_rank(cx_context *ctx, cx_base *base, const cx_profile *profile, const cx_ranker_request *request,
                       cx_ranker_list *list) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!base) return cx__null(ctx, "base");
  if (!base->ranker) return nothing_learned(ctx, "ranker");
  return cx_ranker_rank(ctx, base->ranker, profile, request, list);
}

/** The columns of cx_base_infer_all(): person, stage, one for each stage, again, expected. */
static bool add_columns(cx__table_builder *builder) {
  bool good = cx__table_builder_add_column(builder, "person", CX_TYPE_INT64) &&
              cx__table_builder_add_column(builder, "stage", CX_TYPE_INT64);
  for (int32_t stage = 0; good && stage < CX_STAGE_COUNT; stage++)
    good = cx__table_builder_add_column(builder, cx_stage_text(stage), CX_TYPE_DOUBLE);
  return good && cx__table_builder_add_column(builder, "again", CX_TYPE_DOUBLE) &&
         cx__table_builder_add_column(builder, "expected", CX_TYPE_DOUBLE);
}

static bool add_result(cx__table_builder *builder, int64_t person, const cx_stage_result *result) {
  bool good = cx__table_builder_int64(builder, 0, person) && cx__table_builder_int64(builder, 1, result->stage);
  for (size_t stage = 0; good && stage < CX_STAGE_COUNT; stage++)
    good = cx__table_builder_double(builder, 2 + stage, result->probabilities[stage]);
  return good && cx__table_builder_double(builder, 2 + CX_STAGE_COUNT, result->again) &&
         cx__table_builder_double(builder, 3 + CX_STAGE_COUNT, result->expected);
}

/** Histories to look up by customer. */
typedef struct lookup {
  const int64_t *keys;
  const cx_history_row *rows;
  uint32_t *order; /* rows by ascending key */
  size_t count;
} lookup;

static void free_lookup(const cx_allocator *allocator, lookup *index, cx_table *summary) {
  cx__free(allocator, index->order);
  cx_table_free(summary);
}

/** @p summary holds the keys and must live as long as the index. */
static cx_status make_lookup(cx_context *ctx, const cx_history *history, lookup *out, cx_table **summary) {
  memset(out, 0, sizeof *out);
  *summary = NULL;
  if (!history) return CX_OK;
  cx_column customer;
  cx_status status = cx_history_to_table(ctx, history, summary);
  if (status == CX_OK) status = cx__table_need_column(ctx, *summary, "customer", 1u << CX_TYPE_INT64, &customer);
  if (status != CX_OK) return status;
  const cx_allocator *allocator = cx__allocator(ctx);
  const size_t count = cx_table_rows(*summary);
  uint32_t *scratch = cx__alloc_array(allocator, count, sizeof *scratch);
  out->order = cx__alloc_array(allocator, count, sizeof *out->order);
  if (scratch && out->order) {
    for (size_t i = 0; i < count; i++) out->order[i] = (uint32_t)i;
    cx__sort_index_int64(customer.values, out->order, count, scratch);
    out->keys = customer.values;
    out->rows = cx_history_rows(history);
    out->count = count;
  } else {
    status = cx__no_memory(ctx);
  }
  cx__free(allocator, scratch);
  return status;
}

/** The history of a customer; NULL for somebody who never bought. */
static const cx_history_row *find(const lookup *index, int64_t key) {
  size_t low = 0, high = index->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (index->keys[index->order[middle]] < key)
      low = middle + 1;
    else
      high = middle;
  }
  return low < index->count && index->keys[index->order[low]] == key ? &index->rows[index->order[low]] : NULL;
}

/** Everybody's stage: the histories of those who bought, and prospects for all others, in the order of @p people. */
static cx_status infer_people(cx_context *ctx, const cx_stage *stage, const lookup *index, const cx_table *people,
                              cx_table **out) {
  static const cx_history_row prospect = {.monetary = (double)NAN, .first = CX_TIME_NONE};
  cx_column person;
  cx_status status = cx__table_need_column(ctx, people, "person", 1u << CX_TYPE_INT64, &person);
  if (status != CX_OK) return status;
  cx__table_builder *builder = cx__table_builder_new(cx__allocator(ctx));
  if (!builder || !add_columns(builder)) status = cx__no_memory(ctx);
  const size_t count = cx_table_rows(people);
  for (size_t i = 0; i < count && status == CX_OK; i++) {
    const int64_t id = cx__column_int64(&person, i);
    const cx_history_row *row = find(index, id);
    cx_stage_result result = {.size = sizeof result};
    status = cx_stage_infer(ctx, stage, row ? row : &prospect, &result);
    if (status == CX_OK && !add_result(builder, id, &result)) status = cx__no_memory(ctx);
    if (status == CX_OK) status = cx__progress(ctx, "infer", i + 1, count);
  }
  if (status == CX_OK) status = cx__table_builder_finish(ctx, builder, out);
  cx__table_builder_free(builder);
  return status;
}

cx_status cx_base_infer_all(cx_context *ctx, cx_base *base, int64_t at, cx_table **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!base) return cx__null(ctx, "base");
  if (!base->stage) return nothing_learned(ctx, "stage");
  if (at == CX_TIME_NONE) {
    cx_store_info info = {.size = sizeof info};
    status = cx_store_get_info(ctx, base->store, &info);
    if (status != CX_OK) return status;
    at = info.last;
  }
  cx_store_query query;
  cx_history_options opts = {.size = sizeof opts};
  cx_table *purchases = NULL, *people = NULL;
  cx_history *history = NULL;
  uint64_t left_out = 0;
  status = cx_store_query_init(&query, sizeof query);
  query.until = at;
  query.purpose =
      NULL; /* where somebody stands is told to whoever asks for that person; learning is what people can forbid */
  if (status == CX_OK) status = cx_stage_get_options(base->stage, &opts);
  opts.until = at;
  if (status == CX_OK) status = cx_store_read_purchases(ctx, base->store, &query, &purchases, &left_out);
  if (status == CX_OK) status = cx_store_read_people(ctx, base->store, &query, &people);
  if (status == CX_OK) {
    status = cx_history_build(ctx, purchases, &opts, &history);
    if (status == CX_ERR_NO_DATA) status = cx__begin(ctx); /* nobody has bought: all are prospects */
  }
  lookup index = {NULL, NULL, NULL, 0};
  cx_table *summary = NULL;
  if (status == CX_OK) status = make_lookup(ctx, history, &index, &summary);
  if (status == CX_OK) status = infer_people(ctx, base->stage, &index, people, out);
  free_lookup(cx__allocator(ctx), &index, summary);
  cx_history_free(history);
  cx_table_free(people);
  cx_table_free(purchases);
  return status;
}

/* SPDX-License-Identifier: MIT */
/** @file cx/base.h
 *  A store with its current models: import, learn, show, stage and rank in a call each. What most programs use. */
#ifndef CX_BASE_H
#define CX_BASE_H

#include <cx/ranker.h>
#include <cx/stage.h>
#include <cx/store.h>

CX_BEGIN_DECLS

typedef struct cx_base cx_base;

/** Opens a base: the store at @p path and the models beside it, if there are any. Options and errors as
 *  cx_store_open(). One thread at a time. */
CX_API CX_NODISCARD cx_status cx_base_open(cx_context *ctx, const char *path, const cx_store_options *opts,
                                           cx_base **out);
CX_API void cx_base_free(cx_base *base);

/** The parts, borrowed until the base is freed or learns; NULL where nothing has been learned yet. */
CX_API cx_store *cx_base_store(cx_base *base);
CX_API const cx_lifecycle *cx_base_lifecycle(const cx_base *base);
CX_API const cx_stage *cx_base_stage(const cx_base *base);
CX_API const cx_ranker *cx_base_ranker(const cx_base *base);

/** As cx_store_import(). */
CX_API CX_NODISCARD cx_status cx_base_import(cx_context *ctx, cx_base *base, const cx_format_source *source,
                                             const cx_store_import_options *opts, cx_store_import_report *report);

typedef struct cx_base_learn_options {
  uint32_t size;     /* set by cx_base_learn_options_init() */
  uint32_t reserved; /* 0 */
  int64_t until;     /* the UTC day of this instant is the last one learned from; CX_TIME_NONE: all (CX_TIME_NONE) */
  const cx_ranker_options *ranker; /* its `until` is set to the one above; NULL for the defaults (NULL) */
} cx_base_learn_options;
CX_API CX_NODISCARD cx_status cx_base_learn_options_init(cx_base_learn_options *opts, size_t size);

typedef struct cx_base_learn_report {
  uint32_t size;            /* set by the caller to sizeof */
  int32_t lifecycle_status; /* CX_OK, or why there is no model of this kind: CX_ERR_NO_DATA */
  int32_t stage_status;
  int32_t ranker_status;
  uint64_t generation;
  uint64_t left_out; /* people who forbid it */
  int64_t until;     /* the last instant learned from */
} cx_base_learn_report;

/** Fits all models to the store, saves them beside it and makes them the current ones. A kind without enough data
 *  is left out and said so; what was learned is asked of cx_base_lifecycle(), cx_base_stage() and cx_base_ranker(),
 *  which are new afterwards. @return CX_OK; CX_ERR_NO_DATA when no kind could be fitted, and as the fits. */
CX_API CX_NODISCARD cx_status cx_base_learn(cx_context *ctx, cx_base *base, const cx_base_learn_options *opts,
                                            cx_base_learn_report *report);

/** Finds a person by id as cx_store_find_person() and builds the profile as of @p at into @p out. */
CX_API CX_NODISCARD cx_status cx_base_show(cx_context *ctx, cx_base *base, cx_text id, int64_t at, cx_profile *out);
/** Where the person of a profile stands at the profile's time. CX_ERR_NO_DATA before anything was learned. */
CX_API CX_NODISCARD cx_status cx_base_infer(cx_context *ctx, cx_base *base, const cx_profile *profile,
                                            cx_stage_result *out);
/** Where everybody stands at an instant (CX_TIME_NONE: the latest event): a table of person (INT64), stage (INT64) and
 * a probability column for each stage by name, again, expected. */
CX_API CX_NODISCARD cx_status cx_base_infer_all(cx_context *ctx, cx_base *base, int64_t at, cx_table **out);
/** What is worth showing, as cx_ranker_rank(). CX_ERR_NO_DATA before anything was learned. */
CX_API CX_NODISCARD cx_status cx_base_rank(cx_context *ctx, cx_base *base, const cx_profile *profile,
                                           const cx_ranker_request *request, cx_ranker_list *list);

CX_END_DECLS
#endif

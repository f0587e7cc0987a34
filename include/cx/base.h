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

/** Opens a base: the store at @p path and the models beside it that are current, if there are any. Models that another
 *  process learns later are seen when the base is opened anew. One thread at a time.
 *  @param opts [in, optional] as cx_store_open().
 *  @param out  [out] free with cx_base_free(); NULL on failure.
 *  @return as cx_store_open(), and as cx_ranker_open() for the models. */
CX_API CX_NODISCARD cx_status cx_base_open(cx_context *ctx, const char *path, const cx_store_options *opts,
                                           cx_base **out);
/** Closes a base. NULL is allowed. */
CX_API void cx_base_free(cx_base *base);

/** The parts, borrowed until the base is freed or learns; NULL where nothing has been learned yet. */
CX_API cx_store *cx_base_store(cx_base *base);
CX_API const cx_lifecycle *cx_base_lifecycle(const cx_base *base);
CX_API const cx_stage *cx_base_stage(const cx_base *base);
CX_API const cx_ranker *cx_base_ranker(const cx_base *base);

/** As cx_store_import(). */
CX_API CX_NODISCARD cx_status cx_base_import(cx_context *ctx, cx_base *base, const cx_format_source *source,
                                             const cx_store_import_options *opts, cx_store_import_report *report);

/** What is learned from, and how. */
typedef struct cx_base_learn_options {
  uint32_t size;     /* set by cx_base_learn_options_init() */
  uint32_t reserved; /* 0 */
  int64_t until;     /* the UTC day of this instant is the last one learned from; CX_TIME_NONE: all (CX_TIME_NONE) */
  const cx_ranker_options *ranker; /* its `until` is set to the one above; NULL for the defaults (NULL) */
} cx_base_learn_options;
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_base_learn_options_init(cx_base_learn_options *opts, size_t size);

/** What came of it. */
typedef struct cx_base_learn_report {
  uint32_t size;            /* set by the caller to sizeof */
  int32_t lifecycle_status; /* CX_OK, or why there is no model of this kind: CX_ERR_NO_DATA */
  int32_t stage_status;
  int32_t ranker_status;
  uint64_t generation; /* of the new models: "<store>-<kind>.<generation>" */
  uint64_t left_out;   /* people who forbid it */
  int64_t until;       /* the last instant learned from */
} cx_base_learn_report;

/** Fits all models to the store, saves them beside it and makes them the current ones. A kind without enough data
 *  is left out and said so; what was learned is asked of cx_base_lifecycle(), cx_base_stage() and cx_base_ranker(),
 *  which are new afterwards. @return CX_OK; CX_ERR_NO_DATA when no kind could be fitted, and as the fits. */
CX_API CX_NODISCARD cx_status cx_base_learn(cx_context *ctx, cx_base *base, const cx_base_learn_options *opts,
                                            cx_base_learn_report *report);

/** Finds a person by id as cx_store_find_person() and builds the profile as of @p at (CX_TIME_NONE: the latest event of
 *  the store) into @p out, made with cx_profile_new(). CX_ERR_NOT_FOUND, CX_ERR_AMBIGUOUS, and as
 *  cx_store_read_profile(). */
CX_API CX_NODISCARD cx_status cx_base_show(cx_context *ctx, cx_base *base, cx_text id, int64_t at, cx_profile *out);
/** Where the person of a profile stands at the profile's time. @p out: size set by the caller. CX_ERR_NO_DATA without a
 *  stage model, and as cx_history_of_profile() and cx_stage_infer(). */
CX_API CX_NODISCARD cx_status cx_base_infer(cx_context *ctx, cx_base *base, const cx_profile *profile,
                                            cx_stage_result *out);
/** Where everybody stands at an instant (CX_TIME_NONE: the latest event): a table of person (INT64), stage (INT64) and
 * a probability column for each stage by name, again, expected. Whoever forbids a purpose
 * is in it too. @p out [out] free with cx_table_free(); NULL on failure. CX_ERR_NO_DATA without a stage model. */
CX_API CX_NODISCARD cx_status cx_base_infer_all(cx_context *ctx, cx_base *base, int64_t at, cx_table **out);
/** What is worth showing, as cx_ranker_rank(). CX_ERR_NO_DATA without a ranker. */
CX_API CX_NODISCARD cx_status cx_base_rank(cx_context *ctx, cx_base *base, const cx_profile *profile,
                                           const cx_ranker_request *request, cx_ranker_list *list);

CX_END_DECLS
#endif

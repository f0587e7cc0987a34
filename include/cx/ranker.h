/* SPDX-License-Identifier: MIT */
/** @file cx/ranker.h
 *  What is worth showing to a person next. Permission is asked first; every score is a sum of terms that are
 *  told; every item held back has its reason.
 *
 *  Taste is implicit-feedback matrix factorisation with the objective of Rendle, Krichene, Zhang and Koren
 *  (RecSys 2022). The person is folded in at each request, so nothing of a person is stored in the model. */
#ifndef CX_RANKER_H
#define CX_RANKER_H

#include <cx/model.h>
#include <cx/profile.h>
#include <cx/table.h>

CX_BEGIN_DECLS

typedef struct cx_ranker cx_ranker;
typedef struct cx_ranker_list cx_ranker_list;

/** Solvers: X(name, value, text). */
#define CX_RANKER_SOLVER_MAP(X) X(CHOLESKY, 1, "cholesky") X(CONJUGATE_GRADIENT, 2, "conjugate_gradient")
enum {
#define CX_RANKER_SOLVER_ENUM(name, value, text) CX_RANKER_SOLVER_##name = (value),
  CX_RANKER_SOLVER_MAP(CX_RANKER_SOLVER_ENUM)
#undef CX_RANKER_SOLVER_ENUM
};

/** How a ranker is learned and how its terms are weighed. */
typedef struct cx_ranker_options {
  uint32_t size;               /* set by cx_ranker_options_init() */
  uint32_t factors;            /* 0: no taste, popularity only; else 1..512 (32) */
  uint32_t iterations;         /* 1..1000 (16) */
  int32_t solver;              /* CX_RANKER_SOLVER_* (CX_RANKER_SOLVER_CONJUGATE_GRADIENT) */
  double regularisation;       /* lambda > 0 (0.01) */
  double unobserved;           /* alpha0 > 0, weight of what was not observed (0.1) */
  double exponent;             /* nu, how regularisation grows with frequency, 0..1 (1) */
  double deviation;            /* sigma*, of the initial factors times sqrt(factors) (0.1) */
  double prior;                /* kappa > 0, weight of the declared preferences' prior (1) */
  double popularity_half_life; /* days (90) */
  double recency_half_life;    /* days since publication (30) */
  double weight_taste;         /* of the terms in the score, >= 0 (1) */
  double weight_preference;    /* (0.05) */
  double weight_popularity;    /* (0.2) */
  double weight_recency;       /* (0.1) */
  uint64_t seed;               /* of the initial factors (1) */
  int64_t until;               /* what happened later is left out; CX_TIME_NONE: the last event */
} cx_ranker_options;
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_ranker_options_init(cx_ranker_options *opts, size_t size);

/** What a ranker was learned from. */
typedef struct cx_ranker_info {
  uint32_t size; /* set by the caller to sizeof */
  uint32_t factors;
  uint64_t people; /* learned from */
  uint64_t items;
  uint64_t topics;
  uint64_t interactions; /* distinct (person, item) */
  uint64_t anonymous;    /* events without a person: popularity only */
  uint32_t iterations;
  uint32_t reserved; /* 0 */
  double objective;  /* a person */
  int64_t until;     /* the last instant learned from */
} cx_ranker_info;

/** Learns a ranker.
 *
 *  Rows of one person and item are added up: the weight times that of the kind, 1 for a purchase or a review, -1 for a
 *  return (it takes a purchase back), 0.5 for cart, wish and share, 0.2 for a click, 0.1 for a view, 0 for the others;
 *  rows without a kind count as purchases. The confidence of a pair is log2(1 + sum). A person's events count the same
 *  way in a request, each line once, whatever its quantity.
 *
 *  Popularity is log1p of the sum of all rows, each times 2^-(age at `until` / half-life), over that of the most
 *  popular item; a row without a time counts as the earliest one. Recency is 2^-(time since publication / half-life),
 *  1 at most, 0 when unknown.
 *
 *  What a topic says of taste is learned from the people: their factors are regressed (ridge) on how far their own
 *  interactions lean to each topic, (share - base) / (share + base), the scale of declared strengths. At most the 1024
 *  topics with most interactions take part; others have the direct term alone.
 *
 *  @param interactions [in] columns "item" (TEXT), "person" (INT64 or TEXT; absent values count for popularity only),
 *                      optionally "time" (TIME), "weight" (DOUBLE > 0, 1 when missing) and "kind" (INT64, CX_EVENT_*).
 *  @param items [in, optional] one row an item and topic: "item" (TEXT), optionally "topic", "title" (TEXT),
 * "published", "valid_from", "valid_until" (TIME); of an item's rows the first that says something counts. Items of the
 *  interactions that are not there are added, without topics and always valid. NULL: the items of the interactions.
 *  @param out [out] free with cx_ranker_free(); NULL on failure. When nobody is known from the interactions the ranker
 *                   has no taste (info: factors 0).
 *  @return CX_OK; CX_ERR_NO_DATA, CX_ERR_NOT_FOUND (a column), CX_ERR_TYPE, CX_ERR_RANGE, CX_ERR_INVALID (a row
 *          without an item, named), CX_ERR_NUMERIC, CX_ERR_NOMEM, CX_ERR_CANCELLED.
 *  The solver by conjugate gradients takes three steps towards the exact solution of a row in each iteration, from the
 *  last one; lists are as good as the exact solver's. Cost of an iteration: 8 * interactions * factors + 8 * (people +
 *  items) * factors^2 by conjugate gradients, interactions * factors^2 + (people + items) * factors^3 / 3 by Cholesky.
 *  Uses the context's threads; the same bytes for any number. Progress "rank". */
CX_API CX_NODISCARD cx_status cx_ranker_fit(cx_context *ctx, const cx_table *interactions, const cx_table *items,
                                            const cx_ranker_options *opts, cx_ranker **out);
/** Frees a ranker. NULL is allowed. */
CX_API void cx_ranker_free(cx_ranker *ranker);
/** What it was learned from. @p out: size set by the caller. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_ranker_get_info(const cx_ranker *ranker, cx_ranker_info *out);
/** Saves to a model file of kind "ranker", published by rename. @p opts [in, optional]. CX_ERR_IO, CX_ERR_INVALID,
 *  CX_ERR_NOMEM. Any thread. */
CX_API CX_NODISCARD cx_status cx_ranker_save(cx_context *ctx, const cx_ranker *ranker, const char *path,
                                             const cx_model_save_options *opts);
/** Maps a ranker's file; any number of processes share the pages. Every index and number is checked, so that requests
 *  need not: at most 1 ms for 4,000 items. CX_ERR_IO, CX_ERR_CORRUPT, CX_ERR_UNSUPPORTED, CX_ERR_NOMEM. A ranker is
 *  never changed; any number of threads may read one. */
CX_API CX_NODISCARD cx_status cx_ranker_open(cx_context *ctx, const char *path, const cx_model_open_options *opts,
                                             cx_ranker **out);

/** Kinds of terms: X(name, value, text). */
#define CX_RANKER_TERM_MAP(X)                                                                                          \
  X(TASTE_EVENT, 1, "taste_event")           /* what a past event with an item says: subject is that item */           \
  X(TASTE_PREFERENCE, 2, "taste_preference") /* what a declared topic says of taste: subject is the topic */           \
  X(PREFERENCE, 3, "preference")             /* the item has a declared topic: subject is the topic */                 \
  X(POPULARITY, 4, "popularity")                                                                                       \
  X(RECENCY, 5, "recency")
enum {
#define CX_RANKER_TERM_ENUM(name, value, text) CX_RANKER_TERM_##name = (value),
  CX_RANKER_TERM_MAP(CX_RANKER_TERM_ENUM)
#undef CX_RANKER_TERM_ENUM
};

/** One term of a score. */
typedef struct cx_ranker_term {
  int32_t kind;    /* CX_RANKER_TERM_* */
  uint32_t count;  /* events it rests on */
  cx_text subject; /* an item or a topic, borrowed from the list; absent where there is none */
  double value;    /* what it adds to the score */
  int64_t time;    /* the latest of those events, CX_TIME_NONE when there is none */
} cx_ranker_term;

/** One ranked item. */
typedef struct cx_ranker_item {
  cx_text item;                /* borrowed from the list */
  cx_text title;               /* absent when unknown */
  double score;                /* the sum of its terms */
  const cx_ranker_term *terms; /* largest absolute value first; borrowed from the list */
  size_t terms_count;
} cx_ranker_item;

/** Why an item was held back, the first rule that applied: X(name, value, text). */
#define CX_RANKER_REASON_MAP(X)                                                                                        \
  X(NOT_YET_VALID, 1, "not_yet_valid")                                                                                 \
  X(EXPIRED, 2, "expired")                                                                                             \
  X(SEEN, 3, "seen")                                                                                                   \
  X(DECLINED, 4, "declined")
enum {
#define CX_RANKER_REASON_ENUM(name, value, text) CX_RANKER_REASON_##name = (value),
  CX_RANKER_REASON_MAP(CX_RANKER_REASON_ENUM)
#undef CX_RANKER_REASON_ENUM
};
#define CX_RANKER_REASONS 5 /* counts are indexed by reason; 0 is unused */

/** A request. */
typedef struct cx_ranker_request {
  uint32_t size;     /* set by cx_ranker_request_init() */
  uint32_t count;    /* items wanted, 1..10000 (10) */
  cx_text purpose;   /* "personalisation" */
  cx_text channel;   /* "web" */
  int64_t at;        /* CX_TIME_NONE: the profile's time, without one the ranker's `until` */
  int32_t seen;      /* 1: items the person bought or returned may come again (0) */
  uint32_t withheld; /* how many of the items held back to list (0) */
} cx_ranker_request;
/** Sets the defaults, in brackets above. @p size is sizeof *request. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_ranker_request_init(cx_ranker_request *request, size_t size);

/** Makes a list that requests fill; it keeps its memory from one to the next. One thread at a time. Free with
 *  cx_ranker_list_free(). CX_ERR_INVALID (NULL), CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_ranker_list_new(cx_context *ctx, cx_ranker_list **out);
/** Frees a list. NULL is allowed. */
CX_API void cx_ranker_list_free(cx_ranker_list *list);

/** Ranks items for a person. Permission for the request's purpose and channel is asked first: without it nothing of
 *  the profile is read, the list is by popularity and recency, and cx_ranker_list_personal() is 0. Exactly
 *  min(count, eligible) items come back, ties by item id.
 *
 *  The score is the sum of its terms. Taste is v'u with the person's vector u from
 *    (sum c v v' + s alpha0 V'V + kappa L I) u = sum c v + kappa L sum theta_t A_t,
 *  c the confidence of the items of the history, L the regularisation of the fit for as many items, theta the declared
 *  strengths and s = 1 - min(1, sum |theta|) 10 / (n + 10): the fit's own equation for somebody who declared nothing,
 *  the prior mean for somebody without history. It splits into a term for each item of the history and each declared
 *  topic. Events and declarations later than the request's instant are not known. Of a topic's declarations the latest
 *  holds; strength -1 is a rule, which holds items back and moves no score.
 *
 *  @param profile [in, optional] NULL: somebody unknown.
 *  @param list [in, out] untouched on failure.
 *  @return CX_OK; CX_ERR_RANGE (count, seen), CX_ERR_INVALID, CX_ERR_NUMERIC, CX_ERR_NOMEM.
 *  Cost: items * factors + events of the profile * factors^2; no allocation once the list has grown. */
CX_API CX_NODISCARD cx_status cx_ranker_rank(cx_context *ctx, const cx_ranker *ranker, const cx_profile *profile,
                                             const cx_ranker_request *request, cx_ranker_list *list);
/** Whether the person was considered: 1 or 0; 0 for NULL. */
CX_API int cx_ranker_list_personal(const cx_ranker_list *list);
/** What permission said. @p out: size set by the caller. CX_ERR_NO_DATA before the first request, CX_ERR_INVALID. */
CX_API CX_NODISCARD cx_status cx_ranker_list_permission(const cx_ranker_list *list, cx_permission *out);
/** Number of items ranked; 0 for NULL. */
CX_API size_t cx_ranker_list_count(const cx_ranker_list *list);
/** One of them, the best first, borrowed until the list is used for another request or freed. CX_ERR_RANGE (the
 *  index), CX_ERR_INVALID (NULL). */
CX_API CX_NODISCARD cx_status cx_ranker_list_get(const cx_ranker_list *list, size_t index, cx_ranker_item *out);
/** How many items a reason (CX_RANKER_REASON_*) held back; 0 for any other number. */
CX_API uint64_t cx_ranker_list_withheld(const cx_ranker_list *list, int32_t reason);
/** One of the items held back that the request asked to list, in catalogue order. CX_ERR_RANGE (the
 *  index), CX_ERR_INVALID (NULL). @p item is borrowed as in cx_ranker_list_get(). */
CX_API CX_NODISCARD cx_status cx_ranker_list_get_withheld(const cx_ranker_list *list, size_t index, cx_text *item,
                                                          int32_t *reason);

/** How good the lists were: the measures of cx_metric_ranking, means over `users`. */
typedef struct cx_ranker_evaluation {
  uint32_t size; /* set by the caller to sizeof */
  uint32_t k;
  uint64_t users;   /* of the test whom the training knows */
  uint64_t unknown; /* of the test whom it does not know */
  cx_estimate recall;
  cx_estimate precision;
  cx_estimate ndcg;
  cx_estimate map;
} cx_ranker_evaluation;
/** Offline evaluation: ranks @p k unseen items for every person of the test who is known from the training.
 *  Both tables have the columns of cx_ranker_fit()'s interactions, person of one type. Items seen in the training are
 *  not ranked; test items that the training does not know count against recall. Scores are taste and popularity with
 *  their weights.
 *  @param opts      [in, optional] of the fit.
 *  @param k         [in] length of the lists, 1..10000.
 *  @param resamples [in] bootstrap resamples for 95 % intervals, 0 for none; their seed is 1.
 *  @param out       [in, out] size set by the caller.
 *  @return as cx_ranker_fit(); CX_ERR_NO_DATA also when nobody of the test is known.
 *  Uses the context's threads; the same bytes for any number. Cost: a fit and a request a person. */
CX_API CX_NODISCARD cx_status cx_ranker_evaluate(cx_context *ctx, const cx_table *train, const cx_table *test,
                                                 const cx_ranker_options *opts, uint32_t k, uint32_t resamples,
                                                 cx_ranker_evaluation *out);

/** The text of a CX_RANKER_TERM_* or CX_RANKER_REASON_*; NULL for any other number. Static; any thread. */
CX_API const char *cx_ranker_term_text(int32_t kind);
CX_API const char *cx_ranker_reason_text(int32_t reason);

CX_END_DECLS
#endif

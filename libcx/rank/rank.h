/* SPDX-License-Identifier: MIT */
/** @file rank/rank.h
 *  The inside of a ranker: what fitting, files and requests share. */
#ifndef CX_RANK_RANK_H
#define CX_RANK_RANK_H

#include "core/core.h"

#include <cx/ranker.h>

#define CX__RANKER_KIND "ranker"
#define CX__RANKER_VERSION 1u

/** What rows of a kind of event say of taste, as a share of a purchase; a return takes a purchase back. The same for
 * the rows of a fit and the lines of a profile. */
double cx__ranker_kind_weight(int32_t kind);
/** Confidence of a pair from the sum of its rows: log2(1 + sum), so that one purchase is 1 and a hundred are 6.7. Sums
 * below 0 count as 0. */
double cx__ranker_confidence(double sum);
/** lambda * (n + alpha0 * others)^nu, the frequency-scaled regularisation of Rendle et al. (2022). */
double cx__ranker_regularisation(double lambda, double alpha, double exponent, double n, double others);

/* ---- texts in sorted order (rank_text.c)
 * ------------------------------------------------------------------------------- */

/** Numbers of the interned texts in byte order, and back. */
typedef struct cx__ranker_order {
  uint32_t *sorted; /* position -> number */
  uint32_t *place;  /* number -> position */
} cx__ranker_order;
bool cx__ranker_order_build(const cx_allocator *allocator, const cx__interner *texts, cx__ranker_order *order);
void cx__ranker_order_free(const cx_allocator *allocator, cx__ranker_order *order);

/* ---- what a fit reads (rank_catalogue.c, rank_interactions.c)
 * ----------------------------------------------------------- */

/** The items with their topics, numbered in byte order of their ids. Texts are borrowed from the tables. */
typedef struct cx__catalogue {
  cx_allocator allocator;
  cx__interner *ids;
  cx__ranker_order order;
  cx__interner *topic_ids;
  cx__ranker_order topic_order;
  cx_text *titles; /* by item */
  int64_t *published;
  int64_t *valid_from;
  int64_t *valid_until;
  uint64_t *topic_offsets; /* topic -> its items, ascending */
  uint32_t *topic_items;
  uint32_t count;
  uint32_t topics;
} cx__catalogue;
/** Items of both tables; @p items may be NULL. */
cx_status cx__catalogue_read(cx_context *ctx, const cx_table *interactions, const cx_table *items, cx__catalogue *out);
void cx__catalogue_free(cx__catalogue *catalogue);

/** The distinct pairs by person and by item. Pairs whose confidence is 0 (bought and returned) are kept by person. */
typedef struct cx__interactions {
  cx_allocator allocator;
  cx__interner *people; /* by the bytes of their value */
  uint64_t *person_offsets;
  uint32_t *person_items; /* ascending */
  float *person_weights;
  uint64_t *item_offsets;
  uint32_t *item_people; /* ascending; confidence above 0 only */
  float *item_weights;
  double *popularity; /* by item, decayed sum, >= 0 */
  uint64_t pairs;     /* with confidence above 0 */
  uint64_t known;     /* people with such a pair */
  uint64_t anonymous;
  int64_t until;
  int32_t person_type; /* CX_TYPE_* */
  uint32_t people_count;
} cx__interactions;
/** @p until CX_TIME_NONE: the last time of the table. A half-life of 0 leaves popularity undecayed. */
cx_status cx__interactions_read(cx_context *ctx, const cx_table *table, const char *name, const cx__catalogue *items,
                                int64_t until, double half_life, cx__interactions *out);
void cx__interactions_free(cx__interactions *interactions);

/* ---- factors (als.c)
 * --------------------------------------------------------------------------------------------------- */

typedef struct cx__als {
  const cx__kernel *kernel;
  size_t factors;
  size_t stride; /* factors rounded up to 16 */
  int32_t solver;
  uint32_t iterations;
  double regularisation, unobserved, exponent, deviation;
  uint64_t seed;
  const cx__interactions *data;
  size_t people, items;
  float *people_factors; /* people * stride, 64-byte aligned */
  float *items_factors;
  float *gram; /* stride * stride, unobserved * V'V: of the items' factors at the end */
  double objective;
} cx__als;
/** Fits; the factors' memory is the caller's. People are solved exactly at the end, whatever the solver. */
cx_status cx__als_fit(cx_context *ctx, cx__als *als);

/** Factors beyond this are taken for a numerical failure; below it no sum that is made of them overflows. */
#define CX__FACTOR_MAX 1e12f
bool cx__factors_are_finite(const float *values, size_t n);

/* ---- declared preferences (rank_prior.c)
 * ------------------------------------------------------------------------------- */

/** Topics that take part in the prior at most: those with most confidence. The others have a row of zeros. */
#define CX__PRIOR_TOPICS 1024u
/** Rows A_t, and behind them the mean of people's factors ((topics + 1) * stride). */
cx_status cx__prior_learn(cx_context *ctx, const cx__als *als, const cx__catalogue *items, float *prior);

/* ---- the model
 * ------------------------------------------------------------------------------------------------------------- */

/** Section INFO. */
typedef struct cx__ranker_head {
  uint32_t factors;
  uint32_t stride;
  uint32_t iterations;
  int32_t solver;
  uint64_t people;
  uint64_t items;
  uint64_t topics;
  uint64_t interactions;
  uint64_t anonymous;
  uint64_t slots; /* of the index of item ids, a power of two */
  uint64_t seed;
  double objective;
  int64_t until;
  int64_t recency_at; /* instant that the recency section speaks of */
  double regularisation;
  double unobserved;
  double exponent;
  double deviation;
  double prior;
  double popularity_half_life;
  double recency_half_life;
  double weight_taste;
  double weight_preference;
  double weight_popularity;
  double weight_recency;
} cx__ranker_head;

/** Sections: X(name, tag). */
#define CX__RANKER_SECTION_MAP(X)                                                                                      \
  X(HEAD, CX__TAG('H', 'E', 'A', 'D'))                                                                                 \
  X(ITEM_TEXT, CX__TAG('I', 'T', 'E', 'M'))                                                                            \
  X(ITEM_OFFSETS, CX__TAG('I', 'O', 'F', 'F'))                                                                         \
  X(ITEM_INDEX, CX__TAG('I', 'N', 'D', 'X'))                                                                           \
  X(TITLE_TEXT, CX__TAG('T', 'I', 'T', 'L'))                                                                           \
  X(TITLE_OFFSETS, CX__TAG('T', 'O', 'F', 'F'))                                                                        \
  X(TOPIC_TEXT, CX__TAG('T', 'O', 'P', 'C'))                                                                           \
  X(TOPIC_OFFSETS, CX__TAG('C', 'O', 'F', 'F'))                                                                        \
  X(TOPIC_ROWS, CX__TAG('C', 'R', 'O', 'W'))                                                                           \
  X(TOPIC_ITEMS, CX__TAG('C', 'I', 'T', 'M'))                                                                          \
  X(POPULARITY, CX__TAG('P', 'O', 'P', 'U'))                                                                           \
  X(RECENCY, CX__TAG('R', 'E', 'C', 'N'))                                                                              \
  X(VALID_FROM, CX__TAG('V', 'F', 'R', 'M'))                                                                           \
  X(VALID_UNTIL, CX__TAG('V', 'U', 'N', 'T'))                                                                          \
  X(FACTORS, CX__TAG('F', 'A', 'C', 'T'))                                                                              \
  X(GRAM, CX__TAG('G', 'R', 'A', 'M'))                                                                                 \
  X(PRIOR, CX__TAG('P', 'R', 'I', 'O'))
enum {
#define CX__RANKER_SECTION_ENUM(name, tag) CX__RANKER_##name,
  CX__RANKER_SECTION_MAP(CX__RANKER_SECTION_ENUM)
#undef CX__RANKER_SECTION_ENUM
      CX__RANKER_SECTIONS
};

#define CX__RANKER_EMPTY UINT32_MAX

struct cx_ranker {
  cx_allocator allocator;
  cx__ranker_head head;
  cx__model *model;               /* NULL after a fit: the sections are own memory */
  void *own[CX__RANKER_SECTIONS]; /* NULL when mapped */
  const void *section[CX__RANKER_SECTIONS];
  uint64_t size[CX__RANKER_SECTIONS];
  /* the sections by type */
  const char *item_text, *title_text, *topic_text;
  const uint64_t *item_offsets, *title_offsets, *topic_offsets;
  const uint32_t *index;      /* open addressing, linear probing by cx__hash(); CX__RANKER_EMPTY or an item */
  const uint64_t *topic_rows; /* topic -> its items */
  const uint32_t *topic_items;
  const double *popularity; /* 0..1 */
  const double *recency;    /* 2^-(age at recency_at / half-life), above 1 for the future, 0 when unknown */
  const int64_t *valid_from, *valid_until;
  const float *factors; /* items * stride */
  const float *gram;    /* stride * stride, times unobserved */
  const float *prior;   /* (topics + 1) * stride, the mean taste last */
};

static inline cx_text cx__ranker_text(const char *bytes, const uint64_t *offsets, size_t number) {
  cx_text text = {bytes + offsets[number], (size_t)(offsets[number + 1] - offsets[number])};
  return text;
}
static inline cx_text cx__ranker_item_id(const cx_ranker *ranker, size_t item) {
  return cx__ranker_text(ranker->item_text, ranker->item_offsets, item);
}
static inline cx_text cx__ranker_topic_id(const cx_ranker *ranker, size_t topic) {
  return cx__ranker_text(ranker->topic_text, ranker->topic_offsets, topic);
}
/** Sets the typed pointers from the sections. */
void cx__ranker_bind(cx_ranker *ranker);
/** Whether the model's own bounds hold: every index, order, text and number. */
cx_status cx__ranker_check(cx_context *ctx, const cx_ranker *ranker);
/** The same as cx_ranker_open() from bytes in memory. */
cx_status cx__ranker_open_bytes(cx_context *ctx, const void *bytes, size_t size, cx_ranker **out);
bool cx__ranker_find_item(const cx_ranker *ranker, cx_text id, uint32_t *item);
bool cx__ranker_find_topic(const cx_ranker *ranker, cx_text id, uint32_t *topic);
/** Fills an index with the items; slots is a power of two above the count. */
void cx__ranker_index_fill(uint32_t *index, uint64_t slots, const char *bytes, const uint64_t *offsets, uint32_t count);
/** What a fit knows of the people it learned from; for evaluation, never for files. */
typedef struct cx__ranker_people {
  cx__catalogue items;
  cx__interactions data;
  float *factors; /* people * stride; NULL without taste */
} cx__ranker_people;
/** The body of cx_ranker_fit(); @p people may be NULL. */
cx_status cx__ranker_fit_people(cx_context *ctx, const cx_table *interactions, const cx_table *items,
                                const cx_ranker_options *opts, cx__ranker_people *people, cx_ranker **out);
void cx__ranker_people_free(cx__ranker_people *people);
cx_status cx__ranker_options_read(cx_context *ctx, const cx_ranker_options *given, cx_ranker_options *own);

#endif

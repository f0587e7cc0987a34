/* SPDX-License-Identifier: MIT */
/** @file rank/list.h
 *  The inside of a ranked list: what it shows and what a request works with. */
#ifndef CX_RANK_LIST_H
#define CX_RANK_LIST_H

#include "rank/rank.h"

/** An item held back. */
typedef struct cx__withheld {
  cx_text item;
  int32_t reason;
} cx__withheld;

/** What a list shows. Texts are copies in bytes. */
typedef struct cx__list_result {
  cx_ranker_item *items;
  size_t items_count, items_capacity;
  cx_ranker_term *terms;
  size_t terms_count, terms_capacity;
  cx__withheld *withheld;
  size_t withheld_count, withheld_capacity;
  char *bytes;
  size_t bytes_count, bytes_capacity;
  uint64_t counts[CX_RANKER_REASONS];
  cx_permission permission;
  bool filled, personal;
} cx__list_result;

/** What a person's events say of one item. */
typedef struct cx__evidence {
  double sum;        /* of the kinds' weights */
  double confidence; /* 0: says nothing of taste */
  int64_t time;      /* the latest */
  uint32_t item;
  uint32_t count;
  bool seen; /* bought or returned */
} cx__evidence;

/** A declared preference that holds. */
typedef struct cx__declared {
  double strength;
  int64_t time;
  uint32_t topic;
  uint32_t reserved;
} cx__declared;

/** A score kept while looking for the best. */
typedef struct cx__best {
  float score;
  uint32_t item;
} cx__best;

/** The person's side of a request, folded in. */
typedef struct cx__fold {
  cx__evidence *evidence; /* with confidence first */
  size_t evidence_count, evidence_capacity;
  size_t confident; /* how many have confidence */
  cx__declared *declared;
  size_t declared_count, declared_capacity;
  uint32_t *place; /* item -> its evidence + 1, 0 for none; all 0 between requests */
  size_t place_capacity;
  float *floats; /* what follows */
  size_t floats_capacity;
  float *matrix, *rows, *priors, *vector, *solved, *products;
  double strength; /* kappa * Lambda */
  bool taste;      /* there is something to fold in */
} cx__fold;

struct cx_ranker_list {
  cx_allocator allocator;
  cx__list_result results[2];
  int shown; /* the other one is being made */
  cx__fold fold;
  float *scores;
  size_t scores_capacity;
  uint8_t *reasons;
  size_t reasons_capacity;
  cx__best *best;
  size_t best_capacity;
};

/** Adds to a heap of at most @p capacity whose root is the worst kept. Ties go to the lower item, that is by id. */
void cx__best_add(cx__best *heap, size_t *count, size_t capacity, float score, uint32_t item);
/** Puts a heap in order, best first. */
void cx__best_sort(cx__best *heap, size_t count);

/** Reads events and preferences that hold at an instant; CX__RANKER_ALWAYS takes all. */
#define CX__RANKER_ALWAYS INT64_MAX
cx_status cx__fold_read(cx_context *ctx, const cx_allocator *allocator, const cx_ranker *ranker,
                        const cx_profile *profile, int64_t at, cx__fold *fold);
/** Finds the person's vector: solves
 *    (sum c v v' + s alpha0 V'V + kappa Lambda I) u = sum c v + kappa Lambda sum theta_t (A_t + m_t)
 *  over the items of the history. m_t is what a liked topic has of the mean taste: the mean / max(1, sum of the
 *  strengths above 0); nothing for a disliked one. Lambda is the regularisation of training for as many items; s falls
 * from 1 (nobody declared anything: the training's own equation) to n / (n + 10) as the declared strengths add up to 1,
 * so that with no history the vector is the prior mean. */
cx_status cx__fold_solve(cx_context *ctx, const cx_allocator *allocator, const cx_ranker *ranker, cx__fold *fold);
/** Appends the terms of taste of an item; there is room for confident + declared. Returns how many. */
size_t cx__fold_terms(const cx_context *ctx, const cx_ranker *ranker, const cx__fold *fold, uint32_t item,
                      cx_ranker_term *terms);
/** Forgets a person. */
void cx__fold_clear(cx__fold *fold);
void cx__fold_free(const cx_allocator *allocator, cx__fold *fold);

#endif

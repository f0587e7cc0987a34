/* SPDX-License-Identifier: MIT */
/* A request: permission, eligibility, scores, and the best with their terms. Candidates are found on single-precision
 * scores; a few more than are wanted are then scored again as the sum of their terms, in double precision, and put in
 * that order, so that score and terms agree exactly. */
#include "math/math.h"
#include "rank/list.h"

#define COUNT_MAX 10000u
#define SPARE 8u /* scored again beyond what is wanted, against rounding at the edge */

cx_status cx_ranker_request_init(cx_ranker_request *request, size_t size) {
  static const cx_ranker_request defaults = {.size = sizeof defaults,
                                             .count = 10,
                                             .purpose = {"personalisation", 15},
                                             .channel = {"web", 3},
                                             .at = CX_TIME_NONE};
  return cx__options_init(request, size, &defaults, sizeof defaults);
}

/** What a request works with. */
typedef struct ranking {
  cx_context *ctx;
  const cx_ranker *ranker;
  cx_ranker_request request;
  cx_ranker_list *list;
  cx__list_result *result;
  int64_t at;      /* CX_TIME_NONE: no instant is known, nothing is out of date */
  double recency;  /* what a stored recency is multiplied by */
  size_t eligible; /* items */
  size_t wanted;   /* of them */
} ranking;

static cx_status read_request(cx_context *ctx, const cx_ranker_request *given, cx_ranker_request *own) {
  cx_status status = cx_ranker_request_init(own, sizeof *own);
  if (status == CX_OK) status = cx__options_read(ctx, given, own, sizeof *own);
  if (status != CX_OK) return status;
  if (own->count < 1 || own->count > COUNT_MAX)
    return cx__fail(ctx, CX_ERR_RANGE, "count must be 1 to 10000 (got %u)", own->count);
  if (own->seen != 0 && own->seen != 1) return cx__fail(ctx, CX_ERR_RANGE, "seen must be 0 or 1 (got %d)", own->seen);
  if (!own->purpose.data) return cx__null(ctx, "purpose");
  if (!own->channel.data) return cx__null(ctx, "channel");
  return CX_OK;
}

/* Asks for permission; only with it is more of the profile read than its time and consent records. */
static cx_status ask(ranking *job, const cx_profile *profile) {
  job->at = job->request.at;
  if (job->at == CX_TIME_NONE && profile) job->at = cx_profile_time(profile);
  if (job->at == CX_TIME_NONE) job->at = job->ranker->head.until;
  if (job->at == CX_TIME_NONE && profile)
    return cx__fail(job->ctx, CX_ERR_INVALID, "at must be given: neither the profile nor the ranker has a time");
  const cx_permission_request question = {.size = sizeof question,
                                          .purpose = job->request.purpose,
                                          .channel = job->request.channel,
                                          .at = job->at == CX_TIME_NONE ? 0 : job->at};
  cx__list_result *result = job->result;
  memset(&result->permission, 0, sizeof result->permission);
  result->permission.size = sizeof result->permission;
  const cx_status status = cx_permission_check(job->ctx, profile, &question, &result->permission);
  if (status != CX_OK) return status;
  result->personal = profile && result->permission.decision == CX_DECISION_ALLOW;
  cx__fold *fold = &job->list->fold;
  cx__fold_clear(fold);
  if (!result->personal) return CX_OK;
  return cx__fold_read(job->ctx, &job->list->allocator, job->ranker, profile, job->at, fold);
}

static bool grow_scores(cx_ranker_list *list, size_t items) {
  if (items > list->scores_capacity) {
    float *scores = cx__alloc_aligned(&list->allocator, items, sizeof *scores);
    if (!scores) return false;
    cx__free_aligned(&list->allocator, list->scores);
    list->scores = scores;
    list->scores_capacity = items;
  }
  return cx__grow(&list->allocator, &list->reasons, &list->reasons_capacity, items, sizeof *list->reasons);
}

/* The first rule that holds an item back: written last. */
static void withhold(ranking *job) {
  const cx_ranker *ranker = job->ranker;
  const cx__fold *fold = &job->list->fold;
  const size_t n = (size_t)ranker->head.items;
  uint8_t *reasons = job->list->reasons;
  memset(reasons, 0, n);
  for (size_t k = 0; k < fold->declared_count; k++) {
    if (fold->declared[k].strength > -1) continue;
    const uint32_t topic = fold->declared[k].topic;
    for (uint64_t j = ranker->topic_rows[topic]; j < ranker->topic_rows[topic + 1]; j++)
      reasons[ranker->topic_items[j]] = CX_RANKER_REASON_DECLINED;
  }
  for (size_t k = 0; job->request.seen == 0 && k < fold->evidence_count; k++)
    if (fold->evidence[k].seen) reasons[fold->evidence[k].item] = CX_RANKER_REASON_SEEN;
  for (size_t i = 0; job->at != CX_TIME_NONE && i < n; i++) {
    const int64_t from = ranker->valid_from[i], until = ranker->valid_until[i];
    if (until != CX_TIME_NONE && job->at >= until) reasons[i] = CX_RANKER_REASON_EXPIRED;
    if (from != CX_TIME_NONE && job->at < from) reasons[i] = CX_RANKER_REASON_NOT_YET_VALID;
  }
  memset(job->result->counts, 0, sizeof job->result->counts);
  for (size_t i = 0; i < n; i++) job->result->counts[reasons[i]]++;
  job->eligible = (size_t)job->result->counts[0];
  job->result->counts[0] = 0;
  job->wanted = job->eligible < job->request.count ? job->eligible : job->request.count;
}

/* 2^-((at - recency_at) / half-life), bounded as the stored values are. */
static double recency_factor(const cx__ranker_head *head, int64_t at) {
  if (at == CX_TIME_NONE || head->recency_at == CX_TIME_NONE) return 0;
  double age = ((double)at - (double)head->recency_at) / ((double)CX__DAY * head->recency_half_life);
  if (age > 500) age = 500;
  if (age < -500) age = -500;
  return exp2(-age);
}

static double item_recency(const ranking *job, size_t item) {
  const double recency = job->ranker->recency[item] * job->recency;
  return recency < 1 ? recency : 1;
}

static void score(ranking *job) {
  const cx_ranker *ranker = job->ranker;
  const cx__ranker_head *head = &ranker->head;
  const cx__fold *fold = &job->list->fold;
  const size_t n = (size_t)head->items;
  float *scores = job->list->scores;
  const float taste = (float)head->weight_taste;
  job->recency = recency_factor(head, job->at);
  if (fold->taste)
    cx__kernel_of(job->ctx)->gemv(ranker->factors, head->stride, n, fold->vector, head->stride, scores);
  else
    memset(scores, 0, n * sizeof *scores);
  for (size_t i = 0; i < n; i++) {
    const double base = head->weight_popularity * ranker->popularity[i] + head->weight_recency * item_recency(job, i);
    scores[i] = scores[i] * taste + (float)base;
  }
  for (size_t k = 0; k < fold->declared_count; k++) {
    if (fold->declared[k].strength <= -1) continue;
    const float value = (float)(head->weight_preference * fold->declared[k].strength);
    const uint32_t topic = fold->declared[k].topic;
    for (uint64_t j = ranker->topic_rows[topic]; j < ranker->topic_rows[topic + 1]; j++)
      scores[ranker->topic_items[j]] += value;
  }
}

static bool has_topic(const cx_ranker *ranker, uint32_t item, uint32_t topic) {
  uint64_t low = ranker->topic_rows[topic], high = ranker->topic_rows[topic + 1];
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (ranker->topic_items[middle] == item) return true;
    if (ranker->topic_items[middle] < item)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

static bool is_before(const cx_ranker_term *a, const cx_ranker_term *b) {
  const double x = fabs(a->value), y = fabs(b->value);
  if (x != y) return x > y;
  if (a->kind != b->kind) return a->kind < b->kind;
  return cx__text_compare(a->subject, b->subject) < 0;
}

static void sink_term(cx_ranker_term *terms, size_t count, size_t at) {
  const cx_ranker_term moving = terms[at];
  for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && is_before(&terms[child], &terms[child + 1])) child++;
    if (!is_before(&moving, &terms[child])) break;
    terms[at] = terms[child];
    at = child;
  }
  terms[at] = moving;
}

/* Largest absolute value first. No two terms are equal: kind and subject differ. */
static void sort_terms(cx_ranker_term *terms, size_t count) {
  if (count <= 32) {
    for (size_t k = 1; k < count; k++) {
      const cx_ranker_term moving = terms[k];
      size_t at = k;
      for (; at > 0 && is_before(&moving, &terms[at - 1]); at--) terms[at] = terms[at - 1];
      terms[at] = moving;
    }
    return;
  }
  for (size_t at = count / 2; at-- > 0;) sink_term(terms, count, at);
  for (size_t left = count; left > 1; left--) {
    const cx_ranker_term last = terms[0];
    terms[0] = terms[left - 1];
    terms[left - 1] = last;
    sink_term(terms, left - 1, 0);
  }
}

/* Writes the terms of an item and returns how many. */
static size_t write_terms(const ranking *job, uint32_t item, cx_ranker_term *terms) {
  const cx_ranker *ranker = job->ranker;
  const cx__ranker_head *head = &ranker->head;
  const cx__fold *fold = &job->list->fold;
  size_t count = fold->taste ? cx__fold_terms(job->ctx, ranker, fold, item, terms) : 0;
  for (size_t k = 0; k < fold->declared_count; k++) {
    const cx__declared *declared = &fold->declared[k];
    if (head->weight_preference == 0 || declared->strength <= -1 || !has_topic(ranker, item, declared->topic)) continue;
    terms[count++] = (cx_ranker_term){.kind = CX_RANKER_TERM_PREFERENCE,
                                      .count = 1,
                                      .subject = cx__ranker_topic_id(ranker, declared->topic),
                                      .value = head->weight_preference * declared->strength,
                                      .time = declared->time};
  }
  const double popularity = head->weight_popularity * ranker->popularity[item];
  if (popularity != 0)
    terms[count++] = (cx_ranker_term){.kind = CX_RANKER_TERM_POPULARITY, .value = popularity, .time = CX_TIME_NONE};
  const double recency = head->weight_recency * item_recency(job, item);
  if (recency != 0)
    terms[count++] = (cx_ranker_term){.kind = CX_RANKER_TERM_RECENCY, .value = recency, .time = CX_TIME_NONE};
  return count;
}

/* The best by single-precision score, in order. */
static bool find_best(const ranking *job, size_t *found) {
  cx_ranker_list *list = job->list;
  const size_t most = job->wanted + SPARE < job->eligible ? job->wanted + SPARE : job->eligible;
  if (!cx__grow(&list->allocator, &list->best, &list->best_capacity, most, sizeof *list->best)) return false;
  *found = 0;
  const size_t n = (size_t)job->ranker->head.items;
  for (size_t i = 0; most > 0 && i < n; i++)
    if (list->reasons[i] == 0 && (*found < most || list->scores[i] > list->best[0].score))
      cx__best_add(list->best, found, most, list->scores[i], (uint32_t)i);
  cx__best_sort(list->best, *found);
  return true;
}

/* Scores the found items again by their terms and puts them in order; ids are in byte order, so ties go to the lower
 * one. Every vector term of an item was written before, so this only moves items. */
static void order_items(cx__list_result *result) {
  for (size_t k = 1; k < result->items_count; k++) {
    const cx_ranker_item moving = result->items[k];
    size_t at = k;
    for (; at > 0; at--) {
      const cx_ranker_item *before = &result->items[at - 1];
      if (before->score > moving.score) break;
      if (before->score == moving.score && cx__text_compare(before->item, moving.item) < 0) break;
      result->items[at] = *before;
    }
    result->items[at] = moving;
  }
}

static cx_status write_items(ranking *job, size_t found) {
  cx_ranker_list *list = job->list;
  cx__list_result *result = job->result;
  const cx_ranker *ranker = job->ranker;
  const size_t each = list->fold.confident + 2 * list->fold.declared_count + 2;
  size_t terms;
  if (__builtin_mul_overflow(found, each, &terms) ||
      !cx__grow(&list->allocator, &result->terms, &result->terms_capacity, terms, sizeof *result->terms) ||
      !cx__grow(&list->allocator, &result->items, &result->items_capacity, found, sizeof *result->items))
    return cx__no_memory(job->ctx);
  result->terms_count = 0;
  for (size_t k = 0; k < found; k++) {
    const uint32_t number = list->best[k].item;
    cx_ranker_item *item = &result->items[k];
    cx_ranker_term *own = result->terms + result->terms_count;
    *item = (cx_ranker_item){.item = cx__ranker_item_id(ranker, number),
                             .title = cx__ranker_text(ranker->title_text, ranker->title_offsets, number),
                             .terms = own,
                             .terms_count = write_terms(job, number, own)};
    sort_terms(own, item->terms_count);
    for (size_t t = 0; t < item->terms_count; t++) item->score += own[t].value;
    if (!isfinite(item->score)) return cx__fail(job->ctx, CX_ERR_NUMERIC, "a score is not finite");
    result->terms_count += item->terms_count;
  }
  result->items_count = found;
  order_items(result);
  if (result->items_count > job->wanted) result->items_count = job->wanted;
  return CX_OK;
}

static cx_status write_withheld(ranking *job) {
  cx_ranker_list *list = job->list;
  cx__list_result *result = job->result;
  const size_t n = (size_t)job->ranker->head.items, all = n - job->eligible;
  const size_t most = all < job->request.withheld ? all : job->request.withheld;
  if (!cx__grow(&list->allocator, &result->withheld, &result->withheld_capacity, most, sizeof *result->withheld))
    return cx__no_memory(job->ctx);
  result->withheld_count = 0;
  for (size_t i = 0; result->withheld_count < most; i++)
    if (list->reasons[i] != 0)
      result->withheld[result->withheld_count++] =
          (cx__withheld){.item = cx__ranker_item_id(job->ranker, i), .reason = list->reasons[i]};
  return CX_OK;
}

static void keep_text(cx__list_result *result, cx_text *text) {
  if (text->size == 0) {
    if (text->data) *text = (cx_text){NULL, 0};
    return;
  }
  char *copy = result->bytes + result->bytes_count;
  memcpy(copy, text->data, text->size);
  result->bytes_count += text->size;
  text->data = copy;
}

/* Copies every text, so that the list may outlive the ranker. The texts of one subject are copied once for each term:
 * short ids. */
static cx_status keep_texts(ranking *job) {
  cx__list_result *result = job->result;
  size_t need = 0;
  for (size_t k = 0; k < result->items_count; k++) {
    const cx_ranker_item *item = &result->items[k];
    need += item->item.size + item->title.size;
    for (size_t t = 0; t < item->terms_count; t++) need += item->terms[t].subject.size;
  }
  for (size_t k = 0; k < result->withheld_count; k++) need += result->withheld[k].item.size;
  if (!cx__grow(&job->list->allocator, &result->bytes, &result->bytes_capacity, need, 1))
    return cx__no_memory(job->ctx);
  result->bytes_count = 0;
  for (size_t k = 0; k < result->items_count; k++) {
    cx_ranker_item *item = &result->items[k];
    keep_text(result, &item->item);
    keep_text(result, &item->title);
    cx_ranker_term *terms = result->terms + (item->terms - result->terms);
    for (size_t t = 0; t < item->terms_count; t++) keep_text(result, &terms[t].subject);
  }
  for (size_t k = 0; k < result->withheld_count; k++) keep_text(result, &result->withheld[k].item);
  return CX_OK;
}

/* Gives the result that is no longer shown as much room, so that the next request like this one allocates nothing. It
 * does not matter when that fails. */
static void warm(cx_ranker_list *list) {
  const cx__list_result *shown = &list->results[list->shown];
  cx__list_result *other = &list->results[1 - list->shown];
  (void)(cx__grow(&list->allocator, &other->items, &other->items_capacity, shown->items_capacity,
                  sizeof *other->items) &&
         cx__grow(&list->allocator, &other->terms, &other->terms_capacity, shown->terms_capacity,
                  sizeof *other->terms) &&
         cx__grow(&list->allocator, &other->withheld, &other->withheld_capacity, shown->withheld_capacity,
                  sizeof *other->withheld) &&
         cx__grow(&list->allocator, &other->bytes, &other->bytes_capacity, shown->bytes_capacity, 1));
}

static cx_status rank(ranking *job, const cx_profile *profile) {
  cx_ranker_list *list = job->list;
  cx_status status = ask(job, profile);
  if (status != CX_OK) return status;
  if (!grow_scores(list, (size_t)job->ranker->head.items)) return cx__no_memory(job->ctx);
  status = cx__fold_solve(job->ctx, &list->allocator, job->ranker, &list->fold);
  if (status != CX_OK) return status;
  withhold(job);
  score(job);
  size_t found = 0;
  if (!find_best(job, &found)) return cx__no_memory(job->ctx);
  status = write_items(job, found);
  if (status == CX_OK) status = write_withheld(job);
  if (status == CX_OK) status = keep_texts(job);
  if (status != CX_OK) return status;
  job->result->filled = true;
  list->shown = 1 - list->shown;
  warm(list);
  return CX_OK;
}

cx_status cx_ranker_rank(cx_context *ctx, const cx_ranker *ranker, const cx_profile *profile,
                         const cx_ranker_request *request, cx_ranker_list *list) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!ranker) return cx__null(ctx, "ranker");
  if (!list) return cx__null(ctx, "list");
  ranking job = {.ctx = ctx, .ranker = ranker, .list = list, .result = &list->results[1 - list->shown]};
  status = read_request(ctx, request, &job.request);
  if (status != CX_OK) return status;
  status = rank(&job, profile);
  cx__fold_clear(&list->fold);
  return status;
}

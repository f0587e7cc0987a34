/* SPDX-License-Identifier: MIT */
/* Measures of ranked lists. */
#include "math/math.h"
#include "metric/metric_bootstrap.h"

/* Users measured in one piece of work. */
#define CHUNK 256u
#define NOTHING (-1)

enum { RECALL, PRECISION, NDCG, MAP, MEASURES };

typedef struct ranking {
  const int64_t *ranked, *relevant, *offsets;
  size_t users, k;
  size_t longest;    /* list of relevant items */
  double *discounts; /* sum, in this order, of 1 / log2(i + 2) for i < count, count = 0 .. k */
  int64_t *sorted;   /* of each worker: relevant items */
  uint32_t *index;   /* of each worker: twice the longest list */
  uint8_t *found;    /* of each worker */
  double *values;    /* users x measures; afterwards only the users that count */
} ranking;

/* Where an item stands in a sorted list; n when it is not there. */
static size_t find_item(const int64_t *sorted, size_t n, int64_t item) {
  size_t low = 0, high = n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (sorted[middle] < item) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < n && sorted[low] == item ? low : n;
}

/* The items of a list, each once, ascending; how many. */
static size_t sort_items(const int64_t *items, size_t n, uint32_t *index, int64_t *sorted) {
  for (size_t i = 0; i < n; i++) index[i] = (uint32_t)i;
  cx__sort_index_int64(items, index, n, index + n);
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    if (count == 0 || sorted[count - 1] != items[index[i]]) sorted[count++] = items[index[i]];
  return count;
}

static void measure_user(const ranking *r, size_t user, uint32_t worker) {
  const size_t offset = (size_t)r->offsets[user], n = (size_t)(r->offsets[user + 1] - r->offsets[user]);
  double *values = r->values + user * MEASURES;
  if (n == 0) return;
  int64_t *sorted = r->sorted + worker * r->longest;
  uint8_t *found = r->found + worker * r->longest;
  const size_t count = sort_items(r->relevant + offset, n, r->index + 2 * worker * r->longest, sorted);
  memset(found, 0, count);
  double hits = 0, gain = 0, precisions = 0;
  for (size_t i = 0; i < r->k; i++) {
    const int64_t item = r->ranked[user * r->k + i];
    const size_t at = item == NOTHING ? count : find_item(sorted, count, item);
    if (at == count || found[at]) continue;
    found[at] = 1;
    hits += 1;
    gain += 1 / log2((double)i + 2);
    precisions += hits / (double)(i + 1);
  }
  values[RECALL] = hits / (double)count;
  values[PRECISION] = hits / (double)r->k;
  const size_t ideal = count < r->k ? count : r->k;
  values[NDCG] = gain / r->discounts[ideal];
  values[MAP] = precisions / (double)count;
}

static cx_status measure_users(void *user, size_t chunk, uint32_t worker) {
  const ranking *r = user;
  const size_t from = chunk * CHUNK, to = r->users - from < CHUNK ? r->users : from + CHUNK;
  for (size_t i = from; i < to; i++) measure_user(r, i, worker);
  return CX_OK;
}

typedef struct counted_users {
  const double *values;
  size_t n;
} counted_users;

#define BLOCK 128u

static void measure_means(const void *user, const uint32_t *counts, double *out) {
  const counted_users *u = user;
  double total[MEASURES] = {0};
  for (size_t from = 0; from < u->n; from += BLOCK) {
    const size_t to = u->n - from < BLOCK ? u->n : from + BLOCK;
    double sum[MEASURES] = {0};
    for (size_t i = from; i < to; i++) {
      const double times = counts ? counts[i] : 1;
      for (size_t m = 0; m < MEASURES; m++) sum[m] += times * u->values[i * MEASURES + m];
    }
    for (size_t m = 0; m < MEASURES; m++) total[m] += sum[m];
  }
  for (size_t m = 0; m < MEASURES; m++) out[m] = total[m] / (double)u->n;
}

static cx_status check_lists(cx_context *ctx, ranking *r, size_t *counted) {
  *counted = 0;
  if (r->users > UINT32_MAX) return cx__fail(ctx, CX_ERR_RANGE, "more than 4294967295 users");
  if (r->offsets[0] < 0) return cx__fail(ctx, CX_ERR_SHAPE, "offsets must not be negative");
  for (size_t u = 0; u < r->users; u++) {
    if (r->offsets[u + 1] < r->offsets[u])
      return cx__fail_at(ctx, CX_ERR_SHAPE, "offsets", u + 1, UINT64_MAX, "offsets must not decrease (row %zu)", u + 1);
    const uint64_t n = (uint64_t)r->offsets[u + 1] - (uint64_t)r->offsets[u];
    if (n > UINT32_MAX / 2) return cx__fail(ctx, CX_ERR_RANGE, "more than 2147483647 relevant items of one user");
    if (n > r->longest) r->longest = (size_t)n;
    if (n > 0) ++*counted;
  }
  if (*counted == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "no user has a relevant item");
  if (!r->ranked) return cx__null(ctx, "ranked");
  if (!r->relevant) return cx__null(ctx, "relevant");
  for (int64_t i = r->offsets[0]; i < r->offsets[r->users]; i++)
    if (r->relevant[i] == NOTHING)
      return cx__fail_at(ctx, CX_ERR_RANGE, "relevant", (uint64_t)i + 1, UINT64_MAX, "a relevant item is -1");
  return CX_OK;
}

static void free_ranking(const cx_allocator *allocator, ranking *r) {
  cx__free(allocator, r->discounts);
  cx__free(allocator, r->sorted);
  cx__free(allocator, r->index);
  cx__free(allocator, r->found);
  cx__free(allocator, r->values);
}

static bool alloc_ranking(const cx_allocator *allocator, ranking *r, size_t workers) {
  if (r->k == SIZE_MAX || r->longest > SIZE_MAX / workers / 2) return false;
  r->discounts = cx__alloc_array(allocator, r->k + 1, sizeof *r->discounts);
  r->sorted = cx__alloc_array(allocator, workers * r->longest, sizeof *r->sorted);
  r->index = cx__alloc_array(allocator, 2 * workers * r->longest, sizeof *r->index);
  r->found = cx__alloc_array(allocator, workers * r->longest, sizeof *r->found);
  r->values = cx__alloc_array(allocator, r->users, MEASURES * sizeof *r->values);
  return r->discounts && r->sorted && r->index && r->found && r->values;
}

static cx_status measure_lists(cx_context *ctx, const cx_metric_options *opts, ranking *r, cx_metric_ranking *out) {
  r->discounts[0] = 0;
  for (size_t i = 0; i < r->k; i++) r->discounts[i + 1] = r->discounts[i] + 1 / log2((double)i + 2);
  cx_status status = cx__parallel(ctx, (r->users + CHUNK - 1) / CHUNK, measure_users, r);
  if (status != CX_OK) return status;
  size_t counted = 0;
  for (size_t u = 0; u < r->users; u++)
    if (r->offsets[u + 1] > r->offsets[u])
      memmove(r->values + MEASURES * counted++, r->values + MEASURES * u, MEASURES * sizeof *r->values);
  const counted_users counting = {r->values, counted};
  cx_estimate results[MEASURES];
  status = cx__metric_estimate(ctx, opts, measure_means, &counting, counted, MEASURES, results);
  if (status == CX_OK) *out = (cx_metric_ranking){results[RECALL], results[PRECISION], results[NDCG], results[MAP]};
  return status;
}

cx_status cx_metric_rank(cx_context *ctx, const int64_t *ranked, size_t users, size_t k, const int64_t *relevant,
                         const int64_t *offsets, const cx_metric_options *opts, cx_metric_ranking *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  cx_metric_options own;
  status = cx__metric_read_options(ctx, opts, &own);
  if (status != CX_OK) return status;
  if (!offsets) return cx__null(ctx, "offsets");
  if (!out) return cx__null(ctx, "out");
  if (k < 1) return cx__fail(ctx, CX_ERR_RANGE, "k must be at least 1");
  ranking r = {.ranked = ranked, .relevant = relevant, .offsets = offsets, .users = users, .k = k};
  size_t counted;
  status = check_lists(ctx, &r, &counted);
  if (status != CX_OK) return status;
  const cx_allocator *allocator = cx__allocator(ctx);
  status = alloc_ranking(allocator, &r, cx__threads(ctx)) ? measure_lists(ctx, &own, &r, out) : cx__no_memory(ctx);
  free_ranking(allocator, &r);
  return status;
}

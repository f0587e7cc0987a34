/* SPDX-License-Identifier: MIT */
/* Interned texts in byte order. */
#include "rank/rank.h"

static void merge(const cx__interner *texts, const uint32_t *from, uint32_t *to, size_t begin, size_t middle,
                  size_t end) {
  size_t left = begin, right = middle;
  for (size_t i = begin; i < end; i++) {
    const bool take_left =
        left < middle && (right >= end || cx__text_compare(cx__interner_get(texts, from[left]),
                                                           cx__interner_get(texts, from[right])) <= 0);
    to[i] = take_left ? from[left++] : from[right++];
  }
}

bool cx__ranker_order_build(const cx_allocator *allocator, const cx__interner *texts, cx__ranker_order *order) {
  const size_t n = cx__interner_count(texts);
  order->sorted = cx__alloc_array(allocator, n, sizeof *order->sorted);
  order->place = cx__alloc_array(allocator, n, sizeof *order->place);
  if (!order->sorted || !order->place) {
    cx__ranker_order_free(allocator, order);
    return false;
  }
  for (size_t i = 0; i < n; i++) order->sorted[i] = (uint32_t)i;
  uint32_t *from = order->sorted, *to = order->place; /* place is the scratch until the end */
  for (size_t width = 1; width < n; width *= 2) {
    for (size_t begin = 0; begin < n; begin += 2 * width) {
      const size_t middle = begin + width < n ? begin + width : n;
      const size_t end = middle + width < n ? middle + width : n;
      merge(texts, from, to, begin, middle, end);
    }
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  order->sorted = from;
  order->place = to;
  for (size_t i = 0; i < n; i++) order->place[order->sorted[i]] = (uint32_t)i;
  return true;
}

void cx__ranker_order_free(const cx_allocator *allocator, cx__ranker_order *order) {
  cx__free(allocator, order->sorted);
  cx__free(allocator, order->place);
  order->sorted = order->place = NULL;
}

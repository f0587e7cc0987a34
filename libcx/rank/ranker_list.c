/* SPDX-License-Identifier: MIT */
/* The list that requests fill: its memory and its getters. */
#include "rank/list.h"

#define CODE_TEXT(name, value, text)                                                                                   \
  case (value):                                                                                                        \
    return text;

const char *cx_ranker_term_text(int32_t kind) {
  switch (kind) {
    CX_RANKER_TERM_MAP(CODE_TEXT)
  default:
    return NULL;
  }
}

const char *cx_ranker_reason_text(int32_t reason) {
  switch (reason) {
    CX_RANKER_REASON_MAP(CODE_TEXT)
  default:
    return NULL;
  }
}

cx_status cx_ranker_list_new(cx_context *ctx, cx_ranker_list **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  const cx_allocator *allocator = cx__allocator(ctx);
  cx_ranker_list *list = cx__alloc_zero(allocator, sizeof *list);
  if (!list) return cx__no_memory(ctx);
  list->allocator = *allocator;
  *out = list;
  return CX_OK;
}

void cx_ranker_list_free(cx_ranker_list *list) {
  if (!list) return;
  const cx_allocator allocator = list->allocator;
  for (int i = 0; i < 2; i++) {
    cx__free(&allocator, list->results[i].items);
    cx__free(&allocator, list->results[i].terms);
    cx__free(&allocator, list->results[i].withheld);
    cx__free(&allocator, list->results[i].bytes);
  }
  cx__fold_free(&allocator, &list->fold);
  cx__free_aligned(&allocator, list->scores);
  cx__free(&allocator, list->reasons);
  cx__free(&allocator, list->best);
  cx__free(&allocator, list);
}

static const cx__list_result *shown(const cx_ranker_list *list) { return &list->results[list->shown]; }

int cx_ranker_list_personal(const cx_ranker_list *list) { return list && shown(list)->personal ? 1 : 0; }

cx_status cx_ranker_list_permission(const cx_ranker_list *list, cx_permission *out) {
  if (!list || !out) return CX_ERR_INVALID;
  if (!shown(list)->filled) return CX_ERR_NO_DATA;
  return cx__result_write(NULL, out, &shown(list)->permission, sizeof *out);
}

size_t cx_ranker_list_count(const cx_ranker_list *list) { return list ? shown(list)->items_count : 0; }

cx_status cx_ranker_list_get(const cx_ranker_list *list, size_t index, cx_ranker_item *out) {
  if (!list || !out) return CX_ERR_INVALID;
  if (index >= shown(list)->items_count) return CX_ERR_RANGE;
  *out = shown(list)->items[index];
  return CX_OK;
}

uint64_t cx_ranker_list_withheld(const cx_ranker_list *list, int32_t reason) {
  if (!list || reason < 1 || reason >= CX_RANKER_REASONS) return 0;
  return shown(list)->counts[reason];
}

cx_status cx_ranker_list_get_withheld(const cx_ranker_list *list, size_t index, cx_text *item, int32_t *reason) {
  if (!list || !item || !reason) return CX_ERR_INVALID;
  if (index >= shown(list)->withheld_count) return CX_ERR_RANGE;
  *item = shown(list)->withheld[index].item;
  *reason = shown(list)->withheld[index].reason;
  return CX_OK;
}

static bool is_worse(cx__best a, cx__best b) {
  if (a.score < b.score) return true;
  if (a.score > b.score) return false;
  return a.item > b.item;
}

static void sink(cx__best *heap, size_t count, size_t at) {
  const cx__best moving = heap[at];
  for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && is_worse(heap[child + 1], heap[child])) child++;
    if (!is_worse(heap[child], moving)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moving;
}

void cx__best_add(cx__best *heap, size_t *count, size_t capacity, float score, uint32_t item) {
  const cx__best added = {.score = score, .item = item};
  if (*count < capacity) {
    size_t at = (*count)++;
    while (at > 0 && is_worse(added, heap[(at - 1) / 2])) {
      heap[at] = heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap[at] = added;
  } else if (is_worse(heap[0], added)) {
    heap[0] = added;
    sink(heap, *count, 0);
  }
}

void cx__best_sort(cx__best *heap, size_t count) {
  for (size_t left = count; left > 1; left--) {
    const cx__best worst = heap[0];
    heap[0] = heap[left - 1];
    heap[left - 1] = worst;
    sink(heap, left - 1, 0);
  }
}

/* SPDX-License-Identifier: MIT */
/* A ranker as a file: sections of the model container, used where they are mapped. Everything that is used as an index
 * or as a number is checked on opening, so that a request need not. */
#include "rank/rank.h"

#include <cx/model.h>
#include <math.h>

static const uint32_t tags[CX__RANKER_SECTIONS] = {
#define TAG(name, tag) [CX__RANKER_##name] = (tag),
    CX__RANKER_SECTION_MAP(TAG)
#undef TAG
};

void cx__ranker_bind(cx_ranker *ranker) {
  const void *const *section = ranker->section;
  ranker->item_text = section[CX__RANKER_ITEM_TEXT];
  ranker->item_offsets = section[CX__RANKER_ITEM_OFFSETS];
  ranker->index = section[CX__RANKER_ITEM_INDEX];
  ranker->title_text = section[CX__RANKER_TITLE_TEXT];
  ranker->title_offsets = section[CX__RANKER_TITLE_OFFSETS];
  ranker->topic_text = section[CX__RANKER_TOPIC_TEXT];
  ranker->topic_offsets = section[CX__RANKER_TOPIC_OFFSETS];
  ranker->topic_rows = section[CX__RANKER_TOPIC_ROWS];
  ranker->topic_items = section[CX__RANKER_TOPIC_ITEMS];
  ranker->popularity = section[CX__RANKER_POPULARITY];
  ranker->recency = section[CX__RANKER_RECENCY];
  ranker->valid_from = section[CX__RANKER_VALID_FROM];
  ranker->valid_until = section[CX__RANKER_VALID_UNTIL];
  ranker->factors = section[CX__RANKER_FACTORS];
  ranker->gram = section[CX__RANKER_GRAM];
  ranker->prior = section[CX__RANKER_PRIOR];
}

void cx__ranker_index_fill(uint32_t *index, uint64_t slots, const char *bytes, const uint64_t *offsets,
                           uint32_t count) {
  for (uint64_t slot = 0; slot < slots; slot++) index[slot] = CX__RANKER_EMPTY;
  for (uint32_t item = 0; item < count; item++) {
    const cx_text id = cx__ranker_text(bytes, offsets, item);
    uint64_t slot = cx__hash(id.data, id.size) & (slots - 1);
    while (index[slot] != CX__RANKER_EMPTY) slot = (slot + 1) & (slots - 1);
    index[slot] = item;
  }
}

bool cx__ranker_find_item(const cx_ranker *ranker, cx_text id, uint32_t *item) {
  const uint64_t mask = ranker->head.slots - 1;
  for (uint64_t slot = cx__hash(id.data, id.size) & mask; ranker->index[slot] != CX__RANKER_EMPTY;
       slot = (slot + 1) & mask)
    if (cx__text_equal(cx__ranker_item_id(ranker, ranker->index[slot]), id)) {
      *item = ranker->index[slot];
      return true;
    }
  return false;
}

bool cx__ranker_find_topic(const cx_ranker *ranker, cx_text id, uint32_t *topic) {
  uint64_t low = 0, high = ranker->head.topics;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    const int order = cx__text_compare(cx__ranker_topic_id(ranker, (size_t)middle), id);
    if (order == 0) {
      *topic = (uint32_t)middle;
      return true;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/* Offsets that ascend from 0 to the size of what they point into. */
static bool offsets_hold(const uint64_t *offsets, uint64_t n, uint64_t size) {
  if (offsets[0] != 0 || offsets[n] != size) return false;
  for (uint64_t i = 0; i < n; i++)
    if (offsets[i] > offsets[i + 1]) return false;
  return true;
}

static bool texts_hold(const char *bytes, const uint64_t *offsets, uint64_t n, uint64_t size, bool sorted) {
  if (!offsets_hold(offsets, n, size)) return false;
  for (uint64_t i = 0; i < n; i++) {
    const cx_text text = cx__ranker_text(bytes, offsets, (size_t)i);
    if (!cx__text_is_utf8(text)) return false;
    if (sorted && i > 0 && cx__text_compare(cx__ranker_text(bytes, offsets, (size_t)i - 1), text) >= 0) return false;
  }
  return true;
}

/* Every item once and a free slot at least, so that a search ends. */
static bool index_holds(const cx_ranker *ranker) {
  const cx__ranker_head *head = &ranker->head;
  uint64_t taken = 0;
  for (uint64_t slot = 0; slot < head->slots; slot++) {
    if (ranker->index[slot] == CX__RANKER_EMPTY) continue;
    if (ranker->index[slot] >= head->items) return false;
    taken++;
  }
  if (taken != head->items || taken >= head->slots) return false;
  for (uint64_t item = 0; item < head->items; item++) {
    uint32_t found;
    if (!cx__ranker_find_item(ranker, cx__ranker_item_id(ranker, (size_t)item), &found) || found != item) return false;
  }
  return true;
}

static bool topics_hold(const cx_ranker *ranker) {
  const cx__ranker_head *head = &ranker->head;
  const uint64_t members = ranker->size[CX__RANKER_TOPIC_ITEMS] / sizeof(uint32_t);
  if (!offsets_hold(ranker->topic_rows, head->topics, members)) return false;
  for (uint64_t topic = 0; topic < head->topics; topic++)
    for (uint64_t k = ranker->topic_rows[topic]; k < ranker->topic_rows[topic + 1]; k++) {
      if (ranker->topic_items[k] >= head->items) return false;
      if (k > ranker->topic_rows[topic] && ranker->topic_items[k] <= ranker->topic_items[k - 1]) return false;
    }
  return true;
}

static bool numbers_hold(const cx_ranker *ranker) {
  const cx__ranker_head *head = &ranker->head;
  bool fine = true;
  for (uint64_t i = 0; i < head->items; i++)
    fine = fine && ranker->popularity[i] >= 0 && ranker->popularity[i] <= 1 && ranker->recency[i] >= 0 &&
           ranker->recency[i] <= 0x1p501;
  return fine && cx__factors_are_finite(ranker->factors, (size_t)(head->items * head->stride)) &&
         cx__factors_are_finite(ranker->prior, (size_t)((head->topics + 1) * head->stride)) &&
         cx__factors_are_finite(ranker->gram, (size_t)head->stride * head->stride);
}

static bool within(double value, double least, double most) { return value >= least && value <= most; }

static bool sizes_hold(const cx__ranker_head *head) {
  if (head->factors > 512 || head->stride != (head->factors + 15) / 16 * 16) return false;
  if (head->items < 1 || head->items >= UINT32_MAX || head->topics >= UINT32_MAX) return false;
  /* half of the index is free, so that a search is short */
  return head->slots >= 4 && head->slots >= 2 * head->items && head->slots <= UINT64_C(1) << 34 &&
         (head->slots & (head->slots - 1)) == 0;
}

static bool head_holds(const cx__ranker_head *head) {
  const struct {
    double value, least, most;
  } numbers[] = {{head->regularisation, 0, 1e9},
                 {head->unobserved, 0, 1e9},
                 {head->exponent, 0, 1},
                 {head->prior, 0, 1e9},
                 {head->weight_taste, 0, 1e6},
                 {head->weight_preference, 0, 1e6},
                 {head->recency_half_life, 1e-300, 1e9},
                 {head->weight_popularity, 0, 1e6},
                 {head->weight_recency, 0, 1e6}};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (!within(numbers[i].value, numbers[i].least, numbers[i].most)) return false;
  return sizes_hold(head) && isfinite(head->objective);
}

cx_status cx__ranker_check(cx_context *ctx, const cx_ranker *ranker) {
  const cx__ranker_head *head = &ranker->head;
  if (!texts_hold(ranker->item_text, ranker->item_offsets, head->items, ranker->size[CX__RANKER_ITEM_TEXT], true))
    return cx__fail(ctx, CX_ERR_CORRUPT, "the ranker's item ids are damaged");
  if (!texts_hold(ranker->title_text, ranker->title_offsets, head->items, ranker->size[CX__RANKER_TITLE_TEXT], false))
    return cx__fail(ctx, CX_ERR_CORRUPT, "the ranker's titles are damaged");
  if (!texts_hold(ranker->topic_text, ranker->topic_offsets, head->topics, ranker->size[CX__RANKER_TOPIC_TEXT], true))
    return cx__fail(ctx, CX_ERR_CORRUPT, "the ranker's topics are damaged");
  if (!index_holds(ranker)) return cx__fail(ctx, CX_ERR_CORRUPT, "the ranker's index of items is damaged");
  if (!topics_hold(ranker)) return cx__fail(ctx, CX_ERR_CORRUPT, "the ranker's items by topic are damaged");
  if (!numbers_hold(ranker)) return cx__fail(ctx, CX_ERR_CORRUPT, "the ranker holds a number that is out of range");
  return CX_OK;
}

/* A section of count elements into its place. */
static cx_status take(cx_context *ctx, cx_ranker *ranker, int section, uint64_t count, size_t size) {
  ranker->size[section] = count * size;
  return cx__model_get_array(ctx, ranker->model, tags[section], count, size, &ranker->section[section]);
}

/* A section of any number of elements. */
static cx_status take_all(cx_context *ctx, cx_ranker *ranker, int section, size_t size) {
  uint64_t bytes = 0;
  const void *data = cx__model_get(ranker->model, tags[section], &bytes);
  if (!data || bytes % size != 0) return cx__fail(ctx, CX_ERR_CORRUPT, "a section of the ranker is missing");
  ranker->section[section] = data;
  ranker->size[section] = bytes;
  return CX_OK;
}

static cx_status take_sections(cx_context *ctx, cx_ranker *ranker) {
  cx_status status = take(ctx, ranker, CX__RANKER_HEAD, 1, sizeof ranker->head);
  if (status != CX_OK) return status;
  memcpy(&ranker->head, ranker->section[CX__RANKER_HEAD], sizeof ranker->head);
  const cx__ranker_head *head = &ranker->head;
  if (!head_holds(head)) return cx__fail(ctx, CX_ERR_CORRUPT, "the ranker's head is damaged");
  const struct {
    int section;
    uint64_t count;
    size_t size;
  } sections[] = {{CX__RANKER_ITEM_OFFSETS, head->items + 1, sizeof(uint64_t)},
                  {CX__RANKER_ITEM_INDEX, head->slots, sizeof(uint32_t)},
                  {CX__RANKER_TITLE_OFFSETS, head->items + 1, sizeof(uint64_t)},
                  {CX__RANKER_TOPIC_OFFSETS, head->topics + 1, sizeof(uint64_t)},
                  {CX__RANKER_TOPIC_ROWS, head->topics + 1, sizeof(uint64_t)},
                  {CX__RANKER_POPULARITY, head->items, sizeof(double)},
                  {CX__RANKER_RECENCY, head->items, sizeof(double)},
                  {CX__RANKER_VALID_FROM, head->items, sizeof(int64_t)},
                  {CX__RANKER_VALID_UNTIL, head->items, sizeof(int64_t)},
                  {CX__RANKER_FACTORS, head->items * head->stride, sizeof(float)},
                  {CX__RANKER_GRAM, (uint64_t)head->stride * head->stride, sizeof(float)},
                  {CX__RANKER_PRIOR, (head->topics + 1) * head->stride, sizeof(float)}};
  for (size_t i = 0; status == CX_OK && i < sizeof sections / sizeof sections[0]; i++)
    status = take(ctx, ranker, sections[i].section, sections[i].count, sections[i].size);
  if (status == CX_OK) status = take_all(ctx, ranker, CX__RANKER_ITEM_TEXT, 1);
  if (status == CX_OK) status = take_all(ctx, ranker, CX__RANKER_TITLE_TEXT, 1);
  if (status == CX_OK) status = take_all(ctx, ranker, CX__RANKER_TOPIC_TEXT, 1);
  if (status == CX_OK) status = take_all(ctx, ranker, CX__RANKER_TOPIC_ITEMS, sizeof(uint32_t));
  if (status != CX_OK) return status;
  cx__ranker_bind(ranker);
  return cx__ranker_check(ctx, ranker);
}

/* Takes the model over, also on failure. */
static cx_status open_model(cx_context *ctx, cx__model *model, cx_ranker **out) {
  const cx_allocator *allocator = cx__allocator(ctx);
  cx_ranker *ranker = cx__alloc_zero(allocator, sizeof *ranker);
  if (!ranker) {
    cx__model_free(model);
    return cx__no_memory(ctx);
  }
  ranker->allocator = *allocator;
  ranker->model = model;
  const cx_status status = take_sections(ctx, ranker);
  if (status == CX_OK)
    *out = ranker;
  else
    cx_ranker_free(ranker);
  return status;
}

cx_status cx__ranker_open_bytes(cx_context *ctx, const void *bytes, size_t size, cx_ranker **out) {
  cx__model *model = NULL;
  const cx_status status = cx__model_open_bytes(ctx, bytes, size, CX__RANKER_KIND, CX__RANKER_VERSION, &model);
  return status == CX_OK ? open_model(ctx, model, out) : status;
}

cx_status cx_ranker_open(cx_context *ctx, const char *path, const cx_model_open_options *opts, cx_ranker **out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  *out = NULL;
  if (!path) return cx__null(ctx, "path");
  cx__model *model = NULL;
  status = cx__model_open(ctx, path, CX__RANKER_KIND, CX__RANKER_VERSION, opts, &model);
  return status == CX_OK ? open_model(ctx, model, out) : status;
}

cx_status cx_ranker_save(cx_context *ctx, const cx_ranker *ranker, const char *path,
                         const cx_model_save_options *opts) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!ranker) return cx__null(ctx, "ranker");
  if (!path) return cx__null(ctx, "path");
  cx__model_section sections[CX__RANKER_SECTIONS];
  for (int i = 0; i < CX__RANKER_SECTIONS; i++)
    sections[i] = (cx__model_section){.tag = tags[i], .data = ranker->section[i], .size = ranker->size[i]};
  return cx__model_save(ctx, path, CX__RANKER_KIND, CX__RANKER_VERSION, opts, sections, CX__RANKER_SECTIONS);
}

/* SPDX-License-Identifier: MIT */
/* A small invented shop for the ranker's suites: people who each favour one topic, items with one topic or two. */
#ifndef CX_TESTS_RANKER_WORLD_H
#define CX_TESTS_RANKER_WORLD_H

#include "support.h"

#define WORLD_DAY INT64_C(86400000000)
#define WORLD_NOW (INT64_C(19000) * WORLD_DAY)

/** Rows of text for a column. */
typedef struct world_texts {
  char *bytes;
  int64_t *offsets;
  size_t count;
} world_texts;

typedef struct world {
  size_t people, items, topics, rows;
  cx_table *interactions;
  cx_table *contents;
} world;

static inline uint32_t world_random(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*state >> 33);
}

static inline void world_item_id(size_t item, char id[16]) { snprintf(id, 16, "item-%04u", (unsigned)(item % 10000)); }
static inline void world_topic_id(size_t topic, char id[16]) { snprintf(id, 16, "topic-%u", (unsigned)(topic % 100)); }

static inline world_texts world_texts_new(size_t rows) {
  world_texts texts = {malloc(rows * 16 + 1), malloc((rows + 1) * sizeof(int64_t)), 0};
  ck_assert(texts.bytes && texts.offsets);
  texts.offsets[0] = 0;
  return texts;
}

static inline void world_texts_add(world_texts *texts, const char *text) {
  const int64_t at = texts->offsets[texts->count];
  memcpy(texts->bytes + at, text, strlen(text));
  texts->offsets[++texts->count] = at + (int64_t)strlen(text);
}

static inline void world_texts_free(world_texts *texts) {
  free(texts->bytes);
  free(texts->offsets);
}

/* Item i has topic i % topics, and every third item topic 0 as well. */
static inline bool world_has_topic(const world *w, size_t item, size_t topic) {
  return item % w->topics == topic || (item % 3 == 0 && topic == 0);
}

static inline cx_table *world_contents(const world *w) {
  world_texts item = world_texts_new(2 * w->items), topic = world_texts_new(2 * w->items);
  world_texts title = world_texts_new(2 * w->items);
  int64_t *published = malloc(2 * w->items * sizeof *published);
  int64_t *from = malloc(2 * w->items * sizeof *from), *until = malloc(2 * w->items * sizeof *until);
  uint8_t *has_until = calloc(2 * w->items, 1);
  ck_assert(published && from && until && has_until);
  for (size_t i = 0; i < w->items; i++)
    for (size_t t = 0; t < w->topics; t++) {
      if (!world_has_topic(w, i, t)) continue;
      char text[16];
      const size_t row = item.count;
      world_item_id(i, text);
      world_texts_add(&item, text);
      world_topic_id(t, text);
      world_texts_add(&topic, text);
      snprintf(text, sizeof text, "Title %u", (unsigned)(i % 10000));
      world_texts_add(&title, text);
      published[row] = WORLD_NOW - (int64_t)(i % 50) * WORLD_DAY;
      from[row] = i % 37 == 5 ? WORLD_NOW + WORLD_DAY : WORLD_NOW - 100 * WORLD_DAY;
      until[row] = i % 37 == 7 ? WORLD_NOW - WORLD_DAY : 0;
      if (i % 37 == 7) has_until[row / 8] = (uint8_t)(has_until[row / 8] | 1u << row % 8);
    }
  const cx_column columns[] = {{.name = "item", .type = CX_TYPE_TEXT, .values = item.bytes, .offsets = item.offsets},
                               {.name = "topic", .type = CX_TYPE_TEXT, .values = topic.bytes, .offsets = topic.offsets},
                               {.name = "title", .type = CX_TYPE_TEXT, .values = title.bytes, .offsets = title.offsets},
                               {.name = "published", .type = CX_TYPE_TIME, .values = published},
                               {.name = "valid_from", .type = CX_TYPE_TIME, .values = from},
                               {.name = "valid_until", .type = CX_TYPE_TIME, .values = until, .validity = has_until}};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, 6, item.count, &table));
  world_texts_free(&item);
  world_texts_free(&topic);
  world_texts_free(&title);
  free(published);
  free(from);
  free(until);
  free(has_until);
  return table;
}

/* Person p likes topic p % topics; every eleventh row has no person; some rows are returns, views or heavy. */
static inline cx_table *world_interactions(const world *w, uint64_t seed) {
  world_texts item = world_texts_new(w->rows);
  int64_t *person = malloc(w->rows * sizeof *person), *time = malloc(w->rows * sizeof *time);
  int64_t *kind = malloc(w->rows * sizeof *kind);
  double *weight = malloc(w->rows * sizeof *weight);
  uint8_t *has_person = calloc(w->rows / 8 + 1, 1);
  ck_assert(person && time && kind && weight && has_person);
  uint64_t state = seed;
  for (size_t r = 0; r < w->rows; r++) {
    person[r] = 100 + world_random(&state) % (int64_t)w->people;
    const size_t liked = (size_t)(person[r] - 100) % w->topics;
    size_t i = world_random(&state) % w->items;
    if (world_random(&state) % 4 != 0) i = i / w->topics * w->topics + liked;
    if (i >= w->items) i = liked;
    char text[16];
    world_item_id(i, text);
    world_texts_add(&item, text);
    time[r] = WORLD_NOW - (int64_t)(world_random(&state) % 200) * WORLD_DAY;
    const uint32_t dice = world_random(&state) % 20;
    kind[r] = dice == 0   ? CX_EVENT_RETURN
              : dice < 4  ? CX_EVENT_VIEW
              : dice == 4 ? CX_EVENT_IMPRESSION
                          : CX_EVENT_PURCHASE;
    weight[r] = dice == 19 ? 7.5 : 1;
    if (r % 11 != 0) has_person[r / 8] = (uint8_t)(has_person[r / 8] | 1u << r % 8);
  }
  const cx_column columns[] = {{.name = "person", .type = CX_TYPE_INT64, .values = person, .validity = has_person},
                               {.name = "item", .type = CX_TYPE_TEXT, .values = item.bytes, .offsets = item.offsets},
                               {.name = "time", .type = CX_TYPE_TIME, .values = time},
                               {.name = "kind", .type = CX_TYPE_INT64, .values = kind},
                               {.name = "weight", .type = CX_TYPE_DOUBLE, .values = weight}};
  cx_table *table = NULL;
  ck_ok(NULL, cx_table_new(NULL, columns, 5, w->rows, &table));
  world_texts_free(&item);
  free(person);
  free(time);
  free(kind);
  free(weight);
  free(has_person);
  return table;
}

static inline world world_new(size_t people, size_t items, size_t topics, size_t rows) {
  world w = {.people = people, .items = items, .topics = topics, .rows = rows};
  w.interactions = world_interactions(&w, 7);
  w.contents = world_contents(&w);
  return w;
}

static inline void world_free(world *w) {
  cx_table_free(w->interactions);
  cx_table_free(w->contents);
}

static inline cx_ranker_options world_options(void) {
  cx_ranker_options opts;
  ck_ok(NULL, cx_ranker_options_init(&opts, sizeof opts));
  opts.factors = 12;
  opts.iterations = 6;
  return opts;
}

static inline cx_ranker *world_fit(cx_context *ctx, const world *w, const cx_ranker_options *opts) {
  cx_ranker *ranker = NULL;
  ck_ok(ctx, cx_ranker_fit(ctx, w->interactions, w->contents, opts, &ranker));
  return ranker;
}

static inline cx_identifier world_who(void) {
  cx_identifier who = {.name_space = text_of("customer"), .value = text_of("c-1")};
  return who;
}

static inline cx_profile *world_profile(bool permitted) {
  cx_profile *profile = NULL;
  ck_ok(NULL, cx_profile_new(NULL, &profile));
  ck_ok(NULL, cx_profile_set_person(NULL, profile, 5));
  ck_ok(NULL, cx_profile_set_time(NULL, profile, WORLD_NOW));
  if (!permitted) return profile;
  const cx_consent consent = {.size = sizeof consent,
                              .state = CX_CONSENT_GRANTED,
                              .basis = CX_BASIS_CONSENT,
                              .id = text_of("consent-1"),
                              .who = world_who(),
                              .purpose = text_of("personalisation"),
                              .channel = text_of("any"),
                              .evidence = text_of("form 12"),
                              .time = WORLD_NOW - 300 * WORLD_DAY,
                              .valid_until = CX_TIME_NONE};
  ck_ok(NULL, cx_profile_add_consent(NULL, profile, &consent));
  return profile;
}

static inline void world_event(cx_profile *profile, int32_t kind, const char *item, int64_t days_ago) {
  static unsigned number;
  char id[32];
  snprintf(id, sizeof id, "event-%u", number++);
  const cx_identifier who = world_who();
  const cx_event_line line = {
      .item = text_of(item), .quantity = {.mantissa = 1}, .price = {.mantissa = 0, .scale = -1}};
  const cx_event event = {.size = sizeof event,
                          .kind = kind,
                          .id = text_of(id),
                          .who = &who,
                          .who_count = 1,
                          .time = WORLD_NOW - days_ago * WORLD_DAY,
                          .received = CX_TIME_NONE,
                          .lines = &line,
                          .lines_count = 1};
  ck_ok(NULL, cx_profile_add_event(NULL, profile, &event));
}

static inline void world_buys(cx_profile *profile, size_t item, int64_t days_ago) {
  char id[16];
  world_item_id(item, id);
  world_event(profile, CX_EVENT_PURCHASE, id, days_ago);
}

static inline void world_declares(cx_profile *profile, const char *topic, double strength, int64_t days_ago,
                                  int64_t valid_until) {
  static unsigned number;
  char id[32];
  snprintf(id, sizeof id, "preference-%u", number++);
  const cx_preference preference = {.size = sizeof preference,
                                    .id = text_of(id),
                                    .who = world_who(),
                                    .topic = text_of(topic),
                                    .strength = strength,
                                    .source = text_of("preference-centre"),
                                    .time = WORLD_NOW - days_ago * WORLD_DAY,
                                    .valid_until = valid_until};
  ck_ok(NULL, cx_profile_add_preference(NULL, profile, &preference));
}

/** A list as text, every number to its last bit, to compare whole lists. */
static inline char *world_print(const cx_ranker_list *list) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  ck_assert_ptr_nonnull(out);
  fprintf(out, "personal %d\n", cx_ranker_list_personal(list));
  for (size_t k = 0; k < cx_ranker_list_count(list); k++) {
    cx_ranker_item item;
    ck_ok(NULL, cx_ranker_list_get(list, k, &item));
    fprintf(out, "%.*s '%.*s' %a\n", (int)item.item.size, item.item.data, (int)item.title.size,
            item.title.data ? item.title.data : "", item.score);
    for (size_t t = 0; t < item.terms_count; t++)
      fprintf(out, "  %d %u %.*s %a %lld\n", item.terms[t].kind, item.terms[t].count, (int)item.terms[t].subject.size,
              item.terms[t].subject.data ? item.terms[t].subject.data : "", item.terms[t].value,
              (long long)item.terms[t].time);
  }
  for (int32_t reason = 1; reason < CX_RANKER_REASONS; reason++)
    fprintf(out, "withheld %d %llu\n", reason, (unsigned long long)cx_ranker_list_withheld(list, reason));
  cx_text item;
  int32_t reason;
  for (size_t k = 0; cx_ranker_list_get_withheld(list, k, &item, &reason) == CX_OK; k++)
    fprintf(out, "  %.*s %d\n", (int)item.size, item.data, reason);
  fclose(out);
  return text;
}

static inline cx_ranker_request world_request(uint32_t count) {
  cx_ranker_request request;
  ck_ok(NULL, cx_ranker_request_init(&request, sizeof request));
  request.count = count;
  return request;
}

/** Position of an item in a list; SIZE_MAX when it is not there. */
static inline size_t world_find(const cx_ranker_list *list, size_t item, cx_ranker_item *out) {
  char id[16];
  world_item_id(item, id);
  for (size_t k = 0; k < cx_ranker_list_count(list); k++) {
    ck_ok(NULL, cx_ranker_list_get(list, k, out));
    if (out->item.size == strlen(id) && memcmp(out->item.data, id, strlen(id)) == 0) return k;
  }
  return SIZE_MAX;
}

#endif

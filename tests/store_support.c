/* SPDX-License-Identifier: MIT */
#include "store_support.h"

#include <dirent.h>
#include <unistd.h>

#define TURNS 4

void store_work_in_memory(void) {
  if (access("/dev/shm", W_OK | X_OK) == 0) (void)!chdir("/dev/shm");
}

const char *store_path(const char *name) {
  static char paths[TURNS][256];
  static int turn;
  char *path = paths[turn++ % TURNS];
  snprintf(path, sizeof paths[0], "%s/%s", test_directory(), name);
  return path;
}

cx_store *store_open(cx_context *ctx, const char *name, bool create) {
  cx_store_options opts;
  ck_assert_int_eq(cx_store_options_init(&opts, sizeof opts), CX_OK);
  opts.create = create;
  cx_store *store = NULL;
  ck_ok(ctx, cx_store_open(ctx, store_path(name), &opts, &store));
  ck_assert_ptr_nonnull(store);
  return store;
}

cx_identifier identifier_of(const char *name_space, const char *value) {
  return (cx_identifier){.name_space = text_of(name_space), .value = text_of(value)};
}

cx_event_line line_of(const char *item, int64_t quantity, int64_t cents) {
  return (cx_event_line){.item = text_of(item), .quantity = {quantity, 0, 0}, .price = {cents, 2, 0}};
}

cx_event purchase_of(const char *id, const char *customer, int64_t time, const char *item) {
  static cx_identifier who[TURNS];
  static cx_event_line lines[TURNS];
  static int turn;
  const int now = turn++ % TURNS;
  if (customer) who[now] = identifier_of("customer", customer);
  lines[now] = line_of(item, 1, 250);
  return (cx_event){.size = sizeof(cx_event),
                    .kind = CX_EVENT_PURCHASE,
                    .id = text_of(id),
                    .who = customer ? &who[now] : NULL,
                    .who_count = customer ? 1 : 0,
                    .time = time,
                    .received = CX_TIME_NONE,
                    .lines = &lines[now],
                    .lines_count = 1,
                    .currency = "EUR"};
}

cx_assertion assertion_of(int32_t kind, cx_identifier a, cx_identifier b, int64_t time) {
  return (cx_assertion){.size = sizeof(cx_assertion), .kind = kind, .a = a, .b = b, .time = time};
}

cx_preference preference_of(const char *customer, const char *topic, double strength, int64_t time) {
  return (cx_preference){.size = sizeof(cx_preference),
                         .who = identifier_of("customer", customer),
                         .topic = text_of(topic),
                         .strength = strength,
                         .time = time,
                         .valid_until = CX_TIME_NONE};
}

cx_consent consent_of(const char *customer, const char *purpose, const char *channel, int32_t state, int64_t time) {
  return (cx_consent){.size = sizeof(cx_consent),
                      .state = state,
                      .basis = CX_BASIS_CONSENT,
                      .who = identifier_of("customer", customer),
                      .purpose = text_of(purpose),
                      .channel = text_of(channel),
                      .evidence = text_of("form 1"),
                      .time = time,
                      .valid_until = CX_TIME_NONE};
}

cx_content content_of(const char *id, const char *title, int64_t time) {
  return (cx_content){.size = sizeof(cx_content),
                      .id = text_of(id),
                      .title = text_of(title),
                      .time = time,
                      .published = CX_TIME_NONE,
                      .valid_from = CX_TIME_NONE,
                      .valid_until = CX_TIME_NONE};
}

int64_t person_of(cx_context *ctx, cx_store *store, const char *id) {
  int64_t person = 0;
  ck_ok(ctx, cx_store_find_person(ctx, store, text_of(id), &person));
  return person;
}

cx_store_info info_of(cx_context *ctx, cx_store *store) {
  cx_store_info info = {.size = sizeof info};
  ck_ok(ctx, cx_store_get_info(ctx, store, &info));
  return info;
}

struct bytes {
  char *data;
  size_t size, capacity;
};

static int collect(void *user, const void *data, size_t size) {
  struct bytes *all = user;
  if (all->size + size + 1 > all->capacity) {
    all->capacity = (all->size + size + 1) * 2;
    all->data = realloc(all->data, all->capacity);
    ck_assert_ptr_nonnull(all->data);
  }
  memcpy(all->data + all->size, data, size);
  all->size += size;
  all->data[all->size] = '\0';
  return 0;
}

char *export_of(cx_context *ctx, cx_store *store, size_t *size) {
  struct bytes all = {NULL, 0, 0};
  ck_ok(ctx, cx_store_export(ctx, store, collect, &all));
  *size = all.size;
  return all.data;
}

void store_remove(const char *name) {
  static const char *const ends[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < 3; i++) {
    char path[300];
    snprintf(path, sizeof path, "%s%s", store_path(name), ends[i]);
    (void)unlink(path);
  }
}

void store_remove_all(void) {
  DIR *files = opendir(test_directory());
  ck_assert_ptr_nonnull(files);
  for (struct dirent *file = readdir(files); file; file = readdir(files))
    if (file->d_name[0] != '.') (void)unlink(store_path(file->d_name));
  closedir(files);
}

cx_status any_add(cx_context *ctx, cx_store *store, const any_record *record) {
  switch (record->kind) {
  case ANY_EVENT:
    return cx_store_add_event(ctx, store, &record->of.event);
  case ANY_ASSERTION:
    return cx_store_add_assertion(ctx, store, &record->of.assertion);
  case ANY_CONTENT:
    return cx_store_add_content(ctx, store, &record->of.content);
  case ANY_PREFERENCE:
    return cx_store_add_preference(ctx, store, &record->of.preference);
  case ANY_CONSENT:
    return cx_store_add_consent(ctx, store, &record->of.consent);
  }
  return CX_ERR_INTERNAL;
}

#define SHOP_MAX 400
static any_record shop[SHOP_MAX];
static size_t shop_count;
static uint64_t shop_state;

static size_t draw(size_t bound) {
  shop_state = shop_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(shop_state >> 33) % bound;
}

/** A text that stays. */
static const char *keep(const char *format, size_t number) {
  static char room[32768];
  static size_t used;
  char *text = room + used;
  ck_assert_uint_lt(used + 64, sizeof room);
  used += (size_t)snprintf(text, 64, format, number) + 1;
  return text;
}

static any_record *put(any_kind kind) {
  ck_assert_uint_lt(shop_count, SHOP_MAX);
  shop[shop_count].kind = kind;
  return &shop[shop_count++];
}

static cx_identifier anybody(void) {
  static const char *const spaces[] = {"customer", "email", "anonymous"};
  cx_identifier one = identifier_of(spaces[draw(3)], keep("id%zu", draw(12)));
  one.verified = draw(4) == 0;
  return one;
}

static void make_events(void) {
  static cx_identifier who[160][3];
  static cx_event_line lines[200][2];
  for (size_t i = 0; i < 140; i++) {
    cx_event *event = &put(ANY_EVENT)->of.event;
    *event = purchase_of(keep("m%zu", i), NULL, (int64_t)draw(60) * DAY, "i");
    event->kind = 1 + (int32_t)draw(13);
    event->who_count = draw(4);
    event->who = who[i];
    for (size_t k = 0; k < event->who_count; k++) who[i][k] = anybody();
    event->lines_count = draw(3);
    event->lines = lines[i];
    for (size_t k = 0; k < event->lines_count; k++)
      lines[i][k] = line_of(keep("item%zu", draw(9)), 1 + (int64_t)draw(5), (int64_t)draw(50) * 10);
    if (draw(2) == 0) event->channel = text_of("web");
    if (draw(3) == 0) event->properties = text_of("{\"a\": [1, \"x\\u0000\"],\n \"b\":2}");
  }
  for (size_t i = 0; i < 20; i++) { /* the same again: other spelling of decimals, another arrival */
    any_record *again = put(ANY_EVENT);
    again->of.event = shop[i * 3].of.event;
    again->of.event.received = (int64_t)i;
    for (size_t k = 0; k < again->of.event.lines_count; k++) {
      lines[140 + i][k] = again->of.event.lines[k];
      lines[140 + i][k].price.mantissa *= 100;
      lines[140 + i][k].price.scale += 2;
    }
    again->of.event.lines = lines[140 + i];
  }
  for (size_t i = 0; i < 24; i++) { /* ids with other content, some at the same time, some three times */
    any_record *other = put(ANY_EVENT);
    other->of.event = shop[40 + i / 2].of.event;
    other->of.event.name = text_of(keep("other %zu", i));
    if (i % 3 == 0) other->of.event.time -= DAY;
  }
}

static void make_facts(void) {
  static const cx_text topics[2][3] = {{{"cup", 3}, {"red", 3}, {"tea", 3}}, {{"tea", 3}, {"cup", 3}, {"red", 3}}};
  for (size_t i = 0; i < 30; i++) {
    cx_content *content = &put(ANY_CONTENT)->of.content;
    *content = content_of(keep("item%zu", draw(6)), keep("Title %zu", draw(3)), (int64_t)draw(4) * DAY);
    content->topics = topics[draw(2)];
    content->topics_count = draw(2) * 3;
    if (draw(5) == 0) content->time = CX_TIME_NONE;
  }
  for (size_t i = 0; i < 30; i++) {
    cx_preference *preference = &put(ANY_PREFERENCE)->of.preference;
    *preference = preference_of("x", draw(2) == 0 ? "tea" : "cup", (double)draw(5) / 4, (int64_t)draw(9) * DAY);
    preference->who = anybody();
    if (draw(2) == 0) preference->id = text_of(keep("p%zu", draw(5)));
  }
  for (size_t i = 0; i < 30; i++) {
    cx_consent *consent = &put(ANY_CONSENT)->of.consent;
    *consent = consent_of("x", draw(2) == 0 ? "marketing" : "analytics", draw(2) == 0 ? "any" : "web",
                          1 + (int32_t)draw(3), (int64_t)draw(9) * DAY);
    consent->who = anybody();
    if (draw(2) == 0) consent->id = text_of(keep("c%zu", draw(5)));
  }
}

static void make_assertions(void) {
  for (size_t i = 0; i < 24; i++) {
    cx_assertion *assertion = &put(ANY_ASSERTION)->of.assertion;
    const int32_t kind = i % 4 == 3 ? CX_ASSERTION_DIFFERENT : CX_ASSERTION_SAME;
    *assertion = assertion_of(kind, anybody(), anybody(), (int64_t)draw(6) * DAY);
    assertion->id = text_of(keep("a%zu", i % 20)); /* the last four use ids of the first */
    assertion->source = text_of("test");
    if (kind == CX_ASSERTION_DIFFERENT) {
      /* Nobody is kept apart from himself. */
      assertion->a.name_space = text_of("customer");
      assertion->b.name_space = text_of("email");
    }
  }
  static const char *const retracted[] = {"a1", "a6", "never"};
  for (size_t i = 0; i < 3; i++) {
    cx_assertion *assertion = &put(ANY_ASSERTION)->of.assertion;
    *assertion = (cx_assertion){.size = sizeof *assertion, .kind = CX_ASSERTION_RETRACT, .time = (int64_t)i * DAY};
    assertion->retracts = text_of(retracted[i]);
  }
}

const any_record *any_shop(size_t *count) {
  if (shop_count == 0) {
    shop_state = 20261125;
    make_events();
    make_facts();
    make_assertions();
  }
  *count = shop_count;
  return shop;
}

/* SPDX-License-Identifier: MIT */
#include "store_support.h"

#define TURNS 4

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

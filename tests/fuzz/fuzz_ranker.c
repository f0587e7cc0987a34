/* SPDX-License-Identifier: MIT */
/* Ranker files with every checksum made right, so that the ranker's own checks are reached; what opens must rank. */
#include "rank/rank.h"

#include <cx/ranker.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER 128u
#define ENTRY 32u

/* Layout: docs/model-file.md. */
static void repair(unsigned char *bytes, size_t size) {
  if (size < HEADER) return;
  uint64_t count, checksum;
  memcpy(&count, bytes + 72, sizeof count);
  if (count <= (size - HEADER) / ENTRY) {
    for (uint64_t i = 0; i < count; i++) {
      unsigned char *entry = bytes + HEADER + i * ENTRY;
      uint64_t offset, length;
      memcpy(&offset, entry + 8, sizeof offset);
      memcpy(&length, entry + 16, sizeof length);
      if (offset > size || length > size - offset) continue;
      checksum = cx__hash(bytes + offset, (size_t)length);
      memcpy(entry + 24, &checksum, sizeof checksum);
    }
    checksum = cx__hash(bytes + HEADER, (size_t)count * ENTRY);
    memcpy(bytes + 88, &checksum, sizeof checksum);
  }
  const uint64_t whole = size;
  memcpy(bytes + 64, &whole, sizeof whole);
  checksum = cx__hash(bytes, HEADER - sizeof checksum);
  memcpy(bytes + HEADER - sizeof checksum, &checksum, sizeof checksum);
}

static cx_text text_of(const char *terminated) { return cx__text(terminated); }

/* Somebody who permits it, with an event and a declaration that the seeds of the corpus know. */
static cx_profile *make_profile(void) {
  cx_profile *profile = NULL;
  if (cx_profile_new(NULL, &profile) != CX_OK) return NULL;
  const int64_t now = INT64_C(19000) * CX__DAY;
  const cx_identifier who = {.name_space = text_of("customer"), .value = text_of("1")};
  const cx_event_line line = {.item = text_of("item-0001"), .quantity = {.mantissa = 1}, .price = {.scale = -1}};
  const cx_event event = {.size = sizeof event,
                          .kind = CX_EVENT_PURCHASE,
                          .id = text_of("e"),
                          .who = &who,
                          .who_count = 1,
                          .time = now - CX__DAY,
                          .received = CX_TIME_NONE,
                          .lines = &line,
                          .lines_count = 1};
  const cx_preference preference = {.size = sizeof preference,
                                    .who = who,
                                    .topic = text_of("topic-1"),
                                    .strength = 0.5,
                                    .source = text_of("form"),
                                    .time = now - CX__DAY,
                                    .valid_until = CX_TIME_NONE};
  const cx_consent consent = {.size = sizeof consent,
                              .state = CX_CONSENT_GRANTED,
                              .basis = CX_BASIS_CONSENT,
                              .who = who,
                              .purpose = text_of("personalisation"),
                              .channel = text_of("any"),
                              .evidence = text_of("form"),
                              .time = now - CX__DAY,
                              .valid_until = CX_TIME_NONE};
  if (cx_profile_set_time(NULL, profile, now) != CX_OK || cx_profile_add_event(NULL, profile, &event) != CX_OK ||
      cx_profile_add_preference(NULL, profile, &preference) != CX_OK ||
      cx_profile_add_consent(NULL, profile, &consent) != CX_OK)
    __builtin_trap();
  return profile;
}

static void rank(const cx_ranker *ranker, const cx_profile *profile, cx_ranker_list *list) {
  cx_ranker_request request;
  if (cx_ranker_request_init(&request, sizeof request) != CX_OK) return;
  request.withheld = 3;
  const cx_status status = cx_ranker_rank(NULL, ranker, profile, &request, list);
  if (status == CX_OK) {
    for (size_t k = 0; k < cx_ranker_list_count(list); k++) {
      cx_ranker_item item;
      if (cx_ranker_list_get(list, k, &item) != CX_OK) __builtin_trap();
      double sum = 0;
      for (size_t t = 0; t < item.terms_count; t++) sum += item.terms[t].value;
      if (!(sum == item.score)) __builtin_trap(); /* also when it is not a number */
    }
  } else if (status != CX_ERR_NUMERIC && status != CX_ERR_NOMEM && status != CX_ERR_INVALID) {
    __builtin_trap();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const bool repaired = (data[--size] & 1) != 0;
  const cx_allocator *allocator = cx__allocator(NULL);
  unsigned char *bytes = cx__alloc(allocator, size);
  if (!bytes) return 0;
  memcpy(bytes, data, size);
  if (repaired) repair(bytes, size);
  cx_ranker *ranker = NULL;
  if (cx__ranker_open_bytes(NULL, bytes, size, &ranker) == CX_OK) {
    cx_profile *profile = make_profile();
    cx_ranker_list *list = NULL;
    if (profile && cx_ranker_list_new(NULL, &list) == CX_OK) {
      rank(ranker, NULL, list);
      rank(ranker, profile, list);
    }
    cx_ranker_list_free(list);
    cx_profile_free(profile);
    cx_ranker_free(ranker);
  }
  cx__free(allocator, bytes);
  return 0;
}

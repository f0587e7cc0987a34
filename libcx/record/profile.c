/* SPDX-License-Identifier: MIT */
/* Profiles: copies of the records of one person, each list in an order that depends on content only. */
#include "record/profile.h"

cx_status cx_profile_new(cx_context *ctx, cx_profile **out) {
  if (out) *out = NULL;
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  const cx_allocator *allocator = cx__allocator(ctx);
  cx_profile *profile = cx__alloc_zero(allocator, sizeof *profile);
  if (!profile) return cx__no_memory(ctx);
  cx__arena_init(&profile->arena, allocator);
  profile->time = CX_TIME_NONE;
  *out = profile;
  return CX_OK;
}

void cx_profile_free(cx_profile *profile) {
  if (!profile) return;
  const cx_allocator allocator = profile->arena.allocator;
  cx__arena_free(&profile->arena);
  cx__free(&allocator, profile->identifiers);
  cx__free(&allocator, profile->events.records);
  cx__free(&allocator, profile->preferences.records);
  cx__free(&allocator, profile->consents.records);
  cx__free(&allocator, profile->lines);
  cx__free(&allocator, profile);
}

void cx_profile_clear(cx_profile *profile) {
  if (!profile) return;
  cx__arena_clear(&profile->arena);
  profile->person = 0;
  profile->time = CX_TIME_NONE;
  profile->identifiers_count = profile->lines_count = 0;
  profile->events.count = profile->preferences.count = profile->consents.count = 0;
}

cx_status cx_profile_set_person(cx_context *ctx, cx_profile *profile, int64_t person) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  profile->person = person;
  return CX_OK;
}

cx_status cx_profile_set_time(cx_context *ctx, cx_profile *profile, int64_t at) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  if (at != CX_TIME_NONE && (at < CX__TIME_FIRST || at > CX__TIME_LAST))
    return cx__fail(ctx, CX_ERR_INVALID, "at must lie in the years 1 to 9999");
  profile->time = at;
  return CX_OK;
}

int64_t cx_profile_person(const cx_profile *profile) { return profile ? profile->person : 0; }
int64_t cx_profile_time(const cx_profile *profile) { return profile ? profile->time : CX_TIME_NONE; }

/* ---- order ------------------------------------------------------------------------------------------------------ */

cx__record_list *cx__profile_list(cx_profile *profile, cx__record_kind kind) {
  if (kind == CX__RECORD_EVENT) return &profile->events;
  return kind == CX__RECORD_PREFERENCE ? &profile->preferences : &profile->consents;
}

static void key_of(const cx__record *record, int64_t *time, cx_text *id) {
  if (record->kind == CX__RECORD_EVENT) {
    *time = record->of.event.time;
    *id = record->of.event.id;
  } else if (record->kind == CX__RECORD_PREFERENCE) {
    *time = record->of.preference.time;
    *id = record->of.preference.id;
  } else {
    *time = record->of.consent.time;
    *id = record->of.consent.id;
  }
}

/** By (time, id, digest): an order of contents, so that it does not matter which record was added first. */
static cx_status compare(cx_context *ctx, const cx__record *a, const cx__record *b, int *order) {
  int64_t time_a, time_b;
  cx_text id_a, id_b;
  key_of(a, &time_a, &id_a);
  key_of(b, &time_b, &id_b);
  *order = (time_a > time_b) - (time_a < time_b);
  if (*order == 0) *order = cx__text_compare(id_a, id_b);
  if (*order != 0) return CX_OK;
  cx__hash128 x, y;
  cx_status status = cx__record_digest(ctx, a, &x);
  if (status == CX_OK) status = cx__record_digest(ctx, b, &y);
  if (status != CX_OK) return status;
  *order = (x.high > y.high) - (x.high < y.high);
  if (*order == 0) *order = (x.low > y.low) - (x.low < y.low);
  return CX_OK;
}

/** Where a record belongs. Records mostly come in order, so the end is tried first. */
static cx_status find_place(cx_context *ctx, const cx__record_list *list, const cx__record *record, size_t *place,
                            bool *present) {
  size_t low = 0, high = list->count;
  size_t middle = high > 0 ? high - 1 : 0;
  *present = false;
  while (low < high) {
    int order = 0;
    const cx_status status = compare(ctx, list->records[middle], record, &order);
    if (status != CX_OK) return status;
    if (order == 0) *present = true;
    if (order == 0) break;
    if (order < 0) low = middle + 1;
    if (order > 0) high = middle;
    middle = low + (high - low) / 2;
  }
  *place = *present ? middle : low;
  return CX_OK;
}

static cx_status reserve(cx_context *ctx, cx_profile *profile, const cx__record *record) {
  const cx_allocator *allocator = &profile->arena.allocator;
  cx__record_list *list = cx__profile_list(profile, record->kind);
  if (!cx__grow(allocator, &list->records, &list->capacity, list->count + 1, sizeof *list->records))
    return cx__no_memory(ctx);
  if (record->kind != CX__RECORD_EVENT) return CX_OK;
  const size_t lines = profile->lines_count + record->of.event.lines_count;
  return cx__grow(allocator, &profile->lines, &profile->lines_capacity, lines, sizeof *profile->lines)
             ? CX_OK
             : cx__no_memory(ctx);
}

/** Puts the lines of an event that stands at `place` among those of the others. */
static void insert_lines(cx_profile *profile, size_t place, const cx_event *event) {
  if (event->lines_count == 0) return;
  size_t at = profile->lines_count;
  for (size_t i = place + 1; i < profile->events.count; i++) at -= profile->events.records[i]->of.event.lines_count;
  cx__profile_line *lines = profile->lines + at;
  memmove(lines + event->lines_count, lines, (profile->lines_count - at) * sizeof *lines);
  for (size_t i = 0; i < event->lines_count; i++)
    lines[i] = (cx__profile_line){.item = event->lines[i].item,
                                  .time = event->time,
                                  .kind = event->kind,
                                  .quantity = cx__decimal_to_double(event->lines[i].quantity)};
  profile->lines_count += event->lines_count;
}

/** Room was reserved. */
static void insert_at(cx_profile *profile, size_t place, const cx__record *record) {
  cx__record_list *list = cx__profile_list(profile, record->kind);
  const cx__record **records = list->records + place;
  memmove(records + 1, records, (list->count - place) * sizeof *records);
  *records = record;
  list->count++;
  if (record->kind == CX__RECORD_EVENT) insert_lines(profile, place, &record->of.event);
}

cx_status cx__profile_append(cx_context *ctx, cx_profile *profile, const cx__record *record) {
  size_t place;
  bool present;
  const cx__record_list *list = cx__profile_list(profile, record->kind);
  cx_status status = find_place(ctx, list, record, &place, &present);
  if (status != CX_OK) return status;
  if (present || place != list->count) return CX_DONE;
  status = reserve(ctx, profile, record);
  if (status == CX_OK) insert_at(profile, place, record);
  return status;
}

static size_t find_identifier(const cx_profile *profile, const cx_identifier *identifier, bool *present) {
  size_t low = 0, high = profile->identifiers_count;
  *present = false;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = cx__identifier_compare(&profile->identifiers[middle], identifier);
    if (order == 0) *present = true;
    if (order == 0) return middle;
    if (order < 0) low = middle + 1;
    if (order > 0) high = middle;
  }
  return low;
}

int cx__identifier_compare(const cx_identifier *a, const cx_identifier *b) {
  const int order = cx__text_compare(a->name_space, b->name_space);
  return order != 0 ? order : cx__text_compare(a->value, b->value);
}

cx_status cx__profile_append_identifier(cx_context *ctx, cx_profile *profile, const cx_identifier *identifier) {
  const size_t count = profile->identifiers_count;
  if (count > 0 && cx__identifier_compare(&profile->identifiers[count - 1], identifier) >= 0) return CX_DONE;
  if (!cx__grow(&profile->arena.allocator, &profile->identifiers, &profile->identifiers_capacity, count + 1,
                sizeof *profile->identifiers))
    return cx__no_memory(ctx);
  profile->identifiers[profile->identifiers_count++] = *identifier;
  return CX_OK;
}

/* ---- copies ----------------------------------------------------------------------------------------------------- */

/** Replaces a text by a copy; an empty one becomes absent. */
static bool own_text(cx__arena *arena, cx_text *text) {
  if (text->size == 0) *text = (cx_text){NULL, 0};
  if (text->size == 0) return true;
  text->data = cx__arena_copy(arena, text->data, text->size);
  return text->data != NULL;
}

static bool own_identifier(cx__arena *arena, cx_identifier *identifier) {
  return own_text(arena, &identifier->name_space) && own_text(arena, &identifier->value);
}

static bool own_who(cx__arena *arena, cx_event *event) {
  if (event->who_count == 0) event->who = NULL;
  if (event->who_count == 0) return true;
  cx_identifier *who = cx__arena_alloc(arena, event->who_count * sizeof *who);
  for (size_t i = 0; who && i < event->who_count; i++) {
    who[i] = event->who[i];
    if (!own_identifier(arena, &who[i])) return false;
  }
  event->who = who;
  return who != NULL;
}

static bool own_lines(cx__arena *arena, cx_event *event) {
  if (event->lines_count == 0) event->lines = NULL;
  if (event->lines_count == 0) return true;
  cx_event_line *lines = cx__arena_alloc(arena, event->lines_count * sizeof *lines);
  for (size_t i = 0; lines && i < event->lines_count; i++) {
    lines[i] = event->lines[i];
    if (lines[i].price.scale < 0) lines[i].price.mantissa = 0;
    if (!own_text(arena, &lines[i].item) || !own_text(arena, &lines[i].title)) return false;
  }
  event->lines = lines;
  return lines != NULL;
}

static bool own_event(cx__arena *arena, cx_event *event) {
  if (event->currency[0] == '\0') memset(event->currency, 0, sizeof event->currency);
  return own_text(arena, &event->id) && own_text(arena, &event->name) && own_text(arena, &event->channel) &&
         own_text(arena, &event->order) && own_text(arena, &event->properties) && own_who(arena, event) &&
         own_lines(arena, event);
}

static bool own_preference(cx__arena *arena, cx_preference *preference) {
  preference->strength += 0.0; /* -0 and 0 are one value */
  return own_text(arena, &preference->id) && own_identifier(arena, &preference->who) &&
         own_text(arena, &preference->topic) && own_text(arena, &preference->source);
}

static bool own_consent(cx__arena *arena, cx_consent *consent) {
  return own_text(arena, &consent->id) && own_identifier(arena, &consent->who) && own_text(arena, &consent->purpose) &&
         own_text(arena, &consent->channel) && own_text(arena, &consent->evidence) && own_text(arena, &consent->source);
}

static cx__record *copy_record(cx__arena *arena, const cx__record *record) {
  cx__record *copy = cx__arena_alloc(arena, sizeof *copy);
  if (!copy) return NULL;
  *copy = *record;
  bool done;
  if (copy->kind == CX__RECORD_EVENT) {
    done = own_event(arena, &copy->of.event);
  } else if (copy->kind == CX__RECORD_PREFERENCE) {
    done = own_preference(arena, &copy->of.preference);
  } else {
    done = own_consent(arena, &copy->of.consent);
  }
  return done ? copy : NULL;
}

/** Of two copies of one event the one that arrived first is kept, then the one with the shorter numbers: what is kept
 * must not depend on which was added first. */
static bool is_better_copy(const cx_event *a, const cx_event *b) {
  if (a->received != b->received)
    return a->received != CX_TIME_NONE && (b->received == CX_TIME_NONE || a->received < b->received);
  for (size_t i = 0; i < a->lines_count; i++) {
    if (a->lines[i].quantity.scale != b->lines[i].quantity.scale)
      return a->lines[i].quantity.scale < b->lines[i].quantity.scale;
    if (a->lines[i].price.scale != b->lines[i].price.scale) return a->lines[i].price.scale < b->lines[i].price.scale;
  }
  return false;
}

static cx_status add_copy(cx_context *ctx, cx_profile *profile, size_t place, const cx__record *record) {
  const cx__record **old = &profile->events.records[place];
  if (record->kind != CX__RECORD_EVENT || !is_better_copy(&record->of.event, &(*old)->of.event)) return CX_DONE;
  const cx__record *copy = copy_record(&profile->arena, record);
  if (!copy) return cx__no_memory(ctx);
  *old = copy;
  return CX_DONE;
}

/** Checks a record and adds a copy of it. Nothing of the profile is changed before everything is at hand. */
static cx_status add(cx_context *ctx, cx_profile *profile, const cx__record *record) {
  cx_status status = cx__record_check(ctx, record);
  if (status != CX_OK) return status;
  size_t place;
  bool present;
  status = find_place(ctx, cx__profile_list(profile, record->kind), record, &place, &present);
  if (status == CX_OK && present) return add_copy(ctx, profile, place, record);
  if (status == CX_OK) status = reserve(ctx, profile, record);
  if (status != CX_OK) return status;
  const cx__record *copy = copy_record(&profile->arena, record);
  if (!copy) return cx__no_memory(ctx);
  insert_at(profile, place, copy);
  return CX_OK;
}

cx_status cx_profile_add_identifier(cx_context *ctx, cx_profile *profile, const cx_identifier *identifier) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  if (!identifier) return cx__null(ctx, "identifier");
  status = cx__identifier_check(ctx, identifier);
  if (status != CX_OK) return status;
  bool present;
  const size_t place = find_identifier(profile, identifier, &present);
  if (present) {
    cx_identifier *old = &profile->identifiers[place];
    if (old->verified >= identifier->verified) return CX_DONE;
    old->verified = identifier->verified;
    return CX_OK;
  }
  const size_t count = profile->identifiers_count;
  if (!cx__grow(&profile->arena.allocator, &profile->identifiers, &profile->identifiers_capacity, count + 1,
                sizeof *profile->identifiers))
    return cx__no_memory(ctx);
  cx_identifier copy = *identifier;
  if (!own_identifier(&profile->arena, &copy)) return cx__no_memory(ctx);
  cx_identifier *here = profile->identifiers + place;
  memmove(here + 1, here, (count - place) * sizeof *here);
  *here = copy;
  profile->identifiers_count++;
  return CX_OK;
}

cx_status cx_profile_add_event(cx_context *ctx, cx_profile *profile, const cx_event *event) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  if (!event) return cx__null(ctx, "event");
  cx__record record = {.kind = CX__RECORD_EVENT};
  status = cx__options_read(ctx, event, &record.of.event, sizeof record.of.event);
  return status == CX_OK ? add(ctx, profile, &record) : status;
}

cx_status cx_profile_add_preference(cx_context *ctx, cx_profile *profile, const cx_preference *preference) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  if (!preference) return cx__null(ctx, "preference");
  cx__record record = {.kind = CX__RECORD_PREFERENCE};
  status = cx__options_read(ctx, preference, &record.of.preference, sizeof record.of.preference);
  return status == CX_OK ? add(ctx, profile, &record) : status;
}

cx_status cx_profile_add_consent(cx_context *ctx, cx_profile *profile, const cx_consent *consent) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  if (!consent) return cx__null(ctx, "consent");
  cx__record record = {.kind = CX__RECORD_CONSENT};
  status = cx__options_read(ctx, consent, &record.of.consent, sizeof record.of.consent);
  return status == CX_OK ? add(ctx, profile, &record) : status;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

size_t cx_profile_identifiers(const cx_profile *profile) { return profile ? profile->identifiers_count : 0; }
size_t cx_profile_events(const cx_profile *profile) { return profile ? profile->events.count : 0; }
size_t cx_profile_preferences(const cx_profile *profile) { return profile ? profile->preferences.count : 0; }
size_t cx_profile_consents(const cx_profile *profile) { return profile ? profile->consents.count : 0; }

cx_status cx_profile_get_identifier(const cx_profile *profile, size_t index, cx_identifier *out) {
  if (!profile || !out) return CX_ERR_INVALID;
  if (index >= profile->identifiers_count) return CX_ERR_RANGE;
  *out = profile->identifiers[index];
  return CX_OK;
}

cx_status cx_profile_get_event(const cx_profile *profile, size_t index, cx_event *out) {
  if (!profile || !out) return CX_ERR_INVALID;
  if (index >= profile->events.count) return CX_ERR_RANGE;
  const cx_event *event = &profile->events.records[index]->of.event;
  return cx__result_write(NULL, out, event, sizeof *event);
}

cx_status cx_profile_get_preference(const cx_profile *profile, size_t index, cx_preference *out) {
  if (!profile || !out) return CX_ERR_INVALID;
  if (index >= profile->preferences.count) return CX_ERR_RANGE;
  const cx_preference *preference = &profile->preferences.records[index]->of.preference;
  return cx__result_write(NULL, out, preference, sizeof *preference);
}

cx_status cx_profile_get_consent(const cx_profile *profile, size_t index, cx_consent *out) {
  if (!profile || !out) return CX_ERR_INVALID;
  if (index >= profile->consents.count) return CX_ERR_RANGE;
  const cx_consent *consent = &profile->consents.records[index]->of.consent;
  return cx__result_write(NULL, out, consent, sizeof *consent);
}

size_t cx__profile_lines(const cx_profile *profile, const cx__profile_line **lines) {
  *lines = profile ? profile->lines : NULL;
  return profile ? profile->lines_count : 0;
}

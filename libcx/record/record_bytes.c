/* SPDX-License-Identifier: MIT */
/* The byte form of records, and what is derived from it: digests and the ids of people. */
#include "record/bytes.h"

#define FORM_VERSION 1u

static void put_double(cx__bytes_out *out, double value) {
  const double positive = value + 0.0; /* -0 and 0 are one value */
  uint64_t bits;
  memcpy(&bits, &positive, sizeof bits);
  cx__put_uint64(out, bits);
}

static double take_double(cx__bytes_in *in) {
  const uint64_t bits = cx__take_uint64(in);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void put_decimal(cx__bytes_out *out, cx_decimal decimal, bool exact) {
  if (decimal.scale < 0) decimal.mantissa = 0; /* unknown */
  while (!exact && decimal.scale > 0 && decimal.mantissa % 10 == 0) {
    decimal.mantissa /= 10;
    decimal.scale--;
  }
  cx__put_int64(out, decimal.mantissa);
  cx__put_int32(out, decimal.scale);
}

static cx_decimal take_decimal(cx__bytes_in *in) {
  cx_decimal decimal = {.reserved = 0};
  decimal.mantissa = cx__take_int64(in);
  decimal.scale = cx__take_int32(in);
  if (decimal.scale < 0 && decimal.mantissa != 0) in->failed = true;
  return decimal;
}

void cx__put_identifier(cx__bytes_out *out, const cx_identifier *identifier) {
  cx__put_text(out, identifier->name_space);
  cx__put_text(out, identifier->value);
  cx__put_uint8(out, (uint8_t)identifier->verified);
}

void cx__take_identifier(cx__bytes_in *in, cx_identifier *identifier) {
  identifier->name_space = cx__take_text(in);
  identifier->value = cx__take_text(in);
  identifier->verified = cx__take_uint8(in);
  identifier->reserved = 0;
}

static void put_event(cx__bytes_out *out, const cx_event *event, bool exact) {
  cx__put_int32(out, event->kind);
  cx__put_text(out, event->id);
  cx__put_int64(out, event->time);
  if (exact) cx__put_int64(out, event->received);
  cx__put_text(out, event->name);
  cx__put_text(out, event->channel);
  cx__put_text(out, event->order);
  cx__put_text(out, event->properties);
  static const char none[3] = {0};
  cx__put(out, event->currency[0] ? event->currency : none, sizeof none);
  cx__put_uint32(out, (uint32_t)event->who_count);
  for (size_t i = 0; i < event->who_count; i++) cx__put_identifier(out, &event->who[i]);
  cx__put_uint32(out, (uint32_t)event->lines_count);
  for (size_t i = 0; i < event->lines_count; i++) {
    const cx_event_line *line = &event->lines[i];
    cx__put_text(out, line->item);
    cx__put_text(out, line->title);
    put_decimal(out, line->quantity, exact);
    put_decimal(out, line->price, exact);
  }
}

/** Least bytes of an identifier and of a line: what a count is held against before memory is asked for. */
#define IDENTIFIER_LEAST 9u
#define LINE_LEAST 32u

/** An array for the elements that follow; NULL for none, or when the bytes cannot hold so many. */
static void *take_array(cx__bytes_in *in, cx__arena *arena, size_t least, size_t size, size_t *count) {
  *count = cx__take_uint32(in);
  if (in->failed || *count == 0) return NULL;
  if (*count > (in->size - in->at) / least) {
    in->failed = true;
    return NULL;
  }
  void *array = cx__arena_alloc(arena, *count * size);
  if (!array) in->failed = in->no_memory = true;
  return array;
}

static void take_event(cx__bytes_in *in, cx__arena *arena, cx_event *event) {
  event->size = sizeof *event;
  event->kind = cx__take_int32(in);
  event->id = cx__take_text(in);
  event->time = cx__take_int64(in);
  event->received = cx__take_int64(in);
  event->name = cx__take_text(in);
  event->channel = cx__take_text(in);
  event->order = cx__take_text(in);
  event->properties = cx__take_text(in);
  const unsigned char *currency = cx__take(in, 3);
  if (currency) memcpy(event->currency, currency, 3);
  if (event->currency[0] == '\0' && (event->currency[1] != '\0' || event->currency[2] != '\0')) in->failed = true;
  cx_identifier *who = take_array(in, arena, IDENTIFIER_LEAST, sizeof *who, &event->who_count);
  for (size_t i = 0; who && i < event->who_count; i++) cx__take_identifier(in, &who[i]);
  event->who = who;
  cx_event_line *lines = take_array(in, arena, LINE_LEAST, sizeof *lines, &event->lines_count);
  for (size_t i = 0; lines && i < event->lines_count; i++) {
    lines[i].item = cx__take_text(in);
    lines[i].title = cx__take_text(in);
    lines[i].quantity = take_decimal(in);
    lines[i].price = take_decimal(in);
  }
  event->lines = lines;
}

static void put_assertion(cx__bytes_out *out, const cx_assertion *assertion) {
  cx__put_int32(out, assertion->kind);
  cx__put_text(out, assertion->id);
  if (assertion->kind == CX_ASSERTION_RETRACT) {
    cx__put_text(out, assertion->retracts);
  } else {
    cx__put_identifier(out, &assertion->a);
    cx__put_identifier(out, &assertion->b);
  }
  cx__put_int64(out, assertion->time);
  cx__put_text(out, assertion->source);
  cx__put_text(out, assertion->reason);
}

/** Topics are a set: they are written in byte order. There are few, so the next one is looked for each time. */
static void put_topics(cx__bytes_out *out, const cx_content *content) {
  cx__put_uint32(out, (uint32_t)content->topics_count);
  const cx_text *last = NULL;
  for (size_t written = 0; written < content->topics_count; written++) {
    const cx_text *next = NULL;
    for (size_t i = 0; i < content->topics_count; i++) {
      const cx_text *topic = &content->topics[i];
      if (last && cx__text_compare(*topic, *last) <= 0) continue;
      if (!next || cx__text_compare(*topic, *next) < 0) next = topic;
    }
    if (!next) return;
    cx__put_text(out, *next);
    last = next;
  }
}

static void put_content(cx__bytes_out *out, const cx_content *content) {
  cx__put_text(out, content->id);
  cx__put_text(out, content->title);
  put_topics(out, content);
  cx__put_int64(out, content->time);
  cx__put_int64(out, content->published);
  cx__put_int64(out, content->valid_from);
  cx__put_int64(out, content->valid_until);
}

static void put_preference(cx__bytes_out *out, const cx_preference *preference) {
  cx__put_text(out, preference->id);
  cx__put_identifier(out, &preference->who);
  cx__put_text(out, preference->topic);
  put_double(out, preference->strength);
  cx__put_text(out, preference->source);
  cx__put_int64(out, preference->time);
  cx__put_int64(out, preference->valid_until);
}

static void take_preference(cx__bytes_in *in, cx_preference *preference) {
  preference->size = sizeof *preference;
  preference->id = cx__take_text(in);
  cx__take_identifier(in, &preference->who);
  preference->topic = cx__take_text(in);
  preference->strength = take_double(in);
  preference->source = cx__take_text(in);
  preference->time = cx__take_int64(in);
  preference->valid_until = cx__take_int64(in);
}

static void put_consent(cx__bytes_out *out, const cx_consent *consent) {
  cx__put_int32(out, consent->state);
  cx__put_int32(out, consent->basis);
  cx__put_text(out, consent->id);
  cx__put_identifier(out, &consent->who);
  cx__put_text(out, consent->purpose);
  cx__put_text(out, consent->channel);
  cx__put_text(out, consent->evidence);
  cx__put_text(out, consent->source);
  cx__put_int64(out, consent->time);
  cx__put_int64(out, consent->valid_until);
}

static void take_consent(cx__bytes_in *in, cx_consent *consent) {
  consent->size = sizeof *consent;
  consent->state = cx__take_int32(in);
  consent->basis = cx__take_int32(in);
  consent->id = cx__take_text(in);
  cx__take_identifier(in, &consent->who);
  consent->purpose = cx__take_text(in);
  consent->channel = cx__take_text(in);
  consent->evidence = cx__take_text(in);
  consent->source = cx__take_text(in);
  consent->time = cx__take_int64(in);
  consent->valid_until = cx__take_int64(in);
}

void cx__put_record(cx__bytes_out *out, const cx__record *record, bool exact) {
  switch (record->kind) {
  case CX__RECORD_EVENT:
    put_event(out, &record->of.event, exact);
    break;
  case CX__RECORD_ASSERTION:
    put_assertion(out, &record->of.assertion);
    break;
  case CX__RECORD_CONTENT:
    put_content(out, &record->of.content);
    break;
  case CX__RECORD_PREFERENCE:
    put_preference(out, &record->of.preference);
    break;
  case CX__RECORD_CONSENT:
    put_consent(out, &record->of.consent);
    break;
  }
}

bool cx__take_record(cx__bytes_in *in, cx__arena *arena, cx__record_kind kind, cx__record *out) {
  memset(out, 0, sizeof *out);
  out->kind = kind;
  if (kind == CX__RECORD_EVENT) {
    take_event(in, arena, &out->of.event);
  } else if (kind == CX__RECORD_PREFERENCE) {
    take_preference(in, &out->of.preference);
    const double zero = 0, strength = out->of.preference.strength;
    /* A negative zero is never written. */
    if (strength == 0 && memcmp(&strength, &zero, sizeof zero) != 0) in->failed = true;
  } else if (kind == CX__RECORD_CONSENT) {
    take_consent(in, &out->of.consent);
  } else {
    in->failed = true;
  }
  return !in->failed;
}

static void put_canonical(cx__bytes_out *out, const cx__record *record) {
  cx__put_uint8(out, FORM_VERSION);
  cx__put_uint8(out, (uint8_t)record->kind);
  cx__put_record(out, record, false);
}

cx_status cx__record_write(cx_context *ctx, const cx__record *record, cx__buffer *out) {
  cx__bytes_out count = {0};
  put_canonical(&count, record);
  size_t need;
  if (__builtin_add_overflow(out->size, count.size, &need)) return cx__no_memory(ctx);
  if (!cx__grow(&out->allocator, &out->data, &out->capacity, need, 1)) return cx__no_memory(ctx);
  cx__bytes_out bytes = {.data = (unsigned char *)out->data + out->size};
  put_canonical(&bytes, record);
  out->size = need;
  return CX_OK;
}

cx_status cx__record_digest(cx_context *ctx, const cx__record *record, cx__hash128 *out) {
  unsigned char small[1024];
  cx__bytes_out bytes = {0};
  put_canonical(&bytes, record);
  const size_t size = bytes.size;
  unsigned char *large = NULL;
  if (size > sizeof small) {
    large = cx__alloc(cx__allocator(ctx), size);
    if (!large) return cx__no_memory(ctx);
  }
  bytes = (cx__bytes_out){.data = large ? large : small};
  put_canonical(&bytes, record);
  *out = cx__hash_wide(bytes.data, size);
  cx__free(cx__allocator(ctx), large);
  return CX_OK;
}

int64_t cx__person_id(const cx_identifier *identifier) {
  char key[CX__CODE_MAX + 1 + CX__ID_MAX];
  const size_t front = identifier->name_space.size, back = identifier->value.size;
  if (front > CX__CODE_MAX || back > CX__ID_MAX) return 1; /* did not pass its check */
  if (front > 0) memcpy(key, identifier->name_space.data, front);
  key[front] = '\0';
  if (back > 0) memcpy(key + front + 1, identifier->value.data, back);
  const uint64_t hash = cx__hash(key, front + 1 + back);
  return hash != 0 ? (int64_t)hash : 1;
}

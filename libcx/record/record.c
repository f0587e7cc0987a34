/* SPDX-License-Identifier: MIT */
/* What every record must be before it is stored or put in a profile. */
#include "record/record.h"

/** Notes the first fault; always false, so that checks can be chained with &&. */
static bool bad(cx__record_fault *fault, cx__fault what, const char *field) {
  fault->what = what;
  fault->field = field;
  return false;
}

static bool check_text(cx__record_fault *fault, cx_text text, size_t longest, bool required, const char *field) {
  if (text.size == 0 && !required) return true;
  if (text.size == 0 || !text.data) return bad(fault, CX__FAULT_MISSING, field);
  if (text.size > longest) return bad(fault, CX__FAULT_TOO_LONG, field);
  return cx__text_is_utf8(text) || bad(fault, CX__FAULT_ENCODING, field);
}

static bool is_code_letter(char c, bool name_space) {
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-') return true;
  return !name_space && (c == ':' || c == '/');
}

static bool is_code(cx_text code, bool name_space) {
  if (!code.data || code.size == 0 || code.size > CX__CODE_MAX) return false;
  for (size_t i = 0; i < code.size; i++)
    if (!is_code_letter(code.data[i], name_space)) return false;
  return true;
}

bool cx__code_is_valid(cx_text code) { return is_code(code, false); }

static bool check_code(cx__record_fault *fault, cx_text code, bool required, const char *field) {
  if (code.size == 0) return !required || bad(fault, CX__FAULT_MISSING, field);
  return is_code(code, false) || bad(fault, CX__FAULT_CODE, field);
}

static bool check_kind(cx__record_fault *fault, int32_t kind, int32_t first, int32_t last, const char *field) {
  return (kind >= first && kind <= last) || bad(fault, CX__FAULT_KIND, field);
}

static bool check_time(cx__record_fault *fault, int64_t time, bool required, const char *field) {
  if (time == CX_TIME_NONE && !required) return true;
  return (time >= CX__TIME_FIRST && time <= CX__TIME_LAST) || bad(fault, CX__FAULT_TIME, field);
}

static bool check_reserved(cx__record_fault *fault, bool is_zero, const char *field) {
  return is_zero || bad(fault, CX__FAULT_RESERVED, field);
}

/** The names of an identifier's fields where it stands. */
typedef struct identifier_fields {
  const char *name_space, *value, *verified, *reserved;
} identifier_fields;
#define IDENTIFIER_FIELDS(prefix)                                                                                      \
  { prefix ".name_space", prefix ".value", prefix ".verified", prefix ".reserved" }

static bool check_identifier(cx__record_fault *fault, const cx_identifier *identifier, const identifier_fields *names) {
  if (identifier->name_space.size == 0) return bad(fault, CX__FAULT_MISSING, names->name_space);
  if (!is_code(identifier->name_space, true)) return bad(fault, CX__FAULT_NAME_SPACE, names->name_space);
  return check_text(fault, identifier->value, CX__ID_MAX, true, names->value) &&
         check_kind(fault, identifier->verified, 0, 1, names->verified) &&
         check_reserved(fault, identifier->reserved == 0, names->reserved);
}

static bool check_no_identifier(cx__record_fault *fault, const cx_identifier *identifier, const char *field) {
  return (identifier->name_space.size == 0 && identifier->value.size == 0) || bad(fault, CX__FAULT_UNEXPECTED, field);
}

static bool check_line(cx__record_fault *fault, const cx_event_line *line) {
  const cx_decimal quantity = line->quantity, price = line->price;
  if (!check_text(fault, line->item, CX__ID_MAX, true, "event.lines.item")) return false;
  if (!check_text(fault, line->title, CX__TITLE_MAX, false, "event.lines.title")) return false;
  if (quantity.mantissa <= 0 || quantity.scale < 0 || quantity.scale > 18)
    return bad(fault, CX__FAULT_NUMBER, "event.lines.quantity");
  if (price.scale < -1 || price.scale > 18) return bad(fault, CX__FAULT_NUMBER, "event.lines.price");
  return check_reserved(fault, quantity.reserved == 0 && price.reserved == 0, "event.lines.reserved");
}

static bool check_currency(cx__record_fault *fault, const char currency[4]) {
  if (currency[0] == '\0') return true;
  for (size_t i = 0; i < 3; i++)
    if (currency[i] < 'A' || currency[i] > 'Z') return bad(fault, CX__FAULT_CURRENCY, "event.currency");
  return currency[3] == '\0' || bad(fault, CX__FAULT_CURRENCY, "event.currency");
}

static bool check_properties(cx__record_fault *fault, cx_text text) {
  static const char field[] = "event.properties";
  if (!check_text(fault, text, CX__OBJECT_MAX, false, field)) return false;
  if (text.size == 0) return true;
  return (text.data[0] == '{' && text.data[text.size - 1] == '}') || bad(fault, CX__FAULT_OBJECT, field);
}

static bool check_event_arrays(cx__record_fault *fault, const cx_event *event) {
  static const identifier_fields fields = IDENTIFIER_FIELDS("event.who");
  if (event->who_count > 0 && !event->who) return bad(fault, CX__FAULT_MISSING, "event.who");
  if (event->who_count > CX__WHO_MAX) return bad(fault, CX__FAULT_TOO_MANY, "event.who");
  if (event->lines_count > 0 && !event->lines) return bad(fault, CX__FAULT_MISSING, "event.lines");
  if (event->lines_count > CX__LINES_MAX) return bad(fault, CX__FAULT_TOO_MANY, "event.lines");
  for (size_t i = 0; i < event->who_count; i++) {
    fault->index = i;
    if (!check_identifier(fault, &event->who[i], &fields)) return false;
  }
  for (size_t i = 0; i < event->lines_count; i++) {
    fault->index = i;
    if (!check_line(fault, &event->lines[i])) return false;
  }
  fault->index = SIZE_MAX;
  return true;
}

static bool check_event(cx__record_fault *fault, const cx_event *event) {
  return check_kind(fault, event->kind, CX_EVENT_PURCHASE, CX_EVENT_OTHER, "event.kind") &&
         check_text(fault, event->id, CX__ID_MAX, true, "event.id") &&
         check_time(fault, event->time, true, "event.time") &&
         check_time(fault, event->received, false, "event.received") &&
         check_text(fault, event->name, CX__ID_MAX, false, "event.name") &&
         check_code(fault, event->channel, false, "event.channel") &&
         check_text(fault, event->order, CX__ID_MAX, false, "event.order") &&
         check_properties(fault, event->properties) && check_currency(fault, event->currency) &&
         check_reserved(fault, event->reserved == 0, "event.reserved") && check_event_arrays(fault, event);
}

static bool check_assertion(cx__record_fault *fault, const cx_assertion *assertion) {
  static const identifier_fields fields_a = IDENTIFIER_FIELDS("assertion.a");
  static const identifier_fields fields_b = IDENTIFIER_FIELDS("assertion.b");
  if (!check_kind(fault, assertion->kind, CX_ASSERTION_SAME, CX_ASSERTION_RETRACT, "assertion.kind")) return false;
  if (assertion->kind == CX_ASSERTION_RETRACT) {
    if (!check_no_identifier(fault, &assertion->a, "assertion.a") ||
        !check_no_identifier(fault, &assertion->b, "assertion.b") ||
        !check_text(fault, assertion->retracts, CX__ID_MAX, true, "assertion.retracts"))
      return false;
  } else {
    if (!check_identifier(fault, &assertion->a, &fields_a) || !check_identifier(fault, &assertion->b, &fields_b))
      return false;
    if (assertion->retracts.size > 0) return bad(fault, CX__FAULT_UNEXPECTED, "assertion.retracts");
  }
  return check_text(fault, assertion->id, CX__ID_MAX, false, "assertion.id") &&
         check_time(fault, assertion->time, true, "assertion.time") &&
         check_text(fault, assertion->source, CX__ID_MAX, false, "assertion.source") &&
         check_text(fault, assertion->reason, CX__TITLE_MAX, false, "assertion.reason");
}

static bool check_topics(cx__record_fault *fault, const cx_content *content) {
  static const char field[] = "content.topics";
  if (content->topics_count > 0 && !content->topics) return bad(fault, CX__FAULT_MISSING, field);
  if (content->topics_count > CX__TOPICS_MAX) return bad(fault, CX__FAULT_TOO_MANY, field);
  for (size_t i = 0; i < content->topics_count; i++) {
    fault->index = i;
    if (!check_code(fault, content->topics[i], true, field)) return false;
    for (size_t k = 0; k < i; k++)
      if (cx__text_equal(content->topics[i], content->topics[k])) return bad(fault, CX__FAULT_REPEATED, field);
  }
  fault->index = SIZE_MAX;
  return true;
}

static bool check_content(cx__record_fault *fault, const cx_content *content) {
  return check_text(fault, content->id, CX__ID_MAX, true, "content.id") &&
         check_text(fault, content->title, CX__TITLE_MAX, false, "content.title") &&
         check_time(fault, content->time, false, "content.time") &&
         check_time(fault, content->published, false, "content.published") &&
         check_time(fault, content->valid_from, false, "content.valid_from") &&
         check_time(fault, content->valid_until, false, "content.valid_until") &&
         check_reserved(fault, content->reserved == 0, "content.reserved") && check_topics(fault, content);
}

static bool check_preference(cx__record_fault *fault, const cx_preference *preference) {
  static const identifier_fields fields = IDENTIFIER_FIELDS("preference.who");
  if (!check_text(fault, preference->id, CX__ID_MAX, false, "preference.id") ||
      !check_identifier(fault, &preference->who, &fields) ||
      !check_code(fault, preference->topic, true, "preference.topic"))
    return false;
  /* Written so that NaN is refused too. */
  if (!(preference->strength >= -1 && preference->strength <= 1))
    return bad(fault, CX__FAULT_NUMBER, "preference.strength");
  return check_text(fault, preference->source, CX__ID_MAX, false, "preference.source") &&
         check_time(fault, preference->time, true, "preference.time") &&
         check_time(fault, preference->valid_until, false, "preference.valid_until") &&
         check_reserved(fault, preference->reserved == 0, "preference.reserved");
}

static bool check_consent(cx__record_fault *fault, const cx_consent *consent) {
  static const identifier_fields fields = IDENTIFIER_FIELDS("consent.who");
  return check_kind(fault, consent->state, CX_CONSENT_GRANTED, CX_CONSENT_WITHDRAWN, "consent.state") &&
         check_kind(fault, consent->basis, CX_BASIS_CONSENT, CX_BASIS_LEGITIMATE_INTERESTS, "consent.basis") &&
         check_text(fault, consent->id, CX__ID_MAX, false, "consent.id") &&
         check_identifier(fault, &consent->who, &fields) &&
         check_code(fault, consent->purpose, true, "consent.purpose") &&
         check_code(fault, consent->channel, true, "consent.channel") &&
         check_text(fault, consent->evidence, CX__TITLE_MAX, false, "consent.evidence") &&
         check_text(fault, consent->source, CX__ID_MAX, false, "consent.source") &&
         check_time(fault, consent->time, true, "consent.time") &&
         check_time(fault, consent->valid_until, false, "consent.valid_until") &&
         check_reserved(fault, consent->reserved == 0, "consent.reserved");
}

bool cx__record_find_fault(const cx__record *record, cx__record_fault *fault) {
  *fault = (cx__record_fault){.what = CX__FAULT_NONE, .index = SIZE_MAX};
  switch (record->kind) {
  case CX__RECORD_EVENT:
    return check_event(fault, &record->of.event);
  case CX__RECORD_ASSERTION:
    return check_assertion(fault, &record->of.assertion);
  case CX__RECORD_CONTENT:
    return check_content(fault, &record->of.content);
  case CX__RECORD_PREFERENCE:
    return check_preference(fault, &record->of.preference);
  case CX__RECORD_CONSENT:
    return check_consent(fault, &record->of.consent);
  }
  return bad(fault, CX__FAULT_KIND, "record.kind");
}

static cx_status report(cx_context *ctx, const cx__record_fault *fault) {
  static const char *const texts[] = {
#define TEXT(name, text) text,
      CX__FAULT_MAP(TEXT)
#undef TEXT
  };
  const char *text = texts[fault->what];
  if (fault->index == SIZE_MAX) return cx__fail(ctx, CX_ERR_INVALID, "%s %s", fault->field, text);
  return cx__fail(ctx, CX_ERR_INVALID, "%s %s (element %zu)", fault->field, text, fault->index);
}

cx_status cx__identifier_check(cx_context *ctx, const cx_identifier *identifier) {
  static const identifier_fields fields = IDENTIFIER_FIELDS("identifier");
  cx__record_fault fault = {.what = CX__FAULT_NONE, .index = SIZE_MAX};
  return check_identifier(&fault, identifier, &fields) ? CX_OK : report(ctx, &fault);
}

cx_status cx__record_check(cx_context *ctx, const cx__record *record) {
  cx__record_fault fault;
  return cx__record_find_fault(record, &fault) ? CX_OK : report(ctx, &fault);
}

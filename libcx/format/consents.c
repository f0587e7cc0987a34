/* SPDX-License-Identifier: MIT */
/* Consent records: each row is one record, its id derived from its content. */
#include "format/reader.h"

typedef struct code_text {
  int32_t code;
  const char *text;
} code_text;

/** The number of a word, any case; 0 when there is none. */
static int32_t find_code(const code_text *codes, size_t count, cx_text text) {
  for (size_t i = 0; i < count; i++)
    if (cx__text_equal_nocase(text, cx__text(codes[i].text))) return codes[i].code;
  return 0;
}

static int32_t read_state(cx_text text) {
  static const code_text states[] = {
#define STATE(name, value, text) {value, text},
      CX_CONSENT_MAP(STATE)
#undef STATE
  };
  return find_code(states, sizeof states / sizeof *states, text);
}

static int32_t read_basis(cx_text text) {
  static const code_text bases[] = {
#define BASIS(name, value, text) {value, text},
      CX_BASIS_MAP(BASIS)
#undef BASIS
  };
  if (text.size == 0) return CX_BASIS_CONSENT;
  return find_code(bases, sizeof bases / sizeof *bases, text);
}

int32_t cx__consents_read(cx_context *ctx, cx__reader *reader) {
  (void)ctx;
  cx__record *record = cx__row_add(reader, CX__RECORD_CONSENT);
  if (!record) return CX_ERR_NOMEM;
  cx_consent *consent = &record->of.consent;
  consent->who.name_space = cx__text(reader->map.name_space);
  if (!cx__row_customer(cx__row_field(reader, CX__FIELD_CUSTOMER), &consent->who.value))
    return CX_QUARANTINE_IDENTIFIER;
  consent->state = read_state(cx__row_field(reader, CX__FIELD_STATE));
  consent->basis = read_basis(cx__row_field(reader, CX__FIELD_BASIS));
  if (consent->state == 0 || consent->basis == 0) return CX_QUARANTINE_CODE;
  consent->evidence = cx__row_field(reader, CX__FIELD_EVIDENCE);
  consent->source = cx__row_field(reader, CX__FIELD_SOURCE);
  int32_t result = cx__row_time(reader, cx__row_field(reader, CX__FIELD_TIME), &consent->time);
  if (result == 0)
    result = cx__row_time_optional(reader, cx__row_field(reader, CX__FIELD_VALID_UNTIL), &consent->valid_until);
  if (result == 0) result = cx__row_lower(reader, cx__row_field(reader, CX__FIELD_PURPOSE), &consent->purpose);
  if (result == 0) result = cx__row_lower(reader, cx__row_field(reader, CX__FIELD_CHANNEL), &consent->channel);
  return result;
}

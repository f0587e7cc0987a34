/* SPDX-License-Identifier: MIT */
/* Declared preferences: each row is one record, its id derived from its content. */
#include "format/reader.h"

int32_t cx__preferences_read(cx_context *ctx, cx__reader *reader) {
  (void)ctx;
  cx__record *record = cx__row_add(reader, CX__RECORD_PREFERENCE);
  if (!record) return CX_ERR_NOMEM;
  cx_preference *preference = &record->of.preference;
  preference->who.name_space = cx__text(reader->map.name_space);
  if (!cx__row_customer(cx__row_field(reader, CX__FIELD_CUSTOMER), &preference->who.value))
    return CX_QUARANTINE_IDENTIFIER;
  preference->source = cx__row_field(reader, CX__FIELD_SOURCE);
  int32_t result = cx__row_time(reader, cx__row_field(reader, CX__FIELD_TIME), &preference->time);
  if (result == 0)
    result = cx__row_time_optional(reader, cx__row_field(reader, CX__FIELD_VALID_UNTIL), &preference->valid_until);
  if (result == 0) result = cx__row_code(reader, cx__row_field(reader, CX__FIELD_TOPIC), &preference->topic);
  if (result != 0) return result;
  cx_decimal strength;
  result = cx__row_decimal(cx__row_field(reader, CX__FIELD_STRENGTH), &strength);
  if (result == 0) preference->strength = cx__decimal_to_double(strength);
  return result;
}

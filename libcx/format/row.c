/* SPDX-License-Identifier: MIT */
/* What the rows of an import are made of. */
#include "format/reader.h"

cx_text cx__row_field(const cx__reader *reader, cx__field field) {
  const size_t column = reader->map.column[field];
  if (column >= reader->record.fields_count) return (cx_text){NULL, 0};
  return cx__text_trim(reader->record.fields[column]);
}

int32_t cx__row_time(const cx__reader *reader, cx_text text, int64_t *out) {
  if (text.size == 0) return CX_QUARANTINE_TIME;
  const cx_status status = cx__parse_time(text, reader->time_format, reader->zone, out);
  if (status == CX_OK) return 0;
  return status == CX_ERR_AMBIGUOUS ? CX_QUARANTINE_TIME_AMBIGUOUS : CX_QUARANTINE_TIME;
}

int32_t cx__row_time_optional(const cx__reader *reader, cx_text text, int64_t *out) {
  *out = CX_TIME_NONE;
  return text.size == 0 ? 0 : cx__row_time(reader, text, out);
}

int32_t cx__row_decimal(cx_text text, cx_decimal *out) {
  return cx__parse_decimal(text, '.', out) ? 0 : CX_QUARANTINE_NUMBER;
}

static bool are_digits(const char *data, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (data[i] < '0' || data[i] > '9') return false;
  return true;
}

static bool are_zeros_or_dashes(cx_text text) {
  for (size_t i = 0; i < text.size; i++)
    if (text.data[i] != '0' && text.data[i] != '-') return false;
  return true;
}

bool cx__row_customer(cx_text text, cx_text *out) {
  text = cx__text_trim(text);
  if (text.size > 2 && text.data[text.size - 2] == '.' && text.data[text.size - 1] == '0' &&
      are_digits(text.data, text.size - 2))
    text.size -= 2;
  if (text.size == 0 || are_zeros_or_dashes(text)) return false;
  static const cx_text nobody[] = {{"null", 4}, {"nan", 3}, {"none", 4}, {"-1", 2}, {"undefined", 9}, {"anonymous", 9}};
  for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++)
    if (text.size == nobody[i].size && cx__text_equal_nocase(text, nobody[i])) return false;
  *out = text;
  return true;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }

int32_t cx__row_lower(cx__reader *reader, cx_text text, cx_text *out) {
  text = cx__text_trim(text);
  char *copy = cx__arena_copy(&reader->arena, text.data, text.size);
  if (!copy) return CX_ERR_NOMEM;
  for (size_t i = 0; i < text.size; i++) copy[i] = lower(copy[i]);
  *out = (cx_text){copy, text.size};
  return 0;
}

/** A code that is too long ends in a hash of all of it. */
static size_t shorten(char *code, size_t size) {
  if (size <= CX__CODE_MAX) return size;
  static const char digits[] = "0123456789abcdef";
  const uint64_t hash = cx__hash(code, size);
  size = CX__CODE_MAX - 16;
  for (size_t i = 0; i < 16; i++) code[size + i] = digits[hash >> (60 - 4 * i) & 15];
  return CX__CODE_MAX;
}

int32_t cx__row_code(cx__reader *reader, cx_text text, cx_text *out) {
  if (!cx__text_is_utf8(text)) return CX_QUARANTINE_ENCODING;
  static const char digits[] = "0123456789abcdef";
  char *code = cx__arena_alloc(&reader->arena, 2 * text.size + 1);
  if (!code) return CX_ERR_NOMEM;
  size_t size = 0;
  for (size_t i = 0; i < text.size; i++) {
    const unsigned char byte = (unsigned char)text.data[i];
    const char c = lower(text.data[i]);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':' || c == '/') {
      code[size++] = c;
    } else if (byte >= 0x80) {
      code[size++] = digits[byte >> 4];
      code[size++] = digits[byte & 15];
    } else if (size > 0 && code[size - 1] != '-') {
      code[size++] = '-';
    }
  }
  if (size > 0 && code[size - 1] == '-') size--;
  *out = (cx_text){code, shorten(code, size)};
  return size == 0 ? CX_QUARANTINE_CODE : 0;
}

int32_t cx__row_topics(cx__reader *reader, cx_text text, const cx_text **topics, size_t *topics_count) {
  *topics = NULL;
  *topics_count = 0;
  size_t most = 1;
  for (size_t i = 0; i < text.size; i++) most += text.data[i] == '|' || text.data[i] == ';';
  if (text.size == 0) return 0;
  if (most > CX__TOPICS_MAX) return CX_QUARANTINE_TOO_LONG;
  cx_text *codes = cx__arena_alloc(&reader->arena, most * sizeof *codes);
  if (!codes) return CX_ERR_NOMEM;
  size_t count = 0;
  for (size_t i = 0, begin = 0; i <= text.size; i++) {
    if (i < text.size && text.data[i] != '|' && text.data[i] != ';') continue;
    const cx_text topic = cx__text_trim((cx_text){text.data + begin, i - begin});
    begin = i + 1;
    if (topic.size == 0) continue;
    const int32_t result = cx__row_code(reader, topic, &codes[count]);
    if (result == CX_QUARANTINE_CODE) continue; /* nothing but punctuation */
    if (result != 0) return result;
    bool again = false;
    for (size_t k = 0; k < count; k++) again = again || cx__text_equal(codes[k], codes[count]);
    if (!again) count++;
  }
  *topics = codes;
  *topics_count = count;
  return 0;
}

int32_t cx__row_currency(const cx__reader *reader, cx_text text, char out[4]) {
  memset(out, 0, 4);
  if (text.size == 0) {
    memcpy(out, reader->currency, 4);
    return 0;
  }
  if (text.size != 3) return CX_QUARANTINE_CURRENCY;
  for (size_t i = 0; i < 3; i++) {
    const char c = lower(text.data[i]);
    if (c < 'a' || c > 'z') return CX_QUARANTINE_CURRENCY;
    out[i] = (char)(c - ('a' - 'A'));
  }
  return 0;
}

cx__record *cx__row_add(cx__reader *reader, cx__record_kind kind) {
  if (!cx__grow(&reader->allocator, &reader->records, &reader->records_capacity, reader->records_count + 1,
                sizeof *reader->records))
    return NULL;
  cx__record *record = &reader->records[reader->records_count++];
  memset(record, 0, sizeof *record);
  record->kind = kind;
  switch (kind) {
  case CX__RECORD_EVENT:
    record->of.event.size = sizeof record->of.event;
    record->of.event.received = CX_TIME_NONE;
    break;
  case CX__RECORD_ASSERTION:
    record->of.assertion.size = sizeof record->of.assertion;
    break;
  case CX__RECORD_CONTENT:
    record->of.content.size = sizeof record->of.content;
    record->of.content.time = record->of.content.published = CX_TIME_NONE;
    record->of.content.valid_from = record->of.content.valid_until = CX_TIME_NONE;
    break;
  case CX__RECORD_PREFERENCE:
    record->of.preference.size = sizeof record->of.preference;
    record->of.preference.valid_until = CX_TIME_NONE;
    break;
  case CX__RECORD_CONSENT:
    record->of.consent.size = sizeof record->of.consent;
    record->of.consent.valid_until = CX_TIME_NONE;
    break;
  }
  return record;
}

/** A hash of what is said of an item; lengths keep the parts apart. */
static cx__hash128 hash_content(cx_text item, cx_text title, const cx_text *topics, size_t topics_count) {
  cx__hash128 hash = cx__hash_wide(item.data, item.size);
  for (size_t i = 0; i <= topics_count; i++) {
    const cx_text part = i == 0 ? title : topics[i - 1];
    const cx__hash128 other = cx__hash_wide(part.data, part.size);
    hash.low = cx__hash_mix(hash.low, other.low);
    hash.high = cx__hash_mix(hash.high, other.high);
  }
  return hash;
}

int32_t cx__row_add_content(cx__reader *reader, cx_text item, cx_text title, const cx_text *topics,
                            size_t topics_count) {
  if (item.size == 0 || (title.size == 0 && topics_count == 0)) return 0;
  if (!reader->seen) reader->seen = cx__interner_new(&reader->allocator);
  if (!reader->seen) return CX_ERR_NOMEM;
  const cx__hash128 hash = hash_content(item, title, topics, topics_count);
  const uint32_t known = cx__interner_count(reader->seen);
  uint32_t number;
  if (!cx__interner_add(reader->seen, (cx_text){(const char *)&hash, sizeof hash}, &number)) return CX_ERR_NOMEM;
  if (number < known) return 0;
  cx__record *record = cx__row_add(reader, CX__RECORD_CONTENT);
  if (!record) return CX_ERR_NOMEM;
  record->of.content.id = item;
  record->of.content.title = title;
  record->of.content.topics = topics;
  record->of.content.topics_count = topics_count;
  return 0;
}

static cx_status find_digest(cx_context *ctx, cx__reader *reader) {
  cx__hash128 hash;
  const cx_status status = cx__input_digest(ctx, &reader->input, &hash);
  if (status != CX_OK) return status;
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < 16; i++) {
    reader->digest[i] = digits[hash.high >> (60 - 4 * i) & 15];
    reader->digest[16 + i] = digits[hash.low >> (60 - 4 * i) & 15];
  }
  reader->has_digest = true;
  return CX_OK;
}

int32_t cx__row_id(cx_context *ctx, cx__reader *reader, cx_text *out) {
  if (!reader->has_digest) {
    const cx_status status = find_digest(ctx, reader);
    if (status != CX_OK) return status;
  }
  char number[CX__NUMBER_SIZE], part[CX__NUMBER_SIZE];
  const size_t number_size = cx__print_int64((int64_t)reader->row, number);
  const size_t part_size = reader->part > 0 ? cx__print_int64((int64_t)reader->part, part) : 0;
  char *id = cx__arena_alloc(&reader->arena, 32 + 1 + number_size + 1 + part_size);
  if (!id) return cx__no_memory(ctx);
  memcpy(id, reader->digest, 32);
  id[32] = ':';
  memcpy(id + 33, number, number_size);
  size_t size = 33 + number_size;
  if (part_size > 0) {
    id[size++] = '.';
    memcpy(id + size, part, part_size);
    size += part_size;
  }
  *out = (cx_text){id, size};
  return 0;
}

static int32_t reason_of_missing(const char *field) {
  if (strcmp(field, "event.lines.item") == 0 || strcmp(field, "content.id") == 0) return CX_QUARANTINE_ITEM;
  if (strstr(field, ".topic") || strstr(field, ".purpose") || strstr(field, ".channel")) return CX_QUARANTINE_CODE;
  return CX_QUARANTINE_IDENTIFIER;
}

static int32_t reason_of(const cx__record_fault *fault) {
  switch (fault->what) {
  case CX__FAULT_MISSING:
    return reason_of_missing(fault->field);
  case CX__FAULT_TOO_LONG:
  case CX__FAULT_TOO_MANY:
    return CX_QUARANTINE_TOO_LONG;
  case CX__FAULT_ENCODING:
    return CX_QUARANTINE_ENCODING;
  case CX__FAULT_REPEATED:
  case CX__FAULT_CODE:
  case CX__FAULT_NAME_SPACE:
  case CX__FAULT_KIND:
    return CX_QUARANTINE_CODE;
  case CX__FAULT_TIME:
    return CX_QUARANTINE_TIME;
  case CX__FAULT_NUMBER:
    return CX_QUARANTINE_NUMBER;
  case CX__FAULT_CURRENCY:
    return CX_QUARANTINE_CURRENCY;
  case CX__FAULT_NONE:
  case CX__FAULT_OBJECT:
  case CX__FAULT_UNEXPECTED:
  case CX__FAULT_RESERVED:
    break;
  }
  return CX_QUARANTINE_MALFORMED;
}

int32_t cx__row_check(cx__reader *reader) {
  for (size_t i = reader->records_checked; i < reader->records_count; i++) {
    cx__record_fault fault;
    if (!cx__record_find_fault(&reader->records[i], &fault)) return reason_of(&fault);
  }
  reader->records_checked = reader->records_count;
  return 0;
}

/* SPDX-License-Identifier: MIT */
/* Values and structs to and from Lua. */
#include "binding.h"

#include <math.h>
#include <string.h>

#define CODES 32 /* codes are small numbers */
#define PLACES 18

cx_text lcx_check_text(lua_State *L, int index) {
  cx_text text = {NULL, 0};
  text.data = luaL_checklstring(L, index, &text.size);
  return text;
}

/** An instant: nothing, microseconds, or a text that cx_format_parse_time() reads. */
int64_t lcx_to_time(lua_State *L, lcx_state *s, int index, const char *name) {
  int64_t time = CX_TIME_NONE;
  if (lua_isnoneornil(L, index)) return time;
  if (lcx_is_whole(L, index, &time)) return time;
  if (lua_type(L, index) != LUA_TSTRING)
    lcx_fail(L, CX_ERR_TYPE, "%s must be an instant: whole microseconds, or a text", name);
  cx_text text = {NULL, 0};
  text.data = lua_tolstring(L, index, &text.size);
  LCX_TRY(L, s, cx_format_parse_time(s->ctx, text, NULL, NULL, &time));
  return time;
}

int64_t lcx_to_person(lua_State *L, lcx_state *s, int index) {
  int64_t person = 0;
  const cx_text text = lcx_check_text(L, index);
  LCX_TRY(L, s, cx_party_parse_id(text, &person));
  return person;
}

/** Reads digits with a sign. */
static bool parse_int64(cx_text text, int64_t *out) {
  const bool negative = text.size > 0 && text.data[0] == '-';
  uint64_t value = 0;
  if (text.size == (size_t)negative) return false;
  for (size_t i = negative; i < text.size; i++) {
    const unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';
    if (digit > 9 || value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  if (value > (uint64_t)INT64_MAX + negative) return false;
  *out = negative ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

/** A whole number; a text of digits or a person's id where numbers are not exact. */
int64_t lcx_to_int64(lua_State *L, lcx_state *s, int index, const char *name) {
  int64_t value = 0;
  if (lcx_is_whole(L, index, &value)) return value;
  if (lua_type(L, index) != LUA_TSTRING) lcx_fail(L, CX_ERR_TYPE, "%s must be a whole number", name);
  cx_text text = {NULL, 0};
  text.data = lua_tolstring(L, index, &text.size);
  if (parse_int64(text, &value)) return value;
  return lcx_to_person(L, s, index);
}

int32_t lcx_to_code(lua_State *L, int index, const char *name, lcx_text_fn text) {
  const char *given = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
  for (int32_t code = 0; given && code < CODES; code++) {
    const char *known = text(code);
    if (known && strcmp(known, given) == 0) return code;
  }
  lua_pushliteral(L, "");
  for (int32_t code = 0; code < CODES; code++) {
    if (!text(code)) continue;
    lua_pushfstring(L, " %s", text(code));
    lua_concat(L, 2);
  }
  return lcx_fail(L, given ? CX_ERR_INVALID : CX_ERR_TYPE, "%s must be one of%s", name, lua_tostring(L, -1));
}

/** The text at a key of the table at @p index, absent when there is none. */
static cx_text text_at(lua_State *L, int index, const char *key) {
  cx_text text = {NULL, 0};
  lua_getfield(L, index, key);
  if (lua_type(L, -1) == LUA_TSTRING)
    text.data = lua_tolstring(L, -1, &text.size);
  else if (!lua_isnil(L, -1))
    lcx_fail(L, CX_ERR_TYPE, "%s must be a string", key);
  lua_pop(L, 1); /* the table still holds it */
  return text;
}

/** An identifier: {namespace=, value=, verified=}, or "namespace:value". */
void lcx_to_identifier(lua_State *L, int index, const char *name, cx_identifier *out) {
  *out = (cx_identifier){0};
  index = lcx_absolute(L, index);
  if (lua_type(L, index) == LUA_TSTRING) {
    size_t size = 0;
    const char *data = lua_tolstring(L, index, &size);
    const char *colon = memchr(data, ':', size);
    if (!colon) lcx_fail(L, CX_ERR_INVALID, "%s must be written namespace:value", name);
    out->name_space = (cx_text){data, (size_t)(colon - data)};
    out->value = (cx_text){colon + 1, size - out->name_space.size - 1};
    return;
  }
  if (!lua_istable(L, index))
    lcx_fail(L, CX_ERR_TYPE, "%s must be an identifier: {namespace=, value=}, or a text namespace:value", name);
  out->name_space = text_at(L, index, "namespace");
  out->value = text_at(L, index, "value");
  lua_getfield(L, index, "verified");
  out->verified = lua_toboolean(L, -1);
  lua_pop(L, 1);
}

/** An array of numbers, as scratch on the stack. */
double *lcx_to_doubles(lua_State *L, int index, const char *name, size_t *n) {
  index = lcx_absolute(L, index);
  if (!lua_istable(L, index)) lcx_fail(L, CX_ERR_TYPE, "%s must be an array of numbers", name);
  *n = lcx_length(L, index);
  double *values = lcx_scratch(L, *n, sizeof *values);
  for (size_t i = 0; i < *n; i++) {
    lua_rawgeti(L, index, (int)(i + 1));
    if (lua_type(L, -1) != LUA_TNUMBER) lcx_fail(L, CX_ERR_TYPE, "%s: element %d is no number", name, (int)(i + 1));
    values[i] = (double)lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  return values;
}

/** A decimal of a whole number, a number with few places, or a text "12.50". */
static bool parse_decimal(cx_text text, cx_decimal *out) {
  char digits[24];
  const char *point = memchr(text.data, '.', text.size);
  const size_t places = point ? text.size - (size_t)(point - text.data) - 1 : 0;
  const size_t size = text.size - (point != NULL);
  if (size >= sizeof digits || places > PLACES || (point && places == 0)) return false;
  memcpy(digits, text.data, size - places);
  if (point) memcpy(digits + size - places, point + 1, places);
  *out = (cx_decimal){.scale = (int32_t)places};
  return parse_int64((cx_text){digits, size}, &out->mantissa);
}

static void to_decimal(lua_State *L, int index, const char *name, cx_decimal *out) {
  cx_text text = {NULL, 0};
  if (lua_type(L, index) == LUA_TSTRING) {
    text.data = lua_tolstring(L, index, &text.size);
    if (parse_decimal(text, out)) return;
    lcx_fail(L, CX_ERR_INVALID, "%s must be a decimal number of at most 18 places", name);
  }
  if (lua_type(L, index) != LUA_TNUMBER) lcx_fail(L, CX_ERR_TYPE, "%s must be a number or a text", name);
  const double value = (double)lua_tonumber(L, index);
  double power = 1;
  for (int32_t scale = 0; scale <= 9; scale++, power *= 10) {
    const double mantissa = nearbyint(value * power);
    if (!(fabs(mantissa) <= (double)LCX_EXACT)) break;
    if (mantissa / power < value || mantissa / power > value) continue;
    *out = (cx_decimal){.mantissa = (int64_t)mantissa, .scale = scale};
    return;
  }
  lcx_fail(L, CX_ERR_RANGE, "%s has too many digits for a number; give it as a text", name);
}

/* Pushing. */

void lcx_push_int64(lua_State *L, int64_t value) {
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, (lua_Integer)value);
#else
  char digits[24];
  size_t at = sizeof digits;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  if (rest <= (uint64_t)LCX_EXACT) {
    lua_pushnumber(L, (lua_Number)value);
    return;
  }
  for (; rest > 0; rest /= 10) digits[--at] = (char)('0' + rest % 10);
  if (value < 0) digits[--at] = '-';
  lua_pushlstring(L, digits + at, sizeof digits - at);
#endif
}

void lcx_push_count(lua_State *L, uint64_t value) { lcx_push_int64(L, value > INT64_MAX ? INT64_MAX : (int64_t)value); }

void lcx_push_time(lua_State *L, int64_t time) {
  if (time == CX_TIME_NONE)
    lua_pushnil(L);
  else
    lcx_push_int64(L, time);
}

void lcx_push_text(lua_State *L, cx_text text) {
  if (text.data)
    lua_pushlstring(L, text.data, text.size);
  else
    lua_pushnil(L);
}

void lcx_push_person(lua_State *L, int64_t person) {
  char text[CX_PARTY_ID_SIZE];
  cx_party_format_id(person, text);
  lua_pushstring(L, text);
}

void lcx_push_double(lua_State *L, double value) {
  if (isnan(value))
    lua_pushnil(L);
  else
    lua_pushnumber(L, (lua_Number)value);
}

void lcx_push_doubles(lua_State *L, const double *values, size_t n) {
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, (lua_Number)values[i]);
    lua_rawseti(L, -2, (int)(i + 1));
  }
}

void lcx_push_estimate(lua_State *L, const cx_estimate *estimate) {
  static const lcx_field fields[] = {
      LCX_FIELD(cx_estimate, value, LCX_DOUBLE), LCX_FIELD(cx_estimate, lower, LCX_DOUBLE),
      LCX_FIELD(cx_estimate, upper, LCX_DOUBLE), LCX_FIELD(cx_estimate, level, LCX_DOUBLE),
      LCX_FIELD(cx_estimate, count, LCX_U64),    LCX_FIELD_END};
  lcx_push(L, fields, estimate);
}

/** A text with a point, so that nothing of an amount is lost; nil for one that is not known. */
void lcx_push_decimal(lua_State *L, cx_decimal decimal) {
  char text[2 + PLACES + 24];
  size_t at = sizeof text;
  if (decimal.scale < 0 || decimal.scale > PLACES) {
    lua_pushnil(L);
    return;
  }
  uint64_t rest = decimal.mantissa < 0 ? 0 - (uint64_t)decimal.mantissa : (uint64_t)decimal.mantissa;
  for (int32_t place = 0; place <= decimal.scale || rest > 0; place++, rest /= 10) {
    if (place == decimal.scale && place > 0) text[--at] = '.';
    text[--at] = (char)('0' + rest % 10);
  }
  if (decimal.mantissa < 0) text[--at] = '-';
  lua_pushlstring(L, text + at, sizeof text - at);
}

void lcx_push_identifier(lua_State *L, const cx_identifier *identifier) {
  lua_createtable(L, 0, 3);
  lcx_push_text(L, identifier->name_space);
  lua_setfield(L, -2, "namespace");
  lcx_push_text(L, identifier->value);
  lua_setfield(L, -2, "value");
  lua_pushboolean(L, identifier->verified);
  lua_setfield(L, -2, "verified");
}

/* Structs. */

static const lcx_field *find_field(const lcx_field *fields, const char *key) {
  if (strcmp(key, "until") == 0) key = "until_";
  for (; fields->name; fields++)
    if (strcmp(fields->name, key) == 0) return fields;
  return NULL;
}

static void need_type(lua_State *L, int type, const char *name) {
  if (lua_type(L, -1) != type) lcx_fail(L, CX_ERR_TYPE, "%s must be a %s", name, lua_typename(L, type));
}

static void read_unsigned(lua_State *L, lcx_state *s, const lcx_field *field, char *out) {
  const int64_t value = lcx_to_int64(L, s, -1, field->name);
  if (value < 0 || (field->kind == LCX_U32 && value > UINT32_MAX))
    lcx_fail(L, CX_ERR_RANGE, "%s is out of range", field->name);
  const uint32_t small = (uint32_t)value;
  const uint64_t large = (uint64_t)value;
  if (field->kind == LCX_U32)
    memcpy(out, &small, sizeof small);
  else
    memcpy(out, &large, sizeof large);
}

static void read_string(lua_State *L, const lcx_field *field, char *out) {
  need_type(L, LUA_TSTRING, field->name);
  cx_text text = {NULL, 0};
  text.data = lua_tolstring(L, -1, &text.size);
  if (field->kind == LCX_TEXT) {
    memcpy(out, &text, sizeof text);
    return;
  }
  if (strlen(text.data) != text.size) lcx_fail(L, CX_ERR_INVALID, "%s holds a zero byte", field->name);
  if (field->kind == LCX_STRING) {
    memcpy(out, &text.data, sizeof text.data);
  } else if (field->kind == LCX_CURRENCY) {
    if (text.size > 3) lcx_fail(L, CX_ERR_INVALID, "%s must be three letters", field->name);
    memcpy(out, text.data, text.size + 1);
  } else {
    if (text.size != 1) lcx_fail(L, CX_ERR_INVALID, "%s must be one character", field->name);
    *out = text.data[0];
  }
}

static void read_hex(lua_State *L, const lcx_field *field, char *out) {
  static const char digits[] = "0123456789abcdef";
  need_type(L, LUA_TSTRING, field->name);
  size_t size = 0;
  const char *text = lua_tolstring(L, -1, &size);
  for (size_t i = 0; i < 32; i++) {
    const char *digit = size == 32 && text[i] ? strchr(digits, text[i]) : NULL;
    if (!digit) lcx_fail(L, CX_ERR_INVALID, "%s must be 32 hexadecimal digits", field->name);
    const unsigned value = digit ? (unsigned)(digit - digits) : 0;
    out[i / 2] = (char)(i % 2 == 0 ? value << 4 : ((unsigned char)out[i / 2] | value));
  }
}

/** Reads the value on the top, which a table holds, into the member of a struct. */
static void read_field(lua_State *L, lcx_state *s, const lcx_field *field, char *out) {
  switch (field->kind) {
  case LCX_U32:
  case LCX_U64:
    read_unsigned(L, s, field, out);
    break;
  case LCX_FLAG: {
    need_type(L, LUA_TBOOLEAN, field->name);
    const int32_t flag = lua_toboolean(L, -1);
    memcpy(out, &flag, sizeof flag);
    break;
  }
  case LCX_DOUBLE: {
    need_type(L, LUA_TNUMBER, field->name);
    const double value = (double)lua_tonumber(L, -1);
    memcpy(out, &value, sizeof value);
    break;
  }
  case LCX_TIME: {
    const int64_t time = lcx_to_time(L, s, -1, field->name);
    memcpy(out, &time, sizeof time);
    break;
  }
  case LCX_CODE: {
    const int32_t code = lcx_to_code(L, -1, field->name, field->text);
    memcpy(out, &code, sizeof code);
    break;
  }
  case LCX_DECIMAL: {
    cx_decimal decimal = {0};
    to_decimal(L, -1, field->name, &decimal);
    memcpy(out, &decimal, sizeof decimal);
    break;
  }
  case LCX_IDENTIFIER: {
    cx_identifier identifier;
    lcx_to_identifier(L, -1, field->name, &identifier);
    memcpy(out, &identifier, sizeof identifier);
    break;
  }
  case LCX_HEX:
    read_hex(L, field, out);
    break;
  default:
    read_string(L, field, out);
    break;
  }
}

/** Reads the table at @p index, if there is one, over the defaults in @p out. Unknown keys are errors. Texts are
 *  borrowed from the table. */
void lcx_read(lua_State *L, lcx_state *s, int index, const lcx_field *fields, void *out) {
  if (lua_isnoneornil(L, index)) return;
  index = lcx_absolute(L, index);
  if (!lua_istable(L, index)) lcx_fail(L, CX_ERR_TYPE, "options and records must be tables");
  bool progress = false;
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    const lcx_field *field = key ? find_field(fields, key) : NULL;
    if (!field) {
      lcx_fail(L, CX_ERR_INVALID, "unknown field %s", key ? key : luaL_typename(L, -2));
      return;
    }
    if (field->kind == LCX_PROGRESS)
      progress = true;
    else if (field->kind != LCX_LATER)
      read_field(L, s, field, (char *)out + field->offset);
  }
  if (!progress) return;
  lua_getfield(L, index, "progress");
  lcx_use_progress(L, s, -1);
}

static void push_hex(lua_State *L, const char *in) {
  static const char digits[] = "0123456789abcdef";
  char text[32];
  for (size_t i = 0; i < 16; i++) {
    text[2 * i] = digits[(unsigned char)in[i] >> 4];
    text[2 * i + 1] = digits[(unsigned char)in[i] & 15];
  }
  lua_pushlstring(L, text, sizeof text);
}

static void push_field(lua_State *L, const lcx_field *field, const char *in) {
  int32_t code = 0;
  uint32_t small = 0;
  uint64_t large = 0;
  int64_t time = 0;
  double value = 0;
  cx_text text;
  cx_decimal decimal;
  cx_identifier identifier;
  switch (field->kind) {
  case LCX_U32:
    memcpy(&small, in, sizeof small), lcx_push_count(L, small);
    break;
  case LCX_U64:
    memcpy(&large, in, sizeof large), lcx_push_count(L, large);
    break;
  case LCX_FLAG:
    memcpy(&code, in, sizeof code), lua_pushboolean(L, code);
    break;
  case LCX_DOUBLE:
    memcpy(&value, in, sizeof value), lcx_push_double(L, value);
    break;
  case LCX_TIME:
    memcpy(&time, in, sizeof time), lcx_push_time(L, time);
    break;
  case LCX_TEXT:
    memcpy(&text, in, sizeof text), lcx_push_text(L, text);
    break;
  case LCX_CODE:
    memcpy(&code, in, sizeof code), lua_pushstring(L, field->text(code));
    break;
  case LCX_DECIMAL:
    memcpy(&decimal, in, sizeof decimal), lcx_push_decimal(L, decimal);
    break;
  case LCX_IDENTIFIER:
    memcpy(&identifier, in, sizeof identifier), lcx_push_identifier(L, &identifier);
    break;
  case LCX_HEX:
    push_hex(L, in);
    break;
  case LCX_CURRENCY:
  case LCX_NAME:
    lua_pushstring(L, *in ? in : NULL);
    break; /* NULL is nil */
  default:
    lua_pushnil(L);
    break;
  }
}

/** Pushes a table of the members of a struct. */
void lcx_push(lua_State *L, const lcx_field *fields, const void *in) {
  lua_createtable(L, 0, 12);
  for (; fields->name; fields++) {
    push_field(L, fields, (const char *)in + fields->offset);
    lua_setfield(L, -2, fields->name);
  }
}

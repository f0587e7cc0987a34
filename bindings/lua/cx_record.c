/* SPDX-License-Identifier: MIT */
/* Records: parties, events, contents, preferences. */
#include "binding.h"

/* Parties. */

static const char *assertion_text(int32_t kind) {
#define CASE(name, value, text)                                                                                        \
  if (kind == (value)) return text;
  CX_ASSERTION_MAP(CASE)
#undef CASE
  return NULL;
}

void lcx_read_assertion(lua_State *L, lcx_state *s, int index, cx_assertion *out) {
  static const lcx_field fields[] = {LCX_FIELD_CODE(cx_assertion, kind, assertion_text),
                                     LCX_FIELD(cx_assertion, id, LCX_TEXT),
                                     LCX_FIELD(cx_assertion, a, LCX_IDENTIFIER),
                                     LCX_FIELD(cx_assertion, b, LCX_IDENTIFIER),
                                     LCX_FIELD(cx_assertion, retracts, LCX_TEXT),
                                     LCX_FIELD(cx_assertion, time, LCX_TIME),
                                     LCX_FIELD(cx_assertion, source, LCX_TEXT),
                                     LCX_FIELD(cx_assertion, reason, LCX_TEXT),
                                     LCX_FIELD_END};
  luaL_checktype(L, index, LUA_TTABLE);
  *out = (cx_assertion){.size = sizeof *out, .time = CX_TIME_NONE};
  lcx_read(L, s, index, fields, out);
}

/** A record's number from 1 at @p key of the table at the top. */
static uint32_t record_at(lua_State *L, lcx_state *s, const char *key) {
  lua_getfield(L, -1, key);
  const int64_t record = lcx_to_int64(L, s, -1, key);
  lua_pop(L, 1);
  if (record < 1 || record > UINT32_MAX) lcx_fail(L, CX_ERR_RANGE, "%s is out of range", key);
  return (uint32_t)(record - 1);
}

/** resolve(links, records): links are {a=, b=, kind="same"|"different", time=, order=} between records numbered from 1.
 *  Gives the smallest record of each one's person, and how many links were not followed. */
static int party_resolve(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD_LATER("a"),
                                     LCX_FIELD_LATER("b"),
                                     LCX_FIELD_CODE(cx_party_link, kind, assertion_text),
                                     LCX_FIELD(cx_party_link, time, LCX_TIME),
                                     LCX_FIELD(cx_party_link, order, LCX_U64),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  const size_t count = lcx_length(L, 1);
  const int64_t records = lcx_to_int64(L, s, 2, "records");
  if (records < 0 || records > INT32_MAX) return lcx_fail(L, CX_ERR_RANGE, "records is out of range");
  cx_party_link *links = lcx_scratch(L, count, sizeof *links);
  uint32_t *person = lcx_scratch(L, (size_t)records, sizeof *person);
  size_t refused = 0;
  for (size_t i = 0; i < count; i++) {
    links[i] = (cx_party_link){.order = i};
    lua_rawgeti(L, 1, (int)(i + 1));
    if (!lua_istable(L, -1)) return lcx_fail(L, CX_ERR_TYPE, "link %d is no table", (int)(i + 1));
    lcx_read(L, s, -1, fields, &links[i]);
    links[i].a = record_at(L, s, "a");
    links[i].b = record_at(L, s, "b");
    lua_pop(L, 1);
  }
  LCX_TRY(L, s, cx_party_resolve(s->ctx, links, count, (uint32_t)records, person, &refused));
  lua_createtable(L, (int)records, 0);
  for (size_t i = 0; i < (size_t)records; i++) {
    lcx_push_count(L, (uint64_t)person[i] + 1);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  lcx_push_count(L, refused);
  return 2;
}

/** format_id(number): the id of a person as text; the number may be a text of digits where it is not exact. */
static int party_format_id(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  lcx_push_person(L, lcx_to_int64(L, s, 1, "person"));
  return 1;
}

/** parse_id(text): the number, as a text of digits where it is not exact. */
static int party_parse_id(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  lcx_push_int64(L, lcx_to_person(L, s, 1));
  return 1;
}

static const luaL_Reg party_functions[] = {
    {"resolve", party_resolve}, {"format_id", party_format_id}, {"parse_id", party_parse_id}, {NULL, NULL}};
const lcx_noun lcx_party_noun = {"party", party_functions, NULL, NULL};

/* Events. */

static void read_lines(lua_State *L, lcx_state *s, cx_event *out) {
  static const lcx_field fields[] = {
      LCX_FIELD(cx_event_line, item, LCX_TEXT), LCX_FIELD(cx_event_line, title, LCX_TEXT),
      LCX_FIELD(cx_event_line, quantity, LCX_DECIMAL), LCX_FIELD(cx_event_line, price, LCX_DECIMAL), LCX_FIELD_END};
  if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "lines must be an array of {item=, quantity=, price=}");
  const int array = lua_gettop(L);
  const size_t count = lcx_length(L, array);
  cx_event_line *lines = lcx_scratch(L, count, sizeof *lines);
  for (size_t i = 0; i < count; i++) {
    lines[i] = (cx_event_line){.quantity = {1, 0, 0}, .price = {0, -1, 0}};
    lua_rawgeti(L, array, (int)(i + 1));
    if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "line %d is no table", (int)(i + 1));
    lcx_read(L, s, -1, fields, &lines[i]);
    lua_pop(L, 1);
  }
  out->lines = lines;
  out->lines_count = count;
}

/** who: an array of identifiers, or one. */
static void read_who(lua_State *L, cx_event *out) {
  const int value = lua_gettop(L);
  bool one = !lua_istable(L, value);
  if (!one) {
    lua_getfield(L, value, "value");
    one = !lua_isnil(L, -1);
    lua_pop(L, 1);
  }
  const size_t count = one ? 1 : lcx_length(L, value);
  cx_identifier *who = lcx_scratch(L, count, sizeof *who);
  if (one) lcx_to_identifier(L, value, "who", &who[0]);
  for (size_t i = 0; i < count && !one; i++) {
    lua_rawgeti(L, value, (int)(i + 1));
    lcx_to_identifier(L, -1, "who", &who[i]);
    lua_pop(L, 1);
  }
  out->who = who;
  out->who_count = count;
}

static const lcx_field event_fields[] = {LCX_FIELD_CODE(cx_event, kind, cx_event_kind_text),
                                         LCX_FIELD(cx_event, id, LCX_TEXT),
                                         LCX_FIELD(cx_event, time, LCX_TIME),
                                         LCX_FIELD(cx_event, received, LCX_TIME),
                                         LCX_FIELD(cx_event, name, LCX_TEXT),
                                         LCX_FIELD(cx_event, channel, LCX_TEXT),
                                         LCX_FIELD(cx_event, order, LCX_TEXT),
                                         LCX_FIELD(cx_event, properties, LCX_TEXT),
                                         LCX_FIELD(cx_event, currency, LCX_CURRENCY),
                                         LCX_FIELD_LATER("who"),
                                         LCX_FIELD_LATER("lines"),
                                         LCX_FIELD_END};

/** {kind=, id=, time=, who=, lines={{item=, title=, quantity=, price=}}, currency=, ...}. */
void lcx_read_event(lua_State *L, lcx_state *s, int index, cx_event *out) {
  luaL_checktype(L, index, LUA_TTABLE);
  *out = (cx_event){.size = sizeof *out, .time = CX_TIME_NONE, .received = CX_TIME_NONE};
  lcx_read(L, s, index, event_fields, out);
  lua_getfield(L, index, "who");
  if (!lua_isnil(L, -1)) read_who(L, out);
  lua_getfield(L, index, "lines");
  if (!lua_isnil(L, -1)) read_lines(L, s, out);
}

void lcx_push_event(lua_State *L, const cx_event *event) {
  lcx_push(L, event_fields, event);
  lua_createtable(L, (int)event->who_count, 0);
  for (size_t i = 0; i < event->who_count; i++) {
    lcx_push_identifier(L, &event->who[i]);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  lua_setfield(L, -2, "who");
  lua_createtable(L, (int)event->lines_count, 0);
  for (size_t i = 0; i < event->lines_count; i++) {
    lua_createtable(L, 0, 4);
    lcx_push_text(L, event->lines[i].item);
    lua_setfield(L, -2, "item");
    lcx_push_text(L, event->lines[i].title);
    lua_setfield(L, -2, "title");
    lcx_push_decimal(L, event->lines[i].quantity);
    lua_setfield(L, -2, "quantity");
    lcx_push_decimal(L, event->lines[i].price);
    lua_setfield(L, -2, "price");
    lua_rawseti(L, -2, (int)(i + 1));
  }
  lua_setfield(L, -2, "lines");
}

/** kinds(): all kinds of events. */
static int event_kinds(lua_State *L) {
  lua_newtable(L);
  for (int32_t kind = 1; cx_event_kind_text(kind); kind++) {
    lua_pushstring(L, cx_event_kind_text(kind));
    lua_rawseti(L, -2, kind);
  }
  return 1;
}

static const luaL_Reg event_functions[] = {{"kinds", event_kinds}, {NULL, NULL}};
const lcx_noun lcx_event_noun = {"event", event_functions, NULL, NULL};

/* Contents. */

static void read_topics(lua_State *L, cx_content *out) {
  if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "topics must be an array of texts");
  const int array = lua_gettop(L);
  const size_t count = lcx_length(L, array);
  cx_text *topics = lcx_scratch(L, count, sizeof *topics);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, array, (int)(i + 1));
    if (lua_type(L, -1) != LUA_TSTRING) lcx_fail(L, CX_ERR_TYPE, "topic %d is no text", (int)(i + 1));
    topics[i].data = lua_tolstring(L, -1, &topics[i].size);
    lua_pop(L, 1);
  }
  out->topics = topics;
  out->topics_count = count;
}

/** {id=, title=, topics={}, time=, published=, valid_from=, valid_until=}. */
void lcx_read_content(lua_State *L, lcx_state *s, int index, cx_content *out) {
  static const lcx_field fields[] = {LCX_FIELD(cx_content, id, LCX_TEXT),
                                     LCX_FIELD(cx_content, title, LCX_TEXT),
                                     LCX_FIELD(cx_content, time, LCX_TIME),
                                     LCX_FIELD(cx_content, published, LCX_TIME),
                                     LCX_FIELD(cx_content, valid_from, LCX_TIME),
                                     LCX_FIELD(cx_content, valid_until, LCX_TIME),
                                     LCX_FIELD_LATER("topics"),
                                     LCX_FIELD_END};
  luaL_checktype(L, index, LUA_TTABLE);
  *out = (cx_content){.size = sizeof *out,
                      .time = CX_TIME_NONE,
                      .published = CX_TIME_NONE,
                      .valid_from = CX_TIME_NONE,
                      .valid_until = CX_TIME_NONE};
  lcx_read(L, s, index, fields, out);
  lua_getfield(L, index, "topics");
  if (!lua_isnil(L, -1)) read_topics(L, out);
}

/** is_valid(content, at). */
static int content_is_valid(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_content content;
  lua_settop(L, 2);
  lcx_read_content(L, s, 1, &content);
  lua_pushboolean(L, cx_content_is_valid(&content, lcx_to_time(L, s, 2, "at")));
  return 1;
}

static const luaL_Reg content_functions[] = {{"is_valid", content_is_valid}, {NULL, NULL}};
const lcx_noun lcx_content_noun = {"content", content_functions, NULL, NULL};

/* Preferences. */

static const lcx_field preference_fields[] = {
    LCX_FIELD(cx_preference, id, LCX_TEXT),          LCX_FIELD(cx_preference, who, LCX_IDENTIFIER),
    LCX_FIELD(cx_preference, topic, LCX_TEXT),       LCX_FIELD(cx_preference, strength, LCX_DOUBLE),
    LCX_FIELD(cx_preference, source, LCX_TEXT),      LCX_FIELD(cx_preference, time, LCX_TIME),
    LCX_FIELD(cx_preference, valid_until, LCX_TIME), LCX_FIELD_END};

/** {who=, topic=, strength=, source=, time=, valid_until=, id=}. */
void lcx_read_preference(lua_State *L, lcx_state *s, int index, cx_preference *out) {
  luaL_checktype(L, index, LUA_TTABLE);
  *out = (cx_preference){.size = sizeof *out, .time = CX_TIME_NONE, .valid_until = CX_TIME_NONE};
  lcx_read(L, s, index, preference_fields, out);
}

void lcx_push_preference(lua_State *L, const cx_preference *preference) { lcx_push(L, preference_fields, preference); }

/** is_valid(preference, at). */
static int preference_is_valid(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_preference preference;
  lua_settop(L, 2);
  lcx_read_preference(L, s, 1, &preference);
  lua_pushboolean(L, cx_preference_is_valid(&preference, lcx_to_time(L, s, 2, "at")));
  return 1;
}

static const luaL_Reg preference_functions[] = {{"is_valid", preference_is_valid}, {NULL, NULL}};
const lcx_noun lcx_preference_noun = {"preference", preference_functions, NULL, NULL};

/* SPDX-License-Identifier: MIT */
/* Profiles: what one decision needs of one person. */
#include "binding.h"

static void free_profile(void *pointer) { cx_profile_free(pointer); }

const lcx_type lcx_profile_type = {"cx.profile", free_profile};

/** new([{person=, time=}]): somebody unknown. */
static int profile_new(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD_LATER("person"), {"time", LCX_TIME, 0, NULL}, LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  int64_t time = CX_TIME_NONE, person = 0;
  lua_settop(L, 1);
  lcx_read(L, s, 1, fields, &time);
  if (lua_istable(L, 1)) {
    lua_getfield(L, 1, "person");
    if (!lua_isnil(L, -1)) person = lcx_to_person(L, s, -1);
  }
  lcx_box *box = lcx_new_box(L, &lcx_profile_type);
  cx_profile *profile = NULL;
  lcx_begin(L, s);
  cx_status status = cx_profile_new(s->ctx, &profile);
  box->pointer = profile;
  if (status == CX_OK) status = cx_profile_set_person(s->ctx, profile, person);
  if (status == CX_OK) status = cx_profile_set_time(s->ctx, profile, time);
  lcx_end(L, s, status);
  return 1;
}

/** read(bytes): from what write() gave, wherever it comes from. */
static int profile_read(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_text bytes = lcx_check_text(L, 1);
  lcx_box *box = lcx_new_box(L, &lcx_profile_type);
  cx_profile *profile = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_profile_read(s->ctx, bytes.data, bytes.size, &profile);
  box->pointer = profile;
  lcx_end(L, s, status);
  return 1;
}

/** write(): the profile as bytes, the same for the same profile. */
static int profile_write(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  size_t size = 0;
  LCX_TRY(L, s, cx_profile_write(s->ctx, profile, NULL, 0, &size));
  char *bytes = lcx_scratch(L, size, 1);
  LCX_TRY(L, s, cx_profile_write(s->ctx, profile, bytes, size, &size));
  lua_pushlstring(L, bytes, size);
  return 1;
}

static int profile_clear(lua_State *L) {
  lcx_enter(L);
  cx_profile_clear(lcx_check(L, 1, &lcx_profile_type));
  return 0;
}

/** set_person(id): nil for somebody unknown. */
static int profile_set_person(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  const int64_t person = lua_isnoneornil(L, 2) ? 0 : lcx_to_person(L, s, 2);
  LCX_TRY(L, s, cx_profile_set_person(s->ctx, profile, person));
  return 0;
}

static int profile_set_time(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  const int64_t time = lcx_to_time(L, s, 2, "time");
  LCX_TRY(L, s, cx_profile_set_time(s->ctx, profile, time));
  return 0;
}

/** person(): the id as text, nil for somebody unknown. */
static int profile_person(lua_State *L) {
  lcx_enter(L);
  const int64_t person = cx_profile_person(lcx_check(L, 1, &lcx_profile_type));
  if (person != 0)
    lcx_push_person(L, person);
  else
    lua_pushnil(L);
  return 1;
}

static int profile_time(lua_State *L) {
  lcx_enter(L);
  lcx_push_time(L, cx_profile_time(lcx_check(L, 1, &lcx_profile_type)));
  return 1;
}

/* Adding: true, or false when the same was there already. */

static int profile_add_identifier(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  cx_identifier identifier;
  lua_settop(L, 2);
  lcx_to_identifier(L, 2, "identifier", &identifier);
  lua_pushboolean(L, LCX_TRY(L, s, cx_profile_add_identifier(s->ctx, profile, &identifier)) == CX_OK);
  return 1;
}

static int profile_add_event(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  cx_event event;
  lcx_read_event(L, s, 2, &event);
  lua_pushboolean(L, LCX_TRY(L, s, cx_profile_add_event(s->ctx, profile, &event)) == CX_OK);
  return 1;
}

static int profile_add_preference(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  cx_preference preference;
  lcx_read_preference(L, s, 2, &preference);
  lua_pushboolean(L, LCX_TRY(L, s, cx_profile_add_preference(s->ctx, profile, &preference)) == CX_OK);
  return 1;
}

static int profile_add_consent(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  cx_consent consent;
  lcx_read_consent(L, s, 2, &consent);
  lua_pushboolean(L, LCX_TRY(L, s, cx_profile_add_consent(s->ctx, profile, &consent)) == CX_OK);
  return 1;
}

/* Reading: arrays of tables like those that were added. */

static int profile_identifiers(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  const size_t count = cx_profile_identifiers(profile);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    cx_identifier identifier;
    LCX_TRY(L, s, cx_profile_get_identifier(profile, i, &identifier));
    lcx_push_identifier(L, &identifier);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

static int profile_events(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  const size_t count = cx_profile_events(profile);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    cx_event event = {.size = sizeof event};
    LCX_TRY(L, s, cx_profile_get_event(profile, i, &event));
    lcx_push_event(L, &event);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

static int profile_preferences(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  const size_t count = cx_profile_preferences(profile);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    cx_preference preference = {.size = sizeof preference};
    LCX_TRY(L, s, cx_profile_get_preference(profile, i, &preference));
    lcx_push_preference(L, &preference);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

static int profile_consents(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  const size_t count = cx_profile_consents(profile);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    cx_consent consent = {.size = sizeof consent};
    LCX_TRY(L, s, cx_profile_get_consent(profile, i, &consent));
    lcx_push_consent(L, &consent);
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

static const luaL_Reg profile_functions[] = {{"new", profile_new}, {"read", profile_read}, {NULL, NULL}};
static const luaL_Reg profile_methods[] = {{"write", profile_write},
                                           {"clear", profile_clear},
                                           {"set_person", profile_set_person},
                                           {"set_time", profile_set_time},
                                           {"person", profile_person},
                                           {"time", profile_time},
                                           {"add_identifier", profile_add_identifier},
                                           {"add_event", profile_add_event},
                                           {"add_preference", profile_add_preference},
                                           {"add_consent", profile_add_consent},
                                           {"identifiers", profile_identifiers},
                                           {"events", profile_events},
                                           {"preferences", profile_preferences},
                                           {"consents", profile_consents},
                                           {NULL, NULL}};
const lcx_noun lcx_profile_noun = {"profile", profile_functions, &lcx_profile_type, profile_methods};

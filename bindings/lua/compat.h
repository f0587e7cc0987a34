/* SPDX-License-Identifier: MIT */
/* One source tree for Lua 5.1 to 5.4 and LuaJIT: the few calls that differ. */
#ifndef CX_LUA_COMPAT_H
#define CX_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#define LCX_EXACT INT64_C(9007199254740992) /* 2^53: whole numbers up to here are exact as doubles */

#if LUA_VERSION_NUM < 502
static inline size_t lcx_length(lua_State *L, int index) { return lua_objlen(L, index); }
#else
static inline size_t lcx_length(lua_State *L, int index) { return lua_rawlen(L, index); }
#endif

static inline int lcx_absolute(lua_State *L, int index) {
  return index < 0 && index > LUA_REGISTRYINDEX ? lua_gettop(L) + index + 1 : index;
}

/** Lets the userdata at @p index keep the value on the top alive; pops it. */
static inline void lcx_keep(lua_State *L, int index) {
  index = lcx_absolute(L, index);
  lua_createtable(L, 1, 0); /* before 5.3 only a table can be kept */
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
#if LUA_VERSION_NUM < 502
  lua_setfenv(L, index);
#else
  lua_setuservalue(L, index);
#endif
}

/** Pushes the value that lcx_keep() was given. */
static inline void lcx_push_kept(lua_State *L, int index) {
#if LUA_VERSION_NUM < 502
  lua_getfenv(L, index);
#else
  lua_getuservalue(L, index);
#endif
  if (lua_istable(L, -1))
    lua_rawgeti(L, -1, 1);
  else
    lua_pushnil(L);
  lua_remove(L, -2);
}

/** Whether the number at @p index is whole and exact, and which. */
static inline bool lcx_is_whole(lua_State *L, int index, int64_t *out) {
#if LUA_VERSION_NUM >= 503
  int whole = 0;
  const lua_Integer value = lua_tointegerx(L, index, &whole);
  if (lua_type(L, index) != LUA_TNUMBER || !whole) return false;
  *out = (int64_t)value;
  return true;
#else
  if (lua_type(L, index) != LUA_TNUMBER) return false;
  const lua_Number value = lua_tonumber(L, index);
  if (!(value >= -(lua_Number)LCX_EXACT && value <= (lua_Number)LCX_EXACT)) return false;
  *out = (int64_t)value;
  return !((lua_Number)*out < value || (lua_Number)*out > value);
#endif
}

#endif

/* SPDX-License-Identifier: MIT */
/* The module: calls, errors, callbacks, boxes, and the context, of which there is one for each Lua state. */
#include "binding.h"

#include <stdarg.h>
#include <string.h>

#define STATE_KEY "cx.state"
#define ERROR_KEY "cx.error"
#define STACK_SLOTS 40 /* more than any function here has on the stack besides its scratch */

int luaopen_cx(lua_State *L);

/* Calls. */

lcx_state *lcx_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

/** What every function starts with. Inside a callback the library is in the middle of a call, and so is the module. */
lcx_state *lcx_enter(lua_State *L) {
  lcx_state *s = lcx_of(L);
  if (s->L) lcx_fail(L, CX_ERR_BUSY, "no call is possible from inside a callback, but cx.context.cancel");
  luaL_checkstack(L, STACK_SLOTS, "cx");
  s->progress = 0;
  s->raised = 0;
  return s;
}

void lcx_begin(lua_State *L, lcx_state *s) {
  luaL_checkstack(L, STACK_SLOTS, "cx"); /* callbacks must not have to grow it */
  s->top = lua_gettop(L);
  s->log = 0;
  if (s->log_reference != LUA_NOREF) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->log_reference);
    s->log = lua_gettop(L);
  }
  s->L = L;
}

cx_status lcx_end(lua_State *L, lcx_state *s, cx_status status) {
  const int raised = s->raised;
  s->L = NULL;
  s->log = 0;
  s->raised = 0;
  if (raised) {
    lua_pushvalue(L, raised);
    lua_error(L);
  }
  lua_settop(L, s->top);
  if (status < 0) lcx_raise(L, s, status);
  return status;
}

/* Errors: tables with status, message and place. */

static int error_text(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "status");
  lua_getfield(L, 1, "message");
  const char *status = lua_tostring(L, -2), *message = lua_tostring(L, -1);
  lua_pushfstring(L, "%s: %s", status ? status : "error", message ? message : "");
  return 1;
}

/** Makes an error of the message on the top, and pops it. */
static void push_error(lua_State *L, cx_status status) {
  lua_createtable(L, 0, 6);
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  lua_pushstring(L, cx_status_name(status));
  lua_setfield(L, -2, "status");
  luaL_where(L, 1);
  lua_setfield(L, -2, "where");
  luaL_getmetatable(L, ERROR_KEY);
  lua_setmetatable(L, -2);
}

int lcx_raise(lua_State *L, const lcx_state *s, cx_status status) {
  uint64_t row = 0, byte = UINT64_MAX;
  const char *message = cx_context_error(s->ctx);
  if (cx_context_status(s->ctx) != status || !*message) message = cx_status_text(status);
  const char *input = cx_context_place(s->ctx, &row, &byte);
  lua_pushstring(L, input); /* copied before anything else can happen */
  lua_pushstring(L, message);
  push_error(L, status);
  if (*lua_tostring(L, -2)) {
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "input");
  }
  if (row > 0) {
    lcx_push_count(L, row);
    lua_setfield(L, -2, "row");
  }
  if (byte != UINT64_MAX) {
    lcx_push_count(L, byte);
    lua_setfield(L, -2, "byte");
  }
  return lua_error(L);
}

int lcx_fail(lua_State *L, cx_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  push_error(L, status);
  return lua_error(L);
}

/* Callbacks. Everything that may raise happens inside a protected call of a closure that was made before; what it
 * raised stays on the stack until lcx_end(). */

bool lcx_run_callback(lcx_state *s, int index) {
  lua_State *L = s->L;
  if (!L || !index || s->raised) return false;
  lua_pushvalue(L, index);
  if (lua_pcall(L, 0, 0, 0) == 0) return true;
  s->raised = lua_gettop(L);
  return false;
}

static int call_progress(lua_State *L) {
  lcx_state *s = lcx_of(L);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushstring(L, s->text);
  lcx_push_count(L, s->done);
  lcx_push_count(L, s->total);
  lua_call(L, 3, 1);
  s->result = lua_toboolean(L, -1);
  return 0;
}

static int on_progress(void *user, const char *stage, uint64_t done, uint64_t total) {
  lcx_state *s = user;
  if (s->raised) return 1;
  if (!s->progress) return 0;
  s->text = stage;
  s->done = done;
  s->total = total;
  return !lcx_run_callback(s, s->progress) || s->result != 0;
}

/** Takes the function at @p index for the progress of the next call; leaves a closure on the stack. */
void lcx_use_progress(lua_State *L, lcx_state *s, int index) {
  if (lua_type(L, index) != LUA_TFUNCTION) lcx_fail(L, CX_ERR_TYPE, "progress must be a function");
  index = lcx_absolute(L, index);
  lua_pushlightuserdata(L, s);
  lua_pushvalue(L, index);
  lua_pushcclosure(L, call_progress, 2);
  s->progress = lua_gettop(L);
}

static const char *log_level_text(int32_t level) {
#define CASE(name, value)                                                                                              \
  if (level == (value)) return #name;
  CX_LOG_MAP(CASE)
#undef CASE
  return NULL;
}

static int call_log(lua_State *L) {
  lcx_state *s = lcx_of(L);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushstring(L, log_level_text(s->level));
  lua_pushstring(L, s->code);
  lua_pushstring(L, s->text);
  lua_call(L, 3, 0);
  return 0;
}

static void on_log(void *user, int32_t level, const char *code, const char *text) {
  lcx_state *s = user;
  s->level = level;
  s->code = code;
  s->text = text;
  (void)lcx_run_callback(s, s->log);
}

/* Boxes. */

lcx_box *lcx_new_box_sized(lua_State *L, const lcx_type *type, size_t size) {
  lcx_box *box = lua_newuserdata(L, size);
  memset(box, 0, size);
  box->type = type;
  luaL_getmetatable(L, type->name);
  lua_setmetatable(L, -2);
  return box;
}

lcx_box *lcx_new_box(lua_State *L, const lcx_type *type) { return lcx_new_box_sized(L, type, sizeof(lcx_box)); }

void lcx_new_part(lua_State *L, const lcx_type *type, int base, void *(*part)(void *base)) {
  lcx_box *owner = lua_touserdata(L, base);
  lcx_box *box = lcx_new_box(L, type);
  lua_pushvalue(L, base);
  lcx_keep(L, -2);
  box->owner = owner;
  box->part = part;
}

/** Something that lives until the function returns, on the stack. */
void *lcx_scratch(lua_State *L, size_t count, size_t size) {
  if (count > SIZE_MAX / 2 / size) lcx_fail(L, CX_ERR_NOMEM, "out of memory");
  return lua_newuserdata(L, count > 0 ? count * size : 1);
}

static void *open_pointer(lua_State *L, const lcx_box *box) {
  if (box->owner && !box->owner->pointer) lcx_fail(L, CX_ERR_INVALID, "the base of this %s is closed", box->type->name);
  void *pointer = box->owner ? box->part(box->owner->pointer) : box->pointer;
  if (!pointer && box->owner) lcx_fail(L, CX_ERR_NO_DATA, "nothing has been learned yet");
  if (!pointer) lcx_fail(L, CX_ERR_INVALID, "%s is closed", box->type->name);
  return pointer;
}

/** The object at @p index, which must be of a type and open. */
void *lcx_check(lua_State *L, int index, const lcx_type *type) {
  return open_pointer(L, luaL_checkudata(L, index, type->name));
}

/** The object at @p index, or NULL when something else is there. */
void *lcx_test(lua_State *L, int index, const lcx_type *type) {
  const lcx_box *box = lua_touserdata(L, index);
  if (!box || !lua_getmetatable(L, index)) return NULL;
  luaL_getmetatable(L, type->name);
  const int same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? open_pointer(L, box) : NULL;
}

static void free_box(lcx_box *box) {
  void *pointer = box->pointer;
  box->pointer = NULL;
  box->owner = NULL;
  if (pointer) box->type->free(pointer);
}

/* The second upvalue of the following is the name of the metatable. */

static int box_collect(lua_State *L) {
  free_box(luaL_checkudata(L, 1, lua_tostring(L, lua_upvalueindex(2))));
  return 0;
}

static int box_close(lua_State *L) {
  lcx_enter(L);
  return box_collect(L);
}

static int box_text(lua_State *L) {
  const lcx_box *box = luaL_checkudata(L, 1, lua_tostring(L, lua_upvalueindex(2)));
  if (box->pointer || box->owner)
    lua_pushfstring(L, "%s: %p", box->type->name, (const void *)box);
  else
    lua_pushfstring(L, "%s (closed)", box->type->name);
  return 1;
}

/* The context. */

/** set_threads(n): for the calls that follow, 1 to 256. */
static int context_set_threads(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const int64_t threads = lcx_to_int64(L, s, 1, "threads");
  if (threads < 0 || threads > UINT32_MAX) return lcx_fail(L, CX_ERR_RANGE, "threads must be 1 to 256");
  LCX_TRY(L, s, cx_context_set_threads(s->ctx, (uint32_t)threads));
  return 0;
}

/** kernel(): "scalar" or "avx2". */
static int context_kernel(lua_State *L) {
  lua_pushstring(L, cx_context_kernel(lcx_of(L)->ctx));
  return 1;
}

/** set_log(f): f(level, code, text) hears what the library notices; nil for nobody. */
static int context_set_log(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  if (!lua_isnoneornil(L, 1)) luaL_checktype(L, 1, LUA_TFUNCTION);
  int reference = LUA_NOREF;
  if (!lua_isnoneornil(L, 1)) {
    lua_pushlightuserdata(L, s);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, call_log, 2);
    reference = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  luaL_unref(L, LUA_REGISTRYINDEX, s->log_reference);
  s->log_reference = reference;
  LCX_TRY(L, s, cx_context_set_log(s->ctx, reference == LUA_NOREF ? NULL : on_log, s));
  return 0;
}

/** cancel(): the call in progress, or the next one, ends with ERR_CANCELLED. */
static int context_cancel(lua_State *L) {
  cx_context_cancel(lcx_of(L)->ctx);
  return 0;
}

static const luaL_Reg context_functions[] = {{"set_threads", context_set_threads},
                                             {"kernel", context_kernel},
                                             {"set_log", context_set_log},
                                             {"cancel", context_cancel},
                                             {NULL, NULL}};
static const lcx_noun context_noun = {"context", context_functions, NULL, NULL};

/* The module. */

static int state_collect(lua_State *L) {
  lcx_state *s = luaL_checkudata(L, 1, STATE_KEY);
  cx_ranker_list_free(s->list);
  cx_context_free(s->ctx);
  s->list = NULL;
  s->ctx = NULL;
  return 0;
}

/** Pushes the state, which is made when the module is loaded first. */
static void push_state(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, STATE_KEY ".object");
  if (lua_touserdata(L, -1)) return;
  lua_pop(L, 1);
  lcx_state *s = lua_newuserdata(L, sizeof *s);
  *s = (lcx_state){.log_reference = LUA_NOREF};
  luaL_newmetatable(L, STATE_KEY);
  lua_pushcfunction(L, state_collect);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  cx_status status = cx_context_new(NULL, &s->ctx);
  if (status == CX_OK) status = cx_context_set_progress(s->ctx, on_progress, s);
  if (status != CX_OK) luaL_error(L, "cx: %s", cx_status_text(status));
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, STATE_KEY ".object");
}

/** Sets functions with the state as their upvalue, and @p name as the second one unless it is NULL. */
static void set_functions(lua_State *L, int state, const luaL_Reg *functions, const char *name) {
  for (; functions->name; functions++) {
    lua_pushvalue(L, state);
    if (name) lua_pushstring(L, name);
    lua_pushcclosure(L, functions->func, name ? 2 : 1);
    lua_setfield(L, -2, functions->name);
  }
}

static void set_type(lua_State *L, int state, const lcx_noun *noun, const lcx_type *type) {
  static const luaL_Reg meta[] = {
      {"__gc", box_collect}, {"__close", box_close}, {"__tostring", box_text}, {NULL, NULL}};
  static const luaL_Reg close[] = {{"close", box_close}, {NULL, NULL}};
  luaL_newmetatable(L, type->name);
  set_functions(L, state, meta, type->name);
  lua_pushstring(L, type->name);
  lua_setfield(L, -2, "__name");
  lua_pushstring(L, type->name); /* what getmetatable() shows: nobody frees an object by hand */
  lua_setfield(L, -2, "__metatable");
  lua_newtable(L);
  set_functions(L, state, noun->methods, NULL);
  set_functions(L, state, close, type->name);
  lua_getfield(L, -1, "count");
  if (lua_isnil(L, -1))
    lua_pop(L, 1);
  else
    lua_setfield(L, -3, "__len");
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

static int cx_version_text(lua_State *L) {
  lua_pushstring(L, cx_version());
  return 1;
}

__attribute__((visibility("default"))) int luaopen_cx(lua_State *L) {
  static const lcx_noun *const nouns[] = {
      &context_noun,    &lcx_table_noun,   &lcx_model_noun,      &lcx_metric_noun,     &lcx_party_noun,
      &lcx_event_noun,  &lcx_content_noun, &lcx_preference_noun, &lcx_permission_noun, &lcx_profile_noun,
      &lcx_format_noun, &lcx_store_noun,   &lcx_history_noun,    &lcx_lifecycle_noun,  &lcx_stage_noun,
      &lcx_ranker_noun, &lcx_base_noun};
  static const luaL_Reg functions[] = {{"version", cx_version_text}, {NULL, NULL}};
#if LUA_VERSION_NUM >= 502
  luaL_checkversion(L);
#endif
  lua_settop(L, 0);
  push_state(L);
  luaL_newmetatable(L, ERROR_KEY);
  lua_pushcfunction(L, error_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, ERROR_KEY);
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
  lua_newtable(L);
  set_functions(L, 1, functions, NULL);
  lua_pushstring(L, cx_version());
  lua_setfield(L, -2, "_VERSION");
  for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++) {
    lua_newtable(L);
    set_functions(L, 1, nouns[i]->functions, NULL);
    lua_setfield(L, -2, nouns[i]->name);
    if (nouns[i]->type) set_type(L, 1, nouns[i], nouns[i]->type);
  }
  return 1;
}

/* SPDX-License-Identifier: MIT */
/* One durable file with all records. */
#include "binding.h"

static void free_store(void *pointer) { cx_store_free(pointer); }

const lcx_type lcx_store_type = {"cx.store", free_store};

static const char *kind_text(int32_t kind) {
#define CASE(name, value, text)                                                                                        \
  if (kind == (value)) return text;
  CX_STORE_KIND_MAP(CASE)
#undef CASE
  return NULL;
}

/** {create=, read_only=, wait= in milliseconds}. */
void lcx_read_store_options(lua_State *L, lcx_state *s, int index, cx_store_options *out) {
  static const lcx_field fields[] = {LCX_FIELD(cx_store_options, create, LCX_FLAG),
                                     LCX_FIELD(cx_store_options, read_only, LCX_FLAG),
                                     LCX_FIELD(cx_store_options, wait, LCX_U32), LCX_FIELD_END};
  LCX_TRY(L, s, cx_store_options_init(out, sizeof *out));
  lcx_read(L, s, index, fields, out);
}

/** open(path[, {create=, read_only=, wait=}]). */
static int store_open(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store_options opts;
  const char *path = luaL_checkstring(L, 1);
  lua_settop(L, 2);
  lcx_read_store_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_store_type);
  cx_store *store = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_store_open(s->ctx, path, &opts, &store);
  box->pointer = store;
  lcx_end(L, s, status);
  return 1;
}

static int store_info(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD(cx_store_info, version, LCX_U32),
                                     LCX_FIELD(cx_store_info, id, LCX_HEX),
                                     LCX_FIELD(cx_store_info, events, LCX_U64),
                                     LCX_FIELD(cx_store_info, lines, LCX_U64),
                                     LCX_FIELD(cx_store_info, identifiers, LCX_U64),
                                     LCX_FIELD(cx_store_info, people, LCX_U64),
                                     LCX_FIELD(cx_store_info, assertions, LCX_U64),
                                     LCX_FIELD(cx_store_info, contents, LCX_U64),
                                     LCX_FIELD(cx_store_info, preferences, LCX_U64),
                                     LCX_FIELD(cx_store_info, consents, LCX_U64),
                                     LCX_FIELD(cx_store_info, quarantined, LCX_U64),
                                     LCX_FIELD(cx_store_info, collisions, LCX_U64),
                                     LCX_FIELD(cx_store_info, first, LCX_TIME),
                                     LCX_FIELD(cx_store_info, last, LCX_TIME),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  cx_store_info info = {.size = sizeof info};
  LCX_TRY(L, s, cx_store_get_info(s->ctx, store, &info));
  lcx_push(L, fields, &info);
  return 1;
}

static int store_begin(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  LCX_TRY(L, s, cx_store_begin(s->ctx, store));
  return 0;
}

static int store_commit(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  LCX_TRY(L, s, cx_store_commit(s->ctx, store));
  return 0;
}

static int store_rollback(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  LCX_TRY(L, s, cx_store_rollback(s->ctx, store));
  return 0;
}

/* Adding: true, or false when the record was there already. */

static int store_add_event(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  cx_event event;
  lcx_read_event(L, s, 2, &event);
  lua_pushboolean(L, LCX_TRY(L, s, cx_store_add_event(s->ctx, store, &event)) == CX_OK);
  return 1;
}

static int store_add_assertion(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  cx_assertion assertion;
  lcx_read_assertion(L, s, 2, &assertion);
  lua_pushboolean(L, LCX_TRY(L, s, cx_store_add_assertion(s->ctx, store, &assertion)) == CX_OK);
  return 1;
}

static int store_add_content(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  cx_content content;
  lcx_read_content(L, s, 2, &content);
  lua_pushboolean(L, LCX_TRY(L, s, cx_store_add_content(s->ctx, store, &content)) == CX_OK);
  return 1;
}

static int store_add_preference(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  cx_preference preference;
  lcx_read_preference(L, s, 2, &preference);
  lua_pushboolean(L, LCX_TRY(L, s, cx_store_add_preference(s->ctx, store, &preference)) == CX_OK);
  return 1;
}

static int store_add_consent(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  cx_consent consent;
  lcx_read_consent(L, s, 2, &consent);
  lua_pushboolean(L, LCX_TRY(L, s, cx_store_add_consent(s->ctx, store, &consent)) == CX_OK);
  return 1;
}

/** Joins map = {customer="Customer ID", ...} to "customer=Customer ID,...", which stays on the stack. */
static const char *join_map(lua_State *L, int index) {
  lua_getfield(L, index, "map");
  if (!lua_istable(L, -1)) return lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
  const int map = lua_gettop(L);
  lua_pushliteral(L, "");
  for (lua_pushnil(L); lua_next(L, map) != 0;) {
    if (lua_type(L, -2) != LUA_TSTRING || !lua_isstring(L, -1))
      lcx_fail(L, CX_ERR_TYPE, "map must be a text or {customer=COLUMN, ...}");
    lua_pushvalue(L, -3); /* what is joined so far */
    if (lcx_length(L, -1) > 0)
      lua_pushliteral(L, ",");
    else
      lua_pushliteral(L, "");
    lua_pushvalue(L, -4); /* the key */
    lua_pushliteral(L, "=");
    lua_pushvalue(L, -5); /* the column */
    lua_concat(L, 5);
    lua_replace(L, map + 1);
    lua_pop(L, 1);
  }
  return lua_tostring(L, -1);
}

/** import(source[, opts]) of a store or a base: a report with read = stored + duplicates + quarantined. */
int lcx_import(lua_State *L, lcx_state *s, cx_store *store, cx_base *base) {
  typedef cx_store_import_options options;
  typedef cx_store_import_report report;
  static const lcx_field fields[] = {LCX_FIELD_CODE(options, kind, kind_text),
                                     LCX_FIELD(options, header, LCX_FLAG),
                                     LCX_FIELD(options, separator, LCX_CHAR),
                                     LCX_FIELD(options, currency, LCX_CURRENCY),
                                     LCX_FIELD_LATER("map"),
                                     LCX_FIELD(options, time_format, LCX_STRING),
                                     LCX_FIELD(options, time_zone, LCX_STRING),
                                     LCX_FIELD(options, grant, LCX_STRING),
                                     LCX_FIELD(options, evidence, LCX_STRING),
                                     LCX_FIELD_CODE(options, basis, cx_basis_text),
                                     LCX_FIELD(options, batch, LCX_U32),
                                     LCX_FIELD_PROGRESS,
                                     LCX_FIELD_END};
  static const lcx_field results[] = {LCX_FIELD_CODE(report, kind, kind_text),
                                      LCX_FIELD(report, read, LCX_U64),
                                      LCX_FIELD(report, stored, LCX_U64),
                                      LCX_FIELD(report, duplicates, LCX_U64),
                                      LCX_FIELD(report, quarantined, LCX_U64),
                                      LCX_FIELD(report, collisions, LCX_U64),
                                      LCX_FIELD(report, anonymous, LCX_U64),
                                      LCX_FIELD(report, returns, LCX_U64),
                                      LCX_FIELD(report, consents, LCX_U64),
                                      LCX_FIELD(report, first_bad, LCX_U64),
                                      LCX_FIELD_CODE(report, first_bad_reason, cx_quarantine_text),
                                      LCX_FIELD_END};
  cx_format_source source;
  lcx_input input;
  options opts;
  report out = {.size = sizeof out};
  lua_settop(L, 3);
  LCX_TRY(L, s, cx_store_import_options_init(&opts, sizeof opts));
  lcx_read(L, s, 3, fields, &opts);
  if (lua_istable(L, 3)) opts.map = join_map(L, 3);
  lcx_read_source(L, s, 2, &input, &source);
  if (base)
    LCX_TRY(L, s, cx_base_import(s->ctx, base, &source, &opts, &out));
  else
    LCX_TRY(L, s, cx_store_import(s->ctx, store, &source, &opts, &out));
  lcx_push(L, results, &out);
  return 1;
}

static int store_import(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  return lcx_import(L, s, lcx_check(L, 1, &lcx_store_type), NULL);
}

/** find_person(id): VALUE, NAMESPACE:VALUE or a person's id; gives the person's id. */
static int store_find_person(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  const cx_text id = lcx_check_text(L, 2);
  int64_t person = 0;
  LCX_TRY(L, s, cx_store_find_person(s->ctx, store, id, &person));
  lcx_push_person(L, person);
  return 1;
}

/** read_profile(person[, at[, profile]]): the profile as of an instant; one that is given is filled again. */
static int store_read_profile(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  const int64_t person = lcx_to_person(L, s, 2), at = lcx_to_time(L, s, 3, "at");
  cx_profile *profile = lua_isnoneornil(L, 4) ? NULL : lcx_check(L, 4, &lcx_profile_type);
  lua_settop(L, 4);
  lcx_box *box = profile ? NULL : lcx_new_box(L, &lcx_profile_type);
  cx_status status = CX_OK;
  lcx_begin(L, s);
  if (box) {
    status = cx_profile_new(s->ctx, &profile);
    box->pointer = profile;
  }
  if (status == CX_OK) status = cx_store_read_profile(s->ctx, store, person, at, profile);
  lcx_end(L, s, status);
  return 1;
}

/* Feeds for models. */

typedef cx_status (*feed_fn)(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out,
                             uint64_t *left_out);

static cx_status read_contents(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out,
                               uint64_t *left_out) {
  (void)left_out;
  return cx_store_read_contents(ctx, store, query, out);
}

static cx_status read_people(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out,
                             uint64_t *left_out) {
  (void)left_out;
  return cx_store_read_people(ctx, store, query, out);
}

static cx_status read_quarantine(cx_context *ctx, cx_store *store, const cx_store_query *query, cx_table **out,
                                 uint64_t *left_out) {
  (void)query;
  (void)left_out;
  return cx_store_read_quarantine(ctx, store, out);
}

/** feed([{until_=, purpose=, currency=, progress=}]): a table, and how many people were left out. purpose=false asks
 *  nobody. */
static int feed(lua_State *L, feed_fn function, int results) {
  static const lcx_field fields[] = {LCX_FIELD_UNTIL(cx_store_query), LCX_FIELD(cx_store_query, currency, LCX_CURRENCY),
                                     LCX_FIELD_LATER("purpose"), LCX_FIELD_PROGRESS, LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  cx_store_query query;
  uint64_t left_out = 0;
  lua_settop(L, 2);
  LCX_TRY(L, s, cx_store_query_init(&query, sizeof query));
  lcx_read(L, s, 2, fields, &query);
  if (lua_istable(L, 2)) {
    lua_getfield(L, 2, "purpose");
    if (lua_type(L, -1) == LUA_TSTRING)
      query.purpose = lua_tostring(L, -1);
    else if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
      query.purpose = NULL;
    else if (!lua_isnil(L, -1))
      return lcx_fail(L, CX_ERR_TYPE, "purpose must be a string, or false to ask nobody");
  }
  lcx_box *box = lcx_new_box(L, &lcx_table_type);
  cx_table *table = NULL;
  lcx_begin(L, s);
  const cx_status status = function(s->ctx, store, &query, &table, &left_out);
  box->pointer = table;
  lcx_end(L, s, status);
  if (results == 2) lcx_push_count(L, left_out);
  return results;
}

static int store_read_purchases(lua_State *L) { return feed(L, cx_store_read_purchases, 2); }
static int store_read_interactions(lua_State *L) { return feed(L, cx_store_read_interactions, 2); }
static int store_read_contents(lua_State *L) { return feed(L, read_contents, 1); }
static int store_read_people(lua_State *L) { return feed(L, read_people, 1); }
static int store_read_quarantine(lua_State *L) { return feed(L, read_quarantine, 1); }

static int call_write(lua_State *L) {
  lcx_state *s = lcx_of(L);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushlstring(L, s->bytes, s->size);
  lua_call(L, 1, 0);
  return 0;
}

typedef struct output {
  lcx_state *state;
  int index;
} output;

static int on_write(void *user, const void *bytes, size_t size) {
  const output *to = user;
  to->state->bytes = bytes;
  to->state->size = size;
  return !lcx_run_callback(to->state, to->index);
}

/** export(write): hands every record as JSON Lines to write(bytes). */
static int store_export(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushlightuserdata(L, s);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, call_write, 2);
  output to = {s, lua_gettop(L)};
  LCX_TRY(L, s, cx_store_export(s->ctx, store, on_write, &to));
  return 0;
}

/** get_model(kind): the generation of the current one; nil when there is none. */
static int store_get_model(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  const char *kind = luaL_checkstring(L, 2);
  uint64_t generation = 0;
  LCX_TRY(L, s, cx_store_get_model(s->ctx, store, kind, &generation));
  if (generation > 0)
    lcx_push_count(L, generation);
  else
    lua_pushnil(L);
  return 1;
}

static int store_set_model(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_store *store = lcx_check(L, 1, &lcx_store_type);
  const char *kind = luaL_checkstring(L, 2);
  const int64_t generation = lcx_to_int64(L, s, 3, "generation");
  if (generation < 0) return lcx_fail(L, CX_ERR_RANGE, "generation must not be negative");
  LCX_TRY(L, s, cx_store_set_model(s->ctx, store, kind, (uint64_t)generation));
  return 0;
}

static const luaL_Reg functions[] = {{"open", store_open}, {NULL, NULL}};
static const luaL_Reg methods[] = {{"info", store_info},
                                   {"begin", store_begin},
                                   {"commit", store_commit},
                                   {"rollback", store_rollback},
                                   {"add_event", store_add_event},
                                   {"add_assertion", store_add_assertion},
                                   {"add_content", store_add_content},
                                   {"add_preference", store_add_preference},
                                   {"add_consent", store_add_consent},
                                   {"import", store_import},
                                   {"find_person", store_find_person},
                                   {"read_profile", store_read_profile},
                                   {"read_purchases", store_read_purchases},
                                   {"read_interactions", store_read_interactions},
                                   {"read_contents", store_read_contents},
                                   {"read_people", store_read_people},
                                   {"read_quarantine", store_read_quarantine},
                                   {"export", store_export},
                                   {"get_model", store_get_model},
                                   {"set_model", store_set_model},
                                   {NULL, NULL}};
const lcx_noun lcx_store_noun = {"store", functions, &lcx_store_type, methods};

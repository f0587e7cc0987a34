/* SPDX-License-Identifier: MIT */
/* A store with its current models. */
#include "binding.h"

static void free_base(void *pointer) { cx_base_free(pointer); }

static const lcx_type base_type = {"cx.base", free_base};

/** open(path[, {create=, read_only=, wait=}]). */
static int base_open(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const char *path = luaL_checkstring(L, 1);
  cx_store_options opts;
  lua_settop(L, 2);
  lcx_read_store_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &base_type);
  cx_base *base = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_base_open(s->ctx, path, &opts, &base);
  box->pointer = base;
  lcx_end(L, s, status);
  return 1;
}

/* The parts; a model is nil where nothing has been learned yet. The constness of models is kept by their methods. */

static void *part_store(void *base) { return cx_base_store(base); }
static void *part_lifecycle(void *base) { return (void *)(uintptr_t)cx_base_lifecycle(base); }
static void *part_stage(void *base) { return (void *)(uintptr_t)cx_base_stage(base); }
static void *part_ranker(void *base) { return (void *)(uintptr_t)cx_base_ranker(base); }

static int push_part(lua_State *L, const lcx_type *type, void *(*part)(void *base)) {
  lcx_enter(L);
  if (part(lcx_check(L, 1, &base_type)))
    lcx_new_part(L, type, 1, part);
  else
    lua_pushnil(L);
  return 1;
}

static int base_store(lua_State *L) { return push_part(L, &lcx_store_type, part_store); }
static int base_lifecycle(lua_State *L) { return push_part(L, &lcx_lifecycle_type, part_lifecycle); }
static int base_stage(lua_State *L) { return push_part(L, &lcx_stage_type, part_stage); }
static int base_ranker(lua_State *L) { return push_part(L, &lcx_ranker_type, part_ranker); }

static int base_import(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  return lcx_import(L, s, NULL, lcx_check(L, 1, &base_type));
}

/** learn([{until_=, ranker={}, progress=}]): fits all models; {lifecycle=, stage=, ranker= names of statuses,
 *  generation=, left_out=, until_=}. */
static int base_learn(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD_UNTIL(cx_base_learn_options), LCX_FIELD_LATER("ranker"),
                                     LCX_FIELD_PROGRESS, LCX_FIELD_END};
  static const lcx_field results[] = {
      {"lifecycle", LCX_CODE, offsetof(cx_base_learn_report, lifecycle_status), cx_status_name},
      {"stage", LCX_CODE, offsetof(cx_base_learn_report, stage_status), cx_status_name},
      {"ranker", LCX_CODE, offsetof(cx_base_learn_report, ranker_status), cx_status_name},
      LCX_FIELD(cx_base_learn_report, generation, LCX_U64),
      LCX_FIELD(cx_base_learn_report, left_out, LCX_U64),
      LCX_FIELD_UNTIL(cx_base_learn_report),
      LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_base *base = lcx_check(L, 1, &base_type);
  cx_base_learn_options opts;
  cx_ranker_options ranker;
  cx_base_learn_report report = {.size = sizeof report};
  lua_settop(L, 2);
  LCX_TRY(L, s, cx_base_learn_options_init(&opts, sizeof opts));
  if (lua_istable(L, 2)) {
    lua_getfield(L, 2, "ranker");
    if (!lua_isnil(L, -1)) opts.ranker = &ranker;
    lcx_read_ranker_options(L, s, -1, &ranker);
    s->progress = 0;
  }
  lcx_read(L, s, 2, fields, &opts);
  LCX_TRY(L, s, cx_base_learn(s->ctx, base, &opts, &report));
  lcx_push(L, results, &report);
  return 1;
}

/** show(id[, at[, profile]]): the profile of VALUE, NAMESPACE:VALUE or a person's id; one that is given is filled
 *  again. */
static int base_show(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_base *base = lcx_check(L, 1, &base_type);
  const cx_text id = lcx_check_text(L, 2);
  const int64_t at = lcx_to_time(L, s, 3, "at");
  cx_profile *profile = lua_isnoneornil(L, 4) ? NULL : lcx_check(L, 4, &lcx_profile_type);
  lua_settop(L, 4);
  lcx_box *box = profile ? NULL : lcx_new_box(L, &lcx_profile_type);
  cx_status status = CX_OK;
  lcx_begin(L, s);
  if (box) {
    status = cx_profile_new(s->ctx, &profile);
    box->pointer = profile;
  }
  if (status == CX_OK) status = cx_base_show(s->ctx, base, id, at, profile);
  lcx_end(L, s, status);
  return 1;
}

/** infer(profile): where the person stands. */
static int base_infer(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_base *base = lcx_check(L, 1, &base_type);
  const cx_profile *profile = lcx_check(L, 2, &lcx_profile_type);
  cx_stage_result result = {.size = sizeof result};
  LCX_TRY(L, s, cx_base_infer(s->ctx, base, profile, &result));
  lcx_push_stage(L, &result);
  return 1;
}

/** infer_all([at]): a table of person, stage, a probability for each stage, again, expected. */
static int base_infer_all(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_base *base = lcx_check(L, 1, &base_type);
  const int64_t at = lcx_to_time(L, s, 2, "at");
  lcx_box *box = lcx_new_box(L, &lcx_table_type);
  cx_table *table = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_base_infer_all(s->ctx, base, at, &table);
  box->pointer = table;
  lcx_end(L, s, status);
  return 1;
}

static int base_rank(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  return lcx_rank(L, s, NULL, lcx_check(L, 1, &base_type));
}

static const luaL_Reg functions[] = {{"open", base_open}, {NULL, NULL}};
static const luaL_Reg methods[] = {
    {"store", base_store},         {"lifecycle", base_lifecycle}, {"stage", base_stage}, {"ranker", base_ranker},
    {"import", base_import},       {"learn", base_learn},         {"show", base_show},   {"infer", base_infer},
    {"infer_all", base_infer_all}, {"rank", base_rank},           {NULL, NULL}};
const lcx_noun lcx_base_noun = {"base", functions, &base_type, methods};

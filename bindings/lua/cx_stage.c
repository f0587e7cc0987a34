/* SPDX-License-Identifier: MIT */
/* Where a person stands. */
#include "binding.h"

#include <math.h>

static void free_stage(void *pointer) { cx_stage_free(pointer); }

const lcx_type lcx_stage_type = {"cx.stage", free_stage};

/** {stage=, probabilities={active=, ...}, again=, horizon=, alive=, expected=, lower=, upper=, next={}, reasons={}}. */
void lcx_push_stage(lua_State *L, const cx_stage_result *result) {
  typedef cx_stage_result r;
  static const lcx_field fields[] = {LCX_FIELD_CODE(r, stage, cx_stage_text), LCX_FIELD(r, again, LCX_DOUBLE),
                                     LCX_FIELD(r, horizon, LCX_DOUBLE),       LCX_FIELD(r, alive, LCX_DOUBLE),
                                     LCX_FIELD(r, expected, LCX_DOUBLE),      LCX_FIELD(r, lower, LCX_DOUBLE),
                                     LCX_FIELD(r, upper, LCX_DOUBLE),         LCX_FIELD_END};
  static const lcx_field reason_fields[] = {LCX_FIELD_CODE(cx_stage_reason, code, cx_stage_reason_text),
                                            LCX_FIELD(cx_stage_reason, value, LCX_DOUBLE),
                                            LCX_FIELD(cx_stage_reason, log_odds, LCX_DOUBLE), LCX_FIELD_END};
  lcx_push(L, fields, result);
  lua_createtable(L, 0, CX_STAGE_COUNT);
  for (int32_t stage = 0; stage < CX_STAGE_COUNT; stage++) {
    lcx_push_double(L, result->probabilities[stage]);
    lua_setfield(L, -2, cx_stage_text(stage));
  }
  lua_setfield(L, -2, "probabilities");
  lua_createtable(L, 3, 0);
  for (int i = 0; i < 3; i++) {
    lcx_push_double(L, result->next[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "next");
  lua_createtable(L, (int)result->reasons_count, 0);
  for (uint32_t i = 0; i < result->reasons_count; i++) {
    lcx_push(L, reason_fields, &result->reasons[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "reasons");
}

/** fit(table, lifecycle[, {history={unit=, ...}, horizon=, progress=}]): the table and the options of
 *  cx.history.build(). */
static int stage_fit(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD(cx_stage_options, horizon, LCX_DOUBLE), LCX_FIELD_LATER("history"),
                                     LCX_FIELD_PROGRESS, LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_stage_options opts;
  cx_history_options history;
  lua_settop(L, 3);
  const cx_table *table = lcx_to_table(L, s, 1);
  const cx_lifecycle *lifecycle = lcx_check(L, 2, &lcx_lifecycle_type);
  if (lua_istable(L, 3))
    lua_getfield(L, 3, "history");
  else
    lua_pushnil(L);
  lcx_read_history_options(L, s, -1, &history);
  s->progress = 0;
  LCX_TRY(L, s, cx_stage_options_init(&opts, sizeof opts));
  lcx_read(L, s, 3, fields, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_stage_type);
  cx_stage *stage = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_stage_fit(s->ctx, table, &history, lifecycle, &opts, &stage);
  box->pointer = stage;
  lcx_end(L, s, status);
  return 1;
}

/** open(path[, {copy=}]). */
static int stage_open(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const char *path = luaL_checkstring(L, 1);
  cx_model_open_options opts;
  lua_settop(L, 2);
  lcx_read_open_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_stage_type);
  cx_stage *stage = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_stage_open(s->ctx, path, &opts, &stage);
  box->pointer = stage;
  lcx_end(L, s, status);
  return 1;
}

/** save(path[, {generation=, store_id=}]). */
static int stage_save(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_stage *stage = lcx_check(L, 1, &lcx_stage_type);
  const char *path = luaL_checkstring(L, 2);
  cx_model_save_options opts;
  lcx_read_save_options(L, s, 3, &opts);
  LCX_TRY(L, s, cx_stage_save(s->ctx, stage, path, &opts));
  return 0;
}

/** infer(row): row as of cx.history.of_profile() or history:row(). */
static int stage_infer(lua_State *L) {
  typedef cx_history_row r;
  static const lcx_field fields[] = {
      LCX_FIELD(r, x, LCX_DOUBLE),        LCX_FIELD(r, t_x, LCX_DOUBLE),     LCX_FIELD(r, T, LCX_DOUBLE),
      LCX_FIELD(r, monetary, LCX_DOUBLE), LCX_FIELD(r, holdout, LCX_DOUBLE), LCX_FIELD(r, spell, LCX_DOUBLE),
      LCX_FIELD(r, gap, LCX_DOUBLE),      LCX_FIELD(r, first, LCX_TIME),     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  const cx_stage *stage = lcx_check(L, 1, &lcx_stage_type);
  cx_history_row row = {.monetary = (double)NAN, .first = CX_TIME_NONE};
  cx_stage_result result = {.size = sizeof result};
  luaL_checktype(L, 2, LUA_TTABLE);
  lcx_read(L, s, 2, fields, &row);
  LCX_TRY(L, s, cx_stage_infer(s->ctx, stage, &row, &result));
  lcx_push_stage(L, &result);
  return 1;
}

/** options(): the history options to summarise with before asking. */
static int stage_options(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_stage *stage = lcx_check(L, 1, &lcx_stage_type);
  cx_history_options opts = {.size = sizeof opts};
  LCX_TRY(L, s, cx_stage_get_options(stage, &opts));
  lcx_push_history_options(L, &opts);
  return 1;
}

static const luaL_Reg functions[] = {{"fit", stage_fit}, {"open", stage_open}, {NULL, NULL}};
static const luaL_Reg methods[] = {
    {"save", stage_save}, {"infer", stage_infer}, {"options", stage_options}, {NULL, NULL}};
const lcx_noun lcx_stage_noun = {"stage", functions, &lcx_stage_type, methods};

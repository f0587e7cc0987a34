/* SPDX-License-Identifier: MIT */
/* From purchases to one summary for each customer. */
#include "binding.h"

static void free_history(void *pointer) { cx_history_free(pointer); }

const lcx_type lcx_history_type = {"cx.history", free_history};

const char *lcx_unit_text(int32_t unit) {
#define CASE(name, value, text)                                                                                        \
  if (unit == (value)) return text;
  CX_UNIT_MAP(CASE)
#undef CASE
  return NULL;
}

static const lcx_field option_fields[] = {LCX_FIELD_CODE(cx_history_options, unit, lcx_unit_text),
                                          LCX_FIELD(cx_history_options, merge_day, LCX_FLAG),
                                          LCX_FIELD_UNTIL(cx_history_options), LCX_FIELD_PROGRESS, LCX_FIELD_END};

/** {unit="day"|"week", merge_day=, until_=, progress=}. */
void lcx_read_history_options(lua_State *L, lcx_state *s, int index, cx_history_options *out) {
  LCX_TRY(L, s, cx_history_options_init(out, sizeof *out));
  lcx_read(L, s, index, option_fields, out);
}

void lcx_push_history_options(lua_State *L, const cx_history_options *opts) { lcx_push(L, option_fields, opts); }

void lcx_push_history_row(lua_State *L, const cx_history_row *row) {
  static const lcx_field fields[] = {LCX_FIELD(cx_history_row, x, LCX_DOUBLE),
                                     LCX_FIELD(cx_history_row, t_x, LCX_DOUBLE),
                                     LCX_FIELD(cx_history_row, T, LCX_DOUBLE),
                                     LCX_FIELD(cx_history_row, monetary, LCX_DOUBLE),
                                     LCX_FIELD(cx_history_row, holdout, LCX_DOUBLE),
                                     LCX_FIELD(cx_history_row, spell, LCX_DOUBLE),
                                     LCX_FIELD(cx_history_row, gap, LCX_DOUBLE),
                                     LCX_FIELD(cx_history_row, first, LCX_TIME),
                                     LCX_FIELD_END};
  lcx_push(L, fields, row);
}

/** build(table[, opts]): table has customer, time, and optionally value, order, kind. */
static int history_build(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_history_options opts;
  lua_settop(L, 2);
  const cx_table *table = lcx_to_table(L, s, 1);
  lcx_read_history_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_history_type);
  cx_history *history = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_history_build(s->ctx, table, &opts, &history);
  box->pointer = history;
  lcx_end(L, s, status);
  return 1;
}

/** of_profile(profile[, opts]): the row of one person. */
static int history_of_profile(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_profile *profile = lcx_check(L, 1, &lcx_profile_type);
  cx_history_options opts;
  cx_history_row row;
  lcx_read_history_options(L, s, 2, &opts);
  LCX_TRY(L, s, cx_history_of_profile(s->ctx, profile, &opts, &row));
  lcx_push_history_row(L, &row);
  return 1;
}

static int history_count(lua_State *L) {
  lcx_enter(L);
  lcx_push_count(L, cx_history_count(lcx_check(L, 1, &lcx_history_type)));
  return 1;
}

/** row(i): {x=, t_x=, T=, monetary=, holdout=, spell=, gap=, first=}, i from 1. */
static int history_row(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_history *history = lcx_check(L, 1, &lcx_history_type);
  const int64_t row = lcx_to_int64(L, s, 2, "row");
  if (row < 1 || (uint64_t)row > cx_history_count(history)) return lcx_fail(L, CX_ERR_RANGE, "there is no such row");
  lcx_push_history_row(L, &cx_history_rows(history)[row - 1]);
  return 1;
}

/** options(): those that were used, with until_ filled in. */
static int history_options(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_history *history = lcx_check(L, 1, &lcx_history_type);
  cx_history_options opts = {.size = sizeof opts};
  LCX_TRY(L, s, cx_history_get_options(history, &opts));
  lcx_push_history_options(L, &opts);
  return 1;
}

static int history_to_table(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_history *history = lcx_check(L, 1, &lcx_history_type);
  lcx_box *box = lcx_new_box(L, &lcx_table_type);
  cx_table *table = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_history_to_table(s->ctx, history, &table);
  box->pointer = table;
  lcx_end(L, s, status);
  return 1;
}

static const luaL_Reg functions[] = {{"build", history_build}, {"of_profile", history_of_profile}, {NULL, NULL}};
static const luaL_Reg methods[] = {{"count", history_count},
                                   {"row", history_row},
                                   {"options", history_options},
                                   {"to_table", history_to_table},
                                   {NULL, NULL}};
const lcx_noun lcx_history_noun = {"history", functions, &lcx_history_type, methods};

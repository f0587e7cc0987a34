/* SPDX-License-Identifier: MIT */
/* What is worth showing to a person next. */
#include "binding.h"

static void free_ranker(void *pointer) { cx_ranker_free(pointer); }

const lcx_type lcx_ranker_type = {"cx.ranker", free_ranker};

static const char *solver_text(int32_t solver) {
#define CASE(name, value, text)                                                                                        \
  if (solver == (value)) return text;
  CX_RANKER_SOLVER_MAP(CASE)
#undef CASE
  return NULL;
}

/** The options of a fit. */
void lcx_read_ranker_options(lua_State *L, lcx_state *s, int index, cx_ranker_options *out) {
  typedef cx_ranker_options o;
  static const lcx_field fields[] = {LCX_FIELD(o, factors, LCX_U32),
                                     LCX_FIELD(o, iterations, LCX_U32),
                                     LCX_FIELD_CODE(o, solver, solver_text),
                                     LCX_FIELD(o, regularisation, LCX_DOUBLE),
                                     LCX_FIELD(o, unobserved, LCX_DOUBLE),
                                     LCX_FIELD(o, exponent, LCX_DOUBLE),
                                     LCX_FIELD(o, deviation, LCX_DOUBLE),
                                     LCX_FIELD(o, prior, LCX_DOUBLE),
                                     LCX_FIELD(o, popularity_half_life, LCX_DOUBLE),
                                     LCX_FIELD(o, recency_half_life, LCX_DOUBLE),
                                     LCX_FIELD(o, weight_taste, LCX_DOUBLE),
                                     LCX_FIELD(o, weight_preference, LCX_DOUBLE),
                                     LCX_FIELD(o, weight_popularity, LCX_DOUBLE),
                                     LCX_FIELD(o, weight_recency, LCX_DOUBLE),
                                     LCX_FIELD(o, seed, LCX_U64),
                                     LCX_FIELD_UNTIL(o),
                                     LCX_FIELD_PROGRESS,
                                     LCX_FIELD_END};
  LCX_TRY(L, s, cx_ranker_options_init(out, sizeof *out));
  lcx_read(L, s, index, fields, out);
}

/** fit(interactions[, items[, opts]]): tables with the columns of cx_ranker_fit(). */
static int ranker_fit(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  cx_ranker_options opts;
  lua_settop(L, 3);
  const cx_table *interactions = lcx_to_table(L, s, 1), *items = lua_isnil(L, 2) ? NULL : lcx_to_table(L, s, 2);
  lcx_read_ranker_options(L, s, 3, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_ranker_type);
  cx_ranker *ranker = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_ranker_fit(s->ctx, interactions, items, &opts, &ranker);
  box->pointer = ranker;
  lcx_end(L, s, status);
  return 1;
}

/** open(path[, {copy=}]): maps the file; any number of processes share it. */
static int ranker_open(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const char *path = luaL_checkstring(L, 1);
  cx_model_open_options opts;
  lua_settop(L, 2);
  lcx_read_open_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_ranker_type);
  cx_ranker *ranker = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_ranker_open(s->ctx, path, &opts, &ranker);
  box->pointer = ranker;
  lcx_end(L, s, status);
  return 1;
}

/** save(path[, {generation=, store_id=}]). */
static int ranker_save(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_ranker *ranker = lcx_check(L, 1, &lcx_ranker_type);
  const char *path = luaL_checkstring(L, 2);
  cx_model_save_options opts;
  lcx_read_save_options(L, s, 3, &opts);
  LCX_TRY(L, s, cx_ranker_save(s->ctx, ranker, path, &opts));
  return 0;
}

static int ranker_info(lua_State *L) {
  typedef cx_ranker_info info;
  static const lcx_field fields[] = {LCX_FIELD(info, factors, LCX_U32),
                                     LCX_FIELD(info, people, LCX_U64),
                                     LCX_FIELD(info, items, LCX_U64),
                                     LCX_FIELD(info, topics, LCX_U64),
                                     LCX_FIELD(info, interactions, LCX_U64),
                                     LCX_FIELD(info, anonymous, LCX_U64),
                                     LCX_FIELD(info, iterations, LCX_U32),
                                     LCX_FIELD(info, objective, LCX_DOUBLE),
                                     LCX_FIELD_UNTIL(info),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  const cx_ranker *ranker = lcx_check(L, 1, &lcx_ranker_type);
  info out = {.size = sizeof out};
  LCX_TRY(L, s, cx_ranker_get_info(ranker, &out));
  lcx_push(L, fields, &out);
  return 1;
}

/** A whole number at @p key of the table at @p index, @p missing without one. */
static uint32_t number_at(lua_State *L, lcx_state *s, int index, const char *key, uint32_t missing) {
  if (!lua_istable(L, index)) return missing;
  lua_getfield(L, index, key);
  const int64_t value = lua_isnil(L, -1) ? missing : lcx_to_int64(L, s, -1, key);
  lua_pop(L, 1);
  if (value < 0 || value > UINT32_MAX) lcx_fail(L, CX_ERR_RANGE, "%s is out of range", key);
  return (uint32_t)value;
}

static void push_terms(lua_State *L, const cx_ranker_item *item, size_t most) {
  const size_t count = item->terms_count < most ? item->terms_count : most;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    const cx_ranker_term *term = &item->terms[i];
    lua_createtable(L, 0, 5);
    lua_pushstring(L, cx_ranker_term_text(term->kind));
    lua_setfield(L, -2, "kind");
    lcx_push_text(L, term->subject);
    lua_setfield(L, -2, "subject");
    lua_pushnumber(L, (lua_Number)term->value);
    lua_setfield(L, -2, "value");
    lcx_push_count(L, term->count);
    lua_setfield(L, -2, "count");
    lcx_push_time(L, term->time);
    lua_setfield(L, -2, "time");
    lua_rawseti(L, -2, (int)(i + 1));
  }
}

static void push_items(lua_State *L, lcx_state *s, size_t terms) {
  const size_t count = cx_ranker_list_count(s->list);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    cx_ranker_item item;
    LCX_TRY(L, s, cx_ranker_list_get(s->list, i, &item));
    lua_createtable(L, 0, 4);
    lcx_push_text(L, item.item);
    lua_setfield(L, -2, "item");
    lcx_push_text(L, item.title);
    lua_setfield(L, -2, "title");
    lua_pushnumber(L, (lua_Number)item.score);
    lua_setfield(L, -2, "score");
    push_terms(L, &item, terms);
    lua_setfield(L, -2, "terms");
    lua_rawseti(L, -2, (int)(i + 1));
  }
}

/** Pushes the counts by reason, and the items that were asked for. */
static void push_withheld(lua_State *L, lcx_state *s, uint32_t asked) {
  lua_createtable(L, 0, CX_RANKER_REASONS);
  for (int32_t reason = 1; reason < CX_RANKER_REASONS; reason++) {
    const uint64_t count = cx_ranker_list_withheld(s->list, reason);
    if (count == 0) continue;
    lcx_push_count(L, count);
    lua_setfield(L, -2, cx_ranker_reason_text(reason));
  }
  lua_newtable(L);
  cx_text item;
  int32_t reason = 0;
  for (size_t i = 0; i < asked && cx_ranker_list_get_withheld(s->list, i, &item, &reason) == CX_OK; i++) {
    lua_createtable(L, 0, 2);
    lcx_push_text(L, item);
    lua_setfield(L, -2, "item");
    lua_pushstring(L, cx_ranker_reason_text(reason));
    lua_setfield(L, -2, "reason");
    lua_rawseti(L, -2, (int)(i + 1));
  }
}

/** rank(profile[, {count=, purpose=, channel=, at=, seen=, withheld=, terms=}]) of a ranker or a base: {personal=,
 * permission=, items={{item=, title=, score=, terms={{kind=, subject=, value=, count=, time=}}}},
 * withheld={REASON=COUNT}, withheld_items={{item=, reason=}}}. profile nil: somebody unknown. terms: how many of the
 *  largest to give of each item, all when not said; they make most of the work of a request with a long history. */
int lcx_rank(lua_State *L, lcx_state *s, const cx_ranker *ranker, cx_base *base) {
  typedef cx_ranker_request request;
  static const lcx_field fields[] = {LCX_FIELD(request, count, LCX_U32),
                                     LCX_FIELD(request, purpose, LCX_TEXT),
                                     LCX_FIELD(request, channel, LCX_TEXT),
                                     LCX_FIELD(request, at, LCX_TIME),
                                     LCX_FIELD(request, seen, LCX_FLAG),
                                     LCX_FIELD(request, withheld, LCX_U32),
                                     LCX_FIELD_LATER("terms"),
                                     LCX_FIELD_END};
  request wanted;
  cx_permission permission = {.size = sizeof permission};
  lua_settop(L, 3);
  const cx_profile *profile = lua_isnil(L, 2) ? NULL : lcx_check(L, 2, &lcx_profile_type);
  LCX_TRY(L, s, cx_ranker_request_init(&wanted, sizeof wanted));
  lcx_read(L, s, 3, fields, &wanted);
  const uint32_t terms = number_at(L, s, 3, "terms", UINT32_MAX);
  if (!s->list) LCX_TRY(L, s, cx_ranker_list_new(s->ctx, &s->list));
  if (base)
    LCX_TRY(L, s, cx_base_rank(s->ctx, base, profile, &wanted, s->list));
  else
    LCX_TRY(L, s, cx_ranker_rank(s->ctx, ranker, profile, &wanted, s->list));
  LCX_TRY(L, s, cx_ranker_list_permission(s->list, &permission));
  lua_createtable(L, 0, 5);
  lua_pushboolean(L, cx_ranker_list_personal(s->list));
  lua_setfield(L, -2, "personal");
  lcx_push_permission(L, &permission);
  lua_setfield(L, -2, "permission");
  push_items(L, s, terms);
  lua_setfield(L, -2, "items");
  push_withheld(L, s, wanted.withheld);
  lua_setfield(L, -3, "withheld_items");
  lua_setfield(L, -2, "withheld");
  return 1;
}

static int ranker_rank(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  return lcx_rank(L, s, lcx_check(L, 1, &lcx_ranker_type), NULL);
}

/** evaluate(train, test[, {k=, resamples=, ranker={options of a fit}}]): {recall=, precision=, ndcg=, map=, users=,
 *  unknown=, k=}. */
static int ranker_evaluate(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD_LATER("k"), LCX_FIELD_LATER("resamples"), LCX_FIELD_LATER("ranker"),
                                     LCX_FIELD_PROGRESS, LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_ranker_options opts;
  cx_ranker_evaluation out = {.size = sizeof out};
  lua_settop(L, 3);
  const cx_table *train = lcx_to_table(L, s, 1), *test = lcx_to_table(L, s, 2);
  const uint32_t k = number_at(L, s, 3, "k", 10), resamples = number_at(L, s, 3, "resamples", 0);
  if (lua_istable(L, 3))
    lua_getfield(L, 3, "ranker");
  else
    lua_pushnil(L);
  lcx_read_ranker_options(L, s, -1, &opts);
  lcx_read(L, s, 3, fields, &opts);
  LCX_TRY(L, s, cx_ranker_evaluate(s->ctx, train, test, &opts, k, resamples, &out));
  static const lcx_field counts[] = {LCX_FIELD(cx_ranker_evaluation, k, LCX_U32),
                                     LCX_FIELD(cx_ranker_evaluation, users, LCX_U64),
                                     LCX_FIELD(cx_ranker_evaluation, unknown, LCX_U64), LCX_FIELD_END};
  lcx_push(L, counts, &out);
  lcx_push_estimate(L, &out.recall);
  lua_setfield(L, -2, "recall");
  lcx_push_estimate(L, &out.precision);
  lua_setfield(L, -2, "precision");
  lcx_push_estimate(L, &out.ndcg);
  lua_setfield(L, -2, "ndcg");
  lcx_push_estimate(L, &out.map);
  lua_setfield(L, -2, "map");
  return 1;
}

static const luaL_Reg functions[] = {
    {"fit", ranker_fit}, {"open", ranker_open}, {"evaluate", ranker_evaluate}, {NULL, NULL}};
static const luaL_Reg methods[] = {{"rank", ranker_rank}, {"save", ranker_save}, {"info", ranker_info}, {NULL, NULL}};
const lcx_noun lcx_ranker_noun = {"ranker", functions, &lcx_ranker_type, methods};

/* SPDX-License-Identifier: MIT */
/* Purchase models. */
#include "binding.h"

static void free_lifecycle(void *pointer) { cx_lifecycle_free(pointer); }

const lcx_type lcx_lifecycle_type = {"cx.lifecycle", free_lifecycle};

static const char *model_text(int32_t model) {
#define CASE(name, value, text)                                                                                        \
  if (model == (value)) return text;
  CX_LIFECYCLE_MAP(CASE)
#undef CASE
  return NULL;
}

/** x, t_x and T of customers: arrays of one length, or three numbers. */
typedef struct rows {
  size_t n;
  const double *x, *t_x, *T;
  bool single; /* numbers came in, so a number goes out */
} rows;

static const double *read_argument(lua_State *L, int index, const char *name, rows *out) {
  size_t n = 1;
  double *values;
  if (lua_type(L, index) == LUA_TNUMBER) {
    values = lcx_scratch(L, 1, sizeof *values);
    values[0] = (double)lua_tonumber(L, index);
    if (out->n == SIZE_MAX) out->single = true;
  } else {
    values = lcx_to_doubles(L, index, name, &n);
  }
  if (out->n != SIZE_MAX && out->n != n)
    lcx_fail(L, CX_ERR_SHAPE, "%s has another length than what comes before", name);
  out->n = n;
  return values;
}

static rows read_rows(lua_State *L, int index) {
  rows out = {.n = SIZE_MAX};
  out.x = read_argument(L, index, "x", &out);
  out.t_x = read_argument(L, index + 1, "t_x", &out);
  out.T = read_argument(L, index + 2, "T", &out);
  return out;
}

static void push_answer(lua_State *L, const rows *asked, const double *values) {
  if (asked->single)
    lua_pushnumber(L, (lua_Number)values[0]);
  else
    lcx_push_doubles(L, values, asked->n);
}

static void read_fit_options(lua_State *L, lcx_state *s, int index, cx_lifecycle_options *out) {
  static const lcx_field fields[] = {
      LCX_FIELD_CODE(cx_lifecycle_options, model, model_text), LCX_FIELD(cx_lifecycle_options, iterations, LCX_U32),
      LCX_FIELD(cx_lifecycle_options, accept_best, LCX_FLAG), LCX_FIELD_PROGRESS, LCX_FIELD_END};
  LCX_TRY(L, s, cx_lifecycle_options_init(out, sizeof *out));
  lcx_read(L, s, index, fields, out);
}

static int fit_history(lua_State *L, lcx_state *s) {
  const cx_history *history = lcx_check(L, 1, &lcx_history_type);
  cx_lifecycle_options opts;
  read_fit_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_lifecycle_type);
  cx_lifecycle *lifecycle = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_lifecycle_fit(s->ctx, history, &opts, &lifecycle);
  box->pointer = lifecycle;
  lcx_end(L, s, status);
  return 1;
}

/** fit(history | {x=, t_x=, T=, weight=}[, {model=, iterations=, accept_best=, progress=}]). */
static int lifecycle_fit(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  lua_settop(L, 2);
  if (!lua_istable(L, 1)) return fit_history(L, s);
  cx_lifecycle_options opts;
  rows customers = {.n = SIZE_MAX};
  const double *weight = NULL;
  lua_getfield(L, 1, "x");
  customers.x = read_argument(L, -1, "x", &customers);
  lua_getfield(L, 1, "t_x");
  customers.t_x = read_argument(L, -1, "t_x", &customers);
  lua_getfield(L, 1, "T");
  customers.T = read_argument(L, -1, "T", &customers);
  lua_getfield(L, 1, "weight");
  if (!lua_isnil(L, -1)) weight = read_argument(L, -1, "weight", &customers);
  read_fit_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_lifecycle_type);
  cx_lifecycle *lifecycle = NULL;
  lcx_begin(L, s);
  const cx_status status =
      cx_lifecycle_fit_rows(s->ctx, customers.n, customers.x, customers.t_x, customers.T, weight, &opts, &lifecycle);
  box->pointer = lifecycle;
  lcx_end(L, s, status);
  return 1;
}

/** new(parameters[, {model=, unit=}]): a model to ask or to simulate from. */
static int lifecycle_new(lua_State *L) {
  typedef struct kind {
    int32_t model, unit;
  } kind;
  static const lcx_field fields[] = {LCX_FIELD_CODE(kind, model, model_text), LCX_FIELD_CODE(kind, unit, lcx_unit_text),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  kind opts = {CX_LIFECYCLE_BGNBD, CX_UNIT_WEEK};
  size_t n = 0;
  lua_settop(L, 2);
  const double *parameters = lcx_to_doubles(L, 1, "parameters", &n);
  lcx_read(L, s, 2, fields, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_lifecycle_type);
  cx_lifecycle *lifecycle = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_lifecycle_new(s->ctx, opts.model, parameters, n, opts.unit, &lifecycle);
  box->pointer = lifecycle;
  lcx_end(L, s, status);
  return 1;
}

/** open(path[, {copy=}]). */
static int lifecycle_open(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const char *path = luaL_checkstring(L, 1);
  cx_model_open_options opts;
  lua_settop(L, 2);
  lcx_read_open_options(L, s, 2, &opts);
  lcx_box *box = lcx_new_box(L, &lcx_lifecycle_type);
  cx_lifecycle *lifecycle = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_lifecycle_open(s->ctx, path, &opts, &lifecycle);
  box->pointer = lifecycle;
  lcx_end(L, s, status);
  return 1;
}

/** save(path[, {generation=, store_id=}]). */
static int lifecycle_save(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_lifecycle *lifecycle = lcx_check(L, 1, &lcx_lifecycle_type);
  const char *path = luaL_checkstring(L, 2);
  cx_model_save_options opts;
  lcx_read_save_options(L, s, 3, &opts);
  LCX_TRY(L, s, cx_lifecycle_save(s->ctx, lifecycle, path, &opts));
  return 0;
}

/** info(): what the fit came to; parameters and errors are arrays. */
static int lifecycle_info(lua_State *L) {
  typedef cx_lifecycle_info info;
  static const lcx_field fields[] = {
      LCX_FIELD_CODE(info, model, model_text),   LCX_FIELD_CODE(info, fit, cx_lifecycle_fit_text),
      LCX_FIELD_CODE(info, unit, lcx_unit_text), LCX_FIELD_UNTIL(info),
      LCX_FIELD(info, customers, LCX_U64),       LCX_FIELD(info, distinct, LCX_U64),
      LCX_FIELD(info, iterations, LCX_U32),      LCX_FIELD(info, starts, LCX_U32),
      LCX_FIELD(info, loglik, LCX_DOUBLE),       LCX_FIELD(info, nbd_loglik, LCX_DOUBLE),
      LCX_FIELD(info, gradient, LCX_DOUBLE),     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  const cx_lifecycle *lifecycle = lcx_check(L, 1, &lcx_lifecycle_type);
  info out = {.size = sizeof out};
  LCX_TRY(L, s, cx_lifecycle_get_info(lifecycle, &out));
  lcx_push(L, fields, &out);
  lua_newtable(L);
  lua_newtable(L);
  for (int i = 0; i < 8; i++) {
    lcx_push_double(L, out.parameters[i]);
    lua_rawseti(L, -3, i + 1);
    lcx_push_double(L, out.errors[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -3, "errors");
  lua_setfield(L, -2, "parameters");
  return 1;
}

/* Questions about customers: numbers give a number, arrays an array. */

typedef cx_status (*ask_fn)(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                            const double *t_x, const double *T, double *out);
typedef cx_status (*ask_more_fn)(cx_context *ctx, const cx_lifecycle *lifecycle, size_t n, const double *x,
                                 const double *t_x, const double *T, double argument, double *out);

/** One of the two functions is NULL. */
static int ask(lua_State *L, ask_fn function, ask_more_fn more) {
  lcx_state *s = lcx_enter(L);
  const cx_lifecycle *lifecycle = lcx_check(L, 1, &lcx_lifecycle_type);
  const double argument = more ? (double)luaL_checknumber(L, 5) : 0;
  const rows q = read_rows(L, 2);
  double *out = lcx_scratch(L, q.n, sizeof *out);
  if (more)
    LCX_TRY(L, s, more(s->ctx, lifecycle, q.n, q.x, q.t_x, q.T, argument, out));
  else
    LCX_TRY(L, s, function(s->ctx, lifecycle, q.n, q.x, q.t_x, q.T, out));
  push_answer(L, &q, out);
  return 1;
}

static int lifecycle_loglik(lua_State *L) { return ask(L, cx_lifecycle_loglik, NULL); }
static int lifecycle_alive(lua_State *L) { return ask(L, cx_lifecycle_alive, NULL); }
static int lifecycle_expected(lua_State *L) { return ask(L, NULL, cx_lifecycle_expected); }
static int lifecycle_none(lua_State *L) { return ask(L, NULL, cx_lifecycle_none); }
static int lifecycle_next(lua_State *L) { return ask(L, NULL, cx_lifecycle_next); }

/** interval(x, t_x, T, horizon[, level]): lower and upper bounds of the number of purchases; level .8 when not said. */
static int lifecycle_interval(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_lifecycle *lifecycle = lcx_check(L, 1, &lcx_lifecycle_type);
  const double horizon = (double)luaL_checknumber(L, 5), level = (double)luaL_optnumber(L, 6, 0.8);
  const rows q = read_rows(L, 2);
  double *lower = lcx_scratch(L, q.n, sizeof *lower), *upper = lcx_scratch(L, q.n, sizeof *upper);
  LCX_TRY(L, s, cx_lifecycle_interval(s->ctx, lifecycle, q.n, q.x, q.t_x, q.T, horizon, level, lower, upper));
  push_answer(L, &q, lower);
  push_answer(L, &q, upper);
  return 2;
}

/** simulate(T[, {holdout=, seed=}]): {x=, t_x=, T=, holdout=}, each an array, of one customer for each of T. */
static int lifecycle_simulate(lua_State *L) {
  typedef struct draw {
    double holdout;
    uint64_t seed;
  } draw;
  static const lcx_field fields[] = {LCX_FIELD(draw, holdout, LCX_DOUBLE), LCX_FIELD(draw, seed, LCX_U64),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  const cx_lifecycle *lifecycle = lcx_check(L, 1, &lcx_lifecycle_type);
  draw opts = {0, 1};
  size_t n = 0;
  lua_settop(L, 3);
  lcx_read(L, s, 3, fields, &opts);
  const double *T = lcx_to_doubles(L, 2, "T", &n);
  double *x = lcx_scratch(L, n, sizeof *x), *t_x = lcx_scratch(L, n, sizeof *t_x);
  double *holdout = lcx_scratch(L, n, sizeof *holdout);
  LCX_TRY(L, s, cx_lifecycle_simulate(s->ctx, lifecycle, n, T, opts.holdout, opts.seed, x, t_x, holdout));
  lua_createtable(L, 0, 4);
  lcx_push_doubles(L, x, n);
  lua_setfield(L, -2, "x");
  lcx_push_doubles(L, t_x, n);
  lua_setfield(L, -2, "t_x");
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "T");
  lcx_push_doubles(L, holdout, n);
  lua_setfield(L, -2, "holdout");
  return 1;
}

static const luaL_Reg functions[] = {
    {"fit", lifecycle_fit}, {"new", lifecycle_new}, {"open", lifecycle_open}, {NULL, NULL}};
static const luaL_Reg methods[] = {{"save", lifecycle_save},         {"info", lifecycle_info},
                                   {"loglik", lifecycle_loglik},     {"alive", lifecycle_alive},
                                   {"expected", lifecycle_expected}, {"interval", lifecycle_interval},
                                   {"none", lifecycle_none},         {"next", lifecycle_next},
                                   {"simulate", lifecycle_simulate}, {NULL, NULL}};
const lcx_noun lcx_lifecycle_noun = {"lifecycle", functions, &lcx_lifecycle_type, methods};

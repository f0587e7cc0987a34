/* SPDX-License-Identifier: MIT */
/* How good predictions were. */
#include "binding.h"

static const lcx_field option_fields[] = {LCX_FIELD(cx_metric_options, resamples, LCX_U32),
                                          LCX_FIELD(cx_metric_options, seed, LCX_U64),
                                          LCX_FIELD(cx_metric_options, level, LCX_DOUBLE),
                                          LCX_FIELD(cx_metric_options, bins, LCX_U32),
                                          LCX_FIELD_LATER("weight"),
                                          LCX_FIELD_LATER("k"),
                                          LCX_FIELD_PROGRESS,
                                          LCX_FIELD_END};

typedef cx_status (*measure_fn)(cx_context *ctx, const double *score, const double *label, const double *weight,
                                size_t n, const cx_metric_options *opts, cx_estimate *out);

/** measure(score, label[, opts]): {value=, lower=, upper=, level=, count=}. opts: weight, resamples, seed, level,
 *  bins, progress. */
static int measure(lua_State *L, measure_fn function) {
  lcx_state *s = lcx_enter(L);
  cx_metric_options opts;
  cx_estimate estimate = {0};
  size_t n = 0, labels = 0, weights = 0;
  lua_settop(L, 3);
  const double *score = lcx_to_doubles(L, 1, "score", &n), *label = lcx_to_doubles(L, 2, "label", &labels);
  const double *weight = NULL;
  LCX_TRY(L, s, cx_metric_options_init(&opts, sizeof opts));
  lcx_read(L, s, 3, option_fields, &opts);
  if (lua_istable(L, 3)) {
    lua_getfield(L, 3, "weight");
    if (!lua_isnil(L, -1)) weight = lcx_to_doubles(L, -1, "weight", &weights);
  }
  if (labels != n || (weight && weights != n))
    return lcx_fail(L, CX_ERR_SHAPE, "score, label and weight must have one length");
  LCX_TRY(L, s, function(s->ctx, score, label, weight, n, &opts, &estimate));
  lcx_push_estimate(L, &estimate);
  return 1;
}

static int metric_auc(lua_State *L) { return measure(L, cx_metric_auc); }
static int metric_log_loss(lua_State *L) { return measure(L, cx_metric_log_loss); }
static int metric_brier(lua_State *L) { return measure(L, cx_metric_brier); }
static int metric_calibration_error(lua_State *L) { return measure(L, cx_metric_calibration_error); }

/** The whole numbers of an array on the top. */
static void read_items(lua_State *L, lcx_state *s, size_t limit, int64_t *out) {
  const size_t n = lcx_length(L, -1);
  for (size_t i = 0; i < n && i < limit; i++) {
    lua_rawgeti(L, -1, (int)(i + 1));
    out[i] = lcx_to_int64(L, s, -1, "item");
    lua_pop(L, 1);
  }
}

/** The length of element @p i of an array of arrays, which is left on the top. */
static size_t push_user(lua_State *L, int index, size_t i, const char *name) {
  lua_rawgeti(L, index, (int)(i + 1));
  if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "%s must be an array of arrays of whole numbers", name);
  return lcx_length(L, -1);
}

/** rank(ranked, relevant[, opts]): for each user the list that was ranked and the items that are relevant; opts.k is
 * the length of the lists that counts, the longest when it is not said. */
static int metric_rank(lua_State *L) {
  static const lcx_field k_field[] = {{"k", LCX_U32, 0, NULL}, LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_metric_options opts;
  cx_metric_ranking out = {0};
  uint32_t k = 0;
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 3);
  LCX_TRY(L, s, cx_metric_options_init(&opts, sizeof opts));
  lcx_read(L, s, 3, option_fields, &opts);
  if (lua_istable(L, 3)) {
    lua_createtable(L, 0, 1);
    lua_getfield(L, 3, "k");
    lua_setfield(L, -2, "k");
    lcx_read(L, s, -1, k_field, &k);
  }
  const size_t users = lcx_length(L, 1);
  if (lcx_length(L, 2) != users) return lcx_fail(L, CX_ERR_SHAPE, "ranked and relevant must have one length");
  int64_t *offsets = lcx_scratch(L, users + 1, sizeof *offsets);
  size_t longest = 0;
  offsets[0] = 0;
  for (size_t u = 0; u < users; u++) {
    const size_t length = push_user(L, 1, u, "ranked");
    longest = length > longest ? length : longest;
    offsets[u + 1] = offsets[u] + (int64_t)push_user(L, 2, u, "relevant");
    lua_pop(L, 2);
  }
  if (k == 0) k = (uint32_t)longest;
  if (k > 0 && users > SIZE_MAX / 16 / k) return lcx_fail(L, CX_ERR_NOMEM, "out of memory");
  int64_t *ranked = lcx_scratch(L, users * k, sizeof *ranked);
  int64_t *relevant = lcx_scratch(L, (size_t)offsets[users], sizeof *relevant);
  for (size_t i = 0; i < users * k; i++) ranked[i] = -1;
  for (size_t u = 0; u < users; u++) {
    push_user(L, 1, u, "ranked");
    read_items(L, s, k, ranked + u * k);
    push_user(L, 2, u, "relevant");
    read_items(L, s, (size_t)(offsets[u + 1] - offsets[u]), relevant + offsets[u]);
    lua_pop(L, 2);
  }
  LCX_TRY(L, s, cx_metric_rank(s->ctx, ranked, users, k, relevant, offsets, &opts, &out));
  lua_createtable(L, 0, 4);
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

static const luaL_Reg functions[] = {{"auc", metric_auc},     {"log_loss", metric_log_loss},
                                     {"brier", metric_brier}, {"calibration_error", metric_calibration_error},
                                     {"rank", metric_rank},   {NULL, NULL}};
const lcx_noun lcx_metric_noun = {"metric", functions, NULL, NULL};

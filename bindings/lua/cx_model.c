/* SPDX-License-Identifier: MIT */
/* What all model files have in common. */
#include "binding.h"

/** {generation=, store_id= as 32 hexadecimal digits}. */
void lcx_read_save_options(lua_State *L, lcx_state *s, int index, cx_model_save_options *out) {
  static const lcx_field fields[] = {LCX_FIELD(cx_model_save_options, generation, LCX_U64),
                                     LCX_FIELD(cx_model_save_options, store_id, LCX_HEX), LCX_FIELD_END};
  LCX_TRY(L, s, cx_model_save_options_init(out, sizeof *out));
  lcx_read(L, s, index, fields, out);
}

/** {copy=true} reads the file instead of mapping it. */
void lcx_read_open_options(lua_State *L, lcx_state *s, int index, cx_model_open_options *out) {
  static const lcx_field fields[] = {LCX_FIELD(cx_model_open_options, copy, LCX_FLAG), LCX_FIELD_END};
  LCX_TRY(L, s, cx_model_open_options_init(out, sizeof *out));
  lcx_read(L, s, index, fields, out);
}

/** read_info(path): {kind=, version=, store_id=, generation=, bytes=, sections=}. */
static int model_read_info(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD(cx_model_info, kind, LCX_NAME),
                                     LCX_FIELD(cx_model_info, version, LCX_U32),
                                     LCX_FIELD(cx_model_info, store_id, LCX_HEX),
                                     LCX_FIELD(cx_model_info, generation, LCX_U64),
                                     LCX_FIELD(cx_model_info, bytes, LCX_U64),
                                     LCX_FIELD(cx_model_info, sections, LCX_U64),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_model_info info = {.size = sizeof info};
  const char *path = luaL_checkstring(L, 1);
  LCX_TRY(L, s, cx_model_read_info(s->ctx, path, &info));
  lcx_push(L, fields, &info);
  return 1;
}

static const luaL_Reg functions[] = {{"read_info", model_read_info}, {NULL, NULL}};
const lcx_noun lcx_model_noun = {"model", functions, NULL, NULL};

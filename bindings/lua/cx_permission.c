/* SPDX-License-Identifier: MIT */
/* Consents and permission. */
#include "binding.h"

static const lcx_field consent_fields[] = {LCX_FIELD_CODE(cx_consent, state, cx_consent_state_text),
                                           LCX_FIELD_CODE(cx_consent, basis, cx_basis_text),
                                           LCX_FIELD(cx_consent, id, LCX_TEXT),
                                           LCX_FIELD(cx_consent, who, LCX_IDENTIFIER),
                                           LCX_FIELD(cx_consent, purpose, LCX_TEXT),
                                           LCX_FIELD(cx_consent, channel, LCX_TEXT),
                                           LCX_FIELD(cx_consent, evidence, LCX_TEXT),
                                           LCX_FIELD(cx_consent, source, LCX_TEXT),
                                           LCX_FIELD(cx_consent, time, LCX_TIME),
                                           LCX_FIELD(cx_consent, valid_until, LCX_TIME),
                                           LCX_FIELD_END};

/** {state=, basis=, who=, purpose=, channel=, evidence=, source=, time=, valid_until=, id=}. */
void lcx_read_consent(lua_State *L, lcx_state *s, int index, cx_consent *out) {
  luaL_checktype(L, index, LUA_TTABLE);
  *out = (cx_consent){.size = sizeof *out, .time = CX_TIME_NONE, .valid_until = CX_TIME_NONE};
  lcx_read(L, s, index, consent_fields, out);
}

void lcx_push_consent(lua_State *L, const cx_consent *consent) { lcx_push(L, consent_fields, consent); }

/** {decision=, reasons={}, basis=, since=, until_=}. */
void lcx_push_permission(lua_State *L, const cx_permission *permission) {
  static const lcx_field fields[] = {
      LCX_FIELD_CODE(cx_permission, decision, cx_decision_text), LCX_FIELD_CODE(cx_permission, basis, cx_basis_text),
      LCX_FIELD(cx_permission, since, LCX_TIME), LCX_FIELD_UNTIL(cx_permission), LCX_FIELD_END};
  lcx_push(L, fields, permission);
  lua_createtable(L, (int)permission->reasons_count, 0);
  for (uint32_t i = 0; i < permission->reasons_count; i++) {
    lua_pushstring(L, cx_permission_reason_text(permission->reasons[i]));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "reasons");
}

/** check(profile, {purpose=, channel=, at=}): profile nil is somebody unknown; at the profile's time when not said. */
static int permission_check(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD(cx_permission_request, purpose, LCX_TEXT),
                                     LCX_FIELD(cx_permission_request, channel, LCX_TEXT),
                                     LCX_FIELD(cx_permission_request, at, LCX_TIME), LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_permission_request request = {.size = sizeof request, .at = CX_TIME_NONE};
  cx_permission permission = {.size = sizeof permission};
  const cx_profile *profile = lua_isnil(L, 1) ? NULL : lcx_check(L, 1, &lcx_profile_type);
  luaL_checktype(L, 2, LUA_TTABLE);
  lcx_read(L, s, 2, fields, &request);
  if (request.at == CX_TIME_NONE) request.at = cx_profile_time(profile);
  LCX_TRY(L, s, cx_permission_check(s->ctx, profile, &request, &permission));
  lcx_push_permission(L, &permission);
  return 1;
}

static const luaL_Reg permission_functions[] = {{"check", permission_check}, {NULL, NULL}};
const lcx_noun lcx_permission_noun = {"permission", permission_functions, NULL, NULL};

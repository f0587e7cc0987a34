/* SPDX-License-Identifier: MIT */
/* Times and CSV. */
#include "binding.h"

#include <string.h>

typedef struct reader {
  lcx_box box;
  lcx_input input;
} reader;

static void free_format(void *pointer) { cx_format_free(pointer); }

static const lcx_type reader_type = {"cx.format", free_format};

/** Upvalues: the state, the function of the caller, and what it gave last while there is some left. */
static int call_read(lua_State *L) {
  lcx_state *s = lcx_of(L);
  lcx_input *input = s->input;
  s->result = 0;
  if (lua_isnil(L, lua_upvalueindex(3))) {
    lua_pushvalue(L, lua_upvalueindex(2));
    lcx_push_count(L, s->size);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) return 0;
    if (lua_type(L, -1) != LUA_TSTRING)
      return lcx_fail(L, CX_ERR_TYPE, "a read function gives bytes, or nil at the end");
    lua_replace(L, lua_upvalueindex(3));
    input->offset = 0;
  }
  size_t size = 0;
  const char *bytes = lua_tolstring(L, lua_upvalueindex(3), &size);
  const size_t rest = size - input->offset, n = rest < s->size ? rest : s->size;
  if (n > 0) memcpy(s->buffer, bytes + input->offset, n);
  input->offset += n;
  s->result = (int64_t)n;
  if (input->offset < size) return 0;
  lua_pushnil(L);
  lua_replace(L, lua_upvalueindex(3));
  return 0;
}

static int64_t on_read(void *user, void *buffer, size_t capacity) {
  lcx_input *input = user;
  lcx_state *s = input->state;
  s->input = input;
  s->buffer = buffer;
  s->size = capacity;
  return lcx_run_callback(s, input->index) ? s->result : -1;
}

/** A source: a path, a function read(n) that gives up to n bytes or nil, or {path=|data=|read=, name=}. Leaves on the
 *  top what must live as long as the source is read. */
void lcx_read_source(lua_State *L, lcx_state *s, int index, lcx_input *input, cx_format_source *out) {
  static const lcx_field fields[] = {LCX_FIELD(cx_format_source, path, LCX_STRING),
                                     LCX_FIELD(cx_format_source, name, LCX_STRING), LCX_FIELD_LATER("data"),
                                     LCX_FIELD_LATER("read"), LCX_FIELD_END};
  *input = (lcx_input){.state = s};
  LCX_TRY(L, s, cx_format_source_init(out, sizeof *out));
  if (lua_type(L, index) == LUA_TSTRING) {
    out->path = luaL_checkstring(L, index);
    lua_pushvalue(L, index);
    return;
  }
  if (lua_istable(L, index)) {
    lcx_read(L, s, index, fields, out);
    lua_getfield(L, index, "data");
    if (lua_type(L, -1) == LUA_TSTRING)
      out->data = lua_tolstring(L, -1, &out->data_size);
    else if (!lua_isnil(L, -1))
      lcx_fail(L, CX_ERR_TYPE, "data must be a string");
    lua_getfield(L, index, "read");
    if (out->data || out->path) {
      if (!lua_isnil(L, -1)) lcx_fail(L, CX_ERR_INVALID, "a source has one of path, data and read");
      lua_pop(L, 1);
      return;
    }
  } else {
    lua_pushvalue(L, index);
  }
  if (lua_type(L, -1) != LUA_TFUNCTION)
    lcx_fail(L, CX_ERR_TYPE, "a source is a path, a function, or a table with path, data or read");
  lua_pushlightuserdata(L, s);
  lua_insert(L, -2);
  lua_pushnil(L);
  lua_pushcclosure(L, call_read, 3);
  input->index = lua_gettop(L);
  out->read = on_read;
  out->user = input;
}

static const char *type_text(int32_t type) {
#define CASE(name, value, text)                                                                                        \
  if (type == (value)) return text;
  CX_TYPE_MAP(CASE)
#undef CASE
  return NULL;
}

static void read_columns(lua_State *L, lcx_state *s, int index, cx_format_csv_options *out) {
  static const lcx_field fields[] = {
      LCX_FIELD(cx_format_column, column, LCX_STRING),      LCX_FIELD(cx_format_column, name, LCX_STRING),
      LCX_FIELD_CODE(cx_format_column, type, type_text),    LCX_FIELD(cx_format_column, optional, LCX_FLAG),
      LCX_FIELD(cx_format_column, time_format, LCX_STRING), LCX_FIELD_END};
  lua_getfield(L, index, "columns");
  if (lua_isnil(L, -1)) return;
  if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "columns must be an array of {column=, name=, type=}");
  const int array = lua_gettop(L);
  const size_t count = lcx_length(L, array);
  cx_format_column *columns = lcx_scratch(L, count, sizeof *columns);
  for (size_t i = 0; i < count; i++) {
    columns[i] = (cx_format_column){0};
    lua_rawgeti(L, array, (int)(i + 1));
    if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "column %d is no table", (int)(i + 1));
    lcx_read(L, s, -1, fields, &columns[i]);
    lua_pop(L, 1);
  }
  out->columns = columns;
  out->columns_count = count;
}

/** open_csv(source[, {header=, columns=, separator=, decimal=, time_zone=}]): a reader. */
static int format_open_csv(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD(cx_format_csv_options, header, LCX_FLAG),
                                     LCX_FIELD(cx_format_csv_options, separator, LCX_CHAR),
                                     LCX_FIELD(cx_format_csv_options, decimal, LCX_CHAR),
                                     LCX_FIELD(cx_format_csv_options, time_zone, LCX_STRING),
                                     LCX_FIELD_LATER("columns"),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_format_csv_options opts;
  cx_format_source source;
  lua_settop(L, 2);
  LCX_TRY(L, s, cx_format_csv_options_init(&opts, sizeof opts));
  lcx_read(L, s, 2, fields, &opts);
  if (lua_istable(L, 2)) read_columns(L, s, 2, &opts);
  reader *box = (reader *)(void *)lcx_new_box_sized(L, &reader_type, sizeof *box);
  const int at = lua_gettop(L);
  lcx_read_source(L, s, 1, &box->input, &source);
  lua_pushvalue(L, -1);
  lcx_keep(L, at);
  cx_format *format = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_format_open_csv(s->ctx, &source, &opts, &format);
  box->box.pointer = format;
  lcx_end(L, s, status);
  lua_settop(L, at);
  return 1;
}

/** read([rows[, {progress=}]]): a table of up to so many further rows, all without a number; nil when nothing is left.
 */
static int format_read(lua_State *L) {
  static const lcx_field fields[] = {LCX_FIELD_PROGRESS, LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  cx_format *format = lcx_check(L, 1, &reader_type);
  reader *self = lua_touserdata(L, 1);
  const int64_t rows = lua_isnoneornil(L, 2) ? 0 : lcx_to_int64(L, s, 2, "rows");
  if (rows < 0) return lcx_fail(L, CX_ERR_RANGE, "rows must not be negative");
  lcx_read(L, s, 3, fields, &self->input);
  lcx_push_kept(L, 1);
  if (self->input.index) self->input.index = lua_gettop(L);
  lcx_box *box = lcx_new_box(L, &lcx_table_type);
  cx_table *table = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_format_read(s->ctx, format, (size_t)rows, &table);
  box->pointer = table;
  if (lcx_end(L, s, status) == CX_DONE) lua_pushnil(L);
  return 1;
}

/** parse_time(text[, {format=, zone=}]): microseconds since 1970-01-01T00:00:00Z. */
static int format_parse_time(lua_State *L) {
  typedef struct forms {
    const char *format, *zone;
  } forms;
  static const lcx_field fields[] = {LCX_FIELD(forms, format, LCX_STRING), LCX_FIELD(forms, zone, LCX_STRING),
                                     LCX_FIELD_END};
  lcx_state *s = lcx_enter(L);
  const cx_text text = lcx_check_text(L, 1);
  forms opts = {NULL, NULL};
  int64_t time = 0;
  lcx_read(L, s, 2, fields, &opts);
  LCX_TRY(L, s, cx_format_parse_time(s->ctx, text, opts.format, opts.zone, &time));
  lcx_push_time(L, time);
  return 1;
}

/** print_time(time): RFC 3339 in UTC. */
static int format_print_time(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  char text[32];
  const int64_t time = lcx_to_time(L, s, 1, "time");
  if (cx_format_print_time(time, text, sizeof text) != CX_OK)
    return lcx_fail(L, CX_ERR_RANGE, "time must lie in the years 1 to 9999");
  lua_pushstring(L, text);
  return 1;
}

static const luaL_Reg functions[] = {
    {"open_csv", format_open_csv}, {"parse_time", format_parse_time}, {"print_time", format_print_time}, {NULL, NULL}};
static const luaL_Reg methods[] = {{"read", format_read}, {NULL, NULL}};
const lcx_noun lcx_format_noun = {"format", functions, &reader_type, methods};

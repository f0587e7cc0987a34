/* SPDX-License-Identifier: MIT */
/* Tables: arrays of columns. */
#include "binding.h"

#include <math.h>
#include <string.h>

static void free_table(void *pointer) { cx_table_free(pointer); }

const lcx_type lcx_table_type = {"cx.table", free_table};

static const char *type_text(int32_t type) {
#define CASE(name, value, text)                                                                                        \
  if (type == (value)) return text;
  CX_TYPE_MAP(CASE)
#undef CASE
  return NULL;
}

/** Number of rows of the array at @p index: its field n, else its length. */
static size_t count_rows(lua_State *L, lcx_state *s, int index) {
  lua_getfield(L, index, "n");
  const int64_t n = lua_isnil(L, -1) ? (int64_t)lcx_length(L, index) : lcx_to_int64(L, s, -1, "n");
  lua_pop(L, 1);
  if (n < 0 || n > INT32_MAX) lcx_fail(L, CX_ERR_RANGE, "n is out of range");
  return (size_t)n;
}

/** The type of a column that does not say it: that of its first value. */
static int32_t guess_type(lua_State *L, int index, size_t rows) {
  int type = LUA_TNIL;
  for (size_t i = 0; i < rows && type == LUA_TNIL; i++) {
    lua_rawgeti(L, index, (int)(i + 1));
    type = lua_type(L, -1);
    lua_pop(L, 1);
  }
  return type == LUA_TSTRING ? CX_TYPE_TEXT : CX_TYPE_DOUBLE;
}

/** The bits of what is there; NULL when everything is. */
static const uint8_t *read_validity(lua_State *L, int index, size_t rows) {
  uint8_t *bits = lcx_scratch(L, rows / 8 + 1, 1);
  bool all = true;
  memset(bits, 0, rows / 8 + 1);
  for (size_t i = 0; i < rows; i++) {
    lua_rawgeti(L, index, (int)(i + 1));
    if (lua_isnil(L, -1))
      all = false;
    else
      bits[i / 8] = (uint8_t)(bits[i / 8] | 1u << i % 8);
    lua_pop(L, 1);
  }
  return all ? NULL : bits;
}

static void read_numbers(lua_State *L, lcx_state *s, int index, size_t rows, cx_column *out) {
  union {
    int64_t whole;
    double real;
  } *values = lcx_scratch(L, rows, sizeof *values);
  for (size_t i = 0; i < rows; i++) {
    lua_rawgeti(L, index, (int)(i + 1));
    if (out->type == CX_TYPE_TIME)
      values[i].whole = lcx_to_time(L, s, -1, out->name);
    else if (out->type == CX_TYPE_INT64)
      values[i].whole = lua_isnil(L, -1) ? 0 : lcx_to_int64(L, s, -1, out->name);
    else if (lua_type(L, -1) == LUA_TNUMBER)
      values[i].real = (double)lua_tonumber(L, -1);
    else if (lua_isnil(L, -1))
      values[i].real = (double)NAN;
    else
      lcx_fail(L, CX_ERR_TYPE, "%s: row %d is no number", out->name, (int)(i + 1));
    lua_pop(L, 1);
  }
  out->values = values;
}

static void read_texts(lua_State *L, int index, size_t rows, cx_column *out) {
  int64_t *offsets = lcx_scratch(L, rows + 1, sizeof *offsets);
  offsets[0] = 0;
  for (size_t i = 0; i < rows; i++) {
    lua_rawgeti(L, index, (int)(i + 1));
    if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
      lcx_fail(L, CX_ERR_TYPE, "%s: row %d is no text", out->name, (int)(i + 1));
    offsets[i + 1] = offsets[i] + (lua_isnil(L, -1) ? 0 : (int64_t)lcx_length(L, -1));
    lua_pop(L, 1);
  }
  char *bytes = lcx_scratch(L, (size_t)offsets[rows], 1);
  for (size_t i = 0; i < rows; i++) {
    lua_rawgeti(L, index, (int)(i + 1));
    const size_t size = (size_t)(offsets[i + 1] - offsets[i]);
    if (size > 0) memcpy(bytes + offsets[i], lua_tostring(L, -1), size);
    lua_pop(L, 1);
  }
  out->offsets = offsets;
  out->values = bytes;
}

/** Reads {name=, type=, values={}} at the top and pops it; its scratch takes its place, as it is still needed. */
static size_t read_column(lua_State *L, lcx_state *s, cx_column *out) {
  static const lcx_field fields[] = {LCX_FIELD(cx_column, name, LCX_STRING), LCX_FIELD_CODE(cx_column, type, type_text),
                                     LCX_FIELD_LATER("values"), LCX_FIELD_END};
  lcx_read(L, s, -1, fields, out);
  if (!out->name) lcx_fail(L, CX_ERR_INVALID, "a column needs a name");
  lua_getfield(L, -1, "values");
  if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "%s: values must be an array", out->name);
  const int values = lua_gettop(L);
  const size_t rows = count_rows(L, s, values);
  if (out->type == 0) out->type = guess_type(L, values, rows);
  out->validity = read_validity(L, values, rows);
  if (out->type == CX_TYPE_TEXT)
    read_texts(L, values, rows, out);
  else
    read_numbers(L, s, values, rows, out);
  return rows;
}

/** Makes a table of the array of columns at @p index and pushes it. */
static cx_table *make_table(lua_State *L, lcx_state *s, int index) {
  const size_t count = lcx_length(L, index);
  cx_column *columns = lcx_scratch(L, count, sizeof *columns);
  size_t rows = 0;
  for (size_t i = 0; i < count; i++) {
    luaL_checkstack(L, 40, "columns"); /* each leaves its scratch */
    columns[i] = (cx_column){0};
    lua_rawgeti(L, index, (int)(i + 1));
    if (!lua_istable(L, -1)) lcx_fail(L, CX_ERR_TYPE, "a table is an array of columns {name=, type=, values={}}");
    const size_t found = read_column(L, s, &columns[i]);
    if (i > 0 && found != rows)
      lcx_fail(L, CX_ERR_SHAPE, "%s has another length than %s", columns[i].name, columns[0].name);
    rows = found;
  }
  lcx_box *box = lcx_new_box(L, &lcx_table_type);
  cx_table *table = NULL;
  lcx_begin(L, s);
  const cx_status status = cx_table_new(s->ctx, columns, count, rows, &table);
  box->pointer = table;
  lcx_end(L, s, status);
  return table;
}

/** The table at @p index: an object, or an array of columns, in whose place the object is put. */
cx_table *lcx_to_table(lua_State *L, lcx_state *s, int index) {
  if (!lua_istable(L, index)) return lcx_check(L, index, &lcx_table_type);
  const int top = lua_gettop(L);
  cx_table *table = make_table(L, s, index);
  lua_replace(L, index);
  lua_settop(L, top);
  return table;
}

/** new(columns): columns is an array of {name=, type="int64"|"double"|"text"|"time", values={}}. */
static int table_new(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  make_table(L, s, 1);
  return 1;
}

static int table_rows(lua_State *L) {
  lcx_enter(L);
  lcx_push_count(L, cx_table_rows(lcx_check(L, 1, &lcx_table_type)));
  return 1;
}

/** columns(): an array of {name=, type=}. */
static int table_columns(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_table *table = lcx_check(L, 1, &lcx_table_type);
  const size_t count = cx_table_columns(table);
  static const lcx_field fields[] = {LCX_FIELD_CODE(cx_column, type, type_text), LCX_FIELD_END};
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    cx_column column;
    LCX_TRY(L, s, cx_table_get_column(table, i, &column));
    lcx_push(L, fields, &column);
    lua_pushstring(L, column.name);
    lua_setfield(L, -2, "name");
    lua_rawseti(L, -2, (int)(i + 1));
  }
  return 1;
}

/** The column that the argument at @p index names, or numbers from 1. */
static void find_column(lua_State *L, lcx_state *s, const cx_table *table, int index, cx_column *out) {
  int64_t number = 0;
  if (lcx_is_whole(L, index, &number)) {
    if (number < 1 || (uint64_t)number > cx_table_columns(table))
      lcx_fail(L, CX_ERR_RANGE, "there is no column of this number");
    LCX_TRY(L, s, cx_table_get_column(table, (size_t)number - 1, out));
    return;
  }
  const char *name = luaL_checkstring(L, index);
  LCX_TRY(L, s, cx_table_find_column(s->ctx, table, name, out));
}

static void push_time_text(lua_State *L, lcx_state *s, int64_t time) {
  char text[32];
  LCX_TRY(L, s, cx_format_print_time(time, text, sizeof text));
  lua_pushstring(L, text);
}

static void push_cell(lua_State *L, lcx_state *s, const cx_column *column, size_t row, int as) {
  const int64_t *whole = column->type == CX_TYPE_DOUBLE ? NULL : column->values;
  if (column->validity && !(column->validity[row / 8] >> row % 8 & 1)) {
    lua_pushnil(L);
  } else if (column->type == CX_TYPE_TEXT) {
    const int64_t *offsets = column->offsets;
    lua_pushlstring(L, (const char *)column->values + offsets[row], (size_t)(offsets[row + 1] - offsets[row]));
  } else if (!whole) {
    lua_pushnumber(L, (lua_Number)((const double *)column->values)[row]);
  } else if (as == 1 && column->type == CX_TYPE_INT64) {
    lcx_push_person(L, whole[row]);
  } else if (as == 2 && column->type == CX_TYPE_TIME && whole[row] != CX_TIME_NONE) {
    push_time_text(L, s, whole[row]);
  } else if (column->type == CX_TYPE_TIME) {
    lcx_push_time(L, whole[row]);
  } else {
    lcx_push_int64(L, whole[row]);
  }
}

static const char *const shapes[] = {"value", "id", "text", NULL};

/** column(name[, as]): the values, with their number as n, as absent ones are nil; then the type. A column is named, or
 *  numbered from 1. as: "id" writes whole numbers as ids of people, "text" instants as texts. */
static int table_column(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_table *table = lcx_check(L, 1, &lcx_table_type);
  const int as = luaL_checkoption(L, 3, "value", shapes);
  const size_t rows = cx_table_rows(table);
  cx_column column;
  find_column(L, s, table, 2, &column);
  lua_createtable(L, (int)rows, 1);
  for (size_t row = 0; row < rows; row++) {
    push_cell(L, s, &column, row, as);
    lua_rawseti(L, -2, (int)(row + 1));
  }
  lcx_push_count(L, rows);
  lua_setfield(L, -2, "n");
  lua_pushstring(L, type_text(column.type));
  return 2;
}

/** row(i[, as]): a table of one row by column names, i from 1. */
static int table_row(lua_State *L) {
  lcx_state *s = lcx_enter(L);
  const cx_table *table = lcx_check(L, 1, &lcx_table_type);
  const int64_t row = lcx_to_int64(L, s, 2, "row");
  const int as = luaL_checkoption(L, 3, "value", shapes);
  if (row < 1 || (uint64_t)row > cx_table_rows(table)) return lcx_fail(L, CX_ERR_RANGE, "there is no such row");
  const size_t count = cx_table_columns(table);
  lua_createtable(L, 0, (int)count);
  for (size_t i = 0; i < count; i++) {
    cx_column column;
    LCX_TRY(L, s, cx_table_get_column(table, i, &column));
    push_cell(L, s, &column, (size_t)row - 1, as);
    lua_setfield(L, -2, column.name);
  }
  return 1;
}

static const luaL_Reg functions[] = {{"new", table_new}, {NULL, NULL}};
static const luaL_Reg methods[] = {{"rows", table_rows},     {"count", table_rows}, {"columns", table_columns},
                                   {"column", table_column}, {"row", table_row},    {NULL, NULL}};
const lcx_noun lcx_table_noun = {"table", functions, &lcx_table_type, methods};

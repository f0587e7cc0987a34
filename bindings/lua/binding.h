/* SPDX-License-Identifier: MIT */
/* What the files of the module share: the state of calls, boxes for objects, errors, and structs to and from tables.
 *
 * A Lua error must not jump through the library, and nothing may leak when memory is short. So every object is put in
 * its box before the call that makes it, scratch is userdata on the stack, and what a callback raises is kept until
 * the call is over. */
#ifndef CX_LUA_BINDING_H
#define CX_LUA_BINDING_H

#include "compat.h"

#include <cx.h>
#include <stddef.h>

/** Where bytes come from while a call reads them through a Lua function. */
typedef struct lcx_state lcx_state;
typedef struct lcx_input {
  lcx_state *state;
  int index;     /* stack index of the closure of lcx_read_source(); 0: none */
  size_t offset; /* into what the function gave last */
} lcx_input;

/** One for each Lua state, the first upvalue of every function of the module. */
struct lcx_state {
  cx_context *ctx;
  cx_ranker_list *list; /* filled by every ranking, kept for its memory */
  lua_State *L;         /* of the call in progress, NULL between calls */
  int top;              /* its stack before the call */
  int progress;         /* stack index of the progress closure, 0 without */
  int log;              /* stack index of the log closure during a call, 0 without */
  int log_reference;    /* in the registry */
  int raised;           /* stack index of the error that a callback raised, 0 without */
  /* Arguments and result of the callback in progress. */
  const char *text, *code;
  int32_t level;
  uint64_t done, total;
  const void *bytes;
  void *buffer;
  size_t size;
  int64_t result;
  lcx_input *input;
};

/** A kind of object. */
typedef struct lcx_type {
  const char *name; /* of the metatable, "cx.table" */
  void (*free)(void *pointer);
} lcx_type;

/** The box of an object. A part of a base is asked for at each use, as learning replaces it. */
typedef struct lcx_box {
  const lcx_type *type;
  void *pointer;
  struct lcx_box *owner; /* the base that a part belongs to, kept alive by the box */
  void *(*part)(void *base);
} lcx_box;

/** One noun: the functions of its module and, when it has objects, their methods. */
typedef struct lcx_noun {
  const char *name;
  const luaL_Reg *functions;
  const lcx_type *type;
  const luaL_Reg *methods;
} lcx_noun;

extern const lcx_noun lcx_table_noun, lcx_model_noun, lcx_metric_noun, lcx_party_noun, lcx_event_noun, lcx_content_noun,
    lcx_preference_noun, lcx_permission_noun, lcx_profile_noun, lcx_format_noun, lcx_store_noun, lcx_history_noun,
    lcx_lifecycle_noun, lcx_stage_noun, lcx_ranker_noun, lcx_base_noun;
extern const lcx_type lcx_table_type, lcx_profile_type, lcx_store_type, lcx_history_type, lcx_lifecycle_type,
    lcx_stage_type, lcx_ranker_type;

/* Calls. */
lcx_state *lcx_enter(lua_State *L);
lcx_state *lcx_of(lua_State *L);
void lcx_begin(lua_State *L, lcx_state *s);
cx_status lcx_end(lua_State *L, lcx_state *s, cx_status status);
/** Calls the library, raises what went wrong, and gives the status otherwise. The call makes no object, and its
 *  arguments do not ask Lua for anything: nothing may be raised between the two. */
#define LCX_TRY(L, s, call) lcx_end((L), (s), (lcx_begin((L), (s)), (call)))

/* Errors. */
int lcx_raise(lua_State *L, const lcx_state *s, cx_status status);
int lcx_fail(lua_State *L, cx_status status, const char *format, ...);

/* Callbacks. */
void lcx_use_progress(lua_State *L, lcx_state *s, int index);
bool lcx_run_callback(lcx_state *s, int index);

/* Boxes. */
lcx_box *lcx_new_box(lua_State *L, const lcx_type *type);
lcx_box *lcx_new_box_sized(lua_State *L, const lcx_type *type, size_t size);
void lcx_new_part(lua_State *L, const lcx_type *type, int base, void *(*part)(void *base));
void *lcx_check(lua_State *L, int index, const lcx_type *type);
void *lcx_test(lua_State *L, int index, const lcx_type *type);
void *lcx_scratch(lua_State *L, size_t count, size_t size);

/* Values. */
typedef const char *(*lcx_text_fn)(int32_t code);
cx_text lcx_check_text(lua_State *L, int index);
int64_t lcx_to_time(lua_State *L, lcx_state *s, int index, const char *name);
int64_t lcx_to_person(lua_State *L, lcx_state *s, int index);
int64_t lcx_to_int64(lua_State *L, lcx_state *s, int index, const char *name);
int32_t lcx_to_code(lua_State *L, int index, const char *name, lcx_text_fn text);
void lcx_to_identifier(lua_State *L, int index, const char *name, cx_identifier *out);
double *lcx_to_doubles(lua_State *L, int index, const char *name, size_t *n);
cx_table *lcx_to_table(lua_State *L, lcx_state *s, int index);
void lcx_push_int64(lua_State *L, int64_t value);
void lcx_push_count(lua_State *L, uint64_t value);
void lcx_push_time(lua_State *L, int64_t time);
void lcx_push_text(lua_State *L, cx_text text);
void lcx_push_person(lua_State *L, int64_t person);
void lcx_push_double(lua_State *L, double value);
void lcx_push_doubles(lua_State *L, const double *values, size_t n);
void lcx_push_estimate(lua_State *L, const cx_estimate *estimate);
void lcx_push_decimal(lua_State *L, cx_decimal decimal);
void lcx_push_permission(lua_State *L, const cx_permission *permission);
void lcx_push_identifier(lua_State *L, const cx_identifier *identifier);

/** How a member of a struct is written in a table. */
enum {
  LCX_U32 = 1,
  LCX_U64,
  LCX_FLAG,   /* int32_t, true or false */
  LCX_DOUBLE, /* nil for NaN */
  LCX_TIME,   /* microseconds, or a text; nil for CX_TIME_NONE */
  LCX_TEXT,   /* cx_text */
  LCX_STRING, /* const char *, borrowed from the table */
  LCX_CODE,   /* int32_t, by its text */
  LCX_CURRENCY,
  LCX_CHAR,
  LCX_DECIMAL, /* a number or a text */
  LCX_IDENTIFIER,
  LCX_HEX,   /* 16 bytes */
  LCX_NAME,  /* char[16] */
  LCX_LATER, /* the function that asked reads or writes it */
  LCX_PROGRESS
};
typedef struct lcx_field {
  const char *name; /* NULL ends the list */
  int32_t kind;
  size_t offset;
  lcx_text_fn text; /* of LCX_CODE */
} lcx_field;
#define LCX_FIELD(type, member, kind)                                                                                  \
  { #member, kind, offsetof(type, member), NULL }
#define LCX_FIELD_CODE(type, member, text)                                                                             \
  { #member, LCX_CODE, offsetof(type, member), text }
/* `until` is a word of the language: results write it `until_`, options are read under both names. */
#define LCX_FIELD_UNTIL(type)                                                                                          \
  { "until_", LCX_TIME, offsetof(type, until), NULL }
#define LCX_FIELD_LATER(name)                                                                                          \
  { name, LCX_LATER, 0, NULL }
#define LCX_FIELD_PROGRESS                                                                                             \
  { "progress", LCX_PROGRESS, 0, NULL }
#define LCX_FIELD_END                                                                                                  \
  { NULL, 0, 0, NULL }
void lcx_read(lua_State *L, lcx_state *s, int index, const lcx_field *fields, void *out);
void lcx_push(lua_State *L, const lcx_field *fields, const void *in);

/* Records, read from the table at an index into a struct that borrows from it; scratch stays on the stack. */
void lcx_read_event(lua_State *L, lcx_state *s, int index, cx_event *out);
void lcx_read_content(lua_State *L, lcx_state *s, int index, cx_content *out);
void lcx_read_preference(lua_State *L, lcx_state *s, int index, cx_preference *out);
void lcx_read_consent(lua_State *L, lcx_state *s, int index, cx_consent *out);
void lcx_push_event(lua_State *L, const cx_event *event);
void lcx_push_preference(lua_State *L, const cx_preference *preference);
void lcx_push_consent(lua_State *L, const cx_consent *consent);
void lcx_read_assertion(lua_State *L, lcx_state *s, int index, cx_assertion *out);

/* Sources, queries, requests: what several nouns take. */
void lcx_read_source(lua_State *L, lcx_state *s, int index, lcx_input *input, cx_format_source *out);
int lcx_import(lua_State *L, lcx_state *s, cx_store *store, cx_base *base);
void lcx_read_history_options(lua_State *L, lcx_state *s, int index, cx_history_options *out);
void lcx_push_history_options(lua_State *L, const cx_history_options *opts);
void lcx_push_history_row(lua_State *L, const cx_history_row *row);
void lcx_push_stage(lua_State *L, const cx_stage_result *result);
void lcx_read_ranker_options(lua_State *L, lcx_state *s, int index, cx_ranker_options *out);
int lcx_rank(lua_State *L, lcx_state *s, const cx_ranker *ranker, cx_base *base);
void lcx_read_store_options(lua_State *L, lcx_state *s, int index, cx_store_options *out);
void lcx_read_save_options(lua_State *L, lcx_state *s, int index, cx_model_save_options *out);
void lcx_read_open_options(lua_State *L, lcx_state *s, int index, cx_model_open_options *out);
const char *lcx_unit_text(int32_t unit);

#endif

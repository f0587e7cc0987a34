/* SPDX-License-Identifier: MIT */
/* The canonical export: JSON Lines in an order that depends on content alone. Arrival times, numbers of rows and what
 * is derived but for the people are left out. Format: docs/store.md. */
#include "store/store.h"

#include "format/json.h"

#define EXPORT_VERSION 1
#define CHUNK (1u << 16)

typedef struct writer {
  cx_context *ctx;
  cx_store *store;
  cx_write_fn write;
  void *user;
  cx__buffer out;    /* whole lines, and the one being written */
  cx__buffer padded; /* properties as the parser wants them */
  cx__json *json;
  cx__arena arena;
  uint64_t done, total;
  bool separate; /* a comma is due before the next member or element */
  bool failed;   /* memory was short */
} writer;

static void put(writer *to, const char *bytes, size_t size) {
  if (!cx__buffer_append(&to->out, bytes, size)) to->failed = true;
}

static void put_text(writer *to, const char *terminated) { put(to, terminated, strlen(terminated)); }

/** A JSON string (RFC 8259, section 7): what must be escaped is, all else stands as it is. */
static void put_string(writer *to, cx_text text) {
  static const char digits[] = "0123456789abcdef";
  put(to, "\"", 1);
  size_t from = 0;
  for (size_t i = 0; i < text.size; i++) {
    const unsigned char byte = (unsigned char)text.data[i];
    if (byte >= ' ' && byte != '"' && byte != '\\') continue;
    put(to, text.data + from, i - from);
    from = i + 1;
    char escaped[6] = {'\\', (char)byte, '0', '0', digits[byte >> 4], digits[byte & 15]};
    if (byte < ' ') escaped[1] = 'u';
    put(to, escaped, byte < ' ' ? 6 : 2);
  }
  if (text.size > from) put(to, text.data + from, text.size - from);
  put(to, "\"", 1);
}

static void put_key(writer *to, const char *key) {
  if (to->separate) put(to, ",", 1);
  put(to, "\"", 1);
  put_text(to, key);
  put(to, "\":", 2);
  to->separate = true;
}

static void member_text(writer *to, const char *key, cx_text text) {
  if (text.size == 0) return;
  put_key(to, key);
  put_string(to, text);
}

static void member_time(writer *to, const char *key, int64_t time) {
  char text[40];
  if (time == CX_TIME_NONE) return;
  const cx_text printed = {text, cx__print_time(time, text, sizeof text)};
  member_text(to, key, printed);
}

static void member_raw(writer *to, const char *key, const char *text, size_t size) {
  put_key(to, key);
  put(to, text, size);
}

static void member_decimal(writer *to, const char *key, cx_decimal value) {
  char text[CX__NUMBER_SIZE];
  if (value.scale >= 0) member_raw(to, key, text, cx__print_decimal(value, text));
}

static void member_true(writer *to, const char *key, bool value) {
  if (value) member_raw(to, key, "true", 4);
}

static void open_object(writer *to) {
  if (to->separate) put(to, ",", 1);
  put(to, "{", 1);
  to->separate = false;
}

static void close_object(writer *to) {
  put(to, "}", 1);
  to->separate = true;
}

static void open_member(writer *to, const char *key, const char *bracket) {
  put_key(to, key);
  put_text(to, bracket);
  to->separate = false;
}

static void close_member(writer *to, const char *bracket) {
  put_text(to, bracket);
  to->separate = true;
}

static void put_identifier(writer *to, cx_text name_space, cx_text value, bool verified) {
  member_text(to, "namespace", name_space);
  member_text(to, "value", value);
  member_true(to, "verified", verified);
}

static void member_identifier(writer *to, const char *key, cx_text name_space, cx_text value, bool verified) {
  if (name_space.size == 0) return;
  open_member(to, key, "{");
  put_identifier(to, name_space, value, verified);
  close_member(to, "}");
}

static void begin_line(writer *to, const char *record) {
  to->separate = false;
  open_object(to);
  member_text(to, "record", cx__text(record));
}

static cx_status drain(writer *to) {
  if (to->out.size == 0) return CX_OK;
  const int answer = to->write(to->user, to->out.data, to->out.size);
  to->out.size = 0;
  return answer == 0 ? CX_OK : cx__fail(to->ctx, CX_ERR_CANCELLED, "cancelled by the writer");
}

static cx_status end_line(writer *to) {
  put(to, "}\n", 2);
  if (to->failed) return cx__no_memory(to->ctx);
  const cx_status status = to->out.size >= CHUNK ? drain(to) : CX_OK;
  if (status != CX_OK) return status;
  to->done++;
  return cx__progress(to->ctx, "export", to->done < to->total ? to->done : to->total, to->total);
}

/** Properties as the object they are; what is no JSON, which only another program than the readers can have stored, as
 * a string. Line ends between values become blanks, so that a record stays one line. */
static cx_status member_properties(writer *to, cx_text text) {
  if (text.size == 0) return CX_OK;
  static const char zeros[CX__JSON_PADDING] = {0};
  to->padded.size = 0;
  if (!cx__buffer_append(&to->padded, text.data, text.size) || !cx__buffer_append(&to->padded, zeros, sizeof zeros))
    return cx__no_memory(to->ctx);
  cx__json_document document;
  const cx_status status = cx__json_parse(to->json, to->padded.data, text.size, &document);
  if (status == CX_ERR_NOMEM) return cx__no_memory(to->ctx);
  if (status != CX_OK) {
    member_text(to, "properties", text);
    return CX_OK;
  }
  for (size_t i = 0; i < text.size; i++)
    if ((unsigned char)to->padded.data[i] < ' ') to->padded.data[i] = ' ';
  member_raw(to, "properties", to->padded.data, text.size);
  return CX_OK;
}

/** Runs row() for each row of a statement. */
static cx_status each(writer *to, int number, cx_status (*row)(writer *, sqlite3_stmt *)) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(to->ctx, to->store, number, &status);
  if (!statement) return status;
  if (sqlite3_bind_parameter_count(statement) > 0) cx__bind_int64(to->store, statement, 1, CX_TIME_NONE);
  while ((status = cx__sql_step(to->ctx, to->store, statement)) == CX_OK) {
    status = row(to, statement);
    if (status != CX_OK) break;
  }
  cx__sql_reset(statement);
  return status == CX_DONE ? CX_OK : status;
}

static cx_status export_people(writer *to) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(to->ctx, to->store, CX__SQL_EXPORT_PEOPLE, &status);
  if (!statement) return status;
  int64_t person = 0;
  bool open = false;
  while ((status = cx__sql_step(to->ctx, to->store, statement)) == CX_OK) {
    const int64_t next = sqlite3_column_int64(statement, 0);
    if (open && next != person) {
      close_member(to, "]");
      status = end_line(to);
      if (status != CX_OK) break;
    }
    if (!open || next != person) {
      char id[CX_PARTY_ID_SIZE];
      cx_party_format_id(next, id);
      begin_line(to, "person");
      member_text(to, "id", cx__text(id));
      open_member(to, "identifiers", "[");
    }
    open = true;
    person = next;
    open_object(to);
    put_identifier(to, cx__column_of(statement, 1), cx__column_of(statement, 2),
                   sqlite3_column_int64(statement, 3) != 0);
    close_object(to);
  }
  cx__sql_reset(statement);
  if (status != CX_DONE) return status;
  if (!open) return CX_OK;
  close_member(to, "]");
  return end_line(to);
}

static cx_status export_assertion(writer *to, sqlite3_stmt *row) {
  static const char *const kinds[] = {"",
#define KIND_TEXT(name, value, text) text,
                                      CX_ASSERTION_MAP(KIND_TEXT)
#undef KIND_TEXT
  };
  const int64_t kind = sqlite3_column_int64(row, 1), verified = sqlite3_column_int64(row, 6);
  begin_line(to, "assertion");
  member_text(to, "id", cx__column_of(row, 0));
  if (kind >= CX_ASSERTION_SAME && kind <= CX_ASSERTION_RETRACT) member_text(to, "kind", cx__text(kinds[kind]));
  member_identifier(to, "a", cx__column_of(row, 2), cx__column_of(row, 3), (verified & 1) != 0);
  member_identifier(to, "b", cx__column_of(row, 4), cx__column_of(row, 5), (verified & 2) != 0);
  member_text(to, "retracts", cx__column_of(row, 7));
  member_time(to, "time", sqlite3_column_int64(row, 8));
  member_text(to, "source", cx__column_of(row, 9));
  member_text(to, "reason", cx__column_of(row, 10));
  return end_line(to);
}

static cx_status export_content(writer *to, sqlite3_stmt *row) {
  begin_line(to, "content");
  member_text(to, "id", cx__column_of(row, 1));
  member_text(to, "title", cx__column_of(row, 2));
  cx_status status;
  sqlite3_stmt *topics = cx__sql_get(to->ctx, to->store, CX__SQL_TOPICS, &status);
  if (!topics) return status;
  cx__bind_int64(to->store, topics, 1, sqlite3_column_int64(row, 0));
  open_member(to, "topics", "[");
  while ((status = cx__sql_step(to->ctx, to->store, topics)) == CX_OK) {
    if (to->separate) put(to, ",", 1);
    put_string(to, cx__column_of(topics, 0));
    to->separate = true;
  }
  if (status < 0) return status;
  close_member(to, "]");
  member_time(to, "time", cx__time_of(row, 3));
  member_time(to, "published", cx__time_of(row, 4));
  member_time(to, "valid_from", cx__time_of(row, 5));
  member_time(to, "valid_until", cx__time_of(row, 6));
  return end_line(to);
}

static cx_status export_event(writer *to, sqlite3_stmt *row) {
  cx_event event;
  cx__arena_clear(&to->arena);
  cx_status status = cx__read_event(to->ctx, to->store, row, &to->arena, &event);
  if (status != CX_OK) return status;
  begin_line(to, "event");
  member_text(to, "id", event.id);
  member_text(to, "kind", cx__text(cx_event_kind_text(event.kind)));
  if (event.who_count > 0) {
    open_member(to, "who", "[");
    for (size_t i = 0; i < event.who_count; i++) {
      open_object(to);
      put_identifier(to, event.who[i].name_space, event.who[i].value, event.who[i].verified != 0);
      close_object(to);
    }
    close_member(to, "]");
  }
  member_time(to, "time", event.time);
  member_text(to, "name", event.name);
  member_text(to, "channel", event.channel);
  member_text(to, "order", event.order);
  member_text(to, "currency", cx__text(event.currency));
  if (event.lines_count > 0) {
    open_member(to, "lines", "[");
    for (size_t i = 0; i < event.lines_count; i++) {
      open_object(to);
      member_text(to, "item", event.lines[i].item);
      member_text(to, "title", event.lines[i].title);
      member_decimal(to, "quantity", event.lines[i].quantity);
      member_decimal(to, "price", event.lines[i].price);
      close_object(to);
    }
    close_member(to, "]");
  }
  status = member_properties(to, event.properties);
  if (status != CX_OK) return status;
  member_true(to, "collision", sqlite3_column_int64(row, 3) != 0);
  return end_line(to);
}

static cx_status export_preference(writer *to, sqlite3_stmt *row) {
  char number[CX__NUMBER_SIZE];
  begin_line(to, "preference");
  member_text(to, "id", cx__column_of(row, 3));
  member_identifier(to, "who", cx__column_of(row, 0), cx__column_of(row, 1), sqlite3_column_int64(row, 2) != 0);
  member_text(to, "topic", cx__column_of(row, 4));
  member_raw(to, "strength", number, cx__print_double(sqlite3_column_double(row, 5), number));
  member_text(to, "source", cx__column_of(row, 6));
  member_time(to, "time", sqlite3_column_int64(row, 7));
  member_time(to, "valid_until", cx__time_of(row, 8));
  return end_line(to);
}

static cx_status export_consent(writer *to, sqlite3_stmt *row) {
  begin_line(to, "consent");
  member_text(to, "id", cx__column_of(row, 3));
  member_identifier(to, "who", cx__column_of(row, 0), cx__column_of(row, 1), sqlite3_column_int64(row, 2) != 0);
  member_text(to, "purpose", cx__column_of(row, 4));
  member_text(to, "channel", cx__column_of(row, 5));
  member_text(to, "state", cx__text(cx_consent_state_text((int32_t)sqlite3_column_int64(row, 6))));
  member_text(to, "basis", cx__text(cx_basis_text((int32_t)sqlite3_column_int64(row, 7))));
  member_text(to, "evidence", cx__column_of(row, 8));
  member_text(to, "source", cx__column_of(row, 9));
  member_time(to, "time", sqlite3_column_int64(row, 10));
  member_time(to, "valid_until", cx__time_of(row, 11));
  return end_line(to);
}

static cx_status export_all(writer *to) {
  char version[CX__NUMBER_SIZE];
  begin_line(to, "export");
  member_raw(to, "version", version, cx__print_int64(EXPORT_VERSION, version));
  cx_status status = end_line(to);
  if (status == CX_OK) status = export_people(to);
  if (status == CX_OK) status = each(to, CX__SQL_EXPORT_ASSERTIONS, export_assertion);
  if (status == CX_OK) status = each(to, CX__SQL_EXPORT_CONTENTS, export_content);
  if (status == CX_OK) status = each(to, CX__SQL_EXPORT_EVENTS, export_event);
  if (status == CX_OK) status = each(to, CX__SQL_EXPORT_PREFERENCES, export_preference);
  if (status == CX_OK) status = each(to, CX__SQL_EXPORT_CONSENTS, export_consent);
  return status == CX_OK ? drain(to) : status;
}

cx_status cx_store_export(cx_context *ctx, cx_store *store, cx_write_fn write, void *user) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!store) return cx__null(ctx, "store");
  if (!write) return cx__null(ctx, "write");
  status = cx__store_look(ctx, store);
  if (status != CX_OK) return status;
  writer to = {.ctx = ctx, .store = store, .write = write, .user = user};
  cx__buffer_init(&to.out, cx__allocator(ctx));
  cx__buffer_init(&to.padded, cx__allocator(ctx));
  cx__arena_init(&to.arena, cx__allocator(ctx));
  to.json = cx__json_new(cx__allocator(ctx));
  const int64_t *counts = store->counts;
  to.total = (uint64_t)(counts[CX__COUNT_EVENTS] + counts[CX__COUNT_ASSERTIONS] + counts[CX__COUNT_CONTENTS] +
                        counts[CX__COUNT_PREFERENCES] + counts[CX__COUNT_CONSENTS] + counts[CX__COUNT_IDENTIFIERS]);
  status = to.json ? cx__progress(ctx, "export", 0, to.total) : cx__no_memory(ctx);
  if (status == CX_OK) status = export_all(&to);
  if (status == CX_OK) status = cx__progress(ctx, "export", to.total, to.total);
  cx__store_look_away(store);
  cx__buffer_free(&to.out);
  cx__buffer_free(&to.padded);
  cx__arena_free(&to.arena);
  cx__json_free(to.json);
  return status;
}

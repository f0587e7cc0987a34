/* SPDX-License-Identifier: MIT */
/* Rows of an import, kept in memory until they are written in one transaction. What an index is looked up or filled by
 * is sorted first: messages by hash, events by identifier and time. That keeps an import fast when the indexes are much
 * larger than a batch, since each of their pages is then visited once. */
#include "store/store.h"

#include "format/format.h"

#include <stdlib.h>

typedef struct batch_row {
  bool stored, collided, anonymous, is_return, bad;
} batch_row;

typedef struct batch_event {
  cx_event event;
  cx__arrival arrival;
  size_t row;
  cx__outcome outcome;
  bool marks; /* its id has other content too: the original is decided anew */
} batch_event;

typedef struct batch_other {
  cx__record record;
  size_t row;
} batch_other;

typedef struct batch_bad {
  cx_text raw;
  uint64_t row, byte;
  int32_t reason;
  size_t index; /* among the rows of the batch */
} batch_bad;

/** What is sorted: two keys, then the place. */
typedef struct sort_key {
  int64_t first, second;
  size_t index;
} sort_key;

struct cx__batch {
  cx_allocator allocator;
  cx__arena arena;
  size_t bytes;
  batch_row *rows;
  size_t rows_count, rows_capacity;
  batch_event *events;
  size_t events_count, events_capacity;
  batch_other *others;
  size_t others_count, others_capacity;
  batch_bad *bad;
  size_t bad_count, bad_capacity;
  sort_key *keys;
  size_t keys_capacity;
  int64_t *numbers; /* of the identifiers of the events */
  size_t numbers_capacity;
};

cx__batch *cx__batch_new(const cx_allocator *allocator) {
  cx__batch *batch = cx__alloc_zero(allocator, sizeof *batch);
  if (!batch) return NULL;
  batch->allocator = *allocator;
  cx__arena_init(&batch->arena, allocator);
  return batch;
}

void cx__batch_free(cx__batch *batch) {
  if (!batch) return;
  const cx_allocator allocator = batch->allocator;
  cx__arena_free(&batch->arena);
  cx__free(&allocator, batch->rows);
  cx__free(&allocator, batch->events);
  cx__free(&allocator, batch->others);
  cx__free(&allocator, batch->bad);
  cx__free(&allocator, batch->keys);
  cx__free(&allocator, batch->numbers);
  cx__free(&allocator, batch);
}

size_t cx__batch_rows(const cx__batch *batch) { return batch->rows_count; }

size_t cx__batch_bytes(const cx__batch *batch) { return batch->bytes; }

static void clear(cx__batch *batch) {
  cx__arena_clear(&batch->arena);
  batch->bytes = 0;
  batch->rows_count = batch->events_count = batch->others_count = batch->bad_count = 0;
}

/* ---- copying ----------------------------------------------------------------------------------------------------- */

/** One block of the arena that the texts of a record are laid into. */
typedef struct block {
  char *at;
} block;

static void move_text(block *to, cx_text *text) {
  if (text->size == 0) {
    *text = (cx_text){NULL, 0};
    return;
  }
  memcpy(to->at, text->data, text->size);
  text->data = to->at;
  to->at += text->size;
}

static void move_identifier(block *to, cx_identifier *identifier) {
  move_text(to, &identifier->name_space);
  move_text(to, &identifier->value);
}

static size_t identifier_size(const cx_identifier *identifier) {
  return identifier->name_space.size + identifier->value.size;
}

static void *take(cx__batch *batch, size_t size) {
  batch->bytes += size;
  return cx__arena_alloc(&batch->arena, size);
}

static bool copy_event(cx__batch *batch, const cx_event *given, cx_event *out) {
  size_t size = given->id.size + given->name.size + given->channel.size + given->order.size + given->properties.size;
  for (size_t i = 0; i < given->who_count; i++) size += identifier_size(&given->who[i]);
  for (size_t i = 0; i < given->lines_count; i++) size += given->lines[i].item.size + given->lines[i].title.size;
  cx_identifier *who = take(batch, given->who_count * sizeof *who);
  cx_event_line *lines = take(batch, given->lines_count * sizeof *lines);
  block to = {take(batch, size)};
  if (!who || !lines || !to.at) return false;
  *out = *given;
  move_text(&to, &out->id);
  move_text(&to, &out->name);
  move_text(&to, &out->channel);
  move_text(&to, &out->order);
  move_text(&to, &out->properties);
  for (size_t i = 0; i < given->who_count; i++) {
    who[i] = given->who[i];
    move_identifier(&to, &who[i]);
  }
  for (size_t i = 0; i < given->lines_count; i++) {
    lines[i] = given->lines[i];
    move_text(&to, &lines[i].item);
    move_text(&to, &lines[i].title);
  }
  out->who = who;
  out->lines = lines;
  return true;
}

static bool copy_assertion(cx__batch *batch, cx_assertion *record) {
  block to = {take(batch, record->id.size + identifier_size(&record->a) + identifier_size(&record->b) +
                              record->retracts.size + record->source.size + record->reason.size)};
  if (!to.at) return false;
  move_text(&to, &record->id);
  move_identifier(&to, &record->a);
  move_identifier(&to, &record->b);
  move_text(&to, &record->retracts);
  move_text(&to, &record->source);
  move_text(&to, &record->reason);
  return true;
}

static bool copy_content(cx__batch *batch, cx_content *record) {
  size_t size = record->id.size + record->title.size;
  for (size_t i = 0; i < record->topics_count; i++) size += record->topics[i].size;
  cx_text *topics = take(batch, record->topics_count * sizeof *topics);
  block to = {take(batch, size)};
  if (!topics || !to.at) return false;
  move_text(&to, &record->id);
  move_text(&to, &record->title);
  for (size_t i = 0; i < record->topics_count; i++) {
    topics[i] = record->topics[i];
    move_text(&to, &topics[i]);
  }
  record->topics = topics;
  return true;
}

static bool copy_preference(cx__batch *batch, cx_preference *record) {
  block to = {take(batch, record->id.size + identifier_size(&record->who) + record->topic.size + record->source.size)};
  if (!to.at) return false;
  move_text(&to, &record->id);
  move_identifier(&to, &record->who);
  move_text(&to, &record->topic);
  move_text(&to, &record->source);
  return true;
}

static bool copy_consent(cx__batch *batch, cx_consent *record) {
  block to = {take(batch, record->id.size + identifier_size(&record->who) + record->purpose.size +
                              record->channel.size + record->evidence.size + record->source.size)};
  if (!to.at) return false;
  move_text(&to, &record->id);
  move_identifier(&to, &record->who);
  move_text(&to, &record->purpose);
  move_text(&to, &record->channel);
  move_text(&to, &record->evidence);
  move_text(&to, &record->source);
  return true;
}

static cx_status add_event(cx_context *ctx, cx__batch *batch, const cx__record *record, size_t row) {
  if (!cx__grow(&batch->allocator, &batch->events, &batch->events_capacity, batch->events_count + 1,
                sizeof *batch->events))
    return cx__no_memory(ctx);
  batch_event *event = &batch->events[batch->events_count];
  *event = (batch_event){.row = row};
  cx__hash128 digest;
  const cx_status status = cx__record_digest(ctx, record, &digest);
  if (status != CX_OK) return status;
  if (!copy_event(batch, &record->of.event, &event->event)) return cx__no_memory(ctx);
  event->arrival.id_hash = (int64_t)cx__hash(event->event.id.data, event->event.id.size);
  event->arrival.digest = (int64_t)digest.low;
  batch->bytes += sizeof *event;
  batch->events_count++;
  return CX_OK;
}

static cx_status add_other(cx_context *ctx, cx__batch *batch, const cx__record *record, size_t row) {
  if (!cx__grow(&batch->allocator, &batch->others, &batch->others_capacity, batch->others_count + 1,
                sizeof *batch->others))
    return cx__no_memory(ctx);
  batch_other *other = &batch->others[batch->others_count];
  other->record = *record;
  other->row = row;
  bool copied = false;
  switch (record->kind) {
  case CX__RECORD_ASSERTION:
    copied = copy_assertion(batch, &other->record.of.assertion);
    break;
  case CX__RECORD_CONTENT:
    copied = copy_content(batch, &other->record.of.content);
    break;
  case CX__RECORD_PREFERENCE:
    copied = copy_preference(batch, &other->record.of.preference);
    break;
  case CX__RECORD_CONSENT:
    copied = copy_consent(batch, &other->record.of.consent);
    break;
  case CX__RECORD_EVENT:
    break;
  }
  if (!copied) return cx__no_memory(ctx);
  batch->bytes += sizeof *other;
  batch->others_count++;
  return CX_OK;
}

static cx_status add_bad(cx_context *ctx, cx__batch *batch, const cx__reader_row *row, size_t index) {
  if (!cx__grow(&batch->allocator, &batch->bad, &batch->bad_capacity, batch->bad_count + 1, sizeof *batch->bad))
    return cx__no_memory(ctx);
  char *raw = take(batch, row->raw.size);
  if (!raw) return cx__no_memory(ctx);
  if (row->raw.size > 0) memcpy(raw, row->raw.data, row->raw.size);
  batch->bad[batch->bad_count++] =
      (batch_bad){.raw = {raw, row->raw.size}, .row = row->row, .byte = row->byte, .reason = row->bad, .index = index};
  return CX_OK;
}

cx_status cx__batch_add(cx_context *ctx, cx__batch *batch, const cx__reader_row *row) {
  if (!cx__grow(&batch->allocator, &batch->rows, &batch->rows_capacity, batch->rows_count + 1, sizeof *batch->rows))
    return cx__no_memory(ctx);
  const size_t index = batch->rows_count;
  batch->rows[index] = (batch_row){.anonymous = row->anonymous, .is_return = row->is_return, .bad = row->bad != 0};
  cx_status status = row->bad != 0 ? add_bad(ctx, batch, row, index) : CX_OK;
  for (size_t i = 0; status == CX_OK && row->bad == 0 && i < row->records_count; i++) {
    const cx__record *record = &row->records[i];
    status =
        record->kind == CX__RECORD_EVENT ? add_event(ctx, batch, record, index) : add_other(ctx, batch, record, index);
  }
  if (status == CX_OK) batch->rows_count++;
  return status;
}

/* ---- writing ------------------------------------------------------------------------------------------------------
 */

static int compare_keys(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  if (a->first != b->first) return a->first < b->first ? -1 : 1;
  if (a->second != b->second) return a->second < b->second ? -1 : 1;
  return a->index < b->index ? -1 : a->index > b->index;
}

/** Sorts events by message, and tells for each whether it is new. Of equal ones in the batch the first stays. */
static cx_status sort_out(cx_context *ctx, cx_store *store, cx__batch *batch) {
  const size_t count = batch->events_count;
  if (!cx__grow(&batch->allocator, &batch->keys, &batch->keys_capacity, count, sizeof *batch->keys))
    return cx__no_memory(ctx);
  for (size_t i = 0; i < count; i++) {
    batch->events[i].arrival.event = &batch->events[i].event;
    batch->keys[i] = (sort_key){batch->events[i].arrival.id_hash, batch->events[i].arrival.digest, i};
  }
  if (count > 0) qsort(batch->keys, count, sizeof *batch->keys, compare_keys);
  for (size_t i = 0; i < count; i++) {
    batch_event *event = &batch->events[batch->keys[i].index];
    if (i > 0 && batch->keys[i - 1].first == batch->keys[i].first &&
        batch->keys[i - 1].second == batch->keys[i].second) {
      event->outcome = CX__DUPLICATE;
      continue;
    }
    const cx_status status = cx__event_look(ctx, store, &event->arrival, &event->outcome);
    if (status != CX_OK) return status;
    event->marks = event->outcome == CX__COLLISION;
    /* Others of this batch with the same id stand just before. None of them is in the store, which has no such id. */
    for (size_t k = i; event->outcome == CX__STORED && k-- > 0 && batch->keys[k].first == batch->keys[i].first;) {
      if (!cx__text_equal(batch->events[batch->keys[k].index].event.id, event->event.id)) continue;
      event->outcome = CX__COLLISION;
      event->marks = true;
    }
  }
  return CX_OK;
}

/** Numbers of the identifiers of all new events, one after the other. */
static cx_status identify(cx_context *ctx, cx_store *store, cx__batch *batch) {
  size_t need = 0, used = 0;
  for (size_t i = 0; i < batch->events_count; i++)
    if (batch->events[i].outcome != CX__DUPLICATE) need += batch->events[i].event.who_count;
  if (!cx__grow(&batch->allocator, &batch->numbers, &batch->numbers_capacity, need, sizeof *batch->numbers))
    return cx__no_memory(ctx);
  for (size_t i = 0; i < batch->events_count; i++) {
    batch_event *event = &batch->events[i];
    if (event->outcome == CX__DUPLICATE) continue;
    event->arrival.who = batch->numbers + used;
    for (size_t k = 0; k < event->event.who_count; k++) {
      const cx_status status =
          cx__store_identify(ctx, store, &event->event.who[k], event->event.time, &batch->numbers[used++]);
      if (status != CX_OK) return status;
    }
  }
  return CX_OK;
}

/** Rows of new events, in the order of identifier and time. Leaves their keys in front, *count of them. */
static cx_status write_rows(cx_context *ctx, cx_store *store, cx__batch *batch, size_t *count) {
  size_t fresh = 0;
  for (size_t i = 0; i < batch->events_count; i++) {
    const batch_event *event = &batch->events[i];
    if (event->outcome == CX__DUPLICATE) continue;
    const int64_t who = event->event.who_count > 0 ? event->arrival.who[0] : 0;
    batch->keys[fresh++] = (sort_key){who, event->event.time, i};
  }
  if (fresh > 0) qsort(batch->keys, fresh, sizeof *batch->keys, compare_keys);
  *count = fresh;
  for (size_t i = 0; i < fresh; i++) {
    batch_event *event = &batch->events[batch->keys[i].index];
    const cx_status status = cx__event_write(ctx, store, &event->arrival);
    if (status != CX_OK) return status;
    batch->rows[event->row].stored = true;
    if (event->outcome == CX__COLLISION) batch->rows[event->row].collided = true;
    if ((i & 1023) == 0 && cx__cancelled(ctx)) return cx__fail(ctx, CX_ERR_CANCELLED, "cancelled");
  }
  return CX_OK;
}

static cx_status write_events(cx_context *ctx, cx_store *store, cx__batch *batch) {
  size_t count = 0;
  cx_status status = write_rows(ctx, store, batch, &count);
  if (status != CX_OK) return status;
  for (size_t i = 0; i < count; i++) {
    const batch_event *event = &batch->events[batch->keys[i].index];
    batch->keys[i].first = event->arrival.id_hash;
    batch->keys[i].second = event->arrival.digest;
  }
  if (count > 0) qsort(batch->keys, count, sizeof *batch->keys, compare_keys);
  for (size_t i = 0; status == CX_OK && i < count; i++)
    status = cx__event_write_message(ctx, store, &batch->events[batch->keys[i].index].arrival);
  const batch_event *marked = NULL; /* once for each id: those that share one follow each other */
  for (size_t i = 0; status == CX_OK && i < count; i++) {
    const batch_event *event = &batch->events[batch->keys[i].index];
    if (!event->marks || (marked && cx__text_equal(marked->event.id, event->event.id))) continue;
    status = cx__event_mark(ctx, store, &event->arrival);
    marked = event;
  }
  return status;
}

static cx_status write_others(cx_context *ctx, cx_store *store, cx__batch *batch) {
  cx_status status = CX_OK;
  for (size_t i = 0; status == CX_OK && i < batch->others_count; i++) {
    const batch_other *other = &batch->others[i];
    cx__outcome outcome = CX__STORED;
    status = cx__store_put(ctx, store, &other->record, &outcome);
    if (outcome != CX__DUPLICATE) batch->rows[other->row].stored = true;
    if (outcome == CX__COLLISION) batch->rows[other->row].collided = true;
  }
  return status;
}

/** A bad row is known by its place and bytes: the same file again does not fill the quarantine, whatever its name. */
static cx_status write_bad(cx_context *ctx, cx_store *store, cx__batch *batch, const batch_bad *bad,
                           const char *source) {
  const uint64_t place[3] = {bad->row, bad->byte, (uint64_t)bad->reason};
  cx__hash128 key = cx__hash_wide(bad->raw.data, bad->raw.size);
  const cx__hash128 where = cx__hash_wide(place, sizeof place);
  key.low = cx__hash_mix(key.low, where.low);
  key.high = cx__hash_mix(key.high, where.high);
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, store, CX__SQL_QUARANTINE_FIND, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, (int64_t)key.low);
  cx__bind_int64(store, statement, 2, (int64_t)key.high);
  status = cx__sql_step(ctx, store, statement);
  cx__sql_reset(statement);
  if (status != CX_DONE) return status;
  statement = cx__sql_get(ctx, store, CX__SQL_QUARANTINE_ADD, &status);
  if (!statement) return status;
  cx__bind_int64(store, statement, 1, (int64_t)key.low);
  cx__bind_int64(store, statement, 2, (int64_t)key.high);
  cx__bind_text(store, statement, 3, cx__text(source && source[0] ? source : "input"));
  cx__bind_int64(store, statement, 4, (int64_t)bad->row);
  cx__bind_int64(store, statement, 5, (int64_t)bad->byte);
  cx__bind_int64(store, statement, 6, bad->reason);
  cx__bind_bytes(store, statement, 7, bad->raw);
  status = cx__sql_run(ctx, store, statement);
  if (status != CX_OK) return status;
  store->counts[CX__COUNT_QUARANTINED]++;
  batch->rows[bad->index].stored = true;
  return CX_OK;
}

static void count_rows(const cx__batch *batch, cx__batch_counts *counts) {
  size_t bad = 0;
  for (size_t i = 0; i < batch->rows_count; i++) {
    const batch_row *row = &batch->rows[i];
    const batch_bad *reason = row->bad ? &batch->bad[bad++] : NULL;
    if (!row->stored) {
      counts->duplicates++;
    } else if (reason) {
      if (counts->quarantined++ == 0) {
        counts->first_bad = reason->row;
        counts->first_bad_reason = reason->reason;
      }
    } else {
      counts->stored++;
      if (row->collided) counts->collisions++;
      if (row->anonymous) counts->anonymous++;
      if (row->is_return) counts->returns++;
    }
  }
}

cx_status cx__batch_write(cx_context *ctx, cx_store *store, cx__batch *batch, const char *source,
                          cx__batch_counts *counts) {
  cx_status status = sort_out(ctx, store, batch);
  if (status == CX_OK) status = identify(ctx, store, batch);
  if (status == CX_OK) status = write_events(ctx, store, batch);
  if (status == CX_OK) status = write_others(ctx, store, batch);
  for (size_t i = 0; status == CX_OK && i < batch->bad_count; i++)
    status = write_bad(ctx, store, batch, &batch->bad[i], source);
  if (status != CX_OK) return status;
  count_rows(batch, counts);
  clear(batch);
  return CX_OK;
}

/* SPDX-License-Identifier: MIT */
/* From assertions to people. A person is the set of identifiers that the assertions join; the id of a person comes from
 * the identifier seen first, then from the smaller namespace and value. Both depend on the records alone, not on the
 * order of their arrival. Only what the touched identifiers are joined with is looked at again. */
#include "store/store.h"

#include <stdlib.h>

/** One identifier of the group that is being resolved. */
typedef struct member {
  int64_t number, first_seen, person;
  cx_text name_space, value;
} member;

typedef struct settling {
  cx_store *store;
  cx__arena arena;
  cx__number_set seen;  /* settled already in this call */
  cx__number_set group; /* number -> index in order of finding */
  int64_t *queue;
  size_t queue_count, queue_capacity;
  member *members;
  size_t members_capacity;
  cx_party_link *links;
  size_t links_count, links_capacity;
  uint32_t *people;
  size_t people_capacity;
} settling;

static cx_status reach(cx_context *ctx, settling *work, int64_t number) {
  uint32_t index;
  bool fresh;
  if (!cx__number_set_add(&work->group, number, &index, &fresh)) return cx__no_memory(ctx);
  if (!fresh) return CX_OK;
  if (!cx__grow(cx__allocator(ctx), &work->queue, &work->queue_capacity, work->queue_count + 1, sizeof *work->queue) ||
      !cx__number_set_add(&work->seen, number, &index, &fresh))
    return cx__no_memory(ctx);
  work->queue[work->queue_count++] = number;
  return CX_OK;
}

/** Follows SAME assertions that nothing takes back from a seed to all it may be one with. */
static cx_status gather(cx_context *ctx, settling *work, int64_t seed) {
  cx__number_set_free(&work->group);
  work->queue_count = 0;
  cx_status status = reach(ctx, work, seed);
  for (size_t i = 0; status == CX_OK && i < work->queue_count; i++) {
    sqlite3_stmt *statement = cx__sql_get(ctx, work->store, CX__SQL_LINKS, &status);
    if (!statement) return status;
    cx__bind_int64(work->store, statement, 1, work->queue[i]);
    while ((status = cx__sql_step(ctx, work->store, statement)) == CX_OK) {
      if (sqlite3_column_int64(statement, 0) != CX_ASSERTION_SAME) continue;
      status = reach(ctx, work, sqlite3_column_int64(statement, 1));
      if (status == CX_OK) status = reach(ctx, work, sqlite3_column_int64(statement, 2));
      if (status != CX_OK) break;
    }
    if (status == CX_DONE)
      status = CX_OK;
    else
      cx__sql_reset(statement);
  }
  return status;
}

static cx_status read_member(cx_context *ctx, settling *work, int64_t number, member *out) {
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, work->store, CX__SQL_IDENTIFIER_READ, &status);
  if (!statement) return status;
  cx__bind_int64(work->store, statement, 1, number);
  status = cx__sql_step(ctx, work->store, statement);
  if (status != CX_OK) return status;
  out->number = number;
  out->first_seen = sqlite3_column_int64(statement, 3);
  out->person = sqlite3_column_int64(statement, 4);
  if (!cx__column_copy(&work->arena, statement, 0, &out->name_space) ||
      !cx__column_copy(&work->arena, statement, 1, &out->value))
    status = cx__no_memory(ctx);
  cx__sql_reset(statement);
  return status;
}

static int compare_members(const void *left, const void *right) {
  const member *a = left, *b = right;
  if (a->first_seen != b->first_seen) return a->first_seen < b->first_seen ? -1 : 1;
  const int names = cx__text_compare(a->name_space, b->name_space);
  return names != 0 ? names : cx__text_compare(a->value, b->value);
}

/** The links among the members, by their place in the sorted order. */
static cx_status read_links(cx_context *ctx, settling *work, size_t count) {
  cx__number_set_free(&work->group);
  uint32_t index;
  bool fresh;
  for (size_t i = 0; i < count; i++)
    if (!cx__number_set_add(&work->group, work->members[i].number, &index, &fresh)) return cx__no_memory(ctx);
  work->links_count = 0;
  for (size_t i = 0; i < count; i++) {
    cx_status status;
    sqlite3_stmt *statement = cx__sql_get(ctx, work->store, CX__SQL_LINKS, &status);
    if (!statement) return status;
    cx__bind_int64(work->store, statement, 1, work->members[i].number);
    while ((status = cx__sql_step(ctx, work->store, statement)) == CX_OK) {
      uint32_t a, b;
      /* Each link comes from its first side alone. */
      if (sqlite3_column_int64(statement, 1) != work->members[i].number) continue;
      if (!cx__number_set_find(&work->group, sqlite3_column_int64(statement, 1), &a) ||
          !cx__number_set_find(&work->group, sqlite3_column_int64(statement, 2), &b))
        continue;
      if (!cx__grow(cx__allocator(ctx), &work->links, &work->links_capacity, work->links_count + 1,
                    sizeof *work->links)) {
        status = cx__no_memory(ctx);
        break;
      }
      const cx_text id = cx__column_of(statement, 4);
      work->links[work->links_count++] = (cx_party_link){.a = a,
                                                         .b = b,
                                                         .kind = (int32_t)sqlite3_column_int64(statement, 0),
                                                         .time = sqlite3_column_int64(statement, 3),
                                                         .order = cx__hash(id.data, id.size)};
    }
    if (status != CX_DONE) {
      cx__sql_reset(statement);
      return status;
    }
  }
  return CX_OK;
}

static cx_status write_person(cx_context *ctx, settling *work, const member *of, const member *founder) {
  const cx_identifier identifier = {.name_space = founder->name_space, .value = founder->value};
  const int64_t person = cx__person_id(&identifier);
  if (of->person == person) return CX_OK;
  cx_status status;
  sqlite3_stmt *statement = cx__sql_get(ctx, work->store, CX__SQL_IDENTIFIER_PERSON, &status);
  if (!statement) return status;
  cx__bind_int64(work->store, statement, 1, of->number);
  cx__bind_int64(work->store, statement, 2, person);
  return cx__sql_run(ctx, work->store, statement);
}

static cx_status resolve(cx_context *ctx, settling *work, int64_t seed) {
  cx__arena_clear(&work->arena);
  cx_status status = gather(ctx, work, seed);
  if (status != CX_OK) return status;
  const cx_allocator *allocator = cx__allocator(ctx);
  if (!cx__grow(allocator, &work->members, &work->members_capacity, work->queue_count, sizeof *work->members) ||
      !cx__grow(allocator, &work->people, &work->people_capacity, work->queue_count, sizeof *work->people))
    return cx__no_memory(ctx);
  size_t count = 0;
  for (size_t i = 0; i < work->queue_count; i++) {
    status = read_member(ctx, work, work->queue[i], &work->members[count]);
    if (status < 0) return status;
    if (status == CX_OK) count++; /* else a touch of a step that was undone */
  }
  if (count == 0) return CX_OK;
  if (count > UINT32_MAX) return cx__fail(ctx, CX_ERR_RANGE, "too many identifiers are joined");
  qsort(work->members, count, sizeof *work->members, compare_members);
  if (count == 1) return write_person(ctx, work, &work->members[0], &work->members[0]);
  status = read_links(ctx, work, count);
  if (status == CX_OK)
    status = cx_party_resolve(ctx, work->links, work->links_count, (uint32_t)count, work->people, NULL);
  for (size_t i = 0; status == CX_OK && i < count; i++)
    status = write_person(ctx, work, &work->members[i], &work->members[work->people[i]]);
  return status;
}

cx_status cx__store_settle(cx_context *ctx, cx_store *store) {
  cx_status status = cx__store_write_known(ctx, store);
  if (status != CX_OK || store->touched_count == 0) return status;
  settling work = {.store = store};
  cx__arena_init(&work.arena, cx__allocator(ctx));
  cx__number_set_init(&work.seen, cx__allocator(ctx));
  cx__number_set_init(&work.group, cx__allocator(ctx));
  for (size_t i = 0; status == CX_OK && i < store->touched_count; i++) {
    uint32_t index;
    if (!cx__number_set_find(&work.seen, store->touched[i], &index)) status = resolve(ctx, &work, store->touched[i]);
  }
  cx__arena_free(&work.arena);
  cx__number_set_free(&work.seen);
  cx__number_set_free(&work.group);
  cx__free(cx__allocator(ctx), work.queue);
  cx__free(cx__allocator(ctx), work.members);
  cx__free(cx__allocator(ctx), work.links);
  cx__free(cx__allocator(ctx), work.people);
  if (status == CX_OK) store->touched_count = 0;
  return status;
}

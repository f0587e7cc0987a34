/* SPDX-License-Identifier: MIT */
/* Assertions into people.
 *
 * Records are joined with union-find (Tarjan, J. ACM 22(2), 1975, with path halving). Beside it, a hash set holds the
 * pairs of sets that are kept apart, and each set a list of the records it is kept apart from. When two sets are
 * joined, the pairs of the one with the shorter list are written anew under the name of the other, so that each entry
 * is moved at most log n times and the question "may these be joined" stays one look-up. */
#include "record/record.h"

#define NONE UINT32_MAX

/** An entry in the list of records that a set is kept apart from. */
typedef struct apart {
  uint32_t record; /* the other side */
  uint32_t next;   /* number of the next entry, NONE at the end */
} apart;

typedef struct set {
  uint32_t parent;
  uint32_t first, last; /* of its list */
  uint32_t length;
} set;

typedef struct resolver {
  const cx_allocator *allocator;
  uint32_t records;
  set *sets;
  apart *entries;
  uint64_t *pairs; /* open addressing, linear probing; EMPTY or smaller root << 32 | larger root */
  size_t mask;
  cx_party_link *same; /* the links to follow, and room to sort them */
  cx_party_link *scratch;
  size_t same_count;
  size_t different_count;
} resolver;

/** No pair: a set is never kept apart from itself. */
#define EMPTY UINT64_C(0)

static uint32_t find(set *sets, uint32_t record) {
  while (sets[record].parent != record) {
    sets[record].parent = sets[sets[record].parent].parent;
    record = sets[record].parent;
  }
  return record;
}

static uint64_t pair_of(uint32_t a, uint32_t b) { return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a; }

static size_t slot_of(const resolver *r, uint64_t pair) {
  size_t slot = (size_t)cx__hash_mix(pair, 0) & r->mask;
  while (r->pairs[slot] != EMPTY && r->pairs[slot] != pair) slot = (slot + 1) & r->mask;
  return slot;
}

/** Takes a pair out and closes the gap, so that no look-up ends early. */
static void remove_pair(resolver *r, uint64_t pair) {
  size_t gap = slot_of(r, pair);
  if (r->pairs[gap] == EMPTY) return;
  for (size_t slot = (gap + 1) & r->mask; r->pairs[slot] != EMPTY; slot = (slot + 1) & r->mask) {
    const size_t home = (size_t)cx__hash_mix(r->pairs[slot], 0) & r->mask;
    if (((slot - home) & r->mask) < ((slot - gap) & r->mask)) continue;
    r->pairs[gap] = r->pairs[slot];
    gap = slot;
  }
  r->pairs[gap] = EMPTY;
}

static void add_pair(resolver *r, uint64_t pair) { r->pairs[slot_of(r, pair)] = pair; }

static void add_entry(resolver *r, uint32_t number, uint32_t record, uint32_t other) {
  set *own = &r->sets[record];
  r->entries[number] = (apart){.record = other, .next = NONE};
  if (own->length == 0) {
    own->first = number;
  } else {
    r->entries[own->last].next = number;
  }
  own->last = number;
  own->length++;
}

/** Joins two different sets that nothing keeps apart. */
static void join(resolver *r, uint32_t a, uint32_t b) {
  const uint32_t winner = r->sets[a].length >= r->sets[b].length ? a : b;
  const uint32_t loser = winner == a ? b : a;
  set *to = &r->sets[winner], *from = &r->sets[loser];
  uint32_t number = from->length > 0 ? from->first : NONE;
  while (number != NONE) {
    const uint32_t other = find(r->sets, r->entries[number].record);
    remove_pair(r, pair_of(loser, other));
    add_pair(r, pair_of(winner, other));
    number = r->entries[number].next;
  }
  if (from->length > 0) {
    if (to->length == 0) {
      to->first = from->first;
    } else {
      r->entries[to->last].next = from->first;
    }
    to->last = from->last;
    to->length += from->length;
  }
  from->parent = winner;
}

static bool comes_after(const cx_party_link *x, const cx_party_link *y) {
  if (x->time != y->time) return x->time > y->time;
  if (x->order != y->order) return x->order > y->order;
  if (x->a != y->a) return x->a > y->a;
  return x->b > y->b;
}

/** Merge sort from the bottom up; links that are equal in every key are the same link. */
static void sort_links(resolver *r) {
  const size_t n = r->same_count;
  for (size_t width = 1; width < n; width *= 2) {
    cx_party_link *from = r->same, *to = r->scratch;
    for (size_t start = 0; start < n; start += 2 * width) {
      const size_t middle = n - start < width ? n : start + width;
      const size_t end = n - middle < width ? n : middle + width;
      size_t left = start, right = middle;
      for (size_t i = start; i < end; i++) {
        const bool take_right = left == middle || (right < end && comes_after(&from[left], &from[right]));
        to[i] = take_right ? from[right++] : from[left++];
      }
    }
    r->same = to;
    r->scratch = from;
  }
}

static cx_status check_links(cx_context *ctx, resolver *r, const cx_party_link *links, size_t links_count) {
  for (size_t i = 0; i < links_count; i++) {
    const cx_party_link *link = &links[i];
    if (link->a >= r->records || link->b >= r->records)
      return cx__fail(ctx, CX_ERR_RANGE, "links[%zu] names a record that does not exist", i);
    if (link->kind != CX_ASSERTION_SAME && link->kind != CX_ASSERTION_DIFFERENT)
      return cx__fail(ctx, CX_ERR_INVALID, "links[%zu].kind must be same or different", i);
    if (link->reserved != 0) return cx__fail(ctx, CX_ERR_INVALID, "links[%zu].reserved must be 0", i);
    if (link->a == link->b) continue; /* says nothing */
    if (link->kind == CX_ASSERTION_SAME) r->same_count++;
    if (link->kind == CX_ASSERTION_DIFFERENT) r->different_count++;
  }
  /* Two entries for each, and one number that means none. */
  if (r->different_count > (UINT32_MAX - 1) / 2)
    return cx__fail(ctx, CX_ERR_RANGE, "links must hold at most %u that say different", (UINT32_MAX - 1) / 2);
  return CX_OK;
}

static cx_status allocate(cx_context *ctx, resolver *r) {
  size_t slots = 2;
  while (slots < r->different_count * 2 + 1) slots *= 2;
  r->mask = slots - 1;
  r->sets = cx__alloc_array_zero(r->allocator, r->records, sizeof *r->sets);
  r->entries = cx__alloc_array(r->allocator, r->different_count * 2, sizeof *r->entries);
  r->pairs = cx__alloc_array_zero(r->allocator, slots, sizeof *r->pairs);
  r->same = cx__alloc_array(r->allocator, r->same_count, sizeof *r->same);
  r->scratch = cx__alloc_array(r->allocator, r->same_count, sizeof *r->scratch);
  return r->sets && r->entries && r->pairs && r->same && r->scratch ? CX_OK : cx__no_memory(ctx);
}

static void release(resolver *r) {
  cx__free(r->allocator, r->sets);
  cx__free(r->allocator, r->entries);
  cx__free(r->allocator, r->pairs);
  cx__free(r->allocator, r->same);
  cx__free(r->allocator, r->scratch);
}

/** Notes who is kept apart, and gathers the links to follow with the smaller record first. */
static void take_links(resolver *r, const cx_party_link *links, size_t links_count) {
  for (uint32_t i = 0; i < r->records; i++) r->sets[i].parent = i;
  size_t same = 0;
  uint32_t entries = 0;
  for (size_t i = 0; i < links_count; i++) {
    const cx_party_link *link = &links[i];
    if (link->a == link->b) continue;
    if (link->kind == CX_ASSERTION_SAME) {
      cx_party_link *own = &r->same[same++];
      *own = *link;
      if (own->a > own->b) {
        own->a = link->b;
        own->b = link->a;
      }
      continue;
    }
    const uint64_t pair = pair_of(link->a, link->b);
    const size_t slot = slot_of(r, pair);
    if (r->pairs[slot] == pair) continue;
    r->pairs[slot] = pair;
    add_entry(r, entries++, link->a, link->b);
    add_entry(r, entries++, link->b, link->a);
  }
}

cx_status cx_party_resolve(cx_context *ctx, const cx_party_link *links, size_t links_count, uint32_t records,
                           uint32_t *person, size_t *refused) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!links && links_count > 0) return cx__null(ctx, "links");
  if (!person && records > 0) return cx__null(ctx, "person");
  resolver r = {.allocator = cx__allocator(ctx), .records = records};
  status = check_links(ctx, &r, links, links_count);
  if (status != CX_OK) return status;
  status = allocate(ctx, &r);
  if (status == CX_OK) {
    take_links(&r, links, links_count);
    sort_links(&r);
    size_t vetoed = 0;
    for (size_t i = 0; i < r.same_count; i++) {
      const uint32_t a = find(r.sets, r.same[i].a), b = find(r.sets, r.same[i].b);
      if (a == b) continue;
      const uint64_t pair = pair_of(a, b);
      if (r.pairs[slot_of(&r, pair)] == pair) {
        vetoed++;
      } else {
        join(&r, a, b);
      }
    }
    /* The first record of a set that is met is its smallest; `first` of the root has served its purpose. */
    for (uint32_t i = 0; i < records; i++) r.sets[i].first = NONE;
    for (uint32_t i = 0; i < records; i++) {
      const uint32_t root = find(r.sets, i);
      if (r.sets[root].first == NONE) r.sets[root].first = i;
      person[i] = r.sets[root].first;
    }
    if (refused) *refused = vetoed;
  }
  release(&r);
  return status;
}

void cx_party_format_id(int64_t person, char text[CX_PARTY_ID_SIZE]) {
  static const char digits[] = "0123456789abcdef";
  const uint64_t bits = (uint64_t)person;
  text[0] = 'p';
  for (unsigned i = 0; i < 16; i++) text[1 + i] = digits[bits >> (60 - 4 * i) & 15];
  text[CX_PARTY_ID_SIZE - 1] = '\0';
}

cx_status cx_party_parse_id(cx_text text, int64_t *person) {
  if (!person) return CX_ERR_INVALID;
  if (!text.data || text.size != CX_PARTY_ID_SIZE - 1 || text.data[0] != 'p') return CX_ERR_PARSE;
  uint64_t bits = 0;
  for (size_t i = 1; i < text.size; i++) {
    const char c = text.data[i];
    unsigned digit;
    if (c >= '0' && c <= '9') {
      digit = (unsigned)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = (unsigned)(c - 'a') + 10;
    } else {
      return CX_ERR_PARSE;
    }
    bits = bits << 4 | digit;
  }
  *person = (int64_t)bits;
  return CX_OK;
}

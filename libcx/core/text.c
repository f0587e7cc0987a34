/* SPDX-License-Identifier: MIT */
/* Texts, hashes, interning. */
#include "core/core.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

int cx__text_compare(cx_text a, cx_text b) {
  const size_t shorter = a.size < b.size ? a.size : b.size;
  const int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
  if (order != 0) return order;
  return (a.size > b.size) - (a.size < b.size);
}

/** A space, or \t \n \v \f \r, which follow one another. */
static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

cx_text cx__text_trim(cx_text text) {
  while (text.size > 0 && is_blank(text.data[0])) {
    text.data++;
    text.size--;
  }
  while (text.size > 0 && is_blank(text.data[text.size - 1])) text.size--;
  return text;
}

/** Length of the valid sequence that starts at p with `left` bytes, 0 for none. */
static size_t utf8_length(const unsigned char *p, size_t left) {
  if (p[0] < 0x80) return p[0] != 0;
  size_t length;
  unsigned char low = 0x80, high = 0xBF;
  if (p[0] >= 0xC2 && p[0] <= 0xDF) {
    length = 2;
  } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
    length = 3;
    if (p[0] == 0xE0) low = 0xA0;
    if (p[0] == 0xED) high = 0x9F;
  } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
    length = 4;
    if (p[0] == 0xF0) low = 0x90;
    if (p[0] == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (left < length || p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < length; i++)
    if (p[i] < 0x80 || p[i] > 0xBF) return 0;
  return length;
}

#define ONES UINT64_C(0x0101010101010101)
#define TOPS (ONES << 7)

/** Not 0 when one of eight bytes is no ASCII, or 0. */
static uint64_t is_special(const unsigned char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return (word | (word - ONES)) & TOPS;
}

bool cx__text_is_utf8(cx_text text) {
  const unsigned char *p = (const unsigned char *)text.data;
  size_t i = 0;
  while (i < text.size) {
    const size_t left = text.size - i;
    if (left >= 8 && is_special(p + i) == 0) {
      i += 8;
      continue;
    }
    /* The last bytes, with some before them that start no sequence when there is nothing but ASCII. */
    if (left < 8 && text.size >= 8 && is_special(p + text.size - 8) == 0) return true;
    if (p[i] < 0x80 && p[i] != 0) {
      i++;
      continue;
    }
    const size_t length = utf8_length(p + i, left);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

void cx__text_make_line(char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    const size_t length = utf8_length((const unsigned char *)text, left);
    if (length == 0 || (unsigned char)*text < 0x20 || *text == 0x7F) *text = '?';
    text += length > 0 ? length : 1;
    left -= length > 0 ? length : 1;
  }
}

bool cx__text_equal_nocase(cx_text a, cx_text b) {
  if (a.size != b.size) return false;
  if (cx__bytes_equal(a.data, b.data, a.size)) return true;
  for (size_t i = 0; i < a.size; i++) {
    char x = a.data[i], y = b.data[i];
    if (x >= 'A' && x <= 'Z') x = (char)(x + ('a' - 'A'));
    if (y >= 'A' && y <= 'Z') y = (char)(y + ('a' - 'A'));
    if (x != y) return false;
  }
  return true;
}

uint64_t cx__hash(const void *data, size_t size) { return XXH3_64bits(data, size); }

cx__hash128 cx__hash_wide(const void *data, size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(data, size);
  return (cx__hash128){hash.low64, hash.high64};
}

uint64_t cx__hash_mix(uint64_t a, uint64_t b) {
  uint64_t x = a ^ (b + UINT64_C(0x9E3779B97F4A7C15) + (a << 6) + (a >> 2));
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return x ^ (x >> 31);
}

struct cx__interner {
  cx__arena texts;
  cx_text *entries;
  uint64_t *hashes;
  size_t entries_capacity;
  size_t hashes_capacity;
  uint32_t count;
  uint32_t *slots; /* number + 1, 0 for empty; a power of two of them */
  size_t slots_count;
};

cx__interner *cx__interner_new(const cx_allocator *allocator) {
  cx__interner *interner = cx__alloc_zero(allocator, sizeof *interner);
  if (!interner) return NULL;
  cx__arena_init(&interner->texts, allocator);
  interner->slots_count = 64;
  interner->slots = cx__alloc_array_zero(allocator, interner->slots_count, sizeof *interner->slots);
  if (!interner->slots) {
    cx__free(allocator, interner);
    return NULL;
  }
  return interner;
}

void cx__interner_free(cx__interner *interner) {
  if (!interner) return;
  const cx_allocator allocator = interner->texts.allocator;
  cx__arena_free(&interner->texts);
  cx__free(&allocator, interner->entries);
  cx__free(&allocator, interner->hashes);
  cx__free(&allocator, interner->slots);
  cx__free(&allocator, interner);
}

/** The slot of a text: the one that holds it, or the empty one where it belongs. */
static size_t slot_of(const cx__interner *interner, cx_text text, uint64_t hash) {
  const size_t mask = interner->slots_count - 1;
  size_t slot = (size_t)hash & mask;
  while (interner->slots[slot] != 0) {
    const uint32_t number = interner->slots[slot] - 1;
    if (interner->hashes[number] == hash && cx__text_equal(interner->entries[number], text)) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

static bool rehash(cx__interner *interner) {
  const cx_allocator *allocator = &interner->texts.allocator;
  const size_t wanted = interner->slots_count * 2;
  uint32_t *slots = cx__alloc_array_zero(allocator, wanted, sizeof *slots);
  if (!slots) return false;
  for (uint32_t number = 0; number < interner->count; number++) {
    size_t slot = (size_t)interner->hashes[number] & (wanted - 1);
    while (slots[slot] != 0) slot = (slot + 1) & (wanted - 1);
    slots[slot] = number + 1;
  }
  cx__free(allocator, interner->slots);
  interner->slots = slots;
  interner->slots_count = wanted;
  return true;
}

bool cx__interner_add(cx__interner *interner, cx_text text, uint32_t *number) {
  const uint64_t hash = cx__hash(text.data, text.size);
  size_t slot = slot_of(interner, text, hash);
  if (interner->slots[slot] != 0) {
    *number = interner->slots[slot] - 1;
    return true;
  }
  const cx_allocator *allocator = &interner->texts.allocator;
  if (interner->count == UINT32_MAX - 1) return false;
  const size_t need = (size_t)interner->count + 1;
  if (need * 4 > interner->slots_count * 3) {
    if (!rehash(interner)) return false;
    slot = slot_of(interner, text, hash);
  }
  if (!cx__grow(allocator, &interner->entries, &interner->entries_capacity, need, sizeof *interner->entries) ||
      !cx__grow(allocator, &interner->hashes, &interner->hashes_capacity, need, sizeof *interner->hashes))
    return false;
  const char *copy = cx__arena_copy(&interner->texts, text.data, text.size);
  if (!copy) return false;
  interner->entries[interner->count] = (cx_text){copy, text.size};
  interner->hashes[interner->count] = hash;
  interner->slots[slot] = (uint32_t)need;
  *number = interner->count++;
  return true;
}

bool cx__interner_find(const cx__interner *interner, cx_text text, uint32_t *number) {
  const uint32_t entry = interner->slots[slot_of(interner, text, cx__hash(text.data, text.size))];
  if (entry == 0) return false;
  *number = entry - 1;
  return true;
}

cx_text cx__interner_get(const cx__interner *interner, uint32_t number) { return interner->entries[number]; }

uint32_t cx__interner_count(const cx__interner *interner) { return interner->count; }

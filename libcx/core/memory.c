/* SPDX-License-Identifier: MIT */
/* Allocation, arenas, growing buffers. */
#include "core/core.h"

#define ALIGNMENT 64u

void *cx__alloc(const cx_allocator *allocator, size_t size) {
  return allocator->alloc(allocator->user, size > 0 ? size : 1);
}

void *cx__alloc_zero(const cx_allocator *allocator, size_t size) {
  void *pointer = cx__alloc(allocator, size);
  if (pointer) memset(pointer, 0, size);
  return pointer;
}

void *cx__alloc_array(const cx_allocator *allocator, size_t count, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(count, size, &bytes) ? NULL : cx__alloc(allocator, bytes);
}

void *cx__alloc_array_zero(const cx_allocator *allocator, size_t count, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(count, size, &bytes) ? NULL : cx__alloc_zero(allocator, bytes);
}

void *cx__realloc_array(const cx_allocator *allocator, void *old, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  if (!old) return cx__alloc(allocator, bytes);
  return allocator->realloc(allocator->user, old, bytes > 0 ? bytes : 1);
}

void cx__free(const cx_allocator *allocator, void *pointer) {
  if (pointer) allocator->free(allocator->user, pointer);
}

void *cx__alloc_aligned(const cx_allocator *allocator, size_t count, size_t size) {
  size_t bytes, total;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  if (__builtin_add_overflow(bytes, (size_t)ALIGNMENT + sizeof(void *), &total)) return NULL;
  char *raw = cx__alloc(allocator, total);
  if (!raw) return NULL;
  const uintptr_t address = (uintptr_t)raw + sizeof(void *);
  char *aligned = raw + sizeof(void *) + ((ALIGNMENT - address % ALIGNMENT) % ALIGNMENT);
  memcpy(aligned - sizeof(void *), &raw, sizeof raw);
  return aligned;
}

void cx__free_aligned(const cx_allocator *allocator, void *pointer) {
  if (!pointer) return;
  void *raw;
  memcpy(&raw, (char *)pointer - sizeof raw, sizeof raw);
  cx__free(allocator, raw);
}

bool cx__grow(const cx_allocator *allocator, void *array_pointer, size_t *capacity, size_t need, size_t size) {
  if (need <= *capacity) return true;
  size_t wanted = *capacity < 8 ? 8 : *capacity;
  while (wanted < need) {
    if (wanted > SIZE_MAX / 2) return false;
    wanted *= 2;
  }
  void *array;
  memcpy(&array, array_pointer, sizeof array);
  array = cx__realloc_array(allocator, array, wanted, size);
  if (!array) return false;
  memcpy(array_pointer, &array, sizeof array);
  *capacity = wanted;
  return true;
}

struct cx__arena_block {
  struct cx__arena_block *next;
  size_t size; /* of the data behind this header */
  size_t used;
  size_t reserved;
};

#define BLOCK_FIRST 4000u
#define BLOCK_LARGEST (1u << 20)

void cx__arena_init(cx__arena *arena, const cx_allocator *allocator) {
  arena->allocator = *allocator;
  arena->blocks = NULL;
}

void *cx__arena_alloc(cx__arena *arena, size_t size) {
  if (size > SIZE_MAX - 64) return NULL;
  size = (size + 15u) & ~(size_t)15u;
  struct cx__arena_block *block = arena->blocks;
  if (!block || block->size - block->used < size) {
    size_t wanted = block ? block->size * 2 : BLOCK_FIRST;
    if (wanted > BLOCK_LARGEST) wanted = BLOCK_LARGEST;
    if (wanted < size) wanted = size;
    wanted = (wanted + 15u) & ~(size_t)15u;
    block = cx__alloc(&arena->allocator, sizeof *block + wanted);
    if (!block) return NULL;
    block->next = arena->blocks;
    block->size = wanted;
    block->used = 0;
    arena->blocks = block;
  }
  char *data = (char *)(block + 1) + block->used;
  block->used += size;
  return data;
}

char *cx__arena_copy(cx__arena *arena, const char *data, size_t size) {
  if (size == SIZE_MAX) return NULL;
  char *copy = cx__arena_alloc(arena, size + 1);
  if (!copy) return NULL;
  if (size > 0) memcpy(copy, data, size);
  copy[size] = '\0';
  return copy;
}

void cx__arena_clear(cx__arena *arena) {
  struct cx__arena_block *largest = arena->blocks;
  for (struct cx__arena_block *block = arena->blocks; block; block = block->next)
    if (block->size > largest->size) largest = block;
  struct cx__arena_block *block = arena->blocks;
  while (block) {
    struct cx__arena_block *next = block->next;
    if (block != largest) cx__free(&arena->allocator, block);
    block = next;
  }
  if (largest) {
    largest->next = NULL;
    largest->used = 0;
  }
  arena->blocks = largest;
}

void cx__arena_free(cx__arena *arena) {
  struct cx__arena_block *block = arena->blocks;
  while (block) {
    struct cx__arena_block *next = block->next;
    cx__free(&arena->allocator, block);
    block = next;
  }
  arena->blocks = NULL;
}

void cx__buffer_init(cx__buffer *buffer, const cx_allocator *allocator) {
  memset(buffer, 0, sizeof *buffer);
  buffer->allocator = *allocator;
}

bool cx__buffer_append(cx__buffer *buffer, const void *data, size_t size) {
  size_t need;
  if (__builtin_add_overflow(buffer->size, size, &need)) return false;
  if (!cx__grow(&buffer->allocator, &buffer->data, &buffer->capacity, need, 1)) return false;
  if (size > 0) memcpy(buffer->data + buffer->size, data, size);
  buffer->size = need;
  return true;
}

bool cx__buffer_append_text(cx__buffer *buffer, const char *terminated) {
  return cx__buffer_append(buffer, terminated, strlen(terminated));
}

void cx__buffer_free(cx__buffer *buffer) {
  cx__free(&buffer->allocator, buffer->data);
  buffer->data = NULL;
  buffer->size = buffer->capacity = 0;
}

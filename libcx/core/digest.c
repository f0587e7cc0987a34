/* SPDX-License-Identifier: MIT */
/* XXH3-128 of bytes that come in pieces. */
#include "core/core.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct cx__digest {
  cx_allocator allocator;
  XXH3_state_t state;
};

cx__digest *cx__digest_new(const cx_allocator *allocator) {
  cx__digest *digest = cx__alloc_aligned(allocator, 1, sizeof *digest); /* the state wants an alignment of 64 */
  if (!digest) return NULL;
  digest->allocator = *allocator;
  (void)XXH3_128bits_reset(&digest->state);
  return digest;
}

void cx__digest_free(cx__digest *digest) {
  if (!digest) return;
  const cx_allocator allocator = digest->allocator;
  cx__free_aligned(&allocator, digest);
}

void cx__digest_add(cx__digest *digest, const void *data, size_t size) {
  if (size > 0) (void)XXH3_128bits_update(&digest->state, data, size);
}

cx__hash128 cx__digest_get(const cx__digest *digest) {
  const XXH128_hash_t hash = XXH3_128bits_digest(&digest->state);
  return (cx__hash128){hash.low64, hash.high64};
}

/* SPDX-License-Identifier: MIT */
/* Model files: as they are, and with header and table checksums made right, so that the checks behind them are reached.
 * The last byte says which. */
#include "core/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER 128u
#define ENTRY 32u

static void repair(unsigned char *bytes, size_t size) {
  if (size < HEADER) return;
  uint64_t count, checksum;
  memcpy(&count, bytes + 72, sizeof count);
  if (count <= (size - HEADER) / ENTRY) {
    checksum = cx__hash(bytes + HEADER, (size_t)count * ENTRY);
    memcpy(bytes + 88, &checksum, sizeof checksum);
  }
  const uint64_t whole = size;
  memcpy(bytes + 64, &whole, sizeof whole);
  checksum = cx__hash(bytes, HEADER - sizeof checksum);
  memcpy(bytes + HEADER - sizeof checksum, &checksum, sizeof checksum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const bool repaired = data[--size] & 1;
  const cx_allocator *allocator = cx__allocator(NULL);
  unsigned char *bytes = cx__alloc(allocator, size);
  if (!bytes) return 0;
  memcpy(bytes, data, size);
  if (repaired) repair(bytes, size);
  cx__model *model;
  if (cx__model_open_bytes(NULL, bytes, size, "lifecycle", 3, &model) == CX_OK) {
    static const uint32_t tags[] = {CX__TAG('R', 'O', 'W', 'S'), CX__TAG('M', 'E', 'T', 'A'), 0};
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
      uint64_t length;
      const unsigned char *section = cx__model_get(model, tags[i], &length);
      for (uint64_t k = 0; section && k < length; k++) sum += section[k];
    }
    if (sum == 12345678) size = 0; /* the bytes are really read */
    cx__model_free(model);
  }
  cx__free(allocator, bytes);
  return 0;
}

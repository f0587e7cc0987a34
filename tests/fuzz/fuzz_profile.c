/* SPDX-License-Identifier: MIT */
/* Profiles from anywhere: what is read writes back to the same bytes. The input is tried as it is and, so that the
 * checksum does not shut out everything, again with the right one behind it. */
#include "core/core.h"

#include <cx.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_bytes(const uint8_t *bytes, size_t size) {
  cx_profile *profile = NULL;
  if (cx_profile_read(NULL, bytes, size, &profile) != CX_OK) {
    if (profile) abort();
    return;
  }
  size_t n = 0;
  uint8_t *again = malloc(size);
  if (!again) abort();
  if (cx_profile_write(NULL, profile, again, size, &n) != CX_OK || n != size) abort();
  if (memcmp(again, bytes, size) != 0) abort();
  free(again);
  cx_permission_request request = {.size = sizeof request, .at = 0};
  request.purpose = cx__text("personalisation");
  request.channel = cx__text("web");
  cx_permission answer = {.size = sizeof answer};
  if (cx_permission_check(NULL, profile, &request, &answer) != CX_OK) abort();
  cx_profile_free(profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 0) try_bytes(data, size);
  uint8_t *sealed = malloc(size + 8);
  if (!sealed) abort();
  if (size > 0) memcpy(sealed, data, size);
  const uint64_t hash = cx__hash(data, size);
  for (unsigned i = 0; i < 8; i++) sealed[size + i] = (uint8_t)(hash >> (8 * i));
  try_bytes(sealed, size + 8);
  free(sealed);
  return 0;
}

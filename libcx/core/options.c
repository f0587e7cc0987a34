/* SPDX-License-Identifier: MIT */
/* Structs that can grow: each begins with a uint32_t size. */
#include "core/core.h"

#define SIZE_MAX_SANE 4096u

cx_status cx__options_init(void *opts, size_t size, const void *defaults, size_t defaults_size) {
  if (!opts || size < sizeof(uint32_t) || size > SIZE_MAX_SANE) return CX_ERR_INVALID;
  memset(opts, 0, size);
  memcpy(opts, defaults, size < defaults_size ? size : defaults_size);
  const uint32_t own = (uint32_t)size;
  memcpy(opts, &own, sizeof own);
  return CX_OK;
}

cx_status cx__options_read(cx_context *ctx, const void *given, void *own, size_t own_size) {
  if (!given) return CX_OK;
  uint32_t size;
  memcpy(&size, given, sizeof size);
  if (size < sizeof size || size > SIZE_MAX_SANE)
    return cx__fail(ctx, CX_ERR_INVALID, "options were not initialised (size %u)", size);
  const unsigned char *bytes = given;
  for (size_t i = own_size; i < size; i++)
    if (bytes[i] != 0) return cx__fail(ctx, CX_ERR_UNSUPPORTED, "an option is set that this version does not know");
  memcpy(own, given, size < own_size ? size : own_size);
  const uint32_t full = (uint32_t)own_size;
  memcpy(own, &full, sizeof full);
  return CX_OK;
}

cx_status cx__result_check(cx_context *ctx, const void *given) {
  if (!given) return cx__null(ctx, "result");
  uint32_t size;
  memcpy(&size, given, sizeof size);
  if (size >= sizeof size && size <= SIZE_MAX_SANE) return CX_OK;
  return cx__fail(ctx, CX_ERR_INVALID, "size of the result was not set (%u)", size);
}

cx_status cx__result_write(cx_context *ctx, void *given, const void *own, size_t own_size) {
  const cx_status status = cx__result_check(ctx, given);
  if (status != CX_OK) return status;
  uint32_t size;
  memcpy(&size, given, sizeof size);
  memset(given, 0, size);
  memcpy(given, own, size < own_size ? size : own_size);
  memcpy(given, &size, sizeof size);
  return CX_OK;
}

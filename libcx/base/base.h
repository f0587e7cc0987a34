/* SPDX-License-Identifier: MIT */
/** @file base/base.h
 *  The inside of a base. */
#ifndef CX_BASE_BASE_H
#define CX_BASE_BASE_H

#include "core/core.h"
#include "math/math.h"
#include "table/table.h"

#include <cx/base.h>

struct cx_base {
  cx_allocator allocator;
  char *path;
  cx_store *store;
  cx_lifecycle *lifecycle;
  cx_stage *stage;
  cx_ranker *ranker;
};

/** "<store>-<kind>.<generation>", terminated, into @p out. */
cx_status cx__base_model_path(cx_context *ctx, const cx_base *base, const char *kind, uint64_t generation,
                              cx__buffer *out);
/** The latest generation of any kind that the store names; 0 before anything was learned. */
cx_status cx__base_last_generation(cx_context *ctx, cx_base *base, uint64_t *out);
/** Opens the models that the store names and lets go of those that were open; on failure nothing changes. */
cx_status cx__base_open_models(cx_context *ctx, cx_base *base);

#endif

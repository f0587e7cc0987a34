/* SPDX-License-Identifier: MIT */
/** @file core/context.h
 *  The inside of a context. Only context.c, thread.c and kernel.c include it. */
#ifndef CX_CORE_CONTEXT_H
#define CX_CORE_CONTEXT_H

#include "core/core.h"

#include <stdatomic.h>

#define CX__ERROR_SIZE 512
#define CX__NAME_SIZE 256

struct cx_context {
  cx_allocator allocator;
  uint32_t threads;
  const cx__kernel *kernel;

  cx_status status;
  char error[CX__ERROR_SIZE];
  char name[CX__NAME_SIZE];
  uint64_t row;
  uint64_t byte;

  atomic_int cancel;
  bool in_callback;
  cx_progress_fn progress;
  void *progress_user;
  const char *stage;
  uint64_t reported;
  cx_log_fn log;
  void *log_user;
};

/** The kernels for CX_KERNEL_*; CX_ERR_RANGE, or CX_ERR_UNSUPPORTED when the processor has not got them. */
cx_status cx__kernel_choose(int32_t kernel, const cx__kernel **out);
/** The best kernels of this processor. */
const cx__kernel *cx__kernel_default(void);
/** The AVX2 kernels, where they were compiled; whether the processor has them is for the caller to ask. */
const cx__kernel *cx__kernel_avx2(void);

#endif

/* SPDX-License-Identifier: MIT */
/** @file cx/context.h
 *  A context holds what a call needs besides its arguments: allocator, error text and place,
 *  progress, cancellation, log, thread count, kernels. It belongs to one thread at a time.
 *
 *  Every function that takes a context also takes NULL: the call then has the standard allocator,
 *  one thread, no error text, no progress and no cancellation. Objects copy the allocator they were
 *  made with and may outlive their context. */
#ifndef CX_CONTEXT_H
#define CX_CONTEXT_H

#include <cx/status.h>

CX_BEGIN_DECLS

typedef struct cx_context cx_context;

/** The three functions of malloc's family, with the caller's pointer. `alloc` and `realloc` return
 *  NULL when memory is short; `free` takes NULL. They are called from any thread that works for the
 *  context. */
typedef struct cx_allocator {
  void *(*alloc)(void *user, size_t size);
  void *(*realloc)(void *user, void *pointer, size_t size);
  void (*free)(void *user, void *pointer);
  void *user;
} cx_allocator;

/** Told how far long work has come. `stage` is a stable identifier such as "fit". The first call of
 *  a stage has done == 0, the last done == total; total == 0 means unknown. Called on the context's
 *  own thread, at most about 100 times a stage. A result other than 0 cancels the work, which then
 *  ends with CX_ERR_CANCELLED. Inside, only cx_context_cancel and the getters may be called on the
 *  same context; any other call returns CX_ERR_BUSY. */
typedef int (*cx_progress_fn)(void *user, const char *stage, uint64_t done, uint64_t total);

/** Levels of the log. */
#define CX_LOG_MAP(X) X(DEBUG, 0) X(INFO, 1) X(WARNING, 2)
enum {
#define CX_LOG_ENUM(name, value) CX_LOG_##name = (value),
  CX_LOG_MAP(CX_LOG_ENUM)
#undef CX_LOG_ENUM
};

/** Told what the library notices. `code` is stable, `text` is for people and holds no personal
 *  data. The same rules as for cx_progress_fn. */
typedef void (*cx_log_fn)(void *user, int32_t level, const char *code, const char *text);

/** Kernels for dense arithmetic. All give the same bits. */
#define CX_KERNEL_MAP(X) X(AUTO, 0, "auto") X(SCALAR, 1, "scalar") X(AVX2, 2, "avx2")
enum {
#define CX_KERNEL_ENUM(name, value, text) CX_KERNEL_##name = (value),
  CX_KERNEL_MAP(CX_KERNEL_ENUM)
#undef CX_KERNEL_ENUM
};

/** How a context is made. */
typedef struct cx_context_options {
  uint32_t size;                 /* set by cx_context_options_init() */
  uint32_t threads;              /* 1..256 (1) */
  int32_t kernel;                /* CX_KERNEL_* (CX_KERNEL_AUTO) */
  uint32_t reserved;             /* 0 */
  const cx_allocator *allocator; /* copied; NULL for malloc, realloc and free (NULL) */
} cx_context_options;

/** Sets the defaults. @p size is sizeof *opts. CX_ERR_INVALID when @p opts is NULL or @p size is
 *  too small or above 4096. Any thread. */
CX_API CX_NODISCARD cx_status cx_context_options_init(cx_context_options *opts, size_t size);

/** Makes a context.
 *  @param opts [in, optional] NULL for the defaults.
 *  @param out  [out] free with cx_context_free(); NULL on failure.
 *  @return CX_OK, CX_ERR_NOMEM, CX_ERR_RANGE (threads, kernel), CX_ERR_INVALID,
 *          CX_ERR_UNSUPPORTED (a kernel this processor has not). */
CX_API CX_NODISCARD cx_status cx_context_new(const cx_context_options *opts, cx_context **out);

/** Frees a context. NULL is allowed. Objects made with it live on. */
CX_API void cx_context_free(cx_context *ctx);

/** Sets the number of threads for the calls that follow, 1..256; CX_ERR_RANGE otherwise,
 *  CX_ERR_INVALID for a NULL context. */
CX_API CX_NODISCARD cx_status cx_context_set_threads(cx_context *ctx, uint32_t threads);

/** Sets or, with NULL, removes the progress callback. @p user is handed to it. CX_ERR_INVALID for a NULL context. */
CX_API CX_NODISCARD cx_status cx_context_set_progress(cx_context *ctx, cx_progress_fn progress, void *user);

/** Sets or, with NULL, removes the log callback. @p user is handed to it. CX_ERR_INVALID for a NULL context. */
CX_API CX_NODISCARD cx_status cx_context_set_log(cx_context *ctx, cx_log_fn log, void *user);

/** Asks the running call, or the next one, to stop with CX_ERR_CANCELLED. The one function that may
 *  be called from any thread and from a signal handler. The request is taken back when a call has
 *  ended because of it. NULL is allowed. */
CX_API void cx_context_cancel(cx_context *ctx);

/** What went wrong in the last call on this context: one line, "" when nothing did. Valid until the
 *  next call on the context. It names arguments and places, never personal data. */
CX_API const char *cx_context_error(const cx_context *ctx);

/** The status that the last call on this context ended with. CX_OK for NULL. */
CX_API cx_status cx_context_status(const cx_context *ctx);

/** Where in the input the last error lies.
 *  @param row  [out, optional] row from 1, 0 when unknown.
 *  @param byte [out, optional] offset in bytes from 0, UINT64_MAX when unknown.
 *  @return the path or name of the input, "" when unknown; valid as cx_context_error(). */
CX_API const char *cx_context_place(const cx_context *ctx, uint64_t *row, uint64_t *byte);

/** The kernels in use, "scalar" or "avx2". Static. */
CX_API const char *cx_context_kernel(const cx_context *ctx);

CX_END_DECLS
#endif

/* SPDX-License-Identifier: MIT */
/** @file cx/status.h
 *  What a call came to: 0 is success, negative a failure, positive a soft result. */
#ifndef CX_STATUS_H
#define CX_STATUS_H

#include <cx/api.h>

CX_BEGIN_DECLS

typedef int32_t cx_status;

/** Every status: X(name, value, text). Strings, documentation and the names in Python and Lua are
 *  made from this list. Values are never renumbered. */
#define CX_STATUS_MAP(X)                                                                                               \
  X(OK, 0, "success")                                                                                                  \
  X(DONE, 1, "nothing is left")                                                                                        \
  X(PARTIAL, 2, "some of the input could not be used")                                                                 \
  X(ERR_NOMEM, -1, "out of memory")                                                                                    \
  X(ERR_INVALID, -2, "invalid argument")                                                                               \
  X(ERR_RANGE, -3, "value out of range")                                                                               \
  X(ERR_TYPE, -4, "wrong type")                                                                                        \
  X(ERR_SHAPE, -5, "sizes do not agree")                                                                               \
  X(ERR_UNSUPPORTED, -6, "not supported by this version")                                                              \
  X(ERR_PARSE, -7, "malformed input")                                                                                  \
  X(ERR_IO, -8, "input or output failed")                                                                              \
  X(ERR_NOT_FOUND, -9, "not found")                                                                                    \
  X(ERR_AMBIGUOUS, -10, "more than one answer")                                                                        \
  X(ERR_NO_DATA, -11, "not enough data")                                                                               \
  X(ERR_NO_CONVERGENCE, -12, "did not converge")                                                                       \
  X(ERR_NUMERIC, -13, "numerical failure")                                                                             \
  X(ERR_CANCELLED, -14, "cancelled")                                                                                   \
  X(ERR_BUSY, -15, "busy")                                                                                             \
  X(ERR_CORRUPT, -16, "corrupt file")                                                                                  \
  X(ERR_INTERNAL, -17, "internal error")

enum {
#define CX_STATUS_ENUM(name, value, text) CX_##name = (value),
  CX_STATUS_MAP(CX_STATUS_ENUM)
#undef CX_STATUS_ENUM
};

/** The text of a status, in English; "unknown status" for any other number. Static; any thread. */
CX_API const char *cx_status_text(cx_status status);

/** The name of a status without its prefix, as in "ERR_PARSE"; NULL for any other number. Static;
 *  any thread. */
CX_API const char *cx_status_name(cx_status status);

CX_END_DECLS
#endif

/* SPDX-License-Identifier: MIT */
/** @file cx/api.h
 *  Version, attributes and the few plain value types that every noun shares. */
#ifndef CX_API_H
#define CX_API_H

#include <stddef.h>
#include <stdint.h>

#define CX_VERSION_MAJOR 0
#define CX_VERSION_MINOR 1
#define CX_VERSION_PATCH 0
#define CX_VERSION_AT_LEAST(major, minor, patch)                                                                       \
  (CX_VERSION_MAJOR > (major) || (CX_VERSION_MAJOR == (major) && CX_VERSION_MINOR > (minor)) ||                        \
   (CX_VERSION_MAJOR == (major) && CX_VERSION_MINOR == (minor) && CX_VERSION_PATCH >= (patch)))

#ifdef __cplusplus
#define CX_BEGIN_DECLS extern "C" {
#define CX_END_DECLS }
#else
#define CX_BEGIN_DECLS
#define CX_END_DECLS
#endif

#if defined(__GNUC__)
#define CX_API __attribute__((visibility("default")))
#define CX_NODISCARD __attribute__((warn_unused_result))
#else
#define CX_API
#define CX_NODISCARD
#endif

CX_BEGIN_DECLS

/** An instant that is not known. Instants are microseconds since 1970-01-01T00:00:00Z. */
#define CX_TIME_NONE INT64_MIN

/** A run of UTF-8 bytes, not terminated. Borrowed: whoever hands it out says how long it lives.
 *  An absent text has data == NULL; an empty text has data != NULL and size == 0. */
typedef struct cx_text {
  const char *data;
  size_t size;
} cx_text;

/** A decimal number, mantissa * 10^-scale, 0 <= scale <= 18. Amounts of money and quantities are
 *  kept this way, never as binary fractions. */
typedef struct cx_decimal {
  int64_t mantissa;
  int32_t scale;
  int32_t reserved; /* 0 */
} cx_decimal;

/** An estimate with the interval it lies in and the number of observations it rests on. */
typedef struct cx_estimate {
  double value;
  double lower;
  double upper;
  double level; /* of the interval, 0 < level < 1; NaN when no interval was asked for */
  uint64_t count;
} cx_estimate;

/** The version of the library at run time, "major.minor.patch". Static storage; any thread. */
CX_API const char *cx_version(void);

CX_END_DECLS
#endif

/* SPDX-License-Identifier: MIT */
/** @file record/bytes.h
 *  Records as bytes: little endian, texts with their length before them. */
#ifndef CX_RECORD_BYTES_H
#define CX_RECORD_BYTES_H

#include "record/record.h"

/** Where bytes go. Without data they are only counted. */
typedef struct cx__bytes_out {
  unsigned char *data;
  size_t size;
} cx__bytes_out;

static inline void cx__put(cx__bytes_out *out, const void *data, size_t size) {
  if (out->data && size > 0) memcpy(out->data + out->size, data, size);
  out->size += size;
}
static inline void cx__put_uint8(cx__bytes_out *out, uint8_t value) { cx__put(out, &value, 1); }
static inline void cx__put_uint32(cx__bytes_out *out, uint32_t value) {
  unsigned char bytes[4];
  for (unsigned i = 0; i < 4; i++) bytes[i] = (unsigned char)(value >> (8 * i));
  cx__put(out, bytes, sizeof bytes);
}
static inline void cx__put_uint64(cx__bytes_out *out, uint64_t value) {
  unsigned char bytes[8];
  for (unsigned i = 0; i < 8; i++) bytes[i] = (unsigned char)(value >> (8 * i));
  cx__put(out, bytes, sizeof bytes);
}
static inline void cx__put_int32(cx__bytes_out *out, int32_t value) { cx__put_uint32(out, (uint32_t)value); }
static inline void cx__put_int64(cx__bytes_out *out, int64_t value) { cx__put_uint64(out, (uint64_t)value); }
static inline void cx__put_text(cx__bytes_out *out, cx_text text) {
  cx__put_uint32(out, (uint32_t)text.size);
  cx__put(out, text.data, text.size);
}

/** Where bytes come from. Reading past the end gives zeros and sets `failed`. */
typedef struct cx__bytes_in {
  const unsigned char *data;
  size_t size;
  size_t at;
  bool failed;
  bool no_memory;
} cx__bytes_in;

static inline const unsigned char *cx__take(cx__bytes_in *in, size_t size) {
  if (in->failed || in->size - in->at < size) {
    in->failed = true;
    return NULL;
  }
  const unsigned char *data = in->data + in->at;
  in->at += size;
  return data;
}
static inline uint8_t cx__take_uint8(cx__bytes_in *in) {
  const unsigned char *data = cx__take(in, 1);
  return data ? data[0] : 0;
}
static inline uint64_t cx__take_uint(cx__bytes_in *in, unsigned size) {
  const unsigned char *data = cx__take(in, size);
  uint64_t value = 0;
  for (unsigned i = 0; data && i < size; i++) value |= (uint64_t)data[i] << (8 * i);
  return value;
}
static inline uint32_t cx__take_uint32(cx__bytes_in *in) { return (uint32_t)cx__take_uint(in, 4); }
static inline int32_t cx__take_int32(cx__bytes_in *in) { return (int32_t)cx__take_uint32(in); }
static inline uint64_t cx__take_uint64(cx__bytes_in *in) { return cx__take_uint(in, 8); }
static inline int64_t cx__take_int64(cx__bytes_in *in) { return (int64_t)cx__take_uint64(in); }
/** A text that lies in the bytes; an empty one is absent. */
static inline cx_text cx__take_text(cx__bytes_in *in) {
  const size_t size = cx__take_uint32(in);
  const unsigned char *data = size > 0 ? cx__take(in, size) : NULL;
  cx_text text = {(const char *)data, data ? size : 0};
  return text;
}

void cx__put_identifier(cx__bytes_out *out, const cx_identifier *identifier);
void cx__take_identifier(cx__bytes_in *in, cx_identifier *identifier);

/** Appends one record. @p exact keeps what the canonical form leaves out: arrival time and trailing zeros of decimals.
 */
void cx__put_record(cx__bytes_out *out, const cx__record *record, bool exact);
/** Reads an exact event, preference or consent: texts lie in the bytes, arrays in the arena. False when the bytes end
 *  too early or memory is short (in->no_memory). The record is not checked. */
bool cx__take_record(cx__bytes_in *in, cx__arena *arena, cx__record_kind kind, cx__record *out);

#endif

/* SPDX-License-Identifier: MIT */
/** @file core/core.h
 *  What every other room builds on: calls, memory, text, numbers, time, random numbers, threads. */
#ifndef CX_CORE_CORE_H
#define CX_CORE_CORE_H

#include <cx/context.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- calls ------------------------------------------------------------------------------------------------------ */

/** Starts a public call: forgets the last error. CX_ERR_BUSY inside a callback of the same context. Every public
 *  function that takes a context begins with it (getters of the context excepted). A public function may call other
 *  public functions on the same context. */
cx_status cx__begin(cx_context *ctx);

/** Records an error and returns its status: `return cx__fail(ctx, CX_ERR_RANGE, "decay must be >= 0 (got %s)", text)`.
 * One line, lower case, no full stop, no personal data; never %f or %g (they follow the locale): use
 * cx__print_double(). */
#define CX__PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))
cx_status cx__fail(cx_context *ctx, cx_status status, const char *format, ...) CX__PRINTF(3, 4);
/** The same with a place: name of the input, row from 1 (0 unknown), byte from 0 (UINT64_MAX unknown). */
cx_status cx__fail_at(cx_context *ctx, cx_status status, const char *name, uint64_t row, uint64_t byte,
                      const char *format, ...) CX__PRINTF(6, 7);
/** CX_ERR_NOMEM with its text. */
cx_status cx__no_memory(cx_context *ctx);
/** CX_ERR_INVALID "NAME must not be null". */
cx_status cx__null(cx_context *ctx, const char *name);

/** Reports progress on the caller's thread and polls the cancel flag: CX_OK or CX_ERR_CANCELLED (recorded). It thins
 * the calls out itself, so it may be called often; with done == 0 once, where a stage begins. When a stage begins
 * otherwise, done == 0 is reported first. An unknown total is reported ever more rarely. */
cx_status cx__progress(cx_context *ctx, const char *stage, uint64_t done, uint64_t total);
/** True when cancellation was asked for. Any thread. */
bool cx__cancelled(const cx_context *ctx);
void cx__log(cx_context *ctx, int32_t level, const char *code, const char *format, ...) CX__PRINTF(4, 5);
uint32_t cx__threads(const cx_context *ctx);

/** Options: fills @p opts with defaults; the body of every _options_init(). */
cx_status cx__options_init(void *opts, size_t size, const void *defaults, size_t defaults_size);
/** Options: @p own holds the defaults (its own `size` first); what the caller set is copied over. CX_ERR_INVALID for a
 * bad size, CX_ERR_UNSUPPORTED when a newer caller sets what this library does not know. NULL keeps the defaults. */
cx_status cx__options_read(cx_context *ctx, const void *given, void *own, size_t own_size);
/** Sized results (`size` set by the caller): copies as much of @p own as the caller has room for, keeping his size. */
cx_status cx__result_write(cx_context *ctx, void *given, const void *own, size_t own_size);
/** CX_ERR_INVALID when that would fail: asked before work that is long or cannot be undone. */
cx_status cx__result_check(cx_context *ctx, const void *given);

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/** The allocator to use; never NULL. Objects copy it (*cx__allocator(ctx)). */
const cx_allocator *cx__allocator(const cx_context *ctx);
void *cx__alloc(const cx_allocator *allocator, size_t size);
void *cx__alloc_zero(const cx_allocator *allocator, size_t size);
/** count * size, NULL on overflow; at least one byte, so that an empty array is not a failure. */
void *cx__alloc_array(const cx_allocator *allocator, size_t count, size_t size);
void *cx__alloc_array_zero(const cx_allocator *allocator, size_t count, size_t size);
void *cx__realloc_array(const cx_allocator *allocator, void *old, size_t count, size_t size);
void cx__free(const cx_allocator *allocator, void *pointer);
/** Alignment 64, for kernels; freed with cx__free_aligned(). Not zeroed. */
void *cx__alloc_aligned(const cx_allocator *allocator, size_t count, size_t size);
void cx__free_aligned(const cx_allocator *allocator, void *pointer);
/** Makes room for @p need elements in a growing array (doubling); false when memory is short, the array as it was. */
bool cx__grow(const cx_allocator *allocator, void *array_pointer, size_t *capacity, size_t need, size_t size);

/** Memory that is given back all at once. Zero-initialise with the allocator set. */
typedef struct cx__arena {
  cx_allocator allocator;
  struct cx__arena_block *blocks;
} cx__arena;
void cx__arena_init(cx__arena *arena, const cx_allocator *allocator);
/** Aligned to 16, not zeroed; NULL when memory is short. */
void *cx__arena_alloc(cx__arena *arena, size_t size);
/** A terminated copy. */
char *cx__arena_copy(cx__arena *arena, const char *data, size_t size);
/** Gives everything back but keeps the largest block for the next use. */
void cx__arena_clear(cx__arena *arena);
void cx__arena_free(cx__arena *arena);

/** A growing run of bytes. */
typedef struct cx__buffer {
  cx_allocator allocator;
  char *data;
  size_t size;
  size_t capacity;
} cx__buffer;
void cx__buffer_init(cx__buffer *buffer, const cx_allocator *allocator);
bool cx__buffer_append(cx__buffer *buffer, const void *data, size_t size);
bool cx__buffer_append_text(cx__buffer *buffer, const char *terminated);
void cx__buffer_free(cx__buffer *buffer);

/* ---- text ------------------------------------------------------------------------------------------------------- */

static inline cx_text cx__text(const char *terminated) {
  cx_text text = {terminated, terminated ? strlen(terminated) : 0};
  return text;
}
/** Whether the bytes are the same. Most texts are short: those of up to 16 bytes are compared without a call. */
static inline bool cx__bytes_equal(const char *a, const char *b, size_t size) {
  if (size > 16) return memcmp(a, b, size) == 0;
  if (size >= 8) {
    uint64_t a_first, b_first, a_last, b_last;
    memcpy(&a_first, a, 8);
    memcpy(&b_first, b, 8);
    memcpy(&a_last, a + size - 8, 8);
    memcpy(&b_last, b + size - 8, 8);
    return ((a_first ^ b_first) | (a_last ^ b_last)) == 0;
  }
  if (size >= 4) {
    uint32_t a_first, b_first, a_last, b_last;
    memcpy(&a_first, a, 4);
    memcpy(&b_first, b, 4);
    memcpy(&a_last, a + size - 4, 4);
    memcpy(&b_last, b + size - 4, 4);
    return ((a_first ^ b_first) | (a_last ^ b_last)) == 0;
  }
  for (size_t i = 0; i < size; i++)
    if (a[i] != b[i]) return false;
  return true;
}
static inline bool cx__text_equal(cx_text a, cx_text b) {
  return a.size == b.size && cx__bytes_equal(a.data, b.data, a.size);
}
static inline bool cx__text_is(cx_text a, const char *terminated) { return cx__text_equal(a, cx__text(terminated)); }
/** Byte order; a prefix comes first. */
int cx__text_compare(cx_text a, cx_text b);
/** Without leading and trailing ASCII blanks. */
cx_text cx__text_trim(cx_text text);
/** Valid UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL. */
bool cx__text_is_utf8(cx_text text);
/** Makes one line of UTF-8 out of a terminated text, in place: '?' for control characters and for bytes that are not
 * UTF-8, such as half a character at the end. */
void cx__text_make_line(char *text);
/** ASCII case is ignored. */
bool cx__text_equal_nocase(cx_text a, cx_text b);

uint64_t cx__hash(const void *data, size_t size);
typedef struct cx__hash128 {
  uint64_t low, high;
} cx__hash128;
cx__hash128 cx__hash_wide(const void *data, size_t size);
/** The same of bytes that come in pieces. NULL when memory is short. */
typedef struct cx__digest cx__digest;
cx__digest *cx__digest_new(const cx_allocator *allocator);
void cx__digest_free(cx__digest *digest);
void cx__digest_add(cx__digest *digest, const void *data, size_t size);
cx__hash128 cx__digest_get(const cx__digest *digest);
/** Mixes two 64-bit values. */
uint64_t cx__hash_mix(uint64_t a, uint64_t b);

/** Texts <-> dense numbers 0, 1, ... in the order of first sight. */
typedef struct cx__interner cx__interner;
cx__interner *cx__interner_new(const cx_allocator *allocator);
void cx__interner_free(cx__interner *interner);
/** The number of a text, a new one when it is unknown. False when memory is short. */
bool cx__interner_add(cx__interner *interner, cx_text text, uint32_t *number);
/** The number of a known text; false when unknown. */
bool cx__interner_find(const cx__interner *interner, cx_text text, uint32_t *number);
cx_text cx__interner_get(const cx__interner *interner, uint32_t number);
uint32_t cx__interner_count(const cx__interner *interner);

/* ---- numbers (number.c) -------------------------------------------------------------------------------------------
 * Locale-free. Readers take the whole text (no blanks around it) and return false for anything else. */
bool cx__parse_int64(cx_text text, int64_t *out);
/** Decimal notation with optional exponent; correctly rounded; no hex, "inf" or "nan"; false above the largest double.
 */
bool cx__parse_double(cx_text text, char decimal_point, double *out);
/** Plain decimal notation, at most 18 digits after the point. */
bool cx__parse_decimal(cx_text text, char decimal_point, cx_decimal *out);
double cx__decimal_to_double(cx_decimal decimal);
#define CX__NUMBER_SIZE 40
/** Shortest text that reads back as the same double: "0.1", "1e-07", "nan", "inf", "-inf". Returns its length. */
size_t cx__print_double(double value, char text[CX__NUMBER_SIZE]);
size_t cx__print_int64(int64_t value, char text[CX__NUMBER_SIZE]);
size_t cx__print_decimal(cx_decimal value, char text[CX__NUMBER_SIZE]);

/* ---- time and zones (time.c, zone.c) ------------------------------------------------------------------------------
 */

#define CX__SECOND INT64_C(1000000)
#define CX__DAY (86400 * CX__SECOND)
typedef struct cx__civil {
  int32_t year, month, day, hour, minute, second, microsecond;
} cx__civil;
/** Proleptic Gregorian. Days since 1970-01-01. */
int64_t cx__days_from_civil(int32_t year, int32_t month, int32_t day);
void cx__civil_from_time(int64_t time, cx__civil *out);
/** Number of the UTC day of an instant (floor). */
int64_t cx__day_of(int64_t time);
/** An IANA zone read from TZif files (RFC 8536) below the usual directory; owned by the caller. */
typedef struct cx__zone cx__zone;
cx_status cx__zone_open(cx_context *ctx, const char *name, cx__zone **out);
cx_status cx__zone_parse(cx_context *ctx, const void *bytes, size_t size, cx__zone **out);
void cx__zone_free(cx__zone *zone);
/** Seconds east of UTC at an instant; NULL is UTC. */
int32_t cx__zone_offset(const cx__zone *zone, int64_t time);
/** The instant of a local time; in a gap it is moved forward by the gap, in an overlap the earlier one is meant. */
int64_t cx__zone_to_utc(const cx__zone *zone, int64_t local);
/** What cx_format_parse_time() does, with a zone already open. CX_OK, CX_ERR_PARSE, CX_ERR_AMBIGUOUS; CX_ERR_INVALID
 * for a conversion in the format that docs/times.md does not list; records nothing. */
cx_status cx__parse_time(cx_text text, const char *format, const cx__zone *zone, int64_t *out);
/** What cx_format_print_time() does; returns the length, 0 when it does not fit or the year is not 1 to 9999. */
size_t cx__print_time(int64_t time, char *buffer, size_t capacity);

/* ---- random numbers (random.c) --------------------------------------------------------------------------------------
 * Philox 4x32-10 (Salmon et al., SC 2011), counter-based: the stream of (seed, stream) is fixed for ever. */
typedef struct cx__random {
  uint64_t seed, stream, counter;
  uint32_t block[4];
  uint32_t left;
} cx__random;
void cx__random_init(cx__random *random, uint64_t seed, uint64_t stream);
uint32_t cx__random_uint32(cx__random *random);
uint64_t cx__random_uint64(cx__random *random);
/** [0, bound) without bias. */
uint64_t cx__random_below(cx__random *random, uint64_t bound);
/** (0, 1): 52 bits and a half, never 0 or 1. */
double cx__random_uniform(cx__random *random);
double cx__random_normal(cx__random *random);
double cx__random_exponential(cx__random *random);
double cx__random_gamma(cx__random *random, double shape);
double cx__random_beta(cx__random *random, double a, double b);
uint64_t cx__random_poisson(cx__random *random, double mean);

/* ---- threads (thread.c) ---------------------------------------------------------------------------------------------
 */

/** Runs run(user, chunk, worker) for every chunk 0 .. chunks - 1 on the context's threads; worker < cx__threads(ctx)
 * tells which scratch to use. Work must be split by chunk, never by worker, so that the result does not depend on
 * threads. Returns the first (lowest chunk) status that is not CX_OK; then further chunks may not have run. It is
 * recorded with its general text; the caller may record a better one. CX_ERR_CANCELLED when the context was cancelled.
 * run() must not touch the context; to stop early in a long chunk it may ask cx__cancelled() and return
 * CX_ERR_CANCELLED. Without threads, or when one cannot be started, the caller's thread does the work. Signals stay
 * with the program's own threads. */
typedef cx_status (*cx__chunk_fn)(void *user, size_t chunk, uint32_t worker);
cx_status cx__parallel(cx_context *ctx, size_t chunks, cx__chunk_fn run, void *user);

/** Sum in a fixed order: pairwise over blocks of 128. */
double cx__sum(const double *values, size_t n);

/* ---- model files (model.c) ------------------------------------------------------------------------------------------
 */

/** Writes a model file: begin, sections, publish. Layout: docs/model-file.md. */
typedef struct cx__model_section {
  uint32_t tag;      /* four letters, CX__TAG('R','O','W','S') */
  uint32_t reserved; /* 0 */
  const void *data;
  uint64_t size;
} cx__model_section;
#define CX__TAG(a, b, c, d)                                                                                            \
  ((uint32_t)(unsigned char)(a) | (uint32_t)(unsigned char)(b) << 8 | (uint32_t)(unsigned char)(c) << 16 |             \
   (uint32_t)(unsigned char)(d) << 24)
/** Writes "<path>.tmp-<random>", syncs it and renames it to path; the directory is synced too. Mode 0600. */
struct cx_model_save_options;
cx_status cx__model_save(cx_context *ctx, const char *path, const char *kind, uint32_t version,
                         const struct cx_model_save_options *opts, const cx__model_section *sections, size_t count);

/** An open model file, mapped or copied; every bound and checksum was checked. */
typedef struct cx__model cx__model;
struct cx_model_open_options;
/** CX_ERR_CORRUPT when the kind is another, CX_ERR_UNSUPPORTED when the version is newer than @p version. */
cx_status cx__model_open(cx_context *ctx, const char *path, const char *kind, uint32_t version,
                         const struct cx_model_open_options *opts, cx__model **out);
/** The same from bytes in memory (fuzzing, tests); copies them. */
cx_status cx__model_open_bytes(cx_context *ctx, const void *bytes, size_t size, const char *kind, uint32_t version,
                               cx__model **out);
void cx__model_free(cx__model *model);
uint32_t cx__model_version(const cx__model *model);
/** A section's data (64-byte aligned); NULL and *size 0 when it is missing. */
const void *cx__model_get(const cx__model *model, uint32_t tag, uint64_t *size);
/** A section that must hold exactly count elements of a size; CX_ERR_CORRUPT otherwise. */
cx_status cx__model_get_array(cx_context *ctx, const cx__model *model, uint32_t tag, uint64_t count, size_t size,
                              const void **out);

/* ---- kernels (kernel.c, kernel_avx2.c)
 * -------------------------------------------------------------------------------- Dense single-precision kernels. A
 * dot product is 16 fused partial sums folded in a fixed tree, in every kernel: equal bits. Vectors are padded with
 * zeros to a multiple of 16 floats and 64-byte aligned. */
typedef struct cx__kernel {
  const char *name;
  /** sum of a[i] * b[i]; n a multiple of 16 */
  float (*dot)(const float *a, const float *b, size_t n);
  /** out[r] = dot(rows + r * stride, x) for r < rows_count */
  void (*gemv)(const float *rows, size_t stride, size_t rows_count, const float *x, size_t n, float *out);
  /** y += a * x */
  void (*axpy)(float a, const float *x, float *y, size_t n);
  /** lower triangle of C += sum_r w[r] * row_r row_r^T; C is n x n with stride n; rows gathered contiguously with the
   * stride; w NULL for 1. Each element is summed over r in ascending order with fma. */
  void (*syrk)(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *c);
  /** y += sum_r w[r] * row_r; each element is summed over r in ascending order with fma */
  void (*combine)(const float *rows, size_t stride, size_t rows_count, const float *w, size_t n, float *y);
  /** Cholesky's factor L of the lower triangle of a, n x n, in place; the stride a multiple of 16. What lies above the
   * diagonal is lost, up to the stride. Each element is reduced over the columns before it in ascending order with fma,
   * then multiplied by one over the root of its column's pivot. False when a is not positive definite. */
  bool (*factor)(float *a, size_t n, size_t stride);
} cx__kernel;
const cx__kernel *cx__kernel_of(const cx_context *ctx);

#endif

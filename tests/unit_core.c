/* SPDX-License-Identifier: MIT */
/* Memory, text, options, progress, threads. */
#include "core/core.h"
#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* ---- memory ------------------------------------------------------------------------------------------------------ */

START_TEST(sizes_that_overflow_are_refused) {
  test_memory memory;
  const cx_allocator allocator = test_allocator(&memory);
  ck_assert_ptr_null(cx__alloc_array(&allocator, SIZE_MAX / 2, 3));
  ck_assert_ptr_null(cx__alloc_array_zero(&allocator, SIZE_MAX, 2));
  ck_assert_ptr_null(cx__realloc_array(&allocator, NULL, SIZE_MAX, 2));
  ck_assert_ptr_null(cx__alloc_aligned(&allocator, SIZE_MAX / 8, 16));
  ck_assert_ptr_null(cx__alloc_aligned(&allocator, SIZE_MAX - 8, 1));
  ck_assert_uint_eq(memory.count, 0); /* the allocator was not even asked */
  void *empty = cx__alloc_array(&allocator, 0, 8);
  ck_assert_ptr_nonnull(empty);
  empty = cx__realloc_array(&allocator, empty, 0, 8);
  ck_assert_ptr_nonnull(empty);
  cx__free(&allocator, empty);
  cx__free(&allocator, NULL);
  cx__free_aligned(&allocator, NULL);
  const unsigned char *zeros = cx__alloc_array_zero(&allocator, 10, 10);
  for (int i = 0; i < 100; i++) ck_assert_uint_eq(zeros[i], 0);
  cx__free(&allocator, (void *)(uintptr_t)zeros);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(aligned_memory_is_aligned) {
  test_memory memory;
  const cx_allocator allocator = test_allocator(&memory);
  for (size_t n = 0; n < 200; n += 7) {
    char *p = cx__alloc_aligned(&allocator, n, 1);
    ck_assert_uint_eq((uintptr_t)p % 64, 0);
    memset(p, 1, n);
    cx__free_aligned(&allocator, p);
  }
  ck_assert_int_eq(memory.live, 0);
  memory.fail_at = 0;
  ck_assert_ptr_null(cx__alloc_aligned(&allocator, 1, 1));
}
END_TEST

START_TEST(arrays_grow_or_stay_as_they_were) {
  test_memory memory;
  const cx_allocator allocator = test_allocator(&memory);
  int *numbers = NULL;
  size_t capacity = 0;
  for (size_t n = 0; n < 1000; n++) {
    ck_assert(cx__grow(&allocator, &numbers, &capacity, n + 1, sizeof *numbers));
    ck_assert_uint_ge(capacity, n + 1);
    numbers[n] = (int)n;
  }
  ck_assert_uint_lt(memory.count, 12); /* doubling */
  const size_t before = capacity;
  memory.fail_at = 0;
  ck_assert(!cx__grow(&allocator, &numbers, &capacity, 5000, sizeof *numbers));
  ck_assert(!cx__grow(&allocator, &numbers, &capacity, SIZE_MAX, sizeof *numbers));
  ck_assert_uint_eq(capacity, before);
  for (int n = 0; n < 1000; n++) ck_assert_int_eq(numbers[n], n);
  cx__free(&allocator, numbers);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(an_arena_gives_everything_back_at_once) {
  test_memory memory;
  const cx_allocator allocator = test_allocator(&memory);
  cx__arena arena;
  cx__arena_init(&arena, &allocator);
  for (int round = 0; round < 3; round++) {
    char *texts[2000];
    for (int i = 0; i < 2000; i++) {
      char text[32];
      const int size = snprintf(text, sizeof text, "text %d", i);
      texts[i] = cx__arena_copy(&arena, text, (size_t)size);
      ck_assert_uint_eq((uintptr_t)texts[i] % 16, 0);
    }
    char *large = cx__arena_alloc(&arena, 3 << 20);
    memset(large, 7, 3 << 20);
    for (int i = 0; i < 2000; i++) {
      char text[32];
      snprintf(text, sizeof text, "text %d", i);
      ck_assert_str_eq(texts[i], text);
    }
    cx__arena_clear(&arena);
    ck_assert_int_eq(memory.live, 1); /* the largest block is kept */
  }
  const size_t count = memory.count;
  ck_assert_ptr_nonnull(cx__arena_alloc(&arena, 2 << 20));
  ck_assert_uint_eq(memory.count, count);
  ck_assert_str_eq(cx__arena_copy(&arena, NULL, 0), "");
  memory.fail_at = 0;
  ck_assert_ptr_null(cx__arena_alloc(&arena, SIZE_MAX));
  ck_assert_ptr_null(cx__arena_alloc(&arena, SIZE_MAX - 70));
  ck_assert_ptr_null(cx__arena_copy(&arena, "", SIZE_MAX));
  ck_assert_ptr_null(cx__arena_alloc(&arena, 8 << 20));
  cx__arena_free(&arena);
  cx__arena_free(&arena);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

START_TEST(a_buffer_collects_bytes) {
  test_memory memory;
  const cx_allocator allocator = test_allocator(&memory);
  cx__buffer buffer;
  cx__buffer_init(&buffer, &allocator);
  ck_assert(cx__buffer_append(&buffer, NULL, 0));
  for (int i = 0; i < 500; i++) ck_assert(cx__buffer_append_text(&buffer, "abc"));
  ck_assert_uint_eq(buffer.size, 1500);
  for (size_t i = 0; i < buffer.size; i++) ck_assert_int_eq(buffer.data[i], "abc"[i % 3]);
  memory.fail_at = 0;
  ck_assert(!cx__buffer_append(&buffer, buffer.data, SIZE_MAX));
  char large[4096] = {0};
  ck_assert(!cx__buffer_append(&buffer, large, sizeof large));
  ck_assert_uint_eq(buffer.size, 1500);
  cx__buffer_free(&buffer);
  ck_assert_int_eq(memory.live, 0);
}
END_TEST

/* ---- text -------------------------------------------------------------------------------------------------------- */

static cx_text bytes_of(const char *data, size_t size) { return (cx_text){data, size}; }

START_TEST(texts_are_compared_and_trimmed) {
  ck_assert_int_eq(cx__text_compare(text_of("a"), text_of("a")), 0);
  ck_assert_int_lt(cx__text_compare(text_of("a"), text_of("ab")), 0);
  ck_assert_int_gt(cx__text_compare(text_of("b"), text_of("ab")), 0);
  ck_assert_int_gt(cx__text_compare(text_of("\xff"), text_of("a")), 0);
  ck_assert_int_eq(cx__text_compare(bytes_of(NULL, 0), text_of("")), 0);
  ck_assert(cx__text_is(text_of("x"), "x") && !cx__text_is(text_of("x"), "xy"));
  ck_assert(cx__text_equal(bytes_of(NULL, 0), text_of("")));
  ck_assert(cx__text_is(cx__text_trim(text_of(" \t\r\n a b \v\f")), "a b"));
  ck_assert_uint_eq(cx__text_trim(text_of("   ")).size, 0);
  ck_assert_uint_eq(cx__text_trim(bytes_of(NULL, 0)).size, 0);
  ck_assert(cx__text_equal_nocase(text_of("ABZaz[{"), text_of("abzAZ[{")));
  ck_assert(!cx__text_equal_nocase(text_of("["), text_of("{")) && !cx__text_equal_nocase(text_of("@"), text_of("`")));
  ck_assert(!cx__text_equal_nocase(text_of("a"), text_of("ab")));
}
END_TEST

START_TEST(utf_8_is_checked_strictly) {
  static const char *const good[] = {"",
                                     "abcdefgh",
                                     "a\x7f",
                                     "\xc2\x80",
                                     "\xdf\xbf",
                                     "\xe0\xa0\x80",
                                     "\xed\x9f\xbf",
                                     "\xee\x80\x80",
                                     "\xef\xbf\xbf",
                                     "\xf0\x90\x80\x80",
                                     "\xf4\x8f\xbf\xbf",
                                     "abcdefg\xc3\xa9",
                                     "1234567\xe2\x82\xac"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) ck_assert_msg(cx__text_is_utf8(text_of(good[i])), "%zu", i);
  static const char *const bad[] = {"\x80",
                                    "\xbf",
                                    "\xc0\x80",
                                    "\xc1\xbf",
                                    "\xc2",
                                    "\xc2\x41",
                                    "\xe0\x9f\xbf",
                                    "\xe2\x82",
                                    "\xe2\x82\x41",
                                    "\xed\xa0\x80",
                                    "\xed\xbf\xbf",
                                    "\xf0\x8f\xbf\xbf",
                                    "\xf4\x90\x80\x80",
                                    "\xf5\x80\x80\x80",
                                    "\xf0\x90\x80",
                                    "\xff",
                                    "\xfe",
                                    "abcdefgh\x80",
                                    "abcdefghi\xc3"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) ck_assert_msg(!cx__text_is_utf8(text_of(bad[i])), "%zu", i);
  for (size_t at = 0; at < 20; at++) { /* a zero byte anywhere, beside the bytes that resemble it */
    char text[20];
    memset(text, 1, sizeof text);
    ck_assert(cx__text_is_utf8(bytes_of(text, sizeof text)));
    text[at] = 0;
    ck_assert(!cx__text_is_utf8(bytes_of(text, sizeof text)));
  }
  /* every code point in its one right form */
  const uint32_t step = getenv("CX_VALGRIND") ? 61 : 1;
  for (uint32_t c = 1; c < 0x110000; c += step) {
    char p[4];
    size_t n = 0;
    if (c < 0x80) {
      p[n++] = (char)c;
    } else if (c < 0x800) {
      p[n++] = (char)(0xC0 | c >> 6);
    } else if (c < 0x10000) {
      p[n++] = (char)(0xE0 | c >> 12);
      p[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    } else {
      p[n++] = (char)(0xF0 | c >> 18);
      p[n++] = (char)(0x80 | (c >> 12 & 0x3F));
      p[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    }
    if (c >= 0x80) p[n++] = (char)(0x80 | (c & 0x3F));
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (cx__text_is_utf8(bytes_of(p, n)) == surrogate) ck_abort_msg("U+%04X", c);
  }
}
END_TEST

START_TEST(messages_become_one_line_of_utf_8) {
  char text[] = "a\nb\tc\x7f \xc3\xa9 \xff \xe2\x82";
  cx__text_make_line(text);
  ck_assert_str_eq(text, "a?b?c? \xc3\xa9 ? ??");
  char empty[] = "";
  cx__text_make_line(empty);
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  char large[1000];
  for (size_t i = 0; i < 999; i++) large[i] = (char)(i % 2 ? 0xa9 : 0xc3);
  large[999] = '\0';
  (void)cx__fail_at(ctx, CX_ERR_PARSE, "file.csv", 3, 17, "x%s", large);
  ck_assert(cx__text_is_utf8(cx__text(cx_context_error(ctx))));
  uint64_t row, byte;
  ck_assert_str_eq(cx_context_place(ctx, &row, &byte), "file.csv");
  ck_assert_uint_eq(row, 3);
  ck_assert_uint_eq(byte, 17);
  ck_assert_int_eq(cx__begin(ctx), CX_OK);
  ck_assert_str_eq(cx_context_place(ctx, &row, &byte), "");
  ck_assert(row == 0 && byte == UINT64_MAX);
  cx_context_free(ctx);
}
END_TEST

/* XXH3's own results for an empty input (xxHash, tests of XSUM_XXH3_testdata). */
START_TEST(hashes_are_xxh3) {
  ck_assert(cx__hash("", 0) == UINT64_C(0x2D06800538D394C2));
  ck_assert(cx__hash(NULL, 0) == UINT64_C(0x2D06800538D394C2));
  const cx__hash128 wide = cx__hash_wide("", 0);
  ck_assert(wide.low == UINT64_C(0x6001C324468D497F) && wide.high == UINT64_C(0x99AA06D3014798D8));
  ck_assert(cx__hash("a", 1) != cx__hash("b", 1));
  ck_assert(cx__hash_mix(1, 2) != cx__hash_mix(2, 1));
  cx__digest *digest = cx__digest_new(cx__allocator(NULL));
  char data[5000];
  memset(data, 'x', sizeof data);
  for (size_t i = 0; i < sizeof data; i += 125) cx__digest_add(digest, data + i, 125);
  const cx__hash128 pieces = cx__digest_get(digest), whole = cx__hash_wide(data, sizeof data);
  ck_assert(pieces.low == whole.low && pieces.high == whole.high);
  cx__digest_free(digest);
  cx__digest_free(NULL);
}
END_TEST

static cx_status intern_many(void *user, cx_context *ctx) {
  (void)user;
  cx__interner *interner = cx__interner_new(cx__allocator(ctx));
  if (!interner) return CX_ERR_NOMEM;
  bool ok = true;
  for (uint32_t i = 0; ok && i < 3000; i++) {
    char text[16];
    const int size = snprintf(text, sizeof text, "%u", i);
    uint32_t number = 0, again = 1;
    ok = cx__interner_add(interner, bytes_of(text, (size_t)size), &number);
    if (!ok) {
      ck_assert_uint_eq(cx__interner_count(interner), i);
      ck_assert(!cx__interner_find(interner, bytes_of(text, (size_t)size), &number));
      break;
    }
    ck_assert_uint_eq(number, i);
    ck_assert(cx__interner_find(interner, bytes_of(text, (size_t)size), &again));
    ck_assert_uint_eq(again, i);
  }
  for (uint32_t i = 0; i < cx__interner_count(interner); i++) {
    char text[16];
    snprintf(text, sizeof text, "%u", i);
    ck_assert(cx__text_is(cx__interner_get(interner, i), text));
    ck_assert_int_eq(cx__interner_get(interner, i).data[strlen(text)], 0);
  }
  cx__interner_free(interner);
  return ok ? CX_OK : CX_ERR_NOMEM;
}

START_TEST(an_interner_numbers_by_first_sight) {
  test_allocations(intern_many, NULL, false);
  cx__interner *interner = cx__interner_new(cx__allocator(NULL));
  uint32_t number = 7;
  ck_assert(!cx__interner_find(interner, text_of("x"), &number));
  ck_assert_uint_eq(number, 7);
  ck_assert(cx__interner_add(interner, text_of(""), &number));
  ck_assert(cx__interner_add(interner, bytes_of("a\0b", 3), &number));
  ck_assert(cx__interner_add(interner, bytes_of("a", 1), &number));
  ck_assert_uint_eq(number, 2);
  ck_assert(cx__interner_add(interner, bytes_of(NULL, 0), &number));
  ck_assert_uint_eq(number, 0);
  ck_assert_uint_eq(cx__interner_count(interner), 3);
  cx__interner_free(interner);
  cx__interner_free(NULL);
}
END_TEST

/* ---- options ----------------------------------------------------------------------------------------------------- */

typedef struct settings {
  uint32_t size;
  int32_t a;
  double b;
} settings;

START_TEST(options_grow) {
  static const settings defaults = {sizeof defaults, 5, 2.5};
  settings given, own = defaults;
  ck_assert_int_eq(cx__options_init(&given, sizeof given, &defaults, sizeof defaults), CX_OK);
  ck_assert(given.a == 5 && given.b == 2.5 && given.size == sizeof given);
  ck_status(CX_ERR_INVALID, cx__options_init(NULL, sizeof given, &defaults, sizeof defaults));
  ck_status(CX_ERR_INVALID, cx__options_init(&given, 3, &defaults, sizeof defaults));
  ck_status(CX_ERR_INVALID, cx__options_init(&given, 4097, &defaults, sizeof defaults));
  ck_ok(NULL, cx__options_read(NULL, NULL, &own, sizeof own));
  ck_assert(own.a == 5);
  given.a = 6;
  given.size = 8; /* an older caller, who knows no b */
  given.b = 99;
  ck_ok(NULL, cx__options_read(NULL, &given, &own, sizeof own));
  ck_assert(own.a == 6 && own.b == 2.5 && own.size == sizeof own);
  given.size = 0;
  ck_status(CX_ERR_INVALID, cx__options_read(NULL, &given, &own, sizeof own));
  given.size = 4097;
  ck_status(CX_ERR_INVALID, cx__options_read(NULL, &given, &own, sizeof own));
  struct {
    settings known;
    uint64_t later;
  } newer = {{sizeof newer, 1, 1}, 0};
  ck_ok(NULL, cx__options_read(NULL, &newer, &own, sizeof own));
  newer.later = 1;
  own.a = 77;
  ck_status(CX_ERR_UNSUPPORTED, cx__options_read(NULL, &newer, &own, sizeof own));
  ck_assert_int_eq(own.a, 77);
}
END_TEST

START_TEST(results_fit_their_callers) {
  const settings own = {sizeof own, 3, 4};
  settings given = {8, 0, 99};
  ck_ok(NULL, cx__result_write(NULL, &given, &own, sizeof own));
  ck_assert(given.size == 8 && given.a == 3 && given.b == 99);
  struct {
    settings known;
    uint64_t later;
  } newer = {{sizeof newer, 0, 0}, 9};
  ck_ok(NULL, cx__result_write(NULL, &newer, &own, sizeof own));
  ck_assert(newer.known.size == sizeof newer && newer.known.b == 4 && newer.later == 0);
  given.size = 0;
  ck_status(CX_ERR_INVALID, cx__result_write(NULL, &given, &own, sizeof own));
  ck_status(CX_ERR_INVALID, cx__result_write(NULL, NULL, &own, sizeof own));
}
END_TEST

/* ---- progress ---------------------------------------------------------------------------------------------------- */

typedef struct watch {
  cx_context *ctx;
  int calls;
  uint64_t first, last, total, stop_at;
  bool rising;
} watch;

static int follow(void *user, const char *stage, uint64_t done, uint64_t total) {
  watch *w = user;
  ck_assert_str_eq(stage, "work");
  if (w->calls == 0)
    w->first = done;
  else if (done <= w->last)
    w->rising = false;
  w->calls++;
  w->last = done;
  w->total = total;
  ck_assert_int_eq(cx_context_set_threads(w->ctx, 1), CX_ERR_BUSY);
  ck_assert_str_eq(cx_context_error(w->ctx), "");
  return done >= w->stop_at;
}

static watch run_stage(cx_context *ctx, uint64_t total, uint64_t told, uint64_t from, uint64_t step) {
  watch w = {.ctx = ctx, .stop_at = UINT64_MAX, .rising = true};
  ck_ok(ctx, cx_context_set_progress(ctx, follow, &w));
  cx_status status = CX_OK;
  for (uint64_t done = from; status == CX_OK && done < total; done += step)
    status = cx__progress(ctx, "work", done, told);
  ck_ok(ctx, status);
  ck_ok(ctx, cx__progress(ctx, "work", total, told));
  ck_ok(ctx, cx__progress(ctx, "work", total, told)); /* saying it twice tells nothing new */
  ck_ok(ctx, cx_context_set_progress(ctx, NULL, NULL));
  return w;
}

START_TEST(progress_begins_at_zero_ends_at_the_total_and_is_seldom) {
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  static const uint64_t totals[] = {1, 2, 50, 99, 100, 101, 150, 199, 200, 1000, 123457};
  for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++)
    for (uint64_t from = 0; from < 2; from++) { /* also for a caller who forgets to say 0 */
      const watch w = run_stage(ctx, totals[i], totals[i], from, 1);
      ck_assert_uint_eq(w.first, 0);
      ck_assert_uint_eq(w.last, totals[i]);
      ck_assert_uint_eq(w.total, totals[i]);
      ck_assert(w.rising);
      ck_assert_int_le(w.calls, 102);
      ck_assert_int_ge(w.calls, totals[i] < 50 ? 2 : 50);
    }
  const watch unknown = run_stage(ctx, 500000, 0, 0, 1);
  ck_assert_uint_eq(unknown.first, 0);
  ck_assert(unknown.rising);
  ck_assert_int_le(unknown.calls, 102);
  ck_assert_int_ge(unknown.calls, 20);
  cx_context_free(ctx);
  ck_assert_int_eq(cx__progress(NULL, "work", 1, 2), CX_OK);
}
END_TEST

START_TEST(an_answer_cancels_once) {
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  watch w = {.ctx = ctx, .stop_at = 10, .rising = true};
  ck_ok(ctx, cx_context_set_progress(ctx, follow, &w));
  uint64_t done = 0;
  cx_status status = CX_OK;
  for (; status == CX_OK; done++) status = cx__progress(ctx, "work", done, 100);
  ck_assert_int_eq(status, CX_ERR_CANCELLED);
  ck_assert_uint_eq(done, 11);
  ck_assert_int_eq(cx_context_status(ctx), CX_ERR_CANCELLED);
  ck_assert_str_eq(cx_context_error(ctx), "cancelled");
  ck_ok(ctx, cx_context_set_progress(ctx, NULL, NULL));
  ck_ok(ctx, cx__progress(ctx, "work", 50, 100)); /* the request was taken back */
  cx_context_cancel(ctx);
  ck_assert(cx__cancelled(ctx));
  ck_status(CX_ERR_CANCELLED, cx__progress(ctx, "work", 51, 100)); /* without a callback too */
  ck_assert(!cx__cancelled(ctx));
  ck_assert(!cx__cancelled(NULL));
  cx_context_free(ctx);
}
END_TEST

typedef struct notes {
  cx_context *ctx;
  int32_t level;
  char code[32], text[600];
} notes;

static void note(void *user, int32_t level, const char *code, const char *text) {
  notes *n = user;
  n->level = level;
  snprintf(n->code, sizeof n->code, "%s", code);
  snprintf(n->text, sizeof n->text, "%s", text);
  ck_assert_int_eq(cx_context_set_log(n->ctx, NULL, NULL), CX_ERR_BUSY);
}

START_TEST(the_log_is_told) {
  cx_context *ctx;
  ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
  notes n = {.ctx = ctx};
  ck_ok(ctx, cx_context_set_log(ctx, note, &n));
  cx__log(ctx, CX_LOG_WARNING, "some-code", "seen %d\ntimes", 3);
  ck_assert_int_eq(n.level, CX_LOG_WARNING);
  ck_assert_str_eq(n.code, "some-code");
  ck_assert_str_eq(n.text, "seen 3?times");
  ck_ok(ctx, cx_context_set_log(ctx, NULL, NULL));
  cx__log(ctx, CX_LOG_INFO, "other", "nothing");
  cx__log(NULL, CX_LOG_INFO, "other", "nothing");
  ck_assert_str_eq(n.code, "some-code");
  cx_context_free(ctx);
}
END_TEST

/* ---- threads ----------------------------------------------------------------------------------------------------- */

typedef struct task {
  cx_context *ctx;
  atomic_int runs[300];
  atomic_int total, workers_seen;
  size_t fail[3];
  cx_status status[3];
  size_t cancel_at, wait_for_cancel;
  bool slow_first, signals_open;
} task;

static cx_status run_task(void *user, size_t chunk, uint32_t worker) {
  task *t = user;
  atomic_fetch_add(&t->runs[chunk], 1);
  atomic_fetch_add(&t->total, 1);
  atomic_fetch_or(&t->workers_seen, 1 << worker);
  if (worker > 0) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!sigismember(&mask, SIGINT)) t->signals_open = true;
  }
  for (int k = 0; k < 3; k++)
    if (t->fail[k] == chunk + 1) {
      if (k == 0 && t->slow_first) usleep(20000); /* the lowest failing chunk fails last */
      return t->status[k];
    }
  if (t->cancel_at == chunk + 1) cx_context_cancel(t->ctx);
  while (t->wait_for_cancel == chunk + 1)
    if (cx__cancelled(t->ctx)) return CX_ERR_CANCELLED;
  return CX_OK;
}

static const uint32_t thread_counts[] = {1, 2, 7};

START_TEST(every_chunk_runs_once) {
  for (int k = 0; k < 3; k++)
    for (size_t chunks = 0; chunks <= 300; chunks += chunks < 10 ? 1 : 29) {
      cx_context *ctx;
      ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
      ck_ok(ctx, cx_context_set_threads(ctx, thread_counts[k]));
      task *t = calloc(1, sizeof *t);
      ck_ok(ctx, cx__parallel(ctx, chunks, run_task, t));
      ck_assert_int_eq(t->total, (int)chunks);
      for (size_t i = 0; i < chunks; i++) ck_assert_int_eq(t->runs[i], 1);
      ck_assert_int_lt(t->workers_seen, 1 << thread_counts[k]);
      ck_assert(!t->signals_open);
      free(t);
      cx_context_free(ctx);
    }
  task t = {.ctx = NULL};
  ck_assert_int_eq(cx__parallel(NULL, 5, run_task, &t), CX_OK);
  ck_assert_int_eq(t.total, 5);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  ck_assert(!sigismember(&mask, SIGINT)); /* the caller's mask is as it was */
}
END_TEST

START_TEST(the_lowest_failing_chunk_wins) {
  for (int k = 0; k < 3; k++)
    for (int round = 0; round < 20; round++) {
      cx_context *ctx;
      ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
      ck_ok(ctx, cx_context_set_threads(ctx, thread_counts[k]));
      task t = {.fail = {11, 12, 200}, .status = {CX_ERR_RANGE, CX_ERR_TYPE, CX_ERR_IO}, .slow_first = round < 3};
      ck_status(CX_ERR_RANGE, cx__parallel(ctx, 300, run_task, &t));
      ck_assert_int_eq(cx_context_status(ctx), CX_ERR_RANGE);
      ck_assert_str_eq(cx_context_error(ctx), "value out of range");
      for (size_t i = 0; i <= 10; i++) ck_assert_int_eq(t.runs[i], 1); /* all before it have run */
      if (!t.slow_first) ck_assert_int_lt(t.total, 300);
      cx_context_free(ctx);
    }
}
END_TEST

START_TEST(cancelling_stops_all_threads) {
  for (int k = 0; k < 3; k++) {
    cx_context *ctx;
    ck_assert_int_eq(cx_context_new(NULL, &ctx), CX_OK);
    ck_ok(ctx, cx_context_set_threads(ctx, thread_counts[k]));
    task t = {.ctx = ctx, .cancel_at = 3, .wait_for_cancel = 5};
    ck_status(CX_ERR_CANCELLED, cx__parallel(ctx, 300, run_task, &t));
    ck_assert_int_lt(t.total, 300);
    ck_assert_str_eq(cx_context_error(ctx), "cancelled");
    t.cancel_at = t.wait_for_cancel = 0;
    ck_ok(ctx, cx__parallel(ctx, 300, run_task, &t)); /* the request was taken back */
    cx_context_free(ctx);
  }
}
END_TEST

START_TEST(sums_have_a_fixed_order) {
  static double values[10000];
  cx__random random;
  cx__random_init(&random, 1, 1);
  double plain = 0;
  for (size_t i = 0; i < 10000; i++) plain += values[i] = cx__random_normal(&random);
  for (size_t n = 0; n < 10000; n += 7) {
    const double sum = cx__sum(values, n);
    double expected = 0; /* split by hand at the largest 128 * 2^k below n */
    if (n > 128) {
      size_t half = 128;
      while (half * 2 < n) half *= 2;
      expected = cx__sum(values, half) + cx__sum(values + half, n - half);
    } else {
      for (size_t i = 0; i < n; i++) expected += values[i];
    }
    ck_assert(sum == expected);
  }
  ck_near(cx__sum(values, 10000), plain, 1e-12);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("core");
  TCase *tests = tcase_create("core");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, sizes_that_overflow_are_refused);
  tcase_add_test(tests, aligned_memory_is_aligned);
  tcase_add_test(tests, arrays_grow_or_stay_as_they_were);
  tcase_add_test(tests, an_arena_gives_everything_back_at_once);
  tcase_add_test(tests, a_buffer_collects_bytes);
  tcase_add_test(tests, texts_are_compared_and_trimmed);
  tcase_add_test(tests, utf_8_is_checked_strictly);
  tcase_add_test(tests, messages_become_one_line_of_utf_8);
  tcase_add_test(tests, hashes_are_xxh3);
  tcase_add_test(tests, an_interner_numbers_by_first_sight);
  tcase_add_test(tests, options_grow);
  tcase_add_test(tests, results_fit_their_callers);
  tcase_add_test(tests, progress_begins_at_zero_ends_at_the_total_and_is_seldom);
  tcase_add_test(tests, an_answer_cancels_once);
  tcase_add_test(tests, the_log_is_told);
  tcase_add_test(tests, every_chunk_runs_once);
  tcase_add_test(tests, the_lowest_failing_chunk_wins);
  tcase_add_test(tests, cancelling_stops_all_threads);
  tcase_add_test(tests, sums_have_a_fixed_order);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}

# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/core/core.h libcx/core/context.h libcx/core/context.c libcx/core/status.c \
	libcx/core/options.c libcx/core/memory.c libcx/core/text.c libcx/core/digest.c libcx/core/number.c \
	libcx/core/time.c libcx/core/zone.c libcx/core/random.c libcx/core/model.c libcx/core/thread.c libcx/core/kernel.c
if HAVE_AVX2
AM_CPPFLAGS += -DCX__HAVE_AVX2
noinst_LTLIBRARIES += libcx-avx2.la
libcx_avx2_la_SOURCES = libcx/core/kernel_avx2.c
libcx_avx2_la_CFLAGS = $(AM_CFLAGS) -mavx2 -mfma
libcx_all_la_LIBADD += libcx-avx2.la
endif
EXTRA_DIST += docs/times.md docs/model-file.md

if HAVE_CHECK
check_PROGRAMS += check_context unit_number unit_time unit_random check_model unit_model unit_kernel unit_core
check_context_SOURCES = tests/check_context.c
check_context_CFLAGS = $(TEST_CFLAGS)
check_context_LDADD = $(TEST_LIBS)
unit_number_SOURCES = tests/unit_number.c
unit_number_CFLAGS = $(TEST_CFLAGS)
unit_number_LDADD = $(UNIT_LIBS)
unit_time_SOURCES = tests/unit_time.c
unit_time_CFLAGS = $(TEST_CFLAGS)
unit_time_LDADD = $(UNIT_LIBS)
unit_random_SOURCES = tests/unit_random.c
unit_random_CFLAGS = $(TEST_CFLAGS)
unit_random_LDADD = $(UNIT_LIBS)
check_model_SOURCES = tests/check_model.c
check_model_CFLAGS = $(TEST_CFLAGS)
check_model_LDADD = $(TEST_LIBS)
unit_model_SOURCES = tests/unit_model.c
unit_model_CFLAGS = $(TEST_CFLAGS)
unit_model_LDADD = $(UNIT_LIBS)
unit_kernel_SOURCES = tests/unit_kernel.c
unit_kernel_CFLAGS = $(TEST_CFLAGS)
unit_kernel_LDADD = $(UNIT_LIBS)
unit_core_SOURCES = tests/unit_core.c
unit_core_CFLAGS = $(TEST_CFLAGS)
unit_core_LDADD = $(UNIT_LIBS)
endif

check_PROGRAMS += fuzz_number fuzz_time fuzz_zone fuzz_model
fuzz_number_SOURCES = tests/fuzz/fuzz_number.c tests/fuzz/driver.c
fuzz_number_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/number"'
fuzz_number_LDADD = $(ARCHIVE_LIBS)
fuzz_time_SOURCES = tests/fuzz/fuzz_time.c tests/fuzz/driver.c
fuzz_time_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/time"'
fuzz_time_LDADD = $(ARCHIVE_LIBS)
fuzz_zone_SOURCES = tests/fuzz/fuzz_zone.c tests/fuzz/driver.c
fuzz_zone_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/zone"'
fuzz_zone_LDADD = $(ARCHIVE_LIBS)
fuzz_model_SOURCES = tests/fuzz/fuzz_model.c tests/fuzz/driver.c
fuzz_model_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/model"'
fuzz_model_LDADD = $(ARCHIVE_LIBS)

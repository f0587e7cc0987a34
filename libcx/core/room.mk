# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/core/core.h libcx/core/context.h libcx/core/context.c libcx/core/status.c \
	libcx/core/options.c libcx/core/memory.c libcx/core/text.c libcx/core/digest.c libcx/core/number.c libcx/core/time.c libcx/core/zone.c libcx/core/thread.c libcx/core/kernel.c

if HAVE_CHECK
check_PROGRAMS += check_context unit_number unit_time
check_context_SOURCES = tests/check_context.c
check_context_CFLAGS = $(TEST_CFLAGS)
check_context_LDADD = $(TEST_LIBS)
unit_number_SOURCES = tests/unit_number.c
unit_number_CFLAGS = $(TEST_CFLAGS)
unit_number_LDADD = $(UNIT_LIBS)
unit_time_SOURCES = tests/unit_time.c
unit_time_CFLAGS = $(TEST_CFLAGS)
unit_time_LDADD = $(UNIT_LIBS)
endif

# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/base/base.h libcx/base/base.c libcx/base/learn.c

if HAVE_CHECK
check_PROGRAMS += check_base
check_base_SOURCES = tests/check_base.c
check_base_CFLAGS = $(TEST_CFLAGS)
check_base_LDADD = $(TEST_LIBS)
endif

# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/lifecycle/history.h libcx/lifecycle/history.c \
	libcx/lifecycle/history_profile.c

if HAVE_CHECK
check_PROGRAMS += check_history
check_history_SOURCES = tests/check_history.c
check_history_CFLAGS = $(TEST_CFLAGS)
check_history_LDADD = $(TEST_LIBS)
endif

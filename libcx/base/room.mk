# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/base/base.h libcx/base/base.c libcx/base/learn.c

if HAVE_CHECK
check_PROGRAMS += check_base check_models
check_base_SOURCES = tests/check_base.c
check_base_CFLAGS = $(TEST_CFLAGS)
check_base_LDADD = $(TEST_LIBS)
check_models_SOURCES = tests/check_models.c tests/ranker_world.h
check_models_CFLAGS = $(TEST_CFLAGS)
check_models_LDADD = $(TEST_LIBS)
endif

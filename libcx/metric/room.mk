# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/metric/metric_bootstrap.h libcx/metric/metric_bootstrap.c libcx/metric/metric.c \
	libcx/metric/metric_rank.c

if HAVE_CHECK
check_PROGRAMS += check_metric
check_metric_SOURCES = tests/check_metric.c
check_metric_CFLAGS = $(TEST_CFLAGS)
check_metric_LDADD = $(TEST_LIBS)
endif

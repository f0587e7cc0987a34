# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/math/math.h libcx/math/special.c libcx/math/renewal.c libcx/math/optimise.c \
	libcx/math/logistic.c libcx/math/dense.c libcx/math/quantile.c libcx/math/calibrate.c

if HAVE_CHECK
check_PROGRAMS += unit_special unit_optimise unit_logistic unit_dense unit_quantile
unit_special_SOURCES = tests/unit_special.c
unit_special_CFLAGS = $(TEST_CFLAGS)
unit_special_LDADD = $(UNIT_LIBS)
unit_optimise_SOURCES = tests/unit_optimise.c
unit_optimise_CFLAGS = $(TEST_CFLAGS)
unit_optimise_LDADD = $(UNIT_LIBS)
unit_logistic_SOURCES = tests/unit_logistic.c
unit_logistic_CFLAGS = $(TEST_CFLAGS)
unit_logistic_LDADD = $(UNIT_LIBS)
unit_dense_SOURCES = tests/unit_dense.c
unit_dense_CFLAGS = $(TEST_CFLAGS)
unit_dense_LDADD = $(UNIT_LIBS)
unit_quantile_SOURCES = tests/unit_quantile.c
unit_quantile_CFLAGS = $(TEST_CFLAGS)
unit_quantile_LDADD = $(UNIT_LIBS)
endif

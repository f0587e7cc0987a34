# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/math/math.h libcx/math/special.c libcx/math/renewal.c libcx/math/optimise.c \
	libcx/math/dense.c

if HAVE_CHECK
check_PROGRAMS += unit_optimise unit_dense
unit_optimise_SOURCES = tests/unit_optimise.c
unit_optimise_CFLAGS = $(TEST_CFLAGS)
unit_optimise_LDADD = $(UNIT_LIBS)
unit_dense_SOURCES = tests/unit_dense.c
unit_dense_CFLAGS = $(TEST_CFLAGS)
unit_dense_LDADD = $(UNIT_LIBS)
endif

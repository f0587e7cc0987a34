# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/lifecycle/history.h libcx/lifecycle/history.c libcx/lifecycle/history_profile.c \
	libcx/lifecycle/lifecycle.h libcx/lifecycle/lifecycle.c libcx/lifecycle/lifecycle_ask.c \
	libcx/lifecycle/lifecycle_file.c libcx/lifecycle/bgnbd.c libcx/lifecycle/bgnbd_fit.c libcx/lifecycle/bgnbd_objective.c libcx/lifecycle/distinct.c libcx/lifecycle/stage.h \
	libcx/lifecycle/stage.c libcx/lifecycle/stage_hazard.c libcx/lifecycle/stage_fit.c

if HAVE_CHECK
check_PROGRAMS += check_history check_lifecycle check_stage unit_bgnbd unit_stage
check_history_SOURCES = tests/check_history.c
check_history_CFLAGS = $(TEST_CFLAGS)
check_history_LDADD = $(TEST_LIBS)
check_lifecycle_SOURCES = tests/check_lifecycle.c
check_lifecycle_CFLAGS = $(TEST_CFLAGS)
check_lifecycle_LDADD = $(TEST_LIBS) -lm
check_stage_SOURCES = tests/check_stage.c
check_stage_CFLAGS = $(TEST_CFLAGS)
check_stage_LDADD = $(TEST_LIBS) -lm
unit_bgnbd_SOURCES = tests/unit_bgnbd.c
unit_bgnbd_CFLAGS = $(TEST_CFLAGS)
unit_bgnbd_LDADD = $(UNIT_LIBS) -lm
unit_stage_SOURCES = tests/unit_stage.c
unit_stage_CFLAGS = $(TEST_CFLAGS)
unit_stage_LDADD = $(UNIT_LIBS) -lm
endif

EXTRA_PROGRAMS += bench_lifecycle
bench_lifecycle_SOURCES = tests/bench/bench_lifecycle.c $(BENCH)
bench_lifecycle_LDADD = $(BENCH_LIBS)

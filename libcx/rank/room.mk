# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/rank/rank.h libcx/rank/list.h libcx/rank/als.c libcx/rank/rank_text.c \
	libcx/rank/rank_catalogue.c libcx/rank/rank_interactions.c libcx/rank/rank_prior.c libcx/rank/ranker.c \
	libcx/rank/ranker_file.c libcx/rank/ranker_fold.c libcx/rank/ranker_list.c libcx/rank/ranker_rank.c \
	libcx/rank/ranker_evaluate.c

if HAVE_CHECK
check_PROGRAMS += check_ranker check_ranker_model unit_ranker
check_ranker_SOURCES = tests/check_ranker.c tests/ranker_world.h
check_ranker_CFLAGS = $(TEST_CFLAGS)
check_ranker_LDADD = $(TEST_LIBS)
check_ranker_model_SOURCES = tests/check_ranker_model.c tests/ranker_world.h
check_ranker_model_CFLAGS = $(TEST_CFLAGS)
check_ranker_model_LDADD = $(TEST_LIBS)
unit_ranker_SOURCES = tests/unit_ranker.c tests/ranker_world.h
unit_ranker_CFLAGS = $(TEST_CFLAGS)
unit_ranker_LDADD = $(UNIT_LIBS)
endif

check_PROGRAMS += fuzz_ranker
fuzz_ranker_SOURCES = tests/fuzz/fuzz_ranker.c tests/fuzz/driver.c
fuzz_ranker_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/ranker"'
fuzz_ranker_LDADD = $(ARCHIVE_LIBS)

EXTRA_PROGRAMS += bench_rank
bench_rank_SOURCES = tests/bench/bench_rank.c $(BENCH)
bench_rank_LDADD = $(BENCH_LIBS)

# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/rank/rank.h libcx/rank/list.h libcx/rank/als.c libcx/rank/rank_text.c \
	libcx/rank/rank_catalogue.c libcx/rank/rank_interactions.c libcx/rank/rank_prior.c libcx/rank/ranker.c \
	libcx/rank/ranker_file.c libcx/rank/ranker_fold.c libcx/rank/ranker_list.c libcx/rank/ranker_rank.c \
	libcx/rank/ranker_evaluate.c

if HAVE_CHECK
check_PROGRAMS += check_ranker
check_ranker_SOURCES = tests/check_ranker.c tests/ranker_world.h
check_ranker_CFLAGS = $(TEST_CFLAGS)
check_ranker_LDADD = $(TEST_LIBS)
endif

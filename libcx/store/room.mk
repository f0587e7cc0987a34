# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/store/store.h libcx/store/statement.h libcx/store/store.c libcx/store/file.c \
	libcx/store/sql.c libcx/store/transaction.c libcx/store/identifier.c libcx/store/people.c libcx/store/append.c \
	libcx/store/event.c libcx/store/read.c libcx/store/person.c

if HAVE_CHECK
check_PROGRAMS += check_store
check_store_SOURCES = tests/check_store.c tests/store_support.h tests/store_support.c
check_store_CFLAGS = $(TEST_CFLAGS)
check_store_LDADD = $(TEST_LIBS)
endif

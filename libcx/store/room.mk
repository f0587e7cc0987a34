# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/store/store.h libcx/store/statement.h libcx/store/store.c libcx/store/file.c \
	libcx/store/sql.c libcx/store/transaction.c libcx/store/identifier.c libcx/store/people.c libcx/store/append.c \
	libcx/store/event.c libcx/store/read.c libcx/store/person.c libcx/store/export.c libcx/store/feed.c \
	libcx/store/batch.c libcx/store/import.c

STORE_SUPPORT = tests/store_support.h tests/store_support.c
if HAVE_CHECK
check_PROGRAMS += check_store check_store_order check_store_import crash_store check_store_processes
check_store_SOURCES = tests/check_store.c $(STORE_SUPPORT)
check_store_CFLAGS = $(TEST_CFLAGS)
check_store_LDADD = $(TEST_LIBS)
check_store_order_SOURCES = tests/check_store_order.c $(STORE_SUPPORT)
check_store_order_CFLAGS = $(TEST_CFLAGS)
check_store_order_LDADD = $(TEST_LIBS)
check_store_import_SOURCES = tests/check_store_import.c $(STORE_SUPPORT)
check_store_import_CFLAGS = $(TEST_CFLAGS)
check_store_import_LDADD = $(TEST_LIBS)
crash_store_SOURCES = tests/crash_store.c $(STORE_SUPPORT)
crash_store_CFLAGS = $(TEST_CFLAGS)
crash_store_LDADD = $(TEST_LIBS) $(SQLITE_LIBS)
check_store_processes_SOURCES = tests/check_store_processes.c $(STORE_SUPPORT)
check_store_processes_CFLAGS = $(TEST_CFLAGS)
check_store_processes_LDADD = $(TEST_LIBS) $(SQLITE_LIBS)
endif

EXTRA_PROGRAMS += bench_store
bench_store_SOURCES = tests/bench/bench_store.c $(BENCH)
bench_store_LDADD = $(BENCH_LIBS)

EXTRA_DIST += docs/store.md tests/data/store_v1.cx tests/data/store_v1.jsonl

# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/table/table.h libcx/table/storage.h libcx/table/table.c libcx/table/builder.c \
	libcx/table/arrow.h libcx/table/arrow_import.c libcx/table/arrow_export.c

if HAVE_CHECK
check_PROGRAMS += check_table unit_builder
check_table_SOURCES = tests/check_table.c
check_table_CFLAGS = $(TEST_CFLAGS)
check_table_LDADD = $(TEST_LIBS)
unit_builder_SOURCES = tests/unit_builder.c
unit_builder_CFLAGS = $(TEST_CFLAGS)
unit_builder_LDADD = $(UNIT_LIBS)
endif

# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/format/source.c libcx/format/csv.c libcx/format/csv_table.c

if HAVE_CHECK
check_PROGRAMS += check_format
check_format_SOURCES = tests/check_format.c
check_format_CFLAGS = $(TEST_CFLAGS)
check_format_LDADD = $(TEST_LIBS)
check_PROGRAMS += unit_csv
unit_csv_SOURCES = tests/unit_csv.c
unit_csv_CFLAGS = $(TEST_CFLAGS)
unit_csv_LDADD = $(UNIT_LIBS)
endif

check_PROGRAMS += fuzz_csv
fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c tests/fuzz/driver.c
fuzz_csv_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/csv"'
fuzz_csv_LDADD = $(ARCHIVE_LIBS)

libcx_all_la_SOURCES += libcx/format/format.h libcx/format/json.h libcx/format/json.cc libcx/format/reader.h \
	libcx/format/input.c libcx/format/line.c libcx/format/map.c libcx/format/row.c libcx/format/reader.c \
	libcx/format/orders.c libcx/format/items.c libcx/format/preferences.c libcx/format/consents.c \
	libcx/format/segment.c libcx/format/properties.c

if HAVE_CHECK
check_PROGRAMS += unit_json unit_reader unit_segment
unit_json_SOURCES = tests/unit_json.c
unit_json_CFLAGS = $(TEST_CFLAGS)
unit_json_LDADD = $(UNIT_LIBS)
unit_reader_SOURCES = tests/unit_reader.c
unit_reader_CFLAGS = $(TEST_CFLAGS)
unit_reader_LDADD = $(UNIT_LIBS)
unit_segment_SOURCES = tests/unit_segment.c
unit_segment_CFLAGS = $(TEST_CFLAGS)
unit_segment_LDADD = $(UNIT_LIBS)
endif

check_PROGRAMS += fuzz_json
fuzz_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/driver.c
fuzz_json_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/json"'
fuzz_json_LDADD = $(ARCHIVE_LIBS)

check_PROGRAMS += fuzz_reader
fuzz_reader_SOURCES = tests/fuzz/fuzz_reader.c tests/fuzz/driver.c
fuzz_reader_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/reader"'
fuzz_reader_LDADD = $(ARCHIVE_LIBS)

EXTRA_DIST += docs/import.md
EXTRA_PROGRAMS += bench_format
bench_format_SOURCES = tests/bench/bench_format.c $(BENCH)
bench_format_LDADD = $(ARCHIVE_LIBS) -lm

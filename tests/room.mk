# SPDX-License-Identifier: MIT
# Suites named check_<noun> see what a program sees: they link libcx.la. Those named unit_<file> test the inside and link the archive.
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -Wno-float-equal -I$(top_srcdir)/tests -DTEST_DATA='"$(abs_top_srcdir)/tests/data"'
TEST_LIBS = libcx-test.la libcx.la $(CHECK_LIBS)
UNIT_LIBS = libcx-test.la libcx-all.la $(CHECK_LIBS)
if HAVE_CHECK
check_LTLIBRARIES += libcx-test.la
libcx_test_la_SOURCES = tests/support.h tests/support.c
libcx_test_la_CFLAGS = $(TEST_CFLAGS)
endif
TESTS += $(check_PROGRAMS)

# SPDX-License-Identifier: MIT
# Suites named check_<noun> see what a program sees: they link libcx.la. Those named unit_<file> test the inside and link the archive.
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -Wno-float-equal -I$(top_srcdir)/tests -DTEST_DATA='"$(abs_top_srcdir)/tests/data"'
TEST_LIBS = libcx-test.la libcx.la $(CHECK_LIBS)
# simdjson needs the C++ runtime, which libtool does not carry over from an archive.
ARCHIVE_LIBS = libcx-all.la -lstdc++
UNIT_LIBS = libcx-test.la $(ARCHIVE_LIBS) $(CHECK_LIBS)
if HAVE_CHECK
check_LTLIBRARIES += libcx-test.la
libcx_test_la_SOURCES = tests/support.h tests/support.c
libcx_test_la_CFLAGS = $(TEST_CFLAGS)
endif

# Fuzz targets: with the driver they run their corpus in `make check`; `qa.sh fuzz` builds them with libFuzzer. A target adds itself with
#   check_PROGRAMS += fuzz_<name>
#   fuzz_<name>_SOURCES = tests/fuzz/fuzz_<name>.c tests/fuzz/driver.c
#   fuzz_<name>_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/<name>"'
#   fuzz_<name>_LDADD = $(ARCHIVE_LIBS)
EXTRA_DIST += tests/corpus tests/data tests/golden

check_scripts = tests/scripts/symbols.sh tests/scripts/headers.sh tests/scripts/floors.sh tests/scripts/style.sh \
	tests/scripts/versions.sh tests/scripts/layout.sh tests/scripts/docs.sh tests/scripts/tool.sh \
	tests/scripts/python.sh tests/scripts/lua.sh tests/scripts/lua-coverage.sh tests/scripts/tutorial.sh
EXTRA_DIST += $(check_scripts) tests/scripts/common.sh tests/scripts/layout.py tests/scripts/tool.py tests/scripts/qa.sh \
	tests/scripts/fresh-root.sh tests/scripts/summary.sh tests/scripts/installed.sh
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; CC='$(CC)'; CXX='$(CXX)'; \
	NM='$(NM)'; PYTHON='$(PYTHON)'; export top_srcdir top_builddir CC CXX NM PYTHON; \
	[ -e data ] || ln -s '$(abs_top_srcdir)/examples/data' data;
TESTS += $(check_PROGRAMS) $(check_scripts)

update-golden:
	$(AM_TESTS_ENVIRONMENT) sh $(top_srcdir)/tests/scripts/layout.sh update

# Benchmarks: `make bench`; BENCH_ARGS=PATH measures with a CSV or JSON Lines file instead of generated data where that is possible.
# A room adds bench_<noun> to EXTRA_PROGRAMS with BENCH in its sources: docs/benchmarks.md.
BENCH = tests/bench/bench.h tests/bench/bench.c
BENCH_LIBS = libcx.la -lm
bench: $(EXTRA_PROGRAMS)
	@unset BENCH_CONTINUED; for program in $(EXTRA_PROGRAMS); do \
	  ./$$program $(BENCH_ARGS) || exit 1; BENCH_CONTINUED=1; export BENCH_CONTINUED; done
.PHONY: bench update-golden

CLEANFILES += $(EXTRA_PROGRAMS)
clean-local:
	-rm -rf test-?????? tests-*-[0-9]* data *.cx *.cx-*

# SPDX-License-Identifier: MIT
# The manual is made from the headers and from the program's help, so that every fact has one place. The tarball holds the pages.
manual_nouns = api status context table model metric party event content preference permission profile format store history lifecycle \
	stage ranker base
manual_pages = $(manual_nouns:%=docs/man/cx_%.3) docs/man/cx.1
EXTRA_DIST += docs/manual.py docs/architecture.md docs/tutorial.md docs/errors.md docs/threads.md docs/memory.md docs/numbers.md docs/abi.md \
	docs/identity.md docs/permission.md docs/history.md docs/lifecycle.md docs/stage.md docs/benchmarks.md
if HAVE_MANUAL
dist_man_MANS += $(manual_pages)
endif
MAINTAINERCLEANFILES = $(manual_pages)

docs/man/cx_%.3: include/cx/%.h docs/manual.py configure.ac
	$(AM_V_GEN)$(MKDIR_P) docs/man && $(PYTHON) $(srcdir)/docs/manual.py $< > $@.tmp && mv $@.tmp $@

docs/man/cx.1: $(cx_SOURCES) docs/manual.py configure.ac | cx$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) docs/man && $(PYTHON) $(srcdir)/docs/manual.py --tool ./cx > $@.tmp && mv $@.tmp $@

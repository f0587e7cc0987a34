# SPDX-License-Identifier: MIT
bin_PROGRAMS += cx
cx_SOURCES = tools/cx.h tools/main.c tools/arguments.c tools/output.c tools/common.c tools/import.c tools/learn.c tools/stages.c \
	tools/show.c tools/rank.c tools/permit.c tools/fit.c tools/eval.c tools/export.c tools/info.c
cx_LDADD = libcx.la

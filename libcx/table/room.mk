# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/table/table.h libcx/table/storage.h libcx/table/table.c libcx/table/builder.c

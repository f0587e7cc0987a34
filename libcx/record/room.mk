# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/record/record.h libcx/record/bytes.h libcx/record/profile.h libcx/record/record.c \
	libcx/record/record_bytes.c libcx/record/profile.c libcx/record/profile_bytes.c libcx/record/event.c \
	libcx/record/content.c libcx/record/preference.c libcx/record/permission.c libcx/record/party.c

if HAVE_CHECK
check_PROGRAMS += check_party check_permission
check_party_SOURCES = tests/check_party.c
check_party_CFLAGS = $(TEST_CFLAGS)
check_party_LDADD = $(TEST_LIBS)
check_permission_SOURCES = tests/check_permission.c
check_permission_CFLAGS = $(TEST_CFLAGS)
check_permission_LDADD = $(TEST_LIBS)
endif

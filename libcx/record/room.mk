# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/record/record.h libcx/record/bytes.h libcx/record/profile.h libcx/record/record.c \
	libcx/record/record_bytes.c libcx/record/profile.c libcx/record/profile_bytes.c libcx/record/event.c \
	libcx/record/content.c libcx/record/preference.c libcx/record/permission.c libcx/record/party.c

if HAVE_CHECK
check_PROGRAMS += unit_record
unit_record_SOURCES = tests/unit_record.c
unit_record_CFLAGS = $(TEST_CFLAGS)
unit_record_LDADD = $(UNIT_LIBS)
check_PROGRAMS += check_party check_event check_permission check_profile
check_party_SOURCES = tests/check_party.c
check_party_CFLAGS = $(TEST_CFLAGS)
check_party_LDADD = $(TEST_LIBS)
check_event_SOURCES = tests/check_event.c
check_event_CFLAGS = $(TEST_CFLAGS)
check_event_LDADD = $(TEST_LIBS)
check_permission_SOURCES = tests/check_permission.c
check_permission_CFLAGS = $(TEST_CFLAGS)
check_permission_LDADD = $(TEST_LIBS)
check_profile_SOURCES = tests/check_profile.c
check_profile_CFLAGS = $(TEST_CFLAGS)
check_profile_LDADD = $(TEST_LIBS)
endif
check_PROGRAMS += fuzz_profile
fuzz_profile_SOURCES = tests/fuzz/fuzz_profile.c tests/fuzz/driver.c
fuzz_profile_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_top_srcdir)/tests/corpus/profile"'
fuzz_profile_LDADD = $(ARCHIVE_LIBS)

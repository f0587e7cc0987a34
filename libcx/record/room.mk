# SPDX-License-Identifier: MIT
libcx_all_la_SOURCES += libcx/record/record.h libcx/record/bytes.h libcx/record/profile.h libcx/record/record.c \
	libcx/record/record_bytes.c libcx/record/profile.c libcx/record/profile_bytes.c libcx/record/event.c \
	libcx/record/content.c libcx/record/preference.c libcx/record/permission.c libcx/record/party.c

# SPDX-License-Identifier: MIT

check_PROGRAMS += example_permission example_profile
example_permission_SOURCES = examples/permission.c
example_permission_LDADD = libcx.la
example_profile_SOURCES = examples/profile.c
example_profile_LDADD = libcx.la

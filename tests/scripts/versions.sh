#!/bin/sh
# SPDX-License-Identifier: MIT
# configure.ac, cx/api.h, NEWS and the Python package name one version.
. "$(dirname "$0")/common.sh"
cd "$top_srcdir" || exit 1
package=$(sed -n 's/^AC_INIT(\[libcx\], \[\([0-9.]*\)\].*/\1/p' configure.ac)
part() { sed -n "s/^#define CX_VERSION_$1 //p" include/cx/api.h; }
header=$(part MAJOR).$(part MINOR).$(part PATCH)
[ "$package" = "$header" ] || fail "configure.ac says $package, cx/api.h $header"
news=$(sed -n 's/^libcx \([0-9.]*\).*/\1/p' NEWS | head -1)
[ "$package" = "$news" ] || fail "configure.ac says $package, NEWS $news"
python=$(sed -n 's/^version = "\(.*\)"/\1/p' bindings/python/pyproject.toml)
[ "$package" = "$python" ] || fail "configure.ac says $package, pyproject.toml $python"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: MIT
# From a clone to a running libcx: installs the Debian packages that are missing (as root; otherwise it prints the line), builds, and
#   sh bootstrap.sh demo    runs the main job on the real data in examples/data
#   sh bootstrap.sh check   runs every test and counts them
#   sh bootstrap.sh build   only builds, in ./build/release
set -eu
root=$(cd "$(dirname "$0")" && pwd)
jobs=$(nproc 2> /dev/null || echo 2)
needs="gcc g++ libc6-dev make autoconf automake libtool pkg-config libsqlite3-dev libsimdjson-dev
  libxxhash-dev zlib1g-dev"
check_needs="check clang-14 libclang-rt-14-dev valgrind xz-utils tzdata mandoc python3 python3-dev python3-numpy python3-pip python3-venv python3-setuptools python3-wheel
  python3-clang-14 lua5.4 liblua5.4-dev luajit libluajit-5.1-dev clang-format-14 pmccabe sqlite3"

install_packages() {
  command -v dpkg-query > /dev/null 2>&1 || {
    echo "bootstrap.sh: not a Debian system; install what README.md lists and use autoreconf, configure and make" >&2
    return 0
  }
  missing=
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ]; then
    echo "installing:$missing"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing > /dev/null
  else
    echo "bootstrap.sh: packages are missing; as root run" >&2
    echo "  apt-get install --no-install-recommends$missing" >&2
    exit 2
  fi
}

build() {
  [ -x "$root/configure" ] || (cd "$root" && autoreconf -fi > /dev/null 2>&1) || (cd "$root" && autoreconf -fi)
  mkdir -p "$root/build/release"
  cd "$root/build/release"
  [ -f config.status ] || "$root/configure" -q
  make -s -j"$jobs"
}

case ${1:-} in
  build)
    install_packages $needs
    build
    ;;
  demo)
    install_packages $needs
    build
    exec sh "$root/examples/demo.sh" "$root/build/release/cx" "$root/examples/data"
    ;;
  check)
    install_packages $needs $check_needs
    cd "$root"
    exec sh tests/scripts/qa.sh check
    ;;
  *)
    sed -n '3,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

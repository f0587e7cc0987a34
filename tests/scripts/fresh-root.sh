#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves the README's two commands where nothing is installed: makes a minimal Debian 12 root with debootstrap, clones the repository
# into it, and runs them there. As root; takes a while. fresh-root.sh [demo|check ...] [keep]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] || { echo "fresh-root.sh must be run as root" >&2; exit 2; }
command -v debootstrap > /dev/null || { echo "debootstrap is missing" >&2; exit 2; }
[ $# -gt 0 ] || set -- demo check
mirror=${CX_MIRROR:-$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2> /dev/null | head -1)}
place=$(mktemp -d "${CX_FRESH:-/var/tmp}/cx-root-XXXXXX")
chmod 755 "$place" # as a root folder is
cleanup() {
  umount "$place/proc" 2> /dev/null || true
  umount "$place/dev/shm" 2> /dev/null || true
  rm -rf --one-file-system "$place"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
debootstrap --variant=minbase bookworm "$place" "$mirror" > "$place.log" 2>&1 || { tail -20 "$place.log"; exit 1; }
# The package sources, proxies and keys that this machine uses, so that the new root can reach what it reaches.
for file in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/apt/trusted.gpg.d /etc/apt/keyrings \
  /etc/ssl/certs /usr/share/keyrings /usr/local/share/ca-certificates /etc/resolv.conf /etc/hosts; do
  [ -e "$file" ] && mkdir -p "$place/$(dirname "$file")" && cp -aL "$file" "$place/$(dirname "$file")/" 2> /dev/null || true
done
mount -t proc proc "$place/proc" 2> /dev/null || echo "note: /proc cannot be mounted here"
git clone -q "$root" "$place/libcx"
status=0
for command in "$@"; do
  [ "$command" != keep ] || continue
  start=$(date +%s)
  echo "== fresh root: sh bootstrap.sh $command"
  chroot "$place" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C sh -c "cd /libcx && sh bootstrap.sh $command" < /dev/null || status=1
  echo "== $command took $(($(date +%s) - start)) s, status $status"
done
rm -f "$place.log"
exit $status

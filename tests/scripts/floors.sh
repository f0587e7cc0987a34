#!/bin/sh
# SPDX-License-Identifier: MIT
# No room includes what it may not: the table of docs/architecture.md, read from the #include lines.
. "$(dirname "$0")/common.sh"

# The room of a public header's noun.
room_of() {
  case $1 in
    api | status | context | model) echo core ;;
    table) echo table ;;
    metric) echo metric ;;
    party | event | content | preference | permission | profile) echo record ;;
    format) echo format ;;
    store) echo store ;;
    history | lifecycle | stage) echo lifecycle ;;
    ranker | policy) echo rank ;;
    identity) echo identity ;;
    base) echo base ;;
    *) echo "unknown-$1" ;;
  esac
}
# What each room may include of ours, itself aside, and of other libraries.
allowed() {
  case $1 in
    core) echo "xxhash.h" ;;
    math) echo "core" ;;
    table) echo "core" ;;
    metric) echo "core math table" ;;
    record) echo "core table" ;;
    format) echo "core table record simdjson.h libxml/ zlib.h xxhash.h" ;;
    store) echo "core table record format sqlite3.h" ;;
    lifecycle | rank | identity) echo "core math table metric record" ;;
    base) echo "core math table metric record format store lifecycle rank identity" ;;
  esac
}

rooms=$(cd "$top_srcdir/libcx" && ls -d */ | tr -d /)
checked=0
for room in $rooms; do
  [ -n "$(allowed "$room")" ] || fail "libcx/$room is no room of the house"
  for file in $(find "$top_srcdir/libcx/$room" -name '*.[ch]' -o -name '*.cc'); do
    for header in $(sed -n 's/^ *# *include *[<"]\([^>"]*\)[>"].*/\1/p' "$file"); do
      checked=$((checked + 1))
      case $header in
        cx.h) fail "$file includes the umbrella" && continue ;;
        cx/*) target=$(room_of "$(basename "$header" .h)") ;;
        sqlite3.h | simdjson.h | zlib.h | xxhash.h) target=$header ;;
        libxml/*) target=libxml/ ;;
        */*)
          target=${header%%/*}
          case " $rooms " in *" $target "*) ;; *) target= ;; esac
          [ -d "$top_srcdir/libcx/$target" ] || target=
          ;;
        *) target= ;;
      esac
      [ -z "$target" ] || [ "$target" = "$room" ] && continue
      case " $(allowed "$room") " in
        *" $target "*) ;;
        *) fail "${file#"$top_srcdir"/} includes $header: $room may not see $target" ;;
      esac
    done
  done
done
[ "$checked" -gt 20 ] || fail "only $checked includes were looked at"
for file in "$top_srcdir"/tools/*.c "$top_srcdir"/examples/*.c "$top_srcdir"/bindings/lua/*.c; do
  [ -e "$file" ] || continue
  bad=$(sed -n 's/^ *# *include *[<"]\([^>"]*\)[>"].*/\1/p' "$file" | grep -E '^(cx/|core/|math/|table/|metric/|record/|format/|store/|lifecycle/|rank/|base/)')
  [ -z "$bad" ] || fail "${file#"$top_srcdir"/} includes $bad instead of cx.h"
done
exit $failed

#!/bin/sh
# SPDX-License-Identifier: MIT
# One mode of quality control each, in a build tree of its own below ./build: qa.sh MODE...
#   gcc clang        make check with that compiler, warnings as errors
#   distcheck        make distcheck: from the tarball, out of tree, installed and removed again
#   sanitize thread  make check with ASan and UBSan, with TSan
#   valgrind         the C suites under valgrind
#   static           a program linked with pkg-config --static against an installed tree
#   installed        examples and bindings against an installed tree
#   coverage         line coverage with gcovr
#   tidy cppcheck analyzer spell
#   fuzz [SECONDS]   every target with libFuzzer
#   fresh            the README's two commands in a new Debian 12 root (as root; needs debootstrap)
#   bench            the benchmarks
#   check            what `sh bootstrap.sh check` runs: gcc distcheck clang sanitize thread valgrind installed
#   nightly          check, and coverage tidy cppcheck analyzer spell fuzz, and crash tests by the hundred
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${CX_BUILD:-$root/build}
jobs=$(nproc 2> /dev/null || echo 2)
# The system's Python, whose packages the tests use, rather than another one on the path.
[ -x /usr/bin/python3 ] && python=/usr/bin/python3 || python=python3

say() { printf '\n== %s\n' "$*"; }

# tree NAME CONFIGURE-ARGUMENT...: makes and enters the build tree of a mode.
tree() {
  name=$1
  shift
  [ -x "$root/configure" ] || (cd "$root" && autoreconf -fi)
  mkdir -p "$build/$name"
  cd "$build/$name"
  find . -name '*.trs' -exec rm -f {} +
  [ -f config.status ] && [ config.status -nt "$root/configure" ] || "$root/configure" -q --enable-werror PYTHON="$python" "$@"
}
# The log of what failed, when something did.
check() {
  make -s -j"$jobs" > build.out 2>&1 || { tail -40 build.out; return 1; }
  make -s -j"$jobs" check > check.out 2>&1 || {
    grep -E '^(FAIL|ERROR)' check.out || tail -50 check.out
    for log in $(find . -name '*.trs' -exec grep -lE 'test-result: (FAIL|ERROR)' {} + | sed 's/trs$/log/'); do
      echo "-- $log"
      tail -60 "$log"
    done
    return 1
  }
  grep -E '^# (TOTAL|PASS|SKIP|FAIL)' check.out | tr '\n' ' '
  echo
}

mode() {
  say "$1"
  case $1 in
    gcc) (tree gcc CC=gcc CXX=g++ && check) ;;
    clang) (tree clang CC=clang-14 CXX=clang++-14 && check) ;;
    distcheck) (tree distcheck && make -s -j"$jobs" distcheck DISTCHECK_CONFIGURE_FLAGS="PYTHON=$python" > distcheck.out 2>&1 || { tail -80 distcheck.out; false; }) ;;
    sanitize)
      (tree sanitize --with-sanitizers=address,undefined --disable-shared CFLAGS='-O1 -g' CXXFLAGS='-O1 -g' &&
        ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 check)
      ;;
    thread) (tree thread --with-sanitizers=thread --disable-shared CFLAGS='-O1 -g' CXXFLAGS='-O1 -g' && TSAN_OPTIONS=halt_on_error=1 check) ;;
    valgrind)
      (tree valgrind --disable-shared CFLAGS='-O1 -g' CXXFLAGS='-O1 -g' && make -s -j"$jobs" check TESTS= > build.out 2>&1 &&
        CK_FORK=no CK_TIMEOUT_MULTIPLIER=100 CX_VALGRIND=1 make -s -j"$jobs" check \
          TESTS="$(ls | grep -E '^(check|unit)_[a-z0-9_]+$' | tr '\n' ' ')" \
          LOG_COMPILER='valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=9' \
          > check.out 2>&1 || { cd "$build/valgrind" && tail -40 check.out; for log in $(grep -lE 'test-result: (FAIL|ERROR)' *.trs | sed 's/trs$/log/'); do echo "-- $log"; tail -n 30 "$log"; done; false; })
      ;;
    static | installed) sh "$root/tests/scripts/installed.sh" "$1" ;;
    coverage)
      (tree coverage --enable-coverage --disable-shared CFLAGS='-O0 -g' && check &&
        gcovr -r "$root" --object-directory . --filter "$root/libcx" --print-summary -o coverage.txt && tail -5 coverage.txt)
      ;;
    tidy) (tree gcc && cd "$root" && clang-tidy-14 --quiet $(find libcx tools -name '*.c') -- -std=gnu17 -Iinclude -Ilibcx -DHAVE_AVX2=1) ;;
    cppcheck)
      (cd "$root" && cppcheck --quiet --enable=warning,performance,portability --inline-suppr --force --error-exitcode=1 \
        --suppress=nullPointerArithmeticRedundantCheck -j "$jobs" -Iinclude -Ilibcx libcx tools)
      ;;
    analyzer) (tree analyzer CFLAGS='-O1 -fanalyzer -Wno-error' && make -s -j"$jobs" 2>&1 | grep -A8 'Wanalyzer' || true) ;;
    spell) (cd "$root" && codespell --skip='./build*,./.git,./tests/data,./tests/corpus,./examples/data,*.m4,./configure*' --ignore-words-list='als,ans,crate,custome,nd,te' .) ;;
    fuzz) fuzz "${2:-60}" ;;
    fresh) sh "$root/tests/scripts/fresh-root.sh" ;;
    bench) (tree bench CFLAGS='-O3 -g' && make -s -j"$jobs" && make -s bench) ;;
    *)
      sed -n '3,18s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
}

fuzz() {
  tree fuzz --with-sanitizers=address,undefined,fuzzer-no-link --disable-shared CC=clang-14 CXX=clang++-14 CFLAGS='-O1 -g' CXXFLAGS='-O1 -g'
  make -s -j"$jobs" libcx-all.la > build.out 2>&1 || { tail -40 build.out; return 1; }
  for target in "$root"/tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    clang++-14 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -g -O1 -I"$root/include" -I"$root/libcx" -x c "$target" -x none \
      .libs/libcx-all.a $(pkg-config --libs sqlite3 simdjson libxxhash zlib) -lm -lpthread -o "$name-libfuzzer"
    mkdir -p "corpus-$name"
    ./"$name-libfuzzer" -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "corpus-$name" \
      "$root/tests/corpus/${name#fuzz_}" > "$name.out" 2>&1 || { tail -40 "$name.out"; exit 1; }
    echo "$name: $(grep -o 'stat::number_of_executed_units: *[0-9]*' "$name.out")"
  done
}

[ $# -gt 0 ] || mode help
case $1 in
  check) set -- gcc distcheck clang sanitize thread valgrind static installed ;;
  nightly)
    CX_CRASHES=300
    export CX_CRASHES
    set -- gcc distcheck clang sanitize thread valgrind static installed coverage tidy cppcheck analyzer spell fuzz
    ;;
  fuzz)
    mode "$@"
    exit
    ;;
esac
status=0
for each in "$@"; do
  start=$(date +%s)
  mode "$each" || {
    echo "FAIL: $each"
    status=1
  }
  echo "$each took $(($(date +%s) - start)) s"
done
say "summary"
counted=
for each in "$@"; do
  [ -z "$(find "$build/$each" -maxdepth 1 -name '*.trs' 2> /dev/null | head -1)" ] || counted="$counted $build/$each"
done
[ -z "$counted" ] || sh "$root/tests/scripts/summary.sh" $counted || status=1
exit $status

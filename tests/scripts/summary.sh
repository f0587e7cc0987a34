#!/bin/sh
# SPDX-License-Identifier: MIT
# Counts what ran in build trees: summary.sh DIRECTORY... prints a line for each and one for all, "N passed, N failed, N skipped". A Check
# suite counts by its cases, any other test program as one.
total_passed=0 total_failed=0 total_skipped=0
for directory in "$@"; do
  passed=0 failed=0 skipped=0
  for result in $(find "$directory" -name '*.trs' | LC_ALL=C sort); do
    log=${result%.trs}.log
    case $(sed -n 's/^:test-result: //p' "$result" | head -1) in
      SKIP) skipped=$((skipped + 1)) && continue ;;
      PASS) good=1 ;;
      *) good=0 ;;
    esac
    counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$log" 2> /dev/null | tail -1)
    if [ -n "$counts" ]; then
      set -- $counts
      bad=$(($2 + $3))
      [ $good = 1 ] || [ $bad -gt 0 ] || bad=1
      passed=$((passed + $1 - bad)) failed=$((failed + bad))
    elif [ $good = 1 ]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  done
  echo "$(basename "$directory"): $passed passed, $failed failed, $skipped skipped"
  total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed)) total_skipped=$((total_skipped + skipped))
done
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ $total_failed = 0 ] && [ $total_passed -gt 0 ]

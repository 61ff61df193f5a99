#!/bin/bash
# Makes new logs with the real kernel and auditd, RAW and ENRICHED, and holds what oddsock reads of
# them against what strace saw of the same processes. Then rules.sh does so with the rules that
# oddsock recommends, and fates.sh asks the kernel what it records by many others.
#
#   run.sh ODDSOCK
#
# Exit status: 0 where they agree or where auditing cannot be had here, which is said; 1 otherwise.
set -euo pipefail
oddsock=$(realpath "$1")
cd "$(dirname "$0")"

# shellcheck source=tests/live/common.sh
. ./common.sh
needs strace python3 gcc
printf '#include <liburing.h>\nint main(void) {}\n' | gcc -m32 -fsyntax-only -x c - 2>/dev/null \
  || leave_out "gcc-multilib and liburing-dev are not there"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for format in --raw ""; do
  # shellcheck disable=SC2086 # no format is no argument
  ./capture.sh "$work/live.log" $format -- /usr/bin/python3 workload.py
  "$oddsock" connections --format ndjson "$work/live.log" > "$work/live.ndjson"
  ./witness.py "$work/live.strace" "$work/live.ndjson"
done
./rules.sh "$oddsock"
./fates.sh "$oddsock"

#!/bin/bash
# Loads the rules that oddsock recommends into the real kernel, restricted to login uid 1500, and
# holds what oddsock reads of the log against what strace saw. Then the same with rules that lose
# connects, which oddsock has to say of the rules and of the log. And lines that auditctl takes or
# refuses have to be taken or refused by oddsock.
#
#   rules.sh ODDSOCK
#
# Is run by run.sh.
set -euo pipefail
oddsock=$(realpath "$1")
cd "$(dirname "$0")"
# shellcheck source=tests/live/common.sh
. ./common.sh
needs strace python3 gcc
work=$(mktemp -d)
trap 'auditctl -D >/dev/null || true; rm -rf "$work"' EXIT
complain() { echo "$*" >&2; exit 1; }

# restricted FILE: the same rules for login uid 1500 only.
restricted() {
  sed -E 's/^(-a always,exit .*)( -k .*)$/\1 -F auid=1500\2/' "$1" > "$work/loaded.rules"
  chmod 600 "$work/loaded.rules"
}

# doctor STATUS ARGUMENTS...: what oddsock doctor says, if it ends so.
doctor() {
  local expected=$1 status=0
  shift
  "$oddsock" doctor "$@" > "$work/doctor" 2>&1 || status=$?
  cat "$work/doctor"
  [ "$status" = "$expected" ] || complain "doctor $* ended with $status and not $expected"
}

echo "-- the recommended rules"
"$oddsock" audit-rules --with-accept --with-datagrams > "$work/recommended.rules"
doctor 0 "$work/recommended.rules" >/dev/null
restricted "$work/recommended.rules"
[ "$(grep -c '^-a' "$work/loaded.rules")" = "$(grep -c 'auid=1500' "$work/loaded.rules")" ]

# What the kernel lists again is what was loaded.
listed() {
  auditctl -R "$work/loaded.rules" >/dev/null
  auditctl -l | sed 's/ -F auid=1500//' > "$work/listed"
  auditctl -D >/dev/null
}
listed
doctor 0 --rules "$work/listed" >/dev/null

workload=(/bin/sh -c '/usr/bin/python3 workload.py; ./connect32')
./capture.sh "$work/live.log" --rules "$work/loaded.rules" -- "${workload[@]}"
"$oddsock" connections --format ndjson "$work/live.log" > "$work/live.ndjson" 2>/dev/null
./witness.py --action connection_attempted --action connection_accepted --action datagram_sent \
  "$work/live.strace" "$work/live.ndjson"
unix=$({ "$oddsock" connections --family unix --format ndjson "$work/live.log" 2>/dev/null || true; } \
  | wc -l)
[ "$unix" = 0 ] || complain "$unix calls on Unix sockets are in the log"
doctor 0 --log "$work/live.log"
! grep -q '^  unknown' "$work/doctor" || complain "part of the workload is not in the log"

echo "-- rules that lose connects which do not block, and IPv6, and 32-bit programs"
lossy='-a always,exit -F arch=b64 -S connect -F a2=16 -F success=1 -k net'
echo "$lossy" > "$work/lossy.rules"
doctor 1 "$work/lossy.rules"
for lost in outcomes addresses programs execs sockets; do
  grep -Eq "^  (bad|warn) +$lost " "$work/doctor" || complain "nothing is said of $lost"
done
restricted "$work/lossy.rules"
./capture.sh "$work/lossy.log" --rules "$work/loaded.rules" -- "${workload[@]}"
"$oddsock" connections --format ndjson --action connection_attempted "$work/lossy.log" \
  > "$work/lossy.ndjson" 2>/dev/null || true
! ./witness.py --action connection_attempted "$work/lossy.strace" "$work/lossy.ndjson" \
  > "$work/missing" || complain "these rules lost nothing"
for lost in EINPROGRESS ECONNREFUSED '\[::1\]'; do
  grep -q "only strace saw.*$lost" "$work/missing" || complain "$lost was not lost"
done
doctor 1 --log "$work/lossy.log"

echo "-- lines that auditctl takes and refuses"
auditctl -D >/dev/null
lines=0 differing=0
while IFS= read -r line; do
  case $line in ""|\#*) continue ;; esac
  printf '%b\n' "$line" > "$work/line.rules"
  chmod 600 "$work/line.rules"
  theirs=taken ours=taken
  auditctl -R "$work/line.rules" >/dev/null 2>&1 || theirs=refused
  auditctl -D >/dev/null
  "$oddsock" doctor --rules "$work/line.rules" > "$work/doctor" || true
  ! grep -q '^  bad  *lines' "$work/doctor" || ours=refused
  lines=$((lines + 1))
  [ "$theirs" = "$ours" ] && continue
  echo "auditctl: $theirs, oddsock: $ours: $line" >&2
  differing=$((differing + 1))
done < lines.rules
[ "$lines" -gt 50 ] && [ "$differing" = 0 ] || complain "$differing of $lines lines differ"
echo "$lines lines are taken and refused alike"

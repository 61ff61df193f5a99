#!/bin/bash
# Asks the kernel which connects it records by the rules of fates.txt.
#
#   fates.sh ODDSOCK
#
# One auditd runs for all of them; for each the rules are loaded, restricted to login uid 1500, and
# every connect of probes.c is made by that user. Is run by run.sh. The machine is left as it was,
# as capture.sh leaves it.
set -euo pipefail
oddsock=$(realpath "$1")
cd "$(dirname "$0")"
# shellcheck source=tests/live/common.sh
. ./common.sh
needs gcc setpriv
make_lab
gcc -o /srv/lab/probes64 probes.c
gcc -m32 -o /srv/lab/probes32 probes.c

work=$(mktemp -d)
trap 'end_auditd; rm -rf "$work"' EXIT
begin_auditd "$work" "log_format = RAW" "flush = SYNC" "name_format = NONE" "num_logs = 5"
auditctl -e 1 >/dev/null

# The names of the connects, by their ports.
ways=(64 32 32s) addresses=(ipv4 ipv6 large) outcomes=(ok open refused)
name() {
  local number=$(($1 - 40000))
  echo "${ways[number / 100]}-${addresses[number / 10 % 10]}-${outcomes[number % 10]}"
}
everything=$(for way in 0 1 2; do for address in 0 1 2; do for outcome in 0 1 2; do
  name $((40000 + 100 * way + 10 * address + outcome)); done; done; done)

probe() (
  cd /srv/lab
  for program in probes64 probes32; do (as_lab env -i "/srv/lab/$program"); done
)

asked=0 differing=0
while IFS= read -r line; do
  case $line in ""|\#*) continue ;; esac
  rules=${line% => *} expected=${line##* => }
  wanted=$(for name in $everything; do for glob in $expected; do
    # shellcheck disable=SC2254 # the globs are meant
    case $name in $glob) echo "$name" ;; esac; done; done | sort -u)
  printf '%s\n' "$rules" | sed -E 's/; */\n/g' \
    | sed -E '/^-[aAd] /s/$/ -F auid=1500/' > "$work/rules"
  chmod 600 "$work/rules"
  auditctl -R "$work/rules" >/dev/null || { echo "refused: $rules" >&2; exit 1; }
  before=$(stat -c %s "$work/log/audit.log")
  probe
  auditctl -D >/dev/null
  # auditd writes in the order of the events, and this one comes last.
  auditctl -m "asked $asked" >/dev/null
  for _ in $(seq 100); do
    grep -q "asked $asked " "$work/log/audit.log" && break
    sleep 0.05
  done
  tail -c +$((before + 1)) "$work/log/audit.log" > "$work/part.log"
  ports=$("$oddsock" connections --format ndjson --action connect "$work/part.log" 2>/dev/null \
    | grep -o '"destination.port":4[0-9]*' | cut -d: -f2 | sort -u) || true
  found=$(for port in $ports; do name "$port"; done | sort -u)
  asked=$((asked + 1))
  if [ "$found" != "$wanted" ]; then
    differing=$((differing + 1))
    printf 'the kernel records other connects: %s\n' "$line"
    diff <(echo "$wanted") <(echo "$found") || true
  fi
done < fates.txt
[ "$asked" -gt 40 ] && [ "$differing" = 0 ] || { echo "$differing of $asked differ" >&2; exit 1; }
echo "$asked rule sets record what is said of them"

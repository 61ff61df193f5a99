#!/bin/bash
# Follows a log that the real kernel and auditd write, rotated every few hundred kilobytes, with an
# `oddsock tail` that is killed with -9 and started again at random; in the end its connections and
# alerts must be those of a replay of all files, each once.
#
#   tail.sh ODDSOCK [KILLS]
#
# Exit status: 0 where they are or where auditing cannot be had here, which is said; 1 otherwise.
# Only login uid 1500 is audited; rules and auditing go off again at the end, however it comes, and
# no auditd is ended but the one started here.
set -euo pipefail
oddsock=$(realpath "$1") kills=${2:-50}

leave_out() { echo "left out: live auditing: $*"; exit 0; }
[ "$(id -u)" = 0 ] || leave_out "it takes root"
for tool in auditctl auditd python3 setpriv; do
  command -v "$tool" >/dev/null || leave_out "there is no $tool"
done
status() { auditctl -s 2>/dev/null | awk -v name="$1" '$1 == name {print $2}'; }
[ "$(status pid)" = 0 ] || leave_out "the kernel does not audit here, or another auditd has it"
[ "$(auditctl -l)" = "No rules" ] || leave_out "this machine has audit rules of its own"

work=$(mktemp -d /tmp/audit.XXXXXX)
install -d -m 750 "$work/log"
cat > "$work/auditd.conf" <<END
local_events = yes
write_logs = yes
log_file = $work/log/audit.log
log_format = ENRICHED
flush = INCREMENTAL_ASYNC
freq = 50
name_format = NONE
max_log_file = 64
num_logs = 99
max_log_file_action = ROTATE
space_left = 75
space_left_action = IGNORE
admin_space_left = 50
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
END
backlog=$(status backlog_limit)
daemon='' load='' tail=''
stop() {
  for pid in $tail $load; do kill -9 "$pid" 2>/dev/null || true; done
  auditctl -D >/dev/null || true
  auditctl -e 0 >/dev/null || true
  auditctl -b "$backlog" >/dev/null || true
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  for _ in $(seq 50); do [ -n "$daemon" ] && [ -d "/proc/$daemon" ] || break; sleep 0.1; done
  daemon='' load='' tail=''
}
trap 'stop; rm -rf "$work"' EXIT

auditctl -D >/dev/null
auditctl -b 65536 >/dev/null
auditd -c "$work" >/dev/null 2>&1
sleep 1
daemon=$(cat /run/auditd.pid)
calls=(-S socket -S connect -S accept4 -S bind)
auditctl -a always,exit -F arch=b64 "${calls[@]}" -F auid=1500 -k net >/dev/null
auditctl -a always,exit -F arch=b64 -S execve -F auid=1500 -k exec >/dev/null
auditctl -e 1 >/dev/null

# Short processes of many names, each with some connections to the host itself.
(
  echo 1500 > /proc/self/loginuid
  exec setpriv --reuid=1500 --regid=1500 --clear-groups /usr/bin/python3 - <<'END'
import random, subprocess, sys
code = """
import socket, sys
open("/proc/self/comm", "w").write(sys.argv[1])
for port in range(9, 15):
    s = socket.socket(); s.settimeout(1)
    try: s.connect(("127.0.0.%d" % (1 + port % 5), port))
    except OSError: pass
"""
while True:
    subprocess.run([sys.executable, "-c", code, "work%d" % random.randrange(40)])
END
) &
load=$!

follow() {
  "$oddsock" tail "$work/log/audit.log" --state "$work/state" --host here --provisional --expected \
    --min-score 1 --format ndjson --connections "$work/connections" >> "$work/alerts" \
    2>> "$work/said" &
  tail=$!
}
rotated=0
for _ in $(seq "$kills"); do
  follow
  sleep "0.$((RANDOM % 90 + 10))"
  kill -9 "$tail"
  wait "$tail" 2>/dev/null || true
  if [ "$(stat -c %s "$work/log/audit.log")" -gt 200000 ]; then
    kill -USR1 "$daemon"
    rotated=$((rotated + 1))
  fi
done
follow
kill "$load"
wait "$load" 2>/dev/null || true
load=
sleep 4
lost=$(status lost)
kill -TERM "$tail"
wait "$tail"
tail=
stop
"$oddsock" connections --host here --format ndjson "$work/log" > "$work/expected" 2>/dev/null
"$oddsock" replay --host here --provisional --expected --min-score 1 --format ndjson --exit-zero \
  "$work/log" > "$work/judged" 2>/dev/null
# auditd's own last words come after the end; no connection does.
cmp "$work/connections" "$work/expected" || { sort -u "$work/said"; exit 1; }
# The quarter of an hour of this run is not over: no alert is due, and none may have been told.
cut -d, -f1-6 "$work/alerts" | sort > "$work/told"
sort -u "$work/told" | cmp - "$work/told"
echo "killed $kills times, rotated $rotated times: $(wc -l < "$work/connections") connections," \
  "$(wc -l < "$work/alerts") alerts of $(wc -l < "$work/judged") in buckets that are not over," \
  "kernel lost $lost"

#!/bin/bash
# Follows a log that the real kernel and auditd write, rotated every few hundred kilobytes, with an
# `oddsock tail` that is killed with -9 and started again at random: so often while connections are
# made, and on and on while it judges them; in the end its connections and alerts must be those
# of a replay of all files, each once, on standard output and in the file of --to-file.
#
#   tail.sh ODDSOCK [KILLS]
#
# The rule of this run asks for every second, not for every quarter of an hour. It is judged as any
# other, two and a half minutes after its end, so the run takes about four minutes.
#
# Exit status: 0 where they are or where auditing cannot be had here, which is said; 1 otherwise.
set -euo pipefail
oddsock=$(realpath "$1") kills=${2:-50}

# shellcheck source=tests/live/common.sh
. "$(dirname "$0")/common.sh"
needs python3 setpriv

work=$(mktemp -d /tmp/audit.XXXXXX)
load='' clock='' tail=''
stop() {
  for pid in $tail $load $clock; do kill -9 "$pid" 2>/dev/null || true; done
  end_auditd
  load='' clock='' tail=''
}
trap 'stop; rm -rf "$work"' EXIT
begin_auditd "$work" "log_format = ENRICHED" "flush = INCREMENTAL_ASYNC" "freq = 50" \
  "name_format = NONE" "num_logs = 99"
calls=(-S socket -S connect -S accept4 -S bind)
auditctl -a always,exit -F arch=b64 "${calls[@]}" -F auid=1500 -k net >/dev/null
auditctl -a always,exit -F arch=b64 -S execve -F auid=1500 -k exec >/dev/null
auditctl -e 1 >/dev/null

cat > "$work/rules.toml" <<'END'
[rule]
name = "Programs by the second"
anomaly_threshold = 1

[detector]
name = "programs"
by = "process.name"
influencers = ["destination.ip"]
span = "1s"
END
shown=(--host here --rules "$work/rules.toml" --rule programs --provisional --expected
  --min-score 1 --format ndjson)

# Short processes, each with some connections to other addresses than those that rules leave out:
# some names over and over, and now and then one that never came before.
as_lab /usr/bin/python3 - <<'END' &
import os, socket, time
number = 0
def connect(name):
    with open("/proc/self/comm", "w") as comm:
        comm.write(name)
    for port in range(9, 12):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try: s.connect(("192.0.2.%d" % (1 + port % 5), port))
            except OSError: pass
while True:
    number += 1
    name = "odd%d" % number if number % 101 == 0 else "work%d" % (number % 30)
    child = os.fork()
    if not child:
        connect(name)
        os._exit(0)
    os.waitpid(child, 0)
    # Where more is seen than there is room for, what is kept of it depends on when it is judged.
    time.sleep(0.02)
END
load=$!
# And programs that connect to nothing, so that the time of the log goes on.
as_lab /bin/sh -c 'while :; do /bin/true; sleep 0.1; done' &
clock=$!
began=$SECONDS

follow() {
  "$oddsock" tail "$work/log/audit.log" --state "$work/state" "${shown[@]}" \
    --connections "$work/connections" --to-file "$work/others" >> "$work/alerts" \
    2>> "$work/said" &
  tail=$!
}
rotated=0
# killed MOST: a run that is killed before so many tenths of a second have gone by.
killed() {
  follow
  local tenths=$((RANDOM % $1))
  sleep "$((tenths / 10)).$((tenths % 10))$((RANDOM % 9 + 1))"
  kill -9 "$tail"
  wait "$tail" 2>/dev/null || true
  if [ "$(stat -c %s "$work/log/audit.log")" -gt 200000 ]; then
    kill -USR1 "$daemon"
    rotated=$((rotated + 1))
  fi
}
ended() { kill "$1"; wait "$1" 2>/dev/null || true; }
told() { wc -l < "$work/alerts"; }

for _ in $(seq "$kills"); do killed 17; done
# Nothing is rare among too little.
while [ $((SECONDS - began)) -lt 45 ]; do sleep 1; done
ended "$load"
load=
lasted=$((SECONDS - began))
early=$(told)
[ "$early" = 0 ] || { echo "$early alerts of seconds that were not over"; exit 1; }
# The first second of the load is judged when its grace is over, and the last one when that has
# gone by once more.
[ "$lasted" -gt 145 ] || sleep $((145 - lasted))
meanwhile=$(told)
again=0
while [ $((SECONDS - began)) -lt $((lasted + 150)) ]; do
  killed 30
  again=$((again + 1))
done
amid=$(told)
follow
while [ $((SECONDS - began)) -lt $((lasted + 160)) ]; do sleep 1; done
ended "$clock"
clock=
sleep 4
lost=$(status lost)
kill -TERM "$tail"
wait "$tail"
tail=
stop
"$oddsock" connections --host here --format ndjson "$work/log" > "$work/expected" 2>/dev/null
"$oddsock" replay "${shown[@]}" --exit-zero "$work/log" 2>/dev/null | sort > "$work/judged"
# auditd's own last words come after the end; no connection does.
same() { cmp "$1" "$2" || { sort -u "$work/said"; exit 1; }; }
same "$work/connections" "$work/expected"
same <(sort "$work/alerts") "$work/judged"
same <(sort "$work/others") "$work/judged"
number=$(wc -l < "$work/judged")
[ "$number" -ge 5 ] || { echo "only $number alerts: too few to compare"; exit 1; }
[ "$amid" -gt "$meanwhile" ] || { echo "nothing was judged between the kills"; exit 1; }
echo "killed $kills times, and $again times while it judged; rotated $rotated times:" \
  "$(wc -l < "$work/connections") connections and $number alerts, each once, $amid of them told" \
  "between the kills; kernel lost $lost"

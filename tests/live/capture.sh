#!/bin/bash
# Records what a command does, twice in one run: through the kernel's audit and a private auditd,
# and through strace, as a witness that knows nothing of auditing.
#
#   capture.sh OUT.log [--raw] [--node NAME] [--rules FILE] -- COMMAND...
#
# With --rules these are loaded in place of those below, and are left as they are: they must not be
# about anybody but login uid 1500.
#
# In comes a command; out go OUT.log, as auditd wrote it, and the witness OUT.strace. Runs as root
# on Debian with auditd, strace, python3, gcc-multilib and liburing-dev. The command runs as the
# user `lab` (login uid 1500, made if absent) in /srv/lab, where the workload is put beforehand.
#
# The machine is left as it was, but for the user and /srv/lab: only login uid 1500 is audited,
# rules go off again at the end, however it comes, auditing is as before, and no auditd is ended but
# the one started here. Refuses to run beside another auditd, since a kernel talks to one only.
#
# This script does not know oddsock; witness.py compares the two accounts.
set -euo pipefail

usage() { sed -n '5s/^# *//p' "$0" >&2; exit 2; }
[ $# -ge 3 ] || usage
out=$1 format=ENRICHED node= rules=
shift
while [ "$1" != -- ]; do
  case $1 in
    --raw) format=RAW ;;
    --node) node=$2; shift ;;
    --rules) rules=$(realpath "$2"); shift ;;
    *) usage ;;
  esac
  shift
  [ $# -gt 0 ] || usage
done
shift

status() { auditctl -s | awk -v name="$1" '$1 == name {print $2}'; }
if [ "$(status pid)" != 0 ]; then
  echo "an auditd is running" >&2
  exit 1
fi
here=$(cd "$(dirname "$0")" && pwd)
id lab >/dev/null 2>&1 || useradd --create-home --uid 1500 --shell /bin/bash lab

install -d -o lab -g lab /srv/lab
install -o lab -g lab "$here/workload.py" /srv/lab
gcc -m32 -o /srv/lab/connect32 "$here/connect32.c"
gcc -o /srv/lab/connect_uring "$here/connect_uring.c" -luring

private=$(mktemp -d /tmp/audit.XXXXXX)
install -d -m 750 "$private/log"
cat > "$private/auditd.conf" <<END
local_events = yes
write_logs = yes
log_file = $private/log/audit.log
log_format = $format
flush = INCREMENTAL_ASYNC
freq = 50
name_format = $([ -n "$node" ] && echo USER || echo NONE)
${node:+name = $node}
max_log_file = 64
num_logs = 5
max_log_file_action = ROTATE
space_left = 75
space_left_action = IGNORE
admin_space_left = 50
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
END

# io_uring operations have a filter list of their own (7), which auditctl knows only from 3.1 on:
# the rule goes to the kernel by hand (struct audit_rule_data of linux/audit.h).
uring_rule() {
  # Not the first python3 of the PATH: the log names the one that runs.
  /usr/bin/python3 - "$1" <<'END'
import socket, struct, sys
ADD, DELETE, URING_EXIT, ALWAYS, LOGIN_UID, FILTER_KEY, EQUAL = 1011, 1012, 7, 2, 9, 210, 0x40000000
ACCEPT, CONNECT, SENDMSG, SOCKET = 13, 16, 9, 45
key = b"uring"
mask = [0] * 64
for op in ACCEPT, CONNECT, SENDMSG, SOCKET:
    mask[op // 32] |= 1 << op % 32
pad = [0] * 62
rule = struct.pack("3I64I64I64I64II", URING_EXIT, ALWAYS, 2, *mask, LOGIN_UID, FILTER_KEY, *pad,
                   1500, len(key), *pad, EQUAL, EQUAL, *pad, len(key)) + key
kind = ADD if sys.argv[1] == "add" else DELETE
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)
netlink.sendto(struct.pack("IHHII", 16 + len(rule), kind, 5, 1, 0) + rule, (0, 0))
answer = netlink.recv(8192)
sys.exit(-struct.unpack_from("i", answer, 16)[0])
END
}

backlog=$(status backlog_limit) lost=$(status lost) enabled=$(status enabled)
daemon=
stop() {
  uring_rule delete 2>/dev/null || true
  auditctl -D >/dev/null || true
  auditctl -e "$enabled" >/dev/null || true
  auditctl -b "$backlog" >/dev/null || true
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  # The daemon writes DAEMON_END last; wait for it, or the log is short of it.
  for _ in $(seq 50); do [ -n "$daemon" ] && [ -d "/proc/$daemon" ] || break; sleep 0.1; done
  daemon=
}
trap 'stop; rm -rf "$private"' EXIT

auditctl -D >/dev/null
auditctl -b 65536 >/dev/null
auditd -c "$private" >/dev/null 2>&1
sleep 1
daemon=$(cat /run/auditd.pid)

if [ -n "$rules" ]; then
  auditctl -R "$rules" >/dev/null
else
  auid=(-F auid=1500)
  calls=(-S socket -S connect -S accept -S accept4 -S bind -S listen -S sendto -S sendmsg
         -S sendmmsg -S recvfrom -S recvmsg -S recvmmsg)
  auditctl -a always,exit -F arch=b64 "${calls[@]}" "${auid[@]}" -k net >/dev/null
  calls32=(-S connect -S socketcall -S sendto)
  auditctl -a always,exit -F arch=b32 "${calls32[@]}" "${auid[@]}" -k net32 >/dev/null
  auditctl -a always,exit -F arch=b64 -S execve -S execveat "${auid[@]}" -k exec >/dev/null
  uring_rule add || echo "this kernel takes no io_uring rule; such connects go unseen" >&2
fi
auditctl -e 1 >/dev/null

# strace follows clones because audit names the process and strace the thread. It stands between
# the login and the command, so that nothing the command does escapes it.
trace=trace=socket,connect,accept,accept4,bind,listen,sendto,sendmsg,sendmmsg
trace+=,recvfrom,recvmsg,recvmmsg,io_uring_enter,execve,execveat,clone,clone3,fork,vfork
(
  echo 1500 > /proc/self/loginuid
  cd /srv/lab
  exec /usr/bin/setpriv --reuid=1500 --regid=1500 --clear-groups \
    /usr/bin/env -i PATH=/usr/bin:/bin HOME=/srv/lab LC_ALL=C.UTF-8 \
    /usr/bin/strace -f -q -ttt -s 24 -e "$trace" -e signal=none -o /srv/lab/witness.strace "$@"
) || echo "the command ended with $?" >&2
sleep 1
[ "$(status lost)" = "$lost" ] || echo "the kernel lost records: the log is not whole" >&2
stop

# A release may end in the name of whoever built the kernel, which is nobody's business.
sed -E 's/^((node=[^ ]+ )?type=DAEMON_START .* kernel=[0-9.]+)[^ ]*/\1/' \
  "$private/log/audit.log" > "$out"
mv /srv/lab/witness.strace "${out%.log}.strace"

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
# The machine is left as it was, but for the user and /srv/lab; common.sh says what that means.
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

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/live/common.sh
. "$here/common.sh"
make_lab
install -o lab -g lab "$here/workload.py" /srv/lab
gcc -m32 -o /srv/lab/connect32 "$here/connect32.c"
gcc -o /srv/lab/connect_uring "$here/connect_uring.c" -luring

private=$(mktemp -d /tmp/audit.XXXXXX)
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

lost=$(status lost)
stop() {
  uring_rule delete 2>/dev/null || true
  end_auditd
}
trap 'stop; rm -rf "$private"' EXIT
begin_auditd "$private" "log_format = $format" "flush = INCREMENTAL_ASYNC" "freq = 50" \
  "num_logs = 5" "name_format = $([ -n "$node" ] && echo USER || echo NONE)" ${node:+"name = $node"}

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
  cd /srv/lab
  as_lab /usr/bin/env -i PATH=/usr/bin:/bin HOME=/srv/lab LC_ALL=C.UTF-8 \
    /usr/bin/strace -f -q -ttt -s 24 -e "$trace" -e signal=none -o /srv/lab/witness.strace "$@"
) || echo "the command ended with $?" >&2
sleep 1
[ "$(status lost)" = "$lost" ] || echo "the kernel lost records: the log is not whole" >&2
stop

# A release may end in the name of whoever built the kernel, which is nobody's business.
sed -E 's/^((node=[^ ]+ )?type=DAEMON_START .* kernel=[0-9.]+)[^ ]*/\1/' \
  "$private/log/audit.log" > "$out"
mv /srv/lab/witness.strace "${out%.log}.strace"

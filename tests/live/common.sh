# What the scripts beside this one begin and end with; they source it.
#
# The machine is left as it was: only login uid 1500 may be audited, rules and auditing go off again
# at the end, and no auditd is ended but the one started here. None is begun beside another, since a
# kernel talks to one only.
# shellcheck shell=bash

backlog='' enabled='' daemon=''

status() { auditctl -s 2>/dev/null | awk -v name="$1" '$1 == name {print $2}'; }

leave_out() { echo "left out: live auditing: $*"; exit 0; }

# needs TOOL...: ends here, and says why, unless auditing can be had with these tools.
needs() {
  local tool
  [ "$(id -u)" = 0 ] || leave_out "it takes root"
  for tool in auditctl auditd "$@"; do
    command -v "$tool" >/dev/null || leave_out "there is no $tool"
  done
  [ "$(status pid)" = 0 ] || leave_out "the kernel does not audit here, or another auditd has it"
  [ "$(auditctl -l)" = "No rules" ] || leave_out "this machine has audit rules of its own"
}

# make_lab: makes the user who is audited, and a folder for what it runs.
make_lab() {
  id lab >/dev/null 2>&1 || useradd --create-home --uid 1500 --shell /bin/bash lab
  install -d -o lab -g lab /srv/lab
}

# as_lab COMMAND...: becomes a process of that user.
as_lab() {
  echo 1500 > /proc/self/loginuid
  exec setpriv --reuid=1500 --regid=1500 --clear-groups "$@"
}

# begin_auditd FOLDER SETTING...: begins an auditd that writes FOLDER/log/audit.log. Rules and
# auditing are the caller's business, and end_auditd has to be trapped before.
begin_auditd() {
  local folder=$1
  shift
  if [ "$(status pid)" != 0 ]; then
    echo "an auditd is running" >&2
    exit 1
  fi
  install -d -m 750 "$folder/log"
  cat > "$folder/auditd.conf" <<END
local_events = yes
write_logs = yes
log_file = $folder/log/audit.log
max_log_file = 64
max_log_file_action = ROTATE
space_left = 75
space_left_action = IGNORE
admin_space_left = 50
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
END
  printf '%s\n' "$@" >> "$folder/auditd.conf"
  backlog=$(status backlog_limit) enabled=$(status enabled)
  auditctl -D >/dev/null
  auditctl -b 65536 >/dev/null
  auditd -c "$folder" >/dev/null 2>&1
  sleep 1
  daemon=$(cat /run/auditd.pid)
}

# end_auditd: everything as it was before.
end_auditd() {
  [ -n "$backlog" ] || return 0
  auditctl -D >/dev/null || true
  auditctl -e "$enabled" >/dev/null || true
  auditctl -b "$backlog" >/dev/null || true
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  # The daemon writes DAEMON_END last; wait for it, or the log is short of it.
  for _ in $(seq 50); do [ -n "$daemon" ] && [ -d "/proc/$daemon" ] || break; sleep 0.1; done
  backlog='' daemon=''
}

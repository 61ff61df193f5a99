#!/bin/bash
# Boots a Debian machine that is thrown away, with systemd and auditd, installs the package there
# and looks whether what the manual says of the service and of auditd's plugins is so.
#
#   machine.sh [--keep FOLDER] [--release NAME] PACKAGE.deb [PART...]
#
# PART             only these parts of the claims, which are the files of machine/
# --keep FOLDER    keeps the machine's disk, as it is before the package comes, for the next run
# --release NAME   Debian's release; trixie
#
# Exit status: 0 where all claims hold, 77 where a tool is missing, which is said; 1 otherwise.
# Making the disk takes root and Debian's mirror (MIRROR in the environment names another);
# running it takes neither. Without /dev/kvm the machine is emulated, which is slow.
set -euo pipefail
release=trixie keep=
while [ $# -gt 0 ]; do
  case $1 in
    --keep) mkdir -p "$2" && keep=$(realpath "$2") ;;
    --release) release=$2 ;;
    *) break ;;
  esac
  shift 2
done
[ $# -ge 1 ] || { sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "$0"; exit 2; }
package=$(realpath "$1")
shift
parts=${*:-package rules service trouble alerts plugins removal}
cd "$(dirname "$0")"

leave_out() { echo "left out: a whole machine: $*"; exit 77; }
[ "$(uname -m)" = x86_64 ] || leave_out "it is one of x86_64"
for tool in qemu-system-x86_64 mke2fs gcc; do
  command -v "$tool" >/dev/null || leave_out "there is no $tool"
done
printf '#include <liburing.h>\nint main(void) {}\n' | gcc -fsyntax-only -x c - 2>/dev/null \
  || leave_out "liburing-dev is not there"

work=$(mktemp -d)
machine=
trap '[ -z "$machine" ] || kill "$machine" 2>/dev/null || true; rm -rf "$work"' EXIT

# make_disk FOLDER: the kernel, its first files and the disk of a machine that runs, once it is up,
# what a second disk brings along, and is switched off then.
make_disk() {
  local tree=$work/tree packages
  packages=systemd,systemd-sysv,dbus,auditd,logrotate,procps,iproute2,linux-image-cloud-amd64
  debootstrap --variant=minbase --include="$packages" "$release" "$tree" \
    "${MIRROR:-http://deb.debian.org/debian}" > "$work/debootstrap" 2>&1 \
    || { tail -20 "$work/debootstrap"; return 1; }
  cp "$tree"/boot/vmlinuz-* "$1/kernel"
  cp "$tree"/boot/initrd.img-* "$1/initrd"
  echo machine > "$tree/etc/hostname"
  echo '/dev/vda / ext4 rw 0 1' > "$tree/etc/fstab"
  cat > "$tree/etc/systemd/system/checks.service" <<'UNIT'
[Unit]
Description=Look whether all is as it should be
After=auditd.service dbus.service
SuccessAction=poweroff
FailureAction=poweroff
[Service]
Type=exec
ExecStart=/bin/sh -c 'mkdir /root/checks && cd /root/checks && tar -xf /dev/vdb && exec ./run'
StandardOutput=file:/dev/ttyS1
ExecStartPre=/bin/stty -F /dev/ttyS1 -onlcr
StandardError=inherit
[Install]
WantedBy=multi-user.target
UNIT
  chroot "$tree" systemctl enable --quiet checks.service
  rm -rf "$tree"/var/cache/apt "$tree"/var/lib/apt/lists
  mke2fs -q -t ext4 -d "$tree" "$1/disk" 1500M
  rm -rf "$tree"
}

# Whoever changes how it is made does not want the one that was kept.
disk=${keep:-$work}/$release-$(declare -f make_disk | cksum | cut -d' ' -f1)
if [ ! -e "$disk" ]; then
  [ "$(id -u)" = 0 ] || leave_out "it takes root to make its disk"
  command -v debootstrap >/dev/null || leave_out "there is no debootstrap"
  mkdir "$work/disk"
  make_disk "$work/disk"
  mv "$work/disk" "$disk"
  echo "-- made the disk of a machine with Debian's $release ($SECONDS s)"
fi

# What it is to do: the scripts, the package, and a program that needs a compiler.
mkdir "$work/checks"
cp machine/* "$work/checks"
cp "$package" "$work/checks/package.deb"
gcc -static -o "$work/checks/connect_uring" connect_uring.c -luring
echo "$parts" > "$work/checks/parts"
tar -cf "$work/checks.tar" -C "$work/checks" .
truncate -s %512 "$work/checks.tar"

# KVM without a processor that helps is slower than the emulator, or does not get far at all. The
# emulator of qemu 7.2 breaks kernels with more than one processor, or that use cmpxchg16b.
accel=(-accel tcg -cpu Nehalem,-cx16)
if [ -w /dev/kvm ] && [ -d /sys/module/kvm_intel -o -d /sys/module/kvm_amd ]; then
  accel=(-enable-kvm -cpu host -smp 2)
fi

boot() {
  rm -f "$work/console" "$work/report"
  touch "$work/report"
  timeout 1800 qemu-system-x86_64 "${accel[@]}" -m 1024 -nodefaults -nic none -display none \
    -no-reboot -kernel "$disk/kernel" -initrd "$disk/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 mitigations=off" \
    -drive "file=$disk/disk,format=raw,if=virtio,snapshot=on" \
    -drive "file=$work/checks.tar,format=raw,if=virtio,readonly=on" \
    -serial "file:$work/console" -serial "file:$work/report" &
  machine=$!
  tail -q -f -n +1 --pid "$machine" "$work/report" 2>/dev/null
  wait "$machine" || true
  machine=
}

# A machine that breaks before it has begun says nothing about the package.
for _ in 1 2 3; do
  boot
  [ ! -s "$work/report" ] || break
  echo "-- the machine did not come up; once more ($SECONDS s)"
done
if ! grep -q '^end of the checks' "$work/report"; then
  tail -40 "$work/console"
  echo "the machine did not come to the end of its checks" >&2
  exit 1
fi
echo "-- $(grep -c '^ok' "$work/report") claims hold, $(grep -c '^not ok' "$work/report" || true)" \
  "do not ($SECONDS s)"
! grep -q '^not ok' "$work/report"

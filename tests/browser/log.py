#!/usr/bin/env python3
"""Writes an audit log of three hosts and three weeks, in which some things are unusual: among them
programs with names that were made to be more than names."""

MONDAY, DAY, DAYS = 1_704_067_200, 86_400, 21

USUAL = [
    ("web", "nginx", "10.0.0.5", 443, 15),
    ("web", "sshd", "10.0.0.6", 22, 15),
    ("web", "ntpd", "10.0.0.7", 123, 15),
    ("db", "node", "10.0.0.8", 8080, 15),
    ("db", "rsync", "10.0.0.9", 873, 15),
    ("mail", "postfix", "198.41.0.4", 25, 30),
]
UNUSUAL = [
    ("web", "nc", "203.0.113.9", 4444, 18, "10:07"),
    ("web", "rsync", "10.0.0.9", 873, 19, "03:33"),
    ("db", "<script>x=1</script>", "198.41.9.9", 6667, 20, "23:40"),
    ("db", '"><img src=x>', "198.41.9.9", 443, 20, "22:10"),
    ("mail", "</style></main>", "198.41.9.9", 443, 17, "01:10"),
    ("mail", "a\u202eb\u0000c", "198.41.9.9", 443, 17, "04:10"),
    ("web", "backup", "10.0.0.9", 22, 20, "14:00"),
    # Without a place to break them.
    ("web", "x" * 300, "198.41.9.9", 443, 16, "05:10"),
    ("h" * 200, "curl", "198.41.9.9", 443, 16, "06:10"),
]


def events():
    """Times with what happened then, in order."""
    found = []
    for host, program, address, port, minutes in USUAL:
        for time in range(MONDAY, MONDAY + DAYS * DAY, minutes * 60):
            found.append((time, host, program, address, port))
    for host, program, address, port, day, clock in UNUSUAL:
        hour, minute = clock.split(":")
        time = MONDAY + day * DAY + int(hour) * 3600 + int(minute) * 60
        found.append((time, host, program, address, port))
    for day in range(1, DAYS):
        found.append((MONDAY + day * DAY + 2 * 3600, "web", "backup", "10.0.0.9", 22))
    return sorted(found)


for serial, (time, host, program, address, port) in enumerate(events(), 1000):
    stamp = f"msg=audit({time}.{serial % 1000:03}:{serial}):"
    name = program.encode().hex().upper()
    quad = "".join(f"{int(part):02X}" for part in address.split("."))
    print(
        f"node={host} type=SYSCALL {stamp} arch=c000003e syscall=42 success=yes exit=0 a0=3 "
        f"a1=7ffd a2=10 a3=0 items=0 ppid=1 pid={2000 + serial % 1000} auid=1000 uid=1000 "
        f"gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=(none) "
        f'ses=3 comm={name} exe={name} key="net"'
    )
    print(f"node={host} type=SOCKADDR {stamp} saddr=0200{port:04X}{quad}0000000000000000")

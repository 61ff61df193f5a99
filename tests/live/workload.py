#!/usr/bin/env python3
"""Network behaviour that audit logs hold in ways that are hard to read. Loopback only.

Runs scene by scene, as any user, in a directory it may write to; capture.sh puts it into /srv/lab.

    workload.py [--rounds N] [SCENE...]

Each scene is a function below; without a name all are played. Scenes do what they do to be seen and
check nothing: most calls are meant to fail. The workload does not know who watches it.
"""
import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

ROUNDS = 2
libc = ctypes.CDLL(None, use_errno=True)


def attempt(call, *arguments):
    """A call that may fail, and whose failure is the point."""
    try:
        return call(*arguments)
    except OSError:
        return None


def tcp(address, port, family=socket.AF_INET, blocking=True):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.setblocking(blocking)
        attempt(s.connect, (address, port))


def listener(address, family=socket.AF_INET, backlog=16):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, 0))
    s.listen(backlog)
    return s, s.getsockname()[1]


def inet(address, port):
    """struct sockaddr_in, for calls that bypass Python."""
    family = struct.pack("=H", socket.AF_INET)
    return family + struct.pack("!H4s8x", port, socket.inet_aton(address))


def run(*arguments, **options):
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
               "stderr": subprocess.DEVNULL, "timeout": 10} | options
    try:
        subprocess.run(arguments, **options)
    except (OSError, subprocess.TimeoutExpired):
        pass


def connects():
    """Blocking, non-blocking and refused; IPv4, IPv6, and IPv4 dressed as IPv6."""
    four, port4 = listener("127.0.0.1")
    six, port6 = listener("::1", socket.AF_INET6)
    with four, six:
        tcp("127.0.0.1", port4)
        tcp("127.0.0.1", port4, blocking=False)
        tcp("::1", port6, socket.AF_INET6)
        tcp("::1", port6, socket.AF_INET6, blocking=False)
        tcp("::ffff:127.0.0.1", port4, socket.AF_INET6)
        four.accept()[0].close()
        six.accept()[0].close()
    tcp("127.0.0.1", 1)
    tcp("127.0.0.1", 2, blocking=False)
    tcp("::1", 3, socket.AF_INET6)
    # Asked again on the same descriptor, a connect that is done says EISCONN, one on its way
    # EALREADY; and the kernel's answer to a wrong destination comes at once.
    four, port4 = listener("127.0.0.1")
    with four, socket.socket() as s:
        s.connect(("127.0.0.1", port4))
        attempt(s.connect, ("127.0.0.1", port4))
    with socket.socket() as s:
        attempt(s.connect, ("255.255.255.255", 9))


def interrupted():
    """A connect that a signal cuts short: EINTR, and on the next attempt EALREADY."""
    # Once its backlog is full, a listener drops SYNs and a further connect has to wait.
    full, port = listener("127.0.0.1", backlog=0)
    crowd = []
    for _ in range(2):
        s = socket.socket()
        s.setblocking(False)
        attempt(s.connect, ("127.0.0.1", port))
        crowd.append(s)
    time.sleep(0.1)
    address = inet("127.0.0.1", port)
    s = socket.socket()
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    libc.connect(s.fileno(), address, 16)
    s.setblocking(False)
    libc.connect(s.fileno(), address, 16)
    for s in [*crowd, s, full]:
        s.close()


def datagrams():
    """sendto, sendmsg, sendmmsg; a connected UDP socket, and one that is dissolved again."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    port = receiver.getsockname()[1]
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.sendto(b"one", ("127.0.0.1", port))
    sender.sendmsg([b"two"], [], 0, ("127.0.0.1", port))
    send_many(sender, [("127.0.0.1", port), ("127.0.0.2", port), ("127.0.0.3", port)])
    receiver.recvfrom(16)
    receiver.recvmsg(16)
    receiver.recv(16)
    sender.connect(("127.0.0.1", port))
    sender.send(b"three")
    sender.sendmsg([b"four"])
    libc.connect(sender.fileno(), struct.pack("H14x", socket.AF_UNSPEC), 16)
    attempt(sender.send, b"nowhere")
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    attempt(six.sendto, b"five", ("::1", 5353, 7, 0))
    attempt(six.sendto, b"six", ("::ffff:127.0.0.1", port))
    # Port 0: nothing goes out, the kernel is only asked which way it would go.
    attempt(six.connect, ("::1", 0))
    # What nobody listens for comes back as ECONNREFUSED, on the next call.
    sender.connect(("127.0.0.1", 9))
    attempt(sender.send, b"x")
    attempt(sender.sendto, b"x", ("127.0.0.1", 9))
    for s in sender, receiver, six:
        s.close()


class Header(ctypes.Structure):
    """struct msghdr of x86-64."""
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint32),
                ("parts", ctypes.c_void_p), ("part_count", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


class Message(ctypes.Structure):
    """struct mmsghdr."""
    _fields_ = [("header", Header), ("sent", ctypes.c_uint)]


def send_many(s, addresses):
    """sendmmsg: one call, many destinations, of which an audit event has room for one."""
    word = ctypes.create_string_buffer(b"many")
    part = ctypes.create_string_buffer(struct.pack("PN", ctypes.addressof(word), 4))
    messages = (Message * len(addresses))()
    names = [ctypes.create_string_buffer(inet(address, port)) for address, port in addresses]
    for message, name in zip(messages, names):
        header = message.header
        header.name, header.name_length = ctypes.addressof(name), 16
        header.parts, header.part_count = ctypes.addressof(part), 1
    libc.sendmmsg(s.fileno(), messages, len(addresses), 0)


def accepts():
    """Accepts: one that sleeps for seconds, one that does not want the address, one interrupted."""
    s, port = listener("127.0.0.1")
    # The event keeps the time of its beginning and is logged at its end, long after its neighbours.
    late = threading.Thread(target=lambda: s.accept()[0].close())
    late.start()
    for _ in range(3):
        time.sleep(1)
        tcp("127.0.0.1", 4)
    tcp("127.0.0.1", port)
    late.join()
    client = socket.create_connection(("127.0.0.1", port))
    os.close(libc.accept4(s.fileno(), None, None, 0))
    client.close()
    s.setblocking(False)
    attempt(s.accept)
    s.close()


def other_families():
    """Unix by path, abstract, unnamed and in bytes; netlink; vsock."""
    for name in ("/srv/lab/no.sock", "\0abstract name", b"/srv/lab/sp ace\xff\"q"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            attempt(s.connect, name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        libc.connect(s.fileno(), struct.pack("H", socket.AF_UNIX), 2)
        libc.bind(s.fileno(), struct.pack("H", socket.AF_UNIX), 2)  # The kernel picks a name.
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.bind((0, 0))
    try:
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as s:
            s.setblocking(False)
            attempt(s.connect, (1, 1234))  # 1 is the loopback of vsock.
    except OSError:
        pass


def odd_addresses():
    """Addresses too short, too long, absent, and of families that are none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        whole = inet("127.0.0.1", 80)
        no_family = b"\xff\xff" + 126 * b"Z"
        for address in (whole[:2], whole[:4], whole[:8], whole + 40 * b"t", no_family):
            libc.connect(s.fileno(), address, len(address))
        libc.connect(s.fileno(), None, 16)
        libc.connect(s.fileno(), None, 0)
        libc.connect(-1, whole, 16)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        # 24 bytes are enough, the scope was added later.
        old = struct.pack("=H", socket.AF_INET6) + b"\0\x53" + 4 * b"\0" + 15 * b"\0" + b"\1"
        libc.connect(s.fileno(), old, len(old))
        libc.connect(s.fileno(), old, 20)


def names():
    """Names of programs with blanks, quotes and letters beyond ASCII, and one that is gone."""
    os.makedirs("a dir", exist_ok=True)
    for name in ("a dir/we ird\"name", "a dir/\u00e9v\u00efl=(x) pid=1"):
        shutil.copy("/bin/bash", name)
        run(f"/srv/lab/{name}" if os.getcwd() == "/srv/lab" else name,
            "-c", "exec 3<>/dev/tcp/127.0.0.1/5")
        os.unlink(name)
    shutil.copy("/bin/bash", "gone")
    run("./gone", "-c", "rm gone; exec 3<>/dev/tcp/127.0.0.1/6")


def arguments():
    """20 kB in one argument, 700 of them, empty ones, and characters that want quoting."""
    run("/bin/echo", 20_000 * "A", "", "x y", "it's", "two\nlines", "\1\2", "\"q\"", "\u00e9")
    run("/bin/true", *(f"a{number}" for number in range(700)))
    run("/bin/true", 1300 * "sp ")
    run("")


def programs():
    """Programs that people use; curl and getent ask the kernel for routes before they connect."""
    server, port = listener("127.0.0.1")
    with server:
        run("curl", "-s", "-m", "1", f"http://localhost:{port}/a b")
    run("curl", "-s", "-m", "1", "http://[::1]:8443/")
    run("getent", "ahosts", "localhost")
    run("perl", "-MSocket", "-e", "socket(S, PF_INET, SOCK_STREAM, 0);"
        "connect(S, sockaddr_in(6667, inet_aton('127.0.0.1')))")
    run("nc", "-z", "127.0.0.1", "4445")
    run("socat", "-", "TCP6:[::1]:4447")


def at_once():
    """Threads and processes connecting, and receiving, at the same time: their records mix."""
    start = threading.Barrier(3)

    def hammer(port):
        start.wait()
        for _ in range(ROUNDS):
            tcp("127.0.0.1", port)

    threads = [threading.Thread(target=hammer, args=(20_001 + number,)) for number in range(3)]
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            time.sleep(0.2)
            for _ in range(ROUNDS):
                tcp("127.0.0.1", 30_001 + number)
            os._exit(0)
        children.append(child)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in children:
        os.waitpid(child, 0)
    # A tracer sends one process on after the other. Who sleeps in a call wakes up past it: one
    # call wakes them all, and they write their records at the same moment.
    for _ in range(ROUNDS):
        wake_all(4)


def wake_all(number):
    receivers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(number)]
    for receiver in receivers:
        receiver.bind(("127.0.0.1", 0))
    threads = [threading.Thread(target=receiver.recvfrom, args=(16,)) for receiver in receivers]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        send_many(s, [receiver.getsockname() for receiver in receivers])
    for thread, receiver in zip(threads, receivers):
        thread.join(timeout=5)
        receiver.close()


SCENES = [connects, interrupted, datagrams, accepts, other_families, odd_addresses, names,
          arguments, programs, at_once]


def main(wishes):
    global ROUNDS
    if wishes[:1] == ["--rounds"]:
        ROUNDS, wishes = int(wishes[1]), wishes[2:]
    for scene in SCENES:
        if not wishes or scene.__name__ in wishes:
            scene()


if __name__ == "__main__":
    main(sys.argv[1:])

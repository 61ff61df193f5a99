#!/usr/bin/env python3
"""Compares what strace saw with what oddsock read from the audit log of the same run.

    oddsock connections --format ndjson LOG | witness.py STRACE [NDJSON]

In come the witness that capture.sh left (plain or .gz) and connection events as NDJSON (standard
input if no file is named). Out go a table of counts and every difference. Exit status: 0 where the
two agree, 1 where they differ, 2 where one cannot be read.

Agreement means: each call on an IPv4 or IPv6 address that strace shows is there once, with the same
process, action, address, port, errno and outcome; and nothing else is there. Not compared:

- calls of other address families, and those in which the kernel was given no address at all;
- io_uring: strace sees no more of it than io_uring_enter, so what a process that used it did
  beyond its calls is only counted;
- what happened outside of strace (--pids all compares even that).

Without NDJSON to compare, `witness.py --calls STRACE` prints what strace saw, one call a line. The
script knows oddsock's output by its documentation (oddsock-events.5), not by its code.
"""
import argparse
import collections
import gzip
import ipaddress
import json
import re
import sys

ACTIONS = {
    "connect": "connection_attempted",
    "accept": "connection_accepted", "accept4": "connection_accepted",
    "sendto": "datagram_sent", "sendmsg": "datagram_sent", "sendmmsg": "datagram_sent",
    "recvfrom": "datagram_received", "recvmsg": "datagram_received",
    "recvmmsg": "datagram_received",
    "bind": "socket_bound",
}
ADDRESSED = set(ACTIONS.values())
AT_DESTINATION = {"connection_attempted", "datagram_sent"}
CLONES = {"clone", "clone3", "fork", "vfork"}
OPEN = {"EINPROGRESS", "EALREADY", "EINTR"}
SHORTEST = {"AF_INET": 8, "AF_INET6": 24}

Call = collections.namedtuple("Call", "pid action ip port error outcome")


class Unreadable(Exception):
    """One of the two accounts is not what it should be."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("strace")
    parser.add_argument("ndjson", nargs="?", help="standard input if left out")
    parser.add_argument("--calls", action="store_true", help="print what strace saw, and stop")
    parser.add_argument("--pids", choices=["traced", "all"], default="traced",
                        help="compare only the processes that strace followed, or all")
    parser.add_argument("--action", action="append", choices=sorted(ADDRESSED),
                        help="compare only calls of this sort; may be given several times")
    wishes = parser.parse_args()
    try:
        testimony = Testimony(open_text(wishes.strace))
        if wishes.calls:
            for call in testimony.calls:
                print(*(field if field is not None else "-" for field in call))
            return 0
        text = open_text(wishes.ndjson) if wishes.ndjson else sys.stdin
        events = list(read_events(text))
    except (OSError, Unreadable) as error:
        print(f"witness: {error}", file=sys.stderr)
        return 2
    if wishes.pids == "traced":
        events = [event for event in events if event.pid in testimony.pids]
    if wishes.action:
        testimony.calls = [call for call in testimony.calls if call.action in wishes.action]
        events = [event for event in events if event.action in wishes.action]
    return compare(testimony, events)


def open_text(path):
    opener = gzip.open if path.endswith(".gz") else open
    return opener(path, "rt", encoding="utf-8", errors="surrogateescape")


class Testimony:
    """strace's account: the calls that have an address, and which process each thread is of."""

    def __init__(self, lines):
        self.pids = set()
        self.uring = set()
        self._process_of = {}
        whole = list(whole_calls(lines))
        # A thread may speak before the clone that made it returns, so these are read beforehand.
        for thread, name, arguments, result in whole:
            if name in CLONES and result.isdecimal() and "CLONE_THREAD" in arguments:
                self._process_of[int(result)] = thread
        self.calls = [call for line in whole for call in self._call(*line)]

    def _process(self, thread):
        while thread in self._process_of:
            thread = self._process_of[thread]
        return thread

    def _call(self, thread, name, arguments, result):
        # The log names the process where strace names the thread.
        pid = self._process(thread)
        self.pids.add(pid)
        if name == "io_uring_enter":
            self.uring.add(pid)
        action = ACTIONS.get(name)
        address = address_of(name, arguments, result) if action else None
        if address is None:
            return
        ip, port = address
        error = errno_of(result)
        yield Call(pid, action, ip, port, error, outcome_of(error))


def whole_calls(lines):
    """Yields (thread, name, arguments, result), with the halves of interrupted lines joined."""
    begun = {}
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\n")
        # strace -f pads the pid; without a pid (one process, no -f) nothing could be compared.
        match = re.match(r"(\d+) +[\d.]+ (.*)", line)
        if not match:
            raise Unreadable(f"line {number} is not of strace -f -ttt: {line[:60]}")
        thread, text = int(match[1]), match[2]
        if text.startswith(("+++", "---", "[ Process", "strace:")):
            continue
        if text.endswith("<unfinished ...>"):
            begun[thread] = text.removesuffix("<unfinished ...>").rstrip(" ")
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>", text)
        if resumed:
            # Without its beginning, a call that was under way when strace came along.
            text = begun.pop(thread, "?(") + text[resumed.end():]
        # The last " = ", for a string or a socket's name may hold one too.
        call, separator, result = text.rpartition(" = ")
        name, bracket, arguments = call.partition("(")
        if not separator or not bracket:
            raise Unreadable(f"line {number} holds no call: {line[:60]}")
        yield thread, name, arguments.rstrip(" ").removesuffix(")"), result
    # A process that is killed in a call leaves it unfinished: the kernel logs no exit either.


def address_of(name, arguments, result):
    """The address that the kernel was given, or gave; None where there was none."""
    if name.startswith(("accept", "recv")) and result.startswith(("-1", "?")):
        return None
    # strace reads the caller's memory, whatever the kernel does. The kernel looks up the descriptor
    # first, and never gets to the address where there is none, or (connect alone asks later) where
    # it is no socket.
    if errno_of(result) == "EBADF" or (errno_of(result) == "ENOTSOCK" and name != "connect"):
        return None
    if name in ("sendmmsg", "recvmmsg"):
        arguments = last_message(arguments, result)
    # A payload may say anything; only what stands outside of quotes is strace's own word.
    match = re.search(r"\{sa_family=(AF_INET6?)\b(.*)", unquoted(arguments))
    if not match:
        return None
    family, rest = match[1], match[2].partition("}")[0]
    port = re.search(r"sin6?_port=htons\((\d+)\)", rest)
    ip = re.search(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"', rest)
    if port and ip:
        return plain(ip[1]), int(port[1])
    data = re.search(r'sa_data="((?:[^"\\]|\\.)*)"', rest)
    bytes_ = unescape(data[1]) if data else b""
    if len(bytes_) + 2 < SHORTEST[family]:
        return None
    # Too short for strace to read, and for the kernel to accept, but long enough to say where to.
    ip = bytes_[2:6] if family == "AF_INET" else bytes_[6:22]
    return plain(ip), int.from_bytes(bytes_[:2], "big")


def last_message(arguments, result):
    """Of a call with many messages, the last that the kernel looked at: it keeps one address."""
    messages = arguments.split("{msg_hdr=")[1:]
    done = int(result) if result.isdecimal() else 0
    return messages[min(done, len(messages) - 1)] if messages else ""


def unquoted(arguments):
    """The arguments without the strings among them that are payload, not part of an address."""
    keep = re.compile(r'((?:inet_addr\(|inet_pton\(AF_INET6, |sa_data=)"(?:[^"\\]|\\.)*")'
                      r'|"(?:[^"\\]|\\.)*"')
    return keep.sub(lambda match: match[1] or '""', arguments)


def unescape(text):
    """C escapes as strace writes them: octal without leading zeros, and letters."""
    letters = {"n": 10, "t": 9, "r": 13, "v": 11, "f": 12, "a": 7, "b": 8}
    pieces = re.findall(r"\\[0-7]{1,3}|\\x[0-9a-f]{2}|\\.|[^\\]", text)
    out = bytearray()
    for piece in pieces:
        if piece[0] != "\\":
            out.append(ord(piece))
        elif piece[1] in "01234567":
            out.append(int(piece[1:], 8))
        elif piece[1] == "x":
            out.append(int(piece[2:], 16))
        else:
            out.append(letters.get(piece[1], ord(piece[1])))
    return bytes(out)


def plain(ip):
    """As oddsock writes it: an IPv4 address that is dressed as IPv6 is IPv4."""
    address = ipaddress.ip_address(ip)
    return str(getattr(address, "ipv4_mapped", None) or address)


def errno_of(result):
    match = re.match(r"(?:-1|\?) (\w+)", result)
    if not match:
        return None
    # Audit says EINTR for every way of being restarted.
    return "EINTR" if match[1].startswith("ERESTART") else match[1]


def outcome_of(error):
    # A socket that is connected already is what the call was to bring about.
    return "success" if error in (None, "EISCONN") else "unknown" if error in OPEN else "failure"


def read_events(lines):
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
        except ValueError as error:
            raise Unreadable(f"NDJSON line {number}: {error}") from error
        action = field(event, "event.action")
        side = "destination" if action in AT_DESTINATION else "source"
        ip = field(event, f"{side}.ip")
        if action not in ADDRESSED or ip is None:
            continue
        yield Call(field(event, "process.pid"), action, ip, field(event, f"{side}.port"),
                   field(event, "error.code"), field(event, "event.outcome"))


def field(event, name):
    """A field by its dotted name, be the object nested or flat."""
    if name in event:
        return event[name]
    first, _, rest = name.partition(".")
    return field(event[first], rest) if rest and isinstance(event.get(first), dict) else None


def compare(testimony, events):
    seen, read = collections.Counter(testimony.calls), collections.Counter(events)
    missing, extra = seen - read, read - seen
    by_uring = collections.Counter({call: n for call, n in extra.items()
                                    if call.pid in testimony.uring})
    extra -= by_uring
    print(f"{'action':22}{'family':>7}{'strace':>8}{'oddsock':>8}{'missing':>8}{'extra':>8}"
          f"{'io_uring':>9}")
    rows = sorted({(call.action, family(call)) for call in [*seen, *read]})
    columns = seen, read, missing, extra, by_uring
    for row in rows:
        numbers = [sum(n for call, n in column.items() if (call.action, family(call)) == row)
                   for column in columns]
        print(f"{row[0]:22}{row[1]:>7}{numbers[0]:8}{numbers[1]:8}{numbers[2]:8}{numbers[3]:8}"
              f"{numbers[4]:9}")
    totals = [column.total() for column in columns]
    print(f"{'all':22}{'':>7}{totals[0]:8}{totals[1]:8}{totals[2]:8}{totals[3]:8}{totals[4]:9}")
    for title, calls in ("only strace saw", missing), ("only oddsock says", extra):
        for call, count in sorted(calls.items(), key=str):
            pid, action, ip, port, error, outcome = call
            print(f"{title}: {count} x pid {pid} {action} [{ip}]:{port} {error or 'no error'},"
                  f" {outcome}")
    return 1 if missing or extra else 0


def family(call):
    return "ipv6" if ":" in call.ip else "ipv4"


if __name__ == "__main__":
    sys.exit(main())

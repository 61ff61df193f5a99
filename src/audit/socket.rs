//! What each descriptor of each process is, as far as the log shows it.
//!
//! A connect names an address and a descriptor, but neither TCP nor UDP: that was said when the
//! socket was made. So `socket` calls are remembered, and what they do not show stays unknown.

use std::fmt;

use super::arch::Arch;
use super::assembly::Event;
use super::call_head::CallHead;
use super::errno;
use super::family::Family;
use super::fields::Fields;
use super::generations::Generations;
use super::kind::Kind;
use super::syscalls::Call;
use super::value;

/// How many sockets one generation holds. Two are held at most.
const MOST_SOCKETS: usize = 1 << 15;

/// What carries the data of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Transport {
    Tcp,
    Udp,
    Icmp,
    Icmp6,
    Sctp,
    UdpLite,
    Dccp,
    Mptcp,
}

impl Transport {
    /// The name that the Elastic Common Schema gives it.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Icmp => "icmp",
            Transport::Icmp6 => "ipv6-icmp",
            Transport::Sctp => "sctp",
            Transport::UdpLite => "udplite",
            Transport::Dccp => "dccp",
            Transport::Mptcp => "mptcp",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a `socket` call asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Socket {
    /// The family of its addresses.
    pub family: Family,
    kind: u8,
    protocol: u16,
    /// The serial of the call that made it, which tells it from others with its number.
    made_by: u32,
}

impl Socket {
    fn asked_for(arguments: [u64; 4], arch: Option<Arch>, made_by: u32) -> Socket {
        // The type shares its argument with SOCK_NONBLOCK and SOCK_CLOEXEC.
        let kind = match (arguments[1] & 0xf) as u8 {
            // MIPS has them the other way round.
            kind @ (1 | 2) if arch.is_some_and(Arch::is_mips) => 3 - kind,
            kind => kind,
        };
        Socket { family: Family(arguments[0] as u16), kind, protocol: arguments[2] as u16, made_by }
    }

    /// Whether it sends datagrams.
    pub fn is_datagram(self) -> bool {
        self.kind == 2
    }

    /// Whether it sends packets whose protocol the program speaks itself.
    pub fn is_raw(self) -> bool {
        self.kind == 3
    }

    /// Whether it is one of IP, with packets in the place of connections.
    fn has_no_connections(self) -> bool {
        let is_ip = self.family == Family::INET || self.family == Family::INET6;
        is_ip && (self.is_datagram() || self.is_raw())
    }

    /// What carries its data, where family, type and protocol leave no doubt.
    pub fn transport(self) -> Option<Transport> {
        if self.family != Family::INET && self.family != Family::INET6 {
            return None;
        }
        match (self.kind, self.protocol) {
            (1, 0 | 6) => Some(Transport::Tcp),
            (1, 262) => Some(Transport::Mptcp),
            (1 | 5, 132) | (5, 0) => Some(Transport::Sctp),
            (2, 0 | 17) => Some(Transport::Udp),
            (2, 136) => Some(Transport::UdpLite),
            (2 | 3, 1) => Some(Transport::Icmp),
            (2 | 3, 58) => Some(Transport::Icmp6),
            (6, 0 | 33) => Some(Transport::Dccp),
            (3, 6) => Some(Transport::Tcp),
            (3, 17) => Some(Transport::Udp),
            _ => None,
        }
    }
}

/// Whether a call ended as none does on a socket of IP without connections, such as one of UDP.
pub fn shows_connections(call: Call, exit: Option<i64>) -> bool {
    match call {
        Call::Connect => exit.and_then(errno::name).is_some_and(is_of_connections),
        Call::Listen | Call::Accept | Call::Accept4 => exit.is_some_and(|exit| exit >= 0),
        _ => false,
    }
}

/// Whether `connect` ends in this error only where there are connections. Elsewhere it looks for a
/// route, which there may not be or not be allowed; it never waits, gets no answer, and may be
/// repeated.
pub fn is_of_connections(error: &str) -> bool {
    matches!(
        error,
        "ECONNREFUSED"
            | "ECONNRESET"
            | "ECONNABORTED"
            | "ETIMEDOUT"
            | "EINPROGRESS"
            | "EALREADY"
            | "EISCONN"
    )
}

/// The descriptor that a call is about: its first argument, or that of `socketcall`'s arguments.
pub fn descriptor(event: &Event) -> Option<u64> {
    arguments(event).map(|arguments| arguments[0])
}

/// The arguments of the call itself, also where they came through `socketcall`.
fn arguments(event: &Event) -> Option<[u64; 4]> {
    let head: &CallHead = &event.details.head;
    let arch = head.arch?; // io_uring logs no arguments
    head.pid?; // cut before it, and who knows how long before
    if Call::of(arch, head.number) != Call::SocketCall {
        return Some(head.arguments);
    }
    let fields = Fields::of(event.details.body(Kind::SOCKETCALL)?);
    let mut arguments = [0; 4];
    for (name, argument) in [b"a0", b"a1", b"a2", b"a3"].iter().zip(&mut arguments) {
        *argument = fields.get(*name).and_then(value::hexadecimal).unwrap_or(0);
    }
    Some(arguments)
}

/// Host, boot, process id and descriptor.
type Key = (u32, u32, u32, u64);

/// The sockets of all processes of all hosts. None outlives a boot.
#[derive(Debug)]
pub struct Sockets {
    known: Generations<Key, Socket>,
}

impl Default for Sockets {
    fn default() -> Sockets {
        Sockets { known: Generations::holding(MOST_SOCKETS) }
    }
}

impl Sockets {
    /// Notes what a call shows of a descriptor: a socket made, or a connection accepted on one.
    pub fn note(&mut self, event: &Event) {
        let head = &event.details.head;
        let made = head.exit.and_then(|exit| u64::try_from(exit).ok());
        let (Some(pid), Some(made)) = (head.pid, made) else { return };
        let arguments = arguments(event);
        // Where it is not known what was asked for, the descriptor is something else from now on.
        let socket = match event.details.call {
            Call::Socket => arguments
                .map(|arguments| Socket::asked_for(arguments, head.arch, event.stamp.serial)),
            Call::Accept | Call::Accept4 => arguments.and_then(|arguments| {
                self.known.get(&(event.host_number, event.boot, pid, arguments[0])).copied()
            }),
            Call::SocketCall => None,
            _ => return,
        };
        let key = (event.host_number, event.boot, pid, made);
        match socket {
            Some(socket) => self.known.put(key, socket, 1),
            None => self.known.forget(&key),
        }
    }

    /// What the descriptor that this call is about is.
    ///
    /// A descriptor may come to stand for another socket in ways that no log shows: `dup2`, or a
    /// socket that another process sent. Where the call contradicts what is known, that is
    /// forgotten.
    pub fn of(&mut self, event: &Event) -> Option<Socket> {
        let head = &event.details.head;
        let key = (event.host_number, event.boot, head.pid?, descriptor(event)?);
        let known = self.known.get(&key).copied()?;
        if known.has_no_connections() && shows_connections(event.details.call, head.exit) {
            self.known.forget(&key);
            return None;
        }
        Some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(family: u64, kind: u64, protocol: u64) -> Option<Transport> {
        Socket::asked_for([family, kind, protocol, 0], None, 1).transport()
    }

    #[test]
    fn the_transport_is_what_was_asked_for() {
        assert_eq!(transport(2, 1, 0), Some(Transport::Tcp));
        assert_eq!(transport(10, 0x80801, 6), Some(Transport::Tcp));
        assert_eq!(transport(2, 2, 17), Some(Transport::Udp));
        assert_eq!(transport(2, 2, 1), Some(Transport::Icmp));
        assert_eq!(transport(10, 3, 58), Some(Transport::Icmp6));
    }

    #[test]
    fn mips_numbers_streams_and_datagrams_the_other_way_round() {
        let on = |arch, kind| Socket::asked_for([2, kind, 0, 0], Some(arch), 1).transport();
        assert_eq!(on(Arch::MIPSEL64N32, 2), Some(Transport::Tcp));
        assert_eq!(on(Arch::MIPS, 0x81), Some(Transport::Udp));
        assert_eq!(on(Arch::X86_64, 2), Some(Transport::Udp));
        assert_eq!(on(Arch::MIPS, 3), None);
    }

    #[test]
    fn what_leaves_a_doubt_has_no_transport() {
        assert_eq!(transport(2, 3, 255), None);
        assert_eq!(transport(1, 1, 0), None);
        assert_eq!(transport(2, 1, 99), None);
    }
}

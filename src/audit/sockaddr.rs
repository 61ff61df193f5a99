//! Decodes the address a socket call was given: the hex dump of a `sockaddr`.
//!
//! The digits of `saddr=` come in, and the byte order of the machine that made them; a
//! [`SocketAddress`] goes out. What a program hands to the kernel may be of any length and hold
//! anything, so every dump has a decoding: one that ends too soon keeps what was there, and one
//! that is no dump at all is [`SocketAddress::Invalid`]. Nothing is filled in that was not logged.
//!
//! Whether the address is the near or the far end of a connection depends on the call and is not
//! known here. Other records have a `saddr=` too, with an address in plain text (NETFILTER_PKT):
//! those must not be brought here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nom::bytes::complete::take;
use nom::combinator::opt;
use nom::number::Endianness;
use nom::number::complete::{be_u16, be_u32, be_u128, u8, u16, u32};
use nom::{IResult, Parser};

use super::arch::ByteOrder;
pub use super::family::Family;
pub use super::interpreted::from_interpreted;

/// What a socket call named as an address.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SocketAddress {
    /// IPv4.
    Inet {
        /// The address as it stands, be it `0.0.0.0`.
        address: Ipv4Addr,
        /// The port, of whatever protocol the socket speaks.
        port: u16,
    },
    /// IPv6.
    Inet6 {
        /// The address as it stands; [`SocketAddress::ip`] turns a v4-mapped one into IPv4.
        address: Ipv6Addr,
        /// The port, of whatever protocol the socket speaks.
        port: u16,
        /// Traffic class and flow label.
        flow: u32,
        /// The number of the interface a link-local address belongs to; 0 if not given.
        scope: u32,
    },
    /// A socket within the machine.
    Unix(UnixAddress),
    /// The kernel, or a program that speaks its protocol.
    Netlink {
        /// The address of one side; the kernel has 0, and a program often its process id.
        port: u32,
        /// The multicast groups, one bit each.
        groups: u32,
    },
    /// Frames of a network interface.
    Packet {
        /// The frames' protocol (`0x0800` is IPv4, `0x0003` is all of them).
        protocol: u16,
        /// The number of the interface; 0 is all of them.
        interface: u32,
        /// The hardware address; empty if none was given.
        hardware: Vec<u8>,
    },
    /// A virtual machine or its host.
    Vsock {
        /// The machine; 2 is the host.
        cid: u32,
        /// The port on it.
        port: u32,
    },
    /// No address: on `connect`, the request to forget the one the socket had. Where Linux takes it
    /// for IPv4 a sighting has that instead.
    Unspecified,
    /// An address of a family that is not decoded here.
    Other(Family),
    /// The bytes end before the address does.
    Short {
        /// The family it was to be of.
        family: Family,
        /// The port, which stands before the address in both sorts of IP.
        port: Option<u16>,
    },
    /// Not a dump of a `sockaddr`: fewer than two bytes, half a byte, or a digit that is none.
    Invalid,
}

/// The name of a socket within the machine. Names are bytes and need not be UTF-8.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum UnixAddress {
    /// A socket that was never bound.
    Unnamed,
    /// A file, up to the first NUL: behind it stands whatever the program's stack held.
    Path(Vec<u8>),
    /// A name that is no file, without the NUL that marks it.
    ///
    /// To the kernel NULs at its end are part of the name. They are cut off here, because programs
    /// that hand over the whole struct cannot be told from ones that mean it. NULs inside stay.
    Abstract(Vec<u8>),
}

impl SocketAddress {
    /// The family; `None` only for [`SocketAddress::Invalid`].
    pub fn family(&self) -> Option<Family> {
        Some(match self {
            SocketAddress::Inet { .. } => Family::INET,
            SocketAddress::Inet6 { .. } => Family::INET6,
            SocketAddress::Unix(_) => Family::UNIX,
            SocketAddress::Netlink { .. } => Family::NETLINK,
            SocketAddress::Packet { .. } => Family::PACKET,
            SocketAddress::Vsock { .. } => Family::VSOCK,
            SocketAddress::Unspecified => Family::UNSPEC,
            SocketAddress::Other(family) | SocketAddress::Short { family, .. } => *family,
            SocketAddress::Invalid => return None,
        })
    }

    /// The family, where the address is not of IP.
    pub fn other_family(&self) -> Option<Family> {
        self.family().filter(|family| !matches!(*family, Family::INET | Family::INET6))
    }

    /// The name of a Unix socket, for a field of its own: a path, or `@` and an abstract name.
    ///
    /// A path that itself begins with `@` becomes `./@…`, which is the same file.
    pub fn unix_name(&self) -> Option<Vec<u8>> {
        match self {
            SocketAddress::Unix(UnixAddress::Path(path)) if path.starts_with(b"@") => {
                Some([b"./", &path[..]].concat())
            }
            SocketAddress::Unix(UnixAddress::Path(path)) => Some(path.clone()),
            SocketAddress::Unix(UnixAddress::Abstract(name)) => Some([b"@", &name[..]].concat()),
            _ => None,
        }
    }

    /// The IP address, if it is one. `::ffff:192.0.2.7` is IPv4 on the wire, and is IPv4 here.
    pub fn ip(&self) -> Option<IpAddr> {
        match *self {
            SocketAddress::Inet { address, .. } => Some(IpAddr::V4(address)),
            SocketAddress::Inet6 { address, .. } => Some(match address.to_ipv4_mapped() {
                Some(mapped) => IpAddr::V4(mapped),
                None => IpAddr::V6(address),
            }),
            _ => None,
        }
    }

    /// The port of IPv4 or IPv6. Netlink and vsock have ports that mean something else.
    pub fn port(&self) -> Option<u16> {
        match *self {
            SocketAddress::Inet { port, .. } | SocketAddress::Inet6 { port, .. } => Some(port),
            SocketAddress::Short { port, .. } => port,
            _ => None,
        }
    }
}

/// Decodes the hex digits of `saddr=`, of either case.
///
/// `order` is that of the machine the log is from ([`Arch::byte_order`]). Without it, as in an
/// event that has lost its SYSCALL, it is told from the family: the numbers of all families fit in
/// one byte, so the other one shows where the high byte is.
///
/// ```
/// use oddsock::audit::arch::ByteOrder;
/// use oddsock::audit::sockaddr::decode;
///
/// let address = decode(b"020001BB5DB8D8220000000000000000", Some(ByteOrder::Little));
/// assert_eq!(address.ip().unwrap().to_string(), "93.184.216.34");
/// assert_eq!(address.port(), Some(443));
/// assert_eq!(address, decode(b"000201BB5DB8D8220000000000000000", None)); // from an s390x
/// ```
///
/// [`Arch::byte_order`]: super::arch::Arch::byte_order
pub fn decode(hex: &[u8], order: Option<ByteOrder>) -> SocketAddress {
    let mut buffer = [0; LONGEST];
    let Some(bytes) = unhex(hex, &mut buffer) else {
        return SocketAddress::Invalid;
    };
    let [first, second, rest @ ..] = bytes else {
        return SocketAddress::Invalid;
    };
    let (family, order) = family([*first, *second], order);
    let read = match family {
        Family::INET => inet(rest),
        Family::INET6 => inet6(rest, order),
        Family::UNIX => return SocketAddress::Unix(unix(rest)),
        Family::NETLINK => netlink(rest, order),
        Family::PACKET => packet(rest, order),
        Family::VSOCK => vsock(rest, order),
        Family::UNSPEC => return SocketAddress::Unspecified,
        _ => return SocketAddress::Other(family),
    };
    match read {
        Ok((_, address)) => address,
        Err(_) => SocketAddress::Short { family, port: port_alone(family, rest) },
    }
}

/// What an address without a family is to those who take it for one of IPv4.
pub(super) fn decode_unspecified(hex: &[u8]) -> Option<SocketAddress> {
    let mut buffer = [0; LONGEST];
    let (_, address) = inet(unhex(hex, &mut buffer)?.get(2..)?).ok()?;
    Some(address)
}

/// The size of the kernel's `sockaddr_storage`, which no address exceeds.
const LONGEST: usize = 128;

/// The bytes that the digits stand for, at most [`LONGEST`] of them; all digits are checked.
fn unhex<'b>(hex: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    let (pairs, half) = hex.as_chunks::<2>();
    // Every true digit is below 16, so one bit above it in `seen` gives away the false ones, and
    // the loop need not ask each time.
    let mut seen = 0;
    for (byte, &[high, low]) in buffer.iter_mut().zip(pairs) {
        let (high, low) = (DIGITS[usize::from(high)], DIGITS[usize::from(low)]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    for &[high, low] in pairs.iter().skip(LONGEST) {
        seen |= DIGITS[usize::from(high)] | DIGITS[usize::from(low)];
    }
    let all_are_digits = half.is_empty() && seen < 16;
    all_are_digits.then(|| &buffer[..pairs.len().min(LONGEST)])
}

const NO_DIGIT: u8 = 0xff;

const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// The number of families is 46 and grows by one in a few years.
const FAMILIES: u16 = 64;

fn family(bytes: [u8; 2], order: Option<ByteOrder>) -> (Family, Endianness) {
    let (little, big) = (u16::from_le_bytes(bytes), u16::from_be_bytes(bytes));
    match order {
        Some(ByteOrder::Little) => (Family(little), Endianness::Little),
        Some(ByteOrder::Big) => (Family(big), Endianness::Big),
        None if little >= FAMILIES && big < FAMILIES => (Family(big), Endianness::Big),
        None => (Family(little), Endianness::Little),
    }
}

type Read<'b> = IResult<&'b [u8], SocketAddress>;

/// Eight bytes are enough: the other eight of the struct are padding.
fn inet(rest: &[u8]) -> Read<'_> {
    (be_u16, be_u32)
        .map(|(port, address)| SocketAddress::Inet { address: address.into(), port })
        .parse(rest)
}

/// The scope is younger than the rest (RFC 2553), and the kernel still takes addresses without.
fn inet6(rest: &[u8], order: Endianness) -> Read<'_> {
    (be_u16, be_u32, be_u128, opt(u32(order)))
        .map(|(port, flow, address, scope)| SocketAddress::Inet6 {
            address: address.into(),
            port,
            flow,
            scope: scope.unwrap_or(0),
        })
        .parse(rest)
}

fn netlink(rest: &[u8], order: Endianness) -> Read<'_> {
    (u16(order), u32(order), u32(order))
        .map(|(_padding, port, groups)| SocketAddress::Netlink { port, groups })
        .parse(rest)
}

fn vsock(rest: &[u8], order: Endianness) -> Read<'_> {
    (u16(order), u32(order), u32(order))
        .map(|(_reserved, port, cid)| SocketAddress::Vsock { cid, port })
        .parse(rest)
}

fn packet(rest: &[u8], order: Endianness) -> Read<'_> {
    (be_u16, u32(order), opt(hardware))
        .map(|(protocol, interface, hardware)| SocketAddress::Packet {
            protocol,
            interface,
            hardware: hardware.unwrap_or_default().to_vec(),
        })
        .parse(rest)
}

/// The hardware address behind its type, the sort of packet and its own length.
fn hardware(rest: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, (_type_and_sort, length)) = (take(3_usize), u8).parse(rest)?;
    take(length)(rest)
}

/// The size of `sun_path`.
const LONGEST_PATH: usize = 108;

fn unix(rest: &[u8]) -> UnixAddress {
    let name = &rest[..rest.len().min(LONGEST_PATH)];
    match name {
        [0, name @ ..] => match name.iter().rposition(|&byte| byte != 0) {
            Some(last) => UnixAddress::Abstract(name[..=last].to_vec()),
            None => UnixAddress::Unnamed,
        },
        [] => UnixAddress::Unnamed,
        _ => {
            // A path that fills the struct has no NUL, nor has one whose length was given exactly.
            let end = name.iter().position(|&byte| byte == 0);
            UnixAddress::Path(name[..end.unwrap_or(name.len())].to_vec())
        }
    }
}

fn port_alone(family: Family, rest: &[u8]) -> Option<u16> {
    let port = rest.first_chunk().map(|&bytes| u16::from_be_bytes(bytes));
    port.filter(|_| matches!(family, Family::INET | Family::INET6))
}

#[cfg(test)]
#[path = "sockaddr_tests.rs"]
mod tests;

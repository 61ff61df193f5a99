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
    /// No address: on `connect`, the request to forget the one the socket had.
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

/// Reads the address in the words of `ausearch -i` and of enriched logs:
/// `{ saddr_fam=inet laddr=93.184.216.34 lport=443 }`.
///
/// Only for logs that lack the raw bytes, for the words tell less: an abstract name looks like a
/// path, and of many families there is only the name. Older releases wrote `fam=`, and yet
/// older ones `inet host:93.184.216.34 serv:443`. `None` if no family can be found.
pub fn from_interpreted(text: &[u8]) -> Option<SocketAddress> {
    let text = text.trim_ascii();
    let inside = text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}"));
    let text = inside.unwrap_or(text).trim_ascii();
    let family = interpreted_family(text)?;
    let port = word(text, &["lport=", "serv:"]);
    let address = word(text, &["laddr=", "host:"]);
    let short = SocketAddress::Short { family, port };
    Some(match family {
        Family::UNSPEC => SocketAddress::Unspecified,
        Family::INET => match (address, port) {
            (Some(address), Some(port)) => SocketAddress::Inet { address, port },
            _ => short,
        },
        Family::INET6 => match (interpreted_inet6(text), port) {
            (Some((address, scope)), Some(port)) => {
                SocketAddress::Inet6 { address, port, flow: 0, scope }
            }
            _ => short,
        },
        Family::UNIX => SocketAddress::Unix(interpreted_unix(text)),
        Family::NETLINK => match word(text, &["nlnk-pid=", "pid:"]) {
            Some(port) => SocketAddress::Netlink { port, groups: 0 },
            None => short,
        },
        _ => SocketAddress::Other(family),
    })
}

fn interpreted_family(text: &[u8]) -> Option<Family> {
    // "unknown-family(77)", "unknown family(77)".
    if let Some(number) = text.strip_prefix(b"unknown") {
        let number = number.get(1..)?.strip_prefix(b"family(")?.strip_suffix(b")")?;
        return parse(number).map(Family);
    }
    let first = text.split(|&byte| byte == b' ').next()?;
    let named = first.strip_prefix(b"saddr_").unwrap_or(first);
    Family::from_name(named.strip_prefix(b"fam=").unwrap_or(named))
}

fn interpreted_inet6(text: &[u8]) -> Option<(Ipv6Addr, u32)> {
    let address = word::<String>(text, &["laddr=", "host:"])?;
    // The scope may be the name of an interface, whose number only that machine knows.
    let (address, scope) = address.split_once('%').unwrap_or((&address, ""));
    Some((address.parse().ok()?, scope.parse().unwrap_or(0)))
}

fn interpreted_unix(text: &[u8]) -> UnixAddress {
    // The path may hold blanks, so it is all that is left of the text.
    let keys: [&[u8]; 3] = [b"saddr_fam=local path=", b"fam=local path=", b"local "];
    match keys.iter().find_map(|key| text.strip_prefix(*key)) {
        Some([b'@', name @ ..]) => UnixAddress::Abstract(name.to_vec()),
        Some(path @ [_, ..]) => UnixAddress::Path(path.to_vec()),
        _ => UnixAddress::Unnamed,
    }
}

/// The value of the first word that begins with one of the keys.
fn word<T: std::str::FromStr>(text: &[u8], keys: &[&str]) -> Option<T> {
    let mut words = text.split(|&byte| byte == b' ');
    words.find_map(|word| keys.iter().find_map(|key| parse(word.strip_prefix(key.as_bytes())?)))
}

fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LITTLE: Option<ByteOrder> = Some(ByteOrder::Little);
    const BIG: Option<ByteOrder> = Some(ByteOrder::Big);

    fn little(hex: &str) -> SocketAddress {
        let address = decode(hex.as_bytes(), LITTLE);
        assert_eq!(address, decode(hex.to_lowercase().as_bytes(), LITTLE), "case matters: {hex}");
        assert_eq!(address, decode(hex.as_bytes(), None), "the order is not told from {hex}");
        address
    }

    /// Address and port as one text, without the flow and scope of IPv6.
    fn shown(address: &SocketAddress) -> String {
        let ip = address.ip().map_or("-".to_owned(), |ip| ip.to_string());
        let port = address.port().map_or("-".to_owned(), |port| port.to_string());
        format!("{ip} {port}")
    }

    fn short(family: Family, port: Option<u16>) -> SocketAddress {
        SocketAddress::Short { family, port }
    }

    fn path(path: &str) -> SocketAddress {
        SocketAddress::Unix(UnixAddress::Path(path.into()))
    }

    fn abstract_name(name: &[u8]) -> SocketAddress {
        SocketAddress::Unix(UnixAddress::Abstract(name.into()))
    }

    fn unnamed() -> SocketAddress {
        SocketAddress::Unix(UnixAddress::Unnamed)
    }

    #[test]
    fn eight_bytes_are_enough_for_ipv4_and_more_change_nothing() {
        assert_eq!(shown(&little("020001BB5DB8D822")), "93.184.216.34 443");
        assert_eq!(shown(&little("020001BB5DB8D8220000000000000000")), "93.184.216.34 443");
        assert_eq!(shown(&little("020000357F0000013030303030303030")), "127.0.0.1 53");
    }

    #[test]
    fn an_address_cut_short_keeps_its_family_and_port_but_no_ip() {
        assert_eq!(little("0200"), short(Family::INET, None));
        assert_eq!(little("020001"), short(Family::INET, None));
        assert_eq!(little("020001BB"), short(Family::INET, Some(443)));
        assert_eq!(little("020001BB5DB8D8"), short(Family::INET, Some(443)));
        assert_eq!(little("0A0001BB00000000"), short(Family::INET6, Some(443)));
        let almost = format!("0A0001BB00000000{}", "20".repeat(15));
        assert_eq!(little(&almost), short(Family::INET6, Some(443)));
        assert_eq!(little("1000000001020304"), short(Family::NETLINK, None));
        assert_eq!(little("28000000640000000300"), short(Family::VSOCK, None));
    }

    #[test]
    fn what_is_no_dump_is_invalid() {
        for hex in ["", "0", "02", "020001BB5DB8D82", "ZZ0001BB5DB8D822", "020001BB5DB8D8G2"] {
            assert_eq!(decode(hex.as_bytes(), LITTLE), SocketAddress::Invalid, "{hex:?}");
        }
        for hex in ["192.0.2.77", "(null)", "0x0200", " 200", "0200 1BB", "02000\u{ff}BB"] {
            assert_eq!(decode(hex.as_bytes(), None), SocketAddress::Invalid, "{hex:?}");
        }
        assert_eq!(SocketAddress::Invalid.family(), None);
    }

    #[test]
    fn zeros_are_no_address() {
        assert_eq!(little("0000"), SocketAddress::Unspecified);
        assert_eq!(little(&"00".repeat(16)), SocketAddress::Unspecified);
        assert_eq!(SocketAddress::Unspecified.family(), Some(Family::UNSPEC));
    }

    #[test]
    fn ipv6_keeps_flow_and_scope() {
        let link_local = little("0A0001BB00000000FE80000000000000021122FFFE33445502000000");
        assert_eq!(
            link_local,
            SocketAddress::Inet6 {
                address: "fe80::211:22ff:fe33:4455".parse().unwrap(),
                port: 443,
                flow: 0,
                scope: 2
            }
        );
        let labelled = little("0A0001BB0001E24020010DB800000000000000000000000100000000");
        assert_eq!(
            labelled,
            SocketAddress::Inet6 {
                address: "2001:db8::1".parse().unwrap(),
                port: 443,
                flow: 123_456,
                scope: 0
            }
        );
        let low = "0A00DE9900000000000000000000000000002a02cf40000000000000";
        assert_eq!(shown(&little(low)), "::2a02:cf40:0 56985");
    }

    #[test]
    fn ipv6_without_a_whole_scope_is_still_an_address() {
        let without_scope = format!("0A002BCB{}01", "0".repeat(38));
        for more in ["", "020000", "00000000", &"00".repeat(104), &"00".repeat(200)] {
            let address = little(&format!("{without_scope}{more}"));
            assert_eq!(shown(&address), "::1 11211", "{more:?}");
            assert!(matches!(address, SocketAddress::Inet6 { scope: 0, .. }), "{more:?}");
        }
    }

    #[test]
    fn only_the_mapped_prefix_makes_ipv4_of_ipv6() {
        let ip = |middle: &str| {
            shown(&little(&format!("0A00DE9900000000{}{middle}3A6C48DE00000000", "0".repeat(16))))
        };
        assert_eq!(ip("0000FFFF"), "58.108.72.222 56985");
        assert_eq!(ip("00000000"), "::3a6c:48de 56985");
        assert_eq!(ip("FFFF0000"), "::ffff:0:3a6c:48de 56985");
        assert_eq!(ip("0000FFFE"), "::fffe:3a6c:48de 56985");
    }

    #[test]
    fn a_big_endian_machine_turns_the_family_but_not_the_port() {
        for order in [BIG, None] {
            let bind = decode(b"0002D903000000000000000000000000", order);
            assert_eq!(shown(&bind), "0.0.0.0 55555");
            let connect = decode(b"000201BB5DB8D8220000000000000000", order);
            assert_eq!(shown(&connect), "93.184.216.34 443");
            let scoped = decode(b"000A01BB00000000FE800000000000000000000000000001000001F4", order);
            assert!(matches!(scoped, SocketAddress::Inet6 { scope: 500, .. }));
            let kernel = decode(b"001000000000000700000001", order);
            assert_eq!(kernel, SocketAddress::Netlink { port: 7, groups: 1 });
        }
    }

    #[test]
    fn a_known_order_is_not_overruled_by_a_likelier_family() {
        assert_eq!(decode(b"000201BB5DB8D822", LITTLE), SocketAddress::Other(Family(512)));
        assert_eq!(decode(b"020001BB5DB8D822", BIG), SocketAddress::Other(Family(512)));
        assert_eq!(decode(b"FFFF01BB5DB8D822", None), SocketAddress::Other(Family(0xffff)));
    }

    #[test]
    fn a_path_ends_at_the_first_nul_or_with_the_bytes() {
        assert_eq!(little("01002F746D702F736F636B"), path("/tmp/sock"));
        assert_eq!(little("01002F746D702F736F636B0000385302"), path("/tmp/sock"));
        assert_eq!(little("010078"), path("x"));
        // 108 bytes without a NUL fill the struct; what a longer one holds behind them is no path.
        let full = format!("01002F{}", "78".repeat(107));
        assert_eq!(little(&full), path(&format!("/{}", "x".repeat(107))));
        assert_eq!(little(&format!("{full}5959")), little(&full));
    }

    #[test]
    fn an_abstract_name_keeps_inner_nuls_and_drops_padding() {
        assert_eq!(
            little("0100002F746D702F2E5831312D756E69782F5830"),
            abstract_name(b"/tmp/.X11-unix/X0")
        );
        assert_eq!(little("01000074C3A97374206162"), abstract_name("tést ab".as_bytes()));
        assert_eq!(little("0100006100620000"), abstract_name(b"a\0b"));
        let padded = format!("0100002F636F6E7461696E6572642D7368696D2F{}", "00".repeat(80));
        assert_eq!(little(&padded), abstract_name(b"/containerd-shim/"));
    }

    #[test]
    fn a_unix_socket_without_a_name_is_unnamed() {
        for hex in ["0100", "010000", &format!("0100{}", "00".repeat(108))] {
            assert_eq!(little(hex), unnamed(), "{hex}");
        }
    }

    #[test]
    fn the_other_families_have_their_own_shapes() {
        assert_eq!(
            little("100000000700000001000000"),
            SocketAddress::Netlink { port: 7, groups: 1 }
        );
        assert_eq!(
            little("28000000640000000300000000000000"),
            SocketAddress::Vsock { cid: 3, port: 100 }
        );
        let packet = |hardware: &[u8]| SocketAddress::Packet {
            protocol: 0x0800,
            interface: 2,
            hardware: hardware.to_vec(),
        };
        assert_eq!(
            little("110008000200000001000006AABBCCDDEEFF0000"),
            packet(&[0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff])
        );
        assert_eq!(little("110008000200000001000006AABBCCDDEE"), packet(&[]));
        assert_eq!(little("1100080002000000"), packet(&[]));
        assert_eq!(little("26006861736800000000"), SocketAddress::Other(Family(38)));
    }

    #[test]
    fn the_words_of_ausearch_give_the_same_addresses() {
        let read = |text: &str| from_interpreted(text.as_bytes()).unwrap();
        let web = little("020001BB5DB8D822");
        assert_eq!(read("{ saddr_fam=inet laddr=93.184.216.34 lport=443 }"), web);
        assert_eq!(read("{ fam=inet laddr=93.184.216.34 lport=443 } "), web);
        assert_eq!(read("inet host:93.184.216.34 serv:443"), web);
        let mapped = "{ saddr_fam=inet6 laddr=::ffff:58.108.72.222 lport=56985 }";
        assert_eq!(shown(&read(mapped)), "58.108.72.222 56985");
        let scope = |text| match read(text) {
            SocketAddress::Inet6 { scope, .. } => scope,
            other => panic!("{other:?}"),
        };
        assert_eq!(scope("{ saddr_fam=inet6 laddr=fe80::1%2 lport=443 }"), 2);
        assert_eq!(scope("{ saddr_fam=inet6 laddr=fe80::1%eth0 lport=443 }"), 0);
        assert_eq!(read("{ saddr_fam=local path=/tmp/x y }  }"), path("/tmp/x y }"));
        assert_eq!(
            read("{ fam=local path=@/tmp/.X11-unix/X0 }"),
            abstract_name(b"/tmp/.X11-unix/X0")
        );
        assert_eq!(read("local /dev/log"), path("/dev/log"));
        assert_eq!(
            read("{ saddr_fam=netlink nlnk-fam=16 nlnk-pid=7 }"),
            SocketAddress::Netlink { port: 7, groups: 0 }
        );
    }

    #[test]
    fn words_without_an_address_give_none() {
        let read = |text: &str| from_interpreted(text.as_bytes());
        assert_eq!(read("{ saddr_fam=local sockaddr len too short }"), Some(unnamed()));
        let inet = |port| Some(short(Family::INET, port));
        assert_eq!(read("{ saddr_fam=inet sockaddr len too short }"), inet(None));
        assert_eq!(read("{ saddr_fam=inet laddr=www.example lport=80 }"), inet(Some(80)));
        assert_eq!(read("{ saddr_fam=inet laddr=2001:db8::1 lport=80 }"), inet(Some(80)));
        assert_eq!(read("{ saddr_fam=inet laddr=192.0.2.7 lport=65536 }"), inet(None));
        assert_eq!(
            read("{ saddr_fam=vsock (unsupported) }"),
            Some(SocketAddress::Other(Family::VSOCK))
        );
        assert_eq!(read("unknown-family(0)"), Some(SocketAddress::Unspecified));
        assert_eq!(read("unknown family(77)"), Some(SocketAddress::Other(Family(77))));
        for text in ["", "{", "{ }", "unknown family", "unknown", "saddr_fam=", "192.0.2.7"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    fn hex(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()
    }

    fn order() -> impl Strategy<Value = ByteOrder> {
        prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)]
    }

    fn in_order<const N: usize>(order: ByteOrder, mut little: [u8; N]) -> [u8; N] {
        if order == ByteOrder::Big {
            little.reverse();
        }
        little
    }

    proptest! {
        #[test]
        fn any_text_at_all_is_survived(
            text: Vec<u8>,
            digits in "[0-9A-Fa-f]{0,300}",
            order in prop::option::of(order()),
        ) {
            decode(&text, order);
            decode(digits.as_bytes(), order);
            from_interpreted(&text);
        }

        #[test]
        fn any_bytes_of_a_known_family_are_survived(number in 0_u16..50, rest: Vec<u8>) {
            let bytes = [&number.to_le_bytes()[..], &rest].concat();
            let address = decode(&hex(&bytes), LITTLE);
            prop_assert_eq!(address.family(), Some(Family(number)));
        }

        #[test]
        fn ipv4_comes_back_as_it_went(ip: Ipv4Addr, port: u16, order in order()) {
            let family = in_order(order, 2_u16.to_le_bytes());
            let bytes = [&family[..], &port.to_be_bytes(), &ip.octets(), &[0; 8]].concat();
            let expected = SocketAddress::Inet { address: ip, port };
            prop_assert_eq!(&decode(&hex(&bytes), Some(order)), &expected);
            prop_assert_eq!(&decode(&hex(&bytes), None), &expected);
        }

        #[test]
        fn ipv6_comes_back_as_it_went(
            address: Ipv6Addr, port: u16, flow: u32, scope: u32, order in order(),
        ) {
            let bytes = [
                &in_order(order, 10_u16.to_le_bytes())[..],
                &port.to_be_bytes(),
                &flow.to_be_bytes(),
                &address.octets(),
                &in_order(order, scope.to_le_bytes()),
            ].concat();
            let expected = SocketAddress::Inet6 { address, port, flow, scope };
            prop_assert_eq!(&decode(&hex(&bytes), Some(order)), &expected);
            prop_assert_eq!(&decode(&hex(&bytes), None), &expected);
        }
    }
}

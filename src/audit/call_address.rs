//! The address that a call on the network names.
//!
//! The records of an event come in; the address goes out, from its raw bytes, from what the
//! enriched part says where they are gone, or, for counting, no more of it than the family. The one
//! address that is not what it says is told here too: one without a family, which Linux may take
//! for IPv4.

use super::arch::ByteOrder;
use super::assembly::Event;
use super::connection::Action;
use super::errno;
use super::family::Family;
use super::fields::{self, Fields};
use super::kind::Kind;
use super::seen::Seen;
use super::sockaddr::{self, SocketAddress};
use super::socket::Socket;

/// An address of the same family as the call's, which is all that counting looks at: the first two
/// bytes, unless the record is not what it should be.
pub fn family_of(event: &Event) -> SocketAddress {
    let digits = event.details.body(Kind::SOCKADDR).and_then(|body| body.strip_prefix(b"saddr="));
    match digits.and_then(|digits| digits.first_chunk::<4>()) {
        Some(family) if !event.seen.has(Seen::CUT) && family.iter().all(u8::is_ascii_hexdigit) => {
            sockaddr::decode(family, event.details.head.arch.map(|arch| arch.byte_order()))
        }
        _ => of(event),
    }
}

/// The address of a call: its raw bytes, or what the enriched part says where they are gone.
pub fn of(event: &Event) -> SocketAddress {
    let Some(body) = event.details.body(Kind::SOCKADDR) else { return SocketAddress::Invalid };
    let order = event.details.head.arch.map(|arch| arch.byte_order());
    match body.strip_prefix(b"saddr=") {
        Some(rest) => {
            let end = memchr::memchr(fields::SEPARATOR, rest).unwrap_or(rest.len());
            match sockaddr::decode(&rest[..end], order) {
                SocketAddress::Invalid => decode_start(rest, order),
                address => address,
            }
        }
        None => Fields::of(body)
            .get(b"SADDR")
            .and_then(sockaddr::from_interpreted)
            .unwrap_or(SocketAddress::Invalid),
    }
}

/// The address whose digits are followed by the enriched part in one of its mangled forms.
#[cold]
fn decode_start(rest: &[u8], order: Option<ByteOrder>) -> SocketAddress {
    let end = rest.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(rest.len());
    match rest.get(end) {
        Some(b' ' | b'^' | b'#' | b'\\' | 0xef | b'S') => sockaddr::decode(&rest[..end], order),
        _ => SocketAddress::Invalid,
    }
}

/// The hex digits of a call's address, without what may follow them.
pub(super) fn digits_of(event: &Event) -> &[u8] {
    let body = event.details.body(Kind::SOCKADDR).unwrap_or_default();
    let rest = body.strip_prefix(b"saddr=").unwrap_or_default();
    let end = rest.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(rest.len());
    &rest[..end]
}

/// The IPv4 address that Linux takes these digits of an address without a family for, in a call
/// that ended so on this socket, as far as that is known.
///
/// `sendto` and its like on datagram and raw sockets of IPv4 take 0 for `AF_INET`, and so does
/// `bind`. Nothing else does: to `connect` it says to forget the peer, and sockets of IPv6 send to
/// the peer that they have.
pub fn taken_for_inet(
    action: Action,
    digits: &[u8],
    exit: Option<i64>,
    socket: Option<Socket>,
) -> Option<SocketAddress> {
    let is_inet = |socket: Socket| socket.family == Family::INET;
    // A stream sends to its peer, whatever address is given.
    let has_no_peer = |socket: Socket| socket.is_datagram() || socket.is_raw();
    let may_be_taken = match action {
        Action::SocketBound => socket.is_none_or(is_inet),
        Action::DatagramSent => socket.is_none_or(|socket| is_inet(socket) && has_no_peer(socket)),
        _ => false,
    };
    // The socket did not know the family, or looked for the peer that it does not have.
    let was_refused =
        matches!(exit.and_then(errno::name), Some("EAFNOSUPPORT" | "EINVAL" | "EDESTADDRREQ"));
    if !may_be_taken || was_refused {
        return None;
    }
    let taken = sockaddr::decode_unspecified(digits)?;
    // UDP refuses to send to port 0; raw sockets have no ports.
    let may_have_no_port = action == Action::SocketBound || socket.is_some_and(Socket::is_raw);
    (may_have_no_port || taken.port() != Some(0)).then_some(taken)
}

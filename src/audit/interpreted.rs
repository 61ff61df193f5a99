//! Reads an address from the words that auditd and ausearch put beside or in place of its bytes.

use std::net::Ipv6Addr;

use super::family::Family;
use super::sockaddr::{SocketAddress, UnixAddress};

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

//! The address of a connection as people write it: `192.0.2.7:443`, `[::1]:53`, `/run/x`, `@name`.

use std::io::Write;
use std::net::IpAddr;

use super::escape;
use crate::audit::Connection;
use crate::audit::sockaddr::{SocketAddress, UnixAddress};

/// Appends the address, and `?` where the log does not hold one.
///
/// Other families than IP and Unix begin with their names: `netlink:7`, `vsock:3:100`,
/// `packet:0x0800:2`. Half an address is what there is of it: `?:443`.
pub(super) fn address(connection: &Connection<'_>, out: &mut Vec<u8>) {
    match (connection.ip, connection.port) {
        (Some(ip), port) => ip_and_port(connection, ip, port, out),
        (None, Some(port)) => {
            let _ = write!(out, "?:{port}");
        }
        (None, None) => other(connection.address, out),
    }
}

/// Appends the address as a part of a sentence: `192.0.2.7 port 443`.
pub(super) fn in_words(connection: &Connection<'_>, out: &mut Vec<u8>) {
    let port = connection.port;
    match (connection.ip, connection.address) {
        (Some(ip), _) => ip_alone(connection, ip, out),
        (None, SocketAddress::Unspecified) => out.extend_from_slice(b"no address"),
        (None, SocketAddress::Invalid) => out.extend_from_slice(b"an unknown address"),
        (None, SocketAddress::Unix(UnixAddress::Unnamed)) => {
            out.extend_from_slice(b"an unnamed Unix socket");
        }
        (None, SocketAddress::Short { family, .. }) => {
            let _ = write!(out, "an incomplete {family} address");
        }
        (None, SocketAddress::Other(family)) => {
            let _ = write!(out, "an address of family {family}");
        }
        (None, SocketAddress::Unix(_)) => {
            out.extend_from_slice(b"the Unix socket ");
            other(connection.address, out);
        }
        _ => other(connection.address, out),
    }
    if let Some(port) = port {
        let _ = write!(out, " port {port}");
    }
}

/// Appends six bytes or so as `aa:bb:cc:dd:ee:ff`.
pub(super) fn hardware(bytes: &[u8], out: &mut Vec<u8>) {
    for (index, byte) in bytes.iter().enumerate() {
        let colon = if index == 0 { "" } else { ":" };
        let _ = write!(out, "{colon}{byte:02x}");
    }
}

/// Appends an IP address alone, which is the same in every format.
pub(super) fn ip(ip: IpAddr, out: &mut Vec<u8>) {
    match ip {
        IpAddr::V4(v4) => {
            for (index, octet) in v4.octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                super::json::decimal(octet, out);
            }
        }
        IpAddr::V6(v6) => {
            let _ = write!(out, "{v6}");
        }
    }
}

/// With the interface that a link-local address needs to mean anything: `fe80::1%2`.
fn ip_alone(connection: &Connection<'_>, address: IpAddr, out: &mut Vec<u8>) {
    ip(address, out);
    if let SocketAddress::Inet6 { scope: scope @ 1.., .. } = connection.address
        && address.is_ipv6()
    {
        let _ = write!(out, "%{scope}");
    }
}

fn ip_and_port(connection: &Connection<'_>, address: IpAddr, port: Option<u16>, out: &mut Vec<u8>) {
    let is_bracketed = address.is_ipv6() && port.is_some();
    if is_bracketed {
        out.push(b'[');
    }
    ip_alone(connection, address, out);
    if is_bracketed {
        out.push(b']');
    }
    if let Some(port) = port {
        let _ = write!(out, ":{port}");
    }
}

fn other(address: &SocketAddress, out: &mut Vec<u8>) {
    let _ = match address {
        SocketAddress::Unix(UnixAddress::Unnamed) => write!(out, "unix"),
        SocketAddress::Unix(_) => {
            return escape::word(&address.unix_name().unwrap_or_default(), out);
        }
        SocketAddress::Netlink { port, .. } => write!(out, "netlink:{port}"),
        SocketAddress::Vsock { cid, port } => write!(out, "vsock:{cid}:{port}"),
        SocketAddress::Packet { protocol, interface, .. } => {
            write!(out, "packet:{protocol:#06x}:{interface}")
        }
        SocketAddress::Unspecified => write!(out, "unspec"),
        SocketAddress::Other(family) => write!(out, "{family}"),
        _ => write!(out, "?"),
    };
}

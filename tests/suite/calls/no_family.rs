//! Addresses without a family, which Linux takes for IPv4 in some calls, and what they are in
//! others.

use std::ops::ControlFlow;

use oddsock::audit::Sighting;
use oddsock::audit::gathering::Keep;
use oddsock::input::{self, Pieces};
use oddsock::reading::{self, Options};

use crate::scene::{check, log};

/// No family, and behind it 127.0.0.5:7777.
const TAKEN: &str = "00001E617F0000050000000000000000";

/// A socket call with these arguments, if any, and a call on its descriptor with this address.
#[track_caller]
fn named(socket: &str, call: &str, address: &str, expected: &str) {
    let socket = match socket {
        "" => String::new(),
        socket => format!("#5 SYSCALL socket /usr/bin/x exit=3 {socket}"),
    };
    let scene = format!("{socket}\n#7 SYSCALL {call}\n#7 SOCKADDR {address}");
    check(&scene, &format!("#7 x[812] {expected}"));
    assert_eq!(counted(&log(&scene)), usize::from(!expected.contains("unspec")), "{scene}");
}

/// How many connections of IP there are where they are only counted.
fn counted(log: &[u8]) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, log).expect("a file");
    let found = input::find(&[path], None).expect("something to read");
    let pieces = Pieces::new(found.sources, input::PIECE_SIZE);
    let keep = Keep { only_addresses: true, ..Keep::default() };
    let mut count = 0;
    reading::read(pieces, Options { keep, ..Options::default() }, &mut |sighting: &Sighting| {
        count += usize::from(sighting.is_ip());
        ControlFlow::Continue(())
    });
    count
}

#[test]
fn a_datagram_to_an_address_without_a_family_goes_where_the_bytes_say() {
    for call in ["sendto /usr/bin/x exit=5", "sendmsg /usr/bin/x exit=5", "307 /usr/bin/x exit=1"] {
        named("a0=2 a1=2 a2=0", call, TAKEN, "sent to 127.0.0.5:7777 udp");
        named("a0=2 a1=80802 a2=0", call, TAKEN, "sent to 127.0.0.5:7777 udp");
        named("", call, TAKEN, "sent to 127.0.0.5:7777");
        named("a0=2 a1=2 a2=0", call, &TAKEN[..16], "sent to 127.0.0.5:7777 udp");
        named("a0=2 a1=2 a2=0", call, &TAKEN[..14], "sent to unspec");
    }
    let ended = |exit: &str| format!("sendto /usr/bin/x exit={exit}");
    named("", &ended("-1"), TAKEN, "sent to 127.0.0.5:7777 EPERM");
    named("", &ended("-22"), TAKEN, "sent to unspec EINVAL");
    named("", &ended("-97"), TAKEN, "sent to unspec EAFNOSUPPORT");
    named("", &ended("-89"), TAKEN, "sent to unspec EDESTADDRREQ");
}

#[test]
fn a_socket_that_takes_no_such_address_sends_to_the_peer_it_has() {
    for socket in ["a0=a a1=2 a2=0", "a0=2 a1=1 a2=0", "a0=1 a1=2 a2=0", "a0=2 a1=5 a2=84"] {
        named(socket, "sendto /usr/bin/x exit=5", TAKEN, "sent to unspec");
    }
}

#[test]
fn only_a_raw_socket_sends_to_port_0() {
    let no_port = "000000007F0000050000000000000000";
    let call = "sendto /usr/bin/x exit=5";
    named("a0=2 a1=3 a2=1", call, no_port, "sent to 127.0.0.5:0 icmp");
    named("a0=2 a1=2 a2=0", call, no_port, "sent to unspec");
    named("", call, no_port, "sent to unspec");
}

#[test]
fn bound_without_a_family_is_bound_to_ipv4() {
    let any = "00001E61000000000000000000000000";
    let bind = |exit: &str| format!("bind /usr/bin/x exit={exit}");
    named("a0=2 a1=2 a2=0", &bind("0"), any, "bound to 0.0.0.0:7777 udp");
    named("a0=2 a1=1 a2=0", &bind("0"), any, "bound to 0.0.0.0:7777 tcp");
    named("", &bind("0"), any, "bound to 0.0.0.0:7777");
    named("", &bind("-98"), any, "bound to 0.0.0.0:7777 EADDRINUSE");
    named("", &bind("-97"), TAKEN, "bound to unspec EAFNOSUPPORT");
    named("a0=a a1=2 a2=0", &bind("-22"), any, "bound to unspec EINVAL");
    named("a0=10 a1=3 a2=0", &bind("0"), any, "bound to unspec");
}

#[test]
fn a_connect_without_a_family_goes_nowhere() {
    for socket in ["a0=2 a1=2 a2=0", "a0=2 a1=1 a2=0", ""] {
        named(socket, "connect /usr/bin/x", TAKEN, "→ unspec");
        named(socket, "recvfrom /usr/bin/x exit=5", TAKEN, "received from unspec");
    }
}

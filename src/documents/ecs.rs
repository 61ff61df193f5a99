//! Documents of the Elastic Common Schema, whoever wrote them, brought into one form.
//!
//! Elastic Defend, Auditbeat, Auditd Manager, Packetbeat and this program mean the same by most
//! names. Where they differ, in the words for what was done, in how an address is written, in
//! where a number stands, ours is put in the place of theirs; the tables of `super::vocabulary`
//! have the words. The other fields of a document stay as they are.

use std::io::Write;
use std::net::IpAddr;

use super::account::{Complaint, Passed, Reason};
use super::document::passed;
use super::flat::Flat;
use super::{time, vocabulary};
use crate::audit::socket::is_of_connections;
use crate::audit::{Action, Outcome, errno, value};

/// The time of a document about the network.
pub(super) fn check(flat: &Flat) -> Result<u64, Reason> {
    let time = flat.first("@timestamp").and_then(time::millis);
    let Some(time) = time else { return Err(Reason::Complaint(Complaint::NoTime)) };
    if flat.first("event.kind").is_some_and(|kind| kind != b"event") {
        return passed(Passed::NotAnEvent);
    }
    if !flat.values("event.category").any(|category| category == b"network") {
        return passed(Passed::NotNetwork);
    }
    let is_ip = |family: &[u8]| vocabulary::IP_FAMILIES.iter().any(|ip| ip.as_bytes() == family);
    let is_other = flat.first("auditd.data.socket.family").is_some_and(|family| !is_ip(family));
    if is_other || flat.first("auditd.family").is_some() {
        return passed(Passed::NotIp);
    }
    Ok(time)
}

/// Brings the fields into the form of oddsock-events(5).
pub(super) fn normalise(flat: &mut Flat) {
    // Others have it under `auditd.data`.
    let is_ours = flat.first("auditd.syscall").is_some();
    for (name, others) in vocabulary::ALIASES {
        if flat.first(name).is_none_or(<[u8]>::is_empty) {
            let found = others.iter().filter_map(|other| flat.first(other));
            let found = found.filter(|value| !value.is_empty()).map(<[u8]>::to_vec).next();
            found.iter().for_each(|value| flat.set(name, value));
        }
    }
    translate(flat, "event.action", &vocabulary::ACTIONS);
    translate(flat, "network.direction", &vocabulary::DIRECTIONS);
    for name in vocabulary::IDS {
        flat.change(name, |value, out| {
            out.extend_from_slice(value);
            !vocabulary::UNSET.iter().any(|unset| unset.as_bytes() == value)
        });
    }
    // The audit system is Linux's.
    if flat.first("host.os.type").is_none() && flat.first("event.module") == Some(b"auditd") {
        flat.set("host.os.type", b"linux");
    }
    addresses(flat);
    outcome(flat);
    if !is_ours {
        probe(flat);
    }
}

fn translate(flat: &mut Flat, name: &str, table: &[(&str, &str)]) {
    flat.change(name, |value, out| {
        let word = vocabulary::translated(table, value).map_or(value, str::as_bytes);
        out.extend_from_slice(word);
        true
    });
}

fn addresses(flat: &mut Flat) {
    let action = flat.first("event.action");
    let action = Action::ALL.into_iter().find(|a| Some(a.name().as_bytes()) == action);
    // The address of a call is at its far end; without a call that is known, it is at no end.
    let own = |goes_out| if action.map(Action::goes_out) == Some(goes_out) { 3 } else { 2 };
    end(flat, &vocabulary::DESTINATION[..own(true)]);
    end(flat, &vocabulary::SOURCE[..own(false)]);
}

/// Nobody connects to port 0: the kernel was asked for a route, unless the document shows that it
/// was not UDP.
fn probe(flat: &mut Flat) {
    let connect = Action::ConnectionAttempted.name().as_bytes();
    let error = flat.first("error.code").and_then(|code| std::str::from_utf8(code).ok());
    if flat.first("event.action") == Some(connect)
        && flat.first("destination.ip").is_some()
        && flat.first("destination.port") == Some(b"0")
        && flat.first("network.transport").is_none_or(|transport| transport == b"udp")
        && !error.is_some_and(is_of_connections)
    {
        flat.set("labels.probe", b"true");
    }
}

/// One end of a connection: the first of the places that holds an address, and that address in the
/// one form it has.
fn end(flat: &mut Flat, places: &[[&str; 2]]) {
    let [ip, port] = places[0];
    flat.change(ip, |value, out| match address(value) {
        Some(address) => write!(out, "{address}").is_ok(),
        None => false,
    });
    for [other_ip, other_port] in &places[1..] {
        if flat.first(ip).is_none()
            && let Some(address) = flat.first(other_ip).and_then(address)
        {
            flat.set(ip, address.to_string().as_bytes());
            if let Some(value) = flat.first(other_port).map(<[u8]>::to_vec) {
                flat.set(port, &value);
            }
        }
    }
    flat.change(port, |value, out| {
        let number = value::decimal(value).and_then(|number| u16::try_from(number).ok());
        number.is_some_and(|number| write!(out, "{number}").is_ok())
    });
}

/// An address without its interface; `::ffff:192.0.2.7` is IPv4 on the wire, and is IPv4 here.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    Some(text.parse::<IpAddr>().ok()?.to_canonical())
}

/// How a call ended, by its result. Auditbeat calls one failed that goes on after it returned.
fn outcome(flat: &mut Flat) {
    let success = match flat.first("event.outcome").or_else(|| flat.first("auditd.result")) {
        Some(b"success") => Some(true),
        Some(b"failure" | b"fail") => Some(false),
        _ => None,
    };
    let Some(exit) = flat.first("auditd.data.exit").map(<[u8]>::to_vec) else { return };
    let number = value::decimal(&exit);
    let error = match number {
        Some(number) => errno::name(number),
        None => std::str::from_utf8(&exit).ok().filter(|name| is_error(name)),
    };
    if let Some(error) = error {
        flat.set("error.code", error.as_bytes());
    }
    if number.is_some() {
        flat.set("auditd.exit", &exit);
    }
    let outcome = Outcome::of_result(success, error, number);
    flat.set("event.outcome", outcome.name().as_bytes());
}

/// Whether this is the name of an error, as `EINPROGRESS` is.
fn is_error(name: &str) -> bool {
    name.starts_with('E') && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

//! Connections as sentences.
//!
//! `2024-08-16 14:44:02.001 web-01: lab (uid 1500) ran curl[812] (/usr/bin/curl, from bash[1])
//! which connected to 93.184.216.34 port 443 over TCP [keys: net]`
//!
//! Who, by what program, did what, with which address, how it ended; then the rule's keys and
//! whether a record was missing. Names are words as of [`escape::word`]: whatever a process calls
//! itself, the words between the names are ours. What the log does not hold is left out of the
//! sentence, or called unknown where the sentence needs it.

use std::io::Write;

use super::clock::Clock;
use super::{Writer, address, escape};
use crate::audit::connection::{Action, Connection, Outcome, User};
use crate::audit::execve::Arguments;
use crate::audit::sockaddr::SocketAddress;

/// Writes connections as sentences.
#[derive(Debug)]
pub struct Text {
    clock: Clock,
}

impl Text {
    /// A writer.
    pub fn new() -> Text {
        Text { clock: Clock::plain() }
    }
}

impl Default for Text {
    fn default() -> Text {
        Text::new()
    }
}

impl Writer for Text {
    fn connection(&mut self, connection: &Connection<'_>, out: &mut Vec<u8>) {
        self.clock.write(connection.stamp.millis, out);
        out.push(b' ');
        escape::word(connection.host, out);
        out.extend_from_slice(b": ");
        user(connection, out);
        out.extend_from_slice(b" ran ");
        process(connection, out);
        out.extend_from_slice(b" which ");
        deed(connection, out);
        outcome(connection, out);
        remarks(connection, out);
        out.push(b'\n');
    }
}

/// `lab (uid 0, logged in as alice)`; what is the same as the user is not said again.
fn user(connection: &Connection<'_>, out: &mut Vec<u8>) {
    let user = &connection.user;
    let mut brackets = Brackets::default();
    match (&user.name, user.id) {
        (Some(name), Some(id)) => {
            escape::word(name, out);
            brackets.next(out);
            let _ = write!(out, "uid {id}");
        }
        (Some(name), None) => escape::word(name, out),
        (None, Some(id)) => {
            let _ = write!(out, "uid {id}");
        }
        (None, None) => out.extend_from_slice(b"an unknown user"),
    }
    let others =
        [("acting as ", &connection.effective_user), ("logged in as ", &connection.audit_user)];
    for (how, other) in others {
        if (other.id.is_some() || other.name.is_some()) && other.id != user.id {
            brackets.next(out);
            out.extend_from_slice(how.as_bytes());
            name_or_id(other, out);
        }
    }
    brackets.close(out);
}

fn name_or_id(user: &User<'_>, out: &mut Vec<u8>) {
    match (&user.name, user.id) {
        (Some(name), _) => escape::word(name, out),
        (None, id) => {
            let _ = write!(out, "uid {}", id.unwrap_or_default());
        }
    }
}

/// `curl[812] (/usr/bin/curl, from bash[1])`
fn process(connection: &Connection<'_>, out: &mut Vec<u8>) {
    let mut brackets = Brackets::default();
    named(connection.name.as_deref(), "an unknown program", connection.pid, out);
    if let Some(executable) = &connection.executable {
        brackets.next(out);
        escape::word(executable, out);
    }
    if connection.parent_name.is_some() || connection.parent_pid.is_some() {
        brackets.next(out);
        out.extend_from_slice(b"from ");
        named(connection.parent_name, "process ", connection.parent_pid, out);
    }
    brackets.close(out);
}

fn named(name: Option<&[u8]>, without: &str, pid: Option<u32>, out: &mut Vec<u8>) {
    match name {
        Some(name) => escape::word(name, out),
        None => out.extend_from_slice(without.as_bytes()),
    }
    let _ = match (name, pid) {
        (_, None) => Ok(()),
        (None, Some(pid)) if without.ends_with(' ') => write!(out, "{pid}"),
        (_, Some(pid)) => write!(out, "[{pid}]"),
    };
}

/// `connected to 93.184.216.34 port 443 over TCP`
fn deed(connection: &Connection<'_>, out: &mut Vec<u8>) {
    let outcome = connection.outcome;
    if connection.is_probe {
        out.extend_from_slice(b"asked for a route to ");
        return address::in_words(connection, out);
    }
    if connection.action == Action::ConnectionAttempted
        && *connection.address == SocketAddress::Unspecified
    {
        return out.extend_from_slice(match outcome {
            Outcome::Success => b"disconnected a socket",
            _ => b"tried to disconnect a socket",
        });
    }
    out.extend_from_slice(verb(connection.action, outcome).as_bytes());
    let needs_no_address = !connection.action.goes_out() && has_no_address(connection);
    if needs_no_address {
        if let (true, Some(descriptor)) =
            (connection.action == Action::SocketListening, connection.descriptor)
        {
            let _ = write!(out, " on descriptor {descriptor}");
        }
    } else {
        out.push(b' ');
        out.extend_from_slice(preposition(connection.action).as_bytes());
        out.push(b' ');
        address::in_words(connection, out);
    }
    if let Some(transport) = connection.transport {
        let _ = write!(out, " over {}", transport.name().to_ascii_uppercase());
    }
}

fn has_no_address(connection: &Connection<'_>) -> bool {
    *connection.address == SocketAddress::Invalid && connection.port.is_none()
}

fn verb(action: Action, outcome: Outcome) -> &'static str {
    use Action::*;
    use Outcome::*;
    match (action, outcome) {
        (ConnectionAttempted, Success) => "connected",
        (ConnectionAttempted, InProgress) => "began to connect",
        (ConnectionAttempted, Failure) => "failed to connect",
        (ConnectionAttempted, Unknown) => "tried to connect",
        (ConnectionAccepted, Success) => "accepted a connection",
        (ConnectionAccepted, InProgress) => "waited for a connection",
        (ConnectionAccepted, Failure) => "failed to accept a connection",
        (ConnectionAccepted, Unknown) => "was to accept a connection",
        (DatagramSent, Success) => "sent data",
        (DatagramSent, Failure) => "failed to send data",
        (DatagramSent, InProgress | Unknown) => "tried to send data",
        (DatagramReceived, Success) => "received data",
        (DatagramReceived, Failure) => "failed to receive data",
        (DatagramReceived, InProgress | Unknown) => "waited for data",
        (SocketBound, Success) => "bound a socket",
        (SocketBound, Failure) => "failed to bind a socket",
        (SocketBound, InProgress | Unknown) => "tried to bind a socket",
        (SocketListening, Success) => "began to listen",
        (SocketListening, Failure) => "failed to listen",
        (SocketListening, InProgress | Unknown) => "tried to listen",
    }
}

fn preposition(action: Action) -> &'static str {
    match action {
        Action::ConnectionAttempted | Action::DatagramSent | Action::SocketBound => "to",
        Action::ConnectionAccepted | Action::DatagramReceived => "from",
        Action::SocketListening => "on",
    }
}

/// `: in progress (EINPROGRESS)`; that something succeeded was said by what was done.
fn outcome(connection: &Connection<'_>, out: &mut Vec<u8>) {
    let _ = match (connection.outcome, connection.error, connection.exit) {
        (Outcome::Success, ..) => Ok(()),
        (Outcome::InProgress, Some(error), _) => write!(out, ": in progress ({error})"),
        (Outcome::InProgress, None, _) => write!(out, ": in progress"),
        (Outcome::Unknown, ..) => write!(out, ": how it ended is unknown"),
        (Outcome::Failure, Some(error), _) => write!(out, ": {error}"),
        (Outcome::Failure, None, Some(exit)) => write!(out, ": error {exit}"),
        (Outcome::Failure, None, None) => write!(out, ": the error is unknown"),
    };
}

fn remarks(connection: &Connection<'_>, out: &mut Vec<u8>) {
    for (index, key) in connection.keys.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b" [keys: " } else { b", " });
        escape::word(key, out);
    }
    if !connection.keys.is_empty() {
        out.push(b']');
    }
    if connection.is_partial {
        let _ = match connection.arguments.map_or(0, Arguments::missing) {
            0 => write!(out, " [partial: a record is missing]"),
            1 => write!(out, " [partial: an argument is missing]"),
            more => write!(out, " [partial: {more} arguments are missing]"),
        };
    }
}

/// Brackets around what comes, with commas between, and none around nothing.
#[derive(Default)]
struct Brackets {
    are_open: bool,
}

impl Brackets {
    fn next(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.are_open { b", " } else { b" (" });
        self.are_open = true;
    }

    fn close(self, out: &mut Vec<u8>) {
        if self.are_open {
            out.push(b')');
        }
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;

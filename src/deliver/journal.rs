//! Alerts as entries of the systemd journal, with fields.
//!
//! The native protocol: a datagram of fields, each with its length in front of it, so that a value
//! may hold anything. `journalctl ODDSOCK_RULE=…` then finds what `journalctl MESSAGE_ID=…` lists.
//! What does not fit a datagram goes as a sealed file in memory whose descriptor is sent instead.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use serde_json::Value;

use super::plain::Plain;
use super::syslog::level;
use super::{Carrier, Letter, Outcome};
use crate::output::escape;

/// What the catalog and `journalctl MESSAGE_ID=` know each kind of finding by.
const KINDS: [(&str, &str); 3] = [
    ("rare", "4c0f2ab1d6e84d1c9a55b0c1f3e7a902"),
    ("burst", "8b7d6f0e21c34f6fb1d2a9e05c48773e"),
    ("comeback", "d15e93c7a0b94f02865d7c3be2f4180a"),
];

/// Fields of the document that one looks for.
const FIELDS: [(&str, &str); 10] = [
    ("ODDSOCK_RULE", "rule.name"),
    ("ODDSOCK_FUNCTION", "oddsock.function"),
    ("ODDSOCK_BY_FIELD", "oddsock.by_field"),
    ("ODDSOCK_VALUE", "oddsock.by_value"),
    ("ODDSOCK_HOST", "host.name"),
    ("ODDSOCK_PROCESS", "process.name"),
    ("ODDSOCK_EXECUTABLE", "process.executable"),
    ("ODDSOCK_USER", "user.name"),
    ("ODDSOCK_DESTINATION_IP", "destination.ip"),
    ("ODDSOCK_DESTINATION_PORT", "destination.port"),
];

/// The systemd journal.
#[derive(Debug)]
pub struct Journal {
    socket: Plain,
}

impl Journal {
    /// The journal that listens, or will, at this path.
    pub fn new(path: &Path) -> Journal {
        Journal { socket: Plain::new(path) }
    }
}

impl Carrier for Journal {
    fn carry(&mut self, letters: &[Letter], _now: u64) -> Outcome {
        for (taken, letter) in letters.iter().enumerate() {
            let entry = entry(letter);
            if let Err(error) = self.socket.with(&mut |socket| send(socket, &entry)) {
                return Outcome::trouble(taken, self.socket.told(&error));
            }
        }
        Outcome::taken(letters.len())
    }
}

/// An alert as an entry.
fn entry(letter: &Letter) -> Vec<u8> {
    let mut entry = Vec::new();
    field("MESSAGE", &escape::harmless(&letter.sentence), &mut entry);
    field("PRIORITY", &level(letter.severity).to_string(), &mut entry);
    field("SYSLOG_IDENTIFIER", "oddsock", &mut entry);
    let document: Value = serde_json::from_str(&letter.document).unwrap_or_default();
    let kind = document.get("oddsock.function").and_then(Value::as_str);
    if let Some((_, id)) = KINDS.iter().find(|(name, _)| Some(*name) == kind) {
        field("MESSAGE_ID", id, &mut entry);
    }
    field("ODDSOCK_ALERT_ID", &letter.id, &mut entry);
    field("ODDSOCK_SCORE", &format!("{:.1}", letter.score), &mut entry);
    for (name, key) in FIELDS {
        // Several values are several fields of one name, which the journal allows.
        match document.get(key) {
            Some(Value::Array(values)) => values.iter().for_each(|v| value(name, v, &mut entry)),
            Some(one) => value(name, one, &mut entry),
            None => {}
        }
    }
    field("ODDSOCK_DOCUMENT", &letter.document, &mut entry);
    entry
}

fn value(name: &str, value: &Value, entry: &mut Vec<u8>) {
    match value {
        Value::String(text) => field(name, text, entry),
        Value::Number(number) => field(name, &number.to_string(), entry),
        _ => {}
    }
}

/// Appends a field in the form that takes any value.
fn field(name: &str, value: &str, entry: &mut Vec<u8>) {
    entry.extend_from_slice(name.as_bytes());
    entry.push(b'\n');
    entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
    entry.extend_from_slice(value.as_bytes());
    entry.push(b'\n');
}

fn send(socket: &UnixDatagram, entry: &[u8]) -> io::Result<()> {
    const EMSGSIZE: i32 = rustix::io::Errno::MSGSIZE.raw_os_error();
    const ENOBUFS: i32 = rustix::io::Errno::NOBUFS.raw_os_error();
    match socket.send(entry) {
        Err(error) if matches!(error.raw_os_error(), Some(EMSGSIZE | ENOBUFS)) => {
            send_file(socket, entry)
        }
        done => done.map(drop),
    }
}

/// Sends an entry as a file that nobody can change any more.
fn send_file(socket: &UnixDatagram, entry: &[u8]) -> io::Result<()> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(memfd_create("oddsock-journal-entry", flags)?);
    file.write_all(entry)?;
    let all = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    fcntl_add_seals(&file, all)?;
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let files = [file.as_fd()];
    if !ancillary.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(io::Error::other("no room for a descriptor"));
    }
    sendmsg(socket, &[IoSlice::new(&[])], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;

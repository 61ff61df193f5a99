//! The events of laurel, which puts the records of an event into one JSON object.
//!
//! ```json
//! {"ID":"1723819442.001:9001","NODE":"web01","SYSCALL":{"arch":"0xc000003e","syscall":42,…},
//!  "SOCKADDR":[{"saddr":"%02%00…"}],"PROCTITLE":{"ARGV":["curl","…"]}}
//! ```
//!
//! Fields have the names of their records, and numbers are numbers. Strings are those of the log,
//! but bytes that are not to be seen are percent-encoded; so is a `saddr`, which is raw otherwise.
//! What the numbers mean is known to [`crate::audit`], as it is for logs.

use std::borrow::Cow;

use super::account::{Complaint, Passed, Reason};
use super::document::passed;
use super::flat::Flat;
use super::laurel_call::{Event, Record, decoded, of_record};
use crate::audit::connection::action;
use crate::audit::sockaddr::SocketAddress;
use crate::audit::socket::shows_connections;
use crate::audit::syscalls::Call;
use crate::audit::{Action, Outcome, Stamp, errno, value};

/// Whether a document is an event of laurel, be it one that was shipped with a time of its own.
pub(super) fn is_event(flat: &Flat) -> bool {
    let is_of_call = |name: &[u8]| name.starts_with(b"SYSCALL.") || name.starts_with(b"URINGOP.");
    let has_call = || flat.iter().any(|(name, _)| is_of_call(name));
    let has_time = flat.first("@timestamp").is_some();
    flat.first("ID").is_some_and(|id| !has_time || stamp(id).is_some() && has_call())
}

fn stamp(id: &[u8]) -> Option<Stamp> {
    std::str::from_utf8(id).ok()?.parse().ok()
}

/// Reads an event into the fields of oddsock-events(5), and gives its time.
pub(super) fn read(raw: &Flat, out: &mut Flat) -> Result<u64, Reason> {
    let Some(stamp) = raw.first("ID").and_then(stamp) else {
        return Err(Reason::Complaint(Complaint::NoTime));
    };
    let event = Event::of(raw);
    let address = event.address();
    let Some(action) = action(event.call, &address) else { return passed(Passed::NotNetwork) };
    let address = event.taken_for(action, address);
    if address.other_family().is_some() {
        return passed(Passed::NotIp);
    }
    let mut fields = Fields { raw, record: event.record, out };
    fields.event(stamp, action, &event, &address);
    fields.process();
    fields.users();
    fields.network(action, &event, &address);
    fields.call(&event);
    Ok(stamp.millis)
}

/// Writes the fields of an event.
struct Fields<'f> {
    raw: &'f Flat,
    record: Record,
    out: &'f mut Flat,
}

impl Fields<'_> {
    fn event(&mut self, stamp: Stamp, action: Action, event: &Event<'_>, address: &SocketAddress) {
        let outcome = event.outcome(address);
        let host = decoded(self.raw.first("NODE").unwrap_or_default()).into_owned();
        let id = [&host, &b":"[..], stamp.to_string().as_bytes()].concat();
        for (name, value) in [
            ("ecs.version", "8.17.0"),
            ("event.kind", "event"),
            ("event.category", "network"),
            ("event.module", "auditd"),
            ("event.dataset", "auditd.log"),
            ("event.action", action.name()),
            ("event.type", action.event_type()),
            ("event.outcome", outcome.name()),
            ("host.os.type", "linux"),
        ] {
            self.put(name, value.as_bytes());
        }
        if let Some(error) = event.exit().and_then(errno::name) {
            self.put("error.code", error.as_bytes());
        }
        self.put("event.sequence", stamp.serial.to_string().as_bytes());
        self.put("event.id", &id);
        if !host.is_empty() {
            self.put("host.name", &host);
            self.put("agent.id", &host);
        }
        let lacks_address = matches!(event.call, Call::Connect | Call::Bind)
            && *address == SocketAddress::Invalid
            && outcome != Outcome::Failure;
        if lacks_address {
            self.put("labels.partial", b"true");
        }
    }

    fn process(&mut self) {
        self.text("process.name", of_record!(self.record, "comm"));
        self.text("process.executable", of_record!(self.record, "exe"));
        self.text("process.pid", of_record!(self.record, "pid"));
        self.text("process.parent.pid", of_record!(self.record, "ppid"));
        self.text("process.working_directory", "CWD.cwd");
        let title: Vec<_> = self.raw.values("PROCTITLE.ARGV").map(decoded).collect();
        if !title.is_empty() {
            self.put("process.title", &title.join(&b' '));
        }
        // From the oldest laurel to the newest. Who spawned a process may be what it was itself
        // before its exec.
        let spawner = self.raw.first("SYSCALL.SPAWNED_BY.pid");
        let is_parent = spawner.is_some() && spawner == self.raw.first("SYSCALL.ppid");
        for (name, places) in [
            (
                "process.parent.name",
                ["PARENT_INFO.comm", "SYSCALL.PPID.comm", "SYSCALL.SPAWNED_BY.comm"],
            ),
            (
                "process.parent.executable",
                ["PARENT_INFO.exe", "SYSCALL.PPID.exe", "SYSCALL.SPAWNED_BY.exe"],
            ),
        ] {
            let places = &places[..if is_parent { 3 } else { 2 }];
            if let Some(place) = places.iter().find(|place| self.raw.first(place).is_some()) {
                self.text(name, place);
            }
        }
    }

    fn users(&mut self) {
        self.id("user.id", of_record!(self.record, "uid"));
        self.user("user.name", of_record!(self.record, "UID"));
        self.id("user.effective.id", of_record!(self.record, "euid"));
        self.user("user.effective.name", of_record!(self.record, "EUID"));
        self.id("user.audit.id", of_record!(self.record, "auid"));
        self.user("user.audit.name", of_record!(self.record, "AUID"));
        self.id("group.id", of_record!(self.record, "gid"));
    }

    fn network(&mut self, action: Action, event: &Event<'_>, address: &SocketAddress) {
        let [ip_name, port_name] = match action.goes_out() {
            true => ["destination.ip", "destination.port"],
            false => ["source.ip", "source.port"],
        };
        if let Some(ip) = address.ip() {
            self.put(ip_name, ip.to_string().as_bytes());
            self.put("network.type", if ip.is_ipv4() { b"ipv4" } else { b"ipv6" });
        }
        if let Some(port) = address.port() {
            self.put(port_name, port.to_string().as_bytes());
        }
        if let Some(direction) = action.direction() {
            self.put("network.direction", direction.as_bytes());
        }
        let asks_for_a_route = action == Action::ConnectionAttempted
            && address.ip().is_some()
            && address.port() == Some(0)
            && !shows_connections(event.call, event.exit());
        if asks_for_a_route {
            self.put("labels.probe", b"true");
        }
        if let SocketAddress::Inet6 { scope: scope @ 1.., .. } = address {
            self.put("auditd.scope_id", scope.to_string().as_bytes());
        }
    }

    fn call(&mut self, event: &Event<'_>) {
        self.id("auditd.session", of_record!(self.record, "ses"));
        if let Some(arch) = event.arch {
            self.put("auditd.arch", arch.to_string().as_bytes());
        }
        self.put("auditd.syscall", event.call.name().as_bytes());
        if let Some(exit) = event.exit() {
            self.put("auditd.exit", exit.to_string().as_bytes());
        }
        if let Some(descriptor) = event.descriptor() {
            self.put("auditd.fd", descriptor.to_string().as_bytes());
        }
        let keys = of_record!(self.record, "key");
        let keys: Vec<Vec<u8>> = self
            .raw
            .values(keys)
            .flat_map(|keys| {
                decoded(keys).split(|b| *b == 1).map(<[u8]>::to_vec).collect::<Vec<_>>()
            })
            .filter(|key| !key.is_empty())
            .collect();
        keys.iter().for_each(|key| self.put("tags", key));
    }

    /// A string of the log.
    fn text(&mut self, name: &str, theirs: &str) {
        let raw = self.raw;
        if let Some(value) = raw.first(theirs) {
            self.put(name, &decoded(value));
        }
    }

    /// The name of a user, unless nobody knows one.
    fn user(&mut self, name: &str, theirs: &str) {
        let raw = self.raw;
        let value = raw.first(theirs).map(decoded);
        let is_name =
            |name: &Cow<'_, [u8]>| name[..] != *b"unset" && !name.starts_with(b"unknown(");
        if let Some(value) = value.filter(is_name) {
            self.put(name, &value);
        }
    }

    /// An id, unless it is unset.
    fn id(&mut self, name: &str, theirs: &str) {
        let id = self.raw.first(theirs).and_then(value::id);
        if let Some(id) = id {
            self.put(name, id.to_string().as_bytes());
        }
    }

    fn put(&mut self, name: &str, value: &[u8]) {
        self.out.push(name.as_bytes(), value);
    }
}

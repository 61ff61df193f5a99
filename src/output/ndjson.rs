//! Connections as JSON, an object a line, with the fields of the Elastic Common Schema.
//!
//! Names are flat and dotted (`"event.action":`): Elasticsearch takes them for the nested objects
//! they mean, ES|QL and `grep` see the name they know, and an object needs no second look. What
//! the log does not hold is absent; nothing is ever null. Ids are strings, ports, pids, results and
//! counts are numbers. Where the schema has no name, it is under `auditd.`:
//!
//! | field | |
//! |---|---|
//! | `auditd.family` | the family of address or socket, if not IP: `unix`, `netlink`, `45` |
//! | `auditd.args_missing` | how many arguments `process.args` lacks, in whole or in part |
//! | `file.path` | a Unix socket's path, or `@` and its abstract name; the path `@x` is `./@x` |
//! | `auditd.scope_id`, `auditd.flow` | of an IPv6 address, where not 0 |
//! | `auditd.netlink.port`, `.groups` | |
//! | `auditd.vsock.cid`, `.port` | |
//! | `auditd.packet.protocol`, `.interface`, `.hardware` | |
//!
//! Strings of a log are bytes. UTF-8 is written as such, except that quotes, backslashes, control
//! characters and whatever else nobody sees as it is (U+00A0, U+200B, U+202E …) are escaped, so
//! that `cat` of the file is harmless. What is not UTF-8 becomes U+FFFD, and nothing is lost by it:
//! the object ends with `oddsock.bytes` then, which has the exact bytes of each such field in hex,
//! those of an array's elements by number:
//!
//! ```json
//! {"process.name":"a\ufffd","oddsock.bytes":{"process.name":"61ff","process.args[2]":"fe"}}
//! ```
//!
//! `agent.id`, `event.id` and `process.command_line` are made of fields that are there themselves,
//! and have no bytes of their own.

use std::io::Write;

use super::clock::Clock;
use super::json::{self, Key, Object, key};
use super::{Writer, address};
use crate::audit::command_line::command_line;
use crate::audit::connection::User;
use crate::audit::sockaddr::SocketAddress;
use crate::audit::{Connection, execve::Arguments};

/// The fields that all connections share. The order is that of the published table.
const SAME: &str = "\",\"ecs.version\":\"8.17.0\",\"event.kind\":\"event\",\
    \"event.category\":[\"network\"],\"event.module\":\"auditd\",\"event.dataset\":\"auditd.log\"";

/// Writes connections as JSON.
///
/// The same connection is written the same whenever and by whomever it is read.
#[derive(Debug)]
pub struct Ndjson {
    clock: Clock,
    exact: Vec<u8>,
    line: Vec<u8>,
}

impl Ndjson {
    /// A writer.
    pub fn new() -> Ndjson {
        Ndjson { clock: Clock::rfc_3339(), exact: Vec::new(), line: Vec::new() }
    }
}

impl Default for Ndjson {
    fn default() -> Ndjson {
        Ndjson::new()
    }
}

impl Writer for Ndjson {
    fn connection(&mut self, connection: &Connection<'_>, out: &mut Vec<u8>) {
        self.exact.clear();
        out.reserve(2048);
        out.extend_from_slice(b"{\"@timestamp\":\"");
        self.clock.write(connection.stamp.millis, out);
        out.extend_from_slice(SAME.as_bytes());
        let mut object = Object { out, exact: &mut self.exact };
        event(connection, &mut object);
        process(connection, &mut self.line, &mut object);
        users(connection, &mut object);
        network(connection, &mut object);
        call(connection, &mut object);
        object.exact_bytes();
        out.extend_from_slice(b"}\n");
    }
}

fn event(connection: &Connection<'_>, object: &mut Object<'_>) {
    let stamp = connection.stamp;
    object.plain(key!("event.action"), connection.action.name());
    object.key(key!("event.type"));
    object.out.extend_from_slice(b"[\"");
    object.out.extend_from_slice(connection.action.event_type().as_bytes());
    object.out.extend_from_slice(b"\"]");
    object.plain(key!("event.outcome"), connection.outcome.name());
    if let Some(error) = connection.error {
        object.plain(key!("error.code"), error);
    }
    object.number(key!("event.sequence"), stamp.serial);
    object.key(key!("event.id"));
    object.out.push(b'"');
    json::characters(connection.host, object.out);
    object.out.push(b':');
    json::decimal(stamp.millis / 1000, object.out);
    let millis = (stamp.millis % 1000) as u16;
    let digits = [millis / 100, millis / 10 % 10, millis % 10].map(|digit| b'0' + digit as u8);
    object.out.push(b'.');
    object.out.extend_from_slice(&digits);
    object.out.push(b':');
    json::decimal(stamp.serial, object.out);
    object.out.push(b'"');
    object.text(key!("host.name"), connection.host);
    object.key(key!("agent.id"));
    json::string(connection.host, object.out);
    object.plain(key!("host.os.type"), "linux");
}

fn process(connection: &Connection<'_>, line: &mut Vec<u8>, object: &mut Object<'_>) {
    text(key!("process.name"), connection.name.as_deref(), object);
    text(key!("process.executable"), connection.executable.as_deref(), object);
    number(key!("process.pid"), connection.pid, object);
    number(key!("process.parent.pid"), connection.parent_pid, object);
    if let Some(arguments) = connection.arguments {
        process_arguments(arguments, line, object);
    }
    text(key!("process.working_directory"), connection.directory.as_deref(), object);
    text(key!("process.title"), connection.title.as_deref(), object);
    text(key!("process.parent.name"), connection.parent_name, object);
    text(key!("process.parent.executable"), connection.parent_executable, object);
}

fn process_arguments(arguments: &Arguments, line: &mut Vec<u8>, object: &mut Object<'_>) {
    if !arguments.list.is_empty() {
        object.list(key!("process.args"), &arguments.list);
    }
    object.number(key!("process.args_count"), arguments.count);
    let missing = Some(arguments.missing()).filter(|missing| *missing > 0);
    number(key!("auditd.args_missing"), missing, object);
    if !arguments.list.is_empty() {
        line.clear();
        command_line(arguments, line);
        object.key(key!("process.command_line"));
        json::string(line, object.out);
    }
}

fn users(connection: &Connection<'_>, object: &mut Object<'_>) {
    user(key!("user.id"), key!("user.name"), &connection.user, object);
    user(
        key!("user.effective.id"),
        key!("user.effective.name"),
        &connection.effective_user,
        object,
    );
    user(key!("user.audit.id"), key!("user.audit.name"), &connection.audit_user, object);
    id(key!("group.id"), connection.group, object);
}

fn user(id_key: Key, name_key: Key, user: &User<'_>, object: &mut Object<'_>) {
    id(id_key, user.id, object);
    text(name_key, user.name.as_deref(), object);
}

fn network(connection: &Connection<'_>, object: &mut Object<'_>) {
    let keys = match connection.action.goes_out() {
        true => (key!("destination.ip"), key!("destination.port")),
        false => (key!("source.ip"), key!("source.port")),
    };
    if let Some(ip) = connection.ip {
        object.key(keys.0);
        object.out.push(b'"');
        address::ip(ip, object.out);
        object.out.push(b'"');
    }
    number(keys.1, connection.port, object);
    if let Some(direction) = connection.action.direction() {
        object.plain(key!("network.direction"), direction);
    }
    if let Some(version) = connection.ip_version() {
        object.plain(key!("network.type"), version);
    }
    if let Some(transport) = connection.transport {
        object.plain(key!("network.transport"), transport.name());
    }
}

fn call(connection: &Connection<'_>, object: &mut Object<'_>) {
    id(key!("auditd.session"), connection.session, object);
    if let Some(arch) = connection.arch {
        object.key(key!("auditd.arch"));
        match arch.name() {
            Some(name) => {
                json::string(name.as_bytes(), object.out);
            }
            None => {
                let _ = write!(object.out, "\"{arch}\"");
            }
        }
    }
    object.plain(key!("auditd.syscall"), connection.call.name());
    number(key!("auditd.exit"), connection.exit, object);
    number(key!("auditd.fd"), connection.descriptor, object);
    details(connection, object);
    if !connection.keys.is_empty() {
        object.list(key!("tags"), &connection.keys);
    }
    if connection.is_partial {
        object.key(key!("labels.partial"));
        object.out.extend_from_slice(b"true");
    }
    if connection.is_probe {
        object.key(key!("labels.probe"));
        object.out.extend_from_slice(b"true");
    }
}

/// What an address holds besides IP and port.
fn details(connection: &Connection<'_>, object: &mut Object<'_>) {
    let address = connection.address;
    if let Some(family) = connection.other_family() {
        object.key(key!("auditd.family"));
        let _ = write!(object.out, "\"{family}\"");
    }
    text(key!("file.path"), address.unix_name().as_deref(), object);
    match *address {
        SocketAddress::Inet6 { flow, scope, .. } => {
            number(key!("auditd.scope_id"), Some(scope).filter(|scope| *scope != 0), object);
            number(key!("auditd.flow"), Some(flow).filter(|flow| *flow != 0), object);
        }
        SocketAddress::Netlink { port, groups } => {
            object.number(key!("auditd.netlink.port"), port);
            number(
                key!("auditd.netlink.groups"),
                Some(groups).filter(|groups| *groups != 0),
                object,
            );
        }
        SocketAddress::Vsock { cid, port } => {
            object.number(key!("auditd.vsock.cid"), cid);
            object.number(key!("auditd.vsock.port"), port);
        }
        SocketAddress::Packet { protocol, interface, ref hardware } => {
            object.number(key!("auditd.packet.protocol"), protocol);
            object.number(key!("auditd.packet.interface"), interface);
            if !hardware.is_empty() {
                object.plain(key!("auditd.packet.hardware"), "");
                object.out.pop();
                address::hardware(hardware, object.out);
                object.out.push(b'"');
            }
        }
        _ => {}
    }
}

#[inline]
fn text(key: Key, value: Option<&[u8]>, object: &mut Object<'_>) {
    if let Some(value) = value {
        object.text(key, value);
    }
}

#[inline]
fn number(key: Key, value: Option<impl Into<i128>>, object: &mut Object<'_>) {
    if let Some(value) = value {
        object.number(key, value);
    }
}

#[inline]
fn id(key: Key, value: Option<u64>, object: &mut Object<'_>) {
    if let Some(value) = value {
        object.id(key, value);
    }
}

#[cfg(test)]
#[path = "ndjson_tests.rs"]
mod tests;

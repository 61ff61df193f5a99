//! Connections as lines of an audit log: what a kernel and auditd write of them, with the names of
//! ids that an enriched log has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{BEGIN, Event, name};

/// The log of some connections, collected from all their hosts.
pub fn written<'e>(events: impl IntoIterator<Item = &'e Event>) -> String {
    let mut log = String::new();
    let mut serials: BTreeMap<usize, u64> = BTreeMap::new();
    for event in events {
        let serial = serials.entry(event.host).or_insert(1000);
        *serial += 1;
        write(event, *serial, &mut log);
    }
    log
}

/// The id of a user, the same wherever: 0 for root.
fn user_id(user: &str) -> u64 {
    let sum = user.bytes().fold(0, |sum, byte| (sum * 31 + u64::from(byte)) % 900);
    if user == "root" { 0 } else { 100 + sum }
}

fn write(event: &Event, serial: u64, log: &mut String) {
    let Event { process, user, .. } = event;
    let (host, uid) = (name(event.host), user_id(user));
    let (seconds, millis) = (event.time / 1000, event.time % 1000);
    let id = format!("msg=audit({seconds}.{millis:03}:{serial})");
    let (number, exit, call) = match event.is_inbound {
        true => (288, 7, "accept4"),
        false => (42, 0, "connect"),
    };
    // A process lives for a day, and its number says which.
    let place = process.bytes().fold(uid, |sum, byte| (sum * 31 + u64::from(byte)) % 3000);
    let pid = 1000 + place * 10 + (event.time - BEGIN) / super::DAY % 10;
    let _ = writeln!(
        log,
        "node={host} type=SYSCALL {id}: arch=c000003e syscall={number} success=yes exit={exit} \
         a0=5 a1=7ffd1c00 a2=10 a3=0 items=0 ppid=1 pid={pid} auid=4294967295 uid={uid} gid={uid} \
         euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} tty=(none) \
         ses=4294967295 comm=\"{process}\" exe=\"/usr/bin/{process}\" key=\"net\"\
         \u{1d}ARCH=x86_64 SYSCALL={call} AUID=\"unset\" UID=\"{user}\" GID=\"{user}\" \
         EUID=\"{user}\" SUID=\"{user}\" FSUID=\"{user}\" EGID=\"{user}\" SGID=\"{user}\" \
         FSGID=\"{user}\""
    );
    let (port, octets) = (event.port, event.peer.octets().map(|byte| format!("{byte:02X}")));
    let _ = writeln!(
        log,
        "node={host} type=SOCKADDR {id}: saddr=0200{port:04X}{}0000000000000000\u{1d}SADDR={{ \
         saddr_fam=inet laddr={} lport={port} }}",
        octets.concat(),
        event.peer
    );
}

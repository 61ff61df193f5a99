//! What other shippers say in other words, as tables: a shipper is learnt by adding lines here.

/// What was done: the name of go-libaudit, which Auditbeat and Auditd Manager use, and ours.
pub(super) const ACTIONS: [(&str, &str); 6] = [
    ("connected-to", "connection_attempted"),
    ("accepted-connection-from", "connection_accepted"),
    ("sent-to", "datagram_sent"),
    ("received-from", "datagram_received"),
    ("bound-socket", "socket_bound"),
    ("listen-for-connections", "socket_listening"),
];

/// Values of `network.direction` in older versions of the schema.
pub(super) const DIRECTIONS: [(&str, &str); 4] = [
    ("outbound", "egress"),
    ("outgoing", "egress"),
    ("inbound", "ingress"),
    ("incoming", "ingress"),
];

/// A field, and where else it may stand if it is not there.
pub(super) const ALIASES: [(&str, &[&str]); 8] = [
    ("host.name", &["host.hostname", "agent.name", "agent.hostname", "beat.hostname"]),
    ("process.parent.pid", &["process.ppid"]),
    ("process.working_directory", &["auditd.data.cwd"]),
    ("group.id", &["user.group.id"]),
    ("auditd.syscall", &["auditd.data.syscall"]),
    ("auditd.arch", &["auditd.data.arch"]),
    ("event.sequence", &["auditd.sequence"]),
    ("auditd.session", &["auditd.data.ses"]),
];

/// Where the near or far end of a connection may stand: first that of the schema.
pub(super) const DESTINATION: [[&str; 2]; 3] = [
    ["destination.ip", "destination.port"],
    ["destination.address", "destination.port"],
    ["auditd.data.socket.addr", "auditd.data.socket.port"],
];
/// The same of the end that is called the source.
pub(super) const SOURCE: [[&str; 2]; 3] = [
    ["source.ip", "source.port"],
    ["source.address", "source.port"],
    ["auditd.data.socket.addr", "auditd.data.socket.port"],
];

/// Fields in which a shipper writes that there is nothing to write.
pub(super) const IDS: [&str; 9] = [
    "auditd.session",
    "group.id",
    "user.audit.id",
    "user.audit.name",
    "user.effective.id",
    "user.effective.name",
    "user.id",
    "user.name",
    "process.working_directory",
];

/// What is written there then: an id of which all bits are set, in words or in numbers.
pub(super) const UNSET: [&str; 4] = ["unset", "4294967295", "-1", "(null)"];

/// What go-libaudit calls the families of IP.
pub(super) const IP_FAMILIES: [&str; 4] = ["ipv4", "ipv6", "inet", "inet6"];

/// Fields that are about the way of a document and not about what it tells: they are not the same
/// when it is exported once more.
pub(super) const OF_THE_WAY: [&str; 4] = ["@metadata.", "_", "event.ingested", "sort"];

/// Finds the second of a pair by its first.
pub(super) fn translated<'t>(table: &'t [(&str, &str)], word: &[u8]) -> Option<&'t str> {
    table.iter().find(|(theirs, _)| theirs.as_bytes() == word).map(|(_, ours)| *ours)
}

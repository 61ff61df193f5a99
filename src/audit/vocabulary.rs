//! The one place that knows `linux-audit-parser`: its names of record kinds, and its reading of a
//! line as a second opinion on ours.
//!
//! Three properties of that crate (0.2.8) keep it inside these walls. It is about ten times slower
//! than the scan in [`super::line`], so no line of a log passes through it on the way to a
//! connection. It refuses a whole line for a kind newer than its table, for a carriage return or
//! for a missing line end. And values moved out of its `Body` outlive the memory they point to, so
//! here they are copied while the message is alive, and only ever borrowed from it.

use std::collections::HashMap;
use std::sync::OnceLock;

use linux_audit_parser::{MessageType, Value};

use super::kind::Kind;

/// Kinds that the kernel and auditd write and the crate's table does not have yet.
const NEWER: &[(&str, u16)] = &[
    ("URINGOP", 1336),
    ("OPENAT2", 1337),
    ("DM_CTRL", 1338),
    ("DM_EVENT", 1339),
    ("BPF", 1334),
    ("EVENT_LISTENER", 1335),
    ("TIME_INJOFFSET", 1332),
    ("TIME_ADJNTPVAL", 1333),
    ("FANOTIFY", 1331),
    ("KERN_MODULE", 1330),
    ("IPE_ACCESS", 1420),
    ("IPE_CONFIG_CHANGE", 1421),
    ("IPE_POLICY_LOAD", 1422),
    ("LANDLOCK_ACCESS", 1423),
    ("LANDLOCK_DOMAIN", 1424),
    ("MAC_TASK_CONTEXTS", 1425),
    ("MAC_OBJ_CONTEXTS", 1426),
];

/// The kind with this name, if any table has it.
pub(super) fn kind_named(name: &str) -> Option<Kind> {
    static NAMES: OnceLock<HashMap<&str, u16>> = OnceLock::new();
    let newer = NAMES.get_or_init(|| NEWER.iter().copied().collect());
    if let Some(number) = newer.get(name) {
        return Some(Kind(*number));
    }
    let MessageType(number) = name.parse().ok()?;
    u16::try_from(number).ok().map(Kind)
}

/// The name of this kind, if any table has it.
pub(super) fn name_of(kind: Kind) -> Option<String> {
    if let Some((name, _)) = NEWER.iter().find(|(_, number)| *number == kind.0) {
        return Some((*name).to_string());
    }
    let name = MessageType(u32::from(kind.0)).to_string();
    (!name.starts_with("UNKNOWN[")).then_some(name)
}

/// What `linux-audit-parser` reads from a line: a second opinion, for tests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecondOpinion {
    /// The number behind `type=`.
    pub kind: Kind,
    /// Milliseconds since 1970.
    pub millis: u64,
    /// The event's serial.
    pub serial: u32,
    /// The name behind `node=`.
    pub node: Option<Vec<u8>>,
    /// The fields with text as value, decoded, in their order; numbers and lists are left out.
    pub texts: Vec<(String, Vec<u8>)>,
}

/// Reads a line (with its line end) the way `linux-audit-parser` does; `None` where it refuses.
///
/// ```
/// use oddsock::audit::{Kind, second_opinion};
/// let line = b"type=CWD msg=audit(1723819442.001:9001): cwd=2F746D702F612062\n";
/// let opinion = second_opinion(line).unwrap();
/// assert_eq!(opinion.kind, Kind::CWD);
/// assert_eq!(opinion.texts, [("cwd".to_string(), b"/tmp/a b".to_vec())]);
/// ```
pub fn second_opinion(line: &[u8]) -> Option<SecondOpinion> {
    let message = linux_audit_parser::parse(line, false).ok()?;
    let mut texts = Vec::new();
    for (key, value) in &message.body {
        if let Value::Str(text, _) = value {
            texts.push((key.to_string(), text.to_vec()));
        } else if let Value::Owned(text) = value {
            texts.push((key.to_string(), text.clone()));
        }
    }
    Some(SecondOpinion {
        kind: Kind(u16::try_from(message.ty.0).ok()?),
        millis: message.id.timestamp,
        serial: message.id.sequence,
        node: message.node.clone(),
        texts,
    })
}

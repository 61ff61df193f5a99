//! The columns that a query can begin with: the one place that gives the fields of connection
//! events their types, and reads their values.
//!
//! Other fields of the Elastic Common Schema may be asked for as well, since public queries do:
//! they are known, and have no value in any event.

use std::borrow::Cow;

use super::value::{Type, Value};
use crate::rules::words::slip_of;
use crate::rules::{self, Field, Fields, Kind};

/// The name of the time of an event, which is no field of rules.
const TIME: &str = "@timestamp";

/// The first parts of the names that the Elastic Common Schema has.
const SETS: [&str; 46] = [
    "agent",
    "auditd",
    "client",
    "cloud",
    "code_signature",
    "container",
    "data_stream",
    "destination",
    "device",
    "dll",
    "dns",
    "ecs",
    "elf",
    "email",
    "endpoint",
    "error",
    "event",
    "faas",
    "file",
    "geo",
    "group",
    "hash",
    "host",
    "http",
    "interface",
    "kubernetes",
    "labels",
    "log",
    "network",
    "observer",
    "orchestrator",
    "organization",
    "package",
    "process",
    "registry",
    "related",
    "rule",
    "server",
    "service",
    "source",
    "threat",
    "tls",
    "url",
    "user",
    "user_agent",
    "winlog",
];

/// A column that comes with the events.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Source {
    /// When it happened.
    Time,
    /// A field.
    Field(Field),
    /// A field that no event has.
    Nowhere(Box<str>),
}

impl Source {
    /// That of a name; none if no event of anybody has such a field.
    pub(super) fn named(name: &str) -> Option<Source> {
        if name == TIME {
            return Some(Source::Time);
        }
        let field = Field::named(name);
        if field.is_known() {
            return Some(Source::Field(field));
        }
        let set = name.split_once('.').map(|(set, _)| set)?;
        let is_slip = slip_of(name, Field::known_names()).is_some();
        (SETS.contains(&set) && !is_slip).then(|| Source::Nowhere(name.into()))
    }

    /// The names of all columns that every query begins with.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        std::iter::once(TIME).chain(Field::NAMES.iter().copied())
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        match self {
            Source::Time => TIME,
            Source::Field(field) => field.name(),
            Source::Nowhere(name) => name,
        }
    }

    /// Whether it is known of an event before its records have been read.
    pub(super) fn is_cheap(&self) -> bool {
        match self {
            Source::Time | Source::Nowhere(_) => true,
            Source::Field(field) => matches!(
                field,
                Field::EventKind
                    | Field::EventCategory
                    | Field::EventModule
                    | Field::EventDataset
                    | Field::EventAction
                    | Field::EventType
                    | Field::HostOsType
                    | Field::HostName
                    | Field::AgentId
                    | Field::NetworkDirection
                    | Field::DestinationIp
                    | Field::DestinationPort
                    | Field::SourceIp
                    | Field::SourcePort
                    | Field::LabelsProbe
                    | Field::Other(_)
            ),
        }
    }

    /// Whether all events of a class have the same there.
    pub(super) fn is_of_class(&self) -> bool {
        matches!(
            self,
            Source::Field(
                Field::EventKind
                    | Field::EventCategory
                    | Field::EventType
                    | Field::EventAction
                    | Field::NetworkDirection
                    | Field::HostOsType
            )
        )
    }

    /// Whether an event of the audit system may have it.
    pub(super) fn is_audited(&self) -> bool {
        match self {
            Source::Time => true,
            Source::Field(Field::Other(_)) | Source::Nowhere(_) => false,
            Source::Field(_) => true,
        }
    }

    /// What its values are: ids are text, as in the JSON of the events.
    pub(super) fn kind(&self) -> Type {
        match self {
            Source::Time => Type::Date,
            Source::Nowhere(_) => Type::Null,
            Source::Field(Field::LabelsPartial | Field::LabelsProbe) => Type::Boolean,
            Source::Field(Field::AuditdSession) => Type::Keyword,
            Source::Field(field) if field.name().ends_with(".id") => Type::Keyword,
            Source::Field(field) => match field.kind() {
                Kind::Text => Type::Keyword,
                Kind::Number => Type::Long,
                Kind::Ip => Type::Ip,
            },
        }
    }

    /// What an event has there.
    pub(super) fn value<'e>(&self, kind: Type, event: &Event<'e>) -> Value<'e> {
        let field = match self {
            Source::Time => return Value::Date(i64::try_from(event.millis).unwrap_or(i64::MAX)),
            Source::Nowhere(_) => return Value::Null,
            Source::Field(field) => field,
        };
        let first = event.fields.value(field);
        if event.may_repeat || matches!(field, Field::Tags | Field::ProcessArgs) {
            let mut all = Vec::new();
            event.fields.any(field, &mut |value| {
                all.push(typed(value.borrowed(), kind).into_owned());
                false
            });
            if all.len() > 1 {
                return Value::Many(all);
            }
        }
        first.map_or(Value::Null, |value| typed(value, kind))
    }
}

/// What is asked: something with fields that happened at some time.
#[derive(Clone, Copy)]
pub struct Event<'e> {
    /// When it happened, in milliseconds since 1970.
    pub millis: u64,
    /// What is known of it.
    pub fields: &'e dyn Fields,
    /// What was done, by a number that the events share which have the same kind, category, type,
    /// action and direction, and are of the same system; none if nobody has sorted them so.
    pub class: Option<u8>,
    /// Whether any of its fields may have several values. In those of the audit system only keys
    /// and arguments do.
    pub may_repeat: bool,
}

impl std::fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event").field("millis", &self.millis).finish_non_exhaustive()
    }
}

fn typed(value: rules::Value<'_>, kind: Type) -> Value<'_> {
    match kind {
        Type::Long | Type::Integer => value.number().map_or(Value::Null, Value::Whole),
        Type::Ip => value.ip().map_or(Value::Null, Value::Ip),
        Type::Boolean => match value.into_text().as_ref() {
            b"true" => Value::Boolean(true),
            b"false" => Value::Boolean(false),
            _ => Value::Null,
        },
        _ => Value::Text(match value.into_text() {
            Cow::Borrowed(text) => Cow::Borrowed(text),
            Cow::Owned(text) => Cow::Owned(text),
        }),
    }
}

/// What a pattern of indices stands for here, if it has network events among others.
pub(super) fn stands_for_connections(pattern: &str) -> bool {
    let name = pattern.rsplit_once(':').map_or(pattern, |(_, name)| name);
    let name = name.strip_prefix(".ds-").unwrap_or(name);
    STREAMS.iter().any(|stream| matches(name.as_bytes(), stream.as_bytes()))
}

/// Indices in which shippers leave what programs do on the network, as they are called where they
/// are made.
const STREAMS: [&str; 13] = [
    "logs-endpoint.events.network-default",
    "logs-auditd_manager.auditd-default",
    "logs-auditd.log-default",
    "logs-oddsock.connections-default",
    "logs-network_traffic.flow-default",
    "logs-sentinel_one_cloud_funnel.event-default",
    "logs-m365_defender.event-default",
    "logs-crowdstrike.fdr-default",
    "auditbeat-8.17.0-2026.11.21-000001",
    "filebeat-8.17.0-2026.11.21-000001",
    "packetbeat-8.17.0-2026.11.21-000001",
    "endgame-8.4.0",
    "oddsock-2026.11.21",
];

/// Whether a name is what a pattern with stars stands for.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < name.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, read));
            at += 1;
        } else if pattern.get(at) == Some(&name[read]) {
            (at, read) = (at + 1, read + 1);
        } else if let Some((before, from)) = star {
            star = Some((before, from + 1));
            (at, read) = (before + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_hold_network_events_are_known_and_others_are_not() {
        for pattern in [
            "*",
            "logs-*",
            "logs-endpoint.events.network-*",
            "logs-endpoint.events.*",
            "auditbeat-*",
            "auditbeat-8.*",
            "fleet-1:logs-*",
            ".ds-logs-endpoint.events.network-*",
            "logs-auditd_manager.auditd-*",
        ] {
            assert!(stands_for_connections(pattern), "{pattern}");
        }
        for pattern in [
            "logs-endpoint.events.process-*",
            "logs-endpoint.events.file-*",
            "logs-system.auth-*",
            "metrics-*",
            "winlogbeat-*",
            "",
        ] {
            assert!(!stands_for_connections(pattern), "{pattern}");
        }
    }

    #[test]
    fn every_field_of_an_event_has_a_type_and_a_slip_is_no_field() {
        for (name, kind) in [
            ("@timestamp", Type::Date),
            ("user.id", Type::Keyword),
            ("group.id", Type::Keyword),
            ("auditd.session", Type::Keyword),
            ("process.pid", Type::Long),
            ("destination.port", Type::Long),
            ("destination.ip", Type::Ip),
            ("labels.probe", Type::Boolean),
            ("tags", Type::Keyword),
            ("host.id", Type::Keyword),
            ("process.code_signature.exists", Type::Null),
        ] {
            assert_eq!(Source::named(name).map(|source| source.kind()), Some(kind), "{name}");
        }
        for name in ["process.nam", "nonsense", "nonsense.name", "proces.name"] {
            assert_eq!(Source::named(name), None, "{name}");
        }
    }
}

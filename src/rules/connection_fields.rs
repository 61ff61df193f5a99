//! The fields of a connection, under the names and with the values that its JSON has; and those of
//! a glance at one, which are the same.

use std::fmt::Display;

use super::field::Field;
use super::fields::{Fields, Value};
use crate::audit::command_line::command_line;
use crate::audit::sockaddr::SocketAddress;
use crate::audit::{Action, Connection, Glance};

impl Fields for Connection<'_> {
    fn value(&self, field: &Field) -> Option<Value<'_>> {
        match field {
            Field::EventOutcome => Some(Value::text(self.outcome.name())),
            Field::EventSequence => number(Some(self.stamp.serial)),
            Field::EventId => {
                let mut name = Vec::new();
                self.stamp.write_name(self.host, &mut name);
                Some(Value::Text(name.into()))
            }
            Field::ErrorCode => text(self.error),
            Field::HostName | Field::AgentId => Some(Value::text(self.host)),
            Field::ProcessName => text(self.name.as_deref()),
            Field::ProcessExecutable => text(self.executable.as_deref()),
            Field::ProcessPid => number(self.pid),
            Field::ProcessArgs => text(self.arguments?.list.first()),
            Field::ProcessArgsCount => number(Some(self.arguments?.count)),
            Field::ProcessCommandLine => {
                let arguments = self.arguments.filter(|known| !known.list.is_empty())?;
                let mut line = Vec::new();
                command_line(arguments, &mut line);
                Some(Value::Text(line.into()))
            }
            Field::ProcessWorkingDirectory => text(self.directory.as_deref()),
            Field::ProcessTitle => text(self.title.as_deref()),
            Field::ProcessParentPid => number(self.parent_pid),
            Field::ProcessParentName => text(self.parent_name),
            Field::ProcessParentExecutable => text(self.parent_executable),
            Field::UserId => number(self.user.id),
            Field::UserName => text(self.user.name.as_deref()),
            Field::UserEffectiveId => number(self.effective_user.id),
            Field::UserEffectiveName => text(self.effective_user.name.as_deref()),
            Field::UserAuditId => number(self.audit_user.id),
            Field::UserAuditName => text(self.audit_user.name.as_deref()),
            Field::GroupId => number(self.group),
            Field::DestinationIp | Field::SourceIp => {
                self.ip.filter(|_| is_asked_for(field, self.action)).map(Value::Ip)
            }
            Field::DestinationPort | Field::SourcePort => {
                number(self.port.filter(|_| is_asked_for(field, self.action)))
            }
            Field::NetworkType => text(self.ip_version()),
            Field::NetworkTransport => text(self.transport.map(|transport| transport.name())),
            Field::FilePath => owned(self.address.unix_name()),
            Field::AuditdSession => number(self.session),
            Field::AuditdArch => match self.arch?.name() {
                Some(name) => Some(Value::text(name)),
                None => shown(self.arch),
            },
            Field::AuditdSyscall => Some(Value::text(self.call.name())),
            Field::AuditdExit => number(self.exit),
            Field::AuditdFd => number(self.descriptor),
            Field::AuditdFamily => shown(self.other_family()),
            Field::AuditdArgsMissing => not_zero(self.arguments?.missing()),
            Field::Tags => text(self.keys.first()),
            Field::LabelsPartial => self.is_partial.then(|| Value::text("true")),
            Field::LabelsProbe => probe(self.is_probe),
            Field::AuditdScopeId
            | Field::AuditdFlow
            | Field::AuditdNetlinkPort
            | Field::AuditdNetlinkGroups
            | Field::AuditdVsockCid
            | Field::AuditdVsockPort
            | Field::AuditdPacketProtocol
            | Field::AuditdPacketInterface => part(self.address, field),
            Field::EventKind
            | Field::EventCategory
            | Field::EventModule
            | Field::EventDataset
            | Field::EventAction
            | Field::EventType
            | Field::HostOsType
            | Field::NetworkDirection
            | Field::Other(_) => of_every(self.action, field),
        }
    }

    fn any(&self, field: &Field, is_so: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        let all: &[Vec<u8>] = match field {
            Field::Tags => &self.keys,
            Field::ProcessArgs => self.arguments.map_or(&[], |arguments| &arguments.list),
            _ => return self.value(field).is_some_and(|value| is_so(&value)),
        };
        all.iter().any(|text| is_so(&Value::text(text)))
    }
}

impl Fields for Glance<'_> {
    fn value(&self, field: &Field) -> Option<Value<'_>> {
        match field {
            Field::HostName | Field::AgentId => Some(Value::text(self.host())),
            Field::ProcessName => self.name().map(Value::Text),
            Field::UserId => number(self.user_id()),
            Field::UserName => text(self.user_name()),
            Field::DestinationIp | Field::SourceIp => {
                is_asked_for(field, self.action()).then(|| self.ip())?.map(Value::Ip)
            }
            Field::DestinationPort | Field::SourcePort => {
                number(is_asked_for(field, self.action()).then(|| self.port())?)
            }
            Field::LabelsProbe => probe(self.is_probe()),
            _ => of_every(self.action(), field).or_else(|| self.connection().value(field)),
        }
    }

    fn any(&self, field: &Field, is_so: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        match field {
            Field::Tags | Field::ProcessArgs => self.connection().any(field, is_so),
            _ => self.value(field).is_some_and(|value| is_so(&value)),
        }
    }
}

/// What is the same for every connection, or follows from what was done.
fn of_every(action: Action, field: &Field) -> Option<Value<'static>> {
    Some(Value::text(match field {
        Field::EventKind => "event",
        Field::EventCategory => "network",
        Field::EventModule => "auditd",
        Field::EventDataset => "auditd.log",
        Field::EventAction => action.name(),
        Field::EventType => action.event_type(),
        Field::HostOsType => "linux",
        Field::NetworkDirection => return action.direction().map(Value::text),
        _ => return None,
    }))
}

/// Whether the address is on the side that a field is about.
fn is_asked_for(field: &Field, action: Action) -> bool {
    matches!(field, Field::DestinationIp | Field::DestinationPort) == action.goes_out()
}

fn probe(is_probe: bool) -> Option<Value<'static>> {
    is_probe.then(|| Value::text("true"))
}

/// What an address holds besides IP and port.
fn part(address: &SocketAddress, field: &Field) -> Option<Value<'static>> {
    match (field, address) {
        (Field::AuditdScopeId, SocketAddress::Inet6 { scope, .. }) => not_zero(*scope),
        (Field::AuditdFlow, SocketAddress::Inet6 { flow, .. }) => not_zero(*flow),
        (Field::AuditdNetlinkPort, SocketAddress::Netlink { port, .. }) => number(Some(*port)),
        (Field::AuditdNetlinkGroups, SocketAddress::Netlink { groups, .. }) => not_zero(*groups),
        (Field::AuditdVsockCid, SocketAddress::Vsock { cid, .. }) => number(Some(*cid)),
        (Field::AuditdVsockPort, SocketAddress::Vsock { port, .. }) => number(Some(*port)),
        (Field::AuditdPacketProtocol, SocketAddress::Packet { protocol, .. }) => {
            number(Some(*protocol))
        }
        (Field::AuditdPacketInterface, SocketAddress::Packet { interface, .. }) => {
            number(Some(*interface))
        }
        _ => None,
    }
}

fn text<'v>(text: Option<&'v (impl AsRef<[u8]> + ?Sized)>) -> Option<Value<'v>> {
    text.map(Value::text)
}

fn owned(text: Option<Vec<u8>>) -> Option<Value<'static>> {
    text.map(|text| Value::Text(text.into()))
}

fn shown(value: Option<impl Display>) -> Option<Value<'static>> {
    owned(value.map(|value| value.to_string().into_bytes()))
}

fn number(number: Option<impl TryInto<i64>>) -> Option<Value<'static>> {
    number?.try_into().ok().map(Value::Number)
}

fn not_zero(value: impl TryInto<i64>) -> Option<Value<'static>> {
    number(Some(value)).filter(|value| *value != Value::Number(0))
}

//! The names of fields that a rule may use, each resolved once to something quick to compare.
//!
//! The table has every field of a connection event. A second one has the names that the network
//! events of other shippers have besides; a connection lacks those, a document may have them.

use std::fmt;

/// What the values of a field are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text, or what is compared like text.
    Text,
    /// Whole numbers.
    Number,
    /// IP addresses.
    Ip,
}

macro_rules! fields {
    ($($field:ident $name:literal $kind:ident)*) => {
        /// A field by its name.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum Field {
            $($field,)*
            /// A field that no connection has, but perhaps another source's event.
            Other(Box<str>),
        }

        impl Field {
            /// The names of all fields that a connection may have.
            pub const NAMES: &[&str] = &[$($name),*];

            /// The field of a name.
            ///
            /// ```
            /// use oddsock::rules::{Field, Kind};
            ///
            /// assert_eq!(Field::named("destination.ip"), Field::DestinationIp);
            /// assert_eq!(Field::named("destination.ip").kind(), Kind::Ip);
            /// assert_eq!(Field::named("cloud.region").name(), "cloud.region");
            /// ```
            pub fn named(name: &str) -> Field {
                match name {
                    $($name => Field::$field,)*
                    _ => Field::Other(name.into()),
                }
            }

            /// Its name.
            pub fn name(&self) -> &str {
                match self {
                    $(Field::$field => $name,)*
                    Field::Other(name) => name,
                }
            }

            /// What its values are.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Field::$field => Kind::$kind,)*
                    Field::Other(name) => kind_elsewhere(name),
                }
            }
        }
    };
}

fields! {
    EventKind "event.kind" Text
    EventCategory "event.category" Text
    EventModule "event.module" Text
    EventDataset "event.dataset" Text
    EventAction "event.action" Text
    EventType "event.type" Text
    EventOutcome "event.outcome" Text
    EventSequence "event.sequence" Number
    EventId "event.id" Text
    ErrorCode "error.code" Text
    HostName "host.name" Text
    HostOsType "host.os.type" Text
    AgentId "agent.id" Text
    ProcessName "process.name" Text
    ProcessExecutable "process.executable" Text
    ProcessPid "process.pid" Number
    ProcessArgs "process.args" Text
    ProcessArgsCount "process.args_count" Number
    ProcessCommandLine "process.command_line" Text
    ProcessWorkingDirectory "process.working_directory" Text
    ProcessTitle "process.title" Text
    ProcessParentPid "process.parent.pid" Number
    ProcessParentName "process.parent.name" Text
    ProcessParentExecutable "process.parent.executable" Text
    UserId "user.id" Number
    UserName "user.name" Text
    UserEffectiveId "user.effective.id" Number
    UserEffectiveName "user.effective.name" Text
    UserAuditId "user.audit.id" Number
    UserAuditName "user.audit.name" Text
    GroupId "group.id" Number
    DestinationIp "destination.ip" Ip
    DestinationPort "destination.port" Number
    SourceIp "source.ip" Ip
    SourcePort "source.port" Number
    NetworkDirection "network.direction" Text
    NetworkType "network.type" Text
    NetworkTransport "network.transport" Text
    FilePath "file.path" Text
    AuditdSession "auditd.session" Number
    AuditdArch "auditd.arch" Text
    AuditdSyscall "auditd.syscall" Text
    AuditdExit "auditd.exit" Number
    AuditdFd "auditd.fd" Number
    AuditdFamily "auditd.family" Text
    AuditdArgsMissing "auditd.args_missing" Number
    AuditdScopeId "auditd.scope_id" Number
    AuditdFlow "auditd.flow" Number
    AuditdNetlinkPort "auditd.netlink.port" Number
    AuditdNetlinkGroups "auditd.netlink.groups" Number
    AuditdVsockCid "auditd.vsock.cid" Number
    AuditdVsockPort "auditd.vsock.port" Number
    AuditdPacketProtocol "auditd.packet.protocol" Number
    AuditdPacketInterface "auditd.packet.interface" Number
    Tags "tags" Text
    LabelsPartial "labels.partial" Text
    LabelsProbe "labels.probe" Text
}

/// Names of fields that the network events of other shippers have and a connection lacks.
const ELSEWHERE: [(&str, Kind); 57] = [
    ("agent.name", Kind::Text),
    ("agent.type", Kind::Text),
    ("client.ip", Kind::Ip),
    ("client.port", Kind::Number),
    ("cloud.account.id", Kind::Text),
    ("cloud.availability_zone", Kind::Text),
    ("cloud.instance.id", Kind::Text),
    ("cloud.provider", Kind::Text),
    ("cloud.region", Kind::Text),
    ("container.id", Kind::Text),
    ("container.image.name", Kind::Text),
    ("container.name", Kind::Text),
    ("data_stream.dataset", Kind::Text),
    ("data_stream.namespace", Kind::Text),
    ("destination.address", Kind::Text),
    ("destination.as.number", Kind::Number),
    ("destination.as.organization.name", Kind::Text),
    ("destination.bytes", Kind::Number),
    ("destination.domain", Kind::Text),
    ("destination.geo.country_iso_code", Kind::Text),
    ("dns.question.name", Kind::Text),
    ("event.provider", Kind::Text),
    ("group.name", Kind::Text),
    ("host.architecture", Kind::Text),
    ("host.hostname", Kind::Text),
    ("host.id", Kind::Text),
    ("host.ip", Kind::Ip),
    ("host.os.family", Kind::Text),
    ("host.os.kernel", Kind::Text),
    ("host.os.name", Kind::Text),
    ("host.os.platform", Kind::Text),
    ("host.os.version", Kind::Text),
    ("kubernetes.namespace", Kind::Text),
    ("kubernetes.pod.name", Kind::Text),
    ("network.bytes", Kind::Number),
    ("network.community_id", Kind::Text),
    ("network.iana_number", Kind::Number),
    ("network.protocol", Kind::Text),
    ("observer.name", Kind::Text),
    ("orchestrator.cluster.name", Kind::Text),
    ("orchestrator.namespace", Kind::Text),
    ("process.entity_id", Kind::Text),
    ("process.group_leader.name", Kind::Text),
    ("process.hash.md5", Kind::Text),
    ("process.hash.sha1", Kind::Text),
    ("process.hash.sha256", Kind::Text),
    ("process.parent.command_line", Kind::Text),
    ("process.parent.entity_id", Kind::Text),
    ("process.session_leader.name", Kind::Text),
    ("process.thread.id", Kind::Number),
    ("server.ip", Kind::Ip),
    ("server.port", Kind::Number),
    ("service.name", Kind::Text),
    ("source.address", Kind::Text),
    ("source.bytes", Kind::Number),
    ("source.domain", Kind::Text),
    ("user.domain", Kind::Text),
];

fn kind_elsewhere(name: &str) -> Kind {
    ELSEWHERE.iter().find(|(known, _)| *known == name).map_or(Kind::Text, |(_, kind)| *kind)
}

impl Field {
    /// Whether there is such a field, in a connection or in another shipper's event. Below
    /// `labels.` everybody has names of their own.
    pub fn is_known(&self) -> bool {
        match self {
            Field::Other(name) => {
                ELSEWHERE.iter().any(|(known, _)| **known == **name)
                    || name.strip_prefix("labels.").is_some_and(|own| !own.is_empty())
            }
            _ => true,
        }
    }

    /// The name of a field of connections that was probably meant.
    pub fn nearest(name: &str) -> Option<&'static str> {
        super::words::nearest(name, Field::NAMES.iter().copied())
    }

    /// The names of all fields there are, but for labels.
    pub fn known_names() -> impl Iterator<Item = &'static str> {
        Field::NAMES.iter().copied().chain(ELSEWHERE.iter().map(|(name, _)| *name))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_field_and_back() {
        for name in Field::known_names() {
            let field = Field::named(name);
            assert_eq!((field.name(), field.is_known()), (name, true));
        }
        for name in Field::NAMES {
            assert!(!matches!(Field::named(name), Field::Other(_)), "{name}");
        }
    }

    #[test]
    fn labels_are_everybodys_own_and_other_names_are_not() {
        assert!(Field::named("labels.team").is_known());
        for name in ["", "labels.", "label.team", "process.nam", "PROCESS.NAME"] {
            assert!(!Field::named(name).is_known(), "{name}");
        }
    }
}

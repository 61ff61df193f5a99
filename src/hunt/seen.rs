//! The fields of a call on the network, read when a query asks for them: the one file of hunts that
//! knows of the audit system.
//!
//! What was done, when and with which address is known at once. For the rest the event's records
//! are read, which takes much longer; most events fail a hunt's conditions before that.

use std::cell::OnceCell;

use crate::audit::{Connection, Sighting};
use crate::rules::{Field, Fields, Value};

/// A sighting as something with fields.
pub struct Seen<'s> {
    sighting: &'s Sighting,
    connection: OnceCell<Connection<'s>>,
}

impl<'s> Seen<'s> {
    /// That of a sighting.
    pub fn of(sighting: &'s Sighting) -> Seen<'s> {
        Seen { sighting, connection: OnceCell::new() }
    }

    /// The class that it is of as an [`super::Event`]: what was done tells all that a class shares.
    pub fn class(&self) -> u8 {
        self.sighting.action() as u8
    }

    /// All that is known of it.
    pub fn connection(&self) -> &Connection<'s> {
        self.connection.get_or_init(|| self.sighting.connection())
    }
}

impl std::fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").field("sighting", self.sighting).finish_non_exhaustive()
    }
}

/// Whether a field is known before the records are read.
pub(super) fn is_cheap(field: &Field) -> bool {
    matches!(
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
            | Field::DestinationIp
            | Field::DestinationPort
            | Field::SourceIp
            | Field::SourcePort
            | Field::LabelsProbe
            | Field::Other(_)
    )
}

impl Fields for Seen<'_> {
    fn value(&self, field: &Field) -> Option<Value<'_>> {
        let sighting = self.sighting;
        let action = sighting.action();
        match field {
            Field::EventKind => Some(Value::text("event")),
            Field::EventCategory => Some(Value::text("network")),
            Field::EventAction => Some(Value::text(action.name())),
            Field::EventType => Some(Value::text(action.event_type())),
            Field::HostOsType => Some(Value::text("linux")),
            Field::HostName | Field::AgentId => Some(Value::text(sighting.host())),
            Field::DestinationIp | Field::DestinationPort if !action.goes_out() => None,
            Field::SourceIp | Field::SourcePort if action.goes_out() => None,
            // An address that was lost may be told of elsewhere in the records.
            Field::DestinationIp | Field::SourceIp if sighting.ip().is_some() => {
                sighting.ip().map(Value::Ip)
            }
            Field::LabelsProbe => sighting.is_probe().then(|| Value::text("true")),
            Field::Other(_) => None,
            field => self.connection().value(field),
        }
    }

    fn any(&self, field: &Field, is_so: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        match is_cheap(field) {
            true => self.value(field).is_some_and(|value| is_so(&value)),
            false => self.connection().any(field, is_so),
        }
    }
}

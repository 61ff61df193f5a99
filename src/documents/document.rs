//! One document: what a line tells of the network.

use super::account::{Complaint, Passed, Reason};
use super::flat::Flat;
use super::{LONGEST_LINE, ecs, exact, laurel, parse, vocabulary};
use crate::engine::hash;
use crate::rules::{self, Field, Value};

/// What a line tells of the network, under the names of oddsock-events(5).
#[derive(Default, Debug)]
pub struct Document {
    time: u64,
    id: u64,
    flat: Flat,
}

impl Document {
    /// When it happened, in milliseconds since 1970.
    pub fn millis(&self) -> u64 {
        self.time
    }

    /// A hash of what names the event: `event.id`, or else the id that Elasticsearch gave it, or
    /// else all it says. It is the same however often the document is exported, nested or flat.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The host it tells of; empty if it does not say.
    pub fn host(&self) -> &[u8] {
        self.first("host.name").unwrap_or_default()
    }

    /// Whether it tells of the start of a connection, be it one of several things it tells of.
    pub fn is_start(&self) -> bool {
        self.values("event.type").any(|kind| kind == b"start")
    }

    /// The values of a field by its whole name, `process.name`; none if it is not there. Numbers
    /// are in decimal, and what is true is `true`.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.flat.values(name)
    }

    /// The first value of a field.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.flat.first(name)
    }
}

impl rules::Fields for Document {
    fn value(&self, field: &Field) -> Option<Value<'_>> {
        self.first(field.name()).map(Value::text)
    }

    fn any(&self, field: &Field, is_so: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        self.values(field.name()).any(|value| is_so(&Value::text(value)))
    }
}

/// Makes documents of lines, one after the other in the same memory.
#[derive(Default, Debug)]
pub(super) struct Draft {
    /// What a line says in the words of its shipper, where those are all others.
    raw: Flat,
    document: Document,
}

impl Draft {
    /// Reads a line.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<&Document, Reason> {
        let is_ended = line.ends_with(b"\n");
        let line = object(line);
        if line.is_empty() {
            return Err(Reason::Blank);
        }
        if line.len() > LONGEST_LINE {
            return Err(Reason::Complaint(Complaint::TooLong));
        }
        parsed(line, &mut self.document.flat).map_err(|complaint| match complaint {
            // Only what is still being written ends too soon through nobody's fault.
            Complaint::Unfinished if is_ended => Reason::Complaint(Complaint::NotJson),
            complaint => Reason::Complaint(complaint),
        })?;
        if laurel::is_event(&self.document.flat) {
            std::mem::swap(&mut self.raw, &mut self.document.flat);
            self.document.flat.clear();
            self.document.time = laurel::read(&self.raw, &mut self.document.flat)?;
            self.document.id = id(&self.document.flat);
        } else {
            self.document.time = ecs::check(&self.document.flat)?;
            self.document.id = id(&self.document.flat);
            exact::restore(&mut self.document.flat);
            ecs::normalise(&mut self.document.flat);
        }
        Ok(&self.document)
    }
}

/// The line without what stands around the object: blanks, the mark of a file in UTF-8, and the
/// cookie that tells syslog servers of JSON, which laurel can be told to write.
fn object(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii();
    line.strip_prefix(b"@cee:").map_or(line, <[u8]>::trim_ascii)
}

/// Reads the object. What is not UTF-8 is no JSON either, but a name chosen to be none must not
/// take a whole line out of sight.
fn parsed(line: &[u8], flat: &mut Flat) -> Result<(), Complaint> {
    flat.clear();
    parse::parse(&String::from_utf8_lossy(line), flat)
}

fn id(flat: &Flat) -> u64 {
    let named = ["event.id", "_id"].iter().find_map(|name| flat.first(name));
    match named.filter(|id| !id.is_empty()) {
        Some(id) => hash::of(id),
        None => content(flat),
    }
}

/// A hash of all fields in whatever order, without those that change on the way.
fn content(flat: &Flat) -> u64 {
    let is_of_the_way = |name: &[u8]| {
        vocabulary::OF_THE_WAY.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
    };
    flat.iter()
        .filter(|(name, _)| !is_of_the_way(name))
        .map(|(name, value)| hash::joined(hash::of(name), hash::of(value)))
        .fold(0, u64::wrapping_add)
}

/// Passed over, in short.
pub(super) fn passed<T>(passed: Passed) -> Result<T, Reason> {
    Err(Reason::Passed(passed))
}

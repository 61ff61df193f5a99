//! The records behind the evidence: as they stand in the logs, or where to look for them.
//!
//! Evidence is JSON of connections. The ids of its events come out of it, and are looked for in
//! logs that can be read once more; for what is not found there, ausearch's arguments are given.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use crate::audit::Sighting;
use crate::audit::gathering::Keep;
use crate::cli::page::{Page, text, time, word};
use crate::input::Pieces;
use crate::reading::{self, Options};

/// An event that an alert refers to.
pub struct Event {
    /// What names it: host, time and serial for those of the audit system.
    id: String,
    /// When it was, as its document has it.
    when: String,
    host: String,
    /// The seconds since 1970 and the serial, if it is of the audit system.
    stamp: Option<(u64, u32)>,
}

impl Event {
    /// Those of all evidence.
    pub fn all(evidence: &[Arc<[u8]>]) -> Vec<Event> {
        let documents = evidence.iter().filter_map(|text| serde_json::from_slice(text).ok());
        documents.filter_map(|document: Value| Event::of(&document)).collect()
    }

    /// That of a document.
    pub fn of(document: &Value) -> Option<Event> {
        let said = |field: &str| document.get(field)?.as_str().map(str::to_string);
        let id = said("event.id")?;
        let host = said("host.name").unwrap_or_default();
        let stamp = id.strip_prefix(&host).and_then(|rest| rest.strip_prefix(':'));
        let stamp = stamp.and_then(|stamp| {
            let (time, serial) = stamp.split_once(':')?;
            let (seconds, _) = time.split_once('.')?;
            Some((seconds.parse().ok()?, serial.parse().ok()?))
        });
        Some(Event { when: said("@timestamp").unwrap_or_default(), id, host, stamp })
    }

    /// The command that finds its records, if it is of the audit system.
    ///
    /// Dates are those of the C locale and of UTC, as ausearch takes them in those of its own.
    fn search(&self) -> Option<String> {
        let (seconds, serial) = self.stamp?;
        let when = time(seconds.saturating_mul(1000), "%m/%d/%y %H:%M:%S");
        // Without --node: ausearch takes a record that names no host for none of that host, and
        // whether this one did is not known any more.
        Some(format!("TZ=UTC LC_ALL=C ausearch -a {serial} -ts {when} -te {when}"))
    }
}

/// The lines of events, by the events' ids.
pub struct Records(BTreeMap<String, Vec<Vec<u8>>>);

impl Records {
    /// Reads logs for the records of some events.
    pub fn read(logs: Pieces, jobs: usize, events: &[Event]) -> Records {
        let mut records: BTreeMap<String, Vec<Vec<u8>>> =
            events.iter().map(|event| (event.id.clone(), Vec::new())).collect();
        let mut id = Vec::new();
        let mut listener = |sighting: &Sighting| {
            let seen = sighting.glance();
            id.clear();
            seen.stamp().write_name(seen.host(), &mut id);
            if let Some(lines) = records.get_mut(String::from_utf8_lossy(&id).as_ref())
                && lines.is_empty()
            {
                lines.extend(sighting.lines().map(<[u8]>::to_vec));
            }
            ControlFlow::Continue(())
        };
        let keep = Keep { all_records: true, ..Keep::default() };
        reading::read(logs, Options { jobs, keep }, &mut listener);
        Records(records)
    }
}

/// Shows the records of events, or how to find them.
pub fn show(events: &[Event], records: Option<&Records>, page: &mut Page) {
    if events.is_empty() {
        return page.line("The events behind it were not kept.");
    }
    page.line("The events behind it");
    for event in events {
        let heading = [&event.when, &event.host, &event.id].map(|part| word(part.as_bytes()));
        page.plain(&format!("  {}  {}  {}", heading[0], heading[1], heading[2]));
        let lines = records.and_then(|records| records.0.get(&event.id));
        let lines = lines.map(Vec::as_slice).unwrap_or_default();
        for line in lines {
            page.plain(&format!("    {}", text(line)));
        }
        if lines.is_empty()
            && let Some(search) = event.search()
        {
            page.plain(&format!("    {search}"));
        }
    }
}

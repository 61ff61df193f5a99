//! Reading logs for the events that a hunt looks at, once or once more.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::Logs;
use crate::audit::assembly::Assembly;
use crate::audit::complaint::Example;
use crate::audit::gathering::{Gathering, Keep};
use crate::audit::{Sighting, Sightings};
use crate::cli::course::Course;
use crate::cli::course::Readable;
use crate::cli::logs::{Input, Opened};
use crate::cli::{account, documents};
use crate::documents::Document;
use crate::hunt::Event;
use crate::input::{Compression, Nature, Pieces, Source, for_each_block};
use crate::output::document::document;
use crate::output::rows::{Shown, line};
use crate::output::{Ndjson, Writer};
use crate::reading::{self, Listener, Options};
use crate::rules::{Field, Fields, Value};

/// Hears of every event, and of how it is shown; breaking off ends the reading.
pub type Hear<'h> = dyn FnMut(&Event<'_>, &dyn Fn() -> Shown) -> ControlFlow<()> + 'h;

/// What came of a reading.
pub struct Heard {
    /// What became of everything, in a line.
    pub account: String,
    /// How much could be read.
    pub readable: Readable,
}

/// Reads logs that were opened.
pub fn read(opened: Opened, logs: &Logs<'_>, hear: &mut Hear<'_>) -> Result<Heard, String> {
    if logs.input == Input::Ecs {
        let mut is_over = false;
        let read = documents::read(opened, &mut |seen, host| {
            is_over = is_over || hear_document(seen, host, hear).is_break();
        })?;
        return Ok(Heard { account: read.account, readable: read.readable });
    }
    let keep = Keep { all_complaints: opened.course.wants_all_complaints(), ..Keep::default() };
    let mut listening = Listening { course: opened.course, connections: 0, hear };
    let report =
        reading::read(opened.pieces, Options { jobs: logs.reading.jobs(), keep }, &mut listening);
    let Listening { mut course, connections, .. } = listening;
    course.progress.finish();
    course.finish()?;
    course.tell_doubts(&report);
    let account = account::in_words(&report, connections);
    Ok(Heard { account, readable: course.readable(&report) })
}

/// Reads logs once more, of which everything has been told already.
pub fn read_again(mut pieces: Pieces, logs: &Logs<'_>, hear: &mut Hear<'_>) {
    if logs.input == Input::Audit {
        let options = Options { jobs: logs.reading.jobs(), keep: Keep::default() };
        reading::read(pieces, options, &mut |sighting: &Sighting| match sighting.millis() {
            millis if millis > logs.until => ControlFlow::Continue(()),
            _ => hear_sighting(sighting, hear),
        });
        return;
    }
    let (mut buffer, mut is_over) = (Vec::new(), false);
    while !is_over && let Some(piece) = pieces.next(None) {
        let host = pieces.sources()[piece.source].host.clone();
        for_each_block(&piece.kind, &mut buffer, |block, _| {
            crate::documents::read(block, &mut |seen| {
                is_over = is_over
                    || seen.millis() <= logs.until
                        && hear_document(seen, host.as_bytes(), hear).is_break();
            });
        });
    }
}

struct Listening<'l, 'h> {
    course: Course,
    connections: u64,
    hear: &'l mut Hear<'h>,
}

impl Listener for Listening<'_, '_> {
    fn sighting(&mut self, sighting: &Sighting) -> ControlFlow<()> {
        self.connections += u64::from(sighting.is_ip());
        hear_sighting(sighting, self.hear)
    }

    fn complaint(&mut self, source: &str, example: &Example) {
        self.course.complaint(source, example);
    }

    fn progress(&mut self, source: &str, bytes: u64) {
        self.course.progress.add(source, bytes);
    }
}

fn hear_sighting(sighting: &Sighting, hear: &mut Hear<'_>) -> ControlFlow<()> {
    if !sighting.is_ip() {
        return ControlFlow::Continue(());
    }
    let seen = sighting.glance();
    let event = Event {
        millis: sighting.millis(),
        fields: &seen,
        class: Some(seen.action() as u8),
        may_repeat: false,
    };
    hear(&event, &|| {
        let (mut json, mut id) = (Vec::with_capacity(2048), Vec::new());
        Ndjson::new().connection(seen.connection(), &mut json);
        json.pop();
        seen.stamp().write_name(seen.host(), &mut id);
        Shown { json, id, line: line(event.millis, event.fields) }
    })
}

fn hear_document(seen: &Document, host: &[u8], hear: &mut Hear<'_>) -> ControlFlow<()> {
    let fields = Hosted { document: seen, host };
    let event = Event { millis: seen.millis(), fields: &fields, class: None, may_repeat: true };
    hear(&event, &|| {
        let mut json = Vec::with_capacity(2048);
        document(seen, &mut json);
        let id = seen.first("event.id").unwrap_or_default().to_vec();
        Shown { json, id, line: line(event.millis, event.fields) }
    })
}

/// A document, and the host that it is of if it does not say.
struct Hosted<'d> {
    document: &'d Document,
    host: &'d [u8],
}

impl Fields for Hosted<'_> {
    fn value(&self, field: &Field) -> Option<Value<'_>> {
        match field {
            Field::HostName if self.document.host().is_empty() => Some(Value::text(self.host)),
            field => self.document.value(field),
        }
    }

    fn any(&self, field: &Field, is_so: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        match field {
            Field::HostName => self.value(field).is_some_and(|value| is_so(&value)),
            field => self.document.any(field, is_so),
        }
    }
}

/// How much of the end of a file is looked at for the newest event.
const TAIL: u64 = 128 << 10;

/// When the newest event was, as far as the ends of plain files tell. Whether it is so is known
/// only when all has been read; but if it is, once is enough.
pub fn newest_at_ends(files: &[PathBuf]) -> Option<u64> {
    let found = crate::input::find(files, None).ok()?;
    let plain = |source: &&Source| {
        source.nature == Nature::Regular && source.compression == Compression::Plain
    };
    found.sources.iter().filter(plain).filter_map(newest_at_end).max()
}

fn newest_at_end(source: &Source) -> Option<u64> {
    let mut file = File::open(&source.path).ok()?;
    file.seek(SeekFrom::Start(source.size.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    let mut gathering = Gathering::new(Keep { only_addresses: true, ..Keep::default() });
    gathering.take(&tail);
    let mut newest = None;
    let mut note = |sighting: &Sighting| {
        if sighting.is_ip() {
            newest = newest.max(Some(sighting.millis()));
        }
    };
    let (mut assembly, mut sightings) = (Assembly::default(), Sightings::counted());
    assembly.take(gathering.finish(), b"", &mut |event| sightings.take(event, &mut note));
    assembly.finish(&mut |event| sightings.take(event, &mut note));
    sightings.finish(&mut note);
    newest
}

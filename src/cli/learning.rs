//! Reading logs for what their connections say about the rules' questions.

use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use super::course::{Course, Readable};
use super::logs::{Input, Reading};
use super::posts::Posts;
use super::rejects::Rejects;
use super::{account, documents, say};
use crate::audit::complaint::Example;
use crate::audit::gathering::Keep;
use crate::audit::{Connection, Glance, Sighting, Stamp};
use crate::engine::hash;
use crate::engine::ledger::MOST_VALUES;
use crate::input::Source;
use crate::output::{Ndjson, Writer};
use crate::reading::{self, Listener, Options};
use crate::report::Traffic;
use crate::rules::{Happening, Rule, Watch};

/// What came of a reading.
pub struct Read {
    /// What became of everything, in a line.
    pub account: String,
    /// How much could be read.
    pub readable: Readable,
    /// What was read, in its order.
    pub sources: Vec<Source>,
    /// The account in numbers.
    pub counts: Vec<(&'static str, u64)>,
    /// What was wrong with it, and what was left out of it.
    pub doubts: Vec<String>,
}

/// Everything that learns.
pub struct Learner {
    /// A post for each rule.
    pub posts: Posts,
    /// What is read.
    pub input: Input,
    /// How many connections were looked at.
    pub connections: u64,
    /// What is counted of the connections that are judged, if that is wanted.
    pub traffic: Option<Traffic>,
    course: Option<Course>,
    /// From when to when connections are judged, in milliseconds; none while only learning.
    judging: Option<(u64, u64)>,
    /// What events are known by.
    pub names: Names,
}

impl Learner {
    /// One that knows nothing yet.
    pub fn new(rules: impl IntoIterator<Item = Arc<Rule>>) -> Learner {
        Learner {
            posts: Posts::of(rules.into_iter().map(Watch::new)),
            input: Input::default(),
            connections: 0,
            traffic: None,
            course: None,
            judging: None,
            names: Names::default(),
        }
    }

    /// Reads logs: to judge what lies between two times, or only to learn from them. None if there
    /// was nothing to read.
    pub fn read(
        &mut self,
        logs: &Reading,
        files: &[PathBuf],
        judging: Option<(u64, u64)>,
        rejects: Option<Rejects>,
    ) -> Result<Option<Read>, String> {
        let opened = logs.open(files, rejects)?;
        if opened.is_empty {
            return Ok(None);
        }
        self.judging = judging;
        self.connections = 0;
        if self.input == Input::Ecs {
            let read = documents::learn(opened, self)?;
            self.settle();
            return Ok(Some(read));
        }
        let keep = Keep { all_complaints: opened.course.wants_all_complaints(), ..Keep::default() };
        let (sources, mut doubts) = (opened.pieces.sources().to_vec(), opened.left_out);
        self.course = Some(opened.course);
        let report = reading::read(opened.pieces, Options { jobs: logs.jobs(), keep }, self);
        self.settle();
        let Some(mut course) = self.course.take() else { return Ok(None) };
        course.progress.finish();
        course.finish()?;
        course.tell_doubts(&report);
        doubts.extend(course.doubts(&report));
        Ok(Some(Read {
            account: account::in_words(&report, self.connections),
            readable: course.readable(&report),
            sources,
            counts: account::all(&report, self.connections).collect(),
            doubts,
        }))
    }

    /// Keeps of what came last as little as of the rest; call it before anything is judged.
    pub fn settle(&mut self) {
        self.posts.iter_mut().for_each(|post| post.ledger.settle());
    }

    /// Looks at a connection as it comes, with the hash of its name: to judge it, or only to learn
    /// from it.
    pub fn look_at(&mut self, seen: &Glance<'_>, id: u64, is_judged: bool) {
        self.judging = is_judged.then_some((0, u64::MAX));
        self.glance(seen, id);
    }

    /// Says where what was learnt is not all there was to learn.
    pub fn tell_limits(&self) {
        for post in self.posts.iter() {
            let (name, ledger) = (&post.watch.rule().name, post.watch.ledger());
            if ledger.retention_step() > 0 {
                say(&format!(
                    "{name}: so many values that less was kept of their events; which of them may \
                     depend on the order of reading, and no score does."
                ));
            }
            if ledger.forgotten() > 0 {
                let gone = ledger.forgotten();
                say(&format!(
                    "{name}: more than {MOST_VALUES} values: {gone} had to be forgotten, those \
                     seen least and with most others at once. Of this run's they were not judged, \
                     and they are new if they come again."
                ));
            }
        }
    }

    fn glance(&mut self, seen: &Glance<'_>, id: u64) {
        self.observe(&Happening {
            fields: seen,
            time_ms: seen.stamp().millis,
            id,
            host: seen.host(),
            evidence: &|| evidence_of(seen.connection()),
        });
    }

    /// Looks at something. What is shown of it is made once at most.
    pub fn observe(&mut self, happening: &Happening) {
        self.connections += 1;
        let Happening { fields, time_ms: time, host, evidence, .. } = *happening;
        let document = OnceCell::new();
        let evidence = || Arc::clone(document.get_or_init(evidence));
        let is_judged = self.judging.is_some_and(|(from, to)| (from..=to).contains(&time));
        if let Some(traffic) = self.traffic.as_mut().filter(|_| is_judged) {
            traffic.note(fields, time, host);
        }
        self.posts.observe(&Happening { evidence: &evidence, ..*happening }, is_judged);
    }
}

impl Listener for Learner {
    fn sighting(&mut self, sighting: &Sighting) -> ControlFlow<()> {
        if sighting.is_ip() {
            let seen = sighting.glance();
            let id = self.names.hash(seen.host(), seen.stamp());
            self.glance(&seen, id);
        }
        ControlFlow::Continue(())
    }

    fn complaint(&mut self, source: &str, example: &Example) {
        if let Some(course) = &mut self.course {
            course.complaint(source, example);
        }
    }

    fn progress(&mut self, source: &str, bytes: u64) {
        if let Some(course) = &mut self.course {
            course.progress.add(source, bytes);
        }
    }
}

/// Hashes the names of events, by which the engine and the state know them; each is made in the
/// same room.
#[derive(Default)]
pub struct Names(Vec<u8>);

impl Names {
    /// The hash of an event's name.
    pub fn hash(&mut self, host: &[u8], stamp: Stamp) -> u64 {
        self.0.clear();
        stamp.write_name(host, &mut self.0);
        hash::of(&self.0)
    }
}

/// A connection as it is shown to whoever asks why.
fn evidence_of(connection: &Connection<'_>) -> Arc<[u8]> {
    let mut document = Vec::with_capacity(2048);
    Ndjson::new().connection(connection, &mut document);
    document.pop();
    document.into()
}

//! Reading a log while it is written: lines as they come, and sightings as soon as they are sure.
//!
//! Lines come in with the time at which they came; [sightings](crate::audit::Sighting) go out, the
//! same and in the same order as [`super::read`] gives for all lines at once, however they were cut
//! and whenever they came, as long as no pause within one event is longer than [`ANY_AFTER`], or
//! [`WHOLE_AFTER`] once it has all that matters. What is open or held is let go when it was left
//! alone for a while; the time is any clock's that only goes forward.

use std::collections::VecDeque;

use super::{Listener, tell};
use crate::audit::assembly::{Account, Assembly};
use crate::audit::complaint::{Complaint, Example};
use crate::audit::gathering::{Batch, Gathering, Keep};
use crate::audit::seen::Seen;
use crate::audit::stamp::Stamp;
use crate::audit::{Complaints, Sightings};

/// After how many milliseconds nothing more is expected of an event that has all that matters.
pub const WHOLE_AFTER: u64 = 60;
/// After how many milliseconds nothing more is expected of any event.
pub const ANY_AFTER: u64 = 2_000;
/// For how many milliseconds a sighting waits for what the next ones tell about it.
pub const HELD_FOR: u64 = 80;

/// How near the end of what was read the records of an event are of which one is being written.
const NEAR: u64 = 64;

/// Some lines, as they came.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    /// Whole lines; only the last of a source may lack its line end.
    pub text: &'a [u8],
    /// The lengths, before they were cut, of the lines as long as may be, in order.
    pub long_lines: &'a [u64],
    /// Where they are from, for sentences.
    pub source: &'a str,
    /// They are the first of their source.
    pub is_first: bool,
}

/// Reads a log while it is written.
pub struct Live {
    host: Vec<u8>,
    gathering: Gathering,
    assembly: Assembly,
    sightings: Sightings,
    complaints: Complaints,
    lines: u64,
    bytes: u64,
    lines_of_source: u64,
    records: u64,
    /// How many records there were, and how many sightings, and when that was.
    came: VecDeque<Came>,
}

#[derive(Clone, Copy, Debug)]
struct Came {
    records: u64,
    taken: u64,
    at: u64,
}

impl Live {
    /// One that has read nothing; records that name no host are of this one.
    pub fn new(host: &str) -> Live {
        Live {
            host: host.as_bytes().to_vec(),
            gathering: Gathering::new(Keep::default()),
            assembly: Assembly::default(),
            sightings: Sightings::joined(),
            complaints: Complaints::default(),
            lines: 0,
            bytes: 0,
            lines_of_source: 0,
            records: 0,
            came: VecDeque::new(),
        }
    }

    /// Takes the next lines. `stamped` hears the times of their events, in their order.
    pub fn take(
        &mut self,
        lines: Lines<'_>,
        now: u64,
        listener: &mut impl Listener,
        stamped: &mut dyn FnMut(u64),
    ) {
        self.gathering.reuse(&mut self.sightings.spare());
        self.gathering.take(lines.text);
        let batch = self.gathering.finish();
        let is_kernels = |seen: Seen| seen.has(Seen::KERNEL);
        let drafts = batch.drafts.iter().filter(|draft| draft.records > 0);
        drafts.filter(|draft| is_kernels(draft.seen)).for_each(|draft| stamped(draft.stamp.millis));
        self.complain(&batch, lines, listener);
        self.lines += batch.lines;
        self.bytes += batch.bytes;
        self.records += batch.records;
        let (sightings, mut is_over) = (&mut self.sightings, false);
        self.assembly.take(batch, &self.host, &mut |event| {
            sightings.take(event, &mut |sighting| tell(listener, &mut is_over, sighting));
        });
        self.note(now);
    }

    fn complain(&mut self, batch: &Batch, lines: Lines<'_>, listener: &mut impl Listener) {
        if lines.is_first {
            self.lines_of_source = 0;
        }
        let mut long_lines = lines.long_lines.iter();
        for example in batch.complaints.examples() {
            let line = example.line + self.lines_of_source;
            let mut place = Example { line, ..example.clone() };
            if place.complaint == Complaint::TooLong {
                place.length = long_lines.next().copied().unwrap_or(place.length);
            }
            listener.complaint(lines.source, &place);
        }
        self.lines_of_source += batch.lines;
        self.complaints.count_in(&batch.complaints);
    }

    fn note(&mut self, now: u64) {
        let (records, taken) = (self.records, self.sightings.taken());
        match self.came.back_mut() {
            Some(last) if (last.records, last.taken) == (records, taken) => {}
            Some(last) if last.at == now => (last.records, last.taken) = (records, taken),
            _ => self.came.push_back(Came { records, taken, at: now }),
        }
    }

    /// Lets go what was left alone for a while. While the beginning of another line is there and
    /// its end is not, that line may belong to one of the last events: these wait.
    pub fn settle(&mut self, now: u64, is_half: bool, listener: &mut impl Listener) {
        let before = |age: u64| {
            let is_old = |came: &&Came| came.at.saturating_add(age) <= now;
            self.came.iter().rev().find(is_old).copied()
        };
        let records = |came: Option<Came>| came.map_or(0, |came| came.records);
        let limit = if is_half { self.records.saturating_sub(NEAR) } else { self.records };
        let [whole, any] = [WHOLE_AFTER, ANY_AFTER].map(|age| records(before(age)).min(limit));
        let taken = before(HELD_FOR).map_or(0, |came| came.taken);
        let (sightings, mut is_over) = (&mut self.sightings, false);
        let mut tell = |sighting: &_| tell(listener, &mut is_over, sighting);
        // Those that are old enough go first: what comes now is behind them all the same.
        sightings.settle(taken, &mut tell);
        self.assembly.settle(whole, any, &mut |event| sightings.take(event, &mut tell));
        self.note(now);
        while self.came.get(1).is_some_and(|second| second.at.saturating_add(ANY_AFTER) <= now) {
            self.came.pop_front();
        }
    }

    /// Whether anything is open or held, so that it is worth while to settle soon.
    pub fn is_waiting(&self) -> bool {
        self.assembly.has_open() || self.sightings.has_held()
    }

    /// Lets everything go: nothing more will come.
    pub fn finish(&mut self, listener: &mut impl Listener) {
        let (sightings, mut is_over) = (&mut self.sightings, false);
        let mut tell = |sighting: &_| tell(listener, &mut is_over, sighting);
        self.assembly.finish(&mut |event| sightings.take(event, &mut tell));
        self.sightings.finish(&mut tell);
    }

    /// Calls for the host, the id and the place of each event that may still be told of.
    pub fn each_untold(&self, tell: &mut impl FnMut(&[u8], Stamp, u64)) {
        self.assembly.each_open(&mut |host, stamp, place| tell(host, stamp, place));
        self.sightings.each_held(&mut |host, stamp, place| tell(host, stamp, place));
    }

    /// How many records there were: the place of the next one.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many lines and bytes there were.
    pub fn read(&self) -> (u64, u64) {
        (self.lines, self.bytes)
    }

    /// What was counted so far.
    pub fn account(&self) -> Account {
        self.assembly.account()
    }

    /// What would be counted if this were the end: the same whenever its lines came.
    pub fn account_at_end(&self) -> Account {
        self.assembly.account_at_end()
    }

    /// What was wrong with lines.
    pub fn complaints(&self) -> &Complaints {
        &self.complaints
    }
}

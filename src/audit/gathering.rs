//! Gathers the records of one piece of the input into drafts of events.
//!
//! Lines come in as they stand in the log, interleaved; a [`Batch`] of drafts goes out, in the
//! order of their first records. A piece is gathered without knowing any other, so that several can
//! be gathered at once; what reaches over its edges is joined by [`super::assembly`]. This is the
//! only code that every line passes through.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use indexmap::IndexSet;
use memchr::memmem;

use super::complaint::{Complaint, Complaints};
use super::cut;
use super::draft::Draft;
use super::joined::{self, Next};
use super::kind::Kind;
use super::last_frame::{Frame, LastFrame};
use super::line::{Line, UsualFrame};
use super::prints::Printing;
use super::record::{Adding, Record, Spare};
use super::seen::Seen;
use super::stamp::Stamp;
use super::wrapped::{self, Unwrapped};

/// How many records may lie between two records of one event.
///
/// Records of an event come close together: the kernel queues them under one lock, and only the
/// other processors' come between. 4096 is far beyond what was seen in any log, and still bounds
/// what is kept open. Progress is counted in records, not in time, because a blocking call's
/// stamp is as old as the call was long.
pub const GRACE: u64 = 4096;

/// The longest line that is read.
pub const LONGEST_LINE: usize = 1 << 20;

/// About how many events the smallest piece has.
const USUAL_EVENTS: usize = 3000;

/// How many spare details a gathering keeps, however many events a piece has.
const MOST_SPARE: usize = 4096;
/// How many bytes of memory each may have.
const LARGEST_SPARE: usize = 2048;

/// What is wanted of the events beyond their connections.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Keep {
    /// All records of an event on the network, to print them again.
    pub all_records: bool,
    /// Every line complained of, and not just examples.
    pub all_complaints: bool,
    /// Calls and their addresses, and nothing else of an event: enough to count connections.
    pub only_addresses: bool,
}

/// The drafts of one piece.
#[derive(Debug, Default)]
pub struct Batch {
    /// In the order of their first records, whose places count from the piece's start.
    pub drafts: Vec<Draft>,
    /// The names of nodes, by number less one; zero is a record without a name.
    pub nodes: IndexSet<Box<[u8]>, RandomState>,
    /// How many records there were.
    pub records: u64,
    /// How many lines there were.
    pub lines: u64,
    /// How many bytes there were, line ends included.
    pub bytes: u64,
    /// What was wrong with some lines.
    pub complaints: Complaints,
}

impl Batch {
    /// About how much memory the drafts and the names cost.
    pub fn weight(&self) -> usize {
        let details = self.drafts.iter().filter_map(|draft| draft.details.as_ref());
        details.map(|details| details.memory()).sum::<usize>()
            + self.drafts.capacity() * size_of::<Draft>()
            + self.nodes.iter().map(|name| name.len() + 64).sum::<usize>()
    }
}

/// Takes lines and gathers their records.
#[derive(Debug)]
pub struct Gathering {
    finder: memmem::Finder<'static>,
    adding: Adding,
    hasher: RandomState,
    index: HashTable<u32>,
    batch: Batch,
    node: u32,
    last: LastFrame,
    plain: Vec<u8>,
}

impl Gathering {
    /// A gathering of nothing yet.
    pub fn new(keep: Keep) -> Gathering {
        let (spare, printing) = (Spare::new(), Printing::default());
        Gathering {
            finder: joined::record_finder(),
            adding: Adding { keep, spare, printing, is_from_its_beginning: false },
            hasher: RandomState::default(),
            index: HashTable::with_capacity(USUAL_EVENTS),
            batch: new_batch(keep),
            node: 0,
            last: LastFrame::default(),
            plain: Vec::new(),
        }
    }

    /// Takes as much memory of events that were let go as it will need, to use again.
    pub fn reuse(&mut self, spare: &mut Spare) {
        // About half of all events have details, and this piece has as many events as the last one.
        let most = MOST_SPARE.min(self.batch.drafts.capacity() * 3 / 4);
        let room = most.saturating_sub(self.adding.spare.len());
        let rest = spare.len().saturating_sub(room);
        let taken = spare.drain(rest..).filter(|details| details.memory() <= LARGEST_SPARE);
        self.adding.spare.extend(taken);
    }

    /// Takes whole lines. The last may lack its line end, which means that the source ends there.
    ///
    /// One search finds the ends of lines and, on the way, whether a line holds one record or
    /// several that a transport has joined.
    pub fn take(&mut self, block: &[u8]) {
        self.batch.bytes += block.len() as u64;
        let mut rest = block;
        while !rest.is_empty() {
            let frame = self.last.read(rest);
            // The search begins behind a frame that is known, and at the line's start otherwise.
            let body_at = match &frame {
                Frame::Last { body, .. } => *body,
                Frame::Usual(frame) => frame.body,
                Frame::Other => 0,
            };
            let (length, frames) = to_line_end(&rest[body_at..]);
            let end = body_at + length;
            let has_end = end < rest.len();
            self.batch.lines += 1;
            let is_usual = frames == 0 && has_end && end < LONGEST_LINE;
            match frame {
                Frame::Last { kind, body } if is_usual => {
                    self.take_next_record(&rest[..end], kind, body);
                }
                Frame::Usual(frame) if is_usual => self.take_first_record(&rest[..end], &frame),
                _ => {
                    let frames = frames + u32::from(body_at > 0);
                    self.take_line(&rest[..end], frames > 1, has_end);
                }
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }

    /// The batch so far; the gathering begins anew.
    pub fn finish(&mut self) -> Batch {
        self.index.clear();
        self.node = 0;
        self.last.forget();
        let mut batch = new_batch(self.adding.keep);
        // The next piece has about as many events as this one.
        batch.drafts.reserve_exact(self.batch.drafts.len() + self.batch.drafts.len() / 8);
        std::mem::replace(&mut self.batch, batch)
    }

    #[inline]
    fn take_line(&mut self, text: &[u8], is_joined: bool, has_end: bool) {
        if text.len() >= LONGEST_LINE {
            return self.complain(Complaint::TooLong, &text[..LONGEST_LINE.min(text.len())]);
        }
        let text = without_padding(text);
        match Line::parse(text) {
            Some(line) => self.take_records(text, line, is_joined, has_end),
            None => self.take_odd_line(text, has_end),
        }
    }

    /// Takes a record with a frame that is read already.
    #[inline]
    fn take_first_record(&mut self, text: &[u8], frame: &UsualFrame) {
        let draft = self.draft_of(frame.stamp, 0, self.batch.records);
        self.last.note_alone(&text[frame.start..frame.end], draft);
        self.take_next_record(text, frame.kind, frame.body);
    }

    /// Takes a record of the same event as the last line's.
    #[inline]
    fn take_next_record(&mut self, text: &[u8], kind: Kind, body_at: usize) {
        let text = without_padding(text);
        let record = Record::of(text, kind, body_at.min(text.len()));
        if let Some(complaint) = self.add(&record, self.last.draft()) {
            self.complain(complaint, text);
        }
    }

    #[inline]
    fn add(&mut self, record: &Record<'_>, at: usize) -> Option<Complaint> {
        let draft = &mut self.batch.drafts[at];
        draft.last = self.batch.records;
        draft.records += 1;
        self.batch.records += 1;
        draft.text += record.length();
        self.adding.is_from_its_beginning = draft.first > GRACE;
        self.adding.add(record, draft)
    }

    #[cold]
    fn take_odd_line(&mut self, text: &[u8], has_end: bool) {
        let mut plain = std::mem::take(&mut self.plain);
        match wrapped::unwrap(text, &mut plain) {
            Ok(Unwrapped::Nothing) => {}
            Ok(unwrapped) => match Line::parse(&plain) {
                Some(line) => {
                    let is_joined = unwrapped == Unwrapped::Records;
                    self.take_records(&plain, line, is_joined, has_end);
                }
                None => self.complain(Complaint::BrokenFrame, text),
            },
            Err(Complaint::BrokenFrame) if !has_end => self.complain(Complaint::Unfinished, text),
            Err(complaint) => self.complain(complaint, text),
        }
        self.plain = plain;
    }

    fn complain(&mut self, complaint: Complaint, text: &[u8]) {
        self.batch.complaints.add(complaint, self.batch.lines, text);
    }

    /// Takes the record of a line, and those that a transport may have joined to it.
    ///
    /// A line is complained of once, whatever is wrong with it.
    #[inline]
    fn take_records<'a>(
        &mut self,
        text: &'a [u8],
        mut line: Line<'a>,
        is_joined: bool,
        has_end: bool,
    ) {
        let mut start = 0;
        let mut complaint = None;
        while is_joined && let Some(next) = joined::next_record(&self.finder, line.kind, line.body)
        {
            let Next::Record(at) = next else {
                complaint = complaint.or(Some(Complaint::Doubtful));
                break;
            };
            let second = text.len() - line.body.len() + at;
            let first = without_padding(&text[start..second]);
            line.body = without_padding(&line.body[..at]);
            complaint = complaint.or(self.take_record(first, &line));
            start = second;
            match Line::parse(&text[start..]) {
                // A header names the host of all that it stands before.
                Some(next) => line = Line { node: next.node.or(line.node), ..next },
                None => return self.complain(Complaint::BrokenFrame, text),
            }
        }
        if !has_end && cut::stops_early(line.kind, line.body) {
            self.mark_cut(&line);
            return self.complain(Complaint::Unfinished, text);
        }
        if let Some(complaint) = complaint.or(self.take_record(&text[start..], &line)) {
            self.complain(complaint, text);
        }
    }

    /// Takes a record whose body is the end of its text.
    #[inline]
    fn take_record(&mut self, text: &[u8], line: &Line<'_>) -> Option<Complaint> {
        let node = self.node_number(line.node);
        let at = self.draft_of(line.stamp, node, self.batch.records);
        if line.node.is_none() || text.starts_with(b"node=") {
            self.last.note(text, line, at);
        } else {
            self.last.forget();
        }
        let body_at = text.len() - line.body.len();
        self.add(&Record::of(text, line.kind, body_at), at)
    }

    /// The number of a node's name in this batch.
    #[inline]
    fn node_number(&mut self, name: Option<&[u8]>) -> u32 {
        let Some(name) = name else { return 0 };
        if let Some(last) = self.node.checked_sub(1)
            && self.batch.nodes.get_index(last as usize).is_some_and(|node| **node == *name)
        {
            return self.node;
        }
        let index = match self.batch.nodes.get_index_of(name) {
            Some(index) => index,
            None => self.batch.nodes.insert_full(name.into()).0,
        };
        self.node = index as u32 + 1;
        self.node
    }

    /// The draft of this event, a new one if there is none within the grace.
    #[inline]
    fn draft_of(&mut self, stamp: Stamp, node: u32, place: u64) -> usize {
        let drafts = &mut self.batch.drafts;
        if let Some(last) = drafts.last()
            && last.stamp == stamp
            && last.node == node
        {
            return drafts.len() - 1;
        }
        let hash = hash_of(&self.hasher, stamp, node);
        let same = |at: &u32| {
            let draft = &drafts[*at as usize];
            draft.stamp == stamp && draft.node == node
        };
        let fresh = drafts.len();
        let rehash = |at: &u32| {
            let draft = &drafts[*at as usize];
            hash_of(&self.hasher, draft.stamp, draft.node)
        };
        match self.index.entry(hash, same, rehash) {
            Entry::Occupied(mut known) => {
                let at = *known.get() as usize;
                if place - drafts[at].last <= GRACE {
                    return at;
                }
                *known.get_mut() = fresh as u32;
            }
            Entry::Vacant(vacant) => {
                vacant.insert(fresh as u32);
            }
        }
        drafts.push(Draft::new(stamp, node, place));
        fresh
    }

    /// Marks the event of a record that cannot be used. If that is all there is of the event, the
    /// draft stays without records, for an earlier piece may have others.
    fn mark_cut(&mut self, line: &Line<'_>) {
        let node = self.node_number(line.node);
        let at = self.draft_of(line.stamp, node, self.batch.records);
        self.batch.drafts[at].seen.add(Seen::CUT);
    }
}

/// How far it is to the end of the line, and how many frames of records begin before it.
#[inline]
fn to_line_end(text: &[u8]) -> (usize, u32) {
    let (mut from, mut frames) = (0, 0);
    while let Some(at) = memchr::memchr2(b'\n', b'(', &text[from..]) {
        let at = from + at;
        if text[at] == b'\n' {
            return (at, frames);
        }
        frames += u32::from(text[..at].ends_with(b"msg=audit"));
        from = at + 1;
    }
    (text.len(), frames)
}

fn new_batch(keep: Keep) -> Batch {
    let complaints =
        if keep.all_complaints { Complaints::keeping_all() } else { Complaints::default() };
    Batch { complaints, ..Batch::default() }
}

#[inline]
fn hash_of(hasher: &RandomState, stamp: Stamp, node: u32) -> u64 {
    hasher.hash_one((stamp.millis, u64::from(node) << 32 | u64::from(stamp.serial)))
}

/// A line or a body without the blanks, carriage returns and NULs at its end.
#[inline]
fn without_padding(text: &[u8]) -> &[u8] {
    let mut end = text.len();
    while end > 0 && matches!(text[end - 1], 0 | b' ' | b'\t' | b'\r') {
        end -= 1;
    }
    &text[..end]
}

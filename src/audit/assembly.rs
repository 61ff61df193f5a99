//! Puts the events together across the edges of pieces, and lets them go in the order of their
//! serials.
//!
//! [`Batch`]es come in, in the order of the input; [`Event`]s go out. An event is complete when the
//! [grace](super::gathering::GRACE) has passed without another record of it, and for no other
//! reason: no record reliably marks the end. auditd leaves EOE out of audit.log, PROCTITLE is often
//! excluded, and either can come early. Everything here depends on the places of records alone, so
//! the events are the same however the input was cut into pieces.
//!
//! Bounded: the oldest event leaves early when too many, or too much text, are open. Only then may
//! a cut tell: records that come later find their event gone.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use indexmap::IndexMap;

use super::cut;
use super::details::Details;
use super::draft::Draft;
use super::gathering::{Batch, GRACE};
use super::kind::Kind;
use super::queue::{Queue, Waiting};
use super::recent::Recent;
use super::seen::Seen;
use super::serials::{Serials, Standing};
use super::stamp::Stamp;

/// How many events may be open at once.
const MOST_OPEN: usize = 4 * GRACE as usize;
/// How many bytes of records may be open at once, whether they are kept or not.
const MOST_OPEN_TEXT: usize = 8 << 20;
/// How many hosts are told apart; the names beyond are one host. A host costs some hundred bytes,
/// and a log that names more of them was made to exhaust memory.
const MOST_HOSTS: usize = 1 << 14;

/// The name of a host, shared by its events.
pub type Host = Arc<[u8]>;

/// An event that later steps want to see.
#[derive(Debug)]
pub struct Event {
    /// Its id.
    pub stamp: Stamp,
    /// A number for its host, the same for all events of the host in this reading.
    pub host_number: u32,
    /// How many boots of that host came before it in this reading.
    pub boot: u32,
    /// Where it happened.
    pub host: Host,
    /// The place of its last record among all records of the reading.
    pub last: u64,
    /// Which records there were.
    pub seen: Seen,
    /// The records themselves.
    pub details: Box<Details>,
}

impl Event {
    /// The body of its SYSCALL record, as far as it is whole.
    #[inline]
    pub fn call_body(&self) -> Option<&[u8]> {
        let body = self.details.body(Kind::SYSCALL)?;
        let before_cut = if self.seen.has(Seen::CUT) { cut::before_cut(body) } else { None };
        Some(before_cut.unwrap_or(body))
    }
}

/// What was counted on the way.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Account {
    /// Records, duplicates included.
    pub records: u64,
    /// Events.
    pub events: u64,
    /// Records that came a second time and were dropped.
    pub duplicates: u64,
    /// Records that contradict another of their kind in the same event.
    pub conflicting: u64,
    /// Records that came after their event was complete.
    pub late: u64,
    /// Events with a record missing, unreadable or contradicted.
    pub partial: u64,
    /// Events that had to leave before they were complete.
    pub early: u64,
    /// Gaps in the kernel's serials.
    pub gaps: u64,
    /// Serials missing in them.
    pub lost: u64,
}

impl Account {
    /// Counts an event that is complete; false if it was there before.
    #[inline]
    fn count(&mut self, draft: &Draft) -> bool {
        if draft.records == 0 {
            return false;
        }
        if draft.seen.has(Seen::AGAIN) {
            let again = draft.seen.has(Seen::SYSCALL) || !draft.seen.is_part_of_call();
            let count = if again { &mut self.duplicates } else { &mut self.late };
            *count += u64::from(draft.records);
            return false;
        }
        self.events += 1;
        let unlike = if draft.prints.have_unlike() { draft.unlike() } else { 0 };
        self.duplicates += u64::from(draft.duplicates + draft.repeats - unlike);
        self.conflicting += u64::from(unlike);
        let has_call = draft.seen.has(Seen::SYSCALL) || draft.seen.has(Seen::URINGOP);
        let is_partial = draft.seen.has(Seen::CUT)
            || unlike > 0
            || !has_call && draft.seen.is_part_of_call()
            || !draft.seen.has(Seen::SOCKADDR)
                && draft.details.as_ref().is_some_and(|details| details.lacks_address());
        self.partial += u64::from(is_partial);
        true
    }
}

/// The events that are open, over all pieces.
#[derive(Debug, Default)]
pub struct Assembly {
    hosts: IndexMap<Host, Serials, RandomState>,
    drafts: Vec<Option<Draft>>,
    free: Vec<u32>,
    queue: Queue,
    open: HashTable<u32>,
    hasher: RandomState,
    open_text: usize,
    recent: Recent,
    /// What came before this place was left alone for a while.
    left_alone: u64,
    account: Account,
}

impl Assembly {
    /// Takes the next batch of the input; `host` is where its records without a node come from.
    pub fn take(&mut self, batch: Batch, host: &[u8], out: &mut impl FnMut(Event)) {
        let base = self.account.records;
        let own = self.host_number(host);
        let numbers: Vec<u32> = batch.nodes.iter().map(|node| self.host_number(node)).collect();
        let end = base + batch.records;
        let mut drafts = batch.drafts;
        // Most are only looked at where they lie, and moving one costs as much as that.
        for draft in &mut drafts {
            draft.node = match draft.node {
                0 => own,
                node => numbers[node as usize - 1],
            };
            let near_edge = draft.first <= GRACE;
            draft.first += base;
            draft.last += base;
            self.let_go_before(draft.first, out);
            let open = near_edge.then(|| self.open_draft(draft)).flatten();
            match open {
                Some(open) => self.join(open, draft.take()),
                None => {
                    draft.settle();
                    self.add(draft, end);
                }
            }
        }
        self.account.records += batch.records;
        self.note_open();
    }

    /// Lets the events go that were left alone for a while, as far as those before them were: whole
    /// ones whose last record stands before one place, and any whose last is before another.
    ///
    /// Whoever calls this knows the time, and that nothing has come behind these places lately.
    pub fn settle(&mut self, whole_before: u64, any_before: u64, out: &mut impl FnMut(Event)) {
        self.left_alone = self.left_alone.max(any_before);
        while let Some(event) = self.queue.first().copied() {
            let draft = event.draft().and_then(|at| self.drafts[at as usize].as_ref());
            let last = draft.map_or(event.last, |draft| draft.last);
            let is_whole = draft.is_none_or(Draft::is_whole);
            if last >= any_before && !(last < whole_before && is_whole) {
                break;
            }
            self.let_go(event, out);
        }
    }

    /// Calls for the host, the id and the place of each event that is still open and may be of
    /// interest.
    pub fn each_open(&self, tell: &mut impl FnMut(&Host, Stamp, u64)) {
        let drafts = self.queue.drafts();
        for draft in drafts.filter_map(|at| self.drafts[at as usize].as_ref()) {
            if let Some((host, _)) = self.hosts.get_index(draft.node as usize) {
                tell(host, draft.stamp, draft.last);
            }
        }
    }

    /// Whether any event is open.
    pub fn has_open(&self) -> bool {
        self.queue.length() > 0
    }

    /// What was counted so far. A gap counts once nothing has fallen into it for a while.
    pub fn account(&self) -> Account {
        let long_ago = self.account.records.saturating_sub(2 * GRACE);
        self.with_gaps(self.account.clone(), long_ago.max(self.left_alone))
    }

    /// What would be counted if this were the end: what [`Assembly::finish`] returns.
    pub fn account_at_end(&self) -> Account {
        let mut account = self.account.clone();
        for draft in self.queue.drafts().filter_map(|at| self.drafts[at as usize].as_ref()) {
            account.count(draft);
        }
        self.with_gaps(account, u64::MAX)
    }

    /// Lets all events go: nothing more will come.
    pub fn finish(&mut self, out: &mut impl FnMut(Event)) -> Account {
        while let Some(event) = self.queue.first().copied() {
            self.let_go(event, out);
        }
        self.left_alone = u64::MAX;
        self.account()
    }

    /// An account with the gaps from before a place.
    fn with_gaps(&self, account: Account, place: u64) -> Account {
        self.hosts.values().fold(account, |account, serials| {
            let (gaps, lost) = serials.gaps_before(place);
            Account { gaps: account.gaps + gaps, lost: account.lost + lost, ..account }
        })
    }

    fn host_number(&mut self, name: &[u8]) -> u32 {
        let name = if self.hosts.len() >= MOST_HOSTS && !self.hosts.contains_key(name) {
            b"?"
        } else {
            name
        };
        let number = match self.hosts.get_index_of(name) {
            Some(number) => number,
            None => self.hosts.insert_full(Host::from(name), Serials::default()).0,
        };
        number as u32
    }

    /// The draft of the same event from an earlier piece, if it is still within its grace.
    fn open_draft(&self, draft: &Draft) -> Option<u32> {
        let hash = self.hash_of(draft);
        let at = *self.open.find(hash, |at| {
            self.drafts[*at as usize]
                .as_ref()
                .is_some_and(|open| open.stamp == draft.stamp && open.node == draft.node)
        })?;
        let open = self.drafts[at as usize].as_ref()?;
        (draft.first - open.last <= GRACE).then_some(at)
    }

    fn hash_of(&self, draft: &Draft) -> u64 {
        self.hasher.hash_one((draft.stamp, draft.node))
    }

    fn join(&mut self, open: u32, later: Draft) {
        let Some(mut draft) = self.drafts[open as usize].take() else { return };
        let has_serial = |draft: &Draft| draft.seen.has(Seen::KERNEL) && draft.records > 0;
        let (had_serial, had_records) = (has_serial(&draft), draft.records > 0);
        self.open_text += later.text;
        draft.join(later);
        if !had_records {
            self.note_again(&mut draft);
        }
        if !had_serial && has_serial(&draft) {
            let is_older = self.is_older(&mut draft);
            self.queue.take(open);
            self.queue.add(Waiting::of(&draft, Some(open)), is_older);
        }
        self.drafts[open as usize] = Some(draft);
    }

    /// Notes whether the event was there before.
    #[inline]
    fn note_again(&mut self, draft: &mut Draft) {
        if draft.records > 0 && !self.recent.is_new(draft.node, draft.stamp) {
            draft.seen.add(Seen::AGAIN);
        }
    }

    /// Notes the serial of a new draft; tells whether it belongs before some that came earlier.
    #[inline]
    fn is_older(&mut self, draft: &mut Draft) -> bool {
        draft.seen.has(Seen::KERNEL) && draft.records > 0 && {
            let serials = &mut self.hosts[draft.node as usize];
            let (run, standing) = serials.note(draft.stamp, draft.first);
            draft.run = run;
            draft.boot = serials.boots();
            standing == Standing::Older
        }
    }

    /// Adds a new draft, where its serial belongs. It is kept if anybody may want to see it, or a
    /// record behind this end may join it.
    #[inline]
    fn add(&mut self, draft: &mut Draft, end: u64) {
        self.note_again(draft);
        let is_older = self.is_older(draft);
        if draft.details.is_none() && draft.last + GRACE < end {
            let waiting = Waiting::of(draft, None);
            self.open_text += waiting.text();
            self.account.count(draft);
            return self.queue.add(waiting, is_older);
        }
        self.open_text += draft.text;
        if let Some(details) = &mut draft.details {
            details.shrink();
        }
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                self.drafts.push(None);
                self.drafts.len() as u32 - 1
            }
        };
        self.queue.add(Waiting::of(draft, Some(at)), is_older);
        self.drafts[at as usize] = Some(draft.take());
    }

    /// Lets the events go that were complete before this place, and the oldest of too many.
    fn let_go_before(&mut self, place: u64, out: &mut impl FnMut(Event)) {
        while let Some(event) = self.queue.first() {
            let last = match event.draft() {
                Some(at) => self.drafts[at as usize].as_ref().map_or(0, |draft| draft.last),
                None => event.last,
            };
            let is_complete = last + GRACE < place;
            let too_much = self.queue.length() >= MOST_OPEN || self.open_text > MOST_OPEN_TEXT;
            if !is_complete && !too_much {
                break;
            }
            self.account.early += u64::from(!is_complete);
            let event = *event;
            self.let_go(event, out);
        }
    }

    #[inline]
    fn let_go(&mut self, event: Waiting, out: &mut impl FnMut(Event)) {
        self.queue.leave();
        let Some(at) = event.draft() else {
            self.open_text -= event.text();
            return;
        };
        let Some(draft) = self.drafts[at as usize].take() else { return };
        self.free.push(at);
        self.open_text -= draft.text;
        let is_unlike = draft.prints.have_unlike() && draft.unlike() > 0;
        if self.account.count(&draft)
            && let Some(details) = draft.details
            && let Some((host, _)) = self.hosts.get_index(draft.node as usize)
        {
            let host = host.clone();
            let Draft { stamp, node: host_number, boot, last, mut seen, .. } = draft;
            seen.set(Seen::UNLIKE, is_unlike);
            out(Event { stamp, host_number, boot, host, last, seen, details });
        }
    }

    /// Notes the drafts that records of the next piece may still join.
    fn note_open(&mut self) {
        let end = self.account.records;
        self.open.clear();
        for at in self.queue.drafts() {
            if let Some(draft) = &self.drafts[at as usize]
                && draft.last + GRACE >= end
            {
                let hash = self.hash_of(draft);
                let rehash = |at: &u32| {
                    self.drafts[*at as usize]
                        .as_ref()
                        .map_or(0, |draft| self.hasher.hash_one((draft.stamp, draft.node)))
                };
                self.open.insert_unique(hash, at, rehash);
            }
        }
    }
}

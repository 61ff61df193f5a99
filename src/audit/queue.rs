//! The order in which events leave: that of their serials on each host, as far as they are open at
//! the same time.
//!
//! Every event waits here, whether anybody wants to see it or not, so that neither the order nor
//! the account depends on what is wanted. Of those that nobody wants, this is all that is kept.

use std::collections::VecDeque;

use super::draft::Draft;
use super::seen::Seen;

/// The events that have not left.
#[derive(Default, Debug)]
pub struct Queue {
    events: VecDeque<Waiting>,
}

/// An event that has not left, in as few bytes as possible.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// The place of its last record, as far as it was known when it came.
    pub last: u64,
    draft: u32,
    text: u32,
    node: u32,
    run: u32,
    serial: u32,
}

/// The draft of an event that nobody wants to see.
const NO_DRAFT: u32 = u32::MAX;

/// The run of an event without one of the kernel's serials.
const NO_RUN: u32 = u32::MAX;

impl Waiting {
    /// The place of an event in the queue, whose draft is kept there.
    #[inline]
    pub fn of(event: &Draft, draft: Option<u32>) -> Waiting {
        Waiting {
            last: event.last,
            draft: draft.unwrap_or(NO_DRAFT),
            text: u32::try_from(event.text).unwrap_or(u32::MAX),
            node: event.node,
            run: if event.seen.has(Seen::KERNEL) { event.run } else { NO_RUN },
            serial: event.stamp.serial,
        }
    }

    /// Its draft, if that is still kept.
    #[inline]
    pub fn draft(&self) -> Option<u32> {
        (self.draft != NO_DRAFT).then_some(self.draft)
    }

    /// How many bytes its records had, as far as they were known when it came.
    #[inline]
    pub fn text(&self) -> usize {
        self.text as usize
    }

    fn is_of_run(&self, other: &Waiting) -> bool {
        self.node == other.node && self.run == other.run
    }

    fn is_behind(&self, other: &Waiting) -> bool {
        self.serial.wrapping_sub(other.serial) <= 1 << 31
    }
}

impl Queue {
    /// How many there are.
    #[inline]
    pub fn length(&self) -> usize {
        self.events.len()
    }

    /// The one that leaves next.
    #[inline]
    pub fn first(&self) -> Option<&Waiting> {
        self.events.front()
    }

    /// Lets the first one leave.
    #[inline]
    pub fn leave(&mut self) {
        self.events.pop_front();
    }

    /// The drafts that are still kept.
    pub fn drafts(&self) -> impl Iterator<Item = u32> {
        self.events.iter().filter_map(Waiting::draft)
    }

    /// Adds an event, behind all others or, if it is older than some, where its serial belongs.
    #[inline]
    pub fn add(&mut self, event: Waiting, is_older: bool) {
        if is_older {
            let place = self.place_of(&event);
            self.events.insert(place, event);
        } else {
            self.events.push_back(event);
        }
    }

    /// Takes out the event with this draft, to be added anew.
    #[cold]
    pub fn take(&mut self, draft: u32) {
        if let Some(at) = self.events.iter().position(|event| event.draft == draft) {
            self.events.remove(at);
        }
    }

    /// The place before the first event of the same run with a higher serial.
    #[cold]
    fn place_of(&self, event: &Waiting) -> usize {
        // In a log that runs backwards every event belongs before all others. The runs of a host
        // stand one behind the other, each in order: there is no use in looking at the rest.
        if self.events.front().is_some_and(|first| first.is_of_run(event) && first.is_behind(event))
        {
            return 0;
        }
        let mut place = self.events.len();
        for (at, other) in self.events.iter().enumerate().rev() {
            if other.node != event.node || other.run == NO_RUN {
                continue;
            }
            if other.run != event.run || !other.is_behind(event) {
                break;
            }
            place = at;
        }
        place
    }
}

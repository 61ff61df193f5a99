//! What is known of one key.

use crate::engine::{Number, Tally};

/// How many hashes are kept of what a key was seen with: fewer are counted exactly.
const OTHERS: usize = 256;

/// A stretch of time, by its number since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Slot(pub(super) u64);

/// What is kept of a key.
#[derive(Clone, Default, Debug)]
pub(super) struct Spread {
    count: u64,
    first: u64,
    last: u64,
    others: Tally,
    /// How often it was seen in which stretches of time, in their order.
    slots: Vec<(Slot, u64)>,
}

impl Spread {
    /// Notes that it was seen so many times; 1 if no other time was in that slot.
    pub(super) fn note(&mut self, millis: u64, slot: Slot, other: u64, times: u64) -> usize {
        self.first = if self.count == 0 { millis } else { self.first.min(millis) };
        self.last = self.last.max(millis);
        self.count = self.count.saturating_add(times);
        self.others.note(other, OTHERS);
        // Logs are mostly in order: the last slot is the one.
        let at = match self.slots.last() {
            Some((last, _)) if *last == slot => Ok(self.slots.len() - 1),
            Some((last, _)) if *last < slot => Err(self.slots.len()),
            _ => self.slots.binary_search_by_key(&slot, |(slot, _)| *slot),
        };
        match at {
            Ok(at) => {
                self.slots[at].1 = self.slots[at].1.saturating_add(times);
                0
            }
            Err(at) => {
                self.slots.insert(at, (slot, times));
                1
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn slots(&self) -> impl ExactSizeIterator<Item = (Slot, u64)> + '_ {
        self.slots.iter().copied()
    }

    /// Keeps times so many times less fine; how many slots there are now.
    pub(super) fn coarsen(&mut self, times: u64) -> usize {
        self.slots.iter_mut().for_each(|(slot, _)| slot.0 /= times.max(1));
        self.slots.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 = kept.1.saturating_add(if is_same { next.1 } else { 0 });
            is_same
        });
        self.slots.len()
    }

    pub(super) fn row<'c>(&'c self, key: &'c [u8], width: u64) -> Row<'c> {
        Row {
            key,
            count: self.count,
            first: self.first,
            last: self.last,
            others: self.others.number(OTHERS),
            slots: &self.slots,
            width,
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row<'c> {
    /// What was seen.
    pub key: &'c [u8],
    /// How often.
    pub count: u64,
    /// When first, in milliseconds since 1970.
    pub first: u64,
    /// When last.
    pub last: u64,
    /// With how many different other things.
    pub others: Number,
    slots: &'c [(Slot, u64)],
    width: u64,
}

impl Row<'_> {
    /// When it was seen, and how often then: the beginnings of stretches of time, in their order.
    pub fn slots(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.slots.iter().map(|(slot, count)| (slot.0.saturating_mul(self.width), *count))
    }
}

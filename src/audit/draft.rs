//! An event in the making: the records of one id, as far as they have been seen.
//!
//! Most events have nothing to do with the network, and of those only the id and a few flags are
//! kept. Of the others the records that matter are copied as they stand; what they say is read when
//! somebody asks.

use super::details::Details;
use super::seen::Seen;
use super::stamp::Stamp;
use super::syscalls::Call;

/// An event in the making.
#[derive(Debug)]
pub struct Draft {
    /// Its id.
    pub stamp: Stamp,
    /// Its node: a number in the names of its piece, or of the whole reading.
    pub node: u32,
    /// The place of its first record among all records.
    pub first: u64,
    /// The place of its last record so far.
    pub last: u64,
    /// What has been seen.
    pub seen: Seen,
    /// Which run of the kernel's serials it belongs to; each boot begins a new one.
    pub run: u32,
    /// How many records there were.
    pub records: u32,
    /// How many of them came a second time.
    pub duplicates: u32,
    /// The `item=` numbers of PATH records seen, for duplicates.
    paths: u32,
    /// Hashes of other records seen, for duplicates.
    others: [u32; 4],
    /// About how much memory the records that matter cost, when that was last noted.
    pub size: usize,
    /// The records that matter, if any do.
    pub details: Option<Box<Details>>,
}

impl Draft {
    /// A draft of which a first record is about to be seen.
    pub fn new(stamp: Stamp, node: u32, place: u64) -> Draft {
        Draft {
            stamp,
            node,
            first: place,
            last: place,
            seen: Seen::default(),
            run: 0,
            records: 0,
            duplicates: 0,
            paths: 0,
            others: [0; 4],
            size: 0,
            details: None,
        }
    }

    /// Notes a PATH record by its item number; false if it was there before.
    #[inline]
    pub fn note_path(&mut self, body: &[u8]) -> bool {
        let digits = body.strip_prefix(b"item=").unwrap_or(b"");
        let item = digits.iter().map_while(|b| b.is_ascii_digit().then(|| u32::from(b - b'0')));
        let item = item.take(4).reduce(|number, digit| number * 10 + digit);
        let Some(bit) = item.and_then(|item| 1u32.checked_shl(item)) else { return true };
        let is_new = self.paths & bit == 0;
        self.paths |= bit;
        is_new
    }

    /// Notes any other record by its text; false if it was there before, as far as is known: the
    /// first four are remembered.
    pub fn note_other(&mut self, hash: u32) -> bool {
        let hash = hash | 1;
        if self.others.contains(&hash) {
            return false;
        }
        if let Some(place) = self.others.iter_mut().find(|place| **place == 0) {
            *place = hash;
        }
        true
    }

    /// Adds what a later piece of the input has seen of the same event.
    ///
    /// What the earlier piece has settled stands: a second SYSCALL record is a duplicate, whatever
    /// the later piece took it for.
    pub fn join(&mut self, later: Draft) {
        self.last = later.last;
        self.records += later.records;
        self.duplicates += later.duplicates;
        for flag in Seen::ONCE {
            self.duplicates += u32::from(self.seen.has(flag) && later.seen.has(flag));
        }
        self.duplicates += (self.paths & later.paths).count_ones();
        self.paths |= later.paths;
        for hash in later.others.into_iter().filter(|hash| *hash != 0) {
            self.duplicates += u32::from(!self.note_other(hash));
        }
        let has_call = self.seen.has(Seen::SYSCALL);
        let is_settled = has_call || self.seen.has(Seen::URINGOP);
        let becomes_dull = later.seen.has(Seen::DULL) && !is_settled;
        if !self.seen.has(Seen::DULL) {
            match (&mut self.details, later.details) {
                (Some(mine), Some(theirs)) => mine.join(*theirs, is_settled),
                (mine @ None, theirs) => *mine = theirs,
                _ => {}
            }
        }
        let was_dull = self.seen.has(Seen::DULL);
        self.seen.add(later.seen);
        self.seen.set(Seen::DULL, was_dull || becomes_dull);
        self.settle();
    }

    /// Drops what was kept only because an earlier piece might have known better.
    pub fn settle(&mut self) {
        let is_socket = self.details.as_ref().is_some_and(|details| details.call == Call::Socket);
        if self.seen.has(Seen::DULL) && !is_socket {
            self.details = None;
        }
    }

    /// Notes how much memory its records cost.
    pub fn note_size(&mut self) {
        self.size = self.details.as_ref().map_or(0, |details| details.size());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_once_and_another_item_is_another_path() {
        let mut draft = Draft::new(Stamp { millis: 1, serial: 1 }, 0, 0);
        assert!(draft.note_path(b"item=0 name=\"/a\""));
        assert!(draft.note_path(b"item=1 name=\"/a\""));
        assert!(!draft.note_path(b"item=0 name=\"/a\""));
        assert!(draft.note_path(b"item=40 name=\"/a\""));
        assert!(draft.note_path(b"name=\"/a\""));
    }
}

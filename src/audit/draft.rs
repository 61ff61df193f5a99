//! An event in the making: the records of one id, as far as they have been seen.
//!
//! Most events have nothing to do with the network, and of those only the id and a few flags are
//! kept. Of the others the records that matter are copied as they stand; what they say is read when
//! somebody asks.

use super::details::Details;
use super::prints::Prints;
use super::seen::Seen;
use super::stamp::Stamp;
use super::syscalls::Call;

/// An event in the making.
#[derive(Debug)]
pub struct Draft {
    /// Its id.
    pub stamp: Stamp,
    /// The place of its first record among all records.
    pub first: u64,
    /// The place of its last record so far.
    pub last: u64,
    /// Its node: a number in the names of its piece, or of the whole reading.
    pub node: u32,
    /// Which run of the kernel's serials it belongs to; each boot begins a new one.
    pub run: u32,
    /// How many of the runs before it ended in a boot for certain.
    pub boot: u32,
    /// How many records there were.
    pub records: u32,
    /// How many of them came again, of kinds of which an event may have several.
    pub duplicates: u32,
    /// How many of them came again, or unlike the first, of kinds of which an event has one.
    pub repeats: u32,
    /// The `item=` numbers of PATH records seen, for duplicates.
    paths: u32,
    /// How many bytes its records had, whatever was kept of them.
    pub text: usize,
    /// What has been seen.
    pub seen: Seen,
    /// What the records said.
    pub prints: Prints,
    /// The records that matter, if any do.
    pub details: Option<Box<Details>>,
}

impl Draft {
    /// A draft of which a first record is about to be seen.
    pub fn new(stamp: Stamp, node: u32, place: u64) -> Draft {
        Draft {
            stamp,
            first: place,
            last: place,
            node,
            run: 0,
            boot: 0,
            records: 0,
            duplicates: 0,
            repeats: 0,
            paths: 0,
            text: 0,
            seen: Seen::default(),
            prints: Prints::default(),
            details: None,
        }
    }

    /// The draft, of which a husk stays here.
    #[inline]
    pub fn take(&mut self) -> Draft {
        std::mem::replace(self, Draft::new(self.stamp, self.node, self.first))
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

    /// Adds what a later piece of the input has seen of the same event.
    ///
    /// What the earlier piece has settled stands: a second SYSCALL record changes nothing, whatever
    /// the later piece took it for.
    pub fn join(&mut self, later: Draft) {
        self.last = later.last;
        self.records += later.records;
        self.text += later.text;
        self.repeats += later.repeats;
        for flag in Seen::ONCE {
            self.repeats += u32::from(self.seen.has(flag) && later.seen.has(flag));
        }
        self.duplicates += later.duplicates + (self.paths & later.paths).count_ones();
        self.paths |= later.paths;
        self.duplicates += self.prints.join(later.prints);
        let is_settled = self.seen.has(Seen::SYSCALL) || self.seen.has(Seen::URINGOP);
        if !self.seen.has(Seen::DULL) {
            match (&mut self.details, later.details) {
                (Some(mine), Some(theirs)) => {
                    let has_room = mine.join(*theirs, is_settled);
                    self.seen.set(Seen::LEFT_OUT, self.seen.has(Seen::LEFT_OUT) || !has_room);
                }
                (mine @ None, theirs) => *mine = theirs,
                _ => {}
            }
        }
        let mut seen = self.seen;
        seen.add(later.seen);
        for flag in [Seen::DULL, Seen::ORDINARY] {
            seen.set(flag, self.seen.has(flag) || later.seen.has(flag) && !is_settled);
        }
        self.seen = seen;
        self.settle();
    }

    /// Whether all records are there that the rest is worth nothing without. Others may still come:
    /// a title, or a working directory.
    pub fn is_whole(&self) -> bool {
        let Some(details) = &self.details else { return true };
        let has_call = self.seen.has(Seen::SYSCALL) || self.seen.has(Seen::URINGOP);
        has_call
            && (self.seen.has(Seen::SOCKADDR) || !details.lacks_address())
            && (self.seen.has(Seen::EXECVE)
                || !matches!(details.call, Call::Execve | Call::Execveat))
    }

    /// Drops what was kept only because an earlier piece might have known better.
    pub fn settle(&mut self) {
        let is_socket = self.details.as_ref().is_some_and(|details| details.call == Call::Socket);
        if self.seen.has(Seen::DULL) && !is_socket {
            self.details = None;
        }
    }

    /// How many records contradict the first of their kind. Of an event that has nothing to do with
    /// the network, only a call that has counts: the other records were not looked at.
    pub fn unlike(&self) -> u32 {
        if self.seen.has(Seen::ORDINARY) {
            self.prints.unlike_calls()
        } else {
            self.prints.unlike()
        }
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

//! Which connections were told of, so that each is told of once, whatever is read again.
//!
//! After a restart the lines before the saved position are read again, for what they say about
//! others. Of their events those are told that had not been when the position was saved; of the
//! events that end behind it, those that had been are not told again.

use std::collections::{HashSet, VecDeque};

use crate::audit::gathering::GRACE;
use crate::input::follow::Purpose;

/// What is to be done with a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It was told of before.
    Known,
    /// It is learnt, and not told of.
    Learnt,
    /// It is told of now.
    Told,
}

/// Which connections were told of.
#[derive(Debug)]
pub struct Told {
    /// Records before these places were read before, or are only learnt from.
    known_until: u64,
    learnt_until: u64,
    /// The events that had been told of, and those that had been read and not told of.
    before: HashSet<u64>,
    untold: HashSet<u64>,
    /// Those that may still come again, with the place of their last record.
    recent: VecDeque<(u64, u64)>,
}

impl Told {
    /// What an earlier run had told of, and what it had read and not told of.
    pub fn after(told: Vec<u64>, untold: Vec<u64>) -> Told {
        Told {
            known_until: u64::MAX,
            learnt_until: u64::MAX,
            before: told.into_iter().collect(),
            untold: untold.into_iter().collect(),
            recent: VecDeque::new(),
        }
    }

    /// The records from this place on are read for this.
    pub fn begins(&mut self, purpose: Purpose, place: u64) {
        if purpose != Purpose::Known {
            self.known_until = self.known_until.min(place);
        }
        if purpose == Purpose::Fresh {
            self.learnt_until = self.learnt_until.min(place);
        }
    }

    /// Whether an event whose last record is at this place so far was not told of, and may be.
    pub fn is_untold(&self, id: u64, place: u64) -> bool {
        if place < self.known_until {
            self.untold.contains(&id)
        } else {
            place >= self.learnt_until && !self.before.contains(&id)
        }
    }

    /// What is to be done with a connection whose last record is at this place.
    pub fn fate(&mut self, id: u64, place: u64) -> Fate {
        let is_learnt = (self.known_until..self.learnt_until).contains(&place);
        let is_untold = self.is_untold(id, place);
        self.untold.remove(&id);
        self.recent.push_back((place, id));
        match (is_learnt, is_untold) {
            (true, _) => Fate::Learnt,
            (false, true) => Fate::Told,
            (false, false) => Fate::Known,
        }
    }

    /// The events that were told of and may come again, when there are so many records.
    pub fn told(&mut self, records: u64) -> Vec<u64> {
        self.forget(records);
        let recent = self.recent.iter().map(|(_, id)| *id);
        let mut told: Vec<u64> = self.before.iter().copied().chain(recent).collect();
        told.sort_unstable();
        told.dedup();
        told
    }

    /// Forgets the events that cannot come again, when there are so many records.
    pub fn forget(&mut self, records: u64) {
        while self.recent.front().is_some_and(|(place, _)| place + GRACE < records) {
            self.recent.pop_front();
        }
        // By then all that an earlier run had told of have come again, or never will.
        if records > self.known_until.saturating_add(GRACE) {
            self.before.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_and_not_told_of_is_told_and_the_rest_is_not() {
        let mut told = Told::after(vec![1], vec![2]);
        assert_eq!((told.fate(1, 10), told.fate(2, 11)), (Fate::Known, Fate::Told));
        told.begins(Purpose::Fresh, 12);
        assert_eq!((told.fate(1, 12), told.fate(3, 13)), (Fate::Known, Fate::Told));
    }

    #[test]
    fn what_was_there_before_the_first_run_is_learnt() {
        let mut told = Told::after(vec![], vec![]);
        told.begins(Purpose::Learnt, 0);
        assert_eq!(told.fate(1, 5), Fate::Learnt);
        told.begins(Purpose::Fresh, 10);
        assert_eq!((told.fate(2, 9), told.fate(3, 10)), (Fate::Learnt, Fate::Told));
    }
}

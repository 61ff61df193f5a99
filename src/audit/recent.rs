//! Which events came lately, so that one that comes again is noticed.
//!
//! A table with one place for each of the last 2¹⁸ serials, whoever's they are: an event is
//! remembered until one of another host or another round of serials takes its place. It never
//! takes a new event for an old one, and may forget an old one.

use super::stamp::Stamp;

const PLACES: usize = 1 << 18;

/// The events that came lately.
#[derive(Debug, Default)]
pub struct Recent {
    table: Vec<Entry>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Entry {
    millis: u64,
    serial: u32,
    /// The host's number and one, so that an empty place is nobody's.
    host: u32,
}

impl Recent {
    /// Whether this event did not come lately; from now on it did.
    #[inline]
    pub fn is_new(&mut self, host: u32, stamp: Stamp) -> bool {
        let entry = Entry { millis: stamp.millis, serial: stamp.serial, host: host + 1 };
        let place = (stamp.serial as usize).wrapping_add(host as usize * 40_503) % PLACES;
        if place >= self.table.len() {
            // Small logs have small serials' neighbourhoods; the table grows to what is used.
            self.table.resize((place + 1).next_power_of_two().min(PLACES), Entry::default());
        }
        std::mem::replace(&mut self.table[place], entry) != entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_is_new_once_and_its_neighbours_are_new() {
        let mut recent = Recent::default();
        let stamp = Stamp { millis: 5, serial: 7 };
        assert!(recent.is_new(0, stamp));
        assert!(!recent.is_new(0, stamp));
        assert!(recent.is_new(1, stamp));
        assert!(recent.is_new(0, Stamp { millis: 6, serial: 7 }));
        assert!(recent.is_new(0, Stamp { millis: 5, serial: 8 }));
    }

    #[test]
    fn what_is_too_long_ago_is_forgotten_and_not_mistaken() {
        let mut recent = Recent::default();
        assert!(recent.is_new(0, Stamp { millis: 5, serial: 7 }));
        assert!(recent.is_new(0, Stamp { millis: 5, serial: 7 + PLACES as u32 }));
        assert!(recent.is_new(0, Stamp { millis: 5, serial: 7 }));
    }
}

//! The kernel's serials of one host: their order, their runs and their gaps.
//!
//! A serial is given to an event when its first record is made, so a missing one is an event that
//! was lost. Three things look like a loss and are none: events that come a little out of order,
//! the first serial after a boot, and the roll-over after 2³². So a gap is a hole first. Whoever
//! asks says how old a hole has to be to be told of: what falls into it later is no loss after all,
//! and in the end there are as many gaps whenever somebody asked.

use super::gathering::GRACE;
use super::stamp::Stamp;

/// A serial lower than the last one, this much later in time, is a new boot's. Nothing else makes
/// a serial fall while time goes on: events out of order are milliseconds apart, and a long call
/// has an old time and a new serial.
const REBOOT_MILLIS: u64 = 2_000;

/// How many holes are watched at once; older ones count as gaps.
const MOST_HOLES: usize = 64;

/// What is known of one host's serials.
#[derive(Clone, Default, Debug)]
pub struct Serials {
    started: bool,
    run: u32,
    boots: u32,
    highest: u32,
    latest: u64,
    holes: Vec<Hole>,
    /// How many gaps there were into which nothing falls any more.
    gaps: u64,
    /// How many serials were missing in them.
    lost: u64,
}

#[derive(Clone, Copy, Debug)]
struct Hole {
    first: u32,
    last: u32,
    place: u64,
}

impl Hole {
    fn length(self) -> u32 {
        self.last.wrapping_sub(self.first).wrapping_add(1)
    }
}

/// Where an event stands among those of its host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Behind all events so far.
    Newest,
    /// Before some that came earlier.
    Older,
}

impl Serials {
    /// Notes an event's stamp, at its place among all records, and says which run of serials it
    /// belongs to and where it stands there.
    #[inline]
    pub fn note(&mut self, stamp: Stamp, place: u64) -> (u32, Standing) {
        let step = stamp.serial.wrapping_sub(self.highest).cast_signed();
        if self.started && step == 1 {
            self.highest = stamp.serial;
            self.latest = self.latest.max(stamp.millis);
            return (self.run, Standing::Newest);
        }
        self.note_jump(stamp, place, step)
    }

    #[cold]
    fn note_jump(&mut self, stamp: Stamp, place: u64, step: i32) -> (u32, Standing) {
        let later = stamp.millis > self.latest + REBOOT_MILLIS;
        let mut standing = Standing::Newest;
        if !self.started {
            self.started = true;
        } else if step > 1 {
            let (first, last) = (self.highest.wrapping_add(1), stamp.serial.wrapping_sub(1));
            self.watch(Hole { first, last, place });
        } else if self.fill(stamp.serial) || !later && step >= -(GRACE as i32) {
            standing = Standing::Older;
        } else {
            self.run += 1;
            // Otherwise it is rather a log that is read again.
            self.boots += u32::from(later);
            self.settle();
            self.latest = 0;
        }
        if standing == Standing::Newest {
            self.highest = stamp.serial;
        }
        self.latest = self.latest.max(stamp.millis);
        (self.run, standing)
    }

    fn watch(&mut self, hole: Hole) {
        while self
            .holes
            .first()
            .is_some_and(|old| old.place + 2 * GRACE < hole.place || self.holes.len() >= MOST_HOLES)
        {
            let old = self.holes.remove(0);
            self.count(old);
        }
        self.holes.push(hole);
    }

    /// Takes a serial out of the hole that it fell into.
    fn fill(&mut self, serial: u32) -> bool {
        let Some(at) =
            self.holes.iter().position(|hole| serial.wrapping_sub(hole.first) < hole.length())
        else {
            return false;
        };
        let hole = self.holes.remove(at);
        if serial != hole.last {
            self.holes.insert(at, Hole { first: serial.wrapping_add(1), ..hole });
        }
        if serial != hole.first {
            self.holes.insert(at, Hole { last: serial.wrapping_sub(1), ..hole });
        }
        true
    }

    /// Counts all holes as gaps: nothing older will come.
    fn settle(&mut self) {
        for hole in std::mem::take(&mut self.holes) {
            self.count(hole);
        }
    }

    /// How many boots there were: runs that begin later than the one before them ended.
    pub fn boots(&self) -> u32 {
        self.boots
    }

    /// How many gaps there are, and how many serials are missing in them, where a hole counts that
    /// is from before a place.
    pub fn gaps_before(&self, place: u64) -> (u64, u64) {
        let old = self.holes.iter().filter(|hole| hole.place < place);
        old.fold((self.gaps, self.lost), |(gaps, lost), hole| {
            (gaps + 1, lost + u64::from(hole.length()))
        })
    }

    fn count(&mut self, hole: Hole) {
        self.gaps += 1;
        self.lost += u64::from(hole.length());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes `seconds#serial` one after the other and tells gaps, lost serials and runs.
    fn check(events: &str, expected: (u64, u64, u32)) {
        let mut serials = Serials::default();
        for (place, event) in events.split_whitespace().enumerate() {
            let (seconds, serial) = event.split_once('#').expect("seconds#serial");
            let millis = (seconds.parse::<f64>().expect("a time") * 1000.0) as u64;
            let serial = serial.parse().expect("a serial");
            serials.note(Stamp { millis, serial }, place as u64);
        }
        let (gaps, lost) = serials.gaps_before(u64::MAX);
        assert_eq!((gaps, lost, serials.run), expected, "{events}");
    }

    #[test]
    fn a_jump_is_a_gap_and_is_counted_once() {
        check("1#49 1#59 1#60", (1, 9, 0));
        check("1#49 1#50 1#51", (0, 0, 0));
        check("1#49 1#51 1#53", (2, 2, 0));
    }

    #[test]
    fn events_out_of_order_leave_no_gap() {
        check("1#1 1#3 1#2 1#4", (0, 0, 0));
        check("1#1 1#5 1#2 1#4 1#3 1#6", (0, 0, 0));
        check("1#1 1#5 1#3 1#6", (2, 2, 0));
    }

    #[test]
    fn serials_roll_over_without_a_gap() {
        check("1#4294967294 1#4294967295 1#0 1#1", (0, 0, 0));
        check("1#4294967294 1#0", (1, 1, 0));
    }

    #[test]
    fn a_boot_begins_a_new_run_without_a_gap() {
        check("100#5 108#6 139#5 140#6", (0, 0, 1));
        check("100#90000 90#3 91#4", (0, 0, 1));
    }

    #[test]
    fn a_log_read_again_begins_a_new_run_without_a_boot() {
        let boots = |events: [(u64, u32); 4]| {
            let mut serials = Serials::default();
            for (place, (millis, serial)) in events.into_iter().enumerate() {
                serials.note(Stamp { millis, serial }, place as u64);
            }
            (serials.run, serials.boots())
        };
        assert_eq!(boots([(1_000, 5), (2_000, 90_000), (4_001, 5), (4_002, 6)]), (1, 1));
        assert_eq!(boots([(1_000, 5), (2_000, 90_000), (1_000, 5), (4_001, 90_001)]), (1, 0));
    }

    #[test]
    fn a_long_call_is_neither_a_boot_nor_a_gap() {
        check("442#7000 300#7001 442.5#7002", (0, 0, 0));
        // The long call's event comes before that of a lower serial.
        check("100#10 100#12 149.9#11 150#13", (0, 0, 0));
    }

    #[test]
    fn an_event_seen_twice_is_no_boot() {
        check("100#5 100#6 100#5 100#7", (0, 0, 0));
    }
}

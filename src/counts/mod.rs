//! How often what was seen, and when: a table of counts that grows with what is different in a log,
//! and not without bound.
//!
//! Keys and times come in; rows go out, those seen most first, with how often, since when, until
//! when, with how many different other things, and how it was spread over time. What a key is, and
//! how a row will be shown, is not known here.
//!
//! ```
//! use oddsock::counts::Counts;
//!
//! let mut counts = Counts::new(1000);
//! for minute in 0..10 {
//!     counts.note(b"curl", minute * 60_000, b"192.0.2.7");
//! }
//! counts.note(b"nc", 240_000, b"192.0.2.8");
//! let top = counts.top(10);
//! assert_eq!((top[0].key, top[0].count), (&b"curl"[..], 10));
//! assert_eq!(counts.total(), 11);
//! ```

mod key;
mod range;
mod row;

use std::collections::HashMap;

pub use key::{key, values};
pub use range::{Columns, Range};
pub use row::Row;

use crate::engine::hash;
use row::{Slot, Spread};

/// How long a key may be that is kept; of a longer one its beginning and its hash are.
pub const LONGEST: usize = 512;

/// How many times are kept of all rows together.
const MOST_SLOTS: usize = 1 << 19;

/// How many of one row: those of an unsorted log are put between each other.
const MOST_OF_A_ROW: usize = 1 << 13;

/// How fine times are kept, in milliseconds: at first by the second, then each as coarse as the
/// next, and beyond the last by twice as much each time.
const FINENESS: [u64; 9] =
    [1000, 5000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000, 604_800_000];

/// Counts of keys.
///
/// Where there are more different keys than it may hold, those seen least leave, half of them or
/// more at once. How many that were is told, and what was left out of a row that came back is
/// bounded by [`Counts::missed`].
#[derive(Debug)]
pub struct Counts {
    rows: HashMap<Box<[u8]>, Spread>,
    most: usize,
    total: u64,
    /// How many milliseconds one slot takes.
    width: u64,
    slots: usize,
    dropped_rows: u64,
    dropped: u64,
    missed: u64,
}

impl Counts {
    /// Counts of so many different keys at most.
    pub fn new(most: usize) -> Counts {
        Counts {
            rows: HashMap::new(),
            most: most.max(2),
            total: 0,
            width: FINENESS[0],
            slots: 0,
            dropped_rows: 0,
            dropped: 0,
            missed: 0,
        }
    }

    /// Notes that a key was seen at a time, in milliseconds since 1970, together with something of
    /// which only the number is wanted.
    pub fn note(&mut self, key: &[u8], millis: u64, other: &[u8]) {
        self.note_often(key, millis, other, 1);
    }

    /// The same of what was seen so many times.
    pub fn note_often(&mut self, key: &[u8], millis: u64, other: &[u8], times: u64) {
        self.total = self.total.saturating_add(times);
        let cut;
        let key = if key.len() <= LONGEST {
            key
        } else {
            cut = shortened(key, LONGEST);
            &cut
        };
        let slot = millis / self.width;
        let spread = match self.rows.get_mut(key) {
            Some(spread) => spread,
            None => {
                if self.rows.len() >= self.most {
                    self.drop_least();
                }
                self.rows.entry(key.into()).or_default()
            }
        };
        self.slots += spread.note(millis, Slot(slot), hash::of(other), times);
        let mut longest = spread.slots().len();
        while self.slots > MOST_SLOTS || longest > MOST_OF_A_ROW {
            longest = self.coarsen();
        }
    }

    /// How often anything was seen.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many different keys there were; of those that left, each as often as it left.
    pub fn different(&self) -> u64 {
        self.rows.len() as u64 + self.dropped_rows
    }

    /// How many keys left, and how often they had been seen.
    pub fn dropped(&self) -> (u64, u64) {
        (self.dropped_rows, self.dropped)
    }

    /// A key that left may have been seen so many times more than its row says, if it came back.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The rows seen most, so many at most; of equal ones by key.
    pub fn top(&self, number: usize) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> =
            self.rows.iter().map(|(key, spread)| spread.row(key, self.width)).collect();
        rows.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(b.key)));
        rows.truncate(number);
        rows
    }

    /// When all of it was, without the few that lie far from all others.
    pub fn range(&self) -> Option<Range> {
        let mut all: HashMap<u64, u64> = HashMap::new();
        for slot in self.rows.values().flat_map(Spread::slots) {
            let known: &mut u64 = all.entry(slot.0.0).or_default();
            *known = known.saturating_add(slot.1);
        }
        let mut all: Vec<(u64, u64)> = all.into_iter().collect();
        all.sort_unstable();
        Range::of(&all, self.width)
    }

    /// Lets the half of the rows go that were seen least.
    fn drop_least(&mut self) {
        let mut counts: Vec<u64> = self.rows.values().map(Spread::count).collect();
        let middle = counts.len() / 2;
        let (_, limit, _) = counts.select_nth_unstable(middle.saturating_sub(1));
        let limit = *limit;
        let (rows, dropped) = (&mut self.dropped_rows, &mut self.dropped);
        rows_without(&mut self.rows, limit, |spread| {
            *rows += 1;
            *dropped = dropped.saturating_add(spread.count());
        });
        self.missed = self.missed.saturating_add(limit);
        self.slots = self.rows.values().map(|spread| spread.slots().len()).sum();
    }

    /// Keeps times less fine; how many of them the row has now that has most.
    fn coarsen(&mut self) -> usize {
        let coarser = FINENESS.into_iter().find(|width| *width > self.width);
        let coarser = coarser.unwrap_or(self.width.saturating_mul(2));
        let times = coarser / self.width;
        self.width = coarser;
        let (mut all, mut longest) = (0, 0);
        for slots in self.rows.values_mut().map(|spread| spread.coarsen(times)) {
            all += slots;
            longest = longest.max(slots);
        }
        self.slots = all;
        longest
    }
}

fn rows_without(rows: &mut HashMap<Box<[u8]>, Spread>, limit: u64, mut gone: impl FnMut(&Spread)) {
    rows.retain(|_, spread| {
        let stays = spread.count() > limit;
        if !stays {
            gone(spread);
        }
        stays
    });
}

/// The beginning of a key that is too long, and the hash that tells it from others.
fn shortened(key: &[u8], most: usize) -> Vec<u8> {
    let mut end = key.len().min(most.saturating_sub(32));
    while end > 0 && end < key.len() && key[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let mut cut = key[..end].to_vec();
    cut.extend_from_slice(format!("…#{:016x}", hash::of(key)).as_bytes());
    cut
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn seen(counts: &Counts) -> Vec<(String, u64)> {
        let name = |row: &Row<'_>| String::from_utf8_lossy(row.key).into_owned();
        counts.top(usize::MAX).iter().map(|row| (name(row), row.count)).collect()
    }

    #[test]
    fn the_most_frequent_come_first_and_equal_ones_by_name() {
        let mut counts = Counts::new(10);
        ["b", "c", "a", "c"].iter().for_each(|key| counts.note(key.as_bytes(), 0, b""));
        assert_eq!(seen(&counts), [("c".into(), 2), ("a".into(), 1), ("b".into(), 1)]);
    }

    #[test]
    fn what_is_seen_most_stays_where_there_is_no_room_and_the_rest_is_counted() {
        let mut counts = Counts::new(100);
        for number in 0..10_000_u32 {
            counts.note(b"often", 0, b"");
            counts.note(&number.to_le_bytes(), 0, b"");
        }
        assert_eq!(seen(&counts)[0].1, 10_000);
        let (rows, times) = counts.dropped();
        assert_eq!(counts.different(), 10_001);
        let kept: u64 = seen(&counts).iter().map(|(_, count)| count).sum();
        assert_eq!((rows, kept + times), (times, 20_000));
        assert!(counts.rows.len() <= 100 && counts.missed() > 0);
    }

    #[test]
    fn long_keys_are_cut_and_still_told_apart() {
        let mut counts = Counts::new(10);
        let long = "é".repeat(1 << 20);
        counts.note(long.as_bytes(), 0, b"");
        counts.note(format!("{long}x").as_bytes(), 0, b"");
        let rows = counts.top(9);
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.key.len() <= LONGEST));
        assert!(std::str::from_utf8(rows[0].key).is_ok());
    }

    #[test]
    fn times_take_bounded_memory_and_none_is_lost() {
        let mut counts = Counts::new(10);
        for minute in 0..20_000 {
            counts.note(b"x", minute * 60_000, b"");
        }
        assert!(counts.slots <= MOST_OF_A_ROW);
        let row = &counts.top(1)[0];
        assert_eq!(row.slots().map(|(_, count)| count).sum::<u64>(), row.count);
    }

    proptest! {
        #[test]
        fn rows_add_up_and_no_order_matters_while_there_is_room(
            keys in vec((0_u8..20, 0_u64..1 << 40), 0..200),
        ) {
            let (mut one, mut other) = (Counts::new(64), Counts::new(64));
            keys.iter().for_each(|(key, time)| one.note(&[*key], *time, &[*key]));
            keys.iter().rev().for_each(|(key, time)| other.note(&[*key], *time, &[*key]));
            prop_assert_eq!(one.top(100), other.top(100));
            prop_assert_eq!(one.top(100).iter().map(|row| row.count).sum::<u64>(), one.total());
            prop_assert_eq!(one.range(), other.range());
        }
    }
}

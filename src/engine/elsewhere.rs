//! What others have known for long: values that are new in one partition only.
//!
//! The fleet knows `rsync`, and this host's network activity never showed it. That is telling if
//! few others show it, and hardly if most do. What nobody knew before is the business of the
//! question over everything, and so is what has spread for less than a week: a new tool comes to
//! one host after the other, and one finding for it is enough.

use super::bucket::{Bucket, Span};
use super::roster::Roster;

/// For how long others must have known a value, in seconds.
const KNOWN_FOR: u32 = 7 * 86_400;

/// How probable it is that a partition shows for the first time what all the others show.
const SHARED: f64 = 0.02;

/// As many partitions without the value are imagined: two hosts are no fleet.
const IMAGINED: f64 = 4.0;

/// Which partitions have shown which values.
#[derive(Debug)]
pub struct Elsewhere {
    known_for: u32,
    /// The number of each subject's value.
    value_of: Vec<u32>,
    values: Vec<Shown>,
    is_known: Vec<bool>,
    partitions: u32,
}

#[derive(Clone, Copy, Default, Debug)]
struct Shown {
    first: Option<Bucket>,
    partitions: u32,
}

impl Elsewhere {
    /// Nothing has been shown yet.
    pub fn new(roster: &Roster<'_>, span: Span) -> Elsewhere {
        let mut ranks: Vec<usize> = (0..roster.len()).collect();
        ranks.sort_by_key(|rank| &roster.subject(*rank).value);
        let mut value_of = vec![0; roster.len()];
        let mut values = 0;
        for pair in 0..ranks.len() {
            let is_next = pair > 0
                && roster.subject(ranks[pair]).value != roster.subject(ranks[pair - 1]).value;
            values += u32::from(is_next);
            value_of[ranks[pair]] = values;
        }
        Elsewhere {
            known_for: span.buckets_in(KNOWN_FOR),
            value_of,
            values: vec![Shown::default(); values as usize + 1],
            is_known: vec![false; roster.partitions()],
            partitions: 0,
        }
    }

    /// How many other partitions have shown a value, and how many others there are, if it has been
    /// known for long.
    pub fn others(&self, roster: &Roster<'_>, rank: usize, now: Bucket) -> Option<(u32, u32)> {
        let shown = self.values[self.value_of[rank] as usize];
        let is_old = now.after(shown.first?) >= self.known_for;
        let own = u32::from(self.is_known[roster.partition(rank)]);
        is_old.then_some((shown.partitions, self.partitions - own))
    }

    /// Learns what was shown in a bucket.
    pub fn learn(&mut self, roster: &Roster<'_>, bucket: Bucket, ranks: &[usize]) {
        for rank in ranks {
            let partition = roster.partition(*rank);
            self.partitions += u32::from(!self.is_known[partition]);
            self.is_known[partition] = true;
            let is_first = roster.track(*rank).buckets.first() == Some(bucket);
            let shown = &mut self.values[self.value_of[*rank] as usize];
            shown.first.get_or_insert(bucket);
            shown.partitions += u32::from(is_first);
        }
    }
}

/// A probability within a partition, less telling the more of the others show the value.
pub fn weigh(probability: f64, (showing, others): (u32, u32)) -> f64 {
    let share = f64::from(showing) / (f64::from(others) + IMAGINED);
    (probability + SHARED * share * share).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_few_others_show_stays_improbable_and_what_most_show_does_not() {
        assert!(weigh(0.001, (1, 1)) < 0.002);
        assert!(weigh(0.001, (1, 9)) < 0.0012);
        assert!(weigh(0.001, (8, 9)) > 0.005);
    }
}

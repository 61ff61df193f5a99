//! What is known of one value, by the buckets it is known of.
//!
//! Most values were in few buckets, and there may be a hundred thousand of them: so the details lie
//! side by side in the order of their buckets. A tree would keep room for eleven with each value.
//! Logs tell of buckets more or less in their order, so what is added goes to the end.

use std::ops::Range;

use super::bucket::Bucket;
use super::detail::Detail;

/// Details in the order of their buckets.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Details(Vec<(Bucket, Detail)>);

impl Details {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known of a bucket.
    pub fn get(&self, bucket: Bucket) -> Option<&Detail> {
        self.place(bucket).ok().map(|at| &self.0[at].1)
    }

    /// What is known of a bucket, to add to it.
    pub fn get_mut(&mut self, bucket: Bucket) -> Option<&mut Detail> {
        self.place(bucket).ok().map(|at| &mut self.0[at].1)
    }

    /// What is known of a bucket, to add to it; nothing yet if none of it was.
    pub fn at(&mut self, bucket: Bucket) -> &mut Detail {
        let at = self.place(bucket).unwrap_or_else(|at| {
            if self.is_empty() {
                self.0.reserve_exact(1);
            }
            self.0.insert(at, (bucket, Detail::default()));
            at
        });
        &mut self.0[at].1
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Bucket, &Detail)> + ExactSizeIterator {
        self.0.iter().map(|(bucket, detail)| (*bucket, detail))
    }

    /// The buckets.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        self.0.iter().map(|(bucket, _)| *bucket)
    }

    /// All of them, to change what is known.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Detail> {
        self.0.iter_mut().map(|(_, detail)| detail)
    }

    /// Those of some buckets.
    pub fn between(&self, buckets: Range<Bucket>) -> impl Iterator<Item = (Bucket, &Detail)> {
        let place = |bucket| self.0.partition_point(|(known, _)| *known < bucket);
        let from = place(buckets.start);
        let to = place(buckets.end).max(from);
        self.0[from..to].iter().map(|(bucket, detail)| (*bucket, detail))
    }

    /// Drops those for which a condition does not hold.
    pub fn retain(&mut self, mut stays: impl FnMut(Bucket, &mut Detail) -> bool) {
        self.0.retain_mut(|(bucket, detail)| stays(*bucket, detail));
        self.give_back();
    }

    /// Drops what is known of a bucket.
    pub fn remove(&mut self, bucket: Bucket) {
        if let Ok(at) = self.place(bucket) {
            self.0.remove(at);
            self.give_back();
        }
    }

    /// About how much memory they take.
    pub(super) fn weight(&self) -> usize {
        self.room() + self.0.iter().map(|(_, detail)| detail.weight()).sum::<usize>()
    }

    /// What the list itself takes, beside what is in its details: as much as one that grew by one
    /// at a time, so that it depends on what is known alone.
    pub(super) fn room(&self) -> usize {
        let places = match self.0.len() {
            few @ (0 | 1) => few,
            many => many.next_power_of_two().max(4),
        };
        places * size_of::<(Bucket, Detail)>()
    }

    fn place(&self, bucket: Bucket) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if *last < bucket => Err(self.0.len()),
            _ => self.0.binary_search_by_key(&bucket, |(known, _)| *known),
        }
    }

    fn give_back(&mut self) {
        if self.0.len() <= self.0.capacity() / 2 {
            self.0.shrink_to_fit();
        }
    }
}

impl IntoIterator for Details {
    type Item = (Bucket, Detail);
    type IntoIter = std::vec::IntoIter<(Bucket, Detail)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

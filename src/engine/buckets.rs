//! A set of buckets, small whether they are few or many.
//!
//! A value that was seen once needs one entry, and a value seen every quarter of an hour for 400
//! days needs 600: sixty-four buckets share one. Sets are joined by `or`, so joining is
//! commutative, associative and idempotent by construction.

use super::bucket::Bucket;

/// A set of buckets.
///
/// ```
/// use oddsock::engine::{Bucket, Buckets};
///
/// let mut seen = Buckets::default();
/// assert!(seen.insert(Bucket(7)) && !seen.insert(Bucket(7)));
/// let other = Buckets::from_iter([Bucket(900), Bucket(7)]);
/// seen.absorb(&other);
/// assert_eq!(seen.iter().collect::<Vec<_>>(), [Bucket(7), Bucket(900)]);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Buckets {
    chunks: Vec<Chunk>,
}

/// Sixty-four buckets, from `64 * number` on; never without one that is in the set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Chunk {
    /// Which sixty-four.
    pub number: u32,
    /// A bit for each, the lowest for the first.
    pub mask: u64,
}

impl Chunk {
    /// The buckets of it that are in the set, in their order.
    pub fn buckets(self) -> impl Iterator<Item = Bucket> {
        let mut left = self.mask;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(Bucket(self.number * 64 + bit))
        })
    }

    fn of(bucket: Bucket) -> Chunk {
        Chunk { number: bucket.0 / 64, mask: 1 << (bucket.0 % 64) }
    }
}

impl Buckets {
    /// Adds a bucket; true if it was not there.
    pub fn insert(&mut self, bucket: Bucket) -> bool {
        self.insert_chunk(Chunk::of(bucket))
    }

    /// Adds the buckets of a chunk; true if one of them was not there.
    pub fn insert_chunk(&mut self, chunk: Chunk) -> bool {
        if chunk.mask == 0 {
            return false;
        }
        // Logs are mostly in order: the last chunk is the one.
        let at = match self.chunks.last() {
            Some(last) if last.number < chunk.number => Err(self.chunks.len()),
            Some(last) if last.number == chunk.number => Ok(self.chunks.len() - 1),
            _ => self.chunks.binary_search_by_key(&chunk.number, |known| known.number),
        };
        match at {
            Ok(at) => {
                let before = self.chunks[at].mask;
                self.chunks[at].mask |= chunk.mask;
                self.chunks[at].mask != before
            }
            Err(at) => {
                // Most values are seen once or twice.
                if self.chunks.len() < 4 {
                    self.chunks.reserve_exact(1);
                }
                self.chunks.insert(at, chunk);
                true
            }
        }
    }

    /// Adds all of another set.
    pub fn absorb(&mut self, other: &Buckets) {
        for chunk in &other.chunks {
            self.insert_chunk(*chunk);
        }
    }

    /// Whether a bucket is in it.
    pub fn contains(&self, bucket: Bucket) -> bool {
        let wanted = Chunk::of(bucket);
        let at = self.chunks.binary_search_by_key(&wanted.number, |chunk| chunk.number);
        at.is_ok_and(|at| self.chunks[at].mask & wanted.mask != 0)
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.chunks.iter().map(|chunk| chunk.mask.count_ones()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// How many there are from one bucket on and before another.
    pub fn count(&self, from: Bucket, before: Bucket) -> u32 {
        let first = self.chunks.partition_point(|chunk| chunk.number < from.0 / 64);
        self.chunks[first..]
            .iter()
            .take_while(|chunk| chunk.number <= before.0 / 64)
            .map(|chunk| {
                let mut mask = chunk.mask;
                if chunk.number == from.0 / 64 {
                    mask &= u64::MAX << (from.0 % 64);
                }
                if chunk.number == before.0 / 64 {
                    mask &= !(u64::MAX << (before.0 % 64));
                }
                mask.count_ones()
            })
            .sum()
    }

    /// The first.
    pub fn first(&self) -> Option<Bucket> {
        let chunk = self.chunks.first()?;
        Some(Bucket(chunk.number * 64 + chunk.mask.trailing_zeros()))
    }

    /// The last.
    pub fn last(&self) -> Option<Bucket> {
        let chunk = self.chunks.last()?;
        Some(Bucket(chunk.number * 64 + 63 - chunk.mask.leading_zeros()))
    }

    /// The last before another.
    pub fn last_before(&self, bucket: Bucket) -> Option<Bucket> {
        let limit = Chunk::of(bucket);
        let end = self.chunks.partition_point(|chunk| chunk.number <= limit.number);
        self.chunks[..end].iter().rev().find_map(|chunk| {
            let is_same = chunk.number == limit.number;
            let mask = if is_same { chunk.mask & (limit.mask - 1) } else { chunk.mask };
            (mask != 0).then(|| Bucket(chunk.number * 64 + 63 - mask.leading_zeros()))
        })
    }

    /// Drops those before a bucket; how many they were.
    pub fn forget_before(&mut self, bucket: Bucket) -> u32 {
        let before = self.len();
        let limit = Chunk::of(bucket);
        self.chunks.retain_mut(|chunk| {
            if chunk.number == limit.number {
                chunk.mask &= !(limit.mask - 1);
            }
            chunk.number >= limit.number && chunk.mask != 0
        });
        before - self.len()
    }

    /// All, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Bucket> {
        self.chunks.iter().flat_map(|chunk| chunk.buckets())
    }

    /// The chunks, in their order: what is kept on disk.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// How many bytes it takes beside itself.
    pub fn weight(&self) -> usize {
        self.chunks.capacity() * size_of::<Chunk>()
    }
}

impl FromIterator<Bucket> for Buckets {
    fn from_iter<I: IntoIterator<Item = Bucket>>(buckets: I) -> Buckets {
        let mut set = Buckets::default();
        for bucket in buckets {
            set.insert(bucket);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn set(numbers: &[u32]) -> Buckets {
        numbers.iter().copied().map(Bucket).collect()
    }

    proptest! {
        #[test]
        fn it_is_a_set(numbers in vec(0_u32..400, 0..60), from in 0_u32..400, to in 0_u32..400) {
            let plain: BTreeSet<u32> = numbers.iter().copied().collect();
            let ours = set(&numbers);
            prop_assert!(ours.iter().map(|b| b.0).eq(plain.iter().copied()));
            prop_assert_eq!(ours.len() as usize, plain.len());
            prop_assert_eq!(ours.first().map(|b| b.0), plain.first().copied());
            prop_assert_eq!(ours.last().map(|b| b.0), plain.last().copied());
            let within = plain.iter().filter(|n| (from..to).contains(n)).count();
            prop_assert_eq!(ours.count(Bucket(from), Bucket(to)) as usize, within);
            let before = plain.range(..to).next_back().copied();
            prop_assert_eq!(ours.last_before(Bucket(to)).map(|b| b.0), before);
            prop_assert_eq!(ours.contains(Bucket(to)), plain.contains(&to));
            let mut later = ours.clone();
            let gone = later.forget_before(Bucket(to));
            prop_assert_eq!(gone as usize, plain.range(..to).count());
            prop_assert!(later.iter().map(|b| b.0).eq(plain.range(to..).copied()));
        }

        #[test]
        fn joining_is_union(a in vec(0_u32..400, 0..60), b in vec(0_u32..400, 0..60)) {
            let (mut ab, mut ba) = (set(&a), set(&b));
            ab.absorb(&set(&b));
            ba.absorb(&set(&a));
            prop_assert_eq!(&ab, &ba);
            ab.absorb(&set(&b));
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(ab, set(&[a, b].concat()));
        }
    }
}

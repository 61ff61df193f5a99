//! How many different events there were, however often each of them was told of.
//!
//! A number that is added to cannot forget that a log was read twice. A set of event ids can be
//! joined with itself, but it grows. So the smallest of the ids' hashes are kept, up to a bound:
//! below it the number is exact, and above it is estimated from how densely they lie. Which hashes
//! are the smallest depends on no order, so joining stays commutative, associative and idempotent.

/// A number of different things.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Number {
    /// How many.
    pub number: u64,
    /// Whether that is no estimate.
    pub is_exact: bool,
}

/// The smallest hashes of a set of things.
///
/// ```
/// use oddsock::engine::Tally;
///
/// let mut tally = Tally::default();
/// for id in [7, 9, 7] {
///     tally.note(id, 100);
/// }
/// assert_eq!(tally.number(100).number, 2);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Tally {
    smallest: Vec<u64>,
}

impl Tally {
    /// Notes the hash of a thing, keeping so many at most; how much larger it is now.
    pub fn note(&mut self, hash: u64, most: usize) -> usize {
        let before = self.weight();
        if self.smallest.len() >= most && self.smallest.last().is_none_or(|last| *last <= hash) {
            return 0;
        }
        if let Err(at) = self.smallest.binary_search(&hash) {
            if self.smallest.is_empty() {
                // Most things come once, and a vector would make room for four.
                self.smallest.reserve_exact(1);
            }
            self.smallest.insert(at, hash);
            self.smallest.truncate(most);
        }
        self.weight() - before
    }

    /// Adds what another has noted.
    pub fn absorb(&mut self, other: &Tally, most: usize) {
        if self.smallest.is_empty() {
            self.smallest.clone_from(&other.smallest);
        } else if self.smallest != other.smallest {
            let both = self.smallest.iter().chain(&other.smallest);
            let mut both: Vec<u64> = both.copied().collect();
            both.sort_unstable();
            both.dedup();
            self.smallest = both;
        }
        self.limit(most);
    }

    /// Keeps so many at most.
    pub fn limit(&mut self, most: usize) {
        if self.smallest.len() > most {
            self.smallest.truncate(most);
            self.smallest.shrink_to_fit();
        }
    }

    /// How many things there were, if so many are kept at most.
    pub fn number(&self, most: usize) -> Number {
        let kept = self.smallest.len() as u64;
        match self.smallest.last() {
            Some(last) if self.smallest.len() >= most => {
                // The largest of the k smallest of n evenly spread numbers lies at k/n of the way.
                let whole = u128::from(u64::MAX) * u128::from(kept.saturating_sub(1));
                let number = (whole / u128::from((*last).max(1))) as u64;
                Number { number: number.max(kept), is_exact: false }
            }
            _ => Number { number: kept, is_exact: true },
        }
    }

    /// The hashes, smallest first: what is kept on disk.
    pub fn hashes(&self) -> &[u64] {
        &self.smallest
    }

    /// How many bytes it takes beside itself.
    pub fn weight(&self) -> usize {
        self.smallest.capacity() * size_of::<u64>()
    }
}

impl FromIterator<u64> for Tally {
    fn from_iter<I: IntoIterator<Item = u64>>(hashes: I) -> Tally {
        let mut smallest: Vec<u64> = hashes.into_iter().collect();
        smallest.sort_unstable();
        smallest.dedup();
        Tally { smallest }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::hash;
    use super::*;

    fn tally(ids: &[u32], most: usize) -> Tally {
        let mut tally = Tally::default();
        for id in ids {
            tally.note(hash::of(&id.to_le_bytes()), most);
        }
        tally
    }

    #[test]
    fn a_large_number_is_estimated_within_a_tenth() {
        let ids: Vec<u32> = (0..100_000).collect();
        let number = tally(&ids, 1024).number(1024);
        assert!(!number.is_exact && (90_000..110_000).contains(&number.number), "{number:?}");
        assert_eq!(tally(&ids[..1023], 1024).number(1024), Number { number: 1023, is_exact: true });
    }

    proptest! {
        #[test]
        fn joining_is_union(a in vec(0_u32..90, 0..60), b in vec(0_u32..90, 0..60)) {
            let most = 16;
            let (mut ab, mut ba) = (tally(&a, most), tally(&b, most));
            ab.absorb(&tally(&b, most), most);
            ba.absorb(&tally(&a, most), most);
            prop_assert_eq!(&ab, &ba);
            ab.absorb(&ba, most);
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(ab, tally(&[a, b].concat(), most));
        }
    }
}

//! In how many buckets a rare value would have to be to be ordinary.
//!
//! The masses of all values come in, with that of the one in question among them; a number of
//! buckets goes out. Nothing is estimated: the value is given more and more buckets, spread evenly
//! over all there were, and the model is asked again each time whether it would still be told of.
//! What was frequent long ago may be rare in more buckets than that: old ones weigh less.

use libm::expm1;

use super::masses::Masses;
use super::{rarity, score};

/// A rare value among the others of its partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rare {
    pub mass: f64,
    /// How many buckets there were.
    pub age: u32,
    /// How fast masses shrink in a bucket.
    pub decay: f64,
    /// What turns masses into buckets.
    pub scale: f64,
}

impl Rare {
    /// The smallest number of buckets with which a probability is not told of, if there is one.
    pub(super) fn until(self, masses: &mut Masses, is_told: impl Fn(f64) -> bool) -> Option<u32> {
        masses.remove(self.mass);
        // A bucket's mass, the mean of all there were: each weighs more than the one before.
        let each = expm1(self.decay * f64::from(self.age))
            / (expm1(self.decay) * f64::from(self.age.max(1)));
        let mut is_rare = |buckets: u32| {
            let mass = f64::from(buckets) * each;
            masses.insert(mass);
            let is_common = mass >= score::ORDINARY * masses.total();
            let is_rare = !is_common && is_told(rarity::probability(mass, masses, self.scale));
            masses.remove(mass);
            is_rare
        };
        // In none it would be as rare as can be.
        let (mut low, mut high) = (0, self.age);
        let is_ever = high > low && !is_rare(high);
        while is_ever && high - low > 1 {
            let middle = low + (high - low) / 2;
            if is_rare(middle) { low = middle } else { high = middle }
        }
        masses.insert(self.mass);
        is_ever.then_some(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordinary(common: &[f64], age: u32) -> Option<u32> {
        let mut masses = Masses::default();
        common.iter().chain(&[1.0]).for_each(|mass| masses.insert(*mass));
        let before = masses.clone();
        let rare = Rare { mass: 1.0, age, decay: 1e-9, scale: 1.0 };
        let found = rare.until(&mut masses, |p| score::of_probability(p) >= 50.0);
        assert_eq!(masses.total(), before.total());
        found
    }

    #[test]
    fn what_was_frequent_long_ago_is_asked_for_by_what_it_would_weigh_evenly_spread() {
        // The last of 1,000 buckets weighs a thousand times the first; it was in the first hundred.
        let (age, decay) = (1000, 0.006_907_8);
        let weight = |bucket: i32| libm::exp(decay * f64::from(bucket - 1));
        let scale = libm::exp(-decay * f64::from(age));
        let often: f64 = (1..=100).map(weight).sum();
        let always: f64 = (1..=age).map(weight).sum();
        let mut masses = Masses::default();
        [always, always, often].iter().for_each(|mass| masses.insert(*mass));
        let rare = Rare { mass: often, age: 1000, decay, scale };
        let number = rare.until(&mut masses, |p| score::of_probability(p) >= 50.0);
        let score = |buckets: u32| {
            let mut masses = Masses::default();
            let mass = f64::from(buckets) * always / 1000.0;
            [always, always, mass].iter().for_each(|mass| masses.insert(*mass));
            score::of_probability(rarity::probability(mass, &masses, scale))
        };
        let number = number.expect("a number");
        assert!(number < 100, "{number}");
        assert!(score(number) < 50.0 && score(number - 1) >= 50.0, "{number}");
    }

    #[test]
    fn the_number_is_the_first_with_which_the_value_is_not_told_of() {
        let common = [1000.0; 5];
        let number = ordinary(&common, 1000).expect("a number");
        let score = |buckets: u32| {
            let mut masses = Masses::default();
            let mass = f64::from(buckets);
            common.iter().chain(&[mass]).for_each(|mass| masses.insert(*mass));
            score::of_probability(rarity::probability(mass, &masses, 1.0))
        };
        assert!(score(number) < 50.0 && score(number - 1) >= 50.0, "{number}");
    }

    #[test]
    fn what_is_rare_in_every_bucket_has_no_such_number() {
        assert_eq!(ordinary(&[1e9; 5], 10), None);
    }
}

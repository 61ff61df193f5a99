//! From a probability to a score between 0 and 100.
//!
//! Three laws, of which the lowest counts: how improbable the value is, how unusual so much rarity
//! is where this question is asked, and how much rarer the value itself was a moment ago. What is
//! off its rhythm, or back, has no habit; see `comeback`.

use std::collections::BTreeMap;

use libm::{log, sqrt};

use super::beta::Beta;

/// Above this probability a value scores nothing.
pub const ORDINARY: f64 = 0.05;

/// Above this one it scores nothing and sets no record.
pub const WORTH_TELLING: f64 = 0.035;

/// The score of a probability alone: 10.4 at 3.5 %, 50 at 0.26 %, 100 at 0.01 %.
///
/// ```
/// use oddsock::engine::score::of_probability;
///
/// assert_eq!(of_probability(0.05), 0.0);
/// assert!((of_probability(0.001) - 64.8).abs() < 0.05);
/// assert!(of_probability(0.0001) > 99.9);
/// ```
pub fn of_probability(probability: f64) -> f64 {
    if probability >= WORTH_TELLING {
        return 0.0;
    }
    (5.0 + 95.0 * log(ORDINARY / probability.max(1e-300)) / log(500.0)).clamp(0.0, 100.0)
}

/// How strange a probability is, on a scale without bounds that rarities are compared on.
pub fn strangeness(probability: f64) -> f64 {
    let p = probability.max(1e-300);
    if p > WORTH_TELLING {
        return 0.0;
    }
    if p >= 1e-4 {
        return (1.0 / p - 1.0 / ORDINARY) / (1e4 - 1.0 / ORDINARY);
    }
    1.0 + 49.0 * log(1e-4 / p) / (46.0 * log(10.0))
}

/// All strangenesses a question has met: what it is used to.
///
/// The stranger of every two that follow each other is one sample, so the order in which they are
/// met matters, if little. Values are met in the order in which they were first seen.
#[derive(Clone, Default, Debug)]
pub struct Habit {
    /// How many samples there were of each, in thousandths; a few hundred different ones.
    samples: BTreeMap<u32, u64>,
    number: u64,
    /// The first of two.
    waiting: Option<u32>,
}

/// What a percentile among the samples is worth.
const WORTH: [(f64, f64); 9] = [
    (0.0, 0.0),
    (70.0, 1.0),
    (85.0, 1.2),
    (90.0, 1.5),
    (95.0, 3.0),
    (97.0, 20.0),
    (99.0, 50.0),
    (99.9, 90.0),
    (100.0, 100.0),
];

impl Habit {
    /// Meets a strangeness.
    pub fn meet(&mut self, strangeness: f64) {
        let met = thousandths(strangeness);
        match self.waiting.take() {
            None => self.waiting = Some(met),
            Some(other) => {
                *self.samples.entry(met.max(other)).or_default() += 1;
                self.number += 1;
            }
        }
    }

    /// The most that a strangeness can score here: little, where as much is met every day.
    pub fn ceiling(&self, strangeness: f64) -> f64 {
        if self.number == 0 {
            return 100.0;
        }
        let own = thousandths(strangeness);
        let below: u64 = self.samples.range(..own).map(|(_, n)| n).sum();
        let equal = self.samples.get(&own).copied().unwrap_or(0);
        let number = self.number as f64;
        let share = (below as f64 + 0.5 * equal as f64) / number;
        let sure = interval(share, number);
        0.5 * (worth(100.0 * sure.0) + worth(100.0 * sure.1))
    }
}

fn thousandths(strangeness: f64) -> u32 {
    (1000.0 * strangeness + 0.5) as u32
}

/// Where a share of so many samples lies with 70 % certainty.
fn interval(share: f64, samples: f64) -> (f64, f64) {
    let (a, b) = (samples * share + 1.0 / 3.0, samples * (1.0 - share) + 1.0 / 3.0);
    if a.min(b) > 200.0 {
        let spread = 1.036_433 * sqrt(a * b / (a + b + 1.0)) / (a + b);
        let mean = a / (a + b);
        return (mean - spread, mean + spread);
    }
    let share = Beta::new(a, b);
    (share.quantile(0.15), share.quantile(0.85))
}

fn worth(percentile: f64) -> f64 {
    let above = WORTH.partition_point(|(knot, _)| *knot < percentile).clamp(1, WORTH.len() - 1);
    let ((x0, y0), (x1, y1)) = (WORTH[above - 1], WORTH[above]);
    y0 + (y1 - y0) * ((percentile - x0) / (x1 - x0)).clamp(0.0, 1.0)
}

/// The most that a strangeness can score after the value itself was stranger: half of a hundred and
/// half of the ratio.
pub fn own_ceiling(strangeness: f64, strangest: f64) -> f64 {
    if strangest <= 0.0 {
        return 100.0;
    }
    let ratio = strangeness / strangest;
    100.0 * (1.5 * ratio).min(0.5 + 0.5 * ratio).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_worth_what_the_table_says() {
        for (percentile, score) in [(0.0, 0.0), (97.0, 20.0), (98.0, 35.0), (100.0, 100.0)] {
            assert!((worth(percentile) - score).abs() < 1e-9, "{percentile}");
        }
    }

    #[test]
    fn what_is_met_every_day_scores_little() {
        let mut habit = Habit::default();
        (0..1000).for_each(|n| habit.meet(if n % 10 == 0 { 0.05 } else { 0.0 }));
        assert!(habit.ceiling(0.05) < 3.0);
        assert!(habit.ceiling(0.5) > 80.0);
    }

    #[test]
    fn half_as_strange_as_before_scores_three_quarters() {
        assert_eq!(own_ceiling(0.5, 1.0), 75.0);
        assert_eq!(own_ceiling(1.0, 1.0), 100.0);
        assert_eq!(own_ceiling(0.2, 1.0), 30.000000000000004);
    }
}

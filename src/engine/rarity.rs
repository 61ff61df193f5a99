//! How improbable a value is: the share of everything that is no more common than it.
//!
//! Each value's mass is the number of buckets it was in, the older the lighter. Its share is that
//! mass of the sum of all. What counts is not the share itself but the sum of all shares up to it:
//! where everything is rare, nothing is. And a share that rests on few buckets is uncertain: it may
//! as well be three times as large. So the sum is taken at several shares, spread as the beta
//! distribution says, and averaged.

use libm::log;

use super::beta::Beta;
use super::masses::Masses;

/// Shares are raised by this before they are compared, so that near ties are ties.
const NEAR: f64 = 1.05;

/// In how many slices of equal probability the uncertainty of a share is cut, and up to which sum
/// of all masses. The original goes from one to the next at once, and the same event then scores a
/// half, a third or a quarter from one bucket to the next. Ours fades ([`FADE`]) from one to the
/// next, and agrees with it on both sides.
const SLICES: [(usize, f64); 4] = [(7, 100.0), (5, 1_000.0), (3, 10_000.0), (1, f64::INFINITY)];

/// How far before and behind a limit it begins and ends to act, as a factor.
const FADE: f64 = 1.25;

/// A probability above which nobody asks for the exact one. One slice of seven lies at or above the
/// share, so the mean of all is above what still scores.
const COMMON: f64 = 0.35;

/// The probability of a value with this mass among all masses, its own being one of them. `scale`
/// turns masses into buckets, after ageing.
pub fn probability(mass: f64, masses: &Masses, scale: f64) -> f64 {
    let total = masses.total();
    let at_most = share_up_to(mass, masses, total);
    if at_most >= COMMON || total <= mass {
        return at_most;
    }
    let sum = total * scale;
    let at = SLICES.iter().position(|(_, limit)| sum < limit * FADE).unwrap_or(SLICES.len() - 1);
    let (number, limit) = SLICES[at];
    let mean = |number| mean(mass, masses, total, scale, number);
    let faded = 0.5 + 0.5 * log(sum / limit) / log(FADE);
    if faded <= 0.0 || limit.is_infinite() {
        return mean(number);
    }
    let next = SLICES[at + 1].0;
    (1.0 - faded) * mean(number) + faded * mean(next)
}

/// The mean of the shares up to each slice of the distribution that a mass has.
fn mean(mass: f64, masses: &Masses, total: f64, scale: f64, slices: usize) -> f64 {
    let up_to = |share: f64| share_up_to(NEAR * share * total, masses, total);
    if slices == 1 {
        return up_to(mass / total);
    }
    let (number, mass, sum) = (slices as f64, mass * scale, total * scale);
    let share = Beta::new(mass, sum - mass);
    let higher = Beta::new(mass + 1.0, sum - mass);
    let mut below = 0.0;
    let shares = (1..=slices).map(|slice| {
        let is_last = slice == slices;
        let end = if is_last { 1.0 } else { higher.below(share.quantile(slice as f64 / number)) };
        let mean = number * mass / sum * (end - below);
        below = end;
        up_to(mean)
    });
    shares.sum::<f64>() / number
}

/// The share of all masses up to this one, between two neighbours in proportion.
fn share_up_to(mass: f64, masses: &Masses, total: f64) -> f64 {
    let standing = masses.at(mass);
    let sum = match standing.upper {
        Some((upper, sum)) => {
            let part = (mass - standing.lower) / (upper - standing.lower);
            standing.sum + part * (sum - standing.sum)
        }
        None => total,
    };
    (sum / total).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masses(all: &[f64]) -> Masses {
        let mut masses = Masses::default();
        all.iter().for_each(|mass| masses.insert(*mass));
        masses
    }

    #[test]
    fn one_among_five_steady_ones_is_as_improbable_as_the_original_says() {
        let all = masses(&[1.0, 850.0, 850.0, 850.0, 850.0, 850.0]);
        let p = probability(1.0, &all, 1.0);
        assert!((p / 0.000_624 - 1.0).abs() < 0.03, "{p}");
    }

    #[test]
    fn one_among_many_like_it_is_not() {
        let all = masses(&[1.0; 100]);
        assert!(probability(1.0, &all, 1.0) > 0.9);
    }

    #[test]
    fn no_probability_jumps_where_the_total_passes_a_limit() {
        let mut last: Option<f64> = None;
        for buckets in 10..4_000 {
            let all = masses(&[[1.0].as_slice(), &[f64::from(buckets); 5]].concat());
            let p = probability(1.0, &all, 1.0);
            if let Some(last) = last {
                assert!(p <= last * 1.000_1 && p > 0.9 * last, "{buckets}: {last} then {p}");
            }
            last = Some(p);
        }
    }
}

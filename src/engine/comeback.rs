//! Values that come when nobody expects them: back after a long silence, or off their rhythm.

use libm::log;

use super::bucket::Span;

/// A silence shorter than this is a holiday.
const LONG: u32 = 21 * 86_400;

/// The least probability of a comeback: a service that was off for a month is no break-in by that.
const LEAST: f64 = 0.001;

/// How a value was away before it came.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Silence {
    /// How many buckets with other values it missed.
    pub missed: u32,
    /// How many at most it had missed in a row before.
    pub longest: u32,
    /// How many buckets it was away, whether or not there were other values.
    pub away: u32,
    /// In how many buckets it had been seen.
    pub seen: u32,
}

impl Silence {
    /// How improbable so long a silence is, if it is long at all.
    ///
    /// Of `n + 1` silences the last is the longest with a probability of `1 / (n + 1)`, and longer
    /// than the longest of the others by some factor with that divided by the factor. Only buckets
    /// that show something else count: a host that was off has not been silent.
    pub fn probability(self, span: Span) -> Option<f64> {
        let long = span.buckets_in(LONG);
        let longest = self.longest.max(1);
        if self.away < long || self.missed <= longest || self.missed < long / 8 {
            return None;
        }
        let factor = f64::from(self.missed) / f64::from(longest);
        Some((1.0 / (factor * (f64::from(self.seen) + 1.0))).max(LEAST))
    }
}

/// The probability of a value that is rare by `rarity` and came off a rhythm it had kept so many
/// times: both at once, as Fisher combines them, if that is less.
pub fn off_cadence(rarity: f64, kept: u32) -> f64 {
    let both = rarity / (f64::from(kept) + 2.0);
    (both * (1.0 - log(both.max(1e-300)))).min(rarity)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u32 = 96;

    #[track_caller]
    fn check(missed: u32, longest: u32, seen: u32, is_telling: bool) {
        let silence = Silence { missed, longest, away: missed, seen };
        let found = silence.probability(Span::minutes(15)).is_some_and(|p| p < 0.0026);
        assert_eq!(found, is_telling, "{silence:?}");
    }

    #[test]
    fn what_was_seen_daily_and_then_not_for_a_month_comes_back() {
        check(30 * DAY, 2 * DAY, 60, true);
        check(30 * DAY, 1, 2000, true);
    }

    #[test]
    fn what_comes_every_few_weeks_or_was_away_on_holiday_does_not() {
        check(30 * DAY, 28 * DAY, 60, false);
        check(20 * DAY, 1, 2000, false);
        check(40 * DAY, 10 * DAY, 4, false);
    }

    #[test]
    fn a_host_that_was_off_was_not_silent() {
        let silence = Silence { missed: 10, longest: 1, away: 90 * DAY, seen: 2000 };
        assert_eq!(silence.probability(Span::minutes(15)), None);
    }
}

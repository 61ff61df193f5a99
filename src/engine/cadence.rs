//! Whether a value comes back at its time: daily, weekly, monthly, quarterly.
//!
//! The buckets a value was in come in; the rhythm they keep goes out, with the comings that show
//! it. Buckets that follow each other closely are one coming: a backup may run for an hour. Time of
//! day is that of UTC, so a local clock that is put forward or back moves a job by an hour; that is
//! still its time.

use super::bucket::{Bucket, Span};
use super::buckets::Buckets;

/// How far apart the comings are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Period {
    /// Every day, or every working day.
    Daily,
    /// Every seven days.
    Weekly,
    /// Every calendar month, or every four or five weeks.
    Monthly,
    /// Every three months.
    Quarterly,
}

/// How often a value has to come at its time before it is expected to.
pub const KEPT_BEFORE_EXPECTED: u32 = 5;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// How many comings are looked at: enough to show a rhythm, and a bounded look back.
const LOOKED_AT: usize = 40;

impl Period {
    /// All there are, the shortest first.
    pub const ALL: [Period; 4] =
        [Period::Daily, Period::Weekly, Period::Monthly, Period::Quarterly];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Period::Daily => "daily",
            Period::Weekly => "weekly",
            Period::Monthly => "monthly",
            Period::Quarterly => "quarterly",
        }
    }

    /// Buckets further apart than this belong to different comings.
    fn pause(self) -> i64 {
        match self {
            Period::Daily => 6 * HOUR,
            Period::Weekly => 42 * HOUR,
            Period::Monthly => 7 * DAY,
            Period::Quarterly => 21 * DAY,
        }
    }

    /// Whether one coming follows another as the rhythm wants it. Both are seconds since 1970.
    fn fits(self, earlier: i64, later: i64) -> bool {
        let apart = later - earlier;
        match self {
            Period::Daily => is_multiple(apart, DAY, HOUR + HOUR / 4).is_some_and(|days| {
                let mut between = (1..days).map(|day| earlier + day * DAY);
                days == 1 || (days <= 4 && between.all(is_weekend))
            }),
            Period::Weekly => is_multiple(apart, 7 * DAY, 2 * HOUR) == Some(1),
            Period::Monthly => (27 * DAY + DAY / 2..=35 * DAY + DAY / 2).contains(&apart),
            Period::Quarterly => (88 * DAY..=94 * DAY).contains(&apart),
        }
    }

    /// Whether a value that comes then comes at its time, though it may have missed some.
    fn is_due(self, last: i64, now: i64) -> bool {
        let is_whole = match self {
            Period::Daily => is_multiple(now - last, DAY, HOUR + HOUR / 4).is_some(),
            Period::Weekly => is_multiple(now - last, 7 * DAY, 2 * HOUR).is_some(),
            Period::Monthly | Period::Quarterly => false,
        };
        self.fits(last, now) || (is_whole && !self.is_over(last, now))
    }

    /// Whether a value that comes then has stayed away for too long to have kept the rhythm.
    ///
    /// Nobody expects a job that stopped months ago, and whoever takes its name and its time shall
    /// not pass for it. Days and weeks that were missed are fewer than make a comeback.
    fn is_over(self, last: i64, now: i64) -> bool {
        let longest = match self {
            Period::Daily => 4 * DAY + HOUR + HOUR / 4,
            Period::Weekly => 14 * DAY + 2 * HOUR,
            Period::Monthly => 2 * (35 * DAY + DAY / 2),
            Period::Quarterly => 2 * (94 * DAY),
        };
        now - last > longest
    }
}

/// How many times the period lies between, if about a whole number of times.
fn is_multiple(apart: i64, period: i64, tolerance: i64) -> Option<i64> {
    let times = (apart + period / 2) / period;
    (times >= 1 && (apart - times * period).abs() <= tolerance).then_some(times)
}

/// Saturday or Sunday: 1970 began on a Thursday.
fn is_weekend(seconds: i64) -> bool {
    matches!((seconds.div_euclid(DAY) + 4) % 7, 0 | 6)
}

/// A rhythm that was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cadence {
    /// How far apart the comings are.
    pub period: Period,
    /// How many comings in a row kept it.
    pub kept: u32,
    /// The last of them, the oldest first: the evidence.
    pub comings: Vec<Bucket>,
    /// Whether the bucket that was asked about is one of its times.
    pub is_due: bool,
    /// Whether it had ended long before that bucket.
    pub is_over: bool,
}

impl Cadence {
    /// The rhythm that a value kept before it came in a bucket, and whether it came at its time.
    pub fn before(buckets: &Buckets, span: Span, bucket: Bucket) -> Option<Cadence> {
        Period::ALL.into_iter().find_map(|period| {
            let mut comings = comings(period, buckets, span, bucket);
            let now = comings.pop()?;
            let last = *comings.last()?;
            let cadence = kept(period, &comings, span)?;
            let (last, now) = (seconds(span, last), seconds(span, now));
            let (is_due, is_over) = (period.is_due(last, now), period.is_over(last, now));
            Some(Cadence { is_due, is_over, ..cadence })
        })
    }

    /// The rhythm that all the comings of a value keep.
    pub fn of(buckets: &Buckets, span: Span) -> Option<Cadence> {
        let last = buckets.last()?;
        Period::ALL
            .into_iter()
            .find_map(|period| kept(period, &comings(period, buckets, span, last), span))
    }
}

/// How the last comings keep a rhythm, if long enough.
fn kept(period: Period, comings: &[Bucket], span: Span) -> Option<Cadence> {
    let fits = |pair: &[Bucket]| period.fits(seconds(span, pair[0]), seconds(span, pair[1]));
    let intervals = comings.windows(2).rev().take_while(|pair| fits(pair)).count();
    let number = intervals + 1;
    let kept = u32::try_from(number).unwrap_or(u32::MAX);
    let comings = comings[comings.len().saturating_sub(number)..].to_vec();
    let is_kept = kept >= KEPT_BEFORE_EXPECTED;
    is_kept.then_some(Cadence { period, kept, comings, is_due: true, is_over: false })
}

/// When the last comings began, up to and with that of a bucket; the oldest first.
fn comings(period: Period, buckets: &Buckets, span: Span, until: Bucket) -> Vec<Bucket> {
    let pause = span.buckets_in(u32::try_from(period.pause()).unwrap_or(u32::MAX));
    let mut starts = Vec::new();
    let mut start = until;
    while starts.len() < LOOKED_AT {
        match buckets.last_before(start) {
            Some(earlier) if start.after(earlier) <= pause => start = earlier,
            Some(earlier) => {
                starts.push(start);
                start = earlier;
            }
            None => {
                starts.push(start);
                break;
            }
        }
        // What never pauses has no comings.
        if starts.is_empty() && until.after(start) > 4 * pause {
            return starts;
        }
    }
    starts.reverse();
    starts
}

fn seconds(span: Span, bucket: Bucket) -> i64 {
    (span.start(bucket) / 1000).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: Span = Span::minutes(15);
    const DAYS: u32 = 96;

    /// What is said of a value that comes in the last of these buckets.
    #[track_caller]
    fn check(comings: &[u32], expected: Option<(Period, u32, bool)>) {
        let buckets: Buckets = comings.iter().copied().map(Bucket).collect();
        let last = Bucket(*comings.last().expect("one"));
        let found = Cadence::before(&buckets, QUARTER, last);
        let found = found.map(|cadence| (cadence.period, cadence.kept, cadence.is_due));
        assert_eq!(found, expected, "{comings:?}");
    }

    fn every(days: u32, times: u32) -> Vec<u32> {
        (0..times).map(|time| 2_000_000 + time * days * DAYS).collect()
    }

    #[test]
    fn five_comings_make_a_rhythm_and_the_sixth_is_expected() {
        check(&every(1, 6), Some((Period::Daily, 5, true)));
        check(&every(7, 6), Some((Period::Weekly, 5, true)));
        check(&every(31, 7), Some((Period::Monthly, 6, true)));
        check(&every(91, 8), Some((Period::Quarterly, 7, true)));
        check(&every(1, 5), None);
        check(&every(3, 9), None);
    }

    #[test]
    fn what_comes_at_another_time_is_off_its_cadence() {
        let mut comings = every(1, 9);
        comings.push(comings[8] + DAYS / 2);
        check(&comings, Some((Period::Daily, 9, false)));
        comings[9] = comings[8] + DAYS + 4;
        check(&comings, Some((Period::Daily, 9, true)));
        comings[9] = comings[8] + DAYS + 6;
        check(&comings, Some((Period::Daily, 9, false)));
    }

    #[test]
    fn a_day_that_was_missed_does_not_put_the_next_off_its_time() {
        let mut comings = every(1, 9);
        comings.push(comings[8] + 3 * DAYS);
        check(&comings, Some((Period::Daily, 9, true)));
    }

    #[test]
    fn a_rhythm_that_stopped_makes_nothing_expected() {
        for (days, missed, is_due) in
            [(1, 3, true), (1, 4, false), (1, 199, false), (7, 1, true), (7, 2, false)]
        {
            let mut comings = every(days, 9);
            comings.push(comings[8] + (missed + 1) * days * DAYS);
            let period = if days == 1 { Period::Daily } else { Period::Weekly };
            check(&comings, Some((period, 9, is_due)));
        }
    }

    #[test]
    fn working_days_are_a_rhythm() {
        // 20,838 days after 1970 it was a Monday.
        let monday = (0..).map(|day| 20_838 + day).find(|day| (day + 4) % 7 == 1).expect("one");
        let days = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14];
        let comings: Vec<u32> = days.iter().map(|day| (monday + day) * DAYS + 8).collect();
        check(&comings, Some((Period::Daily, 10, true)));
        let shifted: Vec<u32> = comings.iter().map(|bucket| bucket + 3 * DAYS).collect();
        check(&shifted, Some((Period::Daily, 5, true)));
    }

    #[test]
    fn a_job_that_runs_for_an_hour_comes_once() {
        let comings: Vec<u32> =
            every(1, 8).iter().flat_map(|day| (0..4).map(move |q| day + q)).collect();
        check(&comings, Some((Period::Daily, 7, true)));
    }

    #[test]
    fn what_is_always_there_has_no_rhythm() {
        let always: Vec<u32> = (2_000_000..2_003_000).collect();
        check(&always, None);
    }
}

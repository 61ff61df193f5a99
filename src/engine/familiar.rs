//! Rare values that nobody needs to be told of again: those that keep coming without a rhythm, and
//! those that were told of lately.
//!
//! A tool that somebody takes up once or twice a week stays rare for months, and its alert says the
//! same each time. After it has come on a host on five days it is familiar there, like a job that
//! has kept its rhythm five times ([`super::cadence`]), until it was away for longer than before.
//! What has a rhythm is judged by that. And what comes again while its alert is remembered, in no
//! other [`Company`] than since then, says nothing that the alert did not say; another host, user
//! or whatever else is asked for makes it worth another.
//!
//! Neither changes a score. Where it is not known any more who showed the value, it is told of.
//! Five days are counted for each host by itself: a name that wanders from host to host is at home
//! on none.

use super::bucket::{Bucket, Span};
use super::cadence::KEPT_BEFORE_EXPECTED;
use super::company::Company;
use super::track::Track;

const DAY: u32 = 86_400;

/// Whether a value has come on enough days on every host on which it comes now.
pub fn is_familiar(track: &Track, span: Span, bucket: Bucket) -> bool {
    let day = |bucket: Bucket| bucket.0 / span.buckets_in(DAY);
    all_of(track, bucket, |name| {
        let (mut days, mut longest, mut last) = (0, 0, None);
        for earlier in showing(track, name, Bucket(0), bucket) {
            days += u32::from(last.is_none_or(|last| day(last) != day(earlier)));
            longest = longest.max(last.map_or(0, |last| earlier.after(last)));
            last = Some(earlier);
        }
        let silence = last.map_or(u32::MAX, |last| bucket.after(last));
        days >= KEPT_BEFORE_EXPECTED && silence <= longest
    })
}

/// Whether a value that was told of in a bucket comes in another as it has come since, by
/// influencers of these names.
pub fn came_since(track: &Track, fields: &[String], told: Bucket, bucket: Bucket) -> bool {
    Company::whole(track, fields, bucket)
        .is_some_and(|company| company.is_within(&Company::between(track, fields, told, bucket)))
}

/// Whether something holds for all hosts that show the value in a bucket, if they are known.
fn all_of(track: &Track, bucket: Bucket, is_so: impl Fn(&[u8]) -> bool) -> bool {
    track.details.get(bucket).is_some_and(|detail| {
        let names = detail.origins.names();
        names.len() as u64 == detail.origins.number().number && names.into_iter().all(is_so)
    })
}

/// The buckets before another in which a host is known to have shown the value.
fn showing<'t>(
    track: &'t Track,
    host: &'t [u8],
    from: Bucket,
    before: Bucket,
) -> impl Iterator<Item = Bucket> + 't {
    let details = track.details.between(from..before);
    let showing = details.filter(move |(_, detail)| detail.origins.names().contains(&host));
    showing.map(|(bucket, _)| bucket)
}

#[cfg(test)]
mod tests {
    use super::super::detail::{Detail, Retention};
    use super::super::observation::Observation;
    use super::*;

    const QUARTER: Span = Span::minutes(15);
    const DAYS: u32 = 96;

    /// A value that was on hosts in buckets.
    fn track(seen: &[(u32, &str)]) -> Track {
        let mut track = Track::default();
        for (bucket, host) in seen {
            let bucket = Bucket(*bucket);
            track.buckets.insert(bucket);
            let seen = Observation {
                time: QUARTER.start(bucket),
                id: 1,
                origin: host.as_bytes(),
                partition: None,
                value: b"psql",
                influences: &[],
                evidence: &|| [].into(),
            };
            let detail: &mut Detail = track.details.at(bucket);
            detail.note(&seen, Retention::STEPS[0]);
        }
        track
    }

    #[track_caller]
    fn check(days: &[u32], host: &str, expected: bool) {
        let mut seen: Vec<_> = days.iter().map(|day| (day * DAYS + 7 * day, "dev")).collect();
        let last = seen.last_mut().expect("one");
        last.1 = host;
        let bucket = Bucket(last.0);
        assert_eq!(is_familiar(&track(&seen), QUARTER, bucket), expected, "{days:?} {host}");
    }

    #[test]
    fn what_came_on_five_days_is_familiar_where_it_came_and_not_elsewhere() {
        check(&[1, 2, 6, 7, 11, 12], "dev", true);
        check(&[1, 2, 6, 7, 11, 12], "db", false);
        check(&[1, 2, 6, 7, 12], "dev", false);
    }

    #[test]
    fn what_goes_from_host_to_host_is_familiar_on_none() {
        let hosts = ["web", "db", "dev", "web", "db", "dev", "web"];
        let seen: Vec<_> = (0_u32..).zip(hosts).map(|(day, host)| (day * DAYS, host)).collect();
        assert!(!is_familiar(&track(&seen), QUARTER, Bucket(6 * DAYS)));
    }

    #[test]
    fn what_comes_after_a_longer_silence_than_ever_is_told_of() {
        check(&[1, 2, 6, 7, 11, 17], "dev", false);
    }

    #[test]
    fn five_times_on_a_day_are_not_five_days() {
        let track =
            track(&[(0, "dev"), (1, "dev"), (5, "dev"), (9, "dev"), (20, "dev"), (22, "dev")]);
        assert!(!is_familiar(&track, QUARTER, Bucket(22)));
    }

    #[test]
    fn what_comes_again_with_the_same_hosts_came_since_it_was_told_of() {
        let track = track(&[(10, "web"), (13, "web"), (14, "web"), (15, "db")]);
        let came = |told: u32, now: u32| came_since(&track, &[], Bucket(told), Bucket(now));
        assert!(came(10, 13) && came(13, 14));
        assert!(!came(14, 15));
    }
}

//! The time of a document, in the ways in which Elasticsearch takes one.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::time::LAST;

/// Reads a time: RFC 3339 in any zone, or in none, which is UTC to Elasticsearch; or milliseconds
/// since 1970. `None` too where it is before 1970.
pub(super) fn millis(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let millis = if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) {
        whole.parse().ok()?
    } else {
        u64::try_from(timestamp(text)?.as_millisecond()).ok()?
    };
    (millis <= LAST).then_some(millis)
}

fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        local.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(millis(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn a_time_is_the_same_in_every_zone_and_with_any_fraction() {
        let expected = Some(1_723_819_442_001);
        check("2024-08-16T14:44:02.001Z", expected);
        check("2024-08-16T16:44:02.001+02:00", expected);
        check("2024-08-16T16:44:02.001+0200", expected);
        check("2024-08-16T09:14:02.0019999-05:30", expected);
        check("2024-08-16 14:44:02.001Z", expected);
        check("2024-08-16T14:44:02Z", Some(1_723_819_442_000));
    }

    #[test]
    fn a_time_in_no_zone_is_utc_and_a_number_counts_milliseconds() {
        check("2024-08-16T14:44:02.001", Some(1_723_819_442_001));
        check("2024-08-16", Some(1_723_766_400_000));
        check("1723819442001", Some(1_723_819_442_001));
        check("1723819442001.25", Some(1_723_819_442_001));
    }

    #[test]
    fn what_is_no_time_or_one_that_no_clock_shows_is_none() {
        for text in ["", "now", "-1", "16/Aug/2024", "1969-12-31T23:59:59Z", "99999999999999999999"]
        {
            check(text, None);
        }
        check("253402128000001", None);
        check("2024-08-16T25:44:02Z", None);
    }
}

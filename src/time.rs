//! Which times can be told, and how people read them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The last of them, in milliseconds since 1970: the start of 9999-12-30, UTC. Years have four
/// digits, and a day before their end every zone can still write it.
pub(crate) const LAST: u64 = 253_402_128_000_000;

/// A time in UTC.
pub(crate) fn in_utc(millis: u64) -> Zoned {
    let millis = i64::try_from(millis.min(LAST)).unwrap_or_default();
    Timestamp::from_millisecond(millis).unwrap_or_default().to_zoned(TimeZone::UTC)
}

/// A time in UTC, as a format of strftime has it.
pub(crate) fn time(millis: u64, format: &str) -> String {
    in_utc(millis).strftime(format).to_string()
}

/// A time in UTC to the minute: `2024-08-16 14:44`.
pub(crate) fn minute(millis: u64) -> String {
    time(millis, "%Y-%m-%d %H:%M")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_time_is_one_and_what_is_later_is_told_as_it() {
        assert_eq!(minute(LAST), "9999-12-30 00:00");
        assert_eq!(minute(u64::MAX), minute(LAST));
        assert_eq!(minute(LAST - 60_000), "9999-12-29 23:59");
        assert_eq!(minute(0), "1970-01-01 00:00");
    }
}

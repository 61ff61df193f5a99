//! Spans of time: `7 day`, `1 month`. The units that the calendar makes longer or shorter are kept
//! apart from those that are always as long.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// A span of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Span {
    /// So many months.
    Months(i32),
    /// So many days.
    Days(i32),
    /// So many milliseconds.
    Millis(i64),
}

/// The units of time by their names, and what one of them is.
const UNITS: [(&[&str], Span); 9] = [
    (&["millisecond", "milliseconds", "ms"], Span::Millis(1)),
    (&["second", "seconds", "sec", "s"], Span::Millis(1_000)),
    (&["minute", "minutes", "min", "m"], Span::Millis(60_000)),
    (&["hour", "hours", "h"], Span::Millis(3_600_000)),
    (&["day", "days", "d"], Span::Days(1)),
    (&["week", "weeks", "w"], Span::Days(7)),
    (&["month", "months", "mo"], Span::Months(1)),
    (&["quarter", "quarters", "q"], Span::Months(3)),
    (&["year", "years", "yr", "y"], Span::Months(12)),
];

const DAY: i64 = 86_400_000;

impl Span {
    /// Whether a word is a unit of time.
    pub(super) fn is_unit(word: &str) -> bool {
        Span::unit(word).is_some()
    }

    fn unit(word: &str) -> Option<Span> {
        let is_it = |name: &&str| name.eq_ignore_ascii_case(word);
        UNITS.iter().find(|(names, _)| names.iter().any(is_it)).map(|(_, span)| *span)
    }

    /// So many of a unit; none if that is more than can be reckoned with.
    pub(super) fn of(number: i64, unit: &str) -> Option<Span> {
        let whole = i32::try_from(number);
        match Span::unit(unit)? {
            Span::Months(months) => months.checked_mul(whole.ok()?).map(Span::Months),
            Span::Days(days) => days.checked_mul(whole.ok()?).map(Span::Days),
            Span::Millis(millis) => millis.checked_mul(number).map(Span::Millis),
        }
    }

    /// The span the other way.
    pub(super) fn negative(self) -> Option<Span> {
        match self {
            Span::Months(months) => months.checked_neg().map(Span::Months),
            Span::Days(days) => days.checked_neg().map(Span::Days),
            Span::Millis(millis) => millis.checked_neg().map(Span::Millis),
        }
    }

    /// A time in milliseconds since 1970, this much later. A day that the month lacks is its last.
    pub(super) fn after(self, millis: i64) -> Option<i64> {
        match self {
            Span::Millis(span) => millis.checked_add(span),
            Span::Days(days) => millis.checked_add(DAY.checked_mul(days.into())?),
            Span::Months(months) => {
                let months = jiff::Span::new().try_months(months).ok()?;
                let time = civil(millis)?.checked_add(months).ok()?;
                since_1970(time)
            }
        }
    }

    /// The last time at which such a span begins: hours and days are counted from 1970, a single
    /// week begins on Monday, months are counted from the beginning of the year 0.
    pub(super) fn floor(self, millis: i64) -> Option<i64> {
        match self {
            Span::Millis(span) if span > 0 => millis.checked_sub(millis.rem_euclid(span)),
            // 1970 began on a Thursday.
            Span::Days(7) => {
                let since_monday = millis.checked_add(3 * DAY)?.rem_euclid(7 * DAY);
                millis.checked_sub(since_monday)
            }
            Span::Days(days) if days > 0 => {
                millis.checked_sub(millis.rem_euclid(DAY * i64::from(days)))
            }
            Span::Months(months) if months > 0 => {
                let date = civil(millis)?.date();
                let month = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
                let first = month - month.rem_euclid(months);
                let year = i16::try_from(first.div_euclid(12)).ok()?;
                let month = i8::try_from(first.rem_euclid(12) + 1).ok()?;
                since_1970(Date::new(year, month, 1).ok()?.to_datetime(Time::midnight()))
            }
            _ => None,
        }
    }
}

fn civil(millis: i64) -> Option<DateTime> {
    Some(Timestamp::from_millisecond(millis).ok()?.to_zoned(TimeZone::UTC).datetime())
}

fn since_1970(time: DateTime) -> Option<i64> {
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// A time as text in ISO 8601, with or without time and zone; UTC where it names none.
pub(super) fn date(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_millisecond());
    }
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    since_1970(padded.parse().ok()?)
}

/// A time as text: `2024-08-16T14:44:02.001Z`.
pub(super) fn written(millis: i64) -> String {
    match Timestamp::from_millisecond(millis) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => millis.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(time: &str, number: i64, unit: &str, later: &str, floor: &str) {
        let millis = date(time).expect("a time");
        let span = Span::of(number, unit).expect("a span");
        assert_eq!(span.after(millis).map(written).as_deref(), Some(later), "{number} {unit}");
        let floor = (!floor.is_empty()).then(|| floor.to_owned());
        assert_eq!(span.floor(millis).map(written), floor, "{number} {unit}");
    }

    #[test]
    fn spans_are_added_and_times_rounded_down_to_them() {
        let time = "2024-08-16T14:44:02.001Z";
        check(time, 1, "ms", "2024-08-16T14:44:02.002Z", time);
        check(time, 15, "MINUTES", "2024-08-16T14:59:02.001Z", "2024-08-16T14:30:00.000Z");
        check(time, 1, "day", "2024-08-17T14:44:02.001Z", "2024-08-16T00:00:00.000Z");
        check(time, 1, "w", "2024-08-23T14:44:02.001Z", "2024-08-12T00:00:00.000Z");
        check(time, 1, "quarter", "2024-11-16T14:44:02.001Z", "2024-07-01T00:00:00.000Z");
        check(time, 1, "year", "2025-08-16T14:44:02.001Z", "2024-01-01T00:00:00.000Z");
        check(time, -7, "days", "2024-08-09T14:44:02.001Z", "");
        check("2024-01-31", 1, "month", "2024-02-29T00:00:00.000Z", "2024-01-01T00:00:00.000Z");
    }

    #[test]
    fn what_cannot_be_reckoned_with_is_nothing() {
        assert_eq!(Span::of(i64::MAX, "hour"), None);
        assert_eq!(Span::of(1 << 40, "day"), None);
        assert_eq!(Span::of(i32::MAX.into(), "month").and_then(|span| span.after(0)), None);
        assert_eq!(Span::Millis(1).after(i64::MAX), None);
        for span in [Span::Millis(7), Span::Days(1), Span::Days(7), Span::Months(1)] {
            assert_eq!(span.floor(i64::MIN), None, "{span:?}");
        }
        assert_eq!(Span::Days(7).floor(i64::MAX), None);
        assert_eq!(date("yesterday"), None);
    }

    #[test]
    fn times_are_read_with_whatever_they_leave_out() {
        for (text, expected) in [
            ("2024", "2024-01-01T00:00:00.000Z"),
            ("2024-08", "2024-08-01T00:00:00.000Z"),
            ("2024-08-16T14:44", "2024-08-16T14:44:00.000Z"),
            ("2024-08-16T14:44:02+02:00", "2024-08-16T12:44:02.000Z"),
        ] {
            assert_eq!(date(text).map(written).as_deref(), Some(expected), "{text}");
        }
    }
}

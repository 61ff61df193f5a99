//! When an exception was made and when it ends: a day, or a point in time as RFC 3339 has it.
//!
//! Days are those of UTC, as all times of this program are, so that a file means the same on every
//! machine. A day is over at its end: what expires on the 19th still holds on the 19th.

use std::fmt;

use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;

/// A point in time as somebody wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    text: String,
    over: u64,
}

impl Moment {
    /// The moment that is written so, if it is one.
    ///
    /// ```
    /// use oddsock::alert::exceptions::Moment;
    ///
    /// let day = Moment::parse("1970-01-02").unwrap();
    /// assert!(!day.is_over(2 * 86_400_000 - 1));
    /// assert!(day.is_over(2 * 86_400_000));
    /// assert_eq!(Moment::parse("2027-02-30"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Moment> {
        let is_day = text.len() == "2027-02-19".len();
        let over = if is_day { end_of(text.parse().ok()?) } else { point(text)? };
        Some(Moment { text: text.to_owned(), over: over.try_into().ok()? })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is over at a time in milliseconds since 1970.
    pub fn is_over(&self, now_ms: u64) -> bool {
        now_ms >= self.over
    }
}

const DAY: i64 = 24 * 60 * 60 * 1000;

/// When a day has gone, in milliseconds since 1970. Also the last one that a calendar here has,
/// which is how many write "for ever": no tomorrow is asked for.
fn end_of(day: Date) -> i64 {
    let days = (day - Date::constant(1970, 1, 1)).get_days();
    (i64::from(days) + 1) * DAY
}

/// When a point in time is, in milliseconds since 1970: also one at the end of the last year, which
/// is too late for a [`jiff::Timestamp`].
fn point(text: &str) -> Option<i64> {
    let parts = Pieces::parse(text).ok()?;
    let (time, offset) = (parts.time()?, parts.to_numeric_offset()?);
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60;
    let seconds = seconds + i64::from(time.second()) - i64::from(offset.seconds());
    Some(end_of(parts.date()) - DAY + seconds * 1000 + i64::from(time.millisecond()))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn over(text: &str) -> Option<u64> {
        Moment::parse(text).map(|moment| moment.over)
    }

    #[test]
    fn the_last_day_of_the_calendar_is_one_too() {
        let end = 253_402_300_800_000;
        assert_eq!(over("9999-12-31"), Some(end));
        assert_eq!(over("9999-12-30"), Some(end - 86_400_000));
        assert_eq!(over("9999-12-31T23:59:59Z"), Some(end - 1000));
        // The nearest neighbours, which no calendar here has.
        assert_eq!(over("9999-12-32"), None);
        assert_eq!(over("10000-01-01"), None);
        assert_eq!(over("9999-12-31T24:00:00Z"), None);
    }

    #[test]
    fn a_point_in_time_has_its_zone() {
        assert_eq!(over("1970-01-01T00:00:01.002Z"), Some(1002));
        assert_eq!(over("1970-01-01T02:00:00+01:00"), Some(3_600_000));
        for text in ["", "soon", "never", "2027-02-19T12:00:00", "2027-02-19T12:00", "12:00Z"] {
            assert_eq!(over(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_point_in_time_is_where_the_calendar_has_it(millis in 0_i64..253_402_000_000_000) {
            let text = Timestamp::from_millisecond(millis).expect("a time").to_string();
            prop_assert_eq!(over(&text), u64::try_from(millis).ok());
        }
    }
}

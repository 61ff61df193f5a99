//! When an exception was made and when it ends: a day, or a point in time as RFC 3339 has it.
//!
//! Days are those of UTC, as all times of this program are, so that a file means the same on every
//! machine. A day is over at its end: what expires on the 19th still holds on the 19th.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

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
        let over = if is_day {
            let next = text.parse::<Date>().ok()?.tomorrow().ok()?;
            next.to_zoned(TimeZone::UTC).ok()?.timestamp()
        } else {
            text.parse::<Timestamp>().ok()?
        };
        Some(Moment { text: text.to_owned(), over: over.as_millisecond().try_into().ok()? })
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

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

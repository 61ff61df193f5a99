//! Distances in time, as people write them: `2h`, `1d12h`, `2 hours`, `1 week 1 day`.
//!
//! Text comes in, a span goes out; from where it is measured is for [`super::when`] to say.

use jiff::Span;

/// Why text is no distance.
pub enum Wrong {
    /// It is something else.
    NotADistance,
    /// It is longer than can be reckoned with.
    TooFar,
}

/// The span that `spelled` is: numbers, each with its unit.
pub fn span(spelled: &str) -> Result<Span, Wrong> {
    let mut rest = spelled.trim();
    let mut span = Span::new();
    if rest.is_empty() {
        return Err(Wrong::NotADistance);
    }
    while !rest.is_empty() {
        let (number, after) = split_at_end_of(rest, |letter| letter.is_ascii_digit());
        let (unit, after) =
            split_at_end_of(after.trim_start(), |letter| letter.is_ascii_alphabetic());
        rest = after.trim_start();
        if number.is_empty() {
            return Err(Wrong::NotADistance);
        }
        let number: i64 = number.parse().map_err(|_| Wrong::TooFar)?;
        let more = |before: i64| before.checked_add(number).unwrap_or(i64::MAX);
        span = match unit {
            "s" | "sec" | "secs" | "second" | "seconds" => {
                span.try_seconds(more(span.get_seconds()))
            }
            "m" | "min" | "mins" | "minute" | "minutes" => {
                span.try_minutes(more(span.get_minutes()))
            }
            "h" | "hour" | "hours" => span.try_hours(more(i64::from(span.get_hours()))),
            "d" | "day" | "days" => span.try_days(more(i64::from(span.get_days()))),
            "w" | "week" | "weeks" => span.try_weeks(more(i64::from(span.get_weeks()))),
            "month" | "months" => span.try_months(more(i64::from(span.get_months()))),
            "y" | "year" | "years" => span.try_years(more(i64::from(span.get_years()))),
            _ => return Err(Wrong::NotADistance),
        }
        .map_err(|_| Wrong::TooFar)?;
    }
    Ok(span)
}

fn split_at_end_of(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|letter| !belongs(letter)).unwrap_or(text.len()))
}

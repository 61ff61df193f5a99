//! Numbers and times as they stand in a report.

pub(super) use crate::alert::number;
use crate::engine::Number;
pub(super) use crate::time::{minute, time};

/// A number that may be an estimate.
pub fn about(estimated: Number) -> String {
    let said = number(estimated.number);
    if estimated.is_exact { said } else { format!("about {said}") }
}

/// `1 alert`, `1,344 alerts`.
pub fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {}", number(count), many(one)) }
}

/// More than one of something: `alerts`, `addresses`, `countries`.
pub fn many(one: &str) -> String {
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with('a') => format!("{stem}ies"),
        _ if one.ends_with('s') => format!("{one}es"),
        _ => format!("{one}s"),
    }
}

/// From when to when, on a day or several: `2024-08-16 14:30–14:45`.
pub fn between(start: u64, end: u64) -> String {
    let (from, to) = (minute(start), minute(end));
    let to = if from[..10] == to[..10] { &to[11..] } else { &to };
    format!("{from}–{to}")
}

/// A length of time, in the largest unit that it is a number of: `15 minutes`, `6 hours`.
pub fn duration(millis: u64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let seconds = millis / 1000;
    let whole = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    whole.map_or_else(String::new, |(unit, name)| counted(seconds / unit, name))
}

/// A share in percent, with as many digits as tell it from nothing.
pub fn percent(part: u64, whole: u64) -> String {
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    match share {
        _ if part == 0 => "0 %".to_string(),
        10.0.. => format!("{share:.0} %"),
        0.1.. => format!("{share:.1} %"),
        _ => "< 0.1 %".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_read_at_a_glance() {
        assert_eq!((number(999_u32), number(1344_u32)), ("999".into(), "1,344".into()));
        assert_eq!(between(1_704_881_700_000, 1_704_882_600_000), "2024-01-10 10:15–10:30");
        assert_eq!(
            between(1_704_930_300_000, 1_704_931_200_000),
            "2024-01-10 23:45–2024-01-11 00:00"
        );
        let counts = ["alert", "address", "country"].map(|one| counted(2, one));
        assert_eq!(counts, ["2 alerts", "2 addresses", "2 countries"]);
        assert_eq!(percent(1, 10_000), "< 0.1 %");
        assert_eq!(
            ["15 minutes", "2 hours", "2 days"],
            [15, 120, 2880].map(|m| { duration(m * 60_000) }).each_ref().map(String::as_str)
        );
    }
}

//! Numbers, times and names as they stand in a sentence.

use crate::engine::{Question, Span};
use crate::output::escape;
use crate::time::in_utc;

/// How many bytes of a value are said.
const SAID: usize = 64;

/// A number with its thousands apart: `1,344`.
pub(crate) fn number(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut said = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// A number of things: `1 program`, `1,344 programs`.
pub(super) fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// So many buckets by what they are: `12 quarter-hours`.
pub(super) fn buckets(count: u32, span: Span) -> String {
    let noun = match span.seconds() {
        60 => "minute",
        900 => "quarter-hour",
        1800 => "half-hour",
        3600 => "hour",
        86_400 => "day",
        604_800 => "week",
        _ => return format!("{} of {span}", counted(count, "interval", "intervals")),
    };
    counted(count, noun, &format!("{noun}s"))
}

/// How long that is, in the largest unit of which there are two: `3 days`, `40 minutes`.
pub(super) fn duration(seconds: u64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let is_fit = |(length, _): &&(u64, &str)| seconds >= 2 * length || seconds == *length;
    let (length, unit) = units.iter().find(is_fit).unwrap_or(&units[3]);
    let count = seconds / length;
    format!("{} {unit}{}", number(count), if count == 1 { "" } else { "s" })
}

/// A day: `12 Nov`, and its year if it is not that of the other time.
pub(super) fn day(millis: u64, beside: u64) -> String {
    let day = in_utc(millis);
    let is_same_year = day.year() == in_utc(beside).year();
    day.strftime(if is_same_year { "%-d %b" } else { "%-d %b %Y" }).to_string()
}

/// A day and a time of it: `12 Nov 10:15`.
pub(super) fn moment(millis: u64, beside: u64) -> String {
    format!("{} {}", day(millis, beside), time(millis))
}

/// A time of the day, in UTC: `10:15`.
pub(super) fn time(millis: u64) -> String {
    in_utc(millis).strftime("%H:%M").to_string()
}

/// A day of the week: `Tuesday`.
pub(super) fn weekday(millis: u64) -> String {
    in_utc(millis).strftime("%A").to_string()
}

/// What the values of a field are called: one, many.
pub(super) fn nouns(field: &str) -> (String, String) {
    let known = match field {
        "process.name" => ("program", "programs"),
        "process.executable" => ("executable", "executables"),
        "process.parent.name" => ("parent program", "parent programs"),
        "destination.port" | "source.port" => ("port", "ports"),
        "destination.ip" | "source.ip" => ("address", "addresses"),
        "user.name" | "user.id" | "user.audit.name" | "user.effective.name" => ("user", "users"),
        "host.name" => ("host", "hosts"),
        _ => {
            let field = spelled(field.as_bytes());
            return (format!("value of {field}"), format!("values of {field}"));
        }
    };
    (known.0.to_string(), known.1.to_string())
}

/// A value with what it is, unless that is plain: `nc`, `port 4444`, `user bob`.
pub(super) fn subject(field: &str, value: &[u8]) -> String {
    match field {
        "process.name" | "process.executable" | "destination.ip" | "source.ip" => spelled(value),
        _ => match nouns(field).0 {
            noun if noun.starts_with("value of ") => {
                format!("{} {}", spelled(field.as_bytes()), spelled(value))
            }
            noun => format!("{noun} {}", spelled(value)),
        },
    }
}

/// Where a question with a partition was asked: ` on web-01`, and nothing where it has none.
pub(super) fn place(question: &Question, partition: Option<&[u8]>) -> String {
    match (question.partition.as_deref(), partition) {
        (Some("host.name"), Some(host)) => format!(" on {}", spelled(host)),
        (Some(field), Some(value)) => format!(" for {}", subject(field, value)),
        _ => String::new(),
    }
}

/// A name that cannot act or feign anything; of a long one the beginning.
pub(super) fn spelled(name: &[u8]) -> String {
    let mut end = name.len().min(SAID);
    // Not in the middle of a character.
    while end < name.len() && end > SAID - 3 && name[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let mut out = Vec::new();
    escape::word(&name[..end], &mut out);
    if end < name.len() {
        out.extend_from_slice("…".as_bytes());
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!([0_u32, 999, 1344, 1_000_000].map(number), ["0", "999", "1,344", "1,000,000"]);
        assert_eq!(buckets(1, Span::minutes(15)), "1 quarter-hour");
        assert_eq!(buckets(1344, Span::minutes(15)), "1,344 quarter-hours");
        assert_eq!(buckets(2, Span::minutes(5)), "2 intervals of 5m");
        assert_eq!(buckets(1, Span::minutes(5)), "1 interval of 5m");
    }

    #[test]
    fn durations_have_the_unit_that_fits() {
        let cases = [(1, "1 second"), (60, "1 minute"), (119, "119 seconds"), (5400, "90 minutes")];
        for (seconds, said) in cases {
            assert_eq!(duration(seconds), said);
        }
        assert_eq!(duration(86_400), "1 day");
        assert_eq!(duration(41 * 86_400 + 5), "41 days");
    }

    #[test]
    fn a_year_is_told_where_it_is_another() {
        let (now, before) = (1_762_942_500_000, 1_700_000_000_000);
        assert_eq!(moment(now, now), "12 Nov 10:15");
        assert_eq!(day(before, now), "14 Nov 2023");
        assert_eq!(day(u64::MAX, now), "30 Dec 9999");
    }

    #[test]
    fn a_name_feigns_nothing_and_a_long_one_is_cut() {
        assert_eq!(subject("process.name", b"nc. All is well"), r#""nc. All is well""#);
        assert_eq!(subject("destination.port", b"4444"), "port 4444");
        assert_eq!(subject("dns.question.name", b"x"), "dns.question.name x");
        let long = "é".repeat(200);
        assert_eq!(spelled(long.as_bytes()), format!("{}…", "é".repeat(32)));
        assert_eq!(spelled(&[0x80; 100]), format!("{}…", r"\x80".repeat(61)));
    }
}

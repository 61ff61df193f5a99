//! Lengths of time as rule files write them: `15m`, and `now-45m` for a time so long ago.

use super::fault::{Read, fault};
use super::table::Placed;
use super::words::quoted;

/// Reads `15m` as seconds.
pub(super) fn seconds(written: &Placed<&str>) -> Read<u32> {
    match parse(written.value) {
        Some(seconds) => Ok(seconds),
        None => {
            let message = "is no length of time; expected a number with s, m, h, d or w behind it, \
                           such as \"15m\"";
            fault(written.span.clone(), format!("{} {message}", quoted(written.value)))
        }
    }
}

/// Reads `now-45m` as seconds.
pub(super) fn ago(written: &Placed<&str>) -> Read<u32> {
    match written.value.trim().strip_prefix("now-").and_then(parse) {
        Some(seconds) => Ok(seconds),
        None => {
            let message = "is no time to look back to; expected one such as \"now-45m\"";
            fault(written.span.clone(), format!("{} {message}", quoted(written.value)))
        }
    }
}

/// A number and its unit as seconds; none of nothing and none of more than 68 years.
pub fn parse(text: &str) -> Option<u32> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u32 = text[..end].parse().ok()?;
    let unit = match text[end..].trim_start() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    number.checked_mul(unit).filter(|seconds| (1..=i32::MAX as u32).contains(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(value: &str) -> Placed<&str> {
        Placed { value, span: 0..value.len() }
    }

    #[test]
    fn a_length_of_time_is_a_number_and_a_unit() {
        for (text, expected) in [("15m", 900), ("45s", 45), ("2h", 7200), ("1d", 86_400)] {
            assert_eq!(seconds(&placed(text)), Ok(expected));
            assert_eq!(ago(&placed(&format!("now-{text}"))), Ok(expected));
        }
        for text in ["", "15", "m", "15 parsecs", "0m", "-15m", "1.5h", "99999999w", "15m/m", "é"]
        {
            let error = seconds(&placed(text)).expect_err(text);
            assert!(error.message.contains("such as \"15m\""), "{}", error.message);
        }
        for text in ["45m", "now", "now-", "now+45m", "now-45m/m", "now-45 parsecs"] {
            let error = ago(&placed(text)).expect_err(text);
            assert!(error.message.contains("now-45m"), "{}", error.message);
        }
    }
}

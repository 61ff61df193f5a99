//! What a value of a field is compared with, as a rule writes it: an address or a network for a
//! field of addresses, a number or a range for one of numbers, text or a glob for the others.

use std::fmt;

use ipnet::IpNet;

use super::field::{Field, Kind};
use super::fields::{Text, Value};
use super::glob::Glob;
use super::words::quoted;
use crate::network::network;

/// What a value is compared with.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    written: String,
    test: Test,
}

#[derive(Clone, PartialEq, Debug)]
enum Test {
    Exact(Vec<u8>),
    Glob(Glob),
    Network(IpNet),
    Range(i64, i64),
}

/// Why something is no pattern for a field: what was expected instead.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(String);

impl Pattern {
    /// Reads what is written in a rule for the values of a field.
    ///
    /// ```
    /// use oddsock::rules::{Field, Pattern, Value};
    ///
    /// let pattern = Pattern::new(&Field::named("destination.port"), "8000-8999").unwrap();
    /// assert!(pattern.matches(&Value::Number(8080)));
    /// assert!(!pattern.matches(&Value::Number(9000)));
    /// let error = Pattern::new(&Field::named("destination.ip"), "127.0.0.1/33").unwrap_err();
    /// assert!(error.to_string().contains("127.0.0.0/8"));
    /// ```
    pub fn new(field: &Field, written: &str) -> Result<Pattern, PatternError> {
        let (test, expected) = match field.kind() {
            Kind::Ip => (
                network(written).map(Test::Network),
                "an address or a network such as \"127.0.0.0/8\"",
            ),
            Kind::Number => (range(written), "a number or a range such as \"8000-8999\""),
            Kind::Text => (text(written), "text that does not end in a single backslash"),
        };
        match test {
            Some(test) => Ok(Pattern { written: written.to_owned(), test }),
            None => {
                let written = quoted(written);
                Err(PatternError(format!("{written} is no value of {field}; expected {expected}")))
            }
        }
    }

    /// Whether a value is so.
    pub fn matches(&self, value: &Value<'_>) -> bool {
        match (&self.test, value) {
            (Test::Exact(wanted), Value::Text(text)) => wanted[..] == text[..],
            (Test::Glob(glob), Value::Text(text)) => glob.matches(text),
            (Test::Exact(wanted), value) => wanted[..] == *Text::of(value.borrowed()).as_ref(),
            (Test::Glob(glob), value) => glob.matches(Text::of(value.borrowed()).as_ref()),
            (Test::Network(network), value) => value.ip().is_some_and(|ip| network.contains(&ip)),
            (Test::Range(least, most), value) => {
                value.number().is_some_and(|number| (*least..=*most).contains(&number))
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

fn text(written: &str) -> Option<Test> {
    let glob = Glob::new(written)?;
    Some(glob.literal().map_or(Test::Glob(glob), Test::Exact))
}

fn range(written: &str) -> Option<Test> {
    if let Ok(number) = written.parse() {
        return Some(Test::Range(number, number));
    }
    // The first byte may be a sign.
    let dash = written.bytes().skip(1).position(|byte| byte == b'-')? + 1;
    let (least, most) = (&written[..dash], &written[dash + 1..]);
    let (least, most): (i64, i64) = (least.trim().parse().ok()?, most.trim().parse().ok()?);
    (least <= most).then_some(Test::Range(least, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: &str, pattern: &str, matches: &[&str], others: &[&str]) {
        let pattern = Pattern::new(&Field::named(field), pattern).expect("a pattern");
        let is_so = |text: &&&str| pattern.matches(&Value::text(**text));
        assert_eq!(matches.iter().filter(is_so).count(), matches.len(), "{pattern} {matches:?}");
        assert_eq!(others.iter().filter(is_so).count(), 0, "{pattern} {others:?}");
    }

    #[test]
    fn an_address_is_compared_as_an_address_and_not_as_text() {
        check("destination.ip", "127.0.0.0/8", &["127.0.0.53", "::ffff:127.1.2.3"], &["128.0.0.1"]);
        check("destination.ip", "::1", &["::1", "0:0::1"], &["::", "127.0.0.1", "1"]);
        check("destination.ip", "::ffff:10.0.0.0/104", &["10.9.8.7"], &["11.0.0.1", "::1"]);
        check("source.ip", "192.0.2.7", &["192.0.2.7"], &["192.0.2.70", "192.0.2.7/32", "x"]);
    }

    #[test]
    fn a_number_is_compared_as_a_number() {
        check("destination.port", "8000-8999", &["8000", "8999", "08080"], &["7999", "9000", "x"]);
        check("destination.port", "443", &["443"], &["44", "4430", ""]);
        check("auditd.exit", "-115--1", &["-115", "-1"], &["0", "-116"]);
        check("user.id", "0", &["0"], &["1000"]);
    }

    #[test]
    fn text_is_compared_as_a_whole() {
        check("user.name", "jenkins", &["jenkins"], &["jenkins2", "Jenkins", "xjenkins", ""]);
        check("process.executable", "/tmp/*", &["/tmp/a/b"], &["/var/tmp/a", "/tmp"]);
        check("process.name", r"\*", &["*"], &["curl"]);
    }

    #[test]
    fn what_is_no_pattern_says_what_was_expected() {
        for (field, pattern, expected) in [
            ("destination.ip", "10.*", "network"),
            ("destination.ip", "10.0.0.0/33", "127.0.0.0/8"),
            ("source.ip", "", "an address"),
            ("destination.port", "http", "a number or a range"),
            ("destination.port", "9-8", "8000-8999"),
            ("destination.port", "-", "a range"),
            ("destination.port", "é-8", "a range"),
            ("process.name", "a\\", "backslash"),
        ] {
            let error = Pattern::new(&Field::named(field), pattern).expect_err(pattern).to_string();
            assert!(error.contains(expected) && error.contains(field), "{error}");
        }
    }
}

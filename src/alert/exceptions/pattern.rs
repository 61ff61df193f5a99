//! What an exception says of one value: the value itself, a glob, a network or a range of ports.
//!
//! What a text means depends on the field: `10.0.0.0/8` is a network in `destination.ip` and a name
//! in `process.name`, or else whoever calls his process `8050` would pass for a port.

use std::net::IpAddr;

use ipnet::IpNet;

use super::glob::Glob;
use crate::network::network;

/// What one value has to be like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Kind {
    Text(Glob),
    Network(IpNet),
    Ports(u32, u32),
}

/// The most characters that a pattern has: the longest path that Linux takes.
const LONGEST: usize = 4096;

impl Pattern {
    /// The pattern that is written so, for a field; the error says what was expected.
    pub fn parse(field: &str, text: &str) -> Result<Pattern, &'static str> {
        if text.is_empty() {
            return Err("a value, which cannot be empty");
        }
        if text.chars().count() > LONGEST {
            return Err("a value of at most 4096 characters");
        }
        let glob = Glob::new(text);
        let kind = if !glob.is_plain() {
            Kind::Text(glob)
        } else if field.ends_with(".ip") {
            Kind::Network(network(text).ok_or(
                "an address, a network or a glob: \"192.0.2.7\", \"10.0.0.0/8\", \"10.1.*\"",
            )?)
        } else if field.ends_with(".port") {
            let (first, last) = ports(text)
                .ok_or("a port, a range of ports or a glob: 443, \"8000-8100\", \"80*\"")?;
            Kind::Ports(first, last)
        } else {
            Kind::Text(glob)
        };
        Ok(Pattern { text: text.to_owned(), kind })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a value is like that.
    ///
    /// Letters that stand for bytes that are not UTF-8 fit a wildcard only: many names look the
    /// same once they are written so.
    pub fn fits(&self, value: &str) -> bool {
        match &self.kind {
            Kind::Text(glob) if glob.is_plain() => {
                !value.contains(char::REPLACEMENT_CHARACTER) && glob.fits(value)
            }
            Kind::Text(glob) => glob.fits(value),
            Kind::Network(network) => address(value).is_some_and(|ip| network.contains(&ip)),
            Kind::Ports(first, last) => {
                value.parse::<u32>().is_ok_and(|port| (*first..=*last).contains(&port))
            }
        }
    }
}

fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

fn ports(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)??, number(last)??);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(field: &str, pattern: &str, value: &str) -> bool {
        Pattern::parse(field, pattern).expect(pattern).fits(value)
    }

    #[test]
    fn a_text_means_what_its_field_makes_of_it() {
        assert!(fits("destination.ip", "10.0.0.0/8", "10.200.0.1"));
        assert!(fits("destination.ip", "2001:DB8::1", "2001:db8:0::1"));
        assert!(fits("destination.ip", "::ffff:192.0.2.7", "192.0.2.7"));
        assert!(fits("destination.ip", "::ffff:10.0.0.0/104", "10.200.0.1"));
        assert!(!fits("destination.ip", "::ffff:10.0.0.0/104", "11.0.0.1"));
        assert!(fits("destination.port", "8000-8100", "8050"));
        assert!(fits("process.name", "8000-8100", "8000-8100"));
        assert!(!fits("process.name", "8000-8100", "8050"));
        assert!(!fits("destination.ip", "10.0.0.0/8", "11.0.0.1"));
        assert!(!fits("destination.port", "80", "8080"));
    }

    #[test]
    fn what_is_not_utf_8_fits_a_wildcard_only() {
        assert!(!fits("process.name", "a\u{fffd}", "a\u{fffd}"));
        assert!(fits("process.name", "a?", "a\u{fffd}"));
    }

    #[test]
    fn what_no_value_can_be_like_is_refused() {
        for (field, text) in [
            ("destination.ip", "10.0.0.0/33"),
            ("destination.ip", "example.net"),
            ("destination.port", "https"),
            ("destination.port", "9-1"),
            ("destination.port", "+1"),
            ("process.name", ""),
        ] {
            assert!(Pattern::parse(field, text).is_err(), "{field} {text}");
        }
    }
}

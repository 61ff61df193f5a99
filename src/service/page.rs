//! Figures as a page of text that Prometheus reads.
//!
//! Names, numbers and labels come in, in the order in which they are to stand; out goes the text
//! exposition format, version 0.0.4. Values of labels may be anything: they are escaped.
//!
//! ```
//! use oddsock::service::Page;
//!
//! let mut page = Page::default();
//! page.counter("oddsock_lines_total", "Lines that were read.", 778);
//! page.gauges(
//!     "oddsock_outbox_alerts",
//!     "Alerts that a destination has not taken yet.",
//!     [([("destination", "the journal")], 2.0)],
//! );
//! let lines: Vec<&str> = page.text().lines().collect();
//! assert_eq!(lines[1..3], ["# TYPE oddsock_lines_total counter", "oddsock_lines_total 778"]);
//! assert_eq!(lines[5], r#"oddsock_outbox_alerts{destination="the journal"} 2"#);
//! ```

use std::fmt::Write;

/// A page of figures.
#[derive(Clone, Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// A number that only grows while the process lives. Its name ends with `_total`.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.counters(name, help, [([], value)]);
    }

    /// Such a number for each of several things, told apart by labels.
    pub fn counters<'s, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = ([(&'s str, &'s str); N], u64)>,
    ) {
        self.head(name, help, "counter");
        for (labels, value) in samples {
            self.sample(name, &labels, format_args!("{value}"));
        }
    }

    /// A number that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.gauges(name, help, [([], value)]);
    }

    /// Such a number for each of several things.
    pub fn gauges<'s, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = ([(&'s str, &'s str); N], f64)>,
    ) {
        self.head(name, help, "gauge");
        for (labels, value) in samples {
            match value {
                f64::INFINITY => self.sample(name, &labels, format_args!("+Inf")),
                f64::NEG_INFINITY => self.sample(name, &labels, format_args!("-Inf")),
                _ => self.sample(name, &labels, format_args!("{value}")),
            }
        }
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        debug_assert!(is_name(name), "{name:?} is no name");
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: std::fmt::Arguments<'_>) {
        self.text.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            debug_assert!(is_name(label), "{label:?} is no name");
            let open = if at == 0 { '{' } else { ',' };
            let text = text.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
            let _ = write!(self.text, "{open}{label}=\"{text}\"");
        }
        let _ = writeln!(self.text, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(is_letter)
        && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_keep_to_their_quotes_and_help_to_its_line() {
        let mut page = Page::default();
        page.counters("a_total", "one\\\ntwo", [([("x", "a\"}\n\\b"), ("y", "")], 1)]);
        let expected = "# HELP a_total one\\\\\\ntwo\n# TYPE a_total counter\n\
                        a_total{x=\"a\\\"}\\n\\\\b\",y=\"\"} 1\n";
        assert_eq!(page.text(), expected);
    }

    #[test]
    fn numbers_are_written_as_prometheus_reads_them() {
        let mut page = Page::default();
        for value in [0.25, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e21] {
            page.gauge("a", "h", value);
        }
        let values: Vec<&str> =
            page.text().lines().filter_map(|line| line.strip_prefix("a ")).collect();
        assert_eq!(values, ["0.25", "+Inf", "-Inf", "NaN", "1000000000000000000000"]);
    }

    proptest! {
        #[test]
        fn any_label_makes_one_line_from_which_it_can_be_had_again(label in "\\PC*|[\\n\"\\\\}]*") {
            let mut page = Page::default();
            page.gauges("a", "h", [([("l", &*label)], 1.0)]);
            prop_assert_eq!(page.text().matches('\n').count(), 3);
            let line = page.text().lines().last().unwrap();
            let inner = line.strip_prefix("a{l=\"").unwrap().strip_suffix("\"} 1").unwrap();
            let mut letters = inner.chars();
            let mut read = String::new();
            while let Some(letter) = letters.next() {
                read.push(match (letter, letter == '\\') {
                    (_, true) => match letters.next().unwrap() {
                        'n' => '\n',
                        other => other,
                    },
                    (letter, _) => letter,
                });
            }
            prop_assert_eq!(read, label);
        }
    }
}

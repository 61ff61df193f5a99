//! What is wrong with a rule file, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong with a rule file. It shows as a person wants to see it: the place, what was
/// expected, and the line with a mark below.
///
/// ```text
/// web.toml:9:8: "15 parsecs" is no length of time; expected one such as "15m"
///   |
/// 9 | span = "15 parsecs"
///   |        ^^^^^^^^^^^^
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct RuleError {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub message: String,
    /// The line's text, or the part of a long one that matters.
    excerpt: String,
    /// Where in the excerpt the mark begins, and how long it is.
    mark: (usize, usize),
}

/// What is wrong with the bytes of a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

/// What reading a part of a rule file comes to.
pub(crate) type Read<T> = Result<T, Fault>;

/// A fault.
pub(crate) fn fault<T>(span: Range<usize>, message: impl Into<String>) -> Read<T> {
    Err(Fault { span, message: message.into() })
}

/// How many characters of a line are shown, and how many of them before the fault.
const WIDTH: usize = 96;
const BEFORE: usize = 48;

impl RuleError {
    /// What is wrong with the bytes of a range of another file in TOML.
    pub fn at(file: &str, text: &str, span: Range<usize>, message: String) -> RuleError {
        RuleError::new(file, text, Fault { span, message })
    }

    pub(crate) fn new(file: &str, text: &str, fault: Fault) -> RuleError {
        let before = head(text, fault.span.start);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let column = text[start..before.len()].chars().count();
        let length = head(text, fault.span.end).get(before.len()..).unwrap_or_default();
        let length = length.lines().next().unwrap_or_default().chars().count();
        let skipped = if line.chars().count() > WIDTH { column.saturating_sub(BEFORE) } else { 0 };
        let excerpt: String = line.chars().skip(skipped).take(WIDTH).map(visible).collect();
        let room = excerpt.chars().count().saturating_sub(column - skipped);
        RuleError {
            file: file.chars().map(visible).collect(),
            line: before.matches('\n').count() + 1,
            column: column + 1,
            message: fault.message.chars().map(visible).collect(),
            excerpt,
            mark: (column - skipped, length.min(room).max(1)),
        }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RuleError { file, line, column, message, excerpt, mark: (at, length) } = self;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{file}:{line}:{column}: {message}")?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {excerpt}")?;
        write!(f, "{margin} | {}{}", " ".repeat(*at), "^".repeat(*length))
    }
}

/// The text before an offset, or a little less if that is within a character.
fn head(text: &str, end: usize) -> &str {
    let end = (0..=end.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// A character that is as wide and does nothing.
fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        '"' | '\'' | '\\' => c,
        _ if c.escape_debug().len() > 1 => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, span: Range<usize>) -> String {
        let fault = Fault { span, message: "wrong".to_owned() };
        RuleError::new("x.toml", text, fault).to_string()
    }

    #[test]
    fn an_error_shows_its_line_with_a_mark_below() {
        assert_eq!(
            shown("a = 1\nbé = \"x\"\r\nc = 2\n", 12..15),
            "x.toml:2:6: wrong\n  |\n2 | bé = \"x\"\n  |      ^^^"
        );
    }

    #[test]
    fn a_place_outside_of_the_text_or_within_a_character_is_harmless() {
        assert_eq!(shown("", 5..9), "x.toml:1:1: wrong\n  |\n1 | \n  | ^");
        assert_eq!(shown("é", 1..1), "x.toml:1:1: wrong\n  |\n1 | é\n  | ^");
        assert!(shown("a\n\nb", 2..2).starts_with("x.toml:2:1: wrong"));
        assert!(shown("a\n", 2..2).starts_with("x.toml:2:1: wrong"));
    }

    #[test]
    fn of_a_long_line_the_part_that_matters_is_shown() {
        let text = format!("{}HERE{}", "x".repeat(5000), "y".repeat(5000));
        let shown = shown(&text, 5000..5004);
        let mut lines = shown.lines().skip(2);
        let (line, mark) = (lines.next().expect("a line"), lines.next().expect("a mark"));
        assert!(line.chars().count() < 110 && line.contains("HERE"), "{line}");
        assert_eq!(line.find("HERE"), mark.find("^^^^"));
    }

    #[test]
    fn nothing_in_a_file_acts_on_a_terminal() {
        assert!(!shown("a = \"\u{1b}[2J\u{202e}\"", 0..9).contains(['\u{1b}', '\u{202e}']));
    }
}

//! Words: a line of an audit rule file cut as auditctl cuts it.
//!
//! A line comes in; its words go out, each with its place. auditctl is no shell: only blanks part
//! words, a tab does not, quotes are letters like any other, and a backslash keeps the blank behind
//! it. What the words mean is not known here.

use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{none_of, space0};
use nom::combinator::{consumed, value};
use nom::multi::many1_count;
use nom::{IResult, Parser};

/// A word, as it stands in the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) span: Range<usize>,
}

impl Word<'_> {
    /// What auditctl makes of it: a backslash before a blank goes.
    pub(super) fn value(&self) -> String {
        self.text.replace("\\ ", " ")
    }

    /// The place of a part of it.
    pub(super) fn part(&self, range: Range<usize>) -> Range<usize> {
        self.span.start + range.start..self.span.start + range.end
    }
}

fn word(text: &str) -> IResult<&str, &str> {
    let plain = value((), take_while1(|c: char| c != ' ' && c != '\\'));
    let kept = value((), tag("\\ "));
    let backslash = value((), none_of(" "));
    let letters = many1_count(alt((plain, kept, backslash)));
    consumed(letters).map(|(text, _)| text).parse(text)
}

/// The words of a line that begins at `start` of its file.
pub(super) fn words(line: &str, start: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = line.trim_end_matches(['\r', '\n']);
    let length = rest.len();
    while let Ok((after, (_, text))) = (blanks, word).parse(rest) {
        let end = start + length - after.len();
        words.push(Word { text, span: end - text.len()..end });
        rest = after;
    }
    words
}

fn blanks(text: &str) -> IResult<&str, &str> {
    // nom's blanks have tabs among them; auditctl's do not.
    let (_, all) = space0(text)?;
    let end = all.find(|c| c != ' ').unwrap_or(all.len());
    Ok((&text[end..], &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[(&str, usize)]) {
        let found = words(line, 100);
        let found: Vec<_> = found.iter().map(|word| (word.value(), word.span.start)).collect();
        let expected: Vec<_> =
            expected.iter().map(|(text, at)| ((*text).to_owned(), 100 + at)).collect();
        assert_eq!(found, expected, "{line:?}");
    }

    #[test]
    fn blanks_part_words_and_nothing_else_does() {
        check("  -a  always,exit \r\n", &[("-a", 2), ("always,exit", 6)]);
        check("-k\tx \"a b\"", &[("-k\tx", 0), ("\"a", 5), ("b\"", 8)]);
        check("", &[]);
        check("   ", &[]);
    }

    #[test]
    fn a_backslash_keeps_a_blank_and_is_otherwise_a_letter() {
        check("-w /a\\ b c", &[("-w", 0), ("/a b", 3), ("c", 9)]);
        check("a \\", &[("a", 0), ("\\", 2)]);
        check("a\\b \\\\ c", &[("a\\b", 0), ("\\ c", 4)]);
    }
}

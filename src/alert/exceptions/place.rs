//! Where something stands in a file that people write, and what is wrong there.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file's name as it was given.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A file that cannot be taken as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub problem: String,
    /// What was expected instead.
    pub expected: String,
    /// The line that the place is in, or the part of a long one that matters.
    pub excerpt: String,
    /// Which characters of that are wrong.
    pub mark: Range<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; expected {}", self.place, self.problem, self.expected)
    }
}

impl std::error::Error for FileError {}

/// How many characters of a line are shown, and how many of them before what is wrong.
const WIDTH: usize = 96;
const BEFORE: usize = 48;

/// A text and its name, for places in it.
#[derive(Clone, Debug)]
pub(super) struct Source<'t> {
    pub name: Arc<str>,
    pub text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'t> Source<'t> {
    pub(super) fn new(name: &str, text: &'t str) -> Source<'t> {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Source { name: name.into(), text, lines: [0].into_iter().chain(ends).collect() }
    }

    /// Where something begins.
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        let (number, start) = self.line(span.start);
        let before = self.text.get(start..span.start).unwrap_or_default();
        Place { file: self.name.clone(), line: number, column: before.chars().count() + 1 }
    }

    /// What is wrong with something.
    pub(super) fn error(
        &self,
        span: &Range<usize>,
        problem: impl Into<String>,
        expected: impl Into<String>,
    ) -> Box<FileError> {
        let (_, start) = self.line(span.start);
        let line = self.text[start..].lines().next().unwrap_or_default();
        let end = span.end.min(start + line.len());
        let wrong = self.text.get(span.start..end).unwrap_or_default();
        let place = self.place(span);
        let skipped =
            if line.len() > WIDTH { (place.column - 1).saturating_sub(BEFORE) } else { 0 };
        let excerpt: String = line.chars().skip(skipped).take(WIDTH).collect();
        let at = place.column - 1 - skipped;
        let mark = at..(at + wrong.chars().count()).min(excerpt.chars().count()).max(at + 1);
        let (problem, expected) = (problem.into(), expected.into());
        Box::new(FileError { place, problem, expected, excerpt, mark })
    }

    /// The number of the line that a byte is in, and where it begins.
    fn line(&self, at: usize) -> (usize, usize) {
        let number = self.lines.partition_point(|start| *start <= at).max(1);
        (number, self.lines[number - 1])
    }
}

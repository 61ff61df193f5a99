//! Finding: what one check came to, why, and what mends it.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Nothing to mend, but good to know.
    Note,
    /// It could not be told.
    Unknown,
    /// Something is lost, or costs more than it should.
    Warn,
    /// Much is lost.
    Bad,
}

impl Level {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Note => "note",
            Level::Unknown => "unknown",
            Level::Warn => "warn",
            Level::Bad => "bad",
        }
    }

    /// Whether there is something to mend.
    pub fn wants_mending(self) -> bool {
        self >= Level::Warn
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What one check came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What was checked, in a word.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// Why, in a sentence or two.
    pub reason: String,
    /// What to do, if there is something to do.
    pub fix: Option<Fix>,
}

/// What mends it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What to do.
    pub what: String,
    /// Lines to paste: rules, settings or commands.
    pub lines: Vec<String>,
}

impl Finding {
    /// A finding without a fix.
    pub fn new(check: &'static str, level: Level, reason: impl Into<String>) -> Finding {
        Finding { check, level, reason: reason.into(), fix: None }
    }

    /// The same with a fix.
    pub fn mended(self, what: impl Into<String>, lines: Vec<String>) -> Finding {
        Finding { fix: Some(Fix { what: what.into(), lines }), ..self }
    }
}

//! What happens while logs are read, whatever they are read for: progress is shown, and what is not
//! understood is kept and told.

use super::progress::Progress;
use super::rejects::{self, Rejects};
use super::say;
use crate::audit::complaint::{Complaint, Example};
use crate::input::{InputError, MAX_LINE};
use crate::output::escape;
use crate::reading::Report;

/// How much of a line that was complained of is shown.
const EXCERPT: usize = 80;

/// The course of a reading.
pub struct Course {
    /// How far it is.
    pub progress: Progress,
    rejects: Option<Rejects>,
    /// The first place of each kind of fault.
    examples: Vec<(String, Example)>,
    /// How many files could not be opened.
    unread: usize,
}

/// How much of the input could be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readable {
    All,
    Part,
    Nothing,
}

impl Course {
    /// The course of a reading of so many bytes, if that is known.
    pub fn new(rejects: Option<Rejects>, unread: usize, size: Option<u64>) -> Course {
        Course { progress: Progress::of(size), rejects, examples: Vec::new(), unread }
    }

    /// Whether every file could be opened.
    pub fn has_all_files(&self) -> bool {
        self.unread == 0
    }

    /// Whether every line that is complained of is wanted.
    pub fn wants_all_complaints(&self) -> bool {
        self.rejects.is_some()
    }

    /// Hears of a line that was complained of.
    pub fn complaint(&mut self, source: &str, example: &Example) {
        if let Some(rejects) = &mut self.rejects {
            rejects.add(source, example);
        }
        if !self.examples.iter().any(|(_, known)| known.complaint == example.complaint) {
            self.examples.push((source.to_string(), example.clone()));
        }
    }

    /// Keeps a line that is not understood, if that is wanted, without its end.
    pub fn reject(&mut self, source: &str, line: u64, reason: &str, text: &[u8]) {
        let Some(rejects) = &mut self.rejects else { return };
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let mut reason = reason.to_owned();
        if text.len() >= MAX_LINE {
            reason +=
                &format!(" ({MAX_LINE} bytes or more, of which the first {MAX_LINE} are kept)");
        }
        rejects.keep(source, line, &reason, text);
    }

    /// Writes what is left of the rejects.
    pub fn finish(&mut self) -> Result<(), String> {
        let Some(rejects) = self.rejects.take() else { return Ok(()) };
        rejects.finish().map_err(|error| format!("cannot write the rejects: {error}"))
    }

    /// Tells what was wrong with the input.
    pub fn tell_doubts(&self, report: &Report) {
        self.doubts(report).iter().for_each(|doubt| say(doubt));
    }

    /// What was wrong with the input, with the first place of each kind of fault.
    pub fn doubts(&self, report: &Report) -> Vec<String> {
        let mut doubts: Vec<String> = report.failures.iter().map(InputError::to_string).collect();
        for (source, example) in &self.examples {
            let mut reason = example.complaint.words().to_owned();
            if example.complaint == Complaint::TooLong {
                reason = format!("{reason} ({})", rejects::length(example));
            }
            let mut shown = Vec::new();
            match example.complaint.advice() {
                Some(advice) => shown.extend_from_slice(advice.as_bytes()),
                None => {
                    let excerpt = &example.text[..example.text.len().min(EXCERPT)];
                    escape::text(excerpt, &mut shown);
                    if excerpt.len() < example.text.len() {
                        shown.extend_from_slice(" …".as_bytes());
                    }
                }
            }
            let shown = String::from_utf8_lossy(&shown);
            doubts.push(format!("{source}:{}: {reason}: {shown}", example.line));
        }
        doubts
    }

    /// How much of the input could be read.
    pub fn readable(&self, report: &Report) -> Readable {
        let complaints = &report.complaints;
        let lost =
            Complaint::ALL.into_iter().any(|c| c.loses_something() && complaints.count(c) > 0);
        let failed = self.unread > 0 || !report.failures.is_empty();
        if report.account.records == 0 && (failed || complaints.total() > 0) {
            Readable::Nothing
        } else if failed || lost {
            Readable::Part
        } else {
            Readable::All
        }
    }
}

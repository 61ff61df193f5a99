//! Shows connections as they come, and tells at the end what became of everything that was read.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::checkpoint::Checkpoint;
use super::connections::Arguments;
use super::progress::Progress;
use super::rejects::{self, Rejects};
use super::{Ending, account, say};
use crate::audit::Sighting;
use crate::audit::complaint::{Complaint, Example};
use crate::input::InputError;
use crate::output::{Format, Writer, escape};
use crate::reading::{Listener, Report};

/// How much output is collected before it is written.
pub const FLUSH: usize = 64 << 10;

/// How much of a line that was complained of is shown.
const EXCERPT: usize = 80;

/// Shows connections as they come.
pub struct Show<'a> {
    pub arguments: &'a Arguments,
    pub times: (u64, u64),
    pub checkpoint: Option<Checkpoint>,
    pub rejects: Option<Rejects>,
    pub writer: Option<Box<dyn Writer>>,
    pub is_light: bool,
    pub out: io::Stdout,
    pub buffer: Vec<u8>,
    pub shown: u64,
    /// Whether any connection names its user, once there was one that might.
    pub has_user_names: Option<bool>,
    pub examples: Vec<(String, Example)>,
    pub failure: Option<io::Error>,
    pub progress: Progress,
}

impl Listener for Show<'_> {
    fn sighting(&mut self, sighting: &Sighting) -> ControlFlow<()> {
        if !(self.times.0..=self.times.1).contains(&sighting.millis())
            || !self.arguments.filter.wants(sighting)
        {
            return ControlFlow::Continue(());
        }
        if !self.is_light {
            let connection = sighting.connection();
            *self.has_user_names.get_or_insert(false) |= connection.user.name.is_some();
            let is_wanted = self.arguments.filter.wants_connection(&connection)
                && self.checkpoint.as_mut().is_none_or(|c| c.is_new(&connection));
            if !is_wanted {
                return ControlFlow::Continue(());
            }
            if !self.arguments.count {
                match &mut self.writer {
                    Some(writer) => writer.connection(&connection, &mut self.buffer),
                    None => {
                        for line in sighting.lines() {
                            self.buffer.extend_from_slice(line);
                            self.buffer.push(b'\n');
                        }
                    }
                }
            }
        }
        self.shown += 1;
        if self.buffer.len() >= FLUSH { self.flush() } else { ControlFlow::Continue(()) }
    }

    fn complaint(&mut self, source: &str, example: &Example) {
        if let Some(rejects) = &mut self.rejects {
            rejects.add(source, example);
        }
        if !self.examples.iter().any(|(_, known)| known.complaint == example.complaint) {
            self.examples.push((source.to_string(), example.clone()));
        }
    }

    fn progress(&mut self, source: &str, bytes: u64) {
        self.progress.add(source, bytes);
    }
}

impl Show<'_> {
    /// Writes what stands before the first connection.
    pub fn begin(&mut self) {
        if !self.arguments.count
            && let Some(writer) = &mut self.writer
        {
            writer.head(&mut self.buffer);
        }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let (out, buffer) = (&mut self.out, &self.buffer);
        let written = self.progress.aside(|| out.write_all(buffer).and_then(|()| out.flush()));
        self.buffer.clear();
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// Writes what is left, and the account of it all.
    pub fn finish(mut self, report: &Report, unread: usize) -> Result<Ending, String> {
        if self.arguments.count {
            let totals = match self.arguments.format {
                Format::Ndjson => account::totals_json(report, self.shown),
                _ => account::totals(report, self.shown),
            };
            self.buffer.extend_from_slice(totals.as_bytes());
        }
        if self.failure.is_none() {
            let _ = self.flush();
        }
        self.progress.finish();
        match self.failure.take() {
            // Whoever read our output has seen enough; that is no failure of ours.
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Ending::Found),
            Some(error) => return Err(format!("cannot write the output: {error}")),
            None => {}
        }
        if let Some(rejects) = self.rejects.take() {
            rejects.finish().map_err(|error| format!("cannot write the rejects: {error}"))?;
        }
        if let Some(checkpoint) = &self.checkpoint
            && !self.arguments.count
        {
            checkpoint.save().map_err(|error| format!("cannot save the checkpoint: {error}"))?;
        }
        self.tell_doubts(report);
        if self.has_user_names == Some(false) && self.arguments.filter.asks_for_user_names() {
            say("only ENRICHED logs have the names of users; in these, look for their numbers.");
        }
        say(&account::in_words(report, self.shown));
        Ok(self.ending(report, unread))
    }

    /// What was wrong with the input, with the first place of each kind of fault.
    fn tell_doubts(&self, report: &Report) {
        report.failures.iter().map(InputError::to_string).for_each(|failure| say(&failure));
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
            say(&format!("{source}:{}: {reason}: {shown}", example.line));
        }
    }

    fn ending(&self, report: &Report, unread: usize) -> Ending {
        let complaints = &report.complaints;
        let lost =
            Complaint::ALL.into_iter().any(|c| c.loses_something() && complaints.count(c) > 0);
        let failed = unread > 0 || !report.failures.is_empty();
        if report.account.records == 0 && (failed || complaints.total() > 0) {
            Ending::NothingRead
        } else if failed || lost {
            Ending::PartlyRead
        } else if self.shown > 0 {
            Ending::Found
        } else {
            Ending::NothingFound
        }
    }
}

//! Shows connections as they come, and tells at the end what became of everything that was read.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::checkpoint::Checkpoint;
use super::connections::Arguments;
use super::course::{Course, Readable};
use super::{Ending, account, say};
use crate::audit::Sighting;
use crate::audit::complaint::Example;
use crate::output::{Format, Writer};
use crate::reading::{Listener, Report};

/// How much output is collected before it is written.
pub const FLUSH: usize = 64 << 10;

/// Shows connections as they come.
pub struct Show<'a> {
    pub arguments: &'a Arguments,
    pub times: (u64, u64),
    pub checkpoint: Option<Checkpoint>,
    pub writer: Option<Box<dyn Writer>>,
    pub is_light: bool,
    pub out: io::Stdout,
    pub buffer: Vec<u8>,
    pub shown: u64,
    /// Whether any connection names its user, once there was one that might.
    pub has_user_names: Option<bool>,
    pub failure: Option<io::Error>,
    pub course: Course,
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
        self.course.complaint(source, example);
    }

    fn progress(&mut self, source: &str, bytes: u64) {
        self.course.progress.add(source, bytes);
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
        let written =
            self.course.progress.aside(|| out.write_all(buffer).and_then(|()| out.flush()));
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
    pub fn finish(mut self, report: &Report) -> Result<Ending, String> {
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
        self.course.progress.finish();
        match self.failure.take() {
            // Whoever read our output has seen enough; that is no failure of ours.
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Ending::Found),
            Some(error) => return Err(format!("cannot write the output: {error}")),
            None => {}
        }
        self.course.finish()?;
        if let Some(checkpoint) = &self.checkpoint
            && !self.arguments.count
        {
            checkpoint.save().map_err(|error| format!("cannot save the checkpoint: {error}"))?;
        }
        self.course.tell_doubts(report);
        if self.has_user_names == Some(false) && self.arguments.filter.asks_for_user_names() {
            say("only ENRICHED logs have the names of users; in these, look for their numbers.");
        }
        say(&account::in_words(report, self.shown));
        Ok(match self.course.readable(report) {
            Readable::Nothing => Ending::NothingRead,
            Readable::Part => Ending::PartlyRead,
            Readable::All if self.shown > 0 => Ending::Found,
            Readable::All => Ending::NothingFound,
        })
    }
}

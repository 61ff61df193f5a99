//! The file of rejects: every line that was not understood, with its place and the reason.
//!
//! One reject is one line, `FILE:LINE: REASON: ` and then the line as it was, byte for byte, so
//! that a corrected reader, or a person, can start from it. Of a line that is too long there is
//! only the beginning; `REASON` says so, and how long it was.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::audit::complaint::{Complaint, Example};
use crate::input::MAX_LINE;

/// The file of rejects.
pub struct Rejects {
    file: BufWriter<File>,
    failure: Option<io::Error>,
}

impl Rejects {
    /// A new file. What is there already is never written over: it may be the log itself.
    pub fn create(path: &Path) -> io::Result<Rejects> {
        if path.metadata().is_ok_and(|there| there.is_file() && there.len() > 0) {
            let reason = "it is there already and not empty; give another name";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, reason));
        }
        Ok(Rejects { file: BufWriter::new(File::create(path)?), failure: None })
    }

    /// Keeps a line of an audit log.
    pub fn add(&mut self, source: &str, example: &Example) {
        let mut reason = example.complaint.words().to_owned();
        if example.complaint == Complaint::TooLong {
            let kept = example.text.len();
            reason += &format!(" ({}, of which the first {kept} are kept)", length(example));
        }
        self.keep(source, example.line, &reason, &example.text);
    }

    /// Keeps a line; the first failure to do so is told by [`Rejects::finish`].
    pub fn keep(&mut self, source: &str, line: u64, reason: &str, text: &[u8]) {
        if self.failure.is_none() {
            self.failure = self.write(source, line, reason, text).err();
        }
    }

    fn write(&mut self, source: &str, line: u64, reason: &str, text: &[u8]) -> io::Result<()> {
        write!(self.file, "{source}:{line}: {reason}: ")?;
        self.file.write_all(text)?;
        self.file.write_all(b"\n")
    }

    /// Writes what is left.
    pub fn finish(mut self) -> io::Result<()> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.file.flush(),
        }
    }
}

/// How long a line is that is too long.
///
/// What turns other forms into lines may have cut it already, and then there is no telling.
pub fn length(example: &Example) -> String {
    let or_more = if example.length > MAX_LINE as u64 { "" } else { " or more" };
    format!("{} bytes{or_more}", example.length)
}

//! The file of rejects: every line that was not understood, with its place and the reason.
//!
//! One reject is one line, `FILE:LINE: REASON: ` and then the line as it was, byte for byte, so
//! that a corrected reader, or a person, can start from it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::audit::complaint::Example;
use crate::output::escape;

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

    /// Keeps a line; the first failure to do so is told by [`Rejects::finish`].
    pub fn add(&mut self, source: &str, example: &Example) {
        if self.failure.is_none() {
            self.failure = self.write(source, example).err();
        }
    }

    fn write(&mut self, source: &str, example: &Example) -> io::Result<()> {
        let mut place = Vec::new();
        escape::text(source.as_bytes(), &mut place);
        self.file.write_all(&place)?;
        write!(self.file, ":{}: {}: ", example.line, example.complaint.words())?;
        self.file.write_all(&example.text)?;
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

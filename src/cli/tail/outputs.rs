//! The file of connections, and how each connection is there once, whenever the program is killed.
//!
//! How long the file was when the state was saved stands in the state. What was written behind that
//! place will be told of again; so the lines there are noted by what names their events, and those
//! are not written a second time. Nothing is cut off but a line that was written in part: others
//! may have written to the file meanwhile.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::marks;
use crate::access::{self, Wanted};
use crate::cli::say;
use crate::cli::spout::{Poured, Spout};
use crate::hindrance::Hindrance;
use crate::lock::lock;
use crate::quoted::Quoted;
use crate::store::OutputMark;

/// How much is kept of what cannot be written now.
const MOST_WAITING: usize = 64 << 20;
/// How many events are known by their names, and how much is looked through in a file of which
/// nothing is known.
const MOST_KNOWN: usize = 1 << 20;
const LOOKED_THROUGH: u64 = 64 << 20;
/// How long is waited between tries to lock it.
const PAUSE: Duration = Duration::from_millis(25);
/// For how long an event may be held back that was read, in milliseconds.
const HELD_FOR: u64 = 15_000;
/// What every line begins with.
const BEGINS: &[u8] = b"{\"@timestamp\":\"";

/// A file that connections are written to.
pub struct Connections {
    path: PathBuf,
    file: File,
    /// Lines, and how many bytes of them are written.
    lines: Vec<u8>,
    written: usize,
    /// How many were dropped because there was no room for them.
    pub dropped: u64,
    spout: Spout,
    /// The events that may be told of again, and the mark behind which they are, until it is sure
    /// that they were; and since when all was read that was there in the beginning.
    known: Known,
    held: Option<OutputMark>,
    read_since: Option<u64>,
}

impl Connections {
    /// Opens the file, and looks at what was written to it behind the last save.
    pub fn open(path: &Path, mark: Option<&OutputMark>) -> Result<Connections, Hindrance> {
        let file = appending(path)?;
        let is_file = is_file(&file);
        let mut connections = Connections {
            path: path.to_path_buf(),
            file,
            lines: Vec::new(),
            written: 0,
            dropped: 0,
            spout: Spout::new(is_file),
            known: Known::default(),
            held: None,
            read_since: None,
        };
        if let Some(mark) = mark.filter(|_| is_file)
            && let Err(error) = connections.look_behind(mark)
        {
            let path = Quoted(path);
            say(&format!("cannot look through {path}: {error}. Some may be there twice."));
        }
        connections.end_line();
        Ok(connections)
    }

    /// Notes what was written since a save. The file may have been renamed, and there be another.
    fn look_behind(&mut self, mark: &OutputMark) -> io::Result<()> {
        let found = marks::file_of(&self.path, mark);
        if let Some(file) = &found {
            let cut_off = self.known.note(file, mark.length)?;
            self.held = Some(mark.clone());
            if let Some(at) = cut_off {
                file.set_len(at)?;
            }
        }
        if !found.is_some_and(|found| marks::is_at(&found, &self.path)) {
            let from = self.file.metadata()?.len().saturating_sub(LOOKED_THROUGH);
            self.known.note(&self.file, from)?;
            let here = || marks::of("connections", &self.path, &self.file, from);
            self.held = self.held.take().or_else(here);
        }
        Ok(())
    }

    /// Hears whether all is read that is there, and told of. What the file had behind its mark was
    /// written by others if it has not come again then.
    pub fn hear(&mut self, now: u64, is_read: bool, is_told: bool) {
        if is_read {
            self.read_since.get_or_insert(now);
        }
        let is_over = self.read_since.is_some_and(|since| is_told || now >= since + HELD_FOR);
        if self.held.is_some() && (is_over || self.known.events.is_empty()) {
            (self.held, self.known) = (None, Known::default());
        }
    }

    /// Adds a line, unless it is there: `write` writes it.
    pub fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.lines.len();
        write(&mut self.lines);
        if self.known.forget(&self.lines[before..]) {
            self.lines.truncate(before);
        }
    }

    /// Opens the file that has the name now, if it is another.
    pub fn reopen(&mut self, now: u64) -> Result<(), Hindrance> {
        self.flush(now);
        if marks::is_at(&self.file, &self.path) {
            return Ok(());
        }
        let file = appending(&self.path)?;
        // What was begun goes on in the other, from its beginning.
        let begun = self.begun();
        if self.spout.is_file && begun > 0 {
            let length = self.file.metadata().map_or(0, |about| about.len());
            let mut end = vec![0; begun];
            let at = length.saturating_sub(begun as u64);
            let is_there = self.file.read_exact_at(&mut end, at).is_ok();
            if is_there && end == self.lines[self.written - begun..self.written] {
                let _ = self.file.set_len(at);
            }
        }
        self.written -= begun;
        self.spout.is_file = is_file(&file);
        self.file = file;
        self.end_line();
        Ok(())
    }

    /// What somebody else has left without an end is no beginning of a line of ours.
    fn end_line(&mut self) {
        let length = self.file.metadata().map_or(0, |about| about.len());
        let mut last = [b'\n'];
        let is_read = self.spout.is_file && length > 0;
        if is_read && self.file.read_exact_at(&mut last, length - 1).is_ok() && last != [b'\n'] {
            self.lines.insert(self.written, b'\n');
        }
    }

    /// Writes what waits, as far as it can be written.
    pub fn flush(&mut self, now: u64) {
        let rest = &self.lines[self.written..];
        let (count, poured) = self.spout.pour(self.file.as_fd(), rest, now);
        self.written += count;
        let path = Quoted(&self.path);
        match poured {
            Poured::All => {
                self.lines.clear();
                self.written = 0;
                if self.spout.is_done() {
                    say(&format!("{path} can be written to again."));
                }
            }
            Poured::Some => self.make_room(),
            Poured::Failed(error, is_new) => {
                if is_new {
                    say(&format!("cannot write to {path}: {error}. Trying on."));
                }
                self.make_room();
            }
        }
    }

    /// How much is written of the line that is being written.
    fn begun(&self) -> usize {
        let before = &self.lines[..self.written];
        self.written - memrchr(b'\n', before).map_or(0, |newline| newline + 1)
    }

    /// How many wait to be written.
    pub fn unwritten(&self) -> u64 {
        memchr_iter(b'\n', &self.lines[self.written..]).count() as u64
    }

    /// Drops what is written, and what is too much.
    fn make_room(&mut self) {
        let whole = self.written - self.begun();
        if whole > MOST_WAITING / 4 {
            self.lines.drain(..whole);
            self.written -= whole;
        }
        if self.lines.len() - self.written > MOST_WAITING {
            // A line that was begun is ended one day.
            let rest = &self.lines[self.written..];
            let end = if self.begun() == 0 { None } else { memchr(b'\n', rest) };
            let kept = self.written + end.map_or(0, |end| end + 1);
            let lines = memchr_iter(b'\n', &self.lines[kept..]).count();
            self.lines.truncate(kept);
            self.dropped += lines as u64;
            self.tell_lost(lines as u64);
        }
    }

    /// Says how many were not written, when nothing more is.
    pub fn finish(&self) {
        let lines = self.unwritten();
        if lines > 0 {
            self.tell_lost(lines);
        }
    }

    fn tell_lost(&self, lines: u64) {
        let path = Quoted(&self.path);
        say(&format!("{lines} connections could not be written to {path} and are lost."));
    }

    /// How long it is in whole lines, on the disk, without those that may be told of again; none if
    /// it is no file.
    pub fn mark(&self) -> Result<Option<OutputMark>, Hindrance> {
        let Some(about) = self.file.metadata().ok().filter(|_| self.spout.is_file) else {
            return Ok(None);
        };
        // A state that is behind lines which the disk has lost would never have them again.
        let cannot = |error: io::Error| {
            Hindrance::of(&error, format!("{} cannot be kept: {error}.", Quoted(&self.path)))
        };
        marks::settle(self.file.as_fd()).map_err(cannot)?;
        // The position may lie before lines that are there already.
        if let Some(held) = &self.held {
            return Ok(Some(held.clone()));
        }
        let length = about.len().saturating_sub(self.begun() as u64);
        Ok(marks::of("connections", &self.path, &self.file, length))
    }

    /// What to wait on, if whoever reads it has to read before more can be written.
    pub fn full(&self) -> Option<&File> {
        self.spout.is_full().then_some(&self.file)
    }
}

/// The events of lines that are in a file already.
#[derive(Default)]
struct Known {
    hasher: RandomState,
    events: HashSet<u64>,
}

impl Known {
    /// Notes the events behind a place; where the last line begins if it is ours and has no end.
    fn note(&mut self, file: &File, from: u64) -> io::Result<Option<u64>> {
        let rest = marks::each_line(file, from, &mut |line| {
            if self.events.len() < MOST_KNOWN {
                self.events.extend(name_of(line).map(|name| self.hasher.hash_one(name)));
            }
        })?;
        let is_ours = |rest: &[u8]| {
            let length = rest.len().min(BEGINS.len());
            rest[..length] == BEGINS[..length]
        };
        Ok(rest.filter(|(_, rest)| is_ours(rest)).map(|(at, _)| at))
    }

    /// Whether a line's event is known; it is not from then on.
    fn forget(&mut self, line: &[u8]) -> bool {
        !self.events.is_empty()
            && name_of(line).is_some_and(|name| self.events.remove(&self.hasher.hash_one(name)))
    }
}

/// What names the event of a line, as it is written there.
fn name_of(line: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"\"event.id\":\"";
    // In a text every quotation mark has a backslash before it.
    let name = &line[memmem::find(line, NAME)? + NAME.len()..];
    let mut marks = memchr_iter(b'"', name);
    let end =
        marks.find(|at| name[..*at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0);
    end.filter(|_| line.starts_with(BEGINS)).map(|end| &name[..end])
}

fn is_file(file: &File) -> bool {
    file.metadata().is_ok_and(|about| about.is_file())
}

/// Opens a file, or makes it, and keeps others from it. A named pipe is opened as if we read it
/// too: then nobody has to be there who does.
fn appending(path: &Path) -> Result<File, Hindrance> {
    let cannot = |what: &str| format!("cannot write to {}: {what}", Quoted(path));
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o640);
    let opened = options.clone().read(true).open(path).or_else(|_| options.open(path));
    let file = opened.map_err(|error| {
        Hindrance::of(&error, cannot(&access::told(&error, path, Wanted::Write)))
    })?;
    // Where there are no locks, nobody else has one.
    match !is_file(&file) || lock(&file, PAUSE).unwrap_or(true) {
        true => Ok(file),
        false => Err(Hindrance::Passing(cannot("another oddsock writes to it."))),
    }
}

#[cfg(test)]
#[path = "outputs_tests.rs"]
mod tests;

//! A file of alerts, a line of JSON each, and each exactly once.
//!
//! The office hands out a batch, and notes it as taken after it was written. A kill between the two
//! leaves lines that will be handed out again, or a part of one. So after each opening, and after
//! each write that failed, the end of the file is looked through: a line that was cut off is
//! removed, and an alert whose id is there is taken for written. The same is done for the file that
//! a rotation has just moved to the name with `.1`.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use memchr::memmem;
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde_core::de::IgnoredAny;

use super::{Carrier, Letter, Outcome};
use crate::access::{self, Wanted};
use crate::folder;
use crate::hindrance::Hindrance;
use crate::lock::lock;
use crate::quoted::Quoted;

/// How much of the end of a file is looked through: many times more than a batch.
const LOOKED_THROUGH: u64 = 64 << 20;

/// How long is waited between the tries for the right to write.
const PAUSE: Duration = Duration::from_millis(25);

/// What every alert begins with, with a 0 for each digit. A last line that begins otherwise is
/// somebody else's.
const BEGINS: &[u8] = b"{\"@timestamp\":\"0000-00-00T00:00:00.000Z\",\"ecs.version\":\"";

/// A file that gets alerts.
pub struct AlertFile {
    path: PathBuf,
    /// None if it is to be opened, and looked through, before the next line.
    file: Option<File>,
    /// Which of the letters handed out are in it already, as far as it was looked through.
    is_new: bool,
}

impl AlertFile {
    /// Opens the file, or makes one that only its owner and group may read.
    pub fn open(path: &Path) -> Result<AlertFile, Hindrance> {
        let cannot = |what: &str| format!("cannot write alerts to {}: {what}", Quoted(path));
        let told = |error: io::Error| {
            Hindrance::of(&error, cannot(&access::told(&error, path, Wanted::Write)))
        };
        let name = path.file_name().ok_or_else(|| cannot("it names no file."))?;
        // Whatever folder the process goes to, and by whatever name it is given, it is this file.
        let folder = fs::canonicalize(folder::of(path)).map_err(told)?;
        let path = folder.join(name);
        let file = open(&path).map_err(told)?;
        Ok(AlertFile { path, file: Some(file), is_new: true })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn append(&mut self, letters: &[Letter]) -> io::Result<()> {
        if self.file.as_ref().is_none_or(|file| !is_at(file, &self.path)) {
            self.file = None;
            self.file = Some(open(&self.path)?);
            self.is_new = true;
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut written = HashSet::new();
        if self.is_new {
            let wanted: HashSet<&str> = letters.iter().map(|letter| &*letter.id).collect();
            let end = mend(file, letters)?;
            look_through(file, end, &wanted, &mut written)?;
            if let Ok(rotated) = File::open(rotated(&self.path)) {
                let end = rotated.metadata()?.len();
                look_through(&rotated, end, &wanted, &mut written)?;
            }
        }
        let mut lines = Vec::new();
        for letter in letters.iter().filter(|letter| !written.contains(&letter.id)) {
            lines.extend(line(letter));
            lines.push(b'\n');
        }
        // Until all of it is on the disk, nobody knows what is there.
        self.is_new = true;
        file.write_all(&lines)?;
        file.sync_data()?;
        self.is_new = false;
        Ok(())
    }
}

impl Carrier for AlertFile {
    fn carry(&mut self, letters: &[Letter], _now: u64) -> Outcome {
        match self.append(letters) {
            Ok(()) => Outcome::taken(letters.len()),
            Err(error) => Outcome::trouble(0, error.to_string()),
        }
    }

    fn reopen(&mut self) {
        // What keeps it from being opened now is said when there is something to write.
        self.file = None;
        self.file = open(&self.path).ok();
        self.is_new = true;
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o640);
    let opened = options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path);
    let file =
        opened.map_err(|error| match error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) {
            // Its folder has no links in its name, so it is the last one.
            true => io::Error::new(
                ErrorKind::InvalidInput,
                "it is a symbolic link; name the file itself",
            ),
            false => error,
        })?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file"));
    }
    match lock(&file, PAUSE)? {
        true => Ok(file),
        false => Err(io::Error::other("another oddsock writes to it")),
    }
}

/// Whether the file at a path is still the one that is open.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Where a rotation puts the file.
fn rotated(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    PathBuf::from(name)
}

/// What is written of a letter, without the line's end.
fn line(letter: &Letter) -> impl Iterator<Item = u8> {
    letter.document.bytes().filter(|byte| *byte != b'\n')
}

/// Sees to it that the file ends with a whole line; where that is. These letters are to be written
/// next: what was cut off is the beginning of one of them, as nothing else was in hand.
fn mend(file: &mut File, letters: &[Letter]) -> io::Result<u64> {
    let end = file.metadata()?.len();
    let from = end.saturating_sub(LOOKED_THROUGH);
    let tail = read(file, from, end)?;
    let start = memchr::memrchr(b'\n', &tail).map_or(0, |newline| newline + 1);
    let rest = &tail[start..];
    if rest.is_empty() {
        return Ok(end);
    }
    let has_its_beginning = start > 0 || from == 0;
    if has_its_beginning && is_cut_off(rest, letters) {
        let whole = from + start as u64;
        file.set_len(whole)?;
        return Ok(whole);
    }
    file.write_all(b"\n")?;
    Ok(end + 1)
}

/// Whether the last line of a file is an alert that was not written to its end. Whatever else may
/// stand there, only its owner may remove it.
fn is_cut_off(rest: &[u8], letters: &[Letter]) -> bool {
    let begins = |letter: &Letter| line(letter).zip(rest).all(|(ours, byte)| ours == *byte);
    let is_shorter = |letter: &Letter| rest.len() < line(letter).count();
    if letters.iter().any(|letter| is_shorter(letter) && begins(letter)) {
        return true;
    }
    // One that has left the outbox meanwhile, since too many waited there.
    let alike = |(byte, begin): (&u8, &u8)| match begin {
        b'0' => byte.is_ascii_digit(),
        _ => byte == begin,
    };
    rest.len() >= BEGINS.len()
        && rest.iter().zip(BEGINS).all(alike)
        && serde_json::from_slice::<IgnoredAny>(rest).is_err()
}

/// Notes which alerts are in a file.
fn look_through(
    file: &File,
    end: u64,
    wanted: &HashSet<&str>,
    written: &mut HashSet<String>,
) -> io::Result<()> {
    const NAME: &[u8] = b"\"event.id\":\"";
    let tail = read(file, end.saturating_sub(LOOKED_THROUGH), end)?;
    for line in tail.split(|byte| *byte == b'\n') {
        // The first one is the alert's: what its evidence says comes after it.
        let Some(at) = memmem::find(line, NAME) else { continue };
        let id = line[at + NAME.len()..].split(|byte| *byte == b'"').next().unwrap_or_default();
        if let Some(id) = str::from_utf8(id).ok().filter(|id| wanted.contains(id)) {
            written.insert(id.to_owned());
        }
    }
    Ok(())
}

fn read(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(to - from).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, from)?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;

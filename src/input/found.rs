//! What was found to read.
//!
//! The arguments of a command come in; out go the sources, in the order in which they are to be
//! read and each with its host, and what was left out, with the reasons. A file that cannot be read
//! does not end the run: it is written down, and the caller decides what that means for the exit
//! status. Of the content of files only the head is looked at.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::auditd_conf::{AUDITD_CONF, log_file};
use super::compression::{Compression, decoded};
use super::copies::without_copies;
use super::directory::{logs_in, place_of, rotated_beside};
use super::host::{hosts, this_machine};
use super::rotation::in_order;
use super::stamp::{FirstStamp, HEAD};
use super::{InputError, JournalExport, Nature, Source};

/// What there is to read, and what was left out.
#[derive(Debug, Default)]
pub struct Found {
    /// What there is to read, in the order in which it is to be read.
    pub sources: Vec<Source>,
    /// What was left out on purpose.
    pub skipped: Vec<Skipped>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// A file that is not read, though it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why: the rest of a sentence that begins "not read: ".
    pub reason: String,
}

/// A file or directory that was to be read and could not be.
#[derive(Debug)]
pub struct Unreadable {
    /// The file or directory, as it was given or found.
    pub path: PathBuf,
    /// Why, and what to do about it.
    pub error: InputError,
}

/// Where this runs: all that finding takes from the machine besides the files themselves.
#[derive(Clone, Debug)]
pub struct Place {
    /// The host that the user named for everything (`--host`).
    pub host: Option<String>,
    /// The name of this machine.
    pub machine: String,
    /// The auditd.conf that tells where this machine's log is.
    pub auditd_conf: PathBuf,
}

impl Place {
    /// This machine, with the `host` that the user named.
    pub fn here(host: Option<&str>) -> Place {
        Place {
            host: host.map(str::to_owned),
            machine: this_machine(),
            auditd_conf: AUDITD_CONF.into(),
        }
    }
}

/// Finds what `arguments` name: files, directories, `-` for standard input; without arguments, this
/// machine's own audit log and its rotated files.
///
/// An error is returned only where nothing was named and the machine's log cannot be read; what was
/// named and cannot be read is in [`Found::unreadable`]. `host`, if given, is the host of
/// everything.
pub fn find(arguments: &[PathBuf], host: Option<&str>) -> Result<Found, InputError> {
    find_at(arguments, &Place::here(host))
}

/// [`find`], at a place of the caller's choice.
pub fn find_at(arguments: &[PathBuf], place: &Place) -> Result<Found, InputError> {
    let mut finding = Finding::default();
    if arguments.is_empty() {
        finding.own_log(place)?;
    }
    for argument in arguments {
        finding.argument(argument);
    }
    let Finding { mut sources, mut found, .. } = finding;
    let paths: Vec<&Path> = sources.iter().map(|source| source.path.as_path()).collect();
    let hosts = match &place.host {
        Some(host) => vec![host.clone(); sources.len()],
        None if arguments.is_empty() => vec![place.machine.clone(); sources.len()],
        None => hosts(&paths, &place.machine),
    };
    for (source, host) in sources.iter_mut().zip(hosts) {
        source.host = host;
    }
    found.sources = without_copies(in_order(sources), &mut found.skipped);
    Ok(found)
}

#[derive(Default)]
struct Finding {
    sources: Vec<Source>,
    /// The device and the number of each file that was found.
    seen: HashSet<(u64, u64)>,
    standard_input: bool,
    found: Found,
}

impl Finding {
    fn own_log(&mut self, place: &Place) -> Result<(), InputError> {
        // Whoever may not read the configuration can still have the log in its usual place.
        let log = log_file(&fs::read_to_string(&place.auditd_conf).unwrap_or_default());
        let place = place_of(&log);
        for path in rotated_beside(&place) {
            self.file(&path, true);
        }
        if let Some(position) =
            self.found.unreadable.iter().position(|unreadable| unreadable.path == place)
        {
            return Err(self.found.unreadable.swap_remove(position).error);
        }
        // Between the renaming and the new file there may be no log but the rotated ones.
        if self.sources.is_empty() {
            return match fs::metadata(&log) {
                Ok(_) => {
                    self.file(&log, false);
                    self.found.unreadable.pop().map_or(Ok(()), |unreadable| Err(unreadable.error))
                }
                Err(error) => Err(match InputError::of(&log, error) {
                    InputError::Missing { path } => InputError::NoLog { path },
                    error => error,
                }),
            };
        }
        Ok(())
    }

    fn argument(&mut self, path: &Path) {
        if path == Path::new("-") {
            if !std::mem::replace(&mut self.standard_input, true) {
                self.sources.push(source(path, Nature::StandardInput, 0));
            }
        } else if path.is_dir() {
            let mut errors = Vec::new();
            let logs = logs_in(path, &mut errors);
            if logs.is_empty() && errors.is_empty() {
                errors.push(InputError::NoLogInDirectory { path: path.to_path_buf() });
            }
            for log in logs {
                self.file(&log, true);
            }
            let unreadable = |error| Unreadable { path: path.to_path_buf(), error };
            self.found.unreadable.extend(errors.into_iter().map(unreadable));
        } else {
            self.file(path, false);
        }
    }

    /// Takes in one file; `by_directory`, if nobody named it.
    fn file(&mut self, path: &Path, by_directory: bool) {
        match self.look_into(path, by_directory) {
            Ok(source) => self.sources.extend(source),
            Err(error) => {
                let error = InputError::of(path, error);
                self.found.unreadable.push(Unreadable { path: path.to_path_buf(), error });
            }
        }
    }

    fn look_into(&mut self, path: &Path, by_directory: bool) -> std::io::Result<Option<Source>> {
        let metadata = fs::metadata(path)?;
        if !self.seen.insert((metadata.dev(), metadata.ino())) {
            self.skip(path, "the same file was named or found before");
            return Ok(None);
        }
        if !metadata.is_file() {
            // A pipe is opened when its turn comes: opening it waits for the writer.
            return Ok(Some(source(path, Nature::Stream, 0)));
        }
        let (compression, head) = head(path, &metadata)?;
        let first_stamp = FirstStamp::in_head(&head);
        let is_text = first_stamp.is_some()
            || JournalExport::begins_with(&head)
            || !(head.starts_with(b"\x7fELF") || head.contains(&0));
        if by_directory && !is_text {
            self.skip(path, "it is not text; to read it all the same, name it");
            return Ok(None);
        }
        let plain = source(path, Nature::Regular, metadata.len());
        let inode = Some((metadata.dev(), metadata.ino()));
        Ok(Some(Source { compression, first_stamp, inode, ..plain }))
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.found.skipped.push(Skipped { path: path.to_path_buf(), reason: reason.to_owned() });
    }
}

fn source(path: &Path, nature: Nature, size: u64) -> Source {
    Source {
        path: path.to_path_buf(),
        host: String::new(),
        nature,
        size,
        compression: Compression::Plain,
        first_stamp: None,
        inode: None,
    }
}

/// What the file is packed with, and its first bytes, unpacked.
fn head(path: &Path, metadata: &Metadata) -> std::io::Result<(Compression, Vec<u8>)> {
    let mut magic = Vec::new();
    File::open(path)?.take(Compression::MAGIC as u64).read_to_end(&mut magic)?;
    let expected = HEAD.min(usize::try_from(metadata.len()).unwrap_or(HEAD));
    let mut head = Vec::with_capacity(expected);
    // A damage in the head is met again, and reported, when the file is read.
    let _ = decoded(File::open(path)?)?.take(HEAD as u64).read_to_end(&mut head);
    Ok((Compression::of(&magic), head))
}

#[cfg(test)]
#[path = "found_tests.rs"]
mod tests;

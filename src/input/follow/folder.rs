//! The files of a log as they lie in its folder at one moment, the oldest first.
//!
//! The path of the log comes in; out go its rotated files and itself, opened, so that no renaming
//! changes what is meant. Whoever rotates renames one file after the other: what was listed is
//! listed again, and if anything moved meanwhile, all of it is looked at anew.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::mark::{self, HEAD, Mark, read_at};
use crate::input::compression::{Compression, decoded};
pub use crate::input::directory::place_of;
use crate::input::directory::rotated_beside;
use crate::input::rotation::{Age, Rotated, oldest_first};
use crate::input::{FirstStamp, InputError};

/// How often a folder in which files are being renamed is looked at, before it is left for later.
const TRIES: usize = 5;

/// How many files are looked at, the youngest: all of them are opened at once, and where auditd
/// keeps all that it ever wrote there are more than a process may open.
const MOST_FILES: usize = 256;

/// A file of the log.
#[derive(Debug)]
pub struct Candidate {
    pub path: PathBuf,
    pub device: u64,
    pub inode: u64,
    pub length: u64,
    /// When it was written to last.
    pub written: (i64, i64),
    pub content: Content,
}

/// What a file that nobody writes to any more is known by where it cannot be read: device, inode,
/// length, and when it was written to last.
pub type Outside = (u64, u64, u64, (i64, i64));

/// What could be seen of a file's content.
#[derive(Debug)]
pub enum Content {
    Plain(File),
    /// Packed by whoever rotated it; the bytes are the first, unpacked.
    Packed(File, Vec<u8>),
    Unreadable(io::Error),
}

impl Candidate {
    /// Whether it is the file of a mark, or a copy of it.
    pub fn fits(&self, mark: &Mark) -> bool {
        let is_same = self.is_inode_of(mark) && self.length == mark.offset;
        if mark.is_empty() || !mark.is_telling() && !is_same {
            return false;
        }
        match &self.content {
            Content::Plain(file) => mark.fits(file).unwrap_or(false),
            Content::Packed(_, head) => head.starts_with(&mark.head),
            Content::Unreadable(_) => self.is_inode_of(mark),
        }
    }

    /// Whether it is the same file on the disk, whatever is in it now.
    pub fn is_inode_of(&self, mark: &Mark) -> bool {
        (self.device, self.inode) == (mark.device, mark.inode)
    }

    /// Whether nobody lets it be read.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.content, Content::Unreadable(_))
    }

    /// The stamp that comes first in it.
    fn first_stamp(&self) -> Option<FirstStamp> {
        match &self.content {
            Content::Plain(file) => mark::first_stamp(file),
            Content::Packed(_, head) => FirstStamp::in_head(head),
            Content::Unreadable(_) => None,
        }
    }

    /// What it is known by from outside.
    pub fn outside(&self) -> Outside {
        (self.device, self.inode, self.length, self.written)
    }
}

/// The files of a log, the oldest first and the log itself last, if it is there; nothing if they
/// are being renamed all the time.
pub fn look(log: &Path) -> Result<Option<Vec<Candidate>>, InputError> {
    // Whoever may not look into the folder sees no file, and that is not the same as none.
    match fs::read_dir(folder_of(log)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(InputError::of(log, error));
        }
        _ => {}
    }
    for _ in 0..TRIES {
        let names = listed(log);
        let Some(candidates) = names.iter().map(|(path, ..)| opened(path)).collect() else {
            continue;
        };
        let candidates: Vec<Candidate> = candidates;
        let is = |(named, found): (&(PathBuf, u64, u64), &Candidate)| {
            (named.1, named.2) == (found.device, found.inode)
        };
        if names.iter().zip(&candidates).all(is) && listed(log) == names {
            let age = |file: &Candidate| age(&file.path, log);
            let aged = candidates.into_iter().map(|file| (age(&file), file)).collect();
            return Ok(Some(oldest_first(aged, |file| &file.path, Candidate::first_stamp)));
        }
    }
    Ok(None)
}

/// When something in the folder got another name, came or went.
pub fn changed(log: &Path) -> (i64, i64) {
    fs::metadata(folder_of(log)).map_or((0, 0), |about| (about.mtime(), about.mtime_nsec()))
}

pub use crate::folder::of as folder_of;

/// Which file of a log a path is.
fn age(path: &Path, log: &Path) -> Age {
    let [name, base] = [path, log].map(|path| path.file_name().and_then(OsStr::to_str));
    Rotated::beside(name.unwrap_or_default(), |log| base == Some(log)).age
}

/// The paths with what they stand for, the oldest first by their names.
fn listed(log: &Path) -> Vec<(PathBuf, u64, u64)> {
    let paths = match log.file_name().and_then(OsStr::to_str) {
        None => vec![log.to_path_buf()],
        Some(_) => rotated_beside(log),
    };
    let aged = paths.into_iter().map(|path| (age(&path, log), path)).collect();
    let mut paths = oldest_first(aged, |path: &PathBuf| path, |_| None);
    paths.drain(..paths.len().saturating_sub(MOST_FILES));
    let number = |path: PathBuf| {
        let metadata = fs::metadata(&path).ok()?;
        Some((path, metadata.dev(), metadata.ino()))
    };
    paths.into_iter().filter_map(number).collect()
}

/// A file, opened; nothing if it has gone meanwhile.
fn opened(path: &Path) -> Option<Candidate> {
    let candidate = |metadata: fs::Metadata, content| Candidate {
        path: path.to_path_buf(),
        device: metadata.dev(),
        inode: metadata.ino(),
        length: metadata.len(),
        written: (metadata.mtime(), metadata.mtime_nsec()),
        content,
    };
    match File::open(path).and_then(|file| Ok((file.metadata()?, content(file)?))) {
        Ok((metadata, content)) => Some(candidate(metadata, content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(candidate(fs::metadata(path).ok()?, Content::Unreadable(error))),
    }
}

fn content(file: File) -> io::Result<Content> {
    let mut magic = [0; Compression::MAGIC];
    let count = read_at(&file, &mut magic, 0)?;
    if Compression::of(&magic[..count]) == Compression::Plain {
        return Ok(Content::Plain(file));
    }
    let mut head = Vec::new();
    // What is damaged is read as far as it goes, and told of then.
    let _ = decoded(file.try_clone()?)?.take(HEAD as u64).read_to_end(&mut head);
    Ok(Content::Packed(file, head))
}

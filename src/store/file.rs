//! The file that the state is in, before SQLite looks at it: whether it may be opened at all, and
//! by one process only.
//!
//! A name comes in; out comes a settled path, and a lock for those who learn. The lock is a file of
//! its own beside the state, not one of SQLite's: a run reads, learns and saves, and nobody may
//! save between the first and the last of these, while those who only look are not kept from it.
//! The file of the lock stays when the lock is gone; removing it would let two hold one each.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};

use super::error::StoreError;
use crate::access::Wanted;
use crate::lock::lock;

/// What the header of the file says it belongs to: `ODDS`.
pub const APPLICATION: i32 = i32::from_be_bytes(*b"ODDS");

/// How long is waited between the tries for the lock.
const PAUSE: Duration = Duration::from_millis(100);

/// The right to learn. It ends with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: OwnedFd,
}

impl Lock {
    /// The lock of a state.
    pub fn of(path: &Path) -> Result<Lock, StoreError> {
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let beside = beside(path, "-lock");
        let file = open(&beside, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| unwritable(&beside, error.into()))?;
        match lock(&file, PAUSE).map_err(|error| unreadable(&beside, error))? {
            true => Ok(Lock { _file: file }),
            false => Err(StoreError::InUse { path: path.to_owned() }),
        }
    }
}

/// The path of a file that is there, without symbolic links: SQLite finds its journal by the name.
pub fn settled(path: &Path) -> Result<PathBuf, StoreError> {
    match fs::canonicalize(path) {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(StoreError::Missing { path: path.to_owned() })
        }
        Err(error) => Err(unreadable(path, error)),
    }
}

/// Makes an empty file that only its owner may read, unless there is a file; whether it did.
pub fn make(path: &Path) -> Result<bool, StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(unwritable(path, error)),
    }
}

/// The name of a file that belongs to another.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Whether a file may be given to SQLite, which might change it: it must be ours, or empty.
pub fn check(path: &Path) -> Result<(), StoreError> {
    let foreign = |what: &str| StoreError::Foreign { path: path.to_owned(), what: what.to_owned() };
    let damaged = |what: &str| StoreError::Damaged { path: path.to_owned(), what: what.to_owned() };
    let about = fs::metadata(path).map_err(|error| unreadable(path, error))?;
    if !about.is_file() {
        return Err(foreign("it is no file"));
    }
    let mut header = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    file.take(100).read_to_end(&mut header).map_err(|error| unreadable(path, error))?;
    if header.is_empty() {
        return Ok(());
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(foreign("it is no SQLite file"));
    }
    if header.len() < 100 {
        return Err(damaged("it ends within its header"));
    }
    if header[68..72] != APPLICATION.to_be_bytes() {
        return Err(foreign("it is a SQLite file of another program"));
    }
    // A write-ahead log would be a second file to believe, and one to make where we only read.
    if header[18..20] != [1, 1] {
        return Err(damaged(
            "it has another journal mode; set it back with \"PRAGMA journal_mode = DELETE\"",
        ));
    }
    Ok(())
}

/// What the operating system said about a file that was to be read.
pub fn unreadable(path: &Path, source: io::Error) -> StoreError {
    StoreError::Unreadable { path: path.to_owned(), source, wanted: Wanted::Read }
}

/// What it said about one that was to be made or written.
pub fn unwritable(path: &Path, source: io::Error) -> StoreError {
    StoreError::Unreadable { path: path.to_owned(), source, wanted: Wanted::Write }
}

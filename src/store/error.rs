//! What can be wrong with a state file, in sentences that name the file and a way out.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

use crate::access::{self, Wanted};
use crate::hindrance::Hindrance;

/// Why the state could not be opened, read or saved.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no such file, and it was to be read.
    #[error("cannot read the state {path:?}: there is no such file. Learning makes one.")]
    Missing {
        /// The name that was given.
        path: PathBuf,
    },
    /// The operating system did not let it be opened, made or locked.
    #[error("cannot open the state {path:?}: {}", access::told(.source, .path, *.wanted))]
    Unreadable {
        /// The name that was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
        /// What was to be done with it.
        wanted: Wanted,
    },
    /// It is something else. It has not been touched.
    #[error(
        "{path:?} is no state of oddsock's: {what}. It was left as it is; give --state another \
         path."
    )]
    Foreign {
        /// The name that was given.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// A later oddsock wrote it.
    #[error(
        "the state {path:?} is of version {found}, and this oddsock knows none after {known}. Use \
         the oddsock that wrote it or a later one, or give --state another path."
    )]
    Newer {
        /// The name that was given.
        path: PathBuf,
        /// Its version.
        found: i32,
        /// The newest version this program knows.
        known: i32,
    },
    /// It was written by oddsock once, and cannot be trusted now.
    #[error(
        "the state {path:?} is damaged: {what}. It was left as it is. Restore a copy of it; or \
         save what can be saved with sqlite3's .recover, as oddsock-state(5) shows; or give \
         --state another path and learn again."
    )]
    Damaged {
        /// The name that was given.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another process holds it.
    #[error(
        "another oddsock is using the state {path:?}. Wait until it has ended, or give --state \
         another path."
    )]
    InUse {
        /// The name that was given.
        path: PathBuf,
    },
    /// Whoever saved it last was killed, and it lies where nothing can be written.
    #[error(
        "the last save of the state {path:?} was interrupted, and it cannot be put right where it \
         is. Copy it together with the file of that name and \"-journal\" to a directory that you \
         can write to, and use it there."
    )]
    Interrupted {
        /// The name that was given.
        path: PathBuf,
    },
    /// A rule asks something else than it did when the facts were learnt.
    #[error(
        "the state {path:?} has facts of {job:?} with {what} {stored:?}, and the rule has \
         {asked:?} now. Give the rule another name, forget the old facts, or give --state \
         another path."
    )]
    Changed {
        /// The name that was given.
        path: PathBuf,
        /// What the question is called.
        job: String,
        /// Which part of the question differs.
        what: &'static str,
        /// What it was.
        stored: String,
        /// What it is.
        asked: String,
    },
    /// The file that was to be written is there already.
    #[error("cannot write {path:?}: it is there already, and is not overwritten.")]
    Exists {
        /// The name that was given.
        path: PathBuf,
    },
    /// Something else: the disk is full, or may not be written to.
    #[error("cannot use the state {path:?}: {source}. What was saved before is still there.")]
    Failed {
        /// The name that was given.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether it is the database that may be used another time: by then another process has ended,
    /// or the disk has room, or works again.
    fn is_passing(&self) -> bool {
        match self {
            StoreError::InUse { .. } => true,
            StoreError::Failed { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory)
            ),
            _ => false,
        }
    }
}

impl From<StoreError> for Hindrance {
    fn from(error: StoreError) -> Hindrance {
        let said = error.to_string();
        match &error {
            StoreError::Unreadable { source, .. } => Hindrance::of(source, said),
            error if error.is_passing() => Hindrance::Passing(said),
            _ => Hindrance::Lasting(said),
        }
    }
}

/// What went wrong within a file; [`Fault::at`] says which.
#[derive(Debug)]
pub enum Fault {
    Sql(rusqlite::Error),
    Damaged(String),
    Foreign(String),
    Newer { found: i32, known: i32 },
    Changed { job: String, what: &'static str, stored: String, asked: String },
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Sql(error)
    }
}

impl Fault {
    /// Damage, in words that follow "the state is damaged:".
    pub fn damage(what: impl Into<String>) -> Fault {
        Fault::Damaged(what.into())
    }

    /// The same, of a file.
    pub fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        match self {
            Fault::Sql(source) => of_sqlite(source, path),
            Fault::Damaged(what) => StoreError::Damaged { path, what },
            Fault::Foreign(what) => StoreError::Foreign { path, what },
            Fault::Newer { found, known } => StoreError::Newer { path, found, known },
            Fault::Changed { job, what, stored, asked } => {
                StoreError::Changed { path, job, what, stored, asked }
            }
        }
    }
}

/// SQLite's extended code for a journal that would have to be rolled back in a read-only file.
const READONLY_ROLLBACK: i32 = 776;

fn of_sqlite(error: rusqlite::Error, path: PathBuf) -> StoreError {
    use rusqlite::Error;
    let what = error.to_string();
    match &error {
        Error::SqliteFailure(failure, _) => match failure.code {
            _ if failure.extended_code == READONLY_ROLLBACK => StoreError::Interrupted { path },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::InUse { path },
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::TooBig
            | ErrorCode::ConstraintViolation => StoreError::Damaged { path, what },
            _ => StoreError::Failed { path, source: error },
        },
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..)
        | Error::InvalidColumnType(..) => StoreError::Damaged { path, what },
        _ => StoreError::Failed { path, source: error },
    }
}

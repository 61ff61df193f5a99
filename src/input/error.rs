//! What can be wrong with an input, in sentences.
//!
//! Each names the file, what happened, and a way out. Whether an error ends the run is decided by
//! the caller, not here.

use std::fs::FileType;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Source;
use crate::access::{self, Wanted};
use crate::hindrance::Hindrance;
use crate::quoted::Quoted;

/// Why a file, a directory or a stream could not be read, or not to its end.
#[derive(Debug, Error)]
pub enum InputError {
    /// The file system does not let this user read it.
    #[error("cannot read {}: {refusal}", Quoted(.path))]
    Denied {
        /// What was to be read.
        path: PathBuf,
        /// Who may read it and how to become one of them.
        refusal: String,
    },
    /// A file that was named is not there.
    #[error(
        "cannot read {}: there is no such file or directory. \
         Check the name; a relative one is looked for in the current directory.",
        Quoted(.path)
    )]
    Missing {
        /// The name that was given.
        path: PathBuf,
    },
    /// No file was named and the machine's own log is not there.
    #[error(
        "there is no audit log at {}, where auditd would write it: it does not run here, or \
         is set to write no log. Name the files to read, or \"-\" for standard input.",
        Quoted(.path)
    )]
    NoLog {
        /// Where the log was looked for.
        path: PathBuf,
    },
    /// What was named to be followed is there, and is no file that could grow.
    #[error("cannot follow {}: it is {what}.", Quoted(.path))]
    NoFile {
        /// What was named.
        path: PathBuf,
        /// What it is, and what to give instead.
        what: &'static str,
    },
    /// A directory that was named has no audit log in it.
    #[error(
        "there is no audit log in the directory {}: no name in it is like \"audit.log\", \
         \"audit.log.1.gz\" or \"web.log\". To read files of other names, name them one by one.",
        Quoted(.path)
    )]
    NoLogInDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// A file could not be opened or looked at, for a reason of the operating system's.
    #[error("cannot read {}: {source}. The other files are read without it.", Quoted(.path))]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file ended before the place where it had ended when it was found.
    #[error(
        "cannot read {name} to its end: it became shorter in the meantime, and ended after {bytes} \
         bytes. What stood before that place was read; if the log was rotated, the rest is in a \
         file beside it, such as \"audit.log.1\"."
    )]
    Shrunk {
        /// The source, as the user knows it.
        name: String,
        /// How far it could be read.
        bytes: u64,
    },
    /// A source is packed so that unpacking it takes more memory than is allowed.
    #[error(
        "cannot read {name}: to unpack it takes more than the {most} MiB of memory that oddsock \
         sets aside for that. Give it unpacked: {command} FILE | oddsock connections - (and name \
         its host with --host)."
    )]
    TooLarge {
        /// The source, as the user knows it.
        name: String,
        /// How much memory there is for it.
        most: u64,
        /// What unpacks it.
        command: &'static str,
    },
    /// A source ended before its end: damaged, cut short, or failing while being read.
    #[error(
        "cannot read {name} to its end: {source}. What stands before that place was read; \
         for the rest, fetch another copy."
    )]
    Broken {
        /// The source, as the user knows it.
        name: String,
        /// What went wrong.
        source: io::Error,
    },
}

impl InputError {
    /// The error for `path`, which the operating system refused with `source`.
    pub fn of(path: &Path, source: io::Error) -> InputError {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => InputError::Missing { path },
            io::ErrorKind::PermissionDenied => {
                let refusal = access::told(&source, &path, Wanted::Log);
                InputError::Denied { path, refusal }
            }
            _ => InputError::Unreadable { path, source },
        }
    }

    /// The error for what is to be followed and is of this kind.
    pub fn no_file(path: &Path, kind: FileType) -> InputError {
        let what = if kind.is_dir() {
            "a folder; name the log in it"
        } else if kind.is_fifo() {
            "a pipe and no file; give - instead, and the pipe as standard input"
        } else if kind.is_socket() {
            "a socket; give it with --socket"
        } else {
            "a device and no file; give - to read standard input"
        };
        InputError::NoFile { path: path.to_path_buf(), what }
    }

    /// The error for a source that was opened and could not be read to its end.
    pub fn broken(source: &Source, error: io::Error) -> InputError {
        let name = source.name();
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Cause>()) {
            Some(&Cause::Shrunk { bytes }) => InputError::Shrunk { name, bytes },
            Some(&Cause::TooLarge { most, command }) => {
                InputError::TooLarge { name, most, command }
            }
            None => InputError::Broken { name, source: error },
        }
    }
}

/// What this program knows better than the operating system, on its way through the readers.
#[derive(Clone, Copy, Debug, Error)]
enum Cause {
    #[error("it became shorter while it was read")]
    Shrunk { bytes: u64 },
    #[error("it takes more memory to unpack than is allowed")]
    TooLarge { most: u64, command: &'static str },
}

/// A file ended here, and not where it had ended before.
pub fn shrunk(bytes: u64) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, Cause::Shrunk { bytes })
}

/// To unpack this takes more than `most` bytes of memory, and `command` can do it.
pub fn too_large(most: u64, command: &'static str) -> io::Error {
    io::Error::other(Cause::TooLarge { most: most >> 20, command })
}

impl From<InputError> for Hindrance {
    fn from(error: InputError) -> Hindrance {
        let said = error.to_string();
        match &error {
            InputError::Unreadable { source, .. } | InputError::Broken { source, .. } => {
                Hindrance::of(source, said)
            }
            _ => Hindrance::Lasting(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &Path, kind: io::ErrorKind) -> String {
        InputError::of(path, kind.into()).to_string()
    }

    #[test]
    fn a_missing_file_is_named() {
        let sentence = of(Path::new("no/such.log"), io::ErrorKind::NotFound);
        assert!(sentence.starts_with("cannot read \"no/such.log\": there is no such file"));
    }
}

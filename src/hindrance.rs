//! Why something cannot begin, and whether another start may go well with nothing changed meanwhile
//! but what others do: they end, a disk gets room, or works again.

use std::io::{self, ErrorKind};

/// Why something cannot begin, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum Hindrance {
    /// Another start may go well.
    #[error("{0}")]
    Passing(String),
    /// Somebody has to change something first.
    #[error("{0}")]
    Lasting(String),
}

impl Hindrance {
    /// What the operating system's answer makes of a sentence.
    pub fn of(answer: &io::Error, said: String) -> Hindrance {
        match answer.kind() {
            ErrorKind::PermissionDenied
            | ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::AlreadyExists => Hindrance::Lasting(said),
            // Links that lead round in a circle.
            _ if answer.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                Hindrance::Lasting(said)
            }
            _ => Hindrance::Passing(said),
        }
    }
}

impl From<String> for Hindrance {
    fn from(error: String) -> Hindrance {
        Hindrance::Lasting(error)
    }
}

//! Why it cannot begin, and whether another start may go well with nothing changed meanwhile but
//! what others do: they end, a disk gets room, or works again.

use std::io::{self, ErrorKind};

use crate::input::InputError;
use crate::store::StoreError;

/// Why it cannot begin.
pub enum Hindrance {
    /// Another start may go well.
    Passing(String),
    /// Somebody has to change something first.
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

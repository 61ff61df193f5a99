//! What happened to a log that is followed: for sentences, which others make.

use crate::input::InputError;

/// What happened to the log, for whoever watches over it.
#[derive(Debug)]
pub enum Note {
    /// There is no file of that name.
    Missing,
    /// It cannot be read now.
    Trouble(InputError),
    /// An older file cannot be read, and nothing is learnt from it, nor from so many others.
    PassedOver(InputError, usize),
    /// It can be read again, or is there again.
    Fine,
    /// The file was emptied or written anew. What was written to it last, and not read, may be
    /// lost: there is no copy.
    Emptied,
    /// None of the files that an earlier run had read is there any more. What was written in
    /// between, beyond those that are there, is lost.
    Gone,
    /// So many bytes of earlier files are not read again, because there are so many.
    NotAgain(u64),
}

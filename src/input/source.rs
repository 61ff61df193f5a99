//! A source: one thing to read lines from.
//!
//! What `find` learnt of it goes along, so that nothing downstream has to look at the file system.

use std::path::PathBuf;

use super::{Compression, FirstStamp};
use crate::quoted::Quoted;

/// One thing to read lines from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as it was given or found; `-` is standard input.
    pub path: PathBuf,
    /// The host that records without a `node=` are taken to be from.
    pub host: String,
    /// What kind of thing it is.
    pub nature: Nature,
    /// Its size in bytes as it lies on disk; 0 for what has no size.
    pub size: u64,
    /// What it is packed with; for what cannot be looked into beforehand, `Plain`.
    pub compression: Compression,
    /// The stamp that comes first in it, if one was found in its first 64 KiB.
    pub first_stamp: Option<FirstStamp>,
    /// The device and the number of a regular file, by which it is known when its name is gone.
    pub inode: Option<(u64, u64)>,
}

impl Source {
    /// What to call it in a sentence: `"audit.log"` in quotes, or `standard input`.
    pub fn name(&self) -> String {
        match self.nature {
            Nature::StandardInput => "standard input".to_owned(),
            Nature::Regular | Nature::Stream => Quoted(&self.path).to_string(),
        }
    }
}

/// What kind of thing a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A regular file: it can be looked into, and read at any place.
    Regular,
    /// A pipe or a device with a name: it can be read once, from the front.
    Stream,
    /// Standard input.
    StandardInput,
}

//! A source, opened.
//!
//! A [`Source`] comes in; out goes a file that can be read at any place, or a reader that can be
//! read from the front. Which of the two is told by the first bytes: a packed file or a journal
//! export cannot be cut just anywhere.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;

use super::compression::{decoded, peek};
use super::{Compression, JournalExport, Nature, Source};

/// How a source can be read.
pub enum Opened {
    /// At any place.
    Plain { file: File, length: u64 },
    /// From the front only.
    Stream(Box<dyn Read + Send>),
}

impl Opened {
    pub fn new(source: &Source) -> io::Result<Opened> {
        let file = match source.nature {
            Nature::StandardInput => return stream(io::stdin()),
            Nature::Stream => return stream(File::open(&source.path)?),
            Nature::Regular => File::open(&source.path)?,
        };
        let mut head = [0; 16];
        let count = file.read_at(&mut head, 0)?;
        let head = &head[..count];
        if Compression::of(head) != Compression::Plain || JournalExport::begins_with(head) {
            return stream(file);
        }
        let length = file.metadata()?.len();
        Ok(Opened::Plain { file, length })
    }
}

fn stream<R: Read + Send + 'static>(reader: R) -> io::Result<Opened> {
    let (head, reader) = peek(decoded(reader)?, 16);
    Ok(Opened::Stream(if JournalExport::begins_with(&head) {
        Box::new(JournalExport::new(BufReader::with_capacity(256 * 1024, reader)))
    } else {
        Box::new(reader)
    }))
}

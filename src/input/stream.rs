//! A stream cut into blocks.
//!
//! What can only be read from the front (a packed file, a pipe) comes in as a reader; blocks of
//! whole lines go out, each of about the size asked for. The beginning of a line whose end has not
//! been read is carried over into the next block. Long lines are cut as [`super::block`] says.

use std::io::{self, Read};

use memchr::{memchr, memrchr};

use super::block::cut_long_lines;

/// A reader that is cut into blocks.
pub struct Stream {
    reader: Box<dyn Read + Send>,
    piece_size: usize,
    max_line: usize,
    carried: Vec<u8>,
}

/// Some whole lines of a stream.
pub struct Lines {
    pub bytes: Vec<u8>,
    /// Nothing follows: the stream is at its end, or failed.
    pub last: bool,
    pub failure: Option<io::Error>,
}

impl Stream {
    pub fn new(reader: Box<dyn Read + Send>, piece_size: usize, max_line: usize) -> Stream {
        Stream { reader, piece_size: piece_size.max(1), max_line, carried: Vec::new() }
    }

    /// The next lines, in the room that `bytes` has.
    pub fn next(&mut self, mut bytes: Vec<u8>) -> Lines {
        bytes.clear();
        bytes.append(&mut self.carried);
        // Bytes are dropped up to the next line end: the excess of a line that is too long.
        let mut excess = false;
        loop {
            let known = bytes.len();
            let wanted = self.piece_size.saturating_sub(known).max(self.piece_size.min(64 * 1024));
            bytes.reserve(wanted);
            let outcome = self.reader.by_ref().take(wanted as u64).read_to_end(&mut bytes);
            let last = outcome.as_ref().map_or(true, |count| *count < wanted);
            if excess {
                match memchr(b'\n', &bytes[known..]) {
                    Some(at) => {
                        bytes.drain(known..known + at);
                        excess = false;
                    }
                    None => bytes.truncate(known),
                }
            }
            if last {
                let length = cut_long_lines(&mut bytes, self.max_line);
                bytes.truncate(length);
                return Lines { bytes, last, failure: outcome.err() };
            }
            // What was known had no line end, but for one that was carried over: none.
            if let Some(at) = memrchr(b'\n', &bytes[known.min(bytes.len())..]) {
                let ends = known + at + 1;
                self.carried.extend_from_slice(&bytes[ends..]);
                bytes.truncate(ends);
                let length = cut_long_lines(&mut bytes, self.max_line);
                bytes.truncate(length);
                return Lines { bytes, last, failure: None };
            }
            if bytes.len() > self.max_line {
                bytes.truncate(self.max_line);
                excess = true;
            }
        }
    }
}

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
    /// The lengths, before they were cut, of the lines that are as long as may be, in order.
    pub long_lines: Vec<u64>,
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
        let mut is_excess = false;
        // How many were.
        let mut excess = 0;
        loop {
            let known = bytes.len();
            let wanted = self.piece_size.saturating_sub(known).max(self.piece_size.min(64 * 1024));
            bytes.reserve(wanted);
            let outcome = self.reader.by_ref().take(wanted as u64).read_to_end(&mut bytes);
            let last = outcome.as_ref().map_or(true, |count| *count < wanted);
            if is_excess {
                let line_end = memchr(b'\n', &bytes[known..]);
                let dropped = line_end.unwrap_or(bytes.len() - known);
                bytes.drain(known..known + dropped);
                excess += dropped as u64;
                is_excess = line_end.is_none();
            }
            if last {
                return self.lines(bytes, excess, outcome.err(), last);
            }
            // What was known had no line end, but for one that was carried over: none.
            if let Some(at) = memrchr(b'\n', &bytes[known.min(bytes.len())..]) {
                let ends = known + at + 1;
                self.carried.extend_from_slice(&bytes[ends..]);
                bytes.truncate(ends);
                return self.lines(bytes, excess, None, last);
            }
            if bytes.len() > self.max_line {
                excess += (bytes.len() - self.max_line) as u64;
                bytes.truncate(self.max_line);
                is_excess = true;
            }
        }
    }

    /// Cuts long lines, the first of which may have lost this much of its excess already.
    fn lines(
        &self,
        mut bytes: Vec<u8>,
        excess: u64,
        failure: Option<io::Error>,
        last: bool,
    ) -> Lines {
        let mut long_lines = Vec::new();
        let length = cut_long_lines(&mut bytes, self.max_line, &mut long_lines);
        bytes.truncate(length);
        if let Some(first) = long_lines.first_mut() {
            *first += excess;
        }
        Lines { bytes, last, long_lines, failure }
    }
}

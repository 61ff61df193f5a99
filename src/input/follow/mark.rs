//! How far a file was read, and how it is known again.
//!
//! A name says nothing: rotation passes names on. The number of an inode says little: it is given
//! again to the next file, and stays when a file is emptied and written anew. What a file begins
//! with, and what stood before the place that was reached, says it all, for every line of a log
//! has a time and a serial; and a copy of a file is as good as the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::input::stamp::{self, FirstStamp};

/// How many of the first bytes are remembered: a line begins with its stamp, or with a host's name.
pub const HEAD: usize = 256;
/// How many of the last ones: an address or a title stands within one line of its stamp.
pub const TAIL: usize = 1024;

/// How far a file was read, and how it is known again.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Mark {
    /// The device it was on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// Its first bytes, as far as they were read.
    pub head: Vec<u8>,
    /// The last bytes that were read.
    pub tail: Vec<u8>,
    /// How many bytes were read, in whole lines.
    pub offset: u64,
}

impl Mark {
    /// The mark of a file of which nothing was read.
    pub fn at_start(device: u64, inode: u64) -> Mark {
        Mark { device, inode, ..Mark::default() }
    }

    /// Whether nothing was read: then there is nothing to know the file by.
    pub fn is_empty(&self) -> bool {
        self.offset == 0
    }

    /// Whether the file can be known by what was read: the beginning of a line is like any other.
    pub fn is_telling(&self) -> bool {
        self.head.len() == HEAD || self.head.contains(&b'\n')
    }

    /// Notes that these bytes were read next.
    pub fn advance(&mut self, bytes: &[u8]) {
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        if self.offset < HEAD as u64 {
            self.head.extend_from_slice(&bytes[..missing]);
        }
        let kept = TAIL.saturating_sub(bytes.len()).min(self.tail.len());
        self.tail.drain(..self.tail.len() - kept);
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        self.offset += bytes.len() as u64;
    }

    /// Whether what was read is still what the file begins with.
    pub fn fits(&self, file: &File) -> io::Result<bool> {
        Ok(self.fits_head(file)? && {
            let mut tail = vec![0; self.tail.len()];
            let count = read_at(file, &mut tail, self.offset - self.tail.len() as u64)?;
            tail[..count] == self.tail
        })
    }

    /// Whether the file begins as it did.
    pub fn fits_head(&self, file: &File) -> io::Result<bool> {
        let mut head = vec![0; self.head.len()];
        let count = read_at(file, &mut head, 0)?;
        Ok(head[..count] == self.head)
    }
}

/// The stamp that comes first in a file.
pub fn first_stamp(file: &File) -> Option<FirstStamp> {
    let mut head = vec![0; stamp::HEAD];
    let count = read_at(file, &mut head, 0).ok()?;
    FirstStamp::in_head(&head[..count])
}

/// Reads as much as there is room for, or as there is.
pub fn read_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], from + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_is_known_while_it_grows_and_not_when_it_was_written_anew() {
        let mut file = tempfile::tempfile().unwrap();
        let mut mark = Mark::at_start(0, 0);
        for number in 0..100 {
            let line = format!("line {number:04} that is long enough to fill a tail soon\n");
            file.write_all(line.as_bytes()).unwrap();
            mark.advance(line.as_bytes());
            assert!(mark.fits(&file).unwrap(), "{number}");
        }
        assert_eq!((mark.head.len(), mark.tail.len()), (HEAD, TAIL));
        file.write_all(b"more\n").unwrap();
        assert!(mark.fits(&file).unwrap());
        file.set_len(mark.offset - 1).unwrap();
        assert!(!mark.fits(&file).unwrap());
        file.set_len(mark.offset + 1).unwrap();
        assert!(!mark.fits(&file).unwrap(), "the byte that was cut off is a NUL now");
    }
}

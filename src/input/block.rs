//! Blocks: the bytes of a piece, in whole lines.
//!
//! A piece comes in, its bytes go out through a reused buffer, cut after line ends. Only line ends
//! are looked for, and of those only the last in a buffer: this is the hot path. Lines longer than
//! [`MAX_LINE`] keep their first `MAX_LINE` bytes, and their line end; the rest is dropped, so that
//! the reader sees a line of that very length and can say so, with the length that it had. Files
//! are read, never mapped: a log cut short while it is read then just ends, where a mapping would
//! kill the process. That it ended early is told.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use memchr::{memchr, memrchr};

use super::PieceKind;
use super::error::shrunk;

/// The longest line that is delivered whole, in bytes without its line end.
///
/// The kernel cuts records at 8970 bytes; this leaves room for what transports wrap around them.
pub const MAX_LINE: usize = 1 << 20;

/// How much is read at a time: it stays in the second-level cache, and costs few system calls.
const STEP: usize = 256 * 1024;

/// What was delivered of a piece.
#[derive(Debug, Default)]
pub struct Delivered {
    /// How many bytes of the source it was.
    pub bytes: u64,
    /// The lengths, before they were cut, of the lines of [`MAX_LINE`] bytes or more, in order.
    pub long_lines: Vec<u64>,
    /// Why there is no more of it, if there should be.
    pub failure: Option<io::Error>,
}

/// Passes the lines of a piece to `each` in blocks, in order.
///
/// Every block holds whole lines, each with its `\n`; only the last line of a source may lack it.
/// The flag is true for the last block of the piece, which always comes and may be empty, unless
/// the operating system fails to read. `buffer` is room to work in: its content is of no use before
/// or after, but a worker that passes the same one each time allocates once.
pub fn for_each_block(
    piece: &PieceKind,
    buffer: &mut Vec<u8>,
    mut each: impl FnMut(&[u8], bool),
) -> Delivered {
    match piece {
        PieceKind::Block { lines, long_lines } => {
            each(lines, true);
            let (bytes, long_lines) = (lines.len() as u64, long_lines.clone());
            Delivered { bytes, long_lines, failure: None }
        }
        PieceKind::Range { file, start, end, .. } => {
            let sizes = Sizes { step: STEP, max_line: MAX_LINE };
            Range { file, start: *start, end: *end, sizes }.read(buffer, each)
        }
    }
}

/// How much is read at a time, and how long a line may be.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub step: usize,
    pub max_line: usize,
}

/// The lines of `file` that begin in `start..end`.
pub struct Range<'file> {
    pub file: &'file File,
    pub start: u64,
    pub end: u64,
    pub sizes: Sizes,
}

/// Why bytes are being dropped up to the next line end.
#[derive(Clone, Copy, PartialEq)]
enum Dropping {
    Nothing,
    /// They belong to a line that begins before the range.
    NotOurs,
    /// They are the excess of a line that is too long.
    Excess,
}

impl Range<'_> {
    pub fn read(&self, buffer: &mut Vec<u8>, each: impl FnMut(&[u8], bool)) -> Delivered {
        let mut delivered = Delivered::default();
        if let Err(failure) = self.deliver(buffer, each, &mut delivered) {
            delivered.failure = Some(failure);
        }
        delivered
    }

    fn deliver(
        &self,
        buffer: &mut Vec<u8>,
        mut each: impl FnMut(&[u8], bool),
        delivered: &mut Delivered,
    ) -> io::Result<()> {
        let Range { start, end, sizes, .. } = *self;
        if start >= end {
            each(&[], true);
            return Ok(());
        }
        // The byte before the range tells whether a line begins with the range.
        let mut dropping = if start == 0 { Dropping::Nothing } else { Dropping::NotOurs };
        let mut position = start.saturating_sub(1);
        let mut ours_from = start;
        // What is in the buffer of a line whose end has not been read yet, and what it had more.
        let mut carried = 0;
        let mut excess = 0;
        loop {
            let left = usize::try_from(end.saturating_sub(position)).unwrap_or(usize::MAX);
            // Beyond the range only the rest of one line is wanted.
            let wanted = if left == 0 { sizes.step.min(8 * 1024) } else { sizes.step.min(left) };
            if buffer.len() < carried + wanted {
                buffer.resize(carried + wanted, 0);
            }
            let count = self.read_at(&mut buffer[carried..carried + wanted], position)?;
            if count == 0 {
                self.cut(&mut buffer[..carried], &mut excess, delivered);
                each(&buffer[..carried], true);
                delivered.bytes = position.saturating_sub(ours_from);
                return if position < end { Err(shrunk(position)) } else { Ok(()) };
            }
            position += count as u64;
            let mut filled = carried + count;

            if dropping != Dropping::Nothing {
                let line_end = memchr(b'\n', &buffer[carried..filled]);
                let ours = |place: usize| position - (filled - place) as u64;
                if dropping == Dropping::NotOurs {
                    let from = line_end.map_or(position, |at| ours(carried + at + 1));
                    if from >= end {
                        each(&[], true);
                        return Ok(());
                    }
                    ours_from = from;
                } else {
                    excess += line_end.unwrap_or(count) as u64;
                }
                let Some(at) = line_end else { continue };
                // The line end of a line that is not ours is not ours either.
                let dropped = at + usize::from(dropping == Dropping::NotOurs);
                buffer.copy_within(carried + dropped..filled, carried);
                filled -= dropped;
                dropping = Dropping::Nothing;
            }

            if position >= end {
                // Our last line ends with the first line end from the last byte of the range on.
                let beyond = usize::try_from(position - (end - 1)).unwrap_or(usize::MAX);
                let from = filled.saturating_sub(beyond).max(carried);
                if let Some(at) = memchr(b'\n', &buffer[from..filled]) {
                    let ends = from + at + 1;
                    let length = self.cut(&mut buffer[..ends], &mut excess, delivered);
                    each(&buffer[..length], true);
                    delivered.bytes = position - (filled - ends) as u64 - ours_from;
                    return Ok(());
                }
            }
            match memrchr(b'\n', &buffer[carried..filled]) {
                Some(at) => {
                    let ends = carried + at + 1;
                    let length = self.cut(&mut buffer[..ends], &mut excess, delivered);
                    each(&buffer[..length], false);
                    buffer.copy_within(ends..filled, 0);
                    carried = filled - ends;
                }
                None => carried = filled,
            }
            if carried > sizes.max_line {
                excess = (carried - sizes.max_line) as u64;
                carried = sizes.max_line;
                dropping = Dropping::Excess;
            }
        }
    }

    /// Cuts long lines, the first of which may have lost some of its excess already.
    fn cut(&self, lines: &mut [u8], excess: &mut u64, delivered: &mut Delivered) -> usize {
        let known = delivered.long_lines.len();
        let length = cut_long_lines(lines, self.sizes.max_line, &mut delivered.long_lines);
        if let Some(first) = delivered.long_lines.get_mut(known) {
            *first += std::mem::take(excess);
        }
        length
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        loop {
            match self.file.read_at(buffer, position) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }
}

/// Drops from `lines` what its lines have beyond `max_line` bytes, and returns the length left. The
/// lengths of lines that have so much, or exactly `max_line`, go to `long_lines`.
///
/// A stretch of `max_line` bytes with a line end in it cannot be part of a longer line, so one look
/// backwards per stretch is enough, and none at all for a block no longer than that.
pub fn cut_long_lines(lines: &mut [u8], max_line: usize, long_lines: &mut Vec<u64>) -> usize {
    let (mut read, mut kept) = (0, 0);
    while read < lines.len() {
        let stretch = (read + max_line + 1).min(lines.len());
        let whole = if stretch - read < max_line {
            lines.len()
        } else if let Some(at) = memrchr(b'\n', &lines[read..stretch]) {
            // Only the last of the stretch can end a line of exactly that length.
            if at == max_line && memrchr(b'\n', &lines[read..read + at]).is_none() {
                long_lines.push(max_line as u64);
            }
            read + at + 1
        } else {
            read
        };
        if whole > read {
            if kept != read {
                lines.copy_within(read..whole, kept);
            }
            kept += whole - read;
            read = whole;
        } else {
            // From the line end on, which is kept.
            let ends = memchr(b'\n', &lines[stretch..]).map_or(lines.len(), |at| stretch + at);
            long_lines.push((ends - read) as u64);
            lines.copy_within(read..read + max_line, kept);
            kept += max_line;
            read = ends;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// The lines, cut, and the lengths of the long ones.
    fn cut(text: &str, max_line: usize) -> (String, Vec<u64>) {
        let (mut bytes, mut long_lines) = (text.as_bytes().to_vec(), Vec::new());
        let length = cut_long_lines(&mut bytes, max_line, &mut long_lines);
        (String::from_utf8(bytes[..length].to_vec()).unwrap(), long_lines)
    }

    #[test]
    fn a_line_one_byte_too_long_is_cut_and_its_neighbours_are_not() {
        for (text, expected, long_lines) in [
            ("ab\nabcd\nabcde\nabc\n", "ab\nabcd\nabcd\nabc\n", &[4, 5][..]),
            ("abcde", "abcd", &[5]),
            ("abcd", "abcd", &[4]),
            ("ab\nabc", "ab\nabc", &[]),
            ("abcdefghijkl\nx", "abcd\nx", &[12]),
            ("\nabc\nabcd", "\nabc\nabcd", &[4]),
            ("abc\n", "abc\n", &[]),
            ("", "", &[]),
        ] {
            assert_eq!(cut(text, 4), (expected.to_owned(), long_lines.to_vec()), "{text:?}");
        }
    }

    /// What a range of `file` delivers: its lines, how many bytes, and whether it is too short.
    fn read(file: &File, (start, end): (u64, u64)) -> (String, u64, bool) {
        let mut seen = Vec::new();
        let range = Range { file, start, end, sizes: Sizes { step: 4, max_line: 100 } };
        let delivered = range.read(&mut Vec::new(), |block, _| seen.extend_from_slice(block));
        let seen = String::from_utf8(seen).unwrap();
        (seen, delivered.bytes, delivered.failure.is_some())
    }

    #[test]
    fn a_file_cut_short_while_it_is_read_ends_and_its_ranges_say_so() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"one\ntwo\nthr").unwrap();
        assert_eq!(read(&file, (0, 5000)), ("one\ntwo\nthr".to_owned(), 11, true));
        assert_eq!(read(&file, (4000, 5000)), (String::new(), 0, true));
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_does_not() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"one\ntwo\nthree\n").unwrap();
        assert_eq!(read(&file, (0, 5)), ("one\ntwo\n".to_owned(), 8, false));
        assert_eq!(read(&file, (0, 14)), ("one\ntwo\nthree\n".to_owned(), 14, false));
    }

    #[test]
    fn a_range_owns_the_line_that_begins_with_it_and_not_the_one_before() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"one\ntwo\nthree\n").unwrap();
        for (start, end, ours) in [(4, 8, "two\n"), (3, 8, "two\n"), (5, 8, ""), (5, 9, "three\n")]
        {
            let mut seen = Vec::new();
            let range = Range { file: &file, start, end, sizes: Sizes { step: 3, max_line: 100 } };
            range.read(&mut Vec::new(), |block, _| seen.extend_from_slice(block));
            assert_eq!(String::from_utf8(seen).unwrap(), ours, "{start}..{end}");
        }
    }
}

//! Pieces: the work, in portions for workers.
//!
//! Sources come in, in order; pieces go out, in order and numbered, for as many workers as ask.
//! Plain files are cut without being read: a piece is a range of places, and owns the lines that
//! begin there. What can only be read from the front is read here, under the lock that guards the
//! pieces, and handed out as blocks. Files are opened one after the other, when their turn comes.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::block::MAX_LINE;
use super::opened::{Counter, Opened};
use super::stream::Stream;
use super::{InputError, Source};

/// How large a piece is, unless another size is asked for: what one worker gathers of it stays in
/// its cache, and the edges of pieces, near which nothing may be dropped, stay rare.
pub const PIECE_SIZE: usize = 2 << 20;

/// How large a piece of a plain file is for so many workers: the larger, the less lies near an
/// edge; but all of them together hold what they have gathered of their pieces.
pub fn piece_size(jobs: usize) -> usize {
    if jobs <= 1 { 2 * PIECE_SIZE } else { PIECE_SIZE }
}

/// A portion of work: some lines of one source.
#[derive(Debug)]
pub struct Piece {
    /// Counts the pieces of a run, from 0, without gaps.
    pub sequence: u64,
    /// Which of the sources it is from.
    pub source: usize,
    /// Where its lines are; [`super::for_each_block`] gives them.
    pub kind: PieceKind,
    /// How many bytes of the source, as it lies on disk, were read for it.
    pub read: u64,
    /// It is the first piece of its source. Every source has one, if only an empty one.
    pub first_of_source: bool,
    /// It is the last piece of its source.
    pub last_of_source: bool,
    /// The source could not be opened, or not be read beyond this piece.
    pub failure: Option<InputError>,
}

/// Where the lines of a piece are.
#[derive(Debug)]
pub enum PieceKind {
    /// In a plain file: the lines that begin in `start..end`.
    Range {
        /// The file.
        file: Arc<File>,
        /// The first byte of the range.
        start: u64,
        /// The byte after the range.
        end: u64,
        /// The length of the file when it was opened.
        length: u64,
    },
    /// Here.
    Block {
        /// Whole lines, of which only the last of a source may lack its line end.
        lines: Vec<u8>,
        /// The lengths, before they were cut, of those as long as may be, in order.
        long_lines: Vec<u64>,
    },
}

/// All the pieces of a run, made as they are asked for.
pub struct Pieces {
    sources: Vec<Source>,
    piece_size: usize,
    max_line: usize,
    sequence: u64,
    /// The source whose turn it is.
    source: usize,
    progress: Progress,
}

/// How far the source whose turn it is has been cut.
enum Progress {
    NotOpened,
    File { file: Arc<File>, start: u64, length: u64 },
    Stream { stream: Stream, counter: Option<Counter>, told: u64, first: bool },
}

impl Pieces {
    /// The pieces of `sources`, of about `piece_size` bytes each ([`PIECE_SIZE`] is a good one).
    pub fn new(sources: Vec<Source>, piece_size: usize) -> Pieces {
        Pieces {
            sources,
            piece_size: piece_size.max(1),
            max_line: MAX_LINE,
            sequence: 0,
            source: 0,
            progress: Progress::NotOpened,
        }
    }

    /// The sources; [`Piece::source`] counts from the first of them.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The next piece; `None` when all have been handed out.
    ///
    /// `recycled` may be the bytes of a block that has been dealt with: their room is used again.
    pub fn next(&mut self, recycled: Option<Vec<u8>>) -> Option<Piece> {
        let source = self.sources.get(self.source)?;
        if let Progress::NotOpened = self.progress {
            self.progress = match Opened::new(source) {
                Ok(Opened::Plain { file, length }) => {
                    Progress::File { file: Arc::new(file), start: 0, length }
                }
                Ok(Opened::Stream { reader, counter }) => {
                    let stream =
                        Stream::new(reader, self.piece_size.min(PIECE_SIZE), self.max_line);
                    Progress::Stream { stream, counter, told: 0, first: true }
                }
                Err(error) => {
                    let failure = Some(InputError::of(&source.path, error));
                    let kind = PieceKind::Block { lines: Vec::new(), long_lines: Vec::new() };
                    return Some(self.piece(kind, 0, (true, true), failure));
                }
            };
        }
        let (kind, read, first, last, failure) = match &mut self.progress {
            Progress::NotOpened => unreachable!("it was opened just now"),
            Progress::File { file, start, length } => {
                let (begins, length) = (*start, *length);
                let end = begins.saturating_add(self.piece_size as u64).min(length);
                *start = end;
                let file = Arc::clone(file);
                let kind = PieceKind::Range { file, start: begins, end, length };
                (kind, end - begins, begins == 0, end == length, None)
            }
            Progress::Stream { stream, counter, told, first } => {
                let lines = stream.next(recycled.unwrap_or_default());
                let first = std::mem::replace(first, false);
                let plain = *told + lines.bytes.len() as u64;
                let read = counter.as_ref().map_or(plain, |counter| counter.load(Relaxed));
                let read = read - std::mem::replace(told, read);
                let kind = PieceKind::Block { lines: lines.bytes, long_lines: lines.long_lines };
                (kind, read, first, lines.last, lines.failure)
            }
        };
        let failure =
            failure.map(|failure| InputError::broken(&self.sources[self.source], failure));
        Some(self.piece(kind, read, (first, last), failure))
    }

    fn piece(
        &mut self,
        kind: PieceKind,
        read: u64,
        (first_of_source, last_of_source): (bool, bool),
        failure: Option<InputError>,
    ) -> Piece {
        let (sequence, source) = (self.sequence, self.source);
        self.sequence += 1;
        if last_of_source {
            self.source += 1;
            self.progress = Progress::NotOpened;
        }
        Piece { sequence, source, kind, read, first_of_source, last_of_source, failure }
    }
}

#[cfg(test)]
#[path = "pieces_tests.rs"]
mod tests;

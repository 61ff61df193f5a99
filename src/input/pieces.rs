//! Pieces: the work, in portions for workers.
//!
//! Sources come in, in order; pieces go out, in order and numbered, for as many workers as ask.
//! Plain files are cut without being read: a piece is a range of places, and owns the lines that
//! begin there. What can only be read from the front is read here, under the lock that guards the
//! pieces, and handed out as blocks. Files are opened one after the other, when their turn comes.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::block::MAX_LINE;
use super::opened::Opened;
use super::stream::Stream;
use super::{InputError, Source};

/// How large a piece is, unless another size is asked for: what one worker gathers of it stays in
/// its cache, and the edges of pieces, near which nothing may be dropped, stay rare.
pub const PIECE_SIZE: usize = 2 << 20;

/// A portion of work: some lines of one source.
#[derive(Debug)]
pub struct Piece {
    /// Counts the pieces of a run, from 0, without gaps.
    pub sequence: u64,
    /// Which of the sources it is from.
    pub source: usize,
    /// Where its lines are; [`super::for_each_block`] gives them.
    pub kind: PieceKind,
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
    /// Here: whole lines, of which only the last of a source may lack its line end.
    Block(Vec<u8>),
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
    Stream { stream: Stream, first: bool },
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
                Ok(Opened::Stream(reader)) => {
                    let stream = Stream::new(reader, self.piece_size, self.max_line);
                    Progress::Stream { stream, first: true }
                }
                Err(error) => {
                    let failure = Some(InputError::of(&source.path, error));
                    return Some(self.piece(PieceKind::Block(Vec::new()), true, true, failure));
                }
            };
        }
        let (kind, first, last, failure) = match &mut self.progress {
            Progress::NotOpened => unreachable!("it was opened just now"),
            Progress::File { file, start, length } => {
                let (begins, length) = (*start, *length);
                let end = begins.saturating_add(self.piece_size as u64).min(length);
                *start = end;
                let file = Arc::clone(file);
                let kind = PieceKind::Range { file, start: begins, end, length };
                (kind, begins == 0, end == length, None)
            }
            Progress::Stream { stream, first } => {
                let lines = stream.next(recycled.unwrap_or_default());
                let first = std::mem::replace(first, false);
                (PieceKind::Block(lines.bytes), first, lines.last, lines.failure)
            }
        };
        let broken = |source: io::Error| InputError::Broken { name: self.name(), source };
        let failure = failure.map(broken);
        Some(self.piece(kind, first, last, failure))
    }

    fn name(&self) -> String {
        self.sources[self.source].name()
    }

    fn piece(
        &mut self,
        kind: PieceKind,
        first_of_source: bool,
        last_of_source: bool,
        failure: Option<InputError>,
    ) -> Piece {
        let (sequence, source) = (self.sequence, self.source);
        self.sequence += 1;
        if last_of_source {
            self.source += 1;
            self.progress = Progress::NotOpened;
        }
        Piece { sequence, source, kind, first_of_source, last_of_source, failure }
    }
}

#[cfg(test)]
#[path = "pieces_tests.rs"]
mod tests;

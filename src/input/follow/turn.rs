//! One file whose turn it is to be read, from the place that was reached to its end for now.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use memchr::{memchr, memrchr};

use super::folder::{Candidate, Content};
use super::mark::{self, Mark, read_at};
use super::{Portion, Purpose};
use crate::input::block::{MAX_LINE, cut_long_lines};
use crate::input::compression::decoded;
use crate::input::{FirstStamp, InputError, PIECE_SIZE};

/// A file that is being read.
pub struct Turn {
    /// Its name when it was opened, for sentences.
    pub name: String,
    pub mark: Mark,
    /// What the lines before this place are read for is known from an earlier run.
    pub known_until: u64,
    /// What an earlier run has noted of the file.
    pub known: Option<Mark>,
    pub purpose: Purpose,
    reader: Reader,
    is_begun: bool,
    /// The last line has no end yet.
    pub is_half: bool,
}

enum Reader {
    /// A plain file, and how far the line that begins at the mark was looked through in vain.
    Plain(File, u64),
    /// A packed one, and what was unpacked of its last line.
    Packed(Box<dyn Read + Send>, Vec<u8>),
}

/// What came of reading on.
pub enum Outcome {
    Lines(Portion),
    /// Nothing more for now.
    End,
    /// What was read does not stand there any more: the file was emptied, or written anew.
    Foreign,
}

impl Turn {
    /// A turn of a file from its beginning.
    pub fn of(candidate: Candidate, known_until: u64, purpose: Purpose) -> io::Result<Turn> {
        let mark = Mark::at_start(candidate.device, candidate.inode);
        Turn::with(candidate, mark, known_until, purpose)
    }

    /// A turn of a file behind what was read of it, or of a copy.
    pub fn behind(candidate: Candidate, mark: Mark) -> io::Result<Turn> {
        let (device, inode) = (candidate.device, candidate.inode);
        Turn::with(candidate, Mark { device, inode, ..mark }, 0, Purpose::Fresh)
    }

    /// A turn of the same file from its beginning.
    pub fn anew(&self) -> Option<Turn> {
        let Reader::Plain(file, _) = &self.reader else { return None };
        Some(Turn {
            name: self.name.clone(),
            mark: Mark::at_start(self.mark.device, self.mark.inode),
            known_until: 0,
            known: None,
            purpose: Purpose::Fresh,
            reader: Reader::Plain(file.try_clone().ok()?, 0),
            is_begun: false,
            is_half: false,
        })
    }

    /// The turn of the same lines in another file, behind those that were read.
    pub fn moved_to(self, candidate: Candidate) -> io::Result<Turn> {
        let (device, inode) = (candidate.device, candidate.inode);
        let mark = Mark { device, inode, ..self.mark };
        let is_begun = self.is_begun;
        let turn = Turn::with(candidate, mark, self.known_until, self.purpose)?;
        Ok(Turn { is_begun, known: self.known, ..turn })
    }

    fn with(
        candidate: Candidate,
        mark: Mark,
        known_until: u64,
        purpose: Purpose,
    ) -> io::Result<Turn> {
        let reader = match candidate.content {
            Content::Plain(file) => Reader::Plain(file, 0),
            Content::Packed(mut file, _) => {
                file.seek(SeekFrom::Start(0))?;
                let mut reader = decoded(file)?;
                io::copy(&mut reader.by_ref().take(mark.offset), &mut io::sink())?;
                Reader::Packed(reader, Vec::new())
            }
            Content::Unreadable(error) => return Err(error),
        };
        let name = crate::quoted::Quoted(&candidate.path).to_string();
        Ok(Turn {
            name,
            mark,
            known_until,
            known: None,
            purpose,
            reader,
            is_begun: false,
            is_half: false,
        })
    }

    /// How long the file is now; of a packed one that does not matter.
    pub fn length(&self) -> u64 {
        match &self.reader {
            Reader::Plain(file, _) => file.metadata().map_or(0, |about| about.len()),
            Reader::Packed(..) => self.mark.offset,
        }
    }

    /// The stamp that comes first in it.
    pub fn first_stamp(&self) -> Option<FirstStamp> {
        let Reader::Plain(file, _) = &self.reader else { return None };
        mark::first_stamp(file)
    }

    /// Whether it reads this very file.
    pub fn is_of(&self, candidate: &Candidate) -> bool {
        candidate.is_inode_of(&self.mark)
    }

    /// Whether all that is there was read.
    pub fn is_at_its_end(&self) -> bool {
        self.length() <= self.mark.offset
    }

    /// Whether it has not reached what is new.
    pub fn is_behind(&self) -> bool {
        self.mark.offset < self.known_until || self.purpose != Purpose::Fresh
    }

    /// Whether what was read still stands where it stood.
    pub fn is_sound(&self) -> bool {
        match &self.reader {
            Reader::Plain(file, _) => self.mark.fits(file).unwrap_or(false),
            Reader::Packed(..) => true,
        }
    }

    /// Reads on. `is_over` says that nothing will be written to it any more, so that a last line
    /// without an end is all there will be of it.
    pub fn read(&mut self, is_over: bool) -> Result<Outcome, InputError> {
        let is_known = self.mark.offset < self.known_until;
        let left = self.known_until.saturating_sub(self.mark.offset);
        let most = if is_known { PIECE_SIZE.min(left as usize) } else { PIECE_SIZE };
        let read = match self.reader {
            Reader::Plain(..) => self.read_plain(most, is_over, is_known && left == most as u64),
            Reader::Packed(..) => self.read_packed(most),
        };
        let name = self.name.clone();
        let read = read.map_err(|source| InputError::Broken { name, source })?;
        Ok(match read {
            Got::Lines(lines, long_lines) => Outcome::Lines(Portion {
                lines,
                long_lines,
                source: self.name.clone(),
                first_of_source: !std::mem::replace(&mut self.is_begun, true),
                purpose: if is_known { Purpose::Known } else { self.purpose },
            }),
            Got::Nothing => Outcome::End,
            Got::Foreign => Outcome::Foreign,
        })
    }

    fn read_plain(&mut self, most: usize, is_over: bool, is_rest: bool) -> io::Result<Got> {
        let Reader::Plain(file, scanned) = &mut self.reader else { return Ok(Got::Nothing) };
        let mark = &mut self.mark;
        let known = mark.tail.len();
        let mut bytes = vec![0; known + most];
        let from = mark.offset - known as u64;
        let count = read_at(file, &mut bytes, from)?;
        // The head is looked at last: what was emptied before that is noticed.
        let is_known = match &self.known {
            Some(known) if mark.offset < self.known_until => known.fits(file)?,
            _ => mark.fits_head(file)?,
        };
        if count < known || bytes[..known] != mark.tail || !is_known {
            return Ok(Got::Foreign);
        }
        bytes.truncate(count);
        bytes.drain(..known);
        self.is_half = false;
        let end = match memrchr(b'\n', &bytes) {
            _ if is_rest && bytes.len() == most => bytes.len(),
            Some(at) => at + 1,
            None if bytes.is_empty() => return Ok(Got::Nothing),
            None if bytes.len() < most && is_over => bytes.len(),
            None if bytes.len() < most => {
                self.is_half = true;
                return Ok(Got::Nothing);
            }
            None => return self.read_long(bytes, is_over),
        };
        *scanned = 0;
        bytes.truncate(end);
        mark.advance(&bytes);
        Ok(Got::lines(bytes))
    }

    /// Reads a line that is longer than what is read at a time; only its beginning is kept.
    fn read_long(&mut self, mut start: Vec<u8>, is_over: bool) -> io::Result<Got> {
        let Reader::Plain(file, scanned) = &mut self.reader else { return Ok(Got::Nothing) };
        let from = self.mark.offset;
        let mut at = (*scanned).max(from + start.len() as u64);
        let mut step = vec![0; 256 * 1024];
        let ends = loop {
            let count = read_at(file, &mut step, at)?;
            if let Some(end) = memchr(b'\n', &step[..count]) {
                break Some(at + end as u64);
            }
            at += count as u64;
            if count < step.len() {
                break None;
            }
        };
        *scanned = at;
        let (ends, next) = match ends {
            Some(ends) => (ends, ends + 1),
            None if is_over => (at, at),
            None => {
                self.is_half = true;
                return Ok(Got::Nothing);
            }
        };
        *scanned = 0;
        self.mark.advance(&start);
        let rest = next.saturating_sub(self.mark.offset).min(super::mark::TAIL as u64);
        let mut tail = vec![0; rest as usize];
        let count = read_at(file, &mut tail, next - rest)?;
        self.mark.offset = next - rest;
        self.mark.advance(&tail[..count]);
        start.truncate(MAX_LINE);
        start.push(b'\n');
        Ok(Got::Lines(start, vec![ends - from]))
    }

    fn read_packed(&mut self, most: usize) -> io::Result<Got> {
        let Reader::Packed(reader, half) = &mut self.reader else { return Ok(Got::Nothing) };
        let mut bytes = std::mem::take(half);
        let known = bytes.len();
        let limit = most.saturating_sub(known).max(1) as u64;
        let count = reader.by_ref().take(limit).read_to_end(&mut bytes)?;
        let is_end = (count as u64) < limit;
        let end = match memrchr(b'\n', &bytes) {
            _ if is_end => bytes.len(),
            Some(at) => at + 1,
            // A line longer than all that: its pieces are complained of one by one.
            None if known + count > MAX_LINE => bytes.len(),
            None => 0,
        };
        *half = bytes.split_off(end);
        self.mark.advance(&bytes);
        Ok(if bytes.is_empty() && is_end { Got::Nothing } else { Got::lines(bytes) })
    }
}

/// What was read.
enum Got {
    Lines(Vec<u8>, Vec<u64>),
    Nothing,
    Foreign,
}

impl Got {
    fn lines(mut bytes: Vec<u8>) -> Got {
        let mut long_lines = Vec::new();
        let length = cut_long_lines(&mut bytes, MAX_LINE, &mut long_lines);
        bytes.truncate(length);
        Got::Lines(bytes, long_lines)
    }
}

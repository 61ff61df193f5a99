//! A source, opened.
//!
//! A [`Source`] comes in; out goes a file that can be read at any place, or a reader that can be
//! read from the front. Which of the two is told by the first bytes: a packed file, a journal
//! export or a journal's text cannot be cut just anywhere.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{DirEntryExt, FileExt, MetadataExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::compression::{decoded, peek};
use super::error::shrunk;
use super::stamp::HEAD;
use super::{Clock, Compression, JournalExport, JournalText, Nature, Source};

/// How a source can be read.
pub enum Opened {
    /// At any place.
    Plain { file: File, length: u64 },
    /// From the front only.
    Stream {
        reader: Box<dyn Read + Send>,
        /// How far it has been read, where that can be held against a length.
        counter: Option<Counter>,
    },
}

/// How many bytes were read of a file.
pub type Counter = Arc<AtomicU64>;

impl Opened {
    pub fn new(source: &Source) -> io::Result<Opened> {
        let file = match source.nature {
            Nature::StandardInput => return stream(io::stdin(), Timestamp::now(), None),
            Nature::Stream => return stream(File::open(&source.path)?, Timestamp::now(), None),
            Nature::Regular => regular(source)?,
        };
        let metadata = file.metadata()?;
        // Between finding and opening lie all the files before this one: time enough to be cut.
        let length = metadata.len().max(source.size);
        let mut head = vec![0; HEAD];
        let count = file.read_at(&mut head, 0)?;
        if Compression::of(&head[..count]) == Compression::Plain
            && Form::of(&head[..count]).is_none()
        {
            return Ok(Opened::Plain { file, length });
        }
        let written = metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let counter = Counter::default();
        let whole = Whole { file, length, read: Arc::clone(&counter) };
        stream(whole, written.unwrap_or_else(Timestamp::now), Some(counter))
    }
}

/// The file that was found, under whatever name it has now.
///
/// A log that is being written may be rotated while the files before it are read, and then each
/// name stands for the file after it: one would be read twice, and another not at all. A file that
/// is nowhere any more leaves its name to whatever has it now.
fn regular(source: &Source) -> io::Result<File> {
    let named = File::open(&source.path);
    let Some(inode) = source.inode else { return named };
    let is_it = |file: &File| file.metadata().is_ok_and(|m| (m.dev(), m.ino()) == inode);
    if named.as_ref().is_ok_and(is_it) {
        return named;
    }
    let folder = crate::folder::of(&source.path);
    let beside = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut renamed = beside.filter(|entry| entry.ino() == inode.1);
    let renamed = renamed.find_map(|entry| File::open(entry.path()).ok().filter(is_it));
    renamed.map_or(named, Ok)
}

/// A file that is read from the front, and says so if it ends before it should.
struct Whole {
    file: File,
    length: u64,
    read: Counter,
}

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let read = self.read.fetch_add(count as u64, Relaxed) + count as u64;
        if count == 0 && !buffer.is_empty() && read < self.length {
            self.length = 0;
            return Err(shrunk(read));
        }
        Ok(count)
    }
}

/// A form of the journal that has to be turned into lines of JSON.
enum Form {
    Export,
    Text,
}

impl Form {
    fn of(head: &[u8]) -> Option<Form> {
        if JournalExport::begins_with(head) {
            Some(Form::Export)
        } else {
            JournalText::begins_with(head).then_some(Form::Text)
        }
    }
}

/// What `reader` gives, unpacked and as lines; nothing in it was written after `newest`.
fn stream<R: Read + Send + 'static>(
    reader: R,
    newest: Timestamp,
    counter: Option<Counter>,
) -> io::Result<Opened> {
    let (head, reader) = peek(decoded(reader)?, HEAD);
    let form = Form::of(&head);
    let buffered = |reader| BufReader::with_capacity(256 * 1024, reader);
    let reader: Box<dyn Read + Send> = match form {
        None => Box::new(reader),
        Some(Form::Export) => Box::new(JournalExport::new(buffered(reader))),
        Some(Form::Text) => {
            let clock = Clock { newest, zone: TimeZone::system() };
            Box::new(JournalText::new(buffered(reader), clock))
        }
    };
    Ok(Opened::Stream { reader, counter })
}

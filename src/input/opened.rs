//! A source, opened.
//!
//! A [`Source`] comes in; out goes a file that can be read at any place, or a reader that can be
//! read from the front. Which of the two is told by the first bytes: a packed file, a journal
//! export or a journal's text cannot be cut just anywhere.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::compression::{decoded, peek};
use super::stamp::HEAD;
use super::{Clock, Compression, JournalExport, JournalText, Nature, Source};

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
            Nature::StandardInput => return stream(io::stdin(), Timestamp::now()),
            Nature::Stream => return stream(File::open(&source.path)?, Timestamp::now()),
            Nature::Regular => File::open(&source.path)?,
        };
        let metadata = file.metadata()?;
        let mut head = vec![0; HEAD];
        let count = file.read_at(&mut head, 0)?;
        if Compression::of(&head[..count]) == Compression::Plain
            && Form::of(&head[..count]).is_none()
        {
            return Ok(Opened::Plain { file, length: metadata.len() });
        }
        let written = metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        stream(file, written.unwrap_or_else(Timestamp::now))
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
fn stream<R: Read + Send + 'static>(reader: R, newest: Timestamp) -> io::Result<Opened> {
    let (head, reader) = peek(decoded(reader)?, HEAD);
    let form = Form::of(&head);
    let buffered = |reader| BufReader::with_capacity(256 * 1024, reader);
    Ok(Opened::Stream(match form {
        None => Box::new(reader),
        Some(Form::Export) => Box::new(JournalExport::new(buffered(reader))),
        Some(Form::Text) => {
            let clock = Clock { newest, zone: TimeZone::system() };
            Box::new(JournalText::new(buffered(reader), clock))
        }
    }))
}

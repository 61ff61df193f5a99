//! The journal's export format, turned into its JSON format.
//!
//! What `journalctl -o export` writes comes in: entries of `KEY=value` lines with a blank line
//! after each, and for values that are not plain text a framing of the key, a length of eight bytes
//! and the data. Out goes what `journalctl -o json` would have written: one object per line, so
//! that it can be cut at line ends like everything else. Of the fields only those of [`KEPT`] go
//! on.
//!
//! Lines that cannot stand in an entry are passed on as they are, for the reader to complain about.

use std::io::{self, BufRead, Read};

use serde_json::{Map, Value};

/// The fields that go on; whoever reads the JSON has no use for the others.
pub const KEPT: [&str; 11] = [
    "_TRANSPORT",
    "MESSAGE",
    "_HOSTNAME",
    "_AUDIT_ID",
    "_AUDIT_TYPE",
    "_AUDIT_TYPE_NAME",
    "__REALTIME_TIMESTAMP",
    "_SOURCE_REALTIME_TIMESTAMP",
    "SYSLOG_IDENTIFIER",
    "_PID",
    "_UID",
];

/// The longest value that is kept whole, in bytes. A JSON line can be longer than its values.
const MAX_VALUE: usize = 1 << 20;

/// Reads a journal export as JSON, an object per line.
pub struct JournalExport<R> {
    reader: R,
    line: Vec<u8>,
    entry: Map<String, Value>,
    written: Vec<u8>,
    taken: usize,
    state: State,
}

enum State {
    Reading,
    Failing(io::Error),
    AtEnd,
}

impl JournalExport<io::Empty> {
    /// Whether a file that begins with `head` is a journal export.
    pub fn begins_with(head: &[u8]) -> bool {
        head.starts_with(b"__CURSOR=")
    }
}

impl<R: BufRead> JournalExport<R> {
    /// Reads the export that `reader` gives.
    pub fn new(reader: R) -> JournalExport<R> {
        JournalExport {
            reader,
            line: Vec::new(),
            entry: Map::new(),
            written: Vec::new(),
            taken: 0,
            state: State::Reading,
        }
    }

    /// Reads a line or a framed field; what is to be written is in `written` afterwards.
    fn advance(&mut self) -> io::Result<State> {
        let line_ended = read_line(&mut self.reader, &mut self.line, MAX_VALUE + 64)?;
        if self.line.is_empty() {
            self.finish_entry();
            return Ok(if line_ended { State::Reading } else { State::AtEnd });
        }
        let equals = memchr::memchr(b'=', &self.line);
        let (key, value) = self.line.split_at(equals.unwrap_or(self.line.len()));
        if !is_field_name(key) {
            self.written.extend_from_slice(&self.line);
            self.written.push(b'\n');
            return Ok(State::Reading);
        }
        let kept = KEPT.iter().find(|name| name.as_bytes() == key);
        let value = match (equals, line_ended) {
            (Some(_), _) => kept.map(|_| json(&value[1..])),
            (None, true) => self.read_framed(kept.is_some())?,
            // A key alone at the end of the file: the rest was cut off.
            (None, false) => return Err(cut_short()),
        };
        if let (Some(name), Some(value)) = (kept, value) {
            self.entry.entry(*name).or_insert(value);
        }
        Ok(State::Reading)
    }

    fn finish_entry(&mut self) {
        if !self.entry.is_empty() {
            let entry = Value::Object(std::mem::take(&mut self.entry));
            self.written.extend_from_slice(entry.to_string().as_bytes());
            self.written.push(b'\n');
        }
    }

    /// Reads the length, the data and the line end of a framed field, and the value if it is kept.
    fn read_framed(&mut self, kept: bool) -> io::Result<Option<Value>> {
        let mut length = [0; 8];
        self.reader.read_exact(&mut length).map_err(|_| cut_short())?;
        let mut left = u64::from_le_bytes(length);
        self.line.clear();
        while left > 0 {
            let buffer = fill(&mut self.reader)?;
            if buffer.is_empty() {
                return Err(cut_short());
            }
            let here = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let room = if kept { MAX_VALUE - self.line.len() } else { 0 };
            self.line.extend_from_slice(&buffer[..here.min(room)]);
            self.reader.consume(here);
            left -= here as u64;
        }
        let mut line_end = [0];
        self.reader.read_exact(&mut line_end).map_err(|_| cut_short())?;
        if line_end != *b"\n" {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the journal export is damaged: a field is longer than it says",
            ));
        }
        Ok(kept.then(|| json(&self.line)))
    }
}

impl<R: BufRead> Read for JournalExport<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.written.len() {
            self.written.clear();
            self.taken = 0;
            match std::mem::replace(&mut self.state, State::AtEnd) {
                State::AtEnd => return Ok(0),
                State::Failing(failure) => return Err(failure),
                State::Reading => {
                    self.state = self.advance().unwrap_or_else(|failure| {
                        // What is known of the entry is worth having: its stamp may be there.
                        self.finish_entry();
                        State::Failing(failure)
                    });
                }
            }
        }
        let length = output.len().min(self.written.len() - self.taken);
        output[..length].copy_from_slice(&self.written[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

/// Reads a line into `line`, without its end, and says whether it had one. What a line has beyond
/// `longest` bytes is dropped.
pub fn read_line<R: BufRead>(
    reader: &mut R,
    line: &mut Vec<u8>,
    longest: usize,
) -> io::Result<bool> {
    line.clear();
    loop {
        let buffer = fill(reader)?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let end = memchr::memchr(b'\n', buffer);
        let part = &buffer[..end.unwrap_or(buffer.len())];
        let room = longest.saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let consumed = part.len() + usize::from(end.is_some());
        reader.consume(consumed);
        if end.is_some() {
            return Ok(true);
        }
    }
}

fn is_field_name(key: &[u8]) -> bool {
    let of_a_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    !key.is_empty() && key.len() <= 64 && key.iter().all(of_a_name)
}

/// A value as journalctl writes it: a string if it is text, else an array of its bytes. Control
/// characters other than tab and line end make it an array, as in journalctl.
pub fn json(value: &[u8]) -> Value {
    let value = &value[..value.len().min(MAX_VALUE)];
    let control = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n');
    match std::str::from_utf8(value) {
        Ok(text) if !text.contains(control) => Value::from(text),
        _ => Value::from(value),
    }
}

/// Like `fill_buf`, which does not try again when a signal interrupts it.
fn fill<R: BufRead>(reader: &mut R) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    reader.fill_buf()
}

fn cut_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the journal export is cut short within an entry")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(export: &[u8]) -> (String, Option<io::Error>) {
        let mut text = Vec::new();
        let error = JournalExport::new(export).read_to_end(&mut text).err();
        (String::from_utf8(text).unwrap(), error)
    }

    fn framed(key: &str, value: &[u8]) -> Vec<u8> {
        let length = (value.len() as u64).to_le_bytes();
        [key.as_bytes(), b"\n", &length, value, b"\n"].concat()
    }

    #[test]
    fn an_entry_becomes_an_object_with_the_fields_of_use() {
        let (text, error) = read(
            b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1723819442001000\n_TRANSPORT=audit\n\
              _AUDIT_TYPE_NAME=SYSCALL\nMESSAGE=SYSCALL arch=c000003e comm=\"curl\"\n\n\
              __CURSOR=s=1;i=3\n_TRANSPORT=syslog\n\n",
        );
        assert!(error.is_none());
        let objects: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[0]["MESSAGE"], "SYSCALL arch=c000003e comm=\"curl\"");
        assert_eq!(objects[0]["__REALTIME_TIMESTAMP"], "1723819442001000");
        assert!(objects[0].get("__CURSOR").is_none());
        assert_eq!(objects[1]["_TRANSPORT"], "syslog");
    }

    #[test]
    fn a_framed_value_may_hold_line_ends_and_bytes_that_are_no_text() {
        let bytes = b"a\n\n=b\x1d\xff".as_slice();
        let export = [
            b"__CURSOR=1\n".to_vec(),
            framed("MESSAGE", bytes),
            framed("COREDUMP", &[b'\n'; 5000]),
            framed("_HOSTNAME", b"web1"),
            b"\n".to_vec(),
        ];
        let (text, error) = read(&export.concat());
        assert!(error.is_none());
        assert_eq!(text.lines().count(), 1);
        let object: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["MESSAGE"], Value::from(bytes));
        assert_eq!(object["_HOSTNAME"], "web1");
    }

    #[test]
    fn an_entry_at_the_end_needs_no_blank_line_after_it() {
        let (text, error) = read(b"__CURSOR=1\n_PID=7");
        assert!(error.is_none());
        assert_eq!(text, "{\"_PID\":\"7\"}\n");
    }

    #[test]
    fn an_entry_cut_short_is_delivered_as_far_as_it_goes_and_said_to_be_cut() {
        let mut export = b"__CURSOR=1\n_PID=7\n".to_vec();
        export.extend(&framed("MESSAGE", b"never ending")[..15]);
        let (text, error) = read(&export);
        assert_eq!(text, "{\"_PID\":\"7\"}\n");
        assert_eq!(error.unwrap().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_length_made_up_by_an_attacker_costs_no_memory() {
        let mut export = b"__CURSOR=1\nMESSAGE\n".to_vec();
        export.extend(u64::MAX.to_le_bytes());
        export.extend(vec![b'x'; 3 << 20]);
        let mut reader = JournalExport::new(export.as_slice());
        assert!(reader.read_to_end(&mut Vec::new()).is_err());
        assert!(reader.line.capacity() <= 2 * MAX_VALUE);
    }

    #[test]
    fn a_line_that_is_no_field_is_passed_on_for_the_reader_to_complain() {
        let (text, error) = read(b"__CURSOR=1\n_PID=7\n-- Boot 1 --\n\n");
        assert!(error.is_none());
        assert_eq!(text, "-- Boot 1 --\n{\"_PID\":\"7\"}\n");
    }
}

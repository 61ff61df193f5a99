//! The journal's text forms, turned into its JSON format.
//!
//! What `journalctl -o short` and its kin write of the audit transport comes in; out goes what
//! `journalctl -o json` would have written of these records, as far as it can be known. The text
//! has lost the id of the event: [`JournalEvents`] tells from the order of the records which belong
//! together, and the event's number among those of its host in the file stands for its serial. All
//! other lines are passed on as they are.
//!
//! Where the kernel has printed calls with their ids, the text has the same records again, and they
//! are passed on for the reader to complain about: no connection is counted twice.
//!
//! Not for `journalctl -r`: there the records of an event stand before their call.

use std::io::{self, BufRead, Cursor, Read};

use serde_json::{Map, Value};

use super::block::MAX_LINE;
use super::export::{json, read_line};
use super::journal_events::JournalEvents;
use super::journal_line::{Clock, JournalLine, is_printed_call};

/// The longest line that is taken for a record. The kernel cuts records at 8970 bytes, and JSON may
/// make six bytes of one.
const LONGEST_RECORD: usize = 64 * 1024;

/// Reads a journal's text as JSON, an object per line.
pub struct JournalText<R> {
    reader: R,
    clock: Clock,
    line: Vec<u8>,
    events: JournalEvents,
    has_printed_calls: bool,
    written: Cursor<Vec<u8>>,
    /// Nothing follows what is written, but for the failure.
    ends: Option<Option<io::Error>>,
}

impl JournalText<io::Empty> {
    /// Whether a file that begins with `head` has records in a text form, and no others of calls.
    pub fn begins_with(head: &[u8]) -> bool {
        let lines = || head.split(|byte| *byte == b'\n');
        lines().any(|line| JournalLine::parse(line).is_some()) && !lines().any(is_printed_call)
    }
}

impl<R: BufRead> JournalText<R> {
    /// Reads the text that `reader` gives.
    pub fn new(reader: R, clock: Clock) -> JournalText<R> {
        JournalText {
            reader,
            clock,
            line: Vec::new(),
            events: JournalEvents::default(),
            has_printed_calls: false,
            written: Cursor::default(),
            ends: None,
        }
    }

    /// Reads a line; what is to be written of it is in `written` afterwards.
    fn advance(&mut self) {
        let outcome = read_line(&mut self.reader, &mut self.line, MAX_LINE);
        let line_ended = matches!(outcome, Ok(true));
        if !line_ended {
            self.ends = Some(outcome.err());
        }
        let entry = self.entry();
        self.has_printed_calls |= entry.is_none() && is_printed_call(&self.line);
        self.written.set_position(0);
        let written = self.written.get_mut();
        written.clear();
        match entry {
            Some(entry) => {
                written.extend_from_slice(entry.to_string().as_bytes());
                written.push(b'\n');
            }
            None => {
                written.extend_from_slice(&self.line);
                if line_ended {
                    written.push(b'\n');
                }
            }
        }
    }

    /// What the journal has of the record in the line.
    fn entry(&mut self) -> Option<Value> {
        if self.has_printed_calls || self.line.len() > LONGEST_RECORD {
            return None;
        }
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let line = JournalLine::parse(line)?;
        let micros = line.time.instant(&self.clock)?.as_microsecond();
        let micros = u64::try_from(micros).ok()?;
        let number = self.events.number(&line, micros);
        let mut entry = Map::new();
        entry.insert("_TRANSPORT".into(), "audit".into());
        if let Some(host) = line.host {
            entry.insert("_HOSTNAME".into(), host.into());
        }
        entry.insert("_AUDIT_ID".into(), number.to_string().into());
        entry.insert("_AUDIT_TYPE_NAME".into(), line.kind.into());
        entry.insert("_SOURCE_REALTIME_TIMESTAMP".into(), micros.to_string().into());
        entry.insert("MESSAGE".into(), json(line.message));
        Some(Value::Object(entry))
    }
}

impl<R: BufRead> Read for JournalText<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.written.read(output)?;
            if count > 0 || output.is_empty() {
                return Ok(count);
            }
            match &mut self.ends {
                Some(failure) => return failure.take().map_or(Ok(0), Err),
                None => self.advance(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8]) -> Vec<u8> {
        let clock = Clock { newest: "2024-08-20T00:00:00Z".parse().unwrap(), zone: TimeZone::UTC };
        let mut out = Vec::new();
        JournalText::new(text, clock).read_to_end(&mut out).unwrap();
        out
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(String::from_utf8(read(text.as_bytes())).unwrap(), expected);
    }

    #[test]
    fn records_become_objects_with_the_number_of_their_event() {
        let text = "\
            Aug 16 14:44:02 web1 audit[812]: SYSCALL arch=c000003e syscall=42 comm=\"curl\"\n\
            Aug 16 14:44:02 web1 audit: SOCKADDR saddr=0200\n\
            Aug 16 14:44:02 web1 audit[813]: SYSCALL arch=c000003e syscall=42\n";
        let lines = read(text.as_bytes());
        let objects: Vec<Value> = lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        let field = |name: &str| -> Vec<&str> {
            objects.iter().map(|object| object[name].as_str().unwrap()).collect()
        };
        assert_eq!(field("_TRANSPORT"), ["audit"; 3]);
        assert_eq!(field("_HOSTNAME"), ["web1"; 3]);
        assert_eq!(field("_AUDIT_ID"), ["1", "1", "2"]);
        assert_eq!(field("_AUDIT_TYPE_NAME"), ["SYSCALL", "SOCKADDR", "SYSCALL"]);
        assert_eq!(field("_SOURCE_REALTIME_TIMESTAMP"), ["1723819442000000"; 3]);
        assert_eq!(objects[0]["MESSAGE"], "SYSCALL arch=c000003e syscall=42 comm=\"curl\"");
    }

    #[test]
    fn all_other_lines_are_passed_on_as_they_are() {
        let text = "\
            -- Boot 1 --\r\n\n\
            Aug 16 14:44:02 web1 sshd[812]: SYSCALL arch=c000003e\n\
            Aug 16 14:44:02 web1 audit[1]: no kind\n\
            Aug 16 14:44:02 web1 kernel: audit: type=2000 audit(1723819442.000:1): state=init";
        check(text, text);
        assert!(!JournalText::begins_with(text.as_bytes()));
    }

    #[test]
    fn behind_a_call_printed_by_the_kernel_the_text_is_not_taken() {
        let printed =
            "Aug 16 14:44:02 web1 kernel: audit: type=1300 audit(1723819442.459:7): a=1\n";
        let text = "Aug 16 14:44:02 web1 audit[812]: SYSCALL a=1\n";
        check(&format!("{printed}{text}"), &format!("{printed}{text}"));
        assert!(JournalText::begins_with(text.as_bytes()));
        assert!(!JournalText::begins_with(format!("{text}{printed}").as_bytes()));
    }

    #[test]
    fn an_endless_line_is_cut_to_the_length_that_is_complained_of() {
        let text = [b"x".repeat(3 << 20), b"\nAug 16 14:44:02 a audit: CWD cwd=/\n".to_vec()];
        let out = read(&text.concat());
        assert_eq!(out.iter().position(|byte| *byte == b'\n'), Some(MAX_LINE));
        assert!(out[MAX_LINE + 1..].starts_with(b"{"));
    }

    #[test]
    fn a_failure_comes_behind_what_was_read_before_it() {
        let damaged = io::Error::from(io::ErrorKind::InvalidData);
        let reader = b"Aug 16 14:44:02 a audit: CWD cwd=/\nAug".chain(Fails(Some(damaged)));
        let clock = Clock { newest: "2024-08-20T00:00:00Z".parse().unwrap(), zone: TimeZone::UTC };
        let mut out = Vec::new();
        let outcome = JournalText::new(io::BufReader::new(reader), clock).read_to_end(&mut out);
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(out.starts_with(b"{") && out.ends_with(b"}\nAug"));
    }

    struct Fails(Option<io::Error>);

    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.0.take().map_or(Ok(0), Err)
        }
    }

    fn part() -> impl Strategy<Value = Vec<u8>> {
        let known = prop::sample::select(vec![
            "Aug 16 14:44:02 ",
            "Fri 2024-08-16 14:44:02 ",
            "UTC ",
            "+9999999 ",
            "web1 ",
            "audit",
            "[812]",
            ": ",
            "SYSCALL ",
            "SOCKADDR ",
            "99999999999999.000000 ",
            "-9999-99 ",
            "\n",
            "2024-08-16T14:44:02+00:00 ",
            "Feb 29 23:59:60 ",
            "kernel: audit: type=1300 audit(",
        ]);
        prop_oneof![
            8 => known.prop_map(|text| text.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..8),
        ]
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_as_many_lines_come_out_as_go_in(
            parts in prop::collection::vec(part(), 0..60)
        ) {
            let text = parts.concat();
            JournalText::begins_with(&text);
            let lines = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == b'\n').count();
            prop_assert_eq!(lines(&read(&text)), lines(&text));
        }
    }
}

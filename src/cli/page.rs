//! What a command prints when it has it all: lines and tables for people, in which nothing of a
//! log, a state or a file can play with the terminal.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::output::columns::width;
use crate::output::escape;
use crate::time::LAST;

/// Some lines of text.
#[derive(Default)]
pub struct Page(Vec<u8>);

impl Page {
    /// A line of anything.
    pub fn line(&mut self, text: &str) {
        escape::text(text.as_bytes(), &mut self.0);
        self.0.push(b'\n');
    }

    /// A line that is escaped already, as the text of a file is.
    pub fn plain(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.0.push(b'\n');
    }

    /// What is escaped already, with its line ends.
    pub fn bytes(&mut self, text: &[u8]) {
        self.0.extend_from_slice(text);
    }

    /// Rows of cells that are escaped already, each column as wide as it needs to be.
    pub fn table(&mut self, rows: &[Vec<String>], indent: &str) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest =
            |at: usize| rows.iter().filter_map(move |row| row.get(at)).map(|cell| width(cell));
        let widths: Vec<usize> = (0..columns).map(|at| widest(at).max().unwrap_or(0)).collect();
        for row in rows {
            let mut line = indent.to_string();
            for (at, cell) in row.iter().enumerate() {
                line += cell;
                if at + 1 < row.len() {
                    line.extend(std::iter::repeat_n(' ', widths[at] - width(cell) + 2));
                }
            }
            self.plain(line.trim_end());
        }
    }

    /// Writes it all; whoever has seen enough is no failure.
    pub fn print(&self) -> Result<(), String> {
        match io::stdout().write_all(&self.0).and_then(|()| io::stdout().flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(format!("cannot write the output: {error}"))
            }
            _ => Ok(()),
        }
    }
}

/// A name as one word.
pub fn word(name: &[u8]) -> String {
    let mut out = Vec::new();
    escape::word(name, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Text that stands alone.
pub fn text(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    escape::text(bytes, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// A time in UTC, as a format of strftime has it.
pub fn time(millis: u64, format: &str) -> String {
    let millis = i64::try_from(millis.min(LAST)).unwrap_or(0);
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    time.to_zoned(TimeZone::UTC).strftime(format).to_string()
}

/// A time in UTC to the minute: `2024-08-16 14:44`.
pub fn minute(millis: u64) -> String {
    time(millis, "%Y-%m-%d %H:%M")
}

/// `1 value`, `3 values`, `about 300 values`.
pub fn counted(number: u64, is_exact: bool, one: &str) -> String {
    let about = if is_exact { "" } else { "about " };
    format!("{about}{number} {one}{}", if number == 1 { "" } else { "s" })
}

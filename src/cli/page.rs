//! What a command prints when it has it all: lines and tables for people, in which nothing of a
//! log, a state or a file can play with the terminal.

use std::io::{self, IsTerminal, Write};

use super::screen;
use crate::output::alerts::wrap::broken;
use crate::output::columns::width;
use crate::output::escape;
pub(crate) use crate::time::{minute, time};

/// How narrow a last column gets, however narrow the terminal is.
const NARROWEST: usize = 10;

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

    /// A whole file: as it is, for it may go to another, but on a terminal with nothing that acts.
    pub fn document(&mut self, text: &str) {
        match io::stdout().is_terminal() {
            true => text.lines().for_each(|line| self.plain(&escape::harmless(line))),
            false => self.bytes(text.as_bytes()),
        }
    }

    /// What is escaped already, with its line ends.
    pub fn bytes(&mut self, text: &[u8]) {
        self.0.extend_from_slice(text);
    }

    /// Rows of cells that are escaped already, each column as wide as it needs to be.
    pub fn table(&mut self, rows: &[Vec<String>], indent: &str) {
        self.fitted(rows, indent, screen::width());
    }

    /// The same with a row of headings above them.
    pub fn headed(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        self.headed_fitted(head, rows, screen::width());
    }

    /// Where a terminal is too narrow for them, what stands in the last column is broken at blanks.
    fn fitted(&mut self, rows: &[Vec<String>], indent: &str, terminal: Option<usize>) {
        let widths = widths(rows);
        let before: usize = widths.iter().rev().skip(1).map(|width| width + 2).sum();
        let room = terminal.map_or(usize::MAX, |terminal| {
            terminal.saturating_sub(width(indent) + before).max(NARROWEST)
        });
        for row in rows {
            let mut line = indent.to_string();
            for (at, cell) in row.iter().enumerate() {
                if at + 1 < widths.len() {
                    line += cell;
                    line.extend(std::iter::repeat_n(' ', widths[at] - width(cell) + 2));
                } else {
                    let hanging = format!("\n{indent}{:before$}", "");
                    line += &broken(cell, room).join(&hanging);
                }
            }
            self.plain(line.trim_end());
        }
    }

    /// Where a terminal is too narrow for them, a paragraph for each row, with a heading in each
    /// line.
    fn headed_fitted(&mut self, head: &[&str], mut rows: Vec<Vec<String>>, to: Option<usize>) {
        let head: Vec<String> = head.iter().map(|one| (*one).to_string()).collect();
        rows.insert(0, head);
        let wide: usize = widths(&rows).iter().map(|width| width + 2).sum();
        if to.is_none_or(|terminal| wide.saturating_sub(2) <= terminal) {
            return self.fitted(&rows, "", to);
        }
        let head = rows.remove(0);
        for (at, row) in rows.into_iter().enumerate() {
            if at > 0 {
                self.plain("");
            }
            let mut cells = head.iter().cloned().zip(row);
            let Some((_, name)) = cells.next() else { continue };
            self.plain(&name);
            let lines: Vec<Vec<String>> = cells.map(|(head, cell)| vec![head, cell]).collect();
            self.fitted(&lines, "  ", to);
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

/// How wide each column has to be.
fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| rows.iter().filter_map(move |row| row.get(at)).map(|cell| width(cell));
    (0..columns).map(|at| widest(at).max().unwrap_or(0)).collect()
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

/// `1 value`, `3 values`, `about 300 values`.
pub fn counted(number: u64, is_exact: bool, one: &str) -> String {
    let about = if is_exact { "" } else { "about " };
    format!("{about}{number} {one}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;

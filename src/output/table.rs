//! Connections as a table for the eye.
//!
//! Rows are shown as they come, so a column cannot wait for its longest cell: it begins with a
//! width that suits most logs, and grows when something longer comes. Piped, no cell is ever cut.
//! On a terminal rows are made to fit its width: names are cut, marked by `…`, and a narrow one has
//! less of the time and no protocol. The host is always there: whether another will come is not
//! known when the first row is shown. IP addresses are never cut.
//!
//! Names are words as of [`escape::word`], so none of them can feign a column. `?` is what the log
//! does not hold, `-` a transport that it does not show.

use std::io::Write;
use std::net::IpAddr;
use std::ops::Range;

use anstyle::{AnsiColor, Style};

use super::clock::Clock;
use super::columns::{cut, width};
use super::{Writer, address, escape};
use crate::audit::connection::{Action, Connection, Outcome};

const COLUMNS: usize = 8;
const TIME: usize = 0;
const HOST: usize = 1;
const PROCESS: usize = 2;
const USER: usize = 3;
const ADDRESS: usize = 5;
const PROTO: usize = 6;
const OUTCOME: usize = 7;

const HEADINGS: [&str; COLUMNS] =
    ["TIME", "HOST", "PROCESS", "USER", "ACTION", "ADDRESS", "PROTO", "OUTCOME"];
/// What the columns begin with.
const WIDTHS: [usize; COLUMNS] = [23, 8, 18, 8, 7, 21, 5, 12];
/// What they are made narrower to on a terminal, as far as that is needed, in this order.
const NARROWER: [(usize, usize); 10] = [
    (ADDRESS, 21),
    (HOST, 12),
    (PROCESS, 16),
    (USER, 6),
    (HOST, 8),
    (USER, 4),
    (ADDRESS, 18),
    (PROCESS, 9),
    (HOST, 6),
    (ADDRESS, 15),
];
/// What they do not grow beyond; a longer cell moves the rest of its own row only.
const MOST: [usize; COLUMNS] = [23, 24, 32, 16, 7, 47, 9, 12];

/// How much of an outcome is shown beside an address that is wider than its column: enough to tell
/// ECONNREFUSED from ECONNRESET.
const LEAST_OUTCOME: usize = 9;

/// What a row consists of.
#[derive(Debug)]
struct Shape {
    /// Which part of `2024-08-16 14:44:02.001` is shown.
    time: Range<usize>,
    /// What the host's column begins with.
    host: usize,
    has_proto: bool,
    gap: usize,
}

impl Shape {
    /// The shape for a terminal of this width. What is least telling goes first: the protocol and
    /// the milliseconds, then the year.
    fn of(width: Option<usize>) -> Shape {
        match width.unwrap_or(usize::MAX) {
            112.. => Shape { time: 0..23, host: 8, has_proto: true, gap: 2 },
            96..112 => Shape { time: 0..19, host: 8, has_proto: false, gap: 2 },
            _ => Shape { time: 5..19, host: 6, has_proto: false, gap: 1 },
        }
    }
}

/// Writes connections as a table.
#[derive(Debug)]
pub struct Table {
    width: Option<usize>,
    shape: Shape,
    colour: bool,
    widths: [usize; COLUMNS],
    clock: Clock,
    cells: Vec<u8>,
    row: String,
}

impl Table {
    /// A table for a terminal of this width, or for anything else if there is none. `colour` shows
    /// failures red, what is in progress yellow, and address probes dim.
    pub fn new(width: Option<usize>, colour: bool) -> Table {
        let (shape, mut widths) = (Shape::of(width), WIDTHS);
        (widths[TIME], widths[HOST]) = (shape.time.len(), shape.host);
        let (clock, cells, row) = (Clock::plain(), Vec::new(), String::new());
        Table { width, shape, colour, widths, clock, cells, row }
    }

    /// The widths of the columns in the next row; 0 for one that is left out.
    fn layout(&self) -> [usize; COLUMNS] {
        let mut room = self.widths;
        let Some(width) = self.width else { return room };
        if !self.shape.has_proto {
            room[PROTO] = 0;
        }
        let gaps = self.shape.gap * (room.iter().filter(|width| **width > 0).count() - 1);
        let mut excess = (room.iter().sum::<usize>() + gaps).saturating_sub(width);
        for (column, least) in NARROWER {
            let taken = excess.min(room[column].saturating_sub(least));
            room[column] -= taken;
            excess -= taken;
        }
        room
    }

    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) {
        for ((have, cell), most) in self.widths.iter_mut().zip(row.cells).zip(MOST) {
            *have = (*have).max(width(cell).min(most));
        }
        let layout = self.layout();
        self.row.clear();
        for (column, wide) in layout.into_iter().enumerate().take(OUTCOME) {
            if wide > 0 {
                let is_cut = self.width.is_some() && !(column == ADDRESS && row.is_ip);
                let room = if is_cut { wide } else { usize::MAX };
                let start = self.row.len();
                let (text, tail) = match column {
                    HOST => telling_part(row.cells[HOST], room),
                    _ => (row.cells[column], row.tails[column]),
                };
                cut(text, room, tail, &mut self.row);
                let blanks = wide.saturating_sub(width(&self.row[start..])) + self.shape.gap;
                self.row.extend(std::iter::repeat_n(' ', blanks));
            }
        }
        let paint = |style: Style| if self.colour { style } else { Style::new() };
        let (whole, outcome) = (paint(row.style), paint(row.outcome_style));
        let _ = write!(out, "{whole}{}{outcome}", self.row);
        let room = self.width.map_or(usize::MAX, |width_of_all| {
            width_of_all.saturating_sub(width(&self.row)).max(LEAST_OUTCOME)
        });
        self.row.clear();
        cut(row.cells[OUTCOME], room, 0, &mut self.row);
        let _ = write!(out, "{}", self.row);
        // Both styles end with the same sequence, which needs to be there only once.
        let end = if outcome.is_plain() { whole } else { outcome };
        let _ = writeln!(out, "{end:#}");
    }
}

impl Writer for Table {
    fn head(&mut self, out: &mut Vec<u8>) {
        let style = Style::new().bold();
        let row = Row {
            cells: HEADINGS,
            tails: [0; COLUMNS],
            is_ip: false,
            style,
            outcome_style: Style::new(),
        };
        self.write(&row, out);
    }

    fn connection(&mut self, connection: &Connection<'_>, out: &mut Vec<u8>) {
        let mut text = std::mem::take(&mut self.cells);
        text.clear();
        let mut ends = [0; COLUMNS];
        let mut tails = [0; COLUMNS];
        for (column, end) in ends.iter_mut().enumerate() {
            tails[column] = match column {
                TIME => {
                    self.clock.write(connection.stamp.millis, &mut text);
                    text.truncate(self.shape.time.end);
                    text.drain(..self.shape.time.start);
                    0
                }
                _ => cell(connection, column, &mut text),
            };
            *end = text.len();
        }
        let mut cells = [""; COLUMNS];
        let mut start = 0;
        for (cell, end) in cells.iter_mut().zip(ends) {
            *cell = std::str::from_utf8(&text[start..end]).unwrap_or_default();
            start = end;
        }
        let is_ip = connection.ip.is_some();
        let (style, outcome_style) = styles(connection);
        self.write(&Row { cells, tails, is_ip, style, outcome_style }, out);
        self.cells = text;
    }
}

/// The part of a host's name that tells it from others, and how much of its end is to be kept when
/// it is cut. The domain goes first, for all may have the same; of what is left hosts that are
/// numbered differ at the end.
fn telling_part(host: &str, room: usize) -> (&str, usize) {
    let half = room.saturating_sub(1) / 2;
    match host.split_once('.') {
        Some((_, _)) if host.parse::<IpAddr>().is_ok() => (host, half),
        Some((label, _)) if width(label) < room => (host, 0),
        Some((label, _)) if width(host) > room => (label, half),
        _ => (host, half),
    }
}

struct Row<'r> {
    cells: [&'r str; COLUMNS],
    /// How many characters at the end of each cell are the last to be cut.
    tails: [usize; COLUMNS],
    is_ip: bool,
    style: Style,
    outcome_style: Style,
}

/// Appends what a row has in a column, and gives the length of its tail.
fn cell(connection: &Connection<'_>, column: usize, out: &mut Vec<u8>) -> usize {
    match column {
        HOST => escape::word(connection.host, out),
        PROCESS => return process(connection, out),
        USER => match (&connection.user.name, connection.user.id) {
            (Some(name), _) => escape::word(name, out),
            (None, Some(id)) => out.extend_from_slice(id.to_string().as_bytes()),
            (None, None) => out.push(b'?'),
        },
        ADDRESS => address::address(connection, out),
        PROTO => out.extend_from_slice(connection.transport.map_or("-", |t| t.name()).as_bytes()),
        OUTCOME => outcome(connection, out),
        _ => out.extend_from_slice(short(connection.action).as_bytes()),
    }
    0
}

fn process(connection: &Connection<'_>, out: &mut Vec<u8>) -> usize {
    match connection.name.as_deref().or(connection.executable.as_deref()) {
        Some(name) => escape::word(name, out),
        None => out.push(b'?'),
    }
    let start = out.len();
    if let Some(pid) = connection.pid {
        let _ = write!(out, "[{pid}]");
    }
    out.len() - start
}

fn short(action: Action) -> &'static str {
    match action {
        Action::ConnectionAttempted => "connect",
        Action::ConnectionAccepted => "accept",
        Action::DatagramSent => "send",
        Action::DatagramReceived => "recv",
        Action::SocketBound => "bind",
        Action::SocketListening => "listen",
    }
}

fn outcome(connection: &Connection<'_>, out: &mut Vec<u8>) {
    let _ = match (connection.outcome, connection.error, connection.exit) {
        (Outcome::Success, ..) => write!(out, "ok"),
        (Outcome::InProgress, ..) => write!(out, "in progress"),
        (Outcome::Unknown, ..) => write!(out, "unknown"),
        (Outcome::Failure, Some(error), _) => write!(out, "{error}"),
        (Outcome::Failure, None, Some(exit)) => write!(out, "failed: {exit}"),
        (Outcome::Failure, None, None) => write!(out, "failed"),
    };
    if connection.is_probe {
        out.extend_from_slice(b", probe");
    }
    if connection.is_partial {
        out.extend_from_slice(b", partial");
    }
}

/// The styles of a row and of its outcome.
fn styles(connection: &Connection<'_>) -> (Style, Style) {
    let outcome = match connection.outcome {
        Outcome::Failure => AnsiColor::Red.on_default(),
        Outcome::InProgress => AnsiColor::Yellow.on_default(),
        Outcome::Success | Outcome::Unknown => Style::new(),
    };
    (if connection.is_probe { Style::new().dimmed() } else { Style::new() }, outcome)
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;

//! Counts as a person reads them: a heading that says of how much, and a row each.
//!
//! ```text
//! By process: 3 different, 120 connections; over time from 2024-01-01 00:00, 1 hour each
//!   COUNT   SHARE  OVER TIME                 PROCESS  FIRST             LAST
//!     100    83 %  ▁▁▁▂▂▂▂▃▃▃▃▅▅▅▅▆▆▆▆▇▇██▁  curl     2024-01-01 00:00  2024-01-01 23:59
//! ```

use std::io::Write as _;

use super::columns;
use crate::counts::{Columns, Row, values};
use crate::output::clock::Clock;
use crate::output::columns::{cut, width};
use crate::output::escape;
use crate::summary::Table;
use crate::time::LAST;

/// The heights of a sparkline; a dot where there was nothing.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How wide a terminal has to be to show first and last times too.
const WIDE: usize = 110;

/// How much of a value is shown at least, and where there is no terminal at most.
const NARROWEST: usize = 12;
const WIDEST: usize = 400;

pub(super) fn table(table: &Table, top: usize, terminal: Option<usize>, out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.push(b'\n');
    }
    let columns = columns(table);
    heading(table, columns, out);
    let rows = table.counts.top(top);
    if rows.is_empty() {
        return;
    }
    let with_times = terminal.is_none_or(|terminal| terminal >= WIDE);
    let mut cells: Vec<Vec<String>> = vec![head(table, with_times)];
    cells.extend(rows.iter().map(|row| line(table, row, columns, with_times)));
    let names = table.by.len();
    let taken = 2 + 7 + 2 + 7 + 2 + 24 + if with_times { 36 } else { 0 };
    let room = terminal.map_or(WIDEST, |terminal| {
        (terminal.saturating_sub(taken) / names).saturating_sub(2).max(NARROWEST)
    });
    for row in &mut cells {
        for cell in &mut row[3..3 + names] {
            let whole = std::mem::take(cell);
            cut(&whole, room, 0, cell);
        }
    }
    write(&cells, out);
    rest(table, &rows, out);
}

fn heading(table: &Table, columns: Option<Columns>, out: &mut Vec<u8>) {
    let _ = write!(
        out,
        "By {}: {} different, {}",
        table.name(),
        number(table.counts.different()),
        counted(table.connections, "connection")
    );
    if table.without > 0 {
        let _ = write!(out, ", {} without", number(table.without));
    }
    if let Some(columns) = columns {
        let start = minute(columns.start);
        let _ = write!(out, "; over time from {start} UTC, {} each", length(columns.width));
    }
    out.push(b'\n');
}

fn head(table: &Table, with_times: bool) -> Vec<String> {
    let mut head: Vec<String> = ["COUNT", "SHARE", "OVER TIME"].map(str::to_string).to_vec();
    head.extend(table.by.iter().map(|by| by.name.to_uppercase()));
    if with_times {
        head.extend(["FIRST", "LAST"].map(str::to_string));
    }
    head
}

fn line(table: &Table, row: &Row<'_>, columns: Option<Columns>, with_times: bool) -> Vec<String> {
    let share = 100.0 * row.count as f64 / table.connections.max(1) as f64;
    let share = match share {
        9.95.. => format!("{share:.0} %"),
        0.05.. => format!("{share:.1} %"),
        _ => "<0.1 %".to_string(),
    };
    let heights = columns.map_or_else(Vec::new, |columns| columns.heights(row.slots()));
    let mut line = vec![number(row.count), share, sparkline(&heights)];
    line.extend(values(row.key).iter().map(|value| match value {
        Some(value) => {
            let mut out = Vec::new();
            escape::word(value, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
        None => "-".to_string(),
    }));
    if with_times {
        line.extend([minute(row.first), minute(row.last)]);
    }
    line
}

/// Columns by their heights, the highest of the row as high as can be.
fn sparkline(heights: &[u64]) -> String {
    let most = heights.iter().copied().max().unwrap_or(0).max(1);
    let one = |height: &u64| match height {
        0 => '·',
        height => {
            let step = (u128::from(*height) * 8).div_ceil(u128::from(most)) as usize;
            HEIGHTS[step.clamp(1, 8) - 1]
        }
    };
    heights.iter().map(one).collect()
}

/// Writes cells, each column as wide as it needs to be, the first two to the right.
fn write(rows: &[Vec<String>], out: &mut Vec<u8>) {
    let widest = |at: usize| rows.iter().filter_map(move |row| row.get(at)).map(|cell| width(cell));
    let widths: Vec<usize> = (0..rows[0].len()).map(|at| widest(at).max().unwrap_or(0)).collect();
    for row in rows {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let blank = " ".repeat(widths[at] - width(cell));
            let (before, after) = if at < 2 { (&*blank, "") } else { ("", &*blank) };
            line += &format!("  {before}{cell}{after}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// Says what is not in the rows.
fn rest(table: &Table, rows: &[Row<'_>], out: &mut Vec<u8>) {
    let (dropped, times) = table.counts.dropped();
    let more = table.counts.different() - dropped - rows.len() as u64;
    if more > 0 {
        let shown: u64 = rows.iter().map(|row| row.count).sum();
        let left = table.counts.total() - shown - times;
        let _ = writeln!(out, "  and {} more, seen {}", number(more), counted(left, "time"));
    }
    if dropped > 0 {
        let _ = writeln!(
            out,
            "  {} seen least were let go for want of room, with {}; a count may be too low by {}",
            number(dropped),
            counted(times, "connection"),
            number(table.counts.missed())
        );
    }
}

fn minute(millis: u64) -> String {
    let mut out = Vec::new();
    Clock::plain().write(millis.min(LAST), &mut out);
    out.truncate(16);
    String::from_utf8_lossy(&out).into_owned()
}

fn length(millis: u64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let seconds = millis / 1000;
    let whole = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    whole.map_or_else(String::new, |(unit, name)| counted(seconds / unit, name))
}

fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut said = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

fn counted(count: u64, one: &str) -> String {
    format!("{} {one}{}", number(count), if count == 1 { "" } else { "s" })
}

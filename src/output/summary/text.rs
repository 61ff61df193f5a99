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
use crate::output::alerts::wrap::broken;
use crate::output::clock::Clock;
use crate::output::columns::{cut, width};
use crate::output::escape;
use crate::summary::Table;
use crate::time::LAST;

/// The heights of a sparkline; a dot where there was nothing.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How wide a terminal has to be to show first and last times too.
const WIDE: usize = 110;

/// How wide to have room for a drawing of what was when.
const DRAWN: usize = 60;

/// How much of a value is shown at least, and where there is no terminal at most.
const NARROWEST: usize = 12;
const WIDEST: usize = 400;

pub(super) fn table(table: &Table, top: usize, terminal: Option<usize>, out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.push(b'\n');
    }
    let columns = columns(table);
    heading(table, columns, terminal, out);
    let rows = table.counts.top(top);
    if rows.is_empty() {
        return;
    }
    let with_times = terminal.is_none_or(|terminal| terminal >= WIDE);
    let is_drawn = terminal.is_none_or(|terminal| terminal >= DRAWN);
    let mut cells: Vec<Vec<String>> = vec![head(table, with_times)];
    cells.extend(rows.iter().map(|row| line(table, row, columns, with_times)));
    let (names, mut first) = (table.by.len(), 3);
    if !is_drawn {
        first = 2;
        cells.iter_mut().for_each(|row| drop(row.remove(first)));
    }
    let drawing = if is_drawn { 2 + 24 } else { 0 };
    let taken = 2 + 7 + 2 + 7 + drawing + if with_times { 36 } else { 0 };
    let room = terminal.map_or(WIDEST, |terminal| {
        (terminal.saturating_sub(taken) / names).saturating_sub(2).max(NARROWEST)
    });
    for row in &mut cells {
        for cell in &mut row[first..first + names] {
            let whole = std::mem::take(cell);
            cut(&whole, room, 0, cell);
        }
    }
    write(&cells, out);
    rest(table, &rows, out);
}

fn heading(table: &Table, columns: Option<Columns>, terminal: Option<usize>, out: &mut Vec<u8>) {
    let mut what = format!(
        "By {}: {} different, {}",
        table.name(),
        number(table.counts.different()),
        counted(table.connections, "connection")
    );
    if table.without > 0 {
        what += &format!(", {} without", number(table.without));
    }
    let over_time = columns.map(|columns| {
        let start = minute(columns.start);
        format!("over time from {start} UTC, {} each", length(columns.width))
    });
    let parts: Vec<String> = [what].into_iter().chain(over_time).collect();
    let whole = parts.join("; ");
    let lines = match terminal {
        Some(terminal) if width(&whole) > terminal => {
            parts.iter().flat_map(|part| broken(part, terminal.saturating_sub(2))).collect()
        }
        _ => vec![whole],
    };
    let _ = writeln!(out, "{}", lines.join("\n  "));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::key;
    use crate::summary::By;

    /// What a terminal of that width shows of two programs and their ports.
    fn shown(terminal: usize) -> String {
        let by = ["process", "port"].map(|name| By::named(name).expect("a field"));
        let mut table = Table::new(by.to_vec());
        for (program, port, count) in [("php-fpm8.2", "5432", 40), ("node_exporter", "9091", 2)] {
            for nth in 0..count {
                let mut named = Vec::new();
                key(&[Some(program.as_bytes()), Some(port.as_bytes())], &mut named);
                table.counts.note(&named, 1_704_067_200_000 + nth * 3_600_000, b"");
                table.connections += 1;
            }
        }
        let mut out = Vec::new();
        super::table(&table, 10, Some(terminal), &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn no_line_is_wider_than_a_terminal_of_forty_columns_or_more() {
        for terminal in 40..130 {
            let shown = shown(terminal);
            for line in shown.lines() {
                assert!(width(line) <= terminal, "{terminal}: {line}");
            }
            assert!(shown.contains("php-fpm8.2 ") && shown.contains("5432"), "{shown}");
        }
    }

    #[test]
    fn what_was_when_is_drawn_where_there_is_room_and_the_heading_has_a_line_for_it() {
        let [narrow, usual, wide] = [59, 80, 120].map(shown);
        assert!(!narrow.contains("OVER TIME") && usual.contains("OVER TIME"));
        let heading = "By process, port: 2 different, 42 connections";
        assert!(usual.starts_with(&format!("{heading}\n  over time from 2024-01-01 00:00 UTC, ")));
        assert!(wide.starts_with(&format!("{heading}; over time from 2024-01-01 00:00 UTC, ")));
    }
}

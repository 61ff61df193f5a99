//! What was read: the files with their sizes and hashes, what became of their lines, and what was
//! wrong with them.

use super::page::Page;
use super::table::{Cell, Column, table};
use super::words::{counted as number_of, many, minute, number};
use super::{Counted, File, Reading, Report, Traffic, section};

/// How many files are listed.
const FILES: usize = 500;

/// How many doubts.
const DOUBTS: usize = 100;

/// Beyond so many files they are folded away.
const OPEN: usize = 12;

pub(super) fn write(report: &Report<'_>, counted: &Counted<'_>, page: &mut Page) {
    section(page, "read", "What was read", |page| {
        if report.readings.is_empty() {
            page.line("p", "", "No log was read: this is what a state knows.");
        }
        if let Some((first, last)) = span(counted.traffic) {
            let what = if counted.is_of_facts { "Facts" } else { "Connections" };
            let said = format!("{what} from {} to {} UTC.", minute(first), minute(last));
            page.line("p", "", &said);
        }
        for (at, reading) in report.readings.iter().enumerate() {
            one(reading, at, page);
        }
        if let Some(state) = &report.state {
            page.line("p", "", "What earlier runs have learnt is in a state. It was only read.");
            files(&[state], "state", "The state", page);
        }
    });
}

/// The first and the last moment of any connection, also of those that are far from all others.
fn span(traffic: &Traffic) -> Option<(u64, u64)> {
    let hosts = traffic.hosts.top(usize::MAX);
    let first = hosts.iter().map(|host| host.first).min()?;
    Some((first, hosts.iter().map(|host| host.last).max()?))
}

fn one(reading: &Reading, at: usize, page: &mut Page) {
    let (id, caption) = match reading.is_only_learnt {
        true => (format!("learnt-{at}"), "Logs that were only learnt from"),
        false => (format!("judged-{at}"), "Logs that were judged"),
    };
    let all: Vec<&File> = reading.files.iter().collect();
    if all.len() <= OPEN {
        files(&all, &id, caption, page);
    } else {
        page.element("details", &[], |page| {
            let bytes: u64 = all.iter().filter_map(|file| file.bytes).sum();
            let size = number_of(bytes, "byte");
            let number = number_of(all.len() as u64, "file");
            page.line("summary", "", &format!("{caption}: {number}, {size}"));
            files(&all, &id, caption, page);
        });
    }
    page.element("dl", &[("class", "counts")], |page| {
        for (what, count) in &reading.counts {
            page.element("div", &[], |page| {
                page.line("dt", "", what);
                page.line("dd", "", &number(*count));
            });
        }
    });
    let counted_as = |name: &str| reading.counts.iter().find(|(what, _)| *what == name);
    if let Some((_, lost @ 1..)) = counted_as("lost") {
        let said = format!(
            "The serial numbers have gaps: {} may be missing, because they were not logged, were \
             lost, or lie in other files.",
            number_of(*lost, "event")
        );
        page.line("p", "", &said);
    }
    if reading.doubts.is_empty() {
        page.line("p", "quiet", "Every line was understood, and every file read to its end.");
    } else {
        page.line("h3", "", "Complaints");
        page.element("ul", &[("class", "doubts")], |page| {
            for doubt in reading.doubts.iter().take(DOUBTS) {
                page.line("li", "", doubt);
            }
        });
        left_out(reading.doubts.len(), DOUBTS, "complaint", page);
    }
}

fn files(all: &[&File], id: &str, caption: &str, page: &mut Page) {
    let columns = [
        Column("File", false),
        Column("Bytes", true),
        Column("SHA-256", false),
        Column("Host by default", false),
    ];
    // A state is of many hosts.
    let has_hosts = all.iter().any(|file| !file.host.is_empty());
    let columns = &columns[..if has_hosts { 4 } else { 3 }];
    let row = |file: &&File| {
        let mut row = vec![
            Cell::Code(file.name.clone()),
            file.bytes.map_or(Cell::Text("not known".to_string()), Cell::Number),
            match &file.hash {
                Ok(hash) => Cell::Code(hash.clone()),
                Err(reason) => Cell::Text(reason.clone()),
            },
        ];
        row.extend(has_hosts.then(|| Cell::Text(file.host.clone())));
        row
    };
    let rows: Vec<Vec<Cell>> = all.iter().take(FILES).map(row).collect();
    table(page, id, caption, columns, &rows);
    left_out(all.len(), FILES, "file", page);
}

/// Says how many of something are not there.
pub(super) fn left_out(all: usize, shown: usize, one: &str, page: &mut Page) {
    if let more @ 1.. = all.saturating_sub(shown) {
        let what = if more == 1 { one.to_string() } else { many(one) };
        page.line("p", "left-out", &format!("Left out: {} more {what}.", number(more as u64)));
    }
}

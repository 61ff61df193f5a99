//! Which processes connected, those with most destinations first.

use super::destinations::{ONLY_KEPT, share};
use super::page::{Page, named};
use super::read::left_out;
use super::table::{Cell, Column, table};
use super::words::{about, minute, number};
use super::{Counted, section};

/// How many processes are listed.
const LISTED: usize = 100;

pub(super) fn write(counted: &Counted<'_>, page: &mut Page) {
    section(page, "processes", "Processes", |page| {
        let processes = &counted.traffic.processes;
        if counted.is_of_facts {
            page.line("p", "note", ONLY_KEPT);
        }
        let mut all = processes.top(usize::MAX);
        if all.is_empty() {
            return page.line("p", "", "No process connected.");
        }
        // As they come, those with most connections first.
        all.sort_by_key(|row| std::cmp::Reverse(row.others.number));
        let columns = [
            Column("Process", false),
            Column("Destinations", true),
            Column("Connections", true),
            Column("Share", false),
            Column("First (UTC)", false),
            Column("Last (UTC)", false),
        ];
        let rows: Vec<Vec<Cell>> = all
            .iter()
            .take(LISTED)
            .map(|row| {
                vec![
                    Cell::Code(named(row.key)),
                    Cell::Text(about(row.others)),
                    Cell::Number(row.count),
                    share(row.count, processes.total()),
                    Cell::Text(minute(row.first)),
                    Cell::Text(minute(row.last)),
                ]
            })
            .collect();
        let caption = "Processes by number of different destinations";
        table(page, "process-table", caption, &columns, &rows);
        left_out(all.len(), LISTED, "process name", page);
        let (rows, times) = processes.dropped();
        if rows > 0 {
            let said = format!(
                "Left out, for there were too many to count each: {} names that connected least, \
                 with {} connections.",
                number(rows),
                number(times)
            );
            page.line("p", "left-out", &said);
        }
    });
}

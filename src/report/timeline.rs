//! When there was what: a row of columns for each host, with the buckets that alerts are of.
//!
//! Rows are drawn without text, so that they may be stretched to any width; what is written stands
//! beside them.

use super::page::{Page, named};
use super::read::left_out;
use super::words::{counted as number_of, duration, minute, number};
use super::{Counted, Report, section};
use crate::counts::{Columns, Row};

/// How many hosts are drawn.
const HOSTS: usize = 60;

/// How many columns a row has at most.
const COLUMNS: usize = 168;

/// How high a row is drawn.
const HEIGHT: u64 = 100;

pub(super) fn write(report: &Report<'_>, counted: &Counted<'_>, page: &mut Page) {
    let counts = &counted.traffic.hosts;
    let what = if counted.is_of_facts { "values seen" } else { "connections" };
    section(page, "timeline", "Timeline", |page| {
        let Some(range) = counts.range() else {
            return page.line("p", "", "There is nothing to draw.");
        };
        let columns = range.columns(COLUMNS);
        page.line(
            "p",
            "",
            &format!(
                "The {what} of each host over time, a column for each {}. The highest column of a \
                 host is as high as its row; heights are square roots, so that little is seen \
                 beside much. Marked are the times of alerts.",
                one_of(columns.width)
            ),
        );
        let rows = counts.top(HOSTS);
        page.element("div", &[("class", "timeline")], |page| {
            for row in &rows {
                host(report, row, columns, what, page);
            }
            axis(columns.start, columns.end(), page);
        });
        left_out(usize::try_from(counts.different()).unwrap_or(0), rows.len(), "host", page);
        for (count, side) in [(range.before, "before"), (range.after, "after")] {
            if count > 0 {
                let said = format!("Not drawn: {} of times far {side} this.", number(count));
                page.line("p", "left-out", &said);
            }
        }
    });
}

/// The first and the last moment of a drawing, below it.
pub(super) fn axis(start: u64, end: u64, page: &mut Page) {
    page.element("p", &[("class", "axis"), ("aria-hidden", "true")], |page| {
        page.line("span", "", &minute(start));
        page.line("span", "", &minute(end));
    });
}

fn one_of(width: u64) -> String {
    let length = duration(width);
    length.strip_prefix("1 ").map_or(length.clone(), str::to_string)
}

fn host(report: &Report<'_>, row: &Row<'_>, columns: Columns, what: &str, page: &mut Page) {
    let name = named(row.key);
    let heights = columns.heights(row.slots());
    let alerts = alerts(report, row.key, columns);
    page.element("div", &[("class", "host")], |page| {
        page.line("h3", "", &name);
        page.line("p", "quiet", &format!("{} {what}", number(row.count)));
        let with_alerts = alerts.iter().filter(|is| **is).count() as u64;
        let busiest = (0..heights.len()).rev().max_by_key(|at| heights[*at]).unwrap_or(0);
        let said = format!(
            "{} {what} between {} and {}; most, {}, in the {} from {}; {} with alerts.",
            number(row.count),
            minute(row.first),
            minute(row.last),
            number(heights[busiest]),
            duration(columns.width),
            minute(columns.start + columns.width * busiest as u64),
            number_of(with_alerts, "column"),
        );
        draw(&format!("Timeline of {name}"), &said, &heights, &alerts, page);
    });
}

/// Which columns have alerts of a host.
fn alerts(report: &Report<'_>, host: &[u8], columns: Columns) -> Vec<bool> {
    let mut has = vec![false; columns.number];
    for alert in report.judged.iter().flat_map(|judged| &judged.alerts) {
        if alert.is_shown() && alert.hosts.iter().any(|known| known == host) {
            // A bucket may begin before the first column and end in it.
            let start = alert.bucket_start_ms.max(columns.start);
            columns.of(start).into_iter().for_each(|at| has[at] = true);
        }
    }
    has
}

fn draw(title: &str, said: &str, heights: &[u64], marks: &[bool], page: &mut Page) {
    let most = heights.iter().copied().max().unwrap_or(0).max(1);
    let size = format!("0 0 {} {}", heights.len(), HEIGHT + 20);
    let about = [("viewBox", &*size), ("preserveAspectRatio", "none"), ("role", "img")];
    page.element("svg", &about, |page| {
        page.line("title", "", title);
        page.line("desc", "", said);
        for (at, is_marked) in marks.iter().enumerate() {
            if *is_marked {
                let (x, height) = (at.to_string(), (HEIGHT + 20).to_string());
                let mark = [("class", "mark"), ("x", &*x), ("width", "1"), ("height", &*height)];
                page.element("rect", &mark, |_| {});
            }
        }
        for (at, count) in heights.iter().enumerate().filter(|(_, count)| **count > 0) {
            let part = (*count as f64 / most as f64).sqrt() * HEIGHT as f64;
            let height = (part as u64).max(4);
            let (x, y) = (format!("{at}.1"), (HEIGHT + 20 - height).to_string());
            let height = height.to_string();
            let class = if marks[at] { "column marked" } else { "column" };
            let column = [("class", class), ("x", &*x), ("y", &*y), ("width", "0.8")];
            let column = [column[0], column[1], column[2], column[3], ("height", &*height)];
            page.element("rect", &column, |_| {});
        }
    });
}

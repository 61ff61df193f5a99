//! The front of a report: what it is about, how much was found, and where to find it; and its end.

use super::page::{Page, named};
use super::words::{between, counted as number_of, many, number};
use super::{Counted, Judged, Report};

/// How many hosts are named in a heading.
const NAMED: usize = 3;

/// The parts of a report by their ids, as they are listed at its front.
const PARTS: [(&str, &str); 7] = [
    ("read", "What was read"),
    ("alerts", "Alerts"),
    ("timeline", "Timeline"),
    ("values", "Rare values"),
    ("destinations", "Destinations"),
    ("processes", "Processes"),
    ("aside", "Set aside"),
];

/// The hosts that a report is about, in words.
pub(super) fn hosts(report: &Report<'_>) -> String {
    let Some(traffic) = report.traffic else {
        return report.state.as_ref().map_or(String::new(), |state| state.name.clone());
    };
    let mut names: Vec<String> =
        traffic.hosts.top(NAMED).iter().map(|row| named(row.key)).collect();
    if let more @ 1.. = traffic.hosts.different().saturating_sub(names.len() as u64) {
        names.push(format!("{} more", number(more)));
    }
    match names.split_last() {
        None => "no connections".to_string(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// Writes the front.
pub(super) fn write(report: &Report<'_>, counted: &Counted<'_>, page: &mut Page) {
    let shown = report.shown();
    page.element("header", &[("class", "front")], |page| {
        page.line("p", "maker", "oddsock report");
        page.element("h1", &[], |page| {
            page.text(&match shown.len() {
                0 => "Nothing unusual was found".to_string(),
                some => format!("{} of unusual connections", number_of(some as u64, "alert")),
            });
        });
        page.line("p", "about", &about(report, counted));
        page.element("dl", &[("class", "figures")], |page| {
            for (figure, what) in figures(report) {
                page.element("div", &[], |page| {
                    page.line("dt", "", &what);
                    page.line("dd", "", &figure);
                });
            }
        });
        report.judged.iter().for_each(|judged| learning(judged, page));
    });
    page.element("nav", &[("aria-label", "Parts of this report")], |page| {
        page.element("ul", &[], |page| {
            for (id, name) in PARTS {
                page.element("li", &[], |page| page.link(id, name));
            }
        });
    });
}

/// `web and db, 2024-01-01 00:00–2024-01-14 23:45 UTC`
fn about(report: &Report<'_>, counted: &Counted<'_>) -> String {
    let mut about = hosts(report);
    if let Some(range) = counted.traffic.hosts.range() {
        about += &format!(", {} UTC", between(range.start, range.end));
    }
    match report.period {
        None => about,
        Some((0, to)) => format!("{about}; judged until {} UTC", super::words::minute(to)),
        Some((from, u64::MAX)) => {
            format!("{about}; judged from {} UTC on", super::words::minute(from))
        }
        Some((from, to)) => format!("{about}; judged {} UTC", between(from, to)),
    }
}

fn figures(report: &Report<'_>) -> Vec<(String, String)> {
    let summary = report.summary();
    let figure = |count: u64, one: &str| {
        (number(count), if count == 1 { one.to_string() } else { many(one) })
    };
    let mut figures = vec![figure(summary.alerts, "alert")];
    if let Some(traffic) = report.traffic {
        figures.push(figure(traffic.hosts.total(), "connection"));
        figures.push(figure(traffic.hosts.different(), "host"));
        figures.push(figure(traffic.processes.different(), "process"));
        figures.push(figure(traffic.destinations.different(), "destination"));
    }
    let aside = summary.expected + summary.provisional + summary.excepted + summary.beyond;
    figures.push((number(aside), "set aside".to_string()));
    figures
}

/// Says where too little is known.
fn learning(judged: &Judged<'_>, page: &mut Page) {
    let Some((known, needed)) = judged.learning else { return };
    page.element("p", &[("class", "note")], |page| {
        page.line("strong", "", &judged.rule.title);
        page.text(&format!(
            " is still learning what is usual: it knows {} of about {needed}. What it finds until \
             then is provisional, and is set aside.",
            number_of(known.into(), "active bucket")
        ));
    });
}

/// Writes the end.
pub(super) fn end(report: &Report<'_>, page: &mut Page) {
    page.element("footer", &[], |page| {
        let version = env!("CARGO_PKG_VERSION");
        let made = report.made.as_ref().map_or(String::new(), |made| format!(" on {made}"));
        page.line("p", "", &format!("Made by oddsock {version}{made}. All times are UTC."));
        page.line(
            "p",
            "",
            "This file needs nothing else: it has no script and loads nothing. Characters of a \
             log that cannot be seen, or that change how others are seen, are spelled out with \
             backslashes.",
        );
    });
}

//! The alerts, the highest scores first, each with everything that one asks next.

use super::page::{Page, named};
use super::read::left_out;
use super::table::{Cell, Column, table};
use super::words::{about, between, counted, minute, number};
use super::{Report, section};
use crate::alert::{self, Alert};
use crate::engine::Number;
use crate::output::alerts::document::Document;
use crate::output::alerts::{particulars, text};

/// How many alerts are told whole, and how many more in a line each.
const WHOLE: usize = 150;
const LISTED: usize = 1000;

/// Up to so many, the index is open.
const OPEN: usize = 20;

/// Beyond so many alerts there is an index of them.
const INDEXED: usize = 3;

/// How many of the values that events had in common are told.
const COMMON: usize = 5;

pub(super) fn write(report: &Report<'_>, page: &mut Page) {
    let shown = report.shown();
    section(page, "alerts", "Alerts", |page| {
        if shown.is_empty() {
            let rules = counted(report.judged.len() as u64, "rule");
            page.line("p", "", &format!("None of {rules} found anything to tell."));
        }
        if shown.len() > INDEXED {
            index(&shown[..shown.len().min(WHOLE)], page);
        }
        for alert in shown.iter().take(WHOLE) {
            whole(report, alert, page);
        }
        let others = &shown[shown.len().min(WHOLE)..];
        if !others.is_empty() {
            let rows: Vec<Vec<Cell>> = others.iter().take(LISTED).map(|one| line(one)).collect();
            table(page, "more-alerts", "The other alerts", &LINE, &rows);
            left_out(others.len(), LISTED, "alert", page);
        }
        next_steps(&shown, page);
    });
}

/// The columns of alerts that are told in a line.
pub(super) const LINE: [Column; 6] = [
    Column("What", false),
    Column("Score", true),
    Column("When (UTC)", false),
    Column("Where", false),
    Column("Rule", false),
    Column("Id", false),
];

/// An alert in a line.
pub(super) fn line(alert: &Alert) -> Vec<Cell> {
    let places: Vec<String> = alert.hosts.iter().take(COMMON).map(|host| named(host)).collect();
    vec![
        Cell::Text(alert::values(alert)),
        Cell::Text(alert::points(alert.finding.score)),
        Cell::Text(minute(alert.bucket_start_ms)),
        Cell::Text(places.join(", ")),
        Cell::Text(alert.rule.title.clone()),
        Cell::Code(alert.id.clone()),
    ]
}

/// The alerts that are told whole, a line each, with links.
fn index(alerts: &[&Alert], page: &mut Page) {
    let row = |alert: &&Alert| {
        let mut row = line(alert);
        row.pop();
        row[0] = Cell::Link(format!("alert-{}", alert.id), alert::values(alert));
        row
    };
    let rows: Vec<Vec<Cell>> = alerts.iter().map(row).collect();
    let fill = |page: &mut Page| {
        table(page, "index", "Alerts, the highest scores first", &LINE[..5], &rows);
    };
    if alerts.len() <= OPEN {
        return fill(page);
    }
    page.element("details", &[], |page| {
        page.line("summary", "", &format!("All {} in a line each", alerts.len()));
        fill(page);
    });
}

fn whole(report: &Report<'_>, alert: &Alert, page: &mut Page) {
    let documents = Document::all(&alert.evidence);
    let ends: Vec<String> = documents.iter().filter_map(particulars::end).collect();
    let (id, label) = (format!("alert-{}", alert.id), format!("heading-{}", alert.id));
    let article = [("class", "alert"), ("id", &*id), ("aria-labelledby", &*label)];
    page.element("article", &article, |page| {
        page.element("header", &[], |page| {
            page.element("p", &[("class", "score")], |page| {
                page.line("span", "unseen", "Score ");
                page.text(&alert::points(alert.finding.score));
            });
            page.element("h3", &[("id", &*label)], |page| {
                page.text(&text::headline(alert, &ends));
            });
            page.line("p", "when", &when(alert));
        });
        page.line("p", "why", &format!("{}.", alert.why));
        page.element("dl", &[("class", "facts")], |page| facts(report, alert, &documents, page));
        page.element("details", &[("class", "factors")], |page| {
            page.line("summary", "", "How the score came about");
            factors(alert, page);
        });
        if !documents.is_empty() {
            page.element("details", &[("class", "evidence")], |page| {
                let kept = counted(documents.len() as u64, "event");
                let all = about(alert.connections);
                page.line("summary", "", &format!("Evidence: {kept} kept, of {all}"));
                evidence(alert, &documents, page);
            });
        }
        page.element("p", &[("class", "command")], |page| {
            let (said, command) = match &report.explain {
                Some(with) => (
                    "Every number and the raw records: ",
                    format!("oddsock explain {}{with}", alert.id),
                ),
                None => ("Id: ", alert.id.clone()),
            };
            page.text(said);
            page.command(&command);
        });
    });
}

fn when(alert: &Alert) -> String {
    let rule = &alert.rule;
    let end = alert.bucket_start_ms + u64::from(rule.question.span.seconds()) * 1000;
    let (severity, risk) = (rule.severity, rule.risk_score);
    let when = between(alert.bucket_start_ms, end);
    format!("{when} UTC · {severity}, risk {risk} · {}", rule.title)
}

fn facts(report: &Report<'_>, alert: &Alert, documents: &[Document], page: &mut Page) {
    let each = |of: &dyn Fn(&Document) -> Option<String>| {
        let mut all: Vec<String> = documents.iter().filter_map(of).collect();
        let mut known = std::collections::BTreeSet::new();
        all.retain(|said| known.insert(said.clone()));
        all.truncate(COMMON);
        all
    };
    let peer = |document: &Document| particulars::peer(document, report.places);
    for (what, all, is_code) in [
        ("Who", each(&particulars::user), false),
        ("Ran", each(&particulars::command), true),
        ("Program", each(&particulars::process), true),
        ("Address", each(&peer), false),
        ("Past", vec![past(alert)], false),
        ("In common", common(alert), false),
        ("ATT&CK", attack(alert), false),
    ] {
        if all.is_empty() {
            continue;
        }
        page.element("div", &[], |page| {
            page.line("dt", "", what);
            for said in &all {
                page.element("dd", &[], |page| match is_code {
                    true => page.line("code", "", said),
                    false => page.text(said),
                });
            }
        });
    }
}

/// Since when, how often, by how many and how regularly it was seen.
fn past(alert: &Alert) -> String {
    let history = &alert.history;
    let mut parts = vec![match history.last_seen_ms {
        None => "first seen now".to_string(),
        Some(last) => {
            format!("first seen {}, before this {}", minute(history.first_seen_ms), minute(last))
        }
    }];
    let (seen, all) = (history.buckets_seen, history.buckets_total);
    parts.push(format!("in {} of {} active buckets", number(seen), number(all)));
    if history.hosts.number > 0 {
        let plural = if history.hosts.number == 1 { "" } else { "s" };
        parts.push(format!("on {} host{plural}", about(history.hosts)));
    }
    parts.push(text::rhythm(history.cadence.as_ref()));
    parts.join("; ")
}

/// What its events have in common, in a line for each field.
fn common(alert: &Alert) -> Vec<String> {
    let told = |influencer: &alert::Influencer| {
        let one =
            |(value, count): &(Vec<u8>, Number)| format!("{} ({})", short(value), about(*count));
        let mut values: Vec<String> = influencer.values.iter().take(COMMON).map(one).collect();
        if let more @ 1.. = influencer.number.number.saturating_sub(values.len() as u64) {
            values.push(format!("{} more", about(Number { number: more, ..influencer.number })));
        }
        format!("{}: {}", named(influencer.field.as_bytes()), values.join(", "))
    };
    alert.influencers.iter().map(told).collect()
}

/// A name that stands beside others.
fn short(name: &[u8]) -> String {
    let said = named(name);
    match said.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said,
    }
}

fn attack(alert: &Alert) -> Vec<String> {
    let threat = |threat: &crate::rules::rule::Threat| {
        let ids: Vec<&str> = threat.techniques.iter().map(|one| one.id.as_str()).collect();
        let known = if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) };
        format!("{}{known}", threat.tactic.name)
    };
    let all: Vec<String> = alert.rule.threats.iter().map(threat).collect();
    if all.is_empty() { all } else { vec![all.join("; ")] }
}

fn factors(alert: &Alert, page: &mut Page) {
    let columns = [Column("Number", false), Column("Value", true), Column("Meaning", false)];
    let rows: Vec<Vec<Cell>> = alert::factors(alert)
        .into_iter()
        .map(|one| {
            vec![Cell::Text(one.name.to_string()), Cell::Text(one.value), Cell::Text(one.meaning)]
        })
        .collect();
    let caption = format!("The numbers behind the score of {}", alert::values(alert));
    table(page, &format!("factors-{}", alert.id), &caption, &columns, &rows);
}

fn evidence(alert: &Alert, documents: &[Document], page: &mut Page) {
    let columns = [
        Column("Time (UTC)", false),
        Column("Host", false),
        Column("User", false),
        Column("Command", false),
        Column("Address", false),
        Column("Outcome", false),
        Column("Event", false),
    ];
    let row = |document: &Document| {
        let said = |name: &str| document.first(name).map_or(String::new(), |value| named(&value));
        let time = said("@timestamp").replace('T', " ").trim_end_matches('Z').to_string();
        vec![
            Cell::Text(time),
            Cell::Text(said("host.name")),
            Cell::Text(particulars::user(document).unwrap_or_default()),
            Cell::Code(particulars::command(document).unwrap_or_default()),
            Cell::Text(particulars::peer(document, None).unwrap_or_default()),
            Cell::Text(said("event.outcome")),
            Cell::Code(said("event.id")),
        ]
    };
    let rows: Vec<Vec<Cell>> = documents.iter().map(row).collect();
    let caption = format!("Events behind {}", alert::values(alert));
    table(page, &format!("events-{}", alert.id), &caption, &columns, &rows);
}

/// What the rules advise, once for each rule.
fn next_steps(shown: &[&Alert], page: &mut Page) {
    let mut advised = std::collections::BTreeSet::new();
    for alert in shown.iter().filter(|alert| advised.insert(&alert.rule.name)) {
        let rule = &alert.rule;
        page.element("details", &[("class", "advice")], |page| {
            page.line("summary", "", &format!("{}: what it means, what to do next", rule.title));
            page.line("p", "", &rule.description);
            if !rule.next_steps.is_empty() {
                page.element("ol", &[], |page| {
                    rule.next_steps.iter().for_each(|step| page.line("li", "", step));
                });
            }
            if !rule.false_positives.is_empty() {
                page.line("p", "", "What else it may be:");
                page.element("ul", &[], |page| {
                    rule.false_positives.iter().for_each(|one| page.line("li", "", one));
                });
            }
        });
    }
}

//! What was found and is nobody to be told of unasked: expected, provisional, excepted. It is
//! counted, and listed where somebody unfolds it.

use super::alerts::{LINE, line};
use super::page::Page;
use super::read::left_out;
use super::table::{Cell, Column, table};
use super::words::{counted, number};
use super::{Report, section};
use crate::alert::Alert;

/// How many of each kind are listed.
const LISTED: usize = 300;

pub(super) fn write(report: &Report<'_>, page: &mut Page) {
    let all: Vec<&Alert> = report.judged.iter().flat_map(|judged| &judged.alerts).collect();
    let kind = |is: &dyn Fn(&Alert) -> bool| -> Vec<&Alert> {
        all.iter().copied().filter(|alert| is(alert)).collect()
    };
    let excepted = kind(&|alert| alert.excepted.is_some());
    let expected = kind(&|alert| alert.excepted.is_none() && alert.is_expected);
    let provisional =
        kind(&|alert| alert.excepted.is_none() && !alert.is_expected && alert.is_provisional);
    section(page, "aside", "Set aside", |page| {
        for (id, what, reason, alerts) in [
            ("excepted", "excepted", "somebody has said that they are expected", excepted),
            ("expected", "expected", "they came when they were due, or keep coming", expected),
            ("provisional", "provisional", "too little was known yet", provisional),
        ] {
            if alerts.is_empty() {
                page.line("p", "", &format!("Nothing is {what}."));
                continue;
            }
            page.element("details", &[("id", id)], |page| {
                let count = number(alerts.len() as u64);
                page.line("summary", "", &format!("{count} {what}: {reason}"));
                list(id, what, alerts, page);
            });
        }
        if let beyond @ 1.. = report.summary().beyond {
            let said = format!(
                "Beyond what a rule may tell at once, and not kept: {}.",
                counted(beyond, "alert")
            );
            page.line("p", "", &said);
        }
    });
}

fn list(id: &str, what: &str, mut alerts: Vec<&Alert>, page: &mut Page) {
    alerts.sort_by(|a, b| {
        let by_score = b.finding.score.total_cmp(&a.finding.score);
        by_score.then_with(|| a.bucket_start_ms.cmp(&b.bucket_start_ms)).then(a.id.cmp(&b.id))
    });
    let mut columns = LINE.to_vec();
    let is_excepted = alerts.iter().any(|alert| alert.excepted.is_some());
    columns.extend(is_excepted.then_some(Column("Exception", false)));
    let row = |alert: &&Alert| {
        let mut row = line(alert);
        row.extend(alert.excepted.as_ref().map(|by| Cell::Text(by.clone())));
        row
    };
    let rows: Vec<Vec<Cell>> = alerts.iter().take(LISTED).map(row).collect();
    table(page, &format!("{id}-table"), &format!("What is {what}"), &columns, &rows);
    left_out(alerts.len(), LISTED, "alert", page);
}

//! The account of a reading: one line that says what became of everything that was read.

use std::fmt::Write as _;

use crate::audit::Complaint;
use crate::reading::Report;

/// The account in one line: the lines understood and those complained of make up all lines.
pub fn in_words(report: &Report, connections: u64) -> String {
    let account = &report.account;
    let complained = report.complaints.total();
    let mut words = format!(
        "lines {} = {} understood + {} complained of",
        report.lines,
        report.lines - complained,
        complained
    );
    let reasons: Vec<String> = Complaint::ALL
        .into_iter()
        .filter(|reason| report.complaints.count(*reason) > 0)
        .map(|reason| format!("{} {}", reason.words(), report.complaints.count(reason)))
        .collect();
    if !reasons.is_empty() {
        let _ = write!(words, " ({})", reasons.join(", "));
    }
    let _ = write!(
        words,
        "; records {}; events {}; connections {connections}; gaps {} ({} lost); duplicates {}; \
         partial {}",
        account.records,
        account.events,
        account.gaps,
        account.lost,
        account.duplicates,
        account.partial
    );
    for (name, count) in [
        ("conflicting records", account.conflicting),
        ("late records", account.late),
        ("closed early", account.early),
    ] {
        if count > 0 {
            let _ = write!(words, "; {name} {count}");
        }
    }
    words
}

/// The totals, a line each, for `--count`.
pub fn totals(report: &Report, connections: u64) -> String {
    let mut text = String::new();
    for (name, count) in all(report, connections) {
        let _ = writeln!(text, "{name:<12} {count:>12}");
    }
    text
}

/// The totals as one JSON object, for `--count --format ndjson`.
pub fn totals_json(report: &Report, connections: u64) -> String {
    let mut totals: serde_json::Map<String, serde_json::Value> =
        all(report, connections).map(|(name, count)| (name.to_string(), count.into())).collect();
    let reasons: serde_json::Map<_, _> = Complaint::ALL
        .into_iter()
        .map(|reason| (reason.words().to_string(), report.complaints.count(reason).into()))
        .collect();
    totals.insert("complaints_by_kind".to_string(), reasons.into());
    format!("{}\n", serde_json::Value::from(totals))
}

/// Every total with its name.
pub fn all(report: &Report, connections: u64) -> impl Iterator<Item = (&'static str, u64)> {
    let account = &report.account;
    [
        ("connections", connections),
        ("events", account.events),
        ("records", account.records),
        ("lines", report.lines),
        ("bytes", report.bytes),
        ("complaints", report.complaints.total()),
        ("gaps", account.gaps),
        ("lost", account.lost),
        ("duplicates", account.duplicates),
        ("conflicting", account.conflicting),
        ("partial", account.partial),
        ("late", account.late),
        ("early", account.early),
    ]
    .into_iter()
}

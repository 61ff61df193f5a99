//! Alerts: findings with everything one asks next, from where and by whom to how often before.
//!
//! A rule, its ledger and what the model found in it come in; [`Alert`]s go out, plain values that
//! any format can be made of. Everything in them is as of the finding: an alert that is made again
//! after a year of further facts says the same about what came before it. Nothing here reads a
//! file, asks for the time or knows how an alert will be shown; only names in a sentence are
//! spelled as everywhere ([`crate::output::escape`]).

use std::sync::Arc;

use crate::engine::{Finding, Judgement, Ledger, Number, warm_up};
use crate::rules::Rule;

pub mod exceptions;
pub mod factors;
pub mod history;
mod influence;
pub mod limit;
#[cfg(test)]
pub(crate) mod scene;
mod sources;
pub mod summary;
mod why;
mod words;

pub use factors::{Factor, factors};
pub use history::History;
pub use influence::Influencer;
pub use limit::limit;
pub use summary::Summary;
pub(crate) use words::number;

/// Something to tell somebody about.
#[derive(Clone, PartialEq, Debug)]
pub struct Alert {
    /// Sixteen hex digits that are the same each time the same finding is made.
    pub id: String,
    /// Whose finding it is.
    pub rule: Arc<Rule>,
    /// What was found.
    pub finding: Finding,
    /// When its bucket began, in milliseconds since 1970.
    pub bucket_start_ms: u64,
    /// On which hosts, in their order.
    pub hosts: Vec<Vec<u8>>,
    /// How many they were: of many not all are named.
    pub hosts_number: Number,
    /// How many events there were; an inexact 0 where that was not kept.
    pub connections: Number,
    /// What the events have in common, by the fields that the rule asks for.
    pub influencers: Vec<Influencer>,
    /// What was known of the value before.
    pub history: History,
    /// Some of the events, each the JSON document of a connection, the earliest first.
    pub evidence: Vec<Arc<[u8]>>,
    /// What is unusual about it, in a sentence that can be printed as it is.
    pub why: String,
    /// Whether too little was known to tell what is usual.
    pub is_provisional: bool,
    /// Whether the value came at the time that it always comes.
    pub is_expected: bool,
    /// Which exception it falls under.
    pub excepted: Option<String>,
}

impl Alert {
    /// Whether anybody is to be told unasked.
    pub fn is_shown(&self) -> bool {
        !self.is_provisional && !self.is_expected && self.excepted.is_none()
    }
}

/// The alerts of everything that was found in a ledger, in the order of the findings.
pub fn alerts(rule: &Arc<Rule>, ledger: &Ledger, judgement: &Judgement) -> Vec<Alert> {
    let teller = Teller::of(rule, ledger);
    judgement.findings.iter().map(|finding| teller.alert(finding)).collect()
}

/// Makes alerts of findings in a ledger.
pub struct Teller<'l> {
    rule: &'l Arc<Rule>,
    ledger: &'l Ledger,
    past: history::Past<'l>,
}

impl<'l> Teller<'l> {
    /// Who tells of a rule's findings.
    pub fn of(rule: &'l Arc<Rule>, ledger: &'l Ledger) -> Teller<'l> {
        Teller { rule, ledger, past: history::Past::of(ledger) }
    }

    /// The alert of a finding.
    pub fn alert(&self, finding: &Finding) -> Alert {
        let Teller { rule, ledger, past } = self;
        let question = ledger.question();
        let sources = sources::Sources::of(ledger, finding);
        Alert {
            id: id(rule, ledger, finding),
            rule: Arc::clone(rule),
            finding: finding.clone(),
            bucket_start_ms: question.span.start(finding.bucket),
            hosts: sources.hosts(),
            hosts_number: sources.hosts_number(),
            connections: sources.connections(),
            influencers: sources.influencers(finding.score),
            history: past.history(finding),
            evidence: sources.evidence(),
            why: why::why(rule, question, finding, past, warm_up(question.span)),
            is_provisional: finding.is_provisional,
            is_expected: finding.is_expected(),
            excepted: None,
        }
    }
}

/// What an alert is about, in words that can be printed: `nc`, `port 4444`, `30 new programs`.
pub fn values(alert: &Alert) -> String {
    let by = &alert.rule.question.by;
    match &alert.finding.values[..] {
        [value] => words::subject(by, value),
        values => format!("{} new {}", words::number(values.len() as u64), words::nouns(by).1),
    }
}

/// A score in whole points. It is cut, not rounded: what is shown as 60 has reached 60, and is told
/// by who asks for no less.
pub fn points(score: f64) -> String {
    format!("{:.0}", score.floor())
}

/// The id of a finding: of whose rule it is, what was asked and what was found, and not of how
/// improbable it is, so that later facts do not change it.
pub fn id(rule: &Rule, ledger: &Ledger, finding: &Finding) -> String {
    use crate::engine::hash::{joined, of};
    let question = ledger.question();
    let start = question.span.start(finding.bucket);
    let partition = finding.partition.as_ref().map_or(0, |partition| joined(1, of(partition)));
    // Two rules may ask the same question, and each tells of what it finds.
    let named =
        [&*rule.id, &*question.name, finding.function.name()].map(|name| of(name.as_bytes()));
    let values = finding.values.iter().map(|value| of(value));
    let parts = named.into_iter().chain([start, partition]).chain(values);
    format!("{:016x}", parts.fold(0, joined))
}

#[cfg(test)]
#[path = "alert_tests.rs"]
mod tests;

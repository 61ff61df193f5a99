//! Alerts as JSON, an object a line: the fields that all of the evidence shares, and what makes it
//! an alert.
//!
//! Everything that holds of connections ([`crate::output::ndjson`]) holds here: flat names, nothing
//! null, exact bytes in `oddsock.bytes`. A probability has six digits and a score one after the
//! point, and both are made of the same bits everywhere, so the same facts give the same bytes.
//! Lists are lists even of one: `host.name`, `rule.reference`, `threat.*`. `oddsock.evidence` has
//! the connections as they were, and `oddsock.connections` how many there were in truth.

use std::io::Write;

use super::document::{self, Document};
use super::{RowAlert, Writer, rule};
use crate::alert::{Alert, History, Influencer, factors};
use crate::engine::{Function, Span};
use crate::output::clock::Clock;
use crate::output::json::{self, Object, key};
use crate::rules::{Field, Kind};
use crate::time::LAST;

/// What an alert says for itself, whatever its evidence shares.
const OWN: [&str; 7] = [
    "@timestamp",
    "ecs.version",
    "event.kind",
    "event.id",
    "event.severity",
    "event.risk_score",
    "host.name",
];

/// Writes alerts as JSON.
#[derive(Debug)]
pub struct Ndjson {
    clock: Clock,
    exact: Vec<u8>,
}

impl Ndjson {
    /// A writer.
    pub fn new() -> Ndjson {
        Ndjson { clock: Clock::rfc_3339(), exact: Vec::new() }
    }
}

impl Default for Ndjson {
    fn default() -> Ndjson {
        Ndjson::new()
    }
}

impl Writer for Ndjson {
    fn alert(&mut self, alert: &Alert, out: &mut Vec<u8>) {
        self.exact.clear();
        let documents = Document::all(&alert.evidence);
        out.extend_from_slice(b"{\"@timestamp\":");
        let mut object = Object { out, exact: &mut self.exact };
        time(&mut self.clock, alert.bucket_start_ms, &mut object);
        object.plain(key!("ecs.version"), "8.17.0");
        object.plain(key!("event.kind"), "alert");
        object.plain(key!("event.id"), &alert.id);
        object.number(key!("event.severity"), alert.rule.severity.number());
        object.number(key!("event.risk_score"), alert.rule.risk_score);
        rule::write(&alert.rule, &mut object);
        connection(alert, &documents, &mut object);
        detector(alert, &mut self.clock, &mut object);
        history(&alert.history, &mut self.clock, alert.rule.question.span, &mut object);
        influencers(&alert.influencers, &mut object);
        states(alert, &mut object);
        evidence(alert, &documents, &mut object);
        object.exact_bytes();
        object.out.extend_from_slice(b"}\n");
    }

    fn row(&mut self, alert: &RowAlert, out: &mut Vec<u8>) {
        alert.json(&mut self.clock, &mut self.exact, out);
    }
}

/// Whether an alert has a field of this name for itself.
pub(super) fn is_own(name: &str) -> bool {
    ["rule.", "threat.", "oddsock."].iter().any(|own| name.starts_with(own)) || OWN.contains(&name)
}

/// What the evidence shares, and the rare value under the name of its own field.
fn connection(alert: &Alert, documents: &[Document], object: &mut Object<'_>) {
    let question = &alert.rule.question;
    if !alert.hosts.is_empty() {
        object.list(key!("host.name"), &alert.hosts);
    }
    let mut is_written = is_own(&question.by);
    for field in document::shared(documents) {
        if is_own(&field.name) {
            continue;
        }
        object.named(&field.name);
        if field.name == question.by {
            is_written = true;
            rare(alert, &question.by, object);
            continue;
        }
        object.out.extend_from_slice(field.raw.as_bytes());
        field.exact.iter().for_each(|(name, bytes)| object.note_exact(name, bytes));
    }
    if !is_written {
        object.named(&question.by);
        rare(alert, &question.by, object);
    }
}

/// The rare value as its field has it; of a burst a list.
fn rare(alert: &Alert, name: &str, object: &mut Object<'_>) {
    let values = &alert.finding.values;
    let field = &alert.rule.question.by;
    // Ids are strings though they have only digits: there is nothing to reckon with.
    let is_id = field.ends_with(".id") || field == "auditd.session";
    let is_number = !is_id && Field::named(field).kind() == Kind::Number;
    let is_list = alert.finding.function == Function::Burst || values.len() != 1;
    for (at, value) in values.iter().enumerate() {
        if is_list {
            object.out.push(if at == 0 { b'[' } else { b',' });
        }
        let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok());
        match number.filter(|number| is_number && number.to_string().as_bytes() == &value[..]) {
            Some(number) => json::decimal(number, object.out),
            None if is_list => object.value(&format!("{name}[{at}]"), value),
            None => object.value(name, value),
        }
    }
    if is_list {
        object.out.extend_from_slice(if values.is_empty() { b"[]" } else { b"]" });
    }
}

fn detector(alert: &Alert, clock: &mut Clock, object: &mut Object<'_>) {
    let (question, finding) = (&alert.rule.question, &alert.finding);
    object.text(key!("oddsock.job"), question.name.as_bytes());
    object.plain(key!("oddsock.function"), finding.function.name());
    object.text(key!("oddsock.by_field"), question.by.as_bytes());
    object.key(key!("oddsock.by_value"));
    rare(alert, "oddsock.by_value", object);
    if let (Some(field), Some(value)) = (&question.partition, &finding.partition) {
        object.text(key!("oddsock.partition_field"), field.as_bytes());
        object.text(key!("oddsock.partition"), value);
    }
    object.key(key!("oddsock.bucket.start"));
    time(clock, alert.bucket_start_ms, object);
    object.plain(key!("oddsock.bucket.span"), &question.span.to_string());
    object.key(key!("oddsock.probability"));
    object.out.extend_from_slice(factors::probability(finding.probability).as_bytes());
    object.key(key!("oddsock.score"));
    let _ = write!(object.out, "{:.1}", finding.score);
    object.key(key!("oddsock.threshold"));
    let _ = write!(object.out, "{}", alert.rule.threshold);
    object.text(key!("oddsock.why"), alert.why.as_bytes());
}

fn history(history: &History, clock: &mut Clock, span: Span, object: &mut Object<'_>) {
    object.key(key!("oddsock.history.first_seen"));
    time(clock, history.first_seen_ms, object);
    if let Some(last) = history.last_seen_ms {
        object.key(key!("oddsock.history.last_seen"));
        time(clock, last, object);
    }
    object.number(key!("oddsock.history.buckets_seen"), history.buckets_seen);
    object.number(key!("oddsock.history.buckets_total"), history.buckets_total);
    if history.hosts.number > 0 {
        object.number(key!("oddsock.history.hosts"), history.hosts.number);
        if !history.hosts.is_exact {
            object.key(key!("oddsock.history.hosts_estimated"));
            object.out.extend_from_slice(b"true");
        }
    }
    let cadence = history.cadence.as_ref();
    object.plain(key!("oddsock.history.cadence"), cadence.map_or("none", |c| c.period.name()));
    if let Some(cadence) = cadence {
        object.number(key!("oddsock.history.cadence_kept"), cadence.kept);
        object.key(key!("oddsock.history.cadence_comings"));
        for (at, coming) in cadence.comings.iter().enumerate() {
            object.out.push(if at == 0 { b'[' } else { b',' });
            time(clock, span.start(*coming), object);
        }
        object.out.push(b']');
    }
}

fn influencers(influencers: &[Influencer], object: &mut Object<'_>) {
    if influencers.is_empty() {
        return;
    }
    object.key(key!("oddsock.influencers"));
    for (at, influencer) in influencers.iter().enumerate() {
        object.out.extend_from_slice(if at == 0 { b"[{" } else { b",{" });
        object.out.extend_from_slice(b"\"field\":");
        json::string(influencer.field.as_bytes(), object.out);
        object.out.extend_from_slice(b",\"values\":[");
        for (index, (value, _)) in influencer.values.iter().enumerate() {
            if index > 0 {
                object.out.push(b',');
            }
            object.value(&format!("oddsock.influencers[{at}].values[{index}]"), value);
        }
        let (number, score) = (influencer.number.number, influencer.score);
        let missing = if influencer.is_missing { ",\"missing\":true" } else { "" };
        let _ = write!(object.out, "],\"number\":{number}{missing},\"score\":{score:.1}}}");
    }
    object.out.push(b']');
}

/// What only some alerts are.
fn states(alert: &Alert, object: &mut Object<'_>) {
    if alert.is_provisional {
        object.key(key!("oddsock.provisional"));
        object.out.extend_from_slice(b"true");
    }
    if alert.is_expected {
        object.key(key!("oddsock.expected"));
        object.out.extend_from_slice(b"true");
    }
    if let Some(exception) = &alert.excepted {
        object.text(key!("oddsock.exception"), exception.as_bytes());
    }
}

fn evidence(alert: &Alert, documents: &[Document], object: &mut Object<'_>) {
    if alert.connections.number > 0 {
        object.number(key!("oddsock.connections"), alert.connections.number);
        if !alert.connections.is_exact {
            object.key(key!("oddsock.connections_estimated"));
            object.out.extend_from_slice(b"true");
        }
    }
    if documents.is_empty() {
        return;
    }
    object.key(key!("oddsock.evidence"));
    for (at, document) in documents.iter().enumerate() {
        object.out.push(if at == 0 { b'[' } else { b',' });
        object.out.extend_from_slice(document.raw().as_bytes());
    }
    object.out.push(b']');
}

fn time(clock: &mut Clock, millis: u64, object: &mut Object<'_>) {
    object.out.push(b'"');
    clock.write(millis.min(LAST), object.out);
    object.out.push(b'"');
}

#[cfg(test)]
#[path = "ndjson_tests.rs"]
mod tests;

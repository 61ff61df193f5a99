//! What was told of an alert when it was made, from its document in a state.
//!
//! The document is JSON that may come from anywhere: what is not as expected is left out.

use serde_json::{Map, Value};

use super::records::Event;
use crate::cli::page::{Page, minute, text};
use crate::output::escape;
use crate::store::StoredAlert;

/// The fields that are shown, and what they are called here.
const SHOWN: [(&str, &str); 20] = [
    ("rule", "rule.name"),
    ("hosts", "host.name"),
    ("function", "oddsock.function"),
    ("field", "oddsock.by_field"),
    ("value", "oddsock.by_value"),
    ("partition", "oddsock.partition"),
    ("why", "oddsock.why"),
    ("user", "user.name"),
    ("ran", "process.command_line"),
    ("address", "destination.ip"),
    ("port", "destination.port"),
    ("first seen", "oddsock.history.first_seen"),
    ("last seen", "oddsock.history.last_seen"),
    ("buckets", "oddsock.history.buckets_seen"),
    ("all buckets", "oddsock.history.buckets_total"),
    ("cadence", "oddsock.history.cadence"),
    ("probability", "oddsock.probability"),
    ("score", "oddsock.score"),
    ("threshold", "oddsock.threshold"),
    ("connections", "oddsock.connections"),
];

/// Shows a stored alert; the events it names.
pub fn show(stored: &StoredAlert, page: &mut Page) -> Vec<Event> {
    let document: Map<String, Value> = serde_json::from_str(&stored.document).unwrap_or_default();
    page.line(&format!(
        "The facts have changed since, and this is not found in them any more. What was told on {} \
         UTC:",
        minute(stored.first_stored)
    ));
    let shown = SHOWN.iter().filter_map(|(label, field)| {
        let said = said(document.get(*field)?);
        // In the sentence names are spelled already.
        let spelled = if *label == "why" { escape::harmless(&said) } else { text(said.as_bytes()) };
        Some(vec![(*label).to_string(), spelled])
    });
    let start = vec!["bucket".to_string(), format!("{} UTC", minute(stored.bucket_start))];
    let rows: Vec<Vec<String>> = [start].into_iter().chain(shown).collect();
    page.table(&rows, "  ");
    let evidence = document.get("oddsock.evidence").and_then(Value::as_array);
    evidence.into_iter().flatten().filter_map(Event::of).collect()
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(said).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

//! What an alert's document says of a field, and whether that is all there is to say.
//!
//! An alert can stand for thousands of connections, of which its document shows eight. Whoever
//! hides an alert because those eight were expected hides the others with them, so for every field
//! the question is not only which values are known but whether these are all:
//!
//! | source | has all values if |
//! |---|---|
//! | the alert's own fields (`rule.*`, `oddsock.*`, `threat.*` …) | always |
//! | the field that the rule works by: `oddsock.by_value` | always |
//! | the field that parts its hosts or users: `oddsock.partition` | always |
//! | `oddsock.evidence` | it has as many connections as `oddsock.connections` says there were |
//! | `oddsock.influencers` | it has as many as its `number` says, and `missing` is not true |
//! | `host.name` at the top | there are fewer than [`HOSTS`] |
//!
//! The last two speak of what was kept. Where it is not known how many connections there were,
//! nothing was; of the values of a burst some may have been kept and others not, and then the
//! number of connections is said to be estimated.
//!
//! All values of all sources count; one source that has them all is enough to know that no others
//! are missing. What stands at the top of the document because the evidence shares it proves
//! nothing by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// How many values of a crowd the engine keeps: a list that is shorter has all of them.
const HOSTS: usize = 16;

/// What is known of a field in an alert.
#[derive(Clone, Default, Debug)]
pub(super) struct Values {
    /// The values, as text.
    pub all: BTreeSet<String>,
    /// Whether there can be no others.
    pub is_complete: bool,
    /// Whether a connection is known that has no such field.
    pub is_missing: bool,
}

/// An alert's document, asked for fields.
#[derive(Debug)]
pub(super) struct Facts<'d> {
    document: &'d Map<String, Value>,
    known: BTreeMap<String, Values>,
    rule_names: Vec<String>,
}

impl<'d> Facts<'d> {
    pub(super) fn of(document: &'d Map<String, Value>) -> Facts<'d> {
        Facts { document, known: BTreeMap::new(), rule_names: rule_names(document) }
    }

    /// What is known of a field.
    pub(super) fn values(&mut self, field: &str) -> &Values {
        if !self.known.contains_key(field) {
            let values = self.gathered(field);
            self.known.insert(field.to_owned(), values);
        }
        &self.known[field]
    }

    /// The field that the rule works by.
    pub(super) fn by_field(&self) -> Option<&'d str> {
        self.document.get("oddsock.by_field").and_then(Value::as_str)
    }

    /// Every name that the rule of the alert goes by.
    pub(super) fn rule_names(&self) -> &[String] {
        &self.rule_names
    }

    /// The alert's score.
    pub(super) fn score(&self) -> Option<f64> {
        self.document.get("oddsock.score").and_then(Value::as_f64)
    }

    /// How many connections there were and how many are shown.
    pub(super) fn connections(&self) -> (Option<u64>, usize) {
        let number = self.document.get("oddsock.connections").and_then(Value::as_u64);
        (number.filter(|number| *number > 0), self.evidence().count())
    }

    fn is_estimated(&self) -> bool {
        self.document.get("oddsock.connections_estimated") == Some(&Value::Bool(true))
    }

    /// Whether lists of what was kept were made of all there was to keep.
    fn has_kept_all(&self) -> bool {
        let is_burst = self.document.get("oddsock.by_value").is_some_and(Value::is_array);
        self.connections().0.is_some() && !(is_burst && self.is_estimated())
    }

    fn evidence(&self) -> impl Iterator<Item = &'d Map<String, Value>> {
        let list = self.document.get("oddsock.evidence").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_object)
    }

    fn gathered(&self, field: &str) -> Values {
        let mut values = Values::default();
        texts(look_up(self.document, field), &mut values.all);
        if is_own(field) {
            values.is_complete = !values.all.is_empty();
            return values;
        }
        let is_whole = (1..HOSTS).contains(&values.all.len()) && self.has_kept_all();
        values.is_complete = field == "host.name" && is_whole;
        let partition_field = self.document.get("oddsock.partition_field").and_then(Value::as_str);
        for (name, value) in
            [(self.by_field(), "oddsock.by_value"), (partition_field, "oddsock.partition")]
        {
            let value = self.document.get(value).filter(|_| name == Some(field));
            texts(value, &mut values.all);
            values.is_complete |= value.is_some();
        }
        self.add_evidence(field, &mut values);
        self.add_influencers(field, &mut values);
        values
    }

    fn add_evidence(&self, field: &str, values: &mut Values) {
        for connection in self.evidence() {
            let mut own = BTreeSet::new();
            texts(look_up(connection, field), &mut own);
            values.is_missing |= own.is_empty();
            values.all.append(&mut own);
        }
        let (connections, shown) = self.connections();
        values.is_complete |=
            shown > 0 && connections == Some(shown as u64) && !self.is_estimated();
    }

    fn add_influencers(&self, field: &str, values: &mut Values) {
        let list = self.document.get("oddsock.influencers").and_then(Value::as_array);
        for influencer in list.into_iter().flatten().filter_map(Value::as_object) {
            if influencer.get("field").and_then(Value::as_str) != Some(field) {
                continue;
            }
            let mut own = BTreeSet::new();
            for value in influencer.get("values").and_then(Value::as_array).into_iter().flatten() {
                texts(Some(value.get("value").unwrap_or(value)), &mut own);
            }
            let number = influencer.get("number").and_then(Value::as_u64);
            let is_missing = influencer.get("missing") == Some(&Value::Bool(true));
            let is_whole = number == Some(own.len() as u64) && !is_missing && self.has_kept_all();
            values.is_complete |= !own.is_empty() && is_whole;
            values.all.append(&mut own);
        }
    }
}

/// Whether a field is the alert's, and not one of its connections'.
fn is_own(field: &str) -> bool {
    let own = ["event.kind", "event.id", "event.severity", "event.risk_score", "@timestamp"];
    own.contains(&field)
        || ["rule.", "oddsock.", "threat."].iter().any(|start| field.starts_with(start))
}

/// The value of a field by its dotted name, whether it is written flat or as objects.
fn look_up<'v>(object: &'v Map<String, Value>, field: &str) -> Option<&'v Value> {
    object.get(field).or_else(|| {
        field.match_indices('.').find_map(|(dot, _)| {
            look_up(object.get(&field[..dot])?.as_object()?, &field[dot + 1..])
        })
    })
}

/// Adds a value, or those of a list, as text.
fn texts(value: Option<&Value>, all: &mut BTreeSet<String>) {
    match value {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => drop(all.insert(text.clone())),
        Some(Value::Array(list)) => list.iter().for_each(|value| texts(Some(value), all)),
        Some(other) => drop(all.insert(other.to_string())),
    }
}

fn rule_names(document: &Map<String, Value>) -> Vec<String> {
    let fields = ["rule.name", "rule.id", "oddsock.rule", "oddsock.job"];
    let mut names = BTreeSet::new();
    fields.iter().for_each(|field| texts(look_up(document, field), &mut names));
    names.extend(document.get("rule.name").and_then(Value::as_str).map(short_name));
    names.into_iter().collect()
}

/// A rule's title as its file is called: small letters and underscores.
fn short_name(title: &str) -> String {
    let small = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    title.chars().map(small).collect()
}

//! Alerts that are rows of a hunt: as a paragraph, JSON or CSV, beside those of rules.
//!
//! A row has no score, no probability and no history, since a hunt asks for none: where the formats
//! have those, here is nothing. Its JSON has the row itself (`oddsock.row`), with what the hunt
//! says of itself and the techniques it looks for.

use super::document::{self, Document};
use super::{particulars, rule};
use crate::hunt::Value;
use crate::output::clock::Clock;
use crate::output::csv::Sheet;
use crate::output::json::{self, Object, key};
use crate::output::rows::{self, json_value};
use crate::rules::{Field, Severity};
use crate::time::LAST;

/// A row of a hunt to tell somebody about.
#[derive(Clone, Debug)]
pub struct RowAlert {
    /// Sixteen hex digits that are the same each time the same row is found.
    pub id: String,
    /// The id of the hunt, or its short name where it has none.
    pub rule: String,
    /// The short name of the hunt.
    pub hunt: String,
    /// Its name as people say it.
    pub title: String,
    /// The licence of its texts; empty if it gives none.
    pub license: String,
    /// What it comes from: `oddsock`, or the name of the file.
    pub ruleset: String,
    /// The ids of the techniques that it looks for.
    pub techniques: Vec<String>,
    /// Which of its queries, counted from 1.
    pub query: usize,
    /// The columns of the row, and whether each is one of those that rows are told apart by.
    pub columns: Vec<(String, bool)>,
    /// Their values.
    pub values: Vec<Value<'static>>,
    /// When the newest of the connections behind it was, in milliseconds since 1970.
    pub newest_ms: u64,
    /// The hosts of those, in their order.
    pub hosts: Vec<Vec<u8>>,
    /// How many there are.
    pub connections: u64,
    /// Some of them, each the JSON document of a connection.
    pub evidence: Vec<Vec<u8>>,
    /// Which exception it falls under.
    pub excepted: Option<String>,
}

/// How grave a row is: no hunt says.
const SEVERITY: Severity = Severity::Low;
const RISK: u32 = 21;

impl RowAlert {
    /// What the row is about: the columns that tell rows apart.
    fn keys(&self) -> impl Iterator<Item = (&str, &Value<'static>)> {
        let all = self.columns.iter().zip(&self.values).filter(|((_, is_key), _)| *is_key);
        all.map(|((name, _), value)| (name.as_str(), value))
    }

    /// Why it is told, in a sentence that can be printed as it is.
    fn why(&self) -> String {
        let cells = self.columns.iter().zip(&self.values);
        let cells: Vec<String> = cells
            .map(|((name, _), value)| format!("{} {}", rows::head(name), rows::cell(value)))
            .collect();
        let title = particulars::text(self.title.as_bytes());
        format!("query {} of the hunt \"{title}\" finds {}", self.query, cells.join(", "))
    }

    fn documents(&self) -> Vec<Document> {
        Document::all(&self.evidence)
    }

    /// What stands in the heading of a paragraph.
    pub(super) fn headline(&self) -> String {
        let keys: Vec<String> = self.keys().map(|(_, value)| rows::cell(value)).collect();
        let what = if keys.is_empty() { "a row".to_owned() } else { keys.join(" ") };
        let hosts: Vec<String> = self.hosts.iter().map(|host| particulars::word(host)).collect();
        let plural = if self.connections == 1 { "" } else { "s" };
        let hosts = match &hosts[..] {
            [] => String::new(),
            [one] => format!(" on {one}"),
            [one, other] => format!(" on {one} and {other}"),
            [one, others @ ..] => format!(" on {one} and {} other hosts", others.len()),
        };
        format!("{what}{hosts}, {} connection{plural}", self.connections)
    }

    /// The lines of a paragraph below its heading: what each is about, and what it says.
    pub(super) fn lines(&self) -> Vec<(&'static str, Vec<String>)> {
        let mut time = Vec::new();
        Clock::plain().write(self.newest_ms.min(LAST), &mut time);
        time.truncate(16);
        let time = String::from_utf8_lossy(&time).into_owned();
        let title = particulars::text(self.title.as_bytes());
        let excepted = if self.excepted.is_some() { ", excepted" } else { "" };
        let documents = self.documents();
        let each = |of: &dyn Fn(&Document) -> Option<String>| -> Vec<String> {
            documents.iter().filter_map(of).collect()
        };
        let techniques: Vec<String> =
            self.techniques.iter().map(|id| particulars::word(id.as_bytes())).collect();
        let but = self.excepted.iter();
        let but = but.map(|said| format!("excepted by {}", particulars::text(said.as_bytes())));
        vec![
            ("", vec![format!("{time} UTC, {SEVERITY} (risk {RISK}): {title}{excepted}")]),
            ("why", vec![self.why()]),
            ("who", each(&particulars::user)),
            ("ran", each(&particulars::command)),
            ("exe", each(&particulars::process)),
            ("to", each(&|document| particulars::peer(document, None))),
            ("but", but.collect()),
            ("mitre", if techniques.is_empty() { vec![] } else { vec![techniques.join(", ")] }),
        ]
    }

    /// Appends its JSON, in a line.
    pub(super) fn json(&self, clock: &mut Clock, exact: &mut Vec<u8>, out: &mut Vec<u8>) {
        exact.clear();
        let documents = self.documents();
        out.extend_from_slice(b"{\"@timestamp\":\"");
        clock.write(self.newest_ms.min(LAST), out);
        out.push(b'"');
        let mut object = Object { out, exact };
        object.plain(key!("ecs.version"), "8.17.0");
        object.plain(key!("event.kind"), "alert");
        object.plain(key!("event.id"), &self.id);
        object.number(key!("event.severity"), SEVERITY.number());
        object.number(key!("event.risk_score"), RISK);
        object.text(key!("rule.id"), self.rule.as_bytes());
        object.text(key!("rule.name"), self.title.as_bytes());
        if !self.license.is_empty() {
            object.text(key!("rule.license"), self.license.as_bytes());
        }
        object.text(key!("rule.ruleset"), self.ruleset.as_bytes());
        rule::techniques(&self.techniques, &mut object);
        if !self.hosts.is_empty() {
            object.list(key!("host.name"), &self.hosts);
        }
        self.shared(&documents, clock, &mut object);
        object.text(key!("oddsock.job"), self.hunt.as_bytes());
        object.plain(key!("oddsock.function"), "hunt");
        object.number(key!("oddsock.query"), self.query as u64);
        self.row(clock, &mut object);
        object.text(key!("oddsock.why"), self.why().as_bytes());
        if let Some(exception) = &self.excepted {
            object.text(key!("oddsock.exception"), exception.as_bytes());
        }
        object.number(key!("oddsock.connections"), self.connections);
        object.key(key!("oddsock.evidence"));
        object.out.push(b'[');
        for (at, document) in documents.iter().enumerate() {
            object.out.extend_from_slice(if at == 0 { b"" } else { b"," });
            object.out.extend_from_slice(document.raw().as_bytes());
        }
        object.out.push(b']');
        object.exact_bytes();
        object.out.extend_from_slice(b"}\n");
    }

    /// What all of the evidence shares, if all of it is there; else what the row is about.
    fn shared(&self, documents: &[Document], clock: &mut Clock, object: &mut Object<'_>) {
        if documents.len() as u64 != self.connections {
            for (name, value) in self.keys().filter(|(_, value)| !value.is_null()) {
                if Field::named(name).is_known() && !super::ndjson::is_own(name) {
                    object.named(name);
                    json_value(name, value, clock, object);
                }
            }
            return;
        }
        for field in document::shared(documents) {
            if !super::ndjson::is_own(&field.name) {
                object.named(&field.name);
                object.out.extend_from_slice(field.raw.as_bytes());
                field.exact.iter().for_each(|(name, bytes)| object.note_exact(name, bytes));
            }
        }
    }

    /// The row, and what tells it from the others of its query.
    fn row(&self, clock: &mut Clock, object: &mut Object<'_>) {
        let keys: Vec<(&str, &Value<'static>)> =
            self.keys().filter(|(_, value)| !value.is_null()).collect();
        if let [(name, value)] = keys[..] {
            object.text(key!("oddsock.by_field"), name.as_bytes());
            object.key(key!("oddsock.by_value"));
            json_value("oddsock.by_value", value, clock, object);
        } else if !keys.is_empty() {
            let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
            object.list(key!("oddsock.by_field"), &names);
            object.key(key!("oddsock.by_value"));
            for (at, (_, value)) in keys.iter().enumerate() {
                object.out.push(if at == 0 { b'[' } else { b',' });
                json_value(&format!("oddsock.by_value[{at}]"), value, clock, object);
            }
            object.out.push(b']');
        }
        object.key(key!("oddsock.row"));
        object.out.push(b'{');
        let cells = self.columns.iter().zip(&self.values).filter(|(_, value)| !value.is_null());
        for (at, ((name, _), value)) in cells.enumerate() {
            object.out.extend_from_slice(if at == 0 { b"" } else { b"," });
            json::string(name.as_bytes(), object.out);
            object.out.push(b':');
            json_value(&format!("oddsock.row.{name}"), value, clock, object);
        }
        object.out.push(b'}');
    }

    /// Appends its row of CSV.
    pub(super) fn csv(&self, sheet: &mut Sheet, out: &mut Vec<u8>) {
        let documents = self.documents();
        out.extend_from_slice(sheet.time(self.newest_ms).as_bytes());
        let mut row = sheet.row(out);
        let keys = || self.keys().map(|(name, value)| (name, rows::cell(value)));
        row.name(None);
        row.text(Some(self.hunt.as_bytes()));
        row.name(Some("hunt"));
        row.list(&keys().map(|(name, _)| name.as_bytes().to_vec()).collect::<Vec<_>>());
        row.list(&keys().map(|(_, value)| value.into_bytes()).collect::<Vec<_>>());
        row.name(None);
        row.list(&self.hosts);
        row.number(Some(self.connections));
        let fields = ["process.name", "process.command_line", "user.name", "destination.ip"];
        for field in fields.iter().chain(&["destination.port"]) {
            row.list(&super::csv::distinct(&documents, field));
        }
        // First and last seen, how often, how regularly, and how probable: no hunt knows.
        (0..6).for_each(|_| row.name(None));
        row.name(Some(SEVERITY.name()));
        row.number(Some(RISK));
        row.name(Some("false"));
        row.name(Some("false"));
        row.text(self.excepted.as_ref().map(String::as_bytes));
        row.text(Some(self.why().as_bytes()));
        row.name(Some(&self.id));
        out.push(b'\n');
    }
}

//! Counts of connections by what they have in some fields.
//!
//! Anything with fields comes in; [`Counts`] go out, of what was asked for. Which connections are
//! counted and how they will be shown is not known here.

use crate::counts::{Counts, key};
use crate::rules::{Field, Fields, Kind};

/// How many different rows a table may hold.
const MOST: usize = 32_768;

/// How many rows one connection may count for, where a field has several values.
const MOST_OF_ONE: usize = 64;

/// The short names of what one asks for most, and the fields they stand for: of several the first
/// that a connection has.
pub const SHORT: [(&str, &[&str]); 6] = [
    ("process", &["process.name"]),
    ("destination", &["destination.ip", "file.path"]),
    ("port", &["destination.port"]),
    ("user", &["user.name", "user.id"]),
    ("host", &["host.name"]),
    ("key", &["tags"]),
];

/// One of the things by which is counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct By {
    /// What it is called: a short name, or that of its field.
    pub name: String,
    fields: Vec<Field>,
}

impl By {
    /// What a word stands for, if it is a short name or the name of a field of connections.
    ///
    /// ```
    /// use oddsock::summary::By;
    ///
    /// assert!(By::named("process").is_some() && By::named("auditd.syscall").is_some());
    /// assert!(By::named("colour").is_none());
    /// ```
    pub fn named(name: &str) -> Option<By> {
        let short = SHORT.iter().find(|(short, _)| *short == name);
        let fields: Vec<Field> = match short {
            Some((_, fields)) => fields.iter().map(|field| Field::named(field)).collect(),
            None if Field::NAMES.contains(&name) => vec![Field::named(name)],
            None => return None,
        };
        Some(By { name: name.to_string(), fields })
    }

    /// Whether its values are numbers to reckon with, and not ids.
    pub fn is_number(&self) -> bool {
        let is_id = |name: &str| name.ends_with(".id") || name == "auditd.session";
        self.fields.iter().all(|field| field.kind() == Kind::Number && !is_id(field.name()))
    }

    /// The values that a connection has; none if it has no such field.
    fn values(&self, of: &dyn Fields) -> Vec<Vec<u8>> {
        let mut values: Vec<Vec<u8>> = Vec::new();
        for field in &self.fields {
            of.any(field, &mut |value| {
                let value = value.borrowed().into_text().into_owned();
                if !values.contains(&value) {
                    values.push(value);
                }
                values.len() >= MOST_OF_ONE
            });
            if !values.is_empty() {
                break;
            }
        }
        values
    }
}

/// A table of counts.
#[derive(Debug)]
pub struct Table {
    /// By what is counted.
    pub by: Vec<By>,
    /// The counts, by keys of as many values.
    pub counts: Counts,
    /// How many connections have nothing of what is counted by.
    pub without: u64,
    /// How many connections there were.
    pub connections: u64,
    key: Vec<u8>,
}

impl Table {
    /// An empty table.
    pub fn new(by: Vec<By>) -> Table {
        Table { by, counts: Counts::new(MOST), without: 0, connections: 0, key: Vec::new() }
    }

    /// Counts a connection: once for each of the values, where a field has several.
    pub fn note(&mut self, fields: &dyn Fields, millis: u64) {
        self.connections += 1;
        let values: Vec<Vec<Vec<u8>>> = self.by.iter().map(|by| by.values(fields)).collect();
        if values.iter().all(Vec::is_empty) {
            self.without += 1;
            return;
        }
        let ways = values.iter().map(|one| one.len().max(1)).fold(1, usize::saturating_mul);
        for way in 0..ways.min(MOST_OF_ONE) {
            let mut rest = way;
            let chosen: Vec<Option<&[u8]>> = values
                .iter()
                .map(|one| {
                    let at = rest % one.len().max(1);
                    rest /= one.len().max(1);
                    one.get(at).map(Vec::as_slice)
                })
                .collect();
            self.key.clear();
            key(&chosen, &mut self.key);
            self.counts.note(&self.key, millis, b"");
        }
    }

    /// What it is called: `process`, or `process, port`.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.by.iter().map(|by| by.name.as_str()).collect();
        names.join(", ")
    }
}

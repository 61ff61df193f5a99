//! An exception that is about to be written down: from what somebody says, or from an alert that
//! is to be hidden the next time.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::Exception;
use super::facts::Facts;
use super::glob::Glob;
use crate::engine::hash;

/// An exception that no file has yet.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Draft {
    /// Why the alert is expected.
    pub reason: String,
    /// Who says so.
    pub author: Option<String>,
    /// Today.
    pub created: Option<String>,
    /// Until when, or for ever.
    pub expires: Option<String>,
    /// For which rules.
    pub rules: Vec<String>,
    /// Fields and what their values have to be like.
    pub conditions: Vec<(String, Vec<String>)>,
}

/// What an exception made from an alert is about, beside the field that its rule works by.
const NARROWING: [&str; 2] = ["host.name", "process.executable"];

impl Draft {
    /// A draft that is about what an alert is about: the value, the hosts and the executables.
    ///
    /// What is not known of all its connections is left out, since the exception would not hide
    /// even this alert with it; the names of those fields come second.
    pub fn from_alert(document: &Map<String, Value>) -> (Draft, Vec<&'static str>) {
        let mut facts = Facts::of(document);
        let mut draft = Draft::default();
        let rule = document.get("rule.name").and_then(Value::as_str);
        draft.rules.extend(rule.map(Glob::escaped));
        let by_field = facts.by_field().map(str::to_owned);
        if let Some(by_field) = &by_field {
            draft.narrow(by_field, &mut facts);
        }
        let rest = NARROWING.into_iter().filter(|field| by_field.as_deref() != Some(*field));
        let left_out = rest.filter(|field| !draft.narrow(field, &mut facts)).collect();
        (draft, left_out)
    }

    /// Adds a field with the values that it has; whether these are all, and there are any.
    fn narrow(&mut self, field: &str, facts: &mut Facts<'_>) -> bool {
        let values = facts.values(field);
        let is_sure = values.is_complete && !values.is_missing && !values.all.is_empty();
        if is_sure {
            let patterns = values.all.iter().map(|value| literal(value)).collect();
            self.conditions.push((field.to_owned(), patterns));
        }
        is_sure
    }

    /// Adds a pattern; several of one field are alternatives.
    pub fn add(&mut self, field: &str, pattern: &str) {
        match self.conditions.iter_mut().find(|(name, _)| name == field) {
            Some((_, patterns)) => patterns.push(pattern.to_owned()),
            None => self.conditions.push((field.to_owned(), vec![pattern.to_owned()])),
        }
    }

    /// The exception's short name, which is the same whenever one with the same conditions is made.
    pub fn id(&self) -> String {
        id_of(&self.rules, &self.conditions, None)
    }

    /// The exception as a file has it.
    pub fn toml(&self) -> String {
        let mut text = format!("[[exception]]\nid = {}\n", quoted(&self.id()));
        let _ = writeln!(text, "reason = {}", quoted(&self.reason));
        if let Some(author) = &self.author {
            let _ = writeln!(text, "author = {}", quoted(author));
        }
        for (key, time) in [("created", &self.created), ("expires", &self.expires)] {
            if let Some(time) = time {
                let _ = writeln!(text, "{key} = {time}");
            }
        }
        if !self.rules.is_empty() {
            let _ = writeln!(text, "rules = {}", list(&self.rules));
        }
        text.push_str("\n[exception.match]\n");
        for (field, patterns) in &self.conditions {
            let is_bare = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            let name = if field.bytes().all(is_bare) { field.clone() } else { quoted(field) };
            let value = match &patterns[..] {
                [one] => quoted(one),
                several => list(several),
            };
            let _ = writeln!(text, "{name} = {value}");
        }
        text
    }
}

impl Exception {
    /// The short name that an exception has if nobody gave it one.
    pub(super) fn own_id(&self) -> String {
        let rules: Vec<String> = self.rules.iter().map(|glob| glob.text().to_owned()).collect();
        let conditions = self.conditions.iter().map(|condition| {
            let patterns = condition.patterns.iter().map(|one| one.text().to_owned()).collect();
            (condition.field.clone(), patterns)
        });
        id_of(&rules, &conditions.collect::<Vec<_>>(), self.profile.as_deref())
    }
}

fn id_of(rules: &[String], conditions: &[(String, Vec<String>)], profile: Option<&str>) -> String {
    let mut rules = rules.to_vec();
    let mut conditions = conditions.to_vec();
    rules.sort_unstable();
    conditions.iter_mut().for_each(|(_, patterns)| patterns.sort_unstable());
    conditions.sort_unstable();
    let hash = hash::of(format!("{rules:?} {conditions:?} {profile:?}").as_bytes());
    format!("{:08x}", hash >> 32)
}

/// The pattern for this value alone. Bytes that are not UTF-8 look alike in a document, so they
/// are left to a wildcard.
fn literal(value: &str) -> String {
    Glob::escaped(value).replace(char::REPLACEMENT_CHARACTER, "?")
}

/// A string as TOML has it, in which nothing is unseen.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c if c.is_alphanumeric() => quoted.push(c),
            c if u32::from(c) <= 0xffff => drop(write!(quoted, "\\u{:04x}", u32::from(c))),
            c => drop(write!(quoted, "\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

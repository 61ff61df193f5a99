//! Reads a file of exceptions and profiles.
//!
//! Text comes in, and what is in it goes out, or the first thing that is wrong, with its place and
//! what was expected. An unknown key is wrong too: an exception that silently lacks half of what
//! was meant would hide too much.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::condition::Condition;
use super::glob::Glob;
use super::moment::Moment;
use super::pattern::Pattern;
use super::place::{FileError, Source};
use super::profile::Profile;
use super::table::{Table, Wrong};
use super::{Exception, Exceptions, names};

/// How long a file may be.
const LONGEST: usize = 1 << 20;

/// How many exceptions, profiles, and texts in a list there may be.
const MOST: usize = 10_000;

const EXCEPTION: [&str; 7] = ["id", "reason", "author", "created", "expires", "rules", "match"];
const PROFILE: [&str; 5] = ["name", "hosts", "threshold", "rules", "exception"];

/// What is there already, and what is in this file.
pub(super) fn read(
    name: &str,
    text: &str,
    known: &Exceptions,
) -> Result<Exceptions, Box<FileError>> {
    let source = Source::new(name, text);
    if text.len() > LONGEST {
        let problem = format!("the file has {} bytes", text.len());
        return Err(source.error(&(0..0), problem, "at most 1 MiB"));
    }
    let root = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let form = "key = value, and [[exception]] before each exception";
        let (problem, expected) =
            error.message().split_once(", expected ").unwrap_or((error.message(), form));
        source.error(&span, format!("this is no TOML: {problem}"), expected)
    })?;
    let mut reader = Reader { source, read: known.clone(), ids: BTreeSet::new() };
    reader.ids.extend(known.all.iter().map(|exception| exception.id.clone()));
    let root = Table { span: 0..0, table: root.get_ref() };
    match reader.root(&root) {
        Ok(()) => Ok(reader.read),
        Err(wrong) => Err(reader.source.error(&wrong.span, wrong.problem, wrong.expected)),
    }
}

struct Reader<'t> {
    source: Source<'t>,
    read: Exceptions,
    ids: BTreeSet<String>,
}

impl Reader<'_> {
    fn root(&mut self, root: &Table<'_>) -> Result<(), Wrong> {
        root.only(&["exception", "profile"])?;
        for profile in root.tables("profile")? {
            self.profile(&profile)?;
        }
        for exception in root.tables("exception")? {
            self.exception(&exception, None)?;
        }
        Ok(())
    }

    fn profile(&mut self, table: &Table<'_>) -> Result<(), Wrong> {
        table.only(&PROFILE)?;
        let name = table.required("name", "name = \"development\"", Table::text)?;
        if self.read.profiles.named(&name).is_some() {
            let problem = format!("there is another profile called {name:?}");
            return Err(Wrong::new(
                &table.span_of("name"),
                problem,
                "a name that no other profile has",
            ));
        }
        if self.read.profiles.0.len() == MOST {
            return Err(Wrong::new(&table.span, "too many profiles", "at most 10000"));
        }
        let hosts = table.required("hosts", "hosts = [\"dev-*\"]", Table::globs)?;
        let threshold = table.get("threshold").map(threshold).transpose()?;
        let rules = table.table("rules")?;
        let (mut on, mut off) = (Vec::new(), Vec::new());
        if let Some(rules) = rules {
            rules.only(&["on", "off"])?;
            on = rules.globs("on")?.unwrap_or_default();
            off = rules.globs("off")?.unwrap_or_default();
        }
        let profile = Profile { name: name.clone(), hosts, threshold, on, off };
        self.read.profiles.0.push(profile);
        for exception in table.tables("exception")? {
            self.exception(&exception, Some(&name))?;
        }
        Ok(())
    }

    fn exception(&mut self, table: &Table<'_>, profile: Option<&str>) -> Result<(), Wrong> {
        table.only(&EXCEPTION)?;
        if self.read.all.len() == MOST {
            return Err(Wrong::new(&table.span, "too many exceptions", "at most 10000"));
        }
        let reason = table.required("reason", "reason = \"why this is expected\"", Table::text)?;
        let conditions = conditions(table)?;
        let mut exception = Exception {
            id: String::new(),
            reason,
            author: table.text("author")?,
            created: table.get("created").map(|value| moment(value, TIME)).transpose()?,
            expires: match table.get("expires") {
                Some(value) if value.get_ref().as_str() == Some("never") => None,
                other => {
                    let expected = format!("{TIME}, or \"never\"");
                    other.map(|value| moment(value, &expected)).transpose()?
                }
            },
            rules: table.globs("rules")?.unwrap_or_default(),
            conditions,
            profile: profile.map(str::to_owned),
            place: self.source.place(&table.span),
        };
        let given = table.text("id")?;
        let span = &table.span_of("id");
        exception.id = given.unwrap_or_else(|| exception.own_id());
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if exception.id.len() > 64
            || exception.id.starts_with('-')
            || !exception.id.bytes().all(is_plain)
        {
            let expected = "at most 64 letters, digits, \".\", \"_\" and \"-\"";
            return Err(Wrong::new(span, "this is no id", expected));
        }
        if !self.ids.insert(exception.id.clone()) {
            let other = self.read.all.iter().find(|other| other.id == exception.id);
            let place = other.map(|other| format!(", at {}", other.place)).unwrap_or_default();
            let problem = format!("another exception is called {:?}{place}", exception.id);
            return Err(Wrong::new(span, problem, "an id that no other exception has"));
        }
        self.read.all.push(exception);
        Ok(())
    }
}

/// The conditions of an exception, in the order in which they are written.
fn conditions(exception: &Table<'_>) -> Result<Vec<Condition>, Wrong> {
    let form = "match.process.name = \"curl\", or other fields";
    let Some(table) = exception.table("match")? else {
        return Err(Wrong::new(&exception.span, "this exception has no match", form));
    };
    let mut found: Vec<(Range<usize>, Condition)> = Vec::new();
    let mut open = vec![(String::new(), table)];
    while let Some((prefix, table)) = open.pop() {
        for (key, value) in table.table {
            let field = format!("{prefix}{}", key.get_ref());
            if let DeValue::Table(inner) = value.get_ref() {
                open.push((format!("{field}."), Table { span: value.span(), table: inner }));
                continue;
            }
            names::check(&field).map_err(|expected| {
                Wrong::new(&key.span(), format!("there is no field {field:?}"), expected)
            })?;
            if found.iter().any(|(_, known)| known.field == field) {
                let problem = format!("{field:?} is there twice");
                return Err(Wrong::new(&key.span(), problem, "a list of all its values"));
            }
            found.push((key.span(), Condition { patterns: patterns(&field, value)?, field }));
        }
    }
    if found.is_empty() {
        return Err(Wrong::new(&exception.span, "this exception would match everything", form));
    }
    found.sort_by_key(|(span, _)| span.start);
    Ok(found.into_iter().map(|(_, condition)| condition).collect())
}

fn patterns(field: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<Pattern>, Wrong> {
    let one = |value: &Spanned<DeValue<'_>>| {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Boolean(is_true) => is_true.to_string(),
            other => {
                let problem = format!("{field:?} cannot be {}", super::table::kind(other));
                return Err(Wrong::new(&value.span(), problem, "a text, a number or a list"));
            }
        };
        Pattern::parse(field, &text).map_err(|expected| {
            Wrong::new(&value.span(), format!("{field:?} cannot be {text:?}"), expected)
        })
    };
    match value.get_ref() {
        DeValue::Array(list) if list.is_empty() => {
            Err(Wrong::new(&value.span(), "the list is empty, so nothing would match", "a value"))
        }
        DeValue::Array(list) if list.len() > MOST => {
            Err(Wrong::new(&value.span(), "the list is too long", "at most 10000 values"))
        }
        DeValue::Array(list) => list.iter().map(one).collect(),
        _ => Ok(vec![one(value)?]),
    }
}

fn threshold(value: &Spanned<DeValue<'_>>) -> Result<f64, Wrong> {
    let number = match value.get_ref() {
        DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
        DeValue::Integer(number) => number.to_string().parse().ok(),
        _ => None,
    };
    let number = number.filter(|number| (0.0..=100.0).contains(number));
    let expected = "a score from 0 to 100, such as 75";
    number.ok_or_else(|| Wrong::new(&value.span(), "this is no threshold", expected))
}

/// What a time is written like.
const TIME: &str = "a day or a time with its zone: 2027-02-19, 2027-02-19T12:00:00Z";

fn moment(value: &Spanned<DeValue<'_>>, expected: &str) -> Result<Moment, Wrong> {
    let text = match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        _ => None,
    };
    text.and_then(|text| Moment::parse(&text))
        .ok_or_else(|| Wrong::new(&value.span(), "this is no time", expected))
}

impl Table<'_> {
    fn globs(&self, key: &str) -> Result<Option<Vec<Glob>>, Wrong> {
        Ok(self.texts(key, MOST)?.map(|texts| texts.iter().map(|text| Glob::new(text)).collect()))
    }
}

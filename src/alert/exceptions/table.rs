//! A table of TOML, asked for its keys; what is not as it should be is told with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::names;

/// Something that is not as it should be.
#[derive(Debug)]
pub(super) struct Wrong {
    pub span: Range<usize>,
    pub problem: String,
    pub expected: String,
}

impl Wrong {
    pub(super) fn new(
        span: &Range<usize>,
        problem: impl Into<String>,
        expected: impl Into<String>,
    ) -> Wrong {
        Wrong { span: span.clone(), problem: problem.into(), expected: expected.into() }
    }
}

/// A table and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Table<'d> {
    pub span: Range<usize>,
    pub table: &'d DeTable<'d>,
}

impl<'d> Table<'d> {
    pub(super) fn get(&self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.table.get(key)
    }

    /// Where the value of a key is; the table, where it has none.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// That there are no other keys than these.
    pub(super) fn only(&self, keys: &[&str]) -> Result<(), Wrong> {
        let unknown = self.table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref()));
        // The first in the file, whatever the order of the table.
        let Some(key) = unknown.min_by_key(|key| key.span().start) else { return Ok(()) };
        let expected = match names::nearest(key.get_ref(), keys.iter().copied()) {
            Some(near) => format!("\"{near}\""),
            None => format!("one of {}", keys.join(", ")),
        };
        Err(Wrong::new(&key.span(), format!("unknown key {:?}", key.get_ref()), expected))
    }

    /// What a key has to have.
    pub(super) fn required<T>(
        &self,
        key: &str,
        form: &str,
        read: impl Fn(&Self, &str) -> Result<Option<T>, Wrong>,
    ) -> Result<T, Wrong> {
        read(self, key)?.ok_or_else(|| Wrong::new(&self.span, format!("{key} is missing"), form))
    }

    /// A text that says something.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Wrong> {
        self.get(key).map(text).transpose()
    }

    /// A text or a list of texts, of which there is one at least.
    pub(super) fn texts(&self, key: &str, most: usize) -> Result<Option<Vec<String>>, Wrong> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let texts = match value.get_ref() {
            DeValue::Array(list) if list.is_empty() => {
                return Err(Wrong::new(&value.span(), "the list is empty", "at least one name"));
            }
            DeValue::Array(list) if list.len() > most => {
                let expected = format!("at most {most} names");
                return Err(Wrong::new(&value.span(), "the list is too long", expected));
            }
            DeValue::Array(list) => list.iter().map(text).collect::<Result<_, _>>()?,
            _ => vec![text(value)?],
        };
        Ok(Some(texts))
    }

    pub(super) fn table(&self, key: &str) -> Result<Option<Table<'d>>, Wrong> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Table(table) => Ok(Some(Table { span: value.span(), table })),
            other => {
                let problem = format!("{key} cannot be {}", kind(other));
                Err(Wrong::new(&value.span(), problem, "a table"))
            }
        }
    }

    /// The tables of a list, such as those that begin with `[[key]]`.
    pub(super) fn tables(&self, key: &str) -> Result<Vec<Table<'d>>, Wrong> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let table = |value: &'d Spanned<DeValue<'d>>| match value.get_ref() {
            DeValue::Table(table) => Ok(Table { span: value.span(), table }),
            other => {
                let problem = format!("{key} cannot be {}", kind(other));
                Err(Wrong::new(&value.span(), problem, format!("[[{key}]]")))
            }
        };
        match value.get_ref() {
            DeValue::Array(list) => list.iter().map(table).collect(),
            other => {
                let problem = format!("{key} is {}, and there can be several", kind(other));
                Err(Wrong::new(&value.span(), problem, format!("[[{key}]], with two brackets")))
            }
        }
    }
}

fn text(value: &Spanned<DeValue<'_>>) -> Result<String, Wrong> {
    match value.get_ref() {
        DeValue::String(text) if !text.trim().is_empty() => Ok(text.to_string()),
        DeValue::String(_) => Err(Wrong::new(&value.span(), "the text is empty", "some text")),
        other => {
            let problem = format!("this is {}", kind(other));
            Err(Wrong::new(&value.span(), problem, "a text in quotes"))
        }
    }
}

/// What a value is, in a sentence.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

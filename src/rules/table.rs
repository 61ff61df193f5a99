//! Tables of a rule file, read key by key: each value as what it must be, or a fault that says
//! where it stands and what was expected instead.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Read, fault};
use super::words::{meant, nearest, quoted};

/// A table with its name, as errors call it.
#[derive(Clone)]
pub(crate) struct Table<'t> {
    pub(crate) name: &'static str,
    pub(crate) span: Range<usize>,
    table: &'t DeTable<'t>,
}

/// Something with its place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

impl<'t> Table<'t> {
    pub(crate) fn new(name: &'static str, table: &'t Spanned<DeTable<'t>>) -> Table<'t> {
        Table { name, span: table.span(), table: table.get_ref() }
    }

    fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Text.
    pub(crate) fn text(&self, key: &str) -> Read<Option<Placed<&'t str>>> {
        self.get(key).map(|value| text(key, value)).transpose()
    }

    /// Text in memory of its own; empty if absent.
    pub(crate) fn owned(&self, key: &str) -> Read<String> {
        Ok(self.text(key)?.map(|text| text.value.trim().to_owned()).unwrap_or_default())
    }

    /// Text that must be there and not be empty.
    pub(crate) fn needed(&self, key: &str, example: &str) -> Read<Placed<&'t str>> {
        match self.text(key)? {
            Some(text) if text.value.trim().is_empty() => {
                fault(text.span, format!("{key} is empty; expected text such as \"{example}\""))
            }
            Some(text) => Ok(text),
            None => {
                let message = format!("{} has no {key}; expected {key} = \"{example}\"", self.name);
                fault(self.span.clone(), message)
            }
        }
    }

    /// A list of texts, or one text that stands for a list of one.
    pub(crate) fn texts(&self, key: &str) -> Read<Vec<Placed<&'t str>>> {
        let Some(value) = self.get(key) else { return Ok(vec![]) };
        match value.get_ref() {
            DeValue::String(_) => Ok(vec![text(key, value)?]),
            DeValue::Array(list) => list.iter().map(|value| text(key, value)).collect(),
            _ => wrong_type(key, value, "a list of strings"),
        }
    }

    /// The same in memory of its own.
    pub(crate) fn owned_list(&self, key: &str) -> Read<Vec<String>> {
        Ok(self.texts(key)?.into_iter().map(|text| text.value.trim().to_owned()).collect())
    }

    /// Texts, numbers and truths, all as text: what a field is compared with.
    pub(crate) fn values(&self, key: &str) -> Read<Vec<Placed<String>>> {
        let Some(value) = self.get(key) else { return Ok(vec![]) };
        match value.get_ref() {
            DeValue::Array(list) => list.iter().map(|value| scalar(key, value)).collect(),
            _ => Ok(vec![scalar(key, value)?]),
        }
    }

    /// A whole number.
    pub(crate) fn whole(&self, key: &str, range: RangeInclusive<u32>) -> Read<Option<u32>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let DeValue::Integer(number) = value.get_ref() else {
            return wrong_type(key, value, &expected);
        };
        match u32::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => out_of_range(key, number.as_str(), value.span(), &expected),
        }
    }

    /// A number, with or without a point.
    pub(crate) fn number(&self, key: &str, range: RangeInclusive<f64>) -> Read<Option<f64>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let expected = format!("a number from {} to {}", range.start(), range.end());
        let (written, number) = match value.get_ref() {
            DeValue::Integer(whole) => {
                let number = i64::from_str_radix(whole.as_str(), whole.radix());
                (whole.as_str(), number.ok().map(|number| number as f64))
            }
            DeValue::Float(float) => (float.as_str(), float.as_str().parse().ok()),
            _ => return wrong_type(key, value, &expected),
        };
        match number {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => out_of_range(key, written, value.span(), &expected),
        }
    }

    /// A table in this one.
    pub(crate) fn table(&self, key: &str, name: &'static str) -> Read<Option<Table<'t>>> {
        self.get(key).map(|value| table(name, value)).transpose()
    }

    /// The tables of a list.
    pub(crate) fn tables(&self, key: &str, name: &'static str) -> Read<Vec<Table<'t>>> {
        let Some(value) = self.get(key) else { return Ok(vec![]) };
        match value.get_ref() {
            DeValue::Array(list) => list.iter().map(|value| table(name, value)).collect(),
            _ => wrong_type(key, value, &format!("a list of tables, each below {name}")),
        }
    }

    /// Refuses every key but these.
    pub(crate) fn only(&self, keys: &[&str]) -> Read<()> {
        for (key, _) in self.table {
            let word = key.get_ref();
            if !keys.contains(&&**word) {
                let meant = meant(word, keys.iter().copied());
                let keys = keys.join(", ");
                let message = format!("{} has no key {}{meant}", self.name, quoted(word));
                return fault(key.span(), format!("{message}; expected one of {keys}"));
            }
        }
        Ok(())
    }

    /// Refuses keys that look like a slip of one of ours, unless others use them. What else there
    /// is belongs to somebody.
    pub(crate) fn no_slips(&self, ours: &[&str], others: &[&str]) -> Read<()> {
        for (key, _) in self.table {
            let word = &**key.get_ref();
            if ours.contains(&word) || others.contains(&word) {
                continue;
            }
            if let Some(meant) = nearest(word, ours.iter().copied()) {
                let message = format!("{} has no key {}", self.name, quoted(word));
                return fault(key.span(), format!("{message}; did you mean \"{meant}\"?"));
            }
        }
        Ok(())
    }
}

fn table<'t>(name: &'static str, value: &'t Spanned<DeValue<'t>>) -> Read<Table<'t>> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(Table { name, span: value.span(), table }),
        _ => {
            let message = format!("expected a table {name}, found {}", kind(value.get_ref()));
            fault(value.span(), message)
        }
    }
}

fn text<'t>(key: &str, value: &'t Spanned<DeValue<'t>>) -> Read<Placed<&'t str>> {
    match value.get_ref() {
        DeValue::String(text) => Ok(Placed { value: text, span: value.span() }),
        _ => wrong_type(key, value, "a string"),
    }
}

fn scalar(key: &str, value: &Spanned<DeValue<'_>>) -> Read<Placed<String>> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => number.to_string(),
            Err(_) => return fault(value.span(), format!("{key}: the number is too large")),
        },
        _ => return wrong_type(key, value, "a string or a whole number"),
    };
    Ok(Placed { value: text, span: value.span() })
}

fn wrong_type<T>(key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> Read<T> {
    let found = kind(value.get_ref());
    fault(value.span(), format!("{key}: expected {expected}, found {found}"))
}

fn out_of_range<T>(key: &str, number: &str, span: Range<usize>, expected: &str) -> Read<T> {
    fault(span, format!("{key}: expected {expected}, found {}", quoted(number).trim_matches('"')))
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A whole file.
pub(crate) fn document(text: &str) -> Read<Spanned<DeTable<'_>>> {
    DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        Fault { span, message: format!("this is no TOML: {}", error.message()) }
    })
}

//! Puts an exception into a file, or takes one out, and leaves every other byte as it is.
//!
//! The text of a file comes in and the new text goes out. What people wrote around an exception
//! (blank lines, comments, their own order of keys) is not written anew: a block is appended at the
//! end, or the lines of one are cut out. Comments outside of a block stay.

use std::ops::Range;

use thiserror::Error;
use toml::de::{DeTable, DeValue};

use super::Exceptions;
use super::place::FileError;

/// Why a file cannot be changed.
#[derive(Debug, Error)]
pub enum EditError {
    /// It cannot be read, or could not be afterwards.
    #[error(transparent)]
    File(#[from] Box<FileError>),
    /// There is no exception of this id in it.
    #[error("there is no exception {0:?}")]
    NotThere(String),
    /// The exception is one of several values in brackets.
    #[error(
        "exception {0:?} is written as one of a list in brackets, not as a block of its own that \
         begins with [[exception]]; take it out with an editor"
    )]
    NoBlock(String),
}

/// The text of a file with a block at its end.
pub fn appended(name: &str, text: &str, block: &str) -> Result<String, EditError> {
    Exceptions::default().add_file(name, text)?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = text.to_owned();
    if !new.is_empty() {
        new.push_str(if new.ends_with('\n') { "" } else { end });
        new.push_str(end);
    }
    new.push_str(&block.replace('\n', end));
    Exceptions::default().add_file(name, &new)?;
    Ok(new)
}

/// The text of a file without the exception of this id.
pub fn removed(name: &str, text: &str, id: &str) -> Result<String, EditError> {
    let mut before = Exceptions::default();
    before.add_file(name, text)?;
    let at = before.all().iter().position(|exception| exception.id == id);
    let at = at.ok_or_else(|| EditError::NotThere(id.to_owned()))?;
    let no_block = || EditError::NoBlock(id.to_owned());
    let new = without(text, &before, at).ok_or_else(no_block)?;

    // Whatever TOML may allow: what is left has to be what was there, without the one.
    let mut after = Exceptions::default();
    after.add_file(name, &new)?;
    let ids = |all: &Exceptions| all.all().iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    let mut expected = ids(&before);
    expected.remove(at);
    let is_right = ids(&after) == expected && after.profiles().all() == before.profiles().all();
    is_right.then_some(new).ok_or_else(no_block)
}

/// The text without the lines of an exception, if these are lines of its own.
fn without(text: &str, all: &Exceptions, at: usize) -> Option<String> {
    let root = DeTable::parse(text).ok()?;
    let mut heads = Vec::new();
    root.get_ref().values().for_each(|value| heads_within(value.get_ref(), text, &mut heads));
    let (span, table) = tables(root.get_ref()).into_iter().find(|(span, _)| {
        let place = super::place::Source::new(name_of(all, at), text).place(span);
        place == all.all()[at].place
    })?;
    if !text[span.clone()].starts_with("[[") {
        return None;
    }
    heads.push(span.clone());
    heads.sort_unstable_by_key(|head| head.start);
    heads.dedup();
    let mut own_heads = vec![span];
    let mut values = Vec::new();
    for value in table.values() {
        heads_within(value.get_ref(), text, &mut own_heads);
        spans_within(value.span(), value.get_ref(), &mut values);
        if is_head(&value.span(), text) {
            own_heads.push(value.span());
        }
    }
    own_heads.sort_unstable_by_key(|head| head.start);
    own_heads.dedup();

    let mut cuts = Vec::new();
    for head in own_heads {
        let next = heads.iter().map(|head| head.start).find(|start| *start > head.start);
        let next = next.unwrap_or(text.len());
        let within = values.iter().filter(|span| span.start >= head.start && span.start < next);
        let end = within.map(|span| span.end).max().unwrap_or(head.end).max(head.end);
        let start = text[..head.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        cuts.push(start..end);
    }
    Some(cut(text, &cuts))
}

fn name_of(all: &Exceptions, at: usize) -> &str {
    &all.all()[at].place.file
}

/// The tables of all exceptions, of profiles too.
fn tables<'d>(root: &'d DeTable<'d>) -> Vec<(Range<usize>, &'d DeTable<'d>)> {
    let list = |table: &'d DeTable<'d>, key: &str| {
        let list = table.get(key).and_then(|value| value.get_ref().as_array());
        let tables = list.into_iter().flat_map(|list| list.iter());
        tables.filter_map(|one| Some((one.span(), one.get_ref().as_table()?))).collect::<Vec<_>>()
    };
    let mut all = list(root, "exception");
    all.extend(list(root, "profile").iter().flat_map(|(_, profile)| list(profile, "exception")));
    all
}

/// Whether a table's place is a heading in brackets at the beginning of a line.
fn is_head(span: &Range<usize>, text: &str) -> bool {
    let line = text[..span.start].rsplit('\n').next().unwrap_or_default();
    text[span.clone()].starts_with('[') && line.trim().is_empty()
}

/// Adds the headings of the tables within a value.
fn heads_within(value: &DeValue<'_>, text: &str, heads: &mut Vec<Range<usize>>) {
    let mut add = |span: Range<usize>, inner: &DeValue<'_>| {
        if inner.is_table() && is_head(&span, text) {
            heads.push(span);
        }
        heads_within(inner, text, heads);
    };
    match value {
        DeValue::Table(table) => table.values().for_each(|one| add(one.span(), one.get_ref())),
        DeValue::Array(list) => list.iter().for_each(|one| add(one.span(), one.get_ref())),
        _ => {}
    }
}

/// Adds the places of a value and of all within it.
fn spans_within(span: Range<usize>, value: &DeValue<'_>, spans: &mut Vec<Range<usize>>) {
    spans.push(span);
    match value {
        DeValue::Table(table) => {
            table.values().for_each(|one| spans_within(one.span(), one.get_ref(), spans));
        }
        DeValue::Array(list) => {
            list.iter().for_each(|one| spans_within(one.span(), one.get_ref(), spans));
        }
        _ => {}
    }
}

/// The text without some of its lines; blank lines that would meet become one lot.
fn cut(text: &str, cuts: &[Range<usize>]) -> String {
    let mut new = String::new();
    let mut from = 0;
    for cut in cuts {
        new.push_str(&text[from..cut.start.max(from)]);
        from = cut.end;
        let is_blank_before = new.is_empty() || new.ends_with("\n\n") || new.ends_with("\n\r\n");
        let rest = &text[from..];
        let blank = rest.split_inclusive('\n').next().filter(|line| line.trim().is_empty());
        if is_blank_before && let Some(blank) = blank {
            from += blank.len();
        }
    }
    new.push_str(&text[from..]);
    if from == text.len() {
        // The blank line that set the last block off from what is before it.
        let end = if new.ends_with("\n\r\n") { 2 } else { usize::from(new.ends_with("\n\n")) };
        new.truncate(new.len() - end);
    }
    new
}

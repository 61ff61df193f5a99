//! The columns that there are at some place of a query, by their names.

use std::collections::HashMap;

use super::expr::{Expr, Op};
use super::names::Source;
use super::syntax::Pattern;
use super::value::Type;
use crate::rules::fault::{Read, fault};
use crate::rules::words::{meant, quoted};

/// A column at some place of a query.
#[derive(Clone, Debug)]
pub(super) struct Visible {
    pub(super) name: String,
    pub(super) kind: Type,
    /// Where it is: [`Op::Source`] or [`Op::Slot`].
    pub(super) op: Op,
    /// Whether groups are told apart by it.
    pub(super) is_key: bool,
}

/// All columns at some place of a query, in their order.
#[derive(Clone, Default, Debug)]
pub(super) struct Scope {
    pub(super) all: Vec<Visible>,
    /// How many slots rows have.
    pub(super) slots: usize,
}

impl Scope {
    pub(super) fn get(&self, name: &str) -> Option<&Visible> {
        self.all.iter().find(|column| column.name == name)
    }

    /// Adds a column, in place of one of that name.
    pub(super) fn add(&mut self, name: String, kind: Type, op: Op) {
        self.all.retain(|column| column.name != name);
        self.all.push(Visible { name, kind, op, is_key: false });
    }

    /// Adds a column of its own slot.
    pub(super) fn add_slot(&mut self, name: String, kind: Type) {
        self.add(name, kind, Op::Slot(self.slots));
        self.slots += 1;
    }

    /// The column of a name that has to be there.
    pub(super) fn needed(&self, name: &str, span: std::ops::Range<usize>) -> Read<&Visible> {
        match self.get(name) {
            Some(column) => Ok(column),
            None => {
                let names = || self.all.iter().map(|column| column.name.as_str());
                let meant = meant(name, names());
                let some: Vec<&str> = names().take(12).collect();
                let there = match (some.len(), self.all.len()) {
                    _ if !meant.is_empty() => String::new(),
                    (0, _) => "; there are none here".to_owned(),
                    (few, all) if few == all => format!("; there are {}", some.join(", ")),
                    _ => "; oddsock-events(5) has the fields that there are".to_owned(),
                };
                fault(span, format!("there is no column {} here{meant}{there}", quoted(name)))
            }
        }
    }

    /// Which columns some patterns name, each once, in the order of the patterns. A whole name goes
    /// before one with stars, that before a star alone, and of two alike the later.
    pub(super) fn chosen(&self, patterns: &[Pattern]) -> Read<Vec<Visible>> {
        let mut winners: HashMap<usize, (u8, usize)> = HashMap::new();
        for (at, pattern) in patterns.iter().enumerate() {
            let rank = match &pattern.parts[..] {
                [name] => {
                    self.needed(name, pattern.span.clone())?;
                    2
                }
                parts => u8::from(parts.iter().any(|part| !part.is_empty())),
            };
            let mut is_any = false;
            for (column, visible) in self.all.iter().enumerate() {
                if pattern.matches(&visible.name) {
                    is_any = true;
                    let best = winners.entry(column).or_insert((rank, at));
                    *best = (*best).max((rank, at));
                }
            }
            if !is_any {
                let message = "there is no column that this could name here";
                return fault(pattern.span.clone(), message);
            }
        }
        let mut chosen: Vec<(usize, usize)> =
            winners.into_iter().map(|(column, (_, at))| (at, column)).collect();
        chosen.sort_unstable();
        Ok(chosen.into_iter().map(|(_, column)| self.all[column].clone()).collect())
    }

    /// The columns as expressions.
    pub(super) fn expressions(&self) -> Vec<Expr> {
        let expr = |column: &Visible| Expr { place: 0, kind: column.kind, op: column.op.clone() };
        self.all.iter().map(expr).collect()
    }

    /// The same columns, each in a slot of its own.
    pub(super) fn in_slots(&self) -> Scope {
        let mut scope = Scope::default();
        for column in &self.all {
            scope.add_slot(column.name.clone(), column.kind);
            scope.all.last_mut().into_iter().for_each(|added| added.is_key = column.is_key);
        }
        scope
    }
}

/// The columns that every event has: all fields, and those besides that the query names, with what
/// it asks for of the documents themselves.
pub(super) fn of_events(
    mentioned: &[String],
    metadata: &[String],
    sources: &mut Vec<(Source, Type)>,
) -> Scope {
    let mut scope = Scope::default();
    let mut names: Vec<&str> = Source::names().collect();
    names.extend(mentioned.iter().chain(metadata).map(String::as_str));
    for name in names {
        let source = match metadata.iter().any(|known| known == name) {
            true => Some(Source::Nowhere(name.into())),
            false => Source::named(name),
        };
        if let Some(source) = source.filter(|_| scope.get(name).is_none()) {
            let kind = source.kind();
            scope.add(name.to_owned(), kind, Op::Source(sources.len()));
            sources.push((source, kind));
        }
    }
    scope
}

impl Pattern {
    fn matches(&self, name: &str) -> bool {
        let [first, parts @ ..] = &self.parts[..] else { return false };
        let [middle @ .., last] = parts else { return first == name };
        let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

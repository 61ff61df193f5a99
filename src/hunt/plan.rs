//! What is done with events and rows, step by step, once a query has been found to make sense.

use std::collections::HashSet;
use std::ops::Range;

use super::aggregates::Works;
use super::expr::{Expr, Op};
use super::names::Source;
use super::value::{Type, Value};

/// How many rows a query gives that does not say.
pub const USUAL_LIMIT: u64 = 1000;

/// A query that was checked: nothing in it can be wrong any more, whatever the events are.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The query it was made of.
    pub(super) query: String,
    /// The patterns of indices, and whether network events are in them.
    pub(super) indices: Vec<(String, bool)>,
    /// The columns that are read from events; nothing else of them is.
    pub(super) sources: Vec<(Source, Type)>,
    /// What is done with each event, one at a time.
    pub(super) first: Vec<Step>,
    /// What is done with all rows together.
    pub(super) then: Vec<Step>,
    pub(super) columns: Vec<Column>,
    /// The commands behind the first as they are written, in the order in which they are run.
    pub(super) commands: Vec<String>,
    /// What the query did not say, or said otherwise.
    pub(super) notes: Vec<String>,
    /// Whether the query chose its columns.
    pub(super) has_own_columns: bool,
    /// Whether the limit is none that the query has.
    pub(super) is_limit_usual: bool,
}

/// A column of the result.
#[derive(Clone, PartialEq, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: Type,
    /// Whether groups are told apart by it.
    pub is_key: bool,
}

/// A step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Only rows that meet all of these go on.
    Where(Vec<Condition>),
    /// Columns that are added to each row.
    Eval(Vec<Expr>),
    /// Rows are made anew, of these columns.
    Project(Vec<Expr>),
    Stats(Stats),
    Sort(Vec<Key>),
    Limit(u64),
}

/// A condition, and where it stands in the query.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) expr: Expr,
    pub(super) span: Range<usize>,
    /// Whether it is met by all events of a class or by none.
    pub(super) is_of_class: bool,
}

/// Rows by group: what is worked out of them, and by what.
#[derive(Clone, Debug)]
pub(super) struct Stats {
    pub(super) measures: Vec<Measure>,
    pub(super) by: Vec<Expr>,
    /// The columns of the rows that come out, of measures and then groups.
    pub(super) columns: Vec<Expr>,
    /// What groups are called in words.
    pub(super) names: Vec<String>,
}

/// What is worked out of the rows of a group.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    pub(super) works: Works,
    /// Of what; nothing for the rows themselves.
    pub(super) of: Option<Expr>,
    pub(super) filter: Option<Expr>,
    pub(super) kind: Type,
    /// Where it stands in the query.
    pub(super) span: Range<usize>,
}

/// What rows are sorted by.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) expr: Expr,
    pub(super) descends: bool,
    pub(super) nulls_first: bool,
}

impl Plan {
    /// The columns of its rows.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether the query says which columns it wants. Otherwise there are all of them.
    pub fn has_own_columns(&self) -> bool {
        self.has_own_columns
    }

    /// The query.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Whether it asks what time it is.
    pub fn asks_for_now(&self) -> bool {
        let is_now = |expr: &Expr| matches!(expr.op, Op::Now);
        self.expressions().any(|expr| expr.has(&is_now))
    }

    /// Whether it looks at the field of this name.
    pub fn reads(&self, name: &str) -> bool {
        Source::named(name).is_some_and(|wanted| self.sources.iter().any(|(s, _)| *s == wanted))
    }

    /// The fields that it asks for and no event of the audit system has.
    pub fn absent_fields(&self) -> Vec<&str> {
        let absent = self.sources.iter().filter(|(source, _)| !source.is_audited());
        absent.map(|(source, _)| source.name()).collect()
    }

    /// Leaves out what nobody asks for: columns that are gone in the end, and fields that no column
    /// is made of; and has what is cheap to know looked at first.
    pub(super) fn spare(&mut self) {
        let slots = slots_used(&self.then);
        if let Some(Step::Project(columns)) = self.first.last_mut() {
            for (at, column) in columns.iter_mut().enumerate() {
                if !slots.contains(&at) {
                    column.op = Op::Constant(Value::Null);
                }
            }
        }
        let mut kept: Vec<usize> = Vec::new();
        for expr in self.expressions_mut() {
            expr.each_mut(&mut |one| {
                if let Op::Source(at) = &mut one.op {
                    let known = kept.iter().position(|known| known == at);
                    let new = known.unwrap_or(kept.len());
                    if known.is_none() {
                        kept.push(*at);
                    }
                    *at = new;
                }
            });
        }
        self.sources = kept.into_iter().map(|at| self.sources[at].clone()).collect();
        let sources = &self.sources;
        let is_dear = |condition: &Condition| {
            condition.expr.has(&|one| match one.op {
                Op::Source(at) => !sources[at].0.is_cheap(),
                _ => false,
            })
        };
        for condition in self.first.iter_mut().filter_map(Step::conditions_mut).flatten() {
            condition.is_of_class = !condition.expr.has(&|one| match one.op {
                Op::Source(at) => !sources[at].0.is_of_class(),
                Op::Slot(_) => true,
                _ => false,
            });
        }
        for conditions in self.first.iter_mut().filter_map(Step::conditions_mut) {
            conditions.sort_by_key(|condition| (!condition.is_of_class, is_dear(condition)));
        }
    }

    fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        let mut all: Vec<&mut Expr> = Vec::new();
        for step in self.first.iter_mut().chain(&mut self.then) {
            match step {
                Step::Where(list) => all.extend(list.iter_mut().map(|one| &mut one.expr)),
                Step::Eval(list) | Step::Project(list) => all.extend(list),
                Step::Stats(stats) => {
                    for measure in &mut stats.measures {
                        all.extend(measure.of.iter_mut().chain(&mut measure.filter));
                    }
                    all.extend(stats.by.iter_mut().chain(&mut stats.columns));
                }
                Step::Sort(keys) => all.extend(keys.iter_mut().map(|key| &mut key.expr)),
                Step::Limit(_) => {}
            }
        }
        all
    }

    /// All expressions of it.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.first.iter().chain(&self.then).flat_map(Step::expressions)
    }
}

impl Step {
    /// The conditions that it tries.
    pub(super) fn conditions(&self) -> Option<&[Condition]> {
        match self {
            Step::Where(all) => Some(all),
            _ => None,
        }
    }

    fn conditions_mut(&mut self) -> Option<&mut [Condition]> {
        match self {
            Step::Where(all) => Some(all),
            _ => None,
        }
    }

    fn expressions(&self) -> Vec<&Expr> {
        match self {
            Step::Where(all) => all.iter().map(|condition| &condition.expr).collect(),
            Step::Eval(all) | Step::Project(all) => all.iter().collect(),
            Step::Stats(stats) => {
                let of = stats.measures.iter().flat_map(|m| m.of.iter().chain(&m.filter));
                of.chain(&stats.by).chain(&stats.columns).collect()
            }
            Step::Sort(keys) => keys.iter().map(|key| &key.expr).collect(),
            Step::Limit(_) => vec![],
        }
    }
}

/// The slots of the first rows that are looked at before rows are made anew.
fn slots_used(steps: &[Step]) -> HashSet<usize> {
    let is_new = |step: &Step| matches!(step, Step::Stats(_) | Step::Project(_));
    let end = steps.iter().position(is_new).map_or(steps.len(), |at| at + 1);
    let mut used = HashSet::new();
    for step in &steps[..end] {
        // What a stats makes columns of are slots of its own.
        let expressions = match step {
            Step::Stats(stats) => {
                let of = stats.measures.iter().flat_map(|m| m.of.iter().chain(&m.filter));
                of.chain(&stats.by).collect()
            }
            step => step.expressions(),
        };
        for expr in expressions {
            note_slots(expr, &mut used);
        }
    }
    used
}

fn note_slots(expr: &Expr, used: &mut HashSet<usize>) {
    if let Op::Slot(at) = expr.op {
        used.insert(at);
    }
    expr.children().into_iter().for_each(|child| note_slots(child, used));
}

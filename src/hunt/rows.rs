//! Rows, and the part of a plan that looks at all of them together.

use std::cmp::Ordering;

use super::expr::World;
use super::front::Tried;
use super::grouping::Grouping;
use super::plan::{Condition, Key, Step};
use super::value::Value;
use super::warning::Warnings;

/// A row, and what it came of: the numbers of the first groups there were, or of events.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Row {
    pub(super) values: Vec<Value<'static>>,
    pub(super) origins: Vec<u64>,
}

impl Row {
    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        let values = self.values.iter().map(Value::weight).sum::<usize>();
        values + size_of::<Row>() + 8 * self.origins.len()
    }

    fn world<'r>(&'r self, now: i64, warnings: &'r Warnings) -> World<'r> {
        World { event: None, sources: &[], slots: &self.values, now, warnings }
    }
}

/// Rows that would take more memory than they may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Heavy {
    /// How many of them there are.
    pub(super) rows: usize,
    /// How much they took when that was too much, in bytes.
    pub(super) weight: usize,
}

/// How many bytes so many rows take, held against how many they may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scales {
    pub(super) most: usize,
    pub(super) rows: usize,
    pub(super) weight: usize,
}

impl Scales {
    /// Puts something more on them.
    pub(super) fn add(&mut self, weight: usize) -> Result<(), Heavy> {
        self.weight = self.weight.saturating_add(weight);
        let Scales { most, rows, weight } = *self;
        if weight > most { Err(Heavy { rows, weight }) } else { Ok(()) }
    }

    fn with(rows: &[Row], most: usize) -> Scales {
        Scales { most, rows: rows.len(), weight: rows.iter().map(Row::weight).sum() }
    }
}

/// What came through all steps.
pub(super) struct Passed<'p> {
    pub(super) rows: Vec<Row>,
    /// How many rows there were before the last limit.
    pub(super) before_limit: usize,
    /// The condition that the last rows there were did not meet, and what became of them there.
    pub(super) unmet: Option<(&'p Condition, Tried)>,
}

/// Takes rows through all steps, in so much memory.
pub(super) fn through<'p>(
    steps: &'p [Step],
    mut rows: Vec<Row>,
    now: i64,
    warnings: &Warnings,
    most: usize,
) -> Result<Passed<'p>, Heavy> {
    let (mut before_limit, mut unmet) = (rows.len(), None);
    for step in steps {
        match step {
            Step::Where(all) => {
                for condition in all {
                    let mut tried = Tried::default();
                    rows.retain(|row| {
                        let truth = condition.expr.truth(&row.world(now, warnings));
                        tried.note(truth, 1);
                        truth == Some(true)
                    });
                    if tried.asked > 0 && rows.is_empty() {
                        unmet = Some((condition, tried));
                    }
                }
            }
            Step::Eval(all) => {
                let mut scales = Scales::with(&rows, most);
                for row in &mut rows {
                    for expr in all {
                        let value = expr.value(&row.world(now, warnings)).into_owned();
                        scales.add(value.weight())?;
                        row.values.push(value);
                    }
                }
            }
            Step::Project(all) => {
                let mut scales = Scales::with(&rows, most);
                for row in &mut rows {
                    scales.weight -= row.weight();
                    let mut values = Vec::with_capacity(all.len());
                    for expr in all {
                        let value = expr.value(&row.world(now, warnings)).into_owned();
                        scales.add(value.weight())?;
                        values.push(value);
                    }
                    row.values = values;
                    scales
                        .add(row.weight() - row.values.iter().map(Value::weight).sum::<usize>())?;
                }
            }
            Step::Stats(stats) => {
                let mut grouping = Grouping::new(stats, false, most);
                for row in &rows {
                    grouping.take(&row.world(now, warnings), &row.origins);
                    let (rows, weight) = (grouping.len(), grouping.weight());
                    Scales { most, rows, weight }.add(0)?;
                }
                rows = grouping.finish(warnings, now)?.0;
            }
            Step::Sort(keys) => rows = sorted(rows, keys, now, warnings),
            Step::Limit(limit) => {
                before_limit = rows.len();
                rows.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
            }
        }
    }
    Ok(Passed { rows, before_limit, unmet })
}

/// Rows in an order; those that are alike in it stay as they are.
pub(super) fn sorted(rows: Vec<Row>, keys: &[Key], now: i64, warnings: &Warnings) -> Vec<Row> {
    let of = |row: &Row| -> Vec<Value<'static>> {
        let world = row.world(now, warnings);
        keys.iter().map(|key| telling(key.expr.value(&world), key.descends)).collect()
    };
    let mut keyed: Vec<(Vec<Value<'static>>, Row)> =
        rows.into_iter().map(|row| (of(&row), row)).collect();
    keyed.sort_by(|(one, _), (other, _)| {
        let pairs = keys.iter().zip(one.iter().zip(other));
        let orders = pairs.map(|(key, (one, other))| key.order(one, other));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// The value that a row is sorted by: of several the least, or the greatest in descending order.
fn telling(value: Value<'_>, descends: bool) -> Value<'static> {
    let Value::Many(all) = value else { return value.into_owned() };
    let by_order = |one: &Value<'_>, other: &Value<'_>| one.order(other);
    let one = match descends {
        true => all.into_iter().max_by(by_order),
        false => all.into_iter().min_by(by_order),
    };
    one.map_or(Value::Null, Value::into_owned)
}

impl Key {
    fn order(&self, one: &Value<'_>, other: &Value<'_>) -> Ordering {
        match (one.is_null(), other.is_null()) {
            (true, true) => Ordering::Equal,
            (false, false) if self.descends => other.order(one),
            (false, false) => one.order(other),
            (is_null, _) if is_null == self.nulls_first => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

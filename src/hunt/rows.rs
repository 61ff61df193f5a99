//! Rows, and the part of a plan that looks at all of them together.

use std::cmp::Ordering;

use super::expr::World;
use super::grouping::Grouping;
use super::plan::{Key, Step};
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

/// Takes rows through all steps. Which of them a limit cut off that the query did not have is told
/// by their number before it.
pub(super) fn through(
    steps: &[Step],
    mut rows: Vec<Row>,
    now: i64,
    warnings: &Warnings,
) -> (Vec<Row>, usize) {
    let mut before_limit = rows.len();
    for step in steps {
        match step {
            Step::Where(all) => rows.retain(|row| {
                let world = row.world(now, warnings);
                all.iter().all(|condition| condition.expr.truth(&world) == Some(true))
            }),
            Step::Eval(all) => {
                for row in &mut rows {
                    for expr in all {
                        let value = expr.value(&row.world(now, warnings)).into_owned();
                        row.values.push(value);
                    }
                }
            }
            Step::Project(all) => {
                for row in &mut rows {
                    let world = row.world(now, warnings);
                    let values = all.iter().map(|expr| expr.value(&world).into_owned()).collect();
                    row.values = values;
                }
            }
            Step::Stats(stats) => {
                let mut grouping = Grouping::new(stats, false);
                for row in &rows {
                    grouping.take(&row.world(now, warnings), &row.origins);
                }
                rows = grouping.finish(warnings, now).0;
            }
            Step::Sort(keys) => rows = sorted(rows, keys, now, warnings),
            Step::Limit(limit) => {
                before_limit = rows.len();
                rows.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
            }
        }
    }
    (rows, before_limit)
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

//! The functions that look at all rows of a group: a table of all of them. To add one, add its
//! line, and what it keeps and comes to below.
//!
//! They look at single values: a row that has several of them counts as often, and one that has
//! none does not count.

use std::collections::BTreeMap;

use super::functions::Takes;
use super::value::{Type, Value};

/// What is worked out of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Works {
    Count,
    CountDistinct,
    Min,
    Max,
    Sum,
    Average,
    Values,
}

/// A function of all rows of a group.
#[derive(Debug)]
pub(super) struct Aggregate {
    pub(super) name: &'static str,
    /// How it is written.
    pub(super) usage: &'static str,
    pub(super) takes: Takes,
    pub(super) works: Works,
}

/// All of them.
pub(super) static AGGREGATES: [Aggregate; 7] = [
    aggregate("count", "count(*), count(field)", Takes::Anything, Works::Count),
    aggregate("count_distinct", "count_distinct(field)", Takes::Anything, Works::CountDistinct),
    aggregate("min", "min(field)", Takes::Anything, Works::Min),
    aggregate("max", "max(field)", Takes::Anything, Works::Max),
    aggregate("sum", "sum(number)", Takes::Number, Works::Sum),
    aggregate("avg", "avg(number)", Takes::Number, Works::Average),
    aggregate("values", "values(field)", Takes::Anything, Works::Values),
];

const fn aggregate(
    name: &'static str,
    usage: &'static str,
    takes: Takes,
    works: Works,
) -> Aggregate {
    Aggregate { name, usage, takes, works }
}

/// The aggregate of a name, in whatever case.
pub(super) fn aggregate_named(name: &str) -> Option<&'static Aggregate> {
    AGGREGATES.iter().find(|aggregate| aggregate.name.eq_ignore_ascii_case(name))
}

impl Works {
    /// The type of what it comes to, of values of a type.
    pub(super) fn gives(self, kind: Type) -> Type {
        match self {
            Works::Count | Works::CountDistinct => Type::Long,
            Works::Average => Type::Double,
            Works::Sum if kind == Type::Integer => Type::Long,
            Works::Min | Works::Max | Works::Values | Works::Sum => kind,
        }
    }

    /// What is kept before the first row.
    pub(super) fn begin(self) -> Kept {
        match self {
            Works::Count => Kept::Count(0),
            Works::CountDistinct => Kept::Distinct(BTreeMap::new()),
            Works::Values => Kept::Values(BTreeMap::new()),
            Works::Min | Works::Max => Kept::Extreme(None),
            Works::Sum | Works::Average => Kept::Sum { whole: 0, double: 0.0, count: 0 },
        }
    }
}

/// What is kept of the rows of a group.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    Count(u64),
    Distinct(BTreeMap<Box<[u8]>, ()>),
    Values(BTreeMap<Box<[u8]>, Value<'static>>),
    Extreme(Option<Value<'static>>),
    Sum { whole: i128, double: f64, count: u64 },
}

/// About how much memory an entry of a map takes beside what is in it.
const ENTRY: usize = 48;

impl Kept {
    /// Takes a row, and tells how much more memory is needed for it.
    pub(super) fn take(&mut self, works: Works, value: &Value<'_>) -> usize {
        if let Kept::Count(count) = self {
            *count += value.each().len() as u64;
            return 0;
        }
        value.each().iter().map(|value| self.take_single(works, value)).sum()
    }

    /// Takes a row of which nothing is looked at.
    pub(super) fn take_row(&mut self) {
        if let Kept::Count(count) = self {
            *count += 1;
        }
    }

    fn take_single(&mut self, works: Works, value: &Value<'_>) -> usize {
        match self {
            Kept::Count(_) => 0,
            Kept::Distinct(known) => {
                let key = key(value);
                if known.contains_key(&key[..]) {
                    return 0;
                }
                known.insert(key.into(), ());
                value.weight() + ENTRY
            }
            Kept::Values(known) => {
                let key = key(value);
                if known.contains_key(&key[..]) {
                    return 0;
                }
                known.insert(key.into(), value.clone().into_owned());
                2 * value.weight() + ENTRY
            }
            Kept::Extreme(known) => {
                let is_better = known.as_ref().is_none_or(|known| match works {
                    Works::Min => value.order(known).is_lt(),
                    _ => value.order(known).is_gt(),
                });
                if !is_better {
                    return 0;
                }
                let before = known.as_ref().map_or(0, Value::weight);
                *known = Some(value.clone().into_owned());
                value.weight().saturating_sub(before)
            }
            Kept::Sum { whole, double, count } => {
                *count += 1;
                match value {
                    Value::Whole(number) => *whole += i128::from(*number),
                    other => *double += other.number().unwrap_or(0.0),
                }
                0
            }
        }
    }

    /// What it comes to; an error is a number that is too large.
    pub(super) fn end(self, works: Works, kind: Type) -> Result<Value<'static>, ()> {
        let number = |count: usize| Value::Whole(i64::try_from(count).unwrap_or(i64::MAX));
        Ok(match self {
            Kept::Count(count) => Value::Whole(i64::try_from(count).unwrap_or(i64::MAX)),
            Kept::Distinct(known) => number(known.len()),
            Kept::Values(known) => {
                let mut all: Vec<_> = known.into_values().collect();
                all.sort_by(|one, other| one.order(other));
                Value::several(all)
            }
            Kept::Extreme(known) => known.unwrap_or(Value::Null),
            Kept::Sum { count: 0, .. } => Value::Null,
            Kept::Sum { whole, double, count } if works == Works::Average => {
                finite((whole as f64 + double) / count as f64)?
            }
            Kept::Sum { double, .. } if kind == Type::Double => finite(double)?,
            Kept::Sum { whole, .. } => Value::Whole(i64::try_from(whole).map_err(|_| ())?),
        })
    }
}

fn finite(number: f64) -> Result<Value<'static>, ()> {
    if number.is_finite() { Ok(Value::Double(number)) } else { Err(()) }
}

fn key(value: &Value<'_>) -> Vec<u8> {
    let mut key = Vec::new();
    value.key(&mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, kind: Type, values: &[Value<'static>], expected: Value<'static>) {
        let works = aggregate_named(name).expect(name).works;
        let mut kept = works.begin();
        for value in values {
            kept.take(works, value);
        }
        assert_eq!(kept.end(works, works.gives(kind)), Ok(expected), "{name}");
    }

    #[test]
    fn values_count_each_and_nothing_does_not() {
        let whole =
            |numbers: &[i64]| Value::several(numbers.iter().map(|n| Value::Whole(*n)).collect());
        let rows = [whole(&[3]), whole(&[]), whole(&[1, 3]), whole(&[2])];
        check("count", Type::Long, &rows, Value::Whole(4));
        check("COUNT_DISTINCT", Type::Long, &rows, Value::Whole(3));
        check("min", Type::Long, &rows, Value::Whole(1));
        check("max", Type::Long, &rows, Value::Whole(3));
        check("sum", Type::Long, &rows, Value::Whole(9));
        check("avg", Type::Long, &rows, Value::Double(2.25));
        check("values", Type::Long, &rows, whole(&[1, 2, 3]));
    }

    #[test]
    fn of_nothing_there_is_no_least_and_no_sum_but_a_count() {
        for name in ["min", "max", "sum", "avg", "values"] {
            check(name, Type::Long, &[Value::Null], Value::Null);
        }
        check("count", Type::Long, &[Value::Null], Value::Whole(0));
        check("count_distinct", Type::Long, &[], Value::Whole(0));
    }

    #[test]
    fn a_sum_that_is_too_large_is_none() {
        let works = Works::Sum;
        let mut kept = works.begin();
        kept.take(works, &Value::Whole(i64::MAX));
        kept.take(works, &Value::Whole(1));
        assert_eq!(kept.end(works, Type::Long), Err(()));
    }
}

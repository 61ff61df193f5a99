//! The engine against another that is as simple as can be: for random conditions, groups and orders
//! over random events, both give the same rows.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::scene::{Told, outcome, plan, shown};
use crate::laws::cases;

/// An event: program, port, user, address (the last part of 10.0.x.1), and whether it is a probe.
type Row = (Option<u8>, Option<i64>, Option<u8>, u8);

const PROGRAMS: [&str; 4] = ["curl", "cat", "nc", "n*c"];

fn told(at: usize, row: &Row) -> Told {
    let mut line = format!("09:{:02} destination.ip=10.0.{}.1", at % 60, row.3);
    row.0.iter().for_each(|name| line += &format!(" process.name={}", PROGRAMS[*name as usize]));
    row.1.iter().for_each(|port| line += &format!(" destination.port={port}"));
    row.2.iter().for_each(|user| line += &format!(" user.id={user}"));
    Told::of(&line)
}

/// A number that is reckoned from an event.
#[derive(Clone, Debug)]
enum Number {
    Port,
    Is(i64),
    Reckoned(Box<Number>, char, Box<Number>),
}

impl Number {
    fn written(&self) -> String {
        match self {
            Number::Port => "destination.port".to_owned(),
            Number::Is(number) => format!("({number})"),
            Number::Reckoned(a, sign, b) => format!("({} {sign} {})", a.written(), b.written()),
        }
    }

    /// Its value, by the definition. No number here comes near to what is too large.
    fn of(&self, row: &Row) -> Option<i64> {
        match self {
            Number::Port => row.1,
            Number::Is(number) => Some(*number),
            Number::Reckoned(a, sign, b) => {
                let (a, b) = (a.of(row)?, b.of(row)?);
                match sign {
                    '+' => Some(a + b),
                    '-' => Some(a - b),
                    '*' => Some(a * b),
                    '/' => (b != 0).then(|| a / b),
                    _ => (b != 0).then(|| a % b),
                }
            }
        }
    }
}

/// A condition.
#[derive(Clone, Debug)]
enum Truth {
    Compare(Number, &'static str, Number),
    In(Number, Vec<Option<i64>>),
    Name(&'static str, u8),
    Like(&'static str),
    NoUser,
    Network(u8),
    Not(Box<Truth>),
    And(Box<Truth>, Box<Truth>),
    Or(Box<Truth>, Box<Truth>),
}

impl Truth {
    fn written(&self) -> String {
        match self {
            Truth::Compare(a, sign, b) => format!("{} {sign} {}", a.written(), b.written()),
            Truth::In(a, list) => {
                let one = |n: &Option<i64>| n.map_or("null".to_owned(), |n| n.to_string());
                let list: Vec<String> = list.iter().map(one).collect();
                format!("{} in ({})", a.written(), list.join(", "))
            }
            Truth::Name(sign, name) => {
                format!("process.name {sign} \"{}\"", PROGRAMS[*name as usize])
            }
            Truth::Like(pattern) => format!("process.name like {pattern:?}"),
            Truth::NoUser => "user.id is null".to_owned(),
            Truth::Network(third) => format!("cidr_match(destination.ip, \"10.0.{third}.0/23\")"),
            Truth::Not(one) => format!("not ({})", one.written()),
            Truth::And(a, b) => format!("({}) and ({})", a.written(), b.written()),
            Truth::Or(a, b) => format!("({}) or ({})", a.written(), b.written()),
        }
    }

    /// Whether it is so, by the definition: all that is not known is none.
    fn of(&self, row: &Row) -> Option<bool> {
        let name = row.0.map(|name| PROGRAMS[name as usize]);
        match self {
            Truth::Compare(a, sign, b) => {
                let (a, b) = (a.of(row)?, b.of(row)?);
                Some(match *sign {
                    "==" => a == b,
                    "!=" => a != b,
                    "<" => a < b,
                    "<=" => a <= b,
                    ">" => a > b,
                    _ => a >= b,
                })
            }
            Truth::In(a, list) => {
                let a = a.of(row)?;
                let any = list.contains(&Some(a));
                if any { Some(true) } else { list.iter().all(Option::is_some).then_some(false) }
            }
            Truth::Name(sign, other) => {
                name.map(|name| (name == PROGRAMS[*other as usize]) == (*sign == "=="))
            }
            Truth::Like(pattern) => name.map(|name| match *pattern {
                "c*" => name.starts_with('c'),
                "*c" => name.ends_with('c'),
                "?c" => name == "nc",
                _ => name == "n*c",
            }),
            Truth::NoUser => Some(row.2.is_none()),
            Truth::Network(third) => Some(row.3 / 2 == third / 2),
            Truth::Not(one) => one.of(row).map(|truth| !truth),
            Truth::And(a, b) => match (a.of(row), b.of(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Truth::Or(a, b) => match (a.of(row), b.of(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }
}

fn number() -> impl Strategy<Value = Number> {
    let leaf = prop_oneof![Just(Number::Port), (-3..4_i64).prop_map(Number::Is)];
    leaf.prop_recursive(2, 6, 2, |inner| {
        let sign = prop::sample::select(vec!['+', '-', '*', '/', '%']);
        (inner.clone(), sign, inner)
            .prop_map(|(a, sign, b)| Number::Reckoned(Box::new(a), sign, Box::new(b)))
    })
}

fn truth() -> impl Strategy<Value = Truth> {
    let sign = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let equal = prop::sample::select(vec!["==", "!="]);
    let pattern = prop::sample::select(vec!["c*", "*c", "?c", "n\\*c"]);
    let list = prop::collection::vec(prop::option::weighted(0.8, 0..5_i64), 1..4);
    let leaf = prop_oneof![
        (number(), sign, number()).prop_map(|(a, sign, b)| Truth::Compare(a, sign, b)),
        (number(), list).prop_map(|(a, list)| Truth::In(a, list)),
        (equal, 0..4_u8).prop_map(|(sign, name)| Truth::Name(sign, name)),
        pattern.prop_map(Truth::Like),
        Just(Truth::NoUser),
        (0..4_u8).prop_map(Truth::Network),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Truth::Not(Box::new(one))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Truth::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Truth::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        prop::option::weighted(0.8, 0..4_u8),
        prop::option::weighted(0.8, 0..5_i64),
        prop::option::weighted(0.7, 0..2_u8),
        0..4_u8,
    );
    prop::collection::vec(row, 0..30)
}

fn or_null(value: Option<impl ToString>) -> String {
    value.map_or("null".to_owned(), |value| value.to_string())
}

/// Counts, sums and extremes by program, in the order of the count and then of the program.
fn grouped(rows: &[Row], condition: &Truth, limit: usize) -> Vec<String> {
    let mut groups: BTreeMap<(bool, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| condition.of(row) == Some(true)) {
        let name = row.0.map(|name| PROGRAMS[name as usize]);
        groups.entry((name.is_none(), name.unwrap_or_default())).or_default().push(row);
    }
    let mut lines: Vec<(usize, String)> = groups
        .into_iter()
        .map(|((is_null, name), rows)| {
            let mut ports: Vec<i64> = rows.iter().filter_map(|row| row.1).collect();
            let sum = (!ports.is_empty()).then(|| ports.iter().sum::<i64>());
            let (least, most) = (ports.iter().min().copied(), ports.iter().max().copied());
            let count = ports.len();
            ports.sort_unstable();
            ports.dedup();
            let values: Vec<String> = ports.iter().map(i64::to_string).collect();
            let values = if values.is_empty() { "null".to_owned() } else { values.join(",") };
            let name = if is_null { "null" } else { name };
            let line = format!(
                "{} | {count} | {} | {} | {} | {} | {values} | {name}",
                rows.len(),
                ports.len(),
                or_null(sum),
                or_null(least),
                or_null(most)
            );
            (rows.len(), line)
        })
        .collect();
    lines.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    lines.into_iter().take(limit).map(|(_, line)| line).collect()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn groups_are_those_of_the_definition(
        rows in rows(),
        condition in truth(),
        limit in 0..5_usize,
    ) {
        let query = format!(
            "from logs-* | where {} | stats n = count(*), c = count(destination.port), \
             d = count_distinct(destination.port), s = sum(destination.port), \
             least = min(destination.port), most = max(destination.port), \
             v = values(destination.port) by process.name | limit {limit} | sort n desc",
            condition.written()
        );
        let events: Vec<Told> = rows.iter().enumerate().map(|(at, row)| told(at, row)).collect();
        let found = outcome(&plan(&query), &events);
        let found: Vec<String> = found.rows.iter().map(|row| shown(row)).collect();
        prop_assert_eq!(found, grouped(&rows, &condition, limit), "{}", query);
    }

    #[test]
    fn single_rows_are_those_of_the_definition(
        rows in rows(),
        condition in truth(),
        of in number(),
        descends in any::<bool>(),
    ) {
        let order = if descends { "desc" } else { "asc" };
        let query = format!(
            "from logs-* | where {} | eval x = {}, y = case({}, 1, 2) | sort x {order} | keep x, y",
            condition.written(),
            of.written(),
            condition.written()
        );
        let events: Vec<Told> = rows.iter().enumerate().map(|(at, row)| told(at, row)).collect();
        let found = outcome(&plan(&query), &events);
        let found: Vec<String> = found.rows.iter().map(|row| shown(row)).collect();
        let mut expected: Vec<Option<i64>> = rows
            .iter()
            .filter(|row| condition.of(row) == Some(true))
            .map(|row| of.of(row))
            .collect();
        expected.sort_by_key(|number| (number.is_none(), *number));
        if descends {
            expected.reverse();
        }
        let expected: Vec<String> =
            expected.into_iter().map(|number| format!("{} | 1", or_null(number))).collect();
        prop_assert_eq!(found, expected, "{}", query);
    }
}

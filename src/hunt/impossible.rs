//! Conditions that no event of the audit system can meet, whatever is in the logs.
//!
//! A call is about one address, which is at one of its ends: an event has a destination or a
//! source, and never both. And it lacks what only other shippers see. Public queries ask for
//! either; whoever runs them is to be told why nothing is found.

use std::ops::Range;

use super::expr::{Expr, Op};
use super::names::Source;
use super::plan::{Condition, Plan, Step};
use super::syntax::Comparison;
use super::value::Value;
use crate::rules::Field;

/// Why no event of the audit system can meet a query's conditions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Impossible {
    /// One asks for a field that no such event has.
    Absent {
        /// The condition, and where it begins in the query.
        condition: (String, usize),
        /// The field.
        field: String,
    },
    /// One asks for what goes out, and another for what comes in.
    BothEnds {
        /// The first, and where it begins in the query.
        first: (String, usize),
        /// The second.
        second: (String, usize),
    },
}

/// An end of a connection, as seen from the host of the event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    There,
    Here,
}

impl Plan {
    /// Why no event of the audit system can meet the conditions, if that is so.
    ///
    /// ```
    /// use oddsock::hunt::file::query;
    ///
    /// let plan = query("query", "from logs-* | where destination.port == 22 and source.port > 0");
    /// assert!(plan.unwrap().impossible().is_some());
    /// let plan = query("query", "from logs-* | where destination.port == 22 or source.port > 0");
    /// assert!(plan.unwrap().impossible().is_none());
    /// ```
    pub fn impossible(&self) -> Option<Impossible> {
        let mut conditions: Vec<&Condition> =
            self.first.iter().filter_map(Step::conditions).flatten().collect();
        conditions.sort_by_key(|condition| condition.span.start);
        let told =
            |span: &Range<usize>| (super::explain::in_short(&self.query[span.clone()]), span.start);
        for condition in &conditions {
            if let Some(source) = self.needed(&condition.expr).filter(|s| !s.is_audited()) {
                let (condition, field) = (told(&condition.span), source.name().to_owned());
                return Some(Impossible::Absent { condition, field });
            }
        }
        let ends = conditions
            .iter()
            .filter_map(|condition| self.end(&condition.expr).map(|end| (end, &condition.span)));
        let mut ends = ends.collect::<Vec<_>>().into_iter();
        let (first, span) = ends.next()?;
        let (_, other) = ends.find(|(end, _)| *end != first)?;
        Some(Impossible::BothEnds { first: told(span), second: told(other) })
    }

    /// The field that has to have a value for a condition to be met, if there is one.
    fn needed(&self, expr: &Expr) -> Option<&Source> {
        let source = |expr: &Expr| match expr.op {
            Op::Source(at) => self.sources.get(at).map(|(source, _)| source),
            _ => None,
        };
        match &expr.op {
            Op::Compare(_, one, other) => source(one).or_else(|| source(other)),
            Op::In(one, _) | Op::Like(one, _) | Op::Networks(one, _) => source(one),
            Op::Not(one) => match &one.op {
                Op::IsNull(one) => source(one),
                Op::Compare(..) | Op::In(..) | Op::Like(..) | Op::Networks(..) => self.needed(one),
                _ => None,
            },
            _ => None,
        }
    }

    /// The end that the address must be at for a condition to be met, if it matters.
    fn end(&self, expr: &Expr) -> Option<End> {
        match self.needed(expr)? {
            Source::Field(Field::DestinationIp | Field::DestinationPort) => Some(End::There),
            Source::Field(Field::SourceIp | Field::SourcePort) => Some(End::Here),
            Source::Field(Field::EventAction | Field::NetworkDirection) => {
                let Op::Compare(Comparison::Is, one, other) = &expr.op else { return None };
                let text = match (&one.op, &other.op) {
                    (Op::Constant(Value::Text(text)), _) | (_, Op::Constant(Value::Text(text))) => {
                        text
                    }
                    _ => return None,
                };
                match text.as_ref() {
                    b"connection_attempted" | b"datagram_sent" | b"egress" => Some(End::There),
                    b"connection_accepted" | b"datagram_received" | b"ingress" => Some(End::Here),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::file::query;

    fn said(conditions: &str) -> String {
        let plan = query("query", &format!("from logs-* | where {conditions}")).expect("a query");
        match plan.impossible() {
            None => "possible".to_owned(),
            Some(Impossible::Absent { condition, field }) => format!("{field}: {}", condition.0),
            Some(Impossible::BothEnds { first, second }) => format!("{} / {}", first.0, second.0),
        }
    }

    #[test]
    fn what_needs_both_ends_or_an_absent_field_is_told_and_its_neighbour_is_not() {
        for (conditions, expected) in [
            (
                "destination.port == 22 and user.id == \"0\" and source.port >= 49152",
                "destination.port == 22 / source.port >= 49152",
            ),
            (
                "event.action == \"connection_attempted\" and source.ip is not null",
                "event.action == \"connection_attempted\" / source.ip is not null",
            ),
            (
                "source.port in (1, 2) and not cidr_match(destination.ip, \"::1\")",
                "source.port in (1, 2) / not cidr_match(destination.ip, \"::1\")",
            ),
            ("host.os.family != \"windows\"", "host.os.family: host.os.family != \"windows\""),
            ("destination.port == 22 and source.port is null", "possible"),
            ("destination.port == 22 or source.port == 22", "possible"),
            ("event.action != \"connection_attempted\" and source.port > 0", "possible"),
            ("event.action == \"connection_accepted\" and source.port > 0", "possible"),
            ("host.os.family is null", "possible"),
            ("coalesce(host.os.family, \"linux\") == \"linux\"", "possible"),
        ] {
            assert_eq!(said(conditions), expected, "{conditions}");
        }
    }
}

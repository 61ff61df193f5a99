//! Checks expressions: names become columns, and every part must be of a type that its place takes.

use std::net::IpAddr;
use std::ops::Range;

use super::aggregates::{AGGREGATES, aggregate_named};
use super::check::{Checker, misplaced_aggregate};
use super::expr::{Expr, Op};
use super::functions::{Does, FUNCTIONS, Function, Gives, Takes, function};
use super::matching::Matcher;
use super::networks::Networks;
use super::span::{self, Span};
use super::syntax::{Arithmetic, CommandKind, Comparison, Kind, Label, Matching, Node, Query};
use super::value::{SpanValue, Type, Value};
use crate::rules::fault::{Read, fault};
use crate::rules::words::{meant, quoted};

/// The type of which values of both types can be.
pub(super) fn common(one: Type, other: Type) -> Option<Type> {
    one.common(other)
}

/// All names of columns that a query has in it, wherever they stand.
pub(super) fn mentioned(query: &Query) -> Vec<String> {
    fn names(node: &Node, all: &mut Vec<String>) {
        if let Kind::Name(name) = &node.kind {
            all.push(name.clone());
        }
        node.children().into_iter().for_each(|child| names(child, all));
    }
    let mut all = Vec::new();
    for command in &query.commands {
        match &command.kind {
            CommandKind::Where(node) => names(node, &mut all),
            CommandKind::Eval(list) => list.iter().for_each(|named| names(&named.node, &mut all)),
            CommandKind::Stats { of, by } => {
                by.iter().for_each(|named| names(&named.node, &mut all));
                for measure in of {
                    names(&measure.named.node, &mut all);
                    measure.filter.iter().for_each(|node| names(node, &mut all));
                }
            }
            CommandKind::Keep(patterns) | CommandKind::Drop(patterns) => {
                let whole = patterns.iter().filter(|pattern| pattern.parts.len() == 1);
                all.extend(whole.map(|pattern| pattern.parts[0].clone()));
            }
            CommandKind::Rename(pairs) => all.extend(pairs.iter().map(|pair| pair.0.name.clone())),
            CommandKind::Sort(orders) => {
                orders.iter().for_each(|order| names(&order.node, &mut all));
            }
            CommandKind::Limit(_) => {}
        }
    }
    all
}

impl Checker<'_> {
    /// Checks an expression.
    pub(super) fn expression(&self, node: &Node) -> Read<Expr> {
        let place = node.span.start;
        let whole = |kind, op| Ok(Expr { place, kind, op });
        let constant = |kind, value| whole(kind, Op::Constant(value));
        let truth = |op| whole(Type::Boolean, op);
        match &node.kind {
            Kind::Null => constant(Type::Null, Value::Null),
            Kind::Boolean(truth) => constant(Type::Boolean, Value::Boolean(*truth)),
            Kind::Double(number) if number.is_finite() => {
                constant(Type::Double, Value::Double(*number))
            }
            Kind::Double(_) => fault(node.span.clone(), "the number is too large"),
            Kind::Whole(number) => match number.parse::<i64>() {
                Ok(number) if i32::try_from(number).is_ok() => {
                    constant(Type::Integer, Value::Whole(number))
                }
                Ok(number) => constant(Type::Long, Value::Whole(number)),
                Err(_) => fault(node.span.clone(), "the number is too large"),
            },
            Kind::Text(text) => constant(Type::Keyword, Value::text(text.as_str())),
            Kind::Span(number, unit) => {
                let span = number.parse().ok().and_then(|number| Span::of(number, &unit.name));
                match span {
                    Some(span) => constant(Type::Span, Value::Span(SpanValue(span))),
                    None => fault(node.span.clone(), "the span of time is too long"),
                }
            }
            Kind::Name(name) => {
                let column = self.scope.needed(name, node.span.clone())?;
                whole(column.kind, column.op.clone())
            }
            Kind::Star => fault(node.span.clone(), "a star stands only in count(*)"),
            Kind::Not(one) => truth(Op::Not(Box::new(self.condition(one)?))),
            Kind::All(all) => truth(Op::All(self.all_conditions(all)?)),
            Kind::Any(all) => truth(Op::Any(self.all_conditions(all)?)),
            Kind::IsNull(one) => truth(Op::IsNull(Box::new(self.expression(one)?))),
            Kind::Compare(how, one, other) => truth(self.comparison(*how, node, one, other)?),
            Kind::In(one, all) => truth(self.one_of(one, all)?),
            Kind::Like(one, how, patterns) => truth(self.like(one, *how, patterns)?),
            Kind::Reckon(how, one, other) => self.reckoning(*how, node, one, other),
            Kind::Negative(one) => self.negative(node, one),
            Kind::Call(label, arguments) => self.call(node, label, arguments),
            Kind::Cast(one, to) => self.cast(node, one, to),
        }
    }

    fn all_conditions(&self, nodes: &[Node]) -> Read<Vec<Expr>> {
        nodes.iter().map(|node| self.condition(node)).collect()
    }

    fn condition(&self, node: &Node) -> Read<Expr> {
        let expr = self.expression(node)?;
        is_condition(&expr, node)?;
        Ok(expr)
    }

    fn comparison(&self, how: Comparison, node: &Node, one: &Node, other: &Node) -> Read<Op> {
        let (left, right) = (self.expression(one)?, self.expression(other)?);
        let (left, right) = self.alike(node, (one, left), (other, right))?;
        let is_order = !matches!(how, Comparison::Is | Comparison::IsNot);
        let kind = if left.kind == Type::Null { right.kind } else { left.kind };
        if kind == Type::Span || is_order && kind == Type::Boolean {
            let message = format!("values of type {kind} are not compared in this way");
            return fault(node.span.clone(), message);
        }
        Ok(Op::Compare(how, Box::new(left), Box::new(right)))
    }

    /// Two expressions of types that can be compared. Text that stands in the query becomes an
    /// address or a time where it is held against one.
    fn alike(&self, node: &Node, one: (&Node, Expr), other: (&Node, Expr)) -> Read<(Expr, Expr)> {
        let ((one_node, one), (other_node, other)) = (one, other);
        let (from, to) = (one.kind, other.kind);
        let one = adapted(one, to, one_node.span.clone())?;
        let other = adapted(other, from, other_node.span.clone())?;
        if common(one.kind, other.kind).is_some() {
            return Ok((one, other));
        }
        let hint = match (&one.op, &other.op) {
            (_, Op::Constant(Value::Text(_))) if one.kind.is_number() => {
                "; numbers stand without quotes"
            }
            (_, Op::Constant(_)) if one.kind == Type::Keyword && other.kind.is_number() => {
                "; text stands between quotes, also if it has only digits"
            }
            _ => "",
        };
        let message = format!("{} and {} are not compared{hint}", one.kind, other.kind);
        fault(node.span.clone(), message)
    }

    fn one_of(&self, one: &Node, all: &[Node]) -> Read<Op> {
        let value = self.expression(one)?;
        let mut values = Vec::new();
        for node in all {
            let other = self.expression(node)?;
            let (_, other) = self.alike(node, (one, value.clone()), (node, other))?;
            values.push(other);
        }
        if value.kind == Type::Span {
            return fault(one.span.clone(), "a span of time is not compared");
        }
        Ok(Op::In(Box::new(value), values))
    }

    fn like(&self, one: &Node, how: Matching, patterns: &[Label]) -> Read<Op> {
        let expr = self.expression(one)?;
        if !Takes::Text.admits(expr.kind) {
            let message = format!("only text is held against a pattern, found {}", expr.kind);
            return fault(one.span.clone(), message);
        }
        let mut room = self.room.borrow_mut();
        let matcher = |pattern: &Label| {
            let matcher = match how {
                Matching::Wildcards => Matcher::wildcards(&pattern.name, &mut room),
                Matching::Regular => Matcher::regular(&pattern.name, &mut room),
            };
            matcher.or_else(|message| fault(pattern.span.clone(), message))
        };
        Ok(Op::Like(Box::new(expr), patterns.iter().map(matcher).collect::<Read<_>>()?))
    }

    fn reckoning(&self, how: Arithmetic, node: &Node, one: &Node, other: &Node) -> Read<Expr> {
        let (left, right) = (self.expression(one)?, self.expression(other)?);
        // A time in quotes is one beside a span.
        let left = match right.kind {
            Type::Span => adapted(left, Type::Date, one.span.clone())?,
            _ => left,
        };
        let kind = match (left.kind, how, right.kind) {
            (Type::Null, _, Type::Null) => Type::Null,
            (Type::Date | Type::Null, Arithmetic::Plus | Arithmetic::Minus, Type::Span)
            | (Type::Span, Arithmetic::Plus, Type::Date) => Type::Date,
            (one, _, Type::Null) | (Type::Null, _, one) if one.is_number() => one,
            (one, _, other) if one.is_number() && other.is_number() => {
                common(one, other).unwrap_or(Type::Double)
            }
            (one, _, other) => {
                let message = format!("{one} {} {other} has no meaning", how.sign());
                return fault(node.span.clone(), message);
            }
        };
        let op = Op::Reckon(how, Box::new(left), Box::new(right));
        Ok(Expr { place: node.span.start, kind, op })
    }

    fn negative(&self, node: &Node, one: &Node) -> Read<Expr> {
        let expr = self.expression(one)?;
        let place = node.span.start;
        match (expr.kind, &expr.op) {
            (Type::Span, Op::Constant(Value::Span(SpanValue(span)))) => match span.negative() {
                Some(span) => {
                    let value = Value::Span(SpanValue(span));
                    Ok(Expr { place, kind: Type::Span, op: Op::Constant(value) })
                }
                None => fault(node.span.clone(), "the span of time is too long"),
            },
            (kind, _) if kind.is_number() || kind == Type::Null => {
                Ok(Expr { place, kind, op: Op::Negative(Box::new(expr)) })
            }
            (kind, _) => fault(node.span.clone(), format!("- {kind} has no meaning")),
        }
    }

    fn cast(&self, node: &Node, one: &Node, to: &Label) -> Read<Expr> {
        let name = match to.name.to_ascii_lowercase().as_str() {
            "boolean" | "bool" => "to_boolean",
            "integer" | "int" => "to_integer",
            "long" => "to_long",
            "double" => "to_double",
            "keyword" | "string" => "to_string",
            "ip" => "to_ip",
            "datetime" | "date" => "to_datetime",
            _ => {
                let all = "boolean, integer, long, double, keyword, ip or datetime";
                let message = format!("no type is called {} here", quoted(&to.name));
                return fault(to.span.clone(), format!("{message}; expected {all}"));
            }
        };
        let label = Label { name: name.to_owned(), span: to.span.clone() };
        self.call(node, &label, std::slice::from_ref(one))
    }

    fn call(&self, node: &Node, label: &Label, nodes: &[Node]) -> Read<Expr> {
        let place = node.span.start;
        if label.name.eq_ignore_ascii_case("now") {
            return match nodes {
                [] => Ok(Expr { place, kind: Type::Date, op: Op::Now }),
                _ => fault(node.span.clone(), "now() takes no argument"),
            };
        }
        let Some(function) = function(&label.name) else {
            if aggregate_named(&label.name).is_some() {
                return misplaced_aggregate(&label.name, label.span.clone());
            }
            return unknown_function(label);
        };
        let arguments = nodes.iter().map(|node| self.expression(node)).collect::<Read<Vec<_>>>()?;
        let takes = function.takes;
        let least = takes.len() - function.optional;
        let is_too_many = arguments.len() > takes.len() && !function.repeats;
        if arguments.len() < least || is_too_many {
            return fault(node.span.clone(), format!("expected {}", function.usage));
        }
        if let Gives::Choices = function.gives {
            return self.choices(node, function, nodes, arguments);
        }
        let mut kind = match function.gives {
            Gives::This(kind) => kind,
            _ => Type::Null,
        };
        for (at, (argument, node)) in arguments.iter().zip(nodes).enumerate() {
            let wanted = takes[at.min(takes.len() - 1)];
            if !wanted.admits(argument.kind) {
                let (wanted, found) = (wanted.words(), argument.kind);
                let message = format!("expected {wanted}, found {found}; {}", function.usage);
                return fault(node.span.clone(), message);
            }
            kind = match function.gives {
                Gives::First if at == 0 => argument.kind,
                Gives::Common => match common(kind, argument.kind) {
                    Some(kind) => kind,
                    None => {
                        let message = format!("expected {kind}, found {}", argument.kind);
                        return fault(node.span.clone(), message);
                    }
                },
                _ => kind,
            };
        }
        if let Does::Networks = function.does {
            return networks(place, arguments, nodes);
        }
        Ok(Expr { place, kind, op: Op::Call(function, arguments) })
    }

    /// Conditions and values in turns, and what else it is at the end.
    fn choices(
        &self,
        node: &Node,
        function: &'static Function,
        nodes: &[Node],
        arguments: Vec<Expr>,
    ) -> Read<Expr> {
        let mut kind = Type::Null;
        for (at, (argument, node)) in arguments.iter().zip(nodes).enumerate() {
            if at % 2 == 0 && at + 1 < nodes.len() {
                is_condition(argument, node)?;
                continue;
            }
            kind = match common(kind, argument.kind) {
                Some(common) if common != Type::Span => common,
                _ => {
                    let message = format!("expected {kind}, found {}", argument.kind);
                    return fault(node.span.clone(), message);
                }
            };
        }
        Ok(Expr { place: node.span.start, kind, op: Op::Call(function, arguments) })
    }
}

/// That what has been checked at a place can be a condition.
fn is_condition(expr: &Expr, node: &Node) -> Read<()> {
    match expr.kind {
        Type::Boolean | Type::Null => Ok(()),
        found => {
            let message = format!("expected a condition, found a value of type {found}");
            fault(node.span.clone(), message)
        }
    }
}

/// Text of the query as an address or a time, if it is to be held against one.
fn adapted(expr: Expr, to: Type, span: Range<usize>) -> Read<Expr> {
    let Op::Constant(Value::Text(text)) = &expr.op else { return Ok(expr) };
    let text = String::from_utf8_lossy(text).into_owned();
    let value = match to {
        Type::Ip => match text.trim().parse::<IpAddr>() {
            Ok(ip) => Value::Ip(ip.to_canonical()),
            Err(_) if text.contains('/') => {
                let message = "an address is held against an address, and a network asked for \
                               with cidr_match";
                return fault(span, message);
            }
            Err(_) => return fault(span, format!("{} is no address", quoted(&text))),
        },
        Type::Date => match span::date(&text) {
            Some(millis) => Value::Date(millis),
            None => {
                let message = format!("{} is no time; expected one such as", quoted(&text));
                return fault(span, format!("{message} \"2024-08-16T14:44:02Z\""));
            }
        },
        Type::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => return Ok(expr),
        },
        _ => return Ok(expr),
    };
    Ok(Expr { kind: to, op: Op::Constant(value), ..expr })
}

/// An address and the networks that it may be in, which are read now.
fn networks(place: usize, mut arguments: Vec<Expr>, nodes: &[Node]) -> Read<Expr> {
    let mut networks = Networks::default();
    for (argument, node) in arguments.iter().zip(nodes).skip(1) {
        let Op::Constant(Value::Text(text)) = &argument.op else {
            let message = format!("expected {}", Takes::Network.words());
            return fault(node.span.clone(), message);
        };
        let text = String::from_utf8_lossy(text);
        if networks.add(&text).is_none() {
            return fault(node.span.clone(), format!("{} is no network", quoted(&text)));
        }
    }
    let op = Op::Networks(Box::new(arguments.swap_remove(0)), networks);
    Ok(Expr { place, kind: Type::Boolean, op })
}

fn unknown_function<T>(label: &Label) -> Read<T> {
    let known = || FUNCTIONS.iter().map(|function| function.names[0]).chain(["now"]);
    let lower = label.name.to_ascii_lowercase();
    let meant = meant(&lower, known().chain(AGGREGATES.iter().map(|aggregate| aggregate.name)));
    let mut all: Vec<&str> = known().collect();
    all.sort_unstable();
    let message = format!("there is no function {} here{meant}", quoted(&label.name));
    let of_rows: Vec<&str> = AGGREGATES.iter().map(|aggregate| aggregate.name).collect();
    let (all, of_rows) = (all.join(", "), of_rows.join(", "));
    let expected = format!("expected one of {all}; behind stats also {of_rows}");
    fault(label.span.clone(), format!("{message}; {expected}"))
}

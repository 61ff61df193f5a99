//! Expressions whose names and types have been checked, and what they come to in a row.
//!
//! There are three truths: true, false, and null for what is not known. A comparison with nothing
//! is null, and so is one with several values at once, which is told.

use std::cmp::Ordering;

use super::functions::{Does, Function};
use super::matching::Matcher;
use super::names::{Event, Source};
use super::networks::Networks;
use super::span::Span;
use super::syntax::{Arithmetic, Comparison};
use super::value::{SpanValue, Type, Value};
use super::warning::{Odd, Warnings};

/// An expression that has been checked.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    /// Where it begins in the query.
    pub(super) place: usize,
    pub(super) kind: Type,
    pub(super) op: Op,
}

/// What an expression does.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Constant(Value<'static>),
    Now,
    /// A column that comes with the events, by its number in the plan.
    Source(usize),
    /// A column that was worked out, by its number in the row.
    Slot(usize),
    Not(Box<Expr>),
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Reckon(Arithmetic, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    Like(Box<Expr>, Vec<Matcher>),
    IsNull(Box<Expr>),
    Networks(Box<Expr>, Networks),
    Call(&'static Function, Vec<Expr>),
}

/// A row, and what else an expression may look at.
pub(super) struct World<'r> {
    pub(super) event: Option<Event<'r>>,
    pub(super) sources: &'r [(Source, Type)],
    pub(super) slots: &'r [Value<'static>],
    pub(super) now: i64,
    pub(super) warnings: &'r Warnings,
}

impl Expr {
    /// What it comes to.
    pub(super) fn value<'r>(&'r self, world: &World<'r>) -> Value<'r> {
        match &self.op {
            Op::Constant(value) => value.borrowed(),
            Op::Now => Value::Date(world.now),
            Op::Source(at) => match (&world.event, world.sources.get(*at)) {
                (Some(event), Some((source, kind))) => source.value(*kind, event),
                _ => Value::Null,
            },
            Op::Slot(at) => world.slots.get(*at).map_or(Value::Null, Value::borrowed),
            Op::Reckon(arithmetic, one, other) => {
                let (one, other) = (one.single(world), other.single(world));
                self.reckoned(*arithmetic, &one, &other, world)
            }
            Op::Negative(one) => match one.single(world) {
                Value::Whole(number) => self.whole(number.checked_neg(), world),
                Value::Double(number) => Value::Double(-number),
                _ => Value::Null,
            },
            Op::Call(function, arguments) => self.called(function, arguments, world),
            _ => self.truth(world).map_or(Value::Null, Value::Boolean),
        }
    }

    /// Whether it is true; none if that is not known.
    pub(super) fn truth(&self, world: &World<'_>) -> Option<bool> {
        match &self.op {
            Op::Not(one) => one.truth(world).map(|truth| !truth),
            Op::All(all) => joined(all, false, world),
            Op::Any(all) => joined(all, true, world),
            Op::Compare(comparison, one, other) => {
                let one = one.single(world);
                // What nothing is compared with need not be known.
                if one.is_null() {
                    return None;
                }
                let other = other.single(world);
                (!other.is_null()).then(|| comparison.holds(one.order(&other)))
            }
            Op::In(one, all) => {
                let one = one.single(world);
                (!one.is_null()).then_some(())?;
                let mut is_known = true;
                for other in all {
                    let other = other.single(world);
                    if other.is_null() {
                        is_known = false;
                    } else if one.order(&other) == Ordering::Equal {
                        return Some(true);
                    }
                }
                is_known.then_some(false)
            }
            Op::Like(one, matchers) => match one.single(world) {
                Value::Text(text) => Some(matchers.iter().any(|matcher| matcher.matches(&text))),
                _ => None,
            },
            Op::IsNull(one) => Some(one.value(world).is_null()),
            Op::Networks(one, networks) => match one.single(world) {
                Value::Ip(ip) => Some(networks.has(ip)),
                _ => None,
            },
            _ => self.single(world).truth(),
        }
    }

    /// What it comes to where one value is expected: several are told, and count as none.
    fn single<'r>(&'r self, world: &World<'r>) -> Value<'r> {
        match self.value(world) {
            Value::Many(_) => {
                world.warnings.note(self.place, Odd::Several);
                Value::Null
            }
            value => value,
        }
    }

    fn called<'r>(
        &'r self,
        function: &'static Function,
        arguments: &'r [Expr],
        world: &World<'r>,
    ) -> Value<'r> {
        match function.does {
            Does::Networks => Value::Null,
            Does::Choice(choose) => choose(arguments, world),
            Does::All(work) => {
                let values: Vec<_> = arguments.iter().map(|one| one.value(world)).collect();
                work(&values)
            }
            Does::Single(work) => {
                let values: Vec<_> = arguments.iter().map(|one| one.single(world)).collect();
                if values.iter().any(Value::is_null) {
                    return Value::Null;
                }
                work(&values).unwrap_or_else(|odd| {
                    world.warnings.note(self.place, odd);
                    Value::Null
                })
            }
        }
    }

    fn reckoned<'r>(
        &self,
        arithmetic: Arithmetic,
        one: &Value<'_>,
        other: &Value<'_>,
        world: &World<'r>,
    ) -> Value<'r> {
        match (one, other) {
            (Value::Null, _) | (_, Value::Null) => Value::Null,
            (Value::Date(millis), Value::Span(SpanValue(span)))
            | (Value::Span(SpanValue(span)), Value::Date(millis)) => {
                let span = match arithmetic {
                    Arithmetic::Minus => span.negative(),
                    _ => Some(*span),
                };
                let date = span.and_then(|span: Span| span.after(*millis)).map(Value::Date);
                date.unwrap_or_else(|| self.odd(Odd::TooLarge, world))
            }
            (Value::Whole(one), Value::Whole(other)) if self.kind != Type::Double => {
                let by_zero = matches!(arithmetic, Arithmetic::By | Arithmetic::Modulo);
                if *other == 0 && by_zero {
                    return self.odd(Odd::DividedByZero, world);
                }
                let number = match arithmetic {
                    Arithmetic::Plus => one.checked_add(*other),
                    Arithmetic::Minus => one.checked_sub(*other),
                    Arithmetic::Times => one.checked_mul(*other),
                    Arithmetic::By => one.checked_div(*other),
                    Arithmetic::Modulo => Some(one.checked_rem(*other).unwrap_or(0)),
                };
                self.whole(number, world)
            }
            _ => match (one.number(), other.number()) {
                (Some(one), Some(other)) => self.double(arithmetic, one, other, world),
                _ => Value::Null,
            },
        }
    }

    fn double<'r>(
        &self,
        arithmetic: Arithmetic,
        one: f64,
        other: f64,
        world: &World<'r>,
    ) -> Value<'r> {
        if other == 0.0 && matches!(arithmetic, Arithmetic::By | Arithmetic::Modulo) {
            return self.odd(Odd::DividedByZero, world);
        }
        let number = match arithmetic {
            Arithmetic::Plus => one + other,
            Arithmetic::Minus => one - other,
            Arithmetic::Times => one * other,
            Arithmetic::By => one / other,
            Arithmetic::Modulo => one % other,
        };
        match number.is_finite() {
            true => Value::Double(number),
            false => self.odd(Odd::TooLarge, world),
        }
    }

    /// A whole number, if it is not too large for the type.
    fn whole<'r>(&self, number: Option<i64>, world: &World<'r>) -> Value<'r> {
        let fits = |number: &i64| self.kind != Type::Integer || i32::try_from(*number).is_ok();
        match number.filter(fits) {
            Some(number) => Value::Whole(number),
            None => self.odd(Odd::TooLarge, world),
        }
    }

    fn odd<'r>(&self, odd: Odd, world: &World<'r>) -> Value<'r> {
        world.warnings.note(self.place, odd);
        Value::Null
    }

    /// Works out what is the same in every row, the present among it.
    pub(super) fn settle(&mut self, now: i64, warnings: &Warnings) {
        let depends = |one: &Expr| matches!(one.op, Op::Source(_) | Op::Slot(_));
        if !self.has(&depends) {
            let world = World { event: None, sources: &[], slots: &[], now, warnings };
            self.op = Op::Constant(self.value(&world).into_owned());
            return;
        }
        self.children_mut().into_iter().for_each(|child| child.settle(now, warnings));
    }

    /// The expressions in this one.
    pub(super) fn children(&self) -> Vec<&Expr> {
        match &self.op {
            Op::Constant(_) | Op::Now | Op::Source(_) | Op::Slot(_) => vec![],
            Op::Not(one) | Op::Negative(one) | Op::IsNull(one) => vec![one],
            Op::Like(one, _) | Op::Networks(one, _) => vec![one],
            Op::All(all) | Op::Any(all) | Op::Call(_, all) => all.iter().collect(),
            Op::Compare(_, one, other) | Op::Reckon(_, one, other) => vec![one, other],
            Op::In(one, all) => std::iter::once(&**one).chain(all).collect(),
        }
    }

    /// Changes this and everything in it.
    pub(super) fn each_mut(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        change(self);
        self.children_mut().into_iter().for_each(|child| child.each_mut(change));
    }

    fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.op {
            Op::Constant(_) | Op::Now | Op::Source(_) | Op::Slot(_) => vec![],
            Op::Not(one) | Op::Negative(one) | Op::IsNull(one) => vec![one],
            Op::Like(one, _) | Op::Networks(one, _) => vec![one],
            Op::All(all) | Op::Any(all) | Op::Call(_, all) => all.iter_mut().collect(),
            Op::Compare(_, one, other) | Op::Reckon(_, one, other) => vec![one, other],
            Op::In(one, all) => std::iter::once(&mut **one).chain(all).collect(),
        }
    }

    /// Whether this or anything in it is so.
    pub(super) fn has(&self, is_so: &dyn Fn(&Expr) -> bool) -> bool {
        is_so(self) || self.children().into_iter().any(|child| child.has(is_so))
    }
}

/// What several truths come to, of which one that is `enough` decides.
fn joined(all: &[Expr], enough: bool, world: &World<'_>) -> Option<bool> {
    let mut is_known = true;
    for one in all {
        match one.truth(world) {
            Some(truth) if truth == enough => return Some(enough),
            Some(_) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(!enough)
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Is => order.is_eq(),
            Comparison::IsNot => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::More => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
        }
    }
}

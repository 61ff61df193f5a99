//! The first part of a plan, which looks at one event at a time: which events go on, and into which
//! groups.

use super::expr::{Expr, World};
use super::names::Event;
use super::plan::{Plan, Step};
use super::value::Value;
use super::warning::Warnings;

/// How many events came to a condition, and what became of them there.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Tried {
    pub(super) asked: u64,
    pub(super) met: u64,
    pub(super) unknown: u64,
}

/// The first part of a plan at work.
#[derive(Debug)]
pub(super) struct Front<'p> {
    pub(super) plan: &'p Plan,
    pub(super) now: i64,
    pub(super) warnings: Warnings,
    /// For each condition, in the order in which they are tried.
    pub(super) tried: Vec<Tried>,
    /// What has been worked out of the event at hand.
    slots: Vec<Value<'static>>,
}

impl<'p> Front<'p> {
    pub(super) fn new(plan: &'p Plan, now: i64) -> Front<'p> {
        let conditions = plan.first.iter().map(|step| match step {
            Step::Where(all) => all.len(),
            _ => 0,
        });
        let tried = vec![Tried::default(); conditions.sum()];
        Front { plan, now, warnings: Warnings::default(), tried, slots: Vec::new() }
    }

    /// Whether an event goes on.
    pub(super) fn admits(&mut self, event: &Event<'_>) -> bool {
        self.slots.clear();
        let mut condition_at = 0;
        for step in &self.plan.first {
            match step {
                Step::Where(all) => {
                    for condition in all {
                        let truth = condition.expr.truth(&self.world(event));
                        let tried = &mut self.tried[condition_at];
                        condition_at += 1;
                        tried.asked += 1;
                        tried.met += u64::from(truth == Some(true));
                        tried.unknown += u64::from(truth.is_none());
                        if truth != Some(true) {
                            return false;
                        }
                    }
                }
                Step::Eval(all) => {
                    for expr in all {
                        let value = expr.value(&self.world(event)).into_owned();
                        self.slots.push(value);
                    }
                }
                _ => {}
            }
        }
        true
    }

    /// An event that was admitted, as something to look at.
    pub(super) fn world<'r>(&'r self, event: &Event<'r>) -> World<'r> {
        World {
            event: Some(*event),
            sources: &self.plan.sources,
            slots: &self.slots,
            now: self.now,
            warnings: &self.warnings,
        }
    }
}

/// The groups that a row belongs to. A row with several values in a column belongs to that of each.
pub(super) fn groups<'r>(by: &'r [Expr], world: &World<'r>, out: &mut dyn FnMut(&[Value<'r>])) {
    let values: Vec<Value<'r>> = by.iter().map(|expr| expr.value(world)).collect();
    if values.iter().any(|value| matches!(value, Value::Many(_))) {
        return spread(&values, 0, &mut Vec::new(), out);
    }
    out(&values);
}

fn spread<'r>(
    values: &[Value<'r>],
    at: usize,
    group: &mut Vec<Value<'r>>,
    out: &mut dyn FnMut(&[Value<'r>]),
) {
    match values.get(at) {
        None => out(group),
        Some(Value::Many(all)) => {
            let mut known: Vec<&Value<'r>> = Vec::new();
            for one in all {
                if !known.contains(&one) {
                    known.push(one);
                    group.push(one.clone());
                    spread(values, at + 1, group, out);
                    group.pop();
                }
            }
        }
        Some(one) => {
            group.push(one.clone());
            spread(values, at + 1, group, out);
            group.pop();
        }
    }
}

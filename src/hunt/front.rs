//! The first part of a plan, which looks at one event at a time: which events go on, and into which
//! groups.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::expr::{Expr, World};
use super::names::Event;
use super::plan::{Condition, Plan, Step};
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
    /// Conditions and new columns, of which all has been worked out that no event changes.
    steps: Vec<Step>,
    /// For each condition, in the order in which they are tried.
    tried: Vec<Tried>,
    /// What is known of whole classes of events.
    classes: Vec<Option<Class>>,
    /// What has been worked out of the event at hand.
    slots: Vec<Value<'static>>,
}

/// What becomes of the events of a class at the conditions of the first step that are the same for
/// all of them.
#[derive(Clone, Copy, Debug)]
struct Class {
    /// How many of the conditions are met, one after the other.
    met: usize,
    /// Whether it is not known of the next.
    is_unknown: bool,
    /// How many events there were.
    events: u64,
}

impl<'p> Front<'p> {
    pub(super) fn new(plan: &'p Plan, now: i64) -> Front<'p> {
        let warnings = Warnings::default();
        let mut steps = plan.first.clone();
        for step in &mut steps {
            match step {
                Step::Where(all) => {
                    all.iter_mut().for_each(|condition| condition.expr.settle(now, &warnings));
                }
                Step::Eval(all) => all.iter_mut().for_each(|expr| expr.settle(now, &warnings)),
                _ => {}
            }
        }
        let conditions = steps.iter().filter_map(Step::conditions).map(<[_]>::len).sum();
        let tried = vec![Tried::default(); conditions];
        Front { plan, now, warnings, steps, tried, classes: Vec::new(), slots: Vec::new() }
    }

    /// Whether an event goes on.
    pub(super) fn admits(&mut self, event: &Event<'_>) -> bool {
        let mut known = 0;
        if let Some(class) = event.class {
            let class = self.class(class, event);
            if class.met < self.of_class().count() {
                return false;
            }
            known = class.met;
        }
        self.slots.clear();
        let mut at = 0;
        for step in &self.steps {
            match step {
                Step::Where(all) => {
                    for condition in all {
                        at += 1;
                        if at <= known {
                            continue;
                        }
                        let truth = condition.expr.truth(&self.world(event));
                        self.tried[at - 1].note(truth, 1);
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

    /// The conditions of the first step that are the same for all events of a class.
    fn of_class(&self) -> impl Iterator<Item = &Condition> {
        let first = self.steps.first().and_then(Step::conditions).unwrap_or_default();
        first.iter().take_while(|condition| condition.is_of_class)
    }

    /// What is known of the class of an event, which counts as one more of it.
    fn class(&mut self, class: u8, event: &Event<'_>) -> Class {
        let at = usize::from(class);
        if self.classes.len() <= at {
            self.classes.resize(at + 1, None);
        }
        let known = match self.classes[at] {
            Some(known) => known,
            None => {
                let world = self.world(event);
                let mut truths = self.of_class().map(|condition| condition.expr.truth(&world));
                let met = truths.by_ref().take_while(|truth| *truth == Some(true)).count();
                let next = self.of_class().nth(met);
                let is_unknown = next.is_some_and(|next| next.expr.truth(&world).is_none());
                Class { met, is_unknown, events: 0 }
            }
        };
        let known = Class { events: known.events + 1, ..known };
        self.classes[at] = Some(known);
        known
    }

    /// For each condition in the order in which they are tried, what became of the events there.
    pub(super) fn tried(&self) -> Vec<Tried> {
        let mut all = self.tried.clone();
        let number = self.of_class().count();
        for class in self.classes.iter().flatten() {
            for (at, tried) in all.iter_mut().enumerate().take(number.min(class.met + 1)) {
                let truth = match at < class.met {
                    true => Some(true),
                    false if class.is_unknown => None,
                    false => Some(false),
                };
                tried.note(truth, class.events);
            }
        }
        all
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

impl Tried {
    pub(super) fn note(&mut self, truth: Option<bool>, events: u64) {
        self.asked += events;
        match truth {
            Some(true) => self.met += events,
            Some(false) => {}
            None => self.unknown += events,
        }
    }
}

/// The groups that a row belongs to, until somebody says that there are too many. A row with
/// several values in a column belongs to that of each.
pub(super) fn groups<'r>(
    by: &'r [Expr],
    world: &World<'r>,
    out: &mut dyn FnMut(&[Value<'r>]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut values: Vec<Value<'r>> = by.iter().map(|expr| expr.value(world)).collect();
    if values.iter().any(|value| matches!(value, Value::Many(_))) {
        values.iter_mut().for_each(each_once);
        return spread(&values, 0, &mut Vec::new(), out);
    }
    out(&values)
}

/// Leaves out of several values those that were there before.
fn each_once(value: &mut Value<'_>) {
    if let Value::Many(all) = value {
        let mut known = HashSet::new();
        all.retain(|one| {
            let mut key = Vec::new();
            one.key(&mut key);
            known.insert(key)
        });
    }
}

fn spread<'r>(
    values: &[Value<'r>],
    at: usize,
    group: &mut Vec<Value<'r>>,
    out: &mut dyn FnMut(&[Value<'r>]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some(value) = values.get(at) else { return out(group) };
    let each = match value {
        Value::Many(all) => &all[..],
        one => std::slice::from_ref(one),
    };
    for one in each {
        group.push(one.clone());
        spread(values, at + 1, group, out)?;
        group.pop();
    }
    ControlFlow::Continue(())
}

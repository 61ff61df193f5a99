//! A query at work: events come in, one at a time and in any number; rows go out at the end.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::explain::in_short;
use super::front::{Front, Tried, groups};
use super::grouping::Grouping;
use super::names::Event;
use super::plan::{Condition, Key, Plan, Step};
use super::rows::{Heavy, Passed, Row, sorted, through};
use super::value::Value;

/// How much memory a query may take, in bytes.
pub const MOST_MEMORY: usize = 512 << 20;

/// A query at work.
#[derive(Debug)]
pub struct Run<'p> {
    front: Front<'p>,
    sink: Sink<'p>,
    most_memory: usize,
    events: u64,
}

#[derive(Debug)]
enum Sink<'p> {
    Groups(Grouping<'p>),
    Rows(Rows<'p>),
}

/// Rows that are kept as they come: no more than can be in the result.
#[derive(Debug)]
struct Rows<'p> {
    all: Vec<Row>,
    weight: usize,
    /// The number of the next.
    next: u64,
    /// What they are sorted by, if only so many are wanted then.
    best: Option<&'p [Key]>,
    most: Option<usize>,
}

/// A query that takes more memory than it may.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the query would take more than {} MiB: {taken}. Ask for less at once: other conditions, fewer \
     columns, or a shorter time.",
    most >> 20
)]
pub struct TooMuch {
    /// How much it may take, in bytes.
    pub most: usize,
    /// How many groups or rows there were.
    pub number: u64,
    /// What takes how much, in words.
    taken: String,
}

impl<'p> Run<'p> {
    /// Begins; `now` is the time that the query takes for the present, in milliseconds since 1970.
    pub fn new(plan: &'p Plan, now: i64, most_memory: usize) -> Run<'p> {
        let sink = match plan.first.last() {
            Some(Step::Stats(stats)) => Sink::Groups(Grouping::new(stats, true, most_memory)),
            _ => {
                let limit = |limit: &u64| usize::try_from(*limit).ok();
                let (best, most) = match &plan.then[..] {
                    [Step::Sort(keys), Step::Limit(most), ..] => (Some(&keys[..]), limit(most)),
                    [Step::Limit(most), ..] => (None, limit(most)),
                    _ => (None, None),
                };
                Sink::Rows(Rows { all: Vec::new(), weight: 0, next: 0, best, most })
            }
        };
        Run { front: Front::new(plan, now), sink, most_memory, events: 0 }
    }

    /// Takes the next event.
    pub fn take(&mut self, event: &Event<'_>) -> Result<(), TooMuch> {
        self.events += 1;
        if !self.front.admits(event) {
            return Ok(());
        }
        let (front, sink) = (&self.front, &mut self.sink);
        let world = front.world(event);
        let weight = match sink {
            Sink::Groups(grouping) => {
                grouping.take(&world, &[]);
                grouping.weight()
            }
            Sink::Rows(rows) => {
                if rows.wants_more()
                    && let Some(Step::Project(columns)) = front.plan.first.last()
                {
                    let values = columns.iter().map(|column| column.value(&world).into_owned());
                    rows.push(values.collect(), front);
                }
                rows.next += 1;
                rows.weight
            }
        };
        if weight > self.most_memory { Err(self.too_much(weight)) } else { Ok(()) }
    }

    fn too_much(&self, weight: usize) -> TooMuch {
        let taken = weight >> 20;
        let (number, taken) = match (&self.sink, self.front.plan.first.last()) {
            (Sink::Groups(grouping), Some(Step::Stats(stats))) if stats.by.is_empty() => {
                (grouping.len(), format!("what is known of all rows takes {taken} MiB already"))
            }
            (Sink::Groups(grouping), Some(Step::Stats(stats))) => {
                let (number, by) = (grouping.len(), stats.names.join(", "));
                (number, format!("there are {number} groups by {by} already, {taken} MiB of them"))
            }
            (Sink::Groups(_), _) => unreachable!("only stats has groups"),
            (Sink::Rows(rows), _) => {
                let number = rows.all.len();
                (number, format!("there are {number} rows already, {taken} MiB of them"))
            }
        };
        TooMuch { most: self.most_memory, number: number as u64, taken }
    }

    /// The result.
    pub fn finish(self) -> Result<Outcome, TooMuch> {
        let Run { front, sink, events, most_memory: most } = self;
        let too_much = |Heavy { rows, weight }| TooMuch {
            most,
            number: rows as u64,
            taken: format!("with {rows} rows it takes {} MiB already", weight >> 20),
        };
        // Rows beyond a limit were not even kept.
        let (rows, keys, gone) = match sink {
            Sink::Groups(grouping) => {
                let made = grouping.finish(&front.warnings, front.now);
                let (rows, keys) = made.map_err(too_much)?;
                (rows, keys, 0)
            }
            Sink::Rows(rows) => {
                let gone = rows.next - rows.all.len() as u64;
                (rows.all, Vec::new(), usize::try_from(gone).unwrap_or(usize::MAX))
            }
        };
        let passed = through(&front.plan.then, rows, front.now, &front.warnings, most);
        let Passed { rows, before_limit, unmet } = passed.map_err(too_much)?;
        let unmet = unmet.map(|(condition, tried)| (condition, tried, "row"));
        let of_events = || unmet_by_events(&front).map(|(of, tried)| (of, tried, "event"));
        let unmet = rows.is_empty().then(|| of_events().or(unmet)).flatten();
        let unmet = unmet.map(|(condition, tried, what)| Unmet {
            text: in_short(&front.plan.query[condition.span.clone()]),
            place: condition.span.start,
            what,
            asked: tried.asked,
            unknown: tried.unknown,
        });
        let limits = front.plan.then.iter().filter(|step| matches!(step, Step::Limit(_))).count();
        let cut_off = match (front.plan.is_limit_usual, limits) {
            (false, _) => 0,
            (true, 1) => before_limit.saturating_sub(rows.len()).saturating_add(gone),
            // Those that were not even kept are beyond a limit that the query has.
            (true, _) => before_limit.saturating_sub(rows.len()),
        };
        let odd = front.warnings.all().into_iter();
        let odd = odd.map(|(place, odd, count)| (place, odd.words(), count)).collect();
        let mut origins: HashMap<Origin, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            for number in &row.origins {
                let key = usize::try_from(*number).ok().and_then(|number| keys.get(number));
                let origin = key.map_or(Origin::Event(*number), |key| Origin::Group(key.clone()));
                origins.entry(origin).or_default().push(at);
            }
        }
        let rows = rows.into_iter().map(|row| row.values).collect();
        Ok(Outcome { rows, events, unmet, odd, cut_off, origins })
    }
}

impl Rows<'_> {
    fn wants_more(&self) -> bool {
        self.best.is_some() || self.most.is_none_or(|most| self.all.len() < most)
    }

    fn push(&mut self, values: Vec<Value<'static>>, front: &Front<'_>) {
        let row = Row { values, origins: vec![self.next] };
        self.weight += row.weight();
        self.all.push(row);
        if let (Some(keys), Some(most)) = (self.best, self.most)
            && self.all.len() >= most.saturating_mul(2).saturating_add(64)
        {
            let all = std::mem::take(&mut self.all);
            self.all = sorted(all, keys, front.now, &front.warnings);
            self.all.truncate(most);
            self.weight = self.all.iter().map(Row::weight).sum();
        }
    }
}

/// The condition that no event met of those that had met all others before it.
fn unmet_by_events<'p>(front: &Front<'p>) -> Option<(&'p Condition, Tried)> {
    let conditions = front.plan.first.iter().filter_map(Step::conditions).flatten();
    let mut tried = conditions.zip(front.tried());
    tried.find(|(_, tried)| tried.asked > 0 && tried.met == 0)
}

/// What came of a query.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rows, each with a value for each column of the plan.
    pub rows: Vec<Vec<Value<'static>>>,
    /// How many events were looked at.
    pub events: u64,
    /// The condition that nothing met, if that is why there is no row.
    pub unmet: Option<Unmet>,
    /// What was odd about values: where in the query, what, and how often.
    pub odd: Vec<(usize, &'static str, u64)>,
    /// How many rows more there were than a query gives that has no limit.
    pub cut_off: usize,
    origins: HashMap<Origin, Vec<usize>>,
}

/// A condition that nothing met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unmet {
    /// As it stands in the query, on one line and cut if it is long.
    pub text: String,
    /// Where it begins there.
    pub place: usize,
    /// What was asked: events, or the rows that were made of them.
    pub what: &'static str,
    /// How many of them met all conditions that were tried before it.
    pub asked: u64,
    /// Of how many of those it is not known whether they would.
    pub unknown: u64,
}

/// What a row came of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Origin {
    Group(Box<[u8]>),
    /// An event, by its number among those that met all conditions.
    Event(u64),
}

/// Finds the events behind the rows of a result, when the same events come once more.
#[derive(Debug)]
pub struct Trace<'p> {
    front: Front<'p>,
    outcome: &'p Outcome,
    next: u64,
}

impl<'p> Trace<'p> {
    /// Begins; plan and time are those of the result.
    pub fn new(plan: &'p Plan, now: i64, outcome: &'p Outcome) -> Trace<'p> {
        Trace { front: Front::new(plan, now), outcome, next: 0 }
    }

    /// The numbers of the rows that the next event is behind.
    pub fn rows(&mut self, event: &Event<'_>) -> Vec<usize> {
        if !self.front.admits(event) {
            return Vec::new();
        }
        let mut rows = Vec::new();
        match self.front.plan.first.last() {
            Some(Step::Stats(stats)) => {
                let world = self.front.world(event);
                let mut key = Vec::new();
                let _ = groups(&stats.by, &world, &mut |by| {
                    key.clear();
                    by.iter().for_each(|value| value.key(&mut key));
                    let found = self.outcome.origins.get(&Origin::Group(key.as_slice().into()));
                    rows.extend(found.into_iter().flatten());
                    ControlFlow::Continue(())
                });
            }
            _ => {
                let found = self.outcome.origins.get(&Origin::Event(self.next));
                rows.extend(found.into_iter().flatten());
                self.next += 1;
            }
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

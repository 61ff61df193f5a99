//! Rows by group: rows come in one at a time, a row for each group goes out.
//!
//! Memory grows with the number of groups, and with the different values that some functions have
//! to know; how much it is at any time is told.

use std::ops::ControlFlow;

use foldhash::quality::RandomState;
use indexmap::IndexMap;

use super::aggregates::Kept;
use super::expr::World;
use super::front::groups;
use super::plan::Stats;
use super::rows::{Heavy, Row, Scales};
use super::value::Value;
use super::warning::{Odd, Warnings};

/// The groups of a `stats`.
#[derive(Debug)]
pub(super) struct Grouping<'p> {
    stats: &'p Stats,
    /// Whether rows come of events, and not of groups before.
    is_first: bool,
    groups: IndexMap<Box<[u8]>, Group, RandomState>,
    /// About how much memory the groups take.
    weight: usize,
    /// How much they may take. A single row can belong to any number of groups.
    most: usize,
    key: Vec<u8>,
}

#[derive(Debug)]
struct Group {
    values: Vec<Value<'static>>,
    kept: Vec<Kept>,
    origins: Vec<u64>,
}

/// The rows of groups, and of each group its key.
pub(super) type Groups = (Vec<Row>, Vec<Box<[u8]>>);

/// About how much memory a group takes beside its values.
const GROUP: usize = 160;

impl<'p> Grouping<'p> {
    pub(super) fn new(stats: &'p Stats, is_first: bool, most: usize) -> Grouping<'p> {
        let (groups, key) = (IndexMap::default(), Vec::new());
        let mut grouping = Grouping { stats, is_first, groups, weight: 0, most, key };
        if stats.by.is_empty() {
            // All rows are one group, also if there are none.
            grouping.groups.insert(Box::default(), Group::new(stats, Vec::new()));
        }
        grouping
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// About how much memory they take.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// Takes a row, which came of these groups before; none if it came of events.
    pub(super) fn take(&mut self, world: &World<'_>, origins: &[u64]) {
        let stats = self.stats;
        let counts = |measure: &super::plan::Measure| {
            measure.filter.as_ref().is_none_or(|filter| filter.truth(world) == Some(true))
        };
        let values: Vec<Option<Option<Value<'_>>>> = stats
            .measures
            .iter()
            .map(|measure| counts(measure).then(|| measure.of.as_ref().map(|of| of.value(world))))
            .collect();
        // Whoever asks for the weight is told that there were too many.
        let _ = groups(&stats.by, world, &mut |by| {
            let group = find(&mut self.groups, &mut self.key, &mut self.weight, stats, by);
            for ((kept, measure), value) in group.kept.iter_mut().zip(&stats.measures).zip(&values)
            {
                match value {
                    None => {}
                    Some(None) => kept.take_row(),
                    Some(Some(value)) => self.weight += kept.take(measure.works, value),
                }
            }
            group.origins.extend(origins);
            self.weight += size_of_val(origins);
            if self.weight > self.most {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
    }

    /// The rows that come out, in the order of what they are grouped by; and of each group its key.
    pub(super) fn finish(self, warnings: &Warnings, now: i64) -> Result<Groups, Heavy> {
        let (stats, is_first) = (self.stats, self.is_first);
        // Groups have been weighed; what is made of them may be longer than they are.
        let mut scales = Scales { most: self.most, rows: self.groups.len(), weight: 0 };
        let mut rows: Vec<(Vec<Value<'static>>, Row)> = Vec::new();
        let mut names = Vec::new();
        for (number, (key, group)) in self.groups.into_iter().enumerate() {
            names.push(key);
            let mut slots = Vec::new();
            for (kept, measure) in group.kept.into_iter().zip(&stats.measures) {
                slots.push(kept.end(measure.works, measure.kind).unwrap_or_else(|()| {
                    warnings.note(measure.span.start, Odd::TooLarge);
                    Value::Null
                }));
            }
            slots.extend(group.values.iter().cloned());
            let world = World { event: None, sources: &[], slots: &slots, now, warnings };
            let mut values = Vec::with_capacity(stats.columns.len());
            for column in &stats.columns {
                let value = column.value(&world).into_owned();
                scales.add(value.weight())?;
                values.push(value);
            }
            let mut origins = if is_first { vec![number as u64] } else { group.origins };
            origins.sort_unstable();
            origins.dedup();
            rows.push((group.values, Row { values, origins }));
        }
        rows.sort_by(|one, other| {
            let pairs = one.0.iter().zip(&other.0);
            pairs
                .map(|(one, other)| nulls_last(one, other))
                .find(|o| o.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        Ok((rows.into_iter().map(|(_, row)| row).collect(), names))
    }
}

/// The group of some values, which is made if it is not there.
fn find<'g>(
    groups: &'g mut IndexMap<Box<[u8]>, Group, RandomState>,
    key: &mut Vec<u8>,
    weight: &mut usize,
    stats: &Stats,
    by: &[Value<'_>],
) -> &'g mut Group {
    key.clear();
    by.iter().for_each(|value| value.key(key));
    if let Some(at) = groups.get_index_of(&key[..]) {
        return &mut groups[at];
    }
    let values: Vec<_> = by.iter().map(|value| value.clone().into_owned()).collect();
    *weight += GROUP + key.len() + values.iter().map(Value::weight).sum::<usize>();
    *weight += stats.measures.len() * size_of::<Kept>();
    groups.entry(key.as_slice().into()).or_insert_with(|| Group::new(stats, values))
}

impl Group {
    fn new(stats: &Stats, values: Vec<Value<'static>>) -> Group {
        let kept = stats.measures.iter().map(|measure| measure.works.begin()).collect();
        Group { values, kept, origins: Vec::new() }
    }
}

/// The order of two values, of which nothing comes last.
fn nulls_last(one: &Value<'_>, other: &Value<'_>) -> std::cmp::Ordering {
    one.is_null().cmp(&other.is_null()).then_with(|| one.order(other))
}

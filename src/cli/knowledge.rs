//! What a state knows: the facts of each question, with the rule that asks it, and their sum.
//!
//! A state knows no rules but the names of their jobs, and the rules of a machine know no state.
//! They are put together here, by the job; facts whose rule is not at hand are shown by it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::catalogue::Choice;
use super::page::{text, word};
use crate::engine::{Buckets, Crowd, Ledger, Number, Track, warm_up};
use crate::store::Store;

/// What is known about a question.
pub struct Known {
    /// What the rule is called, or else the job.
    pub name: String,
    /// The facts.
    pub ledger: Ledger,
}

/// Opens a state to look at it.
pub fn opened(path: &Path) -> Result<Store, String> {
    Store::read(path).map_err(|error| error.to_string())
}

/// What a state knows about the questions of the rules that are chosen, or about all.
pub fn known(store: &mut Store, choice: &Choice) -> Result<Vec<Known>, String> {
    let catalogue = choice.catalogue()?;
    let questions = store.questions().map_err(|error| error.to_string())?;
    for name in choice.words() {
        if !questions.iter().any(|question| question.name == *name) {
            catalogue.find(name).map_err(|error| error.to_string())?;
        }
    }
    let mut all = Vec::new();
    for question in questions {
        let mut rules = catalogue.rules().iter().filter(|r| r.question.name == question.name);
        let is_called = |name: &String| {
            let rule = catalogue.find(name);
            *name == question.name || rule.is_ok_and(|rule| rule.question.name == question.name)
        };
        if choice.words().is_empty() || choice.words().iter().any(is_called) {
            let ledger = store.load(&question).map_err(|error| error.to_string())?;
            let name = rules.next().map_or(&question.name, |rule| &rule.name).clone();
            all.push(Known { name, ledger });
        }
    }
    Ok(all)
}

/// Which values somebody means: those that are these bytes, or else those that are shown so.
pub fn meant<'a>(known: &[Known], asked: &'a OsStr) -> impl Fn(&[u8]) -> bool + 'a {
    let exact = asked.as_bytes();
    let mut values = known.iter().flat_map(|known| known.ledger.tracks());
    let is_known = values.any(|(subject, _)| &subject.value[..] == exact);
    let is_spelled =
        move |value: &[u8]| [word(value), text(value)].iter().any(|name| name.as_bytes() == exact);
    move |value: &[u8]| value == exact || (!is_known && is_spelled(value))
}

/// The buckets in which there was any value, by partition.
pub fn active(ledger: &Ledger) -> BTreeMap<Option<Arc<[u8]>>, Buckets> {
    let mut all: BTreeMap<Option<Arc<[u8]>>, Buckets> = BTreeMap::new();
    for (subject, track) in ledger.tracks() {
        all.entry(subject.partition.clone()).or_default().absorb(&track.buckets);
    }
    all
}

/// The hosts that told of a value, as far as their names are kept, and how many they were.
pub fn hosts<'t>(tracks: impl IntoIterator<Item = &'t Track>) -> Crowd {
    let mut hosts = Crowd::default();
    tracks.into_iter().for_each(|track| hosts.absorb(&track.origins));
    hosts
}

/// What a ledger comes to.
pub struct Sum {
    /// The buckets in which there was any value.
    pub buckets: Buckets,
    /// How many values, each counted in every partition it is in.
    pub values: usize,
    /// How many hosts told of them.
    pub hosts: Number,
    /// How many buckets are known and needed, as long as they are too few.
    pub learning: Option<(u32, u32)>,
}

impl Sum {
    /// The sum of a ledger.
    pub fn of(ledger: &Ledger) -> Sum {
        let mut buckets = Buckets::default();
        let active = active(ledger);
        active.values().for_each(|active| buckets.absorb(active));
        // The first bucket of a partition is half a bucket, and does not count.
        let most = active.values().map(Buckets::len).max().unwrap_or(0).saturating_sub(1);
        let needed = warm_up(ledger.question().span);
        Sum {
            buckets,
            values: ledger.tracks().len(),
            hosts: hosts(ledger.tracks().map(|(_, track)| track)).number(),
            learning: (most < needed).then_some((most, needed)),
        }
    }
}

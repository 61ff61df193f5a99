//! What is counted while a log is followed, kept over restarts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::audit::Complaints;

/// What is counted, by the name it has in the state, with the words it is told in.
pub const NAMES: [(&str, &str); 18] = [
    ("lines", "lines"),
    ("bytes", "bytes"),
    ("records", "records"),
    ("events", "events"),
    ("connections", "connections"),
    ("alerts", "alerts"),
    ("complaints", "lines complained of"),
    ("gaps", "gaps in serials"),
    ("lost", "serials missing"),
    ("kernel lost", "records lost by the kernel"),
    ("late records", "late records"),
    ("closed early", "events closed early"),
    ("partial", "partial events"),
    ("late", "buckets judged again for late events"),
    ("clock steps", "clock steps"),
    ("emptied", "times the log was emptied unread"),
    ("dropped", "connections that could not be written"),
    ("unkept", "alerts that could not be kept"),
];

/// Those that tell of a loss.
const LOSSES: [&str; 10] = [
    "complaints",
    "gaps",
    "lost",
    "kernel lost",
    "closed early",
    "late",
    "clock steps",
    "emptied",
    "dropped",
    "unkept",
];

/// What was counted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Counters(pub BTreeMap<String, u64>);

impl Counters {
    /// What an earlier run has counted.
    pub fn of(counted: &[(String, u64)]) -> Counters {
        Counters(counted.iter().cloned().collect())
    }

    /// One of them.
    pub fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// What these and others are together.
    pub fn plus(&self, others: &[(&str, u64)]) -> Counters {
        let mut sum = self.clone();
        for (name, count) in others {
            *sum.0.entry((*name).to_string()).or_default() += count;
        }
        sum
    }

    /// What these are without others.
    pub fn minus(mut self, others: &Counters) -> Counters {
        for (name, count) in &mut self.0 {
            *count = count.saturating_sub(others.get(name));
        }
        self
    }

    /// What tells of a loss and is more than before, in words; nothing if nothing is.
    pub fn losses_since(&self, before: &Counters) -> Option<String> {
        let mut words = String::new();
        for (name, told) in NAMES.iter().filter(|(name, _)| LOSSES.contains(name)) {
            let more = self.get(name).saturating_sub(before.get(name));
            if more > 0 {
                let comma = if words.is_empty() { "" } else { ", " };
                let _ = write!(words, "{comma}{more} {told}");
            }
        }
        (!words.is_empty()).then_some(words)
    }
}

/// What a run counts, and what it has to know of others for that.
pub struct Tally {
    /// What earlier runs have counted.
    pub counted: Counters,
    /// What was read again, and does not count.
    pub again: Counters,
    pub complaints_again: Complaints,
    /// How many connections were told of, and how many alerts of each rule.
    pub connections: u64,
    pub alerts: BTreeMap<String, u64>,
    /// How often another file of the log was begun, and how often it was emptied unread.
    pub turns: u64,
    pub emptied: u64,
}

impl Tally {
    /// A run after others.
    pub fn after(counted: Counters) -> Tally {
        Tally {
            counted,
            again: Counters::default(),
            complaints_again: Complaints::default(),
            connections: 0,
            alerts: BTreeMap::new(),
            turns: 0,
            emptied: 0,
        }
    }
}

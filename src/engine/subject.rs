//! What facts are about.
//!
//! A ledger is asked for a subject with every observation, so it can be asked for with borrowed
//! values, and nothing is made unless it is new.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::Equivalent;

use super::hash;
use super::track::Track;

/// What a fact is about: a value, within a partition if the question has one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subject {
    /// The value of the partition field.
    pub partition: Option<Arc<[u8]>>,
    /// The value of the by field.
    pub value: Arc<[u8]>,
}

/// A subject that is asked for, borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) partition: Option<&'a [u8]>,
    pub(super) value: &'a [u8],
}

impl Hash for Subject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Asked { partition: self.partition.as_deref(), value: &self.value }.hash(state);
    }
}

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.partition.hash(state);
        self.value.hash(state);
    }
}

impl Equivalent<Subject> for Asked<'_> {
    fn equivalent(&self, key: &Subject) -> bool {
        self.value == &key.value[..] && self.partition == key.partition.as_deref()
    }
}

impl Subject {
    /// A number by which some of many subjects are chosen, the same everywhere.
    pub(super) fn rank(&self) -> u64 {
        let partition = self.partition.as_deref().map_or(0, hash::of);
        hash::joined(partition, hash::of(&self.value))
    }

    pub(super) fn weight(&self) -> usize {
        const ENTRY: usize = size_of::<Subject>() + size_of::<Track>() + 3 * size_of::<usize>();
        let partition = self.partition.as_ref().map_or(0, |partition| partition.len() + 16);
        ENTRY + partition + self.value.len() + 16
    }
}

//! All facts about one subject: in which buckets it was, who told of it, and, in some of the
//! buckets, what else is known.
//!
//! Nothing here decides how much is kept; it keeps what a [`Retention`] says.

use std::collections::BTreeMap;

use super::bucket::Bucket;
use super::buckets::Buckets;
use super::crowd::Crowd;
use super::detail::{Detail, Retention};

/// All facts about a subject.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Track {
    /// The buckets it was in.
    pub buckets: Buckets,
    /// Who told of it, ever.
    pub origins: Crowd,
    /// What is known of it in some of the buckets.
    pub details: BTreeMap<Bucket, Detail>,
}

impl Track {
    pub(super) fn weight(&self) -> usize {
        self.buckets.weight() + self.origins.weight()
    }

    pub(super) fn details_weight(&self) -> usize {
        self.nodes_weight() + self.details.values().map(Detail::weight).sum::<usize>()
    }

    /// What the tree takes in which the details are: its nodes have room for eleven, and are about
    /// half full. Of a value that is seen once that is more than all the rest.
    pub(super) fn nodes_weight(&self) -> usize {
        const NODE: usize = 11 * size_of::<(Bucket, Detail)>() + 2 * size_of::<usize>();
        self.details.len().div_ceil(6) * NODE
    }

    /// Drops the details that a new bucket leaves too many buckets before; their weight.
    pub(super) fn crowded_by(&mut self, bucket: Bucket, busy: u32, week: u32) -> usize {
        let mut gone = 0;
        let after = Bucket(bucket.0.saturating_add(1));
        let within = after..=Bucket(bucket.0.saturating_add(week));
        let crowded: Vec<Bucket> = self
            .details
            .range(within)
            .map(|(later, _)| *later)
            .filter(|later| self.buckets.count(later.back(week), *later) >= busy)
            .collect();
        for later in crowded {
            gone += self.details.remove(&later).map_or(0, |detail| detail.weight());
        }
        self.give_back();
        gone
    }

    pub(super) fn limit(&mut self, keep: Retention, oldest: Option<Bucket>, week: u32) {
        let buckets = &self.buckets;
        self.details.retain(|bucket, detail| {
            detail.limit(keep);
            oldest.is_none_or(|oldest| *bucket >= oldest)
                && buckets.count(bucket.back(week), *bucket) < keep.busy
        });
        self.give_back();
    }

    /// Drops the details of a bucket.
    pub(super) fn drop_details(&mut self, bucket: Bucket) {
        self.details.remove(&bucket);
        self.give_back();
    }

    /// A tree that was emptied keeps a node, which is larger than all else that is known of a value
    /// that was seen once.
    fn give_back(&mut self) {
        if self.details.is_empty() {
            self.details = BTreeMap::new();
        }
    }
}

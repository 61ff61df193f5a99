//! All facts about one subject: in which buckets it was, who told of it, and, in some of the
//! buckets, what else is known.
//!
//! Nothing here decides how much is kept; it keeps what a [`Retention`] says.

use super::bucket::Bucket;
use super::buckets::Buckets;
use super::crowd::Crowd;
use super::detail::{Detail, Retention};
use super::details::Details;

/// All facts about a subject.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Track {
    /// The buckets it was in.
    pub buckets: Buckets,
    /// Who told of it, ever.
    pub origins: Crowd,
    /// What is known of it in some of the buckets.
    pub details: Details,
}

impl Track {
    pub(super) fn weight(&self) -> usize {
        self.buckets.weight() + self.origins.weight()
    }

    /// Drops the details that a new bucket leaves too many buckets before; their weight.
    pub(super) fn crowded_by(&mut self, bucket: Bucket, busy: u32, week: u32) -> usize {
        let after = bucket.0.saturating_add(1);
        let within = Bucket(after)..Bucket(after.saturating_add(week));
        let known = self.details.between(within).map(|(later, _)| later);
        let crowded: Vec<Bucket> =
            known.filter(|later| self.buckets.count(later.back(week), *later) >= busy).collect();
        let weight = |track: &Track, bucket| track.details.get(bucket).map_or(0, Detail::weight);
        let gone = crowded.iter().map(|later| weight(self, *later)).sum();
        crowded.iter().for_each(|later| self.details.remove(*later));
        gone
    }

    pub(super) fn limit(&mut self, keep: Retention, oldest: Option<Bucket>, week: u32) {
        let buckets = &self.buckets;
        self.details.retain(|bucket, detail| {
            detail.limit(keep);
            oldest.is_none_or(|oldest| bucket >= oldest)
                && buckets.count(bucket.back(week), bucket) < keep.busy
        });
    }
}

//! The ledger of a question: every fact there is about it.
//!
//! Observations come in, in any order and as often as one likes; ledgers of other machines come in
//! whole. A fact says that in this bucket this value was seen. Facts only accumulate, and a set of
//! facts is joined with another by union: that is why the order of files, hosts and lines does not
//! matter, why re-reading changes nothing, and why learning apart and joining is learning together.
//! Nothing here knows what is rare; [`super::model`] folds that from the facts.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::bucket::Bucket;
use super::buckets::Buckets;
use super::detail::Retention;
use super::observation::Observation;
use super::question::Question;
use super::subject::{Asked, Subject};
use super::track::Track;

/// How many values a ledger holds.
pub const MOST_VALUES: usize = 100_000;

/// How many bytes the values may take, and how many the details.
const VALUES_WEIGHT: usize = 40 << 20;
const DETAILS_WEIGHT: usize = 10 << 20;

/// About how many bytes a ledger takes at most.
pub const MOST_WEIGHT: usize = VALUES_WEIGHT + DETAILS_WEIGHT;

/// How long facts are kept, in seconds.
const KEPT_FOR: u32 = 400 * 86_400;

/// The facts about one question.
#[derive(Clone, Debug)]
pub struct Ledger {
    question: Question,
    subjects: IndexMap<Subject, Track, foldhash::fast::RandomState>,
    /// Which of [`Retention::STEPS`] details are kept by.
    step: usize,
    details_weight: usize,
    values_weight: usize,
    forgotten: u64,
}

impl Ledger {
    /// A ledger without facts.
    pub fn new(question: Question) -> Ledger {
        Ledger {
            question,
            subjects: IndexMap::default(),
            step: 0,
            details_weight: 0,
            values_weight: 0,
            forgotten: 0,
        }
    }

    /// What is asked.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Learns an observation.
    pub fn note(&mut self, seen: &Observation<'_>) {
        let bucket = self.question.span.bucket(seen.time);
        let asked = Asked { partition: seen.partition, value: seen.value };
        let at = match self.subjects.get_index_of(&asked) {
            Some(at) => at,
            None => self.make(&asked),
        };
        let keep = self.retention();
        let week = self.question.span.buckets_in(7 * 86_400);
        let Some((_, track)) = self.subjects.get_index_mut(at) else { return };
        let (before, room) = (track.weight(), track.details.room());
        let is_new = track.buckets.insert(bucket);
        track.origins.note(seen.origin, u64::from(bucket.0));
        if let Some(detail) = track.details.get_mut(bucket) {
            self.details_weight += detail.note(seen, keep);
        } else if is_new {
            let crowded = track.crowded_by(bucket, keep.busy, week);
            self.details_weight -= crowded.min(self.details_weight);
            if track.buckets.count(bucket.back(week), bucket) < keep.busy {
                let detail = track.details.at(bucket);
                detail.note(seen, keep);
                self.details_weight += detail.weight();
            }
        }
        let after = track.weight();
        self.details_weight = (self.details_weight + track.details.room()).saturating_sub(room);
        self.values_weight = (self.values_weight + after).saturating_sub(before);
        self.stay_within_bounds();
    }

    fn make(&mut self, asked: &Asked<'_>) -> usize {
        let subject =
            Subject { partition: asked.partition.map(Arc::from), value: Arc::from(asked.value) };
        self.values_weight += subject.weight();
        self.subjects.insert_full(subject, Track::default()).0
    }

    /// Adds everything another ledger knows.
    ///
    /// Joining is commutative, associative and idempotent: the ledgers of many machines may be
    /// joined in any order, twice if need be, and the result is the ledger of one that had seen it
    /// all. That holds as long as the bounds are kept; what leaves beyond them is counted.
    pub fn absorb(&mut self, other: &Ledger) {
        for (subject, track) in &other.subjects {
            self.restore(subject.clone(), track.clone());
        }
        self.forgotten = self.forgotten.max(other.forgotten);
        self.step = self.step.max(other.step);
        self.limit_details();
        self.stay_within_bounds();
    }

    /// Adds facts about a subject, as they were kept on disk.
    pub fn restore(&mut self, subject: Subject, other: Track) {
        let keep = self.retention();
        self.values_weight +=
            if self.subjects.contains_key(&subject) { 0 } else { subject.weight() };
        let track = self.subjects.entry(subject).or_default();
        let before = (track.weight(), track.details.weight());
        track.buckets.absorb(&other.buckets);
        track.origins.absorb(&other.origins);
        for (bucket, detail) in other.details {
            match track.details.get_mut(bucket) {
                Some(known) => known.absorb(&detail, keep),
                None => *track.details.at(bucket) = detail,
            }
        }
        track.limit(keep, None, self.question.span.buckets_in(7 * 86_400));
        let after = (track.weight(), track.details.weight());
        self.values_weight = (self.values_weight + after.0).saturating_sub(before.0);
        self.details_weight = (self.details_weight + after.1).saturating_sub(before.1);
    }

    /// How much is kept of details now.
    pub fn retention(&self) -> Retention {
        Retention::STEPS[self.step]
    }

    /// How often less had to be kept of details: which of [`Retention::STEPS`] it is.
    pub fn retention_step(&self) -> usize {
        self.step
    }

    /// Keeps as little of details as before, as it was kept on disk; call it before facts are
    /// restored, so that what is learnt on top can be joined with them.
    pub fn restore_retention_step(&mut self, step: usize) {
        self.step = self.step.max(step.min(Retention::STEPS.len() - 1));
        self.limit_details();
    }

    /// What is known of a subject.
    pub fn track(&self, partition: Option<&[u8]>, value: &[u8]) -> Option<&Track> {
        self.subjects.get(&Asked { partition, value })
    }

    /// All subjects and what is known of them, in no particular order.
    pub fn tracks(&self) -> impl ExactSizeIterator<Item = (&Subject, &Track)> {
        self.subjects.iter()
    }

    /// How many values had to leave because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Says how many values had to leave before, as it was kept on disk.
    pub fn restore_forgotten(&mut self, forgotten: u64) {
        self.forgotten = self.forgotten.max(forgotten);
    }

    /// About how many bytes it takes.
    pub fn weight(&self) -> usize {
        self.values_weight + self.details_weight
    }

    /// Forgets the facts of one value, or of those for which a condition holds; how many values.
    pub fn forget(&mut self, is_unwanted: impl Fn(&Subject) -> bool) -> usize {
        let before = self.subjects.len();
        self.subjects.retain(|subject, _| !is_unwanted(subject));
        self.weigh();
        before - self.subjects.len()
    }

    /// Drops what is older than facts are kept, seen from the newest that is no lone stamp in the
    /// future; since when facts are kept, in milliseconds since 1970, if there are any.
    pub fn forget_old(&mut self) -> Option<u64> {
        let newest = self.newest_credible()?;
        let oldest = newest.back(self.question.span.buckets_in(KEPT_FOR));
        self.forget_before(oldest, |_| true);
        Some(self.question.span.start(oldest))
    }

    /// Forgets what is older than a bucket of the values for which a condition holds: how many
    /// values are known no more, and in how many buckets a value was.
    pub fn forget_before(
        &mut self,
        oldest: Bucket,
        is_meant: impl Fn(&Subject) -> bool,
    ) -> (usize, u64) {
        let (values, mut buckets) = (self.subjects.len(), 0);
        self.subjects.retain(|subject, track| {
            if !is_meant(subject) {
                return true;
            }
            buckets += u64::from(track.buckets.forget_before(oldest));
            track.details.retain(|bucket, _| bucket >= oldest);
            !track.buckets.is_empty()
        });
        self.weigh();
        (values - self.subjects.len(), buckets)
    }

    /// The newest bucket that has others near it: a single absurd stamp must not make the rest old.
    pub fn newest_credible(&self) -> Option<Bucket> {
        let mut all = Buckets::default();
        for track in self.subjects.values() {
            all.absorb(&track.buckets);
        }
        let day = self.question.span.buckets_in(86_400);
        let mut newest = all.last()?;
        loop {
            let near = all.count(newest.back(day), newest);
            match all.last_before(newest) {
                Some(_) if near >= 2 => return Some(newest),
                Some(earlier) => newest = earlier,
                // Nothing has company: believe the last.
                None => return all.last(),
            }
        }
    }

    /// Keeps of what came last as little as of the rest. What is kept depends on the order of
    /// reading until then, if there was not room for all of it.
    pub fn settle(&mut self) {
        if self.step > 0 {
            self.limit_details();
        }
    }

    fn stay_within_bounds(&mut self) {
        if self.details_weight > DETAILS_WEIGHT {
            self.settle();
            // Not to come here again with the next observation.
            while self.details_weight > DETAILS_WEIGHT / 4 * 3
                && self.step + 1 < Retention::STEPS.len()
            {
                self.step += 1;
                self.limit_details();
            }
        }
        if self.subjects.len() > MOST_VALUES || self.values_weight > VALUES_WEIGHT {
            self.make_room();
        }
    }

    fn limit_details(&mut self) {
        let (keep, week) = (self.retention(), self.question.span.buckets_in(7 * 86_400));
        let days = self.question.span.buckets_in(86_400).saturating_mul(keep.days);
        let newest = self.subjects.values().filter_map(|track| track.buckets.last()).max();
        let oldest = newest.map(|newest| newest.back(days));
        for track in self.subjects.values_mut() {
            track.limit(keep, oldest, week);
        }
        self.thin_crowds(keep.crowd);
        self.weigh();
    }

    /// Drops the details of all but some of the values that were in one bucket: those with the
    /// smallest hashes stay, an arbitrary choice and the same in any order.
    fn thin_crowds(&mut self, most: usize) {
        if most == usize::MAX {
            return;
        }
        let mut sizes: HashMap<Bucket, usize> = HashMap::new();
        for bucket in self.subjects.values().flat_map(|track| track.details.buckets()) {
            *sizes.entry(bucket).or_default() += 1;
        }
        // Most buckets are no crowds, and there may be as many as a year has.
        let mut crowds: HashMap<Bucket, Vec<(u64, usize)>> = HashMap::new();
        for (at, (subject, track)) in self.subjects.iter().enumerate() {
            for bucket in track.details.buckets().filter(|bucket| sizes[bucket] > most) {
                crowds.entry(bucket).or_default().push((subject.rank(), at));
            }
        }
        for (bucket, mut crowd) in crowds {
            crowd.sort_unstable();
            for (_, at) in &crowd[most..] {
                self.subjects[*at].details.remove(bucket);
            }
        }
    }

    /// Lets a tenth of the values leave: those in the fewest buckets. Of these, first those that
    /// came last together with the most others, for whoever makes up a hundred thousand names must
    /// not drive out the one that came alone; then the longest unseen.
    fn make_room(&mut self) {
        let last = |track: &Track| track.buckets.last().unwrap_or_default();
        let mut together: HashMap<Bucket, u32> = HashMap::new();
        for track in self.subjects.values() {
            *together.entry(last(track)).or_default() += 1;
        }
        let crowd = |track: &Track| Reverse(together.get(&last(track)).copied());
        let mut ranks: Vec<(u32, Reverse<Option<u32>>, Bucket, usize)> = self
            .subjects
            .values()
            .enumerate()
            .map(|(at, track)| (track.buckets.len(), crowd(track), last(track), at))
            .collect();
        let gone = (ranks.len() / 10).max(1);
        let key = |rank: &(u32, Reverse<Option<u32>>, Bucket, usize)| {
            let (subject, _) = self.subjects.get_index(rank.3).expect("it was just counted");
            (rank.0, rank.1, rank.2, subject.clone())
        };
        ranks.sort_by_cached_key(key);
        let mut leaving = vec![false; ranks.len()];
        for (.., at) in &ranks[..gone] {
            leaving[*at] = true;
        }
        let mut at = 0;
        self.subjects.retain(|_, _| {
            at += 1;
            !leaving[at - 1]
        });
        self.forgotten += gone as u64;
        self.weigh();
    }

    fn weigh(&mut self) {
        let tracks = self.subjects.iter();
        self.values_weight = tracks.map(|(subject, track)| subject.weight() + track.weight()).sum();
        self.details_weight = self.subjects.values().map(|track| track.details.weight()).sum();
    }
}

impl PartialEq for Ledger {
    /// Whether both know the same facts, in whatever order they learnt them.
    fn eq(&self, other: &Ledger) -> bool {
        self.question == other.question && self.subjects == other.subjects
    }
}

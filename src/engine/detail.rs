//! What is known of one value in one bucket, beside that it was there: how often, from where, with
//! what, and some of the events themselves.
//!
//! The model needs none of it; whoever is told of a finding does. So it is kept for values that
//! are not seen all the time, and the less of it the less room there is ([`Retention`]). Every part
//! is a set or the smallest of a set, so that details are joined in any order.

use std::sync::Arc;

use super::crowd::Crowd;
use super::observation::Observation;
use super::tally::{Number, Tally};

/// How much of details is kept.
///
/// A step that keeps less keeps a part of what the steps before it keep, so what is left in the end
/// does not depend on how the facts were come by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// How many events of each are kept.
    pub evidence: usize,
    /// How many hashes of events are kept: fewer are counted exactly.
    pub events: usize,
    /// Only where the value was in fewer buckets than this in the week before.
    pub busy: u32,
    /// Only so many days before the newest.
    pub days: u32,
    /// Of so many values that were in one bucket.
    pub crowd: usize,
}

impl Retention {
    /// From the most to the least.
    ///
    /// Whoever makes up a hundred thousand names in an hour takes their room from each other first,
    /// and not from the one event that somebody will ask about.
    pub const STEPS: [Retention; 9] = [
        Retention { evidence: 8, events: 4096, busy: 64, days: 400, crowd: usize::MAX },
        Retention { evidence: 8, events: 4096, busy: 64, days: 400, crowd: 256 },
        Retention { evidence: 4, events: 1024, busy: 32, days: 400, crowd: 256 },
        Retention { evidence: 2, events: 256, busy: 16, days: 400, crowd: 128 },
        Retention { evidence: 1, events: 64, busy: 8, days: 90, crowd: 64 },
        Retention { evidence: 1, events: 16, busy: 4, days: 30, crowd: 64 },
        Retention { evidence: 1, events: 16, busy: 2, days: 7, crowd: 64 },
        Retention { evidence: 1, events: 16, busy: 1, days: 1, crowd: 64 },
        Retention { evidence: 0, events: 0, busy: 0, days: 0, crowd: 0 },
    ];
}

/// An event that shows the value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Evidence {
    /// When, in milliseconds since 1970.
    pub time: u64,
    /// The hash of its id.
    pub id: u64,
    /// What is shown of it.
    pub text: Arc<[u8]>,
}

/// Influencers of which an event had no value, by their places.
///
/// A crowd of the values alone would pass for all there was to see: who knows that every event went
/// to one address must know of those that went to none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Lacking(u64);

impl Lacking {
    /// Notes that an event lacked the influencer at a place.
    pub fn note(&mut self, place: usize) {
        self.0 |= Lacking::bit(place);
    }

    /// Whether an event lacked it. Places beyond the last there is a bit for share that one.
    pub fn has(self, place: usize) -> bool {
        self.0 & Lacking::bit(place) != 0
    }

    fn join(&mut self, other: Lacking) {
        self.0 |= other.0;
    }

    fn bit(place: usize) -> u64 {
        1 << place.min(63)
    }
}

/// What is known of a value in a bucket.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Detail {
    /// The events it was in.
    pub events: Tally,
    /// Who told of it.
    pub origins: Crowd,
    /// The values of the question's influencers, in their order.
    pub influences: Box<[Crowd]>,
    /// Which of the influencers not all of the events had.
    pub lacking: Lacking,
    /// The earliest of the events.
    pub evidence: Vec<Evidence>,
}

impl Detail {
    /// Notes an observation; how many bytes larger the detail is now.
    pub fn note(&mut self, seen: &Observation<'_>, keep: Retention) -> usize {
        let mut more = self.events.note(seen.id, keep.events);
        more += self.origins.note(seen.origin, seen.id);
        more += self.make_room(seen.influences.len());
        for (place, (crowd, value)) in self.influences.iter_mut().zip(seen.influences).enumerate() {
            match value {
                Some(value) => more += crowd.note(value, seen.id),
                None => self.lacking.note(place),
            }
        }
        more + self.note_evidence(seen, keep.evidence)
    }

    /// Makes room for so many influencers, and no more than that: there are as many details as
    /// values. How many bytes larger the detail is now.
    pub fn make_room(&mut self, influencers: usize) -> usize {
        let more = influencers.saturating_sub(self.influences.len());
        if more > 0 {
            let known = std::mem::take(&mut self.influences).into_iter();
            let empty = std::iter::repeat_with(Crowd::default).take(more);
            self.influences = known.chain(empty).collect();
        }
        more * size_of::<Crowd>()
    }

    fn note_evidence(&mut self, seen: &Observation<'_>, most: usize) -> usize {
        let key = (seen.time, seen.id);
        let at = self.evidence.partition_point(|known| (known.time, known.id) < key);
        let is_known = self.evidence.get(at).is_some_and(|known| (known.time, known.id) == key);
        if at >= most || is_known {
            return 0;
        }
        let evidence = Evidence { time: seen.time, id: seen.id, text: (seen.evidence)() };
        let more = evidence.weight();
        // Most values have one event in a bucket.
        self.evidence.reserve_exact(usize::from(self.evidence.is_empty()));
        self.evidence.insert(at, evidence);
        let gone: usize = self.evidence.iter().skip(most).map(Evidence::weight).sum();
        self.evidence.truncate(most);
        more.saturating_sub(gone)
    }

    /// Adds what another knows.
    pub fn absorb(&mut self, other: &Detail, keep: Retention) {
        self.events.absorb(&other.events, keep.events);
        self.origins.absorb(&other.origins);
        self.make_room(other.influences.len());
        for (ours, theirs) in self.influences.iter_mut().zip(&other.influences) {
            ours.absorb(theirs);
        }
        self.lacking.join(other.lacking);
        self.evidence.extend(other.evidence.iter().cloned());
        self.evidence.sort_unstable();
        self.evidence.dedup_by_key(|known| (known.time, known.id));
        self.evidence.truncate(keep.evidence);
    }

    /// Keeps less.
    pub fn limit(&mut self, keep: Retention) {
        self.events.limit(keep.events);
        self.evidence.truncate(keep.evidence);
        self.evidence.shrink_to_fit();
    }

    /// How many events there were.
    pub fn number(&self, keep: Retention) -> Number {
        self.events.number(keep.events)
    }

    /// About how many bytes it takes beside itself: what is allocated for each part has a head.
    pub fn weight(&self) -> usize {
        const HEADS: usize = 8 * 2 * size_of::<usize>();
        HEADS
            + self.events.weight()
            + self.origins.weight()
            + self.influences.len() * size_of::<Crowd>()
            + self.influences.iter().map(Crowd::weight).sum::<usize>()
            + self.evidence.iter().map(Evidence::weight).sum::<usize>()
    }
}

impl Evidence {
    fn weight(&self) -> usize {
        size_of::<Evidence>() + self.text.len() + 2 * size_of::<usize>()
    }
}

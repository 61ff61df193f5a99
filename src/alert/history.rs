//! What was known of a value when it was found: since when, how often, by how many, how regularly.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::{Bucket, Cadence, Finding, Ledger, Novelty, Number, Track};

/// A value's history, as of its finding.
#[derive(Clone, PartialEq, Debug)]
pub struct History {
    /// When the first bucket that it was in began, in milliseconds since 1970.
    pub first_seen_ms: u64,
    /// When the last one before this began, if there was one.
    pub last_seen_ms: Option<u64>,
    /// In how many buckets it was, with this one.
    pub buckets_seen: u32,
    /// In how many buckets there was any value, with this one.
    pub buckets_total: u32,
    /// How many hosts had told of it, with those of this bucket.
    pub hosts: Number,
    /// The rhythm it kept before.
    pub cadence: Option<Cadence>,
}

/// All that a ledger knows, as the past of its findings.
pub(super) struct Past<'l> {
    ledger: &'l Ledger,
    /// The first bucket of each partition.
    since: HashMap<Option<Arc<[u8]>>, Bucket>,
    /// The first bucket of each value in any partition, where that matters.
    anywhere: HashMap<&'l [u8], Bucket>,
}

impl<'l> Past<'l> {
    /// The past that a ledger knows.
    pub(super) fn of(ledger: &'l Ledger) -> Past<'l> {
        let mut past = Past { ledger, since: HashMap::new(), anywhere: HashMap::new() };
        let is_elsewhere = ledger.question().novelty == Novelty::KnownElsewhere;
        for (subject, track) in ledger.tracks() {
            let Some(first) = track.buckets.first() else { continue };
            let earlier = |known: &mut Bucket| *known = first.min(*known);
            past.since.entry(subject.partition.clone()).and_modify(earlier).or_insert(first);
            if is_elsewhere {
                past.anywhere.entry(&subject.value).and_modify(earlier).or_insert(first);
            }
        }
        past
    }

    /// The first bucket that anything was seen in, where the finding is.
    pub(super) fn since(&self, finding: &Finding) -> Bucket {
        self.since.get(&finding.partition).copied().unwrap_or(finding.bucket)
    }

    /// The first bucket that a finding's value was seen in, wherever that was.
    pub(super) fn since_anywhere(&self, finding: &Finding) -> Option<Bucket> {
        self.anywhere.get(finding.values.first()?.as_ref()).copied()
    }

    /// The first bucket that any of a finding's values was in.
    pub(super) fn first(&self, finding: &Finding) -> Bucket {
        let firsts = self.tracks(finding).filter_map(|track| track.buckets.first());
        firsts.min().unwrap_or(finding.bucket)
    }

    /// The last bucket before its own that a finding's value was in.
    pub(super) fn last(&self, finding: &Finding) -> Option<Bucket> {
        let lasts = self.tracks(finding);
        lasts.filter_map(|track| track.buckets.last_before(finding.bucket)).max()
    }

    /// The history of what was found.
    pub(super) fn history(&self, finding: &Finding) -> History {
        let span = self.ledger.question().span;
        let cadence = || {
            let track = self.tracks(finding).next().filter(|_| finding.values.len() == 1)?;
            Cadence::before(&track.buckets, span, finding.bucket)
        };
        History {
            first_seen_ms: span.start(self.first(finding)),
            last_seen_ms: self.last(finding).map(|last| span.start(last)),
            buckets_seen: finding.factors.buckets,
            buckets_total: finding.factors.buckets_total,
            hosts: self.hosts(finding),
            cadence: finding.cadence.clone().or_else(cadence),
        }
    }

    /// How many hosts had told of it until then.
    fn hosts(&self, finding: &Finding) -> Number {
        let (mut is_exact, mut least) = (true, 0);
        let mut hosts = Vec::new();
        for track in self.tracks(finding) {
            let (known, _) = track.origins.parts();
            let (all, kept) = (track.origins.number().number, known.len() as u64);
            // What a host is noted with are the numbers of the buckets, of which the smallest stay.
            let had_told = |first: &u64| *first <= u64::from(finding.bucket.0);
            let then =
                known.iter().filter(|host| host.events.hashes().first().is_some_and(had_told));
            let before = hosts.len();
            hosts.extend(then.map(|host| &host.name));
            if all > kept {
                // Which are kept has nothing to do with when they came: the others came likewise.
                is_exact = false;
                least = least.max(all * (hosts.len() - before) as u64 / kept.max(1));
            }
        }
        hosts.sort_unstable();
        hosts.dedup();
        Number { number: least.max(hosts.len() as u64), is_exact }
    }

    fn tracks(&self, finding: &Finding) -> impl Iterator<Item = &'l Track> {
        let (ledger, partition) = (self.ledger, finding.partition.as_deref());
        finding.values.iter().filter_map(move |value| ledger.track(partition, value))
    }
}

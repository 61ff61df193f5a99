//! What the ledger kept of the events behind a finding: from where, how many, with what, and some
//! of the events themselves.
//!
//! A finding of many values has the events of all of them. Details are kept as long as there is
//! room; a finding whose details have left stands all the same, and what is not known is left out.

use std::sync::Arc;

use super::influence::Influencer;
use crate::engine::detail::Retention;
use crate::engine::{Detail, Evidence, Finding, Ledger, Number, Track};

/// How many events are shown.
const SHOWN: usize = 8;

/// Where an alert's particulars come from.
pub(super) struct Sources<'l> {
    ledger: &'l Ledger,
    finding: &'l Finding,
    keep: Retention,
    details: Vec<&'l Detail>,
}

impl<'l> Sources<'l> {
    /// Those of a finding.
    pub(super) fn of(ledger: &'l Ledger, finding: &'l Finding) -> Sources<'l> {
        let details = tracks(ledger, finding).filter_map(|t| t.details.get(finding.bucket));
        Sources { ledger, finding, keep: ledger.retention(), details: details.collect() }
    }

    /// The hosts it was seen on in its bucket.
    pub(super) fn hosts(&self) -> Vec<Vec<u8>> {
        let in_details = self.details.iter().flat_map(|detail| detail.origins.names());
        let mut hosts: Vec<Vec<u8>> = in_details.map(<[u8]>::to_vec).collect();
        if hosts.is_empty() {
            // The first buckets in which a host told of a value are kept longer than details.
            let bucket = u64::from(self.finding.bucket.0);
            hosts = tracks(self.ledger, self.finding)
                .flat_map(|track| track.origins.parts().0)
                .filter(|host| host.events.hashes().contains(&bucket))
                .map(|host| host.name.to_vec())
                .collect();
        }
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// How many hosts these are; of many only some are kept by name.
    pub(super) fn hosts_number(&self) -> Number {
        if let [detail] = &self.details[..] {
            return detail.origins.number();
        }
        // Those of several values may be the same or others: that is known of names alone.
        let named = self.hosts().len() as u64;
        let numbers = self.details.iter().map(|detail| detail.origins.number().number);
        let most = numbers.max().unwrap_or_default();
        Number { number: named.max(most), is_exact: most <= named }
    }

    /// How many events there were.
    pub(super) fn connections(&self) -> Number {
        let is_whole = self.details.len() == self.finding.values.len();
        let numbers = self.details.iter().map(|detail| detail.number(self.keep));
        let known = numbers.fold(Number { number: 0, is_exact: is_whole }, |sum, number| Number {
            number: sum.number.saturating_add(number.number),
            is_exact: sum.is_exact && number.is_exact,
        });
        // Every value was seen at least once, also where nothing else of it was kept.
        let missing = self.finding.values.len() - self.details.len();
        match known.number {
            0 => known,
            number => Number { number: number.saturating_add(missing as u64), ..known },
        }
    }

    /// What the events have in common.
    pub(super) fn influencers(&self, score: f64) -> Vec<Influencer> {
        let fields = self.ledger.question().influencers.iter().enumerate();
        let all = self.connections();
        let of_field = |(at, field): (usize, &String)| {
            let crowds = self.details.iter().filter_map(|detail| {
                detail.influences.get(at).map(|crowd| (crowd, detail.lacking.has(at)))
            });
            Influencer::of(field, crowds, all, score)
        };
        fields.filter_map(of_field).collect()
    }

    /// Some of the events, in the order of time: the first of each value, as far as there is room,
    /// and then the earliest of the others.
    pub(super) fn evidence(&self) -> Vec<Arc<[u8]>> {
        let firsts = self.details.iter().filter_map(|detail| detail.evidence.first());
        let others = self.details.iter().flat_map(|detail| detail.evidence.iter().skip(1));
        let (mut shown, mut others): (Vec<&Evidence>, Vec<_>) =
            (firsts.collect(), others.collect());
        shown.sort_unstable();
        others.sort_unstable();
        shown.extend(others);
        shown.truncate(SHOWN);
        shown.sort_unstable();
        shown.into_iter().map(|evidence| Arc::clone(&evidence.text)).collect()
    }
}

fn tracks<'l>(ledger: &'l Ledger, finding: &'l Finding) -> impl Iterator<Item = &'l Track> {
    let partition = finding.partition.as_deref();
    finding.values.iter().filter_map(move |value| ledger.track(partition, value))
}

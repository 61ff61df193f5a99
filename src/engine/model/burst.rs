//! Many new values at once: each hides the others, since all of them are equally rare, and whoever
//! brought them is one finding.
//!
//! The values that are new in a bucket and do not pass come in; a finding that lists them goes out
//! if one of them alone would have passed. Where the same company brings new values again and
//! again, with no long pause and never more at once, it is one burst that goes on.

use libm::exp;

use super::super::company::Company;
use super::{Bucket, Familiarity, Finding, Fold, Function, Leaf, Span, decay, elsewhere, rarity};

/// How long a burst may pause and still go on: whoever tries one port after the other takes hours,
/// and what comes after half a day is another matter.
const PAUSE: u32 = 3 * 3_600;

/// Of a burst of more values nobody is asked who brought it.
const MOST_ASKED: usize = 100;

/// Bursts that were told of and may go on: new values, and always by the same.
#[derive(Debug, Default)]
pub struct Bursts<'t>(Vec<Burst<'t>>);

#[derive(Debug)]
struct Burst<'t> {
    partition: usize,
    told: Bucket,
    last: Bucket,
    values: usize,
    company: Company<'t>,
}

impl<'t> Bursts<'t> {
    /// When the burst was told of that goes on in this bucket, with so many values; if none does, a
    /// new one has begun. One that grows is another matter.
    pub fn goes_on(
        &mut self,
        partition: usize,
        span: Span,
        bucket: Bucket,
        values: usize,
        company: Company<'t>,
    ) -> Option<Bucket> {
        self.0.retain(|known| bucket.after(known.last) <= span.buckets_in(PAUSE));
        let is_same = |known: &&mut Burst| {
            known.partition == partition
                && values <= known.values
                && company.is_within(&known.company)
        };
        if let Some(known) = self.0.iter_mut().find(is_same) {
            known.last = bucket;
            return Some(known.told);
        }
        self.0.push(Burst { partition, told: bucket, last: bucket, values, company });
        None
    }
}

impl<'l> Fold<'l> {
    /// The finding that new values hide from each other, or that a burst before hides: each would
    /// pass if it were alone.
    pub(super) fn burst(&mut self, bucket: Bucket, hidden: &[Leaf]) -> Option<Finding> {
        let (first, others) = hidden.split_first()?;
        let mass = self.known[first.rank].mass;
        let partition = &mut self.partitions[first.partition];
        if others.is_empty() && !partition.has_had_bursts() {
            return None;
        }
        let scale = exp(-decay(self.span) * f64::from(partition.age));
        let alone = partition
            .without(mass, others.len(), |masses| rarity::probability(mass, masses, scale));
        let alone = first.elsewhere.map_or(alone, |others| elsewhere::weigh(alone, others));
        let mut finding = self.finding_of(bucket, first, alone);
        if finding.score < self.wanted.threshold.max(self.wanted.least) {
            return None;
        }
        finding.function = Function::Burst;
        finding.values =
            hidden.iter().map(|leaf| self.roster.subject(leaf.rank).value.clone()).collect();
        if !others.is_empty() {
            self.set_apart(hidden);
        }
        if let Some(company) = self.company(bucket, hidden).filter(|_| !finding.is_provisional) {
            let told =
                self.bursts.goes_on(first.partition, self.span, bucket, hidden.len(), company);
            finding.familiarity = told.map(Familiarity::WasTold);
            if told.is_none() && !(self.is_told)(&finding) {
                self.bursts.0.pop();
            }
        }
        Some(finding)
    }

    /// Who brought a burst, if it is small enough to ask and all of it is known.
    fn company(&self, bucket: Bucket, burst: &[Leaf]) -> Option<Company<'l>> {
        let mut all = Company::default();
        for leaf in burst.iter().take(MOST_ASKED + 1) {
            all.join(Company::whole(self.roster.track(leaf.rank), self.influencers, bucket)?);
        }
        (burst.len() <= MOST_ASKED).then_some(all)
    }

    /// Sets the values of a burst apart from those that make others ordinary.
    fn set_apart(&mut self, burst: &[Leaf]) {
        let Some(first) = burst.first() else { return };
        for leaf in burst {
            let known = &mut self.known[leaf.rank];
            self.partitions[first.partition].set_apart(known.mass);
            known.is_of_burst = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::detail::{Detail, Retention};
    use super::super::super::observation::Observation;
    use super::super::super::track::Track;
    use super::*;

    const QUARTER: Span = Span::minutes(15);

    /// A value that was on a host in a bucket.
    fn track(bucket: u32, host: &str) -> Track {
        let mut track = Track::default();
        let seen = Observation {
            time: 0,
            id: 1,
            origin: host.as_bytes(),
            partition: None,
            value: b"4444",
            influences: &[],
            evidence: &|| [].into(),
        };
        track.buckets.insert(Bucket(bucket));
        let detail: &mut Detail = track.details.at(Bucket(bucket));
        detail.note(&seen, Retention::STEPS[0]);
        track
    }

    /// What is known of a burst in a bucket that a host brought with so many values.
    fn burst(bursts: &mut Bursts<'static>, at: u32, values: usize, host: &str) -> Option<u32> {
        let track: &'static Track = Box::leak(Box::new(track(at, host)));
        let company = Company::whole(track, &[], Bucket(at)).expect("known");
        bursts.goes_on(0, QUARTER, Bucket(at), values, company).map(|told| told.0)
    }

    #[test]
    fn a_burst_goes_on_by_the_same_host_until_it_grows_or_pauses_for_long() {
        let mut bursts = Bursts::default();
        assert_eq!(burst(&mut bursts, 100, 3, "dev"), None);
        assert_eq!(burst(&mut bursts, 112, 2, "dev"), Some(100));
        assert_eq!(burst(&mut bursts, 124, 3, "dev"), Some(100));
        assert_eq!(burst(&mut bursts, 125, 3, "db"), None, "another host");
        assert_eq!(burst(&mut bursts, 126, 4, "dev"), None, "more at once");
        assert_eq!(burst(&mut bursts, 139, 1, "dev"), None, "after a pause");
    }
}

//! The model: a fold over the facts of a question, bucket by bucket, in the order of time.
//!
//! A [`Ledger`] comes in; findings go out. Nothing is kept: the same facts give the same findings,
//! to the bit, whenever they are asked for and on whatever machine.
//!
//! A value weighs as many buckets as it was in, the older the lighter: with every bucket that has
//! any value, all masses shrink a little. Instead of shrinking a hundred thousand numbers, the new
//! ones grow; what counts is only how they compare.

mod burst;

use libm::exp;

use super::bucket::{Bucket, Span};
use super::cadence::{Cadence, KEPT_BEFORE_EXPECTED};
use super::comeback;
use super::elsewhere::{self, Elsewhere};
use super::familiar;
use super::finding::{Factors, Familiarity, Finding, Function};
use super::ledger::Ledger;
use super::ordinary::Rare;
use super::partition::Partition;
use super::question::Novelty;
use super::rarity;
use super::roster::Roster;
use super::score::{self, Habit};

/// Which findings are wanted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Wanted {
    /// What passes on its own: values that do not may hide each other.
    pub threshold: f64,
    /// What is worth listing.
    pub least: f64,
    /// For how long what was told of is remembered, in seconds.
    pub remembered: u32,
}

/// What the model makes of all facts.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement {
    /// What was found: by bucket, then by partition and value.
    pub findings: Vec<Finding>,
    /// In how many buckets there was any value: in the partition that knows the most of them.
    pub buckets: u32,
    /// How many it takes until findings are more than provisional.
    pub needed: u32,
}

/// For how long everything is new: a day.
const WARM_UP: u32 = 86_400;

/// For how many buckets without it a value's own strangeness is remembered.
const OWN_MEMORY: u32 = 50;

/// How fast masses shrink in a bucket.
fn decay(span: Span) -> f64 {
    0.0005 * (f64::from(span.seconds()) / 1800.0).min(1.0)
}

/// What the fold knows of a value.
#[derive(Clone, Copy, Default, Debug)]
struct Known {
    mass: f64,
    buckets: u32,
    /// When it was seen last, and how old its partition was then.
    last: Bucket,
    last_age: u32,
    /// How many buckets of its partition it missed before it was seen last, and at most before.
    silence: u32,
    longest_silence: u32,
    /// How long it was away before it was seen last, whatever its partition did.
    away: u32,
    strangest: f64,
    /// When it was last found and told of.
    told: Option<Bucket>,
    /// Whether it came in a burst, and seldom since.
    is_of_burst: bool,
}

/// A value in the bucket that is being judged.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    rank: usize,
    partition: usize,
    probability: f64,
    strangeness: f64,
    elsewhere: Option<(u32, u32)>,
}

struct Fold<'l> {
    roster: &'l Roster<'l>,
    span: Span,
    /// The names of the question's influencers.
    influencers: &'l [String],
    wanted: Wanted,
    known: Vec<Known>,
    partitions: Vec<Partition>,
    habit: Habit,
    elsewhere: Option<Elsewhere>,
    bursts: burst::Bursts<'l>,
    is_told: &'l dyn Fn(&Finding) -> bool,
    findings: Vec<Finding>,
}

/// In how many buckets there has to be something before the model is believed.
pub fn warm_up(span: Span) -> u32 {
    span.buckets_in(WARM_UP)
}

/// Judges all facts of a ledger. Everything that passes is told.
pub fn judge(ledger: &Ledger, wanted: Wanted) -> Judgement {
    judge_as_told(ledger, wanted, &|_| true)
}

/// The same where not all that passes is told: what nobody was told of makes nothing familiar.
pub fn judge_as_told(
    ledger: &Ledger,
    wanted: Wanted,
    is_told: &dyn Fn(&Finding) -> bool,
) -> Judgement {
    let roster = Roster::of(ledger);
    let question = ledger.question();
    let is_elsewhere = question.novelty == Novelty::KnownElsewhere;
    let mut fold = Fold {
        roster: &roster,
        span: question.span,
        influencers: &question.influencers,
        wanted,
        known: vec![Known::default(); roster.len()],
        partitions: vec![Partition::default(); roster.partitions()],
        habit: Habit::default(),
        elsewhere: is_elsewhere.then(|| Elsewhere::new(&roster, question.span)),
        bursts: burst::Bursts::default(),
        is_told,
        findings: Vec::new(),
    };
    roster.for_each_bucket(|bucket, ranks| fold.bucket(bucket, ranks));
    let buckets = fold.partitions.iter().map(|partition| partition.age).max().unwrap_or(0);
    Judgement { findings: fold.findings, buckets, needed: warm_up(question.span) }
}

impl<'l> Fold<'l> {
    fn bucket(&mut self, bucket: Bucket, ranks: &[usize]) {
        let mut leaves = Vec::with_capacity(ranks.len());
        let roster = self.roster;
        for group in ranks.chunk_by(|a, b| roster.partition(*a) == roster.partition(*b)) {
            self.learn(bucket, group, &mut leaves);
        }
        self.meet(&leaves);
        for group in leaves.chunk_by(|a, b| a.partition == b.partition) {
            self.find(bucket, group);
        }
        if let Some(elsewhere) = &mut self.elsewhere {
            elsewhere.learn(self.roster, bucket, ranks);
        }
    }

    /// Tells the habit of all values in a bucket, those known for longest first.
    fn meet(&mut self, leaves: &[Leaf]) {
        let first = |leaf: &Leaf| self.roster.track(leaf.rank).buckets.first();
        let mut known: Vec<(Option<Bucket>, usize, f64)> =
            leaves.iter().map(|leaf| (first(leaf), leaf.rank, leaf.strangeness)).collect();
        known.sort_unstable_by_key(|(first, rank, _)| (*first, *rank));
        known.iter().for_each(|(.., strangeness)| self.habit.meet(*strangeness));
    }

    /// Adds a bucket to the masses of a partition, and then asks how rare its values are: the new
    /// ones count as seen once.
    fn learn(&mut self, bucket: Bucket, ranks: &[usize], leaves: &mut Vec<Leaf>) {
        let Some(at) = ranks.first().map(|rank| self.roster.partition(*rank)) else { return };
        let partition = &mut self.partitions[at];
        let decay = decay(self.span);
        if partition.values == 0 {
            // Logs do not begin where a bucket does. What is in the first is known from then on,
            // but half a bucket does not tell how common it is; the original leaves it out as well.
            partition.values = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
            for rank in ranks {
                self.known[*rank] = Known { buckets: 1, last: bucket, ..Known::default() };
            }
            return;
        }
        let weight = exp(decay * f64::from(partition.age));
        partition.age += 1;
        for rank in ranks {
            let known = &mut self.known[*rank];
            if known.buckets == 0 {
                partition.values += 1;
            } else {
                known.longest_silence = known.longest_silence.max(known.silence);
                known.silence = partition.age - known.last_age - 1;
                known.away = bucket.after(known.last);
            }
            let before = known.mass;
            known.mass += weight;
            known.buckets += 1;
            partition.change(before, known.mass, known.is_of_burst);
            if known.is_of_burst && known.buckets >= KEPT_BEFORE_EXPECTED {
                known.is_of_burst = false;
                partition.take_back(known.mass);
            }
        }
        let scale = exp(-decay * f64::from(partition.age));
        let total = partition.masses.total();
        for rank in ranks {
            let known = &mut self.known[*rank];
            let elsewhere = self.elsewhere.as_ref().map(|elsewhere| {
                let is_first = known.buckets == 1;
                elsewhere.others(self.roster, *rank, bucket).filter(|_| is_first)
            });
            let is_common = known.mass >= score::ORDINARY * total || elsewhere == Some(None);
            let elsewhere = elsewhere.flatten();
            let rarity = match is_common {
                true => 1.0,
                false => rarity::probability(known.mass, &partition.masses, scale),
            };
            let probability = elsewhere.map_or(rarity, |others| elsewhere::weigh(rarity, others));
            let strangeness = score::strangeness(probability);
            let missed = partition.age - known.last_age - 1;
            let faded = exp(-2.0 * decay * f64::from(missed));
            let before = if missed > OWN_MEMORY { 0.0 } else { known.strangest * faded };
            known.strangest = before.max(strangeness);
            known.last = bucket;
            known.last_age = partition.age;
            leaves.push(Leaf { rank: *rank, partition: at, probability, strangeness, elsewhere });
        }
    }

    /// Makes findings of what is rare in a partition's bucket.
    fn find(&mut self, bucket: Bucket, leaves: &[Leaf]) {
        // Most values are ordinary, and most buckets have no others.
        let telling = leaves.iter().filter(|leaf| self.may_tell(leaf));
        let found: Vec<(Leaf, Finding)> =
            telling.map(|leaf| (*leaf, self.finding(bucket, leaf))).collect();
        let is_hidden = |(leaf, finding): &&(Leaf, Finding)| {
            self.is_new(leaf) && finding.score < self.wanted.threshold
        };
        let hidden: Vec<Leaf> = found.iter().filter(is_hidden).map(|(leaf, _)| *leaf).collect();
        let burst = self.burst(bucket, &hidden);
        // Both are in the order of the ranks.
        let in_burst = if burst.is_some() { &hidden[..] } else { &[] };
        let mut in_burst = in_burst.iter().map(|leaf| leaf.rank).peekable();
        self.findings.extend(burst);
        for (leaf, mut finding) in found {
            if finding.score >= self.wanted.threshold.max(self.wanted.least)
                && !finding.is_expected()
                && !finding.is_provisional
                && (self.is_told)(&finding)
            {
                self.known[leaf.rank].told = Some(bucket);
            }
            let is_in_burst = in_burst.next_if_eq(&leaf.rank).is_some();
            if !is_in_burst && finding.score > 0.0 && finding.score >= self.wanted.least {
                finding.factors.ordinary = self.ordinary(&leaf, &finding);
                self.findings.push(finding);
            }
        }
    }

    /// Whether there may be anything to tell of a value: it is rare, new, or was long away.
    fn may_tell(&self, leaf: &Leaf) -> bool {
        let silence = self.silence(&self.known[leaf.rank]);
        leaf.strangeness > 0.0 || self.is_new(leaf) || silence.probability(self.span).is_some()
    }

    /// Whether a value was never seen before, and was not common from the first on.
    fn is_new(&self, leaf: &Leaf) -> bool {
        self.known[leaf.rank].buckets == 1 && leaf.probability < 1.0
    }

    /// How a value was away before it came.
    fn silence(&self, known: &Known) -> comeback::Silence {
        comeback::Silence {
            missed: known.silence,
            longest: known.longest_silence,
            away: known.away,
            seen: known.buckets - 1,
        }
    }

    fn finding(&self, bucket: Bucket, leaf: &Leaf) -> Finding {
        let known = &self.known[leaf.rank];
        let mut finding = self.finding_of(bucket, leaf, leaf.probability);
        finding.factors.by_own = score::own_ceiling(leaf.strangeness, known.strangest);
        finding.score = finding.score.min(finding.factors.by_own);
        if self.elsewhere.is_some() || known.buckets == 1 {
            return finding;
        }
        let track = self.roster.track(leaf.rank);
        if leaf.strangeness > 0.0 {
            finding.cadence = Cadence::before(&track.buckets, self.span, bucket);
            if let Some(cadence) = finding.cadence.as_ref().filter(|cadence| !cadence.is_due) {
                finding.probability = comeback::off_cadence(leaf.probability, cadence.kept);
                let score = score::of_probability(finding.probability);
                finding.score = finding.score.max(score.min(finding.factors.by_own));
            }
        }
        if let Some(probability) = self.silence(known).probability(self.span)
            && finding.score < self.wanted.threshold
        {
            let score = score::of_probability(probability);
            if score > finding.score {
                finding.cadence = Cadence::before(&track.buckets, self.span, bucket);
                finding.function = Function::Comeback;
                finding.probability = probability;
                finding.score = score;
            }
        }
        if finding.score > 0.0 && finding.cadence.is_none() {
            finding.familiarity = self.familiarity(bucket, leaf, finding.function);
        }
        finding
    }

    /// Why nobody needs to be told of a value that has no rhythm, if nobody does.
    fn familiarity(&self, bucket: Bucket, leaf: &Leaf, function: Function) -> Option<Familiarity> {
        let (track, told) = (self.roster.track(leaf.rank), self.known[leaf.rank].told);
        let remembered = self.span.buckets_in(self.wanted.remembered);
        let told = told.filter(|told| {
            bucket.after(*told) <= remembered
                && familiar::came_since(track, self.influencers, *told, bucket)
        });
        let keeps_coming =
            function == Function::Rare && familiar::is_familiar(track, self.span, bucket);
        told.map(Familiarity::WasTold).or_else(|| keeps_coming.then_some(Familiarity::KeepsComing))
    }

    /// A finding by probability and habit alone.
    fn finding_of(&self, bucket: Bucket, leaf: &Leaf, probability: f64) -> Finding {
        let (known, partition) = (&self.known[leaf.rank], &self.partitions[leaf.partition]);
        let scale = exp(-decay(self.span) * f64::from(partition.age));
        let by_probability = score::of_probability(probability);
        // Most values are ordinary, and what is asked of the habit is not cheap.
        let by_habit = match by_probability > 0.0 {
            true => self.habit.ceiling(score::strangeness(probability)),
            false => 100.0,
        };
        let subject = self.roster.subject(leaf.rank);
        Finding {
            function: Function::Rare,
            bucket,
            partition: subject.partition.clone(),
            values: vec![subject.value.clone()],
            probability,
            score: by_probability.min(by_habit),
            factors: Factors {
                buckets: known.buckets,
                mass: known.mass * scale,
                total: partition.masses.total() * scale,
                buckets_total: partition.age,
                values: partition.values,
                ordinary: None,
                rarity: leaf.probability,
                silence: (known.buckets > 1).then_some(known.silence),
                longest_silence: known.longest_silence,
                elsewhere: leaf.elsewhere,
                by_probability,
                by_habit,
                by_own: 100.0,
            },
            cadence: None,
            familiarity: None,
            is_provisional: partition.age <= warm_up(self.span),
        }
    }

    /// In how many buckets a value would have to be not to pass by its rarity, if it does.
    fn ordinary(&mut self, leaf: &Leaf, finding: &Finding) -> Option<u32> {
        let (threshold, habit) = (self.wanted.threshold, &self.habit);
        let passes = finding.function == Function::Rare && finding.score >= threshold;
        if !passes || finding.is_expected() || leaf.elsewhere.is_some() {
            return None;
        }
        let (known, partition) = (&self.known[leaf.rank], &mut self.partitions[leaf.partition]);
        let decay = decay(self.span);
        let age = partition.age;
        let scale = exp(-decay * f64::from(age));
        Rare { mass: known.mass, age, decay, scale }.until(&mut partition.masses, |p| {
            let by_probability = score::of_probability(p);
            by_probability >= threshold && habit.ceiling(score::strangeness(p)) >= threshold
        })
    }
}

//! What the model found: values that are rare, and every number that says how.

use std::sync::Arc;

use super::bucket::Bucket;
use super::cadence::Cadence;

/// What kind of rarity was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Function {
    /// A value that is seldom seen.
    Rare,
    /// Many new values at once, each of which hides the others; or one that such a burst before
    /// hides.
    Burst,
    /// A value that was often seen, and then for long not at all.
    Comeback,
}

impl Function {
    /// What it is called in an alert.
    pub fn name(self) -> &'static str {
        match self {
            Function::Rare => "rare",
            Function::Burst => "burst",
            Function::Comeback => "comeback",
        }
    }
}

/// Why nobody needs to be told of a finding again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Familiarity {
    /// It came on five days and more on each of these hosts, and was away for as long before.
    KeepsComing,
    /// It was told of in this bucket, and nobody and nothing else has come with it since.
    WasTold(Bucket),
}

/// A finding.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// What kind of rarity.
    pub function: Function,
    /// When.
    pub bucket: Bucket,
    /// Within which value of the partition field.
    pub partition: Option<Arc<[u8]>>,
    /// Which values, in their order; one unless it is a burst.
    pub values: Vec<Arc<[u8]>>,
    /// How improbable that is.
    pub probability: f64,
    /// From 0 to 100.
    pub score: f64,
    /// How the score came about.
    pub factors: Factors,
    /// The rhythm that the value kept before, and whether this is one of its times.
    pub cadence: Option<Cadence>,
    /// Why nobody needs to be told of a value without a rhythm, if nobody does.
    pub familiarity: Option<Familiarity>,
    /// Whether too little was known yet to say more than that it was new.
    pub is_provisional: bool,
}

impl Finding {
    /// Whether nobody needs to be told: the value came at its time, or it is familiar.
    pub fn is_expected(&self) -> bool {
        self.familiarity.is_some() || self.cadence.as_ref().is_some_and(|cadence| cadence.is_due)
    }
}

/// The numbers behind a score.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Factors {
    /// In how many buckets the value was, with this one.
    pub buckets: u32,
    /// The same, the older the lighter.
    pub mass: f64,
    /// That of all values together.
    pub total: f64,
    /// In how many buckets there was any value, with this one.
    pub buckets_total: u32,
    /// How many values there are.
    pub values: u32,
    /// The probability by rarity alone.
    pub rarity: f64,
    /// In how many of the buckets, evenly spread, it would have to be not to pass the threshold:
    /// for values that pass it by their rarity, if there is such a number.
    pub ordinary: Option<u32>,
    /// How many buckets with other values lie between this and the last time, if there was one.
    pub silence: Option<u32>,
    /// The longest such silence before.
    pub longest_silence: u32,
    /// For values that others have known for long: how many of them, and how many they are.
    pub elsewhere: Option<(u32, u32)>,
    /// What the probability alone scores.
    pub by_probability: f64,
    /// The most that so much rarity scores here.
    pub by_habit: f64,
    /// The most that the value scores after what it was before.
    pub by_own: f64,
}

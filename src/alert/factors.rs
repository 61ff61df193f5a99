//! How the score of an alert came about: each number of it, and what it means.

use super::Alert;
use super::words::{counted, number};
use crate::engine::score::of_probability;
use crate::engine::{Finding, Function};

/// One of the numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Factor {
    /// What it is called.
    pub name: &'static str,
    /// The number, with as many digits as mean something.
    pub value: String,
    /// What it means.
    pub meaning: String,
}

/// The factors of an alert's score, in the order in which they follow from each other.
pub fn factors(alert: &Alert) -> Vec<Factor> {
    let finding = &alert.finding;
    let mut rows = Rows::default();
    seen(finding, &mut rows);
    rarity(finding, &mut rows);
    unexpected(finding, &mut rows);
    score(alert, &mut rows);
    rows.0
}

/// A probability, with six digits of it.
pub(crate) fn probability(probability: f64) -> String {
    format!("{probability:.5e}")
}

#[derive(Default)]
struct Rows(Vec<Factor>);

impl Rows {
    fn add(&mut self, name: &'static str, value: String, meaning: impl Into<String>) {
        self.0.push(Factor { name, value, meaning: meaning.into() });
    }
}

fn seen(finding: &Finding, rows: &mut Rows) {
    let factors = &finding.factors;
    rows.add("buckets", number(factors.buckets), "that it was in, with this one");
    rows.add("all buckets", number(factors.buckets_total), "that had any value");
    rows.add("values", number(factors.values), "different ones that were seen in them");
    rows.add(
        "mass",
        format!("{:.3}", factors.mass),
        "its buckets, each counting less the older it is",
    );
    rows.add("total", format!("{:.3}", factors.total), "the same of all values together");
    if factors.total > 0.0 {
        let share = 100.0 * factors.mass / factors.total;
        rows.add("share", format!("{share:.3} %"), "its mass of the total");
    }
}

fn rarity(finding: &Finding, rows: &mut Rows) {
    let factors = &finding.factors;
    rows.add(
        "rarity",
        probability(factors.rarity),
        "the share of everything as rare as this or rarer, allowing for chance",
    );
    if finding.function == Function::Burst {
        rows.add(
            "values at once",
            number(finding.values.len() as u64),
            "new ones hide each other; the probability is that of one if it were alone",
        );
    }
    if let Some(ordinary) = factors.ordinary {
        rows.add(
            "ordinary",
            number(ordinary),
            "of these buckets, evenly spread, would make it ordinary",
        );
    }
    if let Some((showing, others)) = factors.elsewhere {
        let meaning = format!("of {} know the value", counted(others, "other", "others"));
        rows.add("elsewhere", number(showing), meaning);
    }
}

fn unexpected(finding: &Finding, rows: &mut Rows) {
    let factors = &finding.factors;
    if let Some(silence) = factors.silence {
        rows.add("silence", number(silence), "active buckets it missed before this one");
        rows.add(
            "longest silence",
            number(factors.longest_silence),
            "it had missed in a row before",
        );
    }
    if let Some(cadence) = &finding.cadence {
        let is_due = match cadence.is_due {
            true => "this is its time",
            false if cadence.is_over => "that was long ago",
            false => "this is not its time",
        };
        let kept = format!("it came {} times in a row; {is_due}", number(cadence.kept));
        rows.add("cadence", cadence.period.name().to_string(), kept);
    }
}

fn score(alert: &Alert, rows: &mut Rows) {
    let (finding, factors) = (&alert.finding, &alert.finding.factors);
    let scored = |score: f64| format!("{score:.1}");
    let is_back = finding.function == Function::Comeback;
    let is_off = !is_back && finding.cadence.as_ref().is_some_and(|cadence| !cadence.is_due);
    let meaning = match (is_back, is_off) {
        (true, _) => "that it comes back after so long a silence",
        (_, true) => "its rarity and that it is off its rhythm, together",
        _ => "all of that together",
    };
    rows.add("probability", probability(finding.probability), meaning);
    rows.add("by probability", scored(factors.by_probability), "the score of its rarity alone");
    rows.add(
        "by habit",
        scored(factors.by_habit),
        "the most that so much rarity scores, as often as it is met here",
    );
    // The model goes by the probability above then, and what it has learnt of rarity is beside it.
    let replacing = scored(of_probability(finding.probability));
    if is_off {
        let meaning = "the score of the probability; it counts instead of the two above";
        rows.add("by rhythm", replacing.clone(), meaning);
    }
    rows.add(
        "by itself",
        scored(factors.by_own),
        "the most that it scores after how strange it was shortly before",
    );
    if is_back {
        let meaning = "the score of the probability; it counts instead of the three above";
        rows.add("by silence", replacing, meaning);
    }
    let passes = if finding.score >= alert.rule.threshold { "reaches" } else { "is below" };
    let meaning = format!("from 0 to 100; it {passes} the threshold of {}", alert.rule.threshold);
    rows.add("score", scored(finding.score), meaning);
}

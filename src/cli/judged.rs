//! What a rule finds in what is known, and which of that a command shows.
//!
//! A rule with its facts and the exceptions come in; alerts go out, in the order of the findings,
//! with what hides each and how many were beyond the rule's limit. Who shows them asks [`Showing`].

use clap::Args;

use super::posts::Post;
use super::verdicts::Verdicts;
use crate::alert::{self, Alert, Summary};
use crate::engine::{self, Finding, Judgement};

/// Which alerts are shown.
#[derive(Args, Clone, Copy, Debug)]
pub struct Showing {
    /// Only alerts that score as much, from 0 to 100, instead of each rule's own threshold
    #[arg(long, value_name = "SCORE", value_parser = score)]
    pub min_score: Option<f64>,

    /// Also show what came when it was due
    #[arg(long)]
    expected: bool,

    /// Also show what was found while too little was known
    #[arg(long)]
    provisional: bool,

    /// Also show what falls under an exception or a profile
    #[arg(long, help_heading = "Exceptions")]
    pub excepted: bool,
}

impl Showing {
    /// Whether an alert is shown.
    pub fn shows(&self, alert: &Alert) -> bool {
        (self.excepted || alert.excepted.is_none())
            && (self.expected || !alert.is_expected)
            && (self.provisional || !alert.is_provisional)
    }
}

/// A score as it is given.
pub fn score(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(score) if (0.0..=100.0).contains(&score) => Ok(score),
        _ => Err("not a score from 0 to 100".to_string()),
    }
}

/// What a rule has found.
pub struct Found {
    pub alerts: Vec<Alert>,
    /// How many there are of each kind, with those that are beyond the limit.
    pub summary: Summary,
    /// How many active buckets are known, and how many it takes; none once they are there.
    pub learning: Option<(u32, u32)>,
}

/// The alerts of those of a rule's findings that are wanted, if they score enough.
pub fn found(
    post: &Post,
    min_score: Option<f64>,
    verdicts: &Verdicts,
    is_wanted: impl Fn(&Finding) -> bool,
) -> Found {
    let mut judgement = judgement(post, min_score.unwrap_or(post.watch.rule().threshold));
    judgement.findings.retain(is_wanted);
    let mut alerts = alerts(post, &judgement);
    verdicts.apply(&mut alerts);
    let beyond = alert::limit(&mut alerts);
    let (known, needed) = (judgement.buckets, judgement.needed);
    let summary = Summary::of(&alerts, beyond);
    Found { alerts, summary, learning: (known < needed).then_some((known, needed)) }
}

/// What scores as much, among all facts of a rule.
pub fn judgement(post: &Post, least: f64) -> Judgement {
    engine::judge(post.watch.ledger(), post.watch.rule().wanted(least))
}

/// The alerts of a judgement.
pub fn alerts(post: &Post, judgement: &Judgement) -> Vec<Alert> {
    alert::alerts(post.watch.rule(), post.watch.ledger(), judgement)
}

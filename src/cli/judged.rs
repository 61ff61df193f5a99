//! What a rule finds in what is known, and which of that a command shows.
//!
//! A rule with its facts and the exceptions come in; alerts go out, in the order of the findings,
//! with what hides each and how many were beyond the rule's limit. Who shows them asks [`Showing`].

use clap::Args;

use super::posts::Post;
use super::verdicts::Verdicts;
use crate::alert::{self, Alert, Summary, Teller};
use crate::engine::{self, Finding};

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
///
/// What an exception hides was told to nobody, so it makes nothing that follows expected.
pub fn found(
    post: &Post,
    min_score: Option<f64>,
    verdicts: &Verdicts,
    is_wanted: impl Fn(&Finding) -> bool,
) -> Found {
    let (rule, ledger) = (post.watch.rule(), post.watch.ledger());
    let teller = Teller::of(rule, ledger);
    let is_told = |finding: &Finding| {
        let mut alert = [teller.alert(finding)];
        verdicts.apply(&mut alert);
        alert[0].excepted.is_none()
    };
    let wanted = rule.wanted(min_score.unwrap_or(rule.threshold));
    let judgement = match verdicts.are_none() {
        true => engine::judge(ledger, wanted),
        false => engine::judge_as_told(ledger, wanted, &is_told),
    };
    let findings = judgement.findings.iter().filter(|finding| is_wanted(finding));
    let mut alerts: Vec<Alert> = findings.map(|finding| teller.alert(finding)).collect();
    verdicts.apply(&mut alerts);
    let beyond = alert::limit(&mut alerts);
    let (known, needed) = (judgement.buckets, judgement.needed);
    let summary = Summary::of(&alerts, beyond);
    Found { alerts, summary, learning: (known < needed).then_some((known, needed)) }
}

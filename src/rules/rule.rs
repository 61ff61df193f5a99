//! A rule: one detector, and everything that people are told about what it finds.

use std::fmt;

use super::filter::Filter;
use crate::engine::{Question, Wanted};

/// A rule.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// Its short name, which is unique among the rules in use: `unusual_linux_network_activity`.
    pub name: String,
    /// Its name as people say it: "Unusual Linux Network Activity".
    pub title: String,
    /// Its `rule_id`; the short name where the file gives none.
    pub id: String,
    /// Its version; 1 where the file gives none.
    pub version: u32,
    /// The licence of its texts; empty where the file gives none.
    pub license: String,
    /// Where one can read more.
    pub references: Vec<String>,
    /// What it comes from: `oddsock`, or the name of the file.
    pub ruleset: String,
    /// What it finds, and why that may matter.
    pub description: String,
    /// What to do about a finding, in this order.
    pub next_steps: Vec<String>,
    /// What else may look like a finding.
    pub false_positives: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// How grave a finding is.
    pub severity: Severity,
    /// The same as a number from 0 to 100.
    pub risk_score: u32,
    /// The lowest score, from 0 to 100, that makes an alert.
    pub threshold: f64,
    /// How often it runs, in seconds.
    pub interval: u32,
    /// How far it looks back each time, in seconds.
    pub look_back: u32,
    /// For how long an alert is remembered, in seconds: what comes again within, in no new company,
    /// is no other alert.
    pub remembered: u32,
    /// How many alerts one run makes at most.
    pub max_alerts: u32,
    /// What an attacker may be about.
    pub threats: Vec<Threat>,
    /// The ids of the jobs it belongs to, as its file has them.
    pub jobs: Vec<String>,
    /// The forms in which it has been published before.
    pub history: Vec<Form>,
    /// What is asked of the connections that the filter admits.
    pub question: Question,
    /// Which connections count.
    pub filter: Filter,
    /// The file it was read from.
    pub text: String,
}

impl Rule {
    /// The findings that it wants: those that score as much, instead of its own threshold.
    pub fn wanted(&self, least: f64) -> Wanted {
        Wanted { threshold: self.threshold, least, remembered: self.remembered }
    }
}

/// How grave a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[allow(missing_docs)]
pub enum Severity {
    #[default]
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// All there are.
    pub const ALL: [Severity; 4] =
        [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// Its name in rule files.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// Its number in events, as the rules' own schema pairs them.
    pub fn number(self) -> u32 {
        match self {
            Severity::Low => 21,
            Severity::Medium => 47,
            Severity::High => 73,
            Severity::Critical => 99,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What an attacker may be about: a tactic, and techniques that serve it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Threat {
    /// Whose names these are: `MITRE ATT&CK`.
    pub framework: String,
    /// To what end.
    pub tactic: Tactic,
    /// By what means.
    pub techniques: Vec<Technique>,
}

/// To what end an attacker does something.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Tactic {
    pub id: String,
    pub name: String,
    pub reference: String,
}

/// By what means.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Technique {
    pub id: String,
    pub name: String,
    pub reference: String,
    pub subtechniques: Vec<Subtechnique>,
}

/// By which of several such means.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Subtechnique {
    pub id: String,
    pub name: String,
    pub reference: String,
}

/// A form in which a rule has been published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// When, or as a part of what: `2020/03`, `8.1.1`.
    pub published: String,
    /// Its version, where it has one.
    pub version: Option<u32>,
    /// The licence of its texts, which are not those of this rule.
    pub license: String,
    /// The ids of its jobs. A file that names one of them gets this rule's detector.
    pub jobs: Vec<String>,
}

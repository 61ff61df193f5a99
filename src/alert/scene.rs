//! Small worlds for tests: what was seen in which quarter-hour, and the alerts it makes.

use std::sync::Arc;

use super::{Alert, alerts};
use crate::engine::{
    self, Details, Ledger, Novelty, Observation, Question, Span, Track, Wanted, judge,
};
use crate::rules::{Filter, Rule, Severity, Subtechnique, Tactic, Technique, Threat};

/// The first quarter-hour of all scenes: 2026-08-01 00:00 UTC.
pub(crate) const START: u32 = 1_983_936;

/// Quarter-hours of a day.
pub(crate) const DAY: u32 = 96;

/// What is known, and the rule that judges it.
pub(crate) struct Scene {
    pub rule: Rule,
    ledger: Ledger,
    seen: u64,
}

impl Scene {
    /// Rare values of a field.
    pub(crate) fn of(by: &str) -> Scene {
        Scene::asking(question(by, None, Novelty::Any))
    }

    /// Values of a field that are new to a host and known to others.
    pub(crate) fn new_to_a_host() -> Scene {
        Scene::asking(question("process.name", Some("host.name"), Novelty::KnownElsewhere))
    }

    fn asking(question: Question) -> Scene {
        Scene { rule: rule(question.clone()), ledger: Ledger::new(question), seen: 0 }
    }

    /// A value is seen on a host in a quarter-hour after the first; what is shown of it.
    pub(crate) fn see(&mut self, quarter: u32, host: &str, value: &[u8], evidence: &str) {
        self.seen += 1;
        let is_partitioned = self.ledger.question().partition.is_some();
        let user: &[u8] = if self.seen.is_multiple_of(2) { b"root" } else { b"alice" };
        self.ledger.note(&Observation {
            time: u64::from(START + quarter) * 900_000 + self.seen % 900_000,
            id: engine::hash::of(&self.seen.to_le_bytes()),
            origin: host.as_bytes(),
            partition: is_partitioned.then_some(host.as_bytes()),
            value,
            influences: &[Some(host.as_bytes()), Some(user)],
            evidence: &|| evidence.as_bytes().into(),
        });
    }

    /// Some values are seen in all of these quarter-hours.
    pub(crate) fn always(&mut self, quarters: std::ops::Range<u32>, host: &str, values: &[&str]) {
        for quarter in quarters {
            values.iter().for_each(|value| self.see(quarter, host, value.as_bytes(), "{}"));
        }
    }

    /// Forgets everything but which value was in which bucket, and on which hosts.
    pub(crate) fn forget_details(&mut self) {
        let mut bare = Ledger::new(self.ledger.question().clone());
        for (subject, track) in self.ledger.tracks() {
            bare.restore(subject.clone(), Track { details: Details::default(), ..track.clone() });
        }
        self.ledger = bare;
    }

    /// The alerts, with those that are not shown.
    pub(crate) fn alerts(&self) -> Vec<Alert> {
        let threshold = self.rule.threshold;
        let judgement =
            judge(&self.ledger, Wanted { threshold, least: threshold, remembered: 2700 });
        alerts(&Arc::new(self.rule.clone()), &self.ledger, &judgement)
    }

    /// The only alert about what was seen in a quarter-hour.
    #[track_caller]
    pub(crate) fn alert(&self, quarter: u32) -> Alert {
        let start = u64::from(START + quarter) * 900_000;
        let mut of_it: Vec<Alert> =
            self.alerts().into_iter().filter(|alert| alert.bucket_start_ms == start).collect();
        let whys: Vec<&str> = of_it.iter().map(|alert| &alert.why[..]).collect();
        assert_eq!(of_it.len(), 1, "{whys:#?}");
        of_it.remove(0)
    }
}

fn question(by: &str, partition: Option<&str>, novelty: Novelty) -> Question {
    Question {
        name: "v3_linux_anomalous_network_activity".to_string(),
        by: by.to_string(),
        partition: partition.map(str::to_string),
        influencers: vec!["host.name".to_string(), "user.name".to_string()],
        span: Span::minutes(15),
        novelty,
    }
}

fn rule(question: Question) -> Rule {
    let text = str::to_string;
    Rule {
        name: text("unusual_linux_network_activity"),
        title: text("Unusual Linux Network Activity"),
        id: text("52afbdc5-db15-485e-bc24-f5707f820c4b"),
        version: 7,
        license: text("MIT OR Apache-2.0"),
        references: vec![text("https://example.org/rule")],
        ruleset: text("oddsock"),
        description: text("A program that seldom uses the network did."),
        next_steps: vec![
            text("Ask whoever looks after the host whether they know the program."),
            text("Look at what else the user did."),
        ],
        false_positives: Vec::new(),
        tags: Vec::new(),
        severity: Severity::Low,
        risk_score: 21,
        threshold: 50.0,
        interval: 900,
        look_back: 2700,
        remembered: 2700,
        max_alerts: 100,
        threats: vec![
            Threat {
                framework: text("MITRE ATT&CK"),
                tactic: Tactic {
                    id: text("TA0011"),
                    name: text("Command and Control"),
                    reference: text("https://attack.mitre.org/tactics/TA0011/"),
                },
                techniques: vec![Technique {
                    id: text("T1071"),
                    name: text("Application Layer Protocol"),
                    reference: text("https://attack.mitre.org/techniques/T1071/"),
                    subtechniques: vec![Subtechnique {
                        id: text("T1071.001"),
                        name: text("Web Protocols"),
                        reference: text("https://attack.mitre.org/techniques/T1071/001/"),
                    }],
                }],
            },
            Threat {
                framework: text("MITRE ATT&CK"),
                tactic: Tactic {
                    id: text("TA0008"),
                    name: text("Lateral Movement"),
                    reference: text("https://attack.mitre.org/tactics/TA0008/"),
                },
                techniques: Vec::new(),
            },
        ],
        jobs: vec![question.name.clone()],
        history: Vec::new(),
        filter: Filter::default(),
        question,
        text: String::new(),
    }
}

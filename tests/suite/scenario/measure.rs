//! How well attacks are found, and how often wolf is cried.
//!
//! The engine is asked the three questions of the built-in rules. What the original would have
//! raised on the same connections is what the first two find by rarity alone: without bursts and
//! comebacks, without the third question, and whether or not a value came at its time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oddsock::engine::{
    Bucket, Finding, Function, Ledger, Novelty, Observation, Question, Span, Wanted, judge,
};

use super::{BEGIN, DAY, Event, New, Scenario, Truth, name};

const QUARTER: Span = Span::minutes(15);
const THRESHOLD: f64 = 50.0;

/// For how long the built-in rules remember an alert, in seconds.
pub const LOOK_BACK: u32 = 2700;

/// The built-in rules' questions, in the order of [`New::ALL`].
fn questions() -> [Question; 3] {
    let question = |name: &str, by: &str, partition: Option<&str>, novelty| Question {
        name: name.to_string(),
        by: by.to_string(),
        partition: partition.map(str::to_string),
        influencers: ["host.name", "process.name", "user.name", "destination.ip"]
            .map(str::to_string)
            .to_vec(),
        span: QUARTER,
        novelty,
    };
    [
        question("process", "process.name", None, Novelty::Any),
        question("port", "destination.port", None, Novelty::Any),
        question("host", "process.name", Some("host.name"), Novelty::KnownElsewhere),
    ]
}

/// A place in a question: when, on which host, which value.
type Place = (usize, Bucket, Option<Arc<[u8]>>, Arc<[u8]>);

/// An alert.
#[derive(Clone, Debug)]
pub struct Alert {
    pub question: usize,
    pub finding: Finding,
    /// The attacks that are in it.
    pub attacks: BTreeSet<usize>,
}

impl Alert {
    fn is_after_first_week(&self) -> bool {
        QUARTER.start(self.finding.bucket) >= BEGIN + 7 * DAY
    }

    /// What the original gives it: by rarity, and less if it was stranger before.
    fn is_of_original(&self) -> bool {
        let factors = &self.finding.factors;
        let score = factors.by_probability.min(factors.by_habit).min(factors.by_own);
        self.question < 2 && self.finding.function == Function::Rare && score >= THRESHOLD
    }
}

/// What was found, and what is there.
#[derive(Debug)]
pub struct Measured {
    scenario: Scenario,
    truth: Truth,
    /// The alerts that are shown.
    pub alerts: Vec<Alert>,
    /// What the original would have raised.
    pub original: Vec<Alert>,
}

/// Feeds a scenario to the engine and judges it, remembering alerts for so many seconds.
pub fn measure(scenario: Scenario, remembered: u32) -> Measured {
    let mut ledgers = questions().map(Ledger::new);
    let mut attacks: BTreeMap<Place, BTreeSet<usize>> = BTreeMap::new();
    for (id, event) in (1..).zip(&scenario.events) {
        for (question, ledger) in ledgers.iter_mut().enumerate() {
            let Some((host, value)) = note(ledger, question, id, event) else { continue };
            let Some(attack) = event.attack else { continue };
            let bucket = QUARTER.bucket(event.time);
            let partition = (question == 2).then(|| host.as_bytes().into());
            let place = (question, bucket, partition, value.as_bytes().into());
            attacks.entry(place).or_default().insert(attack);
        }
    }
    let mut found = Vec::new();
    for (question, ledger) in ledgers.iter().enumerate() {
        let judgement =
            judge(ledger, Wanted { threshold: THRESHOLD, least: THRESHOLD, remembered });
        for finding in judgement.findings.into_iter().filter(|found| !found.is_provisional) {
            let place = |value: &Arc<[u8]>| {
                (question, finding.bucket, finding.partition.clone(), value.clone())
            };
            let attacks = finding.values.iter().filter_map(|value| attacks.get(&place(value)));
            let attacks = attacks.flatten().copied().collect();
            found.push(Alert { question, finding, attacks });
        }
    }
    let original = found.iter().filter(|alert| alert.is_of_original()).cloned().collect();
    found.retain(|alert| !alert.finding.is_expected());
    let truth = Truth::of(&scenario);
    Measured { scenario, truth, alerts: found, original }
}

/// Tells a question of a connection, if it is one for it; its host and the value.
fn note(ledger: &mut Ledger, question: usize, id: u64, event: &Event) -> Option<(String, String)> {
    let host = name(event.host);
    let value = match question {
        1 if event.is_inbound => return None,
        1 => event.port.to_string(),
        _ => event.process.to_string(),
    };
    let peer = event.peer.to_string();
    let peer = (!event.is_inbound).then_some(peer.as_bytes());
    ledger.note(&Observation {
        time: event.time,
        id,
        origin: host.as_bytes(),
        partition: (question == 2).then_some(host.as_bytes()),
        value: value.as_bytes(),
        influences: &[
            Some(host.as_bytes()),
            Some(event.process.as_bytes()),
            Some(event.user.as_bytes()),
            peer,
        ],
        evidence: &|| format!("{id}").into_bytes().into(),
    });
    Some((host, value))
}

/// The figures of one scenario, or the sums of several.
#[derive(Clone, Copy, Default, Debug)]
pub struct Figures {
    pub attacks: usize,
    pub alerted: usize,
    /// How many attacks are new in each way, and how many of these are alerted.
    pub new: [(usize, usize); 3],
    /// After the first week.
    pub host_days: usize,
    pub alerts: usize,
    pub false_alerts: usize,
    /// For each attack that is alerted, the share of the alerts of others that rank above.
    pub above: f64,
}

impl Measured {
    /// The figures of what is shown.
    pub fn ours(&self) -> Figures {
        self.figures(&self.alerts)
    }

    /// Those of what the original would have raised.
    pub fn originals(&self) -> Figures {
        self.figures(&self.original)
    }

    fn figures(&self, alerts: &[Alert]) -> Figures {
        let alerts: Vec<&Alert> = alerts.iter().filter(|a| a.is_after_first_week()).collect();
        let best = |attack: usize| {
            let own = alerts.iter().filter(|alert| alert.attacks.contains(&attack));
            own.map(|alert| alert.finding.score).max_by(f64::total_cmp)
        };
        let best: Vec<Option<f64>> = (0..self.scenario.attacks.len()).map(best).collect();
        let wolves: Vec<&&Alert> = alerts.iter().filter(|a| a.attacks.is_empty()).collect();
        let above = best.iter().flatten().map(|best| {
            let above = wolves.iter().filter(|wolf| wolf.finding.score >= *best).count();
            above as f64 / wolves.len().max(1) as f64
        });
        let new = New::ALL.map(|new| {
            let are = (0..best.len()).filter(|attack| self.truth.new[*attack].contains(&new));
            (are.clone().count(), are.filter(|attack| best[*attack].is_some()).count())
        });
        Figures {
            attacks: best.len(),
            alerted: best.iter().flatten().count(),
            new,
            host_days: self.scenario.wishes.hosts * (self.scenario.wishes.days() as usize - 7),
            alerts: alerts.len(),
            false_alerts: wolves.len(),
            above: above.sum(),
        }
    }

    /// The attacks that are not alerted, with what is new about them.
    pub fn missed(&self) -> Vec<(&'static str, &BTreeSet<New>)> {
        let alerted: BTreeSet<usize> =
            self.alerts.iter().flat_map(|alert| alert.attacks.iter().copied()).collect();
        let missed = (0..self.scenario.attacks.len()).filter(|attack| !alerted.contains(attack));
        missed.map(|attack| (self.scenario.attacks[attack], &self.truth.new[attack])).collect()
    }
}

impl Figures {
    /// The sum of several.
    pub fn and(self, other: Figures) -> Figures {
        let both = |at: usize| (self.new[at].0 + other.new[at].0, self.new[at].1 + other.new[at].1);
        Figures {
            attacks: self.attacks + other.attacks,
            alerted: self.alerted + other.alerted,
            new: [both(0), both(1), both(2)],
            host_days: self.host_days + other.host_days,
            alerts: self.alerts + other.alerts,
            false_alerts: self.false_alerts + other.false_alerts,
            above: self.above + other.above,
        }
    }

    /// How many alerts a host raises in a day after the first week.
    pub fn daily(&self) -> f64 {
        self.alerts as f64 / self.host_days as f64
    }

    /// The same of those without an attack in them.
    pub fn falsely_daily(&self) -> f64 {
        self.false_alerts as f64 / self.host_days as f64
    }

    /// A row of a table.
    pub fn row(&self, title: &str) -> String {
        let new = self.new.map(|(all, found)| format!("{found} of {all}")).join(" | ");
        format!(
            "| {title} | {} of {} | {new} | {:.2} | {:.2} | {:.0} % |",
            self.alerted,
            self.attacks,
            self.daily(),
            self.falsely_daily(),
            100.0 * self.above / self.alerted.max(1) as f64,
        )
    }
}

/// The head of a table of such rows.
pub const HEAD: &str = "\
    | scenario | attacks alerted | new process | new port | new to the host \
    | alerts per host and day | false ones | of them above an attack |\n\
    |---|---|---|---|---|---|---|---|";

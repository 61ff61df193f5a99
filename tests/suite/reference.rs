//! The original engine's scoring, against ours on the same inputs.
//!
//! Where they must agree and where not is said in oddsock-scoring(7). Two effects of the original
//! are not copied: its uncertainty jumps where all masses together pass 100, 1,000 and 10,000, and
//! the order of its hash table decides scores below about 20.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use oddsock::engine::{self, Finding, Function, Ledger, Novelty, Observation, Question, Span};

use crate::shared::shared;

const QUARTER: Span = Span::minutes(15);
const THRESHOLD: f64 = 50.0;

/// What is found: when, in which partition, which value.
type Place = (u64, String, String);

/// The probability and the score of it.
type Scores = BTreeMap<Place, (f64, f64)>;

/// Reads an input of the reference.
fn learnt(folder: &Path, partition: Option<&str>) -> Ledger {
    let file = fs::File::open(folder.join("input.csv.gz")).expect("an input");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("text");
    let mut ledger = Ledger::new(Question {
        name: "reference".to_string(),
        by: "process.name".to_string(),
        partition: partition.map(str::to_string),
        influencers: vec!["destination.ip".to_string()],
        span: QUARTER,
        novelty: Novelty::Any,
    });
    for (id, line) in (1..).zip(text.lines().skip(1)) {
        let fields: Vec<&str> = line.split(',').collect();
        let [time, host, name, _, destination, _] = fields[..] else { panic!("{line}") };
        ledger.note(&Observation {
            time: time.parse::<u64>().expect("seconds") * 1000,
            id,
            origin: host.as_bytes(),
            partition: partition.map(|_| host.as_bytes()),
            value: name.as_bytes(),
            influences: &[Some(destination.as_bytes())],
            evidence: &|| line.as_bytes().into(),
        });
    }
    ledger
}

fn place(finding: &Finding) -> Place {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let partition = finding.partition.as_deref().map(text).unwrap_or_default();
    (QUARTER.start(finding.bucket) / 1000, partition, text(&finding.values[0]))
}

fn theirs(folder: &Path) -> Scores {
    let table = fs::read_to_string(folder.join("result.tsv")).expect("a result");
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| fields[at].parse::<f64>().expect("a number");
        let place = (number(0) as u64, fields[1].to_string(), fields[2].to_string());
        (place, (number(3), number(4)))
    };
    table.lines().skip(1).map(row).collect()
}

/// Judges a case; what is found by rarity alone, all of it, and bursts.
fn judged(folder: &Path, partition: Option<&str>) -> (Scores, Vec<Finding>) {
    let ledger = learnt(folder, partition);
    let wanted = engine::Wanted { threshold: THRESHOLD, least: 0.0, remembered: 2700 };
    let (rare, others): (Vec<Finding>, _) = engine::judge(&ledger, wanted)
        .findings
        .into_iter()
        .partition(|finding| finding.function == Function::Rare);
    assert!(rare.iter().all(|finding| !finding.is_provisional || finding.score < THRESHOLD));
    let shown = rare.iter().filter(|finding| finding.score >= THRESHOLD);
    assert!(shown.into_iter().all(|finding| finding.familiarity.is_none()));
    let scores =
        rare.iter().map(|finding| (place(finding), (finding.factors.rarity, finding.score)));
    (scores.collect(), others)
}

fn passing(scores: &Scores) -> Vec<&Place> {
    scores.iter().filter(|(_, (_, score))| *score >= THRESHOLD).map(|(place, _)| place).collect()
}

/// Whether both found the same, and how many of their numbers agree, of how many.
#[track_caller]
fn check(case: &str, partition: Option<&str>, bursts: usize, agreeing: (usize, usize)) {
    let Some(folder) = shared(&format!("reference/{case}")) else { return };
    let (ours, others) = judged(&folder, partition);
    let theirs = theirs(&folder);
    assert_eq!(passing(&ours), passing(&theirs), "{case}");
    assert_eq!(others.len(), bursts, "{case}: {others:?}");
    let telling = theirs.iter().filter(|(_, (_, score))| *score > 0.0);
    let both: Vec<_> = telling
        .filter_map(|(place, theirs)| Some((*ours.get(place)?, *theirs)))
        .map(|(ours, theirs)| (ours.0 / theirs.0 - 1.0, ours.1 - theirs.1))
        .collect();
    let is_near = |(probability, score): &&(f64, f64)| probability.abs() < 0.1 && score.abs() < 3.0;
    assert_eq!((both.iter().filter(is_near).count(), both.len()), agreeing, "{case}");
}

#[test]
fn one_odd_name_among_steady_ones_scores_as_in_the_original() {
    check("a", None, 0, (1, 1));
    check("b", None, 0, (4, 4));
    check("b2", None, 0, (4, 4));
}

#[test]
fn a_daily_job_stays_below_the_threshold_as_in_the_original() {
    check("c", None, 0, (14, 14));
}

#[test]
fn among_many_names_the_same_are_found_as_in_the_original() {
    check("d", None, 0, (647, 735));
}

#[test]
fn hosts_by_themselves_score_as_in_the_original() {
    check("h", Some("host.name"), 0, (250, 250));
}

#[test]
fn three_days_are_too_few_for_a_finding_as_in_the_original() {
    check("f2", None, 0, (6, 6));
}

#[test]
fn thirty_new_names_at_once_are_one_burst_where_the_original_finds_nothing() {
    check("e3", None, 1, (0, 0));
}

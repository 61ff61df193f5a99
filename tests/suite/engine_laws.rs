//! Laws of the engine: for any facts, in any order, told as often as one likes.

use oddsock::engine::{
    Bucket, Finding, Ledger, Novelty, Observation, Question, Span, Wanted, judge,
};
use proptest::collection::vec;
use proptest::prelude::*;

const QUARTER: Span = Span::minutes(15);
const ALL: Wanted = Wanted { threshold: 50.0, least: 0.0, remembered: 2700 };

/// A thing that was seen: in which bucket, on which host, what, and which event of the bucket.
type Seen = (u32, u8, u8, u8);

/// Where the buckets of these laws begin.
const FIRST: u32 = 2_000_000;

fn ledger(novelty: Novelty) -> Ledger {
    Ledger::new(Question {
        name: "laws".to_string(),
        by: "process.name".to_string(),
        partition: (novelty == Novelty::KnownElsewhere).then(|| "host.name".to_string()),
        influencers: vec!["user.name".to_string()],
        span: QUARTER,
        novelty,
    })
}

fn note(ledger: &mut Ledger, (bucket, host, value, event): Seen) {
    let is_apart = ledger.question().partition.is_some();
    let time = QUARTER.start(Bucket(FIRST + bucket)) + u64::from(event);
    let id = [u64::from(bucket), host.into(), value.into(), event.into()];
    ledger.note(&Observation {
        time,
        id: id.iter().fold(0, |id, part| id * 1000 + part),
        origin: &[host],
        partition: is_apart.then_some(&[host]),
        value: &[value],
        influences: &[Some(&[event % 3])],
        evidence: &|| format!("{bucket} {host} {value} {event}").into_bytes().into(),
    });
}

fn learnt(novelty: Novelty, seen: &[Seen]) -> Ledger {
    let mut ledger = ledger(novelty);
    seen.iter().for_each(|seen| note(&mut ledger, *seen));
    ledger
}

fn joined(a: &Ledger, b: &Ledger) -> Ledger {
    let mut joined = a.clone();
    joined.absorb(b);
    joined
}

/// What is found, with every number to the bit.
fn found(ledger: &Ledger) -> Vec<(Finding, [u64; 2])> {
    let bits = |finding: &Finding| [finding.score, finding.probability].map(f64::to_bits);
    judge(ledger, ALL).findings.into_iter().map(|f| (f.clone(), bits(&f))).collect()
}

/// A few common values and many rare ones, for ten days.
fn seen() -> impl Strategy<Value = Vec<Seen>> {
    let value = prop_oneof![3 => 0_u8..4, 1 => 4_u8..60];
    vec((0_u32..960, 0_u8..5, value, 0_u8..40), 0..400)
}

fn novelty() -> impl Strategy<Value = Novelty> {
    prop_oneof![Just(Novelty::Any), Just(Novelty::KnownElsewhere)]
}

/// Two values in every bucket of some days.
fn steady(days: u32) -> Vec<Seen> {
    (0..days * 96).flat_map(|bucket| [(bucket, 0, 0, 0), (bucket, 1, 1, 0)]).collect()
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn joining_is_union(a in seen(), b in seen(), c in seen(), novelty in novelty()) {
        let [a, b, c] = [a, b, c].map(|seen| learnt(novelty, &seen));
        let ab = joined(&a, &b);
        prop_assert!(ab == joined(&b, &a));
        prop_assert!(joined(&ab, &c) == joined(&a, &joined(&b, &c)));
        prop_assert!(joined(&ab, &ab) == ab && joined(&ab, &b) == ab);
    }

    #[test]
    fn learning_apart_and_joining_is_learning_together(
        seen in seen(),
        cut in 0_usize..400,
        novelty in novelty(),
    ) {
        let (before, after) = seen.split_at(cut.min(seen.len()));
        let apart = joined(&learnt(novelty, after), &learnt(novelty, before));
        let together = learnt(novelty, &seen);
        prop_assert!(apart == together);
        prop_assert_eq!(found(&apart), found(&together));
    }

    #[test]
    fn any_order_and_any_repetition_give_the_same_facts_and_findings_to_the_bit(
        (seen, shuffled) in seen().prop_flat_map(|seen| {
            let twice: Vec<Seen> = [seen.clone(), seen.clone()].concat();
            (Just(seen), Just(twice).prop_shuffle())
        }),
        novelty in novelty(),
    ) {
        let (straight, shuffled) = (learnt(novelty, &seen), learnt(novelty, &shuffled));
        prop_assert!(straight == shuffled);
        prop_assert_eq!(found(&straight), found(&shuffled));
    }
}

#[test]
fn a_fact_that_comes_late_is_judged_as_if_it_had_come_in_time() {
    let mut in_time = steady(12);
    in_time.push((960, 0, 9, 0));
    let mut late = steady(12);
    let unaware = learnt(Novelty::Any, &late);
    assert!(found(&unaware).iter().all(|(finding, _)| finding.bucket.0 != FIRST + 960));
    late.push((960, 0, 9, 0));
    in_time.sort_unstable();
    let found = [in_time, late].map(|seen| found(&learnt(Novelty::Any, &seen)));
    let is_it = |(finding, _): &&(Finding, _)| finding.bucket.0 == FIRST + 960;
    assert_eq!(found[0], found[1]);
    assert_eq!(found[1].iter().filter(is_it).count(), 1);
}

/// Whether a new value is found after forty others that came so many buckets apart.
fn is_found_after_forty(apart: u32) -> bool {
    let mut seen = steady(14);
    seen.extend((0..40).map(|value| (1000 + u32::from(value) * apart, 0, 10 + value, 0)));
    seen.push((1300, 0, 99, 0));
    let found = found(&learnt(Novelty::Any, &seen));
    let is_it = |finding: &Finding| finding.score >= 50.0 && finding.values[0][..] == [99];
    found.iter().any(|(finding, _)| is_it(finding))
}

#[test]
fn a_burst_does_not_hide_what_comes_after_it_and_forty_by_themselves_do() {
    assert!(is_found_after_forty(0));
    assert!(!is_found_after_forty(7));
}

#[test]
fn a_lone_stamp_in_the_far_future_makes_nothing_old() {
    let mut seen = steady(3);
    seen.push((96 * 3000, 0, 7, 0));
    let mut future = learnt(Novelty::Any, &seen);
    future.forget_old();
    assert!(future == learnt(Novelty::Any, &seen));
    // The neighbour: days that are really later do.
    seen.extend((0..96).map(|bucket| (96 * 3000 + bucket, 0, 7, 0)));
    let mut later = learnt(Novelty::Any, &seen);
    later.forget_old();
    assert_eq!(later.tracks().len(), 1);
}

/// Values of a year, most of them seldom seen; each host has a hundred addresses.
fn year_of(values: u32) -> Ledger {
    let mut ledger = ledger(Novelty::Any);
    let mut dice = 1_u64;
    for value in 0..values {
        for again in 0..1 + value % 5 {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let bucket = (dice >> 33) as u32 % (365 * 96);
            see_numbered(&mut ledger, bucket, value, again);
        }
    }
    for bucket in 0..365 * 96 {
        (0..5).for_each(|value| see_numbered(&mut ledger, bucket, values + value, 0));
    }
    ledger
}

fn see_numbered(ledger: &mut Ledger, bucket: u32, value: u32, again: u32) {
    ledger.note(&Observation {
        time: QUARTER.start(Bucket(FIRST + bucket)),
        id: u64::from(bucket) << 32 | u64::from(value * 5 + again),
        origin: format!("host{}", value % 10).as_bytes(),
        partition: None,
        value: format!("process-{value}").as_bytes(),
        influences: &[Some(b"root")],
        evidence: &|| vec![b'x'; 400].into(),
    });
}

#[test]
fn beyond_a_hundred_thousand_values_the_least_telling_leave_and_are_counted() {
    let ledger = year_of(oddsock::engine::ledger::MOST_VALUES as u32 + 5000);
    let (held, forgotten) = (ledger.tracks().len() as u64, ledger.forgotten());
    assert!(forgotten > 0 && held <= oddsock::engine::ledger::MOST_VALUES as u64);
    assert!(held + forgotten >= 105_005, "{held} + {forgotten}");
    assert!(ledger.weight() < 64 << 20, "{}", ledger.weight());
    assert!(ledger.track(None, b"process-105004").is_some(), "what was always there stays");
}

#[test]
fn a_flood_of_made_up_values_does_not_drive_out_the_one_that_came_alone() {
    let mut ledger = ledger(Novelty::Any);
    see_numbered(&mut ledger, 0, 1_000_000, 0);
    (0..110_000).for_each(|value| see_numbered(&mut ledger, 300, value, 0));
    see_numbered(&mut ledger, 400, 1_000_001, 0);
    assert!(ledger.forgotten() >= 10_000, "{}", ledger.forgotten());
    let alone = ledger.tracks().filter(|(_, track)| !track.buckets.contains(Bucket(FIRST + 300)));
    assert_eq!(alone.count(), 2);
}

/// How many bytes of memory this process has, on Linux.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
#[ignore = "a measurement: run it alone, in release"]
fn a_year_of_a_hundred_thousand_values_is_folded_in_seconds_and_held_in_64_mib() {
    let before = resident();
    let ledger = year_of(oddsock::engine::ledger::MOST_VALUES as u32 - 5);
    let after = resident();
    let values = ledger.tracks().len();
    let begin = std::time::Instant::now();
    let judgement = judge(&ledger, Wanted { threshold: 50.0, least: 50.0, remembered: 2700 });
    let took = begin.elapsed();
    let held = after.zip(before).map(|(after, before)| after.saturating_sub(before) >> 20);
    println!(
        "{values} values, {} forgotten, {} MiB by weight, {held:?} resident; {} found in {took:?}",
        ledger.forgotten(),
        ledger.weight() >> 20,
        judgement.findings.len(),
    );
    assert!(took.as_secs() < 30, "{took:?}");
    assert!(held.is_none_or(|held| held < 64), "{held:?}");
}

/// Made-up values in one bucket and the one that came alone in another, in some order.
fn scanned(values: u32, order: impl Fn(u32) -> u32) -> Ledger {
    let mut ledger = ledger(Novelty::Any);
    let see = |ledger: &mut Ledger, bucket: u32, value: &str, event: u32| {
        let evidence = format!("{value} {event} {}", "about three hundred bytes ".repeat(12));
        ledger.note(&Observation {
            time: QUARTER.start(Bucket(FIRST + bucket)) + u64::from(event),
            id: u64::from(event),
            origin: b"web",
            partition: None,
            value: value.as_bytes(),
            influences: &[Some(b"root")],
            evidence: &|| evidence.clone().into_bytes().into(),
        });
    };
    (0..8).for_each(|event| see(&mut ledger, 7, "nc", event));
    (0..values).for_each(|at| see(&mut ledger, 500, &format!("port {}", order(at)), order(at)));
    ledger.settle();
    ledger
}

#[test]
fn a_scan_takes_the_room_of_its_own_values_and_no_other_alerts_evidence() {
    let kept = |ledger: &Ledger, value: &str, bucket: u32| {
        let track = ledger.track(None, value.as_bytes()).expect("known");
        track.details.get(Bucket(FIRST + bucket)).map_or(0, |detail| detail.evidence.len())
    };
    let few = scanned(3_000, |at| at);
    assert_eq!(few.retention_step(), 0);
    let many = scanned(40_000, |at| at);
    assert_eq!((many.retention_step(), kept(&many, "nc", 7)), (1, 8));
    let of_scan = (0..40_000).filter(|at| kept(&many, &format!("port {at}"), 500) > 0);
    assert_eq!(of_scan.count(), 256);
    assert!(scanned(40_000, |at| 39_999 - at) == many, "in any order");
    assert!(scanned(40_000, |at| at * 7_919 % 40_000) == many, "in any order");
}

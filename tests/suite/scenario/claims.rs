//! What is claimed of the figures, and that the program reads what the generator writes.

use std::process::Command;

use super::measure::{Figures, HEAD, LOOK_BACK, measure};
use super::{BEGIN, DAY, Event, HOUR, Scenario, Wishes, lines, name};

/// The sums over some seeds: ours, and those of what the original would have raised.
fn measured(seeds: u64, wish: fn(Wishes) -> Wishes) -> (Figures, Figures) {
    let (mut ours, mut originals) = (Figures::default(), Figures::default());
    for seed in 1..=seeds {
        let measured = measure(Scenario::of(wish(Wishes::usual(seed))), LOOK_BACK);
        println!("seed {seed} misses {:?}", measured.missed());
        ours = ours.and(measured.ours());
        originals = originals.and(measured.originals());
    }
    (ours, originals)
}

/// What is claimed of any fleet.
#[track_caller]
fn check(title: &str, seeds: u64, wish: fn(Wishes) -> Wishes) -> (Figures, Figures) {
    let (ours, originals) = measured(seeds, wish);
    println!("{HEAD}\n{}\n{}", ours.row(title), originals.row("the original"));
    assert_eq!(ours.new[0].1, ours.new[0].0, "every attack by a new process is alerted");
    assert!(ours.alerted > originals.alerted, "more attacks than in the original are alerted");
    assert!(ours.false_alerts < originals.false_alerts, "fewer alerts are false");
    (ours, originals)
}

#[test]
fn attacks_are_alerted_with_fewer_false_alerts_than_in_the_original() {
    check_usual(2);
    // Five take a minute without optimisation.
    if !cfg!(debug_assertions) {
        check_usual(5);
    }
}

#[track_caller]
fn check_usual(seeds: u64) {
    let (ours, originals) = check("ten hosts, three weeks", seeds, |wishes| wishes);
    assert_eq!(ours.new[1].1, ours.new[1].0, "every attack by a new port is alerted");
    assert_eq!(ours.new[2].1, ours.new[2].0, "every process new to a host is alerted");
    assert!(ours.false_alerts * 3 < originals.false_alerts * 2, "by a third");
    assert!(ours.falsely_daily() < 0.36, "{}", ours.falsely_daily());
    let mut calm = Figures::default();
    for seed in 1..=seeds {
        let fortnight = (14 * DAY / 1000) as u32;
        calm = calm.and(measure(Scenario::of(Wishes::usual(seed)), fortnight).ours());
    }
    println!("{}", calm.row("remembered for a fortnight"));
    assert_eq!(calm.alerted, ours.alerted, "no attack is lost by remembering alerts");
    assert!(calm.falsely_daily() * 3.0 <= ours.falsely_daily() * 2.0, "by a third");
    assert!(calm.falsely_daily() < 0.18, "{}", calm.falsely_daily());
}

#[test]
#[ignore = "takes long: the other rows of the table"]
fn other_fleets_are_judged_as_well() {
    check("five weeks", 5, |wishes| Wishes { weeks: 5, ..wishes });
    check("three hosts", 5, |wishes| Wishes { hosts: 3, ..wishes });
    check("thirty hosts", 3, |wishes| Wishes { hosts: 30, ..wishes });
    check("four times the noise", 5, |wishes| Wishes { noise: 200, ..wishes });
    check("four times the one-off tools", 5, |wishes| Wishes { one_offs: 400, ..wishes });
    check("thirty times the ports of the moment", 5, |wishes| Wishes { any_port: 100, ..wishes });
}

#[test]
fn the_same_wishes_give_the_same_scenario_and_another_seed_another() {
    let small = |seed| Scenario::of(Wishes { weeks: 2, hosts: 3, ..Wishes::usual(seed) }).events;
    assert_eq!(small(1), small(1));
    assert_ne!(small(1), small(2));
}

/// A connection as the program tells of it and as it was made.
type Told = (String, String, String, String, String, u64, bool);

fn made(event: &Event) -> Told {
    let time = jiff::Timestamp::from_millisecond(event.time as i64).expect("a time");
    let (host, process) = (name(event.host), event.process.to_string());
    let time = format!("{time:.3}");
    let (port, peer) = (u64::from(event.port), event.peer.to_string());
    (time, host, process, event.user.to_string(), peer, port, event.is_inbound)
}

fn told(line: &str) -> Told {
    let document: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_string();
    let is_inbound = text("event.action") == "connection_accepted";
    let side = if is_inbound { "source" } else { "destination" };
    let port = document[format!("{side}.port")].as_u64().expect("a port");
    (
        text("@timestamp"),
        text("host.name"),
        text("process.name"),
        text("user.name"),
        text(&format!("{side}.ip")),
        port,
        is_inbound,
    )
}

#[test]
fn the_program_reads_back_exactly_the_connections_that_were_written() {
    let scenario = Scenario::of(Wishes { weeks: 2, ..Wishes::usual(1) });
    let day = BEGIN + 10 * 24 * HOUR..BEGIN + 11 * 24 * HOUR;
    let events: Vec<&Event> =
        scenario.events.iter().filter(|event| day.contains(&event.time)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("audit.log");
    std::fs::write(&log, lines::written(events.iter().copied())).expect("a file");
    let run = Command::new(env!("CARGO_BIN_EXE_oddsock"))
        .args(["connections", "--format", "ndjson"])
        .arg(&log)
        .output()
        .expect("a run");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut seen: Vec<Told> = String::from_utf8_lossy(&run.stdout).lines().map(told).collect();
    let mut expected: Vec<Told> = events.into_iter().map(made).collect();
    seen.sort_unstable();
    expected.sort_unstable();
    assert!(expected.len() > 5000, "{} connections of a day", expected.len());
    assert!(expected.iter().any(|connection| connection.6));
    for (seen, expected) in seen.iter().zip(&expected) {
        assert_eq!(seen, expected);
    }
    assert_eq!(seen.len(), expected.len());
}

//! A clock that is set while the log is written: nothing is lost, nothing comes twice, and it is
//! told of. A machine that had nothing to say for a night has not set its clock.

use std::collections::BTreeSet;
use std::time::Duration;

use super::days;
use super::run::{Folder, Run, TOLD, alerts};
use crate::scenario::dice::Dice;

/// The log of so many quarters of an hour, in parts that were written under other clocks.
fn stepped(parts: &[(u64, i64)], seed: u64) -> Vec<String> {
    let log = days::log(parts.iter().map(|(quarters, _)| quarters).sum(), seed);
    let (mut rest, mut quarter) = (log.as_str(), 0);
    let part = |(quarters, ahead): &(u64, i64)| {
        quarter += quarters;
        let (part, after) = days::until(rest, quarter);
        rest = after;
        days::ahead(part, *ahead)
    };
    parts.iter().map(part).collect()
}

/// How often a step of the clock was counted, by what is said in the end.
fn steps(folder: &Folder) -> u64 {
    let said = folder.text("said");
    let last = said.lines().rfind(|line| line.contains("bytes behind.")).expect("the end");
    let counted =
        last.split([',', ';']).map(str::trim).find_map(|part| part.strip_suffix(" clock steps"));
    counted.map_or(0, |number| number.parse().expect("a number"))
}

fn wait_for_connections(folder: &Folder, number: usize) {
    folder.wait("all connections", |_| folder.text("connections").lines().count() >= number);
}

#[test]
fn a_clock_that_is_set_back_and_ahead_loses_nothing_and_doubles_nothing() {
    for seed in 1..4 {
        let mut dice = Dice::new(seed, "steps");
        let mut ahead = || {
            let length = *dice.pick(&[20, 700, 3_000, 10_000, 200_000, 20_000_000]);
            if dice.below(2) == 0 { length } else { -length }
        };
        let parts: Vec<(u64, i64)> = (0..6).map(|_| (20, ahead())).collect();
        let folder = Folder::new();
        // Whatever is rotated before the first run has saved is learnt, and not told of.
        let logs = stepped(&parts, seed);
        folder.append(logs[0].as_bytes());
        let first = folder.tail(&TOLD);
        wait_for_connections(&folder, 5);
        assert_eq!(first.end(), 0);
        let mut run: Option<Run> = None;
        let mut dice = Dice::new(seed, "kills");
        for part in &logs[1..] {
            for piece in part.as_bytes().chunks(20_000) {
                let run = run.get_or_insert_with(|| folder.tail(&TOLD));
                assert!(run.child.try_wait().unwrap().is_none(), "{}", folder.text("said"));
                folder.append(piece);
                std::thread::sleep(Duration::from_millis(dice.below(100)));
            }
            if dice.below(2) == 0
                && let Some(run) = run.take()
            {
                run.kill();
            }
            folder.rotate();
        }
        let run = run.unwrap_or_else(|| folder.tail(&TOLD));
        let expected = folder.replayed("connections");
        wait_for_connections(&folder, expected.lines().count());
        assert_eq!(run.end(), 0, "{}", folder.text("said"));
        assert!(folder.text("connections") == expected, "seed {seed}, {parts:?}");
        for name in ["alerts", TOLD[1]] {
            let told = alerts(&folder.text(name));
            let ids: BTreeSet<&String> = told.iter().map(|(id, _)| id).collect();
            assert_eq!(ids.len(), told.len(), "seed {seed}: twice in {name}");
        }
    }
}

#[test]
fn nobody_hides_behind_a_clock_that_is_set_back_and_it_is_told() {
    let folder = Folder::new();
    // What comes last lies in quarters of an hour that were judged long ago.
    let parts = stepped(&[(110, 0), (30, -40 * 900)], 3);
    folder.append(parts[0].as_bytes());
    let run = folder.tail(&[]);
    folder.wait("the alerts before", |_| folder.text("alerts").lines().count() > 2);
    folder.append(parts[1].as_bytes());
    let odd: BTreeSet<&str> = parts[1]
        .split("comm=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|name| name.starts_with("odd"))
        .collect();
    assert!(odd.len() > 1);
    folder.wait("the alerts behind", |_| {
        let told = folder.text("alerts");
        odd.iter().all(|name| told.contains(&format!("\"{name}\"")))
    });
    assert_eq!(run.end(), 0);
    assert_eq!(steps(&folder), 1);
    let connections = folder.text("connections");
    assert_eq!(connections, folder.replayed("connections"));
}

#[test]
fn a_night_without_events_is_no_step_of_the_clock() {
    let folder = Folder::new();
    let parts = stepped(&[(20, 0), (20, 36_000), (20, 72_000)], 5);
    folder.append(parts.concat().as_bytes());
    let run = folder.tail(&[]);
    wait_for_connections(&folder, folder.replayed("connections").lines().count());
    assert_eq!(run.end(), 0);
    assert_eq!(steps(&folder), 0);
    assert!(!folder.text("said").contains("clock"));
}

#[test]
fn nobody_hides_in_a_time_that_has_not_come_yet() {
    let folder = Folder::new();
    // Within a quarter of an hour the clock is set twenty years ahead, and back.
    let log = days::log(131, 3);
    let (before, rest) = days::until(&log, 100);
    let (attack, rest) = days::until(rest, 101);
    let attack = days::ahead(&attack.replace("curl", "hidden"), 20 * 365 * 86_400);
    folder.append([before, attack.as_str(), rest].concat().as_bytes());
    let expected = alerts(&folder.replayed("replay"));
    let is_hidden = |alerts: &[(String, serde_json::Value)]| {
        alerts.iter().any(|(_, alert)| alert.to_string().contains("\"hidden\""))
    };
    assert!(is_hidden(&expected));
    let run = folder.tail(&[]);
    folder.wait("the alerts", |_| {
        let told = folder.text("alerts");
        told.ends_with('\n') && told.lines().count() >= expected.len()
    });
    let number = folder.text("connections").lines().count();
    assert_eq!(run.end(), 0);
    let told = alerts(&folder.text("alerts"));
    assert!(is_hidden(&told) && number > 0);
    let ids = |alerts: &[(String, _)]| alerts.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&told), ids(&expected));
    assert!(folder.text("said").contains("bytes behind."));
}

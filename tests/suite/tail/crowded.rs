//! More values than there is room to keep all details of: what is told is what a replay tells.

use std::fs;

use super::days;
use super::run::{Folder, SHOWN, alerts};

/// A crowd on one host makes nothing ordinary on another, and shares its room.
const RULE: &str = r#"
[rule]
name = "Programs of a host"
anomaly_threshold = 1
max_signals = 10000

[detector]
name = "programs"
by = "process.name"
partition = "host.name"
influencers = ["user.name"]
"#;

#[test]
fn less_is_kept_of_a_crowd_as_a_replay_keeps_it() {
    let folder = Folder::new();
    fs::write(folder.path("rules.toml"), RULE).unwrap();
    let rules = ["--rules", "rules.toml", "--rule", "programs"];
    let log = days::told_by("quiet", &days::log(130, 3));
    // The first crowd leaves no room; of the later ones as little is kept, though there is room.
    let mut text = String::new();
    let mut rest = log.as_str();
    for (quarter, number) in [(100, 8000), (105, 900), (110, 900), (115, 900), (120, 900)] {
        let (before, after) = days::until(rest, quarter);
        text += before;
        text += &days::told_by("noisy", &days::crowd(quarter, number));
        rest = after;
    }
    text += rest;
    folder.append(text.as_bytes());
    let replay = ["replay", "audit.log", "--format", "ndjson"];
    let replayed = folder.command(&replay).args(SHOWN).args(rules).output().unwrap();
    let expected = alerts(&String::from_utf8(replayed.stdout).unwrap());
    assert!(expected.len() > 5, "{}", expected.len());
    let run = folder.tail(&rules);
    folder.wait("the alerts", |_| folder.text("alerts").lines().count() >= expected.len());
    assert_eq!(run.end(), 0);
    let told = alerts(&folder.text("alerts"));
    assert_eq!(told.len(), expected.len());
    for (ours, all) in told.iter().zip(&expected) {
        assert_eq!(ours, all);
    }
    assert!(folder.text("said").contains("less was kept of their events"));
}

//! The state of a service that somebody else learns into meanwhile: what only they have stored is
//! told all the same, and what was told is not told again.

use super::days;
use super::run::{Folder, SHOWN, alerts};

/// The alerts that a replay stores, which learns into the state of the service.
fn replayed_into_the_state(folder: &Folder) -> Vec<(String, serde_json::Value)> {
    let replay = ["replay", "--state", "state", "--format", "ndjson", "audit.log"];
    let output = folder.command(&replay).args(SHOWN).output().unwrap();
    alerts(&String::from_utf8(output.stdout).unwrap())
}

/// A folder in which a run has stopped before the last odd program was judged.
fn stopped_in_time(log: &str) -> Folder {
    for _ in 0..9 {
        let folder = Folder::new();
        folder.append(log.as_bytes());
        let all = folder.replayed("connections").lines().count();
        let run = folder.tail(&[]);
        folder.wait("all connections", |_| folder.text("connections").lines().count() >= all);
        assert_eq!(run.end(), 0);
        if folder.unjudged() > Some(0) {
            return folder;
        }
    }
    panic!("this machine is too busy to stop a run within three seconds");
}

#[test]
fn what_only_a_replay_has_stored_is_told_once_and_what_was_told_is_not_told_again() {
    let log = days::log(130, 11);
    let odd = log.rfind("proctitle=\"odd").unwrap();
    let end = odd + log[odd..].find('\n').unwrap() + 1;
    let begin = log[..end].rfind("type=SYSCALL").unwrap();
    let folder = stopped_in_time(&log[..end]);
    let before = alerts(&folder.text("alerts"));
    let stored = replayed_into_the_state(&folder);
    let is_new = |alert: &&(String, _)| !before.iter().any(|(id, _)| *id == alert.0);
    assert!(stored.iter().any(|alert| is_new(&alert)), "one that only the replay has stored");
    let ids = |alerts: &[(String, _)]| alerts.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let told = || {
        let text = folder.text("alerts");
        if text.ends_with('\n') { ids(&alerts(&text)) } else { Vec::new() }
    };
    let run = folder.tail(&[]);
    folder.wait("each alert once", |_| told() == ids(&stored));
    assert_eq!(run.end(), 0);
    // A late event has its bucket judged again; another replay has stored its alerts once more.
    let late = log[begin..end].replace(":10", ":90").replace("saddr=020001BB", "saddr=020001BC");
    folder.append(late.as_bytes());
    let stored = replayed_into_the_state(&folder);
    assert!(!stored.is_empty());
    let run = folder.tail(&[]);
    let all = folder.replayed("connections").lines().count();
    folder.wait("the late event", |_| folder.text("connections").lines().count() >= all);
    folder.wait("what is told of it", |_| told() == ids(&stored) && folder.unjudged() == Some(0));
    assert_eq!(run.end(), 0, "{}", folder.text("said"));
    assert_eq!(told(), ids(&stored));
}

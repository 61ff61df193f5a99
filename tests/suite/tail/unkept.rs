//! A disk that takes what is written and cannot keep it: nothing counts as told that the loss of
//! the machine's power would take away.

use std::fs::{self, File, OpenOptions};
use std::process::{Command, Stdio};

use oddsock::store::Store;
use serde_json::Value;

use super::days;
use super::run::{Folder, Run, SHOWN, Small, alerts};

/// A tail for which one file cannot be kept at these tries, as strace has them: `1`, `2+`; nothing
/// where calls cannot be made to fail. The others are in `calls`.
fn unable_to_keep(folder: &Folder, name: &str, when: &str, state: &str) -> Option<Run> {
    let appending = |name: &str| -> File {
        OpenOptions::new().append(true).create(true).open(folder.path(name)).unwrap()
    };
    let (alerts, said) = (appending("alerts"), appending("said"));
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-qqq", "-o", "calls", "-P"]).arg(folder.path(name));
    command.args(["-e", "trace=fdatasync", "-e"]);
    command.arg(format!("inject=fdatasync:error=EIO:when={when}"));
    command.arg(env!("CARGO_BIN_EXE_oddsock"));
    command.args(["tail", "audit.log", "--state", state, "--format", "ndjson"]).args(SHOWN);
    command.args(["--connections", "connections"]).current_dir(folder.folder.path());
    command.env("TZ", "UTC").env_remove("STATE_DIRECTORY");
    command.stdin(Stdio::null()).stdout(alerts).stderr(said);
    let is_able = Command::new("strace").args(["-qqq", "-o", "/dev/null", "true"]).status();
    if !is_able.is_ok_and(|status| status.success()) {
        eprintln!("left out: no strace that may make a call fail");
        return None;
    }
    Some(Run { child: command.spawn().unwrap() })
}

fn is_told(folder: &Folder, expected: &[(String, Value)]) -> bool {
    let text = folder.text("alerts");
    text.ends_with('\n') && text.lines().count() >= expected.len() && alerts(&text) == expected
}

fn undelivered(folder: &Folder) -> usize {
    Store::read(&folder.path("state")).unwrap().undelivered().unwrap().len()
}

#[test]
fn an_alert_counts_as_told_when_its_file_is_kept_and_comes_once_all_the_same() {
    let folder = Folder::new();
    folder.append(days::log(120, 11).as_bytes());
    let expected = alerts(&folder.replayed("replay"));
    let Some(run) = unable_to_keep(&folder, "alerts", "1+", "state") else { return };
    folder.wait("the alerts", |_| is_told(&folder, &expected));
    folder.wait("a complaint", |_| {
        folder.text("said").contains("the output cannot be kept: Input/output error")
    });
    run.kill();
    assert_eq!(undelivered(&folder), expected.len());
    // Those that are there are found there.
    let run = folder.tail(&[]);
    folder.wait("a note", |_| undelivered(&folder) == 0);
    assert_eq!(run.end(), 0);
    assert!(is_told(&folder, &expected));
}

#[test]
fn alerts_that_the_disk_lost_are_told_again() {
    let folder = Folder::new();
    folder.append(days::log(120, 11).as_bytes());
    let expected = alerts(&folder.replayed("replay"));
    let Some(run) = unable_to_keep(&folder, "alerts", "1+", "state") else { return };
    folder.wait("the alerts", |_| is_told(&folder, &expected));
    run.kill();
    fs::write(folder.path("alerts"), "").unwrap();
    let run = folder.tail(&[]);
    folder.wait("the alerts", |_| is_told(&folder, &expected));
    assert_eq!(run.end(), 0);
}

#[test]
fn the_state_does_not_go_on_from_connections_that_cannot_be_kept() {
    let folder = Folder::new();
    folder.append(days::log(9, 5).as_bytes());
    let all = folder.replayed("connections");
    fs::write(folder.path("connections"), "").unwrap();
    let Some(run) = unable_to_keep(&folder, "connections", "2+", "state") else { return };
    let said = || folder.text("said");
    let why = "the state is NOT SAVED: \"connections\" cannot be kept: Input/output error";
    folder.wait(why, |_| said().contains(why));
    run.kill();
    // The machine was without power, and so is the file.
    fs::write(folder.path("connections"), "").unwrap();
    let run = folder.tail(&[]);
    folder.wait("all of them", |_| folder.text("connections").len() >= all.len());
    assert_eq!(run.end(), 0);
    assert!(folder.text("connections") == all);
}

#[test]
fn an_error_that_the_kernel_tells_of_once_is_not_forgotten() {
    let folder = Folder::new();
    let log = days::log(120, 11);
    let (before, after) = days::until(&log, 60);
    folder.append(before.as_bytes());
    let Some(run) = unable_to_keep(&folder, "alerts", "1", "state") else { return };
    let cannot = "the output cannot be kept";
    folder.wait(cannot, |_| folder.text("said").contains(cannot));
    let lost = folder.text("alerts").lines().count();
    folder.append(after.as_bytes());
    let expected = alerts(&folder.replayed("replay"));
    folder.wait("the alerts", |_| is_told(&folder, &expected));
    folder.wait("a note", |_| undelivered(&folder) <= lost);
    run.kill();
    // The disk has none of what was written before the error.
    let text = folder.text("alerts");
    let kept: String = text.split_inclusive('\n').skip(lost).collect();
    assert!(undelivered(&folder) == lost && lost > 0 && !kept.is_empty());
    fs::write(folder.path("alerts"), &kept).unwrap();
    let run = folder.tail(&[]);
    folder.wait("the alerts", |_| is_told(&folder, &expected));
    assert_eq!(run.end(), 0);
}

#[test]
fn what_was_told_while_nothing_could_be_saved_is_kept_before_it_counts() {
    let folder = Folder::new();
    let Some(small) = Small::at(folder.path("small")) else { return };
    let log = days::log(120, 11);
    let (before, after) = days::until(&log, 20);
    folder.append(before.as_bytes());
    let Some(run) = unable_to_keep(&folder, "alerts", "9999", "small/state") else { return };
    folder.wait("some connections", |_| folder.text("connections").lines().count() > 50);
    small.fill();
    folder.append(after.as_bytes());
    let expected = alerts(&folder.replayed("replay"));
    folder.wait("the alerts", |_| is_told(&folder, &expected));
    folder.wait("trouble", |_| folder.text("said").contains("NOT SAVED"));
    let calls = || folder.text("calls").lines().count();
    let before = calls();
    small.clear();
    folder.wait("a save", |_| folder.text("said").contains("is saved again"));
    assert!(calls() > before);
    assert_eq!(run.end(), 0);
}

#[test]
fn what_was_cut_off_is_no_beginning_of_an_alert() {
    let folder = Folder::new();
    folder.append(days::log(120, 11).as_bytes());
    let expected = alerts(&folder.replayed("replay"));
    fs::write(folder.path("alerts"), "{\"@timestamp\":\"2023").unwrap();
    let run = folder.tail(&[]);
    let rest = || folder.text("alerts").split_once('\n').map(|(_, rest)| rest.to_string());
    let are_there = |rest: String| rest.ends_with('\n') && alerts(&rest).len() >= expected.len();
    folder.wait("the alerts", |_| rest().is_some_and(are_there));
    assert_eq!(run.end(), 0);
    assert!(alerts(&rest().unwrap()) == expected);
}

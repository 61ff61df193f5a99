//! What is counted and told of as lost: each thing once, over all runs, and no later than the log
//! is quiet.

use std::time::Duration;

use super::days;
use super::run::Folder;

const SOME_TIME: Duration = Duration::from_secs(40);

/// What status says, by its words.
fn status(folder: &Folder, words: &str) -> Option<u64> {
    let output = folder.command(&["status", "--state", "state"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(words)).map(str::trim);
    value.and_then(|value| value.parse().ok())
}

const COUNTED: [&str; 6] =
    ["records", "events", "gaps in serials", "serials missing", "late records", "partial events"];

fn counted(folder: &Folder) -> Vec<Option<u64>> {
    COUNTED.iter().map(|words| status(folder, words)).collect()
}

/// What the account of a replay says of the same: events, gaps, serials missing, partial events.
fn replayed(folder: &Folder) -> Vec<u64> {
    let output = folder.command(&["connections", "audit.log", "--count"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let number = |before: &str| {
        let (_, rest) = said.split_once(before).unwrap_or_else(|| panic!("{said}"));
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or_else(|_| panic!("{said}"))
    };
    vec![number("events "), number("gaps "), number(" ("), number("partial ")]
}

/// A log in which events are missing and others have lost a record.
fn damaged(quarters: u64) -> String {
    let log = days::log(quarters, 3);
    let mut at = 0;
    let kept = log.split_inclusive('\n').filter(|line| {
        at += usize::from(line.starts_with("type=SYSCALL"));
        at % 11 != 0 && (at % 5 != 0 || line.starts_with("type=SYSCALL"))
    });
    kept.collect()
}

#[test]
fn a_restart_with_nothing_new_counts_nothing_and_one_with_more_counts_that_alone() {
    let folder = Folder::new();
    let log = damaged(6);
    // The middle of an event, which ends in another run.
    let half = log[..log.len() / 2].rfind("type=PROCTITLE").unwrap();
    folder.append(&log.as_bytes()[..half]);
    let once = |folder: &Folder| {
        let run = folder.tail(&[]);
        folder.wait("it begins", SOME_TIME, |_| folder.text("said").contains("following"));
        let [events, gaps, lost, partial] = replayed(folder)[..] else { panic!("four") };
        let expected = [events, gaps, lost, partial].map(Some);
        folder.wait("what is counted", SOME_TIME, |_| {
            let counted = counted(folder);
            [counted[1], counted[2], counted[3], counted[5]] == expected
        });
        assert_eq!(run.end(), 0, "{}", folder.text("said"));
        let counted = counted(folder);
        assert_eq!([counted[1], counted[2], counted[3], counted[5]], expected);
        counted
    };
    let first = once(&folder);
    assert!(first[2] > Some(1) && first[5] > Some(1), "{first:?}");
    assert_eq!(once(&folder), first);
    assert_eq!(once(&folder), first);
    folder.append(&log.as_bytes()[half..]);
    let all = once(&folder);
    assert_eq!(all[0], Some(log.lines().count() as u64));
    assert_eq!(once(&folder), all);
}

#[test]
fn a_gap_is_told_of_as_soon_as_the_log_is_quiet() {
    let folder = Folder::new();
    folder.append(damaged(4).as_bytes());
    let run = folder.tail(&["--metrics", "figures.prom"]);
    folder.wait("what is lost", SOME_TIME, |_| folder.text("said").contains("serials missing"));
    let [_, gaps, lost, _] = replayed(&folder)[..] else { panic!("four") };
    assert!(gaps > 1 && lost >= gaps);
    folder.wait("the state", SOME_TIME, |_| status(&folder, "gaps in serials") == Some(gaps));
    assert_eq!(status(&folder, "serials missing"), Some(lost));
    let figure = format!("oddsock_missing_serials_total {lost}\n");
    folder.wait("the figures", SOME_TIME, |_| folder.text("figures.prom").contains(&figure));
    assert_eq!(run.end(), 0);
}

#[test]
fn a_bucket_that_events_come_late_for_counts_once_however_many_come_and_rules_there_are() {
    let folder = Folder::new();
    let log = days::log(40, 3);
    let (before, rest) = days::until(&log, 30);
    folder.append(before.as_bytes());
    folder.append(days::until(rest, 39).1.as_bytes());
    let run = folder.tail(&[]);
    let wait_for_connections = || {
        let all = folder.replayed("connections").lines().count();
        folder.wait("all connections", SOME_TIME, |_| {
            folder.text("connections").lines().count() >= all
        });
    };
    wait_for_connections();
    folder.wait("the last bucket", SOME_TIME, |_| folder.unjudged() == Some(0));
    let counted = || status(&folder, "buckets judged again for late events");
    assert_eq!(counted(), Some(0));
    let late = days::until(days::until(rest, 32).0, 31).1;
    for event in late.split_inclusive("type=PROCTITLE") {
        folder.append(event.as_bytes());
        std::thread::sleep(Duration::from_millis(200));
    }
    let all = folder.replayed("connections").lines().count();
    folder
        .wait("all connections", SOME_TIME, |_| folder.text("connections").lines().count() >= all);
    assert_eq!(run.end(), 0);
    assert_eq!(counted(), Some(1));
}

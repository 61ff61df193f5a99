//! What is counted and told of as lost: each thing once, over all runs, and no later than the log
//! is quiet.

use std::time::Duration;

use super::days;
use super::run::Folder;

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
    let once = || {
        let run = folder.tail(&[]);
        let expected = folder.account();
        folder.wait("what is counted", |_| folder.counted() == expected);
        // What was open or held at first is let go, and saved.
        std::thread::sleep(Duration::from_secs(5));
        assert_eq!(run.end(), 0, "{}", folder.text("said"));
        assert_eq!(folder.counted(), expected);
        (expected, folder.status("records"))
    };
    let ([_, gaps, _, partial], _) = once();
    assert!(gaps > Some(1) && partial > Some(1));
    let first = once();
    assert_eq!(once(), first);
    folder.append(&log.as_bytes()[half..]);
    let all = once();
    assert_eq!(all.1, Some(log.lines().count() as u64));
    assert_eq!(once(), all);
}

#[test]
fn a_gap_is_told_of_as_soon_as_the_log_is_quiet() {
    let folder = Folder::new();
    folder.append(damaged(4).as_bytes());
    let run = folder.tail(&["--metrics", "figures.prom"]);
    folder.wait("what is lost", |_| folder.text("said").contains("serials missing"));
    let expected = folder.account();
    let [_, gaps, Some(lost), _] = expected else { panic!("{expected:?}") };
    assert!(gaps > Some(1) && Some(lost) >= gaps);
    folder.wait("the state", |_| folder.counted() == expected);
    let figure = format!("oddsock_missing_serials_total {lost}\n");
    folder.wait("the figures", |_| folder.text("figures.prom").contains(&figure));
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
        folder.wait("all connections", |_| folder.text("connections").lines().count() >= all);
    };
    wait_for_connections();
    folder.wait("the last bucket", |_| folder.unjudged() == Some(0));
    let counted = || folder.status("buckets judged again for late events");
    assert_eq!(counted(), Some(0));
    let late = days::until(days::until(rest, 32).0, 31).1;
    for event in late.split_inclusive("type=PROCTITLE") {
        folder.append(event.as_bytes());
        std::thread::sleep(Duration::from_millis(200));
    }
    let all = folder.replayed("connections").lines().count();
    folder.wait("all connections", |_| folder.text("connections").lines().count() >= all);
    assert_eq!(run.end(), 0);
    assert_eq!(counted(), Some(1));
}

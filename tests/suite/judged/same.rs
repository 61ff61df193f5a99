//! The same facts give the same alerts, to the byte, however they were come by.

use super::USUAL;
use super::scene::log;
use crate::place::Place;

/// A fortnight on two hosts with something of every kind.
const SCENE: &str = "
    web  nc      203.0.113.9:4444   day 10 10:07
    db   rsync   10.0.0.9:873       every 30m
    web  rsync   10.0.0.9:873       day 11 10:00
    db   backup  10.0.0.9:22        daily 02:00 from 1
    web  curl    203.0.113.77:443   day 3 9 12 10:00
    web  curl    203.0.113.78:443   day 12 10:03
    db   odd     [2001:db8::9]:8443 day 13 23:59
";

/// The documents of a run.
fn documents(place: &Place, arguments: &[&str]) -> String {
    let all = ["replay", "--format", "ndjson", "--min-score", "5"];
    let ran = place.oddsock(&[&all, arguments].concat());
    assert_eq!(ran.status, 1, "{}", ran.err);
    ran.out
}

/// The log of the scene, and the same in two halves by time and in two by host.
fn logs() -> Place {
    let place = Place::new();
    let text = log(14, &format!("{USUAL}{SCENE}"));
    let half = text[..text.len() / 2].rfind('\n').expect("a line") + 1;
    let of = |host: &str| -> String {
        let node = format!("node={host} ");
        text.split_inclusive('\n').filter(|line| line.starts_with(&node)).collect()
    };
    let parts = [("first", &text[..half]), ("second", &text[half..])];
    let hosts = [("web", of("web")), ("db", of("db"))];
    place.write("all", text.as_bytes());
    parts.iter().for_each(|(name, text)| _ = place.write(name, text.as_bytes()));
    hosts.iter().for_each(|(name, text)| _ = place.write(name, text.as_bytes()));
    place
}

#[test]
fn neither_workers_nor_cuts_nor_the_order_of_files_change_an_alert() {
    let place = logs();
    let expected = documents(&place, &["all", "--jobs", "1"]);
    assert!(expected.lines().count() > 5, "{expected}");
    for arguments in [
        &["all", "--jobs", "4"][..],
        &["first", "second"],
        &["second", "first", "--jobs", "2"],
        &["db", "web"],
        &["all", "web", "first"],
    ] {
        assert_eq!(documents(&place, arguments), expected, "{arguments:?}");
    }
}

#[test]
fn what_was_learnt_before_counts_as_if_it_were_read_now() {
    let place = logs();
    let whole = documents(&place, &["all"]);
    let learnt = documents(&place, &["second", "--learn", "first"]);
    let is_late = |line: &&str| learnt.contains(line);
    let late: String = whole.split_inclusive('\n').filter(is_late).collect();
    assert_eq!(learnt, late);
    assert!(learnt.lines().count() >= 3 && learnt.len() < whole.len(), "{learnt}");
    documents(&place, &["first", "--state", "state"]);
    assert_eq!(documents(&place, &["second", "--state", "state"]), learnt);
    // Twice does no harm, and neither does reading all of it again.
    assert_eq!(documents(&place, &["second", "--state", "state"]), learnt);
    assert_eq!(documents(&place, &["all", "--state", "state"]), whole);
}

#[test]
fn connections_as_json_make_the_alerts_of_their_log() {
    let place = logs();
    let output = place.command(&["all", "--format", "ndjson"]).output().expect("it runs");
    place.write("all.json", &output.stdout);
    let expected = documents(&place, &["all"]);
    assert_eq!(documents(&place, &["all.json", "--input", "ecs"]), expected);
}

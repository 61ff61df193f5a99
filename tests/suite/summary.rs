//! What the connections of a log come to: counts by what they have in common, with their times.

use crate::judged::USUAL;
use crate::judged::scene::log;
use crate::place::{Place, Ran};

/// A scene of so many days, with the usual.
fn place(days: u64, scene: &str) -> Place {
    let place = Place::new();
    place.write("audit.log", log(days, &format!("{USUAL}{scene}")).as_bytes());
    place
}

fn run(place: &Place, arguments: &[&str]) -> Ran {
    place.oddsock(&[&["summary", "audit.log"], arguments].concat())
}

#[track_caller]
fn check(place: &Place, arguments: &[&str], expected: &str) {
    let ran = run(place, arguments);
    let lines = |text: &str| -> Vec<String> {
        text.trim().lines().map(|line| line.trim().to_string()).collect()
    };
    assert_eq!(lines(&ran.out), lines(expected), "{}", ran.err);
}

#[test]
fn connections_are_counted_by_what_was_asked_for_with_sparks_over_time() {
    check(
        &place(2, "web nc 203.0.113.9:4444 day 1 10:07 as alice"),
        &["--by", "process", "--top", "4"],
        "By process: 6 different, 961 connections; over time from 2024-01-01 00:00 UTC, 2 hours each
           COUNT   SHARE  OVER TIME                 PROCESS  FIRST             LAST
             192    20 %  ████████████████████████  cron     2024-01-01 00:00  2024-01-02 23:45
             192    20 %  ████████████████████████  nginx    2024-01-01 00:00  2024-01-02 23:45
             192    20 %  ████████████████████████  node     2024-01-01 00:00  2024-01-02 23:45
             192    20 %  ████████████████████████  ntpd     2024-01-01 00:00  2024-01-02 23:45
           and 2 more, seen 193 times"
            .replace("COUNT   SHARE", "COUNT  SHARE")
            .replace("192    20", "192   20")
            .as_str(),
    );
}

#[test]
fn several_fields_count_together_and_the_filters_hold() {
    check(
        &place(2, "web nc 203.0.113.9:4444 day 1 10:07 as alice"),
        &["--by", "user,destination.port", "--process", "nc", "--process", "sshd"],
        "By user, destination.port: 2 different, 193 connections; over time from 2024-01-01 00:00 \
         UTC, 2 hours each
         COUNT  SHARE  OVER TIME                 USER   DESTINATION.PORT  FIRST             LAST
         192   99 %  ████████████████████████  root   22                2024-01-01 00:00  \
         2024-01-02 23:45
         1  0.5 %  ·················█······  alice  4444              2024-01-02 10:07  \
         2024-01-02 10:07",
    );
}

#[test]
fn without_a_field_there_is_a_table_for_each_of_the_usual_six() {
    let ran = run(&place(1, ""), &[]);
    let headings: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("By ")).collect();
    let names: Vec<&str> = headings.iter().filter_map(|line| line.split(':').next()).collect();
    let expected = ["By process", "By destination", "By port", "By user", "By host", "By key"];
    assert_eq!(names, expected);
    assert!(ran.err.contains("connections 480;"), "{}", ran.err);
}

#[test]
fn what_has_no_such_field_is_counted_apart() {
    let place = Place::with_scene();
    let ran = run(&place, &["--by", "destination.ip", "--format", "ndjson"]);
    let rows = ran.documents();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["destination.ip"], "192.0.2.7");
    assert_eq!(rows[0]["summary.without"], 1, "who connects to us goes nowhere");
    // Beside a field that is there, the one that is not is a dash.
    let ran = run(&place, &["--by", "process,destination.ip"]);
    assert!(ran.out.contains("sshd     -"), "{}", ran.out);
}

#[test]
fn numbers_are_numbers_in_json_and_ids_are_not() {
    let place = place(1, "");
    let ran = run(&place, &["--by", "port,user.id,process.pid", "--format", "ndjson"]);
    let row = &ran.documents()[0];
    assert!(row["port"].is_number() && row["process.pid"].is_number(), "{row}");
    assert_eq!(row["user.id"], "0");
}

#[test]
fn a_connection_with_two_keys_counts_for_both() {
    let place = Place::new();
    let scene = "
        09:00:00.100#7 SYSCALL connect /usr/bin/curl key=6E65740165676C
        #7 SOCKADDR 192.0.2.7:443
    ";
    place.write("audit.log", &crate::scene::log(scene));
    let ran = run(&place, &["--by", "key", "--format", "csv"]);
    let values: Vec<&str> = ran.out.lines().map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(values, ["value", "egl", "net"], "{}", ran.out);
}

#[test]
fn every_field_of_connections_can_be_counted_by() {
    let place = Place::with_scene();
    for field in oddsock::rules::Field::NAMES {
        let ran = run(&place, &["--by", field, "--family", "all"]);
        assert_eq!(ran.status, 0, "{field}: {}", ran.err);
        assert!(ran.out.starts_with(&format!("By {field}: ")), "{}", ran.out);
    }
}

#[test]
fn a_field_that_is_mistyped_is_told_with_the_one_that_was_meant() {
    let place = Place::with_scene();
    for (typed, meant) in [("proces.name", "process.name"), ("colour", "process, destination")] {
        let ran = run(&place, &["--by", typed]);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains(meant), "{}", ran.err);
    }
    assert_eq!(run(&place, &["--by", ""]).status, 2);
    assert_eq!(run(&place, &["--top", "0"]).status, 2);
}

#[test]
fn nothing_found_is_told_by_the_status() {
    let place = Place::with_scene();
    assert_eq!(run(&place, &["--process", "nobody"]).status, 1);
    assert_eq!(run(&place, &["--process", "curl"]).status, 0);
}

#[test]
fn names_act_on_no_terminal_and_no_spreadsheet() {
    let place = Place::new();
    let log = log(1, "web =cmd 10.0.0.5:443 every 15m");
    let hostile = log.replace("comm=\"=cmd\"", "comm=3D1B5B324AFF2C");
    place.write("audit.log", hostile.as_bytes());
    let text = run(&place, &["--by", "process"]).out;
    assert!(text.contains(r"=\x1b[2J\xff,"), "{text}");
    let csv = run(&place, &["--by", "process", "--format", "csv"]).out;
    assert!(csv.contains(r#""'=\x1b[2J\xff,""#), "{csv}");
    let row = &run(&place, &["--by", "process", "--format", "ndjson"]).documents()[0];
    assert_eq!(row["oddsock.bytes"]["process"], "3d1b5b324aff2c");
}

#[test]
fn the_same_log_is_the_same_summary_for_any_number_of_workers() {
    let place = place(3, "web nc 203.0.113.9:4444 day 1 10:07 as alice");
    for format in ["text", "ndjson", "csv"] {
        let one = run(&place, &["--format", format, "-j", "1"]);
        let four = run(&place, &["--format", format, "-j", "4"]);
        assert_eq!(one.out, four.out);
    }
}

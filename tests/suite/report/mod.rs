//! The report: one HTML file that has everything and loads nothing, in which all that a log says is
//! text.

pub mod html;
mod injection;
mod look;
mod size;

use std::fs;

use sha2::{Digest, Sha256};

use crate::judged::USUAL;
use crate::judged::scene::log;
use crate::place::{Place, Ran};

/// A program and a port that nobody knows, and a job that comes daily.
const UNUSUAL: &str = "
    web  nc      203.0.113.9:4444  day 10 10:07 as alice
    web  backup  10.0.0.9:22       daily 02:00 from 1
";

/// The report that these arguments make.
#[track_caller]
fn report(place: &Place, arguments: &[&str]) -> String {
    let ran = place.oddsock(&[&["report"], arguments].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.out
}

fn place(days: u64, scene: &str) -> Place {
    let place = Place::new();
    place.write("audit.log", log(days, &format!("{USUAL}{scene}")).as_bytes());
    place
}

#[test]
fn a_report_has_every_alert_of_a_replay_with_its_reason_and_evidence() {
    let place = place(14, UNUSUAL);
    let html = report(&place, &["audit.log"]);
    let text = html::text(&html);
    let replayed = place.oddsock(&["replay", "audit.log", "--format", "ndjson"]).documents();
    assert!(replayed.len() >= 2, "{replayed:?}");
    for alert in replayed {
        let said = |field: &str| alert[field].as_str().expect(field).to_string();
        let id = said("event.id");
        assert!(html.contains(&format!("id=\"alert-{id}\"")), "{id}");
        assert!(text.contains(&said("oddsock.why")), "{id}");
        assert!(text.contains(&format!("oddsock explain {id} audit.log")), "{id}");
        assert_eq!(place.oddsock(&["explain", &id, "audit.log"]).status, 0, "{id}");
        let evidence = alert["oddsock.evidence"][0]["event.id"].as_str().expect("an event");
        assert!(text.contains(evidence), "{evidence}");
    }
    for said in ["alice (uid 1000)", "203.0.113.9:4444", "by probability", "nc day by day"] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn where_nothing_is_unusual_the_report_says_so() {
    let html = report(&place(3, ""), &["audit.log"]);
    let text = html::text(&html);
    assert!(text.contains("Nothing unusual was found"), "{text}");
    assert!(!html.contains("class=\"alert\""));
    for host in ["web", "db"] {
        assert!(text.contains(&format!("Timeline of {host}")));
    }
}

#[test]
fn the_same_logs_are_the_same_bytes_unless_a_date_is_asked_for() {
    let place = place(14, UNUSUAL);
    let once = report(&place, &["audit.log", "-j", "1"]);
    assert_eq!(once, report(&place, &["audit.log", "-j", "4"]));
    assert!(!once.contains("Made by oddsock 0.1.0 on"));
    assert!(report(&place, &["audit.log", "--dated"]).contains("Made by oddsock 0.1.0 on 2"));
}

#[test]
fn every_file_is_there_with_its_size_and_hash() {
    let place = Place::with_scene();
    place.write("b/web2.log", b"type=SYSCALL msg=audit(1:\n");
    let ran = place.oddsock(&["report", "audit.log", "b", "--learn", "audit.log"]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    let text = html::text(&ran.out);
    for name in ["audit.log", "b/web2.log"] {
        let bytes = fs::read(place.folder.path().join(name)).expect("a file");
        let hash: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert!(text.contains(&format!("\"{name}\" ")), "{name}");
        assert!(text.contains(&hash), "{name}");
    }
    for said in ["broken frame", "Logs that were only learnt from", "complaints 1"] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn what_came_from_a_pipe_has_no_hash_and_that_is_said() {
    let place = place(2, "");
    let file = fs::File::open(place.folder.path().join("audit.log")).expect("a file");
    let mut command = place.program(&["report", "-"]);
    let ran = Ran::of(&command.stdin(file).output().expect("it runs"));
    assert!(html::text(&ran.out).contains("none: it can be read only once"));
}

#[test]
fn a_state_is_told_of_without_logs_and_not_changed() {
    let place = place(14, UNUSUAL);
    let learnt = place.oddsock(&["learn", "--state", "state.db", "audit.log"]);
    assert_eq!(learnt.status, 0, "{}", learnt.err);
    let state = place.folder.path().join("state.db");
    let before = fs::read(&state).expect("a state");
    let html = report(&place, &["--state", "state.db"]);
    assert_eq!(before, fs::read(&state).expect("a state"));
    let text = html::text(&html);
    assert!(text.contains("nc was seen in 1 of"), "{text}");
    assert!(text.contains("--state state.db"), "{text}");
    assert!(text.contains("Timeline of web"), "{text}");
    assert!(text.contains("203.0.113.0/24"), "what is kept of destinations: {text}");
    // The same facts, so the same alerts as from the logs.
    let ids = |html: &str| {
        let all = html::attributes(html).into_iter();
        let ids = all.filter(|(_, name, _)| name == "id").map(|(_, _, value)| value);
        ids.filter(|id| id.starts_with("alert-")).collect::<Vec<_>>()
    };
    assert_eq!(ids(&html), ids(&report(&place, &["audit.log"])));
    // With logs it is known, and they are judged.
    place.write("today.log", log(15, "web nmap 10.0.0.3:80 day 14 10:00").as_bytes());
    let html = report(&place, &["--state", "state.db", "today.log"]);
    assert!(html::text(&html).contains("nmap on web"));
    assert_eq!(ids(&html).len(), 2, "nmap, and its port");
    assert_eq!(before, fs::read(&state).expect("a state"));
}

#[test]
fn a_period_judges_only_what_is_in_it() {
    let place = place(14, &format!("{UNUSUAL}web nmap 10.0.0.3:80 day 12 10:00"));
    let html = report(&place, &["audit.log", "-ts", "2024-01-12"]);
    let text = html::text(&html);
    assert!(text.contains("nmap on web") && !text.contains("nc on web"), "{text}");
    assert!(text.contains("judged from 2024-01-12 00:00 UTC on"), "{text}");
}

#[test]
fn what_is_excepted_expected_or_provisional_is_folded_away_and_counted() {
    let place = place(28, &format!("{UNUSUAL}web first 10.0.0.3:80 day 0 10:00"));
    let exception = "[[exception]]\nid = \"scan\"\nreason = \"the <b>tester</b>\"\n\
                     author = \"me\"\ncreated = 2026-01-01\n\
                     match = { \"process.name\" = \"nc\" }\n";
    place.write("mine.toml", exception.as_bytes());
    let arguments = ["report", "audit.log", "--exceptions", "mine.toml", "--min-score", "1"];
    let ran = place.oddsock(&arguments);
    let text = html::text(&ran.out);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(text.contains("excepted: somebody has said that they are expected"), "{text}");
    assert!(text.contains("scan: the <b>tester</b>"), "{text}");
    assert!(text.contains("expected: they came when they were due"), "{text}");
    assert!(text.contains("provisional: too little was known yet"), "{text}");
    let articles = ran.out.matches("<article").count();
    assert_eq!(articles, html_of(&place, "nc").matches("<article").count() - 2);
}

/// The report without exceptions, in which a program is among the alerts.
fn html_of(place: &Place, program: &str) -> String {
    let html = report(place, &["audit.log", "--min-score", "1"]);
    assert!(html::text(&html).contains(&format!("{program} on web")));
    html
}

#[test]
fn connections_of_other_shippers_make_a_report_too() {
    let place = Place::new();
    place.write("ecs.ndjson", injection::documents("nc", 3).as_bytes());
    let text = html::text(&report(&place, &["--input", "ecs", "ecs.ndjson"]));
    assert!(text.contains("nc on nc") && text.contains("198.51.100.0/24"), "{text}");
}

#[test]
fn nothing_is_written_over_but_a_report_and_that_only_if_it_is_meant() {
    let place = place(2, "");
    let refused = |arguments: &[&str], said: &str| {
        let ran = place.oddsock(&[&["report", "audit.log"], arguments].concat());
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    };
    let html = place.folder.path().join("report.html");
    assert_eq!(place.oddsock(&["report", "audit.log", "-o", "report.html"]).status, 0);
    let first = fs::read(&html).expect("a report");
    refused(&["-o", "report.html"], "it is there already");
    assert_eq!(place.oddsock(&["report", "audit.log", "-o", "report.html", "--force"]).status, 0);
    assert_eq!(fs::read(&html).expect("a report"), first);
    refused(&["-o", "audit.log", "--force"], "no report");
    refused(&["-o", "nowhere/report.html"], "cannot write");
    refused(&["-o", "."], "no regular file");
    let left: Vec<_> = fs::read_dir(place.folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

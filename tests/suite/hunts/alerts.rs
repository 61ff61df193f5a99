//! Rows of hunts as alerts beside those of rules.

use serde_json::Value;

use crate::judged::scene::log;
use crate::place::{Place, Ran};

const SCENE: &str = "
    web  nginx  10.0.0.5:443      every 15m
    web  nc     198.41.0.4:4444   day 12 10:07
    web  nc     198.41.0.4:4445   day 13 10:07
    db   nginx  10.0.0.6:443      every 15m
";

fn place() -> Place {
    let place = Place::new();
    place.write("audit.log", log(14, SCENE).as_bytes());
    place
}

fn replay(place: &Place, arguments: &[&str]) -> Ran {
    let all = ["replay", "audit.log", "--hunts", "low_volume_external_connections"];
    place.oddsock(&[&all, arguments].concat())
}

/// The documents that are rows of hunts.
fn rows(ran: &Ran) -> Vec<Value> {
    let mut documents = ran.documents();
    documents.retain(|document| document["oddsock.function"] == "hunt");
    documents
}

#[test]
fn a_row_is_an_alert_with_its_techniques_and_its_connections() {
    let place = place();
    let ran = replay(&place, &["-f", "ndjson"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let rows = rows(&ran);
    assert_eq!(rows.len(), 2, "{}", ran.out);
    let row = &rows[0];
    for (field, expected) in [
        ("@timestamp", "\"2024-01-14T10:07:00.579Z\""),
        ("event.kind", "\"alert\""),
        ("event.severity", "21"),
        ("rule.id", "\"12526f14-5e35-4f5f-884c-96c6a353a544\""),
        ("rule.ruleset", "\"oddsock\""),
        ("threat.framework", "\"MITRE ATT&CK\""),
        ("threat.technique.id", "[\"T1071\"]"),
        ("threat.technique.subtechnique.id", "[\"T1071.001\",\"T1071.004\"]"),
        ("host.name", "[\"web\"]"),
        ("process.name", "\"nc\""),
        ("destination.ip", "\"198.41.0.4\""),
        ("oddsock.job", "\"low_volume_external_connections\""),
        ("oddsock.query", "1"),
        ("oddsock.by_field", "\"process.name\""),
        ("oddsock.by_value", "\"nc\""),
        (
            "oddsock.row",
            "{\"connection_count\":2,\"process.name\":\"nc\",\"unique_agent_count\":1}",
        ),
        ("oddsock.connections", "2"),
        ("oddsock.score", "null"),
        ("destination.port", "null"),
    ] {
        assert_eq!(row[field].to_string(), expected, "{field}");
    }
    assert_eq!(row["oddsock.evidence"].as_array().map(Vec::len), Some(2));
    assert_ne!(rows[0]["event.id"], rows[1]["event.id"], "two queries found it");
}

#[test]
fn the_id_of_a_row_stays_when_more_is_known_of_it() {
    let place = place();
    let id = |place: &Place| rows(&replay(place, &["-f", "ndjson"]))[0]["event.id"].clone();
    let before = id(&place);
    let more = format!("{SCENE}web nc 198.41.0.9:4446 day 13 11:07\n");
    place.write("audit.log", log(14, &more).as_bytes());
    assert_eq!(id(&place), before);
    let other = SCENE.replace("nc ", "nx ");
    place.write("audit.log", log(14, &other).as_bytes());
    assert_ne!(id(&place), before);
}

#[test]
fn rows_are_told_in_every_format_and_fall_under_exceptions() {
    let place = place();
    let text = replay(&place, &["--rule", "process_new_to_a_host"]);
    assert!(text.out.contains("hunt  nc on web, 2 connections\n"), "{}", text.out);
    assert!(text.out.contains("mitre  T1071.001, T1071.004\n"), "{}", text.out);
    assert!(text.out.contains("finds connection_count 2, unique_agent_count 1, process.name nc"));
    assert!(text.err.contains("low_volume_external_connections: 2 rows."), "{}", text.err);
    let csv = replay(&place, &["-f", "csv", "--rule", "process_new_to_a_host"]);
    let columns = |line: &str| line.split(',').count();
    let lines: Vec<&str> = csv.out.lines().collect();
    assert!(lines[1].contains(",low_volume_external_connections,hunt,process.name,nc,,web,2,nc,"));
    // The reason is a cell with two commas in it.
    assert_eq!(columns(lines[1]), columns(lines[0]) + 2, "{}", lines[1]);
    let exception = "[[exception]]\nid = \"nc\"\nreason = \"ours\"\n[exception.match]\n\
                     \"process.name\" = \"nc\"\n";
    place.write("own.toml", exception.as_bytes());
    let quiet = replay(&place, &["-f", "ndjson", "--exceptions", "own.toml"]);
    assert_eq!(rows(&quiet).len(), 0, "{}\n{}", quiet.out, quiet.err);
}

#[test]
fn a_time_asks_for_the_week_before_it() {
    let place = place();
    let earlier = replay(&place, &["-f", "ndjson", "-te", "2024-01-13T12:00:00Z"]);
    let rows = rows(&earlier);
    assert_eq!(rows[0]["oddsock.connections"], 1, "the other is later: {}", earlier.out);
    assert_eq!(rows[0]["@timestamp"].as_str().map(|time| &time[..10]), Some("2024-01-13"));
    let since = replay(&place, &["-f", "ndjson", "-ts", "2024-01-14T12:00:00Z"]);
    assert_eq!(self::rows(&since).len(), 0, "its newest connection is earlier");
}

#[test]
fn what_a_row_is_about_stands_under_its_name_however_many_connections_there_are() {
    let place = place();
    let hunt = "[hunt]\nname = \"All\"\nmitre = [\"T1046\"]\nquery = '''from logs-*\n\
                | stats n = count(*) by process.name, destination.port | where n > 1000'''\n";
    place.write("all.toml", hunt.as_bytes());
    let ran = replay(&place, &["-f", "ndjson", "--hunts", "all.toml", "--provisional"]);
    let rows = rows(&ran);
    let all = rows.iter().find(|row| row["rule.name"] == "All").expect(&ran.out);
    assert_eq!((&all["process.name"], &all["destination.port"]), (&"nginx".into(), &443.into()));
    assert_eq!(all["oddsock.by_field"].to_string(), "[\"process.name\",\"destination.port\"]");
    assert_eq!(all["oddsock.by_value"].to_string(), "[\"nginx\",443]");
    assert_eq!((&all["rule.id"], &all["rule.ruleset"]), (&"all".into(), &"all.toml".into()));
    assert_eq!(all["threat.technique.id"].to_string(), "[\"T1046\"]");
    assert_eq!(all["oddsock.connections"], 2688);
    assert_eq!(all["oddsock.evidence"].as_array().map(Vec::len), Some(8));
}

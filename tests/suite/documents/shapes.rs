//! One event in the shapes it comes in: nested, flat or exported, with its host, time and address
//! written in any of the ways that there are.

use oddsock::documents::{self, Complaint};

use super::scene::{NESTED, auditbeat, check, line, read, values};

#[test]
fn nested_flat_and_mixed_documents_say_the_same_and_are_the_same_event() {
    let flat = r#"{"@timestamp":"2026-03-01T10:00:00.5Z","host.name":"web01",
        "event.category":"network","event.type":"start","event.action":"connection_attempted",
        "event.outcome":"success","process.name":"curl","process.pid":7,
        "destination.ip":"192.0.2.7","destination.port":443}"#;
    let mixed = r#"{"process":{"pid":7},"process.name":"curl","destination":{"ip":"192.0.2.7"},
        "event":{"category":["network"],"type":["start"],"outcome":"success"},
        "event.action":"connection_attempted","@timestamp":"2026-03-01T10:00:00.5Z",
        "destination.port":443,"host":{"name":"web01"},"process.command_line":null}"#;
    let other = NESTED.replace("\"pid\":7", "\"pid\":8");
    let mut ids = Vec::new();
    for text in [NESTED, flat, mixed, &other] {
        check(text, "start web01 curl connection_attempted → 192.0.2.7:443 (success)");
        documents::read(line(text).as_bytes(), &mut |document| ids.push(document.id()));
    }
    assert_eq!((ids[0], ids[0]), (ids[1], ids[2]));
    assert_ne!(ids[0], ids[3]);
}

#[test]
fn what_elasticsearch_puts_around_a_document_is_taken_off() {
    let expected = "start web01 curl connection_attempted → 192.0.2.7:443 (success)";
    check(
        &format!(r#"{{"_index":".ds-logs","_id":"x1","_score":1.0,"_source":{NESTED}}}"#),
        expected,
    );
    check(&format!(r#"{{"_source":{NESTED},"_id":"x1","_index":"i","sort":[1]}}"#), expected);
    // Where the source was not asked for, a hit has its fields, each a list.
    check(
        r#"{"_index":"i","_id":"x1","fields":{"@timestamp":["2026-03-01T10:00:00.500Z"],
            "host.name":["web01"],"event.category":["network"],"event.type":["start"],
            "event.action":["connection_attempted"],"event.outcome":["success"],
            "process.name":["curl"],"destination.ip":["192.0.2.7"],"destination.port":[443]}}"#,
        expected,
    );
    let both = format!(r#"{{"_index":"i","_source":{NESTED},"fields":{{"process.pid":[7]}}}}"#);
    assert_eq!(values(&both, "process.pid"), ["7"]);
    // The fields that Filebeat lets its user add are no such thing.
    let own = NESTED.replacen('{', r#"{"fields":{"process.name":"x"},"#, 1);
    check(&own, expected);
}

#[test]
fn the_id_of_an_event_is_the_same_in_a_file_and_in_an_export() {
    let in_file = NESTED.replacen("\"event\":{", "\"event\":{\"id\":\"e1\",", 1);
    let in_export = format!(r#"{{"_index":"i","_id":"x1","_source":{in_file}}}"#);
    let without = format!(r#"{{"_index":"i","_id":"x1","_source":{NESTED}}}"#);
    let exported_again = without.replace("\"i\"", "\"j\"");
    let ids: Vec<u64> = [&in_file, &in_export, &without, &exported_again]
        .iter()
        .map(|text| {
            let mut id = 0;
            documents::read(line(text).as_bytes(), &mut |document| id = document.id());
            id
        })
        .collect();
    assert_eq!((ids[0], ids[2]), (ids[1], ids[3]));
    assert_ne!(ids[0], ids[2]);
}

#[test]
fn the_host_is_the_first_that_is_named() {
    let host = |text: &str| {
        let text = NESTED.replace(r#""host":{"name":"web01"}"#, text);
        values(&text, "host.name")
    };
    assert_eq!(host(r#""host":{"name":"a","hostname":"b"}"#), ["a"]);
    assert_eq!(host(r#""host":{"hostname":"b"},"agent":{"name":"c"}"#), ["b"]);
    assert_eq!(host(r#""host.name":"","agent":{"name":"c"}"#), ["c"]);
    assert!(host(r#""host":{"ip":"192.0.2.1"}"#).is_empty());
}

#[test]
fn every_time_that_elasticsearch_takes_is_read() {
    let millis = |time: &str| {
        let mut millis = None;
        let text = NESTED.replace(r#""2026-03-01T10:00:00.5Z""#, time);
        let account = documents::read(line(&text).as_bytes(), &mut |d| millis = Some(d.millis()));
        assert_eq!(account.complaints(Complaint::NoTime), u64::from(millis.is_none()));
        millis
    };
    let expected = Some(1_772_359_200_500);
    assert_eq!(millis(r#""2026-03-01T10:00:00.500Z""#), expected);
    assert_eq!(millis(r#""2026-03-01T12:00:00.500+02:00""#), expected);
    assert_eq!(millis(r#""2026-03-01T10:00:00.500""#), expected);
    assert_eq!(millis("1772359200500"), expected);
    assert_eq!(millis(r#""1772359200500""#), expected);
    for none in [r#""yesterday""#, "-5", "null", "{}", "1e300", "true"] {
        assert_eq!(millis(none), None, "{none}");
    }
}

#[test]
fn an_address_is_written_in_one_way_whatever_way_the_shipper_has() {
    let of = |ip: &str, port: &str| {
        let rest = format!(r#""destination":{{"ip":{ip},"port":{port}}}"#);
        let text = auditbeat("connected-to", r#"["start"]"#, &rest);
        [values(&text, "destination.ip"), values(&text, "destination.port")].concat().join(" ")
    };
    assert_eq!(of(r#""::ffff:192.0.2.7""#, "443"), "192.0.2.7 443");
    assert_eq!(of(r#""2001:0DB8:0:0::0001""#, r#""443""#), "2001:db8::1 443");
    assert_eq!(of(r#""fe80::1%eth0""#, "443.0"), "fe80::1 443");
    assert_eq!(of(r#"["192.0.2.7","::1"]"#, "[443]"), "192.0.2.7 ::1 443");
    // What is none is not there.
    assert_eq!(of(r#""unknown""#, "65536"), "");
    assert_eq!(of("null", "-1"), "");
    assert_eq!(of(r#""192.0.2.7:443""#, r#""https""#), "");
}

#[test]
fn the_mark_of_a_file_in_utf_8_and_the_cookie_of_syslog_are_no_part_of_an_object() {
    let expected = read(line(NESTED)).0;
    assert_eq!(read(format!("\u{feff}{}", line(NESTED))).0, expected);
    assert_eq!(read(format!("@cee: {}", line(NESTED))).0, expected);
    assert!(read(format!("cee: {}", line(NESTED))).0.is_empty());
}

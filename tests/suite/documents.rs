//! Connections in the JSON of other shippers: what becomes a document, what it says, and what is
//! passed over or complained of.

use std::ops::ControlFlow;

use oddsock::audit::Sighting;
use oddsock::documents::{self, Account, Complaint, Document, Passed};
use oddsock::output::{self, Ndjson, Writer};
use oddsock::rules::{Field, Fields};
use oddsock::{input, reading};
use proptest::prelude::*;

/// What is shown of a document: `start curl connection_attempted → 192.0.2.7:443 (success)`.
fn shown(document: &Document) -> String {
    let text = |name| document.first(name).map_or("-".into(), String::from_utf8_lossy);
    let kind = if document.is_start() { "start" } else { "other" };
    format!(
        "{kind} {} {} {} → {}:{} ({})",
        String::from_utf8_lossy(document.host()),
        text("process.name"),
        text("event.action"),
        text("destination.ip"),
        text("destination.port"),
        text("event.outcome"),
    )
}

fn read(text: impl AsRef<[u8]>) -> (Vec<String>, Account) {
    let mut seen = Vec::new();
    let account = documents::read(text.as_ref(), &mut |document| seen.push(shown(document)));
    (seen, account)
}

/// A line of these words, which stand on several lines here.
fn line(text: &str) -> String {
    text.lines().map(str::trim).collect::<String>() + "\n"
}

fn check(text: &str, expected: &str) {
    let (seen, account) = read(line(text));
    assert_eq!(seen, [expected], "{text}: {account:?}");
}

fn check_passed(text: &str, expected: Passed) {
    let (seen, account) = read(line(text));
    assert!(seen.is_empty(), "{seen:?}");
    assert_eq!(account.passed(expected), 1, "{text}: {account:?}");
}

/// The values of a field of the one document in a line.
fn values(text: &str, name: &str) -> Vec<String> {
    let mut values = Vec::new();
    documents::read(line(text).as_bytes(), &mut |document| {
        values.extend(document.values(name).map(|v| String::from_utf8_lossy(v).into_owned()));
    });
    values
}

const NESTED: &str = r#"{"@timestamp":"2026-03-01T10:00:00.5Z","host":{"name":"web01"},
    "event":{"category":["network"],"type":["start"],"action":"connection_attempted",
    "outcome":"success"},"process":{"name":"curl","pid":7},
    "destination":{"ip":"192.0.2.7","port":443}}"#;

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

/// A document as Elastic Defend writes it.
fn defend(action: &str, kinds: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-03-01T10:00:00.6007809Z","agent":{{"type":"endpoint","id":"a1"}},
        "data_stream":{{"type":"logs","dataset":"endpoint.events.network"}},"host":{{"name":"db02",
        "hostname":"db02","os":{{"type":"linux","Ext":{{"variant":"Debian"}}}},
        "ip":["10.1.2.3","::1"]}},"event":{{"kind":"event","module":"endpoint","action":"{action}",
        "dataset":"endpoint.events.network","category":["network"],"type":{kinds},
        "outcome":"unknown","id":"NQx+1","sequence":36090}},"process":{{"Ext":{{"ancestry":
        ["YQ==","Yg=="]}},"name":"nc","pid":580,"executable":"/usr/bin/nc"}},"user":{{"id":0,
        "name":"root"}},"source":{{"address":"10.1.2.3","ip":"10.1.2.3","port":54924}},
        "destination":{{"address":"203.0.113.9","ip":"203.0.113.9","port":4444}},
        "network":{{"transport":"tcp","type":"ipv4","direction":"egress"}}}}"#
    )
}

#[test]
fn elastic_defends_attempts_and_accepts_are_starts_and_its_disconnects_are_not() {
    let of = |kind, action| format!("{kind} db02 nc {action} → 203.0.113.9:4444 (unknown)");
    for kinds in [r#"["start"]"#, r#""start""#, r#"["start","connection"]"#, r#"["a","start"]"#] {
        let text = defend("connection_attempted", kinds);
        check(&text, &of("start", "connection_attempted"));
    }
    check(&defend("connection_accepted", r#"["start"]"#), &of("start", "connection_accepted"));
    check(&defend("disconnect_received", r#"["end"]"#), &of("other", "disconnect_received"));
    check(&defend("lookup_requested", r#"["protocol","info"]"#), &of("other", "lookup_requested"));
    check(&defend("connection_attempted", r#"["restart"]"#), &of("other", "connection_attempted"));
}

#[test]
fn a_rule_sees_every_value_of_a_field() {
    let text = defend("connection_attempted", r#"["connection","start"]"#);
    documents::read(line(&text).as_bytes(), &mut |document| {
        let kind = Field::named("event.type");
        assert!(document.any(&kind, &mut |value| value.clone().into_text()[..] == *b"start"));
        assert!(!document.any(&kind, &mut |value| value.clone().into_text()[..] == *b"end"));
        assert_eq!(document.field(&kind).as_deref(), Some(&b"connection"[..]));
        let port = document.value(&Field::named("destination.port")).and_then(|v| v.number());
        assert_eq!(port, Some(4444));
        assert_eq!(document.value(&Field::named("destination.domain")), None);
    });
}

/// A document as Auditbeat's auditd module writes it, and Auditd Manager with it.
fn auditbeat(action: &str, kinds: &str, rest: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-03-01T10:00:00.230Z","agent":{{"name":"app03","type":"auditbeat"}},
        "auditd":{{"message_type":"syscall","result":"success","sequence":94471,"session":"unset",
        "summary":{{"how":"/usr/bin/wget","object":{{"type":"socket"}}}},"data":{{"arch":"x86_64",
        "a0":"a","tty":"(none)","syscall":"connect"}}}},"event":{{"kind":"event","module":"auditd",
        "action":"{action}","category":["network"],"type":{kinds},"outcome":"success"}},
        "process":{{"name":"wget","pid":2250,"ppid":950}},"user":{{"id":"33","name":"www-data",
        "audit":{{"id":"unset"}},"group":{{"id":"34"}}}},"tags":["net"],{rest}}}"#
    )
}

#[test]
fn auditbeats_words_for_what_was_done_become_ours() {
    let start = r#"["connection","start"]"#;
    let to = r#""destination":{"ip":"198.51.100.4","port":"8443"},
        "network":{"direction":"outbound"}"#;
    let text = auditbeat("connected-to", start, to);
    check(&text, "start app03 wget connection_attempted → 198.51.100.4:8443 (success)");
    for (theirs, ours) in [
        ("accepted-connection-from", "connection_accepted"),
        ("bound-socket", "socket_bound"),
        ("listen-for-connections", "socket_listening"),
        ("sent-to", "datagram_sent"),
        ("received-from", "datagram_received"),
        ("changed-audit-configuration", "changed-audit-configuration"),
    ] {
        assert_eq!(values(&auditbeat(theirs, start, to), "event.action"), [ours]);
    }
    for (name, expected) in [
        ("network.direction", &["egress"][..]),
        ("host.os.type", &["linux"]),
        ("process.parent.pid", &["950"]),
        ("group.id", &["34"]),
        ("auditd.syscall", &["connect"]),
        ("auditd.arch", &["x86_64"]),
        ("event.sequence", &["94471"]),
        ("event.type", &["connection", "start"]),
        ("auditd.session", &[]),
        ("user.audit.id", &[]),
        ("user.name", &["www-data"]),
        ("auditd.data.tty", &["(none)"]),
    ] {
        assert_eq!(values(&text, name), expected, "{name}");
    }
}

#[test]
fn the_far_end_may_stand_where_auditbeat_has_the_calls_address() {
    let socket = r#""auditd.data.socket":{"family":"ipv4","addr":"192.0.2.7","port":"443"}"#;
    let text = auditbeat("connected-to", r#"["start"]"#, socket);
    check(&text, "start app03 wget connection_attempted → 192.0.2.7:443 (success)");
    let text = auditbeat("accepted-connection-from", r#"["start"]"#, socket);
    check(&text, "start app03 wget connection_accepted → -:- (success)");
    assert_eq!(values(&text, "source.ip"), ["192.0.2.7"]);
    assert_eq!(values(&text, "source.port"), ["443"]);
}

#[test]
fn a_connect_that_went_on_after_it_returned_has_not_failed() {
    let exit = |exit| {
        let rest = format!(r#""auditd.data.exit":"{exit}""#);
        let text = auditbeat("connected-to", r#"["start"]"#, &rest);
        let text = text.replace(r#""outcome":"success""#, r#""outcome":"failure""#);
        [values(&text, "event.outcome"), values(&text, "error.code")].concat().join(" ")
    };
    assert_eq!(exit("EINPROGRESS"), "unknown EINPROGRESS");
    assert_eq!(exit("-115"), "unknown EINPROGRESS");
    assert_eq!(exit("ECONNREFUSED"), "failure ECONNREFUSED");
    assert_eq!(exit("Unknown"), "failure");
}

#[test]
fn sockets_that_are_not_ip_are_passed_over() {
    for family in ["unix", "netlink", "packet"] {
        let rest = format!(r#""auditd.data.socket":{{"family":"{family}","path":"/run/x"}}"#);
        check_passed(&auditbeat("connected-to", r#"["start"]"#, &rest), Passed::NotIp);
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
fn a_connect_to_port_0_is_a_probe() {
    let probe = |port: u16| {
        let rest = format!(r#""destination":{{"ip":"192.0.2.7","port":{port}}}"#);
        values(&auditbeat("connected-to", r#"["start"]"#, &rest), "labels.probe")
    };
    assert_eq!(probe(0), ["true"]);
    assert!(probe(1).is_empty());
}

#[test]
fn flows_are_documents_and_no_starts() {
    // Packetbeat, and the socket dataset of Auditbeat's system module.
    check(
        r#"{"@timestamp":"2026-03-01T10:00:30.000Z","type":"flow","event":{"kind":"event",
        "dataset":"flow","action":"network_flow","category":["network"],
        "type":["connection","end"],"start":"2026-03-01T10:00:00.000Z"},"flow":{"final":true},
        "host":{"name":"gw1"},"destination":{"ip":"192.0.2.7","port":443,"bytes":460}}"#,
        "other gw1 - network_flow → 192.0.2.7:443 (-)",
    );
    check(
        r#"{"@timestamp":"2026-03-01T10:00:30.000Z","event":{"kind":"event","module":"system",
        "dataset":"socket","action":"network_flow","category":["network"],
        "type":["info","connection"]},"host":{"hostname":"gw1"},"process":{"name":"sshd"},
        "destination":{"ip":"192.0.2.7","port":22}}"#,
        "other gw1 sshd network_flow → 192.0.2.7:22 (-)",
    );
}

#[test]
fn what_is_not_about_the_network_or_no_event_is_passed_over() {
    let with = |from: &str, to: &str| NESTED.replace(from, to);
    let category = r#""category":["network"]"#;
    check(&with(category, r#""category":["process","network"]"#), &read(line(NESTED)).0[0]);
    for other in [r#""category":["process"]"#, r#""category":"networks""#, r#""category":[]"#] {
        check_passed(&with(category, other), Passed::NotNetwork);
    }
    check_passed(
        r#"{"@timestamp":"2026-03-01T10:00:00Z","message":"network"}"#,
        Passed::NotNetwork,
    );
    for kind in ["alert", "signal", "metric", "state"] {
        let text = with(category, &format!(r#"{category},"kind":"{kind}""#));
        check_passed(&text, Passed::NotAnEvent);
    }
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
fn what_cannot_be_read_is_counted_by_kind_and_the_first_place_is_kept() {
    let good = line(NESTED);
    let text = format!(
        "\n{good}not json\n[1,2]\n  \n{{\"a\":1}}\n{good}7\n{}\n{{\"a\":{}}}\r\n{}\n{good}{}",
        "[".repeat(500),
        "[".repeat(200) + &"]".repeat(200),
        " ".repeat(5) + &good.trim().replace("curl", &"x".repeat(1 << 20)),
        &good[..40],
    );
    let (seen, account) = read(&text);
    assert_eq!(seen.len(), 3);
    let counts = Complaint::ALL.map(|complaint| account.complaints(complaint));
    assert_eq!(counts, [5, 1, 1, 1]);
    let places: Vec<_> = account.examples().iter().map(|e| (e.complaint, e.line)).collect();
    let expected = [
        (Complaint::NotJson, 3),
        (Complaint::NoTime, 6),
        (Complaint::TooLong, 11),
        (Complaint::Unfinished, 13),
    ];
    assert_eq!(places, expected);
    assert_eq!(account.examples()[0].text, b"not json\n");
    assert_eq!((account.lines, account.blank, account.starts), (13, 2, 3));
    let mut twice = account.clone();
    twice.count_in(&account);
    assert_eq!((twice.lines, twice.complaints(Complaint::NotJson)), (26, 10));
}

#[test]
fn names_within_names_do_not_take_more_memory_than_a_few_lines() {
    let name = "n".repeat(200);
    let leaves: Vec<String> = (0..100_000).map(|n| format!("\"{n}\":0")).collect();
    let text = format!("{{\"{name}\":{{{}}}}}\n", leaves.join(","));
    let (_, account) = read(&text);
    assert_eq!(account.complaints(Complaint::TooLong), 1);
    let leaves = vec!["0"; 400_000].join(",");
    let (_, account) = read(format!("{{\"{name}\":[{leaves}]}}\n"));
    assert_eq!(account.complaints(Complaint::NoTime), 1);
}

#[test]
fn a_name_that_is_not_utf_8_hides_no_line() {
    let text = line(NESTED).into_bytes();
    let at = text.windows(4).position(|w| w == b"curl").expect("curl");
    let broken = [&text[..at], &b"c\xffrl"[..], &text[at + 4..]].concat();
    let expected = "start web01 c\u{fffd}rl connection_attempted → 192.0.2.7:443 (success)";
    assert_eq!(read(broken).0, [expected]);
}

#[test]
fn the_mark_of_a_file_in_utf_8_and_the_cookie_of_syslog_are_no_part_of_an_object() {
    let expected = read(line(NESTED)).0;
    assert_eq!(read(format!("\u{feff}{}", line(NESTED))).0, expected);
    assert_eq!(read(format!("@cee: {}", line(NESTED))).0, expected);
    assert!(read(format!("cee: {}", line(NESTED))).0.is_empty());
}

/// The connections of a log as NDJSON.
fn written(log: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, log).expect("written");
    ndjson(&path.display().to_string())
}

fn ndjson(path: &str) -> String {
    let found = input::find(&[path.into()], Some("web01")).expect("found");
    let pieces = input::Pieces::new(found.sources, input::PIECE_SIZE);
    let (mut writer, mut out) = (Ndjson::new(), Vec::new());
    reading::read(pieces, reading::Options::default(), &mut |sighting: &Sighting| {
        if sighting.is_ip() {
            writer.connection(&sighting.connection(), &mut out);
        }
        ControlFlow::Continue(())
    });
    String::from_utf8(out).expect("UTF-8")
}

fn written_again(text: &str) -> (String, Account) {
    let mut out = Vec::new();
    let account = documents::read(text.as_bytes(), &mut |document| {
        output::document::document(document, &mut out);
        out.push(b'\n');
    });
    (String::from_utf8(out).expect("UTF-8"), account)
}

#[test]
fn our_own_ndjson_comes_back_byte_for_byte() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let text = ndjson(samples);
    let (again, account) = written_again(&text);
    assert!(account.documents > 100, "{account:?}");
    for (first, second) in text.lines().zip(again.lines()) {
        assert_eq!(second, first);
    }
    assert_eq!(again.len(), text.len());
}

#[test]
fn bytes_that_are_not_utf_8_come_back_from_our_own_ndjson() {
    let text = written(
        b"type=SYSCALL msg=audit(1772359200.500:7): arch=c000003e syscall=42 success=yes exit=0 \
          a0=3 a1=7f a2=10 a3=0 items=0 ppid=1 pid=7 auid=4294967295 uid=0 comm=61FF \
          exe=\"/usr/bin/curl\" key=\"net\"\n\
          type=SOCKADDR msg=audit(1772359200.500:7): saddr=020001BBC00002070000000000000000\n\
          type=EOE msg=audit(1772359200.500:7): \n",
    );
    assert!(text.contains("oddsock.bytes"), "{text}");
    documents::read(text.as_bytes(), &mut |document| {
        assert_eq!(document.first("process.name"), Some(&b"a\xff"[..]));
    });
    assert_eq!(written_again(&text).0, text);
}

#[test]
fn a_document_is_written_with_the_names_and_the_order_of_a_connection() {
    let text = auditbeat(
        "connected-to",
        r#"["connection","start"]"#,
        r#""destination":{"ip":"::ffff:192.0.2.7","port":"443","domain":"x.example"},
           "labels":{"team":"a"},"process.args":["wget","-q"]"#,
    );
    assert_eq!(
        written_again(&line(&text)).0,
        line(
            r#"{"@timestamp":"2026-03-01T10:00:00.230Z","event.kind":"event",
            "event.category":["network"],"event.module":"auditd",
            "event.action":"connection_attempted","event.type":["connection","start"],
            "event.outcome":"success","event.sequence":94471,"host.name":"app03",
            "host.os.type":"linux","process.name":"wget","process.pid":2250,
            "process.parent.pid":950,"process.args":["wget","-q"],"user.id":"33",
            "user.name":"www-data","group.id":"34","destination.ip":"192.0.2.7",
            "destination.port":443,"auditd.arch":"x86_64","auditd.syscall":"connect",
            "tags":["net"]}"#
        )
    );
}

#[test]
fn no_string_of_a_document_acts_on_what_it_is_written_to() {
    let hostile = NESTED.replace("curl", r#"\u001b[2J\u202e\"},{\n\u0000\u009b"#);
    let (text, _) = written_again(&line(&hostile));
    assert!(text.contains(r#""process.name":"\u001b[2J\u202e\"},{\n\u0000\u009b""#), "{text}");
    assert_eq!(text.lines().count(), 1);
    assert!(written_again(&text).0 == text);
}

proptest! {
    #[test]
    fn any_bytes_are_lines_that_are_accounted_for(bytes: Vec<u8>, parts: Vec<(u8, u16)>) {
        // Bytes, and pieces of documents in any order.
        let event = "\"ID\":\"1.0:1\",\"SYSCALL.syscall\":42";
        let good = [NESTED, "{", "\n", "}", event, ",", "[", "%"];
        let mut text = bytes;
        for (which, at) in parts {
            let piece = good[usize::from(which) % good.len()];
            let at = usize::from(at) % (text.len() + 1);
            text.splice(at..at, piece.bytes());
        }
        let (seen, account) = read(&text);
        let passed: u64 = Passed::ALL.iter().map(|passed| account.passed(*passed)).sum();
        let complaints: u64 = Complaint::ALL.iter().map(|kind| account.complaints(*kind)).sum();
        prop_assert_eq!(seen.len() as u64, account.documents);
        prop_assert_eq!(account.documents + account.blank + passed + complaints, account.lines);
    }
}

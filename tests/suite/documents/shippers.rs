//! The words of Elastic Defend, Auditbeat and Packetbeat for what was done, and what they become.

use oddsock::documents;
use oddsock::rules::{Field, Fields};

use super::scene::{auditbeat, check, line, values};

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
fn a_connect_to_port_0_is_a_probe_unless_it_was_not_udp() {
    let probe = |port: u16| {
        let rest = format!(r#""destination":{{"ip":"192.0.2.7","port":{port}}}"#);
        values(&auditbeat("connected-to", r#"["start"]"#, &rest), "labels.probe")
    };
    assert_eq!(probe(0), ["true"]);
    assert!(probe(1).is_empty());
    let shown = |more: &str| {
        let rest = format!(r#""destination":{{"ip":"192.0.2.7","port":0}},{more}"#);
        !values(&auditbeat("connected-to", r#"["start"]"#, &rest), "labels.probe").is_empty()
    };
    assert!(shown(r#""network":{"transport":"udp"}"#));
    assert!(!shown(r#""network":{"transport":"tcp"}"#));
    assert!(shown(r#""auditd.data.exit":"ENETUNREACH""#));
    assert!(!shown(r#""auditd.data.exit":"ECONNREFUSED""#));
    // One of ours: if it were a probe, it would say so.
    assert!(!shown(r#""auditd":{"syscall":"connect"}"#));
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

//! Rules at work: which connections count for them, and what they are asked for.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use oddsock::audit::Connection;
use oddsock::output::{Ndjson, Writer};
use oddsock::rules::{Field, Fields, Happening, Rule, Value, Watch};

use crate::rules::rule;
use crate::scene::{each_connection, log};
use crate::shared::samples;

/// The built-in rules that leave out the loopback, some users, and what starts no connection.
const WITH_FILTERS: [&str; 3] = [
    "unusual_linux_network_activity",
    "unusual_linux_network_port_activity",
    "process_new_to_a_host",
];

/// A connection as a watch sees it.
fn happening<'c>(connection: &'c Connection<'_>) -> Happening<'c> {
    Happening {
        fields: connection,
        time_ms: connection.stamp.millis,
        id: u64::from(connection.stamp.serial),
        host: connection.host,
        evidence: &|| Arc::from(&b"{}"[..]),
    }
}

/// How many connections of a scene count for each of them.
fn counting(scene: &str) -> Vec<usize> {
    let mut watches: Vec<(Watch, usize)> =
        WITH_FILTERS.iter().map(|name| (Watch::new(rule(name)), 0)).collect();
    each_connection(&log(scene), &mut |connection| {
        for (watch, count) in &mut watches {
            let counts = watch.observe(&happening(connection));
            assert_eq!(counts, watch.rule().filter.refusing(connection).is_none());
            *count += usize::from(counts);
        }
    });
    watches.iter().map(|(_, count)| *count).collect()
}

#[test]
fn what_the_filters_leave_out_has_a_neighbour_that_they_do_not() {
    let user = |name: &str| format!("\x1dUID=\"{name}\"");
    for (call, address, more, counts) in [
        ("connect", "127.0.0.1:80", String::new(), false),
        ("connect", "127.0.0.53:53", String::new(), false),
        ("connect", "127.255.255.255:53", String::new(), false),
        ("connect", "128.0.0.1:53", String::new(), true),
        ("connect", "126.255.255.255:53", String::new(), true),
        ("connect", "[::1]:80", String::new(), false),
        ("connect", "[::2]:80", String::new(), true),
        ("connect", "[::]:80", String::new(), false),
        ("connect", "[::ffff:127.0.0.1]:80", String::new(), false),
        ("connect", "[::ffff:192.0.2.7]:80", String::new(), true),
        ("connect", "192.0.2.7:80", user("jenkins"), false),
        ("connect", "192.0.2.7:80", user("jenkins2"), true),
        ("connect", "192.0.2.7:80", user("Jenkins"), true),
        // A connect to port 0 asks for a route.
        ("connect", "192.0.2.7:0", String::new(), false),
        ("connect", "192.0.2.7:1", String::new(), true),
        // What is not the start of a connection.
        ("sendto", "192.0.2.7:53", String::new(), false),
        ("bind", "192.0.2.7:53", String::new(), false),
    ] {
        let scene = format!("#7 SYSCALL {call} /usr/bin/curl {more}\n#7 SOCKADDR {address}");
        assert_eq!(counting(&scene), [usize::from(counts); 3], "{scene}");
    }
}

#[test]
fn a_connection_that_comes_in_has_no_destination_and_counts_for_programs_alone() {
    let scene = "#7 SYSCALL accept4 /usr/sbin/sshd\n#7 SOCKADDR 127.0.0.1:5000";
    let mut ports = Watch::new(rule("unusual_linux_network_port_activity"));
    let mut programs = Watch::new(rule("unusual_linux_network_activity"));
    each_connection(&log(scene), &mut |connection| {
        assert!(!ports.observe(&happening(connection)));
        assert!(programs.observe(&happening(connection)));
    });
    assert_eq!(ports.ledger().tracks().len(), 0);
    assert_eq!(programs.ledger().tracks().len(), 1);
}

#[test]
fn a_watch_notes_what_its_rule_asks_about() {
    let text = "
        [rule]
        name = \"Rare ports by user\"
        [detector]
        by = \"destination.port\"
        partition = \"user.id\"
        influencers = [\"destination.ip\", \"error.code\"]
    ";
    let mut watch = Watch::new(Rule::read("own.toml", text).unwrap_or_else(|e| panic!("{e}")));
    let scene = "#7 SYSCALL connect /usr/bin/curl uid=33\n#7 SOCKADDR 192.0.2.7:8443";
    each_connection(&log(scene), &mut |connection| {
        assert!(watch.observe(&happening(connection)));
    });
    let (rule, ledger) = watch.into_parts();
    assert_eq!(&ledger.question().name, &rule.name);
    let (subject, _) = ledger.tracks().next().expect("a fact");
    assert_eq!(&subject.value[..], b"8443");
    assert_eq!(subject.partition.as_deref(), Some(&b"33"[..]));
}

#[test]
fn users_without_names_are_told_apart_by_their_numbers() {
    let mut watch = Watch::new(rule("unusual_linux_network_activity"));
    let scene = "#7 SYSCALL connect /usr/bin/nc uid=1000\n#7 SOCKADDR 192.0.2.7:443
        #8 SYSCALL connect /usr/bin/nc uid=0\n#8 SOCKADDR 192.0.2.7:443
        #9 SYSCALL connect /usr/bin/nc uid=33 \x1dUID=\"www-data\"\n#9 SOCKADDR 192.0.2.7:443";
    each_connection(&log(scene), &mut |connection| _ = watch.observe(&happening(connection)));
    let place = watch.rule().question.influencers.iter().position(|name| name == "user.name");
    let (_, track) = watch.ledger().tracks().next().expect("a fact");
    let bucket = track.buckets.first().expect("a bucket");
    let users = &track.details.get(bucket).expect("a detail").influences[place.unwrap()];
    assert_eq!(users.names(), [&b"uid 0"[..], b"uid 1000", b"www-data"]);
}

#[test]
fn a_field_of_several_values_is_any_of_them() {
    let text = "
        [rule]
        name = \"Keys\"
        [detector]
        by = \"tags\"
        [[detector.include]]
        field = \"tags\"
        values = [\"net*\"]
    ";
    let mut watch = Watch::new(Rule::read("own.toml", text).unwrap_or_else(|e| panic!("{e}")));
    let scene = "#7 SYSCALL connect /usr/bin/curl key=61016E6574\n#7 SOCKADDR 192.0.2.7:8443
        #8 SYSCALL connect /usr/bin/curl key=\"other\"\n#8 SOCKADDR 192.0.2.7:8443";
    each_connection(&log(scene), &mut |connection| {
        watch.observe(&happening(connection));
    });
    let values: BTreeSet<_> =
        watch.ledger().tracks().map(|(subject, _)| subject.value.to_vec()).collect();
    assert_eq!(values, BTreeSet::from([b"a".to_vec(), b"net".to_vec()]));
}

#[test]
fn the_fields_of_a_connection_are_those_of_its_json() {
    let mut seen = BTreeSet::new();
    let mut ndjson = Ndjson::new();
    for path in samples() {
        let log = std::fs::read(&path).expect("a log");
        each_connection(&log, &mut |connection| {
            let mut line = Vec::new();
            ndjson.connection(connection, &mut line);
            let json: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
            let object = json.as_object().expect("an object");
            if object.contains_key("oddsock.bytes") {
                return;
            }
            for name in Field::NAMES {
                let mut values = Vec::new();
                connection.any(&Field::named(name), &mut |value: &Value<'_>| {
                    let text = value.borrowed().into_text().into_owned();
                    values.push(String::from_utf8(text).expect("UTF-8"));
                    false
                });
                let expected: Vec<String> = match object.get(*name) {
                    None => vec![],
                    Some(serde_json::Value::Array(list)) => list.iter().map(plain).collect(),
                    Some(value) => vec![plain(value)],
                };
                assert_eq!(values, expected, "{name} {json}");
                seen.extend((!values.is_empty()).then_some(*name));
            }
            let others = ["@timestamp", "ecs.version", "auditd.packet.hardware"];
            let unknown = object
                .keys()
                .find(|key| !Field::NAMES.contains(&&key[..]) && !others.contains(&&key[..]));
            assert_eq!(unknown, None);
        });
    }
    assert!(seen.len() > 40, "{seen:?}");
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn documents_of_others_have_fields_too() {
    struct Document(Vec<(&'static str, &'static str)>);
    impl Fields for Document {
        fn value(&self, field: &Field) -> Option<Value<'_>> {
            let found = self.0.iter().find(|(name, _)| *name == field.name());
            found.map(|(_, value)| Value::text(*value))
        }
    }
    let document = |ip| {
        Document(vec![
            ("event.category", "network"),
            ("event.type", "start"),
            ("host.os.type", "linux"),
            ("process.name", "curl"),
            ("destination.ip", ip),
        ])
    };
    let filter = rule("unusual_linux_network_activity").filter;
    assert!(filter.admits(&document("192.0.2.7")));
    assert!(!filter.admits(&document("::ffff:127.9.9.9")));
    let refusing = document("127.0.0.1");
    let refusing = filter.refusing(&refusing).expect("a condition");
    assert_eq!(refusing.field.name(), "destination.ip");
    assert!(refusing.reason.contains("127.0.0.0/8"));
    let address: IpAddr = "127.0.0.1".parse().expect("an address");
    assert!(refusing.patterns.iter().any(|pattern| pattern.matches(&Value::Ip(address))));
}

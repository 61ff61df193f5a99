use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::output::scene::{HOSTILE, Scene, connections};
use crate::output::unseen::is_unseen;

fn document(scene: &Scene) -> Map<String, Value> {
    let line = scene.written(&mut Ndjson::new());
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    assert!(!line.trim_end().chars().any(is_unseen), "{line}");
    match serde_json::from_str(&line).expect(&line) {
        Value::Object(document) => document,
        other => panic!("{other}"),
    }
}

/// The fields expected are there; null stands for a field that is not.
fn check(scene: &Scene, expected: Value) {
    let document = document(scene);
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(document.get(name).unwrap_or(&Value::Null), value, "{name}");
    }
}

fn at(call: u32, exit: i64, address: &str) -> Scene {
    Scene { call, exit, address: address.into(), ..Scene::default() }
}

/// The bytes of a field: as they are, or as `oddsock.bytes` has them.
fn bytes(document: &Map<String, Value>, name: &str) -> Vec<u8> {
    let exact = document.get("oddsock.bytes").and_then(|exact| exact.get(name));
    if let Some(hex) = exact.and_then(Value::as_str) {
        return (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
            .collect();
    }
    let value = match name.split_once('[') {
        None => &document[name],
        Some((list, index)) => {
            &document[list][index.trim_end_matches(']').parse::<usize>().expect("an index")]
        }
    };
    value.as_str().expect("a string").as_bytes().to_vec()
}

#[test]
fn a_connection_is_a_line_with_the_fields_that_were_promised() {
    let expected = concat!(
        r#"{"@timestamp":"2024-08-16T14:44:02.001Z","ecs.version":"8.17.0","event.kind":"event","#,
        r#""event.category":["network"],"event.module":"auditd","event.dataset":"auditd.log","#,
        r#""event.action":"connection_attempted","event.type":["start"],"#,
        r#""event.outcome":"unknown","error.code":"EINPROGRESS","event.sequence":9001,"#,
        r#""event.id":"web-01:1723819442.001:9001","host.name":"web-01","agent.id":"web-01","#,
        r#""host.os.type":"linux","process.name":"curl","process.executable":"/usr/bin/curl","#,
        r#""process.pid":812,"process.parent.pid":1,"process.args":["curl","-sS","a b"],"#,
        r#""process.args_count":3,"process.command_line":"curl -sS 'a b'","#,
        r#""process.working_directory":"/home/lab","process.parent.name":"bash","#,
        r#""process.parent.executable":"bash","user.id":"1500","user.name":"lab","#,
        r#""user.effective.id":"1500","user.effective.name":"lab","user.audit.id":"1500","#,
        r#""user.audit.name":"lab","group.id":"1500","destination.ip":"93.184.216.34","#,
        r#""destination.port":443,"network.direction":"egress","network.type":"ipv4","#,
        r#""network.transport":"tcp","auditd.session":"3","auditd.arch":"x86_64","#,
        r#""auditd.syscall":"connect","auditd.exit":-115,"auditd.fd":3,"tags":["net"]}"#,
        "\n",
    );
    assert_eq!(Scene::default().written(&mut Ndjson::new()), expected);
}

#[test]
fn what_comes_in_has_a_source_and_what_goes_out_a_destination() {
    let web = "020001BB5DB8D8220000000000000000";
    check(
        &at(43, 5, web),
        json!({
            "event.action": "connection_accepted", "event.type": ["start"],
            "source.ip": "93.184.216.34", "source.port": 443, "destination.ip": null,
            "network.direction": "ingress", "event.outcome": "success", "error.code": null,
        }),
    );
    check(
        &at(49, 0, web),
        json!({
            "event.action": "socket_bound", "event.type": ["info"], "source.port": 443,
            "network.direction": null,
        }),
    );
    check(&at(44, 9, web), json!({ "event.action": "datagram_sent", "destination.port": 443 }));
}

#[test]
fn what_an_ip_address_has_besides_stands_beside_it() {
    let link_local = "0A0001BB00000005FE80000000000000000000000000000102000000";
    check(
        &at(42, 0, link_local),
        json!({
            "destination.ip": "fe80::1", "network.type": "ipv6", "auditd.scope_id": 2,
            "auditd.flow": 5, "auditd.family": null,
        }),
    );
    let mapped = "0A0001BB0000000000000000000000000000FFFF3A6C48DE00000000";
    check(
        &at(42, 0, mapped),
        json!({
            "destination.ip": "58.108.72.222", "network.type": "ipv4", "auditd.scope_id": null,
            "auditd.flow": null,
        }),
    );
}

#[test]
fn other_families_are_named_and_have_no_network_type() {
    check(
        &at(42, 0, "01002F72756E2F7800"),
        json!({ "auditd.family": "unix", "file.path": "/run/x", "network.type": null }),
    );
    check(&at(42, 0, "010000787900"), json!({ "file.path": "@xy" }));
    check(&at(42, 0, "0100407879"), json!({ "file.path": "./@xy" }));
    check(&at(42, 0, "0100"), json!({ "auditd.family": "unix", "file.path": null }));
    check(
        &at(49, 0, "100000000700000001000000"),
        json!({
            "auditd.family": "netlink", "auditd.netlink.port": 7, "auditd.netlink.groups": 1,
        }),
    );
    check(
        &at(42, 0, "28000000640000000300000000000000"),
        json!({ "auditd.vsock.cid": 3, "auditd.vsock.port": 100, "destination.port": null }),
    );
    check(
        &at(49, 0, "110008000200000001000006AABBCCDDEEFF0000"),
        json!({
            "auditd.packet.protocol": 2048, "auditd.packet.interface": 2,
            "auditd.packet.hardware": "aa:bb:cc:dd:ee:ff",
        }),
    );
    check(&at(42, 0, "4D00"), json!({ "auditd.family": "77" }));
}

#[test]
fn labels_are_there_only_where_they_are_true() {
    check(&Scene::probe(), json!({ "labels.probe": true, "labels.partial": null }));
    check(&at(42, 0, ""), json!({ "labels.partial": true, "destination.ip": null }));
    check(&Scene::default(), json!({ "labels.probe": null, "oddsock.bytes": null }));
}

#[test]
fn arguments_that_the_log_lost_are_counted_and_not_given_as_empty() {
    let lost = Scene { missing: 97, ..Scene::default() };
    check(
        &lost,
        json!({
            "process.args": ["curl", "-sS", "a b"], "process.args_count": 100,
            "auditd.args_missing": 97, "labels.partial": true,
            "process.command_line": "curl -sS 'a b' …(+97 arguments missing)",
        }),
    );
    check(&Scene::default(), json!({ "auditd.args_missing": null, "labels.partial": null }));
    check(
        &Scene { arguments: vec![], ..lost },
        json!({
            "process.args": null, "process.args_count": 97, "auditd.args_missing": 97,
            "process.command_line": null,
        }),
    );
}

#[test]
fn hostile_names_come_back_byte_by_byte() {
    for name in HOSTILE {
        let document = document(&Scene::named(name));
        let names = ["process.args[0]", "process.args[2]", "host.name", "process.name"];
        for field in names {
            // An empty name in the log is a name.
            assert_eq!(bytes(&document, field), name, "{field}");
        }
        assert_eq!(document["process.args"][1], "ok");
    }
}

#[test]
fn only_fields_that_are_no_utf8_have_bytes() {
    let scene = Scene { comm: b"a\xff".to_vec(), exe: "/é".into(), ..Scene::default() };
    check(
        &scene,
        json!({
            "process.name": "a\u{fffd}", "process.executable": "/é",
            "oddsock.bytes": { "process.name": "61ff" },
        }),
    );
}

#[test]
fn a_field_is_never_there_twice() {
    let line = Scene::named(b"a\xff").written(&mut Ndjson::new());
    let names: Vec<&str> = line.split("\":").filter_map(|part| part.rsplit('"').next()).collect();
    let before = names.iter().position(|name| *name == "oddsock.bytes").expect("bytes");
    let mut unique = names[..before].to_vec();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), before, "{line}");
}

#[test]
fn every_connection_of_the_samples_is_a_line_of_json() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let (mut lines, mut count) = (Vec::new(), 0);
    for entry in std::fs::read_dir(samples).expect("samples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let log = std::fs::read(&path).expect("a log");
            connections(&log, b"host", &mut |connection| {
                count += 1;
                Ndjson::new().connection(connection, &mut lines);
            });
        }
    }
    assert!(count > 100, "{count}");
    let lines = String::from_utf8(lines).expect("UTF-8");
    assert_eq!(lines.lines().count(), count);
    for line in lines.lines() {
        let document: Map<String, Value> = serde_json::from_str(line).expect(line);
        assert!(document.values().all(|value| !value.is_null()), "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_make_one_line_of_json_and_come_back(
        comm: Vec<u8>,
        exe in prop::collection::vec(any::<u8>(), 1..40),
        arguments in prop::collection::vec(any::<Vec<u8>>(), 1..5),
    ) {
        let scene = Scene {
            comm: comm.clone(), exe: exe.clone(), arguments: arguments.clone(), ..Scene::default()
        };
        let document = document(&scene);
        prop_assert_eq!(bytes(&document, "process.name"), comm);
        prop_assert_eq!(bytes(&document, "process.executable"), exe);
        for (index, argument) in arguments.iter().enumerate() {
            prop_assert_eq!(&bytes(&document, &format!("process.args[{index}]")), argument);
        }
    }
}

/// No claim but a measurement: `cargo test --release --lib nanoseconds -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn nanoseconds_for_a_document() {
    let mut ndjson = Ndjson::new();
    Scene::default().show(&mut |connection| {
        let mut out = Vec::with_capacity(1 << 22);
        let best = (0..1000).map(|_| {
            out.clear();
            let start = std::time::Instant::now();
            for _ in 0..1000 {
                ndjson.connection(std::hint::black_box(connection), &mut out);
            }
            start.elapsed().as_nanos() / 1000
        });
        println!("{} ns a document at best", best.min().unwrap_or_default());
    });
}

//! Logs of other projects, against what those projects say is in them.
//!
//! Where we differ there is a line in a table, with the reason.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use oddsock::audit::sockaddr::{SocketAddress, UnixAddress, decode};
use oddsock::audit::{Fields, Line};
use serde_json::Value;

use crate::scene::{read, read_paths};
use crate::shared::{files, name, shared};

/// go-libaudit's golden events: file, field, reason.
const GO_LIBAUDIT: [(&str, &str, &str); 3] = [
    ("accept_syscall", "keys", "the key is `key=net`; go-libaudit cuts it at its equals sign"),
    ("connect_syscall", "keys", "the key is `key=net`; go-libaudit cuts it at its equals sign"),
    ("listen_syscall", "keys", "the key is `key=net`; go-libaudit cuts it at its equals sign"),
];

/// What go-libaudit calls the outcome, by what we know of it.
fn outcome(fields: &HashMap<&str, String>) -> &'static str {
    if fields.contains_key("error") { "fail" } else { "success" }
}

/// The calls that are connections, where they have an address or need none.
const CALLS: [&str; 5] = ["connect", "accept", "accept4", "bind", "listen"];

#[test]
fn go_libaudit_agrees_on_events() {
    let Some(folder) = shared("corpus/go-libaudit/aucoalesce-by-test") else { return };
    let (mut compared, mut wrong) = (0, Vec::new());
    for path in files(&folder, ".expected.json") {
        let log = path.display().to_string().replace(".expected.json", ".log");
        let read = read_paths(&[log.into()]);
        let events = json(&path);
        let calls: Vec<&Value> =
            events.as_array().expect("a list").iter().filter(|e| is_connection(e)).collect();
        if calls.len() != read.lines.len() {
            wrong.push(format!("{}: {} of {}", name(&path), read.lines.len(), calls.len()));
        }
        for (event, ours) in calls.into_iter().zip(&read.details) {
            compared += 1;
            for (field, theirs) in golden(event) {
                let ours = match field {
                    "outcome" => Some(outcome(ours)),
                    field => ours.get(field).map(String::as_str),
                };
                let is_known =
                    GO_LIBAUDIT.iter().any(|d| name(&path).contains(d.0) && field == d.1);
                if ours != theirs.as_deref() && !is_known {
                    wrong.push(format!("{}: {field} {ours:?}, theirs {theirs:?}", name(&path)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(compared, 3, "a connect, an accept and a listen");
}

fn is_connection(event: &Value) -> bool {
    CALLS.iter().any(|call| event["data"]["syscall"] == *call)
}

/// What a golden event says, by our names; `unset` is absent.
fn golden(event: &Value) -> Vec<(&'static str, Option<String>)> {
    let text = |value: &Value| {
        value.as_str().filter(|text| *text != "unset" && !text.is_empty()).map(str::to_string)
    };
    let process = &event["process"];
    let ids = &event["user"]["ids"];
    let exit = text(&event["data"]["exit"]);
    let error = exit.filter(|exit| exit.starts_with('E'));
    let mut fields = vec![
        ("outcome", text(&event["result"])),
        ("name", text(&process["name"])),
        ("exe", text(&process["exe"])),
        ("title", text(&process["title"])),
        ("ppid", text(&process["ppid"])),
        ("uid", text(&ids["uid"])),
        ("auid", text(&ids["auid"])),
        ("euid", text(&ids["euid"])),
        ("gid", text(&ids["gid"])),
        ("ses", text(&event["session"])),
        ("keys", text(&event["tags"][0])),
        ("call", text(&event["data"]["syscall"])),
        ("error", error),
    ];
    let peer = ["source", "destination"].map(|side| &event[side]);
    let peer = peer.into_iter().find(|peer| peer.is_object());
    if let Some(peer) = peer {
        let (ip, port) = (text(&peer["ip"]), text(&peer["port"]));
        fields.push(("address", Some(format!("{}:{}", ip.unwrap(), port.unwrap()))));
    }
    fields
}

#[test]
fn go_libaudit_agrees_on_addresses() {
    let Some(folder) = shared("corpus/go-libaudit/auparse/testdata") else { return };
    let mut compared = 0;
    for path in files(&folder, ".expected.json") {
        for record in json(&path).as_array().expect("a list") {
            if record["record_type"] != "sockaddr" || record["data"].is_null() {
                continue;
            }
            let raw = record["raw_msg"].as_str().expect("text");
            let address = address(raw);
            let data = &record["data"];
            let theirs = ["path", "addr", "port"].map(|name| data[name].as_str());
            let seen = match &address {
                SocketAddress::Unix(UnixAddress::Path(path)) => {
                    [Some(String::from_utf8_lossy(path).into_owned()), None, None]
                }
                address => [
                    None,
                    address.ip().map(|ip| ip.to_string()),
                    address.port().map(|port| port.to_string()),
                ],
            };
            assert_eq!(seen.each_ref().map(Option::as_deref), theirs, "{raw}");
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared} compared");
}

/// The address in a SOCKADDR record.
fn address(record: &str) -> SocketAddress {
    let body = record.split_once("): ").expect("a frame").1;
    let raw = Fields::of(body.as_bytes()).get(b"saddr").expect("an address");
    let end = raw.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(raw.len());
    decode(&raw[..end], None)
}

#[test]
fn auditd_parser_agrees_on_addresses() {
    let Some(path) = shared("corpus/auditd-parser-jorgehermo9/records.expected.jsonl") else {
        return;
    };
    let mut compared = 0;
    for line in fs::read_to_string(path).expect("text").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let theirs = &case["expected"]["fields"]["saddr"];
        let log = case["log"].as_str().expect("text");
        // It leaves AF_UNSPEC as digits, and refuses records with braces in a path or two words
        // for a family: nothing to agree with.
        if !log.starts_with("type=SOCKADDR") || !theirs.is_object() {
            continue;
        }
        let seen = address(log);
        match &seen {
            SocketAddress::Unix(UnixAddress::Path(path)) => {
                assert_eq!(theirs["family"], "AF_UNIX");
                assert_eq!(theirs["path"], *String::from_utf8_lossy(path));
            }
            SocketAddress::Netlink { port, groups } => {
                assert_eq!(
                    (&theirs["port_id"], &theirs["multicast_groups_mask"]),
                    (&Value::from(*port), &Value::from(*groups))
                );
            }
            SocketAddress::Inet { address, port } => {
                assert_eq!(theirs["address"], format!("{address}:{port}"));
            }
            SocketAddress::Inet6 { address, port, .. } => {
                assert_eq!(theirs["address"], format!("[{address}]:{port}"));
            }
            other => panic!("{other:?} for {theirs}"),
        }
        compared += 1;
    }
    assert_eq!(compared, 4);
}

#[test]
fn every_line_that_auditd_parser_reads_is_a_record_here() {
    let Some(path) = shared("corpus/auditd-parser-jorgehermo9/records.expected.jsonl") else {
        return;
    };
    for line in fs::read_to_string(path).expect("text").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let expected = &case["expected"];
        let (Some(millis), Some(id)) = (expected["timestamp"].as_u64(), expected["id"].as_u64())
        else {
            continue;
        };
        let log = case["log"].as_str().expect("text");
        let line = Line::parse(log.as_bytes()).unwrap_or_else(|| panic!("{log}"));
        assert_eq!((line.stamp.millis, u64::from(line.stamp.serial)), (millis, id), "{log}");
        let kind = expected["record_type"].as_str().expect("a kind");
        assert_eq!(line.kind_text, kind.as_bytes(), "{log}");
    }
}

#[test]
fn osquery_agrees_on_addresses_and_success() {
    let Some(path) = shared("corpus/osquery/socket_events_tests.log") else { return };
    let rules = json(&path.with_file_name("socket_events_tests.expected.json"));
    let log = fs::read_to_string(&path).expect("text");
    let whole = read(log.as_bytes());
    assert_eq!(
        whole.lines,
        [
            "#1276 curl[39598] → 127.0.0.53:53",
            "#1296 nc[48359] bound to 127.0.0.1:8080",
            "#1348 nc[93383] ← 127.0.0.1:59392",
        ]
    );
    // A variant of an event is the same event with another result. osquery calls only connects
    // in progress.
    for rule in rules["rules_from_tests"].as_array().expect("a list") {
        let (Some(serial), Some(exit)) = (rule["variant_of"].as_u64(), rule["exit"].as_str())
        else {
            continue;
        };
        for name in exit.split(" or ") {
            let number = match name.trim_start_matches('-').split('(').next() {
                Some("EBADF") => 9,
                Some("EINPROGRESS") => 115,
                other => panic!("{other:?}"),
            };
            let call = log.find(&format!(":{serial}): arch")).expect("the event");
            let variant = format!(
                "{}{}",
                &log[..call],
                log[call..].replacen(
                    "success=yes exit=0",
                    &format!("success=no exit=-{number}"),
                    1
                )
            );
            let variant = variant.replacen(
                "success=yes exit=4",
                &format!("success=no exit=-{number}"),
                usize::from(serial == 1348),
            );
            let seen = read(variant.as_bytes()).lines;
            let seen = seen.iter().find(|line| line.starts_with(&format!("#{serial} ")));
            let status = rule["expected"]["status"].as_str().expect("a status");
            let in_progress = number == 115;
            assert!(status.starts_with("in_progress") == (in_progress && serial == 1276), "{rule}");
            let ending = if in_progress { "in progress" } else { "EBADF" };
            assert!(seen.is_some_and(|line| line.ends_with(ending)), "{seen:?} for {rule}");
        }
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

//! Two other readers of the same logs: linux-audit-parser and ausearch.
//!
//! Where one of them differs from us there is a line in a table, with the reason.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use oddsock::audit::{Fields, Line, execve, second_opinion, value};

use crate::scene::read_paths;
use crate::shared::{name, samples, shared};

/// The fields whose text is compared.
const TEXTS: [&str; 7] = ["comm", "exe", "cwd", "proctitle", "key", "name", "acct"];

/// Where the two texts may differ, and why.
fn is_known_difference(field: &str, ours: Option<&[u8]>, theirs: &[u8]) -> bool {
    match field {
        // Several keys are a list to us, which is compared elsewhere, and one text to it.
        "key" => theirs.contains(&1),
        // It gives what is not there a text of its own.
        _ => ours.is_none() && matches!(theirs, b"(null)" | b"?" | b""),
    }
}

/// All real logs at hand, unpacked.
fn logs() -> Vec<(String, Vec<u8>)> {
    let mut logs: Vec<(String, Vec<u8>)> =
        samples().iter().map(|path| (name(path), std::fs::read(path).expect("a file"))).collect();
    for packed in ["live/enriched.log.gz", "live/node.log.gz"] {
        let Some(path) = shared(packed) else { continue };
        let mut log = Vec::new();
        let mut reader = oddsock::input::open(&path).expect("a log");
        reader.read_to_end(&mut log).expect("a log");
        logs.push((packed.to_string(), log));
    }
    logs
}

#[test]
fn linux_audit_parser_reads_every_record_as_we_do() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for (name, log) in logs() {
        for text in log.split_inclusive(|byte| *byte == b'\n') {
            let Some(theirs) = second_opinion(text) else {
                wrong.push(format!("{name}: refused: {}", String::from_utf8_lossy(text)));
                continue;
            };
            let line = Line::parse(text.trim_ascii_end()).expect("a record");
            assert_eq!(line.kind, theirs.kind);
            assert_eq!((line.stamp.millis, line.stamp.serial), (theirs.millis, theirs.serial));
            assert_eq!(line.node, theirs.node.as_deref());
            for (field, theirs) in &theirs.texts {
                if !TEXTS.contains(&field.as_str()) {
                    continue;
                }
                compared += 1;
                let raw = Fields::of(line.body).get(field.as_bytes());
                let ours = raw.and_then(value::text);
                let agree = ours.as_deref() == Some(&theirs[..])
                    || is_known_difference(field, ours.as_deref(), theirs);
                if !agree {
                    let shown = String::from_utf8_lossy(theirs);
                    wrong.push(format!("{name}: {field} {ours:?}, theirs {shown:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(20)].join("\n"));
    assert!(compared > 1000, "{compared} fields compared");
}

#[test]
fn linux_audit_parser_puts_the_same_arguments_together() {
    let mut compared = 0;
    for (name, log) in logs() {
        for text in log.split_inclusive(|byte| *byte == b'\n') {
            let line = Line::parse(text.trim_ascii_end()).expect("a record");
            let Some(ours) = execve::arguments(std::iter::once(line.body), false) else { continue };
            let theirs = second_opinion(text).expect("a record").texts;
            let theirs: Vec<&[u8]> = theirs
                .iter()
                .filter(|(name, _)| is_argument(name))
                .map(|(_, argument)| &argument[..])
                .collect();
            // It keeps the chunks of long arguments apart, and numbers are not texts to it.
            if line.kind.to_string() != "EXECVE" || theirs.len() as u64 != ours.count {
                continue;
            }
            assert_eq!(ours.list, theirs, "{name} {}", line.stamp);
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared} compared");
}

fn is_argument(name: &str) -> bool {
    name.strip_prefix('a').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// What ausearch calls our calls, where it has a name for them: a listen is any call to it.
const ACTIONS: [(&str, &[&str]); 3] = [
    ("connected-to", &["connect"]),
    ("accepted-connection-from", &["accept", "accept4"]),
    ("bound-socket", &["bind"]),
];

/// What ausearch does not tell as we do: the log, a part of our line, the reason.
const NOT_AUSEARCH: [(&str, &str, &str); 2] = [
    ("calls32-uring.log", "connect_uring[", "a request to io_uring is no call to it"),
    ("calls32-uring.log", "127.0.0.1:3202", "a connect by socketcall is an unknown action to it"),
];

#[test]
fn ausearch_sees_the_same_events() {
    if Command::new("ausearch").arg("--version").output().is_err() {
        return eprintln!("left out: ausearch is not installed");
    }
    for path in samples() {
        let mut theirs = ausearch(&path);
        let mut ours: BTreeMap<(u64, String), (String, bool)> = BTreeMap::new();
        let read = read_paths(std::slice::from_ref(&path));
        for (line, fields) in read.lines.iter().zip(&read.details) {
            let serial = line[line.find('#').expect("a serial") + 1..].split(' ').next();
            let serial = serial.and_then(|serial| serial.parse().ok()).expect("a serial");
            let action = ACTIONS.iter().find(|(_, calls)| calls.contains(&&fields["call"][..]));
            if let Some((action, _)) = action {
                // EISCONN is a failure to it, and to us says that the socket is connected.
                let failed = fields["exit"].starts_with('-');
                ours.insert((serial, (*action).to_string()), (line.clone(), failed));
            }
        }
        ours.retain(|_, (line, _)| {
            !NOT_AUSEARCH.iter().any(|(log, part, _)| name(&path) == *log && line.contains(part))
        });
        theirs.retain(|(_, action), _| ACTIONS.iter().any(|(known, _)| known == action));
        let only_theirs: Vec<_> = theirs.keys().filter(|id| !ours.contains_key(id)).collect();
        let only_ours: Vec<_> = ours.iter().filter(|(id, _)| !theirs.contains_key(id)).collect();
        assert!(only_theirs.is_empty(), "{}: only ausearch: {only_theirs:?}", name(&path));
        assert!(only_ours.is_empty(), "{}: only oddsock: {only_ours:?}", name(&path));
        for (id, (line, failed)) in &ours {
            let (result, address) = &theirs[id];
            assert_eq!(result == "failed", *failed, "{}: {line}", name(&path));
            if address.parse::<std::net::Ipv4Addr>().is_ok() {
                assert!(
                    line.contains(&format!(" {address}:")),
                    "{}: {line} {address}",
                    name(&path)
                );
            }
        }
        eprintln!("{}: {} events compared", name(&path), ours.len());
    }
}

/// Serial and action of each event, with its result and the address.
fn ausearch(path: &PathBuf) -> BTreeMap<(u64, String), (String, String)> {
    let out = Command::new("ausearch")
        .args(["--format", "csv", "-if"])
        .arg(path)
        .env("LC_ALL", "C")
        .output()
        .expect("ausearch runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let rows = text.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
    rows.filter(|row| row.len() >= 16)
        .map(|row| {
            let serial = row[4].parse().expect("a serial");
            ((serial, row[10].to_string()), (row[11].to_string(), row[12].to_string()))
        })
        .collect()
}

#[test]
fn the_sample_logs_are_understood_to_the_last_line() {
    for path in samples() {
        let read = read_paths(&[Path::new(&path).to_path_buf()]);
        assert_eq!(read.count("complaints"), 0, "{}", name(&path));
        assert_eq!(read.count("lines"), read.count("records"), "{}", name(&path));
    }
}

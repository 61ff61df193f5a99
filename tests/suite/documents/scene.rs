//! Documents in short lines, what is seen of them, and the documents that several tests read.

use std::ops::ControlFlow;
use std::path::PathBuf;

use oddsock::audit::Sighting;
use oddsock::documents::{self, Account, Document, Passed};
use oddsock::output::{self, Ndjson, Writer};
use oddsock::{input, reading};

/// A connect in ECS, its fields nested.
pub const NESTED: &str = r#"{"@timestamp":"2026-03-01T10:00:00.5Z","host":{"name":"web01"},
    "event":{"category":["network"],"type":["start"],"action":"connection_attempted",
    "outcome":"success"},"process":{"name":"curl","pid":7},
    "destination":{"ip":"192.0.2.7","port":443}}"#;

/// A document as Auditbeat's auditd module writes it, and Auditd Manager with it.
pub fn auditbeat(action: &str, kinds: &str, rest: &str) -> String {
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

/// A line of these words, which stand on several lines here.
pub fn line(text: &str) -> String {
    text.lines().map(str::trim).collect::<String>() + "\n"
}

/// Reads a line, and compares what is shown of its document.
#[track_caller]
pub fn check(text: &str, expected: &str) {
    let (seen, account) = read(line(text));
    assert_eq!(seen, [expected], "{text}: {account:?}");
}

/// Reads a line that is passed over.
#[track_caller]
pub fn check_passed(text: &str, expected: Passed) {
    let (seen, account) = read(line(text));
    assert!(seen.is_empty(), "{seen:?}");
    assert_eq!(account.passed(expected), 1, "{text}: {account:?}");
}

/// What is shown of the documents in some lines, and their account.
pub fn read(text: impl AsRef<[u8]>) -> (Vec<String>, Account) {
    let mut seen = Vec::new();
    let account = documents::read(text.as_ref(), &mut |document| seen.push(shown(document)));
    (seen, account)
}

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

/// The values of a field of the one document in a line.
pub fn values(text: &str, name: &str) -> Vec<String> {
    let mut values = Vec::new();
    documents::read(line(text).as_bytes(), &mut |document| {
        values.extend(document.values(name).map(|v| String::from_utf8_lossy(v).into_owned()));
    });
    values
}

/// The documents in some lines, as the NDJSON of connections.
pub fn written(text: &str) -> (String, Account) {
    let mut out = Vec::new();
    let account = documents::read(text.as_bytes(), &mut |document| {
        output::document::document(document, &mut out);
        out.push(b'\n');
    });
    (String::from_utf8(out).expect("UTF-8"), account)
}

/// The connections of a log as NDJSON.
pub fn of_log(log: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, log).expect("written");
    of_files(path)
}

/// The same of files.
pub fn of_files(path: PathBuf) -> String {
    let found = input::find(&[path], Some("web01")).expect("found");
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

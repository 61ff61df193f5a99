//! A small language for audit logs, and the short lines that connections are shown as.
//!
//! A line of a scene is a record: `[@NODE] [HH:MM:SS.mmm]#SERIAL KIND …`. The time is that of the
//! serial's last record, or nine o'clock. What follows depends on the kind:
//!
//! ```text
//! #7 SYSCALL connect /usr/bin/curl pid=812 exit=-115   a call; any field of the record can be set
//! #7 SOCKADDR 192.0.2.7:443                            also [2001:db8::1]:443, /path, @name, hex
//! #7 PROCTITLE curl -s                                 words
//! #7 EXECVE curl -s                                    words
//! #7 CWD /tmp
//! #7 LOGIN pid=1 uid=0                                 of any other kind, the body as it stands
//! > type=EOE msg=audit(1.000:7):                       a line as it stands
//! ```
//!
//! What is seen is a line for each connection, `#7 curl[812] → 192.0.2.7:443 in progress`, and if
//! wanted a line of counts, `= events 1, duplicates 0`.

/// What is seen of a connection: in a short line, and field by field.
mod seen;
/// The records of a scene, as a log has them.
mod written;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use oddsock::audit::{Connection, Sighting};
use oddsock::input::{self, Pieces};
use oddsock::reading::{self, Options, Report};
use oddsock::rules::{Field, Fields};

pub use seen::{fields, shown, text};
pub use written::{hex, log, stamp};

/// The host of records that name none.
pub const HERE: &str = "here";

/// What is seen of the usual connect.
pub const SEEN: &str = "#7 curl[812] → 192.0.2.7:443";

/// The usual connect as auditd writes it.
pub fn usual() -> String {
    String::from_utf8(log("#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #7 PROCTITLE curl"))
    .expect("text")
}

/// Reads a scene and compares what is seen.
#[track_caller]
pub fn check(scene: &str, expected: &str) {
    check_log(&log(scene), expected);
}

/// Reads a log and compares what is seen.
#[track_caller]
pub fn check_log(log: &[u8], expected: &str) {
    let read = read(log);
    compare(&read, expected, &String::from_utf8_lossy(log));
}

#[track_caller]
pub fn compare(read: &Read, expected: &str, log: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let mut seen: Vec<String> = read.lines.clone();
    for line in expected.iter().filter(|line| line.starts_with('=')) {
        let counts: Vec<String> = line[1..]
            .split(',')
            .map(|count| {
                let name = count.trim().rsplit_once(' ').expect("NAME COUNT").0;
                format!("{name} {}", read.count(name))
            })
            .collect();
        seen.push(format!("= {}", counts.join(", ")));
    }
    let (seen, expected) = (seen.join("\n"), expected.join("\n"));
    assert!(seen == expected, "\nseen:\n{seen}\n\nexpected:\n{expected}\n\nlog:\n{log}");
}

/// What was seen of a log.
#[derive(Debug)]
pub struct Read {
    pub lines: Vec<String>,
    /// What a short line leaves out, field by field.
    pub details: Vec<HashMap<&'static str, String>>,
    pub report: Report,
}

impl Read {
    /// A count by the name that the program gives it.
    pub fn count(&self, name: &str) -> u64 {
        let account = &self.report.account;
        match name {
            "events" => account.events,
            "records" => account.records,
            "duplicates" => account.duplicates,
            "conflicting" => account.conflicting,
            "late" => account.late,
            "partial" => account.partial,
            "early" => account.early,
            "gaps" => account.gaps,
            "lost" => account.lost,
            "lines" => self.report.lines,
            "complaints" => self.report.complaints.total(),
            _ => panic!("no count is called {name}"),
        }
    }
}

/// Reads a log whole.
pub fn read(log: &[u8]) -> Read {
    read_files(&[("audit.log", log)], &["audit.log"])
}

/// Reads files given in some order.
pub fn read_files(files: &[(&str, &[u8])], given: &[&str]) -> Read {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, log) in files {
        std::fs::write(folder.path().join(name), log).expect("a file");
    }
    let given: Vec<PathBuf> = given.iter().map(|name| folder.path().join(name)).collect();
    read_paths(&given)
}

/// Reads what is at some paths.
pub fn read_paths(paths: &[PathBuf]) -> Read {
    let (mut lines, mut details) = (Vec::new(), Vec::new());
    let report = each(paths, &mut |connection| {
        lines.push(shown(connection));
        details.push(fields(connection));
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    Read { lines, details, report }
}

/// Looks at each connection of a log.
pub fn each_connection(log: &[u8], look: &mut dyn FnMut(&Connection<'_>)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, log).expect("a file");
    each(&[path], look);
}

fn each(paths: &[PathBuf], look: &mut dyn FnMut(&Connection<'_>)) -> Report {
    let found = input::find(paths, Some(HERE)).expect("something to read");
    assert!(found.unreadable.is_empty(), "{:?}", found.unreadable);
    let pieces = Pieces::new(found.sources, input::PIECE_SIZE);
    reading::read(pieces, Options::default(), &mut |sighting: &Sighting| {
        let connection = sighting.connection();
        says_the_same_at_a_glance(sighting, &connection);
        look(&connection);
        ControlFlow::Continue(())
    })
}

/// A law of every connection there is: rules may look at its glance instead.
fn says_the_same_at_a_glance(sighting: &Sighting, connection: &Connection<'_>) {
    let all = |fields: &dyn Fields, field: &Field| {
        let mut values = Vec::new();
        fields.any(field, &mut |value| {
            values.push(value.borrowed().into_text().into_owned());
            false
        });
        values
    };
    let names = Field::NAMES.iter().copied().chain(["dns.question.name"]);
    for field in names.map(Field::named) {
        let glance = sighting.glance();
        assert_eq!(glance.value(&field), connection.value(&field), "{field}");
        assert_eq!(all(&glance, &field), all(connection, &field), "{field}");
    }
}

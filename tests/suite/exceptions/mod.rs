//! Exceptions and profiles: which alerts they hide, which they must not, and how files change.

/// How files are changed: what is added, what is removed, and what is left alone.
mod changed;
/// Which alerts an exception hides, and which neighbours it must not.
mod matching;
/// Profiles, and what holds for any file and any document.
mod profiles;
/// What is told of exceptions, of alerts and of wrong files.
mod told;
/// Whose files are obeyed.
mod trusted;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use oddsock::alert::exceptions::{Exceptions, Verdict};

/// A folder with a home in it, and no exceptions.
struct Place {
    folder: TempDir,
}

#[derive(Debug)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder") }
    }

    fn with(text: &str) -> Place {
        let place = Place::new();
        fs::write(place.path("mine.toml"), text).expect("a file");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a text")
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
        command.arg("exceptions").args(arguments).current_dir(self.folder.path());
        command.env("XDG_CONFIG_HOME", self.path("home")).env("LOGNAME", "alice");
        command.env_remove("SUDO_USER");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Tests alerts against `mine.toml`.
    fn test(&self, alerts: &[Value]) -> Ran {
        let lines: String = alerts.iter().map(|alert| format!("{alert}\n")).collect();
        self.run(&["test", "-", "--exceptions", "mine.toml"], &lines)
    }
}

/// A connection of `borg` to an address.
fn connection(host: &str, ip: &str) -> Value {
    json!({
        "event.kind": "event", "host.name": host, "process.name": "borg",
        "process.executable": "/usr/bin/borg", "user.name": "backup",
        "destination.ip": ip, "destination.port": 22,
    })
}

/// An alert about `borg` with these connections, all of which it shows.
fn alert(connections: &[(&str, &str)]) -> Value {
    let evidence: Vec<Value> = connections.iter().map(|(host, ip)| connection(host, ip)).collect();
    let mut hosts: Vec<&str> = connections.iter().map(|(host, _)| *host).collect();
    hosts.dedup();
    json!({
        "event.kind": "alert", "event.id": "00112233aabbccdd", "event.severity": 21,
        "rule.name": "Unusual Linux Network Activity", "process.name": "borg",
        "host.name": hosts, "oddsock.job": "v3_rare_process", "oddsock.function": "rare",
        "oddsock.by_field": "process.name", "oddsock.by_value": "borg", "oddsock.score": 70.5,
        "oddsock.connections": connections.len(), "oddsock.evidence": evidence,
    })
}

/// The alert with some of its fields changed.
fn with(mut alert: Value, fields: Value) -> Value {
    let object = alert.as_object_mut().expect("an object");
    object.extend(fields.as_object().expect("an object").clone());
    alert
}

fn borg() -> Value {
    alert(&[("db1", "10.0.0.9")])
}

/// Whether a file of this text hides an alert.
fn hides(text: &str, alert: &Value) -> bool {
    !matches!(verdict(text, alert), Verdict::Shown)
}

fn verdict(text: &str, alert: &Value) -> Verdict {
    let mut exceptions = Exceptions::default();
    exceptions.add_file("mine.toml", text).unwrap_or_else(|error| panic!("{error}: {text}"));
    exceptions.verdict(alert.as_object().expect("an object"), 0)
}

/// An exception with this table of conditions.
fn exception(conditions: &str) -> String {
    format!("[[exception]]\nreason = \"expected\"\n[exception.match]\n{conditions}\n")
}

#[track_caller]
fn check(conditions: &str, hidden: &Value, neighbour: &Value) {
    let text = exception(conditions);
    assert!(hides(&text, hidden), "{conditions} does not hide {hidden}");
    assert!(!hides(&text, neighbour), "{conditions} hides {neighbour}");
}

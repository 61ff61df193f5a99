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

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::PathBuf;

use oddsock::audit::sockaddr::{SocketAddress, UnixAddress};
use oddsock::audit::{Action, Connection, Outcome, Sighting};
use oddsock::input::{self, Pieces};
use oddsock::reading::{self, Options, Report};
use oddsock::rules::{Field, Fields};

/// Midnight of the day on which all scenes play, 16 August 2024.
const MIDNIGHT: u64 = 1_723_766_400_000;

/// The host of records that name none.
pub const HERE: &str = "here";

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
    let found = input::find(paths, Some(HERE)).expect("something to read");
    assert!(found.unreadable.is_empty(), "{:?}", found.unreadable);
    let pieces = Pieces::new(found.sources, input::PIECE_SIZE);
    let (mut lines, mut details) = (Vec::new(), Vec::new());
    let report = reading::read(pieces, Options::default(), &mut |sighting: &Sighting| {
        let connection = sighting.connection();
        says_the_same_at_a_glance(sighting, &connection);
        lines.push(shown(&connection));
        details.push(fields(&connection));
        ControlFlow::Continue(())
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    Read { lines, details, report }
}

/// Looks at each connection of a log.
pub fn each_connection(log: &[u8], look: &mut dyn FnMut(&Connection<'_>)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, log).expect("a file");
    let found = input::find(&[path], Some(HERE)).expect("something to read");
    let pieces = Pieces::new(found.sources, input::PIECE_SIZE);
    reading::read(pieces, Options::default(), &mut |sighting: &Sighting| {
        let connection = sighting.connection();
        says_the_same_at_a_glance(sighting, &connection);
        look(&connection);
        ControlFlow::Continue(())
    });
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

/// A connection in one short line.
pub fn shown(connection: &Connection<'_>) -> String {
    let mut line = String::new();
    if connection.host != HERE.as_bytes() {
        let _ = write!(line, "{} ", text(connection.host));
    }
    let _ = write!(line, "#{} ", connection.stamp.serial);
    match &connection.name {
        Some(name) => line += &text(name),
        None => line.push('?'),
    }
    if let Some(pid) = connection.pid {
        let _ = write!(line, "[{pid}]");
    }
    line += match connection.action {
        Action::ConnectionAttempted => " →",
        Action::ConnectionAccepted => " ←",
        Action::DatagramSent => " sent to",
        Action::DatagramReceived => " received from",
        Action::SocketBound => " bound to",
        Action::SocketListening => " listening",
    };
    if connection.action != Action::SocketListening {
        let _ = write!(line, " {}", address(connection));
    }
    if let Some(transport) = connection.transport {
        let _ = write!(line, " {transport}");
    }
    match connection.outcome {
        Outcome::Success => {}
        Outcome::Failure => line = line + " " + connection.error.unwrap_or("failed"),
        Outcome::InProgress => line += " in progress",
        Outcome::Unknown => line += " unknown",
    }
    if let Some(arguments) = connection.arguments {
        let words: Vec<String> = arguments.list.iter().map(|word| text(word)).collect();
        let _ = write!(line, " as {:?}", words.join(" "));
    }
    if let Some(parent) = connection.parent_name {
        let _ = write!(line, " under {}", text(parent));
    }
    for (is_so, word) in [(connection.is_probe, " probe"), (connection.is_partial, " partial")] {
        line += if is_so { word } else { "" };
    }
    line
}

/// The address as people write it, or what is known of it.
pub fn address(connection: &Connection<'_>) -> String {
    let port = || connection.port.map_or(String::new(), |port| format!(":{port}"));
    match (connection.ip, connection.address) {
        (Some(ip), SocketAddress::Inet6 { scope: 1.., .. }) if ip.is_ipv6() => {
            let SocketAddress::Inet6 { scope, .. } = connection.address else { unreachable!() };
            format!("[{ip}%{scope}]{}", port())
        }
        (Some(ip), _) if ip.is_ipv6() => format!("[{ip}]{}", port()),
        (Some(ip), _) => format!("{ip}{}", port()),
        (None, SocketAddress::Unix(UnixAddress::Path(path))) => text(path),
        (None, SocketAddress::Unix(UnixAddress::Abstract(name))) => format!("@{}", text(name)),
        (None, SocketAddress::Unix(UnixAddress::Unnamed)) => "unnamed".to_string(),
        (None, SocketAddress::Short { family, .. }) => format!("{family}?{}", port()),
        (None, SocketAddress::Invalid) => format!("?{}", port()),
        (None, address) => address.family().expect("a family").to_string(),
    }
}

/// What is known of a connection, by name; what is not known is not there.
pub fn fields(connection: &Connection<'_>) -> HashMap<&'static str, String> {
    let text = |bytes: &[u8]| Some(text(bytes));
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let users = [&connection.user, &connection.effective_user, &connection.audit_user];
    let [user, effective, audit] = users.map(|user| number(user.id));
    let [user_name, effective_name, audit_name] =
        users.map(|user| user.name.as_deref().and_then(text));
    let keys: Vec<String> = connection.keys.iter().filter_map(|key| text(key)).collect();
    let arguments = connection.arguments.map(|arguments| {
        let words: Vec<String> = arguments.list.iter().filter_map(|word| text(word)).collect();
        words.join("|")
    });
    [
        ("name", connection.name.as_deref().and_then(text)),
        ("exe", connection.executable.as_deref().and_then(text)),
        ("title", connection.title.as_deref().and_then(text)),
        ("cwd", connection.directory.as_deref().and_then(text)),
        ("arguments", arguments),
        ("parent", connection.parent_executable.and_then(text)),
        ("ppid", connection.parent_pid.map(|pid| pid.to_string())),
        ("uid", user),
        ("UID", user_name),
        ("euid", effective),
        ("EUID", effective_name),
        ("auid", audit),
        ("AUID", audit_name),
        ("gid", number(connection.group)),
        ("ses", number(connection.session)),
        ("keys", (!keys.is_empty()).then(|| keys.join("|"))),
        ("fd", number(connection.descriptor)),
        ("call", Some(connection.call.name().to_string())),
        ("exit", connection.exit.map(|exit| exit.to_string())),
        ("error", connection.error.map(str::to_string)),
        ("host", text(connection.host)),
        ("address", Some(address(connection))),
        ("missing", connection.arguments.map(|arguments| arguments.missing().to_string())),
        ("family", connection.family.map(|family| family.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Bytes as text, with what could be mistaken escaped.
pub fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.escape_debug().to_string()
}

/// Writes the log of a scene.
pub fn log(scene: &str) -> Vec<u8> {
    let mut times: HashMap<(String, String), String> = HashMap::new();
    let mut log = Vec::new();
    for line in scene.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(line) = line.strip_prefix("> ") {
            log.extend_from_slice(line.as_bytes());
            log.push(b'\n');
            continue;
        }
        let (node, rest) = match line.strip_prefix('@') {
            Some(rest) => rest.split_once(' ').expect("@NODE RECORD"),
            None => ("", line),
        };
        let (id, rest) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
        let (time, serial) = id.split_once('#').expect("TIME#SERIAL");
        let (kind, rest) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
        let key = (node.to_string(), serial.to_string());
        if !time.is_empty() {
            times.insert(key.clone(), time.to_string());
        }
        let time = times.get(&key).map_or("09:00:00.000", String::as_str);
        if !node.is_empty() {
            log.extend_from_slice(format!("node={node} ").as_bytes());
        }
        let stamp = stamp(time, serial);
        let body = body(kind, rest.trim());
        log.extend_from_slice(format!("type={kind} msg=audit({stamp}): {body}\n").as_bytes());
    }
    log
}

/// `HH:MM:SS.mmm` on the day of all scenes, as audit writes it.
pub fn stamp(time: &str, serial: &str) -> String {
    let (clock, millis) = time.split_once('.').expect("HH:MM:SS.mmm");
    let clock = clock.split(':').map(|part| part.parse::<u64>().expect("a number"));
    let seconds = MIDNIGHT / 1000 + clock.fold(0, |sum, part| sum * 60 + part);
    format!("{seconds}.{millis}:{serial}")
}

fn body(kind: &str, rest: &str) -> String {
    let words = || rest.split(' ').filter(|word| !word.is_empty());
    match kind {
        "SYSCALL" => call(rest),
        "SOCKADDR" => format!("saddr={}", saddr(rest)),
        "PROCTITLE" => {
            format!("proctitle={}", hex(words().collect::<Vec<_>>().join("\0").as_bytes()))
        }
        "EXECVE" => {
            let count = words().count();
            let arguments = words().enumerate().map(|(at, word)| format!(" a{at}=\"{word}\""));
            format!("argc={count}{}", arguments.collect::<String>())
        }
        "CWD" => format!("cwd=\"{rest}\""),
        _ => rest.to_string(),
    }
}

/// The body of a SYSCALL record: `CALL EXECUTABLE FIELD=VALUE…`.
fn call(rest: &str) -> String {
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    let number = match words.next().expect("a call") {
        "read" => "0",
        "socket" => "41",
        "connect" => "42",
        "accept" => "43",
        "sendto" => "44",
        "recvfrom" => "45",
        "sendmsg" => "46",
        "bind" => "49",
        "listen" => "50",
        "execve" => "59",
        "accept4" => "288",
        number => number,
    };
    let exe = words.next().expect("an executable");
    let given: Vec<(&str, &str)> =
        words.map(|word| word.split_once('=').expect("FIELD=VALUE")).collect();
    let more = given.clone();
    let given =
        |name: &str| given.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let exit = given("exit").unwrap_or("0");
    let success = if exit.starts_with('-') { "no" } else { "yes" };
    let (comm, exe) =
        (format!("\"{}\"", exe.rsplit('/').next().unwrap_or(exe)), format!("\"{exe}\""));
    let usual = [
        ("arch", "c000003e"),
        ("syscall", number),
        ("success", success),
        ("exit", "0"),
        ("a0", "3"),
        ("a1", "7ffc0a10"),
        ("a2", "10"),
        ("a3", "0"),
        ("items", "0"),
        ("ppid", "1"),
        ("pid", "812"),
        ("auid", "1000"),
        ("uid", "1000"),
        ("gid", "1000"),
        ("euid", "1000"),
        ("suid", "1000"),
        ("fsuid", "1000"),
        ("egid", "1000"),
        ("sgid", "1000"),
        ("fsgid", "1000"),
        ("tty", "pts0"),
        ("ses", "2"),
        ("comm", &comm),
        ("exe", &exe),
        ("key", "\"net\""),
    ];
    let mut fields: Vec<String> = usual
        .iter()
        .map(|(name, value)| format!("{name}={}", given(name).unwrap_or(value)))
        .collect();
    let more = more.iter().filter(|(name, _)| usual.iter().all(|(known, _)| known != name));
    fields.extend(more.map(|(name, value)| format!("{name}={value}")));
    fields.join(" ")
}

/// The digits of an address: as the kernel of a little-endian machine dumps it.
pub fn saddr(address: &str) -> String {
    if let Ok(address) = address.parse::<SocketAddr>() {
        let port = hex(&address.port().to_be_bytes());
        return match address {
            SocketAddr::V4(v4) => format!("0200{port}{}{}", hex(&v4.ip().octets()), "00".repeat(8)),
            SocketAddr::V6(v6) => {
                let scope = hex(&v6.scope_id().to_le_bytes());
                format!("0A00{port}00000000{}{scope}", hex(&v6.ip().octets()))
            }
        };
    }
    match address.as_bytes() {
        [b'/', ..] => format!("0100{}00", hex(address.as_bytes())),
        [b'@', name @ ..] => format!("010000{}", hex(name)),
        _ => address.to_string(),
    }
}

/// Bytes as the kernel writes them: upper-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

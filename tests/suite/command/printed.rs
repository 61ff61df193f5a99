//! What is printed in each format: what a document says, and that nothing in a log acts on a
//! terminal or a spreadsheet.

use serde_json::Value;

use crate::place::{Place, SCENE};
use crate::scene::{hex, log};
use crate::shared::project;

#[test]
fn a_table_is_the_default_also_when_it_is_piped_and_has_no_colours_then() {
    let place = Place::with_scene();
    let ran = place.run(&["audit.log"]);
    assert_eq!(ran.out, place.run(&["audit.log", "--format", "table"]).out);
    assert_eq!(ran.out.lines().count(), 3, "{}", ran.out);
    assert!(ran.out.contains("192.0.2.7:443") && !ran.out.contains('\u{1b}'), "{}", ran.out);
    let coloured = place.run(&["audit.log", "--color", "always"]);
    assert!(coloured.out.contains('\u{1b}'), "{}", coloured.out);
}

#[test]
fn raw_output_is_the_records_themselves_and_can_be_read_again() {
    let place = Place::with_scene();
    let ran = place.run(&["audit.log", "--format", "raw", "--port", "443"]);
    let log = String::from_utf8(log(SCENE)).expect("text");
    assert_eq!(ran.out, log.lines().take(2).map(|line| format!("{line}\n")).collect::<String>());
    place.write("audit.log", ran.out.as_bytes());
    place.shows(&[], &[7]);
}

#[test]
fn a_document_says_what_the_specification_promises() {
    let place = Place::with_scene();
    let ran = place.run(&["audit.log", "--format", "ndjson"]);
    let event = &ran.documents()[0];
    for (name, value) in [
        ("@timestamp", Value::from("2024-08-16T09:00:00.100Z")),
        ("event.kind", "event".into()),
        ("event.category", vec!["network"].into()),
        ("event.module", "auditd".into()),
        ("event.dataset", "auditd.log".into()),
        ("event.action", "connection_attempted".into()),
        ("event.type", vec!["start"].into()),
        ("event.outcome", "unknown".into()),
        ("error.code", "EINPROGRESS".into()),
        ("event.sequence", 7.into()),
        ("event.id", "web1:1723798800.100:7".into()),
        ("host.name", "web1".into()),
        ("host.os.type", "linux".into()),
        ("process.name", "curl".into()),
        ("process.executable", "/usr/bin/curl".into()),
        ("process.pid", 812.into()),
        ("process.parent.pid", 1.into()),
        ("user.id", "1000".into()),
        ("user.audit.id", "1000".into()),
        ("destination.ip", "192.0.2.7".into()),
        ("destination.port", 443.into()),
        ("network.direction", "egress".into()),
        ("network.type", "ipv4".into()),
        ("auditd.session", "2".into()),
        ("auditd.arch", "x86_64".into()),
        ("auditd.syscall", "connect".into()),
        ("auditd.exit", (-115).into()),
        ("auditd.fd", 3.into()),
        ("tags", vec!["out"].into()),
    ] {
        assert_eq!(event[name], value, "{name} in {event}");
    }
    for absent in ["source.ip", "network.transport", "labels.partial", "labels.probe"] {
        assert!(event.get(absent).is_none(), "{absent} in {event}");
    }
    let accepted = &ran.documents()[1];
    assert_eq!(accepted["source.ip"], "2001:db8::9");
    assert_eq!(accepted["network.type"], "ipv6");
    assert!(accepted.get("user.audit.id").is_none() && accepted.get("error.code").is_none());
}

#[test]
fn the_number_of_workers_changes_no_byte() {
    let sample = project().join("samples/connections-enriched.log");
    let sample = sample.to_str().expect("a path");
    let place = Place::new();
    for format in ["table", "text", "ndjson", "csv", "raw"] {
        // Raw output is bytes and need not be text.
        let run = |jobs: &str| {
            let arguments = [sample, "--jobs", jobs, "--family", "all", "--format", format];
            place.command(&arguments).output().expect("it runs")
        };
        let (one, four) = (run("1"), run("4"));
        assert!(one.status.success() && one.stdout.len() > 1000, "{format}");
        assert!(one == four, "{format}");
    }
}

/// A connect by a process with this name, title and argument.
fn connect_by(name: &[u8]) -> Vec<u8> {
    let (comm, title) = (hex(name), hex(&[b"x ", name].concat()));
    log(&format!(
        "#5 SYSCALL execve /usr/bin/x
         > type=EXECVE msg=audit(1723798800.000:5): argc=2 a0=\"x\" a1={comm}
         #7 SYSCALL connect /usr/bin/x comm={comm} key={comm}
         #7 SOCKADDR 192.0.2.7:443
         > type=PROCTITLE msg=audit(1723798800.000:7): proctitle={title}"
    ))
}

#[test]
fn nothing_that_a_process_calls_itself_reaches_the_terminal() {
    let place = Place::new();
    for name in [
        &b"\x1b[2J\x1b]0;gone\x07"[..],
        b"a\nb\rc\td",
        b"\xc2\x9b31m",
        "left\u{202e}thgir".as_bytes(),
        b"\xff\xfe",
        b"\x7f\x08",
    ] {
        place.write("audit.log", &connect_by(name));
        for format in ["table", "text", "csv", "ndjson"] {
            let ran = place.run(&["audit.log", "--format", format]);
            let lines = if matches!(format, "table" | "csv") { 2 } else { 1 };
            assert_eq!(ran.out.lines().count(), lines, "{format}: {}", ran.out);
            let acts = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!ran.out.contains(acts), "{format}: {:?}", ran.out);
        }
    }
}

#[test]
fn the_name_of_a_file_does_not_reach_the_terminal_either() {
    let place = Place::new();
    place.write("a\u{1b}[2Jb.log", b"Hello\n");
    let ran = place.run(&["a\u{1b}[2Jb.log", "c\u{1b}[2Jd.log"]);
    assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
}

#[test]
fn no_cell_is_a_formula() {
    let place = Place::new();
    for name in ["=cmd|'/c calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "a,b\"c", "=\"x\""] {
        place.write("audit.log", &connect_by(name.as_bytes()));
        let ran = place.run(&["audit.log", "--format", "csv"]);
        let row = ran.out.lines().nth(1).expect("a row");
        for cell in cells(row) {
            let is_number = cell.parse::<i64>().is_ok();
            let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!begins || is_number, "{cell} in {row}");
        }
        assert_eq!(cells(row).len(), cells(ran.out.lines().next().expect("a head")).len(), "{row}");
    }
}

/// The cells of a row, without their quotes.
fn cells(row: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().expect("a cell");
        match letter {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cell.push(letter),
        }
    }
    cells
}

#[test]
fn bytes_that_are_no_text_can_be_had_again_from_json() {
    let place = Place::new();
    place.write("audit.log", &connect_by(b"a\xffb"));
    let ran = place.run(&["audit.log", "--format", "ndjson"]);
    let [event] = &ran.documents()[..] else { panic!("{}", ran.out) };
    assert_eq!(event["process.name"], "a\u{fffd}b");
    assert_eq!(event["oddsock.bytes"]["process.name"], "61ff62");
    let is_plain = |value: &Value| !value.is_null();
    assert!(event.as_object().expect("an object").values().all(is_plain), "nothing is null");
}

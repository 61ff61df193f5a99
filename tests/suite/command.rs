//! The program itself: statuses, options, files and what it prints.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::place::{Place, Ran, SCENE};
use crate::scene::{hex, log};
use crate::shared::project;

#[test]
fn the_status_is_0_where_something_is_found_and_1_where_nothing_is() {
    let place = Place::with_scene();
    assert_eq!(place.run(&["audit.log"]).status, 0);
    assert_eq!(place.run(&["audit.log", "--port", "1"]).status, 1);
    place.write("empty.log", b"");
    assert_eq!(place.run(&["empty.log"]).status, 1);
}

#[test]
fn the_status_is_2_for_wrong_usage_and_where_nothing_can_be_read() {
    let place = Place::with_scene();
    for wrong in [
        &["audit.log", "--port", "http"][..],
        &["audit.log", "--nonsense"],
        &["audit.log", "-ts", "16/08/2024"],
        &["audit.log", "--address", "10.0.0.0/33"],
        &["not-there.log"],
        &["audit.log", "--rejects", "no/such/folder/file"],
    ] {
        let ran = place.run(wrong);
        assert_eq!(ran.status, 2, "{wrong:?}: {ran:?}");
        assert!(!ran.err.is_empty() && ran.out.is_empty(), "{ran:?}");
    }
    place.write("text.log", b"Hello\nworld\n");
    assert_eq!(place.run(&["text.log"]).status, 2);
}

#[test]
fn the_status_is_3_where_part_of_the_input_could_not_be_read() {
    let place = Place::with_scene();
    assert_eq!(place.run(&["audit.log", "not-there.log"]).status, 3);
    let mut broken = log(SCENE);
    broken.extend_from_slice(b"type=SYSCALL msg=audit(1.2:3\n");
    place.write("broken.log", &broken);
    assert_eq!(place.run(&["broken.log"]).status, 3);
    // Lines of other programs take nothing away.
    let mut mixed = log(SCENE);
    mixed.extend_from_slice(b"Aug 16 09:00:00 web sshd[1]: Accepted\n");
    place.write("mixed.log", &mixed);
    assert_eq!(place.run(&["mixed.log"]).status, 0);
}

#[test]
fn without_a_file_the_log_of_this_machine_is_read_or_its_absence_said() {
    let place = Place::new();
    let ran = place.run(&[]);
    if Path::new("/var/log/audit/audit.log").exists() {
        return eprintln!("left out: this machine has an audit log");
    }
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("audit.log") && ran.err.contains("Name the files"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let place = Place::new();
    let connect =
        "09:00:00.000#SERIAL SYSCALL connect /usr/bin/curl\n#SERIAL SOCKADDR 192.0.2.7:443\n";
    let scene: String =
        (1..5000).map(|serial| connect.replace("SERIAL", &serial.to_string())).collect();
    place.write("audit.log", &log(&scene));
    let mut child = place
        .command(&["audit.log", "--format", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut out = child.stdout.take().expect("its output");
    out.read_exact(&mut [0; 100]).expect("a beginning");
    drop(out);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn every_filter_lets_its_own_pass_and_its_neighbour_not() {
    let place = Place::with_scene();
    place.shows(&[], &[7, 9]);
    for (arguments, serials) in [
        (["--node", "web1"], &[7][..]),
        (["--node", "web"], &[]),
        (["--user", "0"], &[9]),
        (["--uid", "1000"], &[7]),
        (["--user", "1"], &[]),
        (["--auid", "1000"], &[7]),
        (["--auid", "4294967295"], &[9]),
        (["--auid", "4294967294"], &[]),
        (["--process", "curl"], &[7]),
        (["--comm", "cur"], &[]),
        (["--exe", "/sbin/sshd"], &[9]),
        (["--exe", "sshd"], &[]),
        (["--pid", "812"], &[7]),
        (["--pid", "81"], &[]),
        (["--address", "192.0.2.7"], &[7]),
        (["--address", "192.0.2.8"], &[]),
        (["--address", "192.0.2.0/24"], &[7]),
        (["--address", "192.0.2.8/29"], &[]),
        (["--address", "2001:db8::/32"], &[9]),
        (["--port", "443"], &[7]),
        (["--port", "49152-65535"], &[9]),
        (["--port", "444-500"], &[]),
        (["--action", "connect"], &[7]),
        (["--action", "connection_accepted"], &[9]),
        (["--action", "bind"], &[]),
        (["--outcome", "in-progress"], &[7]),
        (["--outcome", "success"], &[9]),
        (["--outcome", "failure"], &[]),
        (["--key", "out"], &[7]),
        (["--key", "ou"], &[]),
        (["--family", "inet6"], &[9]),
        (["--family", "unix"], &[10]),
        (["--family", "all"], &[7, 9, 10]),
        (["--family", "netlink"], &[]),
    ] {
        place.shows(&arguments, serials);
    }
}

#[test]
fn several_values_are_any_of_them_and_several_filters_all_of_them() {
    let place = Place::with_scene();
    place.shows(&["--port", "443", "--port", "50000"], &[7, 9]);
    place.shows(&["--port", "443", "--node", "db1"], &[]);
}

#[test]
fn times_bound_what_is_shown_at_both_ends() {
    let place = Place::with_scene();
    for (arguments, serials) in [
        (&["-ts", "2024-08-16", "09:00"][..], &[7, 9][..]),
        (&["-ts", "2024-08-16", "09:00:01"], &[9]),
        (&["-ts", "2024-08-16T09:30:00Z"], &[9]),
        (&["-te", "2024-08-16", "09:30"], &[7]),
        (&["-te", "2024-08-16"], &[7, 9]),
        (&["-te", "2024-08-15"], &[]),
        (&["--start", "@1723798800.100", "--end", "@1723798800.100"], &[7]),
        (&["--start", "@1723798800.101"], &[9]),
        (&["--start", "-2h"], &[]),
        (&["-ts", "2024-08-16", "09:00", "-te", "2024-08-16", "09:01"], &[7]),
    ] {
        place.shows(arguments, serials);
    }
}

#[test]
fn counts_are_totals_in_words_or_as_one_object() {
    let place = Place::with_scene();
    let ran = place.run(&["audit.log", "--count"]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.lines().any(|l| l.split_whitespace().eq(["connections", "2"])), "{}", ran.out);
    let ran = place.run(&["audit.log", "--count", "--format", "ndjson"]);
    let [totals] = &ran.documents()[..] else { panic!("{}", ran.out) };
    for (name, count) in
        [("connections", 2), ("events", 4), ("records", 7), ("lines", 7), ("complaints", 0)]
    {
        assert_eq!(totals[name], count, "{name}: {totals}");
    }
    let ran = place.run(&["audit.log", "--count", "--port", "443", "--format", "ndjson"]);
    assert_eq!(ran.documents()[0]["connections"], 1);
}

#[test]
fn the_account_at_the_end_adds_up() {
    let place = Place::with_scene();
    let mut more = log(SCENE);
    more.extend_from_slice(b"Hello\n");
    place.write("audit.log", &more);
    let ran = place.run(&["audit.log"]);
    let account = ran.err.lines().last().expect("an account");
    assert!(account.contains("lines 8 = 7 understood + 1 complained of"), "{account}");
    assert!(account.contains("not an audit record 1"), "{account}");
}

#[test]
fn rejects_keep_what_was_not_understood_with_its_place() {
    let place = Place::with_scene();
    let mut more = log(SCENE);
    more.extend_from_slice(b"Hello \xff\ntype=SYSCALL msg=audit(1.2:3\n");
    place.write("audit.log", &more);
    place.run(&["audit.log", "--rejects", "rejects"]);
    let rejects = fs::read(place.folder.path().join("rejects")).expect("rejects");
    let lines: Vec<&[u8]> = rejects.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].ends_with(b":8: not an audit record: Hello \xff\n"), "{rejects:?}");
    assert!(lines[1].ends_with(b":9: broken frame: type=SYSCALL msg=audit(1.2:3\n"), "{rejects:?}");
}

#[test]
fn a_run_with_a_checkpoint_shows_what_came_since() {
    let place = Place::with_scene();
    place.shows(&["--checkpoint", "mark"], &[7, 9]);
    place.shows(&["--checkpoint", "mark"], &[]);
    let mut more = log(SCENE);
    more.extend(log(
        "@web1 08:59:00.000#20 SYSCALL connect /usr/bin/wget\n@web1 #20 SOCKADDR 192.0.2.9:80",
    ));
    place.write("audit.log", &more);
    // It began before the last event of the earlier run and ended after it.
    place.shows(&["--checkpoint", "mark"], &[20]);
    place.shows(&["--checkpoint", "mark"], &[]);
}

#[test]
fn a_folder_s_name_says_nothing_of_other_hosts_in_a_checkpoint() {
    let place = Place::new();
    let event = |serial: u64| {
        let scene = format!(
            "09:00:00.{serial}#{serial} SYSCALL connect /usr/bin/curl\n\
             #{serial} SOCKADDR 192.0.2.7:80"
        );
        log(&scene)
    };
    let folders =
        ["a\n9999999999.000:1 9999999999.000:1 web", "a\nb", r"a\nb", "a b", "\"a\"", "web\\"];
    for (at, folder) in folders.iter().enumerate() {
        place.write(&format!("logs/{folder}/audit.log"), &event(100 + at as u64));
    }
    let run = || place.run(&["logs", "--format", "ndjson", "--checkpoint", "mark"]);
    assert_eq!(run().serials().len(), folders.len());
    let mark = fs::read_to_string(place.folder.path().join("mark")).expect("a checkpoint");
    assert_eq!(mark.lines().count(), folders.len(), "{mark}");
    place.write("logs/web/audit.log", &event(200));
    let ran = run();
    assert_eq!((ran.serials(), ran.status), (vec![200], 0), "{}", ran.err);
    assert_eq!(run().serials(), [0; 0]);
}

#[test]
fn an_argument_begins_no_line_of_ours_where_it_is_wrong() {
    let place = Place::new();
    for forged in ["x\noddsock: FORGED", "--x\noddsock: FORGED", "x\u{2028}oddsock: FORGED\u{202e}"]
    {
        for option in ["--port", "--address", "--color", "--outcome"] {
            let ran = place.run(&["audit.log", &format!("{option}={forged}")]);
            assert_eq!(ran.status, 2, "{}", ran.err);
            assert!(!ran.err.lines().any(|line| line.starts_with("oddsock: F")), "{}", ran.err);
            assert!(!ran.err.contains(['\u{2028}', '\u{202e}']), "{}", ran.err);
            assert!(ran.err.contains("oddsock: FORGED"), "{}", ran.err);
        }
    }
    // The nearest neighbour is told as ever.
    let ran = place.run(&["audit.log", "--port=x y"]);
    assert!(ran.err.contains("invalid value 'x y' for"), "{}", ran.err);
}

#[test]
fn a_file_that_is_no_checkpoint_is_left_alone() {
    let place = Place::with_scene();
    place.write("mark", b"my notes\n");
    let ran = place.run(&["audit.log", "--checkpoint", "mark"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert_eq!(fs::read(place.folder.path().join("mark")).expect("notes"), b"my notes\n");
}

#[test]
fn a_dash_is_standard_input() {
    let place = Place::new();
    let mut child = place
        .command(&["-", "--format", "ndjson"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("its input").write_all(&log(SCENE)).expect("it reads");
    let ran = Ran::of(&child.wait_with_output().expect("it ends"));
    assert_eq!((ran.serials(), ran.status), (vec![7, 9], 0));
}

#[test]
fn directories_are_logs_and_name_hosts() {
    let place = Place::new();
    let scene = "#7 SYSCALL connect /usr/bin/curl\n#7 SOCKADDR 192.0.2.7:443";
    for host in ["alpha", "beta"] {
        place.write(&format!("evidence/{host}/var/log/audit/audit.log"), &log(scene));
    }
    let ran = place.run(&["evidence", "--format", "ndjson"]);
    let hosts: Vec<_> = ran.documents().iter().map(|d| d["host.name"].clone()).collect();
    assert_eq!(hosts, ["alpha", "beta"]);
    let ran = place.run(&["evidence", "--host", "one", "--format", "ndjson"]);
    let hosts: Vec<_> = ran.documents().iter().map(|d| d["host.name"].clone()).collect();
    assert_eq!(hosts, ["one"], "the same event of one host is one event");
}

#[test]
fn a_node_in_the_record_wins_over_the_host_that_is_given() {
    let place = Place::with_scene();
    place.shows(&["--host", "other", "--node", "web1"], &[7]);
    place.shows(&["--host", "other", "--node", "other"], &[]);
}

#[test]
fn packed_logs_are_read_by_what_is_in_them() {
    let place = Place::with_scene();
    for (tool, arguments) in [("gzip", ["-c"]), ("zstd", ["-c"]), ("xz", ["-c"]), ("bzip2", ["-c"])]
    {
        let path = place.folder.path().join("audit.log");
        let Ok(packed) = Command::new(tool).args(arguments).arg(path).output() else {
            eprintln!("left out: {tool} is not installed");
            continue;
        };
        // The name says nothing, and two members are one log.
        place.write("packed.bin", &[&packed.stdout[..], &packed.stdout].concat());
        let ran = place.run(&["packed.bin", "--format", "ndjson"]);
        assert_eq!((ran.serials(), ran.status), (vec![7, 9], 0), "{tool}: {}", ran.err);
        place.write("cut.bin", &packed.stdout[..packed.stdout.len() - 9]);
        let status = place.run(&["cut.bin"]).status;
        assert!(matches!(status, 2 | 3), "{tool}: {status}");
    }
}

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

#[test]
fn help_is_no_failure_and_a_slip_of_the_finger_gets_a_hint() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
        Ran::of(&command.args(arguments).output().expect("it runs"))
    };
    for arguments in [&["--help"][..], &["connections", "--help"], &["connections", "-h"]] {
        let ran = run(arguments);
        assert!(ran.status == 0 && ran.out.contains("Usage"), "{arguments:?}: {ran:?}");
    }
    assert!(run(&["connections", "--help"]).out.contains("Exit status"));
    assert_eq!(run(&["--version"]).status, 0);
    for (arguments, hint) in [
        (&["connectoins"][..], "'connections'"),
        (&["connections", "--formt", "csv"], "'--format'"),
        (&["connections", "--format", "jsn"], "ndjson"),
    ] {
        let ran = run(arguments);
        assert!(ran.status == 2 && ran.err.contains(hint), "{arguments:?}: {ran:?}");
    }
    assert_eq!(run(&[]).status, 2);
}

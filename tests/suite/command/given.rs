//! Where logs come from, whose they are, and how each of their lines is accounted for.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::place::{Place, Ran, SCENE};
use crate::scene::log;

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

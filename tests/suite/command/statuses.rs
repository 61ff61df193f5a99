//! What a run ends with: found, not found, wrong usage, read in part; and what is said to whoever
//! slips.

use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::place::{Place, Ran, SCENE};
use crate::scene::log;

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

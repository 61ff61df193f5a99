//! Input that fails while it is read, or takes too much, and output that cannot be written.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::place::{Place, Ran, SCENE};
use crate::scene::log;

/// So many connects, each with its address.
fn connects(count: u32) -> Vec<u8> {
    let connect =
        "09:00:00.000#SERIAL SYSCALL connect /usr/bin/curl\n#SERIAL SOCKADDR 192.0.2.7:443\n";
    let one = |serial: u32| connect.replace("SERIAL", &serial.to_string());
    log(&(1..=count).map(one).collect::<String>())
}

/// Runs on a log of many megabytes, and does something to it while its reader waits for whoever
/// reads the output.
fn change_while_read(change: impl FnOnce(&Path)) -> Ran {
    let place = Place::new();
    let path = place.write("audit.log", &connects(40_000));
    let arguments = ["audit.log", "--format", "ndjson", "--jobs", "1"];
    let mut command = place.command(&arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut out = child.stdout.take().expect("its output");
    out.read_exact(&mut [0; 100]).expect("a beginning");
    change(&path);
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("the rest");
    Ran::of(&child.wait_with_output().expect("it ends"))
}

#[test]
fn a_log_cut_short_while_it_is_read_is_told_and_one_that_grows_is_not() {
    let cut = |path: &Path| {
        fs::OpenOptions::new().write(true).open(path).expect("a file").set_len(1000).expect("cut");
    };
    let ran = change_while_read(cut);
    assert_eq!(ran.status, 3, "{}", ran.err);
    let told = "cannot read \"audit.log\" to its end: it became shorter in the meantime";
    assert_eq!(ran.err.matches(told).count(), 1, "{}", ran.err);

    let grow = |path: &Path| {
        let mut file = fs::OpenOptions::new().append(true).open(path).expect("a file");
        file.write_all(&connects(10)).expect("more");
    };
    let ran = change_while_read(grow);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

/// Runs on a pipe and then on later.log, to which something is done between its finding and its
/// turn.
fn change_before_its_turn(place: &Place, change: impl FnOnce(&Path)) -> Option<Ran> {
    let later = place.write("later.log", &connects(1000));
    let made = Command::new("mkfifo").arg(place.folder.path().join("pipe")).status();
    if !made.is_ok_and(|made| made.success()) {
        eprintln!("left out: mkfifo is not installed");
        return None;
    }
    let mut command = place.command(&["pipe", "later.log", "--count", "--format", "ndjson"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // Opening the pipe waits until the other end is opened, after all files were found.
    let mut pipe = fs::File::create(place.folder.path().join("pipe")).expect("a pipe");
    change(&later);
    pipe.write_all(&log("@db1 #1 SYSCALL read /usr/bin/cat")).expect("a log");
    drop(pipe);
    Some(Ran::of(&child.wait_with_output().expect("it ends")))
}

#[test]
fn a_log_cut_short_before_its_turn_comes_is_told() {
    let cut = |later: &Path| fs::write(later, log(SCENE)).expect("a shorter log");
    let Some(ran) = change_before_its_turn(&Place::new(), cut) else { return };
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("\"later.log\" to its end: it became shorter"), "{}", ran.err);
}

#[test]
fn a_log_rotated_before_its_turn_comes_is_read_under_its_new_name() {
    let place = Place::new();
    let rotate = |later: &Path| {
        fs::rename(later, place.folder.path().join("later.log.1")).expect("renamed");
        fs::write(later, connects(5)).expect("a new log");
    };
    let Some(ran) = change_before_its_turn(&place, rotate) else { return };
    assert_eq!((ran.status, &ran.documents()[0]["connections"]), (0, &1000.into()), "{}", ran.err);

    let place = Place::new();
    let replace = |later: &Path| {
        let new = place.write("new", &connects(2000));
        fs::rename(new, later).expect("replaced");
    };
    let Some(ran) = change_before_its_turn(&place, replace) else { return };
    assert_eq!((ran.status, &ran.documents()[0]["connections"]), (0, &2000.into()), "{}", ran.err);
}

#[test]
fn what_takes_too_much_memory_to_unpack_is_refused_and_the_advice_reads_it() {
    let place = Place::new();
    let scene = log(SCENE);
    // A frame that asks for a window of 256 MiB, with one block that is not packed.
    let block = (u32::try_from(scene.len()).expect("small") << 3 | 1).to_le_bytes();
    let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0, 18 << 3], &block[..3], &scene].concat();
    place.write("audit.log.zst", &frame);
    let ran = place.run(&["audit.log.zst"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    let (_, advice) = ran.err.split_once("Give it unpacked: ").expect(&ran.err);
    let (command, _) = advice.split_once(" (").expect(advice);
    let command = command.replace("FILE", "audit.log.zst");
    let program = Path::new(env!("CARGO_BIN_EXE_oddsock")).parent().expect("a folder").display();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap_or_default());
    if !Command::new("zstd").arg("--version").output().is_ok_and(|o| o.status.success()) {
        return eprintln!("left out: zstd is not installed");
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &command]).env("PATH", path).current_dir(place.folder.path());
    let ran = Ran::of(&shell.output().expect("a shell"));
    assert_eq!((ran.status, ran.out.lines().count()), (0, 3), "{command}: {}", ran.err);
}

#[test]
fn a_line_too_long_to_keep_is_marked_among_the_rejects_with_its_length() {
    const LONGEST: usize = 1 << 20;
    let place = Place::new();
    let line = |letter: &str, length: usize| letter.repeat(length) + "\n";
    let long = [line("a", 3 * LONGEST), line("b", LONGEST - 1), line("c", 9 * LONGEST)].concat();
    place.write("audit.log", &[&log(SCENE)[..], long.as_bytes()].concat());
    let mark = |length: usize| {
        format!(": line too long ({length} bytes, of which the first {LONGEST} are kept): ")
    };
    for (name, arguments) in [("one", ["--jobs", "1"]), ("two", ["--jobs", "2"])] {
        let ran = place.run(&[&["audit.log", "--rejects", name], &arguments[..]].concat());
        assert_eq!(ran.status, 3, "{}", ran.err);
        assert!(ran.err.contains("line too long (3145728 bytes): aaa"), "{}", ran.err);
        let rejects = fs::read(place.folder.path().join(name)).expect("rejects");
        let rejects = String::from_utf8(rejects).expect("text");
        let lines: Vec<&str> = rejects.lines().collect();
        let expected = [
            format!("\"audit.log\":8{}{}", mark(3 * LONGEST), "a".repeat(LONGEST)),
            format!("\"audit.log\":9: not an audit record: {}", "b".repeat(LONGEST - 1)),
            format!("\"audit.log\":10{}{}", mark(9 * LONGEST), "c".repeat(LONGEST)),
        ];
        assert!(lines == expected, "{:?}", lines.iter().map(|l| &l[..100]).collect::<Vec<_>>());
    }
}

#[test]
fn rejects_never_go_where_something_is_already() {
    let place = Place::with_scene();
    place.write("empty", b"");
    assert_eq!(place.run(&["audit.log", "--rejects", "empty"]).status, 0);
    let before = fs::read(place.folder.path().join("audit.log")).expect("the log");
    let ran = place.run(&["audit.log", "--rejects", "audit.log"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("\"audit.log\": it is there already and not empty"), "{}", ran.err);
    assert_eq!(fs::read(place.folder.path().join("audit.log")).expect("the log"), before);
}

#[test]
fn a_files_name_is_spelled_out_in_one_way_whatever_is_said_of_it() {
    let place = Place::new();
    let name = "a\u{1b}[2J\u{202e}b\"c\\d.log";
    let shown = r#""a\x1b[2J\u{202e}b\"c\\d.log""#;
    place.write(name, &[&log(SCENE)[..], b"Hello \x1b[2J\n"].concat());
    place.write("folder/x", b"");
    let other = |name: &str| name.replace('a', "b");
    for (arguments, status) in [
        // A line in it, the file twice, a file that is not there.
        (&[name][..], 0),
        (&[name, name], 0),
        (&[name, &other(name)], 3),
    ] {
        let ran = place.run(arguments);
        assert_eq!(ran.status, status, "{}", ran.err);
        let about = ran.err.lines().filter(|line| line.contains("d.log"));
        for line in about {
            assert!(line.contains(shown) || line.contains(&other(shown)), "{line}");
        }
        assert!(ran.err.contains(r"Hello \x1b[2J"), "{}", ran.err);
    }
    place.run(&[name, "--rejects", "rejects"]);
    let rejects = fs::read_to_string(place.folder.path().join("rejects")).expect("rejects");
    assert!(rejects.starts_with(&format!("{shown}:8: ")), "{rejects}");
    let ran = place.run(&[name, "--rejects", name]);
    assert!(ran.err.contains(shown), "{}", ran.err);
    let ran = place.run(&[name, "--checkpoint", name]);
    assert!(ran.err.contains(shown) && ran.status == 2, "{}", ran.err);
}

#[test]
fn a_checkpoint_that_cannot_be_written_is_told_before_anything_is_read() {
    let place = Place::with_scene();
    place.write("folder/x", b"");
    let is_free = |name: &str| !place.folder.path().join(name).exists();
    for wrong in ["no/such/folder/mark", "folder", "/dev/null", "/proc/mark"] {
        let ran = place.run(&["audit.log", "--checkpoint", wrong]);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{wrong}: {}", ran.err);
        let named = format!("cannot use the checkpoint \"{wrong}\": ");
        assert!(ran.err.contains(&named) && ran.err.lines().count() == 1, "{}", ran.err);
    }
    // Counting moves no checkpoint, so it needs to write none.
    let ran = place.run(&["audit.log", "--checkpoint", "no/such/folder/mark", "--count"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(place.run(&["audit.log", "--checkpoint", "mark"]).status, 0);
    assert!(is_free("mark.new") && !is_free("mark"));
}

#[test]
fn a_checkpoint_is_not_written_through_a_link_that_someone_else_has_put_there() {
    let place = Place::with_scene();
    place.write("precious", b"precious\n");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, place.folder.path().join(name)).expect("a link");
    };
    link("precious", "mark.new");
    assert_eq!(place.run(&["audit.log", "--checkpoint", "mark"]).status, 0);
    let precious = fs::read(place.folder.path().join("precious")).expect("it is there");
    assert_eq!(precious, b"precious\n");
    // A link to the checkpoint itself is kept.
    link("mark", "alias");
    place.shows(&["--checkpoint", "alias"], &[]);
    assert!(place.folder.path().join("alias").is_symlink());
}

#[test]
fn help_that_cannot_be_written_is_a_failure_unless_its_reader_has_seen_enough() {
    if !Path::new("/dev/full").exists() {
        return eprintln!("left out: there is no /dev/full here");
    }
    for arguments in [&["--help"][..], &["--version"], &["connections", "-h"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let ended = command.args(arguments).stdout(full).output().expect("it runs");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.starts_with("oddsock: cannot write the output: "), "{said}");

        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ended = command.stdout(writer).output().expect("it runs");
        assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0), "{arguments:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure_and_moves_no_checkpoint() {
    if !Path::new("/dev/full").exists() {
        return eprintln!("left out: there is no /dev/full here");
    }
    let place = Place::with_scene();
    for more in [&[][..], &["--count"], &["--format", "raw"], &["--checkpoint", "mark"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let mut command = place.command(&[&["audit.log"], more].concat());
        let ended = command.stdout(full).output().expect("it runs");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{more:?}: {said}");
        assert!(said.contains("cannot write the output: "), "{said}");
    }
    place.shows(&["--checkpoint", "mark"], &[7, 9]);
}

#[test]
fn an_argument_that_is_wrong_cannot_play_with_the_terminal() {
    let place = Place::with_scene();
    for wrong in ["--\u{1b}[2Jx", "--port=\u{1b}]0;x\u{7}", "--color=\u{202e}"] {
        let ran = place.run(&["audit.log", wrong]);
        let acts = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(ran.status == 2 && !ran.err.contains(acts), "{:?}", ran.err);
    }
}

/// What a terminal of 40 columns is told by a run that lasts for more than a second.
fn shown_on_a_terminal(place: &Place, name: &str) -> Option<String> {
    let pipe = place.folder.path().join(name);
    let made = Command::new("mkfifo").arg(&pipe).status();
    let program = env!("CARGO_BIN_EXE_oddsock");
    let run = format!("stty rows 24 cols 40; exec {program} connections --count ./*.pipe 2>&1");
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &run, "/dev/null"]).current_dir(place.folder.path());
    terminal.stdin(Stdio::null()).stdout(Stdio::piped());
    let child = made.ok().filter(|made| made.success()).and_then(|_| terminal.spawn().ok())?;
    let mut pipe = fs::File::create(&pipe).expect("a pipe");
    for _ in 0..3 {
        pipe.write_all(&log(SCENE)).expect("a log");
        sleep(Duration::from_millis(700));
    }
    drop(pipe);
    let shown = child.wait_with_output().expect("it ends").stdout;
    Some(String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn the_progress_bar_stays_on_its_line_whatever_the_file_is_called() {
    let place = Place::new();
    let name = format!("\u{1b}]0;gone\u{7}{}.pipe", "端末".repeat(20));
    let Some(shown) = shown_on_a_terminal(&place, &name) else {
        return eprintln!("left out: script or mkfifo is not installed");
    };
    assert!(!shown.contains("\u{1b}]"), "{shown:?}");
    // What stands on a line at one time, without what moves the cursor.
    let bars = shown.split(['\r', '\n']).flat_map(|line| line.split("\u{1b}[2K"));
    let bars: Vec<&str> = bars.filter(|bar| bar.contains("B/s")).collect();
    assert!(!bars.is_empty(), "{shown:?}");
    for bar in bars {
        let columns: usize = bar.chars().map(|c| 1 + usize::from(c > '\u{2e80}')).sum();
        assert!(columns <= 40, "{columns}: {bar:?}");
    }
}

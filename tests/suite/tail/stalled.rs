//! Outputs that are full, slow, rotated or gone: nothing is lost by it, nothing is told twice, and
//! whoever asks it to end is not kept waiting.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::days;
use super::run::{Folder, Run, SHOWN, Small, alerts};

/// The ids in some text, each of which has to be there once, without a last line that has no end.
fn told(text: &str) -> BTreeSet<String> {
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let all = alerts(whole);
    let ids: BTreeSet<String> = all.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids.len(), all.len(), "each once");
    ids
}

/// A pipe that has room for one more piece.
fn nearly_full() -> (std::io::PipeReader, File, usize) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut writer = File::from(OwnedFd::from(writer));
    let filler = vec![b'\n'; 15 * 4096];
    writer.write_all(&filler).unwrap();
    (reader, writer, filler.len())
}

#[test]
fn a_reader_that_does_not_read_keeps_nobody_waiting_and_misses_nothing() {
    let folder = Folder::new();
    folder.append(days::log(120, 11).as_bytes());
    let expected = told(&folder.replayed("replay"));
    let made = Command::new("mkfifo").arg(folder.path("connections")).status();
    assert!(made.is_ok_and(|status| status.success()));
    let (mut reader, writer, filled) = nearly_full();
    let run = folder.tail_into(writer, &["--to-file", "others"]);
    folder.wait("the alerts", |_| told(&folder.text("others")) == expected);
    for (signal, answer) in [("USR1", "bytes behind"), ("HUP", "were read again")] {
        run.signal(signal);
        folder.wait(signal, |_| folder.text("said").contains(answer));
    }
    let began = Instant::now();
    assert_eq!(run.end(), 0);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let said = folder.text("said");
    assert!(said.contains("not all alerts could be told") && said.contains("are lost"), "{said}");
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    let first = told(&text[filled..]);
    assert!(first.len() < expected.len());
    fs::remove_file(folder.path("connections")).unwrap();
    let run = folder.tail(&[]);
    let second = || told(&folder.text("alerts"));
    folder.wait("the rest", |_| first.len() + second().len() >= expected.len());
    assert_eq!(run.end(), 0);
    assert!(first.is_disjoint(&second()));
    assert_eq!(&first | &second(), expected);
}

#[test]
fn a_reader_that_reads_at_last_is_told_everything_once() {
    let folder = Folder::new();
    folder.append(days::log(120, 11).as_bytes());
    let expected = told(&folder.replayed("replay"));
    let (mut reader, writer, filled) = nearly_full();
    let run = folder.tail_into(writer, &["--to-file", "others"]);
    folder.wait("the alerts", |_| told(&folder.text("others")) == expected);
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text.split_off(filled)
    });
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(run.end(), 0);
    let text = reading.join().unwrap();
    assert!(text.ends_with('\n'));
    assert_eq!(told(&text), expected);
}

#[test]
fn nobody_waits_for_who_does_not_read_what_is_said() {
    let folder = Folder::new();
    folder.append(days::log(120, 11).as_bytes());
    let expected = told(&folder.replayed("replay"));
    let (mut reader, writer, filled) = nearly_full();
    let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
    command.args(["--format", "ndjson"]).args(SHOWN);
    let alerts = File::create(folder.path("alerts")).unwrap();
    let run = Run { child: command.stdout(alerts).stderr(writer).spawn().unwrap() };
    drop(command);
    folder.wait("the alerts", |_| told(&folder.text("alerts")) == expected);
    // Each is answered, and there is no room for so much.
    for _ in 0..50 {
        run.signal("USR1");
        std::thread::sleep(Duration::from_millis(10));
    }
    folder.append(days::log(130, 11).as_bytes());
    std::thread::sleep(Duration::from_millis(500));
    let mut some = vec![0; filled];
    reader.read_exact(&mut some).unwrap();
    run.signal("USR1");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(run.end(), 0);
    let mut said = String::new();
    reader.read_to_string(&mut said).unwrap();
    assert!(said.contains(" messages could not be told here.\noddsock: "), "{said}");
}

#[test]
fn connections_that_cannot_be_written_stop_nobody_else() {
    let folder = Folder::new();
    let log = days::log(120, 11);
    folder.append(log.as_bytes());
    let expected = told(&folder.replayed("replay"));
    let connections = folder.replayed("connections").lines().count();
    std::os::unix::fs::symlink("/dev/full", folder.path("connections")).unwrap();
    let run = folder.tail(&["--to-file", "others"]);
    for name in ["alerts", "others"] {
        folder.wait(name, |_| told(&folder.text(name)) == expected);
    }
    assert_eq!(run.end(), 0);
    let said = folder.text("said");
    assert!(said.contains("cannot write to") && !said.contains("NOT SAVED"), "{said}");
    let status = folder.command(&["status", "--state", "state"]).output().unwrap();
    let status = String::from_utf8(status.stdout).unwrap();
    let words = "connections that could not be written";
    let lost = status.lines().find(|line| line.contains(words)).unwrap_or_default();
    assert!(lost.contains(&connections.to_string()), "{status}");
}

#[test]
fn a_file_of_connections_that_is_rotated_has_each_once_whenever_it_is_killed() {
    for pause in [0, 300, 1200] {
        let folder = Folder::new();
        let log = days::log(9, 5);
        let (before, after) = days::until(&log, 4);
        let (between, rest) = days::until(after, 7);
        folder.append(before.as_bytes());
        let run = folder.tail(&[]);
        let number = |name: &str| folder.text(name).lines().count();
        folder.wait("some connections", |_| number("connections") > 20);
        fs::rename(folder.path("connections"), folder.path("connections.1")).unwrap();
        run.signal("HUP");
        folder.wait("a reading", |_| folder.text("said").contains("were read again"));
        folder.append(between.as_bytes());
        folder.wait("others", |_| number("connections") > 5);
        std::thread::sleep(Duration::from_millis(pause));
        run.kill();
        folder.append(rest.as_bytes());
        let all = folder.replayed("connections");
        let run = folder.tail(&[]);
        let both = || folder.text("connections.1") + &folder.text("connections");
        folder.wait("all connections", |_| both().len() >= all.len());
        assert_eq!(run.end(), 0);
        assert!(both() == all, "after {pause} ms");
    }
}

/// Two machines' tails that write to one file, one after the other.
#[test]
fn what_another_tail_has_written_is_not_cut_off() {
    let folder = Folder::new();
    let log = days::log(4, 5);
    folder.append(log.as_bytes());
    let all = folder.replayed("connections").lines().count();
    let number = |times: usize| {
        folder.wait("connections", |_| folder.text("connections").lines().count() >= times * all);
    };
    for (times, arguments, run) in [
        (1, ["--host", "A", "--state", "a"], 1),
        (2, ["--host", "B", "--state", "b"], 2),
        (2, ["--host", "A", "--state", "a"], 3),
    ] {
        let begun = |text: &str| text.matches("following").count();
        let tail = folder.tail(&arguments);
        folder.wait("a beginning", |_| begun(&folder.text("said")) == run);
        number(times);
        let mut second = folder.command(&["tail", "audit.log", "--state", "c"]);
        let second = second.args(["--connections", "connections"]).stdout(Stdio::null());
        let refusal = File::create(folder.path("refusal")).unwrap();
        let mut second = Run { child: second.stderr(refusal).spawn().unwrap() };
        let why = "another oddsock writes to it";
        folder.wait(why, |_| folder.text("refusal").contains(why));
        assert_eq!(second.child.wait().unwrap().code(), Some(75));
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(tail.end(), 0);
        assert_eq!(folder.text("connections").lines().count(), times * all);
    }
}

#[test]
fn alerts_on_the_full_disk_of_the_state_are_told_whole_and_once_when_there_is_room() {
    for state in ["small/state", "state"] {
        let folder = Folder::new();
        let Some(small) = Small::at(folder.path("small")) else { return };
        let log = days::log(120, 11);
        let (before, after) = days::until(&log, 20);
        folder.append(before.as_bytes());
        let to = File::options().append(true).create(true).open(small.0.join("told")).unwrap();
        let run = folder.tail_into(to.try_clone().unwrap(), &["--state", state]);
        folder.wait("some connections", |_| folder.text("connections").lines().count() > 50);
        // Room for a part of an alert is left in the last page.
        { to }.write_all(&[b'\n'; 3000]).unwrap();
        small.fill();
        folder.append(after.as_bytes());
        let expected = told(&folder.replayed("replay"));
        folder.wait("trouble", |_| folder.text("said").contains("cannot write the"));
        std::thread::sleep(Duration::from_secs(3));
        small.clear();
        let text = || fs::read_to_string(small.0.join("told")).unwrap().trim_start().to_string();
        folder.wait("the alerts", |_| text().lines().count() >= expected.len());
        assert_eq!(run.end(), 0);
        assert!(text().ends_with('\n'));
        assert_eq!(told(&text()), expected, "{state}");
        let store = oddsock::store::Store::read(&folder.path(state)).unwrap();
        assert!(store.undelivered().unwrap().is_empty(), "none comes again");
    }
}

#[test]
fn rules_are_read_again_only_when_what_they_have_learnt_is_saved() {
    let folder = Folder::new();
    let Some(small) = Small::at(folder.path("small")) else { return };
    let rule = |user: &str| {
        format!(
            "[rule]\nname = \"Programs\"\n\n[detector]\nname = \"programs\"\n\
             by = \"process.executable\"\n{user}"
        )
    };
    fs::write(folder.path("rules.toml"), rule("")).unwrap();
    folder.append(days::crowd(10, 3).as_bytes());
    let run = folder.tail(&["--rules", "rules.toml", "--state", "small/state"]);
    let number = || folder.text("connections").lines().count();
    folder.wait("connections", |_| number() == 3);
    small.fill();
    folder.append(days::crowd(20, 300).as_bytes());
    folder.wait("connections", |_| number() == 303);
    folder.wait("a complaint", |_| folder.text("said").contains("NOT SAVED"));
    fs::write(folder.path("rules.toml"), rule("influencers = [\"user.name\"]\n")).unwrap();
    run.signal("HUP");
    let said = |what: &str| folder.wait(what, |_| folder.text("said").contains(what));
    said("as soon as the state can be saved");
    assert!(!folder.text("said").contains("were read again"));
    small.clear();
    folder.append(days::crowd(30, 1).as_bytes());
    said("the state is saved again");
    folder.wait("an answer", |_| {
        let said = folder.text("said");
        said.contains("were read again") || said.contains("nothing was changed")
    });
    assert_eq!(run.end(), 0);
    let store = oddsock::store::Store::read(&small.0.join("state")).unwrap();
    let values = store.values(Some("process.executable"), 1000).unwrap();
    assert_eq!(values.len(), 304, "{}", folder.text("said"));
}

#[test]
fn a_terminal_that_is_closed_ends_it_and_lets_go_of_the_state() {
    let folder = Folder::new();
    folder.append(days::log(4, 5).as_bytes());
    let run = "exec \"$0\" tail audit.log --state state";
    let program = run.replace("\"$0\"", env!("CARGO_BIN_EXE_oddsock"));
    let mut script = Command::new("script");
    script.args(["-qec", &program, "typescript"]).current_dir(folder.folder.path());
    let child = script.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(child) = child else {
        return eprintln!("left out: there is no script to make a terminal");
    };
    let terminal = Run { child };
    folder.wait("the state", |path| path.join("state-lock").exists());
    std::thread::sleep(Duration::from_secs(2));
    terminal.kill();
    std::thread::sleep(Duration::from_secs(3));
    let run = folder.tail(&[]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(run.end(), 0, "{}", folder.text("said"));
}

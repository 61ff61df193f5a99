//! How it begins where something is in its way: what passes is waited for, or tried again by
//! whoever has started it; what does not is an error for good.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::days;
use super::run::{Folder, Run, Small};

/// The exit status of a run that is to end by itself, and what it said.
fn ended(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = folder.command(&["tail", "audit.log", "--no-backfill"]);
    let output = command.args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_disk_that_is_full_at_the_start_is_no_error_for_good_and_another_s_state_is() {
    let folder = Folder::new();
    folder.append(days::log(2, 3).as_bytes());
    fs::write(folder.path("foreign"), "some text").unwrap();
    let (status, said) = ended(&folder, &["--state", "foreign"]);
    assert_eq!((status, said.contains("is no state")), (Some(2), true), "{said}");
    let (status, said) = ended(&folder, &["--state", "none/state"]);
    assert_eq!(status, Some(2), "{said}");
    let Some(small) = Small::at(folder.path("small")) else { return };
    let run = folder.tail(&["--state", "small/state"]);
    folder.wait("some connections", |_| !folder.text("connections").is_empty());
    assert_eq!(run.end(), 0);
    small.fill();
    let (status, said) = ended(&folder, &["--state", "small/state"]);
    assert_eq!(status, Some(75), "{said}");
    small.clear();
    let run = folder.tail(&["--state", "small/state"]);
    folder.wait("it begins", |_| folder.text("said").matches("following").count() > 1);
    assert_eq!(run.end(), 0);
}

#[test]
fn a_log_whose_folder_is_empty_at_the_start_is_waited_for_and_not_told_again() {
    let folder = Folder::new();
    fs::create_dir(folder.path("log")).unwrap();
    // So long that nobody remembers each event of it.
    let log = days::log(300, 3);
    let (before, rest) = days::until(&log, 290);
    fs::write(folder.path("log/audit.log"), before).unwrap();
    let number = |log: &str| log.matches("type=PROCTITLE").count();
    let tail = || {
        let mut command = folder.command(&["tail", "log/audit.log", "--state", "state"]);
        let command = command.args(["--connections", "connections"]);
        let said = fs::OpenOptions::new().append(true).create(true).open(folder.path("said"));
        let command = command.stdout(std::process::Stdio::null()).stderr(said.unwrap());
        super::run::Run { child: command.spawn().unwrap() }
    };
    let wait = |all: usize| {
        folder.wait("all connections", |_| folder.text("connections").lines().count() >= all);
    };
    let run = tail();
    wait(number(before));
    assert_eq!(run.end(), 0);
    // Where it is mounted there is nothing yet.
    fs::rename(folder.path("log"), folder.path("away")).unwrap();
    fs::create_dir(folder.path("log")).unwrap();
    let run = tail();
    folder.wait("that it waits", |_| folder.text("said").contains("waiting for it"));
    fs::remove_dir(folder.path("log")).unwrap();
    fs::rename(folder.path("away"), folder.path("log")).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(folder.path("log/audit.log")).unwrap();
    std::io::Write::write_all(&mut file, rest.as_bytes()).unwrap();
    wait(number(&log));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(run.end(), 0, "{}", folder.text("said"));
    assert_eq!(folder.text("connections").lines().count(), number(&log));
}

/// A watch over `log/audit.log` by a user who is not root; nothing if there is none to become.
fn by_nobody(folder: &Folder) -> Option<Run> {
    if !rustix::process::geteuid().is_root() {
        println!("left out: only root can become somebody else");
        return None;
    }
    fs::copy(env!("CARGO_BIN_EXE_oddsock"), folder.path("own")).unwrap();
    for (name, mode) in [("", 0o777), ("own", 0o755)] {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut command = Command::new(folder.path("own"));
    command.args(["tail", "log/audit.log", "--state", "state", "--connections", "connections"]);
    command.current_dir(folder.folder.path()).env("XDG_CONFIG_HOME", folder.path("config"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(folder.appending("said"));
    Some(Run { child: command.uid(64321).gid(64321).spawn().unwrap() })
}

#[test]
fn older_files_that_cannot_be_read_are_told_of_once_and_what_was_not_read_yet_is_waited_for() {
    let folder = Folder::new();
    fs::create_dir(folder.path("log")).unwrap();
    let log = days::log(30, 3);
    let (first, rest) = days::until(&log, 10);
    let (second, third) = days::until(rest, 20);
    let may = |name: &str, mode| {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["log/audit.log.1", "log/audit.log.2"] {
        fs::write(folder.path(name), "type=EOE msg=audit(1.000:1): \n").unwrap();
        may(name, 0o440);
    }
    // A log that is empty at first is looked at once more when it is begun.
    fs::write(folder.path("log/audit.log"), "").unwrap();
    let Some(run) = by_nobody(&folder) else { return };
    folder.wait("it begins", |_| folder.text("said").contains("following"));
    let add = |text: &str| {
        use std::io::Write as _;
        folder.appending("log/audit.log").write_all(text.as_bytes()).unwrap();
    };
    let number = |log: &str| log.matches("type=PROCTITLE").count();
    let wait = |all: usize| {
        folder.wait("all connections", |_| folder.text("connections").lines().count() >= all);
    };
    add(first);
    wait(number(first));
    assert_eq!(run.end(), 0);
    let run = by_nobody(&folder).unwrap();
    add(second);
    wait(number(first) + number(second));
    assert_eq!(run.end(), 0);
    let said = folder.text("said");
    let told = "chgrp adm /var/log/audit/audit.log.* once. Nothing is learnt from it, nor from 1 ";
    assert_eq!(said.matches(told).count(), 1, "{said}");
    assert_eq!(said.matches("cannot").count(), 2, "{said}");
    assert!(!said.contains("Trying on"), "{said}");
    // The nearest neighbour: there are connections in it that nobody has read.
    let before = folder.text("connections");
    let (third, fourth) = days::until(third, 25);
    add(third);
    fs::rename(folder.path("log/audit.log"), folder.path("log/audit.log.1")).unwrap();
    add(fourth);
    may("log/audit.log.1", 0o440);
    let status = by_nobody(&folder).unwrap().child.wait().unwrap();
    assert_eq!(status.code(), Some(2), "{}", folder.text("said"));
    assert_eq!(folder.text("connections"), before);
    may("log/audit.log.1", 0o444);
    let run = by_nobody(&folder).unwrap();
    wait(number(&log));
    assert_eq!(run.end(), 0);
    assert_eq!(folder.text("connections").lines().count(), number(&log));
}

#[test]
fn what_is_no_file_is_refused_with_what_to_give_instead() {
    let folder = Folder::new();
    folder.append(days::log(2, 3).as_bytes());
    fs::create_dir(folder.path("log")).unwrap();
    std::os::unix::fs::symlink("log", folder.path("link")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.path("fifo")).status().unwrap().success());
    let _socket = UnixListener::bind(folder.path("socket")).unwrap();
    for (name, told) in [
        ("log", "cannot follow \"./log\": it is a folder; name the log in it."),
        ("link", "it is a folder; name the log in it."),
        ("fifo", "it is a pipe and no file; give - instead"),
        ("/dev/stdin", "it is a pipe and no file; give - instead"),
        ("socket", "it is a socket; give it with --socket."),
        ("/dev/null", "it is a device and no file; give - to read standard input."),
    ] {
        let mut command = folder.command(&["tail", name, "--state", "state"]);
        let output = command.stdin(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.contains(told)), (Some(2), true), "{name}: {said}");
    }
    // The nearest neighbour: standard input that is a file.
    let mut command = folder.command(&["tail", "/dev/stdin", "--state", "state"]);
    command.stdin(fs::File::open(folder.path("audit.log")).unwrap());
    let run = Run { child: command.stderr(folder.appending("said")).spawn().unwrap() };
    folder.wait("it follows", |_| folder.text("said").contains("following"));
    assert_eq!(run.end(), 0);
}

#[test]
fn a_plugin_that_gives_no_text_is_told_of_once() {
    use std::io::Write as _;
    let folder = Folder::new();
    let listener = UnixListener::bind(folder.path("plugin")).unwrap();
    let mut command = folder.command(&["tail", "--socket", "plugin", "--state", "state"]);
    let command = command.stdout(Stdio::null()).stderr(folder.appending("said"));
    let run = Run { child: command.spawn().unwrap() };
    let (mut socket, _) = listener.accept().unwrap();
    let text = "audit(1723800000.001:7): arch=c000003e syscall=42";
    // The nearest neighbour: a NUL somewhere in a line.
    socket.write_all(format!("type=SYSCALL msg={text} comm=\"\0\"\n").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(!folder.text("said").contains("format = string"), "{}", folder.text("said"));
    for _ in 0..3 {
        let header = [0, 16, 1300, text.len() as u32].map(u32::to_le_bytes).concat();
        socket.write_all(&[&header, text.as_bytes()].concat()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    folder.wait("the reason", |_| folder.text("said").contains("set \"format = string\" in "));
    assert_eq!(run.end(), 0);
    assert_eq!(folder.text("said").matches("format = string").count(), 1);
}

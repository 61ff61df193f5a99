//! What is said to somebody whom the file system keeps out: who is let in, and what to do.
//!
//! The program is run by root as somebody who is in no group; where the tests are not run by root
//! they are left out, and that is said.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::place::{Place, Ran};

const ODDSOCK: &str = env!("CARGO_BIN_EXE_oddsock");

const NOBODY: u32 = 65534;

/// A place that everybody may look into, with the usual log and a copy of the program, which may
/// otherwise lie where nobody else may look. None if there is nobody to become.
fn place() -> Option<Place> {
    if !rustix::process::geteuid().is_root() {
        println!("left out: only root can give a file to a group and become somebody else");
        return None;
    }
    let place = Place::with_scene();
    fs::copy(ODDSOCK, place.folder.path().join("oddsock")).expect("a copy");
    open_to(&place, "", 0, 0, 0o755);
    Some(place)
}

fn open_to(place: &Place, name: &str, owner: u32, group: u32, mode: u32) {
    let path = place.folder.path().join(name);
    chown(&path, Some(owner), Some(group)).expect("an owner");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
}

/// A line of a table of names that is not root's: its name and number.
fn other(table: &str) -> (String, u32) {
    let text = fs::read_to_string(table).expect("a table");
    let fields = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let named = fields.map(|f| (f[0].to_owned(), f[2].parse().expect("a number")));
    named.into_iter().find(|(_, id)| *id != 0 && *id != NOBODY).expect("another")
}

fn run(place: &Place, user: u32, arguments: &[&str]) -> Ran {
    let mut command = Command::new(place.folder.path().join("oddsock"));
    command.args(arguments).current_dir(place.folder.path()).stdin(Stdio::null());
    command.env("XDG_CONFIG_HOME", place.folder.path().join("config"));
    if user != 0 {
        command.uid(user).gid(user);
    }
    Ran::of(&command.output().expect("it runs"))
}

/// What nobody is told, with this in it.
#[track_caller]
fn says(place: &Place, arguments: &[&str], parts: &[&str]) {
    let ran = run(place, NOBODY, arguments);
    assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.err);
    for part in parts.iter().chain(&["permission denied. "]) {
        assert!(ran.err.contains(part), "{arguments:?}: {part}: {}", ran.err);
    }
    let is_whole = |line: &str| line.ends_with('.') && !line.ends_with("..");
    assert!(ran.err.lines().next().is_some_and(is_whole), "{}", ran.err);
}

#[test]
fn whoever_may_not_read_a_log_is_told_which_group_may() {
    let Some(place) = place() else { return };
    let (name, group) = other("/etc/group");
    open_to(&place, "audit.log", 0, group, 0o640);
    let who = format!("may be read by the group \"{name}\"");
    let joined = format!("usermod -aG {name} ");
    says(&place, &["connections", "audit.log"], &[&who, &joined, "run this as root"]);
    // The nearest neighbours: a group that is not let in, and a log that is.
    open_to(&place, "audit.log", 0, group, 0o604);
    assert_eq!(run(&place, NOBODY, &["connections", "audit.log"]).status, 0);
    open_to(&place, "audit.log", 0, group, 0o600);
    says(&place, &["connections", "audit.log"], &["by root alone", "log_group = adm"]);
}

#[test]
fn every_file_that_is_read_names_the_group_that_may() {
    let Some(place) = place() else { return };
    let (name, group) = other("/etc/group");
    let who = format!("may be read by the group \"{name}\"");
    let learnt = run(&place, 0, &["learn", "--state", "s.db", "audit.log"]);
    assert_eq!(learnt.status, 0, "{}", learnt.err);
    for file in ["r.toml", "e.toml", "h.toml", "g.mmdb", "a.rules", "config"] {
        let path = if file == "config" { "config/oddsock/oddsock.toml" } else { file };
        place.write(path, b"");
        open_to(&place, path, 0, group, 0o640);
    }
    open_to(&place, "s.db", 0, group, 0o640);
    // Settings are read by every command, so they are the last to be closed.
    let settings = "config/oddsock/oddsock.toml";
    says(&place, &["config", "show"], &[&who, "oddsock.toml"]);
    says(&place, &["connections", "audit.log"], &[&who, "oddsock.toml"]);
    open_to(&place, settings, 0, 0, 0o644);
    for arguments in [
        &["history", "curl", "--state", "s.db"] as &[&str],
        &["baseline", "show", "--state", "s.db"],
        &["replay", "audit.log", "--rules", "r.toml"],
        &["rules", "list", "--rules", "r.toml"],
        &["replay", "audit.log", "--exceptions", "e.toml"],
        &["exceptions", "list", "--exceptions", "e.toml"],
        &["exceptions", "test", "e.toml"],
        &["replay", "audit.log", "--geo", "g.mmdb"],
        &["hunt", "h.toml", "audit.log"],
        &["doctor", "--rules", "a.rules"],
    ] {
        says(&place, arguments, &[&who, &format!("usermod -aG {name} ")]);
    }
}

#[test]
fn the_state_of_a_service_is_used_as_its_user() {
    let Some(place) = place() else { return };
    let (name, user) = other("/etc/passwd");
    fs::create_dir(place.folder.path().join("lib")).expect("a folder");
    open_to(&place, "lib", user, user, 0o700);
    let state = ["--state", "lib/state"];
    let run_as = format!("sudo -u {name} oddsock COMMAND");
    let parts = ["\"lib\" belongs to", &run_as, "0700"];
    says(&place, &[&["history", "curl"], &state[..]].concat(), &parts);
    says(&place, &[&["learn", "audit.log"], &state[..]].concat(), &parts);
    // One that can be read and not written to: learning needs more than looking.
    let learnt = run(&place, user, &[&["learn", "audit.log"], &state[..]].concat());
    assert_eq!(learnt.status, 0, "{}", learnt.err);
    open_to(&place, "lib", user, user, 0o755);
    open_to(&place, "lib/state", user, user, 0o644);
    assert_eq!(run(&place, NOBODY, &[&["history", "curl"], &state[..]].concat()).status, 0);
    let learns = [&["learn", "audit.log"], &state[..]].concat();
    says(&place, &learns, &[&run_as]);
    assert!(!run(&place, NOBODY, &learns).err.contains("as root"));
}

#[test]
fn a_file_that_cannot_be_made_names_the_folder_and_who_may_write_there() {
    let Some(place) = place() else { return };
    let (name, group) = other("/etc/group");
    fs::create_dir(place.folder.path().join("out")).expect("a folder");
    open_to(&place, "out", 0, group, 0o775);
    let who = format!("\"out\" may be written to by the group \"{name}\"");
    for arguments in [
        &["connections", "audit.log", "--rejects", "out/r"] as &[&str],
        &["connections", "audit.log", "--checkpoint", "out/c"],
        &["report", "audit.log", "-o", "out/r.html"],
        &["learn", "audit.log", "--state", "out/s.db"],
        &["exceptions", "add", "--reason", "x", "process.name=curl", "--file", "out/new/e.toml"],
        &["exceptions", "add", "--reason", "x", "process.name=curl", "--file", "out/e.toml"],
        &["man", "--install", "out"],
    ] {
        says(&place, arguments, &[&who]);
    }
}

#[test]
fn what_is_in_the_way_is_named_also_above_the_file_and_behind_a_link() {
    let Some(place) = place() else { return };
    let (name, group) = other("/etc/group");
    place.write("closed/deep/audit.log", b"");
    std::os::unix::fs::symlink("closed/deep/audit.log", place.folder.path().join("link.log"))
        .expect("a link");
    open_to(&place, "closed", 0, group, 0o750);
    let who = format!("closed\" may be entered by the group \"{name}\"");
    says(&place, &["connections", "closed/deep/audit.log"], &[&who]);
    says(&place, &["connections", "link.log"], &[&who]);
    says(&place, &["replay", "audit.log", "--rules", "closed/deep"], &[&who]);
}

//! Rules that are read again while a log is followed: one more, one fewer, and one with another
//! filter.

use std::fs;

use oddsock::store::Store;

use super::days;
use super::run::{Folder, Run};

/// A rule about a field that no built-in rule asks about.
fn rule(field: &str, more: &str) -> String {
    format!(
        "[rule]\nname = \"By {field}\"\n\n[detector]\nname = \"of_{}\"\nby = \"{field}\"\n{more}",
        field.replace('.', "_")
    )
}

/// A rule that leaves a program out.
fn without(program: &str) -> String {
    format!(
        "\n[[detector.exclude]]\nfield = \"process.name\"\nvalues = [\"{program}\"]\n\
         reason = \"It is ours.\"\n"
    )
}

/// Has the rules read again, for the so-manieth time.
fn reload(folder: &Folder, run: &Run, times: usize) {
    run.signal("HUP");
    folder.wait("a reading", |_| folder.text("said").matches("were read again").count() == times);
}

/// Has it read some programs' connections.
fn read(folder: &Folder, quarter: u64, number: u64) {
    let before = folder.text("connections").lines().count();
    folder.append(days::crowd(quarter, number).as_bytes());
    folder.wait("the connections", |_| {
        folder.text("connections").lines().count() >= before + number as usize
    });
}

/// What was learnt of a field.
fn learnt(folder: &Folder, field: &str) -> Vec<String> {
    let store = Store::read(&folder.path("state")).unwrap();
    let values = store.values(Some(field), 1000).unwrap();
    values.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

#[test]
fn rules_that_are_read_again_learn_from_then_on_as_they_say_then() {
    let folder = Folder::new();
    let rules = folder.path("rules");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("programs.toml"), rule("process.executable", "")).unwrap();
    folder.append(b"");
    let run = folder.tail(&["--rules", "rules"]);
    read(&folder, 10, 2);
    // One rule more.
    fs::write(rules.join("addresses.toml"), rule("destination.ip", "")).unwrap();
    reload(&folder, &run, 1);
    read(&folder, 20, 4);
    // One fewer.
    fs::remove_file(rules.join("addresses.toml")).unwrap();
    reload(&folder, &run, 2);
    read(&folder, 30, 6);
    // One that says something else.
    let changed = rule("process.executable", &without("new-40-1"));
    fs::write(rules.join("programs.toml"), changed).unwrap();
    reload(&folder, &run, 3);
    read(&folder, 40, 3);
    assert_eq!(run.end(), 0, "{}", folder.text("said"));
    let addresses = learnt(&folder, "destination.ip");
    assert_eq!(addresses, ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    let programs = learnt(&folder, "process.executable");
    let is_learnt = |name: &str| programs.contains(&format!("/usr/bin/{name}"));
    assert!(is_learnt("new-10-1") && is_learnt("new-20-3") && is_learnt("new-30-5"));
    assert!(is_learnt("new-40-0") && is_learnt("new-40-2"));
    assert!(!is_learnt("new-40-1"), "the filter that was read again leaves it out");
}

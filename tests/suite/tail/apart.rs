//! What is written has files of its own: nothing is put in the place of the log, into the state or
//! where something else is written.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Output, Stdio};

use super::days;
use super::run::{Folder, Run};

/// The outcome of a start that is to be refused.
fn refused(folder: &Folder, arguments: &[&str]) -> String {
    let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
    let Output { status, stderr, .. } = command.args(arguments).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{arguments:?}: {said}");
    said
}

#[test]
fn no_output_is_put_where_the_log_the_state_or_the_settings_are() {
    let folder = Folder::new();
    let log = days::log(2, 3);
    folder.append(log.as_bytes());
    fs::write(folder.path("rules.toml"), "[rule]\nname = \"Mine\"\n").unwrap();
    symlink("audit.log", folder.path("link")).unwrap();
    fs::hard_link(folder.path("audit.log"), folder.path("hard")).unwrap();
    let of_the_log = ["audit.log", "./audit.log", "link", "hard", "audit.log.1", "audit.log.2.gz"];
    let of_the_state = ["state", "state-journal", "state-lock"];
    for option in ["--connections", "--to-file", "--metrics"] {
        for path in of_the_log {
            let said = refused(&folder, &[option, path]);
            assert!(said.contains(&format!("{option} and the log are one file")), "{said}");
        }
        for path in of_the_state {
            let said = refused(&folder, &[option, path]);
            assert!(said.contains(&format!("{option} and the state are one file")), "{said}");
        }
        let said = refused(&folder, &[option, "rules.toml", "--rules", "rules.toml"]);
        assert!(said.contains("a file of rules or exceptions"), "{said}");
    }
    assert_eq!(folder.text("audit.log"), log);
    assert!(!folder.path("state").exists(), "a refusal makes no file");
}

#[test]
fn no_two_outputs_are_one_file_and_standard_output_is_one_of_them() {
    let folder = Folder::new();
    let log = days::log(2, 3);
    folder.append(log.as_bytes());
    let said = refused(&folder, &["--connections", "one", "--to-file", "./one"]);
    assert!(said.contains("--to-file and --connections are one file, \"./one\""), "{said}");
    let said = refused(&folder, &["--to-file", "one", "--metrics", "one"]);
    assert!(said.contains("--metrics and --to-file are one file"), "{said}");
    assert!(!folder.path("one").exists());
    for (option, path) in [("--connections", "shown"), ("the log", "audit.log")] {
        let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
        command.args((option != "the log").then_some([option, path]).into_iter().flatten());
        let shown = fs::OpenOptions::new().append(true).create(true).open(folder.path(path));
        let Output { status, stderr, .. } = command.stdout(shown.unwrap()).output().unwrap();
        let said = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(2), "{said}");
        assert!(said.contains("standard output") && said.contains(option), "{said}");
    }
    assert_eq!(folder.text("audit.log"), log);
}

#[test]
fn what_is_no_file_may_be_shared_and_names_that_are_alike_are_not_the_same() {
    let folder = Folder::new();
    folder.append(days::log(2, 3).as_bytes());
    for connections in ["/dev/null", "audit.log.json", "audit.logs", "states", "state.1"] {
        let _ = fs::remove_file(folder.path("state"));
        let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
        command.args(["--connections", connections]).stdout(Stdio::null());
        let run = Run { child: command.stderr(folder.appending("said")).spawn().unwrap() };
        let is_begun = || folder.text("said").contains("following");
        folder.wait(connections, |_| is_begun());
        assert_eq!(run.end(), 0, "{connections}");
        fs::remove_file(folder.path("said")).unwrap();
    }
}

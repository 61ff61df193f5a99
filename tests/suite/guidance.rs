//! Help that guides: what is said to whoever does not know, or slips.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::place::Place;

const ODDSOCK: &str = env!("CARGO_BIN_EXE_oddsock");

#[track_caller]
fn says(arguments: &[&str], parts: &[&str]) {
    let ran = Place::with_scene().oddsock(arguments);
    assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.err);
    for part in parts {
        assert!(ran.err.contains(part), "{arguments:?}: {part}: {}", ran.err);
    }
}

#[test]
fn a_slip_in_a_command_an_option_or_a_value_is_told_with_what_may_be_meant() {
    says(&["replya"], &["'replya'", "'replay'"]);
    says(&["baseline", "shw"], &["'show'"]);
    says(&["replay", "--fromat", "csv"], &["'--format'"]);
    says(&["replay", "--format", "ndjsno"], &["'ndjson'"]);
    says(&["connections", "--outcome", "sucess"], &["did you mean \"success\"?"]);
    says(&["connections", "--action", "conect"], &["did you mean \"connect\"?"]);
    says(&["replay", "--rule", "proces_new_to_a_host", "audit.log"], &["process_new_to_a_host"]);
    says(&["man", "conections"], &["\"connections\""]);
}

#[test]
fn without_a_command_there_is_help_that_says_how_to_begin() {
    let ran = Place::new().oddsock(&[]);
    assert_eq!(ran.status, 2);
    for part in ["To begin:", "oddsock connections", "oddsock man"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn short_help_fits_a_screen_or_two_and_long_help_has_examples() {
    let place = Place::new();
    for command in oddsock::cli::command().get_subcommands().filter(|c| !c.is_hide_set()) {
        let name = command.get_name();
        let (short, long) = (place.oddsock(&[name, "-h"]), place.oddsock(&[name, "--help"]));
        assert_eq!((short.status, long.status), (0, 0), "{name}");
        assert!(short.out.lines().count() <= 70, "{name}: {}", short.out.lines().count());
        assert!(!short.out.contains("Examples:"), "{name}");
        assert!(long.out.contains("\nExamples:\n"), "{name}");
    }
}

#[test]
fn a_state_that_is_not_named_can_be_set_once() {
    says(&["history", "nc"], &["--state <FILE>", "oddsock man oddsock.toml"]);
    // The nearest neighbour: what is missing cannot be set.
    let ran = Place::new().oddsock(&["history", "--state", "s.db"]);
    assert!(!ran.err.contains("oddsock.toml"), "{}", ran.err);
}

#[test]
fn standard_input_that_is_a_terminal_is_told_with_its_end() {
    if !Path::new("/usr/bin/script").exists() {
        println!("left out: there is no script(1)");
        return;
    }
    // Nobody types anything: what is said is said before that.
    let command = format!("timeout 1 {ODDSOCK} connections -");
    let ran = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .stdin(Stdio::null())
        .output()
        .expect("script");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(said.contains("Ctrl-D"), "{said}");
}

//! What is set in files and in the environment, and which of it counts.

use std::process::Command;

use crate::place::{Place, Ran};

/// A place with a log and a user's file of settings.
fn place(settings: &str) -> Place {
    let place = Place::with_scene();
    place.write("config/oddsock/oddsock.toml", settings.as_bytes());
    place
}

/// Runs any command there, with these variables.
fn run(place: &Place, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = place.program(arguments);
    command.env("XDG_CONFIG_HOME", place.folder.path().join("config"));
    command.envs(variables.iter().copied());
    Ran::of(&command.output().expect("it runs"))
}

/// How `oddsock connections` begins its output.
#[track_caller]
fn check(place: &Place, variables: &[(&str, &str)], arguments: &[&str], begin: &str) {
    let ran = run(place, variables, &[&["connections", "audit.log"], arguments].concat());
    assert!(ran.out.starts_with(begin), "{arguments:?}: {}{}", ran.out, ran.err);
}

#[test]
fn an_option_counts_more_than_the_environment_and_that_more_than_the_user_s_file() {
    let place = place("[connections]\nformat = \"csv\"\n");
    let variable = [("ODDSOCK_CONNECTIONS_FORMAT", "ndjson")];
    check(&place, &[], &[], "time,host,");
    check(&place, &variable, &[], "{\"@timestamp\"");
    check(&place, &variable, &["--format", "table"], "TIME ");
    // The nearest neighbours: a variable that is empty, and one of another command.
    check(&place, &[("ODDSOCK_CONNECTIONS_FORMAT", "")], &[], "time,host,");
    check(&place, &[("ODDSOCK_REPLAY_FORMAT", "ndjson")], &[], "time,host,");
}

#[test]
fn a_command_that_needs_a_state_takes_the_one_that_is_set() {
    let place = place("state = \"kept.db\"\n");
    let learnt = run(&place, &[], &["learn", "audit.log"]);
    assert_eq!(learnt.status, 0, "{}", learnt.err);
    // A name in a file is looked for beside the file.
    assert!(place.folder.path().join("config/oddsock/kept.db").exists());
    let shown = run(&place, &[], &["baseline", "show"]);
    assert_eq!(shown.status, 0, "{}", shown.err);
    let elsewhere = run(&place, &[("ODDSOCK_STATE", "other.db")], &["baseline", "show"]);
    assert!(elsewhere.err.contains("\"other.db\""), "{}", elsewhere.err);
}

#[test]
fn replay_does_not_learn_into_the_state_that_is_set_for_all() {
    let state = |settings: &str| {
        let place = place(settings);
        run(&place, &[], &["replay", "audit.log"]);
        place.folder.path().join("config/oddsock/kept.db").exists()
    };
    assert!(!state("state = \"kept.db\"\n"));
    assert!(state("[replay]\nstate = \"kept.db\"\n"));
}

#[test]
fn a_wrong_file_stops_the_command_with_place_and_suggestion_and_help_is_shown_all_the_same() {
    let place = place("color = \"auto\"\n[connections]\nfromat = \"csv\"\n");
    let ran = run(&place, &[], &["connections", "audit.log"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    for part in ["oddsock.toml:3:1: ", "\"fromat\"", "did you mean \"format\"?", "^^^^^^"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    for shown in [&["connections", "--help"][..], &["--help"], &["man", "oddsock.toml"]] {
        let ran = run(&place, &[], shown);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{shown:?}");
    }
}

#[test]
fn config_show_says_where_each_value_comes_from_and_is_a_file_of_settings_itself() {
    let place = place("jobs = 2\n\n[replay]\nmin-score = 60\n");
    let variables = [("ODDSOCK_COLOR", "never"), ("ODDSOCK_RULES", "/a:/b \"c\"")];
    let shown = run(&place, &variables, &["config", "show", "--origin"]);
    let line = |key: &str| {
        let mut lines = shown.out.lines().map(|line| line.split("  ").collect::<Vec<_>>());
        lines.find(|cells| cells[0].starts_with(key)).expect(key).join("  ")
    };
    assert!(line("color").ends_with("# ODDSOCK_COLOR"), "{}", shown.out);
    assert!(line("jobs = 2").ends_with("oddsock.toml\":1"), "{}", shown.out);
    assert!(line("min-score = 60").ends_with("oddsock.toml\":4"), "{}", shown.out);
    assert!(line("# state =").ends_with("# not set"), "{}", shown.out);
    assert!(line("# format = \"text\"").ends_with("# built in"), "{}", shown.out);
    let again = self::place(&shown.out);
    let same = run(&again, &[], &["config", "show"]);
    assert_eq!(same.out, run(&place, &variables, &["config", "show"]).out, "{}", same.err);
}

#[test]
fn config_check_tells_everything_that_is_wrong_with_a_file_before_it_is_used() {
    let place = place("jobs = 2\n");
    place.write("new.toml", b"colour = \"auto\"\njobs = 0\n");
    let wrong = run(&place, &[], &["config", "check", "new.toml"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("new.toml:1:1: "), "{}", wrong.err);
    assert!(wrong.err.contains("new.toml:2:8: "), "{}", wrong.err);
    let right = run(&place, &[], &["config", "check"]);
    assert_eq!(right.status, 0, "{}", right.err);
    assert!(right.out.contains("1 setting, nothing wrong"), "{}", right.out);
    let slip = run(&place, &[("ODDSOCK_JOB", "2")], &["config", "check"]);
    assert_eq!(slip.status, 2);
    assert!(slip.err.contains("did you mean \"ODDSOCK_JOBS\"?"), "{}", slip.err);
}

/// What is said of a file of settings with these bytes.
#[track_caller]
fn said_of(bytes: &[u8], parts: &[&str]) {
    let place = place("");
    place.write("config/oddsock/oddsock.toml", bytes);
    for arguments in [&["config", "check"][..], &["config", "show", "--origin"], &["replay"]] {
        let ran = run(&place, &[], arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.err);
        for part in parts {
            assert!(ran.err.contains(part), "{arguments:?}: {part}: {}", ran.err);
        }
        assert!(ran.err.len() < 2000, "{}", ran.err.len());
    }
}

#[test]
fn a_file_that_is_no_text_or_no_toml_is_told_with_line_column_and_what_to_do() {
    said_of(b"\xff\xfes\0t\0", &["oddsock.toml:1:1: this is UTF-16; save the file as UTF-8"]);
    said_of(b"jobs = 2\n# caf\xe9\n", &["oddsock.toml:2:6: ", "not of UTF-8", "save the file"]);
    said_of(b"state = \"a\0b\"\n", &["oddsock.toml:1:11: this is no TOML"]);
    said_of("[".repeat(5000).as_bytes(), &["oddsock.toml:1:3: this is no TOML"]);
    said_of(format!("state = {}", "[".repeat(100_000)).as_bytes(), &["recurse"]);
    said_of(b"jobs = 2\njobs = 3\n", &["oddsock.toml:2:1: ", "duplicate key"]);
    said_of(&b"# padding\n".repeat(1 << 20), &["larger than 1024 KiB"]);
    // What editors of other systems write is a file like any other.
    let place = place("\u{feff}jobs = 2\r\n\r\n[replay]\r\nmin-score = 60\r\n");
    let ran = run(&place, &[], &["config", "check"]);
    assert!(ran.status == 0 && ran.out.contains("2 settings, nothing wrong"), "{}", ran.err);
}

#[test]
fn a_value_of_the_wrong_kind_or_in_the_wrong_place_is_told_with_what_is_right() {
    said_of(b"state = 3\n", &["oddsock.toml:1:9: state takes the name of a file, in quotes"]);
    said_of(
        b"[replay]\nformat = \"ndjsn\"\n",
        &[":2:10: ", "text, ndjson, csv; did you mean \"ndjson\"?"],
    );
    said_of(b"[[replay]]\n", &[":1:3: ", "write its settings below [replay]"]);
    said_of(b"format = \"csv\"\n", &[":1:1: ", "below its name, such as [connections]"]);
    said_of(b"[repaly]\n", &[":1:2: ", "did you mean \"replay\"?"]);
    said_of(b"[replay]\nmin-scroe = 3\n", &[":2:1: ", "did you mean \"min-score\"?"]);
    said_of(b"[replay]\nmin-score = [3]\n", &[":2:13: ", "takes no list"]);
}

#[test]
fn what_is_no_file_is_not_read_and_nobody_waits_for_it() {
    use std::os::unix::fs::symlink;
    let settings = "config/oddsock/oddsock.toml";
    for make in ["mkdir", "mkfifo"] {
        let place = place("");
        let path = place.folder.path().join(settings);
        std::fs::remove_file(&path).expect("removed");
        assert!(Command::new(make).arg(&path).status().expect(make).success());
        let ran = run(&place, &[], &["connections", "audit.log"]);
        assert!(ran.status == 2 && ran.err.contains("no regular file"), "{make}: {}", ran.err);
    }
    let place = place("");
    let path = place.folder.path().join(settings);
    std::fs::remove_file(&path).expect("removed");
    symlink("/dev/zero", &path).expect("a link");
    let ran = run(&place, &[], &["config", "show"]);
    assert!(ran.status == 2 && ran.err.contains("no regular file"), "{}", ran.err);
}

#[test]
fn nothing_in_a_file_of_settings_acts_on_the_terminal() {
    let place = place("\"a\\u001b[2J\" = \"\u{202e}\"\n[replay]\nformat = \"\\u001b[2J\"\n");
    for arguments in [&["config", "check"][..], &["replay"], &["config", "show"]] {
        let ran = run(&place, &[], arguments);
        assert_eq!(ran.status, 2);
        assert!(!(ran.err + &ran.out).contains(['\u{1b}', '\u{202e}']), "{arguments:?}");
    }
}

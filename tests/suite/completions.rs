//! Completions, as real shells ask for them: what they offer, and what of it a shell would run.
//!
//! A shell that is not installed is left out, and that is said.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::place::{Place, Ran};

const ODDSOCK: &str = env!("CARGO_BIN_EXE_oddsock");

/// What a shell does to complete the words `$@`, of which the last is not finished.
const BASH: &str = r#"
source <(oddsock completions bash)
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9
_clap_complete_oddsock oddsock "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

const ZSH: &str = r#"
compdef() { }
_describe() { local name=$3; print -rl -- ${(P)name} }
source <(oddsock completions zsh)
words=("$@"); CURRENT=$#
_clap_dynamic_completer_oddsock
"#;

const FISH: &str = r#"
oddsock completions fish | source
complete -C (string join ' ' -- $argv)
"#;

/// A folder with a log, a rule, a state and settings that name them.
fn place() -> Place {
    let place = Place::with_scene();
    let rule = oddsock::rules::Catalogue::builtin().rules()[0]
        .text
        .replace("Unusual Linux Network Activity", "Own");
    let rule = rule.replace("unusual_linux_network_activity", "own_rule");
    place.write("own.toml", rule.as_bytes());
    let learnt = run(&place, Command::new(ODDSOCK).args(["learn", "--state", "s.db", "audit.log"]));
    assert_eq!(learnt.status, 0, "{}", learnt.err);
    place
}

fn run(place: &Place, command: &mut Command) -> Ran {
    let programs = Path::new(ODDSOCK).parent().expect("a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    command.current_dir(place.folder.path()).env("PATH", format!("{programs}:{path}"));
    command.env("HOME", place.folder.path()).env_remove("XDG_CONFIG_HOME").stdin(Stdio::null());
    Ran::of(&command.output().expect("it runs"))
}

/// What each shell that is there offers for a command line, without descriptions.
fn offered(place: &Place, line: &[&str]) -> Vec<(&'static str, Vec<String>)> {
    let shells = [("bash", BASH, "-c"), ("zsh", ZSH, "-fc"), ("fish", FISH, "-c")];
    let mut all = Vec::new();
    for (shell, script, option) in shells {
        if Command::new(shell).arg("--version").output().is_err() {
            println!("left out: there is no {shell}");
            continue;
        }
        let mut command = Command::new(shell);
        command.args([option, script]);
        if shell != "fish" {
            command.arg("shell");
        }
        let ran = run(place, command.args(line));
        assert_eq!(ran.err, "", "{shell}: {line:?}");
        let value = |line: &str| match shell {
            "zsh" => line.replace("\\:", "\0").split(':').next().unwrap_or("").replace('\0', ":"),
            _ => line.split('\t').next().unwrap_or_default().to_owned(),
        };
        all.push((shell, ran.out.lines().map(value).filter(|v| !v.is_empty()).collect()));
    }
    all
}

#[track_caller]
fn offers(place: &Place, line: &[&str], expected: &[&str]) {
    for (shell, offered) in offered(place, line) {
        assert_eq!(offered, expected, "{shell}: {line:?}");
    }
}

#[test]
fn commands_and_options_are_completed_also_those_that_come_later() {
    let place = place();
    for (shell, offered) in offered(&place, &["oddsock", ""]) {
        for command in oddsock::cli::command().get_subcommands().filter(|c| !c.is_hide_set()) {
            let name = command.get_name();
            assert!(offered.iter().any(|offer| offer == name), "{shell}: {name}: {offered:?}");
        }
    }
    offers(&place, &["oddsock", "comp"], &["completions"]);
    offers(&place, &["oddsock", "replay", "--min"], &["--min-score"]);
    offers(&place, &["oddsock", "replay", "--color", "a"], &["auto", "always"]);
    offers(&place, &["oddsock", "completions", "f"], &["fish"]);
    for (option, begun, expected) in [
        ("--action", "a", "accept"),
        ("--outcome", "in", "in-progress"),
        ("--family", "v", "vsock"),
    ] {
        offers(&place, &["oddsock", "connections", option, begun], &[expected]);
        offers(&place, &["oddsock", "summary", option, begun], &[expected]);
    }
    offers(&place, &["oddsock", "tail", "--format", "n"], &["ndjson"]);
    offers(&place, &["oddsock", "tail", "--format", "c"], &[]);
    offers(&place, &["oddsock", "doctor", "--arch", "aa"], &["aarch64"]);
    offers(&place, &["oddsock", "audit-rules", "--arch", "x"], &["x86_64"]);
}

#[test]
fn rules_are_completed_with_those_of_files_that_were_named() {
    let place = place();
    let rule = "unusual_linux_network_port_activity";
    offers(&place, &["oddsock", "replay", "--rule", "unusual_linux_network_p"], &[rule]);
    offers(&place, &["oddsock", "replay", "--rule", "own"], &[]);
    let named = ["oddsock", "replay", "--rules", "own.toml", "--rule", "own"];
    offers(&place, &named, &["own_rule"]);
    offers(&place, &["oddsock", "rules", "show", "process_n"], &["process_new_to_a_host"]);
}

#[test]
fn a_hunt_is_completed_where_a_hunt_stands_and_files_everywhere_else() {
    let place = place();
    place.write("low.toml", b"");
    let hunt = "low_volume_external_connections";
    offers(&place, &["oddsock", "hunt", "low_"], &[hunt]);
    offers(&place, &["oddsock", "hunt", "low"], &[hunt, "low.toml"]);
    offers(&place, &["oddsock", "hunt", "low.toml", "aud"], &["audit.log"]);
    offers(&place, &["oddsock", "hunt", "--format", "csv", "--explain", "low_"], &[hunt]);
    // The logs come behind the hunt, and there is none beside a query.
    offers(&place, &["oddsock", "hunt", hunt, "low"], &["low.toml"]);
    offers(&place, &["oddsock", "hunt", "--query", "from x", "low"], &["low.toml"]);
    offers(&place, &["oddsock", "hunts", "show", "low"], &[hunt, "low.toml"]);
    offers(&place, &["oddsock", "replay", "--hunts", "low"], &[hunt, "low.toml"]);
}

#[test]
fn alerts_and_what_can_be_counted_by_are_completed() {
    let place = place();
    let samples = crate::shared::project().join("samples/incident");
    let replayed =
        ["replay", "--state", "alerts.db", "--exit-zero", samples.to_str().expect("text")];
    let replayed = run(&place, Command::new(ODDSOCK).args(replayed));
    assert_eq!(replayed.status, 0, "{}", replayed.err);
    offers(&place, &["oddsock", "explain", "--state", "alerts.db", "3935"], &["393519dc763cff48"]);
    offers(&place, &["oddsock", "explain", "3935"], &[]);
    offers(&place, &["oddsock", "summary", "--by", "po"], &["port"]);
    // An alert and an exception are both named by an id, and are not the same.
    offers(&place, &["oddsock", "exceptions", "add", "--id", ""], &[]);
}

#[test]
fn hosts_ports_and_programs_are_completed_from_the_state_that_is_named_or_set() {
    let place = place();
    let history = |more: &'static [&str]| [&["oddsock", "history"], more].concat();
    offers(&place, &history(&["--state", "s.db", "cu"]), &["curl"]);
    offers(&place, &history(&["--state=s.db", "--partition", "we"]), &["web1"]);
    offers(&place, &history(&["--state", "none.db", "cu"]), &[]);
    let forget = ["oddsock", "baseline", "forget", "--state", "s.db", "--host", "we"];
    offers(&place, &forget, &["web1"]);
    offers(&place, &["oddsock", "connections", "--node", "we"], &[]);
    place.write(".config/oddsock/oddsock.toml", b"state = \"../../s.db\"\n");
    offers(&place, &["oddsock", "connections", "--node", "we"], &["web1"]);
    offers(&place, &["oddsock", "connections", "--port", "4"], &["443"]);
    offers(&place, &history(&["cu"]), &["curl"]);
    // Settings that are wrong are told by the commands, not in the middle of a line.
    place.write(".config/oddsock/oddsock.toml", b"stat = 1\n");
    offers(&place, &["oddsock", "connections", "--node", "we"], &[]);
    offers(&place, &["oddsock", "replay", "--min"], &["--min-score"]);
}

#[test]
fn nothing_that_others_have_named_is_run_or_acts_on_the_terminal() {
    let place = place();
    place.write("evil$(touch pwned).log", b"");
    place.write("evil\n\u{1b}[2J.log", b"");
    // Shown as if it were called evil.exe, and as if it were the one above.
    place.write("evil\u{202e}exe.log", b"");
    place.write("evil$(touch pwned).log\u{200b}", b"");
    place.write("evil \u{301}.log", b"");
    for (shell, offered) in offered(&place, &["oddsock", "connections", "evil"]) {
        let offer = offered.first().expect("a file");
        assert_eq!(offered.len(), 1, "{shell}: {offered:?}");
        if shell == "bash" {
            // What bash puts into the line is what it will run.
            let line = format!("printf '%s' {offer}");
            let ran = run(&place, Command::new("bash").args(["-c", &line]));
            assert_eq!(ran.out, "evil$(touch pwned).log");
        } else {
            // These two quote what they insert.
            assert_eq!(offer, "evil$(touch pwned).log", "{shell}");
        }
    }
    assert!(!place.folder.path().join("pwned").exists());
}

//! What each module may know of the others, and how long files may be.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shared::project;

/// Files that may be longer than 400 lines: tables.
const LONG: [(&str, &str); 1] = [("src/audit/syscalls.rs", "the calls of every architecture")];

/// Files whose lines may be longer than 100 columns.
const WIDE: [(&str, &str); 1] = [("src/output/table_tests.rs", "tables as they are printed")];

/// A wall: what files below a path may not mention.
const WALLS: &[(&str, &str)] = &[
    ("src/access.rs", "input audit engine rules alert output store reading documents report cli"),
    (
        "src/hindrance.rs",
        "input audit engine rules alert output store reading documents report cli",
    ),
    ("src/input/", "audit engine rules alert output store reading documents report cli"),
    ("src/audit/", "input engine rules alert output store reading documents report cli"),
    ("src/engine/", "input audit rules alert output store reading documents report cli"),
    ("src/rules/", "input alert output store reading documents report cli"),
    ("src/hunt/", "audit input engine alert output store reading documents report cli"),
    // Names in a sentence are spelled as everywhere; how alerts are shown is not known.
    ("src/alert/", "input audit output::alerts output::{ store reading documents report cli"),
    ("src/output/", "input store reading report cli"),
    ("src/output/alerts/", "audit report"),
    ("src/store/", "input audit rules alert output reading documents deliver report cli"),
    ("src/deliver/", "input audit rules documents reading report cli"),
    ("src/documents/", "input engine::ledger alert output store reading report cli"),
    ("src/doctor/", "input engine alert output store reading documents report cli"),
    (
        "src/service/",
        "input audit engine rules alert output deliver store reading documents report cli",
    ),
    ("src/counts/", "input audit rules alert output store reading documents report cli"),
    ("src/report/", "input audit store reading documents cli"),
    ("src/reading.rs", "engine rules alert output store documents report cli"),
    ("src/reading/", "input engine rules alert output store documents report cli"),
];

/// What only the command line may see, whose name does not begin with `src/cli/` or is no test.
const WORLD: [&str; 9] = [
    "std::env",
    "env::var",
    "io::stdout",
    "io::stderr",
    "io::stdin",
    "println!",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
];

/// What may see part of it all the same.
const WINDOWS: [(&str, &str, &str); 3] = [
    ("src/main.rs", "std::env", "hands the arguments to the command line"),
    ("src/input/opened.rs", "io::stdin", "`-` is a file like any other"),
    ("src/input/opened.rs", "Timestamp::now", "text without a year in a pipe is from before now"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file of these folders by its name in the project, and its text.
fn files(folders: &[&str]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for folder in folders.iter().map(|folder| project().join(folder)).filter(|f| f.exists()) {
        sources(&folder, &mut paths);
    }
    paths.sort();
    let name = |path: &Path| path.strip_prefix(project()).expect("inside").display().to_string();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("text"))).collect()
}

/// The code of a file: its lines without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn no_module_knows_what_is_beyond_its_walls() {
    let mut broken = Vec::new();
    for (name, text) in files(&["src"]) {
        for (_, forbidden) in WALLS.iter().filter(|(folder, _)| name.starts_with(folder)) {
            for line in code(&text) {
                let names = |module: &&str| line.contains(&format!("crate::{module}"));
                let seen = forbidden.split(' ').find(names);
                broken.extend(seen.map(|module| format!("{name} uses crate::{module}")));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_walls_are_where_the_code_is() {
    let files = files(&["src"]);
    for (folder, _) in WALLS {
        assert!(files.iter().any(|(name, _)| name.starts_with(folder)), "{folder}");
    }
    for (long, _) in LONG {
        assert!(files.iter().any(|(name, _)| name == long), "{long}");
    }
}

#[test]
fn only_the_command_line_sees_the_world() {
    let mut broken = Vec::new();
    for (name, text) in files(&["src"]).iter().filter(|(name, _)| !name.starts_with("src/cli/")) {
        // Unit tests stand at the end of a file and may see what they like.
        let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for thing in WORLD.iter().filter(|thing| code(own).any(|line| line.contains(**thing))) {
            let is_known = WINDOWS.iter().any(|window| (window.0, window.1) == (name, thing));
            if !is_known && !name.ends_with("_tests.rs") {
                broken.push(format!("{name} sees {thing}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn only_the_vocabulary_knows_linux_audit_parser() {
    let files = files(&["src"]);
    let knows = |text: &str| code(text).any(|line| line.contains("linux_audit_parser"));
    let who: Vec<_> =
        files.iter().filter(|(_, text)| knows(text)).map(|(name, _)| name.as_str()).collect();
    assert_eq!(who, ["src/audit/vocabulary.rs"]);
}

/// A mistake of the reader cannot hide in the logs that it is measured on.
#[test]
fn who_writes_the_logs_of_the_benches_knows_nothing_of_who_reads_them() {
    let files = files(&["benches/corpus"]);
    let knows = |text: &str| code(text).any(|line| line.contains("oddsock::"));
    assert!(!files.is_empty() && !files.iter().any(|(_, text)| knows(text)));
}

#[test]
fn lines_have_at_most_100_columns() {
    let long: Vec<String> = files(&["src", "tests", "benches", "fuzz/fuzz_targets"])
        .iter()
        .filter(|(name, _)| !WIDE.iter().any(|(wide, _)| name == wide))
        .flat_map(|(name, text)| {
            text.lines()
                .enumerate()
                .filter(|(_, line)| line.chars().count() > 100)
                .map(move |(at, _)| format!("{name}:{}", at + 1))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn files_have_at_most_400_lines_but_for_tables() {
    let long: Vec<String> = files(&["src", "tests", "benches", "fuzz/fuzz_targets"])
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(name, lines)| *lines > 400 && !LONG.iter().any(|(long, _)| name == long))
        .map(|(name, lines)| format!("{name} has {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_module_is_on_the_front_page_and_in_the_table_of_walls() {
    let front = fs::read_to_string(project().join("src/lib.rs")).expect("text");
    let contributing = fs::read_to_string(project().join("CONTRIBUTING.md")).expect("text");
    let page: String = front.lines().filter(|line| line.starts_with("//!")).collect();
    let modules = front.lines().filter_map(|line| line.strip_prefix("pub mod "));
    for module in modules.map(|module| module.trim_end_matches(';')) {
        let is_shown = [format!("[`{module}`]"), format!("[`{module}::")];
        assert!(is_shown.iter().any(|name| page.contains(name)), "src/lib.rs: {module}");
        assert!(contributing.contains(&format!("| `{module}` |")), "CONTRIBUTING.md: {module}");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> = files(&["src", "tests", "benches", "fuzz/fuzz_targets"])
        .into_iter()
        .filter(|(name, text)| !text.starts_with("//! ") && !name.ends_with("_tests.rs"))
        .map(|(name, _)| name)
        .collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

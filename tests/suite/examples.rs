//! The examples of the manual that need more than the samples.
//!
//! They are run in a folder that has the files they name, if all they need is at hand; the rest,
//! root's too, must be commands that the program takes.

use std::fs;
use std::path::Path;

use crate::manual::{Example, examples, pages, read, run_in, scratch, text, unescaped, verbatim};

/// The programs that an example may use and still be run.
const AT_HAND: [&str; 9] =
    ["oddsock", "cat", "sort", "uniq", "head", "tail", "wc", "grep", "augenrules"];

/// Names of alerts in the manual that no log has.
const MADE_UP: &str = "7d1f04c2a9be3356";

fn all() -> Vec<(String, Example)> {
    let mut all = Vec::new();
    for page in pages() {
        let found = examples(&page.source, ".EX", ".EE", unescaped);
        all.extend(found.into_iter().map(|example| (page.file.clone(), example)));
    }
    let readme = examples(&read("README.md"), "```console", "```", verbatim);
    all.extend(readme.into_iter().map(|example| ("README.md".to_owned(), example)));
    all
}

/// The simple commands of a command line, as a shell would split them. What is behind a `>` or `<`
/// is no word of theirs.
pub fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut all, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let mut quote = None;
    let mut is_elsewhere = false;
    let end = |word: &mut Option<String>, words: &mut Vec<String>, is_elsewhere: &mut bool| {
        if let Some(word) = word.take() {
            if *is_elsewhere {
                *is_elsewhere = false;
            } else {
                words.push(word);
            }
        }
    };
    for letter in line.chars() {
        match (quote, letter) {
            (Some(q), _) if q == letter => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => end(&mut word, &mut words, &mut is_elsewhere),
            (None, '>' | '<') => {
                end(&mut word, &mut words, &mut is_elsewhere);
                is_elsewhere = true;
            }
            (None, '|' | '&' | ';' | '(' | ')') => {
                end(&mut word, &mut words, &mut is_elsewhere);
                is_elsewhere = false;
                all.push(std::mem::take(&mut words));
            }
            (None, _) => word.get_or_insert_default().push(letter),
        }
    }
    end(&mut word, &mut words, &mut is_elsewhere);
    all.push(words);
    all.retain(|words: &Vec<String>| !words.is_empty());
    all
}

#[test]
fn every_example_is_a_command_that_the_program_takes() {
    let mut taken = 0;
    for (place, example) in all() {
        for words in commands(&example.command) {
            let is_set = |word: &&String| word.starts_with("ODDSOCK_") && word.contains('=');
            let words: Vec<&String> = words.iter().skip_while(is_set).collect();
            if words.first().is_none_or(|program| *program != "oddsock") {
                continue;
            }
            let is_dates = |word: &&&String| ["-ts", "-te"].contains(&word.as_str());
            if words.iter().any(|word| is_dates(&word)) {
                // ausearch's spelling, which is put right before clap sees it.
                continue;
            }
            let parsed = oddsock::cli::command().try_get_matches_from(&words);
            if let Err(error) = parsed.as_ref() {
                assert!(!error.use_stderr(), "{place}: {}: {error}", example.command);
            }
            taken += 1;
        }
    }
    assert!(taken >= 60, "only {taken} commands were found");
}

#[test]
fn every_value_that_an_option_can_have_is_in_the_manual() {
    let pages = pages();
    let mut program = oddsock::cli::command();
    program.build();
    let has_value = |page: &str, value: &str| {
        let words = unescaped(page);
        let mut words = words.split(|c: char| !c.is_alphanumeric() && c != '-');
        words.any(|word| word == value)
    };
    for command in program.get_subcommands() {
        let file = format!("oddsock-{}.1", command.get_name());
        let Some(page) = pages.iter().find(|page| page.file == file) else { continue };
        for option in command.get_arguments().filter(|option| !option.is_hide_set()) {
            for value in option.get_possible_values().iter().filter(|value| !value.is_hide_set()) {
                let (name, id) = (value.get_name(), option.get_id());
                assert!(has_value(&page.source, name), "man/{file}: --{id} {name}");
            }
        }
    }
    let summary = read("man/oddsock-summary.1");
    for (short, _) in oddsock::summary::SHORT {
        assert!(summary.contains(&format!("\n.TP\n.B {short}\n")), "{short}");
    }
}

/// A folder that has what the examples call the reader's own.
fn of_a_reader() -> tempfile::TempDir {
    let folder = scratch();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let copy = |from: &str, to: &str| {
        let to = folder.path().join(to);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(samples.join(from), to).expect("a copy");
    };
    copy("node-web01.log", "audit.log");
    copy("node-web01.log", "today.log");
    copy("connections-raw.log", "audit.log.1");
    copy("incident/web-01.log.gz", "month/1.log.gz");
    copy("incident/web-01.log.gz", "evidence/web-01/audit.log.gz");
    for command in [
        "oddsock learn --state state.db samples/incident",
        "oddsock learn --state web.db samples/incident",
        "oddsock learn --state db.db samples/node-web01.log",
        "oddsock learn --state fleet.db samples/node-web01.log",
        "oddsock replay --exit-zero --format ndjson samples/incident > alerts.ndjson",
        "oddsock hunts show low_volume_external_connections > public_hunt.toml",
        "echo '[replay]' > new.toml",
    ] {
        let ran = run_in(folder.path(), command);
        assert!(ran.status.success(), "{command}: {}", text(&ran.stderr));
    }
    folder
}

#[test]
fn the_examples_that_name_the_readers_files_work_where_these_are() {
    let folder = of_a_reader();
    let mut ran = 0;
    for (place, example) in all() {
        let Example { command, is_roots, .. } = &example;
        let needs_more =
            ["samples", "tutorial.", MADE_UP, "ODDSOCK_", "source ", "<(", "~/.config"];
        let at_hand = |words: &Vec<String>| AT_HAND.contains(&words[0].as_str());
        if *is_roots
            || needs_more.iter().any(|part| command.contains(part))
            || !commands(command).iter().all(at_hand)
        {
            continue;
        }
        let command = command.replace(" /evidence", " evidence").replace("~/", "home/");
        let output = run_in(folder.path(), &command);
        let said = text(&output.stderr);
        // Nothing found, and alerts, are answers; 2 is wrong usage, or nothing that can be read.
        let is_answer = matches!(output.status.code(), Some(0 | 1));
        assert!(is_answer, "{place}: {command}: {}: {said}", output.status);
        ran += 1;
    }
    assert!(ran >= 20, "only {ran} examples could be run");
}

//! The manual says what the program does.
//!
//! The pages in `man/` and the README are read as text and held against the program: its options,
//! its fields, and what their examples print. Examples that need more than the samples and a shell
//! (root, jq, ausearch) are not run.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

const ODDSOCK: &str = env!("CARGO_BIN_EXE_oddsock");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The programs that an example may use and still be run.
const AT_HAND: [&str; 6] = ["oddsock", "cat", "sort", "uniq", "head", "wc"];

#[test]
fn every_option_is_in_the_manual_and_every_option_of_the_manual_exists() {
    let commands = [
        "connections",
        "replay",
        "report",
        "summary",
        "learn",
        "history",
        "explain",
        "doctor",
        "audit-rules",
        "hunt",
        "tail",
    ];
    for command in [None].into_iter().chain(commands.map(Some)) {
        let page = match command {
            None => "oddsock.1".to_owned(),
            Some(command) => format!("oddsock-{command}.1"),
        };
        let help = Command::new(ODDSOCK).args(command).arg("--help").output().unwrap();
        let in_help = long_options(options_of_help(&text(&help.stdout)));
        let in_page = long_options(terms(section(&read(&format!("man/{page}")), "OPTIONS")));
        assert!(in_help.contains("--help"), "{in_help:?}");
        assert_eq!(in_page, in_help, "left: man/{page}; right: --help");
    }
}

#[test]
fn every_option_of_commands_with_commands_is_in_the_manual_and_the_other_way_round() {
    for (command, parts) in [
        ("exceptions", &["add", "list", "remove", "test"][..]),
        ("baseline", &["show", "export", "merge", "forget"]),
        ("rules", &["list", "show"]),
        ("hunts", &["list", "show"]),
    ] {
        let help = |part: &&str| {
            let help = Command::new(ODDSOCK).args([command, part, "--help"]).output().unwrap();
            long_options(options_of_help(&text(&help.stdout)))
        };
        let in_help: BTreeSet<String> = parts.iter().flat_map(help).collect();
        let page = format!("man/oddsock-{command}.1");
        let in_page = long_options(terms(section(&read(&page), "OPTIONS")));
        assert_eq!(in_page, in_help, "left: {page}; right: --help");
    }
}

#[test]
fn the_example_of_an_exceptions_file_can_be_read() {
    let page = read("man/oddsock-exceptions.5");
    let mut exceptions = oddsock::alert::exceptions::Exceptions::default();
    for (at, example) in section(&page, "EXAMPLES").split("\n.EX\n").skip(1).enumerate() {
        let (example, _) = example.split_once("\n.EE").expect("an end");
        let lines: Vec<String> = example.lines().map(unescaped).collect();
        exceptions.add_file(&format!("example {at}"), &lines.join("\n")).unwrap();
    }
    assert!(exceptions.all().len() >= 3 && exceptions.profiles().all().len() == 1);
}

#[test]
fn every_field_of_every_sample_is_in_the_manual() {
    let described: BTreeSet<String> = terms(&read("man/oddsock-events.5"))
        .iter()
        .flat_map(|term| words(term).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let json = run("oddsock connections --family all --format ndjson samples");
    let fields: BTreeSet<String> = text(&json.stdout).lines().flat_map(keys).collect();
    assert!(fields.len() > 40, "{fields:?}");
    let missing: Vec<_> = fields.difference(&described).collect();
    assert!(missing.is_empty(), "not in man/oddsock-events.5: {missing:?}");
}

#[test]
fn the_examples_of_the_manual_and_the_readme_print_what_they_say() {
    let mut ran = 0;
    let pages = ["oddsock.1", "oddsock-connections.1", "oddsock-events.5", "oddsock-report.1"];
    for page in pages.into_iter().chain(["oddsock-summary.1", "oddsock-hunt.1"]) {
        let source = read(&format!("man/{page}"));
        ran += check_examples(page, examples(&source, ".EX", ".EE", unescaped));
    }
    ran += check_examples("README.md", examples(&read("README.md"), "```console", "```", verbatim));
    assert!(ran >= 10, "only {ran} examples could be run");
}

/// A command and what it is said to print; nothing said is nothing promised.
#[derive(Debug)]
struct Example {
    command: String,
    output: Vec<String>,
}

impl Example {
    /// Whether it needs the samples and programs that every machine has, and nothing else.
    fn can_be_run(&self) -> bool {
        let is_at_hand = |part: &str| {
            part.split_whitespace().next().is_some_and(|program| AT_HAND.contains(&program))
        };
        self.command.contains("samples") && self.command.split('|').all(is_at_hand)
    }
}

fn check_examples(place: &str, examples: Vec<Example>) -> usize {
    let to_run: Vec<Example> = examples.into_iter().filter(Example::can_be_run).collect();
    for example in &to_run {
        let Output { status, stdout, stderr } = run(&example.command);
        let (printed, said) = (text(&stdout), text(&stderr));
        assert!(status.success(), "{place}: {}: {status}: {said}", example.command);
        // One line of output may be broken into several in the manual, before a blank.
        let expected = example.output.join("\n").replace("\n \"", "\"");
        if !expected.is_empty() {
            assert_eq!(printed.trim_end(), expected, "{place}: {}", example.command);
        }
    }
    to_run.len()
}

/// Runs a command line in the source tree, with this build's program as `oddsock`.
fn run(command: &str) -> Output {
    let programs = Path::new(ODDSOCK).parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("sh")
        .args(["-c", command])
        .current_dir(ROOT)
        .env("PATH", format!("{programs}:{path}"))
        .env("TZ", "UTC")
        .output()
        .unwrap()
}

/// The commands between two marks that a user can type (`$ `), each with the lines below it.
fn examples(source: &str, begin: &str, end: &str, plain: fn(&str) -> String) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let (mut is_within, mut goes_on) = (false, false);
    for line in source.lines() {
        if line == begin || line == end {
            is_within = line == begin;
            continue;
        }
        let line = plain(line);
        let last = examples.last_mut();
        if !is_within || line.starts_with("# ") {
            continue;
        } else if let Some(last) = last.filter(|_| goes_on) {
            last.command.push_str(line.trim_end_matches('\\'));
        } else if let Some(command) = line.strip_prefix("$ ") {
            let command = command.trim_end_matches('\\').to_owned();
            examples.push(Example { command, output: Vec::new() });
        } else if let Some(last) = examples.last_mut() {
            last.output.push(line.trim_end().to_owned());
            continue;
        }
        goes_on = line.ends_with('\\');
    }
    examples
}

fn verbatim(line: &str) -> String {
    line.to_owned()
}

/// A line of a manual page without the escapes that it uses.
fn unescaped(line: &str) -> String {
    let escapes = [("\\-", "-"), ("\\(aq", "'"), ("\\fI", ""), ("\\fP", ""), ("\\fB", "")];
    let plain = escapes.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
    plain.replace("\\e", "\\")
}

/// What stands beside the descriptions: the line below each `.TP`, without its macro.
fn terms(source: &str) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let below = lines.windows(2).filter(|pair| pair[0] == ".TP").map(|pair| pair[1]);
    below
        .map(|line| {
            let (macro_, rest) = line.split_once(' ').unwrap_or(("", line));
            let rest = if macro_.starts_with('.') { rest } else { line };
            unescaped(rest)
        })
        .collect()
}

fn section<'s>(source: &'s str, name: &str) -> &'s str {
    let heading = format!("\n.SH {name}\n");
    let (_, rest) = source.split_once(&heading).unwrap_or_else(|| panic!("no section {name}"));
    rest.split("\n.SH ").next().unwrap_or(rest)
}

/// The lines of a help text that name options: `-f, --format <FORMAT>` and `[alias: --ts]`.
fn options_of_help(help: &str) -> Vec<String> {
    let is_of_options = |line: &&str| line.starts_with('-') || line.starts_with("[alias");
    help.lines().map(str::trim).filter(is_of_options).map(str::to_owned).collect()
}

fn long_options(lines: Vec<String>) -> BTreeSet<String> {
    let long = |word: &&str| word.starts_with("--") && word.len() > 2;
    lines.iter().flat_map(|line| words(line).filter(long)).map(str::to_owned).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', '"', '[', ']']).filter(|word| !word.is_empty())
}

/// The names of the fields of a JSON object, without those of objects within it.
fn keys(json: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let (mut depth, mut rest) = (0, json);
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            '"' => {
                let end = end_of_string(rest);
                if depth == 1 && rest[end + 1..].starts_with(':') {
                    keys.push(rest[..end].to_owned());
                }
                rest = &rest[end + 1..];
            }
            _ => {}
        }
    }
    keys
}

/// The place of the quote that ends a string.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    text.find(|letter| {
        let ends = letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    })
    .expect("a string that ends")
}

fn read(name: &str) -> String {
    let path = Path::new(ROOT).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn every_function_and_command_of_hunts_is_in_the_manual() {
    let page = read("man/oddsock-hunt.1");
    let words: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix(".BR ").or_else(|| line.strip_prefix(".B ")))
        .flat_map(|line| line.split([' ', ',']))
        .collect();
    for query in ["from logs-* | nothing", "from logs-* | eval x = nothing()"] {
        let said = oddsock::hunt::file::query("query", query).unwrap_err().message;
        let (_, names) = said.split_once("expected one of ").expect("what there is");
        for name in names.split(", ") {
            assert!(words.contains(name), "{name} is not in man/oddsock-hunt.1");
        }
    }
}

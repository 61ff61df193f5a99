//! The manual says what the program does.
//!
//! The pages in `man/` and the README are read as text and held against the program: its options,
//! its fields, and what their examples print. Examples that need more than the samples and a shell
//! are run by [`crate::examples`], or looked at.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use crate::examples::commands;

const ODDSOCK: &str = env!("CARGO_BIN_EXE_oddsock");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The programs that an example may use and still be run.
const AT_HAND: [&str; 7] = ["oddsock", "cat", "sort", "uniq", "head", "tail", "wc"];

#[test]
fn every_option_is_in_the_manual_and_every_option_of_the_manual_exists() {
    let pages = pages();
    let mut all = built();
    let own = options(&page_of(&pages, "oddsock").source);
    assert_eq!(own, ["-V", "-h", "--help", "--version"].map(str::to_owned).into(), "oddsock(1)");
    for page in pages.iter().filter(|page| page.is_of_commands()) {
        let described = |command: &&mut clap::Command| page.names(command.get_name());
        let commands = all.get_subcommands_mut().filter(described);
        let defined: BTreeSet<String> = commands.flat_map(|command| spellings(command)).collect();
        if !defined.is_empty() {
            let in_page = options(&page.source);
            assert_eq!(in_page, defined, "left: man/{}; right: the program", page.file);
        }
    }
}

#[test]
fn every_command_has_a_page_and_is_in_the_list_of_commands() {
    let pages = pages();
    let front = section(&page_of(&pages, "oddsock").source, "COMMANDS").to_owned();
    let listed: BTreeSet<String> = terms(&front)
        .iter()
        .filter_map(|term| words(term).next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect();
    let all = built();
    let is_shown =
        |command: &&clap::Command| !command.is_hide_set() && command.get_name() != "help";
    let commands: BTreeSet<String> =
        all.get_subcommands().filter(is_shown).map(|c| c.get_name().to_owned()).collect();
    assert_eq!(listed, commands, "left: COMMANDS of man/oddsock.1; right: the program");
    for command in commands {
        let mut pages = pages.iter().filter(|page| page.is_of_commands());
        assert!(pages.any(|page| page.names(&command)), "no page about oddsock {command} in man/");
    }
}

#[test]
fn every_page_has_the_sections_that_people_look_for_and_leads_to_pages_that_exist() {
    let pages = pages();
    let files: BTreeSet<&str> = pages.iter().map(|page| page.file.as_str()).collect();
    for page in &pages {
        for name in ["EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"] {
            let text = section(&page.source, name);
            let says = |line: &str| !line.starts_with('.') || line.contains(' ');
            assert!(text.lines().any(says), "{}: {name}", page.file);
        }
        for word in page.source.replace(" (", ".").split_whitespace().map(unescaped) {
            let file = word.split(')').next().unwrap_or_default();
            if word.starts_with("oddsock") && word.contains(')') && file.contains('.') {
                assert!(files.contains(file), "{} leads to {word}, which is not there", page.file);
            }
        }
    }
}

#[test]
fn every_command_has_examples_in_its_help_and_their_options_exist() {
    for command in built().get_subcommands_mut().filter(|command| command.get_name() != "help") {
        if command.is_hide_set() {
            continue;
        }
        let help = command.render_long_help().to_string();
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_default();
        let name = command.get_name().to_owned();
        assert!(examples.contains(&format!("oddsock {name}")), "oddsock {name} --help: no example");
        assert!(examples.contains("Exit status: "), "oddsock {name} --help: no exit status");
        let defined = spellings(command);
        let commands = examples.lines().flat_map(|line| line.split(['|', '&']));
        let own = commands.filter(|command| command.contains(&format!("oddsock {name}")));
        for option in own.flat_map(words).filter(|word| word.starts_with("--") && word.len() > 2) {
            assert!(defined.contains(option), "oddsock {name} --help: there is no {option}");
        }
    }
}

/// A page of the manual.
pub struct Page {
    pub file: String,
    pub source: String,
}

impl Page {
    /// Whether it is about a command, and not about files, ideas or a service.
    fn is_of_commands(&self) -> bool {
        self.file.ends_with(".1")
    }

    /// Whether it is about this command: its name section has it.
    fn names(&self, command: &str) -> bool {
        let section = section(&self.source, "NAME");
        let (names, _) = section.split_once(" \\- ").expect("names, a dash and what it does");
        unescaped(names).split(", ").any(|name| name.trim() == format!("oddsock-{command}"))
    }
}

pub fn pages() -> Vec<Page> {
    let entries = std::fs::read_dir(Path::new(ROOT).join("man")).expect("a folder");
    let name = |entry: std::fs::DirEntry| entry.file_name().into_string().expect("a name");
    let mut files: Vec<String> = entries.map(|entry| name(entry.expect("a page"))).collect();
    files.sort();
    files.into_iter().map(|file| Page { source: read(&format!("man/{file}")), file }).collect()
}

fn page_of<'p>(pages: &'p [Page], name: &str) -> &'p Page {
    pages.iter().find(|page| page.file == format!("{name}.1")).expect("a page")
}

/// The program's commands, with the help that clap adds to each.
fn built() -> clap::Command {
    let mut command = oddsock::cli::command();
    command.build();
    command
}

/// The options of a command and of the commands within it, in all their spellings.
fn spellings(command: &clap::Command) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for option in command.get_arguments().filter(|option| !option.is_hide_set()) {
        all.extend(option.get_short().map(|letter| format!("-{letter}")));
        let long = option.get_long_and_visible_aliases().unwrap_or_default();
        all.extend(long.iter().map(|long| format!("--{long}")));
    }
    let parts = command.get_subcommands().filter(|part| part.get_name() != "help");
    parts.for_each(|part| all.extend(spellings(part)));
    all
}

/// The options that a page describes. ausearch's with one dash and two letters are not clap's.
fn options(page: &str) -> BTreeSet<String> {
    let terms = terms(section(page, "OPTIONS"));
    let is_option =
        |word: &&str| word.starts_with('-') && (word.len() == 2) != word.starts_with("--");
    terms.iter().flat_map(|term| words(term).filter(is_option)).map(str::to_owned).collect()
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
    for page in pages() {
        ran += check_examples(&page.file, examples(&page.source, ".EX", ".EE", unescaped));
    }
    ran += check_examples("README.md", examples(&read("README.md"), "```console", "```", verbatim));
    assert!(ran >= 20, "only {ran} examples could be run");
}

/// A command and what it is said to print; nothing said is nothing promised.
#[derive(Debug)]
pub struct Example {
    pub command: String,
    pub output: Vec<String>,
    /// Whether the prompt is root's.
    pub is_roots: bool,
}

impl Example {
    /// Whether it needs the samples and programs that every machine has, and nothing else.
    fn can_be_run(&self) -> bool {
        let commands = commands(&self.command);
        let is_at_hand = |words: &Vec<String>| AT_HAND.contains(&words[0].as_str());
        let has_files = ["samples", "tutorial."].iter().any(|file| self.command.contains(file));
        !self.is_roots && has_files && commands.iter().all(is_at_hand)
    }
}

fn check_examples(place: &str, examples: Vec<Example>) -> usize {
    let folder = scratch();
    let to_run: Vec<Example> = examples.into_iter().filter(Example::can_be_run).collect();
    for example in &to_run {
        let Output { status, stdout, stderr } = run_in(folder.path(), &example.command);
        let (printed, said) = (text(&stdout), text(&stderr));
        let has_alerts = status.code() == Some(1) && example.command.starts_with("oddsock replay");
        assert!(status.success() || has_alerts, "{place}: {}: {status}: {said}", example.command);
        // One line of output may be broken into several in the manual, at a blank.
        let expected = example.output.join("\n");
        let is_same = if place.ends_with(".md") {
            printed.trim_end() == expected
        } else {
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            words(&printed) == words(&expected.replace("\n \"", "\""))
        };
        if !expected.is_empty() && !is_same {
            panic!("{place}: {}:\n{printed}\nexpected:\n{expected}", example.command);
        }
    }
    to_run.len()
}

/// A folder that has what examples read, and that they may write into.
pub fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for part in ["samples", "tests"] {
        symlink(Path::new(ROOT).join(part), folder.path().join(part)).expect("a link");
    }
    folder
}

/// Runs a command line in the source tree, with this build's program as `oddsock`.
fn run(command: &str) -> Output {
    run_in(Path::new(ROOT), command)
}

pub fn run_in(folder: &Path, command: &str) -> Output {
    let programs = Path::new(ODDSOCK).parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{programs}:{path}"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        // A reader may be anywhere, and times without a zone are local.
        .env("TZ", "Asia/Kathmandu")
        .output()
        .unwrap()
}

/// The commands between two marks that a user (`$ `) or root (`# `) can type, each with the lines
/// below it.
pub fn examples(source: &str, begin: &str, end: &str, plain: fn(&str) -> String) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let (mut is_within, mut goes_on) = (false, false);
    for line in source.lines() {
        if line == begin || line == end {
            is_within = line == begin;
            continue;
        }
        let line = plain(line);
        let last = examples.last_mut();
        if !is_within {
            continue;
        } else if let Some(last) = last.filter(|_| goes_on) {
            // Within quotes the end of a line is part of what is quoted.
            let glue = if is_open(&last.command) { "\n" } else { "" };
            last.command.push_str(&format!("{glue}{}", line.trim_end_matches('\\')));
        } else if let Some(command) = line.strip_prefix("$ ").or(line.strip_prefix("# ")) {
            let is_roots = line.starts_with('#');
            let command = command.trim_end_matches('\\').to_owned();
            examples.push(Example { command, output: Vec::new(), is_roots });
        } else if let Some(last) = examples.last_mut() {
            last.output.push(line.trim_end().to_owned());
            continue;
        }
        goes_on = line.ends_with('\\') || examples.last().is_some_and(|e| is_open(&e.command));
    }
    examples
}

/// Whether a command ends within quotes.
fn is_open(command: &str) -> bool {
    command.matches('\'').count() % 2 == 1
}

pub fn verbatim(line: &str) -> String {
    line.to_owned()
}

/// A line of a manual page without the escapes that it uses.
pub fn unescaped(line: &str) -> String {
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

pub fn read(name: &str) -> String {
    let path = Path::new(ROOT).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn text(bytes: &[u8]) -> String {
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
        for name in names.replace("; behind stats also ", ", ").split(", ") {
            assert!(words.contains(name), "{name} is not in man/oddsock-hunt.1");
        }
    }
}

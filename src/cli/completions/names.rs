//! Names that this machine has, for options whose values they are.
//!
//! In comes the program's definition; it goes out with candidates for some arguments. They are read
//! when somebody asks for them, from the rules, exceptions and state that are set, or named earlier
//! on the command line. What cannot be read has no names. Some stand here or beside the argument:
//! those of values that clap takes for any text.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};

use crate::cli::catalogue::Own;
use crate::cli::exceptions::files;
use crate::cli::{audit_rules, config, filter, man, tail};
use crate::hunt::builtin::hunts;
use crate::output::escape;
use crate::store::Store;
use crate::summary::SHORT;

/// How many names of a kind are offered at most.
const MOST: u32 = 10_000;

/// What the values of an argument are names of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Names {
    Rules,
    /// Hunts, or files of hunts, as each value of an argument.
    Hunts,
    /// A hunt as the first value of an argument, and files as all others.
    HuntAndFiles,
    Exceptions,
    Alerts,
    /// Short names to count by.
    Shorts,
    Pages,
    Hosts,
    /// The values that were seen of a field.
    Values(&'static str),
    /// The values that were seen of any field.
    AllValues,
    /// These, whoever asks.
    Words(&'static [&'static str]),
}

/// Which arguments have names: the command, also within another, or any; and the id.
const ARGUMENTS: [(Option<&str>, &str, Names); 22] = [
    (None, "rule", Names::Rules),
    (Some("rules"), "name", Names::Rules),
    (Some("replay"), "hunts", Names::Hunts),
    (Some("hunt"), "words", Names::HuntAndFiles),
    (Some("hunts"), "name", Names::Hunts),
    (Some("exceptions"), "rules", Names::Rules),
    (Some("exceptions remove"), "id", Names::Exceptions),
    (Some("man"), "page", Names::Pages),
    (None, "hosts", Names::Hosts),
    (None, "host", Names::Hosts),
    (None, "partition", Names::Hosts),
    (Some("explain"), "id", Names::Alerts),
    (Some("summary"), "by", Names::Shorts),
    (None, "processes", Names::Values("process.name")),
    (None, "ports", Names::Values("destination.port")),
    (Some("history"), "value", Names::AllValues),
    (Some("baseline"), "value", Names::AllValues),
    (Some("tail"), "format", Names::Words(&tail::FORMATS)),
    (None, "actions", Names::Words(&filter::ACTIONS)),
    (None, "outcomes", Names::Words(&filter::OUTCOMES)),
    (None, "families", Names::Words(&filter::FAMILIES)),
    (None, "machine", Names::Words(&audit_rules::MACHINES)),
];

/// The program, with the names that its arguments can have where the word at a place is completed.
pub fn with_names(program: Command, words: &[OsString], at: usize) -> Command {
    let given = Given { words: words.to_vec(), at };
    program.mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        named(command, &name, &name, &given)
    })
}

/// The command at a path, whose settings are those of the first of it.
fn named(command: Command, name: &str, path: &str, given: &Given) -> Command {
    let of = |argument: &Arg| {
        let is_of = |(of, id, _): &&(Option<&str>, &str, Names)| {
            of.is_none_or(|of| of == name || of == path) && argument.get_id() == *id
        };
        ARGUMENTS.iter().find(is_of).map(|(_, _, names)| *names)
    };
    let options = command.get_arguments().filter(|argument| takes_next_word(argument));
    let spelled = |option: &Arg| {
        let short = option.get_short().map(|letter| format!("-{letter}"));
        let long = option.get_long_and_visible_aliases().unwrap_or_default();
        short
            .into_iter()
            .chain(long.into_iter().map(|long| format!("--{long}")))
            .collect::<Vec<_>>()
    };
    let options: Vec<String> = options.flat_map(spelled).collect();
    let is_first = given.is_first(name, &options);
    let command = command.mut_args(|argument| match of(&argument) {
        None => argument,
        Some(names) => {
            let (given, command) = (given.clone(), name.to_owned());
            argument.add(ArgValueCompleter::new(Completer { names, command, given, is_first }))
        }
    });
    command.mut_subcommands(|within| {
        let path = format!("{path} {}", within.get_name());
        named(within, name, &path, given)
    })
}

/// Whether the word behind an option is its value.
fn takes_next_word(option: &Arg) -> bool {
    let takes_values = option.get_action().takes_values() && !option.is_require_equals_set();
    !option.is_positional() && takes_values
}

/// What answers for one argument.
struct Completer {
    names: Names,
    command: String,
    given: Given,
    /// Whether no argument without an option stands before it.
    is_first: bool,
}

impl ValueCompleter for Completer {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let files = || PathCompleter::any().complete(current);
        if self.names == Names::HuntAndFiles && (!self.is_first || self.given.has("--query")) {
            return files();
        }
        let begins = |name: &CompletionCandidate| {
            name.get_value().as_bytes().starts_with(current.as_bytes())
        };
        let mut all = self.given.all(self.names, &self.command);
        all.retain(begins);
        if matches!(self.names, Names::Hunts | Names::HuntAndFiles) {
            all.extend(files());
        }
        all
    }
}

/// What stands on the command line so far.
#[derive(Clone, Debug)]
struct Given {
    words: Vec<OsString>,
    /// Which of them is completed.
    at: usize,
}

impl Given {
    /// All names of a kind.
    fn all(&self, names: Names, command: &str) -> Vec<CompletionCandidate> {
        let found: Option<Vec<OsString>> = match names {
            Names::Rules => self.rules(command),
            Names::Alerts => return self.alerts(command).unwrap_or_default(),
            Names::Shorts => Some(SHORT.iter().map(|(short, _)| short.into()).collect()),
            Names::Hunts | Names::HuntAndFiles => {
                Some(hunts().iter().map(|hunt| hunt.name.clone().into()).collect())
            }
            Names::Exceptions => self.exceptions(command),
            Names::Pages => Some(man::names().map(OsString::from).collect()),
            Names::Hosts => self.state(command).and_then(|state| state.hosts(MOST).ok()).map(words),
            Names::Values(field) => self.values(command, Some(field)),
            Names::AllValues => self.values(command, None),
            Names::Words(words) => Some(words.iter().map(OsString::from).collect()),
        };
        found.unwrap_or_default().into_iter().map(CompletionCandidate::new).collect()
    }

    /// Whether all words between a command and that which is completed are options or their values.
    fn is_first(&self, command: &str, options: &[String]) -> bool {
        let before = &self.words[..self.at.min(self.words.len())];
        let mut words = before.iter().skip_while(|word| *word != command).skip(1);
        while let Some(word) = words.next() {
            if options.iter().any(|option| *word == option.as_str()) {
                words.next();
            } else if !word.as_bytes().starts_with(b"-") {
                return false;
            }
        }
        true
    }

    fn has(&self, option: &str) -> bool {
        let is_it = |word: &OsString| {
            let rest = word.as_bytes().strip_prefix(option.as_bytes());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"="))
        };
        self.words.iter().any(is_it)
    }

    /// Alerts that were made, each with its score and rule: an id says nothing to anybody.
    fn alerts(&self, command: &str) -> Option<Vec<CompletionCandidate>> {
        let alerts = self.state(command)?.alert_names(MOST).ok()?;
        let candidate = |(id, rule, score): (String, String, f64)| {
            let help = escape::harmless(&format!("{score:.0} {rule}"));
            CompletionCandidate::new(id).help(Some(help.into()))
        };
        Some(alerts.into_iter().map(candidate).collect())
    }

    fn rules(&self, command: &str) -> Option<Vec<OsString>> {
        let own = Own { rules: self.paths(command, "rules") };
        let catalogue = own.catalogue().ok()?;
        Some(catalogue.rules().iter().map(|rule| rule.name.clone().into()).collect())
    }

    fn exceptions(&self, command: &str) -> Option<Vec<OsString>> {
        let named = self.paths(command, "exceptions");
        let known = files::read_all(&named, &mut |_| {}).ok()?;
        Some(known.exceptions.all().iter().map(|exception| exception.id.clone().into()).collect())
    }

    fn values(&self, command: &str, field: Option<&str>) -> Option<Vec<OsString>> {
        self.state(command)?.values(field, MOST).ok().map(words)
    }

    fn state(&self, command: &str) -> Option<Store> {
        let paths = self.paths(command, "state");
        Store::read(Path::new(paths.last()?)).ok()
    }

    /// What an option is given on the command line, or else set to.
    fn paths(&self, command: &str, option: &str) -> Vec<PathBuf> {
        let long = format!("--{option}");
        let mut given = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            let joined = word.as_bytes().strip_prefix(long.as_bytes());
            match joined.map(|rest| rest.strip_prefix(b"=").ok_or(rest)) {
                Some(Ok(value)) => given.push(PathBuf::from(OsStr::from_bytes(value))),
                Some(Err(b"")) => given.extend(words.next().map(PathBuf::from)),
                _ => {}
            }
        }
        if given.is_empty() { config::paths(command, option) } else { given }
    }
}

fn words(names: Vec<Vec<u8>>) -> Vec<OsString> {
    names.iter().map(|name| OsStr::from_bytes(name).to_owned()).collect()
}

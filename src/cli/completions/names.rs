//! Names that this machine has, for options whose values they are.
//!
//! In comes the program's definition; it goes out with candidates for some arguments. They are read
//! when somebody asks for them, from the rules, exceptions and state that are set, or named earlier
//! on the command line. What cannot be read has no names.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};

use crate::cli::catalogue::Own;
use crate::cli::exceptions::files;
use crate::cli::{config, man};
use crate::hunt::builtin::hunts;
use crate::store::Store;

/// How many names of a kind are offered at most.
const MOST: u32 = 10_000;

/// What the values of an argument are names of.
#[derive(Clone, Copy, Debug)]
enum Names {
    Rules,
    Hunts,
    Exceptions,
    Pages,
    Hosts,
    /// The values that were seen of a field.
    Values(&'static str),
    /// The values that were seen of any field.
    AllValues,
}

/// Which arguments have names: the command, or any, and the id.
const ARGUMENTS: [(Option<&str>, &str, Names); 12] = [
    (None, "rule", Names::Rules),
    (Some("rules"), "name", Names::Rules),
    (Some("replay"), "hunts", Names::Hunts),
    (Some("exceptions"), "rules", Names::Rules),
    (Some("exceptions"), "id", Names::Exceptions),
    (Some("man"), "page", Names::Pages),
    (None, "hosts", Names::Hosts),
    (None, "partition", Names::Hosts),
    (None, "processes", Names::Values("process.name")),
    (None, "ports", Names::Values("destination.port")),
    (Some("history"), "value", Names::AllValues),
    (Some("baseline"), "value", Names::AllValues),
];

/// The program, with the names that its arguments can have.
pub fn with_names(program: Command, words: &[OsString]) -> Command {
    let given = Given { words: words.to_vec() };
    program.mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        named(command, &name, &given)
    })
}

fn named(command: Command, name: &str, given: &Given) -> Command {
    let of = |argument: &Arg| {
        let is_of = |(of, id, _): &&(Option<&str>, &str, Names)| {
            of.is_none_or(|of| of == name) && argument.get_id() == *id
        };
        ARGUMENTS.iter().find(is_of).map(|(_, _, names)| *names)
    };
    let command = command.mut_args(|argument| match of(&argument) {
        None => argument,
        Some(names) => {
            let (given, name) = (given.clone(), name.to_owned());
            let all = move || given.all(names, &name).into_iter().map(CompletionCandidate::new);
            argument.add(ArgValueCandidates::new(move || all().collect()))
        }
    });
    command.mut_subcommands(|within| named(within, name, given))
}

/// What stands on the command line so far.
#[derive(Clone, Debug)]
struct Given {
    words: Vec<OsString>,
}

impl Given {
    /// All names of a kind.
    fn all(&self, names: Names, command: &str) -> Vec<OsString> {
        let found = match names {
            Names::Rules => self.rules(command),
            Names::Hunts => Some(hunts().iter().map(|hunt| hunt.name.clone().into()).collect()),
            Names::Exceptions => self.exceptions(command),
            Names::Pages => Some(man::names().map(OsString::from).collect()),
            Names::Hosts => self.state(command).and_then(|state| state.hosts(MOST).ok()).map(words),
            Names::Values(field) => self.values(command, Some(field)),
            Names::AllValues => self.values(command, None),
        };
        found.unwrap_or_default()
    }

    fn rules(&self, command: &str) -> Option<Vec<OsString>> {
        let own = Own { rules: self.paths(command, "rules") };
        let catalogue = own.catalogue().ok()?;
        Some(catalogue.rules().iter().map(|rule| rule.name.clone().into()).collect())
    }

    fn exceptions(&self, command: &str) -> Option<Vec<OsString>> {
        let files = files::all(&self.paths(command, "exceptions")).ok()?;
        let read = files::read_all(&files).ok()?;
        Some(read.all().iter().map(|exception| exception.id.clone().into()).collect())
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

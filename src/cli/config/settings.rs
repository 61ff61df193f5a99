//! What can be set once instead of with each command: the table of settings.
//!
//! A setting is a default of an option. Everything else about it (what values it takes, whether it
//! is a list, which commands have it) is read from the option's own definition, so that a new
//! setting is a line here and a paragraph in oddsock.toml(5).

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};

use crate::rules::words::{meant, quoted};

/// An option that can be set.
#[derive(PartialEq, Eq, Debug)]
pub struct Setting {
    /// The id of its argument.
    pub argument: &'static str,
    /// Where it may stand.
    pub scope: Scope,
}

/// Where a setting may stand.
#[derive(PartialEq, Eq, Debug)]
pub enum Scope {
    /// At the top of a file for all commands that have the option, but for some; and in the table
    /// of any command that has it.
    Everywhere {
        /// The commands that it must be set for by name.
        but: &'static [&'static str],
    },
    /// In the table of a command alone, because it means something else in each.
    OneCommand,
}

const EVERYWHERE: Scope = Scope::Everywhere { but: &[] };

/// All settings.
pub const SETTINGS: [Setting; 8] = [
    // What replay is given may come from any machine. This one must not learn from it unasked.
    Setting { argument: "state", scope: Scope::Everywhere { but: &["replay"] } },
    Setting { argument: "rules", scope: EVERYWHERE },
    Setting { argument: "exceptions", scope: EVERYWHERE },
    Setting { argument: "geo", scope: EVERYWHERE },
    Setting { argument: "color", scope: EVERYWHERE },
    Setting { argument: "jobs", scope: EVERYWHERE },
    Setting { argument: "format", scope: Scope::OneCommand },
    Setting { argument: "min_score", scope: Scope::OneCommand },
];

/// A setting at a place where it may stand: for all commands, or for one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The command's name; none at the top.
    pub command: Option<String>,
    pub setting: &'static Setting,
}

impl Setting {
    /// Its key, which is the option's long name.
    pub fn key(&self) -> String {
        self.argument.replace('_', "-")
    }

    /// Whether an argument is its option, and not another that has the same id elsewhere.
    pub fn is(&self, argument: &Arg) -> bool {
        argument.get_id() == self.argument && argument.get_long() == Some(&self.key())
    }

    /// The option's definition in a command or in one within it.
    pub fn definition<'c>(&self, command: &'c Command) -> Option<&'c Arg> {
        let own = command.get_arguments().find(|argument| self.is(argument));
        own.or_else(|| command.get_subcommands().find_map(|within| self.definition(within)))
    }
}

impl Place {
    /// Every place there is: those at the top, then those of each command. A command that is called
    /// as a setting at the top is has no table: one key cannot be both.
    pub fn all(program: &Command) -> Vec<Place> {
        let top = SETTINGS.iter().filter(|setting| setting.scope != Scope::OneCommand);
        let mut all: Vec<Place> = top.map(|setting| Place { command: None, setting }).collect();
        let is_key = |name: &str| SETTINGS.iter().any(|setting| setting.key() == name);
        for command in program.get_subcommands().filter(|command| !is_key(command.get_name())) {
            let has = |setting: &&Setting| setting.definition(command).is_some();
            let name = command.get_name();
            all.extend(
                SETTINGS
                    .iter()
                    .filter(has)
                    .map(|setting| Place { command: Some(name.to_owned()), setting }),
            );
        }
        all
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        let command = self.command.iter().map(|command| format!("{command}_"));
        let name = format!("ODDSOCK_{}{}", command.collect::<String>(), self.setting.argument);
        name.replace('-', "_").to_uppercase()
    }

    /// Whether what is set here acts on a command.
    pub fn acts_on(&self, command: &str) -> bool {
        match (&self.command, &self.setting.scope) {
            (Some(own), _) => own == command,
            (None, Scope::Everywhere { but }) => !but.contains(&command),
            (None, Scope::OneCommand) => false,
        }
    }

    /// The definition of the option that it sets.
    pub fn definition<'c>(&self, program: &'c Command) -> Option<&'c Arg> {
        match &self.command {
            None => self.setting.definition(program),
            Some(name) => self.setting.definition(program.find_subcommand(name)?),
        }
    }
}

/// Whether an option may be given more than once, and so be set to a list.
pub fn is_list(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Append)
}

/// Whether an option names files.
pub fn is_path(option: &Arg) -> bool {
    option.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

/// Whether an option takes a value, as clap sees it; if not, what is wrong.
pub fn check(option: &Arg, key: &str, value: &OsStr) -> Result<(), String> {
    let alone = Arg::new("value")
        .long("value")
        .action(ArgAction::Set)
        .value_parser(option.get_value_parser().clone());
    let mut given = OsString::from("--value=");
    given.push(value);
    let parsed =
        Command::new("check").no_binary_name(true).arg(alone).try_get_matches_from([given]);
    let Err(error) = parsed else { return Ok(()) };
    let shown = quoted(&value.to_string_lossy());
    let names = option.get_possible_values();
    Err(match (error.kind(), std::error::Error::source(&error)) {
        (ErrorKind::InvalidValue, _) if !names.is_empty() => {
            let names: Vec<&str> = names.iter().map(|name| name.get_name()).collect();
            let meant = meant(&value.to_string_lossy(), names.iter().copied());
            format!("{shown} is no value of {key}; it takes {}{meant}", names.join(", "))
        }
        (_, Some(reason)) => format!("{shown} is no value of {key}: {reason}"),
        _ => format!("{shown} is no value of {key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_an_option_by_its_key_and_takes_a_value() {
        let program = crate::cli::command();
        for setting in &SETTINGS {
            let option = setting.definition(&program).expect(setting.argument);
            assert_eq!(option.get_long(), Some(setting.key().as_str()));
            assert!(matches!(option.get_action(), ArgAction::Set | ArgAction::Append));
        }
        for place in Place::all(&program).iter().filter(|place| place.command.is_some()) {
            let option = place.definition(&program).expect("an option");
            assert_eq!(option.get_long(), Some(place.setting.key().as_str()), "{place:?}");
        }
    }

    #[test]
    fn the_manual_has_every_setting_and_no_other() {
        let page = include_str!("../../../man/oddsock.toml.5");
        let section = |name: &str| {
            let (_, rest) = page.split_once(&format!("\n.SH {name}\n")).expect("a section");
            rest.split("\n.SH ").next().unwrap_or_default().replace("\\-", "-")
        };
        let settings = section("SETTINGS");
        let terms = settings.split("\n.TP\n.BR ").skip(1);
        let terms: Vec<&str> = terms.filter_map(|term| term.split(' ').next()).collect();
        assert_eq!(terms, SETTINGS.iter().map(Setting::key).collect::<Vec<_>>());
        let variables = section("ENVIRONMENT");
        for place in Place::all(&crate::cli::command()) {
            let name = place.variable();
            assert!(place.command.is_some() || variables.contains(&name), "{name}");
        }
    }

    #[test]
    fn what_a_page_of_a_command_calls_a_setting_is_one_of_that_command() {
        let places = Place::all(&crate::cli::command());
        let mut known = 0;
        for page in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/man")).expect("pages") {
            let path = page.expect("a page").path();
            let text = std::fs::read_to_string(&path).expect("text");
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let command =
                stem.strip_prefix("oddsock-").filter(|_| path.ends_with(stem.to_owned() + ".1"));
            let Some((command, (_, section))) = command.zip(text.split_once("\n.SH ENVIRONMENT\n"))
            else {
                continue;
            };
            let section = section.split("\n.SH ").next().unwrap_or_default();
            let words = section.split(|letter: char| letter != '_' && !letter.is_ascii_uppercase());
            for word in words.filter(|word| word.starts_with("ODDSOCK_") && !is_no_setting(word)) {
                let place = places.iter().find(|place| place.variable() == word);
                let of = place.map(|place| place.command.as_deref().unwrap_or(command));
                assert!(of == Some(command) || command == "config", "{stem}: {word}");
                known += 1;
            }
        }
        assert!(known > 20, "{known}");
    }

    fn is_no_setting(variable: &str) -> bool {
        ["ODDSOCK_POST", "ODDSOCK_POST_HEADERS"].contains(&variable)
    }

    #[test]
    fn the_file_that_comes_with_the_package_names_every_setting_and_sets_none() {
        let program = crate::cli::command();
        let text = include_str!("../../../dist/oddsock.toml");
        let path = std::path::Path::new("/etc/oddsock/oddsock.toml");
        assert_eq!(super::super::file::read(path, text, &program), Ok(vec![]));
        let all = text.replace("\n#", "\n").replace("\n ", "\n# ");
        let set = super::super::file::read(path, &all, &program).expect("settings");
        for setting in &SETTINGS {
            assert!(set.iter().any(|line| line.place.setting == setting), "{setting:?}");
        }
    }

    #[test]
    fn no_two_places_have_one_variable() {
        let program = crate::cli::command();
        let mut names: Vec<_> = Place::all(&program).iter().map(Place::variable).collect();
        assert!(names.contains(&"ODDSOCK_STATE".to_owned()), "{names:?}");
        assert!(names.contains(&"ODDSOCK_REPLAY_MIN_SCORE".to_owned()), "{names:?}");
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
    }
}

//! The configuration: defaults of options that hold until an option says otherwise.
//!
//! | force | where |
//! |---|---|
//! | most | the option itself |
//! | | the environment: `ODDSOCK_STATE`, `ODDSOCK_REPLAY_FORMAT` |
//! | | the user's file: `oddsock/oddsock.toml` in `$XDG_CONFIG_HOME`, else in `~/.config` |
//! | | `/etc/oddsock/oddsock.toml` |
//! | | the vendor's file, `/usr/lib/oddsock/oddsock.toml` |
//! | least | what is built in |
//!
//! Commands do not know any of this: what is set becomes the default of the option, as if it had
//! been written into its definition. Which settings there are is in [`settings`].

mod check;
mod file;
mod layers;
mod settings;
mod show;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Command, Subcommand};

use super::{Ending, say};
use layers::Layers;
pub use layers::{Looked, files, look, of_the_user};
use settings::{SETTINGS, Setting};

/// Show and check the settings that hold for this machine and user
///
/// Settings are defaults of options, in /etc/oddsock/oddsock.toml, in oddsock/oddsock.toml of the
/// user's configuration, and in the environment. See oddsock.toml(5) for all of them.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Which,
}

const EXAMPLES: &str = "Examples:
  oddsock config show                      what is set, as a file of settings
  oddsock config show --origin             and by which line of which file
  oddsock config check                     whether all files are as they should be
  oddsock config check new.toml            whether one is, before it is put in its place

Exit status: 0 shown, or nothing is wrong, 2 wrong usage or a wrong file.";

#[derive(Subcommand, Debug)]
enum Which {
    Show(show::Arguments),
    Check(check::Arguments),
}

/// Runs the command.
pub fn run(arguments: &Arguments, program: &Command) -> Result<Ending, String> {
    match &arguments.command {
        Which::Show(arguments) => show::run(arguments, program),
        Which::Check(arguments) => check::run(arguments, program),
    }
}

/// The program with what is set as the defaults of its options. Where the command that was given
/// has none that could be set, no file is looked at.
pub fn applied(program: Command, given: &[OsString]) -> Result<Command, String> {
    let name = given.iter().skip(1).find_map(|word| word.to_str().filter(|w| !w.starts_with('-')));
    let command = name.and_then(|name| program.find_subcommand(name));
    let is_concerned =
        command.is_some_and(|command| SETTINGS.iter().any(|s| s.definition(command).is_some()));
    if !is_concerned {
        return Ok(program);
    }
    let layers = layers(&program)?;
    Ok(program.mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        filled(command, &name, &layers)
    }))
}

/// A way out where an option is missing that can be set.
pub fn tip(error: &clap::Error) -> Option<String> {
    let missing = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::MissingRequiredArgument, Some(ContextValue::Strings(missing))) => missing,
        _ => return None,
    };
    let is_missing = |setting: &&Setting| {
        let option = format!("--{}", setting.key());
        missing.iter().any(|missing| missing.split(' ').next() == Some(&option))
    };
    let key = SETTINGS.iter().find(is_missing)?.key();
    Some(format!("--{key} can be set once for all commands, see: oddsock man oddsock.toml"))
}

/// The files that an option of a command is set to, if it can be told without a complaint.
pub fn paths(command: &str, argument: &str) -> Vec<PathBuf> {
    let program = super::command();
    let layers = read(&program, |_| {}).unwrap_or_default();
    let set = layers.of(command, argument);
    set.map(|set| set.values.iter().map(PathBuf::from).collect()).unwrap_or_default()
}

/// Everything that is set, with a sentence about each file that is not used.
fn layers(program: &Command) -> Result<Layers, String> {
    read(program, say)
}

fn read(program: &Command, refused: impl Fn(&str)) -> Result<Layers, String> {
    let mut layers = Layers::default();
    for path in layers::files() {
        match layers::look(&path, is_root())? {
            Looked::Absent => {}
            Looked::Refused(why) => refused(&why),
            Looked::Found(found) => {
                layers.add_file(&found, program)?;
            }
        }
    }
    layers.add_environment(|name| env::var_os(name), program)?;
    Ok(layers)
}

/// Whether it is root who runs this.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command, and those within it, with what is set for the one at the top.
fn filled(command: Command, name: &str, layers: &Layers) -> Command {
    let mut command = command;
    for setting in &SETTINGS {
        let has = command.get_arguments().any(|argument| setting.is(argument));
        if let Some(set) = layers.of(name, setting.argument).filter(|_| has) {
            let values = set.values.clone();
            command = command.mut_arg(setting.argument, |option| {
                option.required(false).default_values(values).hide_default_value(true)
            });
        }
    }
    command.mut_subcommands(|within| filled(within, name, layers))
}

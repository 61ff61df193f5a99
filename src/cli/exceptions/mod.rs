//! Exceptions: what was expected, and which alerts nobody needs to be shown for it.
//!
//! Here the arguments of the four commands; each is a file of its own. Which files there are is the
//! business of [`files`], what they mean that of [`crate::alert::exceptions`].

mod add;
mod alerts;
pub mod files;
mod list;
mod remove;
mod test;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::page::Page;
use super::{Ending, say};

/// Say which alerts are expected, and see what that hides
///
/// An exception names fields of an alert and what each of its values has to be like. It acts when
/// alerts are shown, never when facts are learnt, and what it hides is counted. See
/// oddsock-exceptions(5) for the files.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  oddsock exceptions add --reason \"backup of every night\" process.name=restic
  oddsock exceptions list                                 all that there are
  oddsock exceptions test alerts.ndjson                   what they hide, and what just misses
  oddsock exceptions remove 1f3870be                      one, by its id

Exit status: 0 done, or an alert is hidden, 1 no exception, none of this id, or none hides an alert,
2 wrong usage or a wrong file, 3 part of the input of test could not be read.";

#[derive(Subcommand, Debug)]
enum Command {
    Add(Box<add::Arguments>),
    List(list::Arguments),
    Remove(remove::Arguments),
    Test(test::Arguments),
}

/// The option that names further files.
#[derive(Args, Debug)]
pub struct Files {
    /// A file of exceptions to be read beside those of the system and of the user
    #[arg(long, value_name = "FILE")]
    pub exceptions: Vec<PathBuf>,
}

/// Does what the arguments say.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let now = Timestamp::now();
    let done = match &arguments.command {
        Command::Add(arguments) => add::run(arguments, now),
        Command::List(arguments) => list::run(arguments, now),
        Command::Remove(arguments) => remove::run(arguments),
        Command::Test(arguments) => test::run(arguments, now),
    };
    match done {
        Ok(ending) => Ok(ending),
        Err(files::Trouble::Wrong(error)) => {
            files::tell(&error);
            Ok(Ending::NothingRead)
        }
        Err(files::Trouble::Other(text)) => Err(text),
    }
}

fn millis(now: Timestamp) -> u64 {
    now.as_millisecond().try_into().unwrap_or_default()
}

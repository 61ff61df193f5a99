//! The command line: the only place that sees arguments, the environment, the terminal and the
//! clock. Each command is a file of its own that wires the library's steps together.

mod account;
mod arguments;
mod checkpoint;
mod connections;
mod filter;
mod progress;
mod rejects;
mod show;
mod when;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::output::escape;

/// How a run ended, as an exit status. "Nothing found" and "wrong usage" never share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Ending {
    Found = 0,
    NothingFound = 1,
    NothingRead = 2,
    PartlyRead = 3,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        ExitCode::from(ending as u8)
    }
}

/// Finds the odd socket in an audit log.
#[derive(Parser, Debug)]
#[command(name = "oddsock", version, arg_required_else_help = true, infer_subcommands = false)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Connections(Box<connections::Arguments>),
}

/// Runs the program with these arguments, its own name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments::as_clap_likes(arguments)) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let ending = match arguments.command {
        Command::Connections(arguments) => connections::run(&arguments),
    };
    match ending {
        Ok(ending) => ending.into(),
        Err(error) => {
            say(&error);
            Ending::NothingRead.into()
        }
    }
}

/// Says something on standard error, in which a file's name may not play with the terminal.
fn say(text: &str) {
    let mut safe = Vec::new();
    escape::text(text.as_bytes(), &mut safe);
    safe.push(b'\n');
    let _ = io::stderr().write_all(&[b"oddsock: ", &safe[..]].concat());
}

//! `oddsock baseline`: what is known, and what is done with it as a whole.
//!
//! Here the arguments of the four commands; the two that are more than a call of the store are
//! files of their own.

mod forget;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Ending, knowledge, say};
use crate::quoted::Quoted;
use crate::store::Store;

/// Look at what was learnt, copy it, join it with that of others, or forget some of it
///
/// What was learnt is in one file, which `oddsock learn` and `oddsock replay --state` make. See
/// oddsock-state(5) for what is in it.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  oddsock baseline show --state state.db                    what is known, rule by rule
  oddsock baseline export --state state.db copy.db          a copy of one moment
  oddsock baseline merge --state fleet.db web.db db.db      as if one had seen it all
  oddsock baseline forget --state state.db --value nc       nc was never usual

Exit status: 0 done, 1 nothing is known or was forgotten, 2 wrong usage or a state that could not
be read or written.";

#[derive(Subcommand, Debug)]
enum Command {
    Show(show::Arguments),
    Export(Export),
    Merge(Merge),
    Forget(Box<forget::Arguments>),
}

/// Copy a state to a new file
///
/// The copy is of one moment, also while another process learns. A file that is there already is
/// left as it is.
#[derive(Args, Debug)]
struct Export {
    /// The file that keeps what was learnt
    #[arg(long, value_name = "FILE")]
    state: PathBuf,

    /// The file to write
    #[arg(value_name = "TO")]
    to: PathBuf,
}

/// Add what other states know
///
/// The result is that of one that had learnt it all: the order does not matter, and joining twice
/// changes nothing. The state is made if it is not there.
#[derive(Args, Debug)]
struct Merge {
    /// The file that keeps what was learnt
    #[arg(long, value_name = "FILE")]
    state: PathBuf,

    /// States to be added, which are not changed
    #[arg(value_name = "FROM", required = true)]
    from: Vec<PathBuf>,
}

/// Does what the arguments say.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    match &arguments.command {
        Command::Show(arguments) => show::run(arguments),
        Command::Export(arguments) => export(arguments),
        Command::Merge(arguments) => merge(arguments),
        Command::Forget(arguments) => forget::run(arguments),
    }
}

fn export(arguments: &Export) -> Result<Ending, String> {
    let store = knowledge::opened(&arguments.state)?;
    store.export(&arguments.to).map_err(|error| error.to_string())?;
    say(&format!("copied to {}", Quoted(&arguments.to)));
    Ok(Ending::Found)
}

fn merge(arguments: &Merge) -> Result<Ending, String> {
    // Before the state is made: whoever mistypes a name is not left with an empty file.
    for from in &arguments.from {
        knowledge::opened(from)?;
    }
    let mut store = Store::open(&arguments.state).map_err(|error| error.to_string())?;
    for from in &arguments.from {
        store.merge(from).map_err(|error| error.to_string())?;
        say(&format!("added what {} knows", Quoted(from)));
    }
    Ok(Ending::Found)
}

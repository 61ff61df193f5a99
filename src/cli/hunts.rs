//! `oddsock hunts`: which hunts there are, and what they say.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Ending;
use super::hunt::find;
use super::page::{Page, text, word};
use crate::hunt::{Hunt, builtin};

/// Show the hunts there are, and what they say
///
/// Hunts are built in, or files with a table [hunt], as they are published. oddsock-hunt(1)
/// describes the language of their queries.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  oddsock hunts list                                     all built-in hunts
  oddsock hunts show low_volume_external_connections     the text of one
  oddsock hunts show low_volume_external_connections > own.toml

Exit status: 0 shown, 2 wrong usage, a wrong file or no such hunt.";

#[derive(Subcommand, Debug)]
enum Command {
    /// List all built-in hunts
    List,
    /// Print the text of a hunt, to read it or to begin one's own with it
    Show {
        /// The hunt, by its name, title or id, or a file
        #[arg(value_name = "NAME")]
        name: PathBuf,
    },
}

const HEAD: [&str; 5] = ["name", "queries", "techniques", "id", "title"];

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let mut page = Page::default();
    match &arguments.command {
        Command::List => {
            page.headed(&HEAD, builtin::hunts().iter().map(row).collect());
        }
        Command::Show { name } => {
            let hunt = find(name)?;
            page.document(&hunt.text);
        }
    }
    page.print()?;
    Ok(Ending::Found)
}

fn row(hunt: &Hunt) -> Vec<String> {
    vec![
        word(hunt.name.as_bytes()),
        hunt.queries.len().to_string(),
        text(hunt.techniques.join(" ").as_bytes()),
        word(hunt.id.as_bytes()),
        text(hunt.title.as_bytes()),
    ]
}

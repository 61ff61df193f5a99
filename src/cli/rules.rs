//! `oddsock rules`: which rules there are, and what they say.

use clap::{Args, Subcommand};

use super::Ending;
use super::catalogue::Own;
use super::page::{Page, text, word};
use crate::rules::Rule;

/// Show the rules there are, and what they say
///
/// They are the built-in ones, those in /etc/oddsock/rules.d, and those that --rules names; of two
/// with one name the later counts. See oddsock-rules(5) for their form.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  oddsock rules list                             all rules
  oddsock rules list --rules own.toml            with what a file has
  oddsock rules show process_new_to_a_host       the text of one
  oddsock rules show process_new_to_a_host > process_new_to_a_host.toml

Exit status: 0 shown, 2 wrong usage, a wrong file or no such rule.";

#[derive(Subcommand, Debug)]
enum Command {
    List(List),
    Show(Show),
}

/// List all rules
#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    own: Own,
}

/// Print the text of a rule, to read it or to begin one's own with it
#[derive(Args, Debug)]
struct Show {
    /// The rule, by its name, title, id or job
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    own: Own,
}

const HEAD: [&str; 7] = ["name", "by", "partition", "threshold", "from", "id", "title"];

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let mut page = Page::default();
    match &arguments.command {
        Command::List(List { own }) => {
            let catalogue = own.catalogue()?;
            page.headed(&HEAD, catalogue.rules().iter().map(row).collect());
        }
        Command::Show(Show { name, own }) => {
            let catalogue = own.catalogue()?;
            let rule = catalogue.find(name).map_err(|error| error.to_string())?;
            page.document(&rule.text);
        }
    }
    page.print()?;
    Ok(Ending::Found)
}

fn row(rule: &Rule) -> Vec<String> {
    let question = &rule.question;
    let named = |name: &str| word(name.as_bytes());
    vec![
        named(&rule.name),
        named(&question.by),
        question.partition.as_deref().map_or("-".to_string(), named),
        rule.threshold.to_string(),
        named(&rule.ruleset),
        named(&rule.id),
        text(rule.title.as_bytes()),
    ]
}

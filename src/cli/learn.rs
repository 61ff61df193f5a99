//! `oddsock learn`: what is usual, from older logs, into a state.

use std::path::PathBuf;

use clap::Args;

use super::course::Readable;
use super::knowledge::Sum;
use super::learning::Learner;
use super::logs::Reading;
use super::page::counted;
use super::{Ending, catalogue, keeping, say};
use crate::store::Store;

/// Learn what is usual from logs, and keep it
///
/// Adds what some logs show to a state, which is made if it is not there. Nothing is judged and no
/// alert is made; `oddsock replay --state` judges by what is known. The order of the logs does not
/// matter, and reading one twice changes nothing. Without FILE, the log that auditd writes.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Logs, directories of logs, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The file that keeps what is learnt
    #[arg(long, value_name = "FILE")]
    state: PathBuf,

    #[command(flatten)]
    rules: catalogue::Choice,

    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "Examples:
  oddsock learn --state state.db /var/log/audit    what was usual on this machine
  oddsock learn --state state.db month/*.log.gz    and on others
  oddsock replay --state state.db today.log        what is not

Exit status: 0 learnt, 1 there was nothing to learn from, 2 wrong usage or nothing could be read,
3 learnt, but part of the input could not be read.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let rules = arguments.rules.rules()?;
    let rejects = arguments.reading.rejects()?;
    let mut store = Store::open(&arguments.state).map_err(|error| error.to_string())?;
    let mut learner = Learner::new(rules);
    keeping::recall(&mut store, &mut learner).map_err(|error| error.to_string())?;
    let read = learner.read(&arguments.reading, &arguments.files, None, rejects)?;
    let Some(read) = read else { return Ok(Ending::NothingRead) };
    keeping::keep(&mut store, &mut learner, &[])?;
    learner.tell_limits();
    say(&read.account);
    for post in learner.posts.iter() {
        let sum = Sum::of(post.watch.ledger());
        let buckets = counted(u64::from(sum.buckets.len()), true, "bucket");
        let values = counted(sum.values as u64, true, "value");
        let learning = match sum.learning {
            Some((known, needed)) => format!("; still learning ({known} of about {needed})"),
            None => String::new(),
        };
        say(&format!("{}: {buckets}, {values}{learning}", post.watch.rule().name));
    }
    Ok(match read.readable {
        Readable::Nothing => Ending::NothingRead,
        Readable::Part => Ending::PartlyRead,
        Readable::All if learner.connections == 0 => Ending::NothingFound,
        Readable::All => Ending::Found,
    })
}

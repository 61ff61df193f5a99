//! `oddsock connections`: the connections in some logs, one after the other.

use std::io;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::Ending;
use super::checkpoint::Checkpoint;
use super::filter::Filter;
use super::logs::Reading;
use super::period::Period;
use super::screen::{self, Colours};
use super::show::{FLUSH, Show};
use crate::access::{self, Wanted};
use crate::audit::gathering::Keep;
use crate::output::Format;
use crate::quoted::Quoted;
use crate::reading::{self, Options};

/// Show the network connections in audit logs
///
/// Puts the records of each event together, decodes the address, and shows who connected where and
/// how it ended. Reads any number of files and directories, compressed or not, in any order; `-` is
/// standard input. Without FILE it reads the log that auditd writes.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Logs, directories of logs, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to show them; table is the default
    #[arg(short = 'f', long, value_enum, default_value = "table", hide_default_value = true)]
    pub format: Format,

    /// Print only how many there are
    #[arg(long)]
    pub count: bool,

    #[command(flatten)]
    period: Period,

    /// Go on where the last run with this file stopped
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    #[command(flatten)]
    colours: Colours,

    #[command(flatten)]
    pub filter: Filter,

    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "Examples:
  oddsock connections                                    the log of this machine
  oddsock connections -ts today --outcome failure        what failed today
  oddsock connections /evidence --address 203.0.113.0/24 all hosts' connections to a network
  oddsock connections audit.log* --format ndjson | jq    one JSON document a line
  oddsock connections audit.log -k net --format raw | ausearch -i

Exit status: 0 found, 1 nothing found, 2 wrong usage or nothing could be read,
3 finished but part of the input could not be read.";

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.purpose()))
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let checkpoint = checkpoint(arguments)?;
    let times = arguments.period.bounds(checkpoint.as_ref())?;
    let rejects = arguments.reading.rejects()?;
    let opened = arguments.reading.open(&arguments.files, rejects)?;
    if opened.is_empty {
        return Ok(Ending::NothingRead);
    }
    let is_light = arguments.count && arguments.filter.is_light() && checkpoint.is_none();
    let options = Options {
        jobs: arguments.reading.jobs(),
        keep: Keep {
            all_records: arguments.format == Format::Raw && !arguments.count,
            all_complaints: opened.course.wants_all_complaints(),
            only_addresses: is_light,
        },
    };
    let mut show = Show {
        arguments,
        times,
        checkpoint,
        writer: arguments.format.writer(screen::width(), arguments.colours.are_wanted()),
        is_light,
        out: io::stdout(),
        buffer: Vec::with_capacity(2 * FLUSH),
        shown: 0,
        has_user_names: None,
        failure: None,
        course: opened.course,
    };
    show.begin();
    let report = reading::read(opened.pieces, options, &mut show);
    show.finish(&report)
}

/// The checkpoint to go on from. Where connections are only counted it stays where it is: whoever
/// is told that there are new ones will want to see them.
fn checkpoint(arguments: &Arguments) -> Result<Option<Checkpoint>, String> {
    let Some(path) = arguments.checkpoint.as_deref() else { return Ok(None) };
    let opened = Checkpoint::open(path, !arguments.count);
    opened.map(Some).map_err(|error| {
        let told = access::told(&error, path, Wanted::Write);
        format!("cannot use the checkpoint {}: {told}", Quoted(path))
    })
}

//! `oddsock connections`: the connections in some logs, one after the other.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, PossibleValue};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::checkpoint::Checkpoint;
use super::filter::Filter;
use super::progress::Progress;
use super::rejects::Rejects;
use super::show::{FLUSH, Show};
use super::when::{self, Edge, World};
use super::{Ending, say};
use crate::audit::gathering::Keep;
use crate::input::{self, Found, Nature};
use crate::output::{Format, Writer};
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

    /// Only from this time on; also -ts: "2024-08-16 14:44", yesterday, recent, -2h, @1723819442
    #[arg(long, visible_alias = "ts", value_name = "TIME")]
    start: Option<String>,

    /// Only up to this time; also -te
    #[arg(long, visible_alias = "te", value_name = "TIME")]
    end: Option<String>,

    /// Go on where the last run with this file stopped
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// When to use colours
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true
    )]
    color: Colour,

    #[command(flatten)]
    pub filter: Filter,

    /// The host of records that name none
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    host: Option<String>,

    /// How many workers read at once; as many as there are cores if not given
    #[arg(short = 'j', long, value_name = "N", help_heading = "Reading", value_parser = jobs)]
    jobs: Option<usize>,

    /// Keep every line that was not understood, with its place and the reason, in this file
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    rejects: Option<PathBuf>,
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Colour {
    Auto,
    Always,
    Never,
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=256) => Ok(jobs),
        _ => Err("not a number of workers from 1 to 256".to_string()),
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let checkpoint = checkpoint(arguments)?;
    let times = times(arguments, checkpoint.as_ref())?;
    let rejects = arguments.rejects.as_deref().map(Rejects::create).transpose();
    let rejects = rejects.map_err(|error| {
        let path = arguments.rejects.as_deref().unwrap_or_else(|| "".as_ref());
        format!("cannot write the rejects to {}: {error}", Quoted(path))
    })?;
    let found = input::find(&arguments.files, arguments.host.as_deref())
        .map_err(|error| error.to_string())?;
    tell_what_is_left_out(&found);
    if found.sources.is_empty() {
        return Ok(Ending::NothingRead);
    }
    let is_light = arguments.count && arguments.filter.is_light() && checkpoint.is_none();
    let options = Options {
        jobs: arguments.jobs.or_else(|| available_parallelism().ok().map(usize::from)).unwrap_or(1),
        keep: Keep {
            all_records: arguments.format == Format::Raw && !arguments.count,
            all_complaints: rejects.is_some(),
            only_addresses: is_light,
        },
    };
    let unread = found.unreadable.len();
    let has_size = |source: &input::Source| source.nature == Nature::Regular;
    let size = found.sources.iter().all(has_size);
    let size = size.then(|| found.sources.iter().map(|source| source.size).sum());
    let mut show = Show {
        arguments,
        times,
        checkpoint,
        rejects,
        writer: writer(arguments),
        is_light,
        out: io::stdout(),
        buffer: Vec::with_capacity(2 * FLUSH),
        shown: 0,
        has_user_names: None,
        examples: Vec::new(),
        failure: None,
        progress: Progress::of(size),
    };
    show.begin();
    let report =
        reading::read(input::Pieces::new(found.sources, input::PIECE_SIZE), options, &mut show);
    show.finish(&report, unread)
}

/// The checkpoint to go on from. Where connections are only counted it stays where it is: whoever
/// is told that there are new ones will want to see them.
fn checkpoint(arguments: &Arguments) -> Result<Option<Checkpoint>, String> {
    let Some(path) = arguments.checkpoint.as_deref() else { return Ok(None) };
    let opened = Checkpoint::open(path, !arguments.count);
    opened.map(Some).map_err(|error| format!("cannot use the checkpoint {}: {error}", Quoted(path)))
}

/// The first and last moment that are wanted, in milliseconds.
fn times(arguments: &Arguments, checkpoint: Option<&Checkpoint>) -> Result<(u64, u64), String> {
    if arguments.start.is_none() && arguments.end.is_none() {
        return Ok((0, u64::MAX));
    }
    let world = World {
        now: Timestamp::now(),
        zone: TimeZone::system(),
        uptime: uptime(),
        checkpoint: checkpoint.map(Checkpoint::time),
    };
    let millis = |text: &Option<String>, edge, otherwise| match text {
        None => Ok(otherwise),
        Some(text) => when::parse(text, edge, &world)
            .map(|time| u64::try_from(time.as_millisecond()).unwrap_or(0))
            .map_err(|error| error.to_string()),
    };
    let start = millis(&arguments.start, Edge::Start, 0)?;
    let end = millis(&arguments.end, Edge::End, u64::MAX)?;
    if end < start {
        return Err("there is nothing in this time: --end lies before --start.".to_owned());
    }
    Ok((start, end))
}

fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn tell_what_is_left_out(found: &Found) {
    for unreadable in &found.unreadable {
        say(&unreadable.error.to_string());
    }
    for skipped in &found.skipped {
        say(&format!("{}: not read: {}", Quoted(&skipped.path), skipped.reason));
    }
}

fn writer(arguments: &Arguments) -> Option<Box<dyn Writer>> {
    let is_terminal = io::stdout().is_terminal();
    let colour = match arguments.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
                && is_terminal
        }
    };
    let width = is_terminal
        .then(|| terminal_size::terminal_size().map_or(100, |(width, _)| width.0.into()));
    arguments.format.writer(width, colour)
}

//! `oddsock summary`: how many connections there were, by process, destination and so on.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::course::{Course, Readable};
use super::filter::Filter;
use super::logs::Reading;
use super::period::Period;
use super::screen;
use super::{Ending, account, say};
use crate::audit::Sighting;
use crate::audit::complaint::Example;
use crate::audit::gathering::Keep;
use crate::output::summary::Format;
use crate::reading::{self, Listener, Options};
use crate::rules::Field;
use crate::summary::{By, SHORT, Table};

/// Count the connections in audit logs by what they have in common
///
/// Shows which processes, destinations, ports, users, hosts and keys there were most connections
/// of, since when, until when, and how that was spread over time. Reads files and directories as
/// `oddsock connections` does, with the same filters; without FILE, the log that auditd writes.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Logs, directories of logs, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Count by this: process, destination, port, user, host, key, or any field of connections;
    /// several with commas between them count together, given twice they make two tables
    #[arg(long, value_name = "FIELD[,FIELD]", value_parser = by)]
    by: Vec<Several>,

    /// How many rows of each table are shown
    #[arg(long, value_name = "N", default_value = "10", hide_default_value = true)]
    #[arg(value_parser = top)]
    top: usize,

    /// How to show them; text is the default
    #[arg(short = 'f', long, value_enum, default_value = "text", hide_default_value = true)]
    format: Format,

    #[command(flatten)]
    period: Period,

    #[command(flatten)]
    filter: Filter,

    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "Examples:
  oddsock summary                                        the log of this machine
  oddsock summary /evidence --by process,destination     who connected where, most often
  oddsock summary audit.log --outcome failure --by error.code --by user
  oddsock summary audit.log --by port --top 1000 --format csv

Exit status: 0 found, 1 nothing found, 2 wrong usage or nothing could be read,
3 finished but part of the input could not be read.";

/// How many fields are counted together at most, and how many rows are shown.
const MOST_FIELDS: usize = 8;
const MOST_ROWS: usize = 32_768;

/// What one table is by.
#[derive(Clone, Debug)]
struct Several(Vec<By>);

fn by(text: &str) -> Result<Several, String> {
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    if names.len() > MOST_FIELDS {
        return Err(format!("more than {MOST_FIELDS} fields"));
    }
    let found = |name: &&str| By::named(name).ok_or_else(|| unknown(name));
    names.iter().map(found).collect::<Result<_, _>>().map(Several)
}

fn unknown(name: &str) -> String {
    let short: Vec<&str> = SHORT.iter().map(|(short, _)| *short).collect();
    let near = Field::nearest(name).map(|near| format!("; did you mean {near}?"));
    format!(
        "no field of connections; give {}, or a field of oddsock-events(5){}",
        short.join(", "),
        near.unwrap_or_default()
    )
}

fn top(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(rows @ 1..=MOST_ROWS) => Ok(rows),
        _ => Err(format!("not a number of rows from 1 to {MOST_ROWS}")),
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.purpose()))
    }
}

/// Counts connections as they come.
struct Count<'a> {
    arguments: &'a Arguments,
    times: (u64, u64),
    tables: Vec<Table>,
    counted: u64,
    course: Course,
}

impl Listener for Count<'_> {
    fn sighting(&mut self, sighting: &Sighting) -> ControlFlow<()> {
        let (filter, millis) = (&self.arguments.filter, sighting.millis());
        if (self.times.0..=self.times.1).contains(&millis) && filter.wants(sighting) {
            let connection = sighting.connection();
            if filter.wants_connection(&connection) {
                self.counted += 1;
                self.tables.iter_mut().for_each(|table| table.note(&connection, millis));
            }
        }
        ControlFlow::Continue(())
    }

    fn complaint(&mut self, source: &str, example: &Example) {
        self.course.complaint(source, example);
    }

    fn progress(&mut self, source: &str, bytes: u64) {
        self.course.progress.add(source, bytes);
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let times = arguments.period.bounds(None)?;
    let rejects = arguments.reading.rejects()?;
    let opened = arguments.reading.open(&arguments.files, rejects)?;
    if opened.is_empty {
        return Ok(Ending::NothingRead);
    }
    let all_complaints = opened.course.wants_all_complaints();
    let keep = Keep { all_complaints, ..Keep::default() };
    let mut count =
        Count { arguments, times, tables: arguments.tables(), counted: 0, course: opened.course };
    let options = Options { jobs: arguments.reading.jobs(), keep };
    let report = reading::read(opened.pieces, options, &mut count);
    count.course.progress.finish();
    let mut out = Vec::new();
    arguments.format.write(&count.tables, arguments.top, screen::width(), &mut out);
    match io::stdout().write_all(&out).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Ending::Found),
        Err(error) => return Err(format!("cannot write the output: {error}")),
        Ok(()) => {}
    }
    count.course.finish()?;
    count.course.tell_doubts(&report);
    say(&account::in_words(&report, count.counted));
    Ok(match count.course.readable(&report) {
        Readable::Nothing => Ending::NothingRead,
        Readable::Part => Ending::PartlyRead,
        Readable::All if count.counted > 0 => Ending::Found,
        Readable::All => Ending::NothingFound,
    })
}

impl Arguments {
    /// The tables that are wanted, all of them empty.
    fn tables(&self) -> Vec<Table> {
        if self.by.is_empty() {
            let usual = SHORT.iter().filter_map(|(name, _)| By::named(name));
            return usual.map(|by| Table::new(vec![by])).collect();
        }
        self.by.iter().map(|several| Table::new(several.0.clone())).collect()
    }
}

//! `oddsock hunt`: runs a hunt on collected logs.

pub mod alerts;
mod evidence;
mod pass;
mod reading;
mod told;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::logs::{Input, Kind, Reading};
use super::period::millis;
use super::screen;
use super::when::Edge;
use super::{Ending, catalogue, say};
use crate::hunt::file::{LARGEST_FILE, query};
use crate::hunt::{Hunt, Outcome, Plan, builtin};
use crate::output::escape;
use crate::output::rows::{self, Evidence, Rows};
use crate::quoted::Quoted;

/// Run a hunt on audit logs
///
/// A hunt is a question asked of all connections at once, written in ES|QL: which programs hardly
/// ever go outside, who connects to a hundred addresses. HUNT is the name of a built-in one or a
/// file; public hunt files are run as they are. Reads files and directories as `oddsock
/// connections` does; without FILE, the log that auditd writes.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// A built-in hunt or a hunt file (not with --query), and the logs, directories of logs, or -
    #[arg(value_name = "HUNT] [FILE")]
    words: Vec<PathBuf>,

    /// Run this query instead of a hunt
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,

    /// How to show rows; table is the default
    #[arg(short = 'f', long, value_enum, default_value = "table", hide_default_value = true)]
    format: Format,

    /// What now() is; the time of the newest event if not given
    #[arg(long, value_name = "TIME")]
    now: Option<String>,

    /// Show what the hunt does, and read no log
    #[arg(long)]
    explain: bool,

    /// Show the connections behind each row, at most N; 20 if N is not given
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "20", value_parser = clap::value_parser!(u16).range(1..=1000))]
    evidence: Option<u16>,

    #[command(flatten)]
    kind: Kind,

    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "Examples:
  oddsock hunt low_volume_external_connections /evidence   the built-in hunt, on all hosts' logs
  oddsock hunt low_volume_external_connections --evidence  with the connections behind each row
  oddsock hunt public_hunt.toml audit.log*                 a hunt as it was published
  oddsock hunt --query 'from logs-* | stats n = count(*) by process.name | sort n' audit.log
  oddsock hunt public_hunt.toml --explain                  what it does, without reading a log

Exit status: 0 rows found, 1 none found, 2 wrong usage, a wrong query, or nothing could be read,
3 finished but part of the input could not be read.";

/// The formats there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Table,
    Ndjson,
    Csv,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &[Format::Table, Format::Ndjson, Format::Csv]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Format::Table => PossibleValue::new("table").help("Columns for a person"),
            Format::Ndjson => PossibleValue::new("ndjson").help("A JSON object a line"),
            Format::Csv => PossibleValue::new("csv").help("Comma-separated values"),
        })
    }
}

/// The logs that are read, once or several times.
struct Logs<'l> {
    files: &'l [PathBuf],
    reading: &'l Reading,
    input: Input,
    /// The last moment of which events are heard, in milliseconds since 1970.
    until: u64,
}

/// What is asked.
struct Asked {
    /// The name of the hunt, if it is one.
    hunt: Option<String>,
    /// The queries, each with its number in the hunt.
    queries: Vec<(usize, Plan)>,
    left_out: Vec<String>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let (asked, files) = match &arguments.query {
        Some(text) => (alone(text)?, &arguments.words[..]),
        None => match &arguments.words[..] {
            [hunt, files @ ..] => (asked(hunt)?, files),
            [] => return Err(format!("name a hunt: {}, or a file.", names())),
        },
    };
    asked.left_out.iter().for_each(|reason| say(reason));
    if arguments.explain {
        return explain(&asked);
    }
    let now = arguments.now.as_deref().map(|text| millis(text, Edge::End, None)).transpose()?;
    arguments.hunt(&asked, files, now)
}

/// A query that stands alone.
fn alone(text: &str) -> Result<Asked, String> {
    let plan = query("query", text).map_err(|error| error.to_string())?;
    Ok(Asked { hunt: None, queries: vec![(1, plan)], left_out: vec![] })
}

/// The hunt of a name, or of a file.
fn asked(word: &Path) -> Result<Asked, String> {
    let hunt = find(word)?;
    Ok(Asked { hunt: Some(hunt.name), queries: hunt.queries, left_out: hunt.left_out })
}

/// The hunt of a name, or of a file.
pub fn find(word: &Path) -> Result<Hunt, String> {
    if let Some(hunt) = word.to_str().and_then(builtin::hunt) {
        return Ok(hunt.clone());
    }
    if !word.exists() {
        let there = format!("there is no hunt and no file {}", Quoted(word));
        return Err(match word.to_str().is_some_and(|word| word.contains('|')) {
            true => format!("{there}. A query of your own is given with --query."),
            false => format!("{there}; built in is {}.", names()),
        });
    }
    let is_toml = word.extension().is_some_and(|ending| ending == "toml");
    let read = catalogue::text_of(word, LARGEST_FILE).and_then(|text| {
        Hunt::read(&word.to_string_lossy(), &text).map_err(|error| error.to_string())
    });
    read.map_err(|error| match is_toml {
        true => error,
        // Whoever forgets the hunt has its first log taken for one.
        false => format!(
            "{} is taken for a hunt, and is none. Name a hunt first, and then the logs; built in \
             is {}.",
            Quoted(word),
            names()
        ),
    })
}

fn names() -> String {
    let names: Vec<&str> = builtin::hunts().iter().map(|hunt| &hunt.name[..]).collect();
    names.join(", ")
}

fn explain(asked: &Asked) -> Result<Ending, String> {
    let mut text = String::new();
    for (at, (number, plan)) in asked.queries.iter().enumerate() {
        if asked.queries.len() > 1 {
            text += &format!("{}query {number}\n", if at > 0 { "\n" } else { "" });
        }
        plan.explained().lines().for_each(|line| text += &format!("{}\n", escape::harmless(line)));
    }
    print(text.as_bytes()).map(|_| Ending::Found)
}

/// Whether whoever reads the output wants more of it.
fn print(bytes: &[u8]) -> Result<bool, String> {
    match io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(format!("cannot write the output: {error}")),
        Ok(()) => Ok(true),
    }
}

impl Arguments {
    fn hunt(&self, asked: &Asked, files: &[PathBuf], now: Option<u64>) -> Result<Ending, String> {
        let rejects = self.reading.rejects()?;
        let opened = self.reading.open(files, rejects)?;
        if opened.is_empty {
            return Ok(Ending::NothingRead);
        }
        let logs = Logs { files, reading: &self.reading, input: self.kind.input, until: u64::MAX };
        let (told, now) = pass::run(asked, opened, now, &logs)?;
        let outcomes = &told.outcomes;
        let evidence = match self.evidence {
            Some(most) => Some(evidence::behind(asked, (outcomes, now), most.into(), &logs)?),
            None => None,
        };
        let is_read = self.show(asked, outcomes, evidence.as_deref())?;
        Ok(if is_read { told::tell(asked, &told, self.kind.input) } else { Ending::Found })
    }

    /// Prints all rows; whether whoever reads them wants to know more.
    fn show(
        &self,
        asked: &Asked,
        outcomes: &[Outcome],
        evidence: Option<&[Vec<Evidence>]>,
    ) -> Result<bool, String> {
        let mut out = Vec::new();
        let number_of_queries = asked.queries.len();
        for (at, ((number, plan), outcome)) in asked.queries.iter().zip(outcomes).enumerate() {
            let rows = Rows {
                hunt: asked.hunt.as_deref().map(|hunt| (hunt, *number)),
                columns: plan.columns(),
                rows: &outcome.rows,
                evidence: evidence.and_then(|all| all.get(at)).map(Vec::as_slice),
                is_chosen: plan.has_own_columns(),
            };
            match self.format {
                Format::Ndjson => rows::ndjson(&rows, &mut out),
                Format::Csv => {
                    if at > 0 {
                        out.push(b'\n');
                    }
                    rows::csv(&rows, &mut out);
                }
                Format::Table => {
                    if number_of_queries > 1 {
                        let gap = if at > 0 { "\n" } else { "" };
                        let count = counted(outcome.rows.len() as u64, "row");
                        out.extend_from_slice(format!("{gap}query {number}: {count}\n").as_bytes());
                    }
                    if !outcome.rows.is_empty() {
                        rows::table(&rows, screen::width(), &mut out);
                    }
                }
            }
        }
        print(&out)
    }
}

/// `1 row`, `3 rows`.
fn counted(number: u64, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

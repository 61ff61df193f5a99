//! The command line: the only place that sees arguments, the environment, the terminal and the
//! clock. Each command is a file of its own that wires the library's steps together.

mod account;
mod again;
mod arguments;
mod audit_rules;
mod baseline;
mod catalogue;
mod checkpoint;
mod clock;
mod completions;
mod config;
mod connections;
mod course;
pub mod destinations;
mod distance;
mod doctor;
mod documents;
mod exceptions;
mod explain;
pub mod figures;
mod filter;
mod history;
mod hunt;
mod hunts;
mod judged;
mod keeping;
mod knowledge;
mod learn;
mod learning;
mod logs;
mod machine;
mod man;
mod page;
mod period;
mod places;
mod posts;
mod progress;
mod rejects;
mod remembering;
mod replay;
mod report;
mod rules;
mod saying;
mod screen;
mod show;
mod spout;
mod status;
mod summary;
mod tail;
mod verdicts;
mod when;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::saying::say;
use crate::output::escape;

/// How a run ended, as an exit status. "Nothing found" and "wrong usage" never share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Ending {
    Found = 0,
    NothingFound = 1,
    NothingRead = 2,
    PartlyRead = 3,
    /// EX_TEMPFAIL of sysexits.h: it may go well another time.
    TryLater = 75,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        ExitCode::from(ending as u8)
    }
}

/// Finds the odd socket in an audit log.
#[derive(Parser, Debug)]
#[command(name = "oddsock", version, arg_required_else_help = true, infer_subcommands = false)]
#[command(after_help = BEGIN)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const BEGIN: &str = "To begin:
  oddsock connections          who connected where, in the log of this machine
  oddsock replay audit.log*    what is unusual in some logs, and why
  oddsock man tutorial         the first incident, step by step

After a command, -h is short and --help has examples.";

#[derive(Subcommand, Debug)]
enum Command {
    Connections(Box<connections::Arguments>),
    Replay(Box<replay::Arguments>),
    Summary(Box<summary::Arguments>),
    Tail(Box<tail::Arguments>),
    Status(status::Arguments),
    Learn(Box<learn::Arguments>),
    Baseline(baseline::Arguments),
    Report(Box<report::Arguments>),
    History(Box<history::Arguments>),
    Explain(Box<explain::Arguments>),
    Rules(rules::Arguments),
    Hunt(Box<hunt::Arguments>),
    Hunts(hunts::Arguments),
    Exceptions(exceptions::Arguments),
    Doctor(doctor::Arguments),
    AuditRules(audit_rules::Arguments),
    Config(config::Arguments),
    Man(man::Arguments),
    Completions(completions::Arguments),
}

/// All commands with their options, as the manual and the help are held against them.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Runs the program with these arguments, its own name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let given: Vec<OsString> = arguments.into_iter().collect();
    if let Some(ending) = completions::answer(&given) {
        return ending.into();
    }
    let given = arguments::as_clap_likes(given);
    if let Some(way_out) = arguments::not_here(&given) {
        say(&way_out);
        return Ending::NothingRead.into();
    }
    let (mut program, wrong) = match config::applied(command(), &given) {
        Ok(program) => (program, None),
        Err(wrong) => (command(), Some(wrong)),
    };
    let arguments = match (parsed(&mut program, &given), wrong) {
        (Err(told), _) if !told.use_stderr() => return tell_help(&told).into(),
        (_, Some(wrong)) => {
            say(&wrong);
            return Ending::NothingRead.into();
        }
        (Err(told), None) => {
            tell_misuse(told, &mut program, &given);
            return Ending::NothingRead.into();
        }
        (Ok(arguments), None) => arguments,
    };
    let ending = match arguments.command {
        Command::Connections(arguments) => connections::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Summary(arguments) => summary::run(&arguments),
        Command::Tail(arguments) => tail::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Learn(arguments) => learn::run(&arguments),
        Command::Baseline(arguments) => baseline::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::History(arguments) => history::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Hunt(arguments) => hunt::run(&arguments),
        Command::Hunts(arguments) => hunts::run(&arguments),
        Command::Exceptions(arguments) => exceptions::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::AuditRules(arguments) => audit_rules::run(&arguments),
        Command::Config(arguments) => config::run(&arguments, &command()),
        Command::Man(arguments) => man::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    };
    match ending {
        Ok(ending) => ending.into(),
        Err(error) => {
            say(&error);
            Ending::NothingRead.into()
        }
    }
}

fn parsed(program: &mut clap::Command, given: &[OsString]) -> Result<Arguments, clap::Error> {
    let mut matches = program.try_get_matches_from_mut(given)?;
    Arguments::from_arg_matches_mut(&mut matches).map_err(|error| error.format(program))
}

/// Prints the help or the version, which are errors only to the parser.
fn tell_help(text: &clap::Error) -> Ending {
    match text.print().and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("cannot write the output: {error}"));
            Ending::NothingRead
        }
        _ => Ending::Found,
    }
}

/// Says what is wrong with the arguments. A shell may have made them of the names of files, which
/// are anybody's: if one has in it what could play with the terminal or begin a line of its own, it
/// is told of as it would be if it were spelled out, and without colours.
fn tell_misuse(error: clap::Error, program: &mut clap::Command, given: &[OsString]) {
    let spelled = |given: &OsString| OsString::from(escape::harmless(&given.to_string_lossy()));
    let harmless: Vec<OsString> = given.iter().map(spelled).collect();
    let tip = config::tip(&error);
    if harmless == given {
        let _ = error.print();
    } else {
        // What is wrong with bytes that are no text is wrong no more once they are spelled out.
        let error = parsed(program, &harmless).err().unwrap_or(error);
        let lines = error.render().to_string();
        let lines: String = lines.lines().map(|line| escape::harmless(line) + "\n").collect();
        let _ = io::stderr().write_all(lines.as_bytes());
    }
    if let Some(tip) = tip {
        let _ = io::stderr().write_all(format!("\n  tip: {tip}\n").as_bytes());
    }
}

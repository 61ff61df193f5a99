//! `oddsock report`: everything that was found, as one HTML file.

mod files;
mod target;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::again::Again;
use super::course::Readable;
use super::judged;
use super::learning::{Learner, Read};
use super::logs::{Kind, Reading};
use super::page::minute;
use super::period::Period;
use super::places::Databases;
use super::posts::Post;
use super::remembering::Remembering;
use super::verdicts::{self, Verdicts};
use super::{Ending, catalogue, clock, keeping, knowledge, say};
use crate::alert::Summary;
use crate::engine::Finding;
use crate::report::{self, Judged, Report, Traffic};
use target::Target;

/// Make a report of what is unusual: one HTML file
///
/// Judges logs as `oddsock replay` does, and writes what it finds with its reasons and evidence,
/// timelines, destinations and processes, and the hashes of what was read, into one file that needs
/// no other and no network. With --state and no FILE it tells of what a state knows. Nothing is
/// learnt and no state is changed. Without --state and FILE, the log that auditd writes.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Logs, directories of logs, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The file to write; standard output if not given
    #[arg(short = 'o', long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write over a report that is there already
    #[arg(long)]
    force: bool,

    /// Say in the report when it was made, so that no two are the same
    #[arg(long)]
    dated: bool,

    /// Only alerts that score as much, from 0 to 100, instead of each rule's own threshold
    #[arg(long, value_name = "SCORE", value_parser = super::judged::score)]
    min_score: Option<f64>,

    #[command(flatten)]
    period: Period,

    #[command(flatten)]
    rules: catalogue::Choice,

    #[command(flatten)]
    remembering: Remembering,

    /// First learn from these older logs, whose connections are not counted
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Knowing")]
    learn: Vec<PathBuf>,

    /// Know what this file keeps of earlier runs
    #[arg(long, value_name = "FILE", help_heading = "Knowing")]
    state: Option<PathBuf>,

    #[command(flatten)]
    verdicts: verdicts::Known,

    #[command(flatten)]
    places: Databases,

    #[command(flatten)]
    kind: Kind,

    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "Examples:
  oddsock report -o report.html /evidence                all hosts' logs
  oddsock report -o report.html today.log --learn month/*.log
  oddsock report -o report.html --state state.db         what is known, without any log

Exit status: 0 made, 2 wrong usage, nothing could be read or the report could not be written,
3 made, but part of the input could not be read.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let (to_terminal, has_output) = (io::stdout().is_terminal(), arguments.output.is_some());
    if to_terminal && !has_output {
        return Err("a report is HTML, and no terminal shows it; give -o FILE.".to_string());
    }
    if arguments.files.is_empty() && arguments.learn.len() > 1 {
        let which = "all that follows --learn is only learnt from; name what is to be judged first";
        return Err(format!("{which}, as in oddsock report FILE --learn OLDER."));
    }
    let bounds = arguments.period.bounds(None)?;
    let rules = arguments.remembering.of(arguments.rules.rules()?);
    let verdicts = arguments.verdicts.read()?;
    let places = arguments.places.open()?;
    let output = arguments.output.as_deref();
    let target = output.map(|path| Target::of(path, arguments.force)).transpose()?;
    let rejects = arguments.reading.rejects()?;
    let mut learner = Learner::new(rules);
    learner.input = arguments.kind.input;
    if let Some(state) = &arguments.state {
        keeping::recall(&mut knowledge::opened(state)?, &mut learner)
            .map_err(|error| error.to_string())?;
    }
    let mut readings = Vec::new();
    let mut readable = Readable::All;
    if !arguments.learn.is_empty() {
        let learnt = learner.read(&arguments.reading, &arguments.learn, None, None)?;
        readable = learnt.as_ref().map_or(Readable::Part, |read| read.readable);
        readings.extend(learnt.map(|read| told(read, true)));
    }
    let is_of_state = arguments.state.is_some() && arguments.files.is_empty();
    if !is_of_state {
        learner.traffic = Some(Traffic::default());
        let read = learner.read(&arguments.reading, &arguments.files, Some(bounds), rejects)?;
        let Some(read) = read else { return Ok(Ending::NothingRead) };
        match read.readable {
            Readable::Nothing => {
                say("nothing could be read as what --input says, audit or ecs.");
                return Ok(Ending::NothingRead);
            }
            Readable::Part => readable = Readable::Part,
            Readable::All => {}
        }
        readings.push(told(read, false));
    }
    learner.tell_limits();
    let judge = |post| arguments.judge(post, &verdicts, is_of_state.then_some(bounds));
    let report = Report {
        readings,
        state: arguments.state.as_deref().map(files::state),
        judged: learner.posts.iter().map(judge).collect(),
        traffic: learner.traffic.as_ref(),
        places: places.as_deref(),
        explain: arguments.again().words(LONGEST_COMMAND),
        period: (bounds != (0, u64::MAX)).then_some(bounds),
        made: arguments.dated.then(|| format!("{} UTC", minute(clock::now()))),
    };
    let summary = report.judged.iter().fold(Summary::default(), |mut sum, judged| {
        sum.add(judged.summary);
        sum
    });
    write(target, report.html().as_bytes())?;
    say(&summary.sentence());
    Ok(if readable == Readable::All { Ending::Found } else { Ending::PartlyRead })
}

fn write(target: Option<Target>, html: &[u8]) -> Result<(), String> {
    if let Some(target) = target {
        return target.write(html);
    }
    match io::stdout().write_all(html).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write the output: {error}"))
        }
        _ => Ok(()),
    }
}

/// A reading as the report tells of it.
fn told(read: Read, is_only_learnt: bool) -> report::Reading {
    say(&format!("{}{}", if is_only_learnt { "learnt from " } else { "" }, read.account));
    report::Reading {
        is_only_learnt,
        files: read.sources.iter().map(files::source).collect(),
        counts: read.counts,
        doubts: read.doubts,
    }
}

impl Arguments {
    /// What a rule says: of what was read, or within some bounds of all that is known.
    fn judge<'p>(
        &self,
        post: &'p Post,
        verdicts: &Verdicts,
        bounds: Option<(u64, u64)>,
    ) -> Judged<'p> {
        let rule = post.watch.rule();
        let span = rule.question.span;
        let is_wanted = |finding: &Finding| match bounds {
            None => post.judged.contains(finding.bucket),
            Some((from, to)) => (span.bucket(from)..=span.bucket(to)).contains(&finding.bucket),
        };
        let found = judged::found(post, self.min_score, verdicts, is_wanted);
        Judged {
            rule: Arc::clone(rule),
            ledger: post.watch.ledger(),
            summary: found.summary,
            alerts: found.alerts,
            learning: found.learning,
        }
    }

    /// What finds an alert again.
    fn again(&self) -> Again<'_> {
        Again {
            state: self.state.as_deref(),
            rules: &self.rules,
            remembering: &self.remembering,
            host: self.reading.host(),
            input: self.kind.input,
            logs: self.files.iter().chain(&self.learn).collect(),
        }
    }
}

/// How many bytes of a command the report shows below each alert; a longer one nobody would copy.
const LONGEST_COMMAND: usize = 8192;

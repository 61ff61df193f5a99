//! `oddsock replay`: what is unusual in collected logs, and why.

use std::cmp::Ordering;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::again::Again;
use super::course::Readable;
use super::judged::{self, Showing};
use super::knowledge::Sum;
use super::learning::Learner;
use super::logs::{Kind, Reading};
use super::period::Period;
use super::places::Databases;
use super::posts::Post;
use super::remembering::Remembering;
use super::screen::{self, Colours};
use super::verdicts::{self, Verdicts};
use super::{Ending, catalogue, hunt, keeping, say};
use crate::alert::{Alert, Summary};
use crate::engine::Finding;
use crate::hunt::Hunt;
use crate::output::alerts::{Format, Ndjson, RowAlert, Text, Writer as _};
use crate::store::Store;

/// Show what is unusual in audit logs, and why
///
/// Asks the rules' questions of the connections in some logs: which programs, ports or whatever a
/// rule looks at are seldom seen, among all hosts or on one. Each alert says how rare it is, what
/// was seen before, and what to look at next. Reads files and directories as `oddsock connections`
/// does; without FILE, the log that auditd writes.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Logs, directories of logs, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to show alerts; text is the default
    #[arg(short = 'f', long, value_enum, default_value = "text", hide_default_value = true)]
    format: Format,

    #[command(flatten)]
    showing: Showing,

    #[command(flatten)]
    period: Period,

    #[command(flatten)]
    rules: catalogue::Choice,

    #[command(flatten)]
    remembering: Remembering,

    /// Also alert on what this hunt finds, by its name or file; may be given more than once
    #[arg(long, value_name = "HUNT", help_heading = "Rules")]
    hunts: Vec<PathBuf>,

    /// First learn from these older logs, of which nothing is shown
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Knowing")]
    learn: Vec<PathBuf>,

    /// Know what this file keeps of earlier runs, and keep what this one learns
    #[arg(long, value_name = "FILE", help_heading = "Knowing")]
    state: Option<PathBuf>,

    #[command(flatten)]
    verdicts: verdicts::Known,

    #[command(flatten)]
    places: Databases,

    #[command(flatten)]
    colours: Colours,

    /// End with 0 also if there are alerts
    #[arg(long)]
    exit_zero: bool,

    #[command(flatten)]
    kind: Kind,

    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "Examples:
  oddsock replay /var/log/audit                      what is unusual on this machine
  oddsock replay /evidence -ts 2024-08-16            all hosts, and only what happened since then
  oddsock replay today.log --learn month/*.log       judged by what was usual before
  oddsock replay --state /var/lib/oddsock/state      go on from what earlier runs have learnt
  oddsock replay audit.log --format ndjson | jq      one JSON document an alert

Exit status: 0 no alert, 1 alerts, 2 wrong usage or nothing could be read,
3 finished but part of the input could not be read.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    if arguments.files.is_empty() && arguments.learn.len() > 1 {
        let which = "all that follows --learn is only learnt from; name what is to be judged first";
        return Err(format!("{which}, as in oddsock replay FILE --learn OLDER."));
    }
    let bounds = arguments.period.bounds(None)?;
    let rules = arguments.remembering.of(arguments.rules.rules()?);
    let hunts = hunt::alerts::hunts(&arguments.hunts)?;
    let verdicts = arguments.verdicts.read()?;
    let places = arguments.places.open()?;
    let rejects = arguments.reading.rejects()?;
    let store = arguments.state.as_deref().map(Store::open).transpose();
    let mut store = store.map_err(|error| error.to_string())?;
    let mut learner = Learner::new(rules);
    learner.input = arguments.kind.input;
    if let Some(store) = &mut store {
        keeping::recall(store, &mut learner).map_err(|error| error.to_string())?;
    }
    let mut is_all_learnt = true;
    if !arguments.learn.is_empty() {
        let learnt = learner.read(&arguments.reading, &arguments.learn, None, None)?;
        learnt.iter().for_each(|read| say(&format!("learnt from {}", read.account)));
        is_all_learnt = learnt.is_some_and(|read| read.readable == Readable::All);
    }
    let read = learner.read(&arguments.reading, &arguments.files, Some(bounds), rejects)?;
    let Some(read) = read else { return Ok(Ending::NothingRead) };
    let (mut alerts, mut summary) = (Vec::new(), Summary::default());
    for post in learner.posts.iter() {
        let (found, counts) = arguments.judge(post, &verdicts);
        alerts.extend(found);
        summary.add(counts);
    }
    alerts.sort_by(by_score);
    let rows = arguments.rows(&hunts, bounds, &verdicts)?;
    let number = alerts.len() + rows.len();
    let text = Text::new(screen::width(), arguments.colours.are_wanted(), places);
    let mut writer = arguments.format.writer(text.explained_by(arguments.again().shown()));
    let mut out = Vec::new();
    writer.head(&mut out);
    alerts.iter().for_each(|alert| writer.alert(alert, &mut out));
    rows.iter().for_each(|row| writer.row(row, &mut out));
    match io::stdout().write_all(&out).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => return Err(format!("cannot write the output: {error}")),
        Ok(()) => {}
    }
    if let Some(store) = &mut store {
        keeping::keep(store, &mut learner, &alerts)?;
    }
    learner.tell_limits();
    say(&read.account);
    if read.readable == Readable::Nothing {
        say("nothing could be read as what --input says, audit or ecs.");
    } else {
        say(&summary.sentence());
        too_little(&learner.posts).iter().for_each(|sentence| say(sentence));
        for hunt in &hunts {
            let found = rows.iter().filter(|row| row.hunt == hunt.name).count();
            let name = &hunt.name;
            say(&format!("{name}: {found} {}.", if found == 1 { "row" } else { "rows" }));
        }
    }
    Ok(match read.readable {
        Readable::Nothing => Ending::NothingRead,
        Readable::Part => Ending::PartlyRead,
        Readable::All if !is_all_learnt => Ending::PartlyRead,
        Readable::All if number > 0 && !arguments.exit_zero => Ending::NothingFound,
        Readable::All => Ending::Found,
    })
}

impl Arguments {
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

    /// The rows of hunts that are to be shown.
    fn rows(
        &self,
        hunts: &[Hunt],
        bounds: (u64, u64),
        verdicts: &Verdicts,
    ) -> Result<Vec<RowAlert>, String> {
        let how = (&self.reading, self.kind.input);
        let mut rows = hunt::alerts::alerts(hunts, &self.files, how, bounds)?;
        let mut document = Vec::new();
        for row in &mut rows {
            document.clear();
            Ndjson::new().row(row, &mut document);
            row.excepted = verdicts.hiding(&document);
        }
        rows.retain(|row| self.showing.excepted || row.excepted.is_none());
        Ok(rows)
    }

    /// The alerts of a rule that are to be shown, and how many there are of each kind.
    fn judge(&self, post: &Post, verdicts: &Verdicts) -> (Vec<Alert>, Summary) {
        let is_wanted = |finding: &Finding| post.judged.contains(finding.bucket);
        let found = judged::found(post, self.showing.min_score, verdicts, is_wanted);
        let (mut alerts, mut summary) = (found.alerts, found.summary);
        alerts.retain(|alert| self.showing.shows(alert));
        summary.shown(&alerts);
        (alerts, summary)
    }
}

/// What to do if none of the rules knows enough, so that no alert tells nothing.
fn too_little(posts: &[Post]) -> Option<String> {
    let learning = posts.iter().map(|post| Sum::of(post.watch.ledger()).learning);
    let (known, needed) = learning.collect::<Option<Vec<_>>>()?.into_iter().max()?;
    Some(format!(
        "still learning: {known} of about {needed} active buckets are known, so what is found is \
         provisional; name older logs with --learn, or keep what is learnt with --state."
    ))
}

/// The highest scores first; of equal ones the earliest, then by rule and by what names them.
fn by_score(a: &Alert, b: &Alert) -> Ordering {
    let by_score = b.finding.score.total_cmp(&a.finding.score);
    by_score
        .then_with(|| a.bucket_start_ms.cmp(&b.bucket_start_ms))
        .then_with(|| a.rule.name.cmp(&b.rule.name))
        .then_with(|| a.id.cmp(&b.id))
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.purpose()))
    }
}

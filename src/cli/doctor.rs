//! `oddsock doctor`: what is wrong with how connections are recorded, and what mends it.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::audit_rules::Architecture;
use super::machine::{self, Rules};
use super::page::{Page, text};
use super::screen::{self, Colours};
use super::{Ending, say};
use crate::access::{self, Wanted};
use crate::audit::Sighting;
use crate::doctor::rules::{Machine, RuleSet};
use crate::doctor::{Finding, Level, Status, Tally};
use crate::doctor::{
    judge_conf, judge_growth, judge_restart, judge_rules, judge_status, kept_bytes,
};
use crate::input::{self, AUDITD_CONF, InputError, Pieces};
use crate::output::alerts::wrap::broken;
use crate::quoted::Quoted;
use crate::reading::{self, Options};

/// Tell what is wrong with how connections are recorded
///
/// Looks at this machine: whether the kernel audits and auditd runs, whether the audit rules see
/// connects, whether the log is kept and can be read, and what is in it. With files it looks at
/// those alone: rules, an auditd.conf, logs, told apart by their names. Nothing is ever changed.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Rules (*.rules, or a folder with such), an auditd.conf (*.conf), or logs (all others)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Rules in this file or folder, or - for standard input, whatever their names
    #[arg(long, value_name = "PATH")]
    rules: Vec<PathBuf>,

    /// An auditd.conf, whatever its name
    #[arg(long, value_name = "FILE")]
    conf: Vec<PathBuf>,

    /// A log, whatever its name
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,

    /// How to show what was found
    #[arg(short = 'f', long, value_enum, default_value = "text", hide_default_value = true)]
    format: Format,

    #[command(flatten)]
    colours: Colours,

    #[command(flatten)]
    architecture: Architecture,
}

/// How findings are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// A line each, and what mends it below
    Text,
    /// One JSON document a line
    Ndjson,
}

const EXAMPLES: &str = "Examples:
  oddsock doctor                            this machine; root sees more of it
  oddsock doctor /etc/audit/rules.d         rules before they are loaded
  oddsock doctor evidence/web1/audit.log    what a log says of the rules that made it
  ssh web1 sudo auditctl -l | oddsock doctor --rules -

Exit status: 0 all is well, 1 there is something to mend, 2 wrong usage or nothing could be read,
3 some of the files could not be read.";

/// What was looked at, and what was found.
struct Part {
    title: String,
    findings: Vec<Finding>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let machine = arguments.architecture.machine()?;
    let given = Given::of(arguments);
    let (parts, unread) = match given.is_empty() {
        true => (this_machine(machine), 0),
        false => given.look(machine),
    };
    if parts.is_empty() {
        return Ok(Ending::NothingRead);
    }
    match arguments.format {
        Format::Text => page(&parts, arguments.colours.are_wanted()),
        Format::Ndjson => documents(&parts),
    }
    .print()?;
    let mut findings = parts.iter().flat_map(|part| &part.findings);
    Ok(if unread > 0 {
        Ending::PartlyRead
    } else if findings.any(|finding| finding.level.wants_mending()) {
        Ending::NothingFound
    } else {
        Ending::Found
    })
}

/// What is to be looked at.
#[derive(Default)]
struct Given {
    rules: Vec<PathBuf>,
    conf: Vec<PathBuf>,
    log: Vec<PathBuf>,
}

impl Given {
    fn of(arguments: &Arguments) -> Given {
        let Arguments { rules, conf, log, .. } = arguments;
        let mut given = Given { rules: rules.clone(), conf: conf.clone(), log: log.clone() };
        for file in &arguments.files {
            let ending = file.extension().and_then(|ending| ending.to_str());
            let is_folder = || machine::rule_files(file).is_ok_and(|found| !found.is_empty());
            match ending {
                Some("rules") => given.rules.push(file.clone()),
                Some("conf") => given.conf.push(file.clone()),
                _ if is_folder() => given.rules.push(file.clone()),
                _ => given.log.push(file.clone()),
            }
        }
        given
    }

    fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.conf.is_empty() && self.log.is_empty()
    }

    /// What was found, and how much could not be read.
    fn look(&self, machine: Machine) -> (Vec<Part>, usize) {
        let mut parts = Vec::new();
        let mut unread = 0;
        let mut take = |part: Result<Part, String>| match part {
            Ok(part) => parts.push(part),
            Err(error) => {
                say(&error);
                unread += 1;
            }
        };
        for path in &self.rules {
            take(machine::files(path).map(|rules| of_rules(rules, machine)));
        }
        for path in &self.conf {
            take(conf(path).map(|text| of_conf(path, &text)));
        }
        for path in &self.log {
            take(of_log(path, None, false));
        }
        (parts, unread)
    }
}

/// All that can be seen of this machine.
fn this_machine(machine: Machine) -> Vec<Part> {
    let mut parts = vec![Part { title: "this machine".to_owned(), findings: machine::state() }];
    let mut is_recorded = false;
    parts.push(match machine::rules() {
        Ok(rules) => {
            let are_loaded = rules.are_loaded;
            let mut part = of_rules(rules, machine);
            let is_good = |found: &Finding| found.check == "connects" && found.level == Level::Ok;
            is_recorded = are_loaded && part.findings.iter().any(is_good);
            if let Some(files) = machine::files_of_start().filter(|_| are_loaded) {
                part.findings
                    .extend(judge_restart(&part.findings, &of_rules(files, machine).findings));
            }
            part
        }
        Err(reason) => {
            let findings = vec![Finding::new("connects", Level::Unknown, reason)];
            Part { title: "rules".to_owned(), findings }
        }
    });
    let path = Path::new(AUDITD_CONF);
    let text = match conf(path) {
        Ok(text) => {
            parts.push(of_conf(path, &text));
            text
        }
        Err(reason) => {
            let findings = vec![Finding::new("format", Level::Unknown, reason)];
            parts.push(Part { title: Quoted(path).to_string(), findings });
            String::new()
        }
    };
    let log = input::log_file(&text);
    let read = match log.try_exists() {
        Ok(false) => Err(InputError::NoLog { path: log.clone() }.to_string()),
        _ => of_log(&log, kept_bytes(&|key| input::setting(&text, key)), is_recorded),
    };
    parts.push(read.unwrap_or_else(|reason| {
        let findings = vec![Finding::new("log", Level::Bad, reason)];
        Part { title: format!("log: {}", Quoted(&log)), findings }
    }));
    parts
}

fn of_rules(mut rules: Rules, machine: Machine) -> Part {
    let status = rules.texts.iter_mut().find_map(|rules| Status::take(&mut rules.text));
    let mut findings = status.as_ref().map(judge_status).unwrap_or_default();
    let set = RuleSet::read(&rules.texts, rules.order, machine);
    findings.extend(judge_rules(&set, machine));
    Part { title: format!("rules: {}", rules.title), findings }
}

fn conf(path: &Path) -> Result<String, String> {
    let name = Quoted(path).to_string();
    let file = File::open(path).map_err(|error| {
        format!("cannot read {name}: {}", access::told(&error, path, Wanted::Read))
    })?;
    machine::text_of(&name, file)
}

fn of_conf(path: &Path, text: &str) -> Part {
    let findings = judge_conf(&|key| input::setting(text, key));
    Part { title: format!("settings: {}", Quoted(path)), findings }
}

/// What is in a log, of which so many bytes are kept. `is_recorded`: by the rules that are loaded.
fn of_log(path: &Path, kept: Option<u64>, is_recorded: bool) -> Result<Part, String> {
    let found = input::find(&[path.to_path_buf()], None).map_err(|error| error.to_string())?;
    if let Some(unreadable) = found.unreadable.first() {
        return Err(unreadable.error.to_string());
    }
    let mut tally = Tally::default();
    let pieces = Pieces::new(found.sources, input::PIECE_SIZE);
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let report = reading::read(
        pieces,
        Options { jobs, ..Options::default() },
        &mut |sighting: &Sighting| {
            tally.see(&sighting.connection());
            ControlFlow::Continue(())
        },
    );
    if let Some(failure) = report.failures.first() {
        return Err(failure.to_string());
    }
    if report.account.records == 0 && report.complaints.total() > 0 {
        return Err(format!("{} is no audit log: no line of it is a record", Quoted(path)));
    }
    let mut findings = tally.findings(&report.account, is_recorded);
    let span = tally.span();
    if let (Some(kept), Some((first, last))) = (kept, span) {
        findings.extend(judge_growth(kept, report.bytes, last - first));
    }
    let span = span.map(|(first, last)| {
        let minute = super::page::minute;
        format!(", connects from {} to {} UTC", minute(first), minute(last))
    });
    let title = format!("log: {}{}", Quoted(path), span.unwrap_or_default());
    Ok(Part { title, findings })
}

/// The widest word for a check.
const CHECK: usize = 10;

/// Where sentences begin, and how wide they may be.
const INDENT: usize = CHECK + 12;
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=100;

/// A sentence, on as many lines as it takes.
fn told(sentence: &str) -> String {
    let width =
        screen::width().map_or(*WIDTHS.end(), |width| width.clamp(*WIDTHS.start(), *WIDTHS.end()));
    broken(sentence, width - INDENT).join(&format!("\n{:INDENT$}", ""))
}

fn page(parts: &[Part], is_coloured: bool) -> Page {
    let mut page = Page::default();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            page.plain("");
        }
        page.plain(&shown(&part.title));
        for finding in &part.findings {
            let Finding { check, level, reason, fix } = finding;
            let reason = told(&shown(reason));
            let style = if is_coloured { style(*level) } else { Style::new() };
            page.plain(&format!("  {style}{level:<8}{style:#}{check:<CHECK$}  {reason}"));
            let Some(fix) = fix else { continue };
            let end = if fix.lines.is_empty() { "" } else { ":" };
            page.plain(&format!("{:INDENT$}{}{end}", "", told(&shown(&fix.what))));
            for line in &fix.lines {
                page.plain(&format!("    {}", shown(line)));
            }
        }
    }
    page
}

/// What is to be mended stands out.
fn style(level: Level) -> Style {
    match level {
        Level::Bad => AnsiColor::Red.on_default().bold(),
        Level::Warn => AnsiColor::Yellow.on_default().bold(),
        Level::Ok => AnsiColor::Green.on_default(),
        Level::Note | Level::Unknown => Style::new().dimmed(),
    }
}

/// Text in which nothing plays with the terminal; the names of files in it are spelled out already.
fn shown(words: &str) -> String {
    let parts: Vec<String> = words.split('\\').map(|part| text(part.as_bytes())).collect();
    parts.join("\\")
}

fn documents(parts: &[Part]) -> Page {
    let mut page = Page::default();
    for part in parts {
        for finding in &part.findings {
            let fix = finding.fix.as_ref();
            let lines = fix.map(|fix| fix.lines.iter().map(|line| shown(line)).collect::<Vec<_>>());
            let document = json!({
                "about": shown(&part.title),
                "check": finding.check,
                "level": finding.level.name(),
                "reason": shown(&finding.reason),
                "fix": fix.map(|fix| shown(&fix.what)),
                "lines": lines.unwrap_or_default(),
            });
            page.plain(&document.to_string());
        }
    }
    page
}

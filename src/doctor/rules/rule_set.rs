//! Rule set: what the kernel is left with when all lines of some rule files have been loaded.
//!
//! The texts of files come in; the rules go out, in the order in which the kernel asks them, with
//! every line that auditctl would refuse. Files of one folder are put together as augenrules does
//! it: of `-D`, `-b` and `-f` the last counts and stands at the top, and the last `-e` at the end.

use std::collections::{HashSet, VecDeque};

use super::command::{self, Command, Parts, Setting};
use super::machine::Machine;
use super::rule::{Place, Rule};
use super::words::words;
use crate::rules::{Fault, RuleError};

/// A file of rules, or what `auditctl -l` printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleText {
    /// What it is called in sentences.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// How files are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// One after the other, as they are.
    AsTheyAre,
    /// As augenrules does it.
    Merged,
}

/// The rules of some files.
#[derive(Clone, Default, Debug)]
pub struct RuleSet {
    /// All rules, in the order in which they are asked.
    pub rules: Vec<Rule>,
    /// What `-e` set last.
    pub enabled: Option<u32>,
    /// What `-b` set last.
    pub backlog_limit: Option<u32>,
    /// What `-r` set last.
    pub rate_limit: Option<u32>,
    /// Lines that auditctl refuses.
    pub faults: Errors,
    /// What auditctl takes, and which does not mean what it says.
    pub oddities: Errors,
    /// Whether an error in a line ends the loading.
    pub ends_at_faults: bool,
}

/// The first of some errors, and how many there are: a file may be made of nothing else.
#[derive(Clone, Default, Debug)]
pub struct Errors {
    /// The first few.
    pub first: Vec<RuleError>,
    /// How many there are.
    pub count: usize,
}

/// How many errors are kept.
const KEPT: usize = 8;

/// No kernel holds so many rules: each is asked at every call.
const MOST_RULES: usize = 10_000;

impl Errors {
    fn add(&mut self, file: &RuleText, fault: Fault) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(RuleError::new(&file.name, &file.text, fault));
        }
    }
}

/// A line and where it is from.
struct Line<'t> {
    file: &'t RuleText,
    number: usize,
    start: usize,
    text: &'t str,
}

impl RuleSet {
    /// Reads files in the order they are loaded in.
    pub fn read(files: &[RuleText], order: Order, machine: Machine) -> RuleSet {
        let mut lines: Vec<Line<'_>> = files.iter().flat_map(lines).collect();
        if order == Order::Merged {
            lines = merged(lines);
        }
        let mut set = RuleSet { ends_at_faults: true, ..RuleSet::default() };
        let mut loading = Loading { rules: VecDeque::new(), known: HashSet::new() };
        for line in lines {
            if line.text.trim_start().starts_with('#') || line.text.trim() == "No rules" {
                continue;
            }
            let words = words(line.text, line.start);
            if words.is_empty() {
                continue;
            }
            let whole = words[0].span.start..words[words.len() - 1].span.end;
            let read = command::command(&words, machine);
            if let Err(fault) = read.and_then(|said| set.obey(said, &line, whole, &mut loading)) {
                set.faults.add(line.file, fault);
            }
        }
        set.rules = loading.rules.into_iter().map(|(rule, _)| rule).collect();
        set
    }

    fn obey(
        &mut self,
        said: Command,
        line: &Line<'_>,
        span: std::ops::Range<usize>,
        loading: &mut Loading,
    ) -> Result<(), Fault> {
        let refused =
            |message: &str| Err(Fault { span: span.clone(), message: message.to_owned() });
        if self.enabled == Some(2) && !matches!(said, Command::Other | Command::GoOn) {
            return refused(
                "-e 2 has locked the rules before this line, so it is refused; -e 2 is for the end",
            );
        }
        match said {
            Command::Add { mut parts, is_first } => {
                for (span, message) in std::mem::take(&mut parts.oddities) {
                    self.oddities.add(line.file, Fault { span, message });
                }
                let rule = rule(parts, line);
                if loading.rules.len() == MOST_RULES {
                    return refused("there are more rules above than any kernel is given");
                }
                if !loading.add(rule, is_first) {
                    return refused(
                        "the same rule stands above already, and the kernel refuses it",
                    );
                }
            }
            Command::Delete(parts) => {
                if !loading.delete(&rule(parts, line).identity()) {
                    return refused("there is no such rule above that could be deleted");
                }
            }
            Command::DeleteAll(key) => loading.delete_all(key.as_deref()),
            Command::Set(Setting::Enabled, number) => self.enabled = Some(number),
            Command::Set(Setting::Backlog, number) => self.backlog_limit = Some(number),
            Command::Set(Setting::Rate, number) => self.rate_limit = Some(number),
            Command::GoOn => self.ends_at_faults = false,
            Command::Set(Setting::Other, _) | Command::Other => {}
        }
        Ok(())
    }
}

/// The rules so far, each with what the kernel tells it from others by.
struct Loading {
    rules: VecDeque<(Rule, String)>,
    known: HashSet<String>,
}

impl Loading {
    fn add(&mut self, rule: Rule, is_first: bool) -> bool {
        let identity = rule.identity();
        if !self.known.insert(identity.clone()) {
            return false;
        }
        match is_first {
            true => self.rules.push_front((rule, identity)),
            false => self.rules.push_back((rule, identity)),
        }
        true
    }

    fn delete(&mut self, identity: &str) -> bool {
        let is_known = self.known.remove(identity);
        if is_known {
            self.rules.retain(|(_, known)| known != identity);
        }
        is_known
    }

    fn delete_all(&mut self, key: Option<&str>) {
        let has = |rule: &Rule| key.is_none_or(|key| rule.keys.iter().any(|known| known == key));
        let known = &mut self.known;
        self.rules.retain(|(rule, identity)| {
            let goes = has(rule);
            if goes {
                known.remove(identity);
            }
            !goes
        });
    }
}

fn rule(parts: Parts, line: &Line<'_>) -> Rule {
    Rule {
        list: parts.list,
        action: parts.action,
        calls: parts.calls,
        tests: parts.tests,
        keys: parts.keys,
        place: Place { file: line.file.name.clone(), line: line.number },
        text: line.text.trim().to_owned(),
    }
}

fn lines(file: &RuleText) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    file.text.split_inclusive('\n').enumerate().map(move |(at, text)| {
        let line = Line { file, number: at + 1, start, text };
        start += text.len();
        line
    })
}

/// Orders lines as augenrules does.
fn merged(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let (mut top, mut rest, mut end) = ([None, None, None], Vec::new(), None);
    for line in lines {
        let text = line.text.trim();
        match text.get(..2) {
            Some("-D") if text == "-D" => top[0] = Some(line),
            Some("-b") => top[1] = Some(line),
            Some("-f") => top[2] = Some(line),
            Some("-e") => end = Some(line),
            _ => rest.push(line),
        }
    }
    top.into_iter().flatten().chain(rest).chain(end).collect()
}

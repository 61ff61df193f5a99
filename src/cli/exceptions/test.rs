//! Says of each alert what would hide it, or what keeps the nearest exceptions from that.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::files::{self, Trouble};
use super::{Ending, Files, Page, alerts, millis, say};
use crate::access::{self, Wanted};
use crate::alert::exceptions::{Exceptions, Hidden, Verdict};
use crate::cli::page::{text, word};
use crate::quoted::Quoted;

/// How many exceptions that do not match are told of for each alert.
const NEAREST: usize = 3;

/// Say of alerts which exception hides them, or why none does
///
/// An alert is a document as replay writes it with --format ndjson.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files of alert documents, or - for standard input
    #[arg(value_name = "FILE", required = true)]
    alerts: Vec<PathBuf>,

    #[command(flatten)]
    files: Files,
}

pub fn run(arguments: &Arguments, now: Timestamp) -> Result<Ending, Trouble> {
    let known = files::read_all(&arguments.files.exceptions, &mut |why| say(&why))?;
    let exceptions = known.exceptions;
    let now = millis(now);
    let (mut hidden, mut read, mut is_partial) = (0_u64, 0, false);
    for path in &arguments.alerts {
        let mut failed = Ok(());
        let report = alerts::read(path, &mut |document| {
            let mut page = Page::default();
            hidden += u64::from(tell(document, &exceptions, now, &mut page));
            if failed.is_ok() {
                failed = page.print();
            }
        });
        failed?;
        match report {
            Ok(report) => {
                read += report.alerts;
                is_partial |= report.is_partial;
            }
            Err(error) => {
                let told = access::told(&error, path, Wanted::Read);
                say(&format!("cannot read {}: {told}", Quoted(path)));
                is_partial = true;
            }
        }
    }
    say(&format!("alerts {read} = {hidden} hidden + {} shown", read - hidden));
    Ok(match (read, is_partial) {
        (0, true) => Ending::NothingRead,
        (_, true) => Ending::PartlyRead,
        _ if hidden > 0 => Ending::Found,
        _ => Ending::NothingFound,
    })
}

/// Tells of one alert; whether it is hidden.
fn tell(document: &Map<String, Value>, exceptions: &Exceptions, now: u64, page: &mut Page) -> bool {
    page.line(&heading(document));
    if let Verdict::Hidden(Hidden { by, reason }) = exceptions.verdict(document, now) {
        let place = exceptions.matching(document, now).map(|exception| &exception.place);
        let place = place.map(|place| format!(", at {}:{}", place.file, place.line));
        // The name of the file is escaped already.
        let told = text(format!("hidden by {by}: {reason}").as_bytes());
        page.plain(&format!("  {told}{}", place.unwrap_or_default()));
        return true;
    }
    let near = exceptions.nearest(document, now, NEAREST);
    let count = exceptions.all().len();
    page.line(&match (count, near.is_empty()) {
        (0, _) => "  shown: there is no exception".to_owned(),
        (1, true) => "  shown: the one exception has nothing in common with it".to_owned(),
        (_, true) => format!("  shown: none of {count} exceptions has anything in common with it"),
        (1, false) => "  shown: the one exception does not match".to_owned(),
        (_, false) => format!("  shown: none of {count} exceptions matches; the nearest:"),
    });
    for (exception, misses) in near {
        let misses: Vec<String> = misses.iter().map(ToString::to_string).collect();
        page.line(&format!("  {} ({}): {}", exception.id, exception.reason, misses.join("; ")));
    }
    false
}

/// How many names are shown of several, and how many characters of each.
const NAMES: usize = 5;
const LETTERS: usize = 80;

/// Which alert it is: its id, its rule, and what was rare where.
fn heading(document: &Map<String, Value>) -> String {
    let id = names(document, "event.id").unwrap_or_else(|| "without an id".to_owned());
    let rule = document.get("rule.name").and_then(Value::as_str).map(short);
    let rule = rule.map(|rule| format!("  {rule}"));
    let value = names(document, "oddsock.by_value").map(|value| format!("  {value}"));
    let hosts = names(document, "host.name").map(|hosts| format!(" on {hosts}"));
    let rest = [rule, value, hosts].into_iter().flatten().collect::<String>();
    format!("alert {id}{rest}")
}

/// The names in a field, each as one word: whoever chose one must not make it look like several.
fn names(document: &Map<String, Value>, field: &str) -> Option<String> {
    let name = |value: &Value| match value {
        Value::String(text) => Some(word(short(text).as_bytes())),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let Value::Array(list) = document.get(field)? else { return name(&document[field]) };
    let shown: Vec<String> = list.iter().filter_map(name).take(NAMES).collect();
    let more = list.len().saturating_sub(NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(shown.join(", ") + &more)
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

//! Shows what a state knows, rule by rule.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::cli::catalogue::Choice;
use crate::cli::knowledge::{Known, Sum, known, opened};
use crate::cli::page::{Page, minute, text, time, word};
use crate::cli::{Ending, say};

/// Show what is known, rule by rule
#[derive(Args, Debug)]
pub struct Arguments {
    /// The file that keeps what was learnt
    #[arg(long, value_name = "FILE")]
    state: PathBuf,

    /// How to show it; table is the default
    #[arg(short = 'f', long, value_enum, default_value = "table", hide_default_value = true)]
    format: Format,

    #[command(flatten)]
    rules: Choice,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Table,
    Ndjson,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        &[Format::Table, Format::Ndjson]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Format::Table => PossibleValue::new("table").help("Columns for a person"),
            Format::Ndjson => PossibleValue::new("ndjson").help("One JSON document a line"),
        })
    }
}

const HEAD: [&str; 9] =
    ["rule", "span", "buckets", "values", "hosts", "first", "last", "forgotten", "state"];

pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let mut store = opened(&arguments.state)?;
    let all = known(&mut store, &arguments.rules)?;
    let mut page = Page::default();
    match arguments.format {
        Format::Table if all.is_empty() => {}
        Format::Table => page.headed(&HEAD, all.iter().map(row).collect()),
        Format::Ndjson => all.iter().for_each(|known| page.plain(&document(known))),
    }
    page.print()?;
    if all.iter().all(|known| known.ledger.tracks().len() == 0) {
        say("nothing is known yet");
        return Ok(Ending::NothingFound);
    }
    Ok(Ending::Found)
}

fn row(known: &Known) -> Vec<String> {
    let (ledger, sum) = (&known.ledger, Sum::of(&known.ledger));
    let span = ledger.question().span;
    let start = |bucket| minute(span.start(bucket));
    let about = if sum.hosts.is_exact { "" } else { "~" };
    vec![
        word(known.name.as_bytes()),
        span.to_string(),
        sum.buckets.len().to_string(),
        sum.values.to_string(),
        format!("{about}{}", sum.hosts.number),
        sum.buckets.first().map_or("-".to_string(), start),
        sum.buckets.last().map_or("-".to_string(), start),
        ledger.forgotten().to_string(),
        match sum.learning {
            Some((known, needed)) => format!("learning ({known} of about {needed})"),
            None => "ready".to_string(),
        },
    ]
}

fn document(known: &Known) -> String {
    let (ledger, sum) = (&known.ledger, Sum::of(&known.ledger));
    let question = ledger.question();
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| _ = object.insert(name.to_string(), value);
    // A state may come from anywhere, and so may the names in it.
    let spelled = |name: &str| Value::from(text(name.as_bytes()));
    let rfc_3339 = |bucket| time(question.span.start(bucket), "%Y-%m-%dT%H:%M:%S.000Z").into();
    put("rule", spelled(&known.name));
    put("job", spelled(&question.name));
    put("by_field", spelled(&question.by));
    if let Some(partition) = &question.partition {
        put("partition_field", spelled(partition));
    }
    put("span", question.span.to_string().into());
    put("buckets", sum.buckets.len().into());
    put("values", sum.values.into());
    put("hosts", sum.hosts.number.into());
    put("hosts_estimated", (!sum.hosts.is_exact).into());
    if let (Some(first), Some(last)) = (sum.buckets.first(), sum.buckets.last()) {
        put("first_seen", rfc_3339(first));
        put("last_seen", rfc_3339(last));
    }
    put("forgotten", ledger.forgotten().into());
    put("learning", sum.learning.is_some().into());
    Value::Object(object).to_string()
}

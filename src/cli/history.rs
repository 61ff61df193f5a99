//! `oddsock history`: when a value was seen.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::Args;

use super::catalogue::Choice;
use super::knowledge::{Known, active, hosts, known, meant, opened};
use super::page::{Page, counted, minute, time, word};
use super::{Ending, say};
use crate::engine::{Bucket, Buckets, Cadence, Ledger, Span, Subject, Track};

/// How many of the last buckets are listed.
const LISTED: usize = 20;

/// How many of the last comings show a cadence.
const COMINGS: usize = 5;

/// Show when a value was seen
///
/// Says of each rule that knows the value since when, how often, from which hosts and how
/// regularly it was seen, and lists the last times. A value that is shown with escapes can be
/// asked for as it is shown.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// The value: a program's name, a port, or whatever a rule looks at
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: OsString,

    /// The file that keeps what was learnt
    #[arg(long, value_name = "FILE")]
    state: PathBuf,

    /// Only within this value of the rule's partition field, such as a host
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    partition: Option<OsString>,

    #[command(flatten)]
    rules: Choice,
}

const EXAMPLES: &str = "Examples:
  oddsock history nc --state state.db
  oddsock history rsync --state state.db --rule process_new_to_a_host --partition web-01

Exit status: 0 seen, 1 never seen, 2 wrong usage or a state that could not be read.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let mut store = opened(&arguments.state)?;
    let all = known(&mut store, &arguments.rules)?;
    let is_value = meant(&all, &arguments.value);
    let is_partition = |subject: &Subject| {
        let asked = arguments.partition.as_ref();
        asked.is_none_or(|asked| subject.partition.as_deref() == Some(asked.as_bytes()))
    };
    let mut page = Page::default();
    let mut any = false;
    for known in &all {
        let mut found: Vec<(&Subject, &Track)> = known
            .ledger
            .tracks()
            .filter(|(subject, _)| is_value(&subject.value) && is_partition(subject))
            .collect();
        found.sort_unstable_by_key(|(subject, _)| *subject);
        if found.is_empty() {
            continue;
        }
        let active = active(&known.ledger);
        for (subject, track) in found {
            if any {
                page.line("");
            }
            any = true;
            let all = active.get(&subject.partition).map_or(0, Buckets::len);
            show(known, subject, track, all, &mut page);
        }
    }
    page.print()?;
    if !any {
        let value = word(arguments.value.as_bytes());
        say(&format!("{value} was never seen, as far as is known"));
        return Ok(Ending::NothingFound);
    }
    Ok(Ending::Found)
}

/// What is known of a value; `all` is in how many buckets there was any.
fn show(known: &Known, subject: &Subject, track: &Track, all: u32, page: &mut Page) {
    let question = known.ledger.question();
    let (span, named) = (question.span, |name: &str| word(name.as_bytes()));
    let mut heading =
        format!("{}: {} in {}", word(&subject.value), named(&question.by), named(&known.name));
    if let (Some(field), Some(value)) = (&question.partition, &subject.partition) {
        heading += &format!(", {} {}", named(field), word(value));
    }
    page.plain(&heading);
    let buckets = &track.buckets;
    let start = |bucket: Option<Bucket>| bucket.map(|bucket| minute(span.start(bucket)));
    let end = buckets.last().map(|last| minute(span.start(last).saturating_add(length(span))));
    let row = |label: &str, text: String| vec![label.to_string(), text];
    let rows = [
        row("first", format!("{} UTC", start(buckets.first()).unwrap_or_default())),
        row(
            "last",
            format!(
                "{} - {} UTC",
                start(buckets.last()).unwrap_or_default(),
                end.unwrap_or_default()
            ),
        ),
        row("seen", format!("in {} of {all} active buckets of {span}", buckets.len())),
        row("hosts", told(track)),
        row("cadence", cadence(buckets, span)),
    ];
    page.table(&rows, "  ");
    page.plain("  lately");
    page.table(&lately(&known.ledger, track), "    ");
}

/// The hosts that told of a value.
fn told(track: &Track) -> String {
    let crowd = hosts([track]);
    let (names, number) = (crowd.names(), crowd.number());
    let mut text = names.iter().map(|name| word(name)).collect::<Vec<_>>().join(", ");
    if let more @ 1.. = number.number.saturating_sub(names.len() as u64) {
        text += &format!(" and {}", counted(more, number.is_exact, "other"));
    }
    text
}

/// The rhythm that it keeps, and the last comings that show it.
fn cadence(buckets: &Buckets, span: Span) -> String {
    let Some(cadence) = Cadence::of(buckets, span) else { return "none".to_string() };
    let last = &cadence.comings[cadence.comings.len().saturating_sub(COMINGS)..];
    let times: Vec<String> =
        last.iter().map(|coming| time(span.start(*coming), "%a %Y-%m-%d %H:%M")).collect();
    let (period, kept) = (cadence.period.name(), cadence.kept);
    format!("{period}, {kept} times in a row, at last {}", times.join(", "))
}

/// The last buckets it was in, the newest first, with what is still known of each.
fn lately(ledger: &Ledger, track: &Track) -> Vec<Vec<String>> {
    let span = ledger.question().span;
    let mut rows = Vec::new();
    let mut next = track.buckets.last();
    while let Some(bucket) = next.filter(|_| rows.len() < LISTED) {
        let mut row = vec![time(span.start(bucket), "%a %Y-%m-%d %H:%M")];
        if let Some(detail) = track.details.get(bucket) {
            let number = detail.number(ledger.retention());
            row.push(counted(number.number, number.is_exact, "event"));
            let names: Vec<String> = detail.origins.names().into_iter().map(word).collect();
            row.push(format!("on {}", names.join(", ")));
        }
        rows.push(row);
        next = track.buckets.last_before(bucket);
    }
    rows
}

fn length(span: Span) -> u64 {
    u64::from(span.seconds()) * 1000
}

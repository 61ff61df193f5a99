//! Forgets part of what a state knows.
//!
//! Facts are joined by union, and nobody can tell afterwards which host has added what: so of a
//! host is forgotten what no other has shown.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::cli::catalogue::Choice;
use crate::cli::knowledge::{known, meant, opened};
use crate::cli::page::counted;
use crate::cli::period;
use crate::cli::when::Edge;
use crate::cli::{Ending, say};
use crate::engine::{Bucket, Ledger, Subject, Track};
use crate::store::Store;

/// Forget part of what is known
///
/// What is forgotten is new if it comes again. Of several conditions all must hold. Alerts that
/// were made stay.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct Arguments {
    /// The file that keeps what was learnt
    #[arg(long, value_name = "FILE")]
    state: PathBuf,

    /// This value, of any rule and in any partition
    #[arg(long, value_name = "VALUE", group = "what", allow_hyphen_values = true)]
    value: Option<OsString>,

    /// What this host has shown and no other
    #[arg(long, value_name = "HOST", group = "what")]
    host: Option<String>,

    /// What lies before this time: "2024-08-16 14:44", -90d, @1723819442
    #[arg(long, value_name = "TIME", group = "what", allow_hyphen_values = true)]
    before: Option<String>,

    #[command(flatten)]
    rules: Choice,
}

pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let before = arguments.before.as_deref();
    let before = before.map(|time| period::millis(time, Edge::Start, None)).transpose()?;
    // Looked at first: a name that was mistyped makes no file.
    drop(opened(&arguments.state)?);
    let mut store = Store::open(&arguments.state).map_err(|error| error.to_string())?;
    let mut all = known(&mut store, &arguments.rules)?;
    let is_value = arguments.value.as_deref().map(|value| meant(&all, value));
    let is_meant = |subject: &Subject, track: &Track| {
        is_value.as_ref().is_none_or(|is_value| is_value(&subject.value))
            && arguments.host.as_ref().is_none_or(|host| is_of_host(track, host.as_bytes()))
    };
    let mut any = false;
    for known in &mut all {
        let oldest = before.map(|time| known.ledger.question().span.bucket(time));
        let (values, facts) = forget(&mut known.ledger, oldest, is_meant);
        if facts > 0 {
            any = true;
            let (facts, name) = (counted(facts, true, "fact"), &known.name);
            let values = counted(values as u64, true, "value");
            say(&format!("{name}: {facts} forgotten, {values} no longer known"));
        }
    }
    if !any {
        say("nothing of that is known");
        return Ok(Ending::NothingFound);
    }
    let ledgers: Vec<&Ledger> = all.iter().map(|known| &known.ledger).collect();
    store.save(&ledgers, &[]).map_err(|error| error.to_string())?;
    Ok(Ending::Found)
}

/// Forgets what is meant, all of it or what is older; how many values are known no more, and how
/// many facts: that a value was in a bucket is one.
fn forget(
    ledger: &mut Ledger,
    oldest: Option<Bucket>,
    is_meant: impl Fn(&Subject, &Track) -> bool,
) -> (usize, u64) {
    let all = ledger.tracks().filter(|(subject, track)| is_meant(subject, track));
    let mut facts = 0;
    let subjects: HashSet<Subject> = all
        .map(|(subject, track)| {
            facts += u64::from(track.buckets.len());
            subject.clone()
        })
        .collect();
    match oldest {
        Some(oldest) => ledger.forget_before(oldest, |subject| subjects.contains(subject)),
        None => (ledger.forget(|subject| subjects.contains(subject)), facts),
    }
}

fn is_of_host(track: &Track, host: &[u8]) -> bool {
    track.origins.number().number == 1 && track.origins.names() == [host]
}

//! `oddsock explain`: how an alert came about, down to the records in the log.
//!
//! The alert is found again in the facts, of logs or of a state, because they have every number of
//! its score. Where they have changed since, so that it is not made any more, its document in the
//! state says what was told then.

mod records;
mod told;

use std::path::{Path, PathBuf};

use clap::Args;

use super::course::Readable;
use super::learning::Learner;
use super::logs::{Input, Kind, Reading};
use super::page::{Page, text};
use super::places::Databases;
use super::posts::Post;
use super::rejects::Rejects;
use super::remembering::Remembering;
use super::screen::{self, Colours};
use super::{Ending, catalogue, keeping, knowledge, say};
use crate::alert::{self, Alert};
use crate::engine;
use crate::output::alerts::{Places, Text, Writer};
use crate::store::Store;
use records::{Event, Records};

/// Explain an alert: every number of its score, and the records behind it
///
/// The alert is found again in what a state knows, or in the logs it was made of; give those of
/// --learn as well. Logs also show the raw records of its evidence. Without --state and FILE it is
/// looked for in the log that auditd writes. Nothing is learnt and no state is changed.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// The alert, by its event.id: sixteen hex digits
    #[arg(value_name = "ALERT-ID", value_parser = alert_id)]
    id: String,

    /// The logs that it was made of
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The file that keeps what was learnt
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    #[command(flatten)]
    rules: catalogue::Choice,

    #[command(flatten)]
    remembering: Remembering,

    #[command(flatten)]
    places: Databases,

    #[command(flatten)]
    kind: Kind,

    #[command(flatten)]
    colours: Colours,

    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "Examples:
  oddsock explain 7d1f04c2a9be3356                                on this machine's log
  oddsock explain 7d1f04c2a9be3356 --state state.db               from what is known
  oddsock explain 7d1f04c2a9be3356 --state state.db today.log     with the raw records

Exit status: 0 explained, 1 there is no such alert, 2 wrong usage or nothing could be read,
3 done, but part of the input could not be read.";

/// The least that an alert may score that is looked for: with --min-score there are some below the
/// threshold, and what scores nothing is no alert.
const LEAST: f64 = 1.0;

fn alert_id(text: &str) -> Result<String, String> {
    let is_id = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let wrong = "not the id of an alert, which has sixteen hex digits".to_string();
    if is_id { Ok(text.to_ascii_lowercase()) } else { Err(wrong) }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let rejects = arguments.reading.rejects()?;
    let state = arguments.state.as_deref();
    let (mut places, mut page) = (arguments.places.open()?, Page::default());
    let sought = arguments.explain(state, rejects, &mut places, &mut page)?;
    let Some(mut sought) = sought else { return Ok(Ending::NothingRead) };
    // Settings may name a state, which `oddsock replay` knows nothing of unless it is told to.
    if !sought.is_found && state.is_some() && !arguments.files.is_empty() {
        say("there is no such alert with what the state knows; these logs alone are looked at.");
        let again = arguments.explain(None, None, &mut places, &mut page)?;
        sought = again.unwrap_or(sought);
    }
    page.print()?;
    if !sought.is_found {
        say(&format!(
            "there is no alert {} in that; give the logs and the rules that it was made with",
            arguments.id
        ));
    }
    Ok(match sought.readable {
        Readable::Nothing => Ending::NothingRead,
        Readable::Part => Ending::PartlyRead,
        Readable::All if sought.is_found => Ending::Found,
        Readable::All => Ending::NothingFound,
    })
}

/// What came of looking for an alert.
struct Sought {
    is_found: bool,
    readable: Readable,
}

impl Arguments {
    /// Looks for the alert with what this state knows and what the logs say, and writes down what
    /// there is to say of it; none if there was nothing to read.
    fn explain(
        &self,
        state: Option<&Path>,
        rejects: Option<Rejects>,
        places: &mut Option<Box<dyn Places>>,
        page: &mut Page,
    ) -> Result<Option<Sought>, String> {
        let mut store = state.map(knowledge::opened).transpose()?;
        let mut learner = Learner::new(self.remembering.of(self.rules.rules()?));
        learner.input = self.kind.input;
        if let Some(store) = &mut store {
            keeping::recall(store, &mut learner).map_err(|error| error.to_string())?;
        }
        let are_logs_read = store.is_none() || !self.files.is_empty();
        let mut readable = Readable::All;
        if are_logs_read {
            let read = learner.read(&self.reading, &self.files, None, rejects)?;
            let Some(read) = read else { return Ok(None) };
            readable = read.readable;
            learner.tell_limits();
            say(&read.account);
        }
        let is_found = self.tell(&learner.posts, store.as_ref(), are_logs_read, places, page)?;
        Ok(Some(Sought { is_found, readable }))
    }

    /// Writes all that can be said of the alert; whether there is one.
    fn tell(
        &self,
        posts: &[Post],
        store: Option<&Store>,
        are_logs_read: bool,
        places: &mut Option<Box<dyn Places>>,
        page: &mut Page,
    ) -> Result<bool, String> {
        let events = if let Some(alert) = posts.iter().find_map(|post| found(post, &self.id)) {
            let (width, colour) = (screen::width(), self.colours.are_wanted());
            let mut out = Vec::new();
            Text::new(width, colour, places.take()).alert(&alert, &mut out);
            page.bytes(&out);
            factors(&alert, page);
            Event::all(&alert.evidence)
        } else {
            let stored = store.map(|store| store.alert(&self.id)).transpose();
            let Some(stored) = stored.map_err(|error| error.to_string())?.flatten() else {
                return Ok(false);
            };
            told::show(&stored, page)
        };
        page.line("");
        // What other shippers have written are no records of the audit system.
        let has_records = are_logs_read && self.kind.input == Input::Audit;
        let logs = if has_records { self.reading.again(&self.files) } else { None };
        let records = logs.map(|logs| Records::read(logs, self.reading.jobs(), &events));
        records::show(&events, records.as_ref(), page);
        Ok(true)
    }
}

/// The alert of that name among what can be found in a rule's facts.
fn found(post: &Post, id: &str) -> Option<Alert> {
    let (rule, ledger) = (post.watch.rule(), post.watch.ledger());
    [rule.threshold, LEAST].into_iter().find_map(|least| {
        let mut judgement = engine::judge(ledger, rule.wanted(least));
        judgement.findings.retain(|finding| alert::id(rule, ledger, finding) == id);
        alert::alerts(rule, ledger, &judgement).pop()
    })
}

/// The numbers of the score, and what each means.
fn factors(alert: &Alert, page: &mut Page) {
    page.line("How the score came about");
    let spelled = |said: &str| text(said.as_bytes());
    let rows: Vec<Vec<String>> = alert::factors(alert)
        .iter()
        .map(|one| vec![one.name.to_string(), spelled(&one.value), spelled(&one.meaning)])
        .collect();
    page.table(&rows, "  ");
}

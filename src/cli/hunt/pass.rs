//! One reading of logs, with all queries of a hunt at work.

use std::ops::ControlFlow;

use super::reading::{Heard, newest_at_ends, read, read_again};
use super::{Asked, Logs};
use crate::cli::logs::{Input, Opened};
use crate::hunt::{Event, MOST_MEMORY, Outcome, Plan, Run, TooMuch};
use crate::input::Pieces;

/// What there is to tell of a reading.
pub struct Told {
    /// What was read.
    pub read: Heard,
    /// What came of each query.
    pub outcomes: Vec<Outcome>,
    /// The newest event's time, in milliseconds since 1970, if it was the present for a query.
    pub newest: Option<u64>,
}

/// Runs all queries on logs that were opened: what there is to tell, and what was the present for
/// them, which is the newest event's time unless it is given.
pub fn run(
    asked: &Asked,
    opened: Opened,
    now: Option<u64>,
    logs: &Logs<'_>,
) -> Result<(Told, i64), String> {
    let asks_for_now = asked.queries.iter().any(|(_, plan)| plan.asks_for_now());
    let likely = match (now, logs.input) {
        (None, Input::Audit) if asks_for_now => newest_at_ends(logs.files),
        _ => now,
    };
    let mut pass = Pass::new(asked, likely);
    let read = read(opened, logs, &mut |event, _| pass.hear(event))?;
    if now.is_none() && pass.failure.is_none() && !pass.is_exact() {
        let newest = pass.newest;
        let Some(pieces) = logs.reading.again(logs.files) else {
            return Err(
                "the query asks for now(), which is the time of the newest event; that is \
                        known only when all has been read, and a pipe is read only once. Name the \
                        files, or say --now TIME."
                    .to_string(),
            );
        };
        pass = Pass::new(asked, newest);
        read_again(pieces, logs, &mut |event, _| pass.hear(event));
    }
    let newest = pass.newest.filter(|_| now.is_none() && asks_for_now);
    let (outcomes, now) = pass.finish()?;
    Ok((Told { read, outcomes, newest }, now))
}

/// The same on logs of which everything has been told already.
pub fn run_again(
    asked: &Asked,
    pieces: Pieces,
    now: Option<u64>,
    logs: &Logs<'_>,
) -> Result<(Vec<Outcome>, i64), String> {
    let mut pass = Pass::new(asked, now.or_else(|| newest_at_ends(logs.files)));
    read_again(pieces, logs, &mut |event, _| pass.hear(event));
    if now.is_none()
        && pass.failure.is_none()
        && !pass.is_exact()
        && let Some(pieces) = logs.reading.again(logs.files)
    {
        pass = Pass::new(asked, pass.newest);
        read_again(pieces, logs, &mut |event, _| pass.hear(event));
    }
    pass.finish()
}

/// Queries at work on events, and when those were.
struct Pass<'p> {
    plans: Vec<&'p Plan>,
    runs: Vec<Run<'p>>,
    now: Option<i64>,
    oldest: Option<u64>,
    newest: Option<u64>,
    failure: Option<TooMuch>,
}

impl<'p> Pass<'p> {
    /// Begins; without a time for the present it is that of the first event.
    fn new(asked: &'p Asked, now: Option<u64>) -> Pass<'p> {
        let plans = asked.queries.iter().map(|(_, plan)| plan).collect();
        let mut pass =
            Pass { plans, runs: vec![], now: None, oldest: None, newest: None, failure: None };
        now.into_iter().for_each(|now| pass.begin(now));
        pass
    }

    fn begin(&mut self, now: u64) {
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        self.now = Some(now);
        self.runs = self.plans.iter().map(|plan| Run::new(plan, now, MOST_MEMORY)).collect();
    }

    /// Hears of the next event.
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        if self.now.is_none() {
            self.begin(event.millis);
        }
        self.newest = self.newest.max(Some(event.millis));
        self.oldest = Some(self.oldest.map_or(event.millis, |oldest| oldest.min(event.millis)));
        for run in &mut self.runs {
            if let Err(failure) = run.take(event) {
                self.failure = Some(failure);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether the newest event being as new as it is would have changed nothing.
    fn is_exact(&self) -> bool {
        let (Some(now), Some(oldest), Some(newest)) = (self.now, self.oldest, self.newest) else {
            return true;
        };
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let is_same =
            |plan: &&&Plan| !plan.asks_for_now() || plan.admits_all_since(oldest, [now, newest]);
        now == newest || self.plans.iter().all(|plan| is_same(&plan))
    }

    /// What came of all queries, and what was the present.
    fn finish(mut self) -> Result<(Vec<Outcome>, i64), String> {
        if let Some(failure) = self.failure {
            return Err(failure.to_string());
        }
        if self.now.is_none() {
            self.begin(0);
        }
        let now = self.now.unwrap_or(0);
        let outcomes = self.runs.into_iter().map(Run::finish).collect::<Result<_, _>>();
        Ok((outcomes.map_err(|failure| failure.to_string())?, now))
    }
}

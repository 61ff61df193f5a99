//! One reading of logs, with all queries of a hunt at work.

use std::ops::ControlFlow;

use super::Asked;
use crate::hunt::{Event, MOST_MEMORY, Outcome, Plan, Run, TooMuch};

/// Queries at work on events, and when those were.
pub struct Pass<'p> {
    plans: Vec<&'p Plan>,
    runs: Vec<Run<'p>>,
    now: Option<i64>,
    oldest: Option<u64>,
    pub newest: Option<u64>,
    pub failure: Option<TooMuch>,
}

impl<'p> Pass<'p> {
    /// Begins; without a time for the present it is that of the first event.
    pub fn new(asked: &'p Asked, now: Option<u64>) -> Pass<'p> {
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
    pub fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
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
    pub fn is_exact(&self) -> bool {
        let (Some(now), Some(oldest), Some(newest)) = (self.now, self.oldest, self.newest) else {
            return true;
        };
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let is_same =
            |plan: &&&Plan| !plan.asks_for_now() || plan.admits_all_since(oldest, [now, newest]);
        now == newest || self.plans.iter().all(|plan| is_same(&plan))
    }

    /// What came of all queries, and what was the present.
    pub fn finish(mut self) -> Result<(Vec<Outcome>, i64), String> {
        if let Some(failure) = self.failure {
            return Err(failure.to_string());
        }
        if self.now.is_none() {
            self.begin(0);
        }
        let now = self.now.unwrap_or(0);
        Ok((self.runs.into_iter().map(Run::finish).collect(), now))
    }
}

//! The connections behind rows, for which the logs are read once more.

use std::ops::ControlFlow;

use super::reading::read_again;
use super::{Asked, Logs};
use crate::hunt::{Outcome, Trace};
use crate::output::rows::Evidence;
use crate::rules::Field;

/// The connections behind all rows of all queries, of each at most so many.
pub fn behind(
    asked: &Asked,
    (outcomes, now): (&[Outcome], i64),
    most: usize,
    logs: &Logs<'_>,
) -> Result<Vec<Vec<Evidence>>, String> {
    let mut evidence: Vec<Vec<Evidence>> =
        outcomes.iter().map(|one| vec![Evidence::default(); one.rows.len()]).collect();
    if evidence.iter().all(Vec::is_empty) {
        return Ok(evidence);
    }
    let Some(pieces) = logs.reading.again(logs.files) else {
        return Err("the connections behind rows are looked for in a second reading of the logs, \
                    and a pipe is read only once. Name the files."
            .to_string());
    };
    let plans = asked.queries.iter().map(|(_, plan)| plan);
    let mut traces: Vec<Trace<'_>> =
        plans.zip(outcomes).map(|(plan, outcome)| Trace::new(plan, now, outcome)).collect();
    read_again(pieces, logs, &mut |event, show| {
        let mut shown = None;
        for (trace, evidence) in traces.iter_mut().zip(&mut evidence) {
            for row in trace.rows(event) {
                let Some(row) = evidence.get_mut(row) else { continue };
                let host = event.fields.field(&Field::HostName).unwrap_or_default();
                row.take(event.millis, &host, most, || shown.get_or_insert_with(show).clone());
            }
        }
        ControlFlow::Continue(())
    });
    Ok(evidence)
}

//! Rows of hunts as alerts, for a replay.

use std::path::PathBuf;

use super::{Asked, Logs, evidence, find, pass, told};
use crate::cli::logs::{Input, Reading};
use crate::engine::hash::{joined, of};
use crate::hunt::{Hunt, Value};
use crate::output::alerts::RowAlert;
use crate::output::rows::Evidence;

/// How many connections are shown of an alert.
const SHOWN: usize = 8;

/// The alerts of hunts on logs that can be read once more. Events after the second of two times are
/// as if they had not been, and that is the present for the hunts, unless it lies beyond all; of
/// the rows those are told whose newest connection is not before the first.
pub fn alerts(
    hunts: &[Hunt],
    files: &[PathBuf],
    (reading, input): (&Reading, Input),
    (from, to): (u64, u64),
) -> Result<Vec<RowAlert>, String> {
    let logs = Logs { files, reading, input, until: to };
    let mut alerts = Vec::new();
    for hunt in hunts {
        let queries = hunt.queries.clone();
        let asked = Asked { hunt: Some(hunt.name.clone()), queries, left_out: vec![] };
        let Some(pieces) = reading.again(files) else {
            return Err("--hunts reads the logs again, and a pipe is read only once. Name the \
                        files."
                .to_string());
        };
        let now = (to < u64::MAX).then_some(to);
        let (outcomes, now) = pass::run_again(&asked, pieces, now, &logs)?;
        let evidence = evidence::behind(&asked, (&outcomes, now), SHOWN, &logs)?;
        told::tell_oddities(&asked, &outcomes, input);
        for (((number, plan), outcome), evidence) in
            asked.queries.iter().zip(&outcomes).zip(evidence)
        {
            for (row, evidence) in outcome.rows.iter().zip(evidence) {
                if evidence.newest_ms >= from {
                    let columns = plan.columns();
                    let columns = columns.iter().map(|column| (column.name.clone(), column.is_key));
                    alerts.push(alert(hunt, *number, columns.collect(), row, evidence));
                }
            }
        }
    }
    Ok(alerts)
}

/// The hunts of some names or files.
pub fn hunts(words: &[PathBuf]) -> Result<Vec<Hunt>, String> {
    words.iter().map(|word| find(word)).collect()
}

fn alert(
    hunt: &Hunt,
    query: usize,
    mut columns: Vec<(String, bool)>,
    row: &[Value<'static>],
    evidence: Evidence,
) -> RowAlert {
    // Where there are no groups, rows are told apart by all they have.
    if columns.iter().all(|(_, is_key)| !is_key) {
        columns.iter_mut().for_each(|(_, is_key)| *is_key = true);
    }
    let rule = if hunt.id.is_empty() { hunt.name.clone() } else { hunt.id.clone() };
    let keys = columns.iter().zip(row).filter(|((_, is_key), _)| *is_key);
    let keys = keys.flat_map(|((name, _), value)| {
        let shown = value.each().iter().filter_map(|value| Some(of(&value.shown()?)));
        std::iter::once(of(name.as_bytes())).chain(shown).collect::<Vec<_>>()
    });
    let parts = [of(b"hunt"), of(rule.as_bytes()), query as u64].into_iter().chain(keys);
    RowAlert {
        id: format!("{:016x}", parts.fold(0, joined)),
        rule,
        hunt: hunt.name.clone(),
        title: hunt.title.clone(),
        license: hunt.license.clone(),
        ruleset: hunt.ruleset.clone(),
        techniques: hunt.techniques.clone(),
        query,
        columns,
        values: row.to_vec(),
        newest_ms: evidence.newest_ms,
        hosts: evidence.hosts.into_iter().collect(),
        connections: evidence.number,
        evidence: evidence.some.into_iter().map(|shown| shown.json).collect(),
        excepted: None,
    }
}

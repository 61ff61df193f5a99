//! At most so many alerts an execution.
//!
//! A rule is executed every quarter of an hour or so and looks back over several buckets. What it
//! finds belongs to the first execution that sees the whole bucket, so that no alert is counted
//! twice and none depends on how often a rule is asked. Where there are too many the best stay.

use std::collections::BTreeMap;

use super::Alert;

/// Lets only as many alerts of a rule stay for each of its executions as the rule allows, the best;
/// how many had to leave. Those that are not shown anyway neither leave nor count.
pub fn limit(alerts: &mut Vec<Alert>) -> u64 {
    let mut executions: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, alert) in alerts.iter().enumerate().filter(|(_, alert)| alert.is_shown()) {
        executions.entry(execution(alert)).or_default().push(at);
    }
    let mut leaves = vec![false; alerts.len()];
    for mut shown in executions.into_values() {
        shown.sort_by(|a, b| {
            let (a, b) = (&alerts[*a], &alerts[*b]);
            b.finding.score.total_cmp(&a.finding.score).then_with(|| a.id.cmp(&b.id))
        });
        let most = shown.first().map_or(0, |at| alerts[*at].rule.max_alerts as usize);
        shown.iter().skip(most).for_each(|at| leaves[*at] = true);
    }
    let mut leaving = leaves.iter();
    alerts.retain(|_| leaving.next() == Some(&false));
    leaves.iter().filter(|leaves| **leaves).count() as u64
}

/// The first execution at or after the end of an alert's bucket, by its number since 1970.
fn execution(alert: &Alert) -> u64 {
    let length = u64::from(alert.rule.question.span.seconds()) * 1000;
    let interval = u64::from(alert.rule.interval.max(1)) * 1000;
    alert.bucket_start_ms.saturating_add(length).div_ceil(interval)
}

#[cfg(test)]
#[path = "limit_tests.rs"]
mod tests;

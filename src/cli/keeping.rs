//! Between what a run knows and the file that keeps it for the next.

use super::clock;
use super::learning::Learner;
use crate::alert::Alert;
use crate::engine::Ledger;
use crate::output::alerts::{Ndjson, Writer};
use crate::store::{Store, StoreError, StoredAlert};

/// Begins with what earlier runs have kept for each rule, before anything is learnt.
pub fn recall(store: &mut Store, learner: &mut Learner) -> Result<(), StoreError> {
    for post in learner.posts.iter_mut() {
        *post.ledger = store.load(post.ledger.question())?;
    }
    Ok(())
}

/// Keeps what is known now, but what is too old, and the alerts that were made.
///
/// Only here: what lies long ago in logs that are judged now is judged like the rest.
pub fn keep(store: &mut Store, learner: &mut Learner, alerts: &[Alert]) -> Result<(), String> {
    forget_old(store, learner)?;
    let now = clock::now();
    let ledgers: Vec<&Ledger> = learner.posts.iter().map(|post| post.watch.ledger()).collect();
    let alerts: Vec<StoredAlert> = alerts.iter().map(|alert| stored(alert, now)).collect();
    store.save(&ledgers, &alerts).map_err(|error| error.to_string())
}

/// Forgets what is too old: facts, and the alerts that were made of such.
pub fn forget_old(store: &mut Store, learner: &mut Learner) -> Result<(), String> {
    let posts = learner.posts.iter_mut();
    // Of what is asked several have no facts for years: what is old the others tell.
    let oldest = posts.filter_map(|post| post.ledger.forget_old()).max();
    oldest.map_or(Ok(()), |oldest| store.forget_alerts(oldest)).map_err(|error| error.to_string())
}

/// An alert as it is kept, from now on.
pub fn stored(alert: &Alert, now: u64) -> StoredAlert {
    let mut document = Vec::new();
    Ndjson::new().alert(alert, &mut document);
    document.pop();
    let finding = &alert.finding;
    StoredAlert {
        id: alert.id.clone(),
        rule: alert.rule.name.clone(),
        function: finding.function.name().to_string(),
        bucket_start: alert.bucket_start_ms,
        partition: finding.partition.as_deref().map(<[u8]>::to_vec),
        values: finding.values.iter().map(|value| value.to_vec()).collect(),
        score: finding.score,
        probability: finding.probability,
        document: String::from_utf8_lossy(&document).into_owned(),
        first_stored: now,
    }
}

//! What is done with a state as a whole: forgetting, joining with another, and copying.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Fault, StoreError};
use super::job::Job;
use super::save::Seed;
use super::{alerts, file, load, packed, save};
use crate::engine::{Question, Subject};

/// Removes all subjects for which a condition holds; how many they were.
pub fn forget(
    connection: &Connection,
    is_unwanted: impl Fn(&Question, &Subject) -> bool,
) -> Result<usize, Fault> {
    let mut unwanted = Vec::new();
    for job in Job::all(connection)? {
        let sql = "SELECT id, partition_value, value FROM subjects WHERE job_id = ?1";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([job.id])?;
        while let Some(row) = rows.next()? {
            let partition = packed::bytes(row, 1)?.map(Arc::from);
            let subject = Subject { partition, value: Arc::from(packed::some_bytes(row, 2)?) };
            if is_unwanted(&job.question, &subject) {
                unwanted.push(row.get(0)?);
            }
        }
    }
    for id in &unwanted {
        save::delete(connection, *id)?;
    }
    Ok(unwanted.len())
}

/// A state that is joined, and where it is.
pub struct Other<'c> {
    pub connection: &'c Connection,
    pub path: &'c Path,
}

/// Adds what another state knows, wholly or not at all.
pub fn merge(
    connection: &mut Connection,
    path: &Path,
    other: &Other<'_>,
    seed: &Seed,
) -> Result<(), StoreError> {
    let ours = |fault: Fault| fault.at(path);
    let theirs = |fault: Fault| fault.at(other.path);
    let snapshot = other.connection.unchecked_transaction().map_err(|e| theirs(e.into()))?;
    let change = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| ours(error.into()))?;
    for job in Job::all(&snapshot).map_err(theirs)? {
        let question = match Job::named(&change, &job.question.name).map_err(ours)? {
            Some(own) => own.question_with(&job.question).map_err(ours)?,
            None => job.question,
        };
        let (mut ledger, rows) = load::ledger(&change, &question, seed).map_err(ours)?;
        ledger.absorb(&load::ledger(&snapshot, &question, seed).map_err(theirs)?.0);
        save::ledger(&change, &ledger, rows, seed).map_err(ours)?;
    }
    let mut joined = Ok(());
    alerts::each(&snapshot, |alert| {
        joined = alerts::join(&change, alert);
        if joined.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .map_err(theirs)?;
    joined.map_err(ours)?;
    change.commit().map_err(|error| ours(error.into()))
}

/// Writes a copy to a file that was not there.
///
/// The copy is made beside it and gets its name when it is whole and on the disk: a copy that was
/// interrupted must not pass for one.
pub fn export(connection: &Connection, path: &Path, to: &Path) -> Result<(), StoreError> {
    let partial = file::beside(to, "-partial");
    for file in [&partial, to] {
        if fs::symlink_metadata(file).is_ok() {
            return Err(StoreError::Exists { path: file.to_owned() });
        }
    }
    if !file::make(&partial)? {
        return Err(StoreError::Exists { path: partial });
    }
    let copied = copy(connection, path, &partial).and_then(|()| {
        // Reserves the name, so that nothing which has come meanwhile is overwritten.
        if !file::make(to)? {
            return Err(StoreError::Exists { path: to.to_owned() });
        }
        fs::rename(&partial, to).map_err(|error| file::unwritable(to, error))
    });
    if copied.is_err() {
        let _ = fs::remove_file(&partial);
    }
    copied
}

fn copy(connection: &Connection, path: &Path, to: &Path) -> Result<(), StoreError> {
    // A name need not be UTF-8; SQLite hands its bytes on.
    connection
        .execute("VACUUM INTO CAST(?1 AS TEXT)", [to.as_os_str().as_encoded_bytes()])
        .map_err(|error| Fault::from(error).at(path))?;
    let synced = File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| file::unwritable(to, error))
}

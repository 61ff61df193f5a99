//! A ledger's facts become rows.
//!
//! What the file holds of a job afterwards is what the ledger holds, no more and no less: a ledger
//! lets facts leave as well. Subjects that are as they were when they were loaded or saved last are
//! left alone, so saving often costs what has changed and not what is known.

use std::collections::HashMap;
use std::hash::BuildHasher;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};

use super::error::Fault;
use super::job::Job;
use super::packed;
use crate::engine::detail::Retention;
use crate::engine::{Crowd, Detail, Ledger, Number, Subject, Track};

/// What is in the file: a row for each subject.
pub type Rows = HashMap<Subject, Saved, Seed>;

/// What marks are hashed with.
pub type Seed = foldhash::quality::RandomState;

/// A subject in the file.
#[derive(Clone, Copy, Debug)]
pub struct Saved {
    pub id: i64,
    /// A hash of its facts, seeded anew in each process: nobody can make two that agree.
    pub mark: u64,
}

/// Writes a ledger over what the file has of its job; what is in the file then.
///
/// `known` is what is in the file now, if that is certain.
pub fn ledger(
    connection: &Connection,
    ledger: &Ledger,
    known: Option<Rows>,
    seed: &Seed,
) -> Result<Rows, Fault> {
    let job = Job::save(connection, ledger)?;
    let mut known = match known {
        Some(known) => known,
        None => {
            connection.execute("DELETE FROM subjects WHERE job_id = ?1", [job])?;
            Rows::default()
        }
    };
    let mut rows = Rows::default();
    let keep = ledger.retention();
    rows.reserve(ledger.tracks().len());
    for (subject, track) in ledger.tracks() {
        let mark = seed.hash_one(track);
        let id = match known.remove(subject) {
            Some(saved) if saved.mark == mark => saved.id,
            Some(saved) => {
                delete(connection, saved.id)?;
                insert(connection, Some(saved.id), job, (subject, track), keep)?
            }
            None => insert(connection, None, job, (subject, track), keep)?,
        };
        rows.insert(subject.clone(), Saved { id, mark });
    }
    for saved in known.values() {
        delete(connection, saved.id)?;
    }
    Ok(rows)
}

/// Removes a subject, and with it everything that refers to it.
pub fn delete(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM subjects WHERE id = ?1")?.execute([id])?;
    Ok(())
}

fn insert(
    connection: &Connection,
    id: Option<i64>,
    job: i64,
    (subject, track): (&Subject, &Track),
    keep: Retention,
) -> rusqlite::Result<i64> {
    let (hosts, _) = track.origins.parts();
    connection.prepare_cached("INSERT INTO subjects VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(
        params![
            id,
            job,
            subject.partition.as_deref().map(packed::value),
            packed::value(&subject.value),
            beyond(&track.origins),
        ],
    )?;
    let id = connection.last_insert_rowid();
    for chunk in track.buckets.chunks() {
        connection.prepare_cached("INSERT INTO presence VALUES (?1, ?2, ?3)")?.execute(params![
            id,
            chunk.number,
            chunk.mask.cast_signed()
        ])?;
    }
    for host in hosts {
        connection.prepare_cached("INSERT INTO subject_hosts VALUES (?1, ?2, ?3, ?4)")?.execute(
            params![
                id,
                packed::value(&host.name),
                integer(host.number()),
                packed::hashes(&host.events)
            ],
        )?;
    }
    for (bucket, detail) in track.details.iter() {
        insert_detail(connection, (id, bucket.0), detail, keep)?;
    }
    Ok(id)
}

fn insert_detail(
    connection: &Connection,
    (id, bucket): (i64, u32),
    detail: &Detail,
    keep: Retention,
) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO details VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        id,
        bucket,
        integer(detail.number(keep)),
        packed::hashes(&detail.events),
    ])?;
    let influence = "INSERT INTO influences VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let fields = (1_i64..).zip(0..detail.influences.len());
    for (place, _) in fields.filter(|(_, at)| detail.lacking.has(*at)) {
        let absent = ToSqlOutput::Borrowed(packed::ABSENT);
        connection.prepare_cached(influence)?.execute(params![
            id,
            bucket,
            place,
            absent,
            0,
            Vec::new()
        ])?;
    }
    let crowds = std::iter::once(&detail.origins).chain(&detail.influences);
    for (place, crowd) in (0_i64..).zip(crowds) {
        for member in crowd.parts().0 {
            connection.prepare_cached(influence)?.execute(params![
                id,
                bucket,
                place,
                packed::value(&member.name),
                integer(member.number()),
                packed::hashes(&member.events),
            ])?;
        }
        if let Some(hashes) = beyond(crowd) {
            connection
                .prepare_cached("INSERT INTO more_influences VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id, bucket, place, hashes])?;
        }
    }
    for evidence in &detail.evidence {
        connection.prepare_cached("INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(
            params![
                id,
                bucket,
                evidence.time.cast_signed(),
                evidence.id.cast_signed(),
                packed::value(&evidence.text),
            ],
        )?;
    }
    Ok(())
}

/// The hashes of all things of a crowd, if there are some beside those that are kept.
fn beyond(crowd: &Crowd) -> Option<Vec<u8>> {
    let (members, all) = crowd.parts();
    (all.hashes().len() > members.len()).then(|| packed::hashes(all))
}

fn integer(number: Number) -> i64 {
    i64::try_from(number.number).unwrap_or(i64::MAX)
}

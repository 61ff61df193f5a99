//! Rows become a ledger's facts again.
//!
//! The file may have been made by anybody. Every number is looked at before it is believed, and
//! what is read is counted as it comes: a file that holds more than a ledger can is damaged, and is
//! told so before it fills the memory.

use std::hash::BuildHasher;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::error::Fault;
use super::job::Job;
use super::packed;
use super::save::{Rows, Saved, Seed};
use crate::engine::buckets::Chunk;
use crate::engine::ledger::{MOST_VALUES, MOST_WEIGHT};
use crate::engine::{Bucket, Crowd, Detail, Evidence, Ledger, Question, Subject, Track};

/// What a row costs beside the bytes in it.
const ROW: usize = 32;

/// The facts of one job, as they are read.
struct Facts<'c> {
    connection: &'c Connection,
    job: i64,
    /// In the order of the ids.
    tracks: Vec<(i64, Subject, Track)>,
    /// How many more bytes may come.
    left: usize,
}

/// The ledger of a question, and what is in the file of it; no rows if they cannot be told apart.
pub fn ledger(
    connection: &Connection,
    asked: &Question,
    seed: &Seed,
) -> Result<(Ledger, Option<Rows>), Fault> {
    let mut ledger = Ledger::new(asked.clone());
    let Some(job) = Job::named(connection, &asked.name)? else {
        return Ok((ledger, Some(Rows::default())));
    };
    job.fits(asked)?;
    ledger.restore_retention_step(job.retention);
    ledger.restore_forgotten(job.forgotten);
    let mut facts = Facts { connection, job: job.id, tracks: Vec::new(), left: 2 * MOST_WEIGHT };
    facts.subjects()?;
    facts.presence()?;
    facts.hosts()?;
    facts.details()?;
    facts.influences(&places(&job.question, asked), asked.influencers.len())?;
    facts.evidence()?;
    let mut rows = Rows::default();
    let mut is_certain = job.question.influencers == asked.influencers;
    for (id, subject, track) in facts.tracks {
        check(&track)?;
        is_certain &=
            rows.insert(subject.clone(), Saved { id, mark: seed.hash_one(&track) }).is_none();
        ledger.restore(subject, track);
    }
    Ok((ledger, is_certain.then_some(rows)))
}

/// Where the influencer at each place in the file stands in the question now; place 0 is the host.
fn places(stored: &Question, asked: &Question) -> Vec<Option<usize>> {
    let now = |field: &String| asked.influencers.iter().position(|known| known == field);
    std::iter::once(Some(0)).chain(stored.influencers.iter().map(|f| Some(now(f)? + 1))).collect()
}

/// What the engine takes for granted.
fn check(track: &Track) -> Result<(), Fault> {
    if track.buckets.is_empty() {
        return Err(Fault::damage("a value was in no bucket"));
    }
    match track.details.buckets().find(|bucket| !track.buckets.contains(*bucket)) {
        Some(bucket) => {
            Err(Fault::damage(format!("details of bucket {}, in which a value was not", bucket.0)))
        }
        None => Ok(()),
    }
}

impl Facts<'_> {
    fn subjects(&mut self) -> Result<(), Fault> {
        let mut statement = self.connection.prepare(
            "SELECT id, partition_value, value, more_hosts FROM subjects
             WHERE job_id = ?1 ORDER BY id",
        )?;
        let mut rows = statement.query([self.job])?;
        while let Some(row) = rows.next()? {
            let partition = packed::bytes(row, 1)?.map(Arc::from);
            let subject = Subject { partition, value: Arc::from(packed::some_bytes(row, 2)?) };
            let mut track = Track::default();
            if packed::bytes(row, 3)?.is_some() {
                track.origins.restore_all(&packed::tally(row, 3)?);
            }
            let partition = subject.partition.as_ref().map_or(0, |partition| partition.len());
            self.pay(subject.value.len() + partition + size_of::<Track>())?;
            if self.tracks.len() == MOST_VALUES {
                return Err(Fault::damage(format!("more than {MOST_VALUES} values")));
            }
            self.tracks.push((row.get(0)?, subject, track));
        }
        Ok(())
    }

    fn presence(&mut self) -> Result<(), Fault> {
        self.each("SELECT subject_id, chunk, mask FROM presence", |track, row| {
            let number: u32 = row.get(1)?;
            let mask = row.get::<_, i64>(2)?.cast_unsigned();
            if number > u32::MAX / 64 || mask == 0 {
                return Err(Fault::damage(format!("no buckets are in chunk {number}")));
            }
            track.buckets.insert_chunk(Chunk { number, mask });
            Ok(())
        })
    }

    fn hosts(&mut self) -> Result<(), Fault> {
        self.each("SELECT subject_id, host, hashes FROM subject_hosts", |track, row| {
            track.origins.restore(packed::some_bytes(row, 1)?, packed::tally(row, 2)?);
            Ok(())
        })
    }

    fn details(&mut self) -> Result<(), Fault> {
        self.each("SELECT subject_id, bucket, hashes FROM details", |track, row| {
            let detail = Detail { events: packed::tally(row, 2)?, ..Detail::default() };
            *track.details.at(Bucket(row.get(1)?)) = detail;
            Ok(())
        })
    }

    fn influences(&mut self, places: &[Option<usize>], number: usize) -> Result<(), Fault> {
        for (_, _, track) in &mut self.tracks {
            for detail in track.details.values_mut() {
                detail.make_room(number);
                // Nobody looked for what the rule has asked for only since then.
                let new = (0..number).filter(|at| !places.contains(&Some(at + 1)));
                new.for_each(|at| detail.lacking.note(at));
            }
        }
        self.each("SELECT subject_id, bucket, place, value, hashes FROM influences", |t, row| {
            if row.get_ref(3)? == packed::ABSENT {
                return lacking(t, row, places);
            }
            if let Some(crowd) = crowd_of(t, row, places)? {
                crowd.restore(packed::some_bytes(row, 3)?, packed::tally(row, 4)?);
            }
            Ok(())
        })?;
        self.each("SELECT subject_id, bucket, place, hashes FROM more_influences", |t, row| {
            if let Some(crowd) = crowd_of(t, row, places)? {
                crowd.restore_all(&packed::tally(row, 3)?);
            }
            Ok(())
        })
    }

    fn evidence(&mut self) -> Result<(), Fault> {
        self.each(
            "SELECT subject_id, bucket, time, event, document FROM evidence",
            |track, row| {
                let detail = detail_of(track, row)?;
                let evidence = Evidence {
                    time: row.get::<_, i64>(2)?.cast_unsigned(),
                    id: row.get::<_, i64>(3)?.cast_unsigned(),
                    text: Arc::from(packed::some_bytes(row, 4)?),
                };
                detail.evidence.push(evidence);
                Ok(())
            },
        )?;
        // SQLite's order is that of numbers with a sign.
        for (_, _, track) in &mut self.tracks {
            track.details.values_mut().for_each(|detail| detail.evidence.sort_unstable());
        }
        Ok(())
    }

    /// Calls for each row of a table that refers to one of the subjects.
    fn each(
        &mut self,
        select: &str,
        mut learn: impl FnMut(&mut Track, &Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let sql =
            format!("{select} WHERE subject_id IN (SELECT id FROM subjects WHERE job_id = ?1)");
        let connection = self.connection;
        let mut statement = connection.prepare(&sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([self.job])?;
        while let Some(row) = rows.next()? {
            let mut size = ROW;
            for column in 1..columns {
                size += match row.get_ref(column)? {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
                    _ => 0,
                };
            }
            self.pay(size)?;
            let id: i64 = row.get(0)?;
            let at = self.tracks.binary_search_by_key(&id, |(id, _, _)| *id);
            let at = at.map_err(|_| Fault::damage("facts of a value that is not there"))?;
            learn(&mut self.tracks[at].2, row)?;
        }
        Ok(())
    }

    fn pay(&mut self, size: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(size).ok_or_else(|| {
            Fault::damage(format!("more facts than fit into {} MiB", (2 * MOST_WEIGHT) >> 20))
        })?;
        Ok(())
    }
}

/// The detail that a row is about: its second column says which bucket.
fn detail_of<'t>(track: &'t mut Track, row: &Row<'_>) -> Result<&'t mut Detail, Fault> {
    let bucket: u32 = row.get(1)?;
    track
        .details
        .get_mut(Bucket(bucket))
        .ok_or_else(|| Fault::damage(format!("facts of bucket {bucket}, which has no details")))
}

/// The crowd that a row is about, if it is asked for: its third column says at which place.
fn crowd_of<'t>(
    track: &'t mut Track,
    row: &Row<'_>,
    places: &[Option<usize>],
) -> Result<Option<&'t mut Crowd>, Fault> {
    let place = place_of(row, places)?;
    let detail = detail_of(track, row)?;
    Ok(place.map(|place| match place.checked_sub(1) {
        None => &mut detail.origins,
        Some(place) => &mut detail.influences[place],
    }))
}

/// Notes that events lacked what a row is about, if it is asked for.
fn lacking(track: &mut Track, row: &Row<'_>, places: &[Option<usize>]) -> Result<(), Fault> {
    let place = place_of(row, places)?;
    let detail = detail_of(track, row)?;
    match place.map(|place| place.checked_sub(1)) {
        None => {}
        Some(None) => return Err(Fault::damage("a connection without a host")),
        Some(Some(place)) => detail.lacking.note(place),
    }
    Ok(())
}

fn place_of(row: &Row<'_>, places: &[Option<usize>]) -> Result<Option<usize>, Fault> {
    let place: u32 = row.get(2)?;
    let known = places.get(place as usize).copied();
    known.ok_or_else(|| Fault::damage(format!("there is no influencer at place {place}")))
}

//! A question as it stands in the file.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::Fault;
use crate::engine::{Ledger, Novelty, Question, Span};

/// A question with what is known of its facts as a whole.
#[derive(Debug)]
pub struct Job {
    pub id: i64,
    pub question: Question,
    pub retention: usize,
    pub forgotten: u64,
}

const COLUMNS: &str = "id, name, by_field, partition_field, span, novelty, retention, forgotten";

/// More fields than that explain no finding.
const MOST_INFLUENCERS: usize = 1000;

impl Job {
    /// The job of that name.
    pub fn named(connection: &Connection, name: &str) -> Result<Option<Job>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE name = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let found = statement.query_row([name], |row| Ok(job(row))).optional()?;
        found.map(|job| job?.with_influencers(connection)).transpose()
    }

    /// All jobs, by name.
    pub fn all(connection: &Connection) -> Result<Vec<Job>, Fault> {
        let mut statement =
            connection.prepare(&format!("SELECT {COLUMNS} FROM jobs ORDER BY name LIMIT 10000"))?;
        let jobs = statement.query_map([], |row| Ok(job(row)))?;
        jobs.map(|job| job??.with_influencers(connection)).collect()
    }

    fn with_influencers(mut self, connection: &Connection) -> Result<Job, Fault> {
        let sql = "SELECT field FROM influencers WHERE job_id = ?1 ORDER BY place LIMIT ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let fields = statement
            .query_map(params![self.id, MOST_INFLUENCERS as i64], |row| row.get::<_, String>(0))?;
        self.question.influencers = fields.collect::<rusqlite::Result<_>>()?;
        Ok(self)
    }

    /// Writes the question of a ledger, which must ask what was asked before; the id of the job.
    pub fn save(connection: &Connection, ledger: &Ledger) -> Result<i64, Fault> {
        let question = ledger.question();
        if let Some(known) = Job::named(connection, &question.name)? {
            known.fits(question)?;
        }
        let id = connection
            .prepare_cached(
                "INSERT INTO jobs
                   (name, by_field, partition_field, span, novelty, retention, forgotten)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (name) DO UPDATE SET
                   novelty = excluded.novelty,
                   retention = excluded.retention,
                   forgotten = excluded.forgotten
                 RETURNING id",
            )?
            .query_row(
                params![
                    question.name,
                    question.by,
                    question.partition,
                    question.span.seconds(),
                    novelty_name(question.novelty),
                    ledger.retention_step() as i64,
                    i64::try_from(ledger.forgotten()).unwrap_or(i64::MAX),
                ],
                |row| row.get(0),
            )?;
        connection.execute("DELETE FROM influencers WHERE job_id = ?1", [id])?;
        for (place, field) in (1_i64..).zip(&question.influencers) {
            connection
                .prepare_cached("INSERT INTO influencers VALUES (?1, ?2, ?3)")?
                .execute(params![id, place, field])?;
        }
        Ok(id)
    }

    /// Whether the facts answer a question of the same name: its buckets, values and partitions
    /// must be these. What counts as novel and what may explain it can change.
    pub fn fits(&self, asked: &Question) -> Result<(), Fault> {
        let stored = &self.question;
        let over = |question: &Question| match &question.partition {
            Some(field) => field.clone(),
            None => "none".to_owned(),
        };
        let parts = [
            ("the bucket span", stored.span.to_string(), asked.span.to_string()),
            ("the field", stored.by.clone(), asked.by.clone()),
            ("the partition", over(stored), over(asked)),
        ];
        match parts.into_iter().find(|(_, stored, asked)| stored != asked) {
            None => Ok(()),
            Some((what, stored, asked)) => {
                Err(Fault::Changed { job: self.question.name.clone(), what, stored, asked })
            }
        }
    }

    /// The question to which both this one's and another's facts are answers. It does not depend on
    /// which of the two was first.
    pub fn question_with(&self, other: &Question) -> Result<Question, Fault> {
        self.fits(other)?;
        let mut both = self.question.clone();
        if both.influencers != other.influencers {
            let fields: BTreeSet<String> =
                both.influencers.drain(..).chain(other.influencers.iter().cloned()).collect();
            both.influencers = fields.into_iter().collect();
        }
        if both.novelty != other.novelty {
            both.novelty = Novelty::Any;
        }
        Ok(both)
    }
}

fn job(row: &Row<'_>) -> Result<Job, Fault> {
    let name: String = row.get(1)?;
    let span = Span::of_seconds(row.get(4)?)
        .ok_or_else(|| Fault::damage(format!("the job {name:?} has no possible span")))?;
    let novelty: String = row.get(5)?;
    let novelty = [Novelty::Any, Novelty::KnownElsewhere]
        .into_iter()
        .find(|known| novelty_name(*known) == novelty)
        .ok_or_else(|| Fault::damage(format!("there is no novelty {novelty:?}")))?;
    let question = Question {
        name,
        by: row.get(2)?,
        partition: row.get(3)?,
        influencers: Vec::new(),
        span,
        novelty,
    };
    let retention = usize::from(row.get::<_, u8>(6)?);
    let forgotten = u64::try_from(row.get::<_, i64>(7)?)
        .map_err(|_| Fault::damage("fewer than no values were forgotten"))?;
    Ok(Job { id: row.get(0)?, question, retention, forgotten })
}

fn novelty_name(novelty: Novelty) -> &'static str {
    match novelty {
        Novelty::Any => "any",
        Novelty::KnownElsewhere => "known elsewhere",
    }
}

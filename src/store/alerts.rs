//! The alerts that were made, as rows. What is in their documents is not looked at.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::Fault;
use super::packed;
use crate::engine::ledger::MOST_VALUES;

/// An alert that was made.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredAlert {
    /// What names it: the same whenever it is made from the same facts.
    pub id: String,
    /// The name of the rule.
    pub rule: String,
    /// What kind of rarity: `rare`, `burst` or `comeback`.
    pub function: String,
    /// When its bucket began, in milliseconds since 1970.
    pub bucket_start: u64,
    /// The value of the partition field.
    pub partition: Option<Vec<u8>>,
    /// The values; several if it is a burst.
    pub values: Vec<Vec<u8>>,
    /// From 0 to 100.
    pub score: f64,
    /// How improbable it is.
    pub probability: f64,
    /// The alert as JSON.
    pub document: String,
    /// When it was stored first, in milliseconds since 1970. A later save does not change it.
    pub first_stored: u64,
}

impl StoredAlert {
    /// Of two alerts of one name the one to keep, whichever was first: facts that came later may
    /// have changed the score.
    fn joined(self, other: StoredAlert) -> StoredAlert {
        let first_stored = self.first_stored.min(other.first_stored);
        let is_less = self
            .score
            .total_cmp(&other.score)
            .then_with(|| self.document.cmp(&other.document))
            .is_lt();
        StoredAlert { first_stored, ..if is_less { other } else { self } }
    }
}

const COLUMNS: &str = "id, rule, function, bucket_start, partition_value, score, probability, \
                       document, first_stored";

/// Writes an alert over an older one of its name.
pub fn save(connection: &Connection, alert: &StoredAlert) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO alerts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET
               rule = excluded.rule,
               function = excluded.function,
               bucket_start = excluded.bucket_start,
               partition_value = excluded.partition_value,
               score = excluded.score,
               probability = excluded.probability,
               document = excluded.document,
               first_stored = min(first_stored, excluded.first_stored)",
        )?
        .execute(params![
            alert.id,
            alert.rule,
            alert.function,
            packed::time(alert.bucket_start),
            alert.partition.as_deref().map(packed::value),
            alert.score,
            alert.probability,
            alert.document,
            packed::time(alert.first_stored),
        ])?;
    connection
        .prepare_cached("DELETE FROM alert_values WHERE alert_id = ?1")?
        .execute([&alert.id])?;
    for (place, value) in (0_i64..).zip(&alert.values) {
        connection
            .prepare_cached("INSERT INTO alert_values VALUES (?1, ?2, ?3)")?
            .execute(params![alert.id, place, packed::value(value)])?;
    }
    Ok(())
}

/// Writes what is to be kept of an alert and the one of its name that is there, if any.
pub fn join(connection: &Connection, alert: StoredAlert) -> Result<(), Fault> {
    let known = named(connection, &alert.id)?;
    let kept = known.into_iter().fold(alert, StoredAlert::joined);
    save(connection, &kept)
}

/// Forgets the alerts of buckets that began before a time, but those that wait to be written.
pub fn forget(connection: &Connection, before: u64) -> Result<(), Fault> {
    let sql = "DELETE FROM alerts
               WHERE bucket_start < ?1 AND id NOT IN (SELECT alert_id FROM undelivered)";
    connection.prepare_cached(sql)?.execute([packed::time(before)])?;
    Ok(())
}

/// The alert of that name.
pub fn named(connection: &Connection, id: &str) -> Result<Option<StoredAlert>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([id], |row| Ok(alert(row))).optional()?;
    found.map(|alert| with_values(connection, alert?)).transpose()
}

/// Calls for each alert, in the order of time: there may be more than fit into memory.
pub fn each(
    connection: &Connection,
    mut tell: impl FnMut(StoredAlert) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let sql = format!("SELECT {COLUMNS} FROM alerts ORDER BY bucket_start, id");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if tell(with_values(connection, alert(row)?)?).is_break() {
            break;
        }
    }
    Ok(())
}

fn alert(row: &Row<'_>) -> Result<StoredAlert, Fault> {
    let time = |column| -> Result<u64, Fault> {
        let time: i64 = row.get(column)?;
        u64::try_from(time).map_err(|_| Fault::damage("an alert was before 1970"))
    };
    Ok(StoredAlert {
        id: row.get(0)?,
        rule: row.get(1)?,
        function: row.get(2)?,
        bucket_start: time(3)?,
        partition: packed::bytes(row, 4)?.map(<[u8]>::to_vec),
        values: Vec::new(),
        score: row.get(5)?,
        probability: row.get(6)?,
        document: row.get(7)?,
        first_stored: time(8)?,
    })
}

fn with_values(connection: &Connection, mut alert: StoredAlert) -> Result<StoredAlert, Fault> {
    let sql = "SELECT value FROM alert_values WHERE alert_id = ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([&alert.id])?;
    while let Some(row) = rows.next()? {
        if alert.values.len() == MOST_VALUES {
            return Err(Fault::damage(format!("the alert {:?} has too many values", alert.id)));
        }
        alert.values.push(packed::some_bytes(row, 0)?.to_vec());
    }
    Ok(alert)
}

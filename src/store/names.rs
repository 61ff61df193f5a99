//! Names alone: which values, hosts and alerts a state knows, read without what is known of them.

use rusqlite::{Connection, ToSql};

use super::error::Fault;
use super::packed;

/// The values of questions by a field, or by any.
pub fn values(
    connection: &Connection,
    field: Option<&str>,
    most: u32,
) -> Result<Vec<Vec<u8>>, Fault> {
    let sql = "SELECT DISTINCT value FROM subjects JOIN jobs ON jobs.id = subjects.job_id
               WHERE ?1 IS NULL OR by_field = ?1 ORDER BY value LIMIT ?2";
    all(connection, sql, &[&field, &most])
}

/// The hosts that told of any value.
pub fn hosts(connection: &Connection, most: u32) -> Result<Vec<Vec<u8>>, Fault> {
    let sql = "SELECT DISTINCT host FROM subject_hosts ORDER BY host LIMIT ?1";
    all(connection, sql, &[&most])
}

/// The newest alerts: what names each, its rule and its score.
pub fn alerts(connection: &Connection, most: u32) -> Result<Vec<(String, String, f64)>, Fault> {
    let sql = "SELECT id, rule, score FROM alerts ORDER BY bucket_start DESC, id LIMIT ?1";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn all(connection: &Connection, sql: &str, given: &[&dyn ToSql]) -> Result<Vec<Vec<u8>>, Fault> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(given)?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.push(packed::some_bytes(row, 0)?.to_vec());
    }
    Ok(names)
}

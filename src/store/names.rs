//! Names alone: which values and hosts a state knows, read without the facts about them.

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

fn all(connection: &Connection, sql: &str, given: &[&dyn ToSql]) -> Result<Vec<Vec<u8>>, Fault> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(given)?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.push(packed::some_bytes(row, 0)?.to_vec());
    }
    Ok(names)
}

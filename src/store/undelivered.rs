//! What was made and is not known to have been written to standard output.
//!
//! Alerts come in as they will be shown, in the transaction that saves the facts they were found
//! in, and stay until they were written. While that cannot be done they wait, as letters do in the
//! [outbox](super::outbox), with as much room; the oldest leave first, which is counted there under
//! [`STANDARD_OUTPUT`].

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::bookmark::MOST_ROWS;
use super::error::Fault;
use super::outbox::{self, Room, STANDARD_OUTPUT};
use super::{Store, StoreError, change};

/// An alert that is not known to have been told, and what is written for it.
pub type Undelivered = (String, Vec<u8>);

/// Adds alerts to those that have to be delivered.
pub fn add(connection: &Connection, alerts: &[Undelivered], room: Room) -> Result<(), Fault> {
    let sql = "INSERT INTO undelivered (alert_id, shown) VALUES (?1, ?2)";
    for (id, shown) in alerts {
        connection.prepare_cached(sql)?.execute(params![id, shown])?;
    }
    if alerts.is_empty() { Ok(()) } else { make_room(connection, room) }
}

/// Lets the oldest leave while more wait than there is room for.
fn make_room(connection: &Connection, room: Room) -> Result<(), Fault> {
    let sql = "SELECT place, length(shown) FROM undelivered ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let waiting: Vec<(i64, i64)> = rows.collect::<rusqlite::Result<_>>()?;
    let leave = room.leave(waiting.iter().map(|(_, bytes)| bytes.cast_unsigned()));
    let Some((last, _)) = leave.checked_sub(1).and_then(|at| waiting.get(at)) else {
        return Ok(());
    };
    connection.execute("DELETE FROM undelivered WHERE place <= ?1", [last])?;
    outbox::count_lost(connection, STANDARD_OUTPUT, leave)
}

/// The alerts that have to be delivered, in the order in which they were made: the first ones,
/// until they take so many bytes.
fn first(connection: &Connection, most: usize) -> Result<Vec<Undelivered>, Fault> {
    let sql = format!("SELECT alert_id, shown FROM undelivered ORDER BY place LIMIT {MOST_ROWS}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let (mut alerts, mut bytes) = (Vec::new(), 0);
    while bytes < most
        && let Some(row) = rows.next()?
    {
        let alert: Undelivered = (row.get(0)?, row.get(1)?);
        bytes += alert.1.len();
        alerts.push(alert);
    }
    Ok(alerts)
}

/// Notes that alerts were delivered.
fn delivered(connection: &Connection, ids: &[String]) -> Result<(), Fault> {
    // Nothing leads from an id to its place but looking through all of them, once for all ids.
    let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let mut statement = connection.prepare_cached("SELECT place, alert_id FROM undelivered")?;
    let (mut rows, mut places) = (statement.query([])?, Vec::new());
    while let Some(row) = rows.next()? {
        if ids.contains(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?) {
            places.push(row.get::<_, i64>(0)?);
        }
    }
    let sql = "DELETE FROM undelivered WHERE place = ?1";
    places.iter().try_for_each(|place| {
        connection.prepare_cached(sql)?.execute([place])?;
        Ok(())
    })
}

impl Store {
    /// The alerts that have to be delivered, in the order in which they were made.
    pub fn undelivered(&self) -> Result<Vec<Undelivered>, StoreError> {
        self.first_undelivered(usize::MAX)
    }

    /// The first of them, until they take so many bytes.
    pub fn first_undelivered(&self, bytes: usize) -> Result<Vec<Undelivered>, StoreError> {
        if self.tables < 2 {
            return Ok(Vec::new());
        }
        first(&self.connection, bytes).map_err(|fault| fault.at(&self.path))
    }

    /// Notes that alerts were delivered.
    pub fn delivered(&mut self, ids: &[String]) -> Result<(), StoreError> {
        change(&mut self.connection, |change| delivered(change, ids))
            .map_err(|fault| fault.at(&self.path))
    }
}

#[cfg(test)]
#[path = "undelivered_tests.rs"]
mod tests;

//! The outbox: what has been found and not yet been taken by everyone who is to be told.
//!
//! [`Letter`]s go in, in the transaction that saves the facts they were found in ([`enqueue`]), and
//! stay until a destination has taken them ([`Store::settle`]). So a kill at any moment loses none,
//! and a destination that is down for a weekend has them on Monday. What waits is bounded for each
//! destination, by number and by bytes; the oldest leave first, and how many did is counted. The
//! outbox does not know how anything is delivered, and sees no clock: `now` is the caller's.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use super::error::Fault;
use super::{Store, StoreError, change, packed};

/// No letter waits longer for its next try. One that says so was put off by a clock that was ahead
/// then and is right now, and is due.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// What standard output is called among the destinations, where what was lost is counted. It has
/// no letters: what it is told is written as it will be shown.
pub const STANDARD_OUTPUT: &str = "standard output";

/// An alert on its way to somebody.
#[derive(Clone, PartialEq, Debug)]
pub struct Letter {
    /// The id of the alert, which is the same whenever it is made.
    pub id: String,
    /// When its bucket began, in milliseconds since 1970.
    pub time: u64,
    /// The number of the rule's severity, from 0 to 100.
    pub severity: u32,
    /// From 0 to 100.
    pub score: f64,
    /// What is unusual, in one sentence.
    pub sentence: String,
    /// The alert as JSON on one line, without its end; the first `event.id` in it is the id.
    pub document: String,
}

impl Letter {
    fn bytes(&self) -> u64 {
        (self.id.len() + self.sentence.len() + self.document.len()) as u64
    }
}

/// How much may wait for one destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// How many letters.
    pub letters: u64,
    /// How many bytes in all.
    pub bytes: u64,
}

impl Room {
    /// How many of these, which have so many bytes, have to leave for there to be room: the first.
    pub fn leave(self, sizes: impl DoubleEndedIterator<Item = u64> + ExactSizeIterator) -> usize {
        let (number, mut stay, mut bytes) = (sizes.len(), 0, 0_u64);
        for size in sizes.rev() {
            bytes = bytes.saturating_add(size);
            if stay == self.letters || bytes > self.bytes {
                break;
            }
            stay += 1;
        }
        number - usize::try_from(stay).unwrap_or(number)
    }
}

impl Default for Room {
    /// 100,000 letters and 256 MiB, whichever is less.
    fn default() -> Room {
        Room { letters: 100_000, bytes: 256 << 20 }
    }
}

/// A letter that waits.
#[derive(Clone, PartialEq, Debug)]
pub struct Waiting {
    /// What names this waiting.
    pub place: i64,
    /// How often it was refused.
    pub tries: u32,
    /// What waits.
    pub letter: Letter,
}

/// What became of a letter that waited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settled {
    /// The [`Waiting::place`].
    pub place: i64,
    /// When to try again, in milliseconds since 1970; none if it was taken.
    pub again: Option<u64>,
}

/// How much waits for a destination.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// Its key.
    pub destination: String,
    /// How many letters wait.
    pub letters: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many had to leave without being taken, ever.
    pub lost: u64,
    /// When the bucket of the one began that waits longest, in milliseconds since 1970; 0 if none
    /// waits.
    pub oldest: u64,
}

/// Letters, and to whom each of them goes.
#[derive(Clone, Copy, Default, Debug)]
pub struct Outgoing<'l> {
    /// What the outbox knows the destinations by.
    pub destinations: &'l [String],
    /// The letters.
    pub letters: &'l [Letter],
}

/// Puts letters into the outbox, one for each destination. One that waits there already stays as
/// it is; one that was taken before would be sent again, so each is to be enqueued once.
pub fn enqueue(
    connection: &Connection,
    destinations: &[String],
    letters: &[Letter],
    room: Room,
) -> Result<(), Fault> {
    let sql = "INSERT INTO outbox VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0)
               ON CONFLICT (destination, alert_id) DO NOTHING";
    for destination in destinations {
        for letter in letters {
            connection.prepare_cached(sql)?.execute(params![
                destination,
                letter.id,
                packed::time(letter.time),
                letter.severity,
                letter.score,
                letter.sentence,
                letter.document,
                letter.bytes().cast_signed(),
            ])?;
        }
        if !letters.is_empty() {
            make_room(connection, destination, room)?;
        }
    }
    Ok(())
}

/// Lets the oldest leave while more wait than there is room for.
fn make_room(connection: &Connection, destination: &str, room: Room) -> Result<(), Fault> {
    let sql = "SELECT count(*), total(bytes) FROM outbox WHERE destination = ?1";
    let (mut letters, mut bytes): (i64, f64) = connection
        .prepare_cached(sql)?
        .query_row([destination], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (most, most_bytes) = (packed::time(room.letters), room.bytes as f64);
    if letters <= most && bytes <= most_bytes {
        return Ok(());
    }
    let mut lost = 0;
    let mut up_to = 0_i64;
    let sql = "SELECT place, bytes FROM outbox WHERE destination = ?1 ORDER BY place";
    let mut oldest = connection.prepare_cached(sql)?;
    let mut rows = oldest.query([destination])?;
    while letters > most || bytes > most_bytes {
        let Some(row) = rows.next()? else { break };
        up_to = row.get(0)?;
        bytes -= row.get::<_, i64>(1)? as f64;
        letters -= 1;
        lost += 1;
    }
    drop(rows);
    connection
        .prepare_cached("DELETE FROM outbox WHERE destination = ?1 AND place <= ?2")?
        .execute(params![destination, up_to])?;
    count_lost(connection, destination, lost)
}

/// Counts alerts that had to leave before they were told of.
pub fn count_lost(connection: &Connection, destination: &str, lost: usize) -> Result<(), Fault> {
    let sql = "INSERT INTO outbox_lost VALUES (?1, ?2)
               ON CONFLICT (destination) DO UPDATE SET alerts = alerts + excluded.alerts";
    connection.prepare_cached(sql)?.execute(params![destination, packed::time(lost as u64)])?;
    Ok(())
}

impl Store {
    /// Puts letters into the outbox where nothing else is to be saved with them.
    pub fn post(
        &mut self,
        destinations: &[String],
        letters: &[Letter],
        room: Room,
    ) -> Result<(), StoreError> {
        change(&mut self.connection, |change| enqueue(change, destinations, letters, room))
            .map_err(|fault| fault.at(&self.path))
    }

    /// The oldest letters that wait for a destination and are due: as many as there is room for,
    /// and one at least.
    pub fn waiting(
        &self,
        destination: &str,
        now: u64,
        room: Room,
    ) -> Result<Vec<Waiting>, StoreError> {
        let waiting = || -> Result<Vec<Waiting>, Fault> {
            let sql = "SELECT place, tries, alert_id, time, severity, score, sentence, document
                       FROM outbox
                       WHERE destination = ?1 AND (next_try <= ?2 OR next_try > ?3)
                       ORDER BY place LIMIT ?4";
            let mut statement = self.connection.prepare_cached(sql)?;
            let limit = packed::time(room.letters.max(1));
            let latest = now.saturating_add(LONGEST_PAUSE.as_millis() as u64);
            let (now, latest) = (packed::time(now), packed::time(latest));
            let mut rows = statement.query(params![destination, now, latest, limit])?;
            let (mut waiting, mut bytes) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let next = self::waiting(row)?;
                bytes += next.letter.bytes();
                if !waiting.is_empty() && bytes > room.bytes {
                    break;
                }
                waiting.push(next);
            }
            Ok(waiting)
        };
        waiting().map_err(|fault| fault.at(&self.path))
    }

    /// Notes what became of letters: all of it, or nothing.
    pub fn settle(&mut self, settled: &[Settled]) -> Result<(), StoreError> {
        let settle = |change: &Connection| -> Result<(), Fault> {
            for Settled { place, again } in settled {
                match again {
                    None => change
                        .prepare_cached("DELETE FROM outbox WHERE place = ?1")?
                        .execute([place])?,
                    Some(again) => change
                        .prepare_cached(
                            "UPDATE outbox SET tries = tries + 1, next_try = ?2 WHERE place = ?1",
                        )?
                        .execute(params![place, packed::time(*again)])?,
                };
            }
            Ok(())
        };
        change(&mut self.connection, settle).map_err(|fault| fault.at(&self.path))
    }

    /// How many letters had to leave without being taken, ever, by the key of their destination.
    pub fn lost(&self) -> Result<Vec<(String, u64)>, StoreError> {
        if self.tables < 2 {
            return Ok(Vec::new());
        }
        let lost = || -> Result<Vec<(String, u64)>, Fault> {
            let sql = "SELECT destination, alerts FROM outbox_lost ORDER BY destination LIMIT 1000";
            let mut statement = self.connection.prepare_cached(sql)?;
            let lost = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()));
            Ok(statement.query_map([], lost)?.collect::<rusqlite::Result<_>>()?)
        };
        lost().map_err(|fault| fault.at(&self.path))
    }

    /// How much waits for each destination and for standard output, and how much was lost, in the
    /// order of their keys.
    pub fn backlogs(&self) -> Result<Vec<Backlog>, StoreError> {
        if self.tables < 2 {
            return Ok(Vec::new());
        }
        let backlogs = || -> Result<Vec<Backlog>, Fault> {
            // Of what may be long an index tells; what standard output missed is seldom there.
            let sql = "SELECT destination, sum(letters), sum(bytes), sum(lost),
                         ifnull(CASE destination
                           WHEN ?1 THEN (SELECT bucket_start
                             FROM undelivered JOIN alerts ON alerts.id = alert_id
                             ORDER BY undelivered.place LIMIT 1)
                           ELSE (SELECT time FROM outbox AS first
                             WHERE first.destination = backlog.destination
                             ORDER BY first.place LIMIT 1)
                         END, 0)
                       FROM (
                         SELECT destination, count(*) AS letters, sum(bytes) AS bytes, 0 AS lost
                         FROM outbox GROUP BY destination
                         UNION ALL SELECT ?1, count(*), sum(length(shown)), 0
                         FROM undelivered HAVING count(*) > 0
                         UNION ALL SELECT destination, 0, 0, alerts FROM outbox_lost) AS backlog
                       GROUP BY destination ORDER BY destination LIMIT 1000";
            let mut statement = self.connection.prepare_cached(sql)?;
            let backlog = |row: &Row<'_>| {
                let number = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
                Ok(Backlog {
                    destination: row.get(0)?,
                    letters: number(1)?,
                    bytes: number(2)?,
                    lost: number(3)?,
                    oldest: number(4)?,
                })
            };
            Ok(statement.query_map([STANDARD_OUTPUT], backlog)?.collect::<rusqlite::Result<_>>()?)
        };
        backlogs().map_err(|fault| fault.at(&self.path))
    }
}

fn waiting(row: &Row<'_>) -> Result<Waiting, Fault> {
    let time: i64 = row.get(3)?;
    let time = u64::try_from(time).map_err(|_| Fault::damage("a letter is from before 1970"))?;
    let letter = Letter {
        id: row.get(2)?,
        time,
        severity: row.get(4)?,
        score: row.get(5)?,
        sentence: row.get(6)?,
        document: row.get(7)?,
    };
    Ok(Waiting { place: row.get(0)?, tries: row.get(1)?, letter })
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;

//! Where a log was left that is followed, as rows: everything the next run needs to go on as if
//! there had been no end. What the numbers and names mean is the business of who follows.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::Fault;
use super::packed;

/// Where a log was left.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Bookmark {
    /// The path of the log.
    pub log: Vec<u8>,
    /// When this was saved, in milliseconds since 1970.
    pub saved: u64,
    /// The time of the newest event, the same.
    pub newest: u64,
    /// Hashes of the last events told of.
    pub told: Vec<u64>,
    /// Hashes of the events that were read and not told of.
    pub untold: Vec<u64>,
    /// The files that were read, the oldest first.
    pub files: Vec<FileMark>,
    /// What was counted.
    pub counters: Vec<(String, u64)>,
    /// The buckets that were not judged, each with its job.
    pub unjudged: Vec<(String, u32)>,
    /// The alerts told before their bucket was over, and when that began.
    pub early: Vec<(String, u64)>,
    /// The files that are written to.
    pub outputs: Vec<OutputMark>,
}

/// How far a file was read, and how it is known again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileMark {
    /// The device it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// Its first bytes.
    pub head: Vec<u8>,
    /// The last bytes that were read.
    pub tail: Vec<u8>,
    /// How many bytes were read.
    pub read_to: u64,
}

/// How long a file was that is written to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputMark {
    /// What is written to it.
    pub name: String,
    /// Its path.
    pub path: Vec<u8>,
    /// The device it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// How long it was.
    pub length: u64,
    /// The last bytes before that, by which it is known again.
    pub tail: Vec<u8>,
}

/// Writes a bookmark over the one of the same log.
pub fn save(connection: &Connection, mark: &Bookmark) -> Result<(), Fault> {
    let log = packed::value(&mark.log);
    connection.prepare_cached("DELETE FROM logs WHERE log = ?1")?.execute([&log])?;
    connection.prepare_cached("INSERT INTO logs VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        log,
        packed::time(mark.saved),
        packed::time(mark.newest),
        hashes(&mark.told),
        hashes(&mark.untold),
    ])?;
    for (place, file) in (0_i64..).zip(&mark.files) {
        connection
            .prepare_cached("INSERT INTO log_files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                log,
                place,
                file.device.cast_signed(),
                file.inode.cast_signed(),
                file.head,
                file.tail,
                file.read_to.cast_signed(),
            ])?;
    }
    for (name, value) in &mark.counters {
        connection
            .prepare_cached("INSERT INTO log_counters VALUES (?1, ?2, ?3)")?
            .execute(params![log, name, value.cast_signed()])?;
    }
    for (job, bucket) in &mark.unjudged {
        connection
            .prepare_cached("INSERT INTO unjudged VALUES (?1, ?2, ?3)")?
            .execute(params![log, job, bucket])?;
    }
    for (id, start) in &mark.early {
        connection
            .prepare_cached("INSERT INTO told_early VALUES (?1, ?2, ?3)")?
            .execute(params![log, id, packed::time(*start)])?;
    }
    for output in &mark.outputs {
        connection
            .prepare_cached("INSERT INTO outputs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                log,
                output.name,
                packed::value(&output.path),
                output.device.cast_signed(),
                output.inode.cast_signed(),
                output.length.cast_signed(),
                output.tail,
            ])?;
    }
    Ok(())
}

/// Notes that whoever follows a log has told of an alert. That is known for as long as the alert:
/// an event may come as late as it likes.
pub fn add_told(connection: &Connection, log: &[u8], id: &str) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO told_alerts VALUES (?1, ?2)")?
        .execute(params![id, packed::value(log)])?;
    Ok(())
}

/// Whether whoever follows a log has told of an alert.
pub fn is_told(connection: &Connection, log: &[u8], id: &str) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM told_alerts WHERE alert_id = ?1 AND log = ?2";
    Ok(connection.prepare_cached(sql)?.exists(params![id, packed::value(log)])?)
}

/// The logs that have a bookmark.
pub fn logs(connection: &Connection) -> Result<Vec<Vec<u8>>, Fault> {
    let mut statement = connection.prepare("SELECT log FROM logs ORDER BY log LIMIT 1000")?;
    let mut rows = statement.query([])?;
    let mut logs = Vec::new();
    while let Some(row) = rows.next()? {
        logs.push(packed::some_bytes(row, 0)?.to_vec());
    }
    Ok(logs)
}

/// The bookmark of a log, if there is one, in tables of this version.
pub fn of(connection: &Connection, log: &[u8], tables: i32) -> Result<Option<Bookmark>, Fault> {
    let sql = "SELECT saved, newest, told, untold FROM logs WHERE log = ?1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([packed::value(log)], |row| {
            Ok((number(row, 0)?, number(row, 1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((saved, newest, told, untold)) = found else { return Ok(None) };
    let (told, untold): (Vec<u8>, Vec<u8>) = (told, untold);
    let mut mark = Bookmark { log: log.to_vec(), saved, newest, ..Bookmark::default() };
    mark.told = packed::list(&told)?;
    mark.untold = packed::list(&untold)?;
    each(connection, log, "device, inode, head, tail, read_to FROM log_files", "place", |row| {
        let (head, tail): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
        let read_to = row.get::<_, i64>(4)?;
        let Ok(read_to) = u64::try_from(read_to) else {
            return Err(Fault::damage(format!("a log was read to byte {read_to}")));
        };
        if read_to < head.len().max(tail.len()) as u64 {
            return Err(Fault::damage("more is known of a log than was read of it"));
        }
        let (device, inode) = (number(row, 0)?, number(row, 1)?);
        mark.files.push(FileMark { device, inode, head, tail, read_to });
        Ok(())
    })?;
    each(connection, log, "name, value FROM log_counters", "name", |row| {
        let (name, value) = (row.get(0)?, row.get::<_, i64>(1)?);
        let Ok(value) = u64::try_from(value) else {
            return Err(Fault::damage(format!("{value} of something were counted")));
        };
        mark.counters.push((name, value));
        Ok(())
    })?;
    each(connection, log, "job, bucket FROM unjudged", "job, bucket", |row| {
        mark.unjudged.push((row.get(0)?, row.get(1)?));
        Ok(())
    })?;
    each(connection, log, "alert_id, bucket_start FROM told_early", "alert_id", |row| {
        mark.early.push((row.get(0)?, number(row, 1)?));
        Ok(())
    })?;
    let tail = if tables < 3 { "x''" } else { "tail" };
    let outputs = format!("name, path, device, inode, length, {tail} FROM outputs");
    each(connection, log, &outputs, "name", |row| {
        mark.outputs.push(OutputMark {
            name: row.get(0)?,
            path: packed::some_bytes(row, 1)?.to_vec(),
            device: number(row, 2)?,
            inode: number(row, 3)?,
            length: number(row, 4)?,
            tail: row.get(5)?,
        });
        Ok(())
    })?;
    Ok(Some(mark))
}

/// More rows than that were not written by this program.
pub const MOST_ROWS: usize = 1_000_000;

fn each(
    connection: &Connection,
    log: &[u8],
    what: &str,
    order: &str,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let sql = format!("SELECT {what} WHERE log = ?1 ORDER BY {order} LIMIT {MOST_ROWS}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([packed::value(log)])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

fn hashes(list: &[u64]) -> Vec<u8> {
    list.iter().flat_map(|hash| hash.to_be_bytes()).collect()
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

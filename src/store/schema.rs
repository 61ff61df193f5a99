//! The tables, and whether a file has the ones this program knows.
//!
//! The file may have been made by anybody: a trigger or a table that is none would be run by the
//! statements of this module. So every table, index and view of ours must be there to the letter,
//! and no trigger at all. Tables, indexes and views that an analyst adds do no harm.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};

use super::error::Fault;
use super::file::APPLICATION;

/// What brings a file from each version to the next. A step is never changed once it was published.
const STEPS: [&str; 3] = [
    include_str!("schema.sql"),
    concat!(include_str!("schema-2.sql"), include_str!("outbox.sql")),
    include_str!("schema-3.sql"),
];

/// The version of the tables that this program knows.
pub const VERSION: i32 = STEPS.len() as i32;

/// What the file says of itself.
fn said(connection: &Connection, pragma: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

/// Brings a file to the newest version; an empty one gets its tables.
pub fn bring_up(connection: &mut Connection) -> Result<(), Fault> {
    let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = known_version(&step)?;
    if version < VERSION {
        apply(&step, version, VERSION)?;
    }
    Ok(step.commit()?)
}

/// The version of a file that is ours; 0 if it is empty.
fn known_version(connection: &Connection) -> Result<i32, Fault> {
    let (application, version) =
        (said(connection, "application_id")?, said(connection, "user_version")?);
    match (application, version) {
        (0, 0) if objects(connection)?.is_empty() => Ok(0),
        (APPLICATION, 1..=VERSION) => Ok(version),
        (APPLICATION, found) if found > VERSION => Err(Fault::Newer { found, known: VERSION }),
        (APPLICATION, _) => Err(Fault::damage(format!("there is no version {version}"))),
        _ => Err(Fault::Foreign("it is a SQLite file of another program".to_owned())),
    }
}

fn apply(step: &Transaction<'_>, version: i32, wanted: i32) -> rusqlite::Result<()> {
    let [version, end] = [version, wanted].map(|step| usize::try_from(step).unwrap_or_default());
    for sql in &STEPS[version..end] {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "application_id", APPLICATION)?;
    step.pragma_update(None, "user_version", wanted)
}

/// Whether a file that is not empty has the tables of its version, which it returns: one that is
/// only read may be of an earlier one.
pub fn check(connection: &Connection) -> Result<i32, Fault> {
    let version = match known_version(connection)? {
        0 => return Err(Fault::Foreign("it is empty".to_owned())),
        version => version,
    };
    let mut model = Connection::open_in_memory()?;
    let step = model.transaction()?;
    apply(&step, 0, version)?;
    step.commit()?;
    let found = objects(connection)?;
    let altered = objects(&model)?.into_iter().find(|wanted| !found.contains(wanted));
    if let Some(altered) = altered {
        return Err(Fault::damage(format!("the {} {} was altered", altered.kind, altered.name)));
    }
    match found.iter().find(|object| object.kind == "trigger") {
        Some(trigger) => Err(Fault::damage(format!("a trigger was added, {:?}", trigger.name))),
        None => Ok(version),
    }
}

/// A table, an index, a view or a trigger.
#[derive(PartialEq, Eq, Debug)]
struct Object {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

fn objects(connection: &Connection) -> rusqlite::Result<Vec<Object>> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema LIMIT 1000";
    let mut statement = connection.prepare(sql)?;
    let object = |row: &Row<'_>| {
        let sql = match row.get_ref(3)? {
            ValueRef::Null => None,
            _ => Some(row.get(3)?),
        };
        Ok(Object { kind: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql })
    };
    statement.query_map([], object)?.collect()
}

/// Whether SQLite finds the file sound, and nothing in it refers to what is not there.
pub fn quick_check(connection: &Connection) -> Result<(), Fault> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(Fault::damage(found));
    }
    let sql = "PRAGMA foreign_key_check";
    let orphan = connection.query_row(sql, [], |row| row.get::<_, String>(0)).optional()?;
    match orphan {
        None => Ok(()),
        Some(table) => {
            let what = format!("facts in {table:?} refer to a row that is not there");
            Err(Fault::damage(what))
        }
    }
}

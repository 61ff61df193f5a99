//! How values, times and hashes stand in a table.
//!
//! A value is TEXT where an analyst can read it as such, otherwise BLOB. Hashes and masks are
//! unsigned and SQLite's integers are not: the same 64 bits are stored. Sets of hashes, in which
//! nobody looks for one, are packed into a BLOB.

use rusqlite::Row;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::error::Fault;
use crate::engine::Tally;

/// A value: TEXT if it is UTF-8. With a NUL within, SQLite's functions would not see all of it.
pub fn value(bytes: &[u8]) -> ToSqlOutput<'_> {
    let is_text = !bytes.contains(&0) && str::from_utf8(bytes).is_ok();
    ToSqlOutput::Borrowed(if is_text { ValueRef::Text(bytes) } else { ValueRef::Blob(bytes) })
}

/// What stands for a value that was not there: no value is a number.
pub const ABSENT: ValueRef<'static> = ValueRef::Integer(0);

/// The bytes of a value, if there is one.
pub fn bytes<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r [u8]>, Fault> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Some(bytes)),
        ValueRef::Integer(_) | ValueRef::Real(_) => Err(Fault::damage("a value is a number")),
    }
}

/// The bytes of a value that has to be there.
pub fn some_bytes<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], Fault> {
    bytes(row, column)?.ok_or_else(|| Fault::damage("a value is missing"))
}

/// A set of hashes.
pub fn hashes(tally: &Tally) -> Vec<u8> {
    tally.hashes().iter().flat_map(|hash| hash.to_be_bytes()).collect()
}

/// The set that was packed so.
pub fn tally(row: &Row<'_>, column: usize) -> Result<Tally, Fault> {
    Ok(list(some_bytes(row, column)?)?.into_iter().collect())
}

/// The hashes that were packed so, in their order.
pub fn list(packed: &[u8]) -> Result<Vec<u64>, Fault> {
    let (hashes, rest) = packed.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Fault::damage("a set of hashes is cut short"));
    }
    Ok(hashes.iter().map(|hash| u64::from_be_bytes(*hash)).collect())
}

/// A time in milliseconds since 1970, which fits an SQLite integer for longer than there are times.
pub fn time(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

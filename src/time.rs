//! Which times can be told.

/// The last of them, in milliseconds since 1970: the start of 9999-12-30, UTC. Years have four
/// digits, and a day before their end every zone can still write it.
pub(crate) const LAST: u64 = 253_402_128_000_000;

//! The program at work on a log that grows: killed at any moment, rotated, starved and asked.

/// A day and a half of a machine's connections, as a log.
mod days;
/// A run of `oddsock tail`, and what it has written.
mod run;

/// Every output has a file of its own.
mod apart;
/// Signals, other sources, a second one and a full disk.
mod at_work;
/// Begun where something is in the way.
mod begun;
/// A clock that is set, back and ahead, and one that is not.
mod clock;
/// What is counted, over restarts.
mod counted;
/// More values than there is room for: less is kept, as a replay keeps it.
mod crowded;
/// Cut off in the middle of a save.
mod cut;
/// Killed fifty times while the log is rotated.
mod killed;
/// A state that others learn into.
mod lent;
/// Locked in, and what is in reach then.
mod reached;
/// Rules that are read again.
mod reloaded;
/// Outputs that are full, slow, rotated or gone.
mod stalled;
/// A disk that takes what it cannot keep.
mod unkept;

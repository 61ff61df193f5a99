//! Hunts: what queries mean, which are refused, and what published ones find in logs.

/// Rows of hunts as alerts beside those of rules.
mod alerts;
/// What a query may cost, in memory, in time and in fields.
mod bounds;
/// What the words of the language mean.
mod language;
/// The engine against another that is as simple as can be.
mod naive;
/// The program: its options, formats and statuses, and what it says beside rows.
mod program;
/// Queries as they are published, over the logs of several hosts.
mod published;
/// The networks that the built-in hunt leaves out, address by address.
mod ranges;
/// What is refused before a line is read.
mod refusals;
/// Which rows and columns come of a query: groups, names, order and limits.
mod rows;
/// Events in short lines, and what a query makes of them.
mod scene;

//! Connections in the JSON of other shippers: what becomes a document, what it says, and what is
//! passed over or complained of.

/// Documents in short lines, and documents to read.
mod scene;

/// Laurel's events, which have the records themselves.
mod laurel;
/// What is no document of a connection: other subjects, damage, and lines made to cost much.
mod refused;
/// One event in the shapes it comes in, and what is read of each.
mod shapes;
/// The words of Elastic Defend, Auditbeat and Packetbeat, and what they become.
mod shippers;
/// Documents written again, as connections are.
mod written;

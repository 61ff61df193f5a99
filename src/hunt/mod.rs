//! Hunts: questions asked of all connections at once, in ES|QL.
//!
//! The text of a query or of a hunt file comes in, and events with named fields, one at a time;
//! rows go out. A query is checked whole before the first event: its names, its types and its
//! patterns. What it does then is a [`Plan`], which reads only the fields it needs, and keeps no
//! more than its groups. Nothing here reads a file, asks for the time or knows how a row is shown.
//!
//! The language is that of Elasticsearch as it is documented there: three truths, with null for
//! what is not known; types that are never mixed by accident; values of which there may be several.
//! What of it is not here is refused with its place. oddsock-hunt(1) lists what is.

mod aggregates;
pub mod builtin;
mod check;
pub mod explain;
mod expr;
mod expression;
pub mod file;
mod front;
mod functions;
mod grouping;
pub mod impossible;
mod matching;
mod measures;
mod names;
mod networks;
mod parser;
pub mod plan;
mod rows;
pub mod run;
mod scope;
mod span;
mod syntax;
mod token;
mod typing;
pub mod value;
mod warning;

pub use file::{Hunt, HuntError};
pub use impossible::Impossible;
pub use names::Event;
pub use plan::{Column, Plan};
pub use run::{MOST_MEMORY, Outcome, Run, TooMuch, Trace, Unmet};
pub use value::{Type, Value};

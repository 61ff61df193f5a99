//! Rules: what is looked for in connections, among which of them, and what to say about it.
//!
//! The text of rule files comes in; rules go out, and [`Watch`]es that put a rule's question to
//! whatever has fields. A rule is data: no rule has code of its own, and those that are built in
//! are files like any other. Nothing here reads a file or knows how an alert is shown.

pub mod builtin;
pub mod catalogue;
mod connection_fields;
mod detector;
pub mod duration;
pub mod fault;
pub mod field;
pub mod fields;
pub mod filter;
pub mod glob;
mod note;
pub mod pattern;
pub mod rule;
pub mod rule_file;
pub mod sieve;
pub(crate) mod table;
pub mod watch;
pub(crate) mod words;

pub use builtin::RULESET;
pub use catalogue::{Catalogue, UnknownRule};
pub(crate) use fault::Fault;
pub use fault::RuleError;
pub use field::{Field, Kind};
pub use fields::{Fields, Text, Value};
pub use filter::{Condition, Filter};
pub use glob::Glob;
pub use pattern::{Pattern, PatternError};
pub use rule::{Form, Rule, Severity, Subtechnique, Tactic, Technique, Threat};
pub use rule_file::LARGEST_FILE;
pub use sieve::Sieve;
pub use watch::{Happening, Watch};

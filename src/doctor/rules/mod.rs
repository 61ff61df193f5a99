//! Audit rules: what a machine's kernel is told to record.
//!
//! The text of rule files, or of what `auditctl -l` prints, comes in; a [`RuleSet`] goes out, and
//! what becomes of any call under it ([`fate`]). Files are read as auditctl reads them, quirks
//! included, and calls judged as the kernel judges them. Whether that is good is not known here.

mod call_names;
mod command;
mod kernel;
mod machine;
mod rule;
mod rule_set;
#[cfg(test)]
mod rule_set_tests;
mod test;
mod words;

pub use kernel::{Fate, Probe, Strictness, UNSET, Who, asks_for, excluded, failing, fate, matches};
pub use machine::{Machine, is_64_bit};
pub use rule::{Action, Calls, List, Place, Rule};
pub use rule_set::{Errors, Order, RuleSet, RuleText};
pub use test::{Operand, Operator, Test};

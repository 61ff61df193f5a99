//! Doctor: what is wrong with how a machine records its connections, and what would mend it.
//!
//! Texts and counts come in: audit rules, auditd.conf, what `auditctl -s` prints, the connections
//! of a log. Findings go out, each with a reason and the lines that mend it. Nothing here reads a
//! file, runs a program or knows how findings are shown.

mod calls;
mod conf;
mod coverage;
#[cfg(test)]
mod fates_tests;
mod finding;
mod log_checks;
mod no_connects;
mod recommended;
mod restart;
mod rule_checks;
#[cfg(test)]
mod rule_checks_tests;
pub mod rules;
mod status;

pub use conf::{judge_conf, judge_growth, kept_bytes};
pub use finding::{Finding, Fix, Level};
pub use log_checks::Tally;
pub use recommended::{Part, recommended};
pub use restart::judge_restart;
pub use rule_checks::judge_rules;
pub use status::{Status, judge_status};

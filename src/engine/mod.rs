//! The rarity engine: which values are seldom seen, and how seldom, of anything that has fields, a
//! time and an origin. It knows nothing of audit logs.
//!
//! [`Observation`]s come in; [`Finding`]s go out. Between them lie two things. The [`Ledger`] holds
//! facts: in this bucket, this value was seen. Facts only accumulate, and sets of them are joined
//! by union. The model ([`judge`]) is a fold over the facts in the order of time, and is never
//! stored. So the order of reading, of hosts and of merging does not matter, reading twice does no
//! harm, and the same facts give the same findings to the bit.
//!
//! ```
//! use oddsock::engine::{Ledger, Novelty, Observation, Question, Span, Wanted, judge};
//!
//! let question = Question {
//!     name: "programs".to_string(),
//!     by: "process.name".to_string(),
//!     partition: None,
//!     influencers: vec![],
//!     span: Span::minutes(15),
//!     novelty: Novelty::Any,
//! };
//! let mut ledger = Ledger::new(question);
//! let mut see = |time: u64, value: &str| {
//!     ledger.note(&Observation {
//!         time,
//!         id: time,
//!         origin: b"web",
//!         partition: None,
//!         value: value.as_bytes(),
//!         influences: &[],
//!         evidence: &|| "an event".as_bytes().into(),
//!     });
//! };
//! for quarter in 0..1344 {
//!     ["sshd", "ntpd", "nginx"].iter().for_each(|name| see(quarter * 900_000, name));
//! }
//! see(1000 * 900_000 + 1, "nc");
//! let judgement = judge(&ledger, Wanted { threshold: 50.0, least: 50.0, remembered: 2700 });
//! assert_eq!(judgement.findings.len(), 1);
//! assert_eq!(&judgement.findings[0].values[0][..], b"nc");
//! // The example that the manual works by hand.
//! assert_eq!(format!("{:.6}", judgement.findings[0].probability), "0.000698");
//! assert_eq!(format!("{:.1}", judgement.findings[0].score), "70.3");
//! ```

pub mod beta;
pub mod bucket;
pub mod buckets;
pub mod cadence;
mod comeback;
mod company;
pub mod crowd;
pub mod detail;
pub mod details;
mod elsewhere;
mod familiar;
pub mod finding;
pub mod hash;
pub mod ledger;
mod masses;
pub mod model;
pub mod observation;
mod ordinary;
mod partition;
pub mod question;
mod rarity;
mod roster;
pub mod score;
pub mod subject;
pub mod tally;
pub mod track;

pub use bucket::{Bucket, Span};
pub use buckets::Buckets;
pub use cadence::{Cadence, Period};
pub use crowd::Crowd;
pub use detail::{Detail, Evidence};
pub use details::Details;
pub use finding::{Factors, Familiarity, Finding, Function};
pub use ledger::Ledger;
pub use model::{Judgement, Wanted, judge, judge_as_told, warm_up};
pub use observation::Observation;
pub use question::{Novelty, Question};
pub use subject::Subject;
pub use tally::{Number, Tally};
pub use track::Track;

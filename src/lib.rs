//! Reads the logs of the Linux audit system and puts their records together into network
//! connections: who connected where, with which program, as which user, and how it ended.
//!
//! # The idea
//!
//! An audit log holds pieces. A connect is three records or more, mixed with those of other calls;
//! its address is a hex dump; what the program was called with stands at its exec, minutes or days
//! before, and TCP or UDP at the `socket` call. This library puts the pieces together again, and
//! trusts three rules to be right about logs that nobody has seen yet:
//!
//! - **What the log does not hold is absent, never guessed.** An address comes from bytes that were
//!   logged, a transport from the call that made the socket.
//! - **Odd input is a complaint, not an error.** It is counted by kind, with the place of the
//!   first; lines in are always lines understood and lines complained of.
//! - **The same input gives the same output**, for any number of workers and any cut of the input.
//!   No clock, no locale and no order of a hash table has a part in it, and memory is bounded.
//!
//! # The journey
//!
//! ```text
//!  bytes → lines → records → events → sightings → connections → output
//! ```
//!
//! | step | what happens |
//! |---|---|
//! | [`input::find`] | names become sources, in the order they were written, each with its host |
//! | [`input::Pieces`] | sources are unpacked and cut at line ends, for any number of workers |
//! | [`audit::gathering`] | lines become records, and the records of a piece drafts of events |
//! | [`audit::assembly`] | drafts of all pieces become events, in the order of their serials |
//! | [`audit::Sightings`] | a call on the network, with what other events tell about it |
//! | [`audit::Connection`] | what all of that means, read when somebody asks |
//! | [`output`] | a connection as a table row, a sentence, JSON or CSV |
//!
//! [`reading::read`] goes that way; most programs need no other door. From there it goes on to what
//! is unusual:
//!
//! ```text
//!  connections → observations → facts → findings → alerts → output
//! ```
//!
//! | step | what happens |
//! |---|---|
//! | [`rules::Watch`] | a rule's filter and question make an observation of a connection |
//! | [`engine::Ledger`] | observations become facts, which only accumulate |
//! | [`engine::judge`] | the model, folded from the facts, finds what is rare, and how |
//! | [`alert::alerts`] | findings become alerts, with history, evidence and a reason in words |
//! | [`output::alerts`] | an alert as a paragraph, JSON or CSV |
//! | [`report::Report`] | all of that as one HTML document |
//! | [`store::Store`] | facts and alerts in a file, for the next run |
//! | [`deliver::Office`] | alerts to files, syslog, the journal and HTTP endpoints |
//!
//! Or to questions that somebody has written down, in ES|QL:
//!
//! | step | what happens |
//! |---|---|
//! | [`hunt::Hunt`] | the text of a hunt becomes plans, if it makes sense |
//! | [`hunt::Run`] | connections become rows: filtered, grouped, counted, sorted |
//! | [`output::rows`] | rows as a table, JSON or CSV |
//!
//! Connections can be counted by what they have in common instead: [`summary::Table`] says by what,
//! [`counts`] counts, for the report too.
//!
//! Connections that another shipper has told of as JSON come in by [`documents::read`]. Whether a
//! machine records its connections at all is judged by [`doctor`], from its audit rules, settings
//! and what is in its log.
//!
//! # The walls
//!
//! Each step hands plain values to the next, and nothing later calls back into anything earlier.
//! [`input`] does not know what a record is. [`audit`] touches no file, no clock and no
//! environment. [`engine`] knows fields, times and origins, and nothing of audit logs; [`rules`]
//! are text that others read from files; so are [`hunt`]s, which know of events by the names of
//! their fields; [`store`] knows the engine alone. [`output`] cannot read. [`deliver`] tells others
//! and decides nothing; [`service`] is about the machine, and knows not what is done on it.
//! [`cli`] is used by nobody but the program, and sees what the others may not: arguments, terminal
//! and time. The `linux-audit-parser` crate stays inside one file of [`audit`]. What they share is
//! how the name of a file is written in a sentence, and, where files are touched, what is said to
//! somebody who may not, and whether it is worth another try ([`hindrance`]).
//!
//! # An example
//!
//! Which programs connected, and how often:
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::ops::ControlFlow;
//!
//! use oddsock::audit::{Action, Sighting};
//! use oddsock::{input, reading};
//!
//! let found = input::find(&["samples/connections-enriched.log".into()], None)?;
//! let pieces = input::Pieces::new(found.sources, input::PIECE_SIZE);
//! let mut programs: BTreeMap<String, u32> = BTreeMap::new();
//! let report = reading::read(pieces, reading::Options::default(), &mut |sighting: &Sighting| {
//!     if sighting.is_ip() && sighting.action() == Action::ConnectionAttempted {
//!         let name = sighting.connection().name.unwrap_or_default().into_owned();
//!         *programs.entry(String::from_utf8_lossy(&name).into_owned()).or_default() += 1;
//!     }
//!     ControlFlow::Continue(())
//! });
//! assert_eq!(programs["curl"], 1);
//! assert!(programs["python3"] > 20);
//! assert_eq!((report.lines, report.complaints.total()), (778, 0));
//! # Ok::<(), oddsock::input::InputError>(())
//! ```

mod access;
pub mod alert;
pub mod audit;
pub mod cli;
pub mod counts;
pub mod deliver;
pub mod doctor;
pub mod documents;
pub mod engine;
mod folder;
pub mod hindrance;
pub mod hunt;
pub mod input;
mod links;
mod lock;
mod network;
pub mod output;
mod quoted;
pub mod reading;
pub mod report;
pub mod rules;
pub mod service;
pub mod store;
pub mod summary;
mod time;

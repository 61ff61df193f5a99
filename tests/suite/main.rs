//! What oddsock promises, as claims on text that goes in and text that comes out.
//!
//! One program, so that it is linked once. `ODDSOCK_SHARED` names a folder of logs that are not
//! part of the project; without it `../shared` is tried, and what needs it says that it was left
//! out.

/// A place to run the program in, and what it said there.
mod place;
/// A small language for audit logs, and the short lines that connections are shown as.
mod scene;
/// What is in the folder of logs that are not part of the project.
mod shared;

/// Which addresses a call is shown with, by the family and the length of what the log holds.
mod addresses;
/// What is learnt: shown, joined, forgotten and explained.
mod baselines;
/// What calls mean: by architecture, through multiplexers, with outcomes, sockets and processes.
mod calls;
/// The program itself: statuses, options, files and what it prints.
mod command;
/// Completions, as real shells ask for them.
mod completions;
/// What is set in files and in the environment, and which of it counts.
mod config;
/// What becomes of records of one event that contradict each other.
mod conflicts;
/// Logs of other projects, against what those projects say is in them.
mod corpora;
/// What a crash leaves of a save, at whatever byte it comes.
mod cuts;
/// Alerts on their way to others, among kills and dead servers.
mod deliveries;
/// What is wrong with how connections are recorded: rules, settings, logs and the machine.
mod doctor;
/// Connections in the JSON of other shippers.
mod documents;
/// Laws of the engine: for any facts, in any order, told as often as one likes.
mod engine_laws;
/// How records become events, in whatever order and with whatever missing.
mod events;
/// The examples of the manual that need files of the reader's, or root.
mod examples;
/// Exceptions and profiles: which alerts they hide, which they must not, and how files change.
mod exceptions;
/// A log that is followed, through everything that happens to its files.
mod following;
/// What others had written into a log, which makes no record and hides none.
mod forged;
/// Help that guides: what is said to whoever does not know, or slips.
mod guidance;
/// The small logs that break parsers, against what each must yield.
mod hard_cases;
/// Hunts: what queries mean, which are refused, and what published ones find in logs.
mod hunts;
/// What alerts and what does not: weeks of connections, and the alerts that are made of them.
mod judged;
/// Laws of the account, whatever is kept of events and in whatever order they come.
mod keeping;
/// Laws that hold for any order, any cut, any number of workers and any damage.
mod laws;
/// The forms in which lines come, and what becomes of lines that are no records.
mod lines;
/// A log that is read while it is written.
mod live_reading;
/// `oddsock man`: the manual without an installation.
mod man;
/// The manual, against the program.
mod manual;
/// How much memory the program takes for logs that were made to exhaust it.
mod memory;
/// Which connections the options let pass, and which times they name.
mod options;
/// The package: what it is said to have is there.
mod package;
/// The pictures of the README, against what the program prints.
mod pictures;
/// Whose addresses are, from databases of places.
mod places;
/// The original engine's scoring, against ours on the same inputs.
mod reference;
/// What is said to somebody whom the file system keeps out: who is let in, and what to do.
mod refused;
/// The report: one HTML file in which everything of a log is text.
mod report;
/// The rules: what they say, and what public rule files come to.
mod rules;
/// Weeks of a fleet with attacks in them: what is found, and how often wolf is cried.
mod scenario;
/// Two other readers of the same logs: linux-audit-parser and ausearch.
mod second_opinion;
/// What is shipped for the service: units, users, folders and auditd's plugins.
mod service_files;
/// The state file: what is saved is loaded, and states join as ledgers do.
mod state;
/// The state file among hostile files, other processes and kills.
mod state_files;
/// What the connections of a log come to, by what they have in common.
mod summary;
/// A log that is followed by the program, killed and started again.
mod tail;
/// Input that fails while it is read, or takes too much, and output that cannot be written.
mod trouble;
/// What is shown of names that were made to hide, in each format.
mod unseen;
/// What the fields of a connection say, whatever way the log wrote them.
mod values;
/// What each module may know of the others, and how long files may be.
mod walls;
/// Rules at work: what counts for them, and what they look at.
mod watches;

//! Where alerts go besides standard output: files, syslog, the journal, and HTTP endpoints.
//!
//! A [`Letter`] comes in by [`crate::store`]'s outbox, in the transaction that saves what it was
//! found in; from there the [`Office`] hands it to the thread of each [`Destination`], and takes it
//! out of the outbox when it has been taken. So a destination that is slow or dead stops nobody and
//! loses nothing, and a kill at any moment loses nothing: a file has each letter exactly once,
//! because it is looked through after a start; syslog, the journal and the network have it at least
//! once, with an id that is always the same. Nothing here sees a clock, the environment or standard
//! output: `now` is the caller's, and what is to be said comes back as sentences.
//!
//! ```
//! use oddsock::deliver::{self, Now, Office};
//! use oddsock::store::{Letter, Room, Store};
//!
//! # let folder = tempfile::tempdir()?;
//! # let (state, path) = (folder.path().join("state.db"), folder.path().join("alerts.ndjson"));
//! let mut store = Store::open(&state)?;
//! let mut office = Office::new(vec![deliver::file(&path)?]);
//! // The process may lock itself in here: everything is open, and no thread has begun.
//! office.start()?;
//!
//! let letter = Letter {
//!     id: "92b0934275dccf84".to_owned(),
//!     time: 1_763_900_000_000,
//!     severity: 21,
//!     score: 76.0,
//!     sentence: "nc was seen in 1 of 1,289 active quarter-hours".to_owned(),
//!     document: r#"{"event.id":"92b0934275dccf84"}"#.to_owned(),
//! };
//! store.post(office.keys(), &[letter], Room::default())?;
//!
//! // As often as one likes, and at the end once more with some patience.
//! let now = Now { clock: 1_763_900_900_000, goes_on: 7_000 };
//! office.turn(&mut store, now)?.iter().for_each(|sentence| eprintln!("{sentence}"));
//! office.finish(&mut store, &|| now, std::time::Duration::from_secs(5))?;
//! assert_eq!(std::fs::read_to_string(&path)?, "{\"event.id\":\"92b0934275dccf84\"}\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::hindrance::Hindrance;

pub use crate::store::Letter;

mod answer;
mod file;
mod http;
mod journal;
mod letter;
mod office;
mod pace;
mod plain;
mod sentence;
mod syslog;
mod target;

pub use http::{Post, Trust};
pub use letter::letter;
pub use office::{Counts, Now, Office};

/// Somebody who is told of alerts.
pub struct Destination {
    /// What the outbox knows it by: the same in every run, and without anything secret.
    pub key: String,
    /// What it is called in sentences.
    pub name: String,
    /// What it has to be allowed when the process locks itself in.
    pub needs: Needs,
    /// Who takes letters there.
    carrier: Box<dyn Carrier>,
}

/// What a destination does with the system.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Needs {
    /// The folder that it makes and writes files in.
    pub folder: Option<PathBuf>,
    /// The TCP port that it connects to.
    pub port: Option<u16>,
}

/// Takes letters to a destination, and is in no hurry: it has a thread of its own.
trait Carrier: Send {
    /// Tries to deliver letters, the oldest first, and tells what became of each.
    fn carry(&mut self, letters: &[Letter], now: u64) -> Outcome;

    /// Opens anew what may have been moved away.
    fn reopen(&mut self) {}
}

/// What became of letters.
#[derive(Clone, PartialEq, Debug, Default)]
struct Outcome {
    /// Of each letter, in their order; of those that are missing, nothing is known.
    fates: Vec<Fate>,
    /// What is wrong with the destination.
    trouble: Option<Trouble>,
}

/// What became of a letter.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Fate {
    /// It has arrived.
    Taken,
    /// The destination does not want this one, whatever else it takes; why.
    Refused(String),
    /// It may not have arrived, and that is not its own fault.
    Later,
}

/// Why a destination takes nothing now.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Trouble {
    /// In words that follow a colon.
    what: String,
    /// How long it asked not to be asked again.
    wait: Option<Duration>,
}

impl Outcome {
    /// All of so many have arrived.
    fn taken(number: usize) -> Outcome {
        Outcome { fates: vec![Fate::Taken; number], trouble: None }
    }

    /// So many have arrived, and then something went wrong.
    fn trouble(taken: usize, what: impl Into<String>) -> Outcome {
        let trouble = Trouble { what: what.into(), wait: None };
        Outcome { trouble: Some(trouble), ..Outcome::taken(taken) }
    }
}

/// A file that gets each alert as a line of JSON, exactly once.
///
/// # Errors
///
/// If it cannot be opened or made, is no file, or another oddsock writes it; in a sentence.
pub fn file(path: &Path) -> Result<Destination, Hindrance> {
    let carrier = file::AlertFile::open(path)?;
    Ok(Destination {
        key: format!("file {}", carrier.path().display()),
        name: format!("the file {}", crate::quoted::Quoted(carrier.path())),
        needs: Needs { folder: carrier.path().parent().map(Path::to_owned), port: None },
        carrier: Box::new(carrier),
    })
}

/// The local syslog daemon, by the socket it listens on: `/dev/log`.
pub fn syslog(socket: &Path) -> Destination {
    Destination {
        key: "syslog".to_owned(),
        name: "syslog".to_owned(),
        needs: Needs::default(),
        carrier: Box::new(syslog::Syslog::new(socket)),
    }
}

/// The systemd journal, by its native socket: `/run/systemd/journal/socket`.
pub fn journal(socket: &Path) -> Destination {
    Destination {
        key: "journal".to_owned(),
        name: "the journal".to_owned(),
        needs: Needs::default(),
        carrier: Box::new(journal::Journal::new(socket)),
    }
}

/// An HTTP endpoint.
///
/// # Errors
///
/// If the URL, the certificates or a header cannot be used; in a sentence, without secrets.
pub fn post(post: &Post) -> Result<Destination, String> {
    let target = target::Target::parse(&post.url)?;
    let carrier = http::Http::open(post, &target)?;
    Ok(Destination {
        key: target.key.clone(),
        name: target.name.clone(),
        needs: Needs { folder: None, port: Some(target.port) },
        carrier: Box::new(carrier),
    })
}

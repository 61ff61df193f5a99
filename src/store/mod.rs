//! The state: what was learnt and what was told, in one SQLite file.
//!
//! [`Ledger`]s and [`StoredAlert`]s go in, and come out as they were. The store knows neither rules
//! nor logs, and not what is in an alert's document. The tables are described in oddsock-state(5)
//! and in `schema.sql`; an analyst may query them with any tool that reads SQLite.
//!
//! A save is one transaction: after a kill at any moment the file holds what it held before, or all
//! of what was saved. SQLite's rollback journal does that, and not its write-ahead log: at rest the
//! state is one file that can be copied, and one that lies on a read-only medium can be read.
//! Whoever learns holds a lock from [`Store::open`] on until the store is dropped; readers are not
//! kept out, and see what was saved last.
//!
//! The file may come from elsewhere, so nothing in it is believed before it was looked at, and a
//! file that is not sound is refused and never written to.
//!
//! ```
//! use oddsock::engine::{Novelty, Observation, Question, Span};
//! use oddsock::store::Store;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("state.db");
//! let question = Question {
//!     name: "programs".to_string(),
//!     by: "process.name".to_string(),
//!     partition: None,
//!     influencers: vec![],
//!     span: Span::minutes(15),
//!     novelty: Novelty::Any,
//! };
//! let mut store = Store::open(&path)?;
//! let mut ledger = store.load(&question)?;
//! ledger.note(&Observation {
//!     time: 1_763_900_000_000,
//!     id: 7,
//!     origin: b"web",
//!     partition: None,
//!     value: b"curl",
//!     influences: &[],
//!     evidence: &|| "an event".as_bytes().into(),
//! });
//! store.save(&[&ledger], &[])?;
//! drop(store);
//!
//! assert_eq!(Store::read(&path)?.load(&question)?, ledger);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alerts;
mod bookmark;
mod copies;
mod error;
mod file;
mod job;
mod load;
mod names;
mod outbox;
mod packed;
mod save;
mod schema;
mod undelivered;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

pub use alerts::StoredAlert;
pub use bookmark::{Bookmark, FileMark, OutputMark};
pub use error::StoreError;
pub use outbox::{
    Backlog, LONGEST_PAUSE, Letter, Outgoing, Room, STANDARD_OUTPUT, Settled, Waiting,
};
pub use undelivered::Undelivered;

use crate::engine::{Ledger, Question, Subject};
use error::Fault;
use file::Lock;
use job::Job;
use save::{Rows, Seed};

/// How long a save waits for those who read just now, and they for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// No value, document or set of hashes is longer, in bytes.
const LONGEST: i32 = 64 << 20;

/// Files up to this size are looked through when they are opened, in bytes; what is wrong with a
/// larger one is found where it is read.
const CHECKED: u64 = 64 << 20;

/// The state of an oddsock, in a file.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// What is in the file of each job, as far as that is certain.
    rows: HashMap<String, Rows>,
    /// A number that changes when another process changes the file.
    version: i64,
    /// Which version its tables are of.
    tables: i32,
    seed: Seed,
    /// After the connection, which must not outlive it.
    _lock: Option<Lock>,
}

impl Store {
    /// Opens a state to learn: makes it where there is none, and keeps others from learning.
    ///
    /// # Errors
    ///
    /// If another process learns, after a short wait; if the file is not oddsock's, of a later
    /// version, or damaged. It is not changed then.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        file::make(path)?;
        let path = file::settled(path)?;
        file::check(&path)?;
        let lock = Lock::of(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        Store::connected(path, flags, Some(lock), schema::bring_up)
    }

    /// Opens a state to look at it. Nothing is written: it may lie on a read-only medium.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], but that others may learn, and that the file has to be there.
    pub fn read(path: &Path) -> Result<Store, StoreError> {
        let path = file::settled(path)?;
        file::check(&path)?;
        let read = |path: PathBuf| {
            Store::connected(path, OpenFlags::SQLITE_OPEN_READ_ONLY, None, |_| Ok(()))
        };
        match read(path.clone()) {
            // Whoever saved last was killed. Opened by someone who may write, the file gets right.
            Err(StoreError::Interrupted { path }) => {
                Store::open(&path).map_err(|_| StoreError::Interrupted { path: path.clone() })?;
                read(path)
            }
            done => done,
        }
    }

    fn connected(
        path: PathBuf,
        flags: OpenFlags,
        lock: Option<Lock>,
        prepare: impl FnOnce(&mut Connection) -> Result<(), Fault>,
    ) -> Result<Store, StoreError> {
        let connection = connection(&path, flags, prepare);
        let (connection, tables) = connection.map_err(|fault| fault.at(&path))?;
        Ok(Store {
            connection,
            tables,
            path,
            rows: HashMap::new(),
            version: 0,
            seed: Seed::default(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The questions it has facts about, by name.
    pub fn questions(&self) -> Result<Vec<Question>, StoreError> {
        let jobs = Job::all(&self.connection).map_err(|fault| fault.at(&self.path))?;
        Ok(jobs.into_iter().map(|job| job.question).collect())
    }

    /// The facts about a question; none if it was never asked.
    ///
    /// # Errors
    ///
    /// If the facts of that name are answers to another question, or damaged.
    pub fn load(&mut self, question: &Question) -> Result<Ledger, StoreError> {
        let path = &self.path;
        let loaded = (|| {
            // What several statements read must be of one save.
            let snapshot = self.connection.unchecked_transaction()?;
            let version = data_version(&snapshot)?;
            let loaded = load::ledger(&snapshot, question, &self.seed)?;
            Ok((loaded, version))
        })();
        let ((ledger, rows), version) = loaded.map_err(|fault: Fault| fault.at(path))?;
        if version != self.version {
            self.rows.clear();
            self.version = version;
        }
        match rows {
            Some(rows) => self.rows.insert(question.name.clone(), rows),
            None => self.rows.remove(&question.name),
        };
        Ok(ledger)
    }

    /// Saves ledgers and alerts, all of them or none.
    ///
    /// What was in the file of a ledger's question gives way to the ledger, so that
    /// [`Store::load`] gives what was saved last: learn on what was loaded. Jobs that are not among
    /// them stay as they are. Alerts are added; one of a known name takes the place of the older,
    /// which leaves the time when it was stored first.
    pub fn save(&mut self, ledgers: &[&Ledger], alerts: &[StoredAlert]) -> Result<(), StoreError> {
        self.save_with(ledgers, alerts, |_| Ok(()))
    }

    /// The same, and in the same step where a log was left, and what has to be delivered once this
    /// is saved. The alerts count as told by whoever follows that log.
    pub fn save_at(
        &mut self,
        ledgers: &[&Ledger],
        alerts: &[StoredAlert],
        undelivered: &[Undelivered],
        mark: &Bookmark,
        outgoing: Outgoing<'_>,
    ) -> Result<(), StoreError> {
        self.save_with(ledgers, alerts, |change| {
            outbox::enqueue(change, outgoing.destinations, outgoing.letters, Room::default())?;
            undelivered::add(change, undelivered, Room::default())?;
            let mut told = alerts.iter().map(|alert| &alert.id);
            told.try_for_each(|id| bookmark::add_told(change, &mark.log, id))?;
            bookmark::save(change, mark)
        })
    }

    /// The logs that are followed.
    pub fn logs(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        if self.tables < 2 {
            return Ok(Vec::new());
        }
        bookmark::logs(&self.connection).map_err(|fault| fault.at(&self.path))
    }

    /// Where a log was left, if it was ever followed.
    pub fn bookmark(&self, log: &[u8]) -> Result<Option<Bookmark>, StoreError> {
        if self.tables < 2 {
            return Ok(None);
        }
        bookmark::of(&self.connection, log, self.tables).map_err(|fault| fault.at(&self.path))
    }

    /// Whether an alert was told by whoever follows a log.
    pub fn is_told(&self, log: &[u8], id: &str) -> Result<bool, StoreError> {
        if self.tables < 3 {
            return Ok(false);
        }
        bookmark::is_told(&self.connection, log, id).map_err(|fault| fault.at(&self.path))
    }

    fn save_with(
        &mut self,
        ledgers: &[&Ledger],
        alerts: &[StoredAlert],
        more: impl FnOnce(&Connection) -> Result<(), Fault>,
    ) -> Result<(), StoreError> {
        let mut known = std::mem::take(&mut self.rows);
        let seed = &self.seed;
        let before = self.version;
        let (rows, version) = change(&mut self.connection, |change| {
            if data_version(change)? != before {
                known.clear();
            }
            for ledger in ledgers {
                let name = &ledger.question().name;
                let rows = save::ledger(change, ledger, known.remove(name), seed)?;
                known.insert(name.clone(), rows);
            }
            for alert in alerts {
                alerts::save(change, alert)?;
            }
            more(change)?;
            Ok((known, data_version(change)?))
        })
        .map_err(|fault| fault.at(&self.path))?;
        self.rows = rows;
        self.version = version;
        Ok(())
    }

    /// Forgets alerts about what was before a time, in milliseconds since 1970, but those that
    /// somebody is still to be told of.
    pub fn forget_alerts(&mut self, before: u64) -> Result<(), StoreError> {
        change(&mut self.connection, |change| alerts::forget(change, before))
            .map_err(|fault| fault.at(&self.path))
    }

    /// Calls for each alert that was made, in the order of time.
    pub fn alerts(&self, tell: &mut dyn FnMut(StoredAlert)) -> Result<(), StoreError> {
        let tell = |alert| {
            tell(alert);
            ControlFlow::Continue(())
        };
        alerts::each(&self.connection, tell).map_err(|fault| fault.at(&self.path))
    }

    /// The alert of that name, if one was made.
    pub fn alert(&self, id: &str) -> Result<Option<StoredAlert>, StoreError> {
        alerts::named(&self.connection, id).map_err(|fault| fault.at(&self.path))
    }

    /// The first values of questions by a field, or by any, without anything that is known of them.
    pub fn values(&self, field: Option<&str>, most: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        names::values(&self.connection, field, most).map_err(|fault| fault.at(&self.path))
    }

    /// The first hosts that told of any value.
    pub fn hosts(&self, most: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        names::hosts(&self.connection, most).map_err(|fault| fault.at(&self.path))
    }

    /// The newest alerts: what names each, its rule and its score.
    pub fn alert_names(&self, most: u32) -> Result<Vec<(String, String, f64)>, StoreError> {
        names::alerts(&self.connection, most).map_err(|fault| fault.at(&self.path))
    }

    /// Forgets the facts of all values for which a condition holds; how many they were. Alerts
    /// about them stay: they were made.
    pub fn forget(
        &mut self,
        is_unwanted: impl Fn(&Question, &Subject) -> bool,
    ) -> Result<usize, StoreError> {
        self.rows.clear();
        change(&mut self.connection, |change| copies::forget(change, is_unwanted))
            .map_err(|fault| fault.at(&self.path))
    }

    /// Adds everything another state knows: its facts by union, and its alerts.
    ///
    /// Joining is commutative, associative and idempotent, as it is for [`Ledger::absorb`].
    ///
    /// # Errors
    ///
    /// If both have facts about different questions of one name; nothing is joined then.
    pub fn merge(&mut self, other: &Path) -> Result<(), StoreError> {
        let other = Store::read(other)?;
        if other.path == self.path {
            return Ok(());
        }
        self.rows.clear();
        let Store { connection, path, seed, .. } = self;
        let other = copies::Other { connection: &other.connection, path: &other.path };
        copies::merge(connection, path, &other, seed)
    }

    /// Writes all of it to a new file.
    ///
    /// # Errors
    ///
    /// If the file is there already.
    pub fn export(&self, to: &Path) -> Result<(), StoreError> {
        copies::export(&self.connection, &self.path, to)
    }
}

fn connection(
    path: &Path,
    flags: OpenFlags,
    prepare: impl FnOnce(&mut Connection) -> Result<(), Fault>,
) -> Result<(Connection, i32), Fault> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.set_prepared_statement_cache_capacity(32);
    prepare(&mut connection)?;
    let tables = schema::check(&connection)?;
    if path.metadata().is_ok_and(|about| about.len() <= CHECKED) {
        schema::quick_check(&connection)?;
    }
    Ok((connection, tables))
}

/// Changes the file, wholly or not at all.
fn change<T>(
    connection: &mut Connection,
    how: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = how(&change)?;
    change.commit()?;
    Ok(done)
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

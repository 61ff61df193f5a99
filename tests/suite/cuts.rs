//! A save that is cut at any byte: what is left is what was before, or all of it.
//!
//! SQLite writes its journal first: a copy of each page that it is going to change, behind a head
//! that is empty until the copies are safe. Then it writes the head, then the pages, and in the end
//! it removes the journal; each of these is on the disk before the next begins. A reader holds a
//! save back when its journal is written, so that it can be looked at; what follows can be worked
//! out from the file before and after the save.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use oddsock::engine::Ledger;
use oddsock::store::{Bookmark, FileMark, Letter, Outgoing, Store, Undelivered};
use rusqlite::Connection;
use rustix::process::{Flock, FlockType, fcntl_getlk};

use crate::state::{Seen, alert, ledger, note, question};

/// What the first bytes of a journal are once its pages are safe.
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// How much of a journal's head is written last: these, and how many pages follow.
const HEAD: usize = 12;
/// A disk writes so many bytes wholly or not at all.
const SECTOR: usize = 512;
/// A save is cut behind every so many bytes, unless `ODDSOCK_CUTS` says so.
const STEP: usize = 127;
/// What may be where nothing was written yet.
const GARBAGE: u8 = 0xa5;

/// What is on the disk during a save.
pub struct Saving {
    before: Vec<u8>,
    journal: Vec<u8>,
    after: Vec<u8>,
    page: usize,
}

/// Where a save is cut.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// So many bytes of the journal are written, its head apart, and garbage may be behind them.
    Journal(usize, bool),
    /// So many bytes of the head.
    Head(usize),
    /// All bytes of the state before this one; garbage may be behind them, to the end of the page.
    Pages(usize, bool),
    /// Everything is written, and the journal is still there.
    Written,
    /// The journal is gone: it is saved.
    Saved,
}

impl Saving {
    /// The save between two states of a file; none if there was more than one, or if the one that
    /// had written the journal has given up.
    pub fn of(before: Vec<u8>, mut journal: Vec<u8>, after: Vec<u8>) -> Option<Saving> {
        let number = |bytes: &[u8], at: usize| {
            u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize
        };
        const CHANGES: usize = 24;
        if journal.len() < HEAD || number(&after, CHANGES) != number(&before, CHANGES) + 1 {
            return None;
        }
        assert_eq!(journal[..HEAD], [0; HEAD], "a head before its pages");
        let (sector, page) = (number(&journal, 20), number(&journal, 24));
        let pages = (journal.len() - sector) / (page + 8);
        assert_eq!(journal.len(), sector + pages * (page + 8), "one head, and whole pages");
        journal[..8].copy_from_slice(&MAGIC);
        journal[8..HEAD].copy_from_slice(&u32::try_from(pages).expect("a number").to_be_bytes());
        Some(Saving { before, journal, after, page })
    }

    /// How many bytes are written.
    pub fn bytes(&self) -> usize {
        self.journal.len() + HEAD + self.changed().iter().map(Range::len).sum::<usize>()
    }

    /// The pages that the save changes, in the order in which they are written.
    pub fn changed(&self) -> Vec<Range<usize>> {
        let pages = (0..self.after.len()).step_by(self.page).map(|at| at..at + self.page);
        pages
            .filter(|page| self.before.get(page.clone()) != Some(&self.after[page.clone()]))
            .collect()
    }

    /// Where it can be cut: behind every so many bytes, and at the borders of what belongs
    /// together.
    pub fn cuts(&self, step: usize) -> Vec<Cut> {
        let borders = (SECTOR..=self.journal.len()).step_by(self.page + 8);
        let near = borders.flat_map(|border| border - 2..border + 8);
        let all = near.chain((0..self.journal.len()).step_by(step));
        let journal: BTreeSet<usize> = all.filter(|at| *at <= self.journal.len()).collect();
        let pages = self
            .changed()
            .into_iter()
            .flat_map(|page| page.clone().step_by(step).chain([page.start + 1, page.end - 1]));
        let journal = journal.into_iter().flat_map(|at| [false, true].map(|g| Cut::Journal(at, g)));
        let pages = pages.flat_map(|at| [false, true].map(|garbage| Cut::Pages(at, garbage)));
        let head = (0..HEAD).map(Cut::Head);
        journal.chain(head).chain(pages).chain([Cut::Written, Cut::Saved]).collect()
    }

    /// What a crash leaves there: the state, and the journal if there is one.
    fn left(&self, cut: Cut) -> (Vec<u8>, Option<Vec<u8>>) {
        let mut journal = self.journal.clone();
        match cut {
            Cut::Journal(at, garbage) => {
                journal[..HEAD].fill(0);
                if garbage {
                    journal[at..].fill(GARBAGE);
                } else {
                    journal.truncate(at);
                }
                (self.before.clone(), Some(journal))
            }
            Cut::Head(at) => {
                journal[at..HEAD].fill(0);
                (self.before.clone(), Some(journal))
            }
            Cut::Pages(at, garbage) => (self.half_written(at, garbage), Some(journal)),
            Cut::Written => (self.after.clone(), Some(journal)),
            Cut::Saved => (self.after.clone(), None),
        }
    }

    fn half_written(&self, at: usize, garbage: bool) -> Vec<u8> {
        let mut state = self.after[..at].to_vec();
        if garbage {
            // The head of the file lies in one sector.
            let page = (at / self.page + 1) * self.page;
            let sector = at.max(SECTOR).next_multiple_of(SECTOR).min(page);
            state.extend_from_slice(self.before.get(at..sector).unwrap_or_default());
            state.resize(page, GARBAGE);
        }
        state.extend_from_slice(self.before.get(state.len()..).unwrap_or_default());
        state
    }

    /// Puts on the disk what a crash leaves there.
    pub fn put(&self, cut: Cut, path: &Path) {
        let (state, left) = self.left(cut);
        fs::write(path, state).expect("written");
        match left {
            Some(bytes) => fs::write(journal(path), bytes).expect("written"),
            None => _ = fs::remove_file(journal(path)),
        }
    }
}

/// How far the places are apart at which saves are cut.
fn step() -> usize {
    let step = std::env::var("ODDSOCK_CUTS").ok().and_then(|step| step.parse().ok());
    step.unwrap_or(STEP).max(1)
}

/// The journal of a state.
pub fn journal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-journal");
    PathBuf::from(name)
}

/// Somebody who reads a state, so that a save can write its journal and nothing else.
pub struct Reader {
    path: PathBuf,
    reading: Connection,
    asking: Connection,
    /// Open as long as the others: who closes a file ends all locks that the process has on it.
    file: File,
}

impl Reader {
    /// One who begins to read.
    pub fn of(path: &Path) -> Reader {
        let open = || Connection::open(path).expect("a state");
        let file = File::open(path).expect("a state");
        let mut reader = Reader { path: path.to_owned(), reading: open(), asking: open(), file };
        for connection in [&reader.reading, &reader.asking] {
            connection.busy_timeout(Duration::ZERO).expect("a setting");
        }
        reader.begin();
        reader
    }

    fn begin(&mut self) {
        let begun = "BEGIN; SELECT count(*) FROM sqlite_schema";
        while self.reading.execute_batch(begun).is_err() {
            let _ = self.reading.execute_batch("ROLLBACK");
        }
    }

    /// Lets what waits go on, and reads again as soon as it has.
    pub fn let_go(&mut self) {
        self.reading.execute_batch("COMMIT").expect("an end");
        self.begin();
    }

    /// Waits until a save waits for the readers; whether one does.
    pub fn wait(&self, most: Duration) -> bool {
        let began = Instant::now();
        while !self.is_waited_for() {
            if began.elapsed() > most {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Who waits lets nobody else begin to read: by a lock on a byte that is never there, of which
    /// SQLite knows in its own process, and the kernel in others.
    fn is_waited_for(&self) -> bool {
        const PENDING: u64 = 1 << 30;
        let mut lock = Flock::from(FlockType::ReadLock);
        (lock.start, lock.length) = (PENDING, 1);
        let other = fcntl_getlk(&self.file, &lock).expect("locks");
        other.is_some() || self.asking.execute_batch("SELECT count(*) FROM sqlite_schema").is_err()
    }

    /// What is in a file now. Another process reads it: closing the file in this one would end the
    /// reader's lock.
    pub fn bytes(&self, path: &Path) -> Vec<u8> {
        Command::new("cat").arg(path).output().expect("cat").stdout
    }

    /// The state, and the journal of the save that waits.
    pub fn files(&self) -> (Vec<u8>, Vec<u8>) {
        (self.bytes(&self.path), self.bytes(&journal(&self.path)))
    }
}

/// A folder in memory where there is one: what is left is put on the disk thousands of times.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder")
}

/// Everything that a follower saves in one step.
fn save(store: &mut Store, facts: &Ledger, time: u64) {
    let id = format!("{time:04}");
    let file =
        FileMark { device: 1, inode: 2, head: vec![3; 64], tail: vec![4; 64], read_to: 99 + time };
    let mark = Bookmark {
        log: b"/log".to_vec(),
        saved: time,
        told: (0..20).map(|n| n + time).collect(),
        files: vec![file],
        counters: vec![("lines".to_owned(), time)],
        ..Bookmark::default()
    };
    let letter = Letter {
        id: id.clone(),
        time,
        severity: 21,
        score: 51.0,
        sentence: "Something is unusual.".to_owned(),
        document: format!("{{\"event.id\":{id:?}}}"),
    };
    let undelivered: Undelivered = (id.clone(), b"an alert".to_vec());
    let outgoing = Outgoing { destinations: &["file".to_owned()], letters: &[letter] };
    store.save_at(&[facts], &[alert(&id, 51.0)], &[undelivered], &mark, outgoing).expect("saved");
}

/// What is known of a state.
#[derive(PartialEq, Debug)]
struct Known {
    facts: Ledger,
    mark: Option<Bookmark>,
    undelivered: Vec<Undelivered>,
    alerts: Vec<String>,
    waiting: u64,
}

fn known(store: &mut Store) -> Known {
    let mut alerts = Vec::new();
    store.alerts(&mut |alert| alerts.push(alert.id)).expect("alerts");
    Known {
        facts: store.load(&question("job")).expect("facts"),
        mark: store.bookmark(b"/log").expect("a bookmark"),
        undelivered: store.undelivered().expect("alerts"),
        alerts,
        waiting: store.backlogs().expect("backlogs").iter().map(|log| log.letters).sum(),
    }
}

#[test]
fn a_save_that_is_cut_at_any_byte_is_undone_or_done() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let mut facts = ledger("job", &[Seen::value(7, "curl"), Seen::value(800, "nc")]);
    save(&mut Store::open(&path).unwrap(), &facts, 1);
    // Small pages, so that a save has few bytes and many borders.
    Connection::open(&path).unwrap().execute_batch("PRAGMA page_size = 512; VACUUM").unwrap();
    let mut store = Store::open(&path).unwrap();
    facts = store.load(&question("job")).unwrap();
    let before = known(&mut store);
    note(&mut facts, &Seen::value(801, "socat"));
    let mut reader = Reader::of(&path);
    let saving = std::thread::scope(|scope| {
        let saves = scope.spawn(|| save(&mut store, &facts, 2));
        assert!(reader.wait(Duration::from_secs(5)), "the save waits");
        let (before, journal) = reader.files();
        reader.let_go();
        saves.join().unwrap();
        let after = reader.bytes(&path);
        Saving::of(before, journal, after).expect("one save")
    });
    let after = known(&mut store);
    drop((store, reader));
    assert_ne!(before, after);
    let began = Instant::now();
    let cuts = saving.cuts(step());
    for (at, cut) in cuts.iter().enumerate() {
        saving.put(*cut, &path);
        let mut store = Store::open(&path).unwrap_or_else(|error| panic!("{cut:?}: {error}"));
        let is_saved = matches!(cut, Cut::Saved);
        assert_eq!(known(&mut store), *if is_saved { &after } else { &before }, "{cut:?}");
        // What is left of the journal is in nobody's way.
        if at % 16 == 0 && !is_saved {
            save(&mut store, &facts, 2);
            drop(store);
            let mut store = Store::open(&path).expect("it was saved");
            assert_eq!(known(&mut store), after, "{cut:?}, and saved again");
        }
    }
    let (number, bytes) = (cuts.len(), saving.bytes());
    eprintln!("{number} cuts of a save of {bytes} bytes, {:?}", began.elapsed());
}

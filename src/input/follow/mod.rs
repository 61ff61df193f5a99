//! A log that grows, through everything that rotation and people do to it.
//!
//! The path of the log comes in, and how far an earlier run had come; out go its lines in
//! [`Portion`]s, in the order in which they were written, each once, and [`Note`]s about what
//! happened to the file. A file that was renamed is read to its end before the next: its writer has
//! left it once the next one has content. Which file is which is told by what stands in them
//! ([`Mark`]), so it does not matter under which names they are found again, and how often they
//! were renamed meanwhile. What was emptied is read on in its copy, if rotation made one.
//!
//! Nothing waits here, and nothing asks for the time: [`Follower::poll`] says what there is, and
//! whoever calls it decides when to ask again. [`Wake`] tells when that is worth while.
//!
//! ```
//! use oddsock::input::follow::{Follower, Start};
//!
//! # let folder = tempfile::tempdir()?;
//! # let log = folder.path().join("audit.log");
//! # let more = |text: &str| std::fs::write(&log, text);
//! more("one\ntw")?;
//! let mut follower = Follower::new(&log, Start::Afresh { learn: true });
//! assert_eq!(follower.poll().unwrap().lines, b"one\n");
//! assert!(follower.poll().is_none());
//! more("one\ntwo\n")?;
//! let position = follower.position().unwrap();
//! let mut later = Follower::new(&log, Start::Behind(position));
//! assert_eq!(later.poll().unwrap().purpose, oddsock::input::follow::Purpose::Known);
//! assert_eq!(later.poll().unwrap().lines, b"two\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod finding;
mod folder;
mod mark;
mod note;
mod turn;
mod wake;

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub use mark::Mark;
pub use note::Note;
pub use wake::Wake;

use super::InputError;
use folder::Outside;
use turn::{Outcome, Turn};

/// How many files that were read are remembered.
const MOST_MARKS: usize = 256;

/// What lines are read for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// An earlier run has told of them: only what they say about others is remembered.
    Known,
    /// They were there before the first run: they are learnt from, and not told of.
    Learnt,
    /// They are new.
    Fresh,
}

/// Some lines of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Portion {
    /// Whole lines; only the last of a file that is over may lack its line end.
    pub lines: Vec<u8>,
    /// The lengths, before they were cut, of the lines as long as may be, in order.
    pub long_lines: Vec<u64>,
    /// The name of the file, for sentences.
    pub source: String,
    /// They are the first that are read of this file.
    pub first_of_source: bool,
    /// What they are read for.
    pub purpose: Purpose,
}

/// How far a log was read.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Position {
    /// A mark for each file that was read, the oldest first; the last is the one being read.
    pub files: Vec<Mark>,
}

/// Where reading begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// With the oldest file; what was rotated before is learnt from, or only remembered.
    Afresh {
        /// Whether it is learnt from.
        learn: bool,
    },
    /// Where an earlier run stopped.
    Behind(Position),
}

impl Start {
    /// Whether an earlier run has read any file.
    fn has_files(&self) -> bool {
        matches!(self, Start::Behind(position) if !position.files.is_empty())
    }
}

/// What the path of a log stands for: device, inode, and whether there was anything in it; and when
/// the folder was changed last, for a log can be copied and emptied without being another.
type Sight = (u64, u64, bool, (i64, i64));

/// What a path stands for.
enum Standing {
    Same,
    Other,
    Nothing,
}

/// Follows one log.
pub struct Follower {
    log: PathBuf,
    /// Where it was when the folder was looked at last: its name may be a link.
    place: PathBuf,
    start: Option<Start>,
    /// Where an earlier run stopped.
    behind: Option<Position>,
    done: Vec<Mark>,
    turns: VecDeque<Turn>,
    /// Older files that cannot be read, and that nothing new is expected in.
    passed_over: Vec<Outside>,
    /// What the path stood for when the folder was looked at last.
    looked: Option<Sight>,
    /// What was told last, so that it is told once.
    is_missing: bool,
    is_in_trouble: bool,
    notes: Vec<Note>,
}

impl Follower {
    /// One that has not looked at the log yet.
    pub fn new(log: &Path, start: Start) -> Follower {
        // Its folder has to have a name to be looked into.
        let has_folder = log.parent().is_some_and(|folder| !folder.as_os_str().is_empty());
        let log = if has_folder { log.to_path_buf() } else { Path::new(".").join(log) };
        Follower {
            place: log.clone(),
            log,
            start: Some(start),
            behind: None,
            done: Vec::new(),
            turns: VecDeque::new(),
            passed_over: Vec::new(),
            looked: None,
            is_missing: false,
            is_in_trouble: false,
            notes: Vec::new(),
        }
    }

    /// The log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// What happened since this was asked last.
    pub fn notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Whether the last line that was seen has no end yet.
    pub fn has_half_a_line(&self) -> bool {
        self.turns.front().is_some_and(|turn| turn.is_half)
    }

    /// How many bytes are there and were not read; of a log that cannot be opened, all of them.
    pub fn behind(&self) -> u64 {
        let left = |turn: &Turn| turn.length().saturating_sub(turn.mark.offset);
        let opened: u64 = self.turns.iter().map(left).sum();
        opened + if self.is_in_trouble { self.shut_out() } else { 0 }
    }

    /// How long the log is, if it was neither opened nor read.
    fn shut_out(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |about| {
            let mut known = self.turns.iter().map(|turn| &turn.mark).chain(&self.done);
            let is_known =
                known.any(|mark| (mark.device, mark.inode) == (about.dev(), about.ino()));
            if is_known { 0 } else { about.len() }
        })
    }

    /// Whether what an earlier run had read is still being read again, or what was there before the
    /// first one learnt from.
    pub fn is_behind(&self) -> bool {
        self.start.is_some() || self.turns.iter().any(Turn::is_behind)
    }

    /// How far the log was read; nothing while what an earlier run had read is read again, or what
    /// was there before the first one is learnt from.
    pub fn position(&self) -> Option<Position> {
        if self.start.is_some() {
            return None;
        }
        let is_behind =
            |turn: &Turn| turn.mark.offset < turn.known_until || turn.purpose != Purpose::Fresh;
        if self.turns.iter().any(is_behind) {
            return None;
        }
        let begun = self.turns.front().filter(|turn| !turn.mark.is_empty());
        let files = self.done.iter().cloned().chain(begun.map(|turn| turn.mark.clone()));
        Some(Position { files: files.collect() })
    }

    /// The next lines, if there are any now.
    pub fn poll(&mut self) -> Option<Portion> {
        let (mut may_look, mut may_begin) = (true, true);
        // Each round ends with lines, or has one file less to look at; what is made anew all the
        // time is left for later.
        for _ in 0..4 * MOST_MARKS {
            if self.is_about_to_begin() && std::mem::replace(&mut may_begin, false) && !self.look()
            {
                return None;
            }
            // Whoever writes has left a file once it has written to the next.
            let is_idle = |turn: &Turn| turn.length() == 0 && !turn.is_behind();
            let is_last = self.turns.iter().skip(1).all(is_idle);
            let outcome = match self.turns.front_mut() {
                Some(turn) => turn.read(!is_last),
                None => Ok(Outcome::End),
            };
            match outcome {
                Ok(Outcome::Lines(portion)) => {
                    self.is_fine();
                    return Some(portion);
                }
                Ok(Outcome::End) if !is_last => {
                    self.finish_turn();
                    may_begin = true;
                }
                Ok(Outcome::End) => {
                    let is_needed = match self.stands_for() {
                        Standing::Same => false,
                        Standing::Other => true,
                        // Others may have been renamed and come since, so each time; but once.
                        Standing::Nothing => std::mem::replace(&mut may_look, false),
                    };
                    if !is_needed || !self.look() {
                        return None;
                    }
                }
                Ok(Outcome::Foreign) => {
                    self.begin_anew();
                    if !self.look() {
                        return None;
                    }
                }
                Err(error) if is_last => {
                    self.is_in_trouble(error);
                    return None;
                }
                Err(error) => {
                    self.notes.push(Note::Trouble(error));
                    self.finish_turn();
                }
            }
        }
        None
    }

    /// Whether a new file is about to be read. It may have been there for long, empty, and what was
    /// written to it first be in a copy now, which comes before it.
    fn is_about_to_begin(&self) -> bool {
        self.turns.front().is_some_and(|turn| {
            let is_new = turn.mark.is_empty() && turn.known_until == 0;
            is_new && turn.purpose == Purpose::Fresh && turn.length() > 0
        })
    }

    fn finish_turn(&mut self) {
        if let Some(turn) = self.turns.pop_front()
            && !turn.mark.is_empty()
        {
            self.done.push(turn.mark);
            if self.done.len() > MOST_MARKS {
                self.done.remove(0);
            }
        }
    }

    /// Looks for the position of an earlier run once more, if what has changed had not been read
    /// again yet.
    fn begin_anew(&mut self) {
        if self.turns.iter().any(Turn::is_behind)
            && let Some(position) = self.behind.clone()
        {
            self.start = Some(Start::Behind(position));
        }
    }

    /// What the path stands for, compared with when the folder was looked at last.
    fn stands_for(&mut self) -> Standing {
        let metadata = match fs::metadata(&self.log) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !std::mem::replace(&mut self.is_missing, true) {
                    self.notes.push(Note::Missing);
                }
                return Standing::Nothing;
            }
            Err(error) => {
                let error = InputError::of(&self.log, error);
                self.is_in_trouble(error);
                return Standing::Same;
            }
        };
        if std::mem::replace(&mut self.is_missing, false) {
            self.notes.push(Note::Fine);
        }
        let changed = folder::changed(&folder::place_of(&self.log));
        let is = Some((metadata.dev(), metadata.ino(), metadata.len() > 0, changed));
        match self.looked == is {
            true => Standing::Same,
            false => Standing::Other,
        }
    }

    /// Looks at the folder and makes turns of what is new there. False if that has to wait.
    fn look(&mut self) -> bool {
        match self.try_to_look() {
            Ok(is_done) => {
                if is_done {
                    self.is_fine();
                }
                is_done
            }
            Err(error) => {
                self.is_in_trouble(error);
                false
            }
        }
    }

    /// Looks at the log for the first time.
    ///
    /// # Errors
    ///
    /// If it is there and may not be read, or is no file. Where it is not there it is waited for.
    pub fn begin(&mut self) -> Result<(), InputError> {
        if let Ok(about) = fs::metadata(&self.log)
            && !about.is_file()
        {
            return Err(InputError::no_file(&self.log, about.file_type()));
        }
        self.try_to_look().map(|_| ())
    }

    fn try_to_look(&mut self) -> Result<bool, InputError> {
        self.place = folder::place_of(&self.log);
        let changed = folder::changed(&self.place);
        let Some(files) = folder::look(&self.place)? else { return Ok(false) };
        let latest = files.last().filter(|file| file.path == self.place);
        let looked = latest.map(|file| (file.device, file.inode, file.length > 0, changed));
        if let Some(start) = self.start.clone() {
            // What it lies on may not be mounted yet. Nothing says that what was read is gone.
            if files.is_empty() && start.has_files() {
                return Ok(false);
            }
            self.begin_with(files, start)?;
            self.start = None;
        } else {
            self.go_on_with(files)?;
        }
        self.looked = looked;
        Ok(true)
    }

    fn is_fine(&mut self) {
        if std::mem::replace(&mut self.is_in_trouble, false) {
            self.notes.push(Note::Fine);
        }
    }

    fn is_in_trouble(&mut self, error: InputError) {
        if !std::mem::replace(&mut self.is_in_trouble, true) {
            self.notes.push(Note::Trouble(error));
        }
    }
}

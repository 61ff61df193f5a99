//! Which of the files in a folder are read, and in which order: at first, after a restart, and when
//! something has changed.
//!
//! Files come in as they lie in the folder, the oldest first; turns go out. The youngest file that
//! is known by what stands in it separates what was read from what is new.

use super::folder::{Candidate, Content, Outside};
use super::mark::Mark;
use super::turn::Turn;
use super::{Follower, Note, Position, Purpose, Start};
use crate::input::InputError;

/// How much of what an earlier run has read is read again, so that it is remembered what was.
const MOST_AGAIN: u64 = 1 << 30;

impl Follower {
    /// Makes turns of what is there at first.
    pub(super) fn begin_with(
        &mut self,
        files: Vec<Candidate>,
        start: Start,
    ) -> Result<(), InputError> {
        self.turns.clear();
        self.done.clear();
        match start {
            Start::Afresh { learn } => {
                let mut refused = Refused::default();
                for file in files {
                    let (known, purpose) = match (file.path == self.place, learn) {
                        (true, _) => (0, Purpose::Fresh),
                        (false, true) => (0, Purpose::Learnt),
                        (false, false) => (u64::MAX, Purpose::Fresh),
                    };
                    let (is_log, outside) = (file.path == self.place, file.outside());
                    match self.turn(file, known, purpose) {
                        Ok(turn) => self.turns.push_back(turn),
                        Err(error) if is_log => return Err(error),
                        Err(error) => refused.note(outside, error),
                    }
                }
                self.pass_over(refused);
            }
            Start::Behind(position) => {
                self.behind = Some(position.clone());
                self.resume(files, position)?;
            }
        }
        Ok(())
    }

    /// Finds the files of a position again. Those before its last are remembered; all that are
    /// younger than the youngest of them are new.
    fn resume(&mut self, files: Vec<Candidate>, position: Position) -> Result<(), InputError> {
        let mut marks: Vec<Option<Mark>> = position.files.into_iter().map(Some).collect();
        let current = marks.len().checked_sub(1);
        let mut youngest = None;
        let mut known: Vec<(Option<Mark>, u64)> = Vec::new();
        for (at, file) in files.iter().enumerate().rev() {
            let fits = |mark: &Option<Mark>| mark.as_ref().is_some_and(|mark| file.fits(mark));
            // The one that was being read is the last; a mark that is its own is better than one
            // that a copy has as well.
            let found = marks.iter().rposition(fits);
            let until = match found {
                Some(found) if Some(found) == current => {
                    marks[found].as_ref().map_or(0, |mark| mark.offset)
                }
                _ => u64::MAX,
            };
            youngest = youngest.or(found.map(|_| at));
            known.push((found.and_then(|found| marks[found].take()), until));
        }
        known.reverse();
        let is_gone = youngest.is_none() && current.is_some();
        let mut room = MOST_AGAIN;
        let mut skipped = 0;
        let mut again = vec![false; files.len()];
        for (at, file) in files.iter().enumerate().rev() {
            if known[at].0.is_some() {
                again[at] = file.length <= room;
                room = if again[at] { room - file.length } else { 0 };
                skipped += if again[at] { 0 } else { file.length };
            }
        }
        let first_new = youngest.map_or(0, |youngest| youngest + 1);
        let mut refused = Refused::default();
        for (at, (file, (mark, until))) in files.into_iter().zip(known).enumerate() {
            let (is_log, outside) = (file.path == self.place, file.outside());
            match mark {
                // Before anything was read all that is older than the log is only learnt from.
                None if current.is_none() && !is_log && file.is_unreadable() => {
                    if let Err(error) = self.turn(file, 0, Purpose::Fresh) {
                        refused.note(outside, error);
                    }
                }
                _ if at >= first_new => self.turns.push_back(self.turn(file, 0, Purpose::Fresh)?),
                Some(mark) if again[at] || until != u64::MAX => {
                    // Of an older one that was read to its end nothing more is wanted.
                    let is_unread = until != u64::MAX && (is_log || file.length != until);
                    match self.turn(file, until, Purpose::Fresh) {
                        Ok(mut turn) => {
                            turn.known = Some(mark);
                            self.turns.push_back(turn);
                        }
                        Err(error) if is_unread => return Err(error),
                        Err(_) => self.done.push(mark),
                    }
                }
                Some(mark) => self.done.push(mark),
                None if file.is_unreadable() => refused.files.push(outside),
                None => {}
            }
        }
        self.pass_over(refused);
        if is_gone {
            self.notes.push(Note::Gone);
        }
        if skipped > 0 {
            self.notes.push(Note::NotAgain(skipped));
        }
        Ok(())
    }

    /// Goes on without files that cannot be read, and in which nothing new is expected.
    fn pass_over(&mut self, refused: Refused) {
        self.passed_over = refused.files;
        if let Some(first) = refused.first {
            self.notes.push(Note::PassedOver(first, refused.told - 1));
        }
    }

    /// Finds out what has become of the file that is being read, and which ones came after it.
    pub(super) fn go_on_with(&mut self, mut files: Vec<Candidate>) -> Result<(), InputError> {
        let done = files.iter().rposition(|file| self.done.iter().any(|mark| file.fits(mark)));
        let front = self.turns.pop_front();
        let fits = |file: &Candidate| front.as_ref().is_some_and(|turn| file.fits(&turn.mark));
        let own = files.iter().rposition(fits);
        let is_gone = |turn: &Turn| !files.iter().any(|file| file.is_inode_of(&turn.mark));
        let waiting = self.turns.drain(..).filter(|turn| turn.length() > 0 && is_gone(turn));
        let waiting: Vec<Turn> = waiting.collect();
        let is_there = front.as_ref().is_some_and(|turn| !is_gone(turn));
        let new = files.split_off(own.max(done).map_or(0, |at| at + 1));
        let is_log = |at: usize, files: &[Candidate]| files[at].path == self.place;
        let copied = done.filter(|at| own != done && is_log(*at, &files));
        // What was emptied, written anew and then removed can still be read by whoever has it open.
        let anew = front.as_ref().filter(|turn| {
            !is_there && !turn.mark.is_empty() && turn.length() > 0 && !turn.is_sound()
        });
        let mut gone: Vec<Turn> = anew.and_then(Turn::anew).into_iter().chain(waiting).collect();
        if let Some(turn) = front {
            let is_copied = own.is_some_and(|at| is_log(at, &files) && !turn.is_of(&files[at]));
            if turn.mark.is_empty() {
                // There is nothing to know it by, and nothing of it was read: one of the new.
                if !is_there {
                    gone.insert(0, turn);
                }
            } else if turn.is_sound() && !(is_copied && turn.is_at_its_end()) {
                self.turns.push_front(turn);
            } else if let Some(own) = own {
                let (file, log) = (files.swap_remove(own), &self.place);
                let turn = turn.moved_to(file).map_err(|error| InputError::of(log, error))?;
                self.turns.push_front(turn);
            } else {
                self.notes.push(Note::Emptied);
            }
        }
        let first = self.turns.len();
        // What was read is still in the log, for a copy of it was what was read.
        if let Some(at) = copied
            && let Some(mark) = self.done.iter().rposition(|mark| files[at].fits(mark))
        {
            let (file, log, mark) = (files.swap_remove(at), &self.place, self.done.remove(mark));
            let turn = Turn::behind(file, mark).map_err(|error| InputError::of(log, error))?;
            self.turns.push_back(turn);
        }
        let added = self.add(new);
        // Where those belong that have no name any more is told by the times in them.
        for gone in gone {
            let stamp = gone.first_stamp();
            // What has none yet was begun last.
            let is_later = |turn: &Turn| turn.first_stamp().is_none_or(|later| Some(later) > stamp);
            let at = self.turns.iter().skip(first).position(is_later);
            self.turns.insert(at.map_or(self.turns.len(), |at| first + at), gone);
        }
        added
    }

    /// Adds files that are new. Those that are empty, but for the log itself, never mattered; that
    /// one is held even so, for it may be gone when something was written to it. What was passed
    /// over once is old, also when it can be read by now.
    fn add(&mut self, files: Vec<Candidate>) -> Result<(), InputError> {
        let before = self.turns.len();
        for file in files {
            let is_held = self.turns.iter().any(|turn| file.is_inode_of(&turn.mark));
            let is_old = self.passed_over.contains(&file.outside());
            if (file.length == 0 || is_old) && file.path != self.place || is_held {
                continue;
            }
            match self.turn(file, 0, Purpose::Fresh) {
                Ok(turn) => self.turns.push_back(turn),
                Err(error) => {
                    // In order, or not at all: it is tried again.
                    self.turns.truncate(before);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn turn(&self, file: Candidate, known: u64, purpose: Purpose) -> Result<Turn, InputError> {
        let path = file.path.clone();
        let content = match file.content {
            Content::Unreadable(error) => return Err(InputError::of(&path, error)),
            content => content,
        };
        let file = Candidate { content, ..file };
        Turn::of(file, known, purpose).map_err(|error| InputError::of(&path, error))
    }
}

/// The files that could not be read, among those that are only learnt from.
#[derive(Default)]
struct Refused {
    files: Vec<Outside>,
    /// Why the first one could not, of so many that are to be told of.
    first: Option<InputError>,
    told: usize,
}

impl Refused {
    fn note(&mut self, file: Outside, error: InputError) {
        self.files.push(file);
        self.first.get_or_insert(error);
        self.told += 1;
    }
}

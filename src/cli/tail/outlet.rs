//! Standard output, and the alerts that wait to be written to it.
//!
//! Alerts come in as they are shown, with their ids; which of them were written goes out. Whoever
//! reads may be slow, and a file's disk full: what cannot be written now waits, and a part that was
//! written is gone on from. Those that the state knows need not all wait here.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use memchr::memmem;

use super::marks;
use crate::cli::spout::{Poured, Spout};
use crate::store::{OutputMark, Undelivered};

/// How much waits here of what the state knows, and of what it does not.
pub const MOST_SAVED: usize = 16 << 20;
const MOST_UNSAVED: usize = 64 << 20;
/// How much is looked through for alerts that were delivered.
const MOST_LOOKED_AT: u64 = 64 << 20;

/// Standard output, by another name that can be read too if it is a file.
const ITSELF: &str = "/proc/self/fd/1";

/// What waits to be written.
struct Waiting {
    /// None if nobody has to know that it was written.
    id: Option<String>,
    text: Vec<u8>,
    is_saved: bool,
}

/// Standard output.
pub struct Outlet {
    waiting: VecDeque<Waiting>,
    /// How much they are together, and how much is written of the first.
    bytes: usize,
    written: usize,
    /// Those that were written, until the state knows; and in a file the place of the first.
    delivered: Vec<String>,
    delivered_from: Option<u64>,
    /// Whether alerts were written that the state has not had yet, and that the disk may lose.
    is_unsettled: bool,
    /// Whether the disk has lost something, for all one knows.
    is_doubtful: bool,
    /// Where in a file the one begins that is written now.
    begins: u64,
    /// Whether there are more in the state, which come after those that wait here.
    pub has_more: bool,
    /// How many could neither be saved nor written.
    pub lost: u64,
    /// Whether nobody reads it any more.
    pub is_closed: bool,
    /// If it is a file: where it is, and how it is read.
    file: Option<(PathBuf, File)>,
    spout: Spout,
}

impl Outlet {
    /// The one of this process.
    pub fn new() -> Outlet {
        let is_file = fs::metadata(ITSELF).is_ok_and(|about| about.is_file());
        let path = fs::read_link(ITSELF).ok().filter(|_| is_file);
        Outlet {
            waiting: VecDeque::new(),
            bytes: 0,
            written: 0,
            delivered: Vec::new(),
            delivered_from: None,
            is_unsettled: false,
            is_doubtful: false,
            begins: 0,
            has_more: false,
            lost: 0,
            is_closed: false,
            // Later nothing can be opened that is not in one of our folders.
            file: path.and_then(|path| Some((path, File::open(ITSELF).ok()?))),
            spout: Spout::new(is_file),
        }
    }

    /// How long the file is, without what was written in part or what the state does not know; none
    /// if it is no file.
    pub fn mark(&self) -> Option<OutputMark> {
        let (path, file) = self.file.as_ref()?;
        let whole = self.length()?.saturating_sub(self.written as u64);
        marks::of("alerts", path, file, self.delivered_from.unwrap_or(whole).min(whole))
    }

    fn length(&self) -> Option<u64> {
        self.file.as_ref()?.1.metadata().ok().map(|about| about.len())
    }

    /// Those that were written and of which the state does not know that.
    pub fn delivered(&self) -> &[String] {
        &self.delivered
    }

    /// The state knows of them.
    pub fn are_noted(&mut self) {
        self.delivered.clear();
        self.delivered_from = self.delivered_from.filter(|_| self.is_doubtful);
    }

    /// Has what was written be there when the machine has lost its power, if it is a file. The
    /// kernel tells of an error once: what was written before it is never noted as delivered, and
    /// the next run looks whether it is there.
    pub fn settle(&mut self) -> Result<(), String> {
        if !self.spout.is_file {
            return Ok(());
        }
        let settled = marks::settle(rustix::stdio::stdout());
        if settled.is_err() {
            self.is_doubtful = true;
            self.delivered.clear();
        }
        self.is_unsettled &= settled.is_err();
        settled.map_err(|error| format!("the output cannot be kept: {error}."))
    }

    /// The same, if it has alerts that the state is about to hold for told.
    pub fn settle_unsaved(&mut self) -> Result<(), String> {
        if self.is_unsettled { self.settle() } else { Ok(()) }
    }

    /// What an earlier run, or somebody else, has left without an end is no beginning of an alert.
    pub fn end_line(&mut self) {
        let Some((_, file)) = &self.file else { return };
        let (mut last, length) = ([b'\n'], self.length().unwrap_or(0));
        if length > 0 && file.read_exact_at(&mut last, length - 1).is_ok() && last != [b'\n'] {
            self.add_text(b"\n".to_vec());
        }
    }

    /// Adds alerts that are in the state.
    pub fn add_saved(&mut self, alerts: Vec<Undelivered>) {
        for (id, text) in alerts {
            self.has_more |= self.bytes > MOST_SAVED;
            if !self.has_more {
                self.add(Some(id), text, true);
            }
        }
    }

    /// Adds alerts that are not in the state.
    pub fn add_unsaved(&mut self, alerts: Vec<Undelivered>) {
        alerts.into_iter().for_each(|(id, text)| self.add(Some(id), text, false));
    }

    /// Adds text that is told once at most.
    pub fn add_text(&mut self, text: Vec<u8>) {
        self.add(None, text, true);
    }

    /// Whether to add more of the state's now. Once the disk has lost something that was told, the
    /// state has that still: it would be told again and again, so all of it is for the next run.
    pub fn wants_more(&mut self) -> bool {
        self.has_more &= !self.is_doubtful;
        self.has_more && self.waiting.is_empty()
    }

    /// Adds what the state had more.
    pub fn add_more(&mut self, alerts: Vec<Undelivered>) {
        self.has_more = !alerts.is_empty();
        alerts.into_iter().for_each(|(id, text)| self.add(Some(id), text, true));
    }

    fn add(&mut self, id: Option<String>, text: Vec<u8>, is_saved: bool) {
        if self.bytes > MOST_UNSAVED {
            self.lost += 1;
            return;
        }
        self.bytes += text.len();
        self.waiting.push_back(Waiting { id, text, is_saved });
    }

    /// Those that wait and are not in the state.
    pub fn unsaved(&self) -> Vec<Undelivered> {
        let unsaved = self.waiting.iter().filter(|waiting| !waiting.is_saved);
        unsaved.filter_map(|one| Some((one.id.clone()?, one.text.clone()))).collect()
    }

    /// All that wait are in the state now.
    pub fn are_saved(&mut self) {
        self.waiting.iter_mut().for_each(|waiting| waiting.is_saved = true);
    }

    /// One of them will never be in the state.
    pub fn never_saved(&mut self, id: &str) {
        let mut unsaved = self.waiting.iter_mut().filter(|waiting| !waiting.is_saved);
        if let Some(one) = unsaved.find(|one| one.id.as_deref() == Some(id)) {
            one.id = None;
        }
    }

    /// How much waits here and is not written.
    pub fn left(&self) -> usize {
        self.bytes - self.written
    }

    /// Whether it could not be written to when that was tried last.
    pub fn is_failing(&self) -> bool {
        self.spout.is_failing()
    }

    /// Whether whoever reads it has to read before more can be written.
    pub fn is_full(&self) -> bool {
        self.spout.is_full()
    }

    /// Writes what waits, as far as it can be written; what is wrong, if that is new.
    pub fn pour(&mut self, now: u64) -> Option<io::Error> {
        if self.is_closed {
            return None;
        }
        while let Some(first) = self.waiting.front() {
            if self.written == 0 {
                self.begins = self.length().unwrap_or(0);
            }
            let rest = &first.text[self.written..];
            let (count, poured) = self.spout.pour(rustix::stdio::stdout(), rest, now);
            self.written += count;
            match poured {
                Poured::All => self.is_written(),
                Poured::Some => return None,
                Poured::Failed(error, is_new) => {
                    // Whoever read our output has seen enough; that is no failure of ours.
                    self.is_closed |= error.kind() == io::ErrorKind::BrokenPipe;
                    return Some(error).filter(|_| is_new && !self.is_closed);
                }
            }
        }
        self.spout.is_done();
        None
    }

    fn is_written(&mut self) {
        self.written = 0;
        let Some(first) = self.waiting.pop_front() else { return };
        self.bytes -= first.text.len();
        match first.id {
            Some(id) if first.is_saved => {
                self.delivered.push(id);
                self.delivered_from.get_or_insert(self.begins);
            }
            Some(_) => self.is_unsettled = true,
            None => {}
        }
    }
}

/// Which of these alerts were delivered before the last run ended, and are on the disk. What was
/// written of one in part is taken back.
pub fn delivered(mark: &OutputMark, undelivered: &[Undelivered]) -> io::Result<Vec<String>> {
    let Some(mut file) = marks::file_of(&marks::path(mark), mark) else { return Ok(Vec::new()) };
    let mut written = Vec::new();
    let read = file
        .seek(SeekFrom::Start(mark.length))
        .and_then(|_| (&file).take(MOST_LOOKED_AT).read_to_end(&mut written));
    if read.is_err() {
        return Ok(Vec::new());
    }
    let is_there = |shown: &[u8]| memmem::find(&written, shown).is_some();
    let (there, missing): (Vec<_>, Vec<_>) =
        undelivered.iter().partition(|(_, shown)| is_there(shown));
    if let Some((_, shown)) = missing.first() {
        let is_begun = |length: &usize| {
            let before = written.len().checked_sub(*length).map(|at| &written[..at]);
            let is_line = |before: &[u8]| before.is_empty() || before.ends_with(b"\n");
            shown[0] != b'\n' && before.is_some_and(is_line) && written.ends_with(&shown[..*length])
        };
        let begun = (1..shown.len()).rev().find(is_begun);
        if let Some(begun) = begun {
            let _ = file.set_len(mark.length + (written.len() - begun) as u64);
        }
    }
    if !there.is_empty() {
        marks::settle(file.as_fd())?;
    }
    Ok(there.into_iter().map(|(id, _)| id.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_state_knows_need_not_wait_here_and_what_it_does_not_is_bounded() {
        let mut outlet = Outlet::new();
        let alerts = |ids: std::ops::Range<usize>| {
            ids.map(|id| (id.to_string(), vec![b'x'; 1 << 20])).collect::<Vec<Undelivered>>()
        };
        outlet.add_saved(alerts(0..10));
        assert!(!outlet.has_more && outlet.unsaved().is_empty());
        outlet.add_saved(alerts(10..40));
        assert!(outlet.has_more && outlet.left() <= MOST_SAVED + (1 << 20));
        // What comes later comes after those that were left in the state.
        outlet.add_saved(alerts(40..41));
        assert!(outlet.left() <= MOST_SAVED + (1 << 20));
        outlet.add_unsaved(alerts(41..141));
        assert!(outlet.lost > 0 && outlet.left() <= MOST_UNSAVED + (1 << 20));
        assert_eq!(outlet.unsaved().len() as u64 + outlet.lost, 100);
        assert!(!outlet.wants_more(), "what waits comes first");
        outlet.never_saved("41");
        assert!(!outlet.unsaved().contains(&alerts(41..42)[0]));
        outlet.are_saved();
        assert!(outlet.unsaved().is_empty());
        outlet.waiting.clear();
        assert!(outlet.wants_more());
        outlet.is_doubtful = true;
        assert!(!outlet.wants_more() && !outlet.has_more);
    }

    #[test]
    fn what_was_told_is_found_and_what_was_told_in_part_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts");
        fs::write(&path, "before\n").unwrap();
        let mark = marks::of("alerts", &path, &File::open(&path).unwrap(), 7).unwrap();
        let alert =
            |id: &str| (id.to_string(), format!("{{\"event.id\":\"{id}\"}}\n").into_bytes());
        let undelivered = [alert("one"), alert("two"), alert("three")];
        fs::write(&path, "before\n{\"event.id\":\"one\"}\n{\"event.id\":\"t").unwrap();
        assert_eq!(delivered(&mark, &undelivered).unwrap(), ["one"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before\n{\"event.id\":\"one\"}\n");
        // What somebody else has written there stays, and what stood before the save counts not.
        fs::write(&path, "before\n{\"event.id\":\"one\"}\nanother's words").unwrap();
        assert_eq!(delivered(&mark, &undelivered).unwrap(), ["one"]);
        assert!(fs::read_to_string(&path).unwrap().ends_with("another's words"));
        // Another's file that was given the same number is none of ours.
        fs::write(&path, "other\n\n{\"event.id\":\"one\"}\n{\"event.id\":\"t").unwrap();
        assert!(delivered(&mark, &undelivered).unwrap().is_empty());
        assert!(fs::read_to_string(&path).unwrap().ends_with("\"t"));
    }
}

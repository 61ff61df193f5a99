//! How what belongs together is saved in one step, and delivered after that.

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::bookmarks;
use super::outlet::MOST_SAVED;
use super::signals::Signals;
use super::watch::Watch;
use crate::cli::clock::now as clock;
use crate::cli::say;
use crate::engine::Ledger;
use crate::store::{Bookmark, Outgoing, StoredAlert};

/// How often what has changed is saved, in milliseconds, and what part of the time it may take.
const SAVED_EVERY: u64 = 3_000;
const SHARE: u64 = 20;
/// How often is said that nothing can be saved, in milliseconds.
const TOLD_EVERY: u64 = 60_000;
/// How much waits to be saved while nothing can be.
const MOST_UNSAVED: usize = 64 << 20;
/// For how long whoever reads the output is waited for at the end, in milliseconds.
const PATIENCE: u64 = 1_000;

/// How it goes.
#[derive(Default)]
pub struct Saving {
    /// Whether there is anything new to save, and when that is to be done.
    pub is_changed: bool,
    pub next: u64,
    /// How often it was done and how often it went wrong, and when it was done last, by the clock.
    pub done: u64,
    pub failed: u64,
    pub last: u64,
    /// Since when nothing could be saved, what has to be saved then, and how many alerts were too
    /// many to wait for that.
    failing_since: Option<u64>,
    pub unsaved: Vec<StoredAlert>,
    pub unkept: u64,
    /// When what was delivered may be noted.
    next_note: u64,
    /// When it may be said again that the output cannot be kept.
    next_doubt: u64,
}

impl Watch<'_> {
    /// Saves everything in one step, and delivers what had to be saved first. If it cannot be saved
    /// it is delivered all the same, and saved as soon as there is room. Whether it was saved.
    pub(super) fn save(&mut self, alerts: Vec<(StoredAlert, Vec<u8>)>) -> bool {
        let (mut made, mut shown) = (std::mem::take(&mut self.saving.unsaved), Vec::new());
        // Those that could be neither saved nor told are to be told still.
        let mut untold = self.outlet.unsaved();
        for (alert, text) in alerts {
            shown.push((alert.id.clone(), text));
            made.push(alert);
        }
        let began = self.now();
        let saved = match self.bookmark() {
            Ok(Some(mark)) => {
                let posts = self.learner.posts.iter();
                let ledgers: Vec<&Ledger> = posts.map(|post| post.watch.ledger()).collect();
                let destinations = self.service.office.keys();
                let outgoing = Outgoing { destinations, letters: &self.service.letters };
                untold.extend_from_slice(&shown);
                let saved = self.store.save_at(&ledgers, &made, &untold, &mark, outgoing);
                saved.map_err(|error| error.to_string())
            }
            // What was there before is being read; a kill begins that anew.
            Ok(None) if made.is_empty() => return false,
            Ok(None) => Err("the log is being read from its beginning".to_string()),
            Err(error) => Err(error),
        };
        let now = self.now();
        self.saving.next = now + SAVED_EVERY.max((now - began) * SHARE);
        match saved {
            Ok(()) => {
                self.saving.is_changed = false;
                self.saving.done += 1;
                self.saving.last = clock();
                self.service.letters.clear();
                if self.saving.failing_since.take().is_some() {
                    say("the state is saved again.");
                }
                // What it could not note before, it can now.
                self.saving.next_note = 0;
                self.outlet.are_saved();
                self.outlet.add_saved(shown);
                self.deliver();
                true
            }
            Err(error) => {
                self.saving.unsaved = made;
                self.outlet.add_unsaved(shown);
                self.drop_unsaved();
                self.saving.is_changed = true;
                self.saving.failed += 1;
                if self.saving.failing_since.is_none_or(|since| now >= since + TOLD_EVERY) {
                    self.saving.failing_since = Some(now);
                    say(&format!(
                        "the state is NOT SAVED: {error} Watching goes on, and so do alerts; what \
                         is learnt is lost if this ends before it can be saved."
                    ));
                }
                self.deliver();
                false
            }
        }
    }

    /// Alerts that cannot be saved do not wait without end; they are told all the same.
    fn drop_unsaved(&mut self) {
        let is_much =
            |lengths: &mut dyn Iterator<Item = usize>| lengths.sum::<usize>() > MOST_UNSAVED;
        if is_much(&mut self.saving.unsaved.iter().map(|alert| alert.document.len())) {
            let dropped = self.saving.unsaved.len().div_ceil(2);
            self.saving
                .unsaved
                .drain(..dropped)
                .for_each(|alert| self.outlet.never_saved(&alert.id));
            self.saving.unkept += dropped as u64;
        }
        let letters = &mut self.service.letters;
        if is_much(&mut letters.iter().map(|letter| letter.document.len())) {
            letters.drain(..letters.len().div_ceil(2));
        }
    }

    fn bookmark(&mut self) -> Result<Option<Bookmark>, String> {
        let files = match self.source.position() {
            None => Vec::new(),
            Some(Some(position)) => bookmarks::files(position),
            Some(None) => return Ok(None),
        };
        self.outlet.settle_unsaved()?;
        let mut outputs: Vec<_> = self.outlet.mark().into_iter().collect();
        let (now, mut unwritten) = (self.now(), 0);
        if let Some(connections) = &mut self.connections {
            connections.flush(now);
            // Whoever does not take them keeps nobody else waiting; a kill now loses them.
            unwritten = connections.unwritten();
            outputs.extend(connections.mark().map_err(|error| error.to_string())?);
        }
        let mut untold = Vec::new();
        self.live.each_untold(&mut |host, stamp, place| {
            let id = self.learner.names.hash(host, stamp);
            if self.told.is_untold(id, place) {
                untold.push(id);
            }
        });
        let mut counters = self.counters_to_save();
        *counters.0.entry("dropped".to_string()).or_default() += unwritten;
        counters.0.insert("last judged".to_string(), self.judging.last_judged);
        counters.0.insert("behind".to_string(), self.source.behind());
        Ok(Some(Bookmark {
            log: self.name.clone(),
            saved: clock(),
            newest: self.frontier.newest(),
            told: self.told.told(self.live.records()),
            untold,
            files,
            counters: counters.0.into_iter().collect(),
            unjudged: self.judging.unjudged(&self.learner),
            early: self.judging.early.clone().into_iter().collect(),
            outputs,
        }))
    }

    /// Delivers what waits, as far as it can be written now, and notes that.
    pub(super) fn deliver(&mut self) {
        let now = self.now();
        loop {
            if let Some(error) = self.outlet.pour(now) {
                say(&format!("cannot write the output: {error}. Trying on."));
            }
            if !self.note_delivered(now) || !self.outlet.wants_more() {
                return;
            }
            match self.store.first_undelivered(MOST_SAVED) {
                Ok(more) => self.outlet.add_more(more),
                Err(error) => return say(&error.to_string()),
            }
        }
    }

    /// Has the state know what was delivered; whether it knows of all.
    fn note_delivered(&mut self, now: u64) -> bool {
        if self.outlet.delivered().is_empty() {
            return true;
        }
        if now < self.saving.next_note {
            return false;
        }
        // What the state holds for delivered is never told again.
        if let Err(error) = self.outlet.settle() {
            if now >= self.saving.next_doubt {
                self.saving.next_doubt = now + TOLD_EVERY;
                say(&format!("{error} The next run looks for what was told, and tells the rest."));
            }
            return false;
        }
        match self.store.delivered(self.outlet.delivered()) {
            Ok(()) => {
                self.outlet.are_noted();
                true
            }
            Err(error) => {
                self.saving.next_note = now + TOLD_EVERY;
                say(&format!("{error} If this ends now, some alerts come a second time."));
                false
            }
        }
    }

    /// Saves for the last time and tells what there is to tell: all of it if there is nothing more
    /// to read, otherwise what whoever reads takes without a pause.
    pub(super) fn finish_outputs(&mut self, is_over: bool, signals: &Signals) {
        self.save(Vec::new());
        let (mut left, mut began) = (self.outlet.left(), self.now());
        while left > 0 && !self.outlet.is_failing() && !self.outlet.is_closed {
            let now = self.now();
            let is_slow = now >= began + PATIENCE;
            if is_slow && (!is_over || signals.end()) {
                break;
            }
            let stdout = PollFd::from_borrowed_fd(rustix::stdio::stdout(), PollFlags::OUT);
            let time = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
            let _ = poll(&mut [stdout], Some(&time));
            self.deliver();
            if is_over {
                self.serve();
            }
            if self.outlet.left() != left {
                left = self.outlet.left();
                // A reader that goes on reading is waited for, but not for ever.
                began = if is_over { self.now() } else { began };
            }
        }
        if left > 0 && !self.outlet.is_closed {
            say("not all alerts could be told; the next run tells the others.");
        }
        if let Some(connections) = &self.connections {
            connections.finish();
        }
    }
}
